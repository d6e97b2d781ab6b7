"""How are numbers and names written in findings and messages, in both languages?"""

from __future__ import annotations

import pytest

from geo.errors import Message, signed
from maps import text

NBSP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "ru", "en"),
    [
        (signed(-12345.6), f"{MINUS}12{NBSP}345,6", f"{MINUS}12,345.6"),
        (signed(3.2), "+3,2", "+3.2"),
        (signed(0.0), "0", "0"),
        (2237.0, f"2{NBSP}237", "2,237"),
        (0.5, "0,5", "0.5"),
    ],
)
def test_numbers_in_messages(value: object, ru: str, en: str) -> None:
    said = Message("area changed by {difference} m²", {"difference": value})
    assert text.translate(said, "ru") == f"area changed by {ru} m²"
    assert text.translate(said, "en") == f"area changed by {en} m²"


def test_negative_numbers_have_a_minus_sign_and_no_hyphen() -> None:
    assert text.number(-3.4, "ru", 1) == f"{MINUS}3,4"
    assert text.value(-3.4, "points", "ru") == f"{MINUS}3,4"
    assert text.share(-0.034, "ru") == f"{MINUS}3,4{NBSP}%"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Заречье", "«Заречье» теперь называется «Б»"),
        ("«Заречье»", "«Заречье» теперь называется «Б»"),
        ('"Заречье"', "«Заречье» теперь называется «Б»"),
        ("ТОС «Заречье»", "«ТОС „Заречье“» теперь называется «Б»"),
    ],
)
def test_quotes_are_not_doubled(name: str, said: str) -> None:
    message = Message(
        "{old} is now called {new}: {area} km², residents: {residents}.",
        {"old": name, "new": "Б", "area": 1.5, "residents": Message("not known")},
    )
    assert text.translate(message, "ru") == f"{said}: 1,5 км², жителей: неизвестно."
