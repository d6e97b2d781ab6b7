"""How many residents does a TOS cover, and how much land?

Kept as whole numbers per boundary version and year (residents in thousandths, so that shares of a cell add up without
drift), computed from the population cells as they were at the end of the year: tally measures `cell_residents`,
`cell_residents_16`, `tos_residents`, `area_m2`, `tos_area_m2`.

A cell lies in a boundary version with the share of its area (`population_cell_share`); of a TOS only the part inside
both counts, overlapping TOS once (methods 2.1). Only an active TOS counts, and a dissolved one inside its dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, text

from geo.analysis.arrays import Floats, Ints
from geo.analysis.cells import THOUSANDTHS, Cells, Shapes, Vintages, known_years, valid_boundaries
from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.store.bulk import copy_numbers
from geo.vocabulary import TerritoryKind

TALLY_COLUMNS = ("area_id", "measure", "theme", "period", "part", "amount")
CELL_MEASURES = ("cell_residents", "cell_residents_16", "tos_residents", "area_m2", "tos_area_m2")
# borders drawn twice differ by as much
EDGE_M = 10
_equal_area = Transformer.from_crs(4326, 6933, always_xy=True)


def present_tos(connection: Connection, day: date) -> dict[int, shapely.Geometry]:
    """Shapes of the TOS that count on a day: active ones, and dissolved ones inside their dates."""
    rows = connection.execute(
        text(
            "SELECT b.id, ST_AsBinary(b.geom) FROM okruga.boundary b JOIN okruga.territory t ON t.id = b.territory_id"
            " WHERE b.kind = 'tos_territory' AND b.valid @> CAST(:day AS date)"
            " AND t.tos_status IN ('active', 'dissolved') ORDER BY b.id"
        ),
        {"day": day},
    ).all()
    return {row[0]: shape for row, shape in zip(rows, shapely.from_wkb([row[1] for row in rows]), strict=True)}


def count_cells(connection: Connection, progress: Progress = SILENT) -> None:
    """Renew the cell measures of every boundary version and year."""
    connection.execute(
        text("DELETE FROM okruga.tally WHERE measure = ANY (:measures)"), {"measures": list(CELL_MEASURES)}
    )
    years = known_years(connection)
    vintages = Vintages(connection)
    areas = Areas(connection)
    with progress.step(N_("Counting residents covered"), len(years)) as step:
        for year in years:
            day = date(year, 12, 31)
            write_cell_measures(
                connection,
                year,
                valid_boundaries(connection, day),
                vintages.of(year),
                present_tos(connection, day),
                areas,
            )
            step.advance()
    write_nesting(connection, areas)


def write_nesting(connection: Connection, areas: Areas) -> None:
    """Renew which boundary versions lie in which."""
    connection.execute(text("DELETE FROM okruga.nesting"))
    copy_numbers(connection, "nesting", ("inner_id", "outer_id"), areas.nested())


def write_cell_measures(
    connection: Connection,
    year: int,
    valid: dict[int, str],
    cells: Cells | None,
    tos: dict[int, shapely.Geometry],
    areas: Areas,
) -> None:
    amounts: dict[str, dict[int, int]] = {"area_m2": areas.of(valid), "tos_area_m2": areas.covered(valid, tos)}
    if cells is not None:
        amounts |= residents_of(cells, valid, covered_parts(cells, tos, areas))
    for measure, by_boundary in amounts.items():
        rows = ((boundary, measure, "", year, "", amount) for boundary, amount in by_boundary.items())
        copy_numbers(connection, "tally", TALLY_COLUMNS, rows)


def residents_of(cells: Cells, valid: Collection[int], covered: Floats) -> dict[str, dict[int, int]]:
    """Thousandths of residents by boundary version; `covered` is the covered part of each (cell, boundary) pair."""
    boundaries = np.array(sorted(valid), dtype=np.int64)
    inside = np.isin(cells.boundary, boundaries)
    at = np.searchsorted(boundaries, cells.boundary[inside])
    amounts = {}
    for measure, people, share in (
        ("cell_residents", cells.residents, cells.share),
        ("cell_residents_16", cells.residents_16, cells.share),
        ("tos_residents", cells.residents, covered),
    ):
        part = np.nan_to_num(people[cells.cell[inside]]) * share[inside]
        total = np.bincount(at, np.rint(part * THOUSANDTHS), len(boundaries)).astype(np.int64)
        known = np.bincount(at, ~np.isnan(people[cells.cell[inside]]), len(boundaries)) > 0
        # no cell in a territory of a city that has cells is nobody living there; unknown numbers stay unknown
        empty = np.bincount(at, minlength=len(boundaries)) == 0
        amounts[measure] = {int(b): int(n) for b, n, ok in zip(boundaries, total, known | empty, strict=True) if ok}
    return amounts


def covered_parts(cells: Cells, tos: dict[int, shapely.Geometry], areas: Areas) -> Floats:
    """For each (cell, boundary) pair: which part of the cell's area lies both in the boundary and in some TOS."""
    part = cells.share * 0.0
    if not tos or not len(cells.geom):
        return part
    union = shapely.union_all(list(tos.values()))
    shapely.prepare(union)
    whole = shapely.covers(union, cells.geom)
    cut = ~whole & shapely.intersects(union, cells.geom)
    part[whole[cells.cell]] = cells.share[whole[cells.cell]]
    pairs = np.flatnonzero(cut[cells.cell])
    inside = shapely.intersection(cells.geom[cells.cell[pairs]], union)
    split = cells.share[pairs] < 1 - 1e-9
    inside[split] = shapely.intersection(inside[split], areas.geom(cells.boundary[pairs[split]]))
    size, total = shapely.area(inside), shapely.area(cells.geom[cells.cell[pairs]])
    part[pairs] = np.divide(size, total, out=np.zeros_like(size), where=total > 0)
    return part


