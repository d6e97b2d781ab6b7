"""How do counted figures reach the database quickly? As COPY lines of plain numbers and codes.

Only for values without tabs, line ends and backslashes: numbers, codes, arrays of numbers. Files and people's text go
through geo.ingest.write, which quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import Connection as PgConnection
from psycopg import sql
from sqlalchemy import Connection

BLOCK = 5_000


def raw(connection: Connection) -> PgConnection[tuple[object, ...]]:
    """The psycopg connection under an SQLAlchemy one, inside the same transaction."""
    return connection.connection.driver_connection  # type: ignore[return-value]


def copy_numbers(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Append rows of numbers, codes and lists of numbers to a table of schema okruga."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("okruga", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    lines: list[str] = []
    with raw(connection).cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            lines.append("\t".join(map(plain, row)))
            if len(lines) == BLOCK:
                stream.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            stream.write("\n".join(lines) + "\n")


def plain(value: object) -> str:
    """One COPY field."""
    return "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else str(value)
