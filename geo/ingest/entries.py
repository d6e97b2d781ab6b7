"""What does a checked row become in the tables? One declaration per register, and the columns made from it.

An entry has a row in `entry` and one in its register's own table; money, channels, territories, answered needs and
contacts are rows of their own. What the source leaves out and the tables need is filled in here, visibly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import text

from geo.errors import N_, Message
from geo.geocode.placing import LEVELS
from geo.ingest.findings import Finding, Severity
from geo.ingest.request import Work, listed
from geo.ingest.write import Run, constant, json_texts, pg_array
from geo.vocabulary import Channel, FundingSource, MatchLevel, NeedPriority, NeedStatus, ProjectStatus, Theme

Ints = NDArray[np.int64]
Column: TypeAlias = pa.Array | pa.ChunkedArray


@dataclass(frozen=True, slots=True)
class Register:
    """How rows of one register become table rows. `own` maps columns of the register's table to fields of a row."""

    name: str
    own: Mapping[str, str]
    begins: str
    ends: str
    # what tells rows without an id apart
    about: tuple[str, ...]
    children: tuple[str, ...]
    role: str = ""
    coarse: bool = False
    has_places: bool = True
    fallback_begin: str = ""


def same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


REGISTERS: dict[str, Register] = {
    "projects": Register(
        "project",
        same("planned_from", "planned_to", "total_cost_minor", "currency", "beneficiaries", "supporters", "votes",
             "programme", "initiator"),
        "starts_on", "completed_on", ("title", "initiator", "address", "lat", "lon"),
        ("project_funding", "project_need"), fallback_begin="planned_from",
    ),
    "needs": Register(
        "need", same("priority", "channel", "affected_people", "supporters", "public_object"),
        "reported_on", "answered_on", ("title", "reported_on", "address", "lat", "lon"), (), coarse=True,
    ),
    "events": Register(
        "event",
        same("event_kind", "event_mode", "participation_level", "decision_force", "participants", "count_qualifier",
             "unique_persons"),
        "starts_on", "ends_on", ("title", "event_kind", "starts_on", "territory"), ("event_channel",), role="declared",
    ),
    "organisations": Register(
        "organisation", same("organisation_kind", "inn", "ogrn", "seats"), "founded_on", "dissolved_on",
        ("title", "inn", "ogrn"), (), role="mandate",
    ),
    "observations": Register(
        "observation",
        same("measure", "base", "value", "unit", "numerator", "denominator", "count_qualifier", "as_published",
             "locator"),
        "period_from", "period_to", ("measure", "territory", "period_from", "period_to", "base"), (), role="about",
        has_places=False,
    ),
}  # fmt: skip


# --- what the source leaves out ---------------------------------------------------------------------------------------

NAME_OR_SET = N_("Name the column with --map {field}=COLUMN, or say it for all rows with --set {field}=VALUE.")


def defaults(work: Work, register: Register) -> None:
    """Fill what the tables need and the source does not say; each filling is told once, with the number of rows."""
    if register.name in ("project", "need"):
        fill(work, "theme", Theme.OTHER, N_("{count} rows state no theme; they are taken as `other`."))
    if register.name == "project":
        fill_project_status(work)
    if register.name == "need":
        answered = pc.is_valid(work.column("answered_on"))
        done = pc.if_else(answered, NeedStatus.ANSWERED.value, NeedStatus.OPEN.value)
        fill(work, "status", done, N_("{count} rows state no status: answered with a date of answer, otherwise open."))
        said = N_("{count} rows state no priority; they are taken as medium.")
        fill(work, "priority", NeedPriority.MEDIUM, said, Severity.INFO)
        fill(work, "public_object", False)
    if register.name == "event":
        require(work, "event_kind")
        fill(work, "unique_persons", False)
    if register.name == "organisation":
        require(work, "organisation_kind")
        drop_personal_inn(work)
    if register.name in ("event", "observation"):
        fill(work, "count_qualifier", "exact")


def fill(
    work: Work, name: str, value: Column | str | bool, message: str = "", severity: Severity = Severity.WARN
) -> None:
    """Put a value where the column has none."""
    column = work.column(name)
    missing = int(pc.sum(pc.is_null(column)).as_py() or 0)
    if not missing:
        return
    if isinstance(value, str):
        value = pa.scalar(str(value), pa.string())
    elif isinstance(value, bool):
        value = pa.scalar(value)
    kind = value.type
    work.set_column(name, pc.coalesce(column.cast(kind), value.cast(kind)))
    if message:
        said, remedy = Message(message, {"count": missing}), Message(NAME_OR_SET, {"field": name})
        work.checked.findings.add(Finding(severity, f"{name}_assumed", said, remedy, field=name))


