"""Is it said as a reader of the language would say it?"""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import Message
from geo.vocabulary import MissingReason, NeedStatus, ProjectStatus, TerritoryKind, Theme, TosLevel, TosStatus
from maps import text

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("said", "russian", "english"),
    [
        (lambda lang: text.number(1473, lang), f"1{NBSP}473", "1,473"),
        (lambda lang: text.number(0.145, lang, 2), "0,15", "0.15"),
        (lambda lang: text.number(2.5, lang), "3", "3"),
        (lambda lang: text.share(0.375, lang), f"37,5{NBSP}%", "37.5%"),
        (lambda lang: text.share(1, lang), f"100{NBSP}%", "100%"),
        (lambda lang: text.share(0.0001, lang), f"< 0,1{NBSP}%", "< 0.1%"),
        (lambda lang: text.share(0, lang), f"0{NBSP}%", "0%"),
        (lambda lang: text.metres(847, lang), "850 м", "850 m"),
        (lambda lang: text.metres(60, lang), "60 м", "60 m"),
        (lambda lang: text.metres(1249, lang), "1,2 км", "1.2 km"),
        (lambda lang: text.money(120_000_050, "RUB", lang), f"1{NBSP}200{NBSP}001{NBSP}₽", f"RUB{NBSP}1,200,001"),
        (lambda lang: text.period("2025-03", lang), "март 2025", "March 2025"),
        (lambda lang: text.period("2025-Q2", lang), "2-й квартал 2025 г.", "quarter 2 of 2025"),
        (lambda lang: text.period("2025", lang), "2025", "2025"),
        (lambda lang: text.period("весна", lang), "весна", "весна"),
        (lambda lang: text.title(Theme.WATER_SUPPLY, lang), "обеспечение водоснабжением", "water supply"),
        (lambda lang: text.value(None, "m", lang, MissingReason.NO_RESIDENTS), "нет жителей", "no residents"),
        (lambda lang: text.value(None, "share", lang), "нет данных", "no data"),
        (lambda lang: text.localise("/near", lang), "/near", "/en/near"),
    ],
)  # fmt: skip
def test_said_in_both_languages(said: object, russian: str, english: str) -> None:
    assert callable(said)
    assert said("ru") == russian
    assert said("en") == english


def test_dates_are_written_out() -> None:
    assert text.day(datetime.date(2024, 7, 1), "ru").startswith("1 июля 2024")
    assert text.day(datetime.date(2024, 7, 1), "en") == "July 1, 2024"


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (1, "1 запись", "1 entry"),
        (3, "3 записи", "3 entries"),
        (5, "5 записей", "5 entries"),
        (11, "11 записей", "11 entries"),
        (21, "21 запись", "21 entries"),
        (1005, f"1{NBSP}005 записей", "1,005 entries"),
    ],
)
def test_plurals_have_three_forms_in_russian(count: int, russian: str, english: str) -> None:
    singular, several = "{count} entry nearby", "{count} entries nearby"
    assert text.plural(singular, several, count, "ru") == f"{russian} поблизости"
    assert text.plural(singular, several, count, "en") == f"{english} nearby"


def test_the_same_english_word_may_be_two_russian_ones() -> None:
    assert TosLevel.BUILDING.title_msgid == TerritoryKind.BUILDING.title_msgid
    assert TosLevel.BUILDING.context() != TerritoryKind.BUILDING.context()
    assert text.title(ProjectStatus.PLANNED, "ru") != text.title(NeedStatus.PLANNED, "ru")
    assert text.title(TosStatus.ACTIVE, "ru") == "действует"


def test_words_and_numbers_among_parameters_are_said_too() -> None:
    message = Message("{count} rejected", {"count": 12_000})
    assert text.translate(message, "ru") == f"отклонено: 12{NBSP}000"
    assert text.translate(Message("priority: {priority}", {"priority": Theme.OTHER}), "en") == "priority: other"


def test_braces_in_parameters_stay_text() -> None:
    assert text.translate(Message("Map: {name}", {"name": "{name} {{7*7}}"}), "ru") == "Карта: {name} {{7*7}}"


def test_an_unknown_sentence_is_shown_as_it_is() -> None:
    assert text.say("ТОС «Родник»", "ru") == "ТОС «Родник»"
    assert text.say("", "ru") == ""


def test_an_unknown_language_falls_back() -> None:
    assert text.known("fr") == "ru"
    assert text.languages()[0] == "ru"
    assert "en" in text.languages()


@given(
    st.lists(st.floats(0, 2000, allow_nan=False) | st.floats(0, 1) | st.just(math.nan), max_size=20),
    st.sampled_from(["share", "per_1000", "per_km2", "people", "count", "m", "index", "minor", "points"]),
    st.sampled_from(["ru", "en"]),
)
def test_many_values_at_once_read_like_one_by_one(amounts: list[float], unit: str, lang: str) -> None:
    amounts = [round(amount, 6) for amount in amounts]
    one_by_one = tuple(text.value(None if math.isnan(amount) else amount, unit, lang) for amount in amounts)
    assert text.values(amounts, unit, lang) == one_by_one


def test_ranges_of_negative_numbers_are_words() -> None:
    assert text.span(-1.5, -0.5, "index", "ru", 1) == "от −1,5 до −0,5"
    assert text.span(0.12, 0.25, "share", "ru", 2) == f"12–25{NBSP}%"


@pytest.mark.parametrize(("amount", "shown"), [(0.0, "0"), (0.04, "< 0.1"), (0.05, "0.1"), (2.25, "2.3")])
def test_little_is_not_nothing(amount: float, shown: str) -> None:
    assert text.value(amount, "per_1000", "en") == shown
    assert text.values([amount], "per_1000", "en") == (shown,)
