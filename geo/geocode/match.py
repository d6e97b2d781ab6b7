"""Which places of the gazetteer fit the reading of a text, and how well?

Names are gathered through the words of the text; for each of the best few the whole text is weighed: how much of the
name was said, how much of the text the name explains, whether type, settlement, region and house agree. Nothing is
accepted here; `decide` does that from the features of the candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from geo.geocode.house import House, is_bare, likeness
from geo.geocode.index import (
    AREA,
    POI,
    STREET,
    WORDS_PER_NAME,
    Index,
    IndexedName,
    Place,
    distance_m,
)
from geo.geocode.names import CLASS_WEIGHTS, INITIAL, ORDINAL, QUALIFIER, TITLE, TITLES, qualifier_of
from geo.geocode.normalise import NUMBER, WORD, adjective_gender
from geo.geocode.pois import SYNONYMS, WEIGHTLESS
from geo.geocode.reading import (
    CONTEXT,
    COUNTRY,
    DISTRICT,
    FREE,
    REGION,
    SOFT,
    TAIL,
    TYPE,
    HouseOption,
    Reading,
    SettlementReading,
)
from geo.geocode.regions import compatible, district_key
from geo.geocode.types import AREA_TYPES, GENDERS, place_types
from geo.vocabulary import MatchLevel

_CANDIDATES = 14
_MOST_POSTINGS = 600
_LEAST_COVERAGE = 0.45
_UNKNOWN_WORD = 0.8
_REAL_WORD = 0.85
_SUBURB_M = 35_000.0
_CITY_WITH_SUBURBS = 300_000
_GROUP_M = 250.0
_SAME_BUILDING_M = 200.0
_NEIGHBOURS_M = 400.0
_NEIGHBOUR_NUMBERS = 8

# what was found of the house that was asked for
EXACT, LIKELY, GROUP, PART_UNKNOWN, INTERPOLATED, MISSING, NOT_ASKED = (
    "exact", "likely", "group", "part unknown", "interpolated", "missing", "not asked",
)  # fmt: skip
_HOUSE_BONUS = {
    EXACT: 0.10,
    LIKELY: 0.08,
    GROUP: 0.07,
    INTERPOLATED: 0.02,
    PART_UNKNOWN: 0.02,
    MISSING: 0.0,
    NOT_ASKED: 0.0,
}
_LEVELS = {
    EXACT: MatchLevel.HOUSE, LIKELY: MatchLevel.HOUSE, GROUP: MatchLevel.HOUSE_GROUP,
    PART_UNKNOWN: MatchLevel.HOUSE_GROUP, INTERPOLATED: MatchLevel.INTERPOLATED, MISSING: MatchLevel.STREET,
    NOT_ASKED: MatchLevel.STREET,
}  # fmt: skip

# how the settlement of a candidate stands to the text
NAMED, SIMILAR, SCOPED, ONLY_ONE, UNSAID, SUBURB, CONTRADICTED = (
    "named", "similar", "scope", "only one", "unsaid", "suburb", "contradicted",
)  # fmt: skip
_SETTLEMENT_BONUS = {
    NAMED: 0.02, SIMILAR: 0.0, SCOPED: 0.02, ONLY_ONE: 0.01, UNSAID: -0.02, SUBURB: -0.08, CONTRADICTED: -0.40,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundHouse:
    """A house on a street: what was found, where (degrees), within which radius, and the rows of the index."""

    state: str
    lat: float
    lon: float
    radius_m: float
    likeness: float
    rows: tuple[int, ...] = ()


@dataclass(slots=True)
class Candidate:
    """A place that may be meant, with everything `decide` weighs.

    coverage: share of the name that was said; explained: share of the text that the candidate explains;
    weakest: the lowest similarity of a matched word; typed: 1 the types agree, 0 none said, -1 they contradict.
    used: the tokens matched; ignored: the words left over; stranger: the weight of the heaviest left-over word that
    stands among the matched ones.
    """

    level: MatchLevel
    place: int
    settlement: int
    lat: float
    lon: float
    radius_m: float
    coverage: float
    explained: float
    weakest: float
    typed: int
    settled: str
    house: FoundHouse | None
    asked: HouseOption | None
    conflict: bool
    rank: float
    used: tuple[int, ...]
    ignored: tuple[int, ...]
    words: int = 1
    marked: bool = False
    usual: bool = True
    stranger: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Where to look: settlements of the caller's scope (None: everywhere)."""

    settlements: frozenset[int] | None = None


