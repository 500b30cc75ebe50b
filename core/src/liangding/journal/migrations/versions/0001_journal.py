"""The journal: calls, business keys, events, processes, sign-ins, flows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _calls()
    _events_and_flows()
    _processes_and_keys()


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("deployment", sa.String(length=100), nullable=False),
        sa.Column("institution", sa.String(length=30), nullable=False),
        sa.Column("infno", sa.String(length=40), nullable=False),
        sa.Column("msgid", sa.String(length=40), nullable=False),
        sa.Column("operator", sa.String(length=30), nullable=False),
        sa.Column("changes", sa.Boolean(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=True),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("flow", sa.String(length=40), nullable=True),
        sa.Column("resolves", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("mdtrt_id", sa.String(length=40), nullable=True),
        sa.Column("setl_id", sa.String(length=40), nullable=True),
        sa.Column("amount", sa.String(length=20), nullable=True),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("failure", sa.String(length=40), nullable=False),
        sa.Column("inf_refmsgid", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("advice", sa.LargeBinary(), nullable=True),
        sa.Column("resolution", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("absences", sa.Integer(), nullable=False),
        sa.Column("escalated_at", sa.Float(), nullable=True),
        sa.Column("watch_until", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("msgid", name="calls_msgid"),
    )
    op.create_index("calls_created", "calls", ["created_at"], unique=False)
    op.create_index("calls_due", "calls", ["due_at"], unique=False)
    op.create_index("calls_flow", "calls", ["flow"], unique=False)
    op.create_index("calls_key", "calls", ["institution", "key"], unique=False)
    op.create_index("calls_person", "calls", ["institution", "person", "state"], unique=False)
    op.create_index("calls_state", "calls", ["state", "changes"], unique=False)


def _events_and_flows() -> None:
    op.create_table(
        "events",
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("row_digest", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("owner", "number"),
    )
    op.create_index("events_call", "events", ["call_id"], unique=False)
    op.create_table(
        "flows",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("deployment", sa.String(length=100), nullable=False),
        sa.Column("institution", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.Column("resume_at", sa.Float(), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("institution", "flow", "key", name="flows_key"),
    )
    op.create_index("flows_status", "flows", ["status"], unique=False)


def _processes_and_keys() -> None:
    op.create_table(
        "owners",
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("beat_at", sa.Float(), nullable=False),
        sa.Column("first_link", sa.String(length=64), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("closing", sa.String(length=64), nullable=False),
        sa.Column("successor", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
        sa.UniqueConstraint("ordinal", name="owners_ordinal"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("institution", sa.String(length=30), nullable=False),
        sa.Column("operator", sa.String(length=30), nullable=False),
        sa.Column("sign_no", sa.String(length=40), nullable=False),
        sa.Column("signed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("institution", "operator"),
    )
    op.create_table(
        "keys",
        sa.Column("institution", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("institution", "key"),
    )


def downgrade() -> None:
    op.drop_table("keys")
    op.drop_table("sign_ins")
    op.drop_table("owners")
    op.drop_index("flows_status", table_name="flows")
    op.drop_table("flows")
    op.drop_index("events_call", table_name="events")
    op.drop_table("events")
    op.drop_index("calls_state", table_name="calls")
    op.drop_index("calls_person", table_name="calls")
    op.drop_index("calls_key", table_name="calls")
    op.drop_index("calls_flow", table_name="calls")
    op.drop_index("calls_due", table_name="calls")
    op.drop_index("calls_created", table_name="calls")
    op.drop_table("calls")
