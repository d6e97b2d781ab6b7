"""Which entries of a register fit these filters? One select over any published view, keyset-paged.

Names of columns and tables come from register declarations, values are bound: a filter cannot become SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import N_, BadInput, NotFound
from geo.register import Register
from geo.store.once import once

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. `bbox` is west, south, east, north in degrees, west > east crosses the antimeridian."""

    territory: str = ""
    kind: str = ""
    theme: str = ""
    status: str = ""
    year: int | None = None
    on: date | None = None
    bbox: tuple[float, float, float, float] | None = None
    words: str = ""
    limit: int = 100
    cursor: str = ""
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: how many fit in all, the rows, and where the next page starts."""

    number_matched: int
    items: list[dict[str, Any]] = field(default_factory=list)
    next: str | None = None


def list_entries(connection: Connection, register: Register, filters: Filters) -> Page:
    """Entries of a register in order of id (or newest first), each with its places.

    Raises BadInput for a cursor or limit that cannot be used, NotFound for an unknown territory.
    """
    limit = check_limit(filters.limit)
    where, values = conditions(connection, register, filters)
    table = f"published.{register.name}"
    matched = connection.scalar(text(f"SELECT count(*) FROM {table} e WHERE {where}"), values)
    order = "DESC" if filters.newest_first else "ASC"
    after = "" if not filters.cursor else f" AND e.id {'<' if filters.newest_first else '>'} :after"
    rows = connection.execute(
        text(f"SELECT e.* FROM {table} e WHERE {where}{after} ORDER BY e.id {order} LIMIT :limit"),
        {**values, "after": check_cursor(filters.cursor), "limit": limit + 1},
    ).mappings()
    items = [dict(row) for row in rows]
    more = len(items) > limit
    items = with_places(connection, items[:limit])
    return Page(int(matched or 0), items, str(items[-1]["id"]) if more else None)


def conditions(connection: Connection, register: Register, filters: Filters) -> tuple[str, dict[str, Any]]:
    """The WHERE clause of filters over alias `e`, and its values."""
    parts, values = ["true"], dict[str, Any]()
    for name in ("theme", "status"):
        if value := getattr(filters, name):
            parts.append(f"e.{name} = :{name}")
            values[name] = value
    kind_column = {"event": "event_kind", "organisation": "organisation_kind", "observation": "measure"}.get(
        register.name
    )
    if filters.kind and kind_column:
        parts.append(f"e.{kind_column} = :kind")
        values["kind"] = filters.kind
    if filters.year is not None:
        parts.append(
            "coalesce(e.begins_on, e.ends_on) <= make_date(:year, 12, 31)"
            " AND coalesce(e.ends_on, e.begins_on) >= make_date(:year, 1, 1)"
        )
        values["year"] = filters.year
    if filters.words.strip():
        parts.append("(e.title ILIKE :words OR e.title % :typed)")
        values |= {"words": f"%{escape_like(filters.words.strip())}%", "typed": filters.words.strip()}
    if filters.bbox is not None:
        parts.append(
            "EXISTS (SELECT FROM published.place p WHERE p.entry_id = e.id AND p.register = :register AND ("
            + " OR ".join(
                f"p.geom && ST_MakeEnvelope(:w{i}, :s, :e{i}, :n, 4326)" for i, _ in enumerate(halves(filters.bbox))
            )
            + "))"
        )
        values |= {"register": register.name, "s": filters.bbox[1], "n": filters.bbox[3]}
        for i, (west, east) in enumerate(halves(filters.bbox)):
            values |= {f"w{i}": west, f"e{i}": east}
    if filters.territory:
        parts.append(
            "(EXISTS (SELECT FROM published.place p WHERE p.entry_id = e.id AND p.placed && CAST(:versions AS int[]))"
            " OR EXISTS (SELECT FROM published.entry_territory x WHERE x.entry_id = e.id AND x.code = :territory))"
        )
        values |= {"versions": versions_of(connection, filters.territory, filters.on), "territory": filters.territory}
    return " AND ".join(parts), values


def halves(bbox: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    """West and east ends; two pairs when the box crosses the antimeridian."""
    west, _, east, _ = bbox
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]


def versions_of(connection: Connection, code: str, on: date | None = None) -> list[int]:
    """Boundary versions of a territory: the one valid on a day, or all of them. NotFound for an unknown code."""
    there = text("SELECT EXISTS (SELECT FROM published.territory WHERE code = :code)")
    if not once(connection, ("territory", code), lambda: connection.scalar(there, {"code": code})):
        raise NotFound(
            N_("There is no territory {code}."), remedy=N_("Look for its name in the list of districts."), code=code
        )
    statement = text(
        "SELECT id FROM published.boundary WHERE code = :code"
        " AND (CAST(:day AS date) IS NULL OR valid @> CAST(:day AS date))"
    )
    return once(
        connection, ("versions", code, on), lambda: list(connection.scalars(statement, {"code": code, "day": on}))
    )


def with_places(connection: Connection, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their public places and the territories each counts in: two statements however many rows."""
    ids = [item["id"] for item in items]
    places: dict[int, list[dict[str, Any]]] = {entry: [] for entry in ids}
    if ids:
        rows = connection.execute(
            text(
                "SELECT p.id, p.entry_id, p.role, ST_AsGeoJSON(p.geom, 6) AS geometry, p.public_precision, p.address,"
                " p.match_level, p.certainty, p.placed,"
                " ST_X(ST_PointOnSurface(p.geom)) AS lon, ST_Y(ST_PointOnSurface(p.geom)) AS lat"
                " FROM published.place p WHERE p.entry_id = ANY (:ids) ORDER BY p.id"
            ),
            {"ids": ids},
        ).mappings()
        for row in rows:
            places[row["entry_id"]].append(dict(row))
        codes = territory_codes(
            connection, {b for group in places.values() for place in group for b in place["placed"]}
        )
        for group in places.values():
            for place in group:
                place["territories"] = [codes[b] for b in place.pop("placed") if b in codes]
    return [{**item, "places": places[item["id"]]} for item in items]


