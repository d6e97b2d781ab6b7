"""Which answers need not be made again? The last ones, packed, under a key that holds the version of their data.

Nothing is ever invalidated: a new version of the data is a new key, and what nobody asks for any more falls out first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from api.packing import pack

LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as it travels to those who take gzip, and the headers that belong to it."""

    body: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()


class Kept:
    """Answers by key, the least recently used first to go. Threads may share it."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._lock = Lock()
        self._answers: OrderedDict[Hashable, Packed] = OrderedDict()
        self._bytes = 0
        self.hits = 0
        self.misses = 0

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._bytes

    def get(self, key: Hashable) -> Packed | None:
        """The answer under this key, or None."""
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                self.misses += 1
                return None
            self._answers.move_to_end(key)
            self.hits += 1
            return found

    def put(self, key: Hashable, packed: Packed) -> None:
        """Keep an answer; one that is larger than everything may be is not kept."""
        if len(packed.body) > self._limit:
            return
        with self._lock:
            old = self._answers.pop(key, None)
            self._bytes += len(packed.body) - (len(old.body) if old else 0)
            self._answers[key] = packed
            while self._bytes > self._limit:
                self._bytes -= len(self._answers.popitem(last=False)[1].body)

    def of(self, key: Hashable, media_type: str, make: Callable[[], bytes]) -> Packed:
        """The kept answer, or the one made now. Two at once may both make it: the same bytes."""
        found = self.get(key)
        if found is None:
            found = Packed(pack(make()), media_type)
            self.put(key, found)
        return found
