"""Where do I begin? The first page: one question, three doors, the numbers of today."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import PageReading, Visit
from api.frame import city, frame, look
from geo.vocabulary import TerritoryKind
from maps.pages import HomePage, render

pages = APIRouter()


@pages.get("/")
def home(visit: PageReading) -> Response:
    return visit.page(lambda: render(content(visit)), keep=True)


def content(visit: Visit) -> HomePage:
    seen = look(visit)
    districts = (
        seen.territories.get(kind, 0) for kind in (TerritoryKind.CIVIC_DISTRICT, TerritoryKind.ELECTORAL_DISTRICT)
    )
    return HomePage(
        frame=frame(visit),
        place=city(visit),
        residents=seen.residents,
        districts=next((count for count in districts if count), 0),
        tos=seen.tos_active,
        projects=seen.entries.get("project", 0),
        needs=seen.entries.get("need", 0),
        events=seen.entries.get("event", 0),
    )
