"""Is there always a second truth that leaves every shown number as it is? Shields, tried on events of all sorts."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import hypothesis.strategies as st
from hypothesis import assume, given, settings
from sqlalchemy import Connection, text

from geo.analysis.shields import (
    ALL_THEMES,
    HEADS,
    KNOWN,
    Choice,
    Gathering,
    Hidden,
    Shield,
    Sum,
    altered,
    hidden,
    holds,
    secrets,
)
from geo.analysis.tally import rebuild, settle_on
from tests.geo.world import World

LIMIT = 5
CITY, NORTH, SOUTH, YARD = 1, 2, 3, 4


@st.composite
def gatherings(draw: st.DrawFn) -> dict[int, Gathering]:
    """Up to twelve events of a year in a city of two districts and a yard, by channels that add up or do not."""
    found = {}
    for number in range(1, draw(st.integers(1, 12)) + 1):
        uses = draw(st.dictionaries(st.sampled_from(["face_to_face", "vk", "telegram"]), st.integers(1, 12)))
        adds_up = draw(st.booleans())
        extra = 0 if uses and adds_up else draw(st.integers(1, 12))
        people = {HEADS: (sum(uses.values()) if uses else 0) + extra, **uses}
        areas = draw(st.sampled_from([(CITY,), (CITY, NORTH), (CITY, SOUTH), (CITY, SOUTH, YARD)]))
        theme = draw(st.sampled_from(["a", "b"]))
        found[number] = Gathering(number, 2024, theme, frozenset(areas), people, bool(uses))
    return found


def sums(events: dict[int, Gathering]) -> dict[Sum, int]:
    """Every number that could be published."""
    found: dict[Sum, int] = {}
    for event in events.values():
        for column, people in event.people.items():
            for figure in event.figures(column):
                for area in event.areas:
                    for theme in (event.theme, ALL_THEMES):
                        each = Sum(area, event.period, theme, figure)
                        found[each] = found.get(each, 0) + people
    return found


def as_if(events: dict[int, Gathering], shield: Shield) -> dict[int, Gathering]:
    """The events if the change of the shield were the truth."""
    changed = dict(events)
    for at, column, step in shield:
        old = changed[at]
        people = {**old.people, column: old.people[column] + step}
        changed[at] = Gathering(old.id, old.period, old.theme, old.areas, people, old.known)
    return changed


def protected(events: dict[int, Gathering]) -> tuple[dict[tuple[int, str], Shield], Hidden]:
    shields = Choice(events, {}, LIMIT).all()
    return shields, hidden(events, shields, LIMIT)


@settings(max_examples=150)
@given(gatherings())
def test_every_small_number_could_be_another(events: dict[int, Gathering]) -> None:
    shields, gone = protected(events)
    truth = sums(events)
    assert shields.keys() == set(secrets(events.values(), LIMIT))
    for (at, column), shield in shields.items():
        other = as_if(events, shield)
        assert other[at].people[column] != events[at].people[column]
        assert all(people > 0 for event in other.values() for people in event.people.values())
        assert {(cell.event, cell.column) for cell in shield} <= gone.heads
        moved = {each for each, number in sums(other).items() if number != truth[each]}
        assert moved == altered(events, shield)
        assert moved <= gone.sums


@settings(max_examples=100)
@given(gatherings())
def test_no_shown_sum_and_no_difference_of_two_is_a_small_number(events: dict[int, Gathering]) -> None:
    shields, gone = protected(events)
    # otherwise nothing credible was left: four people by four ways
    assume(all(holds(events, secret, shield, LIMIT) for secret, shield in shields.items()))
    truth = {each: number for each, number in sums(events).items() if each not in gone.sums}
    assert not any(0 < number < LIMIT for number in truth.values())
    made_of = {
        each: frozenset(
            event.id
            for event in events.values()
            if each.area in event.areas and each.theme in (event.theme, ALL_THEMES)
        )
        for each in truth
    }
    for one, other in combinations(truth, 2):
        if one.column == other.column and (made_of[one] < made_of[other] or made_of[other] < made_of[one]):
            assert not 0 < abs(truth[one] - truth[other]) < LIMIT, (one, other)


def test_two_events_are_shown_together_only() -> None:
    """3 people in the yard, 40 beside it: district and city count both, the yard would tell the three."""
    events = {
        1: Gathering(1, 2024, "a", frozenset({CITY, SOUTH, YARD}), {HEADS: 3}),
        2: Gathering(2, 2024, "a", frozenset({CITY, SOUTH}), {HEADS: 40}),
        3: Gathering(3, 2024, "a", frozenset({CITY, NORTH}), {HEADS: 9}),
    }
    _, gone = protected(events)
    assert gone.heads == {(1, HEADS), (2, HEADS)}
    assert {each.area for each in gone.sums} == {YARD}
    assert {each.column for each in gone.sums} == {HEADS}


def test_channels_of_an_event_do_not_tell_each_other() -> None:
    """18 by hand and 3 by Telegram of 21: both are hidden, and what only one of two events is in."""
    talk = {"face_to_face": 18, "telegram": 3, HEADS: 21}
    large = {"face_to_face": 50, "telegram": 60, HEADS: 110}
    events = {
        1: Gathering(1, 2024, "a", frozenset({CITY, SOUTH}), talk, True),
        2: Gathering(2, 2024, "a", frozenset({CITY, NORTH}), large, True),
    }
    shields, gone = protected(events)
    assert len(shields[1, "telegram"]) == 4
    assert {column for _, column in gone.heads} == {"face_to_face", "telegram"}
    assert not any(each.area == CITY or each.column in (HEADS, KNOWN) for each in gone.sums)


def test_what_comes_alone_waits_for_what_comes_next() -> None:
    """Two people beside events that were shown: no sum of theirs is until another event has come; then both."""
    old = {number: Gathering(number, 2024, "a", frozenset({CITY, NORTH}), {HEADS: 30}) for number in (1, 2)}
    late = {3: Gathering(3, 2024, "a", frozenset({CITY, SOUTH}), {HEADS: 2})}
    lone = Choice({**old, **late}, {}, LIMIT, {3}).all()
    assert {each.area for each in hidden({**old, **late}, lone, LIMIT).sums} == {CITY, SOUTH}
    next_one = {4: Gathering(4, 2024, "a", frozenset({CITY, SOUTH, YARD}), {HEADS: 50})}
    every = {**old, **late, **next_one}
    assert Choice(every, lone, LIMIT).all() == lone
    both = Choice(every, lone, LIMIT, {4}).all()
    assert {cell.event for cell in both[3, HEADS]} == {3, 4}
    gone = hidden(every, both, LIMIT)
    assert gone.heads == {(3, HEADS), (4, HEADS)}
    assert {each.area for each in gone.sums} == {YARD}
    assert Choice(every, both, LIMIT, {4}).all() == both


def kept(connection: Connection) -> list[tuple[object, ...]]:
    rows = connection.execute(text("SELECT entry_id, part, cells::text FROM okruga.head_shield ORDER BY 1, 2"))
    return [tuple(row) for row in rows]


def meeting(world: World, x: float, y: float, participants: int) -> int:
    return world.entry(
        "event", x, y, begins_on=date(2024, 5, 1), event_kind="residents_meeting", participants=participants
    )


def test_a_shield_stays_when_a_cheaper_one_comes(connection: Connection) -> None:
    """A new shield in place of one that holds would show, beside yesterday's page, what both of them hide."""
    world = World(connection)
    few, many = meeting(world, 0.2, 0.9, 3), meeting(world, 0.9, 0.9, 50)
    settle_on(connection)
    first = kept(connection)
    assert [row[:2] for row in first] == [(few, HEADS)]
    assert str(many) in str(first)
    near = meeting(world, 0.2, 0.9, 8)
    settle_on(connection)
    assert kept(connection) == first
    rebuild(connection)
    assert kept(connection) == first
    connection.execute(text("DELETE FROM okruga.place WHERE entry_id = :id"), {"id": many})
    connection.execute(text("DELETE FROM okruga.event WHERE entry_id = :id"), {"id": many})
    connection.execute(text("DELETE FROM okruga.entry WHERE id = :id"), {"id": many})
    settle_on(connection)
    assert str(near) in str(kept(connection))
    assert connection.scalar(text("SELECT participants FROM published.event WHERE id = :id"), {"id": near}) is None


def test_an_event_that_is_no_longer_small_shows_both(connection: Connection) -> None:
    world = World(connection)
    few, many = meeting(world, 0.2, 0.9, 3), meeting(world, 0.3, 0.9, 50)
    settle_on(connection)
    shown = text("SELECT participants FROM published.event WHERE id = ANY (:ids) ORDER BY id")
    assert connection.scalars(shown, {"ids": [few, many]}).all() == [None, None]
    connection.execute(text("UPDATE okruga.event SET participants = 30 WHERE entry_id = :id"), {"id": few})
    settle_on(connection)
    assert connection.scalars(shown, {"ids": [few, many]}).all() == [30, 50]
    assert kept(connection) == []
