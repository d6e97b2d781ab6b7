"""The parser child: reads ONE foreign file and can do nothing else. Run as a script, imports nothing of okruga.

It takes a JSON order on standard input, ties its own hands (limits, no network, only its own folder), loads the parser
with an allow-list of drivers, and answers on standard output: a JSON line, then an Arrow stream of text columns (shapes
as WKB in the column `\\x00wkb`, spreadsheet rows as lists in `\\x00cells`), then a JSON line with what it noticed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sqlite3
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

WKB, CELLS, NUMBER = "\x00wkb", "\x00cells", "\x00number"
DRIVERS = {
    "gpkg": {"GPKG"},
    "shp": {"ESRI Shapefile"},
    "dbf": {"ESRI Shapefile"},
    "kml": {"LIBKML"},
    "mif": {"MapInfo File"},
    "tab": {"MapInfo File"},
    "fgb": {"FlatGeobuf"},
}
# what LIBKML adds to every placemark; kept only when somebody used it
KML_HABITS = {
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "snippet",
}
HARMLESS_VIRTUAL_TABLES = ("using rtree", 'using "rtree"', "using fts")
BATCH_ROWS = 4_000
MAX_CELLS = 2_000
MB = 1024 * 1024
OUT_OF_MEMORY = 3


class Refusal(Exception):
    """The file cannot be used; code and parameters become a sentence in the parent."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


# --- tying the hands ---


def limit(memory: int, seconds: int) -> None:
    """Bound memory, processor time, file size and open files of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * MB, 512 * MB))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def leave_network() -> None:
    """Move to an empty network namespace where the kernel allows it (root, or user namespaces enabled)."""
    libc = ctypes.CDLL(None, use_errno=True)
    unshare = getattr(libc, "unshare", None)
    new_net, new_user = 0x40000000, 0x10000000
    if unshare is not None and unshare(new_net) != 0:
        unshare(new_net | new_user)


def lock_files(folder: str) -> None:
    """Landlock (Linux 5.13): only the program's own files can be read, only `folder` written. Skipped where missing."""
    if not sys.platform.startswith("linux"):
        return
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    create, add, restrict = (ctypes.c_long(number) for number in (444, 445, 446))
    version = call(create, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    if version < 1:
        return
    every = (1 << min(12 + version, 15)) - 1
    handled = struct.pack("QQ", every, 3) if version >= 4 else struct.pack("Q", every)
    ruleset = call(create, handled, ctypes.c_size_t(len(handled)), ctypes.c_uint(0))
    for path, writable in [(folder, True), *((path, False) for path in program_paths())]:
        _allow(call, add, ruleset, path, every if writable else 0b1101)
    ctypes.CDLL(None).prctl(38, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    call(restrict, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)


def _allow(call: Any, add: Any, ruleset: int, path: str, rights: int) -> None:
    file_rights = 0b101  # execute and read; the rest is about folders
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_PATH)
        rule = struct.pack("=Qi", rights if os.path.isdir(path) else rights & file_rights, handle)
        call(add, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0))
        os.close(handle)


def program_paths() -> set[str]:
    """Where interpreter, packages and system libraries live."""
    own = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path}
    system = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/null"}
    return {path for path in own | system if path and path != "/" and os.path.exists(path)}


def load_gdal(file_format: str, known: Iterable[str]) -> Any:
    """pyogrio with only the drivers of this format: GDAL reads GDAL_SKIP once, while it is loaded."""
    allowed = DRIVERS[file_format]
    os.environ["GDAL_SKIP"] = ",".join(sorted(set(known) - allowed))
    os.environ["SHAPE_RESTORE_SHX"] = "YES"
    # pandas is not needed here and costs a second
    sys.modules["pandas"] = sys.modules["geopandas"] = None  # type: ignore[assignment]
    import pyogrio
    import pyogrio.raw

    beyond = set(pyogrio.list_drivers()) - allowed
    if beyond:
        raise Refusal("sandbox", drivers=", ".join(sorted(beyond)))
    return pyogrio


