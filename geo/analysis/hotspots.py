"""Where do high values stand together more than chance would put them? Getis-Ord Gi* and local Moran, with FDR.

Gi* asks of each area whether it and its neighbours are jointly high (hot spot) or low (cold spot); local Moran whether
an area resembles its neighbours or sticks out among them. Both take a smoothed rate or an index, never raw counts,
which only show where people live. P-values are two-sided and analytical by default: given the area's own value, its
neighbours are a random draw from the others, whose mean and variance are known. Testing every area finds "hot spots"
by chance in one of twenty, so three classes are kept apart: significant with the false discovery rate held at 5 %
(Benjamini & Hochberg 1995, as Caldas de Castro & Singer 2006 propose for maps), only nominal (drawn hatched), and not.

Refused (`not_assessed`, with the reason) where the test means nothing: fewer than 8 areas with data, all values equal,
an area without neighbours with data or with all others as neighbours. Areas without data are left out, they do not
spoil the others. Below 30 areas the result says that only strong clusters can be found.

Getis, A., Ord, J. K. (1992) Geographical Analysis 24, 189-206; Ord, J. K., Getis, A. (1995) Geographical Analysis 27,
286-306. Anselin, L. (1995) Geographical Analysis 27, 93-115; conditional moments: Sokal, R. R., Oden, N. L., Thomson,
B. A. (1998) Geographical Analysis 30, 331-354.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, eye_array
from scipy.spatial import cKDTree

from geo.analysis.arrays import Bools, Codes, Floats, divided, floats, indexes
from geo.analysis.columns import Values
from geo.analysis.distance import chord_m, on_ellipsoid
from geo.analysis.figure import NO_DATA, NOT_ASSESSED, Unit
from geo.analysis.significance import adjusted, two_sided
from geo.errors import N_, Message

LEAST_AREAS = 8
LOW_POWER_BELOW = 30
ALPHA = 0.05

TOO_FEW = N_("Fewer than {least} areas have data: hot spots are not assessed.")
ALL_EQUAL = N_("All areas have the same value: there is nothing to find.")
LOW_POWER = N_("Only {count} areas have data: only strong clusters can be found.")

Score: TypeAlias = Callable[[Floats, csr_array], Floats]

HOT_CLASSES = {
    2: "hot_spot",
    1: "hot_spot_nominal",
    0: "not_significant",
    -1: "cold_spot_nominal",
    -2: "cold_spot",
}


def contiguity(areas: int, one: npt.ArrayLike, other: npt.ArrayLike) -> csr_array:
    """Neighbours from pairs of area numbers; symmetric, 0/1, each pair once however often and in whatever order given.

    >>> contiguity(3, [0, 1], [1, 0]).toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    left = indexes(one, "one", below=areas)
    right = indexes(other, "other", size=len(left), below=areas)
    apart = left != right
    rows, columns = np.concatenate([left, right])[np.tile(apart, 2)], np.concatenate([right, left])[np.tile(apart, 2)]
    return _binary(rows, columns, areas)


def nearest_neighbours(centres: npt.ArrayLike, count: int = 8) -> csr_array:
    """The `count` nearest others of each lon/lat point (not symmetric); fewer when there are not so many."""
    places = on_ellipsoid(centres)
    near = min(count, len(places) - 1)
    if near < 1:
        return csr_array((len(places), len(places)))
    _, found = cKDTree(places).query(places, k=near + 1)
    rows = np.repeat(np.arange(len(places)), near + 1)
    others = found.ravel() != rows
    # a point that shares its place with many may not find itself: then the farthest of the found gives way
    surplus = others.reshape(len(places), -1).sum(axis=1) > near
    others.reshape(len(places), -1)[surplus, -1] = False
    return _binary(rows[others], found.ravel()[others], len(places))


def within_band(centres: npt.ArrayLike, metres: float) -> csr_array:
    """All others within a distance of each lon/lat point."""
    places = on_ellipsoid(centres)
    pairs = cKDTree(places).query_pairs(float(chord_m(metres)), output_type="ndarray")
    return contiguity(len(places), pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64))


