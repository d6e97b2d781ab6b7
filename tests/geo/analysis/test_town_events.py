"""Are events of the whole town spread over its areas as the method says, and never where that tells what is hidden?"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from geo.analysis.questions import ask, make_query
from geo.analysis.result import Answer
from geo.analysis.tally import settle
from geo.analysis.town_events import HIDES, NO_SHARES, SPREADS
from geo.errors import Message
from geo.store.engine import Database

# residents aged 16+ of the model town's districts, and what its vote of the whole town had of participants
GROWN = {"d1": 3200, "d2": 4800, "d3": 1800, "d4": 2100, "d5": 0}
VOTERS_OF_THE_TOWN = 474


def asked(database: Database, measure: str, **more: object) -> Answer:
    words = {"kind": "civic_district", "period": 2024, "town_spread": True, **more}
    with database.reading() as connection:
        return ask(connection, make_query(connection, measure, **words))  # type: ignore[arg-type]


def test_districts_add_up_to_the_town(town: Database) -> None:
    """d1: 320 of its own and 474 · 3,200 / 11,900 of the town's vote."""
    plain = {row.territory: row.value for row in asked(town, "participants", town_spread=False).rows}
    found = asked(town, "participants")
    spread = {row.territory: row.value for row in found.rows}
    for code, grown in GROWN.items():
        got = VOTERS_OF_THE_TOWN * grown / sum(GROWN.values())
        assert spread[code].value == pytest.approx((plain[code].value or 0) + got)
        assert spread[code].parts["spread"].value == pytest.approx(got)
        assert spread[code].estimated == (got > 0)
    assert found.whole is not None
    assert sum(value.value or 0 for value in spread.values()) == pytest.approx(found.whole.value)
    assert [str(note)[:3] for note in found.notes] == ["474"]
    assert (
        asked(town, "participants", kind="municipality").rows[0].value
        == asked(town, "participants", kind="municipality", town_spread=False).rows[0].value
    )


@pytest.mark.parametrize("measure", SPREADS)
def test_rates_are_of_the_same_people_and_have_no_interval(town: Database, measure: str) -> None:
    heads = {row.territory: row.value.value or 0 for row in asked(town, "participants").rows}
    for plain, row in zip(asked(town, measure, town_spread=False).rows, asked(town, measure).rows, strict=True):
        value = row.value
        assert (value.interval_low, value.interval_high) == (None, None)
        assert (value.denominator, value.missing_reason) == (plain.value.denominator, plain.value.missing_reason)
        if value.value is not None:
            assert value.numerator == pytest.approx(heads[row.territory])
    assert asked(town, "participants_per_1000_16").rows[0].value.value == pytest.approx(100 + 1000 * 474 / 11_900)


def test_where_areas_are_not_the_town_nothing_is_spread(town: Database) -> None:
    """TOS hold a part of the town; the channel mix and cells know nothing of the choice."""
    tos = asked(town, "participants", kind="tos_territory")
    assert str(Message(NO_SHARES)) in [str(note) for note in tos.notes]
    assert tos.rows == asked(town, "participants", kind="tos_territory", town_spread=False).rows
    with town.reading() as connection:
        assert not make_query(connection, "digital_mix_share", town_spread=True).town_spread
        assert not make_query(connection, "participants_per_km2", kind="hex_cell", town_spread=True).town_spread


def test_what_is_hidden_is_not_spread_either(own_town: Database) -> None:
    """Two attendances in d1 are hidden, and so is what the districts lack of the town."""
    of_d1 = (
        "SELECT c.entry_id FROM okruga.counted_area c JOIN okruga.boundary b ON b.id = c.area_id"
        " JOIN okruga.territory t ON t.id = b.territory_id JOIN okruga.entry e ON e.id = c.entry_id"
        " WHERE t.code = 'd1' AND e.register = 'event' AND extract(year FROM e.begins_on) = 2024"
    )
    with own_town.writing("test") as connection:
        connection.execute(text(f"DELETE FROM okruga.event_channel WHERE entry_id IN ({of_d1})"))
        connection.execute(text(f"UPDATE okruga.event SET participants = 1 WHERE entry_id IN ({of_d1})"))
    settle(own_town)
    plain = asked(own_town, "participants", town_spread=False)
    assert "suppressed" in [row.value.missing_reason for row in plain.rows]
    found = asked(own_town, "participants")
    assert found.rows == plain.rows
    assert [str(note) for note in found.notes if "whole town" in str(note)] == [str(Message(HIDES))]
