"""What is this file really? Told by its first bytes; the name decides only between texts."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from geo.errors import N_, BadFile, Message

SQLITE, ZIP, PARQUET, FLATGEOBUF = b"SQLite format 3\x00", b"PK\x03\x04", b"PAR1", b"fgb"
SHAPEFILE = b"\x00\x00\x27\x0a"
HEAD_BYTES = 4096

# file name endings -> format; text formats are told apart by these
ENDINGS = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".geojsonl": "geojson",
    ".geojsons": "geojson",
    ".ndjson": "geojson",
    ".gpkg": "gpkg",
    ".shp": "shp",
    ".dbf": "dbf",
    ".kml": "kml",
    ".mif": "mif",
    ".tab": "tab",
    ".fgb": "fgb",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".zip": "zip",
    ".kmz": "zip",
}
READABLE = "GeoJSON, GeoPackage, Shapefile, KML, KMZ, MapInfo MIF/TAB, FlatGeobuf, GeoParquet, CSV, XLSX"

# files that only accompany another one -> the file to load instead
COMPANIONS = {
    ".shx": ".shp",
    ".prj": ".shp",
    ".cpg": ".shp",
    ".sbn": ".shp",
    ".sbx": ".shp",
    ".qix": ".shp",
    ".qpj": ".shp",
    ".mid": ".mif",
    ".map": ".tab",
    ".id": ".tab",
    ".dat": ".tab",
    ".ind": ".tab",
    ".gpkg-wal": ".gpkg",
    ".gpkg-shm": ".gpkg",
}

# formats people send and nobody can take as they are: the remedy says what to save instead
FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0",
        N_("an old Excel or Word file (.xls, .doc)"),
        N_("Save it as .xlsx in Excel or LibreOffice and load that."),
    ),
    (
        b"%PDF",
        "PDF",
        N_("A PDF holds a picture of a table or map; ask the author for the spreadsheet or the boundary file."),
    ),
    (b"Rar!", "RAR", N_("Unpack it and pack the files as .zip, or load the file inside it.")),
    (b"7z\xbc\xaf", "7-Zip", N_("Unpack it and pack the files as .zip, or load the file inside it.")),
    (b"\x1f\x8b", "gzip", N_("Unpack it first and load the file inside it.")),
    (b"BZh", "bzip2", N_("Unpack it first and load the file inside it.")),
    (b"\xfd7zXZ", "xz", N_("Unpack it first and load the file inside it.")),
    (b"\x89PNG", "PNG", N_("A picture has no boundaries to read; ask the author for the boundary file.")),
    (b"\xff\xd8\xff", "JPEG", N_("A picture has no boundaries to read; ask the author for the boundary file.")),
    (b"II*\x00", "TIFF", N_("A picture has no boundaries to read; ask the author for the boundary file.")),
    (
        b"AC10",
        "AutoCAD DWG",
        N_("Export the boundary layer from the CAD program as GeoPackage or Shapefile with its coordinate system."),
    ),
)
MARKUP = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>?\s*)?<([\w:]+)", re.S
)


def is_folder(path: Path) -> BadFile:
    """The refusal of a folder, with the files in it that could be meant."""
    inside = sorted(file.name for file in path.iterdir() if file.suffix.lower() in ENDINGS)
    return BadFile(
        N_("{file} is a folder, not a file."),
        remedy=N_("Name one file in it: {files}.")
        if inside
        else N_("There is nothing in it that can be loaded; name the file with the rows."),
        file=str(path),
        files=", ".join(inside[:10]) + ("…" if len(inside) > 10 else ""),
    )


def sniff(path: Path) -> str:
    """The format of a file: geojson, gpkg, shp, dbf, kml, mif, tab, fgb, parquet, csv, xlsx or zip.

    Raises BadFile for an empty file, a folder, a format nobody can read here, or a name that lies about the contents.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise BadFile(N_("There is no file {file}."), remedy=N_("Check the path and the spelling."), file=str(path))
    if path.suffix.lower() in COMPANIONS:
        raise BadFile(
            N_("{file} only accompanies another file."),
            remedy=N_("Load the file ending in {ending} that lies beside it."),
            file=path.name,
            ending=COMPANIONS[path.suffix.lower()],
        )
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise BadFile(
            N_("{file} is empty."), remedy=N_("Send the file again, perhaps the copying was cut."), file=path.name
        )
    return binary(path, head) or text(path, head)


