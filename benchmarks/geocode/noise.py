"""How do people write addresses? Queries with known answers, made from any address table.

Takes a gazetteer (the folder format of `okruga load gazetteer`) and writes queries of some forty kinds: spellings of
one house, misspellings, transliteration, declension, sentences, vaguer texts that must come back vaguer, homonyms that
must be called ambiguous, and texts that must be refused. The spelling here is deliberately its own: it shares no code
with the engine it tests.
"""

from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from difflib import SequenceMatcher
from functools import partial
from typing import Any

import pandas as pd

from geo.geocode.gazetteer import Gazetteer
from geo.geocode.wordlist import spaced


@dataclass(frozen=True)
class Query:
    """A text and what must come of it; `scope` is the municipality the caller knows, empty when none.

    expect: match (within tolerance_m of lat, lon, not finer than level), ambiguous, or refuse.
    """

    id: str
    query: str
    scope: str
    expect: str
    lat: float | None
    lon: float | None
    tolerance_m: float | None
    level: str
    kind: str
    gazetteer_id: str = ""
    note: str = ""


COLUMNS = tuple(field.name for field in fields(Query))
HOUSE_TOLERANCE_M = 60.0
OBJECT_TOLERANCE_M = 150.0
SETTLEMENT_TOLERANCE_M = 8000.0

