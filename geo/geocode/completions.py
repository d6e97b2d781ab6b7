"""What may somebody be about to type? Streets, objects, settlements and houses that begin like unfinished words.

The geocoder judges whole texts; in a search box the last word is a beginning. Each word typed has to begin a word of
the name or of its settlement, in any order; a type word only counts for or against; a number at the end is the
beginning of a house number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from geo.geocode.house import HOUSE_WORDS, parse_house
from geo.geocode.index import Index
from geo.geocode.normalise import NUMBER, WORD, Token, tokenise
from geo.geocode.places import STREET, Place, extent_m
from geo.geocode.types import place_types, settlement_marker
from geo.vocabulary import MatchLevel

_LEVELS = {STREET: MatchLevel.STREET, "poi": MatchLevel.POI}
_LAST_LETTER = "\U0010ffff"
_CITY = -1
_LEAST_LETTERS, _LONG_TYPE = 2, 5
# begins no word
_NOTHING = "\0"
_MOST_NUMBERS = 3


@dataclass(frozen=True, slots=True)
class Completion:
    """A place somebody may be typing; radius_m is its extent."""

    label: str
    level: MatchLevel
    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class _Typed:
    """The words typed, what types they may name, and the beginning of a house number."""

    words: tuple[str, ...]
    types: frozenset[str]
    house: str = ""


class Completions:
    """The beginnings of all names of an index; built in a fraction of a second for a city and never changed."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._own = [_words(place.name) if place.placed else [] for place in index.places]
        places: dict[str, set[int]] = defaultdict(set)
        for number, place in enumerate(index.places):
            # what nobody can place is no answer to somebody who is typing
            if place.placed and not place.background:
                for word in {*self._own[number], *self._city_words(place)}:
                    places[word].add(number)
        # settlements share the list with places: theirs are the negative numbers
        for number in index.loaded_settlements:
            for name in index.settlements[number].names:
                for word in _words(name):
                    places[word].add(_CITY - number)
        self._words = sorted(places)
        self._places = [places[word] for word in self._words]

    def find(self, text: str, limit: int, near: frozenset[int] = frozenset()) -> list[Completion]:
        """The likeliest endings of an unfinished text, at most `limit`; none for less than two letters or digits.
        Of those that fit equally well, what lies in the settlements `near` comes first."""
        best: dict[str, Completion] = {}
        for typed in _readings(text):
            ranked = ((self._rank(number, typed, near), number) for number in self._begun(typed.words))
            for _, number in nsmallest(limit, ranked):
                for completion in self._completed(number, typed, limit):
                    best.setdefault(completion.label, completion)
            if len(best) >= limit:
                break
        return list(best.values())[:limit]

    def _city_words(self, place: Place) -> list[str]:
        return _words(self._index.settlements[place.settlement].name) if place.settlement >= 0 else []

    def _begun(self, words: Sequence[str]) -> set[int]:
        """The places each of the words begins a word of; some word must begin the place's own name."""
        found: set[int] | None = None
        for word in sorted(words, key=len, reverse=True):
            low, high = bisect_left(self._words, word), bisect_left(self._words, word + _LAST_LETTER)
            begun = set().union(*self._places[low:high])
            found = begun if found is None else found & begun
            if not found:
                return set()
        return {number for number in found or () if self._own_word(number, words)}

    def _own_word(self, number: int, words: Sequence[str]) -> bool:
        if number < 0:
            return True
        return any(name.startswith(word) for word in words for name in self._own[number])

    def _rank(self, number: int, typed: _Typed, near: frozenset[int]) -> tuple[float, ...]:
        """Smaller is likelier: the type named, near, whole words, the first word, streets and towns before objects,
        size."""
        if number < 0:
            town = self._index.settlements[_CITY - number]
            return (bool(typed.types), False, *_closeness(_words(town.name), typed.words), 0, -town.population)
        place = self._index.places[number]
        other = bool(typed.types) and not typed.types & place.types
        object_last = place.kind != STREET
        away = bool(near) and place.settlement not in near
        return (other, away, *_closeness(self._own[number], typed.words), object_last, place.first - place.last)

    def _completed(self, number: int, typed: _Typed, limit: int) -> Iterator[Completion]:
        """The place itself, or its houses that begin as typed."""
        if number < 0:
            if not typed.house:
                town = self._index.settlements[_CITY - number]
                label = self._index.label(_CITY - number)
                yield Completion(label, MatchLevel.SETTLEMENT, town.lat, town.lon, extent_m(town.population))
            return
        place = self._index.places[number]
        city = self._index.settlements[place.settlement].name if place.settlement >= 0 else ""
        label = ", ".join(part for part in (city, place.name) if part)
        if typed.house:
            yield from self._houses(place, label, typed.house, limit)
        else:
            level = _LEVELS.get(place.kind, MatchLevel.AREA)
            yield Completion(label, level, place.lat, place.lon, place.radius_m)

    def _houses(self, place: Place, label: str, begun: str, limit: int) -> Iterator[Completion]:
        houses = self._index.houses
        rows = [
            row for row in range(place.first, place.last)
            if houses.houses[row].key.startswith(begun) and houses.lats[row] == houses.lats[row]
        ]  # fmt: skip
        rows.sort(key=lambda row: (houses.houses[row].key != begun, houses.houses[row].number, houses.houses[row].key))
        for row in rows[:limit]:
            text = f"{label}, {houses.houses[row].text}"
            yield Completion(text, MatchLevel.HOUSE, houses.lats[row], houses.lons[row], 0.0)


def _closeness(name: Sequence[str], typed: Sequence[str]) -> tuple[float, ...]:
    """How far a name is from what was typed: words not typed whole, whether another word stands first, its length."""
    not_whole = sum(word not in name for word in typed)
    first = next((word for word in name if not place_types(word)), "")
    return (not_whole, not any(first.startswith(word) for word in typed), len(name))


def _words(name: str) -> list[str]:
    return [token.text for token in tokenise(name) if token.kind in (WORD, NUMBER)]


def _readings(text: str) -> Iterator[_Typed]:
    """The ways to read an unfinished text: with each number as the house, and without a house. Names decide."""
    tokens = [token for token in tokenise(text) if token.kind in (WORD, NUMBER)]
    numbers = [at for at, token in enumerate(tokens) if at and token.kind == NUMBER]
    for at in numbers[:_MOST_NUMBERS]:
        house = parse_house(text[tokens[at].start :])
        if house is not None:
            yield _typed(tokens[:at], house.key)
    yield _typed(tokens, "")


def _typed(tokens: Sequence[Token], house: str) -> _Typed:
    """What the words before a house say; "Набережная улица" is named by a type word, as there is no other."""
    said = [token.text for token in tokens if token.text not in HOUSE_WORDS]
    said = [word for at, word in enumerate(said) if not _only_announces(word) or (at == len(said) - 1 and not house)]
    named = {word: place_types(word) for word in said}
    words = [word for word in said if not named[word]] or [word for word in said[:1] if len(word) >= _LONG_TYPE]
    types = frozenset().union(*(named[word] for word in said if word not in words))
    long_enough = sum(map(len, words)) >= _LEAST_LETTERS
    return _Typed(tuple(words) if long_enough else (_NOTHING,), types, house)


def _only_announces(word: str) -> bool:
    """Whether a word only says that a settlement follows: "г", "пос"."""
    return len(word) < _LONG_TYPE - 1 and bool(settlement_marker(word))
