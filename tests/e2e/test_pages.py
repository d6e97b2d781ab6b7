"""Does every page work on its own: nothing foreign, nothing blocked, nothing to complain about, on desk and phone?"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from urllib.request import urlopen

import pytest

from geo.store.embedded import Cluster
from tests.e2e.conftest import PHONE, Visit, town

MAPS = ("/map/coverage", "/map/gaps", "/map/participation", "/near?lat=51.68&lon=47.63&radius=2000")
PAGES = ("/", "/districts", "/districts/d1", "/tos", "/map/coverage/table", "/near?view=list", "/data", "/sign-in")
STREET = """
INSERT INTO okruga.street_network (source_id, import_run_id, nodes, edges, metres)
SELECT source_id, id, 61, 60, 4140 FROM okruga.import_run ORDER BY id LIMIT 1;
INSERT INTO okruga.street_node SELECT n.id, i, 47.6 + 0.001 * i, 51.6775
FROM okruga.street_network n, generate_series(0, 60) AS i;
INSERT INTO okruga.street_way SELECT n.id, i, i + 1, 69 FROM okruga.street_network n, generate_series(0, 59) AS i;
"""


@pytest.mark.parametrize("path", [*MAPS, *PAGES, "/docs"])
def test_page_on_a_desk(visit: Visit, path: str) -> None:
    visit.open(path)
    visit.assert_clean()


@pytest.mark.parametrize("path", [*MAPS, *PAGES])
def test_page_on_a_phone_fits_its_width(phone: Visit, path: str) -> None:
    page = phone.open("/en" + path)
    phone.assert_clean()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "user-scalable" not in page.content()


@pytest.mark.parametrize("path", MAPS)
def test_map_page_is_light(service: str, path: str) -> None:
    with urlopen(service + path) as answer:
        html = answer.read()
    assert len(gzip.compress(html)) <= 20_000
    assert not re.search(
        rb"https?://(?!www\.w3\.org)",
        re.sub(rb'<footer.*?</footer>|<a [^>]*href="https?:[^>]*>', b"", html, flags=re.S),
    )


@pytest.mark.parametrize(
    ("status", "path"), [(404, "/districts/nowhere"), (404, "/no/such/page"), (422, "/near?lat=x&lon=1")]
)
def test_errors_are_pages(visit: Visit, status: int, path: str) -> None:
    answer = visit.page.goto(visit.service + path)
    assert answer is not None
    assert answer.status == status
    assert visit.page.locator("h1").inner_text()
    assert visit.page.locator(".error-box a.button").count() >= 1
    assert visit.strangers() == []
    assert visit.page.evaluate("window.__violations") == []


def test_without_script_the_question_leads_to_its_table(visitor: Callable[..., Visit]) -> None:
    visit = visitor(java_script_enabled=False)
    visit.page.goto(visit.service + "/map/coverage")
    visit.page.locator("noscript button").click()
    visit.page.wait_for_url("**/map/coverage/table*")
    assert visit.page.locator("table.figures tbody tr").count() == 5


def test_skip_link_comes_first_and_leads_to_the_table(visit: Visit) -> None:
    page = visit.open("/map/coverage")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**/map/coverage/table")


def test_language_switch_keeps_place_and_choices(visit: Visit) -> None:
    page = visit.open("/map/coverage#14/51.68/47.63/m=tos_area_share")
    page.locator(".languages a").click()
    visit.ready()
    assert "/en/map/coverage" in page.url
    assert "m=tos_area_share" in page.url
    assert page.evaluate("document.documentElement.lang") == "en"


def test_search_finds_a_district_by_keys_alone(visit: Visit) -> None:
    page = visit.open("/")
    page.locator("#where").focus()
    page.keyboard.type("Заречн")
    page.locator("#where-found li[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator("#where-found li[aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/districts/d1")
    assert visit.strangers() == []


def test_where_i_am_leads_to_what_is_near(visitor: Callable[..., Visit]) -> None:
    visit = visitor(geolocation={"latitude": 51.68, "longitude": 47.63}, permissions=["geolocation"])
    page = visit.open("/")
    page.locator("[data-locate]").click()
    page.wait_for_url("**/near?lat=51.68*")


def test_a_refused_position_is_a_sentence(visitor: Callable[..., Visit]) -> None:
    visit = visitor(permissions=[])
    page = visit.open("/")
    page.locator("[data-locate]").click()
    visit.until("document.getElementById('position-said').textContent.length > 20")


def test_near_page_lists_and_marks_the_same_entries(visit: Visit) -> None:
    page = visit.open("/near?lat=51.6775&lon=47.62&radius=2000")
    rows = page.locator("#answer li[data-key]")
    assert rows.count() >= 3
    assert page.locator(".leaflet-marker-pane .pin").count() == rows.count()
    rows.first.hover()
    assert page.locator(".leaflet-marker-pane .pin.lit").count() == 1
    visit.assert_clean()


def test_near_on_foot(visitor: Callable[..., Visit], cluster: Cluster, template: str) -> None:
    """One street from west to east through the town; on foot what stands beside it comes first."""
    with town(cluster, template, STREET) as address:
        visit = visitor(address)
        page = visit.open("/near?lat=51.6775&lon=47.62&radius=2000")
        straight = page.locator("#answer li[data-key]").count()
        page.select_option("#by", "foot")
        page.locator("#answer li", has_text="пешком").first.wait_for()
        visit.settle()
        assert "by=foot" in page.url
        rows = page.locator("#answer li[data-key]")
        assert 0 < rows.count() <= straight
        assert re.search(r"пешком, \d+ мин", rows.first.inner_text())
        assert "по прямой" in rows.first.inner_text()
        assert page.locator(".leaflet-marker-pane .pin").count() == rows.count()
        assert page.locator("#answer p.soft", has_text="4,8 км/ч").count() == 1
        visit.assert_clean()
        again = visitor(address, **PHONE).open(page.url.removeprefix(address))
        assert again.input_value("#by") == "foot"
        assert again.evaluate("document.documentElement.scrollWidth") <= 390


def test_reduced_motion_is_honoured(visitor: Callable[..., Visit]) -> None:
    visit = visitor(reduced_motion="reduce")
    page = visit.open("/map/coverage")
    page.mouse.click(900, 500)
    page.locator(".card h2:not(.waiting)").wait_for()
    assert page.locator(".card").evaluate("node => getComputedStyle(node).animationName") == "none"


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_small_map_of_a_place_stands_in_a_frame(visitor: Callable[..., Visit], options: dict[str, object]) -> None:
    visit = visitor(**options)
    page = visit.open("/districts/d1")
    frame = page.frame_locator("iframe.small-map")
    page.locator("iframe.small-map").scroll_into_view_if_needed()
    frame.locator(".civic-map.leaflet-container").wait_for()
    visit.assert_clean()


def test_a_passport_prints_on_one_sheet(visit: Visit) -> None:
    printed = visit.open("/districts/d1").pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


def test_other_forms_of_a_figure_are_printed_when_opened(visit: Visit) -> None:
    page = visit.open("/districts/d1")
    page.emulate_media(media="print")
    forms = page.locator("tr.form")
    assert forms.count() == 4
    page.evaluate("document.querySelector('#access_score details').open = true")
    assert not forms.first.is_visible()
    assert not page.locator("tr.forms").is_visible()
    page.evaluate("document.querySelector('#access_3sfca details').open = true")
    assert page.locator("tr.forms").is_visible()
    assert [each.get_attribute("id") for each in forms.all() if each.is_visible()] == ["access_3sfca"]
