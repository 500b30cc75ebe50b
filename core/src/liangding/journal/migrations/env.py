"""How Alembic runs the journal's migrations: on the connection that it is given, in that connection's transaction."""

from alembic import context

from liangding.journal.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
