"""Where are people of houses counted, and does where tell how many they are?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from geo.analysis.cells import gathered, homes, least_known

LIMIT = 5
CENTRES = np.array([[37.0 + 0.001 * at, 55.0] for at in range(8)])


def test_a_house_joins_the_nearest_that_has_enough() -> None:
    people = np.array([60.0, 3, 0, 0, 0, 0, 2, 90])
    assert homes(CENTRES, people, LIMIT).tolist() == [0, 0, 2, 3, 4, 5, 7, 7]


def test_a_village_of_houses_is_counted_in_fives() -> None:
    people = np.array([3.0, 3, 3, 3, 3, 3, 3, 0])
    assert homes(CENTRES, people, LIMIT).tolist() == [0, 0, 0, 0, 0, 0, 0, 7]


def test_few_aged_16_are_few() -> None:
    residents, grown = np.array([9.0, np.nan, 0, 40]), np.array([4.0, 3, 0, np.nan])
    assert least_known(residents, grown).tolist() == [4, 3, 0, 40]


def test_what_was_moved_away_is_not_known_there() -> None:
    home = np.array([0, 0, 2])
    assert np.array_equal(gathered(np.array([6.0, 3, np.nan]), home), [9, np.nan, np.nan], equal_nan=True)


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 7, 60]), min_size=8, max_size=8), st.integers(0, 2**31))
def test_how_many_the_few_are_decides_nothing(numbers: list[int], seed: int) -> None:
    people = np.array(numbers, dtype=float)
    few = (people > 0) & (people < LIMIT)
    others = np.where(few, np.random.default_rng(seed).integers(1, LIMIT, len(people)), people)
    home = homes(CENTRES, people, LIMIT)
    assert (homes(CENTRES, others.astype(float), LIMIT) == home).all()
    together = np.bincount(home, people, len(people))
    assert together.sum() == people.sum()
    # fewer than five people are left only where hardly anybody lives
    assert people.sum() < LIMIT or (together[together > 0] >= LIMIT).all()
