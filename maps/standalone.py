"""How does a small map travel without the service? One HTML file, or a notebook cell, with everything inside.

Uses folium's own GeoJson for the shapes. What people wrote reaches the page as JSON only and is shown as text by a
fixed script; colours, ranges and counts come from the same classes as on the served maps. Meant for some hundred areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
from folium.utilities import JsCode
from markupsafe import Markup

from geo.vocabulary import MissingReason
from maps import assets, text
from maps.classify import Legend, legend
from maps.layout import Frame, Source, titled
from maps.page import Bounds, CivicFigure, CivicMap, content_security_policy
from maps.palette import HATCH, ramp
from maps.text import Title

# builds the hint from text nodes; constant, so nothing people wrote is ever code
SHOW_TEXT = JsCode("""function (feature, layer) {
    var box = document.createElement("div");
    var name = document.createElement("b");
    name.textContent = feature.properties.name;
    box.append(name, document.createElement("br"), feature.properties.value);
    layer.bindTooltip(box, {sticky: true});
}""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area: its GeoJSON geometry in WGS 84, its name and its value."""

    name: str
    geometry: Mapping[str, Any]
    value: float | None
    missing: MissingReason | None = None
    residents: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standalone:
    """A map that holds its data. Bounds are west, south, east, north in degrees."""

    title: Title
    lang: str
    unit: str
    bounds: Bounds
    areas: tuple[Area, ...]
    note: str = ""
    sources: tuple[Source, ...] = ()
    invented: bool = False
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", Frame(lang=self.lang, invented=self.invented, sources=self.sources))


def build(standalone: Standalone) -> CivicMap:
    """The map as a folium map; show it in a notebook, or `save` it with `to_html`."""
    told = _legend(standalone)
    figure = CivicFigure(
        titled(standalone.title, standalone.lang),
        standalone.frame,
        "standalone.html",
        bodyclass="standalone",
        rows=_rows(told),
        note=standalone.note or told.note,
        unit=text.unit_title(standalone.unit, standalone.lang),
        missing=tuple((MissingReason(code), count) for code, count in told.missing.items()),
        styles=_inline_styles(),
        hatch=HATCH["ground"],
    )
    civic_map = CivicMap(standalone.bounds, figure, inlined=True, zoom_control=True)
    folium.GeoJson(
        collection(standalone.areas, told),
        style_function=_style(told),
        on_each_feature=SHOW_TEXT,
        control=False,
    ).add_to(civic_map)
    return civic_map


def to_html(standalone: Standalone) -> str:
    """The whole file, with a policy that lets it ask nobody."""
    html: str = build(standalone).get_root().render()
    policy = content_security_policy(html).split("; frame-ancestors")[0]
    meta = Markup('<meta http-equiv="Content-Security-Policy" content="{}">').format(policy)
    return html.replace("<head>", f"<head>\n{meta}", 1)


def collection(areas: Sequence[Area], told: Legend) -> dict[str, Any]:
    """The areas as GeoJSON, each with its name, its value in words and its class."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(at),
                "geometry": dict(area.geometry),
                "properties": {"name": area.name, "value": told.formatted[at], "class": told.classes[at]},
            }
            for at, area in enumerate(areas)
        ],
    }


def _legend(standalone: Standalone) -> Legend:
    areas = standalone.areas
    return legend(
        [area.value for area in areas],
        missing=[area.missing for area in areas],
        residents=[area.residents for area in areas],
        unit=standalone.unit,
        lang=standalone.lang,
    )


def _colours(told: Legend) -> tuple[str, ...]:
    return ramp(told.scheme, len(told.class_labels))  # type: ignore[arg-type]


def _rows(told: Legend) -> tuple[tuple[str, str, float], ...]:
    """Colour, range and share of each class."""
    return tuple(zip(_colours(told), told.class_labels, told.class_residents, strict=False))


def _style(told: Legend) -> Any:
    colours = _colours(told)

    def style(feature: Mapping[str, Any]) -> dict[str, Any]:
        kind = feature["properties"]["class"]
        fill = colours[int(kind)] if kind.isdigit() else HATCH["ground"]
        return {"color": "#ffffff", "weight": 1, "fillColor": fill, "fillOpacity": 1}

    return style


def _inline_styles() -> Markup:
    """The style sheets as one block, without references to other files."""
    names = ("vendor/leaflet/leaflet.css", "map.css", "standalone.css")
    sheets = [assets.without_references(assets.asset(name).content.decode()) for name in names]
    return Markup("\n".join(sheets))  # noqa: S704 - shipped style sheets
