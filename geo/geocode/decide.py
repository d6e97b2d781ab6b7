"""Is the best candidate accepted, is it one of several, does a person have to look, or is there none?

The rules refuse rather than guess: an unknown settlement refuses the whole text, a street missing from a loaded
settlement is not replaced by the settlement, homonyms are never decided by size, another house is never offered for
a missing one. Every outcome carries its reason as a translatable message.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from geo.errors import N_, Message
from geo.geocode.answer import Answer, Verdict, answer
from geo.geocode.candidates import CONTRADICTED, EXACT, LIKELY, MISSING, PART_UNKNOWN, SUBURB, UNSAID, Candidate
from geo.geocode.confidence import confidence_of
from geo.geocode.index import Index
from geo.geocode.names import read_name
from geo.geocode.normalise import MARK, NUMBER
from geo.geocode.places import POI, distance_m
from geo.geocode.pois import GENERIC
from geo.geocode.reading import FREE, PRIVATE, TYPE, Reading
from geo.geocode.scope import Expected
from geo.geocode.several import several
from geo.geocode.standing import standing, without_position
from geo.geocode.wordlist import spaced
from geo.vocabulary import GeocodeStatus, MatchLevel

ACCEPT = 0.80
_WORTH_SHOWING = 0.25
_MARGIN = 0.06
_STRANGER = 0.6
_ONE_PLACE_M = 300.0
# a settlement this small may stand for an address in it whose street is not loaded
_SMALL_SETTLEMENT = 100_000
_COARSE_CONFIDENCE = 0.85
_NOTHING = N_("No place known here fits this text.")
_ELSEWHERE = N_("The place found lies outside the municipality expected.")


def decide(reading: Reading, index: Index, candidates: Sequence[Candidate], inside: Expected) -> Answer:
    """The answer for a reading and its candidates, best first."""
    refusal = _refusal(reading, index, candidates)
    if refusal is not None:
        return answer(reading, index, candidates, Verdict(GeocodeStatus.UNMATCHED, refusal, 0.0), best=None)
    best = candidates[0]
    rivals = rivals_of(best, candidates)
    margin = best.rank - rivals[0].rank if rivals else 1.0
    confidence = confidence_of(best, margin)
    verdict = (
        _impossible(reading, index, best, confidence)
        or _outside(best, inside, confidence)
        or _contradicted(best, confidence)
        or _coarse(reading, index, best, margin, confidence)
        or _beside_object(reading, index, best, confidence)
        or _several(index, best, rivals, margin, confidence)
        or _other_type(best, confidence)
        or _strange(best, confidence)
        or _unsaid(index, best, confidence)
        or _without_position(index, best, inside, _alone(best, margin, confidence))
        or _by_confidence(reading, best, confidence)
    )
    more = several(reading, index, candidates, verdict) if inside.covers(best.lat, best.lon) else None
    if more is not None:
        best, verdict = more
        candidates = (best, *candidates[best is candidates[0] :])
    verdict.warnings += _warnings(reading, best)
    return answer(reading, index, candidates, verdict, best)


def decide_exact(reading: Reading, index: Index, candidate: Candidate, inside: Expected) -> Answer:
    """The answer for an object that a text names beyond doubt, by its GUID."""
    verdict = (
        _outside(candidate, inside, 1.0)
        or _without_position(index, candidate, inside, 1.0)
        or _house_of_settlement(index, candidate, 1.0)
        or _by_confidence(reading, candidate, 1.0)
    )
    return answer(reading, index, [candidate], verdict, candidate)


def _refusal(reading: Reading, index: Index, candidates: Sequence[Candidate]) -> Message | None:
    if not any(token.kind != MARK for token in reading.tokens):
        return Message(N_("The text is empty."))
    if reading.unknown_settlement is not None:
        marker, first = reading.unknown_settlement
        if not _named_by_street(index, candidates, marker, first):
            return Message(
                N_("The settlement {name} is not in the gazetteer."), {"name": _settlement_text(reading, marker, first)}
            )
    if not candidates and (reading.region is not None or reading.districts):
        return Message(N_("Only a region or district is named, and its boundary is not loaded."))
    if not candidates:
        return Message(_NOTHING)
    return None


def _named_by_street(index: Index, candidates: Sequence[Candidate], marker: int, first: int) -> bool:
    """ "п. Крылова", "д. Южный": the marker has a second sense, and a street or area takes the name under it."""
    return any(_takes_name(index, candidate, marker, first) for candidate in candidates[:3] if candidate.place >= 0)


def _takes_name(index: Index, candidate: Candidate, marker: int, first: int) -> bool:
    if {marker, first} <= set(candidate.used):
        return candidate.coverage > 0.95
    named = first in candidate.used and candidate.weakest > 0.9 and candidate.typed == 1
    return named and index.places[candidate.place].kind != POI


def _settlement_text(reading: Reading, marker: int, first: int) -> str:
    end = first
    while end + 1 < len(reading.tokens) and reading.roles[end + 1] == FREE and reading.tokens[end + 1].kind != NUMBER:
        end += 1
    return reading.raw[reading.tokens[marker].start : reading.tokens[end].end]


def rivals_of(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Other places that might be meant instead: not the same spot, not the settlement around it, not vaguer."""
    return [other for other in candidates[1:] if _is_rival(best, other)]


