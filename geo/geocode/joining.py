"""Which places does the state address register know, and which of them are known from elsewhere with a position?

Joined when an index is built, so that a position learnt later counts at once. A settlement is the one of its name in
the same region and district; a street or area the one of its name in the settlement, read by the normaliser of the
index, else of a former name, else of its name without ranks and forenames; a house the one of its number. A join has
to be unique on both sides. What is joined gets the register's spelling, former names and GUID; the rest is added
without a position, to be recognised and never to be taken for a point.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.geocode.gar import AREA, SETTLEMENT, STREET, Gar, GarHouses, guid_bytes
from geo.geocode.house import House, parse_house
from geo.geocode.names import FORENAME, INITIAL, TITLE, Name, read_name
from geo.geocode.normalise import fold
from geo.geocode.places import Settlement
from geo.geocode.regions import Regions, district_key
from geo.geocode.registered import HOUSES_PER_OWNER, NO_HOUSE, Registered
from geo.geocode.settlement_names import name_key
from geo.geocode.tables import Tables

# of two namesakes in a district the register calls one a town: a place this large is that one
_TOWN = 10_000
_FORMALITIES = frozenset((TITLE, FORENAME, INITIAL))

Key = tuple[frozenset[str], frozenset[str]]


def joined(tables: Tables, gar: Gar) -> Registered:
    """Join a register to the tables of all other sources; adds to their settlements, places and names."""
    return _Join(tables, gar).run() if len(gar) else Registered()


class _Row(NamedTuple):
    """An object of the register."""

    id: int
    guid: str
    level: str
    parent: int
    name: str
    alt_names: str
    kind: str
    district: str
    region: str

    @property
    def former(self) -> list[str]:
        return self.alt_names.split("|") if self.alt_names else []


@dataclass(slots=True)
class _Wanted:
    """A street or area to be joined; `inside` is the name of the area a street lies in."""

    row: _Row
    parsed: Name
    inside: str

    @property
    def key(self) -> Key:
        return _key(self.parsed)


def _key(name: Name) -> Key:
    return name.types, frozenset(word.text for word in name.words)


def _core(name: Name) -> Key | None:
    """The key without ranks, forenames and initials; None when nothing else is there."""
    words = frozenset(word.text for word in name.words if word.kind not in _FORMALITIES)
    return (name.types, words) if words else None


def _bare(name: Name) -> Key:
    """The key without "улица": the register has "улица Липовый спуск" where a map has "Липовый спуск"."""
    return frozenset(), (name.types - {"улица"}) | {word.text for word in name.words}


class _Join:
    def __init__(self, tables: Tables, gar: Gar) -> None:
        self._tables = tables
        self._gar = gar
        self._rows = {row.id: row for row in map(_Row._make, gar.objects.itertuples(index=False, name=None))}
        self._owners: dict[int, int] = {}
        self._regions = Regions(town.region for town in tables.settlements)
        self._taken: set[int] = set()

    def run(self) -> Registered:
        self._join_settlements()
        by_town: dict[int, list[_Row]] = defaultdict(list)
        for row in self._rows.values():
            if row.level != SETTLEMENT:
                by_town[self._town_of(row)].append(row)
        placed = self._placed_by_town()
        for town, rows in by_town.items():
            self._join_places(town, rows, placed.get(town, []))
        return self._registered()

    # ---- settlements -------------------------------------------------------------------------------------------

    def _join_settlements(self) -> None:
        namesakes: dict[tuple[str, str], list[_Row]] = defaultdict(list)
        regions: dict[str, str] = {}
        for row in self._rows.values():
            if row.level == SETTLEMENT:
                if row.region not in regions:
                    regions[row.region] = self._regions.called(row.region)
                namesakes[name_key(row.name), regions[row.region]].append(row)
        for (key, region), rows in namesakes.items():
            found = self._settlements_of(key, region, rows)
            for row in rows:
                number = found.get(row.id, -1)
                self._owners[row.id] = -1 - (number if number >= 0 else self._new_town(row, region))
                if number >= 0:
                    self._enrich_town(number, row)

    def _settlements_of(self, key: str, region: str, rows: Sequence[_Row]) -> dict[int, int]:
        """Which known settlement each of some namesakes is."""
        tables = self._tables
        known = [n for n in tables.by_name.get(key, ()) if tables.settlements[n].region in ("", region)]
        found: dict[int, int] = {}
        for row in rows:
            same = [n for n in known if _same_district(tables.settlements[n], row)]
            if len(same) == 1 and sum(_same_district(tables.settlements[same[0]], other) for other in rows) == 1:
                found[row.id] = same[0]
        open_rows = [row for row in rows if row.id not in found]
        free = [n for n in known if n not in found.values() and n not in self._taken]
        free = [n for n in free if any(not _other_district(tables.settlements[n], row) for row in open_rows)]
        towns = [row for row in open_rows if row.kind == "город"]
        if len(free) == 1 and len(open_rows) > 1 and tables.settlements[free[0]].population >= _TOWN:
            open_rows = towns
        if len(free) == len(open_rows) == 1 and not _other_district(tables.settlements[free[0]], open_rows[0]):
            found[open_rows[0].id] = free[0]
        self._taken.update(found.values())
        return found

    def _new_town(self, row: _Row, region: str) -> int:
        number = self._tables.add_town(f"gar:{row.id}", (row.name, *row.former), row.kind, row.district, region)
        self._tables.settlements[number].guid, self._tables.settlements[number].gar_id = guid_bytes(row.guid), row.id
        return number

    def _enrich_town(self, number: int, row: _Row) -> None:
        town = self._tables.settlements[number]
        town.guid, town.gar_id = guid_bytes(row.guid), row.id
        known = {name_key(name) for name in town.names}
        town.names += tuple(name for name in row.former if name_key(name) not in known)
        town.district, town.kind = town.district or row.district, town.kind or row.kind

    def _town_of(self, row: _Row) -> int:
        """The settlement of a street or area; -1 for none."""
        above = self._rows.get(row.parent)
        if above is not None and above.level == AREA:
            above = self._rows.get(above.parent)
        return -1 - self._owners[above.id] if above is not None and above.id in self._owners else -1

    # ---- streets and areas -------------------------------------------------------------------------------------

    def _placed_by_town(self) -> dict[int, list[int]]:
        """The streets and areas of each settlement that have names to be joined by."""
        found: dict[int, list[int]] = defaultdict(list)
        for number, place in enumerate(self._tables.places):
            if place.kind in (STREET, AREA):
                found[place.settlement].append(number)
        return found

    def _join_places(self, town: int, rows: Sequence[_Row], placed: Sequence[int]) -> None:
        wanted = [_Wanted(row, read_name(row.name), self._area_name(row)) for row in rows]
        owned = Counter(each.key for each in wanted if not each.inside)
        joins = self._joins(wanted, owned, [*placed, *self._tables.areas_around(town)]) if town >= 0 else {}
        current = {*owned, *(_key(read_name(self._tables.places[n].name)) for n in placed)}
        # an area before the streets in it
        for each in sorted(wanted, key=lambda each: each.row.level != AREA):
            former = [name for name in each.row.former if _key(read_name(name)) not in current]
            number = joins.get(each.row.id, -1)
            if number >= 0:
                self._enrich(number, each.row, former)
            else:
                names = self._names(each, former, owned, town)
                shown = names[0] if names else each.row.name
                number = self._tables.add_unplaced(each.row.level, f"gar:{each.row.id}", shown, names, town)
            place = self._tables.places[number]
            place.guid, place.gar_id = guid_bytes(each.row.guid), each.row.id
            self._owners[each.row.id] = number

    def _area_name(self, row: _Row) -> str:
        above = self._rows.get(row.parent)
        return above.name if above is not None and above.level == AREA else ""

    def _joins(self, wanted: Sequence[_Wanted], owned: Counter[Key], placed: Sequence[int]) -> dict[int, int]:
        """Object -> place: by the name, a former name, another name of the place, the name's core, the bare name."""
        tables = self._tables
        placed = [n for n in placed if not tables.places[n].gar_id]
        own = [(n, _key(read_name(tables.places[n].name))) for n in placed]
        other = [(n, _key(read_name(name))) for n in placed for name in tables.place_names[n][1:]]
        bare = [(n, _bare(read_name(tables.places[n].name))) for n in placed]
        core = [(n, _core(read_name(tables.places[n].name))) for n in placed]
        direct = [each for each in wanted if not each.inside]
        nested = [each for each in wanted if each.inside and each.key not in owned]
        found: dict[int, int] = {}
        rounds: tuple[tuple[Iterable[tuple[int, Hashable]], Iterable[tuple[int, Hashable]]], ...] = (
            (((each.row.id, each.key) for each in direct), own),
            (((each.row.id, each.key) for each in nested), own),
            (((each.row.id, _key(read_name(name))) for each in direct for name in each.row.former), own),
            (((each.row.id, each.key) for each in direct), other),
            (((each.row.id, _core(each.parsed)) for each in direct), core),
            (((each.row.id, _bare(each.parsed)) for each in direct if "улица" in each.parsed.types), bare),
        )
        for objects, places in rounds:
            taken = set(found.values())
            found |= _unique(
                [(i, key) for i, key in objects if i not in found], [(n, key) for n, key in places if n not in taken]
            )
        return found

    def _enrich(self, number: int, row: _Row, former: Sequence[str]) -> None:
        """The register's spelling before the names the place had, and the former names behind them."""
        place, names = self._tables.places[number], self._tables.place_names[number]
        place.name = _with_yo(row.name, names)
        place.types = read_name(place.name).types
        self._tables.place_names[number] = list(dict.fromkeys((place.name, *names, *former)))

    def _names(self, each: _Wanted, former: Sequence[str], owned: Counter[Key], town: int) -> list[str]:
        """What an object without a position is found by: a street of an area by both names, unless it alone has it."""
        if town < 0:
            return []
        if not each.inside:
            return [each.row.name, *former]
        whole = f"{each.row.name} ({each.inside})"
        return [whole] if each.key in owned else [whole, each.row.name]

    # ---- houses ------------------------------------------------------------------------------------------------

    def _registered(self) -> Registered:
        houses = self._gar.houses
        numbers = [parse_house(text) for text in houses.numbers]
        owners = self._owner_of_each(houses)
        usable = np.array([house is not None and house.number < HOUSES_PER_OWNER for house in numbers], dtype=bool)
        each = np.array([house.number if house else 0 for house in numbers], dtype=np.int64)
        known = np.flatnonzero((owners != _NOBODY) & usable[houses.codes]) if len(houses) else np.empty(0, np.intp)
        keys = owners[known] * HOUSES_PER_OWNER + each[houses.codes[known]]
        order = np.argsort(keys, kind="stable")
        sorted_houses = houses.take(known[order])
        found = Registered(
            array("q", keys[order].tolist()), sorted_houses, [house or House(0) for house in numbers],
            self._guids(), self._settlements(), {}, np.argsort(sorted_houses.guids, kind="stable"),
        )  # fmt: skip
        self._join_houses(found)
        return found

    def _owner_of_each(self, houses: GarHouses) -> NDArray[np.int64]:
        ids = np.fromiter(sorted(self._owners), np.int64, len(self._owners))
        owners = np.array([self._owners[i] for i in ids.tolist()], dtype=np.int64)
        if not len(ids) or not len(houses):
            return np.full(len(houses), _NOBODY)
        at = np.minimum(np.searchsorted(ids, houses.parents), len(ids) - 1)
        return np.where(ids[at] == houses.parents, owners[at], _NOBODY)

    def _guids(self) -> dict[bytes, int]:
        return {guid_bytes(self._rows[identifier].guid): owner for identifier, owner in self._owners.items()}

    def _settlements(self) -> frozenset[int]:
        places = self._tables.places
        return frozenset(-1 - o if o < 0 else places[o].settlement for o in self._owners.values()) - {-1}

    def _join_houses(self, found: Registered) -> None:
        """The row of the register each placed house has."""
        houses = self._tables.houses
        houses.registered = array("l", [NO_HOUSE]) * len(houses.houses)
        for number, place in enumerate(self._tables.places):
            if place.gar_id and place.last > place.first:
                for at in range(place.first, place.last):
                    row = found.exact(number, houses.houses[at])
                    houses.registered[at] = row
                    if row != NO_HOUSE:
                        found.placed_rows[row] = at


