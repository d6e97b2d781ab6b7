"""Which region or district does a text name, in whatever case or short form?

Their words never match streets: "Алтайский край" is no Алтайская улица, "Благовещенский р-н" no Благовещенск.
"""

from __future__ import annotations

from geo.geocode.house import HOUSE_WORDS
from geo.geocode.index import Index
from geo.geocode.normalise import NUMBER, WORD, stem
from geo.geocode.reading import (
    ADJECTIVE,
    CONTEXT,
    DISTRICT,
    FILLERS,
    FREE,
    REGION,
    Reading,
    dotted,
    mark_run,
    next_text,
    words_after,
    words_before,
)
from geo.geocode.types import DISTRICT_ADJECTIVES, district_word, place_types, region_word, settlement_marker

_NOT_ANY: frozenset[str] = frozenset()


def mark_regions(reading: Reading, index: Index) -> None:
    """ "Рязанская обл.", "Республика Коми", "край Алтайский", "ХМАО": their words never match streets."""
    for position in reading.telling:
        text = reading.tokens[position].text
        kinds = region_word(text) or (_autonomous(reading, position) if text.startswith("окр") else _NOT_ANY)
        if not kinds or reading.roles[position] != FREE:
            continue
        if not (text == "кр" and not dotted(reading, position)):
            _mark_region_beside(reading, index, position, "республика" in kinds)
    if reading.region is None:
        _mark_region_noun(reading, index)
    if reading.region is not None:
        _mark_second_names(reading, index, reading.region)


def _mark_second_names(reading: Reading, index: Index, region: int) -> None:
    """ "Кемеровская область - Кузбасс", "Республика Адыгея (Адыгея)": the name beside is the same region's."""
    named = [n for n, role in enumerate(reading.roles) if role == REGION]
    for position in reading.word_positions:
        if reading.roles[position] != FREE or not any(0 < abs(position - n) <= 2 for n in named):
            continue
        if index.regions.is_word_of(reading.tokens[position].text, region) and not _is_settlement(
            reading, index, position
        ):
            reading.roles[position] = REGION


def _is_settlement(reading: Reading, index: Index, position: int) -> bool:
    """Whether the word, or the hyphenated word it is part of, is a settlement's name ("Ханты-Мансийск")."""
    tokens, first, last = reading.tokens, position, position
    while first > 1 and tokens[first - 1].text == "-" and tokens[first].glued:
        first -= 2
    while last + 2 < len(tokens) and tokens[last + 1].text == "-" and tokens[last + 2].glued:
        last += 2
    return bool(index.settlement_names.same([tokens[n].text for n in range(first, last + 1, 2)], False))


def _autonomous(reading: Reading, position: int) -> frozenset[str]:
    """ "автономный округ" is a region, "округ" a district."""
    before = reading.tokens[position - 1].text if position else ""
    return frozenset({"автономный округ"}) if before.startswith(("автономн", "авт")) else _NOT_ANY


def _mark_region_beside(reading: Reading, index: Index, position: int, noun_after: bool) -> None:
    before = [run for run in (words_before(reading, position, n) for n in (3, 2, 1)) if run]
    after = [run for run in (words_after(reading, position, n) for n in (3, 2, 1)) if run]
    for run in (after + before) if noun_after else (before + after):
        number = index.regions.beside_type_word([reading.tokens[n].text for n in run])
        if number is not None:
            reading.region = number
            mark_run(reading, run, position, REGION)
            return
    for run in before[-1:]:
        if ADJECTIVE.search(reading.tokens[run[0]].text) and len(reading.tokens[run[0]].text) > 4:
            reading.region_unknown = True
            mark_run(reading, run, position, REGION)


def _mark_region_noun(reading: Reading, index: Index) -> None:
    for position in reading.word_positions:
        if reading.roles[position] != FREE or not index.regions.may_begin_noun(reading.tokens[position].text):
            continue
        if place_types(next_text(reading, position)):
            continue
        for run in ([position, *words_after(reading, position, 1)], [position]):
            words = [reading.tokens[n].text for n in run]
            number = index.regions.by_noun(words)
            if number is not None and not index.settlement_names.same(words, False):
                reading.region = number
                mark_run(reading, run, position, REGION)
                return


def mark_districts(reading: Reading) -> None:
    """ "Благовещенский р-н", "район Измайлово", "г.о. Серпухов": never taken for a like-named town or street."""
    for position in reading.telling:
        token = reading.tokens[position]
        if reading.roles[position] != FREE or not district_word(token.text):
            continue
        if _is_relation(reading, position):
            reading.roles[position] = CONTEXT
            continue
        run = _district_name(reading, position)
        if run:
            name = " ".join(stem(reading.words[n]) for n in run)
            reading.districts.append((name, tuple(run)))
            mark_run(reading, run, position, DISTRICT)
        elif district_word(token.text) - {"район", "округ"} or len(token.text) == 2:
            reading.roles[position] = DISTRICT
        _mark_adjectives(reading, position)


def _is_relation(reading: Reading, position: int) -> bool:
    """ "в районе дома 5", "в районе улицы": a preposition in disguise."""
    tokens = reading.tokens
    if not tokens[position].text.startswith("район") or position == 0 or tokens[position - 1].text != "в":
        return False
    return any(
        token.text in HOUSE_WORDS or (token.kind == WORD and place_types(token.text) - {"район", "округ"})
        or token.kind == NUMBER
        for token in tokens[position + 1 : position + 4]
    )  # fmt: skip


def _mark_adjectives(reading: Reading, position: int) -> None:
    """ "муниципальный", "городской" before the district word."""
    while position and reading.tokens[position - 1].text in DISTRICT_ADJECTIVES:
        position -= 1
        if reading.roles[position] == FREE:
            reading.roles[position] = DISTRICT


def _district_name(reading: Reading, position: int) -> list[int]:
    """The words that name the district: an adjective before, else the words after, in one segment."""
    before = words_before(reading, position, 1)
    while before and reading.tokens[before[0]].text in DISTRICT_ADJECTIVES:
        before = words_before(reading, before[0], 1)
    if before and ADJECTIVE.search(reading.tokens[before[0]].text) and len(reading.tokens[before[0]].text) > 4:
        return before
    for count in (2, 1):
        after = words_after(reading, position, count)
        if after and not any(_is_other_word(reading, n) for n in after):
            return after
    return []


def _is_other_word(reading: Reading, position: int) -> bool:
    token = reading.tokens[position]
    marker = settlement_marker(token.text)
    return bool(
        len(token.text) < 3 or marker or place_types(token.text) or place_types(next_text(reading, position))
        or token.text in FILLERS or token.text in HOUSE_WORDS
    )  # fmt: skip
