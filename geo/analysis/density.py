"""How close together are needs, projects and events? Things per km² of the real area of each cell or territory."""

from __future__ import annotations

from sqlalchemy import Connection

from geo.analysis import gaps
from geo.analysis.areas import Areas, Query, counted
from geo.analysis.arrays import Floats
from geo.analysis.figure import Unit
from geo.analysis.participation import year_has_events
from geo.analysis.result import Values


def columns(connection: Connection, query: Query, areas: Areas) -> Values:
    """The density of the query's measure in each area; things are never hidden."""
    return Values.ratio(things(connection, query, areas), areas.area_m2 / 1e6, Unit.PER_KM2)


def things(connection: Connection, query: Query, areas: Areas) -> Floats:
    """How many there are; NaN when the register (or the year of events) says nothing."""
    if query.measure.code == "needs_open_per_km2":
        reported = gaps.stock(connection, query, areas, "needs_reported", "need")
        return reported - gaps.stock(connection, query, areas, "needs_answered", "need")
    if query.measure.code == "projects_done_per_km2":
        return gaps.stock(connection, query, areas, "projects_done", "project")
    held = counted(connection, areas, "events", query.year, theme=query.theme.value if query.theme else None)
    return held if year_has_events(connection, query.year) else held * float("nan")


COLUMNS = dict.fromkeys(("needs_open_per_km2", "projects_done_per_km2", "events_per_km2"), columns)
