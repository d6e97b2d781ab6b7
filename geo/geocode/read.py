"""What may each word of this text be: settlement, region, district, type, house, apartment, context, name?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from geo.geocode.districts import mark_districts, mark_regions
from geo.geocode.house import HOUSE_WORDS, NAME_WORDS, HouseReading, is_ordinal, ordinal_end, read_house, split_letters
from geo.geocode.index import Index
from geo.geocode.names import join_words, name_word, number_word
from geo.geocode.normalise import MARK, NUMBER, WORD, Token, split_camel, tokenise
from geo.geocode.reading import (
    CONTEXT,
    FILLER,
    FILLERS,
    FREE,
    HOUSE_WORD,
    MARKER,
    PUNCTUATION,
    SEGMENT_ENDS,
    SOFT,
    TYPE,
    HouseOption,
    Reading,
    dotted,
    next_text,
    plain,
)
from geo.geocode.tails import TAIL_WORDS, mark_people, mark_postcode_and_country, mark_tails, without_private
from geo.geocode.towns import read_settlements
from geo.geocode.transliterate import is_latin
from geo.geocode.types import (
    COUNTRIES,
    COUNTRY_ADJECTIVES,
    STREET_TYPES,
    district_word,
    misspelt_type,
    place_types,
    region_word,
    settlement_marker,
)
from geo.geocode.wordlist import spaced

# words before these say what happened, not where
_RELATIONS = frozenset(
    spaced(
        "около возле напротив рядом вблизи недалеко близ вдоль между позади перед подле неподалеку поблизости "
        "адресу адрес пересечении перекрестке углу угол придомовой дворе территории"
    )
)


# "у дома", "перед домом", "на улице": what stands before them is the story
_OBLIQUE_HOUSE = frozenset(("дома", "дому", "домом"))
_BEFORE_STREET = frozenset(("на", "по", "в", "во"))
_MOST_HOUSES = 5


def read_text(text: str, index: Index) -> Reading:
    """Mark what every token of an address may be, with the names of the index at hand."""
    tokens = join_words(split_letters(tokenise(without_private(text))))
    tokens = _split_glued(tokens, text, index)
    words = [token.text for token in tokens if token.kind == WORD]
    latin = sum(map(is_latin, words)) * 2 > len(words)
    reading = Reading(
        text, tokens, _segments(tokens), [PUNCTUATION if t.kind == MARK else FREE for t in tokens], [], latin=latin
    )
    reading.telling = [n for n in reading.word_positions if _may_tell(tokens[n].text)]
    _read_words(reading)
    mark_postcode_and_country(reading)
    mark_tails(reading)
    mark_people(reading)
    mark_regions(reading, index)
    mark_districts(reading)
    _mark_types(reading)
    read_settlements(reading, index)
    _mark_misspelt_types(reading, index)
    _read_houses(reading)
    _mark_fillers(reading)
    return reading


@lru_cache(maxsize=65536)
def _may_tell(word: str) -> bool:
    """Whether a word may be something else than a name: most are not, and need not be looked at for each sense."""
    return bool(
        word in _OTHER_SENSES or word.startswith("окр") or place_types(word) or settlement_marker(word)
        or district_word(word) or region_word(word) or _cut_types(word)
    )  # fmt: skip


_OTHER_SENSES = COUNTRIES | COUNTRY_ADJECTIVES | TAIL_WORDS | HOUSE_WORDS | FILLERS | _RELATIONS


def _segments(tokens: Sequence[Token]) -> list[int]:
    return list(accumulate([int(token.text in SEGMENT_ENDS) for token in tokens]))


def _split_glued(tokens: list[Token], text: str, index: Index) -> list[Token]:
    """Words that lost their blank: "улЛенина" by its capital, "улгаванская" by a type word before a known word."""
    known = index.vocabulary.numbers
    result: list[Token] = []
    kept = 0
    for position, token in enumerate(tokens):
        if token.kind != WORD or token.text in known or len(token.text) < 4:
            continue
        parts = _glued_parts(token, text, index)
        if parts is not None:
            result += tokens[kept:position]
            kept, start = position + 1, token.start
            for part in parts:
                result.append(Token(part, WORD, start, start + len(part), start != token.start or token.glued))
                start += len(part)
    return result + tokens[kept:] if kept else tokens


_GLUED_TYPES = ("ул", "пр", "пер", "пл", "наб", "мкр")


def _glued_parts(token: Token, text: str, index: Index) -> list[str] | None:
    vocabulary = index.vocabulary
    if place_types(token.text) or token.end - token.start != len(token.text):
        return None
    raw = text[token.start : token.end]
    parts = [raw] if raw[1:].islower() or raw.isupper() else split_camel(raw)
    if len(parts) > 1 and not vocabulary.same(token.text):
        folded = [part.text for part in tokenise(" ".join(parts))]
        known = any(vocabulary.same(part) or place_types(part) or settlement_marker(part) for part in folded)
        return folded if known and sum(map(len, folded)) == len(raw) else None
    for prefix in _GLUED_TYPES if token.text.startswith(_GLUED_TYPES) else ():
        rest = token.text[len(prefix) :]
        if (
            token.text.startswith(prefix)
            and rest in vocabulary.numbers
            and len(rest) > 4
            and not vocabulary.same(token.text)
        ):
            return [prefix, rest]
    return None


def _read_words(reading: Reading) -> None:
    """The word each token is in the index: numbers "#5" with their ordinal ending taken along."""
    tokens = reading.tokens
    reading.words = [name_word(t.text) if t.kind == WORD else t.text for t in tokens]
    for position in reading.number_positions:
        reading.words[position] = number_word(tokens[position].text)
        if is_ordinal(tokens, position):
            reading.ordinals.add(position)
            for ending in range(position + 1, ordinal_end(tokens, position)):
                reading.roles[ending] = PUNCTUATION


def _mark_types(reading: Reading) -> None:
    for position in reading.telling:
        token = reading.tokens[position]
        if reading.roles[position] != FREE:
            continue
        types = place_types(token.text) or (_cut_types(token.text) if dotted(reading, position) else _NO_TYPE)
        if types and (len(token.text) > 1 or _single_letter_type(reading, position)):
            reading.types[position] = types
            reading.roles[position] = TYPE


def _mark_misspelt_types(reading: Reading, index: Index) -> None:
    """ "улиац", "лииния": where no type is said, a word that is nothing else may be one with a slip."""
    # "Набережная" is a type, and the name of a street
    if any("набережная" not in types for types in reading.types.values()):
        return
    named = {n for found in reading.settlements for n in range(found.first, found.last)}
    for position in reading.word_positions:
        if reading.roles[position] != FREE or position in named:
            continue
        types = misspelt_type(reading.tokens[position].text)
        if types and not index.vocabulary.same(reading.words[position]):
            reading.types[position] = types
            reading.roles[position] = TYPE


_NO_TYPE: frozenset[str] = frozenset()


def _cut_types(text: str) -> frozenset[str]:
    """ "переул.", "набер.": the beginning of one type word, which has a dot behind it."""
    word = plain(text)
    if len(word) < 4:
        return _NO_TYPE
    found = [name for name in STREET_TYPES if name.startswith(word)]
    return frozenset(found) if len(found) == 1 else _NO_TYPE


def _single_letter_type(reading: Reading, position: int) -> bool:
    """ "л. 13-я В.О.", "ш. Энтузиастов", "п. Крылова": with a dot, not an initial before a surname's type."""
    before = reading.tokens[position - 1] if position else None
    if before is not None and before.kind == NUMBER and not dotted(reading, position):
        return False
    if before is not None and before.kind == WORD and len(before.text) > 1 and before.text in HOUSE_WORDS:
        # the Л of "литЛ"
        return False
    if before is not None and before.kind == MARK and position > 1 and reading.roles[position - 2] == TYPE:
        return False
    return dotted(reading, position) or plain(reading.tokens[position].text) in "шл"


