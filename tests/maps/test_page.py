"""Can anything stored run, on the server or in the page? And is the page the map's own render, the same each time?"""

from __future__ import annotations

import ast
import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import folium
import jinja2
import pytest
from branca.element import Element, Figure
from folium.plugins import MarkerCluster
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput
from maps import assets, layers, page
from maps.layout import Frame
from maps.page import CivicFigure, CivicMap, RawElement, SafeMacro, SafeTemplate, content_security_policy, safe_json

BOUNDS = (45.9, 51.4, 46.2, 51.6)
# harmless arithmetic: if anything evaluates it, 49 appears
MARKERS = ("{{7*7}}", "{% set x = 7*7 %}{{x}}", "{{", "{%", "{#", "}}")
SQUARE = {"type": "Polygon", "coordinates": [[[46.0, 51.5], [46.1, 51.5], [46.1, 51.55], [46.0, 51.5]]]}
TEXTS = st.text(alphabet=st.sampled_from("{}%#$`<>/&'\"\\ab7*\u2028 script"), max_size=30)


def civic_map() -> CivicMap:
    return CivicMap(BOUNDS, CivicFigure("Карта", Frame(path="/map/x")))


def shapes(name: str) -> dict[str, object]:
    feature = {"type": "Feature", "geometry": SQUARE, "properties": {"name": name}}
    return {"type": "FeatureCollection", "features": [feature]}


def line(stored: str) -> folium.PolyLine:
    return folium.PolyLine([(51.5, 46.0), (51.6, 46.1)], tooltip=stored)  # type: ignore[no-untyped-call]


def stock_children(stored: str) -> list[Element]:
    """Stock elements with stored text in every place they offer."""
    return [
        folium.GeoJson(shapes(stored), name=stored),
        folium.GeoJson(shapes(stored), tooltip=folium.GeoJsonTooltip(["name"], aliases=[stored])),
        folium.GeoJson(shapes(stored), popup=folium.GeoJsonPopup(["name"], aliases=[stored])),
        folium.Marker((51.5, 46.0), popup=stored, tooltip=stored),
        folium.Marker((51.5, 46.0), popup=folium.Popup(stored, parse_html=True)),
        folium.Marker((51.5, 46.0), icon=folium.DivIcon(html=stored)),
        line(stored),
        folium.CircleMarker((51.5, 46.0), popup=stored),
        folium.FeatureGroup(name=stored),
        folium.TileLayer("/x/{z}/{x}/{y}.png", attr=stored, name=stored),
    ]


@pytest.mark.parametrize("stored", MARKERS)
@pytest.mark.parametrize("which", range(10))
def test_stored_text_in_a_stock_element_is_not_evaluated(stored: str, which: int) -> None:
    drawn = civic_map()
    stock_children(stored)[which].add_to(drawn)
    folium.LayerControl().add_to(drawn)
    html = drawn.get_root().render()
    plain = re.sub(r"<[^>]*(?:static|folium)[^>]*>|[0-9a-f]{32}", "", html)
    assert "49" not in plain.split("</main>")[1]
    assert stored in html or stored.replace("{", "\\u007b") in html


def test_an_element_handed_to_our_figure_is_text() -> None:
    drawn = civic_map()
    page.figure_of(drawn).html.add_child(folium.Element("<p>{{7*7}}</p>"))
    assert "<p>{{7*7}}</p>" in drawn.get_root().render()


def test_outside_our_figure_branca_is_as_it_was() -> None:
    civic_map().get_root().render()
    figure = Figure()
    figure.html.add_child(Element("{{ 7*7 }}"))
    assert "49" in figure.render()


def test_our_elements_are_rendered_once_on_a_stock_map_too() -> None:
    class Stored(SafeMacro):
        _template = SafeTemplate("{% macro script(this, kwargs) %}/* {{ this.stored }} */{% endmacro %}")
        stored = "{{7*7}}"

    stock = folium.Map(tiles=None)
    stock.add_child(Stored())  # type: ignore[no-untyped-call]
    assert "/* {{7*7}} */" in stock.get_root().render()


