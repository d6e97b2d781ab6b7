"""Equal borders, however they were written down; a real change, however small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geo.ingest.outline import Shape, areas_m2
from tests.geo.ingest.making import box

WITH_A_HOLE: Any = shapely.segmentize(box(0, 3, 0, 2).difference(box(1, 1.2, 1, 1.2)), 0.0005)
DISTRICT: Any = shapely.MultiPolygon([WITH_A_HOLE, box(4, 5)])


def turned(shape: BaseGeometry) -> BaseGeometry:
    """The same shape through the Gauss-Krueger system of municipal offices, rounded to a centimetre, and back."""
    there = Transformer.from_crs(4326, 28407, always_xy=True)
    back = Transformer.from_crs(28407, 4326, always_xy=True)

    def move(points: np.ndarray) -> np.ndarray:
        metres = np.round(np.column_stack(there.transform(points[:, 0], points[:, 1])), 2)
        return np.column_stack(back.transform(metres[:, 0], metres[:, 1]))

    return shapely.transform(shape, move)


@pytest.mark.parametrize(
    "same",
    [
        shapely.reverse(DISTRICT),
        shapely.normalize(DISTRICT),
        shapely.set_precision(DISTRICT, 1e-6),
        shapely.segmentize(DISTRICT, 0.0001),
        shapely.MultiPolygon(list(DISTRICT.geoms)[::-1]),
        turned(DISTRICT),
    ],
)
def test_the_same_border_written_differently(same: BaseGeometry) -> None:
    assert Shape(DISTRICT) == Shape(same)


@pytest.mark.parametrize(
    "other",
    [
        DISTRICT.union(box(3, 3.01, 0, 0.01)),  # a plot of 6 by 11 metres
        DISTRICT.difference(box(0.5, 0.502, 0.5, 0.502)),
        shapely.MultiPolygon([DISTRICT.geoms[0]]),
        shapely.transform(DISTRICT, lambda points: points + np.array([0.00003, 0])),
    ],
)
def test_a_moved_border(other: BaseGeometry) -> None:
    assert Shape(DISTRICT) != Shape(other)


def test_areas_are_geodesic_whatever_the_direction_of_rings() -> None:
    square = shapely.box(37.0, 55.0, 37.01, 55.01)
    holed = shapely.box(37.0, 55.0, 37.02, 55.02).difference(shapely.box(37.005, 55.005, 37.01, 55.01))
    found = areas_m2(np.array([square, shapely.reverse(holed), holed], object))
    # 0.01° of latitude is 1 113.4 m and of longitude 639.4 m at 55° on the ellipsoid
    assert found[0] == pytest.approx(1113.4 * 639.4, rel=1e-3)
    assert found[1] == pytest.approx(found[2])
    assert found[2] == pytest.approx(found[0] * 3.75, rel=1e-3)
