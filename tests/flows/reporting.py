"""The report in a browser, found by structure and not by words: it is walked in four languages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser import sign_in
from tests.live import Product
from tests.portal.selfservice.typed import EVERYTHING, REFERENCE

GO_ON = "main form .acts .primary"
SKIP = "main form .acts [name=skip]"
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"What I saw, and when."}
UNFOLD = "main form details:not([open]) > summary"


@pytest.fixture(scope="module")
def session(live: Product, chromium: Browser) -> Callable[[str], Any]:
    """The cookies of a demo user, who signs in once for all tests of a file."""
    kept: dict[str, Any] = {}

    def of(username: str) -> Any:
        if username not in kept:
            context = chromium.new_context()
            sign_in(context.new_page(), live.url, username)
            kept[username] = context.storage_state()
            context.close()
        return kept[username]

    return of


def report(page: Page, url: str, description: str, subject: str = "") -> str:
    """Give the first answer; leaves `page` at the next question and gives the reference."""
    page.goto(f"{url}/report/")
    page.fill("[name=description]", description)
    page.fill("[name=subject]", subject)
    page.click(GO_ON)
    page.wait_for_url("**/noticed/")
    return reference_at(page)


def report_only(page: Page, url: str, description: str, subject: str = "") -> str:
    """The first answer and nothing more; leaves `page` at the receipt."""
    reference = report(page, url, description, subject)
    page.click(SKIP)
    page.wait_for_url("**/report/done/**")
    return reference


def reference_at(page: Page) -> str:
    found = REFERENCE.search(page.url)
    assert found, page.url
    return found[0]


def question_at(page: Page) -> str:
    """The name of the question in the address; "check" once all were asked."""
    found = re.search(r"/report/INC-\d+/([\w-]+)/", page.url)
    assert found, page.url
    return found[1]


def answer_everything(page: Page, look: Callable[[Page], object]) -> list[str]:
    """Every field of every question until the check, each page looked at; gives their names."""
    asked = []
    while (name := question_at(page)) != "check":
        asked.append(name)
        look(page)
        answer(page, name)
        page.click(GO_ON)
        page.wait_for_url(lambda now, name=name: f"/{name}/" not in now)
    look(page)
    return asked


def answer(page: Page, name: str) -> None:
    for fold in page.locator(UNFOLD).all():
        fold.click()
    for field, value in EVERYTHING[name].items():
        for each in value if isinstance(value, list) else [value]:
            give(page.locator(f"main form [name={field}]"), each)
    if name == "files":
        page.set_input_files("[name=files]", [NOTES])


def give(controls: Locator, value: str) -> None:
    """Tick what has this value, or the last when these are somebody else's names; else type it."""
    if controls.first.get_attribute("type") not in {"radio", "checkbox"}:
        controls.fill(value)
        return
    wanted = controls.and_(controls.page.locator(f'[value="{value}"]'))
    (wanted if wanted.count() else controls.last).check()
