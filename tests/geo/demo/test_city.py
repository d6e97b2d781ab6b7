"""Is every invented city a valid one? The committed city and small ones of other seeds pass the same checks."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.demo.city import COMMITTED_SEED
from geo.demo.city.districts import CHANGED_ON, LAST_OLD_DAY
from geo.demo.city.plan import Plan
from geo.demo.city.world import CITY, build
from geo.demo.city.write import write
from geo.demo.files import sha256
from geo.vocabulary import (
    Channel,
    CountQualifier,
    EventKind,
    EventMode,
    NeedPriority,
    NeedStatus,
    OrganisationKind,
    ProjectStatus,
    Theme,
    TosLevel,
    TosStatus,
)

COMMITTED = Path(__file__).parents[3] / "data" / "boundaries" / "city"
OLD, NEW = f"civic_district_until_{LAST_OLD_DAY}.geojson", "civic_district.geojson"
METRES = 32638


@dataclass(frozen=True)
class Written:
    """A city's folder and how large it is meant to be."""

    path: Path
    plan: Plan

    def layer(self, name: str) -> gpd.GeoDataFrame:
        return gpd.read_file(self.path / name)

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.path / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def shape(self) -> BaseGeometry:
        found: BaseGeometry = self.layer("municipality.geojson").geometry.iloc[0]
        return found


@pytest.fixture(scope="module", params=["committed", 2, 9])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    if request.param == "committed":
        return Written(COMMITTED, Plan(COMMITTED_SEED))
    plan = Plan(request.param, 0.2)
    path = tmp_path_factory.mktemp("city")
    write(build(plan), path)
    return Written(path, plan)


def numbers(rows: list[dict[str, str]], name: str) -> list[int]:
    return [int(row[name]) for row in rows if row[name]]


@pytest.mark.parametrize("name", [OLD, NEW])
def test_districts_tile_the_municipality(city: Written, name: str) -> None:
    shapes = city.layer(name).geometry.values
    assert all(shapely.is_valid(shapes)) and all(shape.geom_type == "Polygon" for shape in shapes)
    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_union_all(shapes).equals(city.shape())
    assert len(shapes) == city.plan.districts - (name == OLD)


def test_districts_look_like_districts(city: Written) -> None:
    """Many corners, no rectangle: borders follow the river, streets and the railway."""
    shapes = city.layer(NEW).to_crs(METRES).geometry.values
    assert np.median(shapely.get_num_coordinates(shapes)) >= 60
    filled = shapely.area(shapes) / shapely.area(shapely.minimum_rotated_rectangle(shapes))
    assert filled.max() < 0.95


def test_only_the_split_and_the_moved_districts_changed(city: Written) -> None:
    old, new = city.layer(OLD).set_index("code"), city.layer(NEW).set_index("code")
    same = {code for code in old.index if old.geometry[code].equals(new.geometry[code])}
    assert len(set(old.index) - same) == 3 and len(set(new.index) - set(old.index)) == 1
    ended = old.index[[str(day)[:10] == LAST_OLD_DAY for day in old["valid_to"]]]
    begun = new.index[[str(day)[:10] == CHANGED_ON for day in new["valid_from"]]]
    assert set(ended) == set(old.index) - same and set(begun) == set(new.index) - same


@pytest.mark.parametrize(("year", "name"), [(2023, OLD), (2024, OLD), (2025, NEW), (2026, NEW)])
def test_hexagons_sum_to_the_districts(city: Written, year: int, name: str) -> None:
    """Exactly by the centre of a hexagon, within a few people by the share of its area."""
    cells = [row for row in city.rows("population_cells.csv") if row["year"] == str(year)]
    shapes = shapely.polygons([[(lon, lat) for lat, lon in h3.cell_to_boundary(row["h3"])] for row in cells])
    centres = np.array([h3.cell_to_latlng(row["h3"])[::-1] for row in cells])
    stated = {row["territory"]: row for row in city.rows("population.csv") if row["year"] == str(year)}
    for base in ("residents", "residents_16"):
        people = np.array(numbers(cells, base))
        for district in city.layer(name).itertuples():
            inside = shapely.contains_xy(district.geometry, centres[:, 0], centres[:, 1])
            assert people[inside].sum() == int(stated[district.code][base])
            share = shapely.area(shapely.intersection(district.geometry, shapes)) / shapely.area(shapes)
            assert share @ people == pytest.approx(int(stated[district.code][base]), abs=12)
        assert people.sum() == int(stated[CITY][base])


def test_population_is_plausible(city: Written) -> None:
    rows = [row for row in city.rows("population.csv") if row["year"] == "2024"]
    whole = next(row for row in rows if row["territory"] == CITY)
    assert int(whole["residents"]) == pytest.approx(city.plan.residents, rel=0.001)
    for row in rows:
        residents, adults, voters = (int(row[base]) for base in ("residents", "residents_16", "voters"))
        assert 0.7 * residents < adults < 0.9 * residents and voters < adults
    assert all(int(cell["residents_16"]) <= int(cell["residents"]) for cell in city.rows("population_cells.csv"))


