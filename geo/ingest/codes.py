"""What code does a new territory get? Stable, URL-safe, readable: its parent's code and its name in Latin letters.

A code is minted once, when the territory is first loaded, and never changes afterwards: not with the name, the
shape or the parent. A code the file states is taken as it is when it can stand in an address and says enough
by itself; bare numbers ("7") get the parent's code in front.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from geo.geocode.transliterate import romanise
from geo.vocabulary import TerritoryKind

LONGEST = 100
LONGEST_NAME = 60
TOO_SHORT_A_NUMBER = re.compile(r"\d{1,4}")
# letters of the neighbours that the Russian table does not have
OTHER_LETTERS = str.maketrans({
    "ё": "e", "ң": "ng", "ө": "o", "ү": "u", "ә": "a", "җ": "zh", "һ": "h", "қ": "k", "ғ": "g", "ұ": "u", "ҳ": "h",
    "ӣ": "i", "ӯ": "u", "ј": "j", "љ": "lj", "њ": "nj", "ђ": "dj", "ћ": "c", "џ": "dz", "ґ": "g", "ł": "l", "ø": "o",
    "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "№": " ",
})  # fmt: skip


def slug(text: str) -> str:
    """A text in lower-case Latin letters, digits and hyphens; "" when nothing of it can be written so.

    >>> slug("Округ № 7 «Заречный»")
    'okrug-7-zarechnyy'
    >>> slug("Ысык-Көл")
    'ysyk-kol'
    """
    # й must be romanised before accents are stripped
    latin = romanise(unicodedata.normalize("NFC", text.casefold()).translate(OTHER_LETTERS))
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME].rstrip("-")


def stated(code: str) -> str:
    """A code from a file as it can stand in an address; dots and underscores are kept.

    >>> stated("D1"), stated(" 63.701_000 ")
    ('d1', '63.701_000')
    """
    parts = re.split(r"([._])", code.strip())
    return "".join(part if part in "._" else slug(part) for part in parts).strip("._-")[:LONGEST]


class Minter:
    """Gives out codes nobody has yet."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)

    def mint(self, name: str, kind: TerritoryKind, parent: str = "", code: str = "") -> str:
        """A new code: the stated one when it is free and telling, otherwise parent and name, numbered when taken."""
        own = stated(code)
        if own and not TOO_SHORT_A_NUMBER.fullmatch(own) and own not in self.taken:
            return self._take(own)
        tail = own or slug(name) or hashlib.sha256(name.encode()).hexdigest()[:8]
        # a number or a digest alone says nothing without the kind in front
        head = parent or ("" if not own and slug(name) else kind.value.replace("_", "-"))
        return self._take(f"{head}-{tail}" if head else tail)

    def _take(self, wished: str) -> str:
        code, number = wished[-LONGEST:].lstrip("._-"), 1
        while code in self.taken:
            number += 1
            ending = f"-{number}"
            code = wished[-(LONGEST - len(ending)) :].lstrip("._-") + ending
        self.taken.add(code)
        return code
