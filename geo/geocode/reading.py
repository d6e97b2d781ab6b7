"""What may each word of this text be: settlement, region, district, type, house, apartment, context, name?

A reading does not decide. It marks what is certain (a postcode, an apartment, a region), lists what is possible
(settlements named, numbers that can be the house) and leaves the words that must be found in names. `match` lets the
gazetteer choose among the possibilities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from geo.geocode.house import (
    HOUSE_WORDS,
    NAME_WORDS,
    HouseReading,
    is_ordinal,
    ordinal_end,
    part_kind,
    read_house,
    split_letters,
)
from geo.geocode.index import Index, SettlementForm
from geo.geocode.names import join_words, name_word, number_word
from geo.geocode.normalise import MARK, NUMBER, WORD, Token, is_latin_token, split_camel, stem, tokenise
from geo.geocode.transliterate import is_latin, to_cyrillic
from geo.geocode.types import (
    COUNTRIES,
    COUNTRY_ADJECTIVES,
    DISTRICT_ADJECTIVES,
    STREET_TYPES,
    STRICT_MARKERS,
    district_word,
    place_types,
    region_word,
    settlement_marker,
)
from geo.geocode.wordlist import spaced

# what a token turned out to be; an empty role is a word (or number) to be found in names
# SOFT words say nothing, yet a name may hold them ("Дом книги")
FREE, PUNCTUATION, FILLER, SOFT, CONTEXT, TAIL, PRIVATE, COUNTRY, REGION, DISTRICT, TYPE, MARKER, HOUSE_WORD = (
    "", "punctuation", "filler", "soft", "context", "apartment", "private", "country", "region", "district", "type", "marker",
    "house word",
)  # fmt: skip

_PRIVATE = re.compile(
    r"(?:\+?\s?[78]|\b996|\+996)[\s(‑-]*\d{3}[\s)‑-]*\d{2,3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)"  # telephone
    r"|\b\d{3}-\d{2}-\d{2}\b"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b(?:тел|моб|т)\.?\s*:?\s*\+?[\d\s()-]{6,}",
    re.IGNORECASE,
)
_TAIL_WORDS = frozenset(
    spaced(
        "кв квартира квартиры квартире квартир кв-ра кварт апартаменты апарт апарты оф офис офиса офисе пом "
        "помещ помещение помещения помещении ком комн комната комнаты комнате каб кабинет кабинета подъезд "
        "подъезда подъезде подьезд под п-д парадная парадной пар парадное эт этаж этажа этаже домофон код секц "
        "бокс вход ап apt kv kvartira ofis office of pomeshchenie podezd podyezd etazh flat room"
    )
)
_BEFORE_TAIL = frozenset(spaced("подъезд подъезда подъезде парадная парадной этаж этажа этаже эт вход"))
_FILLERS = frozenset(
    spaced(
        "на в во у к ко по из от до за и с со а но же бы ли номер адрес адресу адреса дом дома доме домом дому "
        "что это наш наша наше нашем нашей нашего мой моя моей где здесь тут там находится расположен "
        "расположено расположенный расположенная прошу просим просьба пожалуйста нет не очень есть будет был "
        "была были или также около возле район районе города городе в no n улицы"
    )
)
# words before these say what happened, not where
_RELATIONS = frozenset(
    spaced(
        "около возле напротив рядом вблизи недалеко близ вдоль между позади перед подле неподалеку поблизости "
        "адресу адрес пересечении перекрестке углу угол придомовой дворе территории"
    )
)
# "у дома", "перед домом", "на улице": what stands before them is the story
_OBLIQUE_HOUSE = frozenset(("дома", "дому", "домом"))
# Kyrgyz puts the kind behind the name: "Каракол шаары", "Ак-Суу айылы"
_URBAN_OKRUG = frozenset(("го", "г/о", "округ", "округа", "округе"))
_AFTER_NAME = frozenset(("шаары", "шаар", "айылы", "айыл", "city", "village"))
_BEFORE_STREET = frozenset(("на", "по", "в", "во"))
_ADJECTIVE = re.compile(r"(ский|ского|скому|ском|ским|цкий|цкого|цком|ный|ного|ном|ной|вый|вого|вом|ский|ская|ской|"
                        r"цкая|цкой|кий|кого|ком|ный|чий|ий|ого|skiy|skij|sky|skogo|ской|ое|ого)$")  # fmt: skip
_SEGMENT_ENDS = frozenset(",;()[]\n")
_LONGEST_REGION = 3
_MOST_HOUSES = 5


@dataclass(frozen=True, slots=True)
class SettlementReading:
    """A settlement possibly named by tokens `first`..`last` (not included).

    strong: the words stand where only a settlement stands, so a place elsewhere contradicts the text.
    marked: "г.", "с." or another marker stands before; `marker` is its kind.
    """

    forms: tuple[SettlementForm, ...]
    first: int
    last: int
    similarity: float
    marked: bool
    strong: bool
    marker: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HouseOption:
    """A number that can be the house; `marked` by "д.", "дом" or another word, or `doubtful` before a type word."""

    reading: HouseReading
    marked: bool
    doubtful: bool


@dataclass(slots=True)
class Reading:
    """One text, token by token. Lists are parallel to `tokens`; word is what the index would hold."""

    raw: str
    tokens: list[Token]
    segments: list[int]
    roles: list[str]
    words: list[str]
    types: dict[int, frozenset[str]] = field(default_factory=dict)
    settlements: list[SettlementReading] = field(default_factory=list)
    houses: list[HouseOption] = field(default_factory=list)
    ordinals: set[int] = field(default_factory=set)
    districts: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    unknown_settlement: tuple[int, int] | None = None
    region: int | None = None
    region_unknown: bool = False
    context_end: int = 0
    latin: bool = False


def read_text(text: str, index: Index) -> Reading:
    """Mark what every token of an address may be, with the names of the index at hand."""
    tokens = join_words(split_letters(tokenise(_without_private(text))))
    tokens = _split_glued(tokens, text, index)
    latin = sum(map(is_latin_token, tokens)) * 2 > sum(token.kind == WORD for token in tokens)
    reading = Reading(
        text, tokens, _segments(tokens), [PUNCTUATION if t.kind == MARK else FREE for t in tokens], [], latin=latin
    )
    _read_words(reading)
    _mark_postcode_and_country(reading)
    _mark_tails(reading)
    _mark_regions(reading, index)
    _mark_districts(reading)
    _mark_types(reading)
    _read_settlements(reading, index)
    _read_houses(reading)
    _mark_fillers(reading)
    return reading


def _without_private(text: str) -> str:
    """Telephones and mail addresses are blanked before anything else looks at the text; positions stay."""
    return _PRIVATE.sub(lambda found: " " * len(found[0]), text) if "@" in text or _many_digits(text) else text


def _many_digits(text: str) -> bool:
    return sum(letter.isdigit() for letter in text) >= 7


def _segments(tokens: Sequence[Token]) -> list[int]:
    segments, current = [], 0
    for token in tokens:
        if token.text in _SEGMENT_ENDS:
            current += 1
        segments.append(current)
    return segments


def _split_glued(tokens: list[Token], text: str, index: Index) -> list[Token]:
    """Words that lost their blank: "улЛенина" by its capital, "улгаванская" by a type word before a known word."""
    result: list[Token] = []
    for token in tokens:
        parts = _glued_parts(token, text, index) if token.kind == WORD and len(token.text) > 3 else None
        if parts is None:
            result.append(token)
        else:
            start = token.start
            for part in parts:
                result.append(Token(part, WORD, start, start + len(part), start != token.start or token.glued))
                start += len(part)
    return result


def _glued_parts(token: Token, text: str, index: Index) -> list[str] | None:
    vocabulary = index.vocabulary
    if token.text in vocabulary.numbers or place_types(token.text) or token.end - token.start != len(token.text):
        return None
    raw = text[token.start : token.end]
    parts = split_camel(raw)
    if len(parts) > 1 and not vocabulary.same(token.text):
        folded = [part.text for part in tokenise(" ".join(parts))]
        known = any(vocabulary.same(part) or place_types(part) or settlement_marker(part) for part in folded)
        return folded if known and sum(map(len, folded)) == len(raw) else None
    for prefix in ("ул", "пр", "пер", "пл", "наб", "мкр"):
        rest = token.text[len(prefix) :]
        if (
            token.text.startswith(prefix)
            and rest in vocabulary.numbers
            and len(rest) > 4
            and not vocabulary.same(token.text)
        ):
            return [prefix, rest]
    return None


def _read_words(reading: Reading) -> None:
    """The word each token is in the index: numbers "#5" with their ordinal ending taken along."""
    tokens, position = reading.tokens, 0
    reading.words = [name_word(t.text) if t.kind == WORD else t.text for t in tokens]
    while position < len(tokens):
        if tokens[position].kind == NUMBER:
            reading.words[position] = number_word(tokens[position].text)
            if is_ordinal(tokens, position):
                reading.ordinals.add(position)
                for ending in range(position + 1, ordinal_end(tokens, position)):
                    reading.roles[ending] = PUNCTUATION
        position += 1


def _mark_postcode_and_country(reading: Reading) -> None:
    for position, token in enumerate(reading.tokens):
        if token.kind == NUMBER and len(token.text) == 6:
            reading.roles[position] = PRIVATE
        elif (token.kind == WORD and token.text in COUNTRIES) or (
            token.kind == WORD and token.text in COUNTRY_ADJECTIVES and _next_text(reading, position) in COUNTRIES
        ):
            reading.roles[position] = COUNTRY


def _mark_tails(reading: Reading) -> None:
    """Apartments, offices, entrances, floors: cut before anything is matched, stored or sent."""
    tokens, roles = reading.tokens, reading.roles
    for position, token in enumerate(tokens):
        if token.kind != WORD or token.text not in _TAIL_WORDS or roles[position] != FREE:
            continue
        end = position + 1
        while end < len(tokens) and tokens[end].text in (".", "№", ":", "-"):
            end += 1
        if end < len(tokens) and tokens[end].kind == NUMBER and not is_ordinal(tokens, end):
            end += 1
            while end < len(tokens) and (
                (tokens[end].glued and (tokens[end].kind == NUMBER or len(tokens[end].text) == 1))
                and tokens[end].text not in _SEGMENT_ENDS
            ):
                end += 1
            _set(roles, position, end, TAIL)
        elif token.text in _BEFORE_TAIL and position and _numbered_before(reading, position):
            start = position - 1 if tokens[position - 1].kind == NUMBER else position - 3
            _set(roles, max(start, 0), position + 1, TAIL)
        elif len(token.text) > 3 and (end == len(tokens) or tokens[end].kind == MARK):
            roles[position] = TAIL


def _numbered_before(reading: Reading, position: int) -> bool:
    """ "3 этаж", "2-й подъезд": the number belongs to the tail, unless it is the only number after a street."""
    tokens = reading.tokens
    if tokens[position - 1].kind == NUMBER and not tokens[position - 1].glued:
        return (position > 1 and tokens[position - 2].text in (",", ";", "(")) or any(
            t.kind == NUMBER for t in tokens[: position - 1]
        )
    return position > 2 and position - 3 in reading.ordinals


def _set(roles: list[str], start: int, end: int, role: str) -> None:
    for position in range(start, end):
        if roles[position] in (FREE, PUNCTUATION):
            roles[position] = role


def _plain(token: Token) -> str:
    return to_cyrillic(token.text) if is_latin(token.text) else token.text


# ---- regions and districts -----------------------------------------------------------------------------------


def _mark_regions(reading: Reading, index: Index) -> None:
    """ "Рязанская обл.", "Республика Коми", "край Алтайский", "ХМАО": their words never match streets."""
    for position, token in enumerate(reading.tokens):
        if token.kind != WORD or reading.roles[position] != FREE:
            continue
        kinds = region_word(token.text) or _autonomous(reading, position)
        if kinds and not (token.text == "кр" and not _dotted(reading, position)):
            _mark_region_beside(reading, index, position, "республика" in kinds)
    if reading.region is None:
        _mark_region_noun(reading, index)
    if reading.region is not None:
        _mark_second_names(reading, index, reading.region)


def _mark_second_names(reading: Reading, index: Index, region: int) -> None:
    """ "Кемеровская область - Кузбасс", "Республика Адыгея (Адыгея)": the name beside is the same region's."""
    named = [n for n, role in enumerate(reading.roles) if role == REGION]
    for position, token in enumerate(reading.tokens):
        if token.kind == WORD and reading.roles[position] == FREE and any(0 < abs(position - n) <= 2 for n in named):
            if index.regions.is_word_of(token.text, region) and not index.settlement_names.same([token.text], False):
                reading.roles[position] = REGION


