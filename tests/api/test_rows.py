"""Is a number the same on the page, in the API, as a file and by its rows, and does it say where it comes from?"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geo.analysis.made_of import MADE_OF
from geo.analysis.measures import ACCESS_FORMS, BY_CODE, MEASURES, OF_TERRITORIES
from maps.text import value

ROWS_OF = [
    measure.code for measure in OF_TERRITORIES if measure.register or measure.code in ("hot_spot", "local_moran")
]


def figure(client: TestClient, measure: str, code: str) -> dict[str, Any]:
    told = client.get(f"/api/indicators/{measure}?period=2024&territory={code}&lang=en").json()
    (row,) = told["rows"]
    return dict(row)


def test_every_measure_says_what_it_is_made_of() -> None:
    assert set(MADE_OF) >= {measure.code for measure in OF_TERRITORIES}


@pytest.mark.parametrize("code", ["d1", "d5"])
def test_the_passport_shows_every_measure_as_the_api_does(client: TestClient, code: str) -> None:
    page = client.get(f"/en/districts/{code}?period=2024").text
    for measure in MEASURES:
        if measure.code.startswith("channel_"):  # shown by channel
            continue
        row = page.split(f'id="{measure.code}"')[1].split("</tr>")[0]
        told = figure(client, measure.code, code)
        if told["value"] is None:
            assert "—" in row, measure.code
        elif not told["class"]:
            assert value(told["value"], measure.unit.value, "en") in row, measure.code
        assert f"/docs/method/{measure.chapter or measure.question}" in row
        if measure.register:
            assert f"measure={measure.code}&amp;territory={code}" in row
    assert client.get(f"/districts/{code}?period=2023").status_code == 200


def test_other_forms_of_a_figure_stand_under_it(client: TestClient) -> None:
    page = client.get("/en/districts/d1?period=2024").text
    after = page.split('id="access_score"')[1]
    forms = [code for code, each in BY_CODE.items() if each.form_of == "access_score"]
    assert re.findall(r'<tr id="(\w+)" class="form">', after) == forms == list(ACCESS_FORMS)
    assert after.split("</tr>")[1].count("The same by other methods") == page.count("The same by other methods") == 1
    # the model town: none of the four agrees with the Gaussian form or another
    assert len({figure(client, code, "d1")["value"] for code in ("access_score", *forms)}) == 5


@pytest.mark.parametrize("measure", ROWS_OF)
def test_the_rows_page_lists_what_the_figure_counts(client: TestClient, measure: str) -> None:
    query = "territory=d1&kind=civic_district&period=2024"
    told = client.get(f"/api/rows/{measure}?{query}").json()
    assert told["figure"]["value"] == figure(client, measure, "d1")["value"]
    table = client.get(f"/api/rows/{measure}?{query}&format=csv")
    lines = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert [line["title"] for line in lines] == [item["title"] for item in told["items"]]
    link = client.get("/en/districts/d1?period=2024").text.split(f'id="{measure}"')
    if len(link) > 1:
        (address,) = re.findall(r'href="(/en/data/[^"]+)"', link[1].split("</tr>")[0])
        page = client.get(address.replace("&amp;", "&"))
        assert page.status_code == 200
        assert page.text.count("<tr>") - page.text.count("<thead>") - page.text.count("<tfoot>") == len(told["items"])


def test_rows_ask_for_one_known_territory(client: TestClient) -> None:
    assert client.get("/api/rows/needs_open").status_code == 422
    assert client.get("/api/rows/needs_open?territory=nowhere").status_code == 404
    assert client.get("/api/rows/nothing?territory=d1").status_code == 422
    moved = client.get("/data/projects?measure=needs_open&territory=d1", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"].split("?")[0]) == (308, "/data/needs")
    assert client.get("/data/nothing").status_code == 422
    assert client.get("/data/events?measure=representation_deviation_share&territory=d1").status_code == 404


def test_registers_are_lists_for_people(client: TestClient) -> None:
    for register in ("projects", "needs", "events", "organisations", "observations"):
        told = client.get(f"/api/{register}?limit=1000").json()
        page = client.get(f"/data/{register}?q=").text
        assert page.count('<span class="about">') == min(told["number_matched"], 100)
    assert client.get("/data/tos", follow_redirects=False).status_code == 308


def test_all_districts_by_question(client: TestClient) -> None:
    """Each question's columns, sortable; classes in words; the same numbers as anywhere else."""
    for family in ("coverage", "gaps", "participation", "change", "accountability"):
        page = client.get(f"/en/districts?period=2024&kind=civic_district&family={family}")
        assert page.status_code == 200
        assert page.text.count("<tbody>") == 1
    page = client.get("/en/districts?period=2024&kind=civic_district&family=gaps&sort=needs_open").text
    assert "underserved" in page.split("<tbody>")[1]
    assert 'aria-sort="descending"' in page
    order = list(re.findall(r'href="/en/districts/(d[1-5])"', page.split("<tbody>")[1]))
    told = {code: figure(client, "needs_open", code)["value"] for code in order}
    assert order == sorted(order, key=lambda code: -told[code])
