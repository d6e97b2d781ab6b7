"""What happens to a stored place when its address was found? It gets a shape, and counts where that shape lies.

A house is a point. A street, area, settlement or district is a place with extent and never a false point: a stored
territory gives its own polygon, the others a circle of the radius the gazetteer knows. Places that may not be shown
exactly show the centre of their hexagon.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.store.place import Placer
from geo.store.replace import store_placed, take_stated
from geo.store.shapes import Shaped, circle, give_shapes, polygons_of
from geo.vocabulary import MatchLevel, PublicPrecision

_WITH_EXTENT = frozenset((MatchLevel.STREET, MatchLevel.AREA, MatchLevel.SETTLEMENT, MatchLevel.DISTRICT))
# how the index calls a place that is a stored territory; listed areas have ids of their own
TERRITORY = "territory:"
# how precisely a place is known that only states a territory of a kind; the others are districts
LEVELS = {
    "settlement": MatchLevel.SETTLEMENT, "tos_territory": MatchLevel.AREA, "microdistrict": MatchLevel.AREA,
    "block": MatchLevel.AREA, "house_group": MatchLevel.AREA, "street": MatchLevel.STREET, "building": MatchLevel.HOUSE,
}  # fmt: skip
# territories that may hold several settlements
_AROUND_SETTLEMENTS = frozenset(("country", "region", "oblast", "rayon", "municipality"))
_ORDER = list(MatchLevel)


def finer(level: MatchLevel, stated: str) -> bool:
    """Whether a place found by its address says more than the territory stated beside it (a kind, "" for none).

    >>> finer(MatchLevel.HOUSE, "civic_district"), finer(MatchLevel.SETTLEMENT, "civic_district")
    (True, False)
    """
    if not stated or level not in _WITH_EXTENT:
        return True
    if level == MatchLevel.SETTLEMENT:
        return stated in _AROUND_SETTLEMENTS
    return _ORDER.index(level) < _ORDER.index(LEVELS.get(stated, MatchLevel.DISTRICT))


def territory_of(place_id: str) -> str:
    """The code of the stored territory an answer or candidate is; empty for any other place.

    >>> territory_of("territory:tos-zarya"), territory_of("a12")
    ('tos-zarya', '')
    """
    return place_id.removeprefix(TERRITORY) if place_id.startswith(TERRITORY) else ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a text was placed; `territory` is the code of a stored territory that it is, if it is one."""

    level: MatchLevel
    lat: float
    lon: float
    radius_m: float
    territory: str = ""

    @property
    def shape(self) -> BaseGeometry:
        """A point, or a circle for what is known only with extent (WGS 84 degrees)."""
        point = shapely.Point(self.lon, self.lat)
        if self.level not in _WITH_EXTENT:
            return point
        return circle(self.lat, self.lon, self.radius_m)


def spot_of(choice: Mapping[str, Any]) -> Spot:
    """Where a stored candidate lies."""
    lat, lon, radius = (float(choice[name]) for name in ("lat", "lon", "radius_m"))
    return Spot(MatchLevel(choice["level"]), lat, lon, radius, territory_of(str(choice["place_id"])))


def move_places(connection: Connection, moves: Sequence[tuple[int, Spot | None]]) -> None:
    """Give places the shape that was found (None: take it away again) and place them among the boundaries anew."""
    if not moves:
        return
    exact = _exact_ones(connection, [place for place, _ in moves])
    found = [(place, spot) for place, spot in moves if spot is not None and place in exact]
    shapes = shapes_of(connection, [spot for _, spot in found])
    give_shapes(
        connection,
        [
            Shaped(place, shape, spot.level.value, exact[place])
            for (place, spot), shape in zip(found, shapes, strict=True)
        ],
    )
    lost = [place for place, spot in moves if spot is None and place in exact]
    _clear(connection, lost)
    if found:
        placer = Placer.load(connection)
        ids = np.array([place for place, _ in found], np.int64)
        flags = np.array([exact[place] for place, _ in found], bool)
        store_placed(connection, placer, ids, placer.place(np.array(shapes, dtype=object)), flags)
    take_stated(connection, [place for place, _ in moves])


def heeding_statements(
    connection: Connection, moves: Sequence[tuple[int, Spot | None]]
) -> list[tuple[int, Spot | None]]:
    """The moves that say more than what the places state; nothing is taken from a place that has no shape.

    For answers of the geocoder; what a person decides needs no such check.
    """
    rows = connection.execute(
        text(
            "SELECT p.id, p.geom IS NULL AS bare, coalesce(t.kind, '') AS kind FROM okruga.place p"
            " LEFT JOIN okruga.territory t ON t.id = p.stated_territory_id WHERE p.id = ANY (:ids)"
        ),
        {"ids": [int(place) for place, _ in moves]},
    )
    stored = {int(row.id): row for row in rows}
    return [
        (place, spot)
        for place, spot in moves
        if place in stored and (not stored[place].bare if spot is None else finer(spot.level, stored[place].kind))
    ]


def _exact_ones(connection: Connection, places: Sequence[int]) -> dict[int, bool]:
    """Which of the places may be shown exactly; places that are gone are left out."""
    rows = connection.execute(
        text("SELECT id, public_precision = :exact AS exact FROM okruga.place WHERE id = ANY (:ids) FOR UPDATE"),
        {"ids": [int(place) for place in places], "exact": PublicPrecision.EXACT.value},
    )
    return {int(row.id): bool(row.exact) for row in rows}


def shapes_of(connection: Connection, spots: Sequence[Spot]) -> list[BaseGeometry]:
    """The shape of each spot (WGS 84 degrees): a stored territory gives its own polygon."""
    polygons = polygons_of(connection, [spot.territory for spot in spots if spot.territory])
    return [polygons.get(spot.territory, spot.shape) for spot in spots]


def _clear(connection: Connection, places: Sequence[int]) -> None:
    if places:
        connection.execute(
            text(
                "UPDATE okruga.place p SET geom = NULL, public_geom = NULL, hex_8 = NULL, match_level = coalesce("
                " (SELECT coalesce(CAST(:levels AS jsonb) ->> t.kind, 'district') FROM okruga.territory t"
                "  WHERE t.id = p.stated_territory_id), 'none'),"
                " placed = '{}', public_placed = '{}', certainty = 'no_polygon' WHERE id = ANY (:ids)"
            ),
            {"ids": list(places), "levels": json.dumps({kind: level.value for kind, level in LEVELS.items()})},
        )
        connection.execute(text("DELETE FROM okruga.placement WHERE place_id = ANY (:ids)"), {"ids": list(places)})
