"""Who looks for the addresses of sent files? The service's jobs, and again after a start, for what was left undone."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.applications import Starlette

from api.jobs import Job, jobs_of
from geo.batch import address_files as kept
from geo.batch.address_files import AddressFile
from geo.errors import N_, NotFound, OkrugaError, Unavailable
from geo.geocode.current import shared
from geo.store.engine import Database
from maps.text import Title, translate

log = logging.getLogger("okruga")


def begin(app: Starlette, database: Database, file: AddressFile) -> None:
    """Work on a file unless that is being done. Raises Unavailable when too many jobs wait."""

    def work(job: Job) -> Any:
        # removed while it waited for its turn: nothing is left to do
        with suppress(NotFound):
            kept.work(database, shared(database), file.id, partial(translate, lang=file.lang), job)

    jobs = jobs_of(app)
    jobs.forget(key(file.id))
    jobs.of(key(file.id), work, 0)


def key(number: int) -> tuple[str, int]:
    return ("address file", number)


def go_on(app: Starlette, database: Database, file: AddressFile) -> Title:
    """Begin again what nobody works on. Why the work ended too early, if it did: then it waits for the next look."""
    jobs = jobs_of(app)
    job = jobs.known(key(file.id))
    error = None if job is None or job.running else job.result.exception()
    if error is not None:
        log.error("addresses of file %s", file.id, exc_info=error)
        jobs.forget(key(file.id))
        return error.message if isinstance(error, OkrugaError) else N_("Something broke on our side.")
    with suppress(Unavailable):  # others are before it: the next look begins it
        begin(app, database, file)
    return ""


def go_on_with_all(app: Starlette, database: Database) -> None:
    """After a start: work on what an earlier process left undone. A database that is away is no reason not to start."""
    with suppress(Unavailable):
        with database.writing("addresses") as connection:
            kept.sweep(connection)
            waiting = [kept.get_file(connection, number) for number in kept.unfinished(connection)]
        for file in waiting:
            begin(app, database, file)
