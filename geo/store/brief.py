"""How is something named on another page? Entries by id, and the bodies that hold a mandate over a territory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text


def brief_entries(connection: Connection, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Published entries by id, in the order of ids: register, title, status, theme, dates."""
    rows = connection.execute(
        text(
            "SELECT id, register, title, titles, status, theme, begins_on, ends_on FROM published.entry"
            " WHERE id = ANY (:ids) ORDER BY id"
        ),
        {"ids": sorted(set(ids))},
    )
    return [dict(row) for row in rows.mappings()]


def bodies(connection: Connection, codes: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Organisations with a mandate over territories, by territory code; public offices and bodies, no persons."""
    rows = connection.execute(
        text(
            "SELECT x.code, o.id, o.title, o.titles, o.organisation_kind, o.url FROM published.entry_territory x"
            " JOIN published.organisation o ON o.id = x.entry_id"
            " WHERE x.role = 'mandate' AND x.code = ANY (:codes) ORDER BY x.code, o.organisation_kind, o.title"
        ),
        {"codes": sorted(set(codes))},
    ).mappings()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(dict(row))
    return found
