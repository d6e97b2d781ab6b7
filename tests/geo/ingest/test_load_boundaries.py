"""Areas in: matched, versioned, written once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import shapely

from geo.errors import BadInput, NotFound
from tests.geo.ingest.making import Desk, box, changes, codes, geojson

A, B, C = box(0, 1), box(1, 2), box(2, 3)
DISTRICTS = [
    ({"code": "a", "name": "Первый"}, A),
    ({"code": "b", "name": "Второй"}, B),
    ({"code": "c", "name": "Третий"}, C),
]
VERSIONS = (
    "SELECT t.code, b.valid::text FROM okruga.boundary b JOIN okruga.territory t ON t.id = b.territory_id ORDER BY 1, 2"
)


def test_a_dry_run_says_everything_and_writes_nothing(desk: Desk) -> None:
    tried = desk.areas(DISTRICTS, commit=False)
    assert changes(tried) == (3, 0, 0, 0)
    assert tried.run is None
    assert not tried.report.committed
    assert [desk.count(f"okruga.{name}") for name in ("territory", "boundary", "source", "import_run")] == [0, 0, 0, 0]
    done = desk.areas(DISTRICTS)
    assert done.report.changes == tried.report.changes
    assert done.report.to_json()["findings"] == tried.report.to_json()["findings"]


def test_the_same_file_again_is_all_the_same(desk: Desk) -> None:
    first = desk.areas(DISTRICTS)
    again = desk.areas(DISTRICTS)
    assert changes(first) == (3, 0, 0, 0)
    assert changes(again) == (0, 0, 3, 0)
    assert again.run is None
    assert desk.count("okruga.import_run") == 1


def test_every_row_says_where_it_comes_from(desk: Desk) -> None:
    run = desk.areas(DISTRICTS, licence="CC0", act="Решение № 1").run
    for table in ("territory", "boundary"):
        rows = desk.all(f"SELECT source_id, import_run_id, source_row FROM okruga.{table} ORDER BY source_row")
        assert [(row.import_run_id, row.source_row) for row in rows] == [(run, 1), (run, 2), (run, 3)]
    assert desk.all("SELECT title, licence FROM okruga.source") == [("test", "CC0")]
    assert desk.one("SELECT DISTINCT legal_act FROM okruga.boundary") == "Решение № 1"
    assert desk.one("SELECT report ->> 'committed' FROM okruga.import_run") == "true"


def test_rings_turned_round_or_rounded_are_the_same_shape(desk: Desk) -> None:
    desk.areas(DISTRICTS)
    turned = [(row, shape.reverse()) for row, shape in DISTRICTS]
    assert changes(desk.areas(turned)) == (0, 0, 3, 0)
    moved = box(0.000001, 1)
    assert changes(desk.areas([(DISTRICTS[0][0], moved), *DISTRICTS[1:]])) == (0, 0, 3, 0)


def test_a_new_shape_from_a_day_is_a_new_version(desk: Desk) -> None:
    desk.areas([({**row, "valid_from": "2020-01-01"}, s) for row, s in DISTRICTS])
    moved = [
        ({**DISTRICTS[0][0], "valid_from": "2024-07-01"}, box(0, 1.5)),
        ({**DISTRICTS[1][0], "valid_from": "2024-07-01"}, box(1.5, 2)),
        (DISTRICTS[2][0], C),
    ]
    loaded = desk.areas(moved)
    assert changes(loaded) == (0, 2, 1, 0)
    assert desk.all(VERSIONS) == [
        ("a", "[2020-01-01,2024-07-01)"),
        ("a", "[2024-07-01,)"),
        ("b", "[2020-01-01,2024-07-01)"),
        ("b", "[2024-07-01,)"),
        ("c", "[2020-01-01,)"),
    ]
    assert desk.all("SELECT kind, happened_on::text, share FROM okruga.territory_succession") == [
        ("transfer", "2024-07-01", 0.5)
    ]
    assert "transfer" in codes(loaded)


def test_a_changed_shape_without_a_day_is_refused_with_its_feature(desk: Desk) -> None:
    desk.areas(DISTRICTS)
    loaded = desk.areas([(DISTRICTS[0][0], box(0, 0.9)), *DISTRICTS[1:]])
    finding = next(f for f in loaded.report.findings if f.code == "date_needed")
    assert (finding.feature, finding.severity.value) == (1, "block")
    assert (loaded.report.rejected, loaded.report.exit_status) == (1, 1)
    assert len(loaded.rejected) == 1


def test_a_wrong_shape_is_corrected_only_when_asked(desk: Desk) -> None:
    dated = [({**row, "valid_from": "2020-01-01"}, s) for row, s in DISTRICTS]
    desk.areas(dated)
    wrong = [(dated[0][0], box(0, 0.9)), *dated[1:]]
    assert "same_day_other_shape" in codes(desk.areas(wrong))
    loaded = desk.areas(wrong, correct=True)
    assert changes(loaded) == (0, 1, 2, 0)
    assert desk.count("okruga.boundary") == 3
    assert desk.one(
        "SELECT ST_XMax(geom) FROM okruga.boundary b JOIN okruga.territory t ON t.id = territory_id WHERE code = 'a'"
    ) == pytest.approx(37.009)


def test_a_territory_twice_in_a_file_is_refused_once(desk: Desk) -> None:
    loaded = desk.areas([*DISTRICTS, (DISTRICTS[0][0], box(0, 0.5))])
    finding = next(f for f in loaded.report.findings if f.code == "duplicate_territory")
    assert finding.feature == 4
    assert changes(loaded) == (3, 0, 0, 0)


def test_versions_of_a_territory_may_come_in_one_file(desk: Desk) -> None:
    row = DISTRICTS[0][0]
    desk.areas([({**row, "valid_from": "2024-01-01"}, B), ({**row, "valid_from": "2020-01-01"}, A)])
    assert desk.all(VERSIONS) == [("a", "[2020-01-01,2024-01-01)"), ("a", "[2024-01-01,)")]


def test_parents_are_found_by_code_name_and_in_the_file(desk: Desk) -> None:
    desk.areas([({"code": "town", "name": "Город"}, box(0, 3))], "municipality")
    desk.areas(
        [({"code": "x", "name": "Икс", "parent": "town"}, A), ({"code": "y", "name": "Игрек", "parent": "Город"}, B)]
    )
    desk.areas(
        [({"code": "t2", "name": "Двор", "parent": "t1", "tos_status": "active"}, box(0, 0.1)),
         ({"code": "t1", "name": "Улица", "parent": "Икс", "tos_status": "active"}, box(0, 0.5))],
        "tos_territory",
    )  # fmt: skip
    parents = desk.all(
        "SELECT t.code, p.code FROM okruga.territory t LEFT JOIN okruga.territory p ON p.id = t.parent_id ORDER BY t.id"
    )
    assert sorted(parents, key=str) == [("t1", "x"), ("t2", "t1"), ("town", None), ("x", "town"), ("y", "town")]


def test_an_unstated_parent_follows_from_the_shape(desk: Desk) -> None:
    desk.areas([({"code": "town", "name": "Город"}, box(0, 3))], "municipality")
    loaded = desk.areas(DISTRICTS)
    assert loaded.report.findings.count("parent_found") == 3
    assert desk.one("SELECT count(*) FROM okruga.territory WHERE parent_id IS NOT NULL") == 3


def test_an_ambiguous_parent_is_shown_with_its_candidates(desk: Desk) -> None:
    desk.areas([({"code": "n1", "name": "Северный"}, A), ({"code": "n2", "name": "Северный"}, C)], "municipality")
    loaded = desk.areas([({"code": "z", "name": "Зет", "parent": "северный"}, B)])
    finding = next(f for f in loaded.report.findings if f.code == "ambiguous_parent")
    assert "n1" in str(finding.message)
    assert "n2" in str(finding.message)
    assert loaded.report.rejected == 1


def test_codes_are_minted_and_survive_a_change_of_name(desk: Desk) -> None:
    desk.areas([({"code": "town", "name": "Город"}, box(0, 3))], "municipality")
    nameless = [({"nr": "1", "name": "Заречный округ"}, A), ({"nr": "2", "name": "Центр"}, B)]
    desk.areas(nameless, key="nr", parent="town")
    minted = ["town-tsentr", "town-zarechnyy-okrug"]
    assert desk.all("SELECT code FROM okruga.territory WHERE kind = 'civic_district' ORDER BY code") == [
        (c,) for c in minted
    ]
    renamed = [({"nr": "1", "name": "Округ Заречье"}, A), nameless[1]]
    assert changes(desk.areas(renamed, key="nr", parent="town")) == (0, 1, 1, 0)
    assert desk.one("SELECT name FROM okruga.territory WHERE code = 'town-zarechnyy-okrug'") == "Округ Заречье"


def test_without_code_and_key_the_name_within_the_parent_matches(desk: Desk) -> None:
    desk.areas([({"code": "town", "name": "Город"}, box(0, 3))], "municipality")
    desk.areas([({"name": "Заречный округ"}, A)], parent="town")
    again = desk.areas([({"name": "Заречный гражданский округ"}, A)], parent="town", source="another")
    assert changes(again) == (0, 1, 0, 0)
    assert desk.one("SELECT count(*) FROM okruga.territory WHERE kind = 'civic_district'") == 1


def test_the_same_name_in_another_place_is_another_territory(desk: Desk) -> None:
    desk.areas([({"name": "Центр"}, A)], "microdistrict")
    loaded = desk.areas([({"name": "Центр"}, box(50, 51))], "microdistrict", source="another city")
    assert changes(loaded) == (1, 0, 0, 0)
    assert [row.code for row in desk.all("SELECT code FROM okruga.territory ORDER BY code")] == ["tsentr", "tsentr-2"]


def test_what_is_gone_is_told_and_ended_only_on_request(desk: Desk) -> None:
    desk.areas([({**row, "valid_from": "2020-01-01"}, s) for row, s in DISTRICTS])
    merged = [({**DISTRICTS[0][0], "valid_from": "2025-01-01"}, box(0, 2)), ({**DISTRICTS[2][0]}, C)]
    told = desk.areas(merged, commit=False)
    assert changes(told) == (0, 1, 1, 1)
    assert "--delete-gone" in str(next(f for f in told.report.findings if f.code == "gone").remedy)
    desk.areas(merged, delete_gone=True)
    assert ("b", "[2020-01-01,2025-01-01)") in desk.all(VERSIONS)
    assert desk.all("SELECT kind, share FROM okruga.territory_succession") == [("merge", 1.0)]


def test_a_split_and_a_new_name_are_recognised(desk: Desk) -> None:
    desk.areas(
        [
            ({"code": "a", "name": "Первый", "valid_from": "2020-01-01"}, A),
            ({"code": "b", "name": "Второй", "valid_from": "2020-01-01"}, B),
        ]
    )
    later = {"valid_from": "2025-01-01"}
    loaded = desk.areas(
        [({"code": "a1", "name": "Первый северный", **later}, box(0, 0.4)),
         ({"code": "a2", "name": "Первый южный", **later}, box(0.4, 1)),
         ({"code": "n", "name": "Новый", **later}, B)],
        delete_gone=True,
    )  # fmt: skip
    found = desk.all(
        "SELECT f.code, t.code, s.kind, round(s.share::numeric, 3)::text FROM okruga.territory_succession s"
        " JOIN okruga.territory f ON f.id = from_id JOIN okruga.territory t ON t.id = to_id ORDER BY 1, 2"
    )
    assert found == [("a", "a1", "split", "0.400"), ("a", "a2", "split", "0.600"), ("b", "n", "rename", "1.000")]
    assert changes(loaded) == (3, 0, 0, 2)


def test_entries_are_placed_again_when_borders_move(desk: Desk) -> None:
    desk.areas([({**row, "valid_from": "2020-01-01"}, s) for row, s in DISTRICTS])
    desk.rows("needs", [{"id": "n1", "title": "Яма", "lat": 55.005, "lon": 37.012}])
    desk.areas(
        [
            ({**DISTRICTS[0][0], "valid_from": "2024-01-01"}, box(0, 1.5)),
            ({**DISTRICTS[1][0], "valid_from": "2024-01-01"}, box(1.5, 2)),
            DISTRICTS[2],
        ]
    )
    placed = desk.all(
        "SELECT t.code, b.valid::text FROM okruga.place p JOIN okruga.boundary b ON b.id = ANY (p.placed)"
        " JOIN okruga.territory t ON t.id = b.territory_id ORDER BY 2"
    )
    assert placed == [("b", "[2020-01-01,2024-01-01)"), ("a", "[2024-01-01,)")]


def test_cells_are_shared_again_when_borders_move(desk: Desk) -> None:
    cells = geojson(desk.path("geojson"), [({"code": "k", "year": 2024, "residents": 100}, box(0.5, 1.5))])
    desk.load(cells, "population")
    desk.areas([({**DISTRICTS[0][0], "valid_from": "2020-01-01"}, A)])
    assert desk.one("SELECT share FROM okruga.population_cell_share") == pytest.approx(0.5)
    desk.areas([({**DISTRICTS[0][0], "valid_from": "2024-01-01"}, box(0, 2))])
    shares = desk.all("SELECT share FROM okruga.population_cell_share ORDER BY share")
    assert [row.share for row in shares] == pytest.approx([0.5, 1.0])


def test_a_tos_without_status_counts_as_active_and_says_so(desk: Desk) -> None:
    loaded = desk.areas([({"name": "ТОС «Двор»"}, box(0, 0.2))], "tos_territory")
    assert "tos_status_assumed" in codes(loaded)
    assert desk.one("SELECT tos_status FROM okruga.territory") == "active"


def test_a_code_of_another_kind_is_not_taken_over(desk: Desk) -> None:
    desk.areas([({"code": "x", "name": "Город"}, box(0, 3))], "municipality")
    desk.areas([({"code": "x", "name": "Округ"}, A)], parent="x")
    assert desk.all("SELECT code, kind FROM okruga.territory ORDER BY id") == [
        ("x", "municipality"),
        ("x-x", "civic_district"),
    ]


def test_the_parent_option_must_name_one_territory(desk: Desk) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        desk.areas(DISTRICTS, parent="nowhere")
    desk.areas([({"code": "n1", "name": "Северный"}, A), ({"code": "n2", "name": "Северный"}, C)], "municipality")
    with pytest.raises(BadInput, match="n1"):
        desk.areas(DISTRICTS, parent="Северный")


def test_three_dimensions_and_the_antimeridian(desk: Desk) -> None:
    high = shapely.force_3d(A, 100.0)
    across = shapely.Polygon([(179, 65), (181, 65), (181, 66), (179, 66)])
    desk.areas(
        [({"code": "flat", "name": "Плоский"}, high), ({"code": "chukotka", "name": "Край"}, across)], "municipality"
    )
    rows = desk.all("SELECT ST_NDims(geom), ST_NumGeometries(geom), ST_XMin(geom) FROM okruga.boundary ORDER BY id")
    assert [tuple(row) for row in rows] == [(2, 1, 37.0), (2, 2, -180.0)]
    assert desk.one("SELECT area_m2 FROM okruga.boundary ORDER BY id LIMIT 1") == pytest.approx(711_600, rel=0.01)


MEND = {"tos_status": "active", "legal_act": "Решение № 5"}


def test_mends_happen_before_the_report_and_say_what_they_did(desk: Desk) -> None:
    """One TOS lies four metres over the city line and shares a sliver with the other: one load, and neither is left."""
    desk.areas([({"code": "city", "name": "Город"}, box(0, 10, 0, 10))], "municipality")
    west, east = box(0.001, 1.0003, 0, 1), box(1, 10.006, 0, 1)
    rows = [({"code": "w", "name": "ТОС Запад", **MEND}, west), ({"code": "e", "name": "ТОС Восток", **MEND}, east)]
    tried = desk.areas(rows, "tos_territory", parent="city", commit=False)
    assert {"outside_parent", "sliver"} <= codes(tried)
    assert any(finding.mends for finding in tried.report.findings)
    done = desk.areas(rows, "tos_territory", parent="city", mends=("cut_to_parent", "drop_sliver"))
    assert not {"outside_parent", "sliver"} & codes(done)
    assert done.report.findings.count("mended") == 2
    assert done.report.rejected == 0
    stored = "SELECT count(*) FROM okruga.boundary b, okruga.boundary c WHERE b.kind = 'tos_territory'"
    assert desk.one(f"{stored} AND c.kind = 'municipality' AND ST_Area(ST_Difference(b.geom, c.geom)) > 1e-12") == 0
    assert desk.one("SELECT options -> 'mends' FROM okruga.import_run WHERE kind = 'tos_territory'") == [
        "cut_to_parent", "drop_sliver",
    ]  # fmt: skip


def test_a_new_tos_over_a_stored_one_is_told(desk: Desk) -> None:
    desk.areas([({"code": "old", "name": "ТОС Старый", **MEND}, A)], "tos_territory", source="first")
    over = [({"code": "new", "name": "ТОС Новый", **MEND}, box(0.5, 2))]
    assert "overlap_stored" in codes(desk.areas(over, "tos_territory", source="second", commit=False))
    ended = [({"code": "old", "name": "ТОС Старый", "valid_to": "2023-12-31", **MEND}, A)]
    desk.areas(ended, "tos_territory", source="first")
    later = desk.areas(over, "tos_territory", source="second", commit=False, valid_from=date(2024, 1, 1))
    assert "overlap_stored" not in codes(later)


def test_a_part_of_the_set_ends_what_it_divides(desk: Desk) -> None:
    """A district split on a day comes as a file of its halves; the whole set need not be sent again."""
    desk.areas([({"name": "Город"}, box(0, 3))], "municipality", source="town")
    desk.areas([({"name": "Старый"}, box(0, 2)), ({"name": "Сосед"}, box(2, 3))], source="whole set")
    halves = [({"name": "Западный"}, box(0, 1)), ({"name": "Восточный"}, box(1, 2))]
    asked: dict[str, Any] = {"partial": True, "valid_from": date(2025, 7, 1), "source": "split"}
    told = desk.areas(halves, commit=False, **asked).report.findings
    gone = next(finding for finding in told if finding.code == "gone")
    assert "Старый" in str(gone.message)
    assert "Сосед" not in str(gone.message)
    assert "parent_not_covered" not in told.by_code()
    desk.areas(halves, delete_gone=True, **asked)
    ends = desk.all(
        "SELECT t.name, upper(b.valid) AS ended FROM okruga.boundary b JOIN okruga.territory t ON t.id = territory_id"
        " WHERE b.kind = 'civic_district' ORDER BY 1"
    )
    assert [tuple(row) for row in ends] == [
        ("Восточный", None), ("Западный", None), ("Сосед", None), ("Старый", date(2025, 7, 1)),
    ]  # fmt: skip
