"""A handler works a data breach from the queue to its end on one page, by mouse and by keys."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe, sign_in
from tests.flows.callers import Caller
from tests.live import Product

pytestmark = [pytest.mark.browser, pytest.mark.product]

RESOLUTION = "The list was taken off the share, and every download was accounted for."
TABS_MOST = 400
# The colleagues do their part: of the handler's own tasks two are left to finish, one to waive.
COLLEAGUES = """
from django.contrib.auth import get_user_model
from incidents import tasks
from incidents.models import Incident
from incidents.states import SETTLED_TASK_STATES
manager = get_user_model().objects.get(username="manager")
rows = list(Incident.objects.get(pk={pk}).tasks.exclude(state__in=SETTLED_TASK_STATES))
awaited = {{key for row in rows for key in row.after}}
free = [row for row in rows if row.role == "IH" and row.dedupe_key not in awaited]
spare = next(row for row in free if not row.is_no_waive)
kept = [row for row in free if row != spare][:2]
left = [row for row in rows if row not in [spare, *kept]]
for _round in range(len(left)):
    for row in left:
        row.refresh_from_db()
        if not row.is_settled and not tasks.waiting_for(row):
            tasks.finish(row, by=manager, result="Done, see the notes.")
print(spare.pk, *[row.pk for row in kept])
"""


@dataclass
class Hand:
    """Presses and fills as a person with a mouse does, or as one who has only the keyboard."""

    page: Page
    has_mouse: bool

    def press(self, target: Locator | str) -> None:
        found = self.page.locator(target).first if isinstance(target, str) else target
        if self.has_mouse:
            found.click()
        else:
            self.tab_to(found)
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def fill(self, name: str, words: str) -> None:
        field = self.page.locator(f":is(#in-place, #compose) [name={name}]")
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, name: str, value: str) -> None:
        field = self.page.locator(f"#in-place select[name={name}]")
        if self.has_mouse:
            field.select_option(value)
            return
        self.tab_to(field)
        self.page.keyboard.type(field.locator(f"option[value='{value}']").inner_text().strip())
        expect(field).to_have_value(value)

    def send(self, told: str = "") -> None:
        """Press what the form is for; the page says that it is done, and the form is gone."""
        self.press(self.page.locator("#in-place .submit-row .default"))
        expect(self.page.locator("#in-place")).to_be_hidden()
        expect(self.page.locator(".messagelist")).to_contain_text(told)

    def reach(self, target: Locator) -> None:
        if self.has_mouse:
            target.click()
        else:
            self.tab_to(target)

    def tab_to(self, target: Locator) -> None:
        """By the Tab key alone: what it never reaches, nobody without a mouse can use."""
        expect(target).to_be_visible()
        for _press in range(TABS_MOST):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The Tab key never reaches {target}")


def data_breach(live: Product, subject: str) -> int:
    caller = Caller(live, "reporter")
    report = caller.report(subject, "A list of names lay open.", about="data_breach")
    assert report["matches"] == {"DB": "full"}
    return int(report["reference"].removeprefix("INC-"))


@pytest.mark.parametrize("has_mouse", [True, False], ids=["mouse", "keyboard"])
def test_a_breach_goes_from_the_queue_to_closed_on_one_page(live, browser_page, has_mouse):
    key = data_breach(live, f"Data breach, by {'mouse' if has_mouse else 'keys'}")
    address = f"{live.url}/admin/incidents/incident/{key}/change/"
    handler, manager, dpo = (
        person(browser_page, live, name, has_mouse=has_mouse)
        for name in ("handler", "manager", "dpo")
    )

    handler.page.goto(f"{live.url}/admin/incidents/incident/")
    handler.press(f"button:has-text('Acknowledge'):has-text('INC-{key:06d}')")
    handler.press(f"#result_list a[href*='/{key}/change/']")
    seen = follow(handler.page)
    assess(handler)
    declare(handler)
    write(handler)
    colleagues = live.manage("shell", "--no-imports", "-c", COLLEAGUES.format(pk=key))
    spare, *kept = colleagues.split()[-3:]
    for task in kept:
        finish(handler, task)
    contain(handler)
    grade(handler)
    manager.page.goto(address)
    waive(manager, spare)
    dpo.page.goto(address)
    rule_out(dpo)
    resolve(handler)
    expect(handler.page.locator(".head")).to_contain_text("Closing this takes two people")
    ask_to_close(manager)
    agree_from_own_list(dpo, live, key)
    handler.page.reload()

    expect(handler.page.locator(".path [aria-current]")).to_contain_text("Closed")
    assert {each.partition("#")[0] for each in seen} == {address}


def person(browser_page, live: Product, username: str, *, has_mouse: bool) -> Hand:
    page = browser_page(width=1440)
    sign_in(page, live.url, username)
    return Hand(page, has_mouse)


def follow(page: Page) -> list[str]:
    """Every page that is opened from now on."""
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    return seen


def assess(hand: Hand) -> None:
    hand.press("#assessments >> text=assess")
    for name in ("threat", "affected_assets", "mitigations"):
        hand.fill(name, "The list on the share")
    for name in ("confidentiality", "integrity", "availability"):
        hand.choose(f"impact_{name}", "1")
    hand.choose("likelihood", "3")
    hand.choose("personal_data", "no")
    hand.choose("cause", "human_error")
    hand.choose("confidence", "high")
    hand.send()


def declare(hand: Hand) -> None:
    hand.press(".go >> text=Declare…")
    hand.choose("category", "other/other")
    hand.choose("severity", "2")
    hand.send("is in Responding now")


def write(hand: Hand) -> None:
    hand.fill("text", "The share is closed.")
    hand.press(".composer button:visible >> text=Add note")
    expect(hand.page.locator(".thread .internal").first).to_contain_text("The share is closed.")


def open_task(hand: Hand, task: str) -> None:
    """In its phase, which stands folded."""
    phase = hand.page.locator(".phase-of", has=hand.page.locator(f"a[href*='/task/{task}/']"))
    if phase.get_attribute("open") is None:
        hand.press(phase.locator("summary"))
    hand.press(phase.locator(f"a[href*='/task/{task}/']"))


def finish(hand: Hand, task: str) -> None:
    open_task(hand, task)
    hand.fill("result", "Looked at it, all is well.")
    hand.send("Task finished")


def waive(hand: Hand, task: str) -> None:
    """From the task on to the form that waives it, in the same place."""
    open_task(hand, task)
    hand.press("#in-place >> text=Waive…")
    hand.fill("reason", "Nothing here that it would apply to.")
    hand.send("Task waived")


def contain(hand: Hand) -> None:
    hand.press("#milestones summary")
    hand.press("#milestones >> text=set")
    hand.choose("milestone", "contained_at")
    hand.reach(hand.page.locator("#in-place [name=at]"))
    today = datetime.now(UTC)
    hand.page.locator("#in-place [name=at]").fill(f"{today:%Y-%m-%dT%H:%M}")
    hand.fill("reason", "The share was closed.")
    hand.send()


def grade(hand: Hand) -> None:
    hand.press("#grades summary")
    hand.press("#grades >> text=change")
    hand.choose("urgency", "1")
    hand.fill("why", "The list was fetched from a search engine.")
    hand.send()


def rule_out(hand: Hand) -> None:
    hand.press("#affected >> text=judge")
    hand.choose("breach_status", "ruled_out")
    hand.fill("breach_reason", "Nobody outside had opened it.")
    hand.send()


def resolve(hand: Hand) -> None:
    hand.press(".go >> text=Resolve…")
    hand.choose("outcome", "confirmed")
    hand.fill("resolution", RESOLUTION)
    hand.fill("root_cause", "Nobody felt responsible for the share.")
    hand.fill("recovered_not_applicable", "Nothing was interrupted.")
    hand.send("is in Resolved now")


def ask_to_close(hand: Hand) -> None:
    hand.page.reload()
    hand.press(".go >> text=Close…")
    hand.fill("ask_reason", "All is settled, the resolution says how.")
    hand.send("when the second person agrees")


def agree_from_own_list(hand: Hand, live: Product, key: int) -> None:
    hand.page.goto(f"{live.url}/admin/")
    hand.press(f"a[href*='/incident/{key}/change/']:has-text('Decide')")
    hand.press(".sign >> text=Agree…")
    hand.send("You agreed, and it is done.")
    expect(hand.page.locator(".path [aria-current]")).to_contain_text("Closed")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_the_page_of_a_breach_can_be_used_by_everybody(live, browser_page, width, dark):
    key = data_breach(live, f"A list lay open, {width} wide, {'dark' if dark else 'light'}")
    page = browser_page(width=width, dark=dark)
    sign_in(page, live.url, "handler")

    page.goto(f"{live.url}/admin/incidents/incident/{key}/change/")
    page.eval_on_selector_all("#content details", "all => all.forEach(each => each.open = true)")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_macro_and_a_name_are_put_into_the_composer(live, browser_page):
    key = data_breach(live, "A list lay open, with words at hand")
    page = browser_page(width=1440)
    sign_in(page, live.url, "handler")
    page.goto(f"{live.url}/admin/incidents/incident/{key}/change/")

    page.click(".composer summary:has-text('Macro')")
    page.click(".composer [name=pick]:has-text('Ask for more')")

    expect(page.locator("#c-text")).to_have_value(re.compile("To go on we need to know"))
    expect(page.locator("#c-public")).to_be_checked()
    expect(page.locator("#c-along")).to_contain_text("Waiting for: Reporter")
    page.check("#c-internal")
    page.fill("#c-text", "")
    page.locator("#c-text").press_sequentially("See @ing")
    page.click(".calls button:has-text('Ingrid')")
    expect(page.locator("#c-text")).to_have_value("See @dpo ")


def test_presence_is_told_while_the_page_stands_open(live, browser_page):
    key = data_breach(live, "A list lay open, seen by two")
    address = f"{live.url}/admin/incidents/incident/{key}/change/"
    first, second = browser_page(), browser_page()
    sign_in(first, live.url, "handler")
    sign_in(second, live.url, "agent")
    first.goto(address)

    second.goto(address)
    expect(second.locator("#presence")).to_contain_text("Ann Verbeek is looking too")
    with second.expect_response("**/presence/"):
        second.locator("#c-text").press_sequentially("I write")
    first.reload()

    expect(first.locator("#presence")).to_contain_text("is writing")


def test_a_form_on_the_page_keeps_what_was_typed_and_tells_what_is_refused(live, browser_page):
    key = data_breach(live, "A list lay open, told in place")
    page = browser_page(width=1440)
    sign_in(page, live.url, "handler")
    page.goto(f"{live.url}/admin/incidents/incident/{key}/change/")
    page.fill("#c-text", "Half a note")
    form, link = page.locator("#in-place"), page.locator("#affected >> text=edit")

    link.click()
    expect(form.locator(":focus")).to_have_count(1)
    form.locator("[name=concerned]").fill("Half a fact")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(link).to_be_focused()
    expect(page.locator("#kept")).to_be_visible()
    link.click()
    expect(form.locator("[name=concerned]")).to_have_value("Half a fact")
    form.locator("[name=subject]").fill(" ")
    form.locator(".default").click()
    expect(form.locator(".error-summary:focus")).to_contain_text("What you typed is kept")
    expect(form.locator("[name=concerned]")).to_have_value("Half a fact")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.click("#evidence >> text=add")
    form.locator("[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"Words"}
    )
    form.locator(".default").click()

    expect(page.locator("#evidence .rows")).to_contain_text("a.txt")
    expect(page.locator("#c-text")).to_have_value("Half a note")
    link.click()
    expect(form.locator("[name=concerned]")).to_have_value("Half a fact")
