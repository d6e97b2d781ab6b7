"""What does a list of projects, needs, events, organisations or observations change?

Rows are compared with what the same source brought before: by key, then by a digest of everything the row says. A row
that says the same again writes nothing; one that says something else replaces the entry's values and places, keeping
its id; one that is gone is reported, and deleted only on request. All of it is columns, never an object per row.

Rows that repeat an id with other places are one entry with several places. Rows that repeat an id and contradict
each other are refused: which of them is right cannot be known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.errors import N_, Message
from geo.ingest.addresses import Found, find_addresses, task_rows
from geo.ingest.alike import propose
from geo.ingest.digest import DIGEST, Digests, digest_of, row_digests
from geo.ingest.entries import REGISTERS, Links, Register, defaults, entry_rows, register_tables
from geo.ingest.findings import Finding, Severity
from geo.ingest.places import Places, place_digests, place_rows
from geo.ingest.request import Changes, Work
from geo.ingest.write import Run, copy, fetch, raw, staged, take_ids
from geo.progress import Progress
from geo.store.replace import copy_placement

CHUNK = 50_000
# where the digest of an entry is kept among its further columns
HIDDEN = "_digest"
PLACE_FIELDS = ("lat", "lon", "address", "settlement")
SAME, NEW, CHANGED = 0, 1, 2

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Groups:
    """Accepted rows gathered into entries: `rows[start[g]:start[g + 1]]` are the row positions of entry g."""

    key: pa.Array
    rows: Ints
    start: Ints

    def __len__(self) -> int:
        return len(self.key)

    @property
    def first(self) -> Ints:
        """The row that gives each entry its values."""
        return self.rows[self.start[:-1]]

    def of(self, chosen: Ints) -> tuple[Ints, Ints]:
        """Row positions of some entries, and for each of them which of the entries it belongs to."""
        sizes = self.start[chosen + 1] - self.start[chosen]
        owner = np.repeat(np.arange(len(chosen)), sizes)
        offset = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.rows[self.start[chosen][owner] + offset], owner


@dataclass(slots=True)
class ListPlan:
    """Entries to be inserted, replaced and removed."""

    work: Work
    register: Register
    groups: Groups
    places: Places
    found: Found
    links: Links
    digests: Digests
    state: Ints
    entry_id: Ints
    gone: Ints
    changes: Changes

    def needs_writing(self) -> bool:
        return self.changes.any or (self.work.request.delete_gone and len(self.gone) > 0)

    def write(self, connection: Connection, run: Run, progress: Progress) -> None:
        """Write everything that is new or changed, some ten thousand entries at a time."""
        if self.work.request.delete_gone:
            delete_entries(connection, self.register, self.gone)
        new = np.flatnonzero(self.state == NEW)
        self.entry_id[new] = take_ids(connection, "okruga.entry", len(new))
        changed = np.flatnonzero(self.state == CHANGED)
        with progress.step(N_("Writing"), len(new) + len(changed)) as step:
            for start in range(0, len(changed), CHUNK):
                part = changed[start : start + CHUNK]
                update_entries(connection, self.entry_table(run, part))
                delete_children(connection, self.register, self.entry_id[part])
                self.write_children(connection, run, part)
                step.advance(len(part))
            for start in range(0, len(new), CHUNK):
                part = new[start : start + CHUNK]
                copy(connection, "okruga.entry", self.entry_table(run, part))
                self.write_children(connection, run, part)
                step.advance(len(part))

    def entry_table(self, run: Run, chosen: Ints) -> pa.Table:
        first = self.groups.first[chosen]
        keys = self.groups.key.take(pa.array(chosen))
        digests = self.digests[chosen].astype(str).tolist()
        return entry_rows(self.work, self.register, first, self.entry_id[chosen], keys, {HIDDEN: digests}, run)

    def write_children(self, connection: Connection, run: Run, chosen: Ints) -> None:
        """Everything that belongs to the entries: register columns, money, channels, links, contacts, places."""
        ids = self.entry_id[chosen]
        for table, rows in register_tables(self.work, self.register, self.groups.first[chosen], ids, self.links):
            copy(connection, table, rows)
        rows, owner = self.groups.of(chosen)
        placed = self.places.chosen(rows)
        place_ids = take_ids(connection, "okruga.place", len(placed.position))
        owners = ids[owner[placed.taken]]
        copy(connection, "okruga.place", place_rows(self.work, self.register, placed, place_ids, owners, run))
        copy_placement(raw(connection), place_ids, placed.placed)
        tasks = task_rows(self.found, placed.position, place_ids)
        if tasks is not None:
            copy(connection, "okruga.geocode_task", tasks)


def plan(work: Work) -> ListPlan:
    """Compare the checked rows with what the source brought before."""
    register = REGISTERS[work.request.register]
    defaults(work, register)
    links = Links.resolve(work, register)
    more = links.digest_columns()
    if work.request.public_objects:
        more["~public_objects"] = pa.array(np.ones(work.rows.num_rows, np.int8))
    # what an event or a body declares is what it is about; for the others a territory is a place like any other
    place_fields = PLACE_FIELDS if register.role else (*PLACE_FIELDS, "territory")
    base, where = row_digests(work.rows, without=place_fields, more=more), place_digests(work, register, links)
    groups = gather(work, register, base, where)
    digests = entry_digests(groups, base, where)
    state, entry_id, gone = compare(work, register, groups, digests)
    if len(gone):
        tell_gone(work, len(gone))
    propose(work, register.name, groups.first[np.flatnonzero(state == NEW)])
    found = find_addresses(work, links, unchanged_rows(groups, state, entry_id)) if register.has_places else Found()
    places = Places.of(work, register, links, found.levels)
    new, changed, same = (int((state == word).sum()) for word in (NEW, CHANGED, SAME))
    changes = Changes(new, changed, same, len(gone), places.counts(groups.rows), found.to_json())
    return ListPlan(work, register, groups, places, found, links, digests, state, entry_id, gone, changes)


def unchanged_rows(groups: Groups, state: Ints, entry_id: Ints) -> dict[int, int]:
    """The stored entry of every row that says what it said before, by row position."""
    rows, owner = groups.of(np.flatnonzero(state == SAME).astype(np.int64))
    stored = entry_id[state == SAME]
    return dict(zip(rows.tolist(), stored[owner].tolist(), strict=True))


def entry_digests(groups: Groups, base: Digests, where: Digests) -> Digests:
    """A digest of each entry: what its first row says, and all its places in order."""
    single = np.char.add(base[groups.first], where[groups.first])
    for g in np.flatnonzero(np.diff(groups.start) > 1).tolist():
        places = where[groups.rows[groups.start[g] : groups.start[g + 1]]]
        single[g] = digest_of(base[groups.first[g]] + b"".join(places.tolist()))
    return np.array(list(map(digest_of, single.tolist())), DIGEST)


def compare(work: Work, register: Register, groups: Groups, digests: Digests) -> tuple[Ints, Ints, Ints]:
    """State and id (0: none yet) of every entry of the file, and the ids of the source's entries it does not have."""
    stored = fetch(
        work.connection,
        "SELECT id, key, coalesce(extra ->> {digest}, '') AS digest FROM okruga.entry"
        " WHERE register = {register} AND source_id = {source}",
        {"id": pa.int64(), "key": pa.large_string(), "digest": pa.string()},
        digest=HIDDEN, register=register.name, source=work.source_id,
    )  # fmt: skip
    ids = stored["id"].to_numpy()
    at = pc.fill_null(pc.index_in(groups.key, stored["key"].combine_chunks()), -1).to_numpy()
    known = at >= 0
    entry_id = np.zeros(len(groups), np.int64)
    entry_id[known] = ids[at[known]]
    same = np.zeros(len(groups), bool)
    same[known] = np.array(stored["digest"].to_pylist(), DIGEST)[at[known]] == digests[known]
    state = np.where(same, SAME, np.where(known, CHANGED, NEW))
    return state, entry_id, np.setdiff1d(ids, entry_id)


