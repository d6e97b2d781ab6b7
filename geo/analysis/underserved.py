"""Where is more needed than is there? The gap index, need against supply in classes, and the underserved rule.

All three are put together from figures as the public sees them: a district whose coverage is hidden cannot be found
out by moving the limits of the rule.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from geo.analysis import coverage, gaps
from geo.analysis.areas import Areas, Query, counted_parts, loaded, people
from geo.analysis.arrays import Floats
from geo.analysis.figure import NO_DATA, SUPPRESSED, Unit
from geo.analysis.measures import NEED_SUPPLY_CLASSES, SERVED_CLASSES, measure_of
from geo.analysis.result import Values
from geo.analysis.scores import Rule, gap_index, need_intensity, need_supply_classes, underserved
from geo.analysis.told import Told, rounded, seen
from geo.errors import N_, Message
from geo.vocabulary import NeedPriority, PopulationBase

NEED_REASON = N_("weighted open needs per 1,000 residents, smoothed: {value}; half of the areas have {middle} or less")
SUPPLY_REASON = N_("finished projects per 1,000 residents: {value}; half of the areas have {middle} or less")
POINTS = N_("These three are weighed: {tos} points for few under a TOS, {reach} for few near a project, {needs} for"
            " open needs; an area is underserved from {from} points.")  # fmt: skip
WEIGHED = N_("Fewer than {tos} % of residents under a TOS; fewer than {reach} % within {distance} m of a finished"
             " project; at least {needs} open needs.")  # fmt: skip
USUAL_POINTS = (1, 1, 2, 3)
BY_ACCESS = N_("Supply is the number of finished projects within walking reach per 1,000 residents.")
BY_COUNT = N_("Supply is the number of finished projects per 1,000 residents: no population cells are loaded.")


def gap(connection: Connection, query: Query, areas: Areas) -> Told:
    """The gap index with need and supply as parts, and both in words."""
    need, (supply, source) = open_need(connection, query, areas), supply_of(connection, query, areas)
    found = gap_index(need, supply)
    reasons = tuple(
        tuple(why for why in (of_need, of_supply) if why is not None)
        for of_need, of_supply in zip(compared(NEED_REASON, need), compared(SUPPLY_REASON, supply), strict=True)
    )
    index = carried_on(found.index, need, supply)
    return Told(index, reasons=reasons, notes=(*found.notes, Message(source)))


def carried_on(values: Values, *made_of: Values) -> Values:
    """The figures, marked as estimates where one of those they are made of is."""
    estimated = np.any([part.estimated for part in made_of], axis=0)
    return replace(values, estimated=np.asarray(estimated & values.known, dtype=bool))


def compared(sentence: str, values: Values) -> list[Message | None]:
    """Each known figure beside the middle one, in words."""
    known = values.value[values.known]
    middle = float(np.median(known)) if len(known) else 0.0
    return [
        None if np.isnan(value) else Message(sentence, {"value": rounded(value, 1), "middle": rounded(middle, 1)})
        for value in values.value.tolist()
    ]


def need_supply(connection: Connection, query: Query, areas: Areas) -> Told:
    """One of nine classes: need low, middling, high by supply low, middling, high (thirds of the areas)."""
    need, (supply, source) = open_need(connection, query, areas), supply_of(connection, query, areas)
    classes = need_supply_classes(need, supply)
    missing = np.where(need.known, supply.missing, need.missing)
    values = Values.build(np.where(classes < 0, np.nan, classes), Unit.INDEX, missing=np.where(classes < 0, missing, 0))
    codes = [NEED_SUPPLY_CLASSES[code][0] if code >= 0 else None for code in classes.tolist()]
    found = carried_on(values, need, supply).with_parts(need=need, supply=supply)
    return Told(found, classes=codes, notes=(Message(source),))


def open_need(connection: Connection, query: Query, areas: Areas) -> Values:
    """Priority-weighted open needs per 1,000 residents, smoothed."""
    residents = people(connection, areas, PopulationBase.RESIDENTS, query.year)
    need = need_intensity(open_by_priority(connection, query, areas), residents.number)
    return seen(replace(need, estimated=np.asarray(residents.carried & need.known, dtype=bool)))


def open_by_priority(connection: Connection, query: Query, areas: Areas) -> Floats:
    """Areas x priorities: open needs at the end of the period; NaN when no needs were ever loaded."""
    if not loaded(connection, "need"):
        return np.full((len(areas), len(NeedPriority)), np.nan)
    theme = query.theme.value if query.theme else None
    reported = counted_parts(connection, areas, "needs_reported", query.year, until=True, theme=theme)
    answered = counted_parts(connection, areas, "needs_answered", query.year, until=True, theme=theme)
    none = np.zeros(len(areas))
    return np.column_stack([reported.get(word, none) - answered.get(word, none) for word in NeedPriority])


def supply_of(connection: Connection, query: Query, areas: Areas) -> tuple[Values, str]:
    """Finished projects within reach per 1,000 residents; without population cells, those inside the area."""
    access = seen(coverage.columns(connection, replace(query, measure=measure_of("access_score")), areas))
    if access.known.any() or not loaded(connection, "project"):
        return access, BY_ACCESS
    inside = replace(query, measure=measure_of("projects_done_per_1000"))
    return seen(gaps.columns(connection, inside, areas)), BY_COUNT


def rule(connection: Connection, query: Query, areas: Areas) -> Told:
    """1 where the rule calls an area underserved, 0 where not; the limits are the visitor's."""
    residents = people(connection, areas, PopulationBase.RESIDENTS, query.year)
    shares = {
        code: seen(coverage.columns(connection, replace(query, measure=measure_of(code)), areas))
        for code in ("tos_population_share", "within_distance_share")
    }
    tos, reach = shares.values()
    still_open = gaps.stock(connection, query, areas, "needs_reported", "need") - gaps.stock(
        connection, query, areas, "needs_answered", "need"
    )
    found = underserved(residents.number, tos.value, reach.value, still_open, query.rule)
    hidden = (tos.missing == SUPPRESSED) | (reach.missing == SUPPRESSED)
    missing = np.where((found.missing == NO_DATA) & hidden, SUPPRESSED, found.missing)
    values = Values.build(found.hit.astype(float), Unit.INDEX, missing=missing)
    codes = [SERVED_CLASSES[int(hit)][0] if not gone else None for hit, gone in zip(found.hit, missing, strict=True)]
    points = Values.build(found.points, Unit.COUNT, missing=missing)
    parts = {**shares, "needs_open": Values.build(still_open, Unit.COUNT), "points": points}
    told = carried_on(values, tos, reach).with_parts(**parts)
    return Told(told, classes=codes, reasons=found.reasons, notes=(limits(query), *points_of(query.rule)))


