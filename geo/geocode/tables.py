"""Which settlements, streets, objects, areas and houses do the tables of a gazetteer hold, each with a number?

Rows of several sources that mean one settlement or street become one. What only the state address register knows is
added to them by `geo.geocode.joining`, before their names are indexed.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.geocode.gazetteer import Gazetteer
from geo.geocode.house import House, parse_house
from geo.geocode.names import read_name
from geo.geocode.places import AREA, POI, STREET, Houses, Place, Settlement, distance_m, extent_m
from geo.geocode.pois import CORNER, is_background
from geo.geocode.settlement_names import name_key

_SAME_SETTLEMENT_KM = 25.0
_CITY_OF_ROWS_KM = 60.0
_AREA_RADIUS_M = 500.0
_NEAR_M = 5_000.0


class Tables:
    """What a gazetteer holds: places with the number of their settlement, the names of each place, houses by street."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.settlements = _merged_settlements(gazetteer.settlements)
        self.by_name = _settlements_by_name(self.settlements)
        self.places: list[Place] = []
        self.place_names: list[list[str]] = []
        self.houses = Houses()
        # two streets (their numbers, the lower first) -> where they meet
        self.corners: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
        streets = self._add_streets(gazetteer)
        corners = gazetteer.pois["kind"] == CORNER
        self._add_corners(gazetteer.pois[corners], streets)
        self._add_objects(gazetteer.pois[~corners])
        self._add_areas(gazetteer.areas)
        self._areas_of_none = [n for n, p in enumerate(self.places) if p.kind == AREA and p.settlement < 0]

    def _city(self, name: str, lats: Sequence[float], lons: Sequence[float]) -> int:
        """The settlement rows with this city belong to: the nearest of that name, a new one when none is near."""
        if not name:
            return -1
        lat, lon = _mean(lats), _mean(lons)
        best, best_km = -1, _CITY_OF_ROWS_KM
        for number in self.by_name.get(name_key(name), ()):
            known = self.settlements[number]
            km = distance_m(lat, lon, known.lat, known.lon) / 1000 if lat == lat else 0.0
            if km <= best_km:
                best, best_km = number, km
        if best < 0:
            best = len(self.settlements)
            self.settlements.append(Settlement(f"city:{name}", (name,), "", "", "", 0.0, lat, lon))
            self.by_name[name_key(name)].append(best)
        self.settlements[best].loaded = True
        return best

    def _add_streets(self, gazetteer: Gazetteer) -> dict[tuple[int, object], int]:
        """The streets and their houses. Returns the streets by settlement and name."""
        listed, addresses = gazetteer.streets, gazetteer.addresses
        cities = _city_groups((listed, addresses))
        by_city = {city: self._city(city, *coordinates) for city, coordinates in cities.items()}
        numbers: dict[tuple[int, object], int] = {}
        for row_id, city, name, alternative, lat, lon in zip(
            *(listed[c].tolist() for c in ("id", "city", "name", "alt_names", "lat", "lon")), strict=True
        ):
            place = self._street(numbers, by_city.get(city, -1), name, row_id, lat, lon)
            self.place_names[place].extend(_alternatives(alternative))
        self._add_houses(addresses, by_city, numbers)
        return numbers

    def _add_corners(self, corners: pd.DataFrame, streets: Mapping[tuple[int, object], int]) -> None:
        """Where streets meet; of streets that are listed only."""
        by_city = {city: self._city(city, *points) for city, points in _city_groups((corners,)).items()}
        for city, one, other, lat, lon in zip(
            *(corners[c].tolist() for c in ("city", "name", "alt_names", "lat", "lon")), strict=True
        ):
            town = by_city.get(city, -1)
            meeting = sorted(streets.get(_street_key(town, name), -1) for name in (one, other))
            if meeting[0] >= 0 and meeting[0] != meeting[1]:
                self.corners[meeting[0], meeting[1]].append((lat, lon))

    def _street(
        self, numbers: dict[tuple[int, object], int], city: int, name: str, row_id: str, lat: float, lon: float
    ) -> int:
        """The street of that name in the settlement; spelling variants ("9-я Парковая", "Парковая 9-я") are one."""
        key = _street_key(city, name)
        found = numbers.get(key)
        if found is None:
            found = numbers[key] = len(self.places)
            self.places.append(Place(STREET, row_id, name, city, read_name(name).types, lat, lon))
            self.place_names.append([name])
        return found

    def _add_houses(
        self, addresses: pd.DataFrame, by_city: dict[str, int], numbers: dict[tuple[int, object], int]
    ) -> None:
        streets: dict[tuple[str, str], int] = {}
        rows: list[tuple[int, int, House, str, float, float]] = []
        for row_id, city, street, text, lat, lon in zip(
            *(addresses[c].tolist() for c in ("id", "city", "street", "housenumber", "lat", "lon")), strict=True
        ):
            place = streets.get((city, street))
            if place is None:
                place = streets[city, street] = self._street(
                    numbers, by_city.get(city, -1), street, f"street:{row_id}", math.nan, math.nan
                )
            if lat == lat:
                rows.extend((place, house.number, house, row_id, lat, lon) for house in _houses_of(text))
        rows.sort(key=lambda row: row[:2])
        self._fill_houses(rows)

    def _fill_houses(self, rows: list[tuple[int, int, House, str, float, float]]) -> None:
        houses = self.houses
        houses.ids = [row[3] for row in rows]
        houses.numbers = array("H", [row[1] for row in rows])
        houses.houses = [row[2] for row in rows]
        houses.lats = array("d", [row[4] for row in rows])
        houses.lons = array("d", [row[5] for row in rows])
        streets = np.array([row[0] for row in rows], dtype=np.int64)
        for number, place in enumerate(self.places):
            place.first = int(streets.searchsorted(number, side="left"))
            place.last = int(streets.searchsorted(number, side="right"))
            self._spread(place)

    def _spread(self, place: Place) -> None:
        """The centre of a street without one, and how far its houses lie from the centre."""
        lats, lons = self.houses.lats[place.first : place.last], self.houses.lons[place.first : place.last]
        if lats and place.lat != place.lat:
            place.lat, place.lon = _mean(lats), _mean(lons)
        if place.lat != place.lat and place.settlement >= 0:
            town = self.settlements[place.settlement]
            place.lat, place.lon, place.detail = town.lat, town.lon, "unplaced"
        if lats:
            farthest = max(distance_m(place.lat, place.lon, a, b) for a, b in zip(lats, lons, strict=True))
            place.radius_m = round(farthest, 1)

    def _add_objects(self, pois: pd.DataFrame) -> None:
        by_city = {city: self._city(city, *points) for city, points in _city_groups((pois,)).items()}
        for row_id, city, name, alternative, kind, lat, lon in zip(
            *(pois[c].tolist() for c in ("id", "city", "name", "alt_names", "kind", "lat", "lon")), strict=True
        ):
            self.places.append(
                Place(POI, row_id, name, by_city.get(city, -1), frozenset(), lat, lon, 50.0,
                      detail=kind, background=is_background(kind))
            )  # fmt: skip
            self.place_names.append([name, *_alternatives(alternative)])

    def _add_areas(self, areas: pd.DataFrame) -> None:
        by_city = {city: self._city(city, *points) for city, points in _city_groups((areas,)).items()}
        for row_id, city, name, alternative, kind, lat, lon, radius in zip(
            *(areas[c].tolist() for c in ("id", "city", "name", "alt_names", "kind", "lat", "lon", "radius_m")),
            strict=True,
        ):
            types = read_name(name).types
            extent = radius if radius == radius else _AREA_RADIUS_M
            self.places.append(Place(AREA, row_id, name, by_city.get(city, -1), types, lat, lon, extent, detail=kind))
            self.place_names.append([name, *_alternatives(alternative)])

    # ---- what only the register knows ------------------------------------------------------------------------

    def add_town(self, identifier: str, names: tuple[str, ...], kind: str, district: str, region: str) -> int:
        """A settlement that only the register knows."""
        self.settlements.append(Settlement(identifier, names, kind, district, region, 0.0, math.nan, math.nan))
        return len(self.settlements) - 1

    def add_unplaced(self, kind: str, identifier: str, name: str, names: list[str], settlement: int) -> int:
        """A street or area that only the register knows, with the names it is found by; without any, only its GUID
        finds it."""
        self.places.append(Place(kind, identifier, name, settlement, read_name(name).types, math.nan, math.nan))
        self.place_names.append(names)
        return len(self.places) - 1

    def holds(self, settlement: int, place: Place) -> bool:
        """Whether the place is of the settlement; one that names none (a district, a TOS) when it is near or around
        it."""
        if place.settlement >= 0:
            return place.settlement == settlement
        town = self.settlements[settlement]
        reach = place.radius_m + extent_m(town.population) + _NEAR_M
        return distance_m(town.lat, town.lon, place.lat, place.lon) <= reach

    def areas_around(self, settlement: int) -> list[int]:
        """Areas that name no settlement and are near or around this one."""
        return [n for n in self._areas_of_none if self.holds(settlement, self.places[n])]


