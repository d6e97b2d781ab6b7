"""How do a few numbers look? Geometry of the small charts on pages, computed here so that templates only place it.

Bars are in the units of the SVG view box, which is `WIDTH` wide; dots are in percent of their drawing's width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from maps.rows import Indicator

WIDTH = 200.0
EDGE = 1.5
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class DotPlot:
    """One district among all: where its dot, its interval and the median stand, percent of the width."""

    dot: float
    median: float | None
    whisker: tuple[float, float] | None


def dot_plot(indicator: Indicator) -> DotPlot | None:
    """The dot plot of an indicator, or None when there is nothing to compare with."""
    stated = (indicator.lowest, indicator.highest, indicator.low, indicator.high, indicator.value)
    ends = [end for end in stated if end is not None]
    if indicator.value is None or indicator.lowest is None or indicator.highest is None or max(ends) <= min(ends):
        return None
    start, length = min(ends), max(ends) - min(ends)

    def place(value: float) -> float:
        return round(EDGE + (value - start) / length * (100 - 2 * EDGE), 1)

    low, high = indicator.low, indicator.high
    whisker = (place(low), place(high)) if low is not None and high is not None else None
    median = place(indicator.median) if indicator.median is not None else None
    return DotPlot(dot=place(indicator.value), median=median, whisker=whisker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Generic[Key]):
    """A piece of a stacked bar: what it is, how much, from where and how wide."""

    key: Key
    amount: float
    share: float
    start: float
    width: float


def stack(parts: Sequence[tuple[Key, float]]) -> tuple[Segment[Key], ...]:
    """A bar of parts in the order given; parts of nothing are left out.

    >>> [(each.key, each.start, each.width) for each in stack([("a", 1), ("b", 0), ("c", 3)])]
    [('a', 0.0, 50.0), ('c', 50.0, 150.0)]
    """
    total = sum(amount for _, amount in parts if amount > 0)
    segments: list[Segment[Key]] = []
    start = 0.0
    for key, amount in parts:
        if amount > 0:
            width = amount / total * WIDTH
            share = amount / total
            segments.append(Segment(key=key, amount=amount, share=share, start=round(start, 2), width=round(width, 2)))
            start += width
    return tuple(segments)


def bar(value: float | None, largest: float) -> float:
    """The width of one bar among others."""
    return round(max(value or 0.0, 0.0) / largest * WIDTH, 1) if largest > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Numbers from `low` to `high` along an axis from `start` to `end` (end may lie before start)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a number stands; the middle when there is only one."""
        if self.high <= self.low:
            return round((self.start + self.end) / 2, 1)
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    @property
    def ticks(self) -> tuple[tuple[float, float], ...]:
        """Three to six round numbers with their places."""
        if self.high <= self.low:
            return ((self.low, self.at(self.low)),)
        step = 10 ** math.floor(math.log10((self.high - self.low) / 3))
        step *= next(times for times in (1, 2, 5, 10) if (self.high - self.low) / (step * times) <= 5)
        first = math.ceil(self.low / step - 1e-9)
        return tuple((at * step, self.at(at * step)) for at in range(first, math.floor(self.high / step + 1e-9) + 1))


DRAWING_WIDTH, DRAWING_HEIGHT, LEFT, BOTTOM, TOP = 640.0, 260.0, 64.0, 28.0, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point of a drawing; `open` when it is not quite like the others (other boundaries, people of another year)."""

    x: float
    y: float
    value: float
    label: str
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Lines over years; a line is cut where a year is missing."""

    x: Scale
    y: Scale
    years: tuple[tuple[str, float], ...]
    lines: tuple[tuple[tuple[Mark, ...], ...], ...]

    def path(self, stretch: Sequence[Mark]) -> str:
        """A stretch of a line as the points of an SVG polyline."""
        return " ".join(f"{mark.x},{mark.y}" for mark in stretch)


