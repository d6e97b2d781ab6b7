"""Are the rows behind a figure exactly those it counts, for every measure and territory?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from geo.analysis.areas import Areas, kinds
from geo.analysis.behind import FINDERS, behind
from geo.analysis.measures import OF_TERRITORIES
from geo.analysis.questions import ask, make_query
from geo.analysis.result import Row
from geo.store.engine import Database

KINDS = ("civic_district", "municipality", "tos_territory")


def test_every_measure_has_rows() -> None:
    assert set(FINDERS) >= {measure.code for measure in OF_TERRITORIES}


def numerator(row: Row) -> float | None:
    """What the rows must come to: the numerator, or the number itself where it is a plain count."""
    return row.value.value if row.value.numerator is None else row.value.numerator


@pytest.mark.parametrize("measure", [measure.code for measure in OF_TERRITORIES])
def test_the_rows_come_to_the_numerator(town: Database, measure: str) -> None:
    with town.reading() as connection:
        check(connection, measure, (2023, 2024))


def check(connection: Connection, measure: str, years: tuple[int, ...]) -> int:
    """Compare every territory of every kind; how many figures were compared."""
    compared = 0
    for kind in set(KINDS) & {each.value for each in kinds(connection)}:
        for year in years:
            query = make_query(connection, measure, kind=kind, period=year)
            for row in ask(connection, query).rows:
                areas = Areas.load(connection, kind, query.day, [row.territory])
                found = behind(connection, query, areas, row)
                assert found.register in ("", "need", "project", "event", "organisation", "tos_territory")
                if not found.numerator or row.value.value is None:
                    continue
                compared += 1
                assert found.total == numerator(row), (kind, year, row.territory)
                if found.not_listed == 0 and not any(each["hidden"] for each in found.rows):
                    amounts = [each["amount"] if found.adds else 1 for each in found.rows]
                    assert sum(amounts) == numerator(row), (kind, year, row.territory)
    return compared


def test_a_theme_and_a_channel_choose_among_the_rows(town: Database) -> None:
    """d1 in 2024 has one open need, of the theme of n3; through another theme there is none."""
    with town.reading() as connection:
        query = make_query(connection, "needs_open", kind="civic_district", period=2024)
        areas = Areas.load(connection, "civic_district", query.day, ["d1"])
        (need,) = behind(connection, query, areas).rows
        other = next(theme for theme in ("environment", "cultural_heritage") if theme != need["theme"])
        themed = make_query(connection, "needs_open", kind="civic_district", period=2024, theme=other)
        assert behind(connection, themed, areas).rows == ()
        same = replace(themed, theme=query.theme)
        assert behind(connection, same, areas).total == 1
        spoken = make_query(connection, "participants", kind="civic_district", period=2024, channel="vk")
        found = behind(connection, spoken, areas)
        assert found.total == sum(row["amount"] for row in found.rows)


def test_a_hidden_figure_names_no_heads(town: Database) -> None:
    from geo.analysis.figure import Value
    from geo.vocabulary import MissingReason

    with town.reading() as connection:
        query = make_query(connection, "participants", kind="civic_district", period=2024)
        areas = Areas.load(connection, "civic_district", query.day, ["d1"])
        shown = next(row for row in ask(connection, query).rows if row.territory == "d1")
        hidden = replace(shown, value=Value.missing(MissingReason.SUPPRESSED, query.measure.unit))
        found = behind(connection, query, areas, hidden)
    assert found.rows
    assert found.total is None
    assert {row["amount"] for row in found.rows} == {None}
