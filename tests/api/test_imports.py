"""Does a file get from the browser into the registers, whole or not at all, and only from who may?

The service is asked over HTTP; the work on a file runs in its own thread, as in the real service.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text

from api.app import create_app
from geo.demo.town import FOLDER
from geo.ingest.staging import Folder, root
from geo.settings import settings
from geo.store import uploads
from geo.store.embedded import Cluster
from geo.store.engine import Database
from tests.api.test_sign_in import HOME, OURS, enter
from tests.conftest import _copy, _database

FILES = Path(__file__).resolve().parents[1] / "fixtures" / "files"
PATIENCE_S = 40.0
UPLOAD_MB = 1


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files wait in a folder of the test; the cap is low enough to be reached."""
    monkeypatch.setenv("OKRUGA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OKRUGA_UPLOAD_MAX_MB", str(UPLOAD_MB))
    settings.cache_clear()
    yield
    settings.cache_clear()


class Desk:
    """A signed-in browser in front of a service."""

    def __init__(self, database: Database, login: str = "admin") -> None:
        self.database = database
        self.client = TestClient(create_app(database), base_url=HOME, raise_server_exceptions=False)
        self.token = enter(self.client, database, login)

    def send(self, name: str, content: bytes, register: str = "needs", **fields: str) -> str:
        """Send a file; gives the address of its page once it was looked at."""
        answer = self.raw(name, content, register, **fields)
        assert answer.status_code == 303, answer.text
        return self.wait(answer.headers["location"])

    def raw(self, name: str, content: bytes, register: str = "needs", **fields: str) -> Response:
        sent: Response = self.client.post(
            "/steward/uploads", data={"form": self.token, "register": register, **fields},
            files={"file": (name, content)}, headers=OURS, follow_redirects=False,
        )  # fmt: skip
        return sent

    def wait(self, address: str) -> str:
        """Wait until nobody works on the file any more; gives the address of what came of it."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = self.client.get(address, follow_redirects=False)
            if answer.status_code == 303:
                return str(answer.headers["location"])
            assert answer.status_code == 200, answer.text
            if "data-progress" not in answer.text:
                return address
            time.sleep(0.02)
        pytest.fail("the work was not finished in time")

    def page(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def answer(self, address: str, **fields: str) -> str:
        """Answer questions; gives the page after the file was looked at again."""
        sent = self.client.post(address, data={"form": self.token, **fields}, headers=OURS, follow_redirects=False)
        assert sent.status_code == 303, sent.text
        return self.page(self.wait(address))

    def load(self, address: str) -> str:
        """Press the button; gives the address of what came of it."""
        seen = re.search(r'name="seen" value="(\w+)"', self.page(address))
        sent = self.client.post(
            f"{address}/commit", data={"form": self.token, "seen": seen[1] if seen else ""}, headers=OURS,
            follow_redirects=False,
        )  # fmt: skip
        assert sent.status_code == 303, sent.text
        return self.wait(address)

    def outcome(self, address: str) -> dict[str, object]:
        with self.database.writing("test") as connection:
            upload = uploads.get_upload(connection, int(address.rsplit("/", 1)[1]))
        return Folder.named(upload.folder).read("outcome")

    def rest(self) -> None:
        """Wait until no thread of this service works any more."""
        end = time.monotonic() + PATIENCE_S
        while any(thread.name.startswith("import-") for thread in threading.enumerate()):
            assert time.monotonic() < end
            time.sleep(0.02)

    def count(self, what: str = "entry") -> int:
        with self.database.writing("test") as connection:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM okruga.{what}").scalar_one())


@pytest.fixture(scope="module")
def city(cluster: Cluster, town_template: str) -> Iterator[Database]:
    """A model town all tests of this file load into, each from a source of its own."""
    with _copy(cluster, town_template) as name:
        opened = _database(cluster, name)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def signed_in(city: Database) -> Desk:
    return Desk(city)


@pytest.fixture
def desk(signed_in: Desk) -> Iterator[Desk]:
    yield signed_in
    signed_in.rest()


def rows(*titles: str, **more: str) -> bytes:
    """A small list of needs with a heading that nobody knows for the title."""
    file = io.StringIO()
    out = csv.writer(file, delimiter=";")
    out.writerow(["№ п/п", "О чём просят", "lat", "lon", *more])
    for at, title in enumerate(titles, start=1):
        out.writerow([at, title, "51.53", "46.03", *more.values()])
    return file.getvalue().encode()


def plain(*titles: str) -> bytes:
    """The same with headings everybody knows."""
    return rows(*titles).replace("О чём просят".encode(), b"title").replace("№ п/п".encode(), b"id")


# --- the way of a file ------------------------------------------------------------------------------------------------


def test_columns_are_named_by_hand_and_remembered(desk: Desk) -> None:
    """A needed column with an unknown heading: the page shows the table, the person says what it is, it is loaded;
    the next file of the source needs no answer any more, nor does the command line."""
    before = desk.count()
    page = desk.page(address := desk.send("list.csv", rows("Скамейка у подъезда", "Свет во дворе"), source="Письма"))
    assert 'name="column-1"' in page
    assert "data-load" not in page
    page = desk.answer(address, **{"columns": "4", "column-0": "id", "column-1": "title", "column-2": "lat",
                                   "column-3": "lon", "settings": "yes", "source": "Письма"})  # fmt: skip
    assert "data-load" in page
    assert desk.count() == before, "looking writes nothing"
    loaded = desk.load(address)
    assert re.fullmatch(r"/steward/imports/\d+", loaded)
    assert desk.count() == before + 2
    again = desk.send("list_may.csv", rows("Скамейка у подъезда", "Свет во дворе", "Урна"), source="Письма")
    assert desk.outcome(again)["changes"] == {"new": 1, "changed": 0, "same": 2, "gone": 0}
    from geo.ingest.pipeline import load
    from geo.ingest.request import Request

    file = root() / "cli.csv"
    file.write_bytes(rows("Скамейка у подъезда"))
    assert load(desk.database, Request(path=file, register="needs", source="Письма")).report.accepted == 1


def test_refused_rows_go_round(desk: Desk) -> None:
    """Refused rows come back with their reasons; mended and sent again they are read like the first ones."""
    content = "id;title;lat;lon;supporters\n1;Скамейка;51.53;46.03;5\n2;Урна;51.53;46.03;много\n3;Свет;190;46.03;1\n"
    address = desk.send("a.csv", content.encode(), source="Письма 2")
    before = desk.count()
    loaded = desk.load(address)
    assert desk.count() == before + 1
    page = desk.page(loaded)
    link = re.search(r'href="(/steward/uploads/\d+/rejected)"', page)
    assert link
    text = desk.client.get(link[1]).content.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in found] == ["2", "3"]
    assert all(row["okruga_reason"] for row in found)
    mended = text.replace("много", "7").replace("190", "51.53")
    earlier = re.search(r'name="continues" value="(\d+)"', page)
    assert earlier
    second = desk.send("rows.csv", mended.encode("utf-8-sig"), register="", continues=earlier[1])
    assert desk.outcome(second)["changes"] == {"new": 2, "changed": 0, "same": 0, "gone": 1}
    desk.load(second)
    assert desk.count() == before + 3


def test_a_question_is_asked_and_the_answer_taken(desk: Desk) -> None:
    """Metres without a system: nothing can be loaded before somebody says which; then it lies where it should."""
    content = (FILES / "mercator_bom.geojson").read_bytes()
    address = desk.send("m.geojson", content, "boundaries", kind="microdistrict")
    page = desk.page(address)
    assert 'value="EPSG:3857"' in page
    assert "data-load" not in page
    page = desk.answer(address, crs="EPSG:3857")
    assert "data-load" in page
    west, south, east, north = desk.client.get(f"{address}/shapes").json()["bounds"]
    assert -180 < west < east < 180 and -90 < south < north < 90
    assert desk.client.get(f"{address}/map").status_code == 200


def test_a_layer_is_chosen(desk: Desk) -> None:
    address = desk.send("two.gpkg", (FILES / "mixed_crs.gpkg").read_bytes(), "boundaries", kind="microdistrict")
    layers = desk.outcome(address)["layers"]
    assert isinstance(layers, list) and len(layers) == 2
    assert f'value="{layers[1]}"' in desk.page(address)
    desk.answer(address, layer=layers[1])
    assert "error" not in desk.outcome(address)


def test_an_exchange_of_axes_is_answered(desk: Desk) -> None:
    """A district of the town with latitude first."""
    town = json.loads((FOLDER / "microdistrict.geojson").read_bytes())
    for each in town["features"]:
        shape = shapely.from_geojson(json.dumps(each["geometry"]))
        turned = shapely.transform(shape, lambda points: points[:, ::-1])
        each["geometry"] = json.loads(str(shapely.to_geojson(turned)))
    address = desk.send("s.geojson", json.dumps(town).encode(), "boundaries", kind="microdistrict", within="primersk")
    page = desk.page(address)
    assert 'name="swap"' in page
    assert "data-load" not in page
    desk.answer(address, swap="yes")
    _, south, east, _ = desk.client.get(f"{address}/shapes").json()["bounds"]
    assert south > east, "the town lies north of its longitude"


def test_the_undo_is_shown_before_it_is_done(desk: Desk) -> None:
    before = desk.count()
    first = desk.load(desk.send("a.csv", plain("Скамейка"), source="Письма 3"))
    second = desk.load(desk.send("b.csv", plain("Лавка"), source="Письма 3"))
    refusal = desk.page(f"{first}/undo")
    assert second.rsplit("/", 1)[1] in refusal
    assert '<button class="main"' not in refusal
    preview = desk.page(f"{second}/undo")
    assert '<button class="main"' in preview
    assert desk.count() == before + 1, "a preview takes nothing back"
    sent = desk.client.post(f"{second}/undo", data={"form": desk.token}, headers=OURS, follow_redirects=False)
    assert sent.status_code == 303
    assert '<button class="main"' in desk.page(f"{first}/undo")


def test_the_difference_of_boundaries_is_shown(desk: Desk) -> None:
    """The town's districts from a new day on, one of them without its eastern half."""
    town = json.loads((FOLDER / "civic_district.geojson").read_bytes())
    first = town["features"][0]
    shape = shapely.from_geojson(json.dumps(first["geometry"]))
    west, south, east, north = shape.bounds
    half = shapely.intersection(shape, shapely.box(west, south, (west + east) / 2, north))
    first["geometry"] = json.loads(str(shapely.to_geojson(half)))
    for each in town["features"]:
        each["properties"] = {name: value for name, value in each["properties"].items() if "valid" not in name}
    address = desk.send("d.geojson", json.dumps(town).encode(), "boundaries", kind="civic_district")
    page = desk.answer(address, valid_from="2027-01-01", settings="yes")
    found = desk.outcome(address)["difference"]
    assert isinstance(found, dict)
    assert found["counts"] == {"moved": 1, "same": len(town["features"]) - 1}
    row = found["rows"][0]
    assert row["area_m2"] == pytest.approx(row["before_m2"] / 2, rel=0.3)
    assert row["residents"] is not None
    assert "mark-moved" in page


