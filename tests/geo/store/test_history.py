"""A run is taken back as a whole, or not at all: the tables look as before, or a sentence says what is in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.analysis import tally
from geo.demo.load import demo_runs, remove_demo
from geo.errors import Conflict, NotFound
from geo.store.embedded import Cluster
from geo.store.engine import Database
from geo.store.history import undo
from tests.geo.ingest.making import Desk, box, copied, opened, point

TABLES = (
    "okruga.territory", "okruga.boundary", "okruga.territory_succession", "okruga.population", "okruga.population_cell",
    "okruga.population_cell_share", "okruga.entry", "okruga.place", "okruga.placement", "okruga.entry_territory",
    "personal.contact", "okruga.project", "okruga.project_funding", "okruga.project_need", "okruga.need",
    "okruga.event", "okruga.event_channel", "okruga.organisation", "okruga.observation",
)  # fmt: skip
COUNTS = ("okruga.tally", "okruga.reach")


def picture(database: Database, tables: tuple[str, ...] = TABLES) -> dict[str, list[str]]:
    """Every row of every table."""
    with database.writing("test") as connection:
        return {name: sorted(connection.scalars(text(f"SELECT t::text FROM {name} t"))) for name in tables}


def take_back(database: Database, run: int | None) -> None:
    assert run is not None
    with database.writing("test") as connection:
        undo(connection, run, "test")


@pytest.fixture(scope="session")
def loaded_template(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two districts, two needs, a project and a figure."""
    with copied(cluster, template, "history_template") as name:
        made = Desk(opened(cluster, name), tmp_path_factory.mktemp("history"))
        since = {"valid_from": "2020-01-01"}
        made.areas(
            [
                ({"code": "a", "name": "Первый", **since}, box(0, 1)),
                ({"code": "b", "name": "Второй", **since}, box(1, 2)),
            ]
        )
        needs = [
            {"id": "n1", "title": "Яма", "contact_name": "Имя", **point(0.5)},
            {"id": "n2", "title": "Лужа", **point(1.2)},
        ]
        made.rows("needs", needs)
        made.rows(
            "projects", [{"id": "p1", "title": "Ремонт", "funding_regional": 100, "answers_needs": "n1", **point(0.5)}]
        )
        made.rows("population", [{"territory": "a", "year": 2023, "residents": 100}])
        made.database.close()
        yield name


@pytest.fixture
def desk(cluster: Cluster, loaded_template: str, tmp_path: Path) -> Iterator[Desk]:
    with copied(cluster, loaded_template, "history") as name:
        database = opened(cluster, name)
        yield Desk(database, tmp_path)
        database.close()


def test_a_load_of_new_rows_leaves_nothing_behind(desk: Desk) -> None:
    before = picture(desk.database)
    run = desk.rows("needs", [{"id": "x1", "title": "Ещё", "contact_phone": "1", **point(1.0)}], source="other").run
    assert picture(desk.database) != before
    take_back(desk.database, run)
    assert picture(desk.database) == before
    assert desk.one("SELECT state FROM okruga.import_run ORDER BY id DESC LIMIT 1") == "undone"


def test_changed_and_deleted_rows_come_back_letter_by_letter(desk: Desk) -> None:
    before = picture(desk.database)
    run = desk.rows(
        "needs", [{"id": "n2", "title": "Большая лужа", "affected_people": 7, **point(0.2)}], delete_gone=True
    ).run
    assert desk.count("okruga.project_need") == 0
    take_back(desk.database, run)
    assert picture(desk.database) == before


def test_a_changed_project_gets_its_money_and_links_back(desk: Desk) -> None:
    before = picture(desk.database)
    run = desk.rows("projects", [{"id": "p1", "title": "Ремонт двора", "funding_municipal": 5, **point(1.5)}]).run
    take_back(desk.database, run)
    assert picture(desk.database) == before


def test_a_new_version_goes_and_the_old_one_is_open_again(desk: Desk) -> None:
    before = picture(desk.database)
    later = {"valid_from": "2024-01-01"}
    run = desk.areas(
        [
            ({"code": "a", "name": "Первый", **later}, box(0, 1.5)),
            ({"code": "b", "name": "Второй", **later}, box(1.5, 2)),
        ]
    ).run
    assert desk.count("okruga.boundary") == 4
    take_back(desk.database, run)
    assert picture(desk.database) == before


def test_a_correction_is_taken_back_with_its_places_and_cells(desk: Desk) -> None:
    before = picture(desk.database)
    wrong = [({"code": "a", "name": "Первый", "valid_from": "2020-01-01"}, box(0, 0.3))]
    run = desk.areas(wrong, correct=True).run
    assert picture(desk.database)["okruga.place"] != before["okruga.place"]
    take_back(desk.database, run)
    assert picture(desk.database) == before


def test_figures_come_back(desk: Desk) -> None:
    before = picture(desk.database)
    run = desk.rows(
        "population",
        [{"territory": "a", "year": 2023, "residents": 5}, {"territory": "b", "year": 2023, "residents": 6}],
    ).run
    take_back(desk.database, run)
    assert picture(desk.database) == before


def test_counts_follow(desk: Desk) -> None:
    tally.settle(desk.database)
    before = picture(desk.database, COUNTS)
    run = desk.rows(
        "needs",
        [
            {"id": "n1", "title": "Яма", "status": "rejected", **point(1.5)},
            {"id": "n9", "title": "Новая", **point(0.1)},
        ],
    ).run
    tally.settle(desk.database)
    assert picture(desk.database, COUNTS) != before
    take_back(desk.database, run)
    tally.settle(desk.database)
    assert picture(desk.database, COUNTS) == before


