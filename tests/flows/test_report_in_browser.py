"""The report in a real browser: small, without JavaScript, in four languages, without a mouse."""

import re

import pytest
from django.utils import translation
from playwright.sync_api import Page, Route, expect

from portal.selfservice import sequence
from tests.flows.callers import Caller
from tests.flows.reporting import (
    GO_ON,
    SKIP,
    answer_everything,
    question_at,
    reference_at,
    report,
    report_only,
)
from tests.flows.reporting import session as session
from tests.portal.selfservice.typed import EVERYTHING, PNG, question

pytestmark = [pytest.mark.browser, pytest.mark.product]

PHONE = {"width": 320, "height": 640}
# In every language; each of them is a data breach by its words alone.
BREACH = {
    "en": "It is a data breach: the list of participants lay open to everybody.",
    "nl": "Er is een datalek: de deelnemerslijst stond voor iedereen open.",
    "de": "Es gibt eine Datenpanne: die Teilnehmerliste war für alle offen.",
    "fr": "C’est une fuite de données : la liste était ouverte à tous.",
}
QUIET = "The door of the server room stood open this morning."
PUT_IN = """
([kind, name, bytes]) => {
  const bag = new DataTransfer();
  bag.items.add(new File([new Uint8Array(bytes)], name));
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") {
    document.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: bag }));
  } else {
    const drop = new DragEvent("drop", { ...options, dataTransfer: bag });
    document.querySelector(".drop").dispatchEvent(drop);
  }
}
"""
WAITING = "document.querySelector('[name=files]').files.length"
TABS = 60


def looked_at(language: str):
    """Checks that a page fits on a small phone and speaks the reader's language."""

    with translation.override(language):
        headings = {str(each.heading) for each in sequence.QUESTIONS}
        headings.add(translation.gettext("Check your answers"))

    def look(page: Page) -> None:
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
        assert page.locator("h1").inner_text() in headings

    return look


def incident(live, reference: str) -> dict:
    return Caller(live, "manager").get(f"/incidents/{reference}/")


def files_of(live, reference: str) -> list[str]:
    return [row["name"] for row in Caller(live, "manager").all(f"/incidents/{reference}/evidence/")]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
@pytest.mark.parametrize("language", BREACH)
def test_a_data_breach_is_reported_with_the_first_answer_alone(
    live, browser_page, session, language, javascript
):
    page = browser_page(
        javascript=javascript, locale=language, storage_state=session("reporter"), **PHONE
    )

    reference = report(page, live.url, BREACH[language])
    looked_at(language)(page)
    page.click(SKIP)

    expect(page.locator(".big-ref")).to_have_text(reference)
    expect(page.locator("html")).to_have_attribute("lang", language)
    found = incident(live, reference)
    assert (found["priority"], found["breach_status"]) == (1, "suspected")
    assert found["reported_via"] == "portal"


@pytest.mark.parametrize(
    ("language", "javascript"), [("en", True), ("nl", False), ("de", True), ("fr", False)]
)
def test_a_data_breach_is_reported_with_every_answer(
    live, browser_page, session, language, javascript
):
    page = browser_page(
        javascript=javascript, locale=language, storage_state=session("reporter"), **PHONE
    )
    reference = report(page, live.url, BREACH[language])

    asked = answer_everything(page, looked_at(language))
    page.click(GO_ON)

    assert asked == list(EVERYTHING)
    expect(page.locator(".big-ref")).to_have_text(reference)
    found = incident(live, reference)
    assert found["noticed_at_precision"] == "about"
    assert (found["about"], found["ongoing"], found["personal_data"]) == (
        "data_breach",
        "no",
        "yes",
    )
    assert len(found["data_kinds"].splitlines()) == 3
    assert found["workspaces_text"].splitlines()[-2:] == ["the old one", "ws-of-others"]
    assert found["already_done"] == "Changed a password\nlocked the door"
    assert (found["users_affected"], found["people_affected"]) == ("2-10", "about 340")
    assert found["is_name_confidential"]
    assert files_of(live, reference) == ["notes.txt"]