# no number of a place, and no settlement either
_NOBODY = np.iinfo(np.int64).min


def _unique(objects: Iterable[tuple[int, Hashable]], places: Iterable[tuple[int, Hashable]]) -> dict[int, int]:
    """Pairs of one key, where it is the key of one object and one place only, and no place comes twice."""
    by_key: dict[Hashable, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for side, keyed in enumerate((objects, places)):
        for number, key in keyed:
            if key is not None:
                by_key[key][side].add(number)
    pairs = {(*left, *right) for left, right in by_key.values() if len(left) == len(right) == 1}
    lefts, rights = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    return {left: right for left, right in pairs if lefts[left] == rights[right] == 1}


def _same_district(town: Settlement, row: _Row) -> bool:
    return bool(town.district and row.district) and district_key(town.district) == district_key(row.district)


def _other_district(town: Settlement, row: _Row) -> bool:
    return bool(town.district and row.district) and not _same_district(town, row)


def _with_yo(name: str, others: Iterable[str]) -> str:
    """The register writes "Королева"; where another source has "Королёва", the ё is kept.

    >>> _with_yo("улица Академика Королева", ["ул. Королёва"])
    'улица Академика Королёва'
    """
    with_yo = {fold(word)[0]: word for other in others for word in other.split() if "ё" in word.lower()}
    return " ".join(with_yo.get(fold(word)[0], word) for word in name.split())
