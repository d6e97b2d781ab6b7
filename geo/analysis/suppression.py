"""Which further figures have to be hidden so that a hidden one cannot be computed back?

A count of 1 to 4 people is hidden (geo.analysis.figure); but beside a published total the reader subtracts what is
shown. `protect` hides, for parts of one total, the next smallest counts until every hidden one could be at least two
numbers; `protect_table` does the same for any table of sums (districts by channels, months of a year, nested
territories); `feasible` is the attack both are tested with; `publishable_steps` thins a series of running totals
(residents within 50, 100, 150 … m) so that the difference of two shown ones is never a small number of people.

Method: cell suppression with complementary cells, Hundepool et al., Statistical Disclosure Control (2012), chapter 4;
the attack is the interval a reader can compute from the published sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Floats, weights

DEFAULT_SMALL = 5


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """What stays hidden: `hidden` one flag per part, `hide_total` when the parts alone cannot protect each other."""

    hidden: Bools
    hide_total: bool


def protect(counts: npt.ArrayLike, hidden: npt.ArrayLike, *, small_count: int = DEFAULT_SMALL) -> Protected:
    """Hide further parts of one published total until no hidden part can be computed back.

    counts: people per part, NaN where not known (such parts are outside the total); hidden: what is hidden for its own
    sake. The reader is taken to know the total, every shown part, that a hidden part is not 0 unless hidden for its
    base, and which hidden parts are below `small_count`. Ties go to the earlier row.

    >>> protect([3, 40, 7, 0], [True, False, False, False]).hidden.tolist()
    [True, False, True, False]
    >>> protect([3, 0], [True, False]).hide_total
    True
    """
    people = weights(counts, "counts")
    mask = np.array(hidden, dtype=bool) & ~np.isnan(people)
    candidates = np.flatnonzero(~mask & (people > 0))
    queue = candidates[np.argsort(people[candidates], kind="stable")].tolist()
    while mask.any() and not _safe(people[mask], small_count):
        if not queue:
            return Protected(mask, True)
        mask[queue.pop(0)] = True
    return Protected(mask, False)


def _bounds(people: Floats, small_count: int) -> tuple[Floats, Floats]:
    """What a reader knows of hidden counts without any sum: small ones are 1 to small_count - 1, others anything."""
    low = np.where(people > 0, 1.0, 0.0)
    high = np.where((people > 0) & (people < small_count), small_count - 1.0, np.inf)
    return low, high


def _safe(people: Floats, small_count: int) -> bool:
    """Whether each of these parts could be at least two whole numbers, their sum being known."""
    low, high = _bounds(people, small_count)
    total = people.sum()
    endless = np.isinf(high)
    finite_high = np.where(endless, 0.0, high)
    others_endless = endless.sum() - endless > 0
    least = np.where(others_endless, low, np.maximum(low, total - (finite_high.sum() - finite_high)))
    most = np.minimum(high, total - (low.sum() - low))
    return bool((np.floor(most + 1e-9) - np.ceil(least - 1e-9) >= 1).all())