def _street_key(city: int, name: str) -> tuple[int, object]:
    """The same for every order of a street's words."""
    parsed = read_name(name)
    return city, (parsed.types, frozenset(word.text for word in parsed.words))


def _alternatives(text: str) -> list[str]:
    return [name.strip() for name in text.split("|") if name.strip()] if text else []


def _houses_of(text: str) -> list[House]:
    """The houses of one register cell; OpenStreetMap writes several as "12;14"."""
    parts = text.split(";") if ";" in text else [text]
    return [house for house in map(parse_house, parts) if house is not None]


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else math.nan


def _city_groups(tables: Iterable[pd.DataFrame]) -> dict[str, tuple[list[float], list[float]]]:
    """Per city name the coordinates of up to a few hundred of its rows, enough to tell homonyms apart."""
    groups: dict[str, tuple[list[float], list[float]]] = {}
    for table in tables:
        for city, rows in table.groupby("city", sort=False)[["lat", "lon"]]:
            lats, lons = groups.setdefault(str(city), ([], []))
            placed = rows.dropna().iloc[:200]
            lats.extend(placed["lat"].tolist())
            lons.extend(placed["lon"].tolist())
    return groups


def _merged_settlements(table: pd.DataFrame) -> list[Settlement]:
    """The rows of several sources, where one id, or one name within 25 km in one region, is one settlement."""
    merged: list[Settlement] = []
    by_id: dict[str, int] = {}
    by_name: dict[str, list[int]] = defaultdict(list)
    rows: Iterable[Any] = table.itertuples(index=False)
    for row in rows:
        names = (row.name, *_alternatives(row.alt_names))
        settlement = Settlement(
            row.id, names, row.kind, row.district, row.region,
            row.population if row.population == row.population else 0.0, row.lat, row.lon,
        )  # fmt: skip
        found = by_id.get(row.id, -1)
        if found < 0 or not _near(merged[found], settlement):
            found = _same_settlement(merged, by_name, settlement)
        if found >= 0:
            _absorb(merged[found], settlement)
        else:
            found = len(merged)
            merged.append(settlement)
        by_id.setdefault(row.id, found)
        key = name_key(row.name)
        if found not in by_name[key]:
            by_name[key].append(found)
    return merged


