"""Whose head counts must stay hidden, whatever measure, theme or channel they are asked through?

The same attendances stand in many figures: as a number, per 1,000 of several bases, smoothed, by theme, by channel.
What one of them hides must not follow from another, nor from the difference of two filters. So what is hidden is
decided here once, over all territories of a kind, with the themes (or channels) of a territory and their sum as one
table (method chapter `suppression`); every measure then hides at least that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, counted, counted_parts, kinds
from geo.analysis.arrays import Bools, Floats
from geo.analysis.figure import few
from geo.analysis.suppression import Sum, protect, protect_table
from geo.settings import settings
from geo.vocabulary import TerritoryKind

MOST_KEPT = 64
_kept: OrderedDict[tuple[object, ...], Secret] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Secret:
    """What is not shown of a table of people: of its rows' sums, of its cells by part; the sums of parts not shown."""

    rows: Bools
    parts: Mapping[str, Bools]
    sums: Mapping[str, float]

    def of(self, part: str) -> Bools:
        """Areas whose number of a part is hidden; all those hidden as a whole for a part nobody has."""
        return self.parts.get(part, self.rows)


def hidden_heads(connection: Connection, query: Query, areas: Areas) -> Bools:
    """Areas whose attendances of the query's year, theme and channel are not shown."""
    hidden = by_theme(connection, query, areas)
    mask = hidden.of(query.theme.value) if query.theme else hidden.rows
    if query.channel:
        uses = by_channel(connection, query, areas)
        mask = mask | uses.rows | uses.of(query.channel)
    if is_whole(query, areas) and tells_its_parts(connection, query, areas):
        mask = np.ones(1, dtype=bool)
    return np.asarray(mask, dtype=bool)


def is_whole(query: Query, areas: Areas) -> bool:
    """Whether the one area is that of all others together."""
    return query.kind == TerritoryKind.MUNICIPALITY and len(areas) == 1


def tells_its_parts(connection: Connection, query: Query, areas: Areas) -> bool:
    """Whether the figure of the whole is the sum of districts of some kind, and tells what is hidden of one of them."""
    for kind in kinds(connection):
        if kind == TerritoryKind.MUNICIPALITY:
            continue
        part = replace(query, kind=kind)
        districts = Areas.load(connection, kind.value, query.day)
        if query.theme:
            hidden = by_theme(connection, part, districts).sums.get(query.theme.value)
            if hidden is not None and hidden == of_whole(connection, query, areas, "participants"):
                return True
        if query.channel:
            hidden = by_channel(connection, part, districts).sums.get(query.channel)
            if hidden is not None and hidden == of_whole(connection, query, areas, "channel_uses"):
                return True
    return False


def of_whole(connection: Connection, query: Query, areas: Areas, measure: str) -> float:
    """The people counted in the one area."""
    theme = query.theme.value if query.theme else None
    parts = (query.channel,) if measure == "channel_uses" else ()
    return float(counted(connection, areas, measure, query.year, theme=theme, parts=parts)[0])


def hidden_sum(
    connection: Connection, query: Query, areas: Areas, channels: Collection[str], uses: Mapping[str, Floats]
) -> Bools:
    """Areas of which the sum over these channels is not shown: it would tell a channel that is hidden."""
    found = by_channel(connection, query, areas)
    gone = {name: found.of(name) for name in uses}
    if is_whole(query, areas):
        for name in uses:
            gone[name] = gone[name] | tells_its_parts(connection, replace(query, channel=name), areas)
    groups = ([name for name in uses if name in channels], [name for name in uses if name not in channels])

    def tells(at: int) -> bool:
        return any(told_apart([uses[name][at] for name in group if gone[name][at]]) for group in groups)

    return np.array([bool(found.rows[at]) or tells(at) for at in range(len(areas))], dtype=bool)


def told_apart(hidden: Sequence[float]) -> bool:
    """Whether one of these hidden numbers follows from their sum."""
    return bool(hidden) and protect(hidden, np.ones(len(hidden), bool), small_count=settings().small_count).hide_total


def by_theme(connection: Connection, query: Query, areas: Areas) -> Secret:
    """What to hide of the attendances of a year and of their themes."""
    rows = connection.execute(
        text(
            "SELECT theme, area_id, sum(amount) FROM published.tally WHERE measure = 'participants' AND period = :year"
            " AND area_id = ANY (:ids) GROUP BY 1, 2"
        ),
        {"year": query.year, "ids": areas.boundary.tolist()},
    ).all()
    return judged(areas, {
        theme: areas.spread((row[1], float(row[2])) for row in rows if row[0] == theme)
        for theme in sorted({row[0] for row in rows})
    })  # fmt: skip


def by_channel(connection: Connection, query: Query, areas: Areas) -> Secret:
    """What to hide of the uses of channels in a year and theme."""
    theme = query.theme.value if query.theme else None
    return judged(areas, counted_parts(connection, areas, "channel_uses", query.year, theme=theme))


def judged(areas: Areas, parts: Mapping[str, Floats]) -> Secret:
    """What to hide of a table of people: areas down, parts across, with their sums. Kept for the same numbers."""
    limit = settings().small_count
    key = (areas.boundary.tobytes(), limit, *((name, column.tobytes()) for name, column in parts.items()))
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = secret(parts, len(areas), limit)
    with _lock:
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def secret(parts: Mapping[str, Floats], size: int, limit: int) -> Secret:
    """The same, computed: cells below the limit, and further ones until none can be subtracted; the sum of everything
    is known to everybody.

    >>> found = secret({"a": np.array([3.0, 0.0]), "b": np.array([160.0, 0.0]), "c": np.array([0.0, 90.0])}, 2, 5)
    >>> found.parts["a"].tolist(), found.parts["b"].tolist(), found.rows.tolist(), sorted(found.sums)
    ([True, False], [True, False], [False, False], ['a', 'b'])
    """
    if not parts or not size:
        return Secret(np.zeros(size, bool), {}, {})
    width = len(parts)
    cells = np.column_stack(list(parts.values()))
    cell = np.arange(size * width).reshape(size, width)
    row, column = size * width + np.arange(size), size * width + size + np.arange(width)
    counts = np.concatenate([cells.ravel(), cells.sum(axis=1), cells.sum(axis=0), [cells.sum()]])
    everything = len(counts) - 1
    sums: list[Sum] = [(int(row[at]), cell[at].tolist()) for at in range(size)]
    sums += [(int(column[at]), cell[:, at].tolist()) for at in range(width)]
    known = np.arange(len(counts)) == everything
    # first with the numbers of whole areas taken as known, and without the sum of everything: a small cell then hides
    # behind another one of its area, and not whole areas behind each other
    hidden = few(counts, limit) & ~known
    of_areas = known | np.isin(np.arange(len(counts)), row)
    everywhere = [(everything, row.tolist()), (everything, column.tolist())]
    for linked, told in ((sums, of_areas), ([*sums, *everywhere], known)):
        hidden = protect_table(counts, hidden, linked, known=told, small_count=limit).hidden
    return Secret(
        hidden[row],
        {name: hidden[cell[:, at]] for at, name in enumerate(parts)},
        {name: float(counts[column[at]]) for at, name in enumerate(parts) if hidden[column[at]]},
    )
