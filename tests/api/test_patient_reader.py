"""Can a reader who collects every public number of a town of small numbers work one of the hidden ones out?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geo.analysis import withheld
from geo.analysis.tally import settle
from geo.demo.town import HERE, PARENT, at, rectangle
from geo.store.engine import Database
from tests.api.patient_reader import Reader, counted
from tests.geo.ingest.making import Desk

YEAR = 2024
THEMES = ("landscaping", "environment", "culture_leisure")
KINDS = ("municipality", "civic_district", "electoral_district", "tos_territory", "microdistrict", "settlement")
CHANNELS = ("face_to_face", "vk", "telegram", "paper")


def small_events(seed: int, many: int) -> list[dict[str, object]]:
    """Events of few people all over the town, by one to three channels each, some over the whole town."""
    chance = random.Random(seed)
    rows: list[dict[str, object]] = []
    for number in range(many):
        used = chance.sample(CHANNELS, chance.choice((0, 1, 1, 2, 3)))
        uses = {f"channel_{each}": chance.choice((1, 2, 3, 4, 6, 9, 20, 60)) for each in used}
        people = sum(uses.values()) if uses else chance.choice((1, 2, 3, 4, 7, 12, 40, 90))
        inside = chance.random() < 0.9
        place = at(chance.uniform(10, 2990), chance.uniform(10, 990)) if inside else {"territory": PARENT}
        rows.append({
            "id": f"s{number}", "title": f"Встреча {number}", "event_kind": "residents_meeting",
            "starts_on": f"{YEAR}-06-{1 + number % 28:02}", "theme": chance.choice(THEMES),
            "participants": people + (2 if uses and chance.random() < 0.2 else 0), "count_qualifier": "exact",
            **uses, **place,
        })  # fmt: skip
    return rows


def halves(desk: Desk) -> None:
    """Electoral districts: another tiling of the same town, and a civic district that is one of them but for a yard."""
    shapes = {"e1": (0, 0, 1250, 1000), "e2": (1250, 0, 3000, 1000), "e3": (0, 1000, 2000, 2000)}
    desk.areas(
        [({"code": code, "name": f"Избирательный {code}", "valid_from": "2023-01-01"},
          HERE.degrees(rectangle(*corners))) for code, corners in shapes.items()],
        kind="electoral_district",
    )  # fmt: skip


@pytest.fixture
def few(own_town: Database, own_client: TestClient, tmp_path: Path) -> TestClient:
    desk = Desk(own_town, tmp_path)
    halves(desk)
    desk.rows("events", small_events(7, 60))
    settle(own_town)
    return own_client


def test_every_hidden_number_could_be_another(few: TestClient, own_town: Database) -> None:
    reader = Reader(few, counted(own_town))
    reader.collect((YEAR,), KINDS, THEMES, crossed=THEMES[:1])
    assert (reader.exposed(), reader.small_differences()) == ([], [])
    assert len(reader.secret) > 100
    assert len(reader.told) > 100


def kept_and_subtracted(database: Database, client: TestClient, folder: Path) -> Reader:
    """A reader who kept every number from before a list of events was loaded, beside those of today."""
    desk = Desk(database, folder)
    halves(desk)
    every = small_events(7, 60)
    pages = []
    for rows in (every[:40], every):
        desk.rows("events", rows)
        settle(database)
        pages.append(Reader(client, counted(database)))
        pages[-1].collect((YEAR,), KINDS[:4], THEMES)
    before, now = pages
    assert len(now.secret) > 100
    now.told |= before.told
    now.named |= before.named
    return now


def test_yesterdays_pages_tell_nothing_of_what_came_together(
    own_town: Database, own_client: TestClient, tmp_path: Path
) -> None:
    reader = kept_and_subtracted(own_town, own_client, tmp_path)
    assert (reader.exposed(), reader.small_differences()) == ([], [])


def test_shielded_by_what_was_shown_they_would(
    own_town: Database, own_client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withheld, "unseen", lambda _connection, _events: set())
    assert len(kept_and_subtracted(own_town, own_client, tmp_path).exposed()) > 5


def test_of_the_model_town_nothing_can_be_worked_out(client: TestClient, town: Database) -> None:
    reader = Reader(client, counted(town))
    reader.collect((2023, 2024), ("municipality", "civic_district", "tos_territory"), ("landscaping",))
    assert (reader.exposed(), reader.small_differences()) == ([], [])
    assert reader.secret
