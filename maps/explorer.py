"""How is a question put on a map? One page for all of them: coloured areas, switches, legend, card, table twin.

The page carries settings only. `Explorer` names what can be chosen; the numbers, names and shapes are asked for by the
page's script, so a change of theme, period or measure neither reloads the page nor fetches a shape again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qs, urlencode

from geo.errors import N_, Message
from geo.vocabulary import FineKind, TerritoryKind, Theme, Word
from maps import assets, text
from maps.layers import DEFAULT_LAYERS, Basemap, CivicTiles, Mount, TileLayer
from maps.layout import Frame, titled
from maps.page import Bounds, CivicFigure, CivicMap
from maps.palette import page_colours
from maps.text import Title

# distances a visitor can choose from, metres; the tally holds 50 m steps up to 5 km
DISTANCES = (300, 500, 800, 1000, 1500, 2000, 3000)
ALL_THEMES = N_("all themes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity to colour by. `kinds` empty: for every kind of territory, and for hexagon cells with `cells`."""

    code: str
    title: Title
    unit: str
    base: Title = ""
    themes: bool = True
    distance: bool = False
    kinds: tuple[str, ...] = ()
    # counted in hexagon cells too; of people only in cells of one size, over all themes
    cells: bool = False
    heads: bool = False
    # a surface, drawn without lines between its cells
    smooth: bool = False
    # further controls, asked for when the measure is chosen
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a switch."""

    code: str
    title: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What is chosen when the address says nothing."""

    measure: str
    theme: str = ""
    period: str = ""
    kind: str = ""
    distance_m: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where the page's script asks."""

    values: str = "/api/values/{measure}"
    tiles: str = "/tiles"
    card: str = "/api/card/{layer}/{id}"
    search: str = "/api/search"
    geocode: str = "/api/geocode"
    near: str = "/api/near"
    rows: str = "/api/{question}"
    controls: str = "/api/controls/{measure}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorer:
    """Everything a question's page needs to know beforehand. Bounds are west, south, east, north in degrees."""

    question: str
    lang: str
    bounds: Bounds
    measures: tuple[Measure, ...]
    periods: tuple[str, ...]
    kinds: tuple[TerritoryKind | FineKind, ...]
    defaults: Defaults
    themes: tuple[Theme | Choice, ...] = ()
    layers: tuple[TileLayer, ...] = DEFAULT_LAYERS
    basemap_url: str = ""
    basemap_attribution: str = ""
    urls: Urls = field(default_factory=Urls)
    frame: Frame = field(default_factory=Frame)
    data_version: int = 0
    # other places of the same map, far from where it opens: title, kind of area and bounds
    places: tuple[tuple[str, str, Bounds], ...] = ()
    # the catalogue of `/tiles`; without it the page asks
    tiles: Mapping[str, object] | None = None

    @property
    def table_path(self) -> str:
        """The same numbers as a table, without the language prefix."""
        return f"/map/{self.question}/table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a question's page says about itself."""

    title: str
    lead: str


def build(explorer: Explorer, wording: Wording) -> CivicMap:
    """The page of a question as a folium map; `get_root().render()` is the page."""
    lang = explorer.lang
    figure = CivicFigure(
        text.translate(wording.title, lang),
        explorer.frame,
        "explorer.html",
        lead=text.translate(wording.lead, lang),
        switches=switches(explorer),
        layers=layer_switches(explorer),
        places=[(title, view_of(bounds, kind)) for title, kind, bounds in explorer.places],
        table=explorer.frame.href(explorer.table_path),
        bodyclass="explorer",
    )
    civic_map = CivicMap(explorer.bounds, figure)
    add_layers(civic_map, explorer.layers, explorer.basemap_url, explorer.basemap_attribution)
    civic_map.add_child(Mount("explorer.js", options(explorer), ahead=first_values(explorer)))
    return civic_map


def view_of(bounds: Bounds, kind: str = "") -> str:
    """The address part under which the map shows a box: zoom, latitude, longitude, kind of area.

    >>> view_of((48.8, 55.6, 49.4, 56.0), "settlement")
    '#8/55.8/49.1/k=settlement'
    """
    west, south, east, north = bounds
    width = max((east - west) % 360, 2 * (north - south), 0.01)
    zoom = min(max(math.floor(math.log2(360 / width)), 3), 14)
    return f"#{zoom}/{round((south + north) / 2, 5)}/{round((west + east) / 2, 5)}" + (f"/k={kind}" if kind else "")


