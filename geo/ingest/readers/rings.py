"""Can a polygon be built from these rings? Small faults are mended with a note, larger ones refuse the feature.

A ring whose ends almost meet is closed; a ring without area inside a larger shape is left out. Nothing else is
guessed: an open ring with a wide gap may have lost a part of the boundary.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, Message
from geo.ingest.findings import Finding, Findings, Severity

# an opening wider than this share of the ring's length may hide a lost part of the boundary
GAP_SHARE = 0.05
DRAW_AGAIN = Message(N_("Close the ring in QGIS (Vector, Geometry tools, Fix geometries) and load the file again."))
CHECK_SHAPE = Message(N_("Check the shape of this feature in the source."))

Ring = npt.NDArray[np.float64]


class Unusable(Exception):
    """The shape of one feature cannot be used; `code` and the sentence become its finding."""

    def __init__(self, code: str, message: str, remedy: Message = CHECK_SHAPE, **params: object) -> None:
        self.code = code
        self.message = Message(message, params)
        self.remedy = remedy
        super().__init__(code)

    def finding(self, feature: int) -> Finding:
        """The refusal of the feature."""
        return Finding(Severity.BLOCK, self.code, self.message, self.remedy, feature=feature)


@dataclass(slots=True)
class Mended:
    """What was mended in one feature."""

    widest_gap_share: float | None = None
    without_area: int = 0
    retyped: str = ""

    def tell(self, findings: Findings, feature: int) -> None:
        """Add the notes for what was mended."""
        if self.widest_gap_share is not None:
            percent = round(self.widest_gap_share * 100, 2)
            message = Message(
                N_("A ring was not closed; its ends were joined (gap {percent} % of its length)."), {"percent": percent}
            )
            findings.add(Finding(Severity.WARN, "ring_closed", message, CHECK_SHAPE, feature=feature))
        if self.retyped:
            message = Message(N_("The shape was read as {kind}, which its coordinates are."), {"kind": self.retyped})
            findings.add(Finding(Severity.INFO, "geometry_retyped", message, feature=feature))
        if self.without_area:
            message = Message(N_("Rings without area were left out: {count}."), {"count": self.without_area})
            findings.add(Finding(Severity.WARN, "ring_dropped", message, CHECK_SHAPE, feature=feature))


def polygon(rings: Sequence[Ring], mended: Mended) -> shapely.Polygon:
    """A polygon of a shell and holes, each an array of n x 2 coordinates. Raises Unusable."""
    if not rings:
        raise Unusable("no_rings", N_("The polygon has no coordinates."))
    shell = closed(rings[0], mended)
    if not has_area(shell):
        raise Unusable("ring_too_short", N_("The ring has fewer than three different points, so it encloses nothing."))
    holes = [closed(ring, mended) for ring in rings[1:]]
    kept = [hole for hole in holes if has_area(hole)]
    mended.without_area += len(holes) - len(kept)
    return shapely.Polygon(shell, kept)


def multipolygon(parts: Sequence[Sequence[Ring]], mended: Mended) -> BaseGeometry:
    """A multipolygon; parts without area are left out as long as one part remains. Raises Unusable."""
    kept = [part for part in parts if part and has_area(part[0])]
    if not kept:
        raise Unusable("ring_too_short", N_("The ring has fewer than three different points, so it encloses nothing."))
    mended.without_area += len(parts) - len(kept)
    return shapely.multipolygons([polygon(part, mended) for part in kept])


def has_area(ring: Ring) -> bool:
    """Whether a ring has at least three different points."""
    return len(ring) >= 3 and len(np.unique(ring, axis=0)) >= 3


def closed(ring: Ring, mended: Mended) -> Ring:
    """The ring with its first point repeated at the end; raises Unusable when its ends lie far apart."""
    if len(ring) < 3 or np.array_equal(ring[0], ring[-1]):
        return ring
    steps = np.hypot(*np.diff(ring, axis=0).T)
    gap = float(np.hypot(*(ring[0] - ring[-1])))
    share = gap / (float(steps.sum()) + gap)
    if share > GAP_SHARE:
        raise Unusable(
            "ring_open",
            N_("A ring is not closed: its ends lie {percent} % of its length apart."),
            DRAW_AGAIN,
            percent=round(share * 100, 1),
        )
    mended.widest_gap_share = max(share, mended.widest_gap_share or 0.0)
    return np.vstack([ring, ring[:1]])


# --- shapes in WKB that GEOS refuses ---------------------------------------------------------------------------------


def mend_wkb(wkb: bytes, feature: int, findings: Findings) -> BaseGeometry | None:
    """The shape of a WKB polygon with ring faults, or None with a finding that refuses the feature."""
    mended = Mended()
    try:
        shape = from_wkb(wkb, mended)
    except Unusable as fault:
        findings.add(fault.finding(feature))
        return None
    except (struct.error, ValueError, shapely.GEOSException):
        findings.add(Unusable("shape_unreadable", N_("The shape cannot be read.")).finding(feature))
        return None
    mended.tell(findings, feature)
    return shape


def from_wkb(wkb: bytes, mended: Mended) -> BaseGeometry:
    """Polygon or MultiPolygon out of WKB, ring by ring."""
    kind, _, offset, order = wkb_head(wkb, 0)
    if kind == 3:
        return polygon(list(wkb_rings(wkb, 0))[:-1], mended)
    if kind != 6:
        raise ValueError
    (count,) = struct.unpack_from(f"{order}I", wkb, offset)
    position, parts = offset + 4, []
    for _part in range(count):
        *rings, end = wkb_rings(wkb, position)
        parts.append(rings)
        position = int(end[0])
    return multipolygon(parts, mended)


def wkb_head(wkb: bytes, position: int) -> tuple[int, int, int, str]:
    """Base type, number of ordinates, position of the body and byte order of a WKB geometry."""
    order = "<" if wkb[position] == 1 else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, position + 1)
    z = bool(code & 0x80000000) or code % 10000 // 1000 in (1, 3)
    m = bool(code & 0x40000000) or code % 10000 // 1000 in (2, 3)
    return code % 1000 & 0xFF, 2 + z + m, position + 5 + (4 if code & 0x20000000 else 0), order


def wkb_rings(wkb: bytes, position: int) -> Iterator[Any]:
    """The rings of a WKB polygon as n x 2 arrays, and at last an array with the position behind it."""
    _, width, at, order = wkb_head(wkb, position)
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    for _ring in range(count):
        (points,) = struct.unpack_from(f"{order}I", wkb, at)
        ring = np.frombuffer(wkb, np.dtype(f"{order}f8"), points * width, at + 4).reshape(points, width)
        at += 4 + points * width * 8
        yield ring[:, :2].astype(np.float64)
    yield np.array([at])
