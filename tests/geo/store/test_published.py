"""Do lists, tiles, search and near show what is published, and nothing else?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geo.analysis.near import near
from geo.analysis.tally import settle_on
from geo.errors import BadInput, NotFound
from geo.registers import BY_NAME, REGISTERS
from geo.store.cluster_config import READER
from geo.store.engine import Database
from geo.store.query import Filters, Withdrawn, get_entry, list_entries
from geo.store.search import search
from geo.store.tiles import SINGLE_FROM_ZOOM, layers, tile
from geo.store.triggers import WATCHED
from tests.geo.world import SIDE, SOUTH, WEST, World

NEED = BY_NAME["need"]


@pytest.fixture
def world(connection: Connection) -> World:
    built = World(connection)
    for i in range(5):
        built.entry("need", 0.1 + i / 2, 0.3, title=f"Нужен фонарь {i}", theme="street_lighting", status="open",
                    begins_on=date(2020 + i, 1, 1), priority="low")  # fmt: skip
    connection.execute(text("UPDATE okruga.place SET public_placed = placed"))
    return built


def test_pages_follow_one_another_without_loss(world: World) -> None:
    seen, cursor = list[int](), ""
    while True:
        page = list_entries(world.connection, NEED, Filters(limit=2, cursor=cursor))
        seen += [item["id"] for item in page.items]
        assert page.number_matched == 5
        if page.next is None:
            break
        cursor = page.next
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (Filters(territory="a"), 2), (Filters(territory="b"), 2), (Filters(theme="street_lighting"), 5),
        (Filters(theme="other"), 0),
        (Filters(year=2021), 1), (Filters(status="open"), 5), (Filters(words="фонарь 3"), 5),
        (Filters(words="' OR 1=1 --"), 0),
        (Filters(bbox=(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)), 2), (Filters(bbox=(179, -10, -179, 10)), 0),
    ],
)  # fmt: skip
def test_filters(world: World, filters: Filters, count: int) -> None:
    assert list_entries(world.connection, NEED, filters).number_matched == count


@pytest.mark.parametrize(
    "filters", [Filters(limit=0), Filters(limit=1001), Filters(cursor="1; DROP TABLE"), Filters(cursor="²")]
)
def test_limits_and_cursors_are_checked(world: World, filters: Filters) -> None:
    with pytest.raises(BadInput):
        list_entries(world.connection, NEED, filters)


def test_an_unknown_territory_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        list_entries(world.connection, NEED, Filters(territory="nowhere"))


def test_only_moderated_entries_are_shown(world: World) -> None:
    first = list_entries(world.connection, NEED, Filters()).items[0]["id"]
    world.connection.execute(text("UPDATE okruga.entry SET moderation_state = 'refused' WHERE id = :id"), {"id": first})
    assert list_entries(world.connection, NEED, Filters()).number_matched == 4
    with pytest.raises(Withdrawn):
        get_entry(world.connection, NEED, first)
    with pytest.raises(NotFound):
        get_entry(world.connection, NEED, 10**12)


def test_search_finds_names_with_a_mistake(world: World) -> None:
    found = search(world.connection, "фанарь")
    assert found
    assert found[0].kind == "need"
    assert search(world.connection, " \x00 ") == []
    assert search(world.connection, "%_\\") == []


def test_near_is_ordered_by_distance(world: World) -> None:
    answer = near(world.connection, SOUTH + 0.3 * SIDE, WEST + 0.1 * SIDE, radius_m=1000)
    metres = [item.distance_m for item in answer.items]
    assert metres == sorted(metres)
    assert metres[0] < 1
    assert answer.number_matched == 4  # half a side is 320 m here


@pytest.mark.parametrize("position", [(float("nan"), 0), (0, float("inf")), (91, 0), (0, 181), (120, 50)])
def test_positions_off_the_globe_are_refused(world: World, position: tuple[float, float]) -> None:
    with pytest.raises(BadInput):
        near(world.connection, *position)


def test_tiles_have_shapes_groups_and_single_entries(world: World) -> None:
    settle_on(world.connection)  # small zooms are drawn from shapes simplified then
    token = layers(world.connection)["civic_district"].at(date(2024, 1, 1))
    x, y = 0.5 + WEST / 360, 0.31627  # 55.005 degrees north
    assert b"A" in tile(world.connection, "civic_district", token, 10, int(x * 2**10), int(y * 2**10))
    low = tile(world.connection, "need", "1", 9, int(x * 2**9), int(y * 2**9))
    high = tile(world.connection, "need", "1", SINGLE_FROM_ZOOM - 2, int(x * 2**11), int(y * 2**11))
    assert low
    assert high
    assert tile(world.connection, "need", "1", 9, 0, 0) == b""


@pytest.mark.parametrize(
    "address",
    [
        ("nolayer", "1", 1, 0, 0),
        ("civic_district", "x", 1, 0, 0),
        ("civic_district", "1-20241301", 1, 0, 0),
        ("need", "1", 1, 2, 0),
        ("need", "1", 99, 0, 0),
    ],
)
def test_addresses_of_tiles_that_do_not_exist(world: World, address: tuple[str, str, int, int, int]) -> None:
    with pytest.raises(NotFound):
        tile(world.connection, *address)


@pytest.mark.parametrize(
    "table", [watched.table for watched in WATCHED] + ["history.row_version", "personal.credential", "okruga.fact"]
)
def test_the_reader_cannot_read_base_tables(database: Database, table: str) -> None:
    with database.reader.connect() as reader:
        assert reader.scalar(text("SELECT current_user")) == READER
        with pytest.raises(DBAPIError, match="permission denied"):
            reader.execute(text(f"SELECT * FROM {table}"))


@pytest.mark.parametrize("register", [register.name for register in REGISTERS])
def test_the_reader_reads_the_views(database: Database, register: str) -> None:
    with database.reading() as reader:
        assert list_entries(reader, BY_NAME[register], Filters()).number_matched == 0


def test_the_reader_writes_nothing(database: Database) -> None:
    with database.reader.connect() as reader, pytest.raises(DBAPIError):
        reader.execute(text("CREATE TEMP TABLE t AS SELECT 1"))
