"""Which figures are there, and what are the rows of one of them?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.deps import Reading, Visit
from api.questions import AskedFineOf, QuestionAnswer, only, whole_answer
from geo.analysis import areas
from geo.analysis.measures import BY_CODE, Measure
from geo.vocabulary import FineKind, PopulationBase, TerritoryKind, Theme
from maps.text import unit_title

router = APIRouter(tags=["questions"])
DIRECTIONS = {True: "more_is_better", False: "less_is_better", None: "neutral"}


class Indicator(BaseModel):
    """A figure that can be asked for."""

    measure: str
    question: str
    title: str
    unit: str
    unit_title: str
    direction: str
    base: PopulationBase | None
    method: str
    distance: bool
    form_of: str | None = Field(description="The measure of which this is the same by another method.")
    kinds: list[TerritoryKind | FineKind]
    periods: list[str]
    themes: list[Theme]


class Catalogue(BaseModel):
    """All figures, and the version of the data they are computed from."""

    data_version: int
    number_matched: int
    items: list[Indicator]


@router.get("/api/indicators", response_model=Catalogue, summary="Which figures are there?")
def indicators(visit: Reading) -> Response:
    return visit.json(lambda: catalogue(visit), keep=True)


def catalogue(visit: Visit) -> dict[str, Any]:
    """Every measure with the kinds and periods that have data."""
    kinds = areas.kinds(visit.connection)
    periods = [str(year) for year in areas.periods(visit.connection)]
    items = [
        {**described(measure, visit), "kinds": kinds_of(measure, kinds), "periods": periods}
        for measure in BY_CODE.values()
    ]
    return {"data_version": visit.data_version, "number_matched": len(items), "items": items}


def kinds_of(measure: Measure, stored: list[TerritoryKind]) -> list[TerritoryKind | FineKind]:
    """The kinds a measure can be asked of."""
    return [*([] if measure.surface else stored), *([FineKind.HEX_CELL] if measure.cells else [])]


def described(measure: Measure, visit: Visit) -> dict[str, Any]:
    return {
        "measure": measure.code,
        "question": measure.question,
        "title": visit.say(measure.title),
        "unit": measure.unit.value,
        "unit_title": unit_title(measure.unit.value, visit.lang),
        "direction": DIRECTIONS[measure.more_is_better],
        "base": measure.base,
        "method": measure.method,
        "distance": measure.distance,
        "form_of": measure.form_of or None,
        "themes": list(Theme) if measure.themes else [],
    }


@router.get("/api/indicators/{measure}", response_model=QuestionAnswer, summary="The rows of one figure")
def indicator(visit: Reading, asked: AskedFineOf, measure: Annotated[str, Path(max_length=60)]) -> Response:
    return visit.json(
        lambda: only(whole_answer(visit, measure, asked), asked.territories).as_dict(visit.say), keep=True
    )
