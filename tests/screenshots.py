"""`make screenshots`: every page, light and dark, on a desk and on phones, into ./screenshots.

`--url` takes a demo that runs already; else one is started. `--only NAME` takes some of the pages.
`{ticket}` in a path is the reference of the reporter's newest ticket that waits for an answer,
`{report}` that of a report whose questions are open, `{incident}` the number of the newest
incident. Add a page by adding a line.
"""

import argparse
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests import console_steps as steps
from tests.browser import find_chromium, launch, sign_in
from tests.live import product

TARGET = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {1440: 900, 390: 844, 320: 640}
ASKED = [
    "noticed",
    "ongoing",
    "about",
    "concerned",
    "supplier",
    "personal-data",
    "data",
    "where",
    "users",
    "already-done",
    "files",
    "reach",
]


class Shot(NamedTuple):
    """One page to look at. `before` does something on it first."""

    name: str
    path: str
    user: str = ""
    before: Callable[[Page], object] | None = None


def press_send(page: Page) -> None:
    page.click("main form button.primary")


def unfold(page: Page) -> None:
    page.eval_on_selector_all("main details", "all => all.forEach(each => each.open = true)")


def leave_out_the_day(page: Page) -> None:
    page.check("[name=noticed][value=date]")
    press_send(page)


def describe_again(page: Page) -> None:
    """Type the words of one's newest open ticket, and wait for what is shown beside them."""
    words = page.request.get(page.url.replace("/report/", "/tickets/")).text()
    found = re.findall(r'<h3><a href="/tickets/[^"]+">([^<]+)</a>', words)
    page.fill("#id_description", " ".join(unescape(each) for each in found))
    page.wait_for_timeout(1500)


def open_first_task(page: Page) -> None:
    page.click("#result_list .field-title_line a >> nth=0")


def open_first_shared(page: Page) -> None:
    page.click("#shared .tickets a >> nth=0")


def open_first_closed(page: Page) -> None:
    page.click(".tickets li:has(.status:has-text('Closed')) a >> nth=0")


def ask_to_reopen(page: Page) -> None:
    open_first_closed(page)
    page.click("main .receipt a.btn")


def ask_to_reopen_for_nothing(page: Page) -> None:
    ask_to_reopen(page)
    press_send(page)


def choose_to_share(page: Page) -> None:
    page.click("#result_list a:has-text('Crypto mining') >> nth=0")
    page.check("#c-shared")


def open_saver(page: Page) -> None:
    page.click("summary:has-text('Save this view')")


def open_keys(page: Page) -> None:
    page.keyboard.press("?")


def choose_rows(page: Page) -> None:
    """The oldest two: what is new stays so for the other pictures."""
    for box in page.locator("#result_list .action-select").all()[-2:]:
        box.check()


def grade_rows(page: Page) -> None:
    choose_rows(page)
    page.click(".bulk button[value=severity]")


def acknowledge_old(page: Page) -> None:
    for box in page.locator("tr:not(:has(.state-new)) .action-select").all()[-2:]:
        box.check()
    page.click(".bulk button[value=acknowledge]")


def finish_first(page: Page) -> None:
    page.click("#result_list .finish summary >> nth=0")


def assign_rows(page: Page) -> None:
    choose_rows(page)
    page.click(".bulk button[value=assign]")


def offer_one(page: Page) -> None:
    """One incident of one's own, unless an earlier picture offered it; then look at it."""
    listed = page.url
    if not page.locator("[aria-labelledby=given] li").count():
        page.goto(f"{listed}add/")
        page.select_option("#id_to", "manager")
        for box in page.locator("#the-form [type=checkbox]").all()[1:]:
            box.uncheck()
        note = page.input_value("#id_note").replace("Next step:", "Next step: ask for the log.")
        page.fill("#id_note", f"{note}\nThe supplier calls back at eight.")
        steps.press_default(page)
    page.click("[aria-labelledby=given] li a >> nth=0")


