"""The journal's tables, the same on SQLite and PostgreSQL. Times are seconds since 1970."""

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
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_id = BigInteger().with_variant(Integer, "sqlite")

calls = Table(
    "calls",
    metadata,
    Column("id", _id, primary_key=True, autoincrement=True),
    Column("deployment", String(100), nullable=False),
    Column("institution", String(30), nullable=False),
    Column("infno", String(20), nullable=False),
    Column("msgid", String(40), nullable=False),
    Column("operator", String(30), nullable=False),
    Column("changes", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("key", String(200)),
    Column("content", String(64), nullable=False),
    Column("person", String(32)),
    Column("flow", String(40)),
    Column("mdtrt_id", String(40)),
    Column("setl_id", String(40)),
    Column("amount", String(20)),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    Column("http_status", Integer),
    Column("failure", String(40), nullable=False, default=""),
    Column("inf_refmsgid", String(40)),
    Column("owner", String(60), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("answer", LargeBinary),
    Column("message", LargeBinary),
    Column("advice", LargeBinary),
    UniqueConstraint("msgid", name="calls_msgid"),
)
Index("calls_state", calls.c.state, calls.c.changes)
Index("calls_person", calls.c.institution, calls.c.person, calls.c.state)
Index("calls_created", calls.c.created_at)
Index("calls_flow", calls.c.flow)

keys = Table(
    "keys",
    metadata,
    Column("institution", String(30), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("call_id", _id, ForeignKey("calls.id"), nullable=False),
    Column("content", String(64), nullable=False),
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
    Column("step", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("notes", Text, nullable=False, default=""),
    UniqueConstraint("institution", "flow", "key", name="flows_key"),
)
