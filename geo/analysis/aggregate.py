"""How many entries of a register are there, split by one property, in a territory or in any polygon?

Counts of objects are never hidden (methods 2.9). A polygon counts what is published: an entry shown by hexagon counts
where its hexagon's centre lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.errors import N_, BadInput
from geo.register import Register
from geo.store.query import Filters, conditions

MOST_VERTICES = 10_000
KIND_COLUMNS = {"event": "event_kind", "organisation": "organisation_kind", "observation": "measure"}


@dataclass(frozen=True, slots=True)
class Group:
    """One part of the whole; `value` is None for entries without the property."""

    value: str | None
    count: int


def aggregate(
    connection: Connection, register: Register, by: str, filters: Filters, polygon: BaseGeometry | None = None
) -> list[Group]:
    """Entries by a property, the most frequent first.

    An entry with several values of a property (channels of an event) counts in each. Raises BadInput for a property the
    register does not have.
    """
    column = property_of(register, by)
    where, values = conditions(connection, register, filters)
    if polygon is not None:
        where += (
            " AND EXISTS (SELECT FROM published.place p WHERE p.entry_id = e.id AND p.register = :register"
            " AND ST_Intersects(p.geom, ST_GeomFromWKB(:polygon, 4326)))"
        )
        values |= {"register": register.name, "polygon": shapely.to_wkb(polygon)}
    rows = connection.execute(
        text(
            f"SELECT g.value, count(*) FROM published.{register.name} e, LATERAL ({column}) AS g (value)"
            f" WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        values,
    )
    return [Group(row[0], int(row[1])) for row in rows]


def property_of(register: Register, by: str) -> str:
    """The SELECT that gives an entry's values of a property."""
    columns = {
        "theme": "SELECT e.theme",
        "period": "SELECT extract(year FROM coalesce(e.begins_on, e.ends_on))::int::text",
    }
    if register.statuses is not None:
        columns["status"] = "SELECT e.status"
    if register.name in KIND_COLUMNS:
        columns["kind"] = f"SELECT e.{KIND_COLUMNS[register.name]}"
    if register.name == "need":
        columns["channel"] = "SELECT e.channel"
    if register.name == "event":
        columns["channel"] = "SELECT jsonb_object_keys(e.channels)"
    if by not in columns:
        raise BadInput(
            N_("{register} cannot be split by {value}."), remedy=N_("Choose one of: {known}."),
            register=register.plural, value=by, known=", ".join(columns), field="by",
        )  # fmt: skip
    return columns[by]


def polygon_of(geojson: dict[str, Any]) -> BaseGeometry:
    """A polygon from a GeoJSON geometry, longitude and latitude in degrees.

    Raises BadInput for another type, a ring that crosses itself, positions off the globe, or too many vertices.
    """
    try:
        found = shape(geojson)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
        raise _refused(N_("This is not a GeoJSON polygon.")) from error
    if found.geom_type not in ("Polygon", "MultiPolygon") or found.is_empty:
        raise _refused(N_("This is not a GeoJSON polygon."))
    if shapely.get_num_coordinates(found) > MOST_VERTICES:
        raise _refused(N_("The polygon has more than {most} vertices."), most=MOST_VERTICES)
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _refused(N_("The polygon reaches off the globe."))
    if not found.is_valid:
        raise _refused(N_("The ring of the polygon crosses itself: {problem}."), problem=shapely.is_valid_reason(found))
    return shapely.force_2d(found)


def _refused(message: str, **params: object) -> BadInput:
    remedy = N_("Send a Polygon or MultiPolygon as RFC 7946 writes it: longitude, latitude, rings closed.")
    return BadInput(message, remedy=remedy, field="geometry", **params)
