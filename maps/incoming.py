"""What does a file look like over the map that holds now? A map for the frame on the page of a waiting file."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.errors import N_
from maps import assets, text
from maps.explorer import Urls, add_layers
from maps.layers import Mount, TileLayer
from maps.layout import Frame
from maps.page import Bounds, CivicFigure, CivicMap

LAYERS = (
    TileLayer(code="context", title=N_("Water, green, main streets"), style="ground"),
    TileLayer(code="civic_district", title=N_("Borders of civic districts"), style="outline"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """`shapes_url` answers with the GeoJSON of the file; `at` is the finding to show first."""

    lang: str
    bounds: Bounds
    shapes_url: str
    at: int | None = None
    areas: bool = False
    basemap_url: str = ""
    basemap_attribution: str = ""
    urls: Urls = field(default_factory=Urls)
    frame: Frame = field(default_factory=Frame)


def build(incoming: Incoming) -> CivicMap:
    """The map as a folium map; `get_root().render()` is the page to put into a frame."""
    figure = CivicFigure(
        text.translate(N_("Map of the file"), incoming.lang), incoming.frame, "bare.html", bodyclass="bare incoming"
    )
    civic_map = CivicMap(widened(incoming.bounds), figure)
    # areas of the file come over the stored ones of their kind, which the file's own answer brings
    layers = LAYERS[:1] if incoming.areas else LAYERS
    add_layers(civic_map, layers, incoming.basemap_url, incoming.basemap_attribution, fill=False)
    civic_map.add_child(Mount("incoming.js", options(incoming)))
    return civic_map


def widened(bounds: Bounds) -> Bounds:
    """Bounds with an edge around them; a single point gets surroundings."""
    west, south, east, north = bounds
    edge = max(0.03 * max(east - west, north - south), 0.002)
    return west - edge, south - edge, east + edge, north + edge


def options(incoming: Incoming) -> dict[str, object]:
    """What the page's script reads."""
    return {
        "map": "okruga_map",
        "lang": incoming.lang,
        "messages": assets.url(assets.messages_name(incoming.lang)),
        "shapes": incoming.shapes_url,
        "at": incoming.at,
        "urls": {"tiles": incoming.urls.tiles},
    }
