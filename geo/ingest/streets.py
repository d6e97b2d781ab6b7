"""Where can one walk, in an OpenStreetMap extract? Ways for people on foot as a graph, stored as the streets of a load.

A node stands at every bend and crossing and at least every 50 m between, so that the nearest node is as good as the
nearest point of a street. Motorways, ways closed to people on foot and private ones are left out; so are pieces of
less than 1 km that no way joins to the others: paths in courtyards, mostly, where the map was not drawn to the end.
Lengths are metres along the ellipsoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy import Connection, text

from geo.errors import N_, BadFile, Message
from geo.progress import SILENT, Progress
from geo.store.bulk import copy_numbers

NOT_ON_FOOT = frozenset(("motorway", "motorway_link", "construction", "proposed", "raceway", "bus_guideway", "escape",
                         "abandoned", "razed", "elevator", "rest_area", "services"))  # fmt: skip
CLOSED = ("no", "private")
LONGEST_M = 50.0
LEAST_PIECE_M = 1000.0
_EARTH_M = 6_371_008.8
FOUND = N_(
    "Ways to walk: {km} km in {nodes} nodes; {dropped} km in pieces that nothing joins to the others are left out."
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Nodes (degrees, WGS 84) and the ways between them: `source[i]` and `target[i]` are `metres[i]` apart."""

    lon: Floats
    lat: Floats
    source: Ints
    target: Ints
    metres: Floats
    dropped_m: float = 0.0

    def __len__(self) -> int:
        return len(self.source)

    def said(self) -> Message:
        """What a report says of them."""
        km = {"km": round(float(self.metres.sum()) / 1000), "dropped": round(self.dropped_m / 1000, 1)}
        return Message(FOUND, {**km, "nodes": len(self.lon)})


