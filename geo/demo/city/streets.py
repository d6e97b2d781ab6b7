"""Where do the main streets, the railway and the city limit run? The skeleton that everything else is cut from.

Main streets follow the river: lines along it copy its bends near the bank and straighten out further away, lines
across it run from the bank to the fields; a railway, a brook and two old highways break the pattern. Cut at all
crossings these lines enclose the superblocks. Every border drawn later is one of these lines or a local street.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from shapely import STRtree, line_interpolate_point, line_merge, polygonize, set_precision, unary_union
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.demo.city.chance import noise, stream
from geo.demo.city.plan import Plan
from geo.demo.city.river import STEP, River

CRUMB = 70_000  # m2 below which a superblock is joined to a neighbour
GRID = 1.0  # metres: all lines are noded on this grid, so that neighbours share their corners to the last digit
# metres from the river's course, how much of its bends a street copies, smoothed over how many metres
ALONG_NORTH = (
    (430, 0.97, 260),
    (1130, 0.72, 520),
    (1880, 0.5, 800),
    (2720, 0.32, 1300),
    (3600, 0.2, 1500),
    (4650, 0.12, 2000),
    (5750, 0.06, 2000),
)
ALONG_SOUTH = ((-560, 0.93, 300), (-1400, 0.6, 700), (-2300, 0.4, 1100), (-3350, 0.2, 1600))
RAIL = 3  # which line along the north bank is the railway
PRIORITY = ("limit", "thread", "rail", "bridge", "highway", "brook", "embankment", "main", "collector", "local")
FIXED = ("limit", "thread", "rail", "brook", "highway", "bridge")


@dataclass(frozen=True)
class Line:
    """A line of the skeleton: `word` is thread, limit, rail, brook, highway, bridge, main or embankment."""

    word: str
    shape: LineString


@dataclass(frozen=True)
class Skeleton:
    """Lines cut at every crossing, the city limit, and the superblocks they enclose."""

    limit: Polygon
    edges: tuple[Line, ...]
    superblocks: tuple[Polygon, ...]
    bridges: tuple[LineString, ...]

    def lines(self, *words: str) -> list[LineString]:
        """All edges with one of these words."""
        return [edge.shape for edge in self.edges if edge.word in words]


def skeleton(plan: Plan, river: River) -> Skeleton:
    """The superblocks of a city on this river."""
    chance = stream(plan.seed, "streets")
    limit = _limit(chance, plan, river)
    across = _marks_across(chance, plan)
    lines = [*_across(chance, plan, river, across), *_along(chance, plan, river), *_highways(chance, river)]
    lines = [Line("limit", LineString(limit.exterior)), Line("thread", river.thread), *lines]
    edges = _noded(lines, limit)
    kept = [edge for edge in edges if edge.word in FIXED or chance.random() > _gap_chance(edge)]
    kept, superblocks = without_crumbs(kept, CRUMB)
    return Skeleton(limit, tuple(_still_borders(kept, superblocks)), tuple(superblocks), tuple(_bridges(kept, river)))


def frame(river: River, along: np.ndarray, aside: np.ndarray) -> np.ndarray:
    """Points by metres down the river from the old town and metres north of its course."""
    return river.point(along + river.centre * STEP, aside)


def _limit(chance: random.Random, plan: Plan, river: River) -> Polygon:
    """The municipality: a rounded irregular area; its edge runs straight from corner to corner, like field borders."""
    east, north, south = 8300 * plan.stretch, 6000 * plan.stretch, 4300 * plan.stretch
    wobble = [(k, chance.uniform(0.03, 0.085), chance.uniform(0, math.tau)) for k in (2, 3, 4, 5, 7, 9)]
    turn = np.linspace(0, math.tau, 2400, endpoint=False)
    stretch = 1 + sum(size * np.sin(k * turn + phase) for k, size, phase in wobble)
    c, s = np.cos(turn), np.sin(turn)
    u = east * np.sign(c) * np.abs(c) ** 0.78 * stretch
    v = np.where(s > 0, north, south) * np.sign(s) * np.abs(s) ** 0.78 * stretch
    ring = Polygon(frame(river, u, v)).buffer(150).buffer(-150).exterior
    marks = [0.0]
    while marks[-1] < ring.length - 520:
        marks.append(marks[-1] + chance.choice((90, 160, 240, 380, 620)) * chance.uniform(0.8, 1.2))
    corners = [ring.interpolate(mark) for mark in marks]
    shape = Polygon([(p.x + chance.uniform(-38, 38), p.y + chance.uniform(-38, 38)) for p in corners]).buffer(0)
    largest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    return Polygon(set_precision(largest, GRID).exterior)


def _marks_across(chance: random.Random, plan: Plan) -> list[float]:
    """Where streets across the river's course start: denser in the middle."""
    marks = [0.0]
    for direction in (1, -1):
        at = 0.0
        while abs(at) < 8600 * plan.stretch:
            at += direction * (560 + 0.085 * abs(at) + chance.uniform(0, 260))
            marks.append(at)
    return sorted(marks)


