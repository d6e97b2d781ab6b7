"""Which column of a file means which field? Headings in Russian and English are known; the rest is kept, not guessed.

A heading that is only similar to a known one is an offer. What a person states (`--map FIELD=COLUMN`) always wins.
Headings live in headings.csv: adding a synonym is adding a word there.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from geo.errors import N_, BadInput
from geo.ingest.table import STOREYS

REGISTERS = (
    "boundaries",
    "groups",
    "population",
    "cells",
    "projects",
    "needs",
    "events",
    "organisations",
    "observations",
)
WITH_PLACE = frozenset({"projects", "needs", "events", "organisations"})
WIDE = ("funding_", "channel_")
SIMILAR = 86
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
SIGNS = re.compile(r"(?:[^\w+№]|_)+")
# columns our own file of rejected rows adds
OWN = frozenset({"okruga_row", "okruga_reason"})


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of a register for a mapping form: its code, the headings it is known by, whether rows need it."""

    code: str
    headings: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class ColumnOffer:
    """A column that may mean a field, because the heading is similar (0..100)."""

    field: str
    column: str
    score: float


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each column means: `fields` (field -> column), `extra` columns kept as text, `offers` to be confirmed."""

    fields: dict[str, str]
    extra: tuple[str, ...] = ()
    offers: tuple[ColumnOffer, ...] = ()

    @property
    def wide(self) -> dict[str, str]:
        """The fields that spread one fact over columns: money by source, people by channel."""
        return {field: column for field, column in self.fields.items() if field.startswith(WIDE)}


@lru_cache(maxsize=1)
def _headings() -> dict[str, tuple[FieldInfo, ...]]:
    """Register -> its own fields, as listed in headings.csv."""
    found: dict[str, list[FieldInfo]] = {}
    with resources.files("geo.ingest").joinpath("headings.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            info = FieldInfo(row["field"], tuple(row["headings"].split("|")), bool(row["required"]))
            found.setdefault(row["register"], []).append(info)
    return {register: tuple(fields) for register, fields in found.items()}


def fields(register: str) -> tuple[FieldInfo, ...]:
    """All fields of a register in the order of a form. KeyError for an unknown register."""
    known = _headings()
    return known[register] + (known["place"] if register in WITH_PLACE else ())


def normalised(heading: str) -> str:
    """A heading without case, ё, punctuation and surplus blanks.

    >>> normalised("  Наименование проекта: ")
    'наименование проекта'
    """
    text = unicodedata.normalize("NFKC", heading).casefold().replace("ё", "е")
    return " ".join(SIGNS.sub(" ", text).split())


def keys_of(heading: str) -> tuple[str, ...]:
    """The forms under which a heading is looked up: whole, without remarks in brackets, and storey by storey."""
    forms = [heading, BRACKETS.sub(" ", heading)]
    forms += [part for form in forms if STOREYS in form for part in reversed(form.split(STOREYS))]
    return tuple(dict.fromkeys(key for key in map(normalised, forms) if key))


@lru_cache(maxsize=16)
def known_keys(register: str) -> dict[str, tuple[str, int]]:
    """Normalised heading -> field and its rank among the field's headings (0 is the field's own code)."""
    keys: dict[str, tuple[str, int]] = {}
    for info in fields(register):
        for rank, heading in enumerate((info.code, *info.headings)):
            key = normalised(heading)
            if key not in keys or rank < keys[key][1]:
                keys[key] = (info.code, rank)
    return keys


def map_columns(register: str, columns: Sequence[str], explicit: Pairs[str, str] | None = None) -> Mapping:
    """Match columns with the fields of a register; an empty column in `explicit` says that the field has none.

    Raises BadInput for a field or column that does not exist.
    """
    codes = {info.code for info in fields(register)}
    asked = dict(explicit or {})
    without = {field for field, column in asked.items() if not column and known(field, codes)}
    chosen = {field: stated(field, column, codes, columns) for field, column in asked.items() if column}
    taken = set(chosen.values())
    for field, column in recognised(register, [column for column in columns if column not in taken]):
        if field not in chosen and field not in without:
            chosen[field] = column
            taken.add(column)
    extra = tuple(column for column in columns if column not in taken and column not in OWN)
    return Mapping(chosen, extra, tuple(similar(register, extra, {*chosen, *without})))


def known(field: str, codes: set[str]) -> bool:
    """True for a field of the register. Raises BadInput for any other."""
    if field not in codes:
        raise BadInput(
            N_("There is no field {field} in this register."),
            remedy=N_("Fields are: {fields}."),
            field=field,
            fields=", ".join(sorted(codes)),
        )
    return True


def stated(field: str, column: str, codes: set[str], columns: Sequence[str]) -> str:
    """The column a person named for a field, spelt as in the file."""
    known(field, codes)
    if column in columns:
        return column
    alike = [name for name in columns if normalised(name) == normalised(column)]
    if len(alike) == 1:
        return alike[0]
    raise BadInput(
        N_("The file has no column {column}."),
        remedy=N_("Its columns are: {columns}."),
        column=column,
        columns=", ".join(columns),
    )


def recognised(register: str, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of field and column whose heading is known; of two columns for one field the closer heading wins."""
    keys = known_keys(register)
    best: dict[str, tuple[int, int, str]] = {}
    for position, column in enumerate(columns):
        found = next((keys[key] for key in keys_of(column) if key in keys), None)
        if found is not None:
            field, rank = found
            best[field] = min(best.get(field, (rank, position, column)), (rank, position, column))
    for field, (_, _, column) in best.items():
        yield field, column


def similar(register: str, columns: Sequence[str], chosen: Collection[str]) -> Iterator[ColumnOffer]:
    """Offers for columns whose heading is close to one of a field that has no column yet."""
    keys = {key: field for key, (field, _) in known_keys(register).items() if field not in chosen and len(key) > 3}
    for column in columns:
        match = process.extractOne(normalised(column), list(keys), scorer=fuzz.ratio, score_cutoff=SIMILAR)
        if match is not None:
            yield ColumnOffer(keys[match[0]], column, round(match[1], 1))