def read_streets(path: Path, progress: Progress = SILENT) -> Streets:
    """The ways to walk of a file. Raises BadFile when it cannot be read."""
    lines: list[list[tuple[int, float, float]]] = []
    try:
        with progress.step(N_("Reading ways to walk")) as step:
            for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
                if isinstance(way, osmium.osm.Way) and walkable(way.tags):
                    lines.append([(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()])
                step.advance()
    except (RuntimeError, OSError) as error:
        raise BadFile(
            N_("{file} cannot be read as OpenStreetMap data: {problem}."), file=path.name, problem=error
        ) from error
    return joined(graph_of(lines))


def walkable(tags: osmium.osm.TagList) -> bool:
    """Whether people may walk along a way."""
    highway = tags.get("highway")
    if not highway or highway in NOT_ON_FOOT or tags.get("area") == "yes":
        return False
    on_foot = tags.get("foot", "")
    if on_foot:
        return on_foot not in CLOSED
    return tags.get("access", "") not in CLOSED


def graph_of(lines: list[list[tuple[int, float, float]]]) -> Streets:
    """Lines of (node id, lon, lat) as a graph; long stretches get nodes in between.

    >>> streets = graph_of([[(1, 37.0, 55.0), (2, 37.0, 55.0009)], [(2, 37.0, 55.0009), (3, 37.0, 55.0012)]])
    >>> len(streets.lon), streets.metres.round(1).tolist()
    (5, [33.4, 33.4, 33.4, 33.4])
    """
    lines = [line for line in lines if len(line) > 1]
    if not lines:
        nothing, nowhere = np.empty(0), np.empty(0, np.int64)
        return Streets(nothing, nothing, nowhere, nowhere, nothing)
    points = np.array([place for line in lines for place in line])
    ends = np.cumsum([len(line) for line in lines])
    _, first, at = np.unique(points[:, 0].astype(np.int64), return_index=True, return_inverse=True)
    follows = np.ones(len(points), dtype=bool)
    follows[ends - 1] = False
    source, target = at[np.flatnonzero(follows)], at[np.flatnonzero(follows) + 1]
    distinct = source != target
    return divided(points[first, 1], points[first, 2], source[distinct], target[distinct])


def divided(lon: Floats, lat: Floats, source: Ints, target: Ints) -> Streets:
    """The graph with nodes at most 50 m apart."""
    metres = lengths(lon[source], lat[source], lon[target], lat[target])
    pieces = np.maximum(np.ceil(metres / LONGEST_M), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(source)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    last = step == pieces[edge] - 1
    part = (step + 1) / pieces[edge]
    added = len(lon) + np.cumsum(~last) - 1
    ends = np.where(last, target[edge], added)
    begins = np.where(step == 0, source[edge], np.concatenate([[0], ends[:-1]]) if len(ends) else ends)
    between = ~last
    of = edge[between]
    new_lon = lon[source[of]] + part[between] * (lon[target[of]] - lon[source[of]])
    new_lat = lat[source[of]] + part[between] * (lat[target[of]] - lat[source[of]])
    return Streets(
        np.concatenate([lon, new_lon]), np.concatenate([lat, new_lat]), begins, ends, metres[edge] / pieces[edge]
    )


def lengths(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres between points close to each other, by the radii of the ellipsoid at their latitude."""
    middle = np.radians((lat + to_lat) / 2)
    flat = 1 - 0.006_694_379_990_14 * np.sin(middle) ** 2
    along = 6_378_137.0 * (1 - 0.006_694_379_990_14) / flat**1.5
    across = 6_378_137.0 / np.sqrt(flat) * np.cos(middle)
    return np.asarray(np.hypot(across * np.radians(to_lon - lon), along * np.radians(to_lat - lat)))


def joined(streets: Streets) -> Streets:
    """The graph without its small pieces; the longest one stays, however short."""
    if not len(streets):
        return streets
    size = len(streets.lon)
    graph = coo_array((streets.metres, (streets.source, streets.target)), shape=(size, size)).tocsr()
    count, piece = connected_components(graph, directed=False)
    length = np.bincount(piece[streets.source], streets.metres, count)
    large = (length >= LEAST_PIECE_M) | (np.arange(count) == length.argmax())
    kept, stays = large[piece[streets.source]], large[piece]
    number = np.cumsum(stays) - 1
    return Streets(
        streets.lon[stays], streets.lat[stays], number[streets.source[kept]], number[streets.target[kept]],
        streets.metres[kept], float(length[~large].sum()),
    )  # fmt: skip


def save_streets(connection: Connection, streets: Streets, *, source_id: int, import_run_id: int) -> bool:
    """Keep the ways to walk of a load; False when there are none or the source has the same already.

    Distances on foot are counted again at the next settling.
    """
    if not len(streets):
        return False
    about = {"source": source_id, "nodes": len(streets.lon), "edges": len(streets),
             "metres": round(float(streets.metres.sum()))}  # fmt: skip
    same = connection.scalar(
        text(
            "SELECT nodes = :nodes AND edges = :edges AND metres = :metres AND source_id = :source"
            " FROM okruga.street_network ORDER BY id DESC LIMIT 1"
        ),
        about,
    )
    if same:
        return False
    network = connection.execute(
        text(
            "INSERT INTO okruga.street_network (source_id, import_run_id, nodes, edges, metres)"
            " VALUES (:source, :run, :nodes, :edges, :metres) RETURNING id"
        ),
        {**about, "run": import_run_id},
    ).scalar_one()
    nodes = zip(streets.lon.tolist(), streets.lat.tolist(), strict=True)
    copy_numbers(connection, "street_node", ("network_id", "node", "lon", "lat"),
                 ((network, at, lon, lat) for at, (lon, lat) in enumerate(nodes)))  # fmt: skip
    ways = zip(streets.source.tolist(), streets.target.tolist(), streets.metres.tolist(), strict=True)
    copy_numbers(connection, "street_way", ("network_id", "source", "target", "metres"),
                 ((network, *way) for way in ways))  # fmt: skip
    return True
