"""What does the passport of a territory say beside its indicators? Money by source, and the register of TOS with
people.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geo.analysis.cells import THOUSANDTHS
from geo.store.query import Page, check_cursor, check_limit, escape_like
from geo.vocabulary import FundingSource


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units by source, of the one currency that most of the money is in."""

    currency: str
    by_source: dict[FundingSource, int]


def money(connection: Connection, boundary: int, year: int) -> Money:
    """Money of the projects begun in a boundary version up to the end of a year; undated ones count as always there."""
    rows = connection.execute(
        text(
            "SELECT part, sum(amount) FROM published.tally WHERE area_id = :area AND measure = 'funding_minor'"
            " AND period <= :year GROUP BY part ORDER BY part"
        ),
        {"area": boundary, "year": year},
    )
    amounts = {tuple(part.split(":", 1)): int(amount) for part, amount in rows}
    totals: Counter[str] = Counter()
    for (_, currency), amount in amounts.items():
        totals[currency] += amount
    chosen = totals.most_common(1)[0][0] if totals else "RUB"
    return Money(
        chosen, {FundingSource(source): amount for (source, currency), amount in amounts.items() if currency == chosen}
    )


TOS = """
SELECT b.territory_id AS id, b.code, b.name, b.names, b.tos_status, b.tos_level, t.charter_number,
       t.charter_registered_on, d.name AS district, d.names AS district_names, y.amount AS people
FROM published.boundary b
JOIN published.territory t ON t.id = b.territory_id
LEFT JOIN LATERAL (
  SELECT o.name, o.names FROM published.boundary o
  WHERE o.kind = 'civic_district' AND o.valid @> CURRENT_DATE AND o.geom && b.geom
    AND ST_Covers(o.geom, ST_PointOnSurface(b.geom)) ORDER BY o.code LIMIT 1
) d ON true
LEFT JOIN LATERAL (
  SELECT sum(amount) AS amount FROM published.tally
  WHERE area_id = b.id AND measure = 'cell_residents' AND period <= :year GROUP BY period ORDER BY period DESC LIMIT 1
) y ON true
WHERE b.kind = 'tos_territory' AND b.valid @> CURRENT_DATE AND (:any_status OR b.tos_status = :status)
  AND (:any_words OR b.name ILIKE :words OR b.names ->> 'en' ILIKE :words)
"""


def tos_register(
    connection: Connection, *, words: str = "", status: str = "", year: int, limit: int = 100, cursor: str = ""
) -> Page:
    """The TOS of today with their district and residents (None where no cell tells), in order of id."""
    limit = check_limit(limit)
    values = {
        "words": f"%{escape_like(words.strip())}%", "any_words": not words.strip(), "status": status,
        "any_status": not status, "year": year,
    }  # fmt: skip
    matched = connection.scalar(text(f"SELECT count(*) FROM ({TOS}) f"), values)
    rows = connection.execute(
        text(f"SELECT * FROM ({TOS}) f WHERE id > :after ORDER BY id LIMIT :limit"),
        {**values, "after": check_cursor(cursor), "limit": limit + 1},
    ).mappings()
    items = [with_people(dict(row)) for row in rows]
    more = len(items) > limit
    return Page(int(matched or 0), items[:limit], str(items[limit - 1]["id"]) if more else None)


def residents_inside(connection: Connection, boundary: int, year: int) -> int | None:
    """Residents of the cells in a boundary version by the newest count not later than a year; None without cells."""
    amount = connection.scalar(
        text(
            "SELECT sum(amount) FROM published.tally WHERE area_id = :area AND measure = 'cell_residents'"
            " AND period <= :year GROUP BY period ORDER BY period DESC LIMIT 1"
        ),
        {"area": boundary, "year": year},
    )
    return None if amount is None else round(int(amount) / THOUSANDTHS)


def with_people(row: dict[str, Any]) -> dict[str, Any]:
    """Thousandths of people, as the tally counts them, as whole people."""
    people = row.pop("people")
    return {**row, "residents": None if people is None else round(int(people) / THOUSANDTHS)}
