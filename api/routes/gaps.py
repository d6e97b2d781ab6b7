"""Who is left out, and why? Needs open and answered, supply beside need, residents without a TOS."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Reading
from api.questions import AskedOf, QuestionAnswer, answer_of

router = APIRouter(tags=["questions"])


@router.get("/api/gaps", response_model=QuestionAnswer, summary="Who is left out, and why?")
def gaps(
    visit: Reading,
    asked: AskedOf,
    measure: Annotated[str, Query(max_length=60, description="A measure of /api/indicators; the main one when left out.")] = "",
) -> Response:
    return visit.json(lambda: answer_of(visit, "gaps", measure, asked).as_dict(visit.say), keep=True)
