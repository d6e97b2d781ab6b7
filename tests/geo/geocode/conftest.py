"""A small invented town for the geocoder, checkable by hand, and the shipped settlements alone."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, clean_table, merged, shipped_gazetteer

LAT, LON = 56.0, 60.0
SETTLEMENTS = [
    {"id": "t1", "name": "Приреченск", "region": "Свердловская область", "lat": LAT, "lon": LON, "population": 60000},
    {"id": "t2", "name": "Малая Слобода", "region": "Свердловская область", "lat": 56.3, "lon": 60.4, "population": 900,
     "alt_names": "Слободка"},
    {"id": "t3", "name": "Новые Ключи", "region": "Свердловская область", "district": "Приречный район", "lat": 56.5,
     "lon": 60.1, "population": 300},
    {"id": "t4", "name": "Новые Ключи", "region": "Свердловская область", "district": "Дальний район", "lat": 57.9,
     "lon": 63.0, "population": 400},
]  # fmt: skip
STREETS = {
    "улица Есенина": ["1", "3", "5", "5А", "7", "7 к1", "7 к2", "9/12", "11 литА", "11 литБ", "112"],
    "Садовая улица": ["1", "2", "3", "4", "6", "10", "12", "12А", "12 к1", "14 с1", "16"],
    "Садовый переулок": ["1", "2", "6"],
    "Биржевой проезд": ["2", "6"],
    "Биржевой переулок": ["4", "6"],
    "Большая Речная улица": ["1", "2", "3"],
    "Малая Речная улица": ["1", "2", "3"],
    "1-я Парковая улица": ["1", "3", "5"],
    "2-я Парковая улица": ["1", "2", "3"],
    "9-я Парковая улица": ["55"],
    "4-я линия": ["9 к2", "12"],
    "16-я линия": ["9", "9 к2"],
    "улица Академика Королёва": ["1", "2", "21А кБ"],
    "улица 40 лет Октября": ["8", "40"],
    "улица 8 Марта": ["8", "12"],
    "набережная Лейтенанта Шмидта": ["4", "17"],
    "Набережная улица": ["4", "39"],
    "проспект Карла Маркса": ["10", "101"],
    "Ново-Садовая улица": ["25", "27"],
    "улица Горького": ["3", "5"],
    "улица Черепановых": ["55"],
}
POIS = [
    ("Школа №5", "amenity=school"), ("МБОУ СОШ №12", "amenity=school"), ("Дом книги", "shop=books"),
    ("Центральный рынок", "amenity=marketplace"), ("Областной онкологический диспансер", "amenity=hospital"),
    ("Улица Есенина", "public_transport=platform"), ("Сбербанк", "amenity=bank"), ("Сбербанк", "amenity=bank"),
    ("Детский дом № 3", "social_facility=group_home"),
]  # fmt: skip
AREAS = [
    ("микрорайон Южный", "microdistrict", "Приреченск"), ("ТОС «Заря»", "tos_territory", "Приреченск"),
    ("5-й микрорайон", "microdistrict", "Приреченск"), ("Ленинский район", "rayon", "Приреченск"),
    ("Приречный район", "rayon", ""),
]  # fmt: skip


def _table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    return clean_table(name, pd.DataFrame(rows).fillna("").astype(str))[0]


def _addresses() -> list[dict[str, object]]:
    """Streets run east, 600 m apart; houses stand 30 m apart."""
    return [
        {"id": f"a{row}-{place}", "city": "Приреченск", "street": street, "housenumber": house,
         "lat": LAT - 0.02 + row * 0.0054, "lon": LON + place * 0.00048}
        for row, (street, houses) in enumerate(STREETS.items())
        for place, house in enumerate(houses)
    ]  # fmt: skip


@pytest.fixture(scope="session")
def town() -> Gazetteer:
    """The town's own lists."""
    village = {
        "id": "v1",
        "city": "Малая Слобода",
        "street": "Садовая улица",
        "housenumber": "2",
        "lat": 56.3,
        "lon": 60.4,
    }
    return Gazetteer(
        settlements=_table("settlements", SETTLEMENTS),
        addresses=_table("addresses", [*_addresses(), village]),
        pois=_table("pois", [
            {"id": f"p{n}", "city": "Приреченск", "name": name, "kind": kind, "lat": LAT - 0.05 - n * 0.006, "lon": LON}
            for n, (name, kind) in enumerate(POIS)
        ]),
        areas=_table("areas", [
            {"id": f"z{n}", "city": city, "name": name, "kind": kind, "lat": LAT + 0.15 + n * 0.01, "lon": LON,
             "radius_m": 500 if city else 60000}
            for n, (name, kind, city) in enumerate(AREAS)
        ]),
        version="hand-made",
    )  # fmt: skip


@pytest.fixture(scope="session")
def geocoder(town: Gazetteer) -> Geocoder:
    """The town beside the shipped settlements, as an installation has it."""
    return Geocoder(merged([town, shipped_gazetteer()]))


@pytest.fixture(scope="session")
def fresh() -> Geocoder:
    """An installation before anything was loaded."""
    return Geocoder(shipped_gazetteer())
