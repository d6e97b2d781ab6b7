"""Which column of a file holds the addresses, and what are the rows? Any table the pipeline reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.batch.answers import COLUMNS
from geo.errors import N_, BadInput
from geo.ingest import readers
from geo.ingest.columns import map_columns, normalised
from geo.ingest.names import Territories
from geo.ingest.pipeline import code_of
from geo.ingest.table import unique_names
from geo.progress import SILENT, Progress
from geo.store.engine import Connection


@dataclass(frozen=True, slots=True)
class TextFile:
    """The rows of a file as text, the column with the addresses, and what tells the file from another."""

    headings: tuple[str, ...]
    rows: list[list[str]]
    column: str
    digest: str

    @property
    def texts(self) -> list[str]:
        at = self.headings.index(self.column)
        return [row[at] for row in self.rows]


def read_texts(
    path: Path, column: str = "", *, sheet: str = "", encoding: str = "", delimiter: str = "", accept: bool = True,
    web: bool = False, progress: Progress = SILENT,
) -> TextFile:  # fmt: skip
    """The file's rows. `column` names the addresses; without it a heading says so, or there is only one column.

    Raises BadFile, BadInput, TooLarge or Unavailable.
    """
    table = readers.read(
        path, sheet=sheet or None, encoding=encoding or None, delimiter=delimiter or None, accept=accept,
        limits=readers.Limits.from_settings(web=web), progress=progress,
    )  # fmt: skip
    chosen = column_of(table.columns, column, path.name)
    return TextFile(table.columns, table.frame.astype(str).to_numpy(dtype=object).tolist(), chosen, table.digest)


def column_of(columns: Sequence[str], wanted: str, file: str) -> str:
    """The column with the addresses. Raises BadInput when that cannot be known."""
    if wanted:
        found = [name for name in columns if name == wanted] or [
            name for name in columns if normalised(name) == normalised(wanted)
        ]
    else:
        known = map_columns("needs", tuple(columns), {}).fields
        found = [known["address"]] if "address" in known else list(columns) if len(columns) == 1 else []
    if len(found) == 1:
        return found[0]
    if wanted:
        raise BadInput(
            N_("The file has no column {column}."), remedy=N_("Its columns are: {columns}."), column=wanted,
            columns=", ".join(columns),
        )  # fmt: skip
    raise BadInput(
        N_("{file} does not say which column holds the addresses."),
        remedy=N_("Name the column (--column NAME). Its columns are: {columns}."), file=file,
        columns=", ".join(columns),
    )  # fmt: skip


def headings_with_answers(headings: Sequence[str]) -> list[str]:
    """The file's headings with those of the answers behind; a name the file has already gets a number."""
    return unique_names([*headings, *COLUMNS])


def scope_id(connection: Connection, within: str) -> int | None:
    """The id of the territory addresses are expected in, by code or name. Raises NotFound or BadInput."""
    return code_of(Territories.load(connection), within)
