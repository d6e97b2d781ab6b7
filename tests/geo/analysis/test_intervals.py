"""Are the intervals the right ones: inside 0..1, around the figure, narrower with more people?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from geo.analysis.intervals import attendance_rate, byar, share_of_people, wilson
from geo.vocabulary import PopulationBase

BASE = PopulationBase.RESIDENTS_16


@pytest.mark.parametrize(("hits", "tries"), [(0, 10), (10, 10), (3, 17), (80494, 330527), (1, 1)])
def test_wilson_equals_the_library(hits: int, tries: int) -> None:
    low, high = wilson([hits], [tries])
    expected = stats.binomtest(hits, tries).proportion_ci(method="wilson")
    assert low[0] == pytest.approx(expected.low, abs=1e-9)
    assert high[0] == pytest.approx(expected.high, abs=1e-9)


@given(st.integers(1, 10**6), st.data())
def test_wilson_stays_inside_and_around(tries: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, tries))
    low, high = wilson([hits], [tries])
    assert 0 <= low[0] <= hits / tries <= high[0] <= 1
    wider_low, wider_high = wilson([hits], [tries], confidence=0.998)
    assert wider_low[0] <= low[0]
    assert high[0] <= wider_high[0]


@given(st.integers(0, 50), st.integers(50, 1000), st.integers(2, 50))
def test_more_people_make_it_narrower(hits: int, tries: int, times: int) -> None:
    low, high = wilson([hits, hits * times], [tries, tries * times])
    assert high[1] - low[1] < high[0] - low[0]


def test_wilson_has_nothing_to_say_without_a_base() -> None:
    low, high = wilson([0, 5, np.nan, 3], [0, 3, 10, np.nan])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@pytest.mark.parametrize(("events", "share"), [(1, 0.01), (5, 0.004), (20, 0.001), (1000, 1e-5)])
def test_byar_is_close_to_the_exact_poisson_interval(events: int, share: float) -> None:
    low, high = byar([events])
    assert low[0] == pytest.approx(stats.chi2.ppf(0.025, 2 * events) / 2, abs=share * events + 0.02)
    assert high[0] == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2, rel=share)


@given(st.integers(0, 10**7))
def test_byar_is_around_the_count(events: int) -> None:
    low, high = byar([events])
    assert 0 <= low[0] <= events < high[0]


def test_attendances_may_pass_a_thousand() -> None:
    rate = attendance_rate([1200, 0, 5], [1000, 100, 0], BASE)
    assert rate.value[:2].tolist() == [1200, 0]
    assert rate.low[0] < 1200 < rate.high[0]
    assert rate.low[1] == 0
    assert rate.high[1] > 0
    missing = rate[2].missing_reason
    assert missing is not None
    assert missing.value == "no_residents"
    assert rate[2].interval_low is None


def test_participants_of_the_programme() -> None:
    """80,494 of 330,527 residents aged 16 and over in 2023, 107,350 of 728,691 in 2024."""
    share = share_of_people([80494, 107350], [330527, 728691], BASE)
    assert (100 * share.value).round(4).tolist() == [24.3532, 14.7319]
    per_1000 = attendance_rate([80494], [330527], BASE)
    assert per_1000.value[0] == pytest.approx(243.53, abs=0.005)
    assert share_of_people([80495], [330527], BASE).value[0] > share.value[0]


def test_intervals_of_unreachable_confidence_are_refused() -> None:
    with pytest.raises(ValueError):
        wilson([1], [2], confidence=1.0)
    with pytest.raises(ValueError):
        wilson([-1], [2])
