"""Which settlements may a text name, and how firmly?

A name after "г." or "с.", alone between commas, or after "в" is firm: a place elsewhere contradicts the text. A marker
before a name that no settlement has refuses the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.geocode.house import HOUSE_WORDS, part_kind
from geo.geocode.index import Index
from geo.geocode.normalise import MARK, NUMBER, WORD, Token
from geo.geocode.reading import (
    ADJECTIVE,
    COUNTRY,
    DISTRICT,
    FILLERS,
    FREE,
    PRIVATE,
    REGION,
    SEGMENT_ENDS,
    TYPE,
    Reading,
    SettlementReading,
    dotted,
    next_text,
)
from geo.geocode.settlement_names import SettlementForm
from geo.geocode.transliterate import is_latin
from geo.geocode.types import STREET_TYPES, STRICT_MARKERS, place_types, settlement_marker

# Kyrgyz puts the kind behind the name: "Каракол шаары", "Ак-Суу айылы"
_URBAN_OKRUG = frozenset(("го", "г/о", "округ", "округа", "округе"))
# "8 марта 2025 г." is a date
_YEAR = re.compile(r"(?:19|20)\d\d")
_AFTER_NAME = frozenset(("шаары", "шаар", "айылы", "айыл", "city", "village"))


def read_settlements(reading: Reading, index: Index) -> None:
    taken: set[int] = set()
    markers = _markers(reading)
    longest = {
        n: _most_words(index, reading.tokens[n].text, n in markers) for n in reading.word_positions
        if reading.roles[n] in (FREE, TYPE) and len(reading.tokens[n].text) > 1
    }  # fmt: skip
    rows = {first: _words_in_a_row(reading, first, most) for first, most in longest.items() if most}
    for length in range(max(map(len, rows.values()), default=0), 0, -1):
        for first, row in rows.items():
            if len(row) < length or not taken.isdisjoint(range(first, row[length - 1] + 1)):
                continue
            found, takes = _read_run(reading, index, row[:length], markers)
            if found is not None:
                reading.settlements.append(found)
            if takes:
                taken.update(range(first, row[length - 1] + 1))
    _read_urban_okrugs(reading, index)
    _read_misspelt_settlements(reading, index, markers)
    _note_unknown_settlement(reading, markers)


def _read_run(
    reading: Reading, index: Index, run: list[int], markers: dict[int, tuple[int, frozenset[str]]]
) -> tuple[SettlementReading | None, bool]:
    """The settlement that words in a row may name, and whether they are nothing else."""
    first = run[0]
    if _is_inside_compound(reading.tokens, first, run[-1] + 1):
        return None, False
    words = [reading.tokens[n].text for n in run]
    latin = is_latin(words[0])
    forms = index.settlement_names.same(words, latin)
    unplaced = index.unplaced_names.same(words, latin) if first in markers else []
    if unplaced and not forms and _may_be_street(reading, markers[first][0]):
        # "п. Садовый" is the village only when no проезд or переулок takes the name
        return _open_reading(unplaced, markers[first][0], run), False
    forms = [*forms, *unplaced]
    if not forms or (first not in markers and _is_street_phrase(reading, run)):
        return None, False
    found = _settlement_reading(reading, index, forms, run, markers)
    return found, len(run) > 1 or found.marked


def _most_words(index: Index, first: str, marked: bool) -> int:
    placed = index.settlement_names.most_words(first)
    return max(placed, index.unplaced_names.most_words(first)) if marked else placed


def _may_be_street(reading: Reading, marker: int) -> bool:
    return bool(place_types(reading.tokens[marker].text))


def _open_reading(forms: Sequence[SettlementForm], marker: int, run: Sequence[int]) -> SettlementReading:
    """A settlement that may be named, while the words stay free for a street."""
    return SettlementReading(tuple(forms), marker, run[-1] + 1, forms[0].similarity, False, False)


def _read_urban_okrugs(reading: Reading, index: Index) -> None:
    """ "г.о. Серпухов" names a municipality called after its town, so the town is named as well."""
    for _, run in reading.districts:
        words = [reading.tokens[n].text for n in run]
        beside = {reading.tokens[n].text for n in range(max(run[0] - 3, 0), run[-1] + 3) if n < len(reading.tokens)}
        if beside & _URBAN_OKRUG and not ADJECTIVE.search(words[0]):
            forms = index.settlement_names.same(words, is_latin(words[0]))
            if forms:
                reading.settlements.append(
                    SettlementReading(tuple(forms), run[0], run[-1] + 1, forms[0].similarity, False, True)
                )


def _is_street_phrase(reading: Reading, run: Sequence[int]) -> bool:
    """ "ул. Ленина": the segment holds the words and a street type, nothing else."""
    segment = reading.segments[run[0]]
    others = [
        n
        for n, at in enumerate(reading.segments)
        if at == segment and n not in run and reading.tokens[n].kind == WORD and reading.roles[n] in (FREE, TYPE)
        and reading.tokens[n].text not in FILLERS and reading.tokens[n].text not in HOUSE_WORDS
    ]  # fmt: skip
    if len(others) != 1 or not reading.types.get(others[0], frozenset()) & STREET_TYPES:
        return False
    # "2-я линия" has its name in the number
    numbers = [
        n for n in range(len(reading.tokens)) if reading.segments[n] == segment and reading.tokens[n].kind == NUMBER
    ]
    return not any(n in reading.ordinals or n + 1 == others[0] for n in numbers)


def _words_in_a_row(reading: Reading, first: int, most: int) -> list[int]:
    """Up to `most` words in a row that may make a settlement's name; hyphens may stand between."""
    tokens, roles = reading.tokens, reading.roles
    row: list[int] = []
    for cursor in range(first, len(tokens)) if len(tokens[first].text) > 1 else ():
        if tokens[cursor].kind == WORD and roles[cursor] in (FREE, TYPE):
            row.append(cursor)
            if len(row) == most:
                break
        elif tokens[cursor].text != "-" or not row:
            break
    return row


