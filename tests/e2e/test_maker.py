"""Can somebody draw a boundary in a real browser, see what is wrong with it, mend it, and save it?"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy import text

from geo.demo.town import HERE
from geo.store.engine import Database
from tests.e2e.conftest import Visit, served
from tests.e2e.test_sign_in import link

# in metres of the model town: over the south border of ТОС «Слобода» by two metres
CORNERS = ((2300.0, 100.0), (2600.0, 100.0), (2600.0, 252.0), (2300.0, 252.0))


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the town is on the screen."""
    lat, lon = HERE.lat_lon(x, y)
    spot = page.evaluate(
        "([lat, lon]) => { const p = okruga_map.latLngToContainerPoint([lat, lon]);"
        " const box = okruga_map.getContainer().getBoundingClientRect(); return [p.x + box.left, p.y + box.top]; }",
        [lat, lon],
    )
    return spot[0], spot[1]


def test_a_boundary_is_drawn_mended_and_saved(own_town: Database, visitor: Callable[..., Visit]) -> None:
    with served(own_town) as service:
        visit = visitor(service)
        page = visit.page
        page.goto(f"{service}/sign-in?token={link(own_town)}")
        page.locator("main form button").first.click()
        visit.open("/steward/boundaries/new")
        page.fill("[name=name]", "ТОС <b>«Новый»</b>")
        lat, lon = HERE.lat_lon(2400, 180)
        page.evaluate("([lat, lon]) => okruga_map.setView([lat, lon], 16, {animate: false})", [lat, lon])
        page.evaluate("okruga_map.pm.setGlobalOptions({snappable: false})")
        page.locator(".leaflet-pm-icon-polygon").click()
        for x, y in (*CORNERS, CORNERS[0]):
            page.mouse.click(*at(page, x, y))
        visit.until("document.querySelectorAll('#findings li.warn, #findings li.info').length > 0")
        assert "Слобода" in page.inner_text("#findings")
        page.locator("#findings button", has_text="полоск").first.click()
        visit.until("!document.querySelector('#findings').innerText.includes('Слобода')")
        assert page.locator("#facts dd").first.inner_text()
        page.fill("[name=legal_text]", "от пруда до слободы")
        page.locator("#maker [type=submit]").click()
        page.wait_for_url("**/steward/boundaries?saved=*")
        assert "ТОС <b>«Новый»</b>" in page.inner_text("main")
        assert not visit.said
        assert page.evaluate("window.__violations") == []
    with own_town.writing("test") as connection:
        row = connection.execute(
            text("SELECT precision, legal_text FROM okruga.boundary ORDER BY id DESC LIMIT 1")
        ).one()
        assert tuple(row) == ("approximate", "от пруда до слободы")
