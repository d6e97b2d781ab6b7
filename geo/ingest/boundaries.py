"""What does a file of areas change? Territories matched or minted, boundary versions opened, ended or kept.

A row is matched with a stored territory by its code, then by the key its source uses, then by name within the
parent. A territory that matches nothing gets a code that never changes afterwards. What its shape leads to in time is
decided in versions.py; how the new set differs from the old one on the map (splits, merges, moves) in difference.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from geo.errors import N_
from geo.ingest import mend, topology, versions
from geo.ingest.boundary_rules import rules_for
from geo.ingest.codes import Minter, stated
from geo.ingest.difference import Piece, Succession, describe
from geo.ingest.findings import KEPT_PER_CODE, Severity
from geo.ingest.names import core_key, exact_key
from geo.ingest.outline import Shape, Shapes
from geo.ingest.request import Changes, Work, listed, texts
from geo.ingest.versions import DAY, EVER, FOREVER, Act, Refused, Span, Wanted
from geo.ingest.write import Run, copy, hex_shapes, staged, take_ids
from geo.progress import Progress
from geo.store.replace import replace_places
from geo.store.share import share_cells
from geo.vocabulary import BoundaryPrecision, TerritoryKind, TosStatus

# where a parent that nobody states is looked for by shape, nearest kind first
PARENT_KINDS: dict[str, tuple[str, ...]] = {
    TerritoryKind.REGION: ("country",),
    TerritoryKind.OBLAST: ("country",),
    TerritoryKind.RAYON: ("oblast", "region"),
    TerritoryKind.MUNICIPALITY: ("rayon", "oblast", "region"),
    TerritoryKind.SETTLEMENT: ("municipality", "rayon", "region"),
    TerritoryKind.CIVIC_DISTRICT: ("municipality",),
    TerritoryKind.ELECTORAL_DISTRICT: ("municipality", "region"),
    TerritoryKind.TOS_TERRITORY: ("municipality",),
    TerritoryKind.MICRODISTRICT: ("municipality",),
}
INSIDE_PARENT = 0.95
# of the land of a territory that a file lacks, when others have it now
GIVEN_AWAY = 0.9
MOST_BESIDE = 50_000
# columns of a territory that a file may fill
DETAILS = ("municipality_form", "tos_status", "tos_level", "charter_number", "charter_registered_on", "oktmo", "osm_id",
           "wikidata_id")  # fmt: skip
LANGUAGES = ("en", "ky")


@dataclass(slots=True, eq=False)
class Version:
    """A boundary version: stored (`id` and `before` are set), or of a row of the file (`row` is its position)."""

    span: Span
    shape: Shape
    id: int | None = None
    before: Span | None = None
    row: int | None = None
    act: str | None = None
    act_on: date | None = None
    legal_text: str | None = None
    precision: str = BoundaryPrecision.SURVEYED.value
    changed: bool = False
    reshaped: bool = False


@dataclass(slots=True, eq=False)
class Territory:
    """A territory the file is about, or one that its rows refer to. `id` is drawn when a new one is written."""

    kind: str
    name: str
    code: str = ""
    id: int | None = None
    names: dict[str, str] = field(default_factory=dict)
    parent: Territory | None = None
    source_key: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    is_new: bool = False
    changed: bool = False

    def on(self, day: date) -> Version | None:
        """The version that holds on a day."""
        return next((version for version in self.versions if version.span.holds(day)), None)

    @property
    def touched(self) -> bool:
        return self.is_new or self.changed or any(version.changed for version in self.versions)


@dataclass(frozen=True, slots=True)
class Row:
    """One feature as the file states it."""

    position: int
    name: str
    code: str
    key: str
    parent: str
    names: dict[str, str]
    details: dict[str, Any]
    shape: Shape
    wanted: Wanted
    act: str | None
    act_on: date | None
    legal_text: str | None
    precision: str | None


@dataclass(slots=True)
class BoundaryPlan:
    """Territories and versions to be written."""

    territories: list[Territory]
    successions: list[Succession]
    changes: Changes

    def needs_writing(self) -> bool:
        return any(territory.touched for territory in self.territories)

    def write(self, connection: Connection, run: Run, progress: Progress) -> None:
        """Write territories, versions and successions; then place and share again what they concern."""
        touched = [territory for territory in self.territories if territory.touched]
        new = [territory for territory in touched if territory.is_new]
        for territory, drawn in zip(new, take_ids(connection, "okruga.territory", len(new)).tolist(), strict=True):
            territory.id = drawn
        insert_territories(connection, run, new)
        update_territories(connection, run, [t for t in touched if t.changed and not t.is_new])
        concerned = write_versions(connection, run, touched)
        write_successions(connection, run, self.successions)
        with progress.step(N_("Placing entries in the new boundaries")) as step:
            step.advance(replace_places(connection, concerned))
        share_cells(connection, boundaries=concerned, progress=progress)


def plan(work: Work) -> BoundaryPlan:
    """Compare the checked features with what is stored."""
    kind, geometry = work.request.kind, work.checked.geometry
    if kind is None or geometry is None:
        raise ValueError("boundaries need a kind and shapes")
    stored = Stored.load(work.connection, kind)
    matcher = Matcher(work, kind, stored)
    rows = list(read_rows(work, geometry))
    for row in parents_first(rows):
        matcher.take(row)
    territories = matcher.chosen()
    by_position = {row.position: row for row in rows}
    check_topology(work, geometry, by_position, territories, stored)
    for territory in territories:
        settle(work, territory, by_position)
    gone = close_gone(work, stored, territories)
    present = [territory for territory in territories if territory.rows]
    successions = describe_difference(work, [*present, *gone])
    changes = Changes(
        new=sum(t.is_new for t in present),
        changed=sum(t.touched and not t.is_new for t in present),
        same=sum(not t.touched for t in present),
        gone=len(gone),
    )
    return BoundaryPlan([*present, *gone], successions, changes)


# --- what the file says -----------------------------------------------------------------------------------------------


def read_rows(work: Work, geometry: Shapes) -> Iterator[Row]:
    """The accepted features, with what the request states for all of them."""
    request = work.request
    columns = {name: work.column(name).to_pylist() for name in (
        "code", "name", "parent", "valid_from", "valid_to", "legal_act", "legal_act_on", "legal_text", "precision",
        *DETAILS,
        *(f"name_{language}" for language in LANGUAGES),
    )}  # fmt: skip
    keys = texts(work.keys)
    for position in np.flatnonzero(work.accepted()).tolist():
        said = {name: values[position] for name, values in columns.items()}
        shape = Shape(geometry[position])
        yield Row(
            position,
            name=said["name"] or said["code"] or keys[position],
            code=said["code"] or "",
            key=keys[position] or said["code"] or "",
            parent=said["parent"] or "",
            names={lang: said[f"name_{lang}"] for lang in LANGUAGES if said[f"name_{lang}"]},
            details=tos_details(work, position, {name: said[name] for name in DETAILS if said[name] is not None}),
            shape=shape,
            wanted=Wanted(shape, said["valid_from"] or request.valid_from, said["valid_to"] or request.valid_to),
            act=said["legal_act"] or request.act or None,
            act_on=said["legal_act_on"],
            legal_text=said["legal_text"],
            precision=said["precision"],
        )


def parents_first(rows: list[Row]) -> list[Row]:
    """The rows in an order in which a parent that stands in the file comes before its parts."""
    called: dict[str, Row] = {}
    for row in reversed(rows):
        called |= dict.fromkeys(filter(None, (row.name, row.key, row.code)), row)
    ordered: dict[int, Row] = {}

    def put(row: Row, below: frozenset[int]) -> None:
        parent = called.get(row.parent)
        if parent is not None and parent.position not in ordered and parent.position not in below:
            put(parent, below | {parent.position})
        ordered.setdefault(row.position, row)

    for row in rows:
        put(row, frozenset({row.position}))
    return list(ordered.values())


def tos_details(work: Work, position: int, details: dict[str, Any]) -> dict[str, Any]:
    """Only a TOS has a status, a level and a charter; one without a status is taken as active, and that is said."""
    if work.request.kind is not TerritoryKind.TOS_TERRITORY:
        return {name: value for name, value in details.items() if not name.startswith(("tos_", "charter_"))}
    if "tos_status" not in details:
        work.find(
            Severity.WARN, "tos_status_assumed", N_("The status of the TOS is not stated; it is taken as active."),
            N_("Add a column tos_status: founding, active, suspended or dissolved."), at=position, field="tos_status",
        )  # fmt: skip
        return details | {"tos_status": TosStatus.ACTIVE.value}
    return details


# --- which territory is meant -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stored:
    """Territories of one kind as stored, with their versions."""

    by_id: dict[int, Territory]

    @classmethod
    def load(cls, connection: Connection, kind: TerritoryKind) -> Stored:
        rows = connection.execute(
            text(
                f"SELECT id, name, code, names, coalesce(source_key, '') AS source_key, {', '.join(DETAILS)}"
                " FROM okruga.territory WHERE kind = :kind ORDER BY id"
            ),
            {"kind": kind.value},
        )
        found = cls({
            row.id: Territory(
                kind.value, row.name, row.code, row.id, dict(row.names), source_key=row.source_key,
                details={name: getattr(row, name) for name in DETAILS if getattr(row, name) is not None},
            )
            for row in rows
        })  # fmt: skip
        found._load_versions(connection, kind)
        return found

    def _load_versions(self, connection: Connection, kind: TerritoryKind) -> None:
        rows = connection.execute(
            text(
                "SELECT id, territory_id, lower(valid) AS first, upper(valid) AS last, ST_AsBinary(geom) AS shape,"
                " legal_act, legal_act_on, legal_text, precision FROM okruga.boundary WHERE kind = :kind ORDER BY id"
            ),
            {"kind": kind.value},
        ).all()
        shapes = shapely.from_wkb(np.array([row.shape for row in rows], object))
        for row, shape in zip(rows, shapes, strict=True):
            span = Span(row.first or EVER, row.last or FOREVER)
            said = (row.legal_act, row.legal_act_on, row.legal_text, row.precision)
            self.by_id[row.territory_id].versions.append(Version(span, Shape(shape), row.id, span, None, *said))


class Matcher:
    """Finds or makes the territory of every row."""

    def __init__(self, work: Work, kind: TerritoryKind, stored: Stored) -> None:
        self.work, self.kind, self.stored = work, kind, stored
        self.minter = Minter(work.territories.by_code)
        self.new: list[Territory] = []
        # by the key of the source, or by name where the source has none
        self.new_by_key: dict[str, list[Territory]] = {}
        self.matched: dict[int, Territory] = {}
        self.others: dict[int, Territory] = {}
        for i, territory in stored.by_id.items():
            territory.parent = self._the(work.territories.all[i].parent_id)
        self.top = self._the(work.parent_id)
        self.parents = ParentsByShape(work, kind)

    def chosen(self) -> list[Territory]:
        """The territories that rows fell on, in file order."""
        return sorted([*self.matched.values(), *self.new], key=lambda territory: territory.rows[0])

    def take(self, row: Row) -> None:
        """Give a row its territory; a row that has none gets a blocking finding."""
        parent = self.parent_of(row)
        if not self.work.accepts(row.position):
            return
        candidates = self.candidates(row, parent)
        if len(candidates) > 1:
            self.work.find(
                Severity.BLOCK, "ambiguous_territory", N_("{name} may be any of: {candidates}."),
                N_("Give its code in a column `code`."), at=row.position, field="name", value=row.name, name=row.name,
                candidates=listed(self.work.territories.title(c.id) for c in candidates if c.id),
            )  # fmt: skip
            return
        territory = candidates[0] if candidates else self.found_in_file(row, parent) or self.make(row, parent)
        if territory.id is not None:
            self.matched[territory.id] = territory
        territory.rows.append(row.position)
        # a parent between the two is said more exactly already; only the row itself can say it anew
        closer = not row.parent and territory.id is not None and self._lies_in(territory.id, parent)
        if parent is not None and parent is not territory and territory.parent is not parent and not closer:
            territory.parent, territory.changed = parent, True
        if parent is not None and territory.touched and not row.parent and self.top is None:
            self.work.find(
                Severity.INFO, "parent_found", N_("No parent is stated; by its shape it lies in {parent}."),
                N_("State another one with --parent if that is wrong."), at=row.position, field="parent",
                parent=parent.name,
            )  # fmt: skip

    def candidates(self, row: Row, parent: Territory | None) -> list[Territory]:
        """Stored territories the row may mean, by the strongest way that gives any."""
        known, source = self.work.territories, self.work.source_id
        code = stated(row.code)
        if code:
            same = self.stored.by_id.get(known.by_code.get(code, 0))
            if same is not None and (self._parent_fits(same, parent) or known.all[same.id or 0].source_id == source):
                return [same]
        own = [
            t for i in known.called(row.key) if known.all[i].source_id == source and (t := self.stored.by_id.get(i))
        ] if row.key else []  # fmt: skip
        if own:
            return own
        if row.code and row.key == row.code:
            return []
        for ids in (known.named(exact_key(row.name)), known.cored(core_key(row.name))):
            found = [t for i in sorted(ids) if (t := self.stored.by_id.get(i)) and self._same_place(t, row, parent)]
            if found:
                return found
        return []

    def _parent_fits(self, territory: Territory, parent: Territory | None) -> bool:
        known = self.work.territories.all[territory.id or 0]
        return parent is None or known.parent_id is None or self._lies_in(known.id, parent)

    def _lies_in(self, territory_id: int, parent: Territory | None) -> bool:
        """Whether a stored territory is below another one in the tree, directly or not."""
        above = None if parent is None else parent.id
        return above is not None and above in self.work.territories.ancestors(territory_id)

    def _same_place(self, territory: Territory, row: Row, parent: Territory | None) -> bool:
        """A name says little: it must be the same parent, or a shape in the same place."""
        known = self.work.territories.all[territory.id or 0]
        if parent is not None and known.parent_id is not None:
            return self._lies_in(known.id, parent)
        box = shapely.box(*row.shape.geometry.bounds)
        return any(box.intersects(shapely.box(*version.shape.geometry.bounds)) for version in territory.versions)

    def found_in_file(self, row: Row, parent: Territory | None) -> Territory | None:
        """The new territory of an earlier row that this row is a further version of."""
        alike = self.new_by_key.get(row.key or exact_key(row.name), [])
        for other in alike:
            if bool(row.key) == bool(other.source_key) and (other.parent is parent or (row.key and parent is None)):
                return other
        return None

    def make(self, row: Row, parent: Territory | None) -> Territory:
        """A new territory with a code minted for it."""
        code = self.minter.mint(row.name, self.kind, parent.code if parent else "", row.code)
        made = Territory(
            self.kind.value, row.name, code, None, dict(row.names), parent, row.key, dict(row.details), is_new=True
        )
        self.new.append(made)
        self.new_by_key.setdefault(row.key or exact_key(row.name), []).append(made)
        return made

    # --- parents ---

    def parent_of(self, row: Row) -> Territory | None:
        """The parent the row names, the one of the request, or the one its shape lies in."""
        if row.parent:
            return self.named_parent(row)
        if self.top is not None:
            return self.top
        return self._the(self.parents.of(row))

    def named_parent(self, row: Row) -> Territory | None:
        known = self.work.territories
        found = known.find(row.parent, within=self.work.within)
        # the parent's name may also be borne by something of the row's own kind
        found = tuple(i for i in found if known.all[i].kind != self.kind) or found
        if len(found) == 1:
            return self._the(found[0])
        in_file = [t for t in self.new if row.parent in (t.code, t.source_key, t.name)]
        if not found and len(in_file) == 1:
            return in_file[0]
        if found:
            self.work.find(
                Severity.BLOCK, "ambiguous_parent", N_("The parent {name} may be any of: {candidates}."),
                N_("Give the parent's code."), at=row.position, field="parent", value=row.parent, name=row.parent,
                candidates=listed(map(known.title, found)),
            )  # fmt: skip
        else:
            self.work.find(
                Severity.WARN, "unknown_parent", N_("The parent {name} is not stored; it is loaded without."),
                N_("Load the parent first, or correct its name."), at=row.position, field="parent", value=row.parent,
                name=row.parent,
            )  # fmt: skip
        return None

    def _the(self, territory_id: int | None) -> Territory | None:
        if territory_id is None:
            return None
        if territory_id in self.stored.by_id:
            return self.stored.by_id[territory_id]
        if territory_id not in self.others:
            known = self.work.territories.all[territory_id]
            self.others[territory_id] = Territory(known.kind, known.name, known.code, known.id)
        return self.others[territory_id]


class ParentsByShape:
    """Which stored territory of a higher kind does a shape lie in?"""

    def __init__(self, work: Work, kind: TerritoryKind) -> None:
        rows = work.connection.execute(
            text(
                "SELECT territory_id, kind, ST_AsBinary(geom) AS shape FROM okruga.boundary"
                " WHERE kind = ANY (:kinds) AND upper(valid) IS NULL ORDER BY territory_id"
            ),
            {"kinds": list(PARENT_KINDS.get(kind, ()))},
        ).all()
        self.ids = [row.territory_id for row in rows]
        order = {name: place for place, name in enumerate(PARENT_KINDS.get(kind, ()))}
        self.order = [order[row.kind] for row in rows]
        self.shapes = shapely.from_wkb(np.array([row.shape for row in rows], object))
        self.tree = shapely.STRtree(self.shapes)

    def of(self, row: Row) -> int | None:
        """The nearest kind's territory that holds nearly all of the shape."""
        shape = row.shape.geometry
        around = self.tree.query(shape, predicate="intersects").tolist()
        for i in sorted(around, key=lambda i: self.order[i]):
            if shapely.area(shapely.intersection(shape, self.shapes[i])) >= INSIDE_PARENT * shapely.area(shape):
                return int(self.ids[i])
        return None


