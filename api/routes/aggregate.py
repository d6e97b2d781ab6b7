"""How many entries are there, split by one property, in a territory or in a polygon drawn by the visitor?"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, Field

from api.deps import BBox, Blank, On, Reading, Visit
from geo.analysis.aggregate import aggregate, polygon_of
from geo.errors import N_, BadInput
from geo.registers import BY_NAME, BY_PLURAL, Register
from geo.store.query import Filters
from geo.vocabulary import Channel, Theme
from maps.text import title

router = APIRouter(tags=["registers"])
YEAR = r"^([0-9]{4})?$"
Position = Annotated[list[float], Field(min_length=2, max_length=3)]
Ring = Annotated[list[Position], Field(min_length=4)]


class By(StrEnum):
    """What entries can be split by; not every register has each."""

    THEME = "theme"
    STATUS = "status"
    PERIOD = "period"
    KIND = "kind"
    CHANNEL = "channel"


class Polygon(BaseModel):
    """A GeoJSON polygon, longitude and latitude in degrees."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1)]


class MultiPolygon(BaseModel):
    """Several of them."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Annotated[list[Ring], Field(min_length=1)]], Field(min_length=1)]


class Group(BaseModel):
    """One part of the whole; `value` is null for entries without the property."""

    value: str | None
    title: str
    count: int


class Aggregate(BaseModel):
    """The parts, the most frequent first. An entry with several values counts in each."""

    register_: str = Field(alias="register")
    by: str
    data_version: int
    groups: list[Group]


class Chosen(BaseModel):
    """Which entries are counted."""

    register_: str = Field("projects", alias="register", max_length=40, json_schema_extra={"enum": [*BY_PLURAL]})
    by: By = By.THEME
    territory: str = Field("", max_length=100, description="Code of a territory.")
    theme: Annotated[Theme | None, Blank] = None
    status: str = Field("", max_length=40, description="A status of the register.")
    period: str = Field("", pattern=YEAR, description="A calendar year the entry touches.")


ChosenOf = Annotated[Chosen, Query()]


@router.get("/api/aggregate", response_model=Aggregate, summary="How many, split by a property?")
def aggregate_entries(visit: Reading, chosen: ChosenOf, bbox: BBox, on: On = None) -> Response:
    filters = filters_of(chosen, bbox, on)
    return visit.json(lambda: answer(visit, chosen, filters, None), keep=True)


@router.post("/api/aggregate", response_model=Aggregate, summary="The same inside a polygon")
def aggregate_polygon(
    visit: Reading, chosen: ChosenOf, polygon: Annotated[Polygon | MultiPolygon, Body(discriminator="type")]
) -> Response:
    filters = filters_of(chosen, None, None)
    return visit.json(lambda: answer(visit, chosen, filters, polygon.model_dump()))


def filters_of(chosen: Chosen, bbox: Any, on: Any) -> Filters:
    """The filters of geo; an unknown status is refused instead of matching nothing."""
    statuses = register_of(chosen.register_).statuses
    if chosen.status and (statuses is None or chosen.status not in statuses.codes()):
        raise BadInput(
            N_("There is no status {value}."), remedy=N_("Choose one of: {known}."),
            field="status", value=chosen.status, known=", ".join(statuses.codes()) if statuses else "",
        )  # fmt: skip
    return Filters(
        territory=chosen.territory, theme=chosen.theme or "", status=chosen.status,
        year=int(chosen.period) if chosen.period else None, on=on, bbox=bbox,
    )  # fmt: skip


def register_of(name: str) -> Register:
    """A register by its singular or plural name. Raises BadInput naming the known ones."""
    found = BY_PLURAL.get(name) or BY_NAME.get(name)
    if found is None:
        raise BadInput(
            N_("There is no register {value}."), remedy=N_("Choose one of: {known}."),
            field="register", value=name, known=", ".join(BY_PLURAL),
        )  # fmt: skip
    return found


def answer(visit: Visit, chosen: Chosen, filters: Filters, polygon: dict[str, Any] | None) -> dict[str, Any]:
    register = register_of(chosen.register_)
    shape = polygon_of(polygon) if polygon else None
    groups = aggregate(visit.connection, register, chosen.by.value, filters, shape)
    return {
        "register": register.plural,
        "by": chosen.by.value,
        "data_version": visit.data_version,
        "groups": [
            {"value": each.value, "title": group_title(register, chosen.by.value, each.value, visit.lang),
             "count": each.count} for each in groups
        ],
    }  # fmt: skip


def group_title(register: Register, by: str, value: str | None, lang: str) -> str:
    """What a part is called."""
    words = {"theme": Theme, "status": register.statuses, "channel": Channel}.get(by) or next(
        (column.words for column in register.columns if column.name in (by, f"{register.name}_{by}")), None
    )
    return title(words(value), lang) if words is not None and value else value or ""