def _across(chance: random.Random, plan: Plan, river: River, marks: list[float]) -> Iterator[Line]:
    brook = min(range(len(marks)), key=lambda i: abs(marks[i] - 2700 * plan.stretch))
    bridges = {marks.index(0.0), min(range(len(marks)), key=lambda i: abs(marks[i] + 3300 * plan.stretch))}
    aside = np.arange(-5600, 7600, 40.0)
    for i, mark in enumerate(marks):
        lean = noise(chance, 3600, 70)(aside) + noise(chance, 900, 14)(aside)
        word = "bridge" if i in bridges else "main"
        if i != brook:
            yield Line(word, LineString(frame(river, mark + lean, aside)))
            continue
        bank = river.offset_at(mark + lean + river.centre * STEP)
        winding = lean + noise(chance, 760, 95)(aside) * np.clip((aside - bank) / 500, 0, 1)
        points = frame(river, mark + winding, aside)
        yield Line("brook", LineString(points[aside > bank - 90]))
        yield Line(word, LineString(points[aside < bank]))


def _along(chance: random.Random, plan: Plan, river: River) -> Iterator[Line]:
    half = 10_500 * plan.stretch
    along = np.arange(-half, half, 45.0)
    for i, (aside, copy, smooth) in enumerate((*ALONG_NORTH, *ALONG_SOUTH)):
        bends = copy * river.offset_at(along + river.centre * STEP, smooth)
        wander = noise(chance, 3000, 0 if i == RAIL else 75)(along) + noise(chance, 800, 0 if i == RAIL else 12)(along)
        word = "rail" if i == RAIL else "embankment" if i == 0 else "main"
        wide = aside * (1 if abs(aside) < 600 else plan.stretch**0.5)
        yield Line(word, LineString(frame(river, along, wide + bends + wander)))


def _highways(chance: random.Random, river: River) -> Iterator[Line]:
    """Two old highways that leave the centre at a slant."""
    start = float(river.offset_at(np.array([river.centre * STEP]), 520)[0]) * 0.72 + 1130
    for slope in (chance.uniform(0.75, 1.0), -chance.uniform(0.85, 1.2)):
        way = np.arange(0, 9000, 50.0)
        turn = math.atan(abs(slope))
        along = math.copysign(1, slope) * way * math.cos(turn) + noise(chance, 3300, 90)(way)
        aside = start + way * math.sin(turn)
        yield Line("highway", LineString(frame(river, along, aside)))


def _noded(lines: list[Line], limit: Polygon) -> list[Line]:
    """Cut all lines at their crossings, inside the limit, and give each piece the word of its line."""
    return noded([Line(line.word, part) for line in lines for part in _parts(_clip(line, limit))])


