"""Who has a finished project within a walk? Coverage along the streets instead of in a straight line.

Counted like the straight figures, from `reach_on_foot` and the tally. Residents whose cell no street of the network
leads to are left out on both sides, and their share is named: for them the way on foot is not known. Where a network
reaches fewer than half of the residents of an area, the figure of the few would be taken for that of all: there is
none.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, cell_people, counted, loaded
from geo.analysis.arrays import Floats
from geo.analysis.cells import THOUSANDTHS
from geo.analysis.coverage import (
    ON_FOOT,
    access_of,
    hidden_within,
    kept,
    mean_way,
    of_residents,
    people_within,
    without,
)
from geo.analysis.distance import FARTHEST_M
from geo.analysis.figure import Unit, few
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.reach import MILLIONTHS
from geo.analysis.result import Values
from geo.analysis.told import Told
from geo.analysis.vintage import cells_are_carried
from geo.analysis.walking import FOOT, METRES_A_MINUTE, minutes
from geo.errors import N_, Message
from geo.settings import settings

# methods 2.8: what covers less than half is no figure
LEAST_SHARE = 0.5
NO_STREETS = N_("No streets are loaded, so distances on foot are not known: `okruga load osm FILE` brings them.")
NOT_COUNTED = N_("Distances on foot are not counted for this year, or not yet.")
WALKED = N_("On foot along the streets: {distance} m, about {minutes} minutes at {speed} km/h.")
MEAN_WALKED = N_("On foot along the streets at {speed} km/h: 10 minutes are {ten} m.")
ON_NETWORK = N_("The loaded streets reach {share} % of residents: within 300 m of their home there is one.")
OFF = N_("The other {count} are left out: how far they walk is not known.")
TOO_FEW = N_("In {count} territories streets reach fewer than half of the residents: no figure is given there.")
SPEED_KMH = METRES_A_MINUTE * 60 / 1000
CATCHMENT = {"access_score": "access_supply", **{code: code for code in ACCESS_FORMS}}


def columns(connection: Connection, query: Query, areas: Areas) -> Told:
    """A measure of coverage on foot; the reason why there is none as a note."""
    known = cell_people(connection, areas, "cell_residents", query.year)
    why = not_known(connection, query)
    if why is not None:
        nothing = np.full(len(areas), np.nan)
        return Told(figures_of(connection, query, areas, np.where(known == 0, known, nothing)), notes=(why,))
    off = np.minimum(counted(connection, areas, "off_street_residents", query.year) / THOUSANDTHS, np.nan_to_num(known))
    enough = reached_enough(known, off)
    found = figures_of(connection, query, areas, np.where(enough, known - off, np.nan))
    return Told(found, notes=(said(query), *network_notes(known, off)))


def reached_enough(known: Floats, off: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where streets reach at least half of the residents; where nobody lives there is nobody to reach."""
    return np.asarray((known - off >= LEAST_SHARE * known) & ~np.isnan(known))


def figures_of(connection: Connection, query: Query, areas: Areas, known: Floats) -> Values:
    """The measure over the residents whom a street reaches."""
    if not loaded(connection, "project"):
        known = np.full(len(areas), np.nan)
    carried = cells_are_carried(connection, query.year)
    if query.measure.code in CATCHMENT:
        supply = kept(connection, query, areas, FOOT.format(measure=CATCHMENT[query.measure.code])) / MILLIONTHS
        return access_of(np.where(np.isnan(known), np.nan, supply), known, carried)
    if query.measure.unit is Unit.METRES:
        metres = kept(connection, query, areas, "nearest_resident_foot_m") / THOUSANDTHS
        values = mean_way(metres, people_within(connection, query, areas, FARTHEST_M, ON_FOOT), known, carried)
        return without(values, hidden_within(connection, query, areas, FARTHEST_M, ON_FOOT))
    near = people_within(connection, query, areas, query.distance_m, ON_FOOT)
    values = of_residents(np.where(np.isnan(known), np.nan, near), known, carried)
    return without(values, hidden_within(connection, query, areas, query.distance_m, ON_FOOT))


def said(query: Query) -> Message:
    """How far a walk is."""
    if not query.measure.distance:
        return Message(MEAN_WALKED, {"speed": SPEED_KMH, "ten": round(10 * METRES_A_MINUTE)})
    told = {"distance": query.distance_m, "minutes": minutes(query.distance_m), "speed": SPEED_KMH}
    return Message(WALKED, told)


def network_notes(known: Floats, off: Floats) -> tuple[Message, ...]:
    """Which part of the residents the streets reach, how many they do not, and where they reach too few."""
    every, left_out = float(np.nansum(known)), round(float(off.sum()))
    if not every:
        return ()
    # whole percents, never 100 while somebody is left out
    notes = [Message(ON_NETWORK, {"share": int(100 * (every - left_out) / every)})]
    if left_out and not few(np.array([left_out]), settings().small_count)[0]:
        notes.append(Message(OFF, {"count": left_out}))
    too_few = int((~reached_enough(known, off) & ~np.isnan(known)).sum())
    return (*notes, Message(TOO_FEW, {"count": too_few})) if too_few else tuple(notes)


def not_known(connection: Connection, query: Query) -> Message | None:
    """Why there are no distances on foot for a year; None when there are."""
    code = query.measure.code
    kept_as = FOOT.format(measure=CATCHMENT[code]) if code in CATCHMENT else "nearest_resident_foot_m"
    counted_already, streets = connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM published.reach_on_foot WHERE period = :year)"
            " AND (:any OR EXISTS (SELECT FROM published.tally WHERE measure = :kept AND period = :year)),"
            " EXISTS (SELECT FROM published.street_network)"
        ),
        {"year": query.year, "kept": kept_as, "any": code not in CATCHMENT},
    ).one()
    if counted_already:
        return None
    return Message(NOT_COUNTED if streets else NO_STREETS)


def streets_loaded(connection: Connection) -> bool:
    """Whether there is anything to walk along."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM published.street_network)")))


def sources(connection: Connection) -> tuple[str, ...]:
    """Whose streets are walked: those of the newest network."""
    return tuple(connection.scalars(text("SELECT source FROM published.street_network ORDER BY id DESC LIMIT 1")))


MEASURED = ("within_distance_share", "nearest_project_m", *CATCHMENT)
COLUMNS = dict.fromkeys(MEASURED, columns)
