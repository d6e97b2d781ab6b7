"""How much must travel, and how long does it take, until the first complete choropleth of 2,300 areas stands?

Ours: the page, its assets, the values and every tile in view, compressed, until all tiles are drawn and the legend
stands. The peer is the folium page of the same areas and classes, GeoJson inlined, with the same Leaflet served from
here; its other assets are answered empty, in its favour. Both in the same Chromium, in turns,
each visit with an empty cache. Median of the rounds; the bars are 1/50 of the bytes and 1/4 of the time.

    python -m benchmarks.first_map [--rounds 7]
"""

from __future__ import annotations

import argparse
import gzip
import os
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import folium
import shapely
import uvicorn
from playwright.sync_api import Browser, Route, sync_playwright

from api.app import create_app
from benchmarks.region import SIDE, SOUTH, WEST, fresh, provenance, wavy, write_areas, write_entries
from geo.analysis.questions import ask, make_query
from geo.analysis.tally import settle
from geo.store.engine import Database
from maps import assets
from maps.classify import classify
from maps.palette import RAMPS

ACROSS, DOWN = 50, 46
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
READY = """() => document.documentElement.dataset.ready === 'yes'
  && document.querySelectorAll('canvas.leaflet-tile').length > 0
  && document.querySelectorAll('canvas.leaflet-tile:not(.leaflet-tile-loaded)').length === 0"""


def grid() -> list[tuple[str, str, shapely.Polygon]]:
    return [
        (f"d{i:02}{j:02}", "civic_district", wavy(WEST + i * SIDE / 2, SOUTH + j * SIDE / 2, SIDE / 2, SIDE / 2, steps=52))
        for i in range(ACROSS) for j in range(DOWN)
    ]  # fmt: skip


@contextmanager
def served(database: Database) -> Iterator[str]:
    """The service on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(database), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


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
    ).add_to(page)
    return str(page.get_root().render())


# what an address is part of: the first mark that fits
PARTS = {"tiles": ".mvt", "values": "/api/", "static": "/static/", "page": ""}


@dataclass
class Visit:
    """Compressed bytes by part, seconds until everything stood, tiles drawn."""

    parts: dict[str, int]
    seconds: float
    tiles: int

    @property
    def data(self) -> int:
        """Page, values and tiles: what changes with the data. Static files are cached for good, on both sides."""
        return sum(size for part, size in self.parts.items() if part != "static")


def visit_ours(browser: Browser, base: str) -> Visit:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    client.on(
        "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    start = time.perf_counter()
    page.goto(f"{base}/map/gaps?m=needs_open&k=civic_district&y=2025", wait_until="commit")
    wait_for(page, READY)
    seconds = time.perf_counter() - start
    parts = dict.fromkeys(PARTS, 0)
    for request, size in sizes.items():
        parts[next(part for part, mark in PARTS.items() if mark in names[request])] += size
    context.close()
    return Visit(parts, seconds, sum(".mvt" in names[request] for request in sizes))


def visit_peer(browser: Browser, html: str) -> Visit:
    packed = gzip.compress(html.encode(), 6)
    leaflet = {
        name: assets.find(assets.url(f"vendor/leaflet/{name}").rsplit("/", 1)[1])
        for name in ("leaflet.js", "leaflet.css")
    }

    def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        asset: Any = leaflet.get(name)
        if route.request.url == "http://peer.test/":
            route.fulfill(body=html, content_type="text/html")
        else:
            route.fulfill(
                body=asset.content if asset else b"",
                content_type="text/css" if name.endswith("css") else "text/javascript",
            )

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.route("**/*", answer)
    start = time.perf_counter()
    page.goto("http://peer.test/", wait_until="load")
    wait_for(page, "() => document.querySelectorAll('path.leaflet-interactive').length > 2000")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seconds = time.perf_counter() - start
    context.close()
    static = sum(len(gzip.compress(a.content)) for a in leaflet.values() if a)
    return Visit({"page": len(packed), "static": static}, seconds, 0)


def wait_for(page: Any, condition: str, limit: float = 60.0) -> None:
    """Poll from outside: the page's own policy forbids evaluating text inside it."""
    end = time.perf_counter() + limit
    while not page.evaluate(condition):
        if time.perf_counter() > end:
            raise TimeoutError(condition)
        time.sleep(0.01)


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
        with served(database) as base:
            visit_ours(browser, base)  # warm the server's cache as a running service has it
            ours, peer = [], []
            for _ in range(rounds):
                ours.append(visit_ours(browser, base))
                peer.append(visit_peer(browser, html))
        browser.close()
    report(ours, peer)


def report(ours: list[Visit], peer: list[Visit]) -> None:
    for name, figure, bar, unit, scale in (("bytes", "data", 50, "KB", 1 / 1024), ("time", "seconds", 4, "ms", 1000.0)):
        mine, theirs = (statistics.median(getattr(v, figure) for v in visits) for visits in (ours, peer))
        print(
            f"{name:6} ours {mine * scale:9.1f} {unit}   folium {theirs * scale:9.1f} {unit}   1/{theirs / mine:.1f}   bar 1/{bar}"
        )
    for name, visit in (("ours", ours[0]), ("folium", peer[0])):
        print(f"{name:6} " + ", ".join(f"{part} {size / 1024:.1f} KB" for part, size in visit.parts.items()))
    print(f"tiles drawn {ours[0].tiles}, rounds {len(ours)}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
