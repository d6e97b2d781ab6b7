"""Where does every row lie? Puts coordinates, shapes and WKT of a table on the globe, sound and in WGS 84.

The order of trust is: the file's own shape, a WKT column, latitude and longitude columns. All go through the same
judgement of their coordinate system (crs.py).
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from geo.errors import N_, Message
from geo.ingest import crs as reference
from geo.ingest import topology
from geo.ingest.check import Check
from geo.ingest.crs import WGS84, BBox
from geo.ingest.findings import Finding, Severity, short
from geo.ingest.table import Geometries

WORLD: BBox = (-180.0, -90.0, 180.0, 90.0)
# formats whose coordinates are WGS 84 when they do not say otherwise
WGS84_BY_RULE = frozenset({"geojson", "kml", "csv", "xlsx", "parquet"})
POINT, MULTIPOINT = 0, 4
LATITUDE, LONGITUDE = re.compile(r"широт|\blat", re.I), re.compile(r"долгот|\blon|\blng", re.I)

Floats = npt.NDArray[np.float64]


def remember(check: Check, kind: str, parsed: list[Any], codes: npt.NDArray[np.int64], start: int) -> None:
    """Keep the shapes or pairs of a chunk of a column."""
    held = check.held.setdefault(kind, np.full(len(check.table), None, dtype=object))
    different = np.empty(len(parsed) + 1, dtype=object)
    for at, value in enumerate(parsed):
        different[at] = value
    held[start : start + len(codes)] = different[codes]


def place(check: Check, *, expected: BBox | None, crs: str | None, accept: bool) -> Geometries | None:
    """Fill lat and lon of points; returns the lines and areas (object array), or None when there are none."""
    shapes = given_shapes(check)
    stated = reference.stated(crs) if crs else None
    if shapes is not None:
        shapes = shapes_on_globe(check, shapes, stated or check.table.crs, expected, accept)
    has_points = "lat" in check.model.model_fields
    if has_points:
        points_on_globe(check, shapes, stated, expected, accept)
        shapes = points_out_of(check, shapes)
    else:
        shapes = areas_only(check, shapes)
    return sound(check, shapes) if shapes is not None else None


def given_shapes(check: Check) -> Geometries | None:
    """The file's shapes, with those of a WKT column where they are missing."""
    own, wkt = check.table.geometry, check.held.get("wkt")
    if own is None or wkt is None:
        return wkt if own is None else own.copy()
    return np.where(shapely.is_missing(own), wkt, own)


def shapes_on_globe(check: Check, shapes: Geometries, declared: Any, expected: BBox | None, accept: bool) -> Geometries:
    """The shapes in WGS 84; those that end up nowhere refuse their row."""
    default = WGS84 if check.table.format in WGS84_BY_RULE else None
    decision = reference.decide(
        reference.sample_points(shapes), declared=declared, default=default, expected=expected, accept=accept
    )
    announce(check, decision)
    for finding in decision.findings:
        if finding.severity is Severity.BLOCK:  # nobody knows where the shapes are
            check.refuse(np.flatnonzero(~shapely.is_missing(shapes)), finding.message)
            return np.full(len(shapes), None, dtype=object)
    globe = np.asarray(reference.to_wgs84(shapes, decision.crs, swap=decision.swap), dtype=object)
    present = ~(shapely.is_missing(globe) | shapely.is_empty(globe))
    positions = np.flatnonzero(present)
    bounds = shapely.bounds(globe[positions])
    lost = (
        ~np.isfinite(bounds).all(axis=1)
        | (abs(bounds[:, [1, 3]]) > 90).any(axis=1)
        | (abs(bounds[:, [0, 2]]) > 540).any(axis=1)
    )
    refuse_lost(check, positions[lost], bounds[lost])
    globe[positions[lost]] = None
    centres = np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])[~lost]
    if not decision.findings:
        strays(check, positions[~lost], centres, expected)
    return globe


def announce(check: Check, decision: reference.Decision) -> None:
    """Put offers and notes of a decision on the check."""
    for offer in decision.offers:
        check.offer(offer)
    for finding in decision.findings:
        check.whole(finding)


