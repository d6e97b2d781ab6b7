"""When do new rows reach the figures? A task of the running service that settles what is still to be counted.

Every load settles for itself; this catches what others wrote: a command that was killed after its commit, another
program, an editor's page. It asks one cheap question every few seconds and otherwise sleeps. The same question notices
that the embedded database was killed.
"""

from __future__ import annotations

import asyncio
import logging

from geo.analysis import tally
from geo.errors import OkrugaError, Unavailable
from geo.store.engine import Database

log = logging.getLogger("okruga")
EVERY_S = 5.0


async def keep_settling(database: Database, every_s: float = EVERY_S) -> None:
    """Settle until cancelled; a database that is away is asked again later."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(settle_or_revive, database)
        except OkrugaError as error:
            log.warning("could not settle: %s", error)


def settle_or_revive(database: Database) -> None:
    """Settle; when the database is away, start it again if it is ours."""
    try:
        tally.settle(database)
    except Unavailable:
        database.revive()
        raise
