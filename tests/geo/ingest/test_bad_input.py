"""Every bad file and row ends in one clear sentence with what to do next, and nothing is half-written."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from sqlalchemy import text

from geo.errors import BadFile, BadInput, OkrugaError, Unavailable
from geo.ingest import entries, lists, pipeline
from geo.ingest.request import Request
from geo.store.embedded import OWNER, Cluster
from geo.store.engine import Database
from geo.store.place import to_mercator
from tests.geo.ingest.making import Desk, box, changes, codes, geojson, point, table

ROW = {"id": "1", "title": "Яма", "status": "open", **point(0.5)}


def refused(desk: Desk, path: Path, register: str = "needs", **asked: Any) -> OkrugaError:
    """The one sentence a file is refused with; nothing of it is stored."""
    with pytest.raises(OkrugaError) as caught:
        desk.load(path, register, **asked)
    assert str(caught.value.message)
    assert "Traceback" not in str(caught.value)
    assert desk.count("okruga.import_run") == 0
    return caught.value


def test_files_that_cannot_be_read(desk: Desk) -> None:
    nothing, garbage, broken = (desk.path(ending) for ending in ("csv", "zip", "geojson"))
    nothing.write_bytes(b"")
    garbage.write_bytes(b"PK\x03\x04 this is no archive")
    broken.write_text('{"type": "FeatureCollection", "features": [')
    for path in (desk.folder / "missing.csv", nothing, garbage, broken):
        error = refused(desk, path)
        assert isinstance(error, BadFile | BadInput)
        assert path.name in str(error)
        assert str(error.remedy)


def test_wrong_columns_name_those_the_file_has(desk: Desk) -> None:
    error = refused(desk, table(desk.path("csv"), [{"что": "Яма", "где": "тут"}]))
    assert "title" in str(error)
    assert "что, где" in str(error)
    error = refused(desk, table(desk.path("csv"), [ROW]), fields={"title": "нет такой"})
    assert "нет такой" in str(error)
    error = refused(desk, table(desk.path("csv"), [ROW]), constants={"colour": "red"})
    assert "colour" in str(error)
    error = refused(desk, table(desk.path("csv"), [ROW]), key="нет такой")
    assert "нет такой" in str(error)


def test_registers_and_kinds_must_be_known(desk: Desk) -> None:
    assert "register" in str(refused(desk, table(desk.path("csv"), [ROW]), "wishes"))
    with pytest.raises(BadInput, match="kind"):
        desk.load(geojson(desk.path("geojson"), [({"name": "A"}, box(0, 1))]), "boundaries")


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        ({"lat": 955.0}, "outside_world", ""),
        ({"reported_on": "31.02.2024"}, "", "reported_on"),
        ({"reported_on": "2024-05-02", "answered_on": "2024-05-01"}, "dates_reversed", "reported_on"),
        ({"status": "непонятно"}, "", "status"),
        ({"affected_people": "-5"}, "", "affected_people"),
        ({"title": ""}, "missing", "title"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_load(desk: Desk, bad: dict[str, Any], code: str, field: str) -> None:
    loaded = desk.rows("needs", [ROW, {**ROW, "id": "2", **bad}])
    assert (loaded.report.accepted, loaded.report.rejected, loaded.report.exit_status) == (1, 1, 1)
    assert loaded.rejected.numbers.tolist() == [3]
    assert loaded.rejected.reasons[0]
    blocking = [f for f in loaded.report.findings if f.severity.value == "block"]
    assert [f.row for f in blocking] == [3]
    assert not code or blocking[0].code == code
    assert not field or blocking[0].field == field
    assert str(blocking[0].message)


def test_a_coordinate_that_is_no_number_is_no_place(desk: Desk) -> None:
    loaded = desk.rows("needs", [{**ROW, "lat": "NaN"}])
    assert loaded.report.placed["no_place"] == 1
    assert desk.count("okruga.place") == 0


def test_an_unknown_theme_is_kept_visibly(desk: Desk) -> None:
    loaded = desk.rows("needs", [{**ROW, "theme": "Летающие тарелки"}])
    assert "theme_unknown" in codes(loaded)
    assert desk.one("SELECT theme FROM okruga.entry") == "other"


def test_swapped_coordinates_wait_for_a_yes(desk: Desk) -> None:
    desk.areas([({"code": "town", "name": "Город"}, box(0, 2))], "municipality")
    swapped = [{**ROW, "id": str(i), "lat": 37.005 + i / 1000, "lon": 55.005} for i in range(5)]
    runs = desk.count("okruga.import_run")
    offered = desk.rows("needs", swapped, within="town")
    assert offered.report.offered["swap"] is True
    assert offered.report.findings.blocks_file
    assert (offered.run, offered.report.committed, offered.report.exit_status) == (None, False, 1)
    assert desk.count("okruga.import_run") == runs
    accepted = desk.rows("needs", swapped, within="town", accept=True)
    assert changes(accepted) == (5, 0, 0, 0)
    assert desk.one("SELECT count(*) FROM okruga.place WHERE ST_X(geom) < 38 AND ST_Y(geom) > 54") == 5


def test_a_wrong_coordinate_system_waits_for_a_yes(desk: Desk) -> None:
    desk.areas([({"code": "town", "name": "Город"}, box(0, 2))], "municipality")
    metres = shapely.transform(box(0, 1), to_mercator)
    offered = desk.areas([({"code": "a", "name": "Первый"}, metres)], parent="town")
    assert offered.report.offered["crs"] == "EPSG:3857"
    assert offered.run is None
    accepted = desk.areas([({"code": "a", "name": "Первый"}, metres)], parent="town", accept=True)
    assert changes(accepted) == (1, 0, 0, 0)


def test_an_invalid_ring_is_mended_and_said(desk: Desk) -> None:
    bow = shapely.Polygon([(37, 55), (37.01, 55.01), (37.01, 55), (37, 55.01)])
    loaded = desk.areas([({"code": "a", "name": "Бант"}, bow), ({"code": "b", "name": "Второй"}, box(3, 4))])
    assert loaded.report.repaired == 1
    assert desk.one("SELECT bool_and(ST_IsValid(geom)) FROM okruga.boundary") is True
    assert {f.feature for f in loaded.report.findings if f.severity.value != "info"} >= {1}


def test_a_feature_without_a_shape_is_refused_with_its_number(desk: Desk) -> None:
    loaded = desk.areas([({"code": "a", "name": "Первый"}, box(0, 1)), ({"code": "b", "name": "Второй"}, None)])
    assert (loaded.report.accepted, loaded.report.rejected) == (1, 1)
    assert loaded.rejected.numbers.tolist() == [2]


def test_a_list_with_nothing_in_it(desk: Desk) -> None:
    path = desk.path("csv")
    path.write_text("id,title\n")
    assert "no rows" in str(refused(desk, path))


def test_a_database_that_goes_away_leaves_the_old_state(city: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends our session in the middle of writing."""
    write = entries.register_tables

    def cut(*arguments: Any) -> Any:
        with city.database.writing("other") as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND pid <> pg_backend_pid()")
            )  # fmt: skip
        return write(*arguments)

    monkeypatch.setattr(lists, "register_tables", cut)
    with pytest.raises(Unavailable) as caught:
        city.rows("needs", [ROW])
    assert str(caught.value.remedy)
    monkeypatch.undo()
    assert city.count("okruga.entry") == 0
    assert changes(city.rows("needs", [ROW])) == (1, 0, 0, 0)


