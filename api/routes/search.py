"""Where is the thing whose name somebody types?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api import naming
from api.deps import Reading
from geo.registers import BY_NAME
from geo.store.search import Found, search
from geo.vocabulary import TerritoryKind

router = APIRouter(tags=["places"])


class SearchItem(BaseModel):
    """A territory or an entry whose name is like the words; no position when none is known."""

    kind: str
    title: str
    subtitle: str
    lat: float | None
    lon: float | None
    href: str


class SearchAnswer(BaseModel):
    """The best matches first."""

    items: list[SearchItem]


@router.get("/api/search", response_model=SearchAnswer, summary="Where is it?")
def search_names(
    visit: Reading,
    q: Annotated[str, Query(max_length=200, description="Words of a name or title.")] = "",
    limit: Annotated[int, Query(ge=1, description="At most 50 are given.")] = 10,
) -> Response:
    return visit.json(
        lambda: {"items": [item(each, visit.lang) for each in search(visit.connection, q, min(limit, 50))]}
    )


def item(found: Found, lang: str) -> dict[str, Any]:
    """A match with what tells it from others of the same name."""
    is_entry = found.kind in BY_NAME
    kind = naming.register_title(found.kind, lang) if is_entry else naming.said_word(TerritoryKind, found.kind, lang)
    return {
        "kind": found.kind,
        "title": naming.name({"name": found.name, "names": found.names}, lang),
        "subtitle": ", ".join(filter(None, (kind, found.context))),
        "lat": found.lat,
        "lon": found.lon,
        "href": href(found, lang),
    }


def href(found: Found, lang: str) -> str:
    """The page of a match: an entry has an id, a territory a code."""
    if found.id is not None:
        return naming.entry_href(found.kind, found.id, lang)
    return naming.territory_href(found.kind, found.code or "", lang)
