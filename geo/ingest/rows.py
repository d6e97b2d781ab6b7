"""Are the values of this table usable? A table and what its columns mean in, typed columns and refused rows out.

Column by column, so that a million rows take seconds: every different text of a column is parsed once with the same
parsers that check a request (incoming.py). A bad row never stops the others: it is counted, quoted and handed back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.errors import N_, BadInput, Message
from geo.ingest import shapes, values
from geo.ingest.check import Check, Checked, Positions, Rejected, text_column
from geo.ingest.columns import Mapping, scale_of
from geo.ingest.crs import BBox
from geo.ingest.findings import Finding, Severity
from geo.ingest.incoming import (
    COUNT,
    MODELS,
    MONEY,
    NUMBER,
    BoundaryRow,
    CellRow,
    ObservationRow,
    first_words,
    missing,
)
from geo.ingest.rules import Rule
from geo.ingest.table import Geometries, Table
from geo.ingest.values import Kind, Wrong
from geo.progress import SILENT, Progress
from geo.vocabulary import PopulationBase, Theme

CHUNK = 100_000
LAT_LON = ("lat", "lon")
# fields that only say where a row lies: shapes.py takes what they hold
HELD = frozenset({"wkt", "coordinates"})
# fields that often have one value for a whole file
FOR_ALL = frozenset({"year", "measure", "group"})
NAME_OR_STATE = N_(
    "Name it with --map {field}=COLUMN, or state one for all rows with --set {field}=VALUE. Its columns are: {columns}."
)
# kinds of value that a heading may state in thousands or millions
SCALED = (COUNT, MONEY)
TOTALS = frozenset({"итого", "всего", "итого:", "всего:", "total", "итог", "в том числе", "в том числе:"})


def validate(
    register: str,
    table: Table,
    mapping: Mapping,
    *,
    expected: BBox | None = None,
    crs: str | None = None,
    accept: bool = False,
    progress: Progress = SILENT,
) -> Checked:
    """Check every row. `expected` is the lon/lat box the data should lie in; `crs` replaces the stated system;
    `accept` takes offers of a coordinate system or of exchanged axes.

    Raises BadInput when the table lacks a column no row can do without.
    """
    require(register, mapping, table)
    check = Check(register, table, mapping)
    sums = skip_totals(check)
    kinds = check.model.kinds()
    with progress.step(N_("Checking the values"), len(kinds)) as step:
        for alias, (name, kind) in kinds.items():
            parse_field(check, alias, name, kind)
            step.advance()
    stated_places = [rule for rule in check.model.rules() if rule.fields == LAT_LON]
    for rule in stated_places:  # before places are put in order
        apply(check, rule)
    with progress.step(N_("Checking the places")):
        geometry = shapes.place(check, expected=expected, crs=crs, accept=accept)
    complete_periods(check)
    name_from_file(check)
    for name in check.model.needed:
        fault = missing(name)
        empty = np.setdiff1d(nulls(check.columns[name]), sums)
        check.note(empty, Severity.BLOCK, fault.code, fault.message, fault.remedy, field=name)
    for rule in check.model.rules():
        if rule not in stated_places:
            apply(check, rule)
    return result(register, check, geometry)


def require(register: str, mapping: Mapping, table: Table) -> None:
    """Raise BadInput when a needed field has neither a column nor a stand-in."""
    model = MODELS[register]
    if (
        model is BoundaryRow
        and "wkt" not in mapping.fields
        and (table.geometry is None or shapely.is_missing(table.geometry).all())
        and not table.findings.blocked
    ):
        raise BadInput(
            N_("{file} holds names but no shapes."),
            remedy=N_("Boundaries need a polygon in every row; choose another layer or file."),
            file=table.name,
        )
    if model is BoundaryRow and (len(table) == 1 or not table.columns):
        return  # a drawing without any table: its one shape is named after the file, several are refused one by one
    stand_in = {model.stand_in[0]: model.stand_in[1]} if model.stand_in else {}
    for name in model.needed:
        if name not in mapping.fields and stand_in.get(name) not in mapping.fields:
            close = ", ".join(f"{offer.column}" for offer in mapping.offers if offer.field == name)
            raise BadInput(
                N_("{file} has no column for {field}."),
                remedy=N_("Perhaps {close}? Name it with --map {field}=COLUMN. Its columns are: {columns}.")
                if close
                else NAME_OR_STATE
                if name in FOR_ALL
                else N_("Name it with --map {field}=COLUMN. Its columns are: {columns}."),
                file=table.name,
                field=name,
                close=close,
                columns=", ".join(table.columns) or "-",
            )


def require_people(mapping: Mapping, table: Table) -> None:
    """Raise BadInput when no column of a table of population counts people."""
    if mapping.fields.keys() & PopulationBase.codes():
        return
    columns = {"file": table.name, "columns": ", ".join(table.columns)}
    years = [name for name in table.columns if values.YEAR_ONLY.match(name)]
    if years:
        raise BadInput(
            N_("{file} has its years side by side: {years}."),
            remedy=N_("Load one year after the other: --map residents={year} --set year={year}."),
            years=", ".join(years), year=years[-1], **columns,
        )  # fmt: skip
    raise BadInput(
        N_("{file} has no column that counts people."),
        remedy=N_("Name it with --map residents=COLUMN (or residents_16, voters). Its columns are: {columns}."),
        **columns,
    )


# --- columns ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Different:
    """A chunk of a column as its different texts and where each stands (-1 for nothing)."""

    texts: list[str]
    codes: npt.NDArray[np.int64]

    @classmethod
    def of(cls, chunk: pa.Array) -> Different:
        encoded = chunk.dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(encoded.dictionary.to_pylist(), codes)


def parse_field(check: Check, alias: str, name: str, kind: Kind) -> None:
    """Fill the typed column of one field."""
    column = check.mapping.fields.get(alias)
    stand_in = check.model.stand_in
    if column is None and not (stand_in and stand_in[0] == alias and stand_in[1] in check.mapping.fields):
        check.columns.setdefault(name, pa.nulls(len(check.table), kind.arrow))
        return
    texts = source_texts(check, alias, column)
    kind = in_units(check, alias, column, kind)
    if alias in check.model.qualified:
        texts = split_qualifiers(check, texts)
    parse = with_month_first(kind, texts) if kind.name.startswith("date") else kind
    parts, start = [], 0
    for chunk in chunks(texts):
        parts.append(parse_chunk(check, alias, parse, chunk, start))
        start += len(chunk)
    found = (
        pa.chunked_array(parts, type=kind.arrow if kind.name not in HELD else None).combine_chunks()
        if parts
        else pa.nulls(0, kind.arrow)
    )
    # a qualifier found beside a number fills the gaps of a column that was read before or after it
    check.columns[name] = pc.coalesce(found, check.columns[name]) if name in check.columns else found


def in_units(check: Check, alias: str, column: str | None, kind: Kind) -> Kind:
    """The parser for a column whose heading says that its numbers are thousands or millions, and a note of it."""
    exponent = scale_of(column) if column is not None else 0
    if not exponent or not (kind in SCALED or (check.model is CellRow and kind is NUMBER)):
        return kind
    message = Message(
        N_("The heading {column} states larger units: its numbers are multiplied by {factor}."),
        {"column": column, "factor": 10**exponent},
    )
    remedy = Message(N_("If the numbers are whole already, correct the heading."))
    check.whole(Finding(Severity.INFO, "units_of_heading", message, remedy, field=alias))
    return replace(kind, parse=lambda text: kind.parse(values.multiplied(text, exponent)))


def source_texts(check: Check, alias: str, column: str | None) -> pa.ChunkedArray:
    """The texts of a field: its column, with the stand-in where that is empty."""
    frame = check.table.frame
    stand_in = check.model.stand_in
    helps = stand_in is not None and stand_in[0] == alias and stand_in[1] in check.mapping.fields
    if column is not None and not helps:
        return text_column(frame[column])
    other_name = check.mapping.fields[stand_in[1]] if stand_in is not None else alias
    other = pa.chunked_array([pa.array([first_words(text) for text in frame[other_name]], pa.large_string())])
    if column is None:
        return other
    own = text_column(frame[column])
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(own), ""), other, own)


def chunks(texts: pa.ChunkedArray) -> Iterator[pa.Array]:
    """The column in pieces small enough to hold their different texts as Python strings."""
    for start in range(0, len(texts), CHUNK):
        piece = texts.slice(start, CHUNK).combine_chunks()
        yield piece.chunk(0) if isinstance(piece, pa.ChunkedArray) else piece


def split_qualifiers(check: Check, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The numbers without `not less than` and the like; the qualifiers go to their own column."""
    numbers, qualifiers = [], []
    for chunk in chunks(texts):
        different = Different.of(chunk)
        pairs = [values.qualified(values.stripped(text)) for text in different.texts]
        numbers.append(pa.array([pair[0] for pair in pairs], pa.large_string()).take(pa.array(different.codes)))
        qualifiers.append(pa.array([pair[1] for pair in pairs], pa.string()).take(pa.array(different.codes)))
    found = pa.chunked_array(qualifiers, type=pa.string()).combine_chunks()
    check.columns["count_qualifier"] = found
    return pa.chunked_array(numbers, type=pa.large_string())


