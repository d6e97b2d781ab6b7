"""Rows with an address and no coordinates: placed by the geocoder in the same load, told with a reason where not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from geo.errors import Conflict
from geo.geocode import queue, review
from geo.geocode.current import shared
from geo.ingest import addresses
from geo.ingest.addresses import with_town
from geo.ingest.gazetteer import load_gazetteer
from geo.store.history import undo
from tests.geo.ingest.making import Desk, changes, codes, table

# the city of the fixtures: two districts in a municipality around the settlement Тихий; Дальнее lies outside of it
ADDRESSES: list[dict[str, Any]] = [
    {"id": f"h{number}", "city": "Тихий", "street": "улица Есенина", "housenumber": str(number),
     "lat": 55.005, "lon": 37.0021 + number * 0.0001}
    for number in range(1, 40, 2)
]  # fmt: skip
ADDRESSES += [
    {"id": "p6", "city": "Тихий", "street": "Биржевой проезд", "housenumber": "6", "lat": 55.004, "lon": 37.015},
    {"id": "q6", "city": "Тихий", "street": "Биржевой переулок", "housenumber": "6", "lat": 55.006, "lon": 37.004},
    {"id": "d2", "city": "Дальнее", "street": "улица Дубовая", "housenumber": "2", "lat": 55.3, "lon": 37.5},
]
SETTLEMENTS = [
    {"id": "1", "name": "Тихий", "region": "Тестовая область", "lat": 55.005, "lon": 37.01, "population": 5000},
    {"id": "2", "name": "Дальнее", "region": "Тестовая область", "lat": 55.3, "lon": 37.5, "population": 500},
]
STREETS = [{"id": "s1", "city": "Тихий", "name": "улица Есенина", "lat": 55.005, "lon": 37.004}]
ROWS: list[dict[str, Any]] = [
    {"id": "house", "title": "Яма", "address": "г. Тихий, ул. Есенина, д. 11"},
    {"id": "street", "title": "Свет", "address": "Тихий, ул. Есенина"},
    {"id": "two", "title": "Снег", "address": "Тихий, Биржевой 6"},
    {"id": "unknown", "title": "Мост", "address": "с. Неведомое, ул. Садовая, 2"},
    {"id": "far", "title": "Вода", "address": "Дальнее, ул. Дубовая, д. 2"},
    {"id": "exact", "title": "Лавка", "lat": 55.004, "lon": 37.015, "address": "Тихий, Есенина 1"},
]


def gazetteer(desk: Desk, source: str = "lists", settlements: list[dict[str, Any]] = SETTLEMENTS) -> None:
    folder = Path(desk.folder) / source
    folder.mkdir(exist_ok=True)
    for name, rows in (("addresses", ADDRESSES), ("settlements", settlements), ("streets", STREETS)):
        table(folder / f"{name}.csv", rows)
    load_gazetteer(desk.database, folder, source=source, actor="test", commit=True)


@pytest.fixture
def known(city: Desk) -> Desk:
    gazetteer(city)
    return city


def places(desk: Desk) -> dict[str, tuple[str, str, str | None]]:
    """Key -> (level, shape, status of the task) of every need."""
    rows = desk.all(
        "SELECT e.key, p.match_level, coalesce(GeometryType(p.geom), '') AS shape, q.status FROM okruga.entry e"
        " JOIN okruga.place p ON p.entry_id = e.id LEFT JOIN okruga.geocode_task q ON q.place_id = p.id"
        " WHERE e.register = 'need'"
    )
    return {row.key: (row.match_level, row.shape, row.status) for row in rows}


EXPECTED = {
    "house": ("house", "POINT", "accepted"),
    "street": ("street", "POLYGON", "accepted"),
    "two": ("none", "", "ambiguous"),
    "unknown": ("none", "", "unmatched"),
    "far": ("none", "", "review"),
    "exact": ("point", "POINT", None),
}
WHERE_PROJECTS_ARE = (
    "SELECT e.key, p.match_level, p.certainty, p.geom IS NULL AS nowhere FROM okruga.place p"
    " JOIN okruga.entry e ON e.id = p.entry_id ORDER BY e.key"
)
COUNTS = {"accepted": 2, "ambiguous": 1, "review": 1, "unmatched": 1, "manual": 0}


def test_addresses_are_placed_in_the_load_or_wait_with_their_reason(known: Desk) -> None:
    trial = known.rows("needs", ROWS, commit=False)
    assert known.count("okruga.geocode_task") == 0
    loaded = known.rows("needs", ROWS)
    assert places(known) == EXPECTED
    assert loaded.report.addresses == trial.report.addresses
    assert loaded.report.addresses["status"] == COUNTS
    assert loaded.report.addresses["match_level"] == {"house": 1, "street": 1}
    assert loaded.report.addresses["coarse_share"] == 0.5
    assert loaded.report.placed == trial.report.placed
    assert loaded.report.placed["no_place"] == 3
    assert codes(loaded) >= {"addresses", "address_ambiguous", "address_unmatched", "address_review"}
    reasons = {f.code: (f.row, f.message.msgid) for f in loaded.report.findings if f.code.startswith("address_")}
    assert reasons["address_review"] == (6, "The place found lies outside the municipality expected.")
    task = known.all(
        "SELECT q.match_level, q.confidence, q.gazetteer_version, t.code, p.certainty FROM okruga.geocode_task q"
        " JOIN okruga.place p ON p.id = q.place_id JOIN okruga.entry e ON e.id = p.entry_id"
        " JOIN okruga.territory t ON t.id = q.scope_territory_id WHERE e.key = 'house'"
    )[0]
    assert (task.match_level, task.code, task.certainty) == ("house", "town", "inside")
    assert task.confidence > 0.9
    assert task.gazetteer_version == shared(known.database).get().version


def test_the_same_file_again_asks_nothing_and_keeps_what_people_decided(
    known: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = known.rows("needs", ROWS)
    waiting = known.one(
        "SELECT q.id FROM okruga.geocode_task q JOIN okruga.place p ON p.id = q.place_id"
        " JOIN okruga.entry e ON e.id = p.entry_id WHERE e.key = 'unknown'"
    )
    with known.database.writing("anna") as connection:
        review.pin(connection, waiting, 55.0051, 37.0051, "anna")
    with monkeypatch.context() as blocked:
        blocked.setattr(addresses, "outcomes", lambda *_: pytest.fail("an unchanged address was asked about again"))
        again = known.rows("needs", ROWS)
    assert changes(again) == (0, 0, len(ROWS), 0)
    assert again.report.addresses["asked"] == first.report.addresses["asked"]
    assert again.report.addresses["status"] == COUNTS | {"unmatched": 0, "manual": 1}
    assert again.report.placed["no_place"] == 2
    # another title: the row is written anew, the decision about its words stays
    changed = [row | {"title": "Мостик"} if row["id"] == "unknown" else row for row in ROWS]
    known.rows("needs", changed)
    assert places(known) == EXPECTED | {"unknown": ("point", "POINT", "manual")}


def test_an_event_counts_where_it_says_and_a_statement_yields_only_to_something_finer(known: Desk) -> None:
    known.rows("projects", [
        {"id": "a", "title": "Двор", "territory": "b", "address": "г. Тихий"},
        {"id": "b", "title": "Сквер", "territory": "b", "address": "ул. Есенина, 11"},
    ])  # fmt: skip
    rows = known.all(WHERE_PROJECTS_ARE)
    expected = [("a", "district", "stated", True), ("b", "house", "inside", False)]
    assert [tuple(row) for row in rows] == expected
    # another list: asked again, the statement still yields only to something finer
    gazetteer(known, "other", [*SETTLEMENTS, SETTLEMENTS[1] | {"id": "3", "name": "Новое"}])
    queue.ask_again(known.database, shared(known.database), commit=True)
    assert [tuple(row) for row in known.all(WHERE_PROJECTS_ARE)] == expected


def test_a_place_found_later_by_a_new_gazetteer_is_offered_by_asking_again(city: Desk) -> None:
    city.rows("needs", ROWS)
    before = places(city)
    assert before["house"][2] != "accepted"
    gazetteer(city)
    shown = queue.ask_again(city.database, shared(city.database), commit=False)
    assert places(city) == before
    queue.ask_again(city.database, shared(city.database), commit=True)
    assert places(city) == EXPECTED
    assert {(c.text, c.status_after) for c in shown} >= {(ROWS[0]["address"], "accepted")}


def test_a_load_is_taken_back_although_its_addresses_were_decided_and_the_decision_stays(known: Desk) -> None:
    loaded = known.rows("needs", ROWS)
    waiting = known.one("SELECT id FROM okruga.geocode_task WHERE text LIKE 'с. Неведомое%'")
    with known.database.writing("anna") as connection:
        review.pin(connection, waiting, 55.0051, 37.0051, "anna")
        undo(connection, int(loaded.run or 0), "test")
    assert known.count("okruga.geocode_task") == 0
    assert known.count("okruga.place") == 0
    known.rows("needs", ROWS)
    assert places(known) == EXPECTED | {"unknown": ("point", "POINT", "manual")}


def test_a_place_with_coordinates_that_somebody_changed_is_still_a_change(known: Desk) -> None:
    loaded = known.rows("needs", ROWS)
    with known.database.writing("anna") as connection:
        connection.execute(
            text("UPDATE okruga.place SET match_level = 'house' WHERE match_level = 'point' AND address <> ''")
        )
    with known.database.writing("test") as connection, pytest.raises(Conflict):
        undo(connection, int(loaded.run or 0), "test")


@pytest.mark.parametrize(
    ("address", "town", "asked"),
    [
        ("ул. Мира, 5", "Кирей", "Кирей, ул. Мира, 5"),
        ("село КИРЕЙ, Мира 5", "Кирей", "село КИРЕЙ, Мира 5"),
        ("ул. Мира, 5", "", "ул. Мира, 5"),
    ],
)
def test_the_settlement_is_said_once(address: str, town: str, asked: str) -> None:
    assert with_town(address, town) == asked