def tell_gone(work: Work, count: int) -> None:
    removed = work.request.delete_gone
    work.find(
        Severity.INFO if removed else Severity.WARN, "gone",
        N_("{count} stored rows of this source are not in the file."),
        N_("They are removed.") if removed else N_("They stay as they are; --delete-gone removes them."), count=count,
    )  # fmt: skip


# --- which rows are one entry -----------------------------------------------------------------------------------------


def gather(work: Work, register: Register, base: Digests, where: Digests) -> Groups:
    """Rows by key. Repeated rows are dropped with a note, contradicting ones refused."""
    keys = keys_of(work, register)
    accepted = np.flatnonzero(work.accepted()).astype(np.int64)
    encoded = keys.take(pa.array(accepted)).dictionary_encode()
    codes = encoded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(encoded.dictionary) + 1))
    kept = np.ones(len(accepted), bool)
    for g in np.flatnonzero(np.diff(bounds) > 1).tolist():
        members = order[bounds[g] : bounds[g + 1]]
        kept[members[1:]] = keep_repeated(work, accepted[members].tolist(), encoded.dictionary[g].as_py(), base, where)
    order = order[kept[order]]
    start = np.searchsorted(codes[order], np.arange(len(encoded.dictionary) + 1))
    return Groups(encoded.dictionary, accepted[order], start.astype(np.int64))


