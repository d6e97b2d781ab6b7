"""Do addresses without coordinates find their place, wait for a person where they must, and survive a killed worker?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from geo.errors import BadInput, NotFound
from geo.geocode import queue, review
from geo.geocode.current import CurrentGeocoder
from geo.geocode.gazetteer import Gazetteer, version_of
from geo.geocode.store import save
from geo.store.engine import Database
from geo.vocabulary import GeocodeStatus
from tests.geo.world import World, insert

TEXTS = {
    "house": "г. Приреченск, ул. Есенина, д. 112, кв. 45",
    "street": "Приреченск, ул. Есенина",
    "two": "Приреченск, Биржевой 6",
    "twin": "приреченск,  Биржевой, 6, кв. 3",
    "unknown": "с. Неведомое, ул. Садовая, 2",
    "nothing": "везде",
}


class Queue:
    """A database with the town's gazetteer and one need for each text."""

    def __init__(self, database: Database, town: Gazetteer) -> None:
        self.database = database
        self.current = CurrentGeocoder(database)
        with database.writing("test") as connection:
            world = World(connection)
            self.source, self.run = world.source, world.run
            self.load(connection, town)
            self.places = {name: self.add(connection, words) for name, words in TEXTS.items()}
            self.queued = queue.enqueue_places(connection)

    def load(self, connection, town: Gazetteer) -> None:  # type: ignore[no-untyped-def]
        gazetteer = replace(town, version=version_of(town))
        save(connection, gazetteer, kind="lists", source_id=self.source, import_run_id=self.run)

    def add(self, connection, words: str) -> int:  # type: ignore[no-untyped-def]
        common = {"source_id": self.source, "import_run_id": self.run}
        entry = insert(connection, "entry", register="need", key=words, title=words, status="open", **common)
        insert(connection, "need", entry_id=entry, priority="medium")
        return insert(
            connection, "place", entry_id=entry, register="need", address=words, match_level="none",
            certainty="no_polygon", public_precision="hexagon", import_run_id=self.run,
        )  # fmt: skip

    def work(self) -> dict[str, int]:
        return dict(queue.work(self.database, self.current))

    def place(self, name: str):  # type: ignore[no-untyped-def]
        with self.database.computing() as connection:
            return connection.execute(
                text(
                    "SELECT match_level, ST_Y(ST_PointOnSurface(geom)) AS lat, GeometryType(geom) AS shape, hex_8,"
                    " ST_Equals(geom, public_geom) AS exact FROM okruga.place WHERE id = :id"
                ),
                {"id": self.places[name]},
            ).one()

    def task(self, name: str):  # type: ignore[no-untyped-def]
        with self.database.computing() as connection:
            task = connection.scalar(
                text("SELECT id FROM okruga.geocode_task WHERE place_id = :id"), {"id": self.places[name]}
            )
            return review.get_task(connection, int(task))


@pytest.fixture
def filled(database: Database, town: Gazetteer) -> Queue:
    return Queue(database, town)


def test_every_address_without_coordinates_is_queued_once(filled: Queue) -> None:
    assert filled.queued == len(TEXTS)
    with filled.database.writing("test") as connection:
        assert queue.enqueue_places(connection) == 0
        assert queue.waiting(connection) == len(TEXTS)


def test_accepted_answers_move_their_place(filled: Queue) -> None:
    assert filled.work() == {"accepted": 2, "ambiguous": 2, "unmatched": 2}
    house = filled.place("house")
    assert (house.match_level, house.shape) == ("house", "POINT")
    assert house.lat == pytest.approx(55.98, abs=0.01)
    assert house.hex_8 and not house.exact


def test_a_street_is_a_shape_and_never_a_false_point(filled: Queue) -> None:
    filled.work()
    street = filled.place("street")
    assert (street.match_level, street.shape) == ("street", "POLYGON")


def test_what_is_uncertain_stays_without_a_place_and_says_why(filled: Queue) -> None:
    filled.work()
    for name in ("two", "unknown", "nothing"):
        assert filled.place(name).match_level == "none"
    assert "not in the gazetteer" in str(filled.task("unknown").why)
    assert [choice["label"] for choice in filled.task("two").choices[:2]] == [
        "Приреченск, Биржевой проезд, 6",
        "Приреченск, Биржевой переулок, 6",
    ]


def test_the_queue_keeps_no_apartment_or_name_in_its_normal_form(filled: Queue) -> None:
    filled.work()
    assert filled.task("house").normal == "г приреченск ул есенина д 112"
    assert filled.task("two").normal == filled.task("twin").normal


