"""What does one map tile hold? Any layer as a Mapbox vector tile, made by PostGIS from published views.

Territory layers carry shapes and names and are immutable under their version `<number>-<day>`: the number grows when a
boundary of the kind changes, the day is that of the last change of shapes at or before the day asked for. Entry layers
carry single entries at street zooms and grid groups with counts below, so that a tile never holds a city's points.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, NotFound
from geo.registers import BY_NAME
from geo.store.bands import band_of
from geo.vocabulary import TerritoryKind

MIN_ZOOM, MAX_ZOOM = 0, 17
BACKDROP = "context"
SINGLE_FROM_ZOOM = 13  # tile zoom at which entries stand alone
GROUPS = 16  # grid cells along a tile's side
COARSE_EXTENT, FINE_EXTENT, FINE_FROM_ZOOM = 1024, 2048, 12
# of a tile: how far outlines and symbols of neighbours reach into it
AREA_BUFFER, SYMBOL_BUFFER = 1 / 64, 1 / 16

AREAS = """
WITH frame AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box,
                      ST_Transform(ST_Expand(ST_TileEnvelope(:z, :x, :y), :margin), 4326) AS around)
SELECT ST_AsMVT(f, :layer, :extent, 'shape', 'id') FROM (
  SELECT b.id, b.name, b.names ->> 'en' AS name_en,
         ST_AsMVTGeom(ST_Transform(b.geom, 3857), frame.box, :extent, :buffer, true) AS shape
  FROM published.boundary b, frame
  WHERE b.kind = :layer AND b.valid @> CAST(:day AS date) AND b.geom && frame.around
  ORDER BY b.id
) f WHERE shape IS NOT NULL
"""
# from afar the simplified shapes serve; where hundreds crowd a tile no name fits on it, and the one pointed at is
# asked for by itself
NAMED_UP_TO = 300
BANDED = """
WITH frame AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Expand(ST_TileEnvelope(:z, :x, :y), :margin) AS around)
SELECT ST_AsMVT(f, :layer, :extent, 'shape', 'id') FROM (
  SELECT b.id, CASE WHEN count(*) OVER () <= :named THEN b.name END AS name,
         CASE WHEN count(*) OVER () <= :named THEN b.names ->> 'en' END AS name_en,
         ST_AsMVTGeom(d.geom, frame.box, :extent, :buffer, true) AS shape
  FROM frame JOIN published.boundary_band d ON d.zoom = :band AND d.geom && frame.around
  JOIN published.boundary b ON b.id = d.boundary_id AND b.kind = :layer AND b.valid @> CAST(:day AS date)
  ORDER BY b.id
) f WHERE shape IS NOT NULL
"""
# the backdrop: thin things only where they can be told apart
CONTEXT = """
WITH frame AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box,
                      ST_Transform(ST_Expand(ST_TileEnvelope(:z, :x, :y), :margin), 4326) AS around,
                      40075016.7 / 2 ^ :z / 512 AS pixel)
SELECT ST_AsMVT(f, :layer, :extent, 'shape', 'id') FROM (
  SELECT c.id, c.context_kind AS k,
         ST_AsMVTGeom(ST_SimplifyPreserveTopology(ST_Transform(c.geom, 3857), pixel / 2), frame.box,
                      :extent, :buffer, true) AS shape
  FROM published.context_feature c, frame
  WHERE c.geom && frame.around AND (:z >= 9 OR c.context_kind IN ('water', 'green'))
  ORDER BY c.id
) f WHERE shape IS NOT NULL
"""
SINGLES = """
WITH frame AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box,
                      ST_Transform(ST_Expand(ST_TileEnvelope(:z, :x, :y), :margin), 4326) AS around)
SELECT ST_AsMVT(f, :layer, :extent, 'shape', 'id') FROM (
  SELECT p.entry_id AS id, p.status AS s, p.theme AS t,
         ST_AsMVTGeom(ST_Transform(p.geom, 3857), frame.box, :extent, :buffer, true) AS shape
  FROM published.place p, frame
  WHERE p.register = '{register}' AND p.geom && frame.around
  ORDER BY p.id LIMIT 5000
) f WHERE shape IS NOT NULL
"""
# groups are cells of a grid that runs on across tile borders, so neighbouring tiles agree about a group
GROUPED = """
WITH frame AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, 40075016.68557849 / 2 ^ :z / :groups AS side,
                      ST_Transform(ST_Expand(ST_TileEnvelope(:z, :x, :y), :margin), 4326) AS around),
