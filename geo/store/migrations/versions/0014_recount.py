"""What older databases have not counted: walking catchments of streets loaded before them, entries in no area."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

# distances on foot are counted with the cells; what lies in no area is remembered by counting it once more
RECOUNT = """
INSERT INTO okruga.change (subject, subject_id)
SELECT 'population_cell', max(id) FROM okruga.street_network HAVING count(*) > 0
UNION ALL
SELECT 'entry', e.id FROM okruga.entry e
WHERE e.moderation_state = 'published' AND NOT EXISTS (SELECT FROM okruga.counted c WHERE c.entry_id = e.id)
"""


def upgrade() -> None:
    op.execute(RECOUNT)


def downgrade() -> None:
    """Nothing to take back: the counts are those of the registers."""
