"""A handful of squares to write into directly, for tests of what lies below the import pipeline.

Three districts of 0.01 degrees side by side (west to east: a, b, c), one TOS over the border of a and b, cells of
100 residents each. Rows are written as the app role writes them, triggers included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import shapely
from pyproj import Geod
from sqlalchemy import Connection, text

from geo.ingest.streets import graph_of, save_streets
from geo.store.place import Placer
from geo.store.replace import replace_places

GEOD = Geod(ellps="WGS84")
WEST, SOUTH, SIDE = 37.0, 55.0, 0.01
KEPT = ("tally", "counted", "reach", "reach_on_foot", "nesting", "head_shield", "withheld_head", "withheld_sum")
DISTRICTS = {"a": (0, 1), "b": (1, 2), "c": (2, 3)}


def square(left: float, right: float, low: float = 0.0, high: float = 1.0) -> shapely.Polygon:
    """A rectangle in units of a district's side."""
    return shapely.box(WEST + left * SIDE, SOUTH + low * SIDE, WEST + right * SIDE, SOUTH + high * SIDE)


def insert(connection: Connection, table: str, **values: object) -> int:
    """INSERT one row; a key ending in `__geom` is a shapely geometry."""
    names = [name.removesuffix("__geom") for name in values]
    marks = [
        f"ST_SetSRID(CAST(:{name} AS geometry), 4326)" if name.endswith("__geom") else f":{name}" for name in values
    ]
    bound = {name: shapely.to_wkb(v, hex=True) if isinstance(v, shapely.Geometry) else v for name, v in values.items()}
    returning = "entry_id" if table in ("project", "need", "event", "organisation") else "id"
    row = connection.execute(
        text(f"INSERT INTO okruga.{table} ({', '.join(names)}) VALUES ({', '.join(marks)}) RETURNING {returning}"),
        bound,
    )
    return int(row.scalar_one())


