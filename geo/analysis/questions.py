"""How is any question asked? One door: a query in, the published answer out; the same for page, API, CLI and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from geo.analysis import clusters, edges, fine, participation, rests_on, sensitive, surface
from geo.analysis.areas import (
    Areas,
    Query,
    answer,
    check_distance,
    check_year,
    kinds,
    known_share,
    no_boundaries,
    people,
    periods,
    read_ahead,
)
from geo.analysis.figures import figures
from geo.analysis.measures import BY_CODE, Measure, measure_of
from geo.analysis.result import Answer, Value, Values
from geo.analysis.scores import Rule
from geo.analysis.told import Told, seen
from geo.analysis.town_events import SPREADS
from geo.analysis.vintage import lacking
from geo.errors import N_, BadInput, Message
from geo.settings import settings
from geo.vocabulary import FineKind, PopulationBase, TerritoryKind, Theme

KNOWN_FOR = N_("The figure is known where {share} % of residents live.")
DEFAULT_KINDS = (TerritoryKind.CIVIC_DISTRICT, TerritoryKind.ELECTORAL_DISTRICT, TerritoryKind.MUNICIPALITY)


def ask(connection: Connection, query: Query, lang: str = "ru") -> Answer:
    """The answer as the public may see it: small numbers hidden, nothing hidden that can be worked out.

    Raises NotFound when the kind has no boundary valid at the end of the period.
    """
    areas = areas_of(connection, query)
    if areas is None:
        raise no_boundaries(query)
    told = computed(connection, query, areas)
    residents = people(connection, areas, query.measure.base or PopulationBase.RESIDENTS, query.year)
    if query.kind in FineKind:
        return in_cells(connection, query, areas, told, lang)
    share = known_share(residents.number, told.values.known)
    found = answer(
        connection, query, areas, told, whole=city_value(connection, query), data_share=share, lang=lang,
        sources=rests_on.sources(connection, query, areas, residents),
        notes=(*participation.of_no_area(connection, query, areas), *notes(told.values, share)),
    )  # fmt: skip
    shown = found.published(settings().small_count, settings().rate_min_base)
    # chosen after hiding: asked for one by one, rows would give away what is hidden in the whole
    return shown.only(query.codes) if query.codes else shown


def look_ahead(connection: Connection, query: Query) -> None:
    """Read at once what many measures of this kind and year will ask for; of use within `sharing` only."""
    for kind in {query.kind, TerritoryKind.MUNICIPALITY}:
        areas = Areas.load(connection, kind.value, query.day)
        read_ahead(connection, areas.around(connection, query.day)[0].boundary, query.year)
        for year in {query.year, query.against or query.year - 1}:
            read_ahead(connection, areas.boundary, year)


def areas_of(connection: Connection, query: Query) -> Areas | None:
    """The territories or hexagon cells a query is answered in; None when the kind had no boundary then.

    Raises BadInput for a figure that cannot be counted in cells, or in nothing else.
    """
    if query.kind in FineKind:
        fine.check(query, tuple(code for code, each in BY_CODE.items() if each.cells))
        load = surface.surface_areas if query.measure.surface else fine.hexagon_areas
        return load(connection, query)
    if query.measure.surface:
        raise BadInput(
            N_("A surface is drawn in hexagon cells only."), remedy=N_("Choose the kind {kind}."),
            kind=FineKind.HEX_CELL.value, field="kind",
        )  # fmt: skip
    areas = Areas.load(connection, query.kind.value, query.day)
    return areas if len(areas) else None


def in_cells(connection: Connection, query: Query, areas: Areas, told: Told, lang: str) -> Answer:
    """The answer in hexagon cells: hidden where it must be over all of them, then without the empty ones."""
    cells, shown = fine.drawn(query, areas, replace(told, values=seen(told.values)))
    found = answer(connection, query, cells, shown, sources=rests_on.sources(connection, query, areas), lang=lang)
    return found.only(query.codes) if query.codes else found


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The published figures of a query as columns running parallel over its areas, and what is said beside them."""

    query: Query
    areas: Areas
    told: Told
    sources: tuple[str, ...]
    notes: tuple[Message, ...]


def columns(connection: Connection, query: Query) -> Columns | None:
    """The figures `ask` answers with, without an object for each: what a map needs of thousands of areas.

    None when the kind has no boundary valid at the end of the period.
    """
    areas = areas_of(connection, query)
    if areas is None:
        return None
    told = computed(connection, query, areas)
    shown = replace(told, values=seen(told.values))
    if query.kind in FineKind:
        cells, shown = fine.drawn(query, areas, shown)
        return Columns(query, cells, shown, tuple(sorted(rests_on.sources(connection, query, areas))), shown.notes)
    residents = people(connection, areas, query.measure.base or PopulationBase.RESIDENTS, query.year)
    sources = tuple(sorted({*areas.sources, *rests_on.sources(connection, query, areas, residents)}))
    return Columns(
        query,
        areas,
        shown,
        sources,
        (
            *told.notes,
            *participation.of_no_area(connection, query, areas),
            *notes(told.values, known_share(residents.number, told.values.known)),
        ),
    )


