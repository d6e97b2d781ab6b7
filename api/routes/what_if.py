"""What if a project stood here? Reach before and after, without changing data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.deps import Reading, TheDatabase
from api.planning import points_of, supposed, supposed_json
from api.questions import AskedOf, QuestionAnswer
from geo.analysis.siting import MOST_POINTS
from geo.vocabulary import MissingReason

router = APIRouter(tags=["questions"])


class SupposedPoint(BaseModel):
    """A point, and how many residents it alone would bring within the distance."""

    lat: float
    lon: float
    alone: float | None
    missing_reason: MissingReason | None


class WhatIfAnswer(QuestionAnswer):
    """Shares of residents in reach with the points (`value`) and without (part `before`)."""

    newly_reached: float | None
    newly_missing_reason: MissingReason | None
    points: list[SupposedPoint]


@router.get("/api/what-if", response_model=WhatIfAnswer, summary="What if a project stood here?")
def what_if(
    visit: Reading, database: TheDatabase, asked: AskedOf,
    point: Annotated[list[str] | None, Query(max_length=MOST_POINTS, description="LAT,LON in degrees, up to five.")]
    = None,
) -> Response:  # fmt: skip
    points = points_of(point or ())
    return visit.json(lambda: supposed_json(visit, supposed(visit, database, asked, points), points))
