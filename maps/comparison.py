"""How do a few territories stand side by side? The page: measures down, territories across, all others as a strip of
marks, peers, and the equity of the whole. Server-drawn; works without script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.errors import N_, Message
from geo.vocabulary import TerritoryKind, Theme
from maps import charts
from maps.pages import Page
from maps.rows import Cell
from maps.text import Title, number, translate

WIDTH, EDGE = 200.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    """One measure: a cell and a place for each territory, and all figures of the kind, least first.

    another_form: the figure above it by another method. all_themes: the theme asked for makes no difference to it.
    """

    code: str
    title: Title
    unit: str
    base: Title
    method: str
    question: str
    median: float | None
    values: tuple[float, ...]
    cells: tuple[Cell, ...]
    ranks: tuple[tuple[int | None, int | None, int | None, int | None], ...]
    classes: tuple[Title, ...]
    another_form: bool = False
    all_themes: bool = False

    def place(self, value: float) -> float:
        """Where a figure stands on the strip, in units of its width."""
        low, high = self.values[0], self.values[-1]
        return round(EDGE + (value - low) / (high - low) * (WIDTH - 2 * EDGE), 1) if high > low else WIDTH / 2

    @property
    def ticks(self) -> tuple[float, ...]:
        """The places of all figures; equal ones once."""
        return tuple(dict.fromkeys(self.place(value) for value in self.values))

    @property
    def dots(self) -> tuple[tuple[int, float], ...]:
        """Number and place of each compared territory with a figure."""
        return tuple((at + 1, self.place(cell.value)) for at, cell in enumerate(self.cells) if cell.value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerNote:
    """The most similar territories of one: name, address, distance; the codes of a comparison with them."""

    name: str
    peers: tuple[tuple[str, str, float], ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityNote:
    """How unequal the whole is, the Lorenz curve as points from (0, 0) to (1, 1), and each territory's difference."""

    gini: float | None
    hoover: float | None
    theil: float | None
    lorenz: tuple[tuple[float, float], ...]
    rows: tuple[tuple[str, Cell, tuple[Message, ...]], ...]
    notes: tuple[Message, ...]

    @property
    def path(self) -> str:
        """The curve as points of an SVG polyline in a square of 100."""
        return " ".join(f"{100 * people:.1f},{100 - 100 * resources:.1f}" for people, resources in thinned(self.lorenz))


def thinned(points: Sequence[tuple[float, float]], most: int = 200) -> Sequence[tuple[float, float]]:
    """At most so many points of a curve, the last one kept."""
    step = max(1, len(points) // most)
    return (*points[:-1:step], *points[-1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One measure looked at closely: drawings with the tables that say the same."""

    code: str
    title: Title
    unit: str
    trend: charts.Trend | None
    years: tuple[tuple[str, tuple[Cell, ...]], ...]
    moved: bool
    ranks: tuple[charts.RankBar, ...]
    ranked: int
    funnel: charts.FunnelPlot | None
    themes: tuple[tuple[Theme, tuple[Cell, ...]], ...]
    plan: tuple[tuple[str, int], ...]
    plan_height: float

    def width(self, cell: Cell) -> float:
        """The bar of a cell among all themes."""
        most = max((each.value or 0.0 for _, cells in self.themes for each in cells), default=0.0)
        return charts.bar(cell.value, most)


@dataclass(frozen=True, kw_only=True)
class ComparisonPage(Page):
    """Two to five territories side by side, and the equity of all."""

    template = "comparison.html"
    kind: TerritoryKind
    kinds: tuple[TerritoryKind, ...]
    period: str
    periods: tuple[str, ...]
    theme: str
    codes: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    places: int
    names: tuple[str, ...]
    hrefs: tuple[str, ...]
    lines: tuple[MeasureLine, ...]
    peers: tuple[PeerNote, ...]
    features: tuple[Title, ...]
    equity: EquityNote | None
    resource: str
    sources: tuple[str, ...]
    problem: Title = ""
    detail: Detail | None = None
    measure: str = ""
    measures: tuple[tuple[str, Title], ...] = ()
    themes: tuple[Theme, ...] = tuple(Theme)

    @property
    def heading(self) -> str:
        return self.say(N_("Comparison"))

    def rank(self, place: tuple[int | None, int | None, int | None, int | None]) -> str:
        """A place as it may honestly be said: "3–9 of 24" where it is not sure."""
        rank, low, high, of = place
        if rank is None:
            return ""
        span = f"{low}–{high}" if low is not None and high is not None and low != high else number(rank, self.lang)
        return translate(Message(N_("{place} of {all}"), {"place": span, "all": of}), self.lang)

    def together(self, codes: Sequence[str]) -> str:
        """The comparison of other territories in the same period and theme."""
        chosen = "".join(f"&territory={code}" for code in codes)
        return self.frame.href(f"/comparison?kind={self.kind}&period={self.period}&theme={self.theme}{chosen}")
