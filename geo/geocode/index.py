"""Where is each name of the gazetteer written, so that a few words find their places in a millisecond?

An index is built once per gazetteer version and never changed. Names become numbered words with postings: for each
word, the names holding it, sorted so that the names of one settlement stand together. Houses stand sorted by street
and number in plain arrays. Settlements have a table of their own forms.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.geocode.gazetteer import Gazetteer
from geo.geocode.house import House, parse_house
from geo.geocode.names import CLASS_WEIGHTS, Name, read_name, read_object_name
from geo.geocode.normalise import NUMBER, WORD, is_case_of, root, tokenise, without_case
from geo.geocode.pois import CORNER, GENERIC, is_background
from geo.geocode.regions import Regions, words_key
from geo.geocode.registered import joined
from geo.geocode.transliterate import is_latin, skeleton
from geo.geocode.types import place_types
from geo.geocode.typing_errors import typing_cost
from geo.geocode.words import Misspellings, Vocabulary

STREET, POI, AREA = "street", "poi", "area"
# a posting is the number of a name times this plus the place of the word in the name
WORDS_PER_NAME = 16
_EARTH_M = 6_371_008.8
_SAME_SETTLEMENT_KM = 25.0
_CITY_OF_ROWS_KM = 60.0
_GENERIC_WEIGHT = 0.45
_AREA_RADIUS_M = 500.0
_NEAR_M = 5_000.0
_PLACED, _NEAR, _FAR = range(3)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points a few hundred kilometres apart at most (equirectangular; 0.1 % at 100 km)."""
    north = math.radians(other_lat - lat)
    east = math.radians((other_lon - lon + 180.0) % 360.0 - 180.0) * math.cos(math.radians((lat + other_lat) / 2))
    return _EARTH_M * math.hypot(north, east)


def extent_m(population: float) -> float:
    """A rough radius of a built-up area: 300 m for a hamlet, 20 km for ten million (about 4,000 people per km²)."""
    return float(round(max(300.0, (population / 4000 / 3.1416) ** 0.5 * 1000)))


@dataclass(slots=True)
class Settlement:
    """A town or village; `loaded` says where its streets are is known, `names` holds every name, the usual one first.

    Its coordinates are NaN when only the state address register knows it.
    """

    id: str
    names: tuple[str, ...]
    kind: str
    district: str
    region: str
    population: float
    lat: float
    lon: float
    loaded: bool = False
    guid: bytes = b""
    gar_id: int = 0

    @property
    def name(self) -> str:
        """The usual name."""
        return self.names[0]


@dataclass(slots=True)
class Place:
    """A street, object or area of a settlement (-1: of none); houses are `first`..`last` of the index's arrays.

    Its coordinates are NaN when only the state address register knows it.
    """

    kind: str
    id: str
    name: str
    settlement: int
    types: frozenset[str]
    lat: float
    lon: float
    radius_m: float = 0.0
    first: int = 0
    last: int = 0
    detail: str = ""
    background: bool = False
    guid: bytes = b""
    gar_id: int = 0

    @property
    def placed(self) -> bool:
        """Whether it is known where it is."""
        return self.lat == self.lat


@dataclass(slots=True)
class IndexedName:
    """One name of a place: its word numbers, the weight of each, and the sum of the weights."""

    place: int
    types: frozenset[str]
    words: tuple[int, ...]
    kinds: tuple[int, ...]
    weights: tuple[float, ...] = ()
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class SettlementForm:
    """One way a settlement's name is found: which settlement, whether by its usual name, how surely."""

    settlement: int
    usual: bool
    similarity: float


@dataclass
class Houses:
    """All house numbers with a place, sorted by street and number; one row per address.

    registered: the row of each in the state address register, -1 for none; empty without a register.
    """

    ids: list[str] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("H"))
    houses: list[House] = field(default_factory=list)
    lats: array[float] = field(default_factory=lambda: array("d"))
    lons: array[float] = field(default_factory=lambda: array("d"))
    registered: array[int] = field(default_factory=lambda: array("l"))

    def numbered(self, place: Place, number: int) -> range:
        """The rows of one street that carry a number, with whatever letter or korpus."""
        if number > 65535:
            return range(0)
        return self.near(place, number, 0)

    def near(self, place: Place, number: int, most: int) -> range:
        """The rows of one street whose numbers differ from this one by `most` at most."""
        low = bisect_left(self.numbers, number - most, place.first, place.last)
        return range(low, bisect_right(self.numbers, number + most, low, place.last))


