"""What does an OpenStreetMap extract say about settlements, streets, addresses, buildings, objects and boundaries?

Reads `.osm`, `.osm.gz`, `.osm.bz2` and `.osm.pbf` with pyosmium into plain tables, and makes a gazetteer of them.
Nothing is stored here. Coordinates are WGS 84 degrees, ids are "node/1", "way/2", "relation/3". Extracts are cut at
their edge: a boundary that is not whole is left out and counted. Data (c) OpenStreetMap contributors, ODbL.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, BadFile, Message
from geo.geocode.gazetteer import TABLES, Gazetteer, empty_table, version_of
from geo.geocode.pois import CORNER
from geo.progress import SILENT, Progress

PLACES = ("city", "town", "village", "hamlet", "isolated_dwelling", "farm")
AREAS = ("borough", "suburb", "quarter", "neighbourhood", "city_block", "allotments", "plot")
# keys whose named carriers are objects people speak of, the telling one first
OBJECT_KEYS = ("amenity", "healthcare", "leisure", "tourism", "historic", "shop", "railway", "building", "man_made")
# named like streets, or never meant as a place
NO_OBJECTS = frozenset(
    ("parking", "parking_space", "bench", "waste_basket", "waste_disposal", "recycling", "atm", "vending_machine",
     "post_box", "telephone", "taxi", "halt", "stop", "tram_stop", "subway_entrance", "rail", "tram", "platform",
     "switch", "yes", "residential", "apartments", "house", "garage", "garages", "industrial", "detached")
)  # fmt: skip
_OTHER_NAMES = ("alt_name", "old_name", "loc_name", "short_name", "official_name", "name:ru", "name:ky", "old_name:ru")
_NO_STREETS = frozenset(("platform", "bus_stop", "elevator", "proposed", "construction", "rest_area", "services"))
# how far a settlement reaches from its node when it has no polygon, metres; the nearest in this measure wins
_REACH_M = {"city": 15_000, "town": 6_000, "village": 2_500, "hamlet": 1_000, "isolated_dwelling": 400, "farm": 400}
_FARTHEST = 3.0
_REGION_LEVEL, _DISTRICT_LEVELS = "4", ("6", "5")
_AREA_RADIUS_M = {"borough": 3000, "suburb": 1500, "quarter": 800, "allotments": 600}
_KINDS = {"borough": "rayon", "suburb": "microdistrict", "quarter": "microdistrict", "neighbourhood": "microdistrict",
          "city_block": "block", "allotments": "microdistrict", "plot": "block"}  # fmt: skip
ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
_EARTH_M = 6_371_008.8


@dataclass
class OsmTables:
    """The tables of one file.

    settlements: id, name, alt_names, kind, district, region, population, lat, lon
    streets: id, city, name, alt_names, lat, lon, ways, length_m
    addresses: id, city, street, housenumber, lat, lon
    buildings: id, kind, levels, flats, street, housenumber, geometry (MultiPolygon)
    pois: id, city, name, alt_names, kind, lat, lon
    areas: id, city, name, alt_names, kind, lat, lon, radius_m
    boundaries: id, name, name_en, name_ky, admin_level, place, oktmo, wikidata_id, geometry (MultiPolygon)
    notes: what could not be read, for the report
    """

    settlements: pd.DataFrame
    streets: pd.DataFrame
    addresses: pd.DataFrame
    buildings: pd.DataFrame
    pois: pd.DataFrame
    areas: pd.DataFrame
    boundaries: pd.DataFrame
    notes: list[Message] = field(default_factory=list)


def is_extract(path: Path) -> bool:
    """Whether the name is that of an OpenStreetMap extract."""
    return path.name.lower().endswith(ENDINGS)


def read_osm(path: Path, progress: Progress = SILENT) -> OsmTables:
    """All tables of an OpenStreetMap file. Raises BadFile when it cannot be read."""
    collector = _Collector()
    try:
        with progress.step(N_("Reading OpenStreetMap")) as step, _sorted_file(path) as source:
            for found in osmium.FileProcessor(str(source)).with_locations().with_areas():
                collector.take(found)
                step.advance()
    except (RuntimeError, OSError) as error:
        raise BadFile(
            N_("{file} cannot be read as OpenStreetMap data: {problem}."),
            remedy=N_("Expected is an extract in .osm, .osm.gz or .osm.pbf form."),
            file=path.name,
            problem=error,
        ) from error
    return collector.tables()


def gazetteer_of(tables: OsmTables) -> Gazetteer:
    """The part of the tables that the geocoder searches."""
    frames: dict[str, Any] = {}
    for name, columns in TABLES.items():
        frame: pd.DataFrame = getattr(tables, name)
        frames[name] = frame.assign(cc="").reindex(columns=list(columns))
        if not len(frame):
            frames[name] = empty_table(name)
    if len(tables.boundaries):
        districts = _districts(tables.boundaries).reindex(columns=list(TABLES["areas"])).fillna({"alt_names": ""})
        frames["areas"] = pd.concat([frames["areas"], districts], ignore_index=True) if len(tables.areas) else districts
    gazetteer = Gazetteer(**frames)
    return replace(gazetteer, version=version_of(gazetteer))


def _districts(boundaries: pd.DataFrame) -> pd.DataFrame:
    """Districts and rural municipalities as areas: addresses name them ("Кулундинского р-на")."""
    found: Iterable[Any] = boundaries.itertuples(index=False)
    rows = [
        {"id": row.id, "city": "", "name": row.name, "alt_names": row.name_ky, "kind": "rayon",
         "lat": row.geometry.representative_point().y, "lon": row.geometry.representative_point().x,
         "radius_m": _radius_m(row.geometry)}
        for row in found
        if row.admin_level.isdigit() and int(row.admin_level) > int(_REGION_LEVEL)
    ]  # fmt: skip
    return _frame(rows, TABLES["areas"])


@contextmanager
def _sorted_file(path: Path) -> Iterator[Path]:
    """The file itself, or a sorted copy: hand-made extracts are often out of order, and areas need the order."""
    if _is_sorted(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="okruga-osm-") as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        reader = osmium.MergeInputReader()
        reader.add_file(str(path))
        writer = osmium.SimpleWriter(str(copy))
        reader.apply(writer, simplify=True)
        writer.close()
        yield copy


def _is_sorted(path: Path) -> bool:
    """Nodes before ways before relations, each by id."""
    before = (0, -math.inf)
    if osmium.FileProcessor(str(path)).header.get("sorting") == "Type_then_ID":
        return True
    for found in osmium.FileProcessor(str(path)):
        rank = ("nwr".index(found.type_str()), found.id)
        if rank < before:
            return False
        before = rank
    return True


class _Collector:
    """Sorts the objects of a file into rows."""

    def __init__(self) -> None:
        self._shapes = osmium.geom.WKBFactory()
        self._places: list[dict[str, Any]] = []
        self._ways: list[dict[str, Any]] = []
        self._addresses: list[dict[str, Any]] = []
        self._buildings: list[dict[str, Any]] = []
        self._pois: list[dict[str, Any]] = []
        self._areas: list[dict[str, Any]] = []
        self._boundaries: list[dict[str, Any]] = []
        self._whole_boundaries: set[int] = set()
        self._boundary_relations: set[int] = set()
        self._broken = 0
        # node -> the streets that hold it, and where it is
        self._street_nodes: dict[int, tuple[str, ...]] = {}
        self._corners: list[dict[str, Any]] = []

    def take(self, found: Any) -> None:
        """Route one node, way, relation or area by its tags."""
        if not found.tags:
            return
        tags = dict(found.tags)
        if found.is_node():
            if found.location.valid():
                self._take_point(f"node/{found.id}", tags, found.location.lat, found.location.lon)
        elif found.is_way():
            self._take_way(found, tags)
        elif found.is_relation():
            if tags.get("boundary") == "administrative" and "name" in tags:
                self._boundary_relations.add(found.id)
        elif found.is_area():
            self._take_area(found, tags)

    def _take_point(self, identifier: str, tags: Mapping[str, str], lat: float, lon: float) -> None:
        place = tags.get("place")
        if place in PLACES and _name(tags):
            self._add_settlement(identifier, tags, lat, lon)
        elif place in AREAS and _name(tags):
            self._areas.append(_area_row(identifier, tags, place, lat, lon, _AREA_RADIUS_M.get(place, 400.0)))
        self._take_address(identifier, tags, lat, lon)
        self._take_object(identifier, tags, lat, lon)

    def _take_way(self, way: Any, tags: Mapping[str, str]) -> None:
        """Streets; closed ways come again as areas."""
        highway = tags.get("highway")
        if not highway or highway in _NO_STREETS or not _name(tags):
            return
        points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if len(points) < 2:
            return
        lat, lon, length = _middle(points)
        self._ways.append(
            {"id": f"way/{way.id}", "name": _name(tags), "alt_names": _other_names(tags), "lat": lat, "lon": lon,
             "length_m": length}
        )  # fmt: skip
        for node in way.nodes:
            if node.location.valid():
                self._take_street_node(node.ref, _name(tags), node.location.lat, node.location.lon)

    def _take_street_node(self, node: int, street: str, lat: float, lon: float) -> None:
        """Streets meet where they share a node."""
        known = self._street_nodes.get(node, ())
        if street in known:
            return
        self._street_nodes[node] = (*known, street)
        self._corners += [
            {"id": f"corner/{node}/{len(known)}{number}", "city": "", "name": other, "alt_names": street,
             "kind": CORNER, "lat": lat, "lon": lon} for number, other in enumerate(known)
        ]  # fmt: skip

    def _take_area(self, area: Any, tags: Mapping[str, str]) -> None:
        kinds = ("building", "addr:housenumber", "place", "boundary", *OBJECT_KEYS)
        if not any(key in tags for key in kinds):
            return
        identifier = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
        shape = self._shape(area)
        if shape is None:
            return
        point = shape.representative_point()
        if tags.get("boundary") == "administrative" and _name(tags):
            self._whole_boundaries.add(area.orig_id())
            self._add_boundary(identifier, tags, shape)
        elif tags.get("place") in PLACES and _name(tags):
            self._add_settlement(identifier, tags, point.y, point.x, shape)
        elif tags.get("place") in AREAS and _name(tags):
            self._areas.append(_area_row(identifier, tags, tags["place"], point.y, point.x, _radius_m(shape)))
        if "building" in tags:
            self._add_building(identifier, tags, shape)
        self._take_address(identifier, tags, point.y, point.x)
        self._take_object(identifier, tags, point.y, point.x)

    def _shape(self, area: Any) -> BaseGeometry | None:
        try:
            return shapely.from_wkb(self._shapes.create_multipolygon(area))
        except (RuntimeError, shapely.errors.GEOSException):
            self._broken += 1
            return None

    def _add_settlement(
        self, identifier: str, tags: Mapping[str, str], lat: float, lon: float, shape: BaseGeometry | None = None
    ) -> None:
        """A node and a polygon of one settlement are one; the node's position is the centre people mean."""
        known = next(
            (row for row in self._places if row["name"] == _name(tags) and _apart(row, lat, lon) < 10_000), None
        )
        if known is None:
            known = {
                "id": identifier, "name": _name(tags), "alt_names": _other_names(tags), "kind": tags["place"],
                "district": tags.get("addr:district", ""), "region": tags.get("addr:region", ""),
                "population": _number(tags.get("population")), "lat": lat, "lon": lon, "shape": shape,
            }  # fmt: skip
            self._places.append(known)
        elif shape is not None:
            known["shape"] = shape
        else:
            known["lat"], known["lon"] = lat, lon

    def _add_boundary(self, identifier: str, tags: Mapping[str, str], shape: BaseGeometry) -> None:
        self._boundaries.append(
            {"id": identifier, "name": _name(tags), "name_en": tags.get("name:en", ""),
             "name_ky": tags.get("name:ky", ""),
             "admin_level": tags.get("admin_level", ""), "place": tags.get("place", ""),
             "oktmo": tags.get("oktmo:user", tags.get("ref:oktmo", tags.get("oktmo", ""))),
             "wikidata_id": tags.get("wikidata", ""), "geometry": shape}
        )  # fmt: skip

    def _add_building(self, identifier: str, tags: Mapping[str, str], shape: BaseGeometry) -> None:
        self._buildings.append(
            {"id": identifier, "kind": tags["building"], "levels": _number(tags.get("building:levels")),
             "flats": _number(tags.get("building:flats")), "street": tags.get("addr:street", ""),
             "housenumber": tags.get("addr:housenumber", ""), "geometry": shape}
        )  # fmt: skip

    def _take_address(self, identifier: str, tags: Mapping[str, str], lat: float, lon: float) -> None:
        """Corner houses carry a second pair of street and number."""
        pairs = (
            (tags.get("addr:street") or tags.get("addr:place"), tags.get("addr:housenumber")),
            (
                tags.get("addr2:street") or tags.get("addr:street2"),
                tags.get("addr2:housenumber") or tags.get("addr:housenumber2"),
            ),
        )  # fmt: skip
        for street, number in pairs:
            if street and number:
                self._addresses.append(
                    {"id": identifier, "city": tags.get("addr:city", ""), "street": street, "housenumber": number,
                     "lat": lat, "lon": lon}
                )  # fmt: skip

    def _take_object(self, identifier: str, tags: Mapping[str, str], lat: float, lon: float) -> None:
        name = _name(tags)
        if not name or tags.get("highway") or tags.get("public_transport") or tags.get("boundary"):
            return
        for key in OBJECT_KEYS:
            value = tags.get(key)
            if value and value not in NO_OBJECTS:
                self._pois.append(
                    {"id": identifier, "city": tags.get("addr:city", ""), "name": name, "alt_names": _other_names(tags),
                     "kind": f"{key}={value}", "lat": lat, "lon": lon}
                )  # fmt: skip
                return

    # ---- putting together ----------------------------------------------------------------------------------

    def tables(self) -> OsmTables:
        """The rows as tables, every row with the settlement it lies in."""
        finder = _SettlementFinder(self._places, self._common_city())
        for rows in (self._ways, self._addresses, self._pois, self._corners, self._areas):
            finder.fill(rows)
        boundaries = _frame(
            self._boundaries,
            ("id", "name", "name_en", "name_ky", "admin_level", "place", "oktmo", "wikidata_id", "geometry"),
        )
        settlements = _frame(
            [{k: v for k, v in row.items() if k != "shape"} for row in self._places],
            ("id", "name", "alt_names", "kind", "district", "region", "population", "lat", "lon"),
        )  # fmt: skip
        _fill_parents(settlements, boundaries)
        return OsmTables(
            settlements=settlements,
            streets=_streets(self._ways),
            addresses=_frame(self._addresses, ("id", "city", "street", "housenumber", "lat", "lon")).drop_duplicates(),
            buildings=_frame(self._buildings, ("id", "kind", "levels", "flats", "street", "housenumber", "geometry")),
            pois=_frame([*self._pois, *self._corners], ("id", "city", "name", "alt_names", "kind", "lat", "lon")),
            areas=_frame(self._areas, ("id", "city", "name", "alt_names", "kind", "lat", "lon", "radius_m")),
            boundaries=boundaries,
            notes=self._notes(),
        )

    def _common_city(self) -> str:
        """What most addresses say; an extract of a part of a city often holds no place of its own."""
        said = Counter(row["city"] for row in self._addresses if row["city"])
        return said.most_common(1)[0][0] if said else ""

    def _notes(self) -> list[Message]:
        cut = len(self._boundary_relations - self._whole_boundaries)
        notes = []
        if cut:
            notes.append(
                Message(N_("Boundaries cut at the edge of the extract and left out: {count}."), {"count": cut})
            )
        if self._corners:
            notes.append(Message(N_("Corners of streets among the objects: {count}."), {"count": len(self._corners)}))
        if self._broken:
            notes.append(Message(N_("Broken areas left out: {count}."), {"count": self._broken}))
        return notes


