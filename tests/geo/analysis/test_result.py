"""Does a figure always say exactly one thing: a finite number, or why there is none?"""

from __future__ import annotations

import json
import math
import pickle
from datetime import date

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from geo.analysis.result import (
    MISSING,
    NO_DATA,
    NO_OBJECTS,
    NO_RESIDENTS,
    SUPPRESSED,
    Answer,
    Method,
    Period,
    Row,
    Unit,
    Value,
    Values,
)  # fmt: skip
from geo.errors import Message
from geo.vocabulary import MissingReason, PopulationBase, Theme

RESIDENTS = PopulationBase.RESIDENTS
AMOUNTS = st.one_of(st.none(), st.integers(0, 10_000).map(float))


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None},
        {"value": 1.0, "missing_reason": MissingReason.NO_DATA},
        {"value": math.nan},
        {"value": math.inf},
        {"value": 1.0, "numerator": math.nan},
        {"value": 1.0, "denominator": -math.inf},
        {"value": 1.0, "interval_low": 0.5},
        {"value": 1.0, "interval_low": 2.0, "interval_high": 1.0},
        {"value": None, "missing_reason": MissingReason.NO_DATA, "interval_low": 0.0, "interval_high": 1.0},
    ],
)
def test_a_value_says_one_thing(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Value(unit=Unit.SHARE, **wrong)  # type: ignore[arg-type]


def test_columns_refuse_the_same() -> None:
    good = Values.ratio([1, 2], [10, 10], Unit.SHARE)
    arrays = {name: getattr(good, name) for name in Values.__slots__}
    for name, spoiled in {
        "value": np.array([np.nan, 0.2]),
        "missing": np.array([0, 9], np.int8),
        "numerator": np.array([np.inf, 1.0]),
        "low": np.array([0.1, np.nan]),
        "estimated": np.array([True]),
    }.items():
        with pytest.raises(ValueError):
            Values(**{**arrays, name: spoiled})
    with pytest.raises(ValueError):
        Values.build([1.0], Unit.SHARE, missing=[0, 0])


def test_results_are_read_only() -> None:
    share = Values.ratio([1, 2], [10, 10], Unit.SHARE)
    for column in (share.value, share.numerator, share.missing, share.low, share.estimated):
        with pytest.raises(ValueError):
            column[0] = 1
    with pytest.raises(AttributeError):
        share[0].value = 2.0  # type: ignore[misc]


def test_the_input_is_copied() -> None:
    counted = np.array([1.0, 2.0])
    share = Values.ratio(counted, [10, 10], Unit.SHARE)
    counted[0] = 5
    assert share.numerator.tolist() == [1, 2]


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=20), st.booleans())
def test_a_ratio_has_a_number_or_the_right_reason(rows: list[tuple[float | None, float | None]], people: bool) -> None:
    top, bottom = [row[0] for row in rows], [row[1] for row in rows]
    ratio = Values.ratio(np.array(top, float), np.array(bottom, float), Unit.SHARE, base=RESIDENTS if people else None)
    for at, (numerator, denominator) in enumerate(rows):
        figure = ratio[at]
        if numerator is None or denominator is None:
            assert figure.missing_reason is MissingReason.NO_DATA
        elif denominator == 0:
            assert figure.missing_reason is (MissingReason.NO_RESIDENTS if people else MissingReason.NO_OBJECTS)
        else:
            assert figure.value == numerator / denominator
        assert figure.numerator == numerator


def test_columns_and_single_figures_are_twins() -> None:
    rate = Values.ratio([5, 0, np.nan, 7], [100, 0, 10, 50], Unit.PER_1000, base=RESIDENTS, counts_people=True)
    back = Values.of([rate[at] for at in range(len(rate))])
    for name in ("value", "missing", "numerator", "denominator"):
        np.testing.assert_array_equal(getattr(back, name), getattr(rate, name))
    assert (back.unit, back.base, back.counts_people) == (rate.unit, rate.base, rate.counts_people)
    assert rate.value.tolist()[3] == 140


