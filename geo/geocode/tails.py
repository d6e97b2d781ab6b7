"""Which parts of a text are no address at all: telephones, postcodes, countries, apartments, entrances, floors?

They are marked before anything is matched, and are neither stored with the normal form nor sent to anybody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from geo.geocode.house import MOST_DIGITS, is_ordinal
from geo.geocode.index import Index
from geo.geocode.normalise import MARK, NUMBER
from geo.geocode.reading import (
    CONTEXT,
    COUNTRY,
    DISTRICT,
    FREE,
    PRIVATE,
    PUNCTUATION,
    REGION,
    SEGMENT_ENDS,
    TAIL,
    Reading,
    next_text,
)
from geo.geocode.types import COUNTRIES, COUNTRY_ADJECTIVES
from geo.geocode.wordlist import spaced

_PRIVATE = re.compile(
    r"(?:\+?\s?[78]|\b996|\+996)[\s(‑-]*\d{3}[\s)‑-]*\d{2,3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)"  # telephone
    r"|\b\d{3}-\d{2}-\d{2}\b"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b(?:тел|моб|т)\.?\s*:?\s*\+?[\d\s()-]{6,}",
    re.IGNORECASE,
)


_DIGIT = re.compile(r"\d")
TAIL_WORDS = frozenset(
    spaced(
        "кв квартира квартиры квартире квартир кв-ра кварт апартаменты апарт апарты оф офис офиса офисе пом "
        "помещ помещение помещения помещении ком комн комната комнаты комнате каб кабинет кабинета подъезд "
        "подъезда подъезде подьезд под п-д парадная парадной пар парадное эт этаж этажа этаже домофон код секц "
        "бокс вход ап apt kv kvartira ofis office of pomeshchenie podezd podyezd etazh flat room"
    )
)


_BEFORE_TAIL = frozenset(spaced("подъезд подъезда подъезде парадная парадной этаж этажа этаже эт вход"))


def without_private(text: str) -> str:
    """Telephones and mail addresses are blanked before anything else looks at the text; positions stay."""
    return _PRIVATE.sub(lambda found: " " * len(found[0]), text) if "@" in text or _many_digits(text) else text


def _many_digits(text: str) -> bool:
    return len(_DIGIT.findall(text)) >= 7


def mark_postcode_and_country(reading: Reading) -> None:
    tokens = reading.tokens
    for position in reading.number_positions:
        if len(tokens[position].text) == 6:
            reading.roles[position] = PRIVATE
    for position in reading.telling:
        text = tokens[position].text
        if text in COUNTRIES or (text in COUNTRY_ADJECTIVES and next_text(reading, position) in COUNTRIES):
            reading.roles[position] = COUNTRY


def mark_people(reading: Reading) -> None:
    """ "Есенина 110, Иванов И.И.": a part behind the house that is a surname with two initials and nothing else."""
    tokens = reading.tokens
    numbered = [reading.segments[n] for n in reading.number_positions if len(tokens[n].text) <= MOST_DIGITS]
    for segment in range(min(numbered) + 1, reading.segments[-1] + 1) if numbered else ():
        words = [n for n in reading.word_positions if reading.segments[n] == segment]
        if len(words) != 3:
            continue
        letters = [len(tokens[n].text) for n in words]
        dotted = all(next_text(reading, n) == "." for n in words[1:])
        followed = segment in numbered or segment + 1 in numbered
        if letters[0] > 2 and letters[1:] == [1, 1] and dotted and not followed:
            _set(reading.roles, words[0], words[-1] + 1, PRIVATE)


def mark_tails(reading: Reading) -> None:
    """Apartments, offices, entrances, floors: cut before anything is matched, stored or sent."""
    tokens, roles = reading.tokens, reading.roles
    for position in reading.telling:
        token = tokens[position]
        if token.text not in TAIL_WORDS or roles[position] != FREE:
            continue
        end = position + 1
        while end < len(tokens) and tokens[end].text in (".", "№", ":", "-"):
            end += 1
        if end < len(tokens) and tokens[end].kind == NUMBER and not is_ordinal(tokens, end):
            end += 1
            while end < len(tokens) and (
                (tokens[end].glued and (tokens[end].kind == NUMBER or len(tokens[end].text) == 1))
                and tokens[end].text not in SEGMENT_ENDS
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


# what is never part of the address itself
_LEFT_OUT = frozenset((TAIL, PRIVATE, COUNTRY, CONTEXT))
_PATRONYMICS = ("вич", "вича", "вичу", "вна", "вны", "вне", "ична", "ичны", "оглы", "кызы", "уулу")


def plain_form(text: str) -> str:
    """The same for texts that hold no words of an address, as coordinates: case and blanks do not count."""
    return " ".join(text.casefold().split())


def _story_end(reading: Reading, index: Index) -> int:
    """Where the story before "около" ends; 0 when it holds anything that may name a place ("Мира, 5, около дома")."""
    if not reading.context_end:
        return 0
    names = {n for found in reading.settlements for n in range(found.first, found.last)} | set(reading.types)
    for n in range(reading.context_end):
        known = reading.roles[n] == FREE and bool(index.vocabulary.same(reading.words[n]))
        if n in names or known or reading.roles[n] in (REGION, DISTRICT) or reading.tokens[n].kind == NUMBER:
            return 0
    return reading.context_end


def normal_form(reading: Reading, index: Index) -> str:
    """The text as rows are compared: folded words and numbers, without stories, people, telephones, apartments.

    It is what the queue stores and decisions are kept under, so no word that may name a place is left out.
    """
    people, story = _people(reading), _story_end(reading, index)
    chosen = [
        n
        for n, role in enumerate(reading.roles)
        if role not in _LEFT_OUT and reading.segments[n] not in people and n >= story
    ]
    words = (reading.tokens[n] for n in chosen)
    return " ".join(token.text for token in words if token.kind != MARK or token.text in ("/", "-"))


def _people(reading: Reading) -> set[int]:
    """Parts between commas that are the name of a person: two to four words, one of them a patronymic."""
    named = {reading.segments[n] for n in reading.word_positions if _is_patronymic(reading.tokens[n].text)}
    if not named:
        return named
    words = Counter(reading.segments[n] for n in reading.word_positions)
    return {segment for segment in named - {reading.segments[n] for n in reading.types} if 2 <= words[segment] <= 4}


def _is_patronymic(word: str) -> bool:
    return word.endswith(_PATRONYMICS) and word not in _PATRONYMICS


def address_only(reading: Reading, used: Iterable[int] = ()) -> str:
    """What may be sent to somebody else's geocoder: the parts of the raw text that have the form of an address.

    A part between commas is kept when it holds a type word, a house, a settlement, a region, a district or a word that
    a known place explains (`used`), or stands right before a bare house number; stories and people stay here.
    """
    text = ""
    for n in _address_tokens(reading, used):
        token = reading.tokens[n]
        if token.text in SEGMENT_ENDS:
            text += "," if text and not text.endswith(",") else ""
        else:
            text += "" if (token.glued and not text.endswith(",")) or not text else " "
            text += reading.raw[token.start : token.end]
    return text.strip(" ,.-")


def _address_tokens(reading: Reading, used: Iterable[int]) -> list[int]:
    keep = set(used) | set(reading.types) | {n for n, role in enumerate(reading.roles) if role in (REGION, DISTRICT)}
    keep |= {n for found in reading.settlements for n in range(found.first, found.last)}
    segments = {reading.segments[n] for n in keep}
    for option in reading.houses:
        segment = reading.segments[option.reading.start]
        segments |= {segment} if segment in segments else {segment, segment - 1}
    segments -= _people(reading)
    return [
        n
        for n, role in enumerate(reading.roles)
        if reading.segments[n] in segments and n >= reading.context_end and role not in _LEFT_OUT
    ]
