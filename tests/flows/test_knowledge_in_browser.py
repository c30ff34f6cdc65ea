"""Help, announcements and one's own similar tickets, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, sign_in
from tests.flows.callers import Caller

pytestmark = [pytest.mark.browser, pytest.mark.product]

SUBJECT = "Umbrella with a zebrafish print forgotten in the canteen"
WORDS = "I forgot my umbrella with the zebrafish print"


@pytest.fixture(scope="module")
def ticket(live) -> str:
    """The reference of an open ticket of the reporter."""
    story = "It was a blue umbrella, and a badge was tied to it."
    return Caller(live, "reporter").report(SUBJECT, story)["reference"]


def test_while_i_describe_it_my_own_ticket_comes_up(live, browser_page, ticket):
    page = browser_page(width=320, height=640)
    sign_in(page, live.url, "reporter")
    page.goto(f"{live.url}/report/")
    box = page.locator("#similar")

    page.fill("#id_description", "Something else entirely")
    page.wait_for_timeout(1500)
    expect(box).to_be_empty()

    page.fill("#id_description", WORDS)
    expect(box.get_by_role("link", name=SUBJECT)).to_have_attribute("href", f"/tickets/{ticket}/")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

    page.fill("#id_description", "No, it is something else")
    expect(box).to_be_empty()
    expect(page.locator("#id_description")).to_have_value("No, it is something else")


def test_nobody_else_is_shown_my_ticket(live, browser_page, ticket):
    page = browser_page()
    sign_in(page, live.url, "reporter2")
    page.goto(f"{live.url}/report/")

    with page.expect_response("**/report/similar/") as answer:
        page.fill("#id_description", WORDS)

    assert answer.value.status == 200
    assert answer.value.text().strip() == ""
    expect(page.locator("#similar")).to_be_empty()


def test_when_it_fails_nothing_is_shown_and_typing_goes_on(live, browser_page, ticket):
    page = browser_page()
    sign_in(page, live.url, "reporter")
    page.goto(f"{live.url}/report/")
    page.context.clear_cookies(name="sessionid")

    with page.expect_response("**/report/similar/") as answer:
        page.fill("#id_description", WORDS)

    assert answer.value.status == 403
    page.wait_for_timeout(300)
    expect(page.locator("#similar")).to_be_empty()
    expect(page.locator("#id_description")).to_have_value(WORDS)


@pytest.mark.parametrize("dark", [False, True])
def test_the_announcement_and_every_shipped_article_obey_the_rules_of_accessibility(
    live, browser_page, dark
):
    page = browser_page(dark=dark)
    page.goto(live.url)
    expect(
        page.get_by_role("heading", name="Phishing mails about parcel deliveries")
    ).to_be_visible()
    names = page.locator("main .links a").evaluate_all("all => all.map(each => each.pathname)")

    found = {"/": axe(page)}
    for name in names:
        page.goto(live.url + name)
        found[name] = axe(page)

    assert len(names) == 6
    assert {path: broken for path, broken in found.items() if broken} == {}


def test_a_writer_tries_a_text_in_a_tab_of_its_own(live, browser_page):
    page = browser_page()
    sign_in(page, live.url, "ciso")
    page.goto(f"{live.url}/admin/portal/article/add/")
    page.fill("[name=title]", "I lost my badge")
    page.fill("[name=body]", "Call the desk **now**.")

    with page.context.expect_page() as opened:
        page.click("text=Preview in a new tab")

    expect(opened.value.locator("article strong")).to_have_text("now")
    expect(opened.value.locator("h1")).to_have_text("I lost my badge")
    expect(page.locator("[name=body]")).to_have_value("Call the desk **now**.")
    assert axe(opened.value) == []
