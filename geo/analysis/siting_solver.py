"""Which columns of a table of savings are best? Greedy, exchanges, and an exact solver with a proven bound.

The arithmetic behind geo.analysis.siting_model: rows are cells, columns candidates in the order of their keys, entries
what a candidate saves a cell (people reached, metres times people). The value of a set of columns is the sum over rows
of the largest entry among them; it never falls when a column is added and gains shrink as columns are added
(submodular), which is what makes the greedy answer good and gives a bound without any solver.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import block_array, coo_array, csc_array, csr_array, eye_array

from geo.analysis.arrays import Floats, Ints

# assignment variables beyond this number are not handed to the solver: it would spend the time limit reading them
MOST_PAIRS = 100_000
# a difference below this share of the objective is rounding of the solver
EQUAL = 1e-9

# asks the exact solver: columns it opened, and an upper bound of what can be saved
Solve: TypeAlias = Callable[[], tuple[tuple[int, ...], float]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Columns chosen, their value, a proven upper bound of the value, in units of savings."""

    columns: tuple[int, ...]
    value: float
    bound: float


def largest_per_pair(row: Ints, column: Ints, value: Floats) -> tuple[Ints, Ints, Floats]:
    """One entry per pair, the largest: a candidate may have several places."""
    order = np.lexsort((-value, column, row))
    row, column, value = row[order], column[order], value[order]
    first = np.concatenate([[True], (np.diff(row) != 0) | (np.diff(column) != 0)])[: len(row)]
    return row[first], column[first], value[first]


def merge_alike(savings: csc_array) -> csc_array:
    """Cells reached by the same candidates as one, in an order that does not depend on that of the cells.

    Rows are told apart by two sums of fixed random numbers; equal pairs of 64-bit sums of different sets do not occur.
    """
    rows = csr_array(savings)
    if not rows.nnz:
        return savings
    random = np.random.default_rng(1974)
    marks = random.integers(0, 2**63, (2, rows.shape[1]), dtype=np.uint64)
    filled = np.flatnonzero(np.diff(rows.indptr))
    sums = [np.add.reduceat(mark[rows.indices], rows.indptr[filled]) for mark in marks]
    _, first, group = np.unique(np.column_stack(sums), axis=0, return_index=True, return_inverse=True)
    people = np.bincount(group.ravel(), np.asarray(rows.max(axis=1).todense()).ravel()[filled])
    kept = csr_array(rows[filled[first]])
    kept.data = np.repeat(people, np.diff(kept.indptr))
    return csc_array(kept)


def greedy(savings: csc_array, sites: int) -> Choice:
    """Always the candidate that adds most (ties: the lower column), with the best bound met on the way."""
    best = np.zeros(savings.shape[0])
    gains = np.asarray(savings.sum(axis=0), dtype=np.float64).ravel()
    bound = _top(gains, sites)
    queue = [(-gain, column, 0) for column, gain in enumerate(gains.tolist()) if gain > 0]
    heapq.heapify(queue)
    chosen: list[int] = []
    while queue and len(chosen) < sites:
        _, column, counted = heapq.heappop(queue)
        if counted < len(chosen):  # counted before the last site was chosen: it can only have fallen
            fresh = _gain(savings, column, best)
            if fresh > 0:
                heapq.heappush(queue, (-fresh, column, len(chosen)))
            continue
        _take(savings, column, best)
        chosen.append(column)
    value = float(best.sum())
    bound = min(bound, value + _top(_gains(savings, best), sites))
    return Choice(tuple(chosen), value, max(bound, value))


def _column(savings: csc_array, column: int) -> tuple[npt.NDArray[np.int32], Floats]:
    part = slice(savings.indptr[column], savings.indptr[column + 1])
    return savings.indices[part], savings.data[part]


def _gain(savings: csc_array, column: int, best: Floats) -> float:
    rows, saved = _column(savings, column)
    return float(np.maximum(saved - best[rows], 0.0).sum())


def _gains(savings: csc_array, best: Floats) -> Floats:
    more = np.maximum(savings.data - best[savings.indices], 0.0)
    columns = np.repeat(np.arange(savings.shape[1]), np.diff(savings.indptr))
    return np.bincount(columns, more, savings.shape[1]).astype(np.float64)


def _take(savings: csc_array, column: int, best: Floats) -> None:
    rows, saved = _column(savings, column)
    best[rows] = np.maximum(best[rows], saved)


def _top(gains: Floats, count: int) -> float:
    return float(np.sort(gains)[::-1][:count].sum())


