"""Are the kept counts those a recount gives, whatever was done to the registers in between?"""

from __future__ import annotations

from datetime import date

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import Connection, text

from geo.analysis import tally as tally_module
from geo.analysis.reach import REACH_MEASURES
from geo.analysis.residents import CELL_MEASURES
from geo.analysis.tally import rebuild, settle_on
from tests.geo.world import World, kept, lay_streets, recount, square


def tally(connection: Connection, cells: bool = False) -> list[tuple[object, ...]]:
    rows = connection.execute(
        text("SELECT area_id, measure, theme, period, part, amount FROM okruga.tally"
             " WHERE (measure = ANY (:cells)) = :want"
             " ORDER BY 1, 2, 3, 4, 5"), {"cells": [*CELL_MEASURES, *REACH_MEASURES], "want": cells},
    )  # fmt: skip
    return [tuple(row) for row in rows]


def reach(connection: Connection) -> list[tuple[object, ...]]:
    rows = connection.execute(text("SELECT boundary_id, theme, period, residents FROM okruga.reach ORDER BY 1, 2, 3"))
    return [tuple(row) for row in rows]


def test_counts_by_district_theme_and_year(connection: Connection) -> None:
    world = World(connection)
    need = world.entry(
        "need", 0.2, 0.2, theme="environment", status="open", begins_on=date(2023, 5, 1), priority="high"
    )
    world.entry("need", 1.2, 0.2, theme="environment", status="rejected", begins_on=date(2023, 5, 1), priority="low")
    project = world.entry("project", 0.3, 0.2, theme="environment", status="planned", begins_on=date(2024, 1, 1))
    connection.execute(text("INSERT INTO okruga.project_need VALUES (:p, :n)"), {"p": project, "n": need})
    settle_on(connection)
    assert (world.boundary["a"], "needs_reported", "environment", 2023, "high", 1) in tally(connection)
    assert not [row for row in tally(connection) if row[1] == "needs_answered"]

    connection.execute(
        text("UPDATE okruga.entry SET status = 'completed', ends_on = '2025-02-03' WHERE id = :id"), {"id": project}
    )
    settle_on(connection)
    assert (world.boundary["a"], "needs_answered", "environment", 2025, "high", 1) in tally(connection)
    assert tally(connection) == recount(connection)


def test_a_place_on_two_sites_counts_once_in_each_district(connection: Connection) -> None:
    world = World(connection)
    entry = world.entry("project", 0.2, 0.2, theme="other", status="idea")
    connection.execute(
        text(
            "INSERT INTO okruga.place (entry_id, register, geom, match_level, certainty, placed, import_run_id)"
            " SELECT entry_id, register, geom, match_level, certainty, placed || :b, import_run_id"
            " FROM okruga.place WHERE entry_id = :id"
        ),
        {"id": entry, "b": [world.boundary["b"]]},
    )
    settle_on(connection)
    counts = {row[0]: row[5] for row in tally(connection) if row[1] == "projects"}
    assert counts == {world.boundary["a"]: 1, world.boundary["b"]: 1}


def test_nothing_new_gives_no_new_version(connection: Connection) -> None:
    World(connection)
    assert settle_on(connection) is not None
    assert settle_on(connection) is None