_MOST_REMEMBERED = 20_000


class SettlementNames:
    """Finds settlements by a few words: exactly, in another case, transliterated or misspelt."""

    def __init__(self, settlements: Sequence[Settlement], first: int = 0) -> None:
        """`first` is the number of the first of the settlements."""
        self._exact: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self._stems: dict[str, list[tuple[int, bool, tuple[str, ...]]]] = defaultdict(list)
        self._skeletons: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self._lengths: dict[str, int] = {}
        # the same few words ("улица", the names of one town) come in nearly every text
        self._most_seen: dict[str, int] = {}
        self._same_seen: dict[tuple[str | bool, ...], list[SettlementForm]] = {}
        self._close_seen: dict[tuple[str | bool, ...], list[SettlementForm]] = {}
        for number, settlement in enumerate(settlements, first):
            for place, name in enumerate(settlement.names):
                self._add(number, name, place == 0)
        self._joined = list(self._exact)
        self._misspellings = Misspellings(self._joined)
        self._joined_skeletons = list(self._skeletons)
        self._latin_misspellings = Misspellings(self._joined_skeletons)

    def _add(self, number: int, name: str, usual: bool) -> None:
        words = name_words(name)
        if not words:
            return
        joined = "".join(words)
        for forms, key in ((self._exact, joined), (self._skeletons, skeleton(joined))):
            if all(known != number for known, _ in forms[key]):
                forms[key].append((number, usual))
        self._stems[" ".join(map(root, words))].append((number, usual, tuple(words)))
        first = root(words[0])
        self._lengths[first] = max(self._lengths.get(first, 1), len(words))

    def most_words(self, first: str) -> int:
        """How many words the longest name beginning like this has; Latin words may begin names of up to three."""
        found = self._most_seen.get(first)
        if found is None:
            most = 3 if is_latin(first) else max(self._lengths.get(key, 1) for key in _roots(first))
            found = _remember(self._most_seen, first, most)
        return found

    def same(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        """Settlements with exactly this name, or this name in another case or alphabet."""
        key: tuple[str | bool, ...] = (*words, latin)
        found = self._same_seen.get(key)
        if found is None:
            found = _remember(self._same_seen, key, self._same(words, latin))
        return found

    def _same(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        joined = "".join(words)
        exact = self._exact.get(joined)
        if exact:
            return [SettlementForm(number, usual, 1.0) for number, usual in exact]
        if latin:
            # one letter over and over is no Яя
            found = self._skeletons.get(skeleton(joined), []) if len(set(joined)) > 1 else []
            return [SettlementForm(number, usual, 0.96) for number, usual in found]
        return [
            SettlementForm(number, usual, 0.97)
            for key in dict.fromkeys(map(" ".join, product(*map(_roots, words))))
            for number, usual, known in self._stems.get(key, ())
            if all(is_case_of(word, name) for word, name in zip(words, known, strict=False))
        ]

    def close(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        """Settlements whose name is a few typing errors away, all with the best similarity found."""
        key: tuple[str | bool, ...] = (*words, latin)
        found = self._close_seen.get(key)
        if found is None:
            found = _remember(self._close_seen, key, self._close(words, latin))
        return found

    def _close(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        joined = "".join(words)
        index, forms, keys = (
            (self._latin_misspellings, self._skeletons, self._joined_skeletons)
            if latin
            else (self._misspellings, self._exact, self._joined)
        )
        similar = index.similar(skeleton(joined) if latin else joined)
        if not latin:
            similar = [(place, _likeness(joined, keys[place])) for place, _ in similar]
        best = max((similarity for _, similarity in similar), default=0.0)
        return [
            SettlementForm(number, usual, similarity)
            for place, similarity in similar
            if similarity > best - 0.02
            for number, usual in forms[keys[place]]
        ]


_Key, _Found = TypeVar("_Key"), TypeVar("_Found")


def _remember(seen: dict[_Key, _Found], key: _Key, found: _Found) -> _Found:
    if len(seen) > _MOST_REMEMBERED:
        seen.clear()
    seen[key] = found
    return found


def _likeness(typed: str, known: str) -> float:
    return max(0.0, 1.0 - typing_cost(typed, known) / max(len(typed), len(known)))


@lru_cache(maxsize=16384)
def _roots(word: str) -> tuple[str, ...]:
    """The roots a typed word may have: "Кадоме" is Кадом, "Емецком" Емецк."""
    shorter = without_case(word)
    return (root(word),) if shorter == word else (root(word), root(shorter))


def name_words(name: str) -> list[str]:
    """The words and numbers of a settlement's name, folded."""
    return [token.text for token in tokenise(name) if token.kind in (WORD, NUMBER)]


class Index:
    """Everything `match` looks up. Build time grows with the gazetteer: about 1 s per 100,000 addresses."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.version = gazetteer.version
        self.settlements = _merged_settlements(gazetteer.settlements)
        self.by_name = _settlements_by_name(self.settlements)
        self.places: list[Place] = []
        self.place_names: list[list[str]] = []
        self.houses = Houses()
        # two streets (their numbers, the lower first) -> where they meet
        self.corners: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
        streets = self._add_streets(gazetteer)
        corners = gazetteer.pois["kind"] == CORNER
        self._add_corners(gazetteer.pois[corners], streets)
        self._add_objects(gazetteer.pois[~corners])
        self._add_areas(gazetteer.areas)
        self._placed_places, self._placed_towns = len(self.places), len(self.settlements)
        self._areas_of_none = [n for n, p in enumerate(self.places) if p.kind == AREA and p.settlement < 0]
        self.registered = joined(self, gazetteer.gar)
        self.regions = Regions(settlement.region for settlement in self.settlements)
        self.settlement_names = SettlementNames(self.settlements[: self._placed_towns])
        # settlements nobody can place are looked for only behind "с.", "д.": any word is the name of some village
        self.unplaced_names = SettlementNames(self.settlements[self._placed_towns :], self._placed_towns)
        self.loaded_settlements = frozenset(n for n, s in enumerate(self.settlements) if s.loaded)
        self._index_names()
        self.districts = self._districts()
        self.settlements_with_streets = self.loaded_settlements | self.registered.settlements

    # ---- reading the tables --------------------------------------------------------------------------------

    def _city(self, name: str, lats: Sequence[float], lons: Sequence[float]) -> int:
        """The settlement rows with this city belong to: the nearest of that name, a new one when none is near."""
        if not name:
            return -1
        lat, lon = _mean(lats), _mean(lons)
        best, best_km = -1, _CITY_OF_ROWS_KM
        for number in self.by_name.get("".join(name_words(name)), ()):
            known = self.settlements[number]
            km = distance_m(lat, lon, known.lat, known.lon) / 1000 if lat == lat else 0.0
            if km <= best_km:
                best, best_km = number, km
        if best < 0:
            best = len(self.settlements)
            self.settlements.append(Settlement(f"city:{name}", (name,), "", "", "", 0.0, lat, lon))
            self.by_name["".join(name_words(name))].append(best)
        self.settlements[best].loaded = True
        return best

    def _add_streets(self, gazetteer: Gazetteer) -> dict[tuple[int, object], int]:
        """The streets and their houses. Returns the streets by settlement and name."""
        listed, addresses = gazetteer.streets, gazetteer.addresses
        cities = _city_groups((listed, addresses))
        by_city = {city: self._city(city, *coordinates) for city, coordinates in cities.items()}
        numbers: dict[tuple[int, object], int] = {}
        for row_id, city, name, alternative, lat, lon in zip(
            *(listed[c].tolist() for c in ("id", "city", "name", "alt_names", "lat", "lon")), strict=True
        ):
            place = self._street(numbers, by_city.get(city, -1), name, row_id, lat, lon)
            self.place_names[place].extend(_alternatives(alternative))
        self._add_houses(addresses, by_city, numbers)
        return numbers

    def _add_corners(self, corners: pd.DataFrame, streets: Mapping[tuple[int, object], int]) -> None:
        """Where streets meet; of streets that are listed only."""
        by_city = {city: self._city(city, *points) for city, points in _city_groups((corners,)).items()}
        for city, one, other, lat, lon in zip(
            *(corners[c].tolist() for c in ("city", "name", "alt_names", "lat", "lon")), strict=True
        ):
            town = by_city.get(city, -1)
            meeting = sorted(streets.get(_street_key(town, name), -1) for name in (one, other))
            if meeting[0] >= 0 and meeting[0] != meeting[1]:
                self.corners[meeting[0], meeting[1]].append((lat, lon))

    def _street(
        self, numbers: dict[tuple[int, object], int], city: int, name: str, row_id: str, lat: float, lon: float
    ) -> int:
        """The street of that name in the settlement; spelling variants ("9-я Парковая", "Парковая 9-я") are one."""
        key = _street_key(city, name)
        found = numbers.get(key)
        if found is None:
            found = numbers[key] = len(self.places)
            self.places.append(Place(STREET, row_id, name, city, read_name(name).types, lat, lon))
            self.place_names.append([name])
        return found

    def _add_houses(
        self, addresses: pd.DataFrame, by_city: dict[str, int], numbers: dict[tuple[int, object], int]
    ) -> None:
        streets: dict[tuple[str, str], int] = {}
        rows: list[tuple[int, int, House, str, float, float]] = []
        for row_id, city, street, text, lat, lon in zip(
            *(addresses[c].tolist() for c in ("id", "city", "street", "housenumber", "lat", "lon")), strict=True
        ):
            place = streets.get((city, street))
            if place is None:
                place = streets[city, street] = self._street(
                    numbers, by_city.get(city, -1), street, f"street:{row_id}", math.nan, math.nan
                )
            if lat == lat:
                rows.extend((place, house.number, house, row_id, lat, lon) for house in _houses_of(text))
        rows.sort(key=lambda row: row[:2])
        self._fill_houses(rows)

    def _fill_houses(self, rows: list[tuple[int, int, House, str, float, float]]) -> None:
        houses = self.houses
        houses.ids = [row[3] for row in rows]
        houses.numbers = array("H", [row[1] for row in rows])
        houses.houses = [row[2] for row in rows]
        houses.lats = array("d", [row[4] for row in rows])
        houses.lons = array("d", [row[5] for row in rows])
        streets = np.array([row[0] for row in rows], dtype=np.int64)
        for number, place in enumerate(self.places):
            place.first = int(streets.searchsorted(number, side="left"))
            place.last = int(streets.searchsorted(number, side="right"))
            self._spread(place)

    def _spread(self, place: Place) -> None:
        """The centre of a street without one, and how far its houses lie from the centre."""
        lats, lons = self.houses.lats[place.first : place.last], self.houses.lons[place.first : place.last]
        if lats and place.lat != place.lat:
            place.lat, place.lon = _mean(lats), _mean(lons)
        if place.lat != place.lat and place.settlement >= 0:
            town = self.settlements[place.settlement]
            place.lat, place.lon, place.detail = town.lat, town.lon, "unplaced"
        if lats:
            farthest = max(distance_m(place.lat, place.lon, a, b) for a, b in zip(lats, lons, strict=True))
            place.radius_m = round(farthest, 1)

    def _add_objects(self, pois: pd.DataFrame) -> None:
        by_city = {city: self._city(city, *points) for city, points in _city_groups((pois,)).items()}
        for row_id, city, name, alternative, kind, lat, lon in zip(
            *(pois[c].tolist() for c in ("id", "city", "name", "alt_names", "kind", "lat", "lon")), strict=True
        ):
            self.places.append(
                Place(POI, row_id, name, by_city.get(city, -1), frozenset(), lat, lon, 50.0,
                      detail=kind, background=is_background(kind))
            )  # fmt: skip
            self.place_names.append([name, *_alternatives(alternative)])

    def _add_areas(self, areas: pd.DataFrame) -> None:
        by_city = {city: self._city(city, *points) for city, points in _city_groups((areas,)).items()}
        for row_id, city, name, alternative, kind, lat, lon, radius in zip(
            *(areas[c].tolist() for c in ("id", "city", "name", "alt_names", "kind", "lat", "lon", "radius_m")),
            strict=True,
        ):
            types = read_name(name).types
            extent = radius if radius == radius else _AREA_RADIUS_M
            self.places.append(Place(AREA, row_id, name, by_city.get(city, -1), types, lat, lon, extent, detail=kind))
            self.place_names.append([name, *_alternatives(alternative)])

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

    def add_town(self, identifier: str, names: tuple[str, ...], kind: str, district: str, region: str) -> int:
        """A settlement that only the register knows."""
        self.settlements.append(Settlement(identifier, names, kind, district, region, 0.0, math.nan, math.nan))
        return len(self.settlements) - 1

    def add_unplaced(self, kind: str, identifier: str, names: list[str], settlement: int) -> int:
        """A street or area that only the register knows; without names only its GUID finds it."""
        types = read_name(names[0]).types if names else frozenset()
        self.places.append(Place(kind, identifier, names[0] if names else "", settlement, types, math.nan, math.nan))
        self.place_names.append(names)
        return len(self.places) - 1

    def key_of(self, name: str) -> str:
        """The key of `by_name`."""
        return "".join(name_words(name))

    def holds(self, settlement: int, place: Place) -> bool:
        """Whether the place is of the settlement; one that names none (a district, a TOS) when it is near or around
        it."""
        if place.settlement >= 0:
            return place.settlement == settlement
        town = self.settlements[settlement]
        reach = place.radius_m + extent_m(town.population) + _NEAR_M
        return distance_m(town.lat, town.lon, place.lat, place.lon) <= reach

    def areas_around(self, settlement: int) -> list[int]:
        """Areas that name no settlement and are near or around this one."""
        return [n for n in self._areas_of_none if self.holds(settlement, self.places[n])]

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


def _street_key(city: int, name: str) -> tuple[int, object]:
    """The same for every order of a street's words."""
    parsed = read_name(name)
    return city, (parsed.types, frozenset(word.text for word in parsed.words))


def _alternatives(text: str) -> list[str]:
    return [name.strip() for name in text.split("|") if name.strip()] if text else []


def _houses_of(text: str) -> list[House]:
    """The houses of one register cell; OpenStreetMap writes several as "12;14"."""
    parts = text.split(";") if ";" in text else [text]
    return [house for house in map(parse_house, parts) if house is not None]


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else math.nan


def _city_groups(tables: Iterable[pd.DataFrame]) -> dict[str, tuple[list[float], list[float]]]:
    """Per city name the coordinates of up to a few hundred of its rows, enough to tell homonyms apart."""
    groups: dict[str, tuple[list[float], list[float]]] = {}
    for table in tables:
        for city, rows in table.groupby("city", sort=False)[["lat", "lon"]]:
            lats, lons = groups.setdefault(str(city), ([], []))
            placed = rows.dropna().iloc[:200]
            lats.extend(placed["lat"].tolist())
            lons.extend(placed["lon"].tolist())
    return groups


def _merged_settlements(table: pd.DataFrame) -> list[Settlement]:
    """The rows of several sources, where one id, or one name within 25 km in one region, is one settlement."""
    merged: list[Settlement] = []
    by_id: dict[str, int] = {}
    by_name: dict[str, list[int]] = defaultdict(list)
    rows: Iterable[Any] = table.itertuples(index=False)
    for row in rows:
        names = (row.name, *_alternatives(row.alt_names))
        settlement = Settlement(
            row.id, names, row.kind, row.district, row.region,
            row.population if row.population == row.population else 0.0, row.lat, row.lon,
        )  # fmt: skip
        found = by_id.get(row.id, -1)
        if found < 0 or not _near(merged[found], settlement):
            found = _same_settlement(merged, by_name, settlement)
        if found >= 0:
            _absorb(merged[found], settlement)
        else:
            found = len(merged)
            merged.append(settlement)
        by_id.setdefault(row.id, found)
        for name in names[:1]:
            key = "".join(name_words(name))
            if found not in by_name[key]:
                by_name[key].append(found)
    return merged


def _near(one: Settlement, other: Settlement) -> bool:
    return distance_m(one.lat, one.lon, other.lat, other.lon) < _SAME_SETTLEMENT_KM * 1000


def _same_settlement(merged: list[Settlement], by_name: dict[str, list[int]], settlement: Settlement) -> int:
    """Two neighbouring villages may share a name: rows of one source (ids of one form) are never merged."""
    for number in by_name.get("".join(name_words(settlement.name)), ()):
        known = merged[number]
        if _near(known, settlement) and _id_form(known.id) != _id_form(settlement.id):
            return number
    return -1


def _id_form(identifier: str) -> str:
    return "".join("0" if letter.isdigit() else letter for letter in identifier[:3])


def _absorb(known: Settlement, other: Settlement) -> None:
    extra = tuple(name for name in other.names if name not in known.names)
    known.names += extra
    known.kind = known.kind or other.kind
    known.district = known.district or other.district
    known.region = known.region or other.region
    known.population = max(known.population, other.population)


def _settlements_by_name(settlements: Sequence[Settlement]) -> dict[str, list[int]]:
    """All names, the usual ones before the others, so that a city is found under an old name too."""
    found: dict[str, list[int]] = defaultdict(list)
    for usual in (True, False):
        for number, settlement in enumerate(settlements):
            for name in settlement.names[:1] if usual else settlement.names[1:]:
                key = "".join(name_words(name))
                if number not in found[key]:
                    found[key].append(number)
    return found
