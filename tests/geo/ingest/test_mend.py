"""Does each mend do what it says, tell the m², keep its hands off what is no slip, and leave nothing to mend again?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.ingest import mend
from geo.ingest.mend import Areas, Mended
from geo.ingest.topology import RULES, TILING, Rules, area_m2, as_array
from geo.vocabulary import TerritoryKind
from tests.geo.ingest.readers.test_topology import metres

TOS = RULES[TerritoryKind.TOS_TERRITORY]


def areas(*shapes: Any, rules: Rules = TOS, **more: Any) -> Areas:
    names = tuple(f"№{i}" for i in range(1, len(shapes) + 1))
    return Areas(as_array(list(shapes)), np.arange(1, len(shapes) + 1), names, rules=rules, **more)


def mended(given: Areas, *wanted: str) -> Mended:
    return mend.mend(given, wanted or mend.MENDS, given.check())


def codes(result: Mended) -> set[str]:
    return {finding.code for finding in result.findings} - {"mended"}


def test_what_reaches_beyond_the_parent_is_cut_off() -> None:
    result = mended(areas(metres(0, 0, 100, 103), parent=metres(0, 0, 500, 100)))
    assert codes(result) == set()
    assert [change.difference_m2 for change in result.changes] == [pytest.approx(-300, rel=0.01)]
    assert float(area_m2(result.areas.shapes[0])) == pytest.approx(10_000, rel=0.01)


def test_an_area_half_outside_is_left_to_a_person() -> None:
    given = areas(metres(0, 0, 100, 200), parent=metres(0, 0, 500, 100))
    result = mended(given)
    assert result.changes == ()
    assert result.areas.shapes[0] is given.shapes[0]
    assert codes(result) == {"outside_parent", "mend_refused"}
    assert "50 %" in next(str(f.message) for f in result.findings if f.code == "mend_refused")


def test_a_shared_sliver_stays_with_the_longer_common_edge() -> None:
    """The second area's tongue ends inside the first: three sides of the piece border the first one."""
    first, second = metres(0, 0, 100, 100), shapely.union(metres(100, 0, 200, 100), metres(97, 40, 100, 60))
    result = mended(areas(first, second), "drop_sliver")
    assert [change.position for change in result.changes] == [1]
    assert result.changes[0].difference_m2 == pytest.approx(-60, rel=0.02)
    assert codes(result) == set()


def test_a_crumb_leaves_its_area() -> None:
    crumbly = shapely.MultiPolygon([metres(0, 0, 100, 100), metres(150, 150, 155, 155)])
    result = mended(areas(crumbly))
    assert codes(result) == set()
    assert result.changes[0].difference_m2 == pytest.approx(-25, rel=0.01)


def test_two_real_parts_are_not_crumbs() -> None:
    result = mended(areas(shapely.MultiPolygon([metres(0, 0, 100, 100), metres(150, 0, 250, 100)])))
    assert (codes(result), result.changes) == ({"multipart"}, ())


def test_a_small_gap_goes_to_the_longest_border() -> None:
    """The hole lies in the first area but for its east side."""
    first = shapely.difference(metres(0, 0, 200, 100), metres(190, 40, 200, 60))
    result = mended(areas(first, metres(200, 0, 400, 100), rules=TILING), "close_gap")
    assert [change.position for change in result.changes] == [0]
    assert result.changes[0].difference_m2 == pytest.approx(200, rel=0.02)
    assert codes(result) == set()


def test_a_large_gap_is_no_slip() -> None:
    ring = shapely.difference(metres(0, 0, 400, 400), metres(100, 100, 300, 300))
    given = areas(ring, metres(400, 0, 500, 400), rules=TILING)
    assert [finding.mends for finding in given.check()] == [()]


def test_neighbours_get_one_line() -> None:
    result = mended(areas(metres(0, 0, 100.6, 100), metres(100, 0, 200, 100), metres(200.4, 0, 300, 100)), "snap")
    assert shapely.coverage_is_valid(list(result.areas.shapes))
    assert codes(result) == set()
    assert sum(abs(change.difference_m2) for change in result.changes) < 3 * 400


def test_a_wide_overlap_is_never_snapped_away() -> None:
    """One slip beside one real dispute: the group is left alone, and the reason names the two."""
    given = areas(metres(0, 0, 130, 100), metres(100, 0, 200, 100), metres(199.5, 0, 300, 100))
    result = mended(given, "snap")
    assert result.changes == ()
    refusal = next(f for f in result.findings if f.code == "mend_refused")
    assert "№1" in str(refusal.message)
    assert "№2" in str(refusal.message)


def test_stored_areas_are_never_touched() -> None:
    stored = metres(0, 0, 100, 100)
    given = areas(metres(98, 0, 200, 100), beside=(("ТОС «Старый»", stored),))
    assert [(f.code, len(f.mends)) for f in given.check()] == [("overlap_stored", 1)]
    result = mended(given)
    assert codes(result) == set()
    assert float(area_m2(shapely.intersection(result.areas.shapes[0], stored))) < 0.01
    assert stored.equals_exact(metres(0, 0, 100, 100), 0)


def test_one_finding_can_be_mended_alone() -> None:
    given = areas(metres(0, 0, 100, 103), metres(200, 0, 300, 103), parent=metres(0, 0, 500, 100))
    first, second = (finding.mends[0] for finding in given.check())
    assert first != second
    assert [f.mends for f in given.check()] == [(first,), (second,)]
    result = mended(given, second)
    assert [change.position for change in result.changes] == [1]
    assert [f.mends for f in result.findings if f.code == "outside_parent"] == [(first,)]


def test_an_unknown_mend_is_refused() -> None:
    with pytest.raises(BadInput, match="cut_to_parent"):
        mend.named(["snip"])


def jittered(offsets: list[float]) -> list[Any]:
    """Nine blocks of a chequer whose corners were each drawn twice, some decimetres apart."""
    shifts = iter(offsets)
    blocks = []
    for row in range(3):
        for column in range(3):
            west, south, east, north = (
                edge + next(shifts) for edge in (100 * column, 100 * row, 100 * column + 100, 100 * row + 100)
            )
            blocks.append(metres(west, south, east, north))
    return blocks


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-0.2, 0.2), min_size=36, max_size=36))
def test_snapping_makes_one_coverage_and_only_once(offsets: list[float]) -> None:
    given = areas(*jittered(offsets), rules=replace(TILING, multipart=None))
    once = mended(given, "snap", "close_gap")
    assert "overlap" not in codes(once)
    for change in once.changes:
        assert abs(change.difference_m2) <= 400 * given.rules.tolerance_m
    left = [f for f in once.findings if f.code in ("sliver", "gap")]
    assert sum(f.area_m2 or 0 for f in left) <= 1.0
    again = mended(once.areas, "snap", "close_gap")
    assert sum(abs(change.difference_m2) for change in again.changes) < 0.1
    total = float(area_m2(shapely.union_all(once.areas.shapes)))
    assert float(area_m2(once.areas.shapes).sum()) == pytest.approx(total, abs=1.0)
