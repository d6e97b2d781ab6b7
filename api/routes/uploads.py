"""How does a file get from a steward's computer into the registers? Sent, looked at, answered about, loaded, all in
the browser; the pipeline is that of `okruga load`.

Every step is a form that works without scripts; a page whose work is not done yet renews itself.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from api import importing, language, session
from api.answers import answered, first_options, mended_options
from api.auth import Action, can, require
from api.deps import PageReading, TheDatabase, Visit, dumps
from api.frame import frame
from api.html import html
from api.import_pages import load_row, registers, title_of, upload_row, with_outcome
from api.receiving import Sent, SentFields, SentFile
from geo.demo.load import loaded_demos
from geo.errors import N_, Conflict, Message, NotFound
from geo.ingest.staging import Folder
from geo.ingest.told import told
from geo.settings import settings
from geo.store import uploads as stored
from geo.store.account import Account
from geo.store.engine import Database
from geo.store.runs import list_runs
from geo.store.uploads import Upload
from geo.vocabulary import TerritoryKind
from maps import incoming
from maps.imports import ImportsPage, UploadPage
from maps.pages import render
from maps.text import localise, say, translate

pages = APIRouter()
PRIVATE = {"Cache-Control": "no-store"}
LOADS_SHOWN = 20
JSON = "application/json"

Number = Annotated[int, Path(ge=1, lt=2**31)]
FormToken = Annotated[str, Form(max_length=100)]


@pages.get("/steward/imports")
def imports(visit: PageReading, database: TheDatabase, discarded: Annotated[str, Query(max_length=1)] = "") -> Response:
    """Choose a file; files that wait; loads so far."""
    if visit.account is None:
        return to_sign_in(visit)
    account = require(visit.account, Action.LOAD)
    importing.sweep(database)
    everybody = can(account, Action.UPLOAD)
    with database.writing(account.login) as connection:
        waiting = stored.list_uploads(connection, None if everybody else account.id)
        loads = list_runs(connection, LOADS_SHOWN)
        sources = stored.source_titles(connection)
    around = frame(visit)
    page = ImportsPage(
        frame=around, registers=registers(), kinds=tuple(TerritoryKind), sources=tuple(sources),
        limit_mb=settings().upload_max_mb, keep_days=settings().upload_keep_days,
        form=session.form_token(visit.request),
        waiting=tuple(upload_row(each, around) for each in waiting if each.state != "committed"),
        loads=tuple(load_row(run, around) for run in loads),
        said=Message(N_("The file was discarded; nothing was written.")) if discarded else "",
    )  # fmt: skip
    return html(visit.request, render(page), headers=PRIVATE)


def to_sign_in(visit: Visit) -> Response:
    query = urlencode({"next": language.bare_path(visit.request)})
    return RedirectResponse(localise(f"/sign-in?{query}", visit.lang), 303, PRIVATE)


@pages.post("/steward/uploads")
def receive(request: Request, database: TheDatabase, sent: SentFile) -> Response:
    """Keep the file and begin to look at it."""
    try:
        options = first_options(sent.fields, earlier_options(database, sent))
        options["together"] = sent.fields.get("register") == "gazetteer" and len(sent.names) > 1
        with database.writing(sent.account.login) as connection:
            number = stored.add_upload(
                connection, sent.account.id, sent.account.login, sent.folder.name, sent.file_name, sent.size, options,
                settings().upload_keep_days,
            )  # fmt: skip
    except BaseException:
        sent.folder.remove()
        raise
    with database.writing(sent.account.login) as connection:
        upload = stored.get_upload(connection, number)
    importing.start_check(database, upload, language.of(request))
    return to_upload(request, number)


def earlier_options(database: Database, sent: Sent) -> dict[str, object]:
    """What was answered about the file whose mended rows these are."""
    number = sent.fields.get("continues", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return {}
    with database.writing(sent.account.login) as connection:
        earlier = stored.get_upload(connection, int(number))
    require(sent.account, Action.UPLOAD, earlier.actor)
    return mended_options(earlier.options, Folder.named(earlier.folder).read("outcome"), earlier.file_name)


def to_upload(request: Request, number: int) -> Response:
    return RedirectResponse(localise(f"/steward/uploads/{number}", language.of(request)), 303, PRIVATE)


def owned(account: Account | None, database: Database, number: int) -> tuple[Account, Upload]:
    """The account and the file, if the account may work on it."""
    person = require(account, Action.LOAD)
    upload = importing.settled(database, number)
    require(person, Action.UPLOAD, upload.actor)
    return person, upload


@pages.get("/steward/uploads/{upload}")
def show(visit: PageReading, database: TheDatabase, upload: Number) -> Response:
    """How far a file is, and what it asks."""
    if visit.account is None:
        return to_sign_in(visit)
    account, found = owned(visit.account, database, upload)
    if found.state == "committed" and found.import_run_id is not None:
        return RedirectResponse(localise(f"/steward/imports/{found.import_run_id}", visit.lang), 303, PRIVATE)
    page = with_outcome(empty_page(visit, database, account, found), found)
    return html(visit.request, render(page), headers=PRIVATE)


def empty_page(visit: Visit, database: Database, account: Account, upload: Upload) -> UploadPage:
    """The page of a file before anything is known about it."""
    with database.writing(account.login) as connection:
        belongs = stored.wider_territories(connection)
        sources = stored.source_titles(connection)
    options = upload.options
    return UploadPage(
        frame=frame(visit), id=upload.id, file=upload.file_name, kilobytes=-(-upload.bytes // 1024),
        what=title_of(str(options.get("register", "")), str(options.get("kind", ""))), state=upload.state,
        form=session.form_token(visit.request), expires_at=upload.expires_at, options=options, registers=registers(),
        kinds=tuple(TerritoryKind), sources=tuple(sources), demos=tuple(loaded_demos(database)),
        belongs=tuple((each.code, f"{each.name} ({translate_kind(each.kind, visit.lang)})") for each in belongs),
    )  # fmt: skip


def translate_kind(kind: str, lang: str) -> str:
    return say(TerritoryKind(kind), lang)


@pages.post("/steward/uploads/{upload}")
def answer(request: Request, database: TheDatabase, upload: Number, fields: SentFields) -> Response:
    """Keep what was answered and look at the file again."""
    _, found = owned(session.account(request, database), database, upload)
    session.check_form(request, fields.get("form", ""))
    if found.working or found.state == "committed":
        raise Conflict(N_("This file is being worked on already."), remedy=N_("Wait until that is done."))
    options = answered(found.options, fields, Folder.named(found.folder).read("outcome"))
    with database.writing(found.actor) as connection:
        stored.set_options(connection, upload, options)
        found = stored.get_upload(connection, upload)
    importing.start_check(database, found, language.of(request))
    return to_upload(request, upload)


@pages.post("/steward/uploads/{upload}/commit")
def commit(
    request: Request, database: TheDatabase, upload: Number, form: FormToken = "",
    seen: Annotated[str, Form(max_length=40)] = "", without_demo: Annotated[str, Form(max_length=5)] = "",
) -> Response:  # fmt: skip
    """Load the file as it was shown."""
    _, found = owned(session.account(request, database), database, upload)
    session.check_form(request, form)
    outcome = Folder.named(found.folder).read("outcome")
    if found.state == "checked" and str(outcome.get("seen", "")) != seen:
        raise Conflict(N_("This file was looked at again since the page was made."), remedy=N_("Open the page again."))
    importing.start_commit(database, found, language.of(request), without_demo=bool(without_demo))
    return to_upload(request, upload)


@pages.post("/steward/uploads/{upload}/discard")
def discard(request: Request, database: TheDatabase, upload: Number, form: FormToken = "") -> Response:
    """Remove the file without loading it."""
    _, found = owned(session.account(request, database), database, upload)
    session.check_form(request, form)
    importing.discard(database, found)
    return RedirectResponse(localise("/steward/imports?discarded=1", language.of(request)), 303, PRIVATE)


@pages.get("/steward/uploads/{upload}/progress")
def progress(visit: PageReading, database: TheDatabase, upload: Number) -> Response:
    """How far the work on a file is, for the page's script."""
    _, found = owned(visit.account, database, upload)
    so_far = Folder.named(found.folder).read("progress")
    state = {
        "state": found.state, "working": found.working, "title": translate(so_far.get("title", ""), visit.lang),
        "done": so_far.get("done", 0), "of": so_far.get("of", 0),
    }  # fmt: skip
    return Response(dumps(state), media_type=JSON, headers=PRIVATE)


