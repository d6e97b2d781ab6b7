"""Alembic's entry: it runs on the connection that geo.store.migrate hands over, inside that transaction."""

from __future__ import annotations

from alembic import context

from geo.registers import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table="schema_version",
    version_table_schema="okruga",
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
