"""Is what residents receive what projects supply, and is nobody's nothing taken for a zero?"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import geo.analysis.catchment as module
from geo.analysis.arrays import Floats, Ints
from geo.analysis.catchment import (
    Form,
    area_access,
    binary,
    catchment,
    catchment_by_air,
    conserved,
    gaussian,
    weight_of,
    zoned,
)  # fmt: skip
from geo.analysis.distance import pair_blocks, pairs_within
from geo.analysis.result import NO_DATA, NO_RESIDENTS

FORMS: tuple[Form, ...] = ("2sfca", "e2sfca", "gaussian", "3sfca", "m2sfca")
ZONES = ((300.0, 1.0), (600.0, 0.68), (1000.0, 0.22))


def town(seed: int, places: int = 20, sites: int = 5) -> tuple[Floats, Floats, Ints, Ints, Floats]:
    """Residents, supply and the full table of metres between places and sites of a square kilometre or so."""
    random = np.random.default_rng(seed)
    at, to = random.uniform(0, 1500, (places, 2)), random.uniform(0, 1500, (sites, 2))
    metres = np.linalg.norm(at[:, None] - to[None], axis=2)
    cell, site = np.indices(metres.shape).reshape(2, -1)
    residents, supply = random.integers(0, 300, places).astype(float), random.integers(1, 9, sites).astype(float)
    return residents, supply, cell, site, metres.ravel()


@pytest.mark.parametrize("form", FORMS)
@given(seed=st.integers(0, 10**6))
def test_supply_is_conserved(form: Form, seed: int) -> None:
    result = catchment(*town(seed), form=form)
    assert result.supplied == pytest.approx(town(seed)[1][~result.unreached].sum())
    if form == "m2sfca":
        assert result.received <= result.supplied * (1 + 1e-12)
    else:
        assert conserved(result)


def test_delamaters_form_falls_short_where_people_live_far() -> None:
    near = catchment([100], [20], [0], [0], [0], form="m2sfca")
    far = catchment([100], [20], [0], [0], [500], form="m2sfca")
    assert near.received == pytest.approx(20)
    assert far.received == pytest.approx(20 * float(gaussian(1000)(np.array([500.0]))[0]))
    assert not conserved(far)


@pytest.mark.parametrize("form", ["2sfca", "e2sfca", "gaussian", "3sfca"])
def test_equal_to_the_library(form: Form) -> None:
    import pandas
    from access.fca import three_stage_fca, two_stage_fca

    residents, supply, cell, site, metres = town(4)
    residents = residents + 1  # the library cannot tell an empty place
    weight = weight_of(form, 1000.0, ZONES)
    reached = metres <= 1000
    cost = pandas.DataFrame({"origin": cell[reached], "dest": site[reached], "cost": metres[reached]})
    demand = pandas.DataFrame({"geoid": range(len(residents)), "demand": residents})
    offered = pandas.DataFrame({"supply": supply}, index=range(len(supply)))
    offered.index.name = "geoid"
    form_of_theirs: Any = three_stage_fca if form == "3sfca" else two_stage_fca
    theirs = form_of_theirs(
        demand, offered, cost, max_cost=1000, weight_fn=lambda one: float(weight(np.array([one]))[0])
    ).reindex(range(len(residents)))
    ours = catchment(residents, supply, cell, site, metres, form=form, zones=ZONES)
    np.testing.assert_allclose(ours.access, theirs.fillna(0).to_numpy(float), rtol=1e-9)


def test_doubling_supply_doubles_access_and_doubling_people_halves_it() -> None:
    residents, supply, cell, site, metres = town(9)
    plain = catchment(residents, supply, cell, site, metres)
    np.testing.assert_allclose(catchment(residents, 2 * supply, cell, site, metres).access, 2 * plain.access)
    np.testing.assert_allclose(catchment(2 * residents, supply, cell, site, metres).access, plain.access / 2)


def test_one_more_project_takes_access_from_nobody() -> None:
    residents, supply, cell, site, metres = town(12)
    fewer = catchment(residents, np.where(np.arange(5) == 3, 0, supply), cell, site, metres)
    more = catchment(residents, supply, cell, site, metres)
    living = residents > 0
    assert (more.access[living] >= fewer.access[living] - 1e-15).all()


def test_every_kind_of_nothing() -> None:
    """No residents, unknown residents, no project in reach, a project nobody reaches, an unknown cost."""
    result = catchment(
        [100, 0, np.nan, 50], [4, 9], [0, 1, 2, 0, 3], [0, 0, 0, 1, 1], [100, 100, 100, np.nan, 5000], form="2sfca"
    )
    assert result.access[0] == 4 / 100
    assert result.access[3] == 0
    assert result.per_1000().missing.tolist() == [0, NO_RESIDENTS, NO_DATA, 0]
    assert result.per_1000().value[[0, 3]].tolist() == [40, 0]
    assert result.unreached.tolist() == [False, True]
    assert np.isnan(result.ratio[1])
    assert result.dropped_pairs == 1
    assert conserved(result)


def test_no_projects_at_all() -> None:
    result = catchment([10, 0], [], np.empty(0, int), np.empty(0, int), [])
    assert result.per_1000().missing.tolist() == [0, NO_RESIDENTS]
    assert result.access[0] == 0
    assert conserved(result)


def test_thresholds_and_zones_include_their_end() -> None:
    assert binary(500)(np.array([499.0, 500.0, 500.5])).tolist() == [1, 1, 0]
    assert zoned(ZONES)(np.array([300.0, 600.0, 1000.0, 1000.5])).tolist() == [1, 0.68, 0.22, 0]
    assert gaussian(500)(np.array([0.0, 500.0, 501.0])).tolist() == [1, 0, 0]
    for wrong in ((), ((300, 1), (300, 0.5)), ((300, 0.5), (600, 1))):
        with pytest.raises(ValueError):
            zoned(wrong)
    with pytest.raises(ValueError):
        gaussian(0)(np.array([1.0]))


@pytest.mark.parametrize("form", FORMS)
def test_blocks_change_nothing(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    cells = np.column_stack([random.uniform(46, 46.04, 90), random.uniform(51.5, 51.52, 90)])
    sites = np.column_stack([random.uniform(46, 46.04, 7), random.uniform(51.5, 51.52, 7)])
    residents, supply = random.integers(0, 90, 90), np.arange(1, 8)
    pairs = pairs_within(cells, sites, 1000)
    table = catchment(residents, supply, pairs.cell, pairs.site, pairs.distance_m, form=form)
    by_air = catchment_by_air(cells, residents, sites, supply, form=form)
    np.testing.assert_allclose(by_air.access, table.access, rtol=1e-12)
    monkeypatch.setattr(module, "PAIRS_KEPT", 10)
    monkeypatch.setattr(module, "pair_blocks", lambda places, targets, reach: pair_blocks(places, targets, reach, 7))
    np.testing.assert_allclose(catchment_by_air(cells, residents, sites, supply, form=form).access, table.access)


def test_an_area_is_the_mean_of_its_residents() -> None:
    assert area_access([0.1, 0.3, np.nan, 0.5], [10, 30, 5, 0], [0, 0, 0, 1], 2)[0] == pytest.approx(0.25)
    assert np.isnan(area_access([0.1], [0], [0], 2)).all()