def _near(one: Settlement, other: Settlement) -> bool:
    return distance_m(one.lat, one.lon, other.lat, other.lon) < _SAME_SETTLEMENT_KM * 1000


def _same_settlement(merged: list[Settlement], by_name: dict[str, list[int]], settlement: Settlement) -> int:
    """Two neighbouring villages may share a name: rows of one source (ids of one form) are never merged."""
    for number in by_name.get(name_key(settlement.name), ()):
        known = merged[number]
        if _near(known, settlement) and _id_form(known.id) != _id_form(settlement.id):
            return number
    return -1


def _id_form(identifier: str) -> str:
    return "".join("0" if letter.isdigit() else letter for letter in identifier[:3])


def _absorb(known: Settlement, other: Settlement) -> None:
    extra = tuple(name for name in other.names if name not in known.names)
    known.names += extra
    known.kind = known.kind or other.kind
    known.district = known.district or other.district
    known.region = known.region or other.region
    known.population = max(known.population, other.population)


def _settlements_by_name(settlements: Sequence[Settlement]) -> dict[str, list[int]]:
    """All names, the usual ones before the others, so that a city is found under an old name too."""
    found: dict[str, list[int]] = defaultdict(list)
    for usual in (True, False):
        for number, settlement in enumerate(settlements):
            for name in settlement.names[:1] if usual else settlement.names[1:]:
                key = name_key(name)
                if number not in found[key]:
                    found[key].append(number)
    return found
