"""Where is the address somebody types? Candidates of the offline geocoder with how sure it is, and why."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.deps import Reading, Visit
from api.geocoder import answer_of, completions_of, today
from geo.geocode.answer import Answer, Choice
from geo.geocode.completions import Completion
from geo.geocode.context import View
from geo.geocode.engine import Geocoder
from geo.vocabulary import GeocodeStatus, MatchLevel
from maps.text import title

router = APIRouter(tags=["places"])
MOST, MOST_TYPING = 5, 10
DEGREES = r"^$|^-?\d{{1,3}}(\.\d{{1,15}})?(,-?\d{{1,3}}(\.\d{{1,15}})?){{{0}}}$"


class AddressCandidate(BaseModel):
    """A place the text may mean; `radius_m` is its extent. `gar_guid` and `gar_object_id` name what was recognised in
    the state address register, where it is known; it may be finer than the place (a street shown at its settlement)."""

    label: str
    lat: float
    lon: float
    radius_m: float
    match_level: MatchLevel
    match_level_title: str
    confidence: float
    gar_guid: str | None
    gar_object_id: str | None


class Geocoded(BaseModel):
    """What became of the text. Only an accepted place may be used without a person looking."""

    text: str
    status: GeocodeStatus
    status_title: str
    match_level: MatchLevel
    label: str
    lat: float | None
    lon: float | None
    confidence: float
    why: str
    warnings: list[str]
    gar_guid: str | None
    gar_object_id: str | None
    candidates: list[AddressCandidate]
    gazetteer_version: str


@router.get("/api/geocode", response_model=Geocoded, summary="Where is this address?")
def geocode(
    visit: Reading,
    q: Annotated[str, Query(max_length=500, description="An address, coordinates, a map link, a name.")] = "",
    within: Annotated[str, Query(max_length=100, description="Code of the territory it is expected in.")] = "",
    limit: Annotated[int, Query(ge=1, description="Candidates wanted; at most 5, and 10 while typing.")] = MOST,
    typing: Annotated[bool, Query(description="The last word may be unfinished: what begins like this too.")] = False,
    near: Annotated[str, Query(
        max_length=60, pattern=DEGREES.format(1), description="latitude,longitude where the person is: a text that"
        " names no settlement is looked for there, and the answer says so."
    )] = "",
    bbox: Annotated[str, Query(
        max_length=120, pattern=DEGREES.format(3), description="The same for what a map shows: west,south,east,north."
    )] = "",
) -> Response:  # fmt: skip
    there = view(near, bbox)
    return visit.json(
        lambda: typed(visit, q, within, limit, there) if typing else asked(visit, q, within, limit, near=there)
    )


def view(near: str, bbox: str) -> View | None:
    """What the person looks at; None for nothing and for what lies outside the globe."""
    if near:
        south, west = map(float, near.split(","))
        north, east = south, west
    elif bbox:
        west, south, east, north = map(float, bbox.split(","))
    else:
        return None
    possible = -90 <= south <= north <= 90 and -180 <= west <= east <= 180
    return (south, west, north, east) if possible else None


def asked(
    visit: Visit, words: str, within: str, limit: int, geocoder: Geocoder | None = None, near: View | None = None
) -> dict[str, Any]:
    """The answer for a whole text."""
    return shown(visit, answer_of(visit, words, within, geocoder, near), min(limit, MOST))


def typed(visit: Visit, words: str, within: str, limit: int, near: View | None = None) -> dict[str, Any]:
    """The answer for a text that may go on: what it means already, then what begins like it."""
    geocoder = today(visit).get()
    answer = asked(visit, words, within, MOST, geocoder, near)
    limit = min(limit, MOST_TYPING)
    sure = answer["candidates"] if answer["status"] in (GeocodeStatus.ACCEPTED, GeocodeStatus.AMBIGUOUS) else []
    begun = [] if answer["match_level"] == MatchLevel.POINT else completions_of(visit, words, limit, geocoder, near)
    found: dict[str, dict[str, Any]] = {}
    # how sure a completion is nobody knows yet: the text may go on
    for each in (*sure, *(candidate(visit, one, 0.0) for one in begun), *answer["candidates"]):
        found.setdefault(each["label"], each)
    return {**answer, "candidates": list(found.values())[:limit]}


def shown(visit: Visit, found: Answer, limit: int) -> dict[str, Any]:
    return {
        "text": found.text,
        "status": found.status,
        "status_title": title(found.status, visit.lang),
        "match_level": found.level,
        "label": found.label,
        "lat": found.lat,
        "lon": found.lon,
        "confidence": found.confidence,
        "why": visit.say(found.why),
        "warnings": [visit.say(each) for each in found.warnings],
        **register_of(found),
        "candidates": [candidate(visit, one, one.confidence) for one in found.choices[:limit]] or alone(visit, found),
        "gazetteer_version": found.version,
    }


def alone(visit: Visit, found: Answer) -> list[dict[str, Any]]:
    """The place itself, for coordinates: they have no rivals."""
    return [] if found.lat is None or found.lon is None else [candidate(visit, found, found.confidence)]


def candidate(visit: Visit, found: Answer | Choice | Completion, confidence: float) -> dict[str, Any]:
    """A place the text may mean."""
    return {
        "label": found.label,
        "lat": found.lat,
        "lon": found.lon,
        "radius_m": found.radius_m,
        "match_level": found.level,
        "match_level_title": title(found.level, visit.lang),
        "confidence": confidence,
        **register_of(found),
    }


def register_of(found: Answer | Choice | Completion) -> dict[str, str | None]:
    """What the state address register calls it; nothing for what is still being typed."""
    if isinstance(found, Completion):
        return {"gar_guid": None, "gar_object_id": None}
    return {"gar_guid": found.gar_guid or None, "gar_object_id": found.gar_object_id or None}
