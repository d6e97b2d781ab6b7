"""Are hot spots found where they are, refused where the test means nothing, and kept apart from chance finds?"""

from __future__ import annotations

from itertools import combinations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from scipy.sparse import csr_array

from geo.analysis.arrays import Floats
from geo.analysis.hotspots import (
    contiguity,
    getis_ord,
    getis_ord_star,
    hot_spots,
    local_moran,
    moran,
    nearest_neighbours,
    permutation_p,
    row_standardised,
    with_self,
    within_band,
)  # fmt: skip
from geo.analysis.result import NO_DATA, NOT_ASSESSED
from tests.geo.analysis.conftest import Counties

POINTS = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], float)
FIELD = np.array([2, 3, 3.2, 5, 8, 7])


def toy() -> csr_array:
    """Six points, neighbours within 15."""
    apart = np.linalg.norm(POINTS[:, None] - POINTS[None], axis=2)
    one, other = np.nonzero((apart > 0) & (apart <= 15))
    return contiguity(6, one, other)


def grid(size: int) -> csr_array:
    """A square of areas, each with the neighbours it shares an edge with."""
    number = np.arange(size * size).reshape(size, size)
    one = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    other = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    return contiguity(size * size, one, other)


def test_the_six_point_toy() -> None:
    assert getis_ord(FIELD, toy())[0] == pytest.approx(-1.0136729, abs=5e-8)
    assert getis_ord_star(FIELD, with_self(toy()))[0] == pytest.approx(-1.3972763, abs=5e-8)
    moved = FIELD + np.array([1, 0, 0, 0, 0, 0])
    assert getis_ord_star(moved, with_self(toy()))[0] > -1.39


def test_north_carolina_1974(counties: Counties) -> None:
    """The rate gathers (Moran's I); 12 counties are hot or cold at p < 0.05, and 2 once false discoveries are held."""
    whole = moran(counties.rate, row_standardised(counties.neighbours))
    assert whole.index == pytest.approx(0.24772517, abs=5e-8)
    assert whole.z == pytest.approx(3.9428, abs=5e-5)
    found = hot_spots(counties.rate, counties.neighbours)
    assert int((found.p <= 0.05).sum()) == 12
    assert int((found.significance == 2).sum()) == 2
    assert [(found.significance == level).sum() for level in (0, 1)] == [88, 10]


def test_equal_to_the_library(counties: Counties) -> None:
    from esda.getisord import G_Local
    from esda.moran import Moran, Moran_Local

    theirs = G_Local(counties.rate, counties.weights, transform="B", star=True, permutations=0)
    np.testing.assert_allclose(hot_spots(counties.rate, counties.neighbours).z, theirs.Zs, atol=1e-9)
    theirs = G_Local(counties.rate, counties.weights, transform="B", star=False, permutations=0)
    np.testing.assert_allclose(getis_ord(counties.rate, counties.neighbours), theirs.Zs, atol=1e-9)
    whole, ours = (
        Moran(counties.rate, counties.weights, permutations=0),
        moran(counties.rate, row_standardised(counties.neighbours)),
    )
    np.testing.assert_allclose([ours.index, ours.variance, ours.z], [whole.I, whole.VI_rand, whole.z_rand], atol=1e-9)
    local = Moran_Local(counties.rate, counties.weights, permutations=0)
    mine = local_moran(counties.rate, counties.neighbours)
    np.testing.assert_allclose(mine.index, local.Is, atol=1e-9)
    # given the area's own value, the score of I is the score of the lag with the sign of the value; the library scales
    # I by n - 1 and its moments by n
    own = np.sign(counties.rate - counties.rate.mean())
    theirs_z = (local.Is * 100 / 99 - local.EIc) / np.sqrt(local.VIc)
    np.testing.assert_allclose(own * mine.test.z, theirs_z, atol=1e-9)
    assert mine.quadrant == tuple(np.array(["", "HH", "LH", "LL", "HL"])[local.q].tolist())


