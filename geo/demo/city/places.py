"""Where do projects, needs and meetings happen? Clustered around lively spots, at houses, schools and parks.

A place knows its words (for titles and addresses), its block and district, so that themes and numbers fit it.
"""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree
from shapely.geometry import LineString, Point
from shapely.ops import substring

from geo.demo.city.chance import stream
from geo.demo.city.houses import House, Landmark
from geo.demo.city.names import latin
from geo.demo.city.titles import Spot, quarter_words
from geo.demo.city.world import CITY_NAME, HERE, City

HOT_SHARE = 0.72
SPREAD = 190.0
# how readily people say that something is near a landmark of this kind
FAMILIAR = {"kindergarten": 0.6, "library": 0.8, "school": 2.0}


@dataclass(frozen=True)
class Place:
    """A place in local metres with its words; `settlement` is set in villages, where streets have no names."""

    x: float
    y: float
    block: int
    use: str
    district: int  # in the division since 01.07.2025
    spot: Spot
    street: int | None = None
    settlement: str = ""

    def columns(self, chance: random.Random) -> dict[str, object]:
        """The place columns of a row: coordinates and an address as people write it."""
        lat, lon = HERE.lat_lon(self.x, self.y)
        if self.settlement:
            return {"lat": lat, "lon": lon, "address": f"д. {self.settlement}", "settlement": self.settlement}
        return {"lat": lat, "lon": lon, "address": written(chance, self.spot.house)}


def written(chance: random.Random, house: str) -> str:
    """An address in one of the usual ways of writing."""
    form = chance.random()
    if form < 0.14:
        street, number = house.rsplit(", ", 1)
        return f"{street}, д. {number}"
    return f"г. {CITY_NAME}, {house}" if form < 0.24 else house


class Places:
    """Draws places of one city."""

    def __init__(self, city: City, word: str) -> None:
        self.city = city
        self.chance = stream(city.plan.seed, f"places of {word}")
        self.houses = city.houses
        hot = stream(city.plan.seed, "lively spots")
        count = max(8, round(75 * city.plan.size))
        self.hot = [self.houses[_weighted_index(hot, self._sums)] for _ in range(count)]

    @cached_property
    def _sums(self) -> list[float]:
        """Running sums of house weights: residents of the block shared by its known houses."""
        counts: dict[int, int] = {}
        for house in self.houses:
            counts[house.block] = counts.get(house.block, 0) + 1
        people = self.city.people.residents[2024]
        eager = [
            0.55 + 0.9 * stream(self.city.plan.seed, f"eager {n}").random()
            for n in range(len(self.city.district_names))
        ]
        weights = [
            (people[h.block] + 25) / counts[h.block] * eager[self.city.division.new[h.block]] for h in self.houses
        ]
        return list(itertools.accumulate(weights))

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree([(house.x, house.y) for house in self.houses])

    @cached_property
    def _landmark_tree(self) -> KDTree:
        return KDTree([(mark.x, mark.y) for mark in self.city.landmarks])

    def draw(self) -> Place:
        """A place: usually near a lively spot, sometimes anywhere people live, rarely in a village."""
        if self.chance.random() < 0.035 and self.city.villages:
            return self.in_village()
        house = self.houses[_weighted_index(self.chance, self._sums)]
        if self.chance.random() < HOT_SHARE:
            centre = self.hot[min(int(self.chance.expovariate(3.2) * len(self.hot)), len(self.hot) - 1)]
            aim = (self.chance.gauss(centre.x, SPREAD), self.chance.gauss(centre.y, SPREAD))
            house = self.houses[int(self._tree.query(aim)[1])]
        return self.at_house(house)

    def at_house(self, house: House) -> Place:
        """A place beside a house, in the same block."""
        x, y, block = house.x, house.y, house.block
        for _ in range(6):
            turn, away = self.chance.uniform(0, math.tau), self.chance.uniform(4, 26)
            near = (house.x + away * math.cos(turn), house.y + away * math.sin(turn))
            if self.city.block_at(*near) == block and not self.city.river.water.intersects(Point(near)):
                x, y = near
                break
        return Place(
            round(x, 1), round(y, 1), block, self.city.land.blocks[block].use, self.city.division.new[block],
            self._spot(house), house.street,
        )  # fmt: skip

    def nearest_house(self, x: float, y: float) -> House:
        """The known house nearest to a point."""
        return self.houses[int(self._tree.query((x, y))[1])]

    def _spot(self, house: House) -> Spot:
        street = self.city.streets[house.street].name
        mark = self._mark(house)
        quarter = self.city.quarter_of(house.block)
        if quarter is None:
            name = self.city.district_names[self.city.division.new[house.block]]
            words = f"в округе «{name}»", f"in the {latin(name)} district"
        else:
            words = quarter_words(quarter.name)
        return Spot(
            f"{street.short}, {house.number}", f"{street.casual}, {house.number}", street.where, street.along,
            street.of,
            mark.where, words[0], f"on {street.english}", f"along {street.english}",
            f"{house.number} {street.english}", mark.where_en, words[1],
        )  # fmt: skip

    def _mark(self, house: House) -> Landmark:
        _, order = self._landmark_tree.query((house.x, house.y), k=4)
        near = [self.city.landmarks[int(i)] for i in np.atleast_1d(order)]
        weights = [FAMILIAR.get(mark.kind, 3.0) / (rank + 1) for rank, mark in enumerate(near)]
        return self.chance.choices(near, weights)[0]

    def in_village(self) -> Place:
        """A place in a village: inside the municipality, or beyond its limit."""
        village = self.chance.choice(self.city.villages)
        name = self.city.village_names[village.number]
        west, south, east, north = village.shape.bounds
        point = village.shape.representative_point()
        for _ in range(30):
            tried = Point(self.chance.uniform(west, east), self.chance.uniform(south, north))
            if village.shape.buffer(-15).contains(tried):
                point = tried
                break
        words, english = f"в деревне {name}", f"in {latin(name)} village"
        spot = Spot(
            f"д. {name}", f"в деревне {name}", words, f"по деревне {name}", f"деревни {name}", words, words,
            english, f"through {latin(name)} village", f"{latin(name)} village", english, english,
        )  # fmt: skip
        block = -1 if village.block is None else village.block
        district = -1 if village.block is None else self.city.division.new[village.block]
        return Place(round(point.x, 1), round(point.y, 1), block, "village", district, spot, None, name)

    def along_street(self, place: Place) -> LineString | None:
        """A stretch of the place's street, 200-600 m around it."""
        if place.street is None:
            return None
        axis = self.city.streets[place.street].axis
        at, half = axis.project(Point(place.x, place.y)), self.chance.uniform(100, 300)
        part = substring(axis, max(0.0, at - half), min(axis.length, at + half))
        return part if part.geom_type == "LineString" and part.length > 120 else None


