"""Residents in: totals by territory, cells with their shares."""

from __future__ import annotations

from typing import Any

import h3
import pytest

from geo.errors import BadInput
from geo.vocabulary import TerritoryKind
from tests.geo.ingest.making import Desk, box, changes, codes, geojson


@pytest.fixture
def world(desk: Desk) -> Desk:
    desk.areas(
        [({"code": "a", "name": "Аткарский район"}, box(0, 1)), ({"code": "b", "name": "Балтайский район"}, box(1, 2))],
        "municipality",
    )
    return desk


def test_totals_by_name_year_and_base(world: Desk) -> None:
    loaded = world.rows("population", [
        {"территория": "Аткарский муниципальный район", "год": 2023, "население": "35 219", "жители 16+": "29000"},
        {"территория": "b", "год": 2023, "избиратели": 9000},
    ])  # fmt: skip
    assert changes(loaded) == (3, 0, 0, 0)
    rows = world.all(
        "SELECT t.code, p.year, p.base, p.people FROM okruga.population p JOIN okruga.territory t"
        " ON t.id = territory_id ORDER BY 1, 3"
    )
    assert [tuple(row) for row in rows] == [
        ("a", 2023, "residents", 35219), ("a", 2023, "residents_16", 29000), ("b", 2023, "voters", 9000),
    ]  # fmt: skip


def test_the_same_figures_again_and_a_changed_one(world: Desk) -> None:
    rows = [{"territory": "a", "year": 2023, "residents": 100}, {"territory": "b", "year": 2023, "residents": 200}]
    world.rows("population", rows)
    assert changes(world.rows("population", rows)) == (0, 0, 2, 0)
    changed = world.rows("population", [rows[0], {**rows[1], "residents": 201}], source="another")
    assert changes(changed) == (0, 1, 1, 0)
    assert "replaces_figure" in codes(changed)
    assert (
        world.one(
            "SELECT people FROM okruga.population p JOIN okruga.territory t ON t.id = territory_id WHERE code = 'b'"
        )
        == 201
    )


def test_unknown_and_ambiguous_names_are_refused_with_help(world: Desk) -> None:
    world.areas([({"code": "c", "name": "Балтайский район"}, box(50, 51))], "municipality", source="other oblast")
    loaded = world.rows("population", [
        {"territory": "Аткарск", "year": 2023, "residents": 1},
        {"territory": "Балтайский р-н", "year": 2023, "residents": 2},
    ])  # fmt: skip
    by_code = {f.code: f for f in loaded.report.findings}
    assert "Аткарский район" in str(by_code["unknown_territory"].remedy)
    assert "(b)" in str(by_code["ambiguous_territory"].message)
    assert "(c)" in str(by_code["ambiguous_territory"].message)
    assert loaded.report.rejected == 2
    assert changes(
        world.rows("population", [{"territory": "Балтайский р-н", "year": 2023, "residents": 2}], within="c")
    ) == (1, 0, 0, 0)


def test_contradicting_rows_are_refused(world: Desk) -> None:
    loaded = world.rows("population", [
        {"territory": "a", "year": 2023, "residents": 1},
        {"territory": "Аткарский район", "year": 2023, "residents": 2},
        {"territory": "a", "year": 2023, "residents": 1},
    ])  # fmt: skip
    assert loaded.report.findings.count("repeated_territory") == 1
    assert loaded.report.findings.count("repeated_row") == 1
    assert changes(loaded) == (1, 0, 0, 0)


CENSUS = [
    {"Объект": "Самарская область", "Всего": 3_000_000},
    {"Объект": "Балтайский муниципальный район", "Всего": 5},
    {"Объект": "Саратовская область", "Всего": 2_442_575},
    {"Объект": "Городское население", "Всего": 1_870_182},
    {"Объект": "Аткарский муниципальный район", "Всего": 35_219},
    {"Объект": "Аткарское сельское поселение", "Всего": 700},
    {"Объект": "Балтайский муниципальный район - сельское население", "Всего": 10_000},
    {"Объект": "Волгоградская область", "Всего": 2_500_000},
]


def test_a_section_of_a_census_table(world: Desk) -> None:
    asked: dict[str, Any] = {
        "fields": {"territory": "Объект", "residents": "Всего"},
        "constants": {"year": "2021"},
        "section": "Саратовская область",
    }
    loaded = world.rows("population", CENSUS, kind=None, **asked)
    assert changes(loaded) == (2, 0, 0, 0)
    assert (loaded.report.read, loaded.report.rejected) == (5, 0)
    assert "other_levels" in codes(loaded)
    assert [row.people for row in world.all("SELECT people FROM okruga.population ORDER BY people")] == [10_000, 35_219]