def with_month_first(kind: Kind, texts: pa.ChunkedArray) -> Kind:
    """The date parser for this column: with the month first when the column shows that it is written so."""
    sample = pc.unique(texts.filter(pc.match_substring(texts, "/"))).to_pylist()
    if not values.month_comes_first(sample):
        return kind
    end = kind.name == "date_end"
    return Kind(kind.name, lambda text: values.day(text, end, True), kind.arrow)


def parse_chunk(check: Check, alias: str, kind: Kind, chunk: pa.Array, start: int) -> pa.Array:
    """Parse the different texts of a chunk once and spread the values; faults become findings."""
    different = Different.of(chunk)
    parsed: list[Any] = []
    faults: list[tuple[int, Wrong]] = []
    marked: list[tuple[int, Message]] = []
    for at, text in enumerate(different.texts):
        plain = values.stripped(text)
        try:
            value = None if kind.empty(plain) else kind.read(plain)
        except Wrong as wrong:
            value = stand_in_value(check, kind, wrong)
            faults.append((at, wrong))
        parsed.append(value)
        if kind.warns is not None and value is not None and (message := kind.warns(value)):
            marked.append((at, message))
    tell(check, alias, different, start, faults, marked)
    if kind.name in HELD:
        shapes.remember(check, kind.name, parsed, different.codes, start)
        return pa.nulls(len(chunk), kind.arrow)
    typed = pa.array([value.value if hasattr(value, "title_msgid") else value for value in parsed], kind.arrow)
    return typed.take(pa.array(different.codes))


