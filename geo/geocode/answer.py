"""What does the caller get: the place, its level, the reason, other candidates, the text with its parts marked?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Protocol

from geo.errors import Message
from geo.geocode.candidates import MISSING, Candidate
from geo.geocode.index import Index
from geo.geocode.normalise import MARK
from geo.geocode.reading import Reading
from geo.geocode.standing import Standing, known_as, register_of, standing
from geo.geocode.tails import normal_form, plain_form
from geo.vocabulary import GeocodeStatus, MatchLevel

_MOST_CHOICES = 5
_TOO_FAR_BEHIND = 0.5
# not frozen, though nobody changes them: freezing makes each of the fields of each answer three times as slow to set


@dataclass(slots=True, unsafe_hash=True)
class Part:
    """A stretch of the raw text and what it was taken for; `start` and `end` count characters."""

    start: int
    end: int
    text: str
    role: str


@dataclass(slots=True, unsafe_hash=True)
class Choice:
    """A candidate as people see it: what and where it is, how sure, which words speak for it and which are left."""

    label: str
    level: MatchLevel
    lat: float
    lon: float
    radius_m: float
    confidence: float
    place_kind: str
    place_id: str
    address_id: str
    settlement_id: str
    settlement: str
    recognised: tuple[str, ...]
    ignored: tuple[str, ...]
    gar_guid: str = ""
    gar_object_id: str = ""


class Explained(Protocol):
    """What people may ask of an answer: its choices, best first, the text in parts, the text as rows are compared.

    Worked out when somebody asks, as of most answers only the place is used.
    """

    @property
    def choices(self) -> tuple[Choice, ...]: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...
    @property
    def normal(self) -> str: ...


@dataclass
class AskedAgain:
    """The explanation of an answer that is kept without what it rests on: the text is read once more.

    A list of answers that held on to all their candidates would cost the collector more than the reading.
    """

    again: Callable[[], Answer]

    @cached_property
    def _answer(self) -> Answer:
        return self.again()

    @property
    def choices(self) -> tuple[Choice, ...]:
        return self._answer.choices

    @property
    def parts(self) -> tuple[Part, ...]:
        return self._answer.parts

    @property
    def normal(self) -> str:
        return self._answer.normal


@dataclass
class Explanation:
    """The explanation from what the answer rests on."""

    reading: Reading
    index: Index
    candidates: Sequence[Candidate]
    best: Candidate | None
    confidence: float
    nowhere: bool

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        # when it is known what is meant, and not where, others are no answer, though only they could be shown
        return () if self.nowhere else tuple(islice(_choices(self), _MOST_CHOICES))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return _parts(self.reading, self.best)

    @cached_property
    def normal(self) -> str:
        return normal_form(self.reading, self.index) or plain_form(self.reading.raw)


@dataclass(slots=True, unsafe_hash=True)
class Answer:
    """What became of a text. lat and lon (degrees) are None when nothing was found; radius_m is the place's extent.

    status is accepted only when the place may be used without a person looking. why says the reason in words,
    warnings what else should be known. words, if given, are compared instead of the text's own. gar_guid and
    gar_object_id name what was recognised in the state address register, which may be finer than what could be placed.
    placeless says that it names no settlement, district or region, so that its surroundings may say where it lies.
    """

    text: str
    status: GeocodeStatus
    level: MatchLevel
    why: Message
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 0.0
    confidence: float = 0.0
    label: str = ""
    place_kind: str = ""
    place_id: str = ""
    address_id: str = ""
    settlement_id: str = ""
    warnings: tuple[Message, ...] = ()
    version: str = ""
    words: str = ""
    gar_guid: str = ""
    gar_object_id: str = ""
    placeless: bool = False
    explanation: Explained | None = field(default=None, compare=False, repr=False)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The best candidates first, as people see them."""
        return self.explanation.choices if self.explanation else ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The raw text in the parts that it was taken for."""
        return self.explanation.parts if self.explanation else ()

    @property
    def normal(self) -> str:
        """The text without apartments, telephones and case: equal for rows that ask for the same place."""
        return self.words or (self.explanation.normal if self.explanation else plain_form(self.text))

    @property
    def accepted(self) -> bool:
        """Whether the answer may be used as it is."""
        return self.status == GeocodeStatus.ACCEPTED


@dataclass(slots=True)
class Verdict:
    status: GeocodeStatus
    why: Message
    confidence: float
    warnings: list[Message] = field(default_factory=list)


def answer(
    reading: Reading, index: Index, candidates: Sequence[Candidate], verdict: Verdict, best: Candidate | None
) -> Answer:
    """The answer a verdict comes to: where its best candidate stands, the others beside it, the text in parts."""
    somewhere = best is None or best.placed or standing(index, best).lat is not None
    ambiguous = verdict.status == GeocodeStatus.AMBIGUOUS
    explanation = Explanation(reading, index, candidates, best, verdict.confidence, not somewhere and not ambiguous)
    found = Answer(
        reading.raw,
        verdict.status,
        MatchLevel.NONE,
        verdict.why,
        confidence=round(verdict.confidence, 4),
        warnings=tuple(verdict.warnings),
        version=index.version,
        placeless=_placeless(reading, index),
        explanation=explanation,
    )
    if best is not None:
        found.gar_guid, found.gar_object_id = register_of(index, best)
        first = next(_choices(explanation), None) if somewhere else None
        if first is not None:
            _place(found, first)
        else:
            found.label = known_as(index, best)
    return found


def _place(found: Answer, there: Choice) -> None:
    found.level, found.label = there.level, there.label
    found.lat, found.lon, found.radius_m = there.lat, there.lon, there.radius_m
    found.place_kind, found.place_id = there.place_kind, there.place_id
    found.address_id, found.settlement_id = there.address_id, there.settlement_id


def _placeless(reading: Reading, index: Index) -> bool:
    """ "Кирова, 5" names no Киров that is not loaded; "г. Киров, 5" does."""
    if reading.region is not None or reading.region_unknown or reading.districts or reading.unknown_settlement:
        return False
    return not any(
        found.marked or (found.strong and any(form.settlement in index.loaded_settlements for form in found.forms))
        for found in reading.settlements
    )


def _choices(told: Explanation) -> Iterator[Choice]:
    first, index = told.candidates[0].rank if told.candidates else 0.0, told.index
    seen: set[tuple[str, float | None, float | None]] = set()
    for candidate in told.candidates[: 2 * _MOST_CHOICES]:
        behind = first - candidate.rank
        if behind > _TOO_FAR_BEHIND and seen:
            return
        where = standing(index, candidate)
        spot = (where.label, where.lat, where.lon)
        certainty = max(0.0, told.confidence - behind) if told.best is not None else 0.0
        choice = _choice(told.reading, index, candidate, where, round(certainty, 4)) if spot not in seen else None
        if choice is not None:
            seen.add(spot)
            yield choice


def _choice(reading: Reading, index: Index, candidate: Candidate, where: Standing, certainty: float) -> Choice | None:
    """None for what cannot be shown on a map."""
    if where.lat is None or where.lon is None:
        return None
    town = index.settlements[candidate.settlement] if candidate.settlement >= 0 else None
    rows = candidate.house.rows if candidate.house and candidate.level == MatchLevel.HOUSE else ()
    asked = candidate.asked
    housed = candidate.level != MatchLevel.STREET or candidate.registered >= 0
    house_tokens = range(asked.reading.start, asked.reading.end) if asked and housed else ()
    tokens = reading.tokens
    recognised = [tokens[n] for n in sorted({*candidate.used, *house_tokens})]
    guid, number = register_of(index, candidate)
    # by position, as it is made several times for every text
    return Choice(
        where.label, where.level, where.lat, where.lon, where.radius_m, certainty, where.kind, where.id,
        index.houses.ids[rows[0]] if len(rows) == 1 else "",
        town.id if town else "", town.name if town else "",
        tuple([token.text for token in recognised if token.kind != MARK]),
        tuple([tokens[n].text for n in candidate.ignored]),
        guid, number,
    )  # fmt: skip


def _parts(reading: Reading, best: Candidate | None) -> tuple[Part, ...]:
    """What each stretch of the text was taken for, neighbours of one role together."""
    raw = reading.raw
    parts: list[Part] = []
    last = Part(0, 0, "", "")
    for token, role in zip(reading.tokens, _token_roles(reading, best), strict=True):
        if not role:
            continue
        if last.role == role and not raw[last.end : token.start].strip(" .-№\"'"):
            last.end, last.text = token.end, raw[last.start : token.end]
        else:
            last = Part(token.start, token.end, raw[token.start : token.end], role)
            parts.append(last)
    return tuple(parts)


_KEPT_ROLES = frozenset(("apartment", "private", "country", "region", "district"))


def _token_roles(reading: Reading, best: Candidate | None) -> list[str]:
    roles = [role if role in _KEPT_ROLES else "" for role in reading.roles]
    for n in reading.open_positions():
        if reading.tokens[n].kind != MARK:
            roles[n] = "ignored"
    if best is None:
        return roles
    settled = {n for found in reading.settlements for n in range(found.first, found.last)}
    for n in best.used:
        roles[n] = "settlement" if n in settled else "place"
    if best.place >= 0:
        _mark_place(reading, best, roles)
    return roles


def _mark_place(reading: Reading, best: Candidate, roles: list[str]) -> None:
    for n in reading.types:
        if roles[n] == "ignored" and best.typed == 1:
            roles[n] = "place"
    if best.asked is not None and (best.house is not None or best.registered >= 0):
        found = best.registered >= 0 or (best.house is not None and best.house.state != MISSING)
        for n in range(best.asked.reading.start, best.asked.reading.end):
            if reading.tokens[n].kind != MARK:
                roles[n] = "house" if found else "ignored"
