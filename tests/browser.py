"""A real browser: `browser_page` opens pages, and fails the test on any breach of the CSP."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
INSTALL_SECONDS = 300
ACCESSIBILITY = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def find_chromium() -> str | None:
    """The path of a browser: one that is there, else Playwright's own, else Debian's."""
    return on_path() or from_playwright() or from_debian()


def on_path() -> str | None:
    """A browser that is installed already."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def from_playwright() -> str | None:
    """The browser that Playwright downloads, where it may."""
    try:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=True,
            capture_output=True,
            timeout=INSTALL_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def from_debian() -> str | None:
    """Debian's browser, when this is root on such a system."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["apt-get", "-q", *arguments],
            capture_output=True,
            timeout=INSTALL_SECONDS,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    return on_path()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process; without one they are skipped, and fail under CI."""
    path = find_chromium()
    if path is None:
        reason = "NO BROWSER: no chromium here, none could be fetched; browser tests did not run"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


def launch(playwright: Playwright, path: str) -> Browser:
    """Start the browser with a profile of its own and without any talk to other hosts."""
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each as a new visitor: `browser_page(javascript=False, width=320)`."""
    contexts = []
    breaches: list[str] = []

    def opened(
        *,
        javascript: bool = True,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        **options: Any,
    ) -> Page:
        context = chromium.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note_breach(message, breaches))
        page.on("pageerror", lambda error: breaches.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert breaches == []


def note_breach(message: ConsoleMessage, breaches: list[str]) -> None:
    """Keep what the console says about the content security policy."""
    if message.type == "error" and "Content Security Policy" in message.text:
        breaches.append(message.text)


def sign_in(page: Page, url: str, username: str) -> None:
    """Sign a demo account in."""
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", f"demo-{username}")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda now: "/accounts/login" not in now)


def axe(page: Page, *, only: str = "") -> list[str]:
    """Accessibility rules that `page` breaks, one line each with the elements; [] is what we want.

    `only` is one rule instead of all. The browser's debugger evaluates the rules; the content
    security policy does not hold it back.
    """
    page.evaluate(AXE_SCRIPT)
    rules = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": ACCESSIBILITY}
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [
        f"{rule['id']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in found["violations"]
    ]
