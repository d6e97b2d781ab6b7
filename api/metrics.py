"""How much is asked for, how long does it take, how full are the stores? Numbers for Prometheus, one registry per
app.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kept import Kept
from geo.settings import settings

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The numbers of one application."""

    def __init__(self, kept: Kept) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "okruga_requests", "Requests by route and status", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "okruga_request_seconds", "Time to the whole answer", ["route"], buckets=BUCKETS, registry=self.registry
        )
        gauge("okruga_kept_bytes", "Bytes of kept answers", self.registry, lambda: kept.size)
        gauge("okruga_kept_hits", "Answers taken from those kept", self.registry, lambda: kept.hits)
        gauge("okruga_kept_misses", "Answers that had to be made", self.registry, lambda: kept.misses)
        gauge("okruga_disk_free_share", "Free share of the data folder's disk", self.registry, disk_free_share)

    def text(self) -> bytes:
        """The numbers in the text format of Prometheus."""
        return generate_latest(self.registry)


def gauge(name: str, title: str, registry: CollectorRegistry, read: Callable[[], float]) -> None:
    """A number that is read when it is asked for."""
    Gauge(name, title, registry=registry).set_function(read)


def disk_free_share() -> float:
    """The free share of the disk the data folder lies on; of the nearest folder that exists."""
    folder = Path(settings().data_dir).resolve()
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total


class Measured:
    """Counts and times every request under its route's template, so that ids do not become metrics."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self.metrics.requests.labels(route, str(status)).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)
