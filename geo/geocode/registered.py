"""What does the state address register know of a place: its houses, what carries a GUID, where that stands?"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.geocode.gar import GUIDS, GarHouses
from geo.geocode.house import House, likeness

NO_HOUSE = -1
# a key is the owner of a house times this plus its number
HOUSES_PER_OWNER = 1 << 16
_LIKE_ENOUGH = 0.93


@dataclass(slots=True)
class Registered:
    """The register by place: houses sorted by owner and number, and who carries a GUID.

    An owner is the number of a place, or -1 - the number of a settlement for houses without a street. settlements:
    those the register knows anything of. objects: GUID -> owner.
    """

    keys: array[int] = field(default_factory=lambda: array("q"))
    houses: GarHouses = field(default_factory=GarHouses)
    read: list[House] = field(default_factory=list)
    objects: dict[bytes, int] = field(default_factory=dict)
    settlements: frozenset[int] = frozenset()
    placed_rows: dict[int, int] = field(default_factory=dict)
    _by_guid: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    def house(self, owner: int, asked: House) -> int:
        """The row of a house that belongs to a street, area or settlement; NO_HOUSE for none."""
        first = owner * HOUSES_PER_OWNER + asked.number
        row, best, found = bisect_left(self.keys, first), _LIKE_ENOUGH, NO_HOUSE
        while row < len(self.keys) and self.keys[row] == first:
            known = self.known(row)
            if known == asked:
                return row
            alike = likeness(asked, known)
            if alike > best:
                best, found = alike, row
            row += 1
        return found

    def exact(self, owner: int, asked: House) -> int:
        """The same, but of this very number."""
        row = self.house(owner, asked)
        return row if row != NO_HOUSE and self.known(row) == asked else NO_HOUSE

    def has_houses(self, owner: int) -> bool:
        """Whether any house belongs to it."""
        row = bisect_left(self.keys, owner * HOUSES_PER_OWNER)
        return row < len(self.keys) and self.keys[row] < (owner + 1) * HOUSES_PER_OWNER

    def owner(self, row: int) -> int:
        """The street, area or settlement a house belongs to."""
        return self.keys[row] // HOUSES_PER_OWNER

    def known(self, row: int) -> House:
        """The house of a row."""
        return self.read[int(self.houses.codes[row])]

    def house_with(self, guid: bytes) -> int:
        """The row of the house with a GUID; NO_HOUSE for none."""
        if not len(self._by_guid):
            return NO_HOUSE
        # numpy compares such bytes without the zeros at their end, so a raw GUID is comparable as it is
        place = int(np.searchsorted(self.houses.guids, np.array(guid, GUIDS), sorter=self._by_guid))
        row = int(self._by_guid[min(place, len(self._by_guid) - 1)])
        return row if bytes(self.houses.guids[row]).ljust(len(guid), b"\0") == guid else NO_HOUSE
