"""How do a few numbers look? Geometry of the small charts on pages, computed here so that templates only place it.

Bars are in the units of the SVG view box, which is `WIDTH` wide; dots are in percent of their drawing's width.
"""

from __future__ import annotations

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
