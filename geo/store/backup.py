"""How is a backup made that can be trusted? It is restored at once, and both copies are compared row by row.

`pg_dump` and the reckoning look at the same snapshot, so writes in the meantime do not disturb the comparison. A backup
appears under its name only after its copy has given the same count and digest for every table: listing a damaged file
says that all is well, only restoring it finds out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from geo.errors import N_, BadFile, Conflict, Message, MissingComponent, Unavailable
from geo.progress import SILENT, Progress
from geo.settings import Settings
from geo.store import cluster_binaries, migrate

SCHEMAS = ("okruga", "personal", "history")
DIGEST = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {} t"

Reckoning = dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Server:
    """The database server a backup is made of: an owner's address, and the folder of the client programs."""

    url: URL
    programs: Path | None

    @classmethod
    def of(cls, owner_url: str, settings: Settings) -> Server:
        """The server of the settings; its own programs for the embedded one, those on the path otherwise."""
        embedded = not settings.database_url
        return cls(make_url(owner_url), cluster_binaries.find(settings.postgres_bin).folder if embedded else None)

    @property
    def database(self) -> str:
        return str(self.url.database)

    def address(self, database: str) -> str:
        """Address of a database of this server for libpq."""
        return str(self.url.set(drivername="postgresql", database=database).render_as_string(hide_password=False))

    def program(self, name: str) -> str:
        """Path of pg_dump or pg_restore. Raises MissingComponent."""
        found = str(self.programs / name) if self.programs else shutil.which(name)
        if not found or not Path(found).exists():
            raise MissingComponent(
                N_("The program {name} is not installed."),
                remedy=N_("Install the PostgreSQL client programs."),
                name=name,
            )
        return found

    def check_programs(self) -> None:
        """Raises MissingComponent when pg_dump is not of the server's version: its dumps restore in part only."""
        told = subprocess.run([self.program("pg_dump"), "--version"], capture_output=True, text=True, check=True).stdout
        client = int(re.findall(r"\d+", told)[0])
        with self.connect(self.database) as connection:
            server = connection.info.server_version // 10_000
        if client != server:
            raise MissingComponent(
                N_("The client programs are of PostgreSQL {client}, the server is PostgreSQL {server}."),
                remedy=N_("Install the client programs of the server's version."), client=client, server=server,
            )  # fmt: skip

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.address(database), autocommit=True)


def backup(server: Server, to: Path, progress: Progress = SILENT) -> Reckoning:
    """Write a proven backup. Returns what was counted in every table.

    Raises Unavailable when the dump fails, Conflict when its copy differs, MissingComponent without a fitting pg_dump.
    """
    server.check_programs()
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        with progress.step(N_("Writing the backup"), 3) as step:
            with server.connect(server.database) as connection, connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
                dump(server, unfinished, str((snapshot or [""])[0]))
                step.advance()
                stored = reckon(connection)
            step.advance()
            prove(server, unfinished, stored)
            step.advance()
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return stored


def dump(server: Server, to: Path, snapshot: str) -> None:
    """pg_dump of our schemas in its own format, on disk before it is called done."""
    extensions = [f"--extension={name}" for name in ("postgis", "btree_gist", "pg_trgm")]
    schemas = [f"--schema={name}" for name in (*SCHEMAS, "published")]
    run(server, "pg_dump", "-Fc", f"--snapshot={snapshot}", *schemas, *extensions, f"--file={to}",
        server.address(server.database))  # fmt: skip
    with to.open("rb") as file:
        os.fsync(file.fileno())


def prove(server: Server, file: Path, stored: Reckoning) -> None:
    """Restore into a scratch database and compare. Raises Conflict naming the first table that differs."""
    with scratch(server) as name:
        restore_into(server, file, name)
        with server.connect(name) as connection:
            found = reckon(connection)
    differing = sorted(table for table in stored.keys() | found.keys() if stored.get(table) != found.get(table))
    if differing:
        raise Conflict(
            N_("The backup does not restore to the same rows (table {table})."),
            remedy=N_("Check the disk, then make it again; the earlier backups are untouched."), table=differing[0],
        )  # fmt: skip


def restore(server: Server, file: Path, progress: Progress = SILENT) -> Reckoning:
    """Put a backup in place of the database: first beside it, then under its name, so that a bad file costs nothing.

    The database there was is kept as `<name>_before_restore`, replacing an earlier one of that name. Nobody may be
    using it. Raises BadFile when the file does not restore.
    """
    if not file.is_file():
        raise BadFile(N_("{file} cannot be opened: {problem}."), remedy=N_("Check the path."), file=file.name,
                      problem=Message(N_("there is no such file")))  # fmt: skip
    server.check_programs()
    before = f"{server.database}_before_restore"
    with progress.step(N_("Restoring"), 3) as step, scratch(server) as name:
        restore_into(server, file, name)
        step.advance()
        migrate.upgrade(str(server.url.set(database=name).render_as_string(hide_password=False)))
        step.advance()
        with server.connect(name) as connection:
            found = reckon(connection)
        with server.connect("postgres") as connection:
            replace(connection, server.database, name, before)
        step.advance()
    return found


def replace(connection: psycopg.Connection[tuple[object, ...]], database: str, by: str, before: str) -> None:
    """Give the new database the name of the old one, which is kept under another."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(before)))
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
        (database,),
    )
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        connection.execute(rename.format(sql.Identifier(database), sql.Identifier(before)))
    except psycopg.errors.ObjectInUse as error:
        raise Unavailable(
            N_("The database is in use."), remedy=N_("Stop the service and its commands, then try again.")
        ) from error
    connection.execute(rename.format(sql.Identifier(by), sql.Identifier(database)))


def restore_into(server: Server, file: Path, database: str) -> None:
    """pg_restore into an empty database, all or nothing."""
    try:
        run(
            server,
            "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={server.address(database)}",
            str(file),
        )
    except Unavailable as error:
        raise BadFile(
            N_("{file} does not restore: {problem}"),
            remedy=N_("The file is damaged or no backup of Okruga; take another."),
            file=file.name, problem=error.message.params.get("problem", ""),
        ) from error  # fmt: skip


@contextmanager
def scratch(server: Server) -> Iterator[str]:
    """An empty database that is dropped afterwards (unless it was renamed away)."""
    name = f"{server.database}_scratch_{os.getpid()}"
    with server.connect("postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        # as empty as a database can be: the dump brings its own schema public and extensions
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def reckon(connection: psycopg.Connection[tuple[object, ...]]) -> Reckoning:
    """Row count and digest of every table of ours; the digest does not depend on the order of rows."""
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY (%s) ORDER BY 1, 2", (list(SCHEMAS),)
    ).fetchall()
    found: Reckoning = {}
    for schema, table in tables:
        row = connection.execute(sql.SQL(DIGEST).format(sql.Identifier(str(schema), str(table)))).fetchone()
        if row is not None:
            found[f"{schema}.{table}"] = (int(str(row[0])), str(row[1]))
    return found


def run(server: Server, program: str, *arguments: str) -> None:
    """Run a client program. Raises Unavailable with its last words."""
    done = subprocess.run([server.program(program), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise Unavailable(
            N_("{program} stopped: {problem}"), remedy=N_("Check free disk space and the database, then try again."),
            program=program, problem=lines[0] if lines else f"exit {done.returncode}",
        )  # fmt: skip
