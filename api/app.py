"""How do the parts make one service? The application, made for an open database.

A request passes, from outside in: packing (gzip), the guard (headers, size, origin, errors), the measuring, the route.
Routes know nothing of one another; each answers one question or shows one thing.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.middleware.gzip import GZipMiddleware

from api import deps, errors
from api.address_jobs import go_on_with_all
from api.addresses import FOR_PEOPLE, FOR_PROGRAMS
from api.build import build, release
from api.counting import keep_settling
from api.geocoder import Addresses, Installed
from api.importing import keep_sweeping
from api.kept import Kept
from api.language import prefixes
from api.metrics import Measured, Metrics
from api.openapi import describe
from api.packing import LEVEL
from api.remembered import Remembered
from api.security import Guard
from geo.errors import Unavailable
from geo.geocode.current import share, shared
from geo.store.engine import Database

DRAIN_WAIT_S = 1.0


def create_app(database: Database) -> FastAPI:
    """The service over a migrated database. The caller closes the database after the last request."""
    app = FastAPI(
        title="Okruga", version=release(), lifespan=lifespan,
        docs_url=None, redoc_url=None, separate_input_output_schemas=False,
    )  # fmt: skip
    kept = Kept()
    app.state.database = database
    app.state.kept = kept
    app.state.remembered = Remembered()
    app.state.addresses = Addresses(database)
    share(database, Installed(database, app.state.addresses))
    app.state.metrics = Metrics(kept)
    app.state.build = build()
    app.state.serving = True
    errors.install(app)
    app.exception_handler(deps.NotModified)(not_modified)
    app.exception_handler(deps.Moved)(moved)
    add_routes(app)
    describe(app)
    # the last one added is the outermost
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.add_middleware(Guard)
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=LEVEL)
    return app


def add_routes(app: FastAPI) -> None:
    """All routes; the pages once for each language, the default one without a prefix."""
    for router in FOR_PROGRAMS:
        app.include_router(router)
    for prefix in ("", *(f"/{lang}" for lang in prefixes())):
        for router in FOR_PEOPLE:
            app.include_router(router, prefix=prefix, include_in_schema=False)


async def not_modified(_: Request, answer: Exception) -> Response:
    """304 for a client that has the answer of this version already."""
    assert isinstance(answer, deps.NotModified)  # noqa: S101 - registered for this class only
    return Response(status_code=304, headers=answer.headers)


async def moved(_: Request, answer: Exception) -> Response:
    """The way to where a page has gone."""
    assert isinstance(answer, deps.Moved)  # noqa: S101 - registered for this class only
    return RedirectResponse(answer.address, 308)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """While the service runs: settle what others write, and say at once when it is told to stop."""
    tasks = [
        asyncio.create_task(keep_settling(app.state.database)),
        asyncio.create_task(keep_sweeping(app.state.database)),
        asyncio.create_task(asyncio.to_thread(read_addresses, app)),
    ]
    with unready_when_told_to_stop(app):
        yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def read_addresses(app: FastAPI) -> None:
    """Read the address lists before the first visitor types one, then go on with files that were being looked up; a
    database that is away is no reason not to start."""
    database: Database = app.state.database
    with suppress(Unavailable):
        shared(database).get(wait=True)
        go_on_with_all(app, database)


@contextmanager
def unready_when_told_to_stop(app: FastAPI) -> Iterator[None]:
    """On TERM /readyz turns to 503 first, and the server stops taking requests a moment later: a proxy that asks for
    readiness sends its visitors elsewhere in between."""
    before = signal.getsignal(signal.SIGTERM)
    loop = asyncio.get_running_loop()

    def told(number: int, frame: FrameType | None) -> None:
        app.state.serving = False
        if callable(before):
            loop.call_soon_threadsafe(loop.call_later, DRAIN_WAIT_S, before, number, frame)

    try:
        signal.signal(signal.SIGTERM, told)
    except ValueError:  # not in the main thread: whoever runs the service there also stops it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
