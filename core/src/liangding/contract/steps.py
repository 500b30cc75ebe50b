"""How a flow is declared: its steps, what feeds what, what repeats, what may be left out, what takes a step back.

A region's plugin changes a row of steps without copying it (hook ``liangding_flow_steps``): :class:`Before` and
:class:`After` put a step in, :class:`Around` goes round one, :class:`EachCall` sees each call that the flow makes.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import attrs

S = TypeVar("S")

Run = Callable[[Any], None]
"""What a step does with its :class:`~liangding.workflow.work.Work`."""

Sees = Callable[[Any, str, Any], None]
"""What sees a call: the step's work, the transaction's number, the message."""


GoesRound = Callable[[Any, Callable[[], None]], None]
"""What goes round a step: it is given the step's work, and what goes on with the step."""


@attrs.frozen(kw_only=True)
class Step:
    """One step: what it does, which transactions it may make, which transaction takes it back, when it is left out.

    ``takes`` are the places that what it sends comes from (``2201.output.data.mdtrt_id``). ``repeats`` and ``when``
    say in words how often it runs and when it is not left out. ``charges``: when its call is accepted, money has
    moved. From there on the flow goes on to its end by itself, also after a crash; before that it waits for its
    caller. ``plugins`` are those that put it in or went round it, ``brought_by`` the one that put it in, ``around``
    what goes round it, the innermost first, each with its plugin. ``formerly`` are names that it had in earlier
    versions: what a flow in flight did under them counts as this step's. ``uses`` are the settings of ``[features]``
    that count in it: one that no flow of a deployment uses is an error at start. A plugin's step that says nothing of
    it (None) may use any. ``owed``: it comes after the money, and what is refused in it holds nobody up: the flow goes
    on to its end and owes it, and it is tried again.
    """

    name: str
    title: str
    run: Run
    calls: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    undone_by: str | None = None
    skip: Callable[[Any], bool] | None = None
    when: str = ""
    repeats: str = ""
    charges: bool = False
    plugins: tuple[str, ...] = ()
    brought_by: str = ""
    around: tuple[tuple[str, GoesRound], ...] = ()
    formerly: tuple[str, ...] = ()
    uses: tuple[str, ...] | None = None
    owed: bool = False


def step(
    title: str,
    *calls: str,
    takes: tuple[str, ...] = (),
    undone_by: str | None = None,
    skip: Callable[[Any], bool] | None = None,
    when: str = "",
    repeats: str = "",
    charges: bool = False,
    formerly: tuple[str, ...] = (),
    uses: tuple[str, ...] | None = None,
    owed: bool = False,
) -> Callable[[Run], Step]:
    """Make a function a step. ``calls`` are the transactions it may make, ``takes`` where what it sends comes from,
    ``skip`` says of a state that the step is not needed, ``when`` says so in words, ``charges`` that money moves in
    it, ``formerly`` what the step was called in earlier versions, ``uses`` which settings of ``[features]``
    count in it, ``owed`` that what is refused in it is owed."""

    def declare(run: Run) -> Step:
        return Step(
            name=run.__name__, title=title, run=run, calls=calls, takes=takes, undone_by=undone_by, skip=skip,
            when=when, repeats=repeats, charges=charges, formerly=formerly, uses=uses, owed=owed,
        )  # fmt: skip

    return declare


@attrs.frozen
class Before:
    """``step`` is put in before the step ``name``."""

    name: str
    step: Step


@attrs.frozen
class After:
    """``step`` is put in after the step ``name``."""

    name: str
    step: Step


@attrs.frozen
class Around:
    """``run`` goes round the step ``name``: it is given the step's work and what goes on with the step."""

    name: str
    run: GoesRound


@attrs.frozen
class EachCall:
    """``run`` sees the message of each call that the flow makes, before it is checked and sent, and may change it or
    ask a person (``work.ask``). It is given the work, the transaction's number and the message."""

    run: Sees


Change = Before | After | Around | EachCall


class Flow(abc.ABC, Generic[S]):
    """The base of all flows: name, title, what it is given, its state, its steps."""

    name: ClassVar[str]
    title: ClassVar[str]
    given: ClassVar[type]
    state: ClassVar[type]
    steps: ClassVar[tuple[Step, ...]]
    undone_by: ClassVar[str | None] = None
    keyed_by: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """The fields of ``given`` that name the piece of business, the best first: its key is derived from them where the
    deployment wants that."""

    @classmethod
    def left_behind(cls, state: Any, *, touched: bool) -> str:
        """What a flow that stops here for good leaves on the platform, and both ways on, in words for the operator: how
        the business goes on with mended content, and how it is taken back. ``touched``: this flow has changed
        something there. Empty where nothing is left."""
        return ""

    @staticmethod
    @abc.abstractmethod
    def result(state: Any) -> Mapping[str, Any]:
        """What the caller gets to see of a state; its declared type, a TypedDict, describes it in the document."""
