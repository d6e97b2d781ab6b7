"""What is around this point, nearest first, and who is in charge here?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api import naming
from api.deps import Lat, Lon, On, Reading, Visit
from api.here import TerritoryHere, shown
from geo.analysis.near import MAX_RADIUS_M, Near, Neighbour, near
from geo.vocabulary import Theme

router = APIRouter(tags=["places"])
LIMIT, MOST = 100, 1000


class NearItem(BaseModel):
    """An entry near the point, at its nearest place."""

    register: str
    register_title: str
    id: int
    title: str
    status: str | None
    status_title: str
    theme: Theme | None
    theme_title: str
    distance_m: float
    lat: float
    lon: float
    href: str


class NearAnswer(BaseModel):
    """The territories at a point, and entries around it by distance."""

    lat: float
    lon: float
    radius_m: float
    territories: list[TerritoryHere]
    items: list[NearItem]
    number_matched: int


@router.get("/api/near", response_model=NearAnswer, summary="What is around this point?")
def near_point(
    visit: Reading, lat: Lat, lon: Lon, on: On = None,
    radius: Annotated[float, Query(description="Metres.", json_schema_extra={"minimum": 1, "maximum": MAX_RADIUS_M})] = 1000,
    register: Annotated[list[str] | None, Query(max_length=10, description="Registers; all when left out.")] = None,
    limit: Annotated[int, Query(ge=1, description="Items wanted; at most 1000 are given.")] = LIMIT,
) -> Response:  # fmt: skip
    wanted = [name for name in register or () if name]
    return visit.json(lambda: answer(visit, near(
        visit.connection, lat, lon, radius_m=radius, registers=wanted, limit=min(limit, MOST), on=on,
    )))  # fmt: skip


def answer(visit: Visit, found: Near) -> dict[str, Any]:
    return {
        "lat": found.lat,
        "lon": found.lon,
        "radius_m": found.radius_m,
        "territories": [shown(each, visit.lang) for each in found.territories],
        "items": [item(each, visit.lang) for each in found.items],
        "number_matched": found.number_matched,
    }


def item(found: Neighbour, lang: str) -> dict[str, Any]:
    """An entry with its titles and the address of its page."""
    status = naming.status_of(found.register, found.status)
    return {
        "register": found.register,
        "register_title": naming.register_title(found.register, lang),
        "id": found.id,
        "title": naming.entry_title({"title": found.title, "titles": found.titles}, lang),
        "status": found.status,
        "status_title": naming.said_word(type(status), status, lang) if status else "",
        "theme": found.theme,
        "theme_title": naming.said_word(Theme, found.theme, lang),
        "distance_m": found.distance_m,
        "lat": found.lat,
        "lon": found.lon,
        "href": naming.entry_href(found.register, found.id, lang),
    }
