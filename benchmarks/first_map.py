"""How much must travel, and how long does it take, until the first complete choropleth of 2,300 areas stands?

Ours: the page, its assets, the values and every tile in view, compressed, until all tiles are drawn and the legend
stands. The peer is the folium page of the same areas, names, values and classes, GeoJson inlined with its tooltip, with
the same Leaflet; its other assets are answered empty, in its favour. Both come compressed from one server process of
their own, to the same Chromium, in turns, each visit with an empty cache; the browser's own clock tells the time, from
the start of the navigation to the first frame in which all is drawn. Once as they come over loopback, where a byte costs
nothing, and once over a visitor's line as browsers emulate it: 1.6 Mbit/s and 150 ms, the "slow 4G" that page
audits use. Median of the rounds; the bars are 1/50 of the bytes and 1/4 of the time.

    python -m benchmarks.first_map [--rounds 7]
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import os
import re
import socket
import statistics
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import folium
import shapely
import uvicorn
from fastapi import Response
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from benchmarks.region import SIDE, SOUTH, WEST, fresh, provenance, wavy, write_areas, write_entries
from geo.analysis.questions import ask, make_query
from geo.analysis.tally import settle
from geo.settings import settings
from geo.store.engine import Database
from maps import assets
from maps.classify import classify
from maps.palette import RAMPS

ACROSS, DOWN = 50, 46
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
OURS = """document.documentElement.dataset.ready === 'yes'
  && document.querySelectorAll('canvas.leaflet-tile').length > 0
  && document.querySelectorAll('canvas.leaflet-tile:not(.leaflet-tile-loaded)').length === 0"""
PEERS = "document.querySelectorAll('path.leaflet-interactive').length > 2000"
# written into the page by the browser before anything else: notes the frame after the one that meets the condition
CLOCK = """(() => {
  const look = () => {
    let met = false;
    try { met = CONDITION; } catch { met = false; }
    if (met) requestAnimationFrame(() => { window.stood = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


def grid() -> list[tuple[str, str, shapely.Polygon]]:
    return [
        (f"d{i:02}{j:02}", "civic_district", wavy(WEST + i * SIDE / 2, SOUTH + j * SIDE / 2, SIDE / 2, SIDE / 2, steps=52))
        for i in range(ACROSS) for j in range(DOWN)
    ]  # fmt: skip


@contextmanager
def served(database: Database, html: str) -> Iterator[str]:
    """The service, with the peer's page at /peer, in a process of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    urls = {role: str(database._url_of(role)) for role in ("okruga_owner", "okruga_app", "okruga_reader")}
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(urls, html, port), daemon=True)
    process.start()
    base = f"http://127.0.0.1:{port}"
    wait_until_answered(f"{base}/healthz")
    yield base
    process.terminate()
    process.join()


def serve(urls: dict[str, str], html: str, port: int) -> None:
    """What the other process does."""
    app = create_app(Database(urls.__getitem__, settings()))
    packed = gzip.compress(html.encode(), 6)
    files = {name: assets.asset(f"vendor/leaflet/{name}") for name in ("leaflet.js", "leaflet.css")}

    def peer() -> Response:
        policy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data:"
        headers = {"Content-Encoding": "gzip", "Content-Security-Policy": policy}
        return Response(packed, media_type="text/html", headers=headers)

    def file(name: str) -> Response:
        found = files.get(name)
        kind = "text/css" if name.endswith("css") else "text/javascript"
        body = found.gzipped if found else gzip.compress(b"")
        return Response(body, media_type=kind, headers={"Content-Encoding": "gzip"})

    app.add_api_route("/peer", peer)
    app.add_api_route("/peer/{name}", file)
    uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, server_header=False)).run()


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


def peer_page(database: Database) -> str:
    """The page a folium user would write: areas with their values inlined, styled by class."""
    with database.reading() as connection:
        answer = ask(connection, make_query(connection, "needs_open", kind="civic_district", period=2025))
    classes = classify([row.value.value for row in answer.rows], unit="count")
    shapes = {code: shape for code, _, shape in grid()}
    features = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(shapes[row.territory]), "properties": {
            "name": row.name, "value": row.value.value,
            "colour": RAMPS["counts"][sum(row.value.value > edge for edge in classes.breaks[:-1])]}}
        for row in answer.rows if row.value.value is not None
    ]  # fmt: skip
    page = folium.Map(location=[SOUTH + DOWN * SIDE / 4, WEST + ACROSS * SIDE / 4], zoom_start=9, tiles=None)
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda f: {
            "fillColor": f["properties"]["colour"],
            "fillOpacity": 1,
            "weight": 1,
            "color": "#fff",
        },
        tooltip=folium.GeoJsonTooltip(["name", "value"]),
    ).add_to(page)
    # its assets from here: a foreign host would be slower, or not reachable at all
    return re.sub(r'"https?://[^"]*/([^"/]+\.(?:js|css))"', r'"/peer/\1"', str(page.get_root().render()))


# bytes a second and milliseconds there and back; no limit over loopback
LINES = {"loopback": (-1, 0), "slow 4G": (1_600_000 // 8, 150)}
# what an address is part of: the first mark that fits
PARTS = {"tiles": ".mvt", "values": "/api/", "static": "/static/", "peer's static": "/peer/", "page": ""}


@dataclass
class Visit:
    """Compressed bytes by part, seconds until everything stood, tiles drawn."""

    parts: dict[str, int]
    seconds: float
    tiles: int

    @property
    def data(self) -> int:
        """Page, values and tiles: what changes with the data. Static files are cached for good, on both sides."""
        return sum(size for part, size in self.parts.items() if "static" not in part)


def visit(browser: Browser, address: str, condition: str, line: str = "loopback") -> Visit:
    """Open the address with an empty cache; every byte that came, headers included, and when all stood."""
    speed, latency = LINES[line]
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(CLOCK.replace("CONDITION", condition))
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    conditions = {"offline": False, "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed}
    client.send("Network.emulateNetworkConditions", conditions)
    client.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    client.on(
        "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    page.goto(address, wait_until="commit")
    seconds = stood(page) / 1000
    parts = dict.fromkeys(PARTS, 0)
    for request, size in sizes.items():
        parts[next(part for part, mark in PARTS.items() if mark in names[request])] += size
    context.close()
    return Visit(parts, seconds, sum(".mvt" in names[request] for request in sizes))


def stood(page: Page, limit: float = 60.0) -> float:
    """Milliseconds from the start of the navigation; asked for seldom, so that asking does not slow the page."""
    end = time.monotonic() + limit
    while (found := page.evaluate("() => window.stood ?? 0")) == 0:
        if time.monotonic() > end:
            raise TimeoutError(page.url)
        time.sleep(0.1)
    return float(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with fresh() as (database, _), sync_playwright() as play:
        with database.app.begin() as connection:
            run, source = provenance(connection)
            write_areas(connection, run, source, grid())
            write_entries(connection, run, source, 20_000)
        settle(database)
        html = peer_page(database)
        browser = play.chromium.launch(
            executable_path=next(path for path in CHROMIUM if os.path.exists(path)),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        with served(database, html) as base:
            address = f"{base}/map/gaps?measure=needs_open&kind=civic_district&period=2025"
            visit(browser, address, OURS)  # warm the server's cache as a running service has it
            found: dict[str, list[tuple[Visit, Visit]]] = {line: [] for line in LINES}
            for line in LINES:
                for _ in range(rounds):
                    both = ((address, OURS), (f"{base}/peer", PEERS))
                    found[line].append(tuple(visit(browser, page, condition, line) for page, condition in both))
        browser.close()
    report(found)


def report(found: dict[str, list[tuple[Visit, Visit]]]) -> None:
    first = found["loopback"]
    for name, figure, bar, unit, scale, line in (
        ("bytes", "data", 50, "KB", 1 / 1024, "loopback"),
        *(("time", "seconds", 4, "ms", 1000.0, line) for line in LINES),
    ):
        mine, theirs = (statistics.median(getattr(visits[side], figure) for visits in found[line]) for side in (0, 1))
        print(
            f"{name:6} {line:9} ours {mine * scale:9.1f} {unit}   folium {theirs * scale:9.1f} {unit}"
            f"   1/{theirs / mine:.1f}   bar 1/{bar}"
        )
    for name, visit_ in zip(("ours", "folium"), first[0], strict=True):
        print(f"{name:6} " + ", ".join(f"{part} {size / 1024:.1f} KB" for part, size in visit_.parts.items()))
    print(f"tiles drawn {first[0][0].tiles}, rounds {len(first)}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
