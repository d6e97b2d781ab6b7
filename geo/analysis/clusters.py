"""Where do high and low figures stand together? Hot spots and local Moran of any rate or index the visitor chooses.

Rates are smoothed first; counts are refused, because they only show where people live. Neighbours are areas that touch
(within a metre: borders drawn twice leave hair-wide gaps).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

import numpy as np
import shapely
from scipy.sparse import csr_array
from sqlalchemy import Connection

from geo.analysis.areas import Areas, Query
from geo.analysis.cells import Shapes
from geo.analysis.change import shapes
from geo.analysis.figure import COUNTS, NO_DATA, Unit
from geo.analysis.figures import figures
from geo.analysis.hotspots import HotSpots, contiguity, hot_spots, local_moran
from geo.analysis.measures import BY_CODE, Measure, measure_of
from geo.analysis.result import Values
from geo.analysis.smoothing import smoothed_rate
from geo.analysis.told import Told, seen
from geo.errors import N_, BadInput, Message

DEFAULT = "needs_open_per_1000"
TOUCHING_DEGREES = 1e-5
MOST_KEPT = 16
LOOKED_FOR = N_("Looked for in: {title}.")
ALONE = N_("{count} areas have no neighbour with data and are not assessed.")
QUADRANTS = {"HH": "high_high", "LL": "low_low", "HL": "high_low", "LH": "low_high"}

_kept: OrderedDict[tuple[bytes, bytes, tuple[str, ...]], csr_array] = OrderedDict()
_lock = Lock()


def suits(measure: Measure) -> bool:
    """Whether clusters of the measure mean anything: rates and indexes, not counts, classes or tests."""
    return measure.unit not in COUNTS and not measure.classes and measure.code not in COLUMNS


def looked_for_in(query: Query) -> Measure:
    """The measure clusters are looked for in. Raises BadInput for one that does not suit."""
    chosen = measure_of(query.of or DEFAULT)
    if not suits(chosen):
        raise BadInput(
            N_("Hot spots are not looked for in {code}."), remedy=N_("Choose a rate or an index: {known}."),
            code=chosen.code, known=", ".join(code for code, each in BY_CODE.items() if suits(each)), field="of",
        )  # fmt: skip
    return chosen


def column(connection: Connection, query: Query, areas: Areas) -> Values:
    """The figures as the public sees them; rates made of two counts smoothed."""
    measure = looked_for_in(query)
    theme = query.theme if measure.themes else None
    shown = seen(figures(connection, replace(query, measure=measure, theme=theme), areas).values)
    made_of_counts = not np.isnan(shown.numerator).all() and measure.unit in (Unit.SHARE, Unit.PER_1000)
    return smoothed_rate(shown) if made_of_counts else shown


def hot(connection: Connection, query: Query, areas: Areas) -> Told:
    """Gi* of each area with its class; p, q and the figure tested as parts."""
    tested = column(connection, query, areas)
    found = hot_spots(tested.value, neighbours(connection, areas))
    return assessed(query, found, found.values(), found.class_codes(), tested)


def moran(connection: Connection, query: Query, areas: Areas) -> Told:
    """Local Moran's I of each area; the quadrant where it is more than chance."""
    tested = column(connection, query, areas)
    found = local_moran(tested.value, neighbours(connection, areas))
    test = found.test
    codes = [
        None if not sure else QUADRANTS[quadrant] if quadrant and strength == 2 else "not_significant"
        for quadrant, strength, sure in zip(
            found.quadrant, test.significance.tolist(), test.assessed.tolist(), strict=True
        )
    ]
    index = np.where(test.assessed, found.index, np.nan)
    values = Values.build(index, Unit.INDEX, missing=test.values().missing)
    return assessed(query, test, values, codes, tested)


def assessed(query: Query, test: HotSpots, values: Values, codes: list[str | None], tested: Values) -> Told:
    """The answer with everything needed to judge it."""
    parts = {
        name: Values.build(part, Unit.INDEX, missing=values.missing) for name, part in (("p", test.p), ("q", test.q))
    }
    alone = int((test.has_data & ~test.assessed).sum()) if test.refusal is None else 0
    notes = (
        Message(LOOKED_FOR, {"title": Message(looked_for_in(query).title)}),
        *((test.refusal,) if test.refusal else ()),
        *((Message(ALONE, {"count": alone}),) if alone else ()),
        *test.notes,
    )
    # why an area was not looked at is what its figure says
    unseen = np.where((values.missing == NO_DATA) & (tested.missing != 0), tested.missing, values.missing)
    values = replace(values, missing=unseen.astype(np.int8))
    marked = replace(values, estimated=np.asarray(tested.estimated & values.known, dtype=bool))
    return Told(marked.with_parts(**parts, tested=replace(tested, parts={})), classes=codes, notes=notes)


def neighbours(connection: Connection, areas: Areas) -> csr_array:
    """Which of the areas touch; computed once per set of boundary versions."""
    key = (areas.boundary.tobytes(), areas.area_m2.tobytes(), areas.code)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = touching(shapes(connection, areas))
    with _lock:
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def touching(areas: Shapes) -> csr_array:
    """Neighbours of n polygons by common border or corner."""
    one, other = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=TOUCHING_DEGREES)
    return contiguity(len(areas), one, other)


COLUMNS = {"hot_spot": hot, "local_moran": moran}
