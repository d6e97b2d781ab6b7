"""How does a file become stored rows? Read, map, check, compare, and, if it was asked for, write.

    read (readers) -> which column is what (columns) -> are the values usable (rows)
      -> what would change (boundaries | population | lists) -> report, or one transaction that writes it all

A dry run does everything but the writing, so its report is what the commit would say. A commit is one transaction
under one lock: it is there as a whole or not at all, whatever happens to the process, and two loads never mix. The
same file loaded again finds everything the same and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, text

from geo.errors import N_, BadInput, Message, NotFound
from geo.geocode.current import shared
from geo.geocode.engine import Geocoder
from geo.ingest import boundaries, context, groups, lists, memory, named, population, readers
from geo.ingest.check import Checked, Rejected
from geo.ingest.columns import Mapping, fields, map_columns, normalised
from geo.ingest.crs import BBox
from geo.ingest.findings import Finding, Report, Severity
from geo.ingest.names import Territories
from geo.ingest.request import Plan, Request, Work, listed
from geo.ingest.rows import rejected_frame, require_people, validate
from geo.ingest.section import take_section
from geo.ingest.table import Table
from geo.ingest.told import kept
from geo.ingest.write import Run, only_one_load, told_clearly
from geo.progress import SILENT, Progress
from geo.store.engine import Database, act_as
from geo.store.uploads import loaded_by
from geo.vocabulary import PopulationBase, TerritoryKind

PLANS: Pairs[str, Callable[[Work], Plan]] = {
    "boundaries": boundaries.plan,
    "groups": groups.plan,
    "population": population.plan_totals,
    "cells": population.plan_cells,
    "projects": lists.plan,
    "needs": lists.plan,
    "events": lists.plan,
    "organisations": lists.plan,
    "observations": lists.plan,
}
# what a person may ask for; cells are population with shapes
REGISTERS = (*(register for register in PLANS if register != "cells"), "territories", "context")
# how far from the territory it belongs to a file may lie before its coordinates are doubted, degrees
MARGIN = 0.5
# bases of which cells know nothing
TOTALS_ONLY = frozenset({"voters", "residents_over_16"})
UNUSED_NAMED = 12


@dataclass(slots=True)
class Loaded:
    """What a load came to: the report, the rows to mend, and the import run when something was written."""

    report: Report
    rejected: Rejected
    run: int | None = None


@dataclass(slots=True)
class Seen:
    """What a load looked at before it wrote anything, for a preview: only valid inside the load's transaction."""

    table: Table
    mapping: Mapping | None = None
    register: str = ""
    checked: Checked | None = None
    work: Work | None = None
    plan: Plan | None = None
    rejected: Rejected | None = None


Look = Callable[[Seen], None]


def unseen(seen: Seen) -> None:
    """Nobody looks."""


def load(
    database: Database, request: Request, *, commit: bool = False, progress: Progress = SILENT, look: Look = unseen
) -> Loaded:
    """Load a file, or say what loading it would do.

    Raises BadFile, BadInput, TooLarge, NotFound or Unavailable when nothing can be said about single rows. With
    `commit` the rows that can be used are written even if others cannot; nothing is written while an offer waits
    for a yes. `look` is shown what was read, then what was compared. The caller settles the tally afterwards
    (`geo.analysis.tally.settle`).
    """
    began = time.monotonic()
    require_kind(request)
    if request.register == "context":
        return load_backdrop(database, request, commit, progress, look)
    if request.register == "territories":
        return load_named(database, request, commit, progress, look)
    table, mapping, register = opened(request, progress)
    with told_clearly(), database.writing(request.actor) as connection:
        only_one_load(connection) if commit else read_only(connection)
        request, mapping, past = remembered(connection, request, register, table, mapping)
        look(Seen(table, mapping, register))
        checked, work, plan = planned(connection, request, register, table, mapping, progress, geocoder_of(database))
        tell_memory(work, past)
        rejected = all_rejected(table, work)
        report = report_of(request, checked, plan, rejected)
        loaded = Loaded(report, rejected)
        look(Seen(table, mapping, register, checked, work, plan, rejected))
        if commit and not checked.findings.blocks_file and plan.needs_writing():
            loaded.run = write(connection, request, work, plan, report, table.digest, began, progress)
            stated = memory.Memory(request.fields, request.key)
            memory.keep(connection, register, request.title, table.columns, stated, request.actor)
        report.committed = commit and not checked.findings.blocks_file
        report.seconds = time.monotonic() - began
    return loaded


