"""Did more people take part, or were more people asked? Change between two years, taken apart.

Participants grow because the rate grows or because the base does (more municipalities, more residents). The change is
split exactly into a rate effect and a base effect, each at the mean of the other (Kitagawa 1955), and shown beside the
like-for-like panel: only territories with data in both years. Rates of two years are compared by a test of two
proportions (or two Poisson rates for attendances), the interval of the difference by Newcombe's method 10 or by the
normal form for rates; over many districts the false discovery rate is held.

Kitagawa, E. M. (1955) Components of a difference between two rates. JASA 50, 1168-1194. Newcombe, R. G. (1998) Interval
estimation for the difference between independent proportions. Statistics in Medicine 17, 873-890.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Codes, Floats, divided, weights
from geo.analysis.intervals import normal_quantile, wilson
from geo.analysis.significance import adjusted, two_sided

Kind = Literal["share", "rate"]
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """Two years of one area or of a sum of areas; None where a year is not known or the base is 0.

    `absolute` events more, `relative` the same as a share of the first year, `times` second over first; rates are
    events per person, `points` their difference in percentage points. `rate_effect` + `base_effect` = `absolute`.
    """

    events: tuple[float | None, float | None]
    base: tuple[float | None, float | None]
    absolute: float | None
    relative: float | None
    times: float | None
    rates: tuple[float | None, float | None]
    points: float | None
    rate_effect: float | None
    base_effect: float | None


def change(events: tuple[float, float], base: tuple[float, float]) -> Change:
    """The change of events and of their rate; pairs are (first year, second year), NaN for not known.

    >>> grown = change((80494, 107350), (330527, 728691))
    >>> grown.absolute, round(100 * grown.relative, 1), round(grown.points, 2)
    (26856.0, 33.4, -9.62)
    >>> round(grown.rate_effect), round(grown.base_effect)
    (-50955, 77811)
    """
    counted, people = weights(events, "events", size=2), weights(base, "base", size=2)
    rates = divided(counted, people)
    difference = counted[1] - counted[0]
    rate_effect = (rates[1] - rates[0]) * people.mean()
    base_effect = (people[1] - people[0]) * rates.mean()
    return Change(
        (_known(counted[0]), _known(counted[1])),
        (_known(people[0]), _known(people[1])),
        _known(difference),
        _known(divided(difference, counted[0])),
        _known(divided(counted[1], counted[0])),
        (_known(rates[0]), _known(rates[1])),
        _known(100 * (rates[1] - rates[0])),
        _known(rate_effect),
        _known(base_effect),
    )


def _known(number: npt.ArrayLike) -> float | None:
    value = float(np.asarray(number))
    return None if np.isnan(value) else value


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The change of everything, of the territories with data in both years, and who came and went.

    Of the panel's change in rate, `within_points` is what its territories' own rates did, `mix_points` what came of
    residents being distributed differently over them; both in percentage points, adding to `same.points`.
    """

    whole: Change
    same: Change
    in_both: Bools
    entered: Bools
    left: Bools
    within_points: float | None
    mix_points: float | None


def like_for_like(
    first_events: npt.ArrayLike,
    first_base: npt.ArrayLike,
    second_events: npt.ArrayLike,
    second_base: npt.ArrayLike,
) -> Panel:
    """Changes over territories (rows, the same in all four columns; NaN where a territory had no data that year).

    >>> panel = like_for_like([10, 20], [100, 100], [15, float("nan")], [100, float("nan")])
    >>> panel.same.absolute, panel.whole.absolute, panel.left.tolist()
    (5.0, -15.0, [False, True])
    """
    columns = [weights(column, "column") for column in (first_events, first_base, second_events, second_base)]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("the four columns must cover the same territories")
    had = ~np.isnan(columns[0]) & ~np.isnan(columns[1])
    has = ~np.isnan(columns[2]) & ~np.isnan(columns[3])
    both = had & has
    within, mix = _kitagawa(*(column[both] for column in columns))
    return Panel(_summed(columns, had, has), _summed(columns, both, both), both, has & ~had, had & ~has, within, mix)


