"""Where is this one place? A small map for a frame on another page: one area raised, or a pin, or a circle of doubt."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from geo.errors import N_
from geo.vocabulary import TerritoryKind
from maps import assets, text
from maps.explorer import Urls, add_layers
from maps.layers import Mount, TileLayer
from maps.layout import Frame
from maps.page import Bounds, CivicFigure, CivicMap
from maps.palette import SYMBOLS

LAYERS = (
    TileLayer(code="context", title=N_("Water, green, main streets"), style="ground"),
    TileLayer(code="civic_district", title=N_("Borders of civic districts"), style="outline"),
    TileLayer(code="tos_territory", title=N_("Borders of TOS"), style="dashed", minzoom=12),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One area (kind and boundary id) or one position. `approximate_m` draws a circle that wide instead of a pin."""

    lang: str
    bounds: Bounds
    kind: TerritoryKind | None = None
    boundary_id: int | None = None
    lat: float | None = None
    lon: float | None = None
    approximate_m: float = 0
    register: str = ""
    layers: tuple[TileLayer, ...] = LAYERS
    basemap_url: str = ""
    basemap_attribution: str = ""
    urls: Urls = field(default_factory=Urls)
    frame: Frame = field(default_factory=Frame)


def build(place: Place) -> CivicMap:
    """The small map as a folium map; `get_root().render()` is the page to put into a frame."""
    figure = CivicFigure(text.translate(N_("Map of the place"), place.lang), place.frame, "bare.html", bodyclass="bare")
    civic_map = CivicMap(place.bounds, figure, scroll_wheel_zoom=False)
    add_layers(civic_map, place.layers, place.basemap_url, place.basemap_attribution, fill=False)
    civic_map.add_child(Mount("place.js", options(place)))
    return civic_map


def options(place: Place) -> dict[str, object]:
    """What the page's script reads."""
    raised = point = None
    if place.kind and place.boundary_id is not None:
        raised = {"layer": place.kind.value, "id": place.boundary_id}
    if place.lat is not None and place.lon is not None:
        colour = SYMBOLS.get(place.register, SYMBOLS["organisation"])
        point = {
            "lat": place.lat,
            "lon": place.lon,
            "approximate": place.approximate_m,
            "register": place.register,
            "colour": colour,
        }
    return {
        "map": "okruga_map",
        "lang": place.lang,
        "messages": assets.url(assets.messages_name(place.lang)),
        "bounds": place.bounds,
        "raised": raised,
        "point": point,
        "urls": asdict(place.urls),
    }