def _autonomous(reading: Reading, position: int) -> frozenset[str]:
    """ "автономный округ" is a region, "округ" a district."""
    before = reading.tokens[position - 1].text if position else ""
    if before.startswith(("автономн", "авт")) and reading.tokens[position].text.startswith("окр"):
        return frozenset({"автономный округ"})
    return frozenset()


def _dotted(reading: Reading, position: int) -> bool:
    return position + 1 < len(reading.tokens) and reading.tokens[position + 1].text == "."


def _mark_region_beside(reading: Reading, index: Index, position: int, noun_after: bool) -> None:
    before = [run for run in (_words_before(reading, position, n) for n in (3, 2, 1)) if run]
    after = [run for run in (_words_after(reading, position, n) for n in (3, 2, 1)) if run]
    for run in (after + before) if noun_after else (before + after):
        number = index.regions.beside_type_word([reading.tokens[n].text for n in run])
        if number is not None:
            reading.region = number
            _mark_run(reading, run, position, REGION)
            return
    for run in before[-1:]:
        if _ADJECTIVE.search(reading.tokens[run[0]].text) and len(reading.tokens[run[0]].text) > 4:
            reading.region_unknown = True
            _mark_run(reading, run, position, REGION)


def _mark_run(reading: Reading, run: Sequence[int], position: int, role: str) -> None:
    first, last = min(*run, position), max(*run, position)
    for n in range(first, last + 1):
        if reading.tokens[n].kind == WORD:
            reading.roles[n] = role