class _Hit:
    """The words of one name found in the text: per word of the name the best (similarity, token, second token)."""

    __slots__ = ("best", "coverage")

    def __init__(self) -> None:
        self.best: dict[int, tuple[float, int, int]] = {}
        self.coverage = 0.0

    def add(self, place: int, similarity: float, token: int, second: int) -> None:
        known = self.best.get(place)
        if known is None or known[0] < similarity:
            self.best[place] = (similarity, token, second)


def find_candidates(reading: Reading, index: Index, limits: Limits) -> list[Candidate]:
    """All places worth weighing, the best first."""
    within = _where_to_look(reading, index, limits)
    hits = _gather(reading, index, within)
    found = [_weigh_name(reading, index, limits, number, hit) for number, hit in _best_hits(index, hits)]
    found += _settlement_candidates(reading, index, limits)
    found += _district_candidates(reading, index, limits)
    _prefer_parts_of_cities(index, found)
    candidates = [candidate for candidate in found if candidate is not None]
    candidates.sort(key=lambda candidate: -candidate.rank)
    return _distinct(candidates)


def _prefer_parts_of_cities(index: Index, found: Sequence[Candidate | None]) -> None:
    """ "Петергоф, Санкт-Петербург": of two settlements named, the one that is the other's region is only its region."""
    towns = [candidate for candidate in found if candidate is not None and candidate.level == MatchLevel.SETTLEMENT]
    for outer in towns:
        name = index.settlements[outer.settlement].name
        for inner in towns:
            if index.settlements[inner.settlement].region == name and not set(inner.used) <= set(outer.used):
                if inner.settlement != outer.settlement and inner.weakest >= 0.8:
                    outer.rank -= 0.25
                    break


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One place found by several of its names counts once."""
    seen: set[tuple[int, int, tuple[int, ...]]] = set()
    kept = []
    for candidate in candidates:
        key = (candidate.place, candidate.settlement, candidate.house.rows if candidate.house else ())
        if key not in seen:
            seen.add(key)
            kept.append(candidate)
    return kept


# ---- gathering -----------------------------------------------------------------------------------------------


def _where_to_look(reading: Reading, index: Index, limits: Limits) -> frozenset[int] | None:
    """The settlements whose names are searched; None is all. A text that names a known city is searched there."""
    strong = {form.settlement for found in reading.settlements if found.strong for form in found.forms}
    marked = any(found.marked for found in reading.settlements)
    if strong and (marked or strong & index.loaded_settlements):
        named = {form.settlement for found in reading.settlements for form in found.forms}
        wanted = frozenset(named | _suburbs(index, strong) | {-1})
        return wanted if limits.settlements is None else wanted | limits.settlements
    return limits.settlements if limits.settlements is None else limits.settlements | {-1}


def _suburbs(index: Index, settlements: Iterable[int]) -> set[int]:
    """Loaded settlements that addresses often count to the big city beside them (Петергоф to Санкт-Петербург)."""
    cities = [index.settlements[n] for n in settlements if index.settlements[n].population >= _CITY_WITH_SUBURBS]
    if not cities or len(index.loaded_settlements) > 300:
        return set()
    return {
        n
        for n in index.loaded_settlements
        for city in cities
        if distance_m(city.lat, city.lon, index.settlements[n].lat, index.settlements[n].lon) < _SUBURB_M
    }


def _gather(reading: Reading, index: Index, within: frozenset[int] | None) -> dict[int, _Hit]:
    hits: dict[int, _Hit] = {}
    settled = {n for found in reading.settlements if found.marked for n in range(found.first, found.last)}
    for position, role in enumerate(reading.roles):
        if position in settled:
            continue
        if role in _NAME_ROLES:
            _gather_word(reading, index, within, hits, position)
        elif role in _OBJECT_WORDS:
            _gather_for_objects(reading, index, within, hits, position)
        elif role == TAIL and reading.tokens[position].kind == NUMBER and _is_block(reading, position):
            _post(index, within, hits, index.vocabulary.same(reading.words[position]), position, -1)
    return hits


_NAME_ROLES = frozenset((FREE, TYPE, SOFT, CONTEXT))
# "Центр помощи Приморского района", "Сбербанк России": words of places may be words of an object's name
_OBJECT_WORDS = frozenset((COUNTRY, REGION, DISTRICT))


def _gather_for_objects(
    reading: Reading, index: Index, within: frozenset[int] | None, hits: dict[int, _Hit], position: int
) -> None:
    for word, similarity in index.vocabulary.same(reading.words[position]):
        for posting in index.postings_within(word, within)[:_MOST_POSTINGS]:
            name = posting // WORDS_PER_NAME
            if index.places[index.names[name].place].kind == POI:
                hits.setdefault(name, _Hit()).add(posting % WORDS_PER_NAME, similarity, position, -1)


def _is_block(reading: Reading, position: int) -> bool:
    """ "кв. 14" is a flat, but a квартал may be meant as well."""
    before = position - 1
    while before >= 0 and reading.tokens[before].text in (".", "№"):
        before -= 1
    return before >= 0 and bool(place_types(reading.tokens[before].text))


def _gather_word(
    reading: Reading, index: Index, within: frozenset[int] | None, hits: dict[int, _Hit], position: int
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
    reading: Reading, index: Index, within: frozenset[int] | None, hits: dict[int, _Hit], position: int, found: int
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


def _gather_split(index: Index, within: frozenset[int] | None, hits: dict[int, _Hit], word: str, position: int) -> int:
    """One word of the text that is two in the names: "Новосадовая" and "Ново-Садовая"."""
    numbers = index.vocabulary.numbers
    for cut in range(3, len(word) - 2):
        if word[:cut] in numbers and word[cut:] in numbers:
            first = index.postings_within(numbers[word[:cut]], within)
            second = index.postings_within(numbers[word[cut:]], within)
            both = {p // WORDS_PER_NAME for p in first} & {p // WORDS_PER_NAME for p in second}
            for posting in (*first, *second):
                if posting // WORDS_PER_NAME in both:
                    hit = hits.setdefault(posting // WORDS_PER_NAME, _Hit())
                    hit.add(posting % WORDS_PER_NAME, 0.97, position, -1)
            if both:
                return len(both)
    return 0


def _post(
    index: Index,
    within: frozenset[int] | None,
    hits: dict[int, _Hit],
    similar: Sequence[tuple[int, float]],
    position: int,
    second: int,
) -> int:
    count = 0
    for word, similarity in similar:
        postings = index.postings_within(word, within)
        count += len(postings)
        for posting in postings[:_MOST_POSTINGS]:
            name = posting // WORDS_PER_NAME
            hit = hits.get(name)
            if hit is None:
                hit = hits[name] = _Hit()
            hit.add(posting % WORDS_PER_NAME, similarity, position, second)
    return count


def _best_hits(index: Index, hits: dict[int, _Hit]) -> list[tuple[int, _Hit]]:
    names = index.names
    for number, hit in hits.items():
        name = names[number]
        weights = name.weights
        hit.coverage = sum(weights[place] * best[0] for place, best in hit.best.items()) / name.total
    enough = [item for item in hits.items() if item[1].coverage >= _LEAST_COVERAGE]
    return nlargest(_CANDIDATES, enough, key=lambda item: item[1].coverage) if len(enough) > _CANDIDATES else enough


# ---- weighing one name ---------------------------------------------------------------------------------------


def _weigh_name(reading: Reading, index: Index, limits: Limits, number: int, hit: _Hit) -> Candidate | None:
    name = index.names[number]
    place = index.places[name.place]
    _drop_house_numbers(reading, name, hit)
    _expand_abbreviations(reading, index, name, hit)
    if not hit.best or _only_generic(index, name, hit):
        return None
    used = {token for _, token, second in hit.best.values() for token in (token, second) if token >= 0}
    coverage = sum(name.weights[n] * best[0] for n, best in hit.best.items()) / name.total
    typed = _type_agreement(reading, place, name, used)
    asked, house = _house_of(reading, index, place, used)
    settled, settlement_tokens = _settlement_agreement(reading, index, limits, place.settlement, used)
    rest = _explained(reading, index, name, hit, used, settlement_tokens, asked, place.kind)
    explained, ignored, conflict = rest.share, rest.ignored, rest.contradicts
    missing = _missing_kinds(name, hit)
    rank = 0.68 * coverage + 0.32 * explained + _SETTLEMENT_BONUS[settled]
    rank += (0.04, 0.0, -0.13)[1 - typed] - (0.25 if conflict else 0.0) - 0.08 * missing
    rank += _HOUSE_BONUS[house.state] if house else 0.0
    rank += _kind_bonus(reading, place, used) - _elsewhere(reading, index, place)
    return Candidate(
        level=_level_of(place, house),
        place=name.place,
        settlement=place.settlement,
        lat=house.lat if house else place.lat,
        lon=house.lon if house else place.lon,
        radius_m=house.radius_m if house else place.radius_m,
        coverage=coverage,
        explained=explained,
        weakest=min(best[0] for best in hit.best.values()),
        typed=typed,
        settled=settled,
        house=house,
        asked=asked,
        conflict=conflict or _misses_number(name, hit),
        rank=rank,
        used=tuple(sorted(used | settlement_tokens)),
        ignored=ignored,
        words=len(hit.best),
        stranger=rest.stranger,
    )


def _drop_house_numbers(reading: Reading, name: IndexedName, hit: _Hit) -> None:
    """A plain number apart from the rest of the name, or without the name's type beside it, is no part of the name."""
    for place, (_, token, _) in list(hit.best.items()):
        if name.kinds[place] != ORDINAL or token in reading.ordinals:
            continue
        others = {reading.segments[t] for p, (_, t, _) in hit.best.items() if p != place}
        typed = _types_beside(reading, token)
        supported = bool(typed & name.types) or (others and (reading.segments[token] in others or bool(typed)))
        if _in_marked_house(reading, token) or not supported:
            del hit.best[place]


