"""Does the map answer its visitor: colours, address, pointer, keys, card, layers, and when something does not come?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from geo.vocabulary import TerritoryKind, Theme
from maps import coverage
from maps.explorer import Defaults, Explorer, Measure
from maps.layout import Frame
from maps.palette import RAMPS
from tests.e2e.conftest import PHONE, Visit

HERE = "#14.5/51.682/47.632/"
SEQUENTIAL = set(RAMPS["sequential"])


def values(service: str, measure: str, query: str = "kind=civic_district&period=2025") -> dict[str, Any]:
    with urlopen(f"{service}/api/values/{measure}?{query}&lang=ru") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def middle(page: Page, name: str) -> tuple[float, float]:
    """Where a district's name stands, in pixels of the page."""
    box = page.locator(".name", has_text=name).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def explorer(**changes: Any) -> Explorer:
    given: dict[str, Any] = {
        "question": "coverage",
        "lang": "ru",
        "bounds": (47.61, 51.673, 47.654, 51.692),
        "measures": (Measure(code="tos_population_share", title="population coverage by TOS", unit="share"),),
        "periods": ("2024", "2025"),
        "kinds": (TerritoryKind.CIVIC_DISTRICT,),
        "themes": tuple(Theme),
        "defaults": Defaults(measure="tos_population_share"),
        "frame": Frame(path="/map/coverage"),
    }
    return Explorer(**{**given, **changes})


def test_areas_have_the_colours_of_their_classes(visit: Visit) -> None:
    visit.open("/map/coverage" + HERE)
    told = values(visit.service, "tos_population_share")
    expected = {RAMPS["sequential"][int(kind)] for kind in told["classes"] if kind.isdigit()}
    assert expected <= set(visit.colours())
    assert not (SEQUENTIAL - expected) & set(visit.colours())


