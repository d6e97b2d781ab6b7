"""In which files does the invented city reach the import pipeline? Shapes, lists, gazetteer and manifest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.demo.city import gazetteer
from geo.demo.city.chance import stream
from geo.demo.city.districts import CHANGED_ON, LAST_OLD_DAY
from geo.demo.city.events import events, published_figures
from geo.demo.city.names import latin
from geo.demo.city.needs import needs
from geo.demo.city.organisations import organisations
from geo.demo.city.people import YEARS, cells
from geo.demo.city.projects import projects
from geo.demo.city.tos import Tos, imperfections
from geo.demo.city.world import (
    CITY,
    CITY_NAME,
    CITY_NAME_EN,
    HERE,
    RIVER_NAME,
    City,
    district_code,
    quarter_code,
    tos_code,
    village_code,
)
from geo.demo.files import Folder, Load, Row

SINCE = "2022-09-01"
OLD_ACT, OLD_ACT_ON = f"Решение городской думы {CITY_NAME}а № 214", "2022-06-23"
NEW_ACT, NEW_ACT_ON = f"Решение городской думы {CITY_NAME}а № 97", "2025-05-29"
# lines of the backdrop and the words of the streets that make them
BACKDROP = (("rail", ("rail",)), ("stream", ("brook",)), ("main", ("bridge", "highway", "embankment", "main")))

Feature = tuple[Row, BaseGeometry]


def write(city: City, out: Path) -> Folder:
    """Write the city's folder and return it."""
    folder = Folder(
        out, f"Вымышленный город {CITY_NAME}", f"The invented city of {CITY_NAME_EN}", invented=True,
        source=f"Вымышленный город {CITY_NAME}: создан генератором Okruga",
        extra={
            "generator": f"python -m geo.demo.city --seed {city.plan.seed}", "seed": city.plan.seed,
            "size": city.plan.size, "gazetteer": "gazetteer",
            "imperfections": imperfections(city.tos),
        },
    )  # fmt: skip
    _shapes(city, folder)
    _population(city, folder)
    _entries(city, folder)
    _context(city, folder)
    _gazetteer(city, folder)
    folder.manifest()
    return folder


def _shapes(city: City, folder: Folder) -> None:
    layers: tuple[tuple[Load, Iterator[Feature]], ...] = (
        (Load("municipality.geojson", kind="municipality"), _municipality(city)),
        (Load("settlement.geojson", kind="settlement"), _settlements(city)),
        (Load(f"civic_district_until_{LAST_OLD_DAY}.geojson", kind="civic_district"), _old_districts(city)),
        (Load("civic_district.geojson", kind="civic_district",
              note=f"since {CHANGED_ON}: one district divided, one quarter moved, the rest unchanged"),
                  _new_districts(city)),
        (Load("microdistrict.geojson", kind="microdistrict"), _microdistricts(city)),
        (Load("tos_territory.geojson", kind="tos_territory"), _tos(city)),
    )  # fmt: skip
    for load, features in layers:
        folder.shapes(load, ((row, _degrees(shape)) for row, shape in features))


def _degrees(shape: BaseGeometry) -> BaseGeometry:
    """The shape in degrees, outer rings counter-clockwise; tiny self-touches from rounding are mended."""
    moved = HERE.degrees(shape)
    if not moved.is_valid:
        moved = shapely.make_valid(moved, method="structure", keep_collapsed=False)
    if isinstance(moved, MultiPolygon):
        return MultiPolygon([orient(part) for part in moved.geoms])
    return orient(moved) if isinstance(moved, Polygon) else moved


def _municipality(city: City) -> Iterator[Feature]:
    whole = shapely.coverage_union_all(city.new_outlines)
    yield {
        "code": CITY, "name": f"Городской округ {CITY_NAME}", "name_en": f"{CITY_NAME_EN} urban okrug",
        "municipality_form": "urban_okrug", "valid_from": "2006-01-01", "precision": "surveyed",
    }, whole  # fmt: skip


def _settlements(city: City) -> Iterator[Feature]:
    yield {
        "code": "th-gorod", "name": CITY_NAME, "name_en": CITY_NAME_EN, "parent": CITY, "valid_from": "2006-01-01",
        "precision": "approximate",
    }, city.town_shape  # fmt: skip
    for village in city.villages:
        name = city.village_names[village.number]
        yield {
            "code": village_code(name), "name": name, "name_en": latin(name),
            "parent": CITY if village.block is not None else "", "valid_from": "2006-01-01", "precision": "approximate",
        }, village.shape  # fmt: skip


def _district_row(city: City, number: int, changed: bool, old: bool) -> Row:
    name = city.district_names[number]
    fresh = changed and not old
    return {
        "code": district_code(number), "name": f"{name} округ", "name_en": f"{latin(name)} district", "parent": CITY,
        "number": number + 1, "precision": "surveyed", "valid_from": CHANGED_ON if fresh else SINCE,
        "valid_to": LAST_OLD_DAY if changed and old else "", "legal_act": NEW_ACT if fresh else OLD_ACT,
        "legal_act_on": NEW_ACT_ON if fresh else OLD_ACT_ON,
    }  # fmt: skip


def _changed(city: City) -> set[int]:
    return {*city.division.split, *city.division.moved}


