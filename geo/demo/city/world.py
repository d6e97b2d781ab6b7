"""Everything about one invented city before it is written to files: the stages of the generator in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely
from shapely import STRtree
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city import names
from geo.demo.city.chance import stream
from geo.demo.city.districts import LAST_OLD_DAY, Division, Graph, divide, graph, outlines
from geo.demo.city.houses import House, Landmark, Street, houses, landmarks, streets
from geo.demo.city.land import Land, land
from geo.demo.city.names import latin
from geo.demo.city.people import People, people, spots
from geo.demo.city.plan import Plan
from geo.demo.city.quarters import Quarter, district_names, quarters
from geo.demo.city.river import River, river
from geo.demo.city.streets import Skeleton, skeleton
from geo.demo.city.tos import Tos, all_tos
from geo.demo.city.villages import Village, villages
from geo.demo.files import Grid

HERE = Grid(epsg=32638, east=583_000, north=6_452_000)
CITY = "tikhorechensk"
CITY_NAME, CITY_NAME_EN = "Тихореченск", "Tikhorechensk"
RIVER_NAME = "Вязьга"
OPEN_LAND = ("field", "forest", "meadow", "dacha")


@dataclass(frozen=True)
class City:
    """One city: shapes in local metres (`HERE` turns them into degrees), people in whole numbers."""

    plan: Plan
    river: River
    skeleton: Skeleton
    land: Land
    links: Graph
    people: People
    division: Division
    district_names: tuple[str, ...]
    villages: tuple[Village, ...]
    village_names: tuple[str, ...]
    quarters: tuple[Quarter, ...]
    streets: tuple[Street, ...]
    houses: tuple[House, ...]
    landmarks: tuple[Landmark, ...]
    tos: tuple[Tos, ...]

    def districts(self, year: int) -> Sequence[int]:
        """District number of each block at the end of a year."""
        return self.division.old if f"{year}-12-31" <= LAST_OLD_DAY else self.division.new

    @cached_property
    def old_outlines(self) -> list[BaseGeometry]:
        """Districts until 30.06.2025."""
        return outlines(self.land.blocks, self.division.old)

    @cached_property
    def new_outlines(self) -> list[BaseGeometry]:
        """Districts since 01.07.2025."""
        return outlines(self.land.blocks, self.division.new)

    @cached_property
    def living_spots(self) -> list[list[tuple[float, float]]]:
        """Points every 40 m where the people of each block live."""
        lived_in = {village.block: village.shape for village in self.villages if village.block is not None}
        return spots(self.land.blocks, self.river.water, lived_in)

    @cached_property
    def town_shape(self) -> BaseGeometry:
        """The built-up town as a settlement: its largest connected part, without small gaps."""
        built = [block.shape for block in self.land.blocks if block.use not in OPEN_LAND]
        whole = shapely.coverage_union_all(built)
        parts = [p for p in getattr(whole, "geoms", [whole]) if p.area > 6e5]
        return MultiPolygon([Polygon(p.exterior, [r for r in p.interiors if Polygon(r).area > 8e5]) for p in parts])

    @cached_property
    def blocks_tree(self) -> STRtree:
        """Finds blocks by place."""
        return STRtree([block.shape for block in self.land.blocks])

    def block_at(self, x: float, y: float) -> int | None:
        """The number of the block at a point, None outside the city."""
        inside = self.blocks_tree.query(Point(x, y), predicate="within")
        return int(inside[0]) if len(inside) else None

    def quarter_of(self, block: int) -> Quarter | None:
        """The microdistrict of a block."""
        return self._quarter_by_block.get(block)

    @cached_property
    def _quarter_by_block(self) -> dict[int, Quarter]:
        return {block: quarter for quarter in self.quarters for block in quarter.blocks}


def build(plan: Plan) -> City:
    """Make a city; the same plan gives the same city."""
    water = river(stream(plan.seed, "river"), 9000 * plan.stretch)
    bones = skeleton(plan, water)
    ground = land(plan, water, bones)
    around = villages(plan, water, bones, ground)
    living = people(plan, ground.blocks, water.water, {v.block: v.residents for v in around if v.block is not None})
    links = graph(ground, living.residents[2024])
    growing = [float(n) if b.use == "new" else 0.0 for n, b in zip(links.people, ground.blocks, strict=True)]
    division = divide(plan, links, growing)
    parts = quarters(plan, links, division.new)
    named = streets(plan, water, ground)
    built = houses(plan, water, ground, named)
    called = stream(plan.seed, "village names").sample(names.VILLAGES, len(names.VILLAGES))
    return City(
        plan, water, bones, ground, links, living, division,
        tuple(district_names(ground.blocks, links.people, division.new)), tuple(around), tuple(called), tuple(parts),
        tuple(named), tuple(built), tuple(landmarks(plan, water, ground)),
        tuple(all_tos(plan, bones.limit, links, division.new, parts, around, called, named, built)),
    )  # fmt: skip


def district_code(number: int) -> str:
    """Stable code of a district."""
    return f"th-okrug-{number + 1:02d}"


def quarter_code(number: int) -> str:
    """Stable code of a microdistrict."""
    return f"th-mkr-{number + 1:02d}"


def tos_code(number: int) -> str:
    """Stable code of a TOS."""
    return f"th-tos-{number + 1:03d}"


def village_code(name: str) -> str:
    """Stable code of a village."""
    return "th-" + latin(name).lower().replace(" ", "-")
