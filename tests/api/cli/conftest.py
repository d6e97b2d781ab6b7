"""The commands, run in this process over a database of the test's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from api.cli import run
from geo.settings import settings
from geo.store.embedded import OWNER, Cluster

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ran:
    """What a command line came to."""

    status: int
    out: str
    err: str


Okruga = Callable[..., Ran]


@pytest.fixture
def okruga(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Okruga]:
    """`okruga(…)` runs a command line; without a database of its own it has none at all."""
    monkeypatch.setenv("OKRUGA_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("OKRUGA_LANG", "en")
    settings.cache_clear()

    def ran(*arguments: object) -> Ran:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    yield ran
    settings.cache_clear()


@pytest.fixture
def in_town(okruga: Okruga, cluster: Cluster, own_town: object, monkeypatch: pytest.MonkeyPatch) -> Okruga:
    """The commands over a model town of the test's own."""
    url = make_url(own_town.owner_url)  # type: ignore[attr-defined]
    monkeypatch.setenv("OKRUGA_DATABASE_URL", cluster.dsn(str(url.database), OWNER))
    settings.cache_clear()
    return okruga


@pytest.fixture
def in_empty(okruga: Okruga, fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Okruga:
    """The commands over an empty database of the test's own."""
    monkeypatch.setenv("OKRUGA_DATABASE_URL", fresh_database)
    settings.cache_clear()
    return okruga


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A real interpreter of its own, in the checkout."""
    import os

    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=CHECKOUT, check=False,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
    )  # fmt: skip
