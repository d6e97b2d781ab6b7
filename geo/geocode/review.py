"""Which texts wait for a person, and what did the person decide?

A decision settles every row that says the same in the same scope, and is kept for rows still to come. Texts that decide
most rows come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, BadInput, Conflict, Message, NotFound
from geo.geocode.placing import Spot, move_places
from geo.geocode.queue import OPEN, message_json, to_json
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
    same: int = 1


_SELECT = (
    "SELECT q.id, q.place_id, q.text, q.normal, q.scope_territory_id, q.status, q.match_level, ST_Y(q.geom) AS lat,"
    " ST_X(q.geom) AS lon, q.radius_m, q.confidence, q.label, q.why, q.parts, q.choices, q.gazetteer_version"
)


def open_tasks(connection: Connection, *, territory: int | None = None, limit: int = 50, offset: int = 0) -> list[Task]:
    """Texts a person has to look at: those that decide most rows first, then the likeliest. One for each wording."""
    rows = connection.execute(
        text(
            f"{_SELECT}, same FROM (SELECT *, count(*) OVER wording AS same, row_number() OVER wording_first AS place"
            " FROM okruga.geocode_task WHERE status = ANY (:open) AND (CAST(:territory AS int) IS NULL"
            "   OR scope_territory_id = :territory)"
            " WINDOW wording AS (PARTITION BY normal, coalesce(scope_territory_id, 0)),"
            "   wording_first AS (PARTITION BY normal, coalesce(scope_territory_id, 0) ORDER BY confidence DESC, id)) q"
            " WHERE place = 1 ORDER BY same DESC, confidence DESC, id LIMIT :limit OFFSET :offset"
        ),
        {"open": list(OPEN), "territory": territory, "limit": limit, "offset": offset},
    ).all()
    return [_task(row._mapping) for row in rows]


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
        tuple(row["choices"]), row["gazetteer_version"], row["same"],
    )  # fmt: skip


def choose(connection: Connection, task: int, number: int, actor: str) -> int:
    """A person takes one of the candidates (counted from 0). Returns how many rows it settled."""
    chosen = get_task(connection, task)
    if not 0 <= number < len(chosen.choices):
        raise BadInput(N_("There is no candidate {number}."), number=number + 1)
    choice = chosen.choices[number]
    spot = Spot(
        MatchLevel(choice["level"]), float(choice["lat"]), float(choice["lon"]), float(choice["radius_m"]),
        str(choice["place_id"]) if choice["place_kind"] == "area" else "",
    )  # fmt: skip
    return _settle(connection, chosen, spot, str(choice["label"]), actor)


def pin(connection: Connection, task: int, lat: float, lon: float, actor: str) -> int:
    """A person puts the pin where the place is. Returns how many rows it settled."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadInput(N_("The coordinates lie outside the globe."))
    spot = Spot(MatchLevel.POINT, lat, lon, 0.0)
    return _settle(connection, get_task(connection, task), spot, f"{lat:.6f}, {lon:.6f}", actor)


def not_an_address(connection: Connection, task: int, actor: str) -> int:
    """A person says the text is no address. Returns how many rows it settled."""
    return _settle(connection, get_task(connection, task), None, "", actor)


def _settle(connection: Connection, task: Task, spot: Spot | None, label: str, actor: str) -> int:
    """Keep the decision as an alias and give it to all rows that say the same in the same scope."""
    if task.status is None:
        raise Conflict(N_("This text was not asked yet."), remedy=N_("Wait until the queue has been worked off."))
    act_as(connection, actor)
    values = {
        "normal": task.normal, "scope": task.scope_territory_id, "is_address": spot is not None, "label": label,
        "level": spot.level.value if spot else MatchLevel.NONE.value, "radius": spot.radius_m if spot else 0.0,
        "lat": spot.lat if spot else None, "lon": spot.lon if spot else None, "actor": actor, "id": task.id,
        "why": to_json(message_json(Message(N_("Decided by a person.")))),
    }  # fmt: skip
    point = (
        "CASE WHEN CAST(:lat AS float8) IS NOT NULL"
        " THEN ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) END"
    )
    connection.execute(
        text(
            "INSERT INTO okruga.geocode_alias"
            " (normal, scope_territory_id, is_address, match_level, geom, radius_m, label, actor)"
            f" VALUES (:normal, :scope, :is_address, :level, {point}, :radius, :label, :actor)"
            " ON CONFLICT (normal, coalesce(scope_territory_id, 0)) DO UPDATE SET is_address = excluded.is_address,"
            " match_level = excluded.match_level, geom = excluded.geom, radius_m = excluded.radius_m,"
            " label = excluded.label, actor = excluded.actor, created_at = now()"
        ),
        values,
    )
    rows = connection.execute(
        text(
            f"UPDATE okruga.geocode_task SET status = 'manual', match_level = :level, geom = {point},"
            " radius_m = :radius, confidence = 1, label = :label, why = CAST(:why AS jsonb), actor = :actor,"
            " decided_at = now()"
            " WHERE id = :id OR (normal = :normal AND scope_territory_id IS NOT DISTINCT FROM :scope"
            "   AND status IS NOT NULL AND (status <> 'manual' OR actor = :actor)) RETURNING place_id"
        ),
        values,
    ).all()
    if spot is not None:
        move_places(connection, [(row.place_id, spot) for row in rows if row.place_id])
    return len(rows)
