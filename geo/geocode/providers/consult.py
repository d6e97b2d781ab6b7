"""What does an outside geocoder say about one text of the queue? Its places join the choices, labelled as its own.

A person has to take one; nothing from outside is accepted by itself. Every request counts against the provider's cap of
the day, in the database, so that several processes keep it together.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import text

from geo.errors import N_, NotFound
from geo.geocode.answer import Choice
from geo.geocode.current import CurrentGeocoder
from geo.geocode.providers.base import Found, Provider
from geo.geocode.review import get_task
from geo.geocode.tails import address_only
from geo.store.engine import Database


def consult(database: Database, current: CurrentGeocoder, task: int, provider: Provider, actor: str) -> list[Found]:
    """Ask a provider about the address of a task and add its places to the task's choices.

    Raises NotFound, Unavailable, or TooLarge when the daily cap is reached.
    """
    with database.computing() as connection:
        asked = get_task(connection, task)
    address = sendable(current, asked.text)
    if not address:
        raise NotFound(N_("The text holds no address that could be sent."))
    found = provider.ask(address, lambda name, cap: count_request(database, name, cap, actor))
    with database.writing(actor) as connection:
        connection.execute(
            text(
                "UPDATE okruga.geocode_task SET choices = choices || CAST(:more AS jsonb), provider = :provider"
                " WHERE id = :id AND status <> 'manual'"
            ),
            {
                "more": json.dumps([_choice(one) for one in found], ensure_ascii=False),
                "provider": provider.name,
                "id": task,
            },
        )
    return found


def sendable(current: CurrentGeocoder, words: str) -> str:
    """The part of a text that may leave the house."""
    geocoder = current.get()
    reading = geocoder.read(words)
    candidates = geocoder.candidates(reading)
    return address_only(reading, candidates[0].used if candidates else ())


def count_request(database: Database, provider: str, cap: int, actor: str) -> bool:
    """Count one request of today; False when the cap is reached and nothing was counted."""
    with database.writing(actor) as connection:
        counted = connection.execute(
            text(
                "INSERT INTO okruga.geocode_use AS u (provider, day, requests) VALUES (:provider, current_date, 1)"
                " ON CONFLICT (provider, day) DO UPDATE SET requests = u.requests + 1 WHERE u.requests < :cap"
                " RETURNING requests"
            ),
            {"provider": provider, "cap": cap},
        ).one_or_none()
    return counted is not None


def _choice(found: Found) -> dict[str, Any]:
    return asdict(
        Choice(
            label=f"{found.label} ({found.provider})", level=found.level, lat=found.lat, lon=found.lon, radius_m=0.0,
            confidence=found.confidence, place_kind=found.provider, place_id="", address_id="", settlement_id="",
            settlement="", recognised=(), ignored=(),
        )
    )  # fmt: skip
