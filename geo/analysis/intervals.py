"""How exact is a share of people, or a rate of attendances? Two closed-form intervals, by columns.

Shares (persons out of persons): Wilson's score interval, which stays inside 0..1 and works for 0 of n. Attendances
(the same person may be counted at every meeting, so the rate can pass 1,000 per 1,000): Byar's approximation of the
exact Poisson interval. Counts of a complete register (residents covered by a TOS) are no sample: they get no interval.

Wilson, E. B. (1927) Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
Breslow, N. E., Day, N. E. (1987) Statistical Methods in Cancer Research II, p. 69 (Byar's approximation).
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Floats, divided, weights
from geo.analysis.columns import Values
from geo.analysis.figure import Unit
from geo.vocabulary import PopulationBase


class Interval(NamedTuple):
    """Both ends per area, NaN where there is none; unpacks into `Values.with_interval`."""

    low: Floats
    high: Floats


def normal_quantile(confidence: float) -> float:
    """The two-sided normal quantile: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float = 0.95) -> Interval:
    """Wilson score interval of successes / trials; NaN where nobody could succeed or more did than tried.

    >>> low, high = wilson([80494], [330527])
    >>> f"{low[0]:.4f} {high[0]:.4f}"
    '0.2421 0.2450'
    """
    hits = weights(successes, "successes")
    tries = weights(trials, "trials", size=len(hits))
    z = normal_quantile(confidence)
    share = divided(hits, np.where(hits <= tries, tries, np.nan))
    centre = share + divided(z * z / 2, tries)
    spread = z * np.sqrt(divided(share * (1 - share), tries) + divided(z * z / 4, tries**2))
    widening = 1 + divided(z * z, tries)
    low = np.where(hits == 0, 0.0 * share, (centre - spread) / widening)
    high = np.where(hits == tries, share, (centre + spread) / widening)
    return Interval(low, high)


def byar(events: npt.ArrayLike, confidence: float = 0.95) -> Interval:
    """Byar's interval of the expected number behind `events`; the low end of 0 events is 0.

    >>> low, high = byar([0, 10])
    >>> [round(float(end), 3) for end in (*low, *high)]
    [0.0, 4.787, 3.668, 18.391]
    """
    counted = weights(events, "events")
    z = normal_quantile(confidence)
    low = counted * (1 - divided(1.0, 9 * counted) - z / 3 * np.sqrt(divided(1.0, counted))) ** 3
    low = np.where(counted == 0, 0.0, np.maximum(low, 0.0))
    more = counted + 1
    high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return Interval(low, high)


def share_of_people(
    people: npt.ArrayLike, of_whom: npt.ArrayLike, base: PopulationBase, confidence: float = 0.95
) -> Values:
    """People as a share of a base, with Wilson's interval.

    >>> share_of_people([12], [480], PopulationBase.RESIDENTS_16)[0].value
    0.025
    """
    share = Values.ratio(people, of_whom, Unit.SHARE, base=base, counts_people=True)
    return share.with_interval(*wilson(people, of_whom, confidence))


def attendance_rate(
    attendances: npt.ArrayLike, people: npt.ArrayLike, base: PopulationBase, confidence: float = 0.95
) -> Values:
    """Attendances per 1,000 people of a base, with Byar's interval; may pass 1,000 and is not clipped.

    >>> attendance_rate([120], [80], PopulationBase.RESIDENTS_16)[0].value
    1500.0
    """
    rate = Values.ratio(attendances, people, Unit.PER_1000, base=base, counts_people=True)
    low, high = byar(attendances, confidence)
    return rate.with_interval(1000 * divided(low, rate.denominator), 1000 * divided(high, rate.denominator))