def save_two_views(page: Page) -> None:
    """Unless an earlier picture did."""
    list_page = page.url.replace("views/", "incidents/incident/")
    for name, query in (
        ("Breaches", "breach=suspected"),
        ("Nobody's P1", "owner=none&priority__exact=1"),
    ):
        if page.locator(f'.view-row input[value="{name}"]').count():
            continue
        page.goto(f"{list_page}?{query}")
        open_saver(page)
        page.fill("#view-name-new", name)
        page.click(".saver button")
    page.goto(list_page.replace("incidents/incident/", "views/"))


def plan_import(text: str) -> Callable[[Page], object]:
    """Choose a file with this text, and look at what it would do."""

    def act(page: Page) -> None:
        file = {"name": "rows.csv", "mimeType": "text/csv", "buffer": text.encode()}
        page.set_input_files("#id_file", [file])
        steps.press_default(page)
        page.wait_for_selector("#problems, #changed, #added")

    return act


def change_first_tenant(page: Page) -> None:
    """Change its contact, and look at its history."""
    page.click("#result_list tbody th a >> nth=0")
    page.fill("#id_contact", f"privacy-{page.viewport_size['width']}@tenant.example")
    address = page.url
    steps.press_default(page)
    page.goto(address.partition("?")[0].replace("/change/", "/history/"))


IMPORT = "/admin/incidents/tenant/import/"
GOOD_TENANTS = """\
name,contact,contract_hours
Hospital Oost,privacy@oost.example,12
Noord Clinic,privacy@noord.example,24
"""
BAD_TENANTS = "name,contact,contract_hours\nNoord Clinic,x,soon\nNoord Clinic,y,24\nZuid,z\n"

INCIDENTS = "/admin/incidents/incident/"
# Pages in the stock admin's own form, looked at by whoever fills them: the name, then the address.
STOCK = {
    "macros": "incidents/macro/",
    "macro": "incidents/macro/1/change/",
    "macro-add": "incidents/macro/add/",
    "department": "incidents/department/1/change/",
    "department-add": "incidents/department/add/",
    "tenants": "incidents/tenant/",
    "tenant": "incidents/tenant/1/change/",
    "tenant-add": "incidents/tenant/add/",
    "workspaces": "incidents/workspace/",
    "workspace-add": "incidents/workspace/add/",
    "machines": "incidents/virtualmachine/",
    "machine": "incidents/virtualmachine/1/change/",
    "machine-add": "incidents/virtualmachine/add/",
    "category": "incidents/category/1/change/",
    "category-add": "incidents/category/add/",
    "group": "auth/group/1/change/",
    "announcement-add": "portal/announcement/add/",
    "sign-in-event": "portal/signinevent/1/change/",
    "heartbeats": "workflows/heartbeat/",
    "heartbeat": "workflows/heartbeat/1/change/",
    "app": "incidents/",
}


