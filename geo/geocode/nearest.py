"""Which known address is nearest to a point? The reverse of geocoding, from the same lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.geocode.gazetteer import Gazetteer

WITHIN_M = 200.0
_METRES_PER_DEGREE = 111_195.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """An address near a point, and how far it is (metres)."""

    label: str
    lat: float
    lon: float
    distance_m: float


class AddressesByPlace:
    """The addresses of a gazetteer that have coordinates, in the order of their latitude."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        table = gazetteer.addresses
        lat, lon = table["lat"].to_numpy(float), table["lon"].to_numpy(float)
        known = np.flatnonzero(~(np.isnan(lat) | np.isnan(lon)))
        order = known[np.argsort(lat[known], kind="stable")]
        self._lat: Floats = lat[order]
        self._lon: Floats = lon[order]
        self._words = [table[name].to_numpy(object)[order] for name in ("city", "street", "housenumber")]

    def nearest(self, lat: float, lon: float, within_m: float = WITHIN_M) -> Nearest | None:
        """The nearest address to a point (degrees), None when none lies within `within_m` metres.

        Distances are on a sphere, flat around the point: exact to a millimetre at such distances.
        """
        reach = within_m / _METRES_PER_DEGREE
        first, last = np.searchsorted(self._lat, [lat - reach, lat + reach])
        if first == last:
            return None
        # across the date line the short way counts
        east = (self._lon[first:last] - lon + 180.0) % 360.0 - 180.0
        north = self._lat[first:last] - lat
        metres = np.hypot(east * np.cos(np.radians(lat)), north) * _METRES_PER_DEGREE
        best = int(metres.argmin())
        if metres[best] > within_m:
            return None
        at = first + best
        label = ", ".join(str(words[at]) for words in self._words if words[at])
        return Nearest(label, float(self._lat[at]), float(self._lon[at]), round(float(metres[best]), 1))
