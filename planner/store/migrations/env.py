"""Run inside the transaction that `planner.store.engines.upgrade` holds."""  # noqa: INP001 - Alembic runs it by path

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
