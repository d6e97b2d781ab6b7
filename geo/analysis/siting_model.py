"""Where should the next projects go? Four classical models over population cells and candidate places.

- `max_cover` (MCLP, Church & ReVelle 1974): the given number of places that bring the most people within reach
- `cover_all` (LSCP, Toregas et al. 1971): the fewest places that bring everybody within reach; who cannot be, is listed
- `least_distance` (p-median, Hakimi 1964): the given number that makes the average way shortest
- `least_worst` (p-centre, Hakimi 1964): the given number that makes the longest way shortest

Demand is people in cells (times a weight of need), never points. What stands already enters as the present distance of
every cell: people reached today count as reached, whatever is built. A greedy answer comes first, in milliseconds,
never less than 63 % of the best (Nemhauser, Wolsey & Fisher 1978) and usually above 99 %; then an exact solver (HiGHS
through scipy, geo.analysis.siting_solver) tries to beat it within a time limit. The better one is returned, with the
bound, the gap, and whether it is proven. Optimal sets are rarely unique: candidates are taken in the order of their
keys, so the answer does not depend on the order of rows.

Church, R., ReVelle, C. (1974) Papers of the Regional Science Association 32, 101-118. Toregas, C. et al. (1971)
Operations Research 19, 1363-1373. Hakimi, S. L. (1964) Operations Research 12, 450-459. Nemhauser, G. L., Wolsey, L.
A., Fisher, M. L. (1978) Mathematical Programming 14, 265-294. Teitz, M. B., Bart, P. (1968) Operations Research 16,
955-961. Cornuejols, G., Fisher, M. L., Nemhauser, G. L. (1977) Management Science 23, 789-810.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from time import perf_counter

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array

from geo.analysis.arrays import Bools, Floats, Ints, indexes, weights
from geo.analysis.siting_solver import (
    EQUAL,
    Choice,
    best_choice,
    fewest,
    in_order,
    largest_per_pair,
    merge_alike,
    solve_cover,
    solve_median,
)
from geo.errors import N_
from geo.progress import SILENT, Progress

TIME_LIMIT_S = 20.0


class Status(StrEnum):
    """How sure the answer is."""

    OPTIMAL = "optimal"  # proven: no choice is better
    NOT_PROVEN = "not_proven"  # the best found; the bound says how much better one could be
    INFEASIBLE = "infeasible"  # nothing can be chosen that does what was asked


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """People (times weight) per cell, candidates by key, and the pairs of cell and candidate with their metres.

    present_m: metres from each cell to what stands already, NaN for nothing near. Cells with 0 or unknown people demand
    nothing. Candidates without any pair are allowed.
    """

    people: Floats
    keys: tuple[str, ...]
    cell: Ints
    candidate: Ints
    distance_m: Floats
    present_m: Floats

    @classmethod
    def of(
        cls,
        people: npt.ArrayLike,
        keys: Sequence[str],
        cell: npt.ArrayLike,
        candidate: npt.ArrayLike,
        distance_m: npt.ArrayLike,
        present_m: npt.ArrayLike | None = None,
    ) -> Demand:
        """Checked; pairs with unknown distance are left out, keys must differ."""
        living = np.nan_to_num(weights(people, "people"))
        metres = weights(distance_m, "distance_m")
        known = ~np.isnan(metres)
        if len(set(keys)) != len(keys):
            raise ValueError("candidate keys must differ")
        now = np.full(len(living), np.nan) if present_m is None else weights(present_m, "present_m", size=len(living))
        return cls(
            living,
            tuple(keys),
            indexes(cell, "cell", size=len(metres), below=len(living))[known],
            indexes(candidate, "candidate", size=len(metres), below=len(keys))[known],
            metres[known],
            now,
        )


@dataclass(frozen=True, slots=True)
class Siting:
    """The chosen candidates and what they achieve.

    chosen: rows of candidates, best first for `max_cover` and `least_distance`, else by key. objective: people reached
    (max_cover), sites needed (cover_all), mean metres (least_distance), greatest metres (least_worst); before: the same
    with nothing added (None: not defined). bound: no choice can be better than this; gap: their distance as a share of
    the bound. gains: what each chosen site adds after those before it. out_of_reach: cells with people that no
    candidate can serve (and nothing serves today).
    """

    model: str
    chosen: tuple[int, ...]
    objective: float | None
    before: float | None
    bound: float | None
    gap: float | None
    status: Status
    seconds: float
    gains: tuple[float, ...] = ()
    out_of_reach: tuple[int, ...] = ()


# --- maximal cover ---------------------------------------------------------------------------------------------------


def max_cover(demand: Demand, sites: int, distance_m: float, *, time_limit: float = TIME_LIMIT_S) -> Siting:
    """The `sites` candidates that bring most people within `distance_m`; a time limit of 0 keeps the greedy answer.

    >>> town = Demand.of([50, 30, 40], ["park", "school"], [0, 1, 1, 2], [0, 0, 1, 1], [100, 200, 200, 300])
    >>> found = max_cover(town, 1, 500)
    >>> found.chosen, found.objective, found.status.value
    ((0,), 80.0, 'optimal')
    """
    start = perf_counter()
    _check_sites(sites)
    reached_now = demand.present_m <= distance_m
    before = float(demand.people[reached_now].sum())
    savings = _savings(demand, np.where(demand.distance_m <= distance_m, demand.people[demand.cell], 0.0), ~reached_now)
    alike = merge_alike(savings)
    best = best_choice(alike, sites, lambda: solve_cover(alike, sites, time_limit), time_limit)
    return _report("mclp", demand, savings, best, before, perf_counter() - start)


def reach_curve(
    demand: Demand,
    most_sites: int,
    distance_m: float,
    *,
    time_limit: float = TIME_LIMIT_S,
    progress: Progress = SILENT,
) -> tuple[Siting, ...]:
    """`max_cover` for 1, 2 … most_sites: people reached against number of sites; never falls along the way.

    The time limit holds for each number; 0 gives the greedy curve at once.
    """
    found: list[Siting] = []
    with progress.step(N_("Choosing places"), most_sites) as step:
        for sites in range(1, most_sites + 1):
            more = max_cover(demand, sites, distance_m, time_limit=time_limit)
            found.append(_not_less(more, found[-1]) if found else more)
            step.advance()
    return tuple(found)


def _not_less(more: Siting, fewer: Siting) -> Siting:
    """More sites never reach fewer people: an unproven answer that does gives way to the one before."""
    if (more.objective or 0.0) >= (fewer.objective or 0.0):
        return more
    objective = fewer.objective or 0.0
    return replace(
        more, chosen=fewer.chosen, gains=fewer.gains, objective=objective, gap=_gap(objective, more.bound or objective)
    )


# --- least distance --------------------------------------------------------------------------------------------------


def least_distance(demand: Demand, sites: int, beyond_m: float, *, time_limit: float = TIME_LIMIT_S) -> Siting:
    """The `sites` candidates that make people's mean way shortest.

    beyond_m: metres counted for a cell with nothing in the table of pairs and nothing present (not less than any pair
    that should matter). Nobody's way grows: who has something nearer keeps it.

    >>> town = Demand.of([50, 30], ["park", "school"], [0, 1, 0, 1], [0, 0, 1, 1], [0, 400, 400, 0])
    >>> least_distance(town, 1, 1000).objective
    150.0
    """
    start = perf_counter()
    _check_sites(sites)
    if not demand.people.sum() > 0:
        return Siting("p_median", (), None, None, None, None, Status.INFEASIBLE, perf_counter() - start)
    now = np.fmin(demand.present_m, beyond_m)
    now = np.where(np.isnan(now), beyond_m, now)
    saved = np.maximum(now[demand.cell] - demand.distance_m, 0.0) * demand.people[demand.cell]
    savings = _savings(demand, saved, np.ones(len(now), bool))
    best = best_choice(savings, sites, lambda: solve_median(savings, sites, time_limit), time_limit)
    found = _report("p_median", demand, savings, best, 0.0, perf_counter() - start)
    return _as_mean(found, float(now @ demand.people), float(demand.people.sum()))


def _as_mean(found: Siting, metres_now: float, people: float) -> Siting:
    """Savings turned into the mean way."""
    objective = (metres_now - (found.objective or 0.0)) / people
    bound = None if found.bound is None else max((metres_now - found.bound) / people, 0.0)
    return replace(
        found,
        objective=objective,
        before=metres_now / people,
        bound=bound,
        gap=None if bound is None else _gap(objective, bound),
        gains=tuple(gain / people for gain in found.gains),
    )


def _check_sites(sites: int) -> None:
    if sites < 1:
        raise ValueError("at least one site")


def _savings(demand: Demand, saved: Floats, counting: Bools) -> csc_array:
    """Cells x candidates (columns in the order of keys): what a candidate saves a cell, zero entries left out."""
    column = _by_key(demand)
    telling = (saved > 0) & counting[demand.cell]
    best = largest_per_pair(demand.cell[telling], column[demand.candidate[telling]], saved[telling])
    shape = (len(demand.people), len(demand.keys))
    return csc_array((best[2], (best[0], best[1])), shape=shape)


def _by_key(demand: Demand) -> Ints:
    """The column of each candidate."""
    column = np.empty(len(demand.keys), np.int64)
    column[_key_order(demand)] = np.arange(len(demand.keys))
    return column


def _key_order(demand: Demand) -> Ints:
    return np.array(sorted(range(len(demand.keys)), key=demand.keys.__getitem__), dtype=np.int64)


def _report(model: str, demand: Demand, savings: csc_array, best: Choice, before: float, seconds: float) -> Siting:
    columns, gains = in_order(savings, best.columns)
    order = _key_order(demand)
    value = sum(gains)
    bound = max(best.bound, value)
    proven = bound <= value * (1 + EQUAL)
    objective = before + value
    return Siting(
        model,
        tuple(int(order[column]) for column in columns),
        objective,
        before,
        objective if proven else before + bound,
        0.0 if proven else _gap(objective, before + bound),
        Status.OPTIMAL if proven else Status.NOT_PROVEN,
        seconds,
        gains,
        _out_of_reach(demand),
    )


def _gap(objective: float, bound: float) -> float:
    return abs(bound - objective) / abs(bound) if bound else 0.0


def _out_of_reach(demand: Demand) -> tuple[int, ...]:
    served = np.bincount(demand.cell, minlength=len(demand.people)) > 0
    return tuple(np.flatnonzero((demand.people > 0) & ~served & np.isnan(demand.present_m)).tolist())


# --- covering everybody ----------------------------------------------------------------------------------------------


def cover_all(demand: Demand, distance_m: float, *, time_limit: float = TIME_LIMIT_S) -> Siting:
    """The fewest candidates that bring everybody within `distance_m`, as far as any candidate can.

    Status `infeasible` when somebody cannot be reached by any candidate; `chosen` then covers the others, and
    `out_of_reach` lists the cells: `max_cover` is the question to ask instead.

    >>> town = Demand.of([50, 30, 40, 9], ["a", "b", "c"], [0, 1, 1, 2, 0], [0, 0, 1, 1, 2], [1, 1, 1, 1, 1])
    >>> found = cover_all(town, 500)
    >>> found.chosen, found.status.value, found.out_of_reach
    ((0, 1), 'infeasible', (3,))
    """
    start = perf_counter()
    reach, missing = _cover_table(demand, distance_m)
    chosen, bound = fewest(reach, time_limit)
    sites = len(chosen)
    proven = bound >= sites
    order = _key_order(demand)
    status = Status.INFEASIBLE if missing else Status.OPTIMAL if proven else Status.NOT_PROVEN
    return Siting(
        "lscp",
        tuple(int(order[column]) for column in chosen),
        float(sites),
        None,
        float(bound),
        _gap(sites, bound),
        status,
        perf_counter() - start,
        (),
        missing,
    )


def _cover_table(demand: Demand, distance_m: float) -> tuple[csc_array, tuple[int, ...]]:
    """Which candidate (columns by key) reaches which cell that is not reached today; cells nobody reaches."""
    open_cells = (demand.people > 0) & ~(demand.present_m <= distance_m)
    table = _savings(demand, (demand.distance_m <= distance_m).astype(np.float64), open_cells)
    reached = np.bincount(table.indices, minlength=len(demand.people)) > 0
    alike = merge_alike(table)
    alike.data[:] = 1.0
    return alike, tuple(np.flatnonzero(open_cells & ~reached).tolist())


def least_worst(demand: Demand, sites: int, *, time_limit: float = TIME_LIMIT_S) -> Siting:
    """The `sites` candidates that make the longest way anybody has as short as can be.

    Found by asking, for shorter and shorter distances of the table, whether that many sites reach everybody.
    `infeasible` when somebody is in no pair and has nothing today, or when no choice of that many sites serves all.

    >>> town = Demand.of([50, 30], ["park", "school"], [0, 1, 0, 1], [0, 0, 1, 1], [0, 400, 300, 0])
    >>> found = least_worst(town, 1)
    >>> found.chosen, found.objective
    ((1,), 300.0)
    """
    start = perf_counter()
    _check_sites(sites)
    away = _out_of_reach(demand)
    radii = _radii(demand)
    if away or not len(radii):
        return Siting("p_centre", (), None, None, None, None, Status.INFEASIBLE, perf_counter() - start, (), away)
    chosen, worst, least = _search(demand, sites, radii, time_limit)
    order = _key_order(demand)
    if chosen is None:
        return Siting("p_centre", (), None, None, None, None, Status.INFEASIBLE, perf_counter() - start)
    living = demand.people > 0
    before = float(demand.present_m[living].max()) if not np.isnan(demand.present_m[living]).any() else None
    proven = worst <= least * (1 + EQUAL)
    return Siting(
        "p_centre",
        tuple(int(order[column]) for column in chosen),
        worst,
        before,
        least,
        _gap(worst, least),
        Status.OPTIMAL if proven else Status.NOT_PROVEN,
        perf_counter() - start,
    )


def _radii(demand: Demand) -> Floats:
    """Every distance that could be the answer, shortest first."""
    living = demand.people > 0
    now = demand.present_m[living & ~np.isnan(demand.present_m)]
    return np.unique(np.concatenate([demand.distance_m[living[demand.cell]], now]))


def _search(
    demand: Demand, sites: int, radii: Floats, time_limit: float
) -> tuple[tuple[int, ...] | None, float, float]:
    """Halving: the sites of the shortest radius found feasible, that radius, and the least one not ruled out."""
    started = perf_counter()
    low, high, not_ruled_out = 0, len(radii), 0
    chosen: tuple[int, ...] | None = None
    while low < high:
        middle = (low + high) // 2
        reach, missing = _cover_table(demand, float(radii[middle]))
        left = max(time_limit - (perf_counter() - started), 0.0)
        found, bound = ((), sites + 1) if missing else fewest(reach, left)
        if bound <= sites and len(found) <= sites:
            high, chosen = middle, found
            continue
        low = middle + 1
        if bound > sites:  # proven impossible, and so is everything shorter
            not_ruled_out = low
    if chosen is None:
        return None, math.inf, math.inf
    return chosen, float(radii[high]), float(radii[min(not_ruled_out, high)])


# --- what if ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """People within reach before and after, per area and in all, and what each point alone would add."""

    before: Floats
    after: Floats
    people: Floats
    alone: Floats
    newly_reached: Bools


def what_if(
    people: npt.ArrayLike,
    present_m: npt.ArrayLike,
    to_points_m: npt.ArrayLike,
    distance_m: float,
    area: npt.ArrayLike,
    areas: int,
) -> WhatIf:
    """Coverage before and after points are added, without storing anything.

    people, present_m, area: per cell; to_points_m: cells x points in metres, NaN beyond the table.

    >>> result = what_if([50, 30], [900, 100], [[200], [800]], 500, [0, 0], areas=1)
    >>> result.before.tolist(), result.after.tolist()
    ([30.0], [80.0])
    """
    living, now = weights(people, "people"), weights(present_m, "present_m")
    to_points = np.asarray(to_points_m, dtype=np.float64)
    if to_points.ndim != 2 or len(to_points) != len(living) or len(now) != len(living):
        raise ValueError("one distance per cell and point")
    of = indexes(area, "area", size=len(living), below=areas)
    counted = np.nan_to_num(living)
    reached, added = now <= distance_m, to_points <= distance_m
    newly = ~reached & added.any(axis=1)

    def total(cells: Bools) -> Floats:
        return np.bincount(of, counted * cells, areas).astype(np.float64)

    alone = ((added & ~reached[:, None]) * counted[:, None]).sum(axis=0)
    return WhatIf(total(reached), total(reached | newly), total(np.ones(len(of), bool)), alone, newly)
