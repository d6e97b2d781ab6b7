"""Who has a finished project within a walk? Coverage distances along the streets instead of in a straight line.

Counted like the straight ones, from `reach_on_foot` and the tally. Residents whose cell no street of the network leads
to are left out on both sides, and named: for them the distance on foot is not known.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, counted, loaded
from geo.analysis.arrays import Floats, divided
from geo.analysis.cells import THOUSANDTHS
from geo.analysis.coverage import ON_FOOT, hidden_within, kept, people_within, without
from geo.analysis.distance import FARTHEST_M
from geo.analysis.figure import NO_DATA, NO_OBJECTS, NO_RESIDENTS, Unit
from geo.analysis.result import Values
from geo.analysis.told import Told
from geo.analysis.walking import METRES_A_MINUTE, minutes
from geo.errors import N_, Message
from geo.vocabulary import PopulationBase

NO_STREETS = N_("No streets are loaded, so distances on foot are not known: `okruga load osm FILE` brings them.")
NOT_COUNTED = N_("Distances on foot are not counted for this year, or not yet.")
WALKED = N_("On foot along the streets: {distance} m, about {minutes} minutes at {speed} km/h.")
MEAN_WALKED = N_("On foot along the streets at {speed} km/h: 10 minutes are {ten} m.")
OFF = N_("For {count} residents no street of the loaded network is within 300 m: they are left out.")
RESIDENTS = PopulationBase.RESIDENTS
SPEED_KMH = METRES_A_MINUTE * 60 / 1000


def columns(connection: Connection, query: Query, areas: Areas) -> Told:
    """`within_distance_share` or `nearest_project_m` on foot."""
    known = counted(connection, areas, "cell_residents", query.year, missing=np.nan) / THOUSANDTHS
    why = not_known(connection, query.year)
    if why is not None:
        nothing = np.full(len(areas), np.nan)
        if query.measure.unit is Unit.METRES:
            return Told(Values.build(nothing, Unit.METRES, base=RESIDENTS), notes=(why,))
        return Told(share(nothing, known), notes=(why,))
    off = np.minimum(counted(connection, areas, "off_street_residents", query.year) / THOUSANDTHS, np.nan_to_num(known))
    found = (
        nearest(connection, query, areas, known - off)
        if query.measure.unit is Unit.METRES
        else within(connection, query, areas, known - off)
    )
    left_out = round(float(off.sum()))
    notes = (said(query), *((Message(OFF, {"count": left_out}),) if left_out else ()))
    return Told(found, notes=notes)


def said(query: Query) -> Message:
    """How far a walk is."""
    if query.measure.unit is Unit.METRES:
        return Message(MEAN_WALKED, {"speed": f"{SPEED_KMH:g}", "ten": round(10 * METRES_A_MINUTE)})
    told = {"distance": query.distance_m, "minutes": minutes(query.distance_m), "speed": f"{SPEED_KMH:g}"}
    return Message(WALKED, told)


def not_known(connection: Connection, year: int) -> Message | None:
    """Why there are no distances on foot for a year; None when there are."""
    counted_already, streets = connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM published.reach_on_foot WHERE period = :year),"
            " EXISTS (SELECT FROM published.street_network)"
        ),
        {"year": year},
    ).one()
    if counted_already:
        return None
    return Message(NOT_COUNTED if streets else NO_STREETS)


def share(people: Floats, known: Floats) -> Values:
    return Values.ratio(people, known, Unit.SHARE, base=RESIDENTS, counts_people=True)


def within(connection: Connection, query: Query, areas: Areas, known: Floats) -> Values:
    """Residents whose nearest finished project is within the distance on foot, over those on the network."""
    if not loaded(connection, "project"):
        return share(np.full(len(areas), np.nan), known)
    near = people_within(connection, query, areas, query.distance_m, ON_FOOT)
    values = share(np.where(np.isnan(known), np.nan, near), known)
    return without_few(connection, query, areas, query.distance_m, values)


def without_few(connection: Connection, query: Query, areas: Areas, distance_m: int, values: Values) -> Values:
    """The figures without those that would tell a few residents."""
    return without(values, hidden_within(connection, query, areas, distance_m, ON_FOOT))


def nearest(connection: Connection, query: Query, areas: Areas, known: Floats) -> Values:
    """Mean metres on foot of the residents who have a finished project within 5 km, the part `reached`."""
    if not loaded(connection, "project"):
        known = np.full(len(areas), np.nan)
    metres = kept(connection, query, areas, "nearest_resident_foot_m") / THOUSANDTHS
    reached = people_within(connection, query, areas, FARTHEST_M, ON_FOOT)
    missing = np.where(
        np.isnan(known), NO_DATA, np.where(known == 0, NO_RESIDENTS, np.where(reached == 0, NO_OBJECTS, 0))
    )
    values = Values.build(
        divided(metres, reached), Unit.METRES, numerator=metres, denominator=reached, base=RESIDENTS, missing=missing
    )
    return without_few(connection, query, areas, FARTHEST_M, values.with_parts(reached=share(reached, known)))


COLUMNS = dict.fromkeys(("within_distance_share", "nearest_project_m"), columns)
