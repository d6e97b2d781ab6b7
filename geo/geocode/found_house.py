"""Is the house asked for on this street: itself, in its group, between its neighbours, or missing?

Another house is never offered for a missing one.
"""

from __future__ import annotations

from collections.abc import Sequence

from geo.geocode.candidates import (
    EXACT,
    GROUP,
    HOUSE_BONUS,
    INTERPOLATED,
    LIKELY,
    MISSING,
    PART_UNKNOWN,
    REGISTERED_BONUS,
    FoundHouse,
)
from geo.geocode.house import House, is_bare, likeness
from geo.geocode.index import Index
from geo.geocode.places import Place, distance_m
from geo.geocode.reading import HouseOption, Reading

_GROUP_M = 250.0
_SAME_BUILDING_M = 200.0
_NEIGHBOURS_M = 400.0
_NEIGHBOUR_NUMBERS = 8


def house_of(
    reading: Reading, index: Index, number: int, used: set[int], last: int
) -> tuple[HouseOption | None, FoundHouse | None]:
    """The number of the text that fits this street best; marked numbers and exact finds before others.

    `last` is the last of the tokens used.
    """
    place = index.places[number]
    best: tuple[float, HouseOption, FoundHouse] | None = None
    for order, option in enumerate(_options(reading, used)):
        found = find_house(index, place, option.reading.house)
        if place.gar_id:
            _look_up(index, number, option.reading.house, found)
        score = house_bonus(found) + 0.05 * option.marked - 0.06 * option.doubtful - 0.005 * order
        if option.reading.start > last:
            score += 0.03
        if best is None or score > best[0]:
            best = (score, option, found)
    if best is None:
        return None, None
    return best[1], best[2]


def house_bonus(found: FoundHouse) -> float:
    """What the house speaks for its street."""
    known = found.state == MISSING and found.registered >= 0
    return HOUSE_BONUS[found.state] + (REGISTERED_BONUS if known else 0.0)


def _look_up(index: Index, number: int, asked: House, found: FoundHouse) -> None:
    """The row of the register of the house that was found, else of the one that was asked for."""
    if len(found.rows) == 1 and index.houses.registered:
        found.registered = index.houses.registered[found.rows[0]]
    if found.registered < 0 and found.state not in (EXACT, LIKELY):
        found.registered = index.registered.house(number, asked)


def registered_house(reading: Reading, index: Index, owner: int, used: set[int]) -> tuple[HouseOption | None, int]:
    """A house of an area or a settlement that only the register knows, and the row there."""
    if index.registered.has_houses(owner):
        for option in _options(reading, used):
            row = index.registered.house(owner, option.reading.house)
            if row >= 0:
                return option, row
    return None, -1


def _options(reading: Reading, used: set[int]) -> list[HouseOption]:
    return [option for option in reading.houses if used.isdisjoint(range(option.reading.start, option.reading.end))]


def find_house(index: Index, street: Place, asked: House) -> FoundHouse:
    """The house on the street: itself, its group, a place between neighbours; never another house."""
    rows = index.houses.numbered(street, asked.number)
    houses = index.houses.houses
    exact = [row for row in rows if houses[row] == asked]
    if exact:
        return _together(index, exact, EXACT, 1.0)
    if rows:
        found = _by_likeness(index, rows, asked) or _group(index, rows, asked)
        if found:
            return found
    return _between(index, street, asked) or FoundHouse(MISSING, street.lat, street.lon, street.radius_m, 0.0)


def _together(index: Index, rows: Sequence[int], state: str, score: float) -> FoundHouse:
    lats, lons = index.houses.lats, index.houses.lons
    if len(rows) == 1:
        return FoundHouse(state, lats[rows[0]], lons[rows[0]], 0.0, score, tuple(rows))
    lat = sum(lats[row] for row in rows) / len(rows)
    lon = sum(lons[row] for row in rows) / len(rows)
    radius = max(distance_m(lat, lon, lats[row], lons[row]) for row in rows)
    return FoundHouse(state, lat, lon, radius, score, tuple(rows))


def _by_likeness(index: Index, rows: Sequence[int], asked: House) -> FoundHouse | None:
    houses = index.houses.houses
    scores = [(likeness(asked, houses[row]), row) for row in rows]
    best = max(score for score, _ in scores)
    if best < 0.8:
        return None
    alike = [row for score, row in scores if score >= best - 0.015]
    # "24" for "24 литА" and "24 литБ": a part was left out, so the group is meant
    left_out = is_bare(asked) and any(houses[row].parts for row in alike)
    found = _together(index, alike, GROUP if left_out or len(alike) > 1 else LIKELY, best)
    return found if found.radius_m <= _SAME_BUILDING_M else None


def _group(index: Index, rows: Sequence[int], asked: House) -> FoundHouse | None:
    """All that carry the number, when the asked part of it is not known or no part was asked for."""
    houses = index.houses.houses
    bare = [row for row in rows if is_bare(houses[row])]
    if is_bare(asked):
        parts = [row for row in rows if not houses[row].letter]
        if parts:
            found = _together(index, parts, GROUP, 0.75)
            return found if found.radius_m <= _GROUP_M else None
    found = _together(index, bare or list(rows), PART_UNKNOWN, 0.6)
    return found if found.radius_m <= _GROUP_M else None


def _between(index: Index, street: Place, asked: House) -> FoundHouse | None:
    """A place on the line between the neighbours of the same side, when both are near in number and on the ground."""
    numbers = index.houses.numbers
    low = high = -1
    for row in index.houses.near(street, asked.number, _NEIGHBOUR_NUMBERS):
        number = numbers[row]
        if number % 2 != asked.number % 2:
            continue
        if number < asked.number:
            low = row
        elif high < 0:
            high = row
    if low < 0 or high < 0 or numbers[high] - numbers[low] > _NEIGHBOUR_NUMBERS:
        return None
    return _interpolate(index, low, high, asked.number)


def _interpolate(index: Index, low: int, high: int, number: int) -> FoundHouse | None:
    houses = index.houses
    apart = distance_m(houses.lats[low], houses.lons[low], houses.lats[high], houses.lons[high])
    if apart >= _NEIGHBOURS_M:
        return None
    share = (number - houses.numbers[low]) / (houses.numbers[high] - houses.numbers[low])
    lat = houses.lats[low] + share * (houses.lats[high] - houses.lats[low])
    lon = houses.lons[low] + share * (houses.lons[high] - houses.lons[low])
    return FoundHouse(INTERPOLATED, lat, lon, apart / 2, 0.7)
