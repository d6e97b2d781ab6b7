"""The spine: territories and boundaries, entries and places, registers, history, tally.

The tables stand in 0001_spine.sql, frozen as they were at this revision.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision")
