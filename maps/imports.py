"""Pages of loading: choose a file, look at what it would do, answer what it asks, load it, take it back.

They show what the pipeline said and nothing of their own. Everything from files is text: names, headings, cells.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from geo.errors import N_
from geo.vocabulary import TerritoryKind
from maps.pages import Page
from maps.text import Title

SEVERITIES = {"block": N_("must be mended"), "warn": N_("look at it"), "info": N_("good to know")}
STATES = {
    "new": N_("is new"), "changed": N_("changes"), "same": N_("stays as it is"), "gone": N_("is no longer there"),
    "moved": N_("border moves"), "rejected": N_("not accepted"), "split": N_("is split"),
    "merge": N_("takes others in"), "rename": N_("gets another name"),
}  # fmt: skip
PLACED = {
    "inside": N_("inside"), "near_border": N_("near a border"), "several": N_("in several"), "outside": N_("outside"),
    "no_polygon": N_("boundary not loaded"), "stated": N_("stated by the source"), "no_place": N_("no place"),
}  # fmt: skip
WORK = {
    "received": N_("waits for you"), "checking": N_("is being looked at"), "checked": N_("waits for you"),
    "committing": N_("is being loaded"), "committed": N_("loaded"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Loading(Page):
    """What the pages of loading have in common: the words for what happens to rows, places and files."""

    states: ClassVar[Mapping[str, str]] = STATES
    places: ClassVar[Mapping[str, str]] = PLACED
    work: ClassVar[Mapping[str, str]] = WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to answer, with how the data look then."""

    value: str
    title: Title = ""
    chosen: bool = False
    preview: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something only a person can say; `name` is the field of the form."""

    name: str
    sentence: Title
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """One finding, or several of the same words. `at` leads to its place; `mends` could be done with one click."""

    sentence: Title
    numbers: tuple[int, ...] = ()
    field: str = ""
    value: str = ""
    area_m2: float | None = None
    at: int | None = None
    mends: tuple[tuple[str, Title], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroup:
    """Findings of one code: `count` in all, `listed` of them in the rows."""

    severity: str
    code: str
    count: int
    listed: int
    rows: tuple[FoundRow, ...]
    remedy: Title = ""

    @property
    def severity_title(self) -> str:
        return SEVERITIES[self.severity]

    @property
    def mendable(self) -> bool:
        """Whether something could be done with one click."""
        return any(row.mends for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """A column of the file, what it is taken for, and what stands in it."""

    name: str
    field: str = ""
    offer: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row as read or as understood."""

    number: int
    cells: tuple[Title | None, ...]
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """What happens to one territory."""

    name: str
    state: str
    area_m2: float | None = None
    before_m2: float | None = None
    residents: int | None = None
    ties: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the new boundaries differ from those that hold now."""

    counts: Mapping[str, int]
    rows: tuple[DifferenceRow, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a load came to, or would come to."""

    read: int = 0
    accepted: int = 0
    repaired: int = 0
    rejected: int = 0
    changes: Mapping[str, int] = field(default_factory=dict)
    placed: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """A file that waits."""

    href: str
    file: str
    what: Title
    state: str
    actor: str
    sent_at: datetime.datetime
    expires_at: datetime.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRow:
    """A load that was made; `undoable` where it may be taken back with the button beside it."""

    href: str
    id: int
    what: Title
    file: str
    source: str
    actor: str
    committed_at: datetime.datetime
    undone: bool = False
    undoable: bool = False
    demo: bool = False
    accepted: int | None = None
    rejected: int | None = None


@dataclass(frozen=True, kw_only=True)
class ImportsPage(Loading):
    """Choose what is loaded and a file; files that wait; loads so far."""

    template = "imports.html"
    registers: tuple[tuple[str, Title], ...]
    kinds: tuple[TerritoryKind, ...]
    sources: tuple[str, ...]
    limit_mb: int
    keep_days: int
    form: str
    waiting: tuple[UploadRow, ...] = ()
    loads: tuple[LoadRow, ...] = ()
    said: Title = ""

    @property
    def heading(self) -> str:
        return self.say(N_("Load a file"))


@dataclass(frozen=True, kw_only=True)
class UploadPage(Loading):
    """One file that waits: questions, findings, table, map, difference, and the button that loads it."""

    template = "upload.html"
    id: int
    file: str
    kilobytes: int
    what: Title
    state: str
    form: str
    expires_at: datetime.datetime
    options: Mapping[str, object]
    registers: tuple[tuple[str, Title], ...]
    kinds: tuple[TerritoryKind, ...]
    belongs: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    step: Title = ""
    done: int = 0
    of: int = 0
    seen: str = ""
    problem: Title = ""
    remedy: Title = ""
    notice: Title = ""
    counts: Counts | None = None
    blocked: bool = False
    questions: tuple[Question, ...] = ()
    groups: tuple[FoundGroup, ...] = ()
    columns: tuple[ColumnRow, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    required: tuple[tuple[str, str], ...] = ()
    rows: tuple[TableRow, ...] = ()
    understood_fields: tuple[str, ...] = ()
    understood: tuple[TableRow, ...] = ()
    unit: str = "row"
    file_format: str = ""
    difference: Difference | None = None
    has_map: bool = False
    has_rejected: bool = False
    demos: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return self.file

    @property
    def working(self) -> bool:
        """Whether the page renews itself until the work is done."""
        return self.state in ("checking", "committing")

    @property
    def can_load(self) -> bool:
        """Whether anything can be written as things stand."""
        return self.state == "checked" and not self.problem and not self.blocked and self.counts is not None

    @property
    def nothing_new(self) -> bool:
        """Whether the file says nothing that is not stored already."""
        changes = self.counts.changes if self.counts else {}
        removes = changes.get("gone", 0) if self.options.get("delete_gone") else 0
        return not (changes.get("new", 0) or changes.get("changed", 0) or removes)

    def address(self, more: str = "") -> str:
        """An address below this file's page."""
        return self.frame.href(f"/steward/uploads/{self.id}{more}")

    def text(self, name: str) -> str:
        """An option as it stands in the form."""
        return str(self.options.get(name) or "")


@dataclass(frozen=True, kw_only=True)
class LoadPage(Loading):
    """A load that was made: what it came to, the rows to mend, the way back."""

    template = "load.html"
    id: int
    what: Title
    file: str
    source: str
    actor: str
    committed_at: datetime.datetime
    form: str
    undone: bool = False
    undoable: bool = False
    counts: Counts
    groups: tuple[FoundGroup, ...] = ()
    upload: int | None = None
    has_rejected: bool = False
    look: tuple[tuple[str, str], ...] = ()
    limit_mb: int = 0

    @property
    def heading(self) -> str:
        return self.file


@dataclass(frozen=True, kw_only=True)
class UndoPage(Loading):
    """What taking a load back would do, or why it cannot be taken back."""

    template = "undo.html"
    id: int
    file: str
    what: Title
    form: str
    removed: tuple[tuple[str, int], ...] = ()
    restored: tuple[tuple[str, int], ...] = ()
    refusal: Title = ""
    remedy: Title = ""

    @property
    def heading(self) -> str:
        return self.say(N_("Take back load {run}")).replace("{run}", str(self.id))
