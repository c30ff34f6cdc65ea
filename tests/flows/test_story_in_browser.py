"""The whole story in a real browser: reported, rung, worked, refused, closed, told. With JavaScript
and without; a handful of tasks are clicked, the others are finished through the API.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sign_in
from tests.flows.callers import Caller, alert_mail, link_in, mails_about
from tests.live import Product
from tests.waiting import eventually

pytestmark = [pytest.mark.product, pytest.mark.browser]

TEAM = ("agent", "handler", "manager", "ciso", "dpo")
SUBJECT = "Data breach: a list of participants is open to everybody"
RESOLUTION = "The link was withdrawn, and every download was accounted for."
DONE = "Done; the notes are in the log of the team."
LEFT_OPEN = {"DB25", "DB26"}  # clicked at the end, once they have been a reason to refuse
SETTLED = {"done", "waived", "cancelled"}


class Story:
    """The people with their browsers, and the incident that all of it is about."""

    def __init__(self, live: Product, browser_page, *, javascript: bool):
        self.live = live
        self.open_browser = lambda: browser_page(javascript=javascript)
        self.pages: dict[str, Page] = {}
        self.reference = ""

    def at(self, person: str, path: str) -> Page:
        """A page in the browser of `person`, who signs in on the first one."""
        if person not in self.pages:
            self.pages[person] = self.open_browser()
            sign_in(self.pages[person], self.live.url, person)
        self.pages[person].goto(f"{self.live.url}{path}")
        return self.pages[person]

    def incident_path(self, more: str = "change/") -> str:
        return f"/admin/incidents/incident/{int(self.reference[4:])}/{more}"

    def incident(self, person: str) -> Page:
        return self.at(person, self.incident_path())

    def state(self) -> str:
        return Caller(self.live, "manager").get(f"/incidents/{self.reference}/")["state"]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_from_the_report_to_the_news_that_it_is_closed(live, browser_page, javascript):
    story = Story(live, browser_page, javascript=javascript)

    report_it(story)
    the_team_is_rung(story)
    it_is_taken_up(story)
    first_tasks_are_clicked(story)
    it_is_assessed_and_declared(story)
    the_other_tasks_are_done(story)
    resolving_with_nothing_is_refused(story)
    it_is_resolved(story)
    closing_with_open_tasks_is_refused(story)
    it_is_closed(story)
    the_reporter_is_told(story)


def report_it(story: Story) -> None:
    page = story.at("reporter", "/")
    page.get_by_role("link", name="Report a security incident").click()
    page.get_by_label("What happened?").fill(
        "The list of our study can be opened without signing in. I saw it this morning."
    )
    page.get_by_label("In one line, for the list").fill(SUBJECT)
    page.get_by_role("button", name="Report it").click()
    page.get_by_label("Earlier today").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Skip the rest and send").click()
    page.wait_for_url("**/report/done/**")
    story.reference = re.search(r"INC-\d{6,}", page.url)[0]
    expect(page.locator("main")).to_contain_text(story.reference)
    expect(page.locator("main")).to_contain_text("Received")
    page.get_by_role("link", name="Open my ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    expect(page.locator("main")).to_contain_text("Received")


def the_team_is_rung(story: Story) -> None:
    for person in ("handler", "manager", "ciso", "dpo"):
        alert_mail(story.live, story.reference, person)
    page = story.at("ciso", link_in(alert_mail(story.live, story.reference, "ciso")))
    page.get_by_role("button", name="Acknowledge: I have it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have acknowledged this alert")


def it_is_taken_up(story: Story) -> None:
    page = story.at("handler", "/admin/incidents/incident/")
    page.get_by_role("link", name=story.reference).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    page.locator(".path").get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#content")).to_contain_text("Triage")
    assert story.state() == "triage"


def first_tasks_are_clicked(story: Story) -> None:
    for code in ("DB01", "DB02"):
        click_task(story, "handler", code)
    page = story.incident("handler")
    expect(page.locator("#tasks")).to_contain_text("2 of 26 settled")


def click_task(story: Story, person: str, code: str) -> None:
    """Open the task from the incident's page, try without a result, then finish it with one."""
    page = story.incident(person)
    row = page.locator("#tasks li", has=page.get_by_text(code, exact=True))
    row.get_by_role("link").click()
    page.get_by_role("button", name="Finish task").click()
    expect(page.get_by_role("alert")).to_contain_text("Write the result")
    page.get_by_role("textbox", name="Result").fill(DONE)
    page.get_by_role("button", name="Finish task").click()
    page.wait_for_url(f"**{story.incident_path()}**")
    row = page.locator("#tasks li.done", has=page.get_by_text(code, exact=True))
    expect(row).to_have_count(1)


