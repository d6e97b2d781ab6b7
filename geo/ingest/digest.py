"""Does a row say the same as last time? A short digest of everything it says, made column by column.

Only what is stated goes in, as `field=value`, so that a field added to a register later changes no digest of a row
that does not fill it. Coordinates count to a tenth of a millimetre.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Column: TypeAlias = pa.Array | pa.ChunkedArray
# no text of a file holds these: the readers take control characters out
BETWEEN, WITHIN = "\x1f", "\x1e"
NOTHING = pa.scalar("", pa.large_string())
COORDINATE_STEPS = 1e9
CHUNK = 50_000
DIGEST = "S16"

Digests = NDArray[np.bytes_]


def row_texts(rows: pa.Table) -> pa.Array:
    """Everything each row states, as one text."""
    parts = [stated(name, rows.column(name)) for name in sorted(rows.column_names)]
    if not parts:
        return pa.array([""] * rows.num_rows, pa.large_string())
    return pc.binary_join_element_wise(*parts, NOTHING)


def stated(name: str, column: Column) -> Column:
    """`name=value` where the column says something, "" where it does not."""
    said = pc.binary_join_element_wise(
        pa.scalar(f"{name}=", pa.large_string()), as_text(name, column), pa.scalar(BETWEEN, pa.large_string()), NOTHING
    )
    return pc.fill_null(said, NOTHING)


def as_text(name: str, column: Column) -> Column:
    """Values as text that does not depend on how a library prints numbers of places."""
    if pa.types.is_null(column.type):
        return column.cast(pa.large_string())
    if pa.types.is_list(column.type):
        lists = column.cast(pa.list_(pa.large_string()))
        return pc.binary_join(lists, pa.scalar(WITHIN, pa.large_string()))
    if name in ("lat", "lon"):
        column = pc.round(pc.multiply(column, COORDINATE_STEPS)).cast(pa.int64(), safe=False)
    return column.cast(pa.large_string())


def row_digests(rows: pa.Table, *, without: Iterable[str] = (), more: Mapping[str, Column] | None = None) -> Digests:
    """A digest of everything each row states, some ten thousand rows at a time."""
    whole = rows.select([name for name in rows.column_names if name not in set(without)])
    for name, column in (more or {}).items():
        whole = whole.append_column(name, column)
    parts = [
        np.array(list(map(digest_of, row_texts(whole.slice(start, CHUNK)).cast(pa.large_binary()).to_pylist())), DIGEST)
        for start in range(0, rows.num_rows, CHUNK)
    ]
    return np.concatenate(parts) if parts else np.empty(0, DIGEST)


def digest_of(line: bytes) -> str:
    """A digest of 16 letters: 64 bits, compared only with the digest of the same entry's last load."""
    return hashlib.blake2b(line, digest_size=8).hexdigest()


def numbers(values: np.ndarray) -> pa.Array:
    """Whole numbers as a column; 0 says nothing."""
    return pa.array(values, mask=values == 0)
