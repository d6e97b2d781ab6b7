"""How large is the city, and how much of each kind of land does it hold? The few numbers the generator starts from."""

from __future__ import annotations

import math
from dataclasses import dataclass

# share of the municipality's land by use, in km2 of the full-size city; what is left over is forest and field
QUOTA_KM2 = {
    "centre": 3.4, "mid": 6.0, "estate": 9.5, "new": 2.8, "industry": 9.0, "park": 3.2, "private": 24.0, "dacha": 9.0,
}  # fmt: skip
# residents per km2 of blocks, before everything is scaled to the total
DENSITY = {
    "centre": 7200, "mid": 8600, "estate": 13800, "new": 14500, "private": 2900, "industry": 160, "dacha": 260,
    "park": 0, "meadow": 0, "forest": 0, "field": 12,
}  # fmt: skip
# largest short and long side of a block in metres, and the width below which it is not cut again
BLOCK = {
    "centre": (170, 260), "mid": (230, 330), "estate": (390, 480), "new": (300, 420), "private": (125, 290),
    "industry": (560, 820), "dacha": (150, 420),
}  # fmt: skip
HOMES = ("centre", "mid", "estate", "new", "private")


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a city: `size` 1 is about 300,000 residents in 26 districts."""

    seed: int
    size: float = 1.0

    @property
    def stretch(self) -> float:
        """Factor of lengths."""
        return math.sqrt(self.size)

    @property
    def residents(self) -> int:
        return round(301_480 * self.size)

    @property
    def districts(self) -> int:
        return max(5, round(26 * self.size))

    @property
    def entries(self) -> tuple[int, int]:
        """How many projects and needs."""
        return round(860 * self.size), round(1180 * self.size)

    def quota(self, use: str) -> float:
        """Land of one use in m2."""
        return QUOTA_KM2[use] * 1e6 * self.size
