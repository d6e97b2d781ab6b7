"""Commands do what their names say: results on standard output, talk beside it, the promised exit status."""

from __future__ import annotations

import csv
import io
import json
import socket
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from geo.settings import settings
from geo.store.engine import Database
from tests.api.cli.conftest import Okruga
from tests.geo.ingest.making import box, geojson, point, table

NEEDS = [{"id": "x1", "title": "Яма", "status": "open", "lat": 51.678, "lon": 47.623}]


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_a_trial_a_commit_and_the_same_again(in_empty: Okruga, tmp_path: Path) -> None:
    file = table(tmp_path / "needs.csv", NEEDS)
    tried = in_empty("load", "needs", file)
    assert (tried.status, "this was a trial" in tried.out) == (0, True)
    assert in_empty("imports", "list", "--format", "json").out.strip() == "[]"
    done = in_empty("load", "needs", file, "--commit")
    assert (done.status, "Written as import 1" in done.out) == (0, True)
    again = in_empty("load", "needs", file, "--commit")
    assert (again.status, "everything is stored already" in again.out) == (0, True)
    assert [run["id"] for run in json.loads(in_empty("imports", "list", "--format", "json").out)] == [1]


def test_rejected_rows_give_status_1_and_a_file_to_mend(in_empty: Okruga, tmp_path: Path) -> None:
    file = table(tmp_path / "needs.csv", [*NEEDS, {**NEEDS[0], "id": "x2", "status": "???"}])
    report, rejected = tmp_path / "report.json", tmp_path / "rejected.csv"
    ran = in_empty("load", "needs", file, "--report", report, "--rejected", rejected, "--format", "json")
    assert ran.status == 1
    assert json.loads(ran.out) == json.loads(report.read_text())
    assert [row["id"] for row in lines(rejected.read_text(encoding="utf-8"))] == ["x2"]
    assert lines(rejected.read_text(encoding="utf-8"))[0]["okruga_reason"]


def test_a_load_of_unusable_rows_does_not_say_they_are_stored(in_empty: Okruga, tmp_path: Path) -> None:
    ran = in_empty("load", "needs", table(tmp_path / "needs.csv", [{**NEEDS[0], "status": "???"}]), "--commit")
    assert (ran.status, "no row can be used" in ran.out) == (1, True)
    assert "stored already" not in ran.out


def test_every_offered_column_says_how_to_use_it(in_empty: Okruga, tmp_path: Path) -> None:
    rows = [{**NEEDS[0], "Пиоритет": "high", "Каннал": "сайт"}]
    ran = in_empty("load", "needs", table(tmp_path / "needs.csv", rows))
    assert "--map priority=Пиоритет" in ran.out
    assert "--map channel=Каннал" in ran.out


def test_options_reach_the_pipeline(in_empty: Okruga, tmp_path: Path) -> None:
    areas = geojson(tmp_path / "areas.geojson", [({"nr": "1", "Имя": "Первый"}, box(0, 1))])
    ran = in_empty(
        "load", "boundaries", areas, "--kind", "civic_district", "--name-field", "Имя", "--key", "nr", "--valid-from",
        "01.07.2024", "--act", "Решение № 1", "--source", "Совет", "--licence", "CC0", "--commit",
    )  # fmt: skip
    assert ran.status == 0
    rows = lines(in_empty("export", "territories").out)
    assert [
        (row["code"], row["name"], row["valid_from"], row["legal_act"], row["source"], row["licence"]) for row in rows
    ] == [("pervyy", "Первый", "2024-07-01", "Решение № 1", "Совет", "CC0")]
    needs = table(tmp_path / "needs.csv", [{"дело": "7", "суть": "Яма", **point(0.5)}])
    ran = in_empty(
        "load", "needs", needs, "--map", "title=суть", "--set", "theme=roads_sidewalks", "--key", "дело", "--commit"
    )
    assert ran.status == 0
    assert [(row["id"], row["theme"]) for row in lines(in_empty("export", "needs").out)] == [("7", "roads_sidewalks")]
    ran = in_empty(
        "load",
        "population",
        table(tmp_path / "p.csv", [{"territory": "pervyy", "year": 2023, "residents": 5}]),
        "--commit",
    )
    assert ran.status == 0


