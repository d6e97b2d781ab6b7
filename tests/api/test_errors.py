"""What does somebody see when something goes wrong? One shape for programs, a designed page for people, ru and en."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.errors import MISFITS, STATUSES, TITLES, status_of
from api.kept import Kept
from geo import errors
from geo.store.engine import Database

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
SHAPE = {"type", "title", "status", "detail", "instance", "errors"}
CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OkrugaError)]


@pytest.fixture(scope="module")
def failing(town: Database) -> TestClient:
    """The service with addresses that raise each error there is."""
    app: FastAPI = create_app(town)

    def fail(name: str) -> None:
        if name == "bug":
            raise ZeroDivisionError("a secret")
        kind = next(kind for kind in CLASSES if kind.__name__ == name)
        raise kind("Something of {name} happened.", remedy="Do something else.", name="<b>{{7*7}}</b>")

    app.get("/api/fail/{name}")(fail)
    app.get("/fail/{name}")(fail)
    app.get("/en/fail/{name}")(fail)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_a_problem_for_a_program(failing: TestClient, kind: type[errors.OkrugaError]) -> None:
    answer = failing.get(f"/api/fail/{kind.__name__}?lang=en")
    assert answer.status_code == status_of(kind("x"))
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == SHAPE
    assert told["type"] == f"urn:okruga:problem:{kind.code}"
    assert told["status"] == answer.status_code
    assert told["detail"] == "Something of <b>{{7*7}}</b> happened. Do something else."
    assert answer.headers.get("retry-after") == ("5" if answer.status_code == 503 else None)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(("prefix", "lang"), [("", "ru"), ("/en", "en")])
def test_every_error_is_a_page_for_a_person(
    failing: TestClient, kind: type[errors.OkrugaError], prefix: str, lang: str
) -> None:
    answer = failing.get(f"{prefix}/fail/{kind.__name__}", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == status_of(kind("x"))
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{lang}"' in answer.text
    assert "<b>{{7*7}}</b>" not in answer.text
    assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_mistake_of_ours_says_a_number_and_nothing_else(
    failing: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = failing.get("/api/fail/bug?lang=en")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text
    number = re.search(r"number ([0-9a-f]{8})", answer.json()["detail"])
    assert number
    assert number[1] in caplog.text
    assert "a secret" in caplog.text
    page = failing.get("/fail/bug", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "secret" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_every_status_has_a_title() -> None:
    assert {status for _, status in STATUSES} | {405, 415, 500} <= set(TITLES)


@pytest.mark.parametrize(("lang", "russian"), [("ru", True), ("en", False)])
def test_what_does_not_fit_is_named_in_the_language(client: TestClient, lang: str, russian: bool) -> None:
    told = client.get(f"/api/projects?limit=x&period=24&theme=nothing&lang={lang}").json()
    fields = {each["field"]: each["message"] for each in told["errors"]}
    assert set(fields) == {"limit", "period", "theme"}
    assert all(bool(CYRILLIC.search(message)) is russian for message in fields.values()), fields
    assert bool(CYRILLIC.search(told["title"])) is russian


def test_the_words_for_misfits_fill_their_places(client: TestClient) -> None:
    told = client.get("/api/coverage?distance=75&lang=en").json()
    assert told["errors"][0] == {"field": "distance", "message": "This must be a multiple of 50.", "value": "75"}
    assert all("{" not in message or re.findall(r"\{(\w+)\}", message) for message in MISFITS.values())


def test_an_unknown_language_is_refused_in_the_default_one(client: TestClient) -> None:
    answer = client.get("/api/projects?lang=xx")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "lang"


def test_an_address_that_is_not_there(client: TestClient) -> None:
    assert client.get("/api/nothing").headers["content-type"] == "application/problem+json"
    page = client.get("/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert 'href="/map/coverage"' in page.text
    english = client.get("/en/nothing", headers={"Accept": "text/html"})
    assert '<html lang="en"' in english.text
    assert client.get("/nothing", headers={"Accept": "application/json"}).json()["status"] == 404


def test_a_wrong_method(client: TestClient) -> None:
    answer = client.delete("/api/projects")
    assert answer.status_code == 405
    assert set(answer.json()) == SHAPE


@pytest.fixture
def withdrawn(own_town: Database) -> dict[str, int]:
    """Entries that were published once: refused, merged into another, still to be checked."""
    with own_town.writing("test") as connection:
        ids = list(connection.scalars(text("SELECT id FROM okruga.entry WHERE register = 'need' ORDER BY id LIMIT 4")))
        for state, entry in zip(("refused", "merged", "new"), ids, strict=False):
            connection.execute(
                text("UPDATE okruga.entry SET moderation_state = :state, merged_into = :other WHERE id = :id"),
                {"state": state, "id": entry, "other": ids[3] if state == "merged" else None},
            )
    return dict(zip(("refused", "merged", "new", "other"), ids, strict=True))


def test_what_is_no_longer_shown_says_why(own_client: TestClient, withdrawn: dict[str, int]) -> None:
    for state, words in (("refused", "отклонено"), ("new", "новое")):
        page = own_client.get(f"/needs/{withdrawn[state]}", headers={"Accept": "text/html"})
        assert page.status_code == 410
        assert words in page.text
        told = own_client.get(f"/api/needs/{withdrawn[state]}")
        assert told.status_code == 410
        assert words in told.json()["detail"]
        assert own_client.get(f"/api/card/need/{withdrawn[state]}").status_code == 410


def test_a_merged_entry_leads_to_the_other(own_client: TestClient, withdrawn: dict[str, int]) -> None:
    moved = own_client.get(f"/needs/{withdrawn['merged']}", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (302, f"/needs/{withdrawn['other']}")
    told = own_client.get(f"/api/needs/{withdrawn['merged']}")
    assert told.status_code == 410
    assert str(withdrawn["other"]) in told.json()["detail"]


def test_a_database_that_is_away_is_said_at_once() -> None:
    """No answer, no hang, no traceback: 503 and when to ask again; alive, but not ready."""
    from geo.settings import settings

    gone = Database(lambda role: "postgresql+psycopg://nobody@localhost:1/none?connect_timeout=1", settings())
    client = TestClient(create_app(gone), base_url="http://localhost", raise_server_exceptions=False)
    for address in ("/api/projects", "/api/coverage", "/tiles", "/tiles/need/1/3/4/2.mvt"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), address
        assert set(answer.json()) == SHAPE
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert [check["ok"] for check in ready.json()["checks"] if check["name"] == "database"] == [False]


def test_a_tile_that_was_packed_needs_no_database(own_town: Database) -> None:
    app = create_app(own_town)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    version = client.get("/tiles").json()["layers"]["civic_district"]["version"]
    address = f"/tiles/civic_district/{version}/12/2473/1298.mvt"
    first = client.get(address)
    kept: Kept = app.state.kept
    assert kept.size > 0
    app.state.database = Database(lambda role: "postgresql+psycopg://nobody@localhost:1/none", None)  # type: ignore[arg-type]
    assert client.get(address).content == first.content
