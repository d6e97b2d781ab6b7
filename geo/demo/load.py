"""How do demonstration data come in and leave again? Like any other file, through the pipeline, marked as demo.

A folder's manifest lists its files in order; every file becomes one import run. Leaving is taking those runs back,
newest first, so nothing that somebody loaded in the meantime is lost: where it builds on the demo, that is said.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from geo.analysis import tally
from geo.errors import N_, BadFile, NotFound
from geo.ingest import pipeline
from geo.ingest.request import Request
from geo.progress import SILENT, Progress
from geo.store.engine import Database
from geo.store.history import undo
from geo.vocabulary import TerritoryKind

FOLDERS = Path(__file__).resolve().parents[2] / "data" / "boundaries"
# what a first start brings beside the chosen place
ALONGSIDE = {"city": ("programmes",)}


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a manifest."""

    path: Path
    register: str
    kind: TerritoryKind | None
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Folder:
    """A demo folder: its manifest and the files in loading order."""

    path: Path
    manifest: dict[str, Any]
    steps: tuple[Step, ...]

    @classmethod
    def read(cls, place: str) -> Folder:
        """The folder of that name. NotFound without one, BadFile when a file is not the one of the manifest."""
        path = FOLDERS / place
        if not (path / "manifest.toml").is_file() or path.parent != FOLDERS:
            raise NotFound(
                N_("There are no demonstration data called {place}."), remedy=N_("Choose one of: {known}."),
                place=place, known=", ".join(places()) or "-",
            )  # fmt: skip
        manifest = tomllib.loads((path / "manifest.toml").read_text(encoding="utf-8"))
        # territories known by name only come first: the lists refer to them
        named = [{"register": "territories", **said} for said in manifest.get("names", [])]
        return cls(path, manifest, tuple(step_of(path, said) for said in [*named, *manifest["load"]]))


def places() -> list[str]:
    """The demo folders there are."""
    return sorted(path.parent.name for path in FOLDERS.glob("*/manifest.toml"))


def step_of(folder: Path, said: dict[str, Any]) -> Step:
    """One file, checked against its checksum."""
    path = folder / said["file"]
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != said["sha256"]:
        raise BadFile(
            N_("{file} is missing or was changed."),
            remedy=N_("Take the file from the original package."),
            file=path.name,
        )
    kind = TerritoryKind(said["kind"]) if "kind" in said else None
    return Step(path, said.get("register", "boundaries"), kind, said)


def request_of(folder: Folder, step: Step) -> Request:
    """The load of one file; what a step leaves out the manifest's head says for all of them."""
    head, said = folder.manifest, step.said
    first_day = said.get("valid_from")
    return Request(
        path=step.path, register=step.register, kind=step.kind, file_name=f"{folder.path.name}/{step.path.name}",
        fields=said.get("map", {}), constants=said.get("set", {}), key=said.get("key", ""), crs=said.get("crs", ""),
        source=said.get("source", head["source"]), licence=said.get("licence", head.get("licence", "")),
        publisher=said.get("publisher", head.get("publisher", "")), url=said.get("url", head.get("url", "")),
        valid_from=date.fromisoformat(first_day) if isinstance(first_day, str) else first_day,
        invented=bool(said.get("invented", head.get("invented", False))),
        public_objects=bool(said.get("public_objects", False)), demo=True, actor="demo",
    )  # fmt: skip


def load_demo(database: Database, place: str, progress: Progress = SILENT) -> list[int]:
    """Load a demo folder. Returns the import runs; none when everything was there already.

    Raises NotFound for an unknown place, BadFile when a row of our own data is refused.
    """
    folder = Folder.read(place)
    runs = []
    with progress.step(N_("Loading the demonstration data"), len(folder.steps)) as step:
        for part in folder.steps:
            loaded = pipeline.load(database, request_of(folder, part), commit=True, progress=progress)
            if loaded.report.rejected or loaded.report.findings.blocks_file:
                raise BadFile(
                    N_("{file} has rows that cannot be used."), remedy=N_("Take the file from the original package."),
                    file=part.path.name,
                )  # fmt: skip
            if loaded.run is not None:
                runs.append(loaded.run)
            step.advance()
    tally.settle(database, progress)
    return runs


def load_first(database: Database, place: str, progress: Progress = SILENT) -> bool:
    """Fill a database nothing was ever loaded into. False when there was something."""
    with database.writing("demo") as connection:
        if connection.scalar(text("SELECT EXISTS (SELECT FROM okruga.import_run)")):
            return False
    for part in (place, *(name for name in ALONGSIDE.get(place, ()) if name in places())):
        load_demo(database, part, progress)
    return True


def demo_runs(database: Database) -> dict[int, str]:
    """Demo runs that are still in force, newest first, with the folder each came from."""
    with database.writing("demo") as connection:
        rows = connection.execute(
            text("SELECT id, file_name FROM okruga.import_run WHERE demo AND state = 'committed' ORDER BY id DESC")
        ).all()
    return {row.id: row.file_name.split("/")[0] for row in rows}


def loaded_demos(database: Database) -> list[str]:
    """Titles of the demo folders that are loaded."""
    found = []
    for place in dict.fromkeys(demo_runs(database).values()):
        manifest = FOLDERS / place / "manifest.toml"
        title = tomllib.loads(manifest.read_text(encoding="utf-8"))["title"] if manifest.is_file() else place
        found.append(str(title))
    return found


def remove_demo(database: Database, progress: Progress = SILENT) -> int:
    """Take all demo runs back in one transaction. Returns their number.

    Raises Conflict when something else builds on the demo's rows.
    """
    runs = demo_runs(database)
    with (
        progress.step(N_("Removing the demonstration data"), len(runs)) as step,
        database.writing("demo") as connection,
    ):
        for run in runs:
            undo(connection, run, "demo")
            step.advance()
    tally.settle(database, progress)
    return len(runs)
