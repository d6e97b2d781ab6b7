"""Which files of addresses were sent to the service, how far is each, and what came of it?

The rows stand in the database in portions, before the sender gets an answer. A portion is answered and written in one
transaction; whoever is killed loses the portion he was at, and whoever comes next takes the portions that are left.
Two that work on one file never meet. Files go after some days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from geo.batch.answers import Answerer, Say
from geo.batch.texts import TextFile
from geo.batch.to_file import PORTION, heading_bytes, tally, with_answers
from geo.errors import N_, Conflict, NotFound, TooLarge, Unavailable
from geo.geocode.current import Current
from geo.progress import SILENT, Progress
from geo.store.engine import Database

MOST_ROWS = 200_000
MOST_UNFINISHED = 3
SELECT = (
    "SELECT f.id, f.actor, f.file_name, f.headings, f.address_column, f.scope_territory_id, f.lang, f.row_count,"
    " coalesce((SELECT sum(p.row_count) FROM okruga.address_file_part p WHERE p.file_id = f.id"
    "   AND p.answers IS NOT NULL), 0)::int AS done, f.created_at, f.finished_at, f.expires_at"
    " FROM okruga.address_file f "
)


@dataclass(frozen=True, slots=True)
class AddressFile:
    """One file: its rows, and how many of them are answered."""

    id: int
    actor: str
    file_name: str
    headings: list[str]
    address_column: int
    scope_territory_id: int | None
    lang: str
    rows: int
    done: int
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime

    @property
    def finished(self) -> bool:
        """Whether every row has its answer."""
        return self.finished_at is not None


def keep_file(
    connection: Connection, file: TextFile, file_name: str, *, account_id: int, actor: str, scope: int | None,
    lang: str, keep_days: int,
) -> int:  # fmt: skip
    """Store the rows to be asked about. Returns the file's number. Raises TooLarge, or Unavailable with too many."""
    if len(file.rows) > MOST_ROWS:
        raise TooLarge(
            N_("The file has more than {limit} rows."), remedy=N_("Send it in parts, or use `okruga geocode`."),
            limit=MOST_ROWS,
        )  # fmt: skip
    require_room(connection, account_id)
    number = int(
        connection.execute(
            text(
                "INSERT INTO okruga.address_file (account_id, actor, file_name, headings, address_column,"
                " scope_territory_id, lang, row_count, expires_at, finished_at) VALUES (:account, :actor, :file,"
                " :headings, :column, :scope, :lang, CAST(:rows AS int), now() + make_interval(days => :days),"
                " CASE WHEN CAST(:rows AS int) = 0 THEN now() END) RETURNING id"
            ),
            {"account": account_id, "actor": actor, "file": file_name, "headings": list(file.headings),
             "column": file.headings.index(file.column), "scope": scope, "lang": lang, "rows": len(file.rows),
             "days": keep_days},
        ).scalar_one()
    )  # fmt: skip
    parts = [file.rows[start : start + PORTION] for start in range(0, len(file.rows), PORTION)]
    if parts:
        connection.execute(
            text(
                "INSERT INTO okruga.address_file_part (file_id, number, row_count, cells)"
                " VALUES (:file, :number, :rows, CAST(:cells AS jsonb))"
            ),
            [{"file": number, "number": at, "rows": len(part), "cells": as_json(part)}
             for at, part in enumerate(parts)],
        )  # fmt: skip
    return number


def as_json(rows: list[list[str]]) -> str:
    """Cells as JSON; the zero character, which the database cannot hold, is left out."""
    return orjson.dumps([[cell.replace("\x00", "") for cell in row] for row in rows]).decode()


def require_room(connection: Connection, account_id: int) -> None:
    """Raise Unavailable while an account has too many unfinished files."""
    waiting = connection.scalar(
        text("SELECT count(*) FROM okruga.address_file WHERE account_id = :account AND finished_at IS NULL"),
        {"account": account_id},
    )
    if int(waiting or 0) >= MOST_UNFINISHED:
        raise Unavailable(
            N_("{count} of your files are not finished yet."), remedy=N_("Wait for them, or discard one."),
            count=int(waiting or 0),
        )  # fmt: skip


def get_file(connection: Connection, number: int) -> AddressFile:
    """One file. Raises NotFound, also when it expired or was discarded."""
    row = connection.execute(text(SELECT + "WHERE f.id = :id"), {"id": number}).one_or_none()
    if row is None:
        raise NotFound(
            N_("This file is not here any more."), remedy=N_("Send it again; unused files are removed after a while.")
        )
    return AddressFile(*row)