def fill_project_status(work: Work) -> None:
    """A project with a day of completion in the past is completed, any other one planned."""
    today = pa.scalar(datetime.now(UTC).date())
    done = pc.fill_null(pc.less_equal(work.column("completed_on").cast(pa.date32()), today), False)
    value = pc.if_else(done, ProjectStatus.COMPLETED.value, ProjectStatus.PLANNED.value)
    fill(
        work,
        "status",
        value,
        N_("{count} rows state no status: completed with a past day of completion, otherwise planned."),
    )


def require(work: Work, name: str) -> None:
    """Refuse the rows without a value that cannot be guessed."""
    for position in np.flatnonzero(pc.is_null(work.column(name)).to_numpy(zero_copy_only=False)).tolist():
        work.find(
            Severity.BLOCK, "missing", N_("The row has no {field}."), NAME_OR_SET, at=position, field=name,
        )  # fmt: skip


def drop_personal_inn(work: Work) -> None:
    """An INN of 12 digits is a person's: it is not kept."""
    inn = work.column("inn").cast(pa.string())
    personal = pc.fill_null(pc.equal(pc.utf8_length(inn), 12), False)
    for position in np.flatnonzero(personal.to_numpy(zero_copy_only=False)).tolist():
        work.find(
            Severity.WARN, "personal_inn", N_("An INN of 12 digits belongs to a person; it is not stored."),
            at=position, field="inn",
        )  # fmt: skip
    work.set_column("inn", pc.if_else(personal, pa.scalar(None, pa.string()), inn))


# --- what rows refer to -----------------------------------------------------------------------------------------------

SETTLEMENT_KINDS = (("settlement",), ("municipality",))


@dataclass(slots=True)
class Links:
    """What rows refer to by name: the territory they state (0: none), further territories, answered needs.

    Pairs are (row positions, ids).
    """

    stated: Ints
    territories: tuple[Ints, Ints]
    needs: tuple[Ints, Ints]
    level: list[str] = field(default_factory=list)

    @classmethod
    def resolve(cls, work: Work, register: Register) -> Links:
        count = work.rows.num_rows
        named = resolve_names(work, "territory")
        settled = first_of(count, resolve_names(work, "settlement", SETTLEMENT_KINDS))
        own = first_of(count, named)
        located = (
            pc.is_valid(work.column("lat")).to_numpy(zero_copy_only=False)
            if register.has_places
            else np.ones(count, bool)
        )
        if register.role == "declared":
            stated = np.where(own > 0, own, np.where(located, 0, settled))
        elif register.role:
            stated = np.where(located, 0, settled)
        else:
            stated = np.where(settled > 0, settled, own)
        kinds = {i: LEVELS.get(known.kind, MatchLevel.DISTRICT).value for i, known in work.territories.all.items()}
        level = [kinds.get(i, MatchLevel.NONE.value) for i in stated.tolist()]
        nothing = (np.empty(0, np.int64), np.empty(0, np.int64))
        needs = resolve_needs(work) if register.name == "project" else nothing
        return cls(stated, named if register.role else nothing, needs, level)

    def digest_columns(self) -> dict[str, Column]:
        """What the names came to: a name that can be resolved only now makes the row a changed one."""
        return {
            name: as_lists(len(self.stated), pairs)
            for name, pairs in (("~territories", self.territories), ("~needs", self.needs))
            if len(pairs[0])
        }


