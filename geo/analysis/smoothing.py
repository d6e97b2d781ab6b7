"""Is a small village really the most active place, or just small? Rates drawn towards the mean by how little they say.

Empirical Bayes after Marshall (1991): the between-area variance is estimated by moments from all areas, and each raw
rate is a weighted mean of itself and the overall rate; areas with few people move most, large ones stay. With
neighbours the mean and the variance are those of the area and its neighbours.

A smoothed rate always lies between the raw rate and the mean. Where all the difference between areas is what chance
alone would make, the variance is 0 (a negative estimate is clamped) and every area gets the mean. Areas without people
or without data take no part and have no smoothed rate.

Marshall, R. J. (1991) Mapping disease and mortality rates using empirical Bayes estimators. Applied Statistics 40,
283-294.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, eye_array

from geo.analysis.arrays import Bools, Floats, divided, weights
from geo.analysis.columns import Values
from geo.analysis.figure import NO_DATA, Unit


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """`smoothed` = weight * raw + (1 - weight) * mean, per area; NaN where an area takes no part.

    Rates are events per person (not per 1,000); `variance` is the between-area variance of the rates.
    """

    raw: Floats
    smoothed: Floats
    weight: Floats
    mean: Floats
    variance: Floats


def empirical_bayes(
    events: npt.ArrayLike,
    base: npt.ArrayLike,
    *,
    neighbours: csr_array | None = None,
    dispersion: float = 1.0,
) -> Smoothed:
    """Marshall's estimator; global, or local to each area and its neighbours.

    events, base: counts per area, NaN where not known. neighbours: n x n, non-zero where two areas are neighbours (the
    area itself is added). dispersion: variance of an event count over its mean, 1 for plain counts; priority-weighted
    needs have more (`scores.need_intensity`).

    >>> estimate = empirical_bayes([30, 1, 0], [300, 100, 10])
    >>> estimate.weight.round(3).tolist()
    [0.81, 0.586, 0.124]
    """
    counted = weights(events, "events")
    people = weights(base, "base", size=len(counted))
    taking_part = ~np.isnan(counted) & (people > 0)
    counted, people = np.where(taking_part, counted, 0.0), np.where(taking_part, people, 0.0)
    raw = divided(counted, people)
    near = _Everybody(taking_part) if neighbours is None else _with_self(neighbours, taking_part)
    mean = divided(near.sum_of(counted), near.sum_of(people))
    variance = np.maximum(near.spread(raw, people, mean) - dispersion * divided(mean, near.mean_of(people)), 0.0)
    weight = divided(variance, variance + dispersion * divided(mean, people))
    weight = np.where(taking_part & np.isnan(weight), 0.0, weight)  # nobody took part anywhere: the mean is 0
    smoothed = np.where(taking_part, mean + weight * (raw - mean), np.nan)
    return Smoothed(raw, smoothed, np.where(taking_part, weight, np.nan), mean, variance)


@dataclass(frozen=True, slots=True, eq=False)
class _Everybody:
    """All areas together: one mean and one variance, repeated per area."""

    taking_part: Bools

    def sum_of(self, column: Floats) -> Floats:
        return np.full(len(column), column.sum())

    def mean_of(self, column: Floats) -> Floats:
        return divided(self.sum_of(column), np.full(len(column), self.taking_part.sum()))

    def spread(self, raw: Floats, people: Floats, mean: Floats) -> Floats:
        squares = np.where(self.taking_part, people * (raw - mean) ** 2, 0.0)
        return divided(self.sum_of(squares), self.sum_of(people))


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """An area and its neighbours, areas that take no part left out."""

    ring: csr_array
    taking_part: Bools

    def sum_of(self, column: Floats) -> Floats:
        return np.asarray(self.ring @ column)

    def mean_of(self, column: Floats) -> Floats:
        return divided(self.sum_of(column), self.sum_of(self.taking_part.astype(np.float64)))

    def spread(self, raw: Floats, people: Floats, mean: Floats) -> Floats:
        pairs = self.ring.tocoo()
        deviation = np.nan_to_num(raw)[pairs.col] - mean[pairs.row]
        squares = np.bincount(pairs.row, people[pairs.col] * deviation**2, len(raw))
        return divided(squares, self.sum_of(people))


def _with_self(neighbours: csr_array, taking_part: Bools) -> _Near:
    size = len(taking_part)
    if neighbours.shape != (size, size):
        raise ValueError(f"neighbours must be {size} x {size}")
    ring = csr_array(neighbours + eye_array(size, format="csr"), copy=True)
    ring.data = (ring.data != 0).astype(np.float64)
    return _Near(ring, taking_part)


def smoothed_rate(rate: Values, *, neighbours: csr_array | None = None) -> Values:
    """The smoothed form of a rate made by `Values.ratio`, the raw one kept as part `raw`.

    Suppressed and missing areas take no part. An interval of the raw rate is not one of the smoothed: it is left out.
    """
    estimate = empirical_bayes(rate.numerator, rate.denominator, neighbours=neighbours)
    scale = 1000.0 if rate.unit is Unit.PER_1000 else 1.0
    smoothed = Values.build(
        estimate.smoothed * scale,
        rate.unit,
        missing=np.where(rate.known & np.isnan(estimate.smoothed), NO_DATA, rate.missing),
        numerator=rate.numerator,
        denominator=rate.denominator,
        estimated=rate.estimated,
        base=rate.base,
        counts_people=rate.counts_people,
    )
    return replace(smoothed, parts={"raw": rate})