def test_undo_and_its_refusal(in_town: Okruga) -> None:
    newest = json.loads(in_town("imports", "list", "--format", "json").out)[0]["id"]
    refused = in_town("imports", "undo", 1)
    assert (refused.status, "cannot be taken back" in refused.err) == (2, True)
    assert in_town("imports", "undo", newest).status == 0
    assert json.loads(in_town("imports", "show", newest).out)["state"] == "undone"
    assert in_town("imports", "show", 999).status == 2


def test_locate_names_every_territory(in_town: Okruga) -> None:
    found = json.loads(in_town("locate", "51.678", "47.623", "--format", "json").out)
    assert {one["kind"]: one["code"] for one in found}["civic_district"] == "d1"
    before = json.loads(in_town("locate", "51.678", "47.623", "--on", "2024-01-01", "--format", "json").out)
    assert {one["kind"]: one["code"] for one in before}["civic_district"] == "d2"
    assert in_town("locate", "--", "-33.9", "18.4").status == 0
    assert in_town("locate", "955", "37").status == 2


@pytest.mark.parametrize("question", ["coverage", "gaps", "participation"])
def test_questions_answer_as_text_json_and_csv(in_town: Okruga, question: str) -> None:
    said = json.loads(in_town("analyse", question, "--period", "2024", "--format", "json").out)
    assert (said["question"], said["period"], len(said["rows"])) == (question, "2024", 5)
    rows = lines(in_town("analyse", question, "--period", "2024", "--format", "csv").out)
    assert [row["territory"] for row in rows] == [row["territory"] for row in said["rows"]]
    assert (
        "Primersk" in in_town("analyse", question, "--period", "2024").out or in_town("analyse", question).status == 0
    )
    one = json.loads(in_town("analyse", question, "--period", "2024", "--territory", "d2", "--format", "json").out)
    assert [row["territory"] for row in one["rows"]] == ["d2"]
    assert one["rows"][0] == next(row for row in said["rows"] if row["territory"] == "d2")


def test_what_is_near(in_town: Okruga) -> None:
    found = json.loads(in_town("analyse", "near", "51.678", "47.623", "--radius", "500", "--format", "json").out)
    assert found["number_matched"] == len(found["items"]) > 0
    assert all(item["distance_m"] <= 500 for item in found["items"])
    assert in_town("analyse", "near", "51.678", "47.623", "--register", "wishes").status == 2
    walked = json.loads(in_town("analyse", "near", "51.678", "47.623", "--by", "foot", "--format", "json").out)
    assert walked["by"] == "foot"
    assert {item["walk_missing_reason"] for item in walked["items"]} == {"no_data"}
    said = in_town("analyse", "near", "51.678", "47.623", "--by", "foot")
    assert said.status == 0
    assert "okruga load osm" in said.out


@pytest.mark.parametrize("register", ["projects", "needs", "events", "organisations", "observations"])
def test_every_register_is_exported_in_every_format(in_town: Okruga, tmp_path: Path, register: str) -> None:
    rows = lines(in_town("export", register).out)
    assert rows
    assert all(row["source"] for row in rows)
    shapes, book = tmp_path / "x.geojson", tmp_path / "x.xlsx"
    assert in_town("export", register, "--format", "geojson", "--out", shapes).status == 0
    assert in_town("export", register, "--format", "xlsx", "--out", book).status == 0
    assert len(json.loads(shapes.read_text())["features"]) == len(rows)
    sheet = openpyxl.load_workbook(book, read_only=True).active
    assert sheet is not None
    assert len(list(sheet.iter_rows())) == len(rows) + 1


def test_exports_hide_what_is_not_public(in_town: Okruga) -> None:
    said = in_town("export", "needs").out
    assert "contact" not in said
    exact = json.loads(in_town("export", "needs", "--format", "geojson").out)
    assert exact["features"]


def test_formulas_are_harmless_unless_asked(in_empty: Okruga, tmp_path: Path) -> None:
    in_empty("load", "projects", table(tmp_path / "p.csv", [{"id": "1", "title": "=1+1"}]), "--commit")
    assert lines(in_empty("export", "projects").out)[0]["title"] == "'=1+1"
    assert lines(in_empty("export", "projects", "--raw").out)[0]["title"] == "=1+1"


