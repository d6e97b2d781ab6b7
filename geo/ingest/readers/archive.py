"""Which files are in this archive, and may they be unpacked? Checked while reading, whatever the headers say."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from geo.errors import N_, BadFile
from geo.ingest import encoding
from geo.ingest.readers.limits import Limits, too_large

PIECE = 256 * 1024
ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
ARCHIVE_ENDINGS = {".zip", ".kmz", ".rar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".tgz"}
RUBBISH = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}
# parts of a workbook that are never read: pictures and the like may be many
UNREAD_PARTS = ("xl/media/", "xl/drawings/", "xl/printerSettings/", "xl/charts/", "docProps/", "customXml/")


class Entry:
    """One file of an archive under the name a person gave it."""

    def __init__(self, info: zipfile.ZipInfo, name: str) -> None:
        self.info = info
        self.name = name
        path = PurePosixPath(name)
        self.stem, self.ending, self.folder = path.stem, path.suffix.lower(), str(path.parent)


def opened(path: Path) -> zipfile.ZipFile:
    """The archive, or BadFile."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(
            N_("{file} is a damaged archive."), remedy=N_("Pack it again or send it again."), file=path.name
        ) from error


def entries(archive: zipfile.ZipFile, file: str, limits: Limits, *, workbook: bool = False) -> list[Entry]:
    """The files of an archive, without folders and system rubbish.

    Raises BadFile for paths that lead out, links, encryption and archives in the archive, TooLarge for too many.
    """
    found = [Entry(info, true_name(info)) for info in archive.infolist() if not info.is_dir()]
    if workbook:
        found = [entry for entry in found if not entry.name.startswith(UNREAD_PARTS)]
    if len(found) > limits.archive_files:
        raise too_large(
            N_("{file} holds {count} files, more than {limit}."),
            "OKRUGA_ARCHIVE_MAX_FILES",
            file=file,
            count=len(found),
            limit=limits.archive_files,
        )
    for entry in found:
        refuse_tricks(entry, file)
    return [entry for entry in found if not RUBBISH & {part.lower() for part in PurePosixPath(entry.name).parts}]


def true_name(info: zipfile.ZipInfo) -> str:
    """The entry's name: archives made on Russian Windows keep it in cp866 without saying so."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename.replace("\\", "/")
    raw = info.filename.encode("cp437", errors="replace")
    guess = encoding.detect(raw)
    best = (
        guess.encoding if guess.certain else next((e for e in encoding.rank(raw) if e in ("cp866", "cp1251")), "cp866")
    )
    return raw.decode(best, errors="replace").replace("\\", "/")


def refuse_tricks(entry: Entry, file: str) -> None:
    """Raise BadFile for an entry that wants more than to be a file in this archive."""
    path = PurePosixPath(entry.name)
    mode = entry.info.external_attr >> 16
    unsafe: str | None = None
    if path.is_absolute() or ".." in path.parts or ":" in entry.name[:3] or "\x00" in entry.info.orig_filename:
        unsafe = N_("{entry} in {file} has a path that leads out of the archive.")
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        unsafe = N_("{entry} in {file} is a link or device, not a file.")
    elif entry.info.flag_bits & 0x1:
        unsafe = N_("{entry} in {file} is protected by a password.")
    elif entry.ending in ARCHIVE_ENDINGS:
        unsafe = N_("{entry} in {file} is an archive inside the archive.")
    if unsafe:
        raise BadFile(
            unsafe,
            remedy=N_("Unpack it on your own computer and load the file inside it."),
            file=file,
            entry=entry.name,
        )


def pieces(archive: zipfile.ZipFile, entry: Entry, count: Callable[[int], None], file: str) -> Iterator[bytes]:
    """The unpacked bytes of an entry, counted while they come."""
    try:
        with archive.open(entry.info) as stream:
            while piece := stream.read(PIECE):
                count(len(piece))
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise BadFile(
            N_("{entry} in {file} cannot be unpacked."),
            remedy=N_("Pack it again or send it again."),
            file=file,
            entry=entry.name,
        ) from error


def extract(path: Path, wanted: dict[str, Entry], folder: Path, limits: Limits) -> None:
    """Unpack entries into `folder` under names of our choosing (`wanted`: new name -> entry)."""
    expansion = limits.expansion(path.name)
    with opened(path) as archive:
        for name, entry in wanted.items():
            count = expansion.counter(entry.name, entry.info.compress_size)
            with (folder / name).open("wb") as target:
                for position, piece in enumerate(pieces(archive, entry, count, path.name)):
                    if position == 0:
                        refuse_nested(piece, entry, path.name)
                    target.write(piece)


def refuse_nested(piece: bytes, entry: Entry, file: str) -> None:
    """Raise BadFile when the entry is itself an archive under another name."""
    if piece.startswith(ARCHIVES):
        raise BadFile(
            N_("{entry} in {file} is an archive inside the archive."),
            remedy=N_("Unpack it on your own computer and load the file inside it."),
            file=file,
            entry=entry.name,
        )


def measure(path: Path, limits: Limits) -> None:
    """Read a workbook through without keeping it: raises at the caps before a parser sees it."""
    expansion = limits.expansion(path.name)
    with opened(path) as archive:
        for entry in entries(archive, path.name, limits, workbook=True):
            count = expansion.counter(entry.name, entry.info.compress_size)
            for _ in pieces(archive, entry, count, path.name):
                pass
