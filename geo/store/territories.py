"""Which territories are there, and what is known of one of them: shapes through time, parents, people, parts inside?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, NotFound
from geo.store.query import Page, check_cursor, check_limit, escape_like, halves

COLUMNS = (
    "t.id, t.code, t.kind, t.name, t.names, t.parent, t.municipality_form, t.tos_status, t.tos_level,"
    " t.charter_number, t.charter_registered_on, t.oktmo, t.osm_id, t.wikidata_id, t.source, t.licence, t.invented,"
    " b.id AS boundary, b.valid_from, b.valid_to, b.area_m2, b.precision, b.legal_act, b.legal_act_on,"
    " ST_XMin(b.geom) AS west, ST_YMin(b.geom) AS south, ST_XMax(b.geom) AS east, ST_YMax(b.geom) AS north"
)
# the shape of the day; without one the newest, so that a territory that ended still has its last shape
SHAPE = (
    " LEFT JOIN LATERAL (SELECT * FROM published.boundary v WHERE v.territory_id = t.id"
    " AND (CAST(:day AS date) IS NULL OR v.valid @> CAST(:day AS date))"
    " ORDER BY v.valid @> CURRENT_DATE DESC, v.valid_from DESC NULLS LAST LIMIT 1) b ON true"
)


# members of a group on the day (today), and everything below them in the tree
IN_GROUP = (
    "WITH RECURSIVE inside AS (SELECT territory_id FROM published.territory_group_member WHERE group_code = :group"
    " AND valid @> coalesce(CAST(:day AS date), CURRENT_DATE)"
    " UNION SELECT c.id FROM published.territory c JOIN inside i ON c.parent_id = i.territory_id)"
    " SELECT territory_id FROM inside"
)


@dataclass(frozen=True, slots=True)
class TerritoryFilters:
    """What to list. `on` keeps territories that had a shape on that day; `bbox` as in geo.store.query.Filters."""

    kind: str = ""
    parent: str = ""
    status: str = ""
    group: str = ""
    words: str = ""
    on: date | None = None
    bbox: tuple[float, float, float, float] | None = None
    limit: int = 100
    cursor: str = ""


def list_territories(connection: Connection, filters: TerritoryFilters) -> Page:
    """Territories in order of id with their shape's dates, area (m²) and bounds (degrees), without the shape itself.

    Raises BadInput for a cursor or limit that cannot be used.
    """
    limit = check_limit(filters.limit)
    where, values = conditions(filters)
    matched = connection.scalar(text(f"SELECT count(*) FROM published.territory t{SHAPE} WHERE {where}"), values)
    rows = connection.execute(
        text(
            f"SELECT {COLUMNS} FROM published.territory t{SHAPE} WHERE {where} AND t.id > :after"
            " ORDER BY t.id LIMIT :limit"
        ),
        {**values, "after": check_cursor(filters.cursor), "limit": limit + 1},
    ).mappings()
    items = [dict(row) for row in rows]
    more = len(items) > limit
    items = items[:limit]
    return Page(int(matched or 0), items, str(items[-1]["id"]) if more else None)


def conditions(filters: TerritoryFilters) -> tuple[str, dict[str, Any]]:
    """The WHERE clause over `t` and its shape `b`, and the values it binds."""
    parts, values = ["true"], dict[str, Any](day=filters.on)
    for name, column in (("kind", "t.kind"), ("parent", "t.parent"), ("status", "t.tos_status")):
        if value := getattr(filters, name):
            parts.append(f"{column} = :{name}")
            values[name] = value
    if filters.group:
        parts.append(f"t.id IN ({IN_GROUP})")
        values["group"] = filters.group
    if filters.on is not None:
        parts.append("b.id IS NOT NULL")
    if filters.words.strip():
        parts.append("(t.name ILIKE :words OR t.names ->> 'en' ILIKE :words OR t.code = :typed)")
        values |= {"words": f"%{escape_like(filters.words.strip())}%", "typed": filters.words.strip()}
    if filters.bbox is not None:
        boxes = " OR ".join(
            f"b.geom && ST_MakeEnvelope(:w{i}, :s, :e{i}, :n, 4326)" for i, _ in enumerate(halves(filters.bbox))
        )
        parts.append(f"({boxes})")
        values |= {"s": filters.bbox[1], "n": filters.bbox[3]}
        for i, (west, east) in enumerate(halves(filters.bbox)):
            values |= {f"w{i}": west, f"e{i}": east}
    return " AND ".join(parts), values


def groups(connection: Connection) -> list[dict[str, Any]]:
    """Groups of territories with their members' codes of today, by name."""
    return _rows(
        connection,
        "SELECT code, name, names, coalesce(territories, '{}') AS territories FROM published.territory_group"
        " ORDER BY name, code",
    )


def codes_in_group(connection: Connection, group: str, on: date | None = None) -> frozenset[str]:
    """Codes of the members of a group on a day (today), and of all below them. Raises NotFound for an unknown group."""
    known = connection.scalar(
        text("SELECT EXISTS (SELECT FROM published.territory_group WHERE code = :group)"), {"group": group}
    )
    if not known:
        raise NotFound(
            N_("There is no group {code}."), remedy=N_("/api/groups lists the groups of territories."), code=group
        )
    found = connection.scalars(
        text(f"SELECT code FROM published.territory WHERE id IN ({IN_GROUP})"), {"group": group, "day": on}
    )
    return frozenset(found)


