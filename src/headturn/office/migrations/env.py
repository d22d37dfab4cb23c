"""Run by alembic, within the connection that `catalogue_tables` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
