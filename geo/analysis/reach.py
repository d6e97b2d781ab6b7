"""How far do residents have to a finished project, and how much of it is theirs to share?

Kept as whole numbers per boundary version, theme ('' for any theme) and year, from the population cells:

- `reach`: residents (thousandths) by 50 m steps to the nearest finished project, so any distance is a lookup;
- tally measure `nearest_resident_m`: residents times metres, for the mean distance;
- tally measure `access_supply`: projects (millionths) that reach the residents by Gaussian floating catchments of
  1 km (methods 2.2); the sum over a city is the number of projects with anybody in reach.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.analysis.arrays import Floats, Ints
from geo.analysis.catchment import Form, catchment_by_air
from geo.analysis.cells import THOUSANDTHS, Cells, Shapes, Vintages, homes, known_years, valid_boundaries
from geo.analysis.distance import BEYOND, edge_affected, nearest_m, steps
from geo.analysis.edges import edge_distances
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.residents import TALLY_COLUMNS
from geo.analysis.walking import Streets, Walks
from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.settings import settings
from geo.store.bulk import copy_numbers
from geo.vocabulary import DONE_PROJECTS

REACH_MEASURES = (
    "nearest_resident_m", "access_supply", "nearest_resident_foot_m", "off_street_residents", "edge_residents",
    "edge_1km_residents", *ACCESS_FORMS,
)  # fmt: skip
EDGE_M = 1000.0
MILLIONTHS = 1_000_000
Measured = Callable[[Floats], Floats]
# a line is as far as the nearest of the points along it
ALONG_DEGREES = 25 / 111_320


def count_reach(connection: Connection, themes: Collection[str] | None, progress: Progress = SILENT) -> None:
    """Renew `reach` of the given themes ('' is any theme; None renews all) for every year."""
    which = {"all": themes is None, "themes": list(themes or ()), "measures": list(REACH_MEASURES)}
    for table in ("reach", "reach_on_foot"):
        connection.execute(text(f"DELETE FROM okruga.{table} WHERE :all OR theme = ANY (:themes)"), which)
    connection.execute(
        text("DELETE FROM okruga.tally WHERE measure = ANY (:measures) AND (:all OR theme = ANY (:themes))"), which
    )
    vintages = Vintages(connection)
    if not vintages.years:
        return
    wanted = themes_with_projects(connection)
    if themes is not None:
        wanted &= set(themes)
    years = known_years(connection)
    streets, walks = Streets.load(connection), dict[int, Walks]()
    with progress.step(N_("Measuring distances to finished projects"), len(years) * len(wanted)) as step:
        for year in years:
            valid = valid_boundaries(connection, date(year, 12, 31))
            sites = Sites.load(connection, year)
            cells = vintages.of(year)
            if cells is None:
                continue
            centres = cells.centres()
            # distances would otherwise tell how many live in a cell of a few people: each such cell is reached when its
            # neighbour is
            home = homes(centres, np.nan_to_num(cells.residents), settings().small_count)
            if streets is not None and cells.year not in walks:
                walks[cells.year] = Walks.of(streets, centres)
            edge = edge_distances(connection, centres, date(year, 12, 31))
            for theme in sorted(wanted):
                if cells.year in walks:
                    walk(connection, year, theme, cells, walks[cells.year], sites, home, valid)
                metres = sites.distances(theme, centres)[home]
                write_reach(connection, year, theme, reach_of(cells, metres, valid))
                write_sums(connection, year, theme, sums_of(cells, metres, sites.access(theme, cells, centres), valid))
                beyond = edge_affected(metres, edge).astype(float)
                write_sums(connection, year, theme, {"edge_residents": people_times(cells, beyond, valid)})
                if theme == "":
                    write_forms(connection, year, cells, sites, centres, edge, valid)
                step.advance()


def walk(
    connection: Connection, year: int, theme: str, cells: Cells, walks: Walks, sites: Sites, home: Ints,
    valid: Collection[int],
) -> None:  # fmt: skip
    """Write how far the residents walk; those whose cell no street leads to are counted apart."""
    on_street = replace(cells, residents=np.where(walks.off, np.nan, cells.residents))
    off = replace(cells, residents=np.where(walks.off, cells.residents, np.nan))
    metres = sites.distances(theme, cells.centres(), walks.nearest_m)[home]
    write_reach(connection, year, theme, reach_of(on_street, metres, valid), "reach_on_foot")
    metres_walked = people_times(on_street, np.rint(np.nan_to_num(metres)), valid)
    write_sums(connection, year, theme, {"nearest_resident_foot_m": metres_walked})
    if theme == "":
        left_out = people_times(off, np.ones(len(cells.residents)), valid)
        write_sums(connection, year, theme, {"off_street_residents": left_out})


def write_forms(
    connection: Connection, year: int, cells: Cells, sites: Sites, centres: Floats, edge: Floats, valid: Collection[int]
) -> None:
    """The other forms of floating catchments over all themes, and the residents near the edge of the loaded area."""
    for measure, form in ACCESS_FORMS.items():
        sums = sums_of(cells, np.full(len(centres), np.nan), sites.access("", cells, centres, form), valid)
        write_sums(connection, year, "", {measure: sums["access_supply"]})
    near = np.nan_to_num(edge, nan=np.inf) < EDGE_M
    write_sums(connection, year, "", {"edge_1km_residents": people_times(cells, near.astype(float), valid)})


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

    def distances(self, theme: str, centres: Floats, measure: Measured | None = None) -> Floats:
        """Metres from each cell centre to the nearest site of the theme, straight or as `measure` has it; NaN beyond
        5 km."""
        mine = self.geom if theme == "" else self.geom[self.theme == theme]
        points = shapely.get_coordinates(shapely.segmentize(mine, ALONG_DEGREES))
        metres = nearest_m(centres, points) if measure is None else measure(points)
        areas = mine[shapely.get_dimensions(mine) == 2]
        if len(areas):
            _, inside = shapely.STRtree(np.asarray(shapely.points(centres), dtype=object)).query(
                areas, predicate="intersects"
            )
            metres[inside] = 0.0
        return metres

    def access(self, theme: str, cells: Cells, centres: Floats, form: Form = "gaussian") -> Floats:
        """Projects per resident of each cell by floating catchments; 0 where none is in reach."""
        mine = self.geom if theme == "" else self.geom[self.theme == theme]
        points = shapely.get_coordinates(shapely.point_on_surface(mine))
        return np.nan_to_num(catchment_by_air(centres, cells.residents, points, np.ones(len(points)), form=form).access)


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


def write_reach(
    connection: Connection, year: int, theme: str, reach: dict[int, list[int]], table: str = "reach"
) -> None:
    rows = ((boundary, theme, year, counts) for boundary, counts in reach.items())
    copy_numbers(connection, table, ("boundary_id", "theme", "period", "residents"), rows)


def sums_of(cells: Cells, metres: Floats, access: Floats, valid: Collection[int]) -> dict[str, dict[int, int]]:
    """Whole-number sums per boundary version: thousandths of a resident times metres over the residents a project lies
    within 5 km of, and millionths of a project that the residents receive."""
    boundaries = np.array(sorted(valid), dtype=np.int64)
    inside = np.isin(cells.boundary, boundaries) & ~np.isnan(cells.residents[cells.cell])
    at, cell = np.searchsorted(boundaries, cells.boundary[inside]), cells.cell[inside]
    people = cells.residents[cell] * cells.share[inside]
    columns = {
        "nearest_resident_m": np.rint(people * THOUSANDTHS) * np.rint(np.nan_to_num(metres[cell])),
        "access_supply": np.rint(people * access[cell] * MILLIONTHS),
    }
    totals = {name: np.bincount(at, column, len(boundaries)) for name, column in columns.items()}
    return {name: {int(boundaries[i]): int(total[i]) for i in np.flatnonzero(total)} for name, total in totals.items()}


def people_times(cells: Cells, column: Floats, valid: Collection[int]) -> dict[int, int]:
    """Thousandths of a resident times a whole number of their cell, added up by boundary version."""
    boundaries = np.array(sorted(valid), dtype=np.int64)
    inside = np.isin(cells.boundary, boundaries) & ~np.isnan(cells.residents[cells.cell])
    at, cell = np.searchsorted(boundaries, cells.boundary[inside]), cells.cell[inside]
    people = np.rint(cells.residents[cell] * cells.share[inside] * THOUSANDTHS)
    total = np.bincount(at, people * column[cell], len(boundaries))
    return {int(boundaries[each]): int(total[each]) for each in np.flatnonzero(total)}


def write_sums(connection: Connection, year: int, theme: str, sums: dict[str, dict[int, int]]) -> None:
    for measure, by_boundary in sums.items():
        rows = ((boundary, measure, theme, year, "", amount) for boundary, amount in by_boundary.items())
        copy_numbers(connection, "tally", TALLY_COLUMNS, rows)
