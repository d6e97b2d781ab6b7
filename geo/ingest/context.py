"""How does the backdrop of the maps come in? Water, green, railways and main streets of one file, replaced as a whole.

The backdrop is not counted and has no history of its own: a file replaces what the same source brought before.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.errors import N_, BadFile, Message
from geo.ingest import readers
from geo.ingest.findings import Finding, Report, Severity
from geo.ingest.request import Request
from geo.ingest.table import Table
from geo.ingest.write import Run, constant, copy, hex_shapes
from geo.progress import Progress
from geo.registers.context import CONTEXT_KINDS

KIND_COLUMNS = ("context_kind", "kind", "вид")


def read_context(request: Request, progress: Progress) -> Table:
    """The features of the file. BadFile without shapes or without a column that says what each is."""
    table = readers.read(
        request.path, layer=request.layer or None, crs=request.crs or None, accept=request.accept,
        limits=readers.Limits.from_settings(web=request.web), progress=progress,
    )  # fmt: skip
    if table.geometry is None or kind_column(table) is None:
        raise BadFile(
            N_("{file} is no backdrop: it needs shapes and a column `kind`."),
            remedy=N_("Kinds are: {kinds}."), file=request.path.name, kinds=", ".join(CONTEXT_KINDS),
        )  # fmt: skip
    return table


def kind_column(table: Table) -> str | None:
    return next((name for name in table.columns if name.strip().lower() in KIND_COLUMNS), None)


def usable(table: Table, report: Report) -> NDArray[np.bool_]:
    """Which features can be drawn; the others are reported by their number."""
    kinds = table.frame[kind_column(table) or ""].str.strip().str.lower().to_numpy(dtype=object)
    assert table.geometry is not None  # noqa: S101 - read_context saw to it
    known = np.isin(kinds.astype(str), CONTEXT_KINDS)
    drawn = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry))
    for at in np.flatnonzero(~(known & drawn)).tolist():
        message = Message(N_("This is no feature of the backdrop: {kind}."), {"kind": str(kinds[at])})
        remedy = Message(N_("Kinds are: {kinds}."), {"kinds": ", ".join(CONTEXT_KINDS)})
        number = int(table.row_numbers[at])
        report.findings.add(Finding(Severity.BLOCK, "context_kind", message, remedy, feature=number, field="kind"))
    return np.asarray(known & drawn)


def plan_report(request: Request, table: Table) -> tuple[Report, NDArray[np.bool_]]:
    report = Report(file=request.file_name or request.path.name, register="context", read=len(table))
    good = usable(table, report)
    report.accepted, report.rejected = int(good.sum()), int((~good).sum())
    return report, good


def write_context(connection: Connection, run: Run, table: Table, good: NDArray[np.bool_], progress: Progress) -> None:
    """Replace the source's features."""
    connection.execute(text("DELETE FROM okruga.context_feature WHERE source_id = :source"), {"source": run.source_id})
    assert table.geometry is not None  # noqa: S101 - read_context saw to it
    shapes = shapely.make_valid(shapely.force_2d(table.geometry[good]))
    kinds = table.frame[kind_column(table) or ""].str.strip().str.lower().to_numpy(dtype=object)[good]
    names = table.frame["name"].to_numpy(dtype=object)[good] if "name" in table.columns else [""] * int(good.sum())
    count = int(good.sum())
    with progress.step(N_("Writing"), count) as step:
        copy(connection, "okruga.context_feature", pa.table({
            "context_kind": pa.array(kinds.tolist(), pa.string()),
            "name": pa.array([name or None for name in names], pa.string()),
            "geom": hex_shapes(shapes),
            "source_id": constant(run.source_id, count), "import_run_id": constant(run.id, count),
        }))  # fmt: skip
        step.advance(count)


def same_as_stored(connection: Connection, request: Request, digest: str) -> bool:
    """Whether this very file is what the source's backdrop was made from."""
    return bool(
        connection.scalar(
            text(
                "SELECT EXISTS (SELECT FROM okruga.context_feature c JOIN okruga.import_run r ON r.id = c.import_run_id"
                " JOIN okruga.source s ON s.id = c.source_id WHERE s.title = :title AND r.file_sha256 = :digest)"
            ),
            {"title": request.title, "digest": digest},
        )
    )
