"""How do the figures of 20,000 areas travel through a computation? As columns: the numpy twin of many `Value`s.

Ranks, smoothing, classes and hot spots are computed on these arrays in milliseconds; at the end they become rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Codes, Floats, divided, floats
from geo.analysis.figure import (
    MISSING,
    NO_DATA,
    NO_OBJECTS,
    NO_RESIDENTS,
    RATE_MIN_BASE,
    SMALL_COUNT,
    SUPPRESSED,
    Row,
    Unit,
    Value,
    counted_people,
    few,
    too_small,
)
from geo.analysis.suppression import protect, protect_parts
from geo.vocabulary import MissingReason, PopulationBase


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """Rows to hide, rows to hide of single parts, and whether the figure of the whole area gives a row away."""

    rows: Bools
    parts: Mapping[str, Bools]
    whole: bool


def _column(given: npt.ArrayLike | None, name: str, size: int) -> Floats:
    column = np.full(size, np.nan) if given is None else np.array(floats(given, name, size=size))
    column.flags.writeable = False
    return column


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Many figures of one measure as columns: NaN in `value` exactly where `missing` is not 0.

    `numerator`, `denominator`, `low` and `high` are NaN where not known; `missing` holds the codes of `MISSING`;
    `parts` are further columns of the same length. All arrays are copies that refuse writing.

    >>> share = Values.ratio([750, 0, 40], [2000, 0, 160], Unit.SHARE, base=PopulationBase.RESIDENTS)
    >>> share.value.tolist()
    [0.375, nan, 0.25]
    >>> share[1].missing_reason.value
    'no_residents'
    """

    value: Floats
    unit: Unit
    missing: Codes
    numerator: Floats
    denominator: Floats
    low: Floats
    high: Floats
    estimated: Bools
    base: PopulationBase | None = None
    counts_people: bool = False
    parts: Mapping[str, Values] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse columns of different length, infinite numbers, and numbers beside a missing reason."""
        size = len(self.value)
        for name in ("value", "numerator", "denominator", "low", "high"):
            floats(getattr(self, name), name, size=size)
        if self.missing.shape != (size,) or self.estimated.shape != (size,):
            raise ValueError("missing and estimated need one entry per value")
        if size and (self.missing.min() < 0 or self.missing.max() > len(MISSING)):
            raise ValueError("unknown code of a missing reason")
        if (np.isnan(self.value) != (self.missing != 0)).any():
            raise ValueError("each row has either a number or a missing reason, exactly one of them")
        if (np.isnan(self.low) != np.isnan(self.high)).any() or (self.low > self.high).any():
            raise ValueError("an interval has two ends and goes upwards")
        if (~np.isnan(self.low) & (self.missing != 0)).any():
            raise ValueError("an interval belongs to a number")
        if any(len(part) != size for part in self.parts.values()):
            raise ValueError("parts need one row per value")

    @classmethod
    def build(
        cls,
        value: npt.ArrayLike,
        unit: Unit,
        *,
        missing: npt.ArrayLike | None = None,
        numerator: npt.ArrayLike | None = None,
        denominator: npt.ArrayLike | None = None,
        low: npt.ArrayLike | None = None,
        high: npt.ArrayLike | None = None,
        estimated: npt.ArrayLike | None = None,
        base: PopulationBase | None = None,
        counts_people: bool = False,
        parts: Mapping[str, Values] | None = None,
    ) -> Values:
        """Columns from whatever is at hand; a NaN value without a missing code becomes `no_data`.

        A value, and its interval, beside a missing code is dropped: the code decides.
        """
        numbers = np.array(floats(value, "value"))
        codes = np.zeros(len(numbers), np.int8) if missing is None else np.array(missing, dtype=np.int8)
        if codes.shape != numbers.shape:
            raise ValueError("missing needs one entry per value")
        codes[np.isnan(numbers) & (codes == 0)] = NO_DATA
        gone = codes != 0
        numbers[gone] = np.nan
        ends = [np.array(_column(end, "interval", len(numbers))) for end in (low, high)]
        for end in ends:
            end[gone] = np.nan
        flags = np.zeros(len(numbers), bool) if estimated is None else np.array(estimated, dtype=bool)
        for column in (numbers, *ends):
            column.flags.writeable = False
        codes.flags.writeable = flags.flags.writeable = False
        return cls(
            numbers,
            unit,
            codes,
            _column(numerator, "numerator", len(numbers)),
            _column(denominator, "denominator", len(numbers)),
            ends[0],
            ends[1],
            flags,
            base,
            counts_people,
            dict(parts or {}),
        )

    @classmethod
    def ratio(
        cls,
        numerator: npt.ArrayLike,
        denominator: npt.ArrayLike,
        unit: Unit,
        *,
        base: PopulationBase | None = None,
        counts_people: bool = False,
        low: npt.ArrayLike | None = None,
        high: npt.ArrayLike | None = None,
        estimated: npt.ArrayLike | None = None,
    ) -> Values:
        """numerator / denominator, times 1,000 for `Unit.PER_1000` and 100 for `Unit.POINTS`.

        Either not known: `no_data`. Denominator 0: `no_residents` when the base is people, else `no_objects`.
        """
        top = floats(numerator, "numerator")
        bottom = floats(denominator, "denominator", size=len(top))
        missing = np.where(np.isnan(top) | np.isnan(bottom), NO_DATA, 0)
        empty = NO_RESIDENTS if base is not None else NO_OBJECTS
        missing = np.where((missing == 0) & (bottom == 0), empty, missing)
        return cls.build(
            divided(top, bottom) * SCALE.get(unit, 1.0),
            unit,
            missing=missing,
            numerator=top,
            denominator=bottom,
            low=low,
            high=high,
            estimated=estimated,
            base=base,
            counts_people=counts_people,
        )

    @classmethod
    def of(cls, rows: Sequence[Value], *, unit: Unit | None = None, base: PopulationBase | None = None) -> Values:
        """Columns from single figures of one unit; parts come along when all rows have the same ones."""
        names = list(rows[0].parts) if rows and all(row.parts.keys() == rows[0].parts.keys() for row in rows) else []
        first = rows[0] if rows else Value.missing(MissingReason.NO_DATA, unit or Unit.INDEX)
        return cls.build(
            [math.nan if row.value is None else row.value for row in rows],
            unit or first.unit,
            missing=[MISSING.index(row.missing_reason) + 1 if row.missing_reason else 0 for row in rows],
            numerator=[math.nan if row.numerator is None else row.numerator for row in rows],
            denominator=[math.nan if row.denominator is None else row.denominator for row in rows],
            low=[math.nan if row.interval_low is None else row.interval_low for row in rows],
            high=[math.nan if row.interval_high is None else row.interval_high for row in rows],
            estimated=[row.estimated for row in rows],
            base=base or first.base,
            counts_people=any(row.counts_people for row in rows),
            parts={name: cls.of([row.parts[name] for row in rows]) for name in names},
        )

    def __len__(self) -> int:
        """Number of areas."""
        return len(self.value)

    def __getitem__(self, index: int) -> Value:
        """One figure with its parts."""
        code = int(self.missing[index])
        return Value(
            _number(self.value[index]),
            self.unit,
            missing_reason=MISSING[code - 1] if code else None,
            numerator=_number(self.numerator[index]),
            denominator=_number(self.denominator[index]),
            base=self.base,
            counts_people=self.counts_people,
            interval_low=_number(self.low[index]),
            interval_high=_number(self.high[index]),
            estimated=bool(self.estimated[index]),
            parts={name: part[index] for name, part in self.parts.items()},
        )

    @property
    def known(self) -> Bools:
        """Where there is a number."""
        return np.asarray(self.missing == 0, dtype=bool)

    def take(self, index: npt.ArrayLike) -> Values:
        """The given rows (numbers or a mask), in that order."""
        chosen = np.asarray(index)
        return Values(
            self.value[chosen],
            self.unit,
            self.missing[chosen],
            self.numerator[chosen],
            self.denominator[chosen],
            self.low[chosen],
            self.high[chosen],
            self.estimated[chosen],
            self.base,
            self.counts_people,
            {name: part.take(chosen) for name, part in self.parts.items()},
        )

    def with_parts(self, **parts: Values) -> Values:
        """The same figures with further parts beside them."""
        return replace(self, parts={**self.parts, **parts})

    def with_interval(self, low: npt.ArrayLike, high: npt.ArrayLike) -> Values:
        """The same figures with an interval; missing rows stay without one."""
        gone = self.missing != 0
        ends = [np.where(gone, np.nan, floats(end, "interval", size=len(self))) for end in (low, high)]
        return replace(self, low=_column(ends[0], "low", len(self)), high=_column(ends[1], "high", len(self)))

    def too_small(self, small_count: int = SMALL_COUNT, rate_min_base: int = RATE_MIN_BASE) -> Bools:
        """Where a figure must not be shown for its own sake (`figure.too_small`)."""
        return too_small(
            self.value,
            self.numerator,
            self.denominator,
            unit=self.unit,
            base=self.base,
            counts_people=self.counts_people,
            small_count=small_count,
            rate_min_base=rate_min_base,
        )

    @property
    def counted(self) -> Floats:
        """The counts behind the figures: numerators, or the values of plain counts."""
        return counted_people(self.value, self.numerator, self.unit)

    def to_hide(self, small_count: int = SMALL_COUNT, rate_min_base: int = RATE_MIN_BASE) -> Hidden:
        """What must not be shown, the sums over all rows being taken as known to everybody.

        Rows are judged together with parts that count people too: channels that add up to the participants of a
        district give each other away.
        """
        small = self.too_small(small_count, rate_min_base)
        if not self.counts_people:
            return Hidden(small, {}, False)
        parts = {name: part for name, part in self.parts.items() if part.counts_people}
        told_apart = _different(self.counted, parts)
        if not told_apart:
            found = protect(self.counted, small, small_count=small_count)
            return Hidden(found.hidden, {}, found.hide_total)
        found, cells = protect_parts(
            self.counted,
            small,
            np.column_stack([parts[names[0]].counted for names in told_apart]),
            np.column_stack(
                [_any_small([parts[name] for name in names], small_count, rate_min_base) for names in told_apart]
            ),
            of_all=parts[told_apart[0][0]].denominator,
            small_count=small_count,
        )
        by_part = {name: cells[:, column] for column, names in enumerate(told_apart) for name in names}
        return Hidden(found.hidden, by_part, found.hide_total)

    def hide(self, hidden: npt.ArrayLike, small_count: int = SMALL_COUNT) -> Values:
        """The same columns with the marked rows turned into `suppressed`; people in the numerator go, objects stay."""
        mask = np.asarray(hidden, dtype=bool)
        tiny = mask & (self.base is not None) & few(self.denominator, small_count)
        return Values.build(
            self.value,
            self.unit,
            missing=np.where(mask, SUPPRESSED, self.missing),
            numerator=np.where(mask & self.counts_people, np.nan, self.numerator),
            denominator=np.where(tiny, np.nan, self.denominator),
            low=self.low,
            high=self.high,
            estimated=self.estimated & ~mask,
            base=self.base,
            counts_people=self.counts_people,
            parts={name: part.hide(mask, small_count) for name, part in self.parts.items()},
        )

    def published(self, small_count: int = SMALL_COUNT, rate_min_base: int = RATE_MIN_BASE) -> Values:
        """The columns as the public may see them: small numbers hidden, and what would give them away.

        To be asked of all territories of a kind at once: what is hidden beside others depends on them.
        """
        hidden = self.to_hide(small_count, rate_min_base)
        parts = {
            name: part.hide(hidden.parts[name], small_count)
            if name in hidden.parts
            else part.published(small_count, rate_min_base)
            for name, part in self.parts.items()
        }
        return replace(self, parts=parts).hide(hidden.rows, small_count)

    def to_rows(
        self,
        territories: Sequence[str],
        boundaries: Sequence[int],
        names: Sequence[str],
        *,
        ranks: npt.ArrayLike | None = None,
        rank_low: npt.ArrayLike | None = None,
        rank_high: npt.ArrayLike | None = None,
        class_codes: Sequence[str | None] | None = None,
    ) -> tuple[Row, ...]:
        """Rows for an `Answer`; ranks are whole numbers, NaN for "not ranked"; missing figures are not ranked."""
        columns = [_ranks(column, self.known) for column in (ranks, rank_low, rank_high)]
        ranked = sum(rank is not None for rank in columns[0]) or None
        classes = class_codes or [None] * len(self)
        return tuple(
            Row(
                territory,
                boundary,
                name,
                self[at],
                rank=columns[0][at],
                rank_low=columns[1][at],
                rank_high=columns[2][at],
                ranked=ranked if columns[0][at] is not None else None,
                class_code=classes[at],
            )
            for at, (territory, boundary, name) in enumerate(zip(territories, boundaries, names, strict=True))
        )


# a share is stored 0..1, a rate per 1,000 people, a difference of shares in percentage points
SCALE: Mapping[Unit, float] = {Unit.PER_1000: 1000.0, Unit.POINTS: 100.0}


def _different(counted: Floats, parts: Mapping[str, Values]) -> list[list[str]]:
    """Parts grouped by the people they count, those that count the same as the whole left out (raw beside smoothed)."""
    groups: dict[bytes, list[str]] = {}
    for name, part in parts.items():
        if not np.array_equal(part.counted, counted, equal_nan=True):
            groups.setdefault(part.counted.tobytes(), []).append(name)
    return list(groups.values())


def _any_small(columns: Sequence[Values], small_count: int, rate_min_base: int) -> Bools:
    flags = [column.too_small(small_count, rate_min_base) for column in columns]
    return np.asarray(np.any(flags, axis=0), dtype=bool)


def _number(number: np.float64) -> float | None:
    return None if np.isnan(number) else float(number)


def _ranks(column: npt.ArrayLike | None, known: Bools) -> list[int | None]:
    if column is None:
        return [None] * len(known)
    numbers = np.where(known, floats(column, "ranks", size=len(known)), np.nan)
    return [None if math.isnan(number) else int(number) for number in numbers.tolist()]
