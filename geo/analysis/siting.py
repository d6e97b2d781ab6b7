"""Where should the next projects go, and what if one stood here? Over population cells, with what is finished fixed.

Residents of single cells are not public. They are read here through `Database.computing`, cells of fewer people than
may be shown are counted together with their nearest neighbour first, and only sums leave this module: no two answers
differ by fewer people than that. Candidates are cell centres or public institutions, never private addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis import coverage, on_foot, rests_on
from geo.analysis.areas import Areas, Query, answer, loaded, no_boundaries
from geo.analysis.arrays import Bools, Floats, Ints
from geo.analysis.cells import Cells, Vintages
from geo.analysis.distance import Pairs, pairs_within
from geo.analysis.figure import Unit
from geo.analysis.measures import Measure
from geo.analysis.reach import Sites
from geo.analysis.result import Answer, Value
from geo.analysis.siting_model import (
    Demand,
    Siting,
    Status,
    cover_all,
    least_distance,
    least_worst,
    reach_curve,
    what_if,
)
from geo.analysis.told import Told
from geo.analysis.walking import Streets, Walks
from geo.errors import N_, BadInput, Message, NotFound, TooLarge
from geo.progress import SILENT, Progress
from geo.settings import settings
from geo.vocabulary import OrganisationKind, PopulationBase

MOST_SITES, MOST_POINTS, MOST_PAIRS = 10, 5, 20_000_000
TIME_LIMIT_S = 10.0
# ways longer than this are not told apart
WAY_M = 5000.0
STRAIGHT = N_("Distances are straight lines; residents are counted at the middle of their cells.")
ALONG = N_("Distances run along the streets; residents are counted at the middle of their cells.")
OFF_STREETS = N_("Point {number} is farther than 300 m from every street: nobody is counted as walking there.")
NO_CELLS = N_("No population cells are loaded: there is nobody to reach.")
WHAT_IF = Measure(
    "reach_with_points", "what_if", N_("residents near a finished project, with the points"), Unit.SHARE,
    PopulationBase.RESIDENTS, distance=True, chapter="siting", reference="Church & ReVelle 1974", register="project",
    walkable=True,
)  # fmt: skip


class Candidates(StrEnum):
    """What a new project may be put on."""

    CELLS = "cells"  # the centres of inhabited cells
    INSTITUTIONS = "institutions"  # published places of institutions


class Goal(StrEnum):
    """What the places are chosen for."""

    MOST_REACHED = "most_reached"  # most residents within the distance (MCLP)
    EVERYBODY = "everybody"  # as few places as bring everybody within the distance (LSCP)
    SHORTEST_MEAN = "shortest_mean"  # the shortest way on average (p-median)
    SHORTEST_LONGEST = "shortest_longest"  # the shortest longest way (p-centre)


# goals that are a length: of every cell to every place within 5 km, too many to walk
IN_METRES = (Goal.SHORTEST_MEAN, Goal.SHORTEST_LONGEST)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Inhabited cells of a year: centre (lon/lat), residents, metres to the nearest finished project (NaN beyond 5 km).

    `position` says which of them each stored cell is, -1 for those left out: without people of their own, or with
    `walks`, along which metres run then, those no street reaches.
    """

    centre: Floats
    people: Floats
    present_m: Floats
    cells: Cells
    position: Ints
    walks: Walks | None = None
    said: tuple[Message, ...] = (Message(STRAIGHT),)

    def pairs(self, points: Floats, farthest_m: float, wanted: Bools | None = None) -> Pairs:
        """Cells (the wanted ones) and points (lon/lat) at most so far from each other."""
        rows = np.arange(len(self.centre)) if wanted is None else np.flatnonzero(wanted)
        if self.walks is None:
            near = pairs_within(self.centre[rows], points, farthest_m)
            return Pairs(rows[near.cell], near.site, near.distance_m)
        near = self.walks.pairs(points, farthest_m)
        kept = np.isin(near.cell, rows)
        return Pairs(near.cell[kept], near.site[kept], near.distance_m[kept])

    def metres(self, points: Floats, farthest_m: float) -> Floats:
        """Metres from each cell (rows) to each point (columns), NaN beyond."""
        table = np.full((len(self.centre), len(points)), np.nan)
        near = self.pairs(points, farthest_m)
        table[near.cell, near.site] = near.distance_m
        return table

    @property
    def residents(self) -> float:
        """All residents counted."""
        return float(self.people.sum())


