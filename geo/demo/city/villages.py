"""Which settlements lie around the city? Villages on open land inside the municipality, and some beyond its limit."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city.chance import stream
from geo.demo.city.land import Land
from geo.demo.city.plan import Plan
from geo.demo.city.river import River
from geo.demo.city.streets import Skeleton

OPEN = ("field", "forest", "meadow")


@dataclass(frozen=True)
class Village:
    """A settlement; `block` is its block of open land, None for one beyond the city limit."""

    number: int
    shape: Polygon
    residents: int
    block: int | None


def villages(plan: Plan, river: River, skeleton: Skeleton, land: Land) -> list[Village]:
    """Five or so villages inside the limit, as many outside, none on water."""
    chance = stream(plan.seed, "villages")
    found: list[Village] = []
    wanted = max(2, round(6 * plan.stretch))
    candidates = sorted(
        (i for i, block in enumerate(land.blocks) if block.use in OPEN and block.shape.area > 4e5),
        key=lambda i: (land.blocks[i].use == "meadow", -land.blocks[i].shape.area),
    )
    for i in candidates:
        room = land.blocks[i].shape.difference(river.water.buffer(60)).buffer(-90)
        if len(found) < wanted and not room.is_empty:
            _settle(chance, found, room, i)
    around = skeleton.limit.buffer(2600).difference(skeleton.limit.buffer(500)).difference(river.water.buffer(150))
    ring = skeleton.limit.buffer(1300).exterior
    for k in range(wanted):
        spot = ring.interpolate((k + chance.uniform(0.2, 0.8)) / wanted, normalized=True)
        shape = _blob(chance, spot.x, spot.y, chance.uniform(230, 430)).intersection(around)
        largest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
        if largest.area > 1.2e5:
            found.append(Village(len(found), Polygon(largest.exterior), round(largest.area / 1e6 * 2300), None))
    return found


def _settle(chance: random.Random, found: list[Village], room: BaseGeometry, block: int) -> None:
    largest = max(getattr(room, "geoms", [room]), key=lambda part: part.area)
    spot = largest.representative_point()
    shape = _blob(chance, spot.x, spot.y, chance.uniform(240, 400)).intersection(largest)
    village = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    if village.area > 1.2e5 and all(village.distance(other.shape) > 900 for other in found):
        found.append(
            Village(
                len(found), Polygon(village.exterior), round(village.area / 1e6 * chance.uniform(1900, 2700)), block
            )
        )


def _blob(chance: random.Random, x: float, y: float, radius: float) -> Polygon:
    """A long irregular outline, as of houses along a road."""
    turn, stretch = chance.uniform(0, math.pi), chance.uniform(1.08, 1.38)
    waves = [(k, chance.uniform(0.02, 0.1), chance.uniform(0, math.tau)) for k in (2, 3, 5)]
    corners = []
    for step in range(36):
        angle = math.tau * step / 36 + chance.uniform(-0.05, 0.05)
        r = radius * (1 + sum(size * math.sin(k * angle + phase) for k, size, phase in waves) + chance.gauss(0, 0.025))
        a, b = r * stretch * math.cos(angle), r / stretch * math.sin(angle)
        corners.append((x + a * math.cos(turn) - b * math.sin(turn), y + a * math.sin(turn) + b * math.cos(turn)))
    return Polygon(corners).buffer(0)
