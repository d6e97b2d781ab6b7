"""What did people say about the columns of this source's files before? Said once, it holds for the next file.

Kept when a load is written, and only what somebody stated: what headings say by themselves needs no memory. A file of
a new source is recognised by having exactly the same headings. What is stated now always wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, text

from geo.ingest.columns import normalised


@dataclass(frozen=True, slots=True)
class Memory:
    """Field -> column ("" where a field has none), the column that identifies a row, the source it is known from."""

    fields: Pairs[str, str] = field(default_factory=dict)
    key: str = ""
    source: str = ""


NOTHING = Memory()


def headings_digest(columns: Sequence[str]) -> str:
    """A digest of all headings, whatever their order and writing."""
    return hashlib.sha256("\x1f".join(sorted(map(normalised, columns))).encode()).hexdigest()


def recall(connection: Connection, register: str, title: str, columns: Sequence[str]) -> Memory:
    """What is remembered of the source, or else of a file with the same headings; only columns this file has."""
    row = connection.execute(
        text(
            "SELECT fields, key_column, source_title FROM okruga.column_memory"
            " WHERE register = :register AND (source_title = :title OR headings = :headings)"
            " ORDER BY source_title = :title DESC, stated_at DESC LIMIT 1"
        ),
        {"register": register, "title": title, "headings": headings_digest(columns)},
    ).one_or_none()
    if row is None:
        return NOTHING
    fields = {name: column for name, column in row.fields.items() if not column or column in columns}
    return Memory(fields, row.key_column if row.key_column in columns else "", row.source_title)


def keep(connection: Connection, register: str, title: str, columns: Sequence[str], memory: Memory, actor: str) -> None:
    """Remember what was stated about the columns; nothing when nothing was."""
    if not memory.fields and not memory.key:
        return
    connection.execute(
        text(
            "INSERT INTO okruga.column_memory (register, source_title, headings, fields, key_column, actor)"
            " VALUES (:register, :title, :headings, CAST(:fields AS jsonb), :key, :actor)"
            " ON CONFLICT (register, source_title) DO UPDATE SET headings = excluded.headings,"
            " fields = excluded.fields, key_column = excluded.key_column, actor = excluded.actor, stated_at = now()"
        ),
        {"register": register, "title": title, "headings": headings_digest(columns),
         "fields": orjson.dumps(dict(memory.fields)).decode(), "key": memory.key, "actor": actor},
    )  # fmt: skip
