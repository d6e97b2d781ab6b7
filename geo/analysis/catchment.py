"""How much of a project is there for each resident, given everybody else who can reach it? Floating catchments.

Every project shares its capacity among the people in reach, weighted by distance (step 1); every place adds up the
shares of the projects it can reach (step 2). The answer is supply per resident, shown per 1,000.

- `2sfca`     full weight up to the threshold (Luo & Wang 2003)
- `e2sfca`    weights by zones (Luo & Qi 2009); theirs are 1, 0.68, 0.22 by 10, 20, 30 minutes' drive, ours by
              300, 600, 1,000 m on foot
- `gaussian`  weight falling smoothly to 0 at the threshold (Dai 2010): the default, no steps to argue about
- `3sfca`     Gaussian weight times the chance that a place chooses this project among those it reaches (Wan, Zou &
              Sternberg 2012); for many alternatives near each other
- `m2sfca`    Gaussian weight once more in step 2 (Delamater 2013): where people live far from what is theirs, total
              access falls short of supply

Except for m2sfca the access of all residents adds up to the supply in reach of anybody; the result carries both sums.
A place without projects in reach has 0 (known, nothing there); without residents no value (`no_residents`); with an
unknown number of residents `no_data`. Projects nobody can reach add nothing and are named. Costs may be metres or
minutes, as long as threshold and zones are in the same.

Luo, W., Wang, F. (2003) Environment and Planning B 30, 865-884. Luo, W., Qi, Y. (2009) Health & Place 15, 1100-1107.
Dai, D. (2010) Health & Place 16, 1038-1052. Wan, N., Zou, B., Sternberg, T. (2012) International Journal of
Geographical Information Science 26, 1073-1089. Delamater, P. L. (2013) Health & Place 24, 30-43.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Floats, Ints, divided, floats, indexes, weights
from geo.analysis.columns import Values
from geo.analysis.distance import Pairs, on_ellipsoid, pair_blocks
from geo.analysis.figure import NO_DATA, NO_RESIDENTS, Unit
from geo.vocabulary import PopulationBase

Form = Literal["2sfca", "e2sfca", "gaussian", "3sfca", "m2sfca"]
Zones = Sequence[tuple[float, float]]
Weight = Callable[[Floats], Floats]
# where the pairs come from; asked twice, so that blocks never have to be kept
Blocks = Callable[[], Iterable[Pairs]]

THRESHOLD_M = 1000.0
# weighed pairs kept between the two steps (32 bytes each); more are found a second time instead
PAIRS_KEPT = 20_000_000
WALKING_ZONES: Zones = ((300.0, 1.0), (600.0, 0.68), (1000.0, 0.22))


@dataclass(frozen=True, slots=True, eq=False)
class Catchment:
    """Access per place and what became of the supply.

    access: supply per resident per place, NaN without residents or with unknown ones. ratio: supply per weighted
    resident in reach per project, NaN where nobody is in reach. supplied: supply of projects with somebody in reach;
    received: access times residents, summed (equal to `supplied` except for m2sfca). unreached: projects without
    anybody in reach. dropped_pairs: pairs whose cost is not known.
    """

    form: Form
    access: Floats
    ratio: Floats
    residents: Floats
    supplied: float
    received: float
    unreached: Bools
    dropped_pairs: int

    def per_1000(self, base: PopulationBase = PopulationBase.RESIDENTS) -> Values:
        """The access of each place per 1,000 residents."""
        missing = np.where(np.isnan(self.residents), NO_DATA, np.where(self.residents == 0, NO_RESIDENTS, 0))
        return Values.build(self.access * 1000, Unit.PER_1000, missing=missing, denominator=self.residents, base=base)


def binary(threshold: float) -> Weight:
    """1 up to the threshold (included), 0 beyond."""
    return lambda cost: (cost <= _positive(threshold)).astype(np.float64)


def zoned(zones: Zones = WALKING_ZONES) -> Weight:
    """A weight per zone; each zone is (farthest cost, weight), cost included in the nearer zone.

    >>> zoned(((300, 1), (600, 0.68)))(np.array([0.0, 300.0, 301.0, 601.0])).tolist()
    [1.0, 1.0, 0.68, 0.0]
    """
    edges = np.array([edge for edge, _ in zones], dtype=np.float64)
    steps = np.array([weight for _, weight in zones] + [0.0])
    if not len(edges) or any(low >= high for low, high in pairwise(edges)) or (np.diff(steps) > 0).any():
        raise ValueError("zones go outwards and their weights do not grow")
    return lambda cost: steps[np.searchsorted(edges, cost, side="left")]


def gaussian(threshold: float) -> Weight:
    """Dai's curve: 1 at the project, 0 at the threshold, (exp(-q/2) - exp(-1/2)) / (1 - exp(-1/2)) with q = (d/d0)^2.

    >>> gaussian(1000)(np.array([0.0, 500.0, 1000.0, 2000.0])).round(4).tolist()
    [1.0, 0.7014, 0.0, 0.0]
    """
    floor = np.exp(-0.5)
    reach = _positive(threshold)
    return lambda cost: np.maximum((np.exp(-0.5 * (cost / reach) ** 2) - floor) / (1 - floor), 0.0)


def _positive(threshold: float) -> float:
    if not threshold > 0:
        raise ValueError("a threshold is greater than 0")
    return threshold


def weight_of(form: Form, threshold: float, zones: Zones) -> Weight:
    """The distance weight a form uses."""
    if form == "2sfca":
        return binary(threshold)
    return zoned(zones) if form == "e2sfca" else gaussian(threshold)


def catchment(
    residents: npt.ArrayLike,
    supply: npt.ArrayLike,
    cell: npt.ArrayLike,
    site: npt.ArrayLike,
    cost: npt.ArrayLike,
    *,
    form: Form = "gaussian",
    threshold: float = THRESHOLD_M,
    zones: Zones = WALKING_ZONES,
) -> Catchment:
    """Access from a table of costs: `cost[i]` from place `cell[i]` to project `site[i]`; NaN costs are dropped.

    residents: per place, NaN unknown (such places demand nothing); supply: capacity per project, NaN counts as none.

    >>> result = catchment([100, 300], [2, 1], [0, 1, 1], [0, 0, 1], [200, 400, 900], form="2sfca")
    >>> result.access.round(6).tolist(), round(result.received, 9)
    ([0.005, 0.008333], 3.0)
    """
    charges = weights(cost, "cost")
    pairs = Pairs(
        indexes(cell, "cell", size=len(charges), below=len(np.asarray(residents))),
        indexes(site, "site", size=len(charges), below=len(np.asarray(supply))),
        charges,
    )
    return _catchment(residents, supply, lambda: [pairs], form, weight_of(form, threshold, zones))


def catchment_by_air(
    cells: npt.ArrayLike,
    residents: npt.ArrayLike,
    sites: npt.ArrayLike,
    supply: npt.ArrayLike,
    *,
    form: Form = "gaussian",
    threshold_m: float = THRESHOLD_M,
    zones: Zones = WALKING_ZONES,
) -> Catchment:
    """Access by straight-line metres between lon/lat points, worked in blocks: a country fits into memory."""
    places, targets = on_ellipsoid(cells), on_ellipsoid(sites)
    reach = zones[-1][0] if form == "e2sfca" else threshold_m
    return _catchment(
        residents, supply, lambda: pair_blocks(places, targets, reach), form, weight_of(form, threshold_m, zones)
    )


def _catchment(
    residents: npt.ArrayLike, supply: npt.ArrayLike, blocks: Blocks, form: Form, weight: Weight
) -> Catchment:
    people, capacity = weights(residents, "residents"), np.nan_to_num(weights(supply, "supply"))
    living = np.nan_to_num(people)
    demand, dropped, pairs_seen = np.zeros(len(capacity)), 0, 0
    kept: list[Weighed] = []
    for pairs in blocks():
        weighed = _weigh(pairs, weight, form, len(living))
        dropped += len(pairs.cell) - len(weighed.cell)
        demand += np.bincount(weighed.site, living[weighed.cell] * weighed.first, len(capacity))
        pairs_seen += len(pairs.cell)
        kept = [*kept, weighed] if pairs_seen <= PAIRS_KEPT else []
    ratio, unreached = divided(capacity, demand), demand == 0
    access, shares = np.zeros(len(living)), np.nan_to_num(ratio)
    again = kept if pairs_seen <= PAIRS_KEPT else (_weigh(pairs, weight, form, len(living)) for pairs in blocks())
    for weighed in again:
        access += np.bincount(weighed.cell, shares[weighed.site] * weighed.second, len(living))
    return Catchment(
        form,
        np.where(living > 0, access, np.nan),
        ratio,
        people,
        float(capacity[~unreached].sum()),
        float((access * living).sum()),
        unreached,
        dropped,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Pairs with a known cost and a weight, in the first and in the second step."""

    cell: Ints
    site: Ints
    first: Floats
    second: Floats


