"""How is a whole import run taken back, and when must that be refused?

Every change of a stored row left its image from before in history.row_version; rows that a run inserted carry the
run's id. Taking a run back means: rows it inserted go, rows it changed or removed get their image back, all in the
caller's transaction, itself recorded like any other change.

It is refused (Conflict) when that would throw away later work: a row of the run was changed since, or something
loaded later refers to a row the run brought. A later run that was itself taken back is no obstacle, because what
counts is whether the row still looks as the run left it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from geo.errors import N_, Conflict, NotFound
from geo.store.engine import act_as, derived
from geo.store.place import Placer
from geo.store.replace import STATED, replace_places, store_placed, take_stated
from geo.store.share import share_cells


@dataclass(frozen=True, slots=True)
class Kept:
    """A table whose rows a run may bring: its key, and the column that names the entry it belongs to.

    The rows of an entry in the tables with an `owner` are always rewritten together, so the images of one run hold
    all of them. `derived` columns follow from others and say nothing about whether somebody changed the row; neither
    do the columns `found` of a place that was looked for by its address: decisions about the words are kept as such.
    """

    table: str
    key: tuple[str, ...]
    owner: str = ""
    has_run: bool = False
    derived: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


# parents first: restored in this order, deleted in the opposite one
KEPT = (
    Kept("okruga.territory", ("id",), has_run=True),
    Kept("okruga.boundary", ("id",), has_run=True),
    Kept("okruga.territory_succession", ("from_id", "to_id"), has_run=True),
    Kept("okruga.territory_group", ("id",), has_run=True),
    Kept("okruga.territory_group_member", ("group_id", "territory_id"), has_run=True),
    Kept("okruga.population", ("id",), has_run=True),
    Kept("okruga.population_cell", ("id",), has_run=True),
    Kept("okruga.context_feature", ("id",), has_run=True),
    Kept("okruga.gazetteer", ("id",), has_run=True),
    Kept("okruga.street_network", ("id",), has_run=True),
    Kept("okruga.entry", ("id",), has_run=True),
    Kept("okruga.place", ("id",), "entry_id", has_run=True,
         derived=("placed", "public_placed", "public_geom", "certainty", "hex_8"), found=("geom", "match_level")),
    Kept("okruga.entry_territory", ("entry_id", "territory_id", "role"), "entry_id"),
    Kept("personal.contact", ("entry_id",), "entry_id"),
    Kept("okruga.project", ("entry_id",), "entry_id"),
    Kept("okruga.project_funding", ("entry_id", "funding_source"), "entry_id"),
    Kept("okruga.project_need", ("project_id", "need_id"), "project_id"),
    Kept("okruga.need", ("entry_id",), "entry_id"),
    Kept("okruga.event", ("entry_id",), "entry_id"),
    Kept("okruga.event_channel", ("entry_id", "channel"), "entry_id"),
    Kept("okruga.organisation", ("entry_id",), "entry_id"),
    Kept("okruga.observation", ("entry_id",), "entry_id"),
)  # fmt: skip
BY_TABLE = {kept.table: kept for kept in KEPT}

# who may refer to a row: referring table, its column, the table referred to
REFERENCES = (
    ("okruga.territory", "parent_id", "okruga.territory"),
    ("okruga.boundary", "territory_id", "okruga.territory"),
    ("okruga.territory_succession", "from_id", "okruga.territory"),
    ("okruga.territory_succession", "to_id", "okruga.territory"),
    ("okruga.population", "territory_id", "okruga.territory"),
    ("okruga.territory_group_member", "territory_id", "okruga.territory"),
    ("okruga.territory_group_member", "group_id", "okruga.territory_group"),
    ("okruga.place", "stated_territory_id", "okruga.territory"),
    ("okruga.entry_territory", "territory_id", "okruga.territory"),
    ("okruga.entry", "merged_into", "okruga.entry"),
    ("okruga.project_need", "need_id", "okruga.entry"),
)


# tables from whose rows others are computed
RENEWED = ("okruga.boundary", "okruga.place", "okruga.population_cell")
# geometry columns, which the history trigger writes as hex EWKB
SHAPES = {"okruga.boundary": ("geom",), "okruga.population_cell": ("geom",), "okruga.place": ("geom", "public_geom")}


@dataclass(slots=True)
class Undone:
    """What taking a run back did: rows removed and rows put back, by table."""

    removed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)


def would_undo(connection: Connection, run: int) -> Undone:
    """What taking an import run back would do, without doing it; the caller rolls back.

    Raises NotFound for an unknown run, Conflict when later work stands in the way.
    """
    touched = undoable(connection, run)
    rows = connection.execute(
        text(
            "SELECT table_name, count(*) FILTER (WHERE image IS NULL) AS removed, count(image) AS restored"
            " FROM undone_row GROUP BY table_name"
        )
    )
    counts = {row.table_name: row for row in rows}
    found = Undone()
    for kept in touched:
        found.removed[kept.table] = counts[kept.table].removed
        found.restored[kept.table] = counts[kept.table].restored
    connection.execute(text("DROP TABLE undone_row"))
    return found


def undoable(connection: Connection, run: int) -> tuple[Kept, ...]:
    """Note the rows of a run that may be taken back. Raises NotFound, or Conflict with the reason why not."""
    check_state(connection, run)
    touched = note_rows(connection, run)
    for kept in touched:
        refuse_changed(connection, kept, run)
    refuse_referred(connection, touched, run)
    return touched


def undo(connection: Connection, run: int, actor: str) -> Undone:
    """Take an import run back. Raises NotFound for an unknown run, Conflict when later work stands in the way."""
    act_as(connection, actor)
    touched = undoable(connection, run)
    concerned = {kept.table: noted_ids(connection, kept) for kept in touched if kept.table in RENEWED}
    done = Undone()
    # the cascade from each place would be one statement per row
    connection.execute(
        text(
            "DELETE FROM okruga.placement x USING undone_row n"
            " WHERE n.table_name = 'okruga.place' AND x.place_id = (n.row_key ->> 'id')::bigint"
        )
    )
    for kept in reversed(touched):
        done.removed[kept.table] = remove(connection, kept)
    try:
        for kept in touched:
            done.restored[kept.table] = restore(connection, kept)
    except IntegrityError as error:
        raise Conflict(
            N_("Import {run} cannot be taken back: what it replaced no longer fits what was loaded since."),
            remedy=N_("Take back the later imports of the same source first."), run=run,
        ) from error  # fmt: skip
    renew_derived(connection, concerned)
    connection.execute(
        text("UPDATE okruga.import_run SET state = 'undone', undone_at = now() WHERE id = :run"), {"run": run}
    )
    connection.execute(text("DROP TABLE undone_row"))
    return done


def check_state(connection: Connection, run: int) -> None:
    """Lock the run, so that it is taken back once. A run of a million rows takes longer than a page may."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    state = connection.scalar(text("SELECT state FROM okruga.import_run WHERE id = :run FOR UPDATE"), {"run": run})
    if state is None:
        raise NotFound(N_("There is no import {run}."), remedy=N_("`okruga imports list` shows all imports."), run=run)
    if state == "undone":
        raise Conflict(N_("Import {run} was already taken back."), run=run)


