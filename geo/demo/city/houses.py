"""Which streets have names, which houses stand on them, and where are schools, clinics and parks?

Street edges that run on straight through crossings are one street; the longest get the grandest names. Houses stand
on both sides, odd numbers left and even right of the way that leads out of the centre.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely import STRtree
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.demo.city import names
from geo.demo.city.chance import stream
from geo.demo.city.land import Land
from geo.demo.city.names import StreetName
from geo.demo.city.plan import HOMES, Plan
from geo.demo.city.river import River

SHORTEST = 150.0  # metres: shorter ways have no name of their own
NOT_STREETS = ("limit", "thread", "rail", "brook")
# metres between houses, from the axis to the house, and the share of houses that the register knows
SPACING = {
    "private": (30, 17, 0.42),
    "centre": (46, 20, 0.8),
    "mid": (84, 26, 0.9),
    "estate": (96, 34, 0.95),
    "new": (92, 34, 0.95),
    "industry": (210, 34, 0.6),
}


@dataclass(frozen=True)
class Street:
    """A named street: its axis from the centre outwards, and the use of most land beside it."""

    name: StreetName
    axis: LineString
    use: str


@dataclass(frozen=True)
class House:
    """A house: where it stands, on which street and block, and its number as written."""

    street: int
    number: str
    x: float
    y: float
    block: int


@dataclass(frozen=True)
class Landmark:
    """A public object: school, clinic, park ... `where` is how titles say it is near ("у школы № 7")."""

    kind: str
    name: str
    where: str
    where_en: str
    x: float
    y: float
    block: int


def streets(plan: Plan, river: River, land: Land) -> list[Street]:
    """All named streets, the grandest first."""
    chance = stream(plan.seed, "names")
    edges = [(line, word, use) for line, word, use in _street_edges(river, land)]
    strokes = [stroke for stroke in _strokes(edges) if stroke[0].length > SHORTEST and stroke[2] != "open"]
    strokes.sort(key=lambda stroke: (-stroke[0].length, stroke[0].coords[0]))
    return list(_named(chance, strokes))


def _street_edges(river: River, land: Land) -> Iterator[tuple[LineString, str, str]]:
    """Dry street edges (and bridges) with their word and the livelier of the two uses beside them."""
    shapely.prepare(river.water)
    for edge, (a, b) in zip(land.edges, land.sides, strict=True):
        if edge.word in NOT_STREETS:
            continue
        uses = [land.blocks[i].use for i in (a, b)]
        use = next((u for u in (*HOMES, "industry") if u in uses), "open")
        shape = edge.shape if edge.word == "bridge" else edge.shape.difference(river.water)
        parts = [
            part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "LineString" and part.length > 5
        ]
        if parts and (edge.word == "bridge" or not river.water.contains(edge.shape)):
            yield max(parts, key=lambda part: part.length), edge.word, use


def _strokes(edges: list[tuple[LineString, str, str]]) -> Iterator[tuple[LineString, str, str]]:
    """Chains of edges that go straight on: (axis, most frequent word, most frequent use)."""
    ends: dict[tuple[float, float], list[tuple[int, int]]] = {}
    for i, (line, _, _) in enumerate(edges):
        for end in (0, -1):
            x, y = line.coords[end]
            ends.setdefault((x, y), []).append((i, end))
    onward: dict[tuple[int, int], tuple[int, int]] = {}
    for spot in sorted(ends):
        free = ends[spot]
        pairs = sorted((_bend(edges, a, b), a, b) for n, a in enumerate(free) for b in free[n + 1 :] if a[0] != b[0])
        for bend, a, b in pairs:
            if bend < 0.62 and a not in onward and b not in onward:
                onward[a], onward[b] = b, a
    seen: set[int] = set()
    for i in range(len(edges)):
        if i not in seen:
            chain = _chain(onward, i)
            seen.update(number for number, _ in chain)
            yield _joined(edges, chain)


def _bend(edges: list[tuple[LineString, str, str]], a: tuple[int, int], b: tuple[int, int]) -> float:
    """By how much (radians) one turns from edge to edge; a change of the street's class counts as a bend."""
    headings = []
    for number, end in (a, b):
        coords = edges[number][0].coords
        here, there = coords[end], coords[1 if end == 0 else -2]
        headings.append(math.atan2(there[1] - here[1], there[0] - here[0]))
    turn = abs((headings[0] - headings[1] + math.pi + math.pi) % math.tau - math.pi)
    return turn + (0.0 if edges[a[0]][1] == edges[b[0]][1] else 0.3)


