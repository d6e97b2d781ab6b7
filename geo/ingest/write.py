"""How do many rows reach the database quickly? Arrow tables are written as CSV and copied in, chunk by chunk.

Everything is executed on the caller's connection and transaction; nothing here commits. CSV has exactly what COPY
needs: a null is an empty field, a text is quoted, and both Arrow and PostgreSQL do the work in C.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import shapely
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geo.errors import N_, Unavailable

CHUNK = 50_000
# two loads at once would compare themselves with the same old state
LOCK_KEY = 0x6C6F6164
CSV = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")

# the extended well-known binary form of a point, as PostGIS reads it
EWKB_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("lon", "<f8"), ("lat", "<f8")])

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The import run that writes, the source its rows come from, and the row or feature number of each position."""

    id: int
    source_id: int
    numbers: Ints

    def number(self, position: int) -> int:
        """Where in the file a checked row stood."""
        return int(self.numbers[position])


def raw(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    """The psycopg connection under an SQLAlchemy one, inside the same transaction."""
    return connection.connection.driver_connection  # type: ignore[return-value]


@contextmanager
def told_clearly() -> Iterator[None]:
    """Turn a full disk and a database that went away into sentences; COPY bypasses the engine's own translation."""
    try:
        yield
    except (psycopg.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.errors.DiskFull):
            raise Unavailable(
                N_("The disk of the database is full; nothing was written."),
                remedy=N_("Free some space, then load the file again."),
            ) from error
        if isinstance(cause, psycopg.OperationalError):
            raise Unavailable(
                N_("The database went away; nothing was written."),
                remedy=N_("Load the file again in a moment; `okruga check` says what is wrong."),
            ) from error
        raise


def only_one_load(connection: Connection) -> None:
    """Wait until no other load runs; held until the transaction ends. Loads may take longer than pages."""
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))
    # room to sort what goes into the indexes of texts and arrays
    connection.execute(text("SET LOCAL work_mem = '128MB'"))
    connection.execute(text("SET LOCAL gin_pending_list_limit = '16MB'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})


def copy(connection: Connection, table: str, rows: pa.Table) -> None:
    """Copy rows into `schema.table`; the columns are named as the table's."""
    if not rows.num_rows:
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(sql.Identifier(name) for name in rows.column_names)
    )
    with raw(connection).cursor() as cursor, cursor.copy(statement) as stream:
        for start in range(0, rows.num_rows, CHUNK):
            buffer = io.BytesIO()
            arrow_csv.write_csv(rows.slice(start, CHUNK), buffer, CSV)
            stream.write(buffer.getbuffer())


def fetch(connection: Connection, query: str, types: dict[str, pa.DataType], **params: Any) -> pa.Table:
    """Rows of a query as an Arrow table, without a Python object per value. Text "" and null are told apart."""
    with raw(connection).cursor() as cursor:
        statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)").format(
            sql.SQL(query).format(**{name: sql.Literal(value) for name, value in params.items()})
        )
        with cursor.copy(statement) as stream:
            buffer = io.BytesIO()
            for part in stream:
                buffer.write(part)
    buffer.seek(0)
    return arrow_csv.read_csv(
        buffer,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
        ),
    )


@contextmanager
def staged(connection: Connection, like: str, rows: pa.Table) -> Iterator[str]:
    """A temporary table with the named columns of `like`, filled with rows, for the length of the block."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in rows.column_names)
    with raw(connection).cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                columns, sql.Identifier(*like.split("."))
            )
        )
        copy(connection, "pg_temp.staged", rows)
        cursor.execute("ANALYZE staged")
    yield "pg_temp.staged"
    raw(connection).execute("DROP TABLE pg_temp.staged")


def take_ids(connection: Connection, table: str, count: int) -> Ints:
    """`count` unused ids of a table, ascending."""
    if not count:
        return np.empty(0, np.int64)
    drawn = text(
        "SELECT min(v), max(v) FROM (SELECT nextval(pg_get_serial_sequence(:table, 'id')) AS v"
        " FROM generate_series(1, :count)) s"
    )
    low, high = connection.execute(drawn, {"table": table, "count": count}).one()
    if high - low + 1 == count:
        return np.arange(low, high + 1, dtype=np.int64)
    # somebody else drew in between: ask for each number
    each = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
    return np.fromiter(connection.scalars(each, {"table": table, "count": count}), np.int64, count)


def hex_shapes(shapes: Shapes) -> pa.Array:
    """Shapes as hex EWKB with SRID 4326; None stays null."""
    known = ~shapely.is_missing(shapes)
    plain = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    if (plain == known).all() and not shapely.has_z(shapes).any():
        lon_lat = np.zeros((len(shapes), 2))
        lon_lat[known] = shapely.get_coordinates(shapes[known])
        return pc.if_else(pa.array(known), hex_points(lon_lat[:, 0], lon_lat[:, 1]), pa.scalar(None, pa.string()))
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True), pa.string())


def hex_points(lon: Floats, lat: Floats) -> pa.Array:
    """Points as hex EWKB with SRID 4326, without an object for each: they are most of what is ever written."""
    records = np.zeros(len(lon), EWKB_POINT)
    records["order"], records["type"], records["srid"] = 1, 0x20000001, 4326
    records["lon"], records["lat"] = lon, lat
    digits = 2 * EWKB_POINT.itemsize
    ends = np.arange(0, digits * (len(lon) + 1), digits, dtype=np.int32)
    return pa.StringArray.from_buffers(len(lon), pa.py_buffer(ends), pa.py_buffer(records.tobytes().hex().encode()))


def pg_array(lists: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Lists as PostgreSQL array literals; texts must be codes (no quotes, commas or braces)."""
    joined = pc.binary_join(lists.cast(pa.list_(pa.string())), ",")
    return pc.binary_join_element_wise(pa.scalar("{"), joined, pa.scalar("}"), "")


def runs_of(start: Ints, values: Ints) -> pa.Array:
    """A list array out of run starts (length n + 1) and values."""
    return pa.ListArray.from_arrays(pa.array(start.astype(np.int32)), pa.array(values))


def json_texts(columns: dict[str, pa.Array | pa.ChunkedArray], count: int) -> pa.Array:
    """One JSON object per row with the non-empty values of the columns."""
    lists = {name: column.to_pylist() for name, column in columns.items()}
    rows = ({name: values[i] for name, values in lists.items() if values[i] not in (None, "")} for i in range(count))
    return pa.array([orjson.dumps(row).decode() for row in rows], pa.string())


def constant(value: Any, count: int) -> pa.Array:
    """The same value in every row."""
    return pa.array([value], pa.string() if value is None else None).take(pa.array(np.zeros(count, np.int32)))