@dataclass(frozen=True, slots=True)
class Place:
    """A chosen site: where, its key, what stands there (institutions), and whom it adds to those before it."""

    lat: float
    lon: float
    key: str
    name: str
    gain: Value


@dataclass(frozen=True, slots=True)
class Plan:
    """The next places, best first, with what is known about how good they are.

    `curve` holds the residents reached with 0, 1, 2 … further sites; `bound` residents that no choice can exceed.
    """

    places: tuple[Place, ...]
    curve: tuple[Value, ...]
    residents: Value
    status: Status
    gap: float | None
    bound: float | None
    seconds: float
    candidates: int
    distance_m: int
    year: int
    theme: str
    notes: tuple[Message, ...]
    goal: Goal = Goal.MOST_REACHED
    before_m: float | None = None
    after_m: float | None = None

    @property
    def proven(self) -> bool:
        """Whether no other choice can be better."""
        return self.status is Status.OPTIMAL


def ground(connection: Connection, query: Query) -> Ground:
    """The cells a plan rests on. Raises NotFound when there are none."""
    cells = Vintages(connection).of(query.year)
    if cells is None:
        raise NotFound(NO_CELLS, remedy=N_("Load cells with `okruga load population`."))
    people, centres = np.nan_to_num(cells.residents), cells.centres()
    streets = streets_of(connection) if query.on_foot else None
    off = Walks.of(streets, centres).off if streets else np.zeros(len(people), dtype=bool)
    kept = np.flatnonzero((people > 0) & ~off)
    position = np.full(len(people), -1)
    position[kept] = np.arange(len(kept))
    walks = Walks.of(streets, centres[kept]) if streets else None
    sites = Sites.load(connection, query.year)
    metres = sites.distances(query.theme or "", centres[kept], walks.nearest_m if walks else None)
    said = walked_notes(query, people, off) if streets else (Message(STRAIGHT),)
    return Ground(centres[kept], people[kept], metres, cells, position, walks, said)


def streets_of(connection: Connection) -> Streets:
    """The loaded street network. Raises NotFound without one."""
    streets = Streets.load(connection)
    if streets is None:
        raise NotFound(
            N_("No streets are loaded: distances on foot are not known."),
            remedy=N_("Measure in a straight line, or load streets with `okruga load osm FILE`."),
        )
    return streets


def walked_notes(query: Query, people: Floats, off: Bools) -> tuple[Message, ...]:
    """How far a walk is and whom the streets reach. Raises NotFound where they reach fewer than half."""
    left_out = np.where(off, people, 0.0)
    if not on_foot.reached_enough(people.sum(keepdims=True), left_out.sum(keepdims=True))[0]:
        raise NotFound(
            N_("The loaded streets reach fewer than half of the residents: places on foot would be those of the few."),
            remedy=N_("Measure in a straight line, or load the streets of the whole area."),
        )
    return (on_foot.said(query), *on_foot.network_notes(people, left_out)[:2], Message(ALONG))


