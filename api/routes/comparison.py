"""How does mine stand beside others? Two to five territories by every measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api import naming
from api.comparing import compared, comparison_json, detail, detail_json, fairness, territories
from api.deps import PageReading, Reading, Visit
from api.explained import cell_of
from api.frame import frame
from api.outlines import outlines
from api.questions import Asked, AskedOf, FigureRow, MethodNote, Way
from geo.analysis import areas
from geo.analysis.comparison import MOST, Comparison, Line, check_codes
from geo.analysis.equity import Grouping, Resource
from geo.analysis.measures import MEASURES, PARTICIPATION, Measure, measure_of
from geo.analysis.questions import chosen_kind, default_year
from geo.analysis.result import Row
from geo.errors import Message, NotFound, OkrugaError
from geo.vocabulary import PopulationBase, TerritoryKind, Theme
from maps import charts
from maps.comparison import ComparisonPage, Detail, EquityNote, MeasureLine, PeerNote
from maps.pages import Cell, render
from maps.plan import sheet_of

router = APIRouter(tags=["questions"])
pages = APIRouter()
# the measure looked at closely unless another is chosen
CLOSELY = "participants_per_1000_16"


class ComparedTerritory(BaseModel):
    """One of the compared."""

    territory: str
    name: str
    boundary: int


class ComparedMeasure(BaseModel):
    """A measure of the compared territories, and the figures of all others of the kind."""

    measure: str
    title: str
    unit: str
    unit_title: str
    base: PopulationBase | None
    form_of: str | None
    direction: str
    method: MethodNote
    theme: Theme | None
    distance_m: int | None
    by: Way | None
    rows: list[FigureRow]
    median: float | None
    values: list[float]
    notes: list[str]


class ComparedYear(BaseModel):
    """The rows of a year, in the order of the territories; null where one was not there yet."""

    period: str
    rows: list[FigureRow | None]


class ComparedTheme(BaseModel):
    """The rows of a theme."""

    theme: Theme
    rows: list[FigureRow | None]


class ComparedDetail(BaseModel):
    """One measure by year and by theme."""

    measure: str
    years: list[ComparedYear]
    themes: list[ComparedTheme]


class SimilarTerritory(BaseModel):
    """A similar territory; the distance is in standard deviations of the features."""

    territory: str
    name: str
    distance: float


class ComparisonAnswer(BaseModel):
    """Measures down, territories across."""

    question: str
    kind: TerritoryKind
    period: str | None
    theme: Theme | None
    territories: list[ComparedTerritory]
    measures: list[ComparedMeasure]
    peers: dict[str, list[SimilarTerritory]]
    features: list[str]
    sources: list[str]
    data_version: int
    detail: ComparedDetail | None = None


@router.get("/api/comparison", response_model=ComparisonAnswer, summary="How do these territories stand?")
def comparison(
    visit: Reading, asked: AskedOf,
    measure: Annotated[str, Query(max_length=60, description="Also by year and theme: `detail`.")] = "",
) -> Response:  # fmt: skip
    codes = check_codes(asked.territories)
    wanted = measure_of(measure) if measure else None

    def answer() -> dict[str, object]:
        found = comparison_json(visit, compared(visit, over_all(asked), codes), asked)
        complete = replace(over_all(asked), period=found["period"])
        return {**found, "detail": detail_json(visit, detail(visit, complete, wanted, codes)) if wanted else None}

    return visit.json(answer, keep=True)


def over_all(asked: Asked) -> Asked:
    """The same without single territories: ranks are among all of the kind."""
    return replace(asked, territories=())


Resources = Annotated[Resource, Query(description="What is shared out.")]


@pages.get("/comparison")
def comparison_page(
    visit: PageReading, asked: AskedOf, resource: Resources = Resource.PROJECTS,
    measure: Annotated[str, Query(max_length=60)] = "",
) -> Response:  # fmt: skip
    chosen = measure if measure in {each.code for each in MEASURES} else CLOSELY
    return visit.page(lambda: render(content(visit, asked, resource, chosen)), keep=True)


def content(visit: Visit, asked: Asked, resource: Resource, measure: str) -> ComparisonPage:
    """The page; with fewer than two territories it shows the form and the equity of all."""
    kind = chosen_kind(visit.connection, asked.kind)
    year = asked.period or str(default_year(visit.connection))
    asked = Asked(kind, year, asked.theme, asked.distance_m, asked.territories, on_foot=asked.on_foot,
                  town_spread=asked.town_spread)  # fmt: skip
    codes: tuple[str, ...] = ()
    problem: Message | None = None
    found: Comparison | None = None
    choices: tuple[tuple[str, str], ...] = ()
    try:
        choices = tuple(territories(visit, asked))
        codes = known_codes(asked.territories, choices)
        if codes:
            found = compared(visit, over_all(asked), check_codes(codes))
    except OkrugaError as error:
        problem = error.message
    return ComparisonPage(
        frame=frame(visit), kind=kind, period=year, theme=asked.theme, codes=codes, choices=choices,
        kinds=tuple(areas.kinds(visit.connection)),
        periods=tuple(str(each) for each in areas.periods(visit.connection)), places=MOST,
        names=tuple(row.name for row in found.lines[0].rows) if found else (),
        hrefs=tuple(naming.territory_href(kind, code, visit.lang) for code in codes) if found else (),
        lines=tuple(line_of(line) for line in found.lines) if found else (),
        peers=tuple(peer_note(visit, found, kind, at) for at in range(len(codes))) if found else (),
        features=found.features if found else (), problem=problem or "",
        equity=equity_note(visit, asked, resource), resource=resource.value,
        sources=found.sources if found else (), measure=measure,
        measures=tuple((each.code, each.title) for each in MEASURES if not each.classes),
        detail=closely(visit, asked, found, measure_of(measure)) if found else None,
    )  # fmt: skip


def closely(visit: Visit, asked: Asked, found: Comparison, measure: Measure) -> Detail:
    """One measure in drawings: years, places, chance, themes, and where the territories lie."""
    seen = detail(visit, over_all(asked), measure, found.codes)
    line = next(each for each in found.lines if each.measure.code == measure.code)
    now = [row.boundary for row in line.rows]
    rings = outlines(visit, TerritoryKind(asked.kind), int(asked.period))
    sheet = sheet_of([ring for each in rings.values() for ring in each])
    series = [
        [mark_of(rows[at], now[at]) for _, rows in seen.years] for at in range(len(found.codes))
    ]  # fmt: skip
    ranks = tuple((row.rank, row.rank_low, row.rank_high, row.ranked) for row in line.rows)
    return Detail(
        code=measure.code, title=measure.title, unit=measure.unit.value,
        trend=charts.trend([year for year, _ in seen.years], series),
        years=tuple((year, tuple(cell_or_none(row) for row in rows)) for year, rows in seen.years),
        moved=any(marked for each in series for value, marked in each if value is not None),
        ranks=charts.rank_bars(ranks), ranked=max((rank[3] or 0 for rank in ranks), default=0),
        funnel=funnel_of(found) if measure.question == PARTICIPATION else None,
        themes=tuple((theme, tuple(cell_or_none(row) for row in rows)) for theme, rows in seen.themes),
        plan=tuple(
            (sheet.path(ring), found.codes.index(code) + 1 if code in found.codes else 0)
            for code, each in rings.items() for ring in each
        ) if sheet else (),
        plan_height=sheet.height if sheet else 0.0,
    )  # fmt: skip


def mark_of(row: Row | None, boundary: int) -> tuple[float | None, bool]:
    """A figure of a year, marked when its boundaries were others or it is an estimate."""
    return (None, False) if row is None else (row.value.value, row.value.estimated or row.boundary != boundary)


def cell_or_none(row: Row | None) -> Cell:
    return cell_of(row.value) if row else Cell(value=None)


def funnel_of(found: Comparison) -> charts.FunnelPlot | None:
    """All territories against the limits of chance."""
    rows = next(each.answer.rows for each in found.lines if each.measure.code == "funnel_plot")
    known = sorted(
        (row for row in rows if row.value.value is not None and row.value.denominator),
        key=lambda row: row.value.denominator or 0.0,
    )
    dots = [
        (row.value.denominator or 0.0, row.value.value or 0.0,
         found.codes.index(row.territory) + 1 if row.territory in found.codes else 0)
        for row in known
    ]  # fmt: skip
    curves = [
        [(row.value.denominator or 0.0, part.value) for row in known
         if (part := row.value.parts.get(name)) is not None and part.value is not None]
        for name in ("inner_low", "inner_high", "outer_low", "outer_high")
    ]  # fmt: skip
    people = sum(row.value.denominator or 0.0 for row in known)
    heads = sum(row.value.numerator or 0.0 for row in known)
    return charts.funnel_plot(dots, curves, 1000 * heads / people if people else None)


def known_codes(wanted: tuple[str, ...], choices: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The chosen territories that the kind has: a form whose kind was changed still names the old ones."""
    known = {code for code, _ in choices}
    return tuple(dict.fromkeys(code for code in wanted if code in known))


