"""Are several houses, stretches and corners placed where they are, and never as one of the houses?"""

from __future__ import annotations

import pandas as pd
import pytest

from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, clean_table, merged
from geo.geocode.places import distance_m
from geo.geocode.several import CORNER, FLAT_OR_HOUSE, MANY, MANY_PARTLY, NO_CORNER, ONE_OF, STREETS
from geo.vocabulary import MatchLevel
from tests.geo.geocode.conftest import LAT, LON

TOWN = "Приреченск"
# Садовая: 1, 2, 3, 4, 6, 10 stand 30 m apart in this order
FIRST, STEP = (LAT - 0.02 + 0.0054, LON), 0.00048


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("ул. Садовая, 1, 2 и 3", "1, 2, 3"),
        ("Садовая 1 и 3", "1, 3"),
        ("ул. Садовая, дома 1, 3", "1, 3"),
        ("дома №1 и №3 по улице Садовая", "1, 3"),
        ("ул. Садовая, д. 1; д. 3", "1, 3"),
        ("Садовая (1, 2, 3)", "1, 2, 3"),
        ("от д. 1 до д. 4 по ул. Садовая", "1–4"),
        ("ул. Садовая, с 1 по 4", "1–4"),
        ("между домами 1 и 4 по ул. Садовая", "1–4"),
        ("ул. Садовая, д.1 - д.4", "1–4"),
        ("двор домов 2 и 4 на ул. Садовой", "2, 4"),
        ("ул. Садовая, 1, ул. Садовая, 3", "1, 3"),
    ],
)
def test_houses_that_stand_together_are_a_group(geocoder: Geocoder, words: str, label: str) -> None:
    found = geocoder.geocode(words, TOWN)
    assert (found.status, found.level) == ("accepted", MatchLevel.HOUSE_GROUP), (words, found.why)
    assert found.label == f"Приреченск, Садовая улица, {label}"
    assert found.why.msgid == MANY
    assert found.lat == FIRST[0]
    assert 10 < found.radius_m < 150


def test_the_middle_of_the_list_is_the_place(geocoder: Geocoder) -> None:
    found = geocoder.geocode("ул. Садовая, 1, 2 и 3", TOWN)
    assert found.lon is not None and found.lat is not None
    assert distance_m(found.lat, found.lon, FIRST[0], FIRST[1] + STEP) < 0.1
    assert distance_m(FIRST[0], FIRST[1], FIRST[0], FIRST[1] + STEP) == pytest.approx(found.radius_m, abs=0.1)


def test_houses_far_apart_are_a_stretch_of_the_street(town: Gazetteer) -> None:
    rows = [
        {"id": f"l{number}", "city": TOWN, "street": "Длинная улица", "housenumber": str(number), "lat": LAT,
         "lon": LON + number * STEP} for number in (1, 21, 41, 81)
    ]  # fmt: skip
    long = Gazetteer(addresses=clean_table("addresses", pd.DataFrame(rows).astype(str))[0])
    found = Geocoder(merged([town, long])).geocode("Длинная улица, от 1 до 41", TOWN)
    assert (found.status, found.level, found.label) == ("accepted", "street", "Приреченск, Длинная улица, 1–41")
    assert found.why.params == {"houses": "1, 41"}
    assert found.lat == LAT
    assert found.lon == pytest.approx(LON + 21 * STEP)
    assert found.radius_m == pytest.approx(distance_m(LAT, LON, LAT, LON + 20 * STEP), abs=0.1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Садовая 1, 3", FLAT_OR_HOUSE),
        ("ул. Садовая, 12 к1, 2", FLAT_OR_HOUSE),
        ("ул. Есенина, 7 корп. 1, 2", FLAT_OR_HOUSE),
        ("ул. Садовая, 1 и 999", ONE_OF),
        ("ул. Есенина, 112 ул. Горького", STREETS),
        ("угол ул. Садовой и ул. Черепановых", NO_CORNER),
    ],
)
def test_what_may_mean_something_else_waits_for_a_person(geocoder: Geocoder, words: str, reason: str) -> None:
    found = geocoder.geocode(words, TOWN)
    assert (found.status, found.why.msgid) == ("review", reason)


@pytest.mark.parametrize("words", ["ул. Садовая, ул. Есенина", "ул. Есенина, 5 ул. Горького", "Садовая 1, Есенина 3"])
def test_two_streets_are_none_of_them(geocoder: Geocoder, words: str) -> None:
    assert geocoder.geocode(words, TOWN).status in ("ambiguous", "review")


def test_unknown_houses_of_a_list_are_told(geocoder: Geocoder) -> None:
    found = geocoder.geocode("ул. Садовая, 1, 3 и 999", TOWN)
    assert (found.status, found.why.msgid, found.why.params) == ("accepted", MANY_PARTLY, {"houses": "1, 3"})


@pytest.mark.parametrize(
    "words",
    [
        "ул. Садовая, 3, кв. 1 и 2", "ул. Садовая, 3, 45", "ул. Садовая, 3, подъезды 1 и 2",
        "ул. Садовая, 3 12.05.2025", "ул. Садовая, 3, скамейки 4 шт", "с 9 до 18 ул. Садовая 3",
        "ул. Садовая, 3, тел. 8 (4912) 25-10-12, Иванов И.И.", "Садовая 3, Петров П. П.", "ул. Садовая, 3 ☎️ 🙂",
        "ул. Садовая, 3, 12 марта 2025 г. не было света", "ул. Садовая, 3; ул. Садовая, 3",
        "ул.\u200fСадовая\u200e, 3", "Иванова Мария Петровна, ул. Садовая, 3",
    ],
)  # fmt: skip
def test_other_numbers_and_names_beside_a_house_are_no_houses(geocoder: Geocoder, words: str) -> None:
    found = geocoder.geocode(words, TOWN)
    assert (found.status, found.level, found.label) == ("accepted", "house", "Приреченск, Садовая улица, 3")


