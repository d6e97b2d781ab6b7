"""What is around this point? Entries by distance in metres, grouped as people read them, and who is in charge here.

Distances run on the ellipsoid to what is published: an entry shown by hexagon is as far as its hexagon's centre.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, BadInput
from geo.registers import REGISTERS
from geo.store.locate import Located, check_position, locate

MAX_RADIUS_M = 50_000


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


@dataclass(frozen=True, slots=True)
class Near:
    """The answer: the territories at the point and what lies around it, nearest first."""

    lat: float
    lon: float
    radius_m: float
    territories: tuple[Located, ...]
    items: tuple[Neighbour, ...]
    number_matched: int


def near(
    connection: Connection, lat: float, lon: float, *, radius_m: float = 1000, registers: Collection[str] = (),
    limit: int = 100, on: date | None = None,
) -> Near:  # fmt: skip
    """Territories at a point and entries within a radius.

    Raises BadInput for a position off the globe, an unknown register or a radius over 50 km.
    """
    check_position(lat, lon)
    if not (math.isfinite(radius_m) and 0 < radius_m <= MAX_RADIUS_M):
        raise BadInput(
            N_("The radius {radius} m cannot be used."), remedy=N_("Give 1 to 50,000 metres."), radius=radius_m
        )
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


def statement(registers: list[str]) -> str:
    """One select per register, so that each uses its own partial spatial index."""
    parts = [
        "SELECT p.entry_id, p.register, ST_Distance(p.geom::geography, here.point::geography) AS metres,"
        " ST_PointOnSurface(p.geom) AS shown FROM published.place p, here"
        f" WHERE p.register = '{name}' AND p.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
        for name in registers
    ]
    return (
        "WITH here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point), around AS ("
        + " UNION ALL ".join(parts)
        + "), nearest AS (SELECT DISTINCT ON (entry_id) * FROM around WHERE metres <= :radius"
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