def line_of(line: Line) -> MeasureLine:
    measure = line.measure
    return MeasureLine(
        code=measure.code, title=measure.title, unit=measure.unit.value, base=measure.base or "",
        method=measure.method, question=measure.question, median=line.median, values=tuple(line.known),
        cells=tuple(cell_of(row.value) for row in line.rows),
        ranks=tuple((row.rank, row.rank_low, row.rank_high, row.ranked) for row in line.rows),
        classes=tuple(dict(measure.classes).get(row.class_code or "", "") for row in line.rows),
        another_form=bool(measure.form_of), all_themes=not measure.themes,
    )  # fmt: skip


def peer_note(visit: Visit, found: Comparison, kind: TerritoryKind, at: int) -> PeerNote:
    """The territories one is fairly compared with, and the address of that comparison."""
    code = found.codes[at]
    peers = found.peers[code]
    return PeerNote(
        name=found.lines[0].rows[at].name,
        peers=tuple(
            (each.name, naming.territory_href(kind, each.territory, visit.lang), each.distance) for each in peers
        ),
        codes=(code, *(peer.territory for peer in peers[: MOST - 1])),
    )


def equity_note(visit: Visit, asked: Asked, resource: Resource) -> EquityNote | None:
    """Shares of resources against shares of residents; none without boundaries."""
    try:
        found = fairness(visit, over_all(Asked(asked.kind, asked.period, asked.theme)), resource,
                         PopulationBase.RESIDENTS, Grouping.PARENT)  # fmt: skip
    except NotFound:
        return None
    whole = found.inequality
    rows = sorted(found.answer.rows, key=lambda row: (row.value.value is None, row.value.value or 0.0, row.name))
    return EquityNote(
        gini=whole.gini.value, hoover=whole.hoover.value, theil=whole.theil.value,
        lorenz=tuple(zip(whole.lorenz.people.tolist(), whole.lorenz.resources.tolist(), strict=True)),
        rows=tuple(
            (row.name, cell_of(row.value), row.value.reasons) for row in rows
        ),
        notes=found.answer.notes,
    )  # fmt: skip
