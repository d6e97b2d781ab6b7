"""Which TOS are there, in what state, and how is one founded?"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Response

from api import naming
from api.deps import Blank, PageReading, Pages, Paging, Visit
from api.explained import channels, families, shares
from api.frame import frame, look
from api.passport import boundary_note, newest, parent_links
from api.questions import YEAR, Asked, whole_answer
from api.rows import contacts
from geo.analysis.areas import local_name, periods
from geo.analysis.passport import residents_inside, tos_register
from geo.analysis.questions import default_year
from geo.errors import NotFound
from geo.store.brief import bodies
from geo.store.territories import code_of, get_territory
from geo.vocabulary import NeedStatus, TerritoryKind, TosLevel, TosStatus
from maps.office import TosTerritoryPage
from maps.pages import TosPage, TosRow, render

pages = APIRouter()
TOS = TerritoryKind.TOS_TERRITORY


@pages.get("/tos")
def tos(
    visit: PageReading, page: Pages, q: Annotated[str, Query(max_length=200)] = "",
    status: Annotated[TosStatus | None, Blank] = None,
) -> Response:  # fmt: skip
    return visit.page(lambda: render(content(visit, page, q, status or "")), keep=not q)


def content(visit: Visit, page: Paging, words: str, status: str) -> TosPage:
    """The register, one page of it."""
    year = default_year(visit.connection)
    found = tos_register(visit.connection, words=words, status=status, year=year, limit=page.limit, cursor=page.cursor)
    around = frame(visit)
    following = urlencode({"q": words, "status": status, "cursor": found.next or ""})
    return TosPage(
        frame=around,
        rows=tuple(
            TosRow(
                name=naming.name(row, visit.lang), href=naming.territory_href(TOS, row["code"], visit.lang),
                status=TosStatus(row["tos_status"]), level=naming.word(TosLevel, row["tos_level"]),
                district=local_name(row["district"] or "", row["district_names"] or {}, visit.lang),
                registered_on=row["charter_registered_on"], residents=row["residents"],
                charter=row["charter_number"] or "",
            )
            for row in found.items
        ),
        total=found.number_matched,
        active=look(visit).tos_active,
        residents_share=residents_share(visit),
        query=words,
        status=status,
        next_href=around.href(f"/tos?{following}") if found.next else "",
    )  # fmt: skip


@pages.get("/tos/{code}")
def tos_territory(
    visit: PageReading, code: Annotated[str, Path(max_length=100)], period: Annotated[str, Query(pattern=YEAR)] = ""
) -> Response:
    return visit.page(lambda: render(one(visit, code, period)), keep=True)


def one(visit: Visit, code: str, period: str) -> TosTerritoryPage:
    """The page of one TOS. Raises NotFound for the code of another kind of territory."""
    year = period or str(default_year(visit.connection))
    asked = Asked(TOS.value, year)
    row = get_territory(visit.connection, code_of(visit.connection, TOS, code))
    inside = residents_inside(visit.connection, row["boundary"], date.today().year) if row["boundary"] else None  # noqa: DTZ011
    return TosTerritoryPage(
        frame=frame(visit),
        name=naming.name(row, visit.lang),
        status=TosStatus(row["tos_status"]),
        level=naming.word(TosLevel, row["tos_level"]),
        charter=row["charter_number"] or "",
        registered_on=row["charter_registered_on"],
        residents=inside,
        area_km2=row["area_m2"] / 1e6 if row["area_m2"] else None,
        parents=parent_links(visit, row),
        boundary=boundary_note(row),
        organisations=contacts(visit, bodies(visit.connection, [row["code"]]).get(row["code"], ())),
        needs=newest(visit, "need", row["code"], NeedStatus.OPEN),
        projects=newest(visit, "project", row["code"]),
        events=newest(visit, "event", row["code"]),
        map_url=f"/embed/place/{TOS}/{row['code']}",
        period=year,
        families=families(visit, asked, code),
        channels=channels(visit, asked, code),
        shares=shares(visit, asked, code),
        periods=tuple(str(each) for each in periods(visit.connection)),
    )


def residents_share(visit: Visit) -> float | None:
    """The share of the city's residents who live in an active TOS, when there is one city."""
    try:
        told = whole_answer(visit, "tos_population_share", Asked())
    except NotFound:
        return None
    return told.whole.value if told.whole else None
