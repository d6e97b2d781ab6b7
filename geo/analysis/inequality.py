"""How evenly are projects shared out among residents? Lorenz curve, Gini, Hoover, Theil; one figure for a city.

Areas are ordered by projects per resident and each weighs as much as its residents, so that a big okrug is not one
vote among many. Hoover is the easiest to read in a council: the share of projects that would have to move so that every
area had its share. Theil splits into inequality between groups (urban and rural, kinds of okrug) and within them.

The figures have no interval: the areas are all there are, not a sample of others. What can be asked is how unequal the
city would look if nobody had chosen: `by_chance` hands the same number of projects out at random, to everybody alike.

No figure when nothing is to be shared (`no_objects`) or fewer than two areas have residents (`not_assessed`). Areas
without residents or with unknown ones, or with unknown resources, are left out; the result says how many and which
share of the resources they hold. Gini's greatest value over n equal areas is (n - 1) / n; no correction is made.

Lorenz, M. O. (1905) Publications of the American Statistical Association 9, 209-219; Gini, C. (1912) Variabilità e
mutabilità; Hoover, E. M. (1936) Review of Economics and Statistics 18, 162-171; Theil, H. (1967) Economics and
Information Theory.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from geo.analysis.arrays import Floats, divided, weights
from geo.analysis.figure import Unit, Value
from geo.vocabulary import MissingReason


@dataclass(frozen=True, slots=True, eq=False)
class Lorenz:
    """The curve: shares of residents and of resources held by the areas worst off up to here, both from 0 to 1."""

    people: Floats
    resources: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Inequality:
    """Three measures and the curve; the figures say why they are missing, if they are.

    gini 0..1, hoover (share of resources to move) 0..1, theil 0..ln(total people / smallest area's people). `between`
    and `within` add to theil and are missing without groups. left_out: areas not taken in; left_out_share: the share
    of all known resources they hold.
    """

    gini: Value
    hoover: Value
    theil: Value
    between: Value
    within: Value
    lorenz: Lorenz
    left_out: int
    left_out_share: float


def inequality(resources: npt.ArrayLike, people: npt.ArrayLike, groups: Sequence[Hashable] | None = None) -> Inequality:
    """Inequality of resources (projects, money) over areas with people; groups: one label per area.

    >>> result = inequality([10, 0, 2], [100, 100, 200])
    >>> [round(figure.value, 4) for figure in (result.gini, result.hoover, result.theil)]
    [0.625, 0.5833, 0.8202]
    """
    held, living = weights(resources, "resources"), weights(people, "people")
    if len(held) != len(living) or (groups is not None and len(groups) != len(held)):
        raise ValueError("resources, people and groups need one entry per area")
    kept = ~np.isnan(held) & (living > 0)
    total = float(np.nansum(held))
    outside = float(np.nansum(held[~kept])) / total if total else 0.0
    labels = None if groups is None else [label for label, keep in zip(groups, kept.tolist(), strict=True) if keep]
    reason = _refusal(held[kept])
    if reason is not None:
        none = Value.missing(reason, Unit.INDEX)
        share = Value.missing(reason, Unit.SHARE)
        empty = Lorenz(np.empty(0), np.empty(0))
        return Inequality(none, share, none, none, none, empty, int((~kept).sum()), outside)
    return _measured(held[kept], living[kept], labels, int((~kept).sum()), outside)


def _refusal(held: Floats) -> MissingReason | None:
    if len(held) < 2:
        return MissingReason.NOT_ASSESSED
    return None if held.sum() > 0 else MissingReason.NO_OBJECTS


def _measured(
    held: Floats, living: Floats, labels: list[Hashable] | None, left_out: int, left_out_share: float
) -> Inequality:
    resources, people = held / held.sum(), living / living.sum()
    curve = lorenz_curve(held, living)
    whole = theil(resources, people)
    if labels is None:
        between = within = Value.missing(MissingReason.NOT_ASSESSED, Unit.INDEX)
    else:
        of_groups = _between(resources, people, labels)
        between, within = Value(of_groups, Unit.INDEX), Value(max(whole - of_groups, 0.0), Unit.INDEX)
    return Inequality(
        Value(gini(curve), Unit.INDEX),
        Value(float(np.abs(resources - people).sum() / 2), Unit.SHARE),
        Value(whole, Unit.INDEX),
        between,
        within,
        curve,
        left_out,
        left_out_share,
    )


def lorenz_curve(resources: npt.ArrayLike, people: npt.ArrayLike) -> Lorenz:
    """Running shares over areas from the fewest resources per person to the most; equal areas in any order.

    >>> curve = lorenz_curve([1, 3], [50, 50])
    >>> curve.people.tolist(), curve.resources.tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    held, living = weights(resources, "resources"), weights(people, "people")
    order = np.lexsort((living, divided(held, living)))
    running = [np.concatenate([[0.0], np.cumsum(column[order])]) for column in (living, held)]
    return Lorenz(running[0] / running[0][-1], running[1] / running[1][-1])


def gini(curve: Lorenz) -> float:
    """1 minus twice the area under the curve (trapezium rule)."""
    widths = np.diff(curve.people)
    heights = curve.resources[1:] + curve.resources[:-1]
    return float(max(1 - np.sum(widths * heights), 0.0))


CHANCE_DRAWS = 199


def by_chance(objects: int, people: npt.ArrayLike, draws: int = CHANCE_DRAWS) -> tuple[float, float]:
    """Gini of `objects` handed out at random in proportion to people: its mean, and what 95 % of draws stay below.

    The draws start from a fixed seed. A Gini above the second number is more than chance makes of so few objects.

    >>> mean, high = by_chance(10_000, [500, 500])
    >>> round(mean, 3), high < 0.02
    (0.004, True)
    """
    living = np.sort(weights(people, "people"))
    random = np.random.default_rng(20_240_101)
    share = living / living.sum()
    found = np.array([gini(lorenz_curve(random.multinomial(objects, share), living)) for _ in range(draws)])
    return float(found.mean()), float(np.quantile(found, 0.95))


def theil(resource_shares: Floats, people_shares: Floats) -> float:
    """Theil's T of shares against shares, with 0 ln 0 = 0: areas that hold nothing add nothing."""
    return float(max(np.sum(xlogy(resource_shares, divided(resource_shares, people_shares))), 0.0))


def _between(resources: Floats, people: Floats, labels: list[Hashable]) -> float:
    places = {label: at for at, label in enumerate(dict.fromkeys(labels))}
    group = np.array([places[label] for label in labels])
    return theil(np.bincount(group, resources).astype(float), np.bincount(group, people).astype(float))
