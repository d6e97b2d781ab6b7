"""GeoJSON as people really write it, read feature by feature so that one bad feature never hides the others.

Accepted with a note: wrong case of "type", null features, a lone feature or geometry, a CRS member, a byte order mark,
newline-delimited features, rings that almost close. Refused by feature: coordinates that are no numbers, rings without
area, wide open rings. Refused as a whole, with the place named: broken JSON, NaN and Infinity, endless nesting.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, BadFile, Message
from geo.ingest import crs as reference
from geo.ingest import encoding
from geo.ingest.findings import Finding, Findings, Severity
from geo.ingest.readers import rings
from geo.ingest.readers.rings import CHECK_SHAPE, Mended, Unusable
from geo.ingest.table import MOST_COLUMNS, Table, text_frame, too_many_columns, unique_names
from geo.progress import SILENT, Progress

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
WHITESPACE = " \t\n\r"
COLLECTION_DEPTH = 8
NUMBERS_LONGER_THAN = 400
TYPES = {
    name.casefold(): name
    for name in (
        "FeatureCollection",
        "Feature",
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    )
}
EXPORT_AGAIN = N_("Save it anew, for example from QGIS as GeoJSON (RFC 7946).")
# other kinds of JSON that carry maps or lists, by a key that gives them away
RELATIVES = {
    "arcs": "TopoJSON",
    "objects": "TopoJSON",
    "spatialReference": "Esri JSON",
    "geometryType": "Esri JSON",
    "elements": "Overpass JSON",
}


class Document:
    """A JSON text read piece by piece: members of the top object, and features one at a time."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0
        decoder = json.JSONDecoder(parse_constant=self._refuse_constant, parse_int=self._whole)
        self._scan = decoder.raw_decode
        self.feature: int | None = None

    def value(self) -> Any:
        """The JSON value at the present position."""
        try:
            found, self.at = self._scan(self.text, self.at)
        except json.JSONDecodeError as error:
            raise self.broken(error.pos) from error
        except RecursionError as error:
            raise BadFile(
                N_("{file} nests its brackets too deeply near {place}."),
                remedy=EXPORT_AGAIN,
                file=self.file,
                place=self.place(),
            ) from error
        return found

    def skip(self) -> str:
        """Move over blanks; the sign there, "" at the end."""
        text, at, end = self.text, self.at, len(self.text)
        while at < end and text[at] in WHITESPACE:
            at += 1
        self.at = at
        return text[at] if at < end else ""

    def expect(self, signs: str) -> str:
        """Take one of the signs, or say that the text is broken here."""
        found = self.skip()
        if not found or found not in signs:
            raise self.broken(self.at)
        self.at += 1
        return found

    def members(self) -> Iterator[str]:
        """The keys of the object at the present position; the caller reads each value before going on."""
        self.expect("{")
        if self.skip() == "}":
            self.at += 1
            return
        while True:
            if self.skip() != '"':
                raise self.broken(self.at)
            key = self.value()
            self.expect(":")
            self.skip()
            yield key
            if self.expect(",}") == "}":
                return

    def items(self) -> Iterator[Any]:
        """The values of the list at the present position, one at a time."""
        self.expect("[")
        if self.skip() == "]":
            self.at += 1
            return
        self.feature = 0
        while True:
            self.feature += 1
            self.skip()
            yield self.value()
            if self.expect(",]") == "]":
                self.feature = None
                return

    def place(self) -> str:
        """Where we are, for a message."""
        return self.place_of(self.at)

    def place_of(self, position: int) -> str:
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        return f"{line}:{column}"

    def broken(self, position: int) -> BadFile:
        """The error of a broken JSON text; names the feature when there is one and quotes the place."""
        cut = position >= len(self.text.rstrip())
        remedy = N_("The end of the file is missing; send it again.") if cut else EXPORT_AGAIN
        quoted = " ".join(self.text[max(0, position - 20) : position + 20].split())
        message = (
            N_("{file} is not valid JSON in feature {feature}, line and column {place}, near: {quoted}")
            if self.feature
            else N_("{file} is not valid JSON at line and column {place}, near: {quoted}")
        )
        return BadFile(
            message, remedy=remedy, file=self.file, feature=self.feature, place=self.place_of(position), quoted=quoted
        )

    def _refuse_constant(self, name: str) -> Any:
        where = self.feature or "-"
        raise BadFile(
            N_("{file} holds {name} in feature {feature}; JSON knows no such number."),
            remedy=N_("Replace it by null or remove the feature."),
            file=self.file,
            name=name,
            feature=where,
        )

    def _whole(self, digits: str) -> Any:
        return int(digits) if len(digits) < NUMBERS_LONGER_THAN else math.inf