# --- what follows in time ---------------------------------------------------------------------------------------------


def settle(work: Work, territory: Territory, rows: dict[int, Row]) -> None:
    """Apply the rows of a territory in order of their dates; a row that contradicts is refused and left out."""
    kept: list[int] = []
    ordered = sorted(
        filter(work.accepts, territory.rows), key=lambda position: rows[position].wanted.valid_from or EVER
    )
    for row in (rows[position] for position in ordered):
        if kept and row.wanted.valid_from == rows[kept[-1]].wanted.valid_from:
            refuse_repeated(work, row, rows[kept[-1]])
            continue
        try:
            apply(territory, row, versions.steps(territory.versions, row.wanted, correct=work.request.correct))
        except Refused as refused:
            work.find(
                Severity.BLOCK, refused.code, refused.message.msgid, refused.remedy.msgid, at=row.position,
                field="valid_from", value=row.name, **refused.message.params,
            )  # fmt: skip
            continue
        kept.append(row.position)
        if all(row.wanted.valid_from is None or v.span.first <= row.wanted.valid_from for v in territory.versions):
            take_details(territory, row)
    if territory.is_new or kept:
        territory.rows = kept


def refuse_repeated(work: Work, row: Row, first: Row) -> None:
    work.find(
        Severity.BLOCK, "duplicate_territory", N_("The territory {name} stands in the file twice (first in {first})."),
        N_("Remove one of them, or give each the days it is valid from and to."), at=row.position, field="code",
        value=row.code or row.name, name=row.name, first=int(work.checked.numbers[first.position]),
    )  # fmt: skip


