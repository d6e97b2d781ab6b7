"""Are distances on foot those of the streets? A town of three streets checkable by hand, and networkx as oracle."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from geo.analysis.catchment import Form, catchment
from geo.analysis.edges import Edge
from geo.analysis.measures import ACCESS_FORMS, BY_CODE
from geo.analysis.questions import ask, make_query
from geo.analysis.result import Answer
from geo.analysis.siting import Goal, plan, suppose
from geo.analysis.tally import settle_on
from geo.analysis.walking import Streets, Walks
from geo.errors import BadInput, NotFound
from geo.ingest.streets import graph_of, joined, read_streets
from tests.geo.world import SIDE, SOUTH, WEST, World, lay_streets

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


def walked_town(connection: Connection, cells: dict[float, int]) -> World:
    """The town of `test_coverage_on_foot`, counted: one finished project, cells by their left edge, streets."""
    world = World(connection)
    for left, people in cells.items():
        world.add_cell(left, 0.1, people)
    world.entry("project", 0.42, 0.14, theme="environment", status="completed", ends_on=date(2024, 3, 1))
    lay_streets(world)
    settle_on(connection)
    return world


def answer_of(connection: Connection, measure: str, **asked: object) -> Answer:
    words = {"kind": "civic_district", "period": 2024, "on_foot": True, **asked}
    return ask(connection, make_query(connection, measure, **words))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [measure.code for measure in BY_CODE.values() if measure.walkable])
def test_every_figure_of_distance_says_how_it_was_measured(connection: Connection, code: str) -> None:
    walked_town(connection, {0.1: 100, 0.6: 300})
    straight, walked = (answer_of(connection, code, on_foot=each) for each in (False, True))
    assert (straight.by, walked.by) == ("line", "foot")
    assert any("100 % of residents" in str(note) for note in walked.notes)
    assert not any("foot" in str(note) for note in straight.notes)


@pytest.mark.parametrize(("code", "straight", "walked"), [
    ("within_distance_share", "For 25 % of residents the edge", "For 75 % of residents whom streets reach, the walk"),
    ("nearest_project_m", "For 25 % of residents the edge", "For 75 % of residents whom streets reach, the walk"),
    ("access_score", "100 % of residents live within 1 km", "75 % of residents whom streets reach walk less than 1 km"),
    ("access_3sfca", "100 % of residents live within 1 km", "75 % of residents whom streets reach walk less than 1 km"),
])  # fmt: skip
def test_the_edge_is_as_far_as_the_walk_to_it(connection: Connection, code: str, straight: str, walked: str) -> None:
    """The west edge is nearer to the western cell than its project, but no street leads there: over the northern one
    it is 1.1 km. The eastern cell walks 0.9 km to that edge and 3.4 km to the project, which is near as the crow flies.
    A third cell lies off the streets: nothing is known of its walks."""
    world = walked_town(connection, {0.1: 100, 0.6: 300})
    for on_foot, expected in ((False, straight), (True, walked)):
        notes = [str(note) for note in answer_of(connection, code, on_foot=on_foot).notes if " edge " in str(note)]
        assert len(notes) == 1, notes
        assert notes[0].startswith(expected)
    world.add_cell(2.1, 0.5, 400)
    settle_on(connection)
    (note,) = (str(note) for note in answer_of(connection, code).notes if " edge " in str(note))
    assert note.startswith(walked)


def test_streets_that_end_inside_do_not_lead_over_the_edge() -> None:
    """A square of 640 by 1,113 m and a street through its middle from the west edge to the east one; another starts
    where the first ends 70 m before the edge."""
    land = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    edge = Edge(land, shapely.get_coordinates(shapely.segmentize(land.boundary, 0.0004)))
    middle, y = WEST + 0.5 * SIDE, SOUTH + 0.5 * SIDE
    for west, metres in ((WEST - 0.001, 320), (WEST + 0.0005, 320), (WEST + 0.0012, np.nan)):
        streets = network([[(1, west, y), (2, middle, y)]])
        found = edge.walked_m(Walks.of(streets, [[middle, y], [middle, SOUTH]]))
        assert found[0] == pytest.approx(metres, abs=60, nan_ok=True)
        assert np.isnan(found[1])
    nowhere = Edge(shapely.MultiPolygon(), np.empty((0, 2)))
    assert np.isnan(nowhere.walked_m(Walks.of(network(HORSESHOE), [[37.0, LOW]]))).all()


@pytest.mark.parametrize(("code", "form"), [("access_score", "gaussian"), *ACCESS_FORMS.items()])
def test_catchments_on_foot(connection: Connection, code: str, form: Form) -> None:
    """In a straight line both cells share the project; on foot, within 1 km, it is all of the western cell."""
    walked_town(connection, {0.1: 100, 0.6: 300})
    first = answer_of(connection, code).rows[0].value
    streets = Streets.load(connection)
    assert streets is not None
    cells = [[WEST + (left + 0.125) * SIDE, SOUTH + 0.225 * SIDE] for left in (0.1, 0.6)]
    near = Walks.of(streets, cells).pairs([[WEST + 0.42 * SIDE, SOUTH + 0.14 * SIDE]], 1000)
    assert near.cell.tolist() == [0]
    expected = catchment([100, 300], [1], near.cell, near.site, near.distance_m, form=form)
    assert first.numerator == pytest.approx(expected.received, abs=1e-5)
    assert first.denominator == 400
    assert first.numerator == pytest.approx(1, abs=1e-5) or form == "m2sfca"


def test_pairs_on_foot_are_those_of_networkx() -> None:
    random = np.random.default_rng(11)
    nodes = np.column_stack([37 + random.random(60) * 0.02, 55 + random.random(60) * 0.01])
    ways = random.integers(0, 60, (150, 2))
    ways = ways[ways[:, 0] != ways[:, 1]]
    metres = random.uniform(20, 400, len(ways))
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(60))
    graph.add_weighted_edges_from([(*pair, length) for pair, length in zip(ways.tolist(), metres, strict=True)])
    walks = Walks.of(Streets(nodes, ways[:, 0], ways[:, 1], metres), nodes)
    expected = {
        (place, at): length
        for at, site in enumerate((3, 40, 3))
        for place, length in nx.single_source_dijkstra_path_length(graph, site, cutoff=700).items()
    }
    found = walks.pairs(nodes[[3, 40, 3]], 700)
    assert dict(zip(zip(found.cell.tolist(), found.site.tolist(), strict=True), found.distance_m, strict=True)) == (
        pytest.approx(expected, abs=1e-4)
    )


def test_streets_that_reach_few_give_no_figure(connection: Connection) -> None:
    """West of the streets live more people than beside them: the district has no figure, and it is said why."""
    world = walked_town(connection, {0.1: 100})
    world.add_cell(-0.9, 0.1, 900)
    connection.execute(text(
        "INSERT INTO okruga.population_cell_share SELECT max(id), :boundary, 1 FROM okruga.population_cell"
    ), {"boundary": world.boundary["a"]})  # fmt: skip
    settle_on(connection)
    for code in (measure.code for measure in BY_CODE.values() if measure.walkable):
        found = answer_of(connection, code)
        assert found.rows[0].value.missing_reason == "no_data", code
        assert any("10 % of residents" in str(note) for note in found.notes), code
        assert any("In 1 territories" in str(note) for note in found.notes), code
    query = make_query(connection, "within_distance_share", kind="civic_district", period=2024, on_foot=True)
    for refused in (lambda: plan(connection, query, 1), lambda: suppose(connection, query, [(55.001, 37.001)])):
        with pytest.raises(NotFound, match="fewer than half"):
            refused()


def test_places_on_foot(connection: Connection) -> None:
    """The cell across has nothing to walk to: the next project belongs there; a point off the streets serves none."""
    walked_town(connection, {0.1: 100, 0.6: 300})
    query = make_query(connection, "within_distance_share", kind="civic_district", period=2024, on_foot=True)
    straight = make_query(connection, "within_distance_share", kind="civic_district", period=2024)
    assert plan(connection, straight, 1).places == ()
    found = plan(connection, query, 1)
    assert [value.value for value in found.curve] == [100, 400]
    assert found.places[0].lon == pytest.approx(WEST + 0.725 * SIDE, abs=1e-6)
    east = (SOUTH + 0.14 * SIDE, WEST + 0.62 * SIDE)
    asked = suppose(connection, query, [east, (SOUTH + 0.5 * SIDE, WEST + 1.9 * SIDE)])
    row = asked.answer.rows[0].value
    assert (row.parts["before"].value, row.value, row.numerator) == (0.25, 1.0, 400)
    assert [value.value for value in asked.alone] == [300, 0]
    assert any("Point 2 is farther than 300 m" in str(note) for note in asked.answer.notes)
    with pytest.raises(BadInput, match="not looked for on foot"):
        plan(connection, query, 1, goal=Goal.SHORTEST_MEAN)


def test_places_on_foot_without_streets(connection: Connection) -> None:
    World(connection).add_cell(0.1, 0.1, 100)
    settle_on(connection)
    query = make_query(connection, "within_distance_share", kind="civic_district", period=2024, on_foot=True)
    with pytest.raises(NotFound, match="No streets are loaded"):
        plan(connection, query, 1)


def test_coverage_on_foot(connection: Connection) -> None:
    world = World(connection)
    for left in (0.1, 0.6):
        world.add_cell(left, 0.1, 100)
    # in a straight line both cells are within 300 m of the project, on foot one is: a street leads to it the long way
    world.entry("project", 0.42, 0.14, theme="environment", status="completed", ends_on=date(2024, 3, 1))
    asked = {"kind": "civic_district", "period": 2024, "distance_m": 500}
    settle_on(connection)
    unknown = ask(connection, make_query(connection, "within_distance_share", on_foot=True, **asked))  # type: ignore[arg-type]
    assert [row.value.missing_reason for row in unknown.rows] == ["no_data", "no_residents", "no_residents"]
    assert any("okruga load osm" in str(note) for note in unknown.notes)

    lay_streets(world)
    early = ask(connection, make_query(connection, "within_distance_share", on_foot=True, **asked))  # type: ignore[arg-type]
    assert [row.value.missing_reason for row in early.rows] == ["no_data", "no_residents", "no_residents"]
    settle_on(connection)
    straight = ask(connection, make_query(connection, "within_distance_share", **asked))  # type: ignore[arg-type]
    walked = ask(connection, make_query(connection, "within_distance_share", on_foot=True, **asked))  # type: ignore[arg-type]
    shares = [{row.territory: row.value.value for row in each.rows}["a"] for each in (straight, walked)]
    assert shares == [1.0, 0.5]
    assert any("6 minutes" in str(note) for note in walked.notes)
    connection.execute(text("DELETE FROM okruga.street_network"))
    settle_on(connection)
    assert connection.scalar(text("SELECT count(*) FROM okruga.reach_on_foot")) == 0
