"""Which region do these words name, in whatever case, short form or by-name?

Regions are the values of the settlements' `region` column. Adjective regions ("Рязанская область") need their type
word to be recognised; republics are named by the noun as well ("Бурятия").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.geocode.names import join_words
from geo.geocode.normalise import WORD, is_case_of, stem, tokenise
from geo.geocode.transliterate import is_latin, skeleton
from geo.geocode.types import DISTRICT_ADJECTIVES, district_word, region_word

# by-names and letters; the value is a word of the official name
_BYNAMES = {
    "башкирия": "башкортостан", "татария": "татарстан", "якутия": "саха", "югра": "ханты", "хмао": "ханты",
    "янао": "ямало", "ямал": "ямало", "тува": "тыва", "чувашия": "чувашская", "удмуртия": "удмуртская", "чечня":
    "чеченская", "кбр": "кабардино", "кчр": "карачаево", "еао": "еврейская", "кузбасс": "кемеровская", "чукотка":
    "чукотский", "камчатка": "камчатский", "осетия": "осетия", "кабардино-балкария": "кабардино", "карачаево-черкесия":
    "карачаево", "кубань": "краснодарский", "приморье": "приморский",
}  # fmt: skip
_MOST_EDITS = 2


def _name_words(region: str) -> list[str]:
    return [
        token.text
        for token in tokenise(region)
        if token.kind == WORD and not region_word(token.text) and token.text not in DISTRICT_ADJECTIVES
        and token.text != "город"
    ]  # fmt: skip


def words_key(words: Iterable[str]) -> str:
    """Words without case endings, as one key."""
    return " ".join(stem(word) for word in words)


def district_key(name: str) -> str:
    """The words that tell a district apart, without "район" and case endings: the key of `Index.districts`.

    >>> district_key("Кулундинский район") == district_key("Кулундинского р-на")
    True
    """
    words = (token.text for token in join_words(tokenise(name)) if token.kind == WORD)
    return words_key(word for word in words if not district_word(word) and word not in DISTRICT_ADJECTIVES)


class Regions:
    """The regions of a gazetteer; a region's number is its position in `names`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = [name for name in dict.fromkeys(names) if name]
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self._keys: dict[str, int] = {}
        self._nouns: dict[str, int] = {}
        self._noun_words: dict[str, tuple[str, ...]] = {}
        self._noun_beginnings: set[str] = set()
        for number, name in enumerate(self.names):
            self._add(number, name)
        self._skeletons = {" ".join(skeleton(word) for word in key.split()): n for key, n in self._keys.items()}
        self._spellings = [key for key in self._keys if len(key) > 4]

    def _add(self, number: int, name: str) -> None:
        words = _name_words(name)
        types = {kind for token in tokenise(name) for kind in region_word(token.text)}
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                self._keys.setdefault(words_key(words[start:end]), number)
        official = {stem(word) for word in words}
        for byname, word in _BYNAMES.items():
            if stem(word) in official:
                self._add_noun([t.text for t in tokenise(byname) if t.kind == WORD], number)
        if types == {"республика"}:
            for word in words:
                if not word.endswith(("ая", "ий", "о")) and len(word) > 3:
                    self._add_noun([word], number)

    def _add_noun(self, words: list[str], number: int) -> None:
        key = words_key(words)
        self._nouns.setdefault(key, number)
        self._noun_words.setdefault(key, tuple(words))
        self._noun_beginnings.add(stem(words[0]))

    def beside_type_word(self, words: Sequence[str]) -> int | None:
        """The region these words name next to "область", "край" or "республика"; None when it is unknown."""
        key = words_key(words)
        number = self._keys.get(key, self._nouns.get(key))
        if number is None and words and is_latin(words[0]):
            return self._latin(words)
        if number is None and len(key) > 5:
            number = self._misspelt(key)
        return number

    def called(self, name: str) -> str:
        """The region as it is called here: "Кемеровская область - Кузбасс" is "Кемеровская область"; else the name."""
        words = _name_words(name)
        for count in range(len(words), 0, -1):
            number = self._keys.get(words_key(words[:count]))
            if number is not None:
                return self.names[number]
        return name

    def _latin(self, words: Sequence[str]) -> int | None:
        key = " ".join(skeleton(word) for word in words)
        for known, number in self._skeletons.items():
            if key == known or (key.startswith(known) and len(key) - len(known) < 4):
                return number
        return None

    def _misspelt(self, key: str) -> int | None:
        found = process.extractOne(key, self._spellings, scorer=OSA.distance, score_cutoff=_MOST_EDITS)
        return self._keys[found[0]] if found and found[1] * 4 <= len(key) else None

    def may_begin_noun(self, word: str) -> bool:
        """Whether a region's noun begins with this word, in some case; the cheap question before `by_noun`."""
        return stem(word) in self._noun_beginnings

    def by_noun(self, words: Sequence[str]) -> int | None:
        """The region these words name alone: "Татарстан", "ХМАО", "Кабардино-Балкария"."""
        key = words_key(words)
        if key in self._nouns and all(map(is_case_of, words, self._noun_words[key])):
            return self._nouns[key]
        return None

    def is_word_of(self, word: str, region: int) -> bool:
        """Whether a word belongs to the name or by-names of a region."""
        return self._keys.get(stem(word)) == region or self._nouns.get(stem(word)) == region


# a city that is a region of its own and the region around it are often exchanged in addresses
_TWINS = {
    frozenset(("Москва", "Московская область")),
    frozenset(("Санкт-Петербург", "Ленинградская область")),
    frozenset(("Севастополь", "Республика Крым")),
    frozenset(("город Бишкек", "Чуйская область")),
    frozenset(("Бишкек", "Чуйская область")),
    frozenset(("город Ош", "Ошская область")),
}


def compatible(one: str, other: str) -> bool:
    """Whether an address may name one region for a place in the other; an unknown region excludes nothing."""
    return not one or not other or one == other or frozenset((one, other)) in _TWINS
