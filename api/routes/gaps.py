"""Who is left out, and why? Needs open and answered, supply beside need, residents without a TOS."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import PageReading, Reading
from api.explorer import map_page, table_page
from api.questions import ALSO_CSV, AskedFineOf, Format, FormatOf, MeasureOf, QuestionAnswer, send
from maps import gaps as drawn

router = APIRouter(tags=["questions"])
pages = APIRouter()


@router.get("/api/gaps", response_model=QuestionAnswer, responses=ALSO_CSV, summary="Who is left out, and why?")
def gaps(visit: Reading, asked: AskedFineOf, measure: MeasureOf = "", format: FormatOf = Format.JSON) -> Response:
    return send(visit, "gaps", measure, asked, format)


@pages.get("/map/gaps")
def gaps_map(visit: PageReading) -> Response:
    return map_page(visit, "gaps", drawn.build)


@pages.get("/map/gaps/table")
def gaps_table(visit: PageReading, asked: AskedFineOf, measure: MeasureOf = "") -> Response:
    return table_page(visit, "gaps", measure, asked)