SHOTS = [
    Shot("start-anonymous", "/"),
    Shot("start", "/", "reporter"),
    Shot("start-empty", "/", "reporter2"),
    Shot("report", "/report/", "reporter"),
    Shot("report-errors", "/report/", "reporter", press_send),
    Shot("report-agent", "/report/", "agent", unfold),
    *[Shot(f"report-{name}", f"/report/{{report}}/{name}/", "reporter", unfold) for name in ASKED],
    Shot("report-noticed-error", "/report/{report}/noticed/", "reporter", leave_out_the_day),
    Shot("report-changed", "/report/{report}/what/?then=check", "reporter"),
    Shot("report-check", "/report/{report}/check/", "reporter"),
    Shot("done", "/report/done/{ticket}/", "reporter"),
    Shot("tickets", "/tickets/", "reporter"),
    Shot("tickets-empty", "/tickets/", "reporter2"),
    Shot("ticket", "/tickets/{ticket}/", "reporter"),
    Shot("tickets-shared", "/tickets/", "reporter2"),
    Shot("ticket-shared", "/tickets/", "reporter2", open_first_shared),
    Shot("ticket-closed", "/tickets/", "reporter", open_first_closed),
    Shot("ticket-reopen", "/tickets/", "reporter", ask_to_reopen),
    Shot("ticket-reopen-error", "/tickets/", "reporter", ask_to_reopen_for_nothing),
    Shot("ticket-reopen-asked", "/tickets/", "reporter2", open_first_closed),
    Shot("console-share", "/admin/incidents/incident/?q=mining", "manager", choose_to_share),
    Shot("console-home-manager", "/admin/", "manager"),
    Shot("help", "/help/"),
    Shot("help-reporting", "/help/reporting/"),
    Shot("help-article", "/help/lost-device/"),
    Shot("report-similar", "/report/", "reporter", describe_again),
    Shot("signin", "/accounts/login/"),
    Shot("signin-error", "/accounts/login/", "", press_send),
    Shot("signout", "/accounts/logout/", "reporter"),
    Shot("password-change", "/accounts/password/change/", "reporter"),
    Shot("password-reset", "/accounts/password/reset/"),
    Shot("password-reset-done", "/accounts/password/reset/done/"),
    Shot("password-reset-too-late", "/accounts/password/reset/key/1-abc/"),
    Shot("signin-inactive", "/accounts/inactive/"),
    Shot("signin-cancelled", "/accounts/3rdparty/login/cancelled/"),
    Shot("signin-refused", "/accounts/3rdparty/login/error/"),
    Shot("signup", "/accounts/signup/"),
    Shot("second-factor", "/accounts/2fa/", "agent"),
    Shot("second-factor-app", "/accounts/2fa/totp/activate/", "agent"),
    Shot("second-factor-app-error", "/accounts/2fa/totp/activate/", "agent", press_send),
    Shot("second-factor-passkey", "/accounts/2fa/webauthn/add/", "agent"),
    Shot("sessions", "/accounts/sessions/", "agent"),
    Shot("confirm", "/accounts/reauthenticate/", "agent"),
    Shot("not-found", "/nothing-here/"),
    Shot("console-home", "/admin/", "handler"),
    Shot("console-home-admin", "/admin/", "admin"),
    Shot("console-home-dpo", "/admin/", "dpo"),
    Shot("console-home-auditor", "/admin/", "auditor"),
    Shot("console-queue", "/admin/incidents/incident/", "handler"),
    Shot("console-queue-save", "/admin/incidents/incident/?owner=none", "handler", open_saver),
    Shot("console-queue-bulk", "/admin/incidents/incident/", "manager", choose_rows),
    Shot("console-queue-severity", "/admin/incidents/incident/", "manager", grade_rows),
    Shot("console-queue-refused", "/admin/incidents/incident/", "manager", acknowledge_old),
    Shot("console-keys", "/admin/incidents/incident/", "handler", open_keys),
    Shot("console-views", "/admin/views/", "handler", save_two_views),
    Shot("console-queue-all", "/admin/incidents/incident/?state=all&owner=me", "handler"),
    Shot("console-incident", "/admin/incidents/incident/{incident}/change/", "handler"),
    Shot("console-facts", "/admin/incidents/incident/{incident}/facts/", "handler"),
    Shot("console-grade", "/admin/incidents/incident/{incident}/grade/", "handler"),
    Shot("console-breach", "/admin/incidents/incident/{incident}/breach/", "dpo"),
    Shot("console-milestone", "/admin/incidents/incident/{incident}/milestone/", "handler"),
    Shot("console-assess", "/admin/incidents/incident/{incident}/assess/", "handler"),
    Shot("console-write", "/admin/incidents/incident/{incident}/write/", "handler"),
    Shot("console-evidence", "/admin/incidents/incident/{incident}/evidence/", "handler"),
    Shot("console-task-add", "/admin/incidents/incident/{incident}/task/", "handler"),
    Shot("console-resolve", "/admin/incidents/incident/{incident}/transition/resolve/", "handler"),
    Shot(
        "console-resolve-refused",
        "/admin/incidents/incident/{incident}/transition/resolve/",
        "handler",
        steps.press_default,
    ),
    Shot("console-attach", "/admin/workflows/playbookversion/attach/{incident}/", "handler"),
    Shot("console-phone", "/admin/incidents/incident/add/", "agent"),
    Shot("console-tasks", "/admin/incidents/task/", "handler"),
    Shot("console-task", "/admin/incidents/task/?who=me", "handler", open_first_task),
    Shot("console-tasks-finish", "/admin/incidents/task/?who=me", "handler", finish_first),
    Shot("console-tasks-assign", "/admin/incidents/task/", "manager", assign_rows),
    Shot("console-handover-offer", "/admin/incidents/handover/add/", "handler"),
    Shot("console-handover", "/admin/incidents/handover/", "handler", offer_one),
    Shot("console-handovers", "/admin/incidents/handover/", "manager"),
    Shot("console-alerts", "/admin/workflows/alert/", "handler"),
    Shot("console-playbooks", "/admin/workflows/playbookversion/", "ciso"),
    Shot("console-playbook", "/admin/workflows/playbookversion/1/change/", "ciso"),
    Shot("console-rules", "/admin/workflows/ruleversion/", "ciso"),
    Shot("console-rule", "/admin/workflows/ruleversion/1/change/", "ciso"),
    Shot("console-try", "/admin/workflows/ruleversion/try/", "ciso"),
    Shot("console-users", "/admin/portal/user/", "admin"),
    Shot("console-user", "/admin/portal/user/1/change/", "admin"),
    Shot("console-user-add", "/admin/portal/user/add/", "admin"),
    Shot("console-user-password", "/admin/portal/user/1/password/", "admin"),
    Shot("console-groups", "/admin/auth/group/", "admin"),
    Shot("console-tokens", "/admin/portal/apitoken/", "admin"),
    Shot("console-sign-in-events", "/admin/portal/signinevent/", "ciso"),
    Shot("console-token-add", "/admin/portal/apitoken/add/", "admin"),
    Shot("console-articles", "/admin/portal/article/", "ciso"),
    Shot("console-article", "/admin/portal/article/1/change/", "ciso"),
    Shot("console-article-errors", "/admin/portal/article/add/", "ciso", steps.press_default),
    Shot("console-announcements", "/admin/portal/announcement/", "manager"),
    Shot("console-announcement", "/admin/portal/announcement/1/change/", "manager"),
    Shot("console-departments", "/admin/incidents/department/", "admin"),
    Shot("console-workspace", "/admin/incidents/workspace/1/change/", "admin"),
    Shot("console-import", "/admin/incidents/workspace/import/", "admin"),
    Shot("console-import-errors", IMPORT, "admin", plan_import(BAD_TENANTS)),
    Shot("console-import-plan", IMPORT, "admin", plan_import(GOOD_TENANTS)),
    Shot("console-history", "/admin/incidents/tenant/", "admin", change_first_tenant),
    Shot("console-categories", "/admin/incidents/category/", "admin"),
    *[Shot(f"console-{name}", f"/admin/{path}", "admin") for name, path in STOCK.items()],
    Shot("console-change-log", "/admin/admin/logentry/", "ciso"),
    Shot("console-outbox", "/admin/outbox/", "handler"),
    Shot(
        "console-in-place", f"{INCIDENTS}{{incident}}/change/", "handler", steps.open_form_in_place
    ),
    Shot(
        "console-in-place-refused",
        f"{INCIDENTS}{{incident}}/change/",
        "handler",
        steps.be_refused_in_place,
    ),
    Shot("console-attack", f"{INCIDENTS}{{incident}}/attack/", "handler"),
    Shot("console-link", f"{INCIDENTS}{{incident}}/link/", "handler"),
    Shot("console-merge", f"{INCIDENTS}{{incident}}/transition/merge/", "handler"),
    Shot("console-restrict", f"{INCIDENTS}{{incident}}/restrict/", "manager"),
    Shot("console-restricted", f"{INCIDENTS}?q=raw+data", "ciso", steps.open_row),
    Shot("console-name", f"{INCIDENTS}?q=raw+data", "ciso", steps.name_somebody),
    Shot("console-lift", f"{INCIDENTS}?q=raw+data", "ciso", steps.lift),
    Shot("console-signature-asked", f"{INCIDENTS}?q=mining", "manager", steps.ask_for_a_signature),
    Shot("console-signature", f"{INCIDENTS}?q=mining", "manager", steps.withdraw_it),
    Shot("console-waive", "/admin/incidents/task/", "manager", steps.waive_first),
    Shot("console-assign", "/admin/incidents/task/", "manager", steps.assign_first),
    Shot("console-block", "/admin/incidents/task/?who=me", "handler", steps.block_first),
    Shot("console-alert", "/admin/workflows/alert/", "handler", steps.open_row),
    Shot("console-decide", "/admin/workflows/playbookversion/decide/1/", "handler"),
]


