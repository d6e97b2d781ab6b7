"""Do type, settlement, region and the rest of the text agree with a candidate?"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from geo.geocode.candidates import CONTRADICTED, NAMED, ONLY_ONE, SCOPED, SIMILAR, SUBURB, UNSAID, Limits
from geo.geocode.gather import CITY_WITH_SUBURBS, SUBURB_M
from geo.geocode.index import Index, IndexedName
from geo.geocode.names import CLASS_WEIGHTS, TITLE, TITLES, qualifier_of
from geo.geocode.normalise import NUMBER, WORD, adjective_gender
from geo.geocode.places import POI, Place, distance_m
from geo.geocode.pois import WEIGHTLESS
from geo.geocode.reading import OpenWord, Reading, SettlementReading
from geo.geocode.regions import compatible, district_key
from geo.geocode.types import GENDERS

_UNKNOWN_WORD = 0.8


def type_agreement(
    reading: Reading, index: Index, place: Place, name: IndexedName, used: set[int], low: int, high: int
) -> int:
    """1 when a type word beside the matched words is the name's, -1 when it is another, 0 when there is none.

    `low` and `high` are the first and the last of the tokens used.
    """
    if place.kind == POI:
        return -1 if any(low - step in reading.types and low - step not in used for step in (1, 2)) else 0
    beside = [
        types
        for position, types in reading.types.items()
        if position not in used and low - 3 <= position <= high + 4
        and reading.segments[position] == reading.segments[low]
    ]  # fmt: skip
    if not beside:
        return -1 if _other_gender(reading, index, name, used) else 0
    said = frozenset().union(*beside)
    if not said.isdisjoint(name.types):
        return 1
    return -1 if name.types or "улица" not in said else 0


def _other_gender(reading: Reading, index: Index, name: IndexedName, used: set[int]) -> bool:
    """ "2-й Химический" is no улица: without a type word the adjective's ending says what kind of type is meant.

    Only where the name itself agrees with its type: "бульвар Миклухо-Маклая" has no adjective, though it looks so.
    """
    genders = {GENDERS[kind] for kind in name.types if kind in GENDERS}
    own = {adjective_gender(index.vocabulary.words[word]) for word in name.words} - {""}
    said = {adjective_gender(reading.words[n]) for n in used} - {""} if own <= genders else set()
    if not said and not own:
        said = {_ordinal_gender(reading, n) for n in used if n in reading.ordinals} - {""}
    return bool(genders and said and not genders & said)


def _ordinal_gender(reading: Reading, position: int) -> str:
    """f of "4-я", m of "4-й" unless a preposition before makes it "на 4-й" of any gender."""
    ending = reading.tokens[position + 1 : position + 3]
    text = next((token.text for token in ending if token.kind == WORD), "")
    before = reading.tokens[position - 1].text if position else ""
    return {"я": "f", "ая": "f", "й": "" if before in ("на", "по", "в") else "m"}.get(text, "")


def elsewhere(reading: Reading, index: Index, place: Place) -> float:
    """What it costs that the named region or district is not where the place is."""
    cost = 0.0
    if place.settlement >= 0:
        town = index.settlements[place.settlement]
        if reading.region is not None and not compatible(index.regions.names[reading.region], town.region):
            cost += 0.25
        if reading.region_unknown:
            cost += 0.15
    for name, _ in reading.districts:
        if not place.placed:
            cost += 0.25 if _in_another_district(index, place, name) else 0.0
            continue
        known = index.districts.get(name)
        if known and not any(inside(index.places[n], place.lat, place.lon) for n in known):
            cost += 0.15
    return cost


def _in_another_district(index: Index, place: Place, name: str) -> bool:
    """What has no position is where the register says its settlement is."""
    district = index.settlements[place.settlement].district if place.settlement >= 0 else ""
    return bool(district) and district_key(district) != name


def inside(area: Place, lat: float, lon: float) -> bool:
    return distance_m(area.lat, area.lon, lat, lon) <= 1.5 * area.radius_m + 3000


def settlement_agreement(
    reading: Reading, index: Index, limits: Limits, place: Place, used: set[int]
) -> tuple[str, set[int]]:
    """How the text speaks of the place's settlement, and the tokens that name it."""
    free = [found for found in reading.ranked_settlements() if used.isdisjoint(range(found.first, found.last))]
    for found in free:
        if _may_hold(index, found, place):
            state = NAMED if found.similarity >= 0.95 else SIMILAR
            return state, set(range(found.first, found.last))
    strong = [found for found in free if found.strong and (found.marked or _is_known(index, found))]
    if strong:
        if any(_is_suburb(index, form.settlement, place.settlement) for found in strong for form in found.forms):
            return SUBURB, {n for found in strong for n in range(found.first, found.last)}
        return CONTRADICTED, set()
    # an area of no settlement is judged by the polygon of the scope alone
    if limits.settlements is not None and (place.settlement < 0 or place.settlement in limits.settlements):
        return SCOPED, set()
    if len(index.loaded_settlements) <= 1 or place.settlement < 0:
        return ONLY_ONE, set()
    return UNSAID, set()


