"""Which known words may a typed word be: itself, another case of it, a misspelling, a transliteration?

The vocabulary of a gazetteer has some ten thousand words; comparing each with each typed word would take
milliseconds. So every known word leaves the hashes of its forms with up to two letters deleted (of its first seven
letters): a word within two edits shares at least one of them. Only those few are compared, by the number of
insertions, deletions, replacements and swaps of neighbours (optimal string alignment, computed by rapidfuzz).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from geo.geocode.normalise import adjective_gender, stem
from geo.geocode.transliterate import is_latin, skeleton
from geo.geocode.typing_errors import typing_cost

_PREFIX = 7
_LONG_WORD = 11
_NO_SLIP = 1.8
_SHORT_CUTOFF, _CUTOFF = 0.74, 0.70
_STEM_SAME, _OTHER_GENDER, _SKELETON_SAME = 0.96, 0.90, 0.95
# of one root, but not of one street: "Донская" and "Донского", "Черепанова" and "Черепановых"
_OTHER_WORD = 0.6
_MOST_SIMILAR = 10
_CACHE_SIZE = 20_000

Similar = tuple[tuple[int, float], ...]


def most_edits(length: int) -> int:
    """How many typing errors a word of this length may hold and still be recognised."""
    return 0 if length < 4 else 1 if length < 6 else 2


def _of_one_root(typed: str, known: str) -> float:
    """How much a typed word supports a known one that differs in its ending only."""
    gender, other = adjective_gender(typed), adjective_gender(known)
    if gender and other:
        return _OTHER_GENDER if gender != other else _STEM_SAME
    if gender and known.endswith(_OF_A_MAN):
        return _OTHER_WORD
    families = known.endswith(_OF_A_FAMILY), typed.endswith(_OF_A_FAMILY)
    persons = known.endswith(_OF_ONE_OF_THEM), typed.endswith(_OF_ONE_OF_THEM)
    return _OTHER_WORD if (families[0] and persons[1]) or (persons[0] and families[1]) else _STEM_SAME


# the genitives of surnames; an adjective's nominative is never a case of them
_OF_A_MAN = ("ого", "его")
_OF_A_FAMILY, _OF_ONE_OF_THEM = ("овых", "евых", "иных"), ("ова", "ева", "ина")


def _is_longer_word(typed: str, known: str) -> bool:
    """ "zheleznodorozhnyj" is no slip for "железнодорожников": a suffix makes another word (both as skeletons)."""
    return abs(len(typed) - len(known)) > 1 and known.startswith(typed[: len(known)][:-1])


class Misspellings:
    """Finds the words of a fixed list within a few edits of a typed one.

    >>> Misspellings(["гаванская", "наличная"]).similar("гавнаская")
    [(0, 0.8888888888888888)]
    """

    def __init__(self, words: Sequence[str], edits: int = 2) -> None:
        self._words = words
        self._edits = edits
        self._last: tuple[tuple[str, int], set[int]] = (("", -1), set())
        hashes: list[int] = []
        owners: list[int] = []
        for number, word in enumerate(words):
            forms = self._deletions(word)
            hashes.extend(forms)
            owners.extend([number] * len(forms))
        order = np.argsort(np.array(hashes, dtype=np.uint32), kind="stable")
        self._hashes: NDArray[np.uint32] = np.array(hashes, dtype=np.uint32)[order]
        self._owners: NDArray[np.uint32] = np.array(owners, dtype=np.uint32)[order]

    def _deletions(self, word: str) -> list[int]:
        head = word[:_PREFIX]
        edits = min(self._edits, most_edits(len(word)))
        forms = {head}
        for count in range(1, edits + 1):
            forms.update("".join(kept) for kept in combinations(head, len(head) - count))
        return [crc32(form.encode()) for form in forms]

    def _neighbours(self, word: str) -> set[int]:
        asked = np.array(self._deletions(word), dtype=np.uint32)
        starts = self._hashes.searchsorted(asked, side="left")
        ends = self._hashes.searchsorted(asked, side="right")
        found: set[int] = set()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if end > start:
                found.update(self._owners[start:end].tolist())
        return found

    def similar(self, word: str) -> list[tuple[int, float]]:
        """(position in the list, similarity 0..1) of the words close enough, in no order."""
        edits = min(self._edits, most_edits(len(word)))
        if not edits or not len(self._hashes):
            return []
        # a word and its stem begin alike, so they have the same neighbours
        beginning, last = (word[:_PREFIX], edits), self._last
        if last[0] != beginning:
            last = self._last = (beginning, self._neighbours(word))
        cutoff = _SHORT_CUTOFF if len(word) < 6 else _CUTOFF
        # the deletions do not promise to find three errors, but of a long word they usually do
        edits += len(word) >= _LONG_WORD
        found = []
        for number in last[1]:
            known = self._words[number]
            distance = OSA.distance(word, known, score_cutoff=edits)
            if distance <= edits:
                similarity = 1.0 - distance / max(len(word), len(known))
                if similarity >= cutoff:
                    found.append((number, similarity))
        return found


class Vocabulary:
    """All words of the names of a gazetteer, numbered; answers are kept until the gazetteer is replaced."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words: list[str] = list(dict.fromkeys(words))
        self.numbers: dict[str, int] = {word: number for number, word in enumerate(self.words)}
        self._by_stem: dict[str, list[int]] = {}
        self._by_skeleton: dict[str, list[int]] = {}
        for number, word in enumerate(self.words):
            if word[0] != "#":
                self._by_stem.setdefault(stem(word), []).append(number)
                self._by_skeleton.setdefault(skeleton(word), []).append(number)
        self._forms, self._form_owners = self._spelling_forms()
        self._misspellings = Misspellings(self._forms)
        self._skeletons = list(self._by_skeleton)
        self._latin = Misspellings(self._skeletons)
        self._exact_cache: dict[str, Similar] = {}
        self._close_cache: dict[str, Similar] = {}

    def _spelling_forms(self) -> tuple[list[str], list[list[int]]]:
        """Full forms and stems: a typing error may sit in a word whose ending differs as well."""
        owners: dict[str, list[int]] = {}
        for number, word in enumerate(self.words):
            if word[0] != "#" and len(word) > 3:
                for form in {word, stem(word)}:
                    if len(form) > 4 or form == word:
                        owners.setdefault(form, []).append(number)
        return list(owners), list(owners.values())

    def same(self, word: str) -> Similar:
        """Known words that are the typed one: equal, in another case, or spelt in the other alphabet."""
        found = self._exact_cache.get(word)
        if found is None:
            if len(self._exact_cache) > _CACHE_SIZE:
                self._exact_cache.clear()
            found = self._exact_cache[word] = self._same(word)
        return found

    def _same(self, word: str) -> Similar:
        if word[0] == "#":
            return ((self.numbers[word], 1.0),) if word in self.numbers else ()
        if is_latin(word) and word not in self.numbers:
            return tuple((number, _SKELETON_SAME) for number in self._by_skeleton.get(skeleton(word), ()))
        found = {number: _of_one_root(word, self.words[number]) for number in self._by_stem.get(stem(word), ())}
        if word in self.numbers:
            found[self.numbers[word]] = 1.0
        return tuple(found.items())

    def close(self, word: str) -> Similar:
        """Known words a few typing errors away, the nearest first; computed only when `same` did not help."""
        found = self._close_cache.get(word)
        if found is None:
            if len(self._close_cache) > _CACHE_SIZE:
                self._close_cache.clear()
            found = self._close_cache[word] = self._close(word)
        return found

    def _close(self, word: str) -> Similar:
        if word[0] == "#":
            return ()
        best = self._close_latin(word) if is_latin(word) else self._close_cyrillic(word)
        near = ((number, similarity) for number, similarity in best.items() if similarity >= _CUTOFF)
        ranked = sorted(near, key=lambda item: (-item[1], item[0]))
        return tuple(ranked[:_MOST_SIMILAR])

    def _close_cyrillic(self, word: str) -> dict[int, float]:
        best: dict[int, float] = {}
        bare = stem(word)
        for typed in {word, bare}:
            for form, _ in self._misspellings.similar(typed):
                for number in self._form_owners[form]:
                    whole = self._whole_similarity(word, bare, number)
                    best[number] = max(best.get(number, 0.0), whole)
        return best

    def _whole_similarity(self, word: str, bare: str, number: int) -> float:
        """Likely errors cost less, and errors count against the stem: "-ская" is in every second name."""
        whole = self.words[number]
        known = stem(whole)
        whole_cost = typing_cost(word, whole)
        if whole_cost > _NO_SLIP and abs(len(bare) - len(known)) > 1 and bare.startswith(known[: len(bare)]):
            # "железнодорожников" is no slip for "железнодорожная": a suffix makes another word
            return 0.0
        cost = min(whole_cost, typing_cost(bare, known) if len(bare) > 3 else 9.0)
        return min(_STEM_SAME, max(1.0 - cost / max(len(bare), len(known)), 0.0))

    def _close_latin(self, word: str) -> dict[int, float]:
        best: dict[int, float] = {}
        asked = skeleton(word)
        for place, similarity in self._latin.similar(asked):
            if _is_longer_word(asked, self._skeletons[place]):
                continue
            for number in self._by_skeleton[self._skeletons[place]]:
                # as with stems: the ending is no evidence
                errors = (1.0 - similarity) * len(self._skeletons[place])
                best[number] = max(
                    best.get(number, 0.0), _SKELETON_SAME - errors / max(len(self._skeletons[place]) - 3, 3)
                )
        return best
