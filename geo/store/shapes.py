"""Which shape has a place that was found by its address, and what happens to it when a territory's boundary changes?

A place that is a stored territory has the territory's polygon, of the boundary version valid today or else of the
newest one, and follows it. Without a boundary, because the territory was taken back, a circle stands for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from h3.api import basic_int as cells
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.errors import N_
from geo.store.engine import derived

LARGEST_CIRCLE_M, LEAST_CIRCLE_M = 20_000.0, 50.0
METRES_PER_DEGREE = 111_195.0
HEX, HEX_PUBLIC = 8, 9
LOST = N_("The boundary of {name} is not loaded any more: a circle stands for it.")
FOUND_AGAIN = N_("Placed as {name}, with its boundary.")


def drawn(which: str) -> str:
    """SQL of the territories whose code is among `which`: code, name and boundary of today, else the newest one."""
    return (
        "SELECT DISTINCT ON (t.code) t.code, t.name, b.geom FROM okruga.territory t"
        f" JOIN okruga.boundary b ON b.territory_id = t.id WHERE t.code {which}"
        " ORDER BY t.code, b.valid @> current_date DESC, lower(b.valid) DESC NULLS LAST"
    )


@dataclass(frozen=True, slots=True)
class Shaped:
    """A place and the shape it gets (WGS 84 degrees); `exact`: it may be shown as it is."""

    place: int
    shape: BaseGeometry
    level: str
    exact: bool


def circle(lat: float, lon: float, radius_m: float) -> BaseGeometry:
    """A circle on the ground as a polygon of 32 corners (WGS 84 degrees), between 50 m and 20 km in radius."""
    radius = min(max(radius_m, LEAST_CIRCLE_M), LARGEST_CIRCLE_M) / METRES_PER_DEGREE
    angles = np.linspace(0.0, 2 * math.pi, 32, endpoint=False)
    east = radius / math.cos(math.radians(lat))
    return shapely.Polygon(np.column_stack([lon + east * np.cos(angles), lat + radius * np.sin(angles)]))


def polygons_of(connection: Connection, codes: Sequence[str]) -> dict[str, BaseGeometry]:
    """The boundaries of stored territories by code; those without one are left out."""
    rows = connection.execute(
        text(f"SELECT code, ST_AsBinary(geom) AS geom FROM ({drawn('= ANY (:codes)')}) b"),
        {"codes": sorted(set(codes))},
    )
    return {row.code: shapely.from_wkb(row.geom) for row in rows}


def give_shapes(connection: Connection, shaped: Sequence[Shaped]) -> None:
    """Write shapes, levels and cells of places; where they count is for the caller to find out."""
    if shaped:
        connection.execute(
            text(
                "UPDATE okruga.place SET geom = ST_SetSRID(CAST(:geom AS geometry), 4326),"
                " public_geom = ST_SetSRID(CAST(:shown AS geometry), 4326), match_level = :level, hex_8 = :hex"
                " WHERE id = :id"
            ),
            [_row(each) for each in shaped],
        )


def _row(shaped: Shaped) -> dict[str, Any]:
    """What is not shown exactly shows the centre of its hexagon."""
    inside = shaped.shape.representative_point()
    lat, lon = cells.cell_to_latlng(cells.latlng_to_cell(inside.y, inside.x, HEX_PUBLIC))
    shown = shaped.shape if shaped.exact else shapely.Point(lon, lat)
    return {
        "id": shaped.place, "geom": shapely.to_wkb(shaped.shape, hex=True), "shown": shapely.to_wkb(shown, hex=True),
        "level": shaped.level, "hex": cells.latlng_to_cell(inside.y, inside.x, HEX),
    }  # fmt: skip


FOLLOWING = (
    "SELECT q.id AS task, q.label, p.id, p.entry_id, p.match_level, p.public_precision = 'exact' AS exact,"
    " ST_AsBinary(p.geom) AS now, ST_AsBinary(b.geom) AS wanted, b.name,"
    " ST_Y(q.geom) AS lat, ST_X(q.geom) AS lon, q.radius_m FROM okruga.geocode_task q"
    " JOIN okruga.place p ON p.id = q.place_id"
    f" LEFT JOIN ({drawn('IN (SELECT territory_code FROM okruga.geocode_task)')}) b"
    "   ON b.code = q.territory_code"
    " WHERE q.territory_code <> '' AND q.status IN ('accepted', 'manual') AND p.geom IS NOT NULL"
    " AND p.geom IS DISTINCT FROM b.geom ORDER BY p.id FOR UPDATE OF p, q"
)


def follow_territories(connection: Connection) -> int:
    """Give the places that are a stored territory its shape of today. Returns how many changed.

    The shapes follow from the boundaries, so that this is no history; that their entries moved is news for the tally.
    """
    changed: list[tuple[Any, BaseGeometry]] = []
    for row in connection.execute(text(FOLLOWING)).all():
        shape = shapely.from_wkb(row.wanted) if row.wanted else circle(row.lat, row.lon, row.radius_m)
        if not shape.equals_exact(shapely.from_wkb(row.now), 1e-9):
            changed.append((row, shape))
    with derived(connection):
        give_shapes(connection, [Shaped(row.id, shape, row.match_level, row.exact) for row, shape in changed])
    _tell(connection, changed)
    return len(changed)


def _tell(connection: Connection, changed: Sequence[tuple[Any, BaseGeometry]]) -> None:
    """Say in words at each text what its place is now, and to the tally that its entry moved."""
    if not changed:
        return
    connection.execute(
        text(
            "UPDATE okruga.geocode_task SET why = CAST(:why AS jsonb),"
            " geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :task"
        ),
        [_told(row, shape) for row, shape in changed],
    )
    connection.execute(
        text("INSERT INTO okruga.change (subject, subject_id) SELECT DISTINCT 'entry', unnest(CAST(:ids AS bigint[]))"),
        {"ids": [row.entry_id for row, _ in changed]},
    )


def _told(row: Any, shape: BaseGeometry) -> dict[str, Any]:
    inside = shape.representative_point() if row.wanted else shapely.Point(row.lon, row.lat)
    why = {"msgid": FOUND_AGAIN if row.wanted else LOST, "params": {"name": row.name or row.label}}
    return {"task": row.task, "lat": inside.y, "lon": inside.x, "why": orjson.dumps(why).decode()}
