"""How much must travel, and how long does it take, until the first complete choropleth of 2,300 areas stands?

Ours: the page, its assets, the values and every tile in view, until all areas and borders are drawn and the legend
stands. The peer is the folium page of the same areas, names, values and classes (benchmarks.folium_page). Both from one
server process of their own, to the same Chromium, in turns, each visit with an empty browser cache and the same clock
(benchmarks.visits). Three comparisons are told, since any one alone would flatter somebody:

* ready-made: the peer as a file rendered and packed beforehand, ours from the service as it runs, its answers kept;
* as both run: ours the same, the peer built and rendered in the request, as folium's web examples do it, and sent
  unpacked, which over loopback is faster;
* made for it: that peer, and ours with everything the service keeps thrown away before the visit.

Once over loopback, where a byte costs nothing, and once over a visitor's line as browsers emulate it: 1.6 Mbit/s and
150 ms, the "slow 4G" that page audits use. Three floors say how much of a time nobody can save: an empty page, one
that fetches as many bytes as ours in a single file and fills 2,300 squares on one canvas, and folium's own map with
Leaflet and one rectangle. Median of the rounds; the bars are 1/50 of the bytes and 1/4 of the time.

    python -m benchmarks.first_map [--rounds 7] [--vertices 100]
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import random
import socket
import statistics
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import shapely
import uvicorn
from fastapi import FastAPI, Response
from playwright.sync_api import sync_playwright

from api.app import create_app
from api.kept import Kept
from api.remembered import Remembered
from benchmarks import folium_page
from benchmarks.region import SIDE, SOUTH, WEST, fresh, provenance, wavy, write_areas, write_entries
from benchmarks.visits import LINES, Visit, visit
from geo.analysis.questions import ask, make_query
from geo.analysis.tally import settle
from geo.settings import settings
from geo.store.engine import Database
from maps.classify import classify
from maps.palette import RAMPS

ACROSS, DOWN = 50, 46
CENTRE = (SOUTH + DOWN * SIDE / 4, WEST + ACROSS * SIDE / 4)
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MAP = "/map/gaps?measure=needs_open&kind=civic_district&period=2025"
# every tile of areas and borders painted and opaque, every class in the legend
OURS = """document.documentElement.dataset.ready === "yes"
  && document.querySelectorAll("#legend .classes button").length > 3
  && ["areas", "borders"].every((pane) => document.querySelector(`.leaflet-${pane}-pane canvas.leaflet-tile`))
  && [...document.querySelectorAll("canvas.leaflet-tile")].every(({ classList, style }) =>
    classList.contains("leaflet-tile-loaded") && (style.opacity === "" || Number(style.opacity) === 1))"""
BARE = "document.querySelector('.leaflet-overlay-pane canvas') !== null"
PEERS = "document.querySelectorAll('path.leaflet-interactive').length > 2000"
FLOOR = "document.documentElement.dataset.ready === 'yes'"
READY = "document.documentElement.dataset.ready = 'yes';"
# as many bytes as ours, and every area once
CANVAS = """fetch("/floor/bytes").then((answer) => answer.arrayBuffer()).then(() => {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  canvas.width = canvas.height = 700;
  const context = canvas.getContext("2d");
  for (let at = 0; at < 2300; at += 1) {
    context.fillStyle = ["#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404"][at % 5];
    context.fillRect((at % 50) * 14, Math.floor(at / 50) * 14, 13, 13);
  }
  READY
})""".replace("READY", READY)
OPEN = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data:"


def grid(vertices: int) -> list[tuple[str, str, shapely.Polygon]]:
    """Areas of about so many vertices each."""
    half = SIDE / 2
    return [
        (f"d{i:02}{j:02}", "civic_district",
         wavy(WEST + i * half, SOUTH + j * half, half, half, steps=vertices // 2 + 2))
        for i in range(ACROSS) for j in range(DOWN)
    ]  # fmt: skip


def features(database: Database, vertices: int) -> list[dict[str, Any]]:
    """The areas as a folium user holds them: shape, name, value and colour."""
    with database.reading() as connection:
        answer = ask(connection, make_query(connection, "needs_open", kind="civic_district", period=2025))
    classes = classify([row.value.value for row in answer.rows], unit="count")
    shapes = {code: shape for code, _, shape in grid(vertices)}
    return [
        {"type": "Feature", "geometry": shapely.geometry.mapping(shapes[row.territory]), "properties": {
            "name": row.name, "value": row.value.value,
            "colour": RAMPS["counts"][sum(row.value.value > edge for edge in classes.breaks[:-1])]}}
        for row in answer.rows if row.value.value is not None
    ]  # fmt: skip


@contextmanager
def served(database: Database, shapes: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """The service with the peer's pages of these shapes, if any, and the floors, in a process of its own: its address
    and process number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    urls = {role: str(database._url_of(role)) for role in ("okruga_owner", "okruga_app", "okruga_reader")}
    given = (urls, shapes, folium_page.packed_assets() if shapes else {}, port)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=given, daemon=True)
    process.start()
    base = f"http://127.0.0.1:{port}"
    wait_until_answered(f"{base}/healthz")
    assert process.pid is not None
    yield base, process.pid
    process.terminate()
    process.join()


