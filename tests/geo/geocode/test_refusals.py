"""Does the geocoder refuse or ask where a guess would put an entry in the wrong place?"""

from __future__ import annotations

import pandas as pd
import pytest

from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, clean_table, merged, shipped_gazetteer
from geo.vocabulary import GeocodeStatus, MatchLevel

CITY = "Приреченск"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "-",
        "везде",
        "двор",
        "там же",
        "школа",
        "магазин",
        "дом 12",
        "подъезд 3",
        "кв. 15",
        "улица",
        "нет",
        "не указан",
        "по всему городу",
        "детская площадка",
        "город",
        "12",
        "???",
        "весь микрорайон",
        "возле дома",
    ],
)
@pytest.mark.parametrize("scope", ["", CITY])
def test_words_that_are_no_place(geocoder: Geocoder, text: str, scope: str) -> None:
    assert not geocoder.geocode(text, scope).accepted


@pytest.mark.parametrize(
    "text",
    [
        "с. Неведомое",
        "с. Неведомое Энского района",
        "дер. Трынково, ул. Садовая, 2",
        "г. Светлоярск, ул. Есенина, 112",
        "пос. Абракадабрино, Свердловская область",
        "с. Гляден Благовещенский р-н",
        "село Кирей, Алтайский край",
        "с. Кирей Кулундинского р-на",
        "хутор Подзаборный",
    ],
)
def test_an_unknown_settlement_refuses_the_whole_text(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert answer.status == GeocodeStatus.UNMATCHED
    assert "settlement" in str(answer.why)


@pytest.mark.parametrize(
    "text",
    [
        "Приреченск, Зефирная улица, 9",
        "г. Приреченск, ул. Вафельная, 6",
        "Приреченск, Средняя Речная улица, 2",
        "Приреченск, 3-я Парковая улица, 1",
        "Приреченск, 12-я линия, 9",
        "Приреченск, Есенинский проезд, 112",
        "Приреченск, площадь Есенина, 5",
        "Приреченск, Парковая улица, 1",
        "Приреченск, улица Есенина Малая Дальняя, 5",
    ],
)
def test_a_street_that_is_not_there(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text)
    assert not answer.accepted, answer.label
    assert str(answer.why)


@pytest.mark.parametrize("number", ["61/13", "13", "361", "11/3"])
def test_another_house_is_never_offered(geocoder: Geocoder, number: str) -> None:
    answer = geocoder.geocode(f"Приреченск, ул. Есенина, {number}")
    assert answer.level != MatchLevel.HOUSE


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Приреченск, Биржевой 6", "Биржевой"),
        ("г. Берёзовский", "Кемеровская"),
        ("Садовая улица, 2", "Малая Слобода"),
        ("с. Новые Ключи", "Новые Ключи"),
        ("Приреченск, Сбербанк", "Сбербанк"),
    ],
)
def test_several_places_are_called_ambiguous_and_listed(geocoder: Geocoder, text: str, word: str) -> None:
    answer = geocoder.geocode(text)
    if answer.status == GeocodeStatus.AMBIGUOUS:
        assert word in str(answer.why)
        assert len(answer.choices) > 1
    else:
        assert answer.status == GeocodeStatus.UNMATCHED and "Сбербанк" in text


@pytest.mark.parametrize(
    ("text", "lat"),
    [
        ("с. Новые Ключи Приречного р-на", 56.5),
        ("Дальний район, с. Новые Ключи", 57.9),
        ("Новые Ключи, р-н Дальний", 57.9),
    ],
)
def test_a_district_tells_homonyms_apart(geocoder: Geocoder, text: str, lat: float) -> None:
    answer = geocoder.geocode(text)
    assert answer.accepted, answer.why
    assert answer.lat == lat


