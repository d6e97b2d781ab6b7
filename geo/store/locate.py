"""Which territories is this point in? One answer per kind, with how certain it is.

inside: in exactly one; near_border: another one begins within the border distance (both are named); several: in more
than one at once; outside: the kind has boundaries, none here; no_polygon: no boundary of the kind was ever loaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, BadInput
from geo.settings import settings
from geo.vocabulary import Certainty, TerritoryKind

# what people ask for first, and hear of even when it was never loaded
ALWAYS = (TerritoryKind.MUNICIPALITY, TerritoryKind.CIVIC_DISTRICT, TerritoryKind.TOS_TERRITORY)


@dataclass(frozen=True, slots=True)
class Located:
    """One territory at a point, or the absence of one (`code` is None then)."""

    kind: TerritoryKind
    certainty: Certainty
    code: str | None = None
    name: str | None = None
    names: dict[str, str] | None = None
    counted: bool = False
    distance_m: float | None = None
    boundary: int | None = None
    tos_status: str | None = None


def check_position(lat: float, lon: float) -> tuple[float, float]:
    """A position on the globe; BadInput that says what to do for anything else, swapped pairs included."""
    if math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180:
        return lat, lon
    swapped = math.isfinite(lat) and math.isfinite(lon) and abs(lon) <= 90 and abs(lat) <= 180
    raise BadInput(
        N_("Latitude {lat}, longitude {lon} is not a place on the globe."),
        remedy=N_("Latitude and longitude seem to be swapped.") if swapped
        else N_("Latitudes go from -90 to 90, longitudes from -180 to 180."),
        lat=lat, lon=lon,
    )  # fmt: skip


def locate(connection: Connection, lat: float, lon: float, on: date | None = None) -> list[Located]:
    """Every territory at a point on a day (today by default), largest kinds first, each kind at least once.

    Raises BadInput for a position off the globe.
    """
    check_position(lat, lon)
    stored = set(connection.scalars(text("SELECT DISTINCT kind FROM published.boundary")))
    rows = connection.execute(
        text(
            "WITH here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point)"
            " SELECT b.id, b.kind, b.code, b.name, b.names, b.tos_status, ST_Covers(b.geom, here.point) AS covers,"
            " ST_Covers(b.geom, here.point) AND NOT ST_Contains(b.geom, here.point) AS on_edge,"
            " ST_Distance(b.geom::geography, here.point::geography) AS metres"
            " FROM published.boundary b, here WHERE b.valid @> coalesce(CAST(:day AS date), CURRENT_DATE)"
            " AND b.geom && ST_Expand(here.point, :margin_lon, :margin_lat)"
            " AND (ST_Covers(b.geom, here.point) OR ST_DWithin(b.geom::geography, here.point::geography, :near))"
            " ORDER BY b.kind, covers DESC, b.code"
        ),
        {
            "lat": lat, "lon": lon, "day": on, "near": settings().near_border_m,
            "margin_lat": settings().near_border_m / 110_000,
            "margin_lon": min(settings().near_border_m / (110_000 * max(math.cos(math.radians(lat)), 1e-3)), 1.0),
        },
    ).mappings()  # fmt: skip
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["kind"], []).append(row)
    kinds = [kind for kind in TerritoryKind if kind in stored or kind in ALWAYS]
    return [answer for kind in kinds for answer in of_kind(kind, found.get(kind, []), kind in stored)]


def of_kind(kind: TerritoryKind, rows: list[Any], stored: bool) -> list[Located]:
    """The answers of one kind; rows come with the covering ones first, by code."""
    if not rows:
        return [Located(kind, Certainty.OUTSIDE if stored else Certainty.NO_POLYGON)]
    covering = [row for row in rows if row["covers"]]
    certainty = Certainty.INSIDE
    if len(covering) > 1 and not any(row["on_edge"] for row in covering):
        certainty = Certainty.SEVERAL
    elif len(rows) > 1 or not covering:
        certainty = Certainty.NEAR_BORDER
    answers = [
        Located(
            kind, certainty, row["code"], row["name"], dict(row["names"]), counted=bool(covering) and at == 0,
            distance_m=round(float(row["metres"]), 1), boundary=row["id"], tos_status=row["tos_status"],
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip
    return answers if covering else [Located(kind, Certainty.OUTSIDE), *answers]
