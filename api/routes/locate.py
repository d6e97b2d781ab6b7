"""In which territories does a point lie, and how certain is that?"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.deps import Lat, Lon, On, Reading, Visit
from api.frame import look
from api.geocoder import Addresses, folders
from api.here import TerritoryHere, shown
from geo.geocode.nearest import Nearest
from geo.store.locate import locate

router = APIRouter(tags=["places"])


class NearestAddress(BaseModel):
    """The nearest known address."""

    label: str
    lat: float
    lon: float
    distance_m: float


class Here(BaseModel):
    """Every territory at a point by kind, and the nearest known address (null: none within 200 m)."""

    lat: float
    lon: float
    on: date | None
    nearest_address: NearestAddress | None
    territories: list[TerritoryHere]


@router.get("/api/locate", response_model=Here, summary="In which territories does a point lie?")
def locate_point(visit: Reading, lat: Lat, lon: Lon, on: On = None) -> Response:
    return visit.json(lambda: {
        "lat": lat, "lon": lon, "on": on,
        "territories": [shown(found, visit.lang) for found in locate(visit.connection, lat, lon, on)],
        "nearest_address": nearest(visit, lat, lon),
    })  # fmt: skip


def nearest(visit: Visit, lat: float, lon: float) -> Nearest | None:
    """The nearest address in the lists of this installation."""
    addresses: Addresses = visit.request.app.state.addresses
    return addresses.by_place(folders(look(visit))).nearest(lat, lon)
