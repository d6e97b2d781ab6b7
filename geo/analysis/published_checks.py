"""Which published figures agree with their own numerators and bases? All observations, checked.

The figure stays as its source printed it; the computed one stands beside it, and how they differ in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from geo.analysis.published import Check, Stated, check
from geo.vocabulary import CountQualifier

# a stated share is printed in percent, a rate per thousand as it is
SCALES = {"share": 100, "percent": 100, "%": 100, "per_1000": 1000}


@dataclass(frozen=True, slots=True)
class Checked:
    """An observation with what its own inputs give; `check` is None where the source states no number."""

    id: int
    title: str
    measure: str
    period: str
    base: str | None
    unit: str | None
    numerator: float | None
    denominator: float | None
    qualifier: CountQualifier
    as_published: str | None
    source: str
    check: Check | None


def checked(connection: Connection, territory: str = "") -> list[Checked]:
    """All published figures in order of period and id; of one territory when its code is given."""
    rows = connection.execute(
        text(
            "SELECT id, title, measure, begins_on, ends_on, base, unit, value, numerator, denominator, count_qualifier,"
            " as_published, source FROM published.observation WHERE :any OR :code = ANY (territories)"
            " ORDER BY begins_on NULLS FIRST, id"
        ),
        {"any": not territory, "code": territory},
    ).mappings()
    return [one(dict(row)) for row in rows]


def one(row: dict[str, Any]) -> Checked:
    """A stored figure beside the computed one."""
    first, last = row["begins_on"], row["ends_on"]
    years = sorted({day.year for day in (first, last) if day is not None})
    qualifier = CountQualifier(row["count_qualifier"])
    return Checked(
        row["id"], row["title"], row["measure"], "–".join(map(str, years)), row["base"], row["unit"],
        number(row["numerator"]), number(row["denominator"]), qualifier, row["as_published"], row["source"],
        checked_value(row, qualifier),
    )  # fmt: skip


def checked_value(row: dict[str, Any], qualifier: CountQualifier) -> Check | None:
    """The check of a figure made of two counts; None where no number is stated."""
    stated = printed(row)
    if stated is None:
        return None
    scale = SCALES.get(row["unit"] or "", 1)
    try:
        return check(stated, number(row["numerator"]), number(row["denominator"]), scale=scale, qualifier=qualifier)
    except ValueError:
        return None


def printed(row: dict[str, Any]) -> str | Decimal | None:
    """The figure as the source prints it, when the first number of that text is the stored one ("129 → 64" is about
    another); else the stored number, a share in percent."""
    value: Decimal | None = row["value"]
    stored = value * 100 if value is not None and row["unit"] == "share" else value
    try:
        read = Stated.read(row["as_published"] or "")
    except ValueError:
        return stored
    return row["as_published"] if stored is None or read.number in (stored, value) else stored


def number(value: Decimal | None) -> float | None:
    """An exact decimal as a number."""
    return None if value is None else float(value)
