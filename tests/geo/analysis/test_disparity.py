"""Are shares compared with shares, and is a difference that chance explains not called one?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from geo.analysis.disparity import disparity, effective_number, group_disparity
from geo.analysis.intervals import wilson
from geo.analysis.result import NO_DATA, NO_OBJECTS

AREAS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 10_000)), min_size=1, max_size=20).filter(
    lambda areas: sum(held for held, _ in areas) > 0
)


def test_by_hand() -> None:
    """30 of 40 projects where half of the people live: 25 points more than their share."""
    result = disparity([30, 10], [500, 500])
    assert result.points.value.tolist() == [25, -25]
    low, high = wilson([30], [40])
    assert result.points.low[0] == pytest.approx(100 * (low[0] - 0.5))
    assert result.points.high[0] == pytest.approx(100 * (high[0] - 0.5))
    assert result.significant.all()
    assert disparity([31, 10], [500, 500]).points.value[0] > 25


def test_few_projects_prove_nothing() -> None:
    assert disparity([3, 1], [500, 500]).significant.tolist() == [False, False]
    assert disparity([300, 100], [500, 500]).significant.tolist() == [True, True]


@given(AREAS)
def test_differences_add_to_zero_and_lie_in_their_interval(areas: list[tuple[int, int]]) -> None:
    held, people = np.array(areas, float).T
    result = disparity(held, people)
    assert result.points.value.sum() == pytest.approx(0, abs=1e-9)
    assert (result.points.low <= result.points.value + 1e-9).all()
    assert (result.points.value <= result.points.high + 1e-9).all()
    assert (np.abs(result.points.value) <= 100).all()


def test_money_has_no_interval_and_nothing_significant() -> None:
    result = disparity([3e6, 1e6], [500, 500], counted=0)
    assert result.points.value.tolist() == [25, -25]
    assert np.isnan(result.points.low).all()
    assert not result.significant.any()


def test_a_baseline_from_a_survey_widens_the_interval() -> None:
    sure, unsure = disparity([30, 10], [500, 500]), disparity([30, 10], [500, 500], baseline_margin=[0.2, 0.2])
    assert unsure.points.low[0] < sure.points.low[0]
    assert not unsure.significant[0]


def test_states_of_nothing() -> None:
    result = disparity([30, 10, np.nan, 0, 5], [500, 400, 300, 100, np.nan])
    assert result.points.missing.tolist() == [0, 0, NO_DATA, 0, NO_DATA]
    assert result.resource_share[:2].tolist() == [0.75, 0.25]
    assert result.points.value[3] == -10
    nothing = disparity([0, 0], [500, 500])
    assert nothing.points.missing.tolist() == [NO_OBJECTS, NO_OBJECTS]
    assert disparity([0, 4], [0, 10]).points.value.tolist() == [0, 0]
    assert disparity([4], [10]).points.value.tolist() == [0]


def test_the_effective_number_of_weighted_resources() -> None:
    assert effective_number([2, 2, 2]) == 3
    assert effective_number([100, 0, 0]) == 1
    assert effective_number([]) == 0
    narrow = disparity([30, 10], [500, 500]).points
    wide = disparity([30, 10], [500, 500], counted=4).points
    assert wide.high[0] - wide.low[0] > narrow.high[0] - narrow.low[0]


def test_groups_by_hand() -> None:
    """Three quarters of projects stand where half are children, the city has 3 in 8: 6.25 points more."""
    children = group_disparity([6, 2], [[0.5], [0.25]], [1000, 1000])
    assert children.value.tolist() == [6.25]
    assert children.low[0] < 6.25 < children.high[0]
    spread = np.sqrt(6 * (0.5 - 0.4375) ** 2 + 2 * (0.25 - 0.4375) ** 2) / 8
    assert children.high[0] - 6.25 == pytest.approx(100 * 1.959964 * spread, rel=1e-6)


def test_groups_without_data_and_without_projects() -> None:
    shares = np.array([[0.5, np.nan], [0.3, np.nan]])
    assert group_disparity([1, 1], shares, [10, 10]).missing.tolist() == [0, NO_DATA]
    assert group_disparity([0, 0], shares, [10, 10]).missing.tolist() == [NO_OBJECTS, NO_DATA]
    even = group_disparity([5, 5], [[0.4], [0.4]], [10, 90])
    assert even.value[0] == pytest.approx(0)
