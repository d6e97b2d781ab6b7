"""How do a municipality's lists, an OpenStreetMap extract or the state address register become what answers?

Like every load: read, say what cannot be used, and write only when asked to. A load is one import run and can be taken
back; the version before it answers again then. Written addresses that wait for a place are asked again by the queue.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, text

from geo.errors import N_, BadFile, Message
from geo.geocode.gazetteer import Gazetteer, Rejected, read_file, read_folder, version_of
from geo.geocode.store import Stored, save
from geo.ingest.apart import apart
from geo.ingest.gar import read_gar
from geo.ingest.gar_files import is_gar
from geo.ingest.osm import gazetteer_of, is_extract, read_osm
from geo.ingest.readers import digest
from geo.ingest.streets import Streets, graph_of, read_streets, save_streets
from geo.ingest.write import only_one_load
from geo.progress import SILENT, Progress
from geo.store.engine import Database
from geo.store.uploads import loaded_by

OSM_LICENCE = "ODbL 1.0"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a state address register that is wanted: a region by its two digits, a municipality by its ОКТМО;
    empty for all."""

    region: str = ""
    oktmo: str = ""


WHOLE = Part()


@dataclass(slots=True)
class GazetteerLoad:
    """What a load came to: rows by table, rows that cannot be used, notes, and the run when something was written.

    same: the newest version of the source has this content already, so nothing was written.
    """

    file: str
    counts: dict[str, int]
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    committed: bool = False
    same: bool = False
    run: int | None = None


def load_gazetteer(
    database: Database, path: Path, *, source: str = "", licence: str = "", actor: str, commit: bool = False,
    progress: Progress = SILENT, upload: int | None = None, web: bool = False, part: Part = WHOLE,
) -> GazetteerLoad:  # fmt: skip
    """Load a folder of lists, one list, an OpenStreetMap extract or (`part` of) the state address register; without
    `commit` only say what it would be.

    A file from the browser (`web`, of the waiting file `upload`) is read by a process of its own with the caps of the
    settings. Raises BadFile or TooLarge when nothing can be read.
    """
    with progress.step(N_("Reading the file")):
        kind, gazetteer, load = apart(read_gazetteer, path) if web else read_gazetteer(path, progress, part)
        streets = apart(streets_of, path) if web else streets_of(path, progress)
    if len(streets):
        load.notes.append(streets.said())
    if not commit or not (len(gazetteer) or len(streets)):
        return load
    with database.writing(actor) as connection:
        only_one_load(connection)
        about = source or path.name
        identifier = _source(connection, about, licence or (OSM_LICENCE if kind == "osm" else ""))
        run = _run(connection, path, gazetteer, identifier, actor)
        stored: Stored = save(connection, gazetteer, kind=kind, source_id=identifier, import_run_id=run)
        walks = save_streets(connection, streets, source_id=identifier, import_run_id=run)
        same = stored.same and not walks
        load.committed, load.same, load.run = True, same, None if same else run
        if same:
            connection.execute(text("DELETE FROM okruga.import_run WHERE id = :run"), {"run": run})
        elif upload is not None:
            loaded_by(connection, upload, run)
    return load


def read_gazetteer(path: Path, progress: Progress = SILENT, part: Part = WHOLE) -> tuple[str, Gazetteer, GazetteerLoad]:
    """(kind, gazetteer, what will be said of it) of a folder, a list, an extract or the state address register."""
    if not path.exists():
        raise BadFile(N_("There is no file {file}."), file=path.name)
    if is_gar(path):
        read = read_gar(path, progress, region=part.region, within=part.oktmo)
        gazetteer = Gazetteer(gar=read.gar)
        gazetteer = replace(gazetteer, version=version_of(gazetteer))
        return "gar", gazetteer, GazetteerLoad(path.name, gazetteer.counts(), notes=read.notes)
    if part != WHOLE:
        raise BadFile(
            N_("{file} is no state address register, so no part of it can be chosen."),
            remedy=N_("Leave --region and --within out, or give the folder or zip of the register."), file=path.name,
        )  # fmt: skip
    if is_extract(path):
        tables = read_osm(path, progress)
        gazetteer = gazetteer_of(tables)
        return "osm", gazetteer, GazetteerLoad(path.name, gazetteer.counts(), notes=tables.notes)
    gazetteer, rejected = read_folder(path) if path.is_dir() else read_file(path)
    return "lists", gazetteer, GazetteerLoad(path.name, gazetteer.counts(), rejected)


def streets_of(path: Path, progress: Progress = SILENT) -> Streets:
    """The ways to walk of an extract; none in lists."""
    return read_streets(path, progress) if is_extract(path) else graph_of([])


def _source(connection: Connection, title: str, licence: str) -> int:
    connection.execute(
        text(
            "INSERT INTO okruga.source (title, licence, retrieved_on)"
            " VALUES (:title, nullif(:licence, ''), current_date) ON CONFLICT (title) DO NOTHING"
        ),
        {"title": title, "licence": licence},
    )
    return int(
        connection.execute(text("SELECT id FROM okruga.source WHERE title = :title"), {"title": title}).scalar_one()
    )


def _run(connection: Connection, path: Path, gazetteer: Gazetteer, source: int, actor: str) -> int:
    known = digest(path) if path.is_file() else gazetteer.version
    return int(
        connection.execute(
            text(
                "INSERT INTO okruga.import_run (register, file_name, file_sha256, source_id, actor)"
                " VALUES ('gazetteer', :file, :digest, :source, :actor) RETURNING id"
            ),
            {"file": path.name, "digest": known, "source": source, "actor": actor},
        ).scalar_one()
    )
