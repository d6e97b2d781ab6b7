"""Where are addresses missing from the map? Shares with their counts, by territory: sums only, nobody's row."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.deps import JSON, Kind, Reading, TheDatabase, dumps
from api.quality import desk_kind, figures
from geo.vocabulary import TerritoryKind

router = APIRouter(tags=["places"])
# what waits changes without the data version: a client has to ask again
FRESH = {"Cache-Control": "no-cache"}


class UnplacedAddresses(BaseModel):
    """Rows with an address and no coordinates of their own; `territory` is null where nobody knows which.

    `unresolved` of `rows` have no place; `coarse` of those placed are known no better than to a street or an area.
    """

    territory: str | None
    name: str
    rows: int
    unresolved: int
    unresolved_share: float | None
    coarse: int
    coarse_share: float | None


class AddressesAnswer(BaseModel):
    """One line for each territory of the kind that has such rows, and all together."""

    kind: TerritoryKind
    items: list[UnplacedAddresses]
    together: UnplacedAddresses


@router.get("/api/quality/addresses", response_model=AddressesAnswer, summary="Where are addresses missing?")
def addresses(visit: Reading, database: TheDatabase, kind: Kind = None) -> Response:
    kind = kind or desk_kind(visit)
    items, everything = figures(database, kind)
    answer = {"kind": kind, "items": items, "together": everything}
    return Response(dumps(answer), media_type=JSON, headers=FRESH)
