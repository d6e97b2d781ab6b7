"""Are house numbers read the same however they are written, and never taken for another house?"""

from __future__ import annotations

import pytest

from geo.geocode.house import House, likeness, parse_house, read_house
from geo.geocode.normalise import NUMBER, tokenise

# canonical key -> ways to write it
FORMS = {
    "12": ["12", "д. 12", "д.12", "дом 12", "Д 12", "дом № 12", "д.№12", "зд. 12", "здание 12", "dom 12", "012"],
    "12а": [
        "12а",
        "12А",
        "12 а",
        "12 А",
        '12"а"',
        "12 «А»",
        "12-а",
        "12-А",
        "12/а",
        "д.12А",
        "12A",
        "12 a",
        "дом 12-а",
    ],
    "12б": ["12б", "12 Б", "12-б", '12 "Б"', "12/Б"],
    "12г": ["12г", "12 г", "12Г,", "12 г, кв. 5"],
    "12/3": ["12/3", "12 / 3", "12\\3", "12 дробь 3", "д. 12/3"],
    "12/3а": ["12/3а", "12/3А", "12 / 3а"],
    "34-36": ["34-36", "34–36", "34 - 36", "34—36", "д. 34-36"],
    "9-9/9": ["9-9/9", "9-9 / 9"],
    "12к2": [
        "12к2",
        "12 к2",
        "12 к 2",
        "12к 2",
        "12 к. 2",
        "12К2",
        "12 корп 2",
        "12 корп. 2",
        "12 корп.2",
        "12корп2",
        "12, корп. 2",
        "12, корпус 2",
        "12 корпус 2",
        "12, к. 2",
        "д. 12, к. 2",
        "д.12к2",
        "12 корпус №2",
        "12k2",
        "12 korp 2",
        "12 (корп. 2)",
    ],
    "12к2а": ["12к2а", "12 корп. 2А", "12, корпус 2А"],
    "12ка": ["12 корпус А", "12 корп. А", "12кА", "12 кА", "12 к А"],
    "12с1": [
        "12с1",
        "12 с1",
        "12 с 1",
        "12 стр 1",
        "12 стр. 1",
        "12стр1",
        "12, стр. 1",
        "12, строение 1",
        "12 строение 1",
        "д. 12 стр.1",
    ],
    "12ас1": ["12Ас1", "12А с1", "12а стр. 1", "12А, строение 1", "12 А, стр 1"],
    "2ас11": ["2Ас11", "2 А с 11", "2А стр. 11"],
    "12к2с1": [
        "12к2с1",
        "12 к2 с1",
        "12 корп. 2 стр. 1",
        "12, корпус 2, строение 1",
        "12 с1 к2",
        "д. 12, к. 2, стр. 1",
    ],
    "2асоор1": ["2А, сооружение 1", "2а соор. 1", "2А соор 1"],
    "12лита": [
        "12 литА",
        "12 лит А",
        "12 лит. А",
        "12 литера А",
        "12, литера А",
        "12 литер А",
        "12 л. А",
        "12литА",
        "12 litA",
    ],
    "23литб1": ["23 литБ1", "23 лит. Б1", "23 лит Б1"],
    "48к3литб": ["48 к3 литБ", "48к3литБ", "48, корп. 3, лит. Б", "48 корпус 3 литера Б"],
    "1-3литш": ["1-3 литШ", "1-3, лит. Ш"],
    "37к4литт": ["д. 37, к. 4, лит. Т", "37 к4 литТ", "37корп.4лит.Т"],
    "вл5": ["вл. 5", "вл5", "вл 5", "владение 5", "домовладение 5", "двлд 5"],
    "вл9с4": ["владение 9, строение 4", "вл. 9 стр. 4", "вл9с4"],
    "вл27а": ["в27А", "вл. 27а", "владение 27А"],
    "уч7": ["уч. 7", "участок 7", "уч 7"],
    "с5": ["стр. 5", "строение 5", "стр 5"],
    "к1203": ["корп. 1203", "корпус 1203", "к1203"],
    "12бл2": ["12 блок 2", "12 бл. 2"],
    "21акб": ["21А кБ", "21А корпус Б", "21АкБ", "21-АкБ"],
}
TABLE = [(text, key) for key, texts in FORMS.items() for text in texts]


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 120


