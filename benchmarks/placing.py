"""Placing 100,000 points into 1,000 polygons and writing them, beside geopandas.sjoin and to_postgis.

Both start from coordinates in memory and end with committed rows in the same database. Ours also finds near borders,
writes what is public beside what is known, checks every shape and keeps six indexes; the peer has none of it. In turns; median of the rounds; the bar is 1.

    python -m benchmarks.placing [--points 100000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy import create_engine, text

from benchmarks.region import SIDE, SOUTH, WEST, fresh, provenance, wavy, write_areas, write_entries, write_places
from geo.ingest.write import copy, hex_points
from geo.store.engine import Database, act_as
from geo.store.place import Placer

ACROSS, DOWN = 40, 25


def grid() -> list[tuple[str, str, shapely.Polygon]]:
    return [
        (f"d{i:02}{j:02}", "civic_district", wavy(WEST + i * SIDE, SOUTH + j * SIDE, SIDE, SIDE, steps=25))
        for i in range(ACROSS) for j in range(DOWN)
    ]  # fmt: skip


def points(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.uniform(WEST, WEST + ACROSS * SIDE, count), rng.uniform(SOUTH, SOUTH + DOWN * SIDE, count)


def ours(database: Database, owner: str, run: int, count: int) -> float:
    with create_engine(owner).begin() as connection:
        connection.execute(text("TRUNCATE okruga.place CASCADE"))
    lon, lat = points(count)
    ids, register = np.arange(1, count + 1), pa.array(np.full(count, "need"))
    start = time.perf_counter()
    with database.app.begin() as connection:
        act_as(connection, "benchmark", run)
        write_places(connection, run, ids, register, lon, lat)
    return time.perf_counter() - start


def ours_plain(database: Database, owner: str, count: int) -> float:
    """The same placing written as the peer writes: one table of points with their district, no index."""
    with create_engine(owner).begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS okruga.plain"))
        connection.execute(text("CREATE TABLE okruga.plain (title text, boundary_id int, geom geometry(Point, 4326))"))
        connection.execute(text("GRANT ALL ON okruga.plain TO okruga_app"))
    lon, lat = points(count)
    start = time.perf_counter()
    with database.app.begin() as connection:
        placed = Placer.load(connection).place_points(lon, lat)
        # ascending ids: the counted district of each point, null outside
        first = np.where(np.diff(placed.start) > 0, placed.start[:-1], -1)
        district = pa.array(np.append(placed.boundary, 0)[first], mask=first < 0)
        titles = pa.array([f"Entry {i}" for i in range(count)])
        copy(connection, "okruga.plain", pa.table({
            "title": titles, "boundary_id": district, "geom": hex_points(lon, lat),
        }))  # fmt: skip
    return time.perf_counter() - start


def peer(owner: str, count: int) -> float:
    areas = geopandas.GeoDataFrame(
        {"code": [code for code, _, _ in grid()]}, geometry=[s for _, _, s in grid()], crs=4326
    )
    engine = create_engine(owner)
    lon, lat = points(count)
    start = time.perf_counter()
    places = geopandas.GeoDataFrame(
        {"title": [f"Entry {i}" for i in range(count)]}, geometry=geopandas.points_from_xy(lon, lat), crs=4326
    )
    joined = geopandas.sjoin(places, areas, predicate="intersects", how="left").drop(columns="index_right")
    joined.to_postgis("peer", engine, if_exists="replace", schema="public")
    seconds = time.perf_counter() - start
    engine.dispose()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with fresh() as (database, owner):
        with database.app.begin() as connection:
            run, source = provenance(connection, "areas")
            write_areas(connection, run, source, grid())
            write_entries(connection, run, source, asked.points)
        times = [
            (
                ours_plain(database, owner, asked.points),
                ours(database, owner, run, asked.points),
                peer(owner, asked.points),
            )
            for _ in range(asked.rounds)
        ]
    plain, full, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"sjoin + to_postgis                          {theirs:6.2f} s")
    print(f"placed, written as plainly                  {plain:6.2f} s   ratio {plain / theirs:.2f}   bar 1")
    print(f"placed, written as places with six indexes  {full:6.2f} s   ratio {full / theirs:.2f}")
    print(f"rounds {asked.rounds}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
