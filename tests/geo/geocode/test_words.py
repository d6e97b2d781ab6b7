"""Are words recognised in another case, another alphabet, on another layout and with slips of the finger?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.names import read_name, read_object_name
from geo.geocode.normalise import fold, is_case_of, roman_number, split_camel, stem, tokenise
from geo.geocode.transliterate import flip_layout, skeleton, to_cyrillic
from geo.geocode.types import place_types, settlement_marker
from geo.geocode.typing_errors import typing_cost
from geo.geocode.words import Vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(
        ["гаванская", "казанская", "наличная", "садовая", "макарова", "оренбургская", "кораблестроителей", "#12"]
    )


def best(vocabulary: Vocabulary, word: str) -> str:
    found = vocabulary.same(word) or vocabulary.close(word)
    return vocabulary.words[max(found, key=lambda item: item[1])[0]] if found else ""


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("гаванская", "гаванская"),
        ("гаванской", "гаванская"),
        ("гавнаская", "гаванская"),
        ("гавансквя", "гаванская"),
        ("маеаарова", "макарова"),
        ("ореенбурггская", "оренбургская"),
        ("садоавя", "садовая"),
        ("gavanskaya", "гаванская"),
        ("korablestroitelej", "кораблестроителей"),
        ("korablestoiteley", "кораблестроителей"),
        ("#12", "#12"),
    ],
)
def test_what_people_type_for_a_known_word(vocabulary: Vocabulary, typed: str, known: str) -> None:
    assert best(vocabulary, typed) == known


@pytest.mark.parametrize("typed", ["вафельная", "зефирная", "хабанская", "#13", "сад", "ы", "маскарад"])
def test_other_words_are_not_bent_into_known_ones(vocabulary: Vocabulary, typed: str) -> None:
    assert best(vocabulary, typed) == ""


def test_a_slip_costs_less_than_another_word() -> None:
    assert (
        typing_cost("гавнаская", "гаванская")
        < typing_cost("гавацская", "гаванская")
        < typing_cost("казанская", "гаванская")
    )
    assert typing_cost("слово", "слово") == 0
    assert typing_cost("сслово", "слово") < typing_cost("жслово", "слово")


@given(st.text(alphabet="абвгдежзиклмнопрстуфхцчшщыьэюя", min_size=1, max_size=12))
def test_a_word_costs_nothing_to_itself_and_something_to_others(word: str) -> None:
    assert typing_cost(word, word) == 0
    assert typing_cost(word + "ж", word) > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("садовническая", "sadovnicheskaya"),
        ("садовническая", "sadovnicheskaja"),
        ("щёлковская", "shchelkovskaya"),
        ("цветной", "tsvetnoy"),
        ("цветной", "cvetnoj"),
        ("юных", "iunykh"),
        ("ильича", "il'icha"),
        ("есенина", "yesenina"),
    ],
)
def test_transliterations_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(fold(one)[0]) == skeleton(other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ek/ Ktybyf, 5", "ул. Ленина, 5"),
        ("ghjcgtrn <jkmijq 12/3", "проспект Большой 12/3"),
        (",bh;tdjq", "биржевой"),
        ("Lj,hjk.,jdf", "Добролюбова"),
    ],
)
def test_the_keyboard_layout_is_repaired(typed: str, meant: str) -> None:
    assert flip_layout(typed) == meant


def test_positions_survive_folding() -> None:
    text = "г.Мос\u0301ква,ул. Ёлочная 12"
    for token in tokenise(text):
        piece = text[token.start : token.end]
        assert fold(piece)[0] == token.text, piece


@given(st.text(max_size=60))
def test_any_text_folds_and_tokenises(text: str) -> None:
    for token in tokenise(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text


@pytest.mark.parametrize(
    ("name", "types", "words"),
    [
        ("9-я Парковая улица", {"улица"}, ["#9", "парковая"]),
        ("ул. Парковая 9-я", {"улица"}, ["парковая", "#9"]),
        ("Набережная улица", {"улица"}, ["набережная"]),
        ("набережная Шмидта", {"набережная"}, ["шмидта"]),
        ("улица 50-летия ВЛКСМ", {"улица"}, ["#50", "лет", "влксм"]),
        ("XXII Партсъезда ул.", {"улица"}, ["#22", "партсъезда"]),
        ("Первый проезд", {"проезд"}, ["#1"]),
        ("4-я линия В.О.", {"линия"}, ["#4", "в.о"]),
        ("мкр. Южный", {"микрорайон"}, ["южный"]),
        ("Чүй проспектиси", {"проспект"}, ["чуй"]),
        ("Тупик", {"тупик"}, ["тупик"]),
    ],
)
def test_names_are_read_into_type_and_words(name: str, types: set[str], words: list[str]) -> None:
    read = read_name(name)
    assert set(read.types) == types
    assert [word.text for word in read.words] == words


def test_objects_of_one_kind_share_their_word() -> None:
    assert {word.text for word in read_object_name("МБОУ СОШ № 5").words} >= {"школа", "#5"}


def test_small_parts() -> None:
    assert stem("гаванской") == stem("гаванская")
    assert is_case_of("рязани", "рязань") and not is_case_of("кирей", "киря")
    assert roman_number("xiv") == 14 and roman_number("вид") is None
    assert split_camel("улЛенина") == ["ул", "Ленина"]
    assert to_cyrillic("korp") == "корп"
    assert place_types("пр") == {"проспект", "проезд"}
    assert "город" in settlement_marker("г")
