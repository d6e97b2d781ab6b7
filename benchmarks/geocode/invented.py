"""What would a Russian city look like to a geocoder, if it did not exist?

Streets are drawn from the kinds of names Russian towns have (trees and trades, surnames with ranks and first names,
dates, ordinals, neighbouring towns), houses from the ways registers write them. The plan is invented as well: streets
are straight lines, houses stand 28 m apart, odd on one side, even on the other. Nothing here is any real place.
"""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.geocode.gazetteer import Gazetteer, clean_table, merged, read_folder, version_of
from geo.geocode.wordlist import spaced

_FEMININE = spaced(
    "Советская Центральная Молодёжная Школьная Лесная Садовая Новая Набережная Заречная Зелёная Полевая "
    "Луговая Октябрьская Комсомольская Первомайская Северная Солнечная Степная Южная Береговая Пионерская "
    "Юбилейная Речная Колхозная Пролетарская Рабочая Восточная Нагорная Западная Железнодорожная Заводская "
    "Крестьянская Красноармейская Подгорная Парковая Московская Интернациональная Вокзальная Коммунистическая "
    "Песчаная Кузнечная Мельничная Почтовая Больничная Театральная Соборная Троицкая Покровская Никольская "
    "Ильинская Преображенская Спасская Вознесенская Гоголевская Пушкинская Чернышевская Тургеневская "
    "Вологодская Костромская Ярославская Тверская Смоленская Калужская Тульская Орловская Курская Воронежская "
    "Тамбовская Пензенская Самарская Казанская Уфимская Пермская Вятская Тюменская Омская Томская Иркутская "
    "Читинская Амурская Хабаровская Камская Волжская Донская Окская Уральская Сибирская Алтайская Байкальская "
    "Балтийская Черноморская Каспийская Беломорская Невская Ладожская Онежская Двинская Печорская Обская "
    "Енисейская Ленская Брестская Минская Киевская Полтавская Рижская Таллинская Вильнюсская Варшавская "
    "Софийская Пражская Дунайская Липовая Берёзовая Дубовая Кленовая Рябиновая Сиреневая Черёмуховая Тополиная "
    "Вишнёвая Яблоневая Малиновая Ореховая Сосновая Еловая Кедровая Осиновая Ивовая Каштановая Цветочная "
    "Васильковая Ромашковая Хвойная Грибная Родниковая Ключевая Озёрная Прудовая Морская Портовая Якорная "
    "Корабельная Верфяная Лоцманская Рыбацкая Охотничья Огородная Хлебная Мясницкая Кожевенная Гончарная "
    "Литейная Механическая Электрическая Химическая Текстильная Фабричная Шахтёрская Рудничная Угольная "
    "Нефтяная Газовая Строительная Кирпичная Бетонная Каменная Гранитная Мраморная Известковая Карьерная "
    "Трудовая Производственная Технологическая Инженерная Научная Студенческая Университетская Библиотечная "
    "Музейная Олимпийская Спортивная Физкультурная Стадионная Авиационная Аэродромная Самолётная Вертолётная "
    "Ракетная Звёздная Лунная Космическая Радужная Весенняя Летняя Осенняя Зимняя Утренняя Вечерняя Тихая "
    "Светлая Ясная Дальняя Ближняя Окружная Кольцевая Проезжая Просёлочная Тракторная Полигонная Гвардейская "
    "Танковая Артиллерийская Сапёрная Кавалерийская Казачья Партизанская Краснофлотская Морозная Снежная "
    "Ветровая Дорожная Складская Базарная Торговая Купеческая Дворянская Мещанская Ямская Стрелецкая "
    "Пушкарская Посадская Слободская Монастырская Кремлёвская Архивная Конная Сенная"
)
_SURNAMES = spaced(
    "Ленина Кирова Гагарина Пушкина Калинина Горького Чапаева Титова Свердлова Лермонтова Чехова Дзержинского "
    "Фрунзе Куйбышева Гоголя Некрасова Маяковского Есенина Тургенева Островского Крылова Ломоносова Менделеева "
    "Павлова Пирогова Мичурина Тимирязева Вавилова Циолковского Королёва Курчатова Жуковского Чкалова "
    "Водопьянова Громова Папанина Седова Лазо Щорса Котовского Будённого Ворошилова Блюхера Тухачевского "
    "Жукова Рокоссовского Конева Василевского Малиновского Говорова Черняховского Ватутина Панфилова Доватора "
    "Карбышева Матросова Гастелло Талалихина Маресьева Покрышкина Кожедуба Космодемьянской Чайкиной Морозова "
    "Голикова Дубинина Кошевого Громовой Суворова Кутузова Нахимова Ушакова Макарова Багратиона Невского "
    "Донского Пожарского Минина Разина Пугачёва Ермака Хабарова Беринга Дежнёва Лазарева Невельского Арсеньева "
    "Обручева Комарова Терешковой Леонова Беляева Добровольского Волкова Чайковского Глинки Мусоргского "
    "Бородина Рахманинова Шостаковича Репина Сурикова Левитана Шишкина Айвазовского Врубеля Серова Кустодиева "
    "Толстого Достоевского Герцена Белинского Добролюбова Писарева Чернышевского Грибоедова Радищева Рылеева "
    "Пестеля Бестужева Плеханова Красина Луначарского Бабушкина Баумана Володарского Урицкого Воровского "
    "Войкова Цюрупы Орджоникидзе Микояна Тельмана Либкнехта Люксембург Димитрова Тольятти Фучика Энгельса "
    "Бебеля Лафарга Халтурина Желябова Перовской Засулич Шевченко Франко Тараканова Станиславского Щепкина "
    "Мочалова Ермоловой Шаляпина Собинова Попова Яблочкова Можайского Ползунова Кулибина Черепановых Демидова "
    "Строганова Тимофеева Сергеева Фёдорова Никитина Кольцова Плещеева Тютчева Фета Блока Ахматовой Цветаевой "
    "Пастернака Бунина Куприна Шолохова Фадеева Фурманова Серафимовича Гайдара Маршака Чуковского"
)
_WHOLE = spaced(
    "Карла Маркса|Розы Люксембург|Максима Горького|Юрия Гагарина|Павлика Морозова|Зои Космодемьянской|"
    "Олега Кошевого|Александра Невского|Дмитрия Донского|Степана Разина|Емельяна Пугачёва|Богдана Хмельницкого|"
    "Героев Панфиловцев|Маршала Жукова|Маршала Конева|Маршала Рокоссовского|Генерала Доватора|"
    "Генерала Карбышева|Адмирала Макарова|Адмирала Нахимова|Академика Королёва|Академика Павлова|"
    "Академика Вавилова|Космонавта Комарова|Космонавта Леонова|Лётчика Бабушкина|Капитана Гастелло|"
    "Лейтенанта Шмидта|Композитора Чайковского|Архитектора Власова|Художника Репина|Доктора Гааза|"
    "Профессора Попова|Инженера Черепанова|Сержанта Петрова|Братьев Кашириных|Братьев Волковых|8 Марта|1 Мая|"
    "9 Января|9 Мая|1905 года|40 лет Октября|50 лет Октября|60 лет Победы|30 лет Победы|50-летия ВЛКСМ|"
    "70 лет Октября|XXII Партсъезда|XX Партсъезда|III Интернационала|Парижской Коммуны|Красной Армии|"
    "Красных Партизан|Мира|Труда|Победы|Свободы|Дружбы|Дружбы Народов|Космонавтов|Строителей|Металлургов|"
    "Химиков|Нефтяников|Энергетиков|Геологов|Железнодорожников|Учителей|Механизаторов|Ветеранов|"
    "Защитников Отечества|Воинов-Интернационалистов|Революции|Декабристов|Народной Воли|Бакинских Комиссаров|"
    "26 Бакинских Комиссаров|Борцов Революции|Партизан|Гражданской Обороны|Красногвардейцев|Советской Армии|"
    "Сакко и Ванцетти|Минина и Пожарского|Салавата Юлаева|Серго Орджоникидзе|Шота Руставели|Тараса Шевченко|"
    "Миклухо-Маклая|Римского-Корсакова|Немировича-Данченко|Бонч-Бруевича|Сухе-Батора|Клары Цеткин|Веры Засулич|"
    "Софьи Перовской|Ивана Франко|Лизы Чайкиной|Ильи Муромца",
    "|",
)
_TYPES = (
    ("улица", "f", 60), ("переулок", "m", 15), ("проезд", "m", 8), ("проспект", "m", 4), ("бульвар", "m", 3),
    ("шоссе", "n", 2), ("набережная", "f", 2), ("площадь", "f", 2), ("тупик", "m", 2), ("аллея", "f", 1),
    ("тракт", "m", 1), ("линия", "f", 1), ("спуск", "m", 1),
)  # fmt: skip
_ENDINGS = {"m": ("ый", "ий", "ий"), "f": ("ая", "яя", "ья"), "n": ("ое", "ее", "ье")}
_STRESSED = frozenset(spaced("Морская Донская Посадская Слободская Ямская Городская Лесная Полевая Речная Степная"))
_CITY_STARTS = spaced("Верхне Нижне Старо Ново Красно Бело Черно Светло Камне Сосно Берёзо Волго Ольхо Дубно Горно")
_CITY_ENDS = spaced("горск реченск озёрск лесье полье славль градово борск ключ мостье каменск слободск")
_PLACES = (
    ("Школа №{n}", "amenity=school", 12), ("Детский сад №{n}", "amenity=kindergarten", 12),
    ("Поликлиника №{n}", "amenity=clinic", 5), ("Городская больница №{n}", "amenity=hospital", 3),
    ("Лицей №{n}", "amenity=school", 2), ("Гимназия №{n}", "amenity=school", 2),
    ("Библиотека имени {s}", "amenity=library", 4), ("Дом культуры «{w}»", "amenity=community_centre", 4),
    ("Кинотеатр «{w}»", "amenity=cinema", 3), ("Стадион «{w}»", "leisure=stadium", 3),
    ("Парк {s}", "leisure=park", 3), ("Сквер {w}", "leisure=park", 2), ("Храм {c}", "amenity=place_of_worship", 5),
    ("Памятник {d}", "historic=memorial", 6), ("Краеведческий музей", "tourism=museum", 1),
    ("{w}", "shop=convenience", 14), ("Кафе «{w}»", "amenity=cafe", 6), ("Гостиница «{w}»", "tourism=hotel", 3),
    ("Рынок «{w}»", "amenity=marketplace", 2), ("Аптека «{w}»", "amenity=pharmacy", 6),
    ("Драматический театр имени {s}", "amenity=theatre", 1), ("{w}", "public_transport=platform", 10),
    ("Механический техникум", "amenity=college", 1), ("Областной онкологический диспансер", "amenity=hospital", 1),
    ("Станция скорой помощи", "emergency=ambulance_station", 1), ("Школа искусств имени {s}", "amenity=school", 2),
)  # fmt: skip
_WORDS = spaced(
    "Радуга Солнышко Восход Рассвет Берёзка Ромашка Юность Спутник Космос Победа Родина Октябрь Заря Маяк "
    "Салют Энергия Прогресс Мечта Росинка Теремок Колосок Дубрава Нива Аврора Звезда Орбита Планета Ветеран "
    "Труд Динамо Локомотив Металлург Текстильщик Кристалл Аметист Изумруд Гранат Каравелла Бригантина Фрегат "
    "Парус Прибой Волна Лагуна Дельфин Меркурий Сатурн Орион Вега Альтаир Сириус Феникс Пегас Кентавр Атлант "
    "Богатырь Витязь Илья Садко Лукоморье Жемчужина"
)
_CHURCHES = spaced(
    "Покрова Пресвятой Богородицы|Николая Чудотворца|Преображения Господня|Святой Троицы|Рождества Христова|"
    "Казанской иконы Божией Матери|Александра Невского|Георгия Победоносца|Архангела Михаила",
    "|",
)
_MEMORIALS = spaced(
    "В. И. Ленину|А. С. Пушкину|Неизвестному солдату|Воинам-освободителям|Героям Гражданской войны|"
    "С. М. Кирову|Жертвам репрессий|Петру и Февронии|Труженикам тыла|Основателям города|Юрию Гагарину|"
    "Первому паровозу",
    "|",
)


