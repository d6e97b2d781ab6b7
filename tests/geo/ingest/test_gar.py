"""Does the reader of the state address register take what is in force, in whatever form it is delivered?

The delivery in tests/fixtures/gar is invented (a town, six villages) and follows the schemas 2.251 of the register:
superseded rows, a renamed street, an abolished one with a successor, an end in the past, a parent that is missing, a
parent left to the path, a house that only the administrative division places, a byte order mark.
"""

from __future__ import annotations

import shutil
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo.errors import BadFile, BadInput, TooLarge
from geo.geocode.gar import Gar
from geo.ingest.apart import apart
from geo.ingest.gar import GarRead, read_gar
from geo.ingest.gar_files import HOUSES, File, is_gar, rows
from geo.ingest.gazetteer import read_gazetteer
from geo.progress import SILENT

DELIVERY = Path(__file__).parents[2] / "fixtures" / "gar"
REGION = DELIVERY / "66"


@pytest.fixture(scope="module")
def read() -> GarRead:
    return read_gar(DELIVERY)


def column(gar: Gar, name: str) -> dict[int, Any]:
    """A column of the objects by their numbers."""
    return dict(zip(gar.objects["id"].tolist(), gar.objects[name].tolist(), strict=True))


def houses_of(gar: Gar) -> dict[int, tuple[int, str]]:
    """Number of the object -> its parent and what it is numbered."""
    houses = gar.houses
    texts = [houses.numbers[code] for code in houses.codes]
    return {
        int(i): (int(parent), text) for i, parent, text in zip(houses.ids, houses.parents, texts, strict=True)
    }  # fmt: skip


