"""Transactions: one class for each, holding the shapes of its input and output and the facts of its heading.

transaction = chapter("outpatient", "医保服务/门急诊结算")

@transaction("2201", "门诊挂号", "outpatient registration", undone_by="2202")
class Register:
    Input = ...
    Output = ...
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Literal, Protocol, TypeVar

import attrs

from .nodes import Nothing, Shape, Undeclared, node_of
from .problems import Problem

T = TypeVar("T")

Confidence = Literal["high", "medium", "low"]


class Effect(Enum):
    """What a call does on the platform, and so whether it may be sent again when its outcome is not known."""

    READS = "reads"
    """Changes nothing: may be repeated."""
    REPEATABLE = "repeatable"
    """Leaves the same state however often it arrives (sign-in, audit analysis): may be repeated."""
    CHANGES = "changes"
    """Moves money, stock or records: never sent twice on our own account."""


class Rule(Protocol):
    """A check over a whole message, beyond one field: yields what is wrong. ``circumstances`` are what
    :mod:`liangding.checks` has to know beside the message."""

    def __call__(self, message: Any, circumstances: Any, /) -> Iterator[Problem]: ...


@attrs.frozen(kw_only=True, eq=False)
class Transaction:
    """A transaction as one deployment knows it."""

    infno: str
    name: str
    english: str
    chapter: str
    group: str
    cls: type
    daily: bool = False
    effect: Effect = Effect.CHANGES
    undone_by: str | None = None
    reversible: bool = False
    path: str | None = None
    confidence: Confidence = "high"
    public: bool = True
    like: str | None = None
    aliases: tuple[str, ...] = ()
    file: str | None = None

    @property
    def input(self) -> Shape:
        return self.cls.Input  # type: ignore[attr-defined]

    @property
    def output(self) -> Shape:
        return self.cls.Output  # type: ignore[attr-defined]

    @property
    def changes(self) -> bool:
        """Whether an unknown outcome of this call has to be resolved before anything else is done."""
        return self.effect is Effect.CHANGES

    @property
    def holds(self) -> bool:
        """Whether the person's next call has to wait while this one is not settled: it moves money, or the visit that
        money hangs on."""
        return self.changes and self.group.startswith(("医保服务", "线上支付"))

    @property
    def call_mode(self) -> str:
        return "daily" if self.daily else "realtime"

    @property
    def hook(self) -> str:
        """The name of this interface's hook: chapter and class, ``outpatient_register``."""
        return hook_name(self.chapter, self.cls.__name__)

    @property
    def rules(self) -> tuple[str, ...]:
        """The business rules, in words: the list in the class's docstring."""
        bullets = re.findall(r"^- (.+(?:\n  \S.*)*)", inspect.cleandoc(self.cls.__doc__ or ""), re.MULTILINE)
        return tuple(" ".join(bullet.split()) for bullet in bullets)

    def checks(self, side: Literal["request", "answer"]) -> tuple[Rule, ...]:
        """The rules over the whole message of that side."""
        return tuple(getattr(self.cls, f"{side}_checks", ()))


def hook_name(chapter: str, class_name: str) -> str:
    return f"{chapter}_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', class_name).lower()}"


def chapter(name: str, group: str) -> Callable[..., Callable[[type[T]], type[T]]]:
    """The decorator of one chapter's transactions; ``group`` is the chapter's place in the specification."""
    default_group = group

    def transaction(
        infno: str,
        title: str,
        english: str,
        *,
        group: str = default_group,
        **facts: Any,
    ) -> Callable[[type[T]], type[T]]:
        """Declare transaction ``infno``.

        ``effect`` (changes), ``undone_by`` the infno that takes it back, ``reversible`` whether 2601 may cancel it,
        ``daily`` for the uploads of the day, ``path`` its own REST path, ``confidence`` how sure its table is,
        ``public=False`` where nobody has published a table, ``like`` the infno whose shape it is held to have.
        """

        def declare(cls: type[T]) -> type[T]:
            for side in ("Input", "Output"):
                if not hasattr(cls, side):
                    setattr(cls, side, Nothing if facts.get("public", True) else Undeclared)
                node_of(getattr(cls, side))
            cls.transaction = Transaction(  # type: ignore[attr-defined]
                infno=infno, name=title, english=english, chapter=name, group=group, cls=cls, **facts
            )
            return cls

        return declare

    return transaction


def transaction_of(cls: type) -> Transaction:
    """The facts of a declared class. TypeError for anything else, and for a subclass that declares no infno."""
    facts = cls.__dict__.get("transaction")
    if not isinstance(facts, Transaction):
        raise TypeError(f"{cls.__qualname__} declares no transaction")
    return facts


def redeclares(national: type, *, confidence: Confidence = "medium") -> Callable[[type[T]], type[T]]:
    """Make a class a region's declaration of ``national``'s transaction.

    Number, name, path and effect are taken over, and so are the checks and a side that the class does not declare;
    the rules of its docstring follow the national ones. ``confidence`` is how sure the class is. TypeError where
    ``national`` is no transaction.
    """
    facts = transaction_of(national)

    def declare(cls: type[T]) -> type[T]:
        for name in ("Input", "Output", "request_checks", "answer_checks", "example"):
            if not hasattr(cls, name) and hasattr(national, name):
                setattr(cls, name, getattr(national, name))
        cls.__doc__ = f"{inspect.cleandoc(national.__doc__ or '')}\n{inspect.cleandoc(cls.__doc__ or '')}"
        cls.transaction = attrs.evolve(facts, cls=cls, confidence=confidence)  # type: ignore[attr-defined]
        return cls

    return declare
