"""Does stored text stay text? Markup, braces and scripts in every column show literally on every page and answer."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from geo.store import account as accounts
from geo.store.embedded import Cluster
from geo.store.engine import Database
from tests.api.addresses import page_addresses, program_addresses
from tests.api.mvt import decode
from tests.conftest import _copy, _database
from tests.payloads import ADDRESS, MARKER, PAYLOAD, poison

HOME = "https://localhost"
LEAST_COLUMNS = 25


@pytest.fixture(scope="module")
def poisoned(cluster: Cluster, town_template: str) -> Iterator[Database]:
    """The model town with the payload in every text column."""
    with _copy(cluster, town_template) as name:
        database = _database(cluster, name)
        columns = poison(database)
        assert len(columns) >= LEAST_COLUMNS, columns
        yield database
        database.close()


@pytest.fixture(scope="module")
def client(poisoned: Database) -> TestClient:
    return TestClient(create_app(poisoned), base_url=HOME, raise_server_exceptions=False)


class Seen(HTMLParser):
    """What a browser makes of a page: text, elements, attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.elements: list[str] = []
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.values: list[str] = []
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self._raw = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            self.handlers += [name] if name.startswith("on") else []
            self.addresses += [value or ""] if name in ("href", "src", "action") else []
            self.values.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._raw = "" if tag == self._raw else self._raw

    def handle_data(self, data: str) -> None:
        if self._raw:
            assert MARKER not in data, f"stored text inside a {self._raw} block"
        else:
            self.text.append(data)


def looked_at(html: str) -> Seen:
    seen = Seen()
    seen.feed(html)
    return seen


def spaced(value: str) -> str:
    return re.sub(r"\s+", " ", value)


def is_literal(html: str) -> int:
    """How often the payload stands on the page, each time whole; fails when it broke out or was evaluated."""
    seen = looked_at(html)
    assert not seen.handlers, seen.handlers
    assert "img" not in [each for each in seen.elements if each == "img"] or "x" not in seen.addresses
    assert not [each for each in seen.addresses if each.lower().startswith(("javascript:", "data:text"))]
    shown = spaced(" ".join(seen.text))
    whole = shown.count(spaced(PAYLOAD)) + sum(spaced(value).count(spaced(PAYLOAD)) for value in seen.values)
    attributes = sum(value.count(MARKER) for value in seen.values)
    # a payload may be shortened nowhere: each marker belongs to a whole one (an address of people's is not linked)
    markers = (
        shown.count(MARKER) + attributes - shown.count(ADDRESS) - sum(value.count(ADDRESS) for value in seen.values)
    )
    assert markers == 2 * whole, f"{markers} markers, {whole} whole payloads"
    return whole


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_pages_show_it_literally(client: TestClient, prefix: str) -> None:
    shown = 0
    for address in page_addresses(client):
        answer = client.get(prefix + address)
        assert answer.status_code == 200, (address, answer.text[:300])
        try:
            shown += is_literal(answer.text)
        except AssertionError as error:
            raise AssertionError(f"{prefix}{address}: {error}") from error
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert shown > 100


def texts(value: Any) -> Iterator[str]:
    """All strings of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def test_answers_carry_it_literally(client: TestClient) -> None:
    shown = 0
    for address in program_addresses(client):
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
        kind = answer.headers["content-type"].partition(";")[0]
        if kind == "application/json":
            assert "<script" not in answer.text or kind == "application/json"
            found = [each for each in texts(answer.json()) if MARKER in each and ADDRESS not in each]
        elif kind == "text/csv":
            found = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row if MARKER in cell]
        elif kind == "application/vnd.mapbox-vector-tile":
            rows = [row for layer in decode(answer.content).values() for row in layer.values()]
            found = [str(each) for row in rows for each in row.values() if MARKER in str(each)]
        else:
            continue
        assert all(PAYLOAD in each for each in found), (address, found)
        shown += len(found)
    assert shown > 100


def test_the_steward_sees_it_literally(client: TestClient, poisoned: Database) -> None:
    with poisoned.writing("test") as connection:
        token = accounts.make_link(
            connection, accounts.first_administrator(connection, f"{MARKER}<b>{{{{7*7}}}}</b>{MARKER}")
        )
    desk = client.post(f"/sign-in?token={token}", headers={"Origin": HOME})
    assert desk.status_code == 200
    seen = looked_at(desk.text)
    assert "b" not in seen.elements
    assert f"{MARKER}<b>{{{{7*7}}}}</b>{MARKER}" in " ".join(seen.text)
    assert spaced(PAYLOAD) in spaced(" ".join(seen.text))
    client.cookies.clear()


def test_what_is_typed_comes_back_literally(client: TestClient) -> None:
    typed = quote(PAYLOAD[:190])
    for address in (
        f"/near?q={typed}",
        f"/tos?q={typed}",
        f"/districts/{typed}",
        f"/{typed}",
        f"/sign-in?next=/{typed}",
    ):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert answer.status_code in (200, 404, 422), address
        seen = looked_at(answer.text)
        assert not seen.handlers
        assert "alert(1)" not in "".join(re.findall(r"<script[^>]*>(.*?)</script>", answer.text, re.DOTALL))
    for address in (f"/api/search?q={typed}", f"/api/territories/{typed}", f"/api/coverage?measure={typed}"):
        told = client.get(address)
        assert told.status_code in (200, 404, 422), address
        assert told.headers["content-type"].startswith("application/")
        assert "49" not in json.dumps(told.json().get("detail", ""))


def test_searching_for_it_finds_it(client: TestClient) -> None:
    items = client.get("/api/search", params={"q": "onerror alert svg"}).json()["items"]
    assert items
    assert all(PAYLOAD in item["title"] for item in items)
