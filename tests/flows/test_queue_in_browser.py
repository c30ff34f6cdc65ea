"""The queue in a real browser: triage by keys, saved views, refusals row by row, files."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, sign_in
from tests.flows.callers import Caller
from tests.live import Product

pytestmark = [pytest.mark.browser, pytest.mark.product]

QUEUE = "/admin/incidents/incident/"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def report(live: Product, subject: str) -> str:
    """A fresh report by somebody; its reference."""
    words = "The door of the archive stood open."
    return str(Caller(live, "reporter").report(subject, words)["reference"])


def queue(browser_page, live: Product, user: str, query: str, **looks) -> Page:
    page = browser_page(**({"width": 1440} | looks))
    sign_in(page, live.url, user)
    page.goto(f"{live.url}{QUEUE}?{query}")
    return page


def row(page: Page, reference: str):
    return page.locator("#result_list tbody tr", has_text=reference)


def test_two_reports_are_acknowledged_without_the_mouse(live, browser_page):
    first, second = report(live, "Zephyr keys one"), report(live, "Zephyr keys two")
    page = queue(browser_page, live, "handler", "q=zephyr+keys")

    page.keyboard.press("j")
    expect(page.locator("tr.cursor")).to_contain_text(second)
    page.keyboard.press("j")
    expect(page.locator("tr.cursor")).to_contain_text(first)
    page.keyboard.press("a")
    expect(page.locator(".messagelist")).to_contain_text(f"{first} is in Triage now.")
    expect(page).to_have_url(re.compile("q=zephyr"))
    expect(page.locator("tr.cursor")).to_contain_text(first)
    page.keyboard.press("k")
    page.keyboard.press("a")

    expect(page.locator(".messagelist")).to_contain_text(f"{second} is in Triage now.")
    expect(page.locator(".state-triage")).to_have_count(2)


def test_a_row_is_opened_written_on_and_left_by_keys_and_typing_is_typing(live, browser_page):
    reference = report(live, "Zephyr opened")
    page = queue(browser_page, live, "handler", "q=zephyr+opened")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    page.keyboard.press("c")
    page.keyboard.type("jack/xa?")
    expect(page.locator(".composer textarea")).to_have_value("jack/xa?")
    expect(page.locator(".state-new")).to_have_count(1)
    page.click(".breadcrumbs >> text=Incidents")

    expect(page).to_have_url(re.compile("q=zephyr"))
    expect(page.locator("tr.cursor")).to_contain_text(reference)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


def test_the_sheet_of_keys_opens_and_switches_them_off_for_good(live, browser_page):
    report(live, "Zephyr quiet")
    page = queue(browser_page, live, "handler", "q=zephyr+quiet")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    broken = axe(page)
    page.click("#keys >> text=Single keys act")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")

    assert broken == []
    expect(page.locator("tr.cursor")).to_have_count(0)
    expect(page.locator("#keys")).to_be_hidden()
    page.click("#user-tools [data-keys]")
    page.click("#keys >> text=Single keys act")
    page.click("#keys >> text=Close")
    page.keyboard.press("j")
    expect(page.locator("tr.cursor")).to_have_count(1)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_view_is_saved_found_in_the_rail_and_removed(live, browser_page, javascript):
    report(live, "Zephyr view")
    name = f"Zephyrs {javascript}"
    page = queue(browser_page, live, "handler", "q=zephyr+view", javascript=javascript)

    page.click("summary:has-text('Save this view')")
    page.fill("#view-name-new", name)
    page.select_option("#view-for-new", "everyone")
    page.click(".saver button")
    expect(page.locator(f".tabs a:has-text('{name}')")).to_have_attribute("aria-current", "page")
    colleague = queue(browser_page, live, "agent", "", javascript=javascript)
    colleague.click(f".tabs a:has-text('{name}')")
    expect(colleague.locator("#result_list")).to_contain_text("Zephyr view")
    page.goto(f"{live.url}/admin/views/")
    page.click(f"button:has-text('Remove {name}')")

    expect(page.locator(".messagelist")).to_contain_text("is removed")
    expect(page.locator(f"#nav-sidebar a:has-text('{name}')")).to_have_count(0)


def test_a_refused_row_is_told_and_the_others_are_done(live, browser_page):
    done, refused = report(live, "Zephyr bulk one"), report(live, "Zephyr bulk two")
    page = queue(browser_page, live, "handler", "q=zephyr+bulk")
    row(page, refused).locator("text=Acknowledge").click()
    expect(page.locator(".bulk")).to_be_hidden()

    for reference in (done, refused):
        row(page, reference).locator("[type=checkbox]").check()
    page.click(".bulk button:has-text('Acknowledge')")

    told = page.locator(".messagelist")
    expect(told).to_contain_text("Done for 1 incident.")
    expect(told).to_contain_text(f"{refused}: Acknowledge starts from New")
    assert axe(page) == []


def test_many_get_a_severity_with_one_reason(live, browser_page):
    references = [report(live, "Zephyr grade one"), report(live, "Zephyr grade two")]
    page = queue(browser_page, live, "manager", "q=zephyr+grade")

    for reference in references:
        row(page, reference).locator("[type=checkbox]").check()
    page.click(".bulk button:has-text('Severity')")
    assert axe(page) == []
    page.select_option("[name=severity]", "2")
    page.fill("[name=why]", "Two doors of one archive.")
    page.click("#content-main .submit-row .default")

    expect(page.locator(".messagelist")).to_contain_text("Done for 2 incidents.")
    expect(page.locator("#result_list .sev-2")).to_have_count(2)


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
def test_what_is_shown_comes_as_a_file(live, browser_page, kind):
    reference = report(live, f"Zephyr file {kind}")
    page = queue(browser_page, live, "manager", f"q=zephyr+file+{kind.lower()}")

    page.click("summary:has-text('Export what is shown')")
    with page.expect_download() as download:
        page.click(f".menu a:has-text('{kind}')")

    content = download.value.path().read_bytes()
    assert download.value.suggested_filename.endswith(f".{kind.lower()}")
    if kind == "CSV":
        assert reference in content.decode("utf-8-sig")
        assert len(content.decode().splitlines()) == 2
    else:
        assert content.startswith(b"PK")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_opened_breaks_no_rule_and_fits_a_small_phone(live, browser_page, dark):
    reference = report(live, "Zephyr looks")
    page = queue(browser_page, live, "manager", "q=zephyr+looks", dark=dark)

    row(page, reference).locator("[type=checkbox]").check()
    found = axe(page)
    for name in ("Add a filter", "Save this view", "Export what is shown"):
        page.click(f"summary:has-text('{name}')")
        found += axe(page)
        page.click(f"summary:has-text('{name}')")
    page.goto(f"{live.url}/admin/views/")
    found += axe(page)
    page.set_viewport_size({"width": 320, "height": 640})
    wide = [page.evaluate(WIDTH)]
    page.goto(f"{live.url}{QUEUE}?q=zephyr+looks")
    page.click("summary:has-text('Save this view')")
    wide.append(page.evaluate(WIDTH))

    assert found == []
    assert max(wide) <= 0
