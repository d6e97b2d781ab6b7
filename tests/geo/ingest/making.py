"""Small files for the pipeline, and the loads of them, in one line each."""

from __future__ import annotations

import csv
import itertools
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import shapely
from sqlalchemy import text

from geo.ingest.pipeline import Loaded, load
from geo.ingest.request import Request
from geo.settings import settings
from geo.store.embedded import Cluster
from geo.store.engine import Database
from geo.vocabulary import TerritoryKind

WEST, SOUTH, SIDE = 37.0, 55.0, 0.01

Feature = tuple[Mapping[str, Any], Any]


def box(left: float, right: float, low: float = 0.0, high: float = 1.0) -> shapely.Polygon:
    """A rectangle in hundredths of a degree from the corner of the test world."""
    return shapely.box(WEST + left * SIDE, SOUTH + low * SIDE, WEST + right * SIDE, SOUTH + high * SIDE)


def point(x: float, y: float = 0.5) -> dict[str, float]:
    """Columns of a point in the same units."""
    return {"lat": SOUTH + y * SIDE, "lon": WEST + x * SIDE}


def geojson(path: Path, features: Iterable[Feature]) -> Path:
    """A GeoJSON file."""
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": dict(row),
                "geometry": json.loads(str(shapely.to_geojson(shape))) if shape else None,
            }
            for row, shape in features
        ],
    }
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A CSV file with the columns of all rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


class Desk:
    """Loads files into a database, and looks at what became of them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self._files = 0

    def path(self, ending: str) -> Path:
        self._files += 1
        return self.folder / f"file{self._files}.{ending}"

    def areas(
        self, features: Iterable[Feature], kind: str = "civic_district", *, commit: bool = True, **asked: Any
    ) -> Loaded:
        file = geojson(self.path("geojson"), features)
        return self.load(file, "boundaries", kind=TerritoryKind(kind), commit=commit, **asked)

    def rows(self, register: str, rows: Sequence[Mapping[str, Any]], *, commit: bool = True, **asked: Any) -> Loaded:
        return self.load(table(self.path("csv"), rows), register, commit=commit, **asked)

    def load(self, path: Path, register: str, *, commit: bool = True, **asked: Any) -> Loaded:
        asked.setdefault("source", "test")
        return load(self.database, Request(path=path, register=register, **asked), commit=commit)

    def all(self, query: str, **values: Any) -> list[Any]:
        """Rows of a query, as the app role."""
        with self.database.writing("test") as connection:
            return list(connection.execute(text(query), values))

    def one(self, query: str, **values: Any) -> Any:
        """The first column of the first row."""
        return self.all(query, **values)[0][0]

    def count(self, table_name: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table_name}"))


def codes(loaded: Loaded) -> set[str]:
    """Codes of the findings of a load."""
    return set(loaded.report.findings.by_code())


def changes(loaded: Loaded) -> tuple[int, int, int, int]:
    """new, changed, same, gone"""
    found = loaded.report.changes
    return found["new"], found["changed"], found["same"], found["gone"]


_numbers = itertools.count(1)


@contextmanager
def copied(cluster: Cluster, template: str, role: str) -> Iterator[str]:
    """A copy of a database for as long as the block runs; another worker may be copying the same template."""
    name = f"test_{os.getpid()}_{role}{next(_numbers)}"
    for _ in range(100):
        try:
            cluster.create_database(name, template=template)
            break
        except psycopg.errors.ObjectInUse:
            time.sleep(0.05)
    try:
        yield name
    finally:
        cluster.drop_database(name)


def opened(cluster: Cluster, name: str) -> Database:
    return Database(lambda role: cluster.dsn(name, role), settings())
