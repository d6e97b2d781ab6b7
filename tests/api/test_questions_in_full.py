"""Are the further figures of the model town those worked out by hand, and do all ways out know them?

The town's lists are in data/boundaries/town: d1 has 4,000 residents, one project with 1,000,000 roubles (p1), three
needs that count of which one is open; d4 has no base organisation; d5 has no residents.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.analysis import comparison, siting, snapshots
from geo.analysis.measures import ACCESS_FORMS, MEASURES, OF_TERRITORIES, measure_of
from geo.analysis.published_checks import checked
from geo.analysis.questions import make_query
from geo.errors import BadInput, Conflict
from geo.store.engine import Database
from maps.assets import STATIC


def rows(client: TestClient, measure: str, more: str = "") -> dict[str, dict[str, Any]]:
    answer = client.get(f"/api/indicators/{measure}?period=2024&lang=en{more}")
    assert answer.status_code == 200, answer.text
    return {row["territory"]: row for row in answer.json()["rows"]}


def test_needs_that_no_project_takes_up(client: TestClient) -> None:
    """d1: n3; d2: n5 (its project was cancelled) and n6; d3: none; d4: n12 (n11 has p4 under way)."""
    found = rows(client, "needs_without_project")
    assert {code: row["value"] for code, row in found.items()} == {"d1": 1, "d2": 2, "d3": 0, "d4": 1, "d5": 0}
    assert found["d2"]["denominator"] == 4


def test_money_per_resident_leaves_labour_out(client: TestClient) -> None:
    """p1: 850,000 + 50,000 + 60,000 + 40,000 roubles in money, 15,000 in labour, over 4,000 residents."""
    found = rows(client, "money_per_resident")["d1"]
    assert found["value"] == pytest.approx(100_000_000 / 4000)
    assert found["parts"]["labour_RUB"]["value"] == 1_500_000
    assert rows(client, "money_per_resident")["d5"]["missing_reason"] == "no_residents"


def test_an_okrug_without_base_organisation_says_so(client: TestClient) -> None:
    found = rows(client, "base_organisations")
    assert (found["d1"]["value"], found["d4"]["value"]) == (1, 0)
    assert found["d4"]["reasons"]
    assert not found["d1"]["reasons"]


def test_the_rule_follows_the_visitors_limits(client: TestClient) -> None:
    """d2: 25 % under a TOS, 41.67 % within 500 m, three open needs."""
    usual = rows(client, "underserved")
    assert {code: row["value"] for code, row in usual.items()} == {"d1": 0, "d2": 1, "d3": 0, "d4": 1, "d5": None}
    assert usual["d5"]["missing_reason"] == "no_residents"
    assert len(usual["d2"]["reasons"]) == 2
    milder = rows(client, "underserved", "&reach_below=0.41&tos_below=0.25")
    assert milder["d2"]["class"] == "served"
    stricter = rows(client, "underserved", "&needs_from=4")
    assert stricter["d2"]["value"] == 0


def test_five_districts_are_too_few_for_an_index(client: TestClient) -> None:
    for measure in ("gap_index", "hot_spot", "local_moran"):
        answer = client.get(f"/api/gaps?measure={measure}&period=2024&lang=en").json()
        assert {row["value"] for row in answer["rows"]} == {None}
        assert any("Fewer than 8" in note for note in answer["notes"]), answer["notes"]
    sides = rows(client, "gap_index")["d2"]["parts"]
    assert sides["need"]["value"] is not None
    assert sides["supply"]["value"] is not None


def test_clusters_are_refused_in_counts(client: TestClient) -> None:
    answer = client.get("/api/gaps?measure=hot_spot&of=needs_open&lang=en")
    assert answer.status_code == 422
    assert "needs_open_per_1000" in answer.text


def test_smoothed_rates_lie_between_raw_and_mean(client: TestClient) -> None:
    found = rows(client, "smoothed_rate")
    known = [row for row in found.values() if row["value"] is not None]
    mean = 1000 * sum(row["numerator"] for row in known) / sum(row["denominator"] for row in known)
    for row in known:
        raw = row["parts"]["raw"]["value"]
        assert min(raw, mean) - 1e-9 <= row["value"] <= max(raw, mean) + 1e-9
    assert rows(client, "smoothed_rate")["d5"]["missing_reason"] == "no_residents"


def test_change_is_the_sum_of_its_effects(client: TestClient) -> None:
    """d1: 120 attendances in 2023, 320 in 2024; its border moved in between, so the earlier base is estimated."""
    found = rows(client, "participants_change", "&against=2023")
    parts = {name: part["value"] for name, part in found["d1"]["parts"].items()}
    assert parts["absolute"] == 200
    assert parts["rate_effect"] + parts["base_effect"] == pytest.approx(200)
    assert parts["second"] == pytest.approx(100)
    assert found["d1"]["estimated"]
    assert not found["d3"]["estimated"]


@pytest.mark.parametrize("measure", [measure.code for measure in OF_TERRITORIES])
def test_every_measure_is_in_every_way_out(client: TestClient, measure: str) -> None:
    question = measure_of(measure).question
    query = f"measure={measure}&period=2024"
    told = client.get(f"/api/{question}?{query}").json()
    values = {row["territory"]: row["value"] for row in told["rows"]}
    coloured = client.get(f"/api/values/{measure}?period=2024").json()
    assert dict(zip(coloured["codes"], coloured["values"], strict=True)) == values
    assert client.get(f"/map/{question}/table?{query}").status_code == 200
    assert told["method"]["chapter"].startswith("/docs/method/")
    assert client.get(told["method"]["chapter"]).status_code == 200
    assert told["sources"]


def test_comparison(client: TestClient) -> None:
    told = client.get("/api/comparison?territory=d2&territory=d1&period=2024&lang=en").json()
    assert [each["territory"] for each in told["territories"]] == ["d2", "d1"]
    assert [each["measure"] for each in told["measures"]] == [measure.code for measure in MEASURES]
    by_code = {each["measure"]: each for each in told["measures"]}
    coverage = by_code["tos_population_share"]
    assert [row["value"] for row in coverage["rows"]] == pytest.approx([0.25, 0.375])
    assert [(row["rank"], row["rank_low"]) for row in coverage["rows"]] == [(3, None), (2, None)]  # after d3: 100 %
    rate = by_code["participants_per_1000_16"]["rows"]
    assert all(row["rank_low"] <= row["rank"] <= row["rank_high"] <= row["ranked"] for row in rate)
    assert all(peer["territory"] not in {"d2"} for peer in told["peers"]["d2"])
    assert client.get("/api/comparison?territory=d1").status_code == 422
    assert client.get("/api/comparison?territory=d1&territory=nowhere").status_code == 404
    page = client.get("/comparison?territory=d2&territory=d1&period=2024").text
    assert "37,5" in page
    assert "<polyline" in page


def test_forms_of_catchments_are_compared(client: TestClient) -> None:
    """Each beside the others: in the table, over the years, with a place; over all themes whatever theme is asked."""
    query = "territory=d1&territory=d2&period=2024&theme=sport_physical_culture&lang=en"
    told = client.get(f"/api/comparison?{query}&measure=access_2sfca").json()
    forms = {each["measure"]: each for each in told["measures"] if each["form_of"] == "access_score"}
    assert list(forms) == list(ACCESS_FORMS)
    for code, each in forms.items():
        alone = {row["territory"]: row["value"] for row in rows(client, code).values()}
        assert [row["value"] for row in each["rows"]] == [alone["d1"], alone["d2"]]
        assert each["theme"] is None
        assert all(row["rank"] for row in each["rows"])
    years = {each["period"]: each["rows"] for each in told["detail"]["years"]}
    assert [row["value"] for row in years["2024"]] == [row["value"] for row in forms["access_2sfca"]["rows"]]
    page = client.get(f"/en/comparison?{query}&measure=access_2sfca").text
    assert page.count('<tr class="form">') == len(forms)
    closely = page.split('id="closely"')[1]
    assert "equal within 1 km (2SFCA)" in closely
    assert 'class="trend"' in closely
    catalogue = client.get("/api/indicators").json()["items"]
    assert {each["measure"] for each in catalogue if each["form_of"]} == set(forms)


def test_events_of_the_whole_town_are_spread_when_asked(client: TestClient) -> None:
    """d1 holds 320 of its own; of the town's 474 its 3,200 of 11,900 residents aged 16+ are worth 127.46."""
    found = rows(client, "participants_per_1000_16", "&town_events=residents_16")
    assert found["d1"]["value"] == pytest.approx((320 + 474 * 3200 / 11_900) / 3.2)
    assert found["d1"]["estimated"]
    query = "measure=participants_per_1000_16&period=2024&town_events=residents_16"
    coloured = client.get(f"/api/values/participants_per_1000_16?{query}").json()
    assert dict(zip(coloured["codes"], coloured["values"], strict=True))["d1"] == found["d1"]["value"]
    assert not any("belong to no single area" in note for note in coloured["notes"])
    page = client.get(f"/en/map/participation/table?{query}").text
    assert "town_events=residents_16" in page
    assert "474 participants" in page
    told = client.get(f"/api/rows/participants_per_1000_16?territory=d1&{query}").json()
    assert told["figure"]["value"] == found["d1"]["value"]
    assert sum(item["amount"] for item in told["items"]) == 320
    (choice,) = (
        each for each in client.get("/api/controls/participants").json()["controls"] if each["name"] == "town_events"
    )
    assert [each["code"] for each in choice["options"]] == ["apart", choice["options"][1]["code"]]
    assert client.get("/api/participation?town_events=everywhere").status_code == 422


