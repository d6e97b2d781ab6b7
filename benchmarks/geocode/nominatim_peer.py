"""Ask Nominatim the same queries over the same addresses.

    python -m benchmarks.geocode.nominatim_peer export --gazetteer FOLDER --out peer.osm.pbf
    # in an environment with nominatim-db and nominatim-api 5.3, with osm2pgsql and a PostGIS server at hand
    NOMINATIM_DATABASE_DSN="pgsql:host=SOCKETS;user=postgres;dbname=nominatim" \\
        nominatim import --osm-file peer.osm.pbf --project-dir PROJECT --no-updates
    python benchmarks/geocode/nominatim_peer.py ask --project PROJECT --queries queries.csv --answers answers.csv
    # back in ours
    python -m benchmarks.geocode.run --queries queries.csv --score answers.csv

The export gives Nominatim its best case: every region has a boundary (admin_level 4) around its settlements, every city
one (admin_level 8) around its addresses, and streets are lines through their houses. The first answer is taken as it is;
a query with a scope gets the scope appended.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

_MARGIN_DEGREES, _REGION_DEGREES = 0.02, 0.15
_HOUSE_RANK, _STREET_RANK = 30, 26


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export")
    if "export" in sys.argv:
        from benchmarks.geocode.invented import add_table_arguments

        add_table_arguments(export)
    export.add_argument("--out", type=Path, required=True)
    ask = commands.add_parser("ask")
    for name in ("--project", "--queries", "--answers"):
        ask.add_argument(name, type=Path, required=True)
    args = parser.parse_args()
    export_osm(args) if args.command == "export" else asyncio.run(ask_all(args))


# ---- the same data as OpenStreetMap ----------------------------------------------------------------------------


def export_osm(args: argparse.Namespace) -> None:
    """Write the gazetteer as an OpenStreetMap file."""
    import osmium

    from benchmarks.geocode.invented import given_tables
    from geo.geocode.gazetteer import merged, shipped_gazetteer

    everything = merged([given_tables(args), shipped_gazetteer()])
    args.out.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(args.out))
    nodes, ways, relations = _objects(everything)
    for number, (lat, lon, tags) in enumerate(nodes, start=1):
        writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=(lon, lat), tags=tags))
    for number, (refs, tags) in enumerate(ways, start=1):
        writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=refs, tags=tags))
    for number, (outer, inner, tags) in enumerate(relations, start=1):
        members = [("w", way, "outer") for way in outer] + [("w", way, "inner") for way in inner]
        writer.add_relation(osmium.osm.mutable.Relation(id=number, version=1, members=members, tags=tags))
    writer.close()


Tags = dict[str, str]
Nodes = list[tuple[float, float, Tags]]
Ways = list[tuple[list[int], Tags]]
Relations = list[tuple[list[int], list[int], Tags]]


def _objects(gazetteer: Any) -> tuple[Nodes, Ways, Relations]:
    from shapely import Point, box, unary_union

    nodes: Nodes = []
    ways: Ways = []
    relations: Relations = []
    streets: dict[tuple[str, str], list[int]] = defaultdict(list)
    cities: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in gazetteer.settlements.drop_duplicates("id").itertuples(index=False):
        kind = "city" if row.population > 100_000 else "town" if row.population > 15_000 else "village"
        nodes.append((row.lat, row.lon, {"place": kind, "name": row.name, "population": str(int(row.population or 0))}))
    for row in gazetteer.addresses.itertuples(index=False):
        tags = {
            "addr:housenumber": row.housenumber,
            "addr:street": row.street,
            "addr:city": row.city,
            "building": "yes",
        }
        nodes.append((row.lat, row.lon, tags))
        streets[row.city, row.street].append(len(nodes))
        cities[row.city].append((row.lat, row.lon))
    for row in gazetteer.pois.itertuples(index=False):
        key, _, value = row.kind.partition("=")
        nodes.append((row.lat, row.lon, {key: value or "yes", "name": row.name}))
    for (_, name), refs in streets.items():
        line = sorted(refs, key=lambda ref: nodes[ref - 1][:2])
        if len(line) > 1:
            ways.append((line, {"highway": "residential", "name": name}))
    for city, points in cities.items():
        south, north = min(p[0] for p in points), max(p[0] for p in points)
        west, east = min(p[1] for p in points), max(p[1] for p in points)
        around = box(west, south, east, north).buffer(_MARGIN_DEGREES, join_style="mitre")
        _add_boundary(nodes, ways, relations, around, "8", city)
    for region, rows in gazetteer.settlements[gazetteer.settlements["region"] != ""].groupby("region"):
        squares = [
            Point(lon, lat).buffer(_REGION_DEGREES, cap_style="square")
            for lat, lon in zip(rows.lat, rows.lon, strict=True)
        ]
        _add_boundary(nodes, ways, relations, unary_union(squares), "4", region)
    return nodes, ways, relations


def _add_boundary(nodes: Nodes, ways: Ways, relations: Relations, shape: Any, level: str, name: str) -> None:
    outer: list[int] = []
    inner: list[int] = []
    for polygon in getattr(shape, "geoms", [shape]):
        for ring, rings in ((polygon.exterior, outer), *((hole, inner) for hole in polygon.interiors)):
            first = len(nodes) + 1
            nodes.extend((lat, lon, {}) for lon, lat in list(ring.coords)[:-1])
            ways.append(([*range(first, len(nodes) + 1), first], {}))
            rings.append(len(ways))
    relations.append(
        (outer, inner, {"type": "boundary", "boundary": "administrative", "admin_level": level, "name": name})
    )


# ---- asking ----------------------------------------------------------------------------------------------------


async def ask_all(args: argparse.Namespace) -> None:
    """Every query once, in order; prints the throughput."""
    import nominatim_api as napi

    with args.queries.open(encoding="utf-8", newline="") as source:
        queries = list(csv.DictReader(source))
    async with napi.NominatimAPIAsync(args.project) as api:
        for query in queries[:50]:
            await _first(api, query)
        seconds, answers = [], []
        working = time.process_time() + server_seconds()
        for query in queries:
            start = time.perf_counter()
            answers.append(await _first(api, query))
            seconds.append(time.perf_counter() - start)
        working = time.process_time() + server_seconds() - working
    _write(args.answers, queries, answers)
    ordered = sorted(seconds)
    p50, p95 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.95))
    print(
        f"nominatim: {len(queries)} queries, p50 {p50:.1f} ms, p95 {p95:.1f} ms, "
        f"{len(queries) / sum(seconds):.0f} queries/s by the clock, "
        f"{len(queries) / working:.0f} queries/s of processor time (library and database server together)"
    )


def server_seconds(database: str = "nominatim") -> float:
    """Processor time of the local PostgreSQL backends that serve the database."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().startswith(b"postgres: ") and database.encode() in (
                process / "cmdline"
            ).read_bytes():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


async def _first(api: Any, query: dict[str, str]) -> Any:
    text = ", ".join(part for part in (query["query"], query["scope"]) if part)
    if not text.strip():
        return None
    found = await api.search(text, max_results=1, countries=["ru", "kg"])
    return found[0] if found else None


def _write(path: Path, queries: list[dict[str, str]], answers: list[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("id", "status", "lat", "lon", "level", "confidence"))
        for query, answer in zip(queries, answers, strict=True):
            if answer is None:
                writer.writerow((query["id"], "unmatched", "", "", "none", 0))
            else:
                writer.writerow((query["id"], "accepted", answer.centroid.lat, answer.centroid.lon, _level(answer), 1))


def _level(answer: Any) -> str:
    if answer.category[0] in ("place", "boundary") and answer.rank_address < _STREET_RANK:
        return "settlement"
    if answer.rank_address >= _HOUSE_RANK:
        return "house" if answer.housenumber else "poi"
    return "street"


if __name__ == "__main__":
    main()