def _may_hold(index: Index, found: SettlementReading, place: Place) -> bool:
    if place.settlement >= 0:
        return place.settlement in [form.settlement for form in found.forms]
    return any(index.holds(form.settlement, place) for form in found.forms)


def _is_known(index: Index, found: SettlementReading) -> bool:
    return any(index.settlements[form.settlement].loaded for form in found.forms) or found.similarity == 1.0


def _is_suburb(index: Index, city: int, settlement: int) -> bool:
    if settlement < 0:
        return False
    big, small = index.settlements[city], index.settlements[settlement]
    return (
        big.population >= CITY_WITH_SUBURBS
        and big.population > 10 * small.population
        and distance_m(big.lat, big.lon, small.lat, small.lon) < SUBURB_M
    )


class Rest(NamedTuple):
    """What a candidate leaves of the text: the share it explains, the words left, whether one contradicts the name."""

    share: float
    ignored: tuple[int, ...]
    contradicts: bool
    stranger: float


def explain(reading: Reading, index: Index, matched: float, used: set[int], taken: Collection[int], kind: str) -> Rest:
    """Share of the text's weight that the candidate accounts for, and the words left over.

    matched: the weight of the words of its name that were said, by the tokens `used`; `taken` are these with the tokens
    of its settlement and house.
    """
    words = [word for word in open_words(reading, index) if word[0] not in taken]
    if not words:
        return Rest(1.0, (), False, 0.0)
    low, high = (min(used), max(used)) if used else (0, 0)
    segments = {reading.segments[n] for n in used}
    left, stranger, ignored, conflict = 0.0, 0.0, [], False
    for word in words:
        told = word.position < reading.context_end <= low
        cost, contradicts, strange = _leftover(word, told, low, high, word.segment in segments, kind)
        left += cost
        conflict = conflict or contradicts
        if strange and cost > stranger:
            stranger = cost
        if cost > 0.02:
            ignored.append(word.position)
    return Rest(matched / (matched + left), tuple(ignored), conflict, stranger)


_TYPE_WORD, _ORDINAL, _NUMERAL, _LETTER, _TITLE, _WORD = range(6)


def _leftover(word: OpenWord, told: bool, low: int, high: int, beside: bool, kind: str) -> tuple[float, bool, bool]:
    """What an unexplained word costs (much beside the matched words, little in the story before "около"), whether it
    contradicts the name, and whether it stands among its words as a stranger."""
    position, _, sort, weight, qualifier, weightless = word
    if sort == _TYPE_WORD:
        return 0.02, False, False
    if told or sort == _LETTER or (weightless and kind == POI):
        return 0.05, False, False
    if sort == _NUMERAL:
        return 0.25, False, False
    if sort == _ORDINAL:
        contradicts = beside and low - 4 <= position <= high + 4
        return (0.8 if contradicts else 0.25), contradicts, False
    if sort == _TITLE:
        return weight, False, False
    if not beside:
        return weight * 0.35, False, False
    near = low - 3 <= position <= high + 3
    among = near or low <= position <= high
    return weight * (1.0 if among else 0.6), near and qualifier, among


def open_words(reading: Reading, index: Index) -> list[OpenWord]:
    """The words a place has to explain, weighed once for all candidates."""
    if reading.open_words is None:
        reading.open_words = [_open_word(reading, index, position) for position in reading.open_positions()]
    return reading.open_words


def _open_word(reading: Reading, index: Index, position: int) -> OpenWord:
    word, segment = reading.words[position], reading.segments[position]
    if position in reading.types:
        return OpenWord(position, segment, _TYPE_WORD)
    if reading.tokens[position].kind == NUMBER:
        return OpenWord(position, segment, _ORDINAL if position in reading.ordinals else _NUMERAL)
    if len(word) == 1:
        return OpenWord(position, segment, _LETTER)
    number = index.vocabulary.numbers.get(word)
    weight = index.word_weights[number] if number is not None else _UNKNOWN_WORD
    qualifier = len(word) > 3 and bool(qualifier_of(word, True))
    weightless = word in WEIGHTLESS
    if word in TITLES:
        return OpenWord(position, segment, _TITLE, weight * CLASS_WEIGHTS[TITLE], False, weightless)
    return OpenWord(position, segment, _WORD, weight, qualifier, weightless)