def computed(connection: Connection, query: Query, areas: Areas) -> Told:
    """The figures of any measure for each area, not yet published."""
    columns = clusters.COLUMNS.get(query.measure.code) or figures
    told = columns(connection, query, areas)
    known = told.values.known.any()
    beyond = edges.notes(connection, query, areas) if known else lacking(connection, query.measure, query.year)
    counted = clusters.looked_for_in(query) if query.measure.code in clusters.COLUMNS else query.measure
    return sensitive.withheld(connection, replace(query, measure=counted), replace(told, notes=(*told.notes, *beyond)))


def city_value(connection: Connection, query: Query) -> Value | None:
    """The figure of the whole municipality when there is exactly one: its own, never a mean of the rows."""
    if query.kind == TerritoryKind.MUNICIPALITY or query.kind in FineKind or query.measure.relative:
        return None
    city = replace(query, kind=TerritoryKind.MUNICIPALITY, codes=())
    areas = Areas.load(connection, city.kind.value, city.day)
    return computed(connection, city, areas).values[0] if len(areas) == 1 else None


def notes(values: Values, share: float | None) -> list[Message]:
    """Sentences that belong under the figures; `share` of all residents live where the figure is known."""
    # what was spread is estimated too, and says apart whose people are those of another year
    carried = int(values.parts.get("spread", values).estimated.sum())
    known = [Message(KNOWN_FOR, {"share": int(100 * share)})] if share is not None and share < 1 else []
    if not carried:
        return known
    return [
        *known,
        Message(N_("For {count} territories the number of people is that of another year."), {"count": carried}),
    ]


def make_query(
    connection: Connection, measure: str, *, kind: str | None = None, period: str | int | None = None,
    theme: str | None = None, distance_m: int = 500, codes: Sequence[str] = (), channel: str = "",
    rule: Rule | None = None, of: str = "", against: str | int | None = None, cell: int = 8,
    on_foot: bool = False, town_spread: bool = False,
) -> Query:  # fmt: skip
    """A checked query from the words of an address or a command line; what is not given gets the sensible default.

    Raises BadInput naming the unknown word and the known ones.
    """
    wanted = measure_of(measure)
    return Query(
        measure=wanted,
        kind=cells_of(wanted, kind) or chosen_kind(connection, kind),
        year=check_year(period) if period else default_year(connection),
        theme=check_theme(theme),
        distance_m=check_distance(distance_m),
        codes=tuple(codes),
        channel=participation.check_channel(channel),
        rule=rule or Rule(),
        of=measure_of(of).code if of else "",
        against=check_year(against) if against else None,
        cell=check_cell(cell),
        on_foot=on_foot and wanted.walkable,
        town_spread=town_spread and wanted.code in SPREADS and kind not in FineKind.codes(),
    )


def check_cell(resolution: int) -> int:
    """A resolution cells can be counted in; BadInput otherwise."""
    if resolution not in fine.RESOLUTIONS:
        raise BadInput(
            N_("There are no cells of resolution {value}."), remedy=N_("Known resolutions: {known}."),
            value=resolution, known=", ".join(map(str, fine.RESOLUTIONS)), field="cell",
        )  # fmt: skip
    return resolution


def cells_of(measure: Measure, kind: str | None) -> FineKind | None:
    """The cells a figure is asked in: those named, or the only areas a surface has."""
    if kind in FineKind.codes():
        return FineKind(kind)
    return FineKind.HEX_CELL if measure.surface and not kind else None


def chosen_kind(connection: Connection, kind: str | None) -> TerritoryKind:
    """The named kind, else the one comparisons are usually made by."""
    if kind:
        if kind not in TerritoryKind.codes():
            raise BadInput(
                N_("There is no territory kind {kind}."), remedy=N_("Known kinds: {known}."),
                kind=kind, known=", ".join((*TerritoryKind.codes(), *FineKind.codes())),
            )  # fmt: skip
        return TerritoryKind(kind)
    stored = kinds(connection)
    return next((k for k in DEFAULT_KINDS if k in stored), stored[0] if stored else DEFAULT_KINDS[0])


def default_year(connection: Connection) -> int:
    """The newest finished year with figures; the running one only when there is no other."""
    years = periods(connection)
    this_year = date.today().year  # noqa: DTZ011 - a calendar year of the city, not an instant
    finished = [year for year in years if year < this_year]
    return (finished or years or [this_year])[-1]


def check_theme(theme: str | None) -> Theme | None:
    """A theme code, or None for all themes; BadInput otherwise."""
    if not theme:
        return None
    if theme not in Theme.codes():
        raise BadInput(
            N_("There is no theme {theme}."),
            remedy=N_("Known themes: {known}."),
            theme=theme,
            known=", ".join(Theme.codes()),
        )
    return Theme(theme)
