"""How does a file come in from the browser? Streamed to disk in pieces, bounded while it comes, only from who may.

The account is asked before a single byte of the body is read. A body that is too large is read to its end without
being kept, up to a bound: a browser shows the answer only when it could finish speaking.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api import session
from api.auth import Action, require
from api.deps import database as the_database
from api.sizes import FORM_SLACK, MB, UPLOADS, body_cap
from geo.errors import N_, BadInput, TooLarge
from geo.ingest.staging import Folder, main_of, require_space, safe_name
from geo.settings import settings
from geo.store.account import Account
from geo.store.engine import Database

MOST_FILES, MOST_FIELDS = 12, 3_000
PIECE = MB


@dataclass(frozen=True, slots=True)
class Sent:
    """A file in its folder, with the other fields of the form and who sent it."""

    account: Account
    folder: Folder
    file_name: str
    names: tuple[str, ...]
    size: int
    fields: Mapping[str, str]


async def sent_file(request: Request, database: Annotated[Database, Depends(the_database)]) -> Sent:
    """The file of a form. Raises NotAllowed, TooLarge, BadInput or Unavailable; then nothing of it is kept."""
    who = require(await run_in_threadpool(session.account, request, database), Action.LOAD)
    await refuse_large(request)
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    try:
        fields = plain(form)
        session.check_form(request, fields.get("form", ""))
        files = [each for each in form.getlist("file") if isinstance(each, UploadFile) and each.filename]
        return await run_in_threadpool(stored, who, files, fields)
    finally:
        await form.close()


async def refuse_large(request: Request) -> None:
    """Raise TooLarge for a body that says itself it is too large, after listening to it."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > settings().upload_max_mb * MB + FORM_SLACK:
        if int(length) <= body_cap(UPLOADS):
            async for _ in request.stream():
                pass
        raise too_large()


def too_large() -> TooLarge:
    return TooLarge(
        N_("The file is larger than {limit} MB, the most a browser may send."),
        remedy=N_("Send it in parts or packed, raise OKRUGA_UPLOAD_MAX_MB, or load it with `okruga load`."),
        limit=settings().upload_max_mb,
    )


def stored(account: Account, files: list[UploadFile], fields: Mapping[str, str]) -> Sent:
    """The files in a folder of their own."""
    if not files:
        raise BadInput(N_("No file was sent."), remedy=N_("Choose a file and send the form again."))
    size = sum(file.size or 0 for file in files)
    if size > settings().upload_max_mb * MB:
        raise too_large()
    require_space(size)
    names = [safe_name(file.filename or "") for file in files]
    if len(set(names)) < len(names):
        raise BadInput(N_("Two of the files have the same name."), remedy=N_("Send them one at a time."))
    together = fields.get("register") == "gazetteer" and len(files) > 1
    main = sorted(names)[0] if together else main_of(names)
    folder = Folder.make()
    try:
        for file, name in zip(files, names, strict=True):
            with (folder.files / name).open("xb") as kept:
                shutil.copyfileobj(file.file, kept, PIECE)
    except BaseException:
        folder.remove()
        raise
    return Sent(account, folder, main, tuple(names), size, fields)


def plain(form: FormData) -> dict[str, str]:
    """The text fields of a form; of repeated ones the last."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def sent_fields(request: Request) -> dict[str, str]:
    """The text fields of a form with as many of them as a file has columns."""
    return plain(await request.form(max_files=0, max_fields=MOST_FIELDS))


SentFile = Annotated[Sent, Depends(sent_file)]
SentFields = Annotated[dict[str, Any], Depends(sent_fields)]
