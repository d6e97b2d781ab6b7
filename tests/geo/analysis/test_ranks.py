"""Do ranks come with the range they deserve, shared by ties, whatever the order of rows?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from geo.analysis.ranks import Kind, distinguishable, plain_ranks, simulated_ranks

AREAS = st.lists(st.tuples(st.integers(0, 40), st.integers(40, 400)), min_size=1, max_size=12)


def test_plain_ranks_share_places() -> None:
    ranks = plain_ranks([5, 9, 5, np.nan, 1])
    assert ranks.rank[[0, 1, 2, 4]].tolist() == [2, 1, 2, 4]
    assert np.isnan(ranks.rank[3])
    assert ranks.ranked == 4
    assert plain_ranks([100, 50], "less_is_better").rank.tolist() == [2, 1]
    assert plain_ranks([]).ranked == 0
    assert np.isnan(plain_ranks([np.nan]).rank).all()


def test_far_apart_and_large_is_certain() -> None:
    ranks = simulated_ranks([1000, 5000, 3000], [10_000] * 3)
    assert ranks.rank.tolist() == [3, 1, 2]
    assert ranks.low.tolist() == ranks.rank.tolist() == ranks.high.tolist()


def test_close_and_small_is_not() -> None:
    ranks = simulated_ranks([5, 6, 4, 5, 6, 4, 5, 6], [50] * 8)
    assert (ranks.high - ranks.low >= 4).all()
    assert not distinguishable(ranks).any()


def test_more_people_narrow_the_range() -> None:
    counts, people = np.array([10, 12, 14, 16, 18, 20]), np.full(6, 100)
    narrow, wide = simulated_ranks(50 * counts, 50 * people), simulated_ranks(counts, people)
    assert (narrow.high - narrow.low).sum() < (wide.high - wide.low).sum()


@settings(max_examples=30)
@given(AREAS, st.integers(0, 1000))
def test_order_of_rows_does_not_matter_and_ties_are_ties(areas: list[tuple[int, int]], seed: int) -> None:
    counted, people = np.array([*areas, areas[0]]).T
    order = np.random.default_rng(seed).permutation(len(counted))
    ranks, again = simulated_ranks(counted, people), simulated_ranks(counted[order], people[order])
    for column in ("rank", "low", "high"):
        np.testing.assert_array_equal(getattr(again, column), getattr(ranks, column)[order])
        assert getattr(ranks, column)[0] == getattr(ranks, column)[-1]
    assert (ranks.low <= ranks.rank).all()
    assert (ranks.rank <= ranks.high).all()
    assert ranks.low.min() >= 1
    assert ranks.high.max() <= len(counted)


def test_the_range_holds_the_true_rank_as_often_as_it_says() -> None:
    """Nine in ten: 12 areas with known rates, drawn anew 60 times."""
    random = np.random.default_rng(4)
    truth, people = np.linspace(0.1, 0.3, 12), np.full(12, 150)
    true_rank = 12 - np.arange(12)
    held = 0
    for seed in range(60):
        ranks = simulated_ranks(random.binomial(people, truth), people, draws=400, seed=seed)
        held += int(((ranks.low <= true_rank) & (true_rank <= ranks.high)).sum())
    assert 0.85 <= held / (60 * 12) <= 0.999


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_directions_mirror_each_other(kind: Kind) -> None:
    counted, people = [5, 30, 60], [100, 100, 100]
    best = simulated_ranks(counted, people, kind)
    worst = simulated_ranks(counted, people, kind, "less_is_better")
    np.testing.assert_array_equal(best.rank, 4 - worst.rank)


def test_missing_is_not_ranked() -> None:
    ranks = simulated_ranks([5, np.nan, 0, 3, 0], [50, 50, 0, np.nan, 70])
    assert np.isnan(ranks.rank).tolist() == [False, True, True, True, False]
    assert ranks.ranked == 2
    assert np.isnan(simulated_ranks([np.nan], [5]).rank).all()
    one = simulated_ranks([3], [50])
    assert (one.rank[0], one.low[0], one.high[0], one.ranked) == (1, 1, 1, 1)


def test_zero_is_ranked_last_but_with_a_range() -> None:
    ranks = simulated_ranks([0, 1, 30], [100, 100, 100])
    assert ranks.rank[0] == 3
    assert ranks.low[0] < 3


def test_attendances_may_pass_the_base() -> None:
    assert simulated_ranks([150, 20], [100, 100], "rate").rank.tolist() == [1, 2]
    with pytest.raises(ValueError):
        simulated_ranks([150, 20], [100, 100])


def test_the_same_seed_gives_the_same_answer() -> None:
    once, twice = simulated_ranks([5, 6, 7], [50, 50, 50]), simulated_ranks([5, 6, 7], [50, 50, 50])
    np.testing.assert_array_equal(once.rank, twice.rank)


class Counter:
    """Collects what a long computation reports."""

    def __init__(self) -> None:
        self.title, self.total, self.done = "", 0, 0

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Counter]:
        self.title, self.total = title, total or 0
        yield self

    def advance(self, amount: int = 1) -> None:
        self.done += amount


def test_progress_is_reported() -> None:
    watch = Counter()
    simulated_ranks([5, 6, 7], [50, 50, 50], draws=30, progress=watch)
    assert (watch.title, watch.done, watch.total) == ("Drawing ranks", 30, 30)