def plan(
    connection: Connection, query: Query, sites: int, candidates: Candidates = Candidates.CELLS, *,
    goal: Goal = Goal.MOST_REACHED, time_limit: float = TIME_LIMIT_S, progress: Progress = SILENT,
) -> Plan:  # fmt: skip
    """The next `sites` places for a goal: usually those that bring most residents within the query's distance of a
    project. `everybody` finds out itself how many it takes.

    A time limit of 0 gives the greedy answer at once. Raises NotFound without cells or candidates, BadInput for too
    many sites, TooLarge when there are too many pairs to compare.
    """
    if not 1 <= sites <= MOST_SITES:
        raise BadInput(
            N_("{count} sites cannot be planned at once."), remedy=N_("Ask for 1 to {most}."), count=sites,
            most=MOST_SITES, field="sites",
        )  # fmt: skip
    if query.on_foot and goal in IN_METRES:
        raise BadInput(
            N_("The shortest way is not looked for on foot."),
            remedy=N_("Choose residents within the distance, or straight lines."), field="by",
        )  # fmt: skip
    here = ground(connection, query)
    keys, names, points = places_for(connection, here, candidates)
    if goal is not Goal.MOST_REACHED:
        return other_plan(here, query, sites, goal, keys, names, points, time_limit)
    demand = demand_of(here, keys, points, query.distance_m)
    curve = reach_curve(demand, sites, query.distance_m, time_limit=time_limit / sites, progress=progress)
    return described(here, query, curve, keys, names, points)


def other_plan(
    here: Ground, query: Query, sites: int, goal: Goal, keys: Sequence[str], names: Sequence[str], points: Floats,
    time_limit: float,
) -> Plan:  # fmt: skip
    """A plan for one of the other goals; the curve says how many residents its places bring within the distance."""
    far = float(query.distance_m if goal is Goal.EVERYBODY else WAY_M)
    demand = demand_of(here, keys, points, far, every=goal is not Goal.EVERYBODY)
    if goal is Goal.EVERYBODY:
        found = cover_all(demand, far, time_limit=time_limit)
    elif goal is Goal.SHORTEST_MEAN:
        found = least_distance(demand, sites, WAY_M, time_limit=time_limit)
    else:
        found = least_worst(demand, sites, time_limit=time_limit)
    reached = running(here, points[list(found.chosen)], query.distance_m)
    in_metres = goal in IN_METRES
    return Plan(
        places=tuple(
            Place(round(float(points[row][1]), 6), round(float(points[row][0]), 6), keys[row], names[row],
                  people(reached[at + 1] - reached[at]))
            for at, row in enumerate(found.chosen)
        ),
        curve=tuple(people(each) for each in reached), residents=people(here.residents), status=found.status,
        gap=None if found.gap is None else float(found.gap), bound=None if found.bound is None else float(found.bound),
        seconds=round(found.seconds, 2), candidates=len(keys), distance_m=query.distance_m, year=query.year,
        theme=query.theme or "", notes=goal_notes(here, found, goal), goal=goal,
        before_m=round(found.before) if in_metres and found.before is not None else None,
        after_m=round(found.objective) if in_metres and found.objective is not None else None,
    )  # fmt: skip


def running(here: Ground, points: Floats, distance_m: int) -> list[float]:
    """Residents within the distance today, with the first place, with the first two …"""
    near = here.present_m <= distance_m
    found = [float(here.people[near].sum())]
    for column in here.metres(points, distance_m).T:
        near = near | (column <= distance_m)
        found.append(float(here.people[near].sum()))
    return found


def goal_notes(here: Ground, found: Siting, goal: Goal) -> tuple[Message, ...]:
    """How sure the answer is, and whom it leaves out."""
    said = []
    if found.out_of_reach:
        left = people(float(here.people[list(found.out_of_reach)].sum()))
        said.append(
            Message(N_("{count} residents are out of reach of every candidate."), {"count": round(left.value or 0)})
            if left.value is not None
            else Message(N_("Some residents are out of reach of every candidate."))
        )
    if not found.chosen:
        said.append(Message(N_("No choice of that many places serves everybody within 5 km; choose more places.")))
    elif found.status is Status.OPTIMAL:
        said.append(Message(N_("Proven: no other choice is better.")))
    elif found.status is Status.NOT_PROVEN:
        # the gap is a share of the bound; what is to be made small can shrink by a share of itself
        share = (found.gap or 0.0) / (1 + (found.gap or 0.0))
        said.append(
            Message(N_("Not proven optimal: another choice could be at most {share} % better."),
                    {"share": round(100 * share, 2)})
        )  # fmt: skip
    if goal is Goal.SHORTEST_MEAN:
        said.append(Message(N_("Whoever has no project within 5 km is counted with a way of 5 km.")))
    return (*said, *here.said)