def test_an_initial_is_no_second_mention_of_its_street(geocoder: Geocoder) -> None:
    found = geocoder.geocode("ул. А. Королёва, д. 21А кБ", TOWN)
    assert (found.status, found.level) == ("accepted", "house")
    assert geocoder.geocode("просп. К. Маркса, д. 10 к1", TOWN).why.msgid != FLAT_OR_HOUSE


def test_a_corner_lies_between_the_streets(corner_town: Geocoder) -> None:
    for words in (
        "угол Южной и Западной", "на пересечении ул. Южная и ул. Западная", "перекрёсток Западная/Южная",
        "Южная, угол Западной", "ул. Южная на углу с ул. Западной", "пересечение улиц Южная и Западная",
    ):  # fmt: skip
        found = corner_town.geocode(words, "Перекрёстный")
        assert (found.status, found.level, found.why.msgid) == ("accepted", MatchLevel.POINT, CORNER), words
        assert found.lat is not None and found.lon is not None
        assert distance_m(found.lat, found.lon, 56.0, 60.0) < 1
        assert "улица" in found.label and " / " in found.label


def test_a_house_at_a_corner_is_the_house(corner_town: Geocoder) -> None:
    found = corner_town.geocode("Южная улица, 3, угол Западной", "Перекрёстный")
    assert (found.level, found.label) == ("house", "Перекрёстный, Южная улица, 3")


def test_streets_that_meet_twice_or_unknown_where_wait_for_a_person(corner_town: Geocoder) -> None:
    for words in ("угол Южной и Кольцевой", "угол Кольцевой и Западной"):
        found = corner_town.geocode(words, "Перекрёстный")
        assert (found.status, found.level, found.why.msgid) == ("review", "street", NO_CORNER), words


def test_a_corner_is_no_object_of_its_own(corner_town: Geocoder) -> None:
    found = corner_town.geocode("ул. Южная", "Перекрёстный")
    assert (found.status, found.level) == ("accepted", "street")
    assert len(found.choices) == 1 + (found.choices[-1].level == "settlement")


@pytest.fixture(scope="module")
def corner_town() -> Geocoder:
    """Two streets that meet at 56, 60, drawn as two points 10 m apart; Кольцевая meets Южная twice, 2 km apart."""
    streets = ("Южная улица", "Западная улица", "Кольцевая улица")
    addresses = [
        {"id": f"{street}{n}", "city": "Перекрёстный", "street": street, "housenumber": str(n),
         "lat": 56.0 + turn * 0.01, "lon": 60.0 + n * 0.0006} for turn, street in enumerate(streets) for n in (3, 5)
    ]  # fmt: skip
    meeting = [(1, 56.00005, 60.0), (1, 55.99995, 60.0), (2, 56.0, 60.02), (2, 56.02, 60.02)]
    corners = [
        {"id": f"c{n}", "city": "Перекрёстный", "name": streets[0], "alt_names": streets[other], "kind": "corner",
         "lat": lat, "lon": lon} for n, (other, lat, lon) in enumerate(meeting)
    ]  # fmt: skip
    return Geocoder(
        Gazetteer(
            addresses=clean_table("addresses", pd.DataFrame(addresses).astype(str))[0],
            pois=clean_table("pois", pd.DataFrame(corners).astype(str))[0],
        )
    )


@pytest.mark.parametrize(
    ("words", "normal"),
    [
        ("ул. Есенина, 112, напротив аптеки", "ул есенина 112 аптеки"),
        ("ул. Есенина 112 во дворе", "ул есенина 112 во"),
        ("хулиганят около ул. Есенина, 112", "ул есенина 112"),
        ("56.5, 60.5", "56.5, 60.5"),
        ("!!!", "!!!"),
        ("тел. 8 (4912) 25-10-12", "тел. 8 (4912) 25-10-12"),
    ],
)
def test_rows_are_identical_only_when_they_ask_for_the_same_place(geocoder: Geocoder, words: str, normal: str) -> None:
    assert geocoder.geocode(words, TOWN).normal == normal


def test_a_place_beside_the_one_named_is_told_so(geocoder: Geocoder) -> None:
    for words in ("напротив дома 112 по ул. Есенина", "ул. Есенина, 112, за магазином"):
        found = geocoder.geocode(words, TOWN)
        assert (found.label, str(found.why)) == (
            "Приреченск, улица Есенина, 112", "The text says near this place, not at it: placed at it.",
        )  # fmt: skip


def test_what_a_long_story_goes_on_with_is_not_taken_for_nothing(geocoder: Geocoder) -> None:
    found = geocoder.geocode("ул. Есенина, 112 " + "и ещё " * 2000, TOWN)
    assert (found.status, found.label) == ("review", "Приреченск, улица Есенина, 112")
    assert "500" in str(found.why)


@pytest.mark.parametrize("words", ["a" * 10_000, "aaaa", "?!,.;", "🙂🙂", "\u200f\u200e", "٣٤٥", "0" * 300, "д. д. д."])
def test_rubbish_is_refused(geocoder: Geocoder, words: str) -> None:
    assert geocoder.geocode(words).status == "unmatched"