def first_values(explorer: Explorer) -> str:
    """The address of the values the page opens with; empty where that depends on the window or on further controls.

    The script reads the query in the same way: what the switches do not offer is ignored.
    """
    asked = parse_qs(explorer.frame.query, keep_blank_values=True)
    chosen = {
        each.name: next((code for code in asked.get(each.name, ())[:1] if code in dict(each.options)), each.chosen)
        for each in switches(explorer)
    }
    measure = next(each for each in explorer.measures if each.code == chosen["measure"])
    if measure.asks or measure.kinds or chosen["kind"] == FineKind.HEX_CELL:
        return ""
    unused = [name for name, used in (("theme", measure.themes), ("distance", measure.distance)) if not used]
    query = {name: chosen[name] for name in ("theme", "period", "kind", "distance") if name not in unused}
    told = urlencode({name: value for name, value in {**query, "lang": explorer.lang}.items() if value})
    return f"{explorer.urls.values.replace('{measure}', measure.code)}?{told}"


def add_layers(
    civic_map: CivicMap, layers: Sequence[TileLayer], basemap: str, attribution: str, *, fill: bool = True
) -> None:
    """Put the basemap, the coloured areas and the layers above them on a map."""
    if basemap:
        civic_map.add_child(Basemap(basemap, attribution))
    if fill:
        civic_map.add_child(CivicTiles("", "fill"))
    for layer in layers:
        civic_map.add_child(CivicTiles(layer.code, layer.style, minzoom=layer.minzoom, shown=layer.shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One select of the panel; `short` is its letter in the address, `name` its name in a query."""

    name: str
    short: str
    title: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def switches(explorer: Explorer) -> tuple[Switch, ...]:
    """The panel's selects in reading order; one with a single choice is still said, not hidden."""
    lang, chosen = explorer.lang, explorer.defaults
    measures = tuple((each.code, titled(each.title, lang)) for each in explorer.measures)
    themes = (("", titled(ALL_THEMES, lang)), *(_theme(each, lang) for each in explorer.themes))
    periods = tuple((code, text.period(code, lang)) for code in reversed(explorer.periods))
    kinds = tuple((kind.value, titled(kind, lang)) for kind in explorer.kinds)
    distances = tuple((str(step), text.metres(step, lang)) for step in DISTANCES)
    rows = (
        ("measure", "m", N_("Measure"), measures, chosen.measure),
        ("theme", "t", N_("Theme"), themes, chosen.theme),
        ("kind", "k", N_("Areas"), kinds, chosen.kind or (explorer.kinds[0].value if explorer.kinds else "")),
        ("period", "y", N_("Period"), periods, chosen.period or (explorer.periods[-1] if explorer.periods else "")),
        ("distance", "d", N_("Distance"), distances, str(chosen.distance_m)),
    )
    return tuple(
        Switch(name=name, short=short, title=text.translate(title, lang), options=choices, chosen=value)
        for name, short, title, choices, value in rows
    )


def _theme(theme: Theme | Choice, lang: str) -> tuple[str, str]:
    """A theme's code and its title."""
    if isinstance(theme, Word):
        return theme.value, titled(theme, lang)
    return theme.code, titled(theme.title, lang)


def layer_switches(explorer: Explorer) -> tuple[dict[str, object], ...]:
    """The check boxes of the layers, each with the id its tiles are announced under."""
    return tuple(
        {
            "id": f"{layer.style}:{layer.code}",
            "title": titled(layer.title, explorer.lang),
            "shown": layer.shown,
            "minzoom": layer.minzoom,
            "style": layer.style,
            "code": layer.code,
        }
        for layer in explorer.layers
    )


def options(explorer: Explorer) -> dict[str, object]:
    """What the page's script reads: codes, addresses, the chosen defaults. No titles: they stand in the selects."""
    return {
        "map": "okruga_map",
        "question": explorer.question,
        "lang": explorer.lang,
        "messages": assets.url(assets.messages_name(explorer.lang)),
        "bounds": explorer.bounds,
        "measures": {each.code: measure_options(each, explorer.lang) for each in explorer.measures},
        "colours": page_colours(),
        "defaults": {switch.short: switch.chosen for switch in switches(explorer)},
        "urls": asdict(explorer.urls),
        "tiles": explorer.tiles,
        "table": explorer.frame.href(explorer.table_path),
        "prefix": text.localise("", explorer.lang),
        "dataVersion": explorer.data_version,
    }


def measure_options(measure: Measure, lang: str) -> dict[str, object]:
    """What the switches and the legend have to know about a measure; `words` say its unit and who is counted."""
    unit, base = text.unit_title(measure.unit, lang), text.say(measure.base, lang)
    counted = text.translate(Message(N_("{unit}; counted: {base}"), {"unit": unit, "base": base}), lang)
    return {
        "unit": measure.unit,
        "words": counted if base else unit,
        "themes": measure.themes,
        "distance": measure.distance,
        "kinds": measure.kinds,
        **{name: True for name in ("cells", "heads", "smooth", "asks") if getattr(measure, name)},
    }
