"""What do population figures change? Totals by territory, year and base, or cells with their shapes.

There is one figure for a territory, year and base, whatever the source; a file that states another one replaces it
and says so. Cells are recognised by year and key (the H3 index, or the key of a polygon); their shares in boundary
versions are computed in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.errors import N_
from geo.ingest.findings import Severity
from geo.ingest.outline import areas_m2
from geo.ingest.request import Changes, Work, listed
from geo.ingest.write import Run, constant, copy, fetch, hex_shapes, staged, take_ids
from geo.progress import Progress
from geo.store.share import share_cells
from geo.vocabulary import PopulationBase

Ints = NDArray[np.int64]
# names of census tables carry the part of the population after a dash
REMARK = " - "


# --- totals -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class TotalsPlan:
    """Figures to be inserted and replaced: parallel columns, `id` 0 for a new one."""

    id: Ints
    territory: Ints
    year: Ints
    base: list[str]
    people: Ints
    row: Ints
    changes: Changes
    gone: Ints
    delete_gone: bool

    def needs_writing(self) -> bool:
        return bool(len(self.id)) or (self.delete_gone and len(self.gone) > 0)

    def write(self, connection: Connection, run: Run, progress: Progress) -> None:
        with progress.step(N_("Writing"), len(self.id)) as step:
            if self.delete_gone:
                connection.execute(
                    text("DELETE FROM okruga.population WHERE id = ANY (:ids)"), {"ids": self.gone.tolist()}
                )
            new = np.flatnonzero(self.id == 0)
            self.id[new] = take_ids(connection, "okruga.population", len(new))
            rows = pa.table({
                "id": pa.array(self.id), "territory_id": pa.array(self.territory), "year": pa.array(self.year),
                "base": pa.array(self.base, pa.string()), "people": pa.array(self.people),
                "source_id": constant(run.source_id, len(self.id)), "import_run_id": constant(run.id, len(self.id)),
                "source_row": pa.array(run.numbers[self.row]),
            })  # fmt: skip
            copy(connection, "okruga.population", rows.take(pa.array(new)))
            old = rows.take(pa.array(np.setdiff1d(np.arange(len(self.id)), new)))
            replace(connection, "okruga.population", old, ("people", "source_id", "import_run_id", "source_row"))
            step.advance(len(self.id))


def replace(connection: Connection, table: str, rows: pa.Table, columns: tuple[str, ...]) -> None:
    """Give stored rows new values, by id."""
    if rows.num_rows:
        with staged(connection, table, rows.select(["id", *columns])) as temporary:
            assigned = ", ".join(f"{name} = s.{name}" for name in columns)
            connection.execute(text(f"UPDATE {table} t SET {assigned} FROM {temporary} s WHERE s.id = t.id"))


def plan_totals(work: Work) -> TotalsPlan:
    """Compare stated totals with the stored ones."""
    territory = resolve(work)
    refuse_repeated(work, territory)
    chosen = np.flatnonzero(work.accepted() & (territory > 0))
    years = work.column("year").to_numpy(zero_copy_only=False) if len(chosen) else np.empty(0)
    rows, bases, people = [], [], []
    for base in PopulationBase.codes():
        column = work.column(base)
        filled = chosen[pc.is_valid(column).to_numpy(zero_copy_only=False)[chosen]]
        rows.append(filled)
        bases += [base] * len(filled)
        people.append(column.take(pa.array(filled)).cast(pa.int64()).to_numpy())
    row, count = np.concatenate(rows).astype(np.int64), np.concatenate(people).astype(np.int64)
    year = years[row].astype(np.int64)
    return compare_totals(work, territory[row], year, bases, count, row)


def compare_totals(work: Work, territory: Ints, year: Ints, base: list[str], people: Ints, row: Ints) -> TotalsPlan:
    stored = work.connection.execute(
        text("SELECT id, territory_id, year, base, people, source_id FROM okruga.population WHERE year = ANY (:years)"),
        {"years": np.unique(year).tolist()},
    ).all()
    before = {(r.territory_id, r.year, r.base): r for r in stored}
    keys = list(zip(territory.tolist(), year.tolist(), base, strict=True))
    found = [before.get(key) for key in keys]
    ids = np.array([0 if r is None else r.id for r in found], np.int64)
    same = np.array([r is not None and r.people == p for r, p in zip(found, people.tolist(), strict=True)], bool)
    for r, p, i, equal in zip(found, people.tolist(), row.tolist(), same.tolist(), strict=True):
        if r is not None and not equal and r.source_id != work.source_id:
            work.find(
                Severity.WARN, "replaces_figure", N_("{old} from another source is replaced by {new}."), at=i,
                field="territory", old=r.people, new=p,
            )  # fmt: skip
    present = set(keys)
    gone = np.array(
        [r.id for key, r in before.items() if r.source_id == work.source_id and key not in present], np.int64
    )
    changes = Changes(int((ids == 0).sum()), int(((ids > 0) & ~same).sum()), int(same.sum()), len(gone))
    kept = np.flatnonzero(~same)
    bases = [base[i] for i in kept.tolist()]
    figures = (ids[kept], territory[kept], year[kept], bases, people[kept], row[kept])
    return TotalsPlan(*figures, changes, gone, work.request.delete_gone)


def resolve(work: Work) -> Ints:
    """The territory of each row, 0 where the name is not one territory.

    Without a kind every row must be found. With a kind (or a section of a larger table) rows about other levels are
    expected: they are counted, not refused, and what the kind still lacks is told instead.
    """
    kinds = (work.request.kind.value,) if work.request.kind else ()
    names = work.column("territory").to_pylist()
    found: dict[str, tuple[int, ...]] = {}
    territory = np.zeros(len(names), np.int64)
    skipped = []
    for at, name in enumerate(names):
        if name not in found:
            found[name] = look_up(work, name, kinds)
        candidates = found[name]
        if len(candidates) == 1:
            territory[at] = candidates[0]
        elif candidates or not (kinds or work.request.section):
            refuse_unresolved(work, at, name, candidates)
        else:
            skipped.append(at)
    if skipped:
        tell_skipped(work, skipped, names, territory, kinds)
    return territory


def look_up(work: Work, name: str, kinds: tuple[str, ...]) -> tuple[int, ...]:
    for wanted in dict.fromkeys((name, name.split(REMARK)[0])):
        found = work.territories.find(wanted, kinds=kinds, within=work.within, source=work.source_id)
        if found:
            return found
    return ()


def refuse_unresolved(work: Work, at: int, name: str, candidates: tuple[int, ...]) -> None:
    if candidates:
        work.find(
            Severity.BLOCK, "ambiguous_territory", N_("{name} may be any of: {candidates}."),
            N_("Give the code of the one that is meant, or narrow the choice with --within CODE."), at=at,
            field="territory", value=name, name=name, candidates=listed(map(work.territories.title, candidates)),
        )  # fmt: skip
        return
    close = listed(work.territories.close(name))
    work.find(
        Severity.BLOCK, "unknown_territory", N_("No stored territory is called {name}."),
        N_("Did you mean {close}?") if close else N_("Load its boundary first, or correct the name."), at=at,
        field="territory", value=name, name=name, close=close,
    )  # fmt: skip


def tell_skipped(work: Work, skipped: list[int], names: list[str], territory: Ints, kinds: tuple[str, ...]) -> None:
    """Rows about other levels than the asked one, and what of the asked kind has no row."""
    work.find(
        Severity.INFO, "other_levels", N_("{count} rows are about other territories and are passed over: {names}."),
        count=len(skipped), names=listed(names[at] for at in skipped),
    )  # fmt: skip
    have = set(territory.tolist())
    scope = work.within
    lacking = [
        known.name for i, known in work.territories.all.items()
        if known.kind in kinds and i not in have and (scope is None or i in scope)
    ]  # fmt: skip
    if lacking:
        work.find(
            Severity.WARN, "without_figure", N_("{count} stored territories of this kind get no figure: {names}."),
            N_("Compare how they are called in the file; name them with --map or correct the file."),
            count=len(lacking), names=listed(lacking),
        )  # fmt: skip


def refuse_repeated(work: Work, territory: Ints) -> None:
    """Two rows for one territory and year are a contradiction, unless they say the same."""
    years = work.column("year").to_pylist()
    bases = [work.column(base).to_pylist() for base in PopulationBase.codes()]
    seen: dict[tuple[int, Any], int] = {}
    for at in np.flatnonzero(work.accepted() & (territory > 0)).tolist():
        first = seen.setdefault((int(territory[at]), years[at]), at)
        if first == at:
            continue
        number = int(work.checked.numbers[first])
        if all(values[at] == values[first] for values in bases):
            work.find(
                Severity.WARN, "repeated_row", N_("The row says the same as row {first}; it is counted once."), at=at,
                field="territory", first=number,
            )  # fmt: skip
            territory[at] = 0
        else:
            work.find(
                Severity.BLOCK, "repeated_territory", N_("Row {first} already states this territory and year."),
                N_("Keep one of the rows, or narrow the choice with --kind or --section."), at=at, field="territory",
                value=work.territories.title(int(territory[at])), first=number,
            )  # fmt: skip


# --- cells ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class CellsPlan:
    """Cells to be inserted and replaced; `id` 0 for a new one."""

    CHANGING: ClassVar[tuple[str, ...]] = (
        "residents", "residents_16", "geom", "area_m2", "source_id", "import_run_id", "source_row",
    )  # fmt: skip

    rows: pa.Table
    position: Ints
    changes: Changes
    gone: Ints
    delete_gone: bool

    def needs_writing(self) -> bool:
        return bool(self.rows.num_rows) or (self.delete_gone and len(self.gone) > 0)

    def write(self, connection: Connection, run: Run, progress: Progress) -> None:
        """Write the cells and share them among the boundaries."""
        if self.delete_gone:
            connection.execute(
                text("DELETE FROM okruga.population_cell WHERE id = ANY (:ids)"), {"ids": self.gone.tolist()}
            )
        count = self.rows.num_rows
        ids = self.rows["id"].to_numpy().copy()
        new = np.flatnonzero(ids == 0)
        ids[new] = take_ids(connection, "okruga.population_cell", len(new))
        rows = self.rows.set_column(0, "id", pa.array(ids))
        for name, column in (
            ("source_id", constant(run.source_id, count)), ("import_run_id", constant(run.id, count)),
            ("source_row", pa.array(run.numbers[self.position])),
        ):  # fmt: skip
            rows = rows.append_column(name, column)
        copy(connection, "okruga.population_cell", rows.take(pa.array(new)))
        old = rows.take(pa.array(np.setdiff1d(np.arange(count), new)))
        replace(connection, "okruga.population_cell", old, self.CHANGING)
        share_cells(connection, cells=ids.tolist(), progress=progress)


def plan_cells(work: Work) -> CellsPlan:
    """Compare the cells of the file with the stored ones."""
    keys, indexes, shapes = cell_shapes(work)
    for at in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        work.find(
            Severity.BLOCK, "no_area", N_("The cell has neither a shape nor an H3 index."),
            N_("Fill the column h3, or load the cells with their shapes."), at=at, field="h3",
        )  # fmt: skip
    chosen = np.flatnonzero(work.accepted())
    chosen = refuse_repeated_cells(work, chosen, keys)
    picked = pa.array(chosen)
    people = {name: whole(work, name).take(picked) for name in ("residents", "residents_16")}
    rows = pa.table({
        "id": constant(0, len(chosen)),
        "cell_key": pa.array([keys[i] for i in chosen.tolist()], pa.string()),
        "h3": pa.array([indexes.get(i) for i in chosen.tolist()], pa.int64()),
        "year": work.column("year").take(picked).cast(pa.int64()),
        **people,
        "geom": hex_shapes(shapes[chosen]),
        "area_m2": pa.array(areas_m2(shapes[chosen])),
    })  # fmt: skip
    return compare_cells(work, rows, chosen)


def whole(work: Work, name: str) -> pa.ChunkedArray:
    """People as whole numbers; modelled populations come with fractions."""
    return pc.round(work.column(name).cast(pa.float64())).cast(pa.int64())


def cell_shapes(work: Work) -> tuple[list[str], dict[int, int], Any]:
    """Key of every row, H3 index by row, and shapes: the file's own, or the hexagon of the index."""
    given = work.checked.geometry
    shapes = np.full(work.rows.num_rows, None, object) if given is None else given.copy()
    hexes, codes = work.column("h3").to_pylist(), work.column("code").to_pylist()
    named = work.keys.to_pylist()
    indexes = {at: h3.str_to_int(index) for at, index in enumerate(hexes) if index}
    for at, index in indexes.items():
        if shapes[at] is None:
            shapes[at] = shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(h3.int_to_str(index))])
    keys = [named[at] or hexes[at] or codes[at] or f"row {work.checked.numbers[at]}" for at in range(len(hexes))]
    return keys, indexes, shapes


