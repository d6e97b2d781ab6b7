"""Does a text name more than one address: several houses of a street, a stretch of it, the corner of two streets?

Residents and clerks write "ул. Мира, 5, 7 и 9", "от д. 3 до д. 9 по ул. Мира", "угол Мира и Ленина". One of the houses
would be a wrong answer that looks right, so the place is where the houses stand together, and a stretch of street when
they stand apart; a corner is between the nearest houses of the two streets. What may be a flat as well as a second
house, and what names two streets without their corner, waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import N_, Message
from geo.geocode.answer import Verdict
from geo.geocode.candidates import EXACT, LIKELY, MISSING, UNSAID, Candidate
from geo.geocode.found_house import find_house
from geo.geocode.house import HOUSE_WORDS, House, HouseReading, is_ordinal
from geo.geocode.index import Index
from geo.geocode.normalise import NUMBER, WORD
from geo.geocode.places import STREET, Place, distance_m
from geo.geocode.reading import CONTEXT, FILLER, FREE, HOUSE_WORD, PUNCTUATION, SOFT, Reading
from geo.geocode.wordlist import spaced
from geo.vocabulary import GeocodeStatus, MatchLevel

# houses this close together are one place with a point; farther apart they are a stretch of street
_TOGETHER_M = 250.0
# a corner of wide streets is drawn as several points; streets that meet farther apart than this meet more than once
_CORNER_M = 80.0
_WHOLE_NAME = 0.95
_AS_GOOD = 0.06
_CONFIDENCE = 0.9
# "между домами №", "дома №№": how far before a list words say what it is
_WORDS_BEFORE = 5
# shorter words of a name, as initials, may be parts of a house as well
_NAME_LETTERS = 3
_AND, _TO = frozenset(("и", "плюс")), frozenset(("до", "по"))
_PLURAL = frozenset(spaced("дома домов домах домами домам дд здания зданий"))
_BETWEEN = frozenset(("между",))
_CORNER = frozenset(
    spaced("угол углу угла пересечение пересечении пересечения перекресток перекрестке перекрестка перекрестку")
)
_JOINING = frozenset((",", ";", "-", "№", "(", ":")) | _AND | _TO | _PLURAL | HOUSE_WORDS
_PASSED = frozenset((FREE, PUNCTUATION, FILLER, SOFT, HOUSE_WORD, CONTEXT))

MANY = N_("Several houses are named: {houses}. Placed where they stand.")
MANY_PARTLY = N_("Several houses are named, of which {houses} are known. Placed where those stand.")
ONE_OF = N_("Several houses are named, of which only {houses} is known.")
FLAT_OR_HOUSE = N_("{number} may be a second house, a part of the first or a flat: a person has to tell.")
STREETS = N_("Several streets are named: {names}. A person has to tell which is meant.")
CORNER = N_("Placed where the streets meet: {names}.")
NO_CORNER = N_("The streets {names} are known, but no single place where they meet.")


@dataclass(frozen=True, slots=True)
class _Run:
    """House numbers that stand in one list: the houses, the tokens they take, the words between and before them."""

    houses: tuple[House, ...]
    start: int
    end: int
    between: frozenset[str]
    before: frozenset[str]
    marked: int

    @property
    def stretch(self) -> bool:
        """From the first to the last, not only these: "от 3 до 9", "между 3 и 9", "д. 3 - д. 9"."""
        dashed = "-" in self.between and self.marked > 1
        return len(self.houses) == 2 and bool(self.between & _TO or self.before & _BETWEEN or dashed)

    @property
    def sure(self) -> bool:
        """Whether the list is surely of houses: the second of two bare numbers is often a flat."""
        words = bool(self.between & (_AND | _PLURAL) or self.before & _PLURAL)
        return self.stretch or words or self.marked > 1 or len(self.houses) > 2

    @property
    def mixed(self) -> bool:
        """ "10 корп. 1, 2": what follows may be korpuses."""
        return bool(self.houses[0].parts) and any(not house.parts for house in self.houses[1:])


def several(
    reading: Reading, index: Index, candidates: Sequence[Candidate], verdict: Verdict
) -> tuple[Candidate, Verdict] | None:
    """Another answer for a text with more than one address; None when it names one, or nothing is known of it."""
    if _at_corner(reading):
        # two streets explain less of "с. Глядень, угол Мира и Ленина" each than the village alone
        candidates = [each for each in candidates if each.place >= 0] or candidates
    best = candidates[0]
    if best.place < 0 or index.places[best.place].kind != STREET or best.settled == UNSAID:
        return None
    if verdict.status == GeocodeStatus.AMBIGUOUS and best.house is not None and best.house.state != MISSING:
        return None
    # a second house has a number of its own
    run = (_run_of(reading, best) or _said_again(reading, best)) if len(reading.number_positions) > 1 else None
    if run is None:
        return _two_streets(reading, index, candidates, verdict)
    if best.conflict or (verdict.status != GeocodeStatus.ACCEPTED and best.coverage < _WHOLE_NAME):
        return None
    return _houses(index, best, run)


# ---- several houses --------------------------------------------------------------------------------------------------


def _run_of(reading: Reading, best: Candidate) -> _Run | None:
    """The list the house asked for stands in, when it is longer than one."""
    if best.asked is None:
        return None
    asked = best.asked.reading
    return next((run for run in _runs(reading) if run.start < asked.end and asked.start < run.end), None)


def _said_again(reading: Reading, best: Candidate) -> _Run | None:
    """ "ул. Мира, 5, ул. Мира, 7": the street named once more with another house."""
    if best.asked is None:
        return None
    name = {reading.words[n] for n in _name_tokens(reading, best) if len(reading.words[n]) >= _NAME_LETTERS}
    again = [n for n, word in enumerate(reading.words) if word in name and n not in best.used]
    found = (_number(reading, _next_number(reading, n + 1)[0]) for n in again)
    more = [each for each in found if each is not None and each.house != best.asked.reading.house]
    if not more:
        return None
    houses = (best.asked.reading.house, *dict.fromkeys(each.house for each in more))
    return _Run(houses, best.asked.reading.start, more[-1].end, _AND, frozenset(), 0)


def _runs(reading: Reading) -> Iterator[_Run]:
    """Lists of two and more house numbers with nothing but joining words between them."""
    end = 0
    for position in reading.number_positions:
        if position < end:
            continue
        found, joined = [_number(reading, position)], [set[str]()]
        while found[-1] is not None:
            following, words = _next_number(reading, found[-1].end)
            found.append(_number(reading, following))
            joined.append(words)
        houses = [house for house in found if house is not None]
        if len(houses) > 1:
            yield _run(reading, position, houses, frozenset().union(*joined[:-1]))
        end = houses[-1].end if houses else end


def _run(reading: Reading, start: int, houses: Sequence[HouseReading], between: frozenset[str]) -> _Run:
    before = frozenset(token.text for token in reading.tokens[max(0, start - _WORDS_BEFORE) : start])
    marked = sum(_announced(reading, number) for number in _numbers(reading, start, houses[-1].end))
    return _Run(tuple(each.house for each in houses), start, houses[-1].end, between, before, marked)


def _numbers(reading: Reading, start: int, end: int) -> Iterator[int]:
    return (n for n in range(start, end) if reading.tokens[n].kind == NUMBER)


def _next_number(reading: Reading, position: int) -> tuple[int, set[str]]:
    """The token behind the joining words, and those words."""
    words = set()
    while position < len(reading.tokens) and _joins(reading, position):
        words.add(reading.tokens[position].text)
        position += 1
    return position, words


def _number(reading: Reading, position: int) -> HouseReading | None:
    tokens = reading.tokens
    if position >= len(tokens) or tokens[position].kind != NUMBER or reading.roles[position] not in _PASSED:
        return None
    if is_ordinal(tokens, position) or _is_date(reading, position):
        return None
    return reading.house_at(position)


def _is_date(reading: Reading, position: int) -> bool:
    """ "12.05.2025", "1.5 м"."""
    following = reading.tokens[position + 1 : position + 3]
    return len(following) == 2 and following[0].text == "." and following[1].glued and following[1].kind == NUMBER


def _joins(reading: Reading, position: int) -> bool:
    text = reading.tokens[position].text
    if text == ".":  # of "д.", not of a date
        return reading.tokens[position - 1].text in HOUSE_WORDS
    return text in _JOINING and reading.roles[position] in _PASSED


def _announced(reading: Reading, position: int) -> bool:
    """Whether "д.", "дом" or "№" stands right before a number."""
    before = position - 1
    while before >= 0 and reading.tokens[before].text == ".":
        before -= 1
    return before >= 0 and (reading.tokens[before].text in HOUSE_WORDS or reading.tokens[before].text == "№")


def _houses(index: Index, best: Candidate, run: _Run) -> tuple[Candidate, Verdict] | None:
    """The houses of a list as one place; a person is asked where it may be no list of houses."""
    street = index.places[best.place]
    found = [(house, find_house(index, street, house)) for house in run.houses]
    known = [(house, spot) for house, spot in found if spot.state in (EXACT, LIKELY)]
    if not run.sure or run.mixed:
        second = [house for house, _ in known if house in run.houses[1:]] or _further_korpuses(index, street, run)
        why = Message(FLAT_OR_HOUSE, {"number": run.houses[1].text})
        return (best, Verdict(GeocodeStatus.REVIEW, why, 0.6)) if second else None
    rows = {row for _, spot in known for row in spot.rows}
    if run.stretch:
        low, high = sorted(house.number for house in run.houses)
        rows |= {row for row in range(street.first, street.last) if low <= index.houses.numbers[row] <= high}
    if not known:
        return None
    texts = ", ".join(house.text for house, _ in known)
    if len(rows) < 2:
        return best, Verdict(GeocodeStatus.REVIEW, Message(ONE_OF, {"houses": texts}), 0.6)
    message = MANY if len(known) == len(found) else MANY_PARTLY
    place = _around(index, best, sorted(rows), "–".join(h.text for h in run.houses) if run.stretch else texts)
    return place, Verdict(GeocodeStatus.ACCEPTED, Message(message, {"houses": texts}), _CONFIDENCE)


def _further_korpuses(index: Index, street: Place, run: _Run) -> list[House]:
    """ "65 корп. 1, 2" where 65 к2 is known."""
    first = run.houses[0]
    if len(first.parts) != 1:
        return []
    kind = first.parts[0][0]
    asked = [first._replace(parts=((kind, str(house.number)),)) for house in run.houses[1:]]
    return [house for house in asked if find_house(index, street, house).state == EXACT]


def _around(index: Index, best: Candidate, rows: Sequence[int], said: str) -> Candidate:
    """Where these houses stand: together a point among them, else a stretch of the street with its extent."""
    lats, lons = (np.array([values[row] for row in rows]) for values in (index.houses.lats, index.houses.lons))
    lat, lon = (float(lats.min() + lats.max()) / 2, float(lons.min() + lons.max()) / 2)
    radius = max(distance_m(lat, lon, float(y), float(x)) for y, x in zip(lats, lons, strict=True))
    level = MatchLevel.HOUSE_GROUP if radius <= _TOGETHER_M else MatchLevel.STREET
    return replace(best, level=level, lat=lat, lon=lon, radius_m=round(radius, 1), said=said, registered=-1)


# ---- two streets -----------------------------------------------------------------------------------------------------


def _two_streets(
    reading: Reading, index: Index, candidates: Sequence[Candidate], verdict: Verdict
) -> tuple[Candidate, Verdict] | None:
    """A corner, or two streets side by side."""
    best = candidates[0]
    other = _other_street(reading, index, candidates)
    if other is None:
        return None
    names = {"names": "; ".join(index.places[each.place].name for each in (best, other))}
    if not _at_corner(reading):
        typed = best.typed == other.typed == 1 and len(reading.types) > 1
        if verdict.status not in (GeocodeStatus.ACCEPTED, GeocodeStatus.REVIEW) or not typed:
            return None
        return best, Verdict(GeocodeStatus.REVIEW, Message(STREETS, names), min(verdict.confidence, 0.6))
    if best.house is not None and best.house.state in (EXACT, LIKELY):
        return None
    corner = _corner(index, best, other)
    if corner is None:
        return best, Verdict(GeocodeStatus.REVIEW, Message(NO_CORNER, names), 0.6)
    return corner, Verdict(GeocodeStatus.ACCEPTED, Message(CORNER, names), _CONFIDENCE)


def _other_street(reading: Reading, index: Index, candidates: Sequence[Candidate]) -> Candidate | None:
    """The second street of the text, when both are named whole and neither can be another one."""
    best = candidates[0]
    if best.coverage < _WHOLE_NAME or best.typed < 0:
        return None
    others = [
        each for each in candidates[1:]
        if each.place >= 0 and each.settlement == best.settlement and index.places[each.place].kind == STREET
        and each.coverage >= _WHOLE_NAME and each.typed >= 0
    ]  # fmt: skip
    if not others:
        return None
    mine = _name_tokens(reading, best)
    taken = mine | _house_tokens(best)
    apart = [each for each in others if _says_a_name(reading, _name_tokens(reading, each) - taken, each)]
    if not apart:
        return None
    like_best = any(mine & _name_tokens(reading, e) and best.rank - e.rank < _AS_GOOD for e in others)
    like_other = any(e.place != apart[0].place and apart[0].rank - e.rank < _AS_GOOD for e in apart[1:])
    return None if like_best or like_other else apart[0]


def _house_tokens(candidate: Candidate) -> set[int]:
    asked = candidate.asked.reading if candidate.asked else None
    return set(range(asked.start, asked.end)) if asked else set()


def _says_a_name(reading: Reading, own: set[int], candidate: Candidate) -> bool:
    """Whether the words left name the street by a word, where the address stands and not in the story before it."""
    words = any(reading.tokens[n].kind == WORD for n in own)
    story = min(own, default=0) < reading.context_end and not _at_corner(reading)
    return words and own == _name_tokens(reading, candidate) and not story


def _at_corner(reading: Reading) -> bool:
    return not _CORNER.isdisjoint([token.text for token in reading.tokens])


def _name_tokens(reading: Reading, candidate: Candidate) -> set[int]:
    """The words that name the street itself, not its settlement."""
    settled = {
        n for found in reading.settlements if any(form.settlement == candidate.settlement for form in found.forms)
        for n in range(found.first, found.last)
    }  # fmt: skip
    return set(candidate.used) - settled


def _corner(index: Index, one: Candidate, other: Candidate) -> Candidate | None:
    """Where two streets meet; None when that is not known, or they meet at places far apart."""
    meeting = index.corners.get((min(one.place, other.place), max(one.place, other.place)), ())
    if not meeting:
        return None
    lat, lon = (sum(values) / len(meeting) for values in zip(*meeting, strict=True))
    radius = max(distance_m(lat, lon, *point) for point in meeting)
    if radius > _CORNER_M:
        return None
    return replace(
        one, level=MatchLevel.POINT, lat=lat, lon=lon, radius_m=round(radius, 1),
        used=tuple(sorted({*one.used, *other.used})), house=None, asked=None,
        ignored=tuple(n for n in one.ignored if n not in other.used), also=other.place, registered=-1,
    )  # fmt: skip
