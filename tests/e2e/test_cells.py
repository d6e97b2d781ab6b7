"""Are hexagons and surfaces drawn in the explorer, without reloading it, with their card, address and table?"""

from __future__ import annotations

import json
import math

import h3

from maps.palette import RAMPS
from tests.e2e.conftest import Visit
from tests.e2e.test_explorer import HERE, values

# the middle of the map below header and notice, on a desk of 900 pixels
MIDDLE = 494


def on_screen(lat: float, lon: float) -> tuple[float, float]:
    """Where a place lies on the page that is opened at HERE, in pixels."""
    zoom, *centre = (float(part) for part in HERE.strip("#/").split("/"))
    side = 256 * 2**zoom / 360

    def down(degrees: float) -> float:
        return math.degrees(math.asinh(math.tan(math.radians(degrees))))

    return 720 + (lon - centre[1]) * side, MIDDLE - (down(lat) - down(centre[0])) * side


def test_hexagons_are_a_kind_of_areas_like_others(visit: Visit) -> None:
    page = visit.open("/map/gaps" + HERE)
    loaded = visit.count("/map/gaps")
    page.select_option("[data-short=m]", "needs_open_per_km2")
    visit.until("location.hash.includes('k=hex_cell')")
    visit.until("document.querySelector('#legend').getAttribute('aria-busy') === 'false'")
    told = values(visit.service, "needs_open_per_km2", "kind=hex_cell&cell=9&period=2025")
    assert len(told["corners"]) == 12 * len(told["codes"]) > 0
    visit.until("document.querySelectorAll('.leaflet-areas-pane canvas').length > 0")
    visit.settle()
    page.wait_for_timeout(300)
    assert set(RAMPS["counts"]) & set(visit.colours())
    assert "h=9" in page.evaluate("location.hash")
    page.mouse.click(*on_screen(*h3.cell_to_latlng(told["codes"][0])))
    visit.until("document.querySelector('.card .subtitle')?.textContent.includes('шестиугольная ячейка')")
    assert told["names"][0] in page.inner_text(".card h2")
    href = page.get_attribute("#table-link", "href") or ""
    assert "kind=hex_cell" in href and "cell=9" in href and "measure=needs_open_per_km2" in href
    # another measure that cells cannot answer goes back to the districts
    page.select_option("[data-short=m]", "gap_index")
    visit.until("location.hash.includes('k=civic_district')")
    assert visit.count("/map/gaps") == loaded
    page.goto(visit.service + href)
    assert page.locator("tbody tr").count() == len(told["codes"])
    visit.assert_clean()


def test_a_link_brings_events_of_the_whole_town_along(visit: Visit) -> None:
    """Another visitor who opens the address sees what was chosen."""
    page = visit.open("/map/participation" + HERE + "m=participants_per_1000_16&y=2024")
    page.select_option("[data-control=town_events]", "residents_16")
    visit.until("location.hash.includes('town_events=residents_16')")
    visit.until("document.querySelector('#legend').innerText.includes('474')")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    visit.ready()
    assert page.locator("[data-control=town_events]").input_value() == "residents_16"
    assert "474" in page.inner_text("#legend")
    visit.assert_clean()


def test_the_rule_is_moved_by_hand(visit: Visit) -> None:
    page = visit.open("/map/gaps" + HERE + "m=underserved&tos_below=0.9&needs_from=2&points_from=x")
    loaded = visit.count("/map/gaps")
    box = page.locator("[data-control=tos_below]")
    assert (box.input_value(), page.locator("[data-control=needs_from]").input_value()) == ("0.9", "2")
    # what is not a number of the rule is the usual one
    assert page.locator("[data-control=points_from]").input_value() == "3"
    before = page.inner_text("#legend")
    page.fill("[data-control=tos_weight]", "0")
    page.locator("[data-control=tos_weight]").blur()
    visit.until("location.hash.includes('tos_weight=0')")
    visit.until(f"document.querySelector('#legend').innerText !== {json.dumps(before)}")
    href = page.get_attribute("#table-link", "href") or ""
    assert "tos_weight=0" in href and "tos_below=0.9" in href
    # a measure without controls takes them away
    page.select_option("[data-short=m]", "need_supply_class")
    visit.until("document.querySelectorAll('[data-control]').length === 0")
    visit.until("document.querySelectorAll('#legend .square button').length === 9")
    assert "tos_weight" not in page.evaluate("location.hash")
    # clusters are looked for in another figure
    page.select_option("[data-short=m]", "hot_spot")
    visit.until("document.querySelector('[data-control=of]') !== null")
    page.select_option("[data-control=of]", "uncovered_share")
    visit.until("location.hash.includes('of=uncovered_share')")
    assert visit.count("/map/gaps") == loaded
    visit.assert_clean()


def test_distances_on_foot_say_when_there_are_no_streets(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE + "m=within_distance_share")
    page.select_option("[data-control=by]", "foot")
    visit.until("document.querySelector('#legend').innerText.includes('okruga load osm')")
    assert "by=foot" in page.evaluate("location.hash")
    visit.assert_clean()
