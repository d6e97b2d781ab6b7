"""How dense is it, in hexagons finer than districts? GeoJSON of H3 cells with counts per km²."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.deps import Reading, ThemeOf
from api.questions import YEAR
from geo.analysis.areas import check_year
from geo.analysis.hexagons import Counted, Hexagon, hexagons
from geo.analysis.questions import default_year

router = APIRouter(tags=["questions"])


@router.get("/api/hexagons", summary="Counts per km² in hexagons")
def hexagon_density(
    visit: Reading,
    counted: Annotated[Counted, Query(description="What is counted.")] = Counted.PARTICIPANTS,
    period: Annotated[str, Query(pattern=YEAR, description="A calendar year.")] = "",
    theme: ThemeOf = None,
) -> Response:
    def answer() -> dict[str, Any]:
        year = check_year(period) if period else default_year(visit.connection)
        cells = hexagons(visit.connection, counted, year, theme)
        return {
            "type": "FeatureCollection", "layer": "hex_cell", "counted": counted.value, "period": str(year),
            "theme": theme, "unit": "per_km2", "data_version": visit.data_version,
            "method": {"chapter": "/docs/method/participation", "reference": "H3, resolution 8"},
            "features": [feature(cell) for cell in cells],
        }  # fmt: skip

    return visit.json(answer, keep=True)


def feature(cell: Hexagon) -> dict[str, Any]:
    """A cell as RFC 7946 writes it."""
    value = cell.value
    return {
        "type": "Feature",
        "id": cell.h3,
        "geometry": {"type": "Polygon", "coordinates": [[*cell.corners, cell.corners[0]]]},
        "properties": {
            "value": value.value, "count": value.numerator, "area_km2": cell.area_km2,
            "missing_reason": value.missing_reason,
        },
    }  # fmt: skip
