"""How well does the whole text fit one name?"""

from __future__ import annotations

from geo.geocode.agreement import elsewhere, explain, settlement_agreement, type_agreement
from geo.geocode.candidates import (
    EXACT,
    GROUP,
    INTERPOLATED,
    LIKELY,
    MISSING,
    NOT_ASKED,
    PART_UNKNOWN,
    SETTLEMENT_BONUS,
    Candidate,
    FoundHouse,
    Limits,
    Said,
)
from geo.geocode.found_house import house_bonus, house_of, registered_house
from geo.geocode.index import Index, IndexedName
from geo.geocode.names import INITIAL, ORDINAL, QUALIFIER, qualifier_of, read_name
from geo.geocode.normalise import NUMBER
from geo.geocode.places import AREA, POI, STREET, Place
from geo.geocode.reading import CONTEXT, HOUSE_WORD, SOFT, HouseOption, Reading
from geo.geocode.types import AREA_TYPES, STREET_TYPES
from geo.vocabulary import MatchLevel

_RIGHT_WORD = 0.89
_LEVELS = {
    EXACT: MatchLevel.HOUSE, LIKELY: MatchLevel.HOUSE, GROUP: MatchLevel.HOUSE_GROUP,
    PART_UNKNOWN: MatchLevel.HOUSE_GROUP, INTERPOLATED: MatchLevel.INTERPOLATED, MISSING: MatchLevel.STREET,
    NOT_ASKED: MatchLevel.STREET,
}  # fmt: skip


def weigh_name(reading: Reading, index: Index, limits: Limits, number: int, said: Said) -> Candidate | None:
    """What speaks for the place of one name, weighed into a rank; None when too little of the name was said."""
    name = index.names[number]
    place = index.places[name.place]
    _correct(reading, index, name, place, said)
    if not said or _only_generic(index, name, said) or _without_evidence(reading, said):
        return None
    used = _tokens_of(said)
    low, high = min(used), max(used)
    coverage, matched, weakest = _strength(name, said)
    typed = type_agreement(reading, index, place, name, used, low, high)
    asked, house, registered = _house(reading, index, name.place, place, used, high)
    settled, settlement_tokens = settlement_agreement(reading, index, limits, place, used)
    tokens = used | settlement_tokens
    taken = tokens.union(range(asked.reading.start, asked.reading.end)) if asked else tokens
    rest = explain(reading, index, matched, used, taken, place.kind)
    missing = _missing_kinds(name, said) if len(said) < len(name.words) else 0
    rank = 0.68 * coverage + 0.32 * rest.share + SETTLEMENT_BONUS[settled]
    rank += (0.04, 0.0, -0.13)[1 - typed] - (0.25 if rest.contradicts else 0.0) - 0.08 * missing
    rank += house_bonus(house) if house else 0.0
    rank += _kind_bonus(reading, place, used) - elsewhere(reading, index, place)
    at = house or place
    real_word = weakest < _RIGHT_WORD and _takes_a_real_word(reading, index, said)
    # by position: so many keywords would take longer than the weighing of a word
    return Candidate(
        level_of(place, house), name.place, place.settlement, at.lat, at.lon, at.radius_m, coverage, rest.share,
        weakest, typed, settled, house, asked, rest.contradicts or missing > 0, rank, tuple(sorted(tokens)),
        rest.ignored, len(said), False, True, True, rest.stranger, real_word, registered,
    )  # fmt: skip


def _correct(reading: Reading, index: Index, name: IndexedName, place: Place, said: Said) -> None:
    """Take away what is no part of this name, and add the words it is abbreviated to."""
    if ORDINAL in name.kinds:
        _drop_house_numbers(reading, name, said)
    if place.kind == POI:
        _drop_house_words(reading, said)
    if len(said) < len(name.words):
        _expand_abbreviations(reading, index, name, said)


def _strength(name: IndexedName, said: Said) -> tuple[float, float, float]:
    """The share of the name that was said, the weight of the words said, the least similarity among them."""
    weights, covered, matched, weakest = name.weights, 0.0, 0.0, 1.0
    for n, (similarity, _, _) in said.items():
        covered += weights[n] * similarity
        matched += weights[n]
        if similarity < weakest:
            weakest = similarity
    return covered / name.total, matched, weakest


def _house(
    reading: Reading, index: Index, number: int, place: Place, used: set[int], high: int
) -> tuple[HouseOption | None, FoundHouse | None, int]:
    """The house asked for, what was found of it, its row in the register."""
    if place.kind == STREET:
        asked, house = house_of(reading, index, number, used, high)
        return asked, house, house.registered if house else -1
    if place.kind == AREA and place.gar_id:
        asked, registered = registered_house(reading, index, number, used)
        return asked, None, registered
    return None, None, -1


