"""What is around this point? Entries by distance in metres, grouped as people read them, and who is in charge here.

Distances run on the ellipsoid to what is published: an entry shown by hexagon is as far as its hexagon's centre. On
foot they run along the loaded streets, and the radius is a walk: what takes a longer one is not near. An entry no
street leads to stays in the answer, after all others, with its straight distance and the reason why there is no walk.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, RowMapping, text

from geo.analysis import on_foot as afoot
from geo.analysis.arrays import Floats
from geo.analysis.distance import FARTHEST_M
from geo.analysis.reach import ALONG_DEGREES
from geo.analysis.walking import METRES_A_MINUTE, OFF_STREETS_M, Streets, minutes
from geo.errors import N_, BadInput, Message
from geo.registers import REGISTERS
from geo.store.locate import Located, check_position, locate
from geo.vocabulary import MissingReason

MAX_RADIUS_M = 50_000
POINT_OFF = N_("No loaded street is within 300 m of this point: how far things are on foot is not known.")
ENTRIES_OFF = N_("No loaded street is within 300 m of {count} of these: they come last, with their straight distance.")
# distances end with their millimetre
_ROUNDING_M = 1e-3


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry near the point, at its nearest place."""

    register: str
    id: int
    title: str
    titles: dict[str, str]
    status: str | None
    theme: str | None
    distance_m: float
    lat: float
    lon: float
    # metres along the streets, where walks were asked for; or why there are none
    walk_m: float | None = None
    walk_missing: MissingReason | None = None

    @property
    def walk_minutes(self) -> int | None:
        """How long the walk takes."""
        return None if self.walk_m is None else minutes(self.walk_m)


@dataclass(frozen=True, slots=True)
class Near:
    """The answer: the territories at the point and what lies around it, nearest first.

    by: "line" or "foot"; notes: what belongs beside walks; sources: whose streets were walked.
    """

    lat: float
    lon: float
    radius_m: float
    territories: tuple[Located, ...]
    items: tuple[Neighbour, ...]
    number_matched: int
    by: str = "line"
    notes: tuple[Message, ...] = ()
    sources: tuple[str, ...] = ()


def near(
    connection: Connection, lat: float, lon: float, *, radius_m: float = 1000, registers: Collection[str] = (),
    limit: int = 100, on: date | None = None, on_foot: bool = False,
) -> Near:  # fmt: skip
    """Territories at a point and entries within a radius, in a straight line or along the loaded streets.

    Raises BadInput for a position off the globe, an unknown register or a radius over 50 km (5 km on foot).
    """
    check_position(lat, lon)
    if not (math.isfinite(radius_m) and 0 < radius_m <= MAX_RADIUS_M):
        raise BadInput(
            N_("The radius {radius} m cannot be used."), remedy=N_("Give 1 to 50,000 metres."), radius=radius_m
        )
    if on_foot:
        return walked(connection, lat, lon, radius_m, registers, limit, on)
    rows = connection.execute(
        text(statement(wanted(registers))), around(lat, lon, radius_m) | {"limit": limit}
    ).mappings()
    items = list(rows)
    return Near(
        lat, lon, radius_m, tuple(locate(connection, lat, lon, on)), tuple(neighbour(row) for row in items),
        int(items[0]["matched"]) if items else 0,
    )  # fmt: skip


def wanted(registers: Collection[str]) -> list[str]:
    """Register names to look through: the given ones (singular or plural), else all that are on maps."""
    names = {register.name: register for register in REGISTERS} | {register.plural: register for register in REGISTERS}
    for name in registers:
        if name not in names:
            raise BadInput(
                N_("There is no register {register}."), remedy=N_("Known registers: {known}."), register=name,
                known=", ".join(register.plural for register in REGISTERS),
            )  # fmt: skip
    chosen = {names[name].name for name in registers}
    return [register.name for register in REGISTERS if register.on_map and (not chosen or register.name in chosen)]


def walked(
    connection: Connection, lat: float, lon: float, radius_m: float, registers: Collection[str], limit: int,
    on: date | None,
) -> Near:  # fmt: skip
    """The same on foot. Raises BadInput for a walk of more than 5 km."""
    if radius_m > FARTHEST_M:
        raise BadInput(
            N_("On foot {radius} m are too far to look."),
            remedy=N_("Give up to 5,000 metres, or measure in a straight line."), radius=radius_m,
        )  # fmt: skip
    places = connection.execute(text(every_place(wanted(registers))), around(lat, lon, radius_m)).mappings().all()
    streets = Streets.inside(connection, around(lat, lon, radius_m + OFF_STREETS_M))
    start = None if streets is None else from_point(streets, lat, lon, radius_m)
    nearest = nearest_first(places, walks_to(places, streets, start), radius_m)
    shown = nearest[:limit]
    entries = about(connection, [place["entry_id"] for place, _ in shown])
    return Near(
        lat, lon, radius_m, tuple(locate(connection, lat, lon, on)),
        tuple(walker({**place, **entries[place["entry_id"]]}, metres) for place, metres in shown), len(nearest), "foot",
        notes(streets is not None, start is not None, sum(math.isnan(metres) for _, metres in nearest)),
        afoot.sources(connection),
    )  # fmt: skip


def from_point(streets: Streets, lat: float, lon: float, radius_m: float) -> Floats | None:
    """Metres on foot from a point to every node, infinity beyond the radius; None when no street is near."""
    node, away = streets.snap([[lon, lat]])
    return None if np.isnan(away[0]) else streets.from_nodes(node, radius_m)[0] + away[0]


