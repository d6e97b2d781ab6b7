"""How is the city divided into civic districts, and how did the division change? Balanced, connected, along streets.

Districts are groups of whole blocks. They start as a fair cut of the population on each bank and are then improved
block by block: equal numbers of residents (electoral districts may differ by 10 %), borders that prefer the river,
the railway and main streets to small ones, and always one connected area.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city.chance import stream
from geo.demo.city.land import Block, Land
from geo.demo.city.plan import Plan

# what a metre of border costs on each kind of line; the river is never crossed
COST = {"rail": 0.15, "highway": 0.3, "bridge": 0.3, "main": 0.35, "embankment": 0.35, "brook": 0.2, "collector": 0.9}
BALANCE = 70_000.0
CHANGED_ON = "2025-07-01"
LAST_OLD_DAY = "2025-06-30"


@dataclass
class Graph:
    """Blocks and what lies between them: `near[i][j]` is the cost of a border between blocks i and j.

    `over` are the pairs of blocks that face each other over the river: no neighbours, unless a scrap of land has none.
    """

    blocks: Sequence[Block]
    people: Sequence[int]
    near: list[dict[int, float]] = field(default_factory=list)
    over: list[tuple[int, int]] = field(default_factory=list)

    def connected(self, members: set[int]) -> bool:
        """Whether the blocks hang together."""
        if not members:
            return False
        return len(self.reach(next(iter(members)), members)) == len(members)

    def reach(self, start: int, members: set[int]) -> set[int]:
        seen, queue = {start}, deque([start])
        while queue:
            for other in self.near[queue.popleft()]:
                if other in members and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return seen


@dataclass(frozen=True)
class Division:
    """District numbers by block: `old` until 30.06.2025, `new` since; the split and moved districts by number."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    split: tuple[int, int]  # old number that was divided, new number of the part that left it
    moved: tuple[int, int]  # blocks went from the first to the second


def graph(land: Land, people: Sequence[int]) -> Graph:
    """The neighbourhood of blocks over streets, rail and brook, never over the river."""
    found = Graph(land.blocks, people, [{} for _ in land.blocks])
    for edge, (a, b) in zip(land.edges, land.sides, strict=True):
        if edge.word == "thread":
            found.over.append((a, b))
            continue
        cost = COST.get(edge.word, 1.3) * edge.shape.length
        found.near[a][b] = found.near[a].get(b, 0.0) + cost
        found.near[b][a] = found.near[b].get(a, 0.0) + cost
    return found


def divide(plan: Plan, links: Graph, growing: Sequence[float]) -> Division:
    """Old and new districts; the district with most `growing` residents is made large and then split in two."""
    chance = stream(plan.seed, "districts")
    count = plan.districts - 1
    district = _first_cut(links, count)
    goal = [sum(links.people) / count] * count
    _improve(chance, links, district, goal, passes=14)
    young = _most(district, growing, count)
    share = sum(links.people) / (count + 0.42)
    goal = [share * (1.42 if number == young else 1.0) for number in range(count)]
    _improve(chance, links, district, goal, passes=26)
    old = list(district)
    new = _split(chance, links, old, young, count)
    moved = _move_a_quarter(links, new, {young, count})
    return Division(tuple(old), tuple(new), (young, count), moved)


def outlines(blocks: Sequence[Block], district: Sequence[int]) -> list[BaseGeometry]:
    """One shape per district number: the union of its blocks, with every shared corner kept."""
    groups: dict[int, list[Polygon]] = {}
    for block, number in zip(blocks, district, strict=True):
        groups.setdefault(number, []).append(block.shape)
    return [shapely.coverage_union_all(groups[number]) for number in sorted(groups)]


def _first_cut(links: Graph, count: int) -> list[int]:
    """Each bank gets districts by its residents; a bank is halved until every part is one district."""
    district = [-1] * len(links.blocks)
    _join_scraps(links, count)
    banks = _banks(links)
    total = sum(links.people)
    wanted = [max(1, round(count * sum(links.people[i] for i in bank) / total)) for bank in banks]
    wanted[0] += count - sum(wanted)
    number = 0
    for members, parts in zip(banks, wanted, strict=True):
        for part in _halved(links, members, parts):
            for i in part:
                district[i] = number
            number += 1
    _repair(links, district)
    return district


