"""The journal's tables, the same on SQLite and PostgreSQL. Times are seconds since 1970.

Migrations (``migrations/``) make them; this module says what they are now. A change here needs a migration, and a test
holds the two together. A new column may be empty: a digest of a row names the columns that hold something, so that
rows of before stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData()

_id = BigInteger().with_variant(Integer, "sqlite")


def _index_of_some(name: str, *columns: Column[Any]) -> None:
    """An index of the rows that have something in the last of the columns: those that do not cost nothing."""
    some = columns[-1].is_not(None)
    Index(name, *columns, sqlite_where=some, postgresql_where=some)


calls = Table(
    "calls",
    metadata,
    Column("id", _id, primary_key=True, autoincrement=True),
    # What the call is; never changed.
    Column("deployment", String(100), nullable=False),
    Column("institution", String(30), nullable=False),
    Column("infno", String(40), nullable=False),
    Column("msgid", String(40), nullable=False),
    Column("operator", String(30), nullable=False),
    Column("changes", Boolean, nullable=False),
    Column("holds", Boolean, nullable=False),
    Column("key", String(300)),
    Column("content", String(64), nullable=False),
    Column("person", String(32)),
    Column("flow", String(40)),
    Column("resolves", _id),
    Column("owner", String(100), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("request", LargeBinary),
    Column("principal", String(100)),  # who asked
    Column("bill_no", String(100)),  # the institution's own number of the bill, and the bill's own day
    Column("bill_date", String(10)),
    Column("traceparent", String(60)),
    Column("does", String(20)),  # what its transaction meant when it was sent, and of what
    Column("of_what", String(20)),
    # What became of it; "version" counts the changes.
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("mdtrt_id", String(40)),
    Column("setl_id", String(40)),
    Column("amount", String(20)),
    Column("finished_at", Float),
    Column("http_status", Integer),
    Column("failure", String(40), nullable=False),
    Column("inf_refmsgid", String(40)),
    Column("answer", LargeBinary),
    Column("message", LargeBinary),
    Column("advice", LargeBinary),
    # How it is being resolved, where its outcome was not known.
    Column("resolution", String(40), nullable=False),
    Column("due_at", Float),
    Column("attempts", Integer, nullable=False),
    Column("absences", Integer, nullable=False),
    Column("escalated_at", Float),
    Column("watch_until", Float),
    UniqueConstraint("msgid", name="calls_msgid"),
)
Index("calls_state", calls.c.state, calls.c.changes)
Index("calls_person", calls.c.institution, calls.c.person, calls.c.state)
Index("calls_created", calls.c.created_at)
Index("calls_flow", calls.c.flow)
Index("calls_key", calls.c.institution, calls.c.key)
Index("calls_due", calls.c.due_at)
_index_of_some("calls_bill", calls.c.institution, calls.c.bill_no)
_index_of_some("calls_setl", calls.c.institution, calls.c.setl_id)
_index_of_some("calls_mdtrt", calls.c.institution, calls.c.mdtrt_id)
_index_of_some("calls_refmsgid", calls.c.institution, calls.c.inf_refmsgid)
_index_of_some("calls_watched", calls.c.watch_until)
Index("calls_content", calls.c.institution, calls.c.infno, calls.c.content)
Index("calls_infno", calls.c.infno, calls.c.id)
_IN_TIME = calls.c.created_at, calls.c.id
"""The order in which what was looked for is shown."""
Index("calls_in_time", calls.c.institution, *_IN_TIME)
Index("calls_infno_in_time", calls.c.institution, calls.c.infno, *_IN_TIME)
Index("calls_state_in_time", calls.c.institution, calls.c.state, *_IN_TIME)
Index("calls_operator_in_time", calls.c.institution, calls.c.operator, *_IN_TIME)


def by_the_way(column: Column[Any]) -> ColumnElement[Any]:
    """A column as something to look at where a row was found by other ones: SQLite, which does not know how often a
    value occurs, would else go through all rows that have this one's."""
    return column + ""