def load_backdrop(
    database: Database, request: Request, commit: bool, progress: Progress, look: Look = unseen
) -> Loaded:
    """The same for the backdrop of the maps, which is replaced as a whole and not counted."""
    began = time.monotonic()
    table = context.read_context(request, progress)
    report, good = context.plan_report(request, table)
    loaded = Loaded(report, Rejected(rejected_frame(table, np.flatnonzero(~good)), table.row_numbers[~good], []))
    look(Seen(table, rejected=loaded.rejected))
    with database.writing(request.actor) as connection:
        only_one_load(connection) if commit else read_only(connection)
        same = context.same_as_stored(connection, request, table.digest)
        usable = int(good.sum())
        report.changes = {"new": 0 if same else usable, "changed": 0, "same": usable if same else 0, "gone": 0}
        if commit and not same and good.any():
            source = store_source(connection, request)
            run = Run(start_run(connection, request, source, table.digest), source, table.row_numbers[good])
            context.write_context(connection, run, table, good, progress)
            loaded.run = run.id
        report.committed, report.seconds = commit, time.monotonic() - began
    return loaded


def load_named(database: Database, request: Request, commit: bool, progress: Progress, look: Look = unseen) -> Loaded:
    """The same for territories known by name only: those not stored yet are added."""
    began = time.monotonic()
    table, _, _ = opened(replace(request, register="boundaries"), progress)
    report = Report(file=request.file_name or request.path.name, register="territories", kind=request.kind or "")
    rows = named.named_rows(request, table, report)
    loaded = Loaded(report, Rejected(rejected_frame(table, np.empty(0, np.int64)), np.empty(0, np.int64), []))
    look(Seen(table))
    with database.writing(request.actor) as connection:
        only_one_load(connection) if commit else read_only(connection)
        fresh = named.unknown_rows(connection, TerritoryKind(request.kind or ""), rows)
        report.changes = {"new": len(fresh), "changed": 0, "same": len(rows) - len(fresh), "gone": 0}
        if commit and fresh:
            source = store_source(connection, request)
            run = Run(start_run(connection, request, source, table.digest), source, table.row_numbers)
            act_as(connection, request.actor, run.id)
            named.write_names(connection, request, run, fresh)
            loaded.run = run.id
        report.committed, report.seconds = commit, time.monotonic() - began
    return loaded


def require_kind(request: Request) -> None:
    """Raise BadInput for an unknown register, or boundaries without a kind."""
    if request.register not in REGISTERS:
        raise BadInput(
            N_("There is no register {register}."), remedy=N_("Choose one of: {known}."), register=request.register,
            known=", ".join(REGISTERS),
        )  # fmt: skip
    if request.register in ("boundaries", "territories") and request.kind is None:
        raise BadInput(N_("The kind of the territories is not stated."), remedy=N_("Give it with --kind."))


def opened(request: Request, progress: Progress) -> tuple[Table, Mapping, str]:
    """The table of the file, what its columns mean, and the register they make."""
    with progress.step(N_("Reading the file")):
        table = readers.read(
            request.path, layer=request.layer or None, sheet=request.sheet or None, encoding=request.encoding or None,
            crs=request.crs or None, delimiter=request.delimiter or None, accept=request.accept,
            limits=readers.Limits.from_settings(web=request.web), progress=progress,
        )  # fmt: skip
    table.name = request.file_name or table.name
    if request.section:
        table = take_section(table, request.section)
    constants = dict(request.constants)
    for field, value in constants.items():
        # a column of the file may already have that name; ours must not hide it
        name = field if field not in table.frame.columns else f"{field} (--set)"
        table.frame[name] = pd.Series([value] * len(table), dtype="str", index=table.frame.index)
        constants[field] = name
    register = "cells" if request.register == "population" and are_cells(table, request) else request.register
    check_fields(register, request)
    return table, meaning(register, table, {**request.fields, **constants}), register


