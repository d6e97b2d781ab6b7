"""Where are the gazetteer's tables kept, and which version answers?

Every load of a source is a version of its own; the newest version of each source counts, so taking a load back brings
the one before it back. One version before the newest is kept for that. Stored territories (districts, TOS,
microdistricts) and the shipped settlements are part of what is known without being copied. Nothing here commits.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql
from sqlalchemy import Connection, text

from geo.geocode.gar_store import read_gar, write_gar
from geo.geocode.gazetteer import AREA_COLUMNS, TABLES, Gazetteer, clean_table, empty_table, merged, shipped_gazetteer
from geo.geocode.house import parse_house
from geo.geocode.places import distance_m
from geo.geocode.placing import TERRITORY
from geo.geocode.scope import Scope

KEPT_VERSIONS = 2
# what addresses name and people mean by an area; whole regions are no answer to "where"
AREA_KINDS = (
    "tos_territory",
    "microdistrict",
    "block",
    "civic_district",
    "electoral_district",
    "rayon",
    "municipality",
)
_STORED = {"settlements": "settlement", "streets": "street", "addresses": "address", "pois": "poi", "areas": "area"}
_NUMBERS = frozenset(("population", "radius_m"))


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored version: its id, how many rows each table has, and whether it was there already."""

    id: int
    counts: dict[str, int]
    same: bool


def save(connection: Connection, gazetteer: Gazetteer, *, kind: str, source_id: int, import_run_id: int) -> Stored:
    """Store a gazetteer as the newest version of its source; the same content again stores nothing.

    kind: "osm", "lists" or "gar".
    """
    counts = gazetteer.counts()
    newest = connection.execute(
        text("SELECT id, digest FROM okruga.gazetteer WHERE source_id = :source ORDER BY id DESC LIMIT 1"),
        {"source": source_id},
    ).one_or_none()
    if newest is not None and newest.digest == gazetteer.version:
        return Stored(int(newest.id), counts, same=True)
    identifier = int(
        connection.execute(
            text(
                "INSERT INTO okruga.gazetteer (kind, digest, counts, source_id, import_run_id)"
                " VALUES (:kind, :digest, CAST(:counts AS jsonb), :source, :run) RETURNING id"
            ),
            {
                "kind": kind, "digest": gazetteer.version, "counts": json.dumps(counts), "source": source_id,
                "run": import_run_id,
            },
        ).scalar_one()
    )  # fmt: skip
    for name in TABLES:
        _copy(connection, name, identifier, gazetteer.table(name))
    write_gar(_raw(connection), identifier, gazetteer.gar)
    _retire(connection, source_id)
    return Stored(identifier, counts, same=False)


def _retire(connection: Connection, source_id: int) -> None:
    """Versions before the last two of a source are not needed to take a load back."""
    connection.execute(
        text(
            "DELETE FROM okruga.gazetteer WHERE source_id = :source AND id NOT IN"
            " (SELECT id FROM okruga.gazetteer WHERE source_id = :source ORDER BY id DESC LIMIT :kept)"
        ),
        {"source": source_id, "kept": KEPT_VERSIONS},
    )


