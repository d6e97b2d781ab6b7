"""XLSX lists: parsed in the child, headings found here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from geo.errors import N_
from geo.ingest.readers import archive, headings, sandbox
from geo.ingest.readers.child import CELLS, NUMBER
from geo.ingest.readers.delimited import Gather, note_title, nothing
from geo.ingest.readers.limits import Limits
from geo.ingest.readers.vector import order_for, place_files, raise_refusal
from geo.ingest.table import Table, text_frame
from geo.progress import SILENT, Progress


def read_xlsx(path: Path, *, sheet: str | None, limits: Limits, progress: Progress = SILENT) -> Table:
    """The list on one sheet of a workbook; several filled sheets and none chosen raise ChooseLayer."""
    archive.measure(path, limits)
    table = Table(path.name, text_frame({}, 0), np.empty(0, np.int64), format="xlsx")
    with sandbox.workplace() as folder, progress.step(N_("Reading the file")) as step:
        main = place_files({".xlsx": path}, folder, "xlsx")
        answer = sandbox.ask(order_for("workbook", "xlsx", main, layer=sheet), folder, limits, file=path.name)
        raise_refusal(answer.head, path.name)
        arrow = answer.table()
        numbers = arrow.column(NUMBER).to_pylist()
        rows = [[cell or "" for cell in cells] for cells in arrow.column(CELLS).to_pylist()]
        if not rows:
            raise nothing(path.name)
        heading = headings.find(rows)
        note_title(heading, table.findings)
        gather = Gather(table, heading, step)
        for number, row in zip(numbers[heading.rows_used :], rows[heading.rows_used :], strict=True):
            gather.add(number, row)
        gather.finish()
    table.layer = str(answer.head.get("layer", ""))
    return table