# --- which rows -------------------------------------------------------------------------------------------------------


def key_object(kept: Kept, alias: str) -> str:
    """SQL of a row's key as the history stores it."""
    return "jsonb_build_object(" + ", ".join(f"'{name}', {alias}.{name}" for name in kept.key) + ")"


def key_match(kept: Kept, alias: str, keys: str = "n.row_key") -> str:
    """SQL that joins a row with a noted key."""
    parts = (
        f"{alias}.{name} = ({keys} ->> '{name}')::bigint"
        if name.endswith("id")
        else f"{alias}.{name} = {keys} ->> '{name}'"
        for name in kept.key
    )
    return " AND ".join(parts)


def note_rows(connection: Connection, run: int) -> tuple[Kept, ...]:
    """Note all rows the run touched in a temporary table. Returns the tables it touched, parents first.

    `image` is the row before the run (null: the run inserted it), `last` the run's last history entry on it.
    """
    connection.execute(
        text("CREATE TEMP TABLE undone_row (table_name text, row_key jsonb, last bigint, image jsonb) ON COMMIT DROP")
    )
    connection.execute(
        text(
            "INSERT INTO undone_row SELECT DISTINCT ON (table_name, row_key) table_name, row_key,"
            " max(id) OVER (PARTITION BY table_name, row_key),"
            " CASE WHEN (before ->> 'import_run_id')::integer IS DISTINCT FROM :run THEN before END"
            " FROM history.row_version WHERE import_run_id = :run AND table_name = ANY (:tables)"
            " ORDER BY table_name, row_key, id"
        ),
        {"run": run, "tables": list(BY_TABLE)},
    )
    connection.execute(text("CREATE INDEX ON undone_row (table_name, row_key)"))
    # rows without a run of their own belong to an entry: they came with it, or were rewritten with it
    entries = "SELECT (row_key ->> 'id')::bigint FROM undone_row WHERE table_name = 'okruga.entry'"
    for kept in KEPT:
        mine = "t.import_run_id = :run" if kept.has_run else f"t.{kept.owner} IN ({entries})"
        connection.execute(
            text(
                f"INSERT INTO undone_row SELECT :table, {key_object(kept, 't')}, 0, NULL FROM {kept.table} t"
                f" WHERE {mine} AND NOT {noted(kept, 't')}"
            ),
            {"run": run, "table": kept.table},
        )
    # rows the run brought that a later load has taken over or removed: they stand in the way, and must be seen to
    connection.execute(
        text(
            "INSERT INTO undone_row SELECT DISTINCT h.table_name, h.row_key, 0, NULL::jsonb FROM history.row_version h"
            " WHERE h.import_run_id > :run AND h.table_name = ANY (:tables)"
            " AND (h.before ->> 'import_run_id')::integer = :run AND NOT EXISTS"
            " (SELECT FROM undone_row n WHERE n.table_name = h.table_name AND n.row_key = h.row_key)"
        ),
        {"run": run, "tables": [kept.table for kept in KEPT if kept.has_run]},
    )
    connection.execute(text("ANALYZE undone_row"))
    touched = set(connection.scalars(text("SELECT DISTINCT table_name FROM undone_row")))
    return tuple(kept for kept in KEPT if kept.table in touched)