@pytest.mark.parametrize("register", ["projects", "organisations", "observations"])
def test_an_export_loads_back_as_it_was(in_town: Okruga, tmp_path: Path, register: str) -> None:
    """Exported rows, loaded again as the same source, export to the same rows."""
    before = in_town("export", register, "--raw").out
    file = tmp_path / "round.csv"
    file.write_text(before, encoding="utf-8")
    source = lines(before)[0]["source"]
    ran = in_town("load", register, file, "--source", source, "--keep-demo", "--commit", "--format", "json")
    assert json.loads(ran.out)["changes"]["new"] == 0
    assert json.loads(ran.out)["changes"]["gone"] == 0
    assert in_town("export", register, "--raw").out == before


def test_territories_load_back_as_the_same(in_town: Okruga, tmp_path: Path) -> None:
    file = tmp_path / "areas.geojson"
    in_town("export", "territories", "--kind", "civic_district", "--format", "geojson", "--out", file)
    source = json.loads(file.read_text())["features"][0]["properties"]["source"]
    ran = in_town(
        "load", "boundaries", file, "--kind", "civic_district", "--source", source, "--keep-demo", "--format", "json"
    )
    assert json.loads(ran.out)["changes"] == {"new": 0, "changed": 0, "same": 5, "gone": 0}


def test_rebuilding_changes_no_figure(in_town: Okruga) -> None:
    ask = ("analyse", "coverage", "--period", "2024", "--format", "csv")
    before = in_town(*ask).out
    for what in ((), ("indicators",), ("placement",), ("tiles",)):
        assert in_town("rebuild", *what).status == 0
    assert in_town(*ask).out == before


def test_the_demo_goes_and_comes(in_town: Okruga) -> None:
    assert in_town("demo", "remove").status == 0
    assert "no demonstration data" in in_town("demo", "remove").out
    assert in_town("demo", "load", "atlantis").status == 2
    assert in_town("demo", "load", "town").status == 0


def test_real_data_beside_the_demo_are_announced(in_town: Okruga, tmp_path: Path) -> None:
    file = table(tmp_path / "needs.csv", NEEDS)
    ran = in_town("load", "needs", file, "--commit")
    assert "okruga demo remove" in ran.err
    assert "okruga demo remove" not in in_town("load", "needs", file, "--keep-demo").err


def test_links_for_people(in_empty: Okruga) -> None:
    ran = in_empty("users", "admin")
    assert ran.out.startswith("http://127.0.0.1:8000/sign-in?token=")
    assert in_empty("users", "add", "anna", "--role", "steward").status == 0
    assert in_empty("users", "add", "anna").status == 2
    assert in_empty("users", "link", "anna").status == 0
    assert in_empty("users", "close", "anna").status == 0
    assert json.loads(in_empty("users", "list", "--format", "json").out) == [
        {"login": "admin", "role": "admin", "closed": False, "password": False},
        {"login": "anna", "role": "steward", "closed": True, "password": False},
    ]


def test_a_port_in_use_is_one_sentence(okruga: Okruga) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = okruga("serve", "--port", port)
    assert ran.status == 2
    assert f"Port {port} on 127.0.0.1 cannot be used" in ran.err
    assert f"--port {port % 65535 + 1}" in ran.err


def test_nobody_reads_before_all_is_counted(
    in_town: Okruga, own_town: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade that has to decide anew which small numbers are hidden leaves that to the next count."""
    hidden = text("SELECT count(*) FROM okruga.withheld_head")
    with own_town.writing("an upgrade") as connection:
        before = connection.scalar(hidden)
        connection.execute(text("DELETE FROM okruga.withheld_head"))
        connection.execute(text("INSERT INTO okruga.change (subject, subject_id)"
                                " SELECT 'entry', min(id) FROM okruga.entry WHERE register = 'event'"))  # fmt: skip
    seen = []

    def serving(database: Database, listening: socket.socket) -> None:
        with database.computing() as connection:
            seen.append(connection.scalar(hidden))

    monkeypatch.setattr("api.cli.serve.run_server", serving)
    assert in_town("serve", "--port", 0).status == 0
    assert before and seen == [before]


def test_no_database_is_one_sentence(okruga: Okruga, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRUGA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    settings.cache_clear()
    ran = okruga("imports", "list")
    assert ran.status == 2
    assert ran.err
    assert "Traceback" not in ran.err
