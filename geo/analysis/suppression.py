"""Which further figures have to be hidden so that a hidden one cannot be computed back?

A count of 1 to 4 people is hidden (geo.analysis.figure); but beside a published total the reader subtracts what is
shown. `protect` hides, for parts of one total, the next smallest counts until every hidden one could be at least two
numbers; `protect_table` does the same for any table of sums (districts by channels, months of a year, nested
territories); `feasible` is the attack both are tested with; `publishable_steps` thins a series of running totals
(residents within 50, 100, 150 … m) so that the difference of two shown ones is never a small number of people.

Method: cell suppression with complementary cells, Hundepool et al., Statistical Disclosure Control (2012), chapter 4;
the attack is the interval a reader can compute from the published sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from geo.analysis.arrays import Bools, Floats, floats, weights

DEFAULT_SMALL = 5
# hidden cells of a table that are attacked one by one; of more, half are hidden better first
LOOKED_AT = 10


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """What stays hidden: `hidden` one flag per part, `hide_total` when the parts alone cannot protect each other."""

    hidden: Bools
    hide_total: bool


def protect(counts: npt.ArrayLike, hidden: npt.ArrayLike, *, small_count: int = DEFAULT_SMALL) -> Protected:
    """Hide further parts of one published total until no hidden part can be computed back.

    counts: people per part, NaN where not known (such parts are outside the total); hidden: what is hidden for its own
    sake. The reader is taken to know the total, every shown part, that a hidden part is not 0 unless hidden for its
    base, and which hidden parts are below `small_count`. Ties go to the earlier row.

    >>> protect([3, 40, 7, 0], [True, False, False, False]).hidden.tolist()
    [True, False, True, False]
    >>> protect([3, 0], [True, False]).hide_total
    True
    """
    people = weights(counts, "counts")
    mask = np.array(hidden, dtype=bool) & ~np.isnan(people)
    candidates = np.flatnonzero(~mask & (people > 0))
    queue = candidates[np.argsort(people[candidates], kind="stable")].tolist()
    while mask.any() and not _safe(people[mask], small_count):
        if not queue:
            return Protected(mask, True)
        mask[queue.pop(0)] = True
    return Protected(mask, False)


def _bounds(people: Floats, small_count: int) -> tuple[Floats, Floats]:
    """What a reader knows of hidden counts without any sum: small ones are 1 to small_count - 1, others anything."""
    low = np.where(people > 0, 1.0, 0.0)
    high = np.where((people > 0) & (people < small_count), small_count - 1.0, np.inf)
    return low, high


def _safe(people: Floats, small_count: int) -> bool:
    """Whether each of these parts could be at least two whole numbers, their sum being known."""
    low, high = _bounds(people, small_count)
    total = people.sum()
    endless = np.isinf(high)
    finite_high = np.where(endless, 0.0, high)
    others_endless = endless.sum() - endless > 0
    least = np.where(others_endless, low, np.maximum(low, total - (finite_high.sum() - finite_high)))
    most = np.minimum(high, total - (low.sum() - low))
    return bool((np.floor(most + 1e-9) - np.ceil(least - 1e-9) >= 1).all())


# one published sum: the row of the total and the rows of its parts
Sum = tuple[int, Sequence[int]]


def protect_table(
    counts: npt.ArrayLike,
    hidden: npt.ArrayLike,
    sums: Sequence[Sum],
    *,
    known: npt.ArrayLike | None = None,
    small_count: int = DEFAULT_SMALL,
) -> Protected:
    """Hide further cells of a table of sums until no hidden cell can be computed back; one flag per cell.

    counts: people per cell, totals being cells too; sums: which cell is the sum of which others. Any table can be said
    that way: districts by channels with totals of both, months of years, nested territories. Hidden in addition are the
    smallest non-zero cells that help, totals like the rest, except those marked as `known` to everybody anyway;
    `hide_total` says that with these known the hidden cells cannot be protected.

    >>> cells = [3, 40, 7, 50]                                                # three parts and their total
    >>> protect_table(cells, [True, False, False, False], [(3, [0, 1, 2])]).hidden.tolist()
    [True, False, True, False]
    """
    people = weights(counts, "counts")
    mask = np.array(hidden, dtype=bool)
    free = np.ones(len(people), dtype=bool) if known is None else ~np.asarray(known, dtype=bool)
    table = _Table.of(people, sums)
    # hidden cells known to have two solutions: hiding more only adds solutions
    settled = np.zeros(len(people), dtype=bool)
    while True:
        exposed = table.alone(mask) or table.exposed(mask, settled, small_count)
        more = {table.cheapest(mask, free, among) for among in exposed} - {None}
        if not more:
            return Protected(mask, bool(exposed))
        mask[[cell for cell in more if cell is not None]] = True


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Counts and sums as a sparse table: one row per sum, -1 at its total, 1 at its parts."""

    people: Floats
    sums: csr_array
    of_cell: csr_array

    @classmethod
    def of(cls, people: Floats, sums: Sequence[Sum]) -> _Table:
        lengths = [len(parts) + 1 for _, parts in sums]
        cells = np.array([cell for total, parts in sums for cell in (total, *parts)], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        signs = np.ones(len(cells))
        signs[starts[:-1]] = -1.0
        table = csr_array((signs, cells, starts), shape=(len(sums), len(people)))
        return cls(people, table, csr_array(table.T))

    def members(self, sum_at: int) -> npt.NDArray[np.int32]:
        """The cells of a sum, the total first."""
        return self.sums.indices[self.sums.indptr[sum_at] : self.sums.indptr[sum_at + 1]]

    def sums_of(self, cell: int) -> npt.NDArray[np.int32]:
        """The sums a cell is in."""
        return self.of_cell.indices[self.of_cell.indptr[cell] : self.of_cell.indptr[cell + 1]]

    def hidden_in_sums(self, mask: Bools) -> npt.NDArray[np.int64]:
        """How many hidden cells each sum has."""
        rows = np.repeat(np.arange(self.sums.shape[0]), np.diff(self.sums.indptr))
        return np.bincount(rows, mask[self.sums.indices], self.sums.shape[0]).astype(np.int64)

    def alone(self, mask: Bools) -> list[list[int]]:
        """Sums with a single hidden cell: one subtraction tells it. Found without solving anything."""
        return [[at] for at in np.flatnonzero(self.hidden_in_sums(mask) == 1).tolist()]

    def exposed(self, mask: Bools, settled: Bools, small_count: int) -> list[list[int]]:
        """Sums of hidden cells a reader can compute back, each separate part of the table attacked by itself.

        Cells found to have two solutions are marked in `settled` and not attacked again.
        """
        found: list[list[int]] = []
        for cells, inside in self.components(mask):
            if settled[cells].all():
                continue
            puzzle = self.puzzle(mask, cells, inside, small_count)
            exposed, done = puzzle.exposed(settled[cells])
            settled[cells] = done
            found += [self.sums_of(cells[at]).tolist() for at in exposed]
        return found

    def cheapest(self, mask: Bools, free: Bools, among: list[int]) -> int | None:
        """The smallest non-zero cell of these sums that can be hidden; None when there is none.

        Cells whose other sums have a hidden cell already come first: they need no further one. Then earlier rows.
        """
        cells = np.unique(np.concatenate([self.members(at) for at in among]))
        cells = cells[~mask[cells] & free[cells] & (self.people[cells] > 0)]
        if not len(cells):
            return None
        counts = self.hidden_in_sums(mask) if len(cells) > 1 else None
        opens = [counts is not None and bool((counts[self.sums_of(int(cell))] == 0).any()) for cell in cells.tolist()]
        return int(cells[np.lexsort((self.people[cells], opens))[0]])

    def components(self, mask: Bools) -> list[tuple[list[int], list[int]]]:
        """Hidden cells linked by sums, with those sums: parts of the table that can be attacked one by one."""
        number = self.sums.shape[0]
        links = self.sums.tocoo()
        kept = mask[links.col]
        if not kept.any():
            return []
        at, cell = links.row[kept], links.col[kept] + number
        graph = coo_array((np.ones(len(at)), (at, cell)), shape=(number + len(mask), number + len(mask)))
        _, label = connected_components(graph, directed=False)
        parts: dict[int, tuple[list[int], list[int]]] = {}
        for node in np.unique(np.concatenate([at, cell])).tolist():
            cells, inside = parts.setdefault(int(label[node]), ([], []))
            (inside if node < number else cells).append(node if node < number else node - number)
        return list(parts.values())

    def puzzle(self, mask: Bools, cells: list[int], inside: list[int], small_count: int) -> _Puzzle:
        """What a reader can set up for the hidden cells of one part."""
        rows = csr_array(self.sums[inside])
        right = -(rows @ np.where(mask, 0.0, self.people))
        low, high = _bounds(self.people[cells], small_count)
        endless = 10 * float(self.people[cells].sum()) + 1000
        whole = bool((np.abs(self.people - np.round(self.people)) < 1e-9).all())
        return _Puzzle(csr_array(rows[:, cells]), np.asarray(right), low, np.minimum(high, endless), whole, endless)


def protect_parts(
    whole: npt.ArrayLike,
    hidden: npt.ArrayLike,
    parts: npt.ArrayLike,
    parts_hidden: npt.ArrayLike,
    *,
    of_all: npt.ArrayLike | None = None,
    small_count: int = DEFAULT_SMALL,
) -> tuple[Protected, Bools]:
    """The same for figures with parts: districts (rows) with head counts, and their channels (columns).

    whole: people per row; parts: rows x columns; where the parts of a row add up to its whole, or to `of_all` (uses of
    all channels, published), they give each other away; sums over all rows are known. Returns the rows to hide and,
    rows x columns, the parts to hide.

    >>> rows, cells = protect_parts([92, 80], [False, False], [[2, 90], [30, 50]], [[True, False], [False, False]])
    >>> cells.tolist()
    [[True, True], [True, True]]
    """
    people, shares = weights(whole, "whole"), floats(parts, "parts", dimensions=2)
    layout = _Layout(*shares.shape)
    uses = np.full(layout.rows, np.nan) if of_all is None else weights(of_all, "of_all", size=layout.rows)
    columns = np.column_stack([people, shares])
    sums = [*_sums_of_rows(layout, people, shares, uses), *_sums_of_columns(layout, columns)]
    counts = np.nan_to_num(np.concatenate([people, shares.ravel(), uses, np.nansum(columns, axis=0)]))
    flags = np.column_stack([np.asarray(hidden, dtype=bool), np.asarray(parts_hidden, dtype=bool)])
    mask = layout.marked(flags & ~np.isnan(columns))
    found = protect_table(counts, mask, sums, known=layout.known, small_count=small_count)
    return Protected(found.hidden[: layout.rows], found.hide_total), found.hidden[layout.parts]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the numbers of figures with parts stand among the cells of a table: the wholes of the rows, their parts
    row by row, the uses of all channels by row, and the sums over all rows (of the wholes, of each part)."""

    rows: int
    width: int

    @property
    def parts(self) -> npt.NDArray[np.int64]:
        """Positions of the parts, rows x columns."""
        return self.rows + np.arange(self.rows * self.width).reshape(self.rows, self.width)

    @property
    def uses(self) -> npt.NDArray[np.int64]:
        """Positions of the uses of all channels."""
        return self.rows * (1 + self.width) + np.arange(self.rows)

    @property
    def totals(self) -> npt.NDArray[np.int64]:
        """Positions of the sums over all rows, that of the wholes first."""
        return self.rows * (2 + self.width) + np.arange(1 + self.width)

    @property
    def known(self) -> Bools:
        """What cannot be hidden: the reader has uses and sums over all rows from elsewhere."""
        return np.asarray(np.arange(self.totals[-1] + 1) >= self.rows * (1 + self.width), dtype=bool)

    def marked(self, flags: Bools) -> Bools:
        """A flag for each cell; `flags` has a column for the wholes and one for each part."""
        mask = np.zeros(self.totals[-1] + 1, dtype=bool)
        mask[: self.rows], mask[self.parts] = flags[:, 0], flags[:, 1:]
        return mask


def _sums_of_rows(layout: _Layout, people: Floats, shares: Floats, uses: Floats) -> list[Sum]:
    """Rows whose parts add up to their whole; otherwise to the uses of all channels."""
    together = shares.sum(axis=1)
    to_whole, to_uses = (np.isclose(together, each, rtol=1e-9, atol=1e-6) for each in (people, uses))
    cells = layout.parts
    return [
        *((row, cells[row].tolist()) for row in np.flatnonzero(to_whole).tolist()),
        *((int(layout.uses[row]), cells[row].tolist()) for row in np.flatnonzero(to_uses & ~to_whole).tolist()),
    ]


def _sums_of_columns(layout: _Layout, columns: Floats) -> list[Sum]:
    """What the rows with a number add up to: their wholes, and each of their parts."""
    cells = np.column_stack([np.arange(layout.rows), layout.parts])
    return [
        (int(total), cells[~np.isnan(column), at].tolist())
        for at, (total, column) in enumerate(zip(layout.totals, columns.T, strict=True))
    ]


def feasible(
    counts: npt.ArrayLike, hidden: npt.ArrayLike, sums: Sequence[Sum], *, small_count: int = DEFAULT_SMALL
) -> tuple[Floats, Floats]:
    """The attack: the least and the greatest number each hidden cell can be, given all that is shown.

    Returns two columns, NaN for shown cells; the greatest is infinite when nothing bounds it.

    >>> low, high = feasible([3, 40, 7, 50], [True, False, True, False], [(3, [0, 1, 2])])
    >>> low[[0, 2]].tolist(), high[[0, 2]].tolist()
    ([1.0, 6.0], [4.0, 9.0])
    """
    people, mask = weights(counts, "counts"), np.array(hidden, dtype=bool)
    low, high = np.full(len(people), np.nan), np.full(len(people), np.nan)
    low[mask], high[mask] = _bounds(people[mask], small_count)
    table = _Table.of(people, sums)
    for cells, inside in table.components(mask):
        puzzle = table.puzzle(mask, cells, inside, small_count)
        for at, cell in enumerate(cells):
            low[cell], high[cell] = puzzle.ends(at)
    return low, high


@dataclass(frozen=True, slots=True, eq=False)
class _Puzzle:
    """What a reader can set up for hidden cells linked by sums: the unknowns, their bounds, and the equations.

    Unknowns are whole numbers, unless the table holds fractions of people (residents shared out by area). `endless` is
    more than anything hidden here could be: it stands for "nothing bounds it", which a solver takes badly.
    """

    rows: csr_array
    right: Floats
    low: Floats
    high: Floats
    whole: bool
    endless: float

    def solve(self, goal: Floats) -> Floats:
        """The solution with the least goal; there is always one, the true counts.

        Tables of two directions have whole corners, so the much quicker linear programme usually is the answer.
        """
        answer = self._programme(goal, whole=False)
        if self.whole and (np.abs(answer - np.round(answer)) > 1e-6).any():
            answer = self._programme(goal, whole=True)
        return np.round(answer, 0 if self.whole else 6)

    def _programme(self, goal: Floats, *, whole: bool) -> Floats:
        answer = milp(
            goal,
            constraints=LinearConstraint(self.rows, self.right, self.right),
            bounds=Bounds(self.low, self.high),
            integrality=np.full(len(goal), int(whole), dtype=np.int64),
        )
        if answer.x is None:
            raise RuntimeError(f"the attack on hidden counts was not solved: {answer.message}")
        return np.asarray(answer.x, dtype=np.float64)

    def ends(self, at: int) -> tuple[float, float]:
        """Least and greatest number of one unknown."""
        goal = np.zeros(len(self.low))
        goal[at] = 1.0
        low, high = (float(self.solve(sign * goal)[at]) for sign in (1.0, -1.0))
        return low, high if high < self.endless else np.inf

    def exposed(self, settled: Bools) -> tuple[list[int], Bools]:
        """The unknowns with only one solution, and those with two.

        Solutions in random directions settle most unknowns at once. A few that did not move are looked at one by one;
        of many, half are taken for exposed unseen: they usually are, and hiding one cell too many harms nobody.
        """
        random = np.random.default_rng(2012)
        least, most = np.full(len(self.low), np.inf), np.full(len(self.low), -np.inf)
        before = -1
        while before < (before := int(settled.sum())) < len(settled):
            for _ in range(3):
                solution = self.solve(random.normal(size=len(self.low)) * ~settled)
                least, most = np.minimum(least, solution), np.maximum(most, solution)
            settled = settled | (most - least >= 1)
        still = np.flatnonzero(~settled).tolist()
        if len(still) > LOOKED_AT:
            return still[: len(still) // 2], settled
        exposed = [at for at in still if np.diff(self.ends(at))[0] < 1]
        settled = np.ones(len(settled), dtype=bool)
        settled[exposed] = False
        return exposed, settled


def leave_enough(
    whole: npt.ArrayLike, parts: npt.ArrayLike, pairs: npt.ArrayLike, *, small_count: int = DEFAULT_SMALL
) -> Bools:
    """Which parts to hide so that no whole, less one of its parts or all shown ones, leaves a small number of people.

    whole, parts: people of larger and of smaller territories, NaN where not known; pairs: rows (whole, part) saying
    which holds which. Small parts and those without people do not count as shown; the smallest that help are hidden.

    >>> leave_enough([50], [48, 2, 20], [[0, 0], [0, 2]]).tolist()
    [True, True, False]
    """
    larger, people = weights(whole, "whole"), weights(parts, "parts")
    links = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    hidden = _few(people, small_count)
    left = larger[links[:, 0]] - people[links[:, 1]]
    hidden[links[_few(left, small_count), 1]] = True
    while True:
        held = links[~hidden[links[:, 1]] & (people[links[:, 1]] > 0)]
        rest = larger - np.bincount(held[:, 0], people[held[:, 1]], len(larger))
        short = held[np.isin(held[:, 0], np.flatnonzero(_few(rest, small_count)))]
        if not len(short):
            return hidden
        # the smallest part of each whole that is left with few
        order = short[np.lexsort((people[short[:, 1]], short[:, 0]))]
        hidden[order[np.unique(order[:, 0], return_index=True)[1], 1]] = True


def _few(people: Floats, small_count: int) -> Bools:
    # parts are kept in thousandths of people and shared out by area: less than half a person is rounding, not somebody
    return np.asarray((people >= 0.5) & (people < small_count - 1e-6), dtype=bool)


def publishable_steps(running: npt.ArrayLike, *, first: Sequence[int] = (), small_count: int = DEFAULT_SMALL) -> Bools:
    """Which of the running totals of a row may be shown: any two shown differ by nobody or by enough people.

    running: areas x steps, never falling along a row (people within 0, 50, 100 … m), the last step being all people.
    A step is shown when it differs from those shown already, from nobody, and from the last step, by 0 or at least
    `small_count`. The reader of a finer step would otherwise learn how many live between two of them. Steps are looked
    at in their order, those named as `first` (asked for most) before.

    >>> publishable_steps([[0, 3, 9, 11, 40]]).tolist()
    [[True, False, True, False, True]]
    >>> publishable_steps([[0, 3, 9, 11, 40]], first=[3]).tolist()
    [[True, False, False, True, True]]
    """
    people = np.asarray(running, dtype=np.float64)
    if people.ndim != 2 or (np.diff(people, axis=1) < 0).any():
        raise ValueError("running totals are areas x steps and never fall along a row")
    shown = np.zeros(people.shape, dtype=bool)
    for step in dict.fromkeys([*first, *range(people.shape[1])]):
        here = people[:, [step]]
        near = _few(np.abs(people - here), small_count) & shown
        few = _few(here, small_count) | _few(people[:, -1:] - here, small_count)
        shown[:, step] = ~(near.any(axis=1) | few[:, 0])
    return shown