def _binary(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], areas: int) -> csr_array:
    links = csr_array((np.ones(len(rows)), (rows, columns)), shape=(areas, areas))
    links.sum_duplicates()
    links.data[:] = 1.0
    return links


def with_self(neighbours: csr_array) -> csr_array:
    """The same neighbours, each area being one of its own with weight 1."""
    return csr_array(neighbours + eye_array(neighbours.shape[0], format="csr"))


def row_standardised(neighbours: csr_array) -> csr_array:
    """Weights of each row adding to 1 (rows without neighbours stay empty)."""
    total = np.asarray(neighbours.sum(axis=1)).ravel()
    return csr_array(diags_array(np.nan_to_num(divided(1.0, total))) @ neighbours)


def getis_ord_star(values: npt.ArrayLike, weights: csr_array) -> Floats:
    """Gi*: standard scores of the weighted sum around each area, itself included in `weights`.

    z_i = (sum_j w_ij x_j - mean W_i) / (s sqrt((n S1_i - W_i^2) / (n - 1))), W_i and S1_i the sums of the weights and
    of their squares; NaN where this is 0/0. All values known.
    """
    x = floats(values)
    around, squares, lag = _sums(x - x.mean(), weights)
    spread = np.sqrt(np.maximum(len(x) * squares - around**2, 0.0) / (len(x) - 1))
    return divided(lag, x.std() * _above_rounding(spread))


def getis_ord(values: npt.ArrayLike, weights: csr_array) -> Floats:
    """Gi: the same without the area itself, mean and variance taken from the others.

    This is also the test of local Moran: given the area's own value, the lag of its neighbours is the random part.
    """
    x = floats(values)
    n = len(x)
    centred = x - x.mean()
    around, squares, lag = _sums(centred, weights)
    mean = -centred / (n - 1)
    variance = (np.sum(centred**2) - centred**2) / (n - 1) - mean**2
    spread = np.sqrt(np.maximum((n - 1) * squares - around**2, 0.0) / (n - 2))
    return divided(lag - around * mean, np.sqrt(np.maximum(variance, 0.0)) * _above_rounding(spread))


def _sums(centred: Floats, weights: csr_array) -> tuple[Floats, Floats, Floats]:
    ones = np.ones(len(centred))
    return weights @ ones, weights.power(2) @ ones, weights @ centred


def _above_rounding(spread: Floats) -> Floats:
    return np.where(spread > 1e-9, spread, 0.0)


@dataclass(frozen=True, slots=True)
class Moran:
    """Global Moran's I with expectation, variance under randomisation, standard score and two-sided p."""

    index: float
    expected: float
    variance: float
    z: float
    p: float


def moran(values: npt.ArrayLike, weights: csr_array) -> Moran:
    """Global Moran's I: do neighbours resemble each other over the whole map? (Cliff & Ord 1981, randomisation.)

    All values known; NaN throughout when they are all equal or nobody has neighbours.
    """
    x = floats(values)
    n, deviation = len(x), x - x.mean()
    squares = float(np.sum(deviation**2))
    total = float(weights.sum())
    if n < 4 or total == 0 or _constant(x):
        return Moran(*(float("nan"),) * 5)
    both = weights + weights.T
    s1 = float(both.power(2).sum()) / 2
    s2 = float(np.sum((np.asarray(weights.sum(axis=0)).ravel() + np.asarray(weights.sum(axis=1)).ravel()) ** 2))
    kurtosis = float(np.mean(deviation**4)) / (squares / n) ** 2
    index = n / total * float(deviation @ (weights @ deviation)) / squares
    expected = -1 / (n - 1)
    random = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * total**2)
    clumped = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * total**2)
    variance = (random - clumped) / ((n - 1) * (n - 2) * (n - 3) * total**2) - expected**2
    z = (index - expected) / np.sqrt(variance)
    return Moran(index, expected, variance, float(z), float(two_sided(z)))


