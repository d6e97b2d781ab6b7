"""Whom may a project beyond the edge of the loaded area serve? Residents whose figure the edge can change.

A resident nearer to the edge than to any finished project may have one on the other side; within 1 km of the edge,
floating catchments miss projects and competitors beyond it. Both are counted with the distances and said under the
figures; the figures themselves are not changed.

On foot the edge is as far as the walk to where the streets cross it, or come within 60 m of it: a network cut at the
edge ends there, though the street goes on. Who has to walk round to a bridge is nearer to his own project than the edge
in a straight line would have it. Streets that end well inside lead nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from geo.analysis.areas import Areas, Query, counted
from geo.analysis.arrays import Floats
from geo.analysis.distance import nearest_m
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.surface import outline
from geo.analysis.told import rounded
from geo.analysis.walking import FOOT, Walks
from geo.errors import N_, Message

NEARER = N_(
    "For {share} % of residents the edge of the loaded area is nearer than a finished project: one beyond it may be"
    " nearer."
)
CUT = N_("{share} % of residents live within 1 km of the edge of the loaded area: what lies beyond it is not counted.")
NEARER_ON_FOOT = N_(
    "For {share} % of residents whom streets reach, the walk to the edge of the loaded area is shorter than that to a"
    " finished project: one beyond it may be nearer."
)
CUT_ON_FOOT = N_(
    "{share} % of residents whom streets reach walk less than 1 km to the edge of the loaded area: what lies beyond it"
    " is not counted."
)
BY_DISTANCE = ("within_distance_share", "nearest_project_m")
BY_CATCHMENT = ("access_score", *ACCESS_FORMS)
ALONG_DEGREES = 50 / 111_320
# nodes stand at most 50 m apart along a way, and so do the points of the edge
LEADS_OUT_M = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """The loaded land of a day, and points (lon/lat) along its edge."""

    land: BaseGeometry
    points: Floats

    @classmethod
    def load(cls, connection: Connection, day: date) -> Edge:
        land = outline(connection, day)
        shapely.prepare(land)
        return cls(land, shapely.get_coordinates(shapely.segmentize(land.boundary, ALONG_DEGREES)))

    def straight_m(self, centres: Floats) -> Floats:
        """Metres from each cell centre to the edge, NaN beyond 5 km."""
        return nearest_m(centres, self.points)

    def walked_m(self, walks: Walks) -> Floats:
        """Metres on foot from each place to where streets lead over the edge; NaN beyond 5 km, or off the streets."""
        nodes = walks.streets.nodes
        if self.land.is_empty or not len(nodes):
            return np.full(len(walks.away), np.nan)
        near = ~np.isnan(nearest_m(nodes, self.points, LEADS_OUT_M))
        return walks.nearest_m(nodes[near | ~shapely.contains_xy(self.land, nodes)])


def notes(connection: Connection, query: Query, areas: Areas) -> tuple[Message, ...]:
    """Which part of the residents of all areas the edge may matter for; nothing where it is none."""
    code = query.measure.code
    if code not in BY_DISTANCE + BY_CATCHMENT:
        return ()
    measure = "edge_residents" if code in BY_DISTANCE else "edge_1km_residents"
    theme = query.theme.value if query.theme and code in BY_DISTANCE else ""
    if query.on_foot:
        measure = FOOT.format(measure=measure)
    near = counted(connection, areas, measure, query.year, theme=theme).sum()
    every = np.nansum(counted(connection, areas, "cell_residents", query.year))
    if query.on_foot:
        every -= counted(connection, areas, "off_street_residents", query.year).sum()
    share = rounded(100 * near / every) if every > 0 else 0
    straight, walked = (NEARER, NEARER_ON_FOOT) if code in BY_DISTANCE else (CUT, CUT_ON_FOOT)
    return (Message(walked if query.on_foot else straight, {"share": share}),) if share else ()
