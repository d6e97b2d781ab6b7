"""What does the service do by itself while it runs, and when it is told to stop?"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from types import FrameType

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api import app as service
from api.app import create_app, unready_when_told_to_stop
from api.attempts import ALLOWED, REMEMBERED, Attempts
from api.cli.serve import listen
from api.counting import keep_settling
from api.kept import Kept, Packed
from api.remembered import Remembered
from geo.analysis.areas import data_version
from geo.errors import NotAllowed
from geo.settings import settings
from geo.store.engine import Database

PATIENCE_S = 20.0


def version(database: Database) -> int:
    with database.reading() as connection:
        return data_version(connection)


def test_what_others_write_reaches_the_figures(own_town: Database) -> None:
    """A program that wrote without settling: the running service notices."""
    before = version(own_town)
    with own_town.writing("another program") as connection:
        connection.execute(text("UPDATE okruga.entry SET status = 'rejected' WHERE register = 'need'"))

    async def wait() -> None:
        task = asyncio.create_task(keep_settling(own_town, every_s=0.01))
        async with asyncio.timeout(PATIENCE_S):
            while await asyncio.to_thread(version, own_town) == before:
                await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(wait())
    client = TestClient(create_app(own_town), base_url="http://localhost")
    assert all(row["value"] in (0, None) for row in client.get("/api/indicators/needs_open").json()["rows"])


def test_settling_outlives_a_database_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    gone = Database(lambda role: "postgresql+psycopg://nobody@localhost:1/none?connect_timeout=1", settings())

    async def wait() -> bool:
        task = asyncio.create_task(keep_settling(gone, every_s=0.01))
        async with asyncio.timeout(PATIENCE_S):
            while sum("could not settle" in record.message for record in caplog.records) < 2:
                await asyncio.sleep(0.01)
        alive = not task.done()
        task.cancel()
        return alive

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(wait())


def test_told_to_stop_it_is_unready_first_and_stops_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that asks for readiness sends its visitors elsewhere in between."""
    monkeypatch.setattr(service, "DRAIN_WAIT_S", 0.05)
    app = FastAPI()
    app.state.serving = True
    stopped: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopped.append(number)

    async def run() -> None:
        with unready_when_told_to_stop(app):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            assert app.state.serving is False
            assert not stopped
            async with asyncio.timeout(PATIENCE_S):
                while not stopped:
                    await asyncio.sleep(0.01)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        asyncio.run(run())
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped == [signal.SIGTERM]


def test_small_answers_do_not_wait_for_an_acknowledgement() -> None:
    """Without TCP_NODELAY the second part of every answer comes 40 ms after the first."""

    async def ask() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            option = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            told.set_result(option)
            writer.close()

        with listen("127.0.0.1", 0) as listening:
            server = await asyncio.start_server(answer, sock=listening)
            async with server:
                _, writer = await asyncio.open_connection(*listening.getsockname())
                writer.close()
                return await told

    assert asyncio.run(ask()) != 0


def test_a_service_that_stops_is_alive_but_not_ready(town: Database) -> None:
    app = create_app(town)
    client = TestClient(app, base_url="http://localhost")
    assert client.get("/readyz").status_code == 200
    app.state.serving = False
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_starting_and_stopping_leaves_nothing_running(town: Database) -> None:
    """The lifespan: addresses are read, settling runs, both end with it."""
    app = create_app(town)
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/readyz").json()["ready"] is True


def test_an_answer_for_a_client_that_has_it_brings_no_policy(client: TestClient) -> None:
    """The headers of a 304 replace those of the page the browser kept."""
    page = client.get("/map/coverage")
    again = client.get("/map/coverage", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    assert "content-security-policy" not in again.headers


def test_kept_answers_stay_within_their_limit() -> None:
    kept = Kept(limit=100)
    for number in range(50):
        kept.put(number, Packed(bytes(10), "text/plain"))
    assert kept.size == 100
    assert kept.get(0) is None
    assert kept.get(49) is not None
    kept.put("huge", Packed(bytes(101), "text/plain"))
    assert kept.get("huge") is None
    kept.put(49, Packed(bytes(30), "text/plain"))
    assert kept.size <= 100
    assert (kept.hits, kept.misses) == (1, 2)


def test_remembered_results_are_the_last_ones() -> None:
    remembered = Remembered(most=2)
    made: list[int] = []

    def result(number: int) -> int:
        made.append(number)
        return number

    def make(number: int) -> int:
        return remembered.of(number, lambda: result(number))

    assert [make(number) for number in (1, 2, 1, 3, 1, 2)] == [1, 2, 1, 3, 1, 2]
    assert made == [1, 2, 3, 2]


def test_attempts_are_forgotten_oldest_first() -> None:
    attempts = Attempts()
    for _ in range(ALLOWED):
        attempts.failed("somebody")
    with pytest.raises(NotAllowed):
        attempts.check("somebody")
    for number in range(REMEMBERED):
        attempts.failed(str(number))
    attempts.check("somebody")
    attempts.forget("1")
    attempts.check("1")