def _types_beside(reading: Reading, token: int) -> frozenset[str]:
    """The type words right before or after a number, in its segment."""
    found: frozenset[str] = frozenset()
    for step in (1, -1, -2):
        if token + step in reading.types and reading.segments[token + step] == reading.segments[token]:
            found |= reading.types[token + step]
    return found


def _in_marked_house(reading: Reading, token: int) -> bool:
    return any(option.marked and option.reading.start <= token < option.reading.end for option in reading.houses)


def _level_of(place: Place, house: FoundHouse | None) -> MatchLevel:
    if house is not None:
        return _LEVELS[house.state]
    if place.kind == POI:
        return MatchLevel.POI
    if place.kind == AREA:
        return MatchLevel.DISTRICT if place.types & {"район", "округ"} else MatchLevel.AREA
    return MatchLevel.AREA if place.types and place.types <= AREA_TYPES else MatchLevel.STREET


def _expand_abbreviations(reading: Reading, index: Index, name: IndexedName, hit: _Hit) -> None:
    """ "К. Маркса", "Б. Невский", "ак. Королева": a short word stands for the unmatched word it begins."""
    if len(hit.best) == len(name.words):
        return
    used = {best[1] for best in hit.best.values()}
    for place, word_number in enumerate(name.words):
        if place in hit.best:
            continue
        word = index.vocabulary.words[word_number]
        for position, token in enumerate(reading.tokens):
            if (
                token.kind != WORD
                or position in used
                or len(token.text) > 5
                or reading.roles[position] not in _SHORT_ROLES
            ):
                continue
            if _abbreviates(reading, position, token.text, word, name.kinds[place]):
                hit.add(place, 0.92, position, -1)
                used.add(position)
                break


