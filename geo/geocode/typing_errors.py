"""How likely is it that someone who meant one word typed the other?

Counting edits treats all alike, but fingers slip to a key beside, swap neighbours, double or drop a letter, and ears
confuse о with а; hardly anybody mistypes the first letter or hits a far key. With that, "Гаванская" and "Казанская"
are two words, while "Маеарова" is Макарова, though both pairs are two edits apart.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, pairwise

_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
# a letter of the lower row touches the one above it and the next
_ABOVE = (0, 1)
_EARS = ("оа", "еи", "иы", "ея", "бп", "дт", "вф", "гк", "зс", "жш", "шщ", "эе", "йи", "цс", "чщ", "юу", "хк", "еэ")
_SLIP, _EAR, _ANY = 0.85, 0.8, 1.3
_SWAP, _DOUBLE, _DROPPED, _ADDED = 0.8, 0.6, 0.9, 1.0
_FIRST = 0.35


def _pairs() -> dict[tuple[str, str], float]:
    costs: dict[tuple[str, str], float] = {}
    for row in _ROWS:
        for one, other in pairwise(row):
            costs[one, other] = costs[other, one] = _SLIP
    for upper, lower in pairwise(_ROWS):
        for place, letter in enumerate(lower):
            for shift in _ABOVE:
                if place + shift < len(upper):
                    costs[upper[place + shift], letter] = costs[letter, upper[place + shift]] = _SLIP
    for pair in _EARS:
        costs[pair[0], pair[1]] = costs[pair[1], pair[0]] = _EAR
    return costs


_COSTS = _pairs()


@lru_cache(maxsize=32768)
def typing_cost(typed: str, known: str) -> float:
    """The cheapest way from the known word to the typed one: 0 equal, about 1 per slip, more for unlikely errors.

    >>> round(typing_cost("гавнаская", "гаванская"), 2), round(typing_cost("вафельная", "весельная"), 2)
    (0.8, 2.15)
    """
    if typed == known:
        return 0.0
    head = 0
    while head < min(len(typed), len(known)) and typed[head] == known[head]:
        head += 1
    tail = 0
    while tail < min(len(typed), len(known)) - head and typed[-1 - tail] == known[-1 - tail]:
        tail += 1
    # one letter of context on the left tells a doubled letter from an added one
    start = max(head - 1, 0)
    cost = _table(typed[start : len(typed) - tail], known[start : len(known) - tail])
    return cost + (_FIRST if head == 0 else 0.0)


def _table(typed: str, known: str) -> float:
    """Optimal string alignment with the costs above, row by row."""
    before: list[float] = []
    drops = [_drop_cost(known, place, letter) for place, letter in enumerate(known)]
    above = [0.0, *accumulate(drops)]
    for row, letter in enumerate(typed, start=1):
        added = _add_cost(typed, row - 1, letter)
        current = [above[0] + added]
        for column, other in enumerate(known, start=1):
            best = above[column - 1] + (0.0 if letter == other else _COSTS.get((letter, other), _ANY))
            dropped = current[column - 1] + drops[column - 1]
            if dropped < best:
                best = dropped
            extra = above[column] + added
            if extra < best:
                best = extra
            if row > 1 and column > 1 and letter == known[column - 2] and typed[row - 2] == other:
                best = min(best, before[column - 2] + (_SWAP if letter != other else 0.0))
            current.append(best)
        before, above = above, current
    return above[-1]


def _drop_cost(word: str, place: int, letter: str) -> float:
    """Dropping one of a doubled letter, or a soft sign, is the easiest error."""
    doubled = place > 0 and word[place - 1] == letter
    return _DOUBLE if doubled or letter in "ьъ" else _DROPPED


def _add_cost(word: str, place: int, letter: str) -> float:
    doubled = place > 0 and word[place - 1] == letter
    beside = place > 0 and (word[place - 1], letter) in _COSTS
    return _DOUBLE if doubled else _SLIP if beside else _ADDED