def as_lists(count: int, pairs: tuple[Ints, Ints]) -> pa.Array:
    """(row, id) pairs as one sorted list per row; null where there is none."""
    order = np.lexsort((pairs[1], pairs[0]))
    start = np.searchsorted(pairs[0][order], np.arange(count + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(start), pa.array(pairs[1][order]))
    return pc.if_else(pc.greater(pc.list_value_length(lists), 0), lists, pa.scalar(None, lists.type))


def first_of(count: int, pairs: tuple[Ints, Ints]) -> Ints:
    """The first id of each row; 0 for none."""
    found = np.zeros(count, np.int64)
    rows, ids = pairs
    found[rows[::-1]] = ids[::-1]
    return found


def resolve_names(work: Work, name: str, preferred: Sequence[Sequence[str]] = ((),)) -> tuple[Ints, Ints]:
    """(row positions, territory ids) for a column of names or lists of names; what is not one territory is told."""
    column = work.column(name)
    if pa.types.is_null(column.type):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_list(column.type):
        rows, values = pc.list_parent_indices(column).to_numpy(), pc.list_flatten(column)
    else:
        rows, values = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)), column.drop_null()
    encoded = values.dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = encoded.indices.to_numpy()
    found = np.zeros(len(encoded.dictionary), np.int64)
    for at, wanted in enumerate(encoded.dictionary.to_pylist()):
        candidates = candidates_of(work, wanted, preferred)
        if len(candidates) == 1:
            found[at] = candidates[0]
        else:
            tell_unresolved(work, name, wanted, candidates, rows[codes == at])
    known = found[codes] > 0
    return rows[known].astype(np.int64), found[codes][known]


def candidates_of(work: Work, wanted: str, preferred: Sequence[Sequence[str]]) -> tuple[int, ...]:
    for kinds in preferred:
        found = work.territories.find(wanted, kinds=kinds, within=work.within, source=work.source_id)
        if found:
            return found
    return ()


def tell_unresolved(work: Work, name: str, wanted: str, candidates: Sequence[int], rows: Ints) -> None:
    """One name that is not one territory, for all its rows."""
    if candidates:
        message = Message(
            N_("{name} may be any of: {candidates}."),
            {"name": wanted, "candidates": listed(map(work.territories.title, candidates))},
        )
        remedy = Message(N_("Give the code of the one that is meant, or narrow the choice with --within CODE."))
    else:
        message = Message(N_("No stored territory is called {name}."), {"name": wanted})
        close = listed(work.territories.close(wanted))
        remedy = (
            Message(N_("Did you mean {close}?"), {"close": close})
            if close
            else Message(N_("Load its boundary first, or correct the name."))
        )
    code = "ambiguous_territory" if candidates else "unknown_territory"
    finding = Finding(Severity.WARN, code, message, remedy, field=name, value=wanted)
    work.find_many(finding, rows)


def resolve_needs(work: Work) -> tuple[Ints, Ints]:
    """(row positions, need ids) of the needs projects answer; needs of the same source are preferred."""
    column = work.column("answers_needs")
    if pa.types.is_null(column.type) or not pc.any(pc.is_valid(column)).as_py():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    column = column.combine_chunks()
    rows, keys = pc.list_parent_indices(column).to_numpy(), pc.list_flatten(column).to_pylist()
    stored: dict[str, list[int]] = {}
    query = text(
        "SELECT key, id FROM okruga.entry WHERE register = 'need' AND key = ANY (:keys)"
        " ORDER BY source_id = :source, id DESC"
    )
    own: dict[str, int] = {}
    for key, need in work.connection.execute(query, {"keys": sorted(set(keys)), "source": work.source_id}):
        own[key] = need
        stored.setdefault(key, []).append(need)
    found = np.array([own.get(key, 0) for key in keys], np.int64)
    for row, key in zip(rows[found == 0].tolist(), np.array(keys, object)[found == 0].tolist(), strict=True):
        work.find(
            Severity.WARN, "unknown_need", N_("The need {key} is not stored."),
            N_("Load the needs first, then load this file again."), at=row, field="answers_needs", value=key, key=key,
        )  # fmt: skip
    pairs = np.unique(np.column_stack([rows[found > 0], found[found > 0]]).astype(np.int64), axis=0)
    return pairs[:, 0], pairs[:, 1]


# --- table rows -------------------------------------------------------------------------------------------------------


def at(column: Column, rows: Ints) -> Column:
    """The values of a column in some rows."""
    return column.take(pa.array(rows))


