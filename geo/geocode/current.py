"""Which geocoder answers now? One per process, built from the database and renewed when the gazetteer changes.

Building takes a second or two for a big city, so a new one is built beside the old one, which answers meanwhile. Only
the first question after a start has to wait.
"""

from __future__ import annotations

import gc
import threading
import time
from typing import Protocol

from geo.geocode.engine import Geocoder
from geo.geocode.store import read_current, stamp
from geo.store.engine import Database

# how long a process may answer from a gazetteer that was replaced, seconds
_CHECK_EVERY = 5.0


class Current(Protocol):
    """Whatever knows the geocoder of today."""

    def get(self, *, wait: bool = False) -> Geocoder: ...


_SHARED = "geocoder"
_sharing = threading.Lock()


def share(database: Database, current: Current) -> None:
    """Let everything in this process that works on a database ask one geocoder: an index is not built twice."""
    with _sharing:
        database.beside[_SHARED] = current


def shared(database: Database) -> Current:
    """The geocoder this process has for a database, made when there is none yet."""
    with _sharing:
        found: Current = database.beside.setdefault(_SHARED, CurrentGeocoder(database))
        return found


class CurrentGeocoder:
    """The geocoder of a process; safe to share between threads."""

    def __init__(self, database: Database, check_every: float = _CHECK_EVERY) -> None:
        self._database = database
        self._check_every = check_every
        self._geocoder: Geocoder | None = None
        self._stamp = ""
        self._checked_at = 0.0
        self._lock = threading.Lock()
        self._builder: threading.Thread | None = None

    def get(self, *, wait: bool = False) -> Geocoder:
        """The geocoder; with `wait` the newest one, otherwise a replaced one may answer until the new one is built."""
        with self._lock:
            if self._geocoder is None:
                return self._build()
            if wait or time.monotonic() - self._checked_at >= self._check_every:
                self._checked_at = time.monotonic()
                self._renew(wait)
            return self._geocoder

    def _renew(self, wait: bool) -> None:
        with self._database.computing() as connection:
            newest = stamp(connection)
        if newest == self._stamp:
            return
        if wait:
            self._build()
        elif self._builder is None or not self._builder.is_alive():
            self._builder = threading.Thread(target=self._replace, name="gazetteer", daemon=True)
            self._builder.start()

    def _build(self) -> Geocoder:
        geocoder, newest = self._fresh()
        self._geocoder, self._stamp, self._checked_at = geocoder, newest, time.monotonic()
        return geocoder

    def _replace(self) -> None:
        geocoder, newest = self._fresh()
        with self._lock:
            self._geocoder, self._stamp = geocoder, newest

    def _fresh(self) -> tuple[Geocoder, str]:
        with self._database.computing() as connection:
            newest = stamp(connection)
            gazetteer = read_current(connection)
        geocoder = Geocoder(gazetteer)
        # an index is hundreds of thousands of objects that never go away: without this, every full collection of the
        # process would walk them and stop the answers for some ten milliseconds
        gc.collect()
        gc.freeze()
        return geocoder, newest
