"""Whose data does a figure rest on? The sources of what was counted, beside those of the boundaries."""

from __future__ import annotations

from sqlalchemy import Connection, text

from geo.analysis import on_foot
from geo.analysis.areas import Areas, People, Query
from geo.analysis.clusters import COLUMNS as CLUSTERS
from geo.analysis.clusters import looked_for_in
from geo.analysis.measures import ACCESS_FORMS, Measure
from geo.registers import BY_NAME
from geo.store.once import once
from geo.vocabulary import TerritoryKind

CELLS, TOS = "population_cell", TerritoryKind.TOS_TERRITORY.value
SUPPLY = ("need", "project", CELLS)
# beside the register of the measure
ALSO: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("tos_population_share", "uncovered_residents", "uncovered_share", "within_distance_share", "nearest_project_m",
         "access_score", "reach_with_points", *ACCESS_FORMS),
        (CELLS,),
    ),
    "gap_index": SUPPLY,
    "need_supply_class": SUPPLY,
    "underserved": (*SUPPLY, TOS),
    "needs_answered_share": ("project",),
    "needs_without_project": ("project",),
}  # fmt: skip
# put together from rates of stated residents, without a base of their own
OF_RESIDENTS = ("gap_index", "need_supply_class", "underserved")


# a source counts when one of its rows lies in the areas, or is declared to
HERE = """
SELECT s.source FROM published.register_source s WHERE s.register = '{register}' AND (
  EXISTS (SELECT FROM published.{register} e JOIN published.place p ON p.entry_id = e.id
          WHERE e.source = s.source AND p.placed && CAST(:boundaries AS int[]))
  OR EXISTS (SELECT FROM published.{register} e JOIN published.entry_territory t ON t.entry_id = e.id
             WHERE e.source = s.source AND t.territory_id = ANY (:territories)))
"""
ANYWHERE = "SELECT source FROM published.register_source WHERE register = :register"


def sources(connection: Connection, query: Query, areas: Areas, residents: People | None = None) -> set[str]:
    """Titles of the sources; `residents` are the stated people of the measure's base, if it has any."""
    measure = looked_for_in(query) if query.measure.code in CLUSTERS else query.measure
    stated = set(residents.sources) if residents is not None and of_people(measure) else set()
    registers = {measure.register, *ALSO.get(measure.code, ())} - {""}
    # where nobody stated the residents, they were added up from cells
    if of_people(measure) and not stated:
        registers.add(CELLS)
    counted = {source for register in registers for source in of_register(connection, register, areas)}
    return counted | stated | set(on_foot.sources(connection) if query.on_foot else ())


def of_register(connection: Connection, register: str, areas: Areas) -> list[str]:
    """Where the rows of a register in these areas came from; hexagon cells, which nothing is stored by, take all."""
    named = {"boundaries": areas.boundary.tolist(), "territories": areas.territory.tolist(), "register": register}
    near = register in BY_NAME and bool((areas.territory > 0).any())
    statement = text(HERE.format(register=register) if near else ANYWHERE)
    key = ("sources", register, areas.boundary.tobytes() if near else b"")
    return once(connection, key, lambda: list(connection.scalars(statement, named)))


def of_people(measure: Measure) -> bool:
    """Whether stated people stand in the measure."""
    on_cells = CELLS in ALSO.get(measure.code, ()) and measure.code not in OF_RESIDENTS
    return measure.code in OF_RESIDENTS or (measure.base is not None and not on_cells)