def _best_of(savings: csc_array, columns: Sequence[int]) -> Floats:
    """What each row saves with these columns."""
    best = np.zeros(savings.shape[0])
    for column in columns:
        _take(savings, column, best)
    return best


def _value(savings: csc_array, columns: Sequence[int]) -> float:
    return float(_best_of(savings, columns).sum())


def swapped(choice: Choice, savings: csc_array, rounds: int = 20) -> Choice:
    """Exchanges of one chosen for one other candidate as long as that helps (Teitz & Bart 1968)."""
    columns, value = list(choice.columns), choice.value
    for _ in range(rounds):
        swap = _best_swap(savings, columns, value)
        if swap is None:
            break
        at, other, value = swap
        columns[at] = other
    return Choice(tuple(columns), value, max(choice.bound, value))


def _best_swap(savings: csc_array, columns: list[int], value: float) -> tuple[int, int, float] | None:
    found: tuple[int, int, float] | None = None
    for at in range(len(columns)):
        best = _best_of(savings, columns[:at] + columns[at + 1 :])
        gains = _gains(savings, best)
        other = int(np.argmax(gains))
        total = float(best.sum() + gains[other])
        if total > (found[2] if found else value * (1 + EQUAL)):
            found = (at, other, total)
    return found


def bounded(choice: Choice, savings: csc_array, sites: int, rounds: int = 400) -> Choice:
    """A much tighter bound in a fraction of a second, and sometimes a better set, by Lagrangian relaxation.

    Every cell pays a price for being served; the columns that earn most above the prices, taken without regard to each
    other, bound what any set can reach (Cornuejols, Fisher & Nemhauser 1977). The prices follow the subgradient.
    """
    columns = np.repeat(np.arange(savings.shape[1]), np.diff(savings.indptr))
    rows, size = savings.indices, savings.shape[0]
    price = 0.5 * _best_of(savings, choice.columns)
    pace, idle = 2.0, 0
    for _ in range(rounds):
        surplus = np.maximum(savings.data - price[rows], 0.0)
        earned = np.bincount(columns, surplus, savings.shape[1])
        top = np.sort(np.argsort(-earned, kind="stable")[:sites])
        bound = float(price.sum() + earned[top].sum())
        idle = 0 if bound < choice.bound * (1 - 1e-7) else idle + 1
        value = float(_best_of(savings, top.tolist()).sum())
        if value > choice.value * (1 + EQUAL):
            choice = replace(choice, columns=tuple(top.tolist()), value=value)
        choice = replace(choice, bound=max(min(choice.bound, bound), choice.value))
        if idle >= 10:
            pace, idle = pace / 2, 0
        served = np.bincount(rows[(surplus > 0) & np.isin(columns, top)], minlength=size)
        slope = np.where((price > 0) | (served > 1), 1.0 - served, 0.0)
        length = float(slope @ slope)
        if length == 0 or pace < 1e-4 or is_proven(choice):
            break
        price = np.maximum(price - pace * (bound - choice.value) / length * slope, 0.0)
    return choice


def is_proven(choice: Choice) -> bool:
    """No set can be better by more than rounding."""
    return choice.bound <= choice.value * (1 + EQUAL)


def best_choice(savings: csc_array, sites: int, solve: Solve, time_limit: float) -> Choice:
    """Greedy; then, with time allowed, exchanges, the Lagrangian bound, and the exact solver while it is not proven."""
    choice = greedy(savings, sites)
    if len(choice.columns) < sites:  # nobody is left to gain: nothing can be better
        return replace(choice, bound=choice.value)
    if time_limit <= 0 or is_proven(choice):
        return choice
    choice = swapped(bounded(swapped(choice, savings), savings, sites), savings)
    if is_proven(choice):
        return choice
    columns, bound = solve()
    value = _value(savings, columns)
    bound = max(min(bound, choice.bound), value, choice.value)
    return Choice(columns, value, bound) if value > choice.value * (1 + EQUAL) else replace(choice, bound=bound)


