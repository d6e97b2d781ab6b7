"""Do these areas fit together, and is each of them sound? Repairs single shapes, then checks neighbours and the parent.

Pure functions over shapely shapes in WGS 84 lon/lat; areas in m² on the ellipsoid, widths in metres. The rules and
their severities are those of docs/method: TOS inside their municipality and apart from each other, civic and
electoral districts tiling it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, Message, signed
from geo.ingest.findings import KEPT_PER_CODE, Finding, Findings, Severity, Unit
from geo.ingest.table import Geometries
from geo.progress import SILENT, Progress
from geo.vocabulary import TerritoryKind

WGS84_A = 6_378_137.0
WGS84_E = 0.08181919084262149
POLYGONS = (3, 6)
# shapes alike to this degree are one shape loaded twice
SAME_SHARE = 0.98
STRAY_KM = 100.0
STRAY_TIMES = 20.0
PAIRS_AT_ONCE = 5_000
# a tangle with more crossings would take the memory of the machine
MOST_CROSSINGS = 5_000_000
SAMPLED = 1_000
# the last digits of two programs differ; a tenth of a millimetre is one point, degrees
GRID = 1e-9
# pairs with fewer segment pairs than this are computed without a look; the others are first looked at
UNSEEN_PAIRS = 4_000_000
# crossings two areas may have, and all pairs of a file together, for an exact answer (about a microsecond each)
PAIR_CROSSINGS = 1_000_000
FILE_CROSSINGS = 20_000_000
# an estimate asks this many points along each side of the common box
GRID_SIDE = 200
# rounding of coordinates leaves pieces of square centimetres
NOTHING_M2 = 0.01
# and, along a whole border drawn in a browser, strips some centimetres wide
DIGITS_M = 0.05

Floats = npt.NDArray[np.float64]
Numbers = Sequence[int] | npt.NDArray[np.int64]


# --- measuring -------------------------------------------------------------------------------------------------------


def equal_area(points: Floats) -> Floats:
    """Lon/lat to the cylindrical equal-area projection of the ellipsoid in metres (Snyder 1987, eq. 10-14, 3-12)."""
    sine = np.sin(np.radians(points[:, 1]))
    e = WGS84_E
    q = (1 - e**2) * (sine / (1 - e**2 * sine**2) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
    return np.column_stack([WGS84_A * np.radians(points[:, 0]), WGS84_A * q / 2])


def area_m2(shapes: Any) -> Any:
    """Area of each shape in square metres."""
    return shapely.area(shapely.transform(shapes, equal_area))


def widths_m(shapes: Geometries, areas: Floats) -> Floats:
    """Mean width of each piece in metres: twice its area over its perimeter."""
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    scale = np.column_stack([np.cos(np.radians(centres[:, 1])), np.ones(len(centres))]) * np.radians(WGS84_A)
    flat = shapely.set_coordinates(shapes.copy(), (points - centres[owners]) * scale[owners])
    perimeters = shapely.length(flat)
    return np.divide(2 * areas, perimeters, out=np.zeros(len(areas)), where=perimeters > 0)


def as_array(shapes: Sequence[BaseGeometry]) -> Geometries:
    """Shapes as an object array."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


# --- one shape -------------------------------------------------------------------------------------------------------


def repair(geometries: Geometries, numbers: Numbers, unit: Unit = "feature") -> tuple[Geometries, Findings]:
    """Valid polygons out of invalid ones, each with a note of what was wrong and by how much the area changed.

    Shapes that cannot be saved become None with a blocking finding; shapes that are no areas are left alone.
    """
    findings = Findings(keep=len(geometries))
    result = geometries.copy()
    for position, (shape, finding) in mended(geometries):
        result[position] = shape
        findings.add(finding.at(unit, int(numbers[position])))
    return result, findings


