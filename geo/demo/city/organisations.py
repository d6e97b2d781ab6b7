"""Which bodies act in the city? ТОС councils, base organisations of districts, NGOs, authorities; never a person."""

from __future__ import annotations

import random

from geo.demo.city.chance import stream
from geo.demo.city.houses import Landmark
from geo.demo.city.places import Place, Places
from geo.demo.city.world import CITY, CITY_NAME, City, district_code, tos_code
from geo.demo.files import Row

WITHOUT_BASE = 3  # districts that have no base civic organisation: a gap that maps should show
BASES = ("Общественный центр", "Гражданский союз", "Общественный совет", "Соседский союз", "Центр инициатив")
NGOS = (
    ("Фонд местного сообщества «Добрый берег»", "npo"), ("Городская организация общества инвалидов", "npo"),
    ("Совет ветеранов войны и труда", "npo"), ("Союз родителей особых детей «Росток»", "npo"),
     ("Фонд «Старшее поколение»", "npo"),
    ("Ассоциация ТОС города", "association"), ("Общество краеведов «Посад»", "club"),
     ("Экологический отряд «Чистая Вязьга»", "movement"),
    ("Велоклуб «Педаль»", "club"), ("Клуб моржей «Прорубь»", "club"), ("Туристский клуб «Азимут»", "club"),
     ("Совет женщин города", "npo"),
    ("Центр помощи семье «Очаг»", "npo"), ("Волонтёрский штаб «Рядом»", "movement"), ("Федерация самбо города", "club"),
    ("Приют для животных «Лапа»", "npo"), ("Общество охраны памятников", "npo"), ("Том Сойер Фест", "movement"),
    ("Хор ветеранов «Надежда»", "club"), ("Клуб «Серебряный возраст»", "club"), ("Союз садоводов", "association"),
    ("Дворовая футбольная лига", "club"), ("Центр соседской медиации", "npo"), ("Совет молодёжи", "movement"),
    ("Молодёжный парламент", "committee"), ("Школа приёмных родителей", "npo"), ("Фонд «Здоровый город»", "npo"),
     ("Союз промышленников", "business"),
)  # fmt: skip
AUTHORITIES = (
    ("Городская дума", "representative_body"), ("Администрация города", "local_authority"),
    ("Гражданско-общественный совет", "civic_council"), ("Ассамблея гражданского общества", "civic_assembly"),
    ("Комитет думы по местному самоуправлению", "committee"), ("Комитет думы по бюджету", "committee"),
    ("Комитет думы по благоустройству", "committee"), ("Рабочая группа по инициативному бюджетированию",
     "working_group"),
    ("Рабочая группа по границам округов", "working_group"), ("Группа совместного мониторинга дворов",
     "monitoring_group"),
    ("Консорциум программы «Чистая вода»", "consortium"),
)  # fmt: skip


def organisations(city: City) -> list[Row]:
    """Rows of organisations.csv."""
    chance = stream(city.plan.seed, "organisations")
    places = Places(city, "organisations")
    rows: list[dict[str, object]] = [*_tos_bodies(chance, places, city), *_bases(chance, places, city)]
    rows += _seats(chance, places, city)
    for title, kind in AUTHORITIES:
        rows.append({
            "title": f"{title} {CITY_NAME}а" if " города" not in title else title, "organisation_kind": kind,
            "territory": CITY, **_at(chance, places, _townhall(city)),
        })  # fmt: skip
    for title, kind in NGOS[: max(6, round(len(NGOS) * city.plan.size))]:
        rows.append({
            "title": title, "organisation_kind": kind, "territory": CITY, **places.draw().columns(chance),
            "founded_on": f"{chance.randint(1994, 2022)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        })  # fmt: skip
    return [{"id": f"o-{number:04d}", **row} for number, row in enumerate(rows, start=1)]


def _tos_bodies(chance: random.Random, places: Places, city: City) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for tos in city.tos:
        if tos.status == "founding":
            rows.append({"title": f"Инициативная группа {tos.name}", "organisation_kind": "initiative_group",
                         "territory": tos_code(tos.number)})  # fmt: skip
            continue
        columns: dict[str, object] = {}
        if tos.level != "village":
            spot = tos.shape.representative_point()
            columns = places.at_house(places.nearest_house(spot.x, spot.y)).columns(chance)
        rows.append({"title": f"Совет {tos.name}", "organisation_kind": "tos_body", "territory": tos_code(tos.number),
                     "founded_on": tos.since, **columns})  # fmt: skip
    return rows


def _bases(chance: random.Random, places: Places, city: City) -> list[dict[str, object]]:
    """A base civic organisation for each district but three; one organisation serves two districts."""
    numbers = list(range(len(city.district_names)))
    without = set(chance.sample(numbers, WITHOUT_BASE))
    served = [n for n in numbers if n not in without]
    shared = served[-2:]
    rows: list[dict[str, object]] = []
    for n in served[:-1]:
        mandate = [district_code(k) for k in (shared if n in shared else [n])]
        rows.append({
            "title": f"{chance.choice(BASES)} «{city.district_names[n]}»", "organisation_kind": "base_organisation",
            "territory": ";".join(mandate), **_somewhere(chance, places, city, n),
            "founded_on": f"{chance.randint(2019, 2024)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        })  # fmt: skip
    return rows


def _seats(chance: random.Random, places: Places, city: City) -> list[dict[str, object]]:
    """The seats of the city duma, one a district: a role with a reception address, without a name."""
    return [
        {"title": f"Депутат по округу № {n + 1}: общественная приёмная", "organisation_kind": "council_member",
         "territory": district_code(n), **_somewhere(chance, places, city, n)}
        for n in range(len(city.district_names))
    ]  # fmt: skip


def _somewhere(chance: random.Random, places: Places, city: City, district: int) -> dict[str, object]:
    own = [house for house in city.houses if city.division.new[house.block] == district]
    return places.at_house(chance.choice(own)).columns(chance) if own else {}


def _townhall(city: City) -> Landmark:
    return next((mark for mark in city.landmarks if mark.kind == "townhall"), city.landmarks[0])


def _at(chance: random.Random, places: Places, mark: Landmark) -> dict[str, object]:
    place: Place = places.at_house(places.nearest_house(mark.x, mark.y))
    return place.columns(chance)
