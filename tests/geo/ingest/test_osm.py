"""Are settlements, streets, addresses, objects and boundaries read from OpenStreetMap, even cut by hand?"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import shapely

from geo.errors import BadFile
from geo.geocode.engine import Geocoder
from geo.ingest.osm import OsmTables, gazetteer_of, read_osm
from geo.ingest.osm_boundaries import as_geojson
from geo.ingest.readers import ChooseLayer, read

EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="90" lat="52.7000" lon="80.3000"><tag k="place" v="village"/><tag k="name" v="Глядень"/>
  <tag k="old_name" v="Ново-Глядень"/><tag k="population" v="712"/></node>
 <node id="91" lat="52.9000" lon="80.9000"><tag k="place" v="village"/><tag k="name" v="Орлеан"/></node>
 <node id="1" lat="52.7000" lon="80.3000"/><node id="2" lat="52.7000" lon="80.3030"/>
 <node id="3" lat="52.7000" lon="80.3040"/>
 <node id="11" lat="52.7010" lon="80.3000"/><node id="12" lat="52.7010" lon="80.3002"/>
 <node id="13" lat="52.7012" lon="80.3002"/><node id="14" lat="52.7012" lon="80.3000"/>
 <node id="21" lat="52.0000" lon="80.0000"/><node id="22" lat="52.0000" lon="80.6000"/>
 <node id="23" lat="53.0000" lon="80.6000"/><node id="24" lat="53.0000" lon="80.0000"/>
 <node id="30" lat="52.7020" lon="80.3010"><tag k="addr:street" v="Центральная улица"/><tag k="addr:housenumber" v="7"/>
  <tag k="addr2:street" v="улица Мира"/><tag k="addr2:housenumber" v="2"/></node>
 <node id="31" lat="52.7030" lon="80.3010"><tag k="amenity" v="school"/><tag k="name" v="Гляденьская школа"/></node>
 <node id="32" lat="52.7040" lon="80.3010"><tag k="highway" v="bus_stop"/><tag k="name" v="Центральная"/></node>
 <node id="33" lat="52.7050" lon="80.3010"><tag k="place" v="neighbourhood"/><tag k="name" v="Заречье"/></node>
 <way id="200"><nd ref="21"/><nd ref="22"/><nd ref="23"/><nd ref="24"/><nd ref="21"/></way>
 <way id="101"><nd ref="11"/><nd ref="12"/><nd ref="13"/><nd ref="14"/><nd ref="11"/><tag k="building" v="house"/>
  <tag k="addr:street" v="Центральная улица"/><tag k="addr:housenumber" v="5"/><tag k="building:levels" v="2"/></way>
 <way id="100"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/>
  <tag k="name" v="Центральная улица"/></way>
 <way id="102"><nd ref="1"/><nd ref="11"/><tag k="highway" v="residential"/><tag k="name" v="улица Мира"/></way>
 <relation id="300"><member type="way" ref="200" role="outer"/><tag k="type" v="boundary"/>
  <tag k="boundary" v="administrative"/><tag k="admin_level" v="6"/><tag k="name" v="Благовещенский район"/></relation>
 <relation id="301"><member type="way" ref="999" role="outer"/><tag k="type" v="boundary"/>
  <tag k="boundary" v="administrative"/><tag k="admin_level" v="4"/><tag k="name" v="Алтайский край"/></relation>
</osm>
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> OsmTables:
    path = tmp_path_factory.mktemp("osm") / "village.osm.gz"
    path.write_bytes(gzip.compress(EXTRACT.encode()))
    return read_osm(path)


def test_settlements_with_district_and_old_name(tables: OsmTables) -> None:
    village = tables.settlements.set_index("name").loc["Глядень"]
    assert village["alt_names"] == "Ново-Глядень"
    assert village["district"] == "Благовещенский район"
    assert village["population"] == 712
    assert tables.settlements.set_index("name").loc["Орлеан"]["district"] == ""


def test_streets_addresses_and_corner_houses(tables: OsmTables) -> None:
    assert dict(zip(tables.streets["name"], tables.streets["city"], strict=True)) == {
        "Центральная улица": "Глядень",
        "улица Мира": "Глядень",
    }
    assert sorted(zip(tables.addresses["street"], tables.addresses["housenumber"], strict=True)) == [
        ("Центральная улица", "5"),
        ("Центральная улица", "7"),
        ("улица Мира", "2"),
    ]


def test_buildings_objects_areas(tables: OsmTables) -> None:
    building = tables.buildings.iloc[0]
    assert (building["id"], building["housenumber"], building["levels"]) == ("way/101", "5", 2)
    assert building["geometry"].area > 0
    assert tables.pois.query("kind != 'corner'")["name"].tolist() == ["Гляденьская школа"]
    assert tables.areas["name"].tolist() == ["Заречье"]


def test_boundaries_and_what_was_cut(tables: OsmTables) -> None:
    assert tables.boundaries["name"].tolist() == ["Благовещенский район"]
    assert [str(note) for note in tables.notes] == [
        "Boundaries cut at the edge of the extract and left out: 1.", "Corners of streets among the objects: 1.",
    ]  # fmt: skip


def test_the_gazetteer_of_an_extract_answers(tables: OsmTables) -> None:
    geocoder = Geocoder(gazetteer_of(tables))
    assert (
        geocoder.geocode("с. Глядень Благовещенского р-на, ул. Центральная, д. 5").label
        == "Глядень, Центральная улица, 5"
    )
    assert geocoder.geocode("с. Глядень, Гляденьская школа").level == "poi"
    assert geocoder.geocode("Благовещенский район").level == "district"


def test_streets_meet_where_they_share_a_node(tables: OsmTables) -> None:
    found = Geocoder(gazetteer_of(tables)).geocode("с. Глядень, угол Центральной и Мира")
    assert (found.status, found.level, found.lat, found.lon) == ("accepted", "point", 52.7, 80.3)
    assert found.label in (
        "Глядень, Центральная улица / улица Мира", "Глядень, улица Мира / Центральная улица",
    )  # fmt: skip


def test_boundaries_of_one_level_go_the_way_of_every_file(tmp_path: Path) -> None:
    path = tmp_path / "village.osm"
    path.write_text(EXTRACT, encoding="utf-8")
    table = read(as_geojson(path, tmp_path, None))
    assert table.frame["name"].tolist() == ["Благовещенский район"]
    assert table.geometry is not None and table.geometry[0].covers(shapely.Point(80.3, 52.7))
    with pytest.raises(ChooseLayer, match="6"):
        as_geojson(path, tmp_path, "8")
    path.write_text('<osm version="0.6"><node id="1" lat="1" lon="1"/></osm>', encoding="utf-8")
    with pytest.raises(BadFile, match="no shapes"):
        as_geojson(path, tmp_path, None)


def test_a_file_that_is_not_openstreetmap(tmp_path: Path) -> None:
    path = tmp_path / "broken.osm"
    path.write_text("<html>", encoding="utf-8")
    with pytest.raises(BadFile, match="OpenStreetMap"):
        read_osm(path)
