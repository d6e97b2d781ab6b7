"""Has somebody tried too often? Counts failed sign-ins by address and name; the oldest fall out first."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from geo.errors import N_, NotAllowed

ALLOWED, WINDOW_S, REMEMBERED = 10, 300.0, 10_000


class Attempts:
    """Failed tries by who tried; after ten within five minutes further ones wait."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def check(self, who: str) -> None:
        """Raise NotAllowed when this one has to wait."""
        with self._lock:
            if len(self._recent(who)) >= ALLOWED:
                raise NotAllowed(N_("Too many attempts to sign in."), remedy=N_("Wait five minutes and try again."))

    def failed(self, who: str) -> None:
        """Write down a failed try."""
        with self._lock:
            self._failed[who] = [*self._recent(who), time.monotonic()]
            self._failed.move_to_end(who)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def forget(self, who: str) -> None:
        """A success clears the slate."""
        with self._lock:
            self._failed.pop(who, None)

    def _recent(self, who: str) -> list[float]:
        since = time.monotonic() - WINDOW_S
        return [at for at in self._failed.get(who, []) if at > since]
