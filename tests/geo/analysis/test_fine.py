"""Do hexagon cells hold the same things as the districts, and nothing about people that should stay hidden?"""

from __future__ import annotations

from datetime import date

import h3
import numpy as np
import pytest
from sqlalchemy import Connection

from geo.analysis.hexagons import corner_steps
from geo.analysis.questions import ask, columns, make_query
from geo.analysis.surface import MADE_OF
from geo.analysis.tally import settle_on
from geo.errors import BadInput, Message
from geo.store.engine import Database
from geo.vocabulary import Theme
from tests.geo.world import World

THINGS = ("needs_open", "projects_done_per_km2", "events_per_km2")


@pytest.mark.parametrize("measure", THINGS)
def test_cells_of_all_sizes_hold_the_same_things(town: Database, measure: str) -> None:
    with town.reading() as connection:
        counts = []
        for cell in (7, 8, 9):
            told = columns(connection, make_query(connection, measure, kind="hex_cell", period=2024, cell=cell))
            assert told is not None and len(told.areas)
            assert all(h3.get_resolution(code) == cell for code in told.areas.code)
            counts.append(told.told.values.numerator.sum())
    assert counts[0] == counts[1] == counts[2] > 0


def test_density_is_count_over_the_cells_own_area(town: Database) -> None:
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, "projects_done_per_km2", kind="hex_cell", period=2024))
    for row in answer.rows:
        assert row.value.value == pytest.approx(row.value.numerator / h3.cell_area(row.territory, unit="km^2"))


@pytest.mark.parametrize("asked", [{"theme": Theme.LANDSCAPING.value}, {"channel": "vk"}, {"cell": 7}, {"cell": 9}])
def test_people_are_not_told_apart_in_cells(town: Database, asked: dict[str, object]) -> None:
    with town.reading() as connection:
        query = make_query(connection, "participants_per_km2", kind="hex_cell", period=2024, **asked)  # type: ignore[arg-type]
        with pytest.raises(BadInput):
            ask(connection, query)
        plain = ask(connection, make_query(connection, "participants_per_km2", kind="hex_cell", period=2024))
    assert all(row.value.numerator is None or row.value.numerator >= 5 for row in plain.rows)


@pytest.mark.parametrize("measure", ["within_distance_share", "participants_per_1000_16", "gap_index"])
def test_figures_over_residents_are_refused_in_cells(town: Database, measure: str) -> None:
    with town.reading() as connection, pytest.raises(BadInput, match="hexagon"):
        ask(connection, make_query(connection, measure, kind="hex_cell", period=2024))


def test_a_surface_of_few_events_is_refused_in_words(town: Database) -> None:
    with town.reading() as connection:
        query = make_query(connection, "participants_surface", period=2024, distance_m=1000)
        answer = ask(connection, query)
        with pytest.raises(BadInput):
            ask(connection, make_query(connection, "participants_surface", kind="civic_district", period=2024))
    assert answer.kind == "hex_cell"
    assert not answer.rows
    assert any("at least 10" in str(note) for note in answer.notes)


def test_neighbours_share_their_corners_exactly() -> None:
    cells = list(h3.grid_disk("8810110211fffff", 1))
    steps = np.array(corner_steps(cells)).reshape(-1, 2).cumsum(axis=0)
    # seven cells of a flower: 24 different corners
    assert len(steps) == 6 * len(cells)
    assert len({tuple(corner) for corner in steps.tolist()}) == 24


def test_a_surface_keeps_all_participants_inside_the_city(connection: Connection) -> None:
    world = World(connection)
    world.add_cell(0.0, 0.0, 100)
    for step in range(12):
        world.entry(
            "event", 0.2 + 0.2 * step, 0.5, begins_on=date(2024, 5, 1), event_kind="residents_meeting", participants=10
        )
    # too few to be named: the event leaves no trace, nor does the one whose number would tell its
    world.entry("event", 1.5, 0.9, begins_on=date(2024, 5, 2), event_kind="residents_meeting", participants=3)
    settle_on(connection)
    answer = ask(connection, make_query(connection, "participants_surface", period=2024, distance_m=500))
    assert sum(row.value.numerator or 0 for row in answer.rows) == pytest.approx(110)
    assert any(str(note) == str(Message(MADE_OF, {"placed": 11, "all": 13})) for note in answer.notes)
    events = ask(connection, make_query(connection, "events_surface", period=2024, distance_m=500))
    assert sum(row.value.numerator or 0 for row in events.rows) == pytest.approx(13)


@pytest.mark.parametrize("code", ["access_2sfca", "access_e2sfca", "access_3sfca", "access_m2sfca"])
def test_every_form_of_access_is_a_measure(town: Database, code: str) -> None:
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, code, kind="civic_district", period=2024))
        usual = ask(connection, make_query(connection, "access_score", kind="civic_district", period=2024))
    given = {each.measure: sum(row.value.numerator or 0 for row in each.rows) for each in (answer, usual)}
    # what is shared out is what the projects in reach supply, less only where the form says so
    if code == "access_m2sfca":
        assert 0 < given[code] < given["access_score"]
    else:
        assert given[code] == pytest.approx(given["access_score"], abs=1e-3)
    assert any("1 km of the edge" in str(note) for note in answer.notes)