class Areas:
    """Areas of boundary versions and of the TOS land in them, in whole square metres on the ellipsoid."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(text("SELECT id, area_m2, ST_AsBinary(geom) FROM okruga.boundary ORDER BY id")).all()
        self._ids = np.array([row[0] for row in rows], dtype=np.int64)
        self._area = np.array([row[1] for row in rows], dtype=float)
        self._geom = shapely.from_wkb(np.array([row[2] for row in rows], dtype=object))
        self._flat = equal_area(self._geom)
        self._covered: dict[tuple[int, ...], dict[int, int]] = {}

    def geom(self, boundaries: Ints) -> Shapes:
        """Shapes (WGS 84) of boundary versions."""
        return np.asarray(self._geom[np.searchsorted(self._ids, boundaries)])

    def nested(self) -> list[tuple[int, int]]:
        """(inner, outer) of all versions of which one holds the other but for a strip along the edge."""
        inner = shapely.buffer(self._flat, -EDGE_M, quad_segs=1)
        there = np.flatnonzero(~shapely.is_empty(inner))
        one, other = shapely.STRtree(self._flat).query(inner[there], predicate="covered_by")
        apart = there[one] != other
        pairs = np.column_stack([self._ids[there[one][apart]], self._ids[other[apart]]])
        return sorted((int(within), int(around)) for within, around in pairs.tolist())

    def of(self, valid: Iterable[int]) -> dict[int, int]:
        return {b: round(float(self._area[np.searchsorted(self._ids, b)])) for b in valid}

    def covered(self, valid: dict[int, str], tos: dict[int, shapely.Geometry]) -> dict[int, int]:
        """TOS land in each version of another kind; overlapping TOS count once."""
        if tuple(tos) not in self._covered:
            self._covered[tuple(tos)] = self._cover(tuple(tos))
        covered = self._covered[tuple(tos)]
        return {b: covered[b] for b, kind in valid.items() if kind != TerritoryKind.TOS_TERRITORY}

    def _cover(self, tos: Sequence[int]) -> dict[int, int]:
        # the union falls apart into disjoint lands, so that a district meets only those near it
        union = shapely.union_all(self._flat[np.searchsorted(self._ids, np.array(tos, dtype=np.int64))])
        lands = shapely.get_parts(union)
        lands = lands[~shapely.is_empty(lands)]
        district, land = shapely.STRtree(lands).query(self._flat, predicate="intersects")
        overlap = shapely.area(shapely.intersection(self._flat[district], lands[land]))
        whole = shapely.area(self._flat)
        inside = np.bincount(district, overlap, len(whole)).astype(float)
        part = np.divide(inside, whole, out=np.zeros_like(inside), where=whole > 0)
        return dict(zip(self._ids.tolist(), np.rint(part * self._area).astype(np.int64).tolist(), strict=True))


def equal_area(shapes: Shapes) -> Shapes:
    """Shapes on the equal-area cylinder (EPSG:6933), where plane areas are areas of the ellipsoid."""
    coordinates = shapely.get_coordinates(shapes)
    x, y = _equal_area.transform(coordinates[:, 0], coordinates[:, 1])
    return shapely.set_coordinates(shapes.copy(), np.column_stack([x, y]))