def _is_rival(best: Candidate, other: Candidate) -> bool:
    if other.level == MatchLevel.SETTLEMENT and (other.settlement == best.settlement or _has_house(best)):
        return False
    if best.level == MatchLevel.SETTLEMENT and other.settlement == best.settlement and other.place >= 0:
        return other.coverage > 0.9 and other.level not in (MatchLevel.POI, MatchLevel.DISTRICT)
    if other.level in (MatchLevel.POI, MatchLevel.AREA) and best.house is not None and best.house.state != MISSING:
        return False
    if best.place >= 0 and best.coverage > 0.999 and other.coverage < 0.97 and set(other.used) <= set(best.used):
        return False
    if best.place >= 0 and best.coverage >= 0.9 and set(other.used) < set(best.used):
        return False
    # no position is not the same spot
    return not distance_m(best.lat, best.lon, other.lat, other.lon) <= _ONE_PLACE_M


def _has_house(best: Candidate) -> bool:
    """A known house of a named street is not shaken by a namesake of its town without streets."""
    return best.house is not None and best.house.state == EXACT and best.typed >= 0


def _impossible(reading: Reading, index: Index, best: Candidate, confidence: float) -> Verdict | None:
    if best.settled == CONTRADICTED:
        town = index.label(best.settlement)
        if best.level == MatchLevel.SETTLEMENT:
            why = Message(N_("{name} is known only in another region than the one named."), {"name": town})
        else:
            why = Message(
                N_("Such a place is known only in {name}, which is not the settlement named."), {"name": town}
            )
        return Verdict(GeocodeStatus.UNMATCHED, why, min(confidence, 0.3))
    if reading.region_unknown and best.level == MatchLevel.SETTLEMENT:
        return Verdict(GeocodeStatus.REVIEW, Message(N_("The region named is not known.")), min(confidence, 0.5))
    return None


def _contradicted(best: Candidate, confidence: float) -> Verdict | None:
    """Another number or qualifier than the name's: "2-я Парковая" is not "3-я Парковая", "Малая" not "Большая"."""
    if not best.conflict:
        return None
    why = Message(N_("The nearest name differs in a number or in a word such as Big or Small."))
    status = GeocodeStatus.REVIEW if confidence >= _WORTH_SHOWING else GeocodeStatus.UNMATCHED
    return Verdict(status, why, min(confidence, 0.6))


def _other_type(best: Candidate, confidence: float) -> Verdict | None:
    """ "наб. Комиссаров" is not the улица of that name: towns often have both, and one may be missing here."""
    if best.typed >= 0 or best.level in (MatchLevel.SETTLEMENT, MatchLevel.POI):
        return None
    why = Message(N_("The name is known, but with another type of street."))
    status = GeocodeStatus.REVIEW if confidence >= _WORTH_SHOWING else GeocodeStatus.UNMATCHED
    return Verdict(status, why, min(confidence, 0.7))


def _strange(best: Candidate, confidence: float) -> Verdict | None:
    """A word of weight stands among the matched ones and belongs to no known name: it may be the name meant."""
    if best.stranger < _STRANGER or best.level in (MatchLevel.SETTLEMENT, MatchLevel.DISTRICT):
        return None
    why = Message(N_("A word beside the name was not recognised, so another place may be meant."))
    status = GeocodeStatus.REVIEW if confidence >= _WORTH_SHOWING else GeocodeStatus.UNMATCHED
    return Verdict(status, why, min(confidence, 0.7))


def _coarse(reading: Reading, index: Index, best: Candidate, margin: float, confidence: float) -> Verdict | None:
    """Only the settlement was found although the text says more."""
    if best.level != MatchLevel.SETTLEMENT or not best.placed or not _says_more(reading, best):
        return None
    town = index.settlements[best.settlement]
    if best.registered >= 0 and not _says_more(reading, best, _house_tokens(reading)):
        return _house_of_settlement(index, best, confidence_of(replace(best, explained=1.0), margin))
    params = {"name": town.name}
    if town.loaded:
        why = Message(N_("{name} was recognised, but the rest of the text fits nothing known there."), params)
        return Verdict(GeocodeStatus.UNMATCHED, why, min(confidence, 0.4))
    why = Message(N_("Only the settlement is known: no streets of {name} are loaded."), params)
    # the settlement is judged by itself: the rest cannot be known here
    if not best.firm:
        return Verdict(GeocodeStatus.REVIEW, why, min(confidence, 0.5))
    alone = confidence_of(replace(best, explained=1.0, ignored=()), margin)
    if town.population < _SMALL_SETTLEMENT and alone >= ACCEPT and margin > _MARGIN:
        return Verdict(GeocodeStatus.ACCEPTED, why, min(alone, _COARSE_CONFIDENCE))
    return Verdict(GeocodeStatus.REVIEW, why, min(alone, 0.6)) if margin > _MARGIN else None


