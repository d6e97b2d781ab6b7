"""How does a long computation answer at once? It runs beside the requests; who asks gets the state, then the result.

One job runs at a time, so that planning never takes the machine from those who read pages. Results are kept under
their key, which holds the version of the data.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from starlette.applications import Starlette

from geo.errors import N_, Unavailable

MOST_KEPT, MOST_WAITING = 32, 8


@dataclass(slots=True)
class Job:
    """A computation with its progress: steps done out of all of the current stage."""

    result: Future[Any]
    title: str = ""
    done: int = 0
    of: int | None = None

    @property
    def running(self) -> bool:
        """Whether there is no result yet."""
        return not self.result.done()

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Job]:
        """The progress protocol of geo."""
        self.title, self.done, self.of = title, 0, total
        yield self

    def advance(self, amount: int = 1) -> None:
        """So many steps further."""
        self.done += amount


@dataclass
class Jobs:
    """Jobs by key, the oldest finished ones first to go."""

    _jobs: OrderedDict[Hashable, Job] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="job"))

    def of(self, key: Hashable, work: Callable[[Job], Any], wait_s: float) -> Job:
        """The job of that key, begun when it is new, after waiting a moment for it to finish.

        Raises Unavailable when too many are waiting.
        """
        with self._lock:
            job = self._jobs.get(key) or self._begin(key, work)
            self._jobs.move_to_end(key)
        try:
            job.result.exception(timeout=wait_s)
        except NotYet:
            return job
        if job.result.exception() is not None:
            with self._lock:
                self._jobs.pop(key, None)  # the next one who asks tries again
        return job

    def known(self, key: Hashable) -> Job | None:
        """The job of that key, when it was begun and is still kept."""
        with self._lock:
            return self._jobs.get(key)

    def forget(self, key: Hashable) -> None:
        """Let the next one who asks begin anew; a running job is left alone."""
        with self._lock:
            if key in self._jobs and not self._jobs[key].running:
                del self._jobs[key]

    def _begin(self, key: Hashable, work: Callable[[Job], Any]) -> Job:
        if sum(job.running for job in self._jobs.values()) >= MOST_WAITING:
            raise Unavailable(N_("The service is busy."), remedy=N_("Try again in a moment."))
        job = self._jobs[key] = Job(Future())
        self._pool.submit(_run, job, work)
        over = [each for each, known in self._jobs.items() if not known.running]
        for old in over[: max(len(self._jobs) - MOST_KEPT, 0)]:
            del self._jobs[old]
        return job


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    try:
        job.result.set_result(work(job))
    except Exception as error:  # told to whoever asks
        job.result.set_exception(error)


def jobs_of(app: Starlette) -> Jobs:
    """The jobs of this application."""
    if not hasattr(app.state, "jobs"):
        app.state.jobs = Jobs()
    found: Jobs = app.state.jobs
    return found
