"""What is looked for in a large journal is found by an index, in the order in which it is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

IN_TIME = ("created_at", "id")

INDEXES = {
    "calls_content": ("calls", "institution", "infno", "content"),
    "calls_infno": ("calls", "infno", "id"),
    "calls_in_time": ("calls", "institution", *IN_TIME),
    "calls_infno_in_time": ("calls", "institution", "infno", *IN_TIME),
    "calls_state_in_time": ("calls", "institution", "state", *IN_TIME),
    "calls_operator_in_time": ("calls", "institution", "operator", *IN_TIME),
    "events_kind": ("events", "kind", "at"),
    "flows_in_time": ("flows", "institution", *IN_TIME),
    "flows_flow_in_time": ("flows", "institution", "flow", *IN_TIME),
    "flows_status_in_time": ("flows", "institution", "status", *IN_TIME),
}

OF_SOME = {
    "calls_setl": ("calls", "institution", "setl_id"),
    "calls_mdtrt": ("calls", "institution", "mdtrt_id"),
    "calls_refmsgid": ("calls", "institution", "inf_refmsgid"),
    "calls_watched": ("calls", "watch_until"),
    "flows_any_key": ("flows", "institution", "key"),
    "flows_resume": ("flows", "resume_at"),
    "settlements_refund": ("settlements", "institution", "refund_of"),
}
"""Of the rows that have something in the last column."""


def upgrade() -> None:
    for name, (table, *columns) in INDEXES.items():
        op.create_index(name, table, columns)
    for name, (table, *columns) in OF_SOME.items():
        some = sa.text(f"{columns[-1]} IS NOT NULL")
        op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)
