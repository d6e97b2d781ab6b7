"""Does every place count in exactly one territory of a kind, and is doubt always said?"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from sqlalchemy import Connection, text

from geo.store.locate import locate
from geo.store.place import FOREVER, Placed, Placer
from geo.vocabulary import Certainty
from tests.geo.world import DISTRICTS, SIDE, SOUTH, WEST, World, square


def placer(
    *shapes: tuple[str, shapely.Geometry], days: list[tuple[int, int]] | None = None, owners: list[int] | None = None
) -> Placer:
    count = len(shapes)
    first, last = np.array(days or [(0, int(FOREVER))] * count).T.astype(np.int64)
    territory = np.array(owners or range(1, count + 1), dtype=np.int64)
    return Placer(
        np.arange(1, count + 1), territory, np.array([kind for kind, _ in shapes], dtype=object), territory,
        first, last, np.full(count, 2e6), np.array([shape for _, shape in shapes], dtype=object),
    )  # fmt: skip


THREE = [("civic_district", square(*DISTRICTS[code])) for code in "abc"]


def at(x: float, y: float = 0.5) -> shapely.Point:
    return shapely.Point(WEST + x * SIDE, SOUTH + y * SIDE)


def place(over: Placer, *shapes: shapely.Geometry) -> Placed:
    return over.place(np.array(shapes, dtype=object))


def test_inside_outside_and_no_polygon() -> None:
    placed = place(placer(*THREE), at(0.5), at(3.5))
    assert [placed.ids(0), placed.ids(1)] == [[1], []]
    assert placed.certainty.tolist() == ["inside", "outside"]
    assert place(placer(("tos_territory", square(0, 1))), at(3)).certainty.tolist() == ["no_polygon"]


def test_a_point_on_a_border_counts_once_in_the_lowest_code() -> None:
    placed = place(placer(*THREE), at(1.0))
    assert placed.ids(0) == [1]
    assert placed.certainty.tolist() == ["near_border"]
    assert sorted(zip(placed.notable.boundary.tolist(), placed.notable.counted.tolist(), strict=True)) == [
        (1, True),
        (2, False),
    ]


@pytest.mark.parametrize(("metres", "listed"), [(9.9, True), (10.2, False)])
def test_a_neighbour_within_ten_metres_is_listed_not_counted(metres: float, listed: bool) -> None:
    degrees = metres / (111_320 * np.cos(np.radians(SOUTH + SIDE / 2)) * 1.0018)  # ellipsoid at 55 degrees
    placed = place(placer(*THREE), shapely.Point(WEST + SIDE - degrees, SOUTH + SIDE / 2))
    assert placed.ids(0) == [1]
    assert (placed.certainty[0] == "near_border") is listed
    if listed:
        assert placed.notable.boundary.tolist() == [2]
        assert placed.notable.counted.tolist() == [False]
        assert placed.notable.distance_m[0] == pytest.approx(metres, rel=0.01)


def test_overlapping_territories_are_several() -> None:
    over = placer(("tos_territory", square(0, 1)), ("tos_territory", square(0.5, 1.5)), *THREE)
    placed = place(over, at(0.75))
    assert placed.ids(0) == [1, 3]
    assert placed.certainty.tolist() == ["several"]


def test_versions_of_one_territory_all_count_each_on_its_days() -> None:
    over = placer(
        ("civic_district", square(0, 1)),
        ("civic_district", square(0, 1.2)),
        days=[(0, 99), (100, int(FOREVER))],
        owners=[7, 7],
    )
    assert place(over, at(0.5)).ids(0) == [1, 2]
    assert place(over, at(1.1)).ids(0) == [2]
    assert place(over, at(0.5)).certainty.tolist() == ["inside"]


def test_a_line_counts_where_its_longer_part_lies_and_tells_the_shares() -> None:
    line = shapely.LineString([at(0.75), at(1.75)])
    placed = place(placer(*THREE), line)
    assert placed.ids(0) == [2]
    assert dict(zip(placed.notable.boundary.tolist(), placed.notable.share.round(6).tolist(), strict=True)) == {
        1: 0.25,
        2: 0.75,
    }
    assert placed.certainty.tolist() == ["several"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-0.2, 3.2), st.floats(-0.2, 1.2)), min_size=1, max_size=30))
def test_at_most_one_counts_and_inside_means_exactly_one(points: list[tuple[float, float]]) -> None:
    placed = place(placer(*THREE), *(at(x, y) for x, y in points))
    for i, (x, y) in enumerate(points):
        covered = sum(bool(shape.intersects(at(x, y))) for _, shape in THREE)
        assert len(placed.ids(i)) == (1 if covered else 0)


def test_postgis_and_memory_agree(connection: Connection) -> None:
    """10,000 points, also on edges and corners: the same covering versions by ST_Covers and by the placer."""
    world = World(connection)
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-0.2, 3.2, 10_000), rng.uniform(-0.2, 1.2, 10_000)
    x[:500], y[:200] = rng.integers(0, 4, 500), rng.integers(0, 2, 200)
    placed = Placer.load(connection).place_points(WEST + x * SIDE, SOUTH + y * SIDE)
    mine = [set(placed.ids(i)) - {world.boundary["t"]} for i in range(len(x))]
    rows = connection.execute(
        text(
            "SELECT p.n, (SELECT b.id FROM okruga.boundary b JOIN okruga.territory t ON t.id = b.territory_id"
            " WHERE b.kind = 'civic_district' AND ST_Covers(b.geom, ST_SetSRID(ST_MakePoint(p.x, p.y), 4326))"
            " ORDER BY t.code LIMIT 1)"
            " FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS p (x, y, n)"
            " ORDER BY p.n"
        ),
        {"x": (WEST + x * SIDE).tolist(), "y": (SOUTH + y * SIDE).tolist()},
    )
    assert [({row[1]} - {None}) for row in rows] == mine


def test_locate_says_every_kind(connection: Connection) -> None:
    World(connection)
    answers = {(a.kind.value, a.code): a for a in locate(connection, SOUTH + 0.25 * SIDE, WEST + 0.75 * SIDE)}
    assert answers["civic_district", "a"].certainty == Certainty.INSIDE
    assert answers["tos_territory", "t"].counted
    assert answers["municipality", None].certainty == Certainty.NO_POLYGON
    far = {a.kind.value: a.certainty for a in locate(connection, 10, 10)}
    assert far == {"municipality": "no_polygon", "civic_district": "outside", "tos_territory": "outside"}
