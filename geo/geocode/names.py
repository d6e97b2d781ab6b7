"""What are the words of a name, and how much does each tell places apart?

A street's name is a type ("улица") and a few words. Not all weigh the same: the surname tells streets apart, the
rank or first name before it is often left out, and "Большая", "Новая" or a number may never be exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from geo.geocode.house import is_ordinal, ordinal_end
from geo.geocode.normalise import MARK, NUMBER, WORD, Token, roman_number, stem, tokenise
from geo.geocode.pois import SYNONYMS, WEIGHTLESS
from geo.geocode.transliterate import is_latin, to_cyrillic
from geo.geocode.types import AREA_TYPES, HYPHENATED, INITIALISMS, place_types
from geo.geocode.wordlist import spaced

NAME, ORDINAL, QUALIFIER, TITLE, FORENAME, INITIAL, WEIGHTLESS_WORD = range(7)
# share of a word's full weight by its class
CLASS_WEIGHTS = {
    NAME: 1.0, ORDINAL: 1.0, QUALIFIER: 0.7, TITLE: 0.18, FORENAME: 0.45, INITIAL: 0.12, WEIGHTLESS_WORD: 0.1,
}  # fmt: skip

_ORDINAL_WORDS = {
    stem(word): number
    for number, word in enumerate(
        ("первая", "вторая", "третья", "четвертая", "пятая", "шестая", "седьмая", "восьмая", "девятая", "десятая",
         "одиннадцатая", "двенадцатая"), start=1,
    )
}  # fmt: skip
_ORDINAL_WORD = re.compile(
    r"(перв|втор|трет|четверт|пят|шест|седьм|восьм|девят|десят)(ая|ый|ой|ий|ое|ые|ого|ую|ом|ья|ью|ьей|ье)$"
)
_ADJECTIVAL = re.compile(r"(ая|яя|ый|ий|ой|ое|ее|ых|их|ого|его|ей)$")
_QUALIFIERS = (
    "большая малая новая старая верхняя нижняя средняя северная южная восточная западная левая правая внутренняя "
    "внешняя дальняя ближняя боковая кривая прямая поперечная продольная передняя задняя"
)
_QUALIFIER_STEMS = frozenset(stem(word) for word in _QUALIFIERS.split())
_QUALIFIER_SHORT = {
    "б": "больш", "бол": "больш", "больш": "больш", "м": "мал", "мал": "мал", "н": "нов", "нов": "нов", "ст": "стар",
    "стар": "стар", "верх": "верхн", "в": "верхн", "нижн": "нижн", "ниж": "нижн", "ср": "средн", "сред": "средн",
    "сев": "северн", "юж": "южн", "вост": "восточн", "зап": "западн",
}  # fmt: skip
TITLES = frozenset(
    spaced(
        "академика маршала генерала лейтенанта капитана адмирала героя героев героини космонавта "
        "летчика летчиков летчицы братьев брата сестер сестры поэта писателя профессора доктора врача "
        "хирурга инженера композитора художника архитектора конструктора полковника майора комиссара "
        "комдива командарма командира разведчика партизана партизанки комсомольца комсомолки рабочего "
        "матроса сержанта старшего младшего рядового солдата солдатская пулеметчика снайпера танкиста "
        "учителя воина имени им памяти святого святой князя графа царя атамана режиссера "
        "авиаконструктора кинорежиссера артиста народного подводника пионера пионера-героя генерал "
        "контр-адмирала вице контр подполковника политрука директора металлурга шахтера шофера "
        "машиниста железнодорожника краеведа просветителя карла розы клары максима юрия александра "
        "алексея николая ивана василия петра павла сергея михаила льва федора константина владимира "
        "дмитрия андрея антона виктора георгия григория евгения зои лизы олега степана тараса "
        "фридриха феликса эрнста якова анны марии валентина валентины валерия германа богдана "
        "емельяна игоря ильи кузьмы лазаря надежды веры семена софьи спиридона тимура ульяны хади "
        "габдуллы мусы салавата чингиза токтогула демьяна аркадия анатолия бориса веры вадима "
        "вячеслава геннадия инессы кирилла леонида мухтара назыма остапа остпа паши тимофея эдуарда"
    )
)
# "В.О." and "П.С." tell Petersburg's twin streets apart; written with a dot they are not taken for the preposition
_TWIN_SUFFIXES = {"во": "в.о", "пс": "п.с"}
_DROPPED = frozenset(["и", "на", "в", "во", "у", "по", "при", "имени", "им", "под", "за", "к", "№"])
_YEAR_WORDS = {"летия": "лет", "летие": "лет", "летию": "лет", "году": "год", "года": "год", "г": "год", "лет": "лет"}


class NameWord(NamedTuple):
    """A word of a name as the index holds it: numbers are "#12"; `kind` is one of the classes above."""

    text: str
    kind: int


class Name(NamedTuple):
    """A name read into its type words (empty when it has none) and the words that tell it apart."""

    types: frozenset[str]
    words: tuple[NameWord, ...]


_HYPHENS = frozenset("-/")


def join_words(tokens: Sequence[Token]) -> list[Token]:
    """Put together what tokenising took apart: "пр-кт", "с/с", "В.О.", "р.п."."""
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        token, end = tokens[position], 0
        if token.kind == WORD:
            following = tokens[position + 1].text if position + 1 < len(tokens) else ""
            if following in _HYPHENS:
                end = _hyphenated_end(tokens, position)
            if not end and len(token.text) == 1:
                end = _initialism_end(tokens, position)
        joined.append(_join(tokens[position:end]) if end else token)
        position = end or position + 1
    return joined


def _join(tokens: Sequence[Token]) -> Token:
    first, last = tokens[0], tokens[-1]
    text = "".join(token.text for token in tokens if token.text != ".")
    if len(tokens) > 1 and tokens[1].text not in ("-", "/"):
        text = "".join(map(_initial, text))
    return Token(_TWIN_SUFFIXES.get(text, text), WORD, first.start, last.end, first.glued)


def _hyphenated_end(tokens: Sequence[Token], position: int) -> int:
    if position + 2 >= len(tokens):
        return 0
    middle, last = tokens[position + 1], tokens[position + 2]
    if not (middle.glued and last.glued and last.kind == WORD):
        return 0
    for length in (5, 3):
        if position + length <= len(tokens):
            text = "".join(token.text for token in tokens[position : position + length])
            if text in HYPHENATED or text in SYNONYMS:
                return position + length
    return 0


def _initialism_end(tokens: Sequence[Token], position: int) -> int:
    """ "В.О.", "п. г. т.", "в о": single letters that make a known word; a dot after the last one goes with them."""
    letters, end, cursor = "", 0, position
    before = tokens[position - 1].text if position else ","
    while cursor < len(tokens) and tokens[cursor].kind == WORD and len(tokens[cursor].text) == 1 and len(letters) < 3:
        letters += _initial(tokens[cursor].text)
        dotted = cursor + 1 < len(tokens) and tokens[cursor + 1].text == "."
        known = letters in INITIALISMS and (before in _STARTS or letters not in _LIKE_INITIALS)
        if len(letters) > 1 and known and (dotted or letters == "во"):
            end = cursor + 1 + dotted
        if not dotted and letters[0] != "в":
            break
        cursor += 1 + dotted
    return end


# "С.П. Королёва" has initials, "с.п. Ивановское" is a rural settlement: the latter begins a part of the text
_LIKE_INITIALS = frozenset(("сп", "нп", "гп", "мо", "мр", "кп", "дп", "ао"))
_STARTS = frozenset(",;()")


def _initial(letter: str) -> str:
    """A Latin letter of "V.O." or "B.O." as the Cyrillic one it sounds or looks like."""
    if not is_latin(letter):
        return letter
    return "в" if letter == "b" else to_cyrillic(letter)


def number_word(number: int | str) -> str:
    """How the index writes a number of a name, so that it never meets an ordinary word."""
    return f"#{int(number)}"


def ordinal_word(word: str) -> str | None:
    """ "первая" and "второй" are the numbers they say; None for other words."""
    if not _ORDINAL_WORD.match(word):
        return None
    number = _ORDINAL_WORDS.get(stem(word)) or _ORDINAL_WORDS.get(stem(word[:-1]))
    return number_word(number) if number else None


@lru_cache(maxsize=65536)
def word_class(word: str) -> int:
    """Which class a word of a street's name belongs to."""
    if word[0] == "#":
        return ORDINAL
    if len(word) == 1:
        return INITIAL
    if word in TITLES:
        return TITLE
    if stem(word) in _QUALIFIER_STEMS:
        return QUALIFIER
    return NAME


