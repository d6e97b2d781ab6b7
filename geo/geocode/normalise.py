"""Which words and numbers does this text hold, written the one way the index writes them?

Folding serves matching only: the text people typed and the names people read keep their form. Every token
remembers where it stood in the raw text, so that a reviewer can be shown what was understood and what was not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from geo.geocode.transliterate import is_latin

_FOLDS = str.maketrans(
    {
        "ё": "е", "ө": "о", "ү": "у", "ң": "н", "ә": "а", "җ": "ж", "һ": "х", "қ": "к", "ғ": "г", "ұ": "у", "ҳ": "х",
        "ӣ": "и", "ӯ": "у", "«": '"', "»": '"', "„": '"', "“": '"', "”": '"', "‟": '"', "″": '"', "′": "'", "’": "'",
        "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\\": "/", "∕": "/",
        "⁄": "/", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\r": " ", "\n": " ", "_": " ", "|": ",",
        "#": "№", "•": ",",
    }
)  # fmt: skip
_FOLDED = re.compile("[" + re.escape("".join(map(chr, _FOLDS))) + "]")
# everything the fast path may see; anything else (ligatures, full-width digits, accents) is folded letter by letter
_PLAIN = re.compile(r"[\x20-\x7eа-яёіїўєөүңәҗһқғұҳ«»„“”‘’–—−‐‑№°\u00a0\t\r\n…•]*", re.IGNORECASE)
_LOOKALIKES = str.maketrans("abcehkmoptxyë", "авсенкмортхуе")
_LOOKALIKE_WORD = re.compile(r"[abcehkmoptxyë]*")
_LATIN = re.compile(r"[a-zà-ž]")
_CYRILLIC = re.compile(r"[а-яі]")
# its three groups are the three kinds of token
_TOKEN = re.compile(r"([^\W\d_]+(?:'[^\W\d_]+)*'?)|(\d+)|([^\w\s])")
_CAMEL = re.compile(r"(?<=[а-яёa-z])(?=[А-ЯЁA-Z])")
_ROMAN_NUMBER = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})$")

WORD, NUMBER, MARK = "word", "number", "mark"
_KINDS = ("", WORD, NUMBER, MARK)


class Token(NamedTuple):
    """One word, number or punctuation mark of a text.

    `text` is folded; `start` and `end` count characters of the raw text; `glued` says no blank stood before it.
    """

    text: str
    kind: str
    start: int
    end: int
    glued: bool


def fold(text: str) -> tuple[str, list[int] | None]:
    """Lower case, one dash, one quote, no accents, ё as е; with the raw position of each letter.

    Positions are None when nothing moved (nearly always).
    """
    if _PLAIN.fullmatch(text):
        lowered = text.lower()
        if len(lowered) == len(text):
            return (lowered.translate(_FOLDS) if _FOLDED.search(lowered) else lowered), None
    return _fold_by_letter(text)


def _fold_by_letter(text: str) -> tuple[str, list[int]]:
    letters: list[str] = []
    positions: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for letter in _plain_letters(text[start:end]):
            letters.append(letter)
            positions.append(start)
        start = end
    return "".join(letters), positions


@lru_cache(maxsize=4096)
def _plain_letters(cluster: str) -> str:
    if cluster[0] in "№…":
        return cluster[0]
    composed = unicodedata.normalize("NFKC", cluster).lower().translate(_FOLDS)
    if _PLAIN.fullmatch(composed):
        return composed
    stripped = "".join(c for c in unicodedata.normalize("NFD", composed) if not unicodedata.combining(c))
    # й and ё are letters of their own; other accents are only decoration
    return (stripped if "й" not in composed else composed.replace("\u0301", "")).translate(_FOLDS)


def tokenise(text: str) -> list[Token]:
    """All words, numbers and marks of a text, folded, lookalike letters put into one alphabet.

    >>> [t.text for t in tokenise("г.Москва,УЛ. Ленина,д.7к37")]
    ['г', '.', 'москва', ',', 'ул', '.', 'ленина', ',', 'д', '.', '7', 'к', '37']
    """
    folded, positions = fold(text)
    tokens: list[Token] = []
    previous_end = -1
    mixed = _LATIN.search(folded) is not None
    for found in _TOKEN.finditer(folded):
        start, end = found.span()
        word, kind = found[0], _KINDS[found.lastindex or 0]
        if kind == WORD:
            word = one_alphabet(word) if mixed else word.rstrip("'")
        raw_start, raw_end = (start, end) if positions is None else (positions[start], positions[end - 1] + 1)
        tokens.append(Token(word, kind, raw_start, raw_end, start == previous_end))
        previous_end = end
    return tokens


def one_alphabet(word: str) -> str:
    """A word mixing alphabets by accident ("Mосква" with a Latin M) is put into Cyrillic."""
    if not _LATIN.search(word) or not _CYRILLIC.search(word):
        return word.rstrip("'") if not _LATIN.search(word) else word
    letters = word.translate(_LOOKALIKES)
    return letters if not _LATIN.search(letters) else word


def split_camel(raw: str) -> list[str]:
    """The parts of a word whose blank was lost: "улЛенина" is two words.

    >>> split_camel("улЛенина")
    ['ул', 'Ленина']
    """
    return _CAMEL.split(raw)


def roman_number(word: str) -> int | None:
    """The value of a folded Roman numeral up to 39, None for other words.

    >>> roman_number("xxii"), roman_number("мир")
    (22, None)
    """
    if not word or word[0] not in "ivx" or not _ROMAN_NUMBER.match(word):
        return None
    values = {"i": 1, "v": 5, "x": 10}
    total = 0
    for letter, following in zip(word, word[1:] + "i", strict=True):
        total += -values[letter] if values[letter] < values[following] and following != "i" else values[letter]
    return total


_ENDINGS = (
    "иями", "ями", "ами", "ыми", "ими", "ого", "его", "ому", "ему", "иях", "ией", "иям",
    "ая", "яя", "ой", "ей", "ую", "юю", "ое", "ее", "ом", "ем", "ый", "ий", "ые", "ие", "ых", "их", "ым", "им",
    "ов", "ев", "ам", "ям", "ах", "ях", "ия", "ию", "ии", "ью", "ье", "ья", "ьи",
    "а", "я", "у", "ю", "е", "и", "ы", "о", "ь", "й",
)  # fmt: skip
_BY_LAST = {
    letter: tuple(sorted((e for e in _ENDINGS if e[-1] == letter), key=len, reverse=True))
    for letter in {e[-1] for e in _ENDINGS}
}
_SHORTEST_STEM = 3


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A folded Russian word without its case ending; never shorter than three letters.

    >>> stem("гаванской"), stem("гаванская"), stem("рязани"), stem("рязань")
    ('гаванск', 'гаванск', 'рязан', 'рязан')
    """
    for ending in _BY_LAST.get(word[-1:], ()):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


