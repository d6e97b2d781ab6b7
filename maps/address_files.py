"""Pages for files of addresses: one to send them and see them all, one with the progress and the result of each."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from geo.errors import N_
from geo.vocabulary import GeocodeStatus, MatchLevel
from maps.pages import Page
from maps.text import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One file that was sent."""

    id: int
    name: str
    rows: int
    done: int
    finished: bool
    created_at: datetime.datetime
    expires_at: datetime.datetime

    @property
    def percent(self) -> int:
        """How much is answered, whole per cent."""
        return 100 * self.done // self.rows if self.rows else 100


@dataclass(frozen=True, kw_only=True)
class AddressFilesPage(Page):
    """Send a file; the files sent so far."""

    template = "address_files.html"
    form: str
    limit_mb: int
    most_rows: int
    territories: tuple[tuple[str, str], ...] = ()
    files: tuple[FileRow, ...] = ()

    @property
    def heading(self) -> str:
        return self.say(N_("Addresses of a file"))


@dataclass(frozen=True, kw_only=True)
class AddressFilePage(Page):
    """How far a file is, or what came of it."""

    template = "address_file.html"
    form: str
    file: FileRow
    statuses: tuple[tuple[GeocodeStatus, int], ...] = ()
    levels: tuple[tuple[MatchLevel, int], ...] = ()
    problem: Title = ""

    @property
    def heading(self) -> str:
        return self.file.name
