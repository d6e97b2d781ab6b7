"""Whom may a project beyond the edge of the loaded area serve? Residents whose figure the edge can change.

A resident nearer to the edge than to any finished project may have one on the other side; within 1 km of the edge,
floating catchments miss projects and competitors beyond it. Both are counted with the distances and said under the
figures; the figures themselves are not changed.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.analysis.areas import Areas, Query, counted
from geo.analysis.arrays import Floats
from geo.analysis.distance import nearest_m
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.surface import outline
from geo.analysis.told import rounded
from geo.errors import N_, Message

NEARER = N_(
    "For {share} % of residents the edge of the loaded area is nearer than a finished project: one beyond it may be"
    " nearer."
)
CUT = N_("{share} % of residents live within 1 km of the edge of the loaded area: what lies beyond it is not counted.")
BY_DISTANCE = ("within_distance_share", "nearest_project_m")
BY_CATCHMENT = ("access_score", *ACCESS_FORMS)
ALONG_DEGREES = 50 / 111_320


def edge_distances(connection: Connection, centres: Floats, day: date) -> Floats:
    """Metres from each cell centre to the edge of the loaded area, NaN beyond 5 km."""
    edge = outline(connection, day).boundary
    return nearest_m(centres, shapely.get_coordinates(shapely.segmentize(edge, ALONG_DEGREES)))


def notes(connection: Connection, query: Query, areas: Areas) -> tuple[Message, ...]:
    """Which part of the residents of all areas the edge may matter for; nothing where it is none."""
    code = query.measure.code
    if code not in BY_DISTANCE + BY_CATCHMENT:
        return ()
    measure = "edge_residents" if code in BY_DISTANCE else "edge_1km_residents"
    theme = query.theme.value if query.theme and code in BY_DISTANCE else ""
    near = counted(connection, areas, measure, query.year, theme=theme).sum()
    every = np.nansum(counted(connection, areas, "cell_residents", query.year))
    share = rounded(100 * near / every) if every else 0
    return (Message(NEARER if code in BY_DISTANCE else CUT, {"share": share}),) if share else ()
