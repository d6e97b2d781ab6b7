"""Which rows were counted? The entries behind the figure of one territory, exactly those its numerator is made of.

What an entry adds is read from what the tally remembers of it (`published.counted`), so the rows and the figure cannot
disagree. Entries whose place the public sees only roughly are counted and not listed: listed, they would say more of
their place than their own page does. A figure of residents is not made of entries; the projects or TOS it rests on are
listed instead, and the answer says that they are not its numerator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from geo.analysis import accountability
from geo.analysis.areas import Areas, Query, counted, counted_parts
from geo.analysis.catchment import THRESHOLD_M
from geo.analysis.clusters import looked_for_in
from geo.analysis.distance import FARTHEST_M
from geo.analysis.measures import ACCESS_FORMS, COVERAGE
from geo.analysis.result import Row
from geo.analysis.sensitive import withholds
from geo.analysis.shields import DIGITAL
from geo.analysis.withheld import withheld
from geo.vocabulary import (
    DIGITAL_CHANNELS,
    DONE_PROJECTS,
    NOT_MONEY,
    WIDE_KINDS,
    Channel,
    MissingReason,
    OrganisationKind,
)

MOST_ROWS = 5000
ENTRY = "e.id, e.register, e.title, e.titles, e.theme, e.status, e.begins_on, e.ends_on"
HERE = "IN (SELECT p.entry_id FROM published.place p WHERE p.placed @> ARRAY[CAST(:area AS int)])"
IN_TIME = "(c.period = :year OR (:until AND c.period <= :year)) AND (:any_theme OR c.theme = :theme)"
COUNTED = f"""
SELECT {ENTRY}, sum(c.amount)::bigint AS amount, bool_or(c.amount IS NULL) AS hidden,
       EXISTS (SELECT FROM published.counted_wide w WHERE w.entry_id = e.id) AS sensitive
FROM published.counted c JOIN published.entry e ON e.id = c.entry_id
WHERE c.entry_id {HERE} AND c.measure = :measure AND {IN_TIME} AND (:any_part OR c.part = ANY (:parts))
  AND NOT EXISTS (SELECT FROM published.counted x WHERE x.entry_id = c.entry_id AND x.measure = :without
                  AND x.period <= :year)
  AND (:wide OR NOT EXISTS (SELECT FROM published.counted_wide w WHERE w.entry_id = c.entry_id))
GROUP BY {ENTRY} ORDER BY e.id LIMIT {MOST_ROWS}
"""
NEAR_PROJECTS = f"""
SELECT DISTINCT {ENTRY}, 1 AS amount, false AS hidden
FROM published.entry e JOIN published.place p ON p.entry_id = e.id AND p.register = 'project'
JOIN published.boundary b ON b.id = :area
WHERE e.status = ANY (:done) AND coalesce(extract(year FROM e.ends_on), 0) <= :year
  AND (:any_theme OR e.theme = :theme)
  AND p.geom && ST_Expand(b.geom, :metres / 30000.0, :metres / 110000.0)
  AND ST_DWithin(CAST(p.geom AS geography), CAST(b.geom AS geography), :metres)
ORDER BY e.id LIMIT {MOST_ROWS}
"""
TOS_INSIDE = f"""
SELECT t.territory_id AS id, 'tos_territory' AS register, t.name AS title, t.names AS titles, NULL AS theme,
       t.tos_status AS status, t.valid_from AS begins_on, t.valid_to AS ends_on, t.code, 1 AS amount, false AS hidden
FROM published.boundary t JOIN published.boundary b ON b.id = :area
WHERE t.kind = 'tos_territory' AND t.valid @> CAST(:day AS date) AND t.tos_status IN ('active', 'dissolved')
  AND t.geom && b.geom AND ST_Relate(t.geom, b.geom, 'T********')
ORDER BY t.code LIMIT {MOST_ROWS}
"""
HELD_BY = f"""
SELECT {ENTRY}, 1 AS amount, false AS hidden
FROM published.entry e WHERE e.id = ANY (:ids) ORDER BY e.id LIMIT {MOST_ROWS}
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows of one figure. `numerator` says whether they make it up: as many as it counts, or, when `adds`, rows
    whose `amount` adds up to it; `total` is that number over all rows, listed or not, None when it is hidden.
    """

    register: str
    rows: tuple[dict[str, Any], ...]
    numerator: bool
    adds: bool = False
    total: float | None = None

    @property
    def listed(self) -> float | None:
        """What the listed rows come to; None when the number of one of them is hidden."""
        amounts = [row["amount"] if self.adds else 1 for row in self.rows]
        return None if any(amount is None for amount in amounts) else float(sum(amounts))

    @property
    def not_listed(self) -> float:
        """What is counted and not listed; 0 too when it cannot be told without telling what is hidden."""
        return 0.0 if self.total is None or self.listed is None else self.total - self.listed


@dataclass(frozen=True, slots=True)
class Facts:
    """Entries that count in a tally measure up to the end of the year (`until`) or in it; those of `without` not."""

    register: str
    measure: str
    without: str = ""
    until: bool = True
    adds: bool = False
    parts: tuple[str, ...] = ()
    sign: int = 1


Finder = Callable[[Connection, Query, Areas], Behind]
OPEN_NEEDS = Facts("need", "needs_reported", "needs_answered")
HEADS = Facts("event", "participants", until=False, adds=True)
USES = Facts("event", "channel_uses", until=False, adds=True)


def behind(connection: Connection, query: Query, areas: Areas, figure: Row | None = None) -> Behind:
    """The rows behind the query's measure in the one area; numbers of people stay hidden when the figure is."""
    found = FINDERS[query.measure.code](connection, query, areas)
    if withholds(query):
        return replace(found, rows=(), total=None)
    hidden = figure is not None and figure.value.missing_reason is MissingReason.SUPPRESSED
    return without_people(found) if hidden and found.register == "event" else found


