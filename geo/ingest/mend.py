"""Which faults of boundaries can be put right with one click, and what does each mend change?

Pure functions over shapely shapes in WGS 84 lon/lat. A mend answers a finding of topology.py, changes only shapes that
are being loaded (never stored ones), and is refused with a reason where a person has to decide. Every change is told
per territory with its difference in m² on the ellipsoid.

    cut_to_parent  what reaches beyond the parent goes          safe while that is at most a tenth of the area
    drop_sliver    a narrow piece two areas share goes to the   safe while it is narrower than `sliver_m`; crumbs
                   one with the longer common edge; crumbs go   are parts of at most `min_area_m2`
    close_gap      an empty piece goes to the neighbour with    safe while it is narrower than `sliver_m` or small,
                   the longest common edge                      and at most a tenth of that neighbour
    snap           neighbours get one common line               safe while nothing wider than `sliver_m` is shared

A mend is named by its word ("snap": wherever it is safe) or by word and finding ("snap:1f3a9c02": there only); the
second form is in `Finding.mends`, stays the same when the same file is checked again, and is what a button sends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, BadInput, Message, signed
from geo.ingest.findings import Finding, Findings, Severity, Unit
from geo.ingest.table import Geometries
from geo.ingest.topology import GRID, WGS84_A, Rules, area_m2, as_array, check, polygons_of, widths_m
from geo.progress import SILENT, Progress

CUT_TO_PARENT, DROP_SLIVER, CLOSE_GAP, SNAP = "cut_to_parent", "drop_sliver", "close_gap", "snap"
TITLES = {
    CUT_TO_PARENT: N_("Cut to the parent's boundary"),
    DROP_SLIVER: N_("Drop the sliver"),
    CLOSE_GAP: N_("Give the gap to the neighbour with the longest common border"),
    SNAP: N_("Draw the common borders as one line"),
}
# the order in which several mends follow each other
MENDS = tuple(TITLES)
# a mend that would take or give more of an area than this is a decision, not a repair
MOST_SHARE = 0.1
# an empty piece up to this size may go to a neighbour even when it is not narrow
SMALL_GAP_M2 = 1_000.0
ROUNDS = 6
# beside shared edges: a tenth of a millimetre
TOUCH = 10 * GRID
# findings of a code that one mend may answer at once
KEPT = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """The areas being loaded: shapes, their numbers in the file, names, the parent's shape, and the rules for them.

    `parent` is one shape, or an array with the one of each area. `beside` are stored areas of the same kind that the
    file does not have; they are looked at, never changed. `nested` are pairs of numbers of which one lies in the
    other by right. `keep` is how many findings of a code are kept, and so at most mended.
    """

    shapes: Geometries
    numbers: np.ndarray[Any, np.dtype[np.int64]]
    names: tuple[str, ...]
    parent: BaseGeometry | Geometries | None = None
    rules: Rules = field(default_factory=Rules)
    unit: Unit = "feature"
    beside: tuple[tuple[str, BaseGeometry], ...] = ()
    nested: frozenset[frozenset[int]] = frozenset()
    keep: int = KEPT

    def check(self, progress: Progress = SILENT) -> Findings:
        """What is wrong between them, each finding with the mends that may answer it."""
        found = check(
            self.shapes, self.numbers, names=self.names, parent=self.parent, rules=self.rules, unit=self.unit,
            beside=self.beside, keep=self.keep, progress=progress,
        )  # fmt: skip
        return with_mends(self.without_nested(found), self.rules)

    def without_nested(self, found: Findings) -> Findings:
        """An area inside the one it belongs to overlaps it by right."""
        if not self.nested:
            return found
        pairs = (frozenset((f.number, *f.others)) if f.code in ("overlap", "sliver") else frozenset() for f in found)
        return Findings((f for f, pair in zip(found, pairs, strict=True) if pair not in self.nested), keep=self.keep)

    def parent_of(self, at: int) -> BaseGeometry | None:
        """The shape of the parent of the area at a position."""
        return self.parent[at] if isinstance(self.parent, np.ndarray) else self.parent

    def at(self, number: int) -> int:
        """The position of the area with a number."""
        return int(np.flatnonzero(self.numbers == number)[0])


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Why a mend is not done; somebody has to decide."""

    message: Message


@dataclass(frozen=True, slots=True)
class Change:
    """One area before and after a mend, square metres."""

    position: int
    mend: str
    before_m2: float
    after_m2: float

    @property
    def difference_m2(self) -> float:
        """What the area won (positive) or lost."""
        return self.after_m2 - self.before_m2


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """The areas after mending, what changed, and the findings that are left (with notes of changes and refusals)."""

    areas: Areas
    changes: tuple[Change, ...]
    findings: Findings


