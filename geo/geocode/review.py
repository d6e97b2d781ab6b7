"""Which texts wait for a person, and what did the person decide?

A decision settles every row that says the same in the same scope, and is kept for rows still to come. Texts that decide
most rows come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, BadInput, Conflict, Message, NotFound
from geo.geocode.engine import Geocoder
from geo.geocode.placing import Spot, move_places, spot_of
from geo.geocode.queue import OPEN, ask_anew, message_json, to_text
from geo.store.engine import act_as
from geo.vocabulary import GeocodeStatus, MatchLevel


@dataclass(frozen=True, slots=True)
class Task:
    """One text in the queue; `same` is how many waiting rows say the same in the same scope."""

    id: int
    place_id: int | None
    text: str
    normal: str
    scope_territory_id: int | None
    status: GeocodeStatus | None
    level: MatchLevel
    lat: float | None
    lon: float | None
    radius_m: float
    confidence: float
    label: str
    why: Message
    parts: tuple[Mapping[str, Any], ...]
    choices: tuple[Mapping[str, Any], ...]
    version: str | None
    context: Mapping[str, Any] | None = None
    same: int = 1


_SELECT = (
    "SELECT q.id, q.place_id, q.text, q.normal, q.scope_territory_id, q.status, q.match_level, ST_Y(q.geom) AS lat,"
    " ST_X(q.geom) AS lon, q.radius_m, q.confidence, q.label, q.why, q.parts, q.choices, q.gazetteer_version,"
    " q.context"
)


def open_tasks(
    connection: Connection,
    *,
    territory: int | None = None,
    register: str = "",
    status: str = "",
    reason: str = "",
    after: int = 0,
    limit: int = 50,
    offset: int = 0,
) -> list[Task]:
    """Texts a person has to look at: those that decide most rows first, then the likeliest. One for each wording.

    `reason` is the sentence (msgid) of the reason; `after` leaves out everything up to the wording of that task.
    """
    rows = connection.execute(
        text(
            f"WITH wording AS (SELECT q.normal, q.scope_territory_id AS scope, count(*) AS same,"
            "   (array_agg(q.id ORDER BY q.confidence DESC, q.id))[1] AS first, max(q.confidence) AS likely"
            f"   {_OPEN} GROUP BY 1, 2),"
            " passed AS (SELECT w.* FROM wording w JOIN okruga.geocode_task t ON t.id = :after"
            "   AND t.normal = w.normal AND t.scope_territory_id IS NOT DISTINCT FROM w.scope)"
            f" {_SELECT}, w.same FROM wording w JOIN okruga.geocode_task q ON q.id = w.first"
            " WHERE NOT EXISTS (SELECT FROM passed)"
            "   OR (w.same, w.likely, -w.first) < (SELECT same, likely, -first FROM passed)"
            " ORDER BY w.same DESC, w.likely DESC, w.first LIMIT :limit OFFSET :offset"
        ),
        {
            **_wanted(territory, register, status, reason), "after": after, "limit": limit, "offset": offset,
        },
    ).all()  # fmt: skip
    return [_task(row._mapping) for row in rows]


_OPEN = (
    "FROM okruga.geocode_task q LEFT JOIN okruga.place p ON p.id = q.place_id WHERE q.status = ANY (:open)"
    " AND (CAST(:territory AS int) IS NULL OR q.scope_territory_id = :territory)"
    " AND (:register = '' OR p.register = :register) AND (:status = '' OR q.status = :status)"
    " AND (:reason = '' OR q.why ->> 'msgid' = :reason)"
)


def _wanted(territory: int | None, register: str, status: str, reason: str) -> dict[str, Any]:
    return {"open": list(OPEN), "territory": territory, "register": register, "status": status, "reason": reason}


def left_over(
    connection: Connection, *, territory: int | None = None, register: str = "", status: str = "", reason: str = ""
) -> tuple[int, int]:
    """How many wordings, and rows, a person has to look at."""
    row = connection.execute(
        text(f"SELECT count(DISTINCT (q.normal, q.scope_territory_id)) AS wordings, count(*) AS rows {_OPEN}"),
        _wanted(territory, register, status, reason),
    ).one()
    return int(row.wordings), int(row.rows)


@dataclass(frozen=True, slots=True)
class Group:
    """Open rows that have register, territory stated, status and reason in common."""

    register: str
    territory: int | None
    status: GeocodeStatus
    reason: str
    rows: int


def groups(connection: Connection) -> list[Group]:
    """What waits for a person, by everything it may be filtered by; the largest group first."""
    rows = connection.execute(
        text(
            "SELECT coalesce(p.register, '') AS register, q.scope_territory_id AS territory, q.status,"
            f" coalesce(q.why ->> 'msgid', '') AS reason, count(*) AS rows {_OPEN} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC"
        ),
        _wanted(None, "", "", ""),
    )
    return [Group(row.register, row.territory, GeocodeStatus(row.status), row.reason, int(row.rows)) for row in rows]


def get_task(connection: Connection, task: int) -> Task:
    """One task. Raises NotFound."""
    row = connection.execute(
        text(
            f"{_SELECT}, (SELECT count(*) FROM okruga.geocode_task o"
            "   WHERE o.normal = q.normal AND o.status = ANY (:open)"
            "   AND o.scope_territory_id IS NOT DISTINCT FROM q.scope_territory_id) AS same"
            " FROM okruga.geocode_task q WHERE q.id = :id"
        ),
        {"id": task, "open": list(OPEN)},
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(N_("There is no task {id} in the queue."), id=task)
    return _task(row._mapping)


def _task(row: Any) -> Task:
    why = row["why"] or {"msgid": "", "params": {}}
    return Task(
        row["id"], row["place_id"], row["text"], row["normal"], row["scope_territory_id"],
        GeocodeStatus(row["status"]) if row["status"] else None, MatchLevel(row["match_level"]), row["lat"], row["lon"],
        row["radius_m"], row["confidence"], row["label"], Message(why["msgid"], why["params"]), tuple(row["parts"]),
        tuple(row["choices"]), row["gazetteer_version"], row["context"], row["same"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EntryOfTask:
    """The entry a task's place belongs to."""

    register: str
    id: int
    title: str