def apply(territory: Territory, row: Row, steps: Iterable[versions.Step[Version]]) -> None:
    """Carry the steps out on the versions in memory."""
    for step in steps:
        version = step.version
        if version is None:
            new = Version(step.span, row.shape, row=row.position, act=row.act, act_on=row.act_on, changed=True)
            new.legal_text, new.precision = row.legal_text, row.precision or new.precision
            territory.versions.append(new)
            continue
        if step.act is Act.CORRECT:
            version.shape, version.reshaped, version.row = row.shape, True, row.position
        version.changed |= step.span != version.span or step.act is Act.CORRECT
        version.span = step.span
        if row.wanted.valid_from in (None, version.span.first):
            take_act(version, row)


def take_act(version: Version, row: Row) -> None:
    """The legal act and the precision belong to the version; a file that states others corrects them."""
    for name in ("act", "act_on", "legal_text", "precision"):
        said = getattr(row, name)
        if said is not None and said != getattr(version, name):
            setattr(version, name, said)
            version.changed = True


def take_details(territory: Territory, row: Row) -> None:
    """Name and details as the newest row states them; what it leaves out stays."""
    names, details = territory.names | row.names, territory.details | row.details
    if (row.name, names, details) != (territory.name, territory.names, territory.details):
        territory.name, territory.names, territory.details = row.name, names, details
        territory.changed = True


