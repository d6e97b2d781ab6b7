"""Where in the city do people take part, without drawing houses? A smooth surface over cells inside the city.

Each event spreads its participants over the cells within a bandwidth (quartic kernel), and only over cells of the city:
what would fall outside, into the river or beyond the border, is given to the cells inside, so the surface adds up to
all participants and hardly sinks at the edge (to two thirds in a corner of evenly spread events, where it would be a
quarter without). Densities are per km2 of the real cell area.

Refused (`not_assessed`) on fewer than 10 points, and on home addresses at any number: a surface over homes shows homes.
Points farther from every cell than the bandwidth are outside: left out, and counted in the result.

Silverman, B. W. (1986) Density Estimation, section 4.2 (the quartic or biweight kernel); edge correction: Diggle, P. J.
(1985) Applied Statistics 34, 138-147.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Floats, divided, weights
from geo.analysis.columns import Values
from geo.analysis.distance import on_ellipsoid, pairs_within
from geo.analysis.figure import NOT_ASSESSED, Unit
from geo.errors import N_, Message

LEAST_POINTS = 10

TOO_FEW_POINTS = N_("A surface needs at least {least} points.")
NOT_OVER_HOMES = N_("No surface is drawn over home addresses.")


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Amount per km2 of each cell (zero far from every point), the amount itself, and what was left out.

    `spread` is the sum over the surface, equal to the weights of the points inside; `outside` the number of points
    left out; `refusal` says why there is no surface.
    """

    density: Values
    amount: Floats
    spread: float
    outside: int
    refusal: Message | None


def quartic(distance_m: npt.ArrayLike, bandwidth_m: float) -> Floats:
    """(1 - (d / h)^2)^2 within the bandwidth h, 0 beyond: shape only, the surface sets the scale.

    >>> quartic([0, 500, 1000], 1000).tolist()
    [1.0, 0.5625, 0.0]
    """
    if not bandwidth_m > 0:
        raise ValueError("a bandwidth is greater than 0")
    return np.asarray(np.maximum(1 - (np.asarray(distance_m, float) / bandwidth_m) ** 2, 0.0) ** 2)


def density_surface(
    points: npt.ArrayLike,
    amounts: npt.ArrayLike,
    cells: npt.ArrayLike,
    cell_km2: npt.ArrayLike,
    bandwidth_m: float,
    *,
    home_addresses: bool = False,
) -> Surface:
    """Participants (or other amounts) per km2 of each cell.

    points: lon/lat of events; amounts: participants, NaN and 0 take no part; cells: lon/lat of the centres of the
    cells inside the city; cell_km2: their areas. The bandwidth should be at least the distance between cells.

    >>> around = [[73 + 0.001 * step, 42] for step in range(10)]
    >>> surface = density_surface(around, [5] * 10, [[73, 42], [73.02, 42]], [0.5, 0.5], 3000)
    >>> round(surface.spread, 9)
    50.0
    """
    area, held = weights(cell_km2, "cell_km2"), weights(amounts, "amounts")
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if len(places) != len(held) or len(on_ellipsoid(cells)) != len(area):
        raise ValueError("one amount per point and one area per cell")
    counting = held > 0
    refusal = _refusal(int(counting.sum()), home_addresses)
    if refusal is not None:
        empty = Values.build(np.full(len(area), np.nan), Unit.PER_KM2, missing=np.full(len(area), NOT_ASSESSED))
        return Surface(empty, np.full(len(area), np.nan), 0.0, 0, refusal)
    amount, outside = _spread(places[counting], held[counting], cells, area, bandwidth_m)
    return Surface(Values.build(divided(amount, area), Unit.PER_KM2), amount, float(amount.sum()), outside, None)


def _refusal(points: int, home_addresses: bool) -> Message | None:
    if home_addresses:
        return Message(NOT_OVER_HOMES)
    return Message(TOO_FEW_POINTS, {"least": LEAST_POINTS}) if points < LEAST_POINTS else None


def _spread(places: Floats, held: Floats, cells: npt.ArrayLike, area: Floats, bandwidth_m: float) -> tuple[Floats, int]:
    """Each point's amount over the cells in reach, by kernel and area, made to add up inside the city."""
    pairs = pairs_within(cells, places, bandwidth_m)
    weight = quartic(pairs.distance_m, bandwidth_m) * area[pairs.cell]
    inside = np.bincount(pairs.site, weight, len(places))
    part = np.nan_to_num(divided(weight, inside[pairs.site]))
    amount = np.bincount(pairs.cell, held[pairs.site] * part, len(area))
    return amount.astype(np.float64), int((inside == 0).sum())
