"""What is around this point, nearest first, and who is in charge here?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api import naming
from api.deps import Lat, Lon, On, PageReading, Reading, Visit
from api.frame import frame, look
from api.geocoder import answer_of, completions_of
from api.here import TerritoryHere, shown
from api.questions import Way
from api.rows import here, near_item
from geo.analysis.distance import FARTHEST_M
from geo.analysis.near import MAX_RADIUS_M, Near, Neighbour, near
from geo.analysis.on_foot import streets_loaded
from geo.geocode.answer import Answer
from geo.registers import BY_NAME
from geo.settings import settings
from geo.store.locate import check_position
from geo.store.search import Found, search
from geo.vocabulary import MissingReason, TerritoryKind, Theme
from maps.near import Near as Drawn
from maps.near import build
from maps.pages import Candidate, NearPage, render
from maps.text import localise, title

router = APIRouter(tags=["places"])
pages = APIRouter()
LIMIT, MOST = 100, 1000
LISTED, BEGUN = 60, 8
# a name this much like the words, and this much more so than the next, is what was meant
CERTAIN, AHEAD = 0.95, 0.2
# a point this far beyond the bounds, in widths of the bounds, is not on the map
MARGIN = 0.1
RADIUS_M = 1000.0
Radius = Annotated[float, Query(description="Metres.", json_schema_extra={"minimum": 1, "maximum": MAX_RADIUS_M})]


class NearItem(BaseModel):
    """An entry near the point, at its nearest place."""

    register_: str = Field(alias="register")
    register_title: str
    id: int
    title: str
    status: str | None
    status_title: str
    theme: Theme | None
    theme_title: str
    distance_m: float
    walk_m: float | None
    walk_minutes: int | None
    walk_missing_reason: MissingReason | None
    walk_missing_title: str
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
    by: Way
    notes: list[str]
    sources: list[str]


@router.get("/api/near", response_model=NearAnswer, summary="What is around this point?")
def near_point(
    visit: Reading, lat: Lat, lon: Lon, on: On = None,
    radius: Radius = RADIUS_M,
    register: Annotated[list[str] | None, Query(max_length=10, description="Registers; all when left out.")] = None,
    limit: Annotated[int, Query(ge=1, description="Items wanted; at most 1000 are given.")] = LIMIT,
    by: Annotated[Way, Query(description="Distances in a straight line, or on foot along loaded streets.")] = Way.LINE,
) -> Response:  # fmt: skip
    wanted = [name for name in register or () if name]
    return visit.json(lambda: answer(visit, near(
        visit.connection, lat, lon, radius_m=radius, registers=wanted, limit=min(limit, MOST), on=on,
        on_foot=by is Way.FOOT,
    )))  # fmt: skip


def answer(visit: Visit, found: Near) -> dict[str, Any]:
    return {
        "lat": found.lat,
        "lon": found.lon,
        "radius_m": found.radius_m,
        "territories": [shown(each, visit.lang) for each in found.territories],
        "items": [item(each, visit.lang) for each in found.items],
        "number_matched": found.number_matched,
        "by": found.by,
        "notes": [visit.say(note) for note in found.notes],
        "sources": list(found.sources),
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
        "walk_m": found.walk_m,
        "walk_minutes": found.walk_minutes,
        "walk_missing_reason": found.walk_missing,
        "walk_missing_title": naming.said_word(MissingReason, found.walk_missing, lang),
        "lat": found.lat,
        "lon": found.lon,
        "href": naming.entry_href(found.register, found.id, lang),
    }


@pages.get("/near")
def near_page(
    visit: PageReading, q: Annotated[str, Query(max_length=500)] = "",
    lat: float | None = None, lon: float | None = None,
    radius: float = RADIUS_M, view: Annotated[str, Query(max_length=10)] = "", by: Way = Way.LINE,
) -> Response:  # fmt: skip
    """The map around a point; as a list for `view=list`, for words that may mean several places, and off the map."""
    farthest = FARTHEST_M if by is Way.FOOT else MAX_RADIUS_M
    radius = radius if math.isfinite(radius) and 0 < radius <= farthest else RADIUS_M
    if lat is None or lon is None:
        return asked_by_words(visit, q, radius) if q or view == "list" else map_page(visit, None, None, radius, by)
    check_position(lat, lon)
    if view == "list" or off_the_map(visit, lat, lon):
        return visit.page(lambda: render(list_page(visit, q, lat, lon, radius, by)))
    return map_page(visit, lat, lon, radius, by)


def asked_by_words(visit: Visit, words: str, radius: float) -> Response:
    """Straight to the place when the words can only mean one, else the places they may mean."""
    address = answer_of(visit, words) if words.strip() else None
    if address and address.accepted and address.lat is not None and address.lon is not None:
        where = urlencode({"lat": round(address.lat, 6), "lon": round(address.lon, 6), "q": words})
        return RedirectResponse(localise(f"/near?{where}", visit.lang), 303, visit.headers)
    found = [each for each in search(visit.connection, words, 12) if each.lat is not None and each.lon is not None]
    if certain(found):
        where = urlencode({"lat": round(found[0].lat or 0, 6), "lon": round(found[0].lon or 0, 6), "q": words})
        return RedirectResponse(localise(f"/near?{where}", visit.lang), 303, visit.headers)
    around = frame(visit)
    return visit.page(lambda: render(NearPage(
        frame=around, query=words, radius_m=radius,
        candidates=(*addresses(visit, address), *(candidate(visit, each) for each in found)),
        why=address.why if address and (address.choices or not found) else "",
    )))  # fmt: skip


def addresses(visit: Visit, found: Answer | None) -> Iterator[Candidate]:
    """Addresses the words may mean; what begins like them when they mean none."""
    for each in (found.choices or completions_of(visit, found.text, BEGUN)) if found else ():
        where = urlencode({"lat": round(each.lat, 6), "lon": round(each.lon, 6)})
        href = localise(f"/near?{where}", visit.lang)
        yield Candidate(label=each.label, href=href, note=title(each.level, visit.lang))


def certain(found: list[Found]) -> bool:
    """Whether the first match is the only one that can be meant."""
    if not found or found[0].likeness < CERTAIN:
        return False
    return len(found) == 1 or found[0].likeness - found[1].likeness >= AHEAD


def candidate(visit: Visit, found: Found) -> Candidate:
    """A place the words may mean."""
    where = urlencode({"lat": round(found.lat or 0, 6), "lon": round(found.lon or 0, 6)})
    is_entry = found.kind in BY_NAME
    kind = (
        naming.register_title(found.kind, visit.lang) if is_entry
        else naming.said_word(TerritoryKind, found.kind, visit.lang)
    )  # fmt: skip
    return Candidate(
        label=naming.name({"name": found.name, "names": found.names}, visit.lang),
        href=localise(f"/near?{where}", visit.lang), note=", ".join(filter(None, (kind, found.context))),
    )  # fmt: skip


def walks(visit: Visit) -> bool:
    """Whether ways on foot can be asked for."""
    return visit.remember("streets", lambda: streets_loaded(visit.connection))


def list_page(visit: Visit, words: str, lat: float, lon: float, radius: float, by: Way) -> NearPage:
    """What is around a point, without script."""
    found = near(visit.connection, lat, lon, radius_m=radius, limit=LISTED, on_foot=by is Way.FOOT)
    return NearPage(
        frame=frame(visit), query=words, lat=lat, lon=lon, radius_m=radius, territories=here(visit, found.territories),
        items=tuple(near_item(visit, each) for each in found.items), number_matched=found.number_matched,
        outside=off_the_map(visit, lat, lon), by=by, walks=walks(visit), notes=found.notes, sources=found.sources,
        farthest_m=FARTHEST_M if by is Way.FOOT else MAX_RADIUS_M,
    )  # fmt: skip


def map_page(visit: Visit, lat: float | None, lon: float | None, radius: float, by: Way) -> Response:
    drawn = Drawn(
        lang=visit.lang, bounds=look(visit).bounds, lat=lat, lon=lon, radius_m=radius,
        basemap_url=settings().basemap_url, basemap_attribution=settings().basemap_attribution, frame=frame(visit),
        data_version=visit.data_version, by=by, walks=walks(visit),
    )  # fmt: skip
    return visit.page(lambda: str(build(drawn).get_root().render()))


def off_the_map(visit: Visit, lat: float, lon: float) -> bool:
    """Whether the point lies beyond everything that was loaded, with a margin for the outskirts."""
    west, south, east, north = look(visit).bounds
    wide, tall = (east - west) * MARGIN, (north - south) * MARGIN
    return not (west - wide <= lon <= east + wide and south - tall <= lat <= north + tall)
