"""Can a reader who collects every public number of residents work out who lives in one house?

Tried as a black box. In a town with houses of one to four people one of them gets a person more and the place it is
counted with one fewer; whatever then reads otherwise, over HTTP and to the last digit, would have told. And two filters
of which one holds the other (a year and the year before, on foot and in a straight line, one theme and all) never
differ by one to four people.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo.analysis import cells as cells_module
from geo.analysis.cells import Vintages, homes, least_known, load_cells
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.tally import rebuild, settle
from geo.demo.town import HERE, at, rectangle
from geo.ingest.streets import graph_of, save_streets
from geo.store.engine import Database
from tests.api.test_patient_reader import KINDS, THEMES, halves, small_events
from tests.geo.ingest.making import Desk
from tests.geo.world import insert

YEARS = (2023, 2024)
LIMIT = 5
COVERED = ("tos_population_share", "uncovered_residents", "uncovered_share")
WALKED = ("within_distance_share", "nearest_project_m", "access_score", *ACCESS_FORMS)
OF_PEOPLE = ("needs_open_per_1000", "projects_done_per_1000", "money_per_resident", "participants_per_1000_16",
             "gap_index", "underserved")  # fmt: skip


def build(database: Database, folder: Path, seed: int) -> None:
    """Houses of a few people and cut cells over the town, another tiling, and streets."""
    chance = random.Random(seed)
    halves(Desk(database, folder))
    with database.writing("test") as writer:
        source, run = writer.execute(text("SELECT source_id, id FROM okruga.import_run ORDER BY id LIMIT 1")).one()
        for number in range(24):
            x, y = chance.uniform(20, 2900), chance.uniform(20, 1900)
            people = chance.choice((2, 3, 4, 7, 30, 60))
            shape = HERE.degrees(rectangle(x, y, x + chance.uniform(5, 120), y + chance.uniform(5, 120)))
            insert(
                writer, "population_cell", cell_key=f"house {number}", year=2024, residents=people,
                residents_16=max(people - 1, 1), geom__geom=shape, area_m2=100.0, source_id=source, import_run_id=run,
            )  # fmt: skip
        # one count of people for both years: only the projects, TOS and borders change between them
        writer.execute(text("DELETE FROM okruga.population_cell WHERE year <> 2024"))
        lay_grid(writer, source, run)
        writer.execute(text("UPDATE okruga.entry SET theme = 'environment' WHERE id IN ("
                            "SELECT id FROM okruga.entry WHERE register = 'project' ORDER BY id LIMIT 3)"))  # fmt: skip
    settle(database)


def lay_grid(writer: Any, source: int, run: int) -> None:
    """Streets every 500 m, so that a walk is longer than a straight line."""

    def node(i: int, j: int) -> tuple[int, float, float]:
        place = at(500 * i + 3, 500 * j + 3)
        return 100 * i + j + 1, float(place["lon"]), float(place["lat"])  # type: ignore[arg-type]

    east = [[node(i, j) for i in range(7)] for j in range(5)]
    north = [[node(i, j) for j in range(5)] for i in range(7)]
    save_streets(writer, graph_of([*east, *north]), source_id=source, import_run_id=run)


def asked() -> Iterator[str]:
    """Every public number that is made of residents of cells."""
    for kind, year in product(KINDS, YEARS):
        where = f"kind={kind}&period={year}"
        yield from (f"/api/indicators/{measure}?{where}" for measure in (*COVERED, *OF_PEOPLE))
        for measure, by, theme in product(WALKED, ("line", "foot"), ("", "landscaping", "environment")):
            if not theme or measure not in ACCESS_FORMS:
                yield f"/api/indicators/{measure}?{where}&by={by}" + (f"&theme={theme}" if theme else "")
        for metres, by in product((100, 300, 1000), ("line", "foot")):
            yield f"/api/indicators/within_distance_share?{where}&by={by}&distance={metres}"


def collected(client: TestClient, addresses: list[str]) -> dict[str, Any]:
    """What each address tells, to the last digit."""
    found = {}
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        found[address] = {name: part for name, part in answer.json().items() if name != "data_version"}
    return found


def swaps(database: Database) -> list[tuple[int, int, int]]:
    """For each house of few people a second truth: (house, one more or fewer there, the cell that makes up for it)."""
    with database.writing("test") as connection:
        cells = load_cells(connection, 2024)
        ids = connection.scalars(text("SELECT id FROM okruga.population_cell WHERE year = 2024 ORDER BY id")).all()
    columns = (cells.residents, cells.residents_16)
    home = homes(cells.centres(), least_known(*columns), LIMIT)
    assert np.bincount(home, least_known(*columns))[home].min() >= LIMIT
    found = []
    for house in np.flatnonzero((least_known(*columns) > 0) & (cells.residents < LIMIT)).tolist():
        beside = [each for each in np.flatnonzero(home == home[house]).tolist() if each != house]
        second = [
            (house, step, other)
            for step, other in product((1, -1), beside)
            if credible(cells.residents, cells.residents_16, house, other, step)
            and (homes(cells.centres(), least_known(*swapped(columns, house, other, step)), LIMIT) == home).all()
        ]
        # as many as can be or as few: nothing else adds up, and the sum tells
        assert second or extreme(columns, [house, *beside]), f"cell {ids[house]} could be no other number"
        found += [(ids[house], step, ids[other]) for _, step, other in second[:1]]
    return found


def extreme(columns: tuple[Any, ...], group: list[int]) -> bool:
    """Whether some number of a group is the greatest or the least it can be, for a reader who knows which are few."""
    for people in (column[group] for column in columns):
        few = people < LIMIT
        if people.sum() == few.sum() + LIMIT * (~few).sum() or people.sum() == (LIMIT - 1) * len(group):
            return True
    return False


def swapped(columns: tuple[Any, ...], house: int, other: int, step: int) -> list[Any]:
    changed = [column.copy() for column in columns]
    for column in changed:
        column[house] += step
        column[other] -= step
    return changed


def credible(residents: Any, grown: Any, house: int, other: int, step: int) -> bool:
    """Whether nobody is left empty, and who is known to be few stays few."""
    for people in (residents, grown):
        for cell, change in ((house, step), (other, -step)):
            few, changed = people[cell] < LIMIT, people[cell] + change
            if changed < 1 or (changed < LIMIT) != few:
                return False
    return True


def move(database: Database, house: int, step: int, other: int) -> None:
    """One person (and one aged 16+) more in a house, one fewer in the other cell."""
    with database.writing("test") as writer:
        for cell, change in ((house, step), (other, -step)):
            writer.execute(
                text("UPDATE okruga.population_cell SET residents = residents + :change,"
                     " residents_16 = residents_16 + :change WHERE id = :cell"), {"cell": cell, "change": change},
            )  # fmt: skip
    settle(database)


def told_by(client: TestClient, database: Database, addresses: list[str], most: int) -> list[str]:
    """Addresses that read otherwise when the people of a house are others."""
    before, found = collected(client, addresses), []
    for house, step, other in swaps(database)[:most]:
        move(database, house, step, other)
        after = collected(client, addresses)
        found += [address for address in addresses if before[address] != after[address]]
        move(database, house, -step, other)
    return found


def small_differences(told: dict[str, Any], limit: int = LIMIT) -> list[str]:
    """Filters of one area and distance, one holding the other, that differ by a few people."""
    by_area: dict[tuple[object, ...], dict[tuple[int, str, str], float]] = {}
    for answer in told.values():
        if answer["measure"] in ("within_distance_share", "tos_population_share"):
            filters = (int(answer["period"]), answer["by"] or "", answer["theme"] or "")
            for row in answer["rows"]:
                if row["numerator"] is not None:
                    area = (answer["measure"], row["boundary"], answer["distance_m"])
                    by_area.setdefault(area, {})[filters] = row["numerator"]
    assert len(by_area) > 20
    return [
        f"{area}: {one} minus {other}"
        for area, numbers in by_area.items()
        for one, other in product(numbers, repeat=2)
        if differ_in_one(one, other) and 0.5 <= numbers[one] - numbers[other] < limit - 1e-6
    ]


def differ_in_one(one: tuple[int, str, str], other: tuple[int, str, str]) -> bool:
    """Whether only the year, or only the way of measuring, or only the theme (one of them being all) is another."""
    apart = [at for at in range(3) if one[at] != other[at]]
    return len(apart) == 1 and (apart != [2] or "" in (one[2], other[2]))


@pytest.fixture
def of_houses(own_town: Database, own_client: TestClient, tmp_path: Path) -> TestClient:
    build(own_town, tmp_path, 11)
    return own_client


def test_nobody_can_tell_who_lives_in_a_house(of_houses: TestClient, own_town: Database) -> None:
    addresses = list(asked())
    assert told_by(of_houses, own_town, random.Random(5).sample(addresses, 160), 1) == []
    assert small_differences(collected(of_houses, addresses)) == []


def test_the_attack_would_find_it(of_houses: TestClient, own_town: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted house by house, territories, TOS, distances and catchments tell."""
    monkeypatch.setattr(cells_module, "together", lambda cells, _small: cells)
    with own_town.writing("test") as writer:
        rebuild(writer)
    some = [each for each in asked() if "kind=civic_district&period=2024" in each]
    found = told_by(of_houses, own_town, some, 3)
    assert {"within_distance_share", "access_score"} <= {each.split("?")[0].split("/")[-1] for each in found}


