"""Is nothing lost and nothing invented when figures move to other boundaries?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import given

from geo.analysis.areal import Crosswalk, crosswalk, transfer_counts, transfer_rates
from geo.analysis.arrays import Floats
from geo.analysis.result import NO_DATA, Unit
from geo.vocabulary import PopulationBase


def two_partitions(seed: int, sources: int = 6, targets: int = 4) -> tuple[Crosswalk, Floats]:
    """A square cut into random strips one way and the other: every source lies wholly in the targets."""
    random = np.random.default_rng(seed)
    one = np.diff(np.concatenate([[0], np.sort(random.uniform(0, 1000, sources - 1)), [1000]]))
    other = np.diff(np.concatenate([[0], np.sort(random.uniform(0, 1000, targets - 1)), [1000]]))
    overlap = np.outer(one, other)
    source, target = np.indices(overlap.shape).reshape(2, -1)
    walk = crosswalk(source, target, overlap.ravel(), one * 1000, other * 1000)
    return walk, random.integers(0, 5000, sources).astype(float)


@given(st.integers(0, 10**6))
def test_counts_are_conserved(seed: int) -> None:
    walk, counts = two_partitions(seed)
    moved = transfer_counts(counts, walk)
    assert moved.values.known.all()
    assert moved.values.value.sum() == pytest.approx(counts.sum(), rel=1e-9, abs=1e-9)


@given(st.integers(0, 10**6))
def test_rates_stay_between_those_they_come_from(seed: int) -> None:
    walk, counts = two_partitions(seed)
    rates = counts / 5000
    moved = transfer_rates(rates, walk)
    known = moved.values.known
    assert (moved.values.value[known] >= rates.min() - 1e-12).all()
    assert (moved.values.value[known] <= rates.max() + 1e-12).all()
    even = transfer_rates(np.full(6, 0.3), walk).values
    np.testing.assert_allclose(even.value, 0.3)


def test_equal_to_the_overlay_of_real_shapes() -> None:
    """Areas by shapely, shares by the formula of Goodchild and Lam written out."""
    halves = [shapely.box(0, 0, 300, 1000), shapely.box(300, 0, 1000, 1000)]
    bands = [shapely.box(0, 0, 1000, 400), shapely.box(0, 400, 1000, 1000)]
    pieces = [(s, t, half.intersection(band).area) for s, half in enumerate(halves) for t, band in enumerate(bands)]
    source, target, overlap = zip(*pieces, strict=True)
    walk = crosswalk(source, target, overlap, [half.area for half in halves], [band.area for band in bands])
    moved = transfer_counts([90, 210], walk).values
    np.testing.assert_allclose(moved.value, [90 * 0.4 + 210 * 0.4, 90 * 0.6 + 210 * 0.6])
    rates = transfer_rates([0.2, 0.9], walk).values
    np.testing.assert_allclose(rates.value, [0.2 * 0.3 + 0.9 * 0.7] * 2)


def test_a_merge_is_exact_and_a_split_is_estimated() -> None:
    walk = crosswalk([0, 1, 2, 2], [0, 0, 1, 2], [50, 30, 25, 75], [50, 30, 100], [80, 25, 75])
    moved = transfer_counts([7, 5, 8], walk).values
    assert moved.value.tolist() == [12, 2, 6]
    assert moved.estimated.tolist() == [False, True, True]


def test_residents_weigh_more_than_land() -> None:
    """Nine in ten live in the smaller piece."""
    by_land = crosswalk([0, 0], [0, 1], [80, 20], [100], [80, 20])
    by_people = crosswalk([0, 0], [0, 1], [80, 20], [100], [80, 20], people=[10, 90])
    assert transfer_counts([1000], by_land).values.value.tolist() == [800, 200]
    assert transfer_counts([1000], by_people).values.value.tolist() == [100, 900]
    assert by_people.by_area.tolist() == [False]


def test_without_residents_or_with_unknown_ones_land_decides() -> None:
    walk = crosswalk([0, 0, 1, 1], [0, 1, 0, 1], [80, 20, 50, 50], [100, 100], [130, 70], people=[0, 0, np.nan, 5])
    assert walk.by_area.tolist() == [True, True]
    assert transfer_counts([100, 100], walk).values.value.tolist() == [130, 70]


def test_rates_weigh_by_residents_where_all_pieces_have_them() -> None:
    walk = crosswalk([0, 1], [0, 0], [90, 10], [90, 10], [100], people=[100, 300])
    assert transfer_rates([0.2, 0.6], walk).values.value[0] == pytest.approx(0.5)


def test_slivers_are_dropped_and_nothing_is_lost() -> None:
    walk = crosswalk([0, 0], [0, 1], [99.5, 0.5], [100], [100, 200])
    moved = transfer_counts([60], walk)
    assert moved.values.value[0] == 60
    assert moved.values.missing.tolist() == [0, NO_DATA]
    assert not moved.values.estimated[0]


def test_what_lies_outside_all_targets_stays_there() -> None:
    walk = crosswalk([0], [0], [60], [100], [60])
    moved = transfer_counts([50], walk)
    assert moved.values.value.tolist() == [30]
    assert moved.values.estimated.tolist() == [True]


@pytest.mark.parametrize(
    ("covered", "missing", "partial"),
    [(100, 0, False), (95, 0, False), (94, 0, True), (50, 0, True), (49, NO_DATA, False)],
)
def test_little_covered_is_marked_and_hardly_covered_is_nothing(covered: int, missing: int, partial: bool) -> None:
    walk = crosswalk([0], [0], [covered], [covered], [100])
    for moved in (transfer_counts([10], walk), transfer_rates([0.5], walk)):
        assert moved.values.missing.tolist() == [missing]
        assert moved.partial.tolist() == [partial]
        assert moved.covered[0] == pytest.approx(covered / 100)


def test_unknown_is_unknown_not_zero() -> None:
    """The library turned an unknown source into 0 and a target beyond every source too."""
    walk = crosswalk([0, 1, 2], [0, 1, 1], [100, 50, 50], [100, 50, 50], [100, 100, 100])
    moved = transfer_counts([np.nan, 4, np.nan], walk)
    assert moved.values.missing.tolist() == [NO_DATA, 0, NO_DATA]
    assert moved.values.value[1] == 4
    assert moved.partial.tolist() == [False, True, False]
    assert transfer_rates([np.nan, 0.4, np.nan], walk).values.value[1] == 0.4


def test_zero_stays_zero_and_people_stay_people() -> None:
    walk = crosswalk([0], [0], [100], [100], [100])
    moved = transfer_counts([0], walk, Unit.PEOPLE, base=PopulationBase.RESIDENTS).values
    assert moved.value.tolist() == [0]
    assert moved.counts_people
    assert moved[0].base is PopulationBase.RESIDENTS


def test_no_sources_and_no_targets() -> None:
    empty = np.empty(0, int)
    walk = crosswalk(empty, empty, [], [], [100])
    assert transfer_counts([], walk).values.missing.tolist() == [NO_DATA]
    assert len(transfer_counts([5], crosswalk(empty, empty, [], [100], [])).values) == 0
