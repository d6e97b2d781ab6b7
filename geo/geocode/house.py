"""Which house is meant, whatever way its number is written?

A number is read into one canonical key: "12 корп. 2 стр. 1", "12к2с1" and "12, корпус 2, строение 1" are all
`12к2с1`. The parts are the number, a letter, a second number after a slash or dash, and named parts
(корпус, строение, сооружение, литера ...) in a fixed order; an estate or plot (владение, участок) or a lone
строение stands before the number. Two different keys may still be the same building in two registers: the ladder
of `likeness` says how likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from geo.geocode.normalise import MARK, NUMBER, WORD, Token, tokenise
from geo.geocode.transliterate import is_latin, to_cyrillic
from geo.geocode.wordlist import spaced

_PART_FORMS = {
    "к": "к корп корпус кор корпуса корпусе корпусу корпу кп корпс corp building bldg",
    "с": "с стр строение строения строении строению строен строй стрн",
    "соор": "соор сооруж сооружение сооружения сооружении coop",
    "бл": "бл блок блока блоке",
    "секц": "секц секция секции",
    "фл": "фл флиг флигель флигеля",
    "пав": "пав павильон павильона",
    "лит": "л лит литер литера литеры литере литеру lit liter",
    "вл": "вл влад владение владения владении влд двлд дв домовладение домовладения домовладении домовл",
    "уч": "уч участок участка участке уч-к",
    "зд": "зд здание здания здании",
}
_PART = {form: kind for kind, forms in _PART_FORMS.items() for form in forms.split()}
HOUSE_WORDS = frozenset(
    ["д", "дом", "дома", "доме", "дому", "домом", "дм", "d", "dom", "house", "зд", "здание", "здания", "здании", "h"]
)
_ORDER = {
    kind: place for place, kind in enumerate(("к", "с", "соор", "бл", "секц", "фл", "пав", "вл", "уч", "зд", "лит"))
}
# these may stand alone before the number: "вл. 5", "уч. 12", "стр. 3", "корп. 1203"
_PREFIX_TEXTS = {"вл": "вл. ", "уч": "уч. ", "с": "стр. ", "соор": "соор. ", "к": "корп. "}
_PREFIXES = frozenset(_PREFIX_TEXTS)
# written right before their value; the others with a blank between
_PART_TEXTS = {"к": "к", "с": "с"}
_ORDINAL_ENDINGS = frozenset(
    spaced(
        "я й е го ая ый ой ий ое ая ья ье ей ого его му ому ему м ом ем ую ю ти ми х ых их ya y j aya "
        "oy iy oi i ja ia aja yj ij th st nd rd go ey iya"
    )
)
_BARE_ORDINAL_ENDINGS = frozenset(
    ["я", "й", "ая", "ый", "ой", "ий", "го", "ья", "ya", "y", "aya", "oy", "iy", "th", "nd", "rd"]
)
# "21А кБ" has a korpus of a letter, "21 кв" a flat
_NOT_KORPUS = frozenset(("кв", "км", "ко", "кр", "кл", "кп"))
# a lone letter that is more often a preposition or a settlement marker than a part of the number
_UNSURE_LETTERS = frozenset("вгдкмопсухияюй")
_TYPED_AS_LATIN = dict(zip("abcehkmoptxyr", "авсенкмортхур", strict=True))
# numbers before these words belong to a name: "40 лет Победы", "8 Марта", "1905 года"
NAME_WORDS = frozenset(
    spaced(
        "лет летия летие летию года году год января февраля марта апреля мая июня июля августа сентября октября "
        "ноября декабря съезда партсъезда партсъезд пятилетки пятилетка интернационала бакинских армии дивизии "
        "гвардейской гвардейских стрелковой бригады полка героев панфиловцев комиссаров борцов тысячелетия let goda "
        "marta maya oktyabrya"
    )
)
# and before these they may be either: "5 линия 12", "дом 5 линия 12"
TYPE_WORDS = frozenset(
    spaced(
        "км километр километра линия линии линию линией лин просека микрорайон мкр мкрн квартал liniya liniia linija"
    )
)
_WORDS_OF_NAMES = NAME_WORDS | TYPE_WORDS
MOST_DIGITS = 4
_MOST_KORPUSES = 10


class House(NamedTuple):
    """A house number read into its parts; `parts` are (kind, value) pairs in the order of the key."""

    number: int
    letter: str = ""
    second: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    prefix: str = ""

    @property
    def key(self) -> str:
        """The canonical text: the same for every spelling of one house number."""
        return f"{self.prefix}{self.number}{self.letter}{self.second}" + "".join(k + v for k, v in self.parts)

    @property
    def text(self) -> str:
        """The number as people write it: "12/3 к2 лит Б"."""
        prefix = _PREFIX_TEXTS.get(self.prefix, "")
        number = f"{prefix}{self.number}{self.letter.upper()}{self.second.upper()}"
        return number + "".join([f" {_PART_TEXTS.get(kind, kind + ' ')}{value.upper()}" for kind, value in self.parts])

    def without(self, kind: str) -> House:
        """The same number with the parts of one kind left out."""
        return self._replace(parts=tuple(part for part in self.parts if part[0] != kind))

    def part(self, kind: str) -> str:
        """The value of a part, empty when there is none."""
        return next((value for found, value in self.parts if found == kind), "")


class HouseReading(NamedTuple):
    """A house read from tokens: which, from which token (prefix included) up to, not including, which."""

    house: House
    start: int
    end: int


@lru_cache(maxsize=65536)
def parse_house(text: str) -> House | None:
    """The house a register's number field means, None when it holds no number.

    >>> [parse_house(t).key for t in ("12 корп. 2", "2А, сооружение 1", '12 "а"', "владение 9, строение 4")]
    ['12к2', '2асоор1', '12а', 'вл9с4']
    """
    tokens = split_letters(tokenise(text))
    for position, token in enumerate(tokens):
        if token.kind == NUMBER:
            reading = read_house(tokens, position, field=True)
            return reading.house if reading else None
    return None


def split_letters(tokens: Sequence[Token]) -> list[Token]:
    """Take "Ас" of "2Ас11" apart into the letter of the number and the name of the part."""
    result = list(tokens)
    numbers = [position for position, token in enumerate(tokens) if token.kind == NUMBER]
    # from the end, so that what stands before keeps its place
    for number in reversed(numbers):
        position = number + (2 if _dash_after(tokens, number) else 1)
        if position < len(tokens) and tokens[position].kind == WORD and _hides_part(tokens, position):
            token = tokens[position]
            result[position : position + 1] = (
                Token(token.text[0], WORD, token.start, token.start + 1, token.glued),
                Token(token.text[1:], WORD, token.start + 1, token.end, True),
            )
    return result


def _dash_after(tokens: Sequence[Token], position: int) -> bool:
    """Whether a dash stands close behind a number."""
    return position + 1 < len(tokens) and tokens[position + 1].text == "-" and tokens[position + 1].glued


def _hides_part(tokens: Sequence[Token], position: int) -> bool:
    word = tokens[position].text
    if len(word) < 2 or part_kind(word) or word in _BARE_ORDINAL_ENDINGS:
        return False
    if word[1:] in ("ка", "кб", "кг", "кд"):
        return True
    numbered = position + 1 < len(tokens) and tokens[position + 1].kind == NUMBER and part_kind(word[1:]) is not None
    return numbered or (len(word) > 4 and word[1:].startswith("лит"))


def read_house(
    tokens: Sequence[Token], position: int, *, latin: bool = False, field: bool = False
) -> HouseReading | None:
    """Read the house whose number is the token at `position`; None when that number cannot be one.

    latin: the text is transliterated, so a Latin "b" is б; otherwise it is taken for the lookalike в.
    field: the text holds nothing but a house number (a register's column), so nothing in it is an ordinal.
    """
    digits = tokens[position].text
    if len(digits) > MOST_DIGITS or int(digits) == 0 or (not field and is_ordinal(tokens, position)):
        return None
    if not field and _belongs_to_name(tokens, position):
        return None
    number = int(digits)
    letter, end = _read_letter(tokens, position + 1, latin)
    second, end = _read_second(tokens, end, latin)
    if second and not letter:
        letter, end = _read_letter(tokens, end, latin) if second[-1].isdigit() else ("", end)
        second, letter = second + letter, ""
        if len(second) == 2 and second[1].isalpha():
            letter, second = second[1], ""
    parts, end = _read_parts(tokens, end, latin)
    prefix, start = _read_prefix(tokens, position, field)
    return HouseReading(House(number, letter, second, parts, prefix), start, end)


def is_ordinal(tokens: Sequence[Token], position: int) -> bool:
    """Whether the number at `position` is an ordinal: "9-я", "1-го", "2й"."""
    after = tokens[position + 1 : position + 3]
    if len(after) == 2 and after[0].text == "-" and after[0].glued and after[1].glued:
        return after[1].text in _ORDINAL_ENDINGS
    return bool(after) and after[0].glued and after[0].text in _BARE_ORDINAL_ENDINGS


def ordinal_end(tokens: Sequence[Token], position: int) -> int:
    """The token after the number at `position` and its ordinal ending."""
    return position + (3 if tokens[position + 1].text == "-" else 2)


def _belongs_to_name(tokens: Sequence[Token], position: int) -> bool:
    """Numbers of names: "40 лет Победы", "50-летия", "8 Марта"; not "5 линия" alone, which may be either."""
    following = position + 1
    if following < len(tokens) and tokens[following].text == "-":
        following += 1
    return following < len(tokens) and tokens[following].text in _WORDS_OF_NAMES


def _text(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].text if position < len(tokens) else ""


def _letter(text: str, latin: bool) -> str:
    if not is_latin(text):
        return text
    return to_cyrillic(text) if latin else _TYPED_AS_LATIN.get(text) or to_cyrillic(text)


def _read_letter(tokens: Sequence[Token], position: int, latin: bool) -> tuple[str, int]:
    """The letter after a number: "12а", "12-а", '12 "а"', "12 а"; and the token after it."""
    token = tokens[position] if position < len(tokens) else None
    if token is None:
        return "", position
    if token.text == '"' and _text(tokens, position + 2) == '"' and _is_letter(tokens, position + 1):
        return _letter(_text(tokens, position + 1), latin), position + 3
    if token.text == "-" and _is_letter(tokens, position + 1) and tokens[position + 1].glued:
        return _letter(_text(tokens, position + 1), latin), position + 2
    if not _is_letter(tokens, position) or _starts_part(tokens, position, latin):
        return "", position
    if token.glued or _stands_alone(tokens, position):
        return _letter(token.text, latin), position + 1
    return "", position


def _is_letter(tokens: Sequence[Token], position: int) -> bool:
    """One letter, or the Latin spelling of one ("litYa")."""
    if position >= len(tokens) or tokens[position].kind != WORD:
        return False
    text = tokens[position].text
    return len(text) == 1 or (len(text) < 5 and is_latin(text) and len(to_cyrillic(text)) == 1)


def _stands_alone(tokens: Sequence[Token], position: int) -> bool:
    """A letter after a blank belongs to the number unless it may begin something else ("5 г Москва", "5 в городе")."""
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    if _letter(tokens[position].text, latin=True) not in _UNSURE_LETTERS or following is None:
        return True
    if following.kind == MARK and following.text == ".":
        following = tokens[position + 2] if position + 2 < len(tokens) else None
        return following is None or following.kind == MARK
    return (following.kind == MARK and following.text != "№") or following.text in _PART


def _read_second(tokens: Sequence[Token], position: int, latin: bool) -> tuple[str, int]:
    """What follows a slash or dash: "/3", "-36", "-9/9", "/а"; and the token after it."""
    second = ""
    while position + 1 < len(tokens):
        sign = {"/": "/", "-": "-", "дробь": "/"}.get(tokens[position].text)
        following = tokens[position + 1]
        if sign is None or not _may_follow(tokens, position):
            break
        if following.kind == NUMBER:
            second += sign + str(int(following.text))
            position += 2
            letter, position = _read_glued_letter(tokens, position, latin)
            second += letter
        elif sign == "/" and _is_letter(tokens, position + 1):
            second += sign + _letter(following.text, latin)
            position += 2
        else:
            break
    return second, position


def _may_follow(tokens: Sequence[Token], position: int) -> bool:
    """ "12 - 14" is a range, "12 - 3-й подъезд" is not; numbers after a dash are short."""
    following = tokens[position + 1]
    if following.kind != NUMBER:
        return True
    return len(following.text) <= MOST_DIGITS and not is_ordinal(tokens, position + 1) and int(following.text) > 0


def _read_glued_letter(tokens: Sequence[Token], position: int, latin: bool) -> tuple[str, int]:
    glued = _is_letter(tokens, position) and tokens[position].glued
    if glued and not _starts_part(tokens, position, latin):
        return _letter(tokens[position].text, latin), position + 1
    return "", position


def _starts_part(tokens: Sequence[Token], position: int, latin: bool) -> bool:
    return _read_part(tokens, position, latin) is not None


def _read_parts(tokens: Sequence[Token], position: int, latin: bool) -> tuple[tuple[tuple[str, str], ...], int]:
    found: list[tuple[str, str]] = []
    while True:
        start = position
        while _text(tokens, start) in (",", "(", ")", ";"):
            start += 1
        part = _read_part(tokens, start, latin)
        if part is None:
            break
        found.append(part[:2])
        position = part[2]
    return tuple(sorted(found, key=lambda part: _ORDER[part[0]])), position


def _read_part(tokens: Sequence[Token], position: int, latin: bool) -> tuple[str, str, int] | None:
    """A named part with its value: (kind, value, token after); None when the tokens there are none."""
    if position >= len(tokens) or tokens[position].kind != WORD:
        return None
    word = tokens[position].text
    kind = part_kind(word)
    if kind is None:
        return _read_glued_litera(tokens, position)
    value_at, dotted = position + 1, False
    while _text(tokens, value_at) in (".", "№", ":", '"') or (len(word) > 1 and _text(tokens, value_at) == "-"):
        dotted = True
        value_at += 1
    if value_at >= len(tokens):
        return None
    value = tokens[value_at]
    if value.kind == NUMBER:
        return _numbered_part(tokens, kind, value_at, latin)
    ends_there = _text(tokens, value_at + 1) in ("", ",", ")")
    sure = len(word) > 1 or kind == "лит" or (kind == "к" and ends_there)
    if _is_letter(tokens, value_at) and (sure or (dotted and _stands_alone(tokens, value_at))):
        return _lettered_part(tokens, kind, value_at, latin)
    return None


def part_kind(word: str) -> str | None:
    """к, с, лит ... when the folded word names a part of a house."""
    kind = _PART.get(word)
    return kind if kind or not is_latin(word) else _PART.get(to_cyrillic(word))


def _numbered_part(tokens: Sequence[Token], kind: str, value_at: int, latin: bool) -> tuple[str, str, int] | None:
    if kind == "лит" and len(tokens[value_at - 1].text) == 1 and tokens[value_at - 1].text != ".":
        return None
    if len(tokens[value_at].text) > MOST_DIGITS:
        return None
    letter, end = _read_glued_letter(tokens, value_at + 1, latin)
    second, end = ("", end) if letter else _read_second(tokens, end, latin)
    return kind, str(int(tokens[value_at].text)) + letter + second, end


def _lettered_part(tokens: Sequence[Token], kind: str, value_at: int, latin: bool) -> tuple[str, str, int]:
    value, end = _letter(tokens[value_at].text, latin), value_at + 1
    if end < len(tokens) and tokens[end].kind == NUMBER and tokens[end].glued:
        return kind, value + str(int(tokens[end].text)), end + 1
    if _text(tokens, end) == '"':
        end += 1
    return kind, value, end


def _read_glued_litera(tokens: Sequence[Token], position: int) -> tuple[str, str, int] | None:
    """ "литБ", "литерБ1", "корпА": the kind and its letter in one word."""
    word = tokens[position].text
    if is_latin(word):
        word = to_cyrillic(word)
    if len(word) == 2 and word[0] == "к" and word not in _NOT_KORPUS:
        return "к", word[1], position + 1
    for form in ("литера", "литер", "лит", "корп", "стр"):
        if len(word) == len(form) + 1 and word.startswith(form) and word not in _PART:
            value, end = word[-1], position + 1
            if end < len(tokens) and tokens[end].kind == NUMBER and tokens[end].glued:
                return _PART[form], value + str(int(tokens[end].text)), end + 1
            return _PART[form], value, end
    return None


def _read_prefix(tokens: Sequence[Token], position: int, field: bool) -> tuple[str, int]:
    """What stands before the number: an estate, a plot, a lone строение; plain "дом" leaves no trace in the key."""
    start = position
    while start and tokens[start - 1].text in (".", "№", ":") and start > position - 2:
        start -= 1
    if not start or tokens[start - 1].kind != WORD:
        return "", position
    word = tokens[start - 1].text
    if word in HOUSE_WORDS:
        return "", start - 1
    if field and word == "в":
        return "вл", start - 1
    kind = part_kind(word)
    if kind in _PREFIXES and (len(word) > 1 or field):
        return kind, start - 1
    return "", position


# ---- the ladder: two keys, one building? ---------------------------------------------------------------------


@lru_cache(maxsize=32768)
def _asked_forms(house: House) -> dict[House, float]:
    """Other ways the same building may be registered, with how much is lost by each."""
    forms = {house: 1.0}
    for step in (
        _letter_or_litera,
        _slash_or_korpus,
        _dash_or_korpus,
        _without_litera,
        _without_second,
        _without_prefix,
        _structure_or_building,
    ):
        for form, score in list(forms.items()):
            changed, factor = step(form)
            if changed != form:
                forms[changed] = max(forms.get(changed, 0.0), score * factor)
    return forms


@lru_cache(maxsize=32768)
def _known_forms(house: House) -> dict[House, float]:
    forms = {house: 1.0}
    for step in (_without_litera, _without_slash, _without_prefix):
        for form, score in list(forms.items()):
            changed, factor = step(form)
            if changed != form:
                forms[changed] = max(forms.get(changed, 0.0), score * factor)
    return forms


def _letter_or_litera(house: House) -> tuple[House, float]:
    litera = house.part("лит")
    if house.letter and not litera:
        return _with_part(house._replace(letter=""), "лит", house.letter), 0.96
    if litera and not house.letter and not house.second:
        return house.without("лит")._replace(letter=litera), 0.96
    korpus = house.part("к")
    if korpus.isalpha() and not house.letter:
        return house.without("к")._replace(letter=korpus), 0.94
    return house, 1.0


def _slash_or_korpus(house: House) -> tuple[House, float]:
    if house.second.startswith("/") and not house.part("к") and not _is_corner(house.second[1:]):
        return _with_part(house._replace(second=""), "к", house.second[1:]), 0.87
    if house.part("к") and not house.second and not _is_corner(house.part("к")):
        return house.without("к")._replace(second="/" + house.part("к")), 0.87
    return house, 1.0


def _is_corner(second: str) -> bool:
    """After a slash a high number is the number on the crossing street, not a korpus."""
    digits = "".join(letter for letter in second if letter.isdigit())
    return bool(digits) and int(digits) > _MOST_KORPUSES


def _dash_or_korpus(house: House) -> tuple[House, float]:
    if house.second.startswith("-") and not house.part("к"):
        return _with_part(house._replace(second=""), "к", house.second[1:]), 0.82
    return house, 1.0


def _without_litera(house: House) -> tuple[House, float]:
    return house.without("лит"), 0.93


def _without_second(house: House) -> tuple[House, float]:
    return house._replace(second=""), 0.84


def _without_slash(house: House) -> tuple[House, float]:
    return (house._replace(second=""), 0.9) if house.second.startswith("/") else (house, 1.0)


def _without_prefix(house: House) -> tuple[House, float]:
    return (house._replace(prefix=""), 0.93) if house.prefix in ("вл", "уч") else (house, 1.0)


def _structure_or_building(house: House) -> tuple[House, float]:
    for old, new in (("соор", "с"), ("с", "соор")):
        if house.part(old) and not house.part(new):
            return _with_part(house.without(old), new, house.part(old)), 0.9
    return house, 1.0


def _with_part(house: House, kind: str, value: str) -> House:
    parts = sorted((*house.parts, (kind, value)), key=lambda part: _ORDER[part[0]])
    return house._replace(parts=tuple(parts))


def likeness(asked: House, known: House) -> float:
    """How surely a known house is the asked one: 1 exact, 0.82-0.96 the same in another register's spelling, 0 no.

    >>> likeness(parse_house("12а"), parse_house("12 литА"))
    0.96
    >>> likeness(parse_house("12к2"), parse_house("12/2")), likeness(parse_house("13"), parse_house("61/13"))
    (0.87, 0.0)
    """
    if asked.number != known.number:
        return 0.0
    if asked == known:
        return 1.0
    others = _known_forms(known)
    return max(
        (score * others[form] for form, score in _asked_forms(asked).items() if form in others),
        default=0.0,
    )


def is_bare(house: House) -> bool:
    """Whether the number stands alone, so that all its korpuses and literas may be meant."""
    return not (house.letter or house.second or house.parts)
