"""What is stored here, and how is it taken along?"""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import PageReading, Visit
from api.frame import frame, look
from geo.analysis.measures import OF_TERRITORIES
from geo.registers import REGISTERS
from maps.office import DataPage, Holding
from maps.pages import render

pages = APIRouter()


@pages.get("/data")
def data(visit: PageReading) -> Response:
    return visit.page(lambda: render(content(visit)), keep=True)


def content(visit: Visit) -> DataPage:
    seen, around = look(visit), frame(visit)
    return DataPage(
        frame=around,
        holdings=tuple(
            Holding(
                title=each.title_plural, count=seen.entries.get(each.name, 0),
                href=around.href(f"/data/{each.plural}"), json_href=f"/api/{each.plural}?lang={visit.lang}",
            )
            for each in REGISTERS
        ),
        measures=tuple(
            (
                each.title, around.href(f"/map/{each.question}/table?measure={each.code}"),
                f"/api/{each.question}?measure={each.code}&format=csv&lang={visit.lang}",
            )
            for each in OF_TERRITORIES
        ),
    )  # fmt: skip
