"""Where do people take part, as a smooth surface? Events spread over the city by the quartic kernel, in H3 cells.

The bandwidth is the distance the visitor chooses. The surface is made from what each event publishes about itself:
events with so few participants that their number is hidden leave no trace, nor do those placed by a settlement or
district only, which would heap up in its middle. Only cells of the city take part; far from every event nothing is
drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import h3
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, kinds
from geo.analysis.arrays import Floats
from geo.analysis.columns import Values
from geo.analysis.figure import NOT_ASSESSED, Unit
from geo.analysis.fine import FINEST, KEPT, Hexagons
from geo.analysis.kernel import density_surface
from geo.analysis.told import Told
from geo.errors import N_, Message
from geo.vocabulary import TerritoryKind

# cells of 0.1, 0.7 and 5 km²: the finest that keeps a city below so many
MOST_CELLS = 30_000
CITY_KINDS = (TerritoryKind.MUNICIPALITY, TerritoryKind.CIVIC_DISTRICT, TerritoryKind.ELECTORAL_DISTRICT,
              TerritoryKind.SETTLEMENT)  # fmt: skip
BANDWIDTH = N_("Bandwidth {distance} m: each event counts for what lies nearer, the less the farther (quartic kernel).")
MADE_OF = N_(
    "Made from {placed} of {all} events of the period: those with a known place and a number that may be shown."
)
OUTSIDE = N_("{count} events lie outside the city and are left out.")


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Events of a period that a surface can be made of: lon/lat, amounts, and how many there are in all."""

    points: Floats
    amounts: Floats
    every: int


def surface_areas(connection: Connection, query: Query) -> Hexagons:
    """Cells of the city within the bandwidth of an event; without a surface none."""
    events = load(connection, query)
    found = spread(connection, query, events) if len(events.points) else None
    if found is None:
        return Hexagons.of(connection, np.empty(0, dtype=np.int64), query.day)
    cells, amount, _ = found
    return Hexagons.of(connection, cells[amount > 0], query.day)


def columns(connection: Connection, query: Query, areas: Areas) -> Told:
    """Participants or events per km² of each cell."""
    events = load(connection, query)
    cells, amount, notes = spread(connection, query, events) or (areas.boundary, np.full(len(areas), np.nan), ())
    found = dict(zip(cells.tolist(), amount.tolist(), strict=True))
    held = np.array([found.get(int(cell), np.nan) for cell in areas.boundary], dtype=float)
    km2 = areas.area_m2 / 1e6
    missing = np.where(np.isnan(held), NOT_ASSESSED, 0)
    values = Values.build(held / km2, Unit.PER_KM2, missing=missing, numerator=held, denominator=km2)
    said = (
        Message(BANDWIDTH, {"distance": query.distance_m}),
        Message(MADE_OF, {"placed": len(events.points), "all": events.every}),
    )
    return Told(values, notes=(*said, *notes))


def spread(
    connection: Connection, query: Query, events: Events
) -> tuple[NDArray[np.int64], Floats, tuple[Message, ...]] | None:
    """The cells of the city, how much of the events falls to each, and what was left out; None without a city."""
    cells = city_cells(connection, query)
    if not len(cells):
        return None
    codes = [h3.int_to_str(int(cell)) for cell in cells]
    centres = np.array([h3.cell_to_latlng(code)[::-1] for code in codes])
    km2 = np.array([h3.cell_area(code, unit="km^2") for code in codes])
    found = density_surface(events.points, events.amounts, centres, km2, query.distance_m)
    if found.refusal is not None:
        return cells, np.full(len(cells), np.nan), (found.refusal,)
    notes = (Message(OUTSIDE, {"count": found.outside}),) if found.outside else ()
    return cells, found.amount, notes


def load(connection: Connection, query: Query) -> Events:
    """The events of the query's year and theme, weighted by participants or each counting once."""
    heads = query.measure.code == "participants_surface"
    rows = connection.execute(
        text(
            "SELECT ST_X(ST_PointOnSurface(p.geom)), ST_Y(ST_PointOnSurface(p.geom)), c.amount"
            " FROM (SELECT entry_id, sum(amount) AS amount FROM published.counted WHERE measure = :measure"
            "   AND period = :year AND (:any_theme OR theme = :theme)"
            "   AND entry_id NOT IN (SELECT entry_id FROM published.counted_wide) GROUP BY entry_id) c"
            " LEFT JOIN LATERAL (SELECT geom FROM published.place p WHERE p.entry_id = c.entry_id"
            "   AND p.geom IS NOT NULL AND p.match_level NOT IN ('none', 'settlement', 'district')"
            "   ORDER BY p.id LIMIT 1) p ON true ORDER BY c.entry_id"
        ),
        {
            "measure": "participants" if heads else "events", "year": query.year,
            "any_theme": query.theme is None, "theme": query.theme or "",
        },
    ).all()  # fmt: skip
    placed = [row for row in rows if row[0] is not None and (row[2] or 0) > 0]
    points = np.array([row[:2] for row in placed], dtype=float).reshape(-1, 2)
    return Events(points, np.array([float(row[2]) for row in placed]), len(rows))


def city_cells(connection: Connection, query: Query) -> NDArray[np.int64]:
    """The cells whose centre lies in the city, at the finest resolution that keeps them few and fits the bandwidth."""
    city = outline(connection, query.day)
    for resolution in (FINEST, KEPT, KEPT - 1):
        if h3.average_hexagon_edge_length(resolution, unit="m") * 3**0.5 > query.distance_m and resolution < FINEST:
            break
        if city_km2(city) / h3.average_hexagon_area(resolution, unit="km^2") <= MOST_CELLS or resolution < KEPT:
            return np.array(sorted(h3.str_to_int(each) for part in shapely.get_parts(city)
                                   for each in h3.geo_to_cells(part, resolution)), dtype=np.int64)  # fmt: skip
    return np.empty(0, dtype=np.int64)


def city_km2(city: BaseGeometry) -> float:
    """About how large a shape in degrees is."""
    middle = city.centroid.y if not city.is_empty else 0.0
    return float(city.area * (111.32**2) * np.cos(np.radians(middle)))


def outline(connection: Connection, day: date) -> BaseGeometry:
    """The land of the city on a day: its municipality, else its districts together."""
    stored = kinds(connection)
    for kind in CITY_KINDS:
        if kind not in stored:
            continue
        shape = connection.scalar(
            text(
                "SELECT ST_AsBinary(ST_Multi(ST_UnaryUnion(ST_Collect(geom)))) FROM published.boundary"
                " WHERE kind = :kind AND valid @> CAST(:day AS date)"
            ),
            {"kind": kind.value, "day": day},
        )
        if shape is not None:
            found: BaseGeometry = shapely.from_wkb(shape)
            return found
    return shapely.MultiPolygon()


COLUMNS = {"participants_surface": columns, "events_surface": columns}
