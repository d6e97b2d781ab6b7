"""`okruga export …`: registers, territories and indicators as files that other programs open and this one loads."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from api.cli.base import Command, day, open_database
from api.cli.speech import say, talk
from geo.errors import N_, BadInput

if TYPE_CHECKING:
    from geo.store.engine import Connection

Row = dict[str, Any]
Rows = Iterable[tuple[Row, Any]]


@click.command(
    cls=Command, help=N_("Write projects, needs, events, organisations, observations, territories or indicators.")
)
@click.argument("what", metavar="REGISTER|territories|indicators")
@click.option(
    "--format", "output", type=click.Choice(["csv", "geojson", "xlsx"]), default="csv", help=N_("Format of the file.")
)
@click.option("--kind", default="", metavar="KIND", help=N_("Kind of territories, events or organisations."))
@click.option("--territory", default="", metavar="CODE", help=N_("Only what lies in this territory."))
@click.option("--theme", default="", metavar="CODE", help=N_("Only this theme."))
@click.option("--status", default="", metavar="CODE", help=N_("Only this status."))
@click.option(
    "--on", callback=day, metavar="DATE", help=N_("Territories as they were on this day; all versions when left out.")
)
@click.option("--period", default="", metavar="YEAR", help=N_("Year of the indicators."))
@click.option(
    "--raw", is_flag=True, help=N_("CSV without the apostrophe that keeps spreadsheets from running formulas.")
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help=N_("File to write; standard output when left out.")
)
def export(what: str, output: str, raw: bool, out: Path | None, **asked: Any) -> None:
    with open_database() as database, database.reading() as connection:
        columns, rows = rows_of(connection, what, **asked)
        count = write(output, columns, rows, out, raw=raw)
    if out is not None:
        talk(N_("Rows written to {file}: {count}."), file=out, count=count)


def rows_of(
    connection: Connection,
    what: str,
    *,
    kind: str,
    territory: str,
    theme: str,
    status: str,
    on: date | None,
    period: str,
) -> tuple[Sequence[str], Rows]:
    """Columns and rows of a register, of territories or of indicators."""
    from geo.registers import BY_NAME, BY_PLURAL
    from geo.store import export as stored
    from geo.store.query import Filters

    if what == "territories":
        return stored.TERRITORY_COLUMNS, stored.territories(connection, kind, on)
    if what == "indicators":
        return INDICATORS, indicators(connection, kind, period, theme)
    register = BY_PLURAL.get(what) or BY_NAME.get(what)
    if register is None:
        raise BadInput(
            N_("There is no register {register}."), remedy=N_("Choose one of: {known}."), register=what,
            known=", ".join([*BY_PLURAL, "territories", "indicators"]),
        )  # fmt: skip
    filters = Filters(territory=territory, kind=kind, theme=theme, status=status)
    return stored.entry_columns(register), stored.entries(connection, register, filters)


INDICATORS = ("measure", "kind", "period", "theme", "territory", "name", "value", "unit", "numerator", "denominator",
              "base", "interval_low", "interval_high", "missing_reason", "estimated", "sources", "class", "boundary",
              "boundary_from", "distance_m", "by", "method")  # fmt: skip


def indicators(connection: Connection, kind: str, period: str, theme: str) -> Iterator[tuple[Row, None]]:
    """Every measure for every territory of a kind in one year."""
    from geo.analysis.measures import MEASURES
    from geo.analysis.questions import look_ahead, make_query
    from geo.store.once import sharing

    with sharing(connection):
        look_ahead(connection, make_query(connection, MEASURES[0].code, kind=kind or None, period=period or None))
        yield from every_measure(connection, kind, period, theme)


def every_measure(connection: Connection, kind: str, period: str, theme: str) -> Iterator[tuple[Row, None]]:
    """The rows of one measure after the other."""
    from api.cli.speech import language
    from geo.analysis.measures import OF_TERRITORIES
    from geo.analysis.questions import ask, make_query

    for measure in OF_TERRITORIES:
        query = make_query(connection, measure.code, kind=kind or None, period=period or None,
                           theme=theme or None if measure.themes else None)  # fmt: skip
        answer = ask(connection, query, language())
        said = answer.as_dict(say)
        rows: Any = said["rows"]
        for row in rows:
            head = {
                name: said[name] for name in ("measure", "kind", "period", "theme", "unit", "base", "distance_m", "by")
            }
            about = {"sources": "; ".join(answer.sources), "method": answer.method.chapter}
            yield head | row | about, None


# --- formats ----------------------------------------------------------------------------------------------------------


def write(output: str, columns: Sequence[str], rows: Rows, out: Path | None, *, raw: bool) -> int:
    """Write the rows in a format; the number of rows. A file appears whole or not at all."""
    writers: dict[str, Callable[[Sequence[str], Rows, IO[bytes], bool], int]] = {
        "csv": write_csv, "geojson": write_geojson, "xlsx": write_xlsx,
    }  # fmt: skip
    if out is None:
        return writers[output](columns, rows, sys.stdout.buffer, raw)
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            count = writers[output](columns, rows, file, raw)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def write_csv(columns: Sequence[str], rows: Rows, file: IO[bytes], raw: bool) -> int:
    """UTF-8 with its mark; shapes as WKT when there are some, cells that a spreadsheet would run made harmless."""
    from api.csv_table import harmless

    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    count = 0
    # territories have nothing but their shape to say where they are
    shaped = "precision" in columns
    headings = [*columns, *(["wkt"] if shaped else [])]
    writer.writerow(headings)
    for row, shape in rows:
        whole = row | ({"wkt": wkt(shape)} if shaped and shape is not None else {})
        cells = ["" if whole.get(name) is None else whole[name] for name in headings]
        writer.writerow(cells if raw else [harmless(cell) for cell in cells])
        count += 1
    text.detach()
    return count


def wkt(shape: Any) -> str:
    import shapely

    return str(shapely.to_wkt(shape, rounding_precision=9))


def write_geojson(columns: Sequence[str], rows: Rows, file: IO[bytes], raw: bool) -> int:
    """RFC 7946, one feature per line."""
    import shapely

    _ = raw
    count = 0
    file.write(b'{"type": "FeatureCollection", "features": [')
    for row, shape in rows:
        properties = {name: plain(row.get(name)) for name in columns if name not in ("lat", "lon", "wkt")}
        properties = {name: value for name, value in properties.items() if value is not None}
        geometry = None if shape is None else json.loads(str(shapely.to_geojson(shape)))
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        file.write((b"," if count else b"") + b"\n" + json.dumps(feature, ensure_ascii=False).encode())
        count += 1
    file.write(b"\n]}\n")
    return count


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def write_xlsx(columns: Sequence[str], rows: Rows, file: IO[bytes], raw: bool) -> int:
    """A workbook with one sheet; texts are cells of text, so nothing is taken for a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    _ = raw
    book = Workbook(write_only=True)
    sheet = book.create_sheet("okruga")
    sheet.append(list(columns))
    count = 0
    for row, _shape in rows:
        cells = []
        for name in columns:
            cell = WriteOnlyCell(sheet, value=row.get(name))
            if isinstance(cell.value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
        count += 1
    book.save(file)
    return count
