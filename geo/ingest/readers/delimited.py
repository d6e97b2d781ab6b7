"""CSV as it comes out of Excel, registers and scripts: any delimiter, any encoding, titles above, quotes left open."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.errors import N_, BadFile, BadInput, Message
from geo.ingest import encoding
from geo.ingest.findings import Finding, Findings, Severity
from geo.ingest.readers import headings
from geo.ingest.readers.headings import Heading
from geo.ingest.table import MOST_COLUMNS, Table, text_frame, too_many_columns
from geo.progress import SILENT, Progress, Step

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 200_000
CHUNK_ROWS = 20_000
DECODE_BYTES = 1 << 20
# a boundary written as WKT in a cell may be long; a cell longer than this is a quote that was never closed
CELL_LIMIT = 64 * 1024 * 1024
QUOTE_LINES = 2_000

csv.field_size_limit(CELL_LIMIT)


def read_csv(
    path: Path, *, stated_encoding: str | None, delimiter: str | None, accept: bool, progress: Progress = SILENT
) -> Table:
    """The rows of a delimited file. Raises BadFile when it is no list."""
    table = Table(path.name, text_frame({}, 0), np.empty(0, np.int64), format="csv")
    text_encoding = choose_encoding(path, table, stated_encoding, accept)
    sign = choose_delimiter(path, text_encoding, delimiter)
    lines = Lines(path, text_encoding)
    try:
        with progress.step(N_("Reading the file")) as step:
            collect(table, csv.reader(lines, delimiter=sign), lines, step)
    except csv.Error as error:
        raise BadFile(
            N_("{file} cannot be read as a list near line {line}."),
            remedy=N_("Check the quotation marks there, or save the list as .xlsx."),
            file=path.name,
            line=lines.number,
        ) from error
    return table


class Lines:
    """The lines of a file, counted, with the quotation marks in them."""

    def __init__(self, path: Path, text_encoding: str) -> None:
        self.path = path
        self.encoding = text_encoding
        self.number = 0
        self.quotes = 0

    def __iter__(self) -> Iterator[str]:
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                for line in file:
                    self.number += 1
                    self.quotes += line.count('"')
                    yield line.replace("\x00", "")
        except UnicodeDecodeError as error:
            raise BadFile(
                N_("{file} is not text in the encoding {encoding} near line {line}."),
                remedy=N_("State the encoding with --encoding, or save the file as UTF-8."),
                file=self.path.name,
                encoding=self.encoding,
                line=self.number + 1,
            ) from error


def choose_encoding(path: Path, table: Table, stated: str | None, accept: bool) -> str:
    """The encoding of the file; the whole file is tried as UTF-8, a guess becomes an offer."""
    if stated:
        return encoding.check(stated)
    with path.open("rb") as file:
        head = file.read(encoding.SAMPLE_BYTES)
    guess = encoding.detect(head, whole=False)
    if guess.encoding in ("utf-8", *encoding.UNMARKED) and not all_utf8(path):
        guess = mixed(path)
    if not guess.certain:
        table.offer(encoding.offer(guess, head.splitlines()[:2_000], accepted=accept))
    return guess.encoding


def all_utf8(path: Path) -> bool:
    """Whether the whole file decodes as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while piece := file.read(DECODE_BYTES):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def mixed(path: Path) -> encoding.Guess:
    """A file that is not UTF-8 throughout: refused when other lines of it are, guessed when they are plain ASCII."""
    with path.open("rb") as file:
        proven = any(not line.isascii() and encoding.is_utf8(line) for line in file)
    with path.open("rb") as file:
        others = list(islice(((at, line) for at, line in enumerate(file, 1) if not encoding.is_utf8(line)), 200))
    if proven:
        raise BadFile(
            N_("{file} mixes encodings: part of it is UTF-8, but not line {line}."),
            remedy=N_("Parts of different files were pasted together; save each part as UTF-8 first."),
            file=path.name,
            line=others[0][0],
        )
    return encoding.detect(b"".join(line for _, line in others))


def choose_delimiter(path: Path, text_encoding: str, stated: str | None) -> str:
    """The delimiter a person named, or the one that cuts the first lines most evenly."""
    if stated:
        sign = {"\\t": "\t", "tab": "\t"}.get(stated.lower(), stated)
        if len(sign) != 1 or sign in '"\r\n':
            raise BadInput(
                N_("The delimiter {sign} is not one character."), remedy=N_("Use , or ; or tab or |."), sign=stated
            )
        return sign
    with path.open(encoding=text_encoding, errors="replace", newline="") as file:
        sample = file.read(SAMPLE_CHARACTERS)
    declared = sample[:6].lower()
    if declared.startswith("sep=") and len(declared) > 4:
        return sample[4]
    return max(DELIMITERS, key=lambda sign: evenness(sample, sign))


