"""What has checking a table found so far, and what did it come to in the end?

`Check` is a validation on its way: rows.py (values) and shapes.py (places) fill it. `Checked` is its result, with the
refused rows as `Rejected`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.errors import Message
from geo.ingest.columns import Mapping
from geo.ingest.findings import NOTHING, Finding, Findings, Offer, Report, Severity, offered
from geo.ingest.incoming import MODELS, Row
from geo.ingest.table import Geometries, Table

Positions = npt.NDArray[np.int64]


@dataclass(slots=True)
class Rejected:
    """Rows that were refused: their text as in the file, their numbers and why."""

    frame: pd.DataFrame
    numbers: Positions
    reasons: list[tuple[Message, ...]]

    def __len__(self) -> int:
        return len(self.numbers)

    def write(self, path: str | Path, translate: Callable[[Message], str] = str) -> None:
        """A CSV to mend and load again: the original columns, with row number and reason behind them."""
        with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow([*self.frame.columns, "okruga_row", "okruga_reason"])
            for row, number, reasons in zip(
                self.frame.itertuples(index=False), self.numbers, self.reasons, strict=True
            ):
                out.writerow([*row, int(number), " ".join(translate(reason) for reason in reasons)])


@dataclass(slots=True)
class Checked:
    """What a table came to. `rows` has one typed column per attribute of the model (null = not stated); `geometry`
    holds WGS 84 shapes of lines and areas (points are in `lat` and `lon`), or None when there are none."""

    register: str
    rows: pa.Table
    numbers: Positions
    unit: str
    geometry: Geometries | None
    extra: pa.Table
    rejected: Rejected
    findings: Findings
    offers: list[Offer] = field(default_factory=list)
    repaired: int = 0
    read: int = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def batches(self, size: int = 20_000) -> Iterator[list[dict[str, Any]]]:
        """The accepted rows as dictionaries, some at a time; `extra` is a dictionary of the further columns."""
        for start in range(0, len(self), size):
            rows: list[dict[str, Any]] = self.rows.slice(start, size).to_pylist()
            further = self.extra.slice(start, size).to_pylist() if self.extra.num_columns else [{}] * len(rows)
            for at, (row, extra) in enumerate(zip(rows, further, strict=True)):
                row["extra"] = {name: value for name, value in extra.items() if value}
                row["geometry"] = None if self.geometry is None else self.geometry[start + at]
            yield rows

    def models(self) -> Iterator[Row]:
        """The accepted rows as model instances."""
        model = MODELS[self.register]
        for batch in self.batches():
            yield from (model.model_construct(**row) for row in batch)

    def report(self, file: str, *, kind: str = "") -> Report:
        """A report with everything reading and checking can tell."""
        return Report(
            file,
            register=self.register,
            kind=kind,
            read=self.read,
            accepted=len(self),
            repaired=self.repaired,
            rejected=len(self.rejected),
            offered=dict(offered(self.offers)),
            findings=self.findings,
        )


class Check:
    """One validation on its way: typed columns, refused rows, notes."""

    def __init__(self, register: str, table: Table, mapping: Mapping) -> None:
        self.model = MODELS[register]
        self.table = table
        self.mapping = mapping
        self.columns: dict[str, pa.Array] = {}
        self.extra: dict[str, pa.Array] = {
            name: text_column(table.frame[name]) for name in mapping.extra if name in table.frame
        }
        self.refused = np.zeros(len(table), dtype=bool)
        self.reasons: dict[int, list[Message]] = {}
        self.findings = Findings()
        self.findings.extend(table.findings)
        self.offers = list(table.offers)
        self.repaired: set[int] = set()
        # what a column of texts holds that is no value of a typed column, by kind: shapes, pairs of coordinates
        self.held: dict[str, Geometries] = {}
        self._take_over()

    def _take_over(self) -> None:
        """Rows that the reader refused already."""
        blocked = self.table.findings.blocked
        if blocked:
            self.refused |= np.isin(self.table.row_numbers, np.fromiter(blocked, np.int64))
            for finding in self.table.findings:
                if finding.severity is Severity.BLOCK and finding.number is not None:
                    self.reasons.setdefault(finding.number, []).append(finding.message)
        self.repaired |= {
            f.number for f in self.table.findings if f.code in ("ring_closed", "ring_dropped") and f.number
        }

    def note(
        self,
        positions: Positions,
        severity: Severity,
        code: str,
        message: Message,
        remedy: Message = NOTHING,
        *,
        field: str = "",
        value: str = "",
    ) -> None:
        """The same finding for the rows at these positions; a blocking one refuses them."""
        numbers = self.table.row_numbers[positions]
        self.findings.add_many(
            Finding(severity, code, message, remedy, field=field, value=value), numbers, self.table.unit
        )
        if severity is Severity.BLOCK:
            self.refuse(positions, message)

    def refuse(self, positions: Positions, message: Message) -> None:
        """Refuse rows for a reason that was told already."""
        self.refused[positions] = True
        for number in self.table.row_numbers[positions]:
            self.reasons.setdefault(int(number), []).append(message)

    def add(self, finding: Finding, position: int) -> None:
        """One finding about the row at a position."""
        self.findings.add(finding.at(self.table.unit, int(self.table.row_numbers[position])))
        if finding.severity is Severity.BLOCK:
            self.refused[position] = True
            self.reasons.setdefault(int(self.table.row_numbers[position]), []).append(finding.message)

    def whole(self, finding: Finding) -> None:
        """A finding about the whole file."""
        self.findings.add(finding)

    def offer(self, offer: Offer) -> None:
        """An offer, with its finding."""
        self.offers.append(offer)
        self.findings.add(offer.finding())


def text_column(series: pd.Series[Any]) -> pa.ChunkedArray:
    """A text column of the frame as Arrow."""
    array = pa.array(series, type=pa.large_string(), from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
