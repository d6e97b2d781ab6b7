"""What does somebody who draws a boundary need around the drawing? Neighbours, what is taken, lines of streets."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.errors import N_, NotFound
from geo.vocabulary import BoundaryPrecision

MOST_AROUND = 80
MOST_UNCONFIRMED = 500
MOST_CHOICES = 3_000
LINES = ("main", "rail", "stream", "water")


def around(
    connection: Connection, kind: str, box: tuple[float, float, float, float], without: str = ""
) -> list[dict[str, Any]]:
    """Code, name, kind and shape (GeoJSON text) of territories of a kind, and of municipalities, whose borders may be
    snapped to; box is west, south, east, north in degrees."""
    rows = connection.execute(
        text(
            "SELECT code, name, kind, ST_AsGeoJSON(geom, 7) AS geometry FROM published.boundary"
            " WHERE kind IN (:kind, 'municipality') AND valid @> CURRENT_DATE AND code <> :without"
            " AND tos_status IS DISTINCT FROM 'dissolved'"
            " AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY kind DESC, code LIMIT :most"
        ),
        {
            "kind": kind, "without": without, "west": box[0], "south": box[1], "east": box[2], "north": box[3],
            "most": MOST_AROUND,
        },
    )  # fmt: skip
    return [dict(row) for row in rows.mappings()]


def taken(connection: Connection, kind: str, near: BaseGeometry, without: str = "") -> list[BaseGeometry]:
    """Shapes of the territories of a kind that hold today and touch the box of a shape."""
    rows = connection.scalars(
        text(
            "SELECT ST_AsBinary(geom) FROM published.boundary WHERE kind = :kind AND code <> :without"
            " AND valid @> CURRENT_DATE AND tos_status IS DISTINCT FROM 'dissolved'"
            " AND geom && ST_SetSRID(CAST(:near AS geometry), 4326)"
        ),
        {"kind": kind, "without": without, "near": shapely.to_wkb(shapely.box(*near.bounds), hex=True)},
    ).all()
    return list(shapely.from_wkb(np.array(rows, dtype=object)))


def lines(connection: Connection, near: BaseGeometry) -> list[BaseGeometry]:
    """Stored lines that may bound a block: main streets, railways, streams, outlines of water."""
    rows = connection.scalars(
        text(
            "SELECT ST_AsBinary(CASE WHEN ST_Dimension(geom) = 2 THEN ST_Boundary(geom) ELSE geom END)"
            " FROM published.context_feature WHERE context_kind = ANY (:kinds) AND ST_Dimension(geom) > 0"
            " AND geom && ST_SetSRID(CAST(:near AS geometry), 4326)"
        ),
        {"kinds": list(LINES), "near": shapely.to_wkb(shapely.box(*near.bounds), hex=True)},
    ).all()
    return list(shapely.from_wkb(np.array(rows, dtype=object)))


def newest_shape(connection: Connection, code: str) -> BaseGeometry | None:
    """The newest shape of a territory; None when it has none. Raises NotFound for a code that is not there."""
    rows = connection.execute(
        text(
            "SELECT ST_AsBinary(b.geom) AS shape FROM published.territory t"
            " LEFT JOIN published.boundary b ON b.territory_id = t.id WHERE t.code = :code"
            " ORDER BY b.valid DESC LIMIT 1"
        ),
        {"code": code},
    ).all()
    if not rows:
        raise NotFound(N_("There is no territory {code}."), code=code)
    return None if rows[0].shape is None else shapely.from_wkb(rows[0].shape)


def choices(connection: Connection, kind: str) -> list[dict[str, Any]]:
    """Code, name and parent of the territories of a kind, by name; at most 3 000."""
    rows = connection.execute(
        text(
            "SELECT t.code, t.name, t.parent, t.tos_status, t.tos_level FROM published.territory t"
            " WHERE t.kind = :kind ORDER BY t.name, t.code LIMIT :most"
        ),
        {"kind": kind, "most": MOST_CHOICES},
    )
    return [dict(row) for row in rows.mappings()]


def unconfirmed(connection: Connection) -> list[dict[str, Any]]:
    """Boundary versions that hold today and were drawn from a list, from words or roughly; newest first."""
    rows = connection.execute(
        text(
            "SELECT b.id, b.code, b.name, b.kind, b.valid_from, b.area_m2, b.precision, b.legal_act, b.legal_act_on,"
            " b.legal_text FROM published.boundary b WHERE b.precision <> :surveyed AND b.valid @> CURRENT_DATE"
            " ORDER BY b.id DESC LIMIT :most"
        ),
        {"surveyed": BoundaryPrecision.SURVEYED.value, "most": MOST_UNCONFIRMED},
    )
    return [dict(row) for row in rows.mappings()]


def version(connection: Connection, boundary: int) -> dict[str, Any]:
    """A boundary version with its territory, as a load would state it. Raises NotFound."""
    row = connection.execute(
        text(
            "SELECT b.code, b.kind, b.name, b.valid_from, b.tos_status, b.tos_level, b.precision,"
            " ST_AsBinary(b.geom) AS shape FROM published.boundary b WHERE b.id = :id"
        ),
        {"id": boundary},
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(N_("There is no boundary {number}."), number=boundary)
    return dict(row)


def made_by(connection: Connection, run: int) -> str:
    """The code of the territory whose boundary a run wrote."""
    return str(connection.scalar(
        text("SELECT t.code FROM okruga.boundary b JOIN okruga.territory t ON t.id = b.territory_id"
             " WHERE b.import_run_id = :run ORDER BY b.id DESC LIMIT 1"),
        {"run": run},
    ) or "")  # fmt: skip