@pytest.mark.parametrize(("text", "key"), TABLE, ids=[text for text, _ in TABLE])
def test_every_spelling_has_one_key(text: str, key: str) -> None:
    house = parse_house(text)
    assert house is not None
    assert house.key == key


@pytest.mark.parametrize("text", ["", "б/н", "без номера", "литера А", "0", "123456", "дом"])
def test_texts_without_a_house_number(text: str) -> None:
    assert parse_house(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "9-я Парковая",
        "1-й проезд",
        "3-го Интернационала",
        "2я линия",
        "40 лет Победы",
        "8 Марта",
        "50-летия ВЛКСМ",
        "1905 года",
        "26 Бакинских комиссаров",
        "22-го Партсъезда",
        "16 линия",
        "5 микрорайон",
    ],
)
def test_numbers_of_names_are_no_houses(text: str) -> None:
    tokens = tokenise(text)
    position = next(n for n, token in enumerate(tokens) if token.kind == NUMBER)
    assert read_house(tokens, position) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("5 г Москва", "5"),
        ("5 г. Москва", "5"),
        ("5 с. Глядень", "5"),
        ("5 п. Южный", "5"),
        ("5 в Петербурге", "5"),
        ("5 к Ивану", "5"),
        ("5 с видом", "5"),
        ("12 а Рязань", "12а"),
        ("68 литв Санкт-Петербург", "68литв"),
        ("12, кв. 5", "12"),
        ("12 - 3-й подъезд", "12"),
        ("12 у реки", "12"),
    ],
)
def test_what_follows_a_number_is_not_always_its_letter(text: str, key: str) -> None:
    reading = read_house(tokenise(text), 0)
    assert reading is not None
    assert reading.house.key == key


def test_a_latin_letter_is_a_lookalike_or_a_transliteration() -> None:
    tokens = tokenise("12B")
    lookalike, transliterated = read_house(tokens, 0), read_house(tokens, 0, latin=True)
    assert lookalike is not None and lookalike.house.key == "12в"
    assert transliterated is not None and transliterated.house.key == "12б"


@pytest.mark.parametrize(
    ("asked", "known", "least"),
    [
        ("12", "12", 1.0),
        ("12а", "12 литА", 0.95),
        ("12 лит А", "12А", 0.95),
        ("12 литА", "12", 0.9),
        ("12/2", "12к2", 0.85),
        ("12к2", "12/2", 0.85),
        ("12-2", "12к2", 0.8),
        ("вл. 5", "5", 0.9),
        ("5", "вл5", 0.9),
        ("7", "7/5", 0.85),
        ("7/5", "7", 0.8),
        ("2А соор 1", "2Ас1", 0.85),
    ],
)
def test_one_building_in_two_registers(asked: str, known: str, least: float) -> None:
    one, other = parse_house(asked), parse_house(known)
    assert one is not None and other is not None
    assert likeness(one, other) >= least


@pytest.mark.parametrize(
    ("asked", "known"),
    [("13", "61/13"), ("36", "36 к8"), ("12", "12а"), ("12к1", "12к2"), ("12с1", "12к1"), ("1", "11"), ("12а", "12б")],
)
def test_another_house_is_never_alike(asked: str, known: str) -> None:
    one, other = parse_house(asked), parse_house(known)
    assert one is not None and other is not None
    assert likeness(one, other) == 0.0


def test_the_text_of_a_house_reads_back_to_its_key() -> None:
    for key in FORMS:
        house = next(parse_house(text) for text, found in TABLE if found == key)
        assert house is not None
        again = parse_house(house.text)
        assert again is not None and again.key == key, house.text


def test_a_part_can_be_asked_for() -> None:
    house = parse_house("48 к3 литБ")
    assert house == House(48, parts=(("к", "3"), ("лит", "б")))
    assert house.part("к") == "3"
    assert house.without("лит").key == "48к3"
