"""Where do tests get a database from? One warm cluster, one migrated template, one copy per worker.

The cluster lies outside the checkout, in memory where there is room, and is kept between runs, so only the first run
waits for it; the last test process stops it. The template is made once for each state of the migrations. Most tests
share the copy of their worker and roll back; a test that commits takes `fresh_database`.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection

from geo.settings import Settings, settings
from geo.store.embedded import OWNER, Cluster
from geo.store.engine import Database, act_as
from tests.browser import find_chromium
from tests.network import only_loopback

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

CHECKOUT = Path(__file__).resolve().parent.parent
SCHEMA = ("geo/store", "geo/registers", "geo/register.py", "geo/vocabulary.py")
NOT_SCHEMA = ("embedded.py", "cluster_", "engine.py")
KEPT_TEMPLATES = 8  # a run that began before the last edits still copies its own
IN_MEMORY = Path("/dev/shm")  # a copy of a database is some 600 small files: 15 ms here, 600 on a disk
ROOM = 2 * 1024**3


def cache_folder() -> Path:
    """The folder of the test cluster: per person and checkout, and refused when it is somebody else's."""
    digest = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
    folder = roomy_folder() / f"okruga-tests-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise pytest.UsageError(f"{folder} belongs to somebody else; remove it or set TMPDIR")
    return folder


def roomy_folder() -> Path:
    """The temporary files of this machine: those in memory where they are, and hold what the suite needs."""
    asked_for = os.environ.get("TMPDIR")
    if asked_for is None and os.access(IN_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
        return IN_MEMORY
    return Path(tempfile.gettempdir())


def schema_digest() -> str:
    """Changes whenever a file does that decides what the migrated schema looks like."""
    digest = hashlib.sha256()
    for name in SCHEMA:
        base = CHECKOUT / name
        for path in sorted(base.rglob("*") if base.is_dir() else [base]):
            if path.suffix in {".py", ".sql"} and not path.name.startswith(NOT_SCHEMA):
                digest.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def pytest_configure() -> None:
    """The suite decides its settings itself: nobody's environment or .env reaches it, nor a database in real use."""
    for name in list(os.environ):
        if name.startswith("OKRUGA_") and name != "OKRUGA_POSTGRES_BIN":
            del os.environ[name]
    Settings.model_config["env_file"] = None
    settings.cache_clear()


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Nothing in the suite talks to another machine."""
    with only_loopback():
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium for page tests (mark them `e2e`); without one they are skipped and say so."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium was found; install chromium or google-chrome")
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The warm test cluster; databases of runs that were killed are removed."""
    with Cluster.open(cache_folder(), "test") as opened:
        with one_at_a_time(cache_folder() / "template.lock"):
            for name in opened.databases():
                if name.startswith("test_") and not _alive(int(name.split("_")[1])):
                    opened.drop_database(name)
        yield opened


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """Name of a database migrated to head, to be copied and never connected to."""
    from geo.store import migrate

    name = f"template_{schema_digest()}"
    with one_at_a_time(cache_folder() / "template.lock"):
        if name not in cluster.databases():
            unfinished = f"unfinished_{name}"
            cluster.drop_database(unfinished)
            cluster.create_database(unfinished)
            migrate.upgrade(cluster.dsn(unfinished, OWNER))
            cluster.rename_database(unfinished, name)
            for old in [kept for kept in cluster.databases() if kept.startswith("template_")][:-KEPT_TEMPLATES]:
                cluster.drop_database(old)
    return name


_numbers = itertools.count(1)


@contextmanager
def _copy(cluster: Cluster, template: str) -> Iterator[str]:
    """A copy of the template that lives as long as the block; gives its name."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with one_at_a_time(cache_folder() / "template.lock"):  # nobody may be connected to a database being copied
        cluster.create_database(name, template=template)
    try:
        yield name
    finally:
        cluster.drop_database(name)


@pytest.fixture(scope="session")
def worker_database(cluster: Cluster, template: str) -> Iterator[str]:
    """Name of this worker's copy of the template: leave it as you found it."""
    with _copy(cluster, template) as name:
        yield name


@pytest.fixture(scope="session")
def database_url(cluster: Cluster, worker_database: str) -> str:
    """Owner's address of this worker's database; tests roll back what they change in it."""
    return cluster.dsn(worker_database, OWNER)


@pytest.fixture
def fresh_database(cluster: Cluster, template: str) -> Iterator[str]:
    """Owner's address of a migrated database of this test's own, for tests that commit."""
    with _copy(cluster, template) as name:
        yield cluster.dsn(name, OWNER)


def _database(cluster: Cluster, name: str) -> Database:
    return Database(lambda role: cluster.dsn(name, role), settings())


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[Database]:
    """The program's own way into a database of this test's own, empty and migrated; what is written stays in it."""
    with _copy(cluster, template) as name:
        opened = _database(cluster, name)
        yield opened
        opened.close()


@pytest.fixture
def connection(cluster: Cluster, worker_database: str) -> Iterator[Connection]:
    """A connection of the app role on this worker's database; whatever it does is rolled back."""
    opened = _database(cluster, worker_database)
    with opened.app.connect() as live:
        act_as(live, "test")
        yield live
        live.rollback()
    opened.close()


@pytest.fixture(scope="session")
def town_template(cluster: Cluster, template: str) -> Iterator[str]:
    """Name of a database with the model town in it, loaded through the pipeline; to be copied only."""
    from geo.demo.load import load_demo

    with _copy(cluster, template) as name:
        opened = _database(cluster, name)
        load_demo(opened, "town")
        opened.close()
        yield name


@pytest.fixture(scope="session")
def town(cluster: Cluster, town_template: str) -> Iterator[Database]:
    """The model town, one for all tests of a worker: leave it as you found it."""
    with _copy(cluster, town_template) as name:
        opened = _database(cluster, name)
        yield opened
        opened.close()


@pytest.fixture
def own_town(cluster: Cluster, town_template: str) -> Iterator[Database]:
    """A model town of this test's own, to write into."""
    with _copy(cluster, town_template) as name:
        opened = _database(cluster, name)
        yield opened
        opened.close()


def _client(database: Database) -> TestClient:
    from fastapi.testclient import TestClient

    from api.app import create_app

    return TestClient(create_app(database), base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture(scope="session")
def client(town: Database) -> TestClient:
    """The service over the model town, asked without an account."""
    return _client(town)


@pytest.fixture
def own_client(own_town: Database) -> TestClient:
    """The service over a model town that may be written to."""
    return _client(own_town)
