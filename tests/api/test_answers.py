"""Does every address answer, in every language, once and then from what was kept?"""

from __future__ import annotations

import gzip
import re
from itertools import accumulate

import pytest
from fastapi.testclient import TestClient

from api.language import prefixes
from geo.analysis.measures import OF_TERRITORIES
from geo.store.engine import Database
from geo.vocabulary import TerritoryKind
from maps.text import languages
from tests.api.addresses import page_addresses, program_addresses

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@pytest.mark.parametrize("lang", languages())
def test_every_program_address_answers(client: TestClient, lang: str) -> None:
    for address in program_addresses(client):
        joined = "&" if "?" in address else "?"
        answer = client.get(f"{address}{joined}lang={lang}")
        assert answer.status_code == 200, (address, answer.text[:300])
        assert answer.content or address.startswith("/tiles/"), address


@pytest.mark.parametrize("prefix", ["", *(f"/{lang}" for lang in prefixes())])
def test_every_page_answers_in_its_language(client: TestClient, prefix: str) -> None:
    for address in page_addresses(client):
        answer = client.get(prefix + address if address != "/" else prefix + "/")
        assert answer.status_code == 200, (address, answer.text[:300])
        assert f'<html lang="{prefix.strip("/") or "ru"}"' in answer.text, address
        assert "{{" not in answer.text, address


def test_titles_follow_the_language(client: TestClient) -> None:
    said = {lang: client.get(f"/api/indicators?lang={lang}").json()["items"][0]["title"] for lang in languages()}
    assert CYRILLIC.search(said["ru"])
    assert not CYRILLIC.search(said["en"])


@pytest.mark.parametrize("measure", [measure.code for measure in OF_TERRITORIES])
def test_every_measure_colours_a_map(client: TestClient, measure: str) -> None:
    told = client.get(f"/api/values/{measure}?kind=civic_district&period=2024").json()
    areas = len(told["codes"])
    assert areas == 5
    assert areas == len(told["codes"]) == len(told["values"]) == len(told["formatted"]) == len(told["classes"])
    assert sum(told["class_counts"]) + sum(told["missing"].values()) == areas
    assert [value is None for value in told["values"]] == [letter in "nrosah" for letter in told["classes"]]
    assert len(told["breaks"]) == len(told["class_labels"]) == len(told["class_counts"]) == len(told["class_residents"])


def test_a_switched_period_keeps_its_colours(client: TestClient) -> None:
    """Class limits are those of all periods together."""
    years = [client.get(f"/api/values/tos_population_share?period={year}").json() for year in (2023, 2024, 2025)]
    assert years[0]["breaks"] == years[1]["breaks"] == years[2]["breaks"]
    assert years[0]["values"] != years[1]["values"]


def test_values_name_the_tiles_of_their_day(client: TestClient) -> None:
    """d1 and d2 change their border on 2024-07-01: the values of 2023 belong to other shapes than those of 2024."""
    old, new = (client.get(f"/api/values/tos_population_share?period={year}").json() for year in (2023, 2024))
    assert old["layer"]["version"] != new["layer"]["version"]
    assert set(accumulate(old["id_steps"])) != set(accumulate(new["id_steps"]))
    known = {each["version"] for each in client.get("/tiles").json()["layers"]["civic_district"]["versions"]}
    assert {old["layer"]["version"], new["layer"]["version"]} <= known


def test_an_answer_that_is_known_is_not_sent_again(client: TestClient) -> None:
    for address in (*program_addresses(client), *page_addresses(client)):
        etag = client.get(address).headers.get("etag")
        if etag is None:  # health, sign-in, the schema: never kept
            continue
        again = client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b""), address
        assert again.headers["etag"] == etag


def test_head_is_get_without_a_body(client: TestClient) -> None:
    for address in ("/", "/api/projects", "/map/coverage", "/tiles"):
        head, get = client.head(address), client.get(address)
        assert (head.status_code, head.content) == (200, b""), address
        assert head.headers["etag"] == get.headers["etag"]


def test_large_answers_travel_packed(client: TestClient) -> None:
    for address in ("/api/gaps", "/map/coverage", "/api/projects", "/openapi.json"):
        with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
            packed = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"].lower()
        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(packed) == plain.content


def test_new_data_change_the_etag(own_client: TestClient, own_town: Database) -> None:
    from sqlalchemy import text

    from geo.analysis import tally

    before = own_client.get("/api/gaps").headers["etag"]
    with own_town.writing("test") as connection:
        connection.execute(
            text("UPDATE okruga.entry SET status = 'open' WHERE register = 'need' AND status = 'answered'")
        )
    assert tally.settle(own_town) is not None
    changed = own_client.get("/api/gaps", headers={"If-None-Match": before})
    assert changed.status_code == 200
    assert changed.headers["etag"] != before


def test_the_page_of_a_tos_is_not_that_of_a_district(client: TestClient) -> None:
    moved = client.get("/districts/t1", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, "/tos/t1")
    assert client.get("/tos/d1").status_code == 404


def test_every_kind_has_a_title(client: TestClient) -> None:
    kinds = {item["kind"]: item["kind_title"] for item in client.get("/api/territories?lang=en").json()["items"]}
    assert kinds
    assert all((title and title != kind) or kind in title for kind, title in kinds.items())
    assert set(kinds) <= set(TerritoryKind.codes())
