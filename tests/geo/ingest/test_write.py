"""Are shapes written as PostGIS reads them, whichever way is quicker for them?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from geo.ingest.write import hex_shapes

POINTS = [shapely.Point(37.6, 55.7), None, shapely.Point(-0.0, 1e-300), shapely.Point(180, -90)]
MIXED = [shapely.Point(1, 2), shapely.box(0, 0, 1, 1), None, shapely.Point(1, 2, 3), shapely.from_wkt("POINT EMPTY")]


@pytest.mark.parametrize("shapes", [POINTS, MIXED, [None], []], ids=["points", "mixed", "nothing", "no_rows"])
def test_shapes_come_back_from_the_database(connection: Connection, shapes: list[shapely.Geometry | None]) -> None:
    for shape, written in zip(shapes, hex_shapes(np.array(shapes, object)).to_pylist(), strict=True):
        asked = text("SELECT ST_AsEWKB(CAST(:shape AS geometry))")
        read = connection.scalar(asked, {"shape": written})
        assert (read is None) == (shape is None)
        if shape is not None:
            back = shapely.from_wkb(bytes(read))
            assert shapely.get_srid(back) == 4326
            assert shapely.to_wkt(back) == shapely.to_wkt(shape)