@pytest.mark.parametrize("javascript", [True, False])
def test_going_back_and_changing_an_answer_from_the_check(live, browser_page, session, javascript):
    page = browser_page(javascript=javascript, storage_state=session("reporter"), **PHONE)
    report(page, live.url, QUIET)
    page.check("[name=noticed][value=yesterday]")
    page.click(GO_ON)
    page.check("[name=ongoing][value=yes]")
    page.click(GO_ON)
    page.click("button.back")

    expect(page.locator("[name=ongoing][value=yes]")).to_be_checked()
    page.click("button.back")
    expect(page.locator("[name=noticed][value=yesterday]")).to_be_checked()
    while question_at(page) != "check":
        page.click(GO_ON)
    page.click('dl a[href$="/ongoing/?then=check"]')
    page.check("[name=ongoing][value=no]")
    page.click(GO_ON)
    expect(page).to_have_url(re.compile("/check/$"))
    page.click(GO_ON)
    expect(page.locator(".big-ref")).to_be_visible()
    page.go_back()
    page.goto(page.url.replace("/check/", "/ongoing/"))
    expect(page).to_have_url(re.compile("/tickets/INC-"))


@pytest.mark.parametrize("javascript", [True, False])
def test_errors_stand_on_top_take_the_focus_and_lead_to_the_field(
    live, browser_page, session, javascript
):
    page = browser_page(javascript=javascript, storage_state=session("reporter"))
    page.goto(f"{live.url}/report/")
    page.fill("[name=subject]", "Something")
    page.click(GO_ON)

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=subject]")).to_have_value("Something")
    page.click(".error-summary a >> nth=0")
    expect(page.locator("[name=description]")).to_be_focused()

    report(page, live.url, QUIET)
    page.check("[name=noticed][value=date]")
    page.click(GO_ON)
    expect(page.locator(".error-summary")).to_be_focused()
    page.click(".error-summary a >> nth=0")
    expect(page.locator("[name=noticed_day]")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_day_is_asked_for_only_when_it_was_another(live, browser_page, session, javascript):
    page = browser_page(javascript=javascript, storage_state=session("reporter"))
    report(page, live.url, QUIET)

    day, clock = page.locator("[name=noticed_day]"), page.locator("[name=noticed_time]")
    expect(day).to_be_hidden()
    expect(clock).to_be_hidden()
    page.check("[name=noticed][value=yesterday]")
    expect(day).to_be_hidden()
    expect(clock).to_be_visible()
    page.check("[name=noticed][value=date]")
    expect(day).to_be_visible()


def tab_to(page: Page, selector: str) -> None:
    for _press in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"No key leads to {selector}")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_report_needs_no_mouse(live, browser_page, session, javascript):
    page = browser_page(javascript=javascript, storage_state=session("reporter"))
    page.goto(f"{live.url}/report/")

    tab_to(page, "[name=description]")
    page.keyboard.type(QUIET)
    tab_to(page, GO_ON)
    page.keyboard.press("Enter")
    page.wait_for_url("**/noticed/")
    tab_to(page, "[name=noticed]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=noticed][value=today]")).to_be_checked()
    tab_to(page, GO_ON)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ongoing/")
    tab_to(page, "[name=ongoing]")
    page.keyboard.press("Space")
    tab_to(page, SKIP)
    page.keyboard.press("Enter")

    expect(page.locator(".big-ref")).to_be_visible()


def at_the_files(page: Page, url: str) -> str:
    reference = report(page, url, QUIET)
    page.goto(url + question(reference, "files"))
    return reference


