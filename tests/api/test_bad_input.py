"""Does anything a visitor can type give a 500? Hostile and absurd values for every parameter of the API and pages."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.boxes import Box, parse_bbox
from geo.errors import BadInput

HOSTILE = (
    "",
    " ",
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1e999",
    "-1",
    "0",
    "99999999999999999999999",
    "1,2,3,4",
    "null",
    "[]",
    "{}",
    "'; DROP TABLE okruga.entry; --",
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    "../../etc/passwd",
    "{{7*7}}",
    "${7*7}",
    "<script>",
    "\u202e",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "я" * 300,
    "\r\nSet-Cookie: a=b",
    "\t",
    "2024-02-30",
    "true",
)
PARAMETERS = {
    "/api/coverage": ("measure", "kind", "period", "theme", "distance", "territory", "channel", "format", "lang"),
    "/api/gaps": ("measure", "kind", "period", "theme", "territory"),
    "/api/participation": ("measure", "kind", "period", "theme", "channel"),
    "/api/indicators/needs_open": ("kind", "period", "theme", "distance"),
    "/api/values/needs_open": ("kind", "period", "theme", "distance", "channel"),
    "/api/territories": ("kind", "parent", "status", "q", "on", "bbox", "limit", "cursor"),
    "/api/territories/d1": ("on", "geometry"),
    "/api/locate?lat=54&lon=37": ("on", "lat", "lon"),
    "/api/near?lat=54&lon=37": ("lat", "lon", "radius", "register", "limit", "on", "by"),
    "/api/search": ("q", "limit"),
    "/api/geocode": ("q", "within", "limit"),
    "/api/projects": ("territory", "theme", "status", "period", "on", "q", "newest", "bbox", "limit", "cursor"),
    "/api/events": ("kind", "period"),
    "/api/aggregate": ("register", "by", "territory", "theme", "status", "period", "bbox", "on"),
    "/map/gaps/table": ("measure", "kind", "period", "theme", "distance"),
    "/near": ("q", "lat", "lon", "radius", "view", "by"),
    "/districts": ("kind", "period", "sort", "order"),
    "/districts/d1": ("period",),
    "/tos": ("q", "status", "limit", "cursor"),
    "/sign-in": ("token", "next"),
    "/steward": ("before", "undone"),
}
PLACES = (
    "/api/territories/{}",
    "/api/projects/{}",
    "/api/card/{}/1",
    "/api/card/civic_district/{}",
    "/api/card/need/{}",
    "/api/values/{}",
    "/api/indicators/{}",
    "/tiles/{}/1/1/1/1.mvt",
    "/tiles/need/{}/1/1/1.mvt",
    "/tiles/need/1/{}/1/1.mvt",
    "/tiles/need/1/1/{}/1.mvt",
    "/districts/{}",
    "/tos/{}",
    "/projects/{}",
    "/needs/{}",
    "/events/{}",
    "/organisations/{}",
    "/docs/method/{}",
    "/embed/place/{}/1",
    "/embed/place/civic_district/{}",
    "/static/{}",
    "/{}",
    "/en/{}",
    "/api/{}",
)


@pytest.mark.parametrize("address", PARAMETERS)
def test_no_parameter_gives_an_error_of_ours(client: TestClient, address: str) -> None:
    for name in PARAMETERS[address]:
        for value in HOSTILE:
            joined = "&" if "?" in address else "?"
            answer = client.get(address + joined + urlencode({name: value}), follow_redirects=False)
            assert answer.status_code < 500, (address, name, value, answer.text[:500])


@pytest.mark.parametrize("address", PLACES)
def test_no_part_of_an_address_gives_an_error_of_ours(client: TestClient, address: str) -> None:
    for value in HOSTILE:
        answer = client.get(address.format(quote(value, safe="")), follow_redirects=False)
        assert answer.status_code < 500, (address, value, answer.text[:500])


@pytest.mark.parametrize(
    "address", ["/api/search?q=%00", "/api/projects?q=a%00b", "/districts/%00", "/api/territories/%00", "/%00"]
)
def test_a_zero_character_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (404, 422)


@pytest.mark.parametrize("address", ["/api/search?q=%ff%fe", "/api/territories/%ff", "/near?q=%c3%28", "/%ff"])
def test_broken_utf8_is_no_error_of_ours(client: TestClient, address: str) -> None:
    assert client.get(address).status_code < 500


def box_or_none(text: str) -> Box | None:
    """The box of a text; None for an empty one and for one that is refused. Anything else but BadInput fails."""
    try:
        return parse_bbox(text)
    except BadInput:
        return None


numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@given(numbers, numbers, numbers, numbers)
def test_any_four_numbers_are_a_box_or_a_sentence(west: float, south: float, east: float, north: float) -> None:
    text = f"{west!r},{south!r},{east!r},{north!r}"
    box = box_or_none(text)
    if box is not None:
        assert all(map(math.isfinite, box))
        assert -180 <= box.west <= 180
        assert -180 <= box.east <= 180
        assert -90 <= box.south <= box.north <= 90


@given(st.text(max_size=60))
def test_any_text_is_a_box_or_a_sentence(text: str) -> None:
    box_or_none(text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lat=numbers, lon=numbers, radius=numbers)
def test_any_position_has_an_answer(client: TestClient, lat: float, lon: float, radius: float) -> None:
    """Poles, the date line, numbers off the globe, no numbers at all."""
    query = urlencode({"lat": lat, "lon": lon, "radius": radius})
    for address in (f"/api/locate?{query}", f"/api/near?{query}", f"/near?{query}", f"/near?view=list&{query}"):
        answer = client.get(address, follow_redirects=False)
        assert answer.status_code in (200, 303, 422), (address, answer.status_code, answer.text[:300])


POLYGONS: tuple[Any, ...] = (
    None,
    1,
    "x",
    [],
    {},
    {"type": "Point", "coordinates": [1, 2]},
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [999, 0], [999, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[["a", 0], [1, 0], [1, 1], [0, 0]]]},
    {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]], [[[0, 0], [1, 0], [1, 1], [0, 0]]]]},
    {"type": "Polygon", "coordinates": [[[float(i % 180), float(i % 90)] for i in range(10_500)]]},
)


@pytest.mark.parametrize("polygon", POLYGONS, ids=lambda polygon: str(polygon)[:40])
def test_a_polygon_that_is_none_is_refused(client: TestClient, polygon: Any) -> None:
    answer = client.post("/api/aggregate?register=needs&by=theme", json=polygon)
    assert answer.status_code == 422, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'{"type": "Polygon", "coordinates": [[[NaN, 0], [1, 0], [1, 1], [NaN, 0]]]}', b"[" * 50_000],
)
def test_a_body_that_is_no_json_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/aggregate", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text[:300]
    assert answer.json()["detail"]


def test_too_much_is_capped_not_refused(client: TestClient) -> None:
    assert client.get("/api/projects?limit=1000000000").status_code == 200
    assert client.get("/api/near?lat=54.9&lon=37.4&limit=1000000000").status_code == 200
    assert client.get("/api/search?q=a&limit=1000000000").status_code == 200
