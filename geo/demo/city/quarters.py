"""Which microdistricts does the city know, and what are its districts called?

A microdistrict is a connected group of inhabited blocks of one character inside one civic district, up to about
9,000 residents. Names follow the character of the place; no name is given twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city import names
from geo.demo.city.chance import stream
from geo.demo.city.districts import Graph
from geo.demo.city.land import Block
from geo.demo.city.plan import HOMES, Plan

FULL = 9000
LEAST = 1500


@dataclass(frozen=True)
class Quarter:
    """A microdistrict: name, character, blocks, district number and shape."""

    name: str
    use: str
    blocks: tuple[int, ...]
    district: int
    shape: BaseGeometry


def district_names(blocks: Sequence[Block], people: Sequence[int], district: Sequence[int]) -> list[str]:
    """A name for each district, by the use that most of its residents live in; older (lower) numbers choose first."""
    pools = {use: list(stock) for use, stock in names.DISTRICTS.items()}
    found = []
    for number in range(max(district) + 1):
        counts: dict[str, int] = {}
        for block, residents, own in zip(blocks, people, district, strict=True):
            if own == number:
                counts[block.use] = counts.get(block.use, 0) + residents
        use = max((u for u in counts if u in HOMES), key=lambda u: counts[u])
        pool = pools[use] or pools["rest"]
        found.append(pool.pop(0))
    return found


def quarters(plan: Plan, links: Graph, district: Sequence[int]) -> list[Quarter]:
    """Named microdistricts, the most populous first."""
    groups = _grown(links, district, _pieces(links, district))
    groups = [group for group in groups if sum(links.people[i] for i in group) >= LEAST]
    groups.sort(key=lambda group: (-sum(links.people[i] for i in group), group))
    pools = {use: list(stock) for use, stock in names.MICRODISTRICTS.items()}
    chance = stream(plan.seed, "quarters")
    for pool in pools.values():
        chance.shuffle(pool)
    found = []
    for group in groups:
        use = _character(links, group)
        if pools[use]:
            shape = _without_holes(shapely.coverage_union_all([links.blocks[i].shape for i in group]))
            found.append(Quarter(pools[use].pop(0), use, tuple(group), district[group[0]], shape))
    return found


def _pieces(links: Graph, district: Sequence[int]) -> list[list[int]]:
    """Connected inhabited blocks of one superblock in one district."""
    keyed: dict[tuple[int, int], set[int]] = {}
    for i, block in enumerate(links.blocks):
        if block.use in HOMES:
            keyed.setdefault((district[i], block.superblock), set()).add(i)
    pieces = []
    for _, members in sorted(keyed.items()):
        left = set(members)
        while left:
            part = links.reach(min(left), left)
            left -= part
            pieces.append(sorted(part))
    return pieces


def _kind(use: str) -> str:
    return "tall" if use in ("estate", "new") else "low" if use == "private" else "old"


def _grown(links: Graph, district: Sequence[int], pieces: list[list[int]]) -> list[list[int]]:
    """Small pieces join the neighbour of the same kind and district with which they have the longest border."""
    groups = {n: set(piece) for n, piece in enumerate(pieces)}
    while True:
        owner = {i: n for n, group in groups.items() for i in group}
        people = {n: sum(links.people[i] for i in group) for n, group in groups.items()}
        for n in sorted(groups, key=lambda n: (people[n], n)):
            if people[n] >= 0.4 * FULL:
                continue
            walls: dict[int, float] = {}
            for i in groups[n]:
                for j, cost in links.near[i].items():
                    m = owner.get(j, n)
                    same = m != n and _kind(links.blocks[j].use) == _kind(links.blocks[i].use)
                    same = same and district[i] == district[j]
                    if same and people[m] + people[n] <= FULL:
                        walls[m] = walls.get(m, 0.0) + cost
            if walls:
                best = max(walls, key=lambda m: (walls[m], -m))
                groups[best] |= groups.pop(n)
                break
        else:
            return [sorted(group) for group in groups.values()]


def _character(links: Graph, group: Sequence[int]) -> str:
    counts: dict[str, int] = {}
    for i in group:
        counts[links.blocks[i].use] = counts.get(links.blocks[i].use, 0) + links.people[i]
    return max(counts, key=lambda use: (counts[use], use))


def _without_holes(shape: BaseGeometry) -> BaseGeometry:
    parts = [Polygon(part.exterior) for part in getattr(shape, "geoms", [shape])]
    return parts[0] if len(parts) == 1 else shapely.unary_union(parts)
