"""How do stored places learn of new boundaries? They are placed again, all of them at once or those concerned.

`placed` is derived from geometry, statement and boundaries, so re-placing writes no history; the change log already
holds the boundaries that caused it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from psycopg import Connection as PgConnection
from sqlalchemy import Connection, text

from geo.store.engine import derived
from geo.store.place import Placed, Placer, public_ids
from geo.store.shapes import follow_territories

# a place is by statement when its source names a territory and gives no point; an event always (methods.md 2.4)
STATED = "p.stated_territory_id IS NOT NULL AND (p.geom IS NULL OR p.register = 'event')"

TAKE_STATED = f"""
WITH RECURSIVE line (territory, ancestor, depth) AS (
  SELECT id, id, 0 FROM okruga.territory
  WHERE id IN (SELECT p.stated_territory_id FROM okruga.place p WHERE {STATED} AND (:all OR p.id = ANY (:places)))
  UNION ALL
  SELECT line.territory, t.parent_id, depth + 1
  FROM line JOIN okruga.territory t ON t.id = line.ancestor
  WHERE t.parent_id IS NOT NULL AND depth < 30
), counted AS (
  SELECT line.territory, array_agg(DISTINCT b.id ORDER BY b.id) AS ids
  FROM line JOIN okruga.boundary b ON b.territory_id = line.ancestor GROUP BY line.territory
)
UPDATE okruga.place p
SET placed = coalesce(c.ids, '{{}}'), public_placed = coalesce(c.ids, '{{}}'), certainty = 'stated'
FROM okruga.territory t LEFT JOIN counted c ON c.territory = t.id
WHERE t.id = p.stated_territory_id AND {STATED} AND (:all OR p.id = ANY (:places))
"""


def replace_places(connection: Connection, boundary_ids: Sequence[int] | None = None) -> int:
    """Place again everything the given boundary versions touch or used to hold (None: every place).

    Places that are a territory take its new shape first. Returns the number of places looked at. Stated places are
    all renewed: that is one cheap statement.
    """
    follow_territories(connection)
    placer = Placer.load(connection)
    concerned = text(
        "SELECT p.id, ST_AsBinary(p.geom), p.public_precision = 'exact' FROM okruga.place p"
        f" WHERE p.geom IS NOT NULL AND NOT ({STATED}) AND (:all OR p.placed && CAST(:ids AS int[]) OR EXISTS ("
        "   SELECT FROM okruga.boundary b WHERE b.id = ANY (:ids) AND p.geom && ST_Expand(b.geom, 0.001)))"
        " ORDER BY p.id"
    )
    parameters = {"all": boundary_ids is None, "ids": [int(b) for b in boundary_ids or ()]}
    rows = connection.execute(concerned, parameters).all()
    with derived(connection):
        if rows:
            ids, shapes, exact = (
                np.array(column, dtype=kind)
                for column, kind in zip(zip(*rows, strict=True), (np.int64, object, bool), strict=True)
            )
            store_placed(connection, placer, ids, placer.place(shapely.from_wkb(shapes)), exact)
        connection.execute(text(TAKE_STATED), {"all": True, "places": []})
    return len(rows)


def take_stated(connection: Connection, place_ids: Sequence[int]) -> None:
    """Give new stated places the boundary versions of their territory and its ancestors."""
    with derived(connection):
        connection.execute(text(TAKE_STATED), {"all": False, "places": [int(i) for i in place_ids]})


def store_placed(
    connection: Connection, placer: Placer, place_ids: np.ndarray, placed: Placed, exact: np.ndarray
) -> None:
    """Write a placing result over existing `place` rows (and their `placement` rows), in bulk.

    `exact` says for each place whether its position is public as it is.
    """
    raw: PgConnection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    with raw.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE new_placed (id bigint, placed int[], shown int[], certainty text) ON COMMIT DROP"
        )
        with cursor.copy("COPY new_placed FROM STDIN") as copy:
            for line in placed_lines(placer, place_ids, placed, exact):
                copy.write(line)
        cursor.execute(
            "UPDATE okruga.place p SET placed = n.placed, public_placed = n.shown, certainty = n.certainty"
            " FROM new_placed n WHERE n.id = p.id AND (p.placed, p.public_placed, p.certainty)"
            " IS DISTINCT FROM (n.placed, n.shown, n.certainty)"
        )
        cursor.execute("DELETE FROM okruga.placement x USING new_placed n WHERE x.place_id = n.id")
        cursor.execute("DROP TABLE new_placed")
    copy_placement(raw, place_ids, placed)


def placed_lines(placer: Placer, place_ids: np.ndarray, placed: Placed, exact: np.ndarray) -> list[str]:
    """COPY lines `id, placed, public_placed, certainty`."""
    shown = public_ids(placer, placed.boundary)
    lines = []
    for i, place_id in enumerate(place_ids.tolist()):
        part = slice(placed.start[i], placed.start[i + 1])
        ids = placed.boundary[part]
        public = ids if exact[i] else ids[shown[part]]
        lines.append(f"{place_id}\t{array_text(ids)}\t{array_text(public)}\t{placed.certainty[i]}\n")
    return lines


def copy_placement(raw: PgConnection[tuple[object, ...]], place_ids: np.ndarray, placed: Placed) -> None:
    """COPY the exceptions of a placing result; `place_ids` maps its positions to stored places."""
    notable = placed.notable
    if not len(notable.place):
        return
    # a pair can be both an overlap and a near border: the first word (several) stands
    _, first = np.unique((notable.place << np.int64(31)) | notable.boundary, return_index=True)
    with (
        raw.cursor() as cursor,
        cursor.copy(
            "COPY okruga.placement (place_id, boundary_id, certainty, counted, share, distance_m) FROM STDIN"
        ) as copy,
    ):
        for i in first.tolist():
            copy.write_row((
                int(place_ids[notable.place[i]]), int(notable.boundary[i]), notable.certainty[i],
                bool(notable.counted[i]), number_or_none(notable.share[i]), number_or_none(notable.distance_m[i]),
            ))  # fmt: skip


def array_text(ids: np.ndarray) -> str:
    """A PostgreSQL array literal of integers."""
    return "{" + ",".join(map(str, ids.tolist())) + "}"


def number_or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
