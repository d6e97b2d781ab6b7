"""A backup is only called one after it has restored to the same rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from geo.errors import BadFile, Conflict, MissingComponent
from geo.settings import settings
from geo.store import backup
from geo.store.embedded import OWNER, Cluster
from geo.store.engine import Database


@pytest.fixture
def server(cluster: Cluster, own_town: Database) -> backup.Server:
    return backup.Server.of(own_town.owner_url, settings())


def test_a_backup_restores_to_the_same_rows(
    server: backup.Server, own_town: Database, cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "town.dump"
    written = backup.backup(server, file)
    assert written["okruga.entry"][0] > 0
    with psycopg.connect(cluster.conninfo(server.database, OWNER), autocommit=True) as owner:
        owner.execute("DELETE FROM okruga.entry")
    own_town.close()
    restored = backup.restore(server, file)
    assert {name: found for name, found in restored.items() if written.get(name) != found} == {}
    with own_town.reading() as connection:
        from sqlalchemy import text

        assert connection.scalar(text("SELECT count(*) FROM published.need")) == written["okruga.need"][0]
    kept = f"{server.database}_before_restore"
    assert kept in cluster.databases()
    cluster.drop_database(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["town.dump"]


def test_a_damaged_file_changes_nothing(server: backup.Server, tmp_path: Path) -> None:
    file = tmp_path / "town.dump"
    before = backup.backup(server, file)
    file.write_bytes(file.read_bytes()[:20_000])
    with pytest.raises(BadFile):
        backup.restore(server, file)
    with server.connect(server.database) as connection:
        assert backup.reckon(connection) == before
    with pytest.raises(BadFile):
        backup.restore(server, tmp_path / "missing.dump")


def test_a_copy_that_differs_is_no_backup(
    server: backup.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup.restore_into

    def lossy(server: backup.Server, file: Path, database: str) -> None:
        real(server, file, database)
        with server.connect(database) as connection:
            connection.execute("DELETE FROM okruga.observation")

    monkeypatch.setattr(backup, "restore_into", lossy)
    with pytest.raises(Conflict, match=r"table (history|okruga)\."):
        backup.backup(server, tmp_path / "town.dump")
    assert list(tmp_path.iterdir()) == []
    assert make_url(server.address("x")).database == "x"


def test_programs_of_another_version_are_refused(server: backup.Server, tmp_path: Path) -> None:
    """What a newer pg_dump writes an older server does not take back."""
    other = tmp_path / "pg_dump"
    other.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.1 (Debian 99.1-1)'\n")
    other.chmod(0o755)
    stranger = replace(server, programs=tmp_path)
    for refused in (backup.backup, backup.restore):
        file = tmp_path / "town.dump"
        file.touch()
        with pytest.raises(MissingComponent, match="PostgreSQL 99"):
            refused(stranger, file)