class _SettlementFinder:
    """Which settlement is a point in: by what it says, by polygon, by the nearest node in its reach."""

    def __init__(self, places: list[dict[str, Any]], fallback: str) -> None:
        self._shaped = [place for place in places if place["shape"] is not None]
        self._tree = shapely.STRtree([place["shape"] for place in self._shaped]) if self._shaped else None
        self._names = [place["name"] for place in places]
        self._lats = np.array([place["lat"] for place in places])
        self._lons = np.array([place["lon"] for place in places])
        self._reach = np.array([_REACH_M.get(place["kind"], 1000) for place in places], dtype=float)
        self._fallback = fallback

    def fill(self, rows: list[dict[str, Any]]) -> None:
        """Give every row without a city the one it lies in."""
        missing = [row for row in rows if not row.get("city")]
        inside = self._inside(missing)
        for number, row in enumerate(missing):
            row["city"] = inside.get(number) or self._nearest(row["lat"], row["lon"]) or self._fallback

    def _inside(self, rows: list[dict[str, Any]]) -> dict[int, str]:
        """The smallest polygon around each row."""
        if self._tree is None or not rows:
            return {}
        points = shapely.points([row["lon"] for row in rows], [row["lat"] for row in rows])
        found: dict[int, tuple[float, str]] = {}
        for number, shape in zip(*self._tree.query(points, predicate="intersects"), strict=True):
            place = self._shaped[int(shape)]
            candidate = (place["shape"].area, place["name"])
            found[int(number)] = min(found.get(int(number), candidate), candidate)
        return {number: name for number, (_, name) in found.items()}

    def _nearest(self, lat: float, lon: float) -> str:
        if not self._names:
            return ""
        north = np.radians(self._lats - lat)
        east = np.radians(self._lons - lon) * math.cos(math.radians(lat))
        scaled = _EARTH_M * np.hypot(north, east) / self._reach
        best = int(np.argmin(scaled))
        return self._names[best] if scaled[best] <= _FARTHEST else ""