def _words_before(reading: Reading, position: int, count: int) -> list[int]:
    """The `count` words right before a token, in one segment (dots, dashes and quotes between do not matter)."""
    found: list[int] = []
    cursor = position - 1
    while cursor >= 0 and len(found) < count and reading.segments[cursor] == reading.segments[position]:
        token = reading.tokens[cursor]
        if token.kind == WORD and reading.roles[cursor] == FREE:
            if token.text not in DISTRICT_ADJECTIVES:
                found.append(cursor)
        elif token.kind != MARK:
            break
        cursor -= 1
    return found[::-1] if len(found) == count else []


def _words_after(reading: Reading, position: int, count: int) -> list[int]:
    found: list[int] = []
    cursor, last_segment = position + 1, reading.segments[position]
    while cursor < len(reading.tokens) and len(found) < count:
        if reading.tokens[cursor].text == "(":
            last_segment = reading.segments[cursor]
        if reading.segments[cursor] > last_segment:
            break
        token = reading.tokens[cursor]
        if token.kind == WORD and reading.roles[cursor] == FREE:
            found.append(cursor)
        elif token.kind != MARK or token.text in ",;)":
            break
        cursor += 1
    return found if len(found) == count else []


def _mark_region_noun(reading: Reading, index: Index) -> None:
    for position, token in enumerate(reading.tokens):
        if token.kind != WORD or reading.roles[position] != FREE or place_types(_next_text(reading, position)):
            continue
        for run in ([position, *_words_after(reading, position, 1)], [position]):
            words = [reading.tokens[n].text for n in run]
            number = index.regions.by_noun(words)
            if number is not None and not index.settlement_names.same(words, False):
                reading.region = number
                _mark_run(reading, run, position, REGION)
                return


