"""The row that a settlement gets in the journal: read from what was asked and answered, when the outcome is known."""

from __future__ import annotations

from typing import Any

from ..journal import CallRecord as Record
from ..journal.records import Settlement
from ..knowledge import Knowledge
from ..national.meaning import settled
from ..privacy import logger
from ..spec import Does, Transaction
from ..wire.json import decode
from ..wire.replies import Reply, parse_reply

log = logger("calls")


class Settled:
    """Reads settlements of one deployment. What cannot be read leaves a place empty: nothing stops an outcome from
    being recorded."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known

    def of(self, transaction: Transaction, asked: Any, answered: Any, insured_place: str | None) -> Settlement | None:
        """What an accepted call of the transaction settled or took back; None where it does neither."""
        return self._read(transaction.does, asked, answered, insured_place)

    def of_record(self, record: Record, body: bytes, **told: str | None) -> Settlement | None:
        """The same of a call that is in the journal, accepted with ``body``; ``told`` are facts that somebody gives who
        knows them where ``body`` does not say them."""
        known = self._known
        does, _ = known.interfaces.meant(record)
        if does not in (Does.SETTLES, Does.CANCELS) or record.infno not in known.interfaces:
            return None
        transaction = known.interfaces[record.infno]
        try:
            envelope = decode(record.request) if record.request else {}
            reply = parse_reply(body)
            asked, _ = known.answers.read(transaction.input, envelope.get("input") or {})
            answered, _ = known.answers.read(transaction.output, reply.output if isinstance(reply, Reply) else {})
        except Exception as failed:
            log.warning("the settlement of call %d is not read: %s", record.id, type(failed).__name__)
            return None
        return self._read(does, asked, answered, envelope.get("insuplc_admdvs"), told)

    def _read(
        self, does: Does, asked: Any, answered: Any, place: str | None, known: dict[str, str | None] | None = None
    ) -> Settlement | None:
        if does not in (Does.SETTLES, Does.CANCELS):
            return None
        try:
            told = settled(asked, answered, cancels=does is Does.CANCELS)
        except Exception as failed:
            log.warning("a settlement is not read: %s", type(failed).__name__)
            return None
        told |= {name: value for name, value in (known or {}).items() if value and not told.get(name)}
        return Settlement(**told, insuplc_admdvs=place or None)
