"""Which part of the map is asked for? A `bbox` parameter as a box the database can compare with.

West lies east of east where the box crosses the date line, so that Chukotka is one place. Whatever is sent ends in a
box or in one clear sentence.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from geo.errors import N_, BadInput

PATTERN = r"^[-+]?[0-9]{1,3}(\.[0-9]{0,20})?(,[-+]?[0-9]{1,3}(\.[0-9]{0,20})?){3}$"


class Box(NamedTuple):
    """A box in degrees, WGS 84; west > east crosses the date line."""

    west: float
    south: float
    east: float
    north: float


def parse_bbox(text: str) -> Box | None:
    """`west,south,east,north`; None for an empty text. Longitudes a map scrolled past the date line are brought back.

    Raises BadInput for anything that is not four finite numbers in their order and range.

    >>> parse_bbox("170,60,190,70")
    Box(west=170.0, south=60.0, east=-170.0, north=70.0)
    """
    if not text.strip():
        return None
    west, south, east, north = _four_numbers(text)
    if not -90 <= south <= 90 or not -90 <= north <= 90:
        raise _refused(text, N_("The latitudes of bbox must lie between -90 and 90."))
    if south > north:
        raise _refused(text, N_("The south of bbox lies north of its north."))
    if east - west >= 360:
        return Box(-180.0, south, 180.0, north)
    return Box(_around(west), south, _around(east), north)


def _four_numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise _refused(text, N_("bbox is not four numbers."))
    return numbers


def _refused(text: str, message: str) -> BadInput:
    remedy = N_("Write it as west,south,east,north in degrees, for instance 37.2,54.8,37.6,55.0.")
    return BadInput(message, remedy=remedy, field="bbox", value=text[:100])


def _around(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180
