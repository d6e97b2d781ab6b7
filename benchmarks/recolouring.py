"""How much script does it take to colour 5,000 areas anew, and how long does a warm tile of a city take?

Areas of 100 vertices, all on screen; another measure is chosen in the panel and back again, the values of both already
there, as when a visitor compares two maps. Counted is the time in our scripts and in what they call, by Chromium's
profiler; none of the shapes is fetched again. A tile is asked for over HTTP from the running service, its answer kept.

    python -m benchmarks.recolouring [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks import first_map
from benchmarks.first_map import ARGUMENTS, CHROMIUM, OURS, served
from benchmarks.region import SIDE, SOUTH, WEST, fresh, provenance, wavy, write_areas, write_entries
from geo.analysis.tally import settle

ACROSS, DOWN = 100, 50
BARS = {"script": 60.0, "tile": 30.0}
MEASURES = ("needs_open_per_1000", "needs_open")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    quarter = SIDE / 4
    areas = [
        (f"d{i:03}{j:03}", "civic_district",
         wavy(WEST + i * quarter, SOUTH + j * quarter, quarter, quarter, steps=104))
        for i in range(ACROSS) for j in range(DOWN)
    ]  # fmt: skip
    with fresh() as (database, _), sync_playwright() as play:
        with database.app.begin() as connection:
            run, source = provenance(connection)
            write_areas(connection, run, source, areas)
            write_entries(connection, run, source, 20_000)
        settle(database)
        browser = play.chromium.launch(
            executable_path=next(path for path in CHROMIUM if os.path.exists(path)), args=list(ARGUMENTS)
        )
        with served(database, []) as (base, _):
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            tiles: list[str] = []
            page.on("response", lambda answer: tiles.append(answer.url) if ".mvt" in answer.url else None)
            page.goto(base + first_map.MAP)
            until(page, lambda: bool(page.evaluate(OURS)))
            script = [coloured_anew(page, measure) for _ in range(rounds + 1) for measure in MEASURES][len(MEASURES) :]
            shapes = sorted(set(tiles))
            assert len(shapes) == len(tiles), "shapes were fetched again"
            answered = [asked(address) for _ in range(rounds) for address in shapes]
        browser.close()
    told("script", f"of {ACROSS * DOWN} areas coloured anew", script)
    told("tile", "of a city, warm", answered)
    print(f"rounds {rounds}, load {os.getloadavg()[0]:.1f}")


def coloured_anew(page: Page, measure: str) -> float:
    """Milliseconds in our scripts, and in what they call, from the choice of a measure until its picture stands."""
    client = page.context.new_cdp_session(page)
    client.send("Profiler.enable")
    client.send("Profiler.setSamplingInterval", {"interval": 100})
    legend = page.inner_text("#legend")
    client.send("Profiler.start")
    page.select_option("[data-short=m]", measure)
    until(page, lambda: page.inner_text("#legend") != legend)
    page.wait_for_timeout(300)
    profile = client.send("Profiler.stop")["profile"]
    client.detach()
    return in_scripts(profile)


def in_scripts(profile: dict[str, Any]) -> float:
    """Milliseconds of the samples with a script of the service on the stack."""
    nodes = {node["id"]: node for node in profile["nodes"]}
    above = {child: node["id"] for node in profile["nodes"] for child in node.get("children", ())}

    def ours(node: int | None) -> bool:
        while node is not None:
            if "/static/" in nodes[node]["callFrame"]["url"]:
                return True
            node = above.get(node)
        return False

    pairs = zip(profile["samples"], profile["timeDeltas"], strict=True)
    return float(sum(delta for node, delta in pairs if ours(node))) / 1000


def until(page: Page, met: Callable[[], bool], limit: float = 30.0) -> None:
    """Wait outside of the page: its security policy lets nobody evaluate text in it."""
    end = time.monotonic() + limit
    while not met():
        if time.monotonic() > end:
            raise TimeoutError(page.url)
        page.wait_for_timeout(50)


def asked(address: str) -> float:
    """Milliseconds until a tile is there."""
    start = time.perf_counter()
    with urllib.request.urlopen(address) as answer:
        answer.read()
    return (time.perf_counter() - start) * 1000


def told(what: str, of: str, found: list[float]) -> None:
    print(f"{what:8}{of:34}{statistics.median(found):8.1f} ms   {max(found):8.1f} at most   bar {BARS[what]:.0f}")


if __name__ == "__main__":
    main()
