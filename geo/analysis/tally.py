"""Are the counts right after every write? Whole numbers by area, kept up to date and rebuildable.

The one definition of what counts is the view `okruga.fact` (store/sql/fact.sql). Every write leaves rows in
`okruga.change`; `settle` takes them, subtracts what the changed entries had been counted as (`okruga.counted`), adds
what they are now, renews what hangs on boundaries and cells, and raises the data version, all in one transaction.
`rebuild` forgets everything and counts again: the integers are the same.

Nothing here divides: rates, intervals and classes are pure functions over these numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geo.analysis.cells import known_years
from geo.analysis.reach import count_reach
from geo.analysis.residents import count_cells
from geo.analysis.withheld import withhold
from geo.errors import N_
from geo.progress import SILENT, Progress
from geo.store.bands import draw_bands
from geo.store.bulk import raw
from geo.store.engine import Database

LOCK_KEY = 0x74616C6C  # one consumer at a time
BATCH, SPARSE_BATCH = 20_000, 500

# an entry that lies in no area is remembered too: distances are counted from projects beyond every boundary, and once
# such a project is deleted nothing else says which theme it had
FRESH = """
CREATE TEMP TABLE fresh ON COMMIT DROP AS
WITH facts AS (
  SELECT entry_id, jsonb_agg(jsonb_build_array(measure, theme, period, part, amount)
                             ORDER BY measure, theme, period, part) AS facts
  FROM (SELECT entry_id, measure, theme, period, part, sum(amount) AS amount FROM okruga.fact
        WHERE {chosen} GROUP BY 1, 2, 3, 4, 5) f
  WHERE amount <> 0 GROUP BY entry_id
), areas AS (
  SELECT entry_id, array_agg(area_id ORDER BY area_id) AS areas FROM okruga.counted_area
  WHERE {chosen} GROUP BY entry_id
)
SELECT entry_id, coalesce(areas, '{}') AS areas, facts FROM facts LEFT JOIN areas USING (entry_id)
"""
# what differs between the old and the new contribution of each entry, added up
DELTA = """
CREATE TEMP TABLE delta ON COMMIT DROP AS
SELECT area_id, measure, theme, period, part, sum(amount)::bigint AS amount FROM (
  SELECT a.area_id, f ->> 0 AS measure, f ->> 1 AS theme, (f ->> 2)::smallint AS period, f ->> 3 AS part,
         (f ->> 4)::bigint * sign AS amount
  FROM (SELECT areas, facts, -1 AS sign FROM okruga.counted WHERE {chosen}
        UNION ALL SELECT areas, facts, 1 FROM fresh) c
  CROSS JOIN LATERAL unnest(c.areas) AS a (area_id) CROSS JOIN LATERAL jsonb_array_elements(c.facts) AS f
) d GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0
"""
APPLY = """
INSERT INTO okruga.tally AS t (area_id, measure, theme, period, part, amount)
SELECT area_id, measure, theme, period, part, amount FROM delta
ON CONFLICT (area_id, measure, theme, period, part) DO UPDATE SET amount = t.amount + EXCLUDED.amount
"""
SWEEP = """
DELETE FROM okruga.tally t USING delta d
WHERE t.amount = 0 AND (t.area_id, t.measure, t.theme, t.period, t.part)
                     = (d.area_id, d.measure, d.theme, d.period, d.part)
"""
FORGET = "DELETE FROM okruga.counted WHERE {chosen}"
REMEMBER = """
INSERT INTO okruga.counted (entry_id, areas, facts) SELECT entry_id, areas, facts FROM fresh
"""


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last settling: changed entries, and whether areas, cells or people did."""

    changes: tuple[int, ...]
    entries: tuple[int, ...] = ()
    registers: frozenset[str] = frozenset()
    project_themes: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    cells: bool = False
    shapes: bool = False


def settle(database: Database, progress: Progress = SILENT) -> int | None:
    """Count everything written since the last time, in one transaction of its own.

    Returns the new data version, or None when there was nothing to count.
    """
    with database.writing("tally") as connection:
        return settle_on(connection, progress)


