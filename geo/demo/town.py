"""Which small world can every number be checked in by hand? The model town of Primersk.

Five districts of 1 km x 1 km on a grid of metres (local origin = south-west corner of d1; EPSG:32638 near its
line of true scale, so that areas and distances are exact to 0.002 %), cells of 250 m x 250 m, round numbers:

        d4 Severny   | d5 Promzona | (Vyselki, outside)        y 1000-2000
        -------------+-------------+---------------
        d1 Zarechny  | d2 Tsentr   | d3 Sloboda                y    0-1000

Until 30.06.2024 the border of d1 and d2 ran at x = 750; since 01.07.2024 it runs at x = 1000: two populated
cells (1,000 residents) moved from d2 to d1. A populated cell holds 500 residents; people of a year are counted
at its end, in the boundaries valid then.

| at the end of 2024      | d1    | d2     | d3    | d4    | d5   | town   |
|-------------------------|-------|--------|-------|-------|------|--------|
| residents               | 4,000 | 6,000  | 2,000 | 3,000 | 0    | 15,000 |
| residents 16+           | 3,200 | 4,800  | 1,800 | 2,100 | 0    | 11,900 |
| covered by active TOS   | 1,500 | 1,500  | 2,000 | 0     | 0    | 5,000  |
| tos_population_share    | 37.5 %| 25 %   | 100 % | 0     | null | 33.3 % |
| tos_area_share          |18.75 %|31.25 % | 25 %  | 0     |12.5 %| 17.5 % |
| within 500 m, any theme | 2,500 | 2,500  | 2,000 | 0     | 0    | 7,000  |
| needs answered / counted| 2 / 3 | 1 / 4  | 2 / 2 | 0 / 2 | none | 5 / 11 |
| participants in 2024    | 320   | 240    | 135   | 21    | 0    | 1,190  |
| per 1,000 of 16+        | 100   | 50     | 75    | 10    | null | 100    |

(The town's 1,190 hold 474 of a city-wide vote that belongs to no district.) All expected figures, with numerators
and denominators, stand in data/boundaries/town/figures.toml; they were computed apart from the product's code.

What else is in it on purpose: a nested TOS (counted once), TOS being founded, suspended and dissolved (not counted
at the end of 2024), TOS land without residents; a project 5 m from a border, one on a line across a border, one
outside the town that still serves its residents, one known by district only; needs answered by a done project, by
statement, by both, linked to a cancelled project, rejected; an event with unknown channels, one with people in two
channels, one city-wide, one placed by its point alone.

`python -m geo.demo.town [--out DIR]` writes the folder that the ordinary import pipeline loads.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from shapely import segmentize
from shapely.geometry import LineString, Polygon, box

from geo.demo.files import Folder, Grid, Load, Row

HERE = Grid(epsg=32638, east=680_500, north=5_728_000, digits=9)
FOLDER = Path(__file__).parents[2] / "data" / "boundaries" / "town"
CELL = 250
PARENT = "primersk"
OLD_ACT, OLD_ACT_ON = "Решение Совета депутатов Примерска № 12", "2022-11-17"
NEW_ACT, NEW_ACT_ON = "Решение Совета депутатов Примерска № 41", "2024-06-20"

DISTRICTS = {
    "d1": ("Заречный округ", "Zarechny district", (0, 0)),
    "d2": ("Центральный округ", "Central district", (1000, 0)),
    "d3": ("Округ Слобода", "Sloboda district", (2000, 0)),
    "d4": ("Северный округ", "Northern district", (0, 1000)),
    "d5": ("Округ Промзона", "Industrial district", (1000, 1000)),
}
# populated cells by district of today: columns and rows of 250 m counted from the district's south-west corner
POPULATED = {
    "d1": [(i, j) for j in (0, 1) for i in range(4)],
    "d2": [(i, j) for j in (0, 1, 2) for i in range(4)],
    "d3": [(i, j) for j in (1, 2) for i in (1, 2)],
    "d4": [(i, j) for j in (2, 3) for i in (0, 1, 2)],
    "d5": [],
}
RESIDENTS_16 = {"d1": 400, "d2": 400, "d3": 450, "d4": 350}

# (residents, 16+, voters) at the end of the year, in the boundaries valid then
PEOPLE: dict[int, dict[str, tuple[int, int, int]]] = {
    2023: {
        "d1": (3000, 2400, 2250), "d2": (7000, 5600, 5250), "d3": (2000, 1800, 1700), "d4": (3000, 2100, 2000),
        "d5": (0, 0, 0), PARENT: (15000, 11900, 11200),
    },
    2024: {
        "d1": (4000, 3200, 3000), "d2": (6000, 4800, 4500), "d3": (2000, 1800, 1700), "d4": (3000, 2100, 2000),
        "d5": (0, 0, 0), PARENT: (15000, 11900, 11200),
    },
    2025: {
        "d1": (4000, 3200, 3000), "d2": (6000, 4800, 4500), "d3": (2000, 1800, 1700), "d4": (3200, 2200, 2090),
        "d5": (0, 0, 0), PARENT: (15200, 12000, 11290),
    },
}  # fmt: skip

# code, name, English name, level, status, valid from, valid to, rectangle, parent
TOS: tuple[tuple[str, str, str, str, str, str, str, tuple[int, int, int, int], str], ...] = (
    ("t1", "ТОС «Заречье»", "Zarechye TOS", "microdistrict", "active", "2022-03-01", "", (0, 0, 625, 250), "d1"),
    ("t2", "ТОС «Площадь, 2»", "Ploshchad 2 TOS", "building", "active", "2023-04-10", "", (0, 250, 125, 500), "d1"),
    ("t3", "ТОС «Двор у пруда»", "Pond Yard TOS", "house_group", "active", "2023-06-01", "", (125, 0, 250, 125), "t1"),
    ("t4", "ТОС «Вокзальный»", "Vokzalny TOS", "microdistrict", "active", "2022-09-15", "", (1000, 0, 1750, 250), "d2"),
    ("t5", "ТОС «Липовая аллея»", "Lime Alley TOS", "house_group", "suspended", "2022-09-15", "",
     (1000, 250, 1500, 500), "d2"),
    ("t6", "ТОС «Мельничный»", "Melnichny TOS", "microdistrict", "dissolved", "2022-01-20", "2024-03-31",
     (1000, 500, 1625, 750), "d2"),
    ("t7", "ТОС «Сады»", "Sady TOS", "other", "active", "2023-05-05", "", (1500, 750, 2000, 1000), "d2"),
    ("t8", "ТОС «Слобода»", "Sloboda TOS", "village", "active", "2024-02-01", "", (2250, 250, 2750, 750), "d3"),
    ("t9", "ТОС «Северный ветер»", "North Wind TOS", "microdistrict", "founding", "2024-10-01", "",
     (0, 1500, 750, 2000), "d4"),
    ("t10", "ТОС «Гаражный ряд»", "Garage Row TOS", "other", "active", "2023-11-20", "", (1000, 1000, 1500, 1250),
     "d5"),
    ("t11", "ТОС «Новая набережная»", "New Embankment TOS", "house_group", "founding", "2024-05-01", "",
     (750, 250, 1000, 500), "d1"),
)  # fmt: skip


def rectangle(west: float, south: float, east: float, north: float) -> Polygon:
    """A rectangle whose edges carry a corner every 125 m: a straight edge of the grid stays straight in degrees."""
    return segmentize(box(west, south, east, north), CELL / 2)


def district(code: str) -> Polygon:
    """The square of a district since 01.07.2024."""
    west, south = DISTRICTS[code][2]
    return rectangle(west, south, west + 1000, south + 1000)


def district_features(old: bool) -> Iterator[tuple[Row, Polygon]]:
    """The five districts until 30.06.2024 (`old`) or since 01.07.2024; d3, d4 and d5 are the same in both."""
    moved = {"d1": rectangle(0, 0, 750, 1000), "d2": rectangle(750, 0, 2000, 1000)}
    for code, (name, name_en, _) in DISTRICTS.items():
        changes = code in moved
        yield (
            {
                "code": code, "name": name, "name_en": name_en, "parent": PARENT, "precision": "surveyed",
                "valid_from": "2024-07-01" if changes and not old else "2023-01-01",
                "valid_to": "2024-06-30" if changes and old else "",
                "legal_act": NEW_ACT if changes and not old else OLD_ACT,
                "legal_act_on": NEW_ACT_ON if changes and not old else OLD_ACT_ON,
            },
            moved[code] if changes and old else district(code),
        )  # fmt: skip


def town_shape() -> Polygon:
    """The municipality: the five squares, an L with every corner of the grid on its edge."""
    outline = [(0, 0), (3000, 0), (3000, 1000), (2000, 1000), (2000, 2000), (0, 2000)]
    return segmentize(Polygon(outline), CELL / 2)


def tos_features() -> Iterator[tuple[Row, Polygon]]:
    for number, (code, name, name_en, level, status, since, until, corners, parent) in enumerate(TOS, start=1):
        founded = status != "founding"
        yield (
            {
                "code": code, "name": name, "name_en": name_en, "parent": parent, "tos_level": level,
                "tos_status": status, "valid_from": since, "valid_to": until,
                "charter_number": f"У-{number}" if founded else "", "charter_registered_on": since if founded else "",
                "legal_act": f"Решение Совета депутатов Примерска № {100 + number}" if founded else "",
                "legal_act_on": since if founded else "", "precision": "surveyed" if founded else "words",
            },
            rectangle(*corners),
        )  # fmt: skip


def cell_features() -> Iterator[tuple[Row, Polygon]]:
    """Population cells per year; in 2025 the cell d4-0-2 holds 200 residents and 100 aged 16+ more."""
    for year in PEOPLE:
        for code, cells in POPULATED.items():
            for i, j in cells:
                west, south = DISTRICTS[code][2][0] + i * CELL, DISTRICTS[code][2][1] + j * CELL
                grown = year == 2025 and (code, i, j) == ("d4", 0, 2)
                yield (
                    {
                        "code": f"{code}-{i}-{j}", "year": year, "residents": 700 if grown else 500,
                        "residents_16": RESIDENTS_16[code] + (100 if grown else 0),
                    },
                    rectangle(west, south, west + CELL, south + CELL),
                )  # fmt: skip


def population_rows() -> list[Row]:
    return [
        {"territory": code, "year": year, "residents": residents, "residents_16": adults, "voters": voters}
        for year, people in PEOPLE.items()
        for code, (residents, adults, voters) in people.items()
    ]


def at(x: float, y: float) -> dict[str, object]:
    """The place columns of a point of the grid."""
    lat, lon = HERE.lat_lon(x, y)
    return {"lat": lat, "lon": lon}


def line(*corners: tuple[float, float]) -> dict[str, object]:
    """The place column of a line of the grid."""
    return {"wkt": HERE.degrees(LineString(corners)).wkt}


def project_rows() -> list[Row]:
    """Twelve projects. Done by 31.12.2024: p1, p2, p5, p10 (no point), p11 (outside); p4 follows in 2025."""
    rub = {"currency": "RUB"}
    return [
        {"id": "p1", "title": "Детская площадка на Пристанской", "title_en": "Playground on Pristanskaya street",
         "theme": "playgrounds_sports_grounds", "secondary_themes": "landscaping", "status": "completed",
         "planned_from": "2023-05-01", "planned_to": "2023-09-01", "starts_on": "2023-05-10",
         "completed_on": "2023-09-15", **at(145, 135), "address": "ул. Пристанская, 4", "funding_regional": 850000,
         "funding_municipal": 50000, "funding_residents": 60000, "funding_business": 40000, "funding_labour": 15000,
         "total_cost": 1000000, **rub, "beneficiaries": 900, "supporters": 310, "votes": 240,
         "programme": "ППМИ-2023", "initiator": "ТОС «Заречье»", "answers_needs": "n1"},
        {"id": "p2", "title": "Спортивная площадка в сквере Строителей",
         "title_en": "Sports ground in Builders' square",
         "theme": "playgrounds_sports_grounds", "status": "completed", "starts_on": "2024-03-01",
         "completed_on": "2024-05-20", **at(1865, 635), "address": "ул. Строителей, 11", "funding_regional": 1700000,
         "funding_municipal": 100000, "funding_residents": 100000, "funding_business": 100000, "total_cost": 2000000,
         **rub, "beneficiaries": 1500, "supporters": 420, "votes": 377, "programme": "ППМИ-2024",
         "initiator": "Инициативная группа сквера Строителей", "answers_needs": "n8"},
        {"id": "p3", "title": "Тренажёры у старой школы", "title_en": "Exercise machines by the old school",
         "theme": "playgrounds_sports_grounds", "status": "in_progress", "starts_on": "2024-09-01",
         **at(2500, 510), "address": "ул. Слободская, 2", "funding_municipal": 120000, "funding_residents": 30000,
         "total_cost": 150000, **rub},
        {"id": "p4", "title": "Сквер «Северное сияние»", "title_en": "Northern Lights square", "theme": "landscaping",
         "status": "completed", "starts_on": "2024-11-05", "completed_on": "2025-06-30", **at(385, 1635),
         "address": "ул. Северная, 8", "funding_regional": 2550000, "funding_municipal": 300000,
         "funding_residents": 150000, "total_cost": 3000000, **rub, "votes": 195, "programme": "ППМИ-2025",
         "answers_needs": "n11"},
        {"id": "p5", "title": "Благоустройство родника", "title_en": "The spring put in order", "theme": "landscaping",
         "status": "reported", "starts_on": "2024-04-20", "completed_on": "2024-08-15", **at(2385, 645),
         "address": "ул. Ключевая, 1", "funding_residents": 80000, "funding_grant": 320000, "funding_in_kind": 25000,
         "total_cost": 400000, **rub, "initiator": "ТОС «Слобода»", "answers_needs": "n10"},
        {"id": "p6", "title": "Освещение улицы Мельничной", "title_en": "Lights on Melnichnaya street",
         "theme": "street_lighting", "status": "cancelled", "starts_on": "2023-10-01", **at(1300, 610),
         "total_cost": 700000, **rub, "answers_needs": "n5"},
        {"id": "p7", "title": "Тротуар вдоль Вокзальной", "title_en": "Sidewalk along Vokzalnaya street",
         "theme": "roads_sidewalks", "status": "in_progress", "starts_on": "2024-10-10",
         **line((1100, 130), (1700, 130)), "funding_municipal": 900000, "total_cost": 900000, **rub,
         "answers_needs": "n7"},
        {"id": "p8", "title": "Водопровод к улице Полевой", "title_en": "Water main to Polevaya street",
         "theme": "water_supply", "status": "applied", "planned_from": "2025-05-01", **at(995, 1400),
         "total_cost": 5000000, **rub},
        {"id": "p9", "title": "Тропа купеческих домов", "title_en": "Trail of merchants' houses",
         "theme": "cultural_heritage", "status": "idea", **line((700, 900), (1200, 900))},
        {"id": "p10", "title": "Озеленение дворов округа", "title_en": "Greening of the district's yards",
         "theme": "landscaping", "status": "completed", "starts_on": "2024-04-15", "completed_on": "2024-10-10",
         "territory": "d2", "funding_municipal": 200000, "funding_in_kind": 40000, "total_cost": 200000, **rub},
        {"id": "p11", "title": "Площадка в Выселках", "title_en": "Playground in Vyselki",
         "theme": "playgrounds_sports_grounds", "status": "completed", "starts_on": "2023-06-01",
         "completed_on": "2024-07-25", **at(2640, 1110), "settlement": "Выселки"},
        {"id": "p12", "title": "Фонари на Полярной", "title_en": "Lamps on Polyarnaya street",
         "theme": "street_lighting", "status": "not_selected", **at(200, 1820), "votes": 31,
         "programme": "ППМИ-2024"},
    ]  # fmt: skip


def need_rows() -> list[Row]:
    """Fourteen needs. n4 is rejected, n13 comes in 2025, n14 lies outside the town."""
    return [
        {"id": "n1", "title": "Детям негде играть на Пристанской", "title_en": "No place to play on Pristanskaya",
         "theme": "playgrounds_sports_grounds", "status": "answered", "priority": "high", "reported_on": "2023-02-11",
         "channel": "paper", "affected_people": 300, "supporters": 85, **at(160, 380), "public_object": True},
        {"id": "n2", "title": "Заросший пустырь у пруда", "title_en": "Overgrown lot by the pond",
         "theme": "landscaping", "status": "answered", "priority": "medium", "reported_on": "2023-08-01",
         "answered_on": "2024-02-20", "channel": "pos_gosuslugi", "affected_people": 200, "supporters": 18,
         **at(430, 160), "public_object": True},
        {"id": "n3", "title": "Разбит спуск к набережной", "title_en": "Broken slope to the embankment",
         "theme": "roads_sidewalks", "status": "open", "priority": "high", "reported_on": "2023-05-12",
         "channel": "vk", "affected_people": 400, "supporters": 44, **at(875, 375), "public_object": True},
        {"id": "n4", "title": "Снести соседский забор", "title_en": "Remove the neighbour's fence", "theme": "other",
         "status": "rejected", "priority": "low", "reported_on": "2024-01-15", "channel": "phone", **at(600, 430)},
        {"id": "n5", "title": "Темно на Мельничной", "title_en": "Melnichnaya street is dark",
         "theme": "street_lighting", "status": "open", "priority": "critical", "reported_on": "2023-09-04",
         "channel": "telegram", "affected_people": 650, "supporters": 120, **at(1310, 640), "public_object": True},
        {"id": "n6", "title": "Слабый напор воды у садов", "title_en": "Weak water pressure by the gardens",
         "theme": "water_supply", "status": "open", "priority": "medium", "reported_on": "2024-03-30",
         "channel": "website", "affected_people": 120, "supporters": 9, **at(1625, 880)},
        {"id": "n7", "title": "Нет тротуара к вокзалу", "title_en": "No sidewalk to the station",
         "theme": "roads_sidewalks", "status": "planned", "priority": "high", "reported_on": "2023-11-20",
         "channel": "viber", "affected_people": 1100, "supporters": 97, **at(1440, 140), "public_object": True},
        {"id": "n8", "title": "Нужна площадка для подростков", "title_en": "Teenagers need a sports ground",
         "theme": "playgrounds_sports_grounds", "status": "answered", "priority": "medium",
         "reported_on": "2023-03-17", "answered_on": "2024-06-01", "channel": "face_to_face", "affected_people": 500,
         "supporters": 140, **at(1790, 560), "public_object": True},
        {"id": "n9", "title": "Протекает крыша клуба", "title_en": "The club's roof leaks", "theme": "culture_leisure",
         "status": "answered", "priority": "high", "reported_on": "2024-04-05", "answered_on": "2024-11-11",
         "channel": "phone", "affected_people": 250, "supporters": 22, **at(2520, 420), "public_object": True},
        {"id": "n10", "title": "Родник зарастает", "title_en": "The spring is overgrown", "theme": "landscaping",
         "status": "answered", "priority": "low", "reported_on": "2023-12-02", "channel": "face_to_face",
         "supporters": 31, **at(2400, 690), "public_object": True},
        {"id": "n11", "title": "В округе нет ни одного сквера", "title_en": "Not one public garden in the district",
         "theme": "landscaping", "status": "in_progress", "priority": "medium", "reported_on": "2024-02-14",
         "channel": "active_citizen", "affected_people": 3000, "supporters": 260, **at(420, 1700),
         "public_object": True},
        {"id": "n12", "title": "Мало фонарей на севере города", "title_en": "Too few lamps in the north",
         "theme": "street_lighting", "status": "open", "priority": "high", "reported_on": "2024-08-08",
         "channel": "vk", "supporters": 15, "territory": "d4"},
        {"id": "n13", "title": "Пожарный водоём пересох", "title_en": "The fire pond has dried up",
         "theme": "fire_safety", "status": "open", "priority": "critical", "reported_on": "2025-02-10",
         "channel": "pos_gosuslugi", "affected_people": 700, "supporters": 66, **at(560, 1880), "public_object": True},
        {"id": "n14", "title": "В Выселках нет водопровода", "title_en": "No water main in Vyselki",
         "theme": "water_supply", "status": "open", "priority": "high", "reported_on": "2024-05-19",
         "channel": "face_to_face", "supporters": 40, **at(2700, 1200), "settlement": "Выселки"},
    ]  # fmt: skip


def event_rows() -> list[Row]:
    """Thirteen events of three years; e8 and e13 are city-wide, e6 has unknown channels, e11 only a point."""
    return [
        {"id": "e1", "title": "Собрание жителей Заречья", "title_en": "Residents' meeting of Zarechye",
         "event_kind": "residents_meeting", "starts_on": "2023-04-15", "event_mode": "in_person",
         "participation_level": "decided_together", "decision_force": "binding", "territory": "d1", **at(300, 200),
         "participants": 120, "count_qualifier": "exact", "unique_persons": True, "channel_face_to_face": 120},
        {"id": "e2", "title": "Слушания по проекту планировки центра", "title_en": "Hearing on the centre's layout",
         "event_kind": "public_hearing", "starts_on": "2023-09-21", "event_mode": "mixed",
         "participation_level": "consulted", "decision_force": "recommendation", "territory": "d2", **at(1500, 500),
         "participants": 140, "count_qualifier": "exact", "channel_face_to_face": 100, "channel_vk": 30,
         "channel_telegram": 10},
        {"id": "e3", "title": "Собрание о границах округа", "title_en": "Meeting on the district's border",
         "event_kind": "residents_meeting", "starts_on": "2024-03-16", "event_mode": "mixed",
         "participation_level": "consulted", "decision_force": "recommendation", "territory": "d1", **at(400, 300),
         "participants": 160, "count_qualifier": "exact", "channel_face_to_face": 100, "channel_viber": 60},
        {"id": "e4", "title": "Сбор подписей за набережную", "title_en": "Signatures for the embankment",
         "event_kind": "signatures", "starts_on": "2024-10-01", "ends_on": "2024-10-20", "event_mode": "in_person",
         "participation_level": "consulted", "theme": "landscaping", "territory": "d1", "participants": 160,
         "count_qualifier": "exact", "unique_persons": True, "channel_paper": 160},
        {"id": "e5", "title": "Голосование за сквер Строителей", "title_en": "Vote on Builders' square",
         "event_kind": "online_vote", "starts_on": "2024-05-06", "ends_on": "2024-05-12", "event_mode": "online",
         "participation_level": "decided_together", "decision_force": "binding", "theme": "landscaping",
         "territory": "d2", "participants": 240, "count_qualifier": "exact", "unique_persons": True,
         "channel_active_citizen": 150, "channel_vk": 60, "channel_website": 30},
        {"id": "e6", "title": "Конференция ТОС «Слобода»", "title_en": "Conference of the Sloboda TOS",
         "event_kind": "conference", "starts_on": "2024-06-08", "event_mode": "in_person",
         "participation_level": "decided_together", "decision_force": "binding", "territory": "d3", **at(2500, 500),
         "participants": 135, "count_qualifier": "exact"},
        {"id": "e7", "title": "Учредительное собрание ТОС «Северный ветер»", "title_en": "Founding of North Wind TOS",
         "event_kind": "founding_meeting", "starts_on": "2024-11-23", "event_mode": "mixed",
         "participation_level": "decided_together", "decision_force": "binding", "territory": "d4", **at(380, 1750),
         "participants": 21, "count_qualifier": "exact", "channel_face_to_face": 18, "channel_telegram": 3},
        {"id": "e8", "title": "Городское голосование за общественные территории",
         "title_en": "City vote on public spaces", "event_kind": "vote", "starts_on": "2024-09-06",
         "ends_on": "2024-09-08", "event_mode": "mixed", "participation_level": "decided_together",
         "decision_force": "binding", "theme": "landscaping", "territory": PARENT, "participants": 474,
         "count_qualifier": "exact", "unique_persons": True, "channel_face_to_face": 300, "channel_vk": 174},
        {"id": "e9", "title": "Слушания по бюджету северных улиц", "title_en": "Budget hearing of the north",
         "event_kind": "budget_hearing", "starts_on": "2025-02-25", "event_mode": "in_person",
         "participation_level": "consulted", "decision_force": "recommendation", "territory": "d4", **at(380, 1750),
         "participants": 220, "count_qualifier": "exact", "channel_face_to_face": 220},
        {"id": "e10", "title": "Мастерская «Двор моей мечты»", "title_en": "Workshop: the yard I dream of",
         "event_kind": "workshop", "starts_on": "2025-03-29", "event_mode": "mixed",
         "participation_level": "consulted", "theme": "landscaping", "territory": "d2", **at(1400, 400),
         "participants": 96, "count_qualifier": "exact", "unique_persons": True, "channel_face_to_face": 72,
         "channel_vk": 48},
        {"id": "e11", "title": "Субботник у пруда", "title_en": "Clean-up by the pond", "event_kind": "volunteer_day",
         "theme": "environment", "starts_on": "2025-04-19", "event_mode": "in_person", **at(375, 385),
         "participants": 64, "count_qualifier": "exact", "channel_face_to_face": 64},
        {"id": "e12", "title": "Сход жителей Слободы", "title_en": "Skhod of Sloboda", "event_kind": "skhod",
         "starts_on": "2025-05-31", "event_mode": "in_person", "participation_level": "decided_together",
         "decision_force": "binding", "territory": "d3", **at(2500, 500), "participants": 90,
         "count_qualifier": "at_least", "channel_face_to_face": 90},
        {"id": "e13", "title": "Форум органов ТОС", "title_en": "Forum of TOS bodies", "event_kind": "forum",
         "starts_on": "2025-10-11", "event_mode": "in_person", "participation_level": "informed",
         "territory": PARENT, "participants": 130, "count_qualifier": "about", "channel_face_to_face": 130},
    ]  # fmt: skip


def organisation_rows() -> list[Row]:
    """A body for each TOS that has a charter, base organisations for all districts but d4, council and duma."""
    bodies: list[Row] = [
        {"id": f"o-{code}", "title": f"Совет {name}", "organisation_kind": "tos_body",
         "territory": code, "founded_on": since}
        for code, name, _, _, status, since, *_ in TOS if status != "founding"
    ]  # fmt: skip
    bases: list[Row] = [
        {"id": f"o-base-{code}", "title": f"Общественный центр «{word}»", "organisation_kind": "base_organisation",
         "territory": code, "founded_on": "2023-01-20"}
        for code, word in (("d1", "Заречье"), ("d2", "Диалог"), ("d3", "Слобожане"), ("d5", "Промзона"))
    ]  # fmt: skip
    return [
        *bodies, *bases,
        {"id": "o-council", "title": "Гражданско-общественный совет Примерска", "organisation_kind": "civic_council",
         "territory": PARENT, "founded_on": "2022-12-10"},
        {"id": "o-duma", "title": "Совет депутатов Примерска", "organisation_kind": "representative_body",
         "territory": PARENT, **at(1500, 480)},
        {"id": "o-group", "title": "Инициативная группа сквера Строителей", "organisation_kind": "initiative_group",
         "territory": "d2", **at(1860, 600), "founded_on": "2023-02-01"},
    ]  # fmt: skip


def observation_rows() -> list[Row]:
    """Three published figures: one that agrees with its inputs, one truncated, one without inputs."""
    year = {"period_from": "2024-01-01", "period_to": "2024-12-31", "territory": PARENT}
    return [
        {"id": "b1", "title": "Доля жителей, принявших участие, 2024", "measure": "participants_share", **year,
         "base": "residents_16", "value": "10.00", "unit": "%", "numerator": 1190, "denominator": 11900,
         "count_qualifier": "exact", "as_published": "10,00 %", "locator": "Отчёт за 2024 год, с. 3"},
        {"id": "b2", "title": "Доля участников через «Активный гражданин», 2024", "measure": "channel_reach_share",
         **year, "value": "12.60", "unit": "%", "numerator": 150, "denominator": 1190, "count_qualifier": "exact",
         "as_published": "12,60 %", "locator": "Отчёт за 2024 год, с. 4"},
        {"id": "b3", "title": "Жителей поддержали проекты, 2024", "measure": "participants", **year, "value": 1000,
         "unit": "people", "count_qualifier": "at_least", "as_published": "более 1 000 человек",
         "locator": "Отчёт за 2024 год, с. 4"},
    ]  # fmt: skip


def write(out: Path) -> Folder:
    """Write the town's folder; figures.toml is kept by hand and not touched."""
    folder = Folder(
        out, "Модельный город Примерск", "The model town of Primersk", invented=True,
        source="Вымышленный город Примерск: проверочные данные Okruga",
        extra={"generator": "python -m geo.demo.town"},
    )  # fmt: skip
    _write_shapes(folder)
    folder.rows(Load("population.csv", register="population"), population_rows())
    folder.shapes(
        Load("population_cells.geojson", register="population"),
        ((row, HERE.degrees(shape)) for row, shape in cell_features()),
    )
    for register, rows in (
        ("organisations", organisation_rows()), ("needs", need_rows()), ("projects", project_rows()),
        ("events", event_rows()), ("observations", observation_rows()),
    ):  # fmt: skip
        folder.rows(Load(f"{register}.csv", register=register), rows)
    folder.manifest()
    return folder


