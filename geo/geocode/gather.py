"""Which names of the gazetteer hold words of this text?

Only the settlements the text or the caller names are searched when they are known. Misspellings are looked up for words
that are found nowhere there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nlargest

from geo.geocode.candidates import Evidence, Limits, Said
from geo.geocode.index import WORDS_PER_NAME, Index
from geo.geocode.normalise import NUMBER, WORD
from geo.geocode.places import POI, distance_m
from geo.geocode.pois import SYNONYMS
from geo.geocode.reading import CONTEXT, COUNTRY, DISTRICT, FREE, HOUSE_WORD, REGION, SOFT, TAIL, TYPE, Reading
from geo.geocode.types import place_types

_CANDIDATES = 16
# how the names are ordered before they are weighed in full
_PER_WEIGHT, _MOST_WEIGHT, _AT_HOME = 0.1, 3.0, 0.1


_MOST_POSTINGS = 600
_LEAST_COVERAGE = 0.45
_HOPELESS = 0.4
_REAL_WORD = 0.85
SUBURB_M = 35_000.0
CITY_WITH_SUBURBS = 300_000


def where_to_look(reading: Reading, index: Index, limits: Limits) -> frozenset[int] | None:
    """The settlements whose names are searched; None is all. A text that names a known city is searched there."""
    strong = {form.settlement for found in reading.settlements if found.strong for form in found.forms}
    marked = any(found.marked for found in reading.settlements)
    if strong and (marked or strong & index.settlements_with_streets):
        named = {form.settlement for found in reading.settlements for form in found.forms}
        wanted = frozenset(named | _suburbs(index, strong) | {-1})
        return wanted if limits.settlements is None else wanted | limits.settlements
    return limits.settlements if limits.settlements is None else limits.settlements | {-1}


def _suburbs(index: Index, settlements: Iterable[int]) -> set[int]:
    """Loaded settlements that addresses often count to the big city beside them (Петергоф to Санкт-Петербург)."""
    cities = [index.settlements[n] for n in settlements if index.settlements[n].population >= CITY_WITH_SUBURBS]
    if not cities or len(index.loaded_settlements) > 300:
        return set()
    return {
        n
        for n in index.loaded_settlements
        for city in cities
        if distance_m(city.lat, city.lon, index.settlements[n].lat, index.settlements[n].lon) < SUBURB_M
    }


def gather(reading: Reading, index: Index, within: frozenset[int] | None) -> dict[int, Evidence]:
    """What was found of the names, by posting: the number of the name and the place of the word in it."""
    hits: dict[int, Evidence] = {}
    settled = {n for found in reading.settlements if found.marked for n in range(found.first, found.last)}
    for position, role in enumerate(reading.roles):
        if position in settled:
            continue
        if role in _NAME_ROLES:
            _gather_word(reading, index, within, hits, position)
        elif role in _OBJECT_WORDS and not _before_house(reading, position):
            _gather_for_objects(reading, index, within, hits, position)
        elif role == TAIL and reading.tokens[position].kind == NUMBER and _is_block(reading, position):
            _post(index, within, hits, index.vocabulary.same(reading.words[position]), position, -1)
    return hits


_NAME_ROLES = frozenset((FREE, TYPE, SOFT, CONTEXT))
# "Центр помощи Приморского района", "Сбербанк России": words of places may be words of an object's name
_OBJECT_WORDS = frozenset((COUNTRY, REGION, DISTRICT, HOUSE_WORD))


def _gather_for_objects(
    reading: Reading, index: Index, within: frozenset[int] | None, hits: dict[int, Evidence], position: int
) -> None:
    for word, similarity in index.vocabulary.same(reading.words[position]):
        for posting in index.postings_within(word, within)[:_MOST_POSTINGS]:
            if index.places[index.names[posting // WORDS_PER_NAME].place].kind == POI:
                _note(hits, (posting,), (similarity, position, -1))


def _before_house(reading: Reading, position: int) -> bool:
    """ "д. 91" is a house and no word of "Детский дом"."""
    tokens = reading.tokens
    if reading.roles[position] != HOUSE_WORD:
        return False
    following = position + 1
    while following < len(tokens) and tokens[following].text in (".", "№"):
        following += 1
    return following < len(tokens) and tokens[following].kind == NUMBER and len(tokens[position].text) < 3


def _is_block(reading: Reading, position: int) -> bool:
    """ "кв. 14" is a flat, but a квартал may be meant as well."""
    before = position - 1
    while before >= 0 and reading.tokens[before].text in (".", "№"):
        before -= 1
    return before >= 0 and bool(place_types(reading.tokens[before].text))


def _gather_word(
    reading: Reading, index: Index, within: frozenset[int] | None, hits: dict[int, Evidence], position: int
) -> None:
    vocabulary, word = index.vocabulary, reading.words[position]
    found = _post(index, within, hits, vocabulary.same(word), position, -1)
    synonym = SYNONYMS.get(word)
    if synonym:
        found += _post(index, within, hits, vocabulary.same(synonym), position, -1)
    if reading.tokens[position].kind == NUMBER or reading.roles[position] != FREE:
        return
    found += _gather_joined(reading, index, within, hits, position, found)
    if not found and len(word) > 3:
        found = _gather_split(index, within, hits, word, position)
        if not found:
            similar = vocabulary.close(word)
            if vocabulary.same(word):
                # a right word, only not used here: hardly a misspelling of another
                similar = tuple((number, similarity * _REAL_WORD) for number, similarity in similar)
            _post(index, within, hits, similar, position, -1)


def _gather_joined(
    reading: Reading, index: Index, within: frozenset[int] | None, hits: dict[int, Evidence], position: int, found: int
) -> int:
    """Two words of the text that are one in the names: "Ново-Садовая" and "Новосадовая"."""
    tokens = reading.tokens
    following = position + 1
    hyphen = following < len(tokens) and tokens[following].text == "-"
    following += hyphen
    if following >= len(tokens) or tokens[following].kind != WORD or (found and not hyphen):
        return 0
    joined = reading.words[position] + reading.words[following]
    return _post(index, within, hits, index.vocabulary.same(joined), position, following)


def _gather_split(
    index: Index, within: frozenset[int] | None, hits: dict[int, Evidence], word: str, position: int
) -> int:
    """One word of the text that is two in the names: "Новосадовая" and "Ново-Садовая"."""
    numbers = index.vocabulary.numbers
    for cut in range(3, len(word) - 2):
        if word[:cut] in numbers and word[cut:] in numbers:
            first = index.postings_within(numbers[word[:cut]], within)
            second = index.postings_within(numbers[word[cut:]], within)
            both = {p // WORDS_PER_NAME for p in first} & {p // WORDS_PER_NAME for p in second}
            _note(hits, [p for p in (*first, *second) if p // WORDS_PER_NAME in both], (0.97, position, -1))
            if both:
                return len(both)
    return 0


def _post(
    index: Index,
    within: frozenset[int] | None,
    hits: dict[int, Evidence],
    similar: Sequence[tuple[int, float]],
    position: int,
    second: int,
) -> int:
    count = 0
    for word, similarity in similar:
        postings = index.postings_within(word, within)
        count += len(postings)
        _note(hits, postings[:_MOST_POSTINGS], (similarity, position, second))
    return count


def _note(hits: dict[int, Evidence], postings: Iterable[int], evidence: Evidence) -> None:
    """Keep the more similar of what is found for one word of a name."""
    for posting in postings:
        known = hits.get(posting)
        if known is None or evidence[0] > known[0]:
            hits[posting] = evidence


def best_hits(index: Index, hits: dict[int, Evidence], named: frozenset[int]) -> dict[int, Said]:
    """The names worth weighing, by number, with what was found of each; `named`: the settlements the text may name."""
    names, places = index.names, index.places
    said: dict[int, float] = {}
    for posting, evidence in hits.items():
        number = posting // WORDS_PER_NAME
        weight = names[number].weights[posting % WORDS_PER_NAME] * evidence[0]
        said[number] = said[number] + weight if number in said else weight
    coverages = {number: weight / names[number].total for number, weight in said.items()}
    # what lies this far behind cannot win by type, house or settlement
    least = max(_LEAST_COVERAGE, max(coverages.values(), default=0.0) - _HOPELESS)
    enough = [number for number, coverage in coverages.items() if coverage >= least]

    def promise(number: int) -> float:
        # "3-й проезд" is whole with one number said, yet says less than "3-я Университетская"
        at_home = _AT_HOME if places[names[number].place].settlement in named else 0.0
        return coverages[number] + _PER_WEIGHT * min(said[number], _MOST_WEIGHT) + at_home

    if len(enough) > _CANDIDATES:
        enough = nlargest(_CANDIDATES, enough, key=promise)
    best: dict[int, Said] = {number: {} for number in enough}
    for posting, evidence in hits.items():
        found = best.get(posting // WORDS_PER_NAME)
        if found is not None:
            found[posting % WORDS_PER_NAME] = evidence
    return best
