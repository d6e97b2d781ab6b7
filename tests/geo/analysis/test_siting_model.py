"""Are the places the best ones, is "best" proven, and do people count rather than points?"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import combinations
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from geo.analysis.arrays import Floats
from geo.analysis.siting_model import (
    Demand,
    Siting,
    Status,
    cover_all,
    least_distance,
    least_worst,
    max_cover,
    reach_curve,
    what_if,
)  # fmt: skip
from tests.geo.analysis.conftest import Stores

SEEDS = st.integers(0, 10**6)


def town(seed: int, cells: int = 25, candidates: int = 7) -> tuple[Demand, Floats]:
    """A random town of 3 by 3 km; the full table of metres beside it."""
    random = np.random.default_rng(seed)
    at, to = random.uniform(0, 3000, (cells, 2)), random.uniform(0, 3000, (candidates, 2))
    metres = np.round(np.linalg.norm(at[:, None] - to[None], axis=2))
    cell, candidate = np.indices(metres.shape).reshape(2, -1)
    people = random.integers(0, 200, cells)
    keys = [f"c{number}" for number in random.permutation(candidates)]
    return Demand.of(people, keys, cell, candidate, metres.ravel()), metres


def reached(demand: Demand, metres: Floats, chosen: tuple[int, ...], distance: float) -> float:
    return float(demand.people[(metres[:, list(chosen)] <= distance).any(axis=1)].sum())


def test_san_francisco_cover(san_francisco: Stores) -> None:
    """People reached within 5 km by one to six stores, of 955,113; eight stores reach everybody."""
    curve = reach_curve(san_francisco.demand, 6, 5000)
    assert [answer.objective for answer in curve] == [448255, 671938, 791499, 875247, 927402, 941462]
    assert {answer.status for answer in curve} == {Status.OPTIMAL}
    assert san_francisco.residents.sum() == 955113
    assert pytest.approx(91.64, abs=0.005) == 100 * 875247 / 955113
    assert cover_all(san_francisco.demand, 5000).objective == 8


def test_san_francisco_distances(san_francisco: Stores) -> None:
    median = least_distance(san_francisco.demand, 4, 100_000)
    assert median.objective == pytest.approx(2982.13, abs=0.005)
    assert median.status is Status.OPTIMAL
    centre = least_worst(san_francisco.demand, 4)
    assert centre.objective == pytest.approx(7403.06, abs=0.005)
    assert (centre.status, len(centre.chosen)) == (Status.OPTIMAL, 4)


def test_demand_is_joined_by_name_not_by_position(san_francisco: Stores) -> None:
    """The same residents in the order of another file would reach 870,187: the figure moves with its input."""
    demand = san_francisco.demand
    shuffled = np.random.default_rng(0).permutation(demand.people)
    wrong = Demand.of(shuffled, demand.keys, demand.cell, demand.candidate, demand.distance_m)
    assert max_cover(wrong, 4, 5000).objective != 875247


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_equal_to_the_library(san_francisco: Stores) -> None:
    from spopt.locate import LSCP, MCLP, PCenter, PMedian

    metres, people = san_francisco.metres, san_francisco.residents
    solver = import_module("pulp").PULP_CBC_CMD(msg=False)
    cover: Any = MCLP.from_cost_matrix(metres, people, 5000, p_facilities=4).solve(solver)
    assert max_cover(san_francisco.demand, 4, 5000).objective == pytest.approx(cover.problem.objective.value())
    everybody: Any = LSCP.from_cost_matrix(metres, 5000).solve(solver)
    assert cover_all(san_francisco.demand, 5000).objective == everybody.problem.objective.value()
    median: Any = PMedian.from_cost_matrix(metres, people, p_facilities=4).solve(solver)
    ours = least_distance(san_francisco.demand, 4, 100_000).objective
    assert ours == pytest.approx(median.problem.objective.value() / people.sum(), abs=1e-6)
    centre: Any = PCenter.from_cost_matrix(metres, p_facilities=4).solve(solver)
    # the library reads its solver's answer from a file of seven digits
    assert least_worst(san_francisco.demand, 4).objective == pytest.approx(centre.problem.objective.value(), rel=1e-7)


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 4), st.sampled_from([400, 800, 1500]))
def test_no_choice_reaches_more(seed: int, sites: int, distance: int) -> None:
    demand, metres = town(seed)
    best = max(reached(demand, metres, chosen, distance) for chosen in combinations(range(7), sites))
    answer = max_cover(demand, sites, distance)
    assert answer.objective == best == reached(demand, metres, answer.chosen, distance)
    assert answer.status is Status.OPTIMAL
    assert len(answer.chosen) <= sites
    assert sum(answer.gains) == best
    assert list(answer.gains) == sorted(answer.gains, reverse=True)
    quick = max_cover(demand, sites, distance, time_limit=0)
    assert quick.objective is not None
    assert quick.bound is not None
    assert (1 - 1 / np.e) * best <= quick.objective <= best <= quick.bound + 1e-9


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 4))
def test_no_choice_is_nearer(seed: int, sites: int) -> None:
    demand, metres = town(seed)
    if not demand.people.sum():
        return
    best = min(float(metres[:, list(chosen)].min(axis=1) @ demand.people) for chosen in combinations(range(7), sites))
    answer = least_distance(demand, sites, 10_000)
    assert answer.objective == pytest.approx(best / demand.people.sum())
    assert answer.status is Status.OPTIMAL
    worst = min(float(metres[demand.people > 0][:, list(chosen)].min(axis=1).max())
                for chosen in combinations(range(7), sites))  # fmt: skip
    centre = least_worst(demand, sites)
    assert centre.objective == worst
    assert len(centre.chosen) <= sites


@settings(max_examples=40)
@given(SEEDS, st.sampled_from([600, 1200, 2500]))
def test_no_fewer_places_cover_all(seed: int, distance: int) -> None:
    demand, metres = town(seed)
    near = metres <= distance
    lost = np.flatnonzero((demand.people > 0) & ~near.any(axis=1))
    needed = near[(demand.people > 0) & near.any(axis=1)]
    least = next(
        size for size in range(8)
        if any(needed[:, list(chosen)].any(axis=1).all() for chosen in combinations(range(7), size))
    )  # fmt: skip
    answer = cover_all(demand, distance)
    assert answer.objective == least == len(answer.chosen)
    assert answer.out_of_reach == tuple(lost.tolist())
    assert answer.status is (Status.INFEASIBLE if len(lost) else Status.OPTIMAL)


@settings(max_examples=30)
@given(SEEDS)
def test_order_of_rows_does_not_matter(seed: int) -> None:
    demand, _ = town(seed)
    random = np.random.default_rng(seed)
    cells, candidates = random.permutation(25), random.permutation(7)
    at, to = np.argsort(cells), np.argsort(candidates)
    pairs = random.permutation(len(demand.cell))
    again = Demand.of(
        demand.people[cells], [demand.keys[number] for number in candidates], at[demand.cell][pairs],
        to[demand.candidate][pairs], demand.distance_m[pairs],
    )  # fmt: skip
    questions: list[Callable[[Demand], Siting]] = [
        lambda d: max_cover(d, 3, 800), lambda d: least_distance(d, 3, 5000), lambda d: cover_all(d, 1500),
        lambda d: least_worst(d, 3),
    ]  # fmt: skip
    for ask in questions:
        names = {demand.keys[number] for number in ask(demand).chosen}
        assert {again.keys[number] for number in ask(again).chosen} == names


def test_people_count_not_points() -> None:
    """Three empty houses on one side, one full on the other."""
    demand = Demand.of([1, 1, 1, 50], ["crowd", "points"], [0, 1, 2, 3], [1, 1, 1, 0], [10, 10, 10, 10])
    assert max_cover(demand, 1, 100).chosen == (0,)


def test_ties_go_to_the_lower_key() -> None:
    demand = Demand.of([5, 5], ["school", "club"], [0, 1], [0, 1], [10, 10])
    assert max_cover(demand, 1, 100).chosen == (1,)


def test_what_stands_already_counts_first() -> None:
    demand, metres = town(3)
    now = metres[:, 0]
    with_first = Demand.of(demand.people, demand.keys, demand.cell, demand.candidate, demand.distance_m, now)
    answer = max_cover(with_first, 1, 800)
    assert answer.before == reached(demand, metres, (0,), 800)
    best = max(reached(demand, metres, (0, other), 800) for other in range(7))
    assert answer.objective == best
    median = least_distance(with_first, 2, 10_000)
    expected = min(float(np.minimum(now, metres[:, list(chosen)].min(axis=1)) @ demand.people)
                   for chosen in combinations(range(7), 2))  # fmt: skip
    assert median.objective == pytest.approx(expected / demand.people.sum())
    assert median.before == pytest.approx(float(now @ demand.people) / demand.people.sum())


def test_everybody_reached_already() -> None:
    demand = Demand.of([5, 5], ["a"], [0, 1], [0, 0], [10, 10], [20, 20])
    answer = max_cover(demand, 1, 100)
    assert (answer.chosen, answer.objective, answer.before, answer.status) == ((), 10, 10, Status.OPTIMAL)
    assert cover_all(demand, 100).objective == 0


def test_nobody_and_nothing() -> None:
    empty = Demand.of([0, np.nan], ["a"], [0, 1], [0, 0], [10, 10])
    assert max_cover(empty, 2, 100).objective == 0
    assert least_distance(empty, 1, 100).status is Status.INFEASIBLE
    assert least_worst(empty, 1).status is Status.INFEASIBLE
    assert cover_all(empty, 100).objective == 0
    no_candidates = Demand.of([5, 6], [], np.empty(0, int), np.empty(0, int), [])
    assert max_cover(no_candidates, 1, 100).objective == 0
    assert max_cover(no_candidates, 1, 100).out_of_reach == (0, 1)
    assert cover_all(no_candidates, 100).status is Status.INFEASIBLE
    assert least_worst(no_candidates, 1).status is Status.INFEASIBLE


def test_too_few_places_for_anybody_far_away() -> None:
    """Two cells, each in the table of one candidate only: one place cannot serve both at any distance."""
    demand = Demand.of([5, 6], ["a", "b"], [0, 1], [0, 1], [10, 20])
    assert least_worst(demand, 1).status is Status.INFEASIBLE
    assert least_worst(demand, 2).objective == 20


def test_thresholds_include_their_end() -> None:
    demand = Demand.of([5], ["a"], [0], [0], [500])
    assert max_cover(demand, 1, 500).objective == 5
    assert max_cover(demand, 1, 499.9).objective == 0


def test_a_candidate_with_two_doors_counts_once() -> None:
    demand = Demand.of([5], ["a"], [0, 0], [0, 0], [700, 300])
    assert least_distance(demand, 1, 1000).objective == 300
    assert max_cover(demand, 1, 500).objective == 5


def test_an_unproven_answer_says_so() -> None:
    demand, _ = town(8, cells=400, candidates=40)
    answer = max_cover(demand, 6, 600, time_limit=0)
    exact = max_cover(demand, 6, 600)
    assert exact.status is Status.OPTIMAL
    if answer.status is Status.NOT_PROVEN:
        assert answer.gap is not None
        assert 0 < answer.gap < 1
    assert answer.bound is not None
    assert exact.objective is not None
    assert answer.bound >= exact.objective


def test_larger_than_the_solver_is_given_still_has_a_tight_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    import geo.analysis.siting_solver as solver

    monkeypatch.setattr(solver, "MOST_PAIRS", 0)
    demand, _ = town(5, cells=300, candidates=40)
    answer = least_distance(demand, 5, 10_000)
    assert answer.gap is not None
    assert answer.gap < 0.02
    monkeypatch.undo()
    exact = least_distance(demand, 5, 10_000)
    assert exact.objective is not None
    assert answer.bound is not None
    assert answer.bound <= exact.objective * (1 + 1e-9)


@settings(max_examples=20)
@given(SEEDS)
def test_the_curve_never_falls(seed: int) -> None:
    demand, _ = town(seed)
    for limit in (0.0, 5.0):
        objectives = [answer.objective or 0 for answer in reach_curve(demand, 6, 700, time_limit=limit)]
        assert objectives == sorted(objectives)


def test_wrong_questions_are_refused() -> None:
    with pytest.raises(ValueError):
        Demand.of([5], ["a", "a"], [0], [0], [5])
    with pytest.raises(ValueError):
        Demand.of([5], ["a"], [1], [0], [5])
    with pytest.raises(ValueError):
        max_cover(Demand.of([5], ["a"], [0], [0], [5]), 0, 100)


def test_what_if_shows_before_and_after() -> None:
    result = what_if(
        [50, 30, 20, np.nan], [900, 100, np.nan, 50],
        np.array([[200, np.nan], [800, 50], [np.nan, 500], [10, 10]]), 500, [0, 0, 1, 1], 2,
    )  # fmt: skip
    assert result.before.tolist() == [30, 0]
    assert result.after.tolist() == [80, 20]
    assert result.people.tolist() == [80, 20]
    assert result.alone.tolist() == [50, 20]
    assert result.newly_reached.tolist() == [True, False, True, False]
    nothing = what_if([50], [900], np.empty((1, 0)), 500, [0], 1)
    assert nothing.before.tolist() == nothing.after.tolist()
    with pytest.raises(ValueError):
        what_if([50], [900], [[1], [2]], 500, [0], 1)