@dataclass(frozen=True)
class Plan:
    """How big an invented gazetteer is; `seed` makes it reproducible."""

    cities: int = 3
    streets: int = 300
    houses_per_street: int = 18
    objects: int = 120
    seed: int = 1


def invent(plan: Plan) -> Gazetteer:
    """A gazetteer of invented cities: settlements, streets, addresses, objects and microdistricts."""
    draw = random.Random(plan.seed)
    tables: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("settlements", "streets", "addresses", "pois", "areas")
    }
    for city in _city_names(draw, plan.cities):
        _add_city(draw, tables, city, plan)
    cleaned: dict[str, Any] = {
        name: clean_table(name, pd.DataFrame(rows).astype(str).replace("nan", ""))[0]
        for name, rows in tables.items()
        if rows
    }
    gazetteer = Gazetteer(**cleaned)
    return Gazetteer(**cleaned, version=version_of(gazetteer))


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """The options by which every tool here is told its addresses: a folder, invented cities, or both together."""
    parser.add_argument("--gazetteer", type=Path)
    parser.add_argument("--invented", type=int, default=0, help="number of invented cities")
    parser.add_argument("--streets", type=int, default=300, help="streets per invented city")
    parser.add_argument("--houses", type=int, default=18, help="house numbers per invented street")
    parser.add_argument("--seed", type=int, default=1)