def check_topology(
    work: Work, geometry: Shapes, rows: dict[int, Row], territories: list[Territory], stored: Stored
) -> None:
    """Overlaps, gaps and the like among the newest shapes of the file; the mends that were asked for come first."""
    newest = [max(t.rows, key=lambda position: rows[position].wanted.valid_from or EVER) for t in territories]
    if not newest or work.request.kind is None:
        return
    areas = areas_of(work, geometry, rows, territories, newest, stored)
    found = areas.check(work.progress)
    if work.request.mends:
        done = mend.mend(areas, mend.named(work.request.mends), found, work.progress)
        found = done.findings
        for at in {change.position for change in done.changes}:
            row, shape = rows[newest[at]], Shape(done.areas.shapes[at])
            rows[newest[at]] = replace(row, shape=shape, wanted=replace(row.wanted, shape=shape))
    work.take(found)


def areas_of(
    work: Work, geometry: Shapes, rows: dict[int, Row], territories: list[Territory], newest: list[int], stored: Stored
) -> mend.Areas:
    """The shapes as they are checked: with their parents, and the TOS that are stored already."""
    kind = TerritoryKind(work.request.kind or "")
    numbers = work.checked.numbers[newest]
    number = {id(t): int(numbers[at]) for at, t in enumerate(territories)}
    shapes = {id(t): rows[newest[at]].shape.geometry for at, t in enumerate(territories)}
    above = {id(t.parent): t.parent for t in territories}
    parents = {key: shapes[key] if key in shapes else shape_of(work, parent) for key, parent in above.items()}
    each = topology.as_array([parents[id(t.parent)] for t in territories])
    nested = (frozenset((number[id(t)], number[id(t.parent)])) for t in territories if id(t.parent) in number)
    day = max(rows[position].wanted.valid_from or EVER for position in newest)
    rules = rules_for(kind, codes_above(work, above.values()))
    if work.request.partial:
        # some of the parts cover a part
        rules = replace(rules, parent_not_covered=None)
    return mend.Areas(
        geometry[newest], numbers, tuple(rows[position].name for position in newest),
        parent=each if len(above) > 1 else next(iter(parents.values())),
        rules=rules,
        beside=beside(work, stored, territories, day) if kind is TerritoryKind.TOS_TERRITORY else (),
        nested=frozenset(nested), keep=mend.KEPT if work.request.mends else KEPT_PER_CODE,
    )  # fmt: skip


