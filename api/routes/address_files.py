"""Where are the addresses of a whole file? Sent, looked for by a job beside the requests, taken along as CSV.

The rows and every answered portion stand in the database: a service that was killed goes on when it starts again.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from api import language, session
from api.address_jobs import begin, go_on
from api.auth import Action, require
from api.csv_table import CSV
from api.deps import PageReading, TheDatabase, dumps
from api.frame import frame
from api.html import html
from api.receiving import SentFile
from geo.batch import address_files as kept
from geo.batch.address_files import AddressFile
from geo.batch.texts import read_texts, scope_id
from geo.settings import settings
from geo.store.account import Account
from geo.store.engine import Database
from geo.store.uploads import wider_territories
from geo.vocabulary import GeocodeStatus, MatchLevel
from maps.address_files import AddressFilePage, AddressFilesPage, FileRow
from maps.pages import render
from maps.text import localise

pages = APIRouter()
PRIVATE = {"Cache-Control": "no-store"}
HERE = "/steward/geocode/files"
JSON = "application/json"

Number = Annotated[int, Path(ge=1, lt=2**31)]


@pages.get(HERE)
def files(visit: PageReading, database: TheDatabase) -> Response:
    """Send a file; the files sent so far."""
    if visit.account is None:
        return RedirectResponse(localise("/sign-in?" + urlencode({"next": HERE}), visit.lang), 303, PRIVATE)
    account = require(visit.account, Action.LOAD)
    with database.writing(account.login) as connection:
        kept.sweep(connection)
        sent = kept.list_files(connection, account.id)
        territories = wider_territories(connection)
    page = AddressFilesPage(
        frame=frame(visit), form=session.form_token(visit.request), limit_mb=settings().upload_max_mb,
        most_rows=kept.MOST_ROWS, files=tuple(map(row, sent)),
        territories=tuple((each.code, each.name) for each in territories),
    )  # fmt: skip
    return html(visit.request, render(page), headers=PRIVATE)


def row(file: AddressFile) -> FileRow:
    """A file as pages show it."""
    return FileRow(
        id=file.id, name=file.file_name, rows=file.rows, done=file.done, finished=file.finished,
        created_at=file.created_at, expires_at=file.expires_at,
    )  # fmt: skip


@pages.post(HERE + "/send")
def send(request: Request, database: TheDatabase, sent: SentFile) -> Response:
    """Keep the rows of the file and begin to look for them."""
    lang = language.of(request)
    try:
        texts = read_texts(
            sent.folder.files / sent.file_name, sent.fields.get("column", "").strip(), web=True
        )  # fmt: skip
    finally:
        sent.folder.remove()
    with database.writing(sent.account.login) as connection:
        kept.sweep(connection)
        number = kept.keep_file(
            connection, texts, sent.file_name, account_id=sent.account.id, actor=sent.account.login,
            scope=scope_id(connection, sent.fields.get("within", "").strip()), lang=lang,
            keep_days=settings().upload_keep_days,
        )  # fmt: skip
        found = kept.get_file(connection, number)
    begin(request.app, database, found)
    return RedirectResponse(localise(f"{HERE}/{number}", lang), 303, PRIVATE)


@pages.get(HERE + "/{file}")
def show(visit: PageReading, database: TheDatabase, file: Number) -> Response:
    """How far a file is, or what came of it; JSON for a program that asks for it. Work that stopped goes on."""
    if visit.account is None:
        return RedirectResponse(localise("/sign-in?" + urlencode({"next": HERE}), visit.lang), 303, PRIVATE)
    found = owned(visit.account, database, file)
    problem = "" if found.finished else go_on(visit.request.app, database, found)
    with database.computing() as connection:
        counts = kept.counts(connection, file) if found.finished else {}
    if JSON in visit.request.headers.get("accept", ""):
        told = {"id": found.id, "file": found.file_name, "rows": found.rows, "done": found.done,
                "finished": found.finished, "counts": counts}  # fmt: skip
        return Response(dumps(told), media_type=JSON, headers=PRIVATE)
    page = AddressFilePage(
        frame=frame(visit), form=session.form_token(visit.request), file=row(found), problem=problem,
        statuses=tuple((s, counts[s.value]) for s in GeocodeStatus if counts.get(s.value)),
        levels=tuple((x, counts[f"level:{x.value}"]) for x in MatchLevel if counts.get(f"level:{x.value}")),
    )  # fmt: skip
    return html(visit.request, render(page), headers=PRIVATE)


def owned(account: Account | None, database: Database, number: int) -> AddressFile:
    """A file of this account; an administrator sees all of them."""
    person = require(account, Action.LOAD)
    with database.computing() as connection:
        found = kept.get_file(connection, number)
    require(person, Action.UPLOAD, found.actor)
    return found


@pages.get(HERE + "/{file}/result.csv")
def result(request: Request, database: TheDatabase, file: Number) -> Response:
    """The rows of the file with their answers behind."""
    found = owned(session.account(request, database), database, file)
    name = {"Content-Disposition": f'attachment; filename="addresses-{file}.csv"'}
    return StreamingResponse(kept.result(database, found), media_type=CSV, headers=PRIVATE | name)


@pages.post(HERE + "/{file}/discard")
def discard(
    request: Request, database: TheDatabase, file: Number, form: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Remove a file and its answers."""
    found = owned(session.account(request, database), database, file)
    session.check_form(request, form)
    with database.writing(found.actor) as connection:
        kept.discard(connection, file)
    return RedirectResponse(localise(HERE, language.of(request)), 303, PRIVATE)
