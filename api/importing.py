"""Who works on the files that were sent? Threads beside the requests, a few at a time, one for each file.

Whoever starts a file takes its lock and lets go of it when the state in the database says what came of it. A process
that is killed loses its locks at once, and a load that was not committed was never there: `settled` notices both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from threading import BoundedSemaphore, Lock, Thread

from geo.analysis import tally
from geo.demo.load import loaded_demos, remove_demo
from geo.errors import N_, Conflict, Message, Unavailable
from geo.ingest import waiting
from geo.ingest.staging import Folder, root
from geo.ingest.told import kept
from geo.progress import SILENT
from geo.store import uploads
from geo.store.engine import Database
from geo.store.uploads import Upload
from maps.text import translate

log = logging.getLogger("okruga")
AT_ONCE, MOST_WAITING = 2, 8
ORPHAN_S = SWEEP_S = 3600
TRIES, PAUSE_S = 10, 0.05
BROKEN = Message(N_("Something broke on our side; it has been written down."))
STOPPED = Message(N_("The work on this file was interrupted; nothing was written. It can be continued or discarded."))

Work = Callable[[], bool]


class Turns:
    """How many files are worked on, and how many wait for their turn."""

    def __init__(self) -> None:
        self.running = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._begun = 0

    def begin(self) -> None:
        """Raises Unavailable when too many wait."""
        with self._lock:
            if self._begun >= AT_ONCE + MOST_WAITING:
                raise Unavailable(N_("The service is busy."), remedy=N_("Try again in a moment."))
            self._begun += 1

    def end(self) -> None:
        with self._lock:
            self._begun -= 1


TURNS = Turns()


def start_check(database: Database, upload: Upload, lang: str) -> None:
    """Begin to look at a file. Raises Conflict when somebody works on it already."""

    def work() -> bool:
        waiting.check(database, upload, partial(translate, lang=lang))
        return False

    begin(database, upload, "checking", ("received", "checked"), work)


def start_commit(database: Database, upload: Upload, lang: str, *, without_demo: bool = False) -> None:
    """Begin to load a file that was looked at."""

    def work() -> bool:
        if without_demo and loaded_demos(database):
            remove_demo(database, SILENT)
        done = waiting.commit(database, upload, partial(translate, lang=lang))
        if done:
            tally.settle(database)
            Folder.named(upload.folder).keep_rejected_only()
        return done

    begin(database, upload, "committing", ("checked",), work)


def begin(database: Database, upload: Upload, state: str, only_from: tuple[str, ...], work: Work) -> None:
    """Take the file's lock, say so in the database, and work in a thread."""
    held = ExitStack()
    if not take(Folder.named(upload.folder), held):
        raise Conflict(N_("This file is being worked on already."), remedy=N_("Wait until that is done."))
    try:
        TURNS.begin()
        held.callback(TURNS.end)
        with database.writing(upload.actor) as connection:
            if not uploads.set_state(connection, upload.id, state, only_from=only_from):
                raise Conflict(
                    N_("This file was changed or loaded since the page was made."), remedy=N_("Open the page again.")
                )
    except BaseException:
        held.close()
        raise
    Folder.named(upload.folder).drop("progress")
    Thread(target=run, args=(database, upload, work, held), name=f"import-{upload.id}", daemon=True).start()


def take(folder: Folder, held: ExitStack) -> bool:
    """Take the lock; somebody who only looks whether it is taken holds it for a moment."""
    for _ in range(TRIES):
        if held.enter_context(folder.held()):
            return True
        time.sleep(PAUSE_S)
    return False


def run(database: Database, upload: Upload, work: Work, held: ExitStack) -> None:
    """Do the work and say what came of it. The thread ends silently: everything is told on the page."""
    with held:
        done = False
        try:
            with TURNS.running:
                done = work()
        except Exception:
            log.exception("import of upload %s failed", upload.id)
            folder = Folder.named(upload.folder)
            folder.write("outcome", folder.read("outcome") | {"error": {"message": kept(BROKEN), "remedy": None}})
        try:
            with database.writing(upload.actor) as connection:
                uploads.set_state(connection, upload.id, "committed" if done else "checked", only_from=uploads.WORKING)
        except Unavailable as error:  # whoever asks next finds the lock free and sees what was written
            log.warning("upload %s: %s", upload.id, error)


def settled(database: Database, upload: int) -> Upload:
    """A file as it is: one whose worker was killed goes back to where it can be continued. Raises NotFound."""
    with database.writing("uploads") as connection:
        found = uploads.get_upload(connection, upload)
    if not found.working or Folder.named(found.folder).busy():
        return found
    with database.writing("uploads") as connection:
        found = uploads.get_upload(connection, upload)
        if not found.working:
            return found
        uploads.set_state(connection, upload, "received" if found.state == "checking" else "checked")
    folder = Folder.named(found.folder)
    folder.write("outcome", folder.read("outcome") | {"stopped": kept(STOPPED)})
    with database.writing("uploads") as connection:
        return uploads.get_upload(connection, upload)


def discard(database: Database, upload: Upload) -> None:
    """Remove a file and all that was found out about it. Raises Conflict while somebody works on it."""
    held = ExitStack()
    folder = Folder.named(upload.folder)
    with held:
        if folder.path.exists() and not take(folder, held):
            raise Conflict(N_("This file is being worked on already."), remedy=N_("Wait until that is done."))
        with database.writing(upload.actor) as connection:
            uploads.forget(connection, upload.id)
        folder.remove()


async def keep_sweeping(database: Database) -> None:
    """Remove what is too old once an hour, until cancelled."""
    while True:
        await asyncio.sleep(SWEEP_S)
        try:
            await asyncio.to_thread(sweep, database)
        except (Unavailable, OSError) as error:
            log.warning("could not remove old files: %s", error)


def sweep(database: Database) -> None:
    """Remove what is too old, and folders that belong to no file."""
    with database.writing("uploads") as connection:
        old = uploads.expired(connection)
        known = uploads.folders(connection)
    for upload in old:
        if not Folder.named(upload.folder).busy():
            discard(database, upload)
    now = datetime.now(UTC).timestamp()
    for path in root().iterdir():
        if path.is_dir() and path.name not in known and now - path.stat().st_mtime > ORPHAN_S:
            Folder(path).remove()
