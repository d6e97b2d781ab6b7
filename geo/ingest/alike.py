"""Is this entry stored already, under another number or from another source? Proposed to a person, never merged.

An entry is like a stored one when the title says the same (case, ё, quotes and dashes aside) within a few steps. A
title that many rows share is the name of a matter, not of a thing, and proves nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from geo.errors import N_
from geo.ingest.findings import Severity
from geo.ingest.names import exact_key
from geo.ingest.request import Work

NEAR_M = 30.0
COMMON = 5
# a country's list is not compared entry by entry
MOST_NEW, MOST_STORED = 50_000, 200_000
METRES_PER_DEGREE = 111_320.0
MARGIN = 0.001


def propose(work: Work, register: str, rows: NDArray[np.int64]) -> None:
    """Tell of stored entries that the new entries standing in these rows may be."""
    places = located(work, rows)
    if not places or len(places) > MOST_NEW:
        return
    titles = work.column("title").to_pylist()
    keys = {row: exact_key(titles[row] or "") for row in places}
    common = Counter(keys.values())
    known = stored(work, register, np.array(list(places.values())))
    for row, (lon, lat) in places.items():
        if not keys[row] or common[keys[row]] > COMMON:
            continue
        for other, source, there_lon, there_lat in known.get(keys[row], ())[:COMMON]:
            away = metres(lon, lat, there_lon, there_lat)
            if away <= NEAR_M:
                tell(work, row, titles[row] or "", other, source, away)
                break


def located(work: Work, rows: NDArray[np.int64]) -> dict[int, tuple[float, float]]:
    """Row -> longitude and latitude, for rows with a position."""
    if not {"lat", "lon", "title"} <= set(work.rows.column_names):
        return {}
    lon = work.column("lon").to_numpy().astype(float)[rows]
    lat = work.column("lat").to_numpy().astype(float)[rows]
    known = np.isfinite(lon) & np.isfinite(lat)
    return dict(zip(rows[known].tolist(), zip(lon[known].tolist(), lat[known].tolist(), strict=True), strict=True))


def stored(work: Work, register: str, points: NDArray[np.float64]) -> dict[str, list[tuple[int, str, float, float]]]:
    """Title key -> entries (id, source, longitude, latitude) of the register around the points."""
    (west, south), (east, north) = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    found = work.connection.execute(
        text(
            "SELECT e.id, e.title, s.title AS source, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat FROM okruga.place p"
            " JOIN okruga.entry e ON e.id = p.entry_id JOIN okruga.source s ON s.id = e.source_id"
            " WHERE e.register = :register AND GeometryType(p.geom) = 'POINT'"
            " AND p.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY e.id LIMIT :most"
        ),
        {"register": register, "west": float(west), "south": float(south), "east": float(east), "north": float(north),
         "most": MOST_STORED},
    )  # fmt: skip
    known: dict[str, list[tuple[int, str, float, float]]] = defaultdict(list)
    for row in found:
        known[exact_key(row.title or "")].append((row.id, row.source, row.lon, row.lat))
    return known


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """How far two near points are from each other."""
    east = (other_lon - lon) * np.cos(np.radians(lat))
    return float(np.hypot(east, other_lat - lat) * METRES_PER_DEGREE)


def tell(work: Work, row: int, title: str, other: int, source: str, away: float) -> None:
    work.find(
        Severity.WARN, "possible_duplicate",
        N_("«{title}» may be entry {entry} of {source}: the same title, {distance} m away."),
        N_("Both are kept, nothing is merged by itself. Leave the row out if they are one."), at=row, field="title",
        title=title, entry=other, source=source, distance=round(away),
    )  # fmt: skip