_SHORT_ROLES = frozenset((FREE, SOFT, "filler", "house word", "marker", TYPE))


def _abbreviates(reading: Reading, position: int, short: str, word: str, kind: int) -> bool:
    dotted = position + 1 < len(reading.tokens) and reading.tokens[position + 1].text == "."
    if kind == INITIAL:
        return short == word and dotted
    if kind == QUALIFIER:
        qualifier = qualifier_of(short, dotted)
        return bool(qualifier) and word.startswith(qualifier)
    if not dotted and (len(short) < 2 or kind == ORDINAL):
        return False
    return (
        len(word) > len(short)
        and word.startswith(short)
        and (dotted or (len(short) > 2 and position not in reading.types))
    )


def _only_generic(index: Index, name: IndexedName, hit: _Hit) -> bool:
    """ "двор", "школа" without a number: half the city is called so."""
    if index.places[name.place].kind == STREET:
        return all(name.kinds[n] == INITIAL for n in hit.best)
    return all(name.words[n] in index.generic_words or name.kinds[n] == INITIAL for n in hit.best)


def _missing_kinds(name: IndexedName, hit: _Hit) -> int:
    """How many numbers and qualifiers of the name the text does not say."""
    return sum(kind in (ORDINAL, QUALIFIER) and n not in hit.best for n, kind in enumerate(name.kinds))