def codes_above(work: Work, parents: Iterable[Territory | None]) -> set[str]:
    """Codes of the one parent of all rows and of what it lies in; none when there are several."""
    stated = [parent for parent in parents if parent is not None]
    if len(stated) != 1:
        return set()
    known, parent = work.territories, stated[0]
    above = (known.all[i].code for i in known.ancestors(parent.id)) if parent.id in known.all else ()
    return {parent.code, *above}


def beside(work: Work, stored: Stored, territories: list[Territory], day: date) -> tuple[tuple[str, Any], ...]:
    """Name and shape of every stored TOS that holds on the day (or later) and stays as it is."""
    taken = {id(t) for t in territories} | {id(t.parent) for t in territories}
    here = {t.parent.id for t in territories if t.parent is not None}
    others = [
        t for i, t in stored.by_id.items()
        if id(t) not in taken and not (work.request.delete_gone and work.territories.all[i].parent_id in here)
        and t.details.get("tos_status") != TosStatus.DISSOLVED
    ]  # fmt: skip
    return tuple((t.name, v.shape.geometry) for t in others for v in t.versions if v.span.end > day)[:MOST_BESIDE]


def shape_of(work: Work, territory: Territory | None) -> Any:
    """The newest stored shape of a territory."""
    if territory is None or territory.id is None:
        return None
    found = work.connection.scalar(
        text("SELECT ST_AsBinary(geom) FROM okruga.boundary WHERE territory_id = :id ORDER BY valid DESC LIMIT 1"),
        {"id": territory.id},
    )
    return None if found is None else shapely.from_wkb(found)


