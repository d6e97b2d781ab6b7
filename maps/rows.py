"""What do pages list? The small frozen rows that pages of text and tables are made of.

Names of people's entries and places are plain strings and are escaped where they are shown; codes are `Word`s and get
their title there; numbers, dates and distances stay numbers, dates and metres until a template formats them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from geo.vocabulary import (
    BoundaryPrecision,
    Certainty,
    MatchLevel,
    MissingReason,
    PublicPrecision,
    TerritoryKind,
    TosLevel,
    TosStatus,
    Word,
)
from maps.text import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Something with a page of its own."""

    title: Title
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask: an office or body with public contacts only."""

    role: Title
    name: str
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible place for a typed address."""

    label: str
    href: str
    note: Title = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTerritory:
    """A territory at a point, and how certain that is."""

    kind: TerritoryKind
    code: str
    name: str
    certainty: Certainty
    href: str
    people: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearItem:
    """An entry near a point; the distance is in metres, and so is the walk where one was asked for."""

    register: Title
    id: str | int
    title: str
    href: str
    distance_m: float
    walk_m: float | None = None
    walk_minutes: int | None = None
    walk_missing: Word | None = None
    status: Word | None = None
    theme: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry in a list of another page."""

    title: str
    href: str
    status: Word | None = None
    theme: Word | None = None
    on: datetime.date | None = None
    note: Title = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryRow:
    """A territory in a list of another page."""

    name: str
    href: str
    status: Word | None = None
    note: Title = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An indicator as a column of a table."""

    code: str
    title: Title
    unit: str
    base: Title = ""
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A value of a table; a missing one says why. `low` and `high` are the interval, `rank` is printed as it is."""

    value: float | None
    missing: MissingReason | None = None
    low: float | None = None
    high: float | None = None
    rank: str = ""
    estimated: bool = False
    numerator: float | None = None
    denominator: float | None = None
    class_title: Title = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictRow:
    """A district with its values, one per column."""

    code: str
    name: str
    href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """An area of the table twin, with the reasons of its rank."""

    name: str
    href: str
    cells: tuple[Cell, ...]
    rank: str = ""
    reasons: tuple[Title, ...] = ()
    rows_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TosRow:
    """A TOS of the register."""

    name: str
    href: str
    status: TosStatus
    level: TosLevel | None = None
    district: str = ""
    registered_on: datetime.date | None = None
    residents: int | None = None
    charter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryNote:
    """Since when a boundary holds, by which act, from which source."""

    valid_from: datetime.date | None
    valid_to: datetime.date | None = None
    legal_act: str = ""
    source: str = ""
    licence: str = ""
    precision: BoundaryPrecision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNote:
    """Where an entry is: the address as it was given, how precisely it was placed, what lies around it."""

    address: str
    match_level: MatchLevel
    territories: tuple[NearTerritory, ...] = ()
    precision: PublicPrecision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a history."""

    on: datetime.date
    text: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator of one district beside the other districts of the city.

    `lowest`, `median` and `highest` are those of all districts; `low` and `high` the interval of this one's value;
    `rank_low` to `rank_high` is where its rank lies; `of` how many are ranked.
    """

    code: str
    title: Title
    unit: str
    value: float | None
    median: float | None = None
    lowest: float | None = None
    highest: float | None = None
    low: float | None = None
    high: float | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    of: int = 0
    missing: MissingReason | None = None
    numerator: float | None = None
    denominator: float | None = None
    base: Title = ""
    method: str = ""
    estimated: bool = False