def test_a_killed_worker_goes_on_where_it_stopped(filled: Queue) -> None:
    class Killed(Exception):
        pass

    class Stops:
        def step(self, title: str, total: int | None = None):  # type: ignore[no-untyped-def]
            return self

        def __enter__(self):  # type: ignore[no-untyped-def]
            return self

        def __exit__(self, *exc: object) -> None:
            return None

        def advance(self, amount: int = 1) -> None:
            raise Killed

    with pytest.raises(Killed):
        queue.work(filled.database, filled.current, progress=Stops(), batch=2)
    with filled.database.computing() as connection:
        assert queue.waiting(connection) == len(TEXTS) - 2
    filled.work()
    with filled.database.computing() as connection:
        assert queue.waiting(connection) == 0
    assert filled.place("house").match_level == "house"


def test_a_decision_settles_all_rows_that_say_the_same(filled: Queue) -> None:
    filled.work()
    with filled.database.writing("maria") as connection:
        first = review.open_tasks(connection)[0]
        assert (first.normal, first.same) == ("приреченск биржевой 6", 2)
        assert review.choose(connection, first.id, 1, "maria") == 2
    for name in ("two", "twin"):
        assert filled.place(name).match_level == "house"
        assert filled.task(name).status == GeocodeStatus.MANUAL
        assert filled.task(name).label == "Приреченск, Биржевой переулок, 6"


def test_a_decision_is_remembered_for_rows_to_come(filled: Queue) -> None:
    filled.work()
    with filled.database.writing("maria") as connection:
        review.pin(connection, filled.task("unknown").id, 56.5, 60.5, "maria")
        filled.places["later"] = filled.add(connection, "с. Неведомое, ул. Садовая, д. 2, кв. 7".replace("д. ", ""))
        queue.enqueue_places(connection)
    assert filled.work() == {"manual": 1}
    assert filled.place("later").match_level == "point"
    assert filled.place("later").lat == pytest.approx(56.5)


def test_not_an_address_is_a_decision_too(filled: Queue) -> None:
    filled.work()
    with filled.database.writing("maria") as connection:
        assert review.not_an_address(connection, filled.task("nothing").id, "maria") == 1
        assert "nothing" not in {task.text for task in review.open_tasks(connection)}
    assert filled.place("nothing").match_level == "none"


def test_decisions_that_make_no_sense_are_refused(filled: Queue) -> None:
    filled.work()
    with filled.database.writing("maria") as connection:
        with pytest.raises(BadInput):
            review.choose(connection, filled.task("two").id, 99, "maria")
        with pytest.raises(BadInput):
            review.pin(connection, filled.task("two").id, 95.0, 60.0, "maria")
        with pytest.raises(NotFound):
            review.get_task(connection, 10**9)


def test_a_new_gazetteer_asks_again_and_leaves_decisions_alone(filled: Queue, town: Gazetteer) -> None:
    filled.work()
    with filled.database.writing("maria") as connection:
        review.choose(connection, filled.task("two").id, 0, "maria")
        village = town.addresses.iloc[:1].assign(id="n1", city="Неведомое", street="Садовая улица", housenumber="2")
        filled.load(connection, replace(town, addresses=_together(town, village)))
    changes = queue.ask_again(filled.database, filled.current, commit=False)
    assert [(c.text, c.status_before.value, c.status_after.value) for c in changes] == [
        (TEXTS["unknown"], "unmatched", "accepted")
    ]
    assert filled.place("unknown").match_level == "none"
    assert queue.ask_again(filled.database, filled.current, commit=True) == changes
    assert filled.place("unknown").match_level == "house"
    assert filled.task("two").status == GeocodeStatus.MANUAL
    assert queue.ask_again(filled.database, filled.current, commit=True) == []


def _together(town: Gazetteer, more):  # type: ignore[no-untyped-def]
    import pandas as pd

    return pd.concat([town.addresses, more], ignore_index=True)


def test_what_is_left_over_is_counted(filled: Queue) -> None:
    with filled.database.computing() as connection:
        assert queue.coarse_share(connection) is None
        assert queue.unresolved(connection) == [("", len(TEXTS), len(TEXTS))]
    filled.work()
    with filled.database.computing() as connection:
        assert queue.coarse_share(connection) == 0.5
        assert queue.unresolved(connection) == [("", len(TEXTS), 4)]
