"""What boundary might be meant by a list of houses, or by the streets around them? A first drawing, to be corrected.

Pure functions over shapely shapes and points in WGS 84 lon/lat; widths in metres. Every draft is cut to the parent and
keeps off the areas that are taken; what a draft could not do is said in its notes. A draft is approximate until a
person has compared it with the act.

    around_houses  land near the listed houses and nearer to them than to any other known house (Voronoi cells: the
                   border runs halfway between a listed house and its unlisted neighbour)
    blocks         the pieces of land between the stored lines (streets, railways, water) that hold a listed house
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, Message
from geo.ingest.topology import GRID, WGS84_A, polygons_of

# about half a house and its front garden
MARGIN_M = 25.0
# bridged gaps are twice this and twice the margin wide; of several, the one with the fewest parts is taken
BRIDGES_M = (45.0, 75.0, 120.0, 180.0)
SIMPLER_M = 1.5
# points closer than this are one house
SAME_M = 1.0
# a piece between lines larger than this is no block
LARGEST_BLOCK_KM2 = 5.0

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A drawn boundary (None: nothing could be drawn) and what should be known about it."""

    shape: BaseGeometry | None
    notes: tuple[Message, ...] = ()


NO_HOUSES = Draft(None, (Message(N_("None of the houses has a known position, so nothing can be drawn.")),))


APART = N_("The houses lie apart: the draft has {count} parts.")


class Plane:
    """Metres around a middle point; good to a thousandth over a town."""

    def __init__(self, points: Points) -> None:
        self.middle = points.mean(axis=0)
        self.scale = np.array([np.cos(np.radians(self.middle[1])), 1.0]) * np.radians(WGS84_A)

    def flat(self, points: Points) -> Points:
        """Lon/lat to metres."""
        return np.asarray((points - self.middle) * self.scale, dtype=np.float64)

    def flattened(self, shape: Any) -> Any:
        """A shape in metres."""
        return shapely.transform(shape, self.flat)

    def round(self, shape: Any) -> Any:
        """A shape in metres back to lon/lat."""
        return shapely.transform(shape, lambda points: points / self.scale + self.middle)


def kept_off(draft: Draft, taken: Sequence[BaseGeometry]) -> Draft:
    """The draft without what belongs to others."""
    if draft.shape is None:
        return draft
    less = finished(draft.shape, None, taken)
    # how many parts there are is said of what is left
    return Draft(less.shape, (*(note for note in draft.notes if note.msgid != APART), *less.notes))


def around_houses(
    houses: Points, others: Points, *, parent: BaseGeometry | None = None, taken: Sequence[BaseGeometry] = (),
    margin_m: float = MARGIN_M, bridges_m: Sequence[float] = BRIDGES_M,
) -> Draft:  # fmt: skip
    """The land of the listed houses (n, 2) beside the other known ones (m, 2), both lon/lat degrees."""
    if len(houses) == 0:
        return NO_HOUSES
    plane = Plane(houses)
    ours = distinct(plane.flat(houses))
    near = away_from(plane.flat(others), ours)
    land = None
    for bridge in bridges_m:
        wider = land_of(ours, near, margin_m, bridge)
        if land is None or shapely.get_num_geometries(wider) < shapely.get_num_geometries(land):
            land = wider
        if shapely.get_num_geometries(land) == 1:
            break
    return finished(plane.round(shapely.simplify(land, SIMPLER_M)), parent, taken)


def land_of(ours: Points, near: Points, margin_m: float, bridge_m: float) -> BaseGeometry:
    """Circles around our houses with the gaps between them closed, without the land of other houses; metres."""
    land = shapely.union_all(shapely.buffer(shapely.points(ours), margin_m))
    land = shapely.buffer(shapely.buffer(land, bridge_m), -bridge_m)
    if len(near) == 0:
        return land
    return without_empty_holes(shapely.intersection(land, own_cells(ours, near, land)), near)


def distinct(points: Points) -> Points:
    """Points that lie apart."""
    return np.asarray(np.unique(np.round(points / SAME_M), axis=0) * SAME_M, dtype=np.float64)