def serve(urls: dict[str, str], shapes: list[dict[str, Any]], files: dict[str, bytes], port: int) -> None:
    """What the other process does."""
    app = create_app(Database(urls.__getitem__, settings()))
    if shapes:
        add_peer(app, shapes, files)
    add_floors(app)
    app.add_api_route("/forget", lambda: forget(app))
    uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, server_header=False)).run()


def forget(app: FastAPI) -> Response:
    """Throw away every answer the service has kept, as a change of the data does."""
    app.state.kept, app.state.remembered = Kept(), Remembered()
    return Response()


def add_peer(app: FastAPI, shapes: list[dict[str, Any]], files: dict[str, bytes]) -> None:
    """The peer's page as a file and rendered in the request, and the assets of both."""
    ready_made = gzip.compress(folium_page.build(shapes, CENTRE, "/peer/assets").encode(), 6)

    def file() -> Response:
        headers = {"Content-Encoding": "gzip", "Content-Security-Policy": OPEN}
        return Response(ready_made, media_type="text/html", headers=headers)

    def rendered() -> Response:
        # «identity», so that the service does not pack it either
        headers = {"Content-Encoding": "identity", "Content-Security-Policy": OPEN}
        return Response(folium_page.build(shapes, CENTRE, "/peer/assets"), media_type="text/html", headers=headers)

    def asset(name: str) -> Response:
        kind = "text/css" if name.endswith("css") else "text/javascript"
        body = files.get(name, gzip.compress(b""))
        return Response(body, media_type=kind, headers={"Content-Encoding": "gzip"})

    def bare() -> Response:
        headers = {"Content-Security-Policy": OPEN}
        return Response(folium_page.bare(CENTRE, "/peer/assets"), media_type="text/html", headers=headers)

    app.add_api_route("/floor/leaflet", bare)
    app.add_api_route("/peer", file)
    app.add_api_route("/peer/rendered", rendered)
    app.add_api_route("/peer/assets/{name}", asset)


def add_floors(app: FastAPI) -> None:
    """An empty page; and a page of one canvas with a file of so many random bytes."""

    def page(script: str) -> Response:
        html = f"<!DOCTYPE html><html><body><p>floor</p><script>{script}</script></body></html>"
        return Response(html, media_type="text/html", headers={"Content-Security-Policy": OPEN})

    def some_bytes() -> Response:
        return Response(random.Random(0).randbytes(app.state.floor_bytes), headers={"Content-Encoding": "identity"})

    def set_bytes(count: int) -> Response:
        app.state.floor_bytes = count
        return Response()

    app.add_api_route("/floor", lambda: page(READY))
    app.add_api_route("/floor/canvas", lambda: page(CANVAS))
    app.add_api_route("/floor/bytes", some_bytes)
    app.add_api_route("/floor/bytes/{count}", set_bytes)


