"""How far is it on foot? Distances along the streets of a loaded network, from places to the nearest project.

A place and a project each go to the nearest node of the network in a straight line, and from node to node along the
ways (Dijkstra 1959, from all projects at once). What lies farther than 300 m from every street is not on the network:
its distance is not known, and whoever lives there is counted apart, never as reached or unreached. A project no way
leads to within 5 km, over a river without a bridge for instance, is out of reach: that is known.

Minutes are metres along the way at 4.8 km/h (80 m a minute), snapping included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import floor

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from sqlalchemy import Connection, text

from geo.analysis.arrays import Bools, Floats, Ints
from geo.analysis.distance import FARTHEST_M, Pairs, chord_m, on_ellipsoid, surface_m

OFF_STREETS_M = 300.0
METRES_A_MINUTE = 80.0
# what a kept sum is called when it is counted on foot
FOOT = "{measure}_foot"
NODES_INSIDE = """
SELECT string_agg(float8send(node), '' ORDER BY node), string_agg(float8send(lon), '' ORDER BY node),
       string_agg(float8send(lat), '' ORDER BY node)
FROM published.street_node WHERE network_id = :network
  AND lon BETWEEN :west AND :east AND lat BETWEEN :south AND :north
"""
# joined, not compared with a list: in a prepared statement a list of thousands is gone through for every way
WAYS_INSIDE = """
WITH inside AS MATERIALIZED (
  SELECT node FROM published.street_node WHERE network_id = :network
  AND lon BETWEEN :west AND :east AND lat BETWEEN :south AND :north)
SELECT string_agg(float8send(w.source), ''), string_agg(float8send(w.target), ''), string_agg(float8send(w.metres), '')
FROM published.street_way w JOIN inside s ON s.node = w.source JOIN inside t ON t.node = w.target
WHERE w.network_id = :network
"""
# scipy takes a way of no length for none at all
_HAIR_M = 1e-6
# thresholds include their end, also where a way comes out a millimetre longer
_ROUNDING_M = 1e-3
# distances from a site to every node kept at once: numbers of 8 bytes
_AT_ONCE = 8_000_000


@dataclass(frozen=True, eq=False)
class Streets:
    """A walking network: nodes (lon/lat) and ways with their metres, usable in both directions."""

    nodes: Floats
    source: Ints
    target: Ints
    metres: Floats

    @classmethod
    def load(cls, connection: Connection) -> Streets | None:
        """The newest network; None when none was loaded."""
        network = connection.scalar(text("SELECT max(id) FROM okruga.street_network"))
        if network is None:
            return None
        lon, lat = packed(connection, "street_node", network, "node", ("lon", "lat"))
        source, target, metres = packed(connection, "street_way", network, "ctid", ("source", "target", "metres"))
        return cls(np.column_stack([lon, lat]), source.astype(np.int64), target.astype(np.int64), metres)

    @classmethod
    def inside(cls, connection: Connection, box: Mapping[str, float]) -> Streets | None:
        """The part of the newest network in a box (`west`, `south`, `east`, `north`), for walks that stay in it; None
        when no network was loaded."""
        network = connection.scalar(text("SELECT max(id) FROM published.street_network"))
        if network is None:
            return None
        named = {**box, "network": network}
        node, lon, lat = columns_of(connection.execute(text(NODES_INSIDE), named).one())
        source, target, metres = columns_of(connection.execute(text(WAYS_INSIDE), named).one())
        begin, end = (np.searchsorted(node, each).astype(np.int64) for each in (source, target))
        return cls(np.column_stack([lon, lat]), begin, end, metres)

    @cached_property
    def graph(self) -> csr_array:
        """The ways in both directions; of several between two nodes the shortest."""
        rows, columns = np.concatenate([self.source, self.target]), np.concatenate([self.target, self.source])
        metres = np.maximum(np.concatenate([self.metres, self.metres]), _HAIR_M)
        return shortest_of(rows, columns, metres, len(self.nodes))

    @cached_property
    def tree(self) -> cKDTree:
        """The nodes on the ellipsoid."""
        return cKDTree(on_ellipsoid(self.nodes), balanced_tree=False)

    def snap(self, points: npt.ArrayLike) -> tuple[Ints, Floats]:
        """The nearest node of each point (lon/lat) and the metres to it; NaN metres where none is within 300 m.

        >>> line = Streets(np.array([[37.0, 55.0], [37.001, 55.0]]), np.array([0]), np.array([1]), np.array([64.0]))
        >>> node, metres = line.snap([[37.0009, 55.0], [37.1, 55.0]])
        >>> node[0].item(), metres.round().tolist()
        (1, [6.0, nan])
        """
        places = on_ellipsoid(points)
        if not len(places) or not len(self.nodes):
            return np.zeros(len(places), dtype=np.int64), np.full(len(places), np.nan)
        found, node = self.tree.query(places, distance_upper_bound=float(chord_m(OFF_STREETS_M)))
        gone = np.isinf(found)
        return np.where(gone, 0, node).astype(np.int64), np.where(gone, np.nan, surface_m(found))

    def from_sites(self, sites: npt.ArrayLike, farthest_m: float = FARTHEST_M) -> Floats:
        """Metres from each node to the nearest site (lon/lat), the site's own way to the street included; infinity
        beyond `farthest_m`."""
        node, away = self.snap(sites)
        known = ~np.isnan(away)
        size = len(self.nodes)
        if not known.any():
            return np.full(size, np.inf)
        # one more node, from which every site is as far as it lies from its street
        begin = np.full(int(known.sum()), size)
        rows = np.concatenate([self.source, self.target, begin])
        columns = np.concatenate([self.target, self.source, node[known]])
        metres = np.concatenate([self.metres, self.metres, away[known]])
        graph = shortest_of(rows, columns, np.maximum(metres, _HAIR_M), size + 1)
        return np.asarray(dijkstra(graph, indices=np.array([size]), limit=farthest_m), dtype=np.float64)[0, :size]

    def from_nodes(self, nodes: Ints, farthest_m: float) -> Floats:
        """Metres from each of the given nodes (rows) to every node; infinity beyond `farthest_m`."""
        if not len(self.nodes):
            return np.full((len(nodes), 1), np.inf)
        return np.asarray(dijkstra(self.graph, indices=nodes, limit=farthest_m), dtype=np.float64)


def packed(connection: Connection, table: str, network: int, order: str, columns: tuple[str, ...]) -> list[Floats]:
    """Columns of a network's table as arrays, sent as bytes: a city has some 100,000 nodes."""
    wanted = ", ".join(f"string_agg(float8send({column}), '' ORDER BY {order})" for column in columns)
    row = connection.execute(
        text(f"SELECT {wanted} FROM okruga.{table} WHERE network_id = :network"), {"network": network}
    ).one()
    return columns_of(row)


