"""What was frozen? The list of snapshots, and one of them: figures as they were, and what is different today."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from geo.errors import N_, Message
from geo.vocabulary import TerritoryKind
from maps import text
from maps.pages import Page
from maps.rows import Cell
from maps.text import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """A frozen year of a kind of territory."""

    code: str
    period: str
    kind: TerritoryKind
    taken_on: datetime.date
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenTable:
    """One measure as it was: name and figure of each territory, its method and its sources."""

    title: Title
    unit: str
    rows: tuple[tuple[str, Cell], ...]
    method: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """A figure that is different today; `gone`: the territory has no boundary of that year any more, `added`: it had
    none then."""

    measure: Title
    unit: str
    name: str
    frozen: Cell
    now: Cell
    gone: bool = False
    added: bool = False


@dataclass(frozen=True, kw_only=True)
class SnapshotsPage(Page):
    """All snapshots; `form` is the token of the steward's form, empty for everybody else."""

    template = "snapshots.html"
    rows: tuple[SnapshotRow, ...]
    kinds: tuple[TerritoryKind, ...]
    periods: tuple[str, ...]
    form: str

    @property
    def heading(self) -> str:
        return self.say(N_("Frozen years"))


@dataclass(frozen=True, kw_only=True)
class SnapshotPage(Page):
    """One snapshot."""

    template = "snapshot.html"
    row: SnapshotRow
    tables: tuple[FrozenTable, ...]
    differences: tuple[DifferenceRow, ...]

    @property
    def heading(self) -> str:
        message = Message(N_("{period}: {kind}, as published"), {"period": self.row.period, "kind": self.row.kind})
        return text.translate(message, self.lang)