def settle_on(connection: Connection, progress: Progress = SILENT) -> int | None:
    """The same inside the caller's transaction of the app role."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    news = read_news(connection)
    if not news.changes:
        return None
    count_entries(connection, news.entries, progress)
    if news.shapes:
        draw_bands(connection, news.kinds, progress)
    if news.shapes or "event" in news.registers:
        withhold(connection)
    if news.shapes or news.cells or years_with_land(connection) != counted_years(connection):
        count_cells(connection, progress)
        count_reach(connection, None, progress)
    elif news.project_themes:
        count_reach(connection, news.project_themes, progress)
    connection.execute(text("DELETE FROM okruga.change WHERE id = ANY (:ids)"), {"ids": list(news.changes)})
    return raise_version(connection, news.registers | news.kinds)


def rebuild(connection: Connection, progress: Progress = SILENT) -> int:
    """Forget all counts and count again from the registers. Returns the new data version."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    for table in ("change", "counted", "tally", "reach", "reach_on_foot"):
        connection.execute(text(f"DELETE FROM okruga.{table}"))
    ids = connection.scalars(text("SELECT id FROM okruga.entry ORDER BY id")).all()
    count_entries(connection, ids, progress)
    withhold(connection)
    count_cells(connection, progress)
    count_reach(connection, None, progress)
    layers = connection.scalars(text("SELECT layer FROM okruga.layer_version")).all()
    return raise_version(connection, frozenset(layers))


def years_with_land(connection: Connection) -> list[int]:
    """The years figures exist for in which some boundary is valid: only those can have residents and land."""
    return list(
        connection.scalars(
            text(
                "SELECT y FROM unnest(CAST(:years AS int[])) y WHERE EXISTS"
                " (SELECT FROM okruga.boundary WHERE valid @> make_date(y, 12, 31)) ORDER BY 1"
            ),
            {"years": known_years(connection)},
        )
    )


def counted_years(connection: Connection) -> list[int]:
    """Years the figures of residents and land were last counted for."""
    return list(
        connection.scalars(text("SELECT DISTINCT period FROM okruga.tally WHERE measure = 'area_m2' ORDER BY 1"))
    )


def read_news(connection: Connection) -> News:
    """Take note of the waiting changes (rows of transactions not yet committed stay for the next time)."""
    rows = connection.execute(
        text("SELECT id, subject, subject_id FROM okruga.change ORDER BY id FOR UPDATE SKIP LOCKED")
    ).all()
    by_subject: dict[str, set[int]] = {}
    for _, subject, subject_id in rows:
        by_subject.setdefault(subject, set()).add(subject_id)
    boundaries = by_subject.get("boundary", set())
    territories = by_subject.get("territory", set())
    entries = changed_entries(
        connection, by_subject.get("entry", set()), by_subject.get("import_run", set()), boundaries
    )
    return News(
        changes=tuple(row[0] for row in rows),
        entries=entries,
        registers=changed_registers(connection, entries),
        project_themes=changed_themes(connection, entries),
        kinds=changed_kinds(connection, boundaries, territories),
        cells="population_cell" in by_subject,
        shapes=bool(boundaries or territories),
    )


def changed_entries(
    connection: Connection, entries: Iterable[int], runs: Iterable[int], boundaries: Iterable[int]
) -> tuple[int, ...]:
    """Entries to count again: those written, of the runs, in the changed boundaries, and the needs of all these."""
    return tuple(
        connection.scalars(
            text(
                "WITH written AS ("
                " SELECT unnest(CAST(:entries AS bigint[])) AS id"
                " UNION SELECT id FROM okruga.entry WHERE import_run_id = ANY (:runs)"
                " UNION SELECT entry_id FROM okruga.place WHERE placed && CAST(:boundaries AS int[])"
                " UNION SELECT entry_id FROM okruga.counted"
                "  WHERE :moved AND areas && CAST(:boundaries AS bigint[])"
                ") SELECT id FROM written"
                " UNION SELECT need_id FROM okruga.project_need WHERE project_id IN (SELECT id FROM written) ORDER BY 1"
            ),
            {"entries": list(entries), "runs": list(runs), "boundaries": list(boundaries), "moved": bool(boundaries)},
        )
    )