# --- several at once, and what is killed ------------------------------------------------------------------------------


def test_two_files_at_once_do_not_mix(desk: Desk) -> None:
    before = desk.count()
    one = rows(*(f"Скамейка {i}" for i in range(60))).replace("О чём просят".encode(), b"title")
    two = rows(*(f"Урна {i}" for i in range(40))).replace("О чём просят".encode(), b"title")
    first, second = desk.raw("a.csv", one, source="A"), desk.raw("b.csv", two, source="B")
    places = [desk.wait(answer.headers["location"]) for answer in (first, second)]
    assert places[0] != places[1]
    for address in places:
        seen = re.search(r'name="seen" value="(\w+)"', desk.page(address))
        assert seen
        desk.client.post(f"{address}/commit", data={"form": desk.token, "seen": seen[1]}, headers=OURS,
                         follow_redirects=False)  # fmt: skip
    runs = [desk.wait(address) for address in places]
    assert desk.count() == before + 100
    with desk.database.writing("test") as connection:
        found = connection.exec_driver_sql(
            "SELECT s.title, count(*) AS number FROM okruga.entry e JOIN okruga.source s ON s.id = e.source_id"
            " WHERE s.title IN ('A', 'B') GROUP BY 1"
        )
        counted = {str(row.title): int(row.number) for row in found}
    assert counted == {"A": 60, "B": 40}
    assert runs[0] != runs[1]


