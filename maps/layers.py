"""What lies on the map? Our vector-tile layers, the basemap and the page's script, as folium elements.

Every element carries settings only: addresses, styles, zooms. Shapes come to the browser as tiles, numbers and names as
JSON. The inline script merely announces a layer (`window.okruga.push(...)`); the module of the page draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Literal

from folium.map import Layer
from markupsafe import Markup

from geo.errors import N_
from maps import assets
from maps.layout import web_address
from maps.page import RawElement, SafeMacro, SafeTemplate, figure_of, safe_json
from maps.text import Title

Role = Literal["fill", "outline", "dashed", "symbols", "labels", "ground"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TileLayer:
    """One layer a visitor can switch: the name of its tiles, how it is drawn and from which zoom on."""

    code: str
    title: Title
    style: Role
    minzoom: int = 0
    shown: bool = True


# what lies above the coloured areas of every question
DEFAULT_LAYERS = (
    TileLayer(code="context", title=N_("Water, green, main streets"), style="ground"),
    TileLayer(code="civic_district", title=N_("Borders of civic districts"), style="outline"),
    TileLayer(code="tos_territory", title=N_("Borders of TOS"), style="dashed", minzoom=13),
    TileLayer(code="need", title=N_("Needs"), style="symbols", shown=False),
    TileLayer(code="project", title=N_("Projects"), style="symbols", shown=False),
    TileLayer(code="civic_district", title=N_("Names of districts"), style="labels"),
)


class CivicTiles(Layer, SafeMacro):
    """A layer of our vector tiles: `fill` takes areas and colours from the page's values, the others draw one layer.

    `url` is a template with {z}/{x}/{y}, or empty: then the page asks `/tiles` for the current version of the layer.
    Works on any folium map; on a stock one Leaflet has to be there, as folium brings it.
    """

    _template = SafeTemplate("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.layerGroup();
            (window.okruga = window.okruga || []).push({
                group: {{ this.get_name() }}, ...{{ this.options|safe_json }}
            });
        {% endmacro %}
    """)

    def __init__(
        self, layer: str, role: Role, *, minzoom: int = 0, shown: bool = True, url: str = "", name: str = ""
    ) -> None:
        super().__init__(name=name or layer, overlay=True, show=True)
        self._name, self._id = "tiles", f"{role}_{layer}" if layer else role
        self.options = {"layer": layer, "role": role, "minzoom": minzoom, "shown": shown, "url": url}

    def render(self, **kwargs: Any) -> str:
        """Render the layer; a page without a script of its own gets the one that only draws."""
        figure_of(self).header.add_child(RawElement(module("place.js")), name="entry")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


class Basemap(SafeMacro):
    """The raster background an operator configured. The page falls back to a plain one when its tiles do not come."""

    _template = SafeTemplate("""
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.tileLayer({{ this.url|safe_json }}, {maxZoom: 19});
            (window.okruga = window.okruga || []).push({
                basemap: {{ this.get_name() }}, attribution: {{ this.attribution|safe_json }}
            });
            {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
        {% endmacro %}
    """)

    def __init__(self, url: str, attribution: str = "") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "basemap", "raster"
        self.url, self.attribution = url, attribution_parts(attribution)


AHEAD = """<script>
if (location.hash.length < 2) document.head.append(Object.assign(document.createElement("link"),
    {rel: "preload", as: "fetch", crossOrigin: "anonymous", href: ADDRESS}));
</script>"""


class Mount(SafeMacro):
    """The settings of a page as a data block, and the module that reads them. Add it last.

    `ahead` is what the module is going to ask for first: the browser does so while it still reads the page, unless the
    address shows something else than the page opens with.
    """

    _template = SafeTemplate("""
        {% macro html(this, kwargs) %}
            <script type="application/json" id="okruga-options">{{ this.options|safe_json }}</script>
        {% endmacro %}
    """)

    def __init__(self, entry: str, options: Mapping[str, object], ahead: str = "") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "mount", "page"
        self.entry, self.options, self.ahead = entry, dict(options), ahead

    def render(self, **kwargs: Any) -> str:
        """Render the block and ask for the module."""
        header = figure_of(self).header
        header.add_child(RawElement(module(self.entry)), name="entry")
        if self.ahead:
            header.add_child(RawElement(AHEAD.replace("ADDRESS", safe_json(self.ahead))), name="ahead")
        return super().render(**kwargs)


def module(entry: str) -> Markup:
    """The tag that loads a module with what it imports."""
    return Markup('<script type="module" src="{}"></script>').format(assets.url(entry))


class _Attribution(HTMLParser):
    """Reads an attribution as operators write it: text with links, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[tuple[str, str]] = []
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href = web_address(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._href = ""

    def handle_data(self, data: str) -> None:
        self.parts.append((data, self._href))


def attribution_parts(html: str) -> list[tuple[str, str]]:
    """An attribution as pairs of text and address, so that the page can build it without HTML.

    >>> attribution_parts('&copy; <a href="https://example.org/c">Maps</a>')
    [('© ', ''), ('Maps', 'https://example.org/c')]
    """
    parser = _Attribution()
    parser.feed(html)
    parser.close()
    return parser.parts