def given_tables(args: argparse.Namespace) -> Gazetteer:
    """The gazetteer these options ask for; three invented cities when they ask for none."""
    parts = [read_folder(args.gazetteer)[0]] if args.gazetteer else []
    if args.invented or not parts:
        parts.append(invent(Plan(args.invented or 3, args.streets, args.houses, seed=args.seed)))
    return merged(parts) if len(parts) > 1 else parts[0]


def _city_names(draw: random.Random, count: int) -> list[str]:
    names: list[str] = []
    while len(names) < count:
        name = draw.choice(_CITY_STARTS) + draw.choice(_CITY_ENDS)
        if name not in names:
            names.append(name)
    return names


def _add_city(draw: random.Random, tables: dict[str, list[dict[str, object]]], city: str, plan: Plan) -> None:
    lat, lon = draw.uniform(52, 60), draw.uniform(33, 85)
    number = len(tables["settlements"])
    tables["settlements"].append(
        {
            "id": f"c{number}",
            "name": city,
            "region": "Светлогорская область",
            "lat": lat,
            "lon": lon,
            "population": 90000,
        }
    )
    style = draw.choice(("osm", "register", "plain"))
    side = math.sqrt(plan.streets) * 160
    for name in sorted(street_names(draw, plan.streets)):
        _add_street(draw, tables, city, name, (lat, lon), side, style, plan.houses_per_street)
    _add_objects(draw, tables, city, (lat, lon), side, plan.objects)
    _add_areas(draw, tables, city, (lat, lon), side)


