"""Which places of the gazetteer fit the reading of a text, the best first?

Names are gathered through the words of the text; for each of the best few the whole text is weighed: how much of the
name was said, how much of the text the name explains, whether type, settlement, region and house agree. Settlements and
districts named are candidates themselves. Nothing is accepted here; `decide` does that from what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence

from geo.geocode.agreement import Rest, elsewhere, explain, inside, settlement_agreement
from geo.geocode.candidates import (
    CONTRADICTED,
    EXACT,
    MISSING,
    NAMED,
    SETTLEMENT_BONUS,
    Candidate,
    FoundHouse,
    Limits,
)
from geo.geocode.found_house import registered_house
from geo.geocode.gather import best_hits, gather, where_to_look
from geo.geocode.index import Index
from geo.geocode.places import extent_m
from geo.geocode.reading import Reading, SettlementReading
from geo.geocode.regions import compatible, district_key
from geo.geocode.weigh import level_of, weigh_name
from geo.vocabulary import MatchLevel


def find_candidates(reading: Reading, index: Index, limits: Limits) -> list[Candidate]:
    """All places worth weighing, the best first."""
    within = where_to_look(reading, index, limits)
    hits = gather(reading, index, within)
    named = frozenset(form.settlement for town in reading.settlements for form in town.forms)
    found = [weigh_name(reading, index, limits, number, said) for number, said in best_hits(index, hits, named).items()]
    found += _settlement_candidates(reading, index, limits)
    found += _district_candidates(reading, index, limits)
    _prefer_parts_of_cities(index, found)
    candidates = [candidate for candidate in found if candidate is not None]
    candidates.sort(key=lambda candidate: -candidate.rank)
    return _distinct(candidates)


def by_guid(index: Index, guid: bytes) -> Candidate | None:
    """What the state address register calls by a GUID, with the house at its own place when it has one."""
    registered = index.registered
    row = registered.house_with(guid)
    owner = registered.owner(row) if row >= 0 else registered.objects.get(guid)
    if owner is None:
        return None
    settlement = -1 - owner if owner < 0 else index.places[owner].settlement
    if owner < 0:
        town = index.settlements[settlement]
        lat, lon, radius, level = town.lat, town.lon, extent_m(town.population), MatchLevel.SETTLEMENT
    else:
        place = index.places[owner]
        lat, lon, radius, level = place.lat, place.lon, place.radius_m, level_of(place, None)
    at = registered.placed_rows.get(row, -1)
    if at >= 0:
        lat, lon, radius, level = index.houses.lats[at], index.houses.lons[at], 0.0, MatchLevel.HOUSE
    house = FoundHouse(EXACT if at >= 0 else MISSING, lat, lon, radius, 1.0, (at,) if at >= 0 else (), row)
    return Candidate(
        level, max(owner, -1), settlement, lat, lon, radius, 1.0, 1.0, 1.0, 1, NAMED, house if row >= 0 else None,
        None, False, 1.0, (), (), registered=row,
    )  # fmt: skip


def _prefer_parts_of_cities(index: Index, found: Sequence[Candidate | None]) -> None:
    """ "Петергоф, Санкт-Петербург": of two settlements named, the one that is the other's region is only its region."""
    towns = [candidate for candidate in found if candidate is not None and candidate.level == MatchLevel.SETTLEMENT]
    for outer in towns:
        name = index.settlements[outer.settlement].name
        for inner in towns:
            within = inner.settlement != outer.settlement and index.settlements[inner.settlement].region == name
            if within and inner.weakest >= 0.8 and not set(inner.used) <= set(outer.used):
                outer.rank -= 0.25
                break


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One place found by several of its names counts once."""
    seen: set[tuple[int, int, tuple[int, ...]]] = set()
    kept = []
    for candidate in candidates:
        key = (candidate.place, candidate.settlement, candidate.house.rows if candidate.house else ())
        if key not in seen:
            seen.add(key)
            kept.append(candidate)
    return kept


def _settlement_candidates(reading: Reading, index: Index, limits: Limits) -> list[Candidate]:
    found = []
    # homonyms are named by the same words, so the rest of the text is looked at once
    rests: dict[frozenset[int], Rest] = {}
    for named in reading.settlements:
        for form in named.forms:
            tokens = _all_mentions(reading, form.settlement)
            tokens |= _regions_named_as_cities(reading, index, form.settlement)
            key = frozenset(tokens)
            rest = rests.get(key)
            if rest is None:
                rest = rests[key] = explain(reading, index, 1.0, tokens, tokens, "settlement")
            explained, ignored, *_ = rest
            found.append(_settlement_candidate(reading, index, limits, named, form.settlement, form.usual,
                                               form.similarity, explained, ignored, tokens))  # fmt: skip
    return found


def _all_mentions(reading: Reading, settlement: int) -> set[int]:
    """The tokens of every reading that may name the settlement: "г.о. Бишкек, г. Бишкек" names one."""
    return {
        n
        for named in reading.settlements
        if settlement in [form.settlement for form in named.forms]
        for n in range(named.first, named.last)
    }


def _regions_named_as_cities(reading: Reading, index: Index, settlement: int) -> set[int]:
    """ "Черёмушки, Москва": the city is the region the settlement lies in, not another place."""
    region = index.settlements[settlement].region
    return {
        n
        for named in reading.settlements
        if region in [index.settlements[form.settlement].name for form in named.forms]
        for n in range(named.first, named.last)
    }


def _settlement_candidate(
    reading: Reading, index: Index, limits: Limits, named: SettlementReading, number: int, usual: bool,
    similarity: float, explained: float, ignored: tuple[int, ...], tokens: set[int],
) -> Candidate:  # fmt: skip
    town = index.settlements[number]
    rank = 0.68 * similarity + 0.32 * explained + (0.02 if named.strong else -0.10) + (0.03 if named.marked else 0.0)
    rank -= 0.0 if usual else 0.09
    settled = NAMED
    if reading.region is not None and not compatible(index.regions.names[reading.region], town.region):
        rank -= 0.30
        settled = CONTRADICTED
    elif reading.region is not None:
        # Москва stands for its oblast in old addresses, but the region named is better still
        rank += 0.10 if index.regions.names[reading.region] == town.region else 0.03
    rank -= 0.15 if reading.region_unknown else 0.0
    outside = limits.settlements is not None and number not in limits.settlements
    rank -= 0.12 if outside and not named.marked else 0.0
    rank += _district_evidence(reading, index, number)
    _, registered = registered_house(reading, index, -1 - number, tokens)
    return Candidate(
        MatchLevel.SETTLEMENT, -1, number, town.lat, town.lon, extent_m(town.population), similarity, explained,
        similarity, 0, settled, None, None, False, rank, tuple(sorted(tokens)), ignored, named.last - named.first,
        named.marked, usual, named.strong, registered=registered,
    )  # fmt: skip


def _district_evidence(reading: Reading, index: Index, number: int) -> float:
    """A named district speaks for the homonym that lies in it."""
    town, evidence = index.settlements[number], 0.0
    for name, _ in reading.districts:
        known = index.districts.get(name)
        if town.district:
            evidence += 0.10 if _same_district(town.district, name) else -0.25
        elif known:
            near = any(inside(index.places[n], town.lat, town.lon) for n in known)
            evidence += 0.10 if near else -0.25
    return evidence


def _same_district(district: str, name: str) -> bool:
    return district_key(district) == name


def _district_candidates(reading: Reading, index: Index, limits: Limits) -> list[Candidate]:
    return [
        _district_candidate(reading, index, limits, number, set(run))
        for name, run in reading.districts
        for number in index.districts.get(name, ())
    ]


def _district_candidate(reading: Reading, index: Index, limits: Limits, number: int, tokens: set[int]) -> Candidate:
    place = index.places[number]
    settled, named = settlement_agreement(reading, index, limits, place, tokens)
    rest = explain(reading, index, 1.0, tokens, tokens | named, "district")
    # a district of the city named is finer than the city, a rural one is vaguer than its village
    rank = 0.64 + 0.32 * rest.share + (0.22 if place.settlement >= 0 else 0.0)
    rank += SETTLEMENT_BONUS[settled] - elsewhere(reading, index, place)
    if limits.settlements is not None and place.settlement >= 0 and place.settlement not in limits.settlements:
        rank -= 0.15
    return Candidate(
        MatchLevel.DISTRICT, number, place.settlement, place.lat, place.lon, place.radius_m, 1.0, rest.share, 1.0, 1,
        settled, None, None, False, rank, tuple(sorted(tokens | named)), rest.ignored,
    )  # fmt: skip