def _raw(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    return connection.connection.driver_connection  # type: ignore[return-value]


def _copy(connection: Connection, name: str, identifier: int, table: pd.DataFrame) -> None:
    """COPY one table: the id of the version, the key, the plain columns, the point."""
    plain = [column for column in TABLES[name] if column not in ("id", "lat", "lon")]
    keyed = name == "addresses"
    columns = ["gazetteer_id", "key", *plain, *(["house_key"] if keyed else []), "geom"]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("okruga", f"gazetteer_{_STORED[name]}"), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with _raw(connection).cursor() as cursor, cursor.copy(statement) as stream:
        for row in _rows(table, plain, keyed):
            stream.write_row((identifier, *row))


def _rows(table: pd.DataFrame, plain: Sequence[str], keyed: bool) -> Iterable[tuple[object, ...]]:
    points = _points(table)
    lists = [table[column].tolist() for column in ("id", *plain)]
    for number, values in enumerate(zip(*lists, strict=True)):
        cleaned = [None if value != value else value for value in values]
        if keyed:
            house = parse_house(str(values[-1]))
            cleaned.append(house.key if house else None)
        yield (*cleaned, points[number])


def _points(table: pd.DataFrame) -> list[str | None]:
    """Points as hex WKB, None where the coordinates are unknown."""
    lats, lons = table["lat"].to_numpy(float), table["lon"].to_numpy(float)
    known = ~(np.isnan(lats) | np.isnan(lons))
    shapes = shapely.set_srid(shapely.points(np.where(known, lons, 0.0), np.where(known, lats, 0.0)), 4326)
    texts = shapely.to_wkb(shapes, hex=True, include_srid=True)
    return [str(shape) if there else None for shape, there in zip(np.atleast_1d(texts), known, strict=True)]


# ---- reading back ----------------------------------------------------------------------------------------------


def newest_ids(connection: Connection) -> list[int]:
    """The newest version of every source; a municipality's own lists come first, their names overrule the others'."""
    rows = connection.execute(
        text(
            "SELECT id FROM (SELECT DISTINCT ON (source_id) id, kind FROM okruga.gazetteer"
            "   ORDER BY source_id, id DESC) n ORDER BY array_position(ARRAY['lists', 'osm', 'gar'], kind), id"
        )
    )
    return [int(row.id) for row in rows]


def stamp(connection: Connection) -> str:
    """Changes whenever the answers may change: a cheap question, asked before every batch."""
    row = connection.execute(
        text(
            "SELECT (SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM"
            "   (SELECT max(id) AS id FROM okruga.gazetteer GROUP BY source_id) g),"
            " (SELECT coalesce(max(id), 0) FROM okruga.boundary), (SELECT count(*) FROM okruga.territory),"
            " (SELECT coalesce(max(updated_at)::text, '') FROM okruga.territory)"
        )
    ).one()
    return "/".join(str(part) for part in row)


def read_current(connection: Connection) -> Gazetteer:
    """Everything known now: the newest version of each source, the stored territories, the shipped settlements."""
    stored = [read_version(connection, identifier) for identifier in newest_ids(connection)]
    areas = Gazetteer(areas=territory_areas(connection))
    return merged([*stored, areas, shipped_gazetteer()])


def read_version(connection: Connection, identifier: int) -> Gazetteer:
    """One stored version."""
    tables: dict[str, Any] = {name: _read(connection, name, identifier) for name in TABLES}
    version = connection.scalar(text("SELECT digest FROM okruga.gazetteer WHERE id = :id"), {"id": identifier})
    gar = read_gar(_raw(connection), identifier)
    return replace(Gazetteer(), **tables, gar=gar, version=str(version or ""))


def _read(connection: Connection, name: str, identifier: int) -> pd.DataFrame:
    """One table through COPY: a Python object per value would take seconds for a big city."""
    columns = [
        "key AS id" if column == "id" else "ST_Y(geom) AS lat" if column == "lat" else "ST_X(geom) AS lon"
        if column == "lon" else column for column in TABLES[name]
    ]  # fmt: skip
    statement = sql.SQL(
        "COPY (SELECT {} FROM {} WHERE gazetteer_id = {} ORDER BY ctid) TO STDOUT (FORMAT csv, HEADER)"
    ).format(
        sql.SQL(", ".join(columns)), sql.Identifier("okruga", f"gazetteer_{_STORED[name]}"), sql.Literal(identifier)
    )
    buffer = io.BytesIO()
    with _raw(connection).cursor() as cursor, cursor.copy(statement) as stream:
        for part in stream:
            buffer.write(part)
    buffer.seek(0)
    numbers = {"lat", "lon"} | _NUMBERS
    types = {column: "float64" if column in numbers else "object" for column in TABLES[name]}
    table = pd.read_csv(buffer, dtype=types, keep_default_na=False, na_values={c: [""] for c in numbers if c in types})
    return table if len(table) else empty_table(name)


def territory_areas(connection: Connection) -> pd.DataFrame:
    """Stored territories as areas: today's boundary, else the newest one; names in all languages."""
    rows = connection.execute(
        text(
            "SELECT t.code, t.kind, t.name, t.names, coalesce(s.name, '') AS city, ST_AsBinary(b.geom) AS geom"
            " FROM okruga.territory t"
            " JOIN LATERAL (SELECT geom FROM okruga.boundary WHERE territory_id = t.id"
            "   ORDER BY valid @> current_date DESC, lower(valid) DESC NULLS LAST LIMIT 1) b ON true"
            " LEFT JOIN okruga.territory s ON s.id = t.parent_id AND s.kind = 'settlement'"
            " WHERE t.kind = ANY (:kinds) ORDER BY t.code"
        ),
        {"kinds": list(AREA_KINDS)},
    )
    areas = [
        {"id": TERRITORY + row.code, "city": row.city, "name": row.name, "kind": row.kind, **_centre(row.geom),
         "alt_names": "|".join(str(name) for name in row.names.values() if name and name != row.name)}
        for row in rows
    ]  # fmt: skip
    if not areas:
        return empty_table("areas")
    table, _ = clean_table("areas", pd.DataFrame(areas, columns=list(AREA_COLUMNS)).astype(str))
    return table


def _centre(wkb: bytes) -> dict[str, float]:
    """A point inside the shape, and the distance to the farthest corner of its bounds."""
    shape = shapely.from_wkb(wkb)
    point = shape.representative_point()
    west, south, east, north = shape.bounds
    corners = ((south, west), (south, east), (north, west), (north, east))
    radius = max(distance_m(point.y, point.x, lat, lon) for lat, lon in corners)
    return {"lat": point.y, "lon": point.x, "radius_m": round(radius, 1)}


def scope_of(connection: Connection, territory_id: int | None) -> Scope | None:
    """The polygon of a territory as a scope; None without a territory or without a boundary."""
    if territory_id is None:
        return None
    row = connection.execute(
        text(
            "SELECT t.name, ST_AsBinary(b.geom) AS geom"
            " FROM okruga.territory t JOIN okruga.boundary b ON b.territory_id = t.id"
            " WHERE t.id = :id ORDER BY b.valid @> current_date DESC, lower(b.valid) DESC NULLS LAST LIMIT 1"
        ),
        {"id": territory_id},
    ).one_or_none()
    return Scope(row.name, polygon=shapely.from_wkb(row.geom)) if row else None


def territory_spot(connection: Connection, territory_id: int) -> tuple[float, float, float] | None:
    """A point inside a territory (latitude, longitude) and its extent in metres; None without a boundary."""
    wkb = connection.scalar(
        text(
            "SELECT ST_AsBinary(geom) FROM okruga.boundary WHERE territory_id = :id"
            " ORDER BY valid @> current_date DESC, lower(valid) DESC NULLS LAST LIMIT 1"
        ),
        {"id": territory_id},
    )
    if wkb is None:
        return None
    centre = _centre(wkb)
    return centre["lat"], centre["lon"], centre["radius_m"]