def packed(path: Path, *, region: str = "66") -> Path:
    """The delivery as the service publishes it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in DELIVERY.glob("*.XML"):
            target.write(part, part.name)
        for part in REGION.glob("*.XML"):
            target.write(part, f"{region}/{part.name}")
    return path


def copied(folder: Path) -> Path:
    shutil.copytree(DELIVERY, folder / "gar")
    return folder / "gar"


def table(folder: Path, name: str) -> Path:
    (found,) = (folder / "66").glob(f"AS_{name}_2*.XML")
    return found


def test_what_is_in_force_is_taken(read: GarRead) -> None:
    assert read.gar.counts() == {"gar_settlement": 7, "gar_area": 2, "gar_street": 16, "gar_house": 15}
    names = column(read.gar, "name")
    former = column(read.gar, "alt_names")
    assert names.keys().isdisjoint({1108, 1109, 1110, 1000, 1005})
    assert (names[1101], former[1101]) == ("улица Дворянская", "улица Горького")
    assert (names[1107], former[1107]) == ("проспект Карла Маркса", "улица Карла Маркса")
    assert (names[1010], former[1010], column(read.gar, "kind")[1010]) == ("Приреченск", "Слободск", "город")
    assert former[1111] == "улица Кирова"
    assert (names[1121], column(read.gar, "level")[1121]) == ("СНТ Заря", "area")
    assert {str(note.params["count"]) for note in read.notes} == {"1", "2", "3"}


def test_the_tree_is_that_of_both_divisions(read: GarRead) -> None:
    districts, parents = column(read.gar, "district"), column(read.gar, "parent")
    assert [districts[n] for n in (1010, 1011, 1014)] == ["", "Приречный район", "Дальний район"]
    assert {column(read.gar, "region")[n] for n in (1010, 1011)} == {"Свердловская область"}
    # 1122 lies in a garden society, 1130 has its parent in the path only, 1131 moved, 1150 names none that is there
    assert [parents[n] for n in (1122, 1130, 1131, 1150)] == [1121, 1011, 1011, 0]


def test_houses_are_numbered_as_addresses_number_them(read: GarRead) -> None:
    houses = houses_of(read.gar)
    assert houses[2000] == (1100, "7 к. 1")
    assert [houses[n][1] for n in (2001, 2004, 2006, 2007, 2012)] == [
        "11 литера А", "14 стр. 1", "5 к. 2 стр. 3", "влд. 9", "к. 3",
    ]  # fmt: skip
    # of the administrative division alone; directly in a village; in an area
    assert [houses[n][0] for n in (2009, 2010, 2011)] == [1140, 1012, 1121]
    # a garage, one without any number, one of an unknown street, one pulled down
    assert houses.keys().isdisjoint({2008, 2013, 2014, 2019})


def test_a_zip_and_the_folder_of_a_region_say_the_same(read: GarRead, tmp_path: Path) -> None:
    packed(tmp_path / "gar_xml.zip")
    for delivery in (tmp_path / "gar_xml.zip", REGION):
        assert is_gar(delivery)
        assert read_gar(delivery).gar.digest() == read.gar.digest()
    assert not is_gar(tmp_path) and not is_gar(tmp_path / "no.zip")


def test_without_dictionaries_the_usual_words_are_known(read: GarRead, tmp_path: Path) -> None:
    folder = shutil.copytree(REGION, tmp_path / "66")
    gar = read_gar(folder).gar
    assert houses_of(gar) == houses_of(read.gar)
    assert gar.objects["name"].tolist() == read.gar.objects["name"].tolist()


def test_a_municipality_is_chosen_by_its_oktmo() -> None:
    objects = read_gar(DELIVERY, within="65701000").gar.objects
    assert objects.loc[objects["level"] == "settlement", "name"].tolist() == ["Приреченск"]
    assert 1131 not in set(objects["id"])
    village = read_gar(DELIVERY, within="65601000101").gar
    assert village.counts() == {"gar_settlement": 1, "gar_area": 0, "gar_street": 2, "gar_house": 2}
    with pytest.raises(BadInput, match="8 or 11"):
        read_gar(DELIVERY, within="657")


def test_of_several_regions_one_is_chosen(tmp_path: Path) -> None:
    path = packed(tmp_path / "gar.zip")
    assert len(read_gar(path, region="66").gar)
    with pytest.raises(BadFile, match="none for this region"):
        read_gar(path, region="22")


def test_the_newest_of_two_deliveries_counts(read: GarRead, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    old = table(folder, "HOUSES")
    (folder / "66" / old.name.replace("20240905", "20230101")).write_text("<HOUSES>", encoding="utf-8")
    assert read_gar(folder).gar.digest() == read.gar.digest()


BOMB = '<!DOCTYPE a [<!ENTITY a "' + "a" * 50 + '"><!ENTITY b "&a;&a;&a;&a;">]>'
ENTITIES = f'<?xml version="1.0" encoding="utf-8"?>{BOMB}<HOUSES><HOUSE OBJECTID="1" HOUSENUM="&b;"/></HOUSES>'
BROKEN = {
    "cut off": (None, "cut off or damaged behind row 9 "),
    "entities": (ENTITIES, "holds a document type or entities"),
    "number": (
        '<HOUSES><HOUSE OBJECTID="x1" OBJECTGUID="" ISACTUAL="1" ISACTIVE="1" ENDDATE="2079-06-06" /></HOUSES>',
        "row 1: the attribute OBJECTID of HOUSE is no number: x1",
    ),
    "attribute": ('<HOUSES><HOUSE OBJECTID="1" /></HOUSES>', "row 1: the element HOUSE lacks the attribute OBJECTGUID"),
    "element": ("<HOUSES><OBJECT /></HOUSES>", "row 0: the element OBJECT does not belong there; HOUSE was expected"),
    "table": ("<ITEMS/>", "row 0: the element ITEMS does not belong there; HOUSES was expected"),
    "text": ("no xml", "cut off or damaged behind row 0 .line 1, column 0.: syntax error"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, kind: str) -> None:
    folder = copied(tmp_path)
    path = table(folder, "HOUSES")
    content, said = BROKEN[kind]
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: len(whole) // 2] if content is None else content, encoding="utf-8")
    with pytest.raises(BadFile, match=said) as caught:
        read_gar(folder)
    assert path.name in str(caught.value)


def test_a_file_of_the_browser_is_read_apart_and_bounded(tmp_path: Path) -> None:
    kind, gazetteer, load = apart(read_gazetteer, packed(tmp_path / "gar.zip"))
    assert (kind, load.counts["gar_house"], len(gazetteer.gar.houses)) == ("gar", 15, 15)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        name = table(DELIVERY, "ADDR_OBJ").name
        bomb.writestr(f"66/{name}", "<ADDRESSOBJECTS>" + " " * 40_000_000 + "</ADDRESSOBJECTS>")
    with pytest.raises(TooLarge):
        apart(read_gazetteer, tmp_path / "bomb.zip")
    # on this machine only the ratio is looked at
    with pytest.raises(TooLarge):
        read_gar(tmp_path / "bomb.zip")


def test_rows_are_streamed() -> None:
    """Twenty megabytes of rows pass through a few."""
    row = b'<HOUSE OBJECTID="1" OBJECTGUID="66000000-0000-4000-8000-0000000007d0" HOUSENUM="7" />' + b" " * 2_000
    per_piece, pieces = 500, 20

    def content() -> Iterator[bytes]:
        yield b"<HOUSES>"
        for _ in range(pieces):
            yield row * per_piece
        yield b"</HOUSES>"

    file = File("AS_HOUSES.XML", HOUSES, "20240905", "66", per_piece * pieces * len(row), content)
    tracemalloc.start()
    count = sum(1 for _ in rows(file, ("OBJECTID",), SILENT, ("HOUSENUM",)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == per_piece * pieces
    assert most < 6_000_000 < file.size
