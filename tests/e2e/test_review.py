"""Can a steward place addresses with the keyboard and a pin without a reload, and a resident find one while typing?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

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
