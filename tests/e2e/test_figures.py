"""Does a person get from a number to its rows, freeze a year, and see later what differs?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from geo.analysis.tally import settle
from geo.store import account as accounts
from geo.store.engine import Database
from tests.e2e.conftest import served


@pytest.fixture
def desk(own_town: Database) -> Iterator[str]:
    """The service over a town of this test's own."""
    with served(own_town) as address:
        yield address


def test_a_steward_freezes_a_year_and_corrections_show_as_differences(
    desk: str, own_town: Database, browser: Browser
) -> None:
    with own_town.writing("test") as connection:
        link = accounts.make_link(connection, accounts.first_administrator(connection))
    with browser.new_context(locale="en") as context:
        page = context.new_page()
        page.goto(f"{desk}/sign-in?token={link}")
        page.locator("form[method=post] button").click()
        page.goto(f"{desk}/en/snapshots")
        page.locator("select[name=period]").select_option("2024")
        page.locator("select[name=kind]").select_option("civic_district")
        page.get_by_role("button", name="Freeze this year").click()
        expect(page).to_have_url(f"{desk}/en/snapshots/civic-district-2024")
        expect(page.get_by_text("The data of today give the same figures.")).to_be_visible()
    with own_town.writing("test") as writer:
        writer.execute(text("UPDATE okruga.entry SET status = 'rejected' WHERE register = 'need' AND key = 'n3'"))
    settle(own_town)
    with browser.new_context(locale="en") as context:  # anybody, without an account
        page = context.new_page()
        page.goto(f"{desk}/en/snapshots")
        expect(page.locator("form[method=post]")).to_have_count(0)
        page.locator("ul.entries a").first.click()
        row = page.locator("table").first.get_by_role("row", name="Open needs").first
        expect(row.get_by_role("cell").nth(1)).to_have_text("1")
        expect(row.get_by_role("cell").nth(2)).to_have_text("0")


def test_from_a_number_to_the_rows_behind_it(service: str, browser: Browser) -> None:
    with browser.new_context(locale="en") as context:
        page = context.new_page()
        page.goto(f"{service}/en/districts/d1?period=2024")
        figure = page.locator("#needs_answered_share")
        figure.locator("summary").click()
        expect(figure.get_by_text("needs answered by a finished project or by a dated statement")).to_be_visible()
        counted = figure.locator("dd").first.inner_text().split(" — ")[0]
        figure.get_by_role("link", name="The rows behind it").click()
        expect(page.locator("h1")).to_contain_text("Needs answered")
        expect(page.locator("table.figures tbody tr")).to_have_count(int(counted))
        page.locator("table.figures tbody a").first.click()
        expect(page.locator("h1")).to_be_visible()
        page.goto(f"{service}/en/map/siting?period=2024&sites=1")
        page.locator("input[name=point]").first.fill("51.678,47.62")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("heading", name="With your points")).to_be_visible()
