"""How would this word look in the other alphabet, or on the other keyboard layout?

Addresses typed with Latin letters follow a dozen standards at once ("ulitsa", "ulica", "ulitza"). Instead of
guessing the standard, both alphabets are reduced to one lossy **skeleton** in which all of them agree; exact
Cyrillic is only restored for short house and type words, where a skeleton would lose too much.
"""

from __future__ import annotations

import re

_ROMAN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ў": "u", "є": "e", "ї": "i",
}  # fmt: skip
_ROMAN_TABLE = str.maketrans(_ROMAN)

_CYRILLIC = [
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"),
    ("ya", "я"), ("yo", "е"), ("ye", "е"), ("ju", "ю"), ("ja", "я"), ("jo", "е"), ("iu", "ю"), ("ia", "я"),
    ("iy", "ий"), ("yy", "ый"),
]  # fmt: skip
_SINGLE = dict(zip("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопкрстуввхиз", strict=True)) | {"x": "кс", "y": "ы"}
_PAIRS = dict(_CYRILLIC)
_LATIN_UNIT = re.compile("|".join([pair for pair, _ in _CYRILLIC] + ["[a-z]"]))

# sounds first written with several letters, then the ones spelt in two ways
_SKELETON_STEPS = [
    (re.compile("shch|sch|shh|šč|sh|š|щ"), "s"),
    (re.compile("zh|ž"), "z"),
    (re.compile("kh"), "h"),
    (re.compile("ch|č"), "c"),
    (re.compile("ts|tz|tc"), "c"),
    (re.compile("ck"), "k"),
    (re.compile("ph"), "f"),
    (re.compile("[yj]o"), "e"),
    (re.compile("[yj]"), "i"),
    (re.compile("i+(?=[aeiou])"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
]
_SKELETON_LETTERS = str.maketrans({"x": "ks", "w": "v", "q": "k", "'": "", "’": "", "ʹ": "", "ʺ": "", "`": ""})

_LAYOUT = dict(
    zip(
        "qwertyuiop[]asdfghjkl;'zxcvbnm,.`",
        "йцукенгшщзхъфывапролджэячсмитьбюё",
        strict=True,
    )
)
_LAYOUT |= {key.upper(): value.upper() for key, value in _LAYOUT.items() if key.isalpha()}
_LAYOUT |= {"{": "Х", "}": "Ъ", ":": "Ж", '"': "Э", "<": "Б", ">": "Ю", "~": "Ё", "?": ",", "/": ".", "#": "№"}
_LATIN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzšžč")
_LETTER_OR_BRACKET = re.compile(r"[A-Za-z\[\]{}<>~]")


def is_latin(word: str) -> bool:
    """Whether a folded word is written with Latin letters."""
    return word[:1] in _LATIN_LETTERS


def romanise(word: str) -> str:
    """A folded Cyrillic word in plain Latin letters (the form maps and passports use, without diacritics).

    >>> romanise("щелковская")
    'shchelkovskaya'
    """
    return word.translate(_ROMAN_TABLE)


def skeleton(word: str) -> str:
    """What is left of a folded word, in either alphabet, when all spellings of one sound are made equal.

    >>> skeleton("садовническая") == skeleton("sadovnicheskaja") == skeleton("sadovnicheskaya")
    True
    """
    letters = word.translate(_ROMAN_TABLE).translate(_SKELETON_LETTERS)
    for pattern, replacement in _SKELETON_STEPS:
        letters = pattern.sub(replacement, letters)
    return letters


def to_cyrillic(word: str) -> str:
    """A folded Latin word letter by letter in Cyrillic: good for short words such as "ul", "korp", "litB".

    >>> to_cyrillic("korp"), to_cyrillic("ul"), to_cyrillic("sh")
    ('корп', 'ул', 'ш')
    """
    return _LATIN_UNIT.sub(lambda unit: _PAIRS.get(unit[0]) or _SINGLE[unit[0]], word)


def flip_layout(text: str) -> str:
    """Text typed with the Latin layout switched on by mistake, as the Russian layout would have written it.

    Punctuation keys are letters of the Russian layout, but only between letters: elsewhere a comma is a comma.

    >>> flip_layout("ek/ Ktybyf, 5")
    'ул. Ленина, 5'
    """
    flipped = []
    for position, letter in enumerate(text):
        if (letter in ";',.`" and not _is_typed_letter(text, position)) or (
            letter == "/" and position and text[position - 1].isdigit()
        ):
            flipped.append(letter)
        else:
            flipped.append(_LAYOUT.get(letter, letter))
    return "".join(flipped)


def _is_typed_letter(text: str, position: int) -> bool:
    """A punctuation key that stands for a letter touches letters: on both sides, or ends a word like "Cjdtnjd;"."""
    after = text[position + 1 : position + 2]
    before = text[position - 1 : position] if position else ""
    if text[position] in ",." and not before.strip():
        return bool(_LETTER_OR_BRACKET.match(after) or after in tuple(",.;'"))
    if text[position] in ",.":
        return bool(
            (_LETTER_OR_BRACKET.match(before) or before in tuple(",.;'"))
            and (_LETTER_OR_BRACKET.match(after) or after in tuple(";',."))
        )
    return bool(_LETTER_OR_BRACKET.match(before) or _LETTER_OR_BRACKET.match(after))
