"""What does one declaration say about a register? Everything the generic parts need to know of a noun.

Lists, filters, search, tiles, near, import, export, pages and OpenAPI are written once over these
declarations; adding a noun is one file in geo/registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.vocabulary import Word


@dataclass(frozen=True, slots=True)
class Column:
    """A published column: its name in API and exports, the SQL it is selected by, and its heading as a msgid.

    `sql` may refer to `e` (okruga.entry) and `r` (the register's own table).
    """

    name: str
    title: str
    sql: str = ""
    words: type[Word] | None = None
    is_date: bool = False
    # the type of its value in answers, where no column of the table has that name
    of: Any = None

    @property
    def select(self) -> str:
        return f"{self.sql or 'r.' + self.name} AS {self.name}"


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of entry. `name` is singular (code, tile layer), `plural` stands in addresses and commands."""

    name: str
    plural: str
    title: str
    title_plural: str
    table: str
    statuses: type[Word] | None
    done: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    # words of place and date that mean something else for each noun
    begins_title: str = ""
    ends_title: str = ""
    # what residents send in is shown by hexagon unless the object itself is public
    coarse: bool = False
    on_map: bool = True
    tables: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The declared column of that name; KeyError for any other (names never reach SQL unchecked)."""
        return next(column for column in self.columns if column.name == name)