def _name(tags: Mapping[str, str]) -> str:
    return tags.get("name", "") or tags.get("name:ru", "")


def _other_names(tags: Mapping[str, str]) -> str:
    names: dict[str, None] = {}
    for key in _OTHER_NAMES:
        for name in tags.get(key, "").split(";"):
            if name.strip() and name.strip() != _name(tags):
                names[name.strip().replace("|", "/")] = None
    return "|".join(names)


def _number(text: str | None) -> float:
    digits = "".join(letter for letter in text or "" if letter.isdigit() or letter == ".")
    try:
        return float(digits)
    except ValueError:
        return math.nan


def _area_row(
    identifier: str, tags: Mapping[str, str], place: str, lat: float, lon: float, radius: float
) -> dict[str, Any]:
    return {"id": identifier, "name": _name(tags), "alt_names": _other_names(tags), "kind": _KINDS[place], "lat": lat,
            "lon": lon, "radius_m": radius}  # fmt: skip


def _radius_m(shape: BaseGeometry) -> float:
    """Of the circle around the shape's bounds, metres."""
    west, south, east, north = shape.bounds
    return round(_metres(south, west, north, east) / 2, 1)


def _metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    north = math.radians(other_lat - lat)
    east = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return _EARTH_M * math.hypot(north, east)