def _misses_number(name: IndexedName, hit: _Hit) -> bool:
    return any(kind == ORDINAL and n not in hit.best for n, kind in enumerate(name.kinds))


def _type_agreement(reading: Reading, place: Place, name: IndexedName, used: set[int]) -> int:
    """1 when a type word beside the matched words is the name's, -1 when it is another, 0 when there is none."""
    low, high = min(used), max(used)
    if place.kind == POI:
        return -1 if any(low - step in reading.types and low - step not in used for step in (1, 2)) else 0
    beside = [
        types
        for position, types in reading.types.items()
        if position not in used and low - 3 <= position <= high + 4
        and abs(reading.segments[position] - reading.segments[low]) == 0
    ]  # fmt: skip
    if not beside:
        return -1 if _other_gender(reading, name, used) else 0
    if any(types & name.types for types in beside):
        return 1
    return -1 if name.types or not any("улица" in types for types in beside) else 0


def _other_gender(reading: Reading, name: IndexedName, used: set[int]) -> bool:
    """ "2-й Химический" is no улица: without a type word the adjective's ending says what kind of type is meant."""
    genders = {GENDERS[kind] for kind in name.types if kind in GENDERS}
    said = {adjective_gender(reading.words[n]) for n in used} - {""}
    if not said:
        said = {_ordinal_gender(reading, n) for n in used if n in reading.ordinals} - {""}
    return bool(genders and said and not genders & said)


def _ordinal_gender(reading: Reading, position: int) -> str:
    """f of "4-я", m of "4-й" unless a preposition before makes it "на 4-й" of any gender."""
    ending = reading.tokens[position + 1 : position + 3]
    text = next((token.text for token in ending if token.kind == WORD), "")
    before = reading.tokens[position - 1].text if position else ""
    return {"я": "f", "ая": "f", "й": "" if before in ("на", "по", "в") else "m"}.get(text, "")


def _kind_bonus(reading: Reading, place: Place, used: set[int]) -> float:
    """Objects give way to houses and streets, stops and offices give way to everything."""
    if place.kind != POI:
        return 0.0
    bonus = -0.01
    if place.background:
        bonus -= 0.06
    if reading.houses and (reading.types or reading.houses[0].marked):
        # "Детский дом № 14" takes the number into its own name
        taken = any(used.intersection(range(o.reading.start, o.reading.end)) for o in reading.houses)
        bonus += 0.08 if taken else -0.08
    return bonus


def _elsewhere(reading: Reading, index: Index, place: Place) -> float:
    """What it costs that the named region or district is not where the place is."""
    cost = 0.0
    if place.settlement >= 0:
        town = index.settlements[place.settlement]
        if reading.region is not None and not compatible(index.regions.names[reading.region], town.region):
            cost += 0.25
        if reading.region_unknown:
            cost += 0.15
    for name, _ in reading.districts:
        known = index.districts.get(name)
        if known and not any(_inside(index.places[n], place.lat, place.lon) for n in known):
            cost += 0.15
    return cost


def _inside(area: Place, lat: float, lon: float) -> bool:
    return distance_m(area.lat, area.lon, lat, lon) <= 1.5 * area.radius_m + 3000


def _settlement_agreement(
    reading: Reading, index: Index, limits: Limits, settlement: int, used: set[int]
) -> tuple[str, set[int]]:
    """How the text speaks of the candidate's settlement, and the tokens that name it."""
    free = [found for found in reading.settlements if not used.intersection(range(found.first, found.last))]
    for found in sorted(free, key=lambda found: (-found.strong, -found.similarity)):
        if any(form.settlement == settlement for form in found.forms):
            state = NAMED if found.similarity >= 0.95 else SIMILAR
            return state, set(range(found.first, found.last))
    strong = [found for found in free if found.strong and (found.marked or _is_known(index, found))]
    if strong:
        if any(_is_suburb(index, form.settlement, settlement) for found in strong for form in found.forms):
            return SUBURB, {n for found in strong for n in range(found.first, found.last)}
        return CONTRADICTED, set()
    if limits.settlements is not None and settlement in limits.settlements:
        return SCOPED, set()
    if len(index.loaded_settlements) == 1:
        return ONLY_ONE, set()
    return UNSAID, set()


