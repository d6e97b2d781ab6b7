"""Does the embedded cluster come up, get shared, survive and go away? Real servers, real processes, real signals."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geo.errors import Conflict, MissingComponent, NotAllowed, Unavailable
from geo.store import cluster_account, cluster_binaries, cluster_server
from geo.store.embedded import APP, OWNER, READER, Cluster

# a process that uses the cluster until its standard input is closed; with "child" it starts such a process itself
# and lets go before it, with "fork" it does so by forking
HOLD = """
import subprocess, sys
from multiprocessing import get_context
from pathlib import Path
import psycopg
from geo.store.embedded import Cluster

def use(cluster, until):
    with psycopg.connect(cluster.conninfo("postgres")) as connection:
        print("ready", connection.execute("SELECT pg_postmaster_start_time()").fetchone()[0].timestamp(), flush=True)
    until.read()

folder, mode = Path(sys.argv[1]), sys.argv[2]
cluster = Cluster.open(folder, "test")
if mode == "fork":
    child = get_context("fork").Process(target=use, args=(cluster, open(0, closefd=False)))
    child.start()
    cluster.close()
    child.join()
    sys.exit(child.exitcode)
if mode == "crash":
    use(cluster, sys.stdin)
    import os
    os.kill(os.getpid(), 9)
