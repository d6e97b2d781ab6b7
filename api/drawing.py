"""How does a drawing become a boundary? As a file of one feature, through the pipeline every file goes through.

A check is a trial load, so it says exactly what saving would say; saving is a load like any other: with history, and
taken back as a whole.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from fastapi import Request as Asked
from pydantic import BaseModel, Field
from shapely.geometry.base import BaseGeometry

from api.geocoder import Addresses, folders
from geo.analysis import tally
from geo.errors import N_, BadInput, Message
from geo.geocode.engine import Geocoder
from geo.geocode.scope import Scope
from geo.ingest import drafting, mend, pipeline
from geo.ingest.difference import residents_in
from geo.ingest.findings import Finding
from geo.ingest.house_list import House, find_houses, known_houses
from geo.ingest.incoming import shape_of
from geo.ingest.outline import areas_m2
from geo.ingest.pipeline import Loaded
from geo.ingest.request import Request
from geo.ingest.values import Wrong
from geo.store import drawing as store
from geo.store.account import Account
from geo.store.engine import Connection, Database
from geo.store.overview import overview
from geo.vocabulary import BoundaryPrecision, TerritoryKind, TosLevel, TosStatus
from maps.text import translate

# who drew is in the run; the source is the service itself
SOURCE = "Границы, нарисованные в «Округе»"
KINDS = (
    TerritoryKind.TOS_TERRITORY,
    TerritoryKind.MICRODISTRICT,
    TerritoryKind.CIVIC_DISTRICT,
    TerritoryKind.ELECTORAL_DISTRICT,
)
# fewer residents than this are not told even to stewards
LEAST_RESIDENTS = 20
# around the houses: where others may stand in the way, and lines may bound a block; degrees
NEAR = 0.01


class Drawing(BaseModel):
    """What the page of the boundary maker sends. `code` is set for a new version of a territory that exists."""

    form: str = Field("", max_length=100)
    kind: TerritoryKind = TerritoryKind.TOS_TERRITORY
    code: str = Field("", max_length=100)
    name: str = Field("", max_length=500)
    parent: str = Field("", max_length=100)
    tos_status: TosStatus = TosStatus.ACTIVE
    tos_level: TosLevel | None = None
    valid_from: date | None = None
    act: str = Field("", max_length=2_000)
    act_on: date | None = None
    legal_text: str = Field("", max_length=50_000)
    precision: BoundaryPrecision = BoundaryPrecision.APPROXIMATE
    geometry: dict[str, Any] | None = None
    houses: list[tuple[float, float]] = Field(default_factory=list, max_length=5_000)
    mends: list[str] = Field(default_factory=list, max_length=50)


class HouseList(BaseModel):
    """A pasted list of houses or streets, and how a draft is to be made of it."""

    form: str = Field("", max_length=100)
    kind: TerritoryKind = TerritoryKind.TOS_TERRITORY
    code: str = Field("", max_length=100)
    parent: str = Field("", max_length=100)
    houses: str = Field("", max_length=50_000)
    way: str = Field("houses", pattern="^(houses|blocks)$")
    margin_m: float = Field(drafting.MARGIN_M, ge=5, le=200)


# --- drafting ---------------------------------------------------------------------------------------------------------


def drafted(asked: Asked, database: Database, wanted: HouseList, lang: str) -> dict[str, Any]:
    """The houses found and not found, and a first shape around them."""
    with database.reading() as connection:
        geocoder = geocoder_of(asked, connection)
        parent = store.newest_shape(connection, wanted.parent) if wanted.parent else None
        scope = Scope(name=wanted.parent, polygon=parent) if parent is not None else None
        found = find_houses(geocoder, wanted.houses, scope)
        points = np.array([(house.lon, house.lat) for house in found if house.lat is not None]).reshape(-1, 2)
        draft = draft_of(connection, geocoder, wanted, points, parent)
    return {
        "geometry": None if draft.shape is None else json.loads(shapely.to_geojson(draft.shape)),
        "notes": [translate(note, lang) for note in draft.notes],
        "found": [{"text": h.text, "lat": h.lat, "lon": h.lon} for h in found if h.lat is not None],
        "missing": [{"text": h.text, "why": why_of(h, lang)} for h in found if h.lat is None],
        "precision": (BoundaryPrecision.WORDS if wanted.way == "blocks" else BoundaryPrecision.HOUSE_LIST).value,
    }


def geocoder_of(asked: Asked, connection: Connection) -> Geocoder:
    """The geocoder of the process."""
    known: Addresses = asked.app.state.addresses
    return known.geocoder(folders(overview(connection)))


def draft_of(
    connection: Connection, geocoder: Geocoder, wanted: HouseList, points: drafting.Points,
    parent: BaseGeometry | None,
) -> drafting.Draft:  # fmt: skip
    """A draft in the wanted way."""
    if len(points) == 0:
        return drafting.NO_HOUSES
    near = shapely.buffer(shapely.box(*points.min(axis=0), *points.max(axis=0)), NEAR)
    if wanted.way == "blocks":
        draft = drafting.blocks(points, store.lines(connection, near), parent=parent)
    else:
        draft = drafting.around_houses(
            points, known_houses(geocoder, *near.bounds), parent=parent, margin_m=wanted.margin_m
        )
    if draft.shape is None or wanted.kind is not TerritoryKind.TOS_TERRITORY:
        return draft
    return drafting.kept_off(draft, store.taken(connection, wanted.kind.value, draft.shape, wanted.code))


def why_of(house: House, lang: str) -> str:
    return translate(house.why, lang) if isinstance(house.why, Message) else str(house.why)


# --- checking and saving ----------------------------------------------------------------------------------------------


@contextmanager
def as_file(drawing: Drawing, shape: BaseGeometry) -> Iterator[Path]:
    """The drawing as a GeoJSON file of one feature."""
    with tempfile.TemporaryDirectory(prefix="okruga-drawing-") as folder:
        path = Path(folder) / "drawing.geojson"
        feature = {
            "type": "Feature",
            "properties": properties(drawing),
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
        yield path


def properties(drawing: Drawing) -> dict[str, str]:
    """What the feature states; what is empty is left out."""
    said = {
        "code": drawing.code,
        "name": drawing.name,
        "valid_from": str(drawing.valid_from or ""),
        "legal_act": drawing.act,
        "legal_act_on": str(drawing.act_on or ""),
        "legal_text": drawing.legal_text,
        "precision": drawing.precision.value,
    }
    if drawing.kind is TerritoryKind.TOS_TERRITORY:
        said |= {
            "tos_status": drawing.tos_status.value,
            "tos_level": drawing.tos_level.value if drawing.tos_level else "",
        }
    return {name: value for name, value in said.items() if value}


def drawn_shape(drawing: Drawing) -> BaseGeometry:
    """The drawn shape. Raises BadInput when there is none."""
    try:
        shape = shape_of(drawing.geometry)
    except Wrong as wrong:
        raise BadInput(wrong.message.msgid, remedy=wrong.remedy.msgid, **wrong.message.params) from None
    if shape is None or shape.is_empty:
        raise BadInput(N_("Nothing is drawn yet."), remedy=N_("Draw the boundary, or let it be drafted from houses."))
    return shape


def loaded(database: Database, drawing: Drawing, account: Account, *, commit: bool) -> Loaded:
    """The drawing through the pipeline; written with `commit`."""
    with as_file(drawing, drawn_shape(drawing)) as path:
        request = Request(
            path=path, register="boundaries", kind=drawing.kind, file_name=f"{drawing.name or drawing.code}.geojson",
            parent=drawing.parent, source=SOURCE, partial=True, web=True, actor=account.login, account_id=account.id,
            crs="EPSG:4326", mends=tuple(drawing.mends),
        )  # fmt: skip
        return pipeline.load(database, request, commit=commit)


def checked(asked: Asked, database: Database, drawing: Drawing, account: Account, lang: str) -> dict[str, Any]:
    """What loading the drawing would say, and what lies in it."""
    found = loaded(database, drawing, account, commit=False)
    shape = mended_shape(found) or drawn_shape(drawing)
    with database.writing(account.login) as connection:
        facts = facts_of(asked, connection, shape, drawing.houses)
    return {**told(found, lang), **facts, "mended": json.loads(shapely.to_geojson(shape)) if drawing.mends else None}


def mended_shape(found: Loaded) -> BaseGeometry | None:
    """The shape after the mends that were asked for."""
    return next((f.geometry for f in reversed(found.report.findings.kept) if f.code == "mended"), None)


def facts_of(
    asked: Asked, connection: Connection, shape: BaseGeometry, listed: list[tuple[float, float]]
) -> dict[str, Any]:
    """Area, residents, listed houses outside, and how many known houses inside are not on the list."""
    sound = shapely.make_valid(shape)
    residents = residents_in(connection, [sound])[0]
    houses = known_houses(geocoder_of(asked, connection), *sound.bounds)
    shapely.prepare(sound)
    inside = int(shapely.contains_xy(sound, houses).sum()) if len(houses) else 0
    points = np.array(listed, dtype=np.float64).reshape(-1, 2)
    outside = np.flatnonzero(~shapely.contains_xy(sound, points)).tolist() if len(points) else []
    return {
        "area_m2": round(float(areas_m2(np.array([sound], dtype=object))[0])),
        "residents": residents if residents is None or residents >= LEAST_RESIDENTS or residents == 0 else None,
        "few_residents": residents is not None and 0 < residents < LEAST_RESIDENTS,
        "houses_inside": inside,
        "listed_outside": outside,
    }


def told(found: Loaded, lang: str) -> dict[str, Any]:
    """A load as the page shows it."""
    report = found.report
    return {
        "rejected": report.rejected,
        "new": report.changes["new"],
        "changed": report.changes["changed"],
        "findings": [finding_json(finding, lang) for finding in report.findings],
    }


def finding_json(finding: Finding, lang: str) -> dict[str, Any]:
    """A finding with its shape and its mends in words."""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "message": translate(finding.message, lang),
        # on the page a parent is chosen, not stated as an option of a command
        "remedy": translate(finding.remedy, lang) if finding.remedy.msgid and finding.code != "parent_found" else "",
        "area_m2": finding.area_m2,
        "geometry": None if finding.geometry is None else json.loads(shapely.to_geojson(finding.geometry)),
        "mends": [
            {"id": name, "title": translate(Message(mend.TITLES[name.partition(":")[0]]), lang)}
            for name in finding.mends
        ],
    }


def saved(database: Database, drawing: Drawing, account: Account, lang: str) -> dict[str, Any]:
    """The drawing as a stored boundary, or the findings that stand against it."""
    found = loaded(database, drawing, account, commit=True)
    if found.run is None:
        return {**told(found, lang), "code": "", "run": None}
    tally.settle(database)
    with database.writing(account.login) as connection:
        code = store.made_by(connection, found.run)
    return {**told(found, lang), "code": code, "run": found.run}


def confirmed(database: Database, boundary: int, account: Account, lang: str) -> int:
    """Say that a boundary has been compared with its act: a load that changes its precision only. The run, if any."""
    with database.reading() as connection:
        row = store.version(connection, boundary)
    drawing = Drawing(
        kind=TerritoryKind(row["kind"]), code=row["code"], name=row["name"], valid_from=row["valid_from"],
        tos_status=TosStatus(row["tos_status"] or TosStatus.ACTIVE), tos_level=row["tos_level"],
        precision=BoundaryPrecision.SURVEYED, geometry=json.loads(shapely.to_geojson(shapely.from_wkb(row["shape"]))),
    )  # fmt: skip
    found = loaded(database, drawing, account, commit=True)
    if found.run is None:
        reason = next((translate(f.message, lang) for f in found.report.findings if f.severity.value == "block"), "")
        raise BadInput(N_("The boundary was not confirmed. {reason}"), reason=reason)
    tally.settle(database)
    return found.run
