"""Which entries tell of people's health or hardship, and in which areas may they be counted at all?

Of a sensitive theme (`OKRUGA_SENSITIVE_THEMES`, first or further theme of the entry) what residents ask for and take
part in is public only as sums over wide areas; what is built for them, a rehabilitation centre say, stays exact. The
rule stands in two views that everything else reads: `okruga.sensitive`, the entries, and `okruga.wide_boundary`, the
boundary versions they are counted in. The themes are kept in a table, so that SQL and the settings cannot disagree:
an upgrade, which every start makes, brings the table up to date and has the entries concerned counted again.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from geo.settings import settings
from geo.vocabulary import WIDE_KINDS

THEMES = "ARRAY(SELECT s.theme FROM okruga.sensitive_theme s)"
# a condition on an entry `e`: uncorrelated, so that the themes are read once in a statement
OF_THEME = f"(coalesce(e.theme = ANY ({THEMES}), false) OR e.secondary_themes && {THEMES})"
# needs are not public one by one; an event is announced to everybody, only who came is not told
LISTED = f"NOT (e.register = 'need' AND {OF_THEME})"

CHANGED = """
WITH changed AS (
  SELECT theme FROM okruga.sensitive_theme WHERE theme <> ALL (:themes)
  UNION ALL (SELECT unnest(CAST(:themes AS text[])) EXCEPT SELECT theme FROM okruga.sensitive_theme)
)
INSERT INTO okruga.change (subject, subject_id)
SELECT 'entry', e.id FROM okruga.entry e WHERE e.register IN ('need', 'event')
AND (e.theme IN (SELECT theme FROM changed) OR e.secondary_themes && ARRAY(SELECT theme FROM changed))
"""


def sensitive_views() -> str:
    """The SQL of the two views."""
    kinds = ", ".join(f"'{kind.value}'" for kind in WIDE_KINDS)
    return f"""
CREATE OR REPLACE VIEW okruga.sensitive AS
SELECT e.id AS entry_id FROM okruga.entry e WHERE e.register IN ('need', 'event') AND {OF_THEME};
CREATE OR REPLACE VIEW okruga.wide_boundary AS
SELECT b.id FROM okruga.boundary b WHERE b.kind IN ({kinds});
"""


def up_to_date(connection: Connection) -> bool:
    """Whether the table holds the themes of the settings."""
    stored = connection.scalars(text("SELECT theme FROM okruga.sensitive_theme"))
    return set(stored) == set(settings().sensitive)


def keep_themes(connection: Connection) -> None:
    """Write the themes of the settings; entries whose standing changes are counted at the next settling."""
    themes = {"themes": list(settings().sensitive)}
    connection.execute(text(CHANGED), themes)
    connection.execute(text("DELETE FROM okruga.sensitive_theme"))
    connection.execute(text("INSERT INTO okruga.sensitive_theme SELECT unnest(CAST(:themes AS text[]))"), themes)