def test_every_further_control_is_read_from_the_address(client: TestClient) -> None:
    listed = re.search(r"const FURTHER = \[(.*?)\]", (STATIC / "state.js").read_text("utf-8"), re.DOTALL)
    assert listed is not None
    offered = {
        control["name"]
        for measure in OF_TERRITORIES
        for control in client.get(f"/api/controls/{measure.code}").json()["controls"]
    }
    assert offered == set(re.findall(r'"(\w+)"', listed[1]))


def test_equity(client: TestClient) -> None:
    """Finished by the end of 2024: d1 one (p1), d2 two (p2, p10), d3 one (p5); residents 4,000, 6,000, 2,000, 3,000."""
    told = client.get("/api/equity?period=2024").json()
    points = {row["territory"]: row["value"] for row in told["rows"]}
    assert points == pytest.approx({
        "d1": 100 * (1 / 4 - 4 / 15), "d2": 100 * (2 / 4 - 6 / 15), "d3": 100 * (1 / 4 - 2 / 15), "d4": -100 * 3 / 15,
        "d5": 0,
    })  # fmt: skip
    assert told["hoover"]["value"] == pytest.approx((1 / 60 + 1 / 10 + 7 / 60 + 1 / 5) / 2)
    assert told["lorenz"]["people"][-1] == told["lorenz"]["resources"][-1] == 1
    money = client.get("/api/equity?period=2024&resource=money").json()
    assert all(row["interval_low"] is None for row in money["rows"])


