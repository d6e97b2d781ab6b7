"""Which loads were there, who made them, and what came of them? For stewards: the public sees published.import_run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, NotFound

SELECT = (
    "SELECT r.id, r.register, r.kind, r.file_name, s.title, r.actor, r.demo, r.state, r.committed_at, r.undone_at,"
    " r.report"
    " FROM okruga.import_run r JOIN okruga.source s ON s.id = r.source_id "
)


@dataclass(frozen=True, slots=True)
class RunNote:
    """One committed load of one file; `report` is what the load said about itself."""

    id: int
    register: str
    kind: str | None
    file_name: str
    source: str
    actor: str
    demo: bool
    state: str
    committed_at: datetime
    undone_at: datetime | None
    report: dict[str, Any]

    @property
    def undone(self) -> bool:
        return self.state == "undone"


def list_runs(connection: Connection, limit: int = 50, before: int = 0) -> list[RunNote]:
    """Loads, the newest first; `before` continues after the load of that id."""
    rows = connection.execute(
        text(SELECT + "WHERE :before = 0 OR r.id < :before ORDER BY r.id DESC LIMIT :limit"),
        {"before": before, "limit": limit},
    )
    return [RunNote(*row) for row in rows]


def get_run(connection: Connection, run: int) -> RunNote:
    """One load. Raises NotFound."""
    row = connection.execute(text(SELECT + "WHERE r.id = :run"), {"run": run}).one_or_none()
    if row is None:
        raise NotFound(N_("There is no import {run}."), remedy=N_("`okruga imports list` shows all imports."), run=run)
    return RunNote(*row)
