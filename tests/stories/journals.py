"""What stands in a story's journal, told as it changes: each table's rows, and the events of all processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, select

from liangding.journal.flows import place as flow_place
from liangding.journal.reading import ReadJournal
from liangding.journal.settling import place as settlement_place
from liangding.journal.tables import events, metadata
from liangding.journal.writing import SEALED, call_place, event_place
from liangding.wire.json import decode

from .rendering import changed, compact, fields, moment, other, plain

if TYPE_CHECKING:
    from .scene import Scene

RANDOM = {
    "owners": {"beat_at", "first_link", "events", "closing", "successor"},
    "journal_keys": {"wrapped", "number", "created_at"},
    "checkpoints": {"reached", "head", "digest"},
}
"""Columns that hold nothing but keys and digests of random ones; that they fit each other is verified in the end."""

SEEN = ("given", "slip", "setlinfo", "setldetail")
"""What of a flow's state its caller gave, or sees word by word."""

BRIEFLY: dict[str, set[str]] = {
    "calls": {"infno", "key", "state", "bill_no", "bill_date", "mdtrt_id", "setl_id", "amount", "resolution", "flow"},
    "flows": {
        "flow", "key", "status", "step", "owner", "version", "resume_at", "state", "bill_no", "bill_date", "debts",
    },
    "settlements": {"setl_id", "mdtrt_id", "state", "refund_of", "medfee_sumamt", "psn_cash_pay", "bill_no", "flow"},
}  # fmt: skip
"""What is told of a story's calls, flows and settlements where the rest of the journal is another's story."""

TIMES = {
    "created_at", "finished_at", "due_at", "escalated_at", "watch_until", "at", "started_at", "signed_at",
    "updated_at", "resume_at", "changed_at",
}  # fmt: skip


class Ledger:
    """The journal of a scene, as it is read from outside."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._before: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._states: dict[str, Any] = {}

    def _reader(self) -> ReadJournal:
        scene = self._scene
        return ReadJournal(
            scene.deployment.journal.url, scene.vault, folder=scene.folder, epoch=scene.clock.epoch
        )  # fmt: skip

    def tell(self, *, briefly: bool = False) -> None:
        """What is new or other since it was told the last time; ``briefly``: calls, flows and settlements alone."""
        with self._reader() as journal:
            for table in metadata.sorted_tables:
                if not briefly or table.name in BRIEFLY:
                    self._tell_of(table, journal, BRIEFLY[table.name] if briefly else None)

    def _tell_of(self, table: Table, journal: ReadJournal, only: set[str] | None = None) -> None:
        primary = [column.name for column in table.primary_key.columns]
        order = [events.c.at, events.c.owner, events.c.number] if table is events else primary
        query = select(table).order_by(*(table.c[each] if isinstance(each, str) else each for each in order))
        rows = [row._asdict() for row in journal.store.read(lambda connection: connection.execute(query).all())]
        known = self._before.setdefault(table.name, {})
        found = {tuple(row[name] for name in primary): row for row in rows}
        for key in sorted(known.keys() - found.keys()):
            self._scene.told.say(f"- {table.name} {_named(key)} is gone", "   ")
        for key, row in found.items():
            new = dict(changed(row, known.get(key)))
            left_out = RANDOM.get(table.name, set())
            if not (told := {name: value for name, value in new.items() if self._is_told(name, left_out, only)}):
                continue
            if table is events:
                self._event(row, journal)
            else:
                shown = {name: self._value(table.name, name, row, journal) for name in told if name not in primary}
                mark = "*" if key in known else "+"
                self._scene.told.say(f"{mark} {table.name} {_named(key)}  {fields(shown)}", "   ")
        self._before[table.name] = found

    @staticmethod
    def _is_told(name: str, left_out: set[str], only: set[str] | None) -> bool:
        return name not in left_out and (only is None or name in only)

    def _event(self, row: dict[str, Any], journal: ReadJournal) -> None:
        plain_ = journal.vault.open(row["detail"], event_place(row["owner"], row["number"]))
        told = {"call": row["call_id"], "about": row["subject"], "state": row["state"], "v": row["row_version"]}
        told |= {"by": row["principal"], "format": None if row["format"] == 2 else row["format"]}
        told |= decode(plain_) if plain_ else {}
        held = {name: value for name, value in told.items() if value not in (None, 0)}
        at = moment(row["at"], self._scene.told.start)
        self._scene.told.say(f"+ event {row['owner']}#{row['number']} {at} {row['kind']}  {fields(held)}", "   ")

    def _value(self, table: str, name: str, row: dict[str, Any], journal: ReadJournal) -> Any:
        value = row[name]
        if name in TIMES and value is not None:
            return moment(value, self._scene.told.start)
        if table == "calls" and name in SEALED:
            body = journal.vault.open(value, call_place(name, row["msgid"]))
            carried = self._scene.carried.get(row["msgid"], [])
            return "(as carried)" if body and body in carried else _text(body)
        if table == "flows" and name == "state":
            body = _text(journal.vault.open(value, flow_place(row["id"])))
            before, self._states[row["id"]] = self._states.get(row["id"]), body
            return _seen_elsewhere(other(body, before))
        if table == "settlements" and name == "psn_no" and value is not None:
            msgid = journal.call(row["call_id"]).msgid
            return _text(journal.vault.open(value, settlement_place(msgid)))
        return "(sealed)" if isinstance(value, bytes) else value

    def in_the_end(self) -> None:
        """What somebody sees who looks at it as a whole."""
        name = self._scene.deployment.name
        with self._reader() as whole:
            journal = whole.of(self._scene.deployment.institution.code)
            looks: dict[str, Callable[[], Any]] = {
                "verified": lambda: whole.verify() or "everything as it was written",
                "how many stand how": lambda: journal.tally(self._scene.told.start),
                "pending": lambda: [call.id for call in journal.pending(name)],
                "due": lambda: [call.id for call in journal.due(name)],
                "next due": lambda: self._moment(journal.next_due(name)),
                "latest": lambda: [call.told for call in journal.latest(changes=True)],
                "reports": lambda: [f"{each.kind} {compact(each.detail)}" for each in journal.reports(0)],
            }
            for what, look in looks.items():
                self._scene.told.say(f"{what}: {compact(plain(look()))}", "   ")

    def _moment(self, at: float | None) -> str:
        return "never" if at is None else moment(at, self._scene.told.start)

    def close(self) -> None:
        """Nothing is held."""


def _seen_elsewhere(state: Any) -> Any:
    """A flow's state without what its caller sees of it word by word."""
    if not isinstance(state, dict):
        return [_seen_elsewhere(each) for each in state] if isinstance(state, list) else state
    return {name: _seen_elsewhere(each) for name, each in state.items() if name not in SEEN}


def _text(body: bytes) -> Any:
    try:
        return decode(body) if body[:1] in (b"{", b"[") else body.decode()
    except ValueError:
        return body.decode("utf-8", "replace")


def _named(key: tuple[Any, ...]) -> str:
    return " ".join(map(str, key))
