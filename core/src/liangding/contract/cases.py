"""How an unknown outcome is found out: the case that a plugin's rule looks at, what it sees, the rule itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Literal, Protocol

import attrs

from ..errors import LiangdingError
from ..journal import CallRecord
from ..national.meaning import IDENTIFIERS
from ..spec import Does, Of, Transaction


class Seen(Enum):
    """What a look at the platform showed."""

    THERE = "there"
    NOT_THERE = "not_there"
    UNCLEAR = "unclear"


@attrs.frozen(kw_only=True)
class Finding:
    """What was seen, by which transactions. ``output`` is the answer that the unknown call would have had, as far as
    the platform tells it: JSON values of its declared output. ``note`` is for the person whom the case goes to.
    ``other`` is the settlement, by setl_id, setl_time, medfee_sumamt and the number of its message (medins_setl_id), by
    which another message settled what the call was to settle, where that was seen."""

    seen: Seen
    by: str = ""
    output: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    note: str = ""
    other: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def named(self) -> Mapping[str, Any]:
        """The node of the answer that names a settlement or a visit; empty where none does."""
        nodes = (node for node in self.output.values() if isinstance(node, Mapping))
        return next((node for node in nodes if any(node.get(name) for name in IDENTIFIERS)), {})


class CannotAsk(LiangdingError):
    """A question to the platform got no answer; it is asked again later."""

    code = "cannot_ask"


class Case(Protocol):
    """One unknown call, what it asked for, and the ways to ask the platform about it."""

    @property
    def call(self) -> CallRecord:
        """The call as the journal holds it."""

    @property
    def transaction(self) -> Transaction:
        """Its declaration, as it is here."""

    @property
    def head(self) -> Mapping[str, Any]:
        """The envelope that it went out in, without its input."""

    @property
    def input(self) -> Any:
        """What it asked for: the typed node."""

    @property
    def institution(self) -> str:
        """The institution's code."""

    def means(self, infno: str) -> tuple[Does, Of | None]:
        """What a transaction does, and of what, as it is declared here."""

    @property
    def psn_no(self) -> str: ...

    @property
    def insured_place(self) -> str | None: ...

    @property
    def sent_at(self) -> datetime: ...

    def field(self, name: str) -> Any:
        """The first value of that name in what the call asked for."""

    def under(self, name: str, values: Mapping[str, Any], default: str = "data") -> dict[str, Any]:
        """``values`` as the node of the call's answer that has a field ``name``: regions call nodes differently."""

    def rows(self, node: str) -> list[Any]:
        """The rows of a node of what the call asked for."""

    def accepted_of(self, mdtrt_id: str) -> list[CallRecord]:
        """The other changing calls of a visit of this person that the platform accepted, in order."""

    def of_flow(self) -> list[CallRecord]:
        """The other calls of the same piece of business that the platform accepted, queries too, in order; none where
        the call belongs to no flow."""

    def data_of(self, call: CallRecord, part: Literal["input", "output"]) -> Mapping[str, Any]:
        """The one node (``data``) of another call's input or output, by the standard's names; empty where there is
        none."""

    def changed_lately(self, infnos: tuple[str, ...]) -> bool:
        """Whether one of these was accepted for the person so shortly before that queries need not show it yet."""

    def day(self, moment: datetime | None = None) -> tuple[str, str]:
        """The first and the last second of the days around a moment, as queries take them."""

    def ask(self, infno: str, message: Mapping[str, Any]) -> Any:
        """The typed answer to a question; None where the platform says that there is nothing. CannotAsk where no
        answer came."""


@attrs.frozen(kw_only=True)
class Resolution:
    """How an unknown outcome is found out.

    ``look`` sees whether the call took effect (None: the platform cannot be asked, and ``why``). ``by`` names the
    transactions that it asks. ``by_message``: what it sees is this very message's doing, known by its number; otherwise
    the same call made again would look the same. ``lags``: where one of these was accepted for the person shortly
    before, a query may still show how things stood before that; until it has surely caught up, it does not tell.
    ``behind_opposites``: so it is with whatever does the opposite by its declaration.
    """

    look: Callable[[Case], Finding] | None
    by: tuple[str, ...] = ()
    by_message: bool = False
    lags: tuple[str, ...] = ()
    behind_opposites: bool = False
    why: str = "平台没有可以查这一笔的交易"
