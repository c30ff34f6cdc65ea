"""The console's first page in a real browser: numbers that keep up, and a button that settles."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, sign_in
from tests.flows.callers import Caller

# Only the first alerts are shown, and other tests have left many.
ANSWER_ALL = """
from portal.models import User
from workflows import alerts, ledger
handler = User.objects.get(username="handler")
for alert in ledger.open_for(handler):
    alerts.acknowledge(alert, by=handler)
"""

pytestmark = [pytest.mark.browser, pytest.mark.product]


def test_the_numbers_keep_up_while_the_page_is_in_sight(live, browser_page):
    page = browser_page(width=1440)
    page.clock.install()
    sign_in(page, live.url, "handler")
    page.goto(f"{live.url}/admin/")
    tile = page.locator(".now a:has-text('Unassigned') b")
    before = int(tile.inner_text())
    Caller(live, "reporter").report("An open window", "The window of the archive stood open.")

    page.clock.fast_forward("01:05")

    expect(tile).to_have_text(str(before + 1))
    expect(page.locator(".views a:has-text('Unassigned') b")).to_have_text(str(before + 1))
    expect(page.locator("#news")).to_contain_text(f"Unassigned: now {before + 1}.")


def test_what_needs_one_first_is_acknowledged_from_there(live, browser_page):
    subject = "A window that does not close"
    live.manage("shell", "--verbosity", "0", "-c", ANSWER_ALL)
    Caller(live, "reporter").report(subject, "The window of the archive does not close.")
    page = browser_page(width=1440, javascript=False)
    sign_in(page, live.url, "handler")
    page.goto(f"{live.url}/admin/")
    line = page.locator(".first tr", has_text=subject)

    line.get_by_role("button").click()

    expect(page.locator(".head h1")).to_contain_text(subject)
    page.goto(f"{live.url}/admin/")
    expect(line).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_table_behind_the_charts_fits_a_phone(live, browser_page, dark):
    page = browser_page(width=320, dark=dark)
    sign_in(page, live.url, "handler")
    page.goto(f"{live.url}/admin/")

    page.click(".figures summary")

    root = "document.documentElement"
    assert not page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
    assert axe(page) == []
