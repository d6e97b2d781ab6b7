"""Does anything tell of people's health or hardship by a row, a place or a small area? Planted rows, every way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import h3
import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

from geo.analysis.tally import rebuild, settle
from geo.errors import BadInput
from geo.registers import REGISTERS
from geo.settings import Settings, settings
from geo.store.engine import Database
from geo.store.export import entries
from geo.store.migrate import upgrade
from geo.store.place import Placer
from geo.store.query import Filters
from geo.store.search import search
from geo.vocabulary import MissingReason
from maps.text import value as said
from tests.geo.world import insert, kept

SECRET = "Мыслете"
YEAR = 2024
DATED = {"begins_on": date(YEAR, 3, 1), "ends_on": date(YEAR, 4, 1)}


@dataclass
class Planted:
    """What was put into a TOS of the town, and the shape it lies in."""

    database: Database
    tos: str
    district: str
    point: shapely.Point
    ids: dict[str, int]
    before: dict[str, float]


def plant(connection: Connection, point: shapely.Point, register: str, title: str, **more: Any) -> int:
    """A published entry at an exact public place."""
    source, run = connection.execute(text("SELECT source_id, id FROM okruga.import_run ORDER BY id LIMIT 1")).one()
    common = {"source_id": source, "import_run_id": run}
    shared = {name: more.pop(name) for name in ("theme", "secondary_themes", "status") if name in more}
    entry = insert(
        connection, "entry", register=register, key=title, title=title, description=f"{title}, рядом",
        moderation_state="published", **shared, **DATED, **common,
    )  # fmt: skip
    insert(connection, register, entry_id=entry, **more)
    placed = Placer.load(connection).place(np.array([point], dtype=object)).ids(0)
    insert(
        connection, "place", entry_id=entry, register=register, geom__geom=point, public_geom__geom=point,
        match_level="house", certainty="inside", placed=placed, public_placed=placed, address=f"ул. {title}, 5",
        hex_8=h3.str_to_int(h3.latlng_to_cell(point.y, point.x, 8)), import_run_id=run,
    )  # fmt: skip
    return entry


def figure(client: TestClient, measure: str, code: str, **asked: object) -> dict[str, Any]:
    kind = "tos_territory" if code.startswith("t") else "civic_district"
    query = "&".join(f"{name}={value}" for name, value in {"kind": kind, **asked}.items())
    told = client.get(f"/api/indicators/{measure}?period={YEAR}&territory={code}&{query}&lang=en").json()
    (row,) = told["rows"]
    return {**row, "notes": told["notes"]}


@pytest.fixture
def planted(own_town: Database, own_client: TestClient) -> Planted:
    """Needs and an event of sensitive themes, and what stays as exact as ever beside them."""
    with own_town.writing("test") as connection:
        tos, district, shape = connection.execute(
            text(
                "SELECT t.code, d.code, ST_AsBinary(ST_PointOnSurface(t.geom)) FROM published.boundary t"
                " JOIN published.boundary d ON d.kind = 'civic_district'"
                " AND ST_Covers(d.geom, ST_PointOnSurface(t.geom))"
                " WHERE t.kind = 'tos_territory' AND t.valid @> CAST('2024-12-31' AS date) ORDER BY t.code LIMIT 1"
            )
        ).one()
    point = shapely.from_wkb(shape)
    before = {
        f"{measure} {code}": figure(own_client, measure, code)["value"] or 0
        for measure in ("needs_open", "participants") for code in (tos, district)
    }  # fmt: skip
    with own_town.writing("test") as connection:
        asked = {"status": "open", "priority": "high", "public_object": True}
        ids = {
            "need": plant(connection, point, "need", f"{SECRET} пандус", theme="rehabilitation", **asked),
            "second": plant(
                connection, point, "need", f"{SECRET} и фонарь", theme="street_lighting",
                secondary_themes=["social_support"], **asked,
            ),
            "event": plant(
                connection, point, "event", "Школа покоя", theme="psychosocial_wellbeing", event_kind="survey",
                participants=4321,
            ),
            "centre": plant(
                connection, point, "project", "Центр реабилитации", theme="rehabilitation", status="completed"
            ),
            "works": plant(connection, point, "project", "Пандусы", theme="rehabilitation", status="in_progress"),
            "plain": plant(connection, point, "need", "Нужен фонарь", theme="street_lighting", **asked),
        }  # fmt: skip
        connection.execute(
            text("INSERT INTO okruga.event_channel VALUES (:event, 'vk', 3210), (:event, 'paper', 1111)"), ids
        )
        connection.execute(text("INSERT INTO okruga.project_need VALUES (:works, :need), (:works, :plain)"), ids)
        connection.execute(
            text("INSERT INTO okruga.entry_territory (entry_id, territory_id, role) SELECT :need, id, 'about'"
                 " FROM okruga.territory WHERE code = :tos"), {**ids, "tos": tos},
        )  # fmt: skip
    settle(own_town)
    return Planted(own_town, tos, district, point, ids, before)


def test_no_address_gives_a_row_away(planted: Planted, own_client: TestClient) -> None:
    lon, lat = planted.point.x, planted.point.y
    needs = [planted.ids[name] for name in ("need", "second")]
    around = f"bbox={lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    asked = [
        "/api/needs?limit=1000", f"/api/needs?{around}", f"/api/needs?territory={planted.tos}",
        "/api/needs?theme=rehabilitation", f"/api/needs?q={SECRET}", "/data/needs", f"/data/needs?q={SECRET}",
        f"/api/near?lat={lat}&lon={lon}&radius_m=500", f"/near?lat={lat}&lon={lon}", f"/api/search?q={SECRET}",
        f"/api/projects/{planted.ids['works']}", f"/projects/{planted.ids['works']}",
        f"/districts/{planted.district}?period={YEAR}", f"/tos/{planted.tos}?period={YEAR}",
        *(f"/api/rows/{measure}?territory={code}&period={YEAR}"
          for measure in ("needs_open", "needs_without_project", "gap_index", "needs_answered_share")
          for code in (planted.tos, planted.district)),
        f"/data/needs?measure=needs_open&territory={planted.district}&period={YEAR}",
    ]  # fmt: skip
    for address in asked:
        answer = own_client.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
        assert SECRET not in answer.text.replace(f"={SECRET}", "").replace(f'value="{SECRET}"', ""), address
    for entry in needs:
        for address in (f"/api/needs/{entry}", f"/needs/{entry}", f"/api/card/need/{entry}"):
            assert own_client.get(address).status_code == 404, address
    project = own_client.get(f"/api/projects/{planted.ids['works']}").json()
    assert project["answers_needs"] == [planted.ids["plain"]]
    assert project["places"][0]["public_precision"] == "exact"


def test_tiles_hold_none_of_them(planted: Planted) -> None:
    with planted.database.reading() as connection:
        shown = set(connection.scalars(text("SELECT entry_id FROM published.place")))
    assert shown & set(planted.ids.values()) == {planted.ids[name] for name in ("event", "centre", "works", "plain")}


def test_no_public_view_holds_a_word_or_an_id(planted: Planted) -> None:
    """Whatever is made of the views later: there is nothing in them to be told."""
    needs = {planted.ids["need"], planted.ids["second"]}
    with planted.database.reading() as connection:
        views = connection.scalars(
            text("SELECT table_name FROM information_schema.views WHERE table_schema = 'published'")
        ).all()
        for view in views:
            found = connection.scalar(
                text(f"SELECT count(*) FROM published.{view} v WHERE CAST(v AS text) ~ :secret"), {"secret": SECRET}
            )
            assert found == 0, view
            columns = connection.scalars(
                text("SELECT column_name FROM information_schema.columns WHERE table_schema = 'published'"
                     " AND table_name = :view AND column_name = 'entry_id'"), {"view": view},
            ).all()  # fmt: skip
            for column in columns:
                assert not needs & set(connection.scalars(text(f"SELECT {column} FROM published.{view}"))), view
        assert len(views) > 20
        for register in REGISTERS:
            assert SECRET not in str([row for row, _ in entries(connection, register, Filters())])
        assert SECRET not in str(search(connection, SECRET))


def test_needs_are_counted_in_wide_areas_only(planted: Planted, own_client: TestClient) -> None:
    before = planted.before
    assert figure(own_client, "needs_open", planted.district)["value"] == before[f"needs_open {planted.district}"] + 3
    over_all = figure(own_client, "needs_open", planted.tos)
    assert over_all["value"] == before[f"needs_open {planted.tos}"] + 1
    assert any("health or hardship" in note for note in over_all["notes"])
    one = figure(own_client, "needs_open", planted.district, theme="rehabilitation")
    assert (one["value"], one["missing_reason"]) == (1, None)
    for measure in ("needs_open", "needs_open_per_1000", "needs_answered_share", "gap_index", "needs_without_project",
                    "underserved", "participants", "participants_per_1000_16", "hot_spot"):  # fmt: skip
        small = figure(own_client, measure, planted.tos, theme="rehabilitation")
        assert (small["value"], small["missing_reason"]) == (None, "sensitive"), measure
        assert small["numerator"] is None
        assert not any(part["value"] is not None for part in small["parts"].values()), measure
    built = figure(own_client, "projects_done_per_1000", planted.tos, theme="rehabilitation")
    assert built["numerator"] == 1
    rows = own_client.get(f"/api/rows/needs_open?territory={planted.district}&period={YEAR}").json()
    assert (rows["total"], rows["not_listed"]) == (before[f"needs_open {planted.district}"] + 3, 2)


def test_who_came_is_told_by_district_only(planted: Planted, own_client: TestClient) -> None:
    before, event = planted.before, planted.ids["event"]
    here = figure(own_client, "participants", planted.district)
    assert here["value"] == before[f"participants {planted.district}"] + 4321
    assert figure(own_client, "participants", planted.tos)["value"] == (before[f"participants {planted.tos}"])
    told = own_client.get(f"/api/events/{event}").json()
    assert (told["participants"], told["channels"]) == (None, {"vk": None, "paper": None})
    for address in (f"/events/{event}", f"/api/card/event/{event}", "/api/events?limit=1000",
                    f"/api/rows/participants?territory={planted.district}&period={YEAR}",
                    f"/api/rows/participants?territory={planted.tos}&period={YEAR}"):  # fmt: skip
        answer = own_client.get(address)
        assert answer.status_code == 200, address
        for row in answer.json().get("items", [answer.json()]) if address.startswith("/api/") else ():
            assert "4321" not in str(row) and "3210" not in str(row), address
        if not address.startswith("/api/"):
            assert not {"4321", "4 321", "4\u00a0321", "3210"} & set(answer.text.split())
    listed = own_client.get(f"/api/rows/participants?territory={planted.tos}&period={YEAR}").json()
    assert event not in [row["id"] for row in listed["items"]]


def test_hexagons_hold_none_of_them(planted: Planted, own_client: TestClient) -> None:
    with planted.database.reading() as connection:
        rows = connection.execute(
            text("SELECT b.kind, t.measure, t.theme FROM published.tally t LEFT JOIN published.boundary b"
                 " ON b.id = t.area_id WHERE t.theme IN ('rehabilitation', 'psychosocial_wellbeing')"
                 " AND t.measure ~ '^(needs|events|participants|channel)'")
        ).all()  # fmt: skip
    assert {row.kind for row in rows} <= {"municipality", "civic_district", "electoral_district", "settlement"}
    assert rows
    refused = own_client.get(f"/api/hexagons?counted=needs_reported&theme=rehabilitation&period={YEAR}")
    assert (refused.status_code, "health or hardship" in refused.text or "здоровье" in refused.text) == (422, True)
    for cell in (7, 8, 9):
        told = own_client.get(f"/api/values/needs_open?kind=hex_cell&cell={cell}&period={YEAR}&theme=rehabilitation")
        assert told.status_code == 200
        assert not any(value for value in told.json()["values"]), cell
        every = own_client.get(
            f"/api/gaps?measure=needs_open&kind=hex_cell&cell={cell}&period={YEAR}&limit=1000"
        ).json()
        index = h3.latlng_to_cell(planted.point.y, planted.point.x, cell)
        (here,) = [row["value"] for row in every["rows"] if row["territory"] == index]
        with planted.database.reading() as connection:
            near = connection.execute(
                text("SELECT ST_Y(p.geom), ST_X(p.geom) FROM published.place p JOIN published.need n"
                     " ON n.id = p.entry_id AND p.geom IS NOT NULL"
                     " WHERE n.status IN ('open', 'planned', 'in_progress')")
            ).all()  # fmt: skip
        assert here >= 1
        assert here <= sum(h3.latlng_to_cell(lat, lon, cell) == index for lat, lon in near), cell
    for measure in ("events_per_km2", "events_surface", "participants_surface"):
        told = own_client.get(f"/api/participation?measure={measure}&kind=hex_cell&period={YEAR}&lang=en").json()
        assert any("health or hardship" in note for note in told["notes"]), measure


def test_the_true_reason_stands_everywhere(planted: Planted, own_client: TestClient) -> None:
    """A figure of such a theme is not hidden for being small, and nowhere says so."""
    asked = f"period={YEAR}&kind=tos_territory&theme=rehabilitation&lang=en"
    words, wrong = "hidden: health or hardship", "hidden: small number"
    drawn = own_client.get(f"/api/values/needs_open?{asked}").json()
    assert set(drawn["classes"]) == {"h"}
    assert drawn["missing"] == {"sensitive": len(drawn["classes"])}
    csv = own_client.get(f"/api/gaps?measure=needs_open&{asked}&format=csv").text
    assert ",sensitive," in csv
    compared = own_client.get(f"/api/comparison?territory={planted.tos}&territory=t2&{asked}").json()
    reasons = {each["measure"]: {row["missing_reason"] for row in each["rows"]} for each in compared["measures"]}
    assert reasons["needs_open"] == reasons["participants_per_1000_16"] == {"sensitive"}
    for address in (f"/comparison?territory={planted.tos}&territory=t2&{asked}",
                    f"/data/needs?measure=needs_open&territory={planted.tos}&{asked}",
                    f"/tos/{planted.tos}?period={YEAR}&theme=rehabilitation&lang=en"):  # fmt: skip
        page = own_client.get(f"/en{address}")
        assert page.status_code == 200, address
        assert wrong not in page.text, address
        assert words in page.text or address.startswith("/tos"), address
    in_list = f"measure=participants&territory={planted.district}&period={YEAR}"
    rows = own_client.get(f"/api/rows/participants?{in_list}").json()["items"]
    assert {row["missing_reason"] for row in rows if row["id"] == planted.ids["event"]} == {"sensitive"}
    assert words in own_client.get(f"/en/data/events?{in_list}").text
    assert wrong not in own_client.get(f"/en/events/{planted.ids['event']}").text
    # what the command line and the passport print
    assert said(None, "count", "en", MissingReason.SENSITIVE) == words


def test_a_rebuild_and_other_themes_keep_the_rule(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is a setting: what it no longer names is public again after the next start, and the other way round."""
    with planted.database.writing("test") as connection:
        settled = kept(connection)
        rebuild(connection)
        assert kept(connection)["tally"] == settled["tally"]
    with_words(monkeypatch, "rehabilitation street_lighting")
    upgrade(planted.database.owner_url)
    settle(planted.database)
    with planted.database.reading() as connection:
        shown = set(connection.scalars(text("SELECT id FROM published.need")))
        heads = connection.scalar(
            text("SELECT participants FROM published.event WHERE id = :id"), {"id": planted.ids["event"]}
        )
    assert not shown & {planted.ids[name] for name in ("need", "second", "plain")}
    assert heads == 4321
    with_words(monkeypatch, "")
    upgrade(planted.database.owner_url)
    settle(planted.database)
    with planted.database.reading() as connection:
        assert {planted.ids[name] for name in ("need", "second", "plain")} <= set(
            connection.scalars(text("SELECT id FROM published.need"))
        )
        inside = connection.scalar(
            text("SELECT sum(t.amount) FROM published.tally t JOIN published.boundary b ON b.id = t.area_id"
                 " WHERE b.code = :tos AND t.theme = 'rehabilitation' AND t.measure = 'needs_reported'"),
            {"tos": planted.tos},
        )  # fmt: skip
    assert inside == 1


def with_words(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """The setting of this process."""
    monkeypatch.setenv("OKRUGA_SENSITIVE_THEMES", words)
    settings.cache_clear()


@pytest.fixture(autouse=True)
def settings_as_they_were() -> Iterator[None]:
    yield
    settings.cache_clear()


def test_the_setting_knows_its_themes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().sensitive == {"social_support", "rehabilitation", "psychosocial_wellbeing"}
    with_words(monkeypatch, "")
    assert settings().sensitive == frozenset()
    with_words(monkeypatch, "rehabilitation helth")
    with pytest.raises(BadInput, match="helth"):
        settings()
