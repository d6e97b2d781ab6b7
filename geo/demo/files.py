"""How are demo folders written? GeoJSON, CSV and a manifest, the same bytes for the same content on every machine.

A folder holds `<layer>.geojson` for shapes, `<list>.csv` (UTF-8, comma) for rows and `manifest.toml`, which says in
which order the ordinary import pipeline loads them. Nothing here knows the database: a demo folder is input like
any other.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pyproj import Transformer
from shapely import transform
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Grid:
    """Metres on a UTM grid to WGS 84 degrees, rounded: neighbours that share a grid corner share its digits."""

    epsg: int
    east: float = 0.0
    north: float = 0.0
    digits: int = 6

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """The shape (local metres from `east`, `north`) in longitude and latitude."""
        forward = _transformer(self.epsg)

        def move(corners: np.ndarray) -> np.ndarray:
            lon, lat = forward.transform(corners[:, 0] + self.east, corners[:, 1] + self.north)
            return np.round(np.column_stack([lon, lat]), self.digits)

        return transform(shape, move)

    def lat_lon(self, x: float, y: float) -> tuple[float, float]:
        """One local point as (latitude, longitude)."""
        lon, lat = _transformer(self.epsg).transform(x + self.east, y + self.north)
        return round(lat, self.digits), round(lon, self.digits)


_transformers: dict[int, Transformer] = {}


def _transformer(epsg: int) -> Transformer:
    if epsg not in _transformers:
        _transformers[epsg] = Transformer.from_crs(epsg, 4326, always_xy=True)
    return _transformers[epsg]


@dataclass(frozen=True, slots=True)
class Load:
    """One step of a manifest: `kind` for boundaries of that territory kind, `register` for lists.

    `table` "names" stands for territories that are known by name only: they are no boundaries to be loaded.
    """

    file: str
    kind: str = ""
    register: str = ""
    note: str = ""
    table: str = "load"


@dataclass(slots=True)
class Folder:
    """A demo folder being written; `steps` are loaded in the order in which they were added."""

    path: Path
    title: str
    title_en: str
    invented: bool
    source: str
    licence: str = "CC0-1.0"
    extra: Mapping[str, object] = field(default_factory=dict)
    steps: list[Load] = field(default_factory=list)

    def shapes(self, load: Load, features: Iterable[tuple[Row, BaseGeometry]]) -> None:
        """Write a GeoJSON layer (WGS 84, one feature per line so that differences stay readable)."""
        lines = ",\n".join(_feature(row, shape) for row, shape in features)
        self._write(load, f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n')

    def rows(self, load: Load, rows: Sequence[Row]) -> None:
        """Write a list as CSV; columns nobody fills are left out."""
        self._write(load, csv_text(rows))

    def _write(self, load: Load, text: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / load.file).write_bytes(text.encode())
        self.steps.append(load)

    def manifest(self) -> None:
        """Write manifest.toml: what this is, and how it is loaded."""
        head = {
            "title": self.title, "title_en": self.title_en, "invented": self.invented,
            "source": self.source, "licence": self.licence, **self.extra,
        }  # fmt: skip
        (self.path / "manifest.toml").write_bytes("\n".join(_manifest_lines(self.path, head, self.steps)).encode())


def csv_text(rows: Sequence[Row]) -> str:
    """Rows as CSV text: columns in order of first appearance, without those that are empty in every row."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in names if any(_filled(row, name) for row in rows)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def sha256(path: Path) -> str:
    """The checksum that the manifest states for a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _filled(row: Row, name: str) -> bool:
    return row.get(name) not in (None, "")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def _feature(row: Row, shape: BaseGeometry) -> str:
    properties = {name: value for name, value in row.items() if value not in (None, "")}
    feature = {"type": "Feature", "properties": properties, "geometry": mapping(shape)}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))


def _manifest_lines(path: Path, head: Mapping[str, object], steps: Iterable[Load]) -> Iterator[str]:
    yield from (f"{name} = {_toml(value)}" for name, value in head.items())
    for step in steps:
        yield ""
        yield f"[[{step.table}]]"
        yield f"file = {_toml(step.file)}"
        yield f"kind = {_toml(step.kind)}" if step.kind else f"register = {_toml(step.register)}"
        if step.file.endswith(".geojson"):
            yield 'crs = "EPSG:4326"'
        if step.note:
            yield f"note = {_toml(step.note)}"
        yield f"sha256 = {_toml(sha256(path / step.file))}"
    yield ""


def _toml(value: object) -> str:
    # JSON strings, numbers, booleans and flat lists are TOML as they are
    return json.dumps(value, ensure_ascii=False)