def columns_of(row: Iterable[bytes | None]) -> list[Floats]:
    """Columns that were sent as bytes."""
    return [np.frombuffer(each or b"", dtype=">f8").astype(np.float64) for each in row]


def shortest_of(rows: Ints, columns: Ints, metres: Floats, size: int) -> csr_array:
    """A graph in which of several ways between two nodes the shortest counts (a sparse matrix would add them up)."""
    order = np.lexsort((metres, columns, rows))
    rows, columns, metres = rows[order], columns[order], metres[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    return csr_array((metres[first], (rows[first], columns[first])), shape=(size, size))


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Places on a network, snapped once: `off` marks those no street leads to.

    `found` remembers, for a site and a distance, which places lie within it and how far they are.
    """

    streets: Streets
    node: Ints
    away: Floats
    found: dict[tuple[float, float, float], tuple[Ints, Floats]] = field(default_factory=dict)

    @classmethod
    def of(cls, streets: Streets, places: npt.ArrayLike) -> Walks:
        return cls(streets, *streets.snap(places))

    @property
    def off(self) -> Bools:
        return np.isnan(self.away)

    def nearest_m(self, sites: npt.ArrayLike, farthest_m: float = FARTHEST_M) -> Floats:
        """Metres on foot from each place to the nearest site; NaN where none is within reach, or off the streets.

        >>> line = Streets(np.array([[37.0, 55.0], [37.001, 55.0]]), np.array([0]), np.array([1]), np.array([64.0]))
        >>> Walks.of(line, [[37.0, 55.0]]).nearest_m([[37.001, 55.0]]).round().tolist()
        [64.0]
        """
        metres = self.streets.from_sites(sites, farthest_m)[self.node] + self.away if len(self.node) else self.away
        return np.where(metres <= farthest_m + _ROUNDING_M, metres, np.nan)

    def pairs(self, sites: npt.ArrayLike, farthest_m: float) -> Pairs:
        """All pairs of a place and a site (lon/lat) at most `farthest_m` metres apart on foot, by place, then site.

        >>> line = Streets(np.array([[37.0, 55.0], [37.001, 55.0]]), np.array([0]), np.array([1]), np.array([64.0]))
        >>> near = Walks.of(line, [[37.0, 55.0], [37.001, 55.0]]).pairs([[37.001, 55.0]], 50)
        >>> near.cell.tolist(), near.site.tolist(), near.distance_m.round().tolist()
        ([1], [0], [0.0])
        """
        points = np.reshape(np.asarray(sites, dtype=np.float64), (-1, 2))
        keys = [(lon, lat, float(farthest_m)) for lon, lat in points.tolist()]
        unknown = list(dict.fromkeys(key for key in keys if key not in self.found))
        self._look_for(unknown, farthest_m)
        mine = [self.found[key] for key in keys]
        if not mine:
            return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        cell = np.concatenate([places for places, _ in mine])
        site = np.repeat(np.arange(len(mine)), [len(places) for places, _ in mine])
        order = np.lexsort((site, cell))
        return Pairs(cell[order], site[order], np.concatenate([metres for _, metres in mine])[order])

    def _look_for(self, keys: list[tuple[float, float, float]], farthest_m: float) -> None:
        node, away = self.streets.snap([key[:2] for key in keys])
        block = max(_AT_ONCE // max(len(self.streets.nodes), 1), 1)
        for start in range(0, len(keys), block):
            part = slice(start, start + block)
            metres = self.streets.from_nodes(node[part], farthest_m)[:, self.node] + self.away + away[part, None]
            for key, walked in zip(keys[part], metres, strict=True):
                near = np.flatnonzero(walked <= farthest_m + _ROUNDING_M)
                self.found[key] = near, np.minimum(walked[near], farthest_m)


def minutes(metres: float) -> int:
    """Walking minutes of a distance, half a minute up.

    >>> minutes(500), minutes(1000)
    (6, 13)
    """
    return floor(metres / METRES_A_MINUTE + 0.5)