def _chain(onward: dict[tuple[int, int], tuple[int, int]], start: int) -> list[tuple[int, int]]:
    """The edges of a stroke in order; each with the end at which it is entered."""
    back, entered = start, 0
    visited = {start}
    while (back, entered) in onward and onward[back, entered][0] not in visited:
        back, end = onward[back, entered]
        entered = -1 if end == 0 else 0
        visited.add(back)
    chain, here = [(back, entered)], {back}
    while True:
        number, entered = chain[-1]
        leave = (number, -1 if entered == 0 else 0)
        if leave not in onward or onward[leave][0] in here:
            return chain
        chain.append(onward[leave])
        here.add(onward[leave][0])


def _joined(edges: list[tuple[LineString, str, str]], chain: list[tuple[int, int]]) -> tuple[LineString, str, str]:
    points: list[tuple[float, float]] = []
    length: dict[str, float] = {}
    used: dict[str, float] = {}
    for number, entered in chain:
        line, word, use = edges[number]
        coords = [(x, y) for x, y in line.coords]
        points.extend(coords if entered == 0 else coords[::-1])
        length[word] = length.get(word, 0.0) + line.length
        used[use] = used.get(use, 0.0) + line.length
    unique = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    if math.hypot(*unique[0]) > math.hypot(*unique[-1]):
        unique.reverse()
    return LineString(unique), max(length, key=lambda w: length[w]), max(used, key=lambda u: used[u])


def _named(chance: random.Random, strokes: list[tuple[LineString, str, str]]) -> Iterator[Street]:
    """Names from the longest to the shortest: avenues, boulevards, then the usual stock, then numbered lanes."""
    grand = {
        "highway": [StreetName("tract", w, a) for w, a in names.TRACTS],
        "embankment": [StreetName("embankment", w, a) for w, a in names.EMBANKMENTS],
        "bridge": [StreetName("avenue", w, a) for w, a in names.AVENUES[:2]],
        "main": [StreetName("avenue", w, a) for w, a in names.AVENUES[2:]],
        "collector": [StreetName("boulevard", w, a) for w, a in names.BOULEVARDS],
    }
    pools = _pools(chance)
    for axis, word, use in strokes:
        special = grand.get(word, [])
        if special and axis.length > (700 if word == "collector" else 1500):
            yield Street(special.pop(0), axis, use)
            continue
        character = "town" if use in ("centre", "mid") else "new" if use in ("estate", "new", "industry") else "garden"
        pool = pools[character] or pools["rest"]
        yield Street(pool.pop(0), axis, use)


def _pools(chance: random.Random) -> dict[str, list[StreetName]]:
    """Names by the character of a quarter; each stock shuffled, the simple ones before the numbered ones."""

    def genitives(words: tuple[str, ...]) -> list[StreetName]:
        return [StreetName("street", word, False) for word in words]

    def adjectives(words: tuple[str, ...], kind: str = "street", number: int = 0) -> list[StreetName]:
        return [StreetName(kind, word, True, number) for word in words]

    def shuffled(*stocks: list[StreetName]) -> list[StreetName]:
        return [name for stock in stocks for name in chance.sample(stock, len(stock))]

    few, others = names.NATURE_WORDS[:34], names.NATURE_WORDS[34:]
    lanes = [StreetName("lane", word, False) for word in names.PEOPLE]
    passages = [StreetName("passage", word, False) for word in names.GROUPS]
    town = shuffled(genitives(names.PEOPLE) + adjectives(names.TOWNISH), adjectives(names.TOWNISH, "lane") + lanes)
    new = shuffled(genitives(names.GROUPS), adjectives(names.TOWNISH, "passage") + passages)
    garden = shuffled(
        adjectives(names.NATURE_WORDS), adjectives(names.NATURE_WORDS, "lane"),
        [name for number in (2, 3) for kind in ("street", "lane") for name in adjectives(few, kind, number)],
    )  # fmt: skip
    rest = shuffled(
        adjectives(names.NATURE_WORDS, "passage"), adjectives(others, "street", 2) + adjectives(others, "lane", 2),
        [name for number in (4, 5, 6) for kind in ("street", "lane") for name in adjectives(few, kind, number)],
        [name for number in (2, 3) for name in adjectives(names.NATURE_WORDS, "passage", number)],
    )  # fmt: skip
    return {"town": town, "new": new, "garden": garden, "rest": rest}