def test_a_file_that_was_looked_at_again_is_not_loaded_as_it_was(desk: Desk) -> None:
    address = desk.send("a.csv", plain("Скамейка"))
    seen = re.search(r'name="seen" value="(\w+)"', desk.page(address))
    assert seen
    desk.answer(address, settings="yes", delete_gone="yes")
    sent = desk.client.post(f"{address}/commit", data={"form": desk.token, "seen": seen[1]}, headers=OURS)
    assert sent.status_code == 409


def test_a_discarded_file_leaves_nothing(desk: Desk) -> None:
    address = desk.send("a.csv", plain("Скамейка"))
    assert len(list(root().iterdir())) == 1
    sent = desk.client.post(f"{address}/discard", data={"form": desk.token}, headers=OURS)
    assert sent.status_code == 200
    assert list(root().iterdir()) == []
    assert desk.client.get(address).status_code == 404


def test_an_old_file_expires(desk: Desk) -> None:
    address = desk.send("a.csv", plain("Скамейка"))
    with desk.database.writing("test") as connection:
        connection.exec_driver_sql("UPDATE okruga.upload SET expires_at = now() - interval '1 minute'")
    desk.page("/steward/imports")
    assert list(root().iterdir()) == []
    assert desk.client.get(address).status_code == 404


