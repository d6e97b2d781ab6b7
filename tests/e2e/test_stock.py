"""Do folium's own elements work on our page, under its policy, without the foreign files they were written for?"""

from __future__ import annotations

import folium
import pytest
from playwright.sync_api import Page, expect

from maps.layers import CivicTiles
from maps.layout import Frame
from maps.page import CivicFigure, CivicMap
from tests.e2e.conftest import Visit

BOUNDS = (47.61, 51.673, 47.654, 51.692)
HERE = (51.682, 47.632)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[47.62, 51.678], [47.625, 51.678], [47.625, 51.681], [47.62, 51.681], [47.62, 51.678]]],
}
# what a resident might type into a title; whatever runs sets `pwned`
RUNS = "window.pwned = (window.pwned || 0) + 1"
PAYLOADS = {
    "image": f'<img src="/static/x" onerror="{RUNS}">',
    "template": "${" + RUNS + "}",
    "backtick": "`${" + RUNS + "}`",
    "backslash": r"\` + (" + RUNS + r") + \`",
    "script": f"</script><script>{RUNS}</script>",
    "server": "{{ 7*7 }}{% raw %}",
    "quote": f"'); {RUNS}; ('",
    "link": f'<a href="javascript:{RUNS}">x</a>',
}


def civic_map() -> CivicMap:
    return CivicMap(BOUNDS, CivicFigure("Карта", Frame(path="/map/x")))


def show(visit: Visit, drawn: CivicMap) -> Page:
    page = visit.show(drawn.get_root().render(), script=False)
    visit.until("typeof window.okruga_map === 'object' || window.__violations.length > 0")
    return page


def shapes(name: str) -> dict[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": SQUARE, "properties": {"n": name}}],
    }


def line() -> folium.PolyLine:
    return folium.PolyLine([(51.675, 47.615), (51.69, 47.65)], color="#ff0000", weight=6)  # type: ignore[no-untyped-call]


def test_lines_shapes_and_circles_are_drawn(visit: Visit) -> None:
    drawn = civic_map()
    line().add_to(drawn)
    folium.GeoJson(shapes("a"), style_function=lambda _: {"fillColor": "#00ff00"}).add_to(drawn)
    folium.CircleMarker(HERE, radius=9).add_to(drawn)
    page = show(visit, drawn)
    assert page.locator(".leaflet-overlay-pane path").count() == 3
    assert page.locator("path[fill='#00ff00']").count() == 1
    visit.assert_clean()


def test_a_marker_shows_our_copy_of_its_picture_and_opens_its_popup(visit: Visit) -> None:
    drawn = civic_map()
    folium.Marker(HERE, popup="<b>Сквер</b> на Рабочей", tooltip="подсказка").add_to(drawn)
    page = show(visit, drawn)
    marker = page.locator("img.leaflet-marker-icon")
    visit.until("document.querySelector('img.leaflet-marker-icon').naturalWidth > 0")
    marker.click()
    expect(page.locator(".leaflet-popup-content")).to_have_text("Сквер на Рабочей")
    expect(page.locator(".leaflet-popup-content b")).to_have_text("Сквер")
    marker.hover()
    expect(page.locator(".leaflet-tooltip")).to_contain_text("подсказка")
    visit.assert_clean()


def test_coloured_pins_groups_and_the_layer_control_work(visit: Visit) -> None:
    drawn = civic_map()
    group = folium.FeatureGroup(name="Пункты").add_to(drawn)
    folium.Marker(HERE, icon=folium.Icon(color="red", icon="info-sign")).add_to(group)
    folium.LayerControl(collapsed=False).add_to(drawn)
    page = show(visit, drawn)
    assert page.locator(".leaflet-marker-icon").count() == 1
    page.locator(".leaflet-control-layers-overlays input").first.uncheck()
    assert page.locator(".leaflet-marker-icon").count() == 0
    visit.assert_clean()


def test_fields_of_a_shape_show_in_its_tooltip(visit: Visit) -> None:
    drawn = civic_map()
    tooltip = folium.GeoJsonTooltip(["n"], aliases=["Название"])
    folium.GeoJson(shapes("Заречный"), tooltip=tooltip, style_function=lambda _: {"fillOpacity": 1}).add_to(drawn)
    page = show(visit, drawn)
    page.locator(".leaflet-overlay-pane path").hover()
    expect(page.locator(".leaflet-tooltip")).to_contain_text("Заречный")
    assert visit.strangers() == []


def test_our_layer_and_theirs_live_on_one_map(visit: Visit) -> None:
    drawn = civic_map()
    drawn.add_child(CivicTiles("civic_district", "outline"))
    line().add_to(drawn)
    page = visit.show(drawn.get_root().render())
    assert page.locator(".leaflet-borders-pane canvas").count() > 0
    assert page.locator("path[stroke='#ff0000']").count() == 1
    visit.assert_clean()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_stored_text_in_stock_elements_runs_nowhere(visit: Visit, payload: str) -> None:
    stored = PAYLOADS[payload]
    drawn = civic_map()
    folium.Marker(HERE, popup=stored, tooltip=stored).add_to(drawn)
    folium.Marker((51.68, 47.64), popup=folium.Popup(stored, parse_html=True)).add_to(drawn)
    folium.GeoJson(shapes(stored), name=stored, tooltip=folium.GeoJsonTooltip(["n"], aliases=[stored])).add_to(drawn)
    folium.Marker((51.676, 47.645), icon=folium.DivIcon(html=stored)).add_to(drawn)
    line().add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    page = show(visit, drawn)
    assert page.locator("path[stroke='#ff0000']").count() == 1, "the map is dead"
    page.locator(".leaflet-overlay-pane path[stroke='#3388ff'], .leaflet-overlay-pane path").first.hover(force=True)
    for marker in page.locator("img.leaflet-marker-icon").all():
        marker.hover(force=True)
        marker.click(force=True)
        page.wait_for_timeout(50)
    assert page.evaluate("window.pwned") is None
    assert "49" not in page.locator(".map-area").inner_text()
    if payload in ("template", "backtick", "server"):
        assert stored in page.locator(".leaflet-popup-content").first.inner_text()
    assert visit.strangers() == []
