"""Shares of cells add up, whatever the borders."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from geo.store.share import share_cells, shares
from tests.geo.world import World, square


def test_a_cell_inside_counts_whole_and_one_on_the_border_by_area() -> None:
    cells = np.array(
        [shapely.box(0, 0, 1, 1), shapely.box(1.5, 0, 2.5, 1), shapely.box(5, 5, 6, 6), shapely.Point(0.5, 0.5)]
    )
    at, of, share = shares(cells, np.array([shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)]))
    found = {(int(a), int(o)): float(s) for a, o, s in zip(at, of, share, strict=True)}
    assert found == {(0, 0): 1.0, (1, 0): 0.5, (1, 1): 0.5, (3, 0): 1.0}


def test_touching_is_not_sharing() -> None:
    at, _, _ = shares(np.array([shapely.box(0, 0, 1, 1)]), np.array([shapely.box(1, 0, 2, 1)]))
    assert len(at) == 0


CUTS = st.lists(st.floats(0.02, 0.98), min_size=1, max_size=5, unique=True)


@settings(deadline=None, max_examples=40)
@given(CUTS, st.lists(st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.001, 0.1)), min_size=1, max_size=20))
def test_shares_in_a_tiling_add_to_one(cuts: list[float], corners: list[tuple[float, float, float]]) -> None:
    edges = [0.0, *sorted(cuts), 1.0]
    strips = np.array([shapely.box(a, 0, b, 1) for a, b in pairwise(edges)])
    cells = np.array([shapely.box(x, y, x + size, y + size) for x, y, size in corners])
    at, _, share = shares(cells, strips)
    totals = np.bincount(at, weights=share, minlength=len(cells))
    assert totals == pytest.approx(np.ones(len(cells)), abs=1e-4)


def test_stored_shares_follow_cells_and_boundaries(connection: Connection) -> None:
    world = World(connection)
    connection.execute(text("DELETE FROM okruga.population_cell"))
    connection.execute(
        text(
            "INSERT INTO okruga.population_cell (cell_key, year, residents, geom, area_m2, source_id, import_run_id)"
            " VALUES ('k', 2024, 10, ST_SetSRID(CAST(:shape AS geometry), 4326), 1, :source, :run)"
        ),
        {"shape": shapely.to_wkb(square(0.5, 1.5), hex=True), "source": world.source, "run": world.run},
    )
    assert share_cells(connection) == 3
    rows = connection.execute(
        text("SELECT b.kind, round(s.share::numeric, 3)::text FROM okruga.population_cell_share s"
             " JOIN okruga.boundary b ON b.id = s.boundary_id ORDER BY 1, 2")
    ).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [
        ("civic_district", "0.500"),
        ("civic_district", "0.500"),
        ("tos_territory", "0.500"),
    ]
    assert share_cells(connection, boundaries=[world.boundary["a"]]) == 1
    assert connection.scalar(text("SELECT count(*) FROM okruga.population_cell_share")) == 3
