"""Shapes and symbols of the map: the catalogue of layers, and their vector tiles.

A tile's address holds the version of its layer, so a tile may be kept for ever; it is packed once and then served
without asking the database. A version that is not (any more) the current one is answered too, since an open page may
still ask for it, but nobody may keep that answer.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Reading, TheDatabase
from api.kept import Kept, Packed
from api.packing import pack, packed_answer
from api.tile_layers import catalogue
from geo.analysis.areas import data_version
from geo.registers import BY_NAME
from geo.store.engine import Connection, Database
from geo.store.tiles import MAX_ZOOM, MIN_ZOOM, layers, tile
from geo.vocabulary import TerritoryKind

router = APIRouter(tags=["maps"])
MVT = "application/vnd.mapbox-vector-tile"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"

LayerName = Annotated[str, Path(max_length=40, json_schema_extra={
    "enum": [*TerritoryKind.codes(), *(name for name, register in BY_NAME.items() if register.on_map)]})]  # fmt: skip
VersionToken = Annotated[str, Path(max_length=40, pattern=r"^[0-9]{1,18}(-[0-9]{1,8})?$")]
Zoom = Annotated[int, Path(ge=MIN_ZOOM, le=MAX_ZOOM)]
Index = Annotated[int, Path(ge=0, lt=2**MAX_ZOOM)]


class TileVersion(BaseModel):
    """The version that shows the layer from a day on (null: since always)."""

    model_config = ConfigDict(populate_by_name=True)

    since: date | None = Field(alias="from")
    version: str


class TileLayer(BaseModel):
    """A layer of tiles; `version` shows it as it is today, bounds are west, south, east, north."""

    version: str
    bounds: list[float]
    minzoom: int
    maxzoom: int
    tiles: str
    versions: list[TileVersion]


class TileCatalogue(BaseModel):
    """All layers that have something to show, by name."""

    data_version: int
    layers: dict[str, TileLayer]


@router.get("/tiles", response_model=TileCatalogue, summary="Which layers are there?")
def all_layers(visit: Reading) -> Response:
    return visit.json(lambda: {"data_version": visit.data_version, "layers": catalogue(visit)}, keep=True)


@router.get("/tiles/{layer}/{version}/{z}/{x}/{y}.mvt", response_class=Response, summary="A vector tile", responses={
    200: {"content": {MVT: {"schema": {"type": "string", "format": "binary"}}}}})  # fmt: skip
async def vector_tile(
    request: Request, database: TheDatabase, layer: LayerName, version: VersionToken, z: Zoom, x: Index, y: Index
) -> Response:
    """Mapbox Vector Tile 2.1, one layer; the feature id is the boundary's or the entry's."""
    etag = f'"{layer}-{version}-{z}-{x}-{y}"'
    kept: Kept = request.app.state.kept
    # one that is kept is sent at once; only a new one takes a thread, to wait for the database
    address = (layer, version, z, x, y)
    known = kept.get(address)
    found, lasts = (known, True) if known else await run_in_threadpool(made, request, database, address)
    if not lasts:
        return packed_answer(request, found.body, MVT, {"Cache-Control": ASK_AGAIN})
    headers = {"Cache-Control": FOR_EVER, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return packed_answer(request, found.body, MVT, headers)


def made(request: Request, database: Database, address: tuple[str, str, int, int, int]) -> tuple[Packed, bool]:
    """A tile from the database, and whether its version is the current one, so that it was kept and lasts."""
    with database.reading() as connection:
        found = Packed(pack(tile(connection, *address)), MVT)
        lasts = is_current(request, connection, *address[:2])
    if lasts:
        request.app.state.kept.put(address, found)
    return found, lasts


def is_current(request: Request, connection: Connection, layer: str, version: str) -> bool:
    """Whether the layer has this version now, so that its tiles may be kept."""
    number = data_version(connection)
    known = request.app.state.remembered.of(("layers", number), lambda: layers(connection))
    return layer in known and version in {each.token for each in known[layer].versions}
