"""`make screenshots`: every page, light and dark, on a desk and on phones, into ./screenshots.

`--url` takes a demo that runs already; else one is started. `--only NAME` takes some of the pages.
`{ticket}` in a path is the reference of the reporter's newest ticket that waits for an answer,
`{incident}` the number of the newest incident. Add a page by adding a line.
"""

import argparse
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import find_chromium, launch, sign_in
from tests.live import product

TARGET = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {1440: 900, 390: 844, 320: 640}


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


def press_default(page: Page) -> None:
    page.click("#content-main .submit-row .default")


def open_first_task(page: Page) -> None:
    page.click("#result_list .field-title_line a >> nth=0")


SHOTS = [
    Shot("start-anonymous", "/"),
    Shot("start", "/", "reporter"),
    Shot("start-empty", "/", "reporter2"),
    Shot("report", "/report/", "reporter"),
    Shot("report-unfolded", "/report/", "reporter", unfold),
    Shot("report-errors", "/report/", "reporter", press_send),
    Shot("report-agent", "/report/", "agent"),
    Shot("done", "/report/done/{ticket}/", "reporter"),
    Shot("tickets", "/tickets/", "reporter"),
    Shot("tickets-empty", "/tickets/", "reporter2"),
    Shot("ticket", "/tickets/{ticket}/", "reporter"),
    Shot("help", "/help/"),
    Shot("help-reporting", "/help/reporting/"),
    Shot("signin", "/accounts/login/"),
    Shot("signin-error", "/accounts/login/", "", press_send),
    Shot("signout", "/accounts/logout/", "reporter"),
    Shot("password-change", "/accounts/password/change/", "reporter"),
    Shot("password-reset", "/accounts/password/reset/"),
    Shot("second-factor", "/accounts/2fa/", "agent"),
    Shot("second-factor-app", "/accounts/2fa/totp/activate/", "agent"),
    Shot("second-factor-passkey", "/accounts/2fa/webauthn/add/", "agent"),
    Shot("sessions", "/accounts/sessions/", "agent"),
    Shot("confirm", "/accounts/reauthenticate/", "agent"),
    Shot("not-found", "/nothing-here/"),
    Shot("console-home", "/admin/", "handler"),
    Shot("console-home-admin", "/admin/", "admin"),
    Shot("console-queue", "/admin/incidents/incident/", "handler"),
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
        press_default,
    ),
    Shot("console-attach", "/admin/workflows/playbookversion/attach/{incident}/", "handler"),
    Shot("console-phone", "/admin/incidents/incident/add/", "agent"),
    Shot("console-tasks", "/admin/incidents/task/", "handler"),
    Shot("console-task", "/admin/incidents/task/?who=me", "handler", open_first_task),
    Shot("console-alerts", "/admin/workflows/alert/", "handler"),
    Shot("console-playbooks", "/admin/workflows/playbookversion/", "ciso"),
    Shot("console-playbook", "/admin/workflows/playbookversion/1/change/", "ciso"),
    Shot("console-rules", "/admin/workflows/ruleversion/", "ciso"),
    Shot("console-rule", "/admin/workflows/ruleversion/1/change/", "ciso"),
    Shot("console-try", "/admin/workflows/ruleversion/try/", "ciso"),
    Shot("console-users", "/admin/portal/user/", "admin"),
    Shot("console-user", "/admin/portal/user/1/change/", "admin"),
    Shot("console-user-add", "/admin/portal/user/add/", "admin"),
    Shot("console-groups", "/admin/auth/group/", "admin"),
    Shot("console-tokens", "/admin/portal/apitoken/", "admin"),
    Shot("console-sign-in-events", "/admin/portal/signinevent/", "ciso"),
    Shot("console-token-add", "/admin/portal/apitoken/add/", "admin"),
    Shot("console-departments", "/admin/incidents/department/", "admin"),
    Shot("console-workspace", "/admin/incidents/workspace/1/change/", "admin"),
    Shot("console-categories", "/admin/incidents/category/", "admin"),
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
    found = {"ticket": "none", "incident": "none"}
    if not user:
        return found
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