def _write_shapes(folder: Folder) -> None:
    town: Row = {
        "code": PARENT, "name": "Городской округ Примерск", "name_en": "Primersk urban okrug",
        "municipality_form": "urban_okrug", "valid_from": "2020-01-01", "precision": "surveyed",
    }  # fmt: skip
    settlements: list[tuple[Row, Polygon]] = [
        ({"code": "primersk-gorod", "name": "Примерск", "name_en": "Primersk", "parent": PARENT,
          "valid_from": "2020-01-01"}, town_shape()),
        ({"code": "vyselki", "name": "Выселки", "name_en": "Vyselki", "valid_from": "2020-01-01"},
         rectangle(2500, 1000, 3000, 1500)),
    ]  # fmt: skip
    microdistricts: list[tuple[Row, Polygon]] = [
        ({"code": "m1", "name": "Микрорайон Прудовый", "name_en": "Prudovy", "parent": "d1",
          "valid_from": "2023-01-01"}, rectangle(0, 0, 500, 500)),
        ({"code": "m2", "name": "Микрорайон Вокзальный", "name_en": "Vokzalny", "parent": "d2",
          "valid_from": "2023-01-01"}, rectangle(1000, 0, 2000, 500)),
    ]  # fmt: skip
    for load, features in (
        (Load("municipality.geojson", kind="municipality"), [(town, town_shape())]),
        (Load("settlement.geojson", kind="settlement"), settlements),
        (Load("civic_district_until_2024-06-30.geojson", kind="civic_district"), district_features(old=True)),
        (Load("civic_district.geojson", kind="civic_district", note="d1 and d2 since 01.07.2024, the rest unchanged"),
         district_features(old=False)),
        (Load("microdistrict.geojson", kind="microdistrict"), microdistricts),
        (Load("tos_territory.geojson", kind="tos_territory"), tos_features()),
    ):  # fmt: skip
        folder.shapes(load, ((row, HERE.degrees(shape)) for row, shape in features))


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the model town's files.")
    parser.add_argument("--out", type=Path, default=FOLDER)
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
