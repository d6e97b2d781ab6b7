"""What do the territories look like in a small picture? Their outer rings in lon/lat, simplified, by code."""

from __future__ import annotations

from datetime import date

import shapely

from api.deps import Visit
from geo.analysis.areas import Areas
from geo.analysis.change import shapes
from geo.vocabulary import TerritoryKind
from maps.plan import Ring

SIMPLER_DEGREES = 5e-5


def outlines(visit: Visit, kind: TerritoryKind, year: int) -> dict[str, tuple[Ring, ...]]:
    """The rings of each territory of a kind at the end of a year."""

    def draw() -> dict[str, tuple[Ring, ...]]:
        found = Areas.load(visit.connection, kind.value, date(year, 12, 31))
        geometries = shapes(visit.connection, found) if len(found) else ()
        return {code: rings_of(shape) for code, shape in zip(found.code, geometries, strict=True)}

    return visit.remember(("outlines", kind, year), draw)


def rings_of(shape: shapely.Geometry) -> tuple[Ring, ...]:
    """The outer rings of a shape."""
    parts = shapely.get_parts(shapely.simplify(shape, SIMPLER_DEGREES))
    return tuple(tuple((x, y) for x, y in part.exterior.coords) for part in parts)