def evenness(sample: str, sign: str) -> tuple[float, int]:
    """How evenly a delimiter cuts the sample: share of rows of the commonest width above one, then that width."""
    try:
        widths = [
            len(row)
            for _, row in zip(range(60), csv.reader(sample.splitlines(keepends=True), delimiter=sign), strict=False)
            if row
        ]
    except csv.Error:
        return 0.0, 0
    width, count = max(Counter(widths).items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]), default=(1, 0))
    return (0.0, 0) if width < 2 else (round(count / len(widths), 1), width)


def collect(table: Table, reader: Iterator[list[str]], lines: Lines, step: Step) -> None:
    """Fill the table: headings first, then chunks of columns."""
    head: list[list[str]] = []
    for row in reader:
        if len(row) > MOST_COLUMNS:
            raise too_many_columns(table.name)
        head.append(row)
        if sum(bool(cells) for cells in head) >= headings.LOOK_AT:
            break
    if head and len(head[0]) == 1 and head[0][0].lower().startswith("sep="):
        head[0] = []
    if head and head[0] and head[0][0].startswith("\ufeff"):
        head[0][0] = head[0][0].removeprefix("\ufeff")
    filled = [row for row in head if any(cell.strip() for cell in row)]
    if not filled:
        raise nothing(table.name)
    heading = headings.find(filled)
    taken = (
        0
        if heading.rows_used == 0
        else [at for at, row in enumerate(head) if any(cell.strip() for cell in row)][heading.rows_used - 1] + 1
    )
    note_title(heading, table.findings)
    gather = Gather(table, heading, step)
    for number, row in enumerate(head[taken:], start=taken + 1):
        gather.add(number, row)
    for number, row in enumerate(reader, start=len(head) + 1):
        gather.add(number, row)
    gather.finish(lines)


def note_title(heading: Heading, findings: Findings) -> None:
    """Say that text above the headings was left out."""
    if heading.title:
        message = Message(N_("Text above the headings was left out: {title}"), {"title": heading.title[:120]})
        findings.add(Finding(Severity.INFO, "title_rows", message, row=1))


def nothing(file: str) -> BadFile:
    """The error for a list without rows."""
    return BadFile(
        N_("{file} has no rows below its headings."),
        remedy=N_("Check that the list was saved with its contents."),
        file=file,
    )


class Gather:
    """Rows turned into Arrow columns chunk by chunk, so that a million rows stay small."""

    def __init__(self, table: Table, heading: Heading, step: Step) -> None:
        self.table = table
        self.names = heading.names
        self.step = step
        self.rows: list[list[str]] = []
        self.numbers: list[int] = []
        self.chunks: list[pa.RecordBatch] = []
        self.all_numbers: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []

    def add(self, number: int, row: Sequence[str]) -> None:
        """One row; blank ones are passed over, wrong widths noted."""
        width = len(self.names)
        cells = list(row)
        if not any(cells) or not any(cell.strip() for cell in cells):
            return
        if len(cells) != width:
            cells = self.fit(number, cells, width)
        self.rows.append(cells)
        self.numbers.append(number)
        if len(self.rows) >= CHUNK_ROWS:
            self.flush()

    def fit(self, number: int, cells: list[str], width: int) -> list[str]:
        """A row of the right width: missing cells are empty, cells too many refuse the row."""
        if any(cell.strip() for cell in cells[width:]):
            message = Message(
                N_("The row has {count} cells, the headings are {width}."), {"count": len(cells), "width": width}
            )
            remedy = Message(N_("A delimiter stands inside a value; put the value in quotation marks."))
            self.table.findings.add(
                Finding(
                    Severity.BLOCK,
                    "row_too_wide",
                    message,
                    remedy,
                    value=" | ".join(cells[width - 1 :]),
                ).at(self.table.unit, number)
            )
        return (cells + [""] * width)[:width]

    def flush(self) -> None:
        """Move the gathered rows into columns."""
        if not self.rows:
            return
        columns = [pa.array(column, pa.string()) for column in zip(*self.rows, strict=True)]
        self.chunks.append(pa.RecordBatch.from_arrays(columns, names=[str(at) for at in range(len(columns))]))
        self.all_numbers.append(np.array(self.numbers, dtype=np.int64))
        self.step.advance(len(self.rows))
        self.rows, self.numbers = [], []

    def finish(self, lines: Lines | None = None) -> None:
        """Put everything into the table; refuse a quotation mark that swallowed the end of the file."""
        last = self.rows[-1] if self.rows else []
        if lines is not None and lines.quotes % 2 and any(cell.count("\n") for cell in last):
            raise BadFile(
                N_("In {file} a quotation mark opened in row {row} is never closed."),
                remedy=N_("Close or double the quotation mark there."),
                file=self.table.name,
                row=self.numbers[-1],
            )
        self.flush()
        if not self.chunks:
            raise nothing(self.table.name)
        arrow = pa.Table.from_batches(self.chunks)
        count = arrow.num_rows
        series = {name: pd.Series(arrow.column(at), dtype="str") for at, name in enumerate(self.names)}
        self.table.frame = pd.DataFrame(series, index=pd.RangeIndex(count))
        self.table.row_numbers = np.concatenate(self.all_numbers)
