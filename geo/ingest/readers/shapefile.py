"""Which files belong to a Shapefile (or MIF, TAB), which are missing, and in which encoding are its texts?"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from geo.errors import N_, BadInput, Message
from geo.ingest import encoding
from geo.ingest.findings import Finding, Findings, Severity

# endings that are read, per main file; everything else (.sbn, .qix, .xml, .qpj) is left where it is
PARTS = {
    "shp": (".shp", ".shx", ".dbf", ".prj", ".cpg", ".cst"),
    "dbf": (".dbf", ".cpg", ".cst"),
    "mif": (".mif", ".mid"),
    "tab": (".tab", ".dat", ".map", ".id", ".ind", ".dbf"),
    "gpkg": (".gpkg", ".gpkg-wal"),
}
# dBase language bytes that name an encoding, as GIS programs set them
LANGUAGES = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x26: "cp866",
    0x57: "",
    0x65: "cp866",
    0x66: "cp866",
    0xC9: "cp1251",
}
SAMPLE_RECORDS = 2_000
PREVIEWS = 40


def siblings(path: Path, file_format: str) -> dict[str, Path]:
    """Ending -> file of everything that belongs to `path`, whatever the case of letters."""
    endings = PARTS.get(file_format, ())
    found = {path.suffix.lower(): path}
    for other in sorted(path.parent.iterdir()) if endings else ():
        ending = other.suffix.lower()
        if ending in endings and ending not in found and other.stem.lower() == path.stem.lower() and other.is_file():
            found[ending] = other
    return found


def missing_parts(present: Iterable[str], file: str) -> Findings:
    """What is lost when a Shapefile comes without its sisters."""
    findings = Findings()
    have = set(present)
    params = {"file": file}
    if ".shx" not in have:
        findings.add(
            Finding(
                Severity.WARN,
                "shx_missing",
                Message(N_("{file} came without its .shx index, which was rebuilt."), params),
                Message(N_("Check the number of shapes; next time send .shp, .shx, .dbf and .prj together.")),
            )
        )
    if ".dbf" not in have:
        findings.add(
            Finding(
                Severity.WARN,
                "dbf_missing",
                Message(N_("{file} came without its .dbf table, so its shapes have no names."), params),
                Message(N_("Send .shp, .shx, .dbf and .prj together.")),
            )
        )
    return findings


@dataclass(frozen=True, slots=True)
class DbfText:
    """What a DBF says about its encoding, and text bytes to judge by."""

    declared: str
    texts: tuple[bytes, ...]
    columns: tuple[bytes, ...]

    @property
    def sample(self) -> bytes:
        """All text bytes, one per line."""
        return b"\n".join((*self.columns, *self.texts))


def dbf_text(path: Path, codepage: Path | None) -> DbfText:
    """Read the first records of a DBF as bytes. Damaged headers give an empty sample: GDAL will tell."""
    with path.open("rb") as file:
        header = file.read(32)
        if len(header) < 32:
            return DbfText("", (), ())
        start, width = struct.unpack("<HH", header[8:12])
        fields = file.read(max(0, start - 32))
        records = file.read(width * SAMPLE_RECORDS)
    declared = declared_by(codepage) or LANGUAGES.get(header[29], "")
    spans = list(text_spans(fields))
    rows = (records[at : at + width] for at in range(0, len(records) - width + 1, width or 1)) if width else iter(())
    texts = dict.fromkeys(row[begin:end].strip() for row in rows for begin, end in spans)
    names = tuple(fields[at : at + 11].split(b"\0")[0] for at in range(0, len(fields) - 31, 32))
    return DbfText(declared, tuple(text for text in texts if text), names)


def text_spans(fields: bytes) -> Iterable[tuple[int, int]]:
    """Begin and end, inside a record, of every text field."""
    position = 1
    for at in range(0, len(fields) - 31, 32):
        length = fields[at + 16]
        if fields[at + 11 : at + 12] in (b"C", b"M"):
            yield position, position + length
        position += length


def declared_by(codepage: Path | None) -> str:
    """The encoding a .cpg file names, "" when it names none that exists."""
    if codepage is None:
        return ""
    name = codepage.read_bytes()[:64].decode("ascii", errors="ignore").strip()
    number = name.rsplit(" ", 1)[-1] if name.upper().startswith(("ANSI", "OEM", "WINDOWS")) else name
    for candidate in (name, f"cp{number}", number):
        try:
            return encoding.check(candidate)
        except BadInput:
            continue
    return ""
