"""Does everybody get a share? Shares of projects or money against shares of people, Gini, Hoover, Theil."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.comparing import equity_json, fairness
from api.deps import Reading
from api.questions import AskedOf, Figure, QuestionAnswer, only
from geo.analysis.equity import Grouping, Resource
from geo.vocabulary import PopulationBase

router = APIRouter(tags=["questions"])


class Curve(BaseModel):
    """Running shares, from the territories with the least per person to those with the most."""

    people: list[float]
    resources: list[float]


class EquityAnswer(QuestionAnswer):
    """The difference of shares of each territory, and how unequal the whole is."""

    resource: Resource
    total: float
    gini: Figure
    hoover: Figure
    theil: Figure
    between: Figure
    within: Figure
    lorenz: Curve


@router.get("/api/equity", response_model=EquityAnswer, summary="Does everybody get a share?")
def equity(
    visit: Reading, asked: AskedOf,
    resource: Annotated[Resource, Query(description="What is shared out.")] = Resource.PROJECTS,
    baseline: Annotated[PopulationBase, Query(description="People compared with.")] = PopulationBase.RESIDENTS,
    grouping: Annotated[Grouping, Query(description="Groups for Theil within and between.")] = Grouping.PARENT,
) -> Response:  # fmt: skip
    def answer() -> object:
        found = equity_json(visit, whole := fairness(visit, asked, resource, baseline, grouping))
        rows = only(whole.answer, asked.territories).rows
        return {**found, "rows": [row.as_dict(visit.say) for row in rows]}

    return visit.json(answer, keep=True)
