"""Do the addresses of a whole file come back over HTTP, none lost, only to who sent them, and after kill -9 too?"""

from __future__ import annotations

import csv
import io
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from geo.batch import address_files
from geo.settings import settings
from geo.store.embedded import Cluster
from geo.store.engine import Database
from tests.api.test_import_kill import Visitor, serving, until
from tests.api.test_sign_in import HOME, OURS, enter

HERE = "/steward/geocode/files"
LIST = "№;Адрес;Заметка\n1;Воркута;=1+1\n2;51.678, 47.623;-5\n3;с. Неведомое, ул. Садовая, 2;x\n4;Воркута;y\n"
PATIENCE_S = 40.0


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OKRUGA_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


class Sender:
    """A signed-in browser."""

    def __init__(self, database: Database, login: str = "admin") -> None:
        self.client = TestClient(create_app(database), base_url=HOME, raise_server_exceptions=False)
        self.token = enter(self.client, database, login)

    def post(self, address: str, **more):  # type: ignore[no-untyped-def]
        data = {"form": self.token} | more.pop("data", {})
        return self.client.post(address, data=data, headers=OURS, follow_redirects=False, **more)

    def send(self, content: str, **fields: str):  # type: ignore[no-untyped-def]
        return self.post(f"{HERE}/send", data=fields, files={"file": ("список.csv", content.encode())})

    def state(self, address: str) -> dict[str, object]:
        found: dict[str, object] = self.client.get(address, headers={"Accept": "application/json"}).json()
        return found

    def finished(self, address: str) -> dict[str, object]:
        end = time.monotonic() + PATIENCE_S
        while not (state := self.state(address))["finished"]:
            assert time.monotonic() < end, state
            time.sleep(0.02)
        return state

    def rows(self, address: str) -> list[dict[str, str]]:
        answer = self.client.get(f"{address}/result.csv")
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_list_comes_back_with_its_places(own_town: Database) -> None:
    sender = Sender(own_town)
    answer = sender.send(LIST)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    state = sender.finished(address)
    assert (state["rows"], state["done"]) == (4, 4)
    assert state["counts"] == {"accepted": 3, "unmatched": 1, "level:settlement": 2, "level:point": 1}
    rows = sender.rows(address)
    assert [row["№"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["Заметка"] for row in rows] == ["'=1+1", "-5", "x", "y"]
    assert [row["match_level"] for row in rows] == ["settlement", "point", "none", "settlement"]
    assert (rows[1]["lat"], rows[1]["lon"], rows[1]["certainty"]) == ("51.678000", "47.623000", "inside")
    assert "civic_district:d1" in rows[1]["territories"].split("; ")
    assert rows[2]["lat"] == "" and "Неведомое" in rows[2]["why"]
    page = sender.client.get(address).text
    assert "/result.csv" in page and "http-equiv" not in page
    assert sender.post(f"{address}/discard").status_code == 303
    assert sender.client.get(address).status_code == 404


def test_what_cannot_be_read_is_said_and_nothing_is_kept(own_town: Database, tmp_path: Path) -> None:
    sender = Sender(own_town)
    answer = sender.send("a;b\n1;2\n")
    assert answer.status_code == 422 and "--column" in answer.text
    assert sender.send(LIST, column="Нет такой").status_code == 422
    assert sender.send(LIST, within="нигде").status_code == 404
    assert sender.state(f"{HERE}/1")["status"] == 404
    assert not list(tmp_path.rglob("*.csv"))


def test_files_belong_to_who_sent_them(own_town: Database) -> None:
    owner = Sender(own_town)
    address = owner.send(LIST).headers["location"]
    stranger = TestClient(create_app(own_town), base_url=HOME, raise_server_exceptions=False)
    assert stranger.get(address, follow_redirects=False).status_code == 303
    assert stranger.get(f"{address}/result.csv").status_code == 403
    refused = stranger.post(f"{HERE}/send", files={"file": ("a.csv", b"x")}, headers=OURS)
    assert refused.status_code == 403
    owner.token = "0" * 32
    assert owner.post(f"{address}/discard").status_code == 403
    owner.finished(address)


@pytest.mark.chaos
def test_a_killed_service_goes_on_where_it_was(own_town: Database, cluster: Cluster, tmp_path: Path) -> None:
    lines = [f"{n};ул. Дальняя {n} д. {n % 90}\n" for n in range(6_000)]
    with serving(cluster, own_town, tmp_path) as (child, address):
        visitor = Visitor(address, own_town)
        sent = visitor.client.post(
            f"{HERE}/send", data={"form": visitor.token}, files={"file": ("a.csv", "№;Адрес\n" + "".join(lines))}
        )
        assert sent.status_code == 303, sent.text
        until(lambda: done(own_town) > 0)
        child.send_signal(signal.SIGKILL)
        child.wait(30)
    before = done(own_town)
    assert 0 < before < len(lines)
    # the application that starts next goes on by itself, before anybody asks
    with TestClient(create_app(own_town), base_url=HOME):
        until(lambda: done(own_town) == len(lines))
        until(lambda: finished(own_town))
    with own_town.computing() as connection:
        file = address_files.get_file(connection, 1)
    result = b"".join(address_files.result(own_town, file)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(result)))
    assert [row["№"] for row in rows] == [str(n) for n in range(len(lines))]
    assert all(row["status"] and row["gazetteer_version"] for row in rows)


def done(database: Database) -> int:
    with database.computing() as connection:
        found = connection.scalar(
            text("SELECT coalesce(sum(row_count), 0) FROM okruga.address_file_part WHERE answers IS NOT NULL")
        )
    return int(found or 0)


def finished(database: Database) -> bool:
    with database.computing() as connection:
        return not address_files.unfinished(connection)
