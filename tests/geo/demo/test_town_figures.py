"""Are the hand-worked figures of the model town right? A recount from the committed files with plain geometry.

Nothing of the product's analysis is used here, so that its tests and these figures cannot share a mistake.
"""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import wkt
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.demo import town
from geo.demo.files import sha256

FIGURES = tomllib.loads((town.FOLDER / "figures.toml").read_text())
DISTRICTS = ("d1", "d2", "d3", "d4", "d5")
DONE = ("completed", "reported")


def layer(name: str) -> gpd.GeoDataFrame:
    """A committed layer on the grid of metres."""
    return gpd.read_file(town.FOLDER / name).to_crs(town.HERE.epsg)


def rows(name: str) -> list[dict[str, str]]:
    with (town.FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def position(row: dict[str, str]) -> BaseGeometry | None:
    if row.get("wkt"):
        shape = wkt.loads(row["wkt"])
    elif row["lat"]:
        shape = Point(float(row["lon"]), float(row["lat"]))
    else:
        return None
    moved: BaseGeometry = gpd.GeoSeries([shape], crs=4326).to_crs(town.HERE.epsg).iloc[0]
    return moved


def on_day(value: object, default: str) -> date:
    """A date column: GDAL gives dates as timestamps, a missing one as NaT or nothing."""
    text = "" if value is None else str(value)[:10]
    return date.fromisoformat(default if text in ("", "NaT", "nan", "None") else text)


def valid(frame: gpd.GeoDataFrame, day: str) -> gpd.GeoDataFrame:
    """The features whose validity covers a day (both ends included)."""
    until = frame["valid_to"] if "valid_to" in frame else [None] * len(frame)
    return frame[
        [
            on_day(a, "0001-01-01") <= date.fromisoformat(day) <= on_day(b, "9999-12-31")
            for a, b in zip(frame["valid_from"], until, strict=True)
        ]
    ]


def shapes(day: str) -> dict[str, BaseGeometry]:
    """District shapes of a day, and the whole town."""
    name = "civic_district_until_2024-06-30.geojson" if day < "2024-07-01" else "civic_district.geojson"
    found = {row.code: row.geometry for row in valid(layer(name), day).itertuples()}
    assert sorted(found) == sorted(DISTRICTS)
    return found | {town.PARENT: layer("municipality.geojson").geometry.iloc[0]}


def cells(day: str) -> gpd.GeoDataFrame:
    frame = layer("population_cells.geojson")
    return frame[frame["year"] == int(day[:4])]


def active_union(day: str) -> BaseGeometry:
    frame = valid(layer("tos_territory.geojson"), day)
    counts = (frame["tos_status"] == "active") | (frame["tos_status"] == "dissolved")
    return shapely.union_all(frame[counts].geometry.values)


def quotient(numerator: float, denominator: float) -> float | str:
    return numerator / denominator if round(denominator) else "null"


def same(found: tuple[float, float], expected: dict[str, Any], relative: float = 1e-4) -> None:
    """Numerator, denominator and value agree with the hand-worked row."""
    assert found == pytest.approx((expected["numerator"], expected["denominator"]), rel=relative, abs=0.5)
    value = quotient(*found)
    assert value == (expected["value"] if value == "null" else pytest.approx(expected["value"], abs=1e-5))
    assert (expected["value"] == "null") == ("missing_reason" in expected)


@pytest.mark.parametrize("day", FIGURES["people"])
def test_population_rows_are_the_cells_of_the_district(day: str) -> None:
    """The stated totals equal the sums of the cells inside the boundaries of that day."""
    stated = {row["territory"]: row for row in rows("population.csv") if row["year"] == day[:4]}
    for code, shape in shapes(day).items():
        inside = cells(day)[cells(day).geometry.centroid.within(shape)]
        expected = FIGURES["people"][day][code]
        assert (int(inside["residents"].sum()), int(inside["residents_16"].sum())) == (
            expected["residents"], expected["residents_16"],
        )  # fmt: skip
        assert {base: int(stated[code][base]) for base in expected} == expected


@pytest.mark.parametrize("day", FIGURES["tos_population_share"])
def test_coverage_of_residents(day: str) -> None:
    union = active_union(day)
    for code, shape in shapes(day).items():
        here = cells(day)
        inside = here.geometry.intersection(shape)
        covered = (here["residents"] * inside.intersection(union).area / here.area).sum()
        known = (here["residents"] * inside.area / here.area).sum()
        same((covered, known), FIGURES["tos_population_share"][day][code])


@pytest.mark.parametrize("day", FIGURES["tos_area_share"])
def test_coverage_of_area(day: str) -> None:
    union = active_union(day)
    for code, shape in shapes(day).items():
        same((shape.intersection(union).area, shape.area), FIGURES["tos_area_share"][day][code])


def done_sites(day: str, theme: str) -> list[BaseGeometry]:
    done = [
        row for row in rows("projects.csv")
        if row["status"] in DONE and row["completed_on"] <= day and theme in ("any", row["theme"])
    ]  # fmt: skip
    return [site for row in done if (site := position(row)) is not None]


REACH = [
    (day, theme, distance)
    for day, themes in FIGURES["within_distance_share"].items()
    for theme, distances in themes.items()
    for distance in distances
]


@pytest.mark.parametrize(("day", "theme", "distance"), REACH)
def test_residents_within_reach_of_a_done_project(day: str, theme: str, distance: str) -> None:
    here = cells(day)
    centres = here.geometry.centroid
    sites = done_sites(day, theme)
    near = centres.apply(lambda centre: any(centre.distance(site) <= float(distance) for site in sites))
    for code, shape in shapes(day).items():
        inside = centres.within(shape)
        found = here["residents"][inside & near].sum(), here["residents"][inside].sum()
        same(found, FIGURES["within_distance_share"][day][theme][distance][code])


def test_no_distance_is_near_a_threshold() -> None:
    """A metre more or less of a projection moves nobody over 500 or 1,000 m."""
    centres = cells("2024-12-31").geometry.centroid
    distances = [centre.distance(site) for centre in centres for site in done_sites("2025-12-31", "any")]
    assert min(abs(d - edge) for d in distances for edge in (500, 1000)) > 5


def territory_of(row: dict[str, str], day: str) -> str:
    """The district a row counts in: its point's on that day, the stated one when there is no point."""
    site = position(row)
    if site is None:
        return row["territory"]
    inside = [code for code, shape in shapes(day).items() if code in DISTRICTS and shape.covers(site)]
    return inside[0] if inside else "outside"


def test_done_projects_by_district() -> None:
    day = "2024-12-31"
    done = [row for row in rows("projects.csv") if row["status"] in DONE and row["completed_on"] <= day]
    where = [territory_of(row, day) for row in done]
    expected = FIGURES["projects_done"][day]
    assert {code: where.count(code) for code in (*DISTRICTS, "outside")} == {
        code: expected[code] for code in (*DISTRICTS, "outside")
    }
    assert sum(position(row) is None for row in done) == expected["without_position"]
    assert len(done) - where.count("outside") == expected[town.PARENT]


@pytest.mark.parametrize("day", FIGURES["needs_answered_share"])
def test_needs_answered(day: str) -> None:
    by_project = {
        need
        for row in rows("projects.csv") if row["status"] in DONE and row["completed_on"] <= day
        for need in row["answers_needs"].split(";")
    }  # fmt: skip
    needs = [row for row in rows("needs.csv") if row["status"] != "rejected" and row["reported_on"] <= day]
    for code in (*DISTRICTS, town.PARENT):
        inside = DISTRICTS if code == town.PARENT else (code,)
        here = [row for row in needs if territory_of(row, day) in inside]
        linked = {row["id"] for row in here} & by_project
        stated = {row["id"] for row in here if row["status"] == "answered" and "" < row["answered_on"] <= day}
        expected = FIGURES["needs_answered_share"][day][code]
        same((len(linked | stated), len(here)), expected)
        assert (len(linked), len(stated)) == (expected["by_project"], expected["stated"])
        assert len(here) - len(linked | stated) == expected["open"]


@pytest.mark.parametrize("year", FIGURES["participants_per_1000_16"])
def test_participants_per_thousand(year: str) -> None:
    day = f"{year}-12-31"
    events = [row for row in rows("events.csv") if row["starts_on"][:4] == year]
    for code, expected in FIGURES["participants_per_1000_16"][year].items():
        here = [e for e in events if code == town.PARENT or (e["territory"] or territory_of(e, day)) == code]
        heads = sum(int(e["participants"]) for e in here)
        base = FIGURES["people"][day][code]["residents_16"]
        assert (heads, base, len(here)) == (expected["numerator"], expected["denominator"], expected["events"])
        value = "null" if not base else 1000 * heads / base
        assert value == (expected["value"] if value == "null" else pytest.approx(expected["value"], abs=1e-9))


@pytest.mark.parametrize("year", FIGURES["channels"])
def test_channel_mix(year: str) -> None:
    expected = FIGURES["channels"][year]
    events = [row for row in rows("events.csv") if row["starts_on"][:4] == year]
    known = [e for e in events if any(v for k, v in e.items() if k.startswith("channel_"))]
    uses: dict[str, int] = {}
    for event in known:
        for name, value in event.items():
            if name.startswith("channel_") and value:
                uses[name.removeprefix("channel_")] = uses.get(name.removeprefix("channel_"), 0) + int(value)
    assert uses == expected["uses"]
    assert (len(events), len(known)) == (expected["events"], expected["events_known"])
    assert sum(int(e["participants"]) for e in known) == expected["participants_known"]
    assert sum(uses.values()) == expected["uses_all"]
    analogue = {"face_to_face", "paper", "phone", "other"}
    digital = sum(count for name, count in uses.items() if name not in analogue)
    assert digital == expected["digital_uses"]
    assert digital / sum(uses.values()) == pytest.approx(expected["digital_mix"], abs=1e-9)


def test_the_districts_tile_the_town_before_and_after() -> None:
    for name in ("civic_district_until_2024-06-30.geojson", "civic_district.geojson"):
        frame = gpd.read_file(town.FOLDER / name)
        assert shapely.coverage_is_valid(frame.geometry.values)
        whole = gpd.read_file(town.FOLDER / "municipality.geojson").geometry.iloc[0]
        assert shapely.coverage_union_all(frame.geometry.values).equals(whole)


def test_the_committed_files_are_what_the_code_writes(tmp_path: Path) -> None:
    town.write(tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(path.name for path in town.FOLDER.iterdir() if path.name != "figures.toml")
    for name in written:
        assert (tmp_path / name).read_bytes() == (town.FOLDER / name).read_bytes(), name
    manifest = tomllib.loads((tmp_path / "manifest.toml").read_text())
    assert all(step["sha256"] == sha256(tmp_path / step["file"]) for step in manifest["load"])
    assert manifest["invented"] is True
