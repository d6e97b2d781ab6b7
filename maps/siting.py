"""Where should the next projects go? The page: controls, a small plan, the curve, and everything as a table.

Drawn on the server; the plan is a picture of the territories with circles of reach, the table says the same in words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from geo.errors import N_, Message
from geo.vocabulary import MissingReason, TerritoryKind, Theme
from maps.explorer import DISTANCES
from maps.pages import Page
from maps.rows import Cell
from maps.text import Title

METRES_PER_DEGREE = 111_320.0
WIDTH = 640.0
CURVE_WIDTH, CURVE_HEIGHT, CURVE_EDGE = 320.0, 160.0, 24.0
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A chosen place; `gain` residents are added to those reached before it."""

    lat: float
    lon: float
    name: str
    territory: str
    gain: float | None
    missing: MissingReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupposedRow:
    """A territory before and after the visitor's points."""

    name: str
    before: Cell
    after: Cell
    change: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A small plan around a place: longitude and latitude to units of the picture."""

    west: float
    north: float
    height: float
    scale: float
    squeeze: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a position stands in the picture."""
        return round((lon - self.west) * self.squeeze * self.scale, 1), round((self.north - lat) * self.scale, 1)

    def metres(self, length: float) -> float:
        """How long a distance is in the picture."""
        return round(length / METRES_PER_DEGREE * self.scale, 1)


@dataclass(frozen=True, kw_only=True)
class SitingPage(Page):
    """The next places, and what the visitor's own points would change."""

    template = "siting.html"
    kind: TerritoryKind
    kinds: tuple[TerritoryKind, ...]
    period: str
    periods: tuple[str, ...]
    theme: str
    distance_m: int
    count: int
    most: int
    candidates: str
    sites: tuple[SiteRow, ...]
    status: str
    before: float | None
    residents: float | None
    curve: tuple[float, ...]
    notes: tuple[Message, ...]
    outlines: tuple[Ring, ...]
    points: tuple[tuple[float, float], ...]
    texts: tuple[str, ...]
    most_points: int
    supposed: tuple[SupposedRow, ...]
    newly: float | None
    alone: tuple[float | None, ...]
    problems: tuple[Title, ...]
    api_query: str
    running: bool = False
    done: int = 0
    of: int = 0
    themes: tuple[Theme, ...] = tuple(Theme)
    distances: tuple[int, ...] = DISTANCES

    @property
    def heading(self) -> str:
        return self.say(N_("Where next?"))

    @cached_property
    def sheet(self) -> Sheet | None:
        """The plan, as large as the territories; None without any."""
        corners = [corner for ring in self.outlines for corner in ring]
        if not corners:
            return None
        west, east = min(x for x, _ in corners), max(x for x, _ in corners)
        south, north = min(y for _, y in corners), max(y for _, y in corners)
        squeeze = max(math.cos(math.radians((south + north) / 2)), 0.05)
        scale = WIDTH / max((east - west) * squeeze, 1e-6)
        return Sheet(west=west, north=north, height=round((north - south) * scale, 1), scale=scale, squeeze=squeeze)

    def path(self, ring: Ring) -> str:
        """A ring as an SVG path."""
        assert self.sheet is not None  # noqa: S101 - only asked for when there is a plan
        return "M" + "L".join("{:g} {:g}".format(*self.sheet.at(x, y)) for x, y in ring) + "Z"

    @property
    def steps(self) -> tuple[tuple[int, float, float, float], ...]:
        """The curve: number of sites, residents reached, x and y in the picture."""
        most = max((self.residents or 0.0), *self.curve, 1.0) if self.curve else 1.0
        wide = (CURVE_WIDTH - 2 * CURVE_EDGE) / max(len(self.curve) - 1, 1)
        high = CURVE_HEIGHT - 2 * CURVE_EDGE
        return tuple(
            (at, reached, round(CURVE_EDGE + at * wide, 1), round(CURVE_HEIGHT - CURVE_EDGE - reached / most * high, 1))
            for at, reached in enumerate(self.curve)
        )

    @property
    def reached_share(self) -> float | None:
        """Share of residents in reach with all sites."""
        return self.curve[-1] / self.residents if self.curve and self.residents else None
