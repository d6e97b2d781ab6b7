"""Is everything people can store shown literally, on every page and in every corner of the maps?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from geo.store.embedded import Cluster
from tests.e2e.conftest import Visit, town
from tests.e2e.test_stock import PAYLOADS

NAMES = list(PAYLOADS.values())


def literal(text: str) -> str:
    """Text as an SQL literal that may stand in `text(...)`."""
    return "E'" + text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\:") + "'"


def poison() -> str:
    """SQL that puts a payload into every text people can store, another one in each row."""
    array = "(ARRAY[" + ", ".join(map(literal, NAMES)) + "])"
    pick = f"{array}[1 + (id % {len(NAMES)})\\:\\:int]"
    return f"""
        UPDATE okruga.territory SET name = {pick}, names = '{{}}';
        UPDATE okruga.entry SET title = {pick}, titles = '{{}}', description = {pick};
        UPDATE okruga.place SET address = {array}[1 + (id % {len(NAMES)})\\:\\:int];
        UPDATE okruga.source SET title = {array}[1 + (id % {len(NAMES)})\\:\\:int];
    """


@pytest.fixture(scope="module")
def poisoned(cluster: Cluster, template: str) -> Iterator[str]:
    with town(cluster, template, poison()) as address:
        yield address


@pytest.fixture
def visit(visitor: Callable[..., Visit], poisoned: str) -> Visit:
    return visitor(poisoned)


def assert_harmless(visit: Visit) -> None:
    assert visit.page.evaluate("window.pwned") is None
    assert visit.page.evaluate("window.__violations") == []
    assert visit.strangers() == []


@pytest.mark.parametrize(
    "path",
    [
        "/", "/districts", "/districts/d1", "/tos", "/near?view=list&lat=51.6775&lon=47.62&radius=3000", "/data",
        "/map/coverage/table", "/map/gaps/table", "/map/participation/table",
        "/near?view=list&q=%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E%7B%7B7*7%7D%7D",
        "/sign-in?next=%2F%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E",
    ],
)  # fmt: skip
def test_pages_show_it_literally(visit: Visit, path: str) -> None:
    page = visit.open(path)
    assert_harmless(visit)
    if path.startswith(("/districts", "/map")):
        shown = page.locator("main").inner_text()
        assert any(name in shown for name in NAMES)


def test_entry_pages_show_it_literally(visit: Visit) -> None:
    page = visit.open("/near?view=list&lat=51.6775&lon=47.62&radius=3000")
    entries = [link.get_attribute("href") for link in page.locator(".entries a").all()]
    assert len(entries) >= 3
    for href in entries[: len(NAMES)]:  # the rows carry the payloads in turn
        assert href is not None
        visit.open(href)
        assert page.locator("h1").inner_text() in {name.strip() for name in NAMES}
        assert_harmless(visit)


def test_names_pointer_card_and_list_of_the_map_show_it_literally(visit: Visit) -> None:
    page = visit.open("/map/coverage#14.5/51.682/47.632/")
    names = page.locator(".name").all_inner_texts()
    assert len(names) >= 3
    # the browser breaks long names into lines; the text itself is whole
    assert {page.locator(".name").nth(at).text_content() for at in range(len(names))} <= set(NAMES)
    box = page.locator(".name").first.bounding_box()
    assert box is not None
    spot = (box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.move(*spot)
    assert page.locator(".hoverline b").text_content() in NAMES
    page.mouse.click(*spot)
    title = page.locator(".card h2:not(.waiting)")
    expect(title).to_be_visible()
    assert title.text_content() in NAMES
    page.locator("#ranking summary").click()
    expect(page.locator(".ranked b").first).to_be_visible()
    assert page.locator(".ranked b").first.text_content() in NAMES
    assert "49" not in page.locator(".card").inner_text()
    assert_harmless(visit)


def test_near_page_and_search_show_it_literally(visit: Visit) -> None:
    page = visit.open("/near?lat=51.6775&lon=47.62&radius=2000")
    assert page.locator("#answer li a").first.text_content() in NAMES
    page.locator("#answer li").first.hover()
    page.locator("#finder").fill("onerror")
    found = page.locator("#finder-found li")
    expect(found.first).to_be_visible()
    assert PAYLOADS["image"] in found.locator("b").all_text_contents()
    assert_harmless(visit)


@pytest.mark.parametrize("path", ["/map/coverage", "/map/gaps", "/map/participation", "/near"])
def test_map_pages_carry_nothing_stored(visit: Visit, path: str) -> None:
    visit.open(path)
    html = visit.page.request.get(visit.service + path).text()
    main = html.split('<main id="main"')[1].split('<footer class="small">')[0]
    assert "pwned" not in main
    assert "pwned" not in html.rsplit("<script>", 1)[1]