def test_what_stands_between_backticks_cannot_leave_them() -> None:
    drawn = civic_map()
    payload = r"C:\users `${alert(1)}` \` \\` ${2}"
    folium.Marker((51.5, 46.0), popup=payload, tooltip=payload).add_to(drawn)
    script = drawn.get_root().render().rsplit("<script>", 1)[1]
    for literal in re.findall(r"`([^`]*)`", script):
        assert "${" not in literal
        assert "\\" not in literal
    assert len(re.findall("`", script)) % 2 == 0


def test_a_stored_end_of_script_does_not_end_the_script() -> None:
    drawn = civic_map()
    folium.Marker((51.5, 46.0), tooltip="</SCRIPT><!-- x").add_to(drawn)
    script = drawn.get_root().render().rsplit("<script>", 1)[1]
    assert script.lower().count("</script") == 1
    assert "<!--" not in script


def test_the_page_is_the_same_each_time() -> None:
    drawn = civic_map()
    for child in stock_children("text"):
        child.add_to(drawn)
    folium.LayerControl().add_to(drawn)
    marker = folium.Marker((51.5, 46.0), icon=folium.Icon(color="red")).add_to(drawn)
    children = list(marker._children)
    first = drawn.get_root().render()
    assert first == drawn.get_root().render()
    assert list(marker._children) == children


def test_our_own_page_has_no_random_names() -> None:
    def rendered() -> str:
        drawn = civic_map()
        drawn.add_child(layers.CivicTiles("civic_district", "outline"))
        drawn.add_child(layers.Basemap("https://tiles.example.org/{z}/{x}/{y}.png", "&copy; Maps"))
        drawn.add_child(layers.Mount("explorer.js", {"a": 1}))
        return str(drawn.get_root().render())

    assert rendered() == rendered()


def test_golden_page() -> None:
    drawn = civic_map()
    drawn.add_child(layers.CivicTiles("civic_district", "outline", minzoom=5))
    drawn.add_child(layers.Mount("place.js", {"title": "</script>{{x}}"}))
    html = re.sub(r"\.[0-9a-f]{16}\.", ".HASH.", drawn.get_root().render())
    # which sections the site has and what its modules import is not the figure's business
    html = re.sub(r'(?s)<header class="top">.*?</header>|<link rel="modulepreload"[^>]*>\n', "", html)
    golden = Path(__file__).with_name("golden_map.html")
    assert html == golden.read_text("utf-8")


def test_the_page_allows_zoom_and_names_its_language() -> None:
    html = civic_map().get_root().render()
    assert "user-scalable" not in html
    assert "maximum-scale" not in html
    assert '<html lang="ru">' in html
    assert html.index('<a class="skip"') < html.index('<header class="top">')


def test_scripts_come_after_the_content_and_before_the_inline_script() -> None:
    html = civic_map().get_root().render()
    assert html.index("</main>") < html.index(assets.url("vendor/leaflet/leaflet.js")) < html.rindex("<script>")


def test_links_do_not_leak_from_map_to_map() -> None:
    first, second = civic_map(), civic_map()
    first.add_js_link("extra", "/static/extra.js")
    assert "extra.js" in first.get_root().render()
    assert "extra.js" not in second.get_root().render()
    assert "extra.js" not in civic_map().get_root().render()


def test_stock_helpers_are_loaded_for_stock_elements_only() -> None:
    drawn = civic_map()
    drawn.add_child(layers.CivicTiles("tos_territory", "dashed"))
    assert assets.url("stock.js") not in drawn.get_root().render()
    line("x").add_to(drawn)
    assert assets.url("stock.js") in drawn.get_root().render()