def test_siting_and_what_if(client: TestClient, town: Database) -> None:
    told = client.get("/api/siting?period=2024&sites=2&distance=300").json()
    assert told["proven"]
    assert told["curve"] == sorted(told["curve"])
    assert told["curve"][-1] == told["before"] + sum(site["gain"] for site in told["sites"])
    points = "".join(f"&point={site['lat']},{site['lon']}" for site in told["sites"])
    supposed = client.get(f"/api/what-if?period=2024&distance=300{points}").json()
    assert supposed["newly_reached"] == told["reached"] - told["before"]
    before = {row["territory"]: row["parts"]["before"]["value"] for row in supposed["rows"]}
    now = {code: row["value"] for code, row in rows(client, "within_distance_share", "&distance=300").items()}
    assert before == pytest.approx(now, nan_ok=True)
    assert all(row["value"] is None or row["value"] >= before[row["territory"]] for row in supposed["rows"])
    assert client.get("/map/siting?point=91,0").status_code == 200
    with town.computing() as connection, pytest.raises(DBAPIError):
        connection.execute(text("DELETE FROM okruga.population_cell"))


def test_small_cells_are_counted_with_a_neighbour(own_town: Database) -> None:
    """Three people in a cell: no point of the visitor's changes an answer by three."""
    with own_town.writing("test") as writer:
        writer.execute(text(
            "UPDATE okruga.population_cell SET residents = 3 WHERE id ="
            " (SELECT min(id) FROM okruga.population_cell WHERE residents > 5 AND year = 2024)"
        ))  # fmt: skip
    with own_town.computing() as connection:
        here = siting.ground(connection, make_query(connection, "within_distance_share", period=2024))
    assert here.people.min() >= 5


