"""Which addresses does the service have, with real values of the model town in them?"""

from __future__ import annotations

from fastapi.testclient import TestClient

QUESTIONS = ("coverage", "gaps", "participation")
REGISTERS = ("projects", "needs", "events", "organisations", "observations")


def first_id(client: TestClient, register: str) -> int:
    """The id of the first entry of a register."""
    items = client.get(f"/api/{register}?limit=1").json()["items"]
    assert items, f"the model town has no {register}"
    return int(items[0]["id"])


def program_addresses(client: TestClient) -> list[str]:
    """Every address of the API that answers 200, one example each."""
    tiles = client.get("/tiles").json()["layers"]
    return [
        *(f"/api/{question}" for question in QUESTIONS),
        "/api/coverage?format=csv",
        "/api/comparison?territory=d1&territory=d2",
        "/api/equity",
        "/api/siting?sites=1",
        "/api/what-if?point=51.678,47.62",
        "/api/published",
        "/api/hexagons",
        "/api/snapshots",
        "/api/indicators",
        "/api/indicators/needs_open",
        "/api/rows/needs_open?territory=d1",
        "/api/values/tos_population_share",
        "/api/territories",
        "/api/territories/d1",
        "/api/territories/d1?geometry=true&on=2024-01-01",
        "/api/locate?lat=51.678&lon=47.62",
        "/api/near?lat=51.678&lon=47.62&radius=5000",
        "/api/near?lat=51.678&lon=47.62&radius=5000&by=foot",
        "/api/search?q=парк",
        "/api/geocode?q=51.678,47.62",
        "/api/aggregate?register=projects&by=status",
        "/api/card/civic_district/d1",
        *(f"/api/card/{register.removesuffix('s')}/{first_id(client, register)}" for register in REGISTERS[:4]),
        *(f"/api/{register}" for register in REGISTERS),
        *(f"/api/{register}/{first_id(client, register)}" for register in REGISTERS),
        "/tiles",
        f"/tiles/civic_district/{tiles['civic_district']['version']}/3/5/2.mvt",
        f"/tiles/need/{tiles['need']['version']}/14/10359/5435.mvt",
        "/healthz",
        "/readyz",
        "/version",
        "/openapi.json",
    ]


def page_addresses(client: TestClient) -> list[str]:
    """Every page that answers 200 without an account, one example each."""
    return [
        "/",
        *(f"/map/{question}" for question in QUESTIONS),
        *(f"/map/{question}/table" for question in QUESTIONS),
        "/comparison?territory=d1&territory=d2",
        "/map/siting?point=51.678,47.62",
        "/snapshots",
        "/near",
        "/near?lat=51.678&lon=47.62",
        "/near?view=list&lat=51.678&lon=47.62",
        "/near?view=list&lat=51.678&lon=47.62&by=foot",
        "/near?q=нет+такого+места",
        "/districts",
        "/districts/d1",
        "/tos",
        "/tos/t1",
        *(f"/{register}/{first_id(client, register)}" for register in REGISTERS),
        "/data",
        *(f"/data/{register}" for register in REGISTERS),
        "/data/needs?measure=needs_open&territory=d1",
        "/districts?family=gaps",
        "/docs",
        *(f"/docs/method/{question}" for question in QUESTIONS),
        "/sign-in",
        "/embed/place/civic_district/d1",
        f"/embed/place/project/{first_id(client, 'projects')}",
    ]
