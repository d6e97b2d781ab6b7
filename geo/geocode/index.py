"""Where is each name of the gazetteer written, so that a few words find their places in a millisecond?

An index is built once per gazetteer version and never changed. Names become numbered words with postings: for each
word, the names holding it, sorted so that the names of one settlement stand together.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.geocode.gazetteer import Gazetteer
from geo.geocode.joining import joined
from geo.geocode.names import CLASS_WEIGHTS, Name, read_name, read_object_name
from geo.geocode.places import AREA, POI, distance_m
from geo.geocode.pois import GENERIC
from geo.geocode.regions import Regions, words_key
from geo.geocode.settlement_names import SettlementNames
from geo.geocode.tables import Tables
from geo.geocode.types import place_types
from geo.geocode.words import Vocabulary

# a posting is the number of a name times this plus the place of the word in the name
WORDS_PER_NAME = 16
_GENERIC_WEIGHT = 0.45
_PLACED, _NEAR, _FAR = range(3)


@dataclass(slots=True)
class IndexedName:
    """One name of a place: its word numbers, the weight of each, and the sum of the weights."""

    place: int
    types: frozenset[str]
    words: tuple[int, ...]
    kinds: tuple[int, ...]
    weights: tuple[float, ...] = ()
    total: float = 0.0


class Index(Tables):
    """Everything `match` looks up. Build time grows with the gazetteer: about 1 s per 100,000 addresses."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__(gazetteer)
        self.version = gazetteer.version
        self._placed_places, self._placed_towns = len(self.places), len(self.settlements)
        self.registered = joined(self, gazetteer.gar)
        self.regions = Regions(settlement.region for settlement in self.settlements)
        self.settlement_names = SettlementNames(self.settlements[: self._placed_towns])
        # settlements nobody can place are looked for only behind "с.", "д.": any word is the name of some village
        self.unplaced_names = SettlementNames(self.settlements[self._placed_towns :], self._placed_towns)
        self.loaded_settlements = frozenset(n for n, s in enumerate(self.settlements) if s.loaded)
        self._index_names()
        self.districts = self._districts()
        self.settlements_with_streets = self.loaded_settlements | self.registered.settlements

    # ---- names and postings --------------------------------------------------------------------------------

    def _index_names(self) -> None:
        read = list(self._read_names())
        self.vocabulary = Vocabulary(word.text for _, name in read for word in name.words)
        numbers = self.vocabulary.numbers
        self.names = [
            IndexedName(
                place,
                name.types,
                tuple(numbers[word.text] for word in name.words),
                tuple(word.kind for word in name.words),
            )
            for place, name in read
        ]
        blocks = Counter(self._block(name.place) for name in self.names)
        self._placed_names, self._near_names = blocks[_PLACED], blocks[_PLACED] + blocks[_NEAR]
        self._weigh()
        self._post()

    def _read_names(self) -> Iterator[tuple[int, Name]]:
        """All names by block, in each those of one settlement together."""
        for number in sorted(range(len(self.places)), key=lambda n: (self._block(n), self.places[n].settlement)):
            reader = read_object_name if self.places[number].kind == POI else read_name
            seen = set()
            for text in self.place_names[number]:
                name = reader(text)
                if name.words and name not in seen:
                    seen.add(name)
                    yield number, name
        del self.place_names

    def _block(self, place: int) -> int:
        """What has a position, what has none in a settlement whose streets have, all else of the register."""
        if place < self._placed_places:
            return _PLACED
        return _NEAR if self.places[place].settlement in self.loaded_settlements else _FAR

    def _weigh(self) -> None:
        """Rare words weigh 1, the commonest 0.25; words of a kind of thing ("школа") at most 0.45.

        A register of a region does not change how common a word is in the town.
        """
        distinct = {(name.words, name.types) for name in self.names[: self._placed_names] or self.names}
        uses = Counter(word for words, _ in distinct for word in set(words))
        most = math.log(1 + len(distinct))
        generic = {
            number
            for word, number in self.vocabulary.numbers.items()
            if word in GENERIC or (len(word) > 2 and place_types(word))
        }
        self.word_weights = array("f", [0.0]) * len(self.vocabulary.words)
        for word in range(len(self.vocabulary.words)):
            count = uses[word] or 1
            weight = max(0.25, math.log(1 + len(distinct) / count) / most)
            self.word_weights[word] = min(weight, _GENERIC_WEIGHT) if word in generic else weight
        self.generic_words = frozenset(generic)
        for name in self.names:
            name.weights = tuple(
                self.word_weights[word] * CLASS_WEIGHTS[kind] for word, kind in zip(name.words, name.kinds, strict=True)
            )
            name.total = sum(name.weights)

    def _post(self) -> None:
        self.postings = [array("q") for _ in self.vocabulary.words]
        for number, name in enumerate(self.names):
            for place, word in enumerate(name.words):
                self.postings[word].append(number * WORDS_PER_NAME + place)
        towns = np.array([self.places[name.place].settlement for name in self.names], dtype=np.int64)
        cuts = (0, self._placed_names, self._near_names, len(towns))
        blocks = [slice(first, last) for first, last in pairwise(cuts) if last > first]
        self._name_starts = [self._starts(towns[block], block.start) for block in blocks]

    def _starts(self, towns: NDArray[np.int64], offset: int) -> array[int]:
        """Where the names of each settlement begin: those of s are at s + 1 .. s + 2; s = -1 is "of no settlement"."""
        starts = np.searchsorted(towns, np.arange(-1, len(self.settlements) + 1)) + offset
        return array("q", starts.astype(np.int64).tolist())

    def postings_within(self, word: int, settlements: Iterable[int] | None) -> Sequence[int]:
        """Postings of a word, of the given settlements only. None: of all, but of the register only names in loaded
        settlements: every town of a region has these streets."""
        posting = self.postings[word]
        if settlements is None:
            if self._near_names == len(self.names):
                return posting
            return posting[: bisect_left(posting, self._near_names * WORDS_PER_NAME)]
        found: list[int] = []
        for starts in self._name_starts:
            for settlement in settlements:
                first, last = starts[settlement + 1], starts[settlement + 2]
                if first < last:
                    low = bisect_left(posting, first * WORDS_PER_NAME)
                    found.extend(posting[low : bisect_left(posting, last * WORDS_PER_NAME, low)])
        return found

    def _districts(self) -> dict[str, list[int]]:
        """Areas by the stems of their name without type words: "Кулундинского" finds "Кулундинский район"."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, place in enumerate(self.places):
            if place.kind == AREA and place.placed and place.types & {"район", "округ"}:
                found[words_key(word.text for word in read_name(place.name).words)].append(number)
        return dict(found)

    @cached_property
    def reaches(self) -> dict[int, float]:
        """How far the known places of each settlement lie from its middle, metres."""
        found: dict[int, float] = {}
        for place in self.places:
            if place.settlement >= 0 and place.lat == place.lat:
                town = self.settlements[place.settlement]
                far = distance_m(town.lat, town.lon, place.lat, place.lon) + place.radius_m
                found[place.settlement] = max(found.get(place.settlement, 0.0), far)
        return found

    def town_of(self, identifier: str) -> str:
        """ "Рязань, Рязанская область": a settlement by its id, as a scope names it; empty when it is not known."""
        number = self._by_id.get(identifier)
        if number is None:
            return ""
        town = self.settlements[number]
        return ", ".join(part for part in (town.name, town.region if town.region != town.name else "") if part)

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return {town.id: number for number, town in enumerate(self.settlements)}

    def label(self, settlement: int) -> str:
        """A settlement's name with its district and region, for people."""
        town = self.settlements[settlement]
        parts = (town.name, town.district, town.region if town.region != town.name else "")
        return ", ".join([part for part in parts if part])
