"""What is kept of a settlement, a place and its houses, and how far is it from one point to another?"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from geo.geocode.house import House

STREET, POI, AREA = "street", "poi", "area"
_EARTH_M = 6_371_008.8


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points a few hundred kilometres apart at most (equirectangular; 0.1 % at 100 km)."""
    north = math.radians(other_lat - lat)
    east = math.radians((other_lon - lon + 180.0) % 360.0 - 180.0) * math.cos(math.radians((lat + other_lat) / 2))
    return _EARTH_M * math.hypot(north, east)


def extent_m(population: float) -> float:
    """A rough radius of a built-up area: 300 m for a hamlet, 20 km for ten million (about 4,000 people per km²)."""
    return float(round(max(300.0, (population / 4000 / 3.1416) ** 0.5 * 1000)))


@dataclass(slots=True)
class Settlement:
    """A town or village; `loaded` says where its streets are is known, `names` holds every name, the usual one first.

    Its coordinates are NaN when only the state address register knows it.
    """

    id: str
    names: tuple[str, ...]
    kind: str
    district: str
    region: str
    population: float
    lat: float
    lon: float
    loaded: bool = False
    guid: bytes = b""
    gar_id: int = 0

    @property
    def name(self) -> str:
        """The usual name."""
        return self.names[0]


@dataclass(slots=True)
class Place:
    """A street, object or area of a settlement (-1: of none); houses are `first`..`last` of the index's arrays.

    Its coordinates are NaN when only the state address register knows it.
    """

    kind: str
    id: str
    name: str
    settlement: int
    types: frozenset[str]
    lat: float
    lon: float
    radius_m: float = 0.0
    first: int = 0
    last: int = 0
    detail: str = ""
    background: bool = False
    guid: bytes = b""
    gar_id: int = 0

    @property
    def placed(self) -> bool:
        """Whether it is known where it is."""
        return self.lat == self.lat


@dataclass
class Houses:
    """All house numbers with a place, sorted by street and number; one row per address.

    registered: the row of each in the state address register, -1 for none; empty without a register.
    """

    ids: list[str] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("H"))
    houses: list[House] = field(default_factory=list)
    lats: array[float] = field(default_factory=lambda: array("d"))
    lons: array[float] = field(default_factory=lambda: array("d"))
    registered: array[int] = field(default_factory=lambda: array("l"))

    def numbered(self, place: Place, number: int) -> range:
        """The rows of one street that carry a number, with whatever letter or korpus."""
        if number > 65535:
            return range(0)
        return self.near(place, number, 0)

    def near(self, place: Place, number: int, most: int) -> range:
        """The rows of one street whose numbers differ from this one by `most` at most."""
        low = bisect_left(self.numbers, number - most, place.first, place.last)
        return range(low, bisect_right(self.numbers, number + most, low, place.last))
