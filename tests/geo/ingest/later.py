"""A later election's set made from an earlier one: what a redistricting does, with the truth about each change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import shapely

Shapes = dict[str, Any]


@dataclass
class Later:
    """The later shapes and names by code, and (kind, from code, to code) of every change that was made."""

    shapes: Shapes
    names: dict[str, str]
    truth: set[tuple[str, str, str]] = field(default_factory=set)


def redistricted(shapes: Shapes, names: dict[str, str]) -> Later:
    """One district split in two, two joined, a part passed to a neighbour, one renamed with a new code; rest as is."""
    later = Later(dict(shapes), dict(names))
    used: set[str] = set()
    split(later, free(later, used), used)
    join(later, *neighbours(later, used))
    pass_part(later, *neighbours(later, used))
    rename(later, free(later, used))
    return later


def free(later: Later, used: set[str]) -> str:
    """The largest district that nothing has happened to."""
    code = max((each for each in later.shapes if each not in used), key=lambda each: later.shapes[each].area)
    used.add(code)
    return code


def neighbours(later: Later, used: set[str]) -> tuple[str, str]:
    """Two untouched districts with the longest common border."""
    codes = [each for each in sorted(later.shapes) if each not in used]
    pairs = [
        (shapely.length(shapely.intersection(later.shapes[a], later.shapes[b])), a, b)
        for at, a in enumerate(codes)
        for b in codes[at + 1 :]
        if later.shapes[a].intersects(later.shapes[b])
    ]
    _, one, other = max(pairs)
    used |= {one, other}
    return one, other


def half(shape: Any) -> tuple[Any, Any]:
    """A shape cut in two at its centre, across its longer side."""
    west, south, east, north = shape.bounds
    middle = shape.centroid
    wide = east - west > north - south
    box = shapely.box(west, south, middle.x, north) if wide else shapely.box(west, south, east, middle.y)
    return shapely.intersection(shape, box), shapely.difference(shape, box)


def split(later: Later, code: str, used: set[str]) -> None:
    """The district keeps half of its land; a new one gets the other half."""
    kept, given = half(later.shapes[code])
    later.shapes[code] = kept
    later.shapes[f"{code}-new"], later.names[f"{code}-new"] = given, f"Новый из {code}"
    used.add(f"{code}-new")
    later.truth.add(("split", code, f"{code}-new"))


def join(later: Later, kept: str, gone: str) -> None:
    """One district takes the other in."""
    later.shapes[kept] = shapely.union(later.shapes[kept], later.shapes.pop(gone))
    later.truth.add(("merge", gone, kept))


def pass_part(later: Later, giver: str, taker: str) -> None:
    """Land of the giver near the taker passes to it."""
    near = later.shapes[taker].buffer(0.15 * later.shapes[giver].area ** 0.5)
    part = shapely.intersection(later.shapes[giver], near)
    later.shapes[giver] = shapely.difference(later.shapes[giver], part)
    later.shapes[taker] = shapely.union(later.shapes[taker], part)
    later.truth.add(("transfer", giver, taker))


def rename(later: Later, code: str) -> None:
    """The same land under another name and code."""
    later.shapes[f"{code}-renamed"], later.names[f"{code}-renamed"] = later.shapes.pop(code), f"Переименован из {code}"
    later.truth.add(("rename", code, f"{code}-renamed"))
