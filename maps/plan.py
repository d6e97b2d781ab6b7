"""How does a small plan of territories look? Longitude and latitude to units of an SVG picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

METRES_PER_DEGREE = 111_320.0
WIDTH = 640.0
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A small plan around a place: longitude and latitude to units of the picture."""

    west: float
    north: float
    height: float
    scale: float
    squeeze: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a position stands in the picture."""
        return round((lon - self.west) * self.squeeze * self.scale, 1), round((self.north - lat) * self.scale, 1)

    def metres(self, length: float) -> float:
        """How long a distance is in the picture."""
        return round(length / METRES_PER_DEGREE * self.scale, 1)

    def path(self, ring: Ring) -> str:
        """A ring as an SVG path."""
        return "M" + "L".join("{:g} {:g}".format(*self.at(x, y)) for x, y in ring) + "Z"


def sheet_of(rings: Sequence[Ring], width: float = WIDTH) -> Sheet | None:
    """The plan, as large as the rings; None without any."""
    corners = [corner for ring in rings for corner in ring]
    if not corners:
        return None
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.05)
    scale = width / max((east - west) * squeeze, 1e-6)
    return Sheet(west=west, north=north, height=round((north - south) * scale, 1), scale=scale, squeeze=squeeze)
