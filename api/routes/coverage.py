"""Whom does it reach? Coverage by TOS, residents near a finished project."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import PageReading, Reading
from api.explorer import map_page, table_page
from api.questions import ALSO_CSV, AskedFineOf, Format, FormatOf, MeasureOf, QuestionAnswer, send
from maps import coverage as drawn

router = APIRouter(tags=["questions"])
pages = APIRouter()


@router.get("/api/coverage", response_model=QuestionAnswer, responses=ALSO_CSV, summary="Whom does it reach?")
def coverage(visit: Reading, asked: AskedFineOf, measure: MeasureOf = "", format: FormatOf = Format.JSON) -> Response:
    return send(visit, "coverage", measure, asked, format)


@pages.get("/map/coverage")
def coverage_map(visit: PageReading) -> Response:
    return map_page(visit, "coverage", drawn.build)


@pages.get("/map/coverage/table")
def coverage_table(visit: PageReading, asked: AskedFineOf, measure: MeasureOf = "") -> Response:
    return table_page(visit, "coverage", measure, asked)
