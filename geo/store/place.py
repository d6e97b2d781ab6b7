"""In which boundary versions does a place count, and how certain is that?

Placing is computed, never typed: a point counts in exactly one territory of a kind on any day (ties by lowest code),
territories it overlaps or nearly touches are listed beside it, not counted. A line or area counts where its largest
part lies. All of it happens in memory over the loaded boundaries (shapely's prepared predicates on a tree of the
places), so that a request never joins points to polygons.

Predicates are planar in WGS 84 degrees, as PostGIS evaluates them on the same columns; distances are metres, from
Mercator coordinates scaled back at the place's latitude (exact to 0.4 % on the ellipsoid).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.settings import settings
from geo.vocabulary import Certainty, TerritoryKind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# kinds that are meant to leave no point out: being in none of them is being outside
TILING = (
    TerritoryKind.COUNTRY, TerritoryKind.REGION, TerritoryKind.OBLAST, TerritoryKind.RAYON,
    TerritoryKind.MUNICIPALITY, TerritoryKind.CIVIC_DISTRICT, TerritoryKind.ELECTORAL_DISTRICT,
)  # fmt: skip
# a place shown by hexagon (about 0.1 km²) must not be given away by a smaller territory
COARSE_MIN_M2 = 1_000_000.0
FOREVER = np.int64(np.iinfo(np.int32).max)
EARTH_M = 6_378_137.0


@dataclass(frozen=True, slots=True)
class Notable:
    """What is not plain, one element per (place, boundary) pair: rows of `placement`."""

    place: Ints
    boundary: Ints
    certainty: NDArray[np.object_]
    counted: NDArray[np.bool_]
    share: Floats
    distance_m: Floats


@dataclass(frozen=True, slots=True)
class Placed:
    """Result for n places: `boundary[start[i]:start[i+1]]` are the ids place i counts in, ascending."""

    start: Ints
    boundary: Ints
    certainty: NDArray[np.object_]
    notable: Notable

    def ids(self, index: int) -> list[int]:
        """The boundary versions one place counts in."""
        return [int(b) for b in self.boundary[self.start[index] : self.start[index + 1]]]


@dataclass(frozen=True)
class Placer:
    """The boundary versions to place into. Arrays run parallel; `rank` orders territories by code within a kind."""

    id: Ints
    territory: Ints
    kind: NDArray[np.object_]
    rank: Ints
    first_day: Ints
    last_day: Ints
    area_m2: Floats
    geom: NDArray[np.object_]

    @classmethod
    def load(cls, connection: Connection) -> Placer:
        """All boundary versions of the database."""
        rows = connection.execute(
            text(
                "SELECT b.id, b.territory_id, b.kind, rank() OVER (ORDER BY t.code),"
                " coalesce(lower(b.valid) - date '0001-01-01', 0),"
                " coalesce(upper(b.valid) - 1 - date '0001-01-01', :forever), b.area_m2, ST_AsBinary(b.geom)"
                " FROM okruga.boundary b JOIN okruga.territory t ON t.id = b.territory_id ORDER BY b.id"
            ),
            {"forever": int(FOREVER)},
        ).all()
        columns = list(zip(*rows, strict=True)) if rows else [()] * 8
        ints = [np.array(columns[i], dtype=np.int64) for i in (0, 1, 3, 4, 5)]
        return cls(
            ints[0], ints[1], np.array(columns[2], dtype=object), ints[2], ints[3], ints[4],
            np.array(columns[6], dtype=float), shapely.from_wkb(np.array(columns[7], dtype=object)),
        )  # fmt: skip

    @cached_property
    def mercator(self) -> NDArray[np.object_]:
        """The shapes in spherical Mercator, where small distances only need one factor per latitude."""
        return shapely.transform(self.geom, to_mercator)

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(self.kind.tolist())

    def place_points(self, lon: Floats, lat: Floats) -> Placed:
        """Place n points, given in degrees."""
        return self.place(np.asarray(shapely.points(np.asarray(lon, float), np.asarray(lat, float)), dtype=object))

    def place(self, shapes: NDArray[np.object_]) -> Placed:
        """Place n geometries (points, lines or areas in WGS 84)."""
        tree = shapely.STRtree(shapes)
        version, place = tree.query(self.geom, predicate="intersects")
        share = self._shares(shapes, version, place)
        counted, doubtful = self._settle(version, place, share)
        notable = self._notable(shapes, version, place, share, counted, doubtful)
        start, boundary = group(place[counted], self.id[version[counted]], len(shapes))
        return Placed(start, boundary, self._certainty(len(shapes), version, place, notable), notable)

    def _shares(self, shapes: NDArray[np.object_], version: Ints, place: Ints) -> Floats:
        """Part of each line's length or area's area inside each version; 1 for points."""
        share = np.ones(len(place))
        extended = np.flatnonzero(shapely.get_dimensions(shapes[place]) > 0)
        if len(extended):
            whole = local_metres(shapes[place[extended]])
            part = shapely.intersection(whole, local_metres(self.geom[version[extended]], whole))
            is_area = shapely.get_dimensions(whole) == 2
            size, total = (np.where(is_area, shapely.area(g), shapely.length(g)) for g in (part, whole))
            share[extended] = np.clip(np.divide(size, total, out=np.ones_like(size), where=total > 0), 0.0, 1.0)
        return share

    def _settle(self, version: Ints, place: Ints, share: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For each pair: does it count, and does another territory of its kind claim the place on the same day?

        A version loses when, on its last day, a version with a larger share (or an equal one and a lower code)
        of the same kind covers the same place.
        """
        counted = np.ones(len(place), bool)
        doubtful = np.zeros(len(place), bool)
        mine, other = same_group(place, self._kind_number[version])
        a, b = version[mine], version[other]
        rival = self.territory[a] != self.territory[b]
        overlap = (self.first_day[a] <= self.last_day[b]) & (self.first_day[b] <= self.last_day[a]) & rival
        stronger = (share[other] > share[mine]) | ((share[other] == share[mine]) & (self.rank[b] < self.rank[a]))
        present = (self.first_day[b] <= self.last_day[a]) & (self.last_day[a] <= self.last_day[b])
        counted[mine[rival & stronger & present]] = False
        doubtful[mine[overlap]] = True
        return counted, doubtful

    @cached_property
    def _kind_number(self) -> Ints:
        return np.unique(self.kind.astype(str), return_inverse=True)[1].astype(np.int64)

    def _notable(
        self, shapes: NDArray[np.object_], version: Ints, place: Ints, share: Floats,
        counted: NDArray[np.bool_], doubtful: NDArray[np.bool_],
    ) -> Notable:  # fmt: skip
        partial = share < 1.0
        shown = np.flatnonzero(doubtful | partial)
        certainty = np.full(len(shown), Certainty.SEVERAL.value, object)
        # a point on a shared border is near it; only overlapping interiors put it in several
        on_edge = ~shapely.contains_properly(self.geom[version[shown]], shapes[place[shown]])
        on_edge &= shapely.get_dimensions(shapes[place[shown]]) == 0
        group_key = pair_key(place[shown], self._kind_number[version[shown]])
        certainty[np.isin(group_key, group_key[on_edge])] = Certainty.NEAR_BORDER.value
        near_version, near_place, distance = self._near(shapes, version, place)
        nothing = np.full(len(near_place), np.nan)
        return Notable(
            np.concatenate([place[shown], near_place]),
            self.id[np.concatenate([version[shown], near_version])],
            np.concatenate([certainty, np.full(len(near_place), Certainty.NEAR_BORDER.value, object)]),
            np.concatenate([counted[shown], np.zeros(len(near_place), bool)]),
            np.concatenate([np.where(partial[shown], share[shown], np.nan), nothing]),
            np.concatenate([np.full(len(shown), np.nan), distance]),
        )  # fmt: skip

    def _near(self, shapes: NDArray[np.object_], version: Ints, place: Ints) -> tuple[Ints, Ints, Floats]:
        """Pairs of versions and points outside them but within `near_border_m`, with the distance in metres."""
        points = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.POINT)
        limit = settings().near_border_m
        if not len(points) or not len(self.id) or limit <= 0:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        flat = shapely.transform(shapes[points], to_mercator)
        # the widest Mercator distance that can still be within the limit anywhere in the shape
        top = np.abs(shapely.bounds(self.geom)[:, [1, 3]]).max(axis=1)
        reach = limit * 1.01 / np.cos(np.radians(np.minimum(top + 0.01, 89.0)))
        rings = shapely.boundary(self.mercator)
        near_version, near_point = shapely.STRtree(flat).query(rings, predicate="dwithin", distance=reach)
        latitude = shapely.get_y(shapes[points[near_point]])
        distance = shapely.distance(rings[near_version], flat[near_point]) * np.cos(np.radians(latitude))
        covered = np.isin(pair_key(points[near_point], near_version), pair_key(place, version))
        # an earlier or later shape of the territory the place is in anyway is no neighbour
        own = np.isin(
            pair_key(points[near_point], self.territory[near_version]), pair_key(place, self.territory[version])
        )
        keep = (distance <= limit) & ~covered & ~own
        return near_version[keep], points[near_point[keep]], distance[keep]

    def _certainty(self, count: int, version: Ints, place: Ints, notable: Notable) -> NDArray[np.object_]:
        """One word per place, the most doubtful first: several, near_border, outside, no_polygon, inside."""
        tiling = np.isin(self.kind.astype(str), TILING)
        word = np.full(count, (Certainty.OUTSIDE if tiling.any() else Certainty.NO_POLYGON).value, object)
        inside = place[tiling[version]] if tiling.any() else place
        word[inside] = Certainty.INSIDE.value
        for certainty in (Certainty.NEAR_BORDER.value, Certainty.SEVERAL.value):
            word[notable.place[notable.certainty == certainty]] = certainty
        return word


