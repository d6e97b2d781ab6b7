"""Are the published figures of the founding programmes there as printed, and do they follow from their inputs?"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from geo.analysis.published import Agreement, check, implied_base
from geo.demo import programmes
from geo.demo.files import sha256
from geo.vocabulary import CountQualifier, OrganisationKind, PopulationBase, Theme


def rows(name: str) -> list[dict[str, str]]:
    with (programmes.FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


FIGURES = {row["id"]: row for row in rows("observations.csv")}
# computed by hand from the printed inputs, to four decimals
COMPUTED = {
    "ppmi-2023-share": (24.3532, Agreement.EXACT),
    "ppmi-2023-digital-reach": (0.2075, Agreement.TRUNCATED),
    "ppmi-2023-digital-16": (0.0505, Agreement.EXACT),
    "ppmi-2024-share": (14.7319, Agreement.EXACT),
    "ppmi-2024-digital-reach": (10.1453, Agreement.TRUNCATED),
    "ppmi-2024-digital-16": (1.4946, Agreement.EXACT),
}


@pytest.mark.parametrize("key", COMPUTED)
def test_percents_follow_from_numerator_and_base(key: str) -> None:
    row = FIGURES[key]
    found = check(row["as_published"], float(row["numerator"]), float(row["denominator"]))
    value, agreement = COMPUTED[key]
    assert found.computed == pytest.approx(value, abs=5e-5)
    assert found.agreement is agreement
    assert f"{row['value'].replace('.', ',')} %" == row["as_published"]


def test_the_base_of_kodinsk_is_bounded_not_stated() -> None:
    row = FIGURES["kodinsk-share"]
    assert row["denominator"] == "" and row["base"] == PopulationBase.RESIDENTS_OVER_16
    bounds = implied_base(int(row["numerator"]), row["as_published"], qualifier=CountQualifier(row["count_qualifier"]))
    assert (bounds.least, bounds.greatest) == (9821, 10521)
    assert "9 821" in row["note"] and "10 521" in row["note"]


def test_unpublished_shares_have_inputs_but_no_value() -> None:
    for key, share in (("ppmi-2024-digital-urban-share", 65.39), ("kg-services-approved-share", 49.61)):
        row = FIGURES[key]
        assert row["value"] == ""
        assert 100 * int(row["numerator"]) / int(row["denominator"]) == pytest.approx(share, abs=0.005)


def test_qualified_counts_keep_their_words() -> None:
    words = {"at_least": ("более",), "almost": ("почти",), "about": ("около", "106 млн")}
    for row in FIGURES.values():
        if row["count_qualifier"] != "exact":
            assert row["as_published"].startswith(words[row["count_qualifier"]])
    assert {row["count_qualifier"] for row in FIGURES.values()} <= set(CountQualifier.codes())
    assert all(row["locator"] for row in FIGURES.values())


def test_people_concerned_are_marked_as_never_summed() -> None:
    assert "не суммируется" in FIGURES["kg-monitored-people"]["note"]


def test_the_five_health_projects_are_placed_by_words() -> None:
    projects = rows("projects.csv")
    places: dict[str, list[str]] = {}
    for row in projects:
        places.setdefault(row["id"], []).append(row["settlement"])
    assert places["health-bolashak"] == ["Кирей", "Глядень", "Яровое"]
    assert places["health-dogs"] == ["Берёзовский"] and places["health-emva"] == ["Емва"]
    assert places["health-vorkuta-sport"] == places["health-vorkuta-pool"] == ["Воркута"]
    assert sum(key.startswith("health-") for key in places) == 5
    assert {row["theme"] for row in projects} <= set(Theme.codes())


def test_every_territory_that_is_referred_to_is_named() -> None:
    known = {code for territories in programmes.TERRITORIES.values() for code, *_ in territories}
    referred = {row["territory"] for row in FIGURES.values()} | {row["territory"] for row in rows("projects.csv")}
    for row in rows("organisations.csv"):
        assert row["organisation_kind"] in OrganisationKind.codes()
        referred |= set(row["territory"].split(";"))
    assert referred - {""} <= known
    parents = {parent for territories in programmes.TERRITORIES.values() for _, _, _, parent, _ in territories}
    assert parents - {""} <= known


def test_the_committed_files_are_what_the_code_writes(tmp_path: Path) -> None:
    programmes.write(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in programmes.FOLDER.iterdir())
    for name in names:
        assert (tmp_path / name).read_bytes() == (programmes.FOLDER / name).read_bytes(), name
    manifest = tomllib.loads((tmp_path / "manifest.toml").read_text())
    assert manifest["invented"] is False
    assert all(step["sha256"] == sha256(tmp_path / step["file"]) for step in manifest["names"] + manifest["load"])