def refuse_repeated_cells(work: Work, chosen: Ints, keys: list[str]) -> Ints:
    """Every cell once for each year."""
    years = work.column("year").to_pylist()
    seen: dict[tuple[str, Any], int] = {}
    kept = []
    for at in chosen.tolist():
        first = seen.setdefault((keys[at], years[at]), at)
        if first == at:
            kept.append(at)
            continue
        work.find(
            Severity.BLOCK, "duplicate_key", N_("The id {key} stands in row {first} already, with other values."),
            N_("Each cell may stand once for each year."), at=at, field="h3", value=keys[at], key=keys[at],
            first=int(work.checked.numbers[first]),
        )  # fmt: skip
    return np.array(kept, np.int64)


def compare_cells(work: Work, rows: pa.Table, position: Ints) -> CellsPlan:
    years = pc.unique(rows["year"]).to_pylist()
    stored = fetch(
        work.connection,
        "SELECT id, cell_key, year, residents, residents_16, encode(ST_AsEWKB(geom), 'hex') AS geom, source_id"
        " FROM okruga.population_cell WHERE year = ANY ({years})",
        {"id": pa.int64(), "cell_key": pa.string(), "year": pa.int64(), "residents": pa.int64(),
         "residents_16": pa.int64(), "geom": pa.string(), "source_id": pa.int64()},
        years=years or [0],
    )  # fmt: skip
    before = {
        (key, year): at
        for at, (key, year) in enumerate(zip(*(stored[n].to_pylist() for n in ("cell_key", "year")), strict=True))
    }
    at = [before.get(pair, -1) for pair in zip(rows["cell_key"].to_pylist(), rows["year"].to_pylist(), strict=True)]
    ids = np.array([0 if i < 0 else stored["id"][i].as_py() for i in at], np.int64)
    was = stored.take(pa.array([max(i, 0) for i in at], pa.int64())) if stored.num_rows else None
    same = np.zeros(len(ids), bool)
    if was is not None:
        same = ids > 0
        for name in ("residents", "residents_16"):
            now, then = (pc.fill_null(t[name], -1).to_numpy() for t in (rows, was))
            same &= now == then
        same &= pc.equal(pc.utf8_lower(rows["geom"]), was["geom"]).to_numpy(zero_copy_only=False)
    own = np.flatnonzero(stored["source_id"].to_numpy() == work.source_id)
    gone = np.setdiff1d(stored["id"].to_numpy()[own], ids)
    changes = Changes(int((ids == 0).sum()), int(((ids > 0) & ~same).sum()), int(same.sum()), len(gone))
    kept = pa.array(np.flatnonzero(~same))
    rows = rows.set_column(0, "id", pa.array(ids)).take(kept)
    return CellsPlan(rows, position[~same], changes, gone, work.request.delete_gone)