# --- answers ---


def say(answer: dict[str, Any]) -> None:
    """One JSON line to the parent."""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def send(head: dict[str, Any], schema: Any, batches: Iterable[Any], tail: Callable[[], dict[str, Any]] = dict) -> None:
    """Head, Arrow stream, and a last line with what was noticed meanwhile."""
    import pyarrow as pa

    say({**head, "data": True})
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    say(tail())


def as_text(batch: Any, schema: Any) -> Any:
    """The batch with every column as text, shapes untouched."""
    import pyarrow as pa

    columns = [
        column if field.name in (WKB, CELLS, NUMBER) else text_of(column)
        for field, column in zip(schema, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def text_of(column: Any) -> Any:
    """An Arrow array as text: numbers in their shortest form, dates as ISO, lists and structures as JSON."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_nested(kind):
        values = [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        ]
        return pa.array(values, pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.nulls(len(column), pa.string())
    return readable(column) if pa.types.is_string(kind) or pa.types.is_large_string(kind) else column.cast(pa.string())


def readable(column: Any) -> Any:
    """Text as text: characters cut in two by a fixed-width table become a replacement sign."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return pa.array([None if text is None else text.decode("utf-8", "replace") for text in raw], pa.string())
    return column.cast(pa.string())


def text_schema(names: Iterable[str]) -> Any:
    """Text for all columns but the reserved ones."""
    import pyarrow as pa

    kinds = {WKB: pa.binary(), CELLS: pa.list_(pa.string()), NUMBER: pa.int64()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in names])


# --- vector files through GDAL ---


def check_gpkg(path: str) -> None:
    """Refuse a GeoPackage that is no database, or whose tables would call code or other files."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            statements = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    except sqlite3.Error as error:
        raise Refusal("damaged") from error
    for name, sql in statements:
        words = " ".join(str(sql).lower().split())
        if words.startswith("create virtual table") and not any(use in words for use in HARMLESS_VIRTUAL_TABLES):
            raise Refusal("virtual_table", table=name)
        if words.startswith("create view") and "load_extension" in words:
            raise Refusal("virtual_table", table=name)


def check_kml(path: str) -> None:
    """Refuse a KML with a document type: entities are its only use, and they can explode or fetch."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.sax import make_parser

    parser = make_parser()
    parser.forbid_dtd = True
    try:
        parser.parse(path)
    except DefusedXmlException as error:
        raise Refusal("entities") from error
    except Exception as error:
        raise Refusal("xml", problem=str(error).split("/")[-1][:200]) from error


CHECKS: dict[str, Callable[[str], None]] = {"gpkg": check_gpkg, "kml": check_kml}


def describe_layers(pyogrio: Any, path: str) -> list[dict[str, Any]]:
    """Name, geometry type, CRS and number of features of every layer."""
    found = []
    for name, geometry_type in pyogrio.list_layers(path):
        info = pyogrio.read_info(path, layer=name, force_feature_count=True)
        found.append(
            {
                "name": str(name),
                "geometry": geometry_type and str(geometry_type),
                "rows": int(info["features"]),
                "crs": info["crs"] or "",
            }
        )
    return found


def pick(layers: list[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    """The layer asked for, or the only one that can be meant."""
    if wanted is not None:
        chosen = [layer for layer in layers if layer["name"] == wanted]
        if not chosen:
            raise Refusal("no_layer", layers=layers, layer=wanted)
        return chosen[0]
    candidates = [layer for layer in layers if layer["geometry"]] or layers
    filled = [layer for layer in candidates if layer["rows"]] or candidates
    if len(filled) > 1:
        raise Refusal("choose_layer", layers=layers)
    if not filled:
        raise Refusal("no_layers")
    return filled[0]


def vector(order: dict[str, Any]) -> None:
    """Answer the features of one layer, or with task `layers` what there is."""
    path, file_format = order["path"], order["format"]
    if file_format in CHECKS:
        CHECKS[file_format](path)
    pyogrio = load_gdal(file_format, order["drivers"])
    try:
        layers = describe_layers(pyogrio, path)
        if order["task"] == "layers":
            say({"layers": layers})
            return
        layer = pick(layers, order.get("layer"))
        send_layer(pyogrio, path, layer, order)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, UnicodeDecodeError) as error:
        raise Refusal("damaged", problem=str(error).replace(order["folder"], "")[:300]) from error


def send_layer(pyogrio: Any, path: str, layer: dict[str, Any], order: dict[str, Any]) -> None:
    """Stream one layer as text columns and WKB."""
    options = {"layer": layer["name"], "datetime_as_string": True, "batch_size": BATCH_ROWS, "use_pyarrow": True}
    if order.get("encoding"):
        options["encoding"] = order["encoding"]
    with pyogrio.raw.open_arrow(path, **options) as (meta, reader):
        geometry = meta["geometry_name"] or "wkb_geometry"
        names = [WKB if name == geometry else name for name in reader.schema.names]
        habits = idle_kml_columns(pyogrio, path, layer["name"]) if order["format"] == "kml" else set()
        kept = [position for position, name in enumerate(names) if name not in habits]
        schema = text_schema(names[position] for position in kept)
        head = {"layer": layer["name"], "crs": meta["crs"] or "", "encoding": meta.get("encoding") or ""}
        send(head, schema, (as_text(batch.select(kept), schema) for batch in reader))


def idle_kml_columns(pyogrio: Any, path: str, layer: str) -> set[str]:
    """Columns every KML has and nobody filled."""
    _, table = pyogrio.raw.read_arrow(path, layer=layer, read_geometry=False, datetime_as_string=True)
    usual: tuple[object, ...] = (None, "", -1, 0, False, "clampToGround")
    return {
        name
        for name in table.column_names
        if name in KML_HABITS and all(value in usual for value in table.column(name).unique().to_pylist())
    }


# --- GeoParquet ---


def parquet(order: dict[str, Any]) -> None:
    """Stream a (Geo)Parquet file; the primary geometry column must hold WKB."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(order["path"]) as file:
            geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
            primary = geo.get("primary_column")
            described = geo.get("columns", {}).get(primary, {})
            if primary and described.get("encoding", "WKB") != "WKB":
                raise Refusal("parquet_encoding", encoding=described["encoding"])
            names = [name for name in file.schema_arrow.names if name not in geo.get("columns", {}) or name == primary]
            schema = text_schema(WKB if name == primary else name for name in names)
            batches = (as_text(batch.select(names), schema) for batch in file.iter_batches(BATCH_ROWS))
            crs = described.get("crs", "OGC:CRS84") if primary else ""
            send({"layer": "", "crs": json.dumps(crs) if isinstance(crs, dict) else crs or ""}, schema, batches)
    except (pa.ArrowException, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        if isinstance(error, pa.ArrowMemoryError):
            raise MemoryError from error
        raise Refusal("damaged", problem=str(error)[:300]) from error


# --- spreadsheets ---


def workbook(order: dict[str, Any]) -> None:
    """Stream the rows of one sheet as lists of text with their row numbers, or list the sheets."""
    import mimetypes

    mimetypes.knownfiles = []  # openpyxl asks for the system's table, which lies outside the fence
    import openpyxl
    import openpyxl.xml

    if not openpyxl.xml.DEFUSEDXML:
        raise Refusal("sandbox", drivers="defusedxml")
    from defusedxml.common import DefusedXmlException

    try:
        book = openpyxl.load_workbook(order["path"], read_only=True, data_only=True, keep_links=False)
        sheets = [
            {"name": sheet.title, "rows": filled(sheet), "hidden": sheet.sheet_state != "visible"}
            for sheet in book.worksheets
        ]
        if order["task"] == "sheets":
            say({"layers": sheets})
            return
        send_sheet(book, sheet_of(sheets, order.get("layer")))
    except (Refusal, MemoryError):
        raise
    except DefusedXmlException as error:
        raise Refusal("entities") from error
    except Exception as error:  # openpyxl meets broken files with almost any exception
        raise Refusal("damaged", problem=f"{type(error).__name__}: {error}"[:300]) from error


def filled(sheet: Any) -> int:
    """How many of the first rows of a sheet hold anything: 0 empty, 2 enough to be a list."""
    sheet.reset_dimensions()
    count = 0
    for position, row in enumerate(sheet.iter_rows(values_only=True)):
        count += any(value is not None for value in row)
        if count > 1 or position > 1_000:
            break
    return count


def sheet_of(sheets: list[dict[str, Any]], wanted: str | None) -> str:
    """The sheet asked for, or the only one with rows."""
    if wanted is not None:
        if wanted not in [sheet["name"] for sheet in sheets]:
            raise Refusal("no_sheet", layers=sheets, layer=wanted)
        return wanted
    candidates = [sheet["name"] for sheet in sheets if sheet["rows"] > 1 and not sheet["hidden"]]
    if len(candidates) > 1:
        raise Refusal("choose_sheet", layers=[sheet for sheet in sheets if sheet["name"] in candidates])
    if not candidates:
        raise Refusal("empty_workbook", layers=sheets)
    return str(candidates[0])


def send_sheet(book: Any, name: str) -> None:
    """Stream a sheet; cells become text as a person sees them."""
    sheet = book[name]
    sheet.reset_dimensions()
    noticed = {"errors": 0}
    schema = text_schema([NUMBER, CELLS])
    send({"layer": name, "crs": ""}, schema, sheet_batches(sheet, schema, noticed), lambda: noticed)


def sheet_batches(sheet: Any, schema: Any, noticed: dict[str, int]) -> Iterator[Any]:
    """Record batches of (row number, cells); empty rows are left out, the numbers show them."""
    import pyarrow as pa

    numbers: list[int] = []
    rows: list[list[str | None]] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell_text(cell, noticed) for cell in row[:MAX_CELLS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            numbers.append(number)
            rows.append(cells)
        if len(rows) >= BATCH_ROWS:
            yield pa.RecordBatch.from_arrays(
                [pa.array(numbers, pa.int64()), pa.array(rows, pa.list_(pa.string()))], schema=schema
            )
            numbers, rows = [], []
    yield pa.RecordBatch.from_arrays(
        [pa.array(numbers, pa.int64()), pa.array(rows, pa.list_(pa.string()))], schema=schema
    )


def cell_text(cell: Any, noticed: dict[str, int]) -> str | None:
    """A cell as text: dates as ISO, whole numbers without a point, codes with their leading zeros."""
    value = cell.value
    if value is None or isinstance(value, str):
        noticed["errors"] += getattr(cell, "data_type", "") == "e"
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())
        return text.removesuffix("T00:00:00")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    pattern = cell.number_format or ""
    if isinstance(value, int) and value >= 0 and len(pattern) > 1 and set(pattern) == {"0"}:
        return str(value).zfill(len(pattern))
    return repr(value) if isinstance(value, float) else str(value)


ANSWERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "vector": vector,
    "layers": vector,
    "parquet": parquet,
    "workbook": workbook,
    "sheets": workbook,
}


def main() -> int:
    """Read the order, tie the hands, answer."""
    order = json.loads(sys.stdin.buffer.read())
    limit(order["memory"], order["seconds"])
    leave_network()
    lock_files(order["folder"])
    try:
        ANSWERS[order["task"]](order)
    except Refusal as refusal:
        say({"error": refusal.code, "params": refusal.params})
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
