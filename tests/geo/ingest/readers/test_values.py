"""Is every way people write numbers, dates, money and words read right, and what has two readings refused?"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.ingest import values, words
from geo.ingest.incoming import COUNT, FIRST_DAY, FLAG, LAST_DAY, MONEY, NUMBER, OKTMO, TITLE, YEAR
from geo.ingest.values import Kind, Wrong
from geo.vocabulary import VOCABULARIES, Channel, NeedStatus, ProjectStatus, Theme, Word

NBSP, THIN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1473", "1473"), ("1 473", "1473"), (f"1{NBSP}473,50", "1473.50"), (f"1{THIN}473", "1473"),
        ("1473.5", "1473.5"),
        ("1473,5", "1473.5"), ("1,473.50", "1473.50"), ("1.473,50", "1473.50"), ("1,234,567", "1234567"),
        ("1.234.567", "1234567"), ("-5", "-5"), ("−5", "-5"), ("12 %", "12"), ("0,000", "0.000"), ("1e3", "1E+3"),
        ("007", "7"), ("1'473", "1473"),
    ],
)  # fmt: skip
def test_numbers(text: str, number: str) -> None:
    assert values.decimal_of(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("много", "number"), ("1,473", ""), ("12,000", "number_two_readings"), ("1.2.3", "number"),
        ("NaN", "number_infinite"),
        ("inf", "number_infinite"), ("1e999999", "number_infinite"), ("#ЗНАЧ!", "spreadsheet_error"),
        ("#REF!", "spreadsheet_error"),
        ("1_000", "number"), ("", "number"), ("12 из 15", "number"), ("1,23,456", "number"), ("0x1F", "number"),
        ("٣", ""),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_a_sentence(text: str, code: str) -> None:
    if not code:
        assert values.decimal_of(text).is_finite()
        return
    with pytest.raises(Wrong) as wrong:
        values.decimal_of(text)
    assert wrong.value.code == code
    assert str(wrong.value.message)


@given(
    st.decimals(min_value=-(10**15), max_value=10**15, places=2),
    st.sampled_from([" ", NBSP, THIN, ""]),
    st.sampled_from([",", "."]),
)
def test_a_number_survives_russian_writing(number: Decimal, blank: str, sign: str) -> None:
    whole, fraction = f"{abs(number):,.2f}".split(".")
    text = ("-" if number < 0 else "") + whole.replace(",", blank) + sign + fraction
    assert values.decimal_of(text) == number


@given(st.integers(0, 9 * 10**15))
def test_money_is_exact_to_the_kopeck(minor: int) -> None:
    assert values.minor_units(f"{minor // 100},{minor % 100:02d} руб.") == minor
    assert MONEY(minor / 100 if minor < 10**12 else f"{minor // 100}.{minor % 100:02d}") == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1 234,56", 123456),
        ("500 тыс. руб.", 50_000_000),
        ("1,5 млн", 150_000_000),
        ("2 млрд ₽", 200_000_000_000),
        ("100 сом", 10_000),
        ("0", 0),
    ],
)
def test_money(text: str, minor: int) -> None:
    assert values.minor_units(text) == minor


@pytest.mark.parametrize("text", ["10,005", "-1", "сто", "1 руб 50 коп"])
def test_money_that_is_none(text: str) -> None:
    with pytest.raises(Wrong):
        values.minor_units(text)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2024-12-31", "2024-12-31", "2024-12-31"), ("31.12.2024", "2024-12-31", "2024-12-31"),
        ("1.2.24", "2024-02-01", "2024-02-01"),
        ("31.12.2024 г.", "2024-12-31", "2024-12-31"), ("2024-12-31T10:30:00Z", "2024-12-31", "2024-12-31"),
        ("31.12.2024 10:30", "2024-12-31", "2024-12-31"), ("5 марта 2024 г.", "2024-03-05", "2024-03-05"),
        ("«5» марта 2024 года", "2024-03-05", "2024-03-05"), ("45657", "2024-12-31", "2024-12-31"),
        ("45657.5", "2024-12-31", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"), ("2024 год", "2024-01-01", "2024-12-31"),
        ("2024 г.", "2024-01-01", "2024-12-31"),
        ("02.2024", "2024-02-01", "2024-02-29"), ("2024-02", "2024-02-01", "2024-02-29"),
        ("февраль 2024", "2024-02-01", "2024-02-29"),
        ("31/12/2024", "2024-12-31", "2024-12-31"), ("12/31/2024", "2024-12-31", "2024-12-31"),
        ("05/05/2024", "2024-05-05", "2024-05-05"),
        ("December 2024", "2024-12-01", "2024-12-31"), ("1.1.85", "1985-01-01", "1985-01-01"),
    ],
)  # fmt: skip
def test_dates(text: str, begin: str, end: str) -> None:
    assert FIRST_DAY(text) == datetime.date.fromisoformat(begin)
    assert LAST_DAY(text) == datetime.date.fromisoformat(end)


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2024",
        "32.01.2024",
        "03/04/2024",
        "вчера",
        "2024-13-01",
        "1700",
        "99999",
        "13.2024",
        "5 мартобря 2024",
        "12:30",
    ],
)
def test_dates_that_are_none(text: str) -> None:
    with pytest.raises(Wrong):
        FIRST_DAY(text)


@given(st.dates(datetime.date(1930, 1, 1), datetime.date(2069, 12, 31)))
def test_a_date_survives_every_writing(date: datetime.date) -> None:
    serial = (date - values.EXCEL_EPOCH).days
    writings = [
        date.isoformat(),
        f"{date:%d.%m.%Y}",
        f"{date.day}.{date.month}.{date.year}",
        str(serial),
        f"{date:%d.%m.%Y} 0:00:00",
    ]
    assert {FIRST_DAY(text) for text in writings if len(text) != 5 or text == str(serial)} == {date}


def test_a_column_that_puts_the_month_first_shows_it() -> None:
    assert values.month_comes_first(["01/02/2015", "01/31/2015"])
    assert not values.month_comes_first(["01/02/2015", "03/04/2015"])
    assert not values.month_comes_first(["01/31/2015", "31/01/2015"])


@pytest.mark.parametrize(
    ("text", "number", "qualifier"),
    [
        ("140", "140", None), ("не менее 140", "140", "at_least"), ("более 1 000 человек", "1 000", "at_least"),
        ("около 200 чел.", "200", "about"),
        ("~ 50", "50", "about"), ("почти 300", "300", "almost"), ("140+", "140", "at_least"),
        (">100", "100", "at_least"),
        ("Over 5,000", "5,000", "at_least"), ("ровно 7", "7", "exact"), ("примерно 12 участников", "12", "about"),
        ("много", "много", None),
        ("Не  менее  140", "140", "at_least"),
    ],
)  # fmt: skip
def test_qualified_counts(text: str, number: str, qualifier: str | None) -> None:
    assert values.qualified(text) == (number, qualifier)


@pytest.mark.parametrize("text", ["", " ", "-", "—", "н/д", "нет данных", "N/A", "не указано", NBSP])
def test_nothing_said_is_nothing(text: str) -> None:
    assert COUNT(text) is None
    assert NUMBER(text) is None


def test_no_is_an_answer_where_yes_is_possible() -> None:
    assert FLAG("нет") is False
    assert FLAG("Да") is True
    assert FLAG(False) is False
    assert FLAG("") is None


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_float_is_read_back_exactly(number: float) -> None:
    if abs(number) < 1e30:
        assert NUMBER(repr(number)) == number


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_is_infinite(number: float) -> None:
    for kind in (NUMBER, COUNT, MONEY):
        with pytest.raises(Wrong, match="finite"):
            kind(number)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("51.53", 51.53),
        ("51,53°", 51.53),
        ("51°31′48″ с. ш.", 51.53),
        ("46°1,8′ в.д.", 46.03),
        ("51°61′x", None),
        ("51°31'48\"N", 51.53),
        ("46°01′48″", 46.03),
        ("З 46°", -46.0),
    ],
)
def test_coordinates(text: str, degrees: float | None) -> None:
    if degrees is None:
        with pytest.raises(Wrong):
            values.coordinate(text)
    else:
        assert values.coordinate(text) == pytest.approx(degrees)


def test_identifiers_keep_or_get_their_leading_zero() -> None:
    assert OKTMO("01625495101") == "01625495101"
    assert OKTMO("1625495") == "01625495"
    assert OKTMO(1625495101) == "01625495101"
    with pytest.raises(Wrong):
        OKTMO("123")


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("7707083893", True),
        ("7707083894", False),
        ("500100732259", True),
        ("500100732258", False),
        ("1027700132195", True),
        ("1027700132196", False),
    ],
)
def test_control_digits(value: str, fits: bool) -> None:
    assert (values.check_digits(value) is None) == fits


def test_identifiers_of_other_registers() -> None:
    assert values.osm_id("r12345") == values.osm_id("12345") == values.osm_id("relation/12345") == "relation/12345"
    assert values.osm_id("way 7") == "way/7"
    assert values.wikidata_id("https://www.wikidata.org/wiki/Q649") == "Q649"
    assert values.cell("8A1181B6A6DFFFF") == "8a1181b6a6dffff"
    for wrong, parse in (
        ("x1", values.osm_id),
        ("649", values.wikidata_id),
        ("8a1181b6a6dfff", values.cell),
        ("нет", values.cell),
    ):
        with pytest.raises(Wrong):
            parse(wrong)


def test_text_is_cleaned_and_bounded() -> None:
    assert TITLE("  Сквер\u200b\x00  ") == "Сквер"
    assert TITLE("И\u0306") == "Й"
    with pytest.raises(Wrong):
        TITLE("а" * 501)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("okruga.example/a", "https://okruga.example/a"),
        ("http://a.example", "http://a.example"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ('https://a.b/"><script>', None),
    ],
)
def test_web_addresses(address: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(Wrong):
            values.web_address(address)
    else:
        assert values.web_address(address) == kept


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.__name__)
def test_every_code_and_title_is_known(vocabulary: type[Word]) -> None:
    for word in vocabulary:
        for said in (
            word.value,
            word.value.upper(),
            word.value.replace("_", " "),
            word.title_msgid,
            word.title_msgid.upper(),
        ):
            assert words.find(vocabulary, said) == word.value


def test_russian_words() -> None:
    assert words.find(Theme, "Решение проблем ЖКХ") == "housing_utilities"
    assert words.find(ProjectStatus, "завершен") == words.find(ProjectStatus, "ЗАВЕРШЁН") == "completed"
    assert words.find(NeedStatus, "решена") == "answered"
    assert words.find(Channel, "«Активный гражданин»") == "active_citizen"
    assert words.find(Theme, "космос") is None
    assert words.closest(Theme, "водоснабжене") == "водоснабжение"


def test_no_word_means_two_things() -> None:
    """A word listed for two codes of one list would silently mean the first."""
    import csv
    from importlib import resources

    seen: dict[tuple[str, str], str] = {}
    with resources.files("geo.ingest").joinpath("titles.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["code"] in words.LISTS[row["list"]].codes()
            for title in row["titles"].split("|"):
                key = (row["list"], words.folded(title))
                assert seen.setdefault(key, row["code"]) == row["code"], key


@pytest.mark.parametrize("text", ["150 100 чел.", "150100 жителей", f"150{NBSP}100 человек", "150100 people"])
def test_people_are_counted_with_or_without_the_word(text: str) -> None:
    assert COUNT(text) == 150_100


@pytest.mark.parametrize("parse", [FIRST_DAY, YEAR])
def test_a_year_out_of_range_says_what_to_do_next(parse: Kind) -> None:
    with pytest.raises(Wrong) as refusal:
        parse("1024-05-01")
    assert refusal.value.code == "date_range"
    assert "Correct the year" in str(refusal.value.remedy)