def mended(geometries: Geometries) -> Iterator[tuple[int, tuple[BaseGeometry | None, Finding]]]:
    """Position, repaired shape (None: beyond repair) and finding of every invalid area."""
    areal = np.isin(shapely.get_type_id(geometries), POLYGONS)
    for position in np.flatnonzero(areal & ~shapely.is_valid(geometries)):
        yield int(position), repaired(geometries[position])


def repaired(shape: BaseGeometry) -> tuple[BaseGeometry | None, Finding]:
    """One invalid polygon mended; None when nothing with an area is left."""
    words, _, place = shapely.is_valid_reason(shape).partition("[")
    reason = Message(REASONS.get(words.strip(), words.strip()))
    where = shapely.Point([float(value) for value in place.rstrip("]").split()[:2]]) if place else None
    if crossings(shape) > MOST_CROSSINGS:
        tangled = Message(N_("The lines of the shape cross each other too often to be repaired."))
        return None, Finding(Severity.BLOCK, "shape_tangled", tangled, DRAW_ANEW, geometry=where)
    separated, parts = holes_outside(shape)
    result = polygons_of(shapely.make_valid(separated, method="structure", keep_collapsed=False))
    if result is None:
        message = Message(N_("The shape encloses no area ({reason})."), {"reason": reason})
        return None, Finding(Severity.BLOCK, "shape_without_area", message, DRAW_ANEW, geometry=where)
    change = float(area_m2(result)) - float(area_m2(shape))
    sentence = REPAIRED_WITH_PARTS if parts else REPAIRED
    message = Message(sentence, {"reason": reason, "difference": signed(round(change, 1)), "parts": parts})
    finding = Finding(
        Severity.WARN, "shape_repaired", message, LOOK_AT_MAP, geometry=where or result, area_m2=abs(change)
    )
    return result, finding


def crossings(shape: BaseGeometry) -> float:
    """About how many pairs of segments lie in each other's boxes, from a sample: repair costs as much as they cross."""
    points, owners = shapely.get_coordinates(shapely.boundary(shapely.get_parts(shape)), return_index=True)
    steps = np.flatnonzero(owners[1:] == owners[:-1])
    if len(steps) < SAMPLED:
        return 0.0
    segments: Any = shapely.linestrings(np.stack([points[steps], points[steps + 1]], axis=1))
    sample = sampled(segments)
    asked, _ = shapely.STRtree(segments).query(sample)
    return float(len(asked) / len(sample) * len(segments))


# what GEOS says about an invalid polygon
REASONS = {
    "Self-intersection": N_("lines cross"),
    "Ring Self-intersection": N_("a ring touches itself"),
    "Hole lies outside shell": N_("a hole lies outside"),
    "Holes are nested": N_("holes lie in each other"),
    "Nested holes": N_("holes lie in each other"),
    "Nested shells": N_("parts lie in each other"),
    "Interior is disconnected": N_("the inside falls apart"),
    "Duplicate Rings": N_("a ring is there twice"),
    "Too few points in geometry component": N_("too few points"),
    "Too few distinct points in geometry component": N_("too few points"),
}
REPAIRED = N_("The shape was repaired ({reason}); area changed by {difference} m².")
REPAIRED_WITH_PARTS = N_(
    "The shape was repaired ({reason}); holes drawn outside became parts ({parts}); area changed by {difference} m²."
)
DRAW_ANEW = Message(N_("Draw this boundary anew, or repair it in QGIS (Vector, Geometry tools, Fix geometries)."))
LOOK_AT_MAP = Message(N_("Compare the repaired boundary with the source on the map."))


def holes_outside(shape: BaseGeometry) -> tuple[BaseGeometry, int]:
    """The shape with holes that lie wholly outside their shell turned into parts, and how many there were."""
    parts: list[shapely.Polygon] = []
    moved = 0
    for polygon in shapely.get_parts(shape):
        shell = shapely.make_valid(shapely.Polygon(polygon.exterior), method="structure")
        outside = [ring for ring in polygon.interiors if is_outside(shapely.Polygon(ring), shell)]
        moved += len(outside)
        parts += [shapely.Polygon(ring) for ring in outside]
        parts.append(shapely.Polygon(polygon.exterior, [ring for ring in polygon.interiors if ring not in outside]))
    return (shapely.MultiPolygon(parts), moved) if moved else (shape, 0)


