"""Residents are counted anew: those of cells of a few people count with a neighbour in every figure."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

RECOUNT = """
INSERT INTO okruga.change (subject, subject_id)
SELECT 'population_cell', max(id) FROM okruga.population_cell HAVING count(*) > 0
"""


def upgrade() -> None:
    op.execute(RECOUNT)


def downgrade() -> None:
    """Nothing to take back: the counts are those of the registers."""
