"""Does each area, and each group of residents, get its share? Shares of resources minus shares of a baseline.

The form of the Urban Institute's Spatial Equity Data Tool: for areas, the share of all resources found in the area
minus the share of the baseline (all residents, aged 16 and over, children …) living there; for groups, the make-up of
the places resources are in, averaged over resources, minus the make-up of the whole city. Both in percentage points.

Where that tool takes the margin of error from survey baselines, a population register has none: the interval here is
that of the resources, seen as placed independently of each other (Wilson for shares; with weights the effective number
of resources of Kish). A margin of the baseline, if there is one, is added in quadrature. A difference whose interval
contains 0 is not significant. Money has no such interval: it is not placed rouble by rouble.

Narayanan, A., Stern, A., MacDonald, G. (2020) Spatial Equity Data Tool: Technical Appendix, Urban Institute; tool
documentation of 2025. Kish, L. (1965) Survey Sampling, chapter 11.7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Floats, divided, floats, weights
from geo.analysis.columns import Values
from geo.analysis.figure import NO_DATA, NO_OBJECTS, Unit
from geo.analysis.intervals import normal_quantile, wilson


@dataclass(frozen=True, slots=True, eq=False)
class Disparity:
    """Differences in percentage points with intervals; `significant` where the interval does not contain 0.

    `resource_share` and `baseline_share` are 0..1 per area; `counted` is the number of resources behind the interval
    (the effective one, when they carry weights).
    """

    points: Values
    resource_share: Floats
    baseline_share: Floats
    significant: Bools
    counted: float


def disparity(
    resources: npt.ArrayLike,
    baseline: npt.ArrayLike,
    *,
    counted: float | None = None,
    baseline_margin: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Disparity:
    """Shares of resources minus shares of baseline, per area, in percentage points.

    resources: number or weight per area; baseline: people per area; NaN in either leaves the area out of all shares.
    counted: effective number of resources (`effective_number`) when they are weights; 0 gives no interval (money);
    None takes the sum. baseline_margin: half-width of each baseline share (0..1), if the baseline is a survey.

    >>> result = disparity([30, 10], [500, 500])
    >>> result.points.value.tolist(), result.significant.tolist()
    ([25.0, -25.0], [True, True])
    """
    held, living = weights(resources, "resources"), weights(baseline, "baseline")
    if len(held) != len(living):
        raise ValueError("resources and baseline need one entry per area")
    known = ~np.isnan(held) & ~np.isnan(living)
    held, living = np.where(known, held, np.nan), np.where(known, living, np.nan)
    of_resources = divided(held, np.nansum(held))
    of_baseline = divided(living, np.nansum(living))
    number = float(np.nansum(held)) if counted is None else counted
    low, high = _interval(of_resources, of_baseline, number, baseline_margin, confidence)
    missing = np.where(~known, NO_DATA, np.where(np.isnan(of_resources - of_baseline), NO_OBJECTS, 0))
    points = Values.build(
        100 * (of_resources - of_baseline),
        Unit.POINTS,
        missing=missing,
        numerator=held,
        denominator=living,
        low=100 * low,
        high=100 * high,
    )
    return Disparity(points, of_resources, of_baseline, np.asarray((low > 0) | (high < 0), dtype=bool), number)


def _interval(
    share: Floats, baseline: Floats, number: float, margin: npt.ArrayLike | None, confidence: float
) -> tuple[Floats, Floats]:
    """Wilson's interval of the share moved by the baseline, each side widened by the baseline's own margin."""
    if number <= 0:
        return np.full(len(share), np.nan), np.full(len(share), np.nan)
    low, high = wilson(np.clip(share, 0, 1) * number, np.full(len(share), number), confidence)
    extra = 0.0 if margin is None else weights(margin, "baseline_margin", size=len(share))
    difference = share - baseline
    return difference - np.hypot(share - low, extra), difference + np.hypot(high - share, extra)


def effective_number(resource_weights: npt.ArrayLike) -> float:
    """Kish's number of equal resources that say as much as these weights: (sum w)^2 / sum w^2; 0 for none.

    >>> effective_number([1, 1, 1, 1]), effective_number([3, 1])
    (4.0, 1.6)
    """
    each = np.nan_to_num(weights(resource_weights, "resource_weights"))
    squares = float(np.sum(each**2))
    return float(each.sum()) ** 2 / squares if squares else 0.0


def group_disparity(
    resources: npt.ArrayLike,
    group_share: npt.ArrayLike,
    people: npt.ArrayLike,
    *,
    confidence: float = 0.95,
) -> Values:
    """For groups of residents: what a resource's surroundings look like on average, minus the city, in points.

    resources: number per area (n); group_share: share of each group among the people of each area (n x g, NaN where
    unknown: the area is left out for that group); people: per area. One figure per group, with interval.

    >>> group_disparity([6, 2], [[0.5], [0.25]], [1000, 1000])[0].value
    6.25
    """
    held, living = weights(resources, "resources"), weights(people, "people")
    shares = floats(group_share, "group_share", size=len(held), dimensions=2)
    known = ~np.isnan(shares) & (~np.isnan(held) & ~np.isnan(living))[:, None]
    place = np.where(known, np.nan_to_num(held)[:, None], 0.0)
    city = np.where(known, np.nan_to_num(living)[:, None], 0.0)
    filled = np.nan_to_num(shares)
    around = divided((place * filled).sum(axis=0), place.sum(axis=0))
    whole = divided((city * filled).sum(axis=0), city.sum(axis=0))
    scatter = divided((place * (filled - around) ** 2).sum(axis=0), place.sum(axis=0) ** 2)
    margin = 100 * normal_quantile(confidence) * np.sqrt(scatter)
    points = 100 * (around - whole)
    missing = np.where(~known.any(axis=0), NO_DATA, np.where(np.isnan(points), NO_OBJECTS, 0))
    return Values.build(points, Unit.POINTS, missing=missing, low=points - margin, high=points + margin)
