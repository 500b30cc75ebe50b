"""The case that a resolution looks at: one unknown call, and the ways to ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from ..contract.cases import CannotAsk
from ..errors import CallFailed, CallRefused, InvalidMessage
from ..journal import CallRecord, State
from ..knowledge.interfaces import Interfaces
from ..national.meaning import found_nothing, single_node
from ..spec import Does, Of
from ..spec.locating import find
from ..wire.json import decode
from .asking import Asking


def opposites(interfaces: Interfaces, infno: str) -> tuple[str, ...]:
    """The transactions of the same chapter that take back what ``infno`` brings, or bring what it takes back; of a
    change, its own kind."""
    asked = interfaces[infno]
    beside = (n for n in interfaces.numbers() if interfaces.hook(n).startswith(f"{asked.chapter}_"))
    return tuple(n for n in beside if interfaces[n].of is asked.of and interfaces[n].does in asked.does.opposites)


class OpenCase:
    """One unknown call and what it asked for: a :class:`liangding.contract.cases.Case` at work."""

    def __init__(self, asking: Asking, call: CallRecord) -> None:
        self.asking = asking
        self.call = call
        envelope = decode(call.request) if call.request else {}
        self.head: dict[str, Any] = {key: value for key, value in envelope.items() if key != "input"}
        self.transaction = asking.interfaces[call.infno]
        speaking = asking.known.speaking
        shape = asking.interfaces[speaking.national(call.infno)].input
        self.input, _ = asking.known.answers.read(shape, speaking.asked(call.infno, envelope.get("input") or {}))

    @property
    def institution(self) -> str:
        return self.asking.deployment.institution.code

    def means(self, infno: str) -> tuple[Does, Of | None]:
        """What a transaction does, and of what, as it is declared here."""
        return self.asking.interfaces.means(infno)

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
        """The first value of that name in what the call asked for; of a transaction whose table is not public, that of
        its one node."""
        found = find(self.input, name)
        if found is None and not self.transaction.public:
            return self.data_of(self.call, "input").get(name)
        return found

    def under(self, name: str, values: Mapping[str, Any], default: str = "data") -> dict[str, Any]:
        """``values`` as the node of the call's answer that has a field ``name``: regions call nodes differently."""
        return {single_node(self.transaction.output, name, default): values}

    def rows(self, node: str) -> list[Any]:
        """The rows of a node of what the call asked for."""
        held = getattr(self.input, node, None)
        return held if isinstance(held, list) else [] if held is None else [held]

    def accepted_of(self, mdtrt_id: str) -> list[CallRecord]:
        """The other changing calls of a visit of this person that the platform accepted, in order."""
        found = self.asking.journal.accepted_of(self.institution, self.psn_no, mdtrt_id)
        return [call for call in found if call.id != self.call.id]

    def of_flow(self) -> list[CallRecord]:
        """The other calls of the same piece of business that the platform accepted, queries too, in order; none where
        the call belongs to no flow."""
        calls = self.asking.journal.of_flow(self.call.flow) if self.call.flow else []
        return [call for call in calls if call.id != self.call.id and call.state is State.ACCEPTED]

    def data_of(self, call: CallRecord, part: Literal["input", "output"]) -> Mapping[str, Any]:
        """The one node of a call's input or output, by the standard's names whatever the region calls them."""
        body = call.request if part == "input" else call.answer
        held = decode(body).get(part) if body else None
        speaking = self.asking.known.speaking
        told = (speaking.asked if part == "input" else speaking.heard)(call.infno, held)
        data = told.get("data") if isinstance(told, dict) else None
        return data if isinstance(data, dict) else {}

    def changed_lately(self, infnos: tuple[str, ...]) -> bool:
        """Whether one of these was accepted for the person so shortly before that queries need not show it yet."""
        journal, deployment = self.asking.journal, self.asking.deployment
        since = self.asking.clock.epoch() - deployment.resolution.believe_seconds
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

        speaking = self.asking.known.speaking
        own = speaking.number(infno)
        try:
            answer = self.asking.call(
                own, speaking.said(infno, dict(message)), insured_place=self.insured_place, operator=self.call.operator,
                resolves=self.call.id,
            )  # fmt: skip
        except CallRefused as refused:
            if found_nothing(refused.message):
                return None
            raise CannotAsk(f"{infno} 查询被拒绝") from None
        except CallFailed:
            raise CannotAsk(f"{infno} 查询没有应答") from None
        except InvalidMessage as invalid:  # with a number that an answer gave, and that no message can bring
            raise CannotAsk(f"{infno} 不能查：平台给的编号不合要求") from invalid
        if own == infno:
            return answer.output
        heard = speaking.heard(own, answer.body.get("output"))
        return self.asking.known.answers.read(self.asking.interfaces[infno].output, heard)[0]
