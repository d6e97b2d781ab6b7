"""Where does the river run? Meanders, an island, banks, and the smooth course that streets take their direction from.

The course is a sine-generated curve (Langbein & Leopold 1966): its direction, not its position, swings like a sine,
which is how real rivers bend. All shapes are in local metres; the city centre lies near (0, 0).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter1d
from shapely import line_interpolate_point, line_locate_point, simplify
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city.chance import noise

STEP = 20.0
WAVE = 5200.0


@dataclass(frozen=True)
class River:
    """The thread (where borders run), the water, the island, and the smooth course with its offsets."""

    thread: LineString
    water: BaseGeometry
    island: Polygon
    course: np.ndarray  # (n, 2), equal steps, from west to east
    offset: np.ndarray  # (n,) metres the river lies to the left (north) of the course at each of its points
    centre: int  # index of the course where the old town stands

    @cached_property
    def _line(self) -> LineString:
        return LineString(self.course)

    @cached_property
    def _normals(self) -> np.ndarray:
        tangent = np.gradient(self.course, axis=0)
        tangent /= np.linalg.norm(tangent, axis=1)[:, None]
        return np.column_stack([-tangent[:, 1], tangent[:, 0]])

    @property
    def length(self) -> float:
        return float(self._line.length)

    def point(self, along: np.ndarray, aside: np.ndarray) -> np.ndarray:
        """Points `along` metres down the course and `aside` metres to its left (north)."""
        index = np.clip(along / STEP, 0, len(self.course) - 1.001)
        low = index.astype(int)
        part = (index - low)[:, None]
        base = self.course[low] * (1 - part) + self.course[low + 1] * part
        normal = self._normals[low] * (1 - part) + self._normals[low + 1] * part
        return np.asarray(base + normal * np.asarray(aside)[:, None])

    def coordinates(self, x: float, y: float) -> tuple[float, float]:
        """A point as (metres along the course, metres to its left)."""
        spot = Point(x, y)
        along = float(line_locate_point(self._line, spot))
        base = line_interpolate_point(self._line, along)
        normal = self._normals[min(int(along / STEP), len(self._normals) - 1)]
        return along, float((x - base.x) * normal[0] + (y - base.y) * normal[1])

    def offset_at(self, along: np.ndarray, smooth: float = 0.0) -> np.ndarray:
        """How far the river lies to the left of its course, smoothed over `smooth` metres."""
        values = gaussian_filter1d(self.offset, smooth / STEP, mode="nearest") if smooth else self.offset
        return np.asarray(np.interp(along, np.arange(len(values)) * STEP, values))


def river(chance: random.Random, reach: float) -> River:
    """A river that crosses an area of about `reach` metres to each side of the centre."""
    axis = _meanders(chance, reach)
    course = _equal_steps(
        np.column_stack([gaussian_filter1d(axis[:, k], 0.55 * WAVE / STEP, mode="nearest") for k in (0, 1)])
    )
    rough = River(LineString(axis), Polygon(), Polygon(), course, np.zeros(len(course)), 0)
    seen = np.array([rough.coordinates(x, y) for x, y in axis[::4]])
    order = np.argsort(seen[:, 0])
    offset = np.interp(np.arange(len(course)) * STEP, seen[order, 0], seen[order, 1])
    offset = gaussian_filter1d(offset, 3)
    centre = _bend_towards_town(course, offset)
    axis, course = axis - course[centre], course - course[centre]
    island_at = _nearest(axis, course[centre] + [WAVE * 0.24, 0])
    thread, water, island = _channel(chance, axis, island_at)
    return River(thread, water, island, course, offset, centre)


def _meanders(chance: random.Random, reach: float) -> np.ndarray:
    """The axis of the channel as points every 20 m."""
    length = 3.6 * reach
    along = np.arange(0, length, STEP)
    swing = 0.9 + noise(chance, 1.9 * WAVE, 0.3)(along)
    phase = math.tau * along / WAVE + noise(chance, 2.7 * WAVE, 1.25)(along) + chance.uniform(0, math.tau)
    drift = noise(chance, 6 * WAVE, 0.22)(along) + noise(chance, 1100, 0.13)(along) + chance.uniform(-0.3, -0.1)
    heading = swing * np.sin(phase) + drift
    steps = STEP * np.column_stack([np.cos(heading), np.sin(heading)])
    axis = np.cumsum(steps, axis=0)
    return np.asarray(axis - axis[len(axis) // 2])


def _equal_steps(points: np.ndarray) -> np.ndarray:
    line = LineString(points)
    marks = np.arange(0, line.length, STEP)
    return np.array([(p.x, p.y) for p in line_interpolate_point(line, marks)])


def _bend_towards_town(course: np.ndarray, offset: np.ndarray) -> int:
    """The bend nearest to the middle of the course where the river swings north, to the town's high bank."""
    middle = len(course) // 2
    window = range(middle - int(WAVE / STEP / 2), middle + int(WAVE / STEP / 2))
    return max(window, key=lambda i: offset[i])


def _nearest(points: np.ndarray, spot: np.ndarray) -> int:
    return int(np.argmin(np.linalg.norm(points - spot, axis=1)))


def _channel(chance: random.Random, axis: np.ndarray, island_at: int) -> tuple[LineString, BaseGeometry, Polygon]:
    """Thread, water and island: the main channel passes south of the island, a narrow one on the town's side."""
    along = np.arange(len(axis)) * STEP
    tangent = np.gradient(axis, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    half = 92 + noise(chance, 2400, 16)(along)
    long = chance.uniform(720, 860)
    shape = np.clip(1 - ((along - island_at * STEP) / long) ** 2, 0, None)
    island = 165 * shape**0.7 * (1 + 0.13 * np.sin(along / 190 + 1))
    near = np.exp(-(((along - island_at * STEP) / (1.25 * long)) ** 4))
    left = island + half - 48 * near
    right = island + half + 16 * near

    def side(distance: np.ndarray) -> np.ndarray:
        return np.asarray(axis + normal * distance[:, None])

    thread = LineString(side(-(island + (half + 16 * near) / 2) * shape**0.5 * (shape > 0)))
    inside = shape > 0.004
    isle = Polygon(np.concatenate([side(island)[inside], side(-island)[inside][::-1]]))
    banks = Polygon(np.concatenate([side(left), side(-right)[::-1]]))
    smooth_thread = LineString(gaussian_filter1d(np.array(thread.coords), 6, axis=0, mode="nearest"))
    return simplify(smooth_thread, 1.5), simplify(banks.difference(isle), 1.5), simplify(isle, 1.5)
