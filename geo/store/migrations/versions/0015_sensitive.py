"""Themes of which needs and participation are public as sums over wide areas only; every start writes them anew."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("CREATE TABLE okruga.sensitive_theme (theme text NOT NULL CONSTRAINT pk_sensitive_theme PRIMARY KEY)")


def downgrade() -> None:
    # views that read the table; they are made again after every upgrade
    op.execute("DROP SCHEMA IF EXISTS published CASCADE")
    op.execute("DROP VIEW IF EXISTS okruga.counted_area, okruga.sensitive, okruga.wide_boundary")
    op.execute("DROP TABLE okruga.sensitive_theme")
