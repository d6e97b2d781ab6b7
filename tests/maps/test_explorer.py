"""Is the page of a question a folium map that carries settings and nothing stored?"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from typing import Any

import folium
import pytest

from geo.vocabulary import FineKind, PopulationBase, TerritoryKind, Theme
from maps import coverage, gaps, near, participation, place, standalone
from maps.explorer import Choice, Defaults, Explorer, Measure, first_values, switches
from maps.layout import Frame, Source
from maps.page import CivicMap

EXPLORER = Explorer(
    question="coverage",
    lang="ru",
    bounds=(45.9, 51.4, 46.2, 51.6),
    measures=(
        Measure(
            code="tos_population_share", title="population coverage by TOS", unit="share", base=PopulationBase.RESIDENTS
        ),
        Measure(code="within_distance_share", title="residents near a finished project", unit="share", distance=True),
    ),
    periods=("2024", "2025"),
    kinds=(TerritoryKind.CIVIC_DISTRICT, TerritoryKind.MICRODISTRICT),
    themes=tuple(Theme),
    defaults=Defaults(measure="tos_population_share"),
    frame=Frame(path="/map/coverage", sources=(Source(title="OpenStreetMap", licence="ODbL"),), invented=True),
)
BUILDERS: dict[str, Any] = {
    "coverage": lambda: coverage.build(EXPLORER),
    "gaps": lambda: gaps.build(replace(EXPLORER, question="gaps")),
    "participation": lambda: participation.build(replace(EXPLORER, question="participation")),
    "near": lambda: near.build(near.Near(lang="ru", bounds=EXPLORER.bounds, lat=51.5, lon=46.0)),
    "place": lambda: place.build(
        place.Place(lang="ru", bounds=EXPLORER.bounds, kind=TerritoryKind.CIVIC_DISTRICT, boundary_id=7)
    ),
}  # fmt: skip


def page_options(html: str) -> dict[str, Any]:
    block = re.search(r'id="okruga-options">(.*?)</script>', html)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


@pytest.mark.parametrize("name", BUILDERS)
def test_a_page_is_the_render_of_a_folium_map(name: str) -> None:
    drawn = BUILDERS[name]()
    assert isinstance(drawn, folium.Map)
    first = drawn.get_root().render()
    assert first == drawn.get_root().render() == BUILDERS[name]().get_root().render()
    assert len(gzip.compress(first.encode())) <= 20_000
    assert "http://" not in first
    assert not re.search(r'(?:src|href)="https?:', first)


def test_switches_offer_what_there_is_and_the_newest_period() -> None:
    found = {switch.name: switch for switch in switches(EXPLORER)}
    assert found["period"].chosen == "2025"
    assert [code for code, _ in found["period"].options] == ["2025", "2024"]
    assert found["theme"].options[0] == ("", "Все темы")
    assert found["kind"].options[0][1] == "Гражданско-общественный округ"
    assert found["distance"].chosen == "500"
    assert found["measure"].options[0][1] == "Охват населения ТОС"


def test_settings_of_the_page_are_codes_and_addresses() -> None:
    options = page_options(coverage.build(EXPLORER).get_root().render())
    assert options["defaults"] == {"m": "tos_population_share", "t": "", "k": "civic_district", "y": "2025", "d": "500"}
    assert options["urls"]["values"] == "/api/values/{measure}"
    assert options["measures"]["within_distance_share"]["distance"] is True
    assert options["measures"]["tos_population_share"]["words"] == "доля, %; считаются жители"


def test_the_catalogue_of_tiles_travels_with_the_page() -> None:
    known = {"civic_district": {"version": "3-20240101", "bounds": [45.9, 51.4, 46.2, 51.6]}}
    options = page_options(coverage.build(replace(EXPLORER, tiles=known)).get_root().render())
    assert options["tiles"] == known


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", "tos_population_share?period=2025&kind=civic_district&lang=ru"),
        ("period=2024&period=2025&kind=microdistrict", "tos_population_share?period=2024&kind=microdistrict&lang=ru"),
        ("measure=within_distance_share", "within_distance_share?period=2025&kind=civic_district&distance=500&lang=ru"),
        (
            "measure=%22%3E%3Cb%3E&period=1999&distance=1",
            "tos_population_share?period=2025&kind=civic_district&lang=ru",
        ),
    ],
)
def test_the_page_asks_ahead_for_what_it_opens_with(query: str, address: str) -> None:
    drawn = replace(EXPLORER, frame=Frame(path="/map/coverage", query=query))
    assert first_values(drawn) == "/api/values/" + address


def test_nothing_is_asked_ahead_where_further_controls_or_the_window_decide() -> None:
    asks = replace(EXPLORER, measures=(replace(EXPLORER.measures[0], asks=True),))
    cells = replace(EXPLORER, defaults=Defaults(measure="tos_population_share", kind="hex_cell"))
    assert first_values(asks) == first_values(replace(cells, kinds=(FineKind.HEX_CELL,))) == ""
    assert "preload" not in re.sub(
        r'<link rel="preload" href="/static/messages.*', "", gaps.build(asks).get_root().render()
    )


def test_braces_in_a_title_are_shown_as_they_are() -> None:
    titled = replace(EXPLORER, themes=(Choice(code="x", title="{{7*7}}</script>"),))
    html = coverage.build(titled).get_root().render()
    assert "{{7*7}}&lt;/script&gt;" in html
    assert "49" not in html.split("</select>")[1]


def test_english_page_is_english() -> None:
    english = replace(EXPLORER, lang="en", frame=Frame(lang="en", path="/map/coverage"))
    html = coverage.build(english).get_root().render()
    assert not re.search("[а-яё]", html.replace("Русский", ""))
    assert page_options(html)["table"] == "/en/map/coverage/table"


def test_without_script_the_form_leads_to_the_table() -> None:
    html = coverage.build(EXPLORER).get_root().render()
    assert '<form class="switches" id="switches" action="/map/coverage/table" method="get">' in html
    assert "<noscript><button" in html


def test_basemap_and_layers_are_announced_in_drawing_order() -> None:
    drawn = replace(EXPLORER, basemap_url="https://t.example/{z}/{x}/{y}.png", basemap_attribution="© <b>Maps</b>")
    script = coverage.build(drawn).get_root().render().rsplit("<script>", 1)[1]
    order = re.findall(r'"role":"(\w+)"', script)
    assert order == ["fill", *(layer.style for layer in EXPLORER.layers)]
    assert script.index("basemap_raster") < script.index("tiles_fill")
    assert "<b>" not in script


def test_a_stock_layer_can_be_added_by_a_user_of_the_library() -> None:
    drawn = coverage.build(EXPLORER)
    folium.Circle((51.5, 46.0), radius=300).add_to(drawn)
    assert "L.circle(" in drawn.get_root().render()


def test_a_place_says_what_to_raise_or_where_to_pin() -> None:
    raised = page_options(BUILDERS["place"]().get_root().render())
    assert raised["raised"] == {"layer": "civic_district", "id": 7}
    pinned = place.Place(lang="ru", bounds=EXPLORER.bounds, lat=51.5, lon=46.0, approximate_m=200, register="need")
    assert page_options(place.build(pinned).get_root().render())["point"]["approximate"] == 200


AREAS = tuple(
    standalone.Area(
        name=f"Округ {at} " + "{{7*7}}</script>${1}",
        geometry={"type": "Polygon", "coordinates": [[[46 + at, 51], [47 + at, 51], [47 + at, 52], [46 + at, 51]]]},
        value=None if at == 2 else at / 10,
    )
    for at in range(8)
)


def alone() -> standalone.Standalone:
    return standalone.Standalone(
        title="population coverage by TOS", lang="ru", unit="share", bounds=(46, 51, 54, 52), areas=AREAS,
        invented=True, sources=(Source(title="Росстат {{7*7}}", licence="CC0"),),
    )  # fmt: skip


def test_a_standalone_map_holds_everything_and_asks_nobody() -> None:
    html = standalone.to_html(alone())
    assert isinstance(standalone.build(alone()), CivicMap)
    markup = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="', markup)
    assert not re.search(r"url\((?!#)", markup)
    assert "L.geoJson" in html
    assert "default-src &#39;none&#39;" in html


def test_a_standalone_map_shows_stored_text_as_text() -> None:
    html = standalone.to_html(alone())
    script = html.rsplit("<script>", 1)[1]
    assert script.count("</script") == 1
    assert "{{7*7}}" in html
    assert "Росстат {{7*7}}" in html
    assert "textContent = feature.properties.name" in script


def test_a_standalone_legend_says_what_is_missing() -> None:
    html = standalone.to_html(alone())
    assert "нет данных" in html
    assert "Вымышленный город" in html