def noted(kept: Kept, alias: str) -> str:
    """SQL: whether a row is noted already (binds :table)."""
    return f"EXISTS (SELECT FROM undone_row n WHERE n.table_name = :table AND n.row_key = {key_object(kept, alias)})"


def noted_ids(connection: Connection, kept: Kept) -> list[int]:
    """Ids of the noted rows from which something else is derived: all boundaries, places and cells that come back."""
    ids = text(
        "SELECT (row_key ->> 'id')::bigint FROM undone_row"
        " WHERE table_name = :table AND (:table = 'okruga.boundary' OR image IS NOT NULL)"
    )
    return list(connection.scalars(ids, {"table": kept.table}))


# --- what stands in the way -------------------------------------------------------------------------------------------


def refuse_changed(connection: Connection, kept: Kept, run: int) -> None:
    """Raise Conflict when a row does not look as the run left it any more.

    The row as the run left it is the image that the first later change took of it.
    """
    without = "".join(f" - '{name}'" for name in kept.derived)
    if kept.found:
        names = ", ".join(f"'{name}'" for name in kept.found)
        without += (
            f" - CASE WHEN EXISTS (SELECT FROM okruga.geocode_task q WHERE q.place_id = t.id) THEN ARRAY[{names}]"
            " ELSE '{}' END"
        )
    changed = connection.execute(
        text(
            "SELECT l.import_run_id, l.actor FROM ("
            "  SELECT DISTINCT ON (h.row_key) h.row_key, h.before, h.import_run_id, h.actor"
            "  FROM history.row_version h JOIN undone_row n USING (table_name, row_key)"
            "  WHERE h.table_name = :table AND h.id > n.last AND h.import_run_id IS DISTINCT FROM :run"
            "  ORDER BY h.row_key, h.id"
            f") l LEFT JOIN {kept.table} t ON {key_match(kept, 't', 'l.row_key')}"
            f" WHERE (CASE WHEN t.{kept.key[0]} IS NOT NULL THEN {image_of(kept, 't')} END){without}"
            f"       IS DISTINCT FROM l.before{without} LIMIT 1"
        ),
        {"table": kept.table, "run": run},
    ).one_or_none()
    if changed is not None:
        raise later_change(run, changed.import_run_id, changed.actor)


def image_of(kept: Kept, alias: str) -> str:
    """SQL of a row's image exactly as the history trigger writes it."""
    shapes = ", ".join(f"'{name}', {alias}.{name}::text" for name in SHAPES.get(kept.table, ()))
    return f"(to_jsonb({alias}){f' || jsonb_build_object({shapes})' if shapes else ''})"


def later_change(run: int, later: int | None, actor: str) -> Conflict:
    if later is not None:
        return Conflict(
            N_("Import {run} cannot be taken back: import {later} changed its rows since."),
            remedy=N_("Take import {later} back first."), run=run, later=later,
        )  # fmt: skip
    return Conflict(
        N_("Import {run} cannot be taken back: its rows were changed since by {actor}."),
        remedy=N_("Load a corrected file instead; that keeps both changes."), run=run, actor=actor or "?",
    )  # fmt: skip


