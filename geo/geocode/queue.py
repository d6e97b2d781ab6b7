"""Which texts still have to be placed, what became of each, and what did people decide?

A place that has an address and no coordinates gets a task. The worker asks the geocoder in batches, each batch one
transaction, so a killed worker loses nothing and two workers never meet. Accepted answers move the place; the others
wait for a person, whose decision is kept as an alias for the same words in the same scope and given to all rows that
say the same. A new gazetteer asks again whatever no person decided.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, Message
from geo.geocode.answer import Answer
from geo.geocode.context import context_of, context_of_rows, to_json
from geo.geocode.current import Current
from geo.geocode.engine import Geocoder
from geo.geocode.placing import Spot, heeding_statements, move_places, territory_of
from geo.geocode.scope import Scope
from geo.geocode.store import scope_of, territory_spot
from geo.progress import SILENT, Progress
from geo.store.engine import Database
from geo.store.shapes import LOST
from geo.vocabulary import GeocodeStatus, MatchLevel

BATCH = 500
OWN = ""
_PLACED = (GeocodeStatus.ACCEPTED.value, GeocodeStatus.MANUAL.value)
_COARSE = (MatchLevel.STREET.value, MatchLevel.AREA.value, MatchLevel.SETTLEMENT.value, MatchLevel.DISTRICT.value)
OPEN = (GeocodeStatus.AMBIGUOUS.value, GeocodeStatus.REVIEW.value, GeocodeStatus.UNMATCHED.value)


@dataclass(frozen=True, slots=True)
class Change:
    """What a new gazetteer would change about one text."""

    id: int
    text: str
    before: str
    after: str
    status_before: GeocodeStatus
    status_after: GeocodeStatus


def enqueue_places(connection: Connection) -> int:
    """A task for every place that has an address and no coordinates and was not queued yet."""
    done = connection.execute(
        text(
            "INSERT INTO okruga.geocode_task (place_id, text, normal, scope_territory_id)"
            " SELECT p.id, p.address, '', p.stated_territory_id FROM okruga.place p"
            " WHERE p.geom IS NULL AND p.address <> '' AND NOT EXISTS"
            "   (SELECT FROM okruga.geocode_task q WHERE q.place_id = p.id) ORDER BY p.id"
        )
    )
    return int(done.rowcount)


def waiting(connection: Connection) -> int:
    """How many texts were not asked yet."""
    return int(connection.execute(text("SELECT count(*) FROM okruga.geocode_task WHERE status IS NULL")).scalar_one())


def work(
    database: Database,
    current: Current,
    *,
    actor: str = "geocoder",
    progress: Progress = SILENT,
    batch: int = BATCH,
) -> Counter[str]:
    """Ask about every waiting text. Returns how many ended in which status. May be killed and started again."""
    found: Counter[str] = Counter()
    geocoder = current.get(wait=True)
    with database.writing(actor) as connection:
        total = waiting(connection)
        _note_contexts(connection, geocoder)
    with progress.step(N_("Placing addresses"), total) as step:
        while True:
            done = _one_batch(database, current.get(wait=not found), actor, batch)
            if not done:
                return found
            found.update(done)
            step.advance(sum(done.values()))


def _note_contexts(connection: Connection, geocoder: Geocoder) -> None:
    """The settlement that the rows of one import name stands for those that name none. All rows of the import are
    looked at, so that a worker that was killed and one that was not come to the same."""
    runs = connection.scalars(
        text(
            "SELECT DISTINCT p.import_run_id FROM okruga.geocode_task q JOIN okruga.place p ON p.id = q.place_id"
            " WHERE q.status IS NULL AND q.scope_territory_id IS NULL AND q.context IS NULL"
        )
    ).all()
    for run in runs:
        common = (
            "FROM okruga.geocode_task q JOIN okruga.place p ON p.id = q.place_id"
            " WHERE p.import_run_id = :run AND q.scope_territory_id IS NULL"
        )
        texts = connection.scalars(text(f"SELECT DISTINCT q.text {common} ORDER BY 1"), {"run": run}).all()
        context = to_json(context_of_rows(geocoder, texts))
        if context is not None:
            connection.execute(
                text(
                    "UPDATE okruga.geocode_task SET context = CAST(:context AS jsonb)"
                    f" WHERE id IN (SELECT q.id {common} AND q.status IS NULL)"
                ),
                {"run": run, "context": to_text(context)},
            )


def _one_batch(database: Database, geocoder: Geocoder, actor: str, batch: int) -> Counter[str]:
    with database.writing(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT id, place_id, text, scope_territory_id, context FROM okruga.geocode_task WHERE status IS NULL"
                " ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED"
            ),
            {"batch": batch},
        ).all()
        return Counter(update["status"] for update in _settle(connection, geocoder, rows))


def ask_anew(connection: Connection, geocoder: Geocoder, task: int) -> int:
    """Forget what became of a task's words, in all rows that say them in its scope, and ask again, inside the caller's
    transaction: a decision that is still kept for the words counts, else the geocoder. Returns how many rows."""
    rows = connection.execute(
        text(
            "UPDATE okruga.geocode_task q SET actor = NULL, decided_at = NULL FROM okruga.geocode_task o"
            " WHERE o.id = :task AND q.normal = o.normal AND q.status IS NOT NULL"
            " AND q.scope_territory_id IS NOT DISTINCT FROM o.scope_territory_id"
            " RETURNING q.id, q.place_id, q.text, q.scope_territory_id, q.context"
        ),
        {"task": task},
    ).all()
    move_places(connection, [(row.place_id, None) for row in rows if row.place_id])
    return len(_settle(connection, geocoder, rows))


def _settle(connection: Connection, geocoder: Geocoder, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Ask about these rows, write what became of each, move the places of those that were placed."""
    found = outcomes(connection, geocoder, rows)
    _write(connection, [update for update, _ in found])
    moves = zip(rows, found, strict=True)
    found_places = [(row.place_id, spot) for row, (_, spot) in moves if row.place_id and spot is not None]
    move_places(connection, heeding_statements(connection, found_places))
    return [update for update, _ in found]


