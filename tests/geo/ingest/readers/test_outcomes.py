"""Does every fault that files from cities have come to what the table of outcomes promises?"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.errors import OkrugaError
from geo.ingest.readers import Limits, read
from tests.fixtures.files import make
from tests.geo.ingest.readers.trial import FILES, TOWN, Outcome, attempt, checked


def promised() -> Iterator[dict[str, str]]:
    with (FILES / "outcomes.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def name_of(row: dict[str, str]) -> str:
    return f"{row['file']}{'@' if row['layer'] else ''}{row['layer']}"


@pytest.mark.parametrize("row", list(promised()), ids=name_of)
def test_outcome(row: dict[str, str]) -> None:
    expected = TOWN if row["expected"] == "town" else None
    found = attempt(FILES / row["file"], row["register"], layer=row["layer"], fields=row["fields"], expected=expected)
    assert found == Outcome(
        row["refusal"], found.says, int(row["accepted"]), int(row["rejected"]), int(row["repaired"]), row["offers"],
        row["codes"],
    )  # fmt: skip


@pytest.mark.parametrize("row", [row for row in promised() if row["refusal"]], ids=name_of)
def test_a_refusal_names_the_file_and_a_remedy(row: dict[str, str]) -> None:
    with pytest.raises(OkrugaError) as refusal:
        checked(FILES / row["file"], row["register"], layer=row["layer"], fields=row["fields"], expected=TOWN)
    assert Path(row["file"]).name in str(refusal.value.message)
    assert str(refusal.value.remedy)
    assert "{" not in str(refusal.value).replace("{names}", "").partition("near:")[0]


def test_every_file_has_its_outcome() -> None:
    told = {Path(row["file"]).parts[0] for row in promised()}
    lying = {path.name for path in FILES.iterdir()} - {"make.py", "outcomes.csv", "__pycache__"}
    assert told == lying == set(make.MAKERS)


@pytest.mark.parametrize("register", ["boundaries", "needs"])
def test_a_folder_and_a_missing_file_are_refused(register: str, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.geojson"):
        assert attempt(path, register).refusal == "BadFile"


SAME_DISTRICTS = (
    "good.gpkg", "good.fgb", "good.parquet", "good.kml", "metres.parquet", "crs_member.geojson", "cp1251.geojson",
    "koi8r/districts.shp", "cp866/districts.shp", "pulkovo_cp1251/districts.shp", "cyrillic_folder.zip",
    "mapinfo/districts.mif", "mercator_bom.geojson", "swapped.geojson",
)  # fmt: skip


@pytest.mark.parametrize("name", SAME_DISTRICTS)
def test_offers_once_accepted_give_the_same_districts(name: str) -> None:
    """Whatever the container, encoding, system or order of axes, the four districts come out alike."""
    good = checked(FILES / "good.geojson", "boundaries", expected=TOWN)
    fields = "name=district" if "name=" not in name and "district" in columns(name) else ""
    same = checked(FILES / name, "boundaries", fields=fields, expected=TOWN, accept=True)
    assert not same.findings.blocks_file
    assert same.geometry is not None
    assert good.geometry is not None
    # FlatGeobuf keeps its own order
    found = dict(zip(same.rows.column("name").to_pylist(), same.geometry, strict=True))
    wanted = dict(zip(good.rows.column("name").to_pylist(), good.geometry, strict=True))
    assert set(found) == set(wanted)
    # a few metres for Pulkovo 1942: the ways to WGS 84 differ between versions of PROJ
    near = 5e-5 if name.endswith((".shp", ".zip")) else 1e-5
    assert all(shapely.hausdorff_distance(found[key], wanted[key]) < near for key in wanted)


def columns(name: str) -> tuple[str, ...]:
    return read(FILES / name, limits=Limits()).columns


def test_an_unaccepted_offer_blocks_and_shows_the_data_as_they_would_be() -> None:
    offered = checked(FILES / "needs_cp1251.csv", "needs", expected=TOWN)
    assert offered.findings.blocks_file
    assert offered.rows.column("title").to_pylist() == ["Освещение двора", "Скамейки; урны"]
    assert offered.offers[0].preview
    assert any("Освещение" in line for line in offered.offers[0].preview)


def test_numbers_of_rows_are_those_of_the_spreadsheet() -> None:
    titled = checked(FILES / "titled.csv", "needs", expected=TOWN)
    assert titled.numbers.tolist() == [5, 7]
    assert titled.rejected.numbers.tolist() == [6, 8]
    events = checked(FILES / "events.xlsx", "events")
    assert events.numbers.tolist() == [4, 5]


def test_rejected_rows_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    bad = checked(FILES / "bad_values.csv", "needs", expected=TOWN)
    mend = tmp_path / "mend.csv"
    bad.rejected.write(mend)
    text = mend.read_text("utf-8-sig")
    assert "okruga_reason" in text.splitlines()[0]
    again = checked(mend, "needs", expected=TOWN)
    assert (len(again), len(again.rejected)) == (0, len(bad.rejected))
    mended = (
        text.replace("31.02.2024", "28.02.2024")
        .replace("неведомо", "открыта")
        .replace('"5,5"', "5")
        .replace(",-1,", ",1,")
    )
    mend.write_text(
        mended.replace("inf", "46.03").replace("95.5", "51.5").replace("46.03,51.53", "51.53,46.03"), encoding="utf-8"
    )
    again = checked(mend, "needs", expected=TOWN)
    assert [str(reason) for reasons in again.rejected.reasons for reason in reasons] == ["The row has no title."]
    assert not again.extra.column_names


def test_rejected_shapes_go_along_as_wkt(tmp_path: Path) -> None:
    found = checked(FILES / "points.kmz", "boundaries", fields="name=Name")
    found.rejected.write(tmp_path / "mend.csv")
    table = read(tmp_path / "mend.csv", limits=Limits())
    assert all(shapely.from_wkt(text).geom_type == "Point" for text in table.frame["wkt"])


def test_a_repaired_shape_keeps_its_area_in_the_note() -> None:
    bow = checked(FILES / "bow_tie.geojson", "boundaries")
    note = next(finding for finding in bow.findings if finding.code == "shape_repaired")
    assert note.feature == 1
    assert note.area_m2 is not None
    assert note.area_m2 > 1_000_000
    assert "lines cross" in str(note.message)
    assert np.all(shapely.is_valid(bow.geometry))
