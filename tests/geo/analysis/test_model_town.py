"""Does the program, from file to answer, say of the model town what was worked out by hand (figures.toml)?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.analysis.questions import ask, make_query
from geo.analysis.result import Value
from geo.store.engine import Database
from geo.vocabulary import MissingReason

FIGURES = tomllib.loads(
    (Path(__file__).parents[3] / "data" / "boundaries" / "town" / "figures.toml").read_text(encoding="utf-8")
)
# areas on the grid and on the ellipsoid differ by less than 0.01 %
TOLERANCE = 1e-4


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(what is asked, what is expected by territory)."""
    for measure in ("tos_population_share", "tos_area_share", "needs_answered_share"):
        for day, expected in FIGURES[measure].items():
            yield {"measure": measure, "period": day[:4]}, expected
    for day, themes in FIGURES["within_distance_share"].items():
        for theme, distances in themes.items():
            for distance, expected in distances.items():
                asked = {"theme": "" if theme == "any" else theme, "distance_m": int(distance), "period": day[:4]}
                yield {"measure": "within_distance_share", **asked}, expected
    for year, expected in FIGURES["participants_per_1000_16"].items():
        yield {"measure": "participants_per_1000_16", "period": year}, expected


@pytest.mark.parametrize("kind", ["civic_district", "municipality"])
@pytest.mark.parametrize(("asked", "expected"), list(cases()))
def test_figures_worked_out_by_hand(town: Database, asked: dict[str, Any], expected: dict[str, Any], kind: str) -> None:
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, kind=kind, **asked))
    assert len(answer.rows) == (5 if kind == "civic_district" else 1)
    for row in answer.rows:
        check(row.value, expected[row.territory])


def check(value: Value, expected: dict[str, Any]) -> None:
    for part in {"by_project", "stated", "open", "events"} & set(expected):
        assert value.parts[part].value == expected[part]
    if expected["value"] == "null":
        assert value.missing_reason == expected["missing_reason"]
        return
    assert value.value == pytest.approx(expected["value"], rel=TOLERANCE)
    assert value.numerator == pytest.approx(expected["numerator"], rel=TOLERANCE)
    assert value.denominator == pytest.approx(expected["denominator"], rel=TOLERANCE)


def test_the_whole_is_the_towns_own_figure(town: Database) -> None:
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, "participants_per_1000_16", kind="civic_district", period=2024))
    assert answer.whole is not None
    # the city-wide vote counts for the town, not for its districts
    assert answer.whole.numerator == 1190
    assert sum(row.value.numerator or 0 for row in answer.rows) == 716


@pytest.mark.parametrize("year", [2024, 2025])
def test_channels(town: Database, year: int) -> None:
    expected = FIGURES["channels"][str(year)]
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, "digital_mix_share", kind="municipality", period=year))
    value = answer.rows[0].value
    assert value.value == pytest.approx(expected["digital_mix"])
    assert value.denominator == expected["uses_all"]


def test_participants_by_channel_use_the_channels_people_were_counted_in(town: Database) -> None:
    hidden = set()
    for channel, uses in FIGURES["channels"]["2024"]["uses"].items():
        with town.reading() as connection:
            query = make_query(connection, "participants", kind="municipality", period=2024, channel=channel)
            value = ask(connection, query).rows[0].value
        assert value.value in (uses, None)
        hidden |= {channel} if value.value is None else set()
    # three people came by Telegram, and one more channel keeps the sum from telling them
    assert hidden == {"telegram", "vk"}


def test_a_year_without_any_event_is_no_data_not_zero(town: Database) -> None:
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, "participants_per_1000_16", kind="municipality", period=2022))
    assert answer.rows[0].value.missing_reason == MissingReason.NO_DATA
