"""`okruga geocode FILE --column NAME`: where are the addresses of a list? `--again` asks anew about stored rows."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.base import JSON_OR_TEXT, Command, installed_geocoder, open_database, print_json, progress_bars, settle
from api.cli.speech import language, say, talk
from geo.errors import N_, BadInput

if TYPE_CHECKING:
    from geo.batch.texts import TextFile
    from geo.geocode.queue import Change
    from geo.progress import Progress
    from geo.store.engine import Database

PATH: click.Path = click.Path(path_type=Path)
CHANGES_SHOWN = 50
LEVEL = "level:"


@click.command(
    cls=Command,
    help=N_(
        "Find the addresses of a CSV or XLSX file: status, coordinates, how precisely, why and in which territories, as"
        " columns behind those of the file. A stopped run goes on where it was."
    ),
)
@click.argument("file", type=PATH, required=False)
@click.option("--column", default="", metavar="NAME", help=N_("Column with the addresses."))
@click.option("--within", default="", metavar="CODE", help=N_("Territory the addresses are expected in."))
@click.option("--out", type=PATH, metavar="FILE.csv", help=N_("Write the result there instead of printing it."))
@click.option("--text", "words", default="", metavar="ADDRESS", help=N_("One address instead of a file."))
@click.option(
    "--again",
    is_flag=True,
    help=N_("Ask today's address lists about all stored rows that no person decided, and show what changes."),
)
@click.option("--commit", is_flag=True, help=N_("With --again: write the changes."))
@click.option("--sheet", default="", metavar="NAME", help=N_("Sheet of a workbook."))
@click.option("--encoding", default="", metavar="ENC", help=N_("Encoding of the texts, e.g. cp1251."))
@click.option("--delimiter", default="", metavar="C", help=N_("Character between the columns of a CSV."))
@JSON_OR_TEXT
def geocode(
    file: Path | None, column: str, within: str, out: Path | None, words: str, again: bool, commit: bool, output: str,
    sheet: str, encoding: str, delimiter: str,
) -> int:  # fmt: skip
    if [file is not None, bool(words), again].count(True) != 1:
        raise BadInput(N_("Give one of: a file, --text ADDRESS, --again."))
    if file is not None and out is not None and out.resolve() == file.resolve():
        raise BadInput(N_("The result would replace the file itself."), remedy=N_("Give --out another name."))
    from geo.batch.texts import read_texts

    with open_database() as database, progress_bars() as progress:
        installed_geocoder(database)
        if again:
            return ask_again(database, progress, commit=commit, output=output)
        if file is None:
            return one(database, words, within, output)
        with progress.step(N_("Reading the file")):
            texts = read_texts(file, column, sheet=sheet, encoding=encoding, delimiter=delimiter, progress=progress)
        return whole_file(database, texts, within, out, progress)


def whole_file(database: Database, texts: TextFile, within: str, out: Path | None, progress: Progress) -> int:
    """The answers of all rows, to a file or to standard output."""
    from geo.batch.answers import Answerer
    from geo.batch.texts import scope_id
    from geo.batch.to_file import heading_bytes, portions, tally, with_answers, write_file
    from geo.geocode.current import shared

    with progress.step(N_("Reading the address lists")):
        geocoder = shared(database).get(wait=True)
    with database.computing() as connection:
        answerer = Answerer.load(connection, geocoder, scope_id(connection, within), say, texts.texts)
    if out is not None:
        counts, first = write_file(database, answerer, texts, out, within, progress)
        if first:
            talk(N_("Went on behind row {count} of a run that was stopped."), count=first)
        talk(N_("Written to {file}."), file=out)
    else:
        counts = Counter()
        stream = sys.stdout.buffer
        stream.write(heading_bytes(texts.headings))
        for start, answers in portions(database, answerer, texts, 0, progress):
            stream.write(with_answers(texts.rows[start : start + len(answers)], answers))
            counts.update(tally(answers))
    sum_up(len(texts.rows), counts)
    return 0


def sum_up(rows: int, counts: Mapping[str, int]) -> None:
    """How many addresses ended in which status, and how precisely the placed ones are known."""
    from geo.vocabulary import GeocodeStatus, MatchLevel
    from maps.text import title

    lang = language()
    statuses = [f"{title(s, lang)} {counts[s.value]}" for s in GeocodeStatus if counts.get(s.value)]
    levels = [f"{title(x, lang)} {counts[LEVEL + x.value]}" for x in MatchLevel if counts.get(LEVEL + x.value)]
    talk(N_("{rows} rows: {statuses}"), rows=rows, statuses=", ".join(statuses) or "—")
    if levels:
        talk(N_("places: {parts}"), parts=", ".join(levels))


def one(database: Database, words: str, within: str, output: str) -> int:
    """One address: what was found, and why."""
    from geo.batch.answers import COLUMNS, Answerer
    from geo.batch.texts import scope_id
    from geo.geocode.current import shared

    with database.computing() as connection:
        geocoder = shared(database).get(wait=True)
        answerer = Answerer.load(connection, geocoder, scope_id(connection, within), say, [words])
        cells = dict(zip(COLUMNS, answerer.answers(connection, [words])[0], strict=True))
    if output == "json":
        print_json(cells)
        return 0
    for name in COLUMNS:
        if cells[name]:
            click.echo(f"{name:<18} {cells[name]}")
    return 0


def ask_again(database: Database, progress: Progress, *, commit: bool, output: str) -> int:
    """What today's lists say about rows that no person decided; written only on request."""
    from geo.geocode import queue
    from geo.geocode.current import shared

    current = shared(database)
    newly = 0
    with database.computing() as connection:
        waiting = queue.never_asked(connection)
    if commit:
        with database.writing("cli") as connection:
            queue.enqueue_places(connection)
        newly = sum(queue.work(database, current, actor="cli", progress=progress).values())
    changes = queue.ask_again(database, current, commit=commit, actor="cli")
    if commit:
        settle(database, progress)
    if output == "json":
        print_json({"committed": commit, "asked_first": newly, "never_asked": 0 if commit else waiting,
                    "changes": [shown(change) for change in changes]})  # fmt: skip
        return 0
    print_changes(changes)
    if commit:
        click.echo(say(N_("Asked for the first time: {newly}; changed: {changed}."), newly=newly, changed=len(changes)))
    else:
        click.echo(say(N_("Never asked yet: {count}."), count=waiting))
        click.echo(say(N_("Nothing was written: this was a trial. Repeat with --commit to write.")))
    return 0


def shown(change: Change) -> dict[str, Any]:
    return {
        "text": change.text, "before": change.before, "after": change.after,
        "status_before": change.status_before.value, "status_after": change.status_after.value,
    }  # fmt: skip


def print_changes(changes: list[Change]) -> None:
    """The first changes one by one, all of them by kind."""
    from maps.text import title

    lang = language()
    for change in changes[:CHANGES_SHOWN]:
        before, after = title(change.status_before, lang), title(change.status_after, lang)
        click.echo(f"{change.text}\n    {before} {change.before} → {after} {change.after}")
    kinds = Counter((title(c.status_before, lang), title(c.status_after, lang)) for c in changes)
    for (before, after), count in kinds.most_common():
        click.echo(f"{before} → {after}: {count}")
    if not changes:
        click.echo(say(N_("Nothing changes.")))
