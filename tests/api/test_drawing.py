"""Does a drawing go the way of every file: checked as a trial, saved with history, confirmed, taken back?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from geo.demo import town
from geo.ingest.gazetteer import load_gazetteer
from geo.store.embedded import Cluster
from geo.store.engine import Database
from tests.api.test_sign_in import HOME, OURS, enter
from tests.conftest import _copy, _database

PATH = "/api/steward/boundaries"


def rectangle(west: float, south: float, east: float, north: float) -> Any:
    """A rectangle in metres of the model town, in degrees."""
    return town.HERE.degrees(town.rectangle(west, south, east, north))


FREE = rectangle(2250, 0, 2500, 240)


def geojson(shape: Any) -> dict[str, Any]:
    return dict(json.loads(shapely.to_geojson(shape)))


class Steward:
    """A signed-in administrator in front of a town of his own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.client = TestClient(create_app(database), base_url=HOME, raise_server_exceptions=False)
        self.form = enter(self.client, database)

    def post(self, what: str, **said: Any) -> Any:
        answer = self.client.post(f"{PATH}/{what}?lang=en", json={"form": self.form, **said}, headers=OURS)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def one(self, query: str) -> Any:
        with self.database.writing("test") as connection:
            return connection.execute(text(query)).one()


@pytest.fixture(scope="module")
def steward(cluster: Cluster, town_template: str) -> Iterator[Steward]:
    with _copy(cluster, town_template) as name:
        opened = _database(cluster, name)
        yield Steward(opened)
        opened.close()


def drawing(shape: Any = FREE, **said: Any) -> dict[str, Any]:
    return {"name": "ТОС «Новый»", "act": "Решение № 7", "act_on": "2026-01-15", "geometry": geojson(shape), **said}