def test_a_full_disk_is_said_as_such(city: Desk, cluster: Cluster) -> None:
    """The server reports what it would report: SQLSTATE 53100 out of the middle of a statement."""
    name = str(city.one("SELECT current_database()"))
    with psycopg.connect(cluster.conninfo(name, OWNER), autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION okruga.full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        owner.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON okruga.place FOR EACH ROW EXECUTE FUNCTION okruga.full()"
        )
    runs = city.count("okruga.import_run")
    with pytest.raises(Unavailable, match="disk"):
        city.rows("needs", [ROW])
    assert city.count("okruga.entry") == 0
    assert city.count("okruga.import_run") == runs


def test_two_loads_at_once_do_not_mix(city: Desk) -> None:
    rows = [{**ROW, "id": str(i)} for i in range(50)]
    file = table(city.path("csv"), rows)
    request = Request(path=file, register="needs", source="test")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: pipeline.load(city.database, request, commit=True), range(4)))
    assert sorted(result.report.changes["new"] for result in results) == [0, 0, 0, 50]
    assert city.count("okruga.entry") == 50


def test_reports_are_json_with_the_promised_keys(desk: Desk) -> None:
    loaded = desk.rows("needs", [ROW, {**ROW, "id": "2", "reported_on": "вчера"}])
    said = json.loads(json.dumps(loaded.report.to_json()))
    assert {"file", "register", "committed", "read", "accepted", "repaired", "rejected", "changes", "offered", "placed",
            "findings", "seconds"} <= said.keys()  # fmt: skip
    assert said["changes"].keys() == {"new", "changed", "same", "gone"}
    assert {"inside", "near_border", "several", "outside", "no_polygon", "no_place"} <= said["placed"].keys()
    finding = next(f for f in said["findings"] if f["severity"] == "block")
    assert {"severity", "code", "row", "field", "value", "message", "remedy"} <= finding.keys()


def test_a_dry_run_could_not_write_if_it_wanted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(database, tmp_path)
    monkeypatch.setattr(lists, "tell_gone", lambda *_: None)
    real = pipeline.planned

    def sneaky(connection: Any, *arguments: Any) -> Any:
        connection.execute(text("INSERT INTO okruga.source (title) VALUES ('sneaked in')"))
        return real(connection, *arguments)

    monkeypatch.setattr(pipeline, "planned", sneaky)
    with pytest.raises(Exception, match="read-only transaction"):
        desk.rows("needs", [ROW], commit=False)
    assert desk.count("okruga.source") == 0