def points_on_globe(check: Check, shapes: Geometries | None, stated: Any, expected: BBox | None, accept: bool) -> None:
    """Latitude and longitude columns in WGS 84, for rows without a shape of their own."""
    take_pairs(check, shapes, expected)
    lat, lon = (numbers_of(check.columns[name]) for name in ("lat", "lon"))
    here = np.isfinite(lat) & np.isfinite(lon)
    if shapes is not None:
        here &= shapely.is_missing(shapes)
    here &= ~nowhere(check, here & (lat == 0) & (lon == 0))
    positions = np.flatnonzero(here)
    points = np.column_stack([lon, lat])[positions]
    if len(points):
        sample = points[:: max(1, len(points) // reference.SAMPLE)]
        decision = reference.decide(sample, declared=stated, default=WGS84, expected=expected, accept=accept)
        announce(check, decision)
        points = reference.transform_points(points[:, ::-1] if decision.swap else points, decision.crs)
        lost = ~reference.inside(points, WORLD)
        refuse_lost(check, positions[lost], np.hstack([points[lost], points[lost]]))
        if not decision.findings:
            strays(check, positions[~lost], points[~lost], expected)
        points, positions = points[~lost], positions[~lost]
    store_points(check, positions, points)


def nowhere(check: Check, zeros: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The rows at 0, 0, which is what programs write when they know nothing; they count as rows without a point."""
    check.note(
        np.flatnonzero(zeros),
        Severity.WARN,
        "null_island",
        Message(N_("The coordinates of this row are 0, 0: no place was taken from them.")),
        Message(N_("Empty them, or give the place; an address or a territory beside them is used.")),
        field="lat",
    )
    return zeros


def take_pairs(check: Check, shapes: Geometries | None, expected: BBox | None) -> None:
    """Latitude and longitude out of a column that holds both, for rows that have no place yet; says how it was read."""
    held = check.held.get("coordinates")
    if held is None:
        return
    wanting = nulls(check, "lat") & nulls(check, "lon") & np.array([pair is not None for pair in held], dtype=bool)
    if shapes is not None:
        wanting &= shapely.is_missing(shapes)
    positions = np.flatnonzero(wanting)
    if not len(positions):
        return
    points = np.array([(pair.lon, pair.lat) for pair in held[positions]])
    column = check.mapping.fields["coordinates"]
    bare = np.array([not pair.sure for pair in held[positions]])
    turned = bare.any() and (says_longitude_first(column) or reference.longitude_first(points[bare], expected))
    if turned:
        points[bare] = points[bare][:, ::-1]
    example = int(np.argmax(bare))
    tell_order(check, column, int(positions[example]), points[example], bool(turned) if bare.any() else None)
    store_points(check, positions, points, keep=True)


def nulls(check: Check, name: str) -> npt.NDArray[np.bool_]:
    """The rows in which a column says nothing."""
    return np.asarray(check.columns[name].is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)


def says_longitude_first(heading: str) -> bool:
    """Whether a heading names the longitude before the latitude.

    >>> says_longitude_first("Координаты (долгота, широта)"), says_longitude_first("lat/lon")
    (True, False)
    """
    first, second = LONGITUDE.search(heading), LATITUDE.search(heading)
    return bool(first and second and first.start() < second.start())


def tell_order(check: Check, column: str, position: int, point: Floats, turned: bool | None) -> None:
    """The note of how pairs were read, with an example; `turned` is None where all say themselves which is which."""
    lon, lat = (reference.written(value) for value in point)
    text = str(check.table.frame[column].iloc[position]).strip()
    sentence = (
        N_("Column {column} says which coordinate is which: {text} is latitude {lat}, longitude {lon}.")
        if turned is None
        else N_("Column {column} was read as longitude, then latitude: {text} is latitude {lat}, longitude {lon}.")
        if turned
        else N_("Column {column} was read as latitude, then longitude: {text} is latitude {lat}, longitude {lon}.")
    )
    message = Message(sentence, {"column": column, "text": short(text), "lat": lat, "lon": lon})
    remedy = Message(N_("If that is wrong, divide it into two columns, named latitude and longitude."))
    severity = Severity.WARN if turned else Severity.INFO
    check.whole(Finding(severity, "coordinates_read", message, remedy, field="coordinates"))


def numbers_of(column: pa.Array) -> Floats:
    """A nullable column as floats, NaN where missing."""
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def store_points(check: Check, positions: npt.NDArray[np.int64], points: Floats, *, keep: bool = False) -> None:
    """Write lat and lon; rows without a point get none, or keep what they have."""
    for name, axis in (("lon", 0), ("lat", 1)):
        column = numbers_of(check.columns[name]) if keep else np.full(len(check.table), np.nan)
        column[positions] = points[:, axis]
        check.columns[name] = pa.array(column, pa.float64(), mask=np.isnan(column))


def refuse_lost(check: Check, positions: npt.NDArray[np.int64], bounds: Floats) -> None:
    """Refuse rows whose coordinates lie outside the world."""
    remedy = Message(
        N_("Check the coordinates of this row: latitude lies between -90 and 90, longitude between -180 and 180.")
    )
    for position, (west, south, *_) in zip(positions, bounds, strict=True):
        where = {"lon": reference.written(west), "lat": reference.written(south)}
        message = Message(N_("The coordinates {lon}, {lat} lie outside the world."), where)
        check.add(Finding(Severity.BLOCK, "outside_world", message, remedy), int(position))


def strays(check: Check, positions: npt.NDArray[np.int64], centres: Floats, expected: BBox | None) -> None:
    """Rows far from where the data should lie: refused when their axes are exchanged, noted otherwise."""
    if expected is None or len(positions) == 0:
        return
    box = reference.grown(expected)
    away = ~reference.inside(centres, box)
    exchanged = away & reference.inside(centres[:, ::-1], box)
    check.note(
        positions[exchanged],
        Severity.BLOCK,
        "row_swapped",
        Message(N_("Latitude and longitude of this row are exchanged.")),
        Message(N_("Exchange the two values in this row.")),
    )
    check.note(
        positions[away & ~exchanged],
        Severity.WARN,
        "outside_expected",
        Message(N_("The place lies outside the territory the data are for.")),
        Message(N_("Check the coordinates, or the territory named by --within or --parent.")),
    )


def points_out_of(check: Check, shapes: Geometries | None) -> Geometries | None:
    """Move single points from the shapes to lat and lon; None when no other shapes are left."""
    if shapes is None:
        return None
    kinds = shapely.get_type_id(shapes)
    single = (kinds == POINT) | ((kinds == MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1))
    positions = np.flatnonzero(single & ~shapely.is_empty(shapes))
    store_points(check, positions, shapely.get_coordinates(shapely.centroid(shapes[positions])), keep=True)
    rest = shapes.copy()
    rest[single | shapely.is_empty(shapes)] = None
    return rest if (~shapely.is_missing(rest)).any() else None


def areas_only(check: Check, shapes: Geometries | None) -> Geometries | None:
    """Boundaries need an area in every row: polygons are taken out of collections, everything else is refused."""
    if "geometry" not in check.model.model_fields:
        return None
    if "h3" in check.model.model_fields:
        # a cell may be known by its index alone
        return shapes
    if shapes is None:
        shapes = np.full(len(check.table), None, dtype=object)
    result = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    for position in np.flatnonzero(~np.isin(kinds, topology.POLYGONS) | shapely.is_empty(shapes)):
        result[position] = area_of(check, shapes[position], int(position))
    return result


def area_of(check: Check, shape: Any, position: int) -> Any:
    """The polygons of a collection; None with a refusal when there is no area."""
    polygons = topology.polygons_of(shape) if shape is not None and shape.geom_type == "GeometryCollection" else None
    if polygons is not None:
        message = Message(N_("Only the areas of a mixed collection were taken."))
        check.add(Finding(Severity.WARN, "collection", message), position)
        return polygons
    if not check.refused[position]:
        message = (
            Message(N_("The row has no shape."))
            if shape is None or shape.is_empty
            else Message(N_("A boundary is an area, but the shape is a {kind}."), {"kind": shape.geom_type})
        )
        remedy = Message(
            N_("Draw the boundary as a polygon; lines that close can be turned into areas in QGIS (Lines to polygons).")
        )
        check.add(Finding(Severity.BLOCK, "no_area", message, remedy), position)
    return None


def sound(check: Check, shapes: Geometries) -> Geometries:
    """Valid shapes inside -180..180; boundaries as MultiPolygon."""
    shapes = within_world(check, shapes)
    mended = shapes.copy()
    for position, (shape, finding) in topology.mended(shapes):
        mended[position] = shape
        check.add(finding, position)
        if shape is not None:
            check.repaired.add(int(check.table.row_numbers[position]))
    if "lat" not in check.model.model_fields:
        single = shapely.get_type_id(mended) == 3
        mended[single] = (
            shapely.multipolygons([[shape] for shape in mended[single]]) if single.any() else mended[single]
        )
    return mended


def within_world(check: Check, shapes: Geometries) -> Geometries:
    """Areas that cross the antimeridian cut at 180°."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    if len(parts) == 0:
        return shapes
    bounds = shapely.bounds(parts)
    crossing = np.unique(owners[(bounds[:, 2] - bounds[:, 0] > 180) | (bounds[:, 0] < -180) | (bounds[:, 2] > 180)])
    for position in crossing:
        areal = shapely.get_type_id(shapes[position]) in topology.POLYGONS
        cut = topology.split_at_antimeridian(shapes[position]) if areal else None
        if cut is None:
            refuse_lost(check, np.array([position]), shapely.bounds(shapes[position : position + 1]))
        else:
            check.repaired.add(int(check.table.row_numbers[position]))
            message = Message(N_("The shape crosses the 180th meridian and was cut there."))
            check.add(Finding(Severity.WARN, "antimeridian", message, geometry=cut), int(position))
        shapes[position] = cut
    return shapes
