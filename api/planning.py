"""How does a request become a plan of places? Greedy at once, the proven one by a job; what-if on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from fastapi import Request

from api.deps import Visit
from api.jobs import Job, Jobs, jobs_of
from api.questions import Asked
from geo.analysis import rests_on, siting
from geo.analysis.areas import Areas, Query
from geo.analysis.siting import Candidates, Goal, Plan, Supposed
from geo.errors import N_, BadInput
from geo.store.engine import Database
from geo.store.locate import check_position, locate

WAIT_S = 1.5
REFERENCES = {
    Goal.MOST_REACHED: "MCLP: Church & ReVelle 1974", Goal.EVERYBODY: "LSCP: Toregas et al. 1971",
    Goal.SHORTEST_MEAN: "p-median: Hakimi 1964", Goal.SHORTEST_LONGEST: "p-centre: Hakimi 1964",
}  # fmt: skip


def jobs(request: Request) -> Jobs:
    """The jobs of this application."""
    return jobs_of(request.app)


def planned(
    visit: Visit, database: Database, asked: Asked, sites: int, candidates: Candidates, goal: Goal = Goal.MOST_REACHED,
    wait_s: float = WAIT_S,
) -> tuple[Plan, Job]:  # fmt: skip
    """The best plan known now, and the job that looks for a better or proven one."""
    query = asked.query(visit, "within_distance_share")
    key = ("siting", id(database), query, sites, candidates, goal, visit.data_version)

    def work(job: Job) -> Plan:
        with database.computing() as connection:
            return siting.plan(connection, query, sites, candidates, goal=goal, progress=job)

    def at_once() -> Plan:
        with database.computing() as connection:
            return siting.plan(connection, query, sites, candidates, goal=goal, time_limit=0)

    greedy: Plan = visit.remember(("greedy", query, sites, candidates, goal), at_once)
    if greedy.proven:
        return greedy, finished(greedy)
    job = jobs(visit.request).of(key, work, wait_s)
    return (greedy if job.running else job.result.result()), job


def finished(plan: Plan) -> Job:
    """A job that had nothing left to do."""
    done: Future[Any] = Future()
    done.set_result(plan)
    return Job(done)


def plan_json(visit: Visit, query: Query, plan: Plan, job: Job) -> dict[str, Any]:
    """The shape of /api/siting."""
    areas = Areas.load(visit.connection, query.kind, query.day)
    return {
        "question": "siting",
        "period": str(plan.year),
        "theme": plan.theme or None,
        "distance_m": plan.distance_m,
        "by": query.by,
        "base": "residents",
        "method": {"chapter": "/docs/method/siting", "reference": REFERENCES[plan.goal]},
        "sources": sorted(rests_on.sources(visit.connection, query, areas)),
        "data_version": visit.data_version,
        "candidates": plan.candidates,
        "goal": plan.goal.value,
        "before_m": plan.before_m,
        "after_m": plan.after_m,
        "status": plan.status.value,
        "proven": plan.proven,
        "gap": plan.gap,
        "bound": plan.bound,
        "seconds": plan.seconds,
        "residents": plan.residents.value,
        "before": plan.curve[0].value,
        "reached": plan.curve[-1].value,
        "curve": [value.value for value in plan.curve],
        "sites": [
            {"lat": place.lat, "lon": place.lon, "name": place.name, "gain": place.gain.value,
             "missing_reason": place.gain.missing_reason, "territories": around(visit, query, place.lat, place.lon)}
            for place in plan.places
        ],
        "notes": [visit.say(note) for note in plan.notes],
        "job": {"running": job.running, "done": job.done, "of": job.of},
    }  # fmt: skip


def around(visit: Visit, query: Query, lat: float, lon: float) -> list[dict[str, str]]:
    """The territories a point lies in."""
    return [
        {"kind": each.kind.value, "territory": each.code, "name": (each.names or {}).get(visit.lang) or each.name or ""}
        for each in locate(visit.connection, lat, lon, query.day)
        if each.code is not None
    ]


def points_of(texts: Sequence[str]) -> list[tuple[float, float]]:
    """(lat, lon) from "LAT,LON" texts; BadInput for anything else."""
    points = []
    for each in texts:
        try:
            lat, lon = (float(part) for part in each.split(","))
        except ValueError:
            raise BadInput(
                N_("“{point}” is not a point."), remedy=N_("Write latitude and longitude: 51.53,46.03."),
                point=each[:60], field="point",
            ) from None  # fmt: skip
        points.append(check_position(lat, lon))
    return points


def supposed(visit: Visit, database: Database, asked: Asked, points: Sequence[tuple[float, float]]) -> Supposed:
    """Reach with these points added."""
    query = replace(asked.query(visit, "within_distance_share"), codes=())
    with database.computing() as connection:
        return siting.suppose(connection, query, points, visit.lang)


def supposed_json(visit: Visit, found: Supposed, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """The shape of /api/what-if."""
    return {
        **found.answer.as_dict(visit.say),
        "newly_reached": found.newly.value,
        "newly_missing_reason": found.newly.missing_reason,
        "points": [
            {"lat": lat, "lon": lon, "alone": value.value, "missing_reason": value.missing_reason}
            for (lat, lon), value in zip(points, found.alone, strict=True)
        ],
    }
