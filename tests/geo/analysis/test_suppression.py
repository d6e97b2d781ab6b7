"""Can anybody compute a hidden number back? The tests play the reader who tries."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from geo.analysis.arrays import Bools, Floats
from geo.analysis.suppression import (
    Sum,
    feasible,
    leave_enough,
    protect,
    protect_parts,
    protect_table,
    publishable_steps,
)

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=8)


def small(counts: Floats) -> Bools:
    return np.asarray((counts > 0) & (counts < 5), dtype=bool)


def possible(counts: list[int], hidden: list[bool], most: int = 60) -> list[set[int]]:
    """Every whole number each hidden part could be, found by trying them all; the total is known."""
    rest = sum(count for count, hide in zip(counts, hidden, strict=True) if hide)
    ranges = [range(1, 5) if count < 5 else range(1, most) for count, hide in zip(counts, hidden, strict=True) if hide]
    found: list[set[int]] = [set() for _ in ranges]
    for guess in product(*ranges[:-1]):
        last = rest - sum(guess)
        if last in ranges[-1]:
            for seen, number in zip(found, (*guess, last), strict=True):
                seen.add(number)
    return found


@given(st.lists(st.integers(0, 12), min_size=1, max_size=5))
def test_every_hidden_part_could_be_two_numbers(counts: list[int]) -> None:
    people = np.array(counts, float)
    result = protect(people, small(people))
    hidden = result.hidden.tolist()
    assert (result.hidden >= small(people)).all()
    assert not any(hide and count == 0 for hide, count in zip(hidden, counts, strict=True))
    if not small(people).any():
        assert not any(hidden)
    elif not result.hide_total:
        assert all(len(numbers) >= 2 for numbers in possible(counts, hidden))


def test_the_next_smallest_is_hidden_too() -> None:
    assert protect([3, 40, 7, 0], [True, False, False, False]).hidden.tolist() == [True, False, True, False]
    assert protect([7, 3, 7], [False, True, False]).hidden.tolist() == [True, True, False]
    assert protect([40, 7], [False, False]).hidden.tolist() == [False, False]


def test_two_ones_beside_a_total_are_not_enough() -> None:
    """1 + 1 = 2 has one solution; so has 4 + 4 = 8 for a reader who knows that both are below 5."""
    assert protect([1, 1, 50], [True, True, False]).hidden.all()
    assert protect([4, 4, 50], [True, True, False]).hidden.all()
    assert protect([1, 2, 50], [True, True, False]).hidden.tolist() == [True, True, False]


def test_alone_the_total_has_to_go() -> None:
    assert protect([3, 0, 0], [True, False, False]).hide_total
    assert protect([3], [True]).hide_total
    assert not protect([30], [False]).hide_total
    assert not protect([], []).hide_total


def test_parts_without_data_are_outside_the_total() -> None:
    result = protect([3, np.nan, 9], [True, True, False])
    assert result.hidden.tolist() == [True, False, True]


def two_way(rows: int, columns: int) -> list[Sum]:
    """Cells row by row, then row totals, column totals and the grand total."""
    cell = np.arange(rows * columns).reshape(rows, columns)
    of_row = [(rows * columns + at, cell[at].tolist()) for at in range(rows)]
    of_column = [(rows * columns + rows + at, cell[:, at].tolist()) for at in range(columns)]
    last = rows * columns + rows + columns
    return [*of_row, *of_column, (last, [total for total, _ in of_row]), (last, [total for total, _ in of_column])]


def with_totals(cells: Floats) -> Floats:
    return np.concatenate([cells.ravel(), cells.sum(axis=1), cells.sum(axis=0), [cells.sum()]])


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 4))
def test_the_attack_on_a_table_of_districts_and_channels_fails(seed: int, rows: int, columns: int) -> None:
    random = np.random.default_rng(seed)
    cells = random.poisson(random.gamma(0.7, 9, (rows, columns))).astype(float)
    counts, sums = with_totals(cells), two_way(rows, columns)
    result = protect_table(counts, small(counts), sums)
    low, high = feasible(counts, result.hidden, sums)
    assert (result.hidden >= small(counts)).all()
    assert not result.hidden[counts == 0].any()
    if not result.hide_total:
        assert (high[result.hidden] - low[result.hidden] >= 1).all()
    inside = (low <= counts) & (counts <= high)
    assert inside[result.hidden].all()


def test_primary_hiding_alone_would_fail() -> None:
    """The attack is one: it finds the number when only the small cell is hidden."""
    cells = np.array([[3.0, 40, 7], [20, 30, 50]])
    counts, sums = with_totals(cells), two_way(2, 3)
    low, high = feasible(counts, small(counts), sums)
    assert low[0] == high[0] == 3
    # hiding a second cell of its row only would leave the column to subtract in
    one_more = small(counts)
    one_more[2] = True
    low, high = feasible(counts, one_more, sums)
    assert low[0] == high[0] == 3
    hidden = protect_table(counts, small(counts), sums).hidden
    low, high = feasible(counts, hidden, sums)
    assert (high - low)[hidden].min() >= 1


def test_one_total_is_the_same_question_for_both() -> None:
    for counts in ([3, 40, 7, 0], [1, 1, 50], [4, 4, 50, 6], [2, 2, 2], [9, 3, 8, 60]):
        people = np.array(counts, float)
        table = np.append(people, people.sum())
        known = np.arange(len(table)) == len(people)
        sums: list[Sum] = [(len(people), list(range(len(people))))]
        by_table = protect_table(table, np.append(small(people), False), sums, known=known)
        by_parts = protect(people, small(people))
        np.testing.assert_array_equal(by_table.hidden[:-1], by_parts.hidden)
        assert by_table.hide_total == by_parts.hide_total


def test_nested_territories() -> None:
    """A city of two districts of two blocks each; the block total is a cell like others."""
    counts = np.array([3, 9, 20, 30, 12, 50, 62], float)
    sums: list[Sum] = [(4, [0, 1]), (5, [2, 3]), (6, [4, 5])]
    hidden = protect_table(counts, small(counts), sums).hidden
    assert hidden.tolist() == [True, True, False, False, False, False, False]


def test_fractions_of_people_are_protected_too() -> None:
    people = np.array([2.4, 60.3, 7.7, 70.4])
    hidden = protect_table(people, small(people), [(3, [0, 1, 2])]).hidden
    assert hidden.tolist() == [True, False, True, False]


def test_channels_that_do_not_add_up_do_not_give_each_other_away() -> None:
    """Reach: one person, two channels; only the sums over districts are known."""
    parts = np.array([[2.0, 90], [40, 60], [30, 20]])
    rows, cells = protect_parts([91, 95, 45], [False] * 3, parts, small(parts))
    assert not rows.hidden.any()
    assert cells.tolist() == [[True, False], [False, False], [True, False]]


def test_a_large_table_is_done_in_little_work() -> None:
    random = np.random.default_rng(0)
    parts = random.poisson(random.gamma(0.5, 24, (60, 8))).astype(float)
    rows, cells = protect_parts(parts.sum(axis=1), small(parts.sum(axis=1)), parts, small(parts))
    assert (cells >= small(parts)).all()
    assert cells.sum() < 2 * small(parts).sum()
    assert not ((cells.sum(axis=1) == 1) & ~rows.hidden).any()


@given(st.lists(COUNTS, min_size=1, max_size=4), st.integers(1, 8))
def test_running_totals_never_differ_by_few(rows: list[list[int]], small_count: int) -> None:
    width = max(map(len, rows))
    added = np.array([row + [0] * (width - len(row)) for row in rows], float)
    running = np.cumsum(added, axis=1)
    shown = publishable_steps(running, small_count=small_count)
    for row, visible in zip(running, shown, strict=True):
        told = np.concatenate([[0.0], row[visible], row[-1:] if visible.any() else []])
        gaps = np.diff(np.sort(told))
        assert not ((gaps > 0) & (gaps < small_count)).any()


def test_running_totals_that_fall_are_refused() -> None:
    with pytest.raises(ValueError):
        publishable_steps([[5, 3]])


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6), st.lists(st.booleans(), min_size=12, max_size=12))
def test_no_whole_less_its_parts_leaves_few(parts: list[int], choice: list[bool]) -> None:
    """Two larger territories over the same smaller ones: beside what is shown of each there is nobody, or enough."""
    people = np.array(parts, float)
    held = [[at for at in range(len(parts)) if choice[side * 6 + at]] for side in (0, 1)]
    whole = np.array([people[inside].sum() + 3 * side for side, inside in enumerate(held)])
    pairs = [(side, at) for side, inside in enumerate(held) for at in inside]
    hidden = leave_enough(whole, people, pairs)
    assert (hidden >= small(people)).all()
    for side, inside in enumerate(held):
        shown = [people[at] for at in inside if not hidden[at]]
        assert not any(0 < whole[side] - each < 5 for each in shown)
        rest = whole[side] - sum(shown)
        assert rest == 0 or rest >= 5 or not any(shown)


def test_less_than_half_a_person_is_nobody() -> None:
    """Residents are kept in thousandths: a town and its districts differ by some of them."""
    assert leave_enough([100.004], [60.0, 40.0], [[0, 0], [0, 1]]).tolist() == [False, False]
    assert leave_enough([101.0], [60.0, 40.0], [[0, 0], [0, 1]]).tolist() == [False, True]
    assert publishable_steps([[0, 40, 40.3, 90]]).all()


def test_steps_asked_for_most_are_shown_before_others() -> None:
    assert publishable_steps([[0, 48, 50, 90]]).tolist() == [[True, True, False, True]]
    assert publishable_steps([[0, 48, 50, 90]], first=[2]).tolist() == [[True, False, True, True]]
