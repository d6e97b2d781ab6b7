"""How do rows of the database become rows of a page? The same few conversions for all pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api import naming
from api.deps import Visit
from geo.analysis.near import Neighbour
from geo.store.brief import bodies
from geo.store.locate import Located
from geo.vocabulary import Certainty, MatchLevel, OrganisationKind, PublicPrecision, TerritoryKind, Theme
from maps.pages import Contact, EntryRow, NearItem, NearTerritory, PlaceNote


def entry_row(visit: Visit, row: Mapping[str, Any]) -> EntryRow:
    """An entry in a list of another page."""
    return EntryRow(
        title=naming.entry_title(row, visit.lang),
        href=naming.entry_href(row["register"], row["id"], visit.lang),
        status=naming.status_of(row["register"], row["status"]),
        theme=naming.word(Theme, row["theme"]),
        on=row["ends_on"] or row["begins_on"],
    )


# whom to ask about a territory, in this order; clubs and associations of a city are found in the register
TO_ASK = (
    OrganisationKind.TOS_BODY,
    OrganisationKind.COUNCIL_MEMBER,
    OrganisationKind.BASE_ORGANISATION,
    OrganisationKind.VILLAGE_HEAD,
    OrganisationKind.CIVIC_COUNCIL,
    OrganisationKind.CIVIC_ASSEMBLY,
    OrganisationKind.REPRESENTATIVE_BODY,
    OrganisationKind.LOCAL_AUTHORITY,
    OrganisationKind.AIYL_KENESH,
    OrganisationKind.AIYL_OKMOTU,
)


def contacts(visit: Visit, rows: Iterable[Mapping[str, Any]]) -> tuple[Contact, ...]:
    """Bodies with a mandate, as those to ask."""
    known = sorted((row for row in rows if row["organisation_kind"] in TO_ASK), key=asked_first)
    return tuple(
        Contact(
            role=OrganisationKind(row["organisation_kind"]), name=naming.entry_title(row, visit.lang),
            href=naming.entry_href("organisation", row["id"], visit.lang),
        )
        for row in known
    )  # fmt: skip


def asked_first(row: Mapping[str, Any]) -> int:
    return TO_ASK.index(OrganisationKind(row["organisation_kind"]))


def here(visit: Visit, found: Iterable[Located]) -> tuple[NearTerritory, ...]:
    """Territories at a point with those to ask there; kinds without one at the point are left out."""
    located = [each for each in found if each.code is not None]
    mandates = bodies(visit.connection, [each.code or "" for each in located])
    return tuple(
        NearTerritory(
            kind=each.kind, code=each.code or "", certainty=each.certainty,
            name=naming.name({"name": each.name, "names": each.names}, visit.lang),
            href=naming.territory_href(each.kind, each.code or "", visit.lang),
            people=contacts(visit, mandates.get(each.code or "", ())),
        )
        for each in located
    )  # fmt: skip


def near_item(visit: Visit, found: Neighbour) -> NearItem:
    """An entry around a point."""
    return NearItem(
        register=naming.register_title(found.register, visit.lang),
        id=found.id,
        title=naming.entry_title({"title": found.title, "titles": found.titles}, visit.lang),
        href=naming.entry_href(found.register, found.id, visit.lang),
        distance_m=found.distance_m,
        walk_m=found.walk_m,
        walk_minutes=found.walk_minutes,
        walk_missing=found.walk_missing,
        status=naming.status_of(found.register, found.status),
        theme=naming.word(Theme, found.theme),
    )


def place_note(visit: Visit, place: Mapping[str, Any]) -> PlaceNote:
    """Where an entry is."""
    certainty = Certainty(place["certainty"])
    return PlaceNote(
        address=place["address"] or "",
        match_level=MatchLevel(place["match_level"]),
        precision=PublicPrecision(place["public_precision"]),
        territories=tuple(
            NearTerritory(
                kind=TerritoryKind(each["kind"]), code=each["code"], name=naming.name(each, visit.lang),
                certainty=certainty, href=naming.territory_href(each["kind"], each["code"], visit.lang),
            )
            for each in sorted(place["territories"], key=lambda each: TerritoryKind.codes().index(each["kind"]))
        ),
    )  # fmt: skip
