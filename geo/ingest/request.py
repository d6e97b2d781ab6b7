"""What was asked of a load, and what every part of the pipeline works with while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from geo.errors import N_, Message, Unavailable
from geo.geocode.engine import Geocoder
from geo.ingest.check import Checked
from geo.ingest.findings import Finding, Findings, Severity, Unit
from geo.ingest.names import Territories
from geo.ingest.write import Run
from geo.progress import SILENT, Progress
from geo.vocabulary import TerritoryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One load. `register` is a plural ("boundaries", "population", "needs" …); empty texts mean "not stated".

    `fields` maps field codes to columns, `constants` gives fields one value for all rows; `section` keeps only the
    rows of a table below the one with that text, up to the next of its level; `accept` says yes to offered coordinate
    systems, encodings and swaps; `correct` allows replacing a wrong shape of the same day; `delete_gone` removes rows
    (ends boundaries) that the file no longer has; `mends` are repairs of boundaries (geo.ingest.mend): a word for all
    findings it is safe for, or word:finding for one; `partial` says that the file is meant to hold only some of the
    territories, so that the others are not missed.
    """

    path: Path
    register: str
    kind: TerritoryKind | None = None
    file_name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    key: str = ""
    layer: str = ""
    sheet: str = ""
    crs: str = ""
    encoding: str = ""
    delimiter: str = ""
    within: str = ""
    parent: str = ""
    source: str = ""
    licence: str = ""
    publisher: str = ""
    url: str = ""
    act: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    mends: tuple[str, ...] = ()
    partial: bool = False
    accept: bool = False
    correct: bool = False
    delete_gone: bool = False
    public_objects: bool = False
    invented: bool = False
    demo: bool = False
    web: bool = False
    actor: str = "cli"
    account_id: int | None = None
    # the sent file (okruga.upload) this load is of
    upload: int | None = None

    @property
    def title(self) -> str:
        """The source's title: stated, or the file's name."""
        return self.source or Path(self.file_name or self.path.name).name

    def options(self) -> dict[str, Any]:
        """What was asked, for the import run's record: everything that is not left at its default."""
        plain = {
            name: getattr(self, name)
            for name in ("section", "key", "layer", "sheet", "crs", "encoding", "delimiter", "within", "parent", "act",
                         "partial", "accept", "correct", "delete_gone", "public_objects")
        }  # fmt: skip
        days = {name: str(getattr(self, name)) for name in ("valid_from", "valid_to") if getattr(self, name)}
        maps = {"map": dict(self.fields), "set": dict(self.constants)}
        mends = {"mends": list(self.mends)}
        return {name: value for name, value in (plain | days | maps | mends).items() if value}


def no_geocoder() -> Geocoder:
    """For work made without a database to read addresses from."""
    raise Unavailable(N_("There is no geocoder here."))


@dataclass(slots=True)
class Work:
    """A load on its way: the request, the checked rows, the open transaction and what is stored under which name."""

    request: Request
    checked: Checked
    connection: Connection
    territories: Territories
    source_id: int
    # what identifies each row across loads: the column of --key; nulls without one
    keys: pa.ChunkedArray
    within: frozenset[int] | None = None
    parent_id: int | None = None
    # the territory --within names, and the geocoder of this installation (made when first asked for)
    within_id: int | None = None
    geocoder: Callable[[], Geocoder] = no_geocoder
    progress: Progress = SILENT
    reasons: dict[int, list[Message]] = field(default_factory=dict)

    @property
    def rows(self) -> pa.Table:
        return self.checked.rows

    def column(self, name: str) -> pa.ChunkedArray:
        """A column of the checked rows; nulls when the register or the file has none of that name."""
        if name in self.rows.column_names:
            return self.rows.column(name)
        return pa.chunked_array([pa.nulls(self.rows.num_rows)])

    def set_column(self, name: str, column: pa.Array | pa.ChunkedArray) -> None:
        """Replace a column of the checked rows, or add it."""
        rows = self.checked.rows
        at = rows.column_names.index(name) if name in rows.column_names else -1
        self.checked.rows = rows.append_column(name, column) if at < 0 else rows.set_column(at, name, column)

    def take(self, findings: Findings) -> None:
        """Add findings made elsewhere; rows they block are rejected."""
        self.checked.findings.extend(findings)
        for found in findings:
            if found.severity is Severity.BLOCK and found.number is not None:
                self.reasons.setdefault(found.number, []).append(found.message)
        for number in findings.blocked:
            self.reasons.setdefault(number, [])

    def find(
        self, severity: Severity, code: str, message: str, remedy: str = "", *, at: int | None = None, field: str = "",
        value: str = "", **params: object,
    ) -> None:  # fmt: skip
        """Note something about the row at a position (None: about the file). A blocking finding rejects the row."""
        number = None if at is None else int(self.checked.numbers[at])
        row, feature = (number, None) if self.checked.unit == "row" else (None, number)
        params = {"field": field, **params} if field else params
        said = (Message(message, params), Message(remedy, params), row, feature, field, value)
        finding = Finding(severity, code, *said)
        self.checked.findings.add(finding)
        if severity is Severity.BLOCK and number is not None:
            self.reasons.setdefault(number, []).append(finding.message)

    def find_many(self, finding: Finding, at: NDArray[np.int64]) -> None:
        """The same finding for many rows; it must not be a blocking one."""
        unit: Unit = "row" if self.checked.unit == "row" else "feature"
        self.checked.findings.add_many(finding, self.checked.numbers[at].tolist(), unit)

    def accepts(self, position: int) -> bool:
        """Whether the row at a position is still to be loaded."""
        return int(self.checked.numbers[position]) not in self.reasons

    def accepted(self) -> NDArray[np.bool_]:
        """Which of the checked rows are still to be loaded."""
        return ~np.isin(self.checked.numbers, np.fromiter(self.reasons, np.int64, len(self.reasons)))


@dataclass(slots=True)
class Changes:
    """How the file differs from what is stored, and where its rows fell."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    placed: dict[str, int] = field(default_factory=dict)
    # what became of addresses without coordinates (geo.ingest.addresses)
    addresses: dict[str, Any] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed)

    def to_json(self) -> dict[str, int]:
        return {"new": self.new, "changed": self.changed, "same": self.same, "gone": self.gone}


class Plan(Protocol):
    """A load compared with what is stored; writing it makes the stored state follow."""

    changes: Changes

    def needs_writing(self) -> bool: ...

    def write(self, connection: Connection, run: Run, progress: Progress) -> None: ...


def texts(values: pa.ChunkedArray) -> Sequence[str]:
    """A text column as Python strings, "" for null."""
    return [value or "" for value in values.to_pylist()]


def listed(names: Iterable[str], most: int = 5) -> str:
    """Names for a sentence; a long list is cut."""
    names = list(names)
    return "; ".join(names[:most]) + (f"; … (+{len(names) - most})" if len(names) > most else "")
