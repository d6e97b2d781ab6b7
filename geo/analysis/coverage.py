"""Whom does it reach? Coverage of population and area by TOS, and residents near a finished project.

Formulas in methods 2.1: residents are counted in population cells, a cell cut by a border with the share of its area;
overlapping TOS count once; a project across the border serves the residents of both sides; a theme without a finished
project reaches nobody (0), a register that was never loaded says nothing (`no_data`). A territory where nobody lives
has no share (`no_residents`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, cell_people, counted, loaded
from geo.analysis.arrays import Bools, Floats, divided
from geo.analysis.cells import THOUSANDTHS
from geo.analysis.distance import BEYOND, FARTHEST_M, STEP_M
from geo.analysis.figure import NO_DATA, NO_OBJECTS, NO_RESIDENTS, Unit, few
from geo.analysis.measures import ACCESS_FORMS
from geo.analysis.reach import MILLIONTHS
from geo.analysis.result import Values
from geo.analysis.suppression import leave_enough, protect, publishable_steps
from geo.analysis.vintage import cells_are_carried
from geo.settings import settings
from geo.store.once import once
from geo.vocabulary import PopulationBase

RESIDENTS = PopulationBase.RESIDENTS
# the view that keeps residents by distance to the nearest finished project: in a straight line, along the streets
STRAIGHT, ON_FOOT = "reach", "reach_on_foot"
# years before the asked one that are counted from the same cells: since the newest not after it, or all for the oldest
SAME_CELLS = """period < :year AND period >= (
  SELECT CASE WHEN count(*) > 1 THEN max(v.year) ELSE 0 END FROM published.cell_vintage v WHERE v.year <= :year)"""
WITHIN = {
    view: "SELECT period, boundary_id, (SELECT sum(n) FROM unnest(residents[1 : CAST(:step AS int) + 1]) AS n)"
    f" FROM published.{view} WHERE theme = :theme AND boundary_id = ANY (:ids) AND {SAME_CELLS}"
    for view in (STRAIGHT, ON_FOOT)
}
COVERED = f"""
SELECT period, area_id, amount FROM published.tally
WHERE measure = 'tos_residents' AND area_id = ANY (:ids) AND {SAME_CELLS}"""
# the distances of maps and passports: where two steps cannot both be shown, these are
ASKED_MOST = tuple(metres // STEP_M for metres in (500, FARTHEST_M, 1000, 300, 2000))


def columns(connection: Connection, query: Query, areas: Areas) -> Values:
    """The measure of the query for each area."""
    if query.measure.code == "tos_area_share":
        return tos_area_share(connection, query, areas)
    if query.measure.code == "within_distance_share":
        return within_distance_share(connection, query, areas)
    if query.measure.code == "nearest_project_m":
        return nearest_project_m(connection, query, areas)
    if query.measure.code == "access_score" or query.measure.code in ACCESS_FORMS:
        return access_score(connection, query, areas)
    known = cell_people(connection, areas, "cell_residents", query.year)
    covered = covered_people(connection, areas, query.year)
    carried = cells_are_carried(connection, query.year)
    values = hidden_together(tos_split(known, covered, carried=carried))[query.measure.code]
    told = told_by_larger(connection, query, areas, lambda each: covered_people(connection, each, query.year))
    for before in in_years_before(connection, query, areas, COVERED):
        told |= apart_by_few(before, covered)
    return without(values, told)


def without(values: Values, told: Bools) -> Values:
    """The figures without those told by others, and without those that would then follow from the sum of all; where
    nothing protects them, `published` hides the figure of the whole as well."""
    limits = settings().small_count, settings().rate_min_base
    found = values.to_hide(*limits)
    if found.whole:
        return values
    rows = found.rows | (told & values.known)
    people = values.counted if values.counts_people else np.full(len(values), np.nan)
    return values.hide(rows | protect(people, rows, small_count=limits[0]).hidden, limits[0])


def told_by_larger(connection: Connection, query: Query, areas: Areas, count: Callable[[Areas], Floats]) -> Bools:
    """Areas whose number of residents, or that of the others, would be few beside a territory that holds them."""
    larger, pairs = areas.around(connection, query.day)
    here, there = count(areas), count(larger)
    rest, rest_there = (
        np.maximum(cell_people(connection, each, "cell_residents", query.year) - people, 0.0)
        for each, people in ((areas, here), (larger, there))
    )
    limit = settings().small_count
    return leave_enough(there, here, pairs, small_count=limit) | leave_enough(
        rest_there, rest, pairs, small_count=limit
    )


def tos_split(known: Floats, covered: Floats, *, carried: bool = False) -> dict[str, Values]:
    """Residents with and without a TOS, three ways of saying one thing; `carried` marks people of another year."""
    apart = known - covered
    missing = np.where(np.isnan(apart), NO_DATA, np.where(known == 0, NO_RESIDENTS, 0))
    return {
        "uncovered_residents": Values.build(
            apart,
            Unit.PEOPLE,
            numerator=apart,
            denominator=known,
            counts_people=True,
            missing=missing,
            estimated=marked(apart, carried),
        ),
        "uncovered_share": of_residents(apart, known, carried),
        "tos_population_share": of_residents(covered, known, carried),
    }


def of_residents(people: Floats, known: Floats, carried: bool) -> Values:
    """Residents as a share of those counted in cells."""
    return Values.ratio(
        people, known, Unit.SHARE, base=RESIDENTS, counts_people=True, estimated=marked(divided(people, known), carried)
    )


def marked(column: Floats, carried: bool) -> Bools:
    """The figures that are estimates because their cells are of another year."""
    return np.asarray(~np.isnan(column) & carried, dtype=bool)


def hidden_together(columns: dict[str, Values]) -> dict[str, Values]:
    """The same columns, an area hidden in one being hidden in all: what one does not say must not stand in another.

    Where even hiding other areas cannot protect a figure, the columns are left as they are, for `published` to hide the
    figure of the whole as well.
    """
    limits = settings().small_count, settings().rate_min_base
    found = [values.to_hide(*limits) for values in columns.values()]
    if any(each.whole for each in found):
        return columns
    rows = np.any([each.rows for each in found], axis=0)
    return {name: values.hide(rows, settings().small_count) for name, values in columns.items()}


def covered_people(connection: Connection, areas: Areas, year: int) -> Floats:
    """Residents inside a present TOS by area; NaN when no TOS was ever loaded."""
    if not tos_loaded(connection):
        return np.full(len(areas), np.nan)
    return counted(connection, areas, "tos_residents", year, missing=np.nan) / THOUSANDTHS


def tos_loaded(connection: Connection) -> bool:
    there = text("SELECT EXISTS (SELECT FROM published.boundary WHERE kind = 'tos_territory')")
    return once(connection, "a tos", lambda: bool(connection.scalar(there)))


def tos_area_share(connection: Connection, query: Query, areas: Areas) -> Values:
    """TOS land over the land of the area, both on the ellipsoid; defined for empty districts too."""
    total = counted(connection, areas, "area_m2", query.year, missing=np.nan)
    covered = counted(connection, areas, "tos_area_m2", query.year, missing=np.nan)
    if not tos_loaded(connection):
        covered[:] = np.nan
    return Values.ratio(covered, total, Unit.SHARE)


def within_distance_share(connection: Connection, query: Query, areas: Areas) -> Values:
    """Residents whose nearest finished project (of the theme) is within the distance, over known residents."""
    known = cell_people(connection, areas, "cell_residents", query.year)
    if not loaded(connection, "project"):
        return of_residents(np.full(len(areas), np.nan), known, carried=False)
    near = people_within(connection, query, areas, query.distance_m)
    values = of_residents(np.where(np.isnan(known), np.nan, near), known, cells_are_carried(connection, query.year))
    return without(values, hidden_within(connection, query, areas, query.distance_m))


def hidden_within(connection: Connection, query: Query, areas: Areas, distance_m: int, view: str = STRAIGHT) -> Bools:
    """Areas whose residents within a distance are not shown: those of another step, of all themes, in a straight line,
    of a year before with the same cells, or of a larger territory differ from them by few."""
    running = np.cumsum(reach_of(connection, query, areas, view), axis=1)
    limit = settings().small_count
    step = distance_m // STEP_M
    hidden = ~publishable_steps(running, first=ASKED_MOST, small_count=limit)[:, step]
    for other in beside(connection, query, areas, distance_m, view):
        hidden |= apart_by_few(other, running[:, step])
    told = told_by_larger(
        connection, query, areas, lambda each: people_within(connection, query, each, distance_m, view)
    )
    return np.asarray(hidden | told, dtype=bool)


def apart_by_few(one: Floats, other: Floats) -> Bools:
    """Where two numbers of residents differ by somebody, but by fewer than may be shown."""
    apart: Floats = np.abs(one - other)
    return few(np.round(apart, 6).astype(np.float64), settings().small_count)


def beside(connection: Connection, query: Query, areas: Areas, distance_m: int, view: str) -> Iterator[Floats]:
    """Residents within the same distance by other filters, each of which holds this one or is held by it."""
    if query.theme:
        yield people_within(connection, replace(query, theme=None), areas, distance_m, view)
    if view == ON_FOOT:
        yield people_within(connection, query, areas, distance_m)
    theme = query.theme.value if query.theme else ""
    yield from in_years_before(connection, query, areas, WITHIN[view], theme=theme, step=distance_m // STEP_M)


def in_years_before(
    connection: Connection, query: Query, areas: Areas, statement: str, **named: str | int
) -> Iterator[Floats]:
    """Residents by area in each year before that was counted from the same cells; NaN where nothing was counted."""
    values = {**named, "ids": areas.boundary.tolist(), "year": query.year}
    key = (statement, areas.boundary.tobytes(), query.year, *named.values())
    rows = once(connection, key, lambda: connection.execute(text(statement), values).all())
    for year in sorted({row[0] for row in rows}):
        found = ((boundary, float(thousandths)) for period, boundary, thousandths in rows if period == year)
        yield areas.spread(found, np.nan) / THOUSANDTHS


def people_within(connection: Connection, query: Query, areas: Areas, distance_m: int, view: str = STRAIGHT) -> Floats:
    """Residents by area whose nearest finished project of the query's theme is within a distance (a step of 50 m)."""
    return np.asarray(reach_of(connection, query, areas, view)[:, : distance_m // STEP_M + 1].sum(axis=1))


def reach_of(connection: Connection, query: Query, areas: Areas, view: str) -> Floats:
    """Residents by area and step of distance to the nearest finished project of the theme; the last: beyond all."""
    statement = text(
        f"SELECT boundary_id, residents FROM published.{view}"
        " WHERE theme = :theme AND period = :year AND boundary_id = ANY (:ids)"
    )
    named = {"theme": query.theme.value if query.theme else "", "year": query.year, "ids": areas.boundary.tolist()}
    key = (view, named["theme"], query.year, areas.boundary.tobytes())
    rows = once(connection, key, lambda: connection.execute(statement, named).all())
    found = np.zeros((len(areas), BEYOND + 1))
    for boundary, residents in rows:
        found[areas.position[boundary]] = residents
    return found / THOUSANDTHS


def nearest_project_m(connection: Connection, query: Query, areas: Areas) -> Values:
    """Mean distance of residents to the nearest finished project, over those who have one within 5 km (the part
    `reached`); `no_objects` where nobody has."""
    known = cell_people(connection, areas, "cell_residents", query.year)
    if not loaded(connection, "project"):
        known[:] = np.nan
    metres = kept(connection, query, areas, "nearest_resident_m") / THOUSANDTHS
    reached = people_within(connection, query, areas, FARTHEST_M)
    values = mean_way(metres, reached, known, cells_are_carried(connection, query.year))
    return without(values, hidden_within(connection, query, areas, FARTHEST_M))


def mean_way(metres: Floats, reached: Floats, known: Floats, carried: bool) -> Values:
    """Metres of all reached residents over their number; `known` are the residents there are."""
    missing = np.where(
        np.isnan(known), NO_DATA, np.where(known == 0, NO_RESIDENTS, np.where(reached == 0, NO_OBJECTS, 0))
    )
    values = Values.build(
        divided(metres, reached), Unit.METRES, numerator=metres, denominator=reached, base=RESIDENTS,
        estimated=marked(divided(metres, reached), carried) & ~np.isnan(known), missing=missing,
    )  # fmt: skip
    return values.with_parts(reached=of_residents(reached, known, carried))


def access_score(connection: Connection, query: Query, areas: Areas) -> Values:
    """Projects that reach the area's residents by floating catchments of 1 km, per 1,000 residents."""
    known = cell_people(connection, areas, "cell_residents", query.year)
    measure = "access_supply" if query.measure.code == "access_score" else query.measure.code
    supply = kept(connection, query, areas, measure) / MILLIONTHS
    if not loaded(connection, "project") or (
        measure in ACCESS_FORMS and measure not in counted_forms(connection, query)
    ):
        supply[:] = np.nan
    return access_of(supply, known, cells_are_carried(connection, query.year))


def access_of(supply: Floats, known: Floats, carried: bool) -> Values:
    """What the residents receive of projects, per 1,000 of them."""
    return Values.ratio(supply, known, Unit.PER_1000, base=RESIDENTS, estimated=marked(divided(supply, known), carried))


def counted_forms(connection: Connection, query: Query) -> frozenset[str]:
    """The forms of catchment that were counted for the year at all, be it 0 everywhere: an older database has not."""
    asked = text(
        "SELECT f.form FROM unnest(CAST(:forms AS text[])) AS f (form)"
        " WHERE EXISTS (SELECT FROM published.tally WHERE measure = f.form AND period = :year)"
    )
    named = {"forms": list(ACCESS_FORMS), "year": query.year}
    return once(connection, ("counted_forms", query.year), lambda: frozenset(connection.scalars(asked, named)))


def kept(connection: Connection, query: Query, areas: Areas, measure: str) -> Floats:
    """A kept sum of the query's theme ('' keeps any theme: these sums do not add up over themes)."""
    return counted(connection, areas, measure, query.year, theme=query.theme.value if query.theme else "")