@pages.get("/steward/uploads/{upload}/rejected")
def rejected(visit: PageReading, database: TheDatabase, upload: Number) -> Response:
    """The refused rows with the reasons, to be mended and sent again."""
    _, found = owned(visit.account, database, upload)
    path = Folder.named(found.folder).rejected
    if not path.is_file():
        raise NotFound(N_("There are no refused rows to be mended."))
    stem = found.file_name.rpartition(".")[0] or found.file_name
    name = translate(Message(N_("{file} – rows to mend.csv"), {"file": stem}), visit.lang)
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename=name, headers=PRIVATE)


@pages.get("/steward/uploads/{upload}/map")
def shown_map(
    visit: PageReading, database: TheDatabase, upload: Number, at: Annotated[int | None, Query(ge=0, lt=10_000)] = None
) -> Response:
    """The file over the map that holds now."""
    _, found = owned(visit.account, database, upload)
    drawn = shapes_of(found)
    west, south, east, north = drawn["bounds"]
    page = incoming.build(incoming.Incoming(
        lang=visit.lang, bounds=(west, south, east, north), at=at, areas=bool(drawn["incoming"]), frame=frame(visit),
        shapes_url=localise(f"/steward/uploads/{upload}/shapes", visit.lang), basemap_url=settings().basemap_url,
        basemap_attribution=settings().basemap_attribution,
    ))  # fmt: skip
    return html(visit.request, str(page.get_root().render()), headers=PRIVATE)


@pages.get("/steward/uploads/{upload}/shapes")
def shapes(visit: PageReading, database: TheDatabase, upload: Number) -> Response:
    """What the map draws: shapes of the file, shapes that hold now, places of findings."""
    _, found = owned(visit.account, database, upload)
    drawn = shapes_of(found)
    for place in drawn["findings"]:
        place["properties"]["message"] = say(told(place["properties"]["message"]), visit.lang)
    return Response(dumps(drawn), media_type=JSON, headers=PRIVATE)


def shapes_of(upload: Upload) -> dict[str, Any]:
    drawn = Folder.named(upload.folder).read("map")
    if not drawn:
        raise NotFound(N_("There is nothing to draw."), remedy=N_("The file has no shapes, or was not looked at yet."))
    return drawn
