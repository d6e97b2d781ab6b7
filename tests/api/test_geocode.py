"""Is a typed address found where it is, and never guessed?"""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import geocoder
from api.app import create_app
from geo.geocode.gazetteer import read_folder
from geo.ingest.gazetteer import load_gazetteer
from geo.settings import Settings
from geo.store.engine import Database

LISTS = {
    "settlements.csv": "id,name,lat,lon,population\ns1,Приморск,51.680,47.625,15000\n",
    "addresses.csv": "id,city,street,housenumber,lat,lon\n"
    "a1,Приморск,улица Пристанская,4,51.6751,47.6127\na2,Приморск,улица Пристанская,6,51.6753,47.6129\n"
    "a3,Приморск,улица Строителей,11,51.6790,47.6378\n",
    "streets.csv": "id,city,name,lat,lon\nt1,Приморск,улица Пристанская,51.6752,47.6128\n"
    "t2,Приморск,улица Строителей,51.6790,47.6378\n",
}


@pytest.fixture
def known(town: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The service of an installation with address lists of its own."""
    (tmp_path / "gazetteer").mkdir()
    for name, text in LISTS.items():
        (tmp_path / "gazetteer" / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(geocoder, "settings", lambda: Settings(data_dir=tmp_path))
    return TestClient(create_app(town), base_url="http://localhost", raise_server_exceptions=False)


def test_a_known_house(known: TestClient) -> None:
    told = known.get("/api/geocode", params={"q": "г. Приморск, ул. Строителей, д. 11"}).json()
    assert (told["status"], told["match_level"]) == ("accepted", "house")
    assert (told["lat"], told["lon"]) == (51.679, 47.6378)
    assert told["why"]
    assert told["candidates"][0]["label"].endswith("Строителей, 11")


def test_coordinates_are_their_own_candidate(client: TestClient) -> None:
    told = client.get("/api/geocode?q=51.678,47.62").json()
    assert (told["status"], told["match_level"]) == ("accepted", "point")
    assert [(each["lat"], each["lon"]) for each in told["candidates"]] == [(51.678, 47.62)]


def test_nothing_is_guessed(known: TestClient) -> None:
    told = known.get("/api/geocode", params={"q": "улица Которой Нет, 5", "lang": "en"}).json()
    assert told["status"] != "accepted"
    assert told["why"].isascii()


def test_an_address_elsewhere_is_not_accepted_within_a_territory(known: TestClient) -> None:
    """Stroiteley 11 lies in d2."""
    address = {"q": "Приморск, улица Строителей, 11"}
    assert known.get("/api/geocode", params={**address, "within": "d2"}).json()["status"] == "accepted"
    assert known.get("/api/geocode", params={**address, "within": "d4"}).json()["status"] != "accepted"
    assert known.get("/api/geocode", params={**address, "within": "nowhere"}).status_code == 404


def test_near_goes_straight_to_what_is_certain(known: TestClient) -> None:
    sure = known.get("/near", params={"q": "Приморск, улица Строителей, 11"}, follow_redirects=False)
    assert sure.status_code == 303
    assert sure.headers["location"].startswith("/near?lat=51.679&lon=47.6378&q=")
    unsure = known.get("/near", params={"q": "Пристанская"}, follow_redirects=False)
    assert unsure.status_code == 200
    assert "Пристанская" in unsure.text


def test_lists_are_read_once(known: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(folder: Path) -> object:
        read.append(folder)
        return read_folder(folder)

    monkeypatch.setattr(geocoder, "read_folder", counted)
    for _ in range(3):
        known.get("/api/geocode?q=а")
    assert len(read) == 1


def test_an_unfinished_address_is_completed_only_while_typing(known: TestClient) -> None:
    whole = known.get("/api/geocode", params={"q": "ул. Прист"}).json()
    typing = known.get("/api/geocode", params={"q": "ул. Прист", "typing": True}).json()
    assert [each["label"] for each in typing["candidates"]] == ["Приморск, улица Пристанская"]
    assert whole["candidates"] == []
    houses = known.get("/api/geocode", params={"q": "пристанская ", "typing": True, "limit": 2}).json()["candidates"]
    assert houses[0]["match_level"] == "street"
    numbered = known.get("/api/geocode", params={"q": "пристанская 6", "typing": True}).json()
    assert (numbered["status"], numbered["candidates"][0]["label"]) == ("accepted", "Приморск, улица Пристанская, 6")


def test_a_pair_in_the_other_order_is_put_right_where_only_that_fits(client: TestClient) -> None:
    told = client.get("/api/geocode?q=47.62,51.678").json()
    assert (told["status"], told["lat"], told["lon"]) == ("accepted", 51.678, 47.62)
    assert told["warnings"]
    far = client.get("/api/geocode?q=55.75,37.62").json()
    assert (far["status"], far["lat"]) == ("accepted", 55.75)


def test_the_near_page_says_why_an_address_was_refused(known: TestClient) -> None:
    page = known.get("/near", params={"q": "с. Неведомое, ул. Садовая 2"})
    assert "Неведомое" in page.text
    assert "нет в справочнике" in page.text
    link = "https://yandex.ru/maps/?ll=47.62%2C51.678&z=16&" + "x=1&" * 60
    assert (
        known.get("/near", params={"q": link}, follow_redirects=False)
        .headers["location"]
        .startswith("/near?lat=51.678")
    )


def test_the_near_page_lists_what_begins_like_the_words(known: TestClient) -> None:
    assert "улица Пристанская" in known.get("/near", params={"q": "прист"}).text


def test_the_guid_of_the_register_stands_beside_the_place(known: TestClient, town: Database) -> None:
    """The register of a region whose villages have no position here."""
    load_gazetteer(town, Path(__file__).parents[1] / "fixtures" / "gar", actor="test", commit=True)
    named = known.get("/api/geocode", params={"q": "дер. Дальняя Заимка, ул. Центральная, 3"}).json()
    assert (named["status"], named["match_level"], named["lat"]) == ("review", "none", None)
    assert (named["gar_guid"], named["gar_object_id"]) == ("66000000-0000-4000-8000-0000000007d9", "2009")
    assert named["candidates"] == []
    asked = known.get("/api/geocode", params={"q": "66000000-0000-4000-8000-0000000007d9"}).json()
    assert asked["label"] == named["label"] == "Дальняя Заимка, улица Центральная, 3"
    other = known.get("/api/geocode", params={"q": "г. Приморск, ул. Строителей, д. 11"}).json()
    assert (other["gar_guid"], other["candidates"][0]["gar_guid"]) == (None, None)


def test_where_the_visitor_looks_is_a_preference_that_is_told(known: TestClient, tmp_path: Path) -> None:
    with (tmp_path / "gazetteer" / "addresses.csv").open("a", encoding="utf-8") as file:
        file.write("b1,Дальний,улица Пристанская,4,52.9,49.1\nb2,Дальний,улица Пристанская,6,52.9002,49.1003\n")
    words = {"q": "ул. Пристанская, 6", "lang": "en"}
    by_city = "The text names no settlement; looked for in Городской округ Примерск, whose boundary is the one loaded."
    for elsewhere in ({}, {"near": "10,10"}):
        told = known.get("/api/geocode", params={**words, **elsewhere}).json()
        assert (told["status"], told["label"], told["why"]) == ("accepted", "Приморск, улица Пристанская, 6", by_city)
    for near, label in (("51.675,47.613", "Приморск"), ("52.9,49.1", "Дальний")):
        told = known.get("/api/geocode", params={**words, "near": near}).json()
        assert (told["status"], told["label"]) == ("accepted", f"{label}, улица Пристанская, 6")
        assert told["why"] == f"The text names no settlement; looked for in {label}, where the map was."
        typing = known.get("/api/geocode", params={"q": "пристан", "typing": True, "near": near}).json()
        assert typing["candidates"][0]["label"].startswith(label)
    told = known.get("/api/geocode", params={**words, "bbox": "49,52.8,49.2,53"}).json()
    assert told["label"] == "Дальний, улица Пристанская, 6"
    for wrong in ("1,2,3", "1,2,3,4,5", "a,b,c,d"):
        assert known.get("/api/geocode", params={**words, "bbox": wrong}).status_code == 422
    assert known.get("/api/geocode", params={**words, "near": "north"}).status_code == 422
    assert known.get("/api/geocode", params={**words, "near": "900,900"}).status_code == 200
