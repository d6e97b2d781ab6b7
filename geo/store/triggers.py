"""Which tables keep a history, and which writes must be counted? The triggers, from one list.

Like the views, triggers are made anew at every upgrade.
"""

from __future__ import annotations

from dataclasses import dataclass

ENTRY = ("entry", "entry_id")


@dataclass(frozen=True, slots=True)
class Watched:
    """A table with row history: its key, its geometry columns, and what the tally must be told (subject, id column)."""

    table: str
    key: str
    geometry: str = ""
    notes: tuple[tuple[str, str], ...] = ()


WATCHED = (
    Watched("okruga.source", "id"),
    Watched("okruga.account", "id"),
    Watched("okruga.territory", "id", notes=(("territory", "id"),)),
    Watched("okruga.boundary", "id", "geom", notes=(("boundary", "id"),)),
    Watched("okruga.territory_succession", "from_id,to_id"),
    Watched("okruga.territory_group", "id"),
    Watched("okruga.territory_group_member", "group_id,territory_id"),
    Watched("okruga.population", "id", notes=(("population", "year"),)),
    Watched("okruga.population_cell", "id", "geom", notes=(("population_cell", "year"),)),
    # distances on foot are counted with the cells
    Watched("okruga.street_network", "id", notes=(("population_cell", "id"),)),
    Watched("okruga.entry", "id", notes=(("entry", "id"),)),
    Watched("okruga.place", "id", "geom,public_geom", notes=(ENTRY,)),
    Watched("okruga.placement", "place_id,boundary_id"),
    Watched("okruga.entry_territory", "entry_id,territory_id,role", notes=(ENTRY,)),
    Watched("personal.contact", "entry_id"),
    Watched("okruga.project", "entry_id", notes=(ENTRY,)),
    Watched("okruga.project_funding", "entry_id,funding_source", notes=(ENTRY,)),
    Watched("okruga.project_need", "project_id,need_id", notes=(("entry", "need_id"),)),
    Watched("okruga.need", "entry_id", notes=(ENTRY,)),
    Watched("okruga.event", "entry_id", notes=(ENTRY,)),
    Watched("okruga.event_channel", "entry_id,channel", notes=(ENTRY,)),
    Watched("okruga.organisation", "entry_id", notes=(ENTRY,)),
    Watched("okruga.observation", "entry_id"),
)

TRANSITIONS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def trigger(name: str, operation: str, table: str, call: str) -> str:
    """SQL of one statement trigger, replacing an older one of the same name."""
    full = f"{name}_{operation.lower()}"
    return (
        f"CREATE OR REPLACE TRIGGER {full} AFTER {operation} ON {table} {TRANSITIONS[operation]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {call};"
    )


def triggers() -> str:
    """The SQL of all triggers."""
    statements = [
        "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON history.row_version"
        " FOR EACH ROW EXECUTE FUNCTION history.refuse();",
        "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON okruga.snapshot"
        " FOR EACH ROW EXECUTE FUNCTION history.refuse();",
    ]
    for watched in WATCHED:
        for operation in TRANSITIONS:
            record = f"history.record('{watched.key}', '{watched.geometry}')"
            statements.append(trigger("history", operation, watched.table, record))
            for subject, column in watched.notes:
                note = f"okruga.note_change('{subject}', '{column}')"
                statements.append(trigger(f"change_{subject}_{column}", operation, watched.table, note))
    return "\n".join(statements)