class World:
    """The squares, and short ways to write entries into them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.source = insert(connection, "source", title="test source", invented=True)
        self.run = insert(
            connection,
            "import_run",
            register="test",
            file_name="f",
            file_sha256="0",
            source_id=self.source,
            actor="test",
        )
        self.common = {"source_id": self.source, "import_run_id": self.run}
        self.territory: dict[str, int] = {}
        self.boundary: dict[str, int] = {}
        for code, (left, right) in DISTRICTS.items():
            self.add_territory(code, "civic_district", square(left, right))
        self.add_territory("t", "tos_territory", square(0.5, 1.5, 0, 0.5), tos_status="active")
        self._keys = 0

    def add_territory(
        self, code: str, kind: str, shape: shapely.Polygon, since: date | None = None, **more: object
    ) -> int:
        """A territory with one boundary version."""
        self.territory[code] = insert(
            self.connection, "territory", code=code, kind=kind, name=code.upper(), **more, **self.common
        )
        return self.add_boundary(code, kind, shape, since)

    def add_boundary(
        self, code: str, kind: str, shape: shapely.Polygon, since: date | None, until: date | None = None
    ) -> int:
        """A further boundary version; its places are not looked for yet."""
        area = abs(GEOD.geometry_area_perimeter(shape)[0])
        self.boundary[code] = int(
            self.connection.execute(
                text(
                    "INSERT INTO okruga.boundary (territory_id, kind, valid, geom, area_m2, source_id, import_run_id)"
                    " VALUES (:territory, :kind, daterange(:since, :until, '[]'),"
                    " ST_Multi(ST_SetSRID(CAST(:shape AS geometry), 4326)), :area, :source, :run) RETURNING id"
                ),
                {
                    "territory": self.territory[code], "kind": kind, "since": since, "until": until, "area": area,
                    "shape": shapely.to_wkb(shape, hex=True), "source": self.source, "run": self.run,
                },
            ).scalar_one()
        )  # fmt: skip
        return self.boundary[code]

    def add_cell(self, left: float, low: float, people: int, year: int = 2024) -> None:
        """A population cell of a quarter of a side, shared between the districts it lies in by area."""
        shape = square(left, left + 0.25, low, low + 0.25)
        cell = insert(
            self.connection, "population_cell", cell_key=f"{left}/{low}", year=year, residents=people,
            residents_16=people * 8 // 10, geom__geom=shape, area_m2=1.0, **self.common,
        )  # fmt: skip
        for code, boundary in self.boundary.items():
            left_edge, right_edge = DISTRICTS.get(code, (0.5, 1.5))
            high = 1.0 if code in DISTRICTS else 0.5
            share = shape.intersection(square(left_edge, right_edge, 0, high)).area / shape.area
            if share > 1e-9:
                self.connection.execute(
                    text("INSERT INTO okruga.population_cell_share VALUES (:cell, :boundary, :share)"),
                    {"cell": cell, "boundary": boundary, "share": min(share, 1.0)},
                )

    def entry(self, register: str, x: float, y: float, *, theme: str | None = None, status: str | None = None,
              begins_on: date | None = None, ends_on: date | None = None, title: str = "x",
              **special: object) -> int:  # fmt: skip
        """A published entry with one point (in units of a side), placed."""
        self._keys += 1
        entry = insert(
            self.connection, "entry", register=register, key=str(self._keys), title=title, theme=theme, status=status,
            begins_on=begins_on, ends_on=ends_on, moderation_state="published", **self.common,
        )  # fmt: skip
        insert(self.connection, register, entry_id=entry, **special)
        point = shapely.Point(WEST + x * SIDE, SOUTH + y * SIDE)
        insert(
            self.connection, "place", entry_id=entry, register=register, geom__geom=point, public_geom__geom=point,
            match_level="point", certainty="inside", placed=self.placed(point), public_placed=[],
            import_run_id=self.run,
        )  # fmt: skip
        return entry

    def placed(self, point: shapely.Point) -> list[int]:
        return Placer.load(self.connection).place(np.array([point], dtype=object)).ids(0)

    def move(self, entry: int, x: float, y: float) -> None:
        """Move an entry's place and place it again."""
        point = shapely.Point(WEST + x * SIDE, SOUTH + y * SIDE)
        self.connection.execute(
            text("UPDATE okruga.place SET geom = ST_SetSRID(CAST(:shape AS geometry), 4326), placed = :placed"
                 " WHERE entry_id = :entry"),
            {"shape": shapely.to_wkb(point, hex=True), "placed": self.placed(point), "entry": entry},
        )  # fmt: skip

    def redraw(self, code: str, shape: shapely.Polygon) -> None:
        """Another shape for a boundary version, with everything placed again."""
        self.connection.execute(
            text(
                "UPDATE okruga.boundary SET geom = ST_Multi(ST_SetSRID(CAST(:shape AS geometry), 4326)) WHERE id = :id"
            ),
            {"shape": shapely.to_wkb(shape, hex=True), "id": self.boundary[code]},
        )
        replace_places(self.connection, [self.boundary[code]])


def lay_streets(world: World) -> None:
    """A street past the western cell and the project, and round a long way to the eastern cell."""
    one, two, east, y = *(WEST + x * SIDE for x in (0.1, 0.41, 0.62)), SOUTH + 0.14 * SIDE
    streets = graph_of([
        [(1, one, y), (2, two, y)],
        [(2, two, y), (3, two, y + 1.5 * SIDE)],
        [(3, two, y + 1.5 * SIDE), (4, east, y + 1.5 * SIDE)],
        [(4, east, y + 1.5 * SIDE), (5, east, y)],
    ])  # fmt: skip
    save_streets(world.connection, streets, source_id=world.source, import_run_id=world.run)


def recount(connection: Connection) -> list[Sequence[object]]:
    """What the tally of entries must be, counted from the registers in one go."""
    rows = connection.execute(
        text(
            "SELECT area_id, measure, theme, period, part, sum(amount) FROM okruga.fact"
            " JOIN okruga.counted_area USING (entry_id) GROUP BY 1, 2, 3, 4, 5"
            " HAVING sum(amount) <> 0 ORDER BY 1, 2, 3, 4, 5"
        )
    )
    return [tuple(row) for row in rows]


def kept(connection: Connection) -> dict[str, list[str]]:
    """All that settling keeps, by table, each row as text."""
    return {table: sorted(connection.scalars(text(f"SELECT CAST(r AS text) FROM okruga.{table} r"))) for table in KEPT}
