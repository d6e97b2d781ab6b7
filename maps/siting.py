"""Where should the next projects go? The page: controls, a small plan, the curve, and everything as a table.

Drawn on the server; the plan is a picture of the territories with circles of reach, the table says the same in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from geo.errors import N_, Message
from geo.vocabulary import MissingReason, TerritoryKind, Theme
from maps.explorer import DISTANCES
from maps.pages import Page
from maps.plan import Ring, Sheet, sheet_of
from maps.rows import Cell
from maps.text import Title

CURVE_WIDTH, CURVE_HEIGHT, CURVE_EDGE = 320.0, 160.0, 24.0


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
    curve: tuple[float | None, ...]
    notes: tuple[Message, ...]
    outlines: tuple[Ring, ...]
    points: tuple[tuple[float, float], ...]
    texts: tuple[str, ...]
    most_points: int
    supposed: tuple[SupposedRow, ...]
    newly: float | None
    supposed_notes: tuple[Message, ...]
    alone: tuple[float | None, ...]
    problems: tuple[Title, ...]
    api_query: str
    goal: str = "most_reached"
    on_foot: bool = False
    before_m: float | None = None
    after_m: float | None = None
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
        return sheet_of(self.outlines)

    def path(self, ring: Ring) -> str:
        """A ring as an SVG path."""
        assert self.sheet is not None  # noqa: S101 - only asked for when there is a plan
        return self.sheet.path(ring)

    @property
    def steps(self) -> tuple[tuple[int, float, float, float], ...]:
        """The curve: number of sites, residents reached, x and y in the picture; hidden numbers have no point."""
        known = [(at, reached) for at, reached in enumerate(self.curve) if reached is not None]
        most = max((self.residents or 0.0), 1.0, *(reached for _, reached in known))
        wide = (CURVE_WIDTH - 2 * CURVE_EDGE) / max(len(self.curve) - 1, 1)
        high = CURVE_HEIGHT - 2 * CURVE_EDGE
        return tuple(
            (at, reached, round(CURVE_EDGE + at * wide, 1), round(CURVE_HEIGHT - CURVE_EDGE - reached / most * high, 1))
            for at, reached in known
        )

    @property
    def reached_share(self) -> float | None:
        """Share of residents in reach with all sites."""
        reached = self.curve[-1] if self.curve else None
        return reached / self.residents if reached is not None and self.residents else None
