"""Every page of the portal, in light and dark, on a small phone and on a desk: no barrier, and no
target too small to touch. Pages of sign-in: test_signin_in_browser.py."""

import re

import pytest
from playwright.sync_api import Page

from portal.selfservice import sequence
from tests.browser import axe, sign_in
from tests.flows import every_page
from tests.flows.crawler import routes
from tests.live import Product

STORY = "A mail with the whole list of participants went to a supplier. It is still going on."
# Width, height, scheme, and which rules: all of them once in each size, then those of colours.
LOOKS = [
    (320, 640, "light", ""),
    (320, 640, "dark", "color-contrast"),
    (1280, 900, "dark", ""),
    (1280, 900, "light", "color-contrast"),
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
WIDTH = "document.documentElement.scrollWidth"


def test_every_line_of_the_map_is_looked_at_or_said_to_be_no_page():
    others = ("/admin/", "/api/")
    found = {route.path for route in routes() if not route.path.startswith(others)}

    assert found == every_page.lines()


@pytest.fixture(scope="module")
def names(live: Product, chromium) -> dict[str, str]:
    """A report whose questions are open, and what the demo has closed and shared."""
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, live.url, "reporter")
    page.goto(f"{live.url}/report/")
    page.fill("[name=description]", STORY)
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/report/INC-\d+/"))
    mine = re.search(r"INC-\d+", page.url)[0]
    page.goto(f"{live.url}/tickets/")
    closed = first(page, ".tickets li:has(.status:has-text('Closed')) a")
    context.clear_cookies()
    sign_in(page, live.url, "reporter2")
    page.goto(f"{live.url}/tickets/")
    shared = first(page, "#shared .tickets a")
    context.close()
    return {"mine": mine, "closed": closed, "shared": shared}


def first(page: Page, selector: str) -> str:
    while not page.locator(selector).count():
        page.click("a:has-text('Older')")  # other tests report as the same people
    link = page.locator(selector).first.get_attribute("href") or ""
    return link.rstrip("/").rpartition("/")[2]


def faults(page: Page, address: str) -> list[str]:
    """What is wrong with one page, in any look."""
    found: set[str] = set()
    page.goto(address)
    page.evaluate(OPEN_ALL)
    for width, height, scheme, only in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found |= {f"{scheme} at {width}: {each}" for each in axe(page, only=only)}
        if width == 320:
            wide = page.evaluate(WIDTH)
            found |= {f"is {wide} wide"} if wide > width else set()
            found |= {f"too small: {each}" for each in page.evaluate(TOO_SMALL, TARGETS)}
    return sorted(found)


@pytest.mark.browser
@pytest.mark.product
@pytest.mark.parametrize(
    ("user", "table"),
    [("", every_page.OPEN), ("reporter", every_page.OWN), ("reporter2", every_page.SHARED)],
    ids=["a stranger", "a reporter", "an Accountable"],
)
def test_every_page_is_free_of_barriers(live, browser_page, names, user, table):
    page = browser_page()
    if user:
        sign_in(page, live.url, user)
    found = {}

    for path in table.values():
        for question in sequence.BY_NAME if "{question}" in path else [""]:
            address = path.format(question=question, **names)
            found[address] = faults(page, live.url + address)

    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.browser
@pytest.mark.product
def test_what_went_wrong_is_free_of_barriers_too(live, browser_page, names):
    page = browser_page()
    found = {"/nothing-here/": faults(page, f"{live.url}/nothing-here/")}
    sign_in(page, live.url, "reporter")

    for path in ("/report/", f"/tickets/{names['mine']}/", f"/tickets/{names['closed']}/reopen/"):
        page.goto(live.url + path)
        page.click("main form:has(textarea) button.primary")
        assert page.locator(".error-summary").count() == 1, path
        found[path] = axe(page)

    assert {path: each for path, each in found.items() if each} == {}