def stand_in_value(check: Check, kind: Kind, wrong: Wrong) -> Any:
    """An unknown theme is taken as `other`, visibly; every other fault has no value."""
    _ = check
    return Theme.OTHER if wrong.code == "theme_unknown" and kind.name == Theme.context() else None


def tell(
    check: Check,
    alias: str,
    different: Different,
    start: int,
    faults: list[tuple[int, Wrong]],
    marked: list[tuple[int, Message]],
) -> None:
    """Findings for faulty and doubtful values of a chunk."""
    if not faults and not marked:
        return
    order = np.argsort(different.codes, kind="stable")
    bounds = np.searchsorted(different.codes[order], np.arange(len(different.texts) + 1))
    for at, wrong in faults:
        positions = order[bounds[at] : bounds[at + 1]] + start
        severity = Severity.WARN if wrong.code == "theme_unknown" else Severity.BLOCK
        check.note(positions, severity, wrong.code, wrong.message, wrong.remedy, field=alias, value=different.texts[at])
        if wrong.code == "theme_unknown":
            keep_word(check, alias, positions, different.texts[at])
    for at, message in marked:
        positions = order[bounds[at] : bounds[at + 1]] + start
        check.note(positions, Severity.WARN, "control_digits", message, field=alias, value=different.texts[at])


def keep_word(check: Check, alias: str, positions: Positions, text: str) -> None:
    """Keep the source's own word for a theme that became `other`."""
    name = f"{alias} (source)"
    kept = check.extra.get(name)
    column = np.full(len(check.table), "", dtype=object) if kept is None else np.array(kept.to_pylist(), dtype=object)
    column[positions] = text
    check.extra[name] = pa.chunked_array([pa.array(column, pa.large_string())])


