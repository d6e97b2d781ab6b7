"""Is a later election's set of the same city recognised: what split, merged, moved, was renamed, and what held when?"""

from __future__ import annotations

from datetime import date

import pytest

from geo.store.territories import TerritoryFilters, get_territory, list_territories
from tests.geo.ingest.later import redistricted
from tests.geo.ingest.making import Desk, box, changes, point

DAY = date(2019, 9, 8)
SHAPES = {f"o{i}{j}": box(i * 1.3, (i + 1) * 1.3, j, j + 1) for i in range(4) for j in range(3)}
NAMES = {code: f"Округ {code[1:]}" for code in SHAPES}


def test_a_redistricting_is_recognised_and_the_old_days_stay(desk: Desk) -> None:
    later = redistricted(SHAPES, NAMES)
    ended = {old for kind, old, _ in later.truth if kind in ("merge", "rename")}
    desk.areas(
        [({"code": c, "name": NAMES[c], "valid_from": "2014-09-14"}, s) for c, s in SHAPES.items()],
        "electoral_district",
    )
    desk.rows("needs", [{"id": f"n{c}", "title": f"Нужда {c}", **around(c)} for c in SHAPES])
    second = desk.areas(
        [({"code": c, "name": later.names[c]}, s) for c, s in later.shapes.items()],
        "electoral_district", valid_from=DAY, delete_gone=True, source="another file",
    )  # fmt: skip
    assert changes(second) == (2, 4, 6, 2)
    told = {
        (row.kind, row.old, row.new)
        for row in desk.all(
            "SELECT s.kind, f.code AS old, t.code AS new FROM okruga.territory_succession s"
            " JOIN okruga.territory f ON f.id = s.from_id JOIN okruga.territory t ON t.id = s.to_id"
        )
    }
    assert told == later.truth

    with desk.database.reading() as connection:
        on = {
            day: {t["code"] for t in list_territories(connection, TerritoryFilters(on=day)).items}
            for day in (date(2018, 1, 1), date(2020, 1, 1))
        }
        assert on == {date(2018, 1, 1): set(SHAPES), date(2020, 1, 1): set(later.shapes)}
        old = next(code for kind, code, _ in later.truth if kind == "split")
        before, after = (get_territory(connection, old, day)["area_m2"] for day in on)
        assert after / before == pytest.approx(0.5, abs=0.01)
        assert [v["valid_to"] for v in get_territory(connection, old)["versions"]] == [date(2019, 9, 7), None]
    # every need counts in exactly one district of either set
    counted = desk.all(
        "SELECT e.key, count(*) FILTER (WHERE b.valid @> DATE '2018-01-01') AS old,"
        " count(*) FILTER (WHERE b.valid @> DATE '2020-01-01') AS new FROM okruga.entry e"
        " JOIN okruga.place p ON p.entry_id = e.id JOIN okruga.boundary b ON b.id = ANY (p.placed) GROUP BY 1"
    )
    assert {(row.old, row.new) for row in counted} == {(1, 1)}
    assert len(counted) == len(SHAPES)
    assert ended.isdisjoint(later.shapes)


def around(code: str) -> dict[str, float]:
    """A point a little off the middle of a district, in degrees."""
    i, j = int(code[1]), int(code[2])
    return point((i + 0.45) * 1.3, j + 0.45)
