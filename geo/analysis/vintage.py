"""Of which year are the people a figure counts? Cells of another year than the asked one mark it as estimated."""

from __future__ import annotations

from sqlalchemy import Connection, text

from geo.analysis.measures import COVERAGE, Measure
from geo.errors import N_, Message
from geo.store.once import once

NO_CELLS = Message(
    N_(
        "Nobody is counted here yet: totals of territories, those of TOS too, do not say who lives inside of a TOS or"
        " near a project. Load residents by houses, hexagons or other small areas: okruga load population FILE."
    )
)


def cell_vintage(connection: Connection, year: int) -> int | None:
    """The year of the population cells a year is counted with: the newest not after it, else the oldest; None without
    cells."""
    nearest = text("SELECT year FROM published.cell_vintage ORDER BY (year > :year), abs(year - :year) LIMIT 1")
    found = once(connection, ("vintage", year), lambda: connection.scalar(nearest, {"year": year}))
    return None if found is None else int(found)


def lacking(connection: Connection, measure: Measure, year: int) -> tuple[Message, ...]:
    """Why a figure of coverage is not known anywhere, where that is for want of cells."""
    needed = measure.question == COVERAGE and measure.base is not None
    return (NO_CELLS,) if needed and cell_vintage(connection, year) is None else ()


def cells_are_carried(connection: Connection, year: int) -> bool:
    """Whether the cells counted with are those of another year."""
    return cell_vintage(connection, year) not in (None, year)
