"""How does a boundary look from afar? Simplified shapes for small zooms, made once per boundary version.

Neighbours stay neighbours: all shapes of a kind valid on one day are simplified together as a coverage, so a shared
edge is simplified once and no slivers open. Shapes are in Web Mercator, as tiles are.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.store.bulk import copy_numbers
from geo.store.place import to_mercator

Shapes = NDArray[np.object_]

# a band serves the tile zooms up to its own; above the last one the surveyed shape is drawn
BANDS = (4, 6, 7, 8, 9, 10, 11)
WORLD_M, TILE_PIXELS = 40_075_016.7, 512
# corners go whose triangle is smaller than the square of this many pixels
UNSEEN_PIXELS = 2.0


def band_of(zoom: int) -> int | None:
    """The band that serves a tile zoom; None where the surveyed shape does."""
    return next((band for band in BANDS if zoom <= band), None)


def draw_bands(connection: Connection, kinds: Iterable[str], progress: Progress = SILENT) -> None:
    """Renew the bands of all boundary versions of these kinds."""
    wanted = sorted(set(kinds))
    connection.execute(
        text(
            "DELETE FROM okruga.boundary_band d USING okruga.boundary b"
            " WHERE b.id = d.boundary_id AND b.kind = ANY (:kinds)"
        ),
        {"kinds": wanted},
    )
    with progress.step(N_("Simplifying shapes for small zooms"), len(wanted)) as step:
        for kind in wanted:
            draw_kind(connection, kind)
            step.advance()


def draw_kind(connection: Connection, kind: str) -> None:
    """Each version is simplified among the shapes valid on its first day."""
    rows = connection.execute(
        text(
            "SELECT id, coalesce(lower(valid), '0001-01-01'), coalesce(upper(valid), '9999-12-31'), ST_AsBinary(geom)"
            " FROM okruga.boundary WHERE kind = :kind ORDER BY id"
        ),
        {"kind": kind},
    ).all()
    if not rows:
        return
    ids = np.array([row[0] for row in rows])
    first, after = (np.array([row[i] for row in rows], dtype="datetime64[D]") for i in (1, 2))
    shapes = shapely.transform(shapely.from_wkb(np.array([row[3] for row in rows], dtype=object)), to_mercator)
    for day in sorted(set(first.tolist())):
        valid = np.flatnonzero((first <= np.datetime64(day)) & (np.datetime64(day) < after))
        begins = first[valid] == np.datetime64(day)
        simple = shapes[valid]
        # each from the finer one before it: the corners that go are the same, and most are gone already
        for band in reversed(BANDS):
            simple = simplified(simple, WORLD_M / TILE_PIXELS / 2**band)
            write_band(connection, ids[valid][begins], band, simple[begins])


def simplified(shapes: Shapes, pixel_m: float) -> Shapes:
    """Shapes without the corners too small to be seen; one that would vanish or break stays as it is."""
    simple = shapely.coverage_simplify(shapes, pixel_m * UNSEEN_PIXELS)
    broken = shapely.is_empty(simple) | ~shapely.is_valid(simple)
    return np.where(broken, shapes, simple)


def write_band(connection: Connection, ids: NDArray[np.int64], band: int, shapes: Shapes) -> None:
    multi = [shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]) for shape in shapes]
    lines = shapely.to_wkb(shapely.set_srid(np.array(multi, dtype=object), 3857), hex=True, include_srid=True)
    rows = zip(ids.tolist(), [band] * len(ids), lines, strict=True)
    copy_numbers(connection, "boundary_band", ("boundary_id", "zoom", "geom"), rows)
