"""Who asked for what an event tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("events", sa.Column("principal", sa.String(length=100)))
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("calls")}
    for name in {"does", "of_what"} - there:  # the first journals of 0002 were made without them
        op.add_column("calls", sa.Column(name, sa.String(length=20)))
