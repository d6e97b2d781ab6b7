"""Can a file read something else, reach the network, fill the disk or the memory, or take the program down? It cannot.

A canary file lies where a trick would look and a canary port listens where a trick would call; both stay untouched.
"""

from __future__ import annotations

import contextlib
import csv
import os
import random
import socket
import sqlite3
import stat
import struct
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import shapely

from geo.errors import BadFile, OkrugaError, TooLarge
from geo.ingest import topology
from geo.ingest.columns import map_columns
from geo.ingest.readers import Limits, archive, layers, read, sandbox
from geo.ingest.readers.child import program_paths
from geo.ingest.readers.vector import order_for
from geo.ingest.rows import validate
from tests.fixtures.files import make
from tests.geo.ingest.readers.trial import FILES

SECRET = "the-canary-sings"
SMALL = Limits(archive_expanded_mb=1)


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every private folder of a reading is gone afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


class Canary:
    """A file with a secret and a port that remembers whether somebody called."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "secret.csv"
        self.file.write_text(f"id,name\n1,{SECRET}\n", encoding="utf-8")
        self.server = socket.create_server(("127.0.0.1", 0))
        self.calls = 0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/secret.csv"

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self.server.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    bird = Canary(tmp_path)
    yield bird
    bird.server.close()
    assert bird.calls == 0


def said(path: Path, **options: object) -> str:
    """Everything a reading gives away: its refusal, or the whole table with its notes."""
    try:
        table = read(path, limits=Limits(), **options)  # type: ignore[arg-type]
    except OkrugaError as error:
        return str(error)
    return table.frame.to_csv() + " ".join(str(finding) for finding in table.findings)


def refusal(path: Path, limits: Limits | None = None) -> OkrugaError:
    with pytest.raises(OkrugaError) as caught:
        read(path, limits=limits or Limits())
    assert str(caught.value.remedy)
    return caught.value


# --- reading something else ------------------------------------------------------------------------------------------

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


@pytest.mark.parametrize("ending", ["geojson", "json", "kml", "csv", "shp", "gpkg", "tab", "mif", "vrt", "txt", "fgb"])
@pytest.mark.parametrize("reach", ["file", "curl", "http"])
def test_a_virtual_file_opens_nothing(ending: str, reach: str, canary: Canary, tmp_path: Path) -> None:
    source = {"file": str(canary.file), "curl": f"/vsicurl/{canary.address}", "http": canary.address}[reach]
    trick = tmp_path / f"trick.{ending}"
    trick.write_text(VRT.format(source=source), encoding="utf-8")
    assert SECRET not in said(trick)


@pytest.mark.parametrize("inner", ["layer.vrt", "layer.kml", "layer.geojson", "layer.gpkg", "layer.shp"])
def test_nor_does_one_in_an_archive(inner: str, canary: Canary, tmp_path: Path) -> None:
    make.pack(tmp_path / "trick.zip", {inner: VRT.format(source=canary.file).encode()})
    assert SECRET not in said(tmp_path / "trick.zip")


def test_a_geopackage_with_a_virtual_table_is_refused(canary: Canary, tmp_path: Path) -> None:
    trick = tmp_path / "trick.gpkg"
    trick.write_bytes((FILES / "good.gpkg").read_bytes())
    with sqlite3.connect(trick) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "INSERT INTO sqlite_master(type, name, tbl_name, rootpage, sql) VALUES ('table', 'stolen', 'stolen', 0, ?)",
            (f"CREATE VIRTUAL TABLE stolen USING VirtualText('{canary.file}', 'UTF-8', 1)",),
        )
    error = refusal(trick)
    assert "stolen" in str(error)
    assert SECRET not in str(error)


def test_a_linked_coordinate_system_is_not_fetched(canary: Canary, tmp_path: Path) -> None:
    link = {"type": "link", "properties": {"href": canary.address, "type": "proj4"}}
    make.collection(tmp_path / "link.geojson", [make.polygon(make.square(46, 51.5))], crs=link)
    assert "crs_unreadable" in read(tmp_path / "link.geojson", limits=Limits()).findings.by_code()


def test_a_projection_file_opens_no_grid(canary: Canary, tmp_path: Path) -> None:
    make.MAKERS["koi8r"](tmp_path / "grid")
    datum = f'DATUM["d",SPHEROID["s",6378245,298.3],EXTENSION["PROJ4_GRIDS","{canary.file}"]]'
    extension = f'EXTENSION["PROJ4","+proj=longlat +nadgrids={canary.file}"]'
    wkt = f'GEOGCS["x",{datum},PRIMEM["g",0],UNIT["degree",0.0174],{extension}]'
    (tmp_path / "grid" / "districts.prj").write_text(wkt)
    assert SECRET not in said(tmp_path / "grid" / "districts.shp")


def test_a_network_link_is_not_followed(canary: Canary, tmp_path: Path) -> None:
    link = f"<NetworkLink><name>n</name><Link><href>{canary.address}</href></Link></NetworkLink>"
    (tmp_path / "link.kml").write_text(make.KML.format(folders=link), encoding="utf-8")
    said(tmp_path / "link.kml")


def landlock() -> bool:
    """Whether this kernel can fence the child's files."""
    import ctypes

    return sys.platform.startswith("linux") and int(ctypes.CDLL(None).syscall(444, None, 0, 1)) >= 1