def _summed(columns: list[Floats], first: Bools, second: Bools) -> Change:
    sums = [
        float(column[rows].sum()) if rows.any() else np.nan
        for column, rows in zip(columns, (first, first, second, second), strict=True)
    ]
    return change((sums[0], sums[2]), (sums[1], sums[3]))


def _kitagawa(e1: Floats, b1: Floats, e2: Floats, b2: Floats) -> tuple[float | None, float | None]:
    """Rates at mean composition, composition at mean rates; a territory without people keeps the rate it ever had."""
    if not (b1.sum() > 0 and b2.sum() > 0):
        return None, None
    r1, r2 = divided(e1, b1), divided(e2, b2)
    r1, r2 = np.where(np.isnan(r1), r2, r1), np.where(np.isnan(r2), r1, r2)
    r1, r2 = np.nan_to_num(r1), np.nan_to_num(r2)
    c1, c2 = b1 / b1.sum(), b2 / b2.sum()
    within = float(np.sum((r2 - r1) * (c1 + c2) / 2))
    mix = float(np.sum((c2 - c1) * (r1 + r2) / 2))
    return 100 * within, 100 * mix


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Second minus first rate per area in percentage points (per 100 people), interval, two-sided p, adjusted q.

    `significance`: 2 with the false discovery rate held, 1 only nominally, 0 not; NaN and 0 where there is no test.
    """

    points: Floats
    low: Floats
    high: Floats
    p: Floats
    q: Floats
    significance: Codes


def differences(
    first_events: npt.ArrayLike,
    first_base: npt.ArrayLike,
    second_events: npt.ArrayLike,
    second_base: npt.ArrayLike,
    kind: Kind = "share",
    *,
    alpha: float = ALPHA,
) -> Differences:
    """Which territories changed by more than chance; `share` persons out of persons, `rate` attendances.

    >>> tested = differences([50, 5], [500, 50], [100, 6], [500, 50])
    >>> tested.points.round(9).tolist(), tested.significance.tolist()
    ([10.0, 2.0], [2, 0])
    """
    e1, e2 = weights(first_events, "first_events"), weights(second_events, "second_events")
    b1, b2 = weights(first_base, "first_base", size=len(e1)), weights(second_base, "second_base", size=len(e1))
    if kind == "share" and ((e1 > b1) | (e2 > b2)).any():
        raise ValueError("more events than people: use kind='rate'")
    r1, r2 = divided(e1, b1), divided(e2, b2)
    pooled = divided(e1 + e2, b1 + b2)
    chance = pooled * (1 - pooled) if kind == "share" else pooled
    error = np.sqrt(chance * (divided(1.0, b1) + divided(1.0, b2)))
    p = np.where(error == 0, 1.0, two_sided(divided(r2 - r1, error)))
    p = np.where(np.isnan(r2 - r1), np.nan, p)
    below, above = _newcombe(e1, b1, e2, b2) if kind == "share" else _rate_margin(e1, b1, e2, b2)
    q = adjusted(p, ~np.isnan(p))
    significance = ((p <= alpha).astype(np.int8) + (q <= alpha)).astype(np.int8)
    shift = 100 * (r2 - r1)
    return Differences(shift, shift - 100 * below, shift + 100 * above, p, q, significance)


def _newcombe(e1: Floats, b1: Floats, e2: Floats, b2: Floats) -> tuple[Floats, Floats]:
    """Distances from the difference down and up, from both Wilson intervals."""
    r1, r2 = divided(e1, b1), divided(e2, b2)
    (low1, high1), (low2, high2) = wilson(e1, b1), wilson(e2, b2)
    return np.hypot(r2 - low2, high1 - r1), np.hypot(high2 - r2, r1 - low1)


def _rate_margin(e1: Floats, b1: Floats, e2: Floats, b2: Floats) -> tuple[Floats, Floats]:
    margin = normal_quantile(0.95) * np.sqrt(divided(e1, b1**2) + divided(e2, b2**2))
    return margin, margin
