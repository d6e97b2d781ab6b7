"""What does a list of groups change? Territories gathered across municipalities, such as «Южное Подмосковье».

A row is one member of one group, by code or name, with the days it belongs. Groups are recognised by code, else by
name; a new group gets a code minted from its name. Members a file of the same source no longer has are reported, and
removed when that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, text

from geo.errors import N_
from geo.ingest.codes import Minter, stated
from geo.ingest.findings import Severity
from geo.ingest.names import exact_key
from geo.ingest.request import Changes, Work, listed
from geo.ingest.versions import DAY, EVER, FOREVER, Span
from geo.ingest.write import Run
from geo.progress import Progress
from geo.vocabulary import TerritoryKind


@dataclass(slots=True)
class Group:
    """A group as stored, or as the file states it; `members` are days by territory id."""

    name: str
    code: str = ""
    id: int | None = None
    source_id: int = 0
    names: dict[str, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """One row of the file, understood."""

    group: Group
    territory: int
    span: Span
    row: int


@dataclass(slots=True)
class GroupPlan:
    """Groups to be made, members to be written, members to be removed as (group id, territory id)."""

    groups: list[Group]
    members: list[Member]
    gone: list[tuple[int, int]]
    delete_gone: bool
    changes: Changes

    def needs_writing(self) -> bool:
        return bool(self.members) or (self.delete_gone and bool(self.gone))

    def write(self, connection: Connection, run: Run, progress: Progress) -> None:
        """Write groups and members."""
        with progress.step(N_("Writing"), len(self.members)) as step:
            for group in self.groups:
                group.id = insert_group(connection, run, group)
            for member in self.members:
                put_member(connection, run, member)
            for group_id, territory in self.gone if self.delete_gone else ():
                connection.execute(
                    text("DELETE FROM okruga.territory_group_member WHERE group_id = :g AND territory_id = :t"),
                    {"g": group_id, "t": territory},
                )
            step.advance(len(self.members))


def plan(work: Work) -> GroupPlan:
    """Compare the rows with the stored groups."""
    stored = stored_groups(work.connection)
    members = list(understood(work, stored))
    new = {id(m.group): m.group for m in members if m.group.id is None}
    mint(work, stored, list(new.values()))
    written = [m for m in members if m.group.members.get(m.territory) != m.span.literal]
    present = {(m.group.id, m.territory) for m in members}
    mine = [group for group in stored if group.source_id == work.source_id]
    gone = [(g.id, t) for g in mine for t in g.members if g.id is not None and (g.id, t) not in present]
    tell_gone(work, gone)
    fresh = sum(m.territory not in m.group.members for m in written)
    changes = Changes(fresh, len(written) - fresh, len(members) - len(written), len(gone))
    return GroupPlan(list(new.values()), written, gone, work.request.delete_gone, changes)


def stored_groups(connection: Connection) -> list[Group]:
    """All groups with their members."""
    rows = connection.execute(text("SELECT id, code, name, names, source_id FROM okruga.territory_group ORDER BY id"))
    groups = {row.id: Group(row.name, row.code, row.id, row.source_id, dict(row.names)) for row in rows}
    members = connection.execute(
        text("SELECT group_id, territory_id, valid::text AS valid FROM okruga.territory_group_member")
    )
    for row in members:
        groups[row.group_id].members[row.territory_id] = row.valid.replace("(,", "[,")
    return list(groups.values())


def understood(work: Work, stored: list[Group]) -> Iterator[Member]:
    """The rows whose group and territory are known; the others get a blocking finding."""
    columns = {
        name: work.column(name).to_pylist()
        for name in ("group", "group_en", "group_code", "territory", "kind", "valid_from", "valid_to")
    }
    named: dict[str, Group] = {exact_key(group.name): group for group in stored}
    coded: dict[str, Group] = {group.code: group for group in stored}
    seen: dict[tuple[int, int], int] = {}
    for at in range(work.rows.num_rows):
        if not work.accepts(at):
            continue
        said = {name: values[at] for name, values in columns.items()}
        territory = territory_of(work, at, said["territory"], said["kind"])
        if territory is None:
            continue
        code = stated(said["group_code"] or "")
        group = coded.get(code) or named.get(exact_key(said["group"]))
        if group is None:
            group = Group(said["group"], code, names={"en": said["group_en"]} if said["group_en"] else {})
            coded |= {code: group} if code else {}
            named[exact_key(group.name)] = group
        if (first := seen.setdefault((id(group), territory), at)) != at:
            refuse_repeated(work, at, first, said["territory"])
            continue
        last = said["valid_to"]
        yield Member(group, territory, Span(said["valid_from"] or EVER, FOREVER if last is None else last + DAY), at)


def territory_of(work: Work, at: int, name: str, kind: str | None) -> int | None:
    """The territory a row names."""
    known = work.territories
    found = known.find(name, kinds=(kind,) if kind else (), within=work.within)
    if len(found) == 1:
        return found[0]
    if found:
        work.find(
            Severity.BLOCK, "ambiguous_territory", N_("{name} may be any of: {candidates}."),
            N_("Give its code, or its kind in a column `kind`."), at=at, field="territory", value=name, name=name,
            candidates=listed(map(known.title, found)),
        )  # fmt: skip
    else:
        work.find(
            Severity.BLOCK, "unknown_territory", N_("There is no territory {name}."),
            N_("Load its boundary first, or correct the name."), at=at, field="territory", value=name, name=name,
        )  # fmt: skip
    return None


def refuse_repeated(work: Work, at: int, first: int, name: str) -> None:
    work.find(
        Severity.BLOCK, "duplicate_member", N_("{name} stands in the group twice (first in {first})."),
        N_("Remove one of the rows."), at=at, field="territory", value=name, name=name,
        first=int(work.checked.numbers[first]),
    )  # fmt: skip


def mint(work: Work, stored: list[Group], groups: list[Group]) -> None:
    """Codes for new groups; they never change afterwards."""
    minter = Minter([*work.territories.by_code, *(group.code for group in stored)])
    for group in groups:
        group.code = minter.mint(group.name, TerritoryKind.REGION, "group", group.code)


def tell_gone(work: Work, gone: list[tuple[int, int]]) -> None:
    if gone:
        ended = work.request.delete_gone
        work.find(
            Severity.INFO if ended else Severity.WARN, "gone",
            N_("{count} stored members are not in the file: {names}."),
            "" if ended else N_("They stay as they are; --delete-gone removes them."), count=len(gone),
            names=listed(work.territories.all[territory].name for _, territory in gone),
        )  # fmt: skip


def insert_group(connection: Connection, run: Run, group: Group) -> int:
    return int(
        connection.scalar(
            text(
                "INSERT INTO okruga.territory_group (code, name, names, source_id, import_run_id)"
                " VALUES (:code, :name, CAST(:names AS jsonb), :source, :run) RETURNING id"
            ),
            {
                "code": group.code, "name": group.name, "names": orjson.dumps(group.names).decode(),
                "source": run.source_id, "run": run.id,
            },
        )
        or 0
    )  # fmt: skip


def put_member(connection: Connection, run: Run, member: Member) -> None:
    connection.execute(
        text(
            "INSERT INTO okruga.territory_group_member (group_id, territory_id, valid, import_run_id, source_row)"
            " VALUES (:group, :territory, CAST(:valid AS daterange), :run, :row)"
            " ON CONFLICT (group_id, territory_id) DO UPDATE SET valid = EXCLUDED.valid,"
            " import_run_id = EXCLUDED.import_run_id, source_row = EXCLUDED.source_row"
        ),
        {
            "group": member.group.id, "territory": member.territory, "valid": member.span.literal, "run": run.id,
            "row": run.number(member.row),
        },
    )  # fmt: skip
