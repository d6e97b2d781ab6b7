"""What would today's address lists change about rows no person decided? Shown first, then done, both by a job."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from api import session
from api.auth import Action, require
from api.deps import PageReading, TheDatabase
from api.frame import frame
from api.geocoder import Today, today
from api.html import html
from api.jobs import Job
from api.planning import jobs
from geo.analysis import tally
from geo.errors import N_, OkrugaError
from geo.geocode import queue
from geo.geocode.queue import Change
from geo.store.engine import Database
from maps.pages import render
from maps.review import AskAgainPage, ChangeRow
from maps.text import localise

pages = APIRouter()
PRIVATE = {"Cache-Control": "no-store"}
HERE = "/steward/geocode/again"
SHOWN = 300
WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What changed, or would; `newly` rows were never asked before."""

    changes: tuple[Change, ...]
    newly: int


@pages.get(HERE)
def again(
    visit: PageReading, database: TheDatabase,
    job: Annotated[str, Query(max_length=40)] = "", applied: Annotated[bool, Query()] = False,
) -> Response:  # fmt: skip
    """What there is to ask, the progress of the job, or its result."""
    if visit.account is None:
        return RedirectResponse(localise("/sign-in?" + urlencode({"next": HERE}), visit.lang), 303, PRIVATE)
    require(visit.account, Action.LOAD)
    known = jobs(visit.request).known((HERE, visit.account.id, job, applied)) if job else None
    told = state(known, applied) if known else counts(database, today(visit))
    page = AskAgainPage(frame=frame(visit), form=session.form_token(visit.request), job=job, **told)
    return html(visit.request, render(page), headers=PRIVATE)


def counts(database: Database, current: Today) -> dict[str, Any]:
    """How many rows there are to ask."""
    version = current.get().version
    with database.computing() as connection:
        return {"older": queue.older(connection, version), "never": queue.never_asked(connection)}


def state(job: Job, applied: bool) -> dict[str, Any]:
    """What a job says about itself."""
    if job.running:
        return {"running": True, "done": job.done, "of": job.of}
    error = job.result.exception()
    if error is not None:
        problem = error.message if isinstance(error, OkrugaError) else N_("Something broke on our side.")
        return {"problem": problem}
    found: Outcome = job.result.result()
    kinds = Counter((change.status_before, change.status_after) for change in found.changes)
    return {
        "ready": True, "applied": applied, "newly_asked": found.newly,
        "changes": tuple(row(change) for change in found.changes[:SHOWN]),
        "more": max(len(found.changes) - SHOWN, 0),
        "kinds": tuple((before, after, count) for (before, after), count in kinds.most_common()),
    }  # fmt: skip


def row(change: Change) -> ChangeRow:
    return ChangeRow(
        text=change.text, before=change.before, after=change.after, status_before=change.status_before,
        status_after=change.status_after,
    )  # fmt: skip


@pages.post(HERE)
def ask(
    visit: PageReading, database: TheDatabase, apply: Annotated[str, Form(max_length=1)] = "",
    form: Annotated[str, Form(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Begin: without `apply` nothing is written."""
    account = require(visit.account, Action.LOAD)
    session.check_form(visit.request, form)
    token, current, login = secrets.token_hex(8), today(visit), account.login

    def work(job: Job) -> Outcome:
        return taken(database, current, login, job) if apply else preview(database, current, login, job)

    jobs(visit.request).of((HERE, account.id, token, bool(apply)), work, WAIT_S)
    query = urlencode({"job": token, **({"applied": "true"} if apply else {})})
    return RedirectResponse(localise(f"{HERE}?{query}", visit.lang), 303, PRIVATE)


def preview(database: Database, current: Today, actor: str, job: Job) -> Outcome:
    """What would change; nothing is written."""
    changes = queue.ask_again(database, current, commit=False, actor=actor, progress=job)
    with database.computing() as connection:
        return Outcome(tuple(changes), queue.never_asked(connection))


def taken(database: Database, current: Today, actor: str, job: Job) -> Outcome:
    """Ask what was never asked, ask the rest again, and bring the figures up to date."""
    with database.writing(actor) as connection:
        queue.enqueue_places(connection)
    newly = sum(queue.work(database, current, progress=job).values())
    changes = queue.ask_again(database, current, commit=True, actor=actor, progress=job)
    tally.settle(database)
    return Outcome(tuple(changes), newly)
