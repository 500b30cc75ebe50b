"""Digests that name their columns, keys of the journal's own, who asked and for which bill, settlements, checkpoints.

What only the journal's keys can do (contents as keyed digests, flows and sign-ins in the chain) is done by
``journal/upgrading.py``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_ADDED = {
    "calls": (
        sa.Column("principal", sa.String(length=100)),
        sa.Column("bill_no", sa.String(length=100)),
        sa.Column("bill_date", sa.String(length=10)),
        sa.Column("traceparent", sa.String(length=60)),
        sa.Column("does", sa.String(length=20)),
        sa.Column("of_what", sa.String(length=20)),
    ),
    "events": (
        sa.Column("format", sa.Integer()),
        sa.Column("subject", sa.String(length=150)),
        sa.Column("state", sa.String(length=20)),
    ),
    "owners": (sa.Column("chain", sa.Integer()),),
    "sign_ins": (sa.Column("version", sa.Integer()),),
    "flows": (
        sa.Column("principal", sa.String(length=100)),
        sa.Column("bill_no", sa.String(length=100)),
        sa.Column("bill_date", sa.String(length=10)),
        sa.Column("debts", sa.Integer()),
    ),
}


def _index_of_some(name: str, table: str, columns: list[str]) -> None:
    some = sa.text(f"{columns[-1]} IS NOT NULL")
    op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column)
    _index_of_some("calls_bill", "calls", ["institution", "bill_no"])
    _index_of_some("events_subject", "events", ["subject"])
    op.create_index("flows_bill", "flows", ["institution", "bill_no"])
    op.create_table(
        "settlements",
        sa.Column("call_id", _ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(length=30), nullable=False),
        sa.Column("infno", sa.String(length=40), nullable=False),
        sa.Column("bill_no", sa.String(length=100)),
        sa.Column("bill_date", sa.String(length=10)),
        sa.Column("person", sa.String(length=32)),
        sa.Column("psn_no", sa.LargeBinary()),
        sa.Column("setl_id", sa.String(length=40)),
        sa.Column("mdtrt_id", sa.String(length=40)),
        sa.Column("setl_time", sa.String(length=19)),
        sa.Column("insutype", sa.String(length=10)),
        sa.Column("med_type", sa.String(length=10)),
        sa.Column("clr_type", sa.String(length=10)),
        sa.Column("clr_optins", sa.String(length=10)),
        sa.Column("clr_way", sa.String(length=10)),
        sa.Column("insuplc_admdvs", sa.String(length=10)),
        sa.Column("medfee_sumamt", sa.BigInteger()),
        sa.Column("fund_pay_sumamt", sa.BigInteger()),
        sa.Column("acct_pay", sa.BigInteger()),
        sa.Column("psn_cash_pay", sa.BigInteger()),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("refund_of", sa.String(length=40)),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_index("settlements_time", "settlements", ["institution", "setl_time"])
    op.create_index("settlements_setl", "settlements", ["institution", "setl_id"])
    op.create_index("settlements_bill", "settlements", ["institution", "bill_no"])
    op.create_table(
        "journal_keys",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "number"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", _ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("reached", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