def meaning(register: str, table: Table, explicit: Pairs[str, str] | None = None) -> Mapping:
    """What the columns of a table mean in a register."""
    return map_columns(register, table.columns, explicit, table.blank)


def are_cells(table: Table, request: Request) -> bool:
    """Population with shapes or hexagon indexes, not totals of territories.

    Shapes may be those of the territories themselves: a kind, a territory that was named for the rows, a column of
    names (a cell has a code at most), or a base that only totals have, says so.
    """
    if request.kind or {"territory", *TOTALS_ONLY} & {*request.fields, *request.constants}:
        return False
    if table.unit == "row" and table.geometry is not None:
        return False
    cells = meaning("cells", table).fields
    if table.geometry is None or "h3" in cells:
        return "h3" in cells
    totals = meaning("population", table).fields
    named = totals.get("territory")
    return not (TOTALS_ONLY & totals.keys() or (named is not None and named != cells.get("code")))


def remembered(
    connection: Connection, request: Request, register: str, table: Table, mapping: Mapping
) -> tuple[Request, Mapping, memory.Memory]:
    """The request and the mapping with what is remembered of the source's columns; what is stated now wins."""
    past = memory.recall(connection, register, request.title, table.columns)
    stated = {*request.fields, *request.constants}
    columns = {column for column in request.fields.values() if column}
    fields = {f: c for f, c in past.fields.items() if f not in stated and (not c or c not in columns)}
    key = past.key if not request.key else ""
    if not fields and not key:
        return request, mapping, memory.NOTHING
    request = replace(request, fields={**fields, **request.fields}, key=request.key or key)
    constants = {field: mapping.fields[field] for field in request.constants}
    mapping = meaning(register, table, {**request.fields, **constants})
    return request, mapping, memory.Memory(fields, key, past.source)


def tell_memory(work: Work, past: memory.Memory) -> None:
    """Say what was taken from an earlier load."""
    said = [f"{field} = {column}" for field, column in past.fields.items() if column]
    if past.key:
        said.append(f"key = {past.key}")
    if said:
        work.find(
            Severity.INFO, "columns_remembered", N_("Columns as stated for {source}: {columns}."),
            N_("State other ones if this file means something else."), source=past.source, columns=", ".join(said),
        )  # fmt: skip


def check_fields(register: str, request: Request) -> None:
    """Raise BadInput for a constant of a field the register does not have."""
    known = {info.code for info in fields(register)}
    for field in request.constants:
        if field not in known:
            raise BadInput(
                N_("There is no field {field} in this register."), remedy=N_("Fields are: {fields}."), field=field,
                fields=", ".join(sorted(known)),
            )  # fmt: skip


def planned(
    connection: Connection, request: Request, register: str, table: Table, mapping: Mapping, progress: Progress,
    geocoder: Callable[[], Geocoder],
) -> tuple[Checked, Work, Plan]:  # fmt: skip
    """Check the rows and compare them with what is stored."""
    territories = Territories.load(connection)
    within = code_of(territories, request.within)
    parent = code_of(territories, request.parent)
    if register in ("population", "cells"):
        require_people(mapping, table)
    checked = validate(
        register, table, mapping, expected=expected_box(connection, within or parent), crs=request.crs or None,
        accept=request.accept, progress=progress,
    )  # fmt: skip
    keys = key_texts(table, checked, request.key)
    scope = frozenset(territories.inside(within)) if within else None
    above = parent or (within if register == "boundaries" else None)
    source = source_of(connection, request.title)
    asked = replace(request, register=register)
    work = Work(asked, checked, connection, territories, source, keys, scope, above, within, geocoder, progress)
    offer_columns(work, mapping)
    tell_unused(work, table, mapping)
    return checked, work, PLANS[register](work)


def geocoder_of(database: Database) -> Callable[[], Geocoder]:
    """The geocoder of this installation with the newest lists, made when a row needs it."""
    return lambda: shared(database).get(wait=True)