# --- who may ----------------------------------------------------------------------------------------------------------


def test_nobody_without_an_account_sends_or_sees_a_file(desk: Desk) -> None:
    address = desk.send("a.csv", plain("Скамейка"))
    stranger = TestClient(desk.client.app, base_url=HOME, raise_server_exceptions=False)
    assert stranger.post("/steward/uploads", files={"file": ("a.csv", b"a")}, headers=OURS).status_code == 403
    for below in ("/progress", "/rejected", "/map", "/shapes"):
        assert stranger.get(address + below).status_code == 403
    for below in ("", "/commit", "/discard"):
        assert stranger.post(address + below, data={"form": ""}, headers=OURS).status_code == 403
    for page in ("/steward/imports", address, "/steward/imports/1", "/steward/imports/1/undo"):
        answer = stranger.get(page, follow_redirects=False)
        assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]


@pytest.mark.parametrize("login", ["editor", "steward"])
def test_others_do_not_touch_a_file(desk: Desk, login: str) -> None:
    """An editor loads nothing; a steward loads, but sees only what is his own."""
    address = desk.send("of_the_admin.csv", plain("Скамейка"))
    other = Desk(desk.database, login)
    assert other.client.get(address).status_code == 403
    assert other.client.post(f"{address}/discard", data={"form": other.token}, headers=OURS).status_code == 403
    sent = other.raw("b.csv", plain("Урна"))
    assert sent.status_code == (303 if login == "steward" else 403)
    if login == "steward":
        other.wait(sent.headers["location"])
        assert "of_the_admin.csv" not in other.page("/steward/imports")


