"""What is in this database, in one look? Whose city it is, how much of everything, from which sources, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

# each resident lives in one territory of any of these kinds; the first that was counted stands for all
KINDS_COUNTED = ("municipality", "settlement", "civic_district", "electoral_district", "microdistrict")
# what a page of the whole may be called after, the smallest first
WHOLES = ("municipality", "region", "oblast", "country")
WHOLE_GLOBE = (-180.0, -85.0, 180.0, 85.0)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A document or data set rows were taken from."""

    title: str
    url: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Bounds are west, south, east, north in degrees; counts by register name and by territory kind (shapes valid
    now); `demos` are the folders of demonstration data.
    """

    bounds: tuple[float, float, float, float]
    invented: bool
    sources: tuple[SourceNote, ...]
    changed_on: date | None
    entries: dict[str, int]
    territories: dict[str, int]
    tos_active: int
    place: tuple[str, dict[str, str]] | None
    residents: int | None
    demos: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was ever loaded."""
        return not self.entries and not self.territories


def overview(connection: Connection) -> Overview:
    """The look; nine statements, however large the database."""
    return Overview(
        bounds=bounds(connection),
        invented=bool(connection.scalar(text("SELECT EXISTS (SELECT FROM published.source WHERE invented)"))),
        sources=sources(connection),
        changed_on=changed_on(connection),
        entries=_counts(connection, "SELECT register, count(*) FROM published.entry GROUP BY 1"),
        territories=_counts(
            connection, "SELECT kind, count(*) FROM published.boundary WHERE valid @> CURRENT_DATE GROUP BY 1"
        ),
        tos_active=int(
            connection.scalar(
                text("SELECT count(*) FROM published.boundary WHERE tos_status = 'active' AND valid @> CURRENT_DATE")
            )
            or 0
        ),
        place=place(connection),
        residents=residents(connection),
        demos=demos(connection),
    )


def bounds(connection: Connection) -> tuple[float, float, float, float]:
    """What a first map shows: the smallest kind of whole that has shapes, else the entries, else the globe."""
    row = connection.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ("
            " SELECT ST_Extent(geom) AS e FROM published.boundary WHERE valid @> CURRENT_DATE"
            "  AND kind NOT IN ('country', 'region', 'oblast')"
            " UNION ALL SELECT ST_Extent(geom) FROM published.boundary"
            " UNION ALL SELECT ST_Extent(geom) FROM published.place) f WHERE e IS NOT NULL LIMIT 1"
        )
    ).one_or_none()
    return (row[0], row[1], row[2], row[3]) if row else WHOLE_GLOBE


def sources(connection: Connection) -> tuple[SourceNote, ...]:
    """Sources by title."""
    rows = connection.execute(text("SELECT title, url, licence FROM published.source ORDER BY title"))
    return tuple(SourceNote(*row) for row in rows)


def changed_on(connection: Connection) -> date | None:
    """The day of the last load."""
    at: datetime | None = connection.scalar(text("SELECT max(committed_at) FROM published.import_run"))
    return at.date() if at else None


def place(connection: Connection) -> tuple[str, dict[str, str]] | None:
    """The name of the one municipality shown here, else of the one region or country, with its translations.

    None when there are several: a name would be that of a part only. A territory without a shape is not shown.
    """
    row = connection.execute(
        text(
            "SELECT name, names FROM (SELECT kind, name, names, count(*) OVER (PARTITION BY kind) AS n"
            " FROM published.boundary WHERE valid @> CURRENT_DATE AND kind = ANY (:kinds)) one"
            " WHERE n = 1 ORDER BY array_position(:kinds, kind) LIMIT 1"
        ),
        {"kinds": list(WHOLES)},
    ).one_or_none()
    return (row[0], dict(row[1])) if row else None


def residents(connection: Connection) -> int | None:
    """Residents by the newest count of each territory of the largest kind that has any; None when none has."""
    rows = connection.execute(
        text(
            "SELECT kind, sum(people) FROM ("
            " SELECT DISTINCT ON (p.territory_id) t.kind, p.people FROM published.population p"
            " JOIN published.territory t ON t.id = p.territory_id WHERE p.base = 'residents'"
            " ORDER BY p.territory_id, p.year DESC) n GROUP BY kind"
        )
    )
    by_kind = {row[0]: int(row[1]) for row in rows}
    return next((by_kind[kind] for kind in KINDS_COUNTED if kind in by_kind), None)


def demos(connection: Connection) -> tuple[str, ...]:
    """The folders of demonstration data that are loaded and not taken back."""
    rows = connection.scalars(
        text(
            "SELECT DISTINCT split_part(file_name, '/', 1) FROM published.import_run"
            " WHERE demo AND state = 'committed' ORDER BY 1"
        )
    )
    return tuple(rows)


def _counts(connection: Connection, statement: str) -> dict[str, int]:
    return {row[0]: int(row[1]) for row in connection.execute(text(statement))}
