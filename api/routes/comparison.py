"""How does mine stand beside others? Two to five territories by every measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api import naming
from api.comparing import compared, comparison_json, fairness, territories
from api.deps import PageReading, Reading, Visit
from api.frame import frame
from api.questions import Asked, AskedOf, FigureRow, MethodNote
from geo.analysis import areas
from geo.analysis.comparison import MOST, Comparison, Line, check_codes
from geo.analysis.equity import Grouping, Resource
from geo.analysis.questions import chosen_kind, default_year
from geo.errors import Message, NotFound, OkrugaError
from geo.vocabulary import PopulationBase, TerritoryKind, Theme
from maps.comparison import ComparisonPage, EquityNote, MeasureLine, PeerNote
from maps.pages import Cell, render

router = APIRouter(tags=["questions"])
pages = APIRouter()


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
    direction: str
    method: MethodNote
    theme: Theme | None
    distance_m: int | None
    rows: list[FigureRow]
    median: float | None
    values: list[float]
    notes: list[str]


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


@router.get("/api/comparison", response_model=ComparisonAnswer, summary="How do these territories stand?")
def comparison(visit: Reading, asked: AskedOf) -> Response:
    codes = check_codes(asked.territories)
    return visit.json(lambda: comparison_json(visit, compared(visit, over_all(asked), codes), asked), keep=True)


def over_all(asked: Asked) -> Asked:
    """The same without single territories: ranks are among all of the kind."""
    return replace(asked, territories=())


Resources = Annotated[Resource, Query(description="What is shared out.")]


@pages.get("/comparison")
def comparison_page(visit: PageReading, asked: AskedOf, resource: Resources = Resource.PROJECTS) -> Response:
    return visit.page(lambda: render(content(visit, asked, resource)), keep=True)


def content(visit: Visit, asked: Asked, resource: Resource) -> ComparisonPage:
    """The page; with fewer than two territories it shows the form and the equity of all."""
    kind = chosen_kind(visit.connection, asked.kind)
    year = asked.period or str(default_year(visit.connection))
    asked = Asked(kind, year, asked.theme, asked.distance_m, asked.territories)
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
        kinds=tuple(each for each in areas.kinds(visit.connection) if each != TerritoryKind.TOS_TERRITORY),
        periods=tuple(str(each) for each in areas.periods(visit.connection)), places=MOST,
        names=tuple(row.name for row in found.lines[0].rows) if found else (),
        hrefs=tuple(naming.territory_href(kind, code, visit.lang) for code in codes) if found else (),
        lines=tuple(line_of(line) for line in found.lines) if found else (),
        peers=tuple(peer_note(visit, found, kind, at) for at in range(len(codes))) if found else (),
        features=found.features if found else (), problem=problem or "",
        equity=equity_note(visit, asked, resource), resource=resource.value,
        sources=found.sources if found else (),
    )  # fmt: skip


def known_codes(wanted: tuple[str, ...], choices: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The chosen territories that the kind has: a form whose kind was changed still names the old ones."""
    known = {code for code, _ in choices}
    return tuple(dict.fromkeys(code for code in wanted if code in known))


def line_of(line: Line) -> MeasureLine:
    measure = line.measure
    return MeasureLine(
        code=measure.code, title=measure.title, unit=measure.unit.value, base=measure.base or "",
        method=measure.method, question=measure.question, median=line.median, values=tuple(line.known),
        cells=tuple(
            Cell(
                value=row.value.value, missing=row.value.missing_reason, low=row.value.interval_low,
                high=row.value.interval_high, estimated=row.value.estimated, numerator=row.value.numerator,
                denominator=row.value.denominator,
            )
            for row in line.rows
        ),
        ranks=tuple((row.rank, row.rank_low, row.rank_high, row.ranked) for row in line.rows),
        classes=tuple(dict(measure.classes).get(row.class_code or "", "") for row in line.rows),
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
            (row.name, Cell(value=row.value.value, missing=row.value.missing_reason, low=row.value.interval_low,
                            high=row.value.interval_high, estimated=row.value.estimated,
                            numerator=row.value.numerator, denominator=row.value.denominator), row.value.reasons)
            for row in rows
        ),
        notes=found.answer.notes,
    )  # fmt: skip