def test_forms_of_other_pages_are_refused(desk: Desk) -> None:
    address = desk.send("a.csv", plain("Скамейка"))
    for below in ("", "/commit", "/discard"):
        assert desk.client.post(address + below, data={"form": "0" * 32}, headers=OURS).status_code == 403
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert desk.client.post(f"{address}/discard", data={"form": desk.token}, headers=elsewhere).status_code == 403
    sent = desk.client.post("/steward/uploads", data={"form": "0" * 32, "register": "needs"},
                            files={"file": ("b.csv", b"title")}, headers=OURS)  # fmt: skip
    assert sent.status_code == 403
    assert len(list(root().iterdir())) == 1, "a refused file is not kept"


# --- files made to harm -----------------------------------------------------------------------------------------------


def bomb(ending: str) -> bytes:
    """Three hundred megabytes of nothing in a small archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(f"a{ending}", "w") as entry:
        for _ in range(300):
            entry.write(b"0" * 1024 * 1024)
    return packed.getvalue()


def test_a_file_above_the_cap_is_refused_with_the_name_of_the_setting(desk: Desk) -> None:
    answer = desk.raw("large.csv", b"title\n" + b"x" * (UPLOAD_MB * 1024 * 1024))
    assert answer.status_code == 413
    assert "OKRUGA_UPLOAD_MAX_MB" in answer.text
    endless = desk.raw("larger.csv", b"x" * (6 * UPLOAD_MB * 1024 * 1024))
    assert endless.status_code == 413
    assert list(root().iterdir()) == []


HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.zip": (lambda: bomb(".csv"), "OKRUGA_ARCHIVE_MAX"),
    "bomb.kmz": (lambda: bomb(".kml"), "OKRUGA_ARCHIVE_MAX"),
    "trick.geojson": (
        lambda: b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
        b"</OGRVRTDataSource>", ""),
    "trick.kml": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>', ""),
    "deep.geojson": (lambda: b'{"type":"FeatureCollection","features":' + b"[" * 50_000 + b"]" * 50_000 + b"}", ""),
    "none.csv": (lambda: b"", ""),
    "bomb.osm.gz": (lambda: gzip.compress(b"0" * 120 * 1024 * 1024), "OKRUGA_ARCHIVE_MAX_RATIO"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_file_is_refused_in_words(desk: Desk, name: str) -> None:
    """The bytes are taken, looking at them harms nothing, and the page says why they cannot be used."""
    make, setting = HARMFUL[name]
    register = "gazetteer" if name.endswith(".osm.gz") else "boundaries"
    address = desk.send(name, make(), register, kind="microdistrict")
    page = desk.page(address)
    assert 'class="refused"' in page
    assert "data-load" not in page
    assert setting in page
    assert "root:" not in page and "Traceback" not in json.dumps(desk.outcome(address))


def test_the_state_address_register_is_known_by_its_files(desk: Desk) -> None:
    delivery = Path(__file__).parents[1] / "fixtures" / "gar"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in delivery.rglob("*.XML"):
            archive.write(path, path.relative_to(delivery))
    address = desk.send("gar_xml.zip", packed.getvalue(), "gazetteer")
    assert "Дома государственного адресного реестра: 15" in desk.page(address)
    desk.load(address)
    with desk.database.computing() as connection:
        assert connection.scalar(text("SELECT count(*) FROM okruga.gazetteer_gar WHERE level = 'house'")) == 15


def test_a_name_leads_nowhere_and_is_shown_as_text(desk: Desk) -> None:
    name = "../../<img src=x onerror=alert(1)>.csv"
    address = desk.send(name, b'"title"\n"<script>alert(1)</script>"\n')
    page = desk.page(address)
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not list(root().parent.glob("*.csv"))


def test_several_files_need_one_that_stands_for_them(desk: Desk) -> None:
    files = [("file", ("a.csv", b"title\nx\n")), ("file", ("b.csv", b"title\ny\n"))]
    answer = desk.client.post("/steward/uploads", data={"form": desk.token, "register": "needs"}, files=files,
                              headers=OURS)  # fmt: skip
    assert answer.status_code == 422
    assert "a.csv" in answer.text
    assert list(root().iterdir()) == []
