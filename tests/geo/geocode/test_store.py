"""Is the gazetteer kept in versions, taken back with its load, and read together with the stored territories?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from geo.geocode.current import CurrentGeocoder
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, version_of
from geo.geocode.store import (
    newest_ids,
    read_current,
    read_version,
    save,
    scope_of,
    stamp,
    territory_areas,
)
from geo.store.engine import Database
from geo.store.history import undo
from tests.geo.world import World, insert


@pytest.fixture
def world(connection: Connection) -> World:
    return World(connection)


def put(world: World, gazetteer: Gazetteer, kind: str = "lists") -> int:
    stored = save(world.connection, gazetteer, kind=kind, source_id=world.source, import_run_id=world.run)
    return stored.id


def with_version(gazetteer: Gazetteer) -> Gazetteer:
    return replace(gazetteer, version=version_of(gazetteer))


def test_what_is_stored_comes_back(world: World, town: Gazetteer) -> None:
    gazetteer = with_version(town)
    again = read_version(world.connection, put(world, gazetteer))
    assert version_of(again) == gazetteer.version
    assert again.version == gazetteer.version
    answers = [Geocoder(g).geocode("Приреченск, ул. Есенина, 112").label for g in (gazetteer, again)]
    assert answers == ["Приреченск, улица Есенина, 112"] * 2


def test_house_keys_are_stored_beside_the_numbers(world: World, town: Gazetteer) -> None:
    put(world, with_version(town))
    keys = world.connection.execute(
        text("SELECT housenumber, house_key FROM okruga.gazetteer_address WHERE street = 'улица Есенина'")
    ).all()
    assert ("7 к2", "7к2") in {tuple(row) for row in keys}


def test_the_same_content_is_stored_once(world: World, town: Gazetteer) -> None:
    first = put(world, with_version(town))
    assert put(world, with_version(town)) == first
    smaller = with_version(replace(town, addresses=town.addresses.iloc[:5].reset_index(drop=True)))
    assert put(world, smaller) != first
    assert newest_ids(world.connection)[-1] != first


def test_only_two_versions_of_a_source_are_kept(world: World, town: Gazetteer) -> None:
    ids = [
        put(world, with_version(replace(town, addresses=town.addresses.iloc[:size].reset_index(drop=True))))
        for size in (3, 4, 5)
    ]
    stored = world.connection.scalars(text("SELECT id FROM okruga.gazetteer WHERE source_id = :s"), {"s": world.source})
    assert sorted(stored) == ids[1:]
    assert (
        world.connection.scalar(
            text("SELECT count(*) FROM okruga.gazetteer_address WHERE gazetteer_id = :id"), {"id": ids[0]}
        )
        == 0
    )


def test_taking_the_load_back_brings_the_version_before(world: World, town: Gazetteer) -> None:
    first = put(world, with_version(town))
    later = insert(
        world.connection, "import_run", register="gazetteer", file_name="g", file_sha256="1", source_id=world.source,
        actor="t",
    )  # fmt: skip
    smaller = with_version(replace(town, addresses=town.addresses.iloc[:5].reset_index(drop=True)))
    save(world.connection, smaller, kind="lists", source_id=world.source, import_run_id=later)
    before = stamp(world.connection)
    undo(world.connection, later, "test")
    assert newest_ids(world.connection)[-1] == first
    assert stamp(world.connection) != before


def test_stored_territories_are_areas_of_the_gazetteer(world: World) -> None:
    world.connection.execute(text("UPDATE okruga.territory SET name = 'ТОС «Заря»' WHERE code = 't'"))
    areas = territory_areas(world.connection).set_index("id")
    assert set(areas.index) >= {"territory:a", "territory:b", "territory:c", "territory:t"}
    assert areas.loc["territory:t"]["radius_m"] > 300
    answer = Geocoder(read_current(world.connection)).geocode("ТОС Заря")
    assert (answer.level, answer.place_id) == ("area", "territory:t")


def test_a_territory_is_a_scope(world: World) -> None:
    scope = scope_of(world.connection, world.territory["a"])
    assert scope is not None and scope.polygon is not None and scope.polygon.area > 0
    assert scope_of(world.connection, None) is None


def test_the_geocoder_of_a_process_is_renewed(database: Database, town: Gazetteer) -> None:
    current = CurrentGeocoder(database, check_every=0.0)
    before = current.get()
    assert not before.geocode("Приреченск, ул. Есенина, 112").accepted
    assert current.get(wait=True) is before
    with database.writing("test") as connection:
        put(World(connection), with_version(town))
    after = current.get(wait=True)
    assert after is not before
    assert after.geocode("Приреченск, ул. Есенина, 112").accepted