def test_many_stock_elements_are_not_compiled_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = civic_map()
    for _ in range(300):
        folium.CircleMarker((51.5, 46.0)).add_to(drawn)
    drawn.get_root().render()  # the templates of the page itself
    compiled: list[object] = []
    compile_template = jinja2.Environment.compile

    def counting(env: jinja2.Environment, *args: Any, **kwargs: Any) -> Any:
        compiled.append(args)
        return compile_template(env, *args, **kwargs)

    monkeypatch.setattr(jinja2.Environment, "compile", counting)
    drawn.get_root().render()
    assert compiled == []


JSON = st.recursive(
    TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8
)


@given(JSON)
def test_safe_json_reads_back_and_holds_nothing_dangerous(value: object) -> None:
    written = str(safe_json(value))
    assert json.loads(written) == value
    assert not re.search(r"[<>&'`$\u2028\u2029]|\{[{%#]", written)


def test_policy_hashes_the_inline_blocks_of_the_page() -> None:
    loaded = "<script src='/x.js'></script><script type='application/json'>{}</script>"
    html = f"<style>a{{}}</style><script>let a = 1;\r\n</script>{loaded}"
    policy = content_security_policy(html)
    script = base64.b64encode(hashlib.sha256(b"let a = 1;\n").digest()).decode()
    style = base64.b64encode(hashlib.sha256(b"a{}").digest()).decode()
    assert f"script-src 'self' 'sha256-{script}';" in policy
    assert f"style-src 'self' 'sha256-{style}';" in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")
    assert policy.endswith("frame-ancestors 'self'")


def test_policy_names_basemap_and_embedding_sites() -> None:
    policy = content_security_policy(
        "", embed_hosts=("https://duma.example",), basemap="https://{s}.t.example/{z}/{x}/{y}.png"
    )
    assert "img-src 'self' data: https://*.t.example;" in policy
    assert policy.endswith("frame-ancestors 'self' https://duma.example")
    assert "data:;" in content_security_policy("", basemap="/own/{z}/{x}/{y}.png")


@pytest.mark.parametrize("host", ["https://a.example; script-src *", "'unsafe-inline'", "a b"])
def test_policy_refuses_what_is_not_a_host(host: str) -> None:
    with pytest.raises(BadInput):
        content_security_policy("", embed_hosts=(host,))


def test_attribution_is_read_as_text_and_links() -> None:
    html = '&copy; <a href="https://osm.example/c" onclick="x()">OSM</a> <a href="javascript:x()">bad</a>'
    parts = layers.attribution_parts(html)
    assert parts[:2] == [("© ", ""), ("OSM", "https://osm.example/c")]
    assert ("bad", "") in parts


def test_a_raw_element_is_emitted_as_it_is() -> None:
    assert RawElement("{{7*7}}").render() == "{{7*7}}"


def test_our_layer_on_a_stock_map() -> None:
    stock = folium.Map(tiles=None)
    layers.CivicTiles("civic_district", "outline", url="/tiles/civic_district/1/{z}/{x}/{y}.mvt").add_to(stock)
    html = stock.get_root().render()
    assert assets.url("place.js") in html
    assert '"url":"/tiles/civic_district/1/\\u007bz}/\\u007bx}/\\u007by}.mvt"' in html


def test_plugins_of_folium_stay_renderable() -> None:
    drawn = civic_map()
    MarkerCluster([(51.5, 46.0)], popups=["{{7*7}}"]).add_to(drawn)  # type: ignore[no-untyped-call]
    assert "{{7*7}}" in drawn.get_root().render()


def test_pages_of_maps_weigh_little() -> None:
    assert len(gzip.compress(civic_map().get_root().render().encode())) < 20_000


FORBIDDEN = {"Popup", "Tooltip", "GeoJsonPopup", "GeoJsonTooltip", "DivIcon", "IFrame", "Html", "Element"}


@pytest.mark.parametrize("path", sorted(Path(page.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_our_builders_use_no_element_that_takes_html(path: Path) -> None:
    """Stored text reaches the page as JSON; an element that takes HTML or a template would be a way around."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    names = {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}
    assert not names & FORBIDDEN
    assert "GeoJson" not in names or path.name == "standalone.py"
