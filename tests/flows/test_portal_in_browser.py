"""The portal in a real browser: with and without JavaScript, on a small phone, by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, sign_in
from tests.live import Product

pytestmark = [pytest.mark.browser, pytest.mark.product]

STORY = "The list of participants lay open to everybody for two days."
PUBLIC = [
    "/",
    "/help/",
    "/help/reporting/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/no/",
]
MINE = [
    "/",
    "/report/",
    "/tickets/",
    "/tickets/{mine}/",
    "/report/done/{mine}/",
    "/accounts/logout/",
    "/accounts/password/change/",
]
TARGETS = (
    "main .btn, .top a, .top button, .urgent a, .pick label, summary, main select, main textarea,"
    " main input:not([type=hidden], [type=radio], [type=checkbox])"
)
TOO_SMALL = """
selector => [...document.querySelectorAll(selector)]
  .filter(each => each.offsetParent && each.getBoundingClientRect().height < 43.5)
  .map(each => each.outerHTML.slice(0, 120))
"""
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


def report(page: Page, url: str, subject: str) -> str:
    """Report with the five answers alone; gives the reference."""
    page.goto(url)
    page.click("text=Report a security incident")
    page.fill("[name=subject]", subject)
    page.fill("[name=description]", STORY)
    page.check("[name=ongoing][value=no]")
    page.check("[name=personal_data][value=yes]")
    page.click("text=Send report")
    expect(page.locator("h1")).to_have_text("We have your report")
    return page.locator(".big-ref").inner_text()


def opened(page: Page, url: str, path: str) -> Page:
    page.goto(url + path)
    page.evaluate(OPEN_ALL)
    return page


@pytest.fixture(scope="module")
def mine(live: Product, chromium) -> str:
    """The reference of a ticket of the demo's reporter."""
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, live.url, "reporter")
    reference = report(page, live.url, "Something for the browser")
    context.close()
    return reference


@pytest.mark.parametrize("javascript", [True, False])
def test_a_report_from_a_small_phone_becomes_a_ticket(live, browser_page, javascript):
    page = browser_page(javascript=javascript, width=320, height=640)
    page.goto(f"{live.url}/report/")
    page.fill("[name=login]", "reporter")
    page.fill("[name=password]", "demo-reporter")
    page.click("main button")

    reference = report(page, live.url, f"Suspected data breach {javascript}")
    page.click("text=Open my ticket")
    page.fill("[name=text]", "It went to the project list.")
    page.set_input_files(
        "[name=files]", {"name": "list.txt", "mimeType": "text/plain", "buffer": b"names"}
    )
    page.click("text=Add to ticket")

    expect(page.locator(".meta .ref").first).to_have_text(reference)
    expect(page.locator(".talk")).to_contain_text("It went to the project list.")
    with page.expect_download() as download:
        page.click("text=list.txt")
    assert download.value.path().read_bytes() == b"names"


def test_what_was_typed_before_signing_in_is_sent_afterwards(live, browser_page):
    page = browser_page()
    sign_in(page, live.url, "reporter2")
    page.goto(f"{live.url}/report/")
    page.fill("[name=subject]", "Typed while the session ended")
    page.context.clear_cookies(name="sessionid")
    page.click("text=Send report")
    page.fill("[name=login]", "reporter2")
    page.fill("[name=password]", "demo-reporter2")
    page.click("main button")

    expect(page.locator("[name=subject]")).to_have_value("Typed while the session ended")


@pytest.mark.parametrize("javascript", [True, False])
def test_errors_stand_on_top_take_the_focus_and_lead_to_the_field(live, browser_page, javascript):
    page = browser_page(javascript=javascript)
    sign_in(page, live.url, "reporter")
    page.goto(f"{live.url}/report/")
    page.fill("[name=description]", STORY)
    page.click("text=Send report")

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=description]")).to_have_value(STORY)
    page.click(".error-summary a >> nth=0")
    expect(page.locator("[name=subject]")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_day_is_asked_for_only_when_it_was_another(live, browser_page, javascript):
    page = browser_page(javascript=javascript)
    sign_in(page, live.url, "reporter")
    page.goto(f"{live.url}/report/")

    day, clock = page.locator("[name=noticed_day]"), page.locator("[name=noticed_time]")
    expect(day).to_be_hidden()
    expect(clock).to_be_hidden()
    page.check("[name=noticed][value=yesterday]")
    expect(day).to_be_hidden()
    expect(clock).to_be_visible()
    page.check("[name=noticed][value=date]")
    expect(day).to_be_visible()


def test_a_report_needs_no_mouse(live, browser_page):
    page = browser_page()
    sign_in(page, live.url, "reporter")
    page.goto(f"{live.url}/report/")
    page.focus("[name=subject]")

    for keys in (["A door open"], ["Tab", STORY], ["Tab"], ["Tab", "Space"], ["Tab", "Space"]):
        for key in keys:
            if key in {"Tab", "Space"}:
                page.keyboard.press(key)
            else:
                page.keyboard.type(key)
    page.focus("main form .primary")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("We have your report")


@pytest.mark.parametrize("dark", [False, True])
def test_every_page_obeys_the_rules_of_accessibility(live, browser_page, mine, dark):
    page = browser_page(dark=dark)
    found = {path: axe(opened(page, live.url, path)) for path in PUBLIC}
    sign_in(page, live.url, "reporter")
    found |= {path: axe(opened(page, live.url, path.format(mine=mine))) for path in MINE}
    page.goto(f"{live.url}/report/")
    page.click("text=Send report")
    found["/report/ with errors"] = axe(page)

    assert {path: broken for path, broken in found.items() if broken} == {}


def test_every_page_fits_on_a_small_phone_and_can_be_touched(live, browser_page, mine):
    page = browser_page(width=320, height=640)
    findings = []
    for user, paths in (("", PUBLIC), ("reporter", MINE)):
        if user:
            sign_in(page, live.url, user)
        for path in paths:
            opened(page, live.url, path.format(mine=mine))
            width = page.evaluate("document.documentElement.scrollWidth")
            findings += [f"{path} is {width} wide"] if width > 320 else []
            findings += [f"{path}: {each}" for each in page.evaluate(TOO_SMALL, TARGETS)]

    assert findings == []