def without_people(found: Behind) -> Behind:
    """The same rows without their head counts."""
    rows = tuple({**row, "amount": None, "hidden": True} for row in found.rows)
    return replace(found, rows=rows, total=None)


def why_hidden(row: Mapping[str, Any]) -> MissingReason | None:
    """Why the number of people of a row is not told; None where it is."""
    if not row["hidden"]:
        return None
    return MissingReason.SENSITIVE if row.get("sensitive") else MissingReason.SUPPRESSED


def of_facts(*wanted: Facts) -> Finder:
    """Rows by what the tally remembers."""

    def find(connection: Connection, query: Query, areas: Areas) -> Behind:
        return counted_rows(connection, query, areas, wanted)

    return find


def counted_rows(connection: Connection, query: Query, areas: Areas, wanted: Sequence[Facts]) -> Behind:
    """Entries of each kind of facts, the first year's with a minus where a change is asked for."""
    rows: list[dict[str, Any]] = []
    total: float | None = 0.0
    for facts in wanted:
        year = query.year if facts.sign > 0 else query.against or query.year - 1
        rows += [signed(row, facts.sign) for row in select(connection, COUNTED, values(query, areas, facts, year))]
        total = None if total is None or not_told(connection, query, areas, facts, year) else (
            total + facts.sign * sum_of(connection, query, areas, facts, year)
        )  # fmt: skip
    return Behind(wanted[0].register, tuple(rows), True, wanted[0].adds, total)


def not_told(connection: Connection, query: Query, areas: Areas, facts: Facts, year: int) -> bool:
    """Whether the number of people is hidden as a sum, whatever the figure asked about is."""
    if facts.register != "event" or not facts.adds:
        return False
    column = facts.measure if not facts.parts else facts.parts[0] if len(facts.parts) == 1 else DIGITAL
    return bool(withheld(connection, areas.boundary, year, query.theme, [column]).any())


def signed(row: dict[str, Any], sign: int) -> dict[str, Any]:
    return {**row, "amount": None if row["hidden"] or row["amount"] is None else sign * row["amount"]}


def sum_of(connection: Connection, query: Query, areas: Areas, facts: Facts, year: int) -> float:
    """What all entries add, listed or not."""
    theme = query.theme.value if query.theme else None
    whole = counted(connection, areas, facts.measure, year, until=facts.until, theme=theme, parts=facts.parts)
    if not facts.without:
        return float(whole.sum())
    return float((whole - counted(connection, areas, facts.without, year, until=facts.until, theme=theme)).sum())


def values(query: Query, areas: Areas, facts: Facts | None = None, year: int | None = None) -> dict[str, Any]:
    """What the statements name."""
    told = facts or Facts("", "")
    return {
        "area": int(areas.boundary[0]), "measure": told.measure, "without": told.without, "until": told.until,
        "year": year or query.year, "any_theme": query.theme is None, "theme": query.theme or "",
        "any_part": not told.parts, "parts": list(told.parts), "day": query.day, "done": list(DONE_PROJECTS),
        "wide": query.kind in WIDE_KINDS,
    }  # fmt: skip


def select(connection: Connection, statement: str, named: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(statement), named).mappings()]


