"""Does a row say the same as last time? A short digest of everything it says, made column by column.

Only what is stated goes in, as `field=value`, so that a field added to a register later changes no digest of a row
that does not fill it. Coordinates count to a tenth of a millimetre.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = pa.Array | pa.ChunkedArray
# no text of a file holds these: the readers take control characters out
BETWEEN, WITHIN = "\x1f", "\x1e"
NOTHING = pa.scalar("", pa.large_string())
COORDINATE_STEPS = 1e9


def row_texts(rows: pa.Table, *, without: Iterable[str] = (), more: Mapping[str, Column] | None = None) -> pa.Array:
    """Everything each row states, as one text."""
    columns = {name: rows.column(name) for name in rows.column_names if name not in set(without)} | dict(more or {})
    parts = [stated(name, columns[name]) for name in sorted(columns)]
    if not parts:
        return pa.array([""] * rows.num_rows, pa.large_string())
    joined = pc.binary_join_element_wise(*parts, NOTHING)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


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


def digests_of(texts: pa.Array | pa.ChunkedArray) -> list[str]:
    """A digest of each text."""
    return [digest_of(line) for line in texts.to_pylist()]


def digest_of(line: str) -> str:
    """A digest of 16 letters."""
    return base64.urlsafe_b64encode(hashlib.blake2b(line.encode(), digest_size=12).digest()).decode()


def numbers(values: np.ndarray) -> pa.Array:
    """Whole numbers as a column; 0 says nothing."""
    return pa.array(values, mask=values == 0)
