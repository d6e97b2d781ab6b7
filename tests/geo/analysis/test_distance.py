"""Are distances those on the ellipsoid, thresholds inclusive, and people counted once?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from pyproj import Geod

from geo.analysis.arrays import Floats
from geo.analysis.distance import (
    BEYOND,
    edge_affected,
    nearest_m,
    on_ellipsoid,
    pairs_within,
    people_by_step,
    people_within,
    steps,
    surface_m,
    weighted_mean,
    weighted_median,
)  # fmt: skip

EARTH = Geod(ellps="WGS84")
PLACES = st.tuples(st.floats(-180, 180), st.floats(-89, 89))


def away(place: tuple[float, float], azimuth: float, metres: float) -> Floats:
    longitude, latitude, _ = EARTH.fwd(place[0], place[1], azimuth, metres)
    return np.array([[longitude, latitude]])


@given(PLACES, st.floats(0, 360), st.floats(0, 5000))
def test_equal_to_the_geodesic_everywhere(place: tuple[float, float], azimuth: float, metres: float) -> None:
    chord = np.linalg.norm(on_ellipsoid([place]) - on_ellipsoid(away(place, azimuth, metres)))
    assert surface_m(chord) == pytest.approx(metres, abs=1e-5)


def test_across_the_antimeridian() -> None:
    assert nearest_m([[179.999, 66.0]], [[-179.999, 66.0]])[0] == pytest.approx(90.5, abs=0.5)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.floats(35, 70))
def test_the_nearest_by_brute_force(seed: int, latitude: float) -> None:
    random = np.random.default_rng(seed)
    cells = np.column_stack([random.uniform(50, 50.1, 20), random.uniform(latitude, latitude + 0.05, 20)])
    sites = np.column_stack([random.uniform(50, 50.1, 5), random.uniform(latitude, latitude + 0.05, 5)])
    every = np.array([[EARTH.inv(*cell, *site)[2] for site in sites] for cell in cells])
    expected = np.where(every.min(axis=1) <= 5000, every.min(axis=1), np.nan)
    np.testing.assert_allclose(nearest_m(cells, sites), expected, atol=1e-4)


def test_a_threshold_includes_its_end() -> None:
    site = away((46.0, 51.5), 37.0, 500.0)
    metres = nearest_m([[46.0, 51.5]], site)
    assert steps(metres).tolist() == [10]
    assert np.isnan(nearest_m([[46.0, 51.5]], site, farthest_m=499.9)[0])
    assert nearest_m([[46.0, 51.5]], site, farthest_m=500)[0] == pytest.approx(500, abs=1e-5)
    assert steps([0, 0.0005, 1, 50, 50.01, 5000, 5000.5, np.nan]).tolist() == [0, 0, 1, 1, 2, 100, BEYOND, BEYOND]


def test_no_projects_and_no_cells() -> None:
    assert np.isnan(nearest_m([[46, 51]], np.empty((0, 2)))).all()
    assert len(nearest_m(np.empty((0, 2)), [[46, 51]])) == 0
    assert pairs_within([[46, 51]], np.empty((0, 2)), 100).cell.tolist() == []


@pytest.mark.parametrize("wrong", [[[200, 51]], [[46, 91]], [[np.nan, 51]]])
def test_positions_off_the_globe_are_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(ValueError):
        nearest_m(wrong, [[46, 51]])


@given(st.lists(st.tuples(st.floats(0, 9000), st.integers(0, 300), st.integers(0, 3)), max_size=40))
def test_people_within_grows_with_distance_and_adds_up(cells: list[tuple[float, int, int]]) -> None:
    metres, people, area = (np.array(column) for column in zip(*cells, strict=True)) if cells else (np.empty(0),) * 3
    table = people_by_step(steps(metres), people, area.astype(int), 4)
    assert table.sum() == people.sum()
    within = np.array([people_within(table, distance) for distance in range(0, 5001, 50)])
    assert (np.diff(within, axis=0) >= 0).all()
    for distance in (0, 350, 5000):
        assert people_within(table, distance).sum() == people[metres <= distance + 1e-3].sum()


def test_cells_with_unknown_people_are_left_out() -> None:
    assert people_by_step([1, 1], [5, np.nan], [0, 0], 1).sum() == 5


def test_a_distance_between_steps_is_refused() -> None:
    table = people_by_step([1], [5], [0], 1)
    for wrong in (75, -50, 5050):
        with pytest.raises(ValueError):
            people_within(table, wrong)


def test_mean_and_median_are_of_people_not_of_cells() -> None:
    metres, people, area = [100, 500, 900, np.nan, 50], [10, 0, 30, 5, 7], [0, 0, 0, 0, 1]
    assert weighted_mean(metres, people, area, 3)[:2].tolist() == [700, 50]
    assert weighted_median(metres, people, area, 3)[:2].tolist() == [900, 50]
    assert np.isnan(weighted_mean(metres, people, area, 3)[2])
    assert np.isnan(weighted_median(metres, people, area, 3)[2])
    assert weighted_median([100, 200], [1, 1], [0, 0], 1)[0] == 100


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 20)), min_size=1, max_size=20))
def test_the_weighted_median_is_the_median_of_repeated_distances(cells: list[tuple[int, int]]) -> None:
    metres, people = zip(*cells, strict=True)
    repeated = np.sort(np.repeat(metres, people))
    expected = repeated[(len(repeated) - 1) // 2]
    assert weighted_median(metres, people, [0] * len(cells), 1)[0] == expected


def test_cells_at_the_edge() -> None:
    assert edge_affected([100, 900, np.nan, 100], [500, 500, 500, np.nan]).tolist() == [False, True, True, False]


def test_pairs_are_all_pairs_in_reach() -> None:
    random = np.random.default_rng(5)
    cells = np.column_stack([random.uniform(46, 46.05, 30), random.uniform(51.5, 51.53, 30)])
    sites = np.column_stack([random.uniform(46, 46.05, 9), random.uniform(51.5, 51.53, 9)])
    pairs = pairs_within(cells, sites, 1200)
    expected = {
        (at, to): EARTH.inv(*cell, *site)[2]
        for at, cell in enumerate(cells) for to, site in enumerate(sites) if EARTH.inv(*cell, *site)[2] <= 1200
    }  # fmt: skip
    assert list(zip(pairs.cell.tolist(), pairs.site.tolist(), strict=True)) == sorted(expected)
    np.testing.assert_allclose(pairs.distance_m, [expected[key] for key in sorted(expected)], atol=1e-5)