def main(arguments: list[str]) -> int:
    options = read(arguments)
    with running(options.url) as url, sync_playwright() as playwright:
        path = find_chromium()
        if path is None:
            sys.exit("There is no chromium here to look with.")
        browser = launch(playwright, path)
        shots = [shot for shot in SHOTS if not options.only or shot.name in options.only]
        for is_dark in (False, True):
            take_all(browser, url, shots, is_dark=is_dark)
        browser.close()
    sys.stdout.write(f"{len(shots) * 2 * len(SIZES)} pictures are in {TARGET}\n")
    return 0


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("--url")
    parser.add_argument("--only", nargs="*")
    return parser.parse_args(arguments)


@contextmanager
def running(url: str | None):
    if url:
        yield url.rstrip("/")
        return
    with product() as demo:
        demo.start()
        demo.wait_ready()
        yield demo.url


def take_all(browser: Browser, url: str, shots: list[Shot], *, is_dark: bool) -> None:
    """Sign each user in once, then visit their pages in every size."""
    for user in dict.fromkeys(shot.user for shot in shots):
        context = browser.new_context(color_scheme="dark" if is_dark else "light")
        page = context.new_page()
        if user:
            sign_in(page, url, user)
        names = names_for(page, url, user)
        for shot in shots:
            if shot.user == user:
                take(page, url + shot.path.format(**names), shot, "dark" if is_dark else "light")
        context.close()