def _old_districts(city: City) -> Iterator[Feature]:
    for number, shape in enumerate(city.old_outlines):
        yield _district_row(city, number, number in _changed(city), old=True), shape


def _new_districts(city: City) -> Iterator[Feature]:
    for number, shape in enumerate(city.new_outlines):
        yield _district_row(city, number, number in _changed(city), old=False), shape


def _microdistricts(city: City) -> Iterator[Feature]:
    for number, quarter in enumerate(city.quarters):
        plain = quarter.name[0].isdigit()
        yield {
            "code": quarter_code(number), "name": quarter.name if plain else f"Микрорайон «{quarter.name}»",
            "name_en": f"{latin(quarter.name)} microdistrict", "parent": district_code(quarter.district),
            "valid_from": CHANGED_ON if quarter.district in _changed(city) else SINCE, "precision": "approximate",
        }, quarter.shape  # fmt: skip


def _tos(city: City) -> Iterator[Feature]:
    for tos in city.tos:
        yield _tos_row(tos), tos.shape.intersection(_whole(city))


def _whole(city: City) -> Polygon:
    return city.skeleton.limit.buffer(-0.5)


def _tos_row(tos: Tos) -> Row:
    founded = tos.status != "founding"
    number = tos.number + 1
    acted = founded and tos.has_act
    return {
        "code": tos_code(tos.number), "name": tos.name, "name_en": tos.name_en,
        "parent": CITY if tos.inside is None else tos_code(tos.inside), "tos_level": tos.level,
        "tos_status": tos.status, "valid_from": tos.since, "valid_to": tos.until, "precision": tos.precision,
        "charter_number": f"{number:03d}-У" if founded else "", "charter_registered_on": tos.since if founded else "",
        "legal_act": f"Решение городской думы № {300 + 7 * number}" if acted else "",
        "legal_act_on": tos.since if acted else "",
    }  # fmt: skip


def _population(city: City, folder: Folder) -> None:
    rows: list[Row] = []
    for year in YEARS:
        district = city.districts(year)
        for number in range(max(district) + 1):
            blocks = [i for i, own in enumerate(district) if own == number]
            rows.append(_people_row(district_code(number), year, city.people.total(year, blocks)))
        sums = [
            sum(int(str(row[base])) for row in rows if row["year"] == year)
            for base in ("residents", "residents_16", "voters")
        ]
        rows.append(_people_row(CITY, year, (sums[0], sums[1], sums[2])))
    folder.rows(Load("population.csv", register="population"), rows)
    outlines = {False: [HERE.degrees(s) for s in city.old_outlines], True: [HERE.degrees(s) for s in city.new_outlines]}
    new = {year: city.districts(year) is city.division.new for year in YEARS}
    hexagons = cells(
        HERE, city.living_spots, city.people, {year: city.districts(year) for year in YEARS},
        {year: outlines[new[year]] for year in YEARS},
    )  # fmt: skip
    folder.rows(
        Load("population_cells.csv", register="population"),
        [{"h3": c.h3, "year": c.year, "residents": c.residents, "residents_16": c.residents_16} for c in hexagons],
    )


def _people_row(code: str, year: int, people: tuple[int, int, int]) -> Row:
    return {"territory": code, "year": year, "residents": people[0], "residents_16": people[1], "voters": people[2]}


def _entries(city: City, folder: Folder) -> None:
    chance = stream(city.plan.seed, "rows")
    asked = needs(city)
    made = projects(city, asked)
    happened = events(city)
    people = {year: city.people.total(year, range(len(city.land.blocks)))[:2] for year in YEARS}
    for register, rows in (
        ("organisations", organisations(city)),
        ("needs", [need.row(chance) for need in asked]),
        ("projects", [project.row(chance) for project in made]),
        ("events", happened),
        ("observations", published_figures(happened, people)),
    ):
        folder.rows(Load(f"{register}.csv", register=register), rows)


def _context(city: City, folder: Folder) -> None:
    """Water, parks, railway and main streets: the backdrop of the maps."""
    water = city.river.water.intersection(city.skeleton.limit.buffer(2500).envelope)
    features: list[Feature] = [({"kind": "water", "name": RIVER_NAME}, shapely.simplify(water, 4))]
    parks = shapely.coverage_union_all([b.shape for b in city.land.blocks if b.use in ("park", "forest")])
    features.append(({"kind": "green"}, shapely.simplify(parks.difference(city.river.water), 4)))
    for kind, words in BACKDROP:
        edges = [edge for edge in city.land.edges if edge.word in words]
        lines = [e.shape if e.word == "bridge" else e.shape.difference(city.river.water) for e in edges]
        joined = shapely.line_merge(shapely.unary_union([line for line in lines if not line.is_empty]))
        features.append(({"kind": kind}, shapely.simplify(joined, 4)))
    folder.shapes(
        Load("context.geojson", register="context"),
        ((row, HERE.degrees(shape)) for row, shape in features if not shape.is_empty),
    )


def _gazetteer(city: City, folder: Folder) -> None:
    lists = Folder(folder.path / "gazetteer", "", "", True, "")
    for name, rows in (
        ("addresses", gazetteer.addresses(city)), ("streets", gazetteer.streets(city)),
        ("pois", gazetteer.objects(city)), ("settlements", gazetteer.settlements(city)),
    ):  # fmt: skip
        lists.rows(Load(f"{name}.csv"), rows)
