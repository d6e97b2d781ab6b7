"""Is growth told apart into more people asked and more people coming, and like compared with like?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from geo.analysis.growth import change, differences, like_for_like

PAIRS = st.tuples(st.integers(0, 10_000), st.integers(1, 100_000))
NAN = float("nan")


def some(number: float | None) -> float:
    assert number is not None
    return number


def test_the_programme_2023_to_2024() -> None:
    """One third more participants, and a rate nearly ten points lower: the base had grown 2.2 times."""
    grown = change((80494, 107350), (330527, 728691))
    assert grown.absolute == 26856
    assert 100 * some(grown.relative) == pytest.approx(33.4, abs=0.05)
    assert [round(100 * some(rate), 2) for rate in grown.rates] == [24.35, 14.73]
    assert grown.points == pytest.approx(-9.62, abs=0.005)
    assert pytest.approx(2.2, abs=0.005) == 728691 / 330527
    assert some(grown.rate_effect) < 0 < some(grown.base_effect)
    assert some(grown.rate_effect) + some(grown.base_effect) == pytest.approx(26856)
    digital = change((167, 10891), (80494, 107350))
    assert digital.times == pytest.approx(65.2, abs=0.05)
    assert change((80494, 107351), (330527, 728691)).absolute == 26857


@given(PAIRS, PAIRS)
def test_effects_add_up(first: tuple[int, int], second: tuple[int, int]) -> None:
    grown = change((first[0], second[0]), (first[1], second[1]))
    assert some(grown.rate_effect) + some(grown.base_effect) == pytest.approx(some(grown.absolute), abs=1e-6)
    back = change((second[0], first[0]), (second[1], first[1]))
    assert some(back.rate_effect) == pytest.approx(-some(grown.rate_effect), abs=1e-6)


def test_changes_of_nothing() -> None:
    from_zero = change((0, 5), (100, 100))
    assert (from_zero.absolute, from_zero.relative, from_zero.times) == (5, None, None)
    assert from_zero.points == 5
    no_people = change((0, 5), (0, 100))
    assert (no_people.rates, no_people.points, no_people.rate_effect) == ((None, 0.05), None, None)
    unknown = change((NAN, 5), (100, 100))
    assert (unknown.absolute, unknown.events) == (None, (None, 5))
    same = change((7, 7), (100, 100))
    assert (same.absolute, same.points, same.rate_effect, same.base_effect) == (0, 0, 0, 0)


def test_like_for_like_leaves_out_who_came_and_went() -> None:
    panel = like_for_like([10, 20, NAN], [100, 100, NAN], [15, NAN, 90], [100, NAN, 300])
    assert panel.in_both.tolist() == [True, False, False]
    assert panel.entered.tolist() == [False, False, True]
    assert panel.left.tolist() == [False, True, False]
    assert panel.same.points == pytest.approx(5)
    assert panel.whole.absolute == 75
    assert panel.within_points == pytest.approx(5)
    assert panel.mix_points == pytest.approx(0)


@given(st.lists(st.tuples(PAIRS, PAIRS), min_size=1, max_size=12))
def test_own_rates_and_mix_make_the_change(rows: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    first, second = np.array([row[0] for row in rows]).T, np.array([row[1] for row in rows]).T
    panel = like_for_like(first[0], first[1], second[0], second[1])
    assert some(panel.within_points) + some(panel.mix_points) == pytest.approx(some(panel.same.points), abs=1e-9)


def test_the_rate_can_fall_though_it_rose_everywhere() -> None:
    """More people where few take part: every district up by a point, the whole down."""
    panel = like_for_like([300, 10], [1000, 1000], [31, 189], [100, 9000])
    assert some(panel.same.points) < 0 < some(panel.within_points)
    assert some(panel.mix_points) < 0


def test_a_district_nobody_lives_in_any_more() -> None:
    panel = like_for_like([5, 10], [50, 100], [0, 12], [0, 100])
    assert panel.within_points is not None
    assert panel.same.absolute == -3
    nothing = like_for_like([NAN], [NAN], [NAN], [NAN])
    assert nothing.same.absolute is None
    assert nothing.within_points is None
    with pytest.raises(ValueError):
        like_for_like([1], [2], [3], [4, 5])


def test_two_shares_by_the_pooled_test_and_newcombes_interval() -> None:
    """Newcombe 1998, table II, first line: 56 / 70 against 48 / 80, 0.0524 to 0.3339 by method 10."""
    tested = differences([48], [80], [56], [70])
    assert tested.points[0] == pytest.approx(20)
    assert tested.low[0] == pytest.approx(5.24, abs=0.005)
    assert tested.high[0] == pytest.approx(33.39, abs=0.005)
    pooled = 104 / 150
    z = 0.2 / np.sqrt(pooled * (1 - pooled) * (1 / 80 + 1 / 70))
    assert tested.p[0] == pytest.approx(2 * stats.norm.sf(z))


def test_two_rates_of_attendances() -> None:
    tested = differences([120], [100], [180], [100], "rate")
    assert tested.points[0] == pytest.approx(60)
    assert tested.low[0] == pytest.approx(60 - 1.959964 * np.sqrt(300))
    with pytest.raises(ValueError):
        differences([120], [100], [180], [100])


def test_of_many_districts_some_change_by_chance_but_not_after_fdr() -> None:
    random = np.random.default_rng(5)
    base = np.full(200, 800)
    tested = differences(random.binomial(base, 0.2), base, random.binomial(base, 0.2), base)
    assert 2 <= (tested.p <= 0.05).sum() <= 20
    assert (tested.significance == 2).sum() == 0
    second = random.binomial(base, 0.2)
    second[0] = 400
    assert differences(random.binomial(base, 0.2), base, second, base).significance[0] == 2


def test_without_data_there_is_no_test() -> None:
    tested = differences([5, NAN, 0, 0], [50, 50, 0, 50], [6, 5, 5, 0], [50, 50, 50, 50])
    assert tested.significance.tolist() == [0, 0, 0, 0]
    assert np.isnan(tested.p).tolist() == [False, True, True, False]
    assert tested.p[3] == 1
    assert np.isnan(differences([NAN], [1], [1], [1]).q).all()
