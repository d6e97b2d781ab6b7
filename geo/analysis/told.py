"""What does the computation of a measure hand over? Its columns, and what belongs beside them in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from geo.analysis.columns import Values
from geo.analysis.figure import Row
from geo.errors import Message
from geo.settings import settings


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Figures per area, the class and the reasons of each area (empty: none), and notes on all of them."""

    values: Values
    classes: Sequence[str | None] = ()
    reasons: Sequence[tuple[Message, ...]] = ()
    notes: tuple[Message, ...] = ()

    def to_rows(
        self, codes: Sequence[str], boundaries: Sequence[int], names: Sequence[str], since: Sequence[date | None]
    ) -> tuple[Row, ...]:
        """Rows for an `Answer`; areas without a figure have neither class nor reasons."""
        rows = self.values.to_rows(codes, boundaries, names, class_codes=self.classes or None)
        reasons = self.reasons or ((),) * len(rows)
        return tuple(
            replace(row, boundary_from=day, value=replace(row.value, reasons=why))
            if row.value.value is not None
            else replace(row, boundary_from=day, class_code=None)
            for row, day, why in zip(rows, since, reasons, strict=True)
        )


def rounded(number: float, digits: int = 0) -> float | int:
    """A number as it is said in a sentence: half up, as people round; whole without decimals.

    >>> rounded(12.5), rounded(0.25, 1), rounded(-0.5)
    (13, 0.3, -1)
    """
    found = Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(found) if digits else int(found)


def told(found: Values | Told) -> Told:
    """Plain columns have nothing beside them."""
    return found if isinstance(found, Told) else Told(found)


def seen(values: Values) -> Values:
    """The columns as the public sees them. Figures that are put together from others start from these, so that they
    say nothing a reader could not compute from what is shown."""
    return values.published(settings().small_count, settings().rate_min_base)