def test_cells_by_hexagon_index_are_shared_among_boundaries(world: Desk) -> None:
    centre = h3.latlng_to_cell(55.005, 37.01, 9)
    rows = [{"h3": cell, "year": 2024, "население": 10 + i} for i, cell in enumerate(sorted(h3.grid_disk(centre, 2)))]
    loaded = world.rows("population", rows)
    assert changes(loaded) == (19, 0, 0, 0)
    assert (
        world.one("SELECT count(*) FROM okruga.population_cell WHERE h3 IS NOT NULL AND GeometryType(geom) = 'POLYGON'")
        == 19
    )
    totals = world.all(
        "SELECT c.cell_key, sum(s.share) AS total FROM okruga.population_cell c"
        " JOIN okruga.population_cell_share s ON s.cell_id = c.id"
        " WHERE ST_Within(c.geom, ST_MakeEnvelope(37, 55, 37.02, 55.01, 4326)) GROUP BY 1"
    )
    assert len(totals) > 5
    assert [row.total for row in totals] == pytest.approx([1.0] * len(totals), abs=1e-9)
    assert changes(world.rows("population", rows)) == (0, 0, 19, 0)
    changed = world.rows("population", [{**rows[0], "население": 99}, *rows[1:]])
    assert changes(changed) == (0, 1, 18, 0)


def test_cells_may_be_any_shapes(world: Desk) -> None:
    file = geojson(world.path("geojson"), [
        ({"code": "k1", "year": 2024, "residents": 100, "residents_16": 80}, box(0.25, 1.25)),
        ({"code": "k1", "year": 2024, "residents": 7}, box(0, 1)),
    ])  # fmt: skip
    loaded = world.load(file, "population")
    assert changes(loaded) == (1, 0, 0, 0)
    assert next(f for f in loaded.report.findings if f.code == "duplicate_key").feature == 2
    shares = world.all(
        "SELECT t.code, s.share FROM okruga.population_cell_share s JOIN okruga.boundary b ON b.id = boundary_id"
        " JOIN okruga.territory t ON t.id = b.territory_id ORDER BY 1"
    )
    assert [row.share for row in shares] == pytest.approx([0.75, 0.25])
    assert world.one("SELECT area_m2 FROM okruga.population_cell") == pytest.approx(711_600, rel=0.01)


def test_the_boundaries_file_brings_its_people_too(desk: Desk) -> None:
    """Names and voters inside a file of shapes are totals of those territories, not cells."""
    rows = [({"data.name": "Округ № 1", "data.voters": "170190"}, box(0, 1)),
            ({"data.name": "Округ № 2", "data.voters": "165000"}, box(1, 2))]  # fmt: skip
    told = next(f for f in desk.areas(rows, "electoral_district").report.findings if f.code == "people_unused")
    assert "data.voters" in str(told.message)
    assert "--kind electoral_district" in str(told.remedy)
    loaded = desk.load(geojson(desk.path("geojson"), rows), "population", constants={"year": "2014"})
    assert changes(loaded) == (2, 0, 0, 0)
    assert [tuple(row) for row in desk.all("SELECT base, people FROM okruga.population ORDER BY people")] == [
        ("voters", 165_000), ("voters", 170_190),
    ]  # fmt: skip
    assert desk.count("okruga.population_cell") == 0


def test_shapes_with_a_code_alone_are_cells_unless_a_kind_is_named(world: Desk) -> None:
    file = geojson(world.path("geojson"), [({"code": "a", "year": 2024, "residents": 100}, box(0, 1))])
    assert "taken_for_cells" in codes(world.load(file, "population", commit=False))
    totals = world.load(file, "population", kind=TerritoryKind.MUNICIPALITY)
    assert changes(totals) == (1, 0, 0, 0)
    assert world.one("SELECT people FROM okruga.population") == 100


def test_a_heading_in_thousands_multiplies(world: Desk) -> None:
    loaded = world.rows("population", [
        {"округ": "a", "Численность населения, тыс. чел.": "12,5"},
        {"округ": "b", "Численность населения, тыс. чел.": "8"},
    ], constants={"year": "2025"})  # fmt: skip
    assert "units_of_heading" in codes(loaded)
    assert [row.people for row in world.all("SELECT people FROM okruga.population ORDER BY 1")] == [8_000, 12_500]


@pytest.mark.parametrize(("columns", "sentence", "remedy"), [
    ({"2023": 1, "2024": 2}, "side by side", "--map residents=2024 --set year=2024"),
    ({"год": 2024, "домов": 2}, "counts people", "--map residents=COLUMN"),
])  # fmt: skip
def test_a_table_without_people_says_what_to_do(
    world: Desk, columns: dict[str, int], sentence: str, remedy: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        world.rows(
            "population", [{"territory": "a", **columns}], constants={} if "год" in columns else {"year": "2024"}
        )
    assert sentence in str(refusal.value)
    assert remedy in str(refusal.value.remedy)
