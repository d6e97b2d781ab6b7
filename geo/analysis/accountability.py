"""Which money came, which stages are late, which reports are missing, and who keeps the district's database?

Counts of objects as they stand at the end of the period; a register that was never loaded says nothing (`no_data`).
Projects are counted in the territories their public places lie in, each once however many places it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, counted_parts, loaded, people
from geo.analysis.arrays import Floats
from geo.analysis.figure import Unit
from geo.analysis.gaps import stock
from geo.analysis.result import Values
from geo.analysis.told import Told
from geo.errors import N_, Message
from geo.vocabulary import DONE_PROJECTS, NOT_MONEY, OrganisationKind, PopulationBase, ProjectStatus

# a report is due this long after completion (methods 3.2)
REPORT_DAYS = 30
LEFT = (ProjectStatus.CANCELLED, ProjectStatus.NOT_SELECTED)
DECIDED = (
    ProjectStatus.SELECTED, ProjectStatus.PLANNED, ProjectStatus.IN_PROGRESS, *(ProjectStatus(s) for s in DONE_PROJECTS)
)  # fmt: skip
MONEY_OF = "coalesce((SELECT sum(value::bigint) FROM jsonb_each_text(p.funding) WHERE NOT key = ANY (:not_money)), 0)"
CHOSEN = """
  SELECT DISTINCT a.area_id, p.id, {money} AS money
  FROM published.project p JOIN published.place l ON l.entry_id = p.id AND l.register = 'project'
  CROSS JOIN LATERAL unnest(l.placed) AS a (area_id)
  WHERE a.area_id = ANY (:ids) AND (:any_theme OR p.theme = :theme) AND {condition}
