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
# `, тыс. чел.` behind a heading says how the numbers are written, not what they are
UNIT = re.compile(
    r",?\s*\b(?:в\s+|in\s+)?(?:(?:тыс|млн|млрд)[а-я]*\.?\s*)?(?:чел(?:овека?|\.)?|руб(?:лей|лях|\.)?)(?!\w)"
    r"|,\s*(?:в\s+|in\s+)?(?:тыс|млн|млрд|thous|million)\w*\.?",
    re.I,
)
# nested attributes as readers flatten them: data.voters
DOTTED = re.compile(r"\w+(?:\.\w+)+")
SHORT = {"кол во": "количество", "наим": "наименование", "dt": "date"}
SHORT_WORD = re.compile(rf"\b(?:{'|'.join(SHORT)})\b")
# normalising writes № as "no"
NUMBER_SIGN = re.compile(r"^no (?=[а-я])")
# a heading whose blanks were left out is known from this length on
LEAST_SQUEEZED = 6
SCALES = {"тыс": 3, "thou": 3, "000": 3, "млн": 6, "mill": 6, "млрд": 9}
SCALE = re.compile(r"(?<!на )(?<!per )(?<!\w)(тыс|млрд|млн|thou(?=s)|mill(?=ion)|000(?=s))", re.I)
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
    """The forms under which a heading is looked up: whole, without remarks in brackets, without the unit, storey by
    storey, the last part of a dotted name, and each with shortened words written out.

    >>> keys_of("Кол-во участников, чел.")
    ('кол во участников чел', 'количество участников чел', 'кол во участников', 'количество участников')
    """
    forms = list(dict.fromkeys((heading, BRACKETS.sub(" ", heading), UNIT.sub(" ", BRACKETS.sub(" ", heading)))))
    forms += [part for form in forms if STOREYS in form for part in reversed(form.split(STOREYS))]
    forms += [form.rpartition(".")[2] for form in forms if DOTTED.fullmatch(form)]
    keys = [key for form in forms for key in (normalised(form), written_out(normalised(form)))]
    return tuple(dict.fromkeys(key for key in keys if key))


def written_out(key: str) -> str:
    """A normalised heading with its shortened words in full."""
    return SHORT_WORD.sub(lambda found: SHORT[found[0]], NUMBER_SIGN.sub("номер ", key))


def scale_of(heading: str) -> int:
    """The power of ten a heading states for its numbers.

    >>> scale_of("Население, тыс. чел."), scale_of("Стоимость (млн руб.)"), scale_of("Участников на тыс. жителей")
    (3, 6, 0)
    """
    found = SCALE.search(heading)
    return SCALES[found[1].casefold()] if found else 0


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


@lru_cache(maxsize=16)
def squeezed_keys(register: str) -> dict[str, tuple[str, int]]:
    """The same for headings written without blanks (`NameRU`, `ClosedDate`)."""
    known = known_keys(register)
    best = sorted(known, key=lambda key: known[key][1], reverse=True)
    return {short: known[key] for key in best if len(short := key.replace(" ", "")) >= LEAST_SQUEEZED}


def map_columns(
    register: str, columns: Sequence[str], explicit: Pairs[str, str] | None = None, blank: Collection[str] = ()
) -> Mapping:
    """Match columns with the fields of a register; an empty column in `explicit` says that the field has none, and
    `blank` names the columns without any value, which give way to others.

    Raises BadInput for a field or column that does not exist.
    """
    codes = {info.code for info in fields(register)}
    asked = dict(explicit or {})
    without = {field for field, column in asked.items() if not column and known(field, codes)}
    chosen = {field: stated(field, column, codes, columns) for field, column in asked.items() if column}
    taken = set(chosen.values())
    for field, column in recognised(register, [column for column in columns if column not in taken], blank):
        if field not in chosen and field not in without:
            chosen[field] = column
            taken.add(column)
    extra = tuple(column for column in columns if column not in taken and column not in OWN)
    filled = [column for column in extra if column not in blank]
    return Mapping(chosen, extra, tuple(similar(register, filled, {*chosen, *without})))


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


def recognised(register: str, columns: Sequence[str], blank: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Pairs of field and column whose heading is known; of two columns for one field a filled one, then the closer
    heading wins."""
    best: dict[str, tuple[bool, int, int, str]] = {}
    for position, column in enumerate(columns):
        found = field_of(register, column)
        if found is not None:
            field, rank = found
            place = (column in blank, rank, position, column)
            best[field] = min(best.get(field, place), place)
    for field, (*_, column) in best.items():
        yield field, column


def field_of(register: str, column: str) -> tuple[str, int] | None:
    """The field a heading is known for, with its rank among that field's headings."""
    keys, squeezed = known_keys(register), squeezed_keys(register)
    forms = keys_of(column)
    found = next((keys[key] for key in forms if key in keys), None)
    return found or next((squeezed[short] for key in forms if (short := key.replace(" ", "")) in squeezed), None)


def similar(register: str, columns: Sequence[str], chosen: Collection[str]) -> Iterator[ColumnOffer]:
    """Offers for columns whose heading is close to one of a field that has no column yet."""
    keys = {key: field for key, (field, _) in known_keys(register).items() if field not in chosen and len(key) > 3}
    for column in columns:
        match = process.extractOne(normalised(column), list(keys), scorer=fuzz.ratio, score_cutoff=SIMILAR)
        if match is not None:
            yield ColumnOffer(keys[match[0]], column, round(match[1], 1))