def outcomes(
    connection: Connection, geocoder: Geocoder, rows: Sequence[Any]
) -> list[tuple[dict[str, Any], Spot | None]]:
    """What becomes of each row (with id, text, scope_territory_id, context): the values of its task, and where it is
    placed. A context may be as it is stored.

    Decisions of people for the same words count first. Nothing is written.
    """
    answers = _answers(connection, geocoder, rows)
    updates = _updates(connection, rows, answers)
    return [
        (update, _spot(update) if update["lat"] is not None and update["status"] in _PLACED else None)
        for update in updates
    ]


def _updates(connection: Connection, rows: Sequence[Any], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What to write for each row: what a person decided about its words, in its scope or anywhere, else the answer."""
    decided = _aliases(connection, [answer.normal for answer in answers])
    updates = []
    for row, answer in zip(rows, answers, strict=True):
        alias = decided.get((answer.normal, row.scope_territory_id or 0)) or decided.get((answer.normal, 0))
        updates.append(_from_alias(row.id, answer, alias) if alias else _from_answer(row.id, answer))
    return updates


def _answers(connection: Connection, geocoder: Geocoder, rows: Sequence[Any]) -> list[Answer]:
    scopes: dict[int | None, Scope | None] = {}
    for territory in {row.scope_territory_id for row in rows}:
        scopes[territory] = scope_of(connection, territory)
    return [
        geocoder.geocode(row.text, scopes[row.scope_territory_id], context_of(row.context), explain=True)
        for row in rows
    ]


def _aliases(connection: Connection, words: Sequence[str]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Decisions for these words, by words and scope (0: anywhere); `drawn`: the territory decided on has a boundary."""
    rows = connection.execute(
        text(
            "SELECT a.normal, coalesce(a.scope_territory_id, 0) AS scope, a.is_address, a.match_level,"
            " ST_Y(a.geom) AS lat, ST_X(a.geom) AS lon, a.radius_m, a.label, a.actor, a.territory_code,"
            " t.id AS territory_id FROM okruga.geocode_alias a"
            " LEFT JOIN okruga.territory t ON t.code = a.territory_code WHERE a.normal = ANY (:words)"
        ),
        {"words": sorted(set(words))},
    ).all()
    return {(row.normal, row.scope): _as_drawn_now(connection, dict(row._mapping)) for row in rows}


def _as_drawn_now(connection: Connection, alias: dict[str, Any]) -> dict[str, Any]:
    """A decision for a territory with the territory's position of today; as it was decided when that is gone."""
    spot = territory_spot(connection, alias["territory_id"]) if alias["territory_id"] else None
    if spot is not None:
        alias["lat"], alias["lon"], alias["radius_m"] = spot
    return alias | {"drawn": spot is not None}


# ---- writing results -------------------------------------------------------------------------------------------


def _from_answer(task: int, answer: Answer) -> dict[str, Any]:
    return {
        "id": task, "normal": answer.normal, "status": answer.status.value, "level": answer.level.value,
        "lat": answer.lat, "lon": answer.lon, "radius": answer.radius_m, "confidence": answer.confidence,
        "label": answer.label, "why": to_text(message_json(answer.why)),
        "parts": to_text([asdict(part) for part in answer.parts]),
        "choices": to_text([asdict(choice) for choice in answer.choices]), "version": answer.version,
        "provider": OWN, "actor": None, "territory": territory_of(answer.place_id) if answer.accepted else "",
        "gar_guid": answer.gar_guid,
    }  # fmt: skip


def _from_alias(task: int, answer: Answer, alias: Mapping[str, Any]) -> dict[str, Any]:
    """What a person decided about these words before."""
    why = Message(N_("Decided by a person for the same words."))
    if alias["territory_code"] and not alias["drawn"]:
        why = Message(LOST, {"name": alias["label"]})
    return _from_answer(task, answer) | {
        "status": GeocodeStatus.MANUAL.value, "level": alias["match_level"], "lat": alias["lat"], "lon": alias["lon"],
        "radius": alias["radius_m"], "confidence": 1.0, "label": alias["label"], "why": to_text(message_json(why)),
        "actor": alias["actor"], "territory": alias["territory_code"], "gar_guid": "",
    }  # fmt: skip


def message_json(message: Message) -> dict[str, Any]:
    return {"msgid": message.msgid, "params": {name: str(value) for name, value in message.params.items()}}


def to_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write(connection: Connection, updates: Sequence[Mapping[str, Any]]) -> None:
    if updates:
        connection.execute(
            text(
                "UPDATE okruga.geocode_task SET normal = :normal, status = :status, match_level = :level,"
                " geom = CASE WHEN CAST(:lat AS float8) IS NOT NULL"
                "   THEN ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) END,"
                " radius_m = :radius, confidence = :confidence, label = :label, why = CAST(:why AS jsonb),"
                " parts = CAST(:parts AS jsonb), choices = CAST(:choices AS jsonb), gazetteer_version = :version,"
                " provider = :provider, actor = :actor, asked_at = now(), territory_code = :territory,"
                " decided_at = CASE WHEN :status = 'manual' THEN now() ELSE decided_at END WHERE id = :id"
            ),
            list(updates),
        )


def _spot(update: Mapping[str, Any]) -> Spot:
    return Spot(MatchLevel(update["level"]), update["lat"], update["lon"], update["radius"], update["territory"])


# ---- a new gazetteer, and what is left -------------------------------------------------------------------------


def ask_again(
    database: Database,
    current: Current,
    *,
    commit: bool,
    actor: str = "geocoder",
    progress: Progress = SILENT,
    batch: int = BATCH,
) -> list[Change]:
    """Ask again whatever no person decided and another version of the gazetteer answered; returns what changes.

    Without `commit` nothing is written, so that the differences can be looked at first.
    """
    geocoder, last = current.get(wait=True), 0
    changes: list[Change] = []
    with database.computing() as connection:
        total = older(connection, geocoder.version)
    with progress.step(N_("Asking again"), total) as step:
        while True:
            with database.writing(actor) as connection:
                rows = _older(connection, geocoder.version, last, batch)
                if not rows:
                    return changes
                last = rows[-1].id
                answers = _answers(connection, geocoder, rows)
                changes += _differences(rows, answers)
                if commit:
                    _rewrite(connection, rows, answers)
            step.advance(len(rows))


def _differences(rows: Sequence[Any], answers: Sequence[Answer]) -> list[Change]:
    return [
        Change(row.id, row.text, row.label, answer.label, GeocodeStatus(row.status), answer.status)
        for row, answer in zip(rows, answers, strict=True)
        if (row.status, row.label, row.match_level) != (answer.status.value, answer.label, answer.level.value)
    ]


def older(connection: Connection, version: str) -> int:
    """How many rows that no person decided were answered by another version of the gazetteer."""
    return int(
        connection.execute(
            text(
                "SELECT count(*) FROM okruga.geocode_task"
                " WHERE status <> 'manual' AND gazetteer_version IS DISTINCT FROM :version"
            ),
            {"version": version},
        ).scalar_one()
    )


def never_asked(connection: Connection) -> int:
    """How many places have an address and no coordinates, and were not asked yet, queued or not."""
    return waiting(connection) + int(
        connection.execute(
            text(
                "SELECT count(*) FROM okruga.place p WHERE p.geom IS NULL AND p.address <> '' AND NOT EXISTS"
                " (SELECT FROM okruga.geocode_task q WHERE q.place_id = p.id)"
            )
        ).scalar_one()
    )


def _older(connection: Connection, version: str, after: int, batch: int) -> Sequence[Any]:
    return connection.execute(
        text(
            "SELECT id, place_id, text, scope_territory_id, context, status, match_level, label"
            " FROM okruga.geocode_task"
            " WHERE status <> 'manual' AND gazetteer_version IS DISTINCT FROM :version AND id > :after"
            " ORDER BY id LIMIT :batch"
        ),
        {"version": version, "after": after, "batch": batch},
    ).all()


def _rewrite(connection: Connection, rows: Sequence[Any], answers: Sequence[Answer]) -> None:
    updates = [_from_answer(row.id, answer) for row, answer in zip(rows, answers, strict=True)]
    _write(connection, updates)
    moves = [
        (row.place_id, _spot(update) if answer.accepted else None)
        for row, answer, update in zip(rows, answers, updates, strict=True)
        if row.place_id
    ]
    move_places(connection, heeding_statements(connection, moves))


def unresolved(connection: Connection) -> list[tuple[str, int, int]]:
    """(code of the territory stated, texts, texts without a place): missing addresses bend a map, so they are shown."""
    rows = connection.execute(
        text(
            "SELECT coalesce(t.code, '') AS code, count(*) AS texts, count(*) FILTER (WHERE q.status = ANY (:open)"
            " OR q.status IS NULL) AS left_over FROM okruga.geocode_task q"
            " LEFT JOIN okruga.territory t ON t.id = q.scope_territory_id GROUP BY 1 ORDER BY 3 DESC, 1"
        ),
        {"open": list(OPEN)},
    )
    return [(row.code, int(row.texts), int(row.left_over)) for row in rows]


def coarse_share(connection: Connection) -> float | None:
    """Share of the placed texts that are known no better than to a street or an area; None when none is placed."""
    share = connection.scalar(
        text(
            "SELECT avg((match_level = ANY (:coarse))::int) FROM okruga.geocode_task"
            " WHERE status IN ('accepted', 'manual') AND geom IS NOT NULL"
        ),
        {
            "coarse": [
                level.value
                for level in (MatchLevel.STREET, MatchLevel.AREA, MatchLevel.SETTLEMENT, MatchLevel.DISTRICT)
            ]
        },
    )
    return None if share is None else float(share)
