"""Which entries does a register hold? One pair of addresses for each register, made from its declaration.

Nothing here knows projects from needs: filters, columns and their types come from geo.registers. A register that needs
more than that gets a route file of its own.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, create_model

from api import naming
from api.deps import BBox, Blank, On, Pages, Reading, Visit
from geo.register import Column, Register
from geo.registers import METADATA, REGISTERS
from geo.store.query import Filters, get_entry, list_entries
from geo.vocabulary import Certainty, EventKind, MatchLevel, OrganisationKind, PublicPrecision, TerritoryKind, Theme

router = APIRouter(tags=["registers"])
KINDS: dict[str, Any] = {"event": EventKind, "organisation": OrganisationKind, "observation": str}
YEAR = r"^([0-9]{4})?$"
INTERNAL = ("key", "import_run_id")


class PlaceTerritory(BaseModel):
    """A territory a place counts in."""

    kind: TerritoryKind
    code: str
    name: str
    names: dict[str, str]


class EntryPlace(BaseModel):
    """Where an entry is, as precisely as the public may know; `geometry` is GeoJSON."""

    id: int
    entry_id: int
    role: str
    geometry: dict[str, Any] | None
    public_precision: PublicPrecision
    address: str | None
    match_level: MatchLevel
    certainty: Certainty
    lon: float | None
    lat: float | None
    territories: list[PlaceTerritory]


class Entry(BaseModel):
    """What all registers share."""

    id: int
    register_: str = Field(alias="register")
    title: str
    titles: dict[str, str]
    description: str | None
    theme: Theme | None
    secondary_themes: list[Theme]
    status: str | None
    begins_on: date | None
    ends_on: date | None
    url: str | None
    updated_at: datetime
    source: str
    licence: str | None
    invented: bool
    href: str
    places: list[EntryPlace]


class CommonFilters(BaseModel):
    """What every register can be filtered by."""

    territory: str = Field("", max_length=100, description="Code of a territory the entry lies in or is about.")
    theme: Annotated[Theme | None, Blank] = None
    period: str = Field("", pattern=YEAR, description="A calendar year the entry touches.")
    q: str = Field("", max_length=200, description="Part of the title.")
    newest: bool = Field(False, description="The newest first.")


def filters_model(register: Register) -> type[CommonFilters]:
    """The query parameters of a register's list: the common ones, and its own statuses and kinds."""
    fields: dict[str, Any] = {}
    if register.statuses is not None:
        fields["status"] = (Annotated[register.statuses | None, Blank], None)
    if register.name in KINDS:
        fields["kind"] = (Annotated[KINDS[register.name] | None, Blank], None)
    return create_model(f"{register.name.capitalize()}Filters", __base__=CommonFilters, **fields)


def item_model(register: Register) -> type[Entry]:
    """The shape of a register's entries: what all share, and its declared columns."""
    fields: dict[str, Any] = {column.name: (type_of(register, column) | None, ...) for column in register.columns}
    if register.statuses is not None:
        fields["status"] = (register.statuses, ...)
    return create_model(register.name.capitalize(), __base__=Entry, **fields)


def type_of(register: Register, column: Column) -> Any:
    """The type of a declared column: what the declaration says, else what the table's column holds."""
    if column.words is not None:
        return column.words
    if column.of is not None:
        return column.of
    stored = METADATA.tables[f"okruga.{register.table}"].columns[column.name].type.python_type
    return float if stored.__name__ == "Decimal" else stored


def page_model(register: Register, item: type[Entry]) -> type[BaseModel]:
    """One page of a register's list."""
    return create_model(
        f"{register.plural.capitalize()}",
        number_matched=(int, ...),
        next=(str | None, ...),
        items=(list[item], ...),  # type: ignore[valid-type]
    )


def add(register: Register) -> None:
    """The two addresses of a register."""
    filters, item = filters_model(register), item_model(register)

    def entries(visit: Reading, page: Pages, bbox: BBox, chosen: CommonFilters, on: On = None) -> Response:
        wanted = Filters(
            territory=chosen.territory, kind=getattr(chosen, "kind", None) or "", theme=chosen.theme or "",
            status=getattr(chosen, "status", None) or "", year=int(chosen.period) if chosen.period else None, on=on,
            bbox=bbox, words=chosen.q, limit=page.limit, cursor=page.cursor, newest_first=chosen.newest,
        )  # fmt: skip
        return visit.json(lambda: listed(visit, register, wanted))

    def entry(visit: Reading, id: Annotated[int, Path(ge=1, lt=2**63)]) -> Response:
        return visit.json(lambda: shown(get_entry(visit.connection, register, id), register, visit.lang))

    # each register has its own filters: the annotation is made, not written
    entries.__annotations__["chosen"] = Annotated[filters, Query()]
    address, title = f"/api/{register.plural}", register.title_plural
    router.get(
        address, response_model=page_model(register, item), operation_id=register.plural, summary=f"List: {title}"
    )(entries)
    router.get(f"{address}/{{id}}", response_model=item, operation_id=register.name, summary=f"One {register.title}")(
        entry
    )


def listed(visit: Visit, register: Register, filters: Filters) -> dict[str, Any]:
    """One page of a register."""
    found = list_entries(visit.connection, register, filters)
    items = [shown(row, register, visit.lang) for row in found.items]
    return {"number_matched": found.number_matched, "next": found.next, "items": items}


def shown(row: dict[str, Any], register: Register, lang: str) -> dict[str, Any]:
    """An entry as it is sent: shapes as GeoJSON, the address of its page."""
    plain = {key: value for key, value in row.items() if key not in INTERNAL}
    return {
        **plain,
        "href": naming.entry_href(register.name, row["id"], lang),
        "places": [
            {**place, "geometry": orjson.Fragment(place["geometry"]) if place["geometry"] else None}
            for place in row["places"]
        ],
    }


for _register in REGISTERS:
    add(_register)