def entry_of(connection: Connection, task: Task) -> EntryOfTask | None:
    """Which entry asks; None for a text that belongs to none."""
    row = connection.execute(
        text(
            "SELECT e.register, e.id, e.title FROM okruga.place p JOIN okruga.entry e ON e.id = p.entry_id"
            " WHERE p.id = :place"
        ),
        {"place": task.place_id},
    ).one_or_none()
    return EntryOfTask(row.register, int(row.id), row.title) if row else None


def choose(connection: Connection, task: int, number: int, actor: str) -> int:
    """A person takes one of the candidates (counted from 0). Returns how many rows it settled."""
    chosen = get_task(connection, task)
    if not 0 <= number < len(chosen.choices):
        raise BadInput(N_("There is no candidate {number}."), number=number + 1)
    choice = chosen.choices[number]
    return put(connection, task, spot_of(choice), str(choice["label"]), actor)


def put(connection: Connection, task: int, spot: Spot, label: str, actor: str) -> int:
    """A person says where the text belongs: a house, or something coarser. Returns how many rows it settled."""
    return _settle(connection, get_task(connection, task), spot, label, actor)


def pin(connection: Connection, task: int, lat: float, lon: float, actor: str) -> int:
    """A person puts the pin where the place is. Returns how many rows it settled."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadInput(N_("The coordinates lie outside the globe."))
    spot = Spot(MatchLevel.POINT, lat, lon, 0.0)
    return put(connection, task, spot, f"{lat:.6f}, {lon:.6f}", actor)


def not_an_address(connection: Connection, task: int, actor: str) -> int:
    """A person says the text is no address. Returns how many rows it settled."""
    return _settle(connection, get_task(connection, task), None, "", actor)


def _settle(connection: Connection, task: Task, spot: Spot | None, label: str, actor: str) -> int:
    """Keep the decision as an alias and give it to all rows that say the same in the same scope."""
    if task.status is None:
        raise Conflict(N_("This text was not asked yet."), remedy=N_("Wait until the queue has been worked off."))
    _alone(connection, task, actor)
    act_as(connection, actor)
    values = {
        "normal": task.normal, "scope": task.scope_territory_id, "is_address": spot is not None, "label": label,
        "level": spot.level.value if spot else MatchLevel.NONE.value, "radius": spot.radius_m if spot else 0.0,
        "lat": spot.lat if spot else None, "lon": spot.lon if spot else None, "actor": actor, "id": task.id,
        "why": to_text(message_json(Message(N_("Decided by a person.")))), "territory": spot.territory if spot else "",
    }  # fmt: skip
    point = (
        "CASE WHEN CAST(:lat AS float8) IS NOT NULL"
        " THEN ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) END"
    )
    connection.execute(
        text(
            "INSERT INTO okruga.geocode_alias"
            " (normal, scope_territory_id, is_address, match_level, geom, radius_m, label, actor, territory_code)"
            f" VALUES (:normal, :scope, :is_address, :level, {point}, :radius, :label, :actor, :territory)"
            " ON CONFLICT (normal, coalesce(scope_territory_id, 0)) DO UPDATE SET is_address = excluded.is_address,"
            " match_level = excluded.match_level, geom = excluded.geom, radius_m = excluded.radius_m,"
            " label = excluded.label, actor = excluded.actor, territory_code = excluded.territory_code,"
            " created_at = now()"
        ),
        values,
    )
    rows = connection.execute(
        text(
            f"UPDATE okruga.geocode_task SET status = 'manual', match_level = :level, geom = {point},"
            " radius_m = :radius, confidence = 1, label = :label, why = CAST(:why AS jsonb), actor = :actor,"
            " decided_at = now(), territory_code = :territory"
            " WHERE id = :id OR (normal = :normal AND scope_territory_id IS NOT DISTINCT FROM :scope"
            "   AND status IS NOT NULL AND (status <> 'manual' OR actor = :actor)) RETURNING place_id"
        ),
        values,
    ).all()
    if spot is not None:
        move_places(connection, [(row.place_id, spot) for row in rows if row.place_id])
    return len(rows)


def _alone(connection: Connection, task: Task, actor: str) -> None:
    """Two persons may have the same words before them: the second one is told what the first one decided."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:words, 0))"), {"words": task.normal})
    row = connection.execute(
        text("SELECT status, actor, label FROM okruga.geocode_task WHERE id = :id"), {"id": task.id}
    ).one()
    if row.status == GeocodeStatus.MANUAL.value and row.actor != actor:
        raise Conflict(
            N_("{actor} has decided about these words already: {label}."),
            remedy=N_("Take that decision back first if it is wrong."), actor=row.actor, label=row.label or "—",
        )  # fmt: skip


