"""kill -9 of the serving process in the middle of a load leaves the old state, and the file can be gone on with."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from geo.store import account as accounts
from geo.store.embedded import Cluster
from geo.store.engine import APP, OWNER, READER, Database

CHECKOUT = Path(__file__).resolve().parents[2]
SERVER = """
import sys
import uvicorn
from api.app import create_app
from geo.settings import settings
from geo.store.engine import APP, OWNER, READER, Database

owner, app, reader, port = sys.argv[1:]
addresses = {OWNER: owner, APP: app, READER: reader}
uvicorn.run(create_app(Database(addresses.__getitem__, settings())), host="127.0.0.1", port=int(port),
            log_level="warning")
"""
PATIENCE_S = 60.0
LIST = "id;title;lat;lon\n" + "".join(f"{i};Скамейка {i};51.68;47.65\n" for i in range(200))


@contextmanager
def serving(cluster: Cluster, database: Database, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A real process that serves, killed in the end."""
    with database.writing("test") as connection:
        name = str(connection.scalar(text("SELECT current_database()")))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "OKRUGA_DATA_DIR": str(folder)}
    order = [sys.executable, "-c", SERVER, *(cluster.dsn(name, role) for role in (OWNER, APP, READER)), str(port)]
    child = subprocess.Popen(order, cwd=CHECKOUT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{address}/healthz"))
        yield child, address
    finally:
        child.kill()
        child.wait(30)


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def until(condition, patience: float = PATIENCE_S) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            pytest.fail("waited in vain")
        time.sleep(0.03)


class Visitor:
    """A signed-in browser; it keeps the Secure cookie on this machine, as browsers do."""

    def __init__(self, address: str, database: Database) -> None:
        self.client = httpx.Client(base_url=address, headers={"Origin": address}, timeout=30)
        with database.writing("test") as connection:
            token = accounts.make_link(connection, accounts.first_administrator(connection))
        answer = self.client.post("/sign-in", params={"token": token})
        assert answer.status_code == 303
        self.client.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        self.token = self.field(self.client.get("/steward/imports").text, "form")

    @staticmethod
    def field(page: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="(\w+)"', page)
        assert found, page
        return found[1]

    def settled(self, address: str) -> httpx.Response:
        """The page once nobody works on the file any more."""
        pages: list[httpx.Response] = []

        def done() -> bool:
            pages.append(self.client.get(address))
            return "data-progress" not in pages[-1].text

        until(done)
        return pages[-1]

    def post(self, address: str, **fields: str) -> httpx.Response:
        return self.client.post(address, data={"form": self.token, **fields})


def count(database: Database) -> int:
    with database.writing("test") as connection:
        return int(connection.scalar(text("SELECT count(*) FROM okruga.entry")) or 0)


@pytest.mark.chaos
def test_a_killed_server_leaves_the_old_state_and_the_file(
    cluster: Cluster, own_town: Database, tmp_path: Path
) -> None:
    before = count(own_town)
    with serving(cluster, own_town, tmp_path) as (child, home):
        visitor = Visitor(home, own_town)
        sent = visitor.client.post("/steward/uploads", data={"form": visitor.token, "register": "needs"},
                                   files={"file": ("a.csv", LIST.encode())})  # fmt: skip
        address = sent.headers["location"]
        seen = visitor.field(visitor.settled(address).text, "seen")
        # the load can write its entries but not their places, so it is in the middle of its transaction
        with own_town.writing("test") as holding:
            holding.execute(text("LOCK TABLE okruga.place IN SHARE MODE"))
            assert visitor.post(f"{address}/commit", seen=seen).status_code == 303
            until(lambda: waits_for_places(own_town))
            assert "data-progress" in visitor.client.get(address).text
            child.send_signal(signal.SIGKILL)
            child.wait(30)
    until(lambda: not waits_for_places(own_town))
    assert count(own_town) == before
    with serving(cluster, own_town, tmp_path) as (_, home):
        visitor = Visitor(home, own_town)
        page = visitor.client.get(address)
        assert page.status_code == 200
        assert "data-progress" not in page.text
        assert "прервана" in page.text
        visitor.post(f"{address}/commit", seen=visitor.field(page.text, "seen"))
        assert visitor.settled(address).status_code == 303
    assert count(own_town) == before + 200


def waits_for_places(database: Database) -> bool:
    """Whether another session is in the middle of a write and waits."""
    with database.writing("test") as connection:
        return bool(
            connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL AND wait_event_type = 'Lock'"
                )
            )
        )