def test_a_region_tells_homonyms_apart_and_a_wrong_one_refuses(fresh: Geocoder) -> None:
    assert fresh.geocode("Берёзовский, Свердловская область").label == "Берёзовский, Свердловская область"
    assert fresh.geocode("г. Березовский Кемеровской обл.").label == "Берёзовский, Кемеровская область"
    wrong = fresh.geocode("Берёзовский, Томская область")
    assert not wrong.accepted
    assert "another region" in str(wrong.why)


def test_region_words_never_match_streets(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Садовая область, Приреченск, 5")
    assert answer.level != MatchLevel.HOUSE


@pytest.mark.parametrize(
    "name",
    [
        "Яровое",
        "Воркута",
        "Емва",
        "Кодинск",
        "Минусинск",
        "Шарыпово",
        "Серпухов",
        "Саратов",
        "Кулунда",
        "г. Серпухов",
        "р.п. Кулунда",
        "в Саратове",
        "ВОРКУТА",
        "Vorkuta",
        "Республика Коми, г. Емва",
        "Минусинск, Красноярский край",
        "микрорайон Южный, Кодинск",
        "г.о. Серпухов",
    ],
)
def test_the_shipped_table_knows_the_towns_of_the_programmes(fresh: Geocoder, name: str) -> None:
    answer = fresh.geocode(name)
    assert answer.accepted, answer.why
    assert answer.level == MatchLevel.SETTLEMENT


def test_villages_are_refused_until_their_gazetteer_is_loaded(fresh: Geocoder) -> None:
    texts = ("с. Глядень Благовещенского р-на", "с. Кирей Кулундинского р-на")
    for text in texts:
        answer = fresh.geocode(text)
        assert answer.status == GeocodeStatus.UNMATCHED
        assert "is not in the gazetteer" in str(answer.why)
    rows = pd.DataFrame(
        [("v1", "Глядень", "Алтайский край", "52.71", "80.32"), ("v2", "Кирей", "Алтайский край", "52.63", "79.10")],
        columns=["id", "name", "region", "lat", "lon"],
    )
    own = Gazetteer(settlements=clean_table("settlements", rows)[0])
    loaded = Geocoder(merged([own, shipped_gazetteer()]))
    assert [loaded.geocode(text).label for text in texts] == ["Глядень, Алтайский край", "Кирей, Алтайский край"]


def test_a_street_without_its_town_is_not_guessed(geocoder: Geocoder) -> None:
    for text in ("ул. Есенина", "улица Садовая", "ул. Ленина", "Советская, 5"):
        assert not geocoder.geocode(text).accepted


def test_what_lies_outside_the_scope_goes_to_a_person(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("г. Приреченск, ул. Есенина, 112", scope="Малая Слобода")
    assert answer.status == GeocodeStatus.REVIEW
    assert "outside" in str(answer.why)


def test_an_unknown_scope_is_said(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("ул. Есенина, 112", scope="Несуществующий округ")
    assert answer.status == GeocodeStatus.UNMATCHED
    assert "municipality" in str(answer.why)


@pytest.mark.parametrize(
    "text",
    [
        "Приреченск, Горькая улица, 3",
        "Prirechensk, Gorkaya ulitsa, 3",
        "Приреченск, ул. Черепанова, 55",
        "Приреченск, Есенинская улица, 5",
    ],
)
def test_a_word_of_the_same_root_is_another_street(geocoder: Geocoder, text: str) -> None:
    assert not geocoder.geocode(text).accepted


def test_a_house_number_is_not_lost_on_an_object_named_after_the_street(geocoder: Geocoder) -> None:
    """ "Центральная 5" is no way to write "Центральный рынок"."""
    assert not geocoder.geocode("Приреченск, Центральная 5").accepted


def test_the_word_before_a_house_number_is_no_word_of_an_object(geocoder: Geocoder) -> None:
    """ "Детский дом № 3" is known, the street is not."""
    assert not geocoder.geocode("Приреченск, 3-я Зефирная, дом 1/25").accepted


def test_the_letter_of_a_litera_is_no_type(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Приреченск Есенина 11 литА").label == "Приреченск, улица Есенина, 11 лит А"
