"""What is around this address? The page of a point: who is in charge here, and what is near, on a map and as a list.

The page carries settings and, at most, the position that was asked for; who and what is there comes as JSON.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from geo.errors import N_
from maps import assets, text
from maps.explorer import Urls, add_layers
from maps.layers import Mount, TileLayer
from maps.layout import Frame
from maps.page import Bounds, CivicFigure, CivicMap
from maps.palette import page_colours

RADII = (300, 500, 1000, 2000, 5000)
WAYS = (("line", N_("in a straight line")), ("foot", N_("on foot")))
LAYERS = (
    TileLayer(code="context", title=N_("Water, green, main streets"), style="ground"),
    TileLayer(code="civic_district", title=N_("Borders of civic districts"), style="outline"),
    TileLayer(code="tos_territory", title=N_("Borders of TOS"), style="dashed", minzoom=12),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """What the page needs to know beforehand. Without a position it asks for one. `walks`: streets are loaded, so that
    distances can be asked for on foot; `by` says how they are measured."""

    lang: str
    bounds: Bounds
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 1000
    by: str = "line"
    walks: bool = False
    layers: tuple[TileLayer, ...] = LAYERS
    basemap_url: str = ""
    basemap_attribution: str = ""
    urls: Urls = field(default_factory=Urls)
    frame: Frame = field(default_factory=Frame)
    data_version: int = 0

    @property
    def list_href(self) -> str:
        """The same as a list, without script."""
        position = f"&lat={self.lat}&lon={self.lon}&radius={round(self.radius_m)}" if self.lat is not None else ""
        position += f"&by={self.by}" if position and self.by != "line" else ""
        return self.frame.href(f"/near?view=list{position}")


def build(near: Near) -> CivicMap:
    """The near page as a folium map; `get_root().render()` is the page."""
    figure = CivicFigure(
        text.translate(N_("Near me"), near.lang),
        near.frame,
        "near.html",
        bodyclass="near",
        list_href=near.list_href,
        radii=tuple((radius, text.metres(radius, near.lang)) for radius in RADII),
        radius=round(near.radius_m),
        ways=WAYS if near.walks or near.by == "foot" else (),
        by=near.by,
    )
    civic_map = CivicMap(near.bounds, figure)
    add_layers(civic_map, near.layers, near.basemap_url, near.basemap_attribution, fill=False)
    civic_map.add_child(Mount("near.js", options(near)))
    return civic_map


def options(near: Near) -> dict[str, object]:
    """What the page's script reads."""
    return {
        "map": "okruga_map",
        "lang": near.lang,
        "messages": assets.url(assets.messages_name(near.lang)),
        "bounds": near.bounds,
        "point": None if near.lat is None else {"lat": near.lat, "lon": near.lon},
        "radius": near.radius_m,
        "urls": asdict(near.urls),
        "colours": page_colours(),
        "prefix": text.localise("", near.lang),
        "dataVersion": near.data_version,
    }
