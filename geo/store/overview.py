"""What is in this database, in one look? Whose city it is, how much of everything, from which sources, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

# each resident lives in one territory of any of these kinds; the first that was counted stands for all
KINDS_COUNTED = ("municipality", "settlement", "civic_district", "electoral_district", "microdistrict")
# what a page of the whole may be called after, the smallest first
WHOLES = ("municipality", "region", "oblast", "country")
# shapes nearer to each other than this belong to one place a map opens on, degrees (30 to 55 km where people live)
APART = 0.5
PLACES = """
WITH shown AS (
  SELECT id, territory_id, kind, name, names, area_m2, geom,
         ST_ClusterDBSCAN(ST_Envelope(geom), :apart, 1) OVER () AS place
  FROM published.boundary WHERE valid @> CURRENT_DATE AND kind NOT IN ('country', 'region', 'oblast')),
counted AS (
  SELECT place, kind, sum(people) AS people FROM (
    SELECT DISTINCT ON (s.place, p.territory_id) s.place, s.kind, p.people FROM shown s
    JOIN published.population p USING (territory_id) WHERE p.base = 'residents'
    ORDER BY s.place, p.territory_id, p.year DESC) newest GROUP BY place, kind),
named AS (
  SELECT DISTINCT ON (place) place, name, names, count(*) OVER (PARTITION BY place, kind) > 1 AS among
  FROM shown WHERE kind <> 'tos_territory' OR NOT EXISTS (
    SELECT FROM shown o WHERE o.place = shown.place AND o.kind <> 'tos_territory')
  ORDER BY place, kind <> 'municipality', area_m2 DESC)
SELECT n.name, n.names, n.among, e.kinds, e.west, e.south, e.east, e.north FROM named n
JOIN (SELECT place, max(id) AS latest, array_agg(DISTINCT kind) AS kinds,
             ST_XMin(ST_Extent(geom)) AS west, ST_YMin(ST_Extent(geom)) AS south,
             ST_XMax(ST_Extent(geom)) AS east, ST_YMax(ST_Extent(geom)) AS north
      FROM shown GROUP BY place) e USING (place)
LEFT JOIN (SELECT place, max(people) AS people FROM counted GROUP BY place) c USING (place)
ORDER BY c.people DESC NULLS LAST, e.latest DESC
"""
WHOLE_GLOBE = (-180.0, -85.0, 180.0, 85.0)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A document or data set rows were taken from."""

    title: str
    url: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of its own on the map: territories far from all others. `among`: the name is that of one of them;
    `kinds` are theirs."""

    name: str
    names: dict[str, str]
    among: bool
    kinds: tuple[str, ...]
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Overview:
    """Bounds are west, south, east, north in degrees; counts by register name and by territory kind (shapes valid
    now); `demos` are the folders of demonstration data; `spots` the places far from each other, first the
    one maps open on.
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
    spots: tuple[Spot, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was ever loaded."""
        return not self.entries and not self.territories


def overview(connection: Connection) -> Overview:
    """The look; ten statements at most, however large the database."""
    apart = spots(connection)
    return Overview(
        bounds=apart[0].bounds if apart else bounds(connection),
        spots=apart,
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
    """What a first map shows where only regions have shapes, or nothing has: they, the entries, or the globe."""
    row = connection.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ("
            " SELECT ST_Extent(geom) AS e FROM published.boundary"
            " UNION ALL SELECT ST_Extent(geom) FROM published.place) f WHERE e IS NOT NULL LIMIT 1"
        )
    ).one_or_none()
    return (row[0], row[1], row[2], row[3]) if row else WHOLE_GLOBE


def spots(connection: Connection) -> tuple[Spot, ...]:
    """The places of the map, the most populous first, then the one loaded last; none without small shapes."""
    rows = connection.execute(text(PLACES), {"apart": APART})
    return tuple(
        Spot(row[0], dict(row[1] or {}), row[2], tuple(row[3]), (row[4], row[5], row[6], row[7])) for row in rows
    )


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
