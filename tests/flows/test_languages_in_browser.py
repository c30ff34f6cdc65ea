"""The languages in a real browser: chosen without JavaScript, and fitting on a small phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, sign_in
from tests.catalogues import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.product]

PORTAL = ["/", "/report/", "/tickets/", "/tickets/INC-000018/", "/help/", "/accounts/sessions/"]
CONSOLE = ["/admin/", "/admin/incidents/incident/", "/admin/incidents/incident/18/change/"]


def too_wide(page: Page, url: str, paths: list[str]) -> list[str]:
    """The pages that can be pushed sideways."""
    found = []
    for path in paths:
        page.goto(f"{url}{path}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(path)
    return found


@pytest.mark.parametrize("javascript", [True, False])
def test_a_language_is_chosen_by_keyboard_before_signing_in(live, browser_page, javascript):
    page = browser_page(javascript=javascript, width=320, height=640)
    page.goto(f"{live.url}/accounts/login/?next=/tickets/")
    page.locator(".language summary").focus()
    page.keyboard.press("Enter")
    page.locator(".language button[lang=de]").focus()
    page.keyboard.press("Enter")

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".language summary")).to_contain_text("Deutsch")
    assert page.url.endswith("/accounts/login/?next=/tickets/")


def test_the_open_choice_has_no_barrier(live, browser_page):
    page = browser_page(width=320, height=640)
    page.goto(live.url)
    page.click(".language summary")

    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("username", "paths"), [("reporter", PORTAL), ("handler", CONSOLE)])
def test_the_words_of_every_language_fit_on_a_small_phone(
    live, browser_page, language, username, paths
):
    page = browser_page(width=320, height=640)
    sign_in(page, live.url, username)
    page.context.add_cookies(
        [{"name": "django_language", "value": language, "url": live.url}]
    )  # kept in this browser only: others go on as this person

    assert too_wide(page, live.url, paths) == []
    expect(page.locator("html")).to_have_attribute("lang", language)
