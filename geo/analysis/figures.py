"""Which module computes a measure? One door for everything that asks for columns of figures."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from geo.analysis import (
    accountability,
    change,
    coverage,
    density,
    gaps,
    on_foot,
    participation,
    spread,
    surface,
    town_events,
    underserved,
)
from geo.analysis.areas import Areas, Query
from geo.analysis.result import Values
from geo.analysis.told import Told, told

Columns = Callable[[Connection, Query, Areas], Values | Told]

BY_QUESTION: dict[str, Columns] = {
    "coverage": coverage.columns,
    "gaps": gaps.columns,
    "participation": participation.columns,
}
BY_MEASURE: dict[str, Columns] = {
    **underserved.COLUMNS,
    **accountability.COLUMNS,
    **spread.COLUMNS,
    **change.COLUMNS,
    **density.COLUMNS,
    **surface.COLUMNS,
}


def figures(connection: Connection, query: Query, areas: Areas) -> Told:
    """The figures of the query's measure for each area, not yet published."""
    spread_out = town_events.spread if query.town_spread else None
    walked = on_foot.COLUMNS.get(query.measure.code) if query.on_foot else None
    columns = spread_out or walked or BY_MEASURE.get(query.measure.code) or BY_QUESTION[query.measure.question]
    return told(columns(connection, query, areas))