# --- how the map differs ----------------------------------------------------------------------------------------------


def first_day(territories: Iterable[Territory]) -> date | None:
    """The day the file's changes begin: the most frequent first day of its new versions."""
    days = Counter(v.span.first for t in territories for v in t.versions if v.id is None and v.span.first != EVER)
    return days.most_common(1)[0][0] if days else None


def close_gone(work: Work, stored: Stored, territories: list[Territory]) -> list[Territory]:
    """Stored territories of the same parents (or source) that the file does not have; ended if that was asked for."""
    day = first_day(territories) or work.request.valid_from
    present = {t.id for t in territories}
    parents = {t.parent.id for t in territories if t.parent is not None and t.parent.id is not None}
    known = work.territories.all
    left = {
        i: t for i, t in stored.by_id.items()
        if i not in present and (t.on(day) if day else t.versions and t.versions[-1].span.end == FOREVER)
    }  # fmt: skip
    if work.request.partial:
        # only what gives its land to territories of the file is concerned, wherever it came from
        sources = {known[i].source_id for i in left} if tiles(work) else set()
        replaced = covered_by(work, left, territories, day or datetime.now(UTC).date(), sources)
        gone = [left[i] for i in sorted(replaced)]
    else:
        sources = {known[t.id].source_id for t in territories if t.id in known}
        replaced = covered_by(work, left, territories, day, sources) if day else set()
        gone = [
            t for i, t in left.items()
            if i in replaced or (known[i].parent_id in parents if parents else known[i].source_id == work.source_id)
        ]  # fmt: skip
    for territory in gone:
        version = territory.on(day) if day else None
        if work.request.delete_gone and version is not None and day is not None and version.span.first < day:
            version.span, version.changed = Span(version.span.first, day), True
    if gone:
        ended = work.request.delete_gone and day is not None
        work.find(
            Severity.INFO if ended else Severity.WARN, "gone",
            N_("{count} stored territories give their land to those of the file: {names}.")
            if work.request.partial
            else N_("{count} stored territories are not in the file: {names}."),
            "" if ended else N_("They stay as they are; --delete-gone with --valid-from ends them the day before."),
            count=len(gone), names=listed(t.name for t in gone),
        )  # fmt: skip
    return gone


