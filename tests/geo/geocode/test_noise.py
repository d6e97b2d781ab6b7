"""Does the engine keep its promises on generated noise over cities it has never seen?

The cities are invented and small here; the benchmark measures real and big ones. A tenth of the streets is withheld
from the engine, so that refusing is tested with real-looking names.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.geocode.forms import LOSSY
from benchmarks.geocode.invented import Plan, invent
from benchmarks.geocode.noise import HOUSE_KINDS, OTHER_KINDS, World, make_queries, metres, withhold
from benchmarks.geocode.scoring import Score, score
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, merged, shipped_gazetteer
from geo.vocabulary import MatchLevel

SEED = 4711


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return invent(Plan(cities=2, streets=250, houses_per_street=12, objects=80, seed=SEED))


@pytest.fixture(scope="module")
def city(gazetteer: Gazetteer) -> Geocoder:
    return Geocoder(merged([gazetteer, shipped_gazetteer()]))


@pytest.fixture(scope="module")
def result(gazetteer: Gazetteer) -> Score:
    known, gone = withhold(gazetteer, 0.1, SEED)
    together = merged([known, shipped_gazetteer()])
    queries = make_queries(together, SEED, 25, gone)
    geocoder = Geocoder(together)
    return score(queries, [geocoder.geocode(query.query, query.scope) for query in queries])


def test_there_are_enough_kinds_of_noise() -> None:
    assert len(HOUSE_KINDS) >= 16
    assert len(HOUSE_KINDS) + len(OTHER_KINDS) >= 40


def test_answers_are_right_and_seldom_wrongly_accepted(result: Score) -> None:
    assert result.share("ALL") >= 0.95
    assert result.share("ALL", "wrong") <= 0.01
    assert result.share("HOUSE") >= 0.97
    assert result.share("=ambiguous") >= 0.95
    assert result.share("=refuse") >= 0.95
    assert result.share("coordinates") == 1.0


def test_confidence_keeps_its_word(result: Score) -> None:
    assert result.precision(0.9) >= 0.99
    assert len(result.accepted) > 500


@pytest.mark.parametrize("kind", sorted(set(HOUSE_KINDS) - LOSSY))
def test_no_ordinary_spelling_fails(result: Score, kind: str) -> None:
    assert result.share(kind) >= 0.9
    assert result.share(kind, "wrong") <= 0.05


@pytest.fixture(scope="module")
def world(gazetteer: Gazetteer) -> World:
    return World(gazetteer, SEED)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_an_address_in_any_form_is_itself_or_refused(city: Geocoder, world: World, data: st.DataObject) -> None:
    row = world.rows[data.draw(st.integers(0, len(world.rows) - 1))]
    kind = data.draw(st.sampled_from(sorted(set(HOUSE_KINDS) - LOSSY)))
    world.draw = random.Random(data.draw(st.integers(0, 2**16)))
    text, scope = HOUSE_KINDS[kind](world, row)
    answer = city.geocode(text, scope)
    if answer.accepted and answer.level == MatchLevel.HOUSE:
        assert answer.lat is not None and answer.lon is not None
        assert metres(row.lat, row.lon, answer.lat, answer.lon) <= 60, (text, answer.label)


def test_nearly_all_addresses_come_back_to_themselves(city: Geocoder, world: World) -> None:
    draw, found, asked = random.Random(SEED), 0, 0
    for row in draw.sample(world.rows, 60):
        for kind in sorted(set(HOUSE_KINDS) - LOSSY):
            text, scope = HOUSE_KINDS[kind](world, row)
            answer = city.geocode(text, scope)
            asked += 1
            found += bool(
                answer.accepted and answer.lat and answer.lon and metres(row.lat, row.lon, answer.lat, answer.lon) <= 60
            )
    assert found / asked >= 0.97
