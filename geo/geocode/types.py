"""Which words of an address say what kind of thing follows: a street, an area, a settlement, a district, a region?

One table of variants serves the index and the query, so that "просп.", "пр-кт" and "пр-т" are one word. An
abbreviation may have several senses ("пр" is проспект or проезд, "п" посёлок, проезд or переулок); all of them
are kept and the gazetteer decides.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.geocode.transliterate import is_latin, skeleton, to_cyrillic
from geo.geocode.typing_errors import typing_cost
from geo.geocode.wordlist import spaced

# canonical word: abbreviations and case forms, all folded (ё as е); Kyrgyz and Tatar words for the same thing beside
STREETS = {
    "улица": "ул улица улицы улице улицу улицей ул-ца у-ца уллица кочосу коч кочо урамы street st",
    "проспект": "пр проспек пр-кт пр-т прт пркт просп проспект проспекта проспекте проспекту проспектом п-кт "
    "проспектиси avenue ave",
    "переулок": "пер переул п пер-к п-к переулок переулка переулке переулку переулком пер-ок lane",
    "проезд": "пр п пр-д прд проезд проезда проезде проезду проездом пр-зд",
    "бульвар": "б-р бульв бул бульв бульвар бульвара бульваре бульвару бульваром бул-р б-вар boulevard blvd",
    "шоссе": "ш шоссе шос highway",
    "набережная": "наб набер набережная набережной набережную наб-я наб-ая embankment",
    "площадь": "пл площадь площади площадью пл-дь пл-щадь square аянты",
    "аллея": "ал аллея аллеи аллее аллею аллей алл",
    "тупик": "туп тупик тупика тупике тупику т-к",
    "линия": "л лин линия линии линию линией л-я",
    "тракт": "тракт тракта тракте тракту тр-кт тр-т",
    "дорога": "дор дорога дороги дороге дорогу road",
    "спуск": "спуск спуска спуске сп-ск",
    "съезд": "съезд съезда съезде",
    "въезд": "въезд въезда въезде",
    "заезд": "заезд заезда заезде",
    "просека": "просека просеки просеке просеку просек прос",
    "кольцо": "кольцо кольца кольце",
    "дорожка": "дорожка дорожки дорожке",
    "магистраль": "магистраль магистрали маг",
    "взвоз": "взвоз взвоза взвозе",
    "ряд": "ряд ряда ряду",
    "порядок": "порядок порядка порядке",
    "проулок": "проулок проулка проулке",
    "километр": "км километр километра километре",
    "переезд": "переезд переезда переезде",
    "участок": "участок участка участке",
}
AREAS = {
    "микрорайон": "мкр мкрн мкр-н м-н м-он микр микрорайон микрорайона микрорайоне микрорайону мик-н мк-н мкр-он м/р "
    "м/н мр-н кичирайон",
    "квартал": "кв кв-л квл квартал квартала квартале кварталу кварт",
    "тос": "тос",
    "снт": "снт днт тсн снт садоводство садоводства садоводстве днп онт с/т сот",
    "жилой комплекс": "жк",
    "жилмассив": "ж/м жилмассив жилмассива жилмассиве массив массива массиве ж-м",
    "территория": "тер территория территории тер-рия",
    "городок": "городок городка городке в/г военгородок",
    "слобода": "слобода слободы слободе сл",
    "промзона": "промзона промзоны промзоне промузел",
    "район": "район р-н р-он рн района р-на районе р-не району",
    "округ": "округ округа округе окр",
    "сквер": "сквер сквера сквере",
    "парк": "парк парка парке",
    "поселок": "поселок поселка поселке пос",
}
SETTLEMENTS = {
    "город": "г гор город города городе г-д городу city шаары шаар",
    "село": "с село села селе селу айылы айыл",
    "деревня": "д дер деревня деревни деревне деревню дер-ня village",
    "поселок": "п пос поселок поселка поселке поселку пгт рп кп дп п-к п-ок р/п посёлок пгт",
    "станица": "ст-ца ст станица станицы станице ст-ца стца",
    "хутор": "х хут хутор хутора хуторе",
    "станция": "ст станция станции станцию ж/д_ст",
    "аул": "аул аула ауле аал",
    "слобода": "сл слобода слободы слободе",
    "разъезд": "рзд разъезд разъезда разъезде",
    "местечко": "местечко м-ко починок выселок погост улус улуса кишлак",
    "населенный пункт": "нп н/п",
}
DISTRICTS = {
    "район": "район р-н р-он рн района р-на районе р-не району м/р-н мр",
    "округ": "округ округа округе го г/о м/о окр",
    "сельсовет": "сельсовет сельсовета сельсовете с/с с/с-т с/совет",
    "поселение": "поселение поселения поселении с/п г/п сп гп",
    "волость": "волость волости",
    "кожуун": "кожуун кожууна улус улуса аймак аймака аймагы аймака",
}
REGIONS = {
    "область": "обл область области обл-ть областью облусу облус oblast region",
    "край": "край края крае кр кр-й krai",
    "республика": "респ республика республики республике респ-ка р-ка republic",
    "автономный округ": "ао а/о",
}
# words of the names of districts and municipalities that are not names: "городской округ", "муниципальный район"
DISTRICT_ADJECTIVES = frozenset(
    spaced(
        "городской городского городском муниципальный муниципального муниципальном сельское сельского сельском "
        "городское мун внутригородской внутригородского внутригородское административный административного "
        "административном автономный автономного автономном автономная автономной"
    )
)
COUNTRIES = frozenset(
    spaced(
        "россия россии рф russia федерация федерации кыргызстан кыргызстана киргизия киргизии kyrgyzstan республикасы"
    )
)
# countries only before "федерация" or "республика"
COUNTRY_ADJECTIVES = frozenset(spaced("российская российской кыргыз кыргызская киргизская rossiyskaya russian"))
# a settlement marker after which an unknown name refuses the whole text; the others have a second, milder sense
STRICT_MARKERS = frozenset({"город", "село", "деревня", "поселок", "станица", "хутор", "аул", "населенный пункт"})
# letters with dots that are one word: "р.п.", "п.г.т.", "В.О." (the last two tell Petersburg's twin streets apart)
INITIALISMS = frozenset({"рп", "пгт", "кп", "дп", "го", "мо", "нп", "гп", "сп", "во", "пс", "жд", "мр", "ао", "кр"})
HYPHENATED = frozenset(
    word
    for table in (STREETS, AREAS, SETTLEMENTS, DISTRICTS, REGIONS)
    for forms in table.values()
    for word in forms.split()
    if "-" in word or "/" in word
)


def _by_form(table: dict[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for canonical, forms in table.items():
        for form in forms.split():
            found.setdefault(form, set()).add(canonical)
    return {form: frozenset(words) for form, words in found.items()}


_STREET_FORMS = _by_form(STREETS)
_AREA_FORMS = _by_form(AREAS)
_PLACE_FORMS = {
    form: _STREET_FORMS.get(form, frozenset()) | _AREA_FORMS.get(form, frozenset())
    for form in _STREET_FORMS.keys() | _AREA_FORMS.keys()
}
_SETTLEMENT_FORMS = _by_form(SETTLEMENTS)
_DISTRICT_FORMS = _by_form(DISTRICTS)
_REGION_FORMS = _by_form(REGIONS)
_SHORTEST_SKELETON = 4
_SHORTEST_MISSPELT, _ONE_SLIP = 5, 1.0


def _by_skeleton(forms: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {
        skeleton(form): words
        for form, words in forms.items()
        if len(form) >= _SHORTEST_SKELETON and not is_latin(form) and "-" not in form and "/" not in form
    }


_SKELETONS = {
    id(table): _by_skeleton(table) for table in (_PLACE_FORMS, _SETTLEMENT_FORMS, _DISTRICT_FORMS, _REGION_FORMS)
}
_NONE: frozenset[str] = frozenset()


def _look_up(forms: dict[str, frozenset[str]], word: str) -> frozenset[str]:
    found = forms.get(word)
    if found is None and is_latin(word):
        cyrillic, bare = _in_cyrillic(word)
        found = forms.get(cyrillic) or _SKELETONS[id(forms)].get(bare)
    return found or _NONE


@lru_cache(maxsize=16384)
def _in_cyrillic(word: str) -> tuple[str, str]:
    """A Latin word letter by letter in Cyrillic, and what is left of it when spellings are made equal."""
    return to_cyrillic(word), skeleton(word)


@lru_cache(maxsize=16384)
def place_types(word: str) -> frozenset[str]:
    """The street and area types a folded word may stand for; empty when it is none.

    >>> sorted(place_types("пр")), sorted(place_types("мкр")), sorted(place_types("ulica"))
    (['проезд', 'проспект'], ['микрорайон'], ['улица'])
    """
    return _look_up(_PLACE_FORMS, word)


_LONG_FORMS = tuple(sorted(form for form in _STREET_FORMS if len(form) >= _SHORTEST_MISSPELT and form.isalpha()))


@lru_cache(maxsize=16384)
def misspelt_type(word: str) -> frozenset[str]:
    """The street types a folded word stands for with one slip; for words that are nothing else.

    >>> sorted(misspelt_type("улиац")), sorted(misspelt_type("лииния")), sorted(misspelt_type("бульварная"))
    (['улица'], ['линия'], [])
    """
    if len(word) < _SHORTEST_MISSPELT - 1 or is_latin(word):
        return _NONE
    near = process.extract(word, _LONG_FORMS, scorer=OSA.distance, score_cutoff=1, limit=None)
    return frozenset().union(*(_STREET_FORMS[form] for form, *_ in near if typing_cost(word, form) <= _ONE_SLIP))


@lru_cache(maxsize=16384)
def settlement_marker(word: str) -> frozenset[str]:
    """The settlement kinds a folded word may announce: "г", "село", "пгт"."""
    return _look_up(_SETTLEMENT_FORMS, word)


@lru_cache(maxsize=16384)
def district_word(word: str) -> frozenset[str]:
    """район, округ, сельсовет ... when the folded word is a form of one."""
    return _look_up(_DISTRICT_FORMS, word)


@lru_cache(maxsize=16384)
def region_word(word: str) -> frozenset[str]:
    """область, край, республика, автономный округ when the folded word is a form of one."""
    return _look_up(_REGION_FORMS, word)


STREET_TYPES = frozenset(STREETS)
# of the types whose adjectives and ordinals agree with them
GENDERS = dict.fromkeys(("улица", "набережная", "площадь", "аллея", "линия", "дорога", "просека", "дорожка"), "f")
GENDERS |= dict.fromkeys(
    ("проспект", "переулок", "проезд", "бульвар", "тупик", "тракт", "спуск", "съезд", "въезд", "заезд", "микрорайон"),
    "m",
)
GENDERS |= dict.fromkeys(("шоссе", "кольцо"), "n")
AREA_TYPES = frozenset(AREAS)