def _is_known(index: Index, found: SettlementReading) -> bool:
    return any(index.settlements[form.settlement].loaded for form in found.forms) or found.similarity == 1.0


def _is_suburb(index: Index, city: int, settlement: int) -> bool:
    if settlement < 0:
        return True
    big, small = index.settlements[city], index.settlements[settlement]
    return (
        big.population >= _CITY_WITH_SUBURBS
        and big.population > 10 * small.population
        and distance_m(big.lat, big.lon, small.lat, small.lon) < _SUBURB_M
    )


class _Rest(NamedTuple):
    """What a candidate leaves of the text: the share it explains, the words left, whether one contradicts the name."""

    share: float
    ignored: tuple[int, ...]
    contradicts: bool
    stranger: float


def _explained(
    reading: Reading,
    index: Index,
    name: IndexedName | None,
    hit: _Hit | None,
    used: set[int],
    settlement_tokens: set[int],
    asked: HouseOption | None,
    kind: str,
) -> _Rest:
    """Share of the text's weight that the candidate accounts for, and the words left over."""
    matched = sum(name.weights[n] for n in hit.best) if name is not None and hit is not None else 1.0
    house_tokens = range(asked.reading.start, asked.reading.end) if asked else range(0)
    low, high = (min(used), max(used)) if used else (0, 0)
    segments = {reading.segments[n] for n in used}
    left, stranger, ignored, conflict = 0.0, 0.0, [], False
    for position, role in enumerate(reading.roles):
        if (
            (role != FREE and role != TYPE)
            or position in used
            or position in settlement_tokens
            or position in house_tokens
        ):
            continue
        cost, contradicts, strange = _leftover(reading, index, position, low, high, segments, kind)
        left += cost
        conflict = conflict or contradicts
        stranger = max(stranger, cost if strange else 0.0)
        if cost > 0.02:
            ignored.append(position)
    return _Rest(matched / (matched + left), tuple(ignored), conflict, stranger)


def _leftover(
    reading: Reading, index: Index, position: int, low: int, high: int, segments: set[int], kind: str
) -> tuple[float, bool, bool]:
    """What an unexplained word costs (much beside the matched words, little in the story before "около"), whether it
    contradicts the name, and whether it stands among its words as a stranger."""
    token, word = reading.tokens[position], reading.words[position]
    if position in reading.types:
        return 0.02, False, False
    beside = reading.segments[position] in segments
    if position < reading.context_end <= low:
        return 0.05, False, False
    if token.kind == NUMBER:
        contradicts = position in reading.ordinals and beside and low - 4 <= position <= high + 4
        return (0.8 if contradicts else 0.25), contradicts, False
    if len(word) == 1 or (kind == POI and word in WEIGHTLESS):
        return 0.05, False, False
    number = index.vocabulary.numbers.get(word)
    weight = index.word_weights[number] if number is not None else _UNKNOWN_WORD
    if word in TITLES:
        return weight * CLASS_WEIGHTS[TITLE], False, False
    near = low - 3 <= position <= high + 3
    qualifier = beside and near and len(word) > 1 and bool(qualifier_of(word, True)) and len(word) > 3
    if not beside:
        return weight * 0.35, False, False
    among = near or low <= position <= high
    return weight * (1.0 if among else 0.6), qualifier, among


# ---- houses --------------------------------------------------------------------------------------------------


def _house_of(
    reading: Reading, index: Index, place: Place, used: set[int]
) -> tuple[HouseOption | None, FoundHouse | None]:
    """The number of the text that fits this street best; marked numbers and exact finds before others."""
    if place.kind != STREET:
        return None, None
    best: tuple[float, HouseOption, FoundHouse] | None = None
    for order, option in enumerate(_options(reading, used)):
        found = find_house(index, place, option.reading.house)
        score = _HOUSE_BONUS[found.state] + 0.05 * option.marked - 0.06 * option.doubtful - 0.005 * order
        if option.reading.start > max(used, default=0):
            score += 0.03
        if best is None or score > best[0]:
            best = (score, option, found)
    if best is None:
        return None, None
    return best[1], best[2]


