"""What is this project, need, event or organisation? One page each, with its places, money, links and neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api import naming
from api.deps import PageReading, Visit
from api.frame import frame
from api.rows import entry_row, place_note
from geo.analysis.near import near
from geo.register import Register
from geo.registers import BY_NAME
from geo.store.brief import brief_entries
from geo.store.query import get_entry
from geo.store.territories import named
from geo.vocabulary import (
    Channel,
    EventKind,
    FundingSource,
    NeedPriority,
    NeedStatus,
    OrganisationKind,
    ProjectStatus,
    Theme,
)
from maps import text
from maps.layout import titled
from maps.office import EntryPage, Fact
from maps.pages import EntryRow, Link, NeedPage, ProjectPage, render

pages = APIRouter()
NEARBY_M, NEARBY = 1000, 6
EntryId = Annotated[int, Path(ge=1, lt=2**63)]
Row = dict[str, Any]


@pages.get("/projects/{id}")
def project(visit: PageReading, id: EntryId) -> Response:
    return visit.page(
        lambda: render(project_page(visit, get_entry(visit.connection, BY_NAME["project"], id))), keep=True
    )


@pages.get("/needs/{id}")
def need(visit: PageReading, id: EntryId) -> Response:
    return visit.page(lambda: render(need_page(visit, get_entry(visit.connection, BY_NAME["need"], id))), keep=True)


@pages.get("/events/{id}")
def event(visit: PageReading, id: EntryId) -> Response:
    return visit.page(lambda: render(event_page(visit, get_entry(visit.connection, BY_NAME["event"], id))), keep=True)


@pages.get("/organisations/{id}")
def organisation(visit: PageReading, id: EntryId) -> Response:
    return visit.page(lambda: render(
        organisation_page(visit, get_entry(visit.connection, BY_NAME["organisation"], id))
    ), keep=True)  # fmt: skip


@pages.get("/observations/{id}")
def observation(visit: PageReading, id: EntryId) -> Response:
    return visit.page(lambda: render(
        observation_page(visit, get_entry(visit.connection, BY_NAME["observation"], id))
    ), keep=True)  # fmt: skip


def shared(visit: Visit, row: Row) -> dict[str, Any]:
    """What all pages of entries show."""
    return {
        "frame": frame(visit),
        "title": naming.entry_title(row, visit.lang),
        "description": row["description"] or "",
        "theme": naming.word(Theme, row["theme"]),
        "places": tuple(place_note(visit, place) for place in row["places"]),
        "nearby": nearby(visit, row),
        "source": row["source"],
        "map_url": map_url(row),
    }


def map_url(row: Row) -> str:
    """The small map; none for an entry without a place."""
    placed = any(place["lat"] is not None for place in row["places"])
    return f"/embed/place/{row['register']}/{row['id']}" if placed else ""


def nearby(visit: Visit, row: Row) -> tuple[EntryRow, ...]:
    """The nearest other entries around its first place."""
    here = next((place for place in row["places"] if place["lat"] is not None), None)
    if here is None:
        return ()
    found = near(visit.connection, here["lat"], here["lon"], radius_m=NEARBY_M, limit=NEARBY + 1)
    return tuple(
        EntryRow(
            title=naming.entry_title({"title": each.title, "titles": each.titles}, visit.lang),
            href=naming.entry_href(each.register, each.id, visit.lang),
            status=naming.status_of(each.register, each.status), theme=naming.word(Theme, each.theme),
            note=text.metres(each.distance_m, visit.lang),
        )
        for each in found.items if each.id != row["id"]
    )[:NEARBY]  # fmt: skip


def project_page(visit: Visit, row: Row) -> ProjectPage:
    return ProjectPage(
        id=row["id"], status=ProjectStatus(row["status"]), secondary_themes=themes(row),
        planned_from=row["planned_from"], planned_to=row["planned_to"], starts_on=row["begins_on"],
        completed_on=row["ends_on"],
        money=tuple((FundingSource(name), minor) for name, minor in row["funding"].items()),
        total_minor=row["total_cost_minor"], currency=row["currency"] or "RUB", beneficiaries=row["beneficiaries"],
        supporters=row["supporters"], votes=row["votes"], initiator=row["initiator"] or "",
        programme=row["programme"] or "", needs=linked(visit, row["answers_needs"]), url=row["url"] or "",
        **shared(visit, row),
    )  # fmt: skip


def need_page(visit: Visit, row: Row) -> NeedPage:
    return NeedPage(
        id=row["id"], status=NeedStatus(row["status"]), secondary_themes=themes(row),
        priority=naming.word(NeedPriority, row["priority"]), reported_on=row["begins_on"], answered_on=row["ends_on"],
        channel=naming.word(Channel, row["channel"]), affected_people=row["affected_people"],
        supporters=row["supporters"], projects=linked(visit, row["answered_by"]), **shared(visit, row),
    )  # fmt: skip


def event_page(visit: Visit, row: Row) -> EntryPage:
    register = BY_NAME["event"]
    counts = {Channel(code): count for code, count in row["channels"].items()}
    return EntryPage(
        register=register.title, kind=EventKind(row["event_kind"]), url=row["url"] or "",
        facts=tuple(facts(visit, register, row, ("event_kind", "channels", "count_qualifier", "unique_persons"))),
        counts=tuple((channel, counts[channel]) for channel in Channel if channel in counts),
        territories=territories(visit, row, "declared"), **shared(visit, row),
    )  # fmt: skip


def organisation_page(visit: Visit, row: Row) -> EntryPage:
    register = BY_NAME["organisation"]
    return EntryPage(
        register=register.title, kind=OrganisationKind(row["organisation_kind"]), url=row["url"] or "",
        facts=tuple(facts(visit, register, row, ("organisation_kind", "territories"))),
        territories=territories(visit, row, "mandate"), **shared(visit, row),
    )  # fmt: skip


def observation_page(visit: Visit, row: Row) -> EntryPage:
    register = BY_NAME["observation"]
    return EntryPage(
        register=register.title, url=row["url"] or "", facts=tuple(facts(visit, register, row, ("territories",))),
        territories=territories(visit, row, "about"), **shared(visit, row),
    )  # fmt: skip


def facts(visit: Visit, register: Register, row: Row, apart: tuple[str, ...]) -> Iterator[Fact]:
    """Dates and the declared columns that have a value; those shown elsewhere on the page are left out."""
    for title, day in ((register.begins_title, row["begins_on"]), (register.ends_title, row["ends_on"])):
        if day:
            yield Fact(label=titled(title, visit.lang), value=text.day(day, visit.lang))
    for column in register.columns:
        value = row[column.name]
        if value is None or column.name in apart:
            continue
        said = column.words(value) if column.words else plain(value, visit.lang)
        yield Fact(label=titled(column.title, visit.lang), value=said)


def plain(value: object, lang: str) -> str:
    """A value for people: numbers grouped, anything else as it is."""
    if isinstance(value, int | float) or hasattr(value, "as_tuple"):
        return text.number(float(str(value)), lang, 4)
    return str(value)


def territories(visit: Visit, row: Row, role: str) -> tuple[Link, ...]:
    """The territories an entry is about by statement."""
    return tuple(
        Link(title=naming.name(each, visit.lang), href=naming.territory_href(each["kind"], each["code"], visit.lang))
        for each in named(visit.connection, row["id"], role)
    )


def themes(row: Row) -> tuple[Theme, ...]:
    return tuple(Theme(code) for code in row["secondary_themes"])


def linked(visit: Visit, ids: list[int]) -> tuple[EntryRow, ...]:
    """Entries of the other side of a link."""
    return tuple(entry_row(visit, each) for each in brief_entries(visit.connection, ids))
