"""Are outside geocoders asked only when the operator says so, politely, and with nothing but the address?

Small servers on this machine speak the real protocols; nothing leaves it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from geo.errors import BadInput, NotFound, TooLarge, Unavailable
from geo.geocode import queue, review
from geo.geocode.current import CurrentGeocoder
from geo.geocode.gazetteer import Gazetteer, version_of
from geo.geocode.providers import KNOWN, Provider, configured
from geo.geocode.providers.consult import consult, count_request
from geo.geocode.providers.dadata import DaData
from geo.geocode.providers.nominatim import Nominatim
from geo.geocode.providers.photon import Photon
from geo.geocode.providers.yandex import Yandex
from geo.geocode.store import save
from geo.settings import Settings
from geo.store.engine import Database
from tests.geo.world import World, insert

Asked = list[dict[str, Any]]
ANSWERS: dict[str, Any] = {
    "nominatim": [
        {"lat": "56.01", "lon": "60.02", "display_name": "112, улица Есенина, Приреченск", "addresstype": "building"},
        {"lat": "56.0", "lon": "60.0", "display_name": "Приреченск", "addresstype": "town"},
    ],
    "photon": {
        "features": [
            {
                "geometry": {"coordinates": [60.02, 56.01]},
                "properties": {"type": "house", "street": "улица Есенина", "housenumber": "112", "city": "Приреченск"},
            }
        ]
    },
    "dadata": [
        {"result": "г Приреченск, ул Есенина, д 112", "geo_lat": "56.01", "geo_lon": "60.02", "qc_geo": 0, "qc": 0},
        {"result": "г Приреченск", "geo_lat": None, "geo_lon": None, "qc_geo": 5, "qc": 1},
    ],
    "yandex": {
        "response": {
            "GeoObjectCollection": {
                "featureMember": [
                    {
                        "GeoObject": {
                            "Point": {"pos": "60.02 56.01"},
                            "metaDataProperty": {
                                "GeocoderMetaData": {
                                    "precision": "exact",
                                    "kind": "house",
                                    "text": "Россия, Приреченск, улица Есенина, 112",
                                }
                            },
                        }
                    }
                ]
            }
        }
    },
}


@contextmanager
def standing_in(answer: Any, status: int = 200) -> Iterator[tuple[str, Asked]]:
    """A server that answers every request alike and notes what it was asked."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            split = urlsplit(self.path)
            asked.append({
                "path": split.path, "query": {k: v[0] for k, v in parse_qs(split.query).items()},
                "body": json.loads(self.rfile.read(length)) if length else None, "headers": dict(self.headers),
            })  # fmt: skip
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - names the server looks for

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


MAKERS: dict[str, Callable[[str], Provider]] = {
    "nominatim": Nominatim,
    "photon": Photon,
    "dadata": lambda url: DaData(f"{url}|token:secret"),
    "yandex": lambda url: Yandex(f"{url}/1.x/|key"),
}


def always(_name: str, _cap: int) -> bool:
    return True


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_each_protocol(name: str) -> None:
    with standing_in(ANSWERS[name]) as (url, asked):
        found = MAKERS[name](url).ask("Приреченск, ул. Есенина, 112", always)
    assert (found[0].provider, found[0].lat, found[0].lon, found[0].level) == (name, 56.01, 60.02, "house")
    assert "112" in found[0].label
    assert len(asked) == 1
    sent = asked[0]["body"] or [asked[0]["query"].get("q") or asked[0]["query"].get("geocode")]
    assert sent == ["Приреченск, ул. Есенина, 112"]


def test_keys_travel_where_each_service_wants_them() -> None:
    with standing_in(ANSWERS["dadata"]) as (url, asked):
        found = MAKERS["dadata"](url).ask("x", always)
    assert asked[0]["path"] == "/api/v1/clean/address"
    assert (asked[0]["headers"]["Authorization"], asked[0]["headers"]["X-Secret"]) == ("Token token", "secret")
    assert len(found) == 1
    with standing_in(ANSWERS["yandex"]) as (url, asked):
        MAKERS["yandex"](url).ask("x", always)
    assert (asked[0]["path"], asked[0]["query"]["apikey"]) == ("/1.x/", "key")
    with standing_in(ANSWERS["nominatim"]) as (url, asked):
        MAKERS["nominatim"](url).ask("x", always)
    assert asked[0]["headers"]["User-Agent"]
    assert (asked[0]["path"], asked[0]["query"]["countrycodes"]) == ("/search", "ru,kg")


