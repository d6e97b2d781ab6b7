"""Which files of the state address register lie here, and what are their rows? Streamed, whatever their size.

The federal service publishes `gar_xml.zip`: dictionaries at the root and a folder NN for each region, in both
`AS_<TABLE>_<date>_<guid>.XML`. Such a zip, the unpacked folder, or the folder of one region are read here. A table is
one XML element per row with everything in attributes; only those asked for are kept. Document types and entities are
refused (defusedxml), and nothing is unpacked to disk.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from geo.errors import N_, BadFile
from geo.ingest.readers import archive
from geo.ingest.readers.limits import Expansion, Limits
from geo.progress import Progress

OBJECTS, PARAMS, DIVISION, HOUSES, MUNICIPAL, ADMINISTRATIVE = (
    "ADDR_OBJ", "ADDR_OBJ_PARAMS", "ADDR_OBJ_DIVISION", "HOUSES", "MUN_HIERARCHY", "ADM_HIERARCHY",
)  # fmt: skip
OBJECT_TYPES, HOUSE_TYPES, ADDED_TYPES = "ADDR_OBJ_TYPES", "HOUSE_TYPES", "ADDHOUSE_TYPES"
# table -> the element at the top, the element of a row
ELEMENTS = {
    OBJECTS: ("ADDRESSOBJECTS", "OBJECT"), PARAMS: ("PARAMS", "PARAM"), DIVISION: ("ITEMS", "ITEM"),
    HOUSES: ("HOUSES", "HOUSE"), MUNICIPAL: ("ITEMS", "ITEM"), ADMINISTRATIVE: ("ITEMS", "ITEM"),
    OBJECT_TYPES: ("ADDRESSOBJECTTYPES", "ADDRESSOBJECTTYPE"), HOUSE_TYPES: ("HOUSETYPES", "HOUSETYPE"),
    ADDED_TYPES: ("HOUSETYPES", "HOUSETYPE"),
}  # fmt: skip
# what the readers count with; everything else is text
NUMBERS = frozenset(("OBJECTID", "LEVEL", "PARENTID", "CHILDID"))
DICTIONARIES = (OBJECT_TYPES, HOUSE_TYPES, ADDED_TYPES)
_NAME = re.compile(rf"AS_({'|'.join(ELEMENTS)})_(\d{{8}})_[0-9A-F-]+\.XML", re.IGNORECASE)
_REGION = re.compile(r"\d{2}")
_PIECE = 1 << 20
# an archive on this machine is bounded by how far a file may swell, not by its size: a region has gigabytes
_MOST_FILES, _MOST_MB = 10_000, 1_000_000

_AGAIN = N_("Download the register again from the federal service.")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One table of one region (dictionaries: region ""), its size unpacked, and how its bytes are had."""

    name: str
    table: str
    date: str
    region: str
    size: int
    pieces: Callable[[], Iterator[bytes]]


def is_gar(path: Path) -> bool:
    """Whether a folder or a zip holds files named like those of the register."""
    if path.is_dir():
        return any(_NAME.fullmatch(part.name) for part in _in_folder(path))
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return False
    with archive.opened(path) as packed:
        return any(_NAME.fullmatch(PurePosixPath(name).name) for name in packed.namelist())


@contextmanager
def files_of(path: Path, limits: Limits | None = None) -> Iterator[list[File]]:
    """The files that are read, the newest of each table and region; open while the context lasts.

    limits: the caps of a file from the browser; without them only the ratio of packing is looked at.
    """
    if path.is_dir():
        yield _newest(_file_in(path, part) for part in (*_in_folder(path), *_dictionaries_above(path)))
        return
    caps = limits or Limits(
        archive_files=_MOST_FILES, archive_expanded_mb=_MOST_MB, archive_ratio=Limits.from_settings().archive_ratio
    )
    with archive.opened(path) as packed:
        entries = archive.entries(packed, path.name, caps)
        expansion = caps.expansion(path.name)
        yield _newest(_packed_file(packed, entry, expansion, path.name) for entry in entries)


def _in_folder(path: Path) -> Iterator[Path]:
    """The files of a folder and of the folders of regions in it."""
    for part in sorted(path.iterdir()):
        if part.is_dir() and _REGION.fullmatch(part.name):
            yield from (inner for inner in sorted(part.iterdir()) if inner.is_file())
        elif part.is_file():
            yield part


def _dictionaries_above(path: Path) -> Iterator[Path]:
    """Of the folder of one region: the dictionaries of all lie beside it."""
    if _REGION.fullmatch(path.name):
        for part in sorted(path.absolute().parent.iterdir()):
            found = _NAME.fullmatch(part.name)
            if found and found[1].upper() in DICTIONARIES:
                yield part


def _file_in(root: Path, path: Path) -> File | None:
    region = path.parent.name if path.parent != root or _REGION.fullmatch(root.name) else ""
    return _file(path.name, region, path.stat().st_size, lambda: _read(path))