def _options(reading: Reading, used: set[int]) -> list[HouseOption]:
    return [
        option for option in reading.houses if not used.intersection(range(option.reading.start, option.reading.end))
    ]


def find_house(index: Index, street: Place, asked: House) -> FoundHouse:
    """The house on the street: itself, its group, a place between neighbours; never another house."""
    rows = index.houses.numbered(street, asked.number)
    houses = index.houses.houses
    exact = [row for row in rows if houses[row] == asked]
    if exact:
        return _together(index, exact, EXACT, 1.0)
    if rows:
        found = _by_likeness(index, rows, asked) or _group(index, rows, asked)
        if found:
            return found
    return _between(index, street, asked) or FoundHouse(MISSING, street.lat, street.lon, street.radius_m, 0.0)


def _together(index: Index, rows: Sequence[int], state: str, score: float) -> FoundHouse:
    lats, lons = index.houses.lats, index.houses.lons
    if len(rows) == 1:
        return FoundHouse(state, lats[rows[0]], lons[rows[0]], 0.0, score, tuple(rows))
    lat = sum(lats[row] for row in rows) / len(rows)
    lon = sum(lons[row] for row in rows) / len(rows)
    radius = max(distance_m(lat, lon, lats[row], lons[row]) for row in rows)
    return FoundHouse(state, lat, lon, radius, score, tuple(rows))


def _by_likeness(index: Index, rows: Sequence[int], asked: House) -> FoundHouse | None:
    houses = index.houses.houses
    scores = [(likeness(asked, houses[row]), row) for row in rows]
    best = max(score for score, _ in scores)
    if best < 0.8:
        return None
    alike = [row for score, row in scores if score >= best - 0.015]
    # "24" for "24 литА" and "24 литБ": a part was left out, so the group is meant
    left_out = is_bare(asked) and any(houses[row].parts for row in alike)
    found = _together(index, alike, GROUP if left_out or len(alike) > 1 else LIKELY, best)
    return found if found.radius_m <= _SAME_BUILDING_M else None


def _group(index: Index, rows: Sequence[int], asked: House) -> FoundHouse | None:
    """All that carry the number, when the asked part of it is not known or no part was asked for."""
    houses = index.houses.houses
    bare = [row for row in rows if is_bare(houses[row])]
    if is_bare(asked):
        parts = [row for row in rows if not houses[row].letter]
        if parts:
            found = _together(index, parts, GROUP, 0.75)
            return found if found.radius_m <= _GROUP_M else None
    found = _together(index, bare or list(rows), PART_UNKNOWN, 0.6)
    return found if found.radius_m <= _GROUP_M else None


def _between(index: Index, street: Place, asked: House) -> FoundHouse | None:
    """A place on the line between the neighbours of the same side, when both are near in number and on the ground."""
    numbers = index.houses.numbers
    low = high = -1
    for row in range(street.first, street.last):
        number = numbers[row]
        if number % 2 != asked.number % 2 or abs(number - asked.number) > _NEIGHBOUR_NUMBERS:
            continue
        if number < asked.number:
            low = row
        elif high < 0:
            high = row
    if low < 0 or high < 0 or numbers[high] - numbers[low] > _NEIGHBOUR_NUMBERS:
        return None
    return _interpolate(index, low, high, asked.number)


def _interpolate(index: Index, low: int, high: int, number: int) -> FoundHouse | None:
    houses = index.houses
    apart = distance_m(houses.lats[low], houses.lons[low], houses.lats[high], houses.lons[high])
    if apart >= _NEIGHBOURS_M:
        return None
    share = (number - houses.numbers[low]) / (houses.numbers[high] - houses.numbers[low])
    lat = houses.lats[low] + share * (houses.lats[high] - houses.lats[low])
    lon = houses.lons[low] + share * (houses.lons[high] - houses.lons[low])
    return FoundHouse(INTERPOLATED, lat, lon, apart / 2, 0.7)


# ---- settlements and districts -------------------------------------------------------------------------------


