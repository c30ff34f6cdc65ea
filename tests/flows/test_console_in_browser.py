"""The console in a real browser: every page of `make screenshots`, and an incident to its end."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, sign_in
from tests.flows.callers import Caller
from tests.live import Product
from tests.screenshots import SHOTS

pytestmark = [pytest.mark.browser, pytest.mark.product]

PAGES = [shot for shot in SHOTS if shot.name.startswith("console-")]
RESOLUTION = "The archive was locked and the key handed to the janitor."


def incident_of(live: Product, subject: str) -> int:
    """A fresh incident that no rule knows: only the general playbook is attached."""
    caller = Caller(live, "reporter")
    report = caller.report(subject, "The door of the archive stood open.", personal_data="no")
    return int(report["reference"].removeprefix("INC-"))


@pytest.mark.parametrize("user", sorted({shot.user for shot in PAGES}))
def test_every_page_keeps_the_rules_of_access_and_policy_in_both_lights_and_on_a_phone(
    user, live, browser_page
):
    key = incident_of(live, "An open archive")
    page = browser_page(width=1440, reduced_motion="reduce")  # a colour that fades is half a colour
    sign_in(page, live.url, user)

    found = {}
    for shot in (shot for shot in PAGES if shot.user == user):
        page.goto(live.url + shot.path.format(incident=key, ticket=""))
        if shot.before:
            shot.before(page)
        arrive(page)
        found[shot.name] = flaws(page)

    assert {name: broken for name, broken in found.items() if broken} == {}


def show_all(page: Page, width: int) -> None:
    """Make the window as high as what it shows."""
    high = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(900, min(high, 8000))})


def arrive(page: Page) -> None:
    """Wait for the page that the last step of a Shot may have left for."""
    page.wait_for_timeout(150)
    page.wait_for_function("document.readyState === 'complete'")


def flaws(page: Page) -> list[str]:
    """What is wrong with an open page: in light, in dark, and where a phone has to scroll it."""
    show_all(page, 1440)  # what lies half under a sticky part would count as too small to press
    found = axe(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in axe(page, only="color-contrast")]
    page.emulate_media(color_scheme="light")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        root = "document.documentElement"
        if page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"):
            found.append(f"wider than {width} pixels")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def test_an_incident_goes_from_the_queue_to_closed_without_a_script(live, browser_page):
    """With scripts the forms open on the incident's page: test_incident_in_browser.py."""
    key = incident_of(live, "An open archive, without script")
    page = browser_page(javascript=False, width=1440)
    sign_in(page, live.url, "manager")
    address = f"{live.url}/admin/incidents/incident/{key}/change/"

    page.goto(f"{live.url}/admin/incidents/incident/?owner=none&q=INC-{key:06d}")
    page.click(f"button:has-text('Acknowledge'):has-text('INC-{key:06d}')")
    page.goto(address)
    assess(page)
    declare(page)
    close_too_early(page)
    settle_all(page, address)
    resolve(page)
    page.click("text=Close…")
    page.click("#content-main input[value=Close]")

    expect(page.locator(".path [aria-current]")).to_contain_text("Closed")


def assess(page: Page) -> None:
    page.click("#assessments >> text=assess")
    for name in ("threat", "affected_assets", "mitigations"):
        page.fill(f"[name={name}]", "The door of the archive")
    for name in ("confidentiality", "integrity", "availability"):
        page.select_option(f"[name=impact_{name}]", "1")
    page.select_option("[name=likelihood]", "3")
    page.select_option("[name=personal_data]", "no")
    page.select_option("[name=cause]", "human_error")
    page.select_option("[name=confidence]", "high")
    page.click("#content-main .submit-row .default")


def declare(page: Page) -> None:
    page.click(".go >> text=Declare…")
    page.select_option("[name=category]", "other/other")
    page.select_option("[name=severity]", "3")
    page.click("#content-main .submit-row .default")
    expect(page.locator(".path [aria-current]")).to_contain_text("Responding")


def close_too_early(page: Page) -> None:
    """Every reason at once, and what was typed is still there."""
    page.click(".go >> text=Resolve…")
    page.fill("[name=resolution]", "Locked")
    page.click("#content-main .submit-row .default")
    expect(page.locator(".error-summary h2")).to_contain_text("things are lacking")
    expect(page.locator("[name=resolution]")).to_have_value("Locked")
    page.click("#content-main .submit-row >> text=Back")


def settle_all(page: Page, address: str) -> None:
    """Finish what is open, one task after the other, from the incident's page."""
    for _each in range(40):
        page.goto(address)
        page.eval_on_selector_all(".phase-of", "all => all.forEach(each => each.open = true)")
        ready = page.locator("#tasks li:not(.done)", has_not_text=re.compile(r"after [A-Z]+\d"))
        if not ready.count():
            return
        ready.first.locator("a").click()
        page.fill("[name=result]", "Done, see the notes.")
        page.click("#content-main .submit-row .default")


def resolve(page: Page) -> None:
    page.click(".go >> text=Resolve…")
    page.select_option("[name=outcome]", "confirmed")
    page.fill("[name=resolution]", RESOLUTION)
    page.fill("[name=root_cause]", "Nobody felt responsible for the key.")
    page.fill("[name=contained_not_applicable]", "Nothing had to be contained.")
    page.fill("[name=recovered_not_applicable]", "Nothing was interrupted.")
    page.click("#content-main .submit-row .default")
    expect(page.locator(".path [aria-current]")).to_contain_text("Resolved")
