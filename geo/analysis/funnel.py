"""Which areas really differ from the rest, given their size? A funnel plot: limits that narrow as the base grows.

Preferred over a league table: an area inside the funnel differs from the overall rate no more than chance would make
it. Limits are p0 +- z sqrt(p0 (1 - p0) / n), and exact (interpolated binomial or Poisson quantiles, Spiegelhalter 2005,
appendix A.1) where fewer than 20 events are expected. When the areas scatter more than chance allows (chi-square over
its degrees of freedom above 1) the limits are widened by its root, and the result says so.

Spiegelhalter, D. J. (2005) Funnel plots for comparing institutional performance. Statistics in Medicine 24, 1185-1202.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from geo.analysis.arrays import Bools, Codes, Floats, divided, weights

Kind = Literal["share", "rate"]

# two-sided 95 % and 99.8 %: one area in 20 and one in 500 lies outside by chance
CONFIDENCES = (0.95, 0.998)
EXACT_BELOW = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """The funnel at given bases: inner (95 %) and outer (99.8 %) limits in events per person, clipped at 0 (and 1)."""

    inner_low: Floats
    inner_high: Floats
    outer_low: Floats
    outer_high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Rates per person, the common `target`, limits per area, and where each area stands.

    `standing`: -2, -1, 0, 1, 2 for below the outer limit, below the inner, inside, above the inner, above the outer;
    0 with a NaN rate for areas without base or data. `dispersion` is chi-square / (k - 1), `widened` whether the limits
    carry its root. `target` is NaN when nobody lives anywhere.
    """

    kind: Kind
    target: float
    dispersion: float
    widened: bool
    rate: Floats
    limits: Limits
    standing: Codes


def funnel(events: npt.ArrayLike, base: npt.ArrayLike, kind: Kind = "share") -> Funnel:
    """Funnel of events over people; `share` for persons out of persons, `rate` for attendances (Poisson).

    >>> plot = funnel([52, 100, 195, 40, 1010], [500, 1000, 2000, 200, 10000])
    >>> plot.standing.tolist(), plot.widened
    ([0, 0, 0, 1, 0], True)
    """
    counted = weights(events, "events")
    people = weights(base, "base", size=len(counted))
    taking_part = ~np.isnan(counted) & (people > 0)
    if kind == "share" and (counted > people)[taking_part].any():
        raise ValueError("more events than people: use kind='rate'")
    rate = np.where(taking_part, divided(counted, people), np.nan)
    target = float(divided(counted[taking_part].sum(), people[taking_part].sum()))
    dispersion = _dispersion(rate, people, target, kind)
    limits = funnel_limits(people, target, kind, dispersion)
    return Funnel(kind, target, dispersion, dispersion > 1, rate, limits, _standing(rate, limits))


def _dispersion(rate: Floats, people: Floats, target: float, kind: Kind) -> float:
    known = ~np.isnan(rate)
    variance = target * (1 - target) if kind == "share" else target
    if known.sum() < 2 or not variance > 0:
        return 0.0
    squares = people[known] * (rate[known] - target) ** 2 / variance
    return float(squares.sum() / (known.sum() - 1))


def funnel_limits(base: npt.ArrayLike, target: float, kind: Kind = "share", dispersion: float = 1.0) -> Limits:
    """The limits at any bases, also for drawing the curve; NaN for a base of 0.

    >>> limits = funnel_limits([1000], 0.2437)
    >>> f"{limits.inner_low[0]:.4f} {limits.inner_high[0]:.4f}"
    '0.2171 0.2703'
    """
    people = weights(base, "base")
    people = np.where(people > 0, people, np.nan)
    ends = []
    for confidence in CONFIDENCES:
        for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
            widened = target + np.sqrt(max(dispersion, 1.0)) * (_limit(people, target, tail, kind) - target)
            ends.append(np.clip(widened, 0.0, 1.0 if kind == "share" else None))
    return Limits(ends[0], ends[1], ends[2], ends[3])


def _limit(people: Floats, target: float, tail: float, kind: Kind) -> Floats:
    if target == 0 or (kind == "share" and target == 1):
        return np.where(np.isnan(people), np.nan, target)  # nothing can vary around nobody or everybody
    exact = _few_expected(people, target, kind)
    return np.where(exact, _exact(people, target, tail, kind), _normal(people, target, tail, kind))


def _few_expected(people: Floats, target: float, kind: Kind) -> Bools:
    rarer = min(target, 1 - target) if kind == "share" else target
    return np.asarray(people * rarer < EXACT_BELOW, dtype=bool)


def _normal(people: Floats, target: float, tail: float, kind: Kind) -> Floats:
    variance = target * (1 - target) if kind == "share" else target
    return np.asarray(target + ndtri(tail) * np.sqrt(variance / people))


def _exact(people: Floats, target: float, tail: float, kind: Kind) -> Floats:
    """The quantile between whole counts: r - (P(R <= r) - tail) / P(R = r), over the base."""
    from scipy import stats  # imported late: see geo.analysis.significance

    chance = stats.binom(np.round(people), target) if kind == "share" else stats.poisson(people * target)
    count = chance.ppf(tail)
    here = chance.pmf(count)
    return np.asarray((count - divided(chance.cdf(count) - tail, here)) / people)


def _standing(rate: Floats, limits: Limits) -> Codes:
    above = (rate > limits.inner_high).astype(np.int8) + (rate > limits.outer_high)
    below = (rate < limits.inner_low).astype(np.int8) + (rate < limits.outer_low)
    return np.asarray(above - below, dtype=np.int8)
