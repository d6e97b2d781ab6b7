"""Time: one shape a day, whatever order files come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.ingest.versions import EVER, FOREVER, Act, Refused, Span, Step, Wanted, steps


@dataclass(frozen=True)
class Version:
    span: Span
    shape: str


def day(text: str) -> date:
    return date.fromisoformat(text)


OPEN = Version(Span(day("2020-01-01"), FOREVER), "old")


def wanted(shape: str, first: str | None = None, last: str | None = None) -> Wanted:
    return Wanted(shape, day(first) if first else None, day(last) if last else None)


def acts(found: list[Step[Version]]) -> list[tuple[Act, str]]:
    return [(step.act, step.span.literal) for step in found]


def test_first_shape_without_a_date_has_always_held() -> None:
    assert acts(steps([], wanted("new"))) == [(Act.OPEN, "[,)")]


def test_a_changed_shape_ends_the_old_one_the_day_before() -> None:
    assert acts(steps([OPEN], wanted("new", "2024-07-01"))) == [
        (Act.SPAN, "[2020-01-01,2024-07-01)"),
        (Act.OPEN, "[2024-07-01,)"),
    ]


def test_an_equal_shape_from_a_later_day_is_the_same_version() -> None:
    assert acts(steps([OPEN], wanted("old", "2024-07-01"))) == [(Act.KEEP, "[2020-01-01,)")]


def test_a_changed_shape_without_a_date_is_refused() -> None:
    with pytest.raises(Refused, match="date_needed"):
        steps([OPEN], wanted("new"))


def test_another_shape_of_the_same_day_is_a_correction_only_when_asked() -> None:
    with pytest.raises(Refused, match="same_day_other_shape"):
        steps([OPEN], wanted("new", "2020-01-01"))
    assert acts(steps([OPEN], wanted("new", "2020-01-01"), correct=True)) == [(Act.CORRECT, "[2020-01-01,)")]


def test_a_stated_last_day_ends_the_version() -> None:
    assert acts(steps([OPEN], wanted("old", "2020-01-01", "2023-12-31"))) == [(Act.SPAN, "[2020-01-01,2024-01-01)")]


def test_an_older_shape_ends_where_the_known_one_begins() -> None:
    assert acts(steps([OPEN], wanted("older", "2015-01-01"))) == [(Act.OPEN, "[2015-01-01,2020-01-01)")]


def test_an_older_equal_shape_lengthens_the_known_one() -> None:
    assert acts(steps([OPEN], wanted("old", "2015-01-01"))) == [(Act.SPAN, "[2015-01-01,)")]


def test_days_claimed_by_another_version_are_refused() -> None:
    with pytest.raises(Refused, match="overlaps_in_time"):
        steps([OPEN], wanted("older", "2015-01-01", "2021-01-01"))


def test_a_shape_that_would_leave_a_hole_is_refused() -> None:
    known = [
        Version(Span(day("2020-01-01"), day("2022-01-01")), "old"),
        Version(Span(day("2022-01-01"), FOREVER), "next"),
    ]
    with pytest.raises(Refused, match="hole_in_time"):
        steps(known, wanted("new", "2020-06-01", "2021-06-01"))


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(Refused, match="ends_before_it_begins"):
        steps([], wanted("new", "2024-01-02", "2024-01-01"))
    with pytest.raises(Refused, match="ends_before_it_begins"):
        steps([OPEN], wanted("old", None, "2019-01-01"))


DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | DAYS, st.none() | DAYS, st.booleans()), max_size=8))
def test_whatever_comes_there_is_one_shape_a_day(rows: list[tuple[str, date | None, date | None, bool]]) -> None:
    known: list[Version] = []
    for shape, first, last, correct in rows:
        try:
            found = steps(known, Wanted(shape, first, last), correct=correct)
        except Refused:
            continue
        for step in found:
            if step.version is not None:
                at = known.index(step.version)
                kept = shape if step.act is Act.CORRECT else step.version.shape
                known[at] = replace(step.version, span=step.span, shape=kept)
            else:
                known.append(Version(step.span, shape))
        # what was asked for holds on its first day
        if first is not None:
            assert [v.shape for v in known if v.span.holds(first)] == [shape]
    ordered = sorted(known, key=lambda v: v.span.first)
    assert all(v.span.first < v.span.end for v in ordered)
    assert all(a.span.end <= b.span.first for a, b in pairwise(ordered))
    assert all(v.span.first >= EVER and v.span.end - timedelta(days=1) <= FOREVER for v in ordered)