class Collector:
    """Features as they come: attributes by column, shapes, notes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.columns: dict[str, list[str]] = {}
        self.shapes: list[BaseGeometry | None] = []
        self.numbers: list[int] = []
        self.findings = Findings()
        self.crs: Any = None
        self.wrong_case: set[str] = set()
        self.heights = 0
        self.lone = ""

    def type_of(self, thing: Any) -> str:
        """The `type` of an object in its proper spelling, "" when it has none we know."""
        stated = thing.get("type") if isinstance(thing, dict) else None
        if not isinstance(stated, str):
            return ""
        proper = TYPES.get(stated.strip().casefold(), "")
        if proper and proper != stated:
            self.wrong_case.add(stated)
        return proper

    def add(self, thing: Any, number: int) -> None:
        """One member of `features`, a lone feature or a lone geometry."""
        if not isinstance(thing, dict):
            message = Message(N_("The feature is empty and was left out."))
            self.findings.add(Finding(Severity.WARN, "feature_null", message, CHECK_SHAPE, feature=number))
            return
        kind = self.type_of(thing)
        if kind == "Feature" or (not kind and "geometry" in thing):
            self._append(thing.get("properties"), thing.get("id"), self.shape(thing.get("geometry"), number), number)
        elif kind:
            self._append({}, None, self.shape(thing, number), number)
        else:
            message = Message(N_("This is no feature: it has neither a known type nor a geometry."))
            self.findings.add(Finding(Severity.BLOCK, "feature_unknown", message, CHECK_SHAPE, feature=number))
            self._append(thing.get("properties"), thing.get("id"), None, number)

    def _append(self, properties: Any, identity: Any, shape: BaseGeometry | None, number: int) -> None:
        row = len(self.numbers)
        self.numbers.append(number)
        self.shapes.append(shape)
        attributes = properties if isinstance(properties, dict) else {}
        if identity is not None and "id" not in attributes:
            attributes = {**attributes, "id": identity}
        for name, text in {storable(name): text_of(value) for name, value in attributes.items()}.items():
            column = self.columns.setdefault(name, [])
            if len(self.columns) > MOST_COLUMNS:
                raise too_many_columns(self.file)
            column.extend([""] * (row - len(column)))
            column.append(text)

    def shape(self, geometry: Any, number: int) -> BaseGeometry | None:
        """The shape of a feature; None with a finding when it cannot be used."""
        if geometry is None:
            return None
        mended = Mended()
        try:
            shape = self.build(geometry, mended, 0)
        except Unusable as fault:
            self.findings.add(fault.finding(number))
            return None
        mended.tell(self.findings, number)
        return shape

    def build(self, geometry: Any, mended: Mended, depth: int) -> BaseGeometry:
        """A shapely shape of a GeoJSON geometry. Raises Unusable."""
        if not isinstance(geometry, dict):
            raise Unusable("geometry_text", N_("The geometry is not a GeoJSON object."))
        kind = self.type_of(geometry)
        if kind == "GeometryCollection":
            return self.collection(geometry, mended, depth)
        if kind in ("", "Feature", "FeatureCollection"):
            raise Unusable(
                "geometry_type", N_("There is no geometry type {kind}."), kind=str(geometry.get("type"))[:40]
            )
        coordinates = geometry.get("coordinates")
        if coordinates in (None, []):
            raise Unusable("no_coordinates", N_("The geometry has no coordinates."))
        return self.simple(kind, coordinates, mended)

    def collection(self, geometry: dict[str, Any], mended: Mended, depth: int) -> BaseGeometry:
        members = geometry.get("geometries")
        if depth >= COLLECTION_DEPTH or not isinstance(members, list) or not members:
            raise Unusable("geometry_type", N_("The geometry collection is empty or nested too deeply."))
        return shapely.GeometryCollection([self.build(member, mended, depth + 1) for member in members])

    def simple(self, kind: str, coordinates: Any, mended: Mended) -> BaseGeometry:
        """Point, line or polygon from its coordinates; a polygon may be written as its multi form, and the reverse."""
        depth = nesting(coordinates)
        wanted = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}[
            kind
        ]
        if {kind, depth} == {"Polygon", 4} or {kind, depth} == {"MultiPolygon", 3}:
            kind, wanted = ("MultiPolygon", 4) if depth == 4 else ("Polygon", 3)
            mended.retyped = kind
        if depth != wanted:
            raise Unusable("geometry_mismatch", N_("The coordinates do not fit the type {kind}."), kind=kind)
        return self.assemble(kind, coordinates, mended)

    def assemble(self, kind: str, coordinates: Any, mended: Mended) -> BaseGeometry:
        if kind == "Point":
            return shapely.Point(self.positions([coordinates])[0])
        if kind == "MultiPoint":
            return shapely.MultiPoint(self.positions(coordinates))
        if kind == "LineString":
            return self.line(coordinates)
        if kind == "MultiLineString":
            return shapely.MultiLineString([self.line(part).coords for part in coordinates])
        if kind == "Polygon":
            return rings.polygon([self.positions(ring) for ring in coordinates], mended)
        return rings.multipolygon([[self.positions(ring) for ring in part] for part in coordinates], mended)

    def line(self, coordinates: Any) -> BaseGeometry:
        points = self.positions(coordinates)
        if len(points) < 2:
            raise Unusable("line_too_short", N_("The line has fewer than two points."))
        return shapely.LineString(points)

    def positions(self, coordinates: Any) -> rings.Ring:
        """n x 2 finite numbers out of a list of positions. Raises Unusable for anything else."""
        points = numbers(coordinates)
        if points is None or points.ndim != 2 or points.shape[1] < 2:
            raise Unusable("coordinates_text", N_("The coordinates are not pairs of numbers."))
        self.heights += points.shape[1] > 2
        if not np.isfinite(points).all():
            raise Unusable("coordinates_infinite", N_("A coordinate is too large to be a number."))
        return np.ascontiguousarray(points[:, :2], dtype=np.float64)


def numbers(coordinates: Any) -> Any:
    """The positions as a number array, None when there is text, null or a hole among them."""
    if not isinstance(coordinates, list):
        return None
    try:
        points = np.array(coordinates)
    except ValueError:
        try:
            points = np.array([position[:2] for position in coordinates])
        except (ValueError, TypeError):
            return None
    return points if points.dtype.kind in "iuf" else None


def nesting(coordinates: Any) -> int:
    """How many lists lie around the first number: 1 for a point, 3 for a polygon; 0 when there is none."""
    depth = 0
    while isinstance(coordinates, list):
        if not coordinates:
            return 0
        depth, coordinates = depth + 1, coordinates[0]
        if depth > 6:
            return 0
    return depth


def storable(text: str) -> str:
    """A text without the characters JSON can escape but no file or database can hold: NUL and half surrogate pairs."""
    return text if text.isascii() and "\x00" not in text else UNSTORABLE.sub("\ufffd", text)


def text_of(value: Any) -> str:
    """A property as text; nested values stay JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return storable(json.dumps(value, ensure_ascii=False))


