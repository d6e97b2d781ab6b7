"""Can a steward load a city's own files in a browser, answer what is asked, mend what is refused, and take it back?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from playwright.sync_api import Page, expect

from geo.demo.town import FOLDER
from geo.settings import settings
from geo.store import account as accounts
from geo.store.engine import Database
from tests.e2e.conftest import PHONE, Visit, served

pytestmark = pytest.mark.usefixtures("own_folder")
MESSY = """Обращения жителей;;;;
№;О чём просят;Сколько поддержали;Широта;Долгота
1;Скамейка у подъезда;5;51,680;47,650
2;Свет во дворе;много;51,681;47,652
3;<b>Урна</b>;2;51,682;47,653
"""


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OKRUGA_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def desk(own_town: Database) -> Iterator[str]:
    """The service over a town of this test's own."""
    with served(own_town) as address:
        yield address


def sign_in(visit: Visit, database: Database) -> Page:
    with database.writing("test") as connection:
        token = accounts.make_link(connection, accounts.first_administrator(connection))
    visit.page.goto(f"{visit.service}/sign-in?token={token}")
    visit.page.locator("form[method=post] button").click()
    expect(visit.page).to_have_url(f"{visit.service}/steward")
    return visit.page


def send(page: Page, address: str, register: str, name: str, content: bytes, kind: str = "", source: str = "") -> None:
    """Choose, drop and send a file, and wait for what it would do."""
    page.goto(f"{address}/steward/imports")
    page.select_option("select[name=register]", register)
    if kind:
        page.select_option("select[name=kind]", kind)
    page.fill("input[name=source]", source)
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("form[data-send] input[type=file]", file)  # type: ignore[arg-type]
    page.locator("form[data-send] button[type=submit]").click()
    looked_at(page)


def looked_at(page: Page) -> None:
    """The page of a file on which nothing is being worked any more."""
    expect(page.locator(".discard, .done")).to_be_visible(timeout=20_000)


def column(page: Page, heading: str) -> int:
    return page.locator(".sheet .heading").all_text_contents().index(heading)


def test_a_messy_list_is_mapped_loaded_mended_and_taken_back(desk: str, own_town: Database, visitor) -> None:  # type: ignore[no-untyped-def]
    visit = visitor(desk)
    page = sign_in(visit, own_town)
    send(page, desk, "needs", "письма.csv", MESSY.encode("cp1251"), source="Письма")
    # the encoding is asked, with how the text would look
    expect(page.locator(".questions fieldset")).to_have_count(1)
    assert "Скамейка" in (page.locator(".questions").text_content() or "")
    assert page.locator("[data-load]").count() == 0
    page.locator(".questions button").click()
    expect(page.locator(".questions")).to_have_count(0, timeout=20_000)
    looked_at(page)
    # headings nobody knows are given their meaning
    page.select_option(f"select[name=column-{column(page, 'О чём просят')}]", "title")
    page.select_option(f"select[name=column-{column(page, 'Сколько поддержали')}]", "supporters")
    page.locator("#answers .settings button").click()
    expect(page.locator("[data-load]")).to_be_enabled(timeout=20_000)
    assert page.locator(".sheet b").count() == 0, "what stands in a cell is text"
    assert "много" in (page.locator(".found-group.block").first.text_content() or "")
    frame = page.frame_locator("iframe[name=incoming]")
    expect(frame.locator("canvas").first).to_be_attached()
    visit.assert_clean()
    # a change that was not looked at must not be loaded as it was
    page.fill("input[name=licence]", "CC0")
    expect(page.locator("[data-load]")).to_be_disabled()
    page.locator("#answers .settings button").click()
    expect(page.locator("[data-load]")).to_be_enabled(timeout=20_000)
    page.uncheck("input[name=without_demo]")
    page.locator("[data-load]").click()
    expect(page.locator(".done")).to_be_visible(timeout=20_000)
    first = page.url
    # the refused row comes back with its reason, is mended and sent
    with page.expect_download() as awaited:
        page.locator("a[href$='/rejected']").click()
    text = Path(awaited.value.path()).read_text("utf-8-sig")
    assert "Свет во дворе" in text and "okruga_reason" in text
    mended = {
        "name": "исправлено.csv",
        "mimeType": "text/csv",
        "buffer": text.replace("много", "7").encode("utf-8-sig"),
    }
    page.set_input_files(".mend input[type=file]", mended)  # type: ignore[arg-type]
    page.locator(".mend button[type=submit]").click()
    expect(page.locator("[data-load]")).to_be_enabled(timeout=20_000)
    page.uncheck("input[name=without_demo]")
    page.locator("[data-load]").click()
    expect(page.locator(".done")).to_be_visible(timeout=20_000)
    # the first load is taken back after a look at what would go
    page.goto(f"{first}/undo")
    expect(page.locator(".two section").first).to_contain_text("2")
    page.locator("form.load button").click()
    expect(page.locator("[role=status]").first).to_be_visible()
    page.goto(first)
    expect(page.locator(".done")).to_have_count(0)
    visit.assert_clean()


def districts_in_metres() -> bytes:
    """The town's districts in web metres without a system, the first one pushed over its neighbours."""
    town = json.loads((FOLDER / "civic_district.geojson").read_bytes())
    for at, each in enumerate(town["features"]):
        shape = shapely.from_geojson(json.dumps(each["geometry"]))
        if at == 0:
            shape = shapely.transform(shape, lambda points: points + np.array([0.002, 0.0]))
        each["geometry"] = json.loads(str(shapely.to_geojson(shapely.transform(shape, to_metres))))
        each["properties"] = {"code": each["properties"]["code"], "name": each["properties"]["name"]}
    return json.dumps(town).encode()


def to_metres(points):  # type: ignore[no-untyped-def]
    from pyproj import Transformer

    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(points[:, 0], points[:, 1])
    points = points.copy()
    points[:, 0], points[:, 1] = x, y
    return points


def test_boundaries_are_asked_about_compared_and_shown(desk: str, own_town: Database, visitor) -> None:  # type: ignore[no-untyped-def]
    visit = visitor(desk, **PHONE)
    page = sign_in(visit, own_town)
    send(page, desk, "boundaries", "okruga.geojson", districts_in_metres(), "civic_district")
    expect(page.locator(".questions input[value='EPSG:3857']")).to_be_checked()
    page.locator(".questions button").click()
    expect(page.locator(".questions")).to_have_count(0, timeout=20_000)
    looked_at(page)
    page.fill("input[name=valid_from]", "2027-01-01")
    page.locator("#answers .settings button").click()
    expect(page.locator(".chip.mark-moved").first).to_be_visible(timeout=20_000)
    # the overlap leads to its place on the map
    overlap = page.locator(".found-group", has_text="м²").locator("a[target=incoming]").first
    overlap.click()
    frame = page.frame_locator("iframe[name=incoming]")
    expect(frame.locator(".leaflet-popup-content")).to_be_visible()
    expect(page.locator("[data-load]")).to_be_enabled()
    visit.assert_clean()


def test_a_file_is_loaded_without_scripts(desk: str, own_town: Database, visitor) -> None:  # type: ignore[no-untyped-def]
    visit = visitor(desk, java_script_enabled=False)
    page = sign_in(visit, own_town)
    send(page, desk, "needs", "needs.csv", "id;title;lat;lon\n1;Скамейка;51.68;47.65\n".encode(), source="Письма")
    page.uncheck("input[name=without_demo]")
    page.locator("[data-load]").click()
    expect(page.locator(".done")).to_be_visible(timeout=20_000)
