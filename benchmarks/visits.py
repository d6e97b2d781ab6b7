"""How long until everything a page shows stands on the screen, and what did it cost? One visit with an empty cache.

The same clock for every page. A watcher that the browser runs before anything else looks, whenever the page has
changed, whether what the page promises is there; then it adds one small word, and the browser itself says when the
frame with that word was shown (Element Timing: the time of presentation, from the start of the navigation). So the
clock stops when all is painted, not when it is in the document: drawing thousands of SVG paths or canvases counts. As
long as something fades or moves, the page is not ready.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

CLOCK = """(() => {
  const look = () => {
    let met = false;
    try { met = CONDITION; } catch { met = false; }
    if (!met || window.marked) return;
    if (document.getAnimations().some(({ playState }) => playState === "running")) return void requestAnimationFrame(look);
    window.marked = true;
    watch.disconnect();
    const word = document.createElement("p");
    word.setAttribute("elementtiming", "stood");
    word.textContent = "drawn";
    Object.assign(word.style, { position: "fixed", right: "0", top: "0", margin: "0", zIndex: "99999" });
    new PerformanceObserver((list) => { window.stood = list.getEntries()[0].renderTime; }).observe({ type: "element", buffered: true });
    document.body.append(word);
  };
  const watch = new MutationObserver(look);
  watch.observe(document, { subtree: true, childList: true, attributes: true });
  addEventListener("load", look);
})()"""

# bytes a second and milliseconds there and back; no limit over loopback
LINES = {"loopback": (-1, 0), "slow 4G": (1_600_000 // 8, 150)}
TICK_MS = 1000 // os.sysconf("SC_CLK_TCK")


@dataclass
class Visit:
    """Bytes as they came, headers included, by address; milliseconds until all stood; CPU milliseconds."""

    sizes: dict[str, int]
    stood: float
    browser_cpu: int
    server_cpu: int

    def bytes_of(self, *marks: str) -> int:
        """The bytes of all addresses that hold one of the marks."""
        return sum(size for address, size in self.sizes.items() if any(mark in address for mark in marks))


def visit(browser: Browser, server: int, address: str, condition: str, line: str = "loopback") -> Visit:
    """Open an address with an empty cache; `server` is the process that serves it."""
    speed, latency = LINES[line]
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(CLOCK.replace("CONDITION", condition))
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    conditions = {"offline": False, "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed}
    client.send("Network.emulateNetworkConditions", conditions)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    client.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    client.on(
        "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    before = spent(browser_processes()), spent([server])
    page.goto(address, wait_until="commit")
    stood = shown(page)
    after = spent(browser_processes()), spent([server])
    context.close()
    found: dict[str, int] = {}
    for request, size in sizes.items():
        found[names[request]] = found.get(names[request], 0) + size
    return Visit(found, stood, grown(before[0], after[0]), grown(before[1], after[1]))


def shown(page: Page, limit: float = 90.0) -> float:
    """When all was shown; asked for seldom, so that asking does not slow the page."""
    end = time.monotonic() + limit
    while (found := page.evaluate("() => window.stood ?? 0")) == 0:
        if time.monotonic() > end:
            raise TimeoutError(page.url)
        time.sleep(0.1)
    return float(found)


def browser_processes() -> list[int]:
    """Every process of a Chromium below this one."""
    parents = {int(path.name): parent_of(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    return [pid for pid in parents if below(pid, os.getpid(), parents) and "chrom" in command(pid)]


def parent_of(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:  # it has just ended
        return 0


def below(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != ancestor:
        pid = parents[pid]
    return pid == ancestor


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0].rsplit("/", 1)[-1]
    except OSError:
        return ""


def spent(processes: list[int]) -> dict[int, int]:
    """CPU milliseconds of each process until now."""
    found = {}
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[pid] = (int(fields[11]) + int(fields[12])) * TICK_MS
    return found


def grown(before: dict[int, int], after: dict[int, int]) -> int:
    return sum(now - before.get(pid, 0) for pid, now in after.items())
