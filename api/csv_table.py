"""How does an answer become a file for a spreadsheet? UTF-8 with its mark, and no cell that a spreadsheet would
execute.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from fastapi import Response

from api.deps import Visit

CSV = "text/csv; charset=utf-8"
# a spreadsheet takes a cell that begins like this for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: object) -> object:
    """Text that would begin a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Rows as CSV with a heading row; a missing value is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row.get(name) is None else harmless(row[name]) for name in columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def download(visit: Visit, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Response:
    """The rows as a file the browser saves."""
    headers = {**visit.headers, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(table(columns, rows), media_type=CSV, headers=headers)
