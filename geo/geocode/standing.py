"""Where does a candidate stand: at its own position, or at the finest thing around it that has one?

The state address register knows that a street exists and not where. Such a street is answered at its settlement, a
settlement without a position at its district, and with none of these nowhere: never at a made-up point.
"""

from __future__ import annotations

from typing import NamedTuple

from geo.errors import N_, Message
from geo.geocode.candidates import Candidate
from geo.geocode.gar import guid_text
from geo.geocode.index import Index
from geo.geocode.places import extent_m
from geo.geocode.regions import district_key
from geo.vocabulary import MatchLevel


class Standing(NamedTuple):
    """What is shown on the map for a candidate; lat and lon (degrees) None, level none, when nothing can be."""

    label: str
    level: MatchLevel
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 0.0
    kind: str = ""
    id: str = ""


def standing(index: Index, candidate: Candidate) -> Standing:
    """The place itself, else its settlement, else its settlement's district, else nothing."""
    place = index.places[candidate.place] if candidate.place >= 0 else None
    town = index.settlements[candidate.settlement] if candidate.settlement >= 0 else None
    if candidate.placed:
        return Standing(
            label_of(index, candidate), candidate.level, candidate.lat, candidate.lon, candidate.radius_m,
            place.kind if place else "settlement", place.id if place else town.id if town else "",
        )  # fmt: skip
    if town is not None and town.lat == town.lat:
        return Standing(
            index.label(candidate.settlement), MatchLevel.SETTLEMENT, town.lat, town.lon, extent_m(town.population),
            "settlement", town.id,
        )  # fmt: skip
    districts = index.districts.get(district_key(town.district), ()) if town is not None and town.district else ()
    if len(districts) == 1:
        area = index.places[districts[0]]
        return Standing(area.name, MatchLevel.DISTRICT, area.lat, area.lon, area.radius_m, area.kind, area.id)
    return Standing(known_as(index, candidate), MatchLevel.NONE)


def without_position(index: Index, candidate: Candidate, around: Standing) -> Message:
    """Why the answer is vaguer than what was recognised."""
    known = known_as(index, candidate)
    if around.lat is None:
        return Message(
            N_("{name} is in the state address register, but neither it nor anything around it has a position here."),
            {"name": known},
        )
    return Message(
        N_("{name} is in the state address register, but has no position here: placed at {place}."),
        {"name": known, "place": around.label},
    )


def register_of(index: Index, candidate: Candidate) -> tuple[str, str]:
    """GUID and number of the object in the register of what was recognised: house, else street or area, else town."""
    registered = index.registered
    if candidate.registered >= 0:
        houses = registered.houses
        return guid_text(bytes(houses.guids[candidate.registered])), str(houses.ids[candidate.registered])
    known = (
        index.places[candidate.place] if candidate.place >= 0
        else index.settlements[candidate.settlement] if candidate.settlement >= 0 else None
    )  # fmt: skip
    return (guid_text(known.guid), str(known.gar_id)) if known is not None and known.gar_id else ("", "")


def label_of(index: Index, candidate: Candidate) -> str:
    """ "Рязань, улица Есенина, 12 к2": settlement, place, house, as they stand in the gazetteer."""
    if candidate.place < 0:
        return index.label(candidate.settlement)
    return _address(index, candidate, candidate.said or _house_text(index, candidate))


def known_as(index: Index, candidate: Candidate) -> str:
    """The same with the house that only the register knows."""
    house = index.registered.known(candidate.registered).text if candidate.registered >= 0 else ""
    if candidate.place < 0:
        return ", ".join(part for part in (index.label(candidate.settlement), house) if part)
    return _address(index, candidate, house or candidate.said or _house_text(index, candidate))


def _address(index: Index, candidate: Candidate, house: str) -> str:
    town = index.settlements[candidate.settlement].name if candidate.settlement >= 0 else ""
    place = index.places[candidate.place].name
    if candidate.also >= 0:
        place = f"{place} / {index.places[candidate.also].name}"
    return ", ".join([part for part in (town, place, house) if part])


def _house_text(index: Index, candidate: Candidate) -> str:
    """The house as its only row says it, else the number asked for; empty at the street."""
    if candidate.house is None or candidate.level == MatchLevel.STREET or candidate.also >= 0:
        return ""
    rows = candidate.house.rows
    if len(rows) == 1 and candidate.level == MatchLevel.HOUSE:
        return index.houses.houses[rows[0]].text
    return str(candidate.asked.reading.house.number) if candidate.asked is not None else ""
