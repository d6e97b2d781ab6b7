"""A small map of one place, for a frame on another page: ours, or a site the settings name."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.deps import PageReading, Visit
from api.frame import frame, look
from geo.errors import N_, NotFound
from geo.registers import BY_NAME, BY_PLURAL, Register
from geo.settings import settings
from geo.store.query import get_entry
from geo.store.territories import code_of, get_territory
from geo.vocabulary import PublicPrecision, TerritoryKind
from maps.place import Place, build

pages = APIRouter()
# an H3 cell of resolution 9 is about this wide from its centre to a corner
HEXAGON_M = 200.0
STREET_M = 150.0
DOUBT = {PublicPrecision.HEXAGON: HEXAGON_M, PublicPrecision.STREET: STREET_M}
MARGIN = 0.004


@pages.get("/embed/place/{kind}/{wanted}")
def place(
    visit: PageReading, kind: Annotated[str, Path(max_length=40)], wanted: Annotated[str, Path(max_length=100)]
) -> Response:
    """An area by its kind and code, an entry by its register and number."""
    return visit.page(lambda: str(build(drawn(visit, kind, wanted)).get_root().render()), keep=True)


def drawn(visit: Visit, kind: str, wanted: str) -> Place:
    if kind in TerritoryKind.codes():
        return area(visit, TerritoryKind(kind), wanted)
    register = BY_NAME.get(kind) or BY_PLURAL.get(kind)
    if register is None or not (wanted.isascii() and wanted.isdigit() and int(wanted) < 2**63):
        raise NotFound(N_("There is no such place."), remedy=N_("Take the address from the page of the place."))
    return position(visit, register, int(wanted))


def area(visit: Visit, kind: TerritoryKind, wanted: str) -> Place:
    row = get_territory(visit.connection, code_of(visit.connection, kind, wanted))
    bounds = tuple(row[side] for side in ("west", "south", "east", "north"))
    return Place(
        kind=kind,
        boundary_id=row["boundary"],
        bounds=look(visit).bounds if bounds[0] is None else bounds,
        **common(visit),
    )


def position(visit: Visit, register: Register, entry_id: int) -> Place:
    """The first place of an entry that may be shown; without one the whole city."""
    row = get_entry(visit.connection, register, entry_id)
    known = next((each for each in row["places"] if each["lat"] is not None), None)
    if known is None:
        return Place(bounds=look(visit).bounds, **common(visit))
    lat, lon = known["lat"], known["lon"]
    return Place(
        lat=lat, lon=lon, register=register.name, bounds=(lon - MARGIN, lat - MARGIN, lon + MARGIN, lat + MARGIN),
        approximate_m=DOUBT.get(PublicPrecision(known["public_precision"]), 0), **common(visit),
    )  # fmt: skip


def common(visit: Visit) -> dict[str, Any]:
    return {
        "lang": visit.lang, "frame": frame(visit), "basemap_url": settings().basemap_url,
        "basemap_attribution": settings().basemap_attribution,
    }  # fmt: skip
