"""What is one figure? A finite number that carries how it came about, or the one reason why there is none.

No data, zero, no residents, nothing to compute from, hidden (a small number, a sensitive theme) and not assessed are
different things: a figure has either a number or a `MissingReason`, never both, never NaN. Numerator and denominator
stay inside also when they are too small to be shown; what leaves the building goes through `published()` (method
chapter `suppression`). Many figures at once are `Values` (geo.analysis.columns), a whole question is an `Answer`
(geo.analysis.result).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import numpy as np

from geo.analysis.arrays import Bools, Floats
from geo.analysis.suppression import protect
from geo.errors import Message
from geo.vocabulary import MissingReason, PopulationBase

# defaults of OKRUGA_SMALL_COUNT and OKRUGA_RATE_MIN_BASE: counts of people below the first are hidden, rates need the
# second as a base (methods chapter `suppression`; our choice, no law gives a number)
SMALL_COUNT = 5
RATE_MIN_BASE = 50

# position in this tuple + 1 is the int8 code of a missing value in `Values.missing`; 0 means "there is a value"
MISSING: tuple[MissingReason, ...] = (
    MissingReason.NO_DATA,
    MissingReason.NO_RESIDENTS,
    MissingReason.NO_OBJECTS,
    MissingReason.SUPPRESSED,
    MissingReason.NOT_ASSESSED,
    MissingReason.SENSITIVE,
)
NO_DATA, NO_RESIDENTS, NO_OBJECTS, SUPPRESSED, NOT_ASSESSED, SENSITIVE = range(1, 7)


class Unit(StrEnum):
    """What a number is a number of."""

    SHARE = "share"  # 0..1
    PER_1000 = "per_1000"  # per 1,000 people of the base
    PEOPLE = "people"  # counted people (residents, participants)
    COUNT = "count"  # counted objects (projects, needs, hearings)
    METRES = "m"
    PER_KM2 = "per_km2"
    POINTS = "points"  # percentage points
    INDEX = "index"  # no unit: z-scores, Gini
    MONEY = "minor"  # whole minor units of one currency


COUNTS = (Unit.PEOPLE, Unit.COUNT)


def few(people: Floats, small_count: int = SMALL_COUNT) -> Bools:
    """Where there is somebody, but fewer people than may be shown (not known is neither)."""
    return np.asarray((people > 0) & (people < small_count), dtype=bool)


def counted_people(value: Floats, numerator: Floats, unit: Unit) -> Floats:
    """The counts behind a column: the numerators; for plain counts without one, the values themselves."""
    return np.where(np.isnan(numerator), value, numerator) if unit in COUNTS else numerator


def too_small(
    value: Floats,
    numerator: Floats,
    denominator: Floats,
    *,
    unit: Unit,
    base: PopulationBase | None,
    counts_people: bool,
    small_count: int = SMALL_COUNT,
    rate_min_base: int = RATE_MIN_BASE,
) -> Bools:
    """Where a figure must not be shown for its own sake; the rule of `Value.published`, by columns."""
    hide = np.zeros(len(value), dtype=bool)
    if counts_people:
        hide |= few(counted_people(value, numerator, unit), small_count)
        if unit is Unit.SHARE:
            hide |= few(denominator - numerator, small_count)
    if base is not None and unit not in COUNTS:
        hide |= (denominator > 0) & (denominator < rate_min_base)
    return hide & ~np.isnan(value)


def _plain(number: float | None) -> float | int | None:
    """Whole numbers without `.0`, as they are read aloud."""
    if number is None:
        return None
    return int(number) if float(number).is_integer() else float(number)


def _finite(number: float | None, name: str) -> None:
    if number is not None and not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number or None")


def _columns(value: Value) -> tuple[Floats, Floats, Floats]:
    cells = (value.value, value.numerator, value.denominator)
    one, two, three = (np.array([math.nan if cell is None else cell]) for cell in cells)
    return one, two, three


def as_it_is(message: Message) -> str:
    return str(message)


@dataclass(frozen=True, slots=True)
class Value:
    """One figure: a finite number or one reason why there is none.

    `numerator` and `denominator` are the two counts the figure was made of (None: not made of two counts, or not
    known); `counts_people` says that the numerator counts people, so that it is hidden when small; `base` says which
    people stand in the denominator. The interval is 95 % unless the method chapter says otherwise. `estimated` marks
    figures transferred between boundaries. `parts` are the figures this one is put together from (components of the
    gap index, channels); `reasons` are sentences why it is as it is.

    >>> Value(0.375, Unit.SHARE, numerator=750, denominator=2000, base=PopulationBase.RESIDENTS).value
    0.375
    >>> Value(None, Unit.SHARE, missing_reason=MissingReason.NO_RESIDENTS).missing_reason.value
    'no_residents'
    """

    value: float | None
    unit: Unit
    missing_reason: MissingReason | None = None
    numerator: float | None = None
    denominator: float | None = None
    base: PopulationBase | None = None
    counts_people: bool = False
    interval_low: float | None = None
    interval_high: float | None = None
    estimated: bool = False
    parts: Mapping[str, Value] = field(default_factory=dict, hash=False)
    reasons: tuple[Message, ...] = field(default=(), hash=False)

    def __post_init__(self) -> None:
        """Refuse figures that say two things or nothing."""
        if (self.value is None) == (self.missing_reason is None):
            raise ValueError("a value has either a number or a missing_reason, exactly one of them")
        for name in ("value", "numerator", "denominator", "interval_low", "interval_high"):
            _finite(getattr(self, name), name)
        if (self.interval_low is None) != (self.interval_high is None):
            raise ValueError("an interval has two ends")
        if self.interval_low is None or self.interval_high is None:
            return
        if self.value is None or self.interval_low > self.interval_high:
            raise ValueError("an interval belongs to a number and goes upwards")

    @classmethod
    def missing(cls, reason: MissingReason, unit: Unit) -> Value:
        """No number, and why."""
        return cls(None, unit, missing_reason=reason)

    def published(self, small_count: int = SMALL_COUNT, rate_min_base: int = RATE_MIN_BASE) -> Value:
        """The figure as the public may see it: small numbers of people hidden, parts included.

        Hidden are: 1 to small_count - 1 people in the numerator (or, for a share, in the rest of the base), and every
        rate over fewer than `rate_min_base` people. Zero is shown; counts of objects are never hidden. Parts that count
        people protect each other as if their sum were known. One figure alone cannot know whether a published total
        gives it away: for a column of figures use `Values.published`.
        """
        if self._too_small(small_count, rate_min_base):
            return self.hidden(small_count)
        names = [name for name, part in self.parts.items() if part.counts_people]
        people = [float(counted_people(*_columns(self.parts[name])[:2], self.parts[name].unit)[0]) for name in names]
        small = [self.parts[name]._too_small(small_count, rate_min_base) for name in names]
        found = protect(people, small, small_count=small_count)
        if found.hide_total:
            return self.hidden(small_count)
        hide = {name for name, hidden in zip(names, found.hidden.tolist(), strict=True) if hidden}
        parts = {
            name: part.hidden(small_count) if name in hide else part.published(small_count, rate_min_base)
            for name, part in self.parts.items()
        }
        return replace(self, parts=parts)

    def _too_small(self, small_count: int, rate_min_base: int) -> bool:
        hide = too_small(
            *_columns(self),
            unit=self.unit,
            base=self.base,
            counts_people=self.counts_people,
            small_count=small_count,
            rate_min_base=rate_min_base,
        )
        return bool(hide[0])

    def hidden(self, small_count: int = SMALL_COUNT) -> Value:
        """The same figure without number, interval, parts, reasons, and without the people in its numerator."""
        tiny_base = self.base is not None and self.denominator is not None and 0 < self.denominator < small_count
        return Value(
            None,
            self.unit,
            missing_reason=MissingReason.SUPPRESSED,
            numerator=None if self.counts_people else self.numerator,
            denominator=None if tiny_base else self.denominator,
            base=self.base,
            counts_people=self.counts_people,
        )

    def as_dict(self, say: Callable[[Message], str] = as_it_is) -> dict[str, object]:
        """JSON-ready; `say` translates the reasons."""
        return {
            "value": None if self.value is None else float(self.value),
            "unit": self.unit.value,
            "numerator": _plain(self.numerator),
            "denominator": _plain(self.denominator),
            "base": self.base.value if self.base else None,
            "interval_low": self.interval_low,
            "interval_high": self.interval_high,
            "missing_reason": self.missing_reason.value if self.missing_reason else None,
            "estimated": self.estimated,
            "parts": {name: part.as_dict(say) for name, part in self.parts.items()},
            "reasons": [say(reason) for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of one territory in one of its boundaries, with its place among the others.

    `rank` counts from 1 and is shared by ties; `rank_low`..`rank_high` is its 5-95 % range among `ranked` territories;
    all None when the territory is not ranked. `class_code` is a class of the question's own (hot_spot, cold_spot …);
    `boundary_from` is the day the boundary came into force (None: always).
    """

    territory: str
    boundary: int
    name: str
    value: Value
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    ranked: int | None = None
    class_code: str | None = None
    boundary_from: date | None = None

    def __post_init__(self) -> None:
        """Refuse ranks of missing figures and ranges that are not ones."""
        if self.rank is not None and self.value.value is None:
            raise ValueError("a missing figure has no rank")
        if (self.rank_low is None) != (self.rank_high is None):
            raise ValueError("a rank range has two ends")
        if self.rank_low is not None and self.rank_high is not None and self.rank_low > self.rank_high:
            raise ValueError("a rank range goes upwards")

    def with_value(self, value: Value) -> Row:
        """The same territory with another figure; a figure that is missing takes rank and class away."""
        if value.value is not None:
            return replace(self, value=value)
        return Row(self.territory, self.boundary, self.name, value, boundary_from=self.boundary_from)

    def as_dict(self, say: Callable[[Message], str] = as_it_is) -> dict[str, object]:
        """JSON-ready: one flat row, parts nested."""
        return {
            "territory": self.territory,
            "boundary": self.boundary,
            "name": self.name,
            **self.value.as_dict(say),
            "rank": self.rank,
            "rank_low": self.rank_low,
            "rank_high": self.rank_high,
            "ranked": self.ranked,
            "class": self.class_code,
            "boundary_from": self.boundary_from.isoformat() if self.boundary_from else None,
        }