def territory_codes(connection: Connection, boundaries: set[int]) -> dict[int, dict[str, Any]]:
    """Kind, code and name of those boundary versions that are valid today or later."""
    rows = connection.execute(
        text("SELECT id, kind, code, name, names FROM published.boundary WHERE id = ANY (:ids)"
             " AND (valid_to IS NULL OR valid_to >= CURRENT_DATE)"), {"ids": sorted(boundaries)},
    ).mappings()  # fmt: skip
    return {row["id"]: {key: row[key] for key in ("kind", "code", "name", "names")} for row in rows}


def get_entry(connection: Connection, register: Register, entry_id: int) -> dict[str, Any]:
    """One published entry with its places.

    Raises NotFound; its code is `withdrawn` when the entry exists but may not (any more) be shown.
    """
    row = connection.execute(
        text(f"SELECT e.* FROM published.{register.name} e WHERE e.id = :id"), {"id": entry_id}
    ).mappings().one_or_none()  # fmt: skip
    if row is not None:
        return with_places(connection, [dict(row)])[0]
    state = connection.execute(
        text("SELECT moderation_state, merged_into FROM published.withdrawn WHERE id = :id AND register = :register"),
        {"id": entry_id, "register": register.name},
    ).one_or_none()
    if state is None:
        raise NotFound(N_("There is no such entry."), remedy=N_("It may have been removed; look in the list."))
    raise Withdrawn(
        N_("This entry is not shown: {state}."), remedy=N_("Look for it in the list."),
        state=state.moderation_state, merged_into=state.merged_into or "",
    )  # fmt: skip


class Withdrawn(NotFound):
    """The entry exists but is refused, merged into another or waiting to be checked."""

    code = "withdrawn"


def check_limit(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise BadInput(
            N_("The limit {limit} is not between 1 and 1,000."),
            remedy=N_("Ask for the next page instead."),
            limit=limit,
        )
    return limit


def check_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise BadInput(N_("This cursor was not given by this service."), remedy=N_("Start from the first page."))
    return int(cursor)


def escape_like(words: str) -> str:
    """Typed text with the wildcards of LIKE taken literally."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
