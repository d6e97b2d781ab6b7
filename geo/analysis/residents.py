"""How many residents does a TOS cover, and how many live within each distance of a finished project?

Both are kept as whole numbers per boundary version and year (thousandths of a resident, so that shares of a cell add
up without drift), computed from the population cells as they were at the end of the year:

- tally measures `cell_residents`, `cell_residents_16`, `tos_residents` (thousandths), `area_m2`, `tos_area_m2`;
- `reach`: residents by 50 m steps to the nearest finished project, for each theme and for any theme ('').

A cell lies in a boundary version with the share of its area (`population_cell_share`); of a TOS only the part inside
both counts, overlapping TOS once (methods.md 2.1). Only an active TOS counts, and a dissolved one inside its dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from sqlalchemy import Connection, text

from geo.analysis.arrays import Floats, Ints
from geo.analysis.distance import BEYOND, nearest_m, steps
from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.vocabulary import DONE_PROJECTS, TerritoryKind

Shapes = NDArray[np.object_]

CELL_MEASURES = ("cell_residents", "cell_residents_16", "tos_residents", "area_m2", "tos_area_m2")
THOUSANDTHS = 1000
# a line is as far as the nearest of the points along it
ALONG_DEGREES = 25 / 111_320
FIRST_YEAR = 1990
_equal_area = Transformer.from_crs(4326, 6933, always_xy=True)


@dataclass(frozen=True, slots=True)
class Cells:
    """Population cells of one vintage, and the parts of them in boundary versions (`cell` indexes the arrays)."""

    year: int
    geom: Shapes
    residents: Floats
    residents_16: Floats
    cell: Ints
    boundary: Ints
    share: Floats

    def centres(self) -> Floats:
        """n x 2 lon/lat of the cells' centres."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.geom)))


def known_years(connection: Connection) -> list[int]:
    """Calendar years figures exist for: from the first dated row to the last, without gaps."""
    first, last = connection.execute(
        text(
            "SELECT min(year), max(year) FROM ("
            " SELECT extract(year FROM begins_on)::int AS year FROM okruga.entry WHERE begins_on <= now()"
            " UNION ALL SELECT extract(year FROM ends_on)::int FROM okruga.entry WHERE ends_on <= now()"
            " UNION ALL SELECT year FROM okruga.population"
            " UNION ALL SELECT year FROM okruga.population_cell) y WHERE year >= :first"
        ),
        {"first": FIRST_YEAR},
    ).one()
    if first is None:
        valid = connection.scalar(text("SELECT count(*) FROM okruga.boundary"))
        return [date.today().year] if valid else []  # noqa: DTZ011 - the city's calendar year
    return list(range(first, last + 1))


def valid_boundaries(connection: Connection, day: date) -> dict[int, str]:
    """Boundary versions valid on a day, with their kind."""
    rows = connection.execute(
        text("SELECT id, kind FROM okruga.boundary WHERE valid @> CAST(:day AS date) ORDER BY id"), {"day": day}
    )
    return {row[0]: row[1] for row in rows}


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


def load_cells(connection: Connection, vintage: int) -> Cells:
    """All cells of one vintage with their shares."""
    rows = connection.execute(
        text(
            "SELECT id, ST_AsBinary(geom), residents, residents_16 FROM okruga.population_cell"
            " WHERE year = :year ORDER BY id"
        ),
        {"year": vintage},
    ).all()
    parts = connection.execute(
        text("SELECT s.cell_id, s.boundary_id, s.share FROM okruga.population_cell_share s"
             " JOIN okruga.population_cell c ON c.id = s.cell_id WHERE c.year = :year ORDER BY 1, 2"),
        {"year": vintage},
    ).all()  # fmt: skip
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    return Cells(
        vintage,
        shapely.from_wkb(np.array([row[1] for row in rows], dtype=object)),
        np.array([row[2] for row in rows], dtype=float),
        np.array([row[3] for row in rows], dtype=float),
        np.searchsorted(ids, np.array([part[0] for part in parts], dtype=np.int64)),
        np.array([part[1] for part in parts], dtype=np.int64),
        np.array([part[2] for part in parts], dtype=float),
    )


