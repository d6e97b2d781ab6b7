"""Territories gathered across municipalities: loaded, told apart, filtered by, taken back."""

from __future__ import annotations

import pytest

from geo.errors import NotFound
from geo.store.history import undo
from geo.store.territories import TerritoryFilters, codes_in_group, groups, list_territories
from tests.geo.ingest.making import Desk, box, changes, codes

CITIES = [({"code": "serp", "name": "Серпухов"}, box(0, 1)), ({"code": "chekh", "name": "Чехов"}, box(1, 2))]
PARTS = [({"code": "serp-1", "name": "Первый округ", "parent": "serp"}, box(0, 0.5))]
SOUTH = "Южное Подмосковье"
ROWS = [
    {"группа": SOUTH, "муниципалитет": "serp"},
    {"группа": SOUTH, "муниципалитет": "г. Чехов", "действует с": "2020-01-01", "действует по": "2021-12-31"},
    {"группа": SOUTH, "муниципалитет": "Тула"},
]


def test_groups_are_loaded_filtered_by_and_taken_back(desk: Desk) -> None:
    desk.areas(CITIES, "municipality")
    desk.areas(PARTS, "civic_district")
    loaded = desk.rows("groups", ROWS)
    assert changes(loaded) == (2, 0, 0, 0)
    assert (loaded.report.rejected, codes(loaded)) == (1, {"unknown_territory"})
    assert changes(desk.rows("groups", ROWS)) == (0, 0, 2, 0)

    with desk.database.reading() as connection:
        stored = groups(connection)
        assert [(row["name"], row["territories"]) for row in stored] == [(SOUTH, ["serp"])]
        code = stored[0]["code"]
        assert codes_in_group(connection, code) == {"serp", "serp-1"}
        listed = list_territories(connection, TerritoryFilters(kind="civic_district", group=code))
        assert [item["code"] for item in listed.items] == ["serp-1"]
        with pytest.raises(NotFound):
            codes_in_group(connection, "nowhere")

    moved = [ROWS[0], {**ROWS[1], "действует по": ""}]
    again = desk.rows("groups", moved)
    assert changes(again) == (0, 1, 1, 0)
    with desk.database.reading() as connection:
        assert codes_in_group(connection, code) == {"serp", "serp-1", "chekh"}
    for run in (again.run, loaded.run):
        with desk.database.writing("test") as connection:
            undo(connection, run or 0, "test")
    assert desk.count("okruga.territory_group") == desk.count("okruga.territory_group_member") == 0


def test_members_that_are_gone_are_told_and_removed_only_when_asked(desk: Desk) -> None:
    desk.areas(CITIES, "municipality")
    both = [{"group": "South", "territory": "serp"}, {"group": "South", "territory": "chekh"}]
    desk.rows("groups", both)
    kept = desk.rows("groups", both[:1])
    assert (codes(kept), desk.count("okruga.territory_group_member")) == ({"gone"}, 2)
    desk.rows("groups", both[:1], delete_gone=True)
    assert desk.count("okruga.territory_group_member") == 1
    twice = desk.rows("groups", [both[0], both[0]])
    assert (twice.report.rejected, codes(twice)) == (1, {"duplicate_member"})
