"""Does loading lists or an extract change what the geocoder answers, and does taking it back undo that?"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from geo.errors import BadFile
from geo.geocode.current import CurrentGeocoder
from geo.ingest.gazetteer import Part, load_gazetteer
from geo.store.engine import Database
from geo.store.history import undo

VILLAGES = "id,name,alt_names,region,lat,lon,population\n1,Глядень,,Алтайский край,52.71,80.32,700\n2,,x,,1,1,\n"
ADDRESSES = "id,city,street,housenumber,lat,lon\na1,Глядень,Центральная улица,5,52.711,80.321\n"
DELIVERY = Path(__file__).parents[2] / "fixtures" / "gar"
TEXT = "с. Глядень Благовещенского р-на, ул. Центральная, 5"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "settlements.csv").write_text(VILLAGES, encoding="utf-8")
    (tmp_path / "addresses.csv").write_text(ADDRESSES, encoding="utf-8")
    return tmp_path


def test_a_dry_run_says_what_it_would_be_and_writes_nothing(database: Database, folder: Path) -> None:
    load = load_gazetteer(database, folder, actor="test")
    assert (load.counts["addresses"], load.counts["settlements"], load.committed) == (1, 1, False)
    assert [(found.table, found.row) for found in load.rejected] == [("settlements", 3)]
    with database.computing() as connection:
        assert connection.scalar(text("SELECT count(*) FROM okruga.gazetteer")) == 0


def test_a_load_answers_and_can_be_taken_back(database: Database, folder: Path) -> None:
    current = CurrentGeocoder(database)
    assert "not in the gazetteer" in str(current.get().geocode(TEXT).why)
    load = load_gazetteer(database, folder, actor="test", commit=True, source="Реестр адресов")
    assert load.committed and load.run is not None
    assert current.get(wait=True).geocode(TEXT).label == "Глядень, Центральная улица, 5"
    with database.writing("test") as connection:
        undo(connection, load.run, "test")
    assert not current.get(wait=True).geocode(TEXT).accepted


def test_the_same_lists_again_write_nothing(database: Database, folder: Path) -> None:
    load_gazetteer(database, folder, actor="test", commit=True)
    again = load_gazetteer(database, folder, actor="test", commit=True)
    assert again.same and again.run is None
    with database.computing() as connection:
        assert connection.scalar(text("SELECT count(*) FROM okruga.import_run")) == 1


def test_one_list_alone_is_known_by_its_columns(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "выгрузка.csv"
    path.write_text(ADDRESSES, encoding="utf-8")
    assert load_gazetteer(database, path, actor="test").counts["addresses"] == 1
    with pytest.raises(BadFile):
        load_gazetteer(database, tmp_path / "нет.csv", actor="test")


def test_an_extract_of_openstreetmap(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "village.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lat="52.71" lon="80.32"><tag k="place" v="village"/>'
        '<tag k="name" v="Глядень"/></node><node id="2" lat="52.711" lon="80.321">'
        '<tag k="addr:street" v="Центральная улица"/><tag k="addr:housenumber" v="5"/></node></osm>',
        encoding="utf-8",
    )
    load = load_gazetteer(database, path, actor="test", commit=True)
    assert (load.counts["settlements"], load.counts["addresses"]) == (1, 1)
    assert CurrentGeocoder(database).get().geocode("с. Глядень, ул. Центральная, 5").accepted
    with database.computing() as connection:
        assert connection.scalar(text("SELECT licence FROM okruga.source")) == "ODbL 1.0"


def test_the_state_address_register_is_loaded_taken_back_and_loaded_once(database: Database) -> None:
    """It knows the village Дальняя Заимка and no position of it; the refusal says so."""
    known = "дер. Дальняя Заимка, ул. Центральная, 3"
    trial = load_gazetteer(database, DELIVERY, actor="test")
    assert (trial.committed, trial.counts["gar_street"], trial.counts["gar_house"]) == (False, 16, 15)
    load = load_gazetteer(database, DELIVERY, actor="test", commit=True, source="ГАР 66")
    assert load.run is not None and [note.params["count"] for note in load.notes] == [3, 2, 1, 1]
    again = load_gazetteer(database, DELIVERY, actor="test", commit=True, source="ГАР 66")
    assert again.same and again.run is None
    current = CurrentGeocoder(database)
    with database.computing() as connection:
        assert connection.scalar(text("SELECT count(*) FROM okruga.gazetteer_gar")) == 40
        assert connection.scalar(text("SELECT kind FROM okruga.gazetteer")) == "gar"
    answer = current.get(wait=True).geocode(known)
    assert (answer.status, answer.gar_object_id) == ("review", "2009")
    with database.writing("test") as connection:
        undo(connection, load.run, "test")
        assert connection.scalar(text("SELECT count(*) FROM okruga.gazetteer_gar")) == 0
    assert "not in the gazetteer" in str(current.get(wait=True).geocode(known).why)


def test_a_position_loaded_after_the_register_resolves(database: Database, tmp_path: Path) -> None:
    load_gazetteer(database, DELIVERY, actor="test", commit=True)
    (tmp_path / "settlements.csv").write_text(
        "name,region,lat,lon\nДальняя Заимка,Свердловская область,57.9,63.1\n", encoding="utf-8"
    )
    load_gazetteer(database, tmp_path, actor="test", commit=True)
    answer = CurrentGeocoder(database).get().geocode("дер. Дальняя Заимка, ул. Центральная, 3")
    assert (answer.status, answer.level, answer.lat, answer.gar_object_id) == ("review", "settlement", 57.9, "2009")
    village = CurrentGeocoder(database).get().geocode("дер. Дальняя Заимка")
    assert (village.accepted, village.gar_object_id) == (True, "1014")


def test_only_of_a_register_a_part_can_be_chosen(database: Database, folder: Path) -> None:
    load = load_gazetteer(database, DELIVERY, actor="test", part=Part(region="66", oktmo="65601000101"))
    assert load.counts["gar_settlement"] == 1
    with pytest.raises(BadFile, match="no state address register"):
        load_gazetteer(database, folder, actor="test", part=Part(region="66"))