def street_names(draw: random.Random, count: int) -> set[str]:
    """Names with their type, as OpenStreetMap writes them."""
    kinds = [(kind, gender) for kind, gender, _ in _TYPES]
    weights = [weight for *_, weight in _TYPES]
    names: set[str] = set()
    while len(names) < count:
        kind, gender = draw.choices(kinds, weights)[0]
        names.update(_one_name(draw, kind, gender))
    return set(sorted(names)[:count]) if len(names) > count else names


def _one_name(draw: random.Random, kind: str, gender: str) -> set[str]:
    roll = draw.random()
    if roll < 0.42 and kind != "линия":
        word = _in_gender(draw.choice(_FEMININE), gender)
        return _numbered_or_qualified(draw, word, kind, gender)
    if roll < 0.72 and kind not in ("линия", "спуск"):
        return {_ordered(kind, draw.choice(_SURNAMES))}
    if roll < 0.92 and kind not in ("линия", "спуск", "тупик"):
        return {_ordered(kind, draw.choice(_WHOLE))}
    if kind in ("линия", "проезд", "тупик"):
        return {f"{number}-{'я' if gender == 'f' else 'й'} {kind}" for number in range(1, draw.randint(3, 9))}
    return {_ordered(kind, draw.choice(_SURNAMES))}


def _ordered(kind: str, name: str) -> str:
    return f"{kind} {name}"


def _numbered_or_qualified(draw: random.Random, word: str, kind: str, gender: str) -> set[str]:
    roll = draw.random()
    ordinal = {"m": "й", "f": "я", "n": "е"}[gender]
    if roll < 0.14:
        return {f"{number}-{ordinal} {word} {kind}" for number in range(1, draw.randint(3, 6))}
    if roll < 0.22:
        pair = draw.choice((("Большая", "Малая"), ("Верхняя", "Нижняя"), ("Старая", "Новая")))
        return {f"{_in_gender(first, gender)} {word} {kind}" for first in pair}
    return {f"{word} {kind}"}


def _in_gender(feminine: str, gender: str) -> str:
    """An adjective of the feminine list for another gender."""
    if gender == "f":
        return feminine
    if feminine == "Большая":
        return {"m": "Большой", "n": "Большое"}[gender]
    bare, ending = feminine[:-2], feminine[-2:]
    if ending == "ья":
        return bare + {"m": "ий", "n": "ье"}[gender]
    if ending == "яя":
        return bare + {"m": "ий", "n": "ее"}[gender]
    if gender == "n":
        return bare + "ое"
    if feminine in _STRESSED:
        return bare + "ой"
    return bare + ("ий" if bare[-1] in "кгхжшчщ" else "ый")


