"""How far is it? One protocol for everything slow: geo reports, the CLI draws, the UI streams, tests collect.

A step has a name (a msgid), a total (None when unknown) and is advanced by amounts. Silent by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Step(Protocol):
    """One running step of work."""

    def advance(self, amount: int = 1) -> None: ...


class Progress(Protocol):
    """Where steps are announced; `step` is a context manager that is over when the work is."""

    def step(self, title: str, total: int | None = None) -> AbstractContextManager[Step]: ...


class _SilentStep:
    def advance(self, amount: int = 1) -> None:
        """Nobody is watching."""


class Silent:
    """The default: no output at all."""

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Step]:  # noqa: ARG002 - nobody is told
        yield _SilentStep()


SILENT: Progress = Silent()
