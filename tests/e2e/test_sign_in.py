"""Does a real browser stay signed in where the service runs: Secure cookies on this machine without https?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from api.session import STRICT
from geo.store import account as accounts
from geo.store.engine import Database
from tests.e2e.conftest import Visit, served


@pytest.fixture
def desk(own_town: Database) -> Iterator[str]:
    """The service over a town of this test's own."""
    with served(own_town) as address:
        yield address


def link(database: Database) -> str:
    with database.writing("test") as connection:
        return accounts.make_link(connection, accounts.first_administrator(connection))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_chromium_keeps_the_strict_cookie_on_this_machine(
    desk: str, own_town: Database, browser: Browser, host: str
) -> None:
    """The `__Host-` cookie is Secure; browsers take it from loopback addresses over plain http."""
    here = desk.replace("127.0.0.1", host)
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{here}/sign-in?token={link(own_town)}")
        expect(page.locator("input[name=password]")).to_have_count(0)
        page.locator("form[method=post] button").click()
        expect(page).to_have_url(f"{here}/steward")
        cookies = {each["name"]: each for each in context.cookies()}
        assert set(cookies) == {STRICT}
        assert (cookies[STRICT]["secure"], cookies[STRICT]["httpOnly"], cookies[STRICT]["sameSite"]) == (
            True,
            True,
            "Lax",
        )
        assert page.evaluate("document.cookie") == ""


def test_a_load_is_taken_back_with_a_button(desk: str, own_town: Database, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{desk}/sign-in?token={link(own_town)}")
        page.locator("form[method=post] button").click()
        expect(page).to_have_url(f"{desk}/steward")
        rows = page.locator("table tbody tr")
        before = page.locator("table form button").count()
        rows.first.locator("form button").click()
        expect(page.locator("[role=status]").first).to_be_visible()
        assert before > 1
        expect(page.locator("table form button")).to_have_count(before - 1)


def test_a_page_asked_for_again_keeps_its_policy(visitor: Callable[..., Visit], service: str) -> None:
    """The second answer is 304; its headers must not replace the policy of the page the browser kept."""
    visit = visitor(service)
    for _ in range(2):
        visit.open("/map/coverage")
        expect(visit.page.locator("canvas").first).to_be_attached()
    assert visit.page.evaluate("window.__violations") == []
    assert not visit.said