def points_of(rule: Rule) -> tuple[Message, ...]:
    """What each condition is worth, where it is not the usual."""
    worth = (rule.tos_weight, rule.reach_weight, rule.needs_weight, rule.points_from)
    if worth == USUAL_POINTS:
        return ()
    return (Message(POINTS, dict(zip(("tos", "reach", "needs", "from"), worth, strict=True))),)


def limits(query: Query) -> Message:
    """The rule in a sentence; weighed otherwise, its limits only."""
    if points_of(query.rule):
        told = {"tos": f"{100 * query.rule.tos_share_below:g}", "reach": f"{100 * query.rule.reach_share_below:g}",
                "distance": query.distance_m, "needs": query.rule.needs_at_least}  # fmt: skip
        return Message(WEIGHED, told)
    return Message(
        N_("Underserved: fewer than {tos} % of residents under a TOS, or fewer than {reach} % within {distance} m of a"
           " finished project, and at least {needs} open needs."),
        {"tos": f"{100 * query.rule.tos_share_below:g}", "reach": f"{100 * query.rule.reach_share_below:g}",
         "distance": query.distance_m, "needs": query.rule.needs_at_least},
    )  # fmt: skip


COLUMNS = {"gap_index": gap, "need_supply_class": need_supply, "underserved": rule}
