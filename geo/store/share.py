"""Which part of every population cell lies in which boundary version?

`population_cell_share` is what residents of a territory, of a TOS or within a distance are computed from. It is
derived from the shapes of cells and boundaries, so it is brought up to date in the transaction that changes either,
and can be rebuilt from nothing. Shares are parts of area within one small cell, where degrees scale evenly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection as PgConnection
from sqlalchemy import Connection, text

from geo.errors import N_
from geo.progress import SILENT, Progress

# a sliver this small comes from rounded coordinates, not from a border through the cell
LEAST_SHARE = 1e-6
CELLS_AT_ONCE = 50_000

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def share_cells(
    connection: Connection,
    *,
    cells: Sequence[int] | None = None,
    boundaries: Sequence[int] | None = None,
    progress: Progress = SILENT,
) -> int:
    """Compute again the shares of these cells in all boundaries, of all cells in these boundaries, or (neither) of all.

    Returns the number of (cell, boundary version) pairs written.
    """
    chosen = {"cells": none_or_list(cells), "boundaries": none_or_list(boundaries)}
    connection.execute(
        text(
            "DELETE FROM okruga.population_cell_share"
            " WHERE (CAST(:cells AS int[]) IS NULL OR cell_id = ANY (:cells))"
            " AND (CAST(:boundaries AS int[]) IS NULL OR boundary_id = ANY (:boundaries))"
        ),
        chosen,
    )
    boundary_id, boundary = shapes_of(connection, "boundary", chosen["boundaries"])
    wanted = connection.scalars(
        text(
            "SELECT id FROM okruga.population_cell WHERE CAST(:cells AS int[]) IS NULL OR id = ANY (:cells) ORDER BY id"
        ),
        chosen,
    ).all()
    written = 0
    with progress.step(N_("Sharing residents among boundaries"), len(wanted)) as step:
        for first in range(0, len(wanted) if len(boundary_id) else 0, CELLS_AT_ONCE):
            part = list(wanted[first : first + CELLS_AT_ONCE])
            cell_id, cell = shapes_of(connection, "population_cell", part)
            at, of, share = shares(cell, boundary)
            copy_shares(connection, cell_id[at], boundary_id[of], share)
            written += len(share)
            step.advance(len(part))
    return written


def none_or_list(ids: Sequence[int] | None) -> list[int] | None:
    return None if ids is None else [int(i) for i in ids]


SHAPES = {
    table: text(
        f"SELECT id, ST_AsBinary(geom) FROM okruga.{table}"
        " WHERE CAST(:ids AS int[]) IS NULL OR id = ANY (:ids) ORDER BY id"
    )
    for table in ("boundary", "population_cell")
}


def shapes_of(connection: Connection, table: str, ids: list[int] | None) -> tuple[Ints, Shapes]:
    """Ids and shapes of the rows of `boundary` or `population_cell` (None: all of them)."""
    rows = connection.execute(SHAPES[table], {"ids": ids}).all()
    return np.array([row[0] for row in rows], np.int64), shapely.from_wkb(np.array([row[1] for row in rows], object))


def shares(cells: Shapes, boundaries: Shapes) -> tuple[Ints, Ints, Floats]:
    """Pairs (cell position, boundary position, share of the cell's area); points and lines count whole."""
    tree = shapely.STRtree(cells)
    of, at = tree.query(boundaries, predicate="intersects")
    whole = np.zeros(len(at), bool)
    covered_of, covered_at = tree.query(boundaries, predicate="covers")
    whole[np.isin(of * len(cells) + at, covered_of * len(cells) + covered_at)] = True
    share = np.ones(len(at))
    cut = np.flatnonzero(~whole & (shapely.get_dimensions(cells[at]) == 2))
    share[cut] = shapely.area(shapely.intersection(cells[at[cut]], boundaries[of[cut]])) / shapely.area(cells[at[cut]])
    kept = share > LEAST_SHARE
    share[share > 1 - LEAST_SHARE] = 1.0
    return at[kept], of[kept], share[kept]


def copy_shares(connection: Connection, cell_id: Ints, boundary_id: Ints, share: Floats) -> None:
    """Write the pairs."""
    driver: PgConnection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    with (
        driver.cursor() as cursor,
        cursor.copy("COPY okruga.population_cell_share (cell_id, boundary_id, share) FROM STDIN") as copy,
    ):
        for row in zip(cell_id.tolist(), boundary_id.tolist(), share.tolist(), strict=True):
            copy.write_row(row)