def _next_text(reading: Reading, position: int) -> str:
    return reading.tokens[position + 1].text if position + 1 < len(reading.tokens) else ""


def _mark_districts(reading: Reading) -> None:
    """ "Благовещенский р-н", "район Измайлово", "г.о. Серпухов": never taken for a like-named town or street."""
    for position, token in enumerate(reading.tokens):
        if token.kind != WORD or reading.roles[position] != FREE or not district_word(token.text):
            continue
        if _is_relation(reading, position):
            reading.roles[position] = CONTEXT
            continue
        run = _district_name(reading, position)
        if run:
            name = " ".join(stem(reading.words[n]) for n in run)
            reading.districts.append((name, tuple(run)))
            _mark_run(reading, run, position, DISTRICT)
        elif district_word(token.text) - {"район", "округ"} or len(token.text) == 2:
            reading.roles[position] = DISTRICT
        _mark_adjectives(reading, position)


def _is_relation(reading: Reading, position: int) -> bool:
    """ "в районе дома 5", "в районе улицы": a preposition in disguise."""
    tokens = reading.tokens
    if not tokens[position].text.startswith("район") or position == 0 or tokens[position - 1].text != "в":
        return False
    return any(
        token.text in HOUSE_WORDS or (token.kind == WORD and place_types(token.text) - {"район", "округ"})
        or token.kind == NUMBER
        for token in tokens[position + 1 : position + 4]
    )  # fmt: skip


