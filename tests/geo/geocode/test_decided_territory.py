"""Does a decision for a stored territory give rows its boundary, follow it, and say so when it is gone?"""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
import shapely
from sqlalchemy import Connection, text

from geo.geocode import queue, review
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.offers import offers
from geo.geocode.placing import Spot, territory_of
from geo.geocode.store import territory_spot
from geo.store.engine import Database
from geo.store.replace import replace_places
from geo.vocabulary import MatchLevel
from tests.geo.geocode.test_queue import Queue
from tests.geo.world import World, insert, square

TOS, WIDER = square(0.5, 1.5, 0, 0.5), square(0.2, 1.5, 0, 0.7)


@pytest.fixture
def decided(database: Database, town: Gazetteer) -> Queue:
    """The words «везде» decided to be the TOS t."""
    made = Queue(database, town)
    made.work()
    with database.writing("maria") as connection:
        spot = territory_spot(connection, territory(connection))
        assert spot is not None
        review.put(connection, made.task("nothing").id, Spot(MatchLevel.AREA, *spot, "t"), "ТОС «Т»", "maria")
    return made


def territory(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT id FROM okruga.territory WHERE code = 't'")) or 0)


def later_row(made: Queue, name: str) -> None:
    """Another row with the same words, which comes after the decision."""
    with made.database.writing("test") as connection:
        made.places[name] = made.add(connection, "Везде!")
        queue.enqueue_places(connection)
    made.work()


def shape(made: Queue, name: str = "nothing") -> Any:
    with made.database.computing() as connection:
        found = connection.scalar(
            text("SELECT ST_AsBinary(geom) FROM okruga.place WHERE id = :id"), {"id": made.places[name]}
        )
        return shapely.from_wkb(found)


def counts_in(made: Queue, name: str) -> set[str]:
    with made.database.computing() as connection:
        rows = connection.execute(
            text("SELECT t.code FROM okruga.place p JOIN okruga.boundary b ON b.id = ANY (p.placed)"
                 " JOIN okruga.territory t ON t.id = b.territory_id WHERE p.id = :id"), {"id": made.places[name]}
        )  # fmt: skip
        return {row.code for row in rows}


def redraw(made: Queue, new: shapely.Polygon) -> None:
    """A version of today instead of the one that has held so far."""
    with made.database.writing("test") as connection:
        old = connection.scalar(
            text("UPDATE okruga.boundary SET valid = daterange(NULL, '2024-01-01') WHERE territory_id = :t"
                 " RETURNING id"), {"t": territory(connection)}
        )  # fmt: skip
        world = World.__new__(World)
        world.connection, world.source, world.run = connection, made.source, made.run
        world.territory, world.boundary = {"t": territory(connection)}, {}
        newest = world.add_boundary("t", "tos_territory", new, date(2024, 1, 1))
        connection.execute(text("DELETE FROM okruga.change"))
        replace_places(connection, [int(old or 0), newest])


def take_away(made: Queue) -> None:
    with made.database.writing("test") as connection:
        gone = connection.scalars(
            text("DELETE FROM okruga.boundary WHERE territory_id = :t RETURNING id"), {"t": territory(connection)}
        ).all()
        connection.execute(text("DELETE FROM okruga.territory WHERE code = 't'"))
        replace_places(connection, list(gone))


def test_rows_now_and_later_get_the_boundary(decided: Queue) -> None:
    later_row(decided, "later")
    for name in ("nothing", "later"):
        assert shape(decided, name).equals(TOS)
        assert decided.place(name).match_level == "area"
        assert "t" in counts_in(decided, name)


def test_a_new_version_is_followed_without_asking_anybody(decided: Queue) -> None:
    redraw(decided, WIDER)
    with decided.database.computing() as connection:
        news = connection.scalar(text("SELECT count(*) FROM okruga.change WHERE subject = 'entry'"))
    assert news == 1, "the entry that moved"
    later_row(decided, "later")
    for name in ("nothing", "later"):
        assert shape(decided, name).equals(WIDER)
    assert decided.task("nothing").why.params == {"name": "T"}


def test_places_that_are_right_are_not_written_again(decided: Queue) -> None:
    with decided.database.writing("test") as connection:
        connection.execute(text("DELETE FROM okruga.change"))
        replace_places(connection)
        assert connection.scalar(text("SELECT count(*) FROM okruga.change")) == 0


def test_without_the_territory_a_circle_stands_for_it_and_the_reason_says_so(decided: Queue) -> None:
    middle = shape(decided).representative_point()
    take_away(decided)
    later_row(decided, "later")
    for name in ("nothing", "later"):
        left = shape(decided, name)
        assert left.covers(middle)
        assert len(left.exterior.coords) == 33
        why = decided.task(name).why
        assert (why.msgid, why.params) == (
            "The boundary of {name} is not loaded any more: a circle stands for it.", {"name": "ТОС «Т»"},
        )  # fmt: skip
        assert counts_in(decided, name) <= {"a", "b", "c"}


def test_the_territory_loaded_again_is_the_same_one(decided: Queue) -> None:
    take_away(decided)
    with decided.database.writing("test") as connection:
        world = World.__new__(World)
        world.connection, world.source, world.run, world.territory, world.boundary = (
            connection, decided.source, decided.run, {}, {},
        )  # fmt: skip
        world.common = {"source_id": decided.source, "import_run_id": decided.run}
        back = world.add_territory("t", "tos_territory", WIDER, tos_status="active")
        replace_places(connection, [back])
    assert shape(decided).equals(WIDER)
    assert decided.task("nothing").why.msgid == "Placed as {name}, with its boundary."


def test_the_decision_is_taken_back_as_any_other(decided: Queue) -> None:
    later_row(decided, "later")
    with decided.database.writing("maria") as connection:
        decision = review.decisions(connection)[0]
        assert (decision.label, decision.rows) == ("ТОС «Т»", 2)
        review.take_back(connection, decision.id, decided.current.get(), "maria")
        left = connection.scalar(text("SELECT count(*) FROM okruga.geocode_task WHERE territory_code <> ''"))
    assert left == 0
    assert [decided.place(name).shape for name in ("nothing", "later")] == [None, None]


def test_a_territory_among_the_candidates_is_offered_with_its_code(database: Database, town: Gazetteer) -> None:
    made = Queue(database, town)
    with database.writing("test") as connection:
        made.places["named"] = made.add(connection, "округ А или рядом с ним, за оврагом")
        queue.enqueue_places(connection)
        connection.execute(
            text("UPDATE okruga.territory SET name = 'Заовражный микрорайон', kind = 'microdistrict',"
                 " tos_status = NULL WHERE code = 't'")
        )  # fmt: skip
    made.work()
    with database.computing() as connection:
        offered = offers(connection, made.current.get(), made.task("nothing"), "Заовражный микрорайон")
    assert offered[0].spot.territory == "t"


def test_a_listed_area_is_no_territory_whatever_its_key(database: Database, town: Gazetteer) -> None:
    made = Queue(database, town)
    with database.writing("test") as connection:
        connection.execute(text("UPDATE okruga.territory SET code = 'z0' WHERE code = 't'"))
        made.places["listed"] = made.add(connection, "Приреченск, микрорайон Южный")
        queue.enqueue_places(connection)
    made.work()
    assert made.task("listed").choices[0]["place_id"] == "z0"
    assert territory_of("z0") == ""
    assert len(shape(made, "listed").exterior.coords) == 33


def test_an_answer_that_is_a_territory_follows_it_too(database: Database, town: Gazetteer) -> None:
    made = Queue(database, town)
    with database.writing("test") as connection:
        connection.execute(text("UPDATE okruga.territory SET name = 'ТОС «Заовражный»' WHERE code = 't'"))
        made.places["nothing"] = made.add(connection, "ТОС Заовражный")
        queue.enqueue_places(connection)
    made.work()
    assert made.task("nothing").status == "accepted"
    assert shape(made).equals(TOS)
    redraw(made, WIDER)
    assert shape(made).equals(WIDER)


def test_what_was_stored_before_learns_of_its_territory(database: Database) -> None:
    """The migration over rows of an older program: a candidate that is a territory says so."""
    with database.writing("test") as connection:
        world = World(connection)
        entry = world.entry("need", 0.5, 0.5, status="open", priority="medium")
        place = connection.scalar(text("SELECT id FROM okruga.place WHERE entry_id = :e"), {"e": entry})
        insert(
            connection, "geocode_task", place_id=place, text="x", normal="x", status="accepted", match_level="area",
            choices='[{"place_kind": "area", "place_id": "t"}, {"place_kind": "area", "place_id": "z9"}]',
        )  # fmt: skip
        module = import_module("geo.store.migrations.versions.0012_decided_territories")
        connection.exec_driver_sql(module.CHOICES)
        row = connection.execute(text("SELECT territory_code, choices FROM okruga.geocode_task")).one()
    assert row.territory_code == "t"
    assert [choice["place_id"] for choice in row.choices] == ["territory:t", "z9"]
