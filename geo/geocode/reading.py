"""What is known of a text before any name is looked up: its tokens, and what each of them may be.

A reading does not decide. It marks what is certain (a postcode, an apartment, a region), lists what is possible
(settlements named, numbers that can be the house) and leaves the words that must be found in names. `read` fills it,
`match` lets the gazetteer choose among the possibilities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from geo.geocode.house import HouseReading, read_house
from geo.geocode.normalise import MARK, NUMBER, WORD, Token
from geo.geocode.settlement_names import SettlementForm
from geo.geocode.transliterate import is_latin, to_cyrillic
from geo.geocode.types import DISTRICT_ADJECTIVES
from geo.geocode.wordlist import spaced

# what a token turned out to be; an empty role is a word (or number) to be found in names
# SOFT words say nothing, yet a name may hold them ("Дом книги")
FREE, PUNCTUATION, FILLER, SOFT, CONTEXT, TAIL, PRIVATE, COUNTRY, REGION, DISTRICT, TYPE, MARKER, HOUSE_WORD = (
    "", "punctuation", "filler", "soft", "context", "apartment", "private", "country", "region", "district", "type",
    "marker", "house word",
)  # fmt: skip


_SHORT_ROLES = frozenset((FREE, SOFT, FILLER, HOUSE_WORD, MARKER, TYPE))
_LONGEST_SHORT = 5


FILLERS = frozenset(
    spaced(
        "на в во у к ко по из от до за и с со а но же бы ли номер адрес адресу адреса дом дома доме домом дому "
        "везде всюду повсюду весь вся все всех всего данных указан указано неизвестно "
        "что это наш наша наше нашем нашей нашего мой моя моей где здесь тут там находится расположен "
        "расположено расположенный расположенная прошу просим просьба пожалуйста нет не очень есть будет был "
        "была были или также около возле район районе города городе в no n улицы"
    )
)


ADJECTIVE = re.compile(r"(ский|ского|скому|ском|ским|цкий|цкого|цком|ный|ного|ном|ной|вый|вого|вом|ский|ская|ской|"
                        r"цкая|цкой|кий|кого|ком|ный|чий|ий|ого|skiy|skij|sky|skogo|ской|ое|ого)$")  # fmt: skip


SEGMENT_ENDS = frozenset(",;:!?()[]\n")


class SettlementReading(NamedTuple):
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


class HouseOption(NamedTuple):
    """A number that can be the house; `marked` by "д.", "дом" or another word, or `doubtful` before a type word."""

    reading: HouseReading
    marked: bool
    doubtful: bool


class OpenWord(NamedTuple):
    """A word or number that a place has to explain: where it stands, its sort, what it weighs, whether it is a word
    such as Big or Small, whether it says nothing beside an object."""

    position: int
    segment: int
    sort: int
    weight: float = 0.0
    qualifier: bool = False
    weightless: bool = False


@dataclass(slots=True)
class Reading:
    """One text, token by token. `segments`, `roles` and `words` (as the index would hold them) run parallel."""

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
    # the words that may be something else than a name
    telling: list[int] = field(default_factory=list)
    word_positions: list[int] = field(init=False)
    number_positions: list[int] = field(init=False)
    _open: list[int] | None = None
    _short: list[tuple[int, str]] | None = None
    _ranked: list[SettlementReading] | None = None
    _houses_at: dict[int, HouseReading | None] = field(default_factory=dict)
    # what the words a place has to explain weigh, once `agreement` has weighed them
    open_words: list[OpenWord] | None = None

    def __post_init__(self) -> None:
        self.word_positions = [n for n, token in enumerate(self.tokens) if token.kind == WORD]
        self.number_positions = [n for n, token in enumerate(self.tokens) if token.kind == NUMBER]

    def open_positions(self) -> list[int]:
        """The tokens that a place has to explain; asked once the text is read to the end."""
        if self._open is None:
            self._open = [n for n, role in enumerate(self.roles) if role in (FREE, TYPE)]
        return self._open

    def house_at(self, position: int) -> HouseReading | None:
        """The house whose number stands at a position; None when the number cannot be one."""
        if position not in self._houses_at:
            self._houses_at[position] = read_house(self.tokens, position, latin=self.latin)
        return self._houses_at[position]

    def ranked_settlements(self) -> list[SettlementReading]:
        """The settlements that may be named, firm and similar ones first; asked once the text is read to the end."""
        if self._ranked is None:
            self._ranked = sorted(self.settlements, key=lambda found: (-found.strong, -found.similarity))
        return self._ranked

    def short_words(self) -> list[tuple[int, str]]:
        """The words that may abbreviate one of a name, each with its token; asked once the text is read to the end."""
        if self._short is None:
            self._short = [
                (n, self.tokens[n].text)
                for n in self.word_positions
                if len(self.tokens[n].text) <= _LONGEST_SHORT and self.roles[n] in _SHORT_ROLES
            ]
        return self._short


def plain(word: str) -> str:
    """A folded word in Cyrillic."""
    return to_cyrillic(word) if is_latin(word) else word


def dotted(reading: Reading, position: int) -> bool:
    return position + 1 < len(reading.tokens) and reading.tokens[position + 1].text == "."


def mark_run(reading: Reading, run: Sequence[int], position: int, role: str) -> None:
    first, last = min(*run, position), max(*run, position)
    for n in range(first, last + 1):
        if reading.tokens[n].kind == WORD:
            reading.roles[n] = role


def words_before(reading: Reading, position: int, count: int) -> list[int]:
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


def words_after(reading: Reading, position: int, count: int) -> list[int]:
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


def next_text(reading: Reading, position: int) -> str:
    return reading.tokens[position + 1].text if position + 1 < len(reading.tokens) else ""
