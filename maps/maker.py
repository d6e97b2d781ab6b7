"""How is a boundary drawn in the browser? The page of the boundary maker, and the list of drafts to be confirmed.

A real folium map with Leaflet-Geoman for drawing; the page carries settings and the names of territories to choose
from, everything else comes as JSON while somebody draws.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field

from geo.errors import N_
from geo.vocabulary import BoundaryPrecision, TerritoryKind, TosLevel, TosStatus
from maps import assets, text
from maps.explorer import Urls, add_layers
from maps.layers import Mount, TileLayer
from maps.layout import Frame, titled
from maps.page import Bounds, CivicFigure, CivicMap
from maps.pages import Page
from maps.text import Title

LAYERS = (
    TileLayer(code="context", title=N_("Water, green, main streets"), style="ground"),
    TileLayer(code="civic_district", title=N_("Borders of civic districts"), style="outline"),
    TileLayer(code="tos_territory", title=N_("Borders of TOS"), style="dashed", minzoom=12),
)
ADDRESS = "/api/steward/boundaries"


@dataclass(frozen=True, slots=True)
class Choice:
    """A territory to choose: its code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """A stored territory of the kind, whose next version may be drawn."""

    code: str
    name: str
    parent: str = ""
    tos_status: str = ""
    tos_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What the page needs to know beforehand; `code` is the territory it opens with."""

    lang: str
    bounds: Bounds
    kind: TerritoryKind
    kinds: tuple[TerritoryKind, ...]
    form: str
    parents: tuple[Choice, ...] = ()
    known: tuple[Known, ...] = ()
    code: str = ""
    parent: str = ""
    basemap_url: str = ""
    basemap_attribution: str = ""
    urls: Urls = field(default_factory=Urls)
    frame: Frame = field(default_factory=Frame)


class DrawingMap(CivicMap):
    """A civic map that can be drawn on: Leaflet-Geoman comes right after Leaflet."""

    def _load(self, name: str, path: str) -> None:
        super()._load(name, path)
        if name == "leaflet":
            super()._load("geoman", "vendor/geoman/leaflet-geoman.js")


def build(maker: Maker) -> CivicMap:
    """The page of the maker as a folium map; `get_root().render()` is the page."""
    figure = CivicFigure(
        text.translate(N_("Draw a boundary"), maker.lang), maker.frame, "maker.html", bodyclass="maker",
        maker=maker, precisions=tuple(BoundaryPrecision), statuses=tuple(TosStatus), levels=tuple(TosLevel),
        is_tos=maker.kind is TerritoryKind.TOS_TERRITORY,
    )  # fmt: skip
    civic_map = DrawingMap(maker.bounds, figure)
    civic_map.default_css = [*civic_map.default_css, ("geoman_css", assets.url("vendor/geoman/leaflet-geoman.css"))]
    add_layers(civic_map, LAYERS, maker.basemap_url, maker.basemap_attribution, fill=False)
    civic_map.add_child(Mount("maker.js", options(maker)))
    return civic_map


def options(maker: Maker) -> dict[str, object]:
    """What the page's script reads."""
    return {
        "map": "okruga_map",
        "lang": maker.lang,
        "messages": assets.url(assets.messages_name(maker.lang)),
        "bounds": maker.bounds,
        "kind": maker.kind.value,
        "kindTitle": titled(maker.kind, maker.lang),
        "code": maker.code,
        "form": maker.form,
        "known": {each.code: asdict(each) for each in maker.known},
        "address": ADDRESS,
        "list": maker.frame.href("/steward/boundaries"),
        "urls": asdict(maker.urls),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconfirmedRow:
    """A boundary that is approximate until somebody has compared it with the act."""

    id: int
    code: str
    name: str
    kind: TerritoryKind
    precision: BoundaryPrecision
    valid_from: datetime.date | None
    area_m2: float
    act: str = ""
    act_on: datetime.date | None = None
    legal_text: str = ""


@dataclass(frozen=True, kw_only=True)
class UnconfirmedPage(Page):
    """Drafts to be confirmed, each with the words of its act."""

    template = "boundaries.html"
    rows: tuple[UnconfirmedRow, ...]
    form: str
    said: Title = ""

    @property
    def heading(self) -> str:
        return self.say(N_("Approximate boundaries"))
