"""What does every answer carry, and what does not come in at all?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import security
from api.app import create_app
from geo.settings import Settings, settings
from geo.store.engine import Database
from tests.api.addresses import page_addresses, program_addresses

ALWAYS = {
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}
FOREIGN = re.compile(
    r"""(?:src|href|action|url)\s*[=(]\s*["']?\s*(?:https?:)?//(?!localhost)[^"'\s>)]+""", re.IGNORECASE
)
INLINE = re.compile(r"\son[a-z]+\s*=|\sstyle\s*=|javascript:", re.IGNORECASE)


def test_headers_of_every_answer(client: TestClient) -> None:
    addresses = [
        *program_addresses(client),
        *page_addresses(client),
        "/nothing",
        "/api/nothing",
        "/api/projects?limit=x",
        "/%00",
    ]
    for address in addresses:
        answer = client.get(address, follow_redirects=False)
        assert answer.headers["x-content-type-options"] == "nosniff", address
        if answer.headers["content-type"].startswith(security.NEVER_PAGES):
            assert "set-cookie" not in answer.headers, address
            continue
        for name, value in ALWAYS.items():
            if name == "referrer-policy" and address.startswith("/sign-in"):
                continue  # stricter there: the address may hold a token
            assert answer.headers[name] == value, (address, name)
        assert "geolocation=(self)" in answer.headers["permissions-policy"], address
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, address
        assert "default-src 'none'" in policy, address
        assert "frame-ancestors" in policy, address
        assert "set-cookie" not in answer.headers, address
        assert "server" not in answer.headers or "uvicorn" not in answer.headers["server"]


def test_pages_allow_exactly_their_own_scripts(client: TestClient) -> None:
    for address in page_addresses(client):
        answer = client.get(address)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy, address
        assert "form-action 'self'" in policy, address
        assert "frame-ancestors 'self'" in policy, address
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", answer.text)
        assert policy.count("'sha256-") >= len(set(inline)), address


def test_pages_ask_no_other_host_and_hold_no_inline_handlers(client: TestClient) -> None:
    for address in page_addresses(client):
        text = client.get(address).text
        without_links = re.sub(r'<a [^>]*rel="[^"]*noopener[^"]*"[^>]*>', "", text)
        assert not FOREIGN.findall(without_links), (address, FOREIGN.findall(without_links))
        assert not INLINE.findall(text), (address, INLINE.findall(text))


def test_reading_is_open_to_other_sites_without_credentials(client: TestClient) -> None:
    answer = client.get("/api/projects", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    page = client.get("/", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in page.headers
    asked = client.options(
        "/api/projects", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    )
    assert asked.status_code == 204
    assert "POST" not in asked.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "address", ["/sign-in", "/sign-out", "/steward/password", "/steward/imports/1/undo", "/snapshots", "/api/aggregate"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Origin": "http://localhost:81"},
    ],
    ids=str,
)
def test_a_write_from_another_site_is_refused(client: TestClient, address: str, headers: dict[str, str]) -> None:
    answer = client.post(address, headers=headers, data={"form": "x"})
    assert answer.status_code == 403, address


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}], ids=str)
def test_a_write_from_our_pages_goes_through(client: TestClient, headers: dict[str, str]) -> None:
    square = {"type": "Polygon", "coordinates": [[[37, 54], [38, 54], [38, 56], [37, 56], [37, 54]]]}
    assert client.post("/api/aggregate?register=needs", json=square, headers=headers).status_code == 200


def test_a_body_that_says_it_is_too_large(client: TestClient) -> None:
    answer = client.post("/api/aggregate", content=b"x" * (settings().request_max_kb * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:okruga:problem:too_large"
    assert answer.headers["content-security-policy"]


def test_a_body_that_does_not_say_it_is_too_large(client: TestClient) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(settings().request_max_kb + 8):
            yield b"[" * 1024

    answer = client.post("/api/aggregate", content=drip(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["status"] == 413


def test_https_says_to_stay_on_https(town: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    over_https = TestClient(create_app(town), base_url="https://okruga.example")
    assert over_https.get("/healthz").headers["strict-transport-security"] == security.HSTS
    over_http = TestClient(create_app(town), base_url="http://okruga.example")
    assert "strict-transport-security" not in over_http.get("/healthz").headers
    behind_proxy = Settings(base_url="https://okruga.example")
    monkeypatch.setattr(security, "settings", lambda: behind_proxy)
    assert over_http.get("/healthz").headers["strict-transport-security"] == security.HSTS
    ours = over_http.post(
        "/sign-in", headers={"Origin": "https://okruga.example"}, data={"login": "a", "password": "b"}
    )
    assert "другого сайта" not in ours.text


def test_only_embedded_places_may_stand_in_frames_of_named_hosts(
    town: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api import html

    named = Settings(embed_hosts="https://council.example https://paper.example")
    monkeypatch.setattr(html, "settings", lambda: named)
    client = TestClient(create_app(town), base_url="http://localhost")
    embedded = client.get("/embed/place/civic_district/d1").headers["content-security-policy"]
    assert "https://council.example" in embedded
    assert "council.example" not in client.get("/districts/d1").headers["content-security-policy"]


def test_metrics_are_for_this_machine(town: Database) -> None:
    """And they count by route, so that codes and ids of entries do not become metrics."""
    app = create_app(town)
    elsewhere = TestClient(app, base_url="http://localhost", client=("192.0.2.7", 4711))
    assert elsewhere.get("/metrics").status_code == 403
    assert elsewhere.get("/districts/d1").status_code == 200
    here = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 4711))
    told = here.get("/metrics").text
    assert 'okruga_requests_total{route="/districts/{code}",status="200"} 1.0' in told
    assert 'okruga_requests_total{route="/metrics",status="403"} 1.0' in told
    assert "d1" not in told
