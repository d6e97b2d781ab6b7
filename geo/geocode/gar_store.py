"""Where is the state address register kept? One row for each object, versions as for every list of addresses.

Read and written through COPY: a region has hundreds of thousands of houses. Nothing here commits.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from geo.geocode.gar import GUIDS, HOUSE, OBJECT_COLUMNS, Gar, GarHouses, guid_text, in_order

Raw = psycopg.Connection[tuple[object, ...]]
_STORED = ("gar_object_id", "gar_guid", "level", "parent_id", "name", "alt_names", "kind", "district", "region")
_WRITE = sql.SQL("COPY okruga.gazetteer_gar (gazetteer_id, {}) FROM STDIN").format(
    sql.SQL(", ").join(map(sql.Identifier, _STORED))
)
_NUMBERS = {"id": "int64", "parent": "int64"}


def write_gar(raw: Raw, version: int, gar: Gar) -> None:
    """Store the register of a version."""
    with raw.cursor() as cursor, cursor.copy(_WRITE) as stream:
        for row in _rows(gar):
            stream.write_row((version, *row))


def _rows(gar: Gar) -> Iterator[tuple[object, ...]]:
    yield from gar.objects[list(OBJECT_COLUMNS)].itertuples(index=False, name=None)
    houses = gar.houses
    columns = (houses.ids.tolist(), houses.guids.tolist(), houses.parents.tolist(), houses.codes.tolist())
    for identifier, guid, parent, code in zip(*columns, strict=True):
        yield identifier, guid_text(guid), HOUSE, parent, houses.numbers[code], "", "", "", ""


def read_gar(raw: Raw, version: int) -> Gar:
    """The register of a version; empty for versions of other sources."""
    objects = _read(raw, version, ("gar_object_id AS id", "gar_guid AS guid", "level", "parent_id AS parent", "name",
                                   "alt_names", "kind", "district", "region"), "level <> 'house'")  # fmt: skip
    houses = _read(raw, version, ("gar_object_id AS id", "replace(gar_guid::text, '-', '') AS guid",
                                  "parent_id AS parent", "name"), "level = 'house'")  # fmt: skip
    return Gar(objects, _houses(houses)) if len(objects) or len(houses) else Gar()


def _read(raw: Raw, version: int, columns: tuple[str, ...], which: str) -> pd.DataFrame:
    statement = sql.SQL(
        "COPY (SELECT {} FROM okruga.gazetteer_gar WHERE gazetteer_id = {} AND {} ORDER BY gar_object_id)"
        " TO STDOUT (FORMAT csv, HEADER)"
    ).format(sql.SQL(", ".join(columns)), sql.Literal(version), sql.SQL(which))
    buffer = io.BytesIO()
    with raw.cursor() as cursor, cursor.copy(statement) as stream:
        for part in stream:
            buffer.write(part)
    buffer.seek(0)
    names = [column.rpartition(" ")[2] for column in columns]
    types = {name: _NUMBERS.get(name, "object") for name in names}
    return pd.read_csv(buffer, dtype=types, keep_default_na=False)


def _houses(table: pd.DataFrame) -> GarHouses:
    guids = np.frombuffer(bytes.fromhex("".join(table["guid"].tolist())), dtype=GUIDS)
    return in_order(table["id"].to_numpy(), table["parent"].to_numpy(), guids, table["name"].tolist())