def test_later_loads_stand_in_the_way_until_they_are_taken_back(desk: Desk) -> None:
    before = picture(desk.database)
    first = desk.rows("needs", [{"id": "n1", "title": "Раз", **point(0.5)}]).run
    second = desk.rows("needs", [{"id": "n1", "title": "Два", **point(0.5)}]).run
    with pytest.raises(Conflict, match=f"import {second} changed"):
        take_back(desk.database, first)
    take_back(desk.database, second)
    take_back(desk.database, first)
    assert picture(desk.database) == before


def test_what_later_loads_refer_to_stays(desk: Desk) -> None:
    run = desk.areas([({"code": "c", "name": "Третий"}, box(2, 3))]).run
    later = desk.rows("population", [{"territory": "c", "year": 2023, "residents": 1}]).run
    with pytest.raises(Conflict, match=f"import {later} refer"):
        take_back(desk.database, run)
    assert desk.one("SELECT count(*) FROM okruga.territory WHERE code = 'c'") == 1


def test_an_edit_by_a_person_is_never_lost(desk: Desk) -> None:
    run = desk.rows("needs", [{"id": "x", "title": "Ещё", **point(0.5)}], source="other").run
    with desk.database.writing("editor") as connection:
        connection.execute(
            text(
                "UPDATE okruga.need n SET priority = 'critical' FROM okruga.entry e WHERE e.id = entry_id AND key = 'x'"
            )
        )
    with pytest.raises(Conflict, match="editor"):
        take_back(desk.database, run)
    with desk.database.writing("editor") as connection:
        connection.execute(
            text("UPDATE okruga.need n SET priority = 'medium' FROM okruga.entry e WHERE e.id = entry_id AND key = 'x'")
        )
    take_back(desk.database, run)


def test_derived_changes_are_no_obstacle(desk: Desk) -> None:
    run = desk.rows("needs", [{"id": "x", "title": "Ещё", **point(2.5)}], source="other").run
    desk.areas([({"code": "c", "name": "Третий", "valid_from": "2020-01-01"}, box(2, 3))])
    take_back(desk.database, run)
    assert desk.one("SELECT count(*) FROM okruga.entry WHERE key = 'x'") == 0


def test_restored_places_count_in_borders_that_came_since(desk: Desk) -> None:
    run = desk.rows("needs", [{"id": "n1", "title": "Яма", **point(1.5)}]).run
    desk.areas([({"code": "m", "name": "Микрорайон"}, box(0.4, 0.6))], "microdistrict")
    take_back(desk.database, run)
    placed = desk.all(
        "SELECT t.code FROM okruga.entry e JOIN okruga.place p ON p.entry_id = e.id"
        " JOIN okruga.boundary b ON b.id = ANY (p.placed) JOIN okruga.territory t ON t.id = b.territory_id"
        " WHERE e.key = 'n1' ORDER BY 1"
    )
    assert [row.code for row in placed] == ["a", "m"]


def test_a_run_is_taken_back_once(desk: Desk) -> None:
    run = desk.rows("needs", [{"id": "x", "title": "Ещё", **point(0.5)}], source="other").run
    take_back(desk.database, run)
    with pytest.raises(Conflict, match="already"):
        take_back(desk.database, run)
    with pytest.raises(NotFound):
        take_back(desk.database, 999_999)


def test_after_taking_back_the_file_loads_again(desk: Desk) -> None:
    rows = [{"id": "x", "title": "Ещё", **point(0.5)}]
    take_back(desk.database, desk.rows("needs", rows, source="other").run)
    assert desk.rows("needs", rows, source="other").report.changes["new"] == 1


def test_the_history_itself_grows_and_cannot_be_rewritten(desk: Desk) -> None:
    run = desk.rows("needs", [{"id": "n1", "title": "Раз", **point(0.5)}]).run
    before = desk.count("history.row_version")
    take_back(desk.database, run)
    assert desk.count("history.row_version") > before
    with pytest.raises(DBAPIError, match="permission denied"), desk.database.writing("test") as connection:
        connection.execute(text("DELETE FROM history.row_version"))


def test_the_demo_leaves_nothing_behind(own_town: Database) -> None:
    assert demo_runs(own_town)
    remove_demo(own_town)
    assert {name: rows for name, rows in picture(own_town, TABLES + COUNTS).items() if rows} == {}
    assert demo_runs(own_town) == {}


ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["n1", "n2", "n3", "n4"]),
        "title": st.sampled_from(["Яма", "Лужа", "Темно"]),
        "status": st.sampled_from(["open", "answered", "rejected"]),
        "x": st.sampled_from([0.5, 1.0, 1.5, 5.0, None]),
    }
)


@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.lists(ROW, max_size=4, unique_by=lambda row: row["id"]), st.booleans()), min_size=1, max_size=4
    )
)
def test_any_loads_taken_back_newest_first_leave_the_old_state(
    desk: Desk, loads: list[tuple[list[dict[str, Any]], bool]]
) -> None:
    before = picture(desk.database)
    runs = []
    for rows, delete_gone in loads:
        listed = [{"id": row["id"], "title": row["title"], "status": row["status"]} for row in rows]
        listed = [row | (point(source["x"]) if source["x"] else {}) for row, source in zip(listed, rows, strict=True)]
        if listed:
            runs.append(desk.rows("needs", listed, delete_gone=delete_gone).run)
    for run in reversed([run for run in runs if run is not None]):
        take_back(desk.database, run)
    assert picture(desk.database) == before
