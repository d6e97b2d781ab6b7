"""How does mine stand beside others? Two to five territories by every measure, with ranks that say how sure they are.

Figures are those every other page shows, published over all territories of the kind first; ranks are among all of them.
Rates made of counts are ranked by simulation (a fixed seed, so the same data give the same ranks), others as they are.
Peers are the territories most similar by stated features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.analysis.areas import Areas, Query, people
from geo.analysis.arrays import Floats, divided
from geo.analysis.cells import Shapes
from geo.analysis.change import shapes
from geo.analysis.distance import on_ellipsoid
from geo.analysis.measures import COVERAGE, MEASURES, Measure
from geo.analysis.peers import Peers, peer_districts
from geo.analysis.ranks import Direction, Ranks, plain_ranks, simulated_ranks
from geo.analysis.residents import equal_area
from geo.analysis.result import Answer, Row, Unit, Value
from geo.errors import N_, BadInput, NotFound
from geo.vocabulary import PopulationBase

LEAST, MOST = 2, 5
FEATURES = (
    N_("residents (logarithm)"), N_("residents per km²"), N_("share of residents aged 16+"),
    N_("distance to the centre"),
)  # fmt: skip
# figures of these are complete counts, no samples, or are not made of two counts: ranked as they are
NO_SAMPLE = ("smoothed_rate", "channel_mix_share")


@dataclass(frozen=True)
class Line:
    """One measure: the rows of the compared territories in the order asked for, and all known figures of the kind."""

    measure: Measure
    answer: Answer
    rows: tuple[Row, ...]

    @cached_property
    def known(self) -> list[float]:
        """All figures of the kind, least first."""
        return sorted(row.value.value for row in self.answer.rows if row.value.value is not None)

    @property
    def median(self) -> float | None:
        """The figure half of the territories do not exceed."""
        return float(np.median(self.known)) if self.known else None


@dataclass(frozen=True, slots=True)
class Peer:
    """A similar territory; the distance is in standard deviations of the features."""

    territory: str
    name: str
    distance: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Measures down, territories across; peers of each compared territory, and the features they were chosen by."""

    codes: tuple[str, ...]
    lines: tuple[Line, ...]
    peers: dict[str, tuple[Peer, ...]]
    features: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the figures come from."""
        return tuple(sorted({source for line in self.lines for source in line.answer.sources}))


def check_codes(codes: Sequence[str]) -> tuple[str, ...]:
    """Two to five different codes; BadInput otherwise."""
    wanted = tuple(dict.fromkeys(code for code in codes if code))
    if not LEAST <= len(wanted) <= MOST:
        raise BadInput(
            N_("A comparison has {least} to {most} different territories."),
            remedy=N_("Give their codes as `territory`, once for each."), least=LEAST, most=MOST, field="territory",
        )  # fmt: skip
    return wanted


def compare(
    codes: Sequence[str], answers: Callable[[Measure], Answer], peers: dict[str, tuple[Peer, ...]],
    features: tuple[str, ...] = (),
) -> Comparison:  # fmt: skip
    """The comparison of checked codes; `answers` gives the published answer of a measure over the whole kind."""
    lines = tuple(line(measure, answers(measure), codes) for measure in MEASURES)
    return Comparison(tuple(codes), lines, {code: peers.get(code, ()) for code in codes}, features)


def line(measure: Measure, answer: Answer, codes: Sequence[str]) -> Line:
    """One measure. Raises NotFound for a code the kind does not have."""
    ranked = with_ranks(measure, answer)
    by_code = {row.territory: row for row in ranked.rows}
    for code in codes:
        if code not in by_code:
            raise NotFound(
                N_("There is no territory {code} of this kind."),
                remedy=N_("/api/territories lists the codes."),
                code=code,
            )
    return Line(measure, ranked, tuple(by_code[code] for code in codes))


def with_ranks(measure: Measure, answer: Answer) -> Answer:
    """The answer with places among all rows: a range where the figure is made of counts, none without a direction."""
    ranks = ranks_of(measure, answer)
    if ranks is None:
        return answer
    columns = zip(ranks.rank.tolist(), ranks.low.tolist(), ranks.high.tolist(), strict=True)
    rows = tuple(
        row if row.value.value is None or np.isnan(rank)
        else replace(row, rank=int(rank), ranked=ranks.ranked, rank_low=_whole(low), rank_high=_whole(high))
        for row, (rank, low, high) in zip(answer.rows, columns, strict=True)
    )  # fmt: skip
    return replace(answer, rows=rows)


def _whole(rank: float) -> int | None:
    return None if np.isnan(rank) else int(rank)


def ranks_of(measure: Measure, answer: Answer) -> Ranks | None:
    """Simulated ranks of sampled rates, plain ones of everything else with a direction."""
    if measure.more_is_better is None:
        return None
    direction: Direction = "more_is_better" if measure.more_is_better else "less_is_better"
    values = answer.values()
    if not sampled(measure, answer.rows):
        return plain_ranks(values.value, direction)
    counted = np.where(values.known, values.numerator, np.nan)
    people = np.nan_to_num(values.denominator)
    share = measure.unit is Unit.SHARE and not (counted > people).any()
    return simulated_ranks(counted, people, "share" if share else "rate", direction)


def sampled(measure: Measure, rows: Sequence[Row]) -> bool:
    """Whether the figures are rates of counts that could easily have been others."""
    if measure.unit not in (Unit.SHARE, Unit.PER_1000) or measure.question == COVERAGE or measure.code in NO_SAMPLE:
        return False
    if measure.classes:
        return False
    return all(whole_counts(row.value) for row in rows if row.value.value is not None)


def whole_counts(value: Value) -> bool:
    """Whether a figure is a whole number of something over somebody."""
    return value.numerator is not None and value.denominator is not None and float(value.numerator).is_integer()


def peers_of(
    connection: Connection, query: Query, names: dict[str, str]
) -> tuple[dict[str, tuple[Peer, ...]], tuple[str, ...]]:
    """The five most similar territories of each, and the features that told them apart."""
    areas = Areas.load(connection, query.kind.value, query.day)
    found = peer_districts(features(connection, areas, query.year), FEATURES, areas.code)
    return {code: similar(found, areas, at, names) for at, code in enumerate(areas.code)}, found.features


def similar(found: Peers, areas: Areas, at: int, names: dict[str, str]) -> tuple[Peer, ...]:
    """The peers of one territory, nearest first."""
    pairs = zip(found.peer[at].tolist(), found.distance[at].tolist(), strict=True)
    return tuple(
        Peer(areas.code[row], names.get(areas.code[row], areas.name[row]), round(distance, 2))
        for row, distance in pairs
        if row >= 0
    )


def features(connection: Connection, areas: Areas, year: int) -> Floats:
    """Areas x features, in the order of FEATURES; NaN where not known."""
    residents = people(connection, areas, PopulationBase.RESIDENTS, year).number
    grown = people(connection, areas, PopulationBase.RESIDENTS_16, year).number
    living = np.where(residents > 0, residents, np.nan)
    return np.column_stack([
        np.log(living), divided(residents, areas.area_m2 / 1e6), divided(grown, living),
        to_centre(shapes(connection, areas), np.nan_to_num(residents)),
    ])  # fmt: skip


def to_centre(areas: Shapes, residents: Floats) -> Floats:
    """Metres from the middle of each area to the middle of all residents."""
    middles = on_ellipsoid(shapely.get_coordinates(shapely.centroid(areas)))
    weights = residents if residents.sum() > 0 else shapely.area(equal_area(areas))
    centre = (middles * weights[:, None]).sum(axis=0) / weights.sum()
    return np.asarray(np.linalg.norm(middles - centre, axis=1))