def _weigh(pairs: Pairs, weight: Weight, form: Form, cells: int) -> Weighed:
    known = ~np.isnan(pairs.distance_m)
    kept = pairs if known.all() else Pairs(pairs.cell[known], pairs.site[known], pairs.distance_m[known])
    plain = weight(kept.distance_m)
    if form == "3sfca":  # all pairs of a place come in one block, so its choices are complete here
        chosen = divided(plain, np.bincount(kept.cell, plain, cells)[kept.cell])
        plain = np.nan_to_num(plain * chosen)
    return Weighed(kept.cell, kept.site, plain, plain**2 if form == "m2sfca" else plain)


def conserved(result: Catchment, tolerance: float = 1e-9) -> bool:
    """Whether what the residents receive is what the projects in reach supply (always, except for m2sfca)."""
    return abs(result.received - result.supplied) <= tolerance * max(result.supplied, 1.0)


def area_access(access: npt.ArrayLike, residents: npt.ArrayLike, area: npt.ArrayLike, areas: int) -> Floats:
    """Access of an area: the mean of its places, weighted by residents; NaN where nobody is known to live."""
    scores = floats(access, "access")
    living = weights(residents, "residents", size=len(scores))
    of = indexes(area, "area", size=len(scores), below=areas)
    known = ~np.isnan(scores) & (living > 0)
    total = np.bincount(of[known], (scores * living)[known], areas)
    return divided(total, np.bincount(of[known], living[known], areas))