# --- which mends a finding may have -----------------------------------------------------------------------------------


def named(wanted: Iterable[str]) -> tuple[str, ...]:
    """The mends a person asked for. Raises BadInput for a word that is none."""
    asked = tuple(word.strip() for word in wanted if word.strip())
    for word in asked:
        if word.partition(":")[0] not in MENDS:
            raise BadInput(
                N_("There is no mend {mend}."), remedy=N_("Choose among: {known}."), mend=word, known=", ".join(MENDS)
            )
    return asked


def key_of(finding: Finding) -> str:
    """A short name of a finding, the same each time the same file is checked."""
    where = "" if finding.geometry is None else shapely.to_wkt(shapely.centroid(finding.geometry), rounding_precision=5)
    said = f"{finding.code} {finding.number} {sorted(finding.others)} {where}"
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def possible(finding: Finding, rules: Rules) -> tuple[str, ...]:
    """The mends that may answer a finding, by its code and the size of its piece; trying may still refuse."""
    piece = finding.geometry
    if finding.number is None or piece is None or piece.is_empty:
        return ()
    if finding.code in ("stray_part", "multipart"):
        return (DROP_SLIVER,) if crumbs(piece, rules) else ()
    if finding.area_m2 is None:
        return ()
    narrow = width_of(piece) < rules.sliver_m
    shared = bool(finding.others)
    match finding.code:
        case "outside_parent":
            return (CUT_TO_PARENT,)
        case "overlap" if narrow:
            return (DROP_SLIVER, SNAP)
        case "overlap_stored" if narrow:
            return (DROP_SLIVER,)
        case "sliver" if shared and narrow:
            return (DROP_SLIVER, SNAP)
        case "sliver" | "gap" | "parent_not_covered" if not shared and (narrow or finding.area_m2 <= SMALL_GAP_M2):
            return (CLOSE_GAP, SNAP) if width_of(piece) < rules.tolerance_m else (CLOSE_GAP,)
    return ()


def crumbs(shape: BaseGeometry, rules: Rules) -> list[BaseGeometry]:
    """The parts of a shape that are too small to be meant."""
    parts = shapely.get_parts(shape)
    return [part for part, area in zip(parts, area_m2(parts), strict=True) if area <= rules.min_area_m2]


def width_of(piece: BaseGeometry) -> float:
    """The mean width of the widest part of a piece, metres."""
    parts = shapely.get_parts(piece)
    return float(widths_m(parts, area_m2(parts)).max(initial=0.0))


def with_mends(found: Findings, rules: Rules) -> Findings:
    """The findings, each with the names of the mends it may have."""
    found.kept = [
        replace(f, mends=tuple(f"{mend}:{key_of(f)}" for mend in mends)) if (mends := possible(f, rules)) else f
        for f in found.kept
    ]
    return found


# --- mending ----------------------------------------------------------------------------------------------------------


def mend(areas: Areas, wanted: Collection[str], found: Findings, progress: Progress = SILENT) -> Mended:
    """Do the wanted mends (words, or word:finding) one kind after the other, checking again after each.

    `found` is what `areas.check()` says. A finding whose mend was refused stays, with the reason as a further note;
    doing the same mends again on the result changes nothing.
    """
    changes: list[Change] = []
    notes: list[Finding] = []
    tried: set[str] = set()
    for _ in range(ROUNDS):
        chosen = [name for f in found for name in f.mends if is_wanted(name, wanted) and name not in tried]
        kind = next((kind for kind in MENDS if any(name.startswith(f"{kind}:") for name in chosen)), None)
        if kind is None:
            break
        now = {name for name in chosen if name.startswith(f"{kind}:")}
        tried |= now
        areas, done, refused = one_kind(areas, kind, [f for f in found if now.intersection(f.mends)])
        changes += done
        notes += refused
        if done:
            found = areas.check(progress)
    found.extend(told(areas, changes))
    found.extend(notes)
    return Mended(areas, tuple(changes), found)


def is_wanted(name: str, wanted: Collection[str]) -> bool:
    """Whether a mend of a finding was asked for, itself or by its word."""
    return name in wanted or name.partition(":")[0] in wanted


def one_kind(areas: Areas, kind: str, findings: list[Finding]) -> tuple[Areas, list[Change], list[Finding]]:
    """One kind of mend for several findings: the areas afterwards, what changed, what was refused and why."""
    shapes = areas.shapes.copy()
    refused: list[Finding] = []
    for group in [findings] if kind == SNAP else [[finding] for finding in findings]:
        try:
            for position, shape in WAYS[kind](replace(areas, shapes=shapes), group):
                shapes[position] = shape
        except Refusal as refusal:
            refused.append(refusal_note(group[0], refusal))
    return replace(areas, shapes=shapes), differences(areas.shapes, shapes, kind), refused


