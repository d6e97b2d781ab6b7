"""Which rows stand behind a number? The entries a figure counts, as a page, JSON and a table; and any register as a
list for people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api import csv_table, naming
from api.deps import Moved, PageReading, Pages, Paging, Reading, Visit
from api.explained import boundary_of, explained, plural, rows_href
from api.frame import frame
from api.questions import ALSO_CSV, Asked, AskedOf, FigureRow, Format, FormatOf, unknown_territory, whole_answer
from geo.analysis.behind import BaseRow, Behind, base_row, behind, why_hidden
from geo.analysis.measures import Measure, measure_of
from geo.analysis.result import Answer, Row
from geo.errors import N_, BadInput, NotFound
from geo.registers import BY_NAME, REGISTERS
from geo.settings import settings
from geo.store.query import Filters, list_entries
from geo.store.territories import get_territory
from geo.vocabulary import MissingReason, TerritoryKind, Theme, TosStatus
from maps.counted_rows import CountedRow, ListPage, RowsPage
from maps.pages import render
from maps.rows import EntryRow

router = APIRouter(tags=["questions"])
pages = APIRouter()
BY_PLURAL = {register.plural: register.name for register in REGISTERS}
ListedRegister = StrEnum("ListedRegister", {name: name for name in (*BY_PLURAL, "tos")})  # type: ignore[misc]
COLUMNS = ("id", "register", "title", "theme", "status", "begins_on", "ends_on", "amount", "missing_reason", "href")


class CountedEntry(BaseModel):
    """A row that was counted; `amount` is what it adds where rows add up; where that is hidden, why."""

    id: int
    register_: str = Field(alias="register")
    title: str
    href: str
    theme: Theme | None
    status: str | None
    begins_on: date | None
    ends_on: date | None
    amount: float | None
    missing_reason: MissingReason | None


class StatedBase(BaseModel):
    """The stated number of people in the denominator."""

    year: int
    people: int
    estimated: bool
    source: str


class RowsAnswer(BaseModel):
    """The rows behind one figure. `numerator` says whether they make it up: `number_matched` of them, or, when `adds`,
    their amounts added; `total` is that number with rows that are counted and not listed.
    """

    measure: str
    territory: str
    name: str
    kind: TerritoryKind
    period: str
    theme: Theme | None
    register_: str = Field(alias="register")
    numerator: bool
    adds: bool
    total: float | None
    not_listed: float
    number_matched: int
    figure: FigureRow
    base_row: StatedBase | None
    items: list[CountedEntry]


@dataclass(frozen=True, slots=True)
class Found:
    """A figure and its rows."""

    measure: Measure
    asked: Asked
    answer: Answer
    row: Row
    behind: Behind
    base: BaseRow | None


MeasureIn = Annotated[str, Path(max_length=60, description="A measure of /api/indicators.")]


@router.get("/api/rows/{measure}", response_model=RowsAnswer, summary="The rows behind a figure", responses=ALSO_CSV)
def rows(visit: Reading, measure: MeasureIn, asked: AskedOf, format: FormatOf = Format.JSON) -> Response:
    """One territory is named; the rows are those its figure counts in that period, theme and channel."""
    if format is Format.CSV:
        found = find(visit, measure, asked)
        name = f"rows-{found.measure.code}-{found.row.territory}-{found.asked.period}"
        return csv_table.download(visit, name, COLUMNS, items(visit, found.behind))
    return visit.json(lambda: told(visit, find(visit, measure, asked)), keep=True)


def find(visit: Visit, measure: str, asked: Asked) -> Found:
    """The published figure and what was counted. Raises BadInput without exactly one territory."""
    wanted = measure_of(measure)
    if len(asked.territories) != 1:
        raise BadInput(
            N_("The rows of one territory are shown at a time."), remedy=N_("Give its code as `territory`."),
            field="territory",
        )  # fmt: skip
    (code,) = asked.territories
    over_all = replace(
        asked, kind=asked.kind or kind_of(visit, code), theme=asked.theme if wanted.themes else "", territories=()
    )
    query = over_all.query(visit, wanted.code)
    answer = whole_answer(visit, wanted.code, over_all)
    row = next((each for each in answer.rows if each.territory == code), None)
    if row is None:
        raise unknown_territory(code)
    area = boundary_of(visit, query, code)
    rows = behind(visit.connection, query, area, row)
    stated = base_row(visit.connection, query, area)
    complete = replace(over_all, kind=query.kind.value, period=str(query.year))
    return Found(wanted, complete, answer, row, rows, stated)


def kind_of(visit: Visit, code: str) -> str:
    """The kind of a territory whose kind the address does not name."""
    return str(get_territory(visit.connection, code)["kind"])


def told(visit: Visit, found: Found) -> dict[str, Any]:
    """The shape of /api/rows."""
    rows = found.behind
    base = found.base
    return {
        "measure": found.measure.code, "territory": found.row.territory, "name": found.row.name,
        "kind": found.asked.kind, "period": found.asked.period, "theme": found.asked.theme or None,
        "register": rows.register, "numerator": rows.numerator, "adds": rows.adds, "total": rows.total,
        "not_listed": rows.not_listed, "number_matched": len(rows.rows), "figure": found.row.as_dict(visit.say),
        "base_row": {name: getattr(base, name) for name in base.__slots__} if base else None,
        "items": list(items(visit, rows)),
    }  # fmt: skip


def items(visit: Visit, found: Behind) -> list[dict[str, Any]]:
    """The rows as they are sent."""
    return [
        {
            "id": row["id"], "register": row["register"], "title": naming.entry_title(row, visit.lang),
            "href": href_of(visit, row), "theme": row["theme"], "status": row["status"],
            "begins_on": row["begins_on"], "ends_on": row["ends_on"], "amount": row["amount"],
            "missing_reason": why_hidden(row),
        }
        for row in found.rows
    ]  # fmt: skip


def href_of(visit: Visit, row: dict[str, Any]) -> str:
    if row["register"] == TerritoryKind.TOS_TERRITORY:
        return naming.territory_href(row["register"], row["code"], visit.lang)
    return naming.entry_href(row["register"], row["id"], visit.lang)


@pages.get("/data/{register}")
def rows_page(
    visit: PageReading, page: Pages, asked: AskedOf, register: ListedRegister,
    measure: Annotated[str, Query(max_length=60)] = "", q: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    if measure:
        return visit.page(lambda: render(counted(visit, register.value, measure, asked)), keep=True)
    if register.value not in BY_PLURAL:
        raise Moved(frame(visit).href("/tos"))
    return visit.page(lambda: render(listed(visit, register.value, page, asked, q, status)), keep=not q)


def counted(visit: Visit, register: str, measure: str, asked: Asked) -> RowsPage:
    """The rows of a figure. Raises Moved when they are of another register than the address says."""
    found = find(visit, measure, asked)
    rows = found.behind
    if not rows.register:
        raise NotFound(N_("No rows stand behind this figure."), remedy=N_("It is made of stated numbers of people."))
    if plural(rows.register) != register:
        raise Moved(rows_href(visit, found.asked, found.measure, found.row.territory))
    explanation = explained(visit, found.asked, found.measure, found.answer, found.row)
    query = urlencode([(name, value) for name, value in visit.request.query_params.multi_items() if name != "measure"])
    return RowsPage(
        frame=frame(visit), register=title_of(rows.register), figure=explanation, name=found.row.name,
        territory_href=naming.territory_href(found.asked.kind, found.row.territory, visit.lang),
        kind=TerritoryKind(found.asked.kind), theme=naming.word(Theme, found.asked.theme),
        rows=tuple(counted_row(visit, row) for row in rows.rows), numerator=rows.numerator, adds=rows.adds,
        total=rows.total, not_listed=rows.not_listed, unit="minor" if found.measure.unit.value == "minor" else "count",
        base=(found.base.year, found.base.people, found.base.source) if found.base else None,
        csv_href=f"/api/rows/{found.measure.code}?{query}&format=csv&lang={visit.lang}",
        rows_json_href=f"/api/rows/{found.measure.code}?{query}&lang={visit.lang}",
    )  # fmt: skip


def title_of(register: str) -> str:
    return N_("TOS") if register == TerritoryKind.TOS_TERRITORY else BY_NAME[register].title_plural


def counted_row(visit: Visit, row: dict[str, Any]) -> CountedRow:
    tos = row["register"] == TerritoryKind.TOS_TERRITORY
    return CountedRow(
        title=naming.entry_title(row, visit.lang), href=href_of(visit, row), amount=row["amount"],
        status=naming.word(TosStatus, row["status"]) if tos else naming.status_of(row["register"], row["status"]),
        theme=naming.word(Theme, row["theme"]), on=row["ends_on"] or row["begins_on"], missing=why_hidden(row),
    )  # fmt: skip


def listed(visit: Visit, register: str, page: Paging, asked: Asked, words: str, status: str) -> ListPage:
    """One page of a register, the newest first."""
    noun = BY_NAME[BY_PLURAL[register]]
    code = asked.territories[0] if asked.territories else ""
    chosen = status if noun.statuses and status in noun.statuses.codes() else ""
    filters = Filters(
        territory=code, theme=asked.theme, status=chosen, year=int(asked.period) if asked.period else None, words=words,
        limit=page.limit, cursor=page.cursor, newest_first=True,
    )  # fmt: skip
    found = list_entries(visit.connection, noun, filters)
    around = frame(visit)
    asked_for = {"q": words, "status": chosen, "theme": asked.theme, "period": asked.period, "territory": code}
    query = urlencode({name: word for name, word in asked_for.items() if word})
    return ListPage(
        frame=around, title=noun.title_plural, total=found.number_matched, query=words, status=chosen,
        theme=asked.theme, period=asked.period, territory=code, statuses=tuple(noun.statuses or ()),
        untold=tuple(theme for theme in Theme if register == "needs" and theme.value in settings().sensitive),
        rows=tuple(list_row(visit, row) for row in found.items), json_href=f"/api/{register}?{query}&lang={visit.lang}",
        next_href=around.href(f"/data/{register}?{query}&cursor={found.next}") if found.next else "",
    )  # fmt: skip


def list_row(visit: Visit, row: dict[str, Any]) -> EntryRow:
    return EntryRow(
        title=naming.entry_title(row, visit.lang), href=naming.entry_href(row["register"], row["id"], visit.lang),
        status=naming.status_of(row["register"], row["status"]), theme=naming.word(Theme, row["theme"]),
        on=row["ends_on"] or row["begins_on"],
    )  # fmt: skip
