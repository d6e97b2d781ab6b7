"""How does a list of thousands of addresses become a file that a killed run loses nothing of?

The answers are written to FILE.part in portions, with a note beside it of what was asked and how far that got. The
same question again goes on behind the last whole portion; another file, column, scope or gazetteer starts anew. The
result takes its name only when it is whole.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from geo.batch.answers import COLUMNS, Answerer, harmless
from geo.batch.texts import TextFile, headings_with_answers
from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.store.engine import Database

PORTION = 500
BOM = b"\xef\xbb\xbf"


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV; cells are harmless already or made so by the caller."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def with_answers(rows: Iterable[Sequence[str]], answers: Iterable[Sequence[str]]) -> bytes:
    """The rows of the file, each with its answer behind."""
    return csv_bytes([*map(harmless, row), *answer] for row, answer in zip(rows, answers, strict=True))


def heading_bytes(headings: Sequence[str]) -> bytes:
    """The first line of the result."""
    return BOM + csv_bytes([[harmless(name) for name in headings_with_answers(headings)]])


def portions(
    database: Database, answerer: Answerer, file: TextFile, first: int = 0, progress: Progress = SILENT
) -> Iterator[tuple[int, list[list[str]]]]:
    """(number of the first row, answers) of one portion after another, from row `first` on."""
    texts = file.texts
    with progress.step(N_("Looking for addresses"), len(texts)) as step:
        step.advance(first)
        for start in range(first, len(texts), PORTION):
            with database.computing() as connection:
                answers = answerer.answers(connection, texts[start : start + PORTION])
            yield start, answers
            step.advance(len(answers))


def tally(answers: Iterable[Sequence[str]]) -> Counter[str]:
    """Statuses, and the levels of what was placed."""
    status, level = COLUMNS.index("status"), COLUMNS.index("match_level")
    found: Counter[str] = Counter()
    for answer in answers:
        found[answer[status]] += 1
        if answer[COLUMNS.index("lat")]:
            found[f"level:{answer[level]}"] += 1
    return found


@dataclass(slots=True)
class Partial:
    """The unfinished result beside its note. `asked` tells one question from another."""

    out: Path
    asked: str

    @property
    def path(self) -> Path:
        return self.out.with_name(self.out.name + ".part")

    @property
    def note_path(self) -> Path:
        return self.out.with_name(self.out.name + ".part.json")

    def begun(self) -> tuple[int, int, Counter[str]]:
        """(rows, bytes, counts) of an earlier run with the same question; zeros for none."""
        try:
            note = orjson.loads(self.note_path.read_bytes())
            rows, size = int(note["rows"]), int(note["bytes"])
            if note["asked"] == self.asked and self.path.stat().st_size >= size:
                return rows, size, Counter(note["counts"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, 0, Counter()

    def note(self, rows: int, size: int, counts: Counter[str]) -> None:
        """Remember how far it got; the note is there as a whole or not at all."""
        fresh = self.note_path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps({"asked": self.asked, "rows": rows, "bytes": size, "counts": dict(counts)}))
        fresh.replace(self.note_path)

    def finish(self) -> None:
        """Give the result its name."""
        self.path.replace(self.out)
        self.note_path.unlink(missing_ok=True)


def write_file(
    database: Database, answerer: Answerer, file: TextFile, out: Path, within: str, progress: Progress = SILENT
) -> tuple[Counter[str], int]:
    """Write the result to `out`, going on where an earlier run was stopped. Returns the counts and where it began."""
    partial = Partial(out, "\n".join((file.digest, file.column, within, answerer.geocoder.version)))
    rows, size, counts = partial.begun()
    with partial.path.open("r+b" if rows else "wb") as stream:
        stream.truncate(size)
        stream.seek(size)
        if not rows:
            stream.write(heading_bytes(file.headings))
        for start, answers in portions(database, answerer, file, rows, progress):
            stream.write(with_answers(file.rows[start : start + len(answers)], answers))
            stream.flush()
            counts.update(tally(answers))
            partial.note(start + len(answers), stream.tell(), counts)
    partial.finish()
    return counts, rows
