"""Does what is written come back the same? Tables and shapes of every kind through every container."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo.ingest.readers import Limits, read
from geo.ingest.table import Table
from tests.fixtures.files import make

# what a cell of a list may hold: everything but the signs files cannot keep
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=30)
WORDS = st.text("абвгдежзиклмнопрстуфхцчшщьыъэюяABCxyz -«»,;\"'0123456789", min_size=1, max_size=12)
# the file is written anew for every example
ONE_FILE = [HealthCheck.function_scoped_fixture]
QUICK = settings(max_examples=60, suppress_health_check=ONE_FILE)
FEW = settings(max_examples=3, suppress_health_check=ONE_FILE)


def places() -> st.SearchStrategy[tuple[float, float]]:
    """Longitude and latitude with four digits."""
    pairs = st.tuples(st.integers(-1_799_000, 1_799_000), st.integers(-849_000, 849_000))
    return pairs.map(lambda pair: (pair[0] / 10_000, pair[1] / 10_000))


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Polygon:
    """A square with perhaps a hole."""
    west, south = draw(places())
    size = draw(st.integers(2, 100)) / 10_000
    hole = shapely.box(west + size / 4, south + size / 4, west + size / 2, south + size / 2).exterior
    return shapely.Polygon(
        shapely.box(west, south, west + size, south + size).exterior, [hole] if draw(st.booleans()) else []
    )


AREAS = st.one_of(polygons(), st.lists(polygons(), min_size=1, max_size=3).map(shapely.MultiPolygon))
SHAPES = st.one_of(
    AREAS,
    places().map(shapely.Point),
    st.lists(places(), min_size=1, max_size=4).map(shapely.MultiPoint),
    st.lists(places(), min_size=2, max_size=6).map(shapely.LineString),
)


def same_shapes(table: Table, shapes: list[BaseGeometry]) -> bool:
    assert table.geometry is not None
    return all(shapely.equals_exact(found, shape, 0) for found, shape in zip(table.geometry, shapes, strict=True))


@QUICK
@given(rows=st.lists(st.tuples(SHAPES, TEXT), min_size=1, max_size=8), by_line=st.booleans())
def test_geojson(rows: list[tuple[BaseGeometry, str]], by_line: bool, tmp_path: Path) -> None:
    path = tmp_path / "file.geojson"
    features = [{"type": "Feature", "properties": {"name": text}, "geometry": mapping(shape)} for shape, text in rows]
    whole = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text("\n".join(map(json.dumps, features)) if by_line else whole, encoding="utf-8")
    table = read(path, limits=Limits())
    assert table.frame["name"].tolist() == [text for _, text in rows]
    assert same_shapes(table, [shape for shape, _ in rows])
    assert set(table.findings.by_code()) <= {"lone_geometry"}


@QUICK
@given(rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=12), sign=st.sampled_from(",;\t|"))
def test_csv(rows: list[list[str]], sign: str, tmp_path: Path) -> None:
    """Every cell comes back, whatever it holds; rows of blanks only are no rows but keep their numbers."""
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=sign, quoting=csv.QUOTE_ALL)
        writer.writerow(["название", "тема", "адрес"])
        writer.writerows(rows)
    kept = {number: row for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)}
    if not kept:
        return
    table = read(path, delimiter=sign, limits=Limits())
    assert table.columns == ("название", "тема", "адрес")
    assert dict(zip(table.row_numbers.tolist(), table.frame.to_numpy().tolist(), strict=True)) == kept


@QUICK
@given(names=st.lists(WORDS, min_size=2, max_size=6), sign=st.sampled_from(",;\t|"))
def test_the_delimiter_is_found(names: list[str], sign: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=sign)
        writer.writerow(["id", "название", "широта", "долгота"])
        writer.writerows([f"N{at}", name, "51.5", "46.0"] for at, name in enumerate(names))
    table = read(path, limits=Limits())
    assert table.frame["название"].tolist() == names
    assert table.frame["долгота"].tolist() == ["46.0"] * len(names)


@FEW
@given(rows=st.lists(st.tuples(WORDS, st.integers(0, 10**9), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_xlsx(rows: list[tuple[str, int, float]], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["Название", "Число", "Доля"])
    for row in rows:
        page.append(["'" + row[0], *row[1:]])
    book.save(tmp_path / "list.xlsx")
    frame = read(tmp_path / "list.xlsx", limits=Limits()).frame
    assert frame["Название"].tolist() == ["'" + name for name, _, _ in rows]
    assert frame["Число"].tolist() == [str(number) for _, number, _ in rows]
    # the workbook itself keeps 16 digits
    assert [float(text) for text in frame["Доля"]] == pytest.approx([share for _, _, share in rows], rel=1e-15)


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "parquet"])
@FEW
@given(
    rows=st.lists(st.tuples(AREAS, WORDS, st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9)), min_size=1, max_size=8)
)
def test_containers(ending: str, rows: list[tuple[BaseGeometry, str, int, float]], tmp_path: Path) -> None:
    shapes: list[BaseGeometry] = [shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape, *_ in rows]
    columns = {"name": [row[1] for row in rows], "count": [row[2] for row in rows], "share": [row[3] for row in rows]}
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
    path = tmp_path / f"layer.{ending}"
    path.unlink(missing_ok=True)
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        make.write(frame, path, **({"SPATIAL_INDEX": "NO"} if ending == "fgb" else {}))
    table = read(path, limits=Limits())
    assert table.crs is not None
    assert table.crs.to_epsg() == 4326
    assert same_shapes(table, shapes)
    assert table.frame["name"].tolist() == columns["name"]
    assert [int(text) for text in table.frame["count"]] == columns["count"]
    assert [float(text) for text in table.frame["share"]] == columns["share"]