def _house_of_settlement(index: Index, best: Candidate, confidence: float) -> Verdict | None:
    """A house without a street, of which only its settlement has a position."""
    if best.level != MatchLevel.SETTLEMENT or best.registered < 0:
        return None
    return Verdict(GeocodeStatus.REVIEW, without_position(index, best, standing(index, best)), min(confidence, 0.6))


def _house_tokens(reading: Reading) -> set[int]:
    return {n for option in reading.houses for n in range(option.reading.start, option.reading.end)}


def _says_more(reading: Reading, best: Candidate, but: Collection[int] = ()) -> bool:
    """Whether words or numbers are left that a mere settlement (and those excepted) does not explain."""
    return any(
        role in (FREE, TYPE) and n not in best.used and n not in but
        and n >= reading.context_end and reading.words[n] not in GENERIC
        for n, role in enumerate(reading.roles)
    )  # fmt: skip


def _beside_object(reading: Reading, index: Index, best: Candidate, confidence: float) -> Verdict | None:
    """An object was found, but the text names a house of a street that was not."""
    if best.level != MatchLevel.POI:
        return None
    left = [o for o in reading.houses if not set(range(o.reading.start, o.reading.end)) & set(best.used)]
    if not left or not (reading.types or left[0].marked or index.places[best.place].background or best.words <= 2):
        return None
    why = N_("The object is known, but not the address in the text.")
    return Verdict(GeocodeStatus.REVIEW, Message(why), min(confidence, 0.6))


def _several(
    index: Index, best: Candidate, rivals: Sequence[Candidate], margin: float, confidence: float
) -> Verdict | None:
    exact = best.house is not None and best.house.state in (EXACT, LIKELY)
    if exact and best.radius_m > _ONE_PLACE_M:
        why = Message(N_("Several houses there carry this number."))
        return Verdict(GeocodeStatus.AMBIGUOUS, why, min(confidence, 0.5))
    if not rivals or margin > _MARGIN or best.rank < 0.7:
        return None
    return Verdict(GeocodeStatus.AMBIGUOUS, _why_several(index, best, rivals), min(confidence, 0.5))


def _why_several(index: Index, best: Candidate, rivals: Sequence[Candidate]) -> Message:
    close = [other for other in rivals if best.rank - other.rank <= _MARGIN]
    if best.level == MatchLevel.SETTLEMENT:
        names = "; ".join(dict.fromkeys(index.label(c.settlement) for c in (best, *close)))
        return Message(N_("Several settlements have this name: {names}. Add the region or district."), {"names": names})
    if any(other.settlement != best.settlement for other in close):
        towns = [index.settlements[c.settlement].name for c in (best, *close) if c.settlement >= 0]
        names = ", ".join(dict.fromkeys(towns))
        return Message(N_("Such an address exists in several settlements: {names}."), {"names": names})
    names = "; ".join(dict.fromkeys(index.places[c.place].name for c in (best, *close) if c.place >= 0))
    return Message(N_("Several places fit equally well: {names}."), {"names": names})


def _outside(best: Candidate, inside: Expected, confidence: float) -> Verdict | None:
    if not best.placed or inside.covers(best.lat, best.lon):
        return None
    return Verdict(GeocodeStatus.REVIEW, Message(_ELSEWHERE), min(confidence, 0.6))


def _alone(best: Candidate, margin: float, confidence: float) -> float:
    """A settlement is judged by itself: what else the text says cannot be known where nothing has a position."""
    if best.placed or best.level != MatchLevel.SETTLEMENT:
        return confidence
    return confidence_of(replace(best, explained=1.0, ignored=()), margin)


def _without_position(index: Index, best: Candidate, inside: Expected, confidence: float) -> Verdict | None:
    """It is known that it exists, and not where: a person sees the finest thing around it that has a position."""
    if best.placed or confidence < _WORTH_SHOWING:
        return None
    around, confidence = standing(index, best), min(confidence, 0.6)
    if around.lat is not None and around.lon is not None and not inside.covers(around.lat, around.lon):
        return Verdict(GeocodeStatus.REVIEW, Message(_ELSEWHERE), confidence)
    return Verdict(GeocodeStatus.REVIEW, without_position(index, best, around), confidence)