def read_geojson(path: Path, *, stated_encoding: str | None, accept: bool, progress: Progress = SILENT) -> Table:
    """The features of a GeoJSON file. Raises BadFile when the file as a whole cannot be used."""
    table = Table(path.name, text_frame({}, 0), np.empty(0, np.int64), unit="feature", format="geojson")
    text = decode(path, table, stated_encoding, accept)
    collector = Collector(path.name)
    with progress.step(N_("Reading the file")) as step:
        for number, thing in enumerate(features(Document(text, path.name), collector), start=1):
            collector.add(thing, number)
            step.advance()
    table.findings.extend(collector.findings)
    return finish(table, collector)


def decode(path: Path, table: Table, stated: str | None, accept: bool) -> str:
    """The text of the file; an encoding that had to be guessed becomes an offer."""
    raw = path.read_bytes()
    guess = encoding.Guess(encoding.check(stated), certain=True) if stated else encoding.detect(raw)
    try:
        text = raw.decode(guess.encoding)
    except UnicodeDecodeError as error:
        raise BadFile(
            N_("{file} is not text in the encoding {encoding} (byte {place})."),
            remedy=N_("State the encoding with --encoding, or save the file as UTF-8."),
            file=path.name,
            encoding=guess.encoding,
            place=error.start,
        ) from error
    if not guess.certain:
        table.offer(encoding.offer(guess, raw.splitlines()[:2_000], accepted=accept))
    return text.removeprefix("\ufeff").lstrip("\x00")


