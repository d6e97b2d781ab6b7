"""Do residents of a territory and of a smaller one inside it tell a few people who live between the two?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, text

from geo.analysis.questions import ask, make_query
from geo.analysis.result import Row
from geo.analysis.tally import settle_on
from geo.vocabulary import MissingReason
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
