"""Does a printed figure agree with its own numerator and base? And if the base is not printed, what can it be?

Sources cut percents off (0.2075 printed as 0.20) as often as they round them. A stated figure agrees when it equals the
computed one under either rule, at the decimals it was printed with; which rule it was is kept. "More than", "about" and
"almost" are read as what they say. Everything is computed in whole numbers and exact fractions, so a 5 at the end is a
5. Stated figures are stored as published; they are never replaced by computed ones.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from geo.errors import N_, Message
from geo.vocabulary import CountQualifier

DIFFERS = N_("Published {published}, computed {computed}: the difference is {difference}.")
TRUNCATED = N_("Published {published}, computed {computed}: the source cuts off instead of rounding.")

# how far a number may be from one called "about", and how far below one called "almost"
ABOUT_SHARE = Fraction(1, 20)


class Agreement(StrEnum):
    """How a stated figure relates to the computed one."""

    EXACT = "exact"  # both rules give it
    ROUNDED = "rounded"  # only rounding half up gives it
    TRUNCATED = "truncated"  # only cutting off gives it
    CONSISTENT = "consistent"  # stated as "more than", "about", "almost", and so it is
    DIFFERS = "differs"
    NOT_COMPUTED = "not_computed"  # a numerator or base is missing


@dataclass(frozen=True, slots=True)
class Stated:
    """A number as printed: its value and how many decimals it was printed with.

    >>> Stated.read("24,35 %")
    Stated(number=Decimal('24.35'), decimals=2)
    >>> Stated.read("более 26 000 жителей").number
    Decimal('26000')
    """

    number: Decimal
    decimals: int

    @classmethod
    def read(cls, text: str) -> Stated:
        """The first number of a text, decimal comma or point, spaces between thousands; ValueError when none is there.

        A space joins groups of three digits only: "в 2024 году 14,73 %" starts with 2024.
        """
        found = re.search(r"-?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|-?\d+(?:[.,]\d+)?", text)
        if not found:
            raise ValueError(f"no number in {text!r}")
        digits = re.sub(r"[ \u00a0\u202f]", "", found.group()).replace(",", ".")
        return cls(Decimal(digits), len(digits.partition(".")[2]))

    @classmethod
    def of(cls, given: str | int | Decimal) -> Stated:
        """From text as published, or a number whose decimals are known (a float's are not: refused)."""
        if isinstance(given, str):
            return cls.read(given)
        if isinstance(given, float):
            raise TypeError("a float does not know how many decimals were printed: give text or Decimal")
        number = Decimal(given)
        return cls(number, max(0, -int(number.as_tuple().exponent)))


@dataclass(frozen=True, slots=True)
class Check:
    """A stated figure beside the computed one (in the same unit, e.g. percent), and how they agree."""

    stated: Stated
    computed: float | None
    agreement: Agreement
    difference: float | None

    @property
    def agrees(self) -> bool:
        """Nothing to warn about."""
        return self.agreement is not Agreement.DIFFERS

    def finding(self) -> Message | None:
        """What to say beside the figure, if anything."""
        if self.computed is None or self.difference is None:
            return None
        texts = {Agreement.DIFFERS: DIFFERS, Agreement.TRUNCATED: TRUNCATED}
        if self.agreement not in texts:
            return None
        places = self.stated.decimals + 2
        numbers = {"computed": round(self.computed, places), "difference": round(self.difference, places)}
        return Message(texts[self.agreement], {"published": self.stated.number, **numbers})


def check(
    stated: str | int | Decimal,
    numerator: float | None,
    denominator: float | None,
    *,
    scale: int = 100,
    qualifier: CountQualifier = CountQualifier.EXACT,
) -> Check:
    """A stated rate against numerator / denominator * scale (100 for percent, 1,000 for per mille).

    >>> check("0,20", 167, 80494).agreement.value, check("24,35 %", 80494, 330527).agreement.value
    ('truncated', 'exact')
    """
    printed = Stated.of(stated)
    if numerator is None or not denominator:
        return Check(printed, None, Agreement.NOT_COMPUTED, None)
    exact = Fraction(numerator) / Fraction(denominator) * scale
    difference = float(Fraction(printed.number) - exact)
    return Check(printed, float(exact), _agreement(printed, exact, qualifier), difference)


def _agreement(printed: Stated, exact: Fraction, qualifier: CountQualifier) -> Agreement:
    if qualifier is not CountQualifier.EXACT:
        return Agreement.CONSISTENT if _consistent(Fraction(printed.number), exact, qualifier) else Agreement.DIFFERS
    step = 10**printed.decimals
    shown = Fraction(printed.number) * step
    rounds, cuts = half_up(exact, printed.decimals) * step == shown, cut_off(exact, printed.decimals) * step == shown
    if rounds and cuts:
        return Agreement.EXACT
    return Agreement.ROUNDED if rounds else Agreement.TRUNCATED if cuts else Agreement.DIFFERS


def _consistent(stated: Fraction, exact: Fraction, qualifier: CountQualifier) -> bool:
    if qualifier is CountQualifier.AT_LEAST:
        return exact >= stated
    if qualifier is CountQualifier.ALMOST:
        return stated * (1 - ABOUT_SHARE) <= exact <= stated
    return abs(exact - stated) <= abs(stated) * ABOUT_SHARE


def half_up(number: Fraction, decimals: int) -> Fraction:
    """Rounded to decimals, a final 5 away from zero, as people do it."""
    step = 10**decimals
    size = math.floor(abs(number) * step + Fraction(1, 2))
    return Fraction(size if number >= 0 else -size, step)


def cut_off(number: Fraction, decimals: int) -> Fraction:
    """The decimals after the last printed one dropped."""
    step = 10**decimals
    return Fraction(math.trunc(number * step), step)


def printing_rule(checks: Iterable[Check]) -> Literal["half_up", "cut_off"] | None:
    """The one rule that gives every printed figure of a source; None when both do, or neither.

    >>> figures = [check("0,20", 167, 80494), check("24,35", 80494, 330527), check("10,14", 10891, 107350)]
    >>> printing_rule(figures)
    'cut_off'
    """
    found = {one.agreement for one in checks} - {Agreement.CONSISTENT, Agreement.NOT_COMPUTED, Agreement.EXACT}
    if found == {Agreement.TRUNCATED}:
        return "cut_off"
    return "half_up" if found == {Agreement.ROUNDED} else None


@dataclass(frozen=True, slots=True)
class BaseRange:
    """The least and the greatest base that gives the printed share; `greatest` None when nothing bounds it."""

    least: int
    greatest: int | None


def implied_base(
    numerator: int, stated: str | int | Decimal, *, scale: int = 100, qualifier: CountQualifier = CountQualifier.EXACT
) -> BaseRange:
    """Which bases fit a numerator and a stated share, whichever way it was rounded; ValueError when none does.

    "More than 14 %" is read as 14 point something: at least 14, below 15.

    >>> implied_base(1473, "14", qualifier=CountQualifier.AT_LEAST)
    BaseRange(least=9821, greatest=10521)
    """
    printed = Stated.of(stated)
    share, step = Fraction(printed.number), Fraction(1, 10**printed.decimals)
    low, high = _share_range(share, step, qualifier)
    # every base with low <= numerator * scale / base < high
    least = math.floor(Fraction(numerator * scale) / high) + 1
    greatest = math.floor(Fraction(numerator * scale) / low) if low > 0 else None
    if greatest is not None and greatest < least:
        raise ValueError("no whole number of people gives this share")
    return BaseRange(least, greatest)


def _share_range(share: Fraction, step: Fraction, qualifier: CountQualifier) -> tuple[Fraction, Fraction]:
    if qualifier is CountQualifier.ABOUT:
        return share * (1 - ABOUT_SHARE), share * (1 + ABOUT_SHARE)
    if qualifier is CountQualifier.ALMOST:
        return share * (1 - ABOUT_SHARE), share
    return (share if qualifier is CountQualifier.AT_LEAST else share - step / 2), share + step


def significant(number: float, digits: int = 2) -> float:
    """Rounded half up to a number of digits: ratios of "over" and "about" counts are given with two at most.

    >>> significant(26000 / 41), significant(0.49612)
    (630.0, 0.5)
    """
    if number == 0:
        return 0.0
    magnitude = math.floor(math.log10(abs(number)))
    return float(
        half_up(Fraction(number) / Fraction(10) ** (magnitude - digits + 1), 0)
        * Fraction(10) ** (magnitude - digits + 1)
    )