class Vintages:
    """The cell vintages of a database, each loaded once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.years = list(connection.scalars(text("SELECT DISTINCT year FROM okruga.population_cell ORDER BY 1")))
        self._loaded: dict[int, Cells] = {}

    def of(self, year: int) -> Cells | None:
        """The newest vintage not after the year, else the oldest there is; None without cells."""
        if not self.years:
            return None
        vintage = max((y for y in self.years if y <= year), default=self.years[0])
        if vintage not in self._loaded:
            self._loaded[vintage] = load_cells(self._connection, vintage)
        return self._loaded[vintage]


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
    rows = [
        {"area": boundary, "measure": measure, "period": year, "amount": amount}
        for measure, by_boundary in amounts.items() for boundary, amount in by_boundary.items()
    ]  # fmt: skip
    if rows:
        connection.execute(
            text("INSERT INTO okruga.tally (area_id, measure, theme, period, part, amount)"
                 " VALUES (:area, :measure, '', :period, '', :amount)"), rows,
        )  # fmt: skip


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

    def of(self, valid: Iterable[int]) -> dict[int, int]:
        return {b: round(float(self._area[np.searchsorted(self._ids, b)])) for b in valid}

    def covered(self, valid: dict[int, str], tos: dict[int, shapely.Geometry]) -> dict[int, int]:
        """TOS land in each version of another kind; overlapping TOS count once."""
        if tuple(tos) not in self._covered:
            self._covered[tuple(tos)] = self._cover(tuple(tos))
        covered = self._covered[tuple(tos)]
        return {b: covered[b] for b, kind in valid.items() if kind != TerritoryKind.TOS_TERRITORY}

    def _cover(self, tos: Sequence[int]) -> dict[int, int]:
        union = shapely.union_all(self._flat[np.searchsorted(self._ids, np.array(tos, dtype=np.int64))])
        whole = shapely.area(self._flat)
        inside = shapely.area(shapely.intersection(self._flat, union))
        part = np.divide(inside, whole, out=np.zeros_like(inside), where=whole > 0)
        return dict(zip(self._ids.tolist(), np.rint(part * self._area).astype(np.int64).tolist(), strict=True))


def equal_area(shapes: Shapes) -> Shapes:
    """Shapes on the equal-area cylinder (EPSG:6933), where plane areas are areas of the ellipsoid."""
    coordinates = shapely.get_coordinates(shapes)
    x, y = _equal_area.transform(coordinates[:, 0], coordinates[:, 1])
    return shapely.set_coordinates(shapes.copy(), np.column_stack([x, y]))


def count_reach(connection: Connection, themes: Collection[str] | None, progress: Progress = SILENT) -> None:
    """Renew `reach` of the given themes ('' is any theme; None renews all) for every year."""
    connection.execute(
        text("DELETE FROM okruga.reach WHERE :all OR theme = ANY (:themes)"),
        {"all": themes is None, "themes": list(themes or ())},
    )
    vintages = Vintages(connection)
    if not vintages.years:
        return
    wanted = themes_with_projects(connection) if themes is None else set(themes)
    years = known_years(connection)
    with progress.step(N_("Measuring distances to finished projects"), len(years) * len(wanted)) as step:
        for year in years:
            valid = valid_boundaries(connection, date(year, 12, 31))
            sites = Sites.load(connection, year)
            cells = vintages.of(year)
            if cells is None:
                continue
            centres = cells.centres()
            for theme in sorted(wanted):
                write_reach(connection, year, theme, reach_of(cells, sites.distances(theme, centres), valid))
                step.advance()


def themes_with_projects(connection: Connection) -> set[str]:
    """Themes that have any published project, and '' for any theme when there is one at all."""
    rows = connection.scalars(
        text("SELECT DISTINCT theme FROM okruga.entry WHERE register = 'project' AND moderation_state = 'published'")
    )
    themes = {theme or "" for theme in rows}
    return themes | {""} if themes else themes


@dataclass(frozen=True, slots=True)
class Sites:
    """Finished projects with a position at the end of a year."""

    theme: NDArray[np.object_]
    geom: Shapes

    @classmethod
    def load(cls, connection: Connection, year: int) -> Sites:
        rows = connection.execute(
            text(
                "SELECT coalesce(e.theme, ''), ST_AsBinary(p.geom) FROM okruga.entry e"
                " JOIN okruga.place p ON p.entry_id = e.id AND p.geom IS NOT NULL"
                " WHERE e.register = 'project' AND e.moderation_state = 'published' AND e.status = ANY (:done)"
                " AND coalesce(extract(year FROM e.ends_on), 0) <= :year ORDER BY p.id"
            ),
            {"done": list(DONE_PROJECTS), "year": year},
        ).all()
        return cls(
            np.array([row[0] for row in rows], dtype=object),
            shapely.from_wkb(np.array([row[1] for row in rows], dtype=object)),
        )

    def distances(self, theme: str, centres: Floats) -> Floats:
        """Metres from each cell centre to the nearest site of the theme; NaN beyond 5 km."""
        mine = self.geom if theme == "" else self.geom[self.theme == theme]
        points = shapely.get_coordinates(shapely.segmentize(mine, ALONG_DEGREES))
        metres = nearest_m(centres, points)
        areas = mine[shapely.get_dimensions(mine) == 2]
        if len(areas):
            _, inside = shapely.STRtree(np.asarray(shapely.points(centres), dtype=object)).query(
                areas, predicate="intersects"
            )
            metres[inside] = 0.0
        return metres


def reach_of(cells: Cells, metres: Floats, valid: Collection[int]) -> dict[int, list[int]]:
    """Thousandths of residents by distance step for each valid boundary version with a cell in it."""
    boundaries = np.array(sorted(valid), dtype=np.int64)
    inside = np.isin(cells.boundary, boundaries) & ~np.isnan(cells.residents[cells.cell])
    at = np.searchsorted(boundaries, cells.boundary[inside])
    step = steps(metres)[cells.cell[inside]]
    people = np.rint(cells.residents[cells.cell[inside]] * cells.share[inside] * THOUSANDTHS)
    table = np.bincount(at * (BEYOND + 1) + step, people, len(boundaries) * (BEYOND + 1))
    counts = table.reshape(len(boundaries), BEYOND + 1).astype(np.int64)
    present = np.bincount(at, minlength=len(boundaries)) > 0
    return {int(boundaries[i]): counts[i].tolist() for i in np.flatnonzero(present)}


def write_reach(connection: Connection, year: int, theme: str, reach: dict[int, list[int]]) -> None:
    if reach:
        connection.execute(
            text(
                "INSERT INTO okruga.reach (boundary_id, theme, period, residents)"
                " VALUES (:boundary, :theme, :year, :counts)"
            ),
            [{"boundary": b, "theme": theme, "year": year, "counts": counts} for b, counts in reach.items()],
        )
