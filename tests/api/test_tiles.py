"""Do tiles carry what the map needs, and may they be kept as long as they say?"""

from __future__ import annotations

import gzip
from itertools import accumulate

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo.analysis import tally
from geo.store.engine import Database
from tests.api.mvt import decode

FOR_EVER = "public, max-age=31536000, immutable"
# the tile the town lies in, by zoom
TOWN_TILES = {3: (5, 2), 9: (323, 169), 14: (10359, 5435)}


def version(client: TestClient, layer: str) -> str:
    return str(client.get("/tiles").json()["layers"][layer]["version"])


def tile(client: TestClient, layer: str, zoom: int) -> dict[int, dict[str, object]]:
    """The features of the town's tile at a zoom, by id."""
    x, y = TOWN_TILES[zoom]
    answer = client.get(f"/tiles/{layer}/{version(client, layer)}/{zoom}/{x}/{y}.mvt")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return decode(answer.content)[layer]


def test_the_catalogue(client: TestClient) -> None:
    layers = client.get("/tiles").json()["layers"]
    assert {"civic_district", "tos_territory", "project", "need", "event"} <= set(layers)
    for name, layer in layers.items():
        west, south, east, north = layer["bounds"]
        assert 40 < west <= east < 50, name
        assert 50 < south <= north < 53, name
        assert layer["versions"][-1]["version"]
        assert layer["version"] in {each["version"] for each in layer["versions"]}
        assert layer["tiles"].startswith(f"/tiles/{name}/{layer['version']}/")


def test_areas_carry_boundary_ids_and_names(client: TestClient) -> None:
    values = client.get("/api/values/tos_population_share?period=2025").json()
    features = tile(client, "civic_district", 9)
    assert set(features) == set(accumulate(values["id_steps"]))
    names = {row["boundary"]: row["name"] for row in client.get("/api/coverage?period=2025").json()["rows"]}
    assert {boundary: feature["name"] for boundary, feature in features.items()} == names


def test_entries_stand_alone_at_street_zooms_and_in_groups_below(client: TestClient) -> None:
    needs = {item["id"]: item for item in client.get("/api/needs").json()["items"]}
    single = tile(client, "need", 14)
    assert set(single) <= set(needs)
    assert all(needs[entry]["status"] == feature["s"] for entry, feature in single.items())
    grouped = tile(client, "need", 3)
    assert len(grouped) < len(needs)
    placed = sum(place["lat"] is not None for need in needs.values() for place in need["places"])
    assert sum(int(str(feature.get("n", 1))) for feature in grouped.values()) == placed


def test_a_tile_of_the_current_version_may_be_kept_for_ever(client: TestClient) -> None:
    address = f"/tiles/civic_district/{version(client, 'civic_district')}/9/323/169.mvt"
    answer = client.get(address)
    assert answer.headers["cache-control"] == FOR_EVER
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == answer.content
    assert client.get(address, headers={"Accept-Encoding": "identity"}).content == answer.content


@pytest.mark.parametrize("token", ["999-20240701", "0-0", "1-19000101", "77"])
def test_a_version_that_is_not_known_is_answered_but_not_kept(client: TestClient, token: str) -> None:
    """An open page may ask for the version before; nobody may keep today's shapes under another day's name."""
    answer = client.get(f"/tiles/civic_district/{token}/9/323/169.mvt")
    if answer.status_code == 200:
        assert answer.headers["cache-control"] == "public, no-cache"
    else:
        assert answer.status_code == 404


def test_versions_show_their_day(client: TestClient) -> None:
    old, new = (client.get(f"/api/values/tos_population_share?period={year}").json() for year in (2023, 2025))
    for told in (old, new):
        answer = client.get(f"/tiles/civic_district/{told['layer']['version']}/9/323/169.mvt")
        assert set(decode(answer.content)["civic_district"]) == set(accumulate(told["id_steps"]))


def test_a_changed_entry_changes_the_version_of_its_layer(own_client: TestClient, own_town: Database) -> None:
    before, districts = version(own_client, "need"), version(own_client, "civic_district")
    with own_town.writing("test") as connection:
        connection.execute(text("UPDATE okruga.entry SET status = 'rejected' WHERE register = 'need'"))
    tally.settle(own_town)
    assert version(own_client, "need") != before
    assert version(own_client, "civic_district") == districts


@pytest.mark.parametrize(
    "address",
    [
        "/tiles/nothing/1/0/0/0.mvt",
        "/tiles/need/1/3/8/0.mvt",
        "/tiles/need/1/3/0/8.mvt",
        "/tiles/observation/1/0/0/0.mvt",
        "/tiles/civic_district/1-99999999/0/0/0.mvt",
    ],
)
def test_there_is_no_such_tile(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/tiles/need/1/99/0/0.mvt", "/tiles/need/x/0/0/0.mvt", "/tiles/need/1/0/-1/0.mvt"])
def test_there_can_be_no_such_tile(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (404, 422)


def test_an_empty_tile_is_no_error(client: TestClient) -> None:
    answer = client.get(f"/tiles/need/{version(client, 'need')}/14/0/0.mvt")
    assert (answer.status_code, answer.content) == (200, b"")


def test_shapes_stay_valid_when_they_are_decoded(client: TestClient) -> None:
    shape = client.get("/api/territories/d1?geometry=true").json()["geometry"]
    assert shapely.from_geojson(str(shape).replace("'", '"')).is_valid