# ---- decisions taken, and taking them back ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about words; `rows` say them, `task` is one of those rows."""

    id: int
    task: int | None
    text: str
    label: str
    level: MatchLevel
    is_address: bool
    actor: str
    at: datetime
    rows: int


_DECISIONS = (
    "SELECT a.id, q.id AS task, coalesce(q.text, a.normal) AS text, a.label, a.match_level, a.is_address, a.actor,"
    " a.created_at, coalesce(q.rows, 0) AS rows FROM okruga.geocode_alias a LEFT JOIN LATERAL ("
    "   SELECT min(t.id) AS id, min(t.text) AS text, count(*) AS rows FROM okruga.geocode_task t"
    "   WHERE t.normal = a.normal AND t.status = 'manual'"
    "     AND t.scope_territory_id IS NOT DISTINCT FROM a.scope_territory_id) q ON true"
)


def decisions(connection: Connection, *, actor: str = "", limit: int = 10) -> list[Decision]:
    """The last decisions, of everybody or of one person, the newest first."""
    rows = connection.execute(
        text(f"{_DECISIONS} WHERE :actor = '' OR a.actor = :actor ORDER BY a.created_at DESC, a.id DESC LIMIT :limit"),
        {"actor": actor, "limit": limit},
    )
    return [_decision(row) for row in rows]


def get_decision(connection: Connection, decision: int) -> Decision:
    """One decision. Raises NotFound."""
    row = connection.execute(text(f"{_DECISIONS} WHERE a.id = :id"), {"id": decision}).one_or_none()
    if row is None:
        raise NotFound(N_("This decision has been taken back already."))
    return _decision(row)


def _decision(row: Any) -> Decision:
    return Decision(
        row.id, row.task, row.text, row.label, MatchLevel(row.match_level), row.is_address, row.actor, row.created_at,
        int(row.rows),
    )  # fmt: skip


def take_back(connection: Connection, decision: int, geocoder: Geocoder, actor: str) -> Decision:
    """Forget a decision: all rows that say these words are asked again as if nobody had decided. Raises NotFound."""
    taken = get_decision(connection, decision)
    act_as(connection, actor)
    connection.execute(text("DELETE FROM okruga.geocode_alias WHERE id = :id"), {"id": decision})
    if taken.task is not None:
        ask_anew(connection, geocoder, taken.task)
    return taken
