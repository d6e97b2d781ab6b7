"""Where and how did residents take part? Meetings, hearings, votes and clean-ups with head counts by channel.

Digital channels grow from year to year, as they did everywhere; every eighth event has no channels on record.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from geo.demo.city.chance import largest_remainder, stream
from geo.demo.city.names import latin
from geo.demo.city.needs import LAST
from geo.demo.city.places import Place, Places, theme
from geo.demo.city.tos import Tos
from geo.demo.city.world import CITY, CITY_NAME, HERE, City, district_code
from geo.demo.files import Row

YEARS = (2023, 2024, 2025, 2026)
DIGITAL_SHARE = {2023: 0.1, 2024: 0.26, 2025: 0.42, 2026: 0.5}
DIGITAL = (
    ("vk", 34),
    ("telegram", 20),
    ("pos_gosuslugi", 20),
    ("viber", 9),
    ("active_citizen", 9),
    ("website", 6),
    ("whatsapp", 2),
)


@dataclass(frozen=True)
class Kind:
    """A form of participation: how often in a district and year, usual head count, and how it is held."""

    code: str
    weight: float
    heads: tuple[int, int]
    mode: str
    level: str
    force: str
    titles: tuple[str, ...]
    titles_en: tuple[str, ...]
    unique: float = 0.0


KINDS = (
    Kind("residents_meeting", 26, (24, 150), "in_person", "decided_together", "binding",
         ("Собрание жителей {where}", "Собрание жителей: обсуждение проекта для ППМИ {quarter}",
          "Предварительное собрание {quarter}",
          "Итоговое собрание по проекту {near}"),
         ("Residents' meeting {where}", "Meeting on a PPMI project {quarter}", "Preliminary meeting {quarter}",
          "Final meeting on the project {near}")),
    Kind("public_hearing", 9, (40, 190), "mixed", "consulted", "recommendation",
         ("Публичные слушания по планировке территории {quarter}", "Слушания о застройке {near}",
          "Слушания по схеме движения {where}"),
         ("Hearing on the layout {quarter}", "Hearing on the building plans {near}", "Hearing on traffic {where}")),
    Kind("budget_hearing", 4, (25, 110), "mixed", "consulted", "recommendation",
         ("Слушания по бюджету округа «{district}»", "Бюджетная мастерская округа «{district}»"),
         ("Budget hearing of the {district_en} district", "Budget workshop of the {district_en} district")),
    Kind("signatures", 12, (110, 900), "in_person", "consulted", "",
         ("Сбор подписей за сквер {near}", "Сбор подписей за ремонт дороги {along}",
          "Подписи жителей за площадку {quarter}"),
         ("Signatures for a park {near}", "Signatures for road repair {along}",
          "Signatures for a playground {quarter}"), 1.0),
    Kind("online_vote", 9, (180, 1500), "online", "decided_together", "binding",
         ("Голосование за проекты округа «{district}»", "Онлайн-голосование: какой проект начать первым {quarter}"),
         ("Vote on the projects of the {district_en} district", "Online vote: which project first {quarter}"), 0.9),
    Kind("survey", 9, (150, 900), "mixed", "consulted", "",
         ("Анкетирование жителей {quarter}", "Опрос: чего не хватает {quarter}"),
         ("Questionnaire {quarter}", "Survey: what is missing {quarter}"), 0.8),
    Kind("idea_round", 6, (30, 260), "online", "consulted", "",
         ("Сбор идей для двора {at}", "Сбор предложений {quarter}"),
          ("Ideas for the yard {at}", "Proposals {quarter}")),
    Kind("volunteer_day", 12, (25, 220), "in_person", "decided_together", "",
         ("Субботник {near}", "Месячник чистоты {quarter}", "Посадка деревьев {where}"),
         ("Clean-up {near}", "Month of cleanliness {quarter}", "Tree planting {where}")),
    Kind("workshop", 5, (14, 60), "mixed", "consulted", "",
         ("Проектная мастерская «Двор мечты» {quarter}", "Мастерская благоустройства {near}"),
         ("Workshop “The yard we dream of” {quarter}", "Design workshop {near}")),
    Kind("public_discussion", 5, (30, 400), "online", "consulted", "recommendation",
         ("Общественное обсуждение проекта сквера {near}", "Обсуждение маршрутов автобусов {quarter}"),
         ("Discussion of the park {near}", "Discussion of bus routes {quarter}")),
    Kind("training", 3, (12, 45), "in_person", "informed", "",
         ("Школа актива {quarter}", "Обучение старших по домам {quarter}"),
          ("Activists' school {quarter}", "Training of house elders {quarter}")),
)  # fmt: skip
CITYWIDE = (
    ("vote", (9, 15), "Рейтинговое голосование за общественные территории", "City vote on public spaces",
     (15_000, 29_000), "mixed", "decided_together", "binding"),
    ("budget_hearing", (11, 22), "Публичные слушания по бюджету города", "Public hearing on the city budget",
     (140, 320), "mixed", "consulted", "recommendation"),
    ("forum", (10, 11), "Городской форум ТОС и инициативных групп", "City forum of TOS and initiative groups",
     (260, 480), "in_person", "informed", ""),
    ("survey", (4, 3), "Опрос «Приоритеты города»", "Survey: the city's priorities", (4200, 9000), "mixed",
     "consulted", "recommendation"),
    ("conference", (3, 18), "Конференция гражданских организаций города",
     "Conference of the city's civic organisations", (150, 240), "in_person", "consulted", "recommendation"),
)  # fmt: skip


def events(city: City) -> list[Row]:
    """Rows of events.csv, by date: events of districts, of ТОС and of the whole city."""
    chance = stream(city.plan.seed, "events")
    places = Places(city, "events")
    by_district: dict[int, list[Place]] = {}
    for _ in range(round(2600 * city.plan.size) + 400):
        place = places.draw()
        by_district.setdefault(place.district, []).append(place)
    rows: list[dict[str, object]] = []
    for number in range(len(city.district_names)):
        eager = chance.choice((0.55, 0.8, 1.0, 1.0, 1.25, 1.7))
        for year in YEARS:
            rows.extend(_of_district(chance, city, number, year, eager, by_district.get(number, [])))
    rows.extend(_of_tos(chance, places, city))
    rows.extend(_of_city(chance, city))
    rows.sort(key=lambda row: (str(row["starts_on"]), str(row["title"])))
    return [{"id": f"e-{number:04d}", **row} for number, row in enumerate(rows, start=1)]


def _of_district(
    chance: random.Random, city: City, number: int, year: int, eager: float, places: list[Place]
) -> list[dict[str, object]]:
    """Events of one district and year; a district that was founded later is named by its predecessor before."""
    if not places:
        return []
    old = year < 2025 or (year == 2025 and chance.random() < 0.5)
    declared = city.division.split[0] if old and number == city.division.split[1] else number
    count = max(1, round(chance.gauss(3.4, 0.9) * eager * (0.8 if year == 2026 else 1.0)))
    rows = []
    for _ in range(count):
        kind = chance.choices(KINDS, [kind.weight for kind in KINDS])[0]
        place = chance.choice(places)
        name = city.district_names[declared]
        rows.append(_event(chance, kind, place, year, old, district_code(declared), name, eager))
    return rows


def _event(
    chance: random.Random, kind: Kind, place: Place, year: int, old: bool, declared: str, name: str, eager: float
) -> dict[str, object]:  # fmt: skip
    choice = chance.randrange(len(kind.titles))
    title = kind.titles[choice].format(district=name, **place.spot.words())
    english = kind.titles_en[choice].format(district_en=latin(name), **place.spot.words_en())
    first = date(year, 1, 12) if old or year != 2025 else date(2025, 7, 2)
    last = date(2025, 6, 28) if old and year == 2025 else min(date(year, 12, 20), LAST)
    day = first + timedelta(days=chance.randrange((last - first).days))
    long = kind.code in ("signatures", "online_vote", "survey", "idea_round", "public_discussion")
    low, high = kind.heads
    heads = round((low + (high - low) * chance.random() ** 2.2) * (0.7 + 0.3 * eager))
    return {
        "title": title, "title_en": english if chance.random() < 0.6 else "", "event_kind": kind.code,
        "theme": theme(chance, place.use) if chance.random() < 0.7 else "", "starts_on": day.isoformat(),
        "ends_on": (min(day + timedelta(days=chance.randint(4, 21)), LAST)).isoformat() if long else "",
        "event_mode": kind.mode, "participation_level": kind.level, "decision_force": kind.force,
        "territory": declared, **({} if kind.mode == "online" else place.columns(chance)),
        **_heads(chance, heads, kind.mode, year, chance.random() < kind.unique),
    }  # fmt: skip


def _heads(chance: random.Random, heads: int, mode: str, year: int, unique: bool) -> dict[str, object]:
    """Head count and channels; channels add up to the head count unless some people used two."""
    columns: dict[str, object] = {"participants": heads, "count_qualifier": "exact", "unique_persons": unique}
    if chance.random() < 0.08:
        rounded = max(10, round(heads, -1))
        columns |= {"participants": rounded, "count_qualifier": chance.choice(("about", "at_least", "almost"))}
        known = mode == "in_person" and chance.random() < 0.4
        return columns | {"channel_face_to_face": rounded} if known else columns
    if chance.random() < 0.1:
        return columns
    digital = {"in_person": 0.0, "online": 1.0}.get(mode, min(0.85, DIGITAL_SHARE[year] * chance.uniform(0.6, 1.7)))
    channels = [
        ("face_to_face", (1 - digital) * (0.8 if mode == "mixed" else 1.0)),
        ("paper", (1 - digital) * (0.2 if mode == "mixed" else 0)),
    ]
    used = chance.sample(DIGITAL, 3)
    whole = sum(weight for _, weight in used)
    channels += [(name, digital * weight / whole) for name, weight in used]
    channels = [(name, share) for name, share in channels if share > 0]
    twice = unique and mode == "mixed" and chance.random() < 0.4
    uses = heads + (round(heads * chance.uniform(0.04, 0.2)) if twice else 0)
    counts = largest_remainder(uses, [share for _, share in channels])
    return columns | {f"channel_{name}": count for (name, _), count in zip(channels, counts, strict=True) if count}


def _of_tos(chance: random.Random, places: Places, city: City) -> list[dict[str, object]]:
    """Founding meetings of young ТОС, yearly conferences of the active ones."""
    rows = []
    for tos in city.tos:
        founded = int(tos.since[:4])
        if founded >= 2023:
            rows.append(
                _tos_event(chance, places, tos, "founding_meeting", f"{tos.since[:7]}-{chance.randint(1, 28):02d}")
            )
        if tos.status in ("active", "dissolved"):
            for year in range(max(2023, founded + 1), 2027):
                day = f"{year}-{chance.choice((2, 3, 4, 9)):02d}-{chance.randint(1, 28):02d}"
                if chance.random() < 0.5 and (not tos.until or day < tos.until):
                    rows.append(_tos_event(chance, places, tos, "conference", day))
    return rows


def _tos_event(chance: random.Random, places: Places, tos: Tos, kind: str, day: str) -> dict[str, object]:
    large = tos.level in ("microdistrict", "village", "other")
    heads = round(chance.uniform(22, 150) if large else chance.uniform(8, 55))
    spot = tos.shape.representative_point()
    place = places.at_house(places.nearest_house(spot.x, spot.y))
    founding = kind == "founding_meeting"
    # held at a place and counted there: in the ТОС and in the district around it
    columns = place.columns(chance)
    if tos.level == "village":
        lat, lon = HERE.lat_lon(spot.x, spot.y)
        columns = {"lat": lat, "lon": lon}
    return {
        "title": f"Учредительное собрание {tos.name}" if founding else f"Отчётная конференция {tos.name}",
        "title_en": f"Founding meeting of {tos.name_en}" if founding else f"Yearly conference of {tos.name_en}",
        "event_kind": kind if founding or large else "residents_meeting", "starts_on": day, "event_mode": "in_person",
        "participation_level": "decided_together", "decision_force": "binding", **columns,
        "participants": heads, "count_qualifier": "exact", "unique_persons": True,
        "channel_face_to_face": heads if chance.random() < 0.85 else None,
    }  # fmt: skip


def _of_city(chance: random.Random, city: City) -> list[dict[str, object]]:
    """Events of the whole city: they belong to no district."""
    rows: list[dict[str, object]] = []
    for year in YEARS:
        for kind, (month, day), title, english, (low, high), mode, level, force in CITYWIDE:
            start = date(year, month, day)
            if start > LAST:
                continue
            heads = round(
                chance.uniform(low, high) * city.plan.size * {2023: 0.8, 2024: 0.95, 2025: 1.1, 2026: 1.2}[year]
            )
            long = kind in ("vote", "survey")
            rows.append({
                "title": f"{title}, {year}", "title_en": f"{english}, {year}", "event_kind": kind,
                "theme": "landscaping" if kind == "vote" else "", "starts_on": start.isoformat(),
                "ends_on": (start + timedelta(days=9)).isoformat() if long else "", "event_mode": mode,
                "participation_level": level, "decision_force": force, "territory": CITY,
                **_heads(chance, max(20, heads), mode, year, kind in ("vote", "survey")),
            })  # fmt: skip
    return rows


def published_figures(rows: list[Row], people: dict[int, tuple[int, int]]) -> list[Row]:
    """The city's own yearly figures as its report prints them: two decimals, cut off rather than rounded."""
    found: list[Row] = []
    for year in (2023, 2024, 2025):
        mine = [row for row in rows if str(row["starts_on"]).startswith(str(year))]
        heads = sum(int(str(row["participants"])) for row in mine)
        digital = sum(
            int(str(count)) for row in mine for name, count in row.items()
            if name.removeprefix("channel_") in dict(DIGITAL) and count
        )  # fmt: skip
        period = {
            "territory": CITY, "period_from": f"{year}-01-01", "period_to": f"{year}-12-31", "count_qualifier": "exact",
        }  # fmt: skip
        place = f"Отчёт администрации {CITY_NAME}а за {year} год"
        found += [
            _percent(f"b-{year}-1", f"Доля жителей 16+, принявших участие, {year}", "participants_share", heads,
                     people[year][1], {**period, "base": "residents_16", "locator": f"{place}, с. 4"}),
            _percent(f"b-{year}-2", f"Доля участия через цифровые каналы, {year}", "channel_reach_share", digital,
                     heads, {**period, "locator": f"{place}, с. 5"}),
        ]  # fmt: skip
    return found


def _percent(id_: str, title: str, measure: str, part: int, whole: int, rest: Row) -> Row:
    cut = part * 10_000 // whole
    value = f"{cut // 100}.{cut % 100:02d}"
    return {
        "id": id_, "title": title, "measure": measure, **rest, "value": value, "unit": "%", "numerator": part,
        "denominator": whole, "as_published": value.replace(".", ",") + " %",
    }  # fmt: skip
