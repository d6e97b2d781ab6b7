"""Which territories are there, and what is known of one: shapes through time, parents, people?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from api import naming
from api.deps import BBox, Blank, Kind, On, Pages, Reading, Visit
from geo.store.territories import TerritoryFilters, get_territory, groups, list_territories
from geo.vocabulary import BoundaryPrecision, MunicipalityForm, PopulationBase, TerritoryKind, TosLevel, TosStatus

router = APIRouter(tags=["places"])
BOUNDS = ("west", "south", "east", "north")
INTERNAL = ("id",)


class Territory(BaseModel):
    """An area with a stable code, in its shape of the day asked for. Dates of validity are both included."""

    code: str
    kind: TerritoryKind
    kind_title: str
    name: str
    names: dict[str, str]
    title: str
    href: str
    parent: str | None
    municipality_form: MunicipalityForm | None
    tos_status: TosStatus | None
    tos_level: TosLevel | None
    charter_number: str | None
    charter_registered_on: date | None
    oktmo: str | None
    osm_id: str | None
    wikidata_id: str | None
    boundary: int | None
    valid_from: date | None
    valid_to: date | None
    area_m2: float | None
    bbox: list[float] | None
    precision: BoundaryPrecision | None
    legal_act: str | None
    legal_act_on: date | None
    source: str
    licence: str | None
    invented: bool


class Parent(BaseModel):
    """What a territory lies in."""

    code: str
    kind: TerritoryKind
    name: str
    names: dict[str, str]


class BoundaryVersion(BaseModel):
    """A shape of a territory during a period."""

    id: int
    valid_from: date | None
    valid_to: date | None
    area_m2: float
    precision: BoundaryPrecision
    legal_act: str | None
    legal_act_on: date | None
    legal_text: str | None
    source: str
    licence: str | None


class People(BaseModel):
    """People of one base at the end of a year."""

    year: int
    base: PopulationBase
    people: int
    estimated: bool
    source: str


class Succession(BaseModel):
    """One territory following another."""

    from_code: str
    to_code: str
    kind: str
    happened_on: date
    share: float | None


class TerritoryDetail(Territory):
    """Everything known of a territory; `geometry` when asked for."""

    versions: list[BoundaryVersion]
    parents: list[Parent]
    population: list[People]
    succession: list[Succession]
    geometry: dict[str, Any] | None = None


class Territories(BaseModel):
    """One page of territories."""

    number_matched: int
    next: str | None
    items: list[Territory]


@router.get("/api/territories", response_model=Territories, summary="Which territories are there?")
def territories(
    visit: Reading, page: Pages, bbox: BBox, kind: Kind = None, on: On = None,
    parent: Annotated[str, Query(max_length=100, description="Code of what they lie in.")] = "",
    status: Annotated[TosStatus | None, Blank, Query(description="Status, for TOS.")] = None,
    q: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    group: Annotated[str, Query(max_length=100, description="Code of a group: its members and all in them.")] = "",
) -> Response:  # fmt: skip
    filters = TerritoryFilters(
        kind or "", parent, status or "", group, q, on, bbox, page.limit, page.cursor,
    )  # fmt: skip
    return visit.json(lambda: listed(visit, filters), keep=True)


def listed(visit: Visit, filters: TerritoryFilters) -> dict[str, Any]:
    found = list_territories(visit.connection, filters)
    items = [shown(row, visit.lang) for row in found.items]
    return {"number_matched": found.number_matched, "next": found.next, "items": items}


class Group(BaseModel):
    """Territories gathered across municipalities, with the codes of its members of today."""

    code: str
    name: str
    title: str
    names: dict[str, str]
    territories: list[str]


class Groups(BaseModel):
    """All groups."""

    items: list[Group]


@router.get("/api/groups", response_model=Groups, summary="Which groups of territories are there?")
def territory_groups(visit: Reading) -> Response:
    def told() -> dict[str, Any]:
        return {"items": [{**row, "title": naming.name(row, visit.lang)} for row in groups(visit.connection)]}

    return visit.json(told)


@router.get("/api/territories/{code}", response_model=TerritoryDetail, summary="One territory")
def territory(
    visit: Reading, code: Annotated[str, Path(max_length=100)], on: On = None,
    geometry: Annotated[bool, Query(description="Add the shape as GeoJSON.")] = False,
) -> Response:  # fmt: skip
    return visit.json(lambda: detail(visit, code, on, geometry))


def detail(visit: Visit, code: str, on: date | None, geometry: bool) -> dict[str, Any]:
    row = get_territory(visit.connection, code, on, geometry=geometry)
    shape = row.pop("geometry", None)
    return {**shown(row, visit.lang), "geometry": orjson.Fragment(shape) if shape else None}


def shown(row: dict[str, Any], lang: str) -> dict[str, Any]:
    """A row as it is sent: titles in the language, bounds as one box."""
    plain = {key: value for key, value in row.items() if key not in INTERNAL + BOUNDS}
    box = [row[side] for side in BOUNDS]
    return {
        **plain,
        "title": naming.name(row, lang),
        "kind_title": naming.said_word(TerritoryKind, row["kind"], lang),
        "href": naming.territory_href(row["kind"], row["code"], lang),
        "bbox": box if box[0] is not None else None,
    }