use(cluster, sys.stdin)
"""


class Holder:
    """One process that uses the cluster of a folder."""

    def __init__(self, folder: Path, mode: str = "plain") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ready(self) -> str:
        """Wait for it; tells when the server it uses was started."""
        assert self.process.stdout is not None
        word, _, started = self.process.stdout.readline().partition(" ")
        assert word == "ready"
        return started

    def leave(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(30)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An open folder: pytest's own is closed to the account the server runs as."""
    with tempfile.TemporaryDirectory(prefix="okruga-cluster-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def pid_of(cluster_home: Path) -> int | None:
    path = cluster_home / "data" / "postmaster.pid"
    return int(path.read_text().split()[0]) if path.exists() else None


def gone(pid: int, socket: Path) -> bool:
    status = Path(f"/proc/{pid}/stat")
    zombie = status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z"  # waits for init, not for us
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        zombie = True
    return zombie and not socket.exists()


def socket_of(cluster_home: Path) -> Path:
    return Path((cluster_home / "data" / "postmaster.pid").read_text().splitlines()[4])


def test_a_cold_start_makes_a_database_with_russian_search_and_order(folder: Path) -> None:
    with Cluster.open(folder, "test") as cluster:
        home, pid, socket = cluster.home, pid_of(cluster.home), socket_of(cluster.home)
        assert pid is not None
        assert socket.stat().st_mode & 0o777 == 0o700
        assert cluster.create_database("okruga") is True
        assert cluster.create_database("okruga") is False
        with psycopg.connect(cluster.conninfo("okruga", OWNER), autocommit=True) as owner:
            owner.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION postgis")
            assert owner.execute("SELECT cardinality(show_trgm('ЖИЗНЬ'))").fetchone() == (6,)
            found = owner.execute("SELECT similarity('Совет ТОС', 'совет тос') = 1, lower('ЁЖ')").fetchone()
            assert found == (True, "ёж")
            words = owner.execute(
                "SELECT array_agg(w ORDER BY w) FROM unnest(array['жук','Ёлка','ель','Ель','ёлка','елка','Анна']) AS w"
            ).fetchone()
            assert words == (["Анна", "елка", "ёлка", "Ёлка", "ель", "Ель", "жук"],)
            network = owner.execute("SELECT inet_server_addr(), current_setting('listen_addresses')").fetchone()
            assert network == (None, "")
        for role, superuser in ((OWNER, True), (APP, False), (READER, False)):
            with psycopg.connect(cluster.conninfo("okruga", role)) as connection:
                row = connection.execute("SELECT usename, usesuper FROM pg_user WHERE usename = current_user")
                assert row.fetchone() == (role, superuser)
    assert gone(pid, socket)
    assert not (home / "data.new").exists()


def test_the_reader_cannot_write_even_by_asking(folder: Path) -> None:
    with Cluster.open(folder, "test") as cluster:
        cluster.create_database("okruga")
        with psycopg.connect(cluster.conninfo("okruga", READER), autocommit=True) as reader:
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                reader.execute("CREATE TABLE public.t (n integer)")
            reader.execute("SET default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("CREATE TABLE public.t (n integer)")


def test_the_last_of_three_processes_stops_the_server_whoever_it_is(folder: Path) -> None:
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        # this process and two it starts while it holds a share: a worker and a command-line child
        own = Cluster.open(folder, "test")
        holders = [Holder(folder), Holder(folder)]
        assert len({holder.ready() for holder in holders}) == 1
        pid, socket = pid_of(own.home), socket_of(own.home)
        leave = [own.close, holders[0].leave, holders[1].leave]
        for left, index in enumerate(order):
            assert socket.exists(), f"stopped with {3 - left} processes still using it, order {order}"
            assert leave[index]() in (None, 0)
        assert pid is not None
        assert gone(pid, socket), order


def test_a_forked_child_keeps_the_server_when_its_parent_lets_go(folder: Path) -> None:
    holder = Holder(folder, "fork")
    holder.ready()
    home = folder / "postgres"
    pid, socket = pid_of(home), socket_of(home)
    assert pid is not None and socket.exists()
    assert holder.leave() == 0
    assert gone(pid, socket)


def test_processes_racing_to_start_get_one_server(folder: Path) -> None:
    holders = [Holder(folder) for _ in range(4)]
    assert len({holder.ready() for holder in holders}) == 1
    pid, socket = pid_of(folder / "postgres"), socket_of(folder / "postgres")
    assert [holder.leave() for holder in holders] == [0, 0, 0, 0]
    assert pid is not None and gone(pid, socket)


def test_a_server_left_by_a_killed_process_is_adopted(folder: Path) -> None:
    holder = Holder(folder, "crash")
    holder.ready()
    pid = pid_of(folder / "postgres")
    assert holder.leave() == -signal.SIGKILL
    with Cluster.open(folder, "test") as cluster:
        assert pid_of(cluster.home) == pid
        socket = socket_of(cluster.home)
    assert pid is not None and gone(pid, socket)


def test_saved_rows_outlive_a_killed_server(folder: Path) -> None:
    with Cluster.open(folder, "safe") as cluster:
        cluster.create_database("okruga")
        with psycopg.connect(cluster.conninfo("okruga", OWNER), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n integer)")
            for n in range(50):
                connection.execute("INSERT INTO kept VALUES (%s)", [n])
            killed = pid_of(cluster.home)
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
        cluster.ensure_running()
        with psycopg.connect(cluster.conninfo("okruga", OWNER)) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (50,)
        # and the same for a process that comes later
        killed = pid_of(cluster.home)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        with Cluster.open(folder, "safe") as later, psycopg.connect(later.conninfo("okruga", OWNER)) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (50,)


def test_a_pid_file_whose_number_another_program_has_now_is_forgotten(folder: Path) -> None:
    Cluster.open(folder, "test").close()
    stale = folder / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1\n5432\n/nonexistent\n\n\nready\n")
    with Cluster.open(folder, "test") as cluster:
        assert pid_of(cluster.home) != os.getpid()


def test_a_server_whose_socket_was_swept_away_is_started_again(folder: Path) -> None:
    with Cluster.open(folder, "test") as cluster:
        shutil.rmtree(socket_of(cluster.home))
        with Cluster.open(folder, "test") as other, psycopg.connect(other.conninfo("postgres")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_has_it_among_the_temporary_files(folder: Path) -> None:
    deep = folder / ("давно-забытая-папка-" * 4)
    with Cluster.open(deep, "test") as cluster:
        socket, pid = socket_of(cluster.home), pid_of(cluster.home)
        assert not socket.is_relative_to(folder)
        assert socket.stat().st_mode & 0o777 == 0o700
        assert len(str(socket)) < 90
    assert pid is not None
    assert gone(pid, socket)


def test_databases_are_copied_listed_and_dropped(folder: Path) -> None:
    with Cluster.open(folder, "test") as cluster:
        cluster.create_database("first")
        with psycopg.connect(cluster.conninfo("first", OWNER), autocommit=True) as connection:
            connection.execute("CREATE TABLE mark AS SELECT 7 AS n")
        cluster.create_database("second", template="first")
        with psycopg.connect(cluster.conninfo("second", OWNER)) as connection:
            assert connection.execute("SELECT n FROM mark").fetchone() == (7,)
        session = psycopg.connect(cluster.conninfo("first", OWNER))
        cluster.drop_database("first")
        cluster.drop_database("first")
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
        assert cluster.databases() == ["second"]


def test_data_made_to_be_kept_are_not_opened_with_the_forgetful_profile(folder: Path) -> None:
    with Cluster.open(folder, "safe") as cluster:
        with pytest.raises(Conflict, match="made to be kept"):
            Cluster.open(folder, "test")
        cluster.ensure_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another account")
def test_a_checkout_closed_to_the_server_account_moves_the_data_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_account, "SYSTEM_HOME", folder / "system")
    closed = folder / "checkout with spaces"
    closed.mkdir(mode=0o700)
    with Cluster.open(closed / "var", "test") as cluster:
        assert cluster.home.is_relative_to(folder / "system")
        assert cluster.notice is not None and str(cluster.home) in str(cluster.notice)
        assert list((closed / "var").iterdir()) == []


def test_a_folder_of_somebody_else_is_refused_in_words(folder: Path) -> None:
    if os.geteuid() == 0:
        (folder / "postgres").mkdir()
        os.chown(folder / "postgres", 65534, 65534)
    else:
        folder.chmod(0o500)
    with pytest.raises(NotAllowed, match="OKRUGA_DATA_DIR"):
        Cluster.open(folder, "test")


def test_a_disk_too_full_for_a_new_database_is_refused_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_server, "INIT_FREE_MB", 10**9)
    with pytest.raises(Unavailable, match="MB are free"):
        Cluster.open(folder, "test")
    assert not (folder / "postgres" / "data").exists()


@pytest.mark.chaos
@pytest.mark.skipif(os.geteuid() != 0, reason="needs a small disk of its own, which only root can mount")
def test_a_full_disk_is_said_in_words_and_loses_nothing(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=260m,mode=755", "none", str(folder)], check=True)
    try:
        with Cluster.open(folder, "safe") as cluster:
            cluster.create_database("okruga")
            with psycopg.connect(cluster.conninfo("okruga", OWNER), autocommit=True) as connection:
                connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
                fill = folder / "fill"
                with fill.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
                    while True:
                        file.write(bytes(65536))
                with pytest.raises(psycopg.Error):
                    connection.execute("CREATE TABLE more AS SELECT generate_series(1, 10000000) AS n")
        with pytest.raises(Unavailable, match="no space left"):
            Cluster.open(folder, "safe")
        fill.unlink()
        with Cluster.open(folder, "safe") as later, psycopg.connect(later.conninfo("okruga", OWNER)) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_server_that_cannot_start_quotes_its_own_reason(folder: Path) -> None:
    Cluster.open(folder, "test").close()
    with (folder / "postgres" / "data" / "postgresql.conf").open("a") as conf:
        conf.write("no_such_option = on\n")
    with pytest.raises(Unavailable, match="no_such_option"):
        Cluster.open(folder, "test")


def _build(
    folder: Path, version: str, postgis: str | None, programs: tuple[str, ...] = cluster_binaries.PROGRAMS
) -> Path:
    """A folder that looks like an installation of PostgreSQL."""
    (folder / "bin").mkdir(parents=True)
    for program in programs:
        (folder / "bin" / program).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / "bin" / program).chmod(0o755)
    if postgis is not None:
        (folder / "share" / "extension").mkdir(parents=True)
        (folder / "share" / "extension" / "postgis.control").write_text(f"default_version = '{postgis}'\n")
    return folder


@pytest.fixture
def only_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cluster_binaries, "BIN_GLOBS", (f"{folder}/*/bin",))
    monkeypatch.setattr(cluster_binaries, "SHARE_PATTERNS", ())
    return folder


