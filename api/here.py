"""How is a territory at a point said? The same in every answer that starts from a place."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from api import naming
from geo.store.locate import Located
from geo.vocabulary import Certainty, TerritoryKind, TosStatus


class TerritoryHere(BaseModel):
    """A territory at the point, or the absence of one of a kind (`code` is null then)."""

    kind: TerritoryKind
    kind_title: str
    certainty: Certainty
    certainty_title: str
    code: str | None
    name: str | None
    counted: bool
    distance_m: float | None
    boundary: int | None
    tos_status: TosStatus | None
    href: str | None


def shown(found: Located, lang: str) -> dict[str, Any]:
    """A located territory with its titles."""
    return {
        "kind": found.kind,
        "kind_title": naming.said_word(TerritoryKind, found.kind, lang),
        "certainty": found.certainty,
        "certainty_title": naming.said_word(Certainty, found.certainty, lang),
        "code": found.code,
        "name": naming.name({"name": found.name, "names": found.names}, lang) if found.name else None,
        "counted": found.counted,
        "distance_m": found.distance_m,
        "boundary": found.boundary,
        "tos_status": found.tos_status,
        "href": naming.territory_href(found.kind, found.code, lang) if found.code else None,
    }