def _is_inside_compound(tokens: Sequence[Token], first: int, end: int) -> bool:
    """ "Кызыл" is not named by "Кызыл-Мажалык"."""
    before = first > 1 and tokens[first - 1].text == "-" and tokens[first].glued and tokens[first - 1].glued
    after = end + 1 < len(tokens) and tokens[end].text == "-" and tokens[end].glued and tokens[end + 1].glued
    return (before and tokens[first - 2].kind == WORD) or (after and tokens[end + 1].kind == WORD)


def _markers(reading: Reading) -> dict[int, tuple[int, frozenset[str]]]:
    """First token of a possible name -> the marker before it: "г. Рязань", "с.Глядень", "деревня Ивановка"."""
    found: dict[int, tuple[int, frozenset[str]]] = {}
    tokens = reading.tokens
    for position in reading.telling:
        kinds = settlement_marker(tokens[position].text)
        if not kinds or reading.roles[position] not in (FREE, TYPE, DISTRICT):
            continue
        following = position + 1 + dotted(reading, position)
        if following < len(tokens) and tokens[following].text == '"':
            following += 1
        if following >= len(tokens) or tokens[following].kind != WORD or len(tokens[following].text) < 2:
            continue
        if _marks_settlement(reading, position):
            found[following] = (position, kinds)
    return found


def _marks_settlement(reading: Reading, position: int) -> bool:
    """Not an initial ("ул. С. Есенина"), not a preposition ("рядом с Станцией"), not a house ("д 5")."""
    tokens, word = reading.tokens, reading.tokens[position].text
    before = position - 1
    while before >= 0 and tokens[before].text == ".":
        before -= 1
    previous = tokens[before] if before >= 0 else None
    if word == "г" and previous is not None and _YEAR.fullmatch(previous.text):
        return False
    starts = previous is None or previous.text in SEGMENT_ENDS
    if previous is not None and previous.kind == WORD and reading.segments[before] == reading.segments[position]:
        if reading.roles[before] == TYPE and len(word) == 1:
            return False
        if len(previous.text) == 1 and len(word) == 1 and tokens[before + 1].text == ".":
            return False
    if len(word) == 1:
        return starts or dotted(reading, position) or (previous is not None and previous.kind == NUMBER)
    return word not in FILLERS or starts or dotted(reading, position) or word.startswith("город")


def _settlement_reading(
    reading: Reading,
    index: Index,
    forms: Sequence[SettlementForm],
    run: Sequence[int],
    markers: dict[int, tuple[int, frozenset[str]]],
) -> SettlementReading:
    marker = markers.get(run[0])
    first = run[0] if marker is None else marker[0]
    similarity = max(form.similarity for form in forms)
    last = run[-1] + 1
    after = (
        settlement_marker(next_text(reading, run[-1])) if next_text(reading, run[-1]) in _AFTER_NAME else frozenset()
    )
    strong = marker is not None or bool(after) or _stands_as_settlement(reading, index, forms, run)
    kinds = marker[1] if marker else after
    return SettlementReading(tuple(forms), first, last + bool(after), similarity, bool(kinds), strong, kinds)