@dataclass(frozen=True, slots=True, eq=False)
class HotSpots:
    """Standard scores and classes per area; NaN and class 0 where `assessed` is False.

    significance: 2 after FDR, 1 only nominal, 0 not. `classes` is significance with the sign of z: 2 hot spot, 1 hot
    spot nominally, 0 none, -1, -2 cold. p is two-sided, q the Benjamini-Hochberg adjusted p. `refusal` says why nothing
    was assessed at all, `notes` what to know when reading.
    """

    z: Floats
    p: Floats
    q: Floats
    significance: Codes
    assessed: Bools
    has_data: Bools
    refusal: Message | None
    notes: tuple[Message, ...]

    @property
    def classes(self) -> Codes:
        """Significance with the sign of the score."""
        return np.asarray(np.sign(np.nan_to_num(self.z)) * self.significance, dtype=np.int8)

    def class_codes(self) -> list[str | None]:
        """`hot_spot`, `hot_spot_nominal`, `not_significant`, `cold_spot_nominal`, `cold_spot`; None: not assessed."""
        return [
            HOT_CLASSES[code] if sure else None
            for code, sure in zip(self.classes.tolist(), self.assessed.tolist(), strict=True)
        ]

    def values(self) -> Values:
        """The scores as columns: `no_data` without data, `not_assessed` where the test means nothing."""
        missing = np.where(self.assessed, 0, np.where(self.has_data, NOT_ASSESSED, NO_DATA))
        return Values.build(self.z, Unit.INDEX, missing=missing)


def hot_spots(values: npt.ArrayLike, neighbours: csr_array, alpha: float = ALPHA) -> HotSpots:
    """Gi* hot and cold spots; values per area (NaN: no data), neighbours 0/1 without the area itself.

    >>> ring = contiguity(10, list(range(10)), [*range(1, 10), 0])
    >>> hot_spots([9, 9, 9, 1, 1, 1, 1, 1, 1, 1], ring).class_codes()[:3]
    ['not_significant', 'hot_spot', 'not_significant']
    """
    return _assess(values, neighbours, alpha, lambda x, links: getis_ord_star(x, with_self(links)))


@dataclass(frozen=True, slots=True, eq=False)
class LocalMoran:
    """Per area: `index` I_i (row-standardised), `quadrant` HH, LL, HL (high among low) or LH, and the test."""

    index: Floats
    quadrant: tuple[str | None, ...]
    test: HotSpots


def local_moran(values: npt.ArrayLike, neighbours: csr_array, alpha: float = ALPHA) -> LocalMoran:
    """Areas that resemble their neighbours (HH, LL) or stick out among them (HL, LH).

    I_i = z_i sum_j w_ij z_j / m2 with m2 = sum z^2 / (n - 1), row-standardised; the score in `test` is that of the lag
    given the area's own value (`getis_ord`), so its sign is that of the neighbours.

    >>> ring = contiguity(8, list(range(8)), [*range(1, 8), 0])
    >>> local_moran([8, 8, 8, 1, 1, 1, 1, 1], ring).quadrant[1]
    'HH'
    """
    x = floats(values)
    test = _assess(x, neighbours, alpha, lambda known, links: getis_ord(known, row_standardised(links)))
    kept = np.flatnonzero(~np.isnan(x))
    index, quadrant = np.full(len(x), np.nan), np.full(len(x), None, dtype=object)
    if test.refusal is None:
        deviation = x[kept] - x[kept].mean()
        lag = row_standardised(_among(neighbours, kept)) @ deviation
        index[kept] = deviation * lag / (np.sum(deviation**2) / (len(kept) - 1))
        quadrant[kept] = np.where(deviation > 0, np.where(lag > 0, "HH", "HL"), np.where(lag > 0, "LH", "LL"))
        index[~test.assessed], quadrant[~test.assessed] = np.nan, None
    return LocalMoran(index, tuple(quadrant.tolist()), test)