def _packed_file(packed: zipfile.ZipFile, entry: archive.Entry, expansion: Expansion, zipped: str) -> File | None:
    path = PurePosixPath(entry.name)

    def pieces() -> Iterator[bytes]:
        count = expansion.counter(entry.name, entry.info.compress_size)
        return archive.pieces(packed, entry, count, zipped)

    region = path.parent.name if _REGION.fullmatch(path.parent.name) else ""
    return _file(path.name, region, entry.info.file_size, pieces)


def _file(name: str, region: str, size: int, pieces: Callable[[], Iterator[bytes]]) -> File | None:
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    table = found[1].upper()
    return File(name, table, found[2], "" if table in DICTIONARIES else region, size, pieces)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _newest(files: Iterator[File | None]) -> list[File]:
    chosen: dict[tuple[str, str], File] = {}
    for file in files:
        if file is not None:
            known = chosen.get((file.region, file.table))
            if known is None or known.date < file.date:
                chosen[file.region, file.table] = file
    return list(chosen.values())


# ---- rows ------------------------------------------------------------------------------------------------------


def rows(file: File, needed: Sequence[str], progress: Progress, optional: Sequence[str] = ()) -> Iterator[Row]:
    """The values of some attributes of each row, those needed first, absent optional ones empty.

    Raises BadFile, naming file, row and element, for what is no such table, is cut off, or holds a document type.
    """
    taker = _Taker(file, needed, optional)
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(taker)
    with progress.step(N_("Reading the state address register"), max(file.size, 1)) as step:
        for piece in file.pieces():
            _feed(parser.feed, taker, piece)
            step.advance(len(piece))
            yield from taker.taken()
        _feed(parser.close, taker)
        yield from taker.taken()


def _feed(feed: Callable[..., None], taker: _Taker, *pieces: bytes) -> None:
    file = taker.file.name
    try:
        feed(*pieces)
    except DefusedXmlException as error:
        raise BadFile(
            N_("{file} holds a document type or entities, which files of the register never do."),
            remedy=_AGAIN,
            file=file,
        ) from error
    except SAXParseException as error:
        raise BadFile(
            N_("{file} is cut off or damaged behind row {row} (line {line}, column {column}): {problem}."),
            remedy=_AGAIN, file=file, row=taker.count, line=error.getLineNumber(), column=error.getColumnNumber(),
            problem=error.getMessage(),
        ) from error  # fmt: skip
    except SAXException as error:
        raise BadFile(
            N_("{file} cannot be read as XML: {problem}."), remedy=_AGAIN, file=file, problem=error
        ) from error


class _Taker(ContentHandler):
    """Collects the rows of one piece of a file; `count` is how many there were. Files of the register are one line."""

    def __init__(self, file: File, needed: Sequence[str], optional: Sequence[str]) -> None:
        super().__init__()
        self.file, self.count = file, 0
        self._needed, self._optional = tuple(needed), tuple(optional)
        self._numbers = [at for at, name in enumerate(self._needed) if name in NUMBERS]
        self._top, self._row = ELEMENTS[file.table]
        self._inside = False
        self._rows: list[Row] = []

    def taken(self) -> list[Row]:
        """The rows since the last call."""
        found, self._rows = self._rows, []
        return found

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the name of SAX
        if name == self._row and self._inside:
            self.count += 1
            try:
                needed = [attrs.getValue(attribute) for attribute in self._needed]
            except KeyError as error:
                raise self._lacking(str(error.args[0])) from error
            for at in self._numbers:
                if not needed[at].isdecimal():
                    raise self._no_number(self._needed[at], needed[at])
            self._rows.append((*needed, *[attrs.get(attribute, "") for attribute in self._optional]))
        elif name == self._top and not self._inside:
            self._inside = True
        else:
            raise self._foreign(name)

    def _lacking(self, attribute: str) -> BadFile:
        return BadFile(
            N_("{file}, row {row}: the element {element} lacks the attribute {attribute}."),
            remedy=_AGAIN, file=self.file.name, row=self.count, element=self._row, attribute=attribute,
        )  # fmt: skip

    def _no_number(self, attribute: str, value: str) -> BadFile:
        return BadFile(
            N_("{file}, row {row}: the attribute {attribute} of {element} is no number: {value}."),
            remedy=_AGAIN, file=self.file.name, row=self.count, element=self._row, attribute=attribute,
            value=value[:50],
        )  # fmt: skip

    def _foreign(self, name: str) -> BadFile:
        return BadFile(
            N_("{file}, behind row {row}: the element {element} does not belong there; {expected} was expected."),
            remedy=_AGAIN, file=self.file.name, row=self.count, element=name,
            expected=self._row if self._inside else self._top,
        )  # fmt: skip
