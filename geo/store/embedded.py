"""How does the program get a PostGIS of its own, without a server being set up for it?

It keeps a private PostgreSQL cluster in its data folder, run from the system's programs, reachable only through
a unix socket in a folder nobody else can enter. Processes share it: the first starts it, later ones join,
the last one to leave stops it, and one that was left behind by a crash is adopted by the next start.

    with Cluster.open(Path("var"), "safe") as cluster:
        cluster.create_database("okruga")
        engine = create_engine(cluster.dsn("okruga", APP))

It answers nothing about tables and migrations, and it is not used at all with `OKRUGA_DATABASE_URL`.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Sequence
from multiprocessing import util as multiprocessing_util
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self
from urllib.parse import quote

import psycopg
from psycopg import conninfo, sql

from geo.errors import N_, Message, Unavailable
from geo.settings import settings
from geo.store.cluster_account import cluster_home, server_account
from geo.store.cluster_binaries import Binaries
from geo.store.cluster_config import APP, OWNER, READER, Profile
from geo.store.cluster_lock import Share, alone
from geo.store.cluster_server import PidFile, Server

__all__ = ["APP", "OWNER", "READER", "Cluster", "Profile"]

log = logging.getLogger(__name__)


class Cluster:
    """One process's use of a private cluster; made by `open`, given back by `close` or at exit."""

    def __init__(self, server: Server, profile: Profile, share: Share, up: PidFile, notice: Message | None) -> None:
        self._server = server
        self._profile = profile
        self._share = share
        self._socket = up.socket
        self.notice = notice
        _clusters.add(self)
        multiprocessing_util.register_after_fork(self, Cluster._close_with_child)

    @classmethod
    def open(cls, data_dir: Path, profile: Profile = "safe") -> Self:
        """Join the cluster of this data folder, making and starting it when needed.

        Raises MissingComponent (no PostgreSQL or PostGIS), NotAllowed (closed folder), Unavailable (full disk,
        server does not start) or Conflict (kept data asked for with the profile `test`), each with its remedy.
        """
        account = server_account()
        home = cluster_home(data_dir, account)
        server = Server(home, account, settings().postgres_bin)
        with alone(home / "start.lock", account):
            share = Share(home / "owners.lock", account)
            try:
                up = _bring_up(server, profile)
            except BaseException:  # whatever it was, also a signal: leave no half-started server behind
                _leave(server, share)
                raise
        return cls(server, profile, share, up, _notice(data_dir, home, account.name))

    @property
    def home(self) -> Path:
        """Folder of the cluster: data, locks, logs."""
        return self._server.home

    @property
    def binaries(self) -> Binaries:
        return self._server.binaries

    def ensure_running(self) -> None:
        """Start the server again if it was killed; cheap when it is up."""
        if not self._share.held:
            raise Unavailable(N_("The embedded database was already closed in this process."))
        with alone(self.home / "start.lock", server_account()):
            self._socket = _bring_up(self._server, self._profile).socket

    def dsn(self, database: str, role: str = APP) -> str:
        """Address for SQLAlchemy: `postgresql+psycopg://role@/database?host=…`."""
        return f"postgresql+psycopg://{quote(role)}@/{quote(database)}?host={quote(str(self._socket))}"

    def conninfo(self, database: str, role: str = APP) -> str:
        """Address for libpq, psycopg and pg_dump: `host=… port=… dbname=… user=…`."""
        return conninfo.make_conninfo(host=str(self._socket), port=5432, dbname=database, user=role)

    def databases(self) -> list[str]:
        """Names of the databases made here, oldest first."""
        made_here = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY oid"
        return [str(row[0]) for row in self._query(made_here)]

    def create_database(self, name: str, template: str | None = None) -> bool:
        """Make a database, as a copy of `template` when given. False when it was already there.

        Nobody may be connected to the template. Copying files is fastest where a crash may lose the copy.
        """
        if name in self.databases():
            return False
        statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
        if template is not None:
            strategy = "file_copy" if self._profile == "test" else "wal_log"
            statement += sql.SQL(" TEMPLATE {} STRATEGY {}").format(sql.Identifier(template), sql.Identifier(strategy))
        try:
            self._execute(statement)
        except psycopg.errors.DuplicateDatabase:  # another process was quicker
            return False
        return True

    def rename_database(self, name: str, to: str) -> None:
        """Give a database another name; nobody may be connected to it."""
        self._execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))

    def drop_database(self, name: str) -> None:
        """Delete a database with everything in it, ending the sessions in it; nothing happens if there is none."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        """Leave the cluster; the last process to leave stops the server. Closing twice is allowed."""
        if not self._share.held:
            return
        _clusters.discard(self)
        with alone(self.home / "start.lock", server_account()):
            _leave(self._server, self._share)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.conninfo("postgres", OWNER), autocommit=True) as connection:
            connection.execute(statement)

    def _query(self, statement: LiteralString) -> Sequence[tuple[object, ...]]:
        with psycopg.connect(self.conninfo("postgres", OWNER), autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def _close_with_child(self) -> None:
        """A child of multiprocessing ends without atexit, so its end is hooked where that module looks."""
        multiprocessing_util.Finalize(self, self.close, exitpriority=0)


_clusters: set[Cluster] = set()


@atexit.register
def _close_all() -> None:
    for cluster in list(_clusters):
        cluster.close()


def _bring_up(server: Server, profile: Profile) -> PidFile:
    """Adopt the running server or make and start one; the caller holds the start lock."""
    server.refuse_other_profile(profile)
    if up := server.running():
        return up
    server.make(profile)
    return server.start(profile)


def _leave(server: Server, share: Share) -> None:
    """Give the share back, stopping the server when it was the last one; the caller holds the start lock."""
    if share.leave():
        try:
            server.stop()
        finally:
            share.release()


def _notice(data_dir: Path, home: Path, account: str) -> Message | None:
    """What the operator should know when the data are not where the setting says."""
    if home.parent == data_dir.expanduser().absolute():
        return None
    notice = Message(
        N_("The account {account} cannot enter {asked}, so the database is kept in {folder}."),
        {"account": account, "asked": data_dir.expanduser().absolute(), "folder": home},
    )
    log.warning("%s", notice)
    return notice