def walks_to(places: Sequence[RowMapping], streets: Streets | None, start: Floats | None) -> Floats:
    """Metres on foot to the nearest point of each place, infinity where it is out of reach, NaN where no street leads
    there; 0 for what is here already, such as an area around the point."""
    shapes = shapely.from_wkb(np.array([place["shape"] for place in places], dtype=object))
    here = np.array([place["metres"] for place in places]) == 0
    if streets is None or start is None or not len(places):
        return np.where(here, 0.0, np.nan)
    points, of = shapely.get_coordinates(shapely.segmentize(shapes, ALONG_DEGREES), return_index=True)
    node, away = streets.snap(points)
    first = np.searchsorted(of, np.arange(len(places)))
    return np.where(here, 0.0, np.fmin.reduceat(start[node] + away, first))


def nearest_first(places: Sequence[RowMapping], metres: Floats, radius_m: float) -> list[tuple[RowMapping, float]]:
    """The nearest place of each entry within a walk, then those without a known walk by their straight distance."""
    pairs = zip(places, metres.tolist(), strict=True)
    near = [(place, walk) for place, walk in pairs if math.isnan(walk) or walk <= radius_m + _ROUNDING_M]
    near.sort(key=lambda each: (math.isnan(each[1]), each[0]["metres"] if math.isnan(each[1]) else each[1]))
    first: dict[int, tuple[RowMapping, float]] = {}
    for place, walk in near:
        first.setdefault(place["entry_id"], (place, walk))
    return list(first.values())


def notes(streets: bool, on_street: bool, off: int) -> tuple[Message, ...]:
    """How fast one walks, and what is not known on foot."""
    if not streets:
        return (Message(afoot.NO_STREETS),)
    if not on_street:
        return (Message(POINT_OFF),)
    speed = Message(afoot.MEAN_WALKED, {"speed": afoot.SPEED_KMH, "ten": round(10 * METRES_A_MINUTE)})
    return (speed, Message(ENTRIES_OFF, {"count": off})) if off else (speed,)


def about(connection: Connection, entries: list[int]) -> dict[int, dict[str, Any]]:
    """What is published of entries, by id."""
    found = connection.execute(
        text("SELECT id, title, titles, status, theme FROM published.entry WHERE id = ANY (:ids)"), {"ids": entries}
    )
    return {row["id"]: dict(row) for row in found.mappings()}


def around_here(registers: list[str]) -> str:
    """The point as `here` and the places of a box around it as `around`: one select per register, so that each uses its
    own partial spatial index."""
    parts = [
        "SELECT p.entry_id, p.register, ST_Distance(p.geom::geography, here.point::geography) AS metres, p.geom,"
        " ST_PointOnSurface(p.geom) AS shown FROM published.place p, here"
        f" WHERE p.register = '{name}' AND p.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
        for name in registers
    ]
    return (
        "WITH here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point), around AS ("
        + " UNION ALL ".join(parts)
        + ")"
    )


def every_place(registers: list[str]) -> str:
    """All places within the radius, of entries that are published."""
    return (
        around_here(registers) + " SELECT a.entry_id, a.register, a.metres, ST_X(a.shown) AS lon, ST_Y(a.shown) AS lat,"
        " ST_AsBinary(a.geom) AS shape FROM around a JOIN published.entry e ON e.id = a.entry_id"
        " WHERE a.metres <= :radius ORDER BY a.entry_id"
    )


def statement(registers: list[str]) -> str:
    """The nearest place of each entry within the radius, nearest first."""
    return (
        around_here(registers) + ", nearest AS (SELECT DISTINCT ON (entry_id) * FROM around WHERE metres <= :radius"
        " ORDER BY entry_id, metres)"
        " SELECT n.register, n.entry_id, n.metres, ST_X(n.shown) AS lon, ST_Y(n.shown) AS lat,"
        " e.title, e.titles, e.status, e.theme, count(*) OVER () AS matched"
        " FROM nearest n JOIN published.entry e ON e.id = n.entry_id ORDER BY n.metres, n.entry_id LIMIT :limit"
    )


def around(lat: float, lon: float, radius_m: float) -> dict[str, float]:
    """Bind values: the point, the radius and a box in degrees that surely holds the circle."""
    tall = radius_m / 110_500
    wide = min(radius_m / (110_500 * max(math.cos(math.radians(min(abs(lat) + tall, 89.9))), 1e-3)), 180.0)
    return {
        "lat": lat, "lon": lon, "radius": radius_m, "west": max(lon - wide, -180.0), "east": min(lon + wide, 180.0),
        "south": max(lat - tall, -90.0), "north": min(lat + tall, 90.0),
    }  # fmt: skip


def neighbour(row: Any) -> Neighbour:
    return Neighbour(
        row["register"], row["entry_id"], row["title"], dict(row["titles"]), row["status"], row["theme"],
        round(float(row["metres"]), 1), float(row["lat"]), float(row["lon"]),
    )  # fmt: skip


def walker(row: Any, metres: float) -> Neighbour:
    """The same with its walk; NaN when it is not known."""
    found = neighbour(row)
    if math.isnan(metres):
        return replace(found, walk_missing=MissingReason.NO_DATA)
    return replace(found, walk_m=round(metres, 1))
