"""Which sent files wait, whose are they, and how far did each come? The rows of okruga.upload, nothing else.

The caller owns the transaction. What a state means: received (nothing looked at yet), checking and committing
(somebody works on it), checked (the report is there and waits for a person), committed (it is loaded).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from geo.errors import N_, NotFound

SELECT = (
    "SELECT id, account_id, actor, folder, file_name, bytes, state, options, import_run_id, created_at, expires_at"
    " FROM okruga.upload "
)
WORKING = ("checking", "committing")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that waits. `options` is what was asked of the load, as geo.ingest.request writes it."""

    id: int
    account_id: int
    actor: str
    folder: str
    file_name: str
    bytes: int
    state: str
    options: dict[str, Any]
    import_run_id: int | None
    created_at: datetime
    expires_at: datetime

    @property
    def working(self) -> bool:
        """Whether a process works on it, or did when it was killed."""
        return self.state in WORKING


def add_upload(
    connection: Connection, account_id: int, actor: str, folder: str, file_name: str, size: int,
    options: dict[str, Any], keep_days: int,
) -> int:  # fmt: skip
    """Note a received file. Returns its number."""
    found = connection.scalar(
        text(
            "INSERT INTO okruga.upload (account_id, actor, folder, file_name, bytes, options, expires_at)"
            " VALUES (:account, :actor, :folder, :file, :bytes, CAST(:options AS jsonb),"
            " now() + make_interval(days => :days)) RETURNING id"
        ),
        {"account": account_id, "actor": actor, "folder": folder, "file": file_name, "bytes": size,
         "options": orjson.dumps(options).decode(), "days": keep_days},
    )  # fmt: skip
    return int(found or 0)


def get_upload(connection: Connection, upload: int) -> Upload:
    """One file that waits. Raises NotFound, also when it expired or was discarded."""
    row = connection.execute(text(SELECT + "WHERE id = :id"), {"id": upload}).one_or_none()
    if row is None:
        raise NotFound(
            N_("This file is not here any more."), remedy=N_("Send it again; unused files are removed after a while.")
        )
    return Upload(*row)


def list_uploads(connection: Connection, account_id: int | None = None) -> list[Upload]:
    """The files that wait, the newest first; of one account, or of all."""
    rows = connection.execute(
        text(SELECT + "WHERE (CAST(:account AS integer) IS NULL OR account_id = :account) ORDER BY id DESC LIMIT 100"),
        {"account": account_id},
    )
    return [Upload(*row) for row in rows]


def upload_of_run(connection: Connection, run: int) -> Upload | None:
    """The file an import run came from, while its refused rows are kept."""
    row = connection.execute(text(SELECT + "WHERE import_run_id = :run"), {"run": run}).one_or_none()
    return None if row is None else Upload(*row)


def set_state(connection: Connection, upload: int, state: str, *, only_from: tuple[str, ...] = ()) -> bool:
    """Move on to another state; with `only_from` only out of one of those. Says whether it did."""
    done = connection.execute(
        text(
            "UPDATE okruga.upload SET state = :state WHERE id = :id"
            " AND (cardinality(CAST(:only AS text[])) = 0 OR state = ANY (:only))"
        ),
        {"id": upload, "state": state, "only": list(only_from)},
    )
    return done.rowcount == 1


def set_options(connection: Connection, upload: int, options: dict[str, Any]) -> None:
    """Keep what was answered."""
    connection.execute(
        text("UPDATE okruga.upload SET options = CAST(:options AS jsonb) WHERE id = :id"),
        {"id": upload, "options": orjson.dumps(options).decode()},
    )


def loaded_by(connection: Connection, upload: int, run: int) -> None:
    """Note, in the transaction of the load itself, that the file is loaded: both are true or neither."""
    connection.execute(
        text("UPDATE okruga.upload SET state = 'committed', import_run_id = :run WHERE id = :id"),
        {"id": upload, "run": run},
    )


def forget(connection: Connection, upload: int) -> None:
    """Remove the row of a file."""
    connection.execute(text("DELETE FROM okruga.upload WHERE id = :id"), {"id": upload})


def expired(connection: Connection) -> list[Upload]:
    """Files nobody did anything with for too long."""
    return [Upload(*row) for row in connection.execute(text(SELECT + "WHERE expires_at < now() ORDER BY id"))]


def folders(connection: Connection) -> set[str]:
    """The folders of all files that wait."""
    return set(connection.scalars(text("SELECT folder FROM okruga.upload")))


@dataclass(frozen=True, slots=True)
class Known:
    """A territory files may belong to."""

    code: str
    name: str
    kind: str


def wider_territories(connection: Connection, most: int = 2_000) -> list[Known]:
    """Territories that contain others, the widest kinds first."""
    rows = connection.execute(
        text(
            "SELECT code, name, kind FROM okruga.territory WHERE kind = ANY (:kinds)"
            " ORDER BY array_position(:kinds, kind), name LIMIT :most"
        ),
        {"kinds": ["country", "region", "oblast", "rayon", "municipality", "settlement"], "most": most},
    )
    return [Known(*row) for row in rows]


def source_titles(connection: Connection, most: int = 500) -> list[str]:
    """The sources rows came from so far."""
    return list(
        connection.scalars(text("SELECT title FROM okruga.source ORDER BY id DESC LIMIT :most"), {"most": most})
    )
