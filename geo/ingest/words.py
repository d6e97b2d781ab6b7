"""Which code of a closed list does a person's word mean? Codes, English titles and Russian words are all taken.

Russian words live in titles.csv. Case, ё, quotes and dashes do not matter.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from geo.vocabulary import VOCABULARIES, Word

SIGNS = re.compile(r"[^\w+]+")
LISTS: dict[str, type[Word]] = {words.__name__: words for words in VOCABULARIES}


def folded(text: str) -> str:
    """A word without case, ё, quotes and dashes."""
    return SIGNS.sub(" ", unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("_", " ")).strip()


@lru_cache(maxsize=1)
def _titles() -> dict[str, dict[str, str]]:
    """List -> folded word -> code."""
    found: dict[str, dict[str, str]] = {}
    for name, words in LISTS.items():
        found[name] = {folded(word.title_msgid): word.value for word in words}
    with resources.files("geo.ingest").joinpath("titles.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for title in row["titles"].split("|"):
                found[row["list"]].setdefault(folded(title), row["code"])
    for name, words in LISTS.items():
        found[name] |= {folded(word.value): word.value for word in words}
    return found


def find(words: type[Word], text: str) -> str | None:
    """The code a text means in a closed list, None when it means none.

    >>> from geo.vocabulary import Theme
    >>> find(Theme, "Уличное освещение")
    'street_lighting'
    """
    return _titles()[words.__name__].get(folded(text))


def closest(words: type[Word], text: str) -> str:
    """The most similar known word, for a remedy; "" when nothing is similar."""
    match = process.extractOne(folded(text), list(_titles()[words.__name__]), scorer=fuzz.ratio, score_cutoff=60)
    return match[0] if match else ""
