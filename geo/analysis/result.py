"""What does a question answer with? One `Answer`: rows of figures, and everything needed to say where they come from.

Frozen, ready for JSON, the same for page, API, command line, passport and export. This module is also where the others
take the types of figures from: `Value` (one figure), `Row` (a figure of a territory), `Values` (columns of figures).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

from geo.analysis.columns import Values
from geo.analysis.figure import (
    MISSING,
    NO_DATA,
    NO_OBJECTS,
    NO_RESIDENTS,
    NOT_ASSESSED,
    RATE_MIN_BASE,
    SMALL_COUNT,
    SUPPRESSED,
    Row,
    Unit,
    Value,
    as_it_is,
)
from geo.errors import Message
from geo.vocabulary import MissingReason, PopulationBase, Theme

__all__ = [
    "MISSING",
    "NOT_ASSESSED",
    "NO_DATA",
    "NO_OBJECTS",
    "NO_RESIDENTS",
    "RATE_MIN_BASE",
    "SMALL_COUNT",
    "SUPPRESSED",
    "Answer",
    "Method",
    "Period",
    "Row",
    "Unit",
    "Value",
    "Values",
]


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days, both included, and how it is called in addresses ("2024", "2024-H1").

    >>> Period.year(2024).last.isoformat()
    '2024-12-31'
    """

    label: str
    first: date
    last: date

    def __post_init__(self) -> None:
        """A period ends after it begins."""
        if self.first > self.last:
            raise ValueError("a period ends before it begins")

    @classmethod
    def year(cls, year: int) -> Period:
        """One calendar year."""
        return cls(str(year), date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Method:
    """Where the formula is explained: `chapter` is the address of its page, `reference` the paper it comes from."""

    chapter: str
    reference: str = ""

    def as_dict(self) -> dict[str, str]:
        """JSON-ready."""
        return {"chapter": self.chapter, "reference": self.reference}


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows of one question, with everything needed to say where the numbers come from.

    `whole` is the figure of the whole area (not the mean of the rows); `data_share` says for which share of the area's
    residents or territories data exist; `notes` are sentences that belong under the table (a changed set of
    municipalities, edge effects, low power).
    """

    question: str
    measure: str
    kind: str
    period: Period | None
    on: date | None
    unit: Unit
    method: Method
    rows: tuple[Row, ...]
    data_version: int
    theme: Theme | None = None
    base: PopulationBase | None = None
    distance_m: int | None = None
    # how distances were measured, where the figure rests on any: "line" or "foot"
    by: str | None = None
    whole: Value | None = None
    data_share: float | None = None
    sources: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()

    def values(self) -> Values:
        """The figures of the rows as columns, in the order of the rows."""
        return Values.of([row.value for row in self.rows], unit=self.unit, base=self.base)

    def published(self, small_count: int = SMALL_COUNT, rate_min_base: int = RATE_MIN_BASE) -> Answer:
        """The answer as the public may see it: small numbers hidden, and what would give them away.

        To be asked of an answer about all territories of a kind; take single rows out of it afterwards (`only`).
        """
        columns = self.values()
        shown = columns.published(small_count, rate_min_base)
        whole = self.whole
        if whole is not None and whole.counts_people and columns.to_hide(small_count, rate_min_base).whole:
            whole = whole.hidden(small_count)
        rows = tuple(row.with_value(_as_shown(row.value, shown[at], small_count)) for at, row in enumerate(self.rows))
        return replace(self, rows=rows, whole=whole.published(small_count, rate_min_base) if whole else None)

    def only(self, territories: Collection[str]) -> Answer:
        """The same answer with the rows of some territories."""
        return replace(self, rows=tuple(row for row in self.rows if row.territory in territories))

    def as_dict(self, say: Callable[[Message], str] = as_it_is) -> dict[str, object]:
        """JSON-ready, in the shape of the `/api` questions."""
        return {
            "question": self.question,
            "measure": self.measure,
            "kind": self.kind,
            "period": self.period.label if self.period else None,
            "period_from": self.period.first.isoformat() if self.period else None,
            "period_to": self.period.last.isoformat() if self.period else None,
            "on": self.on.isoformat() if self.on else None,
            "theme": self.theme.value if self.theme else None,
            "unit": self.unit.value,
            "base": self.base.value if self.base else None,
            "distance_m": self.distance_m,
            "by": self.by,
            "method": self.method.as_dict(),
            "sources": list(self.sources),
            "data_version": self.data_version,
            "data_share": self.data_share,
            "notes": [say(note) for note in self.notes],
            "whole": self.whole.as_dict(say) if self.whole else None,
            "rows": [row.as_dict(say) for row in self.rows],
        }


def _as_shown(value: Value, shown: Value, small_count: int) -> Value:
    """A row's own figure, hidden or with hidden parts like its column; parts others lack are judged by themselves."""
    if shown.missing_reason is MissingReason.SUPPRESSED:
        return value.hidden(small_count)
    parts = {name: shown.parts.get(name) or part.published(small_count) for name, part in value.parts.items()}
    return replace(value, parts=parts)
