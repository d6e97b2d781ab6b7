"""Is what only the state address register knows recognised, told from the unknown, and never put at a false point?

The register is that of tests/fixtures/gar, beside the invented town of conftest.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geo.errors import Message
from geo.geocode.completions import Completions
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, clean_table, merged, shipped_gazetteer, version_of
from geo.geocode.scope import Context, Scope
from geo.ingest.gar import read_gar

DELIVERY = Path(__file__).parents[2] / "fixtures" / "gar"


def guid(number: int) -> str:
    """How the fixture numbers its GUIDs."""
    return f"66000000-0000-4000-8000-{number:012x}"


@pytest.fixture(scope="module")
def register() -> Gazetteer:
    return Gazetteer(gar=read_gar(DELIVERY).gar)


@pytest.fixture(scope="module")
def both(town: Gazetteer, register: Gazetteer) -> Geocoder:
    return Geocoder(merged([town, register, shipped_gazetteer()]))


PLACED = {
    "Приреченск, ул. Есенина, 7 к1": ("house", "Приреченск, улица Есенина, 7 к1", 2000),
    "Приреченск, ул. Есенина, д. 11 лит. А": ("house", "Приреченск, улица Есенина, 11 лит А", 2001),
    "Приреченск, ул. Садовая, 14 строение 1": ("house", "Приреченск, улица Садовая, 14 с1", 2004),
    # not of the register, so the street is what it knows
    "Приреченск, ул. Садовая, 16": ("house", "Приреченск, улица Садовая, 16", 1104),
    # the register has the house and nobody its position
    "Приреченск, ул. Есенина, 200": ("street", "Приреченск, улица Есенина", 2002),
    # renamed: found by both names, called by the new one
    "Приреченск, ул. Горького, 3": ("house", "Приреченск, улица Дворянская, 3", 2015),
    "Приреченск, ул. Дворянская, 3": ("house", "Приреченск, улица Дворянская, 3", 2015),
    # ё stays, the rank may be left out
    "Приреченск, ул. Королева, 1": ("house", "Приреченск, улица Академика Королёва, 1", 1102),
    # a former name that another street has today does not take it away
    "Приреченск, ул. Есенина, 3": ("house", "Приреченск, улица Есенина, 3", 1100),
    "г. Слободск, ул. Садовая, 2": ("house", "Приреченск, улица Садовая, 2", 1104),
    "с. Малая Слобода, ул. Садовая, 2": ("house", "Малая Слобода, улица Садовая, 2", 2017),
    "Приреченск, мкр. Южный": ("area", "Приреченск, микрорайон Южный", 1120),
    "Приреченск, ул. 9-я Парковая, 55": ("house", "Приреченск, улица Парковая 9-я, 55", 1106),
    # the village Биржевой takes no переулок away
    "Приреченск, п. Биржевой, 4": ("house", "Приреченск, Биржевой переулок, 4", 0),
}


@pytest.mark.parametrize("text", PLACED)
def test_what_has_a_position_gets_name_and_guid(both: Geocoder, geocoder: Geocoder, text: str) -> None:
    level, label, number = PLACED[text]
    answer = both.geocode(text)
    assert (answer.accepted, answer.level, answer.label) == (True, level, label)
    assert (answer.gar_guid, answer.gar_object_id) == ((guid(number), str(number)) if number else ("", ""))
    assert answer.choices[0].gar_guid == answer.gar_guid
    if level == "house" and "Слободск" not in text and "Дворянская" not in text:
        before = geocoder.geocode(text)
        assert (before.lat, before.lon, before.gar_guid) == (answer.lat, answer.lon, "")


UNPLACED = {
    # text: level, what it is called, number of the object recognised
    "Приреченск, ул. Лазурная, 5": ("settlement", "улица Лазурная, 5", 2005),
    "Приреченск, ул. Лазурная, д. 5, корп. 2, стр. 3": ("settlement", "улица Лазурная, 5 к2 с3", 2006),
    "Приреченск, ул. Лазурная, 77": ("settlement", "улица Лазурная", 1103),
    "Малая Слобода, ул. Лазурная, 8": ("settlement", "Малая Слобода, улица Лазурная, 8", 2018),
    "Приреченск, ул. Кирова": ("settlement", "улица Соборная", 1111),
    "Приреченск, СНТ Заря, 15": ("settlement", "СНТ Заря, 15", 2011),
    "Приреченск, СНТ Заря, ул. Садовая, 4": ("settlement", "улица Садовая (СНТ Заря), 4", 2016),
    "Приреченск, ул. Яблоневая": ("settlement", "улица Яблоневая (СНТ Заря)", 1123),
    "п. Новые Ключи, Приречный район, дом 7": ("settlement", "Новые Ключи, Приречный район", 2010),
    "дер. Дальняя Заимка": ("none", "Дальняя Заимка", 1014),
    "дер. Дальняя Заимка, ул. Центральная, 3": ("none", "Дальняя Заимка, улица Центральная, 3", 2009),
    "дер. Дальняя Заимка, ул. Которой Нет, 3": ("none", "Дальняя Заимка", 1014),
    "п. Биржевой Дальнего района": ("none", "Биржевой, Дальний район", 1016),
}


@pytest.mark.parametrize("text", UNPLACED)
def test_what_has_none_is_recognised_and_waits_for_a_person(both: Geocoder, text: str) -> None:
    level, name, number = UNPLACED[text]
    answer = both.geocode(text)
    assert (answer.status, answer.level) == ("review", level)
    assert "is in the state address register" in str(answer.why)
    assert name in str(answer.why)
    assert (answer.gar_guid, answer.gar_object_id) == (guid(number), str(number))
    if level == "none":
        assert (answer.lat, answer.lon, answer.choices) == (None, None, ())
    else:
        town = both.geocode(answer.label)
        assert (answer.lat, answer.lon, answer.radius_m) == (town.lat, town.lon, town.radius_m)


def test_a_settlement_without_a_position_stands_at_its_district(town: Gazetteer, register: Gazetteer) -> None:
    rows = [{"id": "d", "name": "Дальний район", "kind": "rayon", "lat": "57.9", "lon": "63.0", "radius_m": "30000"}]
    district = Gazetteer(areas=clean_table("areas", pd.DataFrame(rows).assign(city=""))[0])
    answer = Geocoder(merged([town, register, district])).geocode("дер. Дальняя Заимка, ул. Центральная, 3")
    assert (answer.status, answer.level, answer.label) == ("review", "district", "Дальний район")
    assert (answer.lat, answer.gar_object_id) == (57.9, "2009")


def test_what_no_source_knows_stays_unknown(both: Geocoder) -> None:
    assert str(both.geocode("с. Гляденево").why) == "The settlement с. Гляденево is not in the gazetteer."
    # abolished, ended, and a street of another village
    for street in ("Старозаводская", "Прошлая", "Центральная", "Потерянная"):
        assert both.geocode(f"Приреченск, ул. {street}, 3").status == "unmatched"


def test_without_a_settlement_the_register_of_a_region_is_not_searched(both: Geocoder) -> None:
    """Every town has such a street, so only the settlements are that have streets with a position."""
    assert both.geocode("ул. Центральная, 3").status == "unmatched"
    here = both.geocode("ул. Соборная")
    assert (here.status, here.gar_object_id) == ("review", "1111")
    assert both.geocode("ул. Лазурная, 77").status == "ambiguous"
    within = both.geocode("ул. Лазурная, 5", Scope("Приреченск"))
    assert (within.status, within.gar_object_id) == ("review", "2005")


def test_a_position_learnt_later_counts(town: Gazetteer, register: Gazetteer) -> None:
    villages = pd.DataFrame([{"name": "Дальняя Заимка", "region": "Свердловская область", "lat": "58", "lon": "63.2"}])
    houses = pd.DataFrame([{"city": "Дальняя Заимка", "street": "ул. Центральная", "housenumber": "3", "lat": "58.01",
                            "lon": "63.21"}])  # fmt: skip
    lists = Gazetteer(
        settlements=clean_table("settlements", villages)[0], addresses=clean_table("addresses", houses)[0]
    )
    answer = Geocoder(merged([town, register, lists])).geocode("дер. Дальняя Заимка, ул. Центральная, 3")
    assert (answer.accepted, answer.level, answer.lat) == (True, "house", 58.01)
    assert (answer.label, answer.gar_object_id) == ("Дальняя Заимка, улица Центральная, 3", "2009")


@pytest.mark.parametrize(
    ("text", "status", "level", "number"),
    [
        (guid(2000), "accepted", "house", 2000),
        (f"дом {guid(2000).upper()}, кв. 5", "accepted", "house", 2000),
        (guid(2002), "accepted", "street", 2002),
        (guid(2005), "review", "settlement", 2005),
        (guid(2009), "review", "none", 2009),
        (guid(1100), "accepted", "street", 1100),
        (guid(1120), "accepted", "area", 1120),
        (guid(1010), "accepted", "settlement", 1010),
        (guid(2010), "review", "settlement", 2010),
        (guid(2011), "review", "settlement", 2011),
        (guid(1014), "review", "none", 1014),
        (guid(1150), "review", "none", 1150),
    ],
)
def test_a_guid_is_its_object(both: Geocoder, text: str, status: str, level: str, number: int) -> None:
    answer = both.geocode(text)
    assert (answer.status, answer.level, answer.gar_object_id) == (status, level, str(number))
    assert (answer.normal, answer.gar_guid) == (guid(number), guid(number))


def test_a_guid_says_what_it_is_of_also_where_nothing_leads_to_it(both: Geocoder) -> None:
    assert str(both.geocode(guid(1150)).why).startswith("улица Потерянная is in the state address register")
    assert "placed at Новые Ключи" in str(both.geocode(guid(2010)).why)


@pytest.mark.parametrize("number", [2000, 2005, 2010, 2009])
def test_surroundings_change_nothing_about_a_guid(both: Geocoder, number: int) -> None:
    around = Context(Scope("Малая Слобода"), "Малая Слобода", Message("there"))
    assert both.geocode(guid(number), context=around) == both.geocode(guid(number))


@pytest.mark.parametrize("houses", ["5, 7 и 9", "дома 5, 7", "от д. 3 до д. 9"])
def test_several_houses_of_a_street_without_a_position_wait(both: Geocoder, houses: str) -> None:
    answer, town = both.geocode(f"Приреченск, ул. Лазурная, {houses}"), both.geocode("Приреченск")
    assert (answer.status, answer.level, answer.lat, answer.lon) == ("review", "settlement", town.lat, town.lon)


def test_several_houses_have_the_guid_of_their_street(both: Geocoder) -> None:
    answer = both.geocode("Приреченск, ул. Есенина, дома 7 к1 и 11 лит. А")
    assert (answer.accepted, answer.gar_object_id) == (True, "1100")


def test_a_guid_of_another_municipality_waits_and_an_unknown_one_is_said_so(both: Geocoder) -> None:
    assert both.geocode(guid(2000), Scope("Малая Слобода")).status == "review"
    assert str(both.geocode(guid(1108)).why) == "No object with this GUID is known here."
    # beside words the words count
    assert both.geocode(f"Приреченск, ул. Есенина, 3, {guid(1108)}").level == "house"


def test_namesakes_are_joined_only_where_it_is_certain(both: Geocoder, register: Gazetteer) -> None:
    by_district = {n.district: n for n in both.index.settlements if n.name == "Новые Ключи" and n.gar_id}
    assert {district: n.gar_id for district, n in by_district.items()} == {
        "Приречный район": 1012,
        "Дальний район": 1013,
    }
    # one village of the name without a district, two in the register: which of them it is nobody knows
    alone = pd.DataFrame([{"name": "Новые Ключи", "region": "Свердловская область", "lat": "56.5", "lon": "60.1"}])
    geocoder = Geocoder(merged([Gazetteer(settlements=clean_table("settlements", alone)[0]), register]))
    assert [n.gar_id for n in geocoder.index.settlements if n.name == "Новые Ключи"] == [0, 1012, 1013]
    assert geocoder.geocode("п. Новые Ключи").status == "ambiguous"


def test_what_is_typed_is_completed_by_places_only(both: Geocoder) -> None:
    found = Completions(both.index)
    assert found.find("лазурн", 5) == []
    assert [each.label for each in found.find("дворян", 5)] == ["Приреченск, улица Дворянская"]


def test_the_version_follows_the_register(town: Gazetteer, register: Gazetteer) -> None:
    other = Gazetteer(gar=replace(register.gar, objects=register.gar.objects.iloc[1:].reset_index(drop=True)))
    versions = {version_of(each) for each in (merged([town, register]), merged([town, other]), merged([town]))}
    assert len(versions) == 3
    # two loads of one region are one register
    assert len(merged([register, register]).gar) == len(register.gar)
