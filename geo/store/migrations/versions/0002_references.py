"""Indexes for two references: without them every deleted entry or territory is looked for in whole tables."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_entry_merged_into ON okruga.entry (merged_into) WHERE merged_into IS NOT NULL")
    op.execute(
        "CREATE INDEX ix_place_stated_territory ON okruga.place (stated_territory_id)"
        " WHERE stated_territory_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX okruga.ix_place_stated_territory")
    op.execute("DROP INDEX okruga.ix_entry_merged_into")
