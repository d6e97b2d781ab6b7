"""Which fields of one row contradict each other? Each rule is one comparison, used on single rows and whole columns.

`broken` gets the values of `fields`, None or missing where nothing is stated, as plain values or as numpy arrays in
which NaN and NaT are missing; comparisons with those are false, so a rule speaks only where both sides are stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.errors import N_, Message
from geo.ingest.findings import NOTHING, Severity
from geo.vocabulary import NOT_MONEY, FundingSource

MONEY_SOURCES = tuple(f"funding_{source.value}_minor" for source in FundingSource if source not in NOT_MONEY)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule between fields; `severity` block refuses the row."""

    code: str
    fields: tuple[str, ...]
    broken: Callable[..., Any]
    message: Message
    remedy: Message = NOTHING
    severity: Severity = Severity.BLOCK

    @property
    def refuses(self) -> bool:
        """Whether a row that breaks the rule is refused."""
        return self.severity is Severity.BLOCK


def later(first: Any, second: Any) -> Any:
    """Whether the first is after (above) the second; false where one is missing."""
    if first is None or second is None:
        return False
    with np.errstate(invalid="ignore"):
        return first > second


def order(begin: str, end: str) -> Rule:
    """The end does not lie before the beginning."""
    return Rule(
        "dates_reversed",
        (begin, end),
        later,
        Message(N_("The end lies before the beginning ({begin}, {end})."), {"begin": begin, "end": end}),
        Message(N_("Check both dates.")),
    )


def none_stated(*stated: Any) -> Any:
    """Whether all are missing."""
    missing: Any = True
    for value in stated:
        missing = missing & (value is None if not isinstance(value, np.ndarray) else absent(value))
    return missing


def absent(column: Any) -> Any:
    """Where a column holds nothing."""
    return np.isnan(column) if column.dtype.kind == "f" else np.isnat(column) if column.dtype.kind == "M" else ~column


def only_one(first: Any, second: Any) -> Any:
    """Whether one of two is missing."""
    return none_stated(first) != none_stated(second)


def total(*amounts: Any) -> Any:
    """The sum of the stated amounts."""
    result: Any = 0
    for amount in amounts:
        result = result + (0 if amount is None else np.nan_to_num(amount))
    return result


def more_than_total(cost: Any, *amounts: Any) -> Any:
    """Whether the stated sources add to more than the cost."""
    return later(total(*amounts), cost)


def less_than_total(cost: Any, *amounts: Any) -> Any:
    """Whether some sources are stated and they do not add up to the cost."""
    return later(cost, total(*amounts)) & ~np.asarray(none_stated(*amounts), dtype=bool)


COORDINATE_ALONE = Rule(
    "coordinate_alone",
    ("lat", "lon"),
    only_one,
    Message(N_("Only one of latitude and longitude is given.")),
    NOTHING,
    Severity.WARN,
)

RULES: dict[str, tuple[Rule, ...]] = {
    "boundaries": (order("valid_from", "valid_to"),),
    "groups": (order("valid_from", "valid_to"),),
    "population": (
        Rule(
            "no_base",
            ("residents", "residents_16", "residents_over_16", "voters"),
            none_stated,
            Message(N_("The row states no number of people.")),
            Message(N_("Fill residents, residents 16+ or voters.")),
        ),
        Rule(
            "part_above_whole",
            ("residents_16", "residents"),
            later,
            Message(N_("There are more residents aged 16 and over than residents.")),
            Message(N_("Check both numbers.")),
        ),
        Rule(
            "part_above_whole",
            ("residents_over_16", "residents_16"),
            later,
            Message(N_("There are more residents older than 16 than residents aged 16 and over.")),
            Message(N_("Check both numbers.")),
        ),
    ),
    "cells": (
        Rule(
            "no_base",
            ("residents", "residents_16"),
            none_stated,
            Message(N_("The row states no number of people.")),
            Message(N_("Fill residents, residents 16+ or voters.")),
        ),
        Rule(
            "part_above_whole",
            ("residents_16", "residents"),
            later,
            Message(N_("There are more residents aged 16 and over than residents.")),
            Message(N_("Check both numbers.")),
        ),
    ),
    "projects": (
        order("planned_from", "planned_to"),
        order("starts_on", "completed_on"),
        Rule(
            "funding_above_cost",
            ("total_cost_minor", *MONEY_SOURCES),
            more_than_total,
            Message(N_("The sources of money add to more than the total cost.")),
            Message(
                N_("Correct the amounts; labour and contributions in kind stand apart and are not counted as money.")
            ),
        ),
        Rule(
            "funding_incomplete",
            ("total_cost_minor", *MONEY_SOURCES),
            less_than_total,
            Message(N_("The sources of money add to less than the total cost; the rest counts as unknown.")),
            NOTHING,
            Severity.WARN,
        ),
        COORDINATE_ALONE,
    ),
    "needs": (
        order("reported_on", "answered_on"),
        COORDINATE_ALONE,
    ),
    "events": (
        order("starts_on", "ends_on"),
        COORDINATE_ALONE,
    ),
    "organisations": (COORDINATE_ALONE,),
    "observations": (
        order("period_from", "period_to"),
        Rule(
            "part_above_whole",
            ("numerator", "denominator"),
            later,
            Message(N_("The numerator is above the denominator.")),
            NOTHING,
            Severity.WARN,
        ),
    ),
}
