"""Does the figure for a city say what Mexico's says, and nothing where there is nothing to share?"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from geo.analysis.inequality import by_chance, inequality
from geo.vocabulary import MissingReason
from tests.geo.analysis.conftest import States

CITIES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5000)), min_size=2, max_size=25).filter(
    lambda areas: sum(held for held, _ in areas) > 0
)


def number(value: float | None) -> float:
    assert value is not None
    return value


def test_mexico_1940(mexico: States) -> None:
    result = inequality(mexico.product, np.ones(32), mexico.regions)
    assert number(result.gini.value) == pytest.approx(0.3537237, abs=5e-8)
    assert number(result.theil.value) == pytest.approx(0.2089434, abs=5e-8)
    assert number(result.between.value) == pytest.approx(0.0345889, abs=5e-8)
    richer = mexico.product.copy()
    richer[richer.argmax()] *= 2
    assert number(inequality(richer, np.ones(32)).gini.value) > 0.36


def test_equal_to_the_library(mexico: States) -> None:
    from inequality.gini import Gini
    from inequality.theil import Theil, TheilD

    ours = inequality(mexico.product, np.ones(32), mexico.regions)
    parts = TheilD(mexico.product, np.array(mexico.regions))
    assert number(ours.gini.value) == pytest.approx(Gini(mexico.product).g, abs=1e-12)
    assert number(ours.theil.value) == pytest.approx(Theil(mexico.product).T, abs=1e-9)
    assert number(ours.between.value) == pytest.approx(float(parts.bg[0]), abs=1e-9)
    assert number(ours.within.value) == pytest.approx(float(parts.wg[0]), abs=1e-9)


def test_right_where_the_library_fails() -> None:
    """Nothing to share at all is no figure, and says so; the library answers with not-a-number."""
    from inequality.gini import Gini

    with np.errstate(invalid="ignore", divide="ignore"):
        assert np.isnan(Gini(np.zeros(4)).g)
    assert number(inequality([0, 0, 10, 10], np.ones(4)).theil.value) == pytest.approx(np.log(2), abs=1e-15)
    nothing = inequality([0, 0], [10, 20])
    assert {figure.missing_reason for figure in (nothing.gini, nothing.hoover, nothing.theil)} == {
        MissingReason.NO_OBJECTS
    }


@given(st.integers(1, 200), st.lists(st.integers(1, 1000), min_size=2, max_size=8), st.randoms())
def test_chance_is_between_even_and_all_in_one_place(objects: int, people: list[int], random: Any) -> None:
    mean, high = by_chance(objects, people, draws=19)
    assert 0 <= mean <= high + 1e-12 <= 1 + 1e-12
    shuffled = random.sample(people, len(people))
    assert by_chance(objects, shuffled, draws=19) == (mean, high)


def test_chance_is_small_for_many_and_large_for_few() -> None:
    few, many = (by_chance(objects, [1000] * 10)[0] for objects in (5, 5000))
    assert many < 0.05 < 0.5 < few


def test_by_hand() -> None:
    """Half of the people hold everything: half would have to move."""
    result = inequality([10, 0], [100, 100])
    assert result.hoover.value == 0.5
    assert result.gini.value == 0.5
    assert number(result.theil.value) == pytest.approx(np.log(2))
    assert result.lorenz.people.tolist() == [0, 0.5, 1]
    assert result.lorenz.resources.tolist() == [0, 0, 1]


@given(CITIES)
def test_bounds_and_order(areas: list[tuple[int, int]]) -> None:
    held, people = np.array(areas, float).T
    result = inequality(held, people)
    gini, hoover, theil = (number(figure.value) for figure in (result.gini, result.hoover, result.theil))
    assert 0 <= hoover <= gini + 1e-12
    assert gini < 1
    assert 0 <= theil <= np.log(people.sum() / people.min()) + 1e-12
    assert (np.diff(result.lorenz.resources) >= -1e-15).all()
    assert (result.lorenz.resources <= result.lorenz.people + 1e-12).all()
    back = inequality(held[::-1], people[::-1])
    assert number(back.gini.value) == pytest.approx(gini, abs=1e-12)
    scaled = inequality(held * 3, people * 7)
    assert number(scaled.theil.value) == pytest.approx(theil, abs=1e-9)


@given(CITIES, st.data())
def test_between_and_within_add_up(areas: list[tuple[int, int]], data: st.DataObject) -> None:
    held, people = np.array(areas, float).T
    groups = data.draw(st.lists(st.sampled_from(["urban", "rural", "mixed"]), min_size=len(areas), max_size=len(areas)))
    result = inequality(held, people, groups)
    total = number(result.between.value) + number(result.within.value)
    assert total == pytest.approx(number(result.theil.value), abs=1e-9)
    assert number(result.between.value) >= 0
    assert inequality(held, people, [1] * len(areas)).between.value == pytest.approx(0, abs=1e-12)


def test_splitting_an_area_evenly_changes_nothing() -> None:
    """Weighted by residents: a big okrug is as much as two halves of it."""
    whole, split = inequality([6, 2], [100, 100]), inequality([3, 3, 2], [50, 50, 100])
    for name in ("gini", "hoover", "theil"):
        assert getattr(whole, name).value == pytest.approx(getattr(split, name).value)


@pytest.mark.parametrize("held", [[4, 4, 4], [1, 2, 3]])
def test_everybody_has_the_same(held: list[int]) -> None:
    result = inequality(held, held)
    for figure in (result.gini, result.hoover, result.theil):
        assert figure.value == pytest.approx(0, abs=1e-12)


def test_one_district_is_not_assessed_and_empty_ones_are_left_out() -> None:
    assert inequality([5], [10]).gini.missing_reason is MissingReason.NOT_ASSESSED
    assert inequality([], []).gini.missing_reason is MissingReason.NOT_ASSESSED
    result = inequality([5, 5, 10, np.nan, 1], [10, 10, 0, 20, np.nan])
    assert result.gini.value == 0
    assert result.left_out == 3
    assert result.left_out_share == pytest.approx(11 / 21)
    with pytest.raises(ValueError):
        inequality([1, 2], [3])
