"""What was frozen, and what do the data say differently today? Permanent addresses, and the steward's button."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api import session
from api.auth import Action, can, require
from api.deps import PageReading, Reading, TheDatabase, Visit
from api.frame import frame
from api.questions import QuestionAnswer
from geo.analysis import snapshots as frozen
from geo.analysis.areas import kinds, periods
from geo.analysis.measures import BY_CODE
from geo.vocabulary import TerritoryKind
from maps.pages import Cell, render
from maps.snapshots import DifferenceRow, FrozenTable, SnapshotPage, SnapshotRow, SnapshotsPage
from maps.text import localise

router = APIRouter(tags=["questions"])
pages = APIRouter()
CodeOf = Annotated[str, Path(pattern="^[a-z0-9-]{1,60}$")]


class SnapshotNote(BaseModel):
    """A frozen year of a kind of territory."""

    code: str
    period: str
    kind: TerritoryKind
    data_version: int
    taken_at: datetime


class SnapshotList(BaseModel):
    """All snapshots, newest first."""

    number_matched: int
    items: list[SnapshotNote]


class FigureDifference(BaseModel):
    """A frozen figure that the data of today give differently."""

    measure: str
    territory: str
    name: str
    frozen: float | None
    now: float | None
    frozen_missing: str | None
    now_missing: str | None


class SnapshotAnswer(SnapshotNote):
    """The answers as they were, and what differs now."""

    answers: list[QuestionAnswer]
    differences: list[FigureDifference]


def note(each: frozen.Snapshot) -> dict[str, Any]:
    return {"code": each.code, "period": str(each.period), "kind": each.kind, "data_version": each.data_version,
            "taken_at": each.taken_at.isoformat()}  # fmt: skip


@router.get("/api/snapshots", response_model=SnapshotList, summary="What was frozen?")
def snapshot_list(visit: Reading) -> Response:
    items = [note(each) for each in frozen.snapshots(visit.connection)]
    return visit.json(lambda: {"number_matched": len(items), "items": items})


@router.get("/api/snapshots/{code}", response_model=SnapshotAnswer, summary="Frozen figures, and what differs now")
def snapshot(visit: Reading, code: CodeOf) -> Response:
    found = frozen.get(visit.connection, code)
    return visit.json(lambda: {
        **note(found), "answers": list(found.answers),
        "differences": [difference(each) for each in changed(visit, found)],
    })  # fmt: skip


def difference(each: frozen.Difference) -> dict[str, Any]:
    return {name: getattr(each, name) for name in each.__slots__}


def changed(visit: Visit, found: frozen.Snapshot) -> list[frozen.Difference]:
    """The differences, computed once for each version of the data."""
    return visit.remember(("differences", found.code), lambda: frozen.differences(visit.connection, found))


@pages.get("/snapshots")
def snapshots_page(visit: PageReading) -> Response:
    rows = tuple(row(visit, each) for each in frozen.snapshots(visit.connection))
    may = can(visit.account, Action.FREEZE)
    answer = visit.page(lambda: render(SnapshotsPage(
        frame=frame(visit), rows=rows, kinds=tuple(kinds(visit.connection)) if may else (),
        periods=tuple(str(year) for year in periods(visit.connection)),
        form=session.form_token(visit.request) if may else "",
    )))  # fmt: skip
    del answer.headers["ETag"]  # a new snapshot changes no data version
    return answer


@pages.post("/snapshots")
def freeze(
    visit: PageReading, database: TheDatabase, period: Annotated[str, Form(max_length=4)],
    kind: Annotated[str, Form(max_length=40)], form: Annotated[str, Form(max_length=100)] = "",
) -> Response:  # fmt: skip
    """A steward freezes a finished year."""
    account = require(visit.account, Action.FREEZE)
    session.check_form(visit.request, form)
    with database.writing(account.login) as writer:
        taken = frozen.take(visit.connection, writer, period=period, kind=kind, actor=account.login)
    return RedirectResponse(localise(f"/snapshots/{taken.code}", visit.lang), 303, {"Cache-Control": "no-store"})


@pages.get("/snapshots/{code}")
def snapshot_page(visit: PageReading, code: CodeOf) -> Response:
    return visit.page(lambda: render(content(visit, code)), keep=True)


def content(visit: Visit, code: str) -> SnapshotPage:
    """The frozen figures as tables; corrections since then as a list."""
    found = frozen.get(visit.connection, code)
    return SnapshotPage(
        frame=frame(visit), row=row(visit, found), tables=tuple(table(answer) for answer in found.answers),
        differences=tuple(difference_row(each) for each in changed(visit, found)),
    )  # fmt: skip


def row(visit: Visit, each: frozen.Snapshot) -> SnapshotRow:
    return SnapshotRow(
        code=each.code, period=str(each.period), kind=TerritoryKind(each.kind), taken_on=each.taken_at.date(),
        href=localise(f"/snapshots/{each.code}", visit.lang),
    )  # fmt: skip


def table(answer: dict[str, Any]) -> FrozenTable:
    """One frozen answer."""
    measure = BY_CODE.get(answer["measure"])
    rows = tuple((each["name"], frozen_cell(each)) for each in answer["rows"])
    return FrozenTable(
        title=measure.title if measure else answer["measure"], unit=answer["unit"], rows=rows,
        method=answer["method"]["chapter"], sources=tuple(answer["sources"]),
    )  # fmt: skip


def frozen_cell(row: dict[str, Any]) -> Cell:
    return Cell(
        value=row["value"], missing=row["missing_reason"], numerator=row["numerator"], denominator=row["denominator"],
        estimated=row["estimated"],
    )  # fmt: skip


def difference_row(each: frozen.Difference) -> DifferenceRow:
    measure = BY_CODE[each.measure]
    return DifferenceRow(
        measure=measure.title, unit=measure.unit.value, name=each.name,
        frozen=Cell(value=each.frozen, missing=each.frozen_missing),  # type: ignore[arg-type]
        now=Cell(value=each.now, missing=each.now_missing),  # type: ignore[arg-type]
        gone=each.now is None and each.now_missing is None, added=each.frozen is None and each.frozen_missing is None,
    )  # fmt: skip