def public_ids(placer: Placer, boundary: Ints) -> NDArray[np.bool_]:
    """Which boundary ids may be named beside a coarsened position: those of 1 km² and more."""
    order = np.searchsorted(placer.id, boundary)
    return np.asarray(placer.area_m2[order] >= COARSE_MIN_M2)


def to_mercator(degrees: Floats) -> Floats:
    """Spherical Mercator metres of (lon, lat) rows; latitudes are cut at 89° so that poles stay finite."""
    latitude = np.radians(np.clip(degrees[:, 1], -89.0, 89.0))
    return np.column_stack([np.radians(degrees[:, 0]) * EARTH_M, np.arctanh(np.sin(latitude)) * EARTH_M])


def local_metres(shapes: NDArray[np.object_], centre_of: NDArray[np.object_] | None = None) -> NDArray[np.object_]:
    """Shapes with longitudes scaled by the cosine of one latitude each, so that shares of area and length hold.

    `centre_of` gives the shapes whose latitudes to use (only x is scaled, so an already scaled shape serves).
    """
    latitude = shapely.bounds(shapes if centre_of is None else centre_of)[:, [1, 3]].mean(axis=1)
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    coordinates[:, 0] *= np.cos(np.radians(latitude))[index]
    return shapely.set_coordinates(shapes.copy(), coordinates)


def pair_key(a: Ints, b: Ints) -> Ints:
    """One sortable number for a pair of non-negative numbers below 2^31."""
    return (np.asarray(a, np.int64) << np.int64(31)) | np.asarray(b, np.int64)


def same_group(place: Ints, kind: Ints) -> tuple[Ints, Ints]:
    """All ordered pairs of different rows that share place and kind."""
    key = pair_key(place, kind)
    order = np.argsort(key, kind="stable")
    _, first, size = np.unique(key[order], return_index=True, return_counts=True)
    mine, other = [], []
    for members in np.unique(size[size > 1]):
        rows = order[first[size == members][:, None] + np.arange(members)]
        for i in range(members):
            for j in range(members):
                if i != j:
                    mine.append(rows[:, i])
                    other.append(rows[:, j])
    nothing = np.empty(0, np.int64)
    return (np.concatenate(mine), np.concatenate(other)) if mine else (nothing, nothing)


def group(place: Ints, value: Ints, count: int) -> tuple[Ints, Ints]:
    """Values sorted by place and value, with the start of each place's run (length count + 1)."""
    order = np.lexsort((value, place))
    start = np.searchsorted(place[order], np.arange(count + 1))
    return start.astype(np.int64), value[order]
