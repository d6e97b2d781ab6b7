"""Where is more needed than is there, and whom does a plain rule call underserved?

The gap index of an area is its standard score of need minus its standard score of supply: positive means more need than
supply, compared with the other areas. Scores are robust (median and 1.4826 times the median absolute deviation), so one
extreme area does not make the rest look alike. Below 8 areas with data there is no index, only the two rates side by
side; where half of the areas share one value (deviation 0) the difference of ranks takes its place.

Need is the weight of open needs (critical 4, high 3, medium 2, low 1) per 1,000 residents, smoothed; because a critical
need counts four times, its chance variation is larger than that of plain counts, and smoothing knows it.

The underserved rule is plain and adjustable: residents, too few of them under a TOS or near a project, and an open
need; each area carries the reasons in words.

Rousseeuw, P. J., Croux, C. (1993) Alternatives to the median absolute deviation. JASA 88, 1273-1283 (1.4826).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.analysis.arrays import Bools, Floats, divided, floats, weights
from geo.analysis.columns import Values
from geo.analysis.figure import NO_DATA, NO_RESIDENTS, NOT_ASSESSED, Unit
from geo.analysis.smoothing import empirical_bayes
from geo.errors import N_, Message
from geo.vocabulary import PRIORITY_WEIGHTS, NeedPriority, PopulationBase

LEAST_AREAS = 8
MAD_TO_DEVIATION = 1.4826

TOO_FEW = N_("Fewer than {least} areas have data: need and supply are shown side by side, without an index.")
BY_RANKS = N_("Many areas share one value: the index is the difference of ranks.")
LOW_TOS = N_("only {share} of residents live under a TOS, the limit is {limit}")
FAR_AWAY = N_("only {share} of residents have a finished project within reach, the limit is {limit}")
OPEN_NEEDS_LEFT = N_("open needs: {count}")

Scale = Literal["robust_z", "ranks", "none"]


def robust_z(values: npt.ArrayLike) -> Floats:
    """(x - median) / (1.4826 MAD) of the known values; NaN where unknown, all NaN when the MAD is 0 or nothing known.

    >>> robust_z([1, 2, 3, 4, 100]).round(3).tolist()
    [-1.349, -0.674, 0.0, 0.674, 65.426]
    """
    x = floats(values)
    known = x[~np.isnan(x)]
    if not len(known):
        return np.full(len(x), np.nan)
    middle = np.median(known)
    deviation = float(np.median(np.abs(known - middle)))
    if deviation <= 1e-12 * float(np.max(np.abs(known))):
        return np.full(len(x), np.nan)
    return np.asarray((x - middle) / (MAD_TO_DEVIATION * deviation))


def rank_score(values: npt.ArrayLike) -> Floats:
    """Mean rank of each known value as a share, (rank - 0.5) / n: 0..1, ties alike; NaN where unknown.

    >>> rank_score([5, 5, 9, float("nan")]).round(3).tolist()
    [0.333, 0.333, 0.833, nan]
    """
    x = floats(values)
    ranks = pd.Series(x).rank().to_numpy()
    return np.asarray((ranks - 0.5) / max(int((~np.isnan(x)).sum()), 1))


def need_intensity(needs: npt.ArrayLike, residents: npt.ArrayLike) -> Values:
    """Priority-weighted open needs per 1,000 residents, smoothed; parts `raw` (unsmoothed) and `needs` (plain count).

    needs: areas x priorities (critical, high, medium, low), NaN row where no register is loaded; residents per area.

    >>> need_intensity([[0, 0, 10, 0], [5, 0, 10, 0]], [1000, 1000]).parts["raw"].value.tolist()
    [20.0, 40.0]
    """
    counts = floats(needs, "needs", dimensions=2)
    priority = np.array([PRIORITY_WEIGHTS[word] for word in NeedPriority], dtype=np.float64)
    if counts.shape[1] != len(priority) or (counts < 0).any():
        raise ValueError("needs are counts by priority: critical, high, medium, low")
    weighted = counts @ priority
    raw = Values.ratio(weighted, residents, Unit.PER_1000, base=PopulationBase.RESIDENTS)
    of_each = np.nansum(counts, axis=0)
    dispersion = float(divided(of_each @ priority**2, of_each @ priority))
    estimate = empirical_bayes(weighted, residents, dispersion=1.0 if np.isnan(dispersion) else dispersion)
    plain = Values.build(counts.sum(axis=1), Unit.COUNT)
    return Values.build(
        estimate.smoothed * 1000,
        Unit.PER_1000,
        missing=raw.missing,
        numerator=weighted,
        denominator=raw.denominator,
        base=PopulationBase.RESIDENTS,
        parts={"raw": raw, "needs": plain},
    )


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """The index with parts `need`, `supply` (as given) and, when there is one, `need_score`, `supply_score`.

    scale: `robust_z`, `ranks` (index from -1 to 1), or `none` when the areas are too few; notes say so in words.
    """

    index: Values
    scale: Scale
    notes: tuple[Message, ...]


def gap_index(need: Values, supply: Values) -> Gap:
    """Standard score of need minus standard score of supply, over areas where both are known.

    >>> need = Values.build([1, 2, 3, 4, 5, 6, 7, 8], Unit.PER_1000)
    >>> gap_index(need, Values.build([8, 7, 6, 5, 4, 3, 2, 1], Unit.PER_1000)).index.value.round(2).tolist()
    [-2.36, -1.69, -1.01, -0.34, 0.34, 1.01, 1.69, 2.36]
    """
    if len(need) != len(supply):
        raise ValueError("need and supply must cover the same areas")
    both = need.known & supply.known
    missing = np.where(need.known, supply.missing, need.missing)
    parts = {"need": need, "supply": supply}
    if both.sum() < LEAST_AREAS:
        refused = np.where(both, NOT_ASSESSED, missing)
        empty = Values.build(np.full(len(need), np.nan), Unit.INDEX, missing=refused, parts=parts)
        return Gap(empty, "none", (Message(TOO_FEW, {"least": LEAST_AREAS}),))
    columns = [np.where(both, side.value, np.nan) for side in (need, supply)]
    scores = [robust_z(column) for column in columns]
    by_ranks = any(np.isnan(score).all() for score in scores)
    if by_ranks:
        scores = [rank_score(column) for column in columns]
    parts |= {
        name: Values.build(score, Unit.INDEX, missing=missing)
        for name, score in zip(("need_score", "supply_score"), scores, strict=True)
    }
    index = Values.build(scores[0] - scores[1], Unit.INDEX, missing=missing, parts=parts)
    return Gap(index, "ranks" if by_ranks else "robust_z", (Message(BY_RANKS),) if by_ranks else ())


def need_supply_classes(need: Values, supply: Values, classes: int = 3) -> npt.NDArray[np.int8]:
    """Need by supply for a two-way map: need class * classes + supply class, each 0 (low) up by quantiles; -1 unknown.

    Ties stay in one class, the lower one.

    >>> high = Values.build([1, 2, 3], Unit.PER_1000)
    >>> need_supply_classes(high, Values.build([3, 2, 1], Unit.PER_1000)).tolist()
    [2, 4, 6]
    """
    both = need.known & supply.known
    found = np.full(len(need), -1, np.int8)
    if both.any():
        of_need, of_supply = (_quantile_class(side.value[both], classes) for side in (need, supply))
        found[both] = of_need * classes + of_supply
    return found


def _quantile_class(known: Floats, classes: int) -> npt.NDArray[np.int64]:
    cuts = np.quantile(known, np.arange(1, classes) / classes, method="inverted_cdf")
    return np.searchsorted(np.unique(cuts), known, side="left")


@dataclass(frozen=True, slots=True)
class Rule:
    """The limits of the underserved rule and the points each condition is worth, as its legend shows them.

    With the usual points an area is underserved that has open needs and either few under a TOS or few near a project.
    """

    tos_share_below: float = 0.25
    reach_share_below: float = 0.5
    needs_at_least: int = 1
    tos_weight: int = 1
    reach_weight: int = 1
    needs_weight: int = 2
    points_from: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class Underserved:
    """`hit` per area with the reasons and the points of what is known to hold; `missing` is 0 or a code of `MISSING`
    where the rule cannot be decided."""

    hit: Bools
    points: Floats
    missing: npt.NDArray[np.int8]
    reasons: tuple[tuple[Message, ...], ...]


def underserved(
    residents: npt.ArrayLike,
    tos_share: npt.ArrayLike,
    reach_share: npt.ArrayLike,
    open_needs: npt.ArrayLike,
    rule: Rule | None = None,
) -> Underserved:
    """Residents, and enough points: for few under a TOS, for few near a finished project, for open needs.

    A comparison with an unknown side may hold or not; the rule is decided when both ways lead to the same.

    >>> found = underserved([900, 900, 0], [0.1, 0.9, 0], [0.9, 0.9, 0], [2, 2, 2])
    >>> found.hit.tolist(), [str(reason) for reason in found.reasons[0]]
    ([True, False, False], ['only 10 % of residents live under a TOS, the limit is 25 %', 'open needs: 2'])
    """
    limits = rule or Rule()
    living = weights(residents, "residents")
    tos, reach = (weights(share, "share", size=len(living)) for share in (tos_share, reach_share))
    needs = weights(open_needs, "open_needs", size=len(living))
    low_tos, far = tos < limits.tos_share_below, reach < limits.reach_share_below
    asked = needs >= limits.needs_at_least
    worth = np.array([limits.tos_weight, limits.reach_weight, limits.needs_weight], dtype=float)
    points = np.column_stack([low_tos, far, asked]) @ worth
    at_most = points + np.isnan(np.column_stack([tos, reach, needs])) @ worth
    hit = (living > 0) & (points >= limits.points_from)
    undecided = ~hit & (at_most >= limits.points_from)
    missing = np.where(living == 0, NO_RESIDENTS, np.where(np.isnan(living) | undecided, NO_DATA, 0)).astype(np.int8)
    reasons = tuple(
        _reasons(tos[at], reach[at], needs[at], limits, bool(low_tos[at]), bool(far[at]), bool(asked[at]))
        if hit[at]
        else ()
        for at in range(len(living))
    )
    return Underserved(hit, points, missing, reasons)


def _reasons(
    tos: float, reach: float, needs: float, limits: Rule, low_tos: bool, far: bool, asked: bool
) -> tuple[Message, ...]:
    found = []
    if low_tos:
        found.append(Message(LOW_TOS, {"share": _percent(tos), "limit": _percent(limits.tos_share_below)}))
    if far:
        found.append(Message(FAR_AWAY, {"share": _percent(reach), "limit": _percent(limits.reach_share_below)}))
    return (*found, Message(OPEN_NEEDS_LEFT, {"count": int(needs)})) if asked else tuple(found)


def _percent(share: float) -> Message:
    """Down to a tenth: a share below a limit must not read as the limit."""
    tenths = math.floor(1000 * share + 1e-9)
    return Message(N_("{number} %"), {"number": tenths // 10 if tenths % 10 == 0 else tenths / 10})
