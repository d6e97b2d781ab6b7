"""`okruga load …`: a file in, a report out; nothing is written without --commit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from api.cli.base import (
    JSON_OR_TEXT,
    Command,
    Group,
    day,
    installed_geocoder,
    open_database,
    pairs,
    print_json,
    progress_bars,
    settle,
    words,
)
from api.cli.report import print_report
from api.cli.speech import say, talk
from geo.errors import N_

if TYPE_CHECKING:
    from geo.ingest.pipeline import Loaded
    from geo.progress import Progress
    from geo.store.engine import Database

Decorator = Callable[[Any], Any]
KIND_HELP = N_("Kind of the territories, e.g. civic_district.")

PATH: click.Path = click.Path(path_type=Path)
FILE = click.argument("file", type=PATH)
KIND = click.option(
    "--kind", default="", metavar="KIND", help=N_("Only territories of this kind; other rows are passed over.")
)
READING = (
    click.option("--layer", default="", metavar="NAME", help=N_("Layer of a file that holds several.")),
    click.option("--sheet", default="", metavar="NAME", help=N_("Sheet of a workbook.")),
    click.option("--crs", default="", metavar="EPSG:N", help=N_("Coordinate system, when the file says it wrongly.")),
    click.option("--encoding", default="", metavar="ENC", help=N_("Encoding of the texts, e.g. cp1251.")),
    click.option("--delimiter", default="", metavar="C", help=N_("Character between the columns of a CSV.")),
    click.option("--map", "fields", multiple=True, metavar="FIELD=COLUMN", callback=pairs("COLUMN"),
                 help=N_("Which column holds a field; may be repeated.")),
    click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE", callback=pairs("VALUE"),
                 help=N_("One value of a field for all rows; may be repeated.")),
    click.option("--section", default="", metavar="TEXT",
                 help=N_("Only the rows below the row with this text, up to the next of its level.")),
    click.option("--key", default="", metavar="COLUMN", help=N_("Column that identifies a row across loads.")),
    click.option("--within", default="", metavar="CODE",
                 help=N_("Territory the file belongs to; names are looked for in it.")),
)  # fmt: skip
ORIGIN = (
    click.option("--source", default="", metavar="TEXT", help=N_("Source of the rows; the file's name when left out.")),
    click.option("--licence", default="", metavar="TEXT", help=N_("Licence of the source.")),
    click.option("--publisher", default="", metavar="TEXT", help=N_("Who published the source.")),
    click.option("--url", default="", metavar="ADDRESS", help=N_("Where the source is found.")),
)
DOING = (
    click.option("--commit", is_flag=True, help=N_("Write; without it the report says what would be written.")),
    click.option("--yes", "accept", is_flag=True, help=N_("Accept the offered coordinate system, encoding or swap.")),
    click.option("--delete-gone", is_flag=True, help=N_("Remove what this source brought and the file no longer has.")),
    click.option("--report", type=PATH, metavar="FILE.json", help=N_("Write the full report there.")),
    click.option("--rejected", type=PATH, metavar="FILE.csv",
                 help=N_("Write the rows to mend there, with the reasons; the mended file can be loaded.")),
    click.option("--keep-demo", is_flag=True, help=N_("Leave the demonstration data beside the real ones.")),
    JSON_OR_TEXT,
)  # fmt: skip
AREAS = (
    click.option("--kind", required=True, metavar="KIND", help=KIND_HELP),
    click.option("--name-field", default="", metavar="COLUMN", help=N_("Column with the name.")),
    click.option("--code-field", default="", metavar="COLUMN", help=N_("Column with the code.")),
    click.option("--parent", default="", metavar="CODE", help=N_("Territory all of them belong to.")),
    click.option("--valid-from", callback=day, metavar="DATE", help=N_("First day the shapes hold.")),
    click.option("--valid-to", callback=day, metavar="DATE", help=N_("Last day the shapes hold.")),
    click.option("--act", default="", metavar="TEXT", help=N_("Legal act the shapes come from.")),
    click.option(
        "--mend",
        "mends",
        default="",
        metavar="MENDS",
        callback=words,
        help=N_("Repairs to make where they are safe: cut_to_parent, drop_sliver, close_gap, snap."),
    ),
    click.option(
        "--partial", is_flag=True, help=N_("The file holds only some of the territories; others are not missed.")
    ),
    click.option("--correct", is_flag=True, help=N_("Replace a wrong shape of the same day instead of refusing it.")),
)


@click.group(cls=Group, name="load", help=N_("Load a file. Nothing is written without --commit."))
def load() -> None:
    """Registers by name."""


def options(*families: Iterable[Decorator]) -> Decorator:
    """Several families of options as one decorator, in the order in which help shows them."""

    def add(function: Any) -> Any:
        for option in reversed([option for family in families for option in family]):
            function = option(function)
        return function

    return add


@load.command(cls=Command, help=N_("Load territories with their shapes, as versions in time."))
@options((FILE,), AREAS, READING, ORIGIN, DOING)
def boundaries(file: Path, kind: str, name_field: str, code_field: str, **given: Any) -> int:
    from geo.ingest.osm import is_extract
    from geo.ingest.osm_boundaries import as_geojson

    given["fields"] |= {field: column for field, column in (("name", name_field), ("code", code_field)) if column}
    if not is_extract(file):
        return perform(file, "boundaries", kind_of(kind), **given)
    with TemporaryDirectory(prefix="okruga-osm-") as folder:
        with progress_bars() as progress:
            drawn = as_geojson(file, Path(folder), given.pop("layer"), progress)
        given["source"] = given["source"] or file.name
        return perform(drawn, "boundaries", kind_of(kind), layer="", **given)


@load.command(cls=Command, help=N_("Load residents by territory and year, or by population cells."))
@options((FILE,), (KIND,), READING, ORIGIN, DOING)
def population(file: Path, kind: str, **given: Any) -> int:
    return perform(file, "population", kind_of(kind) if kind else None, **given)


@load.command(cls=Command, help=N_("Load groups of territories, a row for each member."))
@options((FILE,), READING, ORIGIN, DOING)
def groups(file: Path, **given: Any) -> int:
    return perform(file, "groups", None, **given)


@load.command(cls=Command, help=N_("Load territories known by name only; a shape may follow later."))
@options((FILE,), (click.option("--kind", required=True, metavar="KIND", help=KIND_HELP),), READING, ORIGIN, DOING)
def territories(file: Path, kind: str, **given: Any) -> int:
    return perform(file, "territories", kind_of(kind), **given)


PUBLIC = click.option(
    "--public-objects", is_flag=True, help=N_("All places are public objects and are shown exactly, not by hexagon.")
)


def add_list(register: str, text: str, *own: Decorator) -> None:
    """A command for one register of entries."""

    def run(file: Path, **given: Any) -> int:
        return perform(file, register, None, **given)

    run.__name__ = register
    load.command(register, cls=Command, help=text)(options((FILE,), own, READING, ORIGIN, DOING)(run))


add_list("projects", N_("Load projects with stage, money and places."))
add_list("needs", N_("Load needs of residents."), PUBLIC)
add_list("events", N_("Load participation events with head counts."))
add_list("organisations", N_("Load bodies and organisations."))
add_list("observations", N_("Load published figures."))
add_list("context", N_("Load the backdrop of the maps: water, green, railways, main streets."))


PART = (
    click.option("--region", default="", metavar="NN",
                 help=N_("Of a state address register with several regions only this one.")),
    click.option("--within", "oktmo", default="", metavar="OKTMO",
                 help=N_("Of a state address register only the municipality with this OKTMO.")),
)  # fmt: skip


def add_addresses(name: str, text: str, *own: Decorator) -> None:
    """A command that loads what addresses are looked for in."""

    def run(file: Path, *, source: str, licence: str, commit: bool, output: str, **part: str) -> int:
        return load_addresses(file, source, licence, part, commit=commit, output=output)

    run.__name__ = name
    families = ((FILE,), own, ORIGIN[:2], (DOING[0], JSON_OR_TEXT))
    load.command(name, cls=Command, help=text)(options(*families)(run))


add_addresses(
    "gazetteer",
    N_(
        "Load a municipality's own address lists (a CSV, or a folder of them) or the state address register (GAR: a"
        " folder or zip of its XML files)."
    ),
    *PART,
)
add_addresses(
    "osm", N_("Load settlements, streets, addresses, objects and ways to walk from an OpenStreetMap extract.")
)


def load_addresses(file: Path, source: str, licence: str, part: Mapping[str, str], *, commit: bool, output: str) -> int:
    """Load address lists, say what they hold, and what to do about rows stored already."""
    import numpy as np
    import pandas as pd

    from geo.geocode import queue
    from geo.ingest.check import Rejected
    from geo.ingest.gazetteer import Part, load_gazetteer
    from geo.ingest.pipeline import Loaded
    from geo.ingest.waiting import gazetteer_report

    with open_database() as database, progress_bars() as progress:
        done = load_gazetteer(
            database, file, source=source, licence=licence, actor="cli", commit=commit, progress=progress,
            part=Part(**part),
        )  # fmt: skip
        with database.computing() as connection:
            waiting = sum(left for _, _, left in queue.unresolved(connection))
    report = gazetteer_report(done, file.name)
    if output == "json":
        print_json(report.to_json(say))
    else:
        nothing = Rejected(pd.DataFrame(), np.empty(0, np.int64), [])
        print_report(Loaded(report, nothing, done.run), commit=commit, rejected_to=None)
    if done.run is not None and waiting:
        talk(
            N_("{count} stored addresses wait: `okruga geocode --again` asks the new lists about them."), count=waiting
        )
    return report.exit_status


def kind_of(text: str) -> Any:
    """The territory kind of that code or title."""
    from geo.errors import BadInput
    from geo.vocabulary import TerritoryKind

    if text not in TerritoryKind.codes():
        raise BadInput(
            N_("There is no territory kind {kind}."), remedy=N_("Known kinds: {known}."), kind=text,
            known=", ".join(TerritoryKind.codes()),
        )  # fmt: skip
    return TerritoryKind(text)


def perform(
    file: Path, register: str, kind: Any, *, commit: bool, report: Path | None, rejected: Path | None, keep_demo: bool,
    output: str, **asked: Any,
) -> int:  # fmt: skip
    """Load, print the report, and give the exit status."""
    from geo.ingest import pipeline
    from geo.ingest.request import Request

    request = Request(path=file, register=register, kind=kind, **asked)
    with open_database() as database, progress_bars() as progress:
        if commit and not keep_demo:
            let_the_demo_leave(database, progress)
        installed_geocoder(database)
        loaded = pipeline.load(database, request, commit=commit, progress=progress)
        if loaded.run is not None:
            settle(database, progress)
    write_files(loaded, report, rejected)
    if output == "json":
        print_json(loaded.report.to_json(say))
    else:
        print_report(loaded, commit=commit, rejected_to=rejected)
    return loaded.report.exit_status


def let_the_demo_leave(database: Database, progress: Progress) -> None:
    """Real data are about to be written beside invented ones: ask whether those shall go."""
    from geo.demo.load import loaded_demos, remove_demo

    demos = loaded_demos(database)
    if not demos:
        return
    names = ", ".join(demos)
    if not sys.stdin.isatty():
        talk(
            N_("The demonstration data stay beside the real ones: {names}. `okruga demo remove` removes them."),
            names=names,
        )
        return
    question = say(N_("Demonstration data are loaded ({names}). Remove them first?"), names=names)
    if click.confirm(question, default=True, err=True):
        remove_demo(database, progress)


def write_files(loaded: Loaded, report: Path | None, rejected: Path | None) -> None:
    """The files asked for beside the printed report."""
    import orjson

    if report is not None:
        report.write_bytes(orjson.dumps(loaded.report.to_json(say), option=orjson.OPT_INDENT_2, default=str))
    if rejected is not None and len(loaded.rejected):
        loaded.rejected.write(rejected, say)