def refusal_note(finding: Finding, refusal: Refusal) -> Finding:
    """The reason a mend was not done, at the area it was about."""
    return replace(
        finding, severity=Severity.INFO, code="mend_refused", message=refusal.message, mends=(), area_m2=None,
        remedy=Message(N_("Decide in the source which of the two is right.")),
    )  # fmt: skip


def differences(before: Geometries, after: Geometries, kind: str) -> list[Change]:
    """The areas that are not the same any more."""
    at = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old is not new]
    old, new = area_m2(before[at]), area_m2(after[at])
    return [Change(i, kind, float(was), float(now)) for i, was, now in zip(at, old, new, strict=True)]


def told(areas: Areas, changes: Iterable[Change]) -> Iterator[Finding]:
    """A note for every territory and mend."""
    for change in changes:
        message = Message(
            N_("{name} was mended ({mend}): area changed by {difference} m²."),
            {
                "name": areas.names[change.position],
                "mend": Message(TITLES[change.mend]),
                "difference": signed(round(change.difference_m2, 1)),
            },
        )
        found = Finding(
            Severity.INFO, "mended", message, LOOK, value=change.mend, geometry=areas.shapes[change.position],
            area_m2=abs(change.difference_m2),
        )  # fmt: skip
        yield found.at(areas.unit, int(areas.numbers[change.position]))


LOOK = Message(N_("Compare the mended boundary with the source on the map."))


# --- the mends themselves ---------------------------------------------------------------------------------------------

Result = Iterator[tuple[int, BaseGeometry]]


def cut_to_parent(areas: Areas, findings: list[Finding]) -> Result:
    """The area without what lies beyond its parent."""
    for finding in findings:
        at = areas.at(finding.number or 0)
        yield at, less(areas, at, kept(shapely.intersection(areas.shapes[at], areas.parent_of(at), grid_size=GRID)))


def drop_sliver(areas: Areas, findings: list[Finding]) -> Result:
    """A shared sliver leaves the area with the shorter common edge; a crumb leaves its area."""
    for finding in findings:
        at = areas.at(finding.number or 0)
        if finding.others:
            pair = (at, areas.at(finding.others[0]))
            edges = [common_edge(shape, finding.geometry) for shape in areas.shapes[list(pair)].tolist()]
            at = pair[int(edges[1] < edges[0])]
        alone = finding.code in ("stray_part", "multipart")
        piece = shapely.union_all(crumbs(finding.geometry, areas.rules)) if alone else polygons_of(finding.geometry)
        yield at, less(areas, at, kept(shapely.difference(areas.shapes[at], piece, grid_size=GRID)))


def close_gap(areas: Areas, findings: list[Finding]) -> Result:
    """An empty piece joins the neighbour with the longest common edge."""
    for finding in findings:
        piece = finding.geometry
        near = shapely.STRtree(areas.shapes).query(shapely.buffer(piece, TOUCH), predicate="intersects")
        neighbours: list[BaseGeometry] = list(areas.shapes[near])
        edges = [common_edge(neighbour, piece) for neighbour in neighbours]
        if not edges or max(edges) == 0.0:
            raise Refusal(Message(N_("No area borders the gap near {name}."), params_of(finding)))
        at = int(near[int(np.argmax(edges))])
        if (finding.area_m2 or 0.0) > MOST_SHARE * float(area_m2(areas.shapes[at])):
            raise Refusal(Message(N_("The gap near {name} is large beside its neighbour."), params_of(finding)))
        joined = shapely.union(areas.shapes[at], shapely.buffer(piece, GRID, join_style="mitre"), grid_size=GRID)
        others = [areas.shapes[i] for i in near if i != at]
        without = shapely.difference(joined, shapely.union_all(others), grid_size=GRID) if others else joined
        yield at, kept(without) or areas.shapes[at]


def snap(areas: Areas, findings: list[Finding]) -> Result:
    """One common line for neighbours: GEOS's coverage cleaner in local metres, for every group of touching areas."""
    concerned = {areas.at(number) for f in findings for number in (f.number or 0, *f.others)}
    for group in touching(areas.shapes, concerned):
        refuse_wide(areas, group)
        yield from cleaned(areas, group)


