"""How do page tests see the service? A real Chromium on the real application with the model town in it.

Every page is watched: which hosts it asks, what its console says, which of its policies it breaks.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright
from sqlalchemy import create_engine, text

from api.app import create_app
from geo.demo.load import load_demo
from geo.store.embedded import OWNER, Cluster
from geo.store.engine import Database
from maps.page import content_security_policy
from tests.conftest import _copy, _database

ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Chromium reports broken policies as events; the list survives until the test reads it
WATCH_POLICY = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.__violations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""
PATIENCE = 15.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser, and comes last: its driver keeps an event loop running in the
    process, in which tests that start loops of their own could not run any more."""
    for item in items:
        if in_browser(item):
            item.add_marker("e2e")
    items.sort(key=in_browser)


def in_browser(item: pytest.Item) -> bool:
    return "/e2e/" in item.path.as_posix()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@contextmanager
def town(cluster: Cluster, template: str, prepare: str = "") -> Iterator[str]:
    """The address of the application over the model town; `prepare` is SQL run on the loaded data."""
    with _copy(cluster, template) as name:
        database = _database(cluster, name)
        load_demo(database, "town")
        if prepare:
            engine = create_engine(cluster.dsn(name, OWNER))
            with engine.begin() as connection:
                connection.execute(text(prepare))
            engine.dispose()
        with served(database) as address:
            yield address
        database.close()


@contextmanager
def served(database: Database) -> Iterator[str]:
    """The application on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(database), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE)


def until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something to become true; fail when it does not."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {patience} s in vain")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def service(cluster: Cluster, template: str) -> Iterator[str]:
    with town(cluster, template) as address:
        yield address


@dataclass
class Visit:
    """One page under watch."""

    page: Page
    service: str
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.add_init_script(WATCH_POLICY)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("request", self.begin)
        self.page.on("requestfinished", self.end)
        self.page.on("requestfailed", self.end)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)

    def begin(self, request: Request) -> None:
        """The browser asks for something."""
        self.under_way.add(request)

    def end(self, request: Request) -> None:
        """It has come, or will not."""
        self.under_way.discard(request)

    def open(self, path: str) -> Page:
        """Open a page and wait until its script has done its first work."""
        self.page.goto(self.service + path)
        self.ready()
        return self.page

    def ready(self) -> None:
        self.until("document.documentElement.dataset.ready === 'yes'")
        self.settle()

    def settle(self, patience: float = PATIENCE) -> None:
        """Wait until nothing has been under way for a moment; the browser's own idle takes half a second each time."""
        end, calm = time.monotonic() + patience, 0
        while calm < 5 and time.monotonic() < end:
            self.page.wait_for_timeout(40)
            calm = 0 if self.under_way else calm + 1

    def until(self, expression: str, patience: float = PATIENCE) -> None:
        """Poll an expression; Playwright's own waiting needs `unsafe-eval`, which no page of ours allows."""
        end = time.monotonic() + patience
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                pytest.fail(f"never true: {expression}; the console says {self.said[:3]}")
            self.page.wait_for_timeout(40)

    def show(self, html: str, *, basemap: str = "", script: bool = True) -> Page:
        """Open HTML of the test's own at an address of the service, under the policy the service would send."""
        headers = {"Content-Security-Policy": content_security_policy(html, basemap=basemap)}
        self.page.route(
            self.service + "/__page",
            lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers),
        )
        self.page.goto(self.service + "/__page")
        if script:
            self.ready()
        return self.page

    def answer(self, pattern: str, **answer: Any) -> Callable[[], None]:
        """Let addresses of a pattern be answered by the test; calling the result ends that."""

        def fulfil(route: Route) -> None:
            route.fulfill(**answer)

        self.page.route(pattern, fulfil)
        return lambda: self.page.unroute(pattern, fulfil)

    def delay(self, pattern: str, *, milliseconds: float) -> None:
        """Let addresses of a pattern be answered late."""

        def wait(route: Route) -> None:
            self.page.wait_for_timeout(milliseconds)
            route.continue_()

        self.page.route(pattern, wait)

    def count(self, part: str) -> int:
        """How many requests so far have this in their address."""
        return sum(part in url for url in self.asked)

    def strangers(self) -> list[str]:
        """Requests to anybody but the service."""
        home = urlsplit(self.service).netloc
        return [url for url in self.asked if urlsplit(url).scheme.startswith("http") and urlsplit(url).netloc != home]

    def assert_clean(self) -> None:
        """No foreign request, no broken policy, no complaint in the console."""
        assert self.strangers() == []
        assert self.page.evaluate("window.__violations") == []
        assert self.said == []

    def colours(self) -> dict[str, int]:
        """Which opaque colours the canvases of the areas show, and on how many pixels."""
        counted: dict[str, int] = self.page.evaluate("""() => {
            const counts = {};
            for (const canvas of document.querySelectorAll(".leaflet-areas-pane canvas")) {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                for (let at = 0; at < data.length; at += 4 * 7) {
                    if (data[at + 3] !== 255) continue;
                    const hex = "#" + [0, 1, 2].map((i) => data[at + i].toString(16).padStart(2, "0")).join("");
                    counts[hex] = (counts[hex] ?? 0) + 1;
                }
            }
            return counts;
        }""")
        return {colour: number for colour, number in counted.items() if number > 40}


@pytest.fixture
def visitor(browser: Browser, service: str) -> Iterator[Callable[..., Visit]]:
    """Opens watched visits; keyword arguments go to the browser's context (viewport, touch, script ...)."""
    contexts = []

    def arrive(address: str = service, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "ru-RU", **options})
        contexts.append(context)
        return Visit(context.new_page(), address)

    yield arrive
    for context in contexts:
        context.close()


@pytest.fixture
def visit(visitor: Callable[..., Visit]) -> Visit:
    """A visit on a desk."""
    return visitor()


PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}


@pytest.fixture
def phone(visitor: Callable[..., Visit]) -> Visit:
    """A visit on a phone."""
    return visitor(**PHONE)
