"""How do counts of addresses without a place become rows of a page or of JSON?"""

from __future__ import annotations

from typing import Any

from api.deps import Visit
from api.frame import look
from geo.geocode import review
from geo.geocode.quality import AddressQuality, address_quality, together
from geo.store.engine import Database
from geo.vocabulary import TerritoryKind
from maps.review import AddressDesk, UnplacedRow

# the first of these that is loaded
KINDS = (TerritoryKind.CIVIC_DISTRICT, TerritoryKind.ELECTORAL_DISTRICT, TerritoryKind.MUNICIPALITY)
LONGEST = 10


def desk_kind(visit: Visit) -> TerritoryKind:
    """The kind of territory addresses are counted by when nobody says which."""
    loaded = look(visit).territories
    return next((kind for kind in KINDS if loaded.get(kind)), KINDS[0])


def figures(database: Database, kind: TerritoryKind) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Each territory's line, and the sum of all."""
    with database.computing() as connection:
        rows = address_quality(connection, kind)
    return [line(row) for row in rows], line(together(rows))


def line(row: AddressQuality) -> dict[str, Any]:
    return {
        "territory": row.code or None, "name": row.name, "rows": row.rows, "unresolved": row.unresolved,
        "unresolved_share": row.unresolved_share, "coarse": row.coarse, "coarse_share": row.coarse_share,
    }  # fmt: skip


def desk(visit: Visit, database: Database) -> AddressDesk:
    """What the steward's desk says about addresses; the territories where most are missing."""
    kind = desk_kind(visit)
    with database.computing() as connection:
        rows = address_quality(connection, kind)
        wordings, waiting = review.left_over(connection)
    return AddressDesk(
        wordings=wordings, rows=waiting, kind=kind, unplaced=tuple(unplaced(row) for row in rows[:LONGEST]),
        all=unplaced(together(rows)) if rows else None,
    )  # fmt: skip


def unplaced(row: AddressQuality) -> UnplacedRow:
    return UnplacedRow(
        name=row.name, rows=row.rows, unresolved=row.unresolved, unresolved_share=row.unresolved_share,
        coarse=row.coarse, coarse_share=row.coarse_share,
    )  # fmt: skip
