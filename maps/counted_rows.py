"""Which rows were counted? The page behind a figure, and the plain list of a register."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from geo.errors import N_, Message
from geo.vocabulary import MissingReason, TerritoryKind, Theme, Word
from maps import text
from maps.explained import Explained
from maps.layout import titled
from maps.pages import Page
from maps.rows import EntryRow
from maps.text import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRow:
    """A row that was counted; `missing` says why what it adds is not told."""

    title: str
    href: str
    amount: float | None
    status: Word | None = None
    theme: Word | None = None
    on: datetime.date | None = None
    missing: MissingReason | None = None


@dataclass(frozen=True, kw_only=True)
class RowsPage(Page):
    """The rows behind the figure of one territory."""

    template = "counted_rows.html"
    register: Title
    figure: Explained
    name: str
    territory_href: str
    kind: TerritoryKind
    theme: Theme | None
    rows: tuple[CountedRow, ...]
    numerator: bool
    adds: bool
    total: float | None
    not_listed: float
    unit: str
    base: tuple[int, int, str] | None
    csv_href: str
    rows_json_href: str

    @property
    def heading(self) -> str:
        message = Message(N_("{measure}: {territory}"), {"measure": self.measure, "territory": self.name})
        return text.translate(message, self.lang)

    @property
    def measure(self) -> str:
        """The measure at the start of a line."""
        return titled(self.figure.indicator.title, self.lang)


@dataclass(frozen=True, kw_only=True)
class ListPage(Page):
    """A register as a list, the newest first."""

    template = "register_list.html"
    title: Title
    total: int
    rows: tuple[EntryRow, ...]
    query: str
    status: str
    theme: str
    period: str
    territory: str
    statuses: tuple[Word, ...]
    json_href: str
    next_href: str
    # of which nothing is listed
    untold: tuple[Theme, ...] = ()
    themes: tuple[Theme, ...] = tuple(Theme)

    @property
    def heading(self) -> str:
        return titled(self.title, self.lang)