def test_switching_recolours_without_fetching_a_shape_again(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    before, tiles, asked = visit.colours(), visit.count(".mvt"), visit.count("/api/values/")
    page.select_option("select[name=measure]", "tos_area_share")
    expect(page.locator("#legend h2")).to_have_text(page.locator("select[name=measure] option:checked").inner_text())
    visit.settle()
    assert visit.colours() != before
    assert visit.count(".mvt") == tiles
    assert visit.count("/api/values/") == asked + 1
    page.select_option("select[name=measure]", "tos_population_share")
    visit.until("document.getElementById('legend').getAttribute('aria-busy') === 'false'")
    page.wait_for_timeout(100)
    assert visit.colours() == before
    assert visit.count("/api/values/") == asked + 1, "an answer already seen is asked for again"
    visit.assert_clean()


def test_a_period_with_other_borders_brings_other_shapes(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    page.select_option("select[name=period]", "2023")
    current, earlier = (
        values(visit.service, "tos_population_share", f"kind=civic_district&period={year}")["layer"]["version"]
        for year in (2025, 2023)
    )
    assert current != earlier
    expect(page.locator("#legend .unit")).to_contain_text("2023")
    visit.settle()
    assert visit.count(f"/civic_district/{earlier}/") > 0
    visit.assert_clean()


@pytest.mark.parametrize(
    "choices",
    [
        "t=&y=2024&m=tos_area_share&k=civic_district&l=outline%3Acivic_district",
        "y=2025&m=within_distance_share&d=800&k=civic_district&l=",
    ],
)
def test_the_address_restores_what_was_seen(visit: Visit, choices: str) -> None:
    page = visit.open("/map/coverage#15.25/51.67900/47.62500/" + choices)
    page.wait_for_timeout(300)
    written = page.evaluate("location.hash")
    assert written.startswith("#15.25/51.67900/47.62500/")
    asked = dict(pair.split("=") for pair in choices.split("&"))
    told = dict(pair.split("=") for pair in written.split("/", 3)[3].split("&"))
    assert {letter: told[letter] for letter in asked if asked[letter] and letter != "t"} == {
        letter: value for letter, value in asked.items() if value and letter != "t"
    }
    again = visit.page.context.new_page()
    other = Visit(again, visit.service)
    other.open("/map/coverage" + written)
    again.wait_for_timeout(300)
    assert again.evaluate("location.hash") == written


@pytest.mark.parametrize(
    "hash",
    ["#x/y/z", "#99/200/999/m=nothing", "#14/51.68/47.63/m=<img>&y=1&k=zz", "#%E0%A4%A", "#14/51.68/47.63/l=none"],
)
def test_a_broken_address_still_opens_a_map(visit: Visit, hash: str) -> None:
    page = visit.open("/map/coverage" + hash)
    assert page.evaluate("location.hash").split("/", 3)[3].find("m=tos_population_share") >= 0
    assert set(visit.colours()) & SEQUENTIAL
    visit.assert_clean()


def test_a_clean_query_is_read_too(visit: Visit) -> None:
    page = visit.open("/map/coverage?measure=tos_area_share&period=2024&zoom=15&lat=51.68&lon=47.63")
    assert page.input_value("select[name=measure]") == "tos_area_share"
    assert page.input_value("select[name=period]") == "2024"
    assert page.evaluate("location.hash").startswith("#15/51.68")


def test_an_address_changed_by_hand_is_followed(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    page.evaluate("location.hash = '#14.5/51.682/47.632/m=tos_area_share&y=2024&k=civic_district&l='")
    expect(page.locator("select[name=measure]")).to_have_value("tos_area_share")
    expect(page.locator(".name").first).to_be_hidden()


def test_pointing_tells_name_and_value(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    told = values(visit.service, "tos_population_share")
    for code, name in (("d1", "Заречный округ"), ("d5", "Округ Промзона")):
        page.mouse.move(*middle(page, name))
        line = page.locator(".hoverline")
        expect(line.locator("b")).to_have_text(name)
        expect(line.locator("span")).to_have_text(told["formatted"][told["codes"].index(code)])


def test_legend_names_ranges_residents_and_missing_areas(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    told = values(visit.service, "tos_population_share")
    rows = page.locator("#legend .classes:not(.missing) li")
    assert rows.locator(".range").all_inner_texts() == told["class_labels"]
    assert [text.replace("\xa0", " ") for text in rows.locator(".share").all_inner_texts()] == [
        f"{share * 100:.0f} %" for share in told["class_residents"]
    ]
    expect(page.locator("#legend .missing li")).to_have_text(re.compile("нет жителей.*1 территория"))


def test_legend_says_that_a_theme_is_sensitive(visit: Visit) -> None:
    page = visit.open("/map/gaps#15.25/51.67900/47.62500/t=rehabilitation&y=2024&m=needs_open&k=microdistrict&l=")
    hidden = page.locator("#legend .missing li")
    expect(hidden).to_have_count(1)
    expect(hidden).to_contain_text("скрыто: здоровье или трудное положение")
    expect(page.locator("#legend")).not_to_contain_text("малое число")


def test_pointing_at_a_class_dims_the_others(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    everything = set(visit.colours()) & SEQUENTIAL
    tiles = visit.count(".mvt")
    page.locator("#legend .classes button").first.hover()
    page.wait_for_timeout(100)
    assert set(visit.colours()) & SEQUENTIAL == {RAMPS["sequential"][0]}
    page.mouse.move(900, 600)
    page.wait_for_timeout(100)
    assert set(visit.colours()) & SEQUENTIAL == everything
    assert visit.count(".mvt") == tiles


def test_a_click_opens_a_card_that_escape_closes(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    page.mouse.click(*middle(page, "Центральный округ"))
    title = page.locator(".card h2:not(.waiting)")
    expect(title).to_have_text("Центральный округ")
    expect(page.locator(".card .headline strong")).to_have_text("25 %")
    assert page.evaluate("document.querySelector('.card').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "okruga_map"
    visit.assert_clean()


def test_by_keys_alone_the_area_in_the_middle_opens(visit: Visit) -> None:
    page = visit.open("/map/coverage#15/51.6775/47.6195/")
    page.locator("#okruga_map").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card h2:not(.waiting)")).to_have_text(re.compile("округ", re.IGNORECASE))
    page.keyboard.press("Escape")
    before = page.evaluate("location.hash")
    page.keyboard.press("ArrowRight")
    visit.until(f"location.hash !== {json.dumps(before)}")
    visit.until("document.querySelector('.civic-map p[role=status].hidden').textContent.length > 0")


def test_a_card_that_does_not_come_offers_to_try_again(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    end = visit.answer("**/api/card/**", status=500, body="{}")
    page.mouse.click(*middle(page, "Центральный округ"))
    expect(page.locator(".card button:not(.close)")).to_be_visible()
    end()
    page.locator(".card button:not(.close)").click()
    expect(page.locator(".card h2")).to_have_text("Центральный округ")


def test_numbers_that_do_not_come_leave_the_last_ones_on_the_map(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    before = visit.colours()
    end = visit.answer(
        "**/api/values/**", status=503, content_type="application/problem+json", body='{"detail": "Занято."}'
    )
    page.select_option("select[name=period]", "2024")
    expect(page.locator(".trouble")).to_contain_text("Занято. На карте данные, полученные в")
    assert visit.colours() == before
    end()
    page.locator(".trouble button").click()
    expect(page.locator(".trouble")).to_be_hidden()
    expect(page.locator("#legend .unit")).to_contain_text("2024")


def test_a_dead_service_is_said_and_not_blank(visit: Visit) -> None:
    visit.page.route("**/api/values/**", lambda route: route.abort())
    visit.page.goto(visit.service + "/map/coverage")
    expect(visit.page.locator(".trouble")).to_contain_text("Сервис не отвечает.")
    expect(visit.page.locator(".name").first).to_be_visible()


def test_a_dead_basemap_is_taken_away_and_said(visit: Visit) -> None:
    html = (
        coverage.build(
            explorer(
                basemap_url="https://tiles.example/{z}/{x}/{y}.png",
                basemap_attribution='&copy; <a href="https://osm.example/copyright">OSM</a>',
            )
        )
        .get_root()
        .render()
    )
    visit.page.route("https://tiles.example/**", lambda route: route.abort())
    page = visit.show(html, basemap="https://tiles.example/{z}/{x}/{y}.png")
    expect(page.locator(".badge")).to_have_text("Без подложки")
    assert page.locator(".authors a").get_attribute("href") == "https://osm.example/copyright"
    assert page.locator(".leaflet-tile-pane img").count() == 0
    assert set(visit.colours()) & SEQUENTIAL
    assert page.evaluate("window.__violations") == []


@pytest.mark.parametrize("late", [False, True], ids=["script first", "tiles first"])
def test_a_living_basemap_lies_under_the_colours(visit: Visit, late: bool) -> None:
    grey = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
        b"\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82"
    )
    html = coverage.build(explorer(basemap_url="https://tiles.example/{z}/{x}/{y}.png")).get_root().render()
    visit.answer("https://tiles.example/**", body=grey, content_type="image/png")
    if late:  # folium's own script has put the layer on the map long before ours comes
        visit.delay("**/static/explorer*.js", milliseconds=500)
    page = visit.show(html, basemap="https://tiles.example/{z}/{x}/{y}.png")
    assert page.locator(".badge").is_hidden()
    expect(page.locator(".leaflet-areas-pane")).to_have_css("mix-blend-mode", "multiply")


def test_no_basemap_is_no_trouble(visit: Visit) -> None:
    page = visit.open("/map/coverage")
    assert page.locator(".badge").count() == 0
    assert page.locator(".leaflet-tile-pane img").count() == 0


def test_symbols_can_be_shown_and_opened(visit: Visit) -> None:
    page = visit.open("/map/gaps#16/51.6775/47.62/k=civic_district&l=symbols%3Aneed,symbols%3Aproject")
    assert visit.count("/tiles/need/") > 0
    found = page.evaluate("""() => {
        const canvas = document.querySelector("canvas.symbols");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let at = 0; at < data.length; at += 4) {
            if (data[at + 3] === 255) seen.add([data[at], data[at + 1], data[at + 2]].join());
        }
        return [...seen];
    }""")
    assert "197,27,125" in found
    assert "27,120,55" in found
    visit.assert_clean()


def test_layers_are_fetched_once_and_switched_without_fetching(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    box = page.locator("#layers label:visible input").first
    box.uncheck()
    page.wait_for_timeout(200)
    tiles = visit.count(".mvt")
    box.check()
    page.wait_for_timeout(300)
    assert visit.count(".mvt") == tiles


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?measure=tos_area_share&period=2024",
        "?measure=tos_area_share&theme=sport_physical_culture&kind=civic_district",
        "?measure=nothing&period=1&kind=&distance=x",
    ],
)
def test_what_a_page_opens_with_is_asked_for_once(visit: Visit, query: str) -> None:
    """The page begins to ask while it is read: exactly what its script wants then, no catalogue, nothing twice."""
    visit.open("/map/coverage" + query)
    assert [url for url in visit.asked if "/api/values/" in url] == [
        visit.page.evaluate("document.querySelector('link[rel=preload][href^=\"/api/values/\"]').href")
    ]
    assert len([url for url in visit.asked if ".svg" not in url]) == len(
        {url for url in visit.asked if ".svg" not in url}
    )
    assert visit.service + "/tiles" not in visit.asked
    visit.assert_clean()


def test_an_address_with_a_place_of_its_own_asks_for_nothing_ahead(visit: Visit) -> None:
    visit.open("/map/coverage" + HERE + "m=tos_area_share&y=2024&k=civic_district&l=")
    assert visit.count("/api/values/") == 1
    assert visit.page.locator("link[rel=preload][href^='/api/values/']").count() == 0


def test_tiles_beside_a_layer_are_not_asked_for(visit: Visit) -> None:
    page = visit.open("/map/coverage#12/51.682/47.632/l=outline%3Acivic_district")
    with urlopen(f"{visit.service}/tiles") as answer:
        west, _, east, _ = json.load(answer)["layers"]["civic_district"]["bounds"]
    across = [int((lon / 360 + 0.5) * 2**11 + share) for lon, share in ((west, -1 / 32), (east, 1 / 32))]
    asked = {url.rsplit("/", 3)[2] for url in visit.asked if "/civic_district/" in url and url.endswith(".mvt")}
    assert asked <= {str(x) for x in range(across[0], across[1] + 1)}
    assert page.locator(".leaflet-areas-pane canvas").count() > len(asked), "the screen shows more than the layer"
    assert set(visit.colours()) & SEQUENTIAL


def test_a_tile_is_opaque_as_soon_as_it_is_drawn(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    page.evaluate("""() => {
      window.seen = new Set();
      new MutationObserver((list) => list.forEach(({ target }) => window.seen.add(target.style.opacity)))
        .observe(document.querySelector(".leaflet-areas-pane"), { subtree: true, attributes: true });
    }""")
    page.select_option("select[name=period]", "2023")
    visit.settle()
    assert page.evaluate("[...window.seen].filter((each) => each !== '' && Number(each) !== 1)") == []


def test_names_do_not_lie_over_one_another(visit: Visit) -> None:
    page = visit.open("/map/coverage#12.5/51.682/47.632/")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.name')].map((node) => node.getBoundingClientRect().toJSON())"
    )
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one["right"] <= other["left"] + 30 or other["right"] <= one["left"] + 30
            assert apart or one["bottom"] <= other["top"] + 2 or other["bottom"] <= one["top"] + 2


def test_the_table_has_the_numbers_of_the_map(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    told = values(visit.service, "tos_population_share")
    page.locator("#table-link").click()
    page.wait_for_url("**/map/coverage/table?**")
    shown = {row.split("\t")[0]: row for row in page.locator("table.figures tbody").inner_text().splitlines()}
    table = page.locator("table.figures tbody").inner_text()
    assert shown
    for name in ("Заречный округ", "Центральный округ", "Округ Слобода", "Северный округ", "Округ Промзона"):
        row = page.locator("tbody tr", has=page.locator("th", has_text=name)).inner_text()
        code = {"Заречный округ": "d1", "Центральный округ": "d2", "Округ Слобода": "d3", "Северный округ": "d4"}.get(
            name, "d5"
        )
        assert told["formatted"][told["codes"].index(code)] in row, table


def test_first_ten_follow_the_map(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    page.locator("#ranking summary").click()
    rows = page.locator(".ranked li")
    expect(rows).to_have_count(4)
    rows.first.locator("button").click()
    expect(page.locator(".card h2:not(.waiting)")).to_have_text(rows.first.locator("b").inner_text())


def test_the_sheet_of_a_phone_has_three_heights(phone: Visit) -> None:
    page = phone.open("/map/coverage")
    panel = page.locator("#panel")
    seen = []
    for _ in range(4):
        page.wait_for_timeout(350)
        box = panel.bounding_box()
        assert box is not None
        seen.append(round(box["height"]))
        page.locator("#grip").click()
    low, half, full, again = seen
    assert low < half < full
    assert again == low
    assert page.locator("#peek .swatch").count() >= 1


def test_a_tap_opens_a_sheet_and_keeps_the_area_in_view(phone: Visit) -> None:
    page = phone.open("/map/coverage")
    x, y = middle(page, "Центральный")
    page.touchscreen.tap(x, y)
    card = page.locator(".card h2:not(.waiting)")
    expect(card).to_have_text("Центральный округ")
    box = page.locator(".card").bounding_box()
    assert box is not None
    assert box["width"] == 390
    targets = page.locator(".card .close").bounding_box()
    assert targets is not None
    assert targets["width"] >= 40


def test_print_is_one_page_with_legend(visitor: Callable[..., Visit]) -> None:
    visit = visitor()
    page = visit.open("/map/coverage")
    page.emulate_media(media="print")
    assert page.locator("#legend .classes").first.is_visible()
    assert page.locator("#switches").is_hidden()
    assert page.locator(".leaflet-control-zoom").is_hidden()
    east = page.locator(".name", has_text="Слобода").bounding_box()
    frame = page.locator(".map-area").bounding_box()
    assert east is not None
    assert frame is not None
    assert frame["x"] < east["x"] < frame["x"] + frame["width"], "the map is cut off"
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


def test_map_of_a_phone_is_sharp(visitor: Callable[..., Visit]) -> None:
    visit = visitor(**PHONE)
    page = visit.open("/map/coverage")
    ratio = page.evaluate("""() => {
        const canvas = document.querySelector(".leaflet-areas-pane canvas");
        return canvas.width / canvas.getBoundingClientRect().width;
    }""")
    assert 1.95 <= ratio <= 2.05


def test_counts_are_circles_and_not_areas(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE + "m=uncovered_residents&k=civic_district&l=")
    assert not set(visit.colours()) & set(RAMPS["counts"])
    drawn = page.evaluate("""() => {
        const canvas = document.querySelector("canvas.bubbles");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let painted = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at] > 200) painted += 1;
        return painted;
    }""")
    assert drawn > 500
    assert page.locator(".sizes circle").count() >= 1
    page.select_option("select[name=measure]", "tos_population_share")
    expect(page.locator(".sizes circle")).to_have_count(0)
    visit.assert_clean()


def test_keys_lead_to_search_and_legend(visit: Visit) -> None:
    page = visit.open("/map/coverage" + HERE)
    page.keyboard.press("KeyL")
    assert page.evaluate("document.activeElement.closest('#legend') !== null")
    page.keyboard.press("Slash")
    assert page.evaluate("document.activeElement.id") == "finder"
