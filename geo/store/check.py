"""What is wrong with this installation, and what to do about it? One small check after another, each with its remedy.

A check is a function: the first line of its docstring is the title people read, its decorator carries the remedy. It
returns what it saw when all is well, and raises `Trouble` (or any OkrugaError) otherwise.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sqlalchemy import Connection, text

from geo.errors import N_, Message, OkrugaError
from geo.settings import Settings
from geo.store import migrate
from geo.store.cluster_binaries import MIN_POSTGIS, find, version_tuple
from geo.store.cluster_config import READER
from geo.store.engine import Database

State = Literal["ok", "warn", "fail"]
LEAST_FREE_MB = 200
LEAST_FREE_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the report; title, detail and remedy are translated where they are shown."""

    name: str
    state: State
    title: str
    detail: Message | None = None
    remedy: Message | None = None


class Trouble(Exception):
    """A check that did not hold; `state` says how bad that is."""

    def __init__(self, message: str, state: State = "fail", **params: object) -> None:
        super().__init__(message)
        self.message = Message(message, params)
        self.state = state


class Installation:
    """What the checks look at; the database is opened by the first check that needs it, and closed with `with`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = ExitStack()

    @property
    def embedded(self) -> bool:
        return not self.settings.database_url

    @cached_property
    def database(self) -> Database:
        database = Database.open(self.settings)
        self._stack.callback(database.close)
        return database

    @cached_property
    def reader(self) -> Connection:
        """One connection of the public role, for questions that any role may ask."""
        return self._stack.enter_context(self.database.reading())

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


Looks = Callable[[Installation], Message | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: how to look, what to do when it fails, and the check without which it makes no sense."""

    look: Looks
    remedy: str
    after: str = ""

    @property
    def name(self) -> str:
        return self.look.__name__

    @property
    def title(self) -> str:
        return (inspect.getdoc(self.look) or "").splitlines()[0]

    def run(self, installation: Installation) -> Outcome:
        try:
            return Outcome(self.name, "ok", self.title, self.look(installation))
        except Trouble as trouble:
            return Outcome(self.name, trouble.state, self.title, trouble.message, Message(self.remedy))
        except OkrugaError as error:
            remedy = error.remedy if error.remedy.msgid else Message(self.remedy)
            return Outcome(self.name, "fail", self.title, error.message, remedy)


CHECKS: list[Check] = []


def check(remedy: str, *, after: Looks | None = None) -> Callable[[Looks], Looks]:
    """Put a function among the checks, in the order of definition; it is left out when `after` failed."""

    def register(look: Looks) -> Looks:
        CHECKS.append(Check(look, remedy, after.__name__ if after else ""))
        return look

    return register


def examine(settings: Settings, checks: list[Check] | None = None) -> Iterator[Outcome]:
    """Run the checks one after another, leaving out those that could only repeat what failed before."""
    failed: set[str] = set()
    with Installation(settings) as installation:
        for each in CHECKS if checks is None else checks:
            if each.after in failed:
                failed.add(each.name)
                continue
            outcome = each.run(installation)
            if outcome.state == "fail":
                failed.add(each.name)
            yield outcome


@check(N_("Install PostgreSQL 15 or newer with PostGIS 3.3 or newer."))
def programs(installation: Installation) -> Message | None:
    """PostgreSQL and PostGIS are installed"""
    if not installation.embedded:
        return Message(N_("not needed: the database is elsewhere"))
    found = find(installation.settings.postgres_bin)
    params = {"major": found.major, "postgis": found.postgis, "folder": found.folder}
    return Message(N_("PostgreSQL {major} with PostGIS {postgis} in {folder}"), params)


@check(N_("Free some space, or move OKRUGA_DATA_DIR to a larger disk."))
def disk_space(installation: Installation) -> Message | None:
    """There is room on the disk of the data"""
    folder = installation.settings.data_dir
    while not folder.exists():
        folder = folder.parent
    disk = shutil.disk_usage(folder)
    free = disk.free // 2**20
    if free < LEAST_FREE_MB:
        raise Trouble(N_("only {free} MB are free in {folder}"), free=free, folder=folder)
    if disk.free < disk.total * LEAST_FREE_SHARE:
        raise Trouble(N_("less than a tenth is free in {folder}: {free} MB"), "warn", free=free, folder=folder)
    return Message(N_("{free} MB free in {folder}"), {"free": free, "folder": folder})


@check(N_("Start it, or correct OKRUGA_DATABASE_URL."))
def database_answers(installation: Installation) -> Message | None:
    """The database answers"""
    version = installation.reader.scalar(text("SHOW server_version"))
    kind = N_("PostgreSQL {version}, kept in the data folder") if installation.embedded else N_("PostgreSQL {version}")
    return Message(kind, {"version": str(version).split()[0]})


