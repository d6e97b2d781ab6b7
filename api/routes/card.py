"""What does a click on the map show? A title, a few labelled facts, where to read on. Plain text only.

The facts of a territory are those of the questions' main figures, taken from the same published answers as the maps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api import naming
from api.deps import Reading, Visit
from api.questions import Asked, whole_answer
from geo.analysis.areas import local_name
from geo.analysis.fine import KEPT, cell_named
from geo.analysis.hexagons import centre
from geo.analysis.measures import measure_of
from geo.analysis.result import Answer
from geo.errors import N_, BadInput, Message, NotFound
from geo.registers import BY_NAME, Register
from geo.store.query import get_entry
from geo.store.territories import code_of, get_territory
from geo.vocabulary import FineKind, MatchLevel, PublicPrecision, TerritoryKind, Theme, TosLevel, TosStatus
from maps import text

router = APIRouter(tags=["maps"])
HEADLINES = ("tos_population_share", "needs_open", "needs_answered_share", "participants_per_1000_16")
# what is told of an entry beside its status, theme and dates
TOLD = {
    "project": ("total_cost_minor", "beneficiaries", "initiator"),
    "need": ("priority", "affected_people", "supporters"),
    "event": ("event_kind", "participants"),
    "organisation": ("organisation_kind",),
}
# what is told of a hexagon cell; people only in cells of the size they are counted in
CELL_HEADLINES = ("needs_open", "needs_answered_share", "projects_done_per_km2", "events_per_km2")
CELL_PEOPLE = ("participants_per_km2",)
LayerName = Annotated[
    str, Path(max_length=40, json_schema_extra={"enum": [*TerritoryKind.codes(), *FineKind.codes(), *TOLD]})
]


class CardRow(BaseModel):
    """A labelled fact."""

    label: str
    value: str


class CardLink(BaseModel):
    """Where to read on."""

    href: str
    text: str


class Card(BaseModel):
    """What a click shows, in plain text."""

    layer: str
    id: str
    title: str
    subtitle: str
    rows: list[CardRow]
    links: list[CardLink]
    note: str


@router.get("/api/card/{layer}/{id}", response_model=Card, summary="What does a click show?")
def card(visit: Reading, layer: LayerName, id: Annotated[str, Path(max_length=100)]) -> Response:
    """`id` is the code or the boundary of a territory, the number of an entry, the H3 index of a hexagon cell."""
    return visit.json(lambda: {"layer": layer, "id": id, **content(visit, layer, id)})


def content(visit: Visit, layer: str, wanted: str) -> dict[str, Any]:
    if layer in TerritoryKind.codes():
        return territory_card(visit, layer, wanted)
    if layer in FineKind.codes():
        return cell_card(visit, wanted)
    if layer not in TOLD:
        raise NotFound(N_("There is no layer {layer}."), remedy=N_("/tiles lists the layers."), layer=layer)
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) < 2**63):
        raise BadInput(N_("{value} is not the number of an entry."), field="id", value=wanted)
    return entry_card(visit, BY_NAME[layer], int(wanted))


def territory_card(visit: Visit, kind: str, wanted: str) -> dict[str, Any]:
    row = get_territory(visit.connection, code_of(visit.connection, kind, wanted))
    lang = visit.lang
    return {
        "title": naming.name(row, lang),
        "subtitle": ", ".join(filter(None, (
            naming.said_word(TerritoryKind, row["kind"], lang), naming.said_word(TosStatus, row["tos_status"], lang),
            naming.said_word(TosLevel, row["tos_level"], lang),
        ))),
        "rows": [*territory_facts(visit, row), *headlines(visit, row)],
        "links": [more(visit, naming.territory_href(row["kind"], row["code"], lang))],
        "note": since(visit, row),
    }  # fmt: skip


def cell_card(visit: Visit, wanted: str) -> dict[str, Any]:
    """A hexagon cell: the district it lies in, its area, and what is counted in it in the newest year."""
    found = cell_named(visit.connection, wanted)
    lat, lon = centre(wanted)
    codes = (*CELL_HEADLINES, *(CELL_PEOPLE if found.resolution == KEPT else ()))
    area = Message(N_("{area} km²"), {"area": text.number(found.area_m2[0] / 1e6, visit.lang, 2)})
    return {
        "title": local_name(found.name[0], found.names[0], visit.lang),
        "subtitle": f"{text.title(FineKind.HEX_CELL, visit.lang)}, {visit.say(area)}",
        "rows": [row for code in codes for row in cell_figure(visit, code, wanted, found.resolution)],
        "links": [
            {"href": text.localise(f"/near?lat={lat}&lon={lon}", visit.lang), "text": visit.say(N_("What is around"))}
        ],
        "note": "",
    }  # fmt: skip


def cell_figure(visit: Visit, code: str, cell: str, resolution: int) -> Iterator[dict[str, str]]:
    """A figure of a cell; nothing where the register never had anything."""
    told = whole_answer(visit, code, Asked(kind=FineKind.HEX_CELL.value, cell=resolution))
    for row in told.rows:
        if row.territory == cell:
            value = text.value(row.value.value, row.value.unit.value, visit.lang, row.value.missing_reason)
            yield {"label": of_year(visit, told), "value": value}


def more(visit: Visit, href: str) -> dict[str, str]:
    """Where to read on."""
    return {"href": href, "text": visit.say(N_("More about it"))}


def territory_facts(visit: Visit, row: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Residents by the newest count, and the area."""
    counted = [each for each in row["population"] if each["base"] == "residents"]
    if counted:
        label = visit.say(Message(N_("Residents, {year}"), {"year": counted[-1]["year"]}))
        yield {"label": label, "value": text.number(counted[-1]["people"], visit.lang)}
    if row["area_m2"]:
        yield {"label": visit.say(N_("Area, km²")), "value": text.number(row["area_m2"] / 1e6, visit.lang, 2)}