def houses(plan: Plan, river: River, land: Land, named: list[Street]) -> list[House]:
    """Houses with numbers along all named streets, at least 14 m from each other and on land where people live."""
    chance = stream(plan.seed, "houses")
    tree = STRtree([block.shape for block in land.blocks])
    taken: set[tuple[int, int]] = set()
    found: list[House] = []
    for number, street in enumerate(named):
        for side in (1, -1):
            found.extend(_row(chance, river, land, tree, taken, number, street, side))
    return found


def _row(
    chance: random.Random, river: River, land: Land, tree: STRtree, taken: set[tuple[int, int]], number: int,
    street: Street, side: int,
) -> Iterator[House]:  # fmt: skip
    """One side of a street; `side` 1 is left (odd numbers)."""
    at, count = 12.0, 1 if side == 1 else 2
    while at < street.axis.length - 8:
        spacing, away, known = SPACING.get(street.use, SPACING["private"])
        spot = _aside(street.axis, at, away * side * chance.uniform(0.9, 1.15))
        block = _block_at(tree, spot)
        at += spacing * chance.uniform(0.8, 1.25)
        if block is None or land.blocks[block].use not in SPACING or river.water.intersects(spot.buffer(12)):
            continue
        count += 2
        place = (round(spot.x / 16), round(spot.y / 16))
        if place in taken or chance.random() > known:
            continue
        taken.update((place[0] + i, place[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        yield House(number, _written(chance, count - 2), round(spot.x, 1), round(spot.y, 1), block)


def _aside(axis: LineString, at: float, away: float) -> Point:
    here, ahead = axis.interpolate(at), axis.interpolate(at + 2)
    dx, dy = ahead.x - here.x, ahead.y - here.y
    length = math.hypot(dx, dy) or 1.0
    return Point(here.x - dy / length * away, here.y + dx / length * away)


def _block_at(tree: STRtree, spot: BaseGeometry) -> int | None:
    inside = tree.query(spot, predicate="within")
    return int(inside[0]) if len(inside) else None


def _written(chance: random.Random, number: int) -> str:
    form = chance.random()
    if form < 0.035:
        return f"{number}{chance.choice('АБ')}"
    if form < 0.05:
        return f"{number}к{chance.choice('12')}"
    return f"{number}/{chance.randint(1, 24)}" if form < 0.062 else str(number)


# kind, how many per 100,000 residents, uses where they stand, name, "near it", the same in English
LANDMARKS: tuple[tuple[str, float, tuple[str, ...], str, str, str], ...] = (
    ("school", 14, HOMES, "Школа № {n}", "у школы № {n}", "near school no. {n}"),
    ("kindergarten", 14, HOMES, "Детский сад № {n}", "у детского сада № {n}", "near kindergarten no. {n}"),
    ("clinic", 3, HOMES, "Поликлиника № {n}", "у поликлиники № {n}", "near polyclinic no. {n}"),
    ("library", 4, HOMES, "Библиотека № {n}", "у библиотеки № {n}", "near library no. {n}"),
    (
        "hospital",
        1,
        ("mid", "estate"),
        "Городская больница № {n}",
        "у городской больницы № {n}",
        "near hospital no. {n}",
    ),
    (
        "fire_station",
        1.3,
        ("industry", "private", "mid"),
        "Пожарная часть № {n}",
        "у пожарной части № {n}",
        "near fire station no. {n}",
    ),
)
SINGLE: tuple[tuple[str, tuple[str, ...], str, str, str], ...] = (
    ("townhall", ("centre",), "Администрация города", "у здания администрации", "by the town hall"),
    ("theatre", ("centre",), "Драматический театр", "у драматического театра", "by the drama theatre"),
    ("museum", ("centre",), "Краеведческий музей", "у краеведческого музея", "by the local museum"),
    ("museum", ("centre", "mid"), "Музей речного флота", "у музея речного флота", "by the river fleet museum"),
    ("church", ("centre",), "Троицкий собор", "у Троицкого собора", "by Trinity cathedral"),
    ("church", ("private",), "Никольская церковь", "у Никольской церкви", "by St Nicholas church"),
    ("church", ("private", "mid"), "Церковь Покрова", "у Покровской церкви", "by the Intercession church"),
    ("station", ("mid", "centre"), "Железнодорожный вокзал", "у вокзала", "by the railway station"),
    ("bus_station", ("mid", "centre"), "Автовокзал", "у автовокзала", "by the bus station"),
    ("market", ("centre", "mid"), "Центральный рынок", "у Центрального рынка", "by the Central market"),
    ("market", ("estate",), "Рынок «Привоз»", "у рынка «Привоз»", "by the Privoz market"),
    ("stadium", ("mid", "park"), "Стадион «Труд»", "у стадиона «Труд»", "by the Trud stadium"),
    ("sports_centre", ("estate",), "ФОК «Олимп»", "у ФОКа «Олимп»", "by the Olimp sports centre"),
    ("sports_centre", ("estate", "new"), "Бассейн «Волна»", "у бассейна «Волна»", "by the Volna pool"),
    ("culture", ("mid", "centre"), "Дворец культуры речников", "у ДК речников", "by the Rivermen's palace of culture"),
    ("culture", ("estate",), "ДК текстильщиков", "у ДК текстильщиков", "by the Weavers' palace of culture"),
    ("culture", ("private",), "Клуб «Заря»", "у клуба «Заря»", "by the Zarya club"),
    ("university", ("mid", "estate"), "Педагогический университет", "у педуниверситета", "by the teachers' university"),
    ("college", ("mid", "private"), "Речной техникум", "у речного техникума", "by the river college"),
    ("park", ("park",), "Парк культуры и отдыха", "в городском парке", "in the city park"),
    ("park", ("park",), "Парк «Берёзовая роща»", "в парке «Берёзовая роща»", "in Birch Grove park"),
    ("park", ("park",), "Парк Победы", "в парке Победы", "in Victory park"),
    ("square", ("centre", "mid"), "Сквер Машиностроителей", "в сквере Машиностроителей", "in Engineers' square"),
    ("square", ("centre",), "Сквер у фонтана", "в сквере у фонтана", "in the fountain square"),
    ("square", ("estate",), "Сквер Юности", "в сквере Юности", "in Youth square"),
    ("beach", ("meadow",), "Городской пляж", "у городского пляжа", "by the city beach"),
    ("plant", ("industry",), "Станкозавод", "у станкозавода", "by the machine-tool plant"),
    ("plant", ("industry",), "Мебельная фабрика", "у мебельной фабрики", "by the furniture factory"),
)


def landmarks(plan: Plan, river: River, land: Land) -> list[Landmark]:
    """Public objects in blocks of the right use, numbered ones spread by residents."""
    chance = stream(plan.seed, "landmarks")
    jobs = [
        (kind, uses, name.format(n=n), where.format(n=n), where_en.format(n=n))
        for kind, per, uses, name, where, where_en in LANDMARKS
        for n in range(1, max(1, round(per * plan.residents / 100_000)) + 1)
    ] + list(SINGLE)
    dry = [block.shape.difference(river.water) for block in land.blocks]
    found = []
    for kind, uses, name, where, where_en in jobs:
        fit = [i for i, block in enumerate(land.blocks) if block.use in uses and not dry[i].is_empty]
        if fit:
            block = chance.choices(fit, [dry[i].area for i in fit])[0]
            spot = _inside(chance, dry[block])
            found.append(Landmark(kind, name, where, where_en, round(spot.x, 1), round(spot.y, 1), block))
    return found


def _inside(chance: random.Random, shape: BaseGeometry) -> Point:
    """A point well inside a shape."""
    largest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    inner = largest.buffer(-25)
    if inner.is_empty:
        return Point(largest.representative_point())
    west, south, east, north = inner.bounds
    for _ in range(40):
        spot = Point(chance.uniform(west, east), chance.uniform(south, north))
        if inner.contains(spot):
            return spot
    return Point(inner.representative_point())