def demand_of(here: Ground, keys: Sequence[str], points: Floats, distance_m: float, *, every: bool = False) -> Demand:
    """Cells not reached yet (or every cell) against candidates within the distance."""
    pairs = here.pairs(points, distance_m, ~(here.present_m <= distance_m) | every)
    if len(pairs.cell) > MOST_PAIRS:
        raise TooLarge(N_("There are too many places to compare."), remedy=N_("Choose a shorter distance."))
    return Demand.of(here.people, keys, pairs.cell, pairs.site, pairs.distance_m, here.present_m)


def places_for(connection: Connection, here: Ground, candidates: Candidates) -> tuple[list[str], list[str], Floats]:
    """Keys, names and positions of the candidates."""
    if candidates is Candidates.CELLS:
        keys = [f"{lat:.6f},{lon:.6f}" for lon, lat in here.centre.tolist()]
        return keys, [""] * len(keys), here.centre
    rows = connection.execute(
        text(
            "SELECT p.id, o.title, ST_X(ST_PointOnSurface(p.geom)), ST_Y(ST_PointOnSurface(p.geom))"
            " FROM published.place p JOIN published.organisation o ON o.id = p.entry_id"
            " WHERE o.organisation_kind = :kind AND p.public_precision = 'exact' ORDER BY p.id"
        ),
        {"kind": OrganisationKind.INSTITUTION},
    ).all()
    if not rows:
        raise NotFound(
            N_("No public institutions with a place are loaded."), remedy=N_("Choose the centres of cells instead.")
        )
    points = np.array([row[2:] for row in rows], dtype=float)
    return [f"{row[0]:012d}" for row in rows], [row[1] for row in rows], points


def described(
    here: Ground, query: Query, curve: Sequence[Siting], keys: Sequence[str], names: Sequence[str], points: Floats
) -> Plan:
    """The plan in public figures."""
    last = curve[-1]
    return Plan(
        places=tuple(
            Place(round(float(points[row][1]), 6), round(float(points[row][0]), 6), keys[row], names[row], people(gain))
            for row, gain in zip(last.chosen, last.gains, strict=True)
            if gain > 0
        ),
        curve=tuple(people(each) for each in (last.before, *(step.objective for step in curve))),
        residents=people(here.residents),
        status=last.status,
        gap=None if last.gap is None else float(last.gap),
        bound=None if last.bound is None else float(np.ceil(last.bound - 1e-6)),
        seconds=round(sum(step.seconds for step in curve), 2),
        candidates=len(keys),
        distance_m=query.distance_m,
        year=query.year,
        theme=query.theme or "",
        notes=notes(last, here),
    )


def people(count: float | None) -> Value:
    """A number of residents as the public may see it."""
    whole = float(round(float(count or 0.0)))
    found = Value(whole, Unit.PEOPLE, base=PopulationBase.RESIDENTS, counts_people=True)
    return found.published(settings().small_count)


def notes(found: Siting, here: Ground) -> tuple[Message, ...]:
    """How sure the answer is, and what it does not know."""
    proven = Message(N_("Proven: no other choice of places reaches more residents."))
    unsure = Message(
        N_("Not proven optimal: another choice could reach at most {share} % more residents."),
        {"share": round(100 * (found.gap or 0.0), 2)},
    )
    return (proven if found.status is Status.OPTIMAL else unsure, *here.said)