def test_the_newest_complete_installation_wins_and_data_keep_theirs(only_here: Path) -> None:
    _build(only_here / "a", "17.2", "3.5.0")
    _build(only_here / "b", "15.10 (Debian 15.10-0)", "3.3.2")
    _build(only_here / "c", "18.1", None)
    _build(only_here / "d", "14.9", "3.5.0")
    assert cluster_binaries.find().major == 17
    assert cluster_binaries.find(major=15).folder == only_here / "b" / "bin"
    with pytest.raises(MissingComponent, match="written by PostgreSQL 16"):
        cluster_binaries.find(major=16)


def test_a_lone_initdb_is_not_an_installation(only_here: Path) -> None:
    real = cluster_binaries.PROGRAMS[0]
    _build(only_here / "local", "17.2", "3.5.0", programs=(real,))
    with pytest.raises(MissingComponent, match="not found"):
        cluster_binaries.find()


@pytest.mark.parametrize("postgis", [None, "3.2.1"])
def test_a_server_without_a_postgis_new_enough_is_said_in_words(only_here: Path, postgis: str | None) -> None:
    _build(only_here / "a", "17.2", postgis)
    with pytest.raises(MissingComponent, match="PostgreSQL 17 is here, but PostGIS"):
        cluster_binaries.find()


def test_the_folder_of_the_setting_is_the_only_one_looked_at(only_here: Path) -> None:
    _build(only_here / "a", "17.2", "3.5.0")
    assert cluster_binaries.find(str(only_here / "a" / "bin")).major == 17
    with pytest.raises(MissingComponent, match="OKRUGA_POSTGRES_BIN"):
        cluster_binaries.find(str(only_here))


def test_links_lead_to_the_build_they_point_at(only_here: Path) -> None:
    _build(only_here / "real", "16.4", "3.4.2")
    links = only_here / "links" / "bin"
    links.mkdir(parents=True)
    for program in cluster_binaries.PROGRAMS:
        (links / program).symlink_to(only_here / "real" / "bin" / program)
    assert {found.folder for found in cluster_binaries._complete([links])} == {only_here / "real" / "bin"}


def test_leaving_twice_is_harmless_and_a_left_cluster_says_so(folder: Path) -> None:
    cluster = Cluster.open(folder, "test")
    cluster.close()
    cluster.close()
    with pytest.raises(Unavailable, match="already closed"):
        cluster.ensure_running()
