"""Where does a map open when the database holds places far from each other?"""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from geo.store.overview import overview
from tests.geo.world import World, insert, square

FAR = 300  # sides of a district: three degrees


def far_city(world: World, code: str, people: int | None) -> None:
    """Another city far to the east, with residents where they are given."""
    world.add_territory(code, "municipality", square(FAR, FAR + 2))
    if people is not None:
        insert(
            world.connection, "population", territory_id=world.territory[code], year=2024, base="residents",
            people=people, source_id=world.source, import_run_id=world.run,
        )  # fmt: skip


def test_one_place_is_shown_whole(connection: Connection) -> None:
    World(connection)
    seen = overview(connection)
    assert len(seen.spots) == 1
    assert seen.bounds == pytest.approx(square(0, 3).bounds)


def test_of_two_cities_the_last_loaded_is_shown_and_the_other_offered(connection: Connection) -> None:
    far_city(World(connection), "far", None)
    seen = overview(connection)
    assert seen.bounds == pytest.approx(square(FAR, FAR + 2).bounds)
    assert (seen.spots[0].name, seen.spots[0].among) == ("FAR", False)
    assert (seen.spots[0].kinds, seen.spots[1].kinds) == (("municipality",), ("civic_district", "tos_territory"))
    assert seen.spots[1].bounds == pytest.approx(square(0, 3).bounds)


def test_the_most_populous_place_goes_first(connection: Connection) -> None:
    world = World(connection)
    far_city(world, "far", 10)
    insert(
        connection, "population", territory_id=world.territory["a"], year=2024, base="residents", people=11,
        source_id=world.source, import_run_id=world.run,
    )  # fmt: skip
    assert overview(connection).bounds == pytest.approx(square(0, 3).bounds)
