"""Which words of an object's name matter? Schools and clinics are called by several names for one thing.

"МБОУ СОШ № 5", "средняя школа №5" and "школы № 5" share two words that count: школа and 5.
"""

from __future__ import annotations

from geo.geocode.wordlist import spaced

# the kind of a row that is no object: the streets `name` and `alt_names` meet there
CORNER = "corner"

# abbreviation -> the word that stands in ordinary names
_SYNONYMS_TABLE = {
    "школа": "сош оош нош сш школа-интернат",
    "сад": "детсад дс доу мдоу мбдоу мадоу гбдоу мкдоу црр ясли-сад д/с",
    "больница": "црб гкб гб црк рб",
    "поликлиника": "пол-ка пка",
    "культуры": "дк сдк рдк гдк мдк",
    "библиотека": "биб-ка",
    "университет": "ун-т",
    "институт": "ин-т",
    "общежитие": "общ общага",
    "администрация": "адм админ",
    "стадион": "стад",
    "магазин": "маг маг-н",
    "кинотеатр": "к/т кино",
    "вокзал": "ж/д-вокзал",
    "спортивная": "дюсш",
}
SYNONYMS = {form: word for word, forms in _SYNONYMS_TABLE.items() for form in forms.split()}

# legal forms and descriptions: they cost nothing when missing and prove nothing when present
WEIGHTLESS = frozenset(
    spaced(
        "мбоу мкоу маоу гбоу моу муу мбу мку мау гбу гку гау гбуз огбуз муниципальное муниципальная "
        "муниципальный бюджетное автономное казенное государственное государственная общеобразовательное "
        "общеобразовательная общеобразовательный образовательное дошкольное учреждение средняя средней "
        "основная начальная имени им ооо зао оао пао ао ип кгу фгбоу фгуп муп гуп нко ано детский детского "
        "детском детская комбинированного вида компенсирующего общеразвивающего городская городской районная "
        "районный областной областная центральная центральный корпус здание школы номер n no г города the of "
        "советского союза ссср рф"
    )
)
# what half the objects of a city are called: never enough for a match alone
GENERIC = frozenset(
    spaced(
        "школа сад больница поликлиника магазин аптека кафе ресторан бар двор площадка парк сквер стадион "
        "библиотека рынок банк почта гараж гаражи остановка храм церковь мечеть памятник музей театр клуб "
        "администрация общежитие лицей гимназия колледж техникум институт университет котельная кладбище пляж "
        "мост вокзал станция дом подъезд детская спортивная спортплощадка дорога тротуар город село деревня "
        "поселок там тут здесь везде центр супермаркет гостиница отель автовокзал культуры досуга"
    )
)
# objects that carry the names of streets, or are no places people mean: they may not outrank houses
_BACKGROUND_KEYS = frozenset({"public_transport", "railway", "office", "highway"})
_BACKGROUND = frozenset(
    f"amenity={value}"
    for value in spaced("post_box parking atm vending_machine taxi recycling telephone waste_disposal")
)


def is_background(kind: str) -> bool:
    """Stops, post boxes, offices: known by name, but they may not outrank a street or a house.

    >>> is_background("highway=bus_stop"), is_background("amenity=school"), is_background("railway=station")
    (True, False, False)
    """
    if kind == "railway=station":
        return False
    return kind in _BACKGROUND or kind.partition("=")[0] in _BACKGROUND_KEYS