# --- what if ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Supposed:
    """Reach with the points added: per territory with `before` as a part, in all, and what each point alone adds."""

    answer: Answer
    alone: tuple[Value, ...]
    newly: Value


def suppose(connection: Connection, query: Query, points: Sequence[tuple[float, float]], lang: str = "ru") -> Supposed:
    """What the share of residents near a project would be with up to five (lat, lon) points; nothing is stored.

    Raises BadInput for no or too many points, NotFound without cells or boundaries.
    """
    if not 1 <= len(points) <= MOST_POINTS:
        raise BadInput(
            N_("What-if takes 1 to {most} points."), remedy=N_("Give each as point=LAT,LON."), most=MOST_POINTS,
            field="point",
        )  # fmt: skip
    areas = Areas.load(connection, query.kind.value, query.day)
    if not len(areas):
        raise no_boundaries(query)
    here = ground(connection, query)
    lonlat = np.array([(lon, lat) for lat, lon in points])
    metres = here.metres(lonlat, query.distance_m)
    whole = what_if(here.people, here.present_m, metres, query.distance_m, np.zeros(len(here.people), np.int64), 1)
    asked = replace(query, measure=WHAT_IF)
    told = by_area(here, areas, metres, query.distance_m, loaded(connection, "project"), here.cells.year != query.year)
    city = Value(
        float(whole.after[0] / whole.people[0]), Unit.SHARE, numerator=float(whole.after[0]),
        denominator=float(whole.people[0]), base=PopulationBase.RESIDENTS, counts_people=True,
        parts={"before": Value(float(whole.before[0] / whole.people[0]), Unit.SHARE, base=PopulationBase.RESIDENTS)},
    ) if whole.people[0] > 0 else None  # fmt: skip
    found = answer(
        connection, asked, areas, told, whole=city, sources=rests_on.sources(connection, asked, areas),
        notes=(*here.said, *off_streets(here, lonlat)), lang=lang,
    )  # fmt: skip
    added = float(whole.after[0] - whole.before[0])
    return Supposed(
        found.published(settings().small_count, settings().rate_min_base),
        tuple(people(each) for each in whole.alone.tolist()),
        people(added),
    )


def off_streets(here: Ground, points: Floats) -> tuple[Message, ...]:
    """Which of the visitor's points nobody can walk to."""
    if here.walks is None:
        return ()
    _, away = here.walks.streets.snap(points)
    return tuple(Message(OFF_STREETS, {"number": at + 1}) for at in np.flatnonzero(np.isnan(away)).tolist())


def by_area(
    here: Ground, areas: Areas, metres: Floats, distance_m: int, any_project: bool, carried: bool = False
) -> Told:
    """Shares before and after in each territory; a cell cut by a border counts with its share of area."""
    cell, area, share = pieces(here, areas)
    living = np.nan_to_num(here.cells.residents[cell]) * share
    stands_for = here.position[cell]
    found = what_if(living, here.present_m[stands_for], metres[stands_for], distance_m, area, len(areas))
    known = np.bincount(area, minlength=len(areas)) > 0
    total = np.where(known, found.people, np.nan)
    before = found.before if any_project else np.full(len(areas), np.nan)
    columns = [
        coverage.of_residents(np.where(known, column, np.nan), total, carried) for column in (found.after, before)
    ]
    return Told(columns[0].with_parts(before=columns[1]))


def pieces(here: Ground, areas: Areas) -> tuple[Ints, Ints, Floats]:
    """Stored cell, area and share of each part of an inhabited cell that lies in one of the areas."""
    inside: Bools = np.isin(here.cells.boundary, areas.boundary) & (here.position[here.cells.cell] >= 0)
    area = np.array([areas.position[int(each)] for each in here.cells.boundary[inside]], dtype=np.int64)
    return here.cells.cell[inside], area, here.cells.share[inside]
