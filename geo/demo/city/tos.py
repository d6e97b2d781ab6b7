"""Which territories of public self-government (ТОС) are there, of which level and status, and since when?

They follow the rules of practice: inside the municipality, one connected area, one ТОС on one place, an act of the
council and a charter once founded. A few break a rule on purpose, so that the checks have something to show; they
are listed by `imperfections`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import shapely
from shapely import affinity
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.demo.city import names
from geo.demo.city.chance import stream
from geo.demo.city.districts import Graph
from geo.demo.city.houses import House, Street
from geo.demo.city.names import latin
from geo.demo.city.plan import Plan
from geo.demo.city.quarters import Quarter
from geo.demo.city.villages import Village

# how many of each level in a city of full size
WANTED = {"microdistrict": 15, "house_group": 24, "street": 10, "building": 11, "garden": 4, "village": 4}


@dataclass(frozen=True)
class Tos:
    """One ТОС: `shape` in local metres; `inside` is the number of the ТОС it is nested in."""

    number: int
    name: str
    level: str
    shape: BaseGeometry
    status: str = "active"
    since: str = ""
    until: str = ""
    inside: int | None = None
    precision: str = "surveyed"
    has_act: bool = True
    flaw: str = ""

    @property
    def name_en(self) -> str:
        """English name."""
        return latin(self.name.removeprefix("ТОС ").translate({ord("«"): None, ord("»"): None})) + " TOS"


@dataclass
class _Ground:
    """What is already taken, and how eager each district is."""

    limit: Polygon
    eager: list[float]
    district: Sequence[int]
    used: list[BaseGeometry] = field(default_factory=list)
    blocks: set[int] = field(default_factory=set)

    def free(self, shape: BaseGeometry) -> bool:
        return not any(shape.intersects(other) and shape.intersection(other).area > 1 for other in self.used)


def all_tos(
    plan: Plan, limit: Polygon, links: Graph, district: Sequence[int], quarters: Sequence[Quarter],
    villages: Sequence[Village], village_names: Sequence[str], streets: Sequence[Street], houses: Sequence[House],
) -> list[Tos]:  # fmt: skip
    """All ТОС of the city, with statuses and dates."""
    chance = stream(plan.seed, "tos")
    eager = [chance.choice((0.0, 0.25, 0.6, 0.8, 1.0, 1.4)) for _ in range(max(district) + 1)]
    ground = _Ground(limit, eager, district)
    want = {level: max(1, round(number * plan.size)) for level, number in WANTED.items()}
    found = [
        *_quarters(chance, ground, links, quarters, want["microdistrict"]),
        *_villages(villages, village_names, want["village"]),
        *_gardens(chance, ground, links, want["garden"]),
        *_yards(chance, ground, links, want["house_group"]),
        *_streets(chance, ground, streets, want["street"]),
    ]
    found = [replace(tos, number=number) for number, tos in enumerate(found)]
    found += _buildings(chance, found, streets, houses, links, want["building"])
    return _flawed(ground, _with_dates(chance, found))


def _quarters(
    chance: random.Random, ground: _Ground, links: Graph, quarters: Sequence[Quarter], wanted: int
) -> Iterator[Tos]:
    """Whole microdistricts or their larger part, in districts that are eager."""
    weight = [(chance.random() ** (1 / max(0.05, ground.eager[q.district])), n) for n, q in enumerate(quarters)]
    for _, n in sorted(weight, reverse=True)[:wanted]:
        quarter = quarters[n]
        blocks = set(quarter.blocks)
        if (quarter.use != "private" and len(blocks) > 5) or chance.random() < 0.4:
            start = chance.choice(sorted(blocks))
            blocks = _grow(links, start, blocks, max(2, round(len(blocks) * chance.uniform(0.45, 0.8))))
        shape = shapely.coverage_union_all([links.blocks[i].shape for i in sorted(blocks)])
        ground.used.append(shape)
        ground.blocks |= blocks
        yield Tos(0, f"ТОС «{quarter.name}»", "microdistrict", shape)


def _grow(links: Graph, start: int, within: set[int], size: int) -> set[int]:
    """A compact connected set of blocks around one of them."""
    found, middle = {start}, links.blocks[start].shape.centroid
    while len(found) < size:
        edge = sorted({j for i in found for j in links.near[i] if j in within and j not in found})
        if not edge:
            break
        found.add(min(edge, key=lambda j: links.blocks[j].shape.centroid.distance(middle)))
    return found


def _villages(villages: Sequence[Village], village_names: Sequence[str], wanted: int) -> Iterator[Tos]:
    inside = [village for village in villages if village.block is not None]
    for village in inside[:wanted]:
        yield Tos(0, f"ТОС «{village_names[village.number]}»", "village", village.shape)


def _gardens(chance: random.Random, ground: _Ground, links: Graph, wanted: int) -> Iterator[Tos]:
    """Garden associations: a group of blocks of dachas."""
    stock = list(names.GARDENS)
    dachas = {i for i, block in enumerate(links.blocks) if block.use == "dacha"}
    for _ in range(wanted):
        free = dachas - ground.blocks
        if not free:
            return
        blocks = _grow(links, chance.choice(sorted(free)), free, chance.randint(8, 18))
        ground.blocks |= blocks
        shape = shapely.coverage_union_all([links.blocks[i].shape for i in sorted(blocks)])
        ground.used.append(shape)
        yield Tos(0, f"ТОС СНТ «{stock.pop(0)}»", "other", shape)


def _yards(chance: random.Random, ground: _Ground, links: Graph, wanted: int) -> Iterator[Tos]:
    """Groups of houses: one block, half a block, or two blocks that touch."""
    stock = list(names.TOS_YARDS)
    chance.shuffle(stock)
    tall = [
        i for i, block in enumerate(links.blocks)
        if block.use in ("centre", "mid", "estate", "new") and links.people[i] > 150 and i not in ground.blocks
    ]  # fmt: skip
    weights = [ground.eager[ground.district[i]] * math.sqrt(links.people[i]) for i in tall]
    while wanted and tall and sum(weights):
        i = chance.choices(tall, weights)[0]
        weights[tall.index(i)] = 0.0
        if i in ground.blocks:
            continue
        shape, blocks = _yard(chance, links, i, set(tall) - ground.blocks)
        if not ground.free(shape):
            continue
        ground.blocks |= blocks
        ground.used.append(shape)
        wanted -= 1
        yield Tos(0, f"ТОС «{stock.pop(0)}»", "house_group", shape)


def _yard(chance: random.Random, links: Graph, i: int, free: set[int]) -> tuple[BaseGeometry, set[int]]:
    block = links.blocks[i].shape
    if block.area > 110_000:
        west, south, east, north = block.bounds
        cut = chance.uniform(0.4, 0.6)
        half = (
            box(west, south, west + (east - west) * cut, north)
            if east - west > north - south
            else box(west, south, east, south + (north - south) * cut)
        )
        part = block.intersection(half)
        return max(getattr(part, "geoms", [part]), key=lambda p: p.area), {i}
    beside = [j for j in sorted(links.near[i]) if j in free and j != i]
    if beside and chance.random() < 0.4:
        j = chance.choice(beside)
        return shapely.coverage_union_all([block, links.blocks[j].shape]), {i, j}
    return block, {i}


def _streets(chance: random.Random, ground: _Ground, streets: Sequence[Street], wanted: int) -> Iterator[Tos]:
    """Streets of private houses: the lots on both sides of a stretch of the street."""
    quiet = [s for s in streets if s.use == "private" and s.name.kind == "street" and 450 < s.axis.length < 1500]
    for street in chance.sample(quiet, len(quiet)):
        if not wanted:
            return
        length = min(street.axis.length * 0.94, chance.uniform(420, 900))
        axis = shapely.ops.substring(street.axis, 12, length)
        shape = shapely.simplify(axis.buffer(chance.uniform(44, 58), cap_style="flat", join_style="mitre"), 2)
        if shape.within(ground.limit) and ground.free(shape):
            ground.used.append(shape)
            wanted -= 1
            yield Tos(
                0, f"ТОС «{street.name.full[0].upper()}{street.name.full[1:]}»", "other", shape, precision="house_list"
            )


def _buildings(
    chance: random.Random, others: Sequence[Tos], streets: Sequence[Street],
    houses: Sequence[House], links: Graph, wanted: int,
) -> list[Tos]:  # fmt: skip
    """Single apartment houses (and single entrances of them); some stand inside a larger ТОС."""
    tall = [h for h in houses if links.blocks[h.block].use in ("mid", "estate", "new", "centre")]
    found: list[Tos] = []
    for house in chance.sample(tall, len(tall)):
        if len(found) == wanted:
            break
        lot, front = _footprint(chance, house, streets[house.street], links.blocks[house.block].shape)
        if lot is None or any(lot.distance(other.shape) < 5 for other in found):
            continue
        holder = next((tos.number for tos in others if tos.shape.contains(lot)), None)
        if holder is None and any(lot.intersects(tos.shape) for tos in others):
            continue
        if (holder is not None) != (len(found) % 4 == 0):
            continue
        name = f"{streets[house.street].name.full}, {house.number}"
        name = name[0].upper() + name[1:]
        number = len(others) + len(found)
        if len(found) % 5 == 1:
            found.append(Tos(number, f"ТОС «{name}, подъезд {chance.randint(1, 4)}»", "entrance", front, inside=holder))
        else:
            found.append(Tos(number, f"ТОС «{name}»", "building", lot, inside=holder))
    return found


def _footprint(chance: random.Random, house: House, street: Street, block: Polygon) -> tuple[Polygon | None, Polygon]:
    """The lot of an apartment house along its street, and the third of it that one entrance serves."""
    spot = shapely.Point(house.x, house.y)
    at = street.axis.project(spot)
    a, b = street.axis.interpolate(max(0, at - 5)), street.axis.interpolate(at + 5)
    turn = math.degrees(math.atan2(b.y - a.y, b.x - a.x))
    long, deep = chance.uniform(62, 108), chance.uniform(30, 40)

    def placed(shape: Polygon) -> Polygon:
        return affinity.translate(affinity.rotate(shape, turn, origin=(0, 0)), house.x, house.y)

    lot = placed(box(-long / 2, -deep / 2, long / 2, deep / 2))
    front = placed(box(-long / 2, -deep / 2, -long / 6, deep / 2))
    return (lot if lot.within(block) else None), front


def _with_dates(chance: random.Random, found: list[Tos]) -> list[Tos]:
    """Statuses and dates: most are active; founding, suspended and dissolved ones are spread over the levels."""
    order = chance.sample([tos.number for tos in found if tos.inside is None], sum(tos.inside is None for tos in found))
    share = max(1, round(len(found) / 13))
    status = dict.fromkeys(order[:share], "founding") | dict.fromkeys(order[share : 2 * share - 1], "suspended")
    status |= dict.fromkeys(order[2 * share - 1 : 3 * share - 2], "dissolved")
    dated = []
    for tos in found:
        now = status.get(tos.number, "active")
        year = chance.choices(range(2012, 2026), [2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 6, 4])[0]
        if now == "founding":
            year = chance.choice((2025, 2026))
        elif now == "dissolved":
            year = min(year, 2021)
        since = f"{year}-{chance.randint(1, 9):02d}-{chance.randint(1, 28):02d}"
        until = f"{chance.choice((2023, 2024, 2025))}-{chance.randint(1, 12):02d}-28" if now == "dissolved" else ""
        precision = "words" if now == "founding" else tos.precision
        dated.append(replace(tos, status=now, since=since, until=until, precision=precision))
    return dated


def _flawed(ground: _Ground, found: list[Tos]) -> list[Tos]:
    """Three documented imperfections: an overlap, a missing act, a ТОС in two parts."""
    flawed = {tos.number: tos for tos in found}
    greedy = _overlapping(ground, found)
    plain = [tos for tos in found if tos.status == "active" and tos.inside is None and tos.level != "entrance"]
    plain = [tos for tos in plain if greedy is None or tos.number != greedy.number]
    streets = [tos for tos in plain if tos.precision == "house_list"]
    others = [tos for tos in plain if tos.precision != "house_list"]
    if greedy is not None:
        flawed[greedy.number] = greedy
    if others:
        flaw = "active without an act of the council"
        flawed[others[len(others) // 2].number] = replace(others[len(others) // 2], has_act=False, flaw=flaw)
    if streets:
        flawed[streets[0].number] = _in_two_parts(streets[0])
    return [flawed[tos.number] for tos in found]


def _overlapping(ground: _Ground, found: Sequence[Tos]) -> Tos | None:
    """The house group nearest to another ТОС, drawn 40 m over the street into its land (and into nobody else's)."""
    large = [tos for tos in found if tos.status == "active" and tos.level in ("house_group", "microdistrict")]
    yards = [tos for tos in large if tos.level == "house_group"]
    pairs = [(a, b) for a in yards for b in large if a.number != b.number]
    if not pairs:
        return None
    own, other = min(pairs, key=lambda pair: (pair[0].shape.distance(pair[1].shape), pair[0].number, pair[1].number))
    wide = own.shape.buffer(40 + own.shape.distance(other.shape), join_style="mitre")
    bite = _largest(wide.intersection(other.shape))
    across = wide.intersection(bite.buffer(45)).difference(other.shape)
    joined = shapely.unary_union([own.shape, bite.buffer(0.5), across]).intersection(ground.limit)
    rest = [tos.shape for tos in found if tos.number not in (own.number, other.number) and tos.inside != own.number]
    return replace(
        own, shape=_largest(joined.difference(shapely.unary_union(rest))), flaw=f"overlaps {other.name}"
    )  # fmt: skip


def _in_two_parts(tos: Tos) -> Tos:
    """The same ТОС with a gap in its middle."""
    x, y = tos.shape.centroid.coords[0]
    return replace(tos, shape=tos.shape.difference(box(x - 55, y - 55, x + 55, y + 55)), flaw="in two parts")


def _largest(shape: BaseGeometry) -> BaseGeometry:
    parts: list[BaseGeometry] = list(getattr(shape, "geoms", [shape]))
    return max(parts, key=lambda part: float(part.area))


def imperfections(found: Sequence[Tos]) -> list[str]:
    """What is wrong on purpose, in words."""
    return [f"{tos.name}: {tos.flaw}" for tos in found if tos.flaw]
