"""Do published figures agree with their own inputs? Each as its source printed it, beside the computed one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.deps import Reading, Visit
from geo.analysis.published_checks import Checked, checked

router = APIRouter(tags=["questions"])


class PublishedFigure(BaseModel):
    """A published figure; `agreement` is exact, rounded, truncated, consistent, differs or not_computed."""

    id: int
    title: str
    measure: str
    period: str
    base: str | None
    unit: str | None
    numerator: float | None
    denominator: float | None
    count_qualifier: str
    as_published: str | None
    stated: float | None
    computed: float | None
    difference: float | None
    agreement: str
    finding: str
    source: str


class PublishedFigures(BaseModel):
    """All published figures, checked."""

    data_version: int
    number_matched: int
    items: list[PublishedFigure]


@router.get("/api/published", response_model=PublishedFigures, summary="Do published figures agree with their inputs?")
def published(
    visit: Reading, territory: Annotated[str, Query(max_length=100, description="Figures about this territory.")] = ""
) -> Response:
    def answer() -> dict[str, Any]:
        items = [item(visit, each) for each in checked(visit.connection, territory)]
        return {"data_version": visit.data_version, "number_matched": len(items), "items": items}

    return visit.json(answer, keep=True)


def item(visit: Visit, each: Checked) -> dict[str, Any]:
    """One figure with its check."""
    found = each.check
    finding = found.finding() if found else None
    return {
        "id": each.id, "title": each.title, "measure": each.measure, "period": each.period, "base": each.base,
        "unit": each.unit, "numerator": each.numerator, "denominator": each.denominator,
        "count_qualifier": each.qualifier.value, "as_published": each.as_published, "source": each.source,
        "stated": float(found.stated.number) if found else None,
        "computed": found.computed if found else None,
        "difference": found.difference if found else None,
        "agreement": found.agreement.value if found else "not_computed",
        "finding": visit.say(finding) if finding else "",
    }  # fmt: skip
