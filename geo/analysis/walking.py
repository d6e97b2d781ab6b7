"""How far is it on foot? Distances along the streets of a loaded network, from places to the nearest project.

A place and a project each go to the nearest node of the network in a straight line, and from node to node along the
ways (Dijkstra 1959, from all projects at once). What lies farther than 300 m from every street is not on the network:
its distance is not known, and whoever lives there is counted apart, never as reached or unreached. A project no way
leads to within 5 km, over a river without a bridge for instance, is out of reach: that is known.

Minutes are metres along the way at 4.8 km/h (80 m a minute), snapping included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from sqlalchemy import Connection, text

from geo.analysis.arrays import Bools, Floats, Ints
from geo.analysis.distance import FARTHEST_M, chord_m, on_ellipsoid, surface_m

OFF_STREETS_M = 300.0
METRES_A_MINUTE = 80.0
# scipy takes a way of no length for none at all
_HAIR_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
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
        which = {"network": network}
        nodes = connection.execute(
            text("SELECT lon, lat FROM okruga.street_node WHERE network_id = :network ORDER BY node"), which
        ).all()
        ways = connection.execute(
            text("SELECT source, target, metres FROM okruga.street_way WHERE network_id = :network"), which
        ).all()
        table = np.array([tuple(way) for way in ways], dtype=float).reshape(-1, 3)
        return cls(
            np.array([tuple(node) for node in nodes], dtype=float).reshape(-1, 2), table[:, 0].astype(np.int64),
            table[:, 1].astype(np.int64), table[:, 2],
        )  # fmt: skip

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
        tree = cKDTree(on_ellipsoid(self.nodes), balanced_tree=False)
        found, node = tree.query(places, distance_upper_bound=float(chord_m(OFF_STREETS_M)))
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


def shortest_of(rows: Ints, columns: Ints, metres: Floats, size: int) -> csr_array:
    """A graph in which of several ways between two nodes the shortest counts (a sparse matrix would add them up)."""
    order = np.lexsort((metres, columns, rows))
    rows, columns, metres = rows[order], columns[order], metres[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    return csr_array((metres[first], (rows[first], columns[first])), shape=(size, size))


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Places on a network, snapped once: `off` marks those no street leads to."""

    streets: Streets
    node: Ints
    away: Floats

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
        return np.where(metres <= farthest_m, metres, np.nan)


def minutes(metres: float) -> int:
    """Walking minutes of a distance, rounded.

    >>> minutes(500), minutes(1000)
    (6, 12)
    """
    return round(metres / METRES_A_MINUTE)
