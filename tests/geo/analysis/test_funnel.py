"""Do the limits narrow with size, hold by exact probability for small places, and widen when all areas scatter?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from geo.analysis.funnel import Kind, funnel, funnel_limits


def test_normal_limits_where_many_are_expected() -> None:
    limits = funnel_limits([1000], 0.2)
    error = np.sqrt(0.2 * 0.8 / 1000)
    assert limits.inner_low[0] == pytest.approx(0.2 - 1.959964 * error)
    assert limits.outer_high[0] == pytest.approx(0.2 + 3.090232 * error)


@given(st.integers(5, 150), st.floats(0.02, 0.13))
def test_exact_limits_where_few_are_expected(people: int, target: float) -> None:
    """Between the limits lies at least the stated probability, give or take the one count on each edge."""
    limits = funnel_limits([people], target)
    counts = np.arange(people + 1)
    chance = stats.binom(people, target)
    inside = (counts / people >= limits.inner_low[0]) & (counts / people <= limits.inner_high[0])
    edges = chance.pmf(chance.ppf(0.025)) + chance.pmf(chance.ppf(0.975))
    assert chance.pmf(counts)[inside].sum() >= 0.95 - edges
    assert limits.outer_low[0] <= limits.inner_low[0] <= limits.inner_high[0] <= limits.outer_high[0]


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_limits_narrow_with_the_base(kind: Kind) -> None:
    limits = funnel_limits(np.geomspace(200, 10**6, 50), 0.15, kind)
    assert (np.diff(limits.inner_high - limits.inner_low) < 0).all()
    assert (limits.inner_low >= 0).all()


def test_attendances_are_not_clipped_at_one() -> None:
    assert funnel_limits([50], 1.2, "rate").outer_high[0] > 1.2
    assert funnel_limits([5], 0.9).outer_high[0] <= 1
    assert funnel([120], [100], "rate").rate[0] == 1.2
    with pytest.raises(ValueError):
        funnel([120], [100])


def test_scatter_by_chance_leaves_the_limits_alone() -> None:
    random = np.random.default_rng(7)
    base = random.integers(200, 5000, 300)
    plot = funnel(random.binomial(base, 0.2), base)
    assert 0.75 < plot.dispersion < 1.25
    assert (np.abs(plot.standing) >= 1).mean() < 0.12
    calm = funnel([20, 41, 59], [100, 200, 300])
    assert not calm.widened
    assert calm.limits.inner_low[2] == pytest.approx(funnel_limits([300], calm.target).inner_low[0])


def test_more_scatter_than_chance_widens_and_says_so() -> None:
    events, base = np.array([50, 150, 90, 310]), np.array([500, 500, 500, 1500])
    plot = funnel(events, base)
    target = events.sum() / base.sum()
    expected = np.sum(base * (events / base - target) ** 2) / (target * (1 - target)) / 3
    assert plot.dispersion == pytest.approx(expected)
    assert plot.widened
    plain = funnel_limits(base, target)
    widened = target + np.sqrt(expected) * (plain.inner_high - target)
    np.testing.assert_allclose(plot.limits.inner_high, widened)


def test_who_stands_out() -> None:
    base = np.full(60, 1000)
    events = np.full(60, 200) + np.tile([-12, 12], 30)
    events[0], events[1] = 300, 120
    plot = funnel(events, base)
    assert plot.standing[0] == 2
    assert plot.standing[1] == -2
    assert set(plot.standing[2:].tolist()) == {0}


def test_areas_without_base_or_data_stand_nowhere() -> None:
    plot = funnel([5, 0, np.nan, 7], [100, 0, 50, 100])
    assert np.isnan(plot.rate[1:3]).all()
    assert plot.standing.tolist() == [0, 0, 0, 0]
    assert np.isnan(plot.limits.inner_low[1])
    assert plot.target == 0.06


@pytest.mark.parametrize(
    ("events", "base"), [([0, 0], [10, 20]), ([10, 20], [10, 20]), ([3], [10]), ([3, 6], [10, 20])]
)
def test_equal_rates_stand_inside(events: list[int], base: list[int]) -> None:
    plot = funnel(events, base)
    assert plot.standing.tolist() == [0] * len(base)
    assert not plot.widened


def test_nobody_lives_anywhere() -> None:
    plot = funnel([0, 0], [0, 0])
    assert np.isnan(plot.target)
    assert plot.standing.tolist() == [0, 0]
