"""The state address register (ГАР): objects with names, former names and GUIDs, and no positions, by version."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

TABLE = """
CREATE TABLE okruga.gazetteer_gar (
    gazetteer_id integer NOT NULL REFERENCES okruga.gazetteer (id) ON DELETE CASCADE,
    gar_object_id text NOT NULL,
    gar_guid uuid NOT NULL,
    level text NOT NULL,
    parent_id text NOT NULL,
    name text NOT NULL, alt_names text NOT NULL, kind text NOT NULL, district text NOT NULL, region text NOT NULL,
    CONSTRAINT pk_gazetteer_gar PRIMARY KEY (gazetteer_id, gar_object_id),
    CONSTRAINT ck_gazetteer_gar_level CHECK (level IN ('settlement', 'area', 'street', 'house'))
);
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    op.execute("DROP TABLE okruga.gazetteer_gar")
