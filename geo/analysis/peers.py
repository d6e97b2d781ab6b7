"""Which districts is mine fairly compared with? The k most similar by stated features.

Each feature (log population, density, share aged 16 and over, housing, distance to the centre …) is standardised over
the areas that have it; the distance of two areas is Euclidean over the features both have, scaled up to the number of
all features, and there is none with fewer than 3 in common. `mahalanobis` also takes out what the features say twice,
and needs all of them. Features equal everywhere say nothing and are left out. The area itself is never its own peer;
equal distances go by the order of the keys (codes), not of the rows.

Mahalanobis, P. C. (1936) On the generalised distance in statistics. Proc. Nat. Inst. Sci. India 2, 49-55; distances
over shared features: Gower, J. C. (1971) Biometrics 27, 857-871.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Floats, Ints, divided, floats

PEERS = 5
LEAST_FEATURES = 3
_BLOCK = 512

Form = Literal["standardised", "mahalanobis"]


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """`peer[i]` are row numbers of the most similar areas, nearest first, -1 where there are fewer; `distance` in
    standard deviations (NaN likewise); `features` the columns used; `assessed` which areas could be compared at all.
    """

    peer: Ints
    distance: Floats
    features: tuple[str, ...]
    assessed: Bools


def peer_districts(
    features: npt.ArrayLike,
    names: Sequence[str],
    keys: Sequence[str],
    *,
    count: int = PEERS,
    form: Form = "standardised",
) -> Peers:
    """The `count` most similar areas of each; features: areas x columns, NaN unknown; keys decide ties.

    >>> features = [[1, 1, 1], [1.1, 1, 1], [5, 6, 7], [5, 6, 6]]
    >>> peer_districts(features, ["size", "density", "age"], ["a", "b", "c", "d"], count=1).peer.ravel().tolist()
    [1, 0, 3, 2]
    """
    columns = floats(features, "features", dimensions=2)
    if columns.shape != (len(keys), len(names)):
        raise ValueError("features need one row per key and one column per name")
    by_key = np.argsort(np.asarray(keys, dtype=object), kind="stable")
    standard, telling = _standardised(columns[by_key])
    if form == "mahalanobis":
        standard = _decorrelated(standard)
    near, apart = _nearest(standard, min(count, max(len(keys) - 1, 0)))
    peer, distance = np.full((len(keys), count), -1), np.full((len(keys), count), np.nan)
    peer[by_key, : near.shape[1]] = np.where(np.isnan(apart), -1, by_key[near])
    distance[by_key, : near.shape[1]] = apart
    used = tuple(name for name, tells in zip(names, telling.tolist(), strict=True) if tells)
    return Peers(peer, distance, used, np.asarray((peer >= 0).any(axis=1), dtype=bool))


def _standardised(columns: Floats) -> tuple[Floats, Bools]:
    """Columns with mean 0 and deviation 1 over the known entries, columns that do not vary left out."""
    known = ~np.isnan(columns)
    number = known.sum(axis=0)
    mean = divided(np.nansum(columns, axis=0), number)
    deviation = np.sqrt(divided(np.nansum((columns - mean) ** 2, axis=0), number))
    telling = np.asarray(np.nan_to_num(deviation) > 1e-12 * np.abs(np.nan_to_num(mean)), dtype=bool)
    return divided(columns - mean, deviation)[:, telling], telling


def _decorrelated(standard: Floats) -> Floats:
    """The same areas in directions that vary independently, each with deviation 1 (areas with a gap become unknown)."""
    complete = ~np.isnan(standard).any(axis=1)
    whole = np.full_like(standard, np.nan)
    if complete.sum() > 1:
        centred = standard[complete] - standard[complete].mean(axis=0)
        _, spread, directions = np.linalg.svd(centred, full_matrices=False)
        keep = spread > 1e-9 * spread.max(initial=0)
        scores = centred @ directions[keep].T / spread[keep] * np.sqrt(len(centred))
        whole[complete] = 0.0
        whole[complete, : scores.shape[1]] = scores
    return whole


def _nearest(standard: Floats, count: int) -> tuple[Ints, Floats]:
    """Row numbers and distances of the nearest others, ties by row number (rows are in the order of keys)."""
    size, width = standard.shape
    filled, known = np.nan_to_num(standard), (~np.isnan(standard)).astype(np.float64)
    near, apart = np.empty((size, count), np.int64), np.empty((size, count))
    for start in range(0, size, _BLOCK):
        rows = slice(start, min(start + _BLOCK, size))
        shared = known[rows] @ known.T
        squares = np.zeros_like(shared)
        for at in range(width):
            difference = filled[rows, at, None] - filled[None, :, at]
            squares += difference**2 * known[rows, at, None] * known[None, :, at]
        distance = np.sqrt(squares * divided(float(width), shared))
        distance[shared < min(LEAST_FEATURES, width)] = np.inf
        distance[np.arange(rows.stop - start), np.arange(start, rows.stop)] = np.inf
        distance = np.where(np.isnan(distance), np.inf, distance)
        near[rows] = _first(distance, count)
        apart[rows] = np.take_along_axis(distance, near[rows], axis=1)
    return near, np.where(np.isinf(apart), np.nan, apart)


def _first(distance: Floats, count: int) -> Ints:
    """Columns of the `count` least entries of each row, in order; entries equal but for rounding go by column."""
    size = distance.shape[1]
    order = np.minimum(np.round(distance * 1e9), 4e14).astype(np.int64) * size + np.arange(size)
    if count < size:
        order = np.partition(order, count, axis=1)[:, :count]
    return np.asarray(np.sort(order, axis=1) % max(size, 1), dtype=np.int64)


def peer_score(values: npt.ArrayLike, peers: Peers, least: int = LEAST_FEATURES) -> Floats:
    """Standard score of each figure among its peers: (x - their mean) / their deviation; NaN with fewer than `least`
    peers with data or when the peers are all equal.
    """
    x = floats(values, size=len(peers.peer))
    around = np.where(peers.peer >= 0, x[peers.peer], np.nan)
    number = (~np.isnan(around)).sum(axis=1)
    mean = divided(np.nansum(around, axis=1), number)
    deviation = np.sqrt(divided(np.nansum((around - mean[:, None]) ** 2, axis=1), number - 1))
    enough = (number >= least) & (np.nan_to_num(deviation) > 1e-12 * np.abs(np.nan_to_num(mean)))
    return np.where(enough, divided(x - mean, deviation), np.nan)