def test_the_codes_cover_every_reason() -> None:
    assert set(MISSING) == set(MissingReason)
    assert [MISSING[code - 1] for code in (NO_DATA, NO_RESIDENTS, NO_OBJECTS, SUPPRESSED)] == [
        MissingReason.NO_DATA, MissingReason.NO_RESIDENTS, MissingReason.NO_OBJECTS, MissingReason.SUPPRESSED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "hidden"),
    [
        (Value(4.0, Unit.PEOPLE, counts_people=True), True),
        (Value(5.0, Unit.PEOPLE, counts_people=True), False),
        (Value(0.0, Unit.PEOPLE, counts_people=True), False),
        (Value(0.4, Unit.PEOPLE, counts_people=True), True),
        (Value(3.0, Unit.COUNT), False),
        (Value(0.03, Unit.SHARE, numerator=3, denominator=100, base=RESIDENTS, counts_people=True), True),
        (Value(0.98, Unit.SHARE, numerator=98, denominator=100, base=RESIDENTS, counts_people=True), True),
        (Value(1.0, Unit.SHARE, numerator=100, denominator=100, base=RESIDENTS, counts_people=True), False),
        (Value(0.0, Unit.SHARE, numerator=0, denominator=100, base=RESIDENTS, counts_people=True), False),
        (Value(0.5, Unit.SHARE, numerator=25, denominator=49, base=RESIDENTS, counts_people=True), True),
        (Value(0.5, Unit.SHARE, numerator=25, denominator=50, base=RESIDENTS, counts_people=True), False),
        (Value(80.0, Unit.PER_1000, numerator=2, denominator=25, base=RESIDENTS), True),
        (Value(0.5, Unit.SHARE, numerator=1, denominator=2), False),
    ],
)
def test_small_numbers_of_people_are_hidden(figure: Value, hidden: bool) -> None:
    shown = figure.published()
    assert (shown.missing_reason is MissingReason.SUPPRESSED) is hidden
    if hidden and figure.counts_people:
        assert shown.numerator is None
    if not hidden:
        assert shown == figure


def test_a_hidden_figure_keeps_nothing_that_tells_it() -> None:
    part = Value(3.0, Unit.PEOPLE, counts_people=True)
    figure = Value(
        0.03, Unit.SHARE, numerator=3, denominator=100, base=RESIDENTS, counts_people=True, interval_low=0.01,
        interval_high=0.08, parts={"vk": part}, reasons=(Message("open needs: {count}", {"count": 3}),),
    )  # fmt: skip
    said = json.dumps(figure.published().as_dict())
    assert "3" not in said.replace("100", "")
    assert figure.numerator == 3  # inside it stays


def of_people(**counts: float) -> dict[str, Value]:
    return {name: Value(float(count), Unit.PEOPLE, counts_people=True) for name, count in counts.items()}


def test_small_parts_are_hidden_inside_a_large_figure() -> None:
    figure = Value(192.0, Unit.PEOPLE, counts_people=True, parts=of_people(vk=2, paper=90, phone=100, site=0))
    shown = figure.published()
    assert shown.value == 192
    # the second goes too: 192 - 100 - 90 would tell the first
    assert [shown.parts[name].value for name in ("vk", "paper", "phone", "site")] == [None, None, 100, 0]


def test_a_figure_that_would_tell_its_only_part_goes_too() -> None:
    figure = Value(2.0, Unit.PER_KM2, numerator=90, counts_people=True, parts=of_people(vk=2, paper=0))
    assert figure.published().missing_reason is MissingReason.SUPPRESSED


def test_districts_and_channels_protect_each_other() -> None:
    """Head counts by channel: the channels add up to the participants, the districts to the city."""
    heads = np.array([[2, 90, 30], [60, 50, 0], [40, 3, 70]], float)
    channels = {
        f"mix_{name}": Values.ratio(heads[:, at], heads.sum(axis=1), Unit.SHARE, counts_people=True)
        for at, name in enumerate(("vk", "paper", "phone"))
    }
    whole = Values.build(heads.sum(axis=1), Unit.PEOPLE, counts_people=True, parts=channels)
    shown = whole.published()
    assert shown.known.all()
    hidden = np.column_stack([~part.known for part in shown.parts.values()])
    assert hidden[0, 0]
    assert hidden[2, 1]
    assert (hidden.sum(axis=0) != 1).all()  # no channel with one hidden district
    assert (hidden.sum(axis=1) != 1).all()  # no district with one hidden channel
    assert np.isnan(shown.parts["mix_vk"].numerator[0])