def _mark_adjectives(reading: Reading, position: int) -> None:
    """ "муниципальный", "городской" before the district word."""
    while position and reading.tokens[position - 1].text in DISTRICT_ADJECTIVES:
        position -= 1
        if reading.roles[position] == FREE:
            reading.roles[position] = DISTRICT


def _district_name(reading: Reading, position: int) -> list[int]:
    """The words that name the district: an adjective before, else the words after, in one segment."""
    before = _words_before(reading, position, 1)
    while before and reading.tokens[before[0]].text in DISTRICT_ADJECTIVES:
        before = _words_before(reading, before[0], 1)
    if before and _ADJECTIVE.search(reading.tokens[before[0]].text) and len(reading.tokens[before[0]].text) > 4:
        return before
    for count in (2, 1):
        after = _words_after(reading, position, count)
        if after and not any(_is_other_word(reading, n) for n in after):
            return after
    return []


def _is_other_word(reading: Reading, position: int) -> bool:
    token = reading.tokens[position]
    marker = settlement_marker(token.text)
    return bool(
        len(token.text) < 3 or marker or place_types(token.text) or place_types(_next_text(reading, position))
        or token.text in _FILLERS or token.text in HOUSE_WORDS
    )  # fmt: skip


# ---- types, settlements, houses ------------------------------------------------------------------------------


def _mark_types(reading: Reading) -> None:
    tokens = reading.tokens
    for position, token in enumerate(tokens):
        if token.kind != WORD or reading.roles[position] != FREE:
            continue
        types = place_types(token.text) or _cut_type(reading, position)
        if types and (len(token.text) > 1 or _single_letter_type(reading, position)):
            reading.types[position] = types
            reading.roles[position] = TYPE


def _cut_type(reading: Reading, position: int) -> frozenset[str]:
    """ "переул.", "набер.": the beginning of a type word, with a dot."""
    word = _plain(reading.tokens[position])
    if len(word) < 4 or not _dotted(reading, position):
        return frozenset()
    found = [name for name in STREET_TYPES if name.startswith(word)]
    return frozenset(found) if len(found) == 1 else frozenset()


def _single_letter_type(reading: Reading, position: int) -> bool:
    """ "л. 13-я В.О.", "ш. Энтузиастов", "п. Крылова": with a dot, not an initial before a surname's type."""
    before = reading.tokens[position - 1] if position else None
    if before is not None and before.kind == NUMBER and not _dotted(reading, position):
        return False
    if before is not None and before.kind == MARK and position > 1 and reading.roles[position - 2] == TYPE:
        return False
    return _dotted(reading, position) or _plain(reading.tokens[position]) in "шл"


def _read_settlements(reading: Reading, index: Index) -> None:
    taken: set[int] = set()
    markers = _markers(reading)
    longest = {n: index.settlement_names.most_words(t.text) for n, t in enumerate(reading.tokens) if t.kind == WORD}
    for length in range(max(longest.values(), default=0), 0, -1):
        for first in (n for n, most in longest.items() if most >= length):
            run = _settlement_run(reading, first, length)
            if run is None or taken.intersection(range(first, run[-1] + 1)):
                continue
            words = [reading.tokens[n].text for n in run]
            forms = index.settlement_names.same(words, is_latin(words[0]))
            if forms and (first in markers or not _is_street_phrase(reading, run)):
                found = _settlement_reading(reading, index, forms, run, markers)
                reading.settlements.append(found)
                if length > 1 or found.marked:
                    taken.update(range(first, run[-1] + 1))
    _read_urban_okrugs(reading, index)
    _read_misspelt_settlements(reading, index, markers)
    _note_unknown_settlement(reading, markers)


