"""How many people live in each block, in each hexagon and in each district, year by year?

Blocks get residents by their use; hexagons (H3, resolution 9) collect them. Hexagons do not follow borders, so
their numbers are moved a little until two sums both give a district's total: the hexagons whose centre lies in it
(exactly), and all hexagons by the share of their area in it (to a few people).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import h3
import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city.chance import largest_remainder, stream
from geo.demo.city.land import Block
from geo.demo.city.plan import DENSITY, Plan
from geo.demo.files import Grid

YEARS = (2023, 2024, 2025, 2026)
RESOLUTION = 9
# yearly growth by use, and the share of people aged 16+
GROWTH = {"new": 0.062, "private": 0.006, "estate": -0.003, "mid": -0.007, "centre": -0.009}
ADULT = {"centre": 0.872, "mid": 0.858, "estate": 0.829, "new": 0.748, "private": 0.817}
VOTERS = 0.957  # of those aged 16+: citizens of 18 and older
CELL_EDGE = 40.0


@dataclass(frozen=True)
class People:
    """Whole numbers by block: `residents[year]` and `adults[year]` (16+), aligned with the blocks."""

    residents: dict[int, list[int]]
    adults: dict[int, list[int]]

    def total(self, year: int, blocks: Sequence[int]) -> tuple[int, int, int]:
        """Residents, residents aged 16+ and voters of some blocks."""
        adults = sum(self.adults[year][i] for i in blocks)
        return sum(self.residents[year][i] for i in blocks), adults, round(adults * VOTERS)


@dataclass(frozen=True)
class Cell:
    """Residents of one hexagon in one year."""

    h3: str
    year: int
    residents: int
    residents_16: int


def people(plan: Plan, blocks: Sequence[Block], water: BaseGeometry, villages: dict[int, int]) -> People:
    """Residents of every block; `villages` gives the residents of the village in a block of open land."""
    chance = stream(plan.seed, "people")
    weights = [
        0.0 if i in villages
        else DENSITY[block.use] * (block.shape.difference(water).area / 1e6) * min(1.35,
            max(0.6, chance.gauss(1, 0.17)))
        for i, block in enumerate(blocks)
    ]  # fmt: skip
    weights = [weight if weight >= 3 else 0.0 for weight in weights]
    tilt = [chance.gauss(0, 0.018) for _ in blocks]
    town = largest_remainder(plan.residents - sum(villages.values()), weights)
    first = [villages.get(i, number) for i, number in enumerate(town)]
    residents, adults = {}, {}
    for year in YEARS:
        residents[year] = [
            round(n * (1 + GROWTH.get(b.use, 0)) ** (year - 2024)) for n, b in zip(first, blocks, strict=True)
        ]
        adults[year] = [
            round(n * (ADULT.get(b.use, 0.86) + t)) for n, b, t in zip(residents[year], blocks, tilt, strict=True)
        ]
    return People(residents, adults)


def spots(
    blocks: Sequence[Block], water: BaseGeometry, inhabited: dict[int, Polygon]
) -> list[list[tuple[float, float]]]:
    """Points every 40 m where the people of each block live: the block's land, or its village (`inhabited`)."""
    homes = [inhabited.get(i, block.shape).difference(water) for i, block in enumerate(blocks)]
    west, south, east, north = shapely.total_bounds([block.shape for block in blocks])
    xs, ys = np.meshgrid(np.arange(west, east, CELL_EDGE), np.arange(south, north, CELL_EDGE))
    grid = np.column_stack([xs.ravel(), ys.ravel()])
    found, owner = STRtree(homes).query(shapely.points(grid), predicate="within")
    order = np.lexsort((found, owner))
    rows = np.split(grid[found[order]], np.searchsorted(owner[order], np.arange(1, len(homes))))
    return [
        [(float(x), float(y)) for x, y in row] or [_middle(home, block)]
        for row, home, block in zip(rows, homes, blocks, strict=True)
    ]


def _middle(home: BaseGeometry, block: Block) -> tuple[float, float]:
    spot = (block.shape if home.is_empty else home).representative_point()
    return spot.x, spot.y


@dataclass(frozen=True)
class Hexagons:
    """The hexagons of the city: index, the share of each in each district, the district of its centre."""

    indexes: list[str]
    share: np.ndarray  # (districts, hexagons)
    home: np.ndarray  # (hexagons,), -1 for a centre outside


