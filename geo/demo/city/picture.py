"""What does the city look like? An SVG of land use, water, streets, borders and entries, to judge the generator by eye.

`python -m geo.demo.city.picture --seed N --out FILE.svg` needs nothing but shapely; any browser shows the file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.demo.city import COMMITTED_SEED
from geo.demo.city.needs import needs
from geo.demo.city.plan import Plan
from geo.demo.city.projects import projects
from geo.demo.city.world import City, build

LAND = {
    "centre": "#e9d3c3", "mid": "#ecdccb", "estate": "#e6d9d6", "new": "#e2d3e0", "private": "#f3ecd9",
    "industry": "#dcd8dd", "park": "#c4dfb4", "dacha": "#e4ebcf", "meadow": "#d5e8c8", "forest": "#b7d3a6",
    "field": "#f1efdf",
}  # fmt: skip
TOS = {"active": "#1a9850", "founding": "#e0b000", "suspended": "#f08000", "dissolved": "#909090"}
STREETS = {"local": 9, "collector": 16, "main": 26, "embankment": 26, "bridge": 38, "highway": 38}


def path(shape: BaseGeometry) -> str:
    """SVG path data of any line or area, north up."""
    return " ".join("M" + " ".join(f"{x:.0f},{-y:.0f}" for x, y in ring) for ring in rings(shape))


def rings(shape: BaseGeometry) -> Iterator[list[tuple[float, float]]]:
    """The rings and lines of any shape, parts of collections included."""
    lines: list[LineString] = []
    if isinstance(shape, Polygon):
        lines = [shape.exterior, *shape.interiors]
    elif isinstance(shape, LineString):
        lines = [shape]
    for part in getattr(shape, "geoms", ()):
        yield from rings(part)
    for line in lines:
        if not line.is_empty:
            yield [(x, y) for x, y in line.coords]


def draw(shapes: Iterable[BaseGeometry], **style: object) -> str:
    """One SVG path of many shapes in one style."""
    data = " ".join(path(shape) for shape in shapes)
    attributes = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in style.items())
    return f'<path d="{data}" fill-rule="evenodd" {attributes}/>'


def picture(city: City, width: int = 1600) -> str:
    """The whole city as SVG text."""
    west, south, east, north = city.skeleton.limit.buffer(500).bounds
    height = round(width * (north - south) / (east - west))
    body = "\n".join([*_ground(city), *_lines(city), *_borders(city), *_entries(city)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="{west:.0f} {-north:.0f} {east - west:.0f} {north - south:.0f}">\n'
        f'<rect x="{west:.0f}" y="{-north:.0f}" width="100%" height="100%" fill="#fbfaf5"/>\n{body}\n</svg>\n'
    )


def _ground(city: City) -> Iterator[str]:
    for use, colour in LAND.items():
        yield draw([block.shape for block in city.land.blocks if block.use == use], fill=colour)
    yield draw([city.river.water], fill="#9cc6e0")
    yield draw([village.shape for village in city.villages], fill="#ead2b0", stroke="#b89868", stroke_width=10)


def _lines(city: City) -> Iterator[str]:
    water = city.river.water
    for word, width in STREETS.items():
        shapes = [e.shape if word == "bridge" else e.shape.difference(water) for e in city.land.edges if e.word == word]
        yield draw(shapes, fill="none", stroke="#fbe3a0" if word == "highway" else "#fff", stroke_width=width)
    for word, colour, width in (("brook", "#8fbcd9", 26), ("rail", "#555", 16)):
        yield draw([e.shape for e in city.land.edges if e.word == word], fill="none", stroke=colour, stroke_width=width)


def _borders(city: City) -> Iterator[str]:
    for tos in city.tos:
        colour = TOS[tos.status]
        yield draw([tos.shape], fill=colour, fill_opacity=0.35, stroke=colour, stroke_width=12)
    yield draw(city.old_outlines, fill="none", stroke="#1040c0", stroke_width=22, stroke_dasharray="70 50")
    yield draw(city.new_outlines, fill="none", stroke="#701020", stroke_width=30)
    for name, shape in zip(city.district_names, city.new_outlines, strict=True):
        spot = shape.representative_point()
        place = f'x="{spot.x:.0f}" y="{-spot.y:.0f}" text-anchor="middle"'
        yield f'<text {place} font-size="230" font-family="sans-serif">{name}</text>'


def _entries(city: City) -> Iterator[str]:
    asked = needs(city)
    made = projects(city, asked)
    for places, colour in (([n.place for n in asked if n.place], "#c02040"), ([p.place for p in made], "#2050b0")):
        dots = "".join(f'<circle cx="{place.x:.0f}" cy="{-place.y:.0f}" r="32"/>' for place in places)
        yield f'<g fill="{colour}" fill-opacity="0.75">{dots}</g>'


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m geo.demo.city.picture", description="Draw an invented city.")
    parser.add_argument("--seed", type=int, default=COMMITTED_SEED)
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.write_text(picture(build(Plan(arguments.seed, arguments.size))), encoding="utf-8")


if __name__ == "__main__":
    main()
