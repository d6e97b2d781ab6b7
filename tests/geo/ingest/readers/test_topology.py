"""Are single shapes repaired with an honest note, and is everything wrong between neighbours found and measured?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import MultiPolygon, Polygon, box

from geo.ingest import topology
from geo.ingest.findings import Finding, Severity
from geo.ingest.topology import RULES, TILING, Rules, as_array
from geo.vocabulary import TerritoryKind

# a metre on a sphere; the ellipsoid differs by some thousandths, which the tolerances below allow
WEST, SOUTH, METRE = 46.0, 51.5, 1 / 111_195
EAST_METRE = METRE / math.cos(math.radians(51.5))


def metres(west: float, south: float, east: float, north: float) -> Polygon:
    """A rectangle in metres from the corner of the town."""
    return box(WEST + west * EAST_METRE, SOUTH + south * METRE, WEST + east * EAST_METRE, SOUTH + north * METRE)


def found(shapes: list[Any], **options: Any) -> list[Finding]:
    return list(topology.check(as_array(shapes), range(1, len(shapes) + 1), **options))


def codes(findings: list[Finding]) -> list[str]:
    return sorted(finding.code for finding in findings)


@given(st.floats(-170, 160), st.floats(-70, 70), st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_areas_are_those_of_the_ellipsoid(lon: float, lat: float, width: float, height: float) -> None:
    """A box of straight meridians and parallels has a closed area; the geodesic one follows at small sizes."""
    shape = shapely.segmentize(box(lon, lat, lon + width, lat + height), 0.001)
    geodesic = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0])
    assert topology.area_m2(shape) == pytest.approx(geodesic, rel=1e-6)


def test_width_of_a_strip() -> None:
    strip = as_array([metres(0, 0, 1000, 3)])
    assert topology.widths_m(strip, topology.area_m2(strip))[0] == pytest.approx(3, rel=0.01)


# --- repair ----------------------------------------------------------------------------------------------------------


def repair(shape: Any) -> tuple[Any, Finding | None]:
    shapes, findings = topology.repair(as_array([shape]), [7])
    return shapes[0], next(iter(findings), None)


def test_a_sound_shape_is_left_alone() -> None:
    shape = metres(0, 0, 100, 100)
    assert repair(shape) == (shape, None)


def test_a_bow_tie_keeps_both_halves() -> None:
    west, south = metres(0, 0, 100, 100).exterior.coords[0]
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    bow = shapely.transform(bow, lambda xy: xy * [EAST_METRE, METRE] + [west, south])
    mended, note = repair(bow)
    assert topology.area_m2(mended) == pytest.approx(5000, rel=0.01)
    assert note is not None
    assert (note.code, note.severity, note.feature) == ("shape_repaired", Severity.WARN, 7)
    assert note.geometry.geom_type == "Point"


def test_a_spike_and_a_repeated_ring_cost_no_area() -> None:
    square = metres(0, 0, 100, 100)
    corner = square.exterior.coords[2]
    spike = Polygon(
        [*square.exterior.coords[:3], (corner[0] + 0.01, corner[1] + 0.01), corner, *square.exterior.coords[3:]]
    )
    twice = MultiPolygon([square, square])
    for shape in (spike, twice):
        mended, _ = repair(shape)
        assert topology.area_m2(mended) == pytest.approx(topology.area_m2(square), rel=1e-9)


def test_a_hole_outside_becomes_a_part() -> None:
    shell, outside = metres(0, 0, 100, 100), metres(200, 0, 250, 50)
    mended, note = repair(Polygon(shell.exterior, [outside.exterior]))
    assert topology.area_m2(mended) == pytest.approx(topology.area_m2(shell) + topology.area_m2(outside), rel=1e-9)
    assert note is not None
    assert "became parts" in str(note.message)


def test_a_shape_without_area_is_refused() -> None:
    flat = Polygon([(46, 51.5), (46.1, 51.6), (46, 51.5)])
    mended, note = repair(flat)
    assert mended is None
    assert note is not None
    assert note.severity is Severity.BLOCK


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 0.1), st.floats(0, 0.1)), min_size=3, max_size=12, unique=True))
def test_whatever_is_drawn_comes_out_valid_or_refused(points: list[tuple[float, float]]) -> None:
    mended, note = repair(Polygon([(46 + x, 51 + y) for x, y in points]))
    if mended is None:
        assert note is not None
        assert note.severity is Severity.BLOCK
    else:
        assert mended.is_valid
        assert mended.geom_type in ("Polygon", "MultiPolygon")
        assert shapely.box(46, 51, 46.1, 51.1).buffer(1e-9).covers(mended)


@pytest.mark.parametrize("width", [2.2, 40.0])
def test_an_antimeridian_shape_is_cut_in_two(width: float) -> None:
    east = 180 - width / 2
    jumping = Polygon([(east, 66), (-180 + width / 2, 66), (-180 + width / 2, 68), (east, 68)])
    cut = topology.split_at_antimeridian(jumping)
    assert cut is not None
    assert shapely.get_num_geometries(cut) == 2
    assert topology.area_m2(cut) == pytest.approx(topology.area_m2(box(10, 66, 10 + width, 68)), rel=1e-9)
    counted_on = box(180 - width / 2, 66, 180 + width / 2, 68)
    assert topology.split_at_antimeridian(counted_on).equals(cut)  # type: ignore[union-attr]


def test_a_shape_round_the_world_is_refused() -> None:
    assert topology.split_at_antimeridian(box(-190, 50, 20, 60)) is None


# --- neighbours ------------------------------------------------------------------------------------------------------


def test_neighbours_that_share_their_border_are_clean() -> None:
    assert found([metres(0, 0, 100, 100), metres(100, 0, 200, 100), metres(0, 100, 200, 200)], rules=TILING) == []


def test_an_overlap_is_measured_and_names_both() -> None:
    (overlap,) = found([metres(0, 0, 120, 100), metres(100, 0, 200, 100)], names=["A", "B"])
    assert (overlap.code, overlap.severity, overlap.feature, overlap.others) == ("overlap", Severity.WARN, 2, (1,))
    assert overlap.area_m2 == pytest.approx(2000, rel=0.01)
    assert overlap.geometry.covered_by(metres(99, -1, 121, 101))
    assert "B and A overlap" in str(overlap.message)


def test_a_thin_overlap_is_a_sliver_and_a_breath_is_nothing() -> None:
    assert codes(found([metres(0, 0, 100.5, 1000), metres(100, 0, 200, 1000)])) == ["sliver"]
    assert found([metres(0, 0, 100 + 1e-7, 100), metres(100, 0, 200, 100)]) == []


def test_a_small_area_wholly_inside_is_an_overlap_by_its_share() -> None:
    assert codes(found([metres(0, 0, 1000, 1000), metres(10, 10, 18, 18)])) == ["overlap"]


def test_the_same_shape_twice_is_a_duplicate_only() -> None:
    shapes = [metres(0, 0, 100, 100), metres(0, 0, 100, 100), metres(0, 0, 100.2, 100)]
    assert codes(found(shapes)) == ["duplicate_shape"] * 3


def test_gaps_inside_and_slivers_between() -> None:
    ring = [metres(0, 0, 300, 100), metres(0, 200, 300, 300), metres(0, 100, 100, 200), metres(200, 100, 300, 200)]
    (gap,) = found(ring, rules=TILING)
    assert (gap.code, gap.severity) == ("gap", Severity.WARN)
    assert gap.area_m2 == pytest.approx(10_000, rel=0.01)
    narrow = [*ring[:3], metres(100.3, 100, 300, 200)]
    assert codes(found(narrow, rules=TILING)) == ["sliver"]


def test_the_parent_bounds_and_is_covered() -> None:
    parent = metres(0, 0, 200, 100)
    inside = [metres(0, 0, 100, 100), metres(100, 0, 200, 100)]
    assert found(inside, parent=parent, rules=TILING) == []
    (uncovered,) = found(inside[:1], parent=parent, rules=TILING)
    assert uncovered.code == "parent_not_covered"
    assert uncovered.area_m2 == pytest.approx(10_000, rel=0.01)


@pytest.mark.parametrize(("beyond", "severity"), [(0.5, None), (3, Severity.WARN), (20, Severity.BLOCK)])
def test_a_tos_beyond_its_municipality(beyond: float, severity: Severity | None) -> None:
    rules = RULES[TerritoryKind.TOS_TERRITORY]
    findings = found([metres(50, 0, 100 + beyond, 100)], parent=metres(0, 0, 100, 100), rules=rules)
    assert [finding.severity for finding in findings if finding.code == "outside_parent"] == (
        [severity] if severity else []
    )


def test_several_parts_where_one_is_required() -> None:
    parts = MultiPolygon([metres(0, 0, 50, 50), metres(100, 0, 150, 50)])
    assert codes(found([parts], rules=RULES[TerritoryKind.TOS_TERRITORY])) == ["multipart"]
    assert found([parts], rules=RULES[TerritoryKind.SETTLEMENT]) == []


def test_a_part_on_another_continent_is_seen() -> None:
    stray = MultiPolygon([metres(0, 0, 1000, 1000), box(-71.2, 41.5, -71.1, 41.7)])
    (finding,) = found([stray, metres(1000, 0, 2000, 1000), metres(2000, 0, 3000, 1000)])
    assert (finding.code, finding.feature) == ("stray_part", 1)
    assert finding.geometry.bounds[0] == pytest.approx(-71.2)


def test_a_country_has_no_strays() -> None:
    regions = [box(west, 55, west + 5, 60) for west in range(30, 170, 5)]
    assert found([*regions, box(20, 54, 22, 55.5)]) == []


def test_what_is_switched_off_is_not_looked_for() -> None:
    silent = Rules(overlap=None, sliver=None, outside_parent=None, duplicate=None, stray_part=None)
    assert found([metres(0, 0, 120, 100), metres(100, 0, 200, 100)], rules=silent, parent=metres(0, 0, 50, 50)) == []


@settings(max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 8)] * 4), min_size=2, max_size=7))
def test_overlaps_agree_with_brute_force(corners: list[tuple[int, int, int, int]]) -> None:
    """Every pair, intersected one by one, gives the same areas as the checked ones."""
    shapes = [
        metres(100 * min(a, c), 100 * min(b, d), 100 * (max(a, c) + 1), 100 * (max(b, d) + 1)) for a, b, c, d in corners
    ]
    expected = {
        (i + 1, j + 1): float(topology.area_m2(shapely.intersection(shapes[i], shapes[j])))
        for i in range(len(shapes)) for j in range(i + 1, len(shapes))
    }  # fmt: skip
    expected = {pair: area for pair, area in expected.items() if area > 1}
    told = {(finding.others[0], finding.feature): finding.area_m2 for finding in found(shapes)}
    exact = {
        pair: area for pair, area in expected.items() if not shapely.equals(shapes[pair[0] - 1], shapes[pair[1] - 1])
    }
    for pair, area in exact.items():
        assert told[pair] == pytest.approx(area, rel=1e-6)
    assert {pair for pair in told if pair in exact} == set(exact)


def test_missing_and_empty_shapes_are_passed_over() -> None:
    shapes = np.array([None, Polygon(), metres(0, 0, 10, 10)], dtype=object)
    assert len(topology.check(shapes, [1, 2, 3], rules=TILING)) == 0
    assert len(topology.check(shapes[:2], [1, 2], rules=TILING, parent=metres(0, 0, 10, 10))) == 0


def test_an_area_that_stands_alone_in_a_hole_is_no_part_of_the_gap() -> None:
    ring = shapely.difference(metres(0, 0, 300, 300), metres(100, 100, 200, 200))
    findings = found([ring, metres(110, 110, 190, 190)], rules=TILING)
    assert [(f.code, round(f.area_m2 or 0, -2)) for f in findings] == [("gap", 3600)]


# --- tangles ---------------------------------------------------------------------------------------------------------


def comb(teeth: int, *, upright: bool) -> Any:
    """A comb whose thin teeth stand across one kilometre."""
    step = 1000 / teeth
    points = [(0.0, -10.0)]
    for tooth in range(teeth):
        points += [(tooth * step, 0), (tooth * step, 1000), ((tooth + 0.5) * step, 1000), ((tooth + 0.5) * step, 0)]
    points += [(1000.0, -10.0)]
    turned = points if upright else [(y, x) for x, y in points]
    return Polygon([(WEST + x * EAST_METRE, SOUTH + y * METRE) for x, y in turned])


def test_two_combs_across_each_other_are_estimated_not_computed() -> None:
    """2 000 teeth across 2 000 teeth cross 16 million times; the common part is a quarter of the square."""
    tangled = [comb(2000, upright=True), comb(2000, upright=False), metres(2000, 0, 2100, 100)]
    findings = found(tangled, rules=TILING, parent=metres(-100, -100, 3000, 3000))
    assert [f.code for f in findings if f.code.startswith("overlap")] == ["overlap_tangled"]
    assert next(f.area_m2 for f in findings if f.code == "overlap_tangled") == pytest.approx(250_000, rel=0.05)
    assert "gaps_not_assessed" in codes(findings)


def test_combs_that_cross_seldom_are_computed() -> None:
    findings = found([comb(100, upright=True), comb(100, upright=False)])
    assert codes(findings) == ["overlap"]
    assert findings[0].area_m2 == pytest.approx(250_000, rel=0.03)


def test_a_tangle_with_the_parent_is_estimated() -> None:
    findings = found([comb(2000, upright=True)], parent=comb(2000, upright=False))
    assert codes(findings) == ["outside_parent_tangled"]
