"""What did the file say, before anybody interprets it? Text columns, row numbers, shapes, coordinate system.

A reader makes a `Table`; columns.py says what its columns mean, rows.py what its values are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from geo.errors import N_, BadFile
from geo.ingest.findings import Findings, Offer, Unit

Geometries = npt.NDArray[np.object_]
# no list of a city is wider; SQLite and spreadsheets stop near here too
MOST_COLUMNS = 2_000
LONGEST_HEADING = 200
# between the upper and the lower half of two-storey headings
STOREYS = " / "


@dataclass(slots=True)
class Table:
    """One layer, sheet or list.

    `frame` holds text exactly as in the file ("" where there is nothing, never NaN); `row_numbers` counts as a
    person does (spreadsheet row with headings included, or feature from 1); `geometry` is an object array of
    shapely shapes or None in the coordinates of `crs` (None: the file does not say), or None for a plain list.
    """

    name: str
    frame: pd.DataFrame
    row_numbers: npt.NDArray[np.int64]
    unit: Unit = "row"
    geometry: Geometries | None = None
    crs: CRS | None = None
    layer: str = ""
    format: str = ""
    digest: str = ""
    findings: Findings = field(default_factory=Findings)
    offers: list[Offer] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_numbers)

    @property
    def columns(self) -> tuple[str, ...]:
        """Headings in file order."""
        return tuple(str(name) for name in self.frame.columns)

    @property
    def blank(self) -> frozenset[str]:
        """The columns in which no row has a value."""
        return frozenset(str(name) for name, texts in self.frame.items() if not texts.str.strip().any())

    def take(self, chosen: npt.NDArray[Any]) -> Table:
        """The table of the chosen positions (a boolean mask or positions), findings and offers unchanged."""
        return replace(
            self,
            frame=self.frame.iloc[np.flatnonzero(chosen) if chosen.dtype == bool else chosen].reset_index(drop=True),
            row_numbers=self.row_numbers[chosen],
            geometry=None if self.geometry is None else self.geometry[chosen],
        )

    def offer(self, offer: Offer) -> None:
        """Record a guess and the finding that tells of it."""
        self.offers.append(offer)
        self.findings.add(offer.finding())


def text_frame(columns: dict[str, Any], length: int) -> pd.DataFrame:
    """A frame of text columns out of sequences or Arrow arrays of text; nulls become ""."""
    series = {name: pd.Series(values, dtype="str").fillna("") for name, values in columns.items()}
    return pd.DataFrame(series, index=pd.RangeIndex(length), columns=pd.Index(list(columns), dtype="str"))


def too_many_columns(file: str) -> BadFile:
    """The refusal of a table wider than any list: such a file is broken or made to harm."""
    return BadFile(
        N_("{file} has more than {limit} columns."),
        remedy=N_("Check the delimiter, or save only the columns you need."),
        file=file,
        limit=MOST_COLUMNS,
    )


def unique_names(headings: Sequence[str]) -> list[str]:
    """Headings made unique and short: empty ones become `column 3`, repeated ones get ` (2)`.

    >>> unique_names(["имя", "", "имя"])
    ['имя', 'column 2', 'имя (2)']
    """
    names: dict[str, None] = {}
    for position, heading in enumerate(headings, start=1):
        name = " ".join(str(heading)[:LONGEST_HEADING].split()) or f"column {position}"
        candidate, repeat = name, 1
        while candidate in names:
            repeat += 1
            candidate = f"{name} ({repeat})"
        names[candidate] = None
    return list(names)