def test_a_drawing_is_checked_saved_confirmed_and_taken_back(steward: Steward) -> None:
    checked = steward.post("check", **drawing(), houses=[list(FREE.centroid.coords[0]), [0.0, 0.0]])
    assert (checked["new"], checked["rejected"], checked["listed_outside"]) == (1, 0, [1])
    assert checked["area_m2"] == pytest.approx(60_000, rel=0.01)
    assert steward.one("SELECT count(*) FROM okruga.territory WHERE name = 'ТОС «Новый»'")[0] == 0

    words = "от дома 1 до реки <b>"
    saved = steward.post("save", **drawing(legal_text=words, valid_from="2026-02-01"))
    stored = steward.one(
        "SELECT b.id, b.precision, b.legal_text, b.legal_act, lower(b.valid)::text AS since, t.code"
        " FROM okruga.boundary b JOIN okruga.territory t ON t.id = b.territory_id WHERE t.name = 'ТОС «Новый»'"
    )
    assert (stored.precision, stored.legal_text, stored.since) == ("approximate", words, "2026-02-01")
    assert stored.code == saved["code"]

    page = steward.client.get("/steward/boundaries").text
    assert "ТОС «Новый»" in page
    assert "до реки &lt;b&gt;" in page
    answer = steward.client.post(
        f"/steward/boundaries/{stored.id}/confirm", data={"form": steward.form}, headers=OURS, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    now = steward.one(f"SELECT precision, legal_text FROM okruga.boundary WHERE id = {stored.id}")
    assert tuple(now) == ("surveyed", words)
    versions = steward.client.get(f"/api/territories/{saved['code']}").json()["versions"]
    assert [(each["precision"], each["legal_text"]) for each in versions] == [("surveyed", words)]

    runs = steward.one("SELECT array_agg(id ORDER BY id DESC) FROM okruga.import_run WHERE actor = 'admin'")[0]
    for run in runs[:2]:
        sent = {"form": steward.form}
        done = steward.client.post(f"/steward/imports/{run}/undo", data=sent, headers=OURS, follow_redirects=False)
        assert done.status_code == 303, done.text
    assert steward.one("SELECT count(*) FROM okruga.territory WHERE name = 'ТОС «Новый»'")[0] == 0


def test_findings_are_those_of_loading_and_a_mend_gives_the_shape(steward: Steward) -> None:
    over = rectangle(2300, 0, 2600, 252)  # ТОС «Слобода» begins at 250 m
    checked = steward.post("check", **drawing(over))
    found = next(each for each in checked["findings"] if each["code"] == "overlap_stored")
    assert found["mends"]
    assert checked["mended"] is None
    mended = steward.post("check", **drawing(over), mends=[found["mends"][0]["id"]])
    assert "overlap_stored" not in {each["code"] for each in mended["findings"]}
    assert mended["area_m2"] == pytest.approx(75_000, rel=0.01)
    assert shapely.from_geojson(json.dumps(mended["mended"])).bounds[3] < over.bounds[3]


def test_a_new_version_needs_its_day_and_keeps_the_old_one(steward: Steward) -> None:
    moved = drawing(rectangle(2250, 250, 2800, 750), code="t8", name="ТОС «Слобода»", tos_level="village")
    refused = steward.post("save", **moved)
    assert refused["run"] is None
    assert "date_needed" in {each["code"] for each in refused["findings"]}
    assert steward.post("save", **moved, valid_from="2026-03-01")["code"] == "t8"
    days = steward.one(
        "SELECT array_agg(b.valid::text ORDER BY b.valid) FROM okruga.boundary b"
        " JOIN okruga.territory t ON t.id = b.territory_id WHERE t.code = 't8'"
    )[0]
    assert days == ["[2024-02-01,2026-03-01)", "[2026-03-01,)"]


def test_houses_make_a_draft(steward: Steward, tmp_path: Any) -> None:
    x, y = rectangle(2300, 50, 2301, 51).exterior.coords[0]
    rows = "".join(f"a{n},Примерск,улица Новая,{n},{y},{x + n * 0.0004}\n" for n in range(1, 6))
    (tmp_path / "addresses.csv").write_text(f"id,city,street,housenumber,lat,lon\n{rows}", encoding="utf-8")
    (tmp_path / "settlements.csv").write_text(
        f"id,name,alt_names,region,lat,lon,population\n1,Примерск,,Область,{y},{x},15000\n", encoding="utf-8"
    )
    load_gazetteer(steward.database, tmp_path, actor="test", commit=True)
    drafted = steward.post("draft", houses="Примерск, ул. Новая, 1, 2-3\nПримерск, ул. Старая, 1")
    assert [each["text"] for each in drafted["found"]] == [f"Примерск, ул. Новая, {n}" for n in (1, 2, 3)]
    assert [each["text"] for each in drafted["missing"]] == ["Примерск, ул. Старая, 1"]
    shape = shapely.from_geojson(json.dumps(drafted["geometry"]))
    assert shapely.contains_xy(shape, [[each["lon"], each["lat"]] for each in drafted["found"]]).all()
    assert not shapely.contains_xy(shape, x + 4 * 0.0004, y)
    blocks = steward.post("draft", houses="Примерск, ул. Новая", way="blocks")
    assert (len(blocks["found"]), blocks["geometry"]) == (5, None)
    assert "No lines" in blocks["notes"][0]


@pytest.mark.parametrize("what", ["draft", "check", "save"])
def test_drawing_needs_an_account_and_a_form_of_this_session(steward: Steward, what: str) -> None:
    body = {"name": "x", "geometry": geojson(FREE)} if what != "draft" else {"houses": "x"}
    stranger = TestClient(steward.client.app, base_url=HOME, raise_server_exceptions=False)
    assert stranger.post(f"{PATH}/{what}", json=body, headers=OURS).status_code == 403
    assert steward.client.post(f"{PATH}/{what}", json={**body, "form": "0" * 32}, headers=OURS).status_code == 403
    assert stranger.get("/steward/boundaries/new", follow_redirects=False).status_code == 303
    assert stranger.get(f"{PATH}/around?kind=tos_territory&bbox=37,55,38,56").status_code == 403


def test_what_is_no_drawing_is_said(steward: Steward) -> None:
    sent: dict[str, Any] = {"form": steward.form, "name": "x", "geometry": None}
    answer = steward.client.post(f"{PATH}/check?lang=en", json=sent, headers=OURS)
    assert answer.status_code == 422
    assert "Nothing is drawn" in answer.text
    sent["geometry"] = {"type": "Polygon", "coordinates": "x"}
    assert steward.client.post(f"{PATH}/check", json=sent, headers=OURS).status_code == 422
