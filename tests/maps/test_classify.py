"""Does each value fall into the class its legend names?"""

from __future__ import annotations

import math
from typing import Any

import mapclassify
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.vocabulary import MissingReason
from maps.classify import Classes, classify, legend, numbers

NBSP = "\N{NO-BREAK SPACE}"
VALUES = st.lists(st.none() | st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 4)), max_size=60)
METHODS: Any = st.sampled_from(["quantiles", "natural", "zero"])


def spread(classes: Classes, values: np.ndarray[Any, Any]) -> float:
    """Sum of squared deviations from the class means, what Fisher-Jenks makes least."""
    digits = classes.digits(values)
    members = [values[digits == each] for each in set(digits.tolist())]
    return sum(float(((each - each.mean()) ** 2).sum()) for each in members)


def test_quantiles_hold_equally_many() -> None:
    values = np.random.default_rng(4).random(500)
    counts = np.bincount(classify(values, method="quantiles").digits(values))
    assert counts.sum() == 500
    assert counts.max() - counts.min() <= 15  # a limit is moved to a readable number, past a few values


def test_quantiles_agree_with_the_reference_before_rounding() -> None:
    values = np.random.default_rng(3).beta(2, 5, 500)
    reference = mapclassify.Quantiles(values, k=5).bins
    found = np.array(classify(values, method="quantiles").breaks)
    assert np.abs(found[:-1] - reference[:-1]).max() <= np.diff(reference).min() / 4
    assert found[-1] == reference[-1] == values.max()


@pytest.mark.parametrize("seed", range(4))
def test_natural_breaks_are_nearly_as_tight_as_the_reference(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(4, 1, 400)
    reference = mapclassify.FisherJenks(values, k=5).bins
    best = spread(Classes(lowest=values.min(), breaks=tuple(reference)), values)
    assert spread(classify(values, method="natural", unit="per_km2"), values) <= best * 1.1


def test_natural_breaks_of_many_values_come_from_the_same_sample_each_time() -> None:
    values = np.random.default_rng(1).lognormal(4, 1, 30_000)
    assert classify(values, method="natural") == classify(values[::-1], method="natural")


def test_classes_are_open_below_and_closed_above() -> None:
    found = classify([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], method="fixed", breaks=(0.2, 0.4, 0.6))
    assert found.digits([0.2, 0.2000001, 0.4, 0.41, 0.7]).tolist() == [0, 1, 1, 2, 2]


def test_given_limits_reach_up_to_the_maximum() -> None:
    assert classify([5, 30], method="fixed", breaks=(10, 20)).breaks == (10, 20, 30)


def test_limits_of_all_periods_serve_each_period() -> None:
    shared = classify([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    one = legend([0.1, 0.8, None], unit="share", lang="en", classes=shared)
    assert one.breaks == shared.breaks
    assert one.classes == f"0{len(shared.breaks) - 1}n"


def test_fewer_than_five_distinct_values_are_categories() -> None:
    found = legend([1, 2, 2, 7, None], unit="count", lang="en")
    assert found.class_labels == ("1", "2", "7")
    assert found.classes == "0112n"
    assert found.note == "Each colour is one value."


def test_one_value_is_one_class_and_a_sentence() -> None:
    found = legend([0.5, 0.5, 0.5], unit="share", lang="ru")
    assert found.class_labels == (f"50{NBSP}%",)
    assert found.note == f"Во всех территориях одно значение: 50{NBSP}%."


def test_no_value_is_no_class_and_a_sentence() -> None:
    found = legend([None, math.nan], unit="share", lang="en", missing=[MissingReason.SUPPRESSED, None])
    assert (found.classes, found.breaks, found.class_labels) == ("sn", (), ())
    assert found.missing == {"suppressed": 1, "no_data": 1}
    assert found.note == "There is no value to show."
    assert found.formatted == ("hidden: small number", "no data")


def test_ties_merge_limits() -> None:
    found = classify([0.0] * 80 + [0.1, 0.2, 0.3, 0.4, 0.5], method="quantiles")
    assert len(set(found.breaks)) == len(found.breaks) < 5


def test_zero_is_in_the_middle_of_differences() -> None:
    found = legend(np.linspace(-2, 2, 41), unit="index", lang="en")
    assert found.scheme == "diverging"
    assert found.breaks[1] == -found.breaks[2]
    assert found.classes[20] == "2"


def test_counts_have_whole_limits_that_do_not_touch() -> None:
    found = legend(np.random.default_rng(5).lognormal(5, 1, 300).round(), unit="people", lang="en")
    assert all(limit == round(limit) for limit in found.breaks)
    assert found.class_labels[1].split("–")[0] == str(int(found.breaks[0]) + 1)


def test_residents_weigh_the_classes_and_missing_areas_stay_in_the_whole() -> None:
    found = legend([0.1, 0.2, None], unit="share", lang="en", residents=[100, 300, 100])
    assert found.class_residents == (0.2, 0.6)


def test_limits_are_readable() -> None:
    found = classify(np.random.default_rng(2).beta(2, 5, 300))
    assert all(round(limit, 2) == limit for limit in found.breaks[:-1])


@given(VALUES, METHODS)
def test_every_value_has_exactly_the_class_between_its_limits(values: list[float | None], method: Any) -> None:
    found = classify(values, method=method, unit="per_km2")
    digits = found.digits(values)
    limits = [-math.inf, *found.breaks]
    assert list(found.breaks) == sorted(set(found.breaks))
    for value, digit in zip(numbers(values).tolist(), digits.tolist(), strict=True):
        if math.isnan(value):
            assert digit == -1
        else:
            assert limits[digit] < value <= limits[digit + 1]


@given(VALUES, METHODS, st.sampled_from(["share", "per_1000", "people", "index", "m"]), st.sampled_from(["ru", "en"]))
def test_legend_is_complete(values: list[float | None], method: Any, unit: str, lang: str) -> None:
    found = legend(values, unit=unit, lang=lang, method=method)
    assert len(found.classes) == len(found.formatted) == len(values)
    assert len(found.class_labels) == len(found.class_counts) == len(found.class_residents) == len(found.breaks) <= 6
    assert sum(found.class_counts) + sum(found.missing.values()) == len(values)
    assert all(found.class_labels)
    assert all(math.isfinite(limit) for limit in found.breaks)


def test_a_class_of_one_value_is_not_written_as_a_range() -> None:
    found = legend([0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5], unit="share", lang="en", method="fixed", classes=zero_first())
    assert found.class_labels[0] == "0%"


def zero_first() -> Classes:
    return Classes(lowest=0.0, breaks=(0.0, 0.25, 0.5), method="fixed")


def test_what_is_better_low_is_drawn_warm() -> None:
    values = np.linspace(0.1, 0.9, 20)
    assert legend(values, unit="share", lang="en").scheme == "sequential"
    assert legend(values, unit="share", lang="en", more_is_better=False).scheme == "counts"
