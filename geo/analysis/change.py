"""Did participation grow, and why? Two years over the boundaries of the later one, taken apart.

Participants of the earlier year are counted again where they took part (an event keeps its place when borders move);
people of the earlier year are known by its own boundaries only and are carried over by area, which marks the figures
as estimated. Rates, effects and the like-for-like panel are those of `geo.analysis.growth`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geo.analysis.areal import crosswalk, transfer_counts
from geo.analysis.areas import Areas, Query, people
from geo.analysis.arrays import Bools, Floats, divided
from geo.analysis.cells import Shapes
from geo.analysis.figure import NO_RESIDENTS, SUPPRESSED, Unit
from geo.analysis.growth import Panel, differences, like_for_like
from geo.analysis.measures import CHANGE_CLASSES
from geo.analysis.participation import hidden_heads, kept_back, participants, rate
from geo.analysis.residents import equal_area
from geo.analysis.result import Values
from geo.analysis.told import Told, seen
from geo.errors import N_, Message
from geo.vocabulary import PopulationBase

WHOLE = N_("From {first} to {second} participants in these areas changed by {absolute}: {rate_effect} because the rate"
           " changed, {base_effect} because the number of people did.")  # fmt: skip
SAME = N_("Data for both years exist for {both} of {all} areas; their rate changed by {points} percentage points.")


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """Attendances and people of one year over the later boundaries, as the public sees them."""

    events: Floats
    base: Floats
    hidden: Bools
    estimated: Bools
    empty: Bools


def change(connection: Connection, query: Query, areas: Areas) -> Told:
    """Change of the rate in percentage points (per 100 people) with its test; absolute and relative change, and the
    rate and base effects, as parts."""
    against = query.against or query.year - 1
    base = query.measure.base or PopulationBase.RESIDENTS_16
    first, second = (one_year(connection, query, areas, base, year) for year in (against, query.year))
    tested = differences(first.events, first.base, second.events, second.base, "rate")
    hidden = first.hidden | second.hidden
    missing = np.where(np.isnan(tested.points) & hidden, SUPPRESSED, 0)
    missing = np.where(np.isnan(tested.points) & ~hidden & second.empty, NO_RESIDENTS, missing)
    values = Values.build(
        tested.points, Unit.POINTS, missing=missing, numerator=second.events - first.events, low=tested.low,
        high=tested.high, estimated=(first.estimated | second.estimated) & ~np.isnan(tested.points),
    )  # fmt: skip
    standing = np.sign(np.nan_to_num(tested.points)).astype(int) * tested.significance
    panel = like_for_like(first.events, first.base, second.events, second.base)
    return Told(
        values.with_parts(**parts(first, second, hidden)),
        classes=[CHANGE_CLASSES[code + 2][0] for code in standing.tolist()],
        notes=notes(panel, against, query.year),
    )


def one_year(connection: Connection, query: Query, areas: Areas, base: PopulationBase, year: int) -> Year:
    """The attendances of a year in these boundaries, over its people."""
    asked = replace(query, year=year)
    heads = participants(connection, asked, areas)
    if year == query.year:
        shown = seen(rate(connection, asked, areas, heads))
        return Year(known(shown, shown.numerator), known(shown, shown.denominator), shown.missing == SUPPRESSED,
                    np.asarray(shown.estimated), shown.missing == NO_RESIDENTS)  # fmt: skip
    number, estimated = people_of(connection, areas, base, year, query.kind.value)
    values = Values.ratio(heads, number, Unit.PER_1000, base=base, counts_people=True)
    shown = seen(kept_back(values, hidden_heads(connection, asked, areas)))
    return Year(known(shown, shown.numerator), known(shown, shown.denominator), shown.missing == SUPPRESSED, estimated,
                shown.missing == NO_RESIDENTS)  # fmt: skip


def known(values: Values, column: Floats) -> Floats:
    return np.where(values.known, column, np.nan)


def people_of(connection: Connection, areas: Areas, base: PopulationBase, year: int, kind: str) -> tuple[Floats, Bools]:
    """People of another year in these boundaries; where borders moved, carried over by area and marked."""
    then = Areas.load(connection, kind, date(year, 12, 31))
    if not len(then):
        return np.full(len(areas), np.nan), np.zeros(len(areas), bool)
    counts = people(connection, then, base, year)
    at = [then.position.get(int(boundary), -1) for boundary in areas.boundary]
    same = np.array(at) >= 0
    number = np.where(same, counts.number[at], np.nan)
    carried = np.where(same, counts.carried[at], False)
    if same.all():
        return number, carried
    moved = transferred(connection, then, areas, counts.number)
    return np.where(same, number, moved.value), np.where(same, carried, moved.known)


def transferred(connection: Connection, source: Areas, target: Areas, counts: Floats) -> Values:
    """Counts of one set of boundaries in another, by overlapping area on the ellipsoid."""
    one, other = (equal_area(shapes(connection, areas)) for areas in (source, target))
    to, of = shapely.STRtree(one).query(other, predicate="intersects")
    overlap = shapely.area(shapely.intersection(one[of], other[to]))
    walk = crosswalk(of, to, overlap, shapely.area(one), shapely.area(other))
    return transfer_counts(counts, walk, Unit.PEOPLE).values


def shapes(connection: Connection, areas: Areas) -> Shapes:
    """The shapes of the areas, in their order."""
    rows = connection.execute(
        text("SELECT id, ST_AsBinary(geom) FROM published.boundary WHERE id = ANY (:ids)"),
        {"ids": areas.boundary.tolist()},
    )
    found = {row[0]: row[1] for row in rows}
    return np.asarray(shapely.from_wkb(np.array([found[int(each)] for each in areas.boundary], dtype=object)))


def parts(first: Year, second: Year, hidden: Bools) -> dict[str, Values]:
    """Both years, their difference, and what made it: the rate or the number of people."""
    one, two = divided(first.events, first.base), divided(second.events, second.base)
    columns = {
        "first": (1000 * one, Unit.PER_1000),
        "second": (1000 * two, Unit.PER_1000),
        "absolute": (second.events - first.events, Unit.COUNT),
        "relative": (divided(second.events - first.events, first.events), Unit.SHARE),
        "rate_effect": ((two - one) * (first.base + second.base) / 2, Unit.COUNT),
        "base_effect": ((second.base - first.base) * (one + two) / 2, Unit.COUNT),
    }
    gone = np.where(hidden, SUPPRESSED, 0)
    return {name: Values.build(column, unit, missing=gone) for name, (column, unit) in columns.items()}


def notes(panel: Panel, first: int, second: int) -> tuple[Message, ...]:
    """The change of all areas with data, and of those with data in both years."""
    said = []
    whole, same = panel.whole, panel.same
    if whole.absolute is not None and whole.rate_effect is not None and whole.base_effect is not None:
        numbers = {"absolute": whole.absolute, "rate_effect": whole.rate_effect, "base_effect": whole.base_effect}
        years = {"first": str(first), "second": str(second)}
        said.append(Message(WHOLE, {**years, **{name: f"{number:+.0f}" for name, number in numbers.items()}}))
    if same.points is not None:
        both, every = int(panel.in_both.sum()), len(panel.in_both)
        said.append(Message(SAME, {"both": both, "all": every, "points": f"{same.points:+.2f}"}))
    return tuple(said)


COLUMNS = {"participants_change": change}
