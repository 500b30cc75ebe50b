"""A journal of very many calls, written in bulk: the same rows, events and links as calls one by one have, without a
commit for each. Bodies are short, and sealed once for all: nobody opens them here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, func, select, text

from liangding.journal import Journal, State, chain
from liangding.journal.store import ChainHead, Tx
from liangding.journal.tables import calls, events, flows, keys, settlements

AT_ONCE, BASE = 5_000, 1_000

TABLES = (calls, keys, events, settlements, flows)

OURS, OTHERS = "P44190000009", "P44190000010"
"""Nine calls of ten are of the one institution, whose look-ups are measured."""

FIRST_DAY = 1_700_000_000.0
YEARS = 3 * 365 * 86_400.0

RARE_INFNO, RARE_OPERATOR = "2103", "099"
RARE_EVERY = 200_000
"""One call of so many is of the rare transaction, of the rare operator, or unknown."""

SETTLED = [n for n in range(1, BASE + 1) if n % 3 == 0 and n % 10 != 3 and n % 50 != 1 and n % (BASE // 5) != 7]
"""Calls of ours that settled, of the first ones; of each thousand more the same."""

_COLUMNS = tuple(column.name for column in calls.columns)
_EVENT = dict.fromkeys(column.name for column in events.columns)
_SETTLED = dict.fromkeys(column.name for column in settlements.columns)
_FLOW = dict.fromkeys(column.name for column in flows.columns)


def fill(journal: Journal, count: int, whole: int) -> None:
    """Go on filling until there are ``count`` calls, of a journal that is to have ``whole`` at last."""
    journal.store.write(lambda tx: _indexes(tx, there=False))
    there = journal.store.read(lambda connection: connection.scalar(select(func.count()).select_from(calls))) or 0
    for first in range(there + 1, count + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count + 1))
        journal.store.write(lambda tx, numbers=numbers: _portion(journal, tx, numbers, whole))  # type: ignore[misc]
    journal.store.write(_settle_down)


def multiply(journal: Journal, size: int, base: int = BASE) -> None:
    """A journal of ``size`` calls for looking things up in: ``base`` are written as they are, the others copied from
    these by the database itself, with numbers and times of their own. Nobody has linked them: it does not verify."""
    fill(journal, base, base)
    journal.store.write(lambda tx: _multiply(tx, size, base))


def _multiply(tx: Tx, size: int, base: int) -> None:
    if size == base:
        return
    _indexes(tx, there=False)
    sqlite = tx.connection.dialect.name == "sqlite"
    number = f"(id + n * {base})"
    padded = f"printf('%018d', {number})" if sqlite else f"lpad(cast({number} AS text), 18, '0')"
    at = f"{FIRST_DAY} + {YEARS} * {number} / {size}"
    changed = {
        "id": number, "msgid": f"'P44190000009' || {padded}", "key": f"'K' || {number}", "bill_no": f"'B' || {number}",
        "content": f"'k1:' || {padded}", "person": padded, "mdtrt_id": f"'M' || {number}", "created_at": at,
        "setl_id": f"CASE WHEN setl_id IS NULL THEN NULL ELSE 'S' || {number} END", "finished_at": at,
    }  # fmt: skip
    of_call = {name: value.replace("(id ", "(call_id ") for name, value in changed.items()}
    flow = "substr(id, 2)" if sqlite else "cast(substr(id, 2) AS bigint)"
    of_flow = {name: value.replace("(id ", f"({flow} ") for name, value in changed.items()}
    count = tx.execute(select(func.count()).select_from(events)).scalar()
    for table, told in (
        (calls, changed),
        (keys, {name: of_call[name] for name in ("key", "content")} | {"call_id": of_call["id"]}),
        (settlements, of_call | {"call_id": of_call["id"]}),
        (flows, of_flow | {"id": f"'F' || {of_flow['id']}", "key": f"'F' || {of_flow['id']}"}),
        (events, {"number": f"number + n * {count}", "call_id": of_call["id"], "at": at.replace("(id ", "(call_id ")}),
    ):
        names = [column.name for column in table.columns]
        taken = ", ".join(told.get(name, f'"{name}"') for name in names)
        often = f"WITH RECURSIVE often(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM often WHERE n < {size // base - 1})"
        whose = "" if table is flows else f" WHERE {'id' if table is calls else 'call_id'} % {base // 5} <> 7"
        listed = ", ".join(f'"{name}"' for name in names)
        tx.execute(text(f"INSERT INTO {table.name} ({listed}) {often} SELECT {taken} FROM {table.name}, often{whose}"))
    _settle_down(tx)


def _settle_down(tx: Tx) -> None:
    """The indexes; what PostgreSQL does by itself in time; and its numbers go on behind those that were given here."""
    _indexes(tx, there=True)
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text("SELECT setval(pg_get_serial_sequence('calls', 'id'), (SELECT max(id) FROM calls))"))
        for table in TABLES:
            tx.execute(text(f"ANALYZE {table.name}"))


def _indexes(tx: Tx, *, there: bool) -> None:
    """Made once over everything, they cost a fraction of what they cost row by row."""
    for index in (index for table in TABLES for index in table.indexes):
        (index.create if there else index.drop)(tx.connection, checkfirst=True)


def _portion(journal: Journal, tx: Tx, numbers: range, whole: int) -> None:
    keyed, owner, sealed = journal.vault.keyed, journal.owner, journal.vault.seal(b"{}" * 100, "bulk")
    made: dict[Any, list[dict[str, Any]]] = {table: [] for table in TABLES}

    def link(table: str, row: dict[str, Any], kind: str, at: float, **about: Any) -> None:
        event = _EVENT | {"owner": owner, "at": at, "kind": kind, "detail": b"", "state": row.get("state")} | about
        event |= {"row_version": row["version"], "row_digest": chain.row_digest(keyed, table, row)}
        event |= {"number": tx.head.number + 1, "format": chain.FORMAT}
        event["link"] = chain.next_link(keyed, tx.head, event, b"")
        tx.head = ChainHead(event["number"], event["link"])
        made[events].append(event)

    for number in numbers:
        row = _call(number, owner, sealed, whole)
        opened = row | {"state": State.OPEN.value, "version": 1, "setl_id": None, "finished_at": None, "answer": None}
        link(calls.name, opened, "recorded", row["created_at"], call_id=number)
        link(calls.name, row, "ended", row["created_at"] + 1, call_id=number)
        made[calls].append(row)
        made[keys].append({name: row[name] for name in ("institution", "key", "content")} | {"call_id": number})
        if row["setl_id"]:
            settled = _settlement(row)
            made[settlements].append(settled)
            link(settlements.name, settled, "settlement", row["created_at"] + 1, subject=f"settlement:{number}")
        if number % 5 == 0:
            flow = _flow(row, sealed)
            made[flows].append(flow)
            link(flows.name, flow, "flow", row["created_at"] + 1, subject=f"flow:{flow['id']}", state="done")
    for table, rows in made.items():
        _insert(tx, table, rows)


def _insert(tx: Tx, table: Table, rows: list[dict[str, Any]]) -> None:
    names, cursor = list(rows[0]), tx.connection.connection.cursor()
    if tx.connection.dialect.name != "postgresql":
        places = ", ".join(f":{name}" for name in names)
        cursor.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})", rows)
        return
    with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def _call(number: int, owner: str, sealed: bytes, whole: int) -> dict[str, Any]:
    rare = number % min(RARE_EVERY, max(whole // 5, 1)) == 7
    settles = number % BASE % 3 == 0 and not rare
    state = State.UNKNOWN if rare else State.REFUSED if number % 50 == 1 else State.ACCEPTED
    return dict.fromkeys(_COLUMNS) | {
        "id": number, "deployment": "bench", "institution": OTHERS if number % 10 == 3 else OURS,
        "infno": RARE_INFNO if rare else "2102" if settles else "2101", "msgid": f"P44190000009{number:018d}",
        "operator": RARE_OPERATOR if rare else f"{number % 20:03d}", "changes": True, "holds": True,
        "key": f"K{number}", "content": f"k1:{number:056d}", "person": f"{number % (whole // 10 + 1):032d}",
        "owner": owner, "created_at": FIRST_DAY + YEARS * number / whole, "request": sealed, "version": 2,
        "bill_no": f"B{number}", "bill_date": "2026-11-28", "does": "settles" if settles else "asks",
        "of_what": "visit", "state": state.value, "mdtrt_id": f"M{number}", "amount": f"{number % 100_000 / 100:.2f}",
        "setl_id": f"S{number}" if settles and state is State.ACCEPTED else None, "http_status": 200, "failure": "",
        "finished_at": FIRST_DAY + YEARS * number / whole + 1, "answer": sealed, "resolution": "", "attempts": 0,
        "absences": 0, "due_at": FIRST_DAY if rare else None,
    }  # fmt: skip


def _settlement(row: dict[str, Any]) -> dict[str, Any]:
    same = ("institution", "infno", "bill_no", "bill_date", "person", "setl_id", "mdtrt_id")
    return _SETTLED | {name: row[name] for name in same} | {
        "call_id": row["id"], "version": 1, "setl_time": "2026-11-28 10:00:00", "medfee_sumamt": 100,
        "state": "stands", "changed_at": row["created_at"] + 1,
    }  # fmt: skip


def _flow(row: dict[str, Any], sealed: bytes) -> dict[str, Any]:
    return _FLOW | {
        "id": f"F{row['id']}", "flow": "pharmacy_purchase", "deployment": "bench", "institution": row["institution"],
        "key": f"F{row['id']}", "content": row["content"], "status": "done", "step": "done", "owner": row["owner"],
        "version": 1, "created_at": row["created_at"], "updated_at": row["created_at"] + 1, "state": sealed,
        "bill_no": row["bill_no"], "bill_date": row["bill_date"],
    }  # fmt: skip