def test_tos_of_all_levels_and_statuses(city: Written) -> None:
    tos = city.layer("tos_territory.geojson")
    assert set(tos["tos_level"]) <= set(TosLevel.codes()) and set(tos["tos_status"]) <= set(TosStatus.codes())
    assert all(shapely.is_valid(tos.geometry.values))
    assert all(shapely.covers(city.shape().buffer(1e-6), tos.geometry.values))
    founding = tos[tos["tos_status"] == "founding"]
    assert (
        founding["charter_number"].isna().all() and tos[tos["tos_status"] == "active"]["charter_number"].notna().all()
    )
    if city.path == COMMITTED:
        assert len(tos) >= 60
        assert set(tos["tos_level"]) == set(TosLevel.codes()) and set(tos["tos_status"]) == set(TosStatus.codes())


def test_tos_overlap_only_where_it_is_documented(city: Written) -> None:
    tos = city.layer("tos_territory.geojson").to_crs(METRES)
    shapes, flaws = tos.geometry.values, tomllib.loads((city.path / "manifest.toml").read_text())["imperfections"]
    nested = set(zip(tos["code"], tos["parent"], strict=True))
    pairs = []
    for i, j in zip(*shapely.STRtree(shapes).query(shapes, predicate="intersects"), strict=True):
        codes = (tos["code"][i], tos["code"][j])
        if i < j and codes not in nested and codes[::-1] not in nested:
            pairs.append((float(shapely.area(shapely.intersection(shapes[i], shapes[j]))), i, j))
    overlapping = [(tos["name"][i], tos["name"][j]) for area, i, j in pairs if area > 100]
    assert sum("overlaps" in flaw for flaw in flaws) == len(overlapping)
    assert all(any(a in flaw and b in flaw for flaw in flaws) for a, b in overlapping)
    parts = tos["name"][[shape.geom_type == "MultiPolygon" for shape in shapes]]
    assert list(parts) == [flaw.split(":")[0] for flaw in flaws if "two parts" in flaw]


def test_microdistricts_lie_in_their_districts(city: Written) -> None:
    districts = city.layer(NEW).set_index("code").geometry
    quarters = city.layer("microdistrict.geojson")
    assert len(set(quarters["name"])) == len(quarters) > 2
    for quarter in quarters.itertuples():
        assert quarter.geometry.difference(districts[quarter.parent]).area < 0.02 * quarter.geometry.area


def test_projects_and_needs_use_the_vocabulary_and_agree(city: Written) -> None:
    projects, needs = city.rows("projects.csv"), city.rows("needs.csv")
    assert {row["theme"] for row in projects} | {row["theme"] for row in needs} <= set(Theme.codes())
    assert {row["status"] for row in projects} <= set(ProjectStatus.codes())
    assert {row["status"] for row in needs} <= set(NeedStatus.codes())
    assert {row["priority"] for row in needs} <= set(NeedPriority.codes())
    assert {row["channel"] for row in needs} <= set(Channel.codes())
    known = {row["id"]: row for row in needs}
    assert len(known) == len(needs) and len({row["id"] for row in projects}) == len(projects)
    for row in projects:
        for answered in filter(None, row["answers_needs"].split(";")):
            assert known[answered]["theme"] == row["theme"]
            assert known[answered]["status"] == "answered" or row["status"] not in ("completed", "reported")


def test_money_adds_up_and_dates_follow_each_other(city: Written) -> None:
    for row in city.rows("projects.csv"):
        money = [
            name for name in row if name.startswith("funding_") and name not in ("funding_in_kind", "funding_labour")
        ]
        assert sum(int(row[name]) for name in money if row[name]) == int(row["total_cost"] or 0)
        done = row["status"] in ("completed", "reported")
        assert bool(row["completed_on"]) == done
        assert not done or row["starts_on"] < row["completed_on"]
        assert not row["planned_to"] or row["planned_from"] < row["planned_to"]
    for row in city.rows("needs.csv"):
        assert not row["answered_on"] or row["reported_on"] <= row["answered_on"]


def test_most_places_are_inside_and_a_few_are_not(city: Written) -> None:
    shape = city.shape()
    for name in ("projects.csv", "needs.csv"):
        points = [(float(row["lon"]), float(row["lat"])) for row in city.rows(name) if row["lat"]]
        inside = shapely.contains_xy(shape, *np.array(points).T).mean()
        assert 0.93 < inside <= 1
        if city.path == COMMITTED:
            assert any(not row["lat"] and row["territory"] for row in city.rows(name))


