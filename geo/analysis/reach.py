"""How far do residents have to a finished project, and how much of it is theirs to share?

Kept as whole numbers per boundary version, theme ('' for any theme) and year, from the population cells:

- `reach`: residents (thousandths) by 50 m steps to the nearest finished project, so any distance is a lookup;
- tally measure `nearest_resident_m`: residents times metres, for the mean distance;
- tally measure `access_supply`: projects (millionths) that reach the residents by Gaussian floating catchments of
  1 km (methods 2.2); the sum over a city is the number of projects with anybody in reach.

Where streets are loaded, each of them once more on foot (`reach_on_foot`, `nearest_resident_foot_m`,
`access_supply_foot`), over the residents whom a street reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.analysis.arrays import Floats, Ints
from geo.analysis.catchment import THRESHOLD_M, Form, catchment, catchment_by_air
from geo.analysis.cells import THOUSANDTHS, Cells, Shapes, Vintages, known_years, valid_boundaries
from geo.analysis.distance import BEYOND, edge_affected, nearest_m, steps
from geo.analysis.edges import Edge
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.residents import TALLY_COLUMNS
from geo.analysis.walking import FOOT, Streets, Walks
from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.store.bulk import copy_numbers
from geo.vocabulary import DONE_PROJECTS

REACH_MEASURES = (
    "nearest_resident_m", "access_supply", "nearest_resident_foot_m", "off_street_residents", "edge_residents",
    "edge_1km_residents", *ACCESS_FORMS,
    *(FOOT.format(measure=each)
      for each in ("access_supply", "edge_residents", "edge_1km_residents", *ACCESS_FORMS)),
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
    wanted = themes_with_projects(connection)
    if themes is not None:
        wanted &= set(themes)
    steps_to_do = len(known_years(connection)) * len(wanted)
    with progress.step(N_("Measuring distances to finished projects"), steps_to_do) as step:
        for year in years_with_cells(connection):
            for theme in sorted(wanted):
                count_theme(connection, year, theme)
                step.advance()


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """What a year is counted from: its cells, their centres, the finished projects, the valid boundary versions.

    `edge` holds metres to the edge of the loaded area; `walks` the cells on the street network and `edge_walk` the
    metres they walk to that edge, if streets are loaded.
    """

    year: int
    cells: Cells
    centres: Floats
    edge: Floats
    sites: Sites
    valid: Collection[int]
    walks: Walks | None
    edge_walk: Floats | None


def years_with_cells(connection: Connection) -> Iterator[Year]:
    """All years figures exist for; none without population cells."""
    vintages = Vintages(connection)
    streets, walks = Streets.load(connection) if vintages.years else None, dict[int, Walks]()
    for year in known_years(connection):
        cells = vintages.of(year)
        if cells is None:
            return
        centres, last = cells.centres(), date(year, 12, 31)
        edge = Edge.load(connection, last)
        if streets is not None and cells.year not in walks:
            walks[cells.year] = Walks.of(streets, centres)
        walk = walks.get(cells.year)
        yield Year(
            year, cells, centres, edge.straight_m(centres), Sites.load(connection, year),
            valid_boundaries(connection, last), walk, edge.walked_m(walk) if walk is not None else None,
        )  # fmt: skip


def count_theme(connection: Connection, of: Year, theme: str) -> None:
    """Write the distances of a theme in a year, and what its projects supply."""
    metres = of.sites.distances(theme, of.centres)
    write_reach(connection, of.year, theme, reach_of(of.cells, metres, of.valid))
    sums = {
        "nearest_resident_m": people_times(of.cells, np.rint(np.nan_to_num(metres)), of.valid),
        "edge_residents": people_times(of.cells, edge_affected(metres, of.edge).astype(float), of.valid),
        **supplies(of, theme, of.cells),
    }
    if theme == "":
        sums["edge_1km_residents"] = people_times(of.cells, near_edge(of.edge), of.valid)
    write_sums(connection, of.year, theme, sums)
    if of.walks is not None and of.edge_walk is not None:
        count_on_foot(connection, of, theme, of.walks, of.edge_walk)


def near_edge(metres: Floats) -> Floats:
    """1 for a cell within a catchment's reach of the edge, else 0."""
    return (np.nan_to_num(metres, nan=np.inf) < EDGE_M).astype(float)


def count_on_foot(connection: Connection, of: Year, theme: str, walks: Walks, edge: Floats) -> None:
    """The same along the streets; residents whose cell no street leads to are counted apart."""
    on_street = replace(of.cells, residents=np.where(walks.off, np.nan, of.cells.residents))
    metres = of.sites.distances(theme, of.centres, walks.nearest_m)
    write_reach(connection, of.year, theme, reach_of(on_street, metres, of.valid), "reach_on_foot")
    walked = people_times(on_street, np.rint(np.nan_to_num(metres)), of.valid)
    affected = people_times(on_street, edge_affected(metres, edge).astype(float), of.valid)
    sums = {
        "nearest_resident_foot_m": walked, FOOT.format(measure="edge_residents"): affected,
        **supplies(of, theme, on_street, walks),
    }  # fmt: skip
    if theme == "":
        sums[FOOT.format(measure="edge_1km_residents")] = people_times(on_street, near_edge(edge), of.valid)
        sums["off_street_residents"] = people_times(of.cells, walks.off.astype(float), of.valid)
    write_sums(connection, of.year, theme, sums)


