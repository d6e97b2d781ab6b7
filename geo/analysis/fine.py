"""What stands in hexagons finer than districts? H3 cells as areas of a question: the same figures, the same rules.

Only measures that are counted where things are can be asked in cells (`Measure.cells`); people aged 16+ and other
bases are known by territory, not by cell. Resolution 8 (about 0.7 km²) is what the tally keeps. Things, which nobody's
number can be taken from, can be asked in 7 (about 5 km²) and 9 (0.1 km²) too; people only in 8 and over all themes and
channels together, because a coarser cell minus its parts, or all themes minus one, would show what is hidden.

Cells with nothing in them are left out: a city is mostly roofs and grass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import h3
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query
from geo.analysis.figure import NO_DATA, NO_OBJECTS, Unit
from geo.analysis.measures import Measure
from geo.analysis.shields import FIRST_HEXAGON
from geo.analysis.told import Told
from geo.errors import N_, BadInput, Message, NotFound

KEPT, COARSE, FINEST = 8, 7, 9
RESOLUTIONS = (COARSE, KEPT, FINEST)
# where an entry of a register stands in the tally at all
PRESENCE = {"event": "events", "need": "needs_reported", "project": "projects"}
EMPTY_LEFT_OUT = N_("Hexagons with nothing in them are not drawn.")

REFUSED = N_("The figure {measure} is not counted in hexagon cells.")
OF_TERRITORIES = N_("Choose a kind of territory, or one of: {known}.")
PEOPLE_TOGETHER = N_("In hexagon cells people are counted over all themes and channels together, in cells of one size.")
LEAVE_OUT = N_("Leave out theme, channel and cell size, or ask by district.")


def counts_people(measure: Measure) -> bool:
    """Whether the figure is made of heads, so that small cells must be hidden."""
    heads = measure.unit in (Unit.PEOPLE, Unit.PER_KM2) and measure.code.startswith("participants")
    return heads and measure.register == "event"


def check(query: Query, known: tuple[str, ...]) -> None:
    """Refuse what cells cannot answer, or must not. Raises BadInput."""
    measure = query.measure
    if not measure.cells:
        raise BadInput(REFUSED, remedy=OF_TERRITORIES, measure=measure.code, known=", ".join(known), field="kind")
    # a surface is made from what each event publishes about itself, so it cannot say more
    strict = counts_people(measure) and not measure.surface
    if strict and (query.theme or query.channel or query.cell != KEPT):
        raise BadInput(PEOPLE_TOGETHER, remedy=LEAVE_OUT, field="theme")


@dataclass(frozen=True)
class Hexagons(Areas):
    """H3 cells of one resolution running parallel; `boundary` holds the indexes, `code` their usual text form."""

    resolution: int = KEPT

    @classmethod
    def of(cls, connection: Connection, cells: NDArray[np.int64], day: date) -> Hexagons:
        """The given cells by index, each named after the territory its centre lies in."""
        found = np.unique(cells)
        codes = tuple(h3.int_to_str(int(each)) for each in found)
        names = named(connection, codes, day)
        resolution = h3.get_resolution(codes[0]) if codes else KEPT
        return cls(
            found, np.zeros(len(found), dtype=np.int64), codes, tuple(name for name, _ in names),
            tuple(by_language for _, by_language in names),
            np.array([h3.cell_area(code, unit="m^2") for code in codes], dtype=float), (None,) * len(found), (),
            resolution,
        )  # fmt: skip

    def summed(
        self, connection: Connection, measure: str, year: int, *, until: bool = False, theme: str | None = None,
        parts: tuple[str, ...] | list[str] = (),  # type: ignore[override]
    ) -> list[tuple[int, float]]:  # fmt: skip
        """(cell, amount): as kept, added up to coarser cells, or counted from the entries for finer ones."""
        if self.resolution == FINEST:
            return by_entry(connection, measure, year, until, theme, parts, set(self.boundary.tolist()))
        if self.resolution == KEPT:
            return super().summed(connection, measure, year, until=until, theme=theme, parts=parts)
        kept = replace(self, boundary=kept_cells(connection, [measure]), resolution=KEPT)
        found: dict[int, float] = {}
        for cell, amount in kept.summed(connection, measure, year, until=until, theme=theme, parts=parts):
            above = parent(cell, self.resolution)
            found[above] = found.get(above, 0.0) + amount
        return [(cell, amount) for cell, amount in found.items() if cell in self.position]


def hexagon_areas(connection: Connection, query: Query) -> Hexagons:
    """The cells a query is answered in: those that ever held anything of the measure's register."""
    presence = PRESENCE[query.measure.register]
    if query.cell == FINEST:
        found = positions(connection, presence)
        standing = np.array([cell_at(lat, lon) for _, lat, lon in found], dtype=np.int64)
        return Hexagons.of(connection, standing, query.day)
    cells = kept_cells(connection, [presence])
    if query.cell == COARSE:
        cells = np.array([parent(cell, COARSE) for cell in cells.tolist()], dtype=np.int64)
    return Hexagons.of(connection, cells, query.day)


def cell_named(connection: Connection, index: str) -> Hexagons:
    """One cell by its index. Raises NotFound for what is none, or of a size nothing is counted in."""
    if not h3.is_valid_cell(index) or h3.get_resolution(index) not in RESOLUTIONS:
        raise NotFound(
            N_("There is no hexagon cell {code}."), remedy=N_("Cells are named by H3 indexes of resolution 7 to 9."),
            code=index,
        )  # fmt: skip
    return Hexagons.of(connection, np.array([h3.str_to_int(index)], dtype=np.int64), date.today())  # noqa: DTZ011


