"""What does a delivery of the state address register (ГАР) say about settlements, areas, streets and houses?

Of each object the row in force is taken; other names it had, and the name of an abolished object that went into it
alone, become former names. Its place in the tree is that of the municipal division, else of the administrative one.
Addresses stand in settlements, so regions and districts only lend their names. Read as streams into plain arrays:
memory grows with the objects in force, not with the files. Formats: schemas 2.251 of the register (AS_*.xsd).
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import N_, BadFile, BadInput, Message
from geo.geocode.gar import AREA, GUIDS, OBJECT_COLUMNS, SETTLEMENT, STREET, Gar, GarHouses, guid_bytes, in_order
from geo.geocode.gar import together as all_together
from geo.geocode.house import parse_house
from geo.geocode.names import read_name
from geo.geocode.normalise import tokenise
from geo.geocode.types import AREA_TYPES, STREET_TYPES, district_word, place_types, settlement_marker
from geo.ingest.gar_files import (
    ADDED_TYPES,
    ADMINISTRATIVE,
    DIVISION,
    HOUSE_TYPES,
    HOUSES,
    MUNICIPAL,
    OBJECT_TYPES,
    OBJECTS,
    PARAMS,
    File,
    files_of,
    rows,
)
from geo.ingest.readers.limits import Limits
from geo.progress import SILENT, Progress

REGION_LEVEL, DISTRICT_LEVELS, TOWN_LEVELS, AREA_LEVEL, STREET_LEVEL = 1, (2, 3), (5, 6), 7, 8
OKTMO_PARAM = "7"
# where the dictionaries are not in the delivery: the folder of one region has none
_HOUSE_WORDS = {"1": "влд.", "2": "д.", "3": "двлд.", "5": "зд.", "7": "стр.", "8": "соор.", "9": "литера", "10": "к."}
# garages, mines, cellars, boiler houses, unfinished buildings: numbered beside the houses, and nobody's address
_NO_HOUSES = frozenset(("4", "6", "11", "12", "13", "14"))
_ADDED_WORDS = {"1": "к.", "2": "стр.", "3": "соор.", "4": "литера"}
# before the number only where it is part of it: "д. 5" is 5, "влд. 5" is another building
_SILENT_WORDS = frozenset(("д", "дом", "двлд", "зд"))
_CAPITALS = frozenset(("снт", "тос"))
_DEEPEST = 20
_BLOCK = 1 << 16


@dataclass(slots=True)
class _Object:
    """An address object in force; `oktmo` and both parents are filled as the files say them."""

    id: int
    guid: str
    name: str
    type: str
    level: int
    former: list[str] = field(default_factory=list)
    parent: int = 0
    other_parent: int = 0
    oktmo: str = ""


@dataclass(slots=True)
class GarRead:
    """A register as read, and what could not be used."""

    gar: Gar
    notes: list[Message] = field(default_factory=list)


def read_gar(
    path: Path, progress: Progress = SILENT, *, region: str = "", within: str = "", limits: Limits | None = None
) -> GarRead:
    """The objects in force of a zip, a folder of regions or the folder of one region.

    region: two digits, only this region of several. within: an ОКТМО, only the municipality (or settlement) with it.
    Raises BadFile, BadInput or TooLarge.
    """
    if within and not (within.isdigit() and len(within) in (8, 11)):
        raise BadInput(N_("{code} is no OKTMO: that has 8 or 11 digits."), code=within)
    with files_of(path, limits) as files:
        wanted = sorted({file.region for file in files if file.table == OBJECTS and region in ("", file.region)})
        if not wanted:
            raise BadFile(
                N_("{file} holds no file AS_ADDR_OBJ of the register, or none for this region."),
                remedy=N_("Expected are AS_ADDR_OBJ, AS_HOUSES and AS_MUN_HIERARCHY in a folder named by two digits."),
                file=path.name,
            )
        words = _Words.read(files, progress)
        read = [_Region(_by_table(files, name), words, progress, within).read() for name in wanted]
    return GarRead(all_together(part.gar for part in read), _notes(read))


def _by_table(files: Iterable[File], region: str) -> dict[str, File]:
    return {file.table: file for file in files if file.region == region}


def _notes(read: Iterable[GarRead]) -> list[Message]:
    """What regions say in the same words is said once, with the counts added up."""
    counts: dict[str, int] = defaultdict(int)
    for part in read:
        for note in part.notes:
            counts[note.msgid] += int(str(note.params["count"]))
    return [Message(msgid, {"count": count}) for msgid, count in counts.items()]


# ---- words ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    """The dictionaries: (level, short word) -> word of an object's type, number -> short word of a house's type."""

    objects: Mapping[tuple[str, str], str]
    houses: Mapping[str, str]
    added: Mapping[str, str]

    @classmethod
    def read(cls, files: Iterable[File], progress: Progress) -> _Words:
        at_hand = {file.table: file for file in files}

        def table(name: str, *columns: str) -> Iterator[tuple[str, ...]]:
            return rows(at_hand[name], columns, progress) if name in at_hand else iter(())

        return cls(
            {(level, short): name for level, short, name in table(OBJECT_TYPES, "LEVEL", "SHORTNAME", "NAME")},
            _HOUSE_WORDS | _pairs(table(HOUSE_TYPES, "ID", "SHORTNAME")),
            _ADDED_WORDS | _pairs(table(ADDED_TYPES, "ID", "SHORTNAME")),
        )

    def type_of(self, level: int, short: str) -> str:
        """The type of an object in one word of the geocoder where it has one: "ул" is "улица", "пр-кт" "проспект"."""
        known = AREA_TYPES if level == AREA_LEVEL else STREET_TYPES if level == STREET_LEVEL else frozenset()
        for word in (short, short.split()[-1]):
            kinds = place_types(_folded(word)) & known
            if len(kinds) == 1:
                (kind,) = kinds
                return kind.upper() if kind in _CAPITALS else kind
        return self.objects.get((str(level), short), short.rstrip(".")).lower()

    def number(self, number: str, kind: str, added: Iterable[tuple[str, str]]) -> str:
        """A house as it stands in an address: "12А к. 2 стр. 1", "влд. 5"; empty when nothing of it is a number."""
        if kind in _NO_HOUSES:
            return ""
        own = self.houses.get(kind, "")
        parts = [number] if not own or own.strip(".").lower() in _SILENT_WORDS else [own, number]
        if not number:
            parts = []
        for more, of_kind in added:
            if more:
                parts += [self.added.get(of_kind, ""), more]
        return " ".join(part for part in parts if part)


def _pairs(found: Iterable[tuple[str, ...]]) -> dict[str, str]:
    return {row[0]: row[1] for row in found}


def _folded(word: str) -> str:
    return "".join(token.text for token in tokenise(word) if token.text != ".")


def named(kind: str, name: str) -> str:
    """ "улица Мира"; a name that says its type itself stays as it is.

    >>> named("улица", "Мира"), named("микрорайон", "микрорайон Южный"), named("улица", "Набережная")
    ('улица Мира', 'микрорайон Южный', 'улица Набережная')
    """
    return name if not kind or kind.lower() in read_name(name).types else f"{kind} {name}"


# ---- one region -------------------------------------------------------------------------------------------------


class _Region:
    """Reads the files of one region."""

    def __init__(self, files: Mapping[str, File], words: _Words, progress: Progress, within: str) -> None:
        self._files, self._words, self._progress = files, words, progress
        self._within = _beginning(within)
        self._today = datetime.now(UTC).date().isoformat()
        self._objects: dict[int, _Object] = {}
        self._ended: dict[int, tuple[str, int]] = {}
        self._notes: list[Message] = []

    def read(self) -> GarRead:
        """Objects, houses, then the tree of both."""
        self._read_objects()
        self._read_successors()
        houses = self._read_houses()
        houses = self._read_trees(houses)
        self._read_params()
        chains = {number: self._chain(number) for number in self._objects}
        kept = {number: row for number in chains if (row := self._row(number, chains[number])) is not None}
        table = pd.DataFrame(list(kept.values()), columns=list(OBJECT_COLUMNS)).sort_values("id", ignore_index=True)
        houses = self._of_kept(houses, kept)
        return GarRead(Gar(table, houses), self._notes)

    def _note(self, msgid: str, count: int) -> None:
        if count:
            self._notes.append(Message(msgid, {"count": count}))

    def _in_force(self, actual: str, active: str, end: str) -> bool:
        return actual == "1" and active == "1" and end >= self._today

    def _read_objects(self) -> None:
        if OBJECTS not in self._files:
            return
        former: dict[int, dict[str, str]] = defaultdict(dict)
        columns = ("OBJECTID", "OBJECTGUID", "NAME", "TYPENAME", "LEVEL", "ISACTUAL", "ISACTIVE", "ENDDATE")
        for number, guid, name, short, level, actual, active, end in rows(self._files[OBJECTS], columns,
                                                                          self._progress):  # fmt: skip
            identifier = int(number)
            if self._in_force(actual, active, end):
                kind = self._words.type_of(int(level), short)
                self._objects[identifier] = _Object(identifier, guid, name.strip(), kind, int(level))
            else:
                former[identifier][name.strip()] = short
                self._ended[identifier] = name.strip(), int(level)
        for identifier, names in former.items():
            known = self._objects.get(identifier)
            if known is not None:
                known.former += [
                    self._said(known.level, self._words.type_of(known.level, short), name)
                    for name, short in names.items()
                ]
        self._note(
            N_("{count} objects of the register are no longer in force and were passed over."),
            sum(identifier not in self._objects for identifier in former),
        )

    def _said(self, level: int, kind: str, name: str) -> str:
        """A settlement is called by its name alone."""
        return named(kind, name) if level in (AREA_LEVEL, STREET_LEVEL) else name

    def _read_successors(self) -> None:
        """The name of an abolished street or area whose one successor it went into."""
        if DIVISION not in self._files:
            return
        successors: dict[int, set[int]] = defaultdict(set)
        for parent, child in rows(self._files[DIVISION], ("PARENTID", "CHILDID"), self._progress):
            successors[int(parent)].add(int(child))
        for old, new in successors.items():
            ended = self._ended.get(old) if old not in self._objects else None
            known = self._objects.get(next(iter(new))) if len(new) == 1 else None
            if ended and known and ended[1] == known.level and known.level in (AREA_LEVEL, STREET_LEVEL):
                known.former.append(named(known.type, ended[0]))

    # ---- houses ------------------------------------------------------------------------------------------------

    def _read_houses(self) -> GarHouses:
        """Houses in force, in the order of their numbers of objects, as yet without parents."""
        if HOUSES not in self._files:
            return GarHouses()
        ids, guids, numbers, wordless = array("q"), bytearray(), array("l"), 0
        texts: dict[tuple[str, ...], int] = {}
        needed = ("OBJECTID", "OBJECTGUID", "ISACTUAL", "ISACTIVE", "ENDDATE")
        optional = ("HOUSENUM", "HOUSETYPE", "ADDNUM1", "ADDTYPE1", "ADDNUM2", "ADDTYPE2")
        for number, guid, actual, active, end, *said in rows(self._files[HOUSES], needed, self._progress, optional):
            raw = guid_bytes(guid)
            if self._in_force(actual, active, end) and raw:
                ids.append(int(number))
                guids += raw
                numbers.append(texts.setdefault(tuple(said), len(texts)))
        written = [self._number(said) for said in texts]
        known = np.array([bool(text) for text in written], dtype=bool)
        codes = np.frombuffer(numbers, dtype=np.dtype("l")) if len(numbers) else np.empty(0, np.int64)
        usable = known[codes] if len(codes) else np.empty(0, bool)
        wordless = int((~usable).sum())
        self._note(
            N_("{count} buildings of the register are garages and the like or have no number: passed over."), wordless
        )
        houses = in_order(
            np.array(ids, dtype=np.int64)[usable], np.zeros(int(usable.sum()), np.int64),
            np.frombuffer(bytes(guids), dtype=GUIDS)[usable], np.array(written, dtype=object)[codes[usable]].tolist(),
        )  # fmt: skip
        _, first = np.unique(houses.ids, return_index=True)
        return houses.take(first)

    def _number(self, said: tuple[str, ...]) -> str:
        number, kind, first, first_kind, second, second_kind = said
        text = self._words.number(number.strip(), kind, ((first.strip(), first_kind), (second.strip(), second_kind)))
        return text if parse_house(text) is not None else ""

    # ---- the tree ----------------------------------------------------------------------------------------------

    def _read_trees(self, houses: GarHouses) -> GarHouses:
        parents = houses.parents.copy()
        for table in (MUNICIPAL, ADMINISTRATIVE):
            if table in self._files:
                self._read_tree(table, houses, parents)
        return GarHouses(houses.ids, parents, houses.guids, houses.codes, houses.numbers)

    def _read_tree(self, table: str, houses: GarHouses, parents: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        """Parents as one division says them; the first division that knows a parent is heeded."""
        children, above = array("q"), array("q")
        needed, optional = ("OBJECTID", "ISACTIVE"), ("PARENTOBJID", "PATH", "OKTMO")
        for number, active, parent, path, oktmo in rows(self._files[table], needed, self._progress, optional):
            if active != "1":
                continue
            identifier, higher = int(number), _parent(parent, path)
            known = self._objects.get(identifier)
            if known is not None:
                self._hang(known, table, higher, oktmo)
            else:
                children.append(identifier)
                above.append(higher)
                if len(children) >= _BLOCK:
                    _give_parents(houses, parents, children, above)
                    children, above = array("q"), array("q")
        _give_parents(houses, parents, children, above)

    def _hang(self, known: _Object, table: str, higher: int, oktmo: str) -> None:
        if table == MUNICIPAL:
            known.parent, known.oktmo = higher, oktmo
        else:
            known.other_parent = higher

    def _read_params(self) -> None:
        """ОКТМО where the tree does not say it; asked only when a municipality is chosen by it."""
        if not self._within or PARAMS not in self._files:
            return
        columns = ("OBJECTID", "TYPEID", "VALUE", "ENDDATE")
        for number, kind, value, end in rows(self._files[PARAMS], columns, self._progress):
            known = self._objects.get(int(number)) if kind == OKTMO_PARAM and end >= self._today else None
            if known is not None and not known.oktmo:
                known.oktmo = value

    def _chain(self, identifier: int) -> list[_Object]:
        """What an object lies in, the nearest first: by the municipal division where it is known, and then what only
        the administrative one says."""
        chain: list[_Object] = []
        seen = {identifier}
        waiting = [identifier]
        while waiting and len(chain) < _DEEPEST:
            known = self._objects.get(waiting.pop(0))
            if known is None:
                continue
            for higher in (known.parent, known.other_parent):
                above = self._objects.get(higher)
                if above is not None and higher not in seen:
                    seen.add(higher)
                    chain.append(above)
                    waiting.append(higher)
        return sorted(chain, key=lambda above: -above.level)

    def _row(self, identifier: int, chain: list[_Object]) -> tuple[object, ...] | None:
        """The object as a row of the register; None for regions, districts and what is not asked for."""
        known = self._objects[identifier]
        level = _level(known)
        if not level or not guid_bytes(known.guid) or not self._is_within(known, chain):
            return None
        lower = (SETTLEMENT,) if level == AREA else (AREA, SETTLEMENT) if level == STREET else ()
        parent = next((above.id for above in chain if _level(above) in lower and above.level < known.level), 0)
        said = self._said(known.level, known.type, known.name)
        former = "|".join(name for name in dict.fromkeys(known.former) if name != said)
        around = (_district(chain, said), _region(chain, known)) if level == SETTLEMENT else ("", "")
        return (known.id, known.guid, level, parent, said, former, known.type, *around)

    def _is_within(self, known: _Object, chain: list[_Object]) -> bool:
        return not self._within or any(each.oktmo.startswith(self._within) for each in (known, *chain))

    def _of_kept(self, houses: GarHouses, kept: Mapping[int, tuple[object, ...]]) -> GarHouses:
        """Houses of the objects that were kept."""
        belongs = np.isin(houses.parents, np.fromiter(kept, np.int64, len(kept)))
        if not self._within:
            self._note(
                N_("{count} houses of the register belong to nothing that is in the files and were passed over."),
                int((~belongs).sum()),
            )
        self._note(
            N_("{count} streets and areas of the register lie in no settlement: only their GUID finds them."),
            sum(row[2] != SETTLEMENT and not row[3] for row in kept.values()),
        )
        return houses.take(np.flatnonzero(belongs))


def _parent(parent: str, path: str) -> int:
    """The parent; where it is left out, the last but one of the path."""
    if parent.isdigit():
        return int(parent)
    above = path.split(".")[-2:-1]
    return int(above[0]) if above and above[0].isdigit() else 0


def _give_parents(
    houses: GarHouses, parents: np.ndarray[tuple[int], np.dtype[np.int64]], children: array[int], above: array[int]
) -> None:
    """Parents of those children that are houses without one; rooms and plots stand in the tree as well."""
    asked, higher = np.array(children, dtype=np.int64), np.array(above, dtype=np.int64)
    if not len(houses) or not len(asked):
        return
    at = np.minimum(np.searchsorted(houses.ids, asked), len(houses) - 1)
    fits = (houses.ids[at] == asked) & (parents[at] == 0)
    parents[at[fits]] = higher[fits]


def _level(known: _Object) -> str:
    """settlement, area or street; empty for what only lends its name."""
    if known.level == STREET_LEVEL:
        return STREET
    words = [token.text for token in tokenise(known.type)] or [""]
    if known.level == AREA_LEVEL or (known.level in TOWN_LEVELS and _is_area_word(words[-1])):
        return AREA
    # Moscow is a region and a town; an old "сельсовет" stands at the level of towns
    town = known.level in TOWN_LEVELS or (known.level <= REGION_LEVEL + 1 and "город" in settlement_marker(words[0]))
    return SETTLEMENT if town and not any(map(district_word, words)) else ""


def _is_area_word(word: str) -> bool:
    return bool(place_types(word) & AREA_TYPES) and not settlement_marker(word)


def _district(chain: Iterable[_Object], town: str) -> str:
    """ "Кулундинский район": people write the administrative district, so it comes before the municipal one. The
    district a town gives its name to says nothing more."""
    found = {above.level: above for above in chain if above.level in DISTRICT_LEVELS and not _level(above)}
    known = next((found[level] for level in DISTRICT_LEVELS if level in found), None)
    return _behind(known) if known and town not in known.name else ""


def _region(chain: Iterable[_Object], own: _Object) -> str:
    known = next((each for each in (*chain, own) if each.level == REGION_LEVEL), None)
    if known is None:
        return ""
    return known.name if _level(known) else _behind(known)


def _behind(known: _Object) -> str:
    """ "Алтайский край", "Республика Алтай", "городской округ Серпухов"."""
    kind = known.type.lower()
    if kind in known.name.lower():
        return known.name
    adjective = known.name.endswith(("ий", "ый", "ая", "ой"))
    if known.level == REGION_LEVEL:
        kind = kind if adjective else kind.capitalize()
    return f"{known.name} {kind}" if adjective else f"{kind} {known.name}"


def _beginning(oktmo: str) -> str:
    """The digits all parts of a municipality share: its ОКТМО without the zeros of the levels below it."""
    while len(oktmo) > 2 and oktmo.endswith("000"):
        oktmo = oktmo[:-3]
    return oktmo