@pytest.mark.skipif(not landlock(), reason="this kernel has no Landlock; the driver list is the only fence")
def test_the_child_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    outside = elsewhere / "good.gpkg"
    outside.write_bytes((FILES / "good.gpkg").read_bytes())
    assert not any(str(outside).startswith(f"{path}/") for path in program_paths())
    with sandbox.workplace() as folder:
        answer = sandbox.ask(order_for("vector", "gpkg", outside), folder, Limits(), file="good.gpkg")
    assert answer.head["error"] == "damaged"


def test_the_child_has_only_the_drivers_it_needs() -> None:
    with sandbox.workplace() as folder:
        (folder / "layer.gpkg").write_bytes((FILES / "good.gpkg").read_bytes())
        order = order_for("vector", "gpkg", folder / "layer.gpkg")
        order["drivers"] = [name for name in order["drivers"] if name != "OGR_VRT"]
        answer = sandbox.ask(order, folder, Limits(), file="x")
    assert answer.head == {"error": "sandbox", "params": {"drivers": "OGR_VRT"}}


# --- archives --------------------------------------------------------------------------------------------------------


def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    make.pack(bomb, {"layer.geojson": b" " * 30_000_000})
    assert bomb.stat().st_size < 100_000
    error = refusal(bomb)
    assert isinstance(error, TooLarge)
    assert "OKRUGA_ARCHIVE_MAX_RATIO" in str(error)


