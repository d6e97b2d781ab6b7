"""What is not shown of people: head counts and their sums, decided with the tally; which territory holds which."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

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
CREATE TABLE okruga.nesting (
    inner_id integer NOT NULL
        CONSTRAINT fk_nesting_inner_id_boundary REFERENCES okruga.boundary (id) ON DELETE CASCADE,
    outer_id integer NOT NULL
        CONSTRAINT fk_nesting_outer_id_boundary REFERENCES okruga.boundary (id) ON DELETE CASCADE,
    CONSTRAINT pk_nesting PRIMARY KEY (inner_id, outer_id)
);
CREATE INDEX ix_nesting_outer ON okruga.nesting (outer_id);
"""
# an older database decides at its next settling
RECOUNT = """
INSERT INTO okruga.change (subject, subject_id)
SELECT 'entry', min(id) FROM okruga.entry WHERE register = 'event' HAVING count(*) > 0
UNION ALL SELECT 'population_cell', min(year) FROM okruga.population_cell HAVING count(*) > 0
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RECOUNT)


def downgrade() -> None:
    # the public views, made again after every upgrade, read the tables
    op.execute("DROP SCHEMA IF EXISTS published CASCADE")
    for table in ("nesting", "withheld_sum", "withheld_head", "head_shield"):
        op.execute(f"DROP TABLE okruga.{table}")