def test_people_are_moved_and_none_lost(of_houses: TestClient, own_town: Database) -> None:
    with own_town.writing("test") as connection:
        single, together = load_cells(connection, 2024), Vintages(connection).of(2024)
    assert together is not None
    for one, other in ((single.residents, together.residents), (single.residents_16, together.residents_16)):
        assert np.nansum(one) == np.nansum(other)
    assert np.nanmin(np.where(together.residents > 0, together.residents, np.nan)) >= LIMIT


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(12))
def test_of_many_towns_nothing_can_be_worked_out(
    seed: int, own_town: Database, own_client: TestClient, tmp_path: Path
) -> None:
    """Towns and filters made up at random: residents as above, participants by the programme of the patient reader."""
    from tests.api.patient_reader import Reader, counted

    chance = random.Random(seed)
    build(own_town, tmp_path, seed)
    Desk(own_town, tmp_path).rows("events", small_events(seed, chance.randint(8, 80)))
    settle(own_town)
    addresses = list(asked())
    assert told_by(own_client, own_town, chance.sample(addresses, 150), 4) == []
    assert small_differences(collected(own_client, addresses)) == []
    reader = Reader(own_client, counted(own_town))
    themes = tuple(chance.sample(THEMES, chance.randint(1, 3)))
    reader.collect((2024,), tuple(chance.sample(KINDS, chance.randint(2, 6))), themes, crossed=themes[:1])
    assert (reader.exposed(), reader.small_differences()) == ([], [])
