"""Do lists hold what was asked for, all of it, once? Filters, pages, boxes, days."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo.ingest.streets import graph_of, save_streets
from geo.registers import REGISTERS
from geo.store.engine import Database
from tests.api.addresses import REGISTERS as PLURALS

AROUND = "47.60,51.67,47.66,51.70"


def everything(client: TestClient, address: str, limit: int) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items, cursor, pages = [], "", 0
    while True:
        joined = "&" if "?" in address else "?"
        page = client.get(f"{address}{joined}limit={limit}&cursor={cursor}").json()
        items += page["items"]
        pages += 1
        assert len(page["items"]) <= limit
        if page["next"] is None:
            assert len(items) == page["number_matched"]
            assert pages <= page["number_matched"] // limit + 1
            return items
        cursor = page["next"]


@pytest.mark.parametrize("register", [*PLURALS, "territories"])
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_hold_every_item_once(client: TestClient, register: str, limit: int) -> None:
    items = everything(client, f"/api/{register}", limit)
    key = "code" if register == "territories" else "id"
    assert len({item[key] for item in items}) == len(items) > 0


@pytest.mark.parametrize("register", PLURALS)
def test_an_item_alone_is_the_item_of_the_list(client: TestClient, register: str) -> None:
    for item in client.get(f"/api/{register}").json()["items"]:
        assert client.get(f"/api/{register}/{item['id']}").json() == item


def test_filters_keep_what_they_name(client: TestClient) -> None:
    needs = client.get("/api/needs").json()["items"]
    for name in ("status", "theme"):
        for value in {need[name] for need in needs}:
            kept = client.get(f"/api/needs?{name}={value}").json()
            assert {each["id"] for each in kept["items"]} == {each["id"] for each in needs if each[name] == value}
    events = client.get("/api/events").json()["items"]
    kind = events[0]["event_kind"]
    assert {each["event_kind"] for each in client.get(f"/api/events?kind={kind}").json()["items"]} == {kind}
    assert client.get("/api/needs?status=completed").status_code == 422  # a status of projects


def test_a_year_keeps_what_touches_it(client: TestClient) -> None:
    for item in client.get("/api/needs?period=2023").json()["items"]:
        assert (item["begins_on"] or item["ends_on"])[:4] <= "2023" <= (item["ends_on"] or item["begins_on"])[:4]


def test_a_territory_keeps_what_lies_in_it(client: TestClient) -> None:
    inside = client.get("/api/needs?territory=d1").json()["items"]
    assert inside
    for item in inside:
        assert any(each["code"] == "d1" for place in item["places"] for each in place["territories"])
    assert client.get("/api/needs?territory=nowhere").status_code == 404


@pytest.mark.parametrize(
    ("bbox", "found"),
    [
        (AROUND, True),
        ("-180,-90,180,90", True),
        ("0,0,1,1", False),
        ("47.66,51.67,47.60,51.70", False),  # all the way round but here
        ("170,-90,-170,90", False),
        ("407.60,51.67,407.66,51.70", True),  # a map scrolled once round
    ],
)
def test_boxes(client: TestClient, bbox: str, found: bool) -> None:
    for register in ("projects", "territories"):
        assert (client.get(f"/api/{register}?bbox={bbox}").json()["number_matched"] > 0) is found, register


def test_words_find_titles(client: TestClient) -> None:
    assert [each["title"] for each in client.get("/api/needs?q=родник").json()["items"]] == ["Родник зарастает"]
    assert client.get("/api/needs?q=%25").json()["number_matched"] == 0  # a percent sign is a percent sign


def test_the_newest_first(client: TestClient) -> None:
    ids = [each["id"] for each in client.get("/api/projects?newest=true").json()["items"]]
    assert ids == sorted(ids, reverse=True)


def test_a_territory_on_a_day(client: TestClient) -> None:
    """d1 and d2 change their border on 2024-07-01."""
    old = client.get("/api/territories/d1?on=2024-06-30&geometry=true").json()
    new = client.get("/api/territories/d1?on=2024-07-01&geometry=true").json()
    assert (old["valid_to"], new["valid_from"]) == ("2024-06-30", "2024-07-01")
    assert old["boundary"] != new["boundary"]
    assert old["geometry"]["type"] == "MultiPolygon"
    assert [each["id"] for each in old["versions"]] == [old["boundary"], new["boundary"]]
    assert old["area_m2"] == pytest.approx(750_000, rel=1e-3)
    assert [each["code"] for each in old["parents"]] == ["primersk"]
    assert {each["base"] for each in old["population"]} >= {"residents", "voters"}


def test_territories_of_a_kind_and_a_day(client: TestClient) -> None:
    codes = [each["code"] for each in client.get("/api/territories?kind=civic_district").json()["items"]]
    assert sorted(codes) == ["d1", "d2", "d3", "d4", "d5"]
    assert client.get("/api/territories?kind=civic_district&parent=primersk").json()["number_matched"] == 5
    assert client.get("/api/territories?kind=tos_territory&status=active").json()["number_matched"] > 0
    assert client.get("/api/territories?on=1800-01-01").json()["number_matched"] == 0


@pytest.mark.parametrize("by", ["theme", "status", "period"])
def test_parts_add_up_to_the_whole(client: TestClient, by: str) -> None:
    whole = client.get("/api/projects").json()["number_matched"]
    groups = client.get(f"/api/aggregate?register=projects&by={by}").json()["groups"]
    assert sum(group["count"] for group in groups) == whole
    assert all(group["title"] or group["value"] is None for group in groups)


def test_a_polygon_counts_what_lies_in_it(client: TestClient) -> None:
    shape = client.get("/api/territories/d1?geometry=true").json()["geometry"]
    inside = client.post("/api/aggregate?register=projects&by=status", json=shape).json()["groups"]
    placed = client.get("/api/aggregate?register=projects&by=status&territory=d1").json()["groups"]
    assert sum(group["count"] for group in inside) == sum(group["count"] for group in placed) > 0
    assert client.post("/api/aggregate?register=projects&by=kind", json=shape).status_code == 422


def test_near_is_by_distance(client: TestClient) -> None:
    told = client.get("/api/near?lat=51.6785&lon=47.6377&radius=1500").json()
    distances = [item["distance_m"] for item in told["items"]]
    assert distances == sorted(distances)
    assert distances[-1] <= 1500
    assert told["number_matched"] == len(distances)
    inside = {each["kind"]: each["code"] for each in told["territories"] if each["certainty"] == "inside"}
    assert inside["civic_district"] == "d2"
    few = client.get("/api/near?lat=51.6785&lon=47.6377&radius=1500&limit=2&register=needs").json()
    assert {item["register"] for item in few["items"]} == {"need"}
    assert len(few["items"]) == 2 < few["number_matched"]


def test_near_on_foot(own_client: TestClient, own_town: Database) -> None:
    """Without streets the straight distance stays; along one street to the west, what lies at it comes first."""
    query = "lat=51.6785&lon=47.6377&radius=1500&lang=en"
    straight = own_client.get(f"/api/near?{query}").json()
    unknown = own_client.get(f"/api/near?{query}&by=foot").json()
    assert (straight["by"], unknown["by"]) == ("line", "foot")
    assert [item["distance_m"] for item in unknown["items"]] == [item["distance_m"] for item in straight["items"]]
    assert {item["walk_missing_reason"] for item in unknown["items"]} == {"no_data"}
    assert "No streets are loaded" in unknown["notes"][0]
    assert 'id="by"' not in own_client.get(f"/near?{query}").text
    walk_along_a_street(own_town, [(1, 47.62, 51.6785), (2, 47.6377, 51.6785)])

    told = own_client.get(f"/api/near?{query}&by=foot").json()
    walked = [item for item in told["items"] if item["walk_m"] is not None]
    assert walked
    assert told["items"][: len(walked)] == sorted(walked, key=lambda item: float(item["walk_m"]))
    assert all(item["distance_m"] - 1 <= item["walk_m"] <= 1500 for item in walked)
    assert told["sources"]
    for at, item in enumerate(told["items"]):
        assert (item["walk_missing_reason"] is None) == (at < len(walked))
    page = own_client.get(f"/en/near?view=list&{query}&by=foot").text
    assert page.count(" min</span>") == len(walked)
    assert page.count("on foot: no data") == len(told["items"]) - len(walked)
    assert "Within a walk of" in page
    assert '<option value="foot" selected>' in own_client.get(f"/near?{query}&by=foot").text
    assert own_client.get("/api/near?lat=51.6785&lon=47.6377&radius=9000&by=foot").status_code == 422
    assert own_client.get("/near?view=list&lat=51.6785&lon=47.6377&radius=9000&by=foot").status_code == 200


def walk_along_a_street(database: Database, street: list[tuple[int, float, float]]) -> None:
    """Load a walking network of one street."""
    with database.writing("test") as connection:
        source, run = connection.execute(text("SELECT source_id, id FROM okruga.import_run ORDER BY id LIMIT 1")).one()
        assert save_streets(connection, graph_of([street]), source_id=source, import_run_id=run)


def test_a_name_is_found_with_a_wrong_letter(client: TestClient) -> None:
    assert client.get("/api/search?q=стрителей").json()["items"][0]["title"].count("троител")


def test_every_register_is_served(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for register in REGISTERS:
        assert f"/api/{register.plural}" in paths
        assert f"/api/{register.plural}/{{id}}" in paths