def changed_registers(connection: Connection, entries: tuple[int, ...]) -> frozenset[str]:
    rows = connection.scalars(
        text("SELECT DISTINCT register FROM okruga.entry WHERE id = ANY (:ids)"), {"ids": list(entries)}
    )
    # what is gone can no longer say what it was
    gone = connection.scalar(
        text("SELECT EXISTS (SELECT FROM unnest(CAST(:ids AS bigint[])) i WHERE NOT EXISTS"
             " (SELECT FROM okruga.entry e WHERE e.id = i))"), {"ids": list(entries)},
    )  # fmt: skip
    return frozenset(rows) | (frozenset({"project", "need", "event", "organisation"}) if gone else frozenset())


def changed_themes(connection: Connection, entries: tuple[int, ...]) -> frozenset[str]:
    """Themes whose finished projects may have changed: as counted before, and as they are now."""
    rows = connection.scalars(
        text(
            "SELECT coalesce(theme, '') FROM okruga.entry WHERE id = ANY (:ids) AND register = 'project'"
            " UNION SELECT f ->> 1 FROM okruga.counted c CROSS JOIN LATERAL jsonb_array_elements(c.facts) f"
            " WHERE c.entry_id = ANY (:ids) AND f ->> 0 = 'projects'"
        ),
        {"ids": list(entries)},
    )
    themes = frozenset(rows)
    return themes | {""} if themes else themes


def changed_kinds(connection: Connection, boundaries: Iterable[int], territories: Iterable[int]) -> frozenset[str]:
    """Territory kinds whose shapes or names on tiles changed; a deleted version can only say that some kind did."""
    ids = list(boundaries)
    rows = connection.execute(
        text(
            "SELECT kind FROM okruga.boundary WHERE id = ANY (:ids)"
            " UNION SELECT kind FROM okruga.territory WHERE id = ANY (:territories)"
            " UNION SELECT layer FROM okruga.layer_version WHERE EXISTS (SELECT FROM unnest(CAST(:ids AS int[])) i"
            "  WHERE NOT EXISTS (SELECT FROM okruga.boundary b WHERE b.id = i))"
        ),
        {"ids": ids, "territories": list(territories)},
    )
    return frozenset(row[0] for row in rows)


def count_entries(connection: Connection, entries: Iterable[int], progress: Progress = SILENT) -> None:
    """Replace the contributions of these entries by what they are now."""
    ids = sorted(entries)
    with progress.step(N_("Counting entries"), len(ids)) as step, raw(connection).cursor() as cursor:
        for chosen, values, size in batches(ids):
            for statement in (FRESH, DELTA, APPLY, SWEEP, FORGET, REMEMBER):
                named = statement.replace("{chosen}", chosen)
                cursor.execute(named.encode(), values if "%(" in named else None)
            cursor.execute("DROP TABLE fresh, delta")
            step.advance(size)


def batches(ids: list[int]) -> Iterator[tuple[str, dict[str, object], int]]:
    """Conditions that choose the entries batch by batch, with their values and sizes.

    Ids that lie close together are chosen by their range (counting an unchanged entry again changes nothing, and a
    range is an index scan); scattered ones by name, in smaller batches.
    """
    start = 0
    while start < len(ids):
        dense = ids[start : start + BATCH]
        if len(dense) > SPARSE_BATCH and dense[-1] - dense[0] < 4 * len(dense):
            yield "entry_id BETWEEN %(low)s AND %(high)s", {"low": dense[0], "high": dense[-1]}, len(dense)
            start += len(dense)
        else:
            sparse = ids[start : start + SPARSE_BATCH]
            yield "entry_id = ANY (%(ids)s)", {"ids": sparse}, len(sparse)
            start += len(sparse)


def raise_version(connection: Connection, layers: frozenset[str]) -> int:
    """A new data version, and new addresses for the tiles of what changed."""
    connection.execute(
        text(
            "INSERT INTO okruga.layer_version AS v (layer, version) SELECT unnest(CAST(:layers AS text[])), 1"
            " ON CONFLICT (layer) DO UPDATE SET version = v.version + 1, changed_at = now()"
        ),
        {"layers": sorted(layers)},
    )
    version = connection.scalar(
        text("UPDATE okruga.data_version SET version = version + 1, changed_at = now() RETURNING version")
    )
    return int(version or 0)
