"""What goes out of the program, in the shape in which it comes in? Rows that can be loaded again.

Columns are named as the fields of incoming files, codes stand as codes, money in major units, a further place of an
entry as a further row with the same id. Everything is read from the published views: what is not public cannot get
into a file, and needs lie where the public sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geo.register import Register
from geo.store.query import Filters, list_entries
from geo.vocabulary import Channel, FundingSource

PAGE = 1000
BEGINS_AND_ENDS = {
    "project": ("starts_on", "completed_on"), "need": ("reported_on", "answered_on"), "event": ("starts_on", "ends_on"),
    "organisation": ("founded_on", "dissolved_on"), "observation": ("period_from", "period_to"),
}  # fmt: skip
# columns that are written as several, or under another name
UNFOLDED = ("funding", "channels", "answers_needs", "answered_by", "territories", "total_cost_minor")
PLACED = ("lat", "lon", "wkt", "address")
PROVENANCE = ("source", "licence")

Row = dict[str, Any]


def entry_columns(register: Register) -> tuple[str, ...]:
    """The columns of a register's export, in order."""
    own = [column.name for column in register.columns if column.name not in UNFOLDED]
    folded = {column.name for column in register.columns}
    return (
        "id", "title", "title_en", "description", "theme", "secondary_themes",
        *(("status",) if register.statuses else ()), *BEGINS_AND_ENDS[register.name], *own,
        *(("total_cost", *(f"funding_{s.value}" for s in FundingSource)) if "funding" in folded else ()),
        *((f"channel_{c.value}" for c in Channel) if "channels" in folded else ()),
        *(("answers_needs",) if "answers_needs" in folded else ()),
        *(("territory",) if "territories" in folded or register.name == "event" else ()),
        *(PLACED if register.on_map else ()), "url", *PROVENANCE,
    )  # fmt: skip


def entries(connection: Connection, register: Register, filters: Filters) -> Iterator[tuple[Row, Any]]:
    """(row, shape or None) of every entry and place, in order of id."""
    keys = need_keys(connection) if register.name == "project" else {}
    declared = declared_codes(connection) if register.name == "event" else {}
    filters = replace(filters, limit=PAGE, cursor="")
    while True:
        page = list_entries(connection, register, filters)
        for item in page.items:
            yield from rows_of(register, item, keys, declared)
        if page.next is None:
            return
        filters = replace(filters, cursor=page.next)


def rows_of(register: Register, item: Row, keys: dict[int, str], declared: dict[int, str]) -> Iterator[tuple[Row, Any]]:
    """One row for each place of an entry, one without a place when it has none."""
    begins, ends = BEGINS_AND_ENDS[register.name]
    row = {name: item.get(name) for name in ("title", "description", "theme", "status", "url", *PROVENANCE)}
    row |= {
        "id": item["key"],
        "title_en": (item["titles"] or {}).get("en"),
        begins: item["begins_on"],
        ends: item["ends_on"],
    }
    row["secondary_themes"] = "; ".join(item["secondary_themes"] or ())
    for column in register.columns:
        row |= unfolded(column.name, item[column.name], keys)
    if register.name == "event":
        row["territory"] = declared.get(item["id"])
    for place in item["places"] or [{}]:
        shape = shapely.from_geojson(place["geometry"]) if place.get("geometry") else None
        yield row | placed(place, shape), shape


def unfolded(name: str, value: Any, keys: dict[int, str]) -> Row:
    """One published column as the columns of a file."""
    if name == "funding":
        return {f"funding_{source}": major(amount) for source, amount in (value or {}).items()}
    if name == "channels":
        return {f"channel_{channel}": people for channel, people in (value or {}).items()}
    if name == "answers_needs":
        return {name: "; ".join(keys[need] for need in value or () if need in keys)}
    if name == "territories":
        return {"territory": "; ".join(value or ())}
    if name == "total_cost_minor":
        return {"total_cost": None if value is None else major(value)}
    return {} if name == "answered_by" else {name: value}


def placed(place: Row, shape: Any) -> Row:
    """Where a place is: a point as latitude and longitude, anything else as WKT."""
    if shape is None:
        return {"address": place.get("address")}
    if shape.geom_type == "Point":
        return {"lat": round(shape.y, 7), "lon": round(shape.x, 7), "address": place.get("address")}
    return {"wkt": shapely.to_wkt(shape, rounding_precision=7), "address": place.get("address")}


def major(minor: int) -> Decimal:
    """Minor units of money in major ones, exactly."""
    return Decimal(minor).scaleb(-2).normalize() + Decimal(0)


def need_keys(connection: Connection) -> dict[int, str]:
    """Key of every published need by id."""
    return {row.id: row.key for row in connection.execute(text("SELECT id, key FROM published.need"))}


def declared_codes(connection: Connection) -> dict[int, str]:
    """Declared territory of every event by id."""
    rows = connection.execute(text("SELECT entry_id, code FROM published.entry_territory WHERE role = 'declared'"))
    return {row.entry_id: row.code for row in rows}


TERRITORY_COLUMNS = (
    "code", "name", "name_en", "name_ky", "kind", "parent", "municipality_form", "oktmo", "osm_id", "wikidata_id",
    "tos_status", "tos_level", "charter_number", "charter_registered_on", "valid_from", "valid_to", "legal_act",
    "legal_act_on", "legal_text", "precision", *PROVENANCE,
)  # fmt: skip


def territories(connection: Connection, kind: str = "", on: date | None = None) -> Iterator[tuple[Row, Any]]:
    """(row, shape) of every boundary version, or of those that hold on a day."""
    rows = connection.execute(
        text(
            "SELECT t.code, t.name, t.names ->> 'en' AS name_en, t.names ->> 'ky' AS name_ky, t.kind, t.parent,"
            " t.municipality_form, t.oktmo, t.osm_id, t.wikidata_id, t.tos_status, t.tos_level, t.charter_number,"
            " t.charter_registered_on, b.valid_from, b.valid_to, b.legal_act, b.legal_act_on, b.legal_text,"
            " b.precision, b.source, b.licence, ST_AsBinary(b.geom) AS shape"
            " FROM published.boundary b JOIN published.territory t ON t.id = b.territory_id"
            " WHERE (:kind = '' OR b.kind = :kind) AND (CAST(:day AS date) IS NULL OR b.valid @> CAST(:day AS date))"
            " ORDER BY b.kind, t.code, b.valid"
        ),
        {"kind": kind, "day": on},
    ).mappings()
    for row in rows:
        shape = shapely.from_wkb(row["shape"])
        yield {name: row[name] for name in TERRITORY_COLUMNS}, shape