def test_right_where_the_library_fails(counties: Counties) -> None:
    from esda.getisord import G_Local

    constant = np.full(100, 3.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        theirs = G_Local(constant, counties.weights, star=True, permutations=99, seed=1)
    assert not np.isfinite(theirs.Zs).any()
    assert (theirs.p_sim <= 0.05).all()  # "everything is significant"
    ours = hot_spots(constant, counties.neighbours)
    assert ours.refusal is not None
    assert not ours.assessed.any()
    assert set(ours.values().missing.tolist()) == {NOT_ASSESSED}
    one_unknown = counties.rate.copy()
    one_unknown[5] = np.nan
    found = hot_spots(one_unknown, counties.neighbours)
    assert found.assessed.sum() == 99
    assert found.values().missing[5] == NO_DATA
    assert np.isnan(found.z).sum() == 1


def test_the_lag_of_all_possible_neighbours_has_the_stated_moments() -> None:
    """Every pair of others an area could have had as neighbours, written out."""
    field = np.array([1.0, 4, 2, 8, 5, 7, 3])
    links = contiguity(7, [0, 0], [3, 5])
    lags = np.array([field[list(pair)].mean() for pair in combinations(range(1, 7), 2)])
    expected = (field[[3, 5]].mean() - lags.mean()) / lags.std()
    assert getis_ord(field, row_standardised(links))[0] == pytest.approx(expected, abs=1e-12)


def test_two_sided(counties: Counties) -> None:
    found = hot_spots(counties.rate, counties.neighbours)
    np.testing.assert_allclose(found.p, 2 * stats.norm.sf(np.abs(found.z)), rtol=1e-12)
    mirrored = hot_spots(-counties.rate, counties.neighbours)
    np.testing.assert_array_equal(mirrored.classes, -found.classes)


def test_fewer_than_eight_areas_are_not_assessed() -> None:
    found = hot_spots([1, 2, 3, 4, 5, 6, 7], contiguity(7, [0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]))
    assert found.refusal is not None
    assert "8" in str(found.refusal)
    assert found.class_codes() == [None] * 7
    enough = [1, 2, 3, 4, 5, 6, 7, np.nan, 9]
    assert hot_spots(enough, contiguity(9, list(range(8)), list(range(1, 9)))).refusal is None


def test_few_areas_come_with_a_warning() -> None:
    ring = contiguity(12, list(range(12)), [*range(1, 12), 0])
    assert [str(note) for note in hot_spots(np.arange(12), ring).notes] == [
        "Only 12 areas have data: only strong clusters can be found."
    ]
    ring = contiguity(30, list(range(30)), [*range(1, 30), 0])
    assert hot_spots(np.arange(30), ring).notes == ()


def test_equal_but_for_rounding_is_equal() -> None:
    ring = contiguity(10, list(range(10)), [*range(1, 10), 0])
    smoothed = np.full(10, 0.1) + np.array([1e-17, 0] * 5)
    assert hot_spots(smoothed, ring).refusal is not None
    assert hot_spots(np.zeros(10), ring).refusal is not None


def test_an_island_is_not_assessed_and_the_others_are() -> None:
    links = contiguity(10, list(range(8)), list(range(1, 9)))
    found = hot_spots(np.arange(10.0), links)
    assert found.assessed.tolist() == [True] * 9 + [False]
    assert found.values().missing.tolist() == [0] * 9 + [NOT_ASSESSED]
    local = local_moran(np.arange(10.0), links)
    assert local.quadrant[9] is None
    assert np.isnan(local.index[9])


def test_neighbours_without_data_make_an_island() -> None:
    links = contiguity(10, [0, *range(2, 9)], [1, *range(3, 10)])
    values = np.arange(10.0)
    values[1] = np.nan
    assert not hot_spots(values, links).assessed[0]


def test_an_area_beside_all_others_is_not_assessed() -> None:
    hub = contiguity(9, [0] * 8, list(range(1, 9)))
    found = hot_spots([5, 1, 2, 3, 4, 5, 6, 7, 8], hub)
    assert not found.assessed[0]
    assert found.assessed[1:].all()


def test_a_planted_cluster_is_found_after_fdr() -> None:
    field = np.random.default_rng(3).normal(0, 1, (20, 20))
    field[5:9, 5:9] += 4
    found = hot_spots(field.ravel(), grid(20))
    classes = found.classes.reshape(20, 20)
    assert (classes[6:8, 6:8] == 2).all()
    assert (classes[12:, 12:] == 2).sum() == 0


def test_noise_is_nominally_hot_but_not_after_fdr() -> None:
    """Pure chance: about one in twenty is nominal, hardly any survives."""
    nominal, sure = 0, 0
    for seed in range(20):
        found = hot_spots(np.random.default_rng(seed).normal(size=400), grid(20))
        nominal += int((found.significance >= 1).sum())
        sure += int((found.significance == 2).sum())
    assert 200 <= nominal <= 650
    assert sure <= 20


@settings(max_examples=30)
@given(st.integers(9, 40), st.integers(0, 10**6))
def test_order_of_rows_does_not_matter(size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    x: Floats = random.normal(size=size)
    one, other = random.integers(0, size, (2, 3 * size))
    order = random.permutation(size)
    place = np.argsort(order)
    found = hot_spots(x, contiguity(size, one, other))
    again = hot_spots(x[order], contiguity(size, place[one], place[other]))
    np.testing.assert_allclose(again.z, found.z[order], atol=1e-9)
    np.testing.assert_array_equal(again.classes, found.classes[order])


def test_neighbours_of_a_pair_given_twice_count_once() -> None:
    assert contiguity(3, [0, 1, 0], [1, 0, 1]).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert contiguity(3, [0, 1], [0, 2]).toarray()[0].tolist() == [0, 0, 0]
    with pytest.raises(ValueError):
        contiguity(3, [0], [3])


def test_nearest_neighbours_and_bands() -> None:
    line = np.column_stack([73 + 0.001 * np.arange(6), np.full(6, 42.0)])
    assert nearest_neighbours(line, 2).toarray()[0].tolist() == [0, 1, 1, 0, 0, 0]
    assert nearest_neighbours(line, 8).toarray().sum(axis=1).tolist() == [5] * 6
    assert nearest_neighbours(line[:1]).nnz == 0
    band = within_band(line, 100)  # one step is about 83 m
    assert band.toarray()[2].tolist() == [0, 1, 0, 1, 0, 0]
    same_place = np.repeat(line[:1], 12, axis=0)
    assert nearest_neighbours(same_place, 3).toarray().sum(axis=1).tolist() == [3] * 12


def test_permutations_agree_with_the_formula_and_know_their_floor() -> None:
    field = np.random.default_rng(11).normal(size=49)
    field[[8, 9, 15, 16]] += 3
    p = permutation_p(field, grid(7), 5000)
    analytical = local_moran(field, grid(7)).test.p
    assert np.corrcoef(p, analytical)[0, 1] > 0.98
    assert p.min() >= 1 / 5001
    with pytest.raises(ValueError, match="980"):
        permutation_p(field, grid(7), 979)
    alone = permutation_p(np.arange(4.0), contiguity(4, [0], [1]), 100)
    assert np.isnan(alone[2:]).all()


def test_moran_of_nothing() -> None:
    assert np.isnan(moran(np.ones(5), contiguity(5, [0], [1])).index)
    assert np.isnan(moran(np.arange(5.0), csr_array((5, 5))).index)


def test_a_wrong_neighbour_table_is_refused() -> None:
    with pytest.raises(ValueError):
        hot_spots([1, 2, 3], contiguity(4, [0], [1]))