def names_for(page: Page, url: str, user: str) -> dict[str, str]:
    """What the placeholders in paths stand for."""
    found = {"ticket": "none", "incident": "none", "report": "none"}
    if not user:
        return found
    if user == "reporter":
        found["report"] = make_report(page, url)
    page.goto(f"{url}/tickets/")
    lines = page.locator("main .tickets li")
    asked = lines.filter(has=page.locator(".status.ask"))
    wanted = asked if asked.count() else lines
    if wanted.count():
        link = wanted.first.locator("a").get_attribute("href") or ""
        found["ticket"] = link.rstrip("/").rpartition("/")[2]
    page.goto(f"{url}/admin/incidents/incident/")
    match = re.search(r"/admin/incidents/incident/(\d+)/change/", page.content())
    return found | ({"incident": match[1]} if match else {})


def make_report(page: Page, url: str) -> str:
    """A report with a few answers; its reference."""
    page.goto(f"{url}/report/")
    page.fill("#id_description", "A mail with the list of participants went to a supplier.")
    press_send(page)
    page.wait_for_url("**/noticed/")
    reference = page.url.split("/")[-3]
    page.goto(f"{url}/report/{reference}/about/")
    page.check("[name=about][value=data_breach]")
    press_send(page)
    return reference


def take(page: Page, url: str, shot: Shot, theme: str) -> None:
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(url)
        if shot.before:
            shot.before(page)
        TARGET.mkdir(exist_ok=True)
        page.screenshot(path=TARGET / f"{shot.name}-{theme}-{width}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
