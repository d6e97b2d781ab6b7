"""How do the districts compare, and what is the passport of one?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import naming
from api.deps import Kind, Moved, PageReading, Visit
from api.explained import FAMILIES, channels, families, shares
from api.frame import frame
from api.passport import boundary_note, newest, parent_links
from api.questions import YEAR, Asked, known_columns
from api.rows import contacts
from geo.analysis import areas
from geo.analysis.aggregate import aggregate
from geo.analysis.measures import Measure, measure_of
from geo.analysis.passport import Money, money
from geo.analysis.questions import chosen_kind, default_year, look_ahead
from geo.analysis.standing import Standing, standings_of
from geo.registers import BY_NAME
from geo.store.brief import bodies
from geo.store.query import Filters
from geo.store.territories import get_territory, inside
from geo.vocabulary import NeedStatus, PopulationBase, ProjectStatus, TerritoryKind, TosStatus
from maps.pages import (
    Cell,
    Column,
    DistrictPage,
    DistrictRow,
    DistrictsPage,
    Indicator,
    TerritoryRow,
    render,
)

pages = APIRouter()
MEASURES = (
    "tos_population_share", "within_distance_share", "needs_answered_share", "needs_open_per_1000",
    "projects_done_per_1000", "participants_per_1000_16",
)  # fmt: skip

Period = Annotated[str, Query(pattern=YEAR)]
Standings = dict[str, Standing]


@pages.get("/districts")
def districts(
    visit: PageReading, kind: Kind = None, period: Period = "",
    sort: Annotated[str, Query(max_length=60)] = "",
    order: Annotated[str, Query(max_length=4)] = "desc",
    family: Annotated[str, Query(max_length=20)] = "",
) -> Response:  # fmt: skip
    return visit.page(lambda: render(comparison(visit, kind or "", period, family, sort, order != "asc")), keep=True)


def comparison(visit: Visit, kind: str, period: str, family: str, sort: str, descending: bool) -> DistrictsPage:
    """All territories of a kind, one column per main figure or per figure of one question."""
    measures = {code: each for code, _, each in FAMILIES}.get(family, MEASURES)
    sort = sort if sort in measures else ""
    chosen = chosen_kind(visit.connection, kind)
    year = period or str(default_year(visit.connection))
    look_ahead(visit.connection, Asked(kind=chosen.value, period=year).query(visit, MEASURES[0]))
    found = {code: figures(visit, code, chosen.value, year) for code in measures}
    classes = {code: classes_of(visit, measure_of(code), chosen.value, year) for code in measures}
    around = frame(visit)
    rows = [
        DistrictRow(
            code=code, name=name, href=naming.territory_href(chosen, code, visit.lang),
            cells=tuple(cell(found[measure].get(code), classes[measure].get(code, "")) for measure in measures),
        )
        for code, name in names(visit, chosen.value, year)
    ]  # fmt: skip
    return DistrictsPage(
        frame=around,
        kind=chosen,
        kinds=tuple(each for each in areas.kinds(visit.connection) if each != TerritoryKind.TOS_TERRITORY),
        period=year,
        periods=tuple(str(each) for each in areas.periods(visit.connection)),
        columns=tuple(column(measure_of(code)) for code in measures),
        rows=tuple(ordered(rows, measures.index(sort) if sort else None, descending)),
        family=family if measures is not MEASURES else "",
        families=tuple((code, title) for code, title, _ in FAMILIES),
        sort=sort,
        descending=descending,
        table_hrefs={code: around.href(table_href(code, chosen.value, year)) for code in measures},
    )


def ordered(rows: list[DistrictRow], by: int | None, descending: bool) -> list[DistrictRow]:
    """Rows by a column, or by name; missing figures last in either order."""
    by_name = sorted(rows, key=lambda row: row.name)
    if by is None:
        return by_name
    known = [row for row in by_name if row.cells[by].value is not None]
    known.sort(key=lambda row: row.cells[by].value or 0.0, reverse=descending)
    return known + [row for row in by_name if row.cells[by].value is None]


def figures(visit: Visit, measure: str, kind: str, year: str) -> Standings:
    """A measure of all territories of a kind; empty when none was valid then."""
    told = known_columns(visit, Asked(kind=kind, period=year).query(visit, measure))
    return {} if told is None else visit.remember(("standings", measure, kind, year), lambda: standings_of(told))


def classes_of(visit: Visit, measure: Measure, kind: str, year: str) -> dict[str, str]:
    """The words of a measure that is one of a few words, by territory; nothing for numbers."""
    told = known_columns(visit, Asked(kind=kind, period=year).query(visit, measure.code)) if measure.classes else None
    if told is None:
        return {}
    titles = dict(measure.classes)
    return {code: titles.get(each or "", "") for code, each in zip(told.areas.code, told.told.classes, strict=False)}


def names(visit: Visit, kind: str, year: str) -> list[tuple[str, str]]:
    """Codes and names of the territories of a kind at the end of a year."""
    told = known_columns(visit, Asked(kind=kind, period=year).query(visit, MEASURES[0]))
    if told is None:
        return []
    known = zip(told.areas.code, told.areas.name, told.areas.names, strict=True)
    return [(code, areas.local_name(name, names, visit.lang)) for code, name, names in known]


def column(measure: Measure) -> Column:
    return Column(
        code=measure.code, title=measure.title, unit=measure.unit.value, base=measure.base or "", method=measure.method
    )


def cell(standing: Standing | None, class_title: str = "") -> Cell:
    """A figure with its place among the others."""
    if standing is None:
        return Cell(value=None)
    value = standing.value
    return Cell(
        value=value.value, missing=value.missing_reason, low=value.interval_low, high=value.interval_high,
        rank=str(standing.rank or ""), estimated=value.estimated, numerator=value.numerator,
        denominator=value.denominator, class_title=class_title,
    )  # fmt: skip


def table_href(measure: str, kind: str, year: str) -> str:
    return f"/map/{measure_of(measure).question}/table?measure={measure}&kind={kind}&period={year}"


@pages.get("/districts/{code}")
def district(visit: PageReading, code: Annotated[str, Path(max_length=100)], period: Period = "") -> Response:
    return visit.page(lambda: render(passport(visit, code, period)), keep=True)


def passport(visit: Visit, code: str, period: str) -> DistrictPage:
    """Everything a council member prints for the session. Raises Moved for a TOS, which has a page of its own kind."""
    row = get_territory(visit.connection, code)
    if row["kind"] == TerritoryKind.TOS_TERRITORY:
        raise Moved(naming.territory_href(row["kind"], code, visit.lang))
    kind, year = TerritoryKind(row["kind"]), period or str(default_year(visit.connection))
    asked = Asked(kind.value, year)
    look_ahead(visit.connection, asked.query(visit, MEASURES[0]))
    spent = money(visit.connection, row["boundary"], int(year)) if row["boundary"] else Money("RUB", {})
    return DistrictPage(
        frame=frame(visit),
        code=code,
        name=naming.name(row, visit.lang),
        kind=kind,
        period=year,
        residents=counted(row, PopulationBase.RESIDENTS),
        residents_16=counted(row, PopulationBase.RESIDENTS_16),
        area_km2=row["area_m2"] / 1e6 if row["area_m2"] else None,
        parents=parent_links(visit, row),
        boundary=boundary_note(row),
        indicators=tuple(indicators(visit, code, kind, year)),
        families=families(visit, asked, code),
        channels=channels(visit, asked, code),
        shares=shares(visit, asked, code),
        periods=tuple(str(each) for each in areas.periods(visit.connection)),
        statuses=statuses(visit, code),
        money=tuple(spent.by_source.items()),
        currency=spent.currency,
        needs=newest(visit, "need", code, NeedStatus.OPEN),
        projects=newest(visit, "project", code),
        events=newest(visit, "event", code),
        parts=parts(visit, row),
        organisations=contacts(visit, bodies(visit.connection, [code]).get(code, ())),
        map_url=f"/embed/place/{kind.value}/{code}",
    )  # fmt: skip


def counted(row: dict[str, Any], base: PopulationBase) -> int | None:
    """The newest number of people of a base."""
    numbers = [each["people"] for each in row["population"] if each["base"] == base]
    return numbers[-1] if numbers else None


def indicators(visit: Visit, code: str, kind: TerritoryKind, year: str) -> Iterator[Indicator]:
    """The main figures beside the other territories of the kind."""
    for measure in map(measure_of, MEASURES):
        standing = figures(visit, measure.code, kind.value, year).get(code)
        if standing is not None:
            yield indicator(measure, standing)


def indicator(measure: Measure, standing: Standing) -> Indicator:
    value = standing.value
    return Indicator(
        code=measure.code, title=measure.title, unit=measure.unit.value, value=value.value, median=standing.median,
        lowest=standing.lowest, highest=standing.highest, low=value.interval_low, high=value.interval_high,
        rank=standing.rank, of=standing.of, missing=value.missing_reason, numerator=value.numerator,
        denominator=value.denominator, base=measure.base or "", method=measure.method, estimated=value.estimated,
    )  # fmt: skip


def statuses(visit: Visit, code: str) -> tuple[tuple[ProjectStatus, int], ...]:
    """The projects by stage, in the order of the stages."""
    groups = aggregate(visit.connection, BY_NAME["project"], "status", Filters(territory=code))
    counts = {group.value: group.count for group in groups}
    return tuple((status, counts[status]) for status in ProjectStatus if status in counts)


def parts(visit: Visit, row: dict[str, Any]) -> tuple[TerritoryRow, ...]:
    """The TOS inside."""
    if row["boundary"] is None:
        return ()
    return tuple(
        TerritoryRow(
            name=naming.name(each, visit.lang), status=naming.word(TosStatus, each["tos_status"]),
            href=naming.territory_href(TerritoryKind.TOS_TERRITORY, each["code"], visit.lang),
        )
        for each in inside(visit.connection, row["boundary"], TerritoryKind.TOS_TERRITORY)
    )  # fmt: skip
