"""What does every measure of the catalogue say, asked as any page asks it, in every state a district can be in?

Ten districts in a row on a real database, 1,000 people each, half of them in a TOS, with needs, projects and events;
then one thing at a time is made different in the first one. The table says what the first district must answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest
from sqlalchemy import Connection, text

from geo.analysis.measures import ACCESS_FORMS, OF_TERRITORIES
from geo.analysis.questions import ask, make_query
from geo.analysis.result import Row
from geo.analysis.tally import settle_on
from geo.store.replace import replace_places
from tests.geo.world import World, insert, square

KIND, YEAR = "electoral_district", 2024
REGISTERS = ("need", "project", "event", "organisation")


@dataclass
class Plan:
    """What is built; `first` overrides the numbers of the first district."""

    districts: int = 10
    registers: tuple[str, ...] = REGISTERS
    people: bool = True
    tos: bool = True
    cells_of: int = YEAR
    apart: bool = False
    theme: str | None = None
    same: bool = False
    none: bool = False
    first: dict[str, int] = field(default_factory=dict)

    def number(self, at: int, name: str) -> int:
        """How many of something a district has."""
        usual = {
            "people": 1000, "in_tos": 500, "open": 2 + (0 if self.same else at // 4 * 9), "answered": 1,
            "heads": 40 + (0 if self.same else 13 * at), "vk": 10 + (0 if self.same else at), "done": 1,
            "shifted": 0,
        }  # fmt: skip
        if self.none and name in ("open", "answered", "heads", "vk", "done", "in_tos"):
            return 0
        return self.first.get(name, usual[name]) if at == 0 else usual[name]


STATES: dict[str, Plan] = {
    "plain": Plan(),
    "nothing_loaded": Plan(registers=(), people=False, tos=False),
    "no_people_known": Plan(people=False),
    "zero": Plan(first={"open": 0, "answered": 0, "heads": 0, "vk": 0, "done": 0, "in_tos": 0}),
    "no_residents": Plan(first={"people": 0, "in_tos": 0, "heads": 0, "vk": 0}),
    # the TOS holds half of a cell of six people
    "suppressed": Plan(first={"in_tos": 6, "shifted": 1, "heads": 3, "vk": 2}),
    "few_people": Plan(first={"people": 30, "in_tos": 10, "heads": 8, "vk": 6}),
    "one_district": Plan(districts=1),
    "all_equal": Plan(same=True),
    "all_zero": Plan(none=True),
    "island": Plan(apart=True),
    "empty_theme": Plan(theme="cultural_heritage"),
    "cells_of_another_year": Plan(cells_of=2023),
}


def build(connection: Connection, plan: Plan) -> None:
    """The districts of the plan, counted."""
    world = World(connection)
    for at in range(plan.districts):
        left = 30.0 + at if at or not plan.apart else 10.0
        world.add_territory(f"e{at}", KIND, square(left, left + 1))
        if plan.people:
            populate(world, plan, at, left)
        for register, fill in FILL.items():
            if register in plan.registers:
                fill(world, plan, at, left + 0.5)
    if plan.none:  # the registers are loaded, with something elsewhere
        for fill in FILL.values():
            fill(world, Plan(), 1, 0.5)
    if not plan.tos:
        connection.execute(text("DELETE FROM okruga.boundary WHERE kind = 'tos_territory'"))
    connection.execute(text("UPDATE okruga.place SET public_placed = placed"))
    settle_on(connection)


def populate(world: World, plan: Plan, at: int, left: float) -> None:
    """Stated people, and two cells: one inside a TOS, one outside."""
    people, covered = plan.number(at, "people"), plan.number(at, "in_tos")
    for base, share in (("residents", 1.0), ("residents_16", 0.8), ("voters", 0.7)):
        insert(world.connection, "population", territory_id=world.territory[f"e{at}"], year=YEAR, base=base,
               people=round(people * share), **world.common)  # fmt: skip
    if plan.tos:
        world.add_territory(f"t{at}", "tos_territory", square(left, left + 0.5), tos_status="active")
    west = left + (0.4 if plan.number(at, "shifted") else 0.1)
    for key, number, shape in (
        ("in", covered, square(west, west + 0.2, 0.4, 0.6)),
        ("out", people - covered, square(left + 0.6, left + 0.8, 0.4, 0.6)),
    ):
        cell = insert(world.connection, "population_cell", cell_key=f"{at}-{key}", year=plan.cells_of,
                      residents=number, residents_16=round(number * 0.8), geom__geom=shape, area_m2=1.0,
                      **world.common)  # fmt: skip
        world.connection.execute(
            text("INSERT INTO okruga.population_cell_share VALUES (:cell, :boundary, 1)"),
            {"cell": cell, "boundary": world.boundary[f"e{at}"]},
        )


def needs(world: World, plan: Plan, at: int, x: float) -> None:
    for state, answered_on in (("open", None), ("answered", date(YEAR, 3, 1))):
        for _ in range(plan.number(at, state)):
            world.entry("need", x, 0.5, theme="environment", status=state, begins_on=date(YEAR, 2, 1),
                        ends_on=answered_on, priority="high")  # fmt: skip


def projects(world: World, plan: Plan, at: int, x: float) -> None:
    for _ in range(plan.number(at, "done")):
        entry = world.entry("project", x, 0.5, theme="environment", status="completed", begins_on=date(YEAR, 1, 9),
                            ends_on=date(YEAR, 6, 1))  # fmt: skip
        world.connection.execute(
            text("INSERT INTO okruga.project_funding VALUES (:entry, 'municipal', 5000000)"), {"entry": entry}
        )


def events(world: World, plan: Plan, at: int, x: float) -> None:
    for year in (YEAR - 1, YEAR):
        if not plan.number(at, "heads"):
            continue
        heads = plan.number(at, "heads")
        entry = world.entry("event", x, 0.5, theme="environment", begins_on=date(year, 5, 1),
                            event_kind="public_hearing", participants=heads)  # fmt: skip
        uses = {"vk": plan.number(at, "vk"), "face_to_face": plan.number(at, "heads") - plan.number(at, "vk")}
        for channel, number in uses.items():
            world.connection.execute(
                text("INSERT INTO okruga.event_channel VALUES (:entry, :channel, :number)"),
                {"entry": entry, "channel": channel, "number": number},
            )


def organisations(world: World, _plan: Plan, at: int, x: float) -> None:
    entry = world.entry("organisation", x, 0.5, organisation_kind="base_organisation")
    world.connection.execute(
        text("INSERT INTO okruga.entry_territory VALUES (:entry, :territory, 'mandate')"),
        {"entry": entry, "territory": world.territory.get(f"e{at}", world.territory["a"])},
    )


FILL: dict[str, Callable[[World, Plan, int, float], None]] = {
    "need": needs, "project": projects, "event": events, "organisation": organisations,
}  # fmt: skip


def answers(connection: Connection, plan: Plan) -> dict[str, tuple[Row, ...]]:
    build(connection, plan)
    found = {}
    for measure in OF_TERRITORIES:
        theme = plan.theme if measure.themes else None
        query = make_query(connection, measure.code, kind=KIND, period=YEAR, theme=theme)
        found[measure.code] = ask(connection, query).rows
    return found


# the whole catalogue: a new measure is asked in every state, and must be named below where it is not a number
EVERY = " ".join(measure.code for measure in OF_TERRITORIES)
FORMS = " ".join(("", *ACCESS_FORMS))
# what the first district answers instead of a number; measures not named have one
EXPECTED: dict[str, dict[str, str]] = {
    "plain": {},
    "nothing_loaded": {
        "no_data": EVERY,
    },
    "no_people_known": {
        "no_data": (
            "tos_population_share within_distance_share nearest_project_m access_score uncovered_residents "
            "needs_open_per_1000 projects_done_per_1000 uncovered_share gap_index underserved "
            "need_supply_class hot_spot local_moran money_per_resident participants_per_1000_16 "
            "participants_per_1000_voters participants_per_1000_residents smoothed_rate funnel_plot "
            "participants_change representation_deviation_share" + FORMS
        ),
    },
    "zero": {
        "no_objects": "needs_answered_share digital_mix_share channel_reach_share channel_mix_share",
    },
    "no_residents": {
        "no_residents": (
            "tos_population_share within_distance_share nearest_project_m access_score uncovered_residents "
            "needs_open_per_1000 projects_done_per_1000 uncovered_share gap_index underserved "
            "need_supply_class hot_spot local_moran money_per_resident participants_per_1000_16 "
            "participants_per_1000_voters participants_per_1000_residents smoothed_rate funnel_plot "
            "participants_change" + FORMS
        ),
        "no_objects": "digital_mix_share channel_reach_share channel_mix_share",
    },
    "suppressed": {
        "suppressed": (
            "tos_population_share uncovered_residents uncovered_share underserved participants_per_1000_16 "
            "participants_per_1000_voters participants_per_1000_residents participants participants_per_km2 "
            "digital_mix_share smoothed_rate funnel_plot participants_change channel_reach_share "
            "channel_mix_share"
        ),
    },
    "few_people": {
        "suppressed": (
            "tos_population_share within_distance_share nearest_project_m access_score uncovered_residents "
            "needs_open_per_1000 projects_done_per_1000 uncovered_share gap_index underserved "
            "need_supply_class hot_spot local_moran money_per_resident participants_per_1000_16 "
            "participants_per_1000_voters participants_per_1000_residents digital_mix_share smoothed_rate "
            "funnel_plot participants_change channel_reach_share channel_mix_share" + FORMS
        ),
    },
    "one_district": {
        "not_assessed": "gap_index hot_spot local_moran",
    },
    "all_equal": {
        "not_assessed": "hot_spot local_moran",
    },
    "all_zero": {
        "no_objects": "nearest_project_m needs_answered_share digital_mix_share channel_reach_share channel_mix_share",
        "not_assessed": "hot_spot local_moran",
    },
    "island": {
        "not_assessed": "hot_spot local_moran",
    },
    "empty_theme": {
        "no_objects": "nearest_project_m needs_answered_share digital_mix_share channel_reach_share channel_mix_share",
        "not_assessed": "hot_spot local_moran",
    },
    "cells_of_another_year": {},
}
# numbers of nothing are zero, not missing
ZERO: dict[str, str] = {
    "zero": (
        "tos_population_share within_distance_share needs_open needs_open_per_1000 projects_done_per_1000 "
        "needs_without_project money_per_resident projects_overdue projects_without_money "
        "projects_without_report participants_per_1000_16 participants_per_1000_voters "
        "participants_per_1000_residents participants participants_per_km2 funnel_plot"
    ),
    "all_zero": (
        "tos_population_share within_distance_share access_score needs_open needs_open_per_1000 "
        "projects_done_per_1000 needs_without_project money_per_resident projects_overdue "
        "projects_without_money projects_without_report participants_per_1000_16 "
        "participants_per_1000_voters participants_per_1000_residents participants participants_per_km2 "
        "smoothed_rate funnel_plot" + FORMS + " needs_open_per_km2 projects_done_per_km2 events_per_km2"
    ),
    "empty_theme": (
        "within_distance_share access_score needs_open needs_open_per_1000 projects_done_per_1000 "
        "needs_without_project money_per_resident projects_overdue projects_without_money "
        "projects_without_report participants_per_1000_16 participants_per_1000_voters "
        "participants_per_1000_residents participants participants_per_km2 smoothed_rate funnel_plot"
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_every_measure_in_every_state(connection: Connection, state: str) -> None:
    found = answers(connection, STATES[state])
    for code, rows in found.items():
        first = rows[0].value
        expected = [reason for reason, codes in EXPECTED[state].items() if code in codes.split()]
        said = [str(first.missing_reason.value)] if first.missing_reason else []
        assert said == expected, code
        for row in rows:
            figures = [row.value, *row.value.parts.values()]
            assert all(each.value is None or math.isfinite(each.value) for each in figures), (code, row.territory)
            assert all((each.value is None) == (each.missing_reason is not None) for each in figures), code
    for code in ZERO.get(state, "").split():
        assert found[code][0].value.value == 0, code
    if STATES[state].people:
        carried = STATES[state].cells_of != YEAR
        assert any(found[code][-1].value.estimated for code in ON_CELLS) == carried
        assert all(
            found[code][-1].value.estimated == carried for code in ON_CELLS if found[code][-1].value.value is not None
        )


ON_CELLS = (
    "tos_population_share", "uncovered_residents", "uncovered_share", "within_distance_share", "nearest_project_m",
    "access_score", "gap_index", "underserved", "need_supply_class", *ACCESS_FORMS,
)  # fmt: skip


def test_invariants_of_a_row_of_districts(connection: Connection) -> None:
    """Shares lie between 0 and 1, reach grows with distance, the smoothed rate lies between raw and mean."""
    build(connection, Plan())
    overlapping_tos_count_once(connection)
    before: list[float] = []
    for distance in range(50, 1001, 50):
        query = make_query(connection, "within_distance_share", kind=KIND, period=YEAR, distance_m=distance)
        now = [float(row.value.value or 0.0) for row in ask(connection, query).rows]
        assert all(0 <= share <= 1 for share in now)
        assert all(one <= other + 1e-12 for one, other in zip(before, now, strict=False))
        before = now
    rows = ask(connection, make_query(connection, "smoothed_rate", kind=KIND, period=YEAR)).rows
    people = sum(float(row.value.denominator or 0) for row in rows)
    mean = 1000 * sum(float(row.value.numerator or 0) for row in rows) / people
    for row in rows:
        raw = float(row.value.parts["raw"].value or 0)
        assert min(raw, mean) - 1e-9 <= float(row.value.value or 0) <= max(raw, mean) + 1e-9


def overlapping_tos_count_once(connection: Connection) -> None:
    """Another TOS over the same houses covers nobody more; the districts add up to the town that holds them."""
    query = make_query(connection, "tos_population_share", kind=KIND, period=YEAR)
    alone = [row.value.value for row in ask(connection, query).rows]
    world = World.__new__(World)
    world.connection = connection
    world.source, world.run = (
        int(connection.execute(text(f"SELECT max(id) FROM okruga.{table}")).scalar_one())
        for table in ("source", "import_run")
    )
    world.common = {"source_id": world.source, "import_run_id": world.run}
    world.territory, world.boundary = {}, {}
    world.add_territory("twice", "tos_territory", square(30.0, 30.4), tos_status="active")
    world.add_territory("whole", "municipality", square(30.0, 40.0))
    connection.execute(text(
        "INSERT INTO okruga.population_cell_share SELECT id, :town, 1 FROM okruga.population_cell WHERE year = :year"
    ), {"town": world.boundary["whole"], "year": YEAR})  # fmt: skip
    replace_places(connection, [world.boundary["whole"]])
    settle_on(connection)
    rows = ask(connection, query).rows
    assert [row.value.value for row in rows] == alone
    added = set()
    for measure in OF_TERRITORIES:
        parts = [row.value.numerator for row in ask(connection, make_query(connection, measure.code, kind=KIND,
                                                                          period=YEAR)).rows]  # fmt: skip
        (town,) = ask(connection, make_query(connection, measure.code, kind="municipality", period=YEAR)).rows
        if not measure.relative and town.value.numerator is not None and None not in parts:
            assert town.value.numerator == pytest.approx(sum(part or 0.0 for part in parts), rel=1e-5), measure.code
            added.add(measure.code)
    # what has no numerator to add up, or is a figure of an area among the others only
    assert {measure.code for measure in OF_TERRITORIES} - added == {
        *(measure.code for measure in OF_TERRITORIES if measure.relative), "underserved",
    }  # fmt: skip
