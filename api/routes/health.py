"""Is it alive, is it ready, which version is it, how is it doing?

Alive asks nobody: a database that restarts must not have the program restarted too. Ready asks everything a visitor
needs.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from api import session
from api.auth import Action, can
from api.build import release
from api.deps import Reading, TheDatabase
from api.errors import PROBLEM_JSON
from api.metrics import disk_free_share
from geo.errors import N_, NotAllowed, Unavailable
from geo.store import migrate
from geo.store.engine import Database

router = APIRouter(tags=["service"])
LEAST_FREE_DISK = 0.05


class Alive(BaseModel):
    """The program answers."""

    status: str


class Check(BaseModel):
    """One thing that must be in order."""

    name: str
    ok: bool
    detail: str


class Readiness(BaseModel):
    """Whether visitors may be sent here, and why not."""

    ready: bool
    checks: list[Check]


class Version(BaseModel):
    """What runs here."""

    version: str
    build: str
    schema_revision: str
    data_version: int


@router.get("/healthz", summary="Is the program alive?")
def healthz() -> Alive:
    return Alive(status="ok")


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}}, summary="Is it ready?")
def readyz(request: Request, database: TheDatabase) -> Response:
    """200 when a visitor can be served, 503 with the reasons when not."""
    checks = [serving(request), database_answers(database), disk_has_room()]
    ready = all(check.ok for check in checks)
    body = Readiness(ready=ready, checks=checks).model_dump()
    return Response(orjson.dumps(body), 200 if ready else 503, {"Cache-Control": "no-store"}, "application/json")


def serving(request: Request) -> Check:
    """Switched off when the program was told to stop."""
    on: bool = request.app.state.serving
    return Check(name="serving", ok=on, detail="" if on else "shutting down")


def database_answers(database: Database) -> Check:
    """The database answers and has the shape this program needs."""
    try:
        with database.writing("readyz") as connection:
            revision = migrate.current(connection)
    except Unavailable as error:
        return Check(name="database", ok=False, detail=str(error.message))
    fits = revision == migrate.head()
    return Check(name="database", ok=fits, detail="" if fits else f"schema {revision}, needed {migrate.head()}")


def disk_has_room() -> Check:
    free = disk_free_share()
    return Check(name="disk", ok=free > LEAST_FREE_DISK, detail=f"{free:.0%} free")


@router.get("/version", summary="Which version runs here?")
def running_version(request: Request, visit: Reading) -> Version:
    return Version(
        version=release(), build=request.app.state.build, schema_revision=migrate.head(),
        data_version=visit.data_version,
    )  # fmt: skip


def may_measure(request: Request, database: TheDatabase) -> None:
    """Numbers about the service are for this machine and for the administrator. Raises NotAllowed."""
    if from_this_machine(request) or can(session.account(request, database), Action.PEOPLE):
        return
    raise NotAllowed(
        N_("The metrics are open to this machine only."),
        remedy=N_("Ask from the machine itself, or sign in as administrator."),
    )


def from_this_machine(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
    403: {
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "description": "Asked from another machine",
    },
}


@router.get("/metrics", summary="Numbers for Prometheus", response_class=Response, responses=TEXT)
def metrics(request: Request, _: Annotated[None, Depends(may_measure)]) -> Response:
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