def _apart(row: Mapping[str, Any], lat: float, lon: float) -> float:
    return _metres(row["lat"], row["lon"], lat, lon)


def _middle(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """(lat, lon) half way along a line of (lon, lat) points, and its length in metres."""
    steps = [_metres(a[1], a[0], b[1], b[0]) for a, b in pairwise(points)]
    rest = sum(steps) / 2
    for step, start, end in zip(steps, points, points[1:], strict=False):
        if rest <= step and step > 0:
            share = rest / step
            return start[1] + share * (end[1] - start[1]), start[0] + share * (end[0] - start[0]), sum(steps)
        rest -= step
    return points[0][1], points[0][0], sum(steps)


def _streets(ways: list[dict[str, Any]]) -> pd.DataFrame:
    """Ways of one name in one settlement are one street; it stands at the middle of its longest way."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for way in ways:
        groups[way["city"], way["name"]].append(way)
    rows = []
    for (city, name), parts in groups.items():
        longest = max(parts, key=lambda way: float(way["length_m"]))
        others = dict.fromkeys(other for way in parts for other in way["alt_names"].split("|") if other)
        rows.append(
            {"id": longest["id"], "city": city, "name": name, "alt_names": "|".join(others), "lat": longest["lat"],
             "lon": longest["lon"], "ways": len(parts), "length_m": sum(way["length_m"] for way in parts)}
        )  # fmt: skip
    return _frame(rows, ("id", "city", "name", "alt_names", "lat", "lon", "ways", "length_m"))


def _frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


def _fill_parents(settlements: pd.DataFrame, boundaries: pd.DataFrame) -> None:
    """Region and district of settlements that do not name them, from the boundaries they lie in."""
    for column, levels in (("region", (_REGION_LEVEL,)), ("district", _DISTRICT_LEVELS)):
        for level in levels:
            shapes = boundaries[boundaries["admin_level"] == level]
            for shape, name in zip(shapes["geometry"], shapes["name"], strict=True):
                inside = shapely.contains_xy(
                    shape, settlements["lon"].to_numpy(float), settlements["lat"].to_numpy(float)
                )
                unnamed = (settlements[column] == "").to_numpy()
                settlements.loc[inside & unnamed, column] = name
