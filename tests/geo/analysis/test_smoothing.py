"""Does smoothing draw small places to the mean, never past it, and leave nobody without a value by accident?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.sparse import csr_array

from geo.analysis.hotspots import contiguity
from geo.analysis.result import NO_DATA, NO_RESIDENTS, SUPPRESSED, Unit, Values
from geo.analysis.smoothing import empirical_bayes, smoothed_rate
from geo.vocabulary import PopulationBase
from tests.geo.analysis.conftest import Counties

AREAS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5000)), min_size=1, max_size=30)


def test_north_carolina_1974(counties: Counties) -> None:
    estimate = empirical_bayes(counties.deaths, counties.births)
    assert estimate.smoothed[:2].round(7).tolist() == [0.0016973, 0.0017054]
    more = counties.deaths.copy()
    more[0] += 1
    assert empirical_bayes(more, counties.births).smoothed[0] > estimate.smoothed[0]


def test_equal_to_the_library(counties: Counties) -> None:
    from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes

    everywhere = Empirical_Bayes(counties.deaths, counties.births).r.ravel()
    np.testing.assert_allclose(empirical_bayes(counties.deaths, counties.births).smoothed, everywhere, atol=1e-12)
    near = Spatial_Empirical_Bayes(counties.deaths, counties.births, counties.weights).r.ravel()
    ours = empirical_bayes(counties.deaths, counties.births, neighbours=counties.neighbours).smoothed
    np.testing.assert_allclose(ours, near, atol=1e-12)


def test_right_where_the_library_fails() -> None:
    from esda.smoothing import Empirical_Bayes

    # one area without residents
    with np.errstate(invalid="ignore", divide="ignore"):
        assert np.isnan(Empirical_Bayes(np.array([5.0, 3, 0]), np.array([50.0, 60, 0])).r).all()
    assert not np.isnan(empirical_bayes([5, 3, 0], [50, 60, 0]).smoothed[:2]).any()
    # less spread than chance would make: everybody gets the mean, nobody is pushed away from it
    events, base = np.array([100.0, 101, 102, 101]), np.full(4, 1000.0)
    theirs = Empirical_Bayes(events, base).r.ravel()
    assert ((theirs - 0.101) * (events / base - 0.101) < 0).any()
    np.testing.assert_allclose(empirical_bayes(events, base).smoothed, 0.101)


@given(AREAS)
def test_always_between_raw_and_mean(areas: list[tuple[int, int]]) -> None:
    events, base = np.array(areas, float).T
    estimate = empirical_bayes(np.minimum(events, base), base)
    living = base > 0
    low = np.minimum(estimate.raw, estimate.mean)[living]
    high = np.maximum(estimate.raw, estimate.mean)[living]
    assert (estimate.smoothed[living] >= low - 1e-12).all()
    assert (estimate.smoothed[living] <= high + 1e-12).all()
    assert np.isnan(estimate.smoothed[~living]).all()
    assert ((estimate.weight[living] >= 0) & (estimate.weight[living] <= 1)).all()


@given(AREAS, st.randoms())
def test_order_of_rows_does_not_matter(areas: list[tuple[int, int]], random: object) -> None:
    events, base = np.array(areas, float).T
    order = np.random.default_rng(len(areas)).permutation(len(areas))
    np.testing.assert_allclose(
        empirical_bayes(events, base).smoothed[order], empirical_bayes(events[order], base[order]).smoothed, atol=1e-12
    )


def test_smaller_places_move_more() -> None:
    estimate = empirical_bayes([2, 200, 50, 500], [10, 1000, 1000, 10000])
    assert estimate.raw[0] == estimate.raw[1]
    assert estimate.smoothed[0] < estimate.smoothed[1] < estimate.raw[1]


def test_unknown_areas_take_no_part() -> None:
    with_unknown = empirical_bayes([5, np.nan, 9], [100, 100, 80])
    without = empirical_bayes([5, 9], [100, 80])
    np.testing.assert_array_equal(with_unknown.smoothed[[0, 2]], without.smoothed)
    assert np.isnan(with_unknown.smoothed[1])


def test_an_island_keeps_its_own_rate() -> None:
    neighbours = contiguity(4, [0, 1], [1, 2])
    estimate = empirical_bayes([5, 9, 4, 7], [100, 100, 100, 100], neighbours=neighbours)
    assert estimate.smoothed[3] == pytest.approx(0.07)


def test_nobody_took_part_anywhere() -> None:
    np.testing.assert_array_equal(empirical_bayes([0, 0], [10, 20]).smoothed, [0, 0])
    assert np.isnan(empirical_bayes([0, 0], [0, 0]).smoothed).all()
    assert np.isnan(empirical_bayes([np.nan], [10]).smoothed).all()


def test_weighted_needs_are_smoothed_more() -> None:
    events, base = [40, 80, 20, 60], [100, 100, 100, 100]
    plain, weighted = empirical_bayes(events, base), empirical_bayes(events, base, dispersion=3.0)
    assert (weighted.weight < plain.weight).all()


def test_neighbours_must_fit() -> None:
    with pytest.raises(ValueError):
        empirical_bayes([1, 2], [3, 4], neighbours=csr_array((3, 3)))


def test_the_smoothed_measure_keeps_reasons_counts_and_the_raw_rate() -> None:
    raw = Values.ratio(
        [30, np.nan, 0, 12], [300, 100, 0, 80], Unit.PER_1000, base=PopulationBase.RESIDENTS_16, counts_people=True
    )
    smoothed = smoothed_rate(raw)
    assert smoothed.missing.tolist() == [0, NO_DATA, NO_RESIDENTS, 0]
    assert smoothed[0].parts["raw"].value == 100
    assert (smoothed.unit, smoothed.base, smoothed.counts_people) == (raw.unit, raw.base, True)
    assert smoothed.numerator[0] == 30
    hidden = smoothed_rate(raw.hide([True, False, False, False]))
    assert hidden.missing[0] == SUPPRESSED
