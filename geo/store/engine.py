"""How does the program reach its database, and as whom?

Three roles: the owner changes the shape, `app` writes the registers, `reader` sees the published views only and can
write nothing. The embedded cluster has a login for each; an external database is entered with one login that takes
the role. The caller owns the transaction: `reading()` and `writing()` open one, everything below only executes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geo.errors import N_, Unavailable
from geo.settings import Settings
from geo.store.cluster_config import APP, OWNER, READER

__all__ = [
    "APP", "DATABASE", "OWNER", "READER", "Connection", "Database", "act_as", "derived", "gone_is_unavailable",
]  # fmt: skip

DATABASE = "okruga"


class Holder(Protocol):
    """Something that must be closed with the database: the embedded cluster."""

    def close(self) -> None: ...
    def ensure_running(self) -> None: ...


class Database:
    """The connections of one process, by role. `url_of` gives a SQLAlchemy URL for a role."""

    def __init__(
        self, url_of: Callable[[str], str], settings: Settings, read_url: str = "", holder: Holder | None = None
    ) -> None:
        self._url_of = url_of
        self._settings = settings
        self._read_url = read_url
        self._holder = holder
        # what was made from these connections and lives as long as they do, by name
        self.beside: dict[str, Any] = {}

    @classmethod
    def open(cls, settings: Settings) -> Database:
        """The database the settings name: an external one, or the embedded cluster, started when needed.

        Raises Unavailable or MissingComponent with a remedy.
        """
        if settings.database_url:
            url = str(make_url(settings.database_url).set(drivername="postgresql+psycopg").render_as_string(False))
            return cls(lambda _role: url, settings, settings.read_url)
        # imported late: with an external database nothing of the embedded cluster is needed
        from geo.store.embedded import Cluster

        cluster = Cluster.open(settings.data_dir, settings.cluster_profile)
        cluster.create_database(DATABASE)
        return cls(lambda role: str(cluster.dsn(DATABASE, role)), settings, settings.read_url, cluster)

    def revive(self) -> None:
        """Start the embedded server again if it was killed; a database elsewhere is not ours to start."""
        if self._holder is not None:
            self._holder.ensure_running()

    @property
    def owner_url(self) -> str:
        return self._url_of(OWNER)

    @cached_property
    def app(self) -> Engine:
        return self._engine(self._url_of(APP), APP, "")

    @cached_property
    def reader(self) -> Engine:
        timeout = int(self._settings.statement_timeout * 1000)
        limits = f" -c default_transaction_read_only=on -c statement_timeout={timeout}"
        return self._engine(self._read_url or self._url_of(READER), READER, limits)

    def _engine(self, url: str, role: str, limits: str) -> Engine:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        take_role = "" if parsed.username == role else f" -c role={role}"
        return create_engine(
            parsed,
            pool_size=self._settings.pool_size,
            max_overflow=0,
            pool_timeout=self._settings.pool_timeout,
            pool_pre_ping=True,
            connect_args={
                "options": f"-c search_path=okruga,public -c jit=off -c TimeZone=UTC{take_role}{limits}",
                "connect_timeout": 3,
            },
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read-only transaction of the reader role (public pages and the API)."""
        with gone_is_unavailable(), self.reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, actor: str, import_run: int | None = None) -> Iterator[Connection]:
        """One write transaction of the app role, committed at the end; `actor` goes into the row history."""
        with gone_is_unavailable(), self.app.begin() as connection:
            act_as(connection, actor, import_run)
            yield connection

    @contextmanager
    def computing(self) -> Iterator[Connection]:
        """One read-only transaction of the app role, for answers made of more than the public may see (the residents
        of single population cells); whoever opens it publishes sums only."""
        with gone_is_unavailable(), self.app.connect() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            yield connection

    def close(self) -> None:
        self.beside.clear()
        for name in ("app", "reader"):
            if name in self.__dict__:
                self.__dict__.pop(name).dispose()
        if self._holder is not None:
            self._holder.close()


def act_as(connection: Connection, actor: str, import_run: int | None = None) -> None:
    """Tell the history triggers who writes, until the transaction ends."""
    connection.execute(
        text("SELECT set_config('okruga.actor', :actor, true), set_config('okruga.import_run', :run, true)"),
        {"actor": actor, "run": "" if import_run is None else str(import_run)},
    )


@contextmanager
def derived(connection: Connection) -> Iterator[None]:
    """Within it, writes to derived columns are neither history nor news for the tally."""
    connection.execute(text("SELECT set_config('okruga.derived', 'on', true)"))
    yield
    connection.execute(text("SELECT set_config('okruga.derived', '', true)"))


@contextmanager
def gone_is_unavailable() -> Iterator[None]:
    """Turn a lost, refused or overloaded database into one clear error."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable(N_("The service is busy."), remedy=N_("Try again in a moment.")) from error
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise Unavailable(
                N_("The database does not answer."),
                remedy=N_("Try again in a moment; `okruga check` says what is wrong."),
            ) from error
        raise