def solve_cover(savings: csc_array, sites: int, time_limit: float) -> tuple[tuple[int, ...], float]:
    """max sum a_k y_k with y_k <= sum of the x_j that reach k, sum x_j = sites, x binary."""
    rows = csr_array(savings)
    people = np.asarray(rows.max(axis=1).todense(), dtype=np.float64).ravel()
    cells, candidates = rows.shape
    reach = csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), shape=rows.shape)
    links = block_array([[-reach, eye_array(cells, format="csr")]], format="csr")
    number = csr_array(np.concatenate([np.ones(candidates), np.zeros(cells)])[None, :])
    goal = np.concatenate([np.zeros(candidates), -people / people.max()])
    whole = np.concatenate([np.ones(candidates), np.zeros(cells)]).astype(np.int64)
    answer = milp(
        goal,
        constraints=[LinearConstraint(links, -np.inf, 0.0), LinearConstraint(number, 0, sites)],
        bounds=Bounds(0, 1),
        integrality=whole,
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    return _opened(answer, candidates, sites), _dual(answer) * float(people.max())


def solve_median(savings: csc_array, sites: int, time_limit: float) -> tuple[tuple[int, ...], float]:
    """max sum s_kj z_kj with z_kj <= x_j, sum_j z_kj <= 1, sum x_j = sites, x binary."""
    pairs = coo_array(savings)
    cells, candidates = savings.shape
    if pairs.nnz > MOST_PAIRS or not pairs.nnz:
        return (), math.inf
    each = eye_array(pairs.nnz, format="csr")
    at = np.arange(pairs.nnz)
    opened = csr_array((-np.ones(pairs.nnz), (at, pairs.col)), shape=(pairs.nnz, candidates))
    once = csr_array((np.ones(pairs.nnz), (pairs.row, at)), shape=(cells, pairs.nnz))
    links = block_array([[opened, each]], format="csr")
    single = block_array([[csr_array((cells, candidates)), once]], format="csr")
    number = csr_array(np.concatenate([np.ones(candidates), np.zeros(pairs.nnz)])[None, :])
    scale = float(pairs.data.max())
    answer = milp(
        np.concatenate([np.zeros(candidates), -pairs.data / scale]),
        constraints=[
            LinearConstraint(links, -np.inf, 0.0),
            LinearConstraint(single, 0.0, 1.0),
            LinearConstraint(number, 0, sites),
        ],
        bounds=Bounds(0, 1),
        integrality=np.concatenate([np.ones(candidates), np.zeros(pairs.nnz)]).astype(np.int64),
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    return _opened(answer, candidates, sites), _dual(answer) * scale


def _opened(answer: OptimizeResult, candidates: int, most: int) -> tuple[int, ...]:
    """What the solver opened: the largest variables above one half, never more than allowed."""
    if answer.x is None:
        return ()
    share = np.asarray(answer.x)[:candidates]
    order = np.argsort(-share, kind="stable")[:most]
    return tuple(sorted(int(column) for column in order if share[column] > 0.5))


def _dual(answer: OptimizeResult) -> float:
    """The solver's proof, as an upper bound of what is maximised."""
    bound = answer.get("mip_dual_bound")
    return math.inf if bound is None or not math.isfinite(bound) else -float(bound)


def in_order(savings: csc_array, columns: Sequence[int]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The chosen with the greatest gain first, each gain after those before; ties by column."""
    best, left = np.zeros(savings.shape[0]), sorted(columns)
    order: list[int] = []
    gains: list[float] = []
    while left:
        worth = [_gain(savings, column, best) for column in left]
        at = int(np.argmax(worth))
        gains.append(worth[at])
        order.append(left.pop(at))
        _take(savings, order[-1], best)
    return tuple(order), tuple(gains)


def fewest(reach: csc_array, time_limit: float) -> tuple[tuple[int, ...], int]:
    """A smallest set of columns that reaches all rows that can be, and a proven least number."""
    rows = int((np.bincount(reach.indices, minlength=reach.shape[0]) > 0).sum())
    if not rows:
        return (), 0
    quick = tuple(sorted(greedy(reach, reach.shape[1]).columns))
    largest = int(np.diff(reach.indptr).max())
    bound = math.ceil(rows / largest)
    if bound >= len(quick) or time_limit <= 0:
        return quick, bound
    table = csr_array(reach)
    needed = csr_array(table[np.diff(table.indptr) > 0])
    answer = milp(
        np.ones(reach.shape[1]),
        constraints=LinearConstraint(needed, 1, np.inf),
        bounds=Bounds(0, 1),
        integrality=np.ones(reach.shape[1], dtype=np.int64),
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    proof = -_dual(answer)
    bound = max(bound, math.ceil(proof - 1e-6)) if math.isfinite(proof) else bound
    found = _opened(answer, reach.shape[1], reach.shape[1])
    covers = bool(found) and bool((needed[:, list(found)].sum(axis=1) > 0).all())
    return (found if covers and len(found) < len(quick) else quick), bound
