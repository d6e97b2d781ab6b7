"""Members of territory groups have days and come from a load of their own."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE okruga.territory_group_member"
        " ADD COLUMN valid daterange NOT NULL DEFAULT '(,)',"
        " ADD COLUMN import_run_id integer,"
        " ADD COLUMN source_row integer,"
        " ADD CONSTRAINT ck_territory_group_member_valid CHECK (NOT isempty(valid)),"
        " ADD CONSTRAINT fk_territory_group_member_import_run_id FOREIGN KEY (import_run_id)"
        "  REFERENCES okruga.import_run (id)"
    )
    op.execute("CREATE INDEX ix_territory_group_member_territory ON okruga.territory_group_member (territory_id)")
    op.execute("CREATE INDEX ix_territory_group_member_run ON okruga.territory_group_member (import_run_id)")
    op.execute("CREATE INDEX ix_territory_group_run ON okruga.territory_group (import_run_id)")


def downgrade() -> None:
    # the public views are made again after every upgrade; here the one that shows the days would be in the way
    op.execute("DROP SCHEMA IF EXISTS published CASCADE")
    op.execute("DROP INDEX okruga.ix_territory_group_run")
    op.execute(
        "ALTER TABLE okruga.territory_group_member DROP COLUMN valid, DROP COLUMN import_run_id, DROP COLUMN source_row"
    )
    op.execute("DROP INDEX IF EXISTS okruga.ix_territory_group_member_territory")
