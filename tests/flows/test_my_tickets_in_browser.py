"""Following a ticket to its end and beyond, and reading what is shared, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.product]

CLOSED = "Training mail or real one?"  # a ticket of the demo's reporter2
MARK = ".tickets li.unread"


def reference_of(page: Page, url: str, subject: str) -> str:
    page.goto(f"{url}/tickets/")
    link = page.locator(".tickets a", has_text=subject).get_attribute("href") or ""
    return link.rstrip("/").rpartition("/")[2]


def test_what_is_shared_is_new_until_it_is_read_and_nobody_else_finds_it(live, browser_page):
    page = browser_page(javascript=False, width=320, height=640)
    sign_in(page, live.url, "manager")
    page.goto(f"{live.url}/admin/incidents/incident/?q=mining")
    page.click("#result_list a:has-text('Crypto mining')")
    page.check("#c-shared")
    expect(page.locator(".composer .if-shr").first).to_contain_text("Luca Moretti")
    page.fill("#c-text", "You have the machine back.")
    page.click("text=Share the update")

    accountable, outsider = browser_page(javascript=False), browser_page()
    sign_in(accountable, live.url, "reporter2")
    accountable.goto(f"{live.url}/tickets/")
    expect(accountable.locator(f"#shared {MARK}")).to_have_count(1)
    accountable.click("#shared .tickets a")
    expect(accountable.locator("main")).to_contain_text("You have the machine back.")
    expect(accountable.locator("main")).not_to_contain_text("Crypto")
    address = accountable.url
    accountable.go_back()
    accountable.reload()
    expect(accountable.locator(f"#shared {MARK}")).to_have_count(0)

    sign_in(outsider, live.url, "reporter")
    assert outsider.goto(address).status == 404


def test_a_closed_ticket_is_asked_about_rings_and_is_reopened(live, browser_page):
    phone = browser_page(javascript=False, width=320, height=640)
    sign_in(phone, live.url, "reporter2")
    reference = reference_of(phone, live.url, CLOSED)
    phone.goto(f"{live.url}/tickets/{reference}/")
    expect(phone.locator(".receipt")).to_contain_text("You did right to tell us")
    phone.click(".receipt a.btn")
    phone.fill("textarea", "Another one came, and it is not from the course.")
    phone.click("main button.primary")
    expect(phone.locator(".receipt")).to_contain_text("You asked to reopen it")

    desk = browser_page()
    sign_in(desk, live.url, "handler")
    row = desk.locator("#content-main tr", has_text=CLOSED)
    desk.goto(f"{live.url}/admin/")
    expect(row).to_contain_text("the reporter asks to reopen it")
    row.get_by_text("Decide").click()
    expect(desk.locator(".thread .msg").first).to_contain_text("The reporter asks to reopen this")
    desk.click(".go >> text=Reopen")
    desk.fill("[name=reason]", "A second mail, from outside.")
    desk.click("#in-place .default")
    expect(desk.locator(".path [aria-current]")).to_contain_text("Triage")

    desk.goto(f"{live.url}/admin/")
    expect(row.filter(has_text="asks to reopen it")).to_have_count(0)
    phone.reload()
    expect(phone.locator("main .status")).to_have_text("Being looked at")
