"""Do the ways people write an address lead to the house they mean?"""

from __future__ import annotations

import pytest

from geo.geocode.engine import Geocoder
from geo.vocabulary import GeocodeStatus, MatchLevel

CITY = "Приреченск"


def label(geocoder: Geocoder, text: str, scope: str = "") -> str:
    answer = geocoder.geocode(text, scope)
    return answer.label if answer.accepted else f"{answer.status.value}: {answer.why}"


@pytest.mark.parametrize(
    "text",
    [
        "Приреченск, улица Есенина, 112",
        "г. Приреченск, ул. Есенина, д. 112",
        "Есенина ул, д. 112, Приреченск",
        "ул Есенина 112 Приреченск",
        "Приреченск Есенина 112",
        "г.Приреченск,ул.Есенина,д.112",
        "ПРИРЕЧЕНСК УЛИЦА ЕСЕНИНА 112",
        "приреченск улица есенина 112",
        "Prirechensk, ulitsa Yesenina 112",
        "Prirechensk, ulica Esenina 112",
        "Ghbhtxtycr ekbwf Tctybyf 112",
        "Приреченск, улица Есинена, 112",
        "Приреченск, улица Есенинаа, 112",
        "Приреченск, улицаЕсенина, 112",
        "Пpиpеченск, yлица Есeнина, 112",
        "620000, РФ, г. Приреченск, ул. Есенина, д. 112, кв. 45",
        "Приреченск, ул. Есенина, д.112, подъезд 3, этаж 5, домофон 12",
        "ул. Есенина, 112 (Приреченск)",
        "Свердловская область, городской округ Приреченск, город Приреченск, улица Есенина, дом 112",
        "Яма на дороге напротив дома ул. Есенина, 112 (г. Приреченск)",
        "Не вывозят мусор у дома Есенина ул, 112 (Приреченск)",
        "на улице Есенина в доме 112, в Приреченске",
        "дом 112 по улице Есенина в Приреченске",
        "Приреченск, ул. С. Есенина, 112",
        "Приреченск, ул. Есенина, 112, тел. +7 912 345-67-89",
        "Приреченск | ул. Есенина | 112",
        "Приреченск; ул. Есенина; 112",
    ],
)
def test_one_house_however_it_is_written(geocoder: Geocoder, text: str) -> None:
    assert label(geocoder, text) == "Приреченск, улица Есенина, 112"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16 линия 9", "16-я линия, 9"),
        ("16-я линия 9к2", "16-я линия, 9 к2"),
        ("л. 4-я, д. 9 корп. 2", "4-я линия, 9 к2"),
        ("9-я Парковая 55", "9-я Парковая улица, 55"),
        ("Парковая 9-я ул., д. 55", "9-я Парковая улица, 55"),
        ("девятая Парковая улица, 55", "9-я Парковая улица, 55"),
        ("40 лет Октября 40", "улица 40 лет Октября, 40"),
        ("ул. 40-летия Октября, 8", "улица 40 лет Октября, 8"),
        ("8 Марта 8", "улица 8 Марта, 8"),
        ("ул. 8-е Марта, д. 12", "улица 8 Марта, 12"),
        ("наб. Шмидта 17", "набережная Лейтенанта Шмидта, 17"),
        ("Набережная улица 39", "Набережная улица, 39"),
        ("пр. К. Маркса, 101", "проспект Карла Маркса, 101"),
        ("К.Маркса 10", "проспект Карла Маркса, 10"),
        ("пр-кт Маркса 10", "проспект Карла Маркса, 10"),
        ("ул. Королева 2", "улица Академика Королёва, 2"),
        ("ак. Королева 2", "улица Академика Королёва, 2"),
        ("Новосадовая 25", "Ново-Садовая улица, 25"),
        ("Ново Садовая 27", "Ново-Садовая улица, 27"),
        ("Б. Речная 2", "Большая Речная улица, 2"),
        ("Малая Речная 2", "Малая Речная улица, 2"),
        ("Садовая 12а", "Садовая улица, 12А"),
        ("Садовая ул., 12, к. 1", "Садовая улица, 12 к1"),
        ("ул. Академика Королева, 21А корпус Б", "улица Академика Королёва, 21А кБ"),
        ("Садовый пер., 6", "Садовый переулок, 6"),
        ("на улице Горького в доме 3", "улица Горького, 3"),
        ("Черепановых 55", "улица Черепановых, 55"),
        ("Набережная улиац, 39", "Набережная улица, 39"),
        ("16-я лииния 9к2", "16-я линия, 9 к2"),
    ],
)
def test_numbers_words_and_short_forms(geocoder: Geocoder, text: str, expected: str) -> None:
    assert label(geocoder, text, CITY) == f"{CITY}, {expected}"


