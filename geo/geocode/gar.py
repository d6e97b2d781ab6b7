"""What does the state address register (ГАР, ФИАС) say: which settlements, areas, streets and houses exist, and how are
they called and numbered?

The register has names, former names, numbers of objects and GUIDs, and no coordinates: it never places anything. Its
objects stand in a tree by their numbers; `geo.geocode.joining` joins them to the places other sources know.
A register of a region has hundreds of thousands of houses, so those are plain arrays of some 30 bytes a house.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SETTLEMENT, AREA, STREET, HOUSE = "settlement", "area", "street", "house"
GUID_BYTES = 16
GUIDS = np.dtype(f"S{GUID_BYTES}")
# parent: of an area its settlement, of a street its area or settlement; 0 for none
OBJECT_COLUMNS = ("id", "guid", "level", "parent", "name", "alt_names", "kind", "district", "region")
_NUMBERS = frozenset(("id", "parent"))

Ints = NDArray[np.int64]


def no_objects() -> pd.DataFrame:
    """The table of objects without rows."""
    return pd.DataFrame({c: pd.Series(dtype="int64" if c in _NUMBERS else "object") for c in OBJECT_COLUMNS})


@dataclass(frozen=True)
class GarHouses:
    """Houses by position: number of the object, of the street (or area, or settlement) it belongs to, GUID (16 bytes),
    and which of `numbers` it carries."""

    ids: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    parents: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    guids: NDArray[np.bytes_] = field(default_factory=lambda: np.empty(0, GUIDS))
    codes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    numbers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.intp]) -> GarHouses:
        """Some of the houses, in the order given."""
        return GarHouses(self.ids[rows], self.parents[rows], self.guids[rows], self.codes[rows], self.numbers)


@dataclass(frozen=True)
class Gar:
    """What was read of one or several regions.

    objects: id (number of the object), guid (text), level (settlement, area, street), parent, name as it stands in an
    address ("улица Мира"), alt_names (former names, separated by |), kind ("село"), district, region.
    """

    objects: pd.DataFrame = field(default_factory=no_objects)
    houses: GarHouses = field(default_factory=GarHouses)

    def __len__(self) -> int:
        return len(self.objects) + len(self.houses)

    def counts(self) -> dict[str, int]:
        """Objects by level, as `gar_street` and so on; empty for an empty register."""
        if not len(self):
            return {}
        levels = self.objects["level"].value_counts()
        found = {level: int(levels.get(level, 0)) for level in (SETTLEMENT, AREA, STREET)}
        return {f"gar_{level}": count for level, count in (found | {HOUSE: len(self.houses)}).items()}

    def digest(self) -> bytes:
        """Equal for equal content."""
        found = hashlib.sha256()
        found.update(pd.util.hash_pandas_object(self.objects, index=False).to_numpy().tobytes())
        houses = self.houses
        for part in (houses.ids, houses.parents, houses.guids, houses.codes):
            found.update(part.tobytes())
        found.update("\n".join(houses.numbers).encode())
        return found.digest()


def guid_bytes(text: str) -> bytes:
    """The 16 bytes of a GUID; empty for anything else."""
    try:
        return UUID(text).bytes
    except ValueError:
        return b""


def guid_text(raw: bytes) -> str:
    """The GUID of 16 bytes (arrays drop zeros at the end) as people write it; empty for none."""
    return str(UUID(bytes=raw.ljust(GUID_BYTES, b"\0"))) if raw else ""


def in_order(ids: Ints, parents: Ints, guids: NDArray[np.bytes_], numbers: Sequence[str]) -> GarHouses:
    """Houses in the order of their numbers of objects, with each number text kept once."""
    codes, texts = pd.factorize(np.asarray(numbers, dtype=object), sort=True)
    houses = GarHouses(ids, parents, guids, codes.astype(np.int32), tuple(map(str, texts)))
    return houses.take(np.argsort(ids, kind="stable"))


def together(parts: Iterable[Gar]) -> Gar:
    """The registers of several regions as one; an object that comes twice is taken from the first."""
    known = [part for part in parts if len(part)]
    if len(known) < 2:
        return known[0] if known else Gar()
    objects = pd.concat([part.objects for part in known], ignore_index=True).drop_duplicates("id", ignore_index=True)
    return Gar(objects, _houses_together([part.houses for part in known]))


def _houses_together(parts: Sequence[GarHouses]) -> GarHouses:
    ids = np.concatenate([part.ids for part in parts])
    texts = np.concatenate([np.array(part.numbers, dtype=object)[part.codes] for part in parts])
    _, first = np.unique(ids, return_index=True)
    parents = np.concatenate([part.parents for part in parts])
    guids = np.concatenate([part.guids for part in parts])
    return in_order(ids[first], parents[first], guids[first], texts[first].tolist())