WAYS: dict[str, Callable[[Areas, list[Finding]], Result]] = {
    CUT_TO_PARENT: cut_to_parent, DROP_SLIVER: drop_sliver, CLOSE_GAP: close_gap, SNAP: snap,
}  # fmt: skip


def kept(shape: BaseGeometry) -> BaseGeometry | None:
    """The areas of a result without what is narrower than the last digit."""
    found = polygons_of(shape)
    if found is None:
        return None
    parts = [part for part in shapely.get_parts(found) if not shapely.is_empty(shapely.buffer(part, -GRID))]
    return polygons_of(shapely.MultiPolygon(parts)) if parts else None


def less(areas: Areas, at: int, smaller: BaseGeometry | None) -> BaseGeometry:
    """The smaller shape, unless too much of the area would go. Raises Refusal."""
    whole = float(area_m2(areas.shapes[at]))
    left = 0.0 if smaller is None else float(area_m2(smaller))
    if smaller is None or left < (1 - MOST_SHARE) * whole:
        percent = round(100 * (1 - left / whole)) if whole else 100
        raise Refusal(
            Message(
                N_("{name} would lose {percent} % of its area; that is not a slip of drawing."),
                {"name": areas.names[at], "percent": percent},
            )
        )
    return smaller


def params_of(finding: Finding) -> dict[str, object]:
    return dict(finding.message.params)


def common_edge(shape: BaseGeometry, piece: BaseGeometry) -> float:
    """The length of a piece's outline that the rest of a shape touches, degrees (to compare neighbours)."""
    rest = shapely.difference(shape, piece)
    return float(shapely.length(shapely.intersection(shapely.boundary(piece), shapely.buffer(rest, TOUCH))))


def touching(shapes: Geometries, concerned: Collection[int]) -> Iterator[list[int]]:
    """The groups of touching areas that hold one of the concerned ones, each ascending."""
    tree = shapely.STRtree(shapes)
    waiting = set(concerned)
    while waiting:
        group: set[int] = set()
        border = [waiting.pop()]
        while border:
            group.update(border)
            asked = shapely.buffer(shapes[border], TOUCH)
            border = [int(i) for i in np.unique(tree.query(asked, predicate="intersects")[1]) if int(i) not in group]
        waiting -= group
        yield sorted(group)


def refuse_wide(areas: Areas, group: list[int]) -> None:
    """Raise Refusal when two areas of a group share something that is no slip of drawing."""
    numbers = {int(areas.numbers[i]) for i in group}
    among = replace(
        areas, shapes=areas.shapes[group], numbers=areas.numbers[group], names=tuple(areas.names[i] for i in group),
        parent=None, beside=(), keep=KEPT,
    )  # fmt: skip
    for found in among.check():
        wide = found.code in ("overlap", "duplicate_shape", "overlap_tangled") and not found.mends
        if wide and found.number in numbers:
            raise Refusal(
                Message(
                    N_("{name} and {other} overlap by {area} m²; that is not a slip of drawing."),
                    params_of(found) | {"area": float(round(found.area_m2 or 0))},
                )
            )


def cleaned(areas: Areas, group: list[int]) -> Result:
    """The areas of a group with edge-matched borders; only those that changed."""
    before = areas.shapes[group]
    middle = shapely.get_coordinates(before).mean(axis=0)
    scale = np.array([np.cos(np.radians(middle[1])), 1.0]) * np.radians(WGS84_A)
    flat = shapely.transform(before, lambda points: (points - middle) * scale)
    tolerance = areas.rules.tolerance_m
    result: Any = shapely.coverage_clean(  # type: ignore[attr-defined]  # the stubs are older than shapely 2.2
        flat, snapping_distance=tolerance / 2, gap_width=tolerance
    )
    moved = shapely.area(shapely.symmetric_difference(flat, result))
    if (moved > shapely.length(flat) * areas.rules.sliver_m).any() or shapely.is_empty(result).any():
        worst = areas.names[group[int(np.argmax(moved))]]
        raise Refusal(
            Message(N_("Common lines would change {name} by more than the width of a sliver."), {"name": worst})
        )
    back = shapely.set_precision(
        shapely.transform(result, lambda points: points / scale + middle), GRID, mode="pointwise"
    )
    for at, shape, moved_m2 in zip(group, back, moved, strict=True):
        if moved_m2 > 0.0 or not shapely.equals_exact(shape.normalize(), areas.shapes[at].normalize(), GRID):
            yield at, as_multi(shape)


def as_multi(shape: BaseGeometry) -> BaseGeometry:
    """A polygon as MultiPolygon, as shapes are stored."""
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape


__all__ = ["MENDS", "TITLES", "Areas", "Change", "Mended", "as_array", "mend", "named", "possible"]
