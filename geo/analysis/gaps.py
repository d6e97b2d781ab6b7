"""Who is left out, and why? Needs open and answered, supply beside need, residents without a TOS.

A need is answered at the end of a period when a finished project answers it or its source states an answer with a date
(both shown apart, methods 2.1); rejected needs do not count. Territories without needs have no share of answered ones
(`no_objects`, never 100 %).
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection

from geo.analysis import coverage
from geo.analysis.areas import Areas, Query, counted, loaded, people
from geo.analysis.arrays import Floats, divided
from geo.analysis.figure import Unit
from geo.analysis.intervals import byar, wilson
from geo.analysis.result import Values
from geo.vocabulary import PopulationBase


def columns(connection: Connection, query: Query, areas: Areas) -> Values:
    """The measure of the query for each area."""
    if query.measure.code == "uncovered_share":
        return coverage.columns(connection, query, areas)
    if query.measure.code == "projects_done_per_1000":
        return per_1000(connection, query, areas, stock(connection, query, areas, "projects_done", "project"))
    return needs(connection, query, areas)


def stock(connection: Connection, query: Query, areas: Areas, measure: str, register: str) -> Floats:
    """Entries of a measure counted up to the end of the period; NaN when the register was never loaded."""
    if not loaded(connection, register):
        return np.full(len(areas), np.nan)
    theme = query.theme.value if query.theme else None
    return counted(connection, areas, measure, query.year, until=True, theme=theme)


def needs(connection: Connection, query: Query, areas: Areas) -> Values:
    """Answered share, open count or open rate, each with the parts it is made of."""
    columns = {
        name: stock(connection, query, areas, measure, "need")
        for name, measure in {
            "reported": "needs_reported", "answered": "needs_answered", "by_project": "needs_answered_project",
            "stated": "needs_answered_stated", "undated": "needs_answered_undated", "under_way": "needs_underway",
            "rejected": "needs_rejected",
        }.items()
    }  # fmt: skip
    still_open = columns["reported"] - columns["answered"]
    parts = {name: Values.build(column, Unit.COUNT) for name, column in {**columns, "open": still_open}.items()}
    if query.measure.code == "needs_answered_share":
        interval = wilson(columns["answered"], columns["reported"])
        values = Values.ratio(columns["answered"], columns["reported"], Unit.SHARE).with_interval(*interval)
    elif query.measure.code == "needs_open":
        values = Values.build(still_open, Unit.COUNT, numerator=still_open, denominator=columns["reported"])
    else:
        values = per_1000(connection, query, areas, still_open)
    return values.with_parts(**parts)


def per_1000(connection: Connection, query: Query, areas: Areas, objects: Floats) -> Values:
    """Objects per 1,000 residents, with the Byar interval of a count."""
    residents = people(connection, areas, PopulationBase.RESIDENTS, query.year)
    low, high = byar(objects)
    return Values.ratio(
        objects, residents.number, Unit.PER_1000, base=residents.base, estimated=residents.carried
    ).with_interval(1000 * divided(low, residents.number), 1000 * divided(high, residents.number))
