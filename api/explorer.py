"""What can be chosen on a question's map, and how do its page and its table twin come about?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from api.controls import asks
from api.deps import Visit
from api.explained import rows_href
from api.frame import frame, look
from api.questions import Asked, Way, answer_of
from api.rule_words import RULE
from api.tile_layers import catalogue
from geo.analysis import areas
from geo.analysis.fine import counts_people
from geo.analysis.hexagons import centre
from geo.analysis.measures import ON_CELLS, Measure, measure_of, measures_of
from geo.analysis.questions import DEFAULT_KINDS, default_year
from geo.analysis.result import Answer, Value
from geo.analysis.standing import standings
from geo.errors import N_, Message
from geo.settings import settings
from geo.vocabulary import FineKind, TerritoryKind, Theme
from maps import explorer as page
from maps.page import Bounds
from maps.pages import Cell, Column, TablePage, TableRow, render

# words the switches of a table do not ask for
KEPT = ("channel", "town_events", "of", "against", "cell", *RULE)
MOST_PLACES = 9
NO_KIND = (TerritoryKind.CIVIC_DISTRICT,)


def map_page(visit: Visit, question: str, build: Callable[[page.Explorer], Any]) -> Response:
    """The page of a question: folium's own render, byte for byte."""

    def draw() -> str:
        known = replace(explorer(visit, question), tiles=catalogue(visit))
        return str(build(known).get_root().render())

    return visit.page(draw, keep=True)


def explorer(visit: Visit, question: str, asked: Asked | None = None, measure: str = "") -> page.Explorer:
    """What the page of a question has to know; `asked` and `measure` say what is already chosen."""
    chosen = asked or Asked()
    kinds = [kind for kind in areas.kinds(visit.connection) if kind != TerritoryKind.TOS_TERRITORY]
    opens = look(visit).spots[:1]
    first = {kind for spot in opens for kind in spot.kinds}  # a map does not open on a kind that is elsewhere only
    kinds.sort(key=lambda kind: (kind.value not in first, order_of(kind)))
    return page.Explorer(
        question=question,
        lang=visit.lang,
        bounds=look(visit).bounds,
        places=other_places(visit, kinds),
        measures=tuple(as_measure(each) for each in measures_of(question)),
        periods=tuple(str(year) for year in areas.periods(visit.connection)),
        kinds=(*(kinds or NO_KIND), *cells_of(question)),
        themes=tuple(Theme),
        defaults=page.Defaults(
            measure=measure or measures_of(question)[0].code,
            theme=chosen.theme,
            period=chosen.period or str(default_year(visit.connection)),
            kind=chosen.kind,
            distance_m=chosen.distance_m,
        ),
        basemap_url=settings().basemap_url,
        basemap_attribution=settings().basemap_attribution,
        frame=frame(visit),
        data_version=visit.data_version,
    )


def order_of(kind: TerritoryKind) -> int:
    """Where a kind stands among the kinds a map may be coloured by."""
    return DEFAULT_KINDS.index(kind) if kind in DEFAULT_KINDS else len(DEFAULT_KINDS)


def other_places(visit: Visit, kinds: Sequence[TerritoryKind]) -> tuple[tuple[str, str, Bounds], ...]:
    """The places of the map that it does not open on: their names, the kind they are coloured by, their bounds."""
    found = []
    for spot in look(visit).spots[1:MOST_PLACES]:
        name = areas.local_name(spot.name, spot.names, visit.lang)
        title = visit.say(Message(N_("{name} and others"), {"name": name})) if spot.among else name
        found.append((title, next((kind.value for kind in kinds if kind.value in spot.kinds), ""), spot.bounds))
    return tuple(found)


def cells_of(question: str) -> tuple[FineKind, ...]:
    """Hexagon cells, where the question has something to count in them."""
    return (FineKind.HEX_CELL,) if any(each.cells for each in measures_of(question)) else ()