def wait_until_answered(address: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


# what is opened in every round: name, address, when it stands, what is asked for first
PAGES = (
    ("ours", MAP, OURS, ""),
    ("file", "/peer", PEERS, ""),
    ("ours made", MAP, OURS, "/forget"),
    ("rendered", "/peer/rendered", PEERS, ""),
    ("empty page", "/floor", FLOOR, ""),
    ("one canvas", "/floor/canvas", FLOOR, ""),
    ("folium's bare map", "/floor/leaflet", BARE, ""),
)
Found = dict[tuple[str, str], list[Visit]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--vertices", type=int, default=100, help="of each area")
    args = parser.parse_args()
    rounds = args.rounds
    with fresh() as (database, _), sync_playwright() as play:
        with database.app.begin() as connection:
            run, source = provenance(connection)
            write_areas(connection, run, source, grid(args.vertices))
            write_entries(connection, run, source, 20_000)
        settle(database)
        path = next(path for path in CHROMIUM if os.path.exists(path))
        browser = play.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        found: Found = {}
        with served(database, features(database, args.vertices)) as (base, server):
            # warm the server's answers as a running service has them, and say how many bytes the floor must fetch
            first = visit(browser, server, base + MAP, OURS)
            urllib.request.urlopen(f"{base}/floor/bytes/{sum(first.sizes.values())}").close()
            for line in LINES:
                for _ in range(rounds):
                    for name, address, condition, before in PAGES[: 2 if line != "loopback" else None]:
                        if before:
                            urllib.request.urlopen(base + before).close()
                        found.setdefault((name, line), []).append(
                            visit(browser, server, base + address, condition, line)
                        )
        browser.close()
    report(found)


def report(found: Found) -> None:
    ours, file = (found[name, "loopback"][0] for name in ("ours", "file"))
    data = ours.bytes_of("/map/", "/api/", "/tiles/"), file.bytes_of("/peer") - file.bytes_of("/assets/")
    told("bytes", "page, values, tiles", data[0] / 1024, data[1] / 1024, "KB", 50)
    told("bytes", "with static files", sum(ours.sizes.values()) / 1024, sum(file.sizes.values()) / 1024, "KB")
    print(f"page HTML {ours.bytes_of('/map/') / 1024:.1f} KB compressed, bar 20 KB")
    told("time", "loopback, ready-made", middle(found, "ours"), middle(found, "file"), "ms", 4)
    told("time", "loopback, as both run", middle(found, "ours"), middle(found, "rendered"), "ms", 4)
    told("time", "loopback, made for it", middle(found, "ours made"), middle(found, "rendered"), "ms", 4)
    told("time", "slow 4G, ready-made", *(middle(found, name, line="slow 4G") for name in ("ours", "file")), "ms", 4)
    for figure in ("browser_cpu", "server_cpu"):
        told(figure, "loopback, ready-made", *(middle(found, name, figure) for name in ("ours", "file")), "ms")
        told(
            figure, "loopback, made for it", *(middle(found, name, figure) for name in ("ours made", "rendered")), "ms"
        )
    for name in ("empty page", "one canvas", "folium's bare map"):
        told("floor", name, middle(found, name), middle(found, "file"), "ms")
        told("floor cpu", name, middle(found, name, "browser_cpu"), middle(found, "file", "browser_cpu"), "ms")
    print(
        f"tiles {sum('.mvt' in address for address in ours.sizes)}, requests {len(ours.sizes)} and {len(file.sizes)}, ",
        end="",
    )
    print(f"rounds {len(found['ours', 'loopback'])}, load {os.getloadavg()[0]:.1f}")


def middle(found: Found, name: str, figure: str = "stood", line: str = "loopback") -> float:
    return statistics.median(getattr(each, figure) for each in found[name, line])


def told(what: str, of: str, mine: float, theirs: float, unit: str, bar: int = 0) -> None:
    ratio = f"1/{theirs / mine:.1f}" if mine else "-"
    print(
        f"{what:12}{of:24}{mine:9.1f} {unit}   folium {theirs:9.1f} {unit}   {ratio}"
        + (f"   bar 1/{bar}" if bar else "")
    )


if __name__ == "__main__":
    main()
