"""What does every indicator say in every state a district can be in?

Ten districts on a line, 1,000 residents each, some events; then one thing at a time is made different. Every indicator
is asked in every state; none may answer with not-a-number, infinity, or a zero that means "unknown".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from geo.analysis.areal import crosswalk, transfer_counts, transfer_rates
from geo.analysis.arrays import Floats
from geo.analysis.catchment import catchment
from geo.analysis.disparity import disparity
from geo.analysis.distance import BEYOND, nearest_m, people_by_step, people_within, steps, weighted_mean
from geo.analysis.funnel import funnel
from geo.analysis.growth import differences
from geo.analysis.hotspots import contiguity, hot_spots, local_moran
from geo.analysis.inequality import inequality
from geo.analysis.intervals import attendance_rate, share_of_people
from geo.analysis.kernel import density_surface
from geo.analysis.peers import peer_districts, peer_score
from geo.analysis.ranks import plain_ranks, simulated_ranks
from geo.analysis.representation import representation
from geo.analysis.result import (
    NO_DATA,
    NO_OBJECTS,
    NO_RESIDENTS,
    NOT_ASSESSED,
    SUPPRESSED,
    Unit,
    Values,
)  # fmt: skip
from geo.analysis.scores import gap_index, need_intensity, underserved
from geo.analysis.siting_model import Demand, max_cover
from geo.analysis.smoothing import smoothed_rate
from geo.vocabulary import PopulationBase

BASE = PopulationBase.RESIDENTS
NAN = float("nan")


@dataclass(frozen=True)
class Town:
    """District 0 is the one that is made different."""

    events: Floats
    people: Floats
    neighbours: csr_array
    hidden: bool = False

    @property
    def size(self) -> int:
        return len(self.people)

    @property
    def lonlat(self) -> Floats:
        return np.column_stack([46 + 0.01 * np.arange(self.size), np.full(self.size, 51.5)])

    def rate(self) -> Values:
        rate = Values.ratio(self.events, self.people, Unit.SHARE, base=BASE, counts_people=True)
        return rate.hide(np.arange(self.size) == 0) if self.hidden else rate


def line(size: int) -> csr_array:
    return contiguity(size, np.arange(size - 1), np.arange(1, size))


PLAIN = Town(np.array([40.0, 25, 60, 10, 35, 90, 20, 55, 30, 70]), np.full(10, 1000.0), line(10))


def with_first(column: Floats, first: float) -> Floats:
    return np.concatenate([[first], column[1:]])


STATES: dict[str, Town] = {
    "plain": PLAIN,
    "no_data": replace(PLAIN, events=with_first(PLAIN.events, NAN)),
    "unknown_people": replace(PLAIN, people=with_first(PLAIN.people, NAN)),
    "zero": replace(PLAIN, events=with_first(PLAIN.events, 0)),
    "no_residents": replace(PLAIN, events=with_first(PLAIN.events, 0), people=with_first(PLAIN.people, 0)),
    "suppressed": replace(PLAIN, hidden=True),
    "one_district": Town(np.array([40.0]), np.array([1000.0]), csr_array((1, 1))),
    "all_equal": replace(PLAIN, events=np.full(10, 40.0)),
    "all_zero": replace(PLAIN, events=np.zeros(10)),
    "island": replace(PLAIN, neighbours=contiguity(10, np.arange(1, 9), np.arange(2, 10))),
    "not_loaded": replace(PLAIN, events=np.full(10, NAN)),
    "nobody_anywhere": replace(PLAIN, events=np.zeros(10), people=np.zeros(10)),
}

# what district 0 says unless an indicator is listed below: 0 is a number
USUAL = {
    "plain": 0, "no_data": NO_DATA, "unknown_people": NO_DATA, "zero": 0, "no_residents": NO_RESIDENTS,
    "suppressed": SUPPRESSED, "one_district": 0, "all_equal": 0, "all_zero": 0, "island": 0, "not_loaded": NO_DATA,
    "nobody_anywhere": NO_RESIDENTS,
}  # fmt: skip


def counts(town: Town) -> Floats:
    """The numerators as a computation sees them: a hidden one is not known."""
    return np.asarray(town.rate().numerator)


def shares(town: Town) -> Values:
    return share_of_people(counts(town), town.people, BASE)


def attendances(town: Town) -> Values:
    return attendance_rate(counts(town), town.people, BASE)


def smoothed(town: Town) -> Values:
    return smoothed_rate(town.rate())


def smoothed_near(town: Town) -> Values:
    return smoothed_rate(town.rate(), neighbours=town.neighbours)


def spots(town: Town) -> Values:
    return hot_spots(town.rate().value, town.neighbours).values()


def moran_spots(town: Town) -> Values:
    found = local_moran(town.rate().value, town.neighbours)
    assert np.isnan(found.index[~found.test.assessed]).all()
    return found.test.values()


def stands(town: Town) -> Values:
    plot = funnel(counts(town), town.people)
    assert (plot.standing[np.isnan(plot.rate)] == 0).all()
    return Values.build(plot.rate, Unit.SHARE)


def intensity(town: Town) -> Values:
    return need_intensity(np.outer(counts(town), [0, 0, 1, 0]), town.people)


def gap(town: Town) -> Values:
    return gap_index(intensity(town), Values.build(np.arange(town.size) % 4, Unit.PER_1000)).index


def rule(town: Town) -> Values:
    share = town.rate().value
    found = underserved(town.people, share, share, counts(town))
    return Values.build(found.hit, Unit.INDEX, missing=found.missing)


def against_baseline(town: Town) -> Values:
    return disparity(counts(town), town.people).points


def catchments(town: Town) -> Values:
    """One place per district, a project in each with the events as capacity, reaching the next district."""
    place = np.arange(town.size)
    pairs = np.concatenate([np.column_stack([place, place]), np.column_stack([place[1:], place[:-1]])])
    cost = np.where(pairs[:, 0] == pairs[:, 1], 100.0, 700.0)
    result = catchment(town.people, counts(town), pairs[:, 0], pairs[:, 1], cost)
    assert result.received == pytest.approx(result.supplied)
    return result.per_1000()


def within_distance(town: Town) -> Values:
    """Projects stand where events are known and not zero; the register is not loaded when none is known."""
    known = ~np.isnan(counts(town))
    sites = town.lonlat[known & (np.nan_to_num(counts(town)) > 0)]
    table = people_by_step(steps(nearest_m(town.lonlat, sites)), town.people, np.arange(town.size), town.size)
    reached = np.where(known, people_within(table, 1000), NAN)
    return Values.ratio(reached, town.people, Unit.SHARE, base=BASE, counts_people=True)


def in_new_boundaries(town: Town) -> Values:
    """Every two districts become one; the first is alone with the second."""
    to = np.arange(town.size) // 2
    area = np.full(town.size, 100.0)
    walk = crosswalk(np.arange(town.size), to, area, area, np.bincount(to) * 100.0)
    moved = transfer_counts(counts(town), walk).values
    assert np.nansum(moved.value) <= np.nansum(counts(town)) + 1e-9
    transfer_rates(town.rate().value, walk)
    return moved


def changed(town: Town) -> Values:
    tested = differences(counts(town), town.people, counts(town), town.people)
    return Values.build(tested.points, Unit.POINTS)


def by_seats(town: Town) -> Values:
    return representation(town.people).deviation


def among_peers(town: Town) -> Values:
    features = np.column_stack([counts(town), town.people, np.arange(town.size), np.arange(town.size) ** 2])
    peers = peer_districts(features, ["a", "b", "c", "d"], [f"{at:02}" for at in range(town.size)])
    return Values.build(peer_score(town.rate().value, peers), Unit.INDEX)


def simulated(town: Town) -> Values:
    ranks = simulated_ranks(counts(town), town.people, draws=50)
    assert ranks.ranked == int((~np.isnan(ranks.rank)).sum())
    return Values.build(ranks.rank, Unit.INDEX)


def plainly_ranked(town: Town) -> Values:
    return Values.build(plain_ranks(town.rate().value).rank, Unit.INDEX)


INDICATORS: dict[str, tuple[Callable[[Town], Values], dict[str, int]]] = {
    # a list computed from arrays cannot tell a hidden count from an unknown one: its caller keeps the reason
    "share of people": (shares, {"suppressed": NO_DATA}),
    "attendances": (attendances, {"suppressed": NO_DATA}),
    "smoothed": (smoothed, {}),
    "smoothed with neighbours": (smoothed_near, {}),
    "hot spots": (spots, {
        "suppressed": NO_DATA, "no_residents": NO_DATA, "one_district": NOT_ASSESSED, "all_equal": NOT_ASSESSED,
        "all_zero": NOT_ASSESSED, "island": NOT_ASSESSED, "nobody_anywhere": NO_DATA,
    }),
    "local Moran": (moran_spots, {
        "suppressed": NO_DATA, "no_residents": NO_DATA, "one_district": NOT_ASSESSED, "all_equal": NOT_ASSESSED,
        "all_zero": NOT_ASSESSED, "island": NOT_ASSESSED, "nobody_anywhere": NO_DATA,
    }),
    "funnel": (stands, {"suppressed": NO_DATA, "no_residents": NO_DATA, "nobody_anywhere": NO_DATA}),
    "need": (intensity, {"suppressed": NO_DATA}),
    "gap": (gap, {"suppressed": NO_DATA, "one_district": NOT_ASSESSED}),
    "underserved": (rule, {"suppressed": NO_DATA}),
    # shares of resources: people are the baseline, a district without them has the share 0
    "disparity": (against_baseline, {
        "suppressed": NO_DATA, "no_residents": 0, "all_zero": NO_OBJECTS, "nobody_anywhere": NO_OBJECTS,
    }),
    # capacity not known supplies nobody, the place still has access to what is next door
    "catchment": (catchments, {"no_data": 0, "suppressed": 0, "not_loaded": 0}),
    "within distance": (within_distance, {"suppressed": NO_DATA}),
    # the first of two merged districts is half of the new one: less than 95 % is partial, half is still a figure
    "new boundaries": (in_new_boundaries, {
        "no_data": 0, "suppressed": 0, "unknown_people": 0, "no_residents": 0, "nobody_anywhere": 0,
    }),
    "change": (changed, {"suppressed": NO_DATA, "no_residents": NO_DATA, "nobody_anywhere": NO_DATA}),
    "representation": (by_seats, {
        "no_data": 0, "suppressed": 0, "not_loaded": 0, "no_residents": 0,
    }),
    "peers": (among_peers, {
        "suppressed": NO_DATA, "no_residents": NO_DATA, "one_district": NO_DATA, "all_equal": NO_DATA,
        "all_zero": NO_DATA, "nobody_anywhere": NO_DATA,
    }),
    "simulated ranks": (simulated, {"suppressed": NO_DATA, "no_residents": NO_DATA, "nobody_anywhere": NO_DATA}),
    "plain ranks": (plainly_ranked, {"suppressed": NO_DATA, "no_residents": NO_DATA, "nobody_anywhere": NO_DATA}),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_indicator_in_every_state(indicator: str, state: str) -> None:
    ask, unusual = INDICATORS[indicator]
    with np.errstate(all="raise", under="ignore"):  # no silent 0/0 on the way
        answer = ask(STATES[state])
    assert answer.missing[0] == {**USUAL, **unusual}[state]
    assert np.isfinite(answer.value[answer.known]).all()
    assert np.isnan(answer.value[~answer.known]).all()
    if state in ("zero", "all_zero") and answer.unit in (Unit.SHARE, Unit.PER_1000) and indicator not in (
        "smoothed", "smoothed with neighbours", "need", "catchment", "within distance", "representation",
    ):  # fmt: skip
        assert answer.value[0] == 0


@pytest.mark.parametrize("state", STATES)
def test_the_whole_city_in_every_state(state: str) -> None:
    """Inequality, siting and the surface give one answer for all districts."""
    town = STATES[state]
    held = counts(town)
    unequal = inequality(held, town.people)
    known = ~np.isnan(held) & (town.people > 0)
    expected = (
        "not_assessed" if known.sum() < 2 else "no_objects" if not np.nansum(held[known]) else None
    )  # fmt: skip
    for figure in (unequal.gini, unequal.hoover, unequal.theil):
        assert (figure.missing_reason.value if figure.missing_reason else None) == expected
    place = np.arange(town.size)
    sited = max_cover(Demand.of(town.people, [f"{at:02}" for at in place], place, place, held * 0 + 1), 2, 500)
    assert sited.objective is not None
    assert sited.objective <= np.nansum(town.people)
    surface = density_surface(town.lonlat, held, town.lonlat, np.ones(town.size), 800)
    assert (surface.refusal is None) is (int((np.nan_to_num(held) > 0).sum()) >= 10)


def test_a_theme_without_projects() -> None:
    """Loaded but empty: nobody is within reach, there is no distance; not loaded at all is another thing."""
    none = np.empty((0, 2))
    nearest = nearest_m(PLAIN.lonlat, none)
    assert steps(nearest).tolist() == [BEYOND] * 10
    table = people_by_step(steps(nearest), PLAIN.people, np.arange(10), 10)
    assert people_within(table, 5000).tolist() == [0] * 10
    assert np.isnan(weighted_mean(nearest, PLAIN.people, np.arange(10), 10)).all()
    empty = np.empty(0, int)
    assert (catchment(PLAIN.people, [], empty, empty, []).per_1000().value == 0).all()