def _read_urban_okrugs(reading: Reading, index: Index) -> None:
    """ "г.о. Серпухов" names a municipality called after its town, so the town is named as well."""
    for _, run in reading.districts:
        words = [reading.tokens[n].text for n in run]
        beside = {reading.tokens[n].text for n in range(max(run[0] - 3, 0), run[-1] + 3) if n < len(reading.tokens)}
        if beside & _URBAN_OKRUG and not _ADJECTIVE.search(words[0]):
            forms = index.settlement_names.same(words, is_latin(words[0]))
            if forms:
                reading.settlements.append(
                    SettlementReading(tuple(forms), run[0], run[-1] + 1, forms[0].similarity, False, True)
                )


def _is_street_phrase(reading: Reading, run: Sequence[int]) -> bool:
    """ "ул. Ленина": the segment holds the words and a street type, nothing else."""
    segment = reading.segments[run[0]]
    others = [
        n
        for n, at in enumerate(reading.segments)
        if at == segment and n not in run and reading.tokens[n].kind == WORD and reading.roles[n] in (FREE, TYPE)
        and reading.tokens[n].text not in _FILLERS and reading.tokens[n].text not in HOUSE_WORDS
    ]  # fmt: skip
    if len(others) != 1 or not reading.types.get(others[0], frozenset()) & STREET_TYPES:
        return False
    # "2-я линия" has its name in the number
    numbers = [
        n for n in range(len(reading.tokens)) if reading.segments[n] == segment and reading.tokens[n].kind == NUMBER
    ]
    return not any(n in reading.ordinals or n + 1 == others[0] for n in numbers)


def _settlement_run(reading: Reading, first: int, length: int) -> list[int] | None:
    """`length` words in a row that may make a settlement's name; hyphens may stand between."""
    run: list[int] = []
    cursor = first
    while cursor < len(reading.tokens) and len(run) < length:
        token, role = reading.tokens[cursor], reading.roles[cursor]
        if token.kind == MARK and token.text == "-" and run:
            cursor += 1
            continue
        if token.kind != WORD or role not in (FREE, TYPE) or (len(token.text) < 2 and not run):
            return None
        run.append(cursor)
        cursor += 1
    if len(run) != length or _is_inside_compound(reading.tokens, run[0], cursor):
        return None
    return run


def _is_inside_compound(tokens: Sequence[Token], first: int, end: int) -> bool:
    """ "Кызыл" is not named by "Кызыл-Мажалык"."""
    before = first > 1 and tokens[first - 1].text == "-" and tokens[first].glued and tokens[first - 1].glued
    after = end + 1 < len(tokens) and tokens[end].text == "-" and tokens[end].glued and tokens[end + 1].glued
    return (before and tokens[first - 2].kind == WORD) or (after and tokens[end + 1].kind == WORD)


def _markers(reading: Reading) -> dict[int, tuple[int, frozenset[str]]]:
    """First token of a possible name -> the marker before it: "г. Рязань", "с.Глядень", "деревня Ивановка"."""
    found: dict[int, tuple[int, frozenset[str]]] = {}
    tokens = reading.tokens
    for position, token in enumerate(tokens):
        if token.kind != WORD or reading.roles[position] not in (FREE, TYPE, DISTRICT):
            continue
        kinds = settlement_marker(token.text)
        if not kinds:
            continue
        following = position + 1 + _dotted(reading, position)
        if following < len(tokens) and tokens[following].text == '"':
            following += 1
        if following >= len(tokens) or tokens[following].kind != WORD or len(tokens[following].text) < 2:
            continue
        if _marks_settlement(reading, position):
            found[following] = (position, kinds)
    return found


