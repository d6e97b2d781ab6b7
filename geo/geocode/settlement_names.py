"""Which settlements may a few words name: exactly, in another case, transliterated or misspelt?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeVar

from geo.geocode.normalise import NUMBER, WORD, is_case_of, root, tokenise, without_case
from geo.geocode.places import Settlement
from geo.geocode.transliterate import is_latin, skeleton
from geo.geocode.typing_errors import typing_cost
from geo.geocode.words import Misspellings

_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class SettlementForm:
    """One way a settlement's name is found: which settlement, whether by its usual name, how surely."""

    settlement: int
    usual: bool
    similarity: float


class SettlementNames:
    """Finds settlements by a few words: exactly, in another case, transliterated or misspelt."""

    def __init__(self, settlements: Sequence[Settlement], first: int = 0) -> None:
        """`first` is the number of the first of the settlements."""
        self._exact: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self._stems: dict[str, list[tuple[int, bool, tuple[str, ...]]]] = defaultdict(list)
        self._skeletons: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self._lengths: dict[str, int] = {}
        # the same few words ("улица", the names of one town) come in nearly every text
        self._most_seen: dict[str, int] = {}
        self._same_seen: dict[tuple[str | bool, ...], list[SettlementForm]] = {}
        self._close_seen: dict[tuple[str | bool, ...], list[SettlementForm]] = {}
        for number, settlement in enumerate(settlements, first):
            for place, name in enumerate(settlement.names):
                self._add(number, name, place == 0)
        self._joined = list(self._exact)
        self._misspellings = Misspellings(self._joined)
        self._joined_skeletons = list(self._skeletons)
        self._latin_misspellings = Misspellings(self._joined_skeletons)

    def _add(self, number: int, name: str, usual: bool) -> None:
        words = name_words(name)
        if not words:
            return
        joined = "".join(words)
        for forms, key in ((self._exact, joined), (self._skeletons, skeleton(joined))):
            if all(known != number for known, _ in forms[key]):
                forms[key].append((number, usual))
        self._stems[" ".join(map(root, words))].append((number, usual, tuple(words)))
        first = root(words[0])
        self._lengths[first] = max(self._lengths.get(first, 1), len(words))

    def most_words(self, first: str) -> int:
        """How many words the longest name beginning like this has, 0 when there is none; Latin words may begin names
        of up to three."""
        found = self._most_seen.get(first)
        if found is None:
            most = 3 if is_latin(first) else max(self._lengths.get(key, 1) for key in _roots(first))
            found = _remember(self._most_seen, first, most if most > 1 or self.same([first], False) else 0)
        return found

    def same(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        """Settlements with exactly this name, or this name in another case or alphabet."""
        key: tuple[str | bool, ...] = (*words, latin)
        found = self._same_seen.get(key)
        if found is None:
            found = _remember(self._same_seen, key, self._same(words, latin))
        return found

    def _same(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        joined = "".join(words)
        exact = self._exact.get(joined)
        if exact:
            return [SettlementForm(number, usual, 1.0) for number, usual in exact]
        if latin:
            # one letter over and over is no Яя
            found = self._skeletons.get(skeleton(joined), []) if len(set(joined)) > 1 else []
            return [SettlementForm(number, usual, 0.96) for number, usual in found]
        return [
            SettlementForm(number, usual, 0.97)
            for key in dict.fromkeys(map(" ".join, product(*map(_roots, words))))
            for number, usual, known in self._stems.get(key, ())
            if all(is_case_of(word, name) for word, name in zip(words, known, strict=False))
        ]

    def close(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        """Settlements whose name is a few typing errors away, all with the best similarity found."""
        key: tuple[str | bool, ...] = (*words, latin)
        found = self._close_seen.get(key)
        if found is None:
            found = _remember(self._close_seen, key, self._close(words, latin))
        return found

    def _close(self, words: Sequence[str], latin: bool) -> list[SettlementForm]:
        joined = "".join(words)
        index, forms, keys = (
            (self._latin_misspellings, self._skeletons, self._joined_skeletons)
            if latin
            else (self._misspellings, self._exact, self._joined)
        )
        similar = index.similar(skeleton(joined) if latin else joined)
        if not latin:
            similar = [(place, _likeness(joined, keys[place])) for place, _ in similar]
        best = max((similarity for _, similarity in similar), default=0.0)
        return [
            SettlementForm(number, usual, similarity)
            for place, similarity in similar
            if similarity > best - 0.02
            for number, usual in forms[keys[place]]
        ]


_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


def _remember(seen: dict[_Key, _Found], key: _Key, found: _Found) -> _Found:
    if len(seen) > _MOST_REMEMBERED:
        seen.clear()
    seen[key] = found
    return found


def _likeness(typed: str, known: str) -> float:
    return max(0.0, 1.0 - typing_cost(typed, known) / max(len(typed), len(known)))


@lru_cache(maxsize=16384)
def _roots(word: str) -> tuple[str, ...]:
    """The roots a typed word may have: "Кадоме" is Кадом, "Емецком" Емецк."""
    shorter = without_case(word)
    return (root(word),) if shorter == word else (root(word), root(shorter))


def name_words(name: str) -> list[str]:
    """The words and numbers of a settlement's name, folded."""
    return [token.text for token in tokenise(name) if token.kind in (WORD, NUMBER)]


def name_key(name: str) -> str:
    """The same for every way to write a settlement's name with the same words."""
    return "".join(name_words(name))