def _assess(values: npt.ArrayLike, neighbours: csr_array, alpha: float, score: Score) -> HotSpots:
    x = floats(values)
    if neighbours.shape != (len(x), len(x)):
        raise ValueError(f"neighbours must be {len(x)} x {len(x)}")
    kept = np.flatnonzero(~np.isnan(x))
    refusal = _refusal(x[kept])
    z = np.full(len(x), np.nan)
    if refusal is None:
        links = _among(neighbours, kept)
        alone = np.asarray(links.sum(axis=1)).ravel() == 0
        z[kept] = np.where(alone, np.nan, score(x[kept], links))
    notes = () if refusal or len(kept) >= LOW_POWER_BELOW else (Message(LOW_POWER, {"count": len(kept)}),)
    return _classified(z, ~np.isnan(x), alpha, refusal, notes)


def _refusal(known: Floats) -> Message | None:
    if len(known) < LEAST_AREAS:
        return Message(TOO_FEW, {"least": LEAST_AREAS})
    return Message(ALL_EQUAL) if _constant(known) else None


def _constant(known: Floats) -> bool:
    """Equal but for rounding: smoothing may leave the last bits of equal rates different."""
    return bool(np.ptp(known) <= 1e-12 * np.max(np.abs(known)))


def _among(neighbours: csr_array, kept: npt.NDArray[np.intp]) -> csr_array:
    """The neighbours among the areas with data, 0/1, nobody a neighbour of itself."""
    links = csr_array(neighbours[kept][:, kept]).tocoo()
    apart = (links.row != links.col) & (links.data != 0)
    return _binary(links.row[apart], links.col[apart], len(kept))


def _classified(
    z: Floats, has_data: Bools, alpha: float, refusal: Message | None, notes: tuple[Message, ...]
) -> HotSpots:
    assessed = ~np.isnan(z)
    p = two_sided(z)
    q = adjusted(p, assessed)
    significance = np.where(assessed, (p <= alpha).astype(np.int8) + (q <= alpha), 0).astype(np.int8)
    return HotSpots(z, p, q, significance, assessed, has_data, refusal, notes)


def permutation_p(values: npt.ArrayLike, neighbours: csr_array, permutations: int, seed: int = 20240701) -> Floats:
    """Two-sided pseudo p-values of the lag of each area's neighbours, its own value held fixed; for skewed data.

    Serves Gi* and local Moran alike. With R permutations the least p is 1 / (R + 1), and FDR at 5 % over n areas can
    only be reached with R >= 20 n: fewer are a ValueError. Areas without neighbours get NaN. All values known.
    """
    x = floats(values)
    if permutations < 20 * len(x):
        raise ValueError(f"{len(x)} areas need at least {20 * len(x)} permutations")
    links = _among(neighbours, np.arange(len(x)))
    degree = np.diff(links.indptr)
    draws = _draws(np.random.default_rng(seed), permutations, int(degree.max(initial=0)), len(x) - 1)
    result = np.full(len(x), np.nan)
    for area in np.flatnonzero(degree):
        others = np.delete(x, area)
        middle = degree[area] * others.mean()
        observed = abs(x[links.indices[links.indptr[area] : links.indptr[area + 1]]].sum() - middle)
        drawn = np.abs(others[draws[:, : degree[area]]].sum(axis=1) - middle)
        result[area] = (np.sum(drawn >= observed * (1 - 1e-12)) + 1) / (permutations + 1)
    return result


def _draws(random: np.random.Generator, rows: int, columns: int, below: int) -> npt.NDArray[np.int64]:
    """Rows of different numbers below a limit; rows with a repeat are drawn again."""
    if columns * 2 > below:
        return np.argsort(random.random((rows, below)), axis=1)[:, :columns]
    drawn = random.integers(0, below, (rows, columns))
    while True:
        ordered = np.sort(drawn, axis=1)
        again = np.flatnonzero((np.diff(ordered, axis=1) == 0).any(axis=1))
        if not len(again):
            return drawn
        drawn[again] = random.integers(0, below, (len(again), columns))
