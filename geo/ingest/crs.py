"""Where on earth are these coordinates? Checks the stated system against where the data should lie, and offers another.

Nothing is assumed silently: when the file names no system, or the named one puts the data elsewhere, the candidates
that put them in the right place are ranked and offered. The right place is the box of the parent territory when there
is one, otherwise a coarse outline of the countries served.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, BadInput, Message
from geo.ingest.findings import Finding, Findings, Offer, Severity

BBox = tuple[float, float, float, float]
Points = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

WGS84 = CRS.from_epsg(4326)
# so many of the shapes must lie in the right place for a system to be the right one
MAJORITY = 0.6
SAMPLE = 3_000
WKT_LIMIT = 20_000
AUTHORITY = re.compile(
    r"^(?:urn:(?:x-)?ogc:def:crs:)?(EPSG|OGC|ESRI|IAU)(?::[\d.]*)*[:/]+(?:[\d.]+[:/])?(CRS84h?|\d{3,6})$", re.I
)
OGC_URL = re.compile(
    r"^https?://www\.opengis\.net/(?:def/crs/|gml/srs/)(EPSG|OGC)(?:/[\d.]+/|\.xml#)(CRS84h?|\d{3,6})$", re.I
)
# files of grids or other definitions must not be opened because a foreign file names them
OUTSIDE_FILES = re.compile(r"nadgrids|geoidgrids|\+init|\+file", re.I)

# coarse outlines with a margin of about a degree, enough to tell Saratov from Semey
RUSSIA = shapely.Polygon([
    (26.5, 54.8), (30, 54), (30.2, 51.5), (33.8, 51.2), (34.6, 49.5), (37, 48.6), (37.5, 46), (32.3, 46.4), (32, 44),
    (36, 43.8), (39.5, 42.3), (44.5, 41.6), (47.5, 40.6), (49.5, 41.5), (49.8, 44.5), (50, 46.2), (47, 47.5),
    (46.5, 49), (51, 50.5), (55, 50), (59, 49.6), (62.5, 50.2), (62.3, 53), (70, 53.6), (71, 52.8), (77, 52.3),
    (81, 50), (87, 48.6), (92, 49.8), (98, 49.3), (106, 49.3), (115, 48.9), (120, 51.5), (126.5, 48.8), (130.5, 47),
    (129.5, 41.8), (135.5, 42), (146, 42.8), (157, 49.5), (180, 61), (180, 72), (140, 75), (105, 79), (80, 75),
    (69, 77.5), (54, 74.5), (50, 70), (44, 69.5), (33, 70.5), (27.5, 69.5), (27.5, 63), (27, 59), (26.5, 57),
])  # fmt: skip
CHUKOTKA_WEST = shapely.box(-180, 62, -168, 72)
BALTIC_WEST = shapely.box(19, 54, 23.5, 55.8)
KYRGYZSTAN = shapely.box(68.8, 38.8, 80.8, 43.8)
INHABITED = (-180.0, -56.0, 180.0, 84.0)
SERVED = shapely.union_all([RUSSIA, CHUKOTKA_WEST, BALTIC_WEST, KYRGYZSTAN])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reading of the coordinates: a system, with x and y exchanged or not."""

    crs: CRS
    swap: bool
    name: str
    prior: int

    def lonlat(self, points: Points) -> Points:
        """The points in WGS 84 lon/lat; infinite where the system does not reach."""
        return transform_points(points[:, ::-1] if self.swap else points, self.crs)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fits`: the stated system is right. Otherwise `best` is what to offer (None: nothing fits), then `others`."""

    fits: bool
    best: Candidate | None = None
    others: tuple[Candidate, ...] = ()
    share: float = 0.0


# --- what files and people say ---------------------------------------------------------------------------------------


def stated(text: str) -> CRS:
    """The system a person named: EPSG:28408, 28408 or OGC:CRS84. Raises BadInput for anything else."""
    found = by_authority(f"EPSG:{text.strip()}" if text.strip().isdigit() else text.strip())
    if found is None:
        raise BadInput(
            N_("There is no coordinate system {name}."),
            remedy=N_("Give its EPSG number, for example EPSG:4326 or EPSG:28408."),
            name=text[:80],
        )
    return found


def by_authority(name: str) -> CRS | None:
    """A system out of EPSG:N, a URN or an OGC address; None when it is no such name."""
    match = AUTHORITY.match(name) or OGC_URL.match(name)
    if match is None:
        return None
    authority, code = match.group(1).upper(), match.group(2)
    try:
        return WGS84 if code.upper().startswith("CRS84") else CRS.from_authority(authority, code)
    except CRSError:
        return None


def from_file(text: str, findings: Findings) -> CRS | None:
    """The system a file names by authority, WKT or PROJJSON; unreadable ones are noted and count as not stated."""
    if not text.strip():
        return None
    known = by_authority(text.strip())
    if known is not None:
        return known
    try:
        if len(text) > WKT_LIMIT or OUTSIDE_FILES.search(text):
            raise CRSError("not read")
        found = CRS.from_json_dict(json.loads(text)) if text.lstrip().startswith("{") else CRS.from_wkt(text)
        if found.is_geographic or found.is_projected:
            return found
        text = found.name
    except (CRSError, ValueError):
        pass
    findings.add(_unreadable(text))
    return None


def _unreadable(text: str) -> Finding:
    """The note that a stated system is of no use."""
    message = Message(
        N_("The coordinate system of the file is not usable: {name}"), {"name": " ".join(text.split())[:80]}
    )
    return Finding(Severity.WARN, "crs_unreadable", message, Message(N_("State it with --crs EPSG:N.")))


def from_geojson(member: Any, findings: Findings) -> CRS | None:
    """The system of a GeoJSON `crs` member (2008 form, any case); links are never followed."""
    if member is None:
        return None
    properties = {str(k).lower(): v for k, v in member.items()} if isinstance(member, dict) else {}
    inner = properties.get("properties")
    names = {str(k).lower(): v for k, v in inner.items()} if isinstance(inner, dict) else {}
    name = names.get("name") or (f"EPSG:{names['code']}" if "code" in names else "")
    found = by_authority(str(name).strip()) if name else None
    if found is None:
        findings.add(_unreadable(str(name or member)))
    return found


# --- judging ---------------------------------------------------------------------------------------------------------


def examine(points: Points, declared: CRS | None, expected: BBox | None) -> Verdict:
    """Judge sample points (n x 2, x and y as in the file) read in the declared system against where they should lie."""
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) == 0:
        return Verdict(fits=True)
    if declared is not None and holds(points, declared, expected):
        return Verdict(fits=True, share=1.0)
    found = ranked(points, declared, expected)
    if not found and declared is None and expected is None and share_on_land(points) >= MAJORITY:
        found = [Candidate(WGS84, False, "EPSG:4326", 0)]
    return Verdict(False, found[0], tuple(found[1:])) if found else Verdict(fits=False)


def holds(points: Points, declared: CRS, expected: BBox | None) -> bool:
    """Whether the stated system is believable.

    Without an expected box everything on inhabited latitudes is, unless exchanging the axes moves data from outside
    the countries served into them.
    """
    lonlat = transform_points(points, declared)
    if expected is not None:
        return share_inside(lonlat, expected) >= MAJORITY
    if share_on_land(lonlat) < MAJORITY:
        return False
    return (
        share_inside(lonlat, None) >= MAJORITY
        or share_inside(transform_points(points[:, ::-1], declared), None) < MAJORITY
    )


def share_on_land(lonlat: Points) -> float:
    """Share of points inside the range of longitudes and of inhabited latitudes."""
    return float(inside(lonlat, INHABITED).mean())


def ranked(points: Points, declared: CRS | None, expected: BBox | None) -> list[Candidate]:
    """Candidates that put the points in the right place, best first."""
    judged = []
    for candidate in candidates(points, declared, expected):
        lonlat = candidate.lonlat(points)
        share = share_inside(lonlat, expected)
        if share >= MAJORITY:
            judged.append((-round(share, 2), -agreement(lonlat, expected), candidate.prior, candidate))
    return [candidate for *_, candidate in sorted(judged, key=lambda entry: entry[:3])]


def candidates(points: Points, declared: CRS | None, expected: BBox | None) -> Iterator[Candidate]:
    """Readings worth trying for points of this size."""
    low, high = np.quantile(points, 0.02, axis=0), np.quantile(points, 0.98, axis=0)
    if max(abs(low).max(), abs(high).max()) <= 360:
        yield Candidate(WGS84, False, "EPSG:4326", 0)
        yield Candidate(WGS84, True, "EPSG:4326", 1)
        yield Candidate(CRS.from_epsg(4284), False, "EPSG:4284", 2)
        return
    if declared is not None and declared.is_projected:
        yield Candidate(declared, True, name_of(declared), 0)
    for swap in (False, True):
        easting = points[:, 1] if swap else points[:, 0]
        codes = metric_codes(float(np.median(easting)), zoned=expected is None)
        for prior, code in enumerate(codes, start=1):
            yield Candidate(system(code), swap, f"EPSG:{code}", prior + 500 * swap)


# EPSG numbers of the 3-degree zones of Pulkovo 1942 follow the zone, but not throughout
THREE_DEGREES = {zone: 2516 + zone for zone in range(7, 34)} | {60: 3389}


def metric_codes(easting: float, *, zoned: bool) -> Iterator[int]:
    """EPSG codes of projected systems in which such an easting (metres) is usual; commonest first.

    Systems whose eastings do not tell the zone (UTM and the like) can only be told apart by an expected box;
    `zoned` leaves them out.
    """
    zone = int(easting // 1_000_000)
    from_meridian = abs(easting - zone * 1_000_000 - 500_000)
    if 4 <= zone <= 32 and from_meridian < 400_000:
        yield 28400 + zone
        yield 20000 + zone
        yield 20900 + zone
    yield 3857
    if 7 <= zone <= 64 and from_meridian < 200_000:
        yield THREE_DEGREES.get(zone) or 2517 + zone
    if 50_000 < easting < 950_000 and not zoned:
        yield from range(32601, 32661)
        yield from range(2494, 2523)
    if 1 <= zone <= 5 and from_meridian < 400_000:
        yield 7691 + zone


def share_inside(lonlat: Points, expected: BBox | None) -> float:
    """Share of points in the right place."""
    if expected is None:
        return float(shapely.intersects_xy(SERVED, lonlat[:, 0], lonlat[:, 1]).mean()) if len(lonlat) else 0.0
    return float(inside(lonlat, grown(expected)).mean())


def inside(lonlat: Points, box: BBox) -> npt.NDArray[np.bool_]:
    """Which points lie in a box; a box with west > east crosses the antimeridian."""
    west, south, east, north = box
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    within = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
    return np.asarray(within & (lat >= south) & (lat <= north), dtype=np.bool_)


def grown(box: BBox) -> BBox:
    """The box with a margin of a fifth of its size, at least five kilometres or so."""
    west, south, east, north = box
    width = max(0.2 * ((east - west) % 360), 0.08)
    height = max(0.2 * (north - south), 0.05)
    return west - width, max(-90, south - height), east + width, min(90, north + height)


def agreement(lonlat: Points, expected: BBox | None) -> float:
    """How well the extent of the points fills the expected box (0..1): tells systems a few kilometres apart."""
    if expected is None or expected[0] > expected[2]:
        return 0.0
    finite = lonlat[np.isfinite(lonlat).all(axis=1)]
    low, high = np.quantile(finite, 0.02, axis=0), np.quantile(finite, 0.98, axis=0)
    extent, box = shapely.box(*low, *high), shapely.box(*expected)
    return round(float(extent.intersection(box).area / max(extent.union(box).area, 1e-12)), 3)


def longitude_first(points: Points, expected: BBox | None) -> bool:
    """Whether lon/lat points, taken from pairs read with the latitude first, lie right only the other way round."""
    for latitude_first, turned in zip(fits(points, expected), fits(points[:, ::-1], expected), strict=True):
        if latitude_first != turned:
            return turned
    return False


def fits(lonlat: Points, expected: BBox | None) -> tuple[bool, ...]:
    """Whether most points lie in the expected box, on inhabited latitudes, in the countries served."""
    shares = (share_inside(lonlat, expected), share_on_land(lonlat), share_inside(lonlat, None))
    return tuple(share >= MAJORITY for share in shares)


# --- transforming ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def system(code: int) -> CRS:
    """An EPSG system, made once."""
    return CRS.from_epsg(code)


@lru_cache(maxsize=256)
def transformer(crs: CRS) -> Transformer:
    """To WGS 84 lon/lat, x before y on both sides."""
    return Transformer.from_crs(crs, WGS84, always_xy=True)


def transform_points(points: Points, crs: CRS) -> Points:
    """n x 2 points in WGS 84 lon/lat, infinite where the system does not reach."""
    if is_wgs84(crs):
        return np.asarray(points, dtype=np.float64)
    try:
        lon, lat = transformer(crs).transform(points[:, 0], points[:, 1])
    except ProjError:
        return np.full_like(points, np.inf)
    return np.column_stack([lon, lat])


def is_wgs84(crs: CRS) -> bool:
    """Whether coordinates in this system are WGS 84 lon/lat already."""
    return crs is WGS84 or (crs.is_geographic and crs.to_2d().to_epsg() == 4326)


def to_wgs84(shapes: Shapes, crs: CRS, *, swap: bool = False) -> Shapes:
    """Shapes in WGS 84 lon/lat, flat. `swap` exchanges x and y first."""
    flat = shapely.force_2d(shapes)
    if swap:
        flat = shapely.transform(flat, lambda points: points[:, ::-1])
    return flat if is_wgs84(crs) else shapely.transform(flat, lambda points: transform_points(points, crs))


def sample_points(shapes: Sequence[BaseGeometry | None] | Shapes) -> Points:
    """Centres of the shapes' boxes, at most SAMPLE of them."""
    array = np.asarray(shapes, dtype=object)
    chosen = array[~(shapely.is_missing(array) | shapely.is_empty(array))]
    bounds = shapely.bounds(chosen[:: max(1, len(chosen) // SAMPLE)])
    return (bounds[:, :2] + bounds[:, 2:]) / 2


def name_of(crs: CRS) -> str:
    """EPSG:N when it has a number, otherwise its name."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


# --- offers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """How the coordinates are to be read: system and swap, with the offers and notes that led there."""

    crs: CRS
    swap: bool
    offers: tuple[Offer, ...] = ()
    findings: tuple[Finding, ...] = ()


def decide(
    points: Points,
    *,
    declared: CRS | None,
    default: CRS | None = None,
    expected: BBox | None = None,
    accept: bool = False,
) -> Decision:
    """How to read the points: as declared when that fits, by an offer otherwise.

    `default` is the system the format prescribes when none is named (WGS 84 for GeoJSON, KML and lon/lat columns):
    it needs no offer when it fits.
    """
    known = declared or default
    verdict = examine(points, known, expected)
    if verdict.fits and known is not None:
        return Decision(known, False)
    if verdict.best is None:
        return Decision(known or WGS84, False, findings=(nowhere(points, known),))
    offers = offers_of(verdict.best, verdict.others, points, known, accept)
    return Decision(verdict.best.crs, verdict.best.swap, tuple(offers))


def offers_of(
    best: Candidate, others: Iterable[Candidate], points: Points, known: CRS | None, accept: bool
) -> Iterator[Offer]:
    """The offers for a reading: another system, exchanged axes, or both."""
    preview = tuple(
        f"{written(x)}, {written(y)} -> {lon:.5f}, {lat:.5f}"
        for (x, y), (lon, lat) in zip(points[:3], best.lonlat(points[:3]), strict=True)
    )
    if known is None or name_of(known) != best.name:
        names = tuple(dict.fromkeys(other.name for other in others if other.name != best.name))[:5]
        message = (
            N_("The file does not say its coordinate system; with {name} ({title}) it lies where it should.")
            if known is None
            else N_("The coordinates do not fit {stated}; with {name} ({title}) they lie where they should.")
        )
        params = {"name": best.name, "title": best.crs.name, "stated": name_of(known) if known else ""}
        yield Offer("crs", best.name, Message(message, params), accept, preview, names)
    if best.swap:
        yield Offer("swap", "lat,lon", Message(N_("Latitude and longitude look exchanged.")), accept, preview)


def written(value: float) -> str:
    """One coordinate for people: degrees to five decimals, metres whole, never with an exponent.

    >>> written(2237040.25), written(51.5300001), written(-0.000001)
    ('2237040', '51.53', '0')
    """
    return f"{value:.0f}" if abs(value) > 360 else f"{round(value, 5) + 0.0:.5f}".rstrip("0").rstrip(".")


def nowhere(points: Points, known: CRS | None) -> Finding:
    """No reading puts the points in the right place: a note when the file names a system, else a refusal."""
    sample = ", ".join(written(value) for value in points[0]) if len(points) else ""
    if known is None:
        message = Message(
            N_("The coordinate system is not stated and cannot be guessed from the coordinates ({sample})."),
            {"sample": sample},
        )
        remedy = Message(
            N_("Ask the author (local systems like MSK are common); state it with --crs EPSG:N or convert to WGS 84.")
        )
        return Finding(Severity.BLOCK, "crs_unknown", message, remedy)
    message = Message(
        N_("The data lie far from where they should ({sample} in {name})."), {"sample": sample, "name": name_of(known)}
    )
    return Finding(
        Severity.WARN, "far_away", message, Message(N_("Check the coordinate system, and --within or --parent."))
    )


def strays(lonlat: Points, expected: BBox | None) -> Iterable[int]:
    """Positions of points outside the world, or outside the expected box when there is one."""
    world = inside(lonlat, (-180.0, -90.0, 180.0, 90.0))
    return np.flatnonzero(~world if expected is None else ~(world & inside(lonlat, grown(expected))))