def test_titles_are_varied(city: Written) -> None:
    """No title is heard again and again, hardly two begin alike, and English ones come with a part only."""
    for name in ("projects.csv", "needs.csv"):
        rows = city.rows(name)
        assert Counter(row["title"] for row in rows).most_common(1)[0][1] <= 3
        assert len({" ".join(row["title"].split()[:2]) for row in rows}) > (100 if city.path == COMMITTED else 55)
        assert 0.2 < sum(bool(row["title_en"]) for row in rows) / len(rows) < 0.8
        assert not any(mark in row["title"] + row["title_en"] for row in rows for mark in "{}[]|")


def test_addresses_are_those_of_the_gazetteer(city: Written) -> None:
    kinds = {
        "улица": "ул.",
        "проспект": "пр-т",
        "переулок": "пер.",
        "проезд": "пр-д",
        "бульвар": "б-р",
        "набережная": "наб.",
        "шоссе": "ш.",
    }
    streets = set()
    for row in city.rows("gazetteer/streets.csv"):
        streets.add(" ".join(kinds.get(word, word) for word in row["name"].split()))
    for row in city.rows("needs.csv"):
        address = row["address"].removeprefix("г. Тихореченск, ")
        if address and not address.startswith("д. "):
            assert address.rsplit(", ", 1)[0] in streets
    houses = city.rows("gazetteer/addresses.csv")
    assert len({(row["street"], row["housenumber"]) for row in houses}) > 0.99 * len(houses)


def test_events_count_heads_by_channel(city: Written) -> None:
    rows = city.rows("events.csv")
    channels = [name for name in rows[0] if name.startswith("channel_")]
    assert {name.removeprefix("channel_") for name in channels} <= set(Channel.codes())
    assert {row["event_kind"] for row in rows} <= set(EventKind.codes())
    assert {row["event_mode"] for row in rows} <= set(EventMode.codes())
    assert {row["count_qualifier"] for row in rows} <= set(CountQualifier.codes())
    for row in rows:
        known = numbers([row], "participants")
        uses = sum(int(row[name]) for name in channels if row[name])
        assert known and (uses == 0 or uses >= known[0])
        assert uses <= known[0] or row["unique_persons"] == "yes"
    assert {row["starts_on"][:4] for row in rows} == {"2023", "2024", "2025", "2026"}
    assert any(row["territory"] == CITY for row in rows)


def test_organisations_are_bodies_and_roles(city: Written) -> None:
    rows = city.rows("organisations.csv")
    assert {row["organisation_kind"] for row in rows} <= set(OrganisationKind.codes())
    served = {
        code for row in rows if row["organisation_kind"] == "base_organisation" for code in row["territory"].split(";")
    }
    districts = set(city.layer(NEW)["code"])
    assert served < districts and len(districts - served) == 3


def test_the_manifest_names_every_file_with_its_checksum(city: Written) -> None:
    manifest = tomllib.loads((city.path / "manifest.toml").read_text())
    assert manifest["invented"] is True and manifest["seed"] == city.plan.seed
    assert all(step["sha256"] == sha256(city.path / step["file"]) for step in manifest["load"])
    loaded = {step["file"] for step in manifest["load"]}
    present = {path.name for path in city.path.iterdir() if path.is_file()}
    assert present - loaded == {"manifest.toml"}
    assert (city.path / manifest["gazetteer"] / "addresses.csv").is_file()


def test_the_committed_city_is_small_enough_for_a_checkout() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*") if path.is_file()) < 6_000_000


def test_the_same_seed_gives_the_same_city_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        write(build(Plan(seed, 0.1)), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*") if path.is_file())
    assert all((tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)
    assert all(
        (tmp_path / "first" / name).read_bytes() != (tmp_path / "other" / name).read_bytes()
        for name in (OLD, NEW, "needs.csv", "projects.csv")
    )


@pytest.mark.full
def test_the_committed_city_is_the_one_of_its_seed(tmp_path: Path) -> None:
    """Written anew it has the same districts, streets and entries; last digits may differ between processors."""
    write(build(Plan(COMMITTED_SEED)), tmp_path)
    again, kept = Written(tmp_path, Plan(COMMITTED_SEED)), Written(COMMITTED, Plan(COMMITTED_SEED))
    ours, theirs = (city.layer(NEW).set_index("code").to_crs(METRES) for city in (again, kept))
    assert ours["name"].to_dict() == theirs["name"].to_dict()
    assert np.allclose(ours.geometry.area, theirs.geometry.area[ours.index], rtol=1e-3)
    for name, column in (("projects.csv", "title"), ("needs.csv", "title"), ("gazetteer/streets.csv", "name")):
        first, second = ({row[column] for row in city.rows(name)} for city in (again, kept))
        assert len(first & second) > 0.98 * len(second)