def supplies(of: Year, theme: str, cells: Cells, walks: Walks | None = None) -> dict[str, dict[int, int]]:
    """Floating catchments of a theme; over all themes in every form. Along the streets with `walks`."""
    forms: dict[str, Form] = {"access_supply": "gaussian", **(ACCESS_FORMS if theme == "" else {})}
    named = {form: measure if walks is None else FOOT.format(measure=measure) for measure, form in forms.items()}
    # over all themes 0 is written too: it says that it was counted
    none = dict.fromkeys(sorted(set(cells.boundary.tolist()) & set(of.valid)) if theme == "" else (), 0)
    return {
        name: none | supply_of(cells, of.sites.access(theme, of.centres, cells.residents, form, walks), of.valid)
        for form, name in named.items()
    }


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

    def access(
        self, theme: str, centres: Floats, residents: Floats, form: Form = "gaussian", walks: Walks | None = None
    ) -> Floats:
        """Projects per resident of each cell by floating catchments of 1 km; 0 where none is in reach."""
        mine = self.geom if theme == "" else self.geom[self.theme == theme]
        points, ones = shapely.get_coordinates(shapely.point_on_surface(mine)), np.ones(len(mine))
        if walks is None:
            return np.nan_to_num(catchment_by_air(centres, residents, points, ones, form=form).access)
        near = walks.pairs(points, THRESHOLD_M)
        return np.nan_to_num(catchment(residents, ones, near.cell, near.site, near.distance_m, form=form).access)


def reach_of(cells: Cells, metres: Floats, valid: Collection[int]) -> dict[int, list[int]]:
    """Thousandths of residents by distance step for each valid boundary version with a cell in it."""
    boundaries, at, cell, people = living(cells, valid)
    step = steps(metres)[cell]
    table = np.bincount(at * (BEYOND + 1) + step, np.rint(people * THOUSANDTHS), len(boundaries) * (BEYOND + 1))
    counts = table.reshape(len(boundaries), BEYOND + 1).astype(np.int64)
    present = np.bincount(at, minlength=len(boundaries)) > 0
    return {int(boundaries[i]): counts[i].tolist() for i in np.flatnonzero(present)}


def write_reach(
    connection: Connection, year: int, theme: str, reach: dict[int, list[int]], table: str = "reach"
) -> None:
    rows = ((boundary, theme, year, counts) for boundary, counts in reach.items())
    copy_numbers(connection, table, ("boundary_id", "theme", "period", "residents"), rows)


def supply_of(cells: Cells, access: Floats, valid: Collection[int]) -> dict[int, int]:
    """Millionths of a project that the residents receive, by boundary version."""
    boundaries, at, cell, people = living(cells, valid)
    return added(boundaries, at, np.rint(people * access[cell] * MILLIONTHS))


def people_times(cells: Cells, column: Floats, valid: Collection[int]) -> dict[int, int]:
    """Thousandths of a resident times a whole number of their cell, added up by boundary version."""
    boundaries, at, cell, people = living(cells, valid)
    return added(boundaries, at, np.rint(people * THOUSANDTHS) * column[cell])


def living(cells: Cells, valid: Collection[int]) -> tuple[Ints, Ints, Ints, Floats]:
    """The valid boundary versions, and for each part of a cell with known residents: which of them it lies in (by
    position), its cell, and its residents."""
    boundaries = np.array(sorted(valid), dtype=np.int64)
    inside = np.isin(cells.boundary, boundaries) & ~np.isnan(cells.residents[cells.cell])
    at, cell = np.searchsorted(boundaries, cells.boundary[inside]), cells.cell[inside]
    return boundaries, at, cell, cells.residents[cell] * cells.share[inside]


def added(boundaries: Ints, at: Ints, amounts: Floats) -> dict[int, int]:
    """Amounts by boundary version, those that are not 0."""
    total = np.bincount(at, amounts, len(boundaries))
    return {int(boundaries[each]): int(total[each]) for each in np.flatnonzero(total)}


def write_sums(connection: Connection, year: int, theme: str, sums: dict[str, dict[int, int]]) -> None:
    for measure, by_boundary in sums.items():
        rows = ((boundary, measure, theme, year, "", amount) for boundary, amount in by_boundary.items())
        copy_numbers(connection, "tally", TALLY_COLUMNS, rows)
