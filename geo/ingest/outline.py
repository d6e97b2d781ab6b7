"""When are two shapes the same, and how large are they?

A file exported twice may start its rings elsewhere, turn them the other way, round the last digit or come through
another coordinate system: that is no new border. Shapes are the same when all that lies between them is narrower
than about a metre. Areas are geodesic, on the WGS 84 ellipsoid.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

# about a centimetre: what rounding to seven digits does
ROUNDING_DEG = 1e-7
# about half a metre: what lies between equal borders is narrower than twice that
HALF_WIDTH_DEG = 5e-6
GEOD = Geod(ellps="WGS84")

Shapes = NDArray[np.object_]


class Shape:
    """A shape that is equal to another one when no border moved."""

    __slots__ = ("__dict__", "geometry")

    def __init__(self, geometry: BaseGeometry) -> None:
        self.geometry = geometry

    @cached_property
    def normal(self) -> BaseGeometry:
        """The shape with rings and parts in a fixed order and direction."""
        return shapely.normalize(self.geometry)

    @cached_property
    def area_m2(self) -> float:
        return float(areas_m2(np.array([self.geometry], object))[0])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shape):
            return NotImplemented
        if self.geometry is other.geometry or shapely.equals_exact(self.normal, other.normal, ROUNDING_DEG):
            return True
        bounds = shapely.bounds(self.geometry), shapely.bounds(other.geometry)
        if not np.allclose(*bounds, atol=2 * HALF_WIDTH_DEG, rtol=0):
            return False
        between = shapely.symmetric_difference(self.geometry, other.geometry)
        return bool(shapely.is_empty(shapely.buffer(between, -HALF_WIDTH_DEG)))

    __hash__ = None  # type: ignore[assignment]


def areas_m2(shapes: Shapes) -> NDArray[np.float64]:
    """Geodesic areas in square metres; 0 for points and lines."""
    # the sign follows the direction of rings, so give all of them the same
    return np.array([abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in shapely.orient_polygons(shapes)], float)