def _takes_a_real_word(reading: Reading, index: Index, said: Said) -> bool:
    """ "Чуковского" is hardly Чайковского misspelt where a Чуковский is known, if only in another town."""
    return any(
        similarity < _RIGHT_WORD and second < 0 and bool(index.vocabulary.same(reading.words[token]))
        for similarity, token, second in said.values()
    )


def _tokens_of(said: Said) -> set[int]:
    used = {token for _, token, _ in said.values()}
    used.update([second for _, _, second in said.values() if second >= 0])
    return used


# words of sentences that are no reason to think of a place
_NO_EVIDENCE = frozenset((SOFT, CONTEXT))


def _without_evidence(reading: Reading, said: Said) -> bool:
    roles = reading.roles
    return _NO_EVIDENCE.issuperset([roles[token] for _, token, _ in said.values()])


def _drop_house_numbers(reading: Reading, name: IndexedName, said: Said) -> None:
    """A plain number apart from the rest of the name, or without the name's type beside it, is no part of the name."""
    for place, (_, token, _) in list(said.items()):
        if name.kinds[place] != ORDINAL or token in reading.ordinals:
            continue
        others = {reading.segments[t] for p, (_, t, _) in said.items() if p != place}
        typed = _types_beside(reading, token)
        supported = bool(typed & name.types) or (others and (reading.segments[token] in others or bool(typed)))
        if not supported or _in_marked_house(reading, token, {t for _, t, _ in said.values()}):
            del said[place]


def _drop_house_words(reading: Reading, said: Said) -> None:
    """The "дом" of "14-я линия, дом 1" is no word of "Детский дом № 14"; the one of "детский дом № 14" is."""
    used = {token for _, token, _ in said.values()}
    for place, (_, token, _) in list(said.items()):
        if reading.roles[token] != HOUSE_WORD:
            continue
        own = next((o.reading for o in reading.houses if o.reading.start <= token < o.reading.end), None)
        if own is not None and not any(
            n in used and reading.tokens[n].kind == NUMBER for n in range(own.start, own.end)
        ):
            del said[place]


def _types_beside(reading: Reading, token: int) -> frozenset[str]:
    """The type words right before or after a number, in its segment."""
    found: frozenset[str] = frozenset()
    for step in (1, -1, -2):
        if token + step in reading.types and reading.segments[token + step] == reading.segments[token]:
            found |= reading.types[token + step]
    return found


def _in_marked_house(reading: Reading, token: int, used: set[int]) -> bool:
    """A number after "дом" or "корпус" is a house, unless that word is of the name, too ("Детский дом № 14")."""
    return any(
        option.marked and option.reading.start <= token < option.reading.end and option.reading.start not in used
        for option in reading.houses
    )


def level_of(place: Place, house: FoundHouse | None) -> MatchLevel:
    if house is not None:
        return _LEVELS[house.state]
    if place.kind == POI:
        return MatchLevel.POI
    if place.kind == AREA:
        return MatchLevel.DISTRICT if place.types & {"район", "округ"} else MatchLevel.AREA
    return MatchLevel.AREA if place.types and place.types <= AREA_TYPES else MatchLevel.STREET


def _expand_abbreviations(reading: Reading, index: Index, name: IndexedName, said: Said) -> None:
    """ "К. Маркса", "Б. Невский", "ак. Королева": a short word stands for the unmatched word it begins."""
    used = {best[1] for best in said.values()}
    for place, word_number in enumerate(name.words):
        if place in said:
            continue
        word = index.vocabulary.words[word_number]
        for position, short in reading.short_words():
            if short[0] != word[0] or position in used:
                continue
            if _abbreviates(reading, position, short, word, name.kinds[place]):
                said[place] = (0.92, position, -1)
                used.add(position)
                break


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


def _only_generic(index: Index, name: IndexedName, said: Said) -> bool:
    """ "двор", "школа" without a number: half the city is called so."""
    telling = [n for n in said if name.kinds[n] != INITIAL]
    if not telling or index.places[name.place].kind == STREET:
        return not telling
    return index.generic_words.issuperset([name.words[n] for n in telling])


_TELLING_APART = (ORDINAL, QUALIFIER)


def _missing_kinds(name: IndexedName, said: Said) -> int:
    """How many numbers and qualifiers of the name the text does not say."""
    return sum([kind in _TELLING_APART and n not in said for n, kind in enumerate(name.kinds)])


def _kind_bonus(reading: Reading, place: Place, used: set[int]) -> float:
    """Objects give way to houses and streets, stops and offices give way to everything."""
    if place.kind != POI:
        return 0.0
    bonus = -0.01
    if place.background:
        bonus -= 0.06
    if reading.types and read_name(place.name).types & STREET_TYPES:
        bonus -= 0.08
    if reading.houses and (reading.types or reading.houses[0].marked):
        # "Детский дом № 14" takes the number into its own name
        taken = any(used.intersection(range(o.reading.start, o.reading.end)) for o in reading.houses)
        bonus += 0.08 if taken else -0.08
    return bonus
