"""In which territories does a point lie, and how certain is that?"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.deps import Lat, Lon, On, Reading
from api.here import TerritoryHere, shown
from geo.store.locate import locate

router = APIRouter(tags=["places"])


class Here(BaseModel):
    """Every territory at a point by kind."""

    lat: float
    lon: float
    on: date | None
    territories: list[TerritoryHere]


@router.get("/api/locate", response_model=Here, summary="In which territories does a point lie?")
def locate_point(visit: Reading, lat: Lat, lon: Lon, on: On = None) -> Response:
    return visit.json(lambda: {
        "lat": lat, "lon": lon, "on": on,
        "territories": [shown(found, visit.lang) for found in locate(visit.connection, lat, lon, on)],
    })  # fmt: skip
