"""What is said about coverage where residents are known by territories only?"""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from geo.analysis.questions import ask, columns, make_query
from geo.analysis.vintage import NO_CELLS
from tests.geo.world import World, insert, recount


@pytest.mark.parametrize(("measure", "told"), [("tos_population_share", True), ("tos_area_share", False)])
def test_totals_leave_coverage_unknown_and_say_what_to_load(connection: Connection, measure: str, told: bool) -> None:
    world = World(connection)
    connection.exec_driver_sql("DELETE FROM okruga.population_cell")
    for code in ("a", "t"):
        insert(
            connection, "population", territory_id=world.territory[code], year=2024, base="residents", people=500,
            source_id=world.source, import_run_id=world.run,
        )  # fmt: skip
    recount(connection)
    query = make_query(connection, measure, kind="civic_district", period=2024)
    drawn = columns(connection, query)
    assert drawn is not None
    assert [NO_CELLS in notes for notes in (ask(connection, query).notes, drawn.notes)] == [told, told]
