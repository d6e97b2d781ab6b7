"""Does the service end cleanly when it is told to, whenever that is? Real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the account of the database can enter."""
    with tempfile.TemporaryDirectory(prefix="okruga-stopping-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def start(folder: Path) -> subprocess.Popen[str]:
    settings = {"OKRUGA_DATA_DIR": str(folder), "OKRUGA_DEMO": "none", "OKRUGA_CLUSTER_PROFILE": "test"}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=os.environ | settings, stdout=pipe, stderr=pipe, text=True)


def postmaster(folder: Path) -> Path:
    return folder / "postgres" / "data" / "postmaster.pid"


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.chaos)])
def test_a_running_service_stops_its_database_and_calls_that_a_success(folder: Path, number: signal.Signals) -> None:
    service = start(folder)
    assert service.stdout is not None
    address = service.stdout.readline().strip()
    with urllib.request.urlopen(address + "healthz") as answer:
        assert answer.status == 200
    assert postmaster(folder).exists()
    service.send_signal(number)
    said = service.communicate(timeout=60)[1]
    assert service.returncode == 0, said
    assert "Traceback" not in said
    assert not postmaster(folder).exists()


def test_a_service_told_to_stop_before_it_answers_leaves_no_database_running(folder: Path) -> None:
    service = start(folder)
    while not postmaster(folder).exists():
        assert service.poll() is None
        time.sleep(0.01)
    service.terminate()
    said = service.communicate(timeout=60)[1]
    assert service.returncode in {0, 128 + signal.SIGTERM}, said
    assert not postmaster(folder).exists()


@pytest.mark.chaos
def test_a_running_service_starts_its_killed_database_again(folder: Path) -> None:
    service = start(folder)
    assert service.stdout is not None
    address = service.stdout.readline().strip()
    killed = postmaster(folder).read_text().split()[0]
    os.kill(int(killed), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not ready(address):
        assert time.monotonic() < deadline, "the database did not come back"
        time.sleep(0.2)
    assert postmaster(folder).read_text().split()[0] != killed
    service.terminate()
    assert service.wait(60) == 0
    assert not postmaster(folder).exists()


def ready(address: str) -> bool:
    """Whether the service says that it can serve."""
    try:
        with urllib.request.urlopen(address + "readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