def tiles(work: Work) -> bool:
    """Whether territories of the request's kind divide the land, so that two never hold at one place."""
    return work.request.kind is not None and rules_for(work.request.kind).parent_not_covered is not None


def covered_by(
    work: Work, left: dict[int, Territory], territories: list[Territory], day: date, sources: AbstractSet[int | None]
) -> set[int]:
    """Of the territories that the file does not have, those of the sources whose land it gives to others.

    A file may come under another name and without a parent; what belongs together is told by the source of the
    territories it did match, and by the land.
    """
    known = work.territories.all
    candidates = {i: v for i, t in left.items() if known[i].source_id in sources and (v := t.on(day)) is not None}
    new = topology.as_array([v.shape.geometry for t in territories if (v := t.on(day)) is not None])
    tree = shapely.STRtree(new)
    found = set()
    for i, version in candidates.items():
        shape = version.shape.geometry
        common = shapely.intersection(shapely.union_all(new[tree.query(shape, "intersects")]), shape)
        if shapely.area(common) >= GIVEN_AWAY * shapely.area(shape):
            found.add(i)
    return found


def describe_difference(work: Work, territories: list[Territory]) -> list[Succession]:
    """Splits, merges and moves on the day the file's changes begin."""
    day = first_day(territories)
    if day is None:
        return []
    pieces = []
    for territory in territories:
        old = next((v for v in territory.versions if v.before is not None and v.before.holds(day - DAY)), None)
        new = territory.on(day)
        if territory.touched and (old or new):
            before = old.shape.geometry if old is not None and not old.reshaped else None
            pieces.append(Piece(territory, before, None if new is None else new.shape.geometry))
    return describe(work, day, pieces)


# --- writing ----------------------------------------------------------------------------------------------------------


def insert_territories(connection: Connection, run: Run, territories: list[Territory]) -> None:
    copy(connection, "okruga.territory", territory_rows(run, territories).append_column(
        "code", pa.array([t.code for t in territories], pa.string())
    ).append_column("kind", pa.array([t.kind for t in territories], pa.string())))  # fmt: skip


def update_territories(connection: Connection, run: Run, territories: list[Territory]) -> None:
    rows = territory_rows(run, territories).drop_columns(["source_id", "source_key", "source_row"])
    with staged(connection, "okruga.territory", rows) as table:
        columns = [name for name in rows.column_names if name != "id"]
        assigned = ", ".join(f"{name} = s.{name}" for name in columns)
        connection.execute(
            text(f"UPDATE okruga.territory t SET {assigned}, updated_at = now() FROM {table} s WHERE s.id = t.id")
        )