def test_files_are_pasted_dropped_and_chosen_and_sent_ahead(live, browser_page, session):
    page = browser_page(storage_state=session("reporter"), **PHONE)
    reference = at_the_files(page, live.url)
    rows = page.locator("main form .files li")

    page.evaluate(PUT_IN, ["paste", "image.png", list(PNG)])
    expect(rows).to_have_count(1)
    page.evaluate(PUT_IN, ["drop", "dropped.txt", list(b"dropped")])
    expect(rows).to_have_count(2)
    page.set_input_files(
        "[name=files]", {"name": "tool.exe", "mimeType": "text/plain", "buffer": b"MZ"}
    )
    expect(rows).to_have_count(3)

    expect(rows.nth(0).locator("[data-words]")).to_have_text("Sent")
    expect(rows.nth(1).locator("[data-words]")).to_have_text("Sent")
    expect(rows.nth(2)).to_have_class(re.compile("field-error"))
    expect(rows.nth(2)).to_contain_text("must be one of")
    assert page.evaluate(WAITING) == 0
    page.click(GO_ON)
    page.wait_for_url("**/reach/")
    names = files_of(live, reference)
    assert re.fullmatch(r"screenshot-\d{6}\.png", names[0])
    assert names[1:] == ["dropped.txt"]


def test_going_on_while_a_file_is_under_way_loses_it_not(live, browser_page, session):
    page = browser_page(storage_state=session("reporter"))
    reference = at_the_files(page, live.url)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.headers.get("accept") == "application/json":
            held.append(route)
        else:
            route.continue_()

    page.route("**/files/", hold)
    page.evaluate(PUT_IN, ["drop", "large.txt", list(b"a large one")])
    expect(page.locator("main form .files li progress")).to_be_visible()
    page.click(GO_ON)
    page.wait_for_url("**/reach/")

    assert len(held) == 1
    assert files_of(live, reference) == ["large.txt"]


def test_a_file_that_the_lost_session_stopped_is_sent_with_the_page(live, browser_page, session):
    page = browser_page(storage_state=session("reporter"))
    reference = at_the_files(page, live.url)
    cookies = page.context.cookies()

    page.context.clear_cookies(name="sessionid")
    page.evaluate(PUT_IN, ["drop", "notes.txt", list(b"notes")])
    expect(page.locator("main form .files li [data-words]")).to_contain_text("when you continue")
    assert page.evaluate(WAITING) == 1
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    page.click(GO_ON)
    page.wait_for_url("**/reach/")

    assert files_of(live, reference) == ["notes.txt"]


def named(name: str) -> dict:
    return {"name": name, "mimeType": "text/plain", "buffer": name.encode()}


def test_choosing_again_adds_to_what_was_chosen_before(live, browser_page, session):
    page = browser_page(storage_state=session("reporter"), **PHONE)
    reference = at_the_files(page, live.url)
    page.goto(f"{live.url}/tickets/{reference}/")
    rows = page.locator("main form .files li")

    for names in (["one.txt"], ["two.txt", "three.txt"]):
        page.set_input_files("[name=files]", [named(name) for name in names])
    expect(rows).to_have_count(3)
    rows.nth(1).get_by_role("button", name="Remove two.txt").click()
    expect(page.locator("[name=files]")).to_be_focused()
    page.click(GO_ON)

    expect(page.locator("main")).to_contain_text("three.txt")
    assert files_of(live, reference) == ["one.txt", "three.txt"]


def test_choosing_again_while_files_are_under_way_loses_none(live, browser_page, session):
    page = browser_page(storage_state=session("reporter"))
    reference = at_the_files(page, live.url)
    rows = page.locator("main form .files li")

    def fail(route: Route) -> None:
        is_ahead = route.request.headers.get("accept") == "application/json"
        route.abort() if is_ahead else route.continue_()

    page.route("**/files/", fail)
    for name in ("one.txt", "two.txt"):
        page.set_input_files("[name=files]", named(name))
    expect(rows.locator("[data-words]")).to_contain_text(["when you continue"] * 2)
    assert page.evaluate(WAITING) == 2
    page.click(GO_ON)
    page.wait_for_url("**/reach/")

    assert files_of(live, reference) == ["one.txt", "two.txt"]


PASTE_TEXT = """
kinds => {
  const bag = new DataTransfer();
  bag.items.add(new File(["x"], "image.png", { type: "image/png" }));
  for (const kind of kinds) bag.setData(kind, "The words that were copied");
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: bag }));
}
"""


