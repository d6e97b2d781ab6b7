"""What becomes of a territory's boundary versions when a file brings a shape with dates?

Pure rules, without database or geometry library. A changed shape is never an edit: the version it replaces ends the
day before, a new one begins. Only a correction that was asked for changes a stored shape. Two shapes on one day
are refused, and so is anything that would leave the reader guessing which shape held when.

Days are half-open as in the database: `end` is the first day the shape no longer holds. Unknown beginnings are
`date.min`, open ends `date.max`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Generic, Protocol, TypeVar

from geo.errors import N_, Message

EVER, FOREVER = date.min, date.max
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` up to, but not including, `end`."""

    first: date = EVER
    end: date = FOREVER

    def holds(self, day: date) -> bool:
        return self.first <= day < self.end

    def overlaps(self, other: Span) -> bool:
        return self.first < other.end and other.first < self.end

    @property
    def literal(self) -> str:
        """As a PostgreSQL daterange."""
        first = "" if self.first == EVER else self.first.isoformat()
        return f"[{first},{'' if self.end == FOREVER else self.end.isoformat()})"


class Held(Protocol):
    """A version as it is known: the days it holds, and its shape."""

    @property
    def span(self) -> Span: ...
    @property
    def shape(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row asks for: a shape, and the days it states (both ends included; None: not stated)."""

    shape: object
    valid_from: date | None
    valid_to: date | None

    @property
    def end(self) -> date | None:
        return None if self.valid_to is None else self.valid_to + DAY


class Act(Enum):
    """What happens to a version."""

    KEEP = "keep"
    OPEN = "open"
    SPAN = "span"  # same shape, other days
    CORRECT = "correct"  # same days, other shape


V = TypeVar("V", bound=Held)


@dataclass(frozen=True, slots=True)
class Step(Generic[V]):
    """One act on one version; `version` is None for a new one."""

    act: Act
    span: Span
    version: V | None = None


class Refused(Exception):
    """The row contradicts what is stored; `message` and `remedy` say how."""

    def __init__(self, code: str, message: str, remedy: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.message, self.remedy = code, Message(message, params), Message(remedy, params)


def steps(history: Sequence[V], wanted: Wanted, *, correct: bool = False) -> list[Step[V]]:
    """The acts a row leads to. Shapes are compared by `==`.

    Raises Refused when the row cannot be reconciled with the stored versions.
    """
    history = sorted(history, key=lambda version: version.span.first)
    if wanted.end is not None and wanted.valid_from is not None and wanted.end <= wanted.valid_from:
        raise ends_too_early(wanted.valid_from, wanted)
    if wanted.valid_from is None:
        return _undated(history, wanted)
    holding = next((v for v in history if v.span.holds(wanted.valid_from)), None)
    if holding is None:
        return _between(history, wanted, wanted.valid_from)
    if holding.span.first == wanted.valid_from:
        return _same_day(history, holding, wanted, correct)
    return _later(history, holding, wanted, wanted.valid_from)


def _undated(history: Sequence[V], wanted: Wanted) -> list[Step[V]]:
    """Without a date a shape is the first one of its territory, or one already known."""
    if not history:
        return [Step(Act.OPEN, Span(EVER, wanted.end or FOREVER))]
    equal = [v for v in history if v.shape == wanted.shape]
    if not equal:
        raise Refused(
            "date_needed", N_("The shape differs from the stored one, and nothing says since when."),
            N_("Give the day from which it holds: a column valid_from or --valid-from."),
        )  # fmt: skip
    return _ending(history, equal[-1], wanted)


def _same_day(history: Sequence[V], holding: V, wanted: Wanted, correct: bool) -> list[Step[V]]:
    """A version that begins on the very day is the same one, or a correction if that was asked for."""
    if holding.shape == wanted.shape:
        return _ending(history, holding, wanted)
    if not correct:
        raise Refused(
            "same_day_other_shape", N_("Another shape is already stored from {first}."),
            N_("If the stored one was wrong, load with --correct; if the border changed, give the day of the change."),
            first=holding.span.first,
        )  # fmt: skip
    ending = _ending(history, holding, wanted)[0]
    return [Step(Act.CORRECT, ending.span, holding)]


def _later(history: Sequence[V], holding: V, wanted: Wanted, first: date) -> list[Step[V]]:
    """A shape from a day inside a version's time: the same one continues, another one takes over."""
    if holding.shape == wanted.shape:
        return _ending(history, holding, wanted)
    end = wanted.end or holding.span.end
    if end < holding.span.end != FOREVER:
        raise Refused(
            "hole_in_time", N_("The stored shape holds until {stored}; this one would end before it, on {end}."),
            N_("Leave the last day empty, or load the shape that holds afterwards too."),
            stored=holding.span.end - DAY, end=end - DAY,
        )  # fmt: skip
    new = Span(first, end)
    refuse_overlap(history, new, holding)
    return [Step(Act.SPAN, replace(holding.span, end=first), holding), Step(Act.OPEN, new)]


def _between(history: Sequence[V], wanted: Wanted, first: date) -> list[Step[V]]:
    """A shape for days that have none: a new version, or a neighbour in time with the same shape grows."""
    following = next((v for v in history if v.span.first > first), None)
    new = Span(first, wanted.end or (following.span.first if following else FOREVER))
    refuse_overlap(history, new)
    for version in history:
        if version.shape == wanted.shape and version.span.first == new.end:
            return [Step(Act.SPAN, replace(version.span, first=first), version)]
        if version.shape == wanted.shape and version.span.end == first:
            return [Step(Act.SPAN, replace(version.span, end=new.end), version)]
    return [Step(Act.OPEN, new)]


def _ending(history: Sequence[V], version: V, wanted: Wanted) -> list[Step[V]]:
    """The version stays; a last day the row states is taken over."""
    if wanted.end is None or wanted.end == version.span.end:
        return [Step(Act.KEEP, version.span, version)]
    if wanted.end <= version.span.first:
        raise ends_too_early(version.span.first, wanted)
    new = replace(version.span, end=wanted.end)
    refuse_overlap(history, new, version)
    return [Step(Act.SPAN, new, version)]


def ends_too_early(first: date, wanted: Wanted) -> Refused:
    return Refused(
        "ends_before_it_begins",
        N_("The shape ends ({end}) before it begins ({first})."), N_("Correct one of the dates."),
        first=first, end=wanted.valid_to,
    )  # fmt: skip


def refuse_overlap(history: Sequence[V], new: Span, own: V | None = None) -> None:
    """Raise Refused when another version holds on a day of the span."""
    for version in history:
        if version is not own and version.span.overlaps(new):
            raise Refused(
                "overlaps_in_time", N_("Another shape of the territory already holds from {first}."),
                N_("Correct the dates: on any day a territory has one shape."),
                first=max(version.span.first, new.first),
            )  # fmt: skip
