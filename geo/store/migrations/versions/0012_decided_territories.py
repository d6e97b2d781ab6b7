"""Decisions that point at a stored territory; the settlement the rows around a text name."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

# by code, not by id: a territory that was taken back and loaded again is the same one to whoever decided
COLUMNS = """
ALTER TABLE okruga.geocode_alias ADD COLUMN territory_code text NOT NULL DEFAULT '';
ALTER TABLE okruga.geocode_task
    ADD COLUMN territory_code text NOT NULL DEFAULT '',
    ADD COLUMN context jsonb;
CREATE INDEX ix_geocode_task_territory ON okruga.geocode_task (territory_code) WHERE territory_code <> '';
"""

# candidates that are stored territories say so from now on: their code alone could be the key of a listed area
CHOICES = """
UPDATE okruga.geocode_task q SET choices = (
    SELECT jsonb_agg(CASE WHEN t.code IS NULL THEN c.choice
        ELSE jsonb_set(c.choice, '{place_id}', to_jsonb('territory:' || t.code)) END ORDER BY c.number)
    FROM jsonb_array_elements(q.choices) WITH ORDINALITY AS c (choice, number)
    LEFT JOIN okruga.territory t ON c.choice ->> 'place_kind' = 'area' AND t.code = c.choice ->> 'place_id')
WHERE q.choices @> '[{"place_kind": "area"}]';
UPDATE okruga.geocode_task SET territory_code = substr(choices -> 0 ->> 'place_id', 11)
WHERE status = 'accepted' AND starts_with(choices -> 0 ->> 'place_id', 'territory:');
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(CHOICES)


def downgrade() -> None:
    op.execute("DROP INDEX okruga.ix_geocode_task_territory")
    op.execute("ALTER TABLE okruga.geocode_task DROP COLUMN territory_code, DROP COLUMN context")
    op.execute("ALTER TABLE okruga.geocode_alias DROP COLUMN territory_code")
