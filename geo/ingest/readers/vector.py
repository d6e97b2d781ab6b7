"""Vector files that GDAL or Arrow reads, and spreadsheets: prepared here, parsed in the child, turned into a Table."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo.errors import N_, BadFile, BadInput, MissingComponent, OkrugaError
from geo.ingest import crs as reference
from geo.ingest import encoding
from geo.ingest.findings import Findings
from geo.ingest.readers import rings, sandbox, shapefile
from geo.ingest.readers.child import CELLS, NUMBER, WKB
from geo.ingest.readers.limits import Limits
from geo.ingest.table import MOST_COLUMNS, Geometries, Table, text_frame, too_many_columns, unique_names
from geo.progress import SILENT, Progress


class ChooseLayer(BadInput):
    """The file holds several layers or sheets: one has to be chosen; `names` lists them."""

    code = "choose_layer"

    def __init__(self, message: str, *, names: Sequence[str], remedy: str = "", **params: object) -> None:
        super().__init__(message, remedy=remedy, names=", ".join(names), **params)
        self.names = tuple(names)


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer or sheet of a file, for a chooser. `rows` of a sheet is 0 (empty), 1 or 2 (a list)."""

    name: str
    rows: int
    geometry_type: str = ""
    crs: str = ""


@lru_cache(maxsize=1)
def known_drivers() -> tuple[str, ...]:
    """All vector drivers of this GDAL, so that the child can leave out all but one."""
    import pyogrio

    return tuple(pyogrio.list_drivers())


def order_for(task: str, file_format: str, path: Path, **more: Any) -> dict[str, Any]:
    """The order to the child."""
    drivers = list(known_drivers()) if task in ("vector", "layers") else []
    return {"task": task, "format": file_format, "path": str(path), "drivers": drivers, **more}


def place_files(parts: Mapping[str, Path], folder: Path, file_format: str) -> Path:
    """Copies of the parts in the child's folder under plain names; returns the main one."""
    for ending, part in parts.items():
        shutil.copyfile(part, folder / f"layer{ending}")
    return folder / f"layer.{file_format}"


def read_vector(
    parts: Mapping[str, Path],
    file_format: str,
    name: str,
    *,
    layer: str | None,
    stated_encoding: str | None,
    accept: bool,
    limits: Limits,
    progress: Progress = SILENT,
) -> Table:
    """A layer of a GPKG, Shapefile, DBF, KML, MIF, TAB, FlatGeobuf or GeoParquet file."""
    table = Table(name, text_frame({}, 0), np.empty(0, np.int64), unit="feature", format=file_format)
    with sandbox.workplace() as folder, progress.step(N_("Reading the file")) as step:
        main = place_files(parts, folder, file_format)
        text_encoding = choose_encoding(table, parts, file_format, stated_encoding, accept)
        task = "parquet" if file_format == "parquet" else "vector"
        wanted = None if file_format in ("shp", "dbf", "mif", "tab") else layer
        order = order_for(task, file_format, main, layer=wanted, encoding=text_encoding)
        answer = sandbox.ask(order, folder, limits, file=name, advance=step.advance)
    raise_refusal(answer.head, name)
    if file_format not in ("gpkg", "kml"):
        answer.head["layer"] = Path(name).stem
    fill(table, answer.table(), answer.head)
    if file_format == "shp":
        table.findings.extend(shapefile.missing_parts(parts, name))
    return table


def choose_encoding(
    table: Table, parts: Mapping[str, Path], file_format: str, stated: str | None, accept: bool
) -> str | None:
    """The encoding to hand to GDAL; a guess becomes an offer on the table."""
    if stated:
        return encoding.check(stated)
    if file_format not in ("shp", "dbf") or ".dbf" not in parts:
        return None
    found = shapefile.dbf_text(parts[".dbf"], parts.get(".cpg") or parts.get(".cst"))
    if found.declared and (found.declared != "utf-8" or mostly_utf8(found.texts)):
        return found.declared
    guess = encoding.detect(found.sample)
    if not guess.certain:
        table.offer(encoding.offer(guess, found.texts or found.columns, accepted=accept))
    return guess.encoding


def mostly_utf8(texts: Sequence[bytes]) -> bool:
    """UTF-8 but for values that a fixed width cut inside a character."""
    return all(encoding.is_utf8(text, whole=False) for text in texts)


