"""The boundary maker: a page to draft and draw a boundary, checks while it is drawn, saving; and drafts to confirm."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

import shapely
from fastapi import APIRouter, Body, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import drawing as drawings
from api import language, session
from api.auth import Action, require
from api.boxes import parse_bbox
from api.deps import JSON, PageReading, TheDatabase, Visit, dumps
from api.drawing import KINDS, Drawing, HouseList
from api.frame import frame, look
from api.html import html
from geo.errors import N_, BadInput, Message
from geo.settings import settings
from geo.store import drawing as store
from geo.store.account import Account
from geo.store.engine import Database
from geo.vocabulary import BoundaryPrecision, TerritoryKind
from maps.maker import Choice, Known, Maker, UnconfirmedPage, UnconfirmedRow, build
from maps.pages import render
from maps.text import localise

router = APIRouter(include_in_schema=False)
pages = APIRouter()
PRIVATE = {"Cache-Control": "no-store"}
LIST = "/steward/boundaries"
NEW = f"{LIST}/new"
PARENTS = ("municipality", "region", "settlement")


@pages.get(NEW)
def maker_page(
    visit: PageReading, kind: TerritoryKind = TerritoryKind.TOS_TERRITORY,
    code: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    """The maker; with `code` it opens with the newest shape of that territory."""
    if visit.account is None:
        return to_sign_in(visit, NEW)
    require(visit.account, Action.LOAD)
    drawn = maker(visit, kind if kind in KINDS else KINDS[0], code)
    return html(visit.request, str(build(drawn).get_root().render()), headers=PRIVATE)


def to_sign_in(visit: Visit, path: str) -> RedirectResponse:
    return RedirectResponse(localise("/sign-in?" + urlencode({"next": path}), visit.lang), 303, PRIVATE)


def maker(visit: Visit, kind: TerritoryKind, code: str) -> Maker:
    shape = store.newest_shape(visit.connection, code) if code else None
    parents = [row for each in PARENTS for row in store.choices(visit.connection, each)]
    whole = store.choices(visit.connection, "municipality")
    return Maker(
        lang=visit.lang, bounds=look(visit).bounds if shape is None else shape.bounds, kind=kind, kinds=KINDS,
        form=session.form_token(visit.request), frame=frame(visit),
        parents=tuple(Choice(row["code"], row["name"]) for row in parents),
        known=tuple(
            Known(row["code"], row["name"], row["parent"] or "", row["tos_status"] or "", row["tos_level"] or "")
            for row in store.choices(visit.connection, kind.value)
        ),
        code=code, parent=whole[0]["code"] if len(whole) == 1 else "",
        basemap_url=settings().basemap_url, basemap_attribution=settings().basemap_attribution,
    )  # fmt: skip


@router.get("/api/steward/boundaries/around")
def around(
    request: Request, database: TheDatabase, kind: TerritoryKind, bbox: Annotated[str, Query(max_length=200)],
    code: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Shapes near the drawing, for the pointer to snap to; `shape` of the territory itself when it is named."""
    require(session.account(request, database), Action.LOAD)
    box = parse_bbox(bbox)
    if box is None:
        raise BadInput(N_("The part of the map is not stated."), field="bbox")
    with database.reading() as connection:
        rows = store.around(connection, kind.value, (box.west, box.south, box.east, box.north), code)
        own = store.newest_shape(connection, code) if code else None
    shapes = [{**row, "geometry": json.loads(row["geometry"])} for row in rows]
    told = {"items": shapes, "own": None if own is None else json.loads(shapely.to_geojson(own))}
    return Response(dumps(told), media_type=JSON, headers=PRIVATE)


def who(request: Request, database: Database, form: str) -> Account:
    """The steward who draws; the form must be of this session."""
    account = require(session.account(request, database), Action.LOAD)
    session.check_form(request, form)
    return account


@router.post("/api/steward/boundaries/draft")
def draft(request: Request, database: TheDatabase, wanted: Annotated[HouseList, Body()]) -> Response:
    """A first shape from a list of houses or streets."""
    who(request, database, wanted.form)
    told = drawings.drafted(request, database, wanted, language.of(request))
    return Response(dumps(told), media_type=JSON, headers=PRIVATE)


@router.post("/api/steward/boundaries/check")
def check(request: Request, database: TheDatabase, drawing: Annotated[Drawing, Body()]) -> Response:
    """What loading the drawing would say; nothing is written."""
    account = who(request, database, drawing.form)
    told = drawings.checked(request, database, drawing, account, language.of(request))
    return Response(dumps(told), media_type=JSON, headers=PRIVATE)


@router.post("/api/steward/boundaries/save")
def save(request: Request, database: TheDatabase, drawing: Annotated[Drawing, Body()]) -> Response:
    """Load the drawing."""
    account = who(request, database, drawing.form)
    told = drawings.saved(database, drawing, account, language.of(request))
    return Response(dumps(told), media_type=JSON, headers=PRIVATE)


@pages.get(LIST)
def unconfirmed(
    visit: PageReading, confirmed: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    saved: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:  # fmt: skip
    """Boundaries that are approximate until a steward has compared them with the act."""
    if visit.account is None:
        return to_sign_in(visit, LIST)
    require(visit.account, Action.LOAD)
    said: Message | str = ""
    if confirmed:
        said = Message(N_("The boundary is confirmed (load {run})."), {"run": confirmed})
    elif saved:
        said = Message(N_("The boundary is saved (load {run}); it can be taken back on the data desk."), {"run": saved})
    rows = tuple(
        UnconfirmedRow(
            id=row["id"], code=row["code"], name=row["name"], kind=TerritoryKind(row["kind"]),
            precision=BoundaryPrecision(row["precision"]), valid_from=row["valid_from"], area_m2=row["area_m2"],
            act=row["legal_act"] or "", act_on=row["legal_act_on"], legal_text=row["legal_text"] or "",
        )
        for row in store.unconfirmed(visit.connection)
    )  # fmt: skip
    page = UnconfirmedPage(frame=frame(visit), rows=rows, form=session.form_token(visit.request), said=said)
    return html(visit.request, render(page), headers=PRIVATE)


@pages.post(LIST + "/{boundary}/confirm")
def confirm(
    request: Request, database: TheDatabase, boundary: Annotated[int, Path(ge=1, lt=2**31)],
    form: Annotated[str, Form(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Say that a boundary has been compared with its act."""
    account = who(request, database, form)
    run = drawings.confirmed(database, boundary, account, language.of(request))
    return RedirectResponse(localise(f"{LIST}?confirmed={run}", language.of(request)), 303, PRIVATE)