@check(N_("Install the PostGIS package that fits the database server."), after=database_answers)
def postgis(installation: Installation) -> Message | None:
    """PostGIS is new enough in the database"""
    found = installation.reader.scalar(_POSTGIS)
    if found is None:
        raise Trouble(N_("the server has no PostGIS"))
    if version_tuple(found) < MIN_POSTGIS:
        raise Trouble(N_("PostGIS {version} is too old, 3.3 is needed"), version=found)
    return Message(N_("PostGIS {version}"), {"version": found})


@check(
    N_("Make the database with a UTF-8 locale and ICU order (docs/operations.md), and restore a backup into it."),
    after=database_answers,
)
def letters(installation: Installation) -> Message | None:
    """Cyrillic is searched without regard to case and sorted in Russian order"""
    row = installation.reader.execute(
        text("SELECT lower('ЁЖ') = 'ёж', 'е' < 'ё' AND 'ё' < 'ж' AND 'Ель' < 'жук', getdatabaseencoding()")
    ).one()
    small_letters, order, encoding = row
    if encoding != "UTF8" or not small_letters:
        raise Trouble(N_("this database takes Cyrillic letters for signs: search will not find them"))
    if not order:
        raise Trouble(N_("lists will not be in Russian order"), "warn")
    return None


@check(N_("Start the service once with this version: it makes and upgrades the tables."), after=database_answers)
def migrations(installation: Installation) -> Message | None:
    """The tables fit this version of the program"""
    with installation.database.app.connect() as connection:
        at, head = migrate.current(connection), migrate.head()
    if at != head:
        raise Trouble(N_("the database is at {at}, the program expects {head}"), at=at or "-", head=head)
    if migrate.stored_digest(installation.reader) != migrate.derived_digest():
        raise Trouble(N_("views and grants were made by another version of the program"))
    return Message(N_("revision {head}"), {"head": head})


@check(N_("Start the service with this version once: it makes the extensions."), after=migrations)
def trigrams(installation: Installation) -> Message | None:
    """Similar words are found"""
    schema = installation.reader.scalar(
        text("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_trgm'")
    )
    if schema is None:
        raise Trouble(N_("the extension pg_trgm is missing in this database"))
    if not installation.reader.scalar(text(f"SELECT cardinality({schema}.show_trgm('ЖИЗНЬ'))")):
        raise Trouble(N_("this database takes Cyrillic letters for signs: search will not find them"))
    return None


@check(N_("Take away the rights that somebody gave by hand, then start the service."), after=migrations)
def public_role(installation: Installation) -> Message | None:
    """The public role reads published views and nothing else"""
    open_to_all = installation.reader.scalars(_READABLE, {"role": READER, "schemas": ["okruga", "personal", "history"]})
    if names := list(open_to_all):
        raise Trouble(N_("it can read {names}"), names=", ".join(names[:5]))
    if writable := list(installation.reader.scalars(_WRITABLE, {"role": READER})):
        raise Trouble(N_("it can write {names}"), names=", ".join(writable[:5]))
    views = list(installation.reader.scalars(_READABLE, {"role": READER, "schemas": ["published"]}))
    if not views:
        raise Trouble(N_("it cannot read the published views either"))
    return Message(N_("{count} views"), {"count": len(views)})


@check(N_("Correct OKRUGA_READ_URL, or empty it to read from the main database."), after=database_answers)
def replica(installation: Installation) -> Message | None:
    """The read replica keeps up"""
    if not installation.settings.read_url:
        return Message(N_("none is used"))
    row = installation.reader.execute(
        text("SELECT pg_is_in_recovery(), extract(epoch FROM now() - pg_last_xact_replay_timestamp())::int")
    ).one()
    if not row[0]:
        raise Trouble(N_("OKRUGA_READ_URL leads to a database that is not a replica"), "warn")
    if row[1] and row[1] > 60:
        raise Trouble(N_("it is {seconds} s behind, or nothing was written for so long"), "warn", seconds=row[1])
    return None


_POSTGIS = text("""
    SELECT coalesce(installed_version, default_version) FROM pg_available_extensions WHERE name = 'postgis'
""")
# privileges of a role, asked column by column too: a grant on one column is a grant
_READABLE = text("""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND has_schema_privilege(:role, n.oid, 'USAGE') AND has_any_column_privilege(:role, c.oid, 'SELECT')
    ORDER BY 1
""")
_WRITABLE = text("""
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_schema_privilege(:role, n.oid, 'USAGE')
      AND (has_any_column_privilege(:role, c.oid, 'INSERT, UPDATE')
           OR has_table_privilege(:role, c.oid, 'DELETE, TRUNCATE'))
    ORDER BY 1
""")
