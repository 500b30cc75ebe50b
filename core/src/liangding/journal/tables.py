"""The journal's tables, the same on SQLite and PostgreSQL. Times are seconds since 1970.

Migrations (``migrations/``) make them; this module says what they are now. A change here needs a migration, and a test
holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

_id = BigInteger().with_variant(Integer, "sqlite")

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
)
Index("events_call", events.c.call_id)

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
    UniqueConstraint("ordinal", name="owners_ordinal"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("operator", String(30), primary_key=True),
    Column("sign_no", String(40), nullable=False),
    Column("signed_at", Float, nullable=False),
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
    UniqueConstraint("institution", "flow", "key", name="flows_key"),
)
Index("flows_status", flows.c.status)
