"""From what a caller gives to the message that will be sent: the region's fixed values, and the declaration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from ..contract.calls import Call
from ..errors import InvalidMessage
from ..journal import CallRecord as Record
from ..knowledge import Knowledge
from ..privacy import logger
from ..spec import Problem, Transaction
from ..spec.locating import find
from ..spec.problems import UNKNOWN_FIELD, errors, problem
from ..spec.spelling import respelt
from ..spec.writing import SPARSE, MessageWriter
from ..wire.json import decode, encode_ordered
from .checking import EDITION, checked

_sparse = MessageWriter(SPARSE)

log = logger("calls")

_HEAD = frozenset(
    {"mdtrtarea_admvs", "insuplc_admdvs", "recer_sys_code", "dev_no", "dev_safe_info", "cainfo", "signtype", "infver"}
)
"""What of the envelope is set for one call; the rest is the runtime's."""


def _head_problems(head: Any, insured_place: Any) -> Iterator[Problem]:
    if not isinstance(head, Mapping) or not isinstance(insured_place, str | None):
        yield problem(("head",), "type", "报文头应为一组键值，参保地医保区划应为文本")
        return
    for name, value in head.items():
        if name not in _HEAD:
            yield problem(("head", name), UNKNOWN_FIELD, f"报文头中可以另给的只有 {'、'.join(sorted(_HEAD))}")
        elif not isinstance(value, str | None):
            yield problem(("head", name), "type", "应为文本")


class Preparing:
    """Makes messages of one deployment."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known

    def prepare(
        self,
        infno: str,
        message: Any,
        *,
        insured_place: str | None = None,
        operator: str | None = None,
        head: Mapping[str, str] | None = None,
    ) -> Call[Any]:
        """Steps 1 and 2 of a call: the region's fixed values, and the input read strictly."""
        transaction = self.known.interfaces[infno]
        self.known.refuse_unsendable(transaction)
        message = plain(message)
        content = digest(infno, message)
        message = respelt(transaction.input, {} if message is None else message)
        message, fixed_head, problems = self.known.fixed.apply(transaction, message)
        node, found = checked(transaction, message, self.known.requests, self.known.region.circumstances)
        problems += [*found, *_head_problems(head or {}, insured_place)]
        if said := self.known.not_opened(transaction):
            problems += [problem(("infno",), "not_opened", f"{infno} {said}", level="warning")]
        if errors(problems):
            raise InvalidMessage(problems, edition=transaction.edition)
        warned = [each for each in problems if each.level == "warning"]
        _note_unknown(infno, warned)
        return Call(
            transaction=transaction,
            deployment=self.known.deployment,
            region=self.known.region,
            operator=self.known.deployment.operator(operator),
            input=node,
            insured_place=insured_place,
            head={**fixed_head, **(head or {})},
            content=content,
            written=_sparse.write(node) if self._wrapped(transaction) else None,
            advice=[str(each) for each in warned if each.rule not in (UNKNOWN_FIELD, EDITION)],
        )

    def as_recorded(self, transaction: Transaction, record: Record) -> Call[Any]:
        """A call as it was sent."""
        envelope = decode(record.request) if record.request else {}
        known = [each for each in self.known.deployment.operators if each.code == record.operator]
        return Call(
            transaction=transaction,
            deployment=self.known.deployment,
            region=self.known.region,
            operator=known[0] if known else self.known.deployment.operator(None),
            input=self.known.answers.read(transaction.input, envelope.get("input") or {})[0],
            insured_place=envelope.get("insuplc_admdvs") or None,
            key=record.key,
            flow=record.flow,
            content=record.content,
        )

    def checked(self, call: Call[Any]) -> Any:
        """The message as it will be sent, held to the declaration once more: wrappers may have changed it."""
        if call.written is not None and call.written != (changed := self._changed(call)):
            circumstances = self.known.region.circumstances
            call.input, problems = checked(call.transaction, changed, self.known.requests, circumstances)
            if errors(problems):
                raise InvalidMessage(problems, edition=call.transaction.edition)
        problems = [*_head_problems(call.head, call.insured_place)]
        if problems:
            raise InvalidMessage(problems)
        if not call.insured_place and "insuplc_admdvs" not in call.head and find(call.input, "psn_no"):
            where = ("head", "insuplc_admdvs")
            text = "输入中有人员编号，须给出参保地医保区划（取自 1101 的 insuplc_admdvs）"
            raise InvalidMessage([problem(where, "required", text, label="参保地医保区划")])
        return self.known.writer.write(call.input)

    def _changed(self, call: Call[Any]) -> Any:
        """The input as JSON values, after the wrappers. InvalidMessage where it is no input of the transaction."""
        try:
            return _sparse.write(call.input)
        except Exception:
            raise InvalidMessage([problem(("input",), "type", "插件改过之后，已不是这个交易的输入")]) from None

    def _wrapped(self, transaction: Transaction) -> bool:
        return len(getattr(self.known.manager.hook, transaction.hook).get_hookimpls()) > 1


def _note_unknown(infno: str, problems: list[Problem]) -> None:
    """Keys that the specification does not know are for whoever wrote the program, not for the person at the till."""
    places = [each.where for each in problems if each.rule == UNKNOWN_FIELD]
    if places:
        log.warning("%s: keys that the specification does not know: %s", infno, ", ".join(places[:20]))


def plain(message: Any) -> Any:
    """A message as JSON values. InvalidMessage where it is neither an object nor a list."""
    if isinstance(message, Mapping | list) or message is None:
        return message
    if not attrs.has(type(message)):
        raise InvalidMessage([problem(("input",), "type", "应为对象", label="输入")])
    return _sparse.write(message)


SHOWN = frozenset({"mdtrt_cert_no", "card_sn", "card_token"})
"""What a person shows, by the fields that carry it: it is shown anew each time, and is no part of what a bill is."""


def digest(infno: str, message: Any, *, shown: bool = False) -> str:
    """A digest of what a caller asks for, the same however it is ordered, and whatever was ``shown`` for it."""
    return hashlib.sha256(encode_ordered([infno, message if shown else without(message, SHOWN)])).hexdigest()


def without(message: Any, names: Iterable[str]) -> Any:
    """A message as JSON values, without the fields of those names."""
    if isinstance(message, list):
        return [without(row, names) for row in message]
    if isinstance(message, Mapping):
        return {name: without(value, names) for name, value in message.items() if name not in names}
    return message