def refuse_referred(connection: Connection, touched: Sequence[Kept], run: int) -> None:
    """Raise Conflict when a row that stays refers to one that would go."""
    for table, column, target in REFERENCES:
        if BY_TABLE[target] not in touched:
            continue
        kept = BY_TABLE[table]
        later, owner = (
            ("t.import_run_id", "")
            if kept.has_run
            else ("owner.import_run_id", f" JOIN okruga.entry owner ON owner.id = t.{kept.owner}")
        )
        referring = connection.scalar(
            text(
                f"SELECT {later} FROM {table} t{owner} WHERE t.{column} IN (SELECT (row_key ->> 'id')::bigint"
                "  FROM undone_row WHERE table_name = :target AND image IS NULL)"
                f" AND NOT {noted(kept, 't')} LIMIT 1"
            ),
            {"target": target, "table": table},
        )
        if referring is not None:
            raise Conflict(
                N_("Import {run} cannot be taken back: rows of import {later} refer to its rows."),
                remedy=N_("Take import {later} back first."), run=run, later=referring,
            )  # fmt: skip


# --- the way back -----------------------------------------------------------------------------------------------------


def remove(connection: Connection, kept: Kept) -> int:
    """Delete the rows the run inserted, and those of rewritten entries that get their images back."""
    gone = "" if kept.owner else " AND n.image IS NULL"
    done = connection.execute(
        text(
            f"DELETE FROM {kept.table} t USING undone_row n"
            f" WHERE n.table_name = :table AND {key_match(kept, 't')}{gone}"
        ),
        {"table": kept.table},
    )
    return done.rowcount


def restore(connection: Connection, kept: Kept) -> int:
    """Put the images back: into the row where it still exists, as a row again where it does not."""
    columns = connection.scalars(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = ''"
        ),
        {"table": kept.table},
    ).all()
    listed = ", ".join(columns)
    image = f"jsonb_populate_record(NULL::{kept.table}, n.image)"
    chosen = "n.table_name = :table AND n.image IS NOT NULL"
    update = (
        f"UPDATE {kept.table} t SET ({listed}) = (SELECT {listed} FROM {image})"
        f" FROM undone_row n WHERE {chosen} AND {key_match(kept, 't')}"
    )
    if kept.table == "okruga.boundary":
        # first those that give days back, then those that take them again: never two shapes on one day
        connection.execute(text(update + " AND (n.image ->> 'valid')::daterange <@ t.valid"), {"table": kept.table})
    updated = connection.execute(text(update), {"table": kept.table})
    inserted = connection.execute(
        text(
            f"INSERT INTO {kept.table} ({listed}) SELECT {', '.join('r.' + c for c in columns)}"
            f" FROM undone_row n CROSS JOIN LATERAL {image} r WHERE {chosen}"
            f" AND NOT EXISTS (SELECT FROM {kept.table} t WHERE {key_match(kept, 't')})"
        ),
        {"table": kept.table},
    )
    return updated.rowcount + inserted.rowcount


def renew_derived(connection: Connection, concerned: Mapping[str, Sequence[int]]) -> None:
    """Places and cells again in the boundaries as they are now; restored rows in boundaries that came since."""
    if boundaries := concerned.get("okruga.boundary"):
        replace_places(connection, boundaries)
        share_cells(connection, boundaries=boundaries)
    if places := concerned.get("okruga.place"):
        place_again(connection, places)
    if cells := concerned.get("okruga.population_cell"):
        share_cells(connection, cells=cells)


def place_again(connection: Connection, places: Sequence[int]) -> None:
    """Compute where these places count now."""
    rows = connection.execute(
        text(
            "SELECT p.id, ST_AsBinary(p.geom) AS shape, p.public_precision = 'exact' AS exact FROM okruga.place p"
            f" WHERE p.id = ANY (:places) AND p.geom IS NOT NULL AND NOT ({STATED}) ORDER BY p.id"
        ),
        {"places": list(places)},
    ).all()
    if rows:
        placer = Placer.load(connection)
        placed = placer.place(shapely.from_wkb(np.array([row.shape for row in rows], object)))
        ids = np.array([row.id for row in rows], np.int64)
        with derived(connection):
            store_placed(connection, placer, ids, placed, np.array([row.exact for row in rows], bool))
    take_stated(connection, places)
