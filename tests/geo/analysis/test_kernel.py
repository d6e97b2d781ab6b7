"""Does the surface hold as many participants as the events had, and none over homes or water?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from geo.analysis.arrays import Floats
from geo.analysis.kernel import density_surface, quartic
from geo.analysis.result import NOT_ASSESSED

STEP = 0.003  # degrees between cells: about 330 by 210 m here


def city(side: int = 12) -> tuple[Floats, Floats]:
    """Centres of a square of cells at Saratov, 0.07 km2 each."""
    row, column = np.indices((side, side)).reshape(2, -1)
    return np.column_stack([46 + STEP * column, 51.5 + STEP * row]), np.full(side * side, 0.07)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(10, 60), st.integers(400, 3000))
def test_all_participants_inside_are_on_the_surface(seed: int, points: int, bandwidth: int) -> None:
    random = np.random.default_rng(seed)
    cells, area = city()
    events = random.uniform([45.99, 51.49], [46.05, 51.55], (points, 2))
    heads = random.integers(1, 200, points)
    surface = density_surface(events, heads, cells, area, bandwidth)
    assert surface.refusal is None
    assert (surface.amount >= 0).all()
    if surface.outside == 0:
        assert surface.spread == pytest.approx(heads.sum(), rel=1e-9)
    assert surface.spread == pytest.approx(float(surface.amount.sum()))
    assert surface.spread <= heads.sum() * (1 + 1e-12)


def test_the_edge_hardly_sinks() -> None:
    """Events everywhere alike: a quarter of the density would be left in a corner without the correction."""
    cells, area = city(15)
    surface = density_surface(cells, np.full(len(cells), 7), cells, area, 1200)
    density = surface.density.value.reshape(15, 15)
    assert density[7, 7] == pytest.approx(100, rel=0.02)
    assert density.min() > 65
    assert density[0, 7] > 80
    assert density.sum() * 0.07 == pytest.approx(7 * 225)


def test_shape_and_reach() -> None:
    assert quartic([0, 600, 1200, 1300], 1200).tolist() == [1, 0.5625, 0, 0]
    cells, area = city()
    events = np.repeat([[46.0, 51.5]], 10, axis=0)
    surface = density_surface(events, [3] * 10, cells, area, 700)
    assert surface.density.value.argmax() == 0
    assert surface.density.value[-1] == 0
    assert surface.spread == pytest.approx(30)
    wide = density_surface(events, [3] * 10, cells, area, 2500)
    assert wide.density.value.max() < surface.density.value.max()
    with pytest.raises(ValueError):
        density_surface(events, [3] * 10, cells, area, 0)


def test_real_cell_areas_are_divided_by() -> None:
    cells, area = city()
    events = np.repeat([[46.0, 51.5]], 10, axis=0)
    bigger = area.copy()
    bigger[0] *= 2
    surface, plain = (density_surface(events, [3] * 10, cells, km2, 700) for km2 in (bigger, area))
    assert surface.amount[0] > plain.amount[0]
    assert surface.amount.sum() == pytest.approx(plain.amount.sum())
    assert surface.density.value[0] == pytest.approx(surface.amount[0] / 0.14)


def test_too_few_points_and_homes_are_refused() -> None:
    cells, area = city()
    events = np.repeat([[46.0, 51.5]], 12, axis=0)
    few = density_surface(events[:9], [5] * 9, cells, area, 700)
    assert few.refusal is not None
    assert set(few.density.missing.tolist()) == {NOT_ASSESSED}
    # events nobody came to, or with unknown heads, are no points
    assert density_surface(events, [5] * 9 + [0, np.nan, 0], cells, area, 700).refusal is not None
    homes = density_surface(events, [5] * 12, cells, area, 700, home_addresses=True)
    assert homes.refusal is not None
    assert homes.spread == 0


def test_events_beyond_every_cell_are_left_out_and_counted() -> None:
    cells, area = city()
    events = np.concatenate([np.repeat([[46.0, 51.5]], 10, axis=0), [[47.0, 52.0]]])
    surface = density_surface(events, [4] * 11, cells, area, 700)
    assert surface.outside == 1
    assert surface.spread == pytest.approx(40)


def test_columns_must_fit() -> None:
    cells, area = city()
    with pytest.raises(ValueError):
        density_surface([[46, 51.5]], [1, 2], cells, area, 700)
