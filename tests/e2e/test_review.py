"""Can a steward place addresses with the keyboard and a pin without a reload, and a resident find one while typing?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from api import geocoder
from geo.settings import Settings
from geo.store.engine import Database
from tests.api.test_geocode import LISTS
from tests.api.test_geocode_review import TWIN, add_needs
from tests.e2e.conftest import WATCH_POLICY, served
from tests.e2e.test_sign_in import link


@pytest.fixture
def desk(own_town: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service over a town of this test's own, with address lists and needs without a place."""
    (tmp_path / "gazetteer").mkdir()
    for name, content in LISTS.items():
        (tmp_path / "gazetteer" / name).write_text(content + (TWIN if name == "addresses.csv" else ""), "utf-8")
    monkeypatch.setattr(geocoder, "settings", lambda: Settings(data_dir=tmp_path))
    add_needs(own_town)
    with served(own_town) as address:
        yield address


def signed_in(browser: Browser, desk: str, database: Database) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ru-RU").new_page()
    page.add_init_script(WATCH_POLICY)
    page.goto(f"{desk}/sign-in?token={link(database)}")
    page.locator("form[method=post] button").click()
    expect(page).to_have_url(f"{desk}/steward")
    return page


def test_addresses_are_placed_with_keys_and_a_pin(desk: str, own_town: Database, browser: Browser) -> None:
    page = signed_in(browser, desk, own_town)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{desk}/steward/geocode/again")
    page.locator("form button.main").click()
    page.locator("button[name=apply]").click()
    expect(page.locator("main p.notice[role=status]")).to_contain_text("Готово")

    page.goto(f"{desk}/steward/geocode")
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.evaluate("window.stayed = true")
    words = page.locator("#task-text")
    expect(words).to_have_text("Пристанская 4")
    expect(page.locator(".leaflet-marker-pane .numbered")).to_have_count(page.locator(".offers li").count())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".offers li.lit .badge-number")).to_have_text("2")
    expect(page.locator(".numbered.lit")).to_have_text("2")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_text("Решение применено к строкам: 2.")
    expect(words).not_to_have_text("Пристанская 4")
    page.keyboard.press("u")
    expect(page.locator(".said")).to_have_text("Снова ждут решения строк: 2.")
    expect(words).to_have_text("Пристанская 4")

    page.keyboard.press("s")
    expect(words).not_to_have_text("Пристанская 4")
    skipped_to = words.inner_text()
    page.mouse.click(1000, 500)
    expect(page.locator(".pin-form button")).to_be_focused()
    first = page.locator(".pin-form input[name=lat]").input_value()
    pin = page.locator(".put").bounding_box()
    assert pin
    page.mouse.move(pin["x"] + 12, pin["y"] + 12)
    page.mouse.down()
    page.mouse.move(pin["x"] + 100, pin["y"] + 90, steps=4)
    page.mouse.up()
    expect(page.locator(".pin-form input[name=lat]")).not_to_have_value(first)
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_text("Решение применено к строкам: 1.")
    expect(page.locator(".undo")).to_contain_text(skipped_to)
    page.keyboard.press("n")
    expect(page.locator(".undo")).to_contain_text("не адрес")
    expect(page.get_by_role("button", name="Сначала")).to_be_visible()

    assert page.evaluate("window.stayed") is True, "the page was loaded anew"
    assert page.evaluate("window.__violations") == []
    assert said == []


def test_a_territory_is_chosen_with_its_boundary(desk: str, own_town: Database, browser: Browser) -> None:
    page = signed_in(browser, desk, own_town)
    page.goto(f"{desk}/steward/geocode/again")
    page.locator("form button.main").click()
    page.locator("button[name=apply]").click()
    expect(page.locator("main p.notice[role=status]")).to_contain_text("Готово")
    with own_town.computing() as connection:
        code, name = connection.execute(
            text("SELECT code, name FROM okruga.territory t WHERE kind = 'tos_territory' AND EXISTS"
                 " (SELECT FROM okruga.boundary b WHERE b.territory_id = t.id AND b.valid @> current_date)"
                 " ORDER BY code LIMIT 1")
        ).one()  # fmt: skip

    page.goto(f"{desk}/steward/geocode")
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.fill("#words", name)
    page.locator(".other button").click()
    offer = page.locator(f".offers li[data-territory='{code}']")
    expect(offer).to_contain_text("в своих границах")
    waiting = page.locator("#task-text").inner_text()
    offer.locator("button").hover()
    expect(page.locator(".leaflet-overlay-pane path")).to_have_count(1)
    corners = page.locator(".leaflet-overlay-pane path").get_attribute("d")
    assert corners and corners.count("L") >= 3 and "a" not in corners, "a boundary, not a circle"
    offer.locator("button").click()
    expect(page.locator(".said")).to_contain_text("Решение применено")
    with own_town.computing() as connection:
        same = connection.execute(
            text("SELECT bool_and(ST_Equals(p.geom, b.geom)) AS same, count(*) AS rows FROM okruga.geocode_task q"
                 " JOIN okruga.place p ON p.id = q.place_id JOIN okruga.territory t ON t.code = q.territory_code"
                 " JOIN okruga.boundary b ON b.territory_id = t.id AND b.valid @> current_date WHERE q.text = :words"),
            {"words": waiting},
        ).one()  # fmt: skip
    assert same.same and same.rows >= 1


def test_the_search_says_what_the_map_shows(desk: str, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ru-RU").new_page()
    for place in ("near", "map/coverage"):
        page.goto(f"{desk}/{place}")
        expect(page.locator("html[data-ready]")).to_be_attached()
        with page.expect_request(lambda request: "/api/geocode" in request.url) as asked:
            page.fill("#finder", "пристанская 4")
        west, south, east, north = map(float, parse_qs(urlsplit(asked.value.url).query)["bbox"][0].split(","))
        assert west < 47.6127 < east and south < 51.6751 < north
        expect(page.locator(".found li").first).to_contain_text("улица Пристанская, 4")


def test_an_address_is_found_while_typing(desk: str, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ru-RU").new_page()
    page.goto(f"{desk}/near")
    expect(page.locator("html[data-ready]")).to_be_attached()
    found = page.locator(".found li")
    page.fill("#finder", "прис")
    expect(found.filter(has_text="улица Пристанская")).to_be_visible()
    page.fill("#finder", "с. Неведомое, 2")
    expect(found.filter(has_text="Населённого пункта «с. Неведомое» нет в справочнике.")).to_be_visible()
    page.fill("#finder", "пристанская 4")
    expect(found.first).to_contain_text("улица Пристанская, 4")
    expect(found.filter(has_text="Пристанская набережная, 4")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".here-card")).to_be_visible()
    assert "lat=51.67" in page.url
