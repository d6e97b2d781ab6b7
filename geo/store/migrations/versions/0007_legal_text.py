"""The words of the act that describe a boundary, beside its shape."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE okruga.boundary ADD COLUMN legal_text text")


def downgrade() -> None:
    # the public views are made again after every upgrade; here the one that shows the column would be in the way
    op.execute("DROP SCHEMA IF EXISTS published CASCADE")
    op.execute("ALTER TABLE okruga.boundary DROP COLUMN legal_text")