def points_of(places: Points) -> npt.NDArray[np.object_]:
    """Places as shapely points."""
    return np.asarray(shapely.points(places), dtype=object)


def away_from(points: Points, ours: Points) -> Points:
    """The points that are none of ours."""
    if len(points) == 0:
        return points.reshape(0, 2)
    found = shapely.STRtree(points_of(ours)).query(shapely.points(points), "dwithin", 2 * SAME_M)[0]
    return distinct(np.delete(points, np.unique(found), axis=0))


def own_cells(ours: Points, near: Points, land: BaseGeometry) -> BaseGeometry:
    """The land nearer to one of ours than to any of the others: the union of our Voronoi cells."""
    sites = shapely.multipoints(np.vstack([ours, near]))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=shapely.buffer(land, 100.0)))
    mine = np.unique(shapely.STRtree(cells).query(shapely.points(ours), predicate="intersects")[1])
    return shapely.union_all(cells[mine])


def without_empty_holes(land: BaseGeometry, near: Points) -> BaseGeometry:
    """The land with those of its holes filled in which no other house stands."""
    tree = shapely.STRtree(points_of(near))
    parts = [part for part in shapely.get_parts(land) if isinstance(part, shapely.Polygon)]
    filled = []
    for part in parts:
        holes = [ring for ring in part.interiors if len(tree.query(shapely.Polygon(ring), "contains"))]
        filled.append(shapely.Polygon(part.exterior, holes))
    return shapely.union_all(filled)


def blocks(
    houses: Points, lines: Sequence[BaseGeometry], *, parent: BaseGeometry | None = None,
    taken: Sequence[BaseGeometry] = (),
) -> Draft:  # fmt: skip
    """The blocks between lines (lon/lat) that hold at least one of the houses (n, 2)."""
    if len(houses) == 0:
        return NO_HOUSES
    border = [] if parent is None else [shapely.boundary(parent)]
    if not lines:
        return Draft(None, (NO_LINES,))
    plane = Plane(houses)
    noded = shapely.union_all(plane.flattened(np.array([*lines, *border], dtype=object)))
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    points = shapely.points(plane.flat(houses))
    of, block = shapely.STRtree(pieces).query(points, predicate="intersects") if len(pieces) else ([], [])
    chosen = pieces[np.unique(block)] if len(pieces) else pieces
    small = chosen[shapely.area(chosen) <= LARGEST_BLOCK_KM2 * 1e6]
    notes = []
    if len(np.unique(of)) < len(houses) or len(small) < len(chosen):
        notes.append(NOT_ENCLOSED)
    if len(small) == 0:
        return Draft(None, tuple(notes))
    draft = finished(plane.round(shapely.union_all(small)), parent, taken)
    return Draft(draft.shape, (*notes, *draft.notes))


NO_LINES = Message(
    N_("No lines of streets are stored here, so blocks cannot be found; the houses themselves or drawing remain.")
)
NOT_ENCLOSED = Message(N_("Some of the houses are not enclosed by stored lines; their blocks are missing."))


def finished(shape: BaseGeometry, parent: BaseGeometry | None, taken: Sequence[BaseGeometry]) -> Draft:
    """The draft inside its parent, off what is taken, without crumbs; notes say what was cut."""
    notes = []
    if parent is not None and not shapely.covers(parent, shape):
        shape = shapely.intersection(shape, parent)
        notes.append(Message(N_("The draft was cut to the territory it belongs to.")))
    others = [other for other in taken if shapely.intersects(other, shape)]
    if others and shapely.area(shapely.intersection(shapely.union_all(others), shape)) > 0:
        shape = shapely.difference(shape, shapely.union_all(others))
        notes.append(Message(N_("The draft was cut where another TOS lies.")))
    result = polygons_of(shapely.set_precision(shape, GRID * 10))
    if result is None:
        return Draft(None, (*notes, Message(N_("Nothing is left of the draft."))))
    if (count := len(shapely.get_parts(result))) > 1:
        notes.append(Message(APART, {"count": count}))
    return Draft(result, tuple(notes))