def one_of(column: Column[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column holds one of these words of ours, in the statement's own text: a statement that is compiled
    once takes no lists."""
    return column.in_([literal_column(f"'{word}'") for word in words])


keys = Table(
    "keys",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("call_id", _id, ForeignKey("calls.id"), nullable=False),
    Column("content", String(64), nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("owner", String(100), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("call_id", _id),
    Column("at", Float, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("detail", LargeBinary),
    Column("row_version", Integer, nullable=False),
    Column("row_digest", String(64), nullable=False),
    Column("link", String(64), nullable=False),
    Column("format", Integer),  # of the digests; none is that of schema 0001
    Column("subject", String(150)),  # what it is about, where that is no call
    Column("state", String(20)),  # where the call or flow stands after it
    Column("principal", String(100)),  # who asked for it
)
Index("events_call", events.c.call_id)
_index_of_some("events_subject", events.c.subject)
Index("events_kind", events.c.kind, events.c.at)

owners = Table(
    "owners",
    metadata,
    Column("owner", String(100), primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("beat_at", Float, nullable=False),
    Column("first_link", String(64), nullable=False),
    Column("events", Integer, nullable=False),
    Column("closing", String(64), nullable=False),
    Column("successor", String(64), nullable=False),
    Column("chain", Integer),  # the number of the key that its chain is made with
    UniqueConstraint("ordinal", name="owners_ordinal"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("operator", String(30), primary_key=True),
    Column("sign_no", String(40), nullable=False),
    Column("signed_at", Float, nullable=False),
    Column("version", Integer),
)

flows = Table(
    "flows",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("flow", String(40), nullable=False),
    Column("deployment", String(100), nullable=False),
    Column("institution", String(30), nullable=False),
    Column("key", String(200)),
    Column("content", String(64), nullable=False),
    Column("status", String(20), nullable=False),
    Column("step", String(60), nullable=False),
    Column("owner", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("resume_at", Float),
    Column("state", LargeBinary, nullable=False),
    Column("principal", String(100)),
    Column("bill_no", String(100)),
    Column("bill_date", String(10)),
    Column("debts", Integer),  # steps of plugins that failed after money had moved, and are still to be done
    UniqueConstraint("institution", "flow", "key", name="flows_key"),
)
Index("flows_status", flows.c.status)
Index("flows_bill", flows.c.institution, flows.c.bill_no)
_index_of_some("flows_any_key", flows.c.institution, flows.c.key)
Index("flows_in_time", flows.c.institution, flows.c.created_at, flows.c.id)
Index("flows_flow_in_time", flows.c.institution, flows.c.flow, flows.c.created_at, flows.c.id)
_index_of_some("flows_resume", flows.c.resume_at)
Index("flows_status_in_time", flows.c.institution, flows.c.status, flows.c.created_at, flows.c.id)

settlements = Table(
    "settlements",
    metadata,
    # One settlement or its cancellation, as the platform's answer has it; written with the outcome of its call.
    Column("call_id", _id, ForeignKey("calls.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("institution", String(30), nullable=False),
    Column("infno", String(40), nullable=False),
    Column("bill_no", String(100)),
    Column("bill_date", String(10)),
    Column("person", String(32)),
    Column("psn_no", LargeBinary),
    Column("setl_id", String(40)),
    Column("mdtrt_id", String(40)),
    Column("setl_time", String(19)),
    Column("insutype", String(10)),
    Column("med_type", String(10)),
    Column("clr_type", String(10)),
    Column("clr_optins", String(10)),
    Column("clr_way", String(10)),
    Column("insuplc_admdvs", String(10)),
    # In fen.
    Column("medfee_sumamt", BigInteger),
    Column("fund_pay_sumamt", BigInteger),
    Column("acct_pay", BigInteger),
    Column("psn_cash_pay", BigInteger),
    Column("state", String(20), nullable=False),
    Column("refund_of", String(40)),
    Column("changed_at", Float, nullable=False),
)
Index("settlements_time", settlements.c.institution, settlements.c.setl_time)
Index("settlements_setl", settlements.c.institution, settlements.c.setl_id)
Index("settlements_bill", settlements.c.institution, settlements.c.bill_no)
_index_of_some("settlements_refund", settlements.c.institution, settlements.c.refund_of)

journal_keys = Table(
    "journal_keys",
    metadata,
    # The journal's own keys, each wrapped under the deployment's secret.
    Column("purpose", String(20), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    # How far the journal was verified, and what it was then.
    Column("number", _id, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("reached", LargeBinary, nullable=False),
    Column("head", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
