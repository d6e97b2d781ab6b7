"""How does the new map differ from the old one? Which area passed from which territory to which other one.

Only what really moved is looked at: the part a territory lost against the part another one gained. From those parts
follow the words people use: merged, split, renamed, moved border. Each is told with its area and, where population
cells are loaded, the residents living there; successors are recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.errors import N_, Message
from geo.ingest.findings import Severity
from geo.ingest.outline import areas_m2
from geo.ingest.request import Work
from geo.store.share import shapes_of, shares

# parts of a territory below this are rounding of borders, not a change of them
LEAST_PART = 0.01
NEARLY_ALL = 0.9

MERGED = N_("{old} became part of {new}: {area} km², residents: {residents}.")
SPLIT = N_("A part of {old} is now {new}: {area} km², residents: {residents}.")
RENAMED = N_("{old} is now called {new}: {area} km², residents: {residents}.")
MOVED = N_("A part of {old} passed to {new}: {area} km², residents: {residents}.")
SENTENCES = {"merge": MERGED, "split": SPLIT, "rename": RENAMED, "transfer": MOVED}


class Place(Protocol):
    """A territory as far as differences are concerned."""

    id: int | None
    name: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A territory with its shape before and on the day (None: it did not or does not exist)."""

    territory: Place
    before: BaseGeometry | None
    after: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Succession:
    """`share` is the part of the old territory's area that passed."""

    old: Place
    new: Place
    kind: str
    day: date
    share: float


def describe(work: Work, day: date, pieces: list[Piece]) -> list[Succession]:
    """Successions of the day, each also as a finding; nothing when no area changed hands."""
    moves = passed(pieces)
    residents = residents_in(work.connection, [shape for _, _, shape in moves])
    found = []
    parts_of: dict[int, int] = {}
    for giver, _, _ in moves:
        parts_of[giver] = parts_of.get(giver, 0) + 1
    for (giver, taker, shape), people in zip(moves, residents, strict=True):
        old, new = pieces[giver], pieces[taker]
        share = shapely.area(shape) / shapely.area(old.before)
        kind = kind_of(old, new, shape, share, parts_of[giver])
        found.append(Succession(old.territory, new.territory, kind, day, round(float(share), 6)))
        work.find(
            Severity.INFO, kind, SENTENCES[kind], old=old.territory.name, new=new.territory.name,
            area=round(float(areas_m2(np.array([shape], object))[0]) / 1e6, 2),
            residents=Message(N_("not known")) if people is None else people,
        )  # fmt: skip
    return found


def passed(pieces: list[Piece]) -> list[tuple[int, int, BaseGeometry]]:
    """(giver, taker, shape) of every part that passed, as positions in the list; slivers are left out."""
    lost = [(i, remaining(p.before, p.after)) for i, p in enumerate(pieces) if p.before is not None]
    gained = [(i, remaining(p.after, p.before)) for i, p in enumerate(pieces) if p.after is not None]
    lost, gained = ([(i, s) for i, s in side if not s.is_empty] for side in (lost, gained))
    tree = shapely.STRtree([shape for _, shape in gained])
    moves = []
    for giver, shape in lost:
        for at in tree.query(shape, predicate="intersects").tolist():
            taker, other = gained[at]
            part = shapely.intersection(shape, other)
            smaller = min(shapely.area(pieces[giver].before), shapely.area(pieces[taker].after))
            if giver != taker and shapely.area(part) >= LEAST_PART * smaller:
                moves.append((giver, taker, part))
    return moves


def remaining(shape: BaseGeometry | None, without: BaseGeometry | None) -> BaseGeometry:
    """What of a shape is not in another one."""
    if shape is None:
        return shapely.Polygon()
    return shape if without is None else shapely.difference(shape, without)


def kind_of(old: Piece, new: Piece, shape: BaseGeometry, share: float, parts: int) -> str:
    """The word for a part that passed."""
    if old.after is None and parts == 1 and share >= NEARLY_ALL:
        whole = shapely.area(shape) >= NEARLY_ALL * shapely.area(new.after)
        return "rename" if new.before is None and whole else "merge"
    return "split" if old.after is None or new.before is None else "transfer"


def residents_in(connection: Connection, shapes: list[BaseGeometry]) -> list[int | None]:
    """Residents of each shape by the newest population cells; None without any cells there."""
    year = connection.scalar(text("SELECT max(year) FROM okruga.population_cell"))
    if year is None or not shapes:
        return [None] * len(shapes)
    ids = connection.execute(
        text(
            "SELECT id, residents FROM okruga.population_cell WHERE year = :year AND residents IS NOT NULL ORDER BY id"
        ),
        {"year": year},
    ).all()
    _, cells = shapes_of(connection, "population_cell", [row.id for row in ids])
    people: NDArray[np.float64] = np.array([row.residents for row in ids], float)
    cell, shape, share = shares(cells, np.array(shapes, object))
    totals = np.bincount(shape, weights=people[cell] * share, minlength=len(shapes))
    known = np.bincount(shape, minlength=len(shapes)) > 0
    return [round(float(total)) if any_there else None for total, any_there in zip(totals, known, strict=True)]
