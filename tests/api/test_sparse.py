"""Does a row that says next to nothing still have its page? Everything that may be unknown is unknown at once."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo.analysis import tally
from geo.analysis.measures import OF_TERRITORIES
from geo.store.engine import Database
from tests.api.addresses import QUESTIONS, REGISTERS, first_id, page_addresses

# every column of these tables that may be empty is emptied
TABLES = (
    "entry",
    "project",
    "need",
    "event",
    "organisation",
    "observation",
    "place",
    "territory",
    "boundary",
    "source",
)
NULLABLE = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'okruga' AND table_name = ANY (:tables) AND is_nullable = 'YES'
"""
# needed by a rule of the table (a project has a status), or what the row would be lost without
KEPT = {("entry", "status"), ("territory", "tos_status"), ("territory", "parent_id"), ("source", "id")}


@pytest.fixture
def sparse(own_town: Database) -> Database:
    """The model town with nothing in it that may be left out."""
    with own_town.writing("test") as connection:
        columns = connection.execute(text(NULLABLE), {"tables": list(TABLES)}).all()
        for table in TABLES:
            gone = [name for owner, name in columns if owner == table and (owner, name) not in KEPT]
            if gone:
                connection.execute(text(f"UPDATE okruga.{table} SET " + ", ".join(f"{name} = NULL" for name in gone)))
        for table in ("project_funding", "project_need", "event_channel", "population"):
            connection.execute(text(f"DELETE FROM okruga.{table}"))
    tally.settle(own_town)
    return own_town


@pytest.mark.usefixtures("sparse")
def test_every_address_answers(own_client: TestClient) -> None:
    assert "need" not in own_client.get("/tiles").json()["layers"]  # nothing has a place any more
    for address in sparse_addresses(own_client):
        answer = own_client.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
    for address in page_addresses(own_client):
        for prefix in ("", "/en"):
            answer = own_client.get(prefix + address)
            assert answer.status_code == 200, (address, answer.text[:300])
            assert ">None<" not in answer.text, address


def sparse_addresses(client: TestClient) -> list[str]:
    """What programs ask about entries and territories."""
    ids = {register: first_id(client, register) for register in REGISTERS}
    return [
        "/api/territories",
        "/api/territories/d1?geometry=true",
        "/api/card/civic_district/d1",
        "/api/near?lat=51.678&lon=47.62&radius=5000",
        "/api/search?q=а",
        *(f"/api/{question}" for question in QUESTIONS),
        *(f"/api/values/{measure.code}" for measure in OF_TERRITORIES),
        *(f"/api/{register}" for register in REGISTERS),
        *(f"/api/{register}/{entry}" for register, entry in ids.items()),
        *(f"/api/card/{register.removesuffix('s')}/{ids[register]}" for register in REGISTERS[:4]),
    ]


def test_an_empty_database_has_its_pages(database: Database) -> None:
    """Nothing was ever loaded: no page breaks, and the map says what is missing."""
    from api.app import create_app

    client = TestClient(create_app(database), base_url="http://localhost", raise_server_exceptions=False)
    for address in (
        "/",
        "/map/coverage",
        "/map/gaps",
        "/map/participation",
        "/near",
        "/near?view=list&lat=1&lon=1",
        "/tos",
        "/districts",
        "/data",
        "/docs",
        "/en/",
        "/near?q=a",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
    for address in ("/map/coverage/table", "/api/coverage", "/api/values/needs_open"):
        assert client.get(address).status_code == 404, address
    for address in ("/api/projects", "/api/territories", "/tiles", "/api/indicators", "/api/search?q=a", "/readyz"):
        assert client.get(address).status_code == 200, address
