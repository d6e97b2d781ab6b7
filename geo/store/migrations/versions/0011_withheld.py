"""Head counts that are not shown: decided with the tally for events and all sums of them together."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE okruga.head_shield (
    entry_id bigint NOT NULL, part text NOT NULL, cells jsonb NOT NULL,
    CONSTRAINT pk_head_shield PRIMARY KEY (entry_id, part)
);
CREATE TABLE okruga.withheld_head (
    entry_id bigint NOT NULL, part text NOT NULL, CONSTRAINT pk_withheld_head PRIMARY KEY (entry_id, part)
);
CREATE TABLE okruga.withheld_sum (
    area_id bigint NOT NULL, period smallint NOT NULL, theme text NOT NULL, part text NOT NULL,
    CONSTRAINT pk_withheld_sum PRIMARY KEY (area_id, period, theme, part)
);
"""
# an older database decides at its next settling
RECOUNT = """
INSERT INTO okruga.change (subject, subject_id)
SELECT 'entry', min(id) FROM okruga.entry WHERE register = 'event' HAVING count(*) > 0
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RECOUNT)


def downgrade() -> None:
    # the public views, made again after every upgrade, read the tables
    op.execute("DROP SCHEMA IF EXISTS published CASCADE")
    for table in ("withheld_sum", "withheld_head", "head_shield"):
        op.execute(f"DROP TABLE okruga.{table}")