def of_heads(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Events with their head counts, or with their uses of the asked channel."""
    facts = replace(USES, parts=(query.channel,)) if query.channel else HEADS
    return counted_rows(connection, query, areas, (facts,))


def of_change(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Events of both years, those of the first with a minus."""
    facts = replace(USES, parts=(query.channel,)) if query.channel else HEADS
    return counted_rows(connection, query, areas, (facts, replace(facts, sign=-1)))


def of_channel(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Events with their uses of a channel, face to face when none is asked for."""
    return counted_rows(connection, query, areas, (replace(USES, parts=(query.channel or Channel.FACE_TO_FACE,)),))


def of_money(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Projects with their money in the currency most money is in; what is given in kind or as labour is not money."""
    every = Areas.load(connection, query.kind.value, query.day)
    theme = query.theme.value if query.theme else None
    found = counted_parts(connection, every, "funding_minor", query.year, until=True, theme=theme)
    currency = accountability.most_used({tuple(part.split(":", 1)): column for part, column in found.items()})
    parts = tuple(part for part in found if part.partition(":")[0] not in NOT_MONEY and part.endswith(f":{currency}"))
    facts = Facts("project", "funding_minor", adds=True, parts=parts or ("",))
    return counted_rows(connection, query, areas, (facts,))


def of_condition(condition: str) -> Finder:
    """Projects that meet a condition of accountability."""

    def find(connection: Connection, query: Query, areas: Areas) -> Behind:
        ids = accountability.project_ids(connection, query, areas, condition)
        rows = select(connection, HELD_BY, {"ids": ids})
        return Behind("project", tuple(rows), True, False, float(len(ids)))

    return find


def of_mandates(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Base civic organisations with a mandate over the territory."""
    ids = connection.scalars(
        text(
            "SELECT DISTINCT o.id FROM published.organisation o"
            " JOIN published.entry_territory t ON t.entry_id = o.id AND t.role = 'mandate'"
            f" WHERE o.organisation_kind = :kind AND t.territory_id = :territory AND {accountability.IN_OFFICE}"
        ),
        {"kind": OrganisationKind.BASE_ORGANISATION, "territory": int(areas.territory[0]), "day": query.day},
    ).all()
    rows = select(connection, HELD_BY, {"ids": list(ids)})
    return Behind("organisation", tuple(rows), True, False, float(len(ids)))


def of_tos(connection: Connection, query: Query, areas: Areas) -> Behind:
    """The TOS that lie in the territory, wholly or in part."""
    return Behind("tos_territory", tuple(select(connection, TOS_INSIDE, values(query, areas))), False)


def of_reach(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Finished projects so near that they can serve somebody who lives in the territory."""
    reach = {"within_distance_share": query.distance_m, **dict.fromkeys(("access_score", *ACCESS_FORMS), THRESHOLD_M)}
    named = {**values(query, areas), "metres": float(reach.get(query.measure.code, FARTHEST_M))}
    return Behind("project", tuple(select(connection, NEAR_PROJECTS, named)), False)


def of_clusters(connection: Connection, query: Query, areas: Areas) -> Behind:
    """Rows of the measure that clusters are looked for in; the cluster itself has no numerator."""
    found = FINDERS[looked_for_in(query).code](connection, replace(query, measure=looked_for_in(query)), areas)
    return replace(found, numerator=False)


def resting_on(facts: Facts) -> Finder:
    """Rows a figure is put together from without being their number."""

    def find(connection: Connection, query: Query, areas: Areas) -> Behind:
        return replace(counted_rows(connection, query, areas, (facts,)), numerator=False)

    return find


def nothing(_connection: Connection, _query: Query, _areas: Areas) -> Behind:
    """A figure made of stated numbers of people: its base row says all."""
    return Behind("", (), False)


FINDERS: dict[str, Finder] = {
    **dict.fromkeys(("tos_population_share", "tos_area_share", "uncovered_residents", "uncovered_share"), of_tos),
    **dict.fromkeys(("within_distance_share", "nearest_project_m", "access_score", *ACCESS_FORMS), of_reach),
    "needs_answered_share": of_facts(Facts("need", "needs_answered")),
    **dict.fromkeys(("needs_open", "needs_open_per_1000", "needs_open_per_km2"), of_facts(OPEN_NEEDS)),
    **dict.fromkeys(("projects_done_per_1000", "projects_done_per_km2"), of_facts(Facts("project", "projects_done"))),
    "events_per_km2": of_facts(Facts("event", "events", until=False)),
    **dict.fromkeys(("participants_surface", "events_surface"), nothing),
    **dict.fromkeys(("gap_index", "underserved", "need_supply_class"), resting_on(OPEN_NEEDS)),
    **dict.fromkeys(("hot_spot", "local_moran"), of_clusters),
    "needs_without_project": of_facts(Facts("need", "needs_reported", "needs_taken_up")),
    "money_per_resident": of_money,
    **{code: of_condition(condition) for code, condition in accountability.CONDITIONS.items()},
    "base_organisations": of_mandates,
    **dict.fromkeys(
        ("participants_per_1000_16", "participants_per_1000_voters", "participants_per_1000_residents", "participants",
         "participants_per_km2", "smoothed_rate", "funnel_plot"), of_heads,
    ),
    "digital_mix_share": of_facts(replace(USES, parts=tuple(DIGITAL_CHANNELS))),
    **dict.fromkeys(("channel_reach_share", "channel_mix_share"), of_channel),
    "participants_change": of_change,
    "representation_deviation_share": nothing,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BaseRow:
    """The stated number of people a rate rests on."""

    year: int
    people: int
    estimated: bool
    source: str


def base_row(connection: Connection, query: Query, areas: Areas) -> BaseRow | None:
    """The population row that stands in the denominator; None where cells are counted or nothing is known."""
    by_cells = query.measure.question == COVERAGE or query.measure.code == "uncovered_share"
    if query.measure.base is None or by_cells:
        return None
    row = connection.execute(
        text(
            "SELECT year, people, estimated, source FROM published.population"
            " WHERE base = :base AND territory_id = :territory ORDER BY (year > :year), abs(year - :year) LIMIT 1"
        ),
        {"base": query.measure.base.value, "territory": int(areas.territory[0]), "year": query.year},
    ).one_or_none()
    return BaseRow(*row) if row else None
