"""Is the database at the newest shape? Migrations, then everything derived: functions, triggers, views, grants.

All of it happens in one transaction under one advisory lock, so two starting processes cannot meet and a crash
leaves the old shape. Views, triggers and grants are made anew whenever their text changed.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from geo.errors import N_, MissingComponent, Unavailable
from geo.store.published import small_numbers, views
from geo.store.sensitive import keep_themes, sensitive_views, up_to_date
from geo.store.triggers import triggers

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_KEY = 0x6F6B7275


# views that hide by another limit than the sums would tell what the sums still show: one event counted once more has
# all that is hidden decided anew at the next settling
DECIDE_ANEW = """
INSERT INTO okruga.change (subject, subject_id)
SELECT 'entry', min(id) FROM okruga.entry WHERE register = 'event' HAVING count(*) > 0
"""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, in code: the migrations travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision this program knows."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty database."""
    if not connection.scalar(text("SELECT to_regclass('okruga.schema_version') IS NOT NULL")):
        return None
    revision = connection.scalar(text("SELECT version_num FROM okruga.schema_version"))
    return str(revision) if revision else None


def upgrade(owner_url: str) -> None:
    """Bring a database to the newest shape.

    Raises Unavailable when it cannot be reached, MissingComponent when PostGIS is not installed there.
    """
    engine = create_engine(owner_url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            upgrade_on(connection)
    except OperationalError as error:
        raise Unavailable(
            N_("The database could not be upgraded: {problem}."),
            remedy=N_("Check that it runs and accepts connections, then start again."),
            problem=str(error.orig).strip().splitlines()[0],
        ) from error
    finally:
        engine.dispose()


def upgrade_on(connection: Connection) -> None:
    """The same on an open transaction of the owner."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    if current(connection) == head() and stored_digest(connection) == derived_digest() and up_to_date(connection):
        return
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    # a minimum of words about a missing extension helps more than the server's own
    require_postgis(connection)
    run(connection, "DROP SCHEMA IF EXISTS published CASCADE")
    run(connection, sql_file("before_tables.sql"))
    command.upgrade(alembic_config(connection), "head")
    for statement in derived():
        run(connection, statement)
    keep_themes(connection)
    run(connection, DECIDE_ANEW)
    run(connection, f"COMMENT ON SCHEMA published IS '{derived_digest()}'")


def require_postgis(connection: Connection) -> None:
    if not connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")):
        raise MissingComponent(
            N_("The database server has no PostGIS extension."),
            remedy=N_("Install the PostGIS package that fits its PostgreSQL version, then start again."),
        )


def derived() -> list[str]:
    """Everything that is made anew: functions, triggers, counting views, published views, grants."""
    counting = [small_numbers(), sensitive_views(), sql_file("fact.sql")]
    return [sql_file("history.sql"), triggers(), *counting, views(), sql_file("grants.sql")]


def derived_digest() -> str:
    """A digest of all derived SQL."""
    return hashlib.sha256("\n".join([sql_file("before_tables.sql"), *derived()]).encode()).hexdigest()


def stored_digest(connection: Connection) -> str | None:
    """The digest the database was last made with."""
    comment = connection.scalar(
        text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'published'")
    )
    return str(comment) if comment else None


def sql_file(name: str) -> str:
    return resources.files("geo.store").joinpath("sql", name).read_text(encoding="utf-8")


def run(connection: Connection, statements: str) -> None:
    """Run SQL text as it stands: no bind parameters, so colons and percent signs mean themselves."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statements.encode())
    finally:
        cursor.close()
