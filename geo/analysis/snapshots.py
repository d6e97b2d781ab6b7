"""What did the figures of a finished period say when they were frozen, and what do the data say today?

A snapshot is taken once, with every measure of one kind of territory as the public sees it; the database refuses to
change it. Later corrections of the data appear beside it as differences, never inside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from geo.analysis.areas import data_version
from geo.analysis.measures import MEASURES, OF_TERRITORIES
from geo.analysis.questions import ask, look_ahead, make_query
from geo.errors import N_, BadInput, Conflict, NotFound
from geo.store.once import sharing

CODE = re.compile(r"[a-z0-9-]{1,60}")
# what of a row is compared later; a territory whose row is gone differs too
COMPARED = ("value", "missing_reason", "class")
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Frozen answers (JSON of the API, English sentences) under a permanent code."""

    code: str
    period: int
    kind: str
    data_version: int
    taken_at: datetime
    answers: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that the data of today give differently; None: there was, or is, no number."""

    measure: str
    territory: str
    name: str
    frozen: float | None
    now: float | None
    frozen_missing: str | None
    now_missing: str | None


def take(
    reader: Connection, writer: Connection, *, period: str | int, kind: str | None, actor: str, code: str = ""
) -> Snapshot:
    """Freeze a finished year for a kind of territory; the caller owns both transactions.

    Raises BadInput for an unfinished year or a code that is none, Conflict when the code is taken.
    """
    query = make_query(reader, MEASURES[0].code, kind=kind, period=period)
    if query.year >= date.today().year:  # noqa: DTZ011 - the city's calendar, not an instant
        raise BadInput(
            N_("The year {year} is not finished."), remedy=N_("Freeze it when it is over."), year=str(query.year),
            field="period",
        )  # fmt: skip
    wanted = code or f"{query.kind.value.replace('_', '-')}-{query.year}"
    if not CODE.fullmatch(wanted):
        raise BadInput(
            N_("“{code}” cannot be the code of a snapshot."),
            remedy=N_("Use 1 to 60 small Latin letters, digits and hyphens."), code=wanted[:60], field="code",
        )  # fmt: skip
    answers = list(answers_of(reader, query.kind.value, query.year))
    try:
        writer.execute(
            text(
                "INSERT INTO okruga.snapshot (code, period, kind, data_version, answers, taken_by)"
                " VALUES (:code, :period, :kind, :version, CAST(:answers AS jsonb), :actor)"
            ),
            {
                "code": wanted, "period": query.year, "kind": query.kind, "version": data_version(reader),
                "answers": json.dumps(answers), "actor": actor,
            },
        )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(
            N_("There is a snapshot {code} already."), remedy=N_("It stays as it is; choose another code."), code=wanted
        ) from error
    return get(writer, wanted)


def answers_of(connection: Connection, kind: str, year: int) -> Iterator[dict[str, Any]]:
    """Every measure of a kind and year, as the public sees it."""
    with sharing(connection):
        look_ahead(connection, make_query(connection, OF_TERRITORIES[0].code, kind=kind, period=year))
        for measure in OF_TERRITORIES:
            yield ask(connection, make_query(connection, measure.code, kind=kind, period=year)).as_dict()


def snapshots(connection: Connection) -> list[Snapshot]:
    """All snapshots without their answers, newest first."""
    rows = connection.execute(
        text("SELECT code, period, kind, data_version, taken_at FROM published.snapshot ORDER BY id DESC")
    )
    return [Snapshot(*row) for row in rows]


def get(connection: Connection, code: str) -> Snapshot:
    """A snapshot with its answers; NotFound without one."""
    row = connection.execute(
        text("SELECT code, period, kind, data_version, taken_at, answers FROM published.snapshot WHERE code = :code"),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise NotFound(N_("There is no snapshot {code}."), remedy=N_("/api/snapshots lists them."), code=code)
    return Snapshot(row[0], row[1], row[2], row[3], row[4], tuple(row[5]))


def differences(connection: Connection, frozen: Snapshot) -> list[Difference]:
    """Which frozen figures the data of today give differently. Measures that are no longer known are left out."""
    today = today_of(connection, frozen)
    found: list[Difference] = []
    for answer in frozen.answers:
        if answer["measure"] in today:
            found += changed(answer["measure"], answer["rows"], today[answer["measure"]])
    return found


def today_of(connection: Connection, frozen: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """The rows of every measure today; none when the boundaries they were frozen in are gone."""
    try:
        return {answer["measure"]: answer["rows"] for answer in answers_of(connection, frozen.kind, frozen.period)}
    except NotFound:
        return {measure.code: [] for measure in OF_TERRITORIES}


def changed(measure: str, frozen: Sequence[dict[str, Any]], today: Sequence[dict[str, Any]]) -> Iterator[Difference]:
    """The rows of a measure that differ, those only one side has included."""
    then, now = ({row["territory"]: row for row in rows} for rows in (frozen, today))
    for territory in [*then, *(code for code in now if code not in then)]:
        one, other = then.get(territory, {}), now.get(territory, {})
        if not same(one, other):
            yield Difference(
                measure, territory, (one or other)["name"], one.get("value"), other.get("value"),
                one.get("missing_reason"), other.get("missing_reason"),
            )  # fmt: skip


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Equal but for the last bits of a quotient."""
    left, right = one.get("value"), other.get("value")
    if left is not None and right is not None:
        return abs(left - right) <= ROUNDING * max(1.0, abs(left)) and one.get("class") == other.get("class")
    return [one.get(name) for name in COMPARED] == [other.get(name) for name in COMPARED]
