"""What a resolution works with: the case, and what the platform was seen to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import CallFailed, CallRefused, LiangdingError
from ..journal import Call
from ..knowledge.interfaces import Interfaces
from ..national.meaning import IDENTIFIERS, found_nothing, single_node
from ..spec.locating import find
from ..wire.json import decode

if TYPE_CHECKING:
    from ..runtime import Runtime


class Seen(Enum):
    """What a look at the platform showed."""

    THERE = "there"
    NOT_THERE = "not_there"
    UNCLEAR = "unclear"


@attrs.frozen(kw_only=True)
class Finding:
    """What was seen, by which transactions. ``output`` is the answer that the unknown call would have had, as far as
    the platform tells it: JSON values of its declared output. ``note`` is for the person whom the case goes to."""

    seen: Seen
    by: str = ""
    output: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    note: str = ""

    @property
    def named(self) -> Mapping[str, Any]:
        """The node of the answer that names a settlement or a visit; empty where none does."""
        nodes = (node for node in self.output.values() if isinstance(node, Mapping))
        return next((node for node in nodes if any(node.get(name) for name in IDENTIFIERS)), {})


class CannotAsk(LiangdingError):
    """A question to the platform got no answer; it is asked again later."""

    code = "cannot_ask"


@attrs.frozen(kw_only=True)
class Resolution:
    """How an unknown outcome is found out.

    ``look`` sees whether the call took effect (None: the platform cannot be asked, and ``why``). ``by`` names the
    transactions that it asks. ``by_message``: what it sees is this very message's doing, known by its number; otherwise
    the same call made again would look the same. ``lags``: where one of these was accepted for the person shortly
    before, a query may still show how things stood before that; until it has surely caught up, it does not tell.
    ``behind_opposites``: so it is with whatever does the opposite by its declaration (:func:`opposites`).
    """

    look: Callable[[Case], Finding] | None
    by: tuple[str, ...] = ()
    by_message: bool = False
    lags: tuple[str, ...] = ()
    behind_opposites: bool = False
    why: str = "平台没有可以查这一笔的交易"


def opposites(interfaces: Interfaces, infno: str) -> tuple[str, ...]:
    """The transactions of the same chapter that take back what ``infno`` brings, or bring what it takes back; of a
    change, its own kind."""
    asked = interfaces[infno]
    beside = (n for n in interfaces.numbers() if interfaces.hook(n).startswith(f"{asked.chapter}_"))
    return tuple(n for n in beside if interfaces[n].of is asked.of and interfaces[n].does in asked.does.opposites)


class Case:
    """One unknown call and what it asked for."""

    def __init__(self, runtime: Runtime, call: Call) -> None:
        self.runtime = runtime
        self.call = call
        envelope = decode(call.request) if call.request else {}
        self.head: dict[str, Any] = {key: value for key, value in envelope.items() if key != "input"}
        self.transaction = runtime.interfaces[call.infno]
        self.input, _ = runtime.known.answers.read(self.transaction.input, envelope.get("input") or {})

    @property
    def psn_no(self) -> str:
        return self.field("psn_no") or ""

    @property
    def insured_place(self) -> str | None:
        return self.head.get("insuplc_admdvs") or None

    @property
    def sent_at(self) -> datetime:
        return self.call.created_at

    def field(self, name: str) -> Any:
        """The first value of that name in what the call asked for."""
        return find(self.input, name)

    def under(self, name: str, values: Mapping[str, Any], default: str = "data") -> dict[str, Any]:
        """``values`` as the node of the call's answer that has a field ``name``: regions call nodes differently."""
        return {single_node(self.transaction.output, name, default): values}

    def rows(self, node: str) -> list[Any]:
        """The rows of a node of what the call asked for."""
        held = getattr(self.input, node, None)
        return held if isinstance(held, list) else [] if held is None else [held]

    def accepted_of(self, mdtrt_id: str) -> list[Call]:
        """The other changing calls of a visit of this person that the platform accepted, in order."""
        institution = self.runtime.deployment.institution.code
        found = self.runtime.journal.accepted_of(institution, self.psn_no, mdtrt_id)
        return [call for call in found if call.id != self.call.id]

    def changed_lately(self, infnos: tuple[str, ...]) -> bool:
        """Whether one of these was accepted for the person so shortly before that queries need not show it yet."""
        journal, deployment = self.runtime.journal, self.runtime.deployment
        since = self.runtime.clock.epoch() - deployment.resolution.believe_seconds
        lately = journal.accepted_since(deployment.institution.code, self.psn_no, infnos, since)
        return any(each.id < self.call.id for each in lately)

    def day(self, moment: datetime | None = None) -> tuple[str, str]:
        """The first and the last second of the days around a moment, as queries take them."""
        at = moment or self.sent_at
        first, last = min(at, self.sent_at), max(at, self.sent_at) + timedelta(days=1)
        return f"{first:%Y-%m-%d} 00:00:00", f"{last:%Y-%m-%d} 23:59:59"

    def ask(self, infno: str, message: Mapping[str, Any]) -> Any:
        """The typed answer to a question; None where the platform says that there is nothing. CannotAsk where no
        answer came."""

        try:
            answer = self.runtime.call(
                infno, dict(message), insured_place=self.insured_place, operator=self.call.operator,
                resolves=self.call.id,
            )  # fmt: skip
        except CallRefused as refused:
            if found_nothing(refused.message):
                return None
            raise CannotAsk(f"{infno} 查询被拒绝") from None
        except CallFailed:
            raise CannotAsk(f"{infno} 查询没有应答") from None
        return answer.output