def test_the_whole_is_hidden_when_it_gives_the_only_district_away() -> None:
    people = Values.build([3, 0], Unit.PEOPLE, counts_people=True)
    answer = Answer(
        "participation", "participants", "civic_district", Period.year(2024), None, Unit.PEOPLE,
        Method("/docs/method/participation"), people.to_rows(["a", "b"], [1, 2], ["A", "B"]), 1,
        whole=Value(3.0, Unit.PEOPLE, counts_people=True),
    )  # fmt: skip
    shown = answer.published()
    assert shown.whole is not None
    assert shown.whole.missing_reason is MissingReason.SUPPRESSED
    assert [row.value.value for row in shown.rows] == [None, 0]
    assert [row.territory for row in shown.only({"b"}).rows] == ["b"]


def test_a_column_hides_what_would_give_a_hidden_row_away() -> None:
    people = Values.build([3, 60, 20, 0], Unit.PEOPLE, counts_people=True).published()
    assert people.missing.tolist() == [SUPPRESSED, 0, SUPPRESSED, 0]
    objects = Values.build([3, 60, 20, 0], Unit.COUNT).published()
    assert objects.known.all()


def test_an_answer_publishes_its_rows_and_its_whole() -> None:
    share = Values.ratio([3, 60, 20], [100, 100, 100], Unit.SHARE, base=RESIDENTS, counts_people=True)
    answer = Answer(
        "coverage", "tos_population_share", "civic_district", Period.year(2024), date(2024, 12, 31), Unit.SHARE,
        Method("/docs/method/coverage"), share.to_rows(["a", "b", "c"], [1, 2, 3], ["A", "B", "C"], ranks=[3, 1, 2]),
        17, theme=Theme.OTHER, base=RESIDENTS, whole=share.take([1])[0],
    )  # fmt: skip
    shown = answer.published()
    assert [row.value.value for row in shown.rows] == [None, 0.6, None]
    assert [row.rank for row in shown.rows] == [None, 1, None]
    assert answer.rows[0].value.value == 0.03
    body = json.loads(json.dumps(shown.as_dict()))
    assert body["period"] == "2024"
    assert body["rows"][1]["value"] == 0.6
    assert body["rows"][0]["missing_reason"] == "suppressed"
    assert body["theme"] == "other"
    assert pickle.loads(pickle.dumps(shown)) == shown


def test_an_answer_says_its_notes_in_another_language() -> None:
    figure = Value(1.0, Unit.COUNT, reasons=(Message("open needs: {count}", {"count": 2}),))
    assert figure.as_dict(lambda message: message.msgid.upper())["reasons"] == ["OPEN NEEDS: {COUNT}"]


def test_rows_refuse_ranks_of_missing_figures() -> None:
    missing = Value.missing(MissingReason.NO_DATA, Unit.SHARE)
    with pytest.raises(ValueError):
        Row("a", 1, "A", missing, rank=1)
    with pytest.raises(ValueError):
        Row("a", 1, "A", Value(1.0, Unit.SHARE), rank=1, rank_low=3, rank_high=2)
    rows = Values.build([1.0, np.nan], Unit.SHARE).to_rows(["a", "b"], [1, 2], ["A", "B"], ranks=[1, 2])
    assert [row.rank for row in rows] == [1, None]
    assert rows[0].ranked == 1


def test_a_period_goes_forward() -> None:
    with pytest.raises(ValueError):
        Period("backwards", date(2024, 2, 1), date(2024, 1, 1))


def test_taking_rows_takes_the_parts_along() -> None:
    whole = Values.build([1, 2, 3], Unit.COUNT, parts={"half": Values.build([0.5, 1, 1.5], Unit.COUNT)})
    assert whole.take([2, 0]).parts["half"].value.tolist() == [1.5, 0.5]
    assert whole.with_parts(twice=whole).parts.keys() == {"half", "twice"}


def test_an_empty_column_is_fine() -> None:
    empty = Values.ratio([], [], Unit.SHARE, base=RESIDENTS)
    assert len(empty.published()) == 0
    assert empty.to_rows([], [], []) == ()