def _join_scraps(links: Graph, count: int) -> None:
    """A cut-off piece of land with too few people for a district of its own is joined over the river."""
    least = 0.6 * sum(links.people) / count
    while True:
        banks = _banks(links)
        scrap = next((set(bank) for bank in banks[1:] if sum(links.people[i] for i in bank) < least), None)
        if scrap is None:
            return
        for a, b in links.over:
            if (a in scrap) != (b in scrap):
                links.near[a][b] = links.near[b][a] = 100.0


def _banks(links: Graph) -> list[list[int]]:
    """Connected parts of the city (the river is not crossed), larger first; crumbs join the part of their bank."""
    left, parts = set(range(len(links.blocks))), []
    while left:
        part = links.reach(min(left), left)
        left -= part
        parts.append(sorted(part))
    parts.sort(key=lambda part: (-sum(links.people[i] for i in part), part))
    return parts


def _halved(links: Graph, members: list[int], count: int) -> list[list[int]]:
    if count == 1:
        return [members]
    spots = np.array([links.blocks[i].shape.representative_point().coords[0] for i in members])
    weight = np.array([links.people[i] + 1.0 for i in members])
    middle = np.average(spots, axis=0, weights=weight)
    spread = np.average((spots - middle) ** 2, axis=0, weights=weight)
    direction = np.array([1.0, -0.25]) if spread[0] >= spread[1] else np.array([0.25, 1.0])
    order = np.argsort(spots @ direction, kind="stable")
    share = (count // 2) / count
    cut = int(np.searchsorted(np.cumsum(weight[order]), share * weight.sum())) + 1
    first, second = [members[k] for k in order[:cut]], [members[k] for k in order[cut:]]
    return _halved(links, first, count // 2) + _halved(links, second, count - count // 2)


def _repair(links: Graph, district: list[int]) -> None:
    """Parts cut off from their district join the neighbour with the longest common border."""
    for number in sorted(set(district)):
        members = {i for i, d in enumerate(district) if d == number}
        parts = []
        while members:
            part = links.reach(min(members), members)
            members -= part
            parts.append(part)
        parts.sort(key=lambda part: (-sum(links.people[i] for i in part), min(part)))
        for part in parts[1:]:
            walls = _walls(links, district, part)
            joined = max(walls, key=lambda d: (walls[d], -d), default=number)
            for i in part:
                district[i] = joined


def _improve(chance: random.Random, links: Graph, district: list[int], goal: list[float], passes: int) -> None:
    """Move border blocks, alone or with the rest of their superblock, while borders get shorter and fairer."""
    people = [0.0] * len(goal)
    members: list[set[int]] = [set() for _ in goal]
    for i, number in enumerate(district):
        people[number] += links.people[i]
        members[number].add(i)
    for turn in range(passes):
        heat = 260.0 * max(0.0, 1 - turn / (0.7 * passes))
        for i in chance.sample(range(len(district)), len(district)):
            piece = {i}
            if turn % 2 == 0:
                piece = {j for j in members[district[i]] if links.blocks[j].superblock == links.blocks[i].superblock}
            _try(chance, links, district, members, people, goal, piece, heat)


def _try(
    chance: random.Random, links: Graph, district: list[int], members: list[set[int]], people: list[float],
    goal: list[float], piece: set[int], heat: float,
) -> None:  # fmt: skip
    """Move a piece to the neighbouring district that gains most, if that is better (or chance allows it)."""
    here = district[next(iter(piece))]
    walls = _walls(links, district, piece)
    weight = sum(links.people[i] for i in piece)
    best, best_gain = -1, -heat * chance.random()
    for there, wall in sorted(walls.items()):
        if there != here:
            gain = wall - walls.get(here, 0.0) + BALANCE * _fairer(people, goal, here, there, weight)
            if gain > best_gain:
                best, best_gain = there, gain
    rest = members[here] - piece
    if best >= 0 and rest and links.connected(rest):
        _transfer(district, members, people, piece, weight, here, best)


def _fairer(people: list[float], goal: list[float], here: int, there: int, weight: float) -> float:
    def unfair(number: int, change: float) -> float:
        return ((people[number] + change) / goal[number] - 1) ** 2

    return unfair(here, 0) + unfair(there, 0) - unfair(here, -weight) - unfair(there, weight)


def _transfer(
    district: list[int], members: list[set[int]], people: list[float], piece: Iterable[int], weight: float,
    here: int, there: int,
) -> None:  # fmt: skip
    for i in piece:
        district[i] = there
        members[here].discard(i)
        members[there].add(i)
    people[here] -= weight
    people[there] += weight


def _most(district: Sequence[int], growing: Sequence[float], count: int) -> int:
    sums = [0.0] * count
    for i, number in enumerate(district):
        sums[number] += growing[i]
    return max(range(count), key=lambda number: sums[number])


def _split(chance: random.Random, links: Graph, old: list[int], young: int, number: int) -> list[int]:
    """The new division: one district of the old is cut in two; its lesser half gets a new number."""
    new = list(old)
    halves = _halved(links, [i for i, d in enumerate(old) if d == young], 2)
    for i in halves[1]:
        new[i] = number
    inside = set(halves[0]) | set(halves[1])
    part = Graph(links.blocks, links.people, [{j: c for j, c in near.items() if j in inside} for near in links.near])
    local = [0 if i in set(halves[0]) else 1 if i in inside else -1 for i in range(len(old))]
    _repair_two(part, local)
    goal = sum(links.people[i] for i in inside) / 2
    numbered = [max(0, d) for d in local]
    _improve_two(chance, part, numbered, inside, goal)
    for i in inside:
        new[i] = number if numbered[i] else young
    return new


def _repair_two(part: Graph, local: list[int]) -> None:
    for number in (0, 1):
        members = {i for i, d in enumerate(local) if d == number}
        if not members:
            continue
        largest = max((part.reach(i, members) for i in sorted(members)), key=len)
        for i in members - largest:
            local[i] = 1 - number


def _improve_two(chance: random.Random, part: Graph, local: list[int], inside: set[int], goal: float) -> None:
    members = [{i for i in inside if local[i] == number} for number in (0, 1)]
    people = [float(sum(part.people[i] for i in group)) for group in members]
    for turn in range(12):
        for i in chance.sample(sorted(inside), len(inside)):
            _try(chance, part, local, members, people, [goal, goal], {i}, 120.0 * max(0, 8 - turn) / 8)


def _move_a_quarter(links: Graph, new: list[int], busy: set[int]) -> tuple[int, int]:
    """Give a part of a district to a neighbour with room: best 500-1,600 people of one superblock, else any."""
    mean = sum(links.people) / len(set(new))
    for least, most, room, single in ((500, 1600, 1.1, False), (150, 3000, 1.4, False), (1, 10**6, 9.0, True)):
        moves = list(_moves(links, new, busy, range(least, most), room * mean, single))
        if moves:
            _, piece, here, there = max(moves, key=lambda move: (move[0], -min(move[1])))
            for i in piece:
                new[i] = there
            return here, there
    raise ValueError("no quarter can change its district")


def _moves(
    links: Graph, new: list[int], busy: set[int], wanted: range, room: float, single: bool
) -> Iterator[tuple[float, set[int], int, int]]:
    """Possible moves: (length of the common border, blocks, district they leave, district they join)."""
    people: dict[int, int] = {}
    for number, residents in zip(new, links.people, strict=True):
        people[number] = people.get(number, 0) + residents
    for number in sorted(set(new) - busy):
        members = {i for i, d in enumerate(new) if d == number}
        for piece in _pieces(links, members, single):
            weight = sum(links.people[i] for i in piece)
            if weight in wanted and links.connected(piece) and links.connected(members - piece):
                for there, wall in _walls(links, new, piece).items():
                    if there not in (number, *busy) and people[there] + weight <= room:
                        yield wall, piece, number, there


def _pieces(links: Graph, members: set[int], single: bool) -> Iterator[set[int]]:
    if single:
        yield from ({i} for i in sorted(members))
        return
    for superblock in sorted({links.blocks[i].superblock for i in members}):
        yield {i for i in members if links.blocks[i].superblock == superblock}


def _walls(links: Graph, district: Sequence[int], piece: set[int]) -> dict[int, float]:
    """The cost of the border of a piece with each district around it."""
    walls: dict[int, float] = {}
    for i in sorted(piece):
        for j, cost in links.near[i].items():
            if j not in piece:
                walls[district[j]] = walls.get(district[j], 0.0) + cost
    return walls
