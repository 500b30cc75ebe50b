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
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, Protocol, TypeVar

import attrs

from .does import Does, Effect, LookedFor, Of, Unasked
from .nodes import Nothing, Shape, Undeclared, node_of
from .problems import Problem

T = TypeVar("T")

Confidence = Literal["high", "medium", "low"]


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
    _does: Does | None = None
    of: Of | None = None
    _effect: Effect | None = None
    _holds: bool | None = None
    undone_by: str | None = None
    reversible: bool = False
    looked_for: LookedFor | Unasked | None = None
    path: str | None = None
    channel: str | None = None
    confidence: Confidence = "high"
    public: bool = True
    like: str | None = None
    aliases: tuple[str, ...] = ()
    file: str | None = None
    edition: str = ""
    """The edition of the specification that its tables follow, in words; empty for the baseline as it stands."""
    disputed: Mapping[tuple[str, ...], str] = attrs.field(factory=dict)
    """Places in the input whose want is told and refuses nothing, and why: official editions disagree about them."""
    known_by: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.does in (Does.SETTLES, Does.CANCELS) and self.looked_for is None:
            what = "how an unknown outcome is looked for (looked_for=LookedFor.…), or why it is not: Unasked(…)"
            raise TypeError(f"{self.infno} {self.name} {self.does.value}: say {what}")

    @property
    def input(self) -> Shape:
        return self.cls.Input  # type: ignore[attr-defined]

    @property
    def output(self) -> Shape:
        return self.cls.Output  # type: ignore[attr-defined]

    @property
    def does(self) -> Does:
        """What it does; where its declaration does not say it, what its effect tells."""
        if self._does is not None:
            return self._does
        return Does.CHANGES if self.effect is Effect.CHANGES else Does.READS

    @property
    def means(self) -> tuple[Does, Of | None]:
        """What it does, and of what."""
        return self.does, self.of

    @property
    def meaning(self) -> str:
        """What it does, in words for operators: 结算（购药）."""
        return f"{self.does.chinese}（{self.of.chinese}）" if self.of else self.does.chinese

    @property
    def says_what_it_does(self) -> bool:
        """Whether its declaration says what it does (one that was written before there was ``does`` does not)."""
        return self._does is not None

    @property
    def incoming(self) -> bool:
        """Whether the platform sends it to the institution; it cannot be called."""
        return self.does is Does.NOTIFIES

    @property
    def effect(self) -> Effect:
        """Whether it may be sent again: as declared, else what goes with what it does."""
        return self._effect or (self._does.effect if self._does is not None else Effect.CHANGES)

    @property
    def changes(self) -> bool:
        """Whether an unknown outcome of this call has to be resolved before anything else is done."""
        return self.effect is Effect.CHANGES

    @property
    def holds(self) -> bool:
        """Whether the person's next call has to wait while this one is pending: it moves money, or the visit that
        money hangs on."""
        if self._holds is not None or not self.changes:
            return bool(self._holds)
        if self._does is None:
            return self.group.startswith(("医保服务", "线上支付"))
        return self.does in (Does.SETTLES, Does.CANCELS) or (self.of is not None and self.of.holds)

    @property
    def variant_of(self) -> str:
        """The number that this one is a variant of: 2102 for 2102A; empty for one without a letter."""
        return self.infno[:-1] if self.infno[-1:].isalpha() and self.infno[:-1].isdigit() else ""

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

        ``does`` and ``of`` say what it does and of what; ``effect`` and ``holds`` (it holds the person) where they are
        not what goes with that. ``undone_by`` is the infno that takes it back, ``reversible`` whether 2601 may cancel
        it, ``looked_for`` what is looked for where its outcome is unknown, or why nothing is (:class:`Unasked`): what
        settles or cancels has to say it. ``daily`` is for the uploads of the day, ``path`` its own REST path,
        ``channel`` the secured service that it goes to instead of the platform's address,
        ``confidence`` how sure its table is,
        ``known_by`` are the fields that tell a record of it from others,
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


def with_meaning_of(transaction: Transaction, national: Transaction) -> Transaction:
    """``transaction`` with what it means taken from ``national``'s, where its own declaration does not say it."""
    if transaction.says_what_it_does or transaction.effect is not national.effect:
        return transaction
    return attrs.evolve(
        transaction, does=national.does, of=national.of, looked_for=transaction.looked_for or national.looked_for,
        known_by=transaction.known_by or national.known_by,
    )  # fmt: skip


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
