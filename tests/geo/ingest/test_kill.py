"""kill -9 at any moment of a load leaves the old state, and the next load finds nothing in its way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from geo.ingest.pipeline import load
from geo.ingest.request import Request
from geo.store.embedded import Cluster
from tests.geo.ingest.making import Desk, point, table

CHECKOUT = Path(__file__).resolve().parents[3]
ROWS = 4_000
CHILD = """
import sys
from pathlib import Path
from sqlalchemy.engine import make_url
from geo.ingest.pipeline import load
from geo.ingest.request import Request
from geo.settings import settings
from geo.store.engine import Database

owner, app, file = sys.argv[1:]
database = Database(lambda role: app if role == "okruga_app" else owner, settings())
print("ready", flush=True)
load(database, Request(path=Path(file), register="needs", source="test"), commit=True)
print("done", flush=True)
"""
TABLES = ("okruga.entry", "okruga.place", "okruga.need", "okruga.import_run", "okruga.change", "history.row_version")


def picture(city: Desk) -> dict[str, int]:
    return {name: city.count(name) for name in TABLES}


def start(cluster: Cluster, name: str, file: Path) -> subprocess.Popen[str]:
    """A real process that loads the file."""
    addresses = [cluster.dsn(name, role) for role in ("okruga_owner", "okruga_app")]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *addresses, str(file)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip


def writing(city: Desk) -> bool:
    """Whether another session of the database is in the middle of a write."""
    return bool(
        city.one(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_xid IS NOT NULL"
        )
    )


@pytest.mark.parametrize("moment", ["before the first write", "in the middle of writing", "a little later"])
def test_a_killed_load_leaves_the_old_state(city: Desk, cluster: Cluster, moment: str) -> None:
    rows = [{"id": str(i), "title": f"Обращение {i}", **point((i % 200) / 100)} for i in range(ROWS)]
    file = table(city.path("csv"), rows)
    before = picture(city)
    child = start(cluster, str(city.one("SELECT current_database()")), file)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    while moment != "before the first write" and not writing(city) and child.poll() is None:
        time.sleep(0.002)
    if moment == "a little later":
        time.sleep(0.1)
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    finished = child.stdout.read() == "done\n"
    wait_until_rolled_back(city)
    found = picture(city)
    assert found == before or (finished and found["okruga.entry"] == ROWS)
    loaded = load(city.database, Request(path=file, register="needs", source="test"), commit=True)
    assert loaded.report.changes["new"] == (0 if finished else ROWS)
    assert picture(city)["okruga.place"] == ROWS


def wait_until_rolled_back(city: Desk) -> None:
    """The server notices the closed connection when it next looks."""
    for _ in range(500):
        with city.database.writing("test") as connection:
            others = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND usename = 'okruga_app' AND state <> 'idle'"
                )
            )
        if not others:
            return
        time.sleep(0.02)
