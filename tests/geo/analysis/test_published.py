"""Are printed figures read as printed, and is a source that cuts off told from one that errs?"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given

from geo.analysis.published import (
    Agreement,
    BaseRange,
    Stated,
    check,
    cut_off,
    half_up,
    implied_base,
    printing_rule,
    significant,
)  # fmt: skip
from geo.vocabulary import CountQualifier

# as printed, numerator, base: participants of the programme in 2023 and 2024, and those who took part digitally
PROGRAMME = [
    ("24,35 %", 80494, 330527),
    ("0,20 %", 167, 80494),
    ("0,05 %", 167, 330527),
    ("14,73 %", 107350, 728691),
    ("10,14 %", 10891, 107350),
    ("1,49 %", 10891, 728691),
]


def test_the_programme_cuts_off() -> None:
    """Rounding gives 4 of the 6 printed figures, cutting off all 6."""
    checks = [check(*row) for row in PROGRAMME]
    assert [one.agreement for one in checks] == [
        Agreement.EXACT, Agreement.TRUNCATED, Agreement.EXACT, Agreement.EXACT, Agreement.TRUNCATED, Agreement.EXACT,
    ]  # fmt: skip
    assert printing_rule(checks) == "cut_off"
    assert all(one.agrees for one in checks)
    assert sum(one.agreement is Agreement.EXACT for one in checks) == 4


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [
        (80494, 330527, 24.353), (80494, 429200, 18.75), (167, 80494, 0.2075), (167, 330527, 0.0505),
        (107350, 728691, 14.7319), (107350, 931545, 11.52), (10891, 107350, 10.1453), (10891, 728691, 1.4946),
        (7122, 10891, 65.39), (64, 129, 49.61),
    ],
)  # fmt: skip
def test_computed_figures(numerator: int, denominator: int, percent: float) -> None:
    decimals = len(str(percent).partition(".")[2])
    computed = check(str(percent), numerator, denominator)
    assert computed.computed is not None
    assert round(computed.computed, decimals) == percent
    assert check(str(percent), numerator + numerator // 50 + 1, denominator).agreement is Agreement.DIFFERS


def test_a_wrong_figure_is_told() -> None:
    wrong = check("24,53 %", 80494, 330527)
    assert wrong.agreement is Agreement.DIFFERS
    assert not wrong.agrees
    assert str(wrong.finding()) == "Published 24.53, computed 24.3532: the difference is 0.1768."
    assert check("24,35 %", 80494, 330527).finding() is None
    assert "cuts off" in str(check("0,20", 167, 80494).finding())


def test_only_rounding_gives_it() -> None:
    rounded = check("0,21", 167, 80494)
    assert rounded.agreement is Agreement.ROUNDED
    assert printing_rule([rounded]) == "half_up"
    assert printing_rule([rounded, check("0,20", 167, 80494)]) is None
    assert printing_rule([]) is None


def test_an_exact_half_is_a_half() -> None:
    """1 / 8 is 12.5 %: rounded up 13, cut off 12; binary fractions would not know 0.145."""
    assert check("13", 1, 8).agreement is Agreement.ROUNDED
    assert check("12", 1, 8).agreement is Agreement.TRUNCATED
    assert check("12,5", 1, 8).agreement is Agreement.EXACT
    assert check("14,5", 29, 200).agreement is Agreement.EXACT
    assert check("14.50", 29, 200).agreement is Agreement.EXACT


@pytest.mark.parametrize(
    ("qualifier", "stated", "numerator", "agrees"),
    [
        (CountQualifier.AT_LEAST, "14", 1473, True),
        (CountQualifier.AT_LEAST, "15", 1473, False),
        (CountQualifier.ALMOST, "15", 1473, True),
        (CountQualifier.ALMOST, "14", 1473, False),
        (CountQualifier.ABOUT, "15", 1473, True),
        (CountQualifier.ABOUT, "17", 1473, False),
    ],
)
def test_more_than_about_almost(qualifier: CountQualifier, stated: str, numerator: int, agrees: bool) -> None:
    one = check(stated, numerator, 10_000, qualifier=qualifier)
    assert one.agreement is (Agreement.CONSISTENT if agrees else Agreement.DIFFERS)


def test_nothing_to_compute_from() -> None:
    for numerator, denominator in ((None, 10), (5, None), (5, 0)):
        one = check("14", numerator, denominator)
        assert one.agreement is Agreement.NOT_COMPUTED
        assert (one.computed, one.difference, one.finding()) == (None, None, None)
        assert one.agrees


@pytest.mark.parametrize(
    ("text", "number", "decimals"),
    [
        ("24,35 %", "24.35", 2), ("0,20", "0.20", 2), ("более 26 000", "26000", 0), ("80 494 чел.", "80494", 0),
        ("1\u00a0473", "1473", 0), ("14.7", "14.7", 1), ("в 2024 году 14,73 %", "2024", 0), ("-3,5", "-3.5", 1),
        ("700 000 человек", "700000", 0), ("12 345,6", "12345.6", 1), ("1473", "1473", 0),
    ],
)  # fmt: skip
def test_reading_what_is_printed(text: str, number: str, decimals: int) -> None:
    stated = Stated.read(text)
    assert (stated.number, stated.decimals) == (Decimal(number), decimals)


def test_what_cannot_be_read() -> None:
    with pytest.raises(ValueError):
        Stated.read("нет данных")
    with pytest.raises(TypeError):
        Stated.of(0.2)  # type: ignore[arg-type]
    assert Stated.of(14).decimals == 0
    assert Stated.of(Decimal("0.20")).decimals == 2


def test_kodinsk() -> None:
    """1,473 signatures, "more than 14 %" of residents over 16: 9,821 to 10,521 of them."""
    assert implied_base(1473, "14", qualifier=CountQualifier.AT_LEAST) == BaseRange(9821, 10521)
    for base in (9821, 10521):
        assert check("14", 1473, base, qualifier=CountQualifier.AT_LEAST).agrees
    assert not check("14", 1473, 10522, qualifier=CountQualifier.AT_LEAST).agrees
    assert implied_base(1500, "14", qualifier=CountQualifier.AT_LEAST).greatest == 10714


@given(st.integers(1, 5000), st.integers(1, 20_000), st.integers(0, 3), st.booleans())
def test_the_implied_base_holds_the_true_one(numerator: int, base: int, decimals: int, cuts: bool) -> None:
    if numerator > base:
        return
    exact = Fraction(100 * numerator, base)
    printed = (cut_off if cuts else half_up)(exact, decimals)
    found = implied_base(numerator, str(Decimal(printed.numerator) / Decimal(printed.denominator)) if decimals == 0
                         else f"{float(printed):.{decimals}f}")  # fmt: skip
    assert found.least <= base
    assert found.greatest is None or base <= found.greatest


def test_no_base_gives_it() -> None:
    with pytest.raises(ValueError):
        implied_base(1, "99.5")
    assert implied_base(5, "0", qualifier=CountQualifier.AT_LEAST).greatest is None


@given(st.fractions(-1000, 1000), st.integers(0, 4))
def test_rounding_and_cutting(number: Fraction, decimals: int) -> None:
    step = Fraction(1, 10**decimals)
    assert abs(half_up(number, decimals) - number) <= step / 2
    assert abs(cut_off(number, decimals)) <= abs(number)
    assert abs(number - cut_off(number, decimals)) < step


def test_ratios_of_rough_counts_have_two_digits() -> None:
    assert significant(26000 / 41) == 630
    assert significant(64 / 129) == 0.5
    assert significant(0) == 0
    assert significant(-1234, 3) == -1230