def as_measure(measure: Measure) -> page.Measure:
    """A measure of the catalogue as the page shows it."""
    return page.Measure(
        code=measure.code, title=measure.title, unit=measure.unit.value, base=measure.base or "", themes=measure.themes,
        distance=measure.distance, kinds=(FineKind.HEX_CELL.value,) if measure in ON_CELLS else (),
        cells=measure.cells, heads=counts_people(measure) and measure.cells, smooth=measure.surface,
        asks=asks(measure),
    )  # fmt: skip


def table_page(visit: Visit, question: str, measure: str, asked: Asked) -> Response:
    """The same numbers as a table, without script."""
    return visit.page(lambda: render(table(visit, question, measure, asked)), keep=True)


def table(visit: Visit, question: str, measure: str, asked: Asked) -> TablePage:
    """The table twin of a question's map."""
    told = answer_of(visit, question, measure, asked)
    chosen = replace(asked, kind=told.kind, period=period_of(told))
    choices = explorer(visit, question, chosen, told.measure)
    around = frame(visit)
    return TablePage(
        frame=around,
        question=question,
        measure=measure_of(told.measure).title,
        unit=told.unit.value,
        kind=kind_of(told.kind),
        period=period_of(told),
        columns=(Column(code=told.measure, title=measure_of(told.measure).title, unit=told.unit.value),),
        rows=rows(visit, chosen, told),
        theme=told.theme or "",
        base=told.base or "",
        distance_m=told.distance_m,
        method=told.method.chapter,
        sources=told.sources,
        note=" ".join(visit.say(note) for note in told.notes),
        csv_href=csv_href(visit, question, told, asked),
        map_href=around.href(f"/map/{question}"),
        on_foot=told.by == Way.FOOT if told.by else None,
        kept=tuple((name, word) for name, word in chosen.words(measure_of(told.measure)).items() if name in KEPT),
        choices=choices,
    )


def kind_of(code: str) -> TerritoryKind | FineKind:
    """The kind of areas an answer is about."""
    return FineKind(code) if code in FineKind.codes() else TerritoryKind(code)


def place_of(told: Answer, code: str) -> str:
    """Where to read on about a row: the page of its territory, or what lies around a cell."""
    if told.kind not in FineKind.codes():
        return f"/districts/{code}"
    lat, lon = centre(code)
    return f"/near?lat={lat}&lon={lon}"


def period_of(told: Answer) -> str:
    """The period of an answer as it stands in addresses."""
    return told.period.label if told.period else ""


def rows(visit: Visit, asked: Asked, told: Answer) -> tuple[TableRow, ...]:
    """The areas with their figures, the best first where there is a better and a worse; missing ones last."""
    places, href, measure = standings(told), frame(visit).href, measure_of(told.measure)
    stored = told.kind not in FineKind.codes()
    ordered = sorted(told.rows, key=lambda row: (places[row.territory].rank or len(told.rows) + 1, row.name))
    return tuple(
        TableRow(
            name=row.name, href=href(place_of(told, row.territory)), rank=str(places[row.territory].rank or ""),
            rows_href=rows_href(visit, asked, measure, row.territory) if stored else "",
            cells=(cell(row.value),), reasons=(*class_title(told.measure, row.class_code), *row.value.reasons),
        )
        for row in ordered
    )  # fmt: skip


def class_title(measure: str, code: str | None) -> tuple[Message, ...]:
    """The class of a figure in words, where it has one."""
    return tuple(Message(title) for each, title in measure_of(measure).classes if each == code)


def cell(value: Value) -> Cell:
    """A published figure as a cell."""
    return Cell(
        value=value.value, missing=value.missing_reason, low=value.interval_low, high=value.interval_high,
        estimated=value.estimated, numerator=value.numerator, denominator=value.denominator,
    )  # fmt: skip


def csv_href(visit: Visit, question: str, told: Answer, asked: Asked) -> str:
    """The address of the same rows as a file."""
    words = replace(asked, kind=told.kind, period=period_of(told)).words(measure_of(told.measure))
    chosen = [("territory", code) for code in asked.territories]
    query = {"measure": told.measure, **words, "lang": visit.lang, "format": "csv"}
    return f"/api/{question}?" + urlencode([*query.items(), *chosen])