def _weighted_index(chance: random.Random, sums: Sequence[float]) -> int:
    return min(bisect.bisect(sums, chance.random() * sums[-1]), len(sums) - 1)


# how much more (or less) often a theme comes up by the use of the land; the rest is 1
TASTE: dict[str, dict[str, float]] = {
    "private": {"roads_sidewalks": 2.2, "water_supply": 3.4, "street_lighting": 2.0, "fire_safety": 2.6,
    "landscaping": 0.55,
                "playgrounds_sports_grounds": 0.75, "housing_utilities": 0.6, "environment": 1.2,
                "municipal_equipment": 1.6},
    "estate": {"playgrounds_sports_grounds": 1.7, "landscaping": 1.45, "housing_utilities": 1.4, "water_supply": 0.25,
    "fire_safety": 0.3},
    "new": {"playgrounds_sports_grounds": 1.5, "landscaping": 1.5, "housing_utilities": 0.6, "water_supply": 0.15,
    "social_support": 0.6,
            "sport_physical_culture": 1.6, "roads_sidewalks": 1.2},
    "mid": {"landscaping": 1.3, "housing_utilities": 1.8, "culture_leisure": 1.3, "water_supply": 0.5},
    "centre": {"cultural_heritage": 4.5, "culture_leisure": 2.2, "playgrounds_sports_grounds": 0.7, "water_supply": 0.3,
               "tourism_healthy_lifestyle": 2.5, "housing_utilities": 1.2},
    "industry": {"environment": 3.5, "street_lighting": 1.5, "playgrounds_sports_grounds": 0.4, "roads_sidewalks": 1.5},
    "village": {"roads_sidewalks": 2.0, "water_supply": 3.0, "culture_leisure": 2.0, "fire_safety": 3.0,
    "street_lighting": 2.0,
                "housing_utilities": 0.3, "cultural_heritage": 1.5},
}  # fmt: skip
BASE: dict[str, float] = {
    "landscaping": 20, "playgrounds_sports_grounds": 17, "roads_sidewalks": 14, "housing_utilities": 8,
    "water_supply": 4.5,
    "street_lighting": 8, "fire_safety": 2.6, "municipal_equipment": 1.5, "cultural_heritage": 2.6,
    "culture_leisure": 5.5,
    "environment": 6, "social_support": 3, "sport_physical_culture": 3, "tourism_healthy_lifestyle": 1.1,
    "preventive_medicine": 0.9,
    "quality_of_life": 0.8, "psychosocial_wellbeing": 0.8, "healthy_environment": 0.9, "rehabilitation": 0.7,
    "digital_health": 0.4,
    "other": 0.5,
}  # fmt: skip


def theme(chance: random.Random, use: str) -> str:
    """A theme that people of such a place bring up."""
    taste = TASTE.get(use, {})
    return chance.choices(list(BASE), [weight * taste.get(name, 1.0) for name, weight in BASE.items()])[0]