def keep_repeated(work: Work, positions: list[int], key: str, base: Digests, where: Digests) -> list[bool]:
    """For the second and further rows of one key: is it a further place of the same entry?"""
    first, seen, kept = positions[0], {where[positions[0]]}, []
    number = int(work.checked.numbers[first])
    for position in positions[1:]:
        further = base[position] == base[first] and where[position] not in seen
        kept.append(bool(further))
        if further:
            seen.add(where[position])
        elif base[position] == base[first]:
            work.find(
                Severity.WARN, "repeated_row", N_("The row says the same as row {first}; it is counted once."),
                at=position, field="id", value=key, first=number,
            )  # fmt: skip
        else:
            work.find(
                Severity.BLOCK, "duplicate_key", N_("The id {key} stands in row {first} already, with other values."),
                N_("Give each entry an id of its own; repeat an id only for further places of the same entry."),
                at=position, field="id", value=key, key=key, first=number,
            )  # fmt: skip
    return kept


def keys_of(work: Work, register: Register) -> pa.Array:
    """What identifies each row: --key, the id, or else what the row is about."""
    keyed = work.keys if work.request.key else work.column("id")
    keys = pc.fill_null(keyed.cast(pa.large_string()), pa.scalar("", pa.large_string())).combine_chunks()
    nameless = np.flatnonzero(pc.equal(keys, "").to_numpy(zero_copy_only=False))
    if not len(nameless):
        return keys
    message = Message(
        N_("{count} rows have no id; they are recognised by what they are about."), {"count": len(nameless)}
    )
    remedy = Message(
        N_("Name the column that identifies a row with --key COLUMN, so that changed rows are recognised.")
    )
    work.checked.findings.add(Finding(Severity.INFO, "no_id", message, remedy, field="id"))
    about = row_digests(work.rows.select([n for n in register.about if n in work.rows.column_names]))
    # rows about the same are told apart by their order
    times = pd.Series(about[nameless]).groupby(about[nameless]).cumcount().to_numpy()
    made = keys.to_numpy(zero_copy_only=False)
    for position, digest, before in zip(nameless.tolist(), about[nameless].tolist(), times.tolist(), strict=True):
        made[position] = f"~{digest.decode()}" + (f"-{before + 1}" if before else "")
    return pa.array(made, pa.large_string())


# --- writing ----------------------------------------------------------------------------------------------------------


def update_entries(connection: Connection, rows: pa.Table) -> None:
    """Replace the values of stored entries; key, source and moderation stay."""
    kept = ("id", "register", "key", "source_id", "moderation_state")
    columns = [name for name in rows.column_names if name not in kept]
    with staged(connection, "okruga.entry", rows.select(["id", *columns])) as table:
        assigned = ", ".join(f"{name} = s.{name}" for name in columns)
        connection.execute(
            text(f"UPDATE okruga.entry e SET {assigned}, updated_at = now() FROM {table} s WHERE s.id = e.id")
        )


def delete_children(connection: Connection, register: Register, ids: Ints) -> None:
    """Everything that belongs to the entries, whole: the history of a run then holds all that it replaced."""
    chosen = {"ids": ids.tolist()}
    connection.execute(
        text("DELETE FROM okruga.placement x USING okruga.place p WHERE p.id = x.place_id AND p.entry_id = ANY (:ids)"),
        chosen,
    )
    for table in ("okruga.place", "okruga.entry_territory", "personal.contact", f"okruga.{register.name}"):
        connection.execute(text(f"DELETE FROM {table} WHERE entry_id = ANY (:ids)"), chosen)
    for name in register.children:
        owner = "project_id" if name == "project_need" else "entry_id"
        connection.execute(text(f"DELETE FROM okruga.{name} WHERE {owner} = ANY (:ids)"), chosen)


def delete_entries(connection: Connection, register: Register, ids: Ints) -> None:
    """Entries the source no longer has."""
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        delete_children(connection, register, part)
        connection.execute(text("DELETE FROM okruga.entry WHERE id = ANY (:ids)"), {"ids": part.tolist()})
