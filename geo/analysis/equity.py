"""Does everybody get a share? Shares of projects or money against shares of people, and how unequal the whole is.

Resources are objects and money, never people; territories with so few people that their number is hidden are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis import accountability, gaps, rests_on
from geo.analysis.areas import Areas, Query, answer, no_boundaries, people
from geo.analysis.arrays import Floats
from geo.analysis.disparity import disparity
from geo.analysis.figure import few
from geo.analysis.inequality import Inequality, by_chance, inequality
from geo.analysis.measures import Measure
from geo.analysis.result import Answer, Unit
from geo.analysis.told import Told, rounded
from geo.errors import N_, BadInput, Message
from geo.settings import settings
from geo.vocabulary import PopulationBase

DISPARITY = Measure(
    "disparity_points", "equity", N_("share of resources minus share of people"), Unit.POINTS, more_is_better=None,
    relative=True, chapter="disparity", reference="Urban Institute, Spatial Equity Data Tool (2020)",
)  # fmt: skip
NOT_SURE = N_("the interval contains 0: the difference may be chance")
MOVED = N_("{share} % of the resources would have to be elsewhere for everybody to have the same share.")
LEFT_OUT = N_("{count} territories without people or data are left out; they hold {share} % of the resources.")
CHANCE = N_(
    "Handed out at random, to everybody alike, {count} projects would give a Gini coefficient of about {mean}, seldom"
    " more than {high}; the territories are all there are, so the coefficient itself has no interval."
)
NO_INTERVAL = N_("Money has no interval: it is no number of independent things.")


class Resource(StrEnum):
    """What is shared out."""

    PROJECTS = "projects"  # finished up to the end of the period
    MONEY = "money"  # of projects begun up to then, minor units of the main currency


class Grouping(StrEnum):
    """By what territories are taken together to tell inequality between groups from that within them."""

    PARENT = "parent"
    FORM = "form"  # municipality form: urban, municipal okrug …


@dataclass(frozen=True, slots=True)
class Equity:
    """The disparity of each territory, and the inequality of the whole with its Lorenz curve."""

    answer: Answer
    inequality: Inequality
    resource: Resource
    total: float


def equity(
    connection: Connection, query: Query, resource: Resource, baseline: PopulationBase, grouping: Grouping,
    lang: str = "ru",
) -> Equity:  # fmt: skip
    """Shares of a resource against shares of people of a base, over all territories of the query's kind.

    Raises NotFound when the kind has no boundary valid then.
    """
    areas = Areas.load(connection, query.kind.value, query.day)
    if not len(areas):
        raise no_boundaries(query)
    counted = people(connection, areas, baseline, query.year)
    living = np.where(few(counted.number, settings().small_count), np.nan, counted.number)
    held = resources(connection, query, areas, resource)
    groups = group_of(connection, areas, grouping)
    found = inequality(held, living, groups if len(set(groups)) > 1 else None)
    shares = disparity(held, living, counted=0 if resource is Resource.MONEY else None)
    unsure = (Message(NOT_SURE),)
    reasons = [
        () if sure or resource is Resource.MONEY else unsure for sure in shares.significant.tolist()
    ]  # fmt: skip
    told = answer(
        connection, replace(query, measure=replace(DISPARITY, base=baseline)), areas,
        Told(replace(shares.points, estimated=counted.carried & shares.points.known), reasons=reasons),
        sources=rests_on.sources(connection, query, areas, counted),
        notes=(*notes(found, resource), *chance(found, resource, held, living)), lang=lang,
    )  # fmt: skip
    return Equity(told, found, resource, float(np.nansum(held)))


def resources(connection: Connection, query: Query, areas: Areas, resource: Resource) -> Floats:
    """The resource by area; NaN when no projects were ever loaded."""
    if resource is Resource.PROJECTS:
        return gaps.stock(connection, query, areas, "projects_done", "project")
    return accountability.money_per_resident(connection, query, areas).values.numerator


def group_of(connection: Connection, areas: Areas, grouping: Grouping) -> Sequence[str]:
    """The group each area belongs to, '' for none."""
    column = "parent" if grouping is Grouping.PARENT else "municipality_form"
    rows = connection.execute(
        text(f"SELECT id, coalesce({column}, '') FROM published.territory WHERE id = ANY (:ids)"),
        {"ids": areas.territory.tolist()},
    )
    found = {row[0]: row[1] for row in rows}
    return [found[int(territory)] for territory in areas.territory]


def notes(found: Inequality, resource: Resource) -> list[Message]:
    """What the measures say in words."""
    said = []
    if found.hoover.value is not None:
        said.append(Message(MOVED, {"share": rounded(100 * found.hoover.value, 1)}))
    if found.left_out:
        said.append(Message(LEFT_OUT, {"count": found.left_out, "share": rounded(100 * found.left_out_share, 1)}))
    return said + ([Message(NO_INTERVAL)] if resource is Resource.MONEY else [])


def chance(found: Inequality, resource: Resource, held: Floats, living: Floats) -> tuple[Message, ...]:
    """How unequal so many projects would look if they were handed out at random."""
    if resource is Resource.MONEY or found.gini.value is None:
        return ()
    kept = ~np.isnan(held) & (living > 0)
    count = int(held[kept].sum())
    mean, high = by_chance(count, living[kept])
    return (Message(CHANCE, {"count": count, "mean": rounded(mean, 2), "high": rounded(high, 2)}),)


def check_base(code: str) -> PopulationBase:
    """A base of people by its code; BadInput otherwise."""
    if code not in PopulationBase.codes():
        raise BadInput(
            N_("There is no base {code}."), remedy=N_("Known bases: {known}."), code=code,
            known=", ".join(PopulationBase.codes()), field="baseline",
        )  # fmt: skip
    return PopulationBase(code)
