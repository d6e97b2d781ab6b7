"""Are distances on foot those of the streets? A town of three streets checkable by hand, and networkx as oracle."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from sqlalchemy import Connection, text

from geo.analysis.questions import ask, make_query
from geo.analysis.tally import settle_on
from geo.analysis.walking import Streets, Walks
from geo.ingest.streets import graph_of, joined, read_streets, save_streets
from tests.geo.world import SIDE, SOUTH, WEST, World

# a horseshoe: two parallel streets 222.6 m apart, joined only at their far ends
LOW, HIGH, FAR = 55.0, 55.002, 37.01
# by the ellipsoid (pyproj): along 55.000 and 55.002 degrees, and between them
ROUND_M = 639.941 + 639.909 + 222.647
HORSESHOE = [[(1, 37.0, LOW), (2, FAR, LOW)], [(2, FAR, LOW), (3, FAR, HIGH)], [(3, FAR, HIGH), (4, 37.0, HIGH)]]


def network(lines: list[list[tuple[int, float, float]]]) -> Streets:
    found = joined(graph_of(lines))
    return Streets(np.column_stack([found.lon, found.lat]), found.source, found.target, found.metres)


def test_the_way_round_counts_not_the_way_across() -> None:
    streets = network(HORSESHOE)
    place, project = [[37.0, LOW]], [[37.0, HIGH]]
    # along the parallels and between them, by the ellipsoid
    assert Walks.of(streets, place).nearest_m(project)[0] == pytest.approx(ROUND_M, abs=0.2)
    assert np.isnan(Walks.of(streets, place).nearest_m(project, farthest_m=1500)[0])


def test_off_the_streets_is_unknown_and_an_island_out_of_reach() -> None:
    apart = [[(11, 37.05, LOW), (12, 37.08, LOW)]]
    walks = Walks.of(network([*HORSESHOE, *apart]), [[37.0, 54.99], [37.06, LOW], [37.0, LOW + 0.0005]])
    assert walks.off.tolist() == [True, False, False]
    metres = walks.nearest_m([[37.0, LOW]])
    assert np.isnan(metres[:2]).all()
    assert metres[2] == pytest.approx(55.7, abs=0.1)


def test_distances_are_those_of_networkx() -> None:
    random = np.random.default_rng(7)
    nodes = np.column_stack([37 + random.random(60) * 0.02, 55 + random.random(60) * 0.01])
    pairs = random.integers(0, 60, (150, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    metres = random.uniform(20, 400, len(pairs))
    streets = Streets(nodes, pairs[:, 0], pairs[:, 1], metres)
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(60))
    graph.add_weighted_edges_from([(*pair, length) for pair, length in zip(pairs.tolist(), metres, strict=True)])
    sites = [3, 40]
    expected = nx.multi_source_dijkstra_path_length(graph, sites, cutoff=5000)
    found = streets.from_sites(nodes[sites])
    for node in range(60):
        if node in expected:
            assert found[node] == pytest.approx(expected[node], abs=1e-4)
        else:
            assert np.isinf(found[node])


def test_ways_are_read_from_an_extract(tmp_path: Path) -> None:
    def way(number: int, nodes: tuple[int, ...], **tags: str) -> str:
        return (f'<way id="{number}" version="1">' + "".join(f'<nd ref="{node}"/>' for node in nodes)
                + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()) + "</way>")  # fmt: skip

    points = {1: (37.0, LOW), 2: (FAR, LOW), 3: (FAR, HIGH), 4: (37.0, HIGH), 5: (37.1, LOW), 6: (37.1005, LOW)}
    nodes = "".join(f'<node id="{n}" version="1" lon="{lon}" lat="{lat}"/>' for n, (lon, lat) in points.items())
    ways = (way(1, (1, 2, 3), highway="residential") + way(2, (3, 4), highway="footway")
            + way(3, (1, 4), highway="motorway") + way(4, (1, 4), highway="service", access="private")
            + way(5, (5, 6), highway="path"))  # fmt: skip
    path = tmp_path / "town.osm"
    path.write_text(f'<osm version="0.6">{nodes}{ways}</osm>')
    streets = read_streets(path)
    assert float(streets.metres.sum()) == pytest.approx(ROUND_M, abs=0.2)
    assert streets.metres.max() <= 50
    # the path that nothing joins
    assert streets.dropped_m == pytest.approx(32, abs=0.5)


def test_coverage_on_foot(connection: Connection) -> None:
    world = World(connection)
    for left in (0.1, 0.6):
        world.add_cell(left, 0.1, 100)
    # in a straight line both cells are within 300 m of the project, on foot one is: a street leads to it the long way
    world.entry("project", 0.42, 0.14, theme="environment", status="completed", ends_on=date(2024, 3, 1))
    asked = {"kind": "civic_district", "period": 2024, "distance_m": 500}
    settle_on(connection)
    unknown = ask(connection, make_query(connection, "within_distance_share", on_foot=True, **asked))  # type: ignore[arg-type]
    assert {row.value.missing_reason for row in unknown.rows} == {"no_data"}
    assert any("okruga load osm" in str(note) for note in unknown.notes)

    west, east, y = (WEST + x * SIDE for x in (0.1, 0.41)), WEST + 0.62 * SIDE, SOUTH + 0.14 * SIDE
    one, two = west
    streets = graph_of([
        [(1, one, y), (2, two, y)],
        [(2, two, y), (3, two, y + 1.5 * SIDE)],
        [(3, two, y + 1.5 * SIDE), (4, east, y + 1.5 * SIDE)],
        [(4, east, y + 1.5 * SIDE), (5, east, y)],
    ])  # fmt: skip
    assert save_streets(connection, streets, source_id=world.source, import_run_id=world.run)
    early = ask(connection, make_query(connection, "within_distance_share", on_foot=True, **asked))  # type: ignore[arg-type]
    assert {row.value.missing_reason for row in early.rows} == {"no_data"}
    settle_on(connection)
    straight = ask(connection, make_query(connection, "within_distance_share", **asked))  # type: ignore[arg-type]
    walked = ask(connection, make_query(connection, "within_distance_share", on_foot=True, **asked))  # type: ignore[arg-type]
    shares = [{row.territory: row.value.value for row in each.rows}["a"] for each in (straight, walked)]
    assert shares == [1.0, 0.5]
    assert any("6 minutes" in str(note) for note in walked.notes)
    connection.execute(text("DELETE FROM okruga.street_network"))
    settle_on(connection)
    assert connection.scalar(text("SELECT count(*) FROM okruga.reach_on_foot")) == 0