def test_pasted_text_attaches_no_picture_of_itself(live, browser_page, session):
    page = browser_page(storage_state=session("reporter"))
    reference = at_the_files(page, live.url)
    page.goto(f"{live.url}/tickets/{reference}/")

    page.evaluate(PASTE_TEXT, ["text/plain", "text/html"])
    assert page.evaluate(WAITING) == 0
    page.evaluate(PASTE_TEXT, ["text/html"])  # a picture that was copied in a browser
    page.evaluate(PASTE_TEXT, ["text/plain"])  # a file that was copied in a folder
    assert page.evaluate(WAITING) == 2


MAKE_WORKSPACES = """
from django.contrib.auth import get_user_model
from incidents.models import Tenant, Workspace
tenant = Tenant.objects.create(name="University of Long Lists")
for number in range(12):
    made = Workspace.objects.create(name=f"ws-long-{number:02d}", tenant=tenant)
    made.members.add(get_user_model().objects.get(username="handler"))
"""


def test_a_long_list_of_workspaces_is_narrowed_by_typing(live, browser_page, session):
    live.manage("shell", "-c", MAKE_WORKSPACES)
    page = browser_page(storage_state=session("handler"))
    plain = browser_page(javascript=False, storage_state=session("handler"))
    reference = report(page, live.url, QUIET)
    page.goto(live.url + question(reference, "where"))
    shown = page.locator(".names >> nth=0").locator(".pick label:visible")
    finder = page.locator("#find_workspaces")
    everything = shown.count()

    page.check('[name=workspaces][value="ws-long-03"]')
    finder.fill("LONG-1")
    # The two that fit, the one that is ticked, and the two answers that are no names.
    expect(shown).to_have_count(5)
    expect(page.locator(".names [role=status] >> nth=0")).to_have_text("Names that fit: 2")
    expect(page.locator("[name=workspaces][value=unknown]")).to_be_visible()
    finder.fill("nowhere")
    expect(page.locator(".names [role=status] >> nth=0")).to_contain_text("No name fits.")
    finder.press("Enter")
    assert question_at(page) == "where"
    finder.fill("")
    expect(shown).to_have_count(everything)

    plain.goto(page.url)
    expect(plain.locator("#find_workspaces")).to_be_hidden()
    assert plain.locator(".names >> nth=0").locator(".pick label:visible").count() == everything


@pytest.mark.parametrize("javascript", [True, False])
def test_a_stranger_writes_first_signs_in_and_sends_it(live, browser_page, javascript):
    page = browser_page(javascript=javascript, **PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{live.url}/report/")
    page.locator("[name=description]").press_sequentially(QUIET)
    page.wait_for_timeout(1_000 if javascript else 0)
    assert not any("/similar/" in url for url in asked)
    page.click(GO_ON)
    page.fill("[name=login]", "reporter")
    page.fill("[name=password]", "demo-reporter")
    page.click("main button.primary")
    expect(page.locator("[name=description]")).to_have_value(QUIET)
    page.click(GO_ON)
    page.wait_for_url("**/noticed/")

    assert incident(live, reference_at(page))["reported_via"] == "portal"


def test_words_typed_while_the_session_ended_are_there_after_the_sign_in(live, browser_page):
    page = browser_page(javascript=False)
    for_reporter = "[name=login]", "reporter2"
    page.goto(f"{live.url}/accounts/login/")
    page.fill(*for_reporter)
    page.fill("[name=password]", "demo-reporter2")
    page.click("main button.primary")
    report_only(page, live.url, QUIET)
    page.goto(f"{live.url}/report/")
    page.fill("[name=subject]", "Typed while the session ended")
    page.context.clear_cookies()
    page.click(GO_ON)
    page.fill(*for_reporter)
    page.fill("[name=password]", "demo-reporter2")
    page.click("main button.primary")

    expect(page.locator("[name=subject]")).to_have_value("Typed while the session ended")
    expect(page.locator(".notice[role=alert]")).to_be_visible()