def skip_totals(check: Check) -> Positions:
    """Refuse the rows of sums below a list, which are no entries; gives their positions."""
    frame = check.table.frame
    if frame.shape[1] == 0 or check.table.unit != "row":
        return np.empty(0, np.int64)
    found = np.zeros(len(check.table), dtype=bool)
    for name in frame.columns[:3]:
        first = text_column(frame[name])
        found |= pc.is_in(
            pc.utf8_lower(pc.utf8_trim_whitespace(first)), pa.array(sorted(TOTALS), pa.large_string())
        ).to_numpy(zero_copy_only=False)
    check.note(
        np.flatnonzero(found),
        Severity.BLOCK,
        "total_row",
        Message(N_("The row is a sum or a caption, not an entry.")),
        Message(N_("Nothing to do if that is right; otherwise give it a name of its own.")),
    )
    return np.flatnonzero(found)


# --- rows ------------------------------------------------------------------------------------------------------------


def nulls(column: pa.Array) -> Positions:
    """Positions of missing values."""
    return np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).astype(np.int64)


def comparable(column: pa.Array) -> Any:
    """A typed column as numpy with NaN or NaT where nothing is stated."""
    if pa.types.is_date(column.type):
        return column.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def apply(check: Check, rule: Rule) -> None:
    """Note the rows that break a rule between fields."""
    broken = np.asarray(rule.broken(*(comparable(check.columns[name]) for name in rule.fields)), dtype=bool)
    positions = np.flatnonzero(np.broadcast_to(broken, len(check.table)) & ~check.refused)
    if len(positions):
        check.note(positions, rule.severity, rule.code, rule.message, rule.remedy, field=rule.fields[0])


def name_from_file(check: Check) -> None:
    """The only shape of a file that names it nowhere gets the file's name, visibly."""
    if check.model is not BoundaryRow or len(check.table) != 1 or check.columns["name"].null_count == 0:
        return
    name = Path(check.table.name).stem
    check.columns["name"] = pa.array([name], pa.string())
    message = Message(N_("The shape has no name; it was named after the file: {name}."), {"name": name})
    remedy = Message(N_("Give the file the territory's name, or add a column with it."))
    check.note(np.zeros(1, dtype=np.int64), Severity.WARN, "name_from_file", message, remedy, field="name")


def complete_periods(check: Check) -> None:
    """A year is a period from its first to its last day."""
    if check.model is not ObservationRow:
        return
    years = check.columns["year"].to_pylist()
    for name, month_day in (("period_from", "01-01"), ("period_to", "12-31")):
        filled = pa.array(
            [None if year is None else values.day(f"{year:04d}-{month_day}") for year in years], pa.date32()
        )
        check.columns[name] = pc.coalesce(check.columns[name], filled)


def result(register: str, check: Check, geometry: Geometries | None) -> Checked:
    """Divide the table into accepted and refused rows."""
    keep, away = np.flatnonzero(~check.refused), np.flatnonzero(check.refused)
    names = [name for name in check.columns if name not in HELD]
    rows = pa.table([check.columns[name] for name in names], names=names).take(pa.array(keep))
    extra = (
        pa.table(list(check.extra.values()), names=list(check.extra)).take(pa.array(keep))
        if check.extra
        else pa.table({})
    )
    numbers = check.table.row_numbers
    kept_shapes = None if geometry is None else geometry[keep]
    reasons = [tuple(check.reasons.get(int(number), ())) for number in numbers[away]]
    rejected = Rejected(rejected_frame(check.table, away), numbers[away], reasons)
    repaired = len(check.repaired - {int(number) for number in numbers[away]})
    return Checked(
        register,
        rows,
        numbers[keep],
        check.table.unit,
        kept_shapes,
        extra,
        rejected,
        check.findings,
        check.offers,
        repaired,
        len(check.table),
    )


def rejected_frame(table: Table, away: Positions) -> pd.DataFrame:
    """The refused rows as text; shapes go along as WKT so that the file can be sent again."""
    frame = table.frame.iloc[away].reset_index(drop=True)
    if table.geometry is not None and "wkt" not in frame:
        shapes_of = table.geometry[away]
        written = [None if shape is None else shapely.to_wkt(shape, rounding_precision=8) for shape in shapes_of]
        frame = frame.assign(wkt=pd.Series(written, dtype="str").fillna(""))
    return frame
