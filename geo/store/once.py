"""What has been read already for the answer under way? Each thing is asked of the database once.

A passport puts some forty measures together, and each asks for the same boundaries, people and counts. Within
`sharing(connection)` what was read stays at hand until the block ends: an answer, not longer, and never across
answers, so that nothing can be out of date. Outside of it everything is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

T = TypeVar("T")
_at_hand: WeakKeyDictionary[Connection, dict[Hashable, object]] = WeakKeyDictionary()


@contextmanager
def sharing(connection: Connection) -> Iterator[None]:
    """Within the block, what is read through this connection is read once; nothing may be written through it."""
    outermost = connection not in _at_hand
    _at_hand.setdefault(connection, {})
    try:
        yield
    finally:
        if outermost:
            _at_hand.pop(connection, None)


def once(connection: Connection, key: Hashable, read: Callable[[], T]) -> T:
    """What was read under this key, or what is read now. Callers must not change what they get."""
    found = _at_hand.get(connection)
    if found is None:
        return read()
    if key not in found:
        found[key] = read()
    return cast(T, found[key])


def at_hand(connection: Connection, key: Hashable) -> object | None:
    """What was read under this key; None when it was not, or when nothing is kept."""
    return _at_hand.get(connection, {}).get(key)
