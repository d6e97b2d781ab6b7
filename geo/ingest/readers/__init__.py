"""Reading any file a city brings: one call, one Table, one sentence when it cannot be.

GeoJSON and CSV are read by this process; everything that needs a parser written in C runs in the child (sandbox.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from geo.errors import N_, BadFile, Message, OkrugaError
from geo.ingest import crs as reference
from geo.ingest.findings import Finding, Severity
from geo.ingest.readers import archive, sandbox, shapefile
from geo.ingest.readers.delimited import read_csv
from geo.ingest.readers.geojson import read_geojson
from geo.ingest.readers.limits import Limits
from geo.ingest.readers.sniff import ENDINGS, READABLE, sniff
from geo.ingest.readers.vector import ChooseLayer, LayerInfo, order_for, place_files, raise_refusal, read_vector
from geo.ingest.readers.workbook import read_xlsx
from geo.ingest.table import Table
from geo.progress import SILENT, Progress

__all__ = ["ChooseLayer", "LayerInfo", "Limits", "layers", "read"]

SHAPE_COMPANIONS = (".shx", ".prj", ".sbn", ".sbx", ".qix")
# what may be loaded out of an archive
IN_ARCHIVE = ("shp", "gpkg", "geojson", "kml", "tab", "mif", "fgb", "parquet", "csv", "dbf")


def read(
    path: str | Path,
    *,
    layer: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    delimiter: str | None = None,
    accept: bool = False,
    limits: Limits | None = None,
    progress: Progress = SILENT,
) -> Table:
    """Read one layer, sheet or list of a file into a Table.

    `crs` replaces the coordinate system the file names. `accept` takes an offered encoding. Raises BadFile, BadInput
    (ChooseLayer when one of several layers or sheets has to be named), TooLarge or Unavailable, nothing else.
    """
    path = Path(path)
    caps = limits or Limits.from_settings()
    chosen = reference.stated(crs) if crs else None
    try:
        file_format = sniff(path)
        caps.check_size(path)
        job = Job(layer, sheet, encoding, delimiter, accept, caps, progress)
        table = job.read(path, file_format)
        table.digest = digest(path)
    except OkrugaError:
        raise
    except OSError as error:
        raise BadFile(
            N_("{file} cannot be opened: {problem}."),
            remedy=N_("Check the path and the permissions."),
            file=path.name,
            problem=error.strerror or type(error).__name__,
        ) from error
    except MemoryError as error:
        raise BadFile(
            N_("{file} is too large for the memory of this machine."),
            remedy=N_("Split it, or load it as GeoPackage."),
            file=path.name,
        ) from error
    table.name = path.name
    table.crs = chosen or table.crs
    return table


class Job:
    """One reading: the options, and how each format is read with them."""

    def __init__(
        self,
        layer: str | None,
        sheet: str | None,
        encoding: str | None,
        delimiter: str | None,
        accept: bool,
        limits: Limits,
        progress: Progress,
    ) -> None:
        self.layer, self.sheet, self.encoding, self.delimiter = layer, sheet, encoding, delimiter
        self.accept, self.limits, self.progress = accept, limits, progress

    def read(self, path: Path, file_format: str) -> Table:
        """The table of a file of known format."""
        if file_format == "geojson":
            return read_geojson(path, stated_encoding=self.encoding, accept=self.accept, progress=self.progress)
        if file_format == "csv":
            return read_csv(
                path,
                stated_encoding=self.encoding,
                delimiter=self.delimiter,
                accept=self.accept,
                progress=self.progress,
            )
        if file_format == "xlsx":
            return read_xlsx(path, sheet=self.sheet or self.layer, limits=self.limits, progress=self.progress)
        if file_format == "zip":
            return self.archive(path)
        return self.vector(shapefile.siblings(path, file_format), file_format, path.name)

    def vector(self, parts: dict[str, Path], file_format: str, name: str) -> Table:
        """A file for the child."""
        return read_vector(
            parts,
            file_format,
            name,
            layer=self.layer,
            stated_encoding=self.encoding,
            accept=self.accept,
            limits=self.limits,
            progress=self.progress,
        )

    def archive(self, path: Path) -> Table:
        """The one loadable file of a zip or KMZ, or the one chosen by --layer."""
        with archive.opened(path) as opened:
            found = archive.entries(opened, path.name, self.limits)
        main, layer = choose(found, path.name, self.layer)
        file_format = ENDINGS[main.ending]
        wanted = {f"layer{entry.ending}": entry for entry in belongings(main, found, file_format)}
        with sandbox.workplace() as folder:
            archive.extract(path, wanted, folder, self.limits)
            inner = folder / f"layer{main.ending}"
            really = sniff(inner)
            if really in ("zip", "xlsx"):
                raise BadFile(
                    N_("{entry} in {file} is an archive inside the archive."),
                    remedy=N_("Unpack it on your own computer and load the file inside it."),
                    file=path.name,
                    entry=main.name,
                )
            table = Job(layer, None, self.encoding, self.delimiter, self.accept, self.limits, self.progress).read(
                inner, really
            )
        table.layer = table.layer if really in ("gpkg", "kml") else main.stem
        if really == "dbf" and any(entry.ending in SHAPE_COMPANIONS for entry in found):
            message = Message(
                N_("{file} holds the table and index of a Shapefile but not its .shp, so there are no shapes."),
                {"file": path.name},
            )
            remedy = Message(N_("Send .shp, .shx, .dbf and .prj together."))
            table.findings.add(Finding(Severity.WARN, "shp_missing", message, remedy))
        return table


def choose(found: list[archive.Entry], file: str, layer: str | None) -> tuple[archive.Entry, str | None]:
    """The file of an archive to load, and the layer still to be chosen inside it."""
    main = [entry for entry in found if ENDINGS.get(entry.ending) in IN_ARCHIVE]
    if any(ENDINGS[entry.ending] != "dbf" for entry in main):
        main = [entry for entry in main if ENDINGS[entry.ending] != "dbf" or not orphan(entry, found)]
        main = [entry for entry in main if ENDINGS[entry.ending] != "dbf"] or main
    if not main:
        raise nothing_inside(found, file)
    named = [entry for entry in main if layer in (entry.stem, entry.name)]
    if len(main) == 1:
        return main[0], None if named else layer
    if len(named) == 1:
        return named[0], None
    names = [entry.stem if [other.stem for other in main].count(entry.stem) == 1 else entry.name for entry in main]
    if layer is not None:
        raise ChooseLayer(
            N_("{file} has no layer {layer}; it holds: {names}."),
            remedy=N_("Choose one with --layer."),
            names=names,
            file=file,
            layer=layer,
        )
    raise ChooseLayer(
        N_("{file} holds several layers: {names}."), remedy=N_("Choose one with --layer."), names=names, file=file
    )


def orphan(entry: archive.Entry, found: list[archive.Entry]) -> bool:
    """Whether a DBF belongs to no Shapefile of the archive."""
    return not any(other.ending == ".shp" and other.stem.lower() == entry.stem.lower() for other in found)


def belongings(main: archive.Entry, found: list[archive.Entry], file_format: str) -> list[archive.Entry]:
    """The sister files of a Shapefile, MIF or TAB inside an archive."""
    endings = shapefile.PARTS.get(file_format, ())
    sisters = {
        entry.ending: entry
        for entry in found
        if entry.ending in endings and entry.folder == main.folder and entry.stem.lower() == main.stem.lower()
    }
    return list({**sisters, main.ending: main}.values())


def nothing_inside(found: list[archive.Entry], file: str) -> BadFile:
    """The error for an archive without anything to load."""
    names = ", ".join(entry.name for entry in found[:10]) or "-"
    return BadFile(
        N_("{file} holds no file that can be loaded (inside: {names})."),
        remedy=N_(
            "A Shapefile needs at least its .shp; pack .shp, .shx, .dbf and .prj together. Readable are {formats}."
        ),
        file=file,
        names=names,
        formats=READABLE,
    )


def layers(path: str | Path, *, limits: Limits | None = None) -> list[LayerInfo]:
    """The layers or sheets of a file, for a chooser; formats with a single one give an empty list."""
    path = Path(path)
    caps = limits or Limits.from_settings()
    file_format = sniff(path)
    if file_format not in ("gpkg", "kml", "fgb", "xlsx"):
        return []
    if file_format == "xlsx":
        archive.measure(path, caps)
    with sandbox.workplace() as folder:
        main = place_files(shapefile.siblings(path, file_format), folder, file_format)
        task = "sheets" if file_format == "xlsx" else "layers"
        answer = sandbox.ask(order_for(task, file_format, main), folder, caps, file=path.name)
    raise_refusal(answer.head, path.name)
    return [
        LayerInfo(str(layer["name"]), int(layer["rows"]), str(layer.get("geometry") or ""), str(layer.get("crs") or ""))
        for layer in answer.head["layers"]
    ]


def digest(path: Path) -> str:
    """SHA-256 of the file, by which a repeated load is known."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