def _stands_as_settlement(reading: Reading, index: Index, forms: Sequence[SettlementForm], run: Sequence[int]) -> bool:
    """A segment of its own, after "в", or a known city at either end of the text."""
    if any(n in reading.types for n in run) and len(run) == 1:
        return False
    others = [
        n
        for n in range(len(reading.tokens))
        if reading.segments[n] == reading.segments[run[0]] and reading.tokens[n].kind != MARK
        and n not in run and reading.tokens[n].text not in FILLERS and reading.roles[n] in (FREE, TYPE)
    ]  # fmt: skip
    if not others:
        return True
    if any(abs(n - m) <= 2 and n in reading.types for n in others for m in (run[0], run[-1])):
        return False
    if run[0] and reading.tokens[run[0] - 1].text in ("в", "во", "из"):
        return True
    words = [n for n, t in enumerate(reading.tokens) if t.kind != MARK and reading.roles[n] in (FREE, TYPE)]
    at_edge = run[0] == words[0] or run[-1] == words[-1]
    known = any(
        index.settlements[f.settlement].loaded or index.settlements[f.settlement].population > 5e4 for f in forms
    )
    return at_edge and known and max(form.similarity for form in forms) == 1.0


def _read_misspelt_settlements(reading: Reading, index: Index, markers: dict[int, tuple[int, frozenset[str]]]) -> None:
    """Only where a settlement must stand: after a marker, or in a segment of one or two words of its own."""
    certain = [found for found in reading.settlements if found.strong and found.similarity >= 0.95]
    if any(not _is_region_city(index, found) for found in certain):
        return
    covered = {n for found in certain for n in range(found.first, found.last)}
    starts = [start for start in markers if reading.roles[start] == FREE]
    starts += [start for start in _lone_segments(reading) if start not in starts and start not in covered]
    certain_region = reading.region is not None or bool(certain)
    for first in starts:
        row = _words_in_a_row(reading, first, 3)
        for length in range(len(row), 0, -1):
            run = row[:length]
            if _is_inside_compound(reading.tokens, first, run[-1] + 1):
                continue
            if reading.segments[run[-1]] != reading.segments[first]:
                continue
            words = [reading.tokens[n].text for n in run]
            forms = [
                form for form in index.settlement_names.close(words, is_latin(words[0]))
                if form.similarity >= _misspelt_cutoff(reading, first in markers, certain_region)
            ]  # fmt: skip
            if forms:
                reading.settlements.append(_settlement_reading(reading, index, forms, run, markers))
                break


def _is_region_city(index: Index, found: SettlementReading) -> bool:
    """Москва and Санкт-Петербург are regions as well: a settlement beside them may still be named."""
    return any(index.settlements[form.settlement].name in index.regions.numbers for form in found.forms)


def _misspelt_cutoff(reading: Reading, marked: bool, region: bool) -> float:
    """Any word is near some village: the less else the text says of the settlement, the nearer the name must be.

    A named district that cannot be checked counts against: "с. Кирей Кулундинского р-на" is not Гирей elsewhere.
    """
    if reading.districts:
        return 0.9
    if region:
        return 0.79
    return 0.84 if marked else 0.87


def _lone_segments(reading: Reading) -> list[int]:
    """The first word of each segment that holds one to three free words and nothing else."""
    found: list[int] = []
    for segment in range(reading.segments[-1] + 1 if reading.segments else 0):
        inside = [
            n for n, at in enumerate(reading.segments)
            if at == segment and reading.tokens[n].kind != MARK and reading.tokens[n].text not in FILLERS
            and reading.roles[n] not in (REGION, COUNTRY, PRIVATE)
        ]  # fmt: skip
        if (
            1 <= len(inside) <= 3
            and all(reading.roles[n] in (FREE, TYPE) and reading.tokens[n].kind == WORD for n in inside)
            and not any(reading.types.get(n, frozenset()) & STREET_TYPES for n in inside)
        ):
            found.append(inside[0])
    return found


def _note_unknown_settlement(reading: Reading, markers: dict[int, tuple[int, frozenset[str]]]) -> None:
    """A marker before a name no settlement has: the whole text is refused, unless a street takes the name."""
    for first, (position, kinds) in markers.items():
        if not kinds & STRICT_MARKERS or reading.roles[first] not in (FREE, TYPE):
            continue
        if any(found.first <= position and first < found.last for found in reading.settlements):
            continue
        if reading.tokens[first].text in HOUSE_WORDS or part_kind(reading.tokens[first].text):
            continue
        reading.unknown_settlement = (position, first)
        return
