"""What did a load come to, and what would taking it back do? The pages of import runs."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Response
from fastapi.responses import RedirectResponse

from api import language, session
from api.auth import Action, can, require
from api.deps import PageReading, TheDatabase, Visit
from api.frame import frame
from api.html import html
from api.import_pages import counts, run_groups, title_of
from geo.errors import N_, Conflict
from geo.ingest.staging import Folder
from geo.settings import settings
from geo.store.engine import Database
from geo.store.history import would_undo
from geo.store.runs import RunNote, get_run
from geo.store.uploads import Upload, upload_of_run
from maps.imports import LoadPage, UndoPage
from maps.pages import render
from maps.text import localise

pages = APIRouter()
PRIVATE = {"Cache-Control": "no-store"}
Number = Annotated[int, Path(ge=1, lt=2**31)]
# the pages on which what was loaded can be looked at
LOOK = {
    "boundaries": (("/districts", N_("Districts")), ("/map/coverage", N_("Coverage map"))),
    "population": (("/map/coverage", N_("Coverage map")),),
    "projects": (("/map/coverage", N_("Coverage map")), ("/data", N_("Data and downloads"))),
    "needs": (("/map/gaps", N_("Map of gaps")), ("/data", N_("Data and downloads"))),
    "events": (("/map/participation", N_("Map of participation")), ("/data", N_("Data and downloads"))),
    "gazetteer": (("/near", N_("Near me")),),
}
# what people call the tables a load writes to
TABLES = {
    "okruga.territory": N_("territories"), "okruga.boundary": N_("boundary versions"),
    "okruga.territory_succession": N_("successions of territories"), "okruga.population": N_("rows of residents"),
    "okruga.population_cell": N_("population cells"), "okruga.context_feature": N_("features of the backdrop"),
    "okruga.gazetteer": N_("address lists"), "okruga.entry": N_("entries"), "okruga.place": N_("places of entries"),
}  # fmt: skip


@pages.get("/steward/imports/{run}")
def show(visit: PageReading, database: TheDatabase, run: Number) -> Response:
    """What a load came to."""
    if visit.account is None:
        return to_sign_in(visit)
    account = require(visit.account, Action.ENTER)
    note, upload = found(database, account.login, run)
    mine = upload is not None and can(account, Action.UPLOAD, upload.actor)
    path = frame(visit)
    page = LoadPage(
        frame=path, id=run, what=title_of(note.register, note.kind or ""), file=note.file_name, source=note.source,
        actor=note.actor, committed_at=note.committed_at, undone=note.undone, form=session.form_token(visit.request),
        undoable=not note.undone and can(account, Action.UNDO, note.actor), counts=counts(note.report),
        groups=run_groups(note), upload=upload.id if mine and upload else None,
        has_rejected=mine and upload is not None and Folder.named(upload.folder).rejected.is_file(),
        look=tuple((path.href(address), title) for address, title in LOOK.get(note.register, ())),
        limit_mb=settings().upload_max_mb,
    )  # fmt: skip
    return html(visit.request, render(page), headers=PRIVATE)


def found(database: Database, actor: str, run: int) -> tuple[RunNote, Upload | None]:
    """The load, and the file it came from while that is kept. Raises NotFound."""
    with database.writing(actor) as connection:
        return get_run(connection, run), upload_of_run(connection, run)


def to_sign_in(visit: Visit) -> Response:
    query = urlencode({"next": language.bare_path(visit.request)})
    return RedirectResponse(localise(f"/sign-in?{query}", visit.lang), 303, PRIVATE)


@pages.get("/steward/imports/{run}/undo")
def preview(visit: PageReading, database: TheDatabase, run: Number) -> Response:
    """What taking the load back would remove and put back, or why it cannot be."""
    if visit.account is None:
        return to_sign_in(visit)
    account = require(visit.account, Action.ENTER)
    note, _ = found(database, account.login, run)
    require(account, Action.UNDO, note.actor)
    page = UndoPage(
        frame=frame(visit), id=run, file=note.file_name, what=title_of(note.register, note.kind or ""),
        form=session.form_token(visit.request), **would(database, account.login, run),
    )  # fmt: skip
    return html(visit.request, render(page), headers=PRIVATE)


def would(database: Database, actor: str, run: int) -> dict[str, Any]:
    """Rows by table that would go and come back, or the refusal."""
    try:
        with database.writing(actor) as connection:
            undone = would_undo(connection, run)
    except Conflict as refusal:
        return {"refusal": refusal.message, "remedy": refusal.remedy}
    return {"removed": told(undone.removed), "restored": told(undone.restored)}


def told(rows: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """Counts of the tables that mean something to people."""
    return tuple((title, rows[table]) for table, title in TABLES.items() if rows.get(table))