def _unsaid(index: Index, best: Candidate, confidence: float) -> Verdict | None:
    """A street without a settlement, where the gazetteer holds several: it may well lie in one it does not hold."""
    if best.settled != UNSAID or best.level in (MatchLevel.SETTLEMENT, MatchLevel.DISTRICT):
        return None
    if best.house is None or best.house.state == MISSING or _is_common(index, best):
        why = Message(
            N_("The settlement is not named; {name} would be one guess."), {"name": index.label(best.settlement)}
        )
        return Verdict(GeocodeStatus.REVIEW, why, min(confidence, 0.6))
    return None


# about every town has these streets, so finding one in a gazetteer of a few towns proves nothing
_COMMON_STREETS = frozenset(
    spaced(
        "центральная молодежная школьная лесная садовая советская новая набережная заречная зеленая "
        "мира ленина полевая луговая октябрьская комсомольская гагарина первомайская северная "
        "солнечная степная южная береговая кирова пионерская юбилейная речная колхозная пролетарская "
        "рабочая пушкина калинина восточная нагорная западная горького победы чапаева железнодорожная "
        "строителей заводская крестьянская маяковского титова свердлова лермонтова чехова "
        "красноармейская дзержинского карла маркса фрунзе куйбышева толстого гоголя некрасова "
        "космонавтов механизаторов подгорная парковая дружбы московская интернациональная энгельса "
        "совхозная вокзальная коммунистическая"
    )
)


def _is_common(index: Index, best: Candidate) -> bool:
    words = [word.text for word in read_name(index.places[best.place].name).words]
    return all(word in _COMMON_STREETS for word in words)


def _by_confidence(reading: Reading, best: Candidate, confidence: float) -> Verdict:
    if confidence >= ACCEPT:
        why = Message(_BESIDE_IT) if _says_beside(reading, best) else _why_accepted(best)
        return Verdict(GeocodeStatus.ACCEPTED, why, confidence)
    if confidence >= _WORTH_SHOWING:
        return Verdict(GeocodeStatus.REVIEW, Message(N_("The match is not certain enough.")), confidence)
    return Verdict(GeocodeStatus.UNMATCHED, Message(_NOTHING), confidence)


_BESIDE = frozenset(
    spaced("напротив около возле рядом вблизи недалеко неподалеку поблизости подле близ позади перед за")
)
_BESIDE_IT = N_("The text says near this place, not at it: placed at it.")


def _says_beside(reading: Reading, best: Candidate) -> bool:
    """ "напротив д. 5", "д. 5, за магазином": the place is near what was found."""
    exact = best.level == MatchLevel.POI or (best.house is not None and best.house.state in (EXACT, LIKELY))
    beside = [n for n in reading.word_positions if reading.tokens[n].text in _BESIDE] if exact else ()
    return any(n not in best.used and reading.roles[n] != PRIVATE for n in beside)


def _why_accepted(best: Candidate) -> Message:
    if best.level == MatchLevel.STREET and best.house is not None and best.house.state == MISSING:
        return Message(_why_at_the_street(best))
    if best.level == MatchLevel.INTERPOLATED and best.registered >= 0:
        return Message(
            N_("The house is in the state address register, but not its position: placed between its neighbours.")
        )
    if best.level == MatchLevel.AREA and best.registered >= 0:
        return Message(N_("The house is in the state address register, but not its position: placed at the area."))
    return Message(_WHY_ACCEPTED[best.level])


_WHY_ACCEPTED = {
    MatchLevel.HOUSE: N_("The house is known."),
    MatchLevel.HOUSE_GROUP: N_("Placed at the group of houses with this number."),
    MatchLevel.INTERPOLATED: N_("The house is not known: placed between its neighbours."),
    MatchLevel.STREET: N_("Placed at the street: the text names no house."),
    MatchLevel.POI: N_("The object is known."),
    MatchLevel.AREA: N_("The area is known: placed as an area, not as a point."),
    MatchLevel.SETTLEMENT: N_("The settlement is known: placed as an area, not as a point."),
    MatchLevel.DISTRICT: N_("The district is known: placed as an area, not as a point."),
}


def _why_at_the_street(best: Candidate) -> str:
    if best.registered >= 0:
        return N_("The house is in the state address register, but not its position: placed at the street.")
    if best.asked:
        return N_("The street is known, the house is not: placed at the street.")
    return N_("Placed at the street: the text names no house.")


def _warnings(reading: Reading, best: Candidate) -> list[Message]:
    found = []
    if best.house is not None and best.house.state == PART_UNKNOWN and best.asked:
        house = best.asked.reading.house
        found.append(Message(N_("Part of the house number is not known: {house}."), {"house": house.text}))
    if best.settled == SUBURB:
        found.append(Message(N_("Found in a settlement beside the one named.")))
    if reading.region_unknown:
        found.append(Message(N_("The region named is not known.")))
    return found
