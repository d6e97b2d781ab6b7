"""How many addresses found no place, and where? Missing addresses bend every map, so their share stands beside it.

A row belongs to the territory its place lies in or, without a place, to the one its own columns name. Rows that name
none and were not found are counted apart: nobody knows where they are missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geo.geocode.queue import OPEN
from geo.vocabulary import MatchLevel, TerritoryKind

COARSE = (MatchLevel.STREET, MatchLevel.AREA, MatchLevel.SETTLEMENT, MatchLevel.DISTRICT)


@dataclass(frozen=True, slots=True)
class AddressQuality:
    """Rows with an address and no coordinates of their own: all, those without a place, those placed coarsely.

    `code` is empty for rows that nobody can assign to a territory.
    """

    code: str
    name: str
    rows: int
    unresolved: int
    coarse: int

    @property
    def unresolved_share(self) -> float | None:
        """Rows without a place out of all, 0..1; None when there are none."""
        return self.unresolved / self.rows if self.rows else None

    @property
    def coarse_share(self) -> float | None:
        """Rows known no better than to a street or an area out of those placed, 0..1; None when none is placed."""
        placed = self.rows - self.unresolved
        return self.coarse / placed if placed else None


def address_quality(connection: Connection, kind: TerritoryKind) -> list[AddressQuality]:
    """One line for each territory of the kind that has such rows, the largest share unresolved first."""
    rows = connection.execute(
        text(
            "SELECT coalesce(t.code, '') AS code, coalesce(t.name, '') AS name, count(*) AS rows,"
            " count(*) FILTER (WHERE q.status IS NULL OR q.status = ANY (:open)) AS unresolved,"
            " count(*) FILTER (WHERE q.status IN ('accepted', 'manual') AND q.match_level = ANY (:coarse)) AS coarse"
            " FROM okruga.geocode_task q LEFT JOIN okruga.place p ON p.id = q.place_id"
            " LEFT JOIN LATERAL (SELECT h.id, h.code, h.name FROM okruga.territory h"
            "   WHERE h.kind = :kind AND (h.id = p.stated_territory_id OR h.id IN"
            "     (SELECT b.territory_id FROM okruga.boundary b WHERE b.id = ANY (p.placed)))"
            "   ORDER BY h.id = p.stated_territory_id DESC NULLS LAST, h.id LIMIT 1) t ON true"
            " GROUP BY t.id, t.code, t.name"
            " ORDER BY count(*) FILTER (WHERE q.status IS NULL OR q.status = ANY (:open))::float8 / count(*) DESC, 1"
        ),
        {"kind": kind.value, "open": list(OPEN), "coarse": [level.value for level in COARSE]},
    )
    return [AddressQuality(row.code, row.name, int(row.rows), int(row.unresolved), int(row.coarse)) for row in rows]


def together(rows: list[AddressQuality]) -> AddressQuality:
    """All lines added up."""
    return AddressQuality(
        "", "", sum(row.rows for row in rows), sum(row.unresolved for row in rows), sum(row.coarse for row in rows)
    )
