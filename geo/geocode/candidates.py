"""What is a candidate, and in which states can its house and its settlement be?"""

from __future__ import annotations

from dataclasses import dataclass

from geo.geocode.reading import HouseOption
from geo.vocabulary import MatchLevel

# what was found of the house that was asked for
EXACT, LIKELY, GROUP, PART_UNKNOWN, INTERPOLATED, MISSING, NOT_ASKED = (
    "exact", "likely", "group", "part unknown", "interpolated", "missing", "not asked",
)  # fmt: skip


HOUSE_BONUS = {
    EXACT: 0.10,
    LIKELY: 0.08,
    GROUP: 0.07,
    INTERPOLATED: 0.02,
    PART_UNKNOWN: 0.02,
    MISSING: 0.0,
    NOT_ASKED: 0.0,
}


# how the settlement of a candidate stands to the text
NAMED, SIMILAR, SCOPED, ONLY_ONE, UNSAID, SUBURB, CONTRADICTED = (
    "named", "similar", "scope", "only one", "unsaid", "suburb", "contradicted",
)  # fmt: skip


# the register has the house, though nobody knows where on the street
REGISTERED_BONUS = 0.05
SETTLEMENT_BONUS = {
    NAMED: 0.02, SIMILAR: 0.0, SCOPED: 0.02, ONLY_ONE: 0.01, UNSAID: -0.02, SUBURB: -0.08, CONTRADICTED: -0.40,
}  # fmt: skip


@dataclass(slots=True)
class FoundHouse:
    """A house on a street: what was found, where (degrees), within which radius, the rows of the index, and the row in
    the state address register (-1: none)."""

    state: str
    lat: float
    lon: float
    radius_m: float
    likeness: float
    rows: tuple[int, ...] = ()
    registered: int = -1


@dataclass(slots=True)
class Candidate:
    """A place that may be meant, with everything `decide` weighs.

    coverage: share of the name that was said; explained: share of the text that the candidate explains;
    weakest: the lowest similarity of a matched word; typed: 1 the types agree, 0 none said, -1 they contradict.
    firm: the settlement is named where only a settlement is.
    used: the tokens matched; ignored: the words left over; stranger: the weight of the heaviest left-over word that
    stands among the matched ones; real_word: a matched word is known by itself and only resembles the name's.
    registered: the row of the house in the state address register, -1 for none.
    also: the other street of a corner; said: the houses it stands for, when they are several.
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
    firm: bool = True
    stranger: float = 0.0
    real_word: bool = False
    registered: int = -1
    also: int = -1
    said: str = ""

    @property
    def placed(self) -> bool:
        """Whether it is known where it is; False for what only the state address register knows."""
        return self.lat == self.lat


@dataclass(frozen=True, slots=True)
class Limits:
    """Where to look: settlements of the caller's scope (None: everywhere)."""

    settlements: frozenset[int] | None = None


# the best found in the text for a word of a name: similarity, token, second token or -1
Evidence = tuple[float, int, int]
# what was found of one name, by the place of the word in the name
Said = dict[int, Evidence]