def trend(years: Sequence[str], series: Sequence[Sequence[tuple[float | None, bool]]]) -> Trend | None:
    """One line for each series of (value, is it marked); None without a single value.

    >>> drawn = trend(["2023", "2024", "2025"], [[(1.0, False), (None, False), (3.0, True)]])
    >>> [len(stretch) for stretch in drawn.lines[0]]
    [1, 1]
    """
    known = [value for line in series for value, _ in line if value is not None]
    if not known:
        return None
    x = Scale(low=0, high=len(years) - 1, start=LEFT, end=DRAWING_WIDTH - 20)
    y = Scale(low=min(0.0, *known), high=max(0.0, *known), start=DRAWING_HEIGHT - BOTTOM, end=TOP)
    return Trend(
        x=x,
        y=y,
        years=tuple((year, x.at(at)) for at, year in enumerate(years)),
        lines=tuple(stretches(x, y, years, line) for line in series),
    )


def stretches(
    x: Scale, y: Scale, years: Sequence[str], line: Sequence[tuple[float | None, bool]]
) -> tuple[tuple[Mark, ...], ...]:
    """A line cut at its gaps."""
    found: list[list[Mark]] = [[]]
    for at, (value, marked) in enumerate(line):
        if value is None:
            found.append([])
        else:
            found[-1].append(Mark(x=x.at(at), y=y.at(value), value=value, label=years[at], open=marked))
    return tuple(tuple(stretch) for stretch in found if stretch)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPlot:
    """All territories by the number of people behind their rate, the limits of chance, and the compared ones."""

    x: Scale
    y: Scale
    target: float | None
    limits: tuple[str, ...]
    others: tuple[Mark, ...]
    chosen: tuple[tuple[int, Mark], ...]


def funnel_plot(
    dots: Sequence[tuple[float, float, int]], curves: Sequence[Sequence[tuple[float, float]]], target: float | None
) -> FunnelPlot | None:
    """Dots of (people, rate, number of the compared or 0) and curves of limits (people, rate); None for a lone dot.

    >>> funnel_plot([(100, 5.0, 1), (200, 7.0, 0)], [], 6.0).chosen[0][0]
    1
    """
    if len(dots) < 2:
        return None
    people = [each for each, _, _ in dots]
    rates = [rate for _, rate, _ in dots]
    x = Scale(low=0.9 * min(people), high=1.02 * max(people), start=LEFT, end=DRAWING_WIDTH - 20)
    y = Scale(low=0, high=max(*rates, 1.2 * (target or 0.0)), start=DRAWING_HEIGHT - BOTTOM, end=TOP)
    marks = [(number, Mark(x=x.at(people), y=y.at(rate), value=rate, label="")) for people, rate, number in dots]
    return FunnelPlot(
        x=x,
        y=y,
        target=None if target is None else y.at(target),
        limits=tuple(
            " ".join(f"{x.at(people)},{y.at(rate)}" for people, rate in curve if rate <= y.high) for curve in curves
        ),
        others=tuple(mark for number, mark in marks if not number),
        chosen=tuple((number, mark) for number, mark in marks if number),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RankBar:
    """Where a territory's place may lie: bar from `left` of `width`, the place itself at `dot`."""

    number: int
    left: float
    width: float
    dot: float
    y: float


def rank_bars(ranks: Sequence[tuple[int | None, int | None, int | None, int | None]]) -> tuple[RankBar, ...]:
    """A bar for each ranked territory among all of them, place 1 at the left."""
    found = []
    for at, (rank, low, high, of) in enumerate(ranks):
        if rank is None or not of:
            continue
        scale = Scale(low=1, high=max(of, 2), start=LEFT, end=DRAWING_WIDTH - 20)
        left, right = scale.at(low or rank), scale.at(high or rank)
        wide = round(right - left, 1)
        found.append(RankBar(number=at + 1, left=left, width=wide, dot=scale.at(rank), y=20.0 * at + 16))
    return tuple(found)
