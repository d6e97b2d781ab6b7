"""How is a question asked over HTTP? The parameters all questions share, and the shape of their answers.

The answer is geo's own (`Answer.as_dict`); the models here only describe it, for /docs and for those who generate
clients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api import csv_table
from api.deps import Blank, Visit
from api.rule_words import RULE
from geo.analysis import areas
from geo.analysis.clusters import COLUMNS as CLUSTERS
from geo.analysis.measures import Measure, measure_of, measures_of
from geo.analysis.questions import Columns, ask, columns, make_query
from geo.analysis.result import Answer
from geo.analysis.scores import Rule
from geo.analysis.town_events import SPREADS
from geo.errors import N_, BadInput, NotFound
from geo.vocabulary import Channel, FineKind, MissingReason, PopulationBase, TerritoryKind, Theme

YEAR = r"^([0-9]{4})?$"


class Way(StrEnum):
    """How a distance is measured."""

    LINE = "line"
    FOOT = "foot"


class TownEvents(StrEnum):
    """What becomes of events that belong to no single area, such as a vote of the whole town."""

    APART = "apart"
    RESIDENTS_16 = "residents_16"


class Figure(BaseModel):
    """One figure: a finite number, or the reason why there is none."""

    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    base: PopulationBase | None
    interval_low: float | None
    interval_high: float | None
    missing_reason: MissingReason | None
    estimated: bool
    parts: dict[str, Figure]
    reasons: list[str]


class FigureRow(Figure):
    """A figure of one territory in one of its boundaries, with its place among the others."""

    model_config = ConfigDict(populate_by_name=True)

    territory: str
    boundary: int
    name: str
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    ranked: int | None
    class_code: str | None = Field(alias="class")
    boundary_from: date | None


class MethodNote(BaseModel):
    """Where the formula is explained."""

    chapter: str
    reference: str


class QuestionAnswer(BaseModel):
    """All rows of a question, with everything needed to say where the numbers come from."""

    question: str
    measure: str
    kind: TerritoryKind | FineKind
    period: str | None
    period_from: date | None
    period_to: date | None
    on: date | None
    theme: Theme | None
    unit: str
    base: PopulationBase | None
    distance_m: int | None
    by: Way | None
    method: MethodNote
    sources: list[str]
    data_version: int
    data_share: float | None
    notes: list[str]
    whole: Figure | None
    rows: list[FigureRow]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says; empty parts get their sensible default from the data."""

    kind: str = ""
    period: str = ""
    theme: str = ""
    distance_m: int = 500
    territories: tuple[str, ...] = ()
    channel: str = ""
    rule: Rule = Rule()  # noqa: RUF009 - frozen
    of: str = ""
    against: str = ""
    cell: int = 8
    on_foot: bool = False
    town_spread: bool = False

    def query(self, visit: Visit, measure: str) -> areas.Query:
        """The checked query over all territories of the kind. Raises BadInput naming the unknown word."""
        return make_query(
            visit.connection, measure, kind=self.kind, period=self.period, theme=self.theme,
            distance_m=self.distance_m, channel=self.channel, rule=self.rule, of=self.of, against=self.against,
            cell=self.cell, on_foot=self.on_foot, town_spread=self.town_spread,
        )  # fmt: skip

    def words(self, measure: Measure) -> dict[str, str]:
        """The words of an address that ask for a measure just so; what makes no difference to it is left out."""
        rule = {word: getattr(self.rule, name) for word, name in RULE.items()}
        usual = {word: getattr(Rule(), name) for word, name in RULE.items()}
        words: dict[str, object] = {
            "kind": self.kind, "period": self.period, "theme": self.theme if measure.themes else "",
            "distance": self.distance_m if measure.distance else "",
            "by": Way.FOOT.value if measure.walkable and self.on_foot else "", "channel": self.channel,
            "town_events": TownEvents.RESIDENTS_16.value if measure.code in SPREADS and self.town_spread else "",
            "of": self.of if measure.code in CLUSTERS else "",
            "against": self.against if measure.code == "participants_change" else "",
            "cell": self.cell if self.kind in FineKind.codes() else "",
            **({word: limit for word, limit in rule.items() if limit != usual[word]}
               if measure.code == "underserved" else {}),
        }  # fmt: skip
        return {name: str(word) for name, word in words.items() if word != ""}


