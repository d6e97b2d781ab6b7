"""Is what is near on foot what one walks to, and is said what is not known? A town of three streets, and the whole
network as oracle.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from geo.analysis.near import Near, near
from geo.analysis.walking import Streets, Walks
from geo.errors import BadInput
from geo.ingest.streets import graph_of, save_streets
from geo.vocabulary import MissingReason
from tests.geo.world import SIDE, SOUTH, WEST, World, lay_streets

# on the western end of the street at the bottom
HERE = (SOUTH + 0.14 * SIDE, WEST + 0.1 * SIDE)


def town(connection: Connection) -> World:
    """West to east along 0.14: a project on the same street, a need across, to which only a long way leads, and an
    event far from any street."""
    world = World(connection)
    world.entry("project", 0.41, 0.14, title="same street", status="completed")
    world.entry("need", 0.62, 0.14, title="across", status="open", priority="low")
    world.entry("event", 1.3, 0.14, title="in the fields", event_kind="residents_meeting")
    return world


def titles(found: Near) -> list[str]:
    return [item.title for item in found.items]


def test_a_walk_is_near_when_it_is_short(connection: Connection) -> None:
    lay_streets(town(connection))
    straight, walked = (near(connection, *HERE, radius_m=1000, on_foot=each) for each in (False, True))
    assert titles(straight) == ["same street", "across", "in the fields"]
    assert all(item.walk_m is None and item.walk_missing is None for item in straight.items)
    assert (straight.by, straight.notes, straight.sources) == ("line", (), ())
    # across is 333 m away and 3.6 km on foot
    assert titles(walked) == ["same street", "in the fields"]
    assert walked.number_matched == 2
    first, off = walked.items
    assert first.walk_m == pytest.approx(first.distance_m, abs=0.2)
    assert first.walk_minutes == 2
    assert (off.walk_m, off.walk_missing) == (None, MissingReason.NO_DATA)
    assert off.distance_m == next(item.distance_m for item in straight.items if item.title == "in the fields")
    assert any("of 1 of these" in str(note) for note in walked.notes)
    assert walked.sources
    far = near(connection, *HERE, radius_m=4000, on_foot=True)
    assert titles(far) == ["same street", "across", "in the fields"]
    assert far.items[1].walk_m == pytest.approx(2 * 1.5 * 1113.3 + 0.52 * 639.9, rel=0.01)
    assert titles(near(connection, *HERE, radius_m=4000, on_foot=True, limit=1)) == ["same street"]
    assert titles(near(connection, *HERE, radius_m=4000, on_foot=True, registers=["needs"])) == ["across"]


def test_without_streets_the_straight_distance_stays(connection: Connection) -> None:
    world = town(connection)
    straight = near(connection, *HERE)
    unknown = near(connection, *HERE, on_foot=True)
    assert [item.distance_m for item in unknown.items] == [item.distance_m for item in straight.items]
    assert {item.walk_missing for item in unknown.items} == {MissingReason.NO_DATA}
    assert ["okruga load osm" in str(note) for note in unknown.notes] == [True]
    lay_streets(world)
    fields = near(connection, SOUTH + 0.14 * SIDE, WEST + 1.31 * SIDE, on_foot=True)
    assert titles(fields)[0] == "in the fields"
    assert {item.walk_missing for item in fields.items} == {MissingReason.NO_DATA}
    assert ["within 300 m of this point" in str(note) for note in fields.notes] == [True]
    there = near(connection, SOUTH + 0.14 * SIDE, WEST + 1.3 * SIDE, on_foot=True)
    assert [(item.title, item.walk_m) for item in there.items if item.walk_m is not None] == [("in the fields", 0)]
    nothing = near(connection, SOUTH + 1.6 * SIDE, WEST + 0.5 * SIDE, radius_m=50, on_foot=True)
    assert (nothing.items, nothing.number_matched) == ((), 0)


def test_the_nearest_of_several_places_counts_and_within_an_area_there_is_no_way(connection: Connection) -> None:
    world = town(connection)
    lay_streets(world)
    copied = "entry_id, register, match_level, certainty, placed, public_placed, import_run_id"
    for title, shape in (
        ("across", shapely.Point(WEST + 0.2 * SIDE, SOUTH + 0.14 * SIDE)),
        ("in the fields", shapely.box(HERE[1] - 0.0001, HERE[0] - 0.0001, HERE[1] + 0.0001, HERE[0] + 0.0001)),
    ):
        connection.execute(text(
            f"INSERT INTO okruga.place ({copied}, geom, public_geom) SELECT {copied}, s.g, s.g FROM okruga.place"
            " CROSS JOIN (SELECT ST_GeomFromWKB(:shape, 4326) AS g) s"
            " WHERE entry_id = (SELECT id FROM okruga.entry WHERE title = :title)"
        ), {"title": title, "shape": shapely.to_wkb(shape)})  # fmt: skip
    walked = near(connection, *HERE, radius_m=4000, on_foot=True)
    assert titles(walked) == ["in the fields", "across", "same street"]
    assert [round(item.walk_m or 0, -1) for item in walked.items] == [0, 60, 200]
    assert walked.items[1].lon == pytest.approx(WEST + 0.2 * SIDE)


def test_the_part_of_a_network_gives_the_walks_of_the_whole(connection: Connection) -> None:
    """A crooked grid of 2.5 by 3 km with gaps, and entries all over it."""
    world, random = World(connection), np.random.default_rng(5)
    size = 30
    lon, lat = (
        start + step * np.arange(size) + random.uniform(-0.0004, 0.0004, (size, size))
        for start, step in ((WEST, 0.0013), (SOUTH, 0.0009))
    )
    lat = lat.T
    numbers = np.arange(size * size).reshape(size, size)
    point = {at: (at, *each) for at, each in enumerate(zip(lon.ravel().tolist(), lat.ravel().tolist(), strict=True))}
    pairs = [*zip(numbers[:, :-1].flat, numbers[:, 1:].flat, strict=True),
             *zip(numbers[:-1].flat, numbers[1:].flat, strict=True)]  # fmt: skip
    lines = [[point[int(one)], point[int(two)]] for one, two in pairs if random.random() < 0.7]
    save_streets(connection, graph_of(lines), source_id=world.source, import_run_id=world.run)
    for x, y in random.uniform(0, 3, (60, 2)):
        world.entry("project", x, 0.8 * y, title=f"{x}", status="completed")
    lat_here, lon_here = SOUTH + 1.2 * SIDE, WEST + 1.5 * SIDE
    found = near(connection, lat_here, lon_here, radius_m=900, on_foot=True)
    whole = Streets.load(connection)
    assert whole is not None
    everything = near(connection, lat_here, lon_here, radius_m=5000, limit=1000)
    walks = Walks.of(whole, [[item.lon, item.lat] for item in everything.items]).nearest_m([[lon_here, lat_here]], 900)
    expected = {item.id: walk for item, walk in zip(everything.items, walks, strict=True) if walk <= 900}
    assert len(expected) > 5
    assert {item.id: item.walk_m for item in found.items} == pytest.approx(expected, abs=0.1)
    walked = [item.walk_m or 0 for item in found.items]
    assert walked == sorted(walked)


def test_a_walk_of_hours_is_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="too far to look"):
        near(connection, *HERE, radius_m=5001, on_foot=True)
    assert near(connection, *HERE, radius_m=5000, on_foot=True).by == "foot"
