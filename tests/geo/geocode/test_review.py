"""Can a person work off the queue: filter it, skip, choose something coarser, take a decision back, and not collide?"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from geo.errors import Conflict, NotFound
from geo.geocode import queue, review
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.offers import ANSWER, COARSER, WORDS, offers
from geo.geocode.quality import address_quality, together
from geo.store.engine import Database
from geo.vocabulary import GeocodeStatus, MatchLevel, TerritoryKind
from tests.geo.geocode.test_queue import Queue


@pytest.fixture
def filled(database: Database, town: Gazetteer) -> Queue:
    filled = Queue(database, town)
    filled.work()
    return filled


def test_the_queue_is_filtered_and_skipped_by_wording(filled: Queue) -> None:
    with filled.database.writing("maria") as connection:
        everything = review.open_tasks(connection)
        assert [task.text for task in everything] == [
            "Приреченск, Биржевой 6", "с. Неведомое, ул. Садовая, 2", "везде",
        ]  # fmt: skip
        assert review.left_over(connection) == (3, 4)
        passed = review.open_tasks(connection, after=everything[0].id)
        assert [task.id for task in passed] == [task.id for task in everything[1:]]
        assert review.open_tasks(connection, after=everything[-1].id) == []
        found = review.groups(connection)
        assert {(group.register, group.status.value, group.rows) for group in found} == {
            ("need", "ambiguous", 2), ("need", "unmatched", 1),
        }  # fmt: skip
        for group in found:
            matched = review.left_over(connection, status=group.status.value, reason=group.reason, register="need")
            assert matched[1] == group.rows
        assert review.left_over(connection, register="project") == (0, 0)


def test_a_skipped_wording_that_was_decided_hides_nothing(filled: Queue) -> None:
    with filled.database.writing("maria") as connection:
        first = review.open_tasks(connection)[0]
        review.not_an_address(connection, first.id, "maria")
        assert len(review.open_tasks(connection, after=first.id)) == 2


def test_coarser_places_and_other_words_are_offered(filled: Queue) -> None:
    with filled.database.computing() as connection:
        offered = offers(connection, filled.current.get(), filled.task("two"), "ул. Есенина, 112")
    labels = [(offer.origin, offer.spot.level, offer.label) for offer in offered]
    assert labels[0] == (WORDS, MatchLevel.HOUSE, "Приреченск, улица Есенина, 112")
    assert (ANSWER, MatchLevel.HOUSE, "Приреченск, Биржевой переулок, 6") in labels
    assert (COARSER, MatchLevel.STREET, "Приреченск, Биржевой переулок") in labels
    assert MatchLevel.SETTLEMENT in {level for _, level, _ in labels}
    assert len(set(labels)) == len(labels)


def test_coordinates_are_other_words_too(filled: Queue) -> None:
    with filled.database.computing() as connection:
        offered = offers(connection, filled.current.get(), filled.task("nothing"), "56,5 60,5")
    assert (offered[0].spot.level, offered[0].spot.lat, offered[0].spot.lon) == (MatchLevel.POINT, 56.5, 60.5)


def test_a_street_chosen_for_a_house_is_a_shape(filled: Queue) -> None:
    task = filled.task("two")
    with filled.database.writing("maria") as connection:
        street = next(
            offer for offer in offers(connection, filled.current.get(), task) if offer.spot.level == MatchLevel.STREET
        )
        assert review.put(connection, task.id, street.spot, street.label, "maria") == 2
    for name in ("two", "twin"):
        assert (filled.place(name).match_level, filled.place(name).shape) == ("street", "POLYGON")


def test_a_decision_taken_back_leaves_no_trace(filled: Queue) -> None:
    before = {name: (filled.task(name), filled.place(name)) for name in filled.places}
    with filled.database.writing("maria") as connection:
        review.choose(connection, filled.task("two").id, 1, "maria")
        review.not_an_address(connection, filled.task("nothing").id, "maria")
    assert filled.place("twin").match_level == "house"
    with filled.database.writing("maria") as connection:
        taken = [
            review.take_back(
                connection, review.decisions(connection, actor="maria")[0].id, filled.current.get(), "maria"
            )
            for _ in range(2)
        ]
        assert [(each.rows, each.is_address) for each in taken] == [(1, False), (2, True)]
        assert review.decisions(connection) == []
        with pytest.raises(NotFound):
            review.take_back(connection, taken[0].id, filled.current.get(), "maria")
    assert {name: (filled.task(name), filled.place(name)) for name in filled.places} == before
    with filled.database.computing() as connection:
        noted = connection.scalar(
            text("SELECT count(*) FROM history.row_version WHERE table_name = 'okruga.place' AND actor = 'maria'")
        )
    assert noted


def test_two_persons_do_not_overrule_one_another_unknowingly(filled: Queue) -> None:
    task = filled.task("two")
    with filled.database.writing("maria") as connection:
        review.choose(connection, task.id, 0, "maria")
    with filled.database.writing("oleg") as connection, pytest.raises(Conflict) as refused:
        review.choose(connection, task.id, 1, "oleg")
    assert "Биржевой проезд" in str(refused.value)
    assert filled.task("two").status == GeocodeStatus.MANUAL


def test_unresolved_rows_are_counted_by_territory(filled: Queue) -> None:
    with filled.database.writing("test") as connection:
        district = connection.scalar(
            text("INSERT INTO okruga.territory (code, kind, name, source_id, import_run_id)"
                 " SELECT 'here', 'civic_district', 'Здешний', source_id, import_run_id FROM okruga.entry LIMIT 1"
                 " RETURNING id")
        )  # fmt: skip
        connection.execute(
            text("UPDATE okruga.place SET stated_territory_id = :id WHERE id = ANY (:places)"),
            {"id": district, "places": [filled.places[name] for name in ("house", "street", "nothing")]},
        )
        rows = {row.code: row for row in address_quality(connection, TerritoryKind.CIVIC_DISTRICT)}
        assert (rows["here"].rows, rows["here"].unresolved, rows["here"].coarse) == (3, 1, 1)
        assert (rows["here"].unresolved_share, rows["here"].coarse_share) == (1 / 3, 1 / 2)
        assert (rows[""].rows, rows[""].unresolved, rows[""].coarse_share) == (3, 3, None)
        assert together(list(rows.values())).rows == 6


def test_the_queue_waits_for_no_person_when_nothing_is_open(filled: Queue) -> None:
    with filled.database.writing("maria") as connection:
        for task in review.open_tasks(connection):
            review.not_an_address(connection, task.id, "maria")
        assert review.open_tasks(connection) == []
        assert queue.unresolved(connection) == [("", 6, 0)]