def features(document: Document, collector: Collector) -> Iterator[Any]:
    """The features of a collection, a lone feature or geometry, or one per line."""
    if document.skip() == "[":
        yield from document.items()
        return
    whole: dict[str, Any] = {}
    seen = False
    for key in document.members():
        if key.casefold() == "features" and document.text[document.at : document.at + 1] == "[":
            seen = True
            yield from document.items()
        else:
            whole[key] = document.value()
    collector.crs = whole.get("crs")
    if seen:
        collector.type_of(whole)
    else:
        yield from lone(whole, document, collector)
    yield from following(document)


def lone(whole: dict[str, Any], document: Document, collector: Collector) -> Iterator[Any]:
    """A file that is one feature or one geometry; other kinds of JSON are named."""
    kind = collector.type_of(whole)
    relative = next((name for key, name in RELATIVES.items() if key in whole), "")
    if not kind or kind == "FeatureCollection":
        message = N_("{file} is {format}, not GeoJSON.") if relative else N_("{file} is JSON without features.")
        raise BadFile(message, remedy=EXPORT_AGAIN, file=document.file, format=relative)
    collector.lone = kind
    yield whole


def following(document: Document) -> Iterator[Any]:
    """Further objects behind the first: newline-delimited features, each one perhaps after a record separator."""
    while sign := document.skip():
        if sign == "\x1e":
            document.at += 1
            continue
        if sign != "{":
            raise document.broken(document.at)
        yield document.value()


def finish(table: Table, collector: Collector) -> Table:
    """The table out of what was collected."""
    count = len(collector.numbers)
    if count == 0:
        raise BadFile(
            N_("{file} holds no features with contents."),
            remedy=N_("Check in QGIS that the layer is the right one and was saved with its contents."),
            file=table.name,
        )
    for values in collector.columns.values():
        values.extend([""] * (count - len(values)))
    names = unique_names(list(collector.columns))
    table.frame = text_frame(dict(zip(names, collector.columns.values(), strict=True)), count)
    table.row_numbers = np.array(collector.numbers, dtype=np.int64)
    table.geometry = np.empty(count, dtype=object)
    table.geometry[:] = collector.shapes
    table.crs = reference.from_geojson(collector.crs, table.findings)
    notes(table, collector)
    return table


def notes(table: Table, collector: Collector) -> None:
    """Notes about the file as a whole."""
    if collector.wrong_case:
        message = Message(
            N_("Type names are spelt in the wrong case: {names}."), {"names": ", ".join(sorted(collector.wrong_case))}
        )
        table.findings.add(Finding(Severity.INFO, "type_case", message))
    if collector.lone and len(collector.numbers) == 1:
        message = Message(N_("The file is a lone {kind} and was read as one feature."), {"kind": collector.lone})
        table.findings.add(Finding(Severity.INFO, "lone_geometry", message))
    if collector.heights:
        table.findings.add(
            Finding(Severity.INFO, "heights_dropped", Message(N_("Heights were left out; maps here are flat.")))
        )