_ABBREVIATIONS = {
    "улица": ("ул.", "ул", "УЛ.", "ул-ца", "улица"), "проспект": ("пр-т", "пр-кт", "просп.", "пр."),
    "переулок": ("пер.", "пер", "переул."), "проезд": ("пр-д", "проезд", "пр."), "бульвар": ("б-р", "бул.", "бульв."),
    "шоссе": ("ш.", "шоссе", "ш"), "набережная": ("наб.", "наб", "набережная"), "площадь": ("пл.", "пл", "площадь"),
    "тупик": ("туп.", "тупик"), "аллея": ("ал.", "аллея"), "линия": ("л.", "лин.", "линия"), "тракт": ("тракт",),
    "спуск": ("спуск",), "микрорайон": ("мкр.", "мкр", "м-н"), "квартал": ("кв-л", "квартал"),
}  # fmt: skip
_LOCATIVE = {
    "улица": "улице", "проспект": "проспекте", "переулок": "переулке", "проезд": "проезде", "бульвар": "бульваре",
    "шоссе": "шоссе", "набережная": "набережной", "площадь": "площади", "тупик": "тупике", "аллея": "аллее",
    "линия": "линии", "тракт": "тракте", "спуск": "спуске",
}  # fmt: skip
_TITLES = frozenset(
    spaced(
        "Маршала Генерала Адмирала Академика Космонавта Лётчика Капитана Лейтенанта Композитора Архитектора "
        "Художника Доктора Профессора Инженера Сержанта Героя Карла Розы Максима Юрия Павлика Зои Олега "
        "Александра Дмитрия Степана Емельяна Богдана Серго Клары Веры Софьи Ивана Лизы Тараса Шота"
    )
)
_STORIES = (
    "Яма на дороге напротив дома", "Нужна детская площадка около дома", "Не горит фонарь возле", "Не вывозят мусор у дома",
    "Прошу отремонтировать тротуар рядом с", "Сломана скамейка во дворе по адресу", "Протекает крыша, адрес:",
    "Просим установить светофор напротив", "Упало дерево около", "Требуется ремонт подъезда по адресу",
)  # fmt: skip
_STANDARDS = (
    dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", ["a","b","v","g","d","e","zh","z","i","y","k","l","m","n","o","p","r","s","t",
        "u","f","kh","ts","ch","sh","shch","","y","","e","yu","ya"], strict=True)) | {"ё": "yo"},
    dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", ["a","b","v","g","d","e","zh","z","i","j","k","l","m","n","o","p","r","s","t",
        "u","f","h","c","ch","sh","shh","","y","'","e","yu","ya"], strict=True)) | {"ё": "yo"},
    dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", ["a","b","v","g","d","e","zh","z","i","i","k","l","m","n","o","p","r","s","t",
        "u","f","kh","ts","ch","sh","shch","ie","y","","e","iu","ia"], strict=True)) | {"ё": "e"},
)  # fmt: skip
_KEYS = "йцукенгшщзхъ фывапролджэ ячсмитьбю"
_ALPHABET = "абвгдежзийклмнопрстуфхцчшщыьэюя"
_LAYOUT = dict(zip("йцукенгшщзхъфывапролджэячсмитьбюё.,", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`/?", strict=True))
_LOOKALIKES = str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")
_HOUSE = re.compile(
    r"^(?:(владение|вл\.?|в)\s*)?(\d+)([А-Яа-я]?)((?:[/-]\d+[А-Яа-я]?)*)((?:[,\s]*(?:корпус|корп\.?|к|строение|стр\.?|с|литера|лит|сооружение)\.?\s*[\dА-Яа-я]+)*)$",
    re.I,
)
_PART = re.compile(r"(корпус|корп\.?|к|строение|стр\.?|сооружение|с|литера|лит)\.?\s*(\d+[А-Яа-я]?|[А-Яа-я]\d*)", re.I)
_PART_STYLES = {
    "к": ("к{}", " к{}", " к {}", " корп. {}", ", корпус {}", " корп.{}", ", к. {}", " корпус {}"),
    "с": (" с{}", " стр. {}", ", строение {}", " стр{}", " стр.{}", ", стр. {}"),
    "лит": (" лит{}", " лит. {}", ", литера {}", " литер {}", ", лит. {}"),
    "соор": (", сооружение {}", " соор. {}"),
}
_PLAIN_STYLES = {"к": " к{}", "с": " с{}", "лит": " лит{}", "соор": ", сооружение {}"}


@dataclass(frozen=True)
class HouseText:
    """A register's house number taken apart, so that it can be written otherwise."""

    estate: bool
    number: str
    letter: str
    second: str
    parts: tuple[tuple[str, str], ...]

    def write(self, draw: random.Random | None = None) -> str:
        """The number as one person would write it; without a draw the plain way."""
        text = ("вл. " if self.estate else "") + self.number + self._letter(draw) + self.second
        for kind, value in self.parts:
            style = draw.choice(_PART_STYLES[kind]) if draw else _PLAIN_STYLES[kind]
            text += style.format(value)
        return text

    def _letter(self, draw: random.Random | None) -> str:
        if not self.letter or draw is None:
            return self.letter
        return draw.choice(
            (
                self.letter,
                self.letter.lower(),
                self.letter.upper(),
                f" {self.letter.lower()}",
                f'"{self.letter}"',
                f"-{self.letter.lower()}",
            )
        )


def read_house_text(text: str) -> HouseText | None:
    """None for numbers this small reader does not know; their addresses are left out of the queries."""
    found = _HOUSE.match(text.strip())
    if not found:
        return None
    kinds = {"к": "к", "корпус": "к", "корп": "к", "с": "с", "стр": "с", "строение": "с", "лит": "лит", "литера": "лит",
             "сооружение": "соор"}  # fmt: skip
    parts = tuple((kinds[kind.lower().rstrip(".")], value) for kind, value in _PART.findall(found[5] or ""))
    return HouseText(bool(found[1]), found[2], found[3], found[4], parts)


@dataclass(frozen=True)
class Row:
    """One address with its street's name taken apart."""

    id: str
    city: str
    kind: str
    core: str
    order: str
    house: HouseText
    lat: float
    lon: float
    region: str

    def street(self, kind: str | None = None, *, first: bool | None = None) -> str:
        """The street with another word for its type, type first or last; an empty kind leaves it out."""
        kind = self.kind if kind is None else kind
        before = self.order == "first" if first is None else first
        return " ".join(part for part in ((kind, self.core) if before else (self.core, kind)) if part)


class World:
    """A gazetteer prepared for making queries."""

    def __init__(self, gazetteer: Gazetteer, seed: int) -> None:
        self.gazetteer = gazetteer
        self.draw = random.Random(seed)
        self.settlements = gazetteer.settlements.drop_duplicates("id")
        self._namesakes: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        for name, lat, lon, region in self.settlements[["name", "lat", "lon", "region"]].itertuples(index=False):
            self._namesakes[name].append((lat, lon, region))
        self.rows = [row for row in map(self._row, gazetteer.addresses.itertuples(index=False)) if row is not None]
        self.houses: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.by_core: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.without_title: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self.rows:
            self.houses[row.city, row.street()].append(row)
        for name, city in zip(gazetteer.streets["name"], gazetteer.streets["city"], strict=True):
            kind, core, _ = split_street(name)
            self.by_core[city, _folded(core)].add(kind)
        for row in self.rows:
            self.by_core[row.city, _folded(row.core)].add(row.kind)
            self.without_title[row.city, row.kind].add(_without_title(row.core))
        self._count = 0

    def _row(self, address: Any) -> Row | None:
        house = read_house_text(address.housenumber)
        kind, core, order = split_street(address.street)
        if house is None or not kind or math.isnan(address.lat):
            return None
        return Row(
            address.id,
            address.city,
            kind,
            core,
            order,
            house,
            address.lat,
            address.lon,
            self._region(address.city, address.lat, address.lon),
        )

    def _region(self, city: str, lat: float, lon: float) -> str:
        """Of several settlements with the name the nearest is meant, as everywhere in a gazetteer."""
        named = self._namesakes.get(city)
        return min(named, key=lambda place: metres(lat, lon, place[0], place[1]))[2] if named else ""

    def number(self) -> str:
        """The id of the next query."""
        self._count += 1
        return f"q{self._count:05d}"

    def address(self) -> Row:
        """An address whose house text names one building of its street."""
        while True:
            row = self.draw.choice(self.rows)
            if self.is_unique(row):
                return row

    def is_unique(self, row: Row) -> bool:
        """Whether no other house of the street is written like this one."""
        text = row.house.write()
        twins = [other for other in self.houses[row.city, row.street()] if other.house.write() == text]
        return all(metres(row.lat, row.lon, other.lat, other.lon) < HOUSE_TOLERANCE_M for other in twins)


def split_street(name: str) -> tuple[str, str, str]:
    """(type, rest, "first" or "last"): "улица Мира" and "Садовая улица"."""
    words = name.split()
    if words[0].lower() in _ABBREVIATIONS and len(words) > 1:
        return words[0].lower(), " ".join(words[1:]), "first"
    if words[-1].lower() in _ABBREVIATIONS and len(words) > 1:
        return words[-1].lower(), " ".join(words[:-1]), "last"
    for place, word in enumerate(words):
        if word.lower() in _ABBREVIATIONS and len(words) > 1:
            return word.lower(), " ".join(words[:place] + words[place + 1 :]), "last"
    return "", name, "first"


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Distance between near points."""
    k = math.pi / 180
    return 6371000 * math.hypot((other_lon - lon) * k * math.cos((lat + other_lat) * k / 2), (other_lat - lat) * k)


def _folded(text: str) -> str:
    return re.sub(r"(ая|яя|ый|ий|ой|ое|ее)\b", "", text.lower().replace("ё", "е"))


def _without_title(core: str) -> str:
    words = core.split()
    return _folded(" ".join(words[1:] if len(words) == 2 and words[0] in _TITLES else words))


# ---- one house, many spellings -------------------------------------------------------------------------------


def _town(world: World, row: Row) -> str:
    return world.draw.choice((row.city, f"г. {row.city}", f"г.{row.city}", f"гор. {row.city}", f"город {row.city}"))


def _kind(world: World, row: Row) -> str:
    return world.draw.choice(_ABBREVIATIONS[row.kind])


def _d(world: World) -> str:
    return world.draw.choice(("", "д. ", "д.", "дом ", "д "))


def clean(_: World, row: Row) -> tuple[str, str]:
    return f"{row.city}, {row.street()}, {row.house.write()}", ""


def abbreviations(world: World, row: Row) -> tuple[str, str]:
    first = world.draw.random() < 0.6 or row.order == "first"
    region = f"{row.region}, " if row.region and world.draw.random() < 0.3 and row.region != row.city else ""
    return (
        f"{region}{_town(world, row)}, {row.street(_kind(world, row), first=first)}, {_d(world)}{row.house.write()}",
        "",
    )


def register(world: World, row: Row) -> tuple[str, str]:
    kind = world.draw.choice(_ABBREVIATIONS[row.kind]).rstrip(".")
    name = row.core
    ordinal = re.match(r"(\d+-(?:я|й|е)) (.+)", name)
    if ordinal and world.draw.random() < 0.7:
        name = f"{ordinal[2]} {ordinal[1]}"
    street = world.draw.choice((f"{name} {kind}", f"{kind}. {name}", f"{kind} {name}"))
    return f"{street}, д. {row.house.write(world.draw)}, {row.city}", ""


def order_swapped(world: World, row: Row) -> tuple[str, str]:
    comma = world.draw.choice((" ", ", "))
    return f"{row.street(_kind(world, row), first=world.draw.random() < 0.5)} {row.house.write()}{comma}{row.city}", ""


def no_type(_: World, row: Row) -> tuple[str, str]:
    return f"{row.city} {row.core} {row.house.write()}", ""


def no_city(world: World, row: Row) -> tuple[str, str]:
    first = world.draw.random() < 0.5
    return f"{row.street(_kind(world, row), first=first)} {_d(world)}{row.house.write(world.draw)}", row.city


def bare(world: World, row: Row) -> tuple[str, str]:
    """ "Садовая 5": what people write where the town is plain from the form."""
    return f"{row.core}{world.draw.choice((' ', ', ', ' д. '))}{row.house.write(world.draw)}", row.city


def one_typo(world: World, row: Row) -> tuple[str, str]:
    return f"{_town(world, row)}, {misspell(world.draw, row.street(), row.core, 1)}, {row.house.write()}", ""


def two_typos(world: World, row: Row) -> tuple[str, str]:
    return f"{_town(world, row)}, {misspell(world.draw, row.street(), row.core, 2)}, {row.house.write()}", ""


def misspell(draw: random.Random, text: str, core: str, count: int) -> str:
    """Typing errors in the longest word of the name: left out, doubled, exchanged, swapped, a key beside."""
    word = max(re.findall(r"[А-Яа-яЁё]+", core), key=len)
    changed = word
    for _ in range(count if len(word) > 5 else 1):
        changed = _one_error(draw, changed)
    return text.replace(word, changed)


def _one_error(draw: random.Random, word: str) -> str:
    at = draw.randrange(1, len(word)) if len(word) > 2 else 0
    match draw.choice(("drop", "double", "swap", "replace", "insert")):
        case "drop":
            return word[:at] + word[at + 1 :]
        case "double":
            return word[:at] + word[at] + word[at:]
        case "swap" if at + 1 < len(word):
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "insert":
            return word[:at] + draw.choice(_ALPHABET) + word[at:]
    beside = list(_beside(word[at].lower()))
    return word[:at] + draw.choice(beside or list(_ALPHABET)) + word[at + 1 :]


def _beside(letter: str) -> str:
    place = _KEYS.find(letter)
    return (_KEYS[place - 1 : place] + _KEYS[place + 1 : place + 2]).replace(" ", "") if place >= 0 else ""


def transliterated(world: World, row: Row) -> tuple[str, str]:
    text = f"{row.city}, {row.street()} {row.house.write()}"
    return latin(text, world.draw.choice(_STANDARDS)), ""


def latin(text: str, standard: dict[str, str]) -> str:
    letters = []
    for letter in text:
        written = standard.get(letter.lower(), letter)
        letters.append(written.capitalize() if letter.isupper() else written)
    return "".join(letters)


def case_changed(world: World, row: Row) -> tuple[str, str]:
    text = f"{row.city} {row.street()} {row.house.write()}"
    return (text.lower() if world.draw.random() < 0.6 else text.upper()).replace("ё", "е").replace("Ё", "Е"), ""


def glued(world: World, row: Row) -> tuple[str, str]:
    kind = _ABBREVIATIONS[row.kind][0].rstrip(".") + "."
    house = row.house.write().replace(" ", "").replace(",", "")
    return f"{world.draw.choice(('', 'г.'))}{row.city},{kind}{row.core},д.{house}", ""


def apartment(world: World, row: Row) -> tuple[str, str]:
    head = world.draw.choice(("РФ, ", "190000, ", "", "Россия, ", f"{world.draw.randint(100000, 699999)}, "))
    n = world.draw.randint(1, 200)
    tail = world.draw.choice((f", кв.{n}", f", кв. {n}", f", квартира {n}", f", подъезд {n % 9 + 1}", f", оф. {n}", f" кв {n}",
                              f", {n % 9 + 1} этаж", f", пом. {n}", f", комн. {n % 30 + 1}", f", под. 2, эт. 3, кв. {n}"))  # fmt: skip
    return f"{head}{_town(world, row)}, {row.street(_kind(world, row))}, д. {row.house.write(world.draw)}{tail}", ""


def korpus_forms(world: World, row: Row) -> tuple[str, str]:
    return f"{row.city}, {row.street()}, {_d(world)}{row.house.write(world.draw)}", ""


def declined(world: World, row: Row) -> tuple[str, str]:
    city = locative_city(row.city)
    kind = _LOCATIVE.get(row.kind, row.kind)
    core = " ".join(map(locative_word, row.core.split())) if row.order == "last" else row.core
    first = world.draw.random() < 0.7
    return f"на {row.street(kind, first=first).replace(row.core, core)} в доме {row.house.write()}, в {city}", ""


def locative_word(word: str) -> str:
    for ending, other in (
        ("ая", "ой"),
        ("яя", "ей"),
        ("ий", "ом"),
        ("ый", "ом"),
        ("ой", "ом"),
        ("ое", "ом"),
        ("ее", "ем"),
    ):
        if word.endswith(ending) and len(word) > 4:
            return word[: -len(ending)] + other
    return word


def locative_city(city: str) -> str:
    for ending, other in (
        ("ь", "и"),
        ("а", "е"),
        ("я", "е"),
        ("ое", "ом"),
        ("ий", "ом"),
        ("ый", "ом"),
        ("ы", "ах"),
        ("и", "ах"),
    ):
        if city.endswith(ending):
            return city[: -len(ending)] + other
    return city + "е" if city[-1] not in "оеёиу" else city


def in_sentence(world: World, row: Row) -> tuple[str, str]:
    first = world.draw.random() < 0.5
    return (
        f"{world.draw.choice(_STORIES)} {row.street(_kind(world, row), first=first)}, {row.house.write(world.draw)} ({_town(world, row)})",
        row.city,
    )


def combination(world: World, row: Row) -> tuple[str, str]:
    street = misspell(world.draw, row.street(_kind(world, row)), row.core, 1)
    return f"{_town(world, row)} {street} {row.house.write()}".lower().replace("ё", "е"), ""


def wrong_layout(_: World, row: Row) -> tuple[str, str]:
    text = f"{row.city} {row.street()} {row.house.number}{row.house.second}"
    return "".join(_LAYOUT.get(c, _LAYOUT.get(c.lower(), c).upper() if c.isalpha() else c) for c in text), ""


def lookalikes(world: World, row: Row) -> tuple[str, str]:
    letters = [c.translate(_LOOKALIKES) if world.draw.random() < 0.3 else c for c in f"{row.city}, {row.street()}"]
    return f"{''.join(letters)}, {row.house.write()}", ""


def title_dropped(world: World, row: Row) -> tuple[str, str]:
    words = row.core.split()
    core = " ".join(words[1:]) if len(words) == 2 and words[0] in _TITLES else row.core
    return f"{row.city}, {_kind(world, row)} {core}, {row.house.write()}", ""


def initials(world: World, row: Row) -> tuple[str, str]:
    words = row.core.split()
    core = f"{words[0][0]}. {words[1]}" if len(words) == 2 and words[0] in _TITLES else row.core
    return f"{row.city}, {_kind(world, row)} {core}, д. {row.house.write()}", ""


def long_form(world: World, row: Row) -> tuple[str, str]:
    region = f"{row.region}, " if row.region and row.region != row.city else ""
    return (
        f"{world.draw.randint(100000, 699999)}, Российская Федерация, {region}городской округ {row.city}, город {row.city}, {row.street()}, дом {row.house.write(world.draw)}",
        "",
    )


HOUSE_KINDS: dict[str, Callable[[World, Row], tuple[str, str]]] = {
    "clean": clean, "abbreviations": abbreviations, "register": register, "order": order_swapped, "no_type": no_type,
    "no_city": no_city, "bare": bare, "typo1": one_typo, "typo2": two_typos, "translit": transliterated, "case": case_changed,
    "glued": glued, "apartment": apartment, "korpus": korpus_forms, "declined": declined, "sentence": in_sentence,
    "combination": combination, "layout": wrong_layout, "lookalikes": lookalikes, "title_dropped": title_dropped,
    "initials": initials, "long_form": long_form,
}  # fmt: skip


_WITHOUT_TYPE = ("no_type", "bare")


def house_query(world: World, kind: str) -> Query | None:
    """A query of one of HOUSE_KINDS; None when the draw would be ambiguous for a person, too."""
    return spell(world, kind, world.address())


def spell(world: World, kind: str, row: Row) -> Query | None:
    """One address in one form; None when the form leaves too little of it for anybody to tell."""
    kinds = world.by_core[row.city, _folded(row.core)]
    if kind in _WITHOUT_TYPE and len(kinds) > 1:
        return None
    if kind in ("title_dropped", "initials") and not _has_own_surname(world, row):
        return None
    if kind in ("typo1", "typo2", "combination") and max(map(len, re.findall(r"[А-Яа-яЁё]+", row.core)), default=0) < 4:
        return None
    if kind == "layout" and (row.house.letter or row.house.parts or row.house.estate):
        return None
    text, scope = HOUSE_KINDS[kind](world, row)
    return _match(world, kind, text, scope, row.lat, row.lon, HOUSE_TOLERANCE_M, "house", row.id)


def _has_own_surname(world: World, row: Row) -> bool:
    """A title before a surname no other street of the town bears."""
    words = row.core.split()
    if len(words) != 2 or words[0] not in _TITLES:
        return False
    alike = [
        core for city, core in world.by_core if city == row.city and core.split()[-1][:-1] == _folded(words[1])[:-1]
    ]
    return len(alike) == 1 and len(world.by_core[row.city, alike[0]]) == 1


def _match(
    world: World, kind: str, text: str, scope: str, lat: float, lon: float, tolerance: float, level: str, ref: str
) -> Query:
    return Query(world.number(), text, scope, "match", lat, lon, tolerance, level, kind, ref)


# ---- vaguer texts --------------------------------------------------------------------------------------------


def house_absent(world: World) -> Query | None:
    """A number far beyond the last one: the street, never another house."""
    row = world.address()
    numbers = [int(other.house.number) for other in world.houses[row.city, row.street()]]
    text = f"{_town(world, row)}, {row.street()}, {_d(world)}{max(numbers) + world.draw.randint(60, 200)}"
    return _street_query(world, "house_absent", text, row)


def street_only(world: World) -> Query | None:
    row = world.address()
    text = f"{_town(world, row)}, {row.street(_kind(world, row), first=world.draw.random() < 0.5)}"
    return _street_query(world, "street_only", text, row)


def _street_query(world: World, kind: str, text: str, row: Row) -> Query:
    houses = world.houses[row.city, row.street()]
    lat = sum(other.lat for other in houses) / len(houses)
    lon = sum(other.lon for other in houses) / len(houses)
    reach = max(metres(lat, lon, other.lat, other.lon) for other in houses)
    return _match(world, kind, text, "", lat, lon, max(400.0, reach * 1.2 + 100), "street", row.street())


def base_number_only(world: World) -> Query | None:
    """The number of a group of korpuses or literas without any of them."""
    row = world.address()
    same = [other for other in world.houses[row.city, row.street()] if other.house.number == row.house.number]
    if len(same) < 2 or any(not other.house.parts or other.house.letter or other.house.second for other in same):
        return None
    lat, lon = sum(r.lat for r in same) / len(same), sum(r.lon for r in same) / len(same)
    reach = max(metres(lat, lon, other.lat, other.lon) for other in same)
    if reach > 200:
        return None
    return _match(
        world,
        "base_number_only",
        f"{row.city}, {row.street()}, {row.house.number}",
        "",
        lat,
        lon,
        reach + 80,
        "house_group",
        row.id,
    )


def unknown_part(world: World) -> Query | None:
    """A korpus that does not exist of a number that does."""
    row = world.address()
    same = [other for other in world.houses[row.city, row.street()] if other.house.number == row.house.number]
    lat, lon = sum(r.lat for r in same) / len(same), sum(r.lon for r in same) / len(same)
    reach = max(metres(lat, lon, other.lat, other.lon) for other in same)
    if reach > 150:
        return None
    text = f"{row.city}, {row.street()}, {row.house.number} к{world.draw.randint(11, 30)}"
    return _match(world, "partial_unknown_part", text, "", lat, lon, reach + 100, "house_group", row.id)


def _named_object(world: World) -> Any | None:
    pois = world.gazetteer.pois
    if not len(pois):
        return None
    row = pois.iloc[world.draw.randrange(len(pois))]
    words = re.findall(r"[А-Яа-яЁё]{4,}", row["name"])
    only_town = not re.findall(r"[А-Яа-яЁё]", row["name"].replace(row["city"], ""))
    background = only_town or row["kind"].split("=")[0] in ("public_transport", "railway", "office", "highway")
    same = pois[(pois["city"] == row["city"]) & (pois["name"].map(_plain) == _plain(row["name"]))]
    spread = max(metres(row["lat"], row["lon"], a, b) for a, b in zip(same["lat"], same["lon"], strict=True))
    if background or not words or spread > OBJECT_TOLERANCE_M or len(row["name"]) < 8 or not row["city"]:
        return None
    return row


def object_plain(world: World) -> Query | None:
    row = _named_object(world)
    if row is None:
        return None
    text, scope = world.draw.choice(
        ((f"{row['city']}, {row['name']}", ""), (row["name"], row["city"]), (f"{row['name']}, {row['city']}", ""))
    )
    return _match(world, "poi", text, scope, row["lat"], row["lon"], OBJECT_TOLERANCE_M, "poi", row["id"])


def object_in_context(world: World) -> Query | None:
    row = _named_object(world)
    if row is None:
        return None
    text = world.draw.choice(("возле {}, {}", "рядом с {} ({})", "около {}, г. {}", "напротив {} ({})")).format(
        row["name"], row["city"]
    )
    return _match(world, "poi", text, "", row["lat"], row["lon"], OBJECT_TOLERANCE_M, "poi", row["id"])


def object_misspelt(world: World) -> Query | None:
    row = _named_object(world)
    if row is None or len(max(re.findall(r"[А-Яа-яЁё]+", row["name"]), key=len)) < 7:
        return None
    text = misspell(world.draw, row["name"], row["name"], 1)
    return _match(world, "poi", text, row["city"], row["lat"], row["lon"], OBJECT_TOLERANCE_M, "poi", row["id"])


def area(world: World) -> Query | None:
    areas = world.gazetteer.areas
    if not len(areas):
        return None
    row = areas.iloc[world.draw.randrange(len(areas))]
    name = row["name"].replace("микрорайон", world.draw.choice(("микрорайон", "мкр.", "мкр", "м-н")))
    level = "district" if "район" in row["name"].split() else "area"
    text = world.draw.choice(("{}, {}", "{} ({})", "{}, г. {}")).format(name, row["city"])
    return _match(world, "area", text, "", row["lat"], row["lon"], 1500.0, level, row["id"])


# ---- settlements ---------------------------------------------------------------------------------------------


def _unique_settlement(world: World) -> Any | None:
    table = world.settlements
    row = table.iloc[world.draw.randrange(len(table))]
    if (table["name"].map(_plain) == _plain(row["name"])).sum() > 1 or not re.fullmatch(
        r"[А-Яа-яЁё -]{4,}", row["name"]
    ):
        return None
    return row


def _plain(name: str) -> str:
    return name.lower().replace("ё", "е").replace("-", " ")


def _settlement(world: World, kind: str, text: str, row: Any) -> Query:
    return _match(world, kind, text, "", row["lat"], row["lon"], SETTLEMENT_TOLERANCE_M, "settlement", row["id"])


def settlement_plain(world: World) -> Query | None:
    row = _unique_settlement(world)
    form = world.draw.choice(("{}", "{}", "г. {}", "с. {}", "пос. {}", "в {}"))
    if row is None:
        return None
    name = (
        locative_city(row["name"])
        if form == "в {}" and " " not in row["name"] and "-" not in row["name"]
        else row["name"]
    )
    return _settlement(world, "settlement_plain", form.format(name), row)


def settlement_case(world: World) -> Query | None:
    row = _unique_settlement(world)
    return (
        None
        if row is None
        else _settlement(world, "settlement_case", world.draw.choice((row["name"].upper(), row["name"].lower())), row)
    )


def settlement_translit(world: World) -> Query | None:
    row = _unique_settlement(world)
    return (
        None
        if row is None
        else _settlement(world, "settlement_translit", latin(row["name"], world.draw.choice(_STANDARDS)), row)
    )


def settlement_typo(world: World) -> Query | None:
    row = _unique_settlement(world)
    if row is None or not row["region"] or len(row["name"]) < 6:
        return None
    return _settlement(
        world, "settlement_typo", f"{misspell(world.draw, row['name'], row['name'], 1)}, {row['region']}", row
    )


def settlement_region(world: World) -> Query | None:
    row = _unique_settlement(world)
    if row is None or not row["region"] or row["region"] == row["name"]:
        return None
    text = world.draw.choice(("{r}, {n}", "{n}, {r}", "{n} ({r})", "{r} {n}")).format(
        n=row["name"], r=_region(world, row["region"])
    )
    return _settlement(world, "settlement_region", text, row)


def _region(world: World, region: str) -> str:
    if world.draw.random() < 0.5:
        return region
    for long, short in (("область", "обл."), ("край", "кр."), ("Республика", "Респ."), ("автономный округ", "АО")):
        region = region.replace(long, short)
    return region


def _homonyms(world: World) -> pd.DataFrame | None:
    table = world.settlements
    names = table["name"].map(_plain)
    twice = sorted(names[names.duplicated()].unique())
    if not twice:
        return None
    chosen: pd.DataFrame = table[names == world.draw.choice(twice)]
    return chosen


def homonym_with_region(world: World) -> Query | None:
    rows = _homonyms(world)
    if rows is None:
        return None
    row = rows.iloc[world.draw.randrange(len(rows))]
    if not row["region"] or (rows["region"] == row["region"]).sum() > 1:
        return None
    return _settlement(world, "settlement_dup_region", f"{row['name']}, {row['region']}", row)


def homonym_alone(world: World) -> Query | None:
    rows = _homonyms(world)
    if rows is None:
        return None
    first = rows.iloc[0]
    if max(metres(first["lat"], first["lon"], a, b) for a, b in zip(rows["lat"], rows["lon"], strict=True)) < 50_000:
        return None
    text = world.draw.choice(("{}", "г. {}", "с. {}")).format(first["name"])
    return Query(
        world.number(),
        text,
        "",
        "ambiguous",
        None,
        None,
        None,
        "settlement",
        "ambiguous_settlement",
        "|".join(rows["id"]),
    )


# ---- ambiguous and impossible --------------------------------------------------------------------------------


def same_in_two_towns(world: World) -> Query | None:
    row = world.address()
    text = row.house.write()
    others = {
        other.city
        for (city, name), rows in world.houses.items() if city != row.city and name == row.street()
        for other in rows if other.house.write() == text
    }  # fmt: skip
    if not others:
        return None
    return Query(
        world.number(),
        f"{row.street()}, {text}",
        "",
        "ambiguous",
        None,
        None,
        None,
        "house",
        "ambiguous_address",
        row.id,
    )


def same_name_other_type(world: World) -> Query | None:
    row = world.address()
    text = row.house.write()
    others = [
        other
        for kind in world.by_core[row.city, _folded(row.core)] - {row.kind}
        for (city, _), rows in world.houses.items() if city == row.city
        for other in rows if other.kind == kind and other.core == row.core and other.house.write() == text
    ]  # fmt: skip
    if not others or all(metres(row.lat, row.lon, o.lat, o.lon) < 300 for o in others):
        return None
    return Query(
        world.number(),
        f"{row.city}, {row.core} {text}",
        row.city,
        "ambiguous",
        None,
        None,
        None,
        "house",
        "ambiguous_type",
        row.id,
    )


_GENERIC = (
    "везде", "двор", "там же", "школа", "магазин", "", "дом 12", "по всему городу", "во дворе дома", "детская площадка",
    "подъезд 3", "кв. 15", "улица", "центр города", "наш двор", "не указан", "нет", "-", "12", "весь микрорайон", "парк",
    "остановка", "около школы", "на дороге", "сквер", "набережная", "главная площадь",
)  # fmt: skip
_FAR_STREETS = ("Зефирная", "Шоколадная", "Кроличья", "Пингвинья", "Ананасовая", "Верблюжья", "Бегемотная", "Вафельная",
                "Кактусовая", "Жирафья", "Попугайная", "Мандариновая", "Карамельная", "Черепашья", "Зебровая")  # fmt: skip
_FAR_VILLAGES = ("Неведомое", "Заоблачное", "Трынково", "Пупыркино", "Зюзюкино", "Абракадабрино", "Хрюшкино", "Шмякино",
                 "Гляденьково", "Кирейкино", "Подзаборье", "Ежевичкино")  # fmt: skip


def _refuse(world: World, kind: str, text: str, scope: str = "") -> Query:
    return Query(world.number(), text, scope, "refuse", None, None, None, "none", kind)


def generic_words(world: World) -> Query | None:
    return _refuse(world, "impossible", world.draw.choice(_GENERIC), world.draw.choice(("", "", world.address().city)))


def street_without_town(world: World) -> Query | None:
    if world.gazetteer.addresses["city"].nunique() < 2:
        return None
    return _refuse(
        world,
        "impossible",
        world.draw.choice(("ул. Ленина", "улица Мира", "ул. Садовая", "Советская ул.", "улица Гагарина")),
    )


def invented_street(world: World) -> Query | None:
    row = world.address()
    name = world.draw.choice(_FAR_STREETS)
    return _refuse(
        world,
        "unknown_street",
        f"{_town(world, row)}, {world.draw.choice(('{} улица', 'ул. {}', 'улица {}')).format(name)}, {world.draw.randint(1, 40)}",
    )


def unknown_village(world: World) -> Query | None:
    name = world.draw.choice(_FAR_VILLAGES)
    tail = world.draw.choice(("", " Энского района", " Благовещенского р-на", ", ул. Мира, 5", ", Алтайский край"))
    return _refuse(
        world, "unknown_settlement", f"{world.draw.choice(('с.', 'с. ', 'дер. ', 'д. ', 'пос. ', 'село '))}{name}{tail}"
    )


def withheld_street(world: World, rows: list[Row]) -> Query | None:
    """A real name of a street that was taken out of the gazetteer, written in one of the ordinary ways.

    Not where the town still has a street of the name with or without a rank or first name ("Карбышева", "Генерала
    Карбышева"): a person would take the one for the other.
    """
    if not rows:
        return None
    row = world.draw.choice(rows)
    if _without_title(row.core) in world.without_title[row.city, row.kind]:
        return None
    kind = world.draw.choice(
        ("clean", "abbreviations", "register", "no_type", "typo1", "case", "translit", "declined", "no_city", "bare")
    )
    if world.by_core.get((row.city, _folded(row.core))) and kind in _WITHOUT_TYPE:
        return None
    text, scope = HOUSE_KINDS[kind](world, row)
    return _refuse(world, "withheld_street", text, scope)


def near_name(world: World, pool: list[str]) -> Query | None:
    """A street the town does not have, whose name is a few letters from one it has, with a house number of that one."""
    row = world.address()
    own = max(re.findall(r"[А-Яа-яЁё]+", row.core), key=len, default="")
    core = world.draw.choice(pool)
    word = max(re.findall(r"[А-Яа-яЁё]+", core), key=len, default="")
    if len(own) < 4 or _folded(word) == _folded(own) or (row.city, _folded(word)) in world.by_core:
        return None
    if not 0.7 <= SequenceMatcher(None, own.lower(), word.lower()).ratio() < 1:
        return None
    return _refuse(world, "near_name", f"{row.city}, {row.street().replace(own, word)}, {row.house.write()}")


# ---- coordinates ---------------------------------------------------------------------------------------------


def coordinates(world: World) -> Query | None:
    row = world.address()
    lat, lon = round(row.lat, 5), round(row.lon, 5)
    text = world.draw.choice((
        f"{lat}, {lon}", f"{lat} {lon}", f"{lat};{lon}", f"{lat}, {lon}".replace(".", ","), f"{str(lat).replace('.', ',')} {str(lon).replace('.', ',')}",
        f"{_dms(lat)} с.ш. {_dms(lon)} в.д.", f"{_dms(lat)}N, {_dms(lon)}E", f"N{lat} E{lon}", f"geo:{lat},{lon}?z=17",
        f"POINT({lon} {lat})", f"lat={lat}&lon={lon}", f"широта {lat}, долгота {lon}",
        f"https://www.openstreetmap.org/#map=18/{lat}/{lon}", f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=15/55/37",
        f"https://yandex.ru/maps/?ll={lon}%2C{lat}&z=17", f"https://yandex.ru/maps/?pt={lon},{lat}&z=18&l=map",
        f"https://2gis.ru/city/geo/{lon}%2C{lat}", f"https://2gis.ru/city?m={lon}%2C{lat}%2F17",
        f"https://www.google.com/maps/@{lat},{lon},17z", f"https://maps.google.com/?q={lat},{lon}",
        f"https://www.google.com/maps/place/x/@{lat + 0.3},{lon},17z/data=!3m1!4b1!8m2!3d{lat}!4d{lon}",
    ))  # fmt: skip
    return _match(world, "coordinates", text, "", lat, lon, 30.0, "point", "")


def _dms(value: float) -> str:
    seconds = round(value * 3600)
    return f"{seconds // 3600}°{seconds % 3600 // 60:02d}′{seconds % 60:02d}″"


def coordinates_swapped(world: World) -> Query | None:
    row = world.address()
    return _match(
        world,
        "coordinates_swapped",
        f"{round(row.lon, 5)}, {round(row.lat, 5)}",
        row.city,
        row.lat,
        row.lon,
        30.0,
        "point",
        "",
    )


def coordinates_bad(world: World) -> Query | None:
    return _refuse(
        world,
        "coordinates_bad",
        world.draw.choice(("120.5, 300", "99.12, 250.4", "0, 0", "0.0 0.0", "-95.5, 37.1", "91.25; 200.5")),
    )


OTHER_KINDS: dict[str, tuple[Callable[[World], Query | None], float]] = {
    "house_absent": (house_absent, 1.0), "street_only": (street_only, 1.0), "base_number_only": (base_number_only, 0.5),
    "partial_unknown_part": (unknown_part, 0.5), "poi": (object_plain, 0.7), "poi_context": (object_in_context, 0.7),
    "poi_typo": (object_misspelt, 0.5), "area": (area, 0.5), "settlement_plain": (settlement_plain, 0.6),
    "settlement_case": (settlement_case, 0.3), "settlement_translit": (settlement_translit, 0.4),
    "settlement_typo": (settlement_typo, 0.5), "settlement_region": (settlement_region, 0.6),
    "settlement_dup_region": (homonym_with_region, 0.5), "ambiguous_settlement": (homonym_alone, 0.6),
    "ambiguous_address": (same_in_two_towns, 0.5), "ambiguous_type": (same_name_other_type, 0.4),
    "impossible": (generic_words, 0.5), "impossible_street": (street_without_town, 0.1),
    "unknown_street": (invented_street, 0.4), "unknown_settlement": (unknown_village, 0.4),
    "coordinates": (coordinates, 0.7), "coordinates_swapped": (coordinates_swapped, 0.2), "coordinates_bad": (coordinates_bad, 0.2),
}  # fmt: skip
_ATTEMPTS = 400


def make_queries(gazetteer: Gazetteer, seed: int, per_kind: int, withheld: Gazetteer | None = None) -> list[Query]:
    """`per_kind` queries of each house kind and a share of that of the other kinds; kinds the data cannot give are left out.

    withheld: addresses that were taken out of the gazetteer; queries for them must be refused.
    """
    world = World(gazetteer, seed)
    queries: list[Query] = []
    for kind in HOUSE_KINDS:
        queries += _several(per_kind, partial(house_query, world, kind))
    for make, share in OTHER_KINDS.values():
        queries += _several(max(1, round(per_kind * share)), partial(make, world))
    if withheld is not None:
        rows = World(withheld, seed).rows
        queries += _several(2 * per_kind, lambda: withheld_street(world, rows))
    return queries


def _several(count: int, make: Callable[[], Query | None]) -> list[Query]:
    found: list[Query] = []
    for _ in range(count * 20 + _ATTEMPTS):
        if len(found) == count:
            break
        query = make()
        if query is not None:
            found.append(query)
    return found


def as_table(queries: list[Query]) -> pd.DataFrame:
    """The queries in the columns of the test-set format (see README.md)."""
    return pd.DataFrame([asdict(query) for query in queries], columns=list(COLUMNS))


def _loose(name: str) -> tuple[str, ...]:
    return tuple(sorted(word[:4] for word in re.findall(r"\w+", name.lower().replace("ё", "е"))))


def withhold(gazetteer: Gazetteer, share: float, seed: int) -> tuple[Gazetteer, Gazetteer]:
    """Take a share of the streets out: (what the engine is given, the addresses it must not find).

    Spellings of one street ("3-я линия В.О." and "3-я линии В.О." of OpenStreetMap) go together.
    """
    draw = random.Random(seed)
    streets = sorted({(c, _loose(s)) for c, s in gazetteer.addresses[["city", "street"]].itertuples(index=False)})
    gone = set(draw.sample(streets, round(len(streets) * share)))

    def is_gone(table: pd.DataFrame, column: str) -> pd.Series[bool]:
        keys = ((city, _loose(name)) for city, name in table[["city", column]].itertuples(index=False))
        return pd.Series([key in gone for key in keys], index=table.index, dtype=bool)

    from dataclasses import replace

    lost = is_gone(gazetteer.addresses, "street")
    known = replace(
        gazetteer,
        streets=gazetteer.streets[~is_gone(gazetteer.streets, "name")].reset_index(drop=True),
        addresses=gazetteer.addresses[~lost].reset_index(drop=True),
    )
    return known, Gazetteer(addresses=gazetteer.addresses[lost].reset_index(drop=True))