def entry_rows(
    work: Work, register: Register, rows: Ints, ids: Ints, keys: pa.Array, hidden: Mapping[str, Sequence[str]], run: Run
) -> pa.Table:
    """Rows of `entry`; `hidden` goes into `extra` beside the columns the file has beyond the fields."""
    count = len(rows)
    begins = work.column(register.begins)
    if register.fallback_begin:
        # planned days that lie after the end are no beginning
        planned, ends = work.column(register.fallback_begin), work.column(register.ends)
        usable = pc.fill_null(pc.less_equal(planned.cast(pa.date32()), ends.cast(pa.date32())), True)
        begins = pc.coalesce(begins, pc.if_else(usable, planned, pa.scalar(None, planned.type)))
    themes = at(work.column("secondary_themes"), rows)
    no_themes = constant("{}", count)
    extra = {name: at(work.checked.extra.column(name), rows) for name in work.checked.extra.column_names}
    return pa.table({
        "id": pa.array(ids),
        "register": constant(register.name, count),
        "key": keys,
        "title": at(work.column("title"), rows),
        "titles": json_texts({"en": at(work.column("title_en"), rows)}, count),
        "description": at(work.column("description"), rows),
        "theme": at(work.column("theme"), rows),
        "secondary_themes": no_themes if pa.types.is_null(themes.type) else pc.fill_null(pg_array(themes), "{}"),
        "status": at(work.column("status"), rows),
        "begins_on": at(begins, rows),
        "ends_on": at(work.column(register.ends), rows),
        "url": at(work.column("url"), rows),
        "moderation_state": constant("published", count),
        "extra": json_texts({**extra, **{name: pa.array(values) for name, values in hidden.items()}}, count),
        "source_id": constant(run.source_id, count),
        "import_run_id": constant(run.id, count),
        "source_row": pa.array(run.numbers[rows]),
    })  # fmt: skip


def register_tables(
    work: Work, register: Register, rows: Ints, ids: Ints, links: Links
) -> Iterator[tuple[str, pa.Table]]:
    """(table, rows) of everything that belongs to entries except places."""
    entry = pa.array(ids)
    own = {column: at(work.column(name), rows) for column, name in register.own.items()}
    yield f"okruga.{register.name}", pa.table({"entry_id": entry, **own})
    if register.name == "project":
        sources = {f"funding_{source.value}_minor": source.value for source in FundingSource}
        yield "okruga.project_funding", unpivoted(work, rows, ids, sources, "funding_source", "amount_minor")
    if register.name == "event":
        channels = {f"channel_{channel.value}": channel.value for channel in Channel}
        yield "okruga.event_channel", unpivoted(work, rows, ids, channels, "channel", "participants")
    if register.role:
        of, territories = linked(links.territories, rows, ids)
        yield "okruga.entry_territory", pa.table({
            "entry_id": of, "territory_id": territories, "role": constant(register.role, len(of)),
        })  # fmt: skip
    if register.name == "project":
        of, needs = linked(links.needs, rows, ids)
        yield "okruga.project_need", pa.table({"project_id": of, "need_id": needs})
    yield "personal.contact", contacts(work, rows, entry)


def linked(pairs: tuple[Ints, Ints], rows: Ints, ids: Ints) -> tuple[pa.Array, pa.Array]:
    """The pairs of the chosen rows, with entry ids in place of row positions; each pair once."""
    order = np.argsort(rows)
    place = np.searchsorted(rows[order], pairs[0])
    place = np.minimum(place, len(rows) - 1)
    mine = rows[order][place] == pairs[0] if len(rows) else np.zeros(len(pairs[0]), bool)
    found = np.unique(np.column_stack([ids[order][place[mine]], pairs[1][mine]]), axis=0)
    return pa.array(found[:, 0].astype(np.int64)), pa.array(found[:, 1].astype(np.int64))


def unpivoted(work: Work, rows: Ints, ids: Ints, fields: Mapping[str, str], word: str, amount: str) -> pa.Table:
    """One row for each filled field out of a family of columns (money by source, people by channel)."""
    parts = []
    for name, value in fields.items():
        column = at(work.column(name), rows)
        filled = np.flatnonzero(pc.is_valid(column).to_numpy(zero_copy_only=False))
        parts.append(pa.table({
            "entry_id": pa.array(ids[filled]), word: constant(value, len(filled)),
            amount: at(column, filled).cast(pa.int64()),
        }))  # fmt: skip
    return pa.concat_tables(parts)


def contacts(work: Work, rows: Ints, entry: pa.Array) -> pa.Table:
    """Who sent entries in: the only place personal columns go to."""
    columns = {name: at(work.column(f"contact_{name}"), rows).cast(pa.string()) for name in ("name", "phone", "email")}
    known = np.logical_or.reduce([pc.is_valid(c).to_numpy(zero_copy_only=False) for c in columns.values()])
    return pa.table({"entry_id": entry, **columns}).filter(pa.array(known))
