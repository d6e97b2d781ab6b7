"""Does every way out give the same numbers? The figures of the model town, worked out by hand, through the service."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geo.analysis.measures import measure_of
from geo.demo import town
from maps.text import value as said

FIGURES: dict[str, Any] = tomllib.loads((town.FOLDER / "figures.toml").read_text())
Case = tuple[str, str, str, int, dict[str, Any]]


def cases() -> Iterator[Case]:
    """measure, year, theme, distance, rows of the figures that are asked for by question."""
    for measure in ("tos_population_share", "tos_area_share", "needs_answered_share", "participants_per_1000_16"):
        for day, rows in FIGURES[measure].items():
            yield measure, day[:4], "", 0, rows
    for day, themes in FIGURES["within_distance_share"].items():
        for theme, distances in themes.items():
            for distance, rows in distances.items():
                yield "within_distance_share", day[:4], "" if theme == "any" else theme, int(distance), rows


def address(case: Case) -> str:
    measure, year, theme, distance, _ = case
    asked = f"?measure={measure}&period={year}&theme={theme}" + (f"&distance={distance}" if distance else "")
    return f"/api/{measure_of(measure).question}{asked}"


def known(case: Case) -> dict[str, dict[str, Any]]:
    """The figures of the districts; the whole town has no row of this kind."""
    return {code: row for code, row in case[4].items() if code != "primersk"}


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: "-".join(map(str, case[:4])))
def test_figures(client: TestClient, case: Case) -> None:
    told = client.get(address(case)).json()
    rows = {row["territory"]: row for row in told["rows"]}
    # areas and residents of cut cells are measured on the globe, not on the town's grid of metres
    for code, figure in known(case).items():
        row = rows[code]
        if figure["value"] == "null":
            assert (row["value"], row["missing_reason"]) == (None, figure["missing_reason"]), code
        else:
            assert row["value"] == pytest.approx(figure["value"], abs=1e-4), code
    if "primersk" in case[4]:
        assert told["whole"]["value"] == pytest.approx(case[4]["primersk"]["value"], abs=1e-4)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: "-".join(map(str, case[:4])))
def test_every_way_out_says_the_same(client: TestClient, case: Case) -> None:
    """JSON rows, what the map recolours with, the table twin, the file, the catalogue's rows."""
    measure, question = case[0], measure_of(case[0]).question
    query = address(case).partition("?")[2]
    rows = {row["territory"]: row for row in client.get(address(case)).json()["rows"]}
    coloured = client.get(f"/api/values/{measure}?{query}").json()
    assert dict(zip(coloured["codes"], coloured["values"], strict=True)) == {c: r["value"] for c, r in rows.items()}
    listed = client.get(f"/api/indicators/{measure}?{query}").json()["rows"]
    assert {row["territory"]: row["value"] for row in listed} == {c: r["value"] for c, r in rows.items()}
    file = csv.DictReader(io.StringIO(client.get(f"/api/{question}?{query}&format=csv").text.removeprefix("\ufeff")))
    assert {row["territory"]: row["value"] for row in file} == {
        code: "" if row["value"] is None else str(row["value"]) for code, row in rows.items()
    }
    page = client.get(f"/map/{question}/table?{query}").text
    for row in rows.values():
        if row["value"] is not None:
            assert said(row["value"], row["unit"], "ru") in page.replace("&nbsp;", "\xa0"), row["territory"]


def test_the_passport_says_what_the_table_says(client: TestClient) -> None:
    page = client.get("/districts/d1?period=2024").text
    assert said(0.375, "share", "ru") in page
    assert said(100.0, "per_1000", "ru") in page
    assert said(2 / 3, "share", "ru") in page
    assert re.search(r"4[\s\xa0]?000", page)  # residents at the end of 2024


def test_rows_of_some_territories_are_rows_of_all(client: TestClient) -> None:
    """Asking for one territory must not show what the whole table hides."""
    for measure in ("tos_population_share", "participants_per_1000_16"):
        whole = client.get(f"/api/indicators/{measure}?period=2024").json()["rows"]
        for row in whole:
            alone = client.get(f"/api/indicators/{measure}?period=2024&territory={row['territory']}").json()["rows"]
            assert alone == [row]
    assert client.get("/api/coverage?territory=nowhere").status_code == 404


def test_a_measure_of_another_question_is_refused(client: TestClient) -> None:
    answer = client.get("/api/coverage?measure=needs_open&lang=en")
    assert answer.status_code == 422
    assert "/api/gaps" in answer.json()["detail"]


def test_a_table_cell_is_no_formula(client: TestClient) -> None:
    from api.csv_table import table

    rows: list[dict[str, object]] = [
        {"name": "=1+1", "value": -1.5},
        {"name": "+7", "value": None},
        {"name": "@a", "value": 0},
        {"name": "\ta", "value": 1},
    ]
    lines = table(("name", "value"), rows).decode().removeprefix("\ufeff").splitlines()
    assert lines == ["name,value", "'=1+1,-1.5", "'+7,", "'@a,0", "'\ta,1"]