def test_a_snapshot_stays_and_differences_show(own_town: Database) -> None:
    from geo.analysis.tally import settle

    with own_town.reading() as reader, own_town.writing("test") as writer:
        frozen = snapshots.take(reader, writer, period=2024, kind="civic_district", actor="test")
    assert frozen.code == "civic-district-2024"
    with own_town.reading() as reader:
        assert snapshots.differences(reader, frozen) == []
        with pytest.raises(Conflict), own_town.writing("test") as writer:
            snapshots.take(reader, writer, period=2024, kind="civic_district", actor="test")
        with pytest.raises(BadInput), own_town.writing("test") as writer:
            snapshots.take(reader, writer, period=2100, kind=None, actor="test")
    with pytest.raises(DBAPIError), own_town.writing("test") as writer:
        writer.execute(text("UPDATE okruga.snapshot SET answers = '[]'"))
    with own_town.writing("test") as writer:
        writer.execute(text("UPDATE okruga.entry SET status = 'rejected' WHERE register = 'need' AND key = 'n3'"))
    settle(own_town)
    with own_town.reading() as reader:
        found = snapshots.differences(reader, snapshots.get(reader, frozen.code))
    changed = {(each.measure, each.territory): each for each in found}
    assert (changed["needs_open", "d1"].frozen, changed["needs_open", "d1"].now) == (1, 0)
    assert ("needs_open", "d2") not in changed


@pytest.mark.parametrize(("measure", "word"), [
    ("access_score", "by=foot"), ("participants", "channel=vk"), ("underserved", "tos_below=0.4"),
    ("participants_change", "against=2023"), ("hot_spot", "of=projects_done_per_1000"),
    ("within_distance_share", "distance=300"),
])  # fmt: skip
def test_a_table_hands_on_how_it_was_asked(client: TestClient, measure: str, word: str) -> None:
    """Its file, and the rows behind each figure, are those of the very figures it shows."""
    page = client.get(f"/map/{measure_of(measure).question}/table?measure={measure}&period=2024&{word}").text
    links = [unescape(link) for link in re.findall(r'href="([^"]*)"', page)]
    (file,) = [link for link in links if "format=csv" in link]
    assert word in file
    assert client.get(file).status_code == 200
    rows = [link for link in links if "/data/" in link and "measure=" in link]
    assert all(word in link for link in rows)
    assert {client.get(link).status_code for link in rows} <= {200}
    # no streets, and too few districts for clusters: no figures
    assert rows or measure in ("access_score", "hot_spot")


def test_sources_are_those_of_what_was_counted(client: TestClient) -> None:
    """Boundaries, entries, cells or stated people: whose data a figure rests on."""
    asked = {"needs": "needs_open", "projects": "within_distance_share", "events": "participants_per_1000_16"}
    for register, code in asked.items():
        told = set(client.get(f"/api/indicators/{code}?period=2024").json()["sources"])
        items = client.get(f"/api/{register}?limit=1000").json()["items"]
        assert {item["source"] for item in items} & told, register