def qualifier_of(word: str, dotted: bool) -> str:
    """The stem of the qualifier a word is or abbreviates ("больш" for "Б."), empty for other words."""
    found = stem(word)
    if found in _QUALIFIER_STEMS:
        return found
    return _QUALIFIER_SHORT.get(word, "") if dotted or len(word) > 1 else ""


@lru_cache(maxsize=65536)
def read_name(text: str) -> Name:
    """The type and the words of a street's or area's name.

    >>> name = read_name("9-я Парковая улица")
    >>> sorted(name.types), [word.text for word in name.words]
    (['улица'], ['#9', 'парковая'])
    """
    tokens = [token for token in join_words(tokenise(text)) if token.kind != MARK or token.text in ("-", ".")]
    words = _words(tokens)
    position = _type_position(words)
    types = place_types(words[position][0]) if position is not None else frozenset()
    core = [word for place, (word, _) in enumerate(words) if place != position and word not in _DROPPED]
    if not core:
        core = [word for word, _ in words]
    return Name(types, _classed(core[:14]))


def _classed(core: Sequence[str]) -> tuple[NameWord, ...]:
    """Each word with its class; in "Павлика Морозова" the first is a forename that people leave out."""
    kinds = [word_class(word) for word in core]
    for place, word in enumerate(core[:-1]):
        if kinds[place] == kinds[-1] == NAME and len(core) == 2 and not _ADJECTIVAL.search(word):
            kinds[place] = FORENAME
    return tuple(map(NameWord, core, kinds))


