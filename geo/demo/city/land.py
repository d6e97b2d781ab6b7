"""What is the land used for, and where do the local streets run? Superblocks get a use and are cut into blocks.

Uses: centre, mid (five-storey quarters), estate (nine-storey microdistricts), new (towers), private (houses with
gardens), industry, park, dacha, meadow (floodplain), forest, field. Quotas make every city hold all of them; chance
and distance decide where.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree, oriented_envelope
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from geo.demo.city.chance import noise, stream
from geo.demo.city.plan import BLOCK, Plan
from geo.demo.city.river import STEP, River
from geo.demo.city.streets import Line, Skeleton, beside, noded, without_crumbs

CRUMB = 1500  # m2 below which a block is joined to a neighbour
CORNER = 90.0  # metres: street axes carry a corner at least this often, as surveyed ones do


@dataclass(frozen=True)
class Block:
    """A block between streets; `superblock` numbers the superblock it was cut from."""

    shape: Polygon
    use: str
    superblock: int
    bank: str  # north or south


@dataclass(frozen=True)
class Land:
    """All blocks of the municipality (they tile it) and all street edges between them."""

    blocks: tuple[Block, ...]
    edges: tuple[Line, ...]
    sides: tuple[tuple[int, int], ...]  # the two blocks on the sides of each edge
    uses: tuple[str, ...]  # by superblock


@dataclass(frozen=True)
class _Site:
    number: int
    shape: Polygon
    along: float
    aside: float  # from the river itself, positive to the north
    reach: float  # distance to the old town
    riverside: bool

    @property
    def bank(self) -> str:
        return "north" if self.aside > 0 else "south"


def land(plan: Plan, river: River, skeleton: Skeleton) -> Land:
    """Uses of the superblocks, and the blocks and streets inside them."""
    sites = [_site(plan, river, number, shape) for number, shape in enumerate(skeleton.superblocks)]
    uses = _uses(plan, sites)
    chance = stream(plan.seed, "land")
    chords: list[Line] = []
    for site in sites:
        chords.extend(_local_streets(chance, site.shape, uses[site.number]))
    return _cut(skeleton, sites, uses, chords)


def _site(plan: Plan, river: River, number: int, shape: Polygon) -> _Site:
    spot = shape.representative_point()
    along, aside = river.coordinates(spot.x, spot.y)
    from_river = aside - float(river.offset_at(np.array([along]))[0])
    u, centre = along - river.centre * STEP, 900.0
    reach = math.hypot(u * 0.82, from_river - centre) / plan.stretch
    return _Site(number, shape, u, from_river, reach, bool(shape.intersects(river.thread)))


def _uses(plan: Plan, sites: list[_Site]) -> dict[int, str]:
    """A use for each superblock: quotas are filled by the best placed ones."""
    chance = stream(plan.seed, "uses")
    uses = {site.number: _riverside_use(chance, site) for site in sites if site.riverside}
    rail = 2720 * plan.stretch**0.5

    def spread(size: float, wave: float = 2600) -> Callable[[_Site], float]:
        a, b = noise(chance, wave, size), noise(chance, wave, size)
        return lambda site: float(a(np.array([site.along]))[0] + b(np.array([site.aside]))[0])

    blur = {
        use: spread(size)
        for use, size in (
            ("mid", 420),
            ("estate", 1500),
            ("new", 1900),
            ("park", 1900),
            ("private", 900),
            ("dacha", 1500),
            ("industry", 600),
            ("forest", 2400),
        )
    }
    wishes: list[tuple[str, Callable[[_Site], float]]] = [
        ("centre", lambda s: -s.reach - (9000 if s.aside < 0 else 0)),
        (
            "industry",
            lambda s: (
                -abs(abs(s.aside) - rail) * 1.5
                - max(0.0, 1700 - s.reach) * 4
                - s.reach * 0.12
                + blur["industry"](s)
                - (900 if s.aside < 0 else 0)
            ),
        ),
        ("mid", lambda s: -s.reach + blur["mid"](s)),
        ("park", lambda s: -abs(s.reach - 2300) + blur["park"](s) - s.shape.area / 900),
        ("estate", lambda s: -abs(s.reach - 3100) + blur["estate"](s)),
        ("new", lambda s: -abs(s.reach - 4500) + blur["new"](s)),
        ("private", lambda s: -s.reach + blur["private"](s)),
        ("dacha", lambda s: -abs(s.reach - 5800) + blur["dacha"](s)),
    ]
    for use, wish in wishes:
        left = plan.quota(use)
        for site in sorted((s for s in sites if s.number not in uses), key=wish, reverse=True):
            too_far = use == "centre" and site.reach > 1900
            too_small = use in ("estate", "new", "industry") and site.shape.area < 160_000
            if left > 0.6 * site.shape.area and not (too_far or too_small):
                uses[site.number] = use
                left -= site.shape.area
    rest = {s.number: "forest" if blur["forest"](s) > -300 else "field" for s in sites if s.number not in uses}
    return uses | rest


def _riverside_use(chance: random.Random, site: _Site) -> str:
    if site.bank == "north" and site.reach < 1900:
        return "park"
    if site.bank == "north" and site.reach < 6000 and chance.random() < 0.45:
        return "private"
    return "meadow"


def _local_streets(chance: random.Random, shape: Polygon, use: str) -> list[Line]:
    """Chords that cut a superblock into blocks of the size its use asks for."""
    if use not in BLOCK:
        return []
    if use in ("private", "dacha"):
        return list(_rows_of_gardens(chance, shape, *BLOCK[use]))
    found: list[Line] = []
    short, long = BLOCK[use]
    pending = [(shape, 0)]
    while pending:
        piece, depth = pending.pop()
        chord = _chord(chance, piece, short, long)
        if chord is None:
            continue
        halves = [part for part in split(piece, chord).geoms if isinstance(part, Polygon) and part.area > 400]
        if len(halves) < 2:
            continue
        inner = chord.intersection(piece.buffer(3))
        found.extend(
            Line("collector" if depth < 2 and piece.area > 2.4e5 else "local", part)
            for part in getattr(inner, "geoms", [inner])
        )
        pending.extend((half, depth + 1) for half in halves)
    return found


def _rows_of_gardens(chance: random.Random, shape: Polygon, short: float, long: float) -> Iterator[Line]:
    """Parallel streets through the whole superblock, fewer streets across, some of them interrupted."""
    box = shapely.get_coordinates(oriented_envelope(shape))[:4]
    first, second = box[1] - box[0], box[3] - box[0]
    if np.linalg.norm(first) < np.linalg.norm(second):
        first, second = second, first
    room = shape.buffer(3)
    for side, across, spacing, gaps in ((second, first, short, 0.0), (first, second, long, 0.16)):
        count = max(1, round(float(np.linalg.norm(side)) / spacing))
        for k in range(1, count):
            at = (k + chance.uniform(-0.13, 0.13)) / count
            tilt = chance.uniform(-0.012, 0.012)
            start, end = box[0] + side * (at - tilt) - across * 0.1, box[0] + side * (at + tilt) + across * 1.1
            line = LineString([start, end]).intersection(room)
            for part in getattr(line, "geoms", [line]):
                if part.geom_type == "LineString" and part.length > 60 and chance.random() >= gaps:
                    yield Line("local", part)


def _chord(chance: random.Random, piece: Polygon, short: float, long: float) -> LineString | None:
    """A cut across the longer side, or along it when only the shorter side is too wide; None when small enough."""
    box = shapely.get_coordinates(oriented_envelope(piece))[:4]
    sides = [(box[1] - box[0], box[0], box[3]), (box[3] - box[0], box[0], box[1])]
    (a, start_a, over_a), (b, start_b, over_b) = sorted(sides, key=lambda side: -float(np.linalg.norm(side[0])))
    length, width = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if length > long * 1.3:
        side, start, over, size, goal = a, start_a, over_a, length, long
    elif width > short * 1.3:
        side, start, over, size, goal = b, start_b, over_b, width, short
    elif length > long * 1.12 and width > short * 0.6:
        side, start, over, size, goal = a, start_a, over_a, length, long
    else:
        return None
    parts = max(2, round(size / goal))
    cut = (parts // 2) / parts + chance.uniform(-0.04, 0.04)
    tilt = chance.uniform(-0.03, 0.03)
    direction = over - start
    p, q = start + side * (cut - tilt) - direction * 0.3, start + side * (cut + tilt) + direction * 1.3
    return LineString([p, q])


def _cut(skeleton: Skeleton, sites: list[_Site], uses: dict[int, str], chords: list[Line]) -> Land:
    """Node all lines together; blocks are the faces, streets the edges between them."""
    lines = [Line(line.word, line.shape.segmentize(CORNER)) for line in (*skeleton.edges, *chords)]
    edges, faces = without_crumbs(noded(lines), CRUMB)
    tree = STRtree([site.shape for site in sites])
    blocks = []
    for face in faces:
        number = int(tree.nearest(face.representative_point()))
        blocks.append(Block(face, uses[number], number, sites[number].bank))
    sides = beside(edges, faces)
    return Land(
        tuple(blocks),
        tuple(edge for edge, around in zip(edges, sides, strict=True) if len(around) == 2),
        tuple((around[0], around[1]) for around in sides if len(around) == 2),
        tuple(uses[site.number] for site in sites),
    )
