"""Which houses does a pasted list mean? Lines as acts write them, asked one by one of the geocoder.

"ул. Ленина, д. 1, 3, 5-9 (нечётные); ул. Мира" stands for five houses and a whole street. A line or a part between
semicolons is one street with its numbers; a range goes from its first to its last number, all of them or only the even
or odd ones, and numbers that do not exist are passed over; a street without numbers is every known house on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.geocode.engine import Geocoder
from geo.geocode.places import STREET
from geo.geocode.scope import Scope
from geo.vocabulary import MatchLevel

MOST_HOUSES = 2_000
MOST_IN_RANGE = 400
EXACT = (MatchLevel.POINT, MatchLevel.HOUSE, MatchLevel.HOUSE_GROUP, MatchLevel.INTERPOLATED)
DASH = "-–—"
PLACE = re.compile(r"(?:г|город|с|село|п|пос|пос[её]лок|д|дер|деревня|мкр|р-н)\b\.?\s", re.I)
STREETS = re.compile(
    r"\b(?:ул|улица|пр|пр-т|просп|проспект|пер|переулок|б-р|бульвар|ш|шоссе|наб|набережная|пл|площадь|пр-д|проезд|туп"
    r"|тупик|аллея|линия|тракт)\b",
    re.I,
)
LINES = re.compile(r"[;\n\r]+")
PREFIX = r"(?:д(?:ом(?:а|ов)?)?\.?|дд\.?|№+)?\s*"
NUMBER = re.compile(rf"^{PREFIX}(\d{{1,4}}\s*[а-яa-z]?(?:\s*/\s*\d+\s*[а-яa-z]?)?(?:\s*к(?:орп)?\.?\s*\d+)?)$", re.I)
RANGE = re.compile(rf"^{PREFIX}(?:с\s+)?(?:№\s*)?(\d{{1,4}})\s*(?:[{DASH}]|по|до)\s*(?:№\s*)?(\d{{1,4}})$", re.I)
TAIL = re.compile(rf"^(?P<street>.*?[^\W\d_].*?)[\s,]+{PREFIX}(?P<first>\d.*)$", re.I)
ODD, EVEN = (
    re.compile(r"\(?\bнеч[её]тн\w*(?:\s+сторона)?\)?", re.I),
    re.compile(r"\(?\bч[её]тн\w*(?:\s+сторона)?\)?", re.I),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One address as asked of the geocoder; `optional` when it comes from a range and need not exist."""

    text: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What was found for a part of the list: a position, or the reason there is none."""

    text: str
    lat: float | None = None
    lon: float | None = None
    why: object = ""


def expand(text: str) -> Iterator[Wanted]:
    """The addresses a list stands for.

    >>> [wanted.text for wanted in expand("ул. Ленина, д. 1, 3а, 6-10 чётные; ул. Мира")]
    ['ул. Ленина, 1', 'ул. Ленина, 3а', 'ул. Ленина, 6', 'ул. Ленина, 8', 'ул. Ленина, 10', 'ул. Мира']
    """
    for line in LINES.split(text):
        yield from expand_line(line.strip(" .,"))


def expand_line(line: str) -> Iterator[Wanted]:
    """The addresses of one street, or of several between commas; a settlement in front holds for all of them."""
    odd = bool(ODD.search(line))
    step = 2 if odd or EVEN.search(line) else 1
    plain = EVEN.sub("", ODD.sub("", line))
    parts = [part for part in (part.strip(" .,") for part in plain.split(",")) if part]
    place = street = ""
    for part, following in zip(parts, [*parts, ""][1:], strict=True):
        begun = TAIL.match(part)
        if street and (numbers := list(numbers_of(part, step, odd))):
            yield from (Wanted(f"{street}, {number}", optional) for number, optional in numbers)
        elif begun and (numbers := list(numbers_of(begun["first"], step, odd))):
            street = joined(place, begun["street"].strip(" .,"))
            yield from (Wanted(f"{street}, {number}", optional) for number, optional in numbers)
        elif is_place(part, following):
            place, street = joined(place, part), ""
        else:
            street = joined(place, part)
            if not list(numbers_of(following, step, odd)):
                yield Wanted(street)


def joined(place: str, street: str) -> str:
    """A street with the settlement it is in."""
    return f"{place}, {street}" if place else street


def is_place(part: str, following: str) -> bool:
    """Whether a part names a settlement or district: by its word, or because a street follows and it names none."""
    if PLACE.match(part):
        return bool(following)
    return bool(STREETS.search(following)) and not STREETS.search(part)


def numbers_of(part: str, step: int, odd: bool) -> Iterator[tuple[str, bool]]:
    """The house numbers a part stands for, and whether they come from a range."""
    part = part.strip()
    if found := RANGE.match(part):
        first, last = int(found[1]), int(found[2])
        if first < last <= first + MOST_IN_RANGE:
            first += 1 if step == 2 and (first % 2 == 1) != odd else 0
            yield from ((str(number), True) for number in range(first, last + 1, step))
            return
    if found := NUMBER.match(part):
        yield found[1].strip(), False


def find_houses(geocoder: Geocoder, text: str, scope: Scope | None = None) -> list[House]:
    """Positions of the houses a list means; at most 2 000. What was not found says why."""
    found: list[House] = []
    for wanted in expand(text):
        if len(found) >= MOST_HOUSES:
            break
        found += find_one(geocoder, wanted, scope)
    return found[:MOST_HOUSES]


def find_one(geocoder: Geocoder, wanted: Wanted, scope: Scope | None) -> list[House]:
    """One address: its house, or every house of its street."""
    answer = geocoder.geocode(wanted.text, scope)
    if answer.accepted and answer.level in EXACT and answer.lat is not None:
        return [House(wanted.text, answer.lat, answer.lon)]
    if wanted.optional:
        return []
    if answer.level is MatchLevel.STREET and answer.accepted and not re.search(r"\d\s*[а-яa-z]?$", wanted.text):
        return houses_of_street(geocoder, wanted.text, answer.place_id) or [House(wanted.text, why=answer.why)]
    return [House(wanted.text, why=answer.why)]


def houses_of_street(geocoder: Geocoder, text: str, street_id: str) -> list[House]:
    """Every known house of a street."""
    places = (place for place in geocoder.index.places if place.kind == STREET and place.id == street_id)
    rows = [row for place in places for row in range(place.first, place.last)]
    houses = geocoder.index.houses
    return [
        House(f"{text}, {houses.houses[row].text}", houses.lats[row], houses.lons[row])
        for row in rows if houses.lats[row] == houses.lats[row]
    ]  # fmt: skip


def known_houses(
    geocoder: Geocoder, west: float, south: float, east: float, north: float
) -> npt.NDArray[np.float64]:  # fmt: skip
    """Positions (n, 2) lon/lat of all known houses in a box."""
    lons, lats = np.array(geocoder.index.houses.lons), np.array(geocoder.index.houses.lats)
    inside = (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
    return np.column_stack([lons[inside], lats[inside]])