def _read_houses(reading: Reading) -> None:
    options: list[HouseOption] = []
    covered = -1
    for position in reading.number_positions:
        if reading.roles[position] != FREE or position < covered:
            continue
        found = reading.house_at(position)
        if found is None:
            found = _before_type_word(reading, position)
            if found is None:
                continue
        marked = found.start < position
        doubtful = not marked and _before_type(reading, position)
        options.append(HouseOption(found, marked, doubtful))
        covered = found.end
    marked_ones = [option for option in options if option.marked]
    reading.houses = (marked_ones or options)[:_MOST_HOUSES]


def _before_type_word(reading: Reading, position: int) -> HouseReading | None:
    """ "дом 12 линия 5": after a house word a number is a house even before линия."""
    before = position - 1
    while before >= 0 and reading.tokens[before].text in (".", "№"):
        before -= 1
    if before < 0 or reading.tokens[before].text not in HOUSE_WORDS or position in reading.ordinals:
        return None
    if next_text(reading, position) in NAME_WORDS:
        return None
    return read_house(reading.tokens[: position + 1], position, latin=reading.latin)


def _before_type(reading: Reading, position: int) -> bool:
    return position + 1 in reading.types and reading.segments[position + 1] == reading.segments[position]


def _mark_fillers(reading: Reading) -> None:
    """Prepositions, house words and markers that announce something else are not names; note where context ends."""
    settled = {n for found in reading.settlements for n in range(found.first, found.last)}
    inside_house = {n for option in reading.houses for n in range(option.reading.start, option.reading.end)}
    for position in reading.telling:
        token = reading.tokens[position]
        if reading.roles[position] != FREE:
            continue
        if token.text in _RELATIONS:
            reading.roles[position] = CONTEXT
            reading.context_end = max(reading.context_end, position + 1)
        elif token.text in HOUSE_WORDS and (position in inside_house or len(token.text) > 1):
            reading.roles[position] = HOUSE_WORD if position in inside_house else SOFT
            if token.text in _OBLIQUE_HOUSE and position not in inside_house:
                reading.context_end = max(reading.context_end, position + 1)
        elif token.text in FILLERS and position not in settled:
            reading.roles[position] = SOFT if len(token.text) > 2 else FILLER
            if token.text in _BEFORE_STREET and position + 1 in reading.types:
                reading.context_end = max(reading.context_end, position + 1)
        elif settlement_marker(token.text) and position in {
            found.first for found in reading.settlements if found.marked
        }:
            reading.roles[position] = MARKER