"""
PROJECTS = f"SELECT area_id, count(*), sum(money) FROM ({CHOSEN}) f GROUP BY area_id"
PROJECT_IDS = f"SELECT DISTINCT id FROM ({CHOSEN}) f ORDER BY id"
OVERDUE = (
    "p.planned_to < :day AND p.status <> ALL (:gone)"
    " AND NOT (p.status = ANY (:done) AND (p.ends_on IS NULL OR p.ends_on <= :day))"
)
WITHOUT_MONEY = (
    "p.status = ANY (:decided) AND p.total_cost_minor IS NULL"
    " AND (coalesce(p.begins_on, p.planned_from) IS NULL OR coalesce(p.begins_on, p.planned_from) <= :day)"
)
WITHOUT_REPORT = "p.status = 'completed' AND p.ends_on <= :report_day"
# the projects each count is of
CONDITIONS = {
    "projects_overdue": OVERDUE,
    "projects_without_money": f"{WITHOUT_MONEY} AND {MONEY_OF} = 0",
    "projects_without_report": f"{WITHOUT_REPORT} AND {MONEY_OF} > 0",
}
IN_OFFICE = "(o.begins_on IS NULL OR o.begins_on <= :day) AND (o.ends_on IS NULL OR o.ends_on > :day)"


def projects(connection: Connection, query: Query, areas: Areas, condition: str) -> tuple[Floats, Floats]:
    """Number of projects by area that meet a condition, and their money in minor units; NaN without a register."""
    nothing = np.full(len(areas), np.nan)
    if not loaded(connection, "project"):
        return nothing, nothing
    rows = connection.execute(text(meeting(PROJECTS, condition)), values_of(query, areas)).all()
    return areas.spread((r[0], float(r[1])) for r in rows), areas.spread((r[0], float(r[2])) for r in rows)


def project_ids(connection: Connection, query: Query, areas: Areas, condition: str) -> list[int]:
    """The projects in these areas that meet a condition."""
    return list(connection.scalars(text(meeting(PROJECT_IDS, condition)), values_of(query, areas)))


def meeting(statement: str, condition: str) -> str:
    """A statement about the projects that meet a condition of this module."""
    return statement.replace("{money}", MONEY_OF).replace("{condition}", condition)


def values_of(query: Query, areas: Areas) -> dict[str, Any]:
    """What the conditions name. In a running year "passed" means passed by today."""
    day = min(query.day, date.today())  # noqa: DTZ011 - the city's calendar, not an instant
    return {
        "ids": areas.boundary.tolist(), "any_theme": query.theme is None, "theme": query.theme or "", "day": day,
        "report_day": day - timedelta(days=REPORT_DAYS), "done": list(DONE_PROJECTS), "gone": list(LEFT),
        "decided": list(DECIDED), "not_money": list(NOT_MONEY),
    }  # fmt: skip


def of_objects(count: Floats) -> Values:
    """A plain number of things: it is its own numerator."""
    return Values.build(count, Unit.COUNT, numerator=count)


def overdue(connection: Connection, query: Query, areas: Areas) -> Values:
    """Projects whose planned end has passed and that are not done."""
    return of_objects(projects(connection, query, areas, CONDITIONS["projects_overdue"])[0])


def without_money(connection: Connection, query: Query, areas: Areas) -> Values:
    """Projects decided on (selected or later) of which neither a source of money nor a cost is known."""
    count, _ = projects(connection, query, areas, CONDITIONS["projects_without_money"])
    return of_objects(count)


def without_report(connection: Connection, query: Query, areas: Areas) -> Values:
    """Projects completed with money more than 30 days before the end of the period that have not reported."""
    count, money = projects(connection, query, areas, CONDITIONS["projects_without_report"])
    return of_objects(count).with_parts(money=Values.build(money, Unit.MONEY))


def needs_without_project(connection: Connection, query: Query, areas: Areas) -> Values:
    """Needs reported up to the end of the period that no live project takes up and no dated statement answers."""
    reported = stock(connection, query, areas, "needs_reported", "need")
    taken = stock(connection, query, areas, "needs_taken_up", "need")
    parts = {"reported": reported, "taken_up": taken}
    return Values.build(reported - taken, Unit.COUNT, numerator=reported - taken, denominator=reported).with_parts(
        **{name: Values.build(column, Unit.COUNT) for name, column in parts.items()}
    )


def money_per_resident(connection: Connection, query: Query, areas: Areas) -> Told:
    """Money of projects begun up to the end of the period over residents, in the currency most of it is in.

    In-kind and labour are not money and not added; they, other currencies and each source stand in the parts.
    """
    theme = query.theme.value if query.theme else None
    found = counted_parts(connection, areas, "funding_minor", query.year, until=True, theme=theme)
    amounts = {tuple(part.split(":", 1)): column for part, column in found.items()}
    currency = most_used(amounts)
    money = sum(
        (column for (source, of), column in amounts.items() if of == currency and source not in NOT_MONEY),
        np.zeros(len(areas)),
    )
    if not loaded(connection, "project"):
        money = np.full(len(areas), np.nan)
    residents = people(connection, areas, PopulationBase.RESIDENTS, query.year)
    values = Values.ratio(money, residents.number, Unit.MONEY, base=residents.base, estimated=residents.carried)
    parts = {f"{source}_{of}": Values.build(column, Unit.MONEY) for (source, of), column in amounts.items()}
    note = Message(N_("Amounts are in {currency}; what is given in kind or as labour is not added."),
                   {"currency": currency})  # fmt: skip
    return Told(values.with_parts(**parts), notes=(note,))


def most_used(amounts: Mapping[tuple[str, ...], Floats]) -> str:
    """The currency most money is in; amounts by source and currency."""
    totals: Counter[str] = Counter()
    for (source, currency), column in amounts.items():
        totals[currency] += 0 if source in NOT_MONEY else int(column.sum())
    return totals.most_common(1)[0][0] if totals else "RUB"


def base_organisations(connection: Connection, query: Query, areas: Areas) -> Told:
    """Base civic organisations with a mandate over the territory; 0 is a gap."""
    if not loaded(connection, "organisation"):
        return Told(of_objects(np.full(len(areas), np.nan)))
    rows = connection.execute(
        text(
            "SELECT t.territory_id, count(DISTINCT o.id) FROM published.organisation o"
            " JOIN published.entry_territory t ON t.entry_id = o.id AND t.role = 'mandate'"
            f" WHERE o.organisation_kind = :kind AND t.territory_id = ANY (:ids) AND {IN_OFFICE} GROUP BY 1"
        ),
        {"kind": OrganisationKind.BASE_ORGANISATION, "ids": areas.territory.tolist(), "day": query.day},
    )
    bodies = {row[0]: float(row[1]) for row in rows}
    column = np.array([bodies.get(territory, 0.0) for territory in areas.territory.tolist()])
    none = (Message(N_("no base civic organisation holds a mandate here")),)
    return Told(of_objects(column), reasons=[() if each else none for each in column.tolist()])


COLUMNS: dict[str, Callable[[Connection, Query, Areas], Values | Told]] = {
    "needs_without_project": needs_without_project,
    "money_per_resident": money_per_resident,
    "projects_overdue": overdue,
    "projects_without_money": without_money,
    "projects_without_report": without_report,
    "base_organisations": base_organisations,
}