def fill(table: Table, arrow: pa.Table, head: Mapping[str, Any]) -> None:
    """Put the child's answer into the table: text columns, shapes, coordinate system."""
    columns = [column for column in arrow.column_names if column not in (WKB, CELLS, NUMBER)]
    if len(columns) > MOST_COLUMNS:
        raise too_many_columns(table.name)
    names = unique_names(columns)
    count = arrow.num_rows
    table.frame = text_frame({name: arrow.column(column) for name, column in zip(names, columns, strict=True)}, count)
    table.row_numbers = np.arange(1, count + 1, dtype=np.int64)
    table.layer = str(head.get("layer") or "")
    table.crs = reference.from_file(head.get("crs") or "", table.findings)
    if count == 0:
        raise BadFile(
            N_("{layer} in {file} has no rows."),
            remedy=N_("Check in QGIS that the layer is the right one and was saved with its contents."),
            file=table.name,
            layer=table.layer or table.name,
        )
    if WKB in arrow.column_names:
        table.geometry = shapes(arrow.column(WKB), table.findings)


def shapes(column: pa.ChunkedArray, findings: Findings) -> Geometries:
    """WKB as shapely shapes; rings that almost close are closed, unreadable shapes become None with a finding."""
    raw = np.array(column.to_pylist(), dtype=object)
    shapes = shapely.from_wkb(raw, on_invalid="ignore")
    for position in np.flatnonzero(shapely.is_missing(shapes) & np.array([value is not None for value in raw])):
        shapes[position] = rings.mend_wkb(raw[position], int(position) + 1, findings)
    return shapes


# --- refusals in words -----------------------------------------------------------------------------------------------

SAVE_ANEW = N_("Open it in QGIS or the program that made it and save it anew, best as GeoPackage or GeoJSON.")
REFUSALS: dict[str, tuple[str, str]] = {
    "no_layers": (N_("{file} holds no layers."), SAVE_ANEW),
    "damaged": (N_("{file} cannot be read: {problem}"), SAVE_ANEW),
    "virtual_table": (
        N_("{file} holds the table {table}, which would run code or open other files."),
        N_("Export the layer you need into a new GeoPackage and load that."),
    ),
    "entities": (
        N_("{file} declares XML entities or a document type, which can be used to harm."),
        N_("Save it anew with the program that made it; no ordinary KML or XLSX needs them."),
    ),
    "xml": (N_("{file} is not well-formed XML: {problem}"), SAVE_ANEW),
    "parquet_encoding": (
        N_("The shapes in {file} are stored as {encoding}, not as WKB."),
        N_("Write the GeoParquet with WKB encoding (the default of GeoPandas and QGIS)."),
    ),
    "empty_workbook": (
        N_("{file} has no sheet with a heading row and at least one row below it."),
        N_("Check that the list is on a visible sheet."),
    ),
}


def raise_refusal(head: Mapping[str, Any], file: str) -> None:
    """Turn the child's refusal into the exception with its sentence; nothing when there was none."""
    code = head.get("error")
    if code:
        raise refusal(str(code), dict(head.get("params") or {}), file)


def refusal(code: str, params: dict[str, Any], file: str) -> OkrugaError:
    """The exception for a refusal code."""
    names = [str(layer["name"]) for layer in params.pop("layers", [])]
    if code in CHOICES:
        message, remedy = CHOICES[code]
        return ChooseLayer(message, remedy=remedy, names=names, file=file, layer=params.get("layer", ""))
    if code == "sandbox":
        return MissingComponent(
            N_("The protected reader cannot be set up here ({problem})."),
            remedy=N_("Run `okruga check`; the program's packages may be incomplete."),
            problem=params.get("drivers", ""),
        )
    message, remedy = REFUSALS[code]
    return BadFile(message, remedy=remedy, file=file, **{"problem": "", **params})


CHOICES = {
    "choose_layer": (N_("{file} holds several layers: {names}."), N_("Choose one with --layer.")),
    "choose_sheet": (N_("{file} holds several sheets: {names}."), N_("Choose one with --sheet.")),
    "no_layer": (N_("{file} has no layer {layer}; it holds: {names}."), N_("Choose one with --layer.")),
    "no_sheet": (N_("{file} has no sheet {layer}; it holds: {names}."), N_("Choose one with --sheet.")),
}