def noded(lines: list[Line]) -> list[Line]:
    """Cut lines at all their crossings; where two run together, the more important word wins."""
    tree = STRtree([line.shape for line in lines])
    found = []
    for piece in _parts(unary_union([line.shape for line in lines], grid_size=GRID)):
        middle = line_interpolate_point(piece, 0.5, normalized=True)
        near = tree.query(middle.buffer(2 * GRID), predicate="intersects")
        distances = {int(i): lines[i].shape.distance(middle) for i in near}
        close = [i for i, distance in distances.items() if distance <= min(distances.values()) + 0.3]
        found.append(Line(min((lines[i].word for i in close), key=PRIORITY.index), piece))
    return found


def _clip(line: Line, limit: Polygon) -> BaseGeometry:
    return line.shape if line.word == "limit" else line.shape.intersection(limit)


def _parts(shape: BaseGeometry) -> list[LineString]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if isinstance(part, LineString) and not part.is_empty]


def without_crumbs(edges: list[Line], least: float) -> tuple[list[Line], list[Polygon]]:
    """The areas enclosed by the edges; one too small to be an area is joined to a neighbour over its longest edge."""
    while True:
        enclosed = polygonize([edge.shape for edge in edges])
        faces = sorted((face for face in enclosed.geoms if isinstance(face, Polygon)), key=_corner)
        crumbs = [face for face in faces if face.area < least]
        removed = {wall for face in crumbs if (wall := _longest_wall(edges, face)) is not None}
        if not removed:
            return edges, faces
        edges = [edge for number, edge in enumerate(edges) if number not in removed]


def _longest_wall(edges: list[Line], face: Polygon) -> int | None:
    """The longest edge of a face that may be given up."""
    ring = face.exterior
    walls = [
        number for number, edge in enumerate(edges)
        if edge.word not in ("limit", "thread") and edge.shape.distance(ring) < 0.1
        and ring.distance(line_interpolate_point(edge.shape, 0.5, normalized=True)) < 0.05
    ]  # fmt: skip
    return max(walls, key=lambda number: edges[number].shape.length, default=None)


def _gap_chance(edge: Line) -> float:
    """How likely a main street is interrupted here: hardly in the centre, more often in the fields."""
    middle = line_interpolate_point(edge.shape, 0.5, normalized=True)
    distance = math.hypot(middle.x, middle.y)
    return 0.04 if distance < 2200 else min(0.34, 0.08 + distance / 26_000)


def _still_borders(edges: list[Line], faces: list[Polygon]) -> Iterator[Line]:
    """Edges with a superblock on both sides (or on the limit): dead ends have gone with polygonizing."""
    for edge, sides in zip(edges, beside(edges, faces), strict=True):
        if len(sides) == 2 or edge.word == "limit":
            yield edge


def beside(edges: list[Line], faces: list[Polygon]) -> list[list[int]]:
    """The numbers of the areas on the sides of each edge: two inside the city, one on its limit."""
    tree = STRtree(faces)
    middles = [line_interpolate_point(edge.shape, 0.5, normalized=True).buffer(0.05) for edge in edges]
    found: list[list[int]] = [[] for _ in edges]
    for edge, face in zip(*tree.query(middles, predicate="intersects"), strict=True):
        found[edge].append(int(face))
    return [sorted(sides) for sides in found]


def _bridges(edges: list[Line], river: River) -> Iterator[LineString]:
    """The stretches of bridge streets over water, with their approaches."""
    merged = line_merge(unary_union([edge.shape for edge in edges if edge.word == "bridge"]))
    for line in getattr(merged, "geoms", [merged]):
        for part in _parts(line.intersection(river.water)):
            start, end = sorted(line.project(Point(part.coords[k])) for k in (0, -1))
            bridge = substring(line, start - 25, end + 25)
            if isinstance(bridge, LineString):
                yield bridge


def _corner(face: Polygon) -> tuple[float, float]:
    spot = face.representative_point()
    return round(spot.x, 1), round(spot.y, 1)
