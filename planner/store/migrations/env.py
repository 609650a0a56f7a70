"""Run by Alembic inside the transaction that `planner.store.engines.upgrade` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