# nominative ending of a place name -> endings in which addresses use it ("в Рязани", "из Мытищ"), never "с Киреей"
_PLACE_CASES = (
    ("ая", ("ой", "ую")), ("яя", ("ей", "юю")), ("ое", ("ого", "ом", "ому")), ("ее", ("его", "ем", "ему")),
    ("ий", ("ого", "его", "ом", "ем", "ому", "ему", "я", "ю", "и")), ("ый", ("ого", "ом", "ому")),
    ("ой", ("ого", "ом", "ому")), ("ие", ("их",)), ("ые", ("ых",)), ("ия", ("ии", "ию")), ("й", ("я", "ю", "е")),
    ("а", ("ы", "и", "е", "у")), ("я", ("и", "е", "ю")), ("о", ("а", "е", "у")), ("е", ("а", "я", "у", "ю")),
    ("ы", ("", "ов", "ах", "ам")), ("и", ("", "ов", "ей", "ах", "ам", "ях", "ям")), ("ь", ("и", "я", "е", "ю")),
)  # fmt: skip
_CONSONANT_ENDINGS = (
    "ого",
    "его",
    "ому",
    "ему",
    "ами",
    "ями",
    "ом",
    "ем",
    "ах",
    "ях",
    "ов",
    "ев",
    "ам",
    "ям",
    "их",
    "ых",
)
_CONSONANT_CASES = ("а", "е", "у", "я")


def root(word: str) -> str:
    """A word without the vowels at its end: the same for the cases of a place name whose endings are vowels."""
    return word.rstrip("аеиоуыэюяйь") or word


def without_case(word: str) -> str:
    """A word without a case ending that holds a consonant, itself when it has none."""
    for ending in _CONSONANT_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM - 1:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=16384)
def is_case_of(typed: str, name: str) -> bool:
    """Whether a folded word may be the folded place name in a case that addresses use.

    >>> is_case_of("рязани", "рязань"), is_case_of("кирей", "киря"), is_case_of("мытищах", "мытищи")
    (True, False, True)
    """
    if typed == name:
        return True
    for nominative, others in _PLACE_CASES:
        if name.endswith(nominative):
            bare = name[: -len(nominative)]
            return any(typed == bare + ending for ending in others)
    return any(typed == name + ending for ending in _CONSONANT_CASES)


_GENDERS = {"ая": "f", "яя": "f", "ый": "m", "ий": "m", "ое": "n", "ее": "n"}


def adjective_gender(word: str) -> str:
    """f, m or n for an adjective in the nominative, empty otherwise ("ой" may be either)."""
    return _GENDERS.get(word[-2:], "")


def is_latin_token(token: Token) -> bool:
    """Whether the token is a word in Latin letters."""
    return token.kind == WORD and is_latin(token.text)
