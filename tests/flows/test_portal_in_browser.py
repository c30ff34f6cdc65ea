"""The portal in a real browser: from a small phone to one's own ticket."""

import pytest
from playwright.sync_api import expect

from tests.flows.reporting import report_only

pytestmark = [pytest.mark.browser, pytest.mark.product]

STORY = "The list of participants lay open to everybody for two days."


@pytest.mark.parametrize("javascript", [True, False])
def test_a_report_from_a_small_phone_becomes_a_ticket(live, browser_page, javascript):
    page = browser_page(javascript=javascript, width=320, height=640)
    page.goto(f"{live.url}/accounts/login/?next=/report/")
    page.fill("[name=login]", "reporter")
    page.fill("[name=password]", "demo-reporter")
    page.click("main button.primary")

    reference = report_only(page, live.url, STORY, f"Suspected data breach {javascript}")
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