def _marks_settlement(reading: Reading, position: int) -> bool:
    """Not an initial ("ул. С. Есенина"), not a preposition ("рядом с Станцией"), not a house ("д 5")."""
    tokens, word = reading.tokens, reading.tokens[position].text
    before = position - 1
    while before >= 0 and tokens[before].text == ".":
        before -= 1
    previous = tokens[before] if before >= 0 else None
    starts = previous is None or previous.text in _SEGMENT_ENDS
    if previous is not None and previous.kind == WORD and reading.segments[before] == reading.segments[position]:
        if reading.roles[before] == TYPE and len(word) == 1:
            return False
        if len(previous.text) == 1 and len(word) == 1 and tokens[before + 1].text == ".":
            return False
    if len(word) == 1:
        return starts or _dotted(reading, position) or (previous is not None and previous.kind == NUMBER)
    return word not in _FILLERS or starts or _dotted(reading, position) or word.startswith("город")


def _settlement_reading(
    reading: Reading,
    index: Index,
    forms: Sequence[SettlementForm],
    run: Sequence[int],
    markers: dict[int, tuple[int, frozenset[str]]],
) -> SettlementReading:
    marker = markers.get(run[0])
    first = run[0] if marker is None else marker[0]
    similarity = max(form.similarity for form in forms)
    last = run[-1] + 1
    after = (
        settlement_marker(_next_text(reading, run[-1])) if _next_text(reading, run[-1]) in _AFTER_NAME else frozenset()
    )
    strong = marker is not None or bool(after) or _stands_as_settlement(reading, index, forms, run)
    kinds = marker[1] if marker else after
    return SettlementReading(tuple(forms), first, last + bool(after), similarity, bool(kinds), strong, kinds)


def _stands_as_settlement(reading: Reading, index: Index, forms: Sequence[SettlementForm], run: Sequence[int]) -> bool:
    """A segment of its own, after "в", or a known city at either end of the text."""
    if any(n in reading.types for n in run) and len(run) == 1:
        return False
    others = [
        n
        for n in range(len(reading.tokens))
        if reading.segments[n] == reading.segments[run[0]] and reading.tokens[n].kind != MARK
        and n not in run and reading.tokens[n].text not in _FILLERS and reading.roles[n] in (FREE, TYPE)
    ]  # fmt: skip
    if not others:
        return True
    if any(abs(n - m) <= 2 and n in reading.types for n in others for m in (run[0], run[-1])):
        return False
    if run[0] and reading.tokens[run[0] - 1].text in ("в", "во", "из"):
        return True
    words = [n for n, t in enumerate(reading.tokens) if t.kind != MARK and reading.roles[n] in (FREE, TYPE)]
    at_edge = run[0] == words[0] or run[-1] == words[-1]
    known = any(
        index.settlements[f.settlement].loaded or index.settlements[f.settlement].population > 5e4 for f in forms
    )
    return at_edge and known and max(form.similarity for form in forms) == 1.0


def _read_misspelt_settlements(reading: Reading, index: Index, markers: dict[int, tuple[int, frozenset[str]]]) -> None:
    """Only where a settlement must stand: after a marker, or in a segment of one or two words of its own."""
    certain = [found for found in reading.settlements if found.strong and found.similarity >= 0.95]
    if any(not _is_region_city(index, found) for found in certain):
        return
    covered = {n for found in certain for n in range(found.first, found.last)}
    starts = [start for start in markers if reading.roles[start] == FREE]
    starts += [start for start in _lone_segments(reading) if start not in starts and start not in covered]
    certain_region = reading.region is not None or bool(certain)
    for first in starts:
        for length in (3, 2, 1):
            run = _settlement_run(reading, first, length)
            if run is None or reading.segments[run[-1]] != reading.segments[first]:
                continue
            words = [reading.tokens[n].text for n in run]
            forms = [
                form for form in index.settlement_names.close(words, is_latin(words[0]))
                if form.similarity >= _misspelt_cutoff(reading, first in markers, certain_region)
            ]  # fmt: skip
            if forms:
                reading.settlements.append(_settlement_reading(reading, index, forms, run, markers))
                break


def _is_region_city(index: Index, found: SettlementReading) -> bool:
    """Москва and Санкт-Петербург are regions as well: a settlement beside them may still be named."""
    return any(index.settlements[form.settlement].name in index.regions.numbers for form in found.forms)


