"""Do residents of a territory and of a smaller one inside it tell a few people who live between the two?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, text

from geo.analysis.questions import ask, make_query
from geo.analysis.result import Row
from geo.analysis.tally import rebuild, settle_on
from geo.vocabulary import MissingReason
from tests.geo.analysis.test_walking import walked_town
from tests.geo.world import World, square


def block_in_district(connection: Connection, inside: float) -> World:
    """District a and a microdistrict that holds all of one of its cells and a part of the other; all near a project."""
    world = World(connection)
    world.add_territory("m", "microdistrict", square(0.01, 0.49, 0.01, 0.99))
    for left, people in ((0.2, 400), (0.6, 60)):
        world.add_cell(left, 0.6, people)
    connection.execute(text("DELETE FROM okruga.population_cell_share WHERE boundary_id = :id AND cell_id ="
                            " (SELECT max(id) FROM okruga.population_cell)"), {"id": world.boundary["m"]})  # fmt: skip
    connection.execute(text(
        "INSERT INTO okruga.population_cell_share SELECT min(id), :id, 1 FROM okruga.population_cell"
        " ON CONFLICT DO NOTHING"), {"id": world.boundary["m"]})  # fmt: skip
    if inside:
        connection.execute(text(
            "INSERT INTO okruga.population_cell_share SELECT max(id), :id, :share FROM okruga.population_cell"
        ), {"id": world.boundary["m"], "share": inside})  # fmt: skip
    world.entry("project", 0.4, 0.7, theme="other", status="completed", begins_on=date(2023, 1, 1),
                ends_on=date(2024, 1, 1))  # fmt: skip
    settle_on(connection)
    return world


def figure(connection: Connection, kind: str, code: str, **more: object) -> Row:
    asked = {"kind": kind, "period": 2024, "distance_m": 2000, **more}
    answer = ask(connection, make_query(connection, "within_distance_share", **asked))  # type: ignore[arg-type]
    return next(row for row in answer.rows if row.territory == code)


@pytest.mark.parametrize(("inside", "hidden"), [(0.95, True), (0, False)])
def test_the_smaller_one_is_hidden_when_few_live_between(
    connection: Connection, inside: float, hidden: bool
) -> None:  # fmt: skip
    block_in_district(connection, inside)
    assert figure(connection, "civic_district", "a").value.numerator == 460
    inner = figure(connection, "microdistrict", "m").value
    assert (inner.missing_reason is MissingReason.SUPPRESSED) == hidden
    assert inner.numerator == (None if hidden else 400)


def test_which_versions_lie_in_which(connection: Connection) -> None:
    world = block_in_district(connection, 0)
    pairs = connection.execute(text("SELECT inner_id, outer_id FROM okruga.nesting")).all()
    assert [tuple(pair) for pair in pairs] == [(world.boundary["m"], world.boundary["a"])]


def share_of_last(connection: Connection, share: float) -> None:
    """Only so much of the cell added last lies in district a, and all is counted anew."""
    connection.execute(text(
        "UPDATE okruga.population_cell_share SET share = :share WHERE cell_id ="
        " (SELECT max(id) FROM okruga.population_cell)"), {"share": share})  # fmt: skip
    rebuild(connection)


@pytest.mark.parametrize(("share", "hidden"), [(0.05, True), (0.5, False)])
def test_a_walk_and_a_straight_line_do_not_differ_by_few(connection: Connection, share: float, hidden: bool) -> None:
    world = walked_town(connection, {0.1: 100, 0.6: 60})
    share_of_last(connection, share)
    # too far either way: otherwise those out of reach would be few
    world.add_cell(0.1, 0.7, 90)
    rebuild(connection)
    straight = figure(connection, "civic_district", "a", distance_m=500).value
    walked = figure(connection, "civic_district", "a", distance_m=500, on_foot=True).value
    assert straight.numerator == 100 + 60 * share
    assert walked.numerator == (None if hidden else 100)
    assert (walked.missing_reason is MissingReason.SUPPRESSED) == hidden


@pytest.mark.parametrize(("share", "hidden"), [(0.05, True), (0.5, False)])
def test_two_years_do_not_differ_by_few(connection: Connection, share: float, hidden: bool) -> None:
    """The same people in both years; the second has a project near the last cell."""
    world = World(connection)
    for left, low, people in ((0.0, 0.6, 400), (0.3, 0.0, 90), (0.75, 0.0, 60)):
        world.add_cell(left, low, people, year=2022)
    for x, y, year in ((0.1, 0.7, 2022), (0.85, 0.12, 2024)):
        world.entry("project", x, y, theme="other", status="completed", ends_on=date(year, 5, 1))
    share_of_last(connection, share)
    before, after = (figure(connection, "civic_district", "a", distance_m=200, period=year).value
                     for year in (2023, 2024))  # fmt: skip
    assert before.numerator == 400
    assert after.numerator == (None if hidden else 400 + 60 * share)


@pytest.mark.parametrize(("share", "hidden"), [(0.05, True), (0.5, False)])
def test_a_new_tos_does_not_tell_few(connection: Connection, share: float, hidden: bool) -> None:
    world = World(connection)
    for left, people in ((0.5, 400), (0.75, 60), (0.0, 90)):
        world.add_cell(left, 0.0 if left == 0.5 else 0.6, people, year=2022)
    world.add_territory("late", "tos_territory", square(0.75, 0.75 + share / 4, 0.6, 0.85), date(2024, 3, 1),
                        tos_status="active")  # fmt: skip
    for year in (2023, 2024):
        world.entry("project", 0.1, 0.7, status="completed", ends_on=date(year, 5, 1))
    rebuild(connection)
    shares = {
        year: ask(connection, make_query(connection, "tos_population_share", kind="civic_district", period=year))
        for year in (2023, 2024)
    }
    before, after = (next(row.value for row in shares[year].rows if row.territory == "a") for year in (2023, 2024))
    assert before.numerator == 400
    assert after.numerator == (None if hidden else 400 + 60 * share)