def test_events_of_the_whole_town_are_said(client: TestClient) -> None:
    """The town's own number is more than its districts add up to, and the answer says why."""
    told = client.get("/api/indicators/participants?period=2024&lang=en").json()
    districts = sum(row["numerator"] or 0 for row in told["rows"])
    assert told["whole"]["numerator"] > districts
    assert any("belong to no single area" in note for note in told["notes"])
    town = client.get("/api/indicators/participants?period=2024&kind=municipality&lang=en").json()
    assert not any("belong to no single area" in note for note in town["notes"])


def test_a_snapshot_outlives_its_territories(own_town: Database, own_client: TestClient) -> None:
    """Territories taken away below a snapshot: the figures stay at their address, and it says what is gone."""
    from geo.analysis.tally import settle

    with own_town.reading() as reader, own_town.writing("test") as writer:
        frozen = snapshots.take(reader, writer, period=2024, kind="civic_district", actor="test")
    assert [answer["measure"] for answer in frozen.answers] == [measure.code for measure in OF_TERRITORIES]
    before = {
        (answer["measure"], row["territory"]): row["value"] for answer in frozen.answers for row in answer["rows"]
    }
    with own_town.writing("test") as writer:
        writer.execute(text(
            "DELETE FROM okruga.boundary WHERE kind = 'civic_district'"
            " AND territory_id = (SELECT id FROM okruga.territory WHERE code = 'd5')"
        ))  # fmt: skip
    settle(own_town)
    told = own_client.get(f"/api/snapshots/{frozen.code}").json()
    gone = [each for each in told["differences"] if each["territory"] == "d5"]
    assert len(gone) == len(OF_TERRITORIES)
    assert {(each["now"], each["now_missing"]) for each in gone} == {(None, None)}
    with own_town.writing("test") as writer:
        writer.execute(text("DELETE FROM okruga.boundary WHERE kind = 'civic_district'"))
    settle(own_town)
    told = own_client.get(f"/api/snapshots/{frozen.code}").json()
    after = {
        (answer["measure"], row["territory"]): row["value"] for answer in told["answers"] for row in answer["rows"]
    }
    assert after == before
    assert len(told["differences"]) == len(before)
    page = own_client.get(f"/en/snapshots/{frozen.code}")
    assert page.status_code == 200
    assert "no boundary" in page.text


def test_only_stewards_freeze(own_client: TestClient) -> None:
    sent = {"period": "2024", "kind": "civic_district"}
    answer = own_client.post("/snapshots", data=sent, headers={"Origin": "http://localhost"})
    assert answer.status_code in (401, 403)
    assert own_client.get("/api/snapshots").json()["number_matched"] == 0
    assert own_client.get("/snapshots").status_code == 200


def test_hexagons_add_up_to_what_is_shown(client: TestClient) -> None:
    told = client.get("/api/hexagons?counted=projects_done&period=2024").json()
    assert told["features"]
    for each in told["features"]:
        properties = each["properties"]
        assert properties["value"] == pytest.approx(properties["count"] / properties["area_km2"])
    people = client.get("/api/hexagons?period=2024").json()
    assert all(each["properties"]["count"] is None or each["properties"]["count"] >= 5 for each in people["features"])


def test_published_figures_are_checked(client: TestClient, town: Database) -> None:
    told = client.get("/api/published?lang=en").json()
    assert told["number_matched"] == len(told["items"])
    with town.reading() as connection:
        assert len(checked(connection)) == told["number_matched"]
    assert all(item["agreement"] != "differs" for item in told["items"])


def test_ranks_do_not_depend_on_the_order_of_rows(client: TestClient, town: Database) -> None:
    from dataclasses import replace

    from geo.analysis.questions import ask

    measure = measure_of("participants_per_1000_16")
    with town.reading() as connection:
        answer = ask(connection, make_query(connection, measure.code, period=2024))
    both = (answer, replace(answer, rows=answer.rows[::-1]))
    one, other = (
        {row.territory: (row.rank, row.rank_low, row.rank_high) for row in comparison.with_ranks(measure, each).rows}
        for each in both
    )
    assert one == other