def read_object_name(text: str) -> Name:
    """The words of an object's name; it has no type, and words of legal form weigh next to nothing."""
    words = [SYNONYMS.get(word, word) for word, _ in _words(join_words(tokenise(text)))]
    kept = [word for word in words if word not in _DROPPED][:14]
    return Name(frozenset(), tuple(NameWord(word, _object_class(word)) for word in kept))


def _object_class(word: str) -> int:
    if word[0] == "#":
        return ORDINAL
    return WEIGHTLESS_WORD if word in WEIGHTLESS or word in TITLES or len(word) == 1 else NAME


def _words(tokens: Sequence[Token]) -> list[tuple[str, bool]]:
    """The words with numbers made "#n" and ordinal endings taken off; beside each, whether a dot follows."""
    found: list[tuple[str, bool]] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        following = position + 1
        if token.kind == NUMBER:
            if is_ordinal(tokens, position):
                following = ordinal_end(tokens, position)
            found.append((number_word(token.text), False))
        elif token.kind == WORD:
            dotted = following < len(tokens) and tokens[following].text == "."
            found.append((name_word(token.text), dotted))
        position = following
    return found


@lru_cache(maxsize=65536)
def name_word(word: str) -> str:
    """A word of a name as the index writes it: ordinals and Roman numerals as numbers, "летия" as "лет"."""
    number = roman_number(word)
    if number is not None:
        return number_word(number)
    return ordinal_word(word) or _YEAR_WORDS.get(word, word)


def _type_position(words: Sequence[tuple[str, bool]]) -> int | None:
    """Which word is the type: a full one before an abbreviation, улица before all, the first word before the rest."""
    best: tuple[int, int] | None = None
    for position, (word, dotted) in enumerate(words):
        types = place_types(word)
        if not types or (len(word) == 1 and not dotted):
            continue
        rank = _type_rank(word, types, position, len(words))
        if best is None or rank < best[0]:
            best = (rank, position)
    return None if best is None else best[1]


def _type_rank(word: str, types: frozenset[str], position: int, length: int) -> int:
    full = word in types
    rank = 0 if "улица" in types else 1 if full else 2 if len(word) > 1 else 4
    if types <= AREA_TYPES:
        rank += 3
    # "Аллея Парка Победы", "площадь Набережная": the type stands first or last
    return 2 * rank + (0 if position in (0, length - 1) else 1)