def code_of(territories: Territories, wanted: str) -> int | None:
    """The id of the territory an option names by code or name; None for an empty option."""
    if not wanted:
        return None
    found = territories.find(wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(
            N_("{name} may be any of: {candidates}."), remedy=N_("Give the code."), name=wanted,
            candidates="; ".join(map(territories.title, found)),
        )  # fmt: skip
    close = "; ".join(territories.close(wanted))
    raise NotFound(
        N_("There is no territory {name}."),
        remedy=N_("Did you mean {close}?") if close else N_("Load its boundary first, or correct the name."),
        name=wanted, close=close,
    )  # fmt: skip


def expected_box(connection: Connection, territory: int | None) -> BBox | None:
    """Where the file should lie: around the territory it belongs to. A further city may lie anywhere."""
    box = connection.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(geom) AS e"
            " FROM okruga.boundary WHERE territory_id = :id) x WHERE e IS NOT NULL"
        ),
        {"id": territory},
    ).one_or_none()
    if box is None:
        return None
    west, south, east, north = box
    return (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)


def key_texts(table: Table, checked: Checked, key: str) -> pa.ChunkedArray:
    """The texts of the --key column for the accepted rows; nulls without one."""
    if not key:
        return pa.chunked_array([pa.nulls(len(checked), pa.string())])
    named = [name for name in table.columns if name == key] or [
        name for name in table.columns if normalised(name) == normalised(key)
    ]
    if len(named) != 1:
        raise BadInput(
            N_("The file has no column {column}."), remedy=N_("Its columns are: {columns}."), column=key,
            columns=", ".join(table.columns),
        )  # fmt: skip
    at = np.searchsorted(table.row_numbers, checked.numbers)
    return pa.chunked_array([pa.array(table.frame[named[0]].to_numpy(dtype=object)[at], pa.string())])


def source_of(connection: Connection, title: str) -> int:
    """The id of a source by title; 0 while it is not stored."""
    return int(connection.scalar(text("SELECT id FROM okruga.source WHERE title = :title"), {"title": title}) or 0)


def offer_columns(work: Work, mapping: Mapping) -> None:
    """Columns that look like a field but are not taken without a yes."""
    for offer in mapping.offers:
        message = Message(
            N_("The column {column} may be {field}; it is not used."), {"column": offer.column, "field": offer.field}
        )
        remedy = Message(N_("Use it with --map {field}={column}."), {"column": offer.column, "field": offer.field})
        work.checked.findings.add(Finding(Severity.WARN, "column_offered", message, remedy, field=offer.field))


def tell_unused(work: Work, table: Table, mapping: Mapping) -> None:
    """Columns that hold something and mean no field: said always, so that nothing is left out silently."""
    blank = table.blank
    unused = [name for name in mapping.extra if name not in blank and name != work.request.key]
    if unused:
        work.find(
            Severity.INFO, "columns_unused", N_("{count} columns are not used: {columns}."),
            N_("If one of them matters, use it with --map FIELD=COLUMN."),
            count=len(unused), columns=listed(unused, UNUSED_NAMED),
        )  # fmt: skip
    people = [
        column for field, column in map_columns("population", unused).fields.items() if field in PopulationBase.codes()
    ]
    if people and work.request.register == "boundaries":
        work.find(
            Severity.WARN, "people_unused", N_("Columns that count people are not loaded with boundaries: {columns}."),
            N_("Load the same file once more: okruga load population FILE --kind {kind} --set year=YEAR."),
            columns=listed(people), kind=work.request.kind.value if work.request.kind else "",
        )  # fmt: skip
    if work.request.register == "cells" and table.geometry is not None:
        work.find(
            Severity.INFO, "taken_for_cells", N_("The shapes are taken for population cells, not for territories."),
            N_("If each is a territory, say which kind with --kind KIND."),
        )  # fmt: skip


def read_only(connection: Connection) -> None:
    """A dry run can write nothing, not even by mistake."""
    connection.execute(text("SET TRANSACTION READ ONLY"))


# --- what it came to --------------------------------------------------------------------------------------------------


def all_rejected(table: Table, work: Work) -> Rejected:
    """Rows refused while checking and while comparing, with every reason."""
    earlier = work.checked.rejected
    if not work.reasons:
        return earlier
    reasons: dict[int, tuple[Message, ...]] = dict(zip(earlier.numbers.tolist(), earlier.reasons, strict=True))
    for number, found in work.reasons.items():
        reasons[number] = (*reasons.get(number, ()), *found)
    away = np.flatnonzero(np.isin(table.row_numbers, list(reasons)))
    numbers = table.row_numbers[away]
    return Rejected(rejected_frame(table, away), numbers, [reasons[int(number)] for number in numbers])


