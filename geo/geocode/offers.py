"""Which places can a person choose for a text, without looking for them? The answer's candidates, then what is coarser.

Where no house can be told, the street or the settlement of the candidates, and the territory the row names, are still
true: placed there, the row counts with its extent instead of not at all. Other words can be tried in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo.geocode.context import context_of
from geo.geocode.engine import Geocoder
from geo.geocode.places import STREET, extent_m
from geo.geocode.placing import Spot, spot_of, territory_of
from geo.geocode.review import Task
from geo.geocode.store import AREA_KINDS, scope_of, territory_spot
from geo.vocabulary import MatchLevel

ANSWER, COARSER, WORDS = "answer", "coarser", "words"
_BELOW_A_STREET = frozenset((MatchLevel.HOUSE, MatchLevel.HOUSE_GROUP, MatchLevel.INTERPOLATED))


@dataclass(frozen=True, slots=True)
class Offer:
    """A place to choose; `origin` says how it comes to be offered: the answer, coarser, or for other words."""

    label: str
    spot: Spot
    origin: str


def offers(connection: Connection, geocoder: Geocoder, task: Task, words: str = "") -> list[Offer]:
    """What can be chosen for a task, in the order it is shown; with `words`, what is found for them comes first.

    The order depends on the task, the words and the gazetteer only, so a choice may be sent as its number.
    """
    found = list(_for_words(connection, geocoder, task, words)) if words.strip() else []
    answered = [_offer(choice, ANSWER) for choice in task.choices]
    streets = list(_streets(geocoder, task))
    known: list[Offer] = []
    for offer in (*found, *answered, *streets, *_settlements(geocoder, task), *_territory(connection, task)):
        if all((offer.label, offer.spot.level) != (each.label, each.spot.level) for each in known):
            known.append(offer)
    return known


def _for_words(connection: Connection, geocoder: Geocoder, task: Task, words: str) -> Iterator[Offer]:
    """Other words for the same place, or its coordinates, asked in the task's scope."""
    answer = geocoder.geocode(
        words, scope_of(connection, task.scope_territory_id), context_of(task.context), explain=True
    )
    if not answer.choices and answer.lat is not None and answer.lon is not None:
        yield Offer(answer.label, Spot(answer.level, answer.lat, answer.lon, answer.radius_m), WORDS)
    for each in answer.choices:
        spot = Spot(each.level, each.lat, each.lon, each.radius_m, territory_of(each.place_id))
        yield Offer(each.label, spot, WORDS)


def _offer(choice: Mapping[str, Any], origin: str) -> Offer:
    return Offer(str(choice["label"]), spot_of(choice), origin)


def _streets(geocoder: Geocoder, task: Task) -> Iterator[Offer]:
    """The streets of the houses among the candidates."""
    below = {str(c["place_id"]): c for c in task.choices if MatchLevel(c["level"]) in _BELOW_A_STREET}
    if below:
        for place in geocoder.index.places:
            if place.kind == STREET and place.id in below:
                town = str(below[place.id]["settlement"])
                label = ", ".join(part for part in (town, place.name) if part)
                yield Offer(label, Spot(MatchLevel.STREET, place.lat, place.lon, place.radius_m), COARSER)


def _settlements(geocoder: Geocoder, task: Task) -> Iterator[Offer]:
    """The settlements of the candidates."""
    wanted = {str(choice["settlement_id"]) for choice in task.choices} - {""}
    if wanted:
        for number, town in enumerate(geocoder.index.settlements):
            if town.id in wanted and town.lat == town.lat:
                spot = Spot(MatchLevel.SETTLEMENT, town.lat, town.lon, extent_m(town.population))
                yield Offer(geocoder.index.label(number), spot, COARSER)


def _territory(connection: Connection, task: Task) -> Iterator[Offer]:
    """The territory the row itself names; a whole region is no answer to "where"."""
    if task.scope_territory_id is None:
        return
    row = connection.execute(
        text("SELECT code, kind, name FROM okruga.territory WHERE id = :id"), {"id": task.scope_territory_id}
    ).one()
    spot = territory_spot(connection, task.scope_territory_id) if row.kind in AREA_KINDS else None
    if spot is not None:
        level = MatchLevel.DISTRICT if row.kind in ("rayon", "municipality") else MatchLevel.AREA
        yield Offer(row.name, Spot(level, spot[0], spot[1], spot[2], row.code), COARSER)
