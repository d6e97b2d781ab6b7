"""Where is the thing whose name somebody types? Trigram search over names of territories and titles of entries."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geo.store.query import escape_like

MAX_WORDS = 200
# one wrong letter in a word of six leaves 0.43 of its trigrams; the default of 0.6 would lose it
LIKENESS = 0.4


@dataclass(frozen=True, slots=True)
class Found:
    """A territory (`code`) or entry (`id`) whose name is like the words, with a point to show."""

    kind: str
    code: str | None
    id: int | None
    name: str
    names: dict[str, str]
    context: str | None
    lat: float | None
    lon: float | None
    likeness: float


# the point of each match is looked for last, and of the best ones only: a common word fits thousands
SEARCH = """
WITH territories AS (
  SELECT t.kind, t.code, NULL::bigint AS id, t.id AS territory, t.name, t.names, p.name AS context,
         greatest(similarity(t.name, :words), similarity(coalesce(t.names ->> 'en', ''), :words),
                  word_similarity(:words, t.name) * 0.95)
         + CASE WHEN t.name ILIKE :prefix THEN 0.3 WHEN t.name ILIKE :anywhere THEN 0.1 ELSE 0 END AS likeness
  FROM published.territory t LEFT JOIN published.territory p ON p.id = t.parent_id
  WHERE t.name % :words OR t.name ILIKE :anywhere OR :words <% t.name
     OR t.names ->> 'en' ILIKE :anywhere OR t.code = lower(:words)
), entries AS (
  SELECT e.register AS kind, NULL AS code, e.id, NULL::int AS territory, e.title AS name, e.titles AS names,
         NULL AS context,
         greatest(similarity(e.title, :words), word_similarity(:words, e.title) * 0.9)
         + CASE WHEN e.title ILIKE :prefix THEN 0.2 ELSE 0 END - 0.05 AS likeness
  FROM published.entry e
  WHERE e.title % :words OR e.title ILIKE :anywhere OR :words <% e.title
), best AS (
  SELECT * FROM (SELECT * FROM territories UNION ALL SELECT * FROM entries) f
  ORDER BY likeness DESC, name, id LIMIT :limit
), placed AS (
  SELECT best.*, coalesce(
    (SELECT ST_PointOnSurface(b.geom) FROM published.boundary b WHERE b.territory_id = best.territory
     ORDER BY b.valid_to DESC NULLS FIRST LIMIT 1),
    (SELECT ST_PointOnSurface(p.geom) FROM published.place p WHERE p.entry_id = best.id AND p.geom IS NOT NULL
     ORDER BY p.id LIMIT 1)) AS point
  FROM best
)
SELECT kind, code, id, name, names, context, ST_Y(point) AS lat, ST_X(point) AS lon, likeness
FROM placed ORDER BY likeness DESC, name, id
"""


def search(connection: Connection, words: str, limit: int = 10) -> list[Found]:
    """Best matches first; nothing for empty words. Words are cut at 200 characters."""
    typed = " ".join(words.replace("\x00", " ").split())[:MAX_WORDS]
    if not typed:
        return []
    connection.execute(
        text("SELECT set_config('pg_trgm.word_similarity_threshold', :least, true)"), {"least": str(LIKENESS)}
    )
    rows = connection.execute(
        text(SEARCH),
        {
            "words": typed, "prefix": f"{escape_like(typed)}%", "anywhere": f"%{escape_like(typed)}%",
            "limit": max(1, min(limit, 50)),
        },
    ).mappings()  # fmt: skip
    return [
        Found(
            row["kind"], row["code"], row["id"], row["name"], dict(row["names"]), row["context"],
            row["lat"], row["lon"],
            round(float(row["likeness"]), 3),
        )
        for row in rows
    ]  # fmt: skip
