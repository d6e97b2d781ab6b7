"""What do the pages of a district and of a TOS have in common? Parents, boundary, the newest entries inside."""

from __future__ import annotations

from typing import Any

from api import naming
from api.deps import Visit
from api.rows import entry_row
from geo.registers import BY_NAME
from geo.store.query import Filters, list_entries
from geo.vocabulary import BoundaryPrecision
from maps.pages import BoundaryNote, EntryRow, Link

SHOWN = 8


def parent_links(visit: Visit, row: dict[str, Any]) -> tuple[Link, ...]:
    """What a territory lies in, the largest first."""
    return tuple(
        Link(title=naming.name(each, visit.lang), href=naming.territory_href(each["kind"], each["code"], visit.lang))
        for each in reversed(row["parents"])
    )


def boundary_note(row: dict[str, Any]) -> BoundaryNote | None:
    if row["boundary"] is None:
        return None
    return BoundaryNote(
        valid_from=row["valid_from"], valid_to=row["valid_to"], legal_act=row["legal_act"] or "",
        source=row["source"], licence=row["licence"] or "", precision=naming.word(BoundaryPrecision, row["precision"]),
    )  # fmt: skip


def newest(visit: Visit, register: str, code: str, status: str = "") -> tuple[EntryRow, ...]:
    """The newest entries of a register in the territory."""
    filters = Filters(territory=code, status=status, limit=SHOWN, newest_first=True)
    found = list_entries(visit.connection, BY_NAME[register], filters)
    return tuple(entry_row(visit, row) for row in found.items)