@pytest.mark.parametrize("limits", [f"tos_below={share}&reach_below={share}" for share in (0.1, 0.3, 0.5, 0.9)])
def test_moving_the_limits_tells_nothing_hidden(own_client: TestClient, own_town: Database, limits: str) -> None:
    """A district whose share is hidden is hidden under every rule that would need it."""
    from geo.analysis.tally import rebuild

    with own_town.writing("test") as writer:
        writer.execute(text(
            "UPDATE okruga.population_cell SET residents = 5 WHERE id IN ("
            "SELECT cell_id FROM okruga.population_cell_share s JOIN okruga.boundary b ON b.id = s.boundary_id"
            " JOIN okruga.territory t ON t.id = b.territory_id WHERE t.code = 'd3')"
        ))  # fmt: skip
        rebuild(writer)
    shares = rows(own_client, "tos_population_share")
    hidden = {code for code, row in shares.items() if row["missing_reason"] == "suppressed"}
    assert hidden
    for measure in ("uncovered_residents", "uncovered_share"):  # the same split of the same people
        assert {c for c, row in rows(own_client, measure).items() if row["missing_reason"] == "suppressed"} == hidden
    ruled = rows(own_client, "underserved", f"&{limits}&needs_from=0")
    for code in hidden:
        part = ruled[code]["parts"].get("tos_population_share")
        assert part is None or part["value"] is None
        assert not any("under a TOS" in reason for reason in ruled[code]["reasons"])


def test_the_comparison_looks_closely_at_a_measure(client: TestClient) -> None:
    """d1 and d2 moved their border in 2024: the years before are marked as not quite like for like."""
    query = "territory=d2&territory=d1&kind=civic_district&period=2025&measure=participants_per_1000_16"
    told = client.get(f"/api/comparison?{query}").json()
    years = {each["period"]: each["rows"] for each in told["detail"]["years"]}
    now = {each["measure"]: each["rows"] for each in told["measures"]}["participants_per_1000_16"]
    assert [row["value"] for row in years["2025"]] == [row["value"] for row in now]
    assert years["2023"][0]["boundary"] != years["2025"][0]["boundary"]
    for each in told["detail"]["themes"]:
        alone = rows(client, "participants_per_1000_16", f"&theme={each['theme']}&period=2025")
        assert [row["value"] for row in each["rows"]] == [alone[code]["value"] for code in ("d2", "d1")]
    page = client.get(f"/en/comparison?{query}").text
    for drawing in ("plan small", "ranks", "trend", "funnel"):
        svg = page.split(f'<svg class="{drawing}"')[1].split("</svg>")[0]
        assert 'role="img" aria-label="' in svg
        assert "nan" not in svg.lower()
    assert 'class="open"' in page
    assert page.count('class="area-') >= 2
    tos = client.get("/comparison?kind=tos_territory&territory=t1&territory=t2&period=2024")
    assert tos.status_code == 200
    assert "<figure>" in tos.text


@pytest.mark.parametrize("goal", ["everybody", "shortest_mean", "shortest_longest"])
def test_siting_for_other_goals(client: TestClient, goal: str) -> None:
    told = client.get(f"/api/siting?period=2024&sites=2&distance=300&goal={goal}&lang=en").json()
    assert told["goal"] == goal
    assert told["curve"] == sorted(told["curve"])
    if goal == "everybody":
        assert told["reached"] == told["residents"]
    else:
        assert len(told["sites"]) == 2
        assert told["after_m"] is None or told["before_m"] is None or told["after_m"] <= told["before_m"]
    assert ("not proven" in " ".join(told["notes"]).lower()) != told["proven"]
    assert client.get(f"/map/siting?period=2024&sites=2&distance=300&goal={goal}").status_code == 200
