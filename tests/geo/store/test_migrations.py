"""Is a database that an older version filled right after its upgrade and first settling?"""

from __future__ import annotations

from datetime import date

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from geo.analysis.areas import Query
from geo.analysis.measures import BY_CODE
from geo.analysis.on_foot import not_known
from geo.analysis.tally import settle, settle_on
from geo.settings import settings
from geo.store.engine import Database
from geo.store.migrate import alembic_config, upgrade
from geo.vocabulary import TerritoryKind
from tests.geo.world import World, kept, lay_streets

HIDDEN_SUMS = "SELECT count(*) FROM published.withheld_sum"
WALKED = Query(BY_CODE["access_score"], TerritoryKind.CIVIC_DISTRICT, 2024, on_foot=True)


def test_what_an_older_version_did_not_count_is_counted_after_the_upgrade(database: Database) -> None:
    """Streets from before the catchments on foot, and a project beyond every boundary."""
    with database.writing("test") as connection:
        world = World(connection)
        world.add_cell(0.1, 0.1, 100)
        for x in (0.42, 3.3):
            world.entry("project", x, 0.14, theme="environment", status="completed", ends_on=date(2024, 3, 1))
        lay_streets(world)
        settle_on(connection)
        right = kept(connection)
        connection.execute(text("DELETE FROM okruga.tally WHERE measure ~ '^access_.*_foot$'"))
        connection.execute(text("DELETE FROM okruga.counted WHERE areas = '{}'"))
        assert not_known(connection, WALKED)
    older(database)
    upgrade(database.owner_url)
    settle(database)
    with database.reading() as connection:
        assert not_known(connection, WALKED) is None
    with database.writing("test") as connection:
        assert kept(connection) == right


def older(database: Database) -> None:
    """Put the schema back to what it was before the recount."""
    engine = create_engine(database.owner_url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0013")
    engine.dispose()


def test_what_is_too_small_to_show_follows_the_setting(own_town: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The views are made anew at the next start with another OKRUGA_SMALL_COUNT."""
    query = text("SELECT count(*) FILTER (WHERE participants < 30), count(participants) FROM published.event")
    with own_town.reading() as connection:
        small, shown = connection.execute(query).one()
        hidden_sums = connection.scalar(text(HIDDEN_SUMS))
    assert 0 < small < shown
    assert settle(own_town) is None
    monkeypatch.setenv("OKRUGA_SMALL_COUNT", "30")
    settings.cache_clear()
    try:
        upgrade(own_town.owner_url)
        assert settle(own_town) is not None
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    with own_town.reading() as connection:
        still_small, still_shown = connection.execute(query).one()
        assert connection.scalar(text(HIDDEN_SUMS)) > hidden_sums
    assert still_small == 0
    assert still_shown <= shown - small
