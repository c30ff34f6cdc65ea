"""A handler works a data breach from the queue to its end on one page, by mouse and by keys."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe, sign_in
from tests.flows.callers import Caller
from tests.live import Product

pytestmark = [pytest.mark.browser, pytest.mark.product]

RESOLUTION = "The list was taken off the share, and every download was accounted for."
TABS_MOST = 400
# The colleagues do their part: all tasks but two of the handler's, and the DPO's word on it.
COLLEAGUES = """
from django.contrib.auth import get_user_model
from incidents import breach, tasks
from incidents.models import Incident
from incidents.states import SETTLED_TASK_STATES
people = get_user_model().objects
manager, dpo = people.get(username="manager"), people.get(username="dpo")
incident = Incident.objects.get(pk={pk})
rows = list(incident.tasks.exclude(state__in=SETTLED_TASK_STATES))
awaited = {{key for row in rows for key in row.after}}
kept = [row for row in rows if row.role == "IH" and row.dedupe_key not in awaited][:2]
left = [row for row in rows if row not in kept]
for _round in range(len(left)):
    for row in left:
        row.refresh_from_db()
        if not row.is_settled and not tasks.waiting_for(row):
            tasks.finish(row, by=manager, result="Done, see the notes.")
breach.judge(incident, "ruled_out", by=dpo, reason="Nobody outside had opened it.")
print(len(kept))
"""


@dataclass
class Hand:
    """Presses and fills as a person with a mouse does, or as one who has only the keyboard."""

    page: Page
    has_mouse: bool

    def press(self, target: Locator) -> None:
        if self.has_mouse:
            target.click()
        else:
            self.tab_to(target)
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def fill(self, name: str, words: str) -> None:
        field = self.page.locator(f"#content-main [name={name}]")
        if self.has_mouse:
            field.click()
        else:
            self.tab_to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, name: str, value: str) -> None:
        field = self.page.locator(f"#content-main select[name={name}]")
        if self.has_mouse:
            field.select_option(value)
            return
        self.tab_to(field)
        self.page.keyboard.type(field.locator(f"option[value='{value}']").inner_text().strip())
        expect(field).to_have_value(value)

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
def test_a_handler_takes_a_breach_from_the_queue_to_closed(live, browser_page, has_mouse):
    key = data_breach(live, f"A list lay open, by {'mouse' if has_mouse else 'keys'}")
    page = browser_page(width=1440)
    sign_in(page, live.url, "handler")
    page.goto(f"{live.url}/admin/incidents/incident/")
    hand = Hand(page, has_mouse)

    hand.press(page.locator(f"button:has-text('Acknowledge'):has-text('INC-{key:06d}')"))
    hand.press(page.locator(f"#result_list a[href*='/{key}/change/']").first)
    seen = follow(page)
    assess(hand)
    declare(hand)
    assert live.manage("shell", "--no-imports", "-c", COLLEAGUES.format(pk=key)).split()[-1] == "2"
    write(hand)
    finish_next(hand)
    finish_next(hand)
    resolve(hand)
    hand.press(page.locator(".go >> text=Close…"))
    hand.press(page.locator("#content-main .submit-row .default"))

    expect(page.locator(".path [aria-current]")).to_contain_text("Closed")
    assert {each for each in seen if not re.search(rf"/incident/{key}/|/task/\d+/", each)} == set()


def follow(page: Page) -> list[str]:
    """Every page that is opened from now on."""
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    return seen


def assess(hand: Hand) -> None:
    hand.press(hand.page.locator("#assessments >> text=assess"))
    for name in ("threat", "affected_assets", "mitigations"):
        hand.fill(name, "The list on the share")
    for name in ("confidentiality", "integrity", "availability"):
        hand.choose(f"impact_{name}", "1")
    hand.choose("likelihood", "3")
    hand.choose("personal_data", "no")
    hand.choose("cause", "human_error")
    hand.choose("confidence", "high")
    hand.press(hand.page.locator("#content-main .submit-row .default"))


def declare(hand: Hand) -> None:
    hand.press(hand.page.locator(".go >> text=Declare…"))
    hand.choose("category", "other/other")
    hand.choose("severity", "3")
    hand.press(hand.page.locator("#content-main .submit-row .default"))
    expect(hand.page.locator(".path [aria-current]")).to_contain_text("Responding")


def write(hand: Hand) -> None:
    hand.fill("text", "The share is closed.")
    hand.press(hand.page.locator(".composer button:visible >> text=Add note"))
    expect(hand.page.locator(".thread .internal").first).to_contain_text("The share is closed.")


def finish_next(hand: Hand) -> None:
    hand.press(hand.page.locator("#tasks .next li a").first)
    hand.fill("result", "Looked at it, all is well.")
    hand.press(hand.page.locator("#content-main .submit-row .default"))


def resolve(hand: Hand) -> None:
    hand.press(hand.page.locator(".go >> text=Resolve…"))
    hand.choose("outcome", "confirmed")
    hand.fill("resolution", RESOLUTION)
    hand.fill("root_cause", "Nobody felt responsible for the share.")
    hand.fill("contained_not_applicable", "Nothing had to be contained.")
    hand.fill("recovered_not_applicable", "Nothing was interrupted.")
    hand.press(hand.page.locator("#content-main .submit-row .default"))
    expect(hand.page.locator(".path [aria-current]")).to_contain_text("Resolved")


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
    second.locator("#c-text").press_sequentially("I write")
    second.wait_for_timeout(500)
    first.reload()

    expect(first.locator("#presence")).to_contain_text("is writing")