@pytest.mark.parametrize(
    ("text", "likely"), [("ул. Есенина 9", "улица Есенина, 9/12"), ("улица Есенина 7/1", "улица Есенина, 7 к1")]
)
def test_a_number_that_only_resembles_a_known_house_waits_for_a_person(
    geocoder: Geocoder, text: str, likely: str
) -> None:
    """9 may be the corner house 9/12, and 7/1 the korpus 7 к1: likely, but not certain."""
    answer = geocoder.geocode(text, CITY)
    assert answer.status.value == "review"
    assert answer.label == f"{CITY}, {likely}"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ул. Есенина, 7", MatchLevel.HOUSE),
        ("ул. Есенина, 11", MatchLevel.HOUSE_GROUP),
        ("ул. Есенина, 7 к9", MatchLevel.HOUSE_GROUP),
        ("ул. Есенина, 291", MatchLevel.STREET),
        ("ул. Есенина", MatchLevel.STREET),
        ("Садовая, 8", MatchLevel.INTERPOLATED),
        ("мкр. Южный", MatchLevel.AREA),
        ("ТОС Заря", MatchLevel.AREA),
        ("5 микрорайон", MatchLevel.AREA),
        ("Ленинский р-н", MatchLevel.DISTRICT),
        ("школа № 5", MatchLevel.POI),
        ("Приреченск", MatchLevel.SETTLEMENT),
        ("56.01, 60.02", MatchLevel.POINT),
    ],
)
def test_the_level_says_how_precisely(geocoder: Geocoder, text: str, level: MatchLevel) -> None:
    answer = geocoder.geocode(text, CITY)
    assert answer.level == level
    assert answer.lat is not None and answer.lon is not None


def test_a_missing_house_is_the_street_and_says_so(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Приреченск, ул. Есенина, 13")
    assert answer.level in (MatchLevel.STREET, MatchLevel.INTERPOLATED)
    assert answer.address_id == ""
    assert "not" in str(answer.why)


def test_an_interpolated_house_lies_between_its_neighbours(geocoder: Geocoder) -> None:
    answer, before, after = (geocoder.geocode(f"Приреченск, Садовая улица, {n}") for n in (8, 6, 10))
    assert answer.level == MatchLevel.INTERPOLATED
    assert answer.lon is not None and before.lon is not None and after.lon is not None
    assert before.lon < answer.lon < after.lon


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("возле школы № 5", "Школа №5"),
        ("Школа №12", "МБОУ СОШ №12"),
        ("сош 12", "МБОУ СОШ №12"),
        ("рядом с Дом книги (Приреченск)", "Дом книги"),
        ("напротив Центрального рынка", "Центральный рынок"),
        ("обл. онкологический диспансер", "Областной онкологический диспансер"),
        ("Детский дом № 3", "Детский дом № 3"),
        ("Центральный рынокк", "Центральный рынок"),
    ],
)
def test_objects(geocoder: Geocoder, text: str, name: str) -> None:
    assert label(geocoder, text, CITY) == f"{CITY}, {name}"


def test_a_stop_does_not_outrank_the_street_it_is_named_after(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Приреченск, улица Есенина").level == MatchLevel.STREET
    assert geocoder.geocode("Приреченск, улица Есенина, 5").level == MatchLevel.HOUSE


def test_the_same_street_in_two_settlements(geocoder: Geocoder) -> None:
    assert label(geocoder, "Малая Слобода, Садовая 2") == "Малая Слобода, Садовая улица, 2"
    assert label(geocoder, "с. Слободка, Садовая 2") == "Малая Слобода, Садовая улица, 2"
    assert geocoder.geocode("Садовая улица, 2").status == GeocodeStatus.AMBIGUOUS


def test_old_and_kyrgyz_names(fresh: Geocoder) -> None:
    assert label(fresh, "Фрунзе") == "Бишкек" or fresh.geocode("Фрунзе").status != GeocodeStatus.ACCEPTED
    assert label(fresh, "г. Каракол") == "Каракол, Иссык-Кульская область"
    assert label(fresh, "Каракол шаары") == "Каракол, Иссык-Кульская область"


def test_what_was_understood_is_marked_in_the_raw_text(geocoder: Geocoder) -> None:
    text = "г. Приреченск, ул. Есенина, д. 112, кв. 45 (позвонить)"
    answer = geocoder.geocode(text)
    roles = {part.text: part.role for part in answer.parts}
    assert roles["г. Приреченск"] == "settlement"
    assert roles["ул. Есенина"] == "place"
    assert roles["д. 112"] == "house"
    assert roles["кв. 45"] == "apartment"
    assert roles["позвонить"] == "ignored"
    assert all(text[part.start : part.end] == part.text for part in answer.parts)


def test_choices_explain_themselves(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Биржевой 6", CITY)
    assert [choice.label for choice in answer.choices[:2]] == [
        "Приреченск, Биржевой проезд, 6",
        "Приреченск, Биржевой переулок, 6",
    ]
    assert "биржевой" in answer.choices[0].recognised
    assert answer.version == geocoder.version