def list_files(connection: Connection, account_id: int) -> list[AddressFile]:
    """The files of an account, the newest first."""
    rows = connection.execute(
        text(SELECT + "WHERE f.account_id = :account ORDER BY f.id DESC LIMIT 50"), {"account": account_id}
    )
    return [AddressFile(*row) for row in rows]


def unfinished(connection: Connection) -> list[int]:
    """The files that still have rows without an answer."""
    return list(connection.scalars(text("SELECT id FROM okruga.address_file WHERE finished_at IS NULL ORDER BY id")))


def discard(connection: Connection, number: int) -> None:
    """Remove a file and its answers."""
    connection.execute(text("DELETE FROM okruga.address_file WHERE id = :id"), {"id": number})


def sweep(connection: Connection) -> None:
    """Remove the files whose days are over."""
    connection.execute(text("DELETE FROM okruga.address_file WHERE expires_at < now()"))


# --- the work ---------------------------------------------------------------------------------------------------------


def work(database: Database, current: Current, number: int, say: Say, progress: Progress = SILENT) -> None:
    """Answer what is left of a file. May be killed and begun again, by several at once."""
    geocoder = current.get(wait=True)
    with database.computing() as connection:
        file = get_file(connection, number)
        answerer = Answerer.load(connection, geocoder, file.scope_territory_id, say, different_texts(connection, file))
    with progress.step(N_("Looking for addresses"), file.rows) as step:
        step.advance(file.done)
        while answered := answer_part(database, answerer, file):
            step.advance(answered)


def different_texts(connection: Connection, file: AddressFile) -> list[str]:
    """Every wording of a file once, answered or not: whoever goes on with it comes to the same."""
    rows = connection.scalars(
        text(
            "SELECT DISTINCT row ->> CAST(:column AS int) FROM okruga.address_file_part p,"
            " jsonb_array_elements(p.cells) AS row WHERE p.file_id = :file ORDER BY 1"
        ),
        {"file": file.id, "column": file.address_column},
    )
    return list(rows)


def answer_part(database: Database, answerer: Answerer, file: AddressFile) -> int:
    """Answer the next portion nobody works on; the number of its rows, 0 when nothing is left to take."""
    with database.writing(file.actor) as connection:
        part = connection.execute(
            text(
                "SELECT number, cells FROM okruga.address_file_part WHERE file_id = :file AND answers IS NULL"
                " ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED"
            ),
            {"file": file.id},
        ).one_or_none()
        if part is None:
            finish(connection, file.id)
            return 0
        answers = answerer.answers(connection, [row[file.address_column] for row in part.cells])
        connection.execute(
            text(
                "UPDATE okruga.address_file_part SET answers = CAST(:answers AS jsonb)"
                " WHERE file_id = :file AND number = :number"
            ),
            {"answers": as_json(answers), "file": file.id, "number": part.number},
        )
        return len(answers)


def finish(connection: Connection, number: int) -> None:
    """Say that a file is whole, if it is."""
    connection.execute(
        text(
            "UPDATE okruga.address_file f SET finished_at = now() WHERE f.id = :file AND f.finished_at IS NULL"
            " AND NOT EXISTS (SELECT FROM okruga.address_file_part p WHERE p.file_id = f.id AND p.answers IS NULL)"
        ),
        {"file": number},
    )


# --- what came of it --------------------------------------------------------------------------------------------------


def counts(connection: Connection, number: int) -> Counter[str]:
    """Statuses of the rows answered so far, and the levels of what was placed."""
    found: Counter[str] = Counter()
    for row in connection.execute(
        text("SELECT answers FROM okruga.address_file_part WHERE file_id = :file AND answers IS NOT NULL"),
        {"file": number},
    ):
        found.update(tally(row.answers))
    return found


def result(database: Database, file: AddressFile) -> Iterator[bytes]:
    """The file with its answers as CSV, portion by portion. Raises Conflict while it is not whole."""
    if not file.finished:
        raise Conflict(N_("Not all addresses were looked for yet."), remedy=N_("Wait until that is done."))
    return _portions(database, file)


def _portions(database: Database, file: AddressFile) -> Iterator[bytes]:
    yield heading_bytes(file.headings)
    for number in range(-(-file.rows // PORTION)):
        with database.computing() as connection:
            row: Any = connection.execute(
                text("SELECT cells, answers FROM okruga.address_file_part WHERE file_id = :file AND number = :number"),
                {"file": file.id, "number": number},
            ).one_or_none()
        if row is None:  # discarded meanwhile
            return
        yield with_answers(row.cells, row.answers)
