"""How dense is participation, or anything else, in hexagons finer than districts? Counts per km² of real cell area.

Hexagons are H3 cells of resolution 8; their areas differ by latitude, so each count is divided by the cell's own area.
Counts of people below the limit are hidden, with others beside them so that the sum gives nothing away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import h3
import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.figure import Unit, Value
from geo.analysis.participation import kept_back
from geo.analysis.result import Values
from geo.analysis.sensitive import SAID_WIDELY
from geo.analysis.shields import FIRST_HEXAGON, HEADS
from geo.analysis.withheld import withheld
from geo.errors import N_, BadInput
from geo.settings import settings
from geo.vocabulary import Theme


class Counted(StrEnum):
    """What is counted in the hexagons."""

    PARTICIPANTS = "participants"
    EVENTS = "events"
    PROJECTS_DONE = "projects_done"
    NEEDS_REPORTED = "needs_reported"


STOCKS = (Counted.PROJECTS_DONE, Counted.NEEDS_REPORTED)


@dataclass(frozen=True, slots=True)
class Hexagon:
    """One cell: index, centre, corners (lon, lat), real area, and the count per km² (numerator: the count)."""

    h3: str
    lat: float
    lon: float
    corners: tuple[tuple[float, float], ...]
    area_km2: float
    value: Value


def hexagons(connection: Connection, counted: Counted, year: int, theme: Theme | None = None) -> list[Hexagon]:
    """Hexagons with anything in them, by index. Stocks count everything up to the end of the year.

    Raises BadInput for people's matters under a sensitive theme.
    """
    if counted is not Counted.PROJECTS_DONE and theme is not None and theme.value in settings().sensitive:
        raise BadInput(SAID_WIDELY, remedy=N_("Choose another theme, or ask by district."), field="theme")
    rows = connection.execute(
        text(
            "SELECT area_id, sum(amount) FROM published.tally WHERE area_id >= :first AND measure = :measure"
            " AND (period = :year OR (:until AND period <= :year)) AND (:any_theme OR theme = :theme)"
            " GROUP BY area_id HAVING sum(amount) <> 0 ORDER BY area_id"
        ),
        {
            "first": FIRST_HEXAGON, "measure": counted.value, "year": year, "until": counted in STOCKS,
            "any_theme": theme is None, "theme": theme or "",
        },
    ).all()  # fmt: skip
    cells = np.array([row[0] for row in rows], dtype=np.int64)
    indexes = [h3.int_to_str(int(cell)) for cell in cells]
    areas = np.array([h3.cell_area(index, unit="km^2") for index in indexes], dtype=float)
    counts = np.array([float(row[1]) for row in rows])
    people = counted is Counted.PARTICIPANTS
    values = Values.ratio(counts, areas, Unit.PER_KM2, counts_people=people)
    if people:
        values = kept_back(values, withheld(connection, cells, year, theme, [HEADS]))
    found = enumerate(zip(indexes, areas.tolist(), strict=True))
    return [described(index, area, values[at]) for at, (index, area) in found]


def described(index: str, area: float, value: Value) -> Hexagon:
    """A cell with its geometry."""
    lat, lon = h3.cell_to_latlng(index)
    corners = tuple((round(x, 6), round(y, 6)) for y, x in h3.cell_to_boundary(index))
    return Hexagon(index, round(lat, 6), round(lon, 6), corners, area, value)


def centre(index: str) -> tuple[float, float]:
    """Latitude and longitude of a cell's centre, to about a metre."""
    lat, lon = h3.cell_to_latlng(index)
    return round(lat, 5), round(lon, 5)


SIX = 6
DIGITS = 100_000


def corner_steps(indexes: Sequence[str]) -> list[int]:
    """The corners of cells as one row of whole steps: longitude and latitude in 100,000ths of a degree (about a metre),
    each from the corner before. Six corners a cell; of the twelve pentagons of the Earth one corner comes twice.

    >>> corner_steps(["8810110211fffff"])[:2]
    [13041, 5129860]
    """
    found = [[h3.vertex_to_latlng(corner) for corner in h3.cell_to_vertexes(index)] for index in indexes]
    six = [[*corners, corners[-1]][:SIX] for corners in found]
    places = np.rint(np.array(six, dtype=float).reshape(-1, 2)[:, ::-1] * DIGITS).astype(np.int64)
    steps: list[int] = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
    return steps