def kept_cells(connection: Connection, measures: list[str]) -> NDArray[np.int64]:
    """Cells of resolution 8 with anything of these measures in the tally."""
    rows = connection.scalars(
        text("SELECT DISTINCT area_id FROM published.tally WHERE area_id >= :first AND measure = ANY (:measures)"),
        {"first": FIRST_HEXAGON, "measures": measures},
    )
    return np.array(list(rows), dtype=np.int64)


def positions(connection: Connection, measure: str) -> list[tuple[int, float, float]]:
    """(entry, lat, lon) of the public places of entries that have the measure; a shape stands for a point on it."""
    rows = connection.execute(
        text(
            "SELECT p.entry_id, ST_Y(ST_PointOnSurface(p.geom)), ST_X(ST_PointOnSurface(p.geom))"
            " FROM published.place p WHERE p.geom IS NOT NULL"
            " AND p.match_level NOT IN ('none', 'settlement', 'district')"
            " AND EXISTS (SELECT FROM published.counted c WHERE c.entry_id = p.entry_id AND c.measure = :measure)"
            " AND NOT EXISTS (SELECT FROM published.counted_wide w WHERE w.entry_id = p.entry_id)"
            " ORDER BY p.id"
        ),
        {"measure": measure},
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def by_entry(
    connection: Connection, measure: str, year: int, until: bool, theme: str | None, parts: tuple[str, ...] | list[str],
    wanted: set[int],
) -> list[tuple[int, float]]:  # fmt: skip
    """Amounts of a measure in cells of resolution 9, each entry once in a cell however many places it has there."""
    rows = connection.execute(
        text(
            "SELECT entry_id, sum(amount) FROM published.counted WHERE measure = :measure"
            " AND (period = :year OR (:until AND period <= :year)) AND (:any_theme OR theme = :theme)"
            " AND (:any_part OR part = ANY (:parts)) GROUP BY entry_id"
        ),
        {
            "measure": measure, "year": year, "until": until, "any_theme": theme is None, "theme": theme or "",
            "any_part": not parts, "parts": list(parts),
        },
    )  # fmt: skip
    amounts = {row[0]: float(row[1] or 0) for row in rows}
    found: dict[int, float] = {}
    for cell, entry in sorted({(cell_at(lat, lon), entry) for entry, lat, lon in positions(connection, measure)}):
        if entry in amounts and cell in wanted:
            found[cell] = found.get(cell, 0.0) + amounts[entry]
    return list(found.items())


def cell_at(lat: float, lon: float) -> int:
    return int(h3.str_to_int(h3.latlng_to_cell(lat, lon, FINEST)))


def parent(cell: int, resolution: int) -> int:
    return int(h3.str_to_int(h3.cell_to_parent(h3.int_to_str(cell), resolution)))


def named(connection: Connection, codes: tuple[str, ...], day: date) -> list[tuple[str, dict[str, str]]]:
    """The name of each cell: its index and the smallest district its centre lies in."""
    centres = [h3.cell_to_latlng(code) for code in codes]
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (c.at) c.at, b.name, b.names FROM unnest(CAST(:lat AS float[]), CAST(:lon AS float[]))"
            " WITH ORDINALITY AS c (lat, lon, at) JOIN published.boundary b ON b.valid @> CAST(:day AS date)"
            " AND b.kind IN ('civic_district', 'electoral_district', 'municipality')"
            " AND ST_Intersects(b.geom, ST_SetSRID(ST_MakePoint(c.lon, c.lat), 4326))"
            " ORDER BY c.at, array_position(ARRAY['civic_district', 'electoral_district', 'municipality'], b.kind)"
        ),
        {"lat": [lat for lat, _ in centres], "lon": [lon for _, lon in centres], "day": day},
    )
    around = {int(row[0]) - 1: (row[1], row[2]) for row in rows}
    return [called(code, *around.get(at, ("", {}))) for at, code in enumerate(codes)]


def called(code: str, name: str, names: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The district and the index without its trailing f, which say nothing.

    >>> called("8810110211fffff", "Заречный", {"en": "Zarechny"})
    ('Заречный, 8810110211', {'en': 'Zarechny, 8810110211'})
    """
    short = code.rstrip("f")
    return (
        ", ".join(filter(None, (name, short))),
        {lang: ", ".join(filter(None, (each, short))) for lang, each in names.items()},
    )


def drawn(query: Query, areas: Areas, found: Told) -> tuple[Areas, Told]:
    """The cells that are shown: those with something in them, as the public may see it."""
    values = found.values
    kept = np.flatnonzero((values.value != 0) & ~np.isin(values.missing, (NO_DATA, NO_OBJECTS)))
    notes = found.notes if query.measure.surface else (*found.notes, Message(EMPTY_LEFT_OUT))
    rows = kept.tolist()
    cells = replace(
        areas, boundary=areas.boundary[kept], territory=areas.territory[kept], area_m2=areas.area_m2[kept],
        code=tuple(areas.code[at] for at in rows), name=tuple(areas.name[at] for at in rows),
        names=tuple(areas.names[at] for at in rows), valid_from=tuple(areas.valid_from[at] for at in rows),
    )  # fmt: skip
    return cells, replace(found, values=values.take(kept), notes=notes)