@pytest.mark.parametrize("name", sorted(KNOWN))
@pytest.mark.parametrize(("answer", "status"), [(b"<html>", 200), ({"error": 1}, 200), ([], 503), ({}, 429)])
def test_a_service_in_trouble_is_one_sentence(name: str, answer: Any, status: int) -> None:
    with standing_in(answer, status) as (url, _), pytest.raises(Unavailable, match=name):
        MAKERS[name](url).ask("Приреченск", always)


def test_a_service_that_is_not_there() -> None:
    with standing_in([]) as (url, _):
        pass
    with pytest.raises(Unavailable, match="nominatim"):
        Nominatim(url).ask("Приреченск", always)


def test_requests_keep_their_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("geo.geocode.providers.base.time.sleep", slept.append)
    with standing_in([]) as (url, asked):
        provider = Nominatim(url)
        for _ in range(3):
            provider.ask("Приреченск", always)
    assert len(asked) == 3
    assert len(slept) == 2
    assert slept[1] > slept[0] > 0.5


def test_nothing_is_configured_by_default() -> None:
    assert configured(Settings().geocoders) == {}
    assert set(configured("photon nominatim=http://127.0.0.1:1")) == {"photon", "nominatim"}
    for wrong in ("google", "dadata", "yandex", "dadata=token"):
        with pytest.raises(BadInput):
            configured(wrong)


@pytest.fixture
def asked_task(database: Database, town: Gazetteer) -> tuple[CurrentGeocoder, int]:
    """A queue with one text that the gazetteer cannot place."""
    with database.writing("test") as connection:
        world = World(connection)
        gazetteer = replace(town, version=version_of(town))
        save(connection, gazetteer, kind="lists", source_id=world.source, import_run_id=world.run)
        words = "Прошу помочь: г. Приреченск, ул. Зефирная, д. 9, кв. 4, Иванов Иван Иванович, тел. +7 912 345-67-89"
        task = insert(connection, "geocode_task", text=words, normal="")
    current = CurrentGeocoder(database)
    queue.work(database, current)
    return current, task


def test_only_the_address_is_sent_and_the_answer_waits_for_a_person(
    database: Database, asked_task: tuple[CurrentGeocoder, int]
) -> None:
    current, task = asked_task
    with standing_in(ANSWERS["photon"]) as (url, asked):
        consult(database, current, task, Photon(url), "maria")
    sent = asked[0]["query"]["q"]
    assert "Зефирная" in sent and "9" in sent and "Приреченск" in sent
    for private in ("Иванов", "кв", "912", "помочь"):
        assert private not in sent
    with database.writing("maria") as connection:
        found = review.get_task(connection, task)
        assert found.status == "unmatched"
        assert found.choices[-1]["label"].endswith("(photon)")
        review.choose(connection, task, len(found.choices) - 1, "maria")
        assert review.get_task(connection, task).status == "manual"


def test_a_text_without_an_address_is_not_sent(database: Database, asked_task: tuple[CurrentGeocoder, int]) -> None:
    current, _ = asked_task
    with database.writing("test") as connection:
        task = insert(connection, "geocode_task", text="Иванов Иван Иванович просит", normal="")
    with standing_in([]) as (url, asked), pytest.raises(NotFound):
        consult(database, current, task, Nominatim(url), "maria")
    assert asked == []


def test_the_daily_cap_is_kept_together(database: Database) -> None:
    assert [count_request(database, "photon", 2, "maria") for _ in range(3)] == [True, True, False]
    with database.computing() as connection:
        assert connection.scalar(text("SELECT requests FROM okruga.geocode_use WHERE provider = 'photon'")) == 2
    with standing_in([]) as (url, asked), pytest.raises(TooLarge):
        Photon(url).ask("Приреченск", lambda name, _cap: count_request(database, name, 2, "maria"))
    assert asked == []