def get_territory(
    connection: Connection, code: str, on: date | None = None, *, geometry: bool = False
) -> dict[str, Any]:
    """One territory: its shape on the day (the newest by default), all versions, parents outwards, people, successors.

    With `geometry` the shape comes as GeoJSON text. Raises NotFound for a code that is not there.
    """
    shape = ", ST_AsGeoJSON(b.geom, 6) AS geometry" if geometry else ""
    row = connection.execute(
        text(f"SELECT {COLUMNS}{shape} FROM published.territory t{SHAPE} WHERE t.code = :code"),
        {"code": code, "day": on},
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(
            N_("There is no territory {code}."), remedy=N_("Look for its name in the list of districts."), code=code
        )
    return {
        **row,
        "versions": versions(connection, code),
        "parents": parents(connection, code),
        "population": population(connection, code),
        "succession": succession(connection, code),
    }


def versions(connection: Connection, code: str) -> list[dict[str, Any]]:
    """All shapes of a territory through time, the oldest first; both dates are included."""
    return _rows(
        connection,
        "SELECT id, valid_from, valid_to, area_m2, precision, legal_act, legal_act_on, legal_text, source, licence"
        " FROM published.boundary WHERE code = :code ORDER BY valid_from NULLS FIRST",
        code=code,
    )


def parents(connection: Connection, code: str) -> list[dict[str, Any]]:
    """What the territory lies in, the nearest first."""
    return _rows(
        connection,
        "WITH RECURSIVE up AS ("
        " SELECT parent_id, 1 AS step FROM published.territory WHERE code = :code"
        " UNION ALL SELECT t.parent_id, step + 1 FROM published.territory t JOIN up ON t.id = up.parent_id"
        "  WHERE step < 20)"
        " SELECT t.code, t.kind, t.name, t.names FROM up JOIN published.territory t ON t.id = up.parent_id"
        " ORDER BY step",
        code=code,
    )


def population(connection: Connection, code: str) -> list[dict[str, Any]]:
    """People by year and base."""
    return _rows(
        connection,
        "SELECT year, base, people, estimated, source FROM published.population WHERE code = :code ORDER BY year, base",
        code=code,
    )


def succession(connection: Connection, code: str) -> list[dict[str, Any]]:
    """Which territories it followed and which followed it."""
    return _rows(
        connection,
        "SELECT from_code, to_code, kind, happened_on, share FROM published.territory_succession"
        " WHERE from_code = :code OR to_code = :code ORDER BY happened_on, from_code, to_code",
        code=code,
    )


def inside(connection: Connection, boundary: int, kind: str, on: date | None = None) -> list[dict[str, Any]]:
    """Territories of a kind whose middle lies in a boundary version on a day (today by default), by name."""
    return _rows(
        connection,
        "SELECT c.code, c.name, c.names, c.tos_status, c.tos_level FROM published.boundary o, published.boundary c"
        " WHERE o.id = :boundary AND c.kind = :kind AND c.valid @> coalesce(CAST(:day AS date), CURRENT_DATE)"
        " AND c.geom && o.geom AND ST_Covers(o.geom, ST_PointOnSurface(c.geom)) ORDER BY c.name, c.code",
        boundary=boundary, kind=kind, day=on,
    )  # fmt: skip


def _rows(connection: Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(statement), values).mappings()]


def code_of(connection: Connection, kind: str, wanted: str) -> str:
    """The code of a territory of a kind by the id of one of its boundary versions, as tiles carry it, or by its code.

    Where a code is a number that is also a boundary id of the kind, the boundary id wins. Raises NotFound otherwise.
    """
    is_number = wanted.isascii() and wanted.isdigit() and int(wanted) < 2**31
    known = connection.scalar(
        text(
            "SELECT code FROM published.boundary WHERE id = :id AND kind = :kind"
            " UNION ALL SELECT code FROM published.territory WHERE code = :code AND kind = :kind LIMIT 1"
        ),
        {"id": int(wanted) if is_number else -1, "code": wanted, "kind": kind},
    )
    if known is None:
        raise NotFound(
            N_("There is no territory {code}."), remedy=N_("Look for its name in the list of districts."), code=wanted
        )
    return str(known)


def named(connection: Connection, entry: int, role: str) -> list[dict[str, Any]]:
    """The territories an entry is about by statement (role declared, mandate or about), by name."""
    return _rows(
        connection,
        "SELECT t.code, t.kind, t.name, t.names FROM published.entry_territory x"
        " JOIN published.territory t ON t.id = x.territory_id WHERE x.entry_id = :entry AND x.role = :role"
        " ORDER BY t.name, t.code",
        entry=entry, role=role,
    )  # fmt: skip


def names_of(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The names of territories by id; unknown ids are left out."""
    rows = connection.execute(
        text("SELECT id, name FROM published.territory WHERE id = ANY (:ids)"), {"ids": sorted(ids)}
    )
    return {int(row.id): row.name for row in rows}
