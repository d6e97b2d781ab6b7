"""Where should the next projects go? The plan as JSON, and the page with controls, picture and table."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.deps import JSON, PageReading, Reading, TheDatabase, Visit, dumps
from api.frame import frame
from api.outlines import outlines
from api.planning import around, plan_json, planned, points_of, supposed
from api.questions import Asked, AskedOf, MethodNote, Way
from geo.analysis import areas
from geo.analysis.questions import chosen_kind, default_year
from geo.analysis.siting import MOST_POINTS, MOST_SITES, Candidates, Goal, Plan, Supposed
from geo.errors import Message, OkrugaError
from geo.store.engine import Database
from geo.vocabulary import MissingReason, TerritoryKind, Theme
from maps.pages import Cell, render
from maps.siting import SiteRow, SitingPage, SupposedRow

router = APIRouter(tags=["questions"])
pages = APIRouter()


class SiteTerritory(BaseModel):
    """A territory a site lies in."""

    kind: TerritoryKind
    territory: str
    name: str


class Site(BaseModel):
    """A place for a project, and how many residents it adds to those reached before it."""

    lat: float
    lon: float
    name: str
    gain: float | None
    missing_reason: MissingReason | None
    territories: list[SiteTerritory]


class Running(BaseModel):
    """Whether a better or proven answer is being looked for, and how far that is."""

    running: bool
    done: int
    of: int | None


class SitingAnswer(BaseModel):
    """The next places, best first, and how good they are."""

    question: str
    period: str
    theme: Theme | None
    distance_m: int
    by: Way
    base: str
    method: MethodNote
    sources: list[str]
    data_version: int
    candidates: int
    goal: Goal
    before_m: float | None
    after_m: float | None
    status: str
    proven: bool
    gap: float | None
    bound: float | None
    seconds: float
    residents: float | None
    before: float | None
    reached: float | None
    curve: list[float | None]
    sites: list[Site]
    notes: list[str]
    job: Running


SitesOf = Annotated[int, Query(ge=1, le=MOST_SITES, description="How many places.")]
GoalOf = Annotated[Goal, Query(description="What the places are chosen for.")]
CandidatesOf = Annotated[Candidates, Query(description="What a project may be put on.")]


@router.get("/api/siting", response_model=SitingAnswer, summary="Where should the next projects go?")
def siting(
    visit: Reading, database: TheDatabase, asked: AskedOf, sites: SitesOf = 3,
    candidates: CandidatesOf = Candidates.CELLS, goal: GoalOf = Goal.MOST_REACHED,
) -> Response:  # fmt: skip
    """The greedy answer comes at once; while a job looks for the proven one, `job.running` says so: ask again."""
    plan, job = planned(visit, database, asked, sites, candidates, goal)
    told = plan_json(visit, asked.query(visit, "within_distance_share"), plan, job)
    if job.running:
        return Response(dumps(told), media_type=JSON, headers={"Cache-Control": "no-store"})
    return visit.json(lambda: told)


@pages.get("/map/siting")
def siting_page(
    visit: PageReading, database: TheDatabase, asked: AskedOf, sites: SitesOf = 3,
    candidates: CandidatesOf = Candidates.CELLS, goal: GoalOf = Goal.MOST_REACHED,
    point: Annotated[list[str] | None, Query(max_length=MOST_POINTS, description="LAT,LON")] = None,
) -> Response:  # fmt: skip
    page = content(visit, database, asked, sites, candidates, goal, [each for each in point or () if each.strip()])
    answer = visit.page(lambda: render(page))
    if page.running:
        answer.headers["Cache-Control"] = "no-store"
        del answer.headers["ETag"]
    return answer


def content(
    visit: Visit, database: Database, asked: Asked, sites: int, candidates: Candidates, goal: Goal, texts: list[str]
) -> SitingPage:
    """The page; what cannot be computed is said on it, and the controls stay."""
    kind = chosen_kind(visit.connection, asked.kind)
    year = asked.period or str(default_year(visit.connection))
    asked = Asked(kind, year, asked.theme, asked.distance_m, on_foot=asked.on_foot)
    plan: Plan | None = None
    running, done, of = False, 0, 0
    found: Supposed | None = None
    problems: list[Message] = []
    points: list[tuple[float, float]] = []
    try:
        points = points_of(texts)
        if points:
            found = supposed(visit, database, asked, points)
    except OkrugaError as error:
        problems += [each for each in (error.message, error.remedy) if each.msgid]
    try:
        plan, job = planned(visit, database, asked, sites, candidates, goal)
        running, done, of = job.running, job.done, job.of or 0
    except OkrugaError as error:
        problems += [each for each in (error.message, error.remedy) if each.msgid]
    return SitingPage(
        frame=frame(visit), kind=kind, kinds=kinds(visit), period=year, theme=asked.theme,
        periods=tuple(str(each) for each in areas.periods(visit.connection)), distance_m=asked.distance_m,
        count=sites, most=MOST_SITES, candidates=candidates.value, running=running, done=done, of=of,
        sites=site_rows(visit, asked, plan), status=plan.status.value if plan else "",
        before=plan.curve[0].value if plan else None, residents=plan.residents.value if plan else None,
        curve=tuple(value.value for value in plan.curve) if plan else (), on_foot=asked.on_foot,
        notes=plan.notes if plan else (),
        outlines=tuple(ring for rings in outlines(visit, kind, int(year)).values() for ring in rings),
        points=tuple(points), texts=tuple(texts), most_points=MOST_POINTS, supposed=supposed_rows(found),
        newly=found.newly.value if found else None,
        supposed_notes=notes_of(found, plan),
        alone=tuple(value.value for value in found.alone) if found else (), problems=tuple(problems),
        api_query=visit.request.url.query, goal=goal.value, before_m=plan.before_m if plan else None,
        after_m=plan.after_m if plan else None,
    )  # fmt: skip


def notes_of(found: Supposed | None, plan: Plan | None) -> tuple[Message, ...]:
    """What is said of the visitor's points and not of the plan already."""
    said = plan.notes if plan else ()
    return tuple(note for note in found.answer.notes if note not in said) if found else ()


def kinds(visit: Visit) -> tuple[TerritoryKind, ...]:
    return tuple(each for each in areas.kinds(visit.connection) if each != TerritoryKind.TOS_TERRITORY)


def site_rows(visit: Visit, asked: Asked, plan: Plan | None) -> tuple[SiteRow, ...]:
    """The chosen places with the territory of the asked kind they lie in."""
    if plan is None:
        return ()
    query = asked.query(visit, "within_distance_share")
    return tuple(
        SiteRow(
            lat=place.lat,
            lon=place.lon,
            name=place.name,
            gain=place.gain.value,
            missing=place.gain.missing_reason,
            territory=", ".join(
                each["name"] for each in around(visit, query, place.lat, place.lon) if each["kind"] == asked.kind
            ),
        )
        for place in plan.places
    )


def supposed_rows(found: Supposed | None) -> tuple[SupposedRow, ...]:
    """Territories whose share changes, most first, then the others by name; those without a figure last."""
    if found is None:
        return ()
    rows = []
    for row in found.answer.rows:
        before = row.value.parts.get("before")
        old = before.value if before else None
        change = None if row.value.value is None or old is None else row.value.value - old
        rows.append(SupposedRow(
            name=row.name, change=change,
            before=Cell(value=old, missing=before.missing_reason if before else row.value.missing_reason),
            after=Cell(value=row.value.value, missing=row.value.missing_reason, numerator=row.value.numerator,
                       denominator=row.value.denominator),
        ))  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.change is None, -(row.change or 0.0), row.name)))
