"""What would this load do, shown to a person? The table as read and as understood, the map over the old one, findings.

Everything is made inside the dry run's transaction and kept as JSON; sentences stay sentences (told.py), so that the
page can say them in the reader's language. Sizes are bounded: a preview never grows with the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text

from geo.errors import N_, Message
from geo.ingest.boundaries import BoundaryPlan, Territory, Version
from geo.ingest.crs import name_of
from geo.ingest.difference import residents_in
from geo.ingest.findings import Finding, Findings, Offer, Report
from geo.ingest.incoming import MODELS
from geo.ingest.lists import ListPlan
from geo.ingest.pipeline import Seen
from geo.ingest.request import Work
from geo.ingest.table import Table
from geo.ingest.told import WORDS, kept

ROWS_SHOWN, SAMPLES, CELL = 8, 3, 160
AREAS_SHOWN, POINTS_SHOWN, VERTICES = 3_000, 5_000, 60_000
DIFFERENCES, MEASURED = 300, 400
LISTED_PER_CODE, PLACES_SHOWN = 60, 400
STATES = ("same", "new", "changed")

Json = dict[str, Any]


# --- the page ---------------------------------------------------------------------------------------------------------


def outcome(seen: Seen | None, report: Report) -> tuple[Json, Json]:
    """What the page shows, and what its map shows. `seen` is None when nothing could be read."""
    findings, places = found(report.findings)
    if seen is not None and seen.mapping is not None and seen.checked is None:
        # the headings may be what has to be answered about first; guesses about the file are shown with them
        return as_read(seen) | {"offers": [offered(offer) for offer in seen.table.offers]}, {}
    page = summary(report) | {"findings": findings}
    if seen is None:
        return page, {}
    page |= as_read(seen) | as_understood(seen)
    if seen.checked is not None and seen.work is not None:
        page["offers"] = [offered(offer) for offer in seen.checked.offers]
    if isinstance(seen.plan, BoundaryPlan) and seen.work is not None:
        page["difference"] = difference(seen.work, seen.plan)
    return page, drawn(seen, places)


def summary(report: Report) -> Json:
    """The counts of a report."""
    return {
        "file": report.file, "read": report.read, "accepted": report.accepted, "repaired": report.repaired,
        "rejected": report.rejected, "changes": dict(report.changes), "placed": dict(report.placed),
        "blocked": report.findings.blocks_file, "totals": report.findings.by_code(),
        "seconds": round(report.seconds, 2),
    }  # fmt: skip


def found(findings: Findings) -> tuple[list[Json], list[Json]]:
    """The findings to be listed, and those with a place, as features for the map; `at` links the two."""
    listed: list[Json] = []
    places: list[Json] = []
    counted: dict[str, int] = {}
    for finding in findings:
        counted[finding.code] = counted.get(finding.code, 0) + 1
        if counted[finding.code] > LISTED_PER_CODE:
            continue
        entry = told_finding(finding)
        if isinstance(finding.geometry, BaseGeometry) and len(places) < PLACES_SHOWN:
            entry["at"] = len(places)
            about = {"at": len(places), "severity": finding.severity.value, "message": kept(finding.message)}
            places.append(feature(finding.geometry, about))
        listed.append(entry)
    return listed, places


def told_finding(finding: Finding) -> Json:
    """One finding for the page."""
    return {
        "severity": finding.severity.value, "code": finding.code, "number": finding.number, "field": finding.field,
        "unit": "row" if finding.row is not None else "feature", "value": finding.value[:CELL],
        "message": kept(finding.message), "remedy": kept(finding.remedy) if finding.remedy.msgid else None,
        "area_m2": None if finding.area_m2 is None else round(float(finding.area_m2), 1),
        "mends": list(finding.mends),
    }  # fmt: skip


def offered(offer: Offer) -> Json:
    """A guess that waits for a yes, with how the other readings of the same text would look."""
    reads_texts = offer.kind == "encoding"
    others = [
        {"value": name, "preview": reread(offer.preview, offer.value, name) if reads_texts else []}
        for name in offer.others
    ]
    return {
        "kind": offer.kind, "value": offer.value, "accepted": offer.accepted, "reason": kept(offer.reason),
        "preview": list(offer.preview), "others": others,
    }  # fmt: skip


def reread(lines: Sequence[str], encoding: str, other: str) -> list[str]:
    """Text that was read in one encoding as it looks in another one."""
    return [line.encode(encoding, "replace").decode(other, "replace") for line in lines]


# --- the table --------------------------------------------------------------------------------------------------------


def as_read(seen: Seen) -> Json:
    """Headings, what each is taken for, and the first rows as they stand in the file."""
    table, mapping = seen.table, seen.mapping
    meant = {column: field for field, column in mapping.fields.items()} if mapping else {}
    offers = {offer.column: offer.field for offer in mapping.offers} if mapping else {}
    columns = [
        {"name": name, "field": meant.get(name, ""), "offer": offers.get(name, ""), "samples": samples(table, name)}
        for name in table.columns
    ]
    refused = set() if seen.rejected is None else set(seen.rejected.numbers.tolist())
    states = row_states(seen)
    shown = rows_shown(table, refused)
    rows = [
        {
            "number": number, "state": "rejected" if number in refused else states.get(number, ""),
            "cells": [str(value)[:CELL] for value in table.frame.iloc[at]],
        }
        for at, number in shown
    ]  # fmt: skip
    return {
        "register": seen.register, "columns": columns, "rows": rows, "unit": table.unit, "format": table.format,
        "layer": table.layer, "crs": name_of(table.crs) if table.crs is not None else "",
    }  # fmt: skip


def rows_shown(table: Table, refused: set[int]) -> list[tuple[int, int]]:
    """Positions and numbers of the first rows, and of the first refused ones beyond them."""
    numbers = table.row_numbers.tolist()
    first = list(range(min(ROWS_SHOWN, len(numbers))))
    bad = [at for at, number in enumerate(numbers) if number in refused and at not in first][:SAMPLES]
    return [(at, int(numbers[at])) for at in (*first, *bad)]


def samples(table: Table, column: str) -> list[str]:
    """The first different values of a column."""
    values = table.frame[column].head(200)
    return [str(value)[:60] for value in dict.fromkeys(values) if str(value).strip()][:SAMPLES]


def row_states(seen: Seen) -> dict[int, str]:
    """Row or feature number -> new, changed or same, as far as the plan says."""
    if seen.checked is None:
        return {}
    numbers = seen.checked.numbers
    if isinstance(seen.plan, ListPlan):
        groups = seen.plan.groups
        owner = np.repeat(np.arange(len(groups)), np.diff(groups.start))
        return {int(numbers[row]): STATES[int(seen.plan.state[g])] for row, g in zip(groups.rows, owner, strict=True)}
    if isinstance(seen.plan, BoundaryPlan):
        return {int(numbers[row]): word(t) for t in seen.plan.territories for row in t.rows}
    return {}


def as_understood(seen: Seen) -> Json:
    """The shown rows as values: dates, amounts, words of the glossary."""
    checked, mapping = seen.checked, seen.mapping
    if checked is None or mapping is None:
        return {}
    kinds = MODELS[checked.register].kinds()
    shown = {*checked.rows.column_names, "coordinates"}
    fields = [field for field in mapping.fields if field in kinds and kinds[field][0] in shown]
    at = {int(number): position for position, number in enumerate(checked.numbers.tolist())}
    rows = []
    for _, number in rows_shown(seen.table, set()):
        if number in at:
            row = checked.rows.slice(at[number], 1)
            cells = [cell(kinds[field][1].name, kinds[field][0], row) for field in fields]
            rows.append({"number": number, "cells": cells})
    return {"fields": fields, "understood": rows}


def cell(kind: str, attribute: str, row: pa.Table) -> Any:
    """One typed value for a person."""
    if kind == "coordinates":
        numbers = [row.column(name)[0].as_py() for name in ("lat", "lon")]
        return None if None in numbers else ", ".join(f"{number:.6f}" for number in numbers)
    value = row.column(attribute)[0].as_py()
    if value is None:
        return None
    if attribute.endswith("_minor"):
        return value / 100
    if isinstance(value, list):
        return ", ".join(map(str, value))[:CELL]
    words = WORDS.get(kind)
    if words is not None and value in words.codes():
        return kept(words(value))
    return kept(value)[:CELL] if isinstance(value, str) else kept(value)


# --- how the boundaries differ ----------------------------------------------------------------------------------------


def word(territory: Territory) -> str:
    """What happens to a territory."""
    if territory.is_new:
        return "new"
    if not territory.rows:
        return "gone"
    if any(v.changed and (v.id is None or v.reshaped) for v in territory.versions):
        return "moved"
    return "changed" if territory.touched else "same"


def difference(work: Work, plan: BoundaryPlan) -> Json:
    """Every territory that does not stay as it is: what happens to it, its area before and after, residents, ties."""
    words = [word(territory) for territory in plan.territories]
    counts = {name: words.count(name) for name in dict.fromkeys(words)}
    for kind in ("split", "merge", "rename"):
        parts = {id(s.old if kind == "split" else s.new) for s in plan.successions if s.kind == kind}
        counts |= {kind: len(parts)} if parts else {}
    changing = [(t, w) for t, w in zip(plan.territories, words, strict=True) if w != "same"]
    rows = [difference_row(territory, name, plan) for territory, name in changing[:DIFFERENCES]]
    shapes = [newest(t) or oldest(t) for t, _ in changing[:MEASURED]]
    if shapes and len(shapes) == len(changing):
        residents = residents_in(work.connection, [shape.shape.geometry for shape in shapes if shape is not None])
        if len(residents) == len(rows):
            for row, people in zip(rows, residents, strict=True):
                row["residents"] = people
    return {"counts": counts, "rows": rows, "more": max(len(changing) - len(rows), 0)}


def difference_row(territory: Territory, name: str, plan: BoundaryPlan) -> Json:
    """One line of the difference."""
    after, before = newest(territory), oldest(territory)
    ties = [tie(s.kind, s.old.name, s.share, outgoing=False) for s in plan.successions if s.new is territory]
    ties += [tie(s.kind, s.new.name, s.share, outgoing=True) for s in plan.successions if s.old is territory]
    return {
        "name": territory.name, "code": territory.code, "word": name, "ties": ties, "residents": None,
        "area_m2": None if after is None else round(after.shape.area_m2),
        "before_m2": None if before is None else round(before.shape.area_m2),
    }  # fmt: skip


def tie(kind: str, other: str, share: float, *, outgoing: bool) -> Any:
    """How two territories are tied, in words."""
    sentence = {
        ("split", True): N_("a part goes to {name} ({percent} %)"),
        ("split", False): N_("out of {name} ({percent} % of it)"),
        ("merge", True): N_("becomes part of {name}"),
        ("merge", False): N_("takes in {name}"),
        ("rename", True): N_("is now called {name}"),
        ("rename", False): N_("was called {name}"),
        ("transfer", True): N_("gives a part to {name} ({percent} %)"),
        ("transfer", False): N_("takes a part of {name} ({percent} % of it)"),
    }[kind, outgoing]
    return kept(Message(sentence, {"name": other, "percent": round(100 * share)}))


def newest(territory: Territory) -> Version | None:
    """The version the file brings or confirms."""
    own = [version for version in territory.versions if version.row is not None]
    return own[-1] if own else None


def oldest(territory: Territory) -> Version | None:
    """The stored version that held last before."""
    stored = [version for version in territory.versions if version.id is not None]
    return max(stored, key=lambda version: version.span.first) if stored else None


# --- the map ----------------------------------------------------------------------------------------------------------


def drawn(seen: Seen, places: list[Json]) -> Json:
    """What comes in over what is there, as GeoJSON; bounds are west, south, east, north."""
    states = row_states(seen)
    areas = incoming_areas(seen, states)
    points = incoming_points(seen, states)
    stored = stored_areas(seen, areas)
    every = [shape for _, shape in (*areas, *points)] or [shape for _, shape in stored]
    if not every:
        return {}
    box = shapely.total_bounds(np.array(every, object)).tolist()
    tolerance = roughness([shape for _, shape in (*areas, *stored)], box)
    return {
        "bounds": box,
        "incoming": [feature(shape, about, tolerance) for about, shape in areas],
        "points": [feature(shape, about) for about, shape in points],
        "stored": [feature(shape, about, tolerance) for about, shape in stored],
        "findings": places,
    }


def incoming_areas(seen: Seen, states: dict[int, str]) -> list[tuple[Json, BaseGeometry]]:
    """Areas and lines of the file with number, name and what happens to them."""
    checked = seen.checked
    if checked is None or checked.geometry is None or seen.work is None:
        return []
    names = seen.work.column("name" if "name" in checked.rows.column_names else "title").to_pylist()
    there = np.flatnonzero(~shapely.is_missing(checked.geometry))[:AREAS_SHOWN]
    refused = seen.work.reasons
    return [
        (
            {"number": (number := int(checked.numbers[at])), "name": str(names[at] or ""),
             "state": "rejected" if number in refused else states.get(number, "new")},
            checked.geometry[at],
        )
        for at in there.tolist()
    ]  # fmt: skip


def incoming_points(seen: Seen, states: dict[int, str]) -> list[tuple[Json, BaseGeometry]]:
    """Positions of the rows of a list."""
    checked = seen.checked
    if checked is None or seen.work is None or not {"lat", "lon"} <= set(checked.rows.column_names):
        return []
    lon = checked.rows.column("lon").to_numpy().astype(float)
    lat = checked.rows.column("lat").to_numpy().astype(float)
    titles = seen.work.column("title").to_pylist()
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    chosen = known[:: max(1, -(-len(known) // POINTS_SHOWN))]
    return [
        (
            {"number": (number := int(checked.numbers[at])), "name": str(titles[at] or "")[:CELL],
             "state": states.get(number, "new")},
            shapely.Point(lon[at], lat[at]),
        )
        for at in chosen.tolist()
    ]  # fmt: skip


def stored_areas(seen: Seen, areas: list[tuple[Json, BaseGeometry]]) -> list[tuple[Json, BaseGeometry]]:
    """Shapes of the same kind that hold now where the file's shapes lie."""
    if seen.work is None or seen.work.request.kind is None or not areas or seen.register != "boundaries":
        return []
    west, south, east, north = shapely.total_bounds(np.array([shape for _, shape in areas], object)).tolist()
    rows = seen.work.connection.execute(
        text(
            "SELECT t.name, t.code, ST_AsBinary(b.geom) AS shape FROM okruga.boundary b"
            " JOIN okruga.territory t ON t.id = b.territory_id WHERE b.kind = :kind AND upper(b.valid) IS NULL"
            " AND b.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY b.id LIMIT :most"
        ),
        {"kind": seen.work.request.kind.value, "west": west, "south": south, "east": east, "north": north,
         "most": AREAS_SHOWN},
    ).all()  # fmt: skip
    shapes = shapely.from_wkb(np.array([row.shape for row in rows], object))
    return [({"name": row.name, "code": row.code}, shape) for row, shape in zip(rows, shapes, strict=True)]


def roughness(shapes: list[BaseGeometry], box: Sequence[float]) -> float:
    """How much shapes are simplified so that all of them together stay light, degrees; 0 for light ones."""
    tolerance = 0.0
    array: NDArray[np.object_] = np.array(shapes, object)
    span = max(box[2] - box[0], box[3] - box[1], 1e-6)
    for part in (20_000, 8_000, 3_000, 1_000):
        if not len(array) or int(shapely.get_num_coordinates(array).sum()) <= VERTICES:
            break
        tolerance = span / part
        array = shapely.simplify(array, tolerance, preserve_topology=False)
    return tolerance


def feature(shape: BaseGeometry, about: Json, tolerance: float = 0.0) -> Json:
    """A GeoJSON feature, to about a decimetre."""
    if tolerance:
        simple = shapely.simplify(shape, tolerance, preserve_topology=False)
        shape = shape if shapely.is_empty(simple) else simple
    rounded = shapely.transform(shape, lambda points: np.round(points, 6))
    return {"type": "Feature", "properties": about, "geometry": orjson.loads(shapely.to_geojson(rounded))}
