"""Can a hidden number of people be worked out from what else is shown? The attacks a patient reader would try."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo.analysis.measures import OF_TERRITORIES
from geo.analysis.tally import settle
from geo.store.engine import Database
from geo.vocabulary import DIGITAL_CHANNELS, Channel, Theme

HEADS = (
    "participants", "participants_per_1000_16", "participants_per_1000_residents", "participants_per_1000_voters",
    "participants_per_km2", "smoothed_rate", "funnel_plot",
)  # fmt: skip
YEAR = "period=2024&kind=civic_district"


@pytest.fixture
def few(own_client: TestClient, own_town: Database) -> TestClient:
    """d1 gets events of two themes, one with three people; d3 an event with two users of a channel."""
    with own_town.writing("test") as writer:
        events = writer.execute(text(
            "SELECT e.id, b.code FROM okruga.entry e JOIN okruga.place p ON p.entry_id = e.id"
            " JOIN published.boundary b ON b.id = ANY (p.placed) AND b.kind = 'civic_district'"
            " AND b.valid @> DATE '2024-12-31'"
            " WHERE e.register = 'event' AND e.begins_on BETWEEN '2024-01-01' AND '2024-12-31' ORDER BY e.id"
        )).all()  # fmt: skip
        of_d1 = [row.id for row in events if row.code == "d1"]
        assert len(of_d1) > 1
        writer.execute(text("UPDATE okruga.entry SET theme = 'environment' WHERE id = :id"), {"id": of_d1[0]})
        writer.execute(text("UPDATE okruga.event SET participants = 3 WHERE entry_id = :id"), {"id": of_d1[0]})
        writer.execute(text("DELETE FROM okruga.event_channel WHERE entry_id = :id"), {"id": of_d1[0]})
        writer.execute(
            text("UPDATE okruga.entry SET theme = 'culture_leisure' WHERE id = ANY (:ids)"), {"ids": of_d1[1:]}
        )
        writer.execute(text(
            "UPDATE okruga.event_channel SET participants = 2 WHERE channel = 'vk' AND entry_id = ANY (:ids)"
        ), {"ids": [row.id for row in events]})  # fmt: skip
    settle(own_town)
    return own_client


def rows(client: TestClient, measure: str, more: str = "") -> dict[str, dict[str, Any]]:
    told = client.get(f"/api/indicators/{measure}?{YEAR}{more}")
    assert told.status_code == 200, told.text
    return {row["territory"]: row for row in told.json()["rows"]}


def hidden(found: dict[str, dict[str, Any]]) -> set[str]:
    return {code for code, row in found.items() if row["missing_reason"] == "suppressed"}


def test_what_one_filter_hides_no_difference_of_filters_tells(few: TestClient) -> None:
    """All themes minus the shown ones leaves one hidden theme alone in no district, nor over all districts."""
    whole = rows(few, "participants")
    by_theme = {theme: rows(few, "participants", f"&theme={theme}") for theme in Theme}
    assert hidden(by_theme[Theme.ENVIRONMENT])
    for code, row in whole.items():
        lone = [theme for theme, found in by_theme.items() if code in hidden(found)]
        assert row["value"] is None or len(lone) != 1, (code, lone)
    # the city's number of a theme would tell the district's
    told = few.get(f"/api/indicators/participants?{YEAR}&theme={Theme.ENVIRONMENT}").json()
    assert told["whole"]["value"] is None
    by_channel = {channel: rows(few, "participants", f"&channel={channel}") for channel in Channel}
    uses = rows(few, "digital_mix_share")
    for code in whole:
        alone = [channel for channel, found in by_channel.items() if code in hidden(found)]
        assert uses[code]["denominator"] is None or len(alone) != 1, (code, alone)


@pytest.mark.parametrize("more", ["", "&theme=environment", "&channel=vk", "&channel=face_to_face&theme=environment"])
def test_what_one_measure_hides_no_other_shows(few: TestClient, more: str) -> None:
    secret = hidden(rows(few, "participants", more))
    for measure in HEADS:
        found = rows(few, measure, more)
        for code in secret:
            assert found[code]["value"] is None, (measure, code)
            assert found[code]["numerator"] is None, (measure, code)
            assert all(part["numerator"] is None or part["unit"] == "count" for part in found[code]["parts"].values())


def test_shares_of_channels_hide_what_their_counts_hide(few: TestClient) -> None:
    for channel in Channel:
        secret = hidden(rows(few, "participants", f"&channel={channel}"))
        for measure in ("channel_mix_share", "channel_reach_share"):
            assert secret <= hidden(rows(few, measure, f"&channel={channel}")) | {
                code for code, row in rows(few, measure, f"&channel={channel}").items() if row["value"] is None
            }


def test_a_sum_of_channels_tells_no_single_one(few: TestClient) -> None:
    """Digital uses are known: beside them no digital channel, and no other, is the only hidden one."""
    secret = {channel: hidden(rows(few, "participants", f"&channel={channel}")) for channel in Channel}
    assert any(secret.values())
    for code, row in rows(few, "digital_mix_share").items():
        for digital in (True, False):
            lone = [each for each, codes in secret.items() if code in codes and (each in DIGITAL_CHANNELS) == digital]
            assert row["value"] is None or len(lone) != 1, (code, lone)


def test_every_way_out_hides_the_same(few: TestClient) -> None:
    theme = "theme=environment"
    secret = hidden(rows(few, "participants", f"&{theme}"))
    assert "d1" in secret
    query = f"measure=participants&{YEAR}&{theme}"
    table = csv.DictReader(io.StringIO(few.get(f"/api/participation?{query}&format=csv").text.lstrip("\ufeff")))
    assert {
        line["territory"] for line in table if not line["value"] and line["missing_reason"] == "suppressed"
    } == secret
    coloured = few.get(f"/api/values/participants?{YEAR}&{theme}").json()
    assert {c for c, letter in zip(coloured["codes"], coloured["classes"], strict=True) if letter == "s"} == secret
    told = few.get(f"/api/rows/participants?{YEAR}&{theme}&territory=d1").json()
    assert told["total"] is None
    assert {item["amount"] for item in told["items"]} == {None}
    page = few.get(f"/en/data/events?measure=participants&{YEAR}&{theme}&territory=d1").text
    assert ">3<" not in page
    compared = few.get(f"/api/comparison?territory=d1&territory=d2&{YEAR}&{theme}").json()
    by_code = {each["measure"]: each["rows"][0] for each in compared["measures"]}
    assert all(by_code[measure]["value"] is None for measure in HEADS)


def test_no_event_tells_a_few_people(few: TestClient) -> None:
    for event in few.get("/api/events?limit=1000").json()["items"]:
        heads = [event["participants"], *event["channels"].values()]
        assert not any(0 < (number or 0) < 5 for number in heads), event["title"]
    for measure in OF_TERRITORIES:
        if measure.register != "event":
            continue
        for code in ("d1", "d2", "d3"):
            told = few.get(f"/api/rows/{measure.code}?{YEAR}&territory={code}").json()
            # amounts are people where they add up; a row that counts as one event tells of nobody
            assert not told["adds"] or not any(0 < abs(item["amount"] or 0) < 5 for item in told["items"]), (
                measure.code, code,
            )  # fmt: skip
