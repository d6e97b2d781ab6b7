"""Where does one territory stand among the others? Its figure, the middle and the ends of all, and its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.analysis.measures import measure_of
from geo.analysis.questions import Columns
from geo.analysis.ranks import plain_ranks
from geo.analysis.result import Answer, Value


@dataclass(frozen=True, slots=True)
class Standing:
    """`rank` counts from 1, ties share it; None for figures that are missing, or neither better nor worse."""

    value: Value
    median: float | None
    lowest: float | None
    highest: float | None
    rank: int | None
    of: int


def standings(answer: Answer) -> dict[str, Standing]:
    """The standing of every territory of a published answer, by code. Missing figures are not ranked."""
    return placed([row.territory for row in answer.rows], [row.value for row in answer.rows], answer.measure)


def standings_of(columns: Columns) -> dict[str, Standing]:
    """The same of published columns; the parts of figures are left out."""
    values = replace(columns.told.values, parts={})
    return placed(columns.areas.code, [values[at] for at in range(len(values))], columns.query.measure.code)


def placed(codes: Sequence[str], values: Sequence[Value], measure: str) -> dict[str, Standing]:
    """The standing of each of these figures among all of them."""
    figures = np.array([np.nan if value.value is None else value.value for value in values], dtype=float)
    known = figures[~np.isnan(figures)]
    median, lowest, highest = (
        (float(np.median(known)), float(known.min()), float(known.max())) if len(known) else (None, None, None)
    )
    return {
        code: Standing(value, median, lowest, highest, place, len(known))
        for code, value, place in zip(codes, values, ranks_of(measure, figures), strict=True)
    }


def ranks_of(measure: str, figures: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int | None]:
    """Places from 1, the best first; none at all for a measure without a direction."""
    better = measure_of(measure).more_is_better
    if better is None:
        return [None] * len(figures)
    ranks = plain_ranks(figures, "more_is_better" if better else "less_is_better").rank
    return [None if np.isnan(rank) else int(rank) for rank in ranks]