def _misspelt_cutoff(reading: Reading, marked: bool, region: bool) -> float:
    """Any word is near some village: the less else the text says of the settlement, the nearer the name must be.

    A named district that cannot be checked counts against: "с. Кирей Кулундинского р-на" is not Гирей elsewhere.
    """
    if reading.districts:
        return 0.9
    if region:
        return 0.79
    return 0.84 if marked else 0.87


def _lone_segments(reading: Reading) -> list[int]:
    """The first word of each segment that holds one to three free words and nothing else."""
    found: list[int] = []
    for segment in range(reading.segments[-1] + 1 if reading.segments else 0):
        inside = [
            n for n, at in enumerate(reading.segments)
            if at == segment and reading.tokens[n].kind != MARK and reading.tokens[n].text not in _FILLERS
            and reading.roles[n] not in (REGION, COUNTRY, PRIVATE)
        ]  # fmt: skip
        if (
            1 <= len(inside) <= 3
            and all(reading.roles[n] in (FREE, TYPE) and reading.tokens[n].kind == WORD for n in inside)
            and not any(reading.types.get(n, frozenset()) & STREET_TYPES for n in inside)
        ):
            found.append(inside[0])
    return found


def _note_unknown_settlement(reading: Reading, markers: dict[int, tuple[int, frozenset[str]]]) -> None:
    """A marker before a name no settlement has: the whole text is refused, unless a street takes the name."""
    for first, (position, kinds) in markers.items():
        if not kinds & STRICT_MARKERS or reading.roles[first] not in (FREE, TYPE):
            continue
        if any(found.first <= position and first < found.last for found in reading.settlements):
            continue
        if reading.tokens[first].text in HOUSE_WORDS or part_kind(reading.tokens[first].text):
            continue
        reading.unknown_settlement = (position, first)
        return


def _read_houses(reading: Reading) -> None:
    options: list[HouseOption] = []
    covered = -1
    for position, token in enumerate(reading.tokens):
        if token.kind != NUMBER or reading.roles[position] != FREE or position < covered:
            continue
        found = read_house(reading.tokens, position, latin=reading.latin)
        if found is None:
            found = _before_type_word(reading, position)
            if found is None:
                continue
        marked = found.start < position
        doubtful = not marked and _before_type(reading, position)
        options.append(HouseOption(found, marked, doubtful))
        covered = found.end
    marked_ones = [option for option in options if option.marked]
    reading.houses = (marked_ones or options)[:_MOST_HOUSES]


def _before_type_word(reading: Reading, position: int) -> HouseReading | None:
    """ "дом 12 линия 5": after a house word a number is a house even before линия."""
    before = position - 1
    while before >= 0 and reading.tokens[before].text in (".", "№"):
        before -= 1
    if before < 0 or reading.tokens[before].text not in HOUSE_WORDS or position in reading.ordinals:
        return None
    if _next_text(reading, position) in NAME_WORDS:
        return None
    return read_house(reading.tokens[: position + 1], position, latin=reading.latin)


def _before_type(reading: Reading, position: int) -> bool:
    return position + 1 in reading.types and reading.segments[position + 1] == reading.segments[position]


def _mark_fillers(reading: Reading) -> None:
    """Prepositions, house words and markers that announce something else are not names; note where context ends."""
    settled = {n for found in reading.settlements for n in range(found.first, found.last)}
    inside_house = {n for option in reading.houses for n in range(option.reading.start, option.reading.end)}
    for position, token in enumerate(reading.tokens):
        if token.kind != WORD or reading.roles[position] != FREE:
            continue
        if token.text in _RELATIONS:
            reading.roles[position] = CONTEXT
            reading.context_end = max(reading.context_end, position + 1)
        elif token.text in HOUSE_WORDS and (position in inside_house or len(token.text) > 1):
            reading.roles[position] = HOUSE_WORD if position in inside_house else SOFT
            if token.text in _OBLIQUE_HOUSE and position not in inside_house:
                reading.context_end = max(reading.context_end, position + 1)
        elif token.text in _FILLERS and position not in settled:
            reading.roles[position] = SOFT if len(token.text) > 2 else FILLER
            if token.text in _BEFORE_STREET and position + 1 in reading.types:
                reading.context_end = max(reading.context_end, position + 1)
        elif settlement_marker(token.text) and position in {
            found.first for found in reading.settlements if found.marked
        }:
            reading.roles[position] = MARKER