def test_a_bomb_of_many_parts_is_stopped_by_its_size(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(700_000)
    make.pack(tmp_path / "bomb.zip", {"a.shp": noise, "a.dbf": noise[::-1]})
    error = refusal(tmp_path / "bomb.zip", SMALL)
    assert isinstance(error, TooLarge)
    assert "OKRUGA_ARCHIVE_MAX_EXPANDED_MB" in str(error)


def test_an_archive_that_lies_about_its_size_is_not_believed(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    make.pack(bomb, {"layer.geojson": b" " * 30_000_000})
    raw = bomb.read_bytes().replace(struct.pack("<I", 30_000_000), struct.pack("<I", 100))
    bomb.write_bytes(raw)
    assert isinstance(refusal(bomb), BadFile | TooLarge)


def test_too_many_files(tmp_path: Path) -> None:
    make.pack(tmp_path / "many.zip", {f"{number}.txt": b"x" for number in range(60)})
    assert "OKRUGA_ARCHIVE_MAX_FILES" in str(refusal(tmp_path / "many.zip"))


@pytest.mark.parametrize(
    "name",
    ["../layer.geojson", "a/../../layer.geojson", "/tmp/layer.geojson", "C:\\layer.geojson", "..\\layer.geojson"],
)
def test_a_path_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    make.pack(tmp_path / "slip.zip", {name: (FILES / "good.geojson").read_bytes()})
    assert "leads out" in str(refusal(tmp_path / "slip.zip"))
    assert not (tmp_path.parent / "layer.geojson").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(kind: int, canary: Canary, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as packed:
        info = zipfile.ZipInfo("layer.csv")
        info.external_attr = (kind | 0o777) << 16
        packed.writestr(info, str(canary.file))
    assert "link or device" in str(refusal(tmp_path / "link.zip"))


@pytest.mark.parametrize("name", ["inner.zip", "inner.geojson", "inner.gpkg"])
def test_an_archive_in_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    make.pack(tmp_path / "inner.zip", {"layer.geojson": (FILES / "good.geojson").read_bytes()})
    make.pack(tmp_path / "outer.zip", {name: (tmp_path / "inner.zip").read_bytes()})
    assert "archive inside" in str(refusal(tmp_path / "outer.zip"))


def test_a_password_is_named(tmp_path: Path) -> None:
    make.pack(tmp_path / "locked.zip", {"layer.geojson": b"{}"})
    raw = bytearray((tmp_path / "locked.zip").read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(raw)
    assert "password" in str(refusal(tmp_path / "locked.zip"))


def test_the_upload_cap_is_for_the_browser_only(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"id,title\n" + b"N1,x\n" * 300_000)
    assert "OKRUGA_UPLOAD_MAX_MB" in str(refusal(large, Limits(upload_mb=1)))
    assert len(read(large, limits=Limits())) == 300_000


def test_entries_are_counted_by_reading(tmp_path: Path) -> None:
    """The check before a workbook is parsed reads it through once, and never more than the cap."""
    make.pack(tmp_path / "book.xlsx", {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 50_000_000})
    with pytest.raises(TooLarge):
        archive.measure(tmp_path / "book.xlsx", Limits())


# --- XML -------------------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f'<!DOCTYPE kml [<!ENTITY a0 "ha">{LAUGHS}]>'


@pytest.mark.parametrize(
    "doctype",
    [
        BILLION,
        '<!DOCTYPE kml SYSTEM "{file}">',
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "{file}">]>',
        '<!DOCTYPE kml SYSTEM "{address}">',
    ],
)
def test_entities_in_kml_are_refused(doctype: str, canary: Canary, tmp_path: Path) -> None:
    declared = doctype.replace("{file}", str(canary.file)).replace("{address}", canary.address)
    folders = "<Folder><name>&a9;&x;</name></Folder>"
    text = make.KML.format(folders=folders).replace("<kml", f"{declared}<kml", 1)
    (tmp_path / "bomb.kml").write_text(text, encoding="utf-8")
    assert SECRET not in said(tmp_path / "bomb.kml")
    refusal(tmp_path / "bomb.kml")


def workbook_with(path: Path, part: str, text: bytes) -> None:
    """A sound workbook with one part replaced."""
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    make.pack(path, contents | {part: text})


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s<sheetData>%s</sheetData></worksheet>'
CELL = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>%s</t></is></c><c r="B%d"><v>1</v></c></row>'


def test_entities_in_a_workbook_are_refused(canary: Canary, tmp_path: Path) -> None:
    bomb = (
        b'<?xml version="1.0"?>'
        + BILLION.replace("kml", "worksheet").encode()
        + SHEET % (b"", CELL % (1, 1, b"&a9;", 1))
    )
    workbook_with(tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml", bomb)
    assert "entities" in str(refusal(tmp_path / "bomb.xlsx"))
    outside = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file://{canary.file}">]>'.encode()
    workbook_with(tmp_path / "file.xlsx", "xl/worksheets/sheet1.xml", outside + SHEET % (b"", CELL % (1, 1, b"&x;", 1)))
    assert SECRET not in said(tmp_path / "file.xlsx")


def test_a_workbook_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    workbook_with(tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml", SHEET % (b"", b" " * 40_000_000))
    assert "OKRUGA_ARCHIVE_MAX_RATIO" in str(refusal(tmp_path / "bomb.xlsx"))


def test_a_workbook_may_boast_of_its_size(tmp_path: Path) -> None:
    """A stated dimension of all columns and rows costs nothing; far rows keep their numbers."""
    rows = CELL % (1, 1, b"title", 1) + CELL % (2, 2, b"Lamp", 2) + CELL % (50_000, 50_000, b"Bench", 50_000)
    workbook_with(
        tmp_path / "vast.xlsx", "xl/worksheets/sheet1.xml", SHEET % (b'<dimension ref="A1:XFD1048576"/>', rows)
    )
    table = read(tmp_path / "vast.xlsx", limits=Limits())
    assert table.row_numbers.tolist() == [2, 50_000]


# --- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":' + '{"a":' * 100_000 + "1",
        '{"type":"Feature","geometry":{"type":"Polygon","coordinates":' + "[" * 5_000 + "1" + "]" * 5_000 + "}}",
        '{"features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-Infinity,1]}}]}',
        '{"type":"FeatureCollection","features":[{"a":1}',
        '{"type":"FeatureCollection","features":{}}',
        '{"type":"FeatureCollection"}',
        "{}", "[]", "[1]", '{"type":5}', "{]", '{"type":"Feature"', "{" * 3_000, '{"a" 1}', '{"features":[,]}',
    ],
)  # fmt: skip
def test_json_that_is_none_is_refused_or_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text(text, encoding="utf-8")
    assert said(path)


def test_long_integers_and_lone_surrogates_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "odd.geojson"
    digits = "9" * 20_000
    path.write_text(
        '{"features":[{"type":"Feature","properties":{"name":"a\\ud800b\\u0000c","n":DIGITS,"\\udfff":1,"\\ud800":2},'
        '"geometry":{"type":"Point","coordinates":[DIGITS,51]}},{"type":"Feature","properties":{"name":"b"},'
        '"geometry":{"type":"Point","coordinates":[46,51]}}]}'.replace("DIGITS", digits),
        encoding="utf-8",
    )
    table = read(path, limits=Limits())
    assert [shape is not None for shape in table.geometry] == [False, True]  # type: ignore[union-attr]
    text = table.frame.to_csv()
    assert "\x00" not in text
    text.encode("utf-8")


def test_nested_collections_end(tmp_path: Path) -> None:
    inner = '{"type":"Point","coordinates":[46,51]}'
    for _ in range(200):
        inner = '{"type":"GeometryCollection","geometries":[' + inner + "]}"
    path = tmp_path / "nested.geojson"
    path.write_text('{"type":"Feature","properties":{"name":"x"},"geometry":' + inner + "}", encoding="utf-8")
    assert read(path, limits=Limits()).findings.blocked == {1}


# --- texts and shapes made to keep the program busy ---


BUSY = (
    "1" * 300_000 + "x",
    "a" + " " * 300_000,
    " " * 300_000 + "x",
    "(" * 300_000,
    "не менее " * 40_000,
    "1." * 200_000,
    "https://" + "a." * 150_000 + " ",
    "51°" * 100_000,
    "," * 300_000,
)


@pytest.mark.parametrize("cell", BUSY, ids=lambda cell: cell[:8])
def test_a_long_cell_costs_no_more_than_its_length(cell: str, tmp_path: Path) -> None:
    """Patterns that try again at every place would take hours for these."""
    path = tmp_path / "busy.csv"
    names = ["title", "participants", "starts_on", "lat", "event_kind", "url", cell]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, ["lamp", *[cell] * 6], ["bench", "1", "2024", "51", "опрос", "", "x"]])
    table = read(path, limits=Limits())
    found = validate("events", table, map_columns("events", table.columns))
    assert found.rows.column("title").to_pylist() == ["bench"]


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text("," * 1_000_000 + "\n", encoding="utf-8")
    assert "columns" in str(refusal(wide))
    names = ",".join(f'{{"type":"Feature","geometry":null,"properties":{{"p{n}":1}}}}' for n in range(5_000))
    wide = tmp_path / "wide.geojson"
    wide.write_text('{"type":"FeatureCollection","features":[' + names + "]}", encoding="utf-8")
    assert "columns" in str(refusal(wide))


def test_a_tangle_is_refused_instead_of_repaired() -> None:
    """A comb over a comb has as many crossings as the square of its teeth."""
    teeth = 4_000
    up = [(x / teeth, y) for x in range(teeth) for y in ((0, 1) if x % 2 else (1, 0))]
    across = [(x, y / teeth) for y in range(teeth) for x in ((0, 1) if y % 2 else (1, 0))]
    tangle = shapely.Polygon([*up, *across])
    shape, finding = next(iter(dict(topology.mended(topology.as_array([tangle]))).values()))
    assert shape is None
    assert finding.code == "shape_tangled"


# --- a parser that breaks --------------------------------------------------------------------------------------------

MISDEEDS = {
    "loops": ("while True: pass", TooLarge, "OKRUGA_PARSER_SECONDS"),
    "sleeps": ("import time; time.sleep(60)", TooLarge, "OKRUGA_PARSER_SECONDS"),
    "crashes": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", BadFile, "broke off"),
    "says nothing": ("", BadFile, "broke off"),
    "says nonsense": ("print('{]')", BadFile, "broke off"),
    "says a list": ("print('[]')", BadFile, "broke off"),
    "breaks its stream": ("print('{\"data\": true}'); print('x' * 5000)", BadFile, "broke off"),
    "never ends a line": ("import sys\nwhile True: sys.stdout.write('x' * 100000)", BadFile, "broke off"),
    "runs out of memory": ("import sys; sys.exit(3)", TooLarge, "OKRUGA_PARSER_MEMORY_MB"),
    "floods": (
        "import sys, pyarrow as pa\nprint('{\"data\": true}', flush=True)\n"
        "batch = pa.record_batch([pa.array(['x' * 1_000_000])], names=['a'])\n"
        "with pa.ipc.new_stream(sys.stdout.buffer, batch.schema) as out:\n"
        "    while True: out.write_batch(batch)", TooLarge, "OKRUGA_PARSER_MEMORY_MB",
    ),
}  # fmt: skip


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_a_misbehaving_parser_becomes_one_sentence(
    misdeed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, kind, words = MISDEEDS[misdeed]
    child = tmp_path / "child.py"
    child.write_text(program, encoding="utf-8")
    monkeypatch.setattr(sandbox, "CHILD", child)
    limits = Limits(parser_seconds=3, parser_memory_mb=20)
    with pytest.raises(kind) as caught:
        read(FILES / "good.gpkg", limits=limits)
    assert words in str(caught.value)


def test_memory_of_the_real_child_is_bounded() -> None:
    with pytest.raises((TooLarge, BadFile)):
        read(FILES / "good.gpkg", limits=Limits(parser_memory_mb=60))


def test_no_child_outlives_its_reading() -> None:
    read(FILES / "good.gpkg", limits=Limits())
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    names = (
        [Path(f"/proc/{pid}/cmdline").read_text() for pid in children.read_text().split()] if children.exists() else []
    )
    assert not any(str(sandbox.CHILD) in name for name in names)


# --- damaged files of every kind -------------------------------------------------------------------------------------

DAMAGED = (
    "good.geojson", "good.gpkg", "good.fgb", "good.parquet", "good.kml", "points.kmz", "events.xlsx",
    "cyrillic_folder.zip", "mapinfo/districts.mif", "koi8r/districts.shp", "needs_cp1251.csv", "utf16.csv",
)  # fmt: skip


def damage(raw: bytes, seed: int) -> bytes:
    """The file cut off, with bytes changed, or with a piece repeated."""
    chance = random.Random(seed)
    at = chance.randrange(len(raw))
    if seed % 3 == 0:
        return raw[:at]
    if seed % 3 == 1:
        changed = bytearray(raw)
        for _ in range(1 + len(raw) // 200):
            changed[chance.randrange(len(raw))] = chance.randrange(256)
        return bytes(changed)
    return raw[:at] + raw[at // 2 : at] + raw[at:]


def try_damaged(name: str, seed: int, folder: Path) -> None:
    original = FILES / name
    if original.parent != FILES:
        for part in original.parent.iterdir():
            (folder / part.name).write_bytes(part.read_bytes())
    path = folder / original.name
    path.write_bytes(damage(original.read_bytes(), seed))
    for look in (read, layers):
        with contextlib.suppress(OkrugaError):
            look(path, limits=Limits(parser_seconds=20))


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_never_gives_a_traceback(name: str, seed: int, tmp_path: Path) -> None:
    try_damaged(name, seed, tmp_path)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", DAMAGED)
def test_many_damaged_files(name: str, tmp_path: Path) -> None:
    for seed in range(3, 120):
        try_damaged(name, seed, tmp_path)
