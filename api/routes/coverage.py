"""Whom does it reach? Coverage by TOS, residents near a finished project."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Reading
from api.questions import AskedOf, QuestionAnswer, answer_of

router = APIRouter(tags=["questions"])


@router.get("/api/coverage", response_model=QuestionAnswer, summary="Whom does it reach?")
def coverage(
    visit: Reading,
    asked: AskedOf,
    measure: Annotated[str, Query(max_length=60, description="A measure of /api/indicators; the main one when left out.")] = "",
) -> Response:
    return visit.json(lambda: answer_of(visit, "coverage", measure, asked).as_dict(visit.say), keep=True)