def it_is_assessed_and_declared(story: Story) -> None:
    page = story.incident("handler")
    page.get_by_role("link", name="Declare").first.click()
    expect(page.locator("#content")).to_contain_text("Save a risk assessment.")
    page = story.at("handler", story.incident_path("assess/"))
    page.locator("[name=threat]").fill("Strangers may read the list of participants.")
    page.locator("[name=affected_assets]").fill("Workspace 114")
    page.locator("[name=mitigations]").fill("The link was withdrawn.")
    choices = {
        "likelihood": "3",
        "impact_confidentiality": "2",
        "impact_integrity": "0",
        "impact_availability": "0",
        "cause": "human_error",
        "confidence": "medium",
        "personal_data": "no",
    }
    for name, value in choices.items():
        page.locator(f"select[name={name}]").select_option(value)
    page.get_by_role("button", name="Save this version").click()
    page.wait_for_url(f"**{story.incident_path()}**")
    page.goto(f"{story.live.url}{story.incident_path('transition/declare/')}")
    page.locator("select[name=category]").select_option("information-content-security/data-leak")
    page.locator("select[name=severity]").select_option("2")
    page.get_by_role("button", name="Declare").click()
    page.wait_for_url(f"**{story.incident_path()}**")
    assert story.state() == "responding"


def the_other_tasks_are_done(story: Story) -> None:
    """Each by whom it is assigned to, in the order in which they wait for each other."""
    callers = {name: Caller(story.live, name) for name in TEAM}
    path = f"/incidents/{story.reference}/tasks/"

    def left() -> list[dict]:
        rows = callers["manager"].all(path)
        return [row for row in rows if row["state"] not in SETTLED and row["code"] not in LEFT_OPEN]

    for _round in range(30):
        if not (rows := left()):
            return
        for row in rows:
            answer = callers[row["assignee"]].call(
                "POST", f"/tasks/{row['id']}/finish/", {"result": DONE}
            )
            assert answer.status in {200, 409}, answer.text  # 409: it waits for another one
    raise AssertionError(f"These tasks wait for ever: {[row['code'] for row in left()]}")


def resolving_with_nothing_is_refused(story: Story) -> None:
    """Every reason is shown, the resolution first of all, and nothing has changed."""
    page = story.incident("manager")
    page.get_by_role("link", name=re.compile("^Resolve")).first.click()
    page.get_by_role("button", name="Resolve").click()
    trouble = page.get_by_role("alert")
    for words in (
        "Write a resolution of at least 20 visible characters.",
        "Choose the outcome.",
        "Say when it was contained",
        "Say when service was recovered",
        "Write the root cause",
    ):
        expect(trouble).to_contain_text(words)
    assert story.state() == "responding"


def it_is_resolved(story: Story) -> None:
    page = story.pages["manager"]
    page.locator("select[name=outcome]").select_option("confirmed")
    page.locator("[name=resolution]").fill("Too short.")
    page.locator("[name=root_cause]").fill("A default that shared too much.")
    for name, minutes in (("contained_at", 2), ("recovered_at", 1)):
        page.locator(f"[name={name}]").fill(local_time(minutes_ago=minutes))
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("alert")).to_contain_text("Resolve is refused: one thing is lacking")
    expect(page.get_by_role("alert")).to_contain_text("at least 20 visible characters")
    page.locator("[name=resolution]").fill(RESOLUTION)
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".path [aria-current]")).to_contain_text("Resolved")
    assert story.state() == "resolved"


def local_time(*, minutes_ago: int) -> str:
    moment = datetime.now(ZoneInfo("Europe/Amsterdam")) - timedelta(minutes=minutes_ago)
    return moment.strftime("%Y-%m-%dT%H:%M")


def ask_to_close(story: Story) -> Page:
    """A breach takes two people: the manager asks."""
    page = story.at("manager", story.incident_path("transition/close/"))
    page.locator("[name=ask_reason]").fill("All is settled.")
    page.get_by_role("button", name="Ask for the second signature").click()
    return page


def closing_with_open_tasks_is_refused(story: Story) -> None:
    page = ask_to_close(story)
    expect(page.get_by_role("alert")).to_contain_text("Finish or waive the mandatory tasks: DB25")
    assert story.state() == "resolved"


def it_is_closed(story: Story) -> None:
    click_task(story, "manager", "DB25")
    click_task(story, "agent", "DB26")
    ask_to_close(story).wait_for_url(f"**{story.incident_path()}**")
    assert story.state() == "resolved"
    page = story.at("dpo", "/admin/")
    waiting = page.locator(".first tr")
    waiting.filter(has_text=story.reference).get_by_role("link", name="Decide").click()
    page.get_by_role("link", name="Agree").click()
    page.get_by_role("button", name="Agree").click()
    expect(page.locator(".path [aria-current]")).to_contain_text("Closed")
    expect(page.locator("#content")).to_contain_text(RESOLUTION)
    assert story.state() == "closed"


def the_reporter_is_told(story: Story) -> None:
    page = story.at("reporter", f"/tickets/{story.reference}/")
    expect(page.get_by_role("heading", name="This ticket is closed")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(RESOLUTION)
    expect(page.locator("main")).not_to_contain_text(DONE)

    def told() -> set[str]:
        mails = mails_about(story.live, story.reference, "reporter")
        subjects = {mail["Subject"].partition(f"{story.reference}: ")[2] for mail in mails}
        return {"what you reported is solved", "your ticket is closed"} <= subjects

    eventually(told, "the reporter is told by mail that it is solved and closed")
