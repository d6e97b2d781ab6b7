"""Which numbers of participants are not shown at the moment? Those of events and of sums, kept with the tally.

Decided when the tally is settled, in the same transaction, for all kinds of territory at once (geo.analysis.shields),
and read by everything that shows people who took part: `published.event` and `published.counted` for single events,
`withheld` for sums. The shields themselves are kept too: a new one in place of one that still holds would show by
comparison with yesterday what both of them hide.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.arrays import Bools, Ints
from geo.analysis.shields import ALL_THEMES, Cell, Choice, Gathering, Hidden, Shield, hidden
from geo.settings import settings
from geo.store.bulk import copy_numbers
from geo.store.once import once
from geo.vocabulary import Theme

FEW = """
SELECT entry_id FROM okruga.event WHERE participants BETWEEN 1 AND :most
UNION SELECT entry_id FROM okruga.event_channel WHERE participants BETWEEN 1 AND :most
"""
GATHERINGS = """
SELECT c.entry_id, (f ->> 2)::int AS period, f ->> 1 AS theme, c.areas,
       jsonb_object_agg(CASE f ->> 0 WHEN 'participants' THEN 'participants' ELSE f ->> 3 END, (f ->> 4)::bigint)
         FILTER (WHERE f ->> 0 IN ('participants', 'channel_uses')) AS people,
       bool_or(f ->> 0 = 'participants_channels_known') AS known
FROM okruga.counted c CROSS JOIN LATERAL jsonb_array_elements(c.facts) AS f
JOIN okruga.event e ON e.entry_id = c.entry_id
WHERE c.areas <> '{}' AND {chosen} GROUP BY 1, 2, 3, 4
"""
UNSEEN = "e.created_at > (SELECT v.changed_at FROM okruga.data_version v)"
BY_ID, BY_YEAR = "c.entry_id = ANY (:ids)", "(f ->> 2)::int = ANY (:years)"


def withhold(connection: Connection) -> None:
    """Decide anew what is hidden, in the transaction of the tally; shields that still hold stay."""
    limit = settings().small_count
    few = connection.scalars(text(FEW), {"most": limit - 1}).all()
    kept = stored(connection)
    beside = {cell.event for shield in kept.values() for cell in shield}
    events = gatherings(connection, BY_ID, ids=sorted({*few, *beside}))
    choice = Choice(events, kept, limit)
    years = choice.uncovered_years() | (choice.waiting_years() & years_of_unseen(connection))
    if years:
        events = {**events, **gatherings(connection, BY_YEAR, years=sorted(years))}
        choice = Choice(events, kept, limit, unseen(connection, events))
    shields = choice.all()
    write(connection, shields, hidden(events, shields, limit))


def stored(connection: Connection) -> dict[tuple[int, str], Shield]:
    """The shields of the last time."""
    rows = connection.execute(text("SELECT entry_id, part, cells FROM okruga.head_shield"))
    return {(row[0], row[1]): tuple(Cell(*cell) for cell in row[2]) for row in rows}


def unseen(connection: Connection, events: Collection[int]) -> set[int]:
    """Those of the events that came since the last settling: no page made before counts them."""
    statement = text(f"SELECT e.id FROM okruga.entry e WHERE e.id = ANY (:ids) AND {UNSEEN}")
    return set(connection.scalars(statement, {"ids": list(events)}))


def years_of_unseen(connection: Connection) -> set[int]:
    """The years of all events that came since the last settling."""
    statement = text(
        "SELECT DISTINCT extract(year FROM e.begins_on)::int FROM okruga.entry e"
        f" WHERE e.register = 'event' AND e.begins_on IS NOT NULL AND {UNSEEN}"
    )
    return set(connection.scalars(statement))


def gatherings(connection: Connection, chosen: str, **values: object) -> dict[int, Gathering]:
    """Events as the tally counts them; those without a number of people and those counted nowhere are none."""
    rows = connection.execute(text(GATHERINGS.replace("{chosen}", chosen)), values)
    return {
        row.entry_id: Gathering(row.entry_id, row.period, row.theme, frozenset(row.areas), row.people, row.known)
        for row in rows if row.people
    }  # fmt: skip


def write(connection: Connection, shields: Mapping[tuple[int, str], Shield], found: Hidden) -> None:
    """Replace what is kept."""
    for table in ("head_shield", "withheld_head", "withheld_sum"):
        connection.execute(text(f"DELETE FROM okruga.{table}"))
    if shields:
        connection.execute(
            text("INSERT INTO okruga.head_shield VALUES (:entry, :part, CAST(:cells AS jsonb))"),
            [{"entry": entry, "part": part, "cells": json.dumps(cells)} for (entry, part), cells in shields.items()],
        )
    copy_numbers(connection, "withheld_head", ("entry_id", "part"), sorted(found.heads))
    copy_numbers(connection, "withheld_sum", ("area_id", "period", "theme", "part"), sorted(found.sums))


def withheld(connection: Connection, areas: Ints, year: int, theme: Theme | None, columns: Collection[str]) -> Bools:
    """The areas (boundary versions, cells) in which the sum of one of these columns of `shields` is not shown."""
    statement = text(
        "SELECT area_id, theme, part FROM published.withheld_sum WHERE area_id = ANY (:ids) AND period = :year"
    )
    named = {"ids": areas.tolist(), "year": year}
    rows = once(
        connection, ("withheld", areas.tobytes(), year), lambda: connection.execute(statement, named).all()
    )  # fmt: skip
    asked = theme.value if theme else ALL_THEMES
    hit = [row[0] for row in rows if row[1] == asked and row[2] in columns]
    return np.isin(areas, np.array(hit, dtype=np.int64))