def is_outside(hole: BaseGeometry, shell: BaseGeometry) -> bool:
    """Whether a hole has nothing in common with its shell but perhaps a border."""
    return bool(hole.is_valid and (shapely.disjoint(hole, shell) or shapely.touches(hole, shell)))


def polygons_of(shape: BaseGeometry) -> BaseGeometry | None:
    """The areas in a shape as MultiPolygon; None when there are none."""
    pieces = [piece for piece in flat_parts(shape) if isinstance(piece, shapely.Polygon) and not piece.is_empty]
    if not pieces:
        return None
    joined = shapely.MultiPolygon(pieces)
    return joined if joined.is_valid else polygons_of(shapely.union_all(pieces))


def flat_parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """The simple parts of a shape, through nested collections."""
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from flat_parts(part)
    else:
        yield shape


def split_at_antimeridian(shape: BaseGeometry) -> BaseGeometry | None:
    """A polygon that jumps over 180° cut there (RFC 7946, 3.1.9); None when its longitudes make no sense."""
    pieces: list[BaseGeometry] = []
    for stored in shapely.get_parts(shape):
        part = unwound(stored)
        west, _, east, _ = part.bounds
        if east - west > 180 or west < -540 or east > 540:
            return None
        pieces += cut_to_world(shapely.make_valid(part, method="structure"), west, east)
    return polygons_of(shapely.GeometryCollection(pieces))


def unwound(part: BaseGeometry) -> BaseGeometry:
    """A polygon that jumps from 180° to -180° with its longitudes counted on from 0 to 360."""
    west, _, east, _ = part.bounds
    if east - west <= 180 or west < -180 or east > 180:
        return part
    return shapely.transform(part, lambda points: np.column_stack([points[:, 0] % 360, points[:, 1]]))


def cut_to_world(part: BaseGeometry, west: float, east: float) -> list[BaseGeometry]:
    """The pieces of a polygon inside each turn of 360°, moved back to -180..180."""
    turns = range(int(np.floor((west + 180) / 360)), int(np.floor((east + 180) / 360)) + 1)
    pieces = [
        (turn, shapely.intersection(part, shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90))) for turn in turns
    ]
    return [translate(piece, xoff=-360 * turn) for turn, piece in pieces if not piece.is_empty]


