"""Where does the caller expect the place, and is a point there?

A place found elsewhere is never accepted silently: it may be a like-named street of another town.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import Message
from geo.geocode.index import Index
from geo.geocode.places import distance_m, extent_m

_AROUND_M = 5_000.0
# Russia and Kyrgyzstan with the waters between: south, north, west, east (east of 180 counts on)
_SERVICE_AREA = (39.0, 82.0, 19.0, 191.0)


@dataclass(frozen=True)
class Scope:
    """The municipality the caller expects: by name, by the ids of its settlements, by polygon (lon, lat degrees)."""

    name: str = ""
    settlement_ids: tuple[str, ...] = ()
    polygon: BaseGeometry | None = field(default=None, compare=True)


@dataclass(frozen=True, slots=True)
class Context:
    """Where a text that names no settlement is looked for: there, what that is called, and the reason in words."""

    scope: Scope
    said: str
    why: Message


class Everywhere:
    """No scope: anywhere in the countries served."""

    def covers(self, lat: float, lon: float) -> bool:
        south, north, west, east = _SERVICE_AREA
        return south <= lat <= north and west <= (lon if lon >= 0 else lon + 360) <= east


class InPolygon:
    """Inside a municipality's boundary."""

    def __init__(self, polygon: BaseGeometry) -> None:
        self._polygon = polygon
        shapely.prepare(polygon)

    def covers(self, lat: float, lon: float) -> bool:
        return bool(self._polygon.covers(shapely.Point(lon, lat)))


class InSettlements:
    """Without a polygon: near a settlement of the scope or one of its known places."""

    def __init__(self, index: Index, settlements: frozenset[int]) -> None:
        towns = {number: index.settlements[number] for number in settlements}
        self._circles = [
            (town.lat, town.lon, max(index.reaches.get(number, 0.0), extent_m(town.population)) + _AROUND_M)
            for number, town in towns.items()
        ]

    def covers(self, lat: float, lon: float) -> bool:
        return any(distance_m(lat, lon, *centre) <= radius for *centre, radius in self._circles)


class Expected(Protocol):
    """Says whether a point lies where the caller expects it."""

    def covers(self, lat: float, lon: float) -> bool:
        """Whether the point (degrees) may be accepted."""