points AS (
  SELECT p.entry_id, p.status, p.theme, ST_Transform(ST_PointOnSurface(p.geom), 3857) AS point
  FROM published.place p, frame WHERE p.register = '{register}' AND p.geom && frame.around
), cells AS (
  SELECT floor(ST_X(point) / side)::int AS i, floor(ST_Y(point) / side)::int AS j, count(*)::int AS n,
         count(*) FILTER (WHERE status = ANY (:done))::int AS d, min(entry_id) AS id, min(status) AS s, min(theme) AS t,
         ST_SetSRID(ST_MakePoint(avg(ST_X(point)), avg(ST_Y(point))), 3857) AS centre
  FROM points, frame GROUP BY 1, 2
)
SELECT ST_AsMVT(f, :layer, :extent, 'shape', 'id') FROM (
  SELECT CASE WHEN n = 1 THEN id END AS id, CASE WHEN n = 1 THEN s END AS s, CASE WHEN n = 1 THEN t END AS t,
         CASE WHEN n > 1 THEN n END AS n, CASE WHEN n > 1 THEN d END AS d,
         ST_AsMVTGeom(centre, frame.box, :extent, :buffer, true) AS shape
  FROM cells, frame ORDER BY i, j
) f WHERE shape IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Version:
    """The address of a layer's tiles from a day on."""

    since: date | None
    token: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer with its bounds (west, south, east, north in degrees) and versions, the newest last."""

    name: str
    bounds: tuple[float, float, float, float]
    versions: tuple[Version, ...]

    def at(self, day: date) -> str:
        """The version token that shows the layer on a day."""
        fitting = [version for version in self.versions if version.since is None or version.since <= day]
        return (fitting or list(self.versions))[-1].token


def layers(connection: Connection) -> dict[str, Layer]:
    """All layers that have something to show."""
    numbers = {row[0]: row[1] for row in connection.execute(text("SELECT layer, version FROM published.layer_version"))}
    return area_layers(connection, numbers) | entry_layers(connection, numbers) | backdrop_layer(connection)


def area_layers(connection: Connection, numbers: dict[str, int]) -> dict[str, Layer]:
    rows = connection.execute(
        text(
            "SELECT kind, ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e), days FROM ("
            " SELECT b.kind, ST_Extent(b.geom) AS e, (SELECT array_agg(DISTINCT d ORDER BY d)"
            "  FROM published.boundary c, LATERAL (VALUES (c.valid_from), (c.valid_to + 1)) AS v (d)"
            "  WHERE c.kind = b.kind AND d IS NOT NULL) AS days"
            " FROM published.boundary b GROUP BY b.kind) k"
        )
    )
    found = {}
    for kind, west, south, east, north, days in rows:
        number = numbers.get(kind, 0)
        versions = (Version(None, f"{number}-0"), *(Version(day, f"{number}-{day:%Y%m%d}") for day in days or ()))
        found[kind] = Layer(kind, (west, south, east, north), versions)
    return found


def entry_layers(connection: Connection, numbers: dict[str, int]) -> dict[str, Layer]:
    rows = connection.execute(
        text("SELECT register, ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ("
             " SELECT register, ST_Extent(geom) AS e FROM published.place WHERE geom IS NOT NULL GROUP BY register) r")
    )  # fmt: skip
    return {
        register: Layer(register, (west, south, east, north), (Version(None, str(numbers.get(register, 0))),))
        for register, west, south, east, north in rows
    }


def backdrop_layer(connection: Connection) -> dict[str, Layer]:
    """The backdrop, when one was loaded; its version is that of the newest load."""
    west, south, east, north, version = connection.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e), run"
            " FROM (SELECT ST_Extent(geom) AS e, max(import_run_id) AS run FROM published.context_feature) c"
        )
    ).one()
    if version is None:
        return {}
    return {BACKDROP: Layer(BACKDROP, (west, south, east, north), (Version(None, str(version)),))}


def tile(connection: Connection, layer: str, version: str, z: int, x: int, y: int) -> bytes:
    """The bytes of one tile (empty when nothing is there).

    Raises NotFound for a layer, version or tile address that does not exist.
    """
    if not MIN_ZOOM <= z <= MAX_ZOOM or not (0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(
            N_("There is no such tile."), remedy=N_("Zooms go from {low} to {high}."), low=MIN_ZOOM, high=MAX_ZOOM
        )
    buffer = AREA_BUFFER if layer in (*TerritoryKind.codes(), BACKDROP) else SYMBOL_BUFFER
    extent = FINE_EXTENT if z >= FINE_FROM_ZOOM else COARSE_EXTENT
    values: dict[str, Any] = {
        "z": z, "x": x, "y": y, "layer": layer, "extent": extent, "buffer": int(extent * buffer),
        "margin": 40_075_016.7 / 2**z * buffer,
    }  # fmt: skip
    if layer in TerritoryKind.codes():
        band = band_of(z)
        asked = {**values, "day": day_of(version), "band": band, "named": NAMED_UP_TO}
        return run(connection, AREAS if band is None else BANDED, asked)
    if layer == BACKDROP:
        return run(connection, CONTEXT, values)
    if layer not in BY_NAME or not BY_NAME[layer].on_map:
        raise NotFound(N_("There is no layer {layer}."), remedy=N_("/tiles lists the layers."), layer=layer)
    if z >= SINGLE_FROM_ZOOM:
        return run(connection, SINGLES.format(register=layer), values)
    done = list(BY_NAME[layer].done)
    # a group is only whole when every cell that touches the frame is read whole: one more cell all round
    return run(
        connection,
        GROUPED.format(register=layer),
        {**values, "groups": GROUPS, "done": done, "margin": values["margin"] * 2},
    )


def day_of(version: str) -> date:
    """The day a territory layer's version token stands for; NotFound for text that is no token."""
    number, _, day = version.partition("-")
    try:
        if not number.isdigit():
            raise ValueError(number)
        return date.min if day == "0" else date.fromisoformat(day)
    except ValueError as error:
        raise NotFound(
            N_("There is no version {version} of this layer."), remedy=N_("/tiles lists the layers."), version=version
        ) from error


def run(connection: Connection, statement: str, values: dict[str, Any]) -> bytes:
    return bytes(connection.scalar(text(statement), values) or b"")