def _add_street(
    draw: random.Random, tables: dict[str, list[dict[str, object]]], city: str, name: str,
    centre: tuple[float, float], side: float, style: str, houses: int,
) -> None:  # fmt: skip
    x, y, angle = draw.uniform(-side, side), draw.uniform(-side, side), draw.uniform(0, math.pi)
    count = max(2, int(draw.expovariate(1 / houses)))
    length = count / 2 * 28
    middle = _at(centre, x + math.cos(angle) * length / 2, y + math.sin(angle) * length / 2)
    street_id = f"s{len(tables['streets'])}"
    tables["streets"].append({"id": street_id, "city": city, "name": name, "lat": middle[0], "lon": middle[1]})
    number = 0
    for place in range(count):
        number += draw.choice((1, 1, 1, 1, 2, 3))
        along, across = place / 2 * 28, (14 if number % 2 else -14)
        for part, text in enumerate(_house_texts(draw, number, style)):
            spot = _at(
                centre,
                x + math.cos(angle) * along - math.sin(angle) * (across + part * 22 * (1 if across > 0 else -1)),
                y + math.sin(angle) * along + math.cos(angle) * (across + part * 22 * (1 if across > 0 else -1)),
            )
            tables["addresses"].append(
                {"id": f"a{len(tables['addresses'])}", "city": city, "street": name, "housenumber": text,
                 "lat": spot[0], "lon": spot[1]}
            )  # fmt: skip


def _at(centre: tuple[float, float], east: float, north: float) -> tuple[float, float]:
    return (
        round(centre[0] + north / 111_195, 6),
        round(centre[1] + east / (111_195 * math.cos(math.radians(centre[0]))), 6),
    )


def _house_texts(draw: random.Random, number: int, style: str) -> list[str]:
    """The buildings of one number: mostly one, sometimes korpuses, literas, letters or a corner house."""
    roll = draw.random()
    if roll < 0.68:
        return [str(number)]
    if roll < 0.78:
        letters = draw.choice(("А", "АБ", "Б"))
        return [str(number)] * draw.randint(0, 1) + [f"{number}{letter}" for letter in letters]
    if roll < 0.88:
        word = {"osm": "{} к{}", "register": "{}, корпус {}", "plain": "{}к{}"}[style]
        return [str(number)] * draw.randint(0, 1) + [word.format(number, k) for k in range(1, draw.randint(2, 5))]
    if roll < 0.93:
        return [f"{number}/{draw.randint(1, 60)}"]
    word = {"osm": "{} с{}", "register": "{}, строение {}", "plain": "{} стр. {}"}[style]
    if roll < 0.97:
        return [str(number)] + [word.format(number, k) for k in range(1, draw.randint(2, 4))]
    return [f"{number} лит{letter}" for letter in "АБВ"[: draw.randint(1, 3)]]


def _add_objects(
    draw: random.Random, tables: dict[str, list[dict[str, object]]], city: str, centre: tuple[float, float], side: float,
    count: int,
) -> None:  # fmt: skip
    weights = [weight for *_, weight in _PLACES]
    for _ in range(count):
        pattern, kind, _ = draw.choices(_PLACES, weights)[0]
        name = pattern.format(
            n=draw.randint(1, 80),
            s=draw.choice(_SURNAMES),
            w=draw.choice(_WORDS),
            c=draw.choice(_CHURCHES),
            d=draw.choice(_MEMORIALS),
        )
        lat, lon = _at(centre, draw.uniform(-side, side), draw.uniform(-side, side))
        tables["pois"].append(
            {"id": f"p{len(tables['pois'])}", "city": city, "name": name, "kind": kind, "lat": lat, "lon": lon}
        )


def _add_areas(
    draw: random.Random, tables: dict[str, list[dict[str, object]]], city: str, centre: tuple[float, float], side: float
) -> None:
    names = [f"микрорайон {word}" for word in draw.sample(spaced("Южный Северный Солнечный Лесной Заречный"), 3)]
    names += [f"{number}-й микрорайон" for number in range(1, 4)] + [f"ТОС «{word}»" for word in draw.sample(_WORDS, 3)]
    names += [f"{word} район" for word in draw.sample(["Ленинский", "Советский", "Октябрьский", "Заводской"], 2)]
    for name in names:
        lat, lon = _at(centre, draw.uniform(-side, side) / 2, draw.uniform(-side, side) / 2)
        tables["areas"].append(
            {"id": f"t{len(tables['areas'])}", "city": city, "name": name, "kind": "microdistrict", "lat": lat, "lon": lon,
             "radius_m": 600}
        )  # fmt: skip