def binary(path: Path, head: bytes) -> str | None:
    """The format told by magic bytes, None when the file is text."""
    if head.startswith(ZIP):
        return zipped(path)
    for magic, name in ((SQLITE, "gpkg"), (PARQUET, "parquet"), (FLATGEOBUF, "fgb"), (SHAPEFILE, "shp")):
        if head.startswith(magic):
            return name
    for magic, name, remedy in FOREIGN:
        if head.startswith(magic):
            raise BadFile(
                N_("{file} cannot be read here, it is: {format}."), remedy=remedy, file=path.name, format=Message(name)
            )
    claimed = ENDINGS.get(path.suffix.lower(), "")
    if claimed == "dbf":
        return "dbf"
    if claimed in ("zip", "xlsx", "gpkg", "parquet", "fgb", "shp"):
        raise BadFile(
            N_("{file} is not a {format} file, whatever its name says."),
            remedy=N_("Send the original again; renaming a file does not convert it."),
            file=path.name,
            format=claimed,
        )
    return None


def zipped(path: Path) -> str:
    """An archive by its contents: a spreadsheet or an ordinary zip (a KMZ is one too)."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(
            N_("{file} is a damaged archive."), remedy=N_("Pack it again or send it again."), file=path.name
        ) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise BadFile(
            N_("{file} is an office document, not a list that can be read here."),
            remedy=N_("Save it as .xlsx in Excel or LibreOffice and load that."),
            file=path.name,
        )
    return "zip"


def text(path: Path, head: bytes) -> str:
    """The format of a text file: markup and JSON by their first sign, the rest by the name's ending."""
    sample = decoded(head)
    claimed = ENDINGS.get(path.suffix.lower(), "")
    markup = MARKUP.match(sample)
    if markup:
        return markup_format(path, markup.group(1))
    if sample.lstrip("\ufeff \r\n\t")[:1] in ("{", "[") and claimed in ("", "geojson"):
        return "geojson"
    if claimed == "" and "\x00" in sample:
        raise BadFile(
            N_("{file} is of a kind that cannot be read here."),
            remedy=N_("Readable are {formats}."),
            file=path.name,
            formats=READABLE,
        )
    if claimed in ("csv", "geojson", "mif", "tab", "dbf"):
        return claimed
    return "mif" if sample.lstrip().lower().startswith("version ") and "coordsys" in sample.lower() else "csv"


def decoded(head: bytes) -> str:
    """The first bytes as text, good enough to look at signs."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", errors="replace")
    return head.decode("utf-8", errors="replace")


def markup_format(path: Path, element: str) -> str:
    """KML, or a refusal that names what it is instead."""
    name = element.split(":")[-1].lower()
    if name == "kml":
        return "kml"
    known = {
        "ogrvrtdatasource": N_("a reference to other files (VRT)"),
        "vrtdataset": N_("a reference to other files (VRT)"),
        "html": N_("a web page"),
        "osm": "OpenStreetMap",
        "gpx": "GPX",
        "featurecollection": "GML",
        "svg": "SVG",
    }
    remedy = (
        N_("Load it with `okruga load osm`.")
        if name == "osm"
        else N_("The link led to a web page; download the file itself.")
        if name == "html"
        else N_("Readable are {formats}.")
    )
    raise BadFile(
        N_("{file} cannot be read here, it is: {format}."),
        remedy=remedy,
        file=path.name,
        format=Message(known.get(name, f"XML <{name}>")),
        formats=READABLE,
    )