def territory_rows(run: Run, territories: list[Territory]) -> pa.Table:
    """Columns of `territory` except code and kind, which never change."""
    columns: dict[str, pa.Array] = {
        "id": pa.array([t.id for t in territories], pa.int64()),
        "name": pa.array([t.name for t in territories], pa.string()),
        "names": pa.array([orjson.dumps(t.names).decode() for t in territories], pa.string()),
        "parent_id": pa.array([t.parent.id if t.parent else None for t in territories], pa.int64()),
        "source_key": pa.array([t.source_key or None for t in territories], pa.string()),
        "source_id": pa.array([run.source_id] * len(territories), pa.int64()),
        "import_run_id": pa.array([run.id] * len(territories), pa.int64()),
        "source_row": pa.array([run.number(t.rows[0]) if t.rows else None for t in territories], pa.int64()),
    }
    for name in DETAILS:
        values = [None if t.details.get(name) is None else str(t.details[name]) for t in territories]
        columns[name] = pa.array(values, pa.string())
    return pa.table(columns)


def write_versions(connection: Connection, run: Run, territories: list[Territory]) -> list[int]:
    """Shorten, lengthen and correct stored versions, then add the new ones. Returns the ids of all concerned."""
    pairs = [(t, v) for t in territories for v in t.versions if v.changed]
    new = [(t, v) for t, v in pairs if v.id is None]
    old = [(t, v) for t, v in pairs if v.id is not None]
    rows = version_rows(run, old).append_column("id", pa.array([v.id for _, v in old], pa.int64()))
    with staged(
        connection, "okruga.boundary", rows.drop_columns(["territory_id", "kind", "source_id", "source_row"])
    ) as table:
        columns = ("valid", "geom", "area_m2", "precision", "legal_act", "legal_act_on", "legal_text", "import_run_id")
        assigned = ", ".join(f"{name} = s.{name}" for name in columns)
        update = f"UPDATE okruga.boundary b SET {assigned} FROM {table} s WHERE s.id = b.id"
        # days are given back before others take them: never two shapes on one day
        connection.execute(text(f"{update} AND s.valid <@ b.valid"))
        connection.execute(text(f"{update} AND NOT s.valid <@ b.valid AND b.import_run_id <> s.import_run_id"))
    ids = take_ids(connection, "okruga.boundary", len(new))
    copy(connection, "okruga.boundary", version_rows(run, new).append_column("id", pa.array(ids)))
    return [*(int(v.id) for _, v in old if v.id is not None), *ids.tolist()]


def version_rows(run: Run, pairs: list[tuple[Territory, Version]]) -> pa.Table:
    versions = [version for _, version in pairs]
    return pa.table({
        "territory_id": pa.array([t.id for t, _ in pairs], pa.int64()),
        "kind": pa.array([t.kind for t, _ in pairs], pa.string()),
        "valid": pa.array([v.span.literal for v in versions], pa.string()),
        "geom": hex_shapes(np.array([v.shape.geometry for v in versions], object)),
        "area_m2": pa.array([v.shape.area_m2 for v in versions], pa.float64()),
        "precision": pa.array([v.precision for v in versions], pa.string()),
        "legal_act": pa.array([v.act for v in versions], pa.string()),
        "legal_text": pa.array([v.legal_text for v in versions], pa.string()),
        "legal_act_on": pa.array([v.act_on for v in versions], pa.date32()),
        "source_id": pa.array([run.source_id] * len(pairs), pa.int64()),
        "import_run_id": pa.array([run.id] * len(pairs), pa.int64()),
        "source_row": pa.array([None if v.row is None else run.number(v.row) for v in versions], pa.int64()),
    })  # fmt: skip


def write_successions(connection: Connection, run: Run, successions: list[Succession]) -> None:
    for succession in successions:
        connection.execute(
            text(
                "INSERT INTO okruga.territory_succession (from_id, to_id, kind, happened_on, share, import_run_id)"
                " VALUES (:from_id, :to_id, :kind, :day, :share, :run) ON CONFLICT (from_id, to_id) DO NOTHING"
            ),
            {"from_id": succession.old.id, "to_id": succession.new.id, "kind": succession.kind, "day": succession.day,
             "share": succession.share, "run": run.id},
        )  # fmt: skip
