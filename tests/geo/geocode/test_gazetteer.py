"""Are a municipality's own lists read as they come, and what cannot be used said?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.errors import BadFile
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import (
    SETTLEMENTS_FILE,
    Gazetteer,
    clean_table,
    merged,
    read_folder,
    shipped_gazetteer,
    shipped_settlements,
    version_of,
)
from geo.geocode.index import Index


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (folder / name).write_text(text, encoding=encoding)


def test_a_folder_of_lists(tmp_path: Path) -> None:
    write(
        tmp_path, "addresses.csv", "id,city,street,housenumber,lat,lon,district\na1,Емва,улица Мира,12,62.6,50.86,x\n"
    )
    write(tmp_path, "streets.csv", "id;city;name;lat;lon\ns1;Емва;улица Мира;62,6;50,86\n", "utf-8-sig")
    gazetteer, rejected = read_folder(tmp_path)
    assert rejected == []
    assert gazetteer.addresses["housenumber"].tolist() == ["12"]
    assert gazetteer.streets["lat"].tolist() == [62.6]
    assert len(gazetteer) == 2
    assert gazetteer.version


def test_rows_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        "pois.csv",
        "city,name,lat,lon\nЕмва,Школа,62.6,50.8\nЕмва,,62.6,50.8\nЕмва,Рынок,,\nЕмва,Парк,620,50\n",
    )
    gazetteer, rejected = read_folder(tmp_path)
    assert gazetteer.pois["name"].tolist() == ["Школа"]
    assert sorted((found.row, str(found.reason)) for found in rejected) == [
        (3, "The name is empty."),
        (4, "The coordinates are missing or are not numbers."),
        (5, "The coordinates lie outside the globe."),
    ]


def test_a_missing_column_and_an_empty_folder_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no gazetteer list"):
        read_folder(tmp_path)
    write(tmp_path, "addresses.csv", "city,street,lat,lon\nЕмва,улица Мира,62.6,50.86\n")
    with pytest.raises(BadFile, match="housenumber"):
        read_folder(tmp_path)
    write(tmp_path, "addresses.csv", "город", "cp1251")
    with pytest.raises(BadFile, match="cannot be read"):
        read_folder(tmp_path)


def test_addresses_without_coordinates_still_name_their_street() -> None:
    rows = pd.DataFrame({"city": ["Емва"], "street": ["улица Мира"], "housenumber": ["12"]})
    gazetteer = merged([Gazetteer(addresses=clean_table("addresses", rows)[0]), shipped_gazetteer()])
    answer = Geocoder(gazetteer).geocode("г. Емва, ул. Мира, 12")
    assert answer.accepted
    assert answer.level == "street"
    assert answer.lat == pytest.approx(62.5879, abs=0.01)


def test_the_version_follows_the_content() -> None:
    rows = pd.DataFrame(
        {"city": ["Емва"], "street": ["улица Мира"], "housenumber": ["12"], "lat": ["62.6"], "lon": ["50.8"]}
    )
    one, again = (Gazetteer(addresses=clean_table("addresses", rows)[0]) for _ in range(2))
    other = Gazetteer(addresses=clean_table("addresses", rows.assign(housenumber="13"))[0])
    assert version_of(one) == version_of(again) != version_of(other)


def test_one_settlement_in_two_sources_is_one() -> None:
    own = pd.DataFrame(
        {"id": ["17"], "name": ["Емва"], "alt_names": ["Княжпогост"], "lat": ["62.59"], "lon": ["50.86"]}
    )
    index = Index(merged([Gazetteer(settlements=clean_table("settlements", own)[0]), shipped_gazetteer()]))
    found = [town for town in index.settlements if town.name == "Емва"]
    assert len(found) == 1
    assert found[0].region == "Республика Коми"
    assert {"Княжпогост", "Железнодорожный"} <= set(found[0].names)


def test_two_villages_of_one_name_in_one_list_stay_two() -> None:
    rows = pd.DataFrame({"id": ["1", "2"], "name": ["Ключи"] * 2, "lat": ["62.50", "62.55"], "lon": ["50.8", "50.8"]})
    index = Index(Gazetteer(settlements=clean_table("settlements", rows)[0]))
    assert len(index.settlements) == 2


def test_a_city_is_the_settlement_of_that_name_nearest_to_its_rows() -> None:
    rows = pd.DataFrame(
        {"city": ["Берёзовский"], "street": ["улица Мира"], "housenumber": ["5"], "lat": ["55.67"], "lon": ["86.27"]}
    )
    geocoder = Geocoder(merged([Gazetteer(addresses=clean_table("addresses", rows)[0]), shipped_gazetteer()]))
    answer = geocoder.geocode("г. Берёзовский, ул. Мира, 5")
    assert answer.accepted
    assert answer.settlement_id == "g1510205"


def test_spelling_variants_of_a_street_are_one() -> None:
    rows = pd.DataFrame(
        {
            "city": ["Емва"] * 3,
            "street": ["9-я Парковая улица", "ул. Парковая 9-я", "Парковая 9-я улица"],
            "housenumber": ["1", "2", "3"],
            "lat": ["62.60"] * 3,
            "lon": ["50.86"] * 3,
        }
    )
    index = Index(Gazetteer(addresses=clean_table("addresses", rows)[0]))
    assert len(index.places) == 1


def test_several_houses_in_one_cell_are_several() -> None:
    rows = pd.DataFrame(
        {"city": ["Емва"], "street": ["улица Мира"], "housenumber": ["12;14"], "lat": ["62"], "lon": ["50"]}
    )
    index = Index(Gazetteer(addresses=clean_table("addresses", rows)[0]))
    assert [house.key for house in index.houses.houses] == ["12", "14"]


def test_the_shipped_table_is_whole_and_names_its_source() -> None:
    table = shipped_settlements()
    assert len(table) > 5000
    assert set(table["cc"]) == {"RU", "KG"}
    assert (table["region"] != "").mean() > 0.99
    assert table["id"].is_unique
    notice = (SETTLEMENTS_FILE.parent / "NOTICE").read_text(encoding="utf-8")
    assert "GeoNames" in notice and "CC" not in notice.split("GeoNames")[0]
    assert "creativecommons.org/licenses/by/4.0" in notice
