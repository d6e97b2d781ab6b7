"""What do stewards see and do here? The loads so far, and one button to take each back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import language, session
from api.auth import Action, can, require
from api.deps import PageReading, TheDatabase, Visit
from api.frame import frame
from api.html import html
from api.import_pages import load_row
from api.quality import desk as address_desk
from geo.analysis import tally
from geo.errors import N_, Message
from geo.store.account import Account
from geo.store.history import undo
from geo.store.runs import RunNote, get_run, list_runs
from maps.office import StewardPage
from maps.pages import render
from maps.review import AddressDesk
from maps.text import localise

pages = APIRouter()
SHOWN = 50
PRIVATE = {"Cache-Control": "no-store"}


@pages.get("/steward")
def desk(
    visit: PageReading, database: TheDatabase, before: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    undone: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:  # fmt: skip
    """Whoever is not signed in is asked to."""
    if visit.account is None:
        return RedirectResponse(localise("/sign-in?" + urlencode({"next": "/steward"}), visit.lang), 303, PRIVATE)
    require(visit.account, Action.ENTER)
    with database.writing(visit.account.login) as connection:
        runs = list_runs(connection, SHOWN + 1, before)
    said = Message(N_("Load {run} has been taken back."), {"run": undone}) if undone else ""
    return html(
        visit.request, render(content(visit, visit.account, runs, said, address_desk(visit, database))), headers=PRIVATE
    )


def content(
    visit: Visit, account: Account, runs: list[RunNote], said: Message | str, addresses: AddressDesk
) -> StewardPage:
    more = len(runs) > SHOWN
    around = frame(visit)
    return StewardPage(
        frame=around,
        loads=tuple(
            load_row(run, around, undoable=not run.undone and can(account, Action.UNDO, run.actor))
            for run in runs[:SHOWN]
        ),
        form=session.form_token(visit.request),
        role=account.role,
        has_password=account.has_password,
        said=said,
        next_href=around.href(f"/steward?before={runs[SHOWN - 1].id}") if more else "",
        addresses=addresses,
    )


@pages.post("/steward/imports/{run}/undo")
def take_back(
    request: Request, database: TheDatabase, run: Annotated[int, Path(ge=1, lt=2**31)],
    form: Annotated[str, Form(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Take a load back as a whole, then bring the figures up to date."""
    account = require(session.account(request, database), Action.ENTER)
    session.check_form(request, form)
    with database.writing(account.login) as connection:
        require(account, Action.UNDO, get_run(connection, run).actor)
        undo(connection, run, account.login)
    tally.settle(database)
    return RedirectResponse(localise(f"/steward?undone={run}", language.of(request)), 303, PRIVATE)