def of_any_kind(
    period: Annotated[
        str, Query(pattern=YEAR, description="A calendar year; the newest finished one when left out.")
    ] = "",
    theme: Annotated[Theme | None, Blank, Query(description="Theme; all when left out.")] = None,
    distance: Annotated[int, Query(ge=50, le=5000, multiple_of=50, description="Metres, for measures of reach.")] = 500,
    territory: Annotated[list[str] | None, Query(max_length=500, description="Codes; all when left out.")] = None,
    channel: Annotated[Channel | None, Blank, Query(description="Participation through this channel only.")] = None,
    tos_below: Annotated[float, Query(ge=0, le=1, description="Underserved: share under a TOS below.")] = 0.25,
    reach_below: Annotated[float, Query(ge=0, le=1, description="Underserved: share in reach below.")] = 0.5,
    needs_from: Annotated[int, Query(ge=0, le=100_000, description="Underserved: so many open needs.")] = 1,
    tos_weight: Annotated[int, Query(ge=0, le=100, description="Underserved: points for few under a TOS.")] = 1,
    reach_weight: Annotated[int, Query(ge=0, le=100, description="Underserved: points for few in reach.")] = 1,
    needs_weight: Annotated[int, Query(ge=0, le=100, description="Underserved: points for open needs.")] = 2,
    points_from: Annotated[int, Query(ge=0, le=300, description="Underserved: from so many points.")] = 3,
    by: Annotated[Way, Query(description="Distances in a straight line, or on foot along loaded streets.")] = Way.LINE,
    of: Annotated[str, Query(max_length=60, description="Clusters: the measure they are looked for in.")] = "",
    against: Annotated[str, Query(pattern=YEAR, description="Change: the year compared with; the one before.")] = "",
    town_events: Annotated[
        TownEvents, Query(description="Participants of events of the whole town: apart, or spread by residents 16+.")
    ] = TownEvents.APART,
) -> Asked:
    return Asked(
        "", period, theme or "", distance, tuple(territory or ()), channel or "",
        Rule(tos_below, reach_below, needs_from, tos_weight, reach_weight, needs_weight, points_from), of, against,
        on_foot=by is Way.FOOT, town_spread=town_events is TownEvents.RESIDENTS_16,
    )  # fmt: skip


def asked(
    rest: Annotated[Asked, Depends(of_any_kind)],
    kind: Annotated[TerritoryKind | None, Blank, Query(description="Kind of territory.")] = None,
) -> Asked:
    return replace(rest, kind=kind or "")


def asked_fine(
    rest: Annotated[Asked, Depends(of_any_kind)],
    kind: Annotated[
        TerritoryKind | FineKind | None, Blank, Query(description="Kind of territory, or hexagon cells.")
    ] = None,
    cell: Annotated[int, Query(ge=7, le=9, description="Hexagon cells: their H3 resolution.")] = 8,
) -> Asked:
    return replace(rest, kind=kind or "", cell=cell)


AskedOf = Annotated[Asked, Depends(asked)]
# questions that can be asked of hexagon cells as well
AskedFineOf = Annotated[Asked, Depends(asked_fine)]


def whole_answer(visit: Visit, measure: str, asked: Asked) -> Answer:
    """The published answer over all territories of the kind, computed once for each version of the data."""
    query = asked.query(visit, measure)
    return visit.remember((query, visit.lang), lambda: ask(visit.connection, query, visit.lang))


def known_columns(visit: Visit, query: areas.Query) -> Columns | None:
    """The figures of a query as columns, computed once for each version of the data."""
    return visit.remember(("columns", query), lambda: columns(visit.connection, query))


class Format(StrEnum):
    """How an answer is sent."""

    JSON = "json"
    CSV = "csv"


ALSO_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The rows"}
}
FormatOf = Annotated[Format, Query(description="JSON with everything, or the rows as a table.")]
MeasureOf = Annotated[
    str, Query(max_length=60, description="A measure of /api/indicators; the main one when left out.")
]
COLUMNS = (
    "territory", "name", "value", "unit", "numerator", "denominator", "base", "interval_low", "interval_high",
    "missing_reason", "estimated", "class", "boundary_from",
)  # fmt: skip


def send(visit: Visit, question: str, measure: str, asked: Asked, form: Format) -> Response:
    """The answer to a question as JSON, or its rows as a table."""
    if form is Format.JSON:
        return visit.json(lambda: answer_of(visit, question, measure, asked).as_dict(visit.say), keep=True)
    told = answer_of(visit, question, measure, asked)
    name = f"{told.measure}-{told.kind}-{told.period.label if told.period else ''}"
    return csv_table.download(visit, name, COLUMNS, (row.as_dict(visit.say) for row in told.rows))


def answer_of(visit: Visit, question: str, measure: str, asked: Asked) -> Answer:
    """The answer to a question's measure, its default one when none is named."""
    wanted = measure_of(measure) if measure else measures_of(question)[0]
    if wanted.question != question:
        raise BadInput(
            N_("The measure {value} belongs to another question."), remedy=N_("Ask /api/{question} for it."),
            field="measure", value=wanted.code, question=wanted.question,
        )  # fmt: skip
    return only(whole_answer(visit, wanted.code, asked), asked.territories)


def unknown_territory(code: str) -> NotFound:
    """What to say of a code that is not among the territories of the kind."""
    return NotFound(
        N_("There is no territory {code} of this kind."), remedy=N_("/api/territories lists the codes."), code=code
    )


def only(answer: Answer, codes: tuple[str, ...]) -> Answer:
    """The rows of some territories. They are taken out after small numbers were hidden: hiding a few rows for
    themselves would show what the whole table hides."""
    if not codes:
        return answer
    known = {row.territory for row in answer.rows}
    for code in codes:
        if code not in known:
            raise unknown_territory(code)
    return replace(answer, rows=tuple(row for row in answer.rows if row.territory in codes))
