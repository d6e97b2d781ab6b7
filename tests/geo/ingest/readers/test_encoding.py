"""Is the encoding of Russian text recognised from a few names, and offered rather than assumed?"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.ingest import encoding
from geo.ingest.readers.shapefile import declared_by

NAMES = [
    "Александров",
    "Балашов",
    "Вольск",
    "Дербент",
    "Елец",
    "Железногорск",
    "Зарайск",
    "Ижевск",
    "Йошкар-Ола",
    "Калуга",
    "Липецк",
    "Минусинск",
    "Нальчик",
    "Орёл",
    "Пермь",
    "Рыбинск",
    "Саратов",
    "Тверь",
    "Уфа",
    "Хабаровск",
    "Чита",
    "Шахты",
    "Щёлково",
    "Электросталь",
    "Юрга",
    "Ялуторовск",
    "Мытищи",
    "Обнинск",
    "Петушки",
    "Гороховец",
]


@pytest.mark.parametrize("name", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("upper", [False, True])
def test_three_names_are_enough(name: str, upper: bool) -> None:
    chance = random.Random(name)
    for _ in range(60):
        text = "\n".join(chance.sample(NAMES, 4))
        guess = encoding.detect((text.upper() if upper else text).encode(name))
        assert (guess.encoding, guess.certain) == (name, False), text


@given(st.text(min_size=1))
def test_utf8_proves_itself(text: str) -> None:
    raw = text.encode("utf-8", "ignore")
    guess = encoding.detect(raw)
    assert guess.certain or not encoding.is_utf8(raw)
    assert encoding.detect(b"\xef\xbb\xbf" + raw).encoding == "utf-8-sig"


def test_a_cut_character_does_not_disprove_utf8() -> None:
    raw = "Округ".encode()[:-1]
    assert encoding.detect(raw, whole=False) == encoding.Guess("utf-8", certain=True)
    assert not encoding.detect(raw).certain


def test_western_accents_are_not_cyrillic() -> None:
    assert encoding.detect("Cours de l'École, allée des Érables".encode("cp1252")).encoding == "cp1252"


def test_an_offer_shows_how_the_text_reads() -> None:
    samples = ["Александрово-Гайский".encode("cp1251"), b"ascii only"]
    offer = encoding.offer(encoding.detect(samples[0]), samples, accepted=False)
    assert (offer.value, offer.preview) == ("cp1251", ("Александрово-Гайский",))


@pytest.mark.parametrize(
    ("name", "python"), [("Windows-1251", "cp1251"), ("UTF8", "utf-8"), ("koi8_r", "koi8-r"), ("866", "cp866")]
)
def test_names_of_encodings(name: str, python: str) -> None:
    assert encoding.check(name) == python


@pytest.mark.parametrize("name", ["", "klingon", "base64", "rot13", "../../etc/passwd", "a\x00b"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BadInput):
        encoding.check(name)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("1251", "cp1251"),
        ("ANSI 1251", "cp1251"),
        ("UTF-8", "utf-8"),
        ("OEM 866", "cp866"),
        ("windows-1251", "cp1251"),
        ("?", ""),
    ],
)
def test_codepage_files(text: str, python: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.cpg").write_text(text)
    assert declared_by(tmp_path / "a.cpg") == python
