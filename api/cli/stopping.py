"""What happens to a command that is told to stop? It ends like one that failed: everything it opened is closed.

Without this, TERM and HUP would end the process on the spot and leave the embedded database running behind it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGHUP)


class Told(SystemExit):
    """The process was told to stop by a signal; its exit status says which, as shells do."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


@contextmanager
def closing_when_told() -> Iterator[None]:
    """Within it, TERM and HUP raise `Told`. Other threads than the main one are left alone: they get no signals."""
    try:
        before = {number: signal.signal(number, _told) for number in STOPPING}
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hang_up_is_stop() -> None:
    """From here on HUP means TERM: for a server that knows how to finish its requests on TERM only."""
    with suppress(ValueError):  # not the main thread: it gets neither
        signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))


def _told(number: int, _frame: FrameType | None) -> None:
    # a second one, sent by somebody impatient, must not interrupt the closing
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise Told(number)
