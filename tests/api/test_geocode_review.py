"""Can a steward work off waiting addresses with plain forms, and see where addresses are missing?"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api import geocoder
from api.app import create_app
from geo.geocode import review
from geo.settings import Settings
from geo.store.embedded import Cluster
from geo.store.engine import Database
from tests.api.test_geocode import LISTS
from tests.api.test_sign_in import HOME, OURS, enter
from tests.conftest import _copy, _database
from tests.geo.world import insert

HOSTILE = "<img src=x onerror=alert(1)> 5"
TEXTS = ("Пристанская 4", "пристанская, 4, кв. 7", "с. Неведомое, ул. Садовая 2", HOSTILE)
TWIN = "a9,Приморск,Пристанская набережная,4,51.6700,47.6000\n"


@dataclass
class Desk:
    """A browser of a signed-in steward in front of a queue."""

    browser: TestClient
    form: str
    database: Database
    lists: Path

    def page(self, query: str = "") -> str:
        return str(self.browser.get(f"/steward/geocode{query}").text)

    def task(self, page: str = "") -> int:
        found = re.search(r'data-task="(\d+)"', page or self.page())
        assert found
        return int(found[1])

    def send(self, address: str, **fields: str | int):  # type: ignore[no-untyped-def]
        data = {"form": self.form, **{name: str(value) for name, value in fields.items()}}
        return self.browser.post(f"/steward/geocode{address}", data=data, headers=OURS)

    def choose(self, number: int, page: str = "") -> object:
        page = page or self.page()
        seen = re.search(r'name="seen" value="(\w+)"', page)
        assert seen
        return self.send(f"/{self.task(page)}", decision="choose", number=number, seen=seen[1])

    def asked_again(self, **fields: str) -> str:
        """Send the form of asking again and wait for the job."""
        answer = self.send("/again", **fields)
        for _ in range(300):
            if "http-equiv" not in answer.text:
                return str(answer.text)
            time.sleep(0.02)
            answer = self.browser.get(str(answer.url))
        pytest.fail("the job never ended")

    def levels(self) -> list[str]:
        with self.database.computing() as connection:
            rows = connection.execute(
                text("SELECT p.match_level FROM okruga.geocode_task q JOIN okruga.place p ON p.id = q.place_id"
                     " ORDER BY q.id")
            )  # fmt: skip
            return [row.match_level for row in rows]


@pytest.fixture(scope="module")
def queued(cluster: Cluster, town_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A town with four waiting needs, worked off once; whoever decides something takes it back (see desk)."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "gazetteer").mkdir()
    for name, content in LISTS.items():
        (folder / "gazetteer" / name).write_text(content + (TWIN if name == "addresses.csv" else ""), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, _copy(cluster, town_template) as name:
        patch.setattr(geocoder, "settings", lambda: Settings(data_dir=folder))
        database = _database(cluster, name)
        browser = TestClient(create_app(database), base_url=HOME, raise_server_exceptions=False)
        add_needs(database)
        made = Desk(browser, enter(browser, database), database, folder / "gazetteer")
        assert "Готово" in made.asked_again(apply="1")
        yield made
        database.close()


def add_needs(database: Database) -> None:
    with database.writing("test") as connection:
        run, source = connection.execute(text("SELECT import_run_id, source_id FROM okruga.entry LIMIT 1")).one()
        for number, words in enumerate(TEXTS):
            common = {"source_id": source, "import_run_id": run}
            entry = insert(connection, "entry", register="need", key=f"w{number}", title=words, status="open", **common)
            insert(connection, "need", entry_id=entry, priority="medium")
            insert(connection, "place", entry_id=entry, register="need", address=words, match_level="none",
                   certainty="no_polygon", public_precision="hexagon", import_run_id=run)  # fmt: skip


@pytest.fixture
def desk(queued: Desk) -> Iterator[Desk]:
    yield queued
    with queued.database.writing("admin") as connection:
        known = queued.browser.app.state.addresses._geocoder  # type: ignore[attr-defined]
        for decision in review.decisions(connection):
            review.take_back(connection, decision.id, known, "admin")
        connection.execute(text("UPDATE okruga.account SET role = 'admin'"))


def test_who_is_not_signed_in_is_asked_to(desk: Desk) -> None:
    stranger = TestClient(desk.browser.app, base_url=HOME)
    asked = stranger.get("/steward/geocode", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fsteward%2Fgeocode")
    assert stranger.post(f"/steward/geocode/{desk.task()}", data={"decision": "none"}, headers=OURS).status_code == 403
    wrong = {"decision": "none", "form": "0" * 32}
    assert desk.browser.post(f"/steward/geocode/{desk.task()}", data=wrong, headers=OURS).status_code == 403


def test_the_page_shows_the_words_the_reason_and_what_can_be_chosen(desk: Desk) -> None:
    page = desk.page()
    assert '<mark class="known">Пристанская</mark>' in page
    assert "решение применится к 2 строкам" in page
    assert re.findall(r'class="label">([^<]+)<', page)[:2] == [
        "Приморск, улица Пристанская, 4", "Приморск, Пристанская набережная, 4",
    ]  # fmt: skip
    assert "Менее точно" in page
    assert HOSTILE not in page + desk.page("?after=1") and "onerror" not in re.sub(r"&lt;img.*?&gt;", "", page)


def test_text_of_people_is_shown_as_text(desk: Desk) -> None:
    with desk.database.computing() as connection:
        task = connection.scalar(text("SELECT id FROM okruga.geocode_task WHERE text = :words"), {"words": HOSTILE})
    page = desk.page(f"?task={task}")
    assert "<img src=x" not in page
    marked = re.search(r'id="task-text"[^>]*>(.*?)</h2>', page)
    assert marked and html.unescape(re.sub(r"</?mark[^>]*>", "", marked[1])) == HOSTILE


def test_a_choice_settles_all_rows_moves_their_places_and_is_taken_back(desk: Desk) -> None:
    before = desk.levels()
    done = desk.choose(1)
    assert "Решение применено к строкам: 2" in done.text  # type: ignore[attr-defined]
    assert desk.levels()[:2] == ["house", "house"]
    assert desk.browser.get("/api/near?lat=51.6751&lon=47.6127&radius=400&register=need").json()["number_matched"] >= 2
    decision = re.search(r'name="decision" value="(\d+)"', done.text)  # type: ignore[attr-defined]
    assert decision
    undone = desk.send("/undo", decision=decision[1])
    assert "Снова ждут решения строк: 2" in undone.text
    assert desk.levels() == before
    assert desk.send("/undo", decision=decision[1]).status_code == 404


def test_other_words_coordinates_and_the_pin_place_it_too(desk: Desk) -> None:
    page = desk.page("?words=51.675,47.613")
    assert re.findall(r'class="label">([^<]+)<', page)[0] == "51.675000, 47.613000"
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    fields = {"decision": "choose", "number": "1", "seen": seen[1], "words": "51.675,47.613"}
    assert desk.send(f"/{desk.task(page)}", **fields).status_code == 200
    assert desk.levels()[0] == "point"
    assert desk.send(f"/{desk.task()}", decision="pin", lat="51,676", lon="47.62").status_code == 200
    refused = desk.send(f"/{desk.task()}", decision="pin", lat="north", lon="1")
    assert refused.status_code == 422
    assert "не координата" in refused.text


def test_a_number_means_what_stood_under_it(desk: Desk) -> None:
    page = desk.page()
    mixed_up = {"decision": "choose", "number": "2", "seen": "0" * 16}
    refused = desk.send(f"/{desk.task(page)}", **mixed_up)
    assert refused.status_code == 409
    assert "списки адресов изменились" in refused.text
    assert desk.send(f"/{desk.task(page)}", **{**mixed_up, "number": "99"}).status_code == 422
    assert desk.levels()[0] == "none"


def test_skipping_and_filters(desk: Desk) -> None:
    page = desk.page()
    after = desk.page(f"?after={desk.task(page)}")
    assert desk.task(after) != desk.task(page)
    reason = "The settlement {name} is not in the gazetteer."
    reasons = [html.unescape(each) for each in re.findall(r'<option value="([^"]+ {name}[^"]*)"', page)]
    assert reasons and "{name}" not in re.sub(r'value="[^"]*"', "", page), (reason, reasons)
    narrowed = desk.browser.get("/steward/geocode", params={"reason": reasons[0]}).text
    assert "Неведомое" in narrowed
    assert "Show only" not in narrowed


def test_what_is_missing_is_said_with_its_base(desk: Desk) -> None:
    told = desk.browser.get("/api/quality/addresses?kind=civic_district").json()
    assert told["together"]["rows"] == len(TEXTS)
    assert told["together"]["unresolved"] == len(TEXTS)
    assert sum(item["unresolved"] for item in told["items"]) == len(TEXTS)
    desk.choose(1)
    told = desk.browser.get("/api/quality/addresses?kind=civic_district").json()
    assert (told["together"]["unresolved"], told["together"]["unresolved_share"]) == (2, 0.5)
    assert [item["rows"] for item in told["items"] if item["territory"]] == [2]
    assert "Адреса без места" in desk.browser.get("/steward").text


def test_an_editor_decides_but_loads_nothing_again(desk: Desk) -> None:
    with desk.database.writing("test") as connection:
        connection.execute(text("UPDATE okruga.account SET role = 'editor' WHERE login = 'admin'"))
    assert desk.browser.get("/steward/geocode").status_code == 200
    assert desk.browser.get("/steward/geocode/again").status_code == 403
    assert desk.send("/again").status_code == 403


def test_all_rows_were_answered_by_the_lists_of_the_page(desk: Desk) -> None:
    """A geocoder of the database alone, without these lists, must not be what the page compares with."""
    page = desk.browser.get("/steward/geocode/again").text
    assert "проверены по сегодняшним спискам" in page
    assert page.count("0 строк") == 2


def test_new_lists_are_looked_at_before_they_count(desk: Desk) -> None:
    """The last test: from here on the lists are others."""
    desk.send(f"/{desk.task()}", decision="none")
    with (desk.lists / "addresses.csv").open("a", encoding="utf-8") as file:
        file.write("b1,Неведомое,Садовая улица,2,51.7000,47.7000\n")
    desk.browser.app.state.addresses._made_of = None  # type: ignore[attr-defined]
    seen = desk.asked_again()
    assert "Неведомое" in seen and "Принять новые ответы" in seen
    assert desk.levels() == ["none"] * 4
    taken = desk.asked_again(apply="1")
    assert "Готово" in taken
    assert desk.levels() == ["none", "none", "house", "none"]
    with desk.database.computing() as connection:
        decided = connection.scalar(text("SELECT count(*) FROM okruga.geocode_task WHERE status = 'manual'"))
    assert decided == 2
