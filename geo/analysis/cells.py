"""Which population cells, years and boundary versions do the kept figures of residents rest on?

Cells come in vintages (the year their numbers are of); a year is counted with the newest vintage not after it.

People of a cell with fewer than may be shown are counted in a cell near it, for everything: territories, TOS, distances
and catchments. So every public number of residents is a sum over groups of enough people, and no difference of two,
whatever kinds of territory, years, themes and ways of measuring are combined, tells who lives in one house.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sqlalchemy import Connection, text

from geo.analysis.arrays import Bools, Floats, Ints
from geo.analysis.distance import on_ellipsoid
from geo.settings import settings

Shapes = NDArray[np.object_]

THOUSANDTHS = 1000
FIRST_YEAR = 1990


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


def load_cells(connection: Connection, vintage: int) -> Cells:
    """All cells of one vintage with their shares, as they were loaded."""
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
            self._loaded[vintage] = together(load_cells(self._connection, vintage), settings().small_count)
        return self._loaded[vintage]


def together(cells: Cells, small_count: int) -> Cells:
    """The same cells, those of few people (or of few aged 16+) emptied: their people are counted in their home.

    What was moved away is not known there rather than 0: where only such cells lie, nobody says that no one lives.
    """
    home = homes(cells.centres(), least_known(cells.residents, cells.residents_16), small_count)
    residents, grown = (gathered(column, home) for column in (cells.residents, cells.residents_16))
    return replace(cells, residents=residents, residents_16=grown)


def least_known(residents: Floats, residents_16: Floats) -> Floats:
    """The smaller of two numbers of people of a cell that are not 0; 0 where neither says that somebody lives there."""
    some = [np.where(column > 0, column, np.nan) for column in (residents, residents_16)]
    return np.nan_to_num(np.fmin(*some))


def gathered(people: Floats, home: Ints) -> Floats:
    """People added up where they are counted; NaN where nothing is known or all were moved away."""
    known = np.bincount(home, ~np.isnan(people), len(people)) > 0
    return np.where(known, np.bincount(home, np.nan_to_num(people), len(people)), np.nan)


def homes(centres: Floats, people: Floats, small_count: int) -> Ints:
    """Which cell each cell is counted in: itself, or for fewer people than may be shown one near it.

    Cells of few people join the nearest that has enough or belongs to a group; where others of few people are nearer,
    `small_count` of those are a group. Taken in the order of the cells; how many the few are decides nothing, so that
    where people are counted does not tell it.
    """
    home = np.arange(len(people))
    few = (people > 0) & (people < small_count)
    if not few.any():
        return home
    lived_in, places = np.flatnonzero(people > 0), on_ellipsoid(centres)
    _, near = cKDTree(places[lived_in]).query(places[few], min(small_count + 1, len(lived_in)))
    settled = ~few
    for cell, around in zip(np.flatnonzero(few).tolist(), lived_in[near].reshape(few.sum(), -1).tolist(), strict=True):
        if not settled[cell]:
            group, joined = grouped(cell, around, settled, small_count)
            home[group] = home[cell if joined is None else joined]
            settled[group] = True
    return home


def grouped(cell: int, around: Sequence[int], settled: Bools, size: int) -> tuple[list[int], int | None]:
    """The cells counted together with one of few people, and the settled cell they join, if one was nearer than enough
    others; `around` are the inhabited cells by distance."""
    group = [cell]
    for other in around:
        if len(group) == size:
            break
        if other != cell and settled[other]:
            return group, other
        if other != cell:
            group = [*group, other]
    return group, None
