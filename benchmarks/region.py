"""A synthetic region in a fresh database: 60 municipalities of 10 districts, 3,000 TOS, 100,000 entries, cells.

Deterministic. Shapes are squares of a grid with wavy, shared edges (40 to 90 vertices); entries cluster round the
middle of their district. Written with COPY, placed by the program's own placer.

    with region(entries=100_000) as database: ...
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from geo.ingest.write import constant, copy, hex_points, hex_shapes, pg_array, runs_of
from geo.settings import settings
from geo.store.embedded import OWNER, Cluster
from geo.store.engine import Database, act_as
from geo.store.migrate import upgrade
from geo.store.place import Placer
from geo.vocabulary import NeedPriority, Theme

WEST, SOUTH, SIDE = 45.0, 51.0, 0.05
ACROSS, DOWN = 30, 20  # districts: 600; 2 x 5 districts make a municipality: 60
THEMES = list(Theme.codes())


def wavy(left: float, low: float, width: float, height: float, steps: int = 12) -> shapely.Polygon:
    """A rectangle whose edges are waves of their own line, so that neighbours share them."""

    def bend(part: np.ndarray, size: float, line: float) -> np.ndarray:
        # nothing at the corners, so that edges never cross; the same for both neighbours
        return size * 0.06 * np.sin(np.pi * part) * np.sin(3 * np.pi * part + line * 977)

    def uneven(count: int, line: float) -> np.ndarray:
        # surveyed vertices do not stand in step; seeded by the line, so that neighbours share them
        inner = np.sort(np.random.default_rng(abs(int(line * 1e7))).uniform(0.01, 0.99, max(count, 4) - 2))
        return np.concatenate([[0.0], inner, [1.0]])

    right, high = left + width, low + height
    across, along = int(steps * width / SIDE), int(steps * height / SIDE)
    sides = []
    for line in (low, high):
        t = uneven(across, line + left * 31)
        sides.append(np.column_stack([left + t * width, line + bend(t, width, line + left * 17)]))
    for line in (left, right):
        u = uneven(along, line + low * 31)
        sides.append(np.column_stack([line + bend(u, height, line + low * 17), low + u * height]))
    ring = np.concatenate([sides[0], sides[3][1:-1], sides[1][::-1], sides[2][::-1][1:-1]])
    return shapely.Polygon(ring)


def block(left: float, low: float, side: float) -> shapely.Polygon:
    return shapely.segmentize(shapely.box(left, low, left + side, low + side), side / 10)


def areas() -> list[tuple[str, str, shapely.Polygon]]:
    """(code, kind, shape) of all territories."""
    found = [
        (f"m{i:02}{j:02}", "municipality", wavy(WEST + i * 5 * SIDE, SOUTH + j * 2 * SIDE, 5 * SIDE, 2 * SIDE))
        for i in range(ACROSS // 5) for j in range(DOWN // 2)
    ]  # fmt: skip
    for i in range(ACROSS):
        for j in range(DOWN):
            left, low = WEST + i * SIDE, SOUTH + j * SIDE
            found.append((f"d{i:02}{j:02}", "civic_district", wavy(left, low, SIDE, SIDE)))
            found.extend(
                (
                    f"t{i:02}{j:02}{k}",
                    "tos_territory",
                    block(left + (0.1 + 0.16 * k) * SIDE, low + 0.3 * SIDE, 0.12 * SIDE),
                )
                for k in range(5)
            )
    return found


def write_areas(connection: Connection, run: int, source: int, rows: list[tuple[str, str, shapely.Polygon]]) -> None:
    n = len(rows)
    ids = pa.array(np.arange(1, n + 1))
    kinds = pa.array([kind for _, kind, _ in rows])
    common = {"source_id": constant(source, n), "import_run_id": constant(run, n)}
    status = pa.array(["active" if kind == "tos_territory" else None for _, kind, _ in rows])
    codes = pa.array([code for code, _, _ in rows])
    copy(
        connection,
        "okruga.territory",
        pa.table({"id": ids, "code": codes, "kind": kinds, "name": codes, "tos_status": status, **common}),
    )
    shapes = shapely.multipolygons([[shape] for _, _, shape in rows])
    boundaries = {"id": ids, "territory_id": ids, "kind": kinds, "valid": constant("[2020-01-01,)", n), "geom": hex_shapes(shapes),
                  "area_m2": pa.array(shapely.area(shapes) * 111_320**2 * 0.63), **common}  # fmt: skip
    copy(connection, "okruga.boundary", pa.table(boundaries))


def write_cells(connection: Connection, run: int, source: int, per_side: int) -> None:
    """Point cells (buildings) on a regular grid, each wholly in what covers it."""
    x, y = (a.ravel() for a in np.meshgrid(np.linspace(WEST, WEST + ACROSS * SIDE, ACROSS * per_side),
                                           np.linspace(SOUTH, SOUTH + DOWN * SIDE, DOWN * per_side)))  # fmt: skip
    n = len(x)
    ids = np.arange(1, n + 1)
    people = np.random.default_rng(3).integers(5, 60, n)
    copy(connection, "okruga.population_cell", pa.table({
        "id": pa.array(ids), "cell_key": pa.array(ids).cast(pa.string()), "year": constant(2023, n), "residents": pa.array(people),
        "residents_16": pa.array(people * 4 // 5), "geom": hex_points(x, y), "area_m2": constant(0.0, n),
        "source_id": constant(source, n), "import_run_id": constant(run, n),
    }))  # fmt: skip
    placer = Placer.load(connection)
    boundary, cell = shapely.STRtree(shapely.points(x, y)).query(placer.geom, predicate="intersects")
    copy(connection, "okruga.population_cell_share", pa.table({
        "cell_id": pa.array(ids[cell]), "boundary_id": pa.array(placer.id[boundary]), "share": constant(1.0, len(cell)),
    }))  # fmt: skip


def write_entries(connection: Connection, run: int, source: int, count: int, first: int = 1) -> None:
    """Half projects (40 % of them finished), half needs, over 2023 to 2025, themes evenly."""
    rng = np.random.default_rng(first)
    ids = np.arange(first, first + count)
    lon = WEST + (rng.integers(0, ACROSS, count) + np.clip(rng.normal(0.5, 0.2, count), 0, 1)) * SIDE
    lat = SOUTH + (rng.integers(0, DOWN, count) + np.clip(rng.normal(0.5, 0.2, count), 0, 1)) * SIDE
    project = rng.random(count) < 0.5
    done = rng.random(count) < 0.4
    began = [date(2023 + int(k), 3, 1) for k in rng.integers(0, 3, count)]
    ended = [day.replace(month=9) if finished else None for day, finished in zip(began, done, strict=True)]
    status = np.where(project, np.where(done, "completed", "in_progress"), np.where(done, "answered", "open"))
    register = pa.array(np.where(project, "project", "need"))
    copy(connection, "okruga.entry", pa.table({
        "id": pa.array(ids), "register": register, "key": pa.array(ids).cast(pa.string()), "title": pa.array([f"Entry {i}" for i in ids]),
        "theme": pa.array([THEMES[k] for k in rng.integers(0, len(THEMES), count)]), "status": pa.array(status),
        "begins_on": pa.array(began), "ends_on": pa.array(ended), "moderation_state": constant("published", count),
        "source_id": constant(source, count), "import_run_id": constant(run, count),
    }))  # fmt: skip
    copy(connection, "okruga.project", pa.table({"entry_id": pa.array(ids[project])}))
    priorities = pa.array(np.array(NeedPriority.codes())[rng.integers(0, 4, int((~project).sum()))])
    copy(connection, "okruga.need", pa.table({"entry_id": pa.array(ids[~project]), "priority": priorities}))
    write_places(connection, run, ids, register, lon, lat)


def write_places(
    connection: Connection, run: int, ids: np.ndarray, register: pa.Array, lon: np.ndarray, lat: np.ndarray
) -> None:
    """Place the points of entries and write their rows of `place`, with its spatial and array indexes."""
    count = len(ids)
    placed = Placer.load(connection).place_points(lon, lat)
    lists = pg_array(runs_of(placed.start, placed.boundary))
    points = hex_points(lon, lat)
    copy(connection, "okruga.place", pa.table({
        "entry_id": pa.array(ids), "register": register, "geom": points, "public_geom": points, "match_level": constant("point", count),
        "certainty": pa.array(placed.certainty.tolist()), "placed": lists, "public_placed": lists, "import_run_id": constant(run, count),
    }))  # fmt: skip


@contextmanager
def fresh() -> Iterator[tuple[Database, str]]:
    """An empty migrated database with the program's roles, deleted afterwards, and its owner's address."""
    with tempfile.TemporaryDirectory(prefix="okruga-region-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with Cluster.open(Path(folder), "test") as cluster:
            cluster.create_database("region")
            upgrade(cluster.dsn("region", OWNER))
            database = Database(lambda role: cluster.dsn("region", role), settings())
            yield database, cluster.dsn("region", OWNER)
            database.close()


def provenance(connection: Connection, title: str = "synthetic region") -> tuple[int, int]:
    """An import run and its source for rows written directly; the run is announced to the triggers."""
    source = (
        connection.scalar(text("INSERT INTO okruga.source (title) VALUES (:title) RETURNING id"), {"title": title}) or 0
    )
    run = connection.scalar(
        text("INSERT INTO okruga.import_run (register, file_name, file_sha256, source_id, actor)"
             " VALUES ('region', '-', '0', :source, 'benchmark') RETURNING id"), {"source": source},
    ) or 0  # fmt: skip
    act_as(connection, "benchmark", run)
    return run, source


@contextmanager
def region(entries: int, cells_per_side: int = 12) -> Iterator[Database]:
    """A database with the region, closed and deleted afterwards."""
    with fresh() as (database, _):
        with database.app.begin() as connection:
            run, source = provenance(connection)
            write_areas(connection, run, source, areas())
            write_cells(connection, run, source, cells_per_side)
            write_entries(connection, run, source, entries)
        yield database
