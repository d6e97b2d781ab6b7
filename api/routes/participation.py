"""How many take part? Participants over the people who stand behind each rate, by channel."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import PageReading, Reading
from api.explorer import map_page, table_page
from api.questions import ALSO_CSV, AskedFineOf, Format, FormatOf, MeasureOf, QuestionAnswer, send
from maps import participation as drawn

router = APIRouter(tags=["questions"])
pages = APIRouter()


@router.get("/api/participation", response_model=QuestionAnswer, responses=ALSO_CSV, summary="How many take part?")
def participation(
    visit: Reading, asked: AskedFineOf, measure: MeasureOf = "", format: FormatOf = Format.JSON
) -> Response:
    return send(visit, "participation", measure, asked, format)


@pages.get("/map/participation")
def participation_map(visit: PageReading) -> Response:
    return map_page(visit, "participation", drawn.build)


@pages.get("/map/participation/table")
def participation_table(visit: PageReading, asked: AskedFineOf, measure: MeasureOf = "") -> Response:
    return table_page(visit, "participation", measure, asked)
