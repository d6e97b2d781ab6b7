"""Is the draft of a boundary the land of its houses, inside its parent, off what is taken, and honest otherwise?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from geo.ingest import drafting
from geo.ingest.house_list import expand
from geo.ingest.topology import area_m2
from tests.geo.ingest.readers.test_topology import EAST_METRE, METRE, SOUTH, WEST, metres


def at(*places: tuple[float, float]) -> Any:
    """Points in metres from the corner of the town."""
    return np.array([(WEST + x * EAST_METRE, SOUTH + y * METRE) for x, y in places]).reshape(-1, 2)


def said(draft: drafting.Draft) -> str:
    return " ".join(map(str, draft.notes))


def test_a_row_of_houses_becomes_one_piece() -> None:
    draft = drafting.around_houses(at(*((40 * i, 0) for i in range(10))), at())
    assert draft.shape is not None
    assert shapely.get_num_geometries(draft.shape) == 1
    assert draft.notes == ()
    assert float(area_m2(draft.shape)) == pytest.approx(360 * 50 + 3.14 * 625, rel=0.1)


def test_the_border_runs_halfway_to_a_house_that_is_not_listed() -> None:
    draft = drafting.around_houses(at((0, 0), (20, 0)), at((40, 0)))
    _, _, east, _ = draft.shape.bounds if draft.shape else (0, 0, 0, 0)
    assert (east - WEST) / EAST_METRE == pytest.approx(30, abs=0.5)


def test_far_houses_are_several_parts_and_that_is_said() -> None:
    draft = drafting.around_houses(at((0, 0), (3000, 0)), at())
    assert draft.shape is not None
    assert shapely.get_num_geometries(draft.shape) == 2
    assert "2 parts" in said(draft)


def test_a_draft_keeps_inside_its_parent_and_off_what_is_taken() -> None:
    parent, taken = metres(-100, 0, 500, 500), metres(50, -100, 200, 500)
    draft = drafting.around_houses(at((0, 10), (40, 10), (80, 10)), at(), parent=parent, taken=[taken])
    assert draft.shape is not None
    assert float(area_m2(shapely.difference(draft.shape, parent))) < 0.1
    assert float(area_m2(shapely.intersection(draft.shape, taken))) < 0.1
    assert "cut to the territory" in said(draft)
    assert "another TOS" in said(draft)


def test_without_houses_nothing_is_drawn() -> None:
    assert drafting.around_houses(at(), at()).shape is None
    assert drafting.blocks(at(), []).shape is None


def line(*places: tuple[float, float]) -> LineString:
    return LineString(at(*places))


STREETS = [line((x, -50), (x, 350)) for x in (0, 100, 200, 300)] + [
    line((-50, y), (350, y)) for y in (0, 100, 200, 300)
]


def test_blocks_are_the_land_between_streets() -> None:
    draft = drafting.blocks(at((50, 50), (60, 40), (150, 50)), STREETS)
    assert float(area_m2(draft.shape)) == pytest.approx(20_000, rel=0.01)
    assert draft.notes == ()


def test_houses_outside_all_blocks_are_told() -> None:
    draft = drafting.blocks(at((50, 50), (900, 900)), STREETS)
    assert float(area_m2(draft.shape)) == pytest.approx(10_000, rel=0.01)
    assert "not enclosed" in said(draft)


def test_without_lines_blocks_say_so() -> None:
    draft = drafting.blocks(at((50, 50)), [])
    assert draft.shape is None
    assert "No lines of streets" in said(draft)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), min_size=1, max_size=40))
def test_listed_houses_lie_inside_and_others_outside(houses: list[tuple[int, int, bool]]) -> None:
    """Houses on a grid of 30 m, each listed or not."""
    listed = {(x, y): chosen for x, y, chosen in houses}
    ours = at(*((30 * x, 30 * y) for (x, y), chosen in listed.items() if chosen))
    others = at(*((30 * x, 30 * y) for (x, y), chosen in listed.items() if not chosen))
    draft = drafting.around_houses(ours, others)
    if len(ours) == 0:
        assert draft.shape is None
        return
    assert draft.shape is not None
    assert shapely.is_valid(draft.shape)
    assert shapely.contains_xy(draft.shape, ours).all()
    assert not shapely.contains_xy(draft.shape, others).any()


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("ул. Ленина, д. 1, 3а, 5/2", ["ул. Ленина, 1", "ул. Ленина, 3а", "ул. Ленина, 5/2"]),
        ("ул. Мира 2, 4", ["ул. Мира, 2", "ул. Мира, 4"]),
        ("ул. Садовая, дома с 1 по 5 нечётные", ["ул. Садовая, 1", "ул. Садовая, 3", "ул. Садовая, 5"]),
        ("ул. Садовая, 1–6 (чётная сторона)", ["ул. Садовая, 2", "ул. Садовая, 4", "ул. Садовая, 6"]),
        ("ул. 8 Марта, 5\n2-я Садовая, 3", ["ул. 8 Марта, 5", "2-я Садовая, 3"]),
        ("г. Рязань, ул. Есенина, 112", ["г. Рязань, ул. Есенина, 112"]),
        ("ул. Ленина 1-3, ул. Победы 3", ["ул. Ленина, 1", "ул. Ленина, 2", "ул. Ленина, 3", "ул. Победы, 3"]),
        ("пр-т Мира; пер. Южный", ["пр-т Мира", "пер. Южный"]),
        ("", []),
    ],
)
def test_lists_as_acts_write_them(text: str, addresses: list[str]) -> None:
    assert [wanted.text for wanted in expand(text)] == addresses


def test_only_numbers_of_a_range_may_be_missing() -> None:
    assert [wanted.optional for wanted in expand("ул. Мира, 1-2, 9")] == [True, True, False]


@given(st.text(alphabet="улМира. ,;-–0123456789абчётные()\n", max_size=60))
def test_no_list_breaks_the_reader(text: str) -> None:
    assert all(wanted.text.strip() for wanted in expand(text))


def test_a_draft_is_told_again_when_others_take_their_land_out_of_it() -> None:
    draft = drafting.around_houses(at((0, 0), (60, 0), (120, 0)), at())
    assert draft.notes == ()
    less = drafting.kept_off(draft, [metres(50, -100, 70, 100)])
    assert shapely.get_num_geometries(less.shape) == 2
    assert [note.params.get("count") for note in less.notes] == [None, 2]