def hexagons(indexes: Sequence[str], districts: Sequence[BaseGeometry]) -> Hexagons:
    """Where these hexagons lie among districts (in degrees)."""
    shapes = [Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(index)]) for index in indexes]
    centres = [h3.cell_to_latlng(index) for index in indexes]
    share = np.zeros((len(districts), len(indexes)))
    home = np.full(len(indexes), -1)
    for row, district in enumerate(districts):
        shapely.prepare(district)
        share[row] = shapely.area(shapely.intersection(district, shapes)) / shapely.area(shapes)
        inside = shapely.contains_xy(district, [lon for _, lon in centres], [lat for lat, _ in centres])
        home[inside] = row
    return Hexagons(list(indexes), share, home)


def cells(
    grid: Grid, points: Sequence[Sequence[tuple[float, float]]], people_: People, district_of: dict[int, Sequence[int]],
    districts: dict[int, Sequence[BaseGeometry]],
) -> list[Cell]:  # fmt: skip
    """Hexagons of all years; `district_of[year][block]` and `districts[year]` say how blocks are grouped then."""
    places = [[h3.latlng_to_cell(*grid.lat_lon(x, y), RESOLUTION) for x, y in spots_] for spots_ in points]
    indexes = sorted({index for row in places for index in row})
    found, known = [], {}
    for year in YEARS:
        key = id(districts[year])
        if key not in known:
            known[key] = hexagons(indexes, districts[year])
        found.extend(_year(year, known[key], places, people_, district_of[year]))
    return found


def _year(
    year: int, hexes: Hexagons, places: Sequence[Sequence[str]], people_: People, district_of: Sequence[int]
) -> list[Cell]:
    residents = _fitted(hexes, places, people_.residents[year], district_of)
    adults = _not_more(_fitted(hexes, places, people_.adults[year], district_of), residents, hexes.home)
    return [
        Cell(index, year, int(all_), int(old))
        for index, all_, old in zip(hexes.indexes, residents, adults, strict=True)
        if all_
    ]


def _not_more(adults: np.ndarray, residents: np.ndarray, home: np.ndarray) -> np.ndarray:
    """Nowhere more people aged 16+ than residents: the surplus goes to hexagons of the same district with room."""
    found = np.minimum(adults, residents)
    for row in np.unique(home[home >= 0]):
        inside = np.flatnonzero(home == row)
        left = int((adults - found)[inside].sum())
        for i in inside[np.argsort(found[inside] - residents[inside], kind="stable")]:
            step = min(left, int(residents[i] - found[i]))
            found[i] += step
            left -= step
    return np.asarray(found)


def _fitted(
    hexes: Hexagons, places: Sequence[Sequence[str]], people_: Sequence[int], district_of: Sequence[int]
) -> np.ndarray:
    """Whole people by hexagon: close to where they live, exact by centre, near exact by area share."""
    number = {index: i for i, index in enumerate(hexes.indexes)}
    start = np.zeros(len(number))
    for block, row in enumerate(places):
        for index in row:
            start[number[index]] += people_[block] / len(row)
    totals = np.zeros(len(hexes.share))
    np.add.at(totals, np.asarray(district_of), np.asarray(people_))
    # people of a hexagon whose centre is outside the city, or that belongs to it by a sliver, live next door
    start[(hexes.home < 0) | (hexes.share.sum(axis=0) < 0.55)] = 0
    centre = np.array([hexes.home == row for row in range(len(hexes.share))], dtype=float)
    fitted = _moved(start, np.vstack([centre, hexes.share]), np.concatenate([totals, totals]))
    whole = np.zeros(len(start), dtype=int)
    for district, total in enumerate(totals):
        inside = np.flatnonzero((hexes.home == district) & (fitted > 0))
        whole[inside] = largest_remainder(int(total), fitted[inside].tolist())
    return whole


def _moved(start: np.ndarray, sums: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The least change (relative to the people there) that gives the wanted sums, without negative numbers."""
    values = start.copy()
    for _ in range(40):
        weight = np.maximum(values, 0)
        change, *_ = np.linalg.lstsq((sums * weight) @ sums.T, wanted - sums @ values, rcond=1e-9)
        values = np.maximum(values + weight * (sums.T @ change), 0.15 * values)
    return values