def headlines(visit: Visit, row: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The main figures of a district; a TOS is not a territory that others are compared by."""
    if row["kind"] == TerritoryKind.TOS_TERRITORY:
        return
    for code in HEADLINES:
        try:
            told = whole_answer(visit, code, Asked(kind=row["kind"]))
        except NotFound:  # no boundary of the kind at the end of the newest year
            return
        found = next((each.value for each in told.rows if each.territory == row["code"]), None)
        if found is not None:
            value = text.value(found.value, found.unit.value, visit.lang, found.missing_reason)
            yield {"label": of_year(visit, told), "value": value}


def of_year(visit: Visit, told: Answer) -> str:
    """What a figure is, and of which year: the card does not follow the map's."""
    year = told.period.label if told.period else ""
    return visit.say(Message(N_("{title}, {year}"), {"title": Message(measure_of(told.measure).title), "year": year}))


def since(visit: Visit, row: dict[str, Any]) -> str:
    """Since when the boundary holds."""
    if row["valid_from"] is None:
        return ""
    return visit.say(Message(N_("Boundary in force since {day}."), {"day": text.day(row["valid_from"], visit.lang)}))


def entry_card(visit: Visit, register: Register, entry_id: int) -> dict[str, Any]:
    row = get_entry(visit.connection, register, entry_id)
    status = naming.status_of(register.name, row["status"])
    return {
        "title": naming.entry_title(row, visit.lang),
        "subtitle": ", ".join(filter(None, (
            naming.register_title(register.name, visit.lang), text.title(status, visit.lang) if status else "",
        ))),
        "rows": list(entry_facts(visit, register, row)),
        "links": [more(visit, naming.entry_href(register.name, entry_id, visit.lang))],
        "note": approximate(visit, row),
    }  # fmt: skip


def entry_facts(visit: Visit, register: Register, row: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Theme, place, dates and what the register has to say; nothing for what is not known."""
    if row["theme"]:
        yield {"label": visit.say(N_("Theme")), "value": naming.said_word(Theme, row["theme"], visit.lang)}
    for place in row["places"][:1]:
        if place["address"]:
            yield {"label": visit.say(N_("Place")), "value": place["address"]}
    for title, day in ((register.begins_title, row["begins_on"]), (register.ends_title, row["ends_on"])):
        if day:
            yield {"label": visit.say(title), "value": text.day(day, visit.lang)}
    for name in TOLD[register.name]:
        if row[name] is not None:
            label = (
                visit.say(N_("Total cost")) if name == "total_cost_minor" else visit.say(register.column(name).title)
            )
            yield {"label": label, "value": said(visit, register, row, name)}


def said(visit: Visit, register: Register, row: dict[str, Any], name: str) -> str:
    """A column's value for people."""
    words, value = register.column(name).words, row[name]
    if words is not None:
        return text.title(words(value), visit.lang)
    if name == "total_cost_minor":
        return text.money(value, row["currency"] or "RUB", visit.lang)
    return text.number(value, visit.lang) if isinstance(value, int) else str(value)


def approximate(visit: Visit, row: dict[str, Any]) -> str:
    """That the place is not exact, when it is not."""
    for place in row["places"]:
        if place["public_precision"] == PublicPrecision.HEXAGON:
            return visit.say(N_("The place is shown approximately, to protect those who reported it."))
        if place["match_level"] in (MatchLevel.SETTLEMENT, MatchLevel.DISTRICT, MatchLevel.AREA):
            return visit.say(N_("Only the area is known, not the exact place."))
    return ""
