"""How many statements does an answer cost? As many for a thousand rows as for one; none for what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from api.app import create_app
from geo.analysis import tally
from geo.store.engine import Database

LISTS = (
    "/api/projects",
    "/api/needs",
    "/api/events",
    "/api/organisations",
    "/api/observations",
    "/api/territories",
    "/api/near?lat=51.678&lon=47.62&radius=5000",
    "/api/near?lat=51.678&lon=47.62&radius=5000&by=foot",
    "/api/search?q=а",
    "/near?view=list&lat=51.678&lon=47.62",
    "/districts/d1",
    "/tos",
    "/api/gaps",
    "/api/values/needs_open",
    "/districts",
    "/comparison?territory=d1&territory=d2",
    "/api/indicators",
    "/tiles",
    "/",
    "/data",
)
# pages of many measures ask for everything once; what is left are the lists beside them
MOST = {
    "/districts": 40,
    "/tos": 35,
    "/api/gaps": 23,
    "/districts/d1": 91,
    "/comparison?territory=d1&territory=d2": 93,
    "/api/values/needs_open": 60,
}
MOST_OTHERS = 16


class Counted(list[str]):
    """The statements of a block."""


@contextmanager
def statements(engine: Engine) -> Iterator[Counted]:
    seen = Counted()

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(database: Database, address: str) -> int:
    """Statements of a first answer: nothing is kept yet."""
    client = TestClient(create_app(database), base_url="http://localhost")
    with statements(database.reader) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


COPIED = "register, title, titles, theme, status, begins_on, ends_on, moderation_state, source_id, import_run_id"
PLACED = "geom, public_geom, match_level, certainty, placed, public_placed, import_run_id"
TWICE = f"""
WITH more AS (
  INSERT INTO okruga.entry (key, {COPIED}) SELECT key || gen_random_uuid(), {COPIED}
  FROM okruga.entry WHERE register = 'need' RETURNING id
)
INSERT INTO okruga.need (entry_id, priority) SELECT id, 'low' FROM more
"""
WHERE_THE_FIRST_IS = f"""
INSERT INTO okruga.place (entry_id, register, {PLACED})
SELECT e.id, 'need', {PLACED.replace("import_run_id", "p.import_run_id")} FROM okruga.entry e,
  LATERAL (SELECT * FROM okruga.place WHERE register = 'need' AND geom IS NOT NULL ORDER BY id LIMIT 1) p
WHERE e.register = 'need' AND NOT EXISTS (SELECT FROM okruga.place o WHERE o.entry_id = e.id)
"""


def multiply(database: Database) -> None:
    """Eight times as many needs, each with a place."""
    with database.writing("test") as connection:
        for _ in range(3):
            connection.execute(text(TWICE))
        connection.execute(text(WHERE_THE_FIRST_IS))
    tally.settle(database)


@pytest.fixture(scope="module")
def costs(cluster: object, town_template: str) -> Iterator[dict[str, tuple[int, int]]]:
    """Statements of each address over the town, and over the town with many more needs."""
    from tests.conftest import _copy, _database

    with _copy(cluster, town_template) as name:  # type: ignore[arg-type]
        database = _database(cluster, name)  # type: ignore[arg-type]
        few = {address: cost(database, address) for address in LISTS}
        multiply(database)
        yield {address: (few[address], cost(database, address)) for address in LISTS}
        database.close()


@pytest.mark.parametrize("address", LISTS)
def test_more_rows_cost_no_more_statements(costs: dict[str, tuple[int, int]], address: str) -> None:
    few, many = costs[address]
    assert many <= few, f"{few} statements for the town, {many} with many more needs"
    assert few <= MOST.get(address, MOST_OTHERS)


def test_what_is_kept_costs_the_version_only(town: Database) -> None:
    client = TestClient(create_app(town), base_url="http://localhost")
    tile = client.get("/tiles").json()["layers"]["need"]["tiles"].format(z=3, x=5, y=2)
    for address, most in (
        ("/api/gaps", 1),
        ("/map/coverage", 1),
        ("/districts/d1", 1),
        ("/api/values/needs_open", 1),
        (tile, 0),
    ):
        client.get(address)
        with statements(town.reader) as seen:
            assert client.get(address).status_code == 200
        assert len(seen) <= most, (address, seen)


def test_a_known_answer_costs_the_version_only(town: Database) -> None:
    client = TestClient(create_app(town), base_url="http://localhost")
    etag = client.get("/api/needs").headers["etag"]
    with statements(town.reader) as seen:
        assert client.get("/api/needs", headers={"If-None-Match": etag}).status_code == 304
    assert len(seen) == 1


def test_every_measure_as_a_file_asks_the_tally_once(town: Database) -> None:
    """`okruga export indicators` and a snapshot: all measures of a kind and year."""
    from api.cli.export import indicators

    with statements(town.reader) as seen, town.reading() as connection:
        rows = list(indicators(connection, "civic_district", "2024", ""))
    assert len(rows) > 100
    assert len(seen) <= 63
    assert sum("FROM published.tally WHERE area_id" in each for each in seen) <= 6