def _settlement_candidates(reading: Reading, index: Index, limits: Limits) -> list[Candidate]:
    found = []
    for named in reading.settlements:
        for form in named.forms:
            tokens = _all_mentions(reading, form.settlement)
            tokens |= _regions_named_as_cities(reading, index, form.settlement)
            explained, ignored, *_ = _explained(reading, index, None, None, tokens, set(), None, "settlement")
            found.append(_settlement_candidate(reading, index, limits, named, form.settlement, form.usual,
                                               form.similarity, explained, ignored, tokens))  # fmt: skip
    return found


def _all_mentions(reading: Reading, settlement: int) -> set[int]:
    """The tokens of every reading that may name the settlement: "г.о. Бишкек, г. Бишкек" names one."""
    return {
        n
        for named in reading.settlements
        if any(form.settlement == settlement for form in named.forms)
        for n in range(named.first, named.last)
    }


def _regions_named_as_cities(reading: Reading, index: Index, settlement: int) -> set[int]:
    """ "Черёмушки, Москва": the city is the region the settlement lies in, not another place."""
    region = index.settlements[settlement].region
    return {
        n
        for named in reading.settlements
        if any(index.settlements[form.settlement].name == region for form in named.forms)
        for n in range(named.first, named.last)
    }


def _settlement_candidate(
    reading: Reading, index: Index, limits: Limits, named: SettlementReading, number: int, usual: bool,
    similarity: float, explained: float, ignored: tuple[int, ...], tokens: set[int],
) -> Candidate:  # fmt: skip
    town = index.settlements[number]
    rank = 0.68 * similarity + 0.32 * explained + (0.02 if named.strong else -0.10) + (0.03 if named.marked else 0.0)
    rank -= 0.0 if usual else 0.09
    settled = NAMED
    if reading.region is not None and not compatible(index.regions.names[reading.region], town.region):
        rank -= 0.30
        settled = CONTRADICTED
    elif reading.region is not None:
        rank += 0.03
    rank -= 0.15 if reading.region_unknown else 0.0
    outside = limits.settlements is not None and number not in limits.settlements
    rank -= 0.12 if outside and not named.marked else 0.0
    rank += _district_evidence(reading, index, number)
    return Candidate(
        MatchLevel.SETTLEMENT, -1, number, town.lat, town.lon, extent_m(town.population), similarity, explained,
        similarity, 0, settled, None, None, False, rank, tuple(sorted(tokens)), ignored, named.last - named.first,
        named.marked, usual,
    )  # fmt: skip


def extent_m(population: float) -> float:
    """A rough radius of a built-up area: 300 m for a hamlet, 20 km for ten million (about 4,000 people per km²)."""
    return float(round(max(300.0, (population / 4000 / 3.1416) ** 0.5 * 1000)))


def _district_evidence(reading: Reading, index: Index, number: int) -> float:
    """A named district speaks for the homonym that lies in it."""
    town, evidence = index.settlements[number], 0.0
    for name, _ in reading.districts:
        known = index.districts.get(name)
        if town.district:
            evidence += 0.10 if _same_district(town.district, name) else -0.25
        elif known:
            near = any(_inside(index.places[n], town.lat, town.lon) for n in known)
            evidence += 0.10 if near else -0.25
    return evidence


def _same_district(district: str, name: str) -> bool:
    return district_key(district) == name


def _district_candidates(reading: Reading, index: Index, limits: Limits) -> list[Candidate]:
    return [
        _district_candidate(reading, index, limits, number, set(run))
        for name, run in reading.districts
        for number in index.districts.get(name, ())
    ]


def _district_candidate(reading: Reading, index: Index, limits: Limits, number: int, tokens: set[int]) -> Candidate:
    place = index.places[number]
    settled, named = _settlement_agreement(reading, index, limits, place.settlement, tokens)
    rest = _explained(reading, index, None, None, tokens, named, None, "district")
    # a district of the city named is finer than the city, a rural one is vaguer than its village
    rank = 0.64 + 0.32 * rest.share + (0.22 if place.settlement >= 0 else 0.0)
    rank += _SETTLEMENT_BONUS[settled] - _elsewhere(reading, index, place)
    if limits.settlements is not None and place.settlement >= 0 and place.settlement not in limits.settlements:
        rank -= 0.15
    return Candidate(
        MatchLevel.DISTRICT, number, place.settlement, place.lat, place.lon, place.radius_m, 1.0, rest.share, 1.0, 1,
        settled, None, None, False, rank, tuple(sorted(tokens | named)), rest.ignored,
    )  # fmt: skip