def test_rows_older_than_all_boundaries_do_not_count_the_land_anew_each_time(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A register that reaches back before the first boundary made every small write as dear as a load."""
    world = World(connection)
    connection.execute(text("UPDATE okruga.boundary SET valid = daterange('2020-01-01', NULL)"))
    world.entry(
        "project", 0.2, 0.2, theme="other", status="completed", begins_on=date(1999, 5, 1), ends_on=date(2024, 5, 1)
    )
    settle_on(connection)
    recounted: list[str] = []
    monkeypatch.setattr(tally_module, "count_cells", lambda *_: recounted.append("cells"))
    world.entry("need", 0.2, 0.2, theme="other", status="open", priority="low", begins_on=date(1999, 5, 1))
    assert settle_on(connection) is not None
    assert recounted == []


def test_residents_covered_and_reached(connection: Connection) -> None:
    world = World(connection)
    world.add_cell(0.0, 0.0, 100)
    world.add_cell(0.375, 0.0, 100)  # half of it inside the TOS
    world.add_cell(0.875, 0.0, 100)  # on the border of a and b, inside the TOS
    world.entry("project", 0.125, 0.125, theme="environment", status="completed", ends_on=date(2024, 5, 1))
    settle_on(connection)
    amounts = {(row[0], row[1]): row[5] for row in tally(connection, cells=True) if row[3] == 2024}
    assert amounts[world.boundary["a"], "cell_residents"] == 250_000
    assert amounts[world.boundary["a"], "tos_residents"] == 100_000
    assert amounts[world.boundary["b"], "tos_residents"] == 50_000
    assert amounts[world.boundary["c"], "cell_residents"] == 0
    steps = {row[:3]: row[3] for row in reach(connection)}
    in_a = steps[world.boundary["a"], "environment", 2024]
    assert isinstance(in_a, list)
    assert in_a[0] == 100_000
    assert sum(in_a) == 250_000
    assert steps[world.boundary["a"], "", 2024] == in_a


ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("project"),
            st.floats(-0.5, 3.5),
            st.floats(0, 1),
            st.sampled_from(["idea", "completed", "cancelled"]),
        ),
        st.tuples(
            st.just("need"), st.floats(-0.5, 3.5), st.floats(0, 1), st.sampled_from(["open", "answered", "rejected"])
        ),
        st.tuples(st.just("event"), st.floats(-0.5, 3.5), st.floats(0, 1), st.integers(0, 9) | st.integers(0, 500)),
        st.tuples(st.just("channel"), st.integers(0, 50), st.sampled_from(["vk", "paper"]), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 50), st.floats(-0.5, 3.5)),
        st.tuples(st.just("theme"), st.integers(0, 50), st.sampled_from(["environment", "rehabilitation", None])),
        st.tuples(st.just("unplace"), st.integers(0, 50)),
        st.tuples(st.just("streets"), st.booleans()),
        st.tuples(st.just("delete"), st.integers(0, 50)),
        st.tuples(st.just("link"), st.integers(0, 50), st.integers(0, 50)),
        st.tuples(st.just("status"), st.integers(0, 50)),
        st.tuples(st.just("hide"), st.integers(0, 50)),
        st.tuples(st.just("redraw"), st.floats(0.6, 1.4)),
        st.tuples(st.just("tos"), st.sampled_from(["active", "suspended", "founding"])),
        st.tuples(st.just("settle")),
    ),
    max_size=14,
)


def act(world: World, entries: list[tuple[str, int]], action: tuple[object, ...]) -> None:
    """Carry one random action out; numbers choose among the entries there are."""
    connection, name, rest = world.connection, action[0], action[1:]
    dated = {"begins_on": date(2023, 3, 1), "ends_on": date(2024, 3, 1), "theme": "environment"}
    if name in ("project", "need", "event"):
        x, y, word = rest
        special: dict[str, object] = {"priority": "low"} if name == "need" else {}
        if name == "event":
            special, word = {"event_kind": "survey", "participants": word}, None
        entries.append((str(name), world.entry(str(name), x, y, status=word, **dated, **special)))  # type: ignore[arg-type]
    elif name == "settle":
        settle_on(connection)
    elif name == "redraw":
        edge = float(rest[0])  # type: ignore[arg-type]
        world.redraw("a", square(0, edge))
        world.redraw("b", square(edge, 2))
    elif name == "streets":
        lay_streets(world) if rest[0] else connection.execute(text("DELETE FROM okruga.street_network"))
    elif name == "tos":
        connection.execute(text("UPDATE okruga.territory SET tos_status = :s WHERE code = 't'"), {"s": rest[0]})
    elif entries:
        change(world, entries, str(name), rest)


def change(world: World, entries: list[tuple[str, int]], name: str, rest: tuple[object, ...]) -> None:
    at = int(rest[0]) % len(entries)  # type: ignore[call-overload]
    register, entry = entries[at]
    if name == "move":
        world.move(entry, float(rest[1]), 0.5)  # type: ignore[arg-type]
    elif name == "delete":
        world.connection.execute(text("DELETE FROM okruga.entry WHERE id = :id"), {"id": entry})
        entries.pop(at)
    elif name == "hide":
        world.connection.execute(
            text("UPDATE okruga.entry SET moderation_state = 'refused' WHERE id = :id"), {"id": entry}
        )
    elif name == "theme":
        world.connection.execute(text("UPDATE okruga.entry SET theme = :t WHERE id = :id"), {"id": entry, "t": rest[1]})
    elif name == "unplace":
        world.connection.execute(text("DELETE FROM okruga.place WHERE entry_id = :id"), {"id": entry})
    elif name == "channel" and register == "event":
        world.connection.execute(
            text("INSERT INTO okruga.event_channel VALUES (:id, :channel, :people) ON CONFLICT DO NOTHING"),
            {"id": entry, "channel": rest[1], "people": rest[2]},
        )
    elif name == "status" and register == "project":
        world.connection.execute(text("UPDATE okruga.entry SET status = 'reported' WHERE id = :id"), {"id": entry})
    elif name == "link":
        needs = [other for kind, other in entries if kind == "need"]
        if register == "project" and needs:
            world.connection.execute(
                text("INSERT INTO okruga.project_need VALUES (:p, :n) ON CONFLICT DO NOTHING"),
                {"p": entry, "n": needs[int(rest[1]) % len(needs)]},  # type: ignore[call-overload]
            )


# a project beyond every boundary counts in none of them, but residents may have it near
BEYOND: list[tuple[object, ...]] = [("project", 3.3, 0.2, "completed"), ("settle",), ("delete", 0)]
UNFINISHED: list[tuple[object, ...]] = [
    ("project", 0.0, 1.0, "idea"), ("delete", 0), ("event", 2.7, 0.0, 445), ("project", 3.4, 0.2, "idea"),
    ("settle",), ("move", 42, 1.2), ("delete", 1),
]  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS, spoiled=st.integers(0, 3))
@example(actions=BEYOND, spoiled=0)
@example(actions=UNFINISHED, spoiled=0)
def test_random_edits_and_spoiled_rows_end_in_the_recount(
    connection: Connection, actions: list[tuple[object, ...]], spoiled: int
) -> None:
    """After any edits the tally is the recount; after rows were spoiled a rebuild gives the same integers."""
    with connection.begin_nested() as savepoint:
        world, entries = World(connection), list[tuple[str, int]]()
        world.add_cell(0.125, 0.25, 100)
        world.add_cell(0.875, 0.25, 60)
        for action in actions:
            act(world, entries, action)
        settle_on(connection)
        settled = kept(connection)
        assert tally(connection) == recount(connection)

        for spoil in (
            "UPDATE okruga.tally SET amount = amount + 7 WHERE ctid IN (SELECT ctid FROM okruga.tally LIMIT :n)",
            "DELETE FROM okruga.counted WHERE entry_id IN (SELECT entry_id FROM okruga.counted LIMIT :n)",
            "DELETE FROM okruga.withheld_sum WHERE ctid IN (SELECT ctid FROM okruga.withheld_sum LIMIT :n)",
        ):
            connection.execute(text(spoil), {"n": spoiled})
        for table in ("reach", "reach_on_foot"):
            connection.execute(text(f"UPDATE okruga.{table} SET residents[3] = 5"))
        rebuild(connection)
        assert kept(connection) == settled
        savepoint.rollback()
