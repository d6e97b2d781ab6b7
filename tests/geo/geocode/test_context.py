"""Is a text that names no settlement looked for where its surroundings say, and left open where they say nothing?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import text

from geo.geocode import queue
from geo.geocode.context import BY_ROWS, BY_VIEW, context_of, context_of_rows, context_of_view, to_json
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, clean_table, merged, shipped_gazetteer
from geo.store.engine import Database
from tests.geo.geocode.conftest import LAT, LON
from tests.geo.geocode.test_queue import Queue

OTHER = (57.5, 62.0)
NAMED = ["г. Приреченск, ул. Есенина, 3", "Приреченск, Садовая, 4", "Приреченск, ул. Есенина, 7", "Приреченск"]
BARE = "ул. Есенина, 5"


@pytest.fixture(scope="module")
def two_towns(town: Gazetteer) -> Gazetteer:
    """Заозёрск has a улица Есенина with a house 5, too."""
    rows = [
        {"id": f"o{n}", "city": "Заозёрск", "street": "улица Есенина", "housenumber": str(n), "lat": OTHER[0],
         "lon": OTHER[1] + n * 0.0005} for n in (3, 5, 7)
    ]  # fmt: skip
    other = clean_table("addresses", pd.DataFrame(rows).astype(str))[0]
    where = [{"id": "t9", "name": "Заозёрск", "region": "Свердловская область", "lat": OTHER[0], "lon": OTHER[1]}]
    there = clean_table("settlements", pd.DataFrame(where).astype(str))[0]
    return merged([town, replace(Gazetteer(), addresses=other, settlements=there)])


@pytest.fixture(scope="module")
def towns(two_towns: Gazetteer) -> Geocoder:
    return Geocoder(merged([two_towns, shipped_gazetteer()]))


def test_without_surroundings_nothing_is_guessed(towns: Geocoder) -> None:
    found = towns.geocode(BARE)
    assert found.placeless
    assert not found.accepted
    assert {choice.settlement for choice in found.choices} == {"Приреченск", "Заозёрск"}


def test_the_rows_of_a_file_say_it_and_the_answer_tells(towns: Geocoder) -> None:
    context = context_of_rows(towns, [*NAMED, BARE, "везде", "с. Неведомое, 5"])
    found = towns.geocode(BARE, context=context)
    assert (found.status, found.label) == ("accepted", "Приреченск, улица Есенина, 5")
    assert (found.why.msgid, found.why.params) == (
        BY_ROWS, {"name": "Приреченск, Свердловская область", "share": 100},
    )  # fmt: skip
    assert found.normal == towns.geocode("Приреченск, ул. Есенина, 5").normal
    assert towns.geocode(BARE, context=context_of(to_json(context))) == found


@pytest.mark.parametrize(
    "texts",
    [
        NAMED[:2],
        [*NAMED, "Заозёрск, ул. Есенина, 3"],
        ["ул. Есенина, 3", "ул. Есенина, 5", "Садовая, 4"],
        [],
    ],
)
def test_few_rows_or_several_settlements_decide_nothing(towns: Geocoder, texts: list[str]) -> None:
    assert context_of_rows(towns, texts) is None


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("Заозёрск, ул. Есенина, 5", "Заозёрск, улица Есенина, 5"),
        ("г. Берёзовский Кемеровской области", "Берёзовский, Кемеровская область"),
        ("с. Кирей, ул. Есенина, 5", ""),
        ("Саратов", "Саратов, Саратовская область"),
    ],
)
def test_what_a_text_says_itself_counts_more(towns: Geocoder, words: str, label: str) -> None:
    found = towns.geocode(words, context=context_of_rows(towns, NAMED))
    assert found.label == label
    assert found.why == towns.geocode(words).why


def test_several_places_in_the_surroundings_stay_ambiguous(towns: Geocoder) -> None:
    found = towns.geocode("Биржевой 6", context=context_of_rows(towns, NAMED))
    assert found.status == "ambiguous"


def test_a_house_of_another_town_is_not_taken_for_one_that_is_missing_here(towns: Geocoder) -> None:
    context = context_of_view(towns, (*OTHER, *OTHER))
    found = towns.geocode("ул. Есенина, 112", context=context)
    assert found.level == "street"
    assert found.label.startswith("Заозёрск")


def test_the_map_says_where_its_visitor_means(towns: Geocoder) -> None:
    here, there = context_of_view(towns, (LAT, LON, LAT, LON)), context_of_view(towns, (*OTHER, *OTHER))
    assert towns.geocode(BARE, context=here).label == "Приреченск, улица Есенина, 5"
    found = towns.geocode(BARE, context=there)
    assert (found.label, found.why.msgid, found.why.params) == (
        "Заозёрск, улица Есенина, 5", BY_VIEW, {"name": "Заозёрск"},
    )  # fmt: skip
    assert context_of_view(towns, (10.0, 10.0, 10.0, 10.0)) is None


def test_a_view_is_of_the_towns_in_it(towns: Geocoder) -> None:
    """A view beside the town's middle is of the town around it; one of two towns decides nothing between them."""
    beside = towns.geocode(BARE, context=context_of_view(towns, (LAT + 0.01, LON + 0.01, LAT + 0.02, LON + 0.02)))
    assert beside.label == "Приреченск, улица Есенина, 5"
    assert towns.geocode(BARE, context=context_of_view(towns, (55.9, 59.9, 57.6, 62.1))).status == "ambiguous"
    assert context_of_view(towns, (50.0, 40.0, 60.0, 70.0)) is None


def test_views_are_not_remembered_without_end(town: Gazetteer) -> None:
    geocoder = Geocoder(town)
    for number in range(2100):
        geocoder.geocode("56.0, 60.0", f"nowhere {number}")
    assert len(geocoder._scopes) <= 1000


def test_a_scope_is_not_overruled(towns: Geocoder) -> None:
    found = towns.geocode(BARE, "Заозёрск", context_of_rows(towns, NAMED))
    assert found.label == "Заозёрск, улица Есенина, 5"


def test_the_queue_keeps_where_it_looked(database: Database, two_towns: Gazetteer) -> None:
    made = Queue(database, two_towns)
    with database.writing("test") as connection:
        for number, words in enumerate([*NAMED, BARE]):
            made.places[f"row{number}"] = made.add(connection, words)
        queue.enqueue_places(connection)
    made.work()
    bare = made.task(f"row{len(NAMED)}")
    assert (bare.status, bare.why.msgid) == ("accepted", BY_ROWS)
    assert made.place(f"row{len(NAMED)}").match_level == "house"
    with database.writing("test") as connection:
        connection.execute(text("UPDATE okruga.geocode_task SET gazetteer_version = 'older'"))
    assert queue.ask_again(database, made.current, commit=True) == []
    assert made.task(f"row{len(NAMED)}").status == "accepted"