def report_of(request: Request, checked: Checked, plan: Plan, rejected: Rejected) -> Report:
    """The report so far; whether it was written is added at the end."""
    report = checked.report(request.file_name or request.path.name, kind=request.kind.value if request.kind else "")
    report.register = request.register
    report.rejected = len(rejected)
    report.accepted = report.read - report.rejected
    report.changes = plan.changes.to_json()
    report.placed = dict(plan.changes.placed)
    report.addresses = dict(plan.changes.addresses)
    return report


# --- writing ----------------------------------------------------------------------------------------------------------


def write(
    connection: Connection, request: Request, work: Work, plan: Plan, report: Report, digest: str, began: float,
    progress: Progress,
) -> int:  # fmt: skip
    """Record the run and write the plan in its name. Returns the run's id."""
    source = store_source(connection, request)
    run = Run(start_run(connection, request, source, digest), source, work.checked.numbers)
    act_as(connection, request.actor, run.id)
    plan.write(connection, run, progress)
    act_as(connection, request.actor)
    report.committed, report.seconds = True, time.monotonic() - began
    connection.execute(
        text("UPDATE okruga.import_run SET report = CAST(:report AS jsonb) WHERE id = :run"),
        {"report": orjson.dumps(stored_report(report)).decode(), "run": run.id},
    )
    return run.id


def stored_report(report: Report) -> dict[str, Any]:
    """The report as it is kept: findings as sentences to be said in any language later."""
    return report.to_json() | {"findings": [stored_finding(finding) for finding in report.findings]}


def stored_finding(finding: Finding) -> dict[str, Any]:
    message, remedy = finding.message, finding.remedy
    return finding.to_json() | {
        "msgid": message.msgid, "remedy_msgid": remedy.msgid,
        "params": {name: kept(value) for name, value in {**remedy.params, **message.params}.items()},
    }  # fmt: skip


def store_source(connection: Connection, request: Request) -> int:
    """The source of the rows, made or completed with what the request says about it."""
    stored = connection.scalar(
        text(
            "INSERT INTO okruga.source (title, publisher, url, licence, invented, retrieved_on)"
            " VALUES (:title, :publisher, :url, :licence, :invented, current_date)"
            " ON CONFLICT (title) DO NOTHING RETURNING id"
        ),
        source_values(request),
    )
    if stored is None:
        connection.execute(
            text(
                "UPDATE okruga.source SET publisher = coalesce(:publisher, publisher), url = coalesce(:url, url),"
                " licence = coalesce(:licence, licence) WHERE title = :title AND (publisher, url, licence) IS DISTINCT"
                " FROM (coalesce(:publisher, publisher), coalesce(:url, url), coalesce(:licence, licence))"
            ),
            source_values(request),
        )
    return source_of(connection, request.title)


def source_values(request: Request) -> dict[str, Any]:
    return {
        "title": request.title, "publisher": request.publisher or None, "url": request.url or None,
        "licence": request.licence or None, "invented": request.invented,
    }  # fmt: skip


def start_run(connection: Connection, request: Request, source: int, digest: str) -> int:
    """The record of this load."""
    run = connection.scalar(
        text(
            "INSERT INTO okruga.import_run"
            " (register, kind, file_name, file_sha256, source_id, account_id, actor, demo, options)"
            " VALUES (:register, :kind, :file, :digest, :source, :account, :actor, :demo, CAST(:options AS jsonb))"
            " RETURNING id"
        ),
        {
            "register": request.register, "kind": request.kind.value if request.kind else None,
            "file": request.file_name or request.path.name, "digest": digest, "source": source,
            "account": request.account_id, "actor": request.actor, "demo": request.demo,
            "options": orjson.dumps(request.options()).decode(),
        },
    )  # fmt: skip
    if request.upload is not None:
        loaded_by(connection, request.upload, int(run or 0))
    return int(run or 0)