def shared_piece(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry | None:
    """The area two shapes have in common; None for none, and for a tangle nobody can use."""
    return None if too_tangled(one, other) else polygons_of(shapely.intersection(one, other))


def too_tangled(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether the lines of two shapes cross too often to be laid over each other."""
    pairs = int(shapely.get_num_coordinates(one)) * int(shapely.get_num_coordinates(other))
    return bool(pairs > UNSEEN_PAIRS and crossings_between(one, other) > PAIR_CROSSINGS)


def crossings_between(one: BaseGeometry, other: BaseGeometry) -> float:
    """About how many pairs of segments of two shapes lie in each other's boxes, from a sample."""
    first, second = segments_of(one), segments_of(other)
    sample = sampled(first)
    asked, _ = shapely.STRtree(second).query(sample)
    return float(len(asked) / max(len(sample), 1) * len(first))


def sampled(segments: Any) -> Any:
    """Some of the segments; by chance, because drawings repeat themselves, but always the same ones."""
    return segments[np.random.default_rng(0).permutation(len(segments))[:SAMPLED]]


def segments_of(shape: BaseGeometry) -> Any:
    """The segments of a shape's borders."""
    points, owners = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    steps = np.flatnonzero(owners[1:] == owners[:-1])
    return shapely.linestrings(np.stack([points[steps], points[steps + 1]], axis=1))


def common_area(one: BaseGeometry, other: BaseGeometry) -> float:
    """The m² two shapes share, from points over their common box: one by chance in every cell of a grid.

    No overlay, so no matter how tangled; always the same points, so the same answer.
    """
    west, south, east, north = shapely.intersection(shapely.box(*one.bounds), shapely.box(*other.bounds)).bounds
    cells = np.indices((GRID_SIDE, GRID_SIDE)).reshape(2, -1)
    across, up = (cells + np.random.default_rng(0).random(cells.shape)) / GRID_SIDE
    x, y = west + across * (east - west), south + up * (north - south)
    shapely.prepare([one, other])
    share = (shapely.contains_xy(one, x, y) & shapely.contains_xy(other, x, y)).mean()
    return float(share * area_m2(shapely.box(west, south, east, north)))


# --- neighbours and parent -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rules:
    """Severities of what can be wrong between areas (None: not looked for) and the sizes that matter.

    Pieces narrower than `tolerance_m` are noise of drawing; up to `sliver_m` they are slivers. An overlap counts from
    `min_area_m2` or `overlap_share` of the smaller area.
    """

    overlap: Severity | None = Severity.WARN
    gap: Severity | None = None
    sliver: Severity | None = Severity.INFO
    outside_parent: Severity | None = Severity.WARN
    parent_not_covered: Severity | None = None
    multipart: Severity | None = None
    duplicate: Severity | None = Severity.WARN
    stray_part: Severity | None = Severity.WARN
    tolerance_m: float = 1.0
    sliver_m: float = 5.0
    min_area_m2: float = 100.0
    overlap_share: float = 0.01


TILING = Rules(gap=Severity.WARN, parent_not_covered=Severity.WARN)
# methods.md 3.1 and 3.3: a TOS lies inside its municipality in one piece; districts of one scheme tile theirs
RULES: dict[TerritoryKind, Rules] = {kind: Rules() for kind in TerritoryKind} | {
    TerritoryKind.TOS_TERRITORY: Rules(outside_parent=Severity.BLOCK, multipart=Severity.WARN),
    TerritoryKind.ELECTORAL_DISTRICT: replace(TILING, multipart=Severity.WARN),
    TerritoryKind.CIVIC_DISTRICT: replace(TILING, multipart=Severity.WARN),
    TerritoryKind.MUNICIPALITY: TILING,
    TerritoryKind.REGION: TILING,
    TerritoryKind.OBLAST: TILING,
    TerritoryKind.RAYON: TILING,
}


def check(
    geometries: Geometries,
    numbers: Numbers,
    *,
    names: Sequence[str] | None = None,
    parent: BaseGeometry | Geometries | None = None,
    rules: Rules = Rules(),
    unit: Unit = "feature",
    beside: Sequence[tuple[str, BaseGeometry]] = (),
    keep: int = KEPT_PER_CODE,
    progress: Progress = SILENT,
) -> Findings:
    """Everything wrong between valid sibling areas and with their parent, each piece with its place and m².

    `parent` is one shape, or an array with the parent's shape (or None) of each area; what of it nobody covers is asked
    only of one. `beside` are names and shapes of stored siblings: only what they share with the new areas is told.
    `keep` is how many findings of a code are kept.
    """
    siblings = Siblings(geometries, numbers, names, rules, unit)
    findings = Findings(keep=keep)
    with progress.step(N_("Checking the boundaries"), 6) as step:
        for part in (
            siblings.alone,
            siblings.duplicates,
            siblings.overlaps,
            lambda: siblings.stored(beside),
            lambda: siblings.outside(parent),
            lambda: siblings.gaps(None if isinstance(parent, np.ndarray) else parent),
        ):
            findings.extend(part())
            step.advance()
    return findings


class Siblings:
    """Areas of one kind, looked at together."""

    def __init__(
        self, geometries: Geometries, numbers: Numbers, names: Sequence[str] | None, rules: Rules, unit: Unit
    ) -> None:
        present = np.flatnonzero(~(shapely.is_missing(geometries) | shapely.is_empty(geometries)))
        self.present = present
        self.shapes = geometries[present]
        self.numbers = np.asarray(numbers, dtype=np.int64)[present]
        known = names if names is not None else [f"#{int(number)}" for number in numbers]
        self.names = [str(known[int(at)]) for at in present]
        self.rules = rules
        self.unit = unit
        self.rounded = shapely.set_precision(self.shapes, GRID, mode="pointwise")
        self.areas = np.asarray(area_m2(self.shapes), dtype=np.float64)
        self.same: set[tuple[int, int]] = set()

    @cached_property
    def tiles(self) -> bool:
        """Whether neighbours share their edges exactly (a valid coverage): then nothing overlaps."""
        return not self.tangled and (len(self.shapes) < 2 or bool(shapely.coverage_is_valid(self.rounded)))

    @cached_property
    def tangled(self) -> dict[tuple[int, int], float]:
        """Pairs of areas whose lines cross too often to be laid over each other, with the m² they share by estimate.

        Only pairs with many points in their common box are looked at; a sample of segments tells how often they cross.
        """
        counts = shapely.get_num_coordinates(self.shapes).astype(np.int64)
        large = np.flatnonzero(counts * counts.max(initial=0) > UNSEEN_PAIRS)
        asked, found = shapely.STRtree(self.shapes).query(self.shapes[large])
        pairs = np.unique(np.sort(np.column_stack([large[asked], found])[large[asked] != found], axis=1), axis=0)
        heavy = pairs[counts[pairs[:, 0]] * counts[pairs[:, 1]] > UNSEEN_PAIRS]
        spent, tangled = 0.0, {}
        for one, other in heavy.tolist():
            number = crossings_between(self.shapes[one], self.shapes[other])
            spent += number
            if number > PAIR_CROSSINGS or spent > FILE_CROSSINGS:
                spent -= number
                tangled[one, other] = common_area(self.shapes[one], self.shapes[other])
        return tangled

    @cached_property
    def knotted(self) -> npt.NDArray[np.bool_]:
        """Which areas are in a tangled pair."""
        found = np.zeros(len(self.shapes), dtype=np.bool_)
        found[[at for pair in self.tangled for at in pair]] = True
        return found

    def finding(
        self,
        severity: Severity,
        code: str,
        message: str,
        remedy: Message,
        at: int | np.signedinteger[Any],
        *,
        piece: BaseGeometry | None = None,
        area: float | None = None,
        others: Iterable[int] = (),
        **params: object,
    ) -> Finding:
        """A finding about the area at a position, in the words of its name."""
        named = Message(message, {"name": self.names[at], "area": "" if area is None else float(round(area)), **params})
        neighbours = tuple(int(self.numbers[other]) for other in others)
        found = Finding(severity, code, named, remedy, geometry=piece, area_m2=area, others=neighbours)
        return found.at(self.unit, int(self.numbers[at]))

    # single areas

    def alone(self) -> Iterator[Finding]:
        """Several parts where one is required, and parts far away from everything else."""
        counts = shapely.get_num_geometries(self.shapes)
        if self.rules.multipart is not None:
            for at in np.flatnonzero(counts > 1):
                yield self.finding(
                    self.rules.multipart,
                    "multipart",
                    N_("{name} has {count} separate parts; it should be one connected territory."),
                    Message(N_("Check whether parts were drawn by mistake, or state that enclaves are meant.")),
                    at,
                    piece=self.shapes[at],
                    count=int(counts[at]),
                )
        if self.rules.stray_part is not None:
            yield from self.strays(self.rules.stray_part)

    def strays(self, severity: Severity) -> Iterator[Finding]:
        """Parts that lie many times farther out than the areas usually do."""
        parts, owners = shapely.get_parts(self.shapes, return_index=True)
        places = shapely.get_coordinates(shapely.centroid(parts))
        if len(places) == 0:
            return
        middle = np.median(places, axis=0)
        offsets = (places - middle) * [np.cos(np.radians(middle[1])), 1.0] * 111.32
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
        limit = max(STRAY_KM, STRAY_TIMES * float(np.median(distances)))
        for at in np.flatnonzero(distances > limit):
            yield self.finding(
                severity,
                "stray_part",
                N_("A part of {name} lies {distance} km away from the other areas."),
                Message(N_("Remove the part in the source if it was drawn by mistake.")),
                int(owners[at]),
                piece=parts[at],
                area=float(area_m2(parts[at])),
                distance=round(float(distances[at])),
            )

    # pairs

    def duplicates(self) -> Iterator[Finding]:
        """Areas that are the same shape twice."""
        if self.rules.duplicate is None:
            return
        seen: dict[bytes, int] = {}
        for at, key in enumerate(shapely.to_wkb(shapely.normalize(self.rounded))):
            first = seen.setdefault(key, at)
            if first != at:
                self.same.add((first, at))
                yield self.duplicate(first, at, self.rules.duplicate)

    def duplicate(self, first: int, second: int, severity: Severity) -> Finding:
        """Two areas of one shape."""
        return self.finding(
            severity,
            "duplicate_shape",
            N_("{name} has the same shape as {other}."),
            Message(N_("Remove one of the two, or give it its own boundary.")),
            second,
            piece=self.shapes[second],
            area=float(self.areas[second]),
            others=(first,),
            other=self.names[first],
        )

    def overlaps(self) -> Iterator[Finding]:
        """Pieces that belong to two areas."""
        if self.rules.overlap is None or self.tiles:
            return
        for (first, second), area in self.tangled.items():
            if (first, second) not in self.same and area > 0:
                yield self.tangle(first, second, area, self.rules.overlap)
        for first, second, piece, area, width in self.shared_pieces():
            if (first, second) in self.same:
                continue
            if area > SAME_SHARE * max(self.areas[first], self.areas[second]) and self.rules.duplicate is not None:
                yield self.duplicate(first, second, self.rules.duplicate)
                continue
            share = area / min(self.areas[first], self.areas[second])
            enough = area > self.rules.min_area_m2 or share > self.rules.overlap_share
            counts = enough and width >= self.rules.tolerance_m
            severity = self.rules.overlap if counts else self.rules.sliver
            if severity is not None:
                yield self.overlap(first, second, piece, area, share, severity, "overlap" if counts else "sliver")

    def overlap(
        self, first: int, second: int, piece: BaseGeometry, area: float, share: float, severity: Severity, code: str
    ) -> Finding:
        """Two areas that share a piece."""
        return self.finding(
            severity,
            code,
            N_("{name} and {other} overlap by {area} m² ({percent} % of the smaller)."),
            Message(N_("Move the common border in one of them; neighbours should share one line.")),
            second,
            piece=piece,
            area=area,
            others=(first,),
            other=self.names[first],
            percent=float(f"{100 * share:.2g}"),
        )

    def tangle(self, first: int, second: int, area: float, severity: Severity) -> Finding:
        """Two areas whose common part can only be estimated."""
        box = shapely.intersection(*(shapely.box(*self.shapes[at].bounds) for at in (first, second)))
        return self.finding(
            severity,
            "overlap_tangled",
            N_("{name} and {other} overlap by about {area} m²; their lines cross too often for the exact piece."),
            DRAW_ANEW,
            second,
            piece=box,
            area=area,
            others=(first,),
            other=self.names[first],
        )

    def stored(self, beside: Sequence[tuple[str, BaseGeometry]]) -> Iterator[Finding]:
        """Pieces that a new area shares with a stored one the file does not have."""
        if self.rules.overlap is None or not beside:
            return
        shapes = as_array([shape for _, shape in beside])
        asked, found = shapely.STRtree(shapes).query(self.shapes, predicate="intersects")
        for at, other in zip(asked.tolist(), found.tolist(), strict=True):
            piece = shared_piece(self.shapes[at], shapes[other])
            if piece is None:
                continue
            parts = shapely.get_parts(piece)
            areas = area_m2(parts)
            area, width = float(areas.sum()), float(widths_m(parts, areas).max())
            share = area / min(self.areas[at], float(area_m2(shapes[other])))
            enough = area > self.rules.min_area_m2 or share > self.rules.overlap_share
            severity = self.rules.overlap if enough and width >= self.rules.tolerance_m else self.rules.sliver
            if severity is not None and area > NOTHING_M2 and width > DIGITS_M:
                yield self.finding(
                    severity,
                    "overlap_stored",
                    N_("{name} overlaps the stored {other} by {area} m² ({percent} % of the smaller)."),
                    Message(N_("Move the common border, or end the stored boundary the day before.")),
                    at,
                    piece=piece,
                    area=area,
                    other=beside[other][0],
                    percent=float(f"{100 * share:.2g}"),
                )

    def shared_pieces(self) -> Iterator[tuple[int, int, BaseGeometry, float, float]]:
        """Pairs of areas that share more than a border, with what they share, its m² and its width in metres."""
        chosen = self.knotted.copy()
        plain = np.flatnonzero(~chosen)
        chosen[plain] = ~shapely.is_empty(shapely.coverage_invalid_edges(self.rounded[plain]))
        asked, found = shapely.STRtree(self.shapes).query(self.shapes[chosen])
        left, right = np.flatnonzero(chosen)[asked], found
        pairs = np.unique(np.sort(np.column_stack([left, right])[left != right], axis=1), axis=0)
        if self.tangled:
            pairs = np.array([pair for pair in pairs.tolist() if tuple(pair) not in self.tangled], dtype=np.int64)
            pairs = pairs.reshape(-1, 2)
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            yield from self.intersections(pairs[start : start + PAIRS_AT_ONCE])

    def intersections(self, pairs: npt.NDArray[np.int64]) -> Iterator[tuple[int, int, BaseGeometry, float, float]]:
        """What the pairs share, where it has an area."""
        pieces = shapely.intersection(self.shapes[pairs[:, 0]], self.shapes[pairs[:, 1]])
        areas = area_m2(pieces)
        common = np.flatnonzero(areas > NOTHING_M2)
        pieces, areas = pieces[common], areas[common]
        for (one, other), piece, area, width in zip(pairs[common], pieces, areas, widths_m(pieces, areas), strict=True):
            yield int(one), int(other), piece, float(area), float(width)

    # the parent

    def outside(self, parent: BaseGeometry | Geometries | None) -> Iterator[Finding]:
        """Parts beyond the parent: a block, or a note when they are slivers."""
        if parent is None or self.rules.outside_parent is None:
            return
        if isinstance(parent, np.ndarray):
            parents = parent[self.present]
            for one in {id(shape): shape for shape in parents if shape is not None}.values():
                mine = np.flatnonzero([shape is one for shape in parents])
                yield from self.outside_one(one, mine, self.rules.outside_parent)
        else:
            yield from self.outside_one(parent, np.arange(len(self.shapes)), self.rules.outside_parent)

    def outside_one(self, parent: BaseGeometry, mine: npt.NDArray[np.int64], severity: Severity) -> Iterator[Finding]:
        """What the areas at some positions have beyond a parent."""
        shapely.prepare(parent)
        for at in mine[~shapely.covers(parent, self.shapes[mine])]:
            if too_tangled(self.shapes[at], parent):
                yield self.unknown_beyond(int(at), parent, severity)
                continue
            piece = polygons_of(shapely.difference(self.shapes[at], parent))
            if piece is None:
                continue
            parts = shapely.get_parts(piece)
            areas = area_m2(parts)
            width = float(widths_m(parts, areas).max())
            yield from self.beyond(int(at), piece, float(areas.sum()), width, severity)

    def unknown_beyond(self, at: int, parent: BaseGeometry, severity: Severity) -> Finding:
        """An area that crosses its parent's border too often: how much lies outside can only be estimated."""
        return self.finding(
            severity,
            "outside_parent_tangled",
            N_("{name} reaches about {area} m² beyond the territory it belongs to; their lines cross too often."),
            DRAW_ANEW,
            at,
            area=max(float(self.areas[at]) - common_area(self.shapes[at], parent), 0.0),
        )

    def beyond(self, at: int, piece: BaseGeometry, area: float, width: float, severity: Severity) -> Iterator[Finding]:
        """A piece outside: nothing when it is noise of drawing, never a block when it is a sliver."""
        if width < self.rules.tolerance_m:
            return
        if width < self.rules.sliver_m and severity is Severity.BLOCK:
            severity = Severity.WARN
        yield self.finding(
            severity,
            "outside_parent",
            N_("{name} reaches {area} m² beyond the territory it belongs to."),
            Message(N_("Cut it to the parent's boundary, or check which of the two is right.")),
            at,
            piece=piece,
            area=area,
        )

    def gaps(self, parent: BaseGeometry | None) -> Iterator[Finding]:
        """Holes between the areas, and what of the parent no area covers."""
        asked = parent if self.rules.parent_not_covered is not None else None
        if len(self.shapes) == 0 or (self.rules.gap is None and asked is None):
            return
        if self.tangled or (asked is not None and any(too_tangled(shape, asked) for shape in self.shapes)):
            message = Message(N_("Gaps were not looked for: some lines cross each other too often."))
            yield Finding(Severity.WARN, "gaps_not_assessed", message, DRAW_ANEW)
            return
        union = self.union()
        if asked is not None:
            yield from self.empty_pieces(
                shapely.difference(asked, union),
                "parent_not_covered",
                self.rules.parent_not_covered,
                N_("{area} m² of the parent territory belong to no area (near {name})."),
            )
        elif len(self.shapes) > 1:
            holes = [shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
            yield from self.empty_pieces(
                shapely.GeometryCollection(self.without_islands(holes)),
                "gap",
                self.rules.gap,
                N_("There is a gap of {area} m² between the areas (near {name})."),
            )

    def without_islands(self, holes: list[shapely.Polygon]) -> list[BaseGeometry]:
        """Holes between areas without the areas that stand in them on their own."""
        hole, island = shapely.STRtree(self.shapes).query(as_array(holes), predicate="contains")
        shapes: list[BaseGeometry] = list(holes)
        for at in np.unique(hole):
            shapes[at] = shapely.difference(holes[at], shapely.union_all(self.shapes[island[hole == at]]))
        return shapes

    def union(self) -> BaseGeometry:
        """All areas as one; quick when they share their edges."""
        return (
            shapely.coverage_union_all(self.rounded)
            if self.tiles and len(self.shapes) > 1
            else shapely.union_all(self.shapes)
        )

    def empty_pieces(
        self, empty: BaseGeometry, code: str, severity: Severity | None, message: str
    ) -> Iterator[Finding]:
        """A finding for every piece wide enough to matter, narrower ones as slivers."""
        pieces = as_array([part for part in flat_parts(empty) if part.geom_type == "Polygon" and not part.is_empty])
        if severity is None or len(pieces) == 0:
            return
        nearest = shapely.STRtree(self.shapes).nearest(pieces)
        areas = area_m2(pieces)
        thin = (widths_m(pieces, areas) < self.rules.tolerance_m) | (areas <= self.rules.min_area_m2)
        for at in np.flatnonzero(areas > NOTHING_M2):
            chosen = self.rules.sliver if thin[at] else severity
            if chosen is not None:
                yield self.finding(
                    chosen,
                    "sliver" if thin[at] else code,
                    message,
                    Message(N_("Let the neighbours share one line.")),
                    int(nearest[at]),
                    piece=pieces[at],
                    area=float(areas[at]),
                )
