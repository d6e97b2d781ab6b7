"""Text nobody should trust, and a database that holds it in every column where text may stand.

Used by the tests of pages and answers, and by those that look at the pages in a browser.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from geo.analysis import tally
from geo.store.engine import Database

MARKER = "zqx"
# markup, template braces (balanced and not), script templates, quotes, directions, line ends a script would stop at
PIECES = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</title></textarea></style>",
    "{{7*7}}",
    "{{ ''.__class__ }}",
    "{%",
    "{#",
    "${7*7}",
    "`${alert(1)}`",
    "'\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "&lt;b&gt;&amp;",
    "%(x)s {0} {name}",
    "\\u003cscript\\u003e",
    "\u202eright to left\u202c",
    "\u2028\u2029",
    "=1+1",
)
PAYLOAD = f"{MARKER} " + " ".join(PIECES) + f" {MARKER}"
ADDRESS = "javascript:alert(1)//" + MARKER

# every text column of these tables that no constraint binds to a closed list
TABLES = (
    "boundary", "entry", "event", "import_run", "need", "observation", "organisation", "place", "project", "source",
    "territory", "territory_group",
)  # fmt: skip
# bound by a constraint that any text of people satisfies, or needed as they are to be found again
FREE = {("entry", "title"), ("source", "title")}
KEPT = {
    ("boundary", "kind"),
    ("import_run", "file_sha256"),
    ("import_run", "register"),
    ("organisation", "inn"),
    ("place", "register"),
    ("project", "currency"),  # three letters, or the row is refused
}
TEXT_COLUMNS = """
SELECT c.table_name, c.column_name
FROM information_schema.columns c
WHERE c.table_schema = 'okruga' AND c.data_type = 'text' AND c.table_name = ANY (:tables)
  AND NOT EXISTS (
    SELECT FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
    WHERE k.conrelid = ('okruga.' || c.table_name)::regclass AND a.attname = c.column_name
      AND k.contype IN ('c', 'f', 'p', 'u')
  )
ORDER BY 1, 2
"""


def text_columns(connection: Connection) -> list[tuple[str, str]]:
    """Table and column of all free text."""
    rows = connection.execute(text(TEXT_COLUMNS), {"tables": list(TABLES)})
    return sorted({(row[0], row[1]) for row in rows} - KEPT | FREE)


def poison(database: Database, payload: str = PAYLOAD) -> list[tuple[str, str]]:
    """Put the payload into every text column of every row, and into translations; gives the columns."""
    with database.writing(payload[:100]) as connection:
        columns = text_columns(connection)
        for table, column in columns:
            value = (
                ":url"
                if column == "url"
                else "CAST(:payload AS text) || ' ' || id"
                if table == "source"
                else ":payload"
            )
            connection.execute(
                text(f"UPDATE okruga.{table} SET {column} = {value}"),
                {"url": ADDRESS} if column == "url" else {"payload": payload},
            )
        for table, column in (("entry", "titles"), ("territory", "names"), ("entry", "extra"), ("territory", "extra")):
            connection.execute(
                text(f"UPDATE okruga.{table} SET {column} = jsonb_build_object('en', CAST(:payload AS text))"),
                {"payload": payload},
            )
    tally.settle(database)
    return columns
