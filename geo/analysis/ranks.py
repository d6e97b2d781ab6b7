"""Which place does my district take, and how sure is that? Ranks with a range, ties shared: "3 to 9 of 24", never "5".

A rate of a small area could easily have been another. Each rate is drawn 2,000 times from what its counts allow (Beta
for shares, Gamma for attendances, Jeffreys priors), all areas are ranked anew each time, and the median rank and the
5-95 % range are kept. Areas with the same counts get the same rank and range, so the order of rows does not matter.
Figures that are not made of two counts (metres, indices) are ranked as they are, without a range; missing ones are not.

Goldstein, H., Spiegelhalter, D. J. (1996) League tables and their limitations. JRSS A 159, 385-443.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.arrays import Bools, Floats, floats, weights
from geo.errors import N_
from geo.progress import SILENT, Progress, Step

Direction = Literal["more_is_better", "less_is_better"]
Kind = Literal["share", "rate"]

DRAWS = 2000
SEED = 20240701
RANGE = (0.05, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Ranks from 1 (best) among `ranked` areas; NaN where an area is not ranked; low and high NaN without a range."""

    rank: Floats
    low: Floats
    high: Floats
    ranked: int


def plain_ranks(values: npt.ArrayLike, direction: Direction = "more_is_better") -> Ranks:
    """Ranks of the figures as they are; ties share the best of their places, the next place is left out.

    >>> plain_ranks([3, 1, 3, float("nan")]).rank.tolist()
    [1.0, 3.0, 1.0, nan]
    """
    x = floats(values)
    rank = np.asarray(pd.Series(_best_first(x, direction)).rank(method="min"), dtype=np.float64)
    none = np.full(len(x), np.nan)
    return Ranks(rank, none, none, int((~np.isnan(x)).sum()))


def simulated_ranks(
    numerator: npt.ArrayLike,
    denominator: npt.ArrayLike,
    kind: Kind = "share",
    direction: Direction = "more_is_better",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Progress = SILENT,
) -> Ranks:
    """Median rank and 5-95 % range of rates made of counts; `share` persons out of persons, `rate` attendances.

    >>> ranks = simulated_ranks([240, 30, 24], [1000, 100, 1000])
    >>> ranks.rank.tolist(), ranks.low.tolist(), ranks.high.tolist()
    ([2.0, 1.0, 3.0], [1.0, 1.0, 3.0], [2.0, 2.0, 3.0])
    """
    counted = weights(numerator, "numerator")
    people = weights(denominator, "denominator", size=len(counted))
    kept = ~np.isnan(counted) & (people > 0)
    if kind == "share" and (counted > people)[kept].any():
        raise ValueError("more events than people: use kind='rate'")
    rank, low, high = (np.full(len(counted), np.nan) for _ in range(3))
    if kept.any():
        drawing = _Drawing(counted[kept], people[kept], kind, direction, seed)
        with progress.step(N_("Drawing ranks"), draws) as step:
            rank[kept], low[kept], high[kept] = drawing.ranges(draws, step)
    return Ranks(rank, low, high, int(kept.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """The areas to be ranked again and again."""

    counted: Floats
    people: Floats
    kind: Kind
    direction: Direction
    seed: int

    def ranges(self, draws: int, step: Step) -> tuple[Floats, Floats, Floats]:
        """Areas are drawn in the order of their counts, not of the rows; equal counts pool their simulated ranks."""
        order = np.lexsort((self.people, self.counted))
        counted, people = self.counted[order], self.people[order]
        drawn = self.ranks(counted, people, draws, step)
        ends = _quantiles(drawn)
        changes = np.flatnonzero((np.diff(counted) != 0) | (np.diff(people) != 0)) + 1
        for first, last in pairwise([0, *changes.tolist(), len(order)]):
            if last - first > 1:
                ends[:, first:last] = _quantiles(drawn[:, first:last].reshape(-1, 1))
        back = np.empty_like(ends)
        back[:, order] = ends
        return back[0], back[1], back[2]

    def ranks(self, counted: Floats, people: Floats, draws: int, step: Step) -> npt.NDArray[np.int32]:
        """The rank of each area (columns) in each draw (rows)."""
        random = np.random.default_rng(self.seed)
        ranks = np.empty((draws, len(counted)), np.int32)
        places = np.arange(1, len(counted) + 1)
        for row in ranks:
            drawn = _draw(random, counted, people, self.kind)
            row[np.argsort(_best_first(drawn, self.direction), kind="stable")] = places
            step.advance()
        return ranks


def _draw(random: np.random.Generator, counted: Floats, people: Floats, kind: Kind) -> Floats:
    if kind == "share":
        return random.beta(counted + 0.5, people - counted + 0.5)
    return random.gamma(counted + 0.5) / people


def _quantiles(drawn: npt.NDArray[np.int32]) -> Floats:
    """Median and both ends of the range of each column: the least rank that reaches the quantile, so a whole rank."""
    return np.asarray(np.quantile(drawn, (0.5, *RANGE), axis=0, method="inverted_cdf"), dtype=np.float64)


def _best_first(values: Floats, direction: Direction) -> Floats:
    return -values if direction == "more_is_better" else values


def distinguishable(ranks: Ranks) -> Bools:
    """Areas whose range lies wholly in the better or wholly in the worse half: all that a table can honestly say."""
    middle = (ranks.ranked + 1) / 2
    return np.asarray((ranks.high < middle) | (ranks.low > middle), dtype=bool)
