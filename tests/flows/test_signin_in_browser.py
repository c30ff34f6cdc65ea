"""Sign-in in a real browser, on a product outside the demo: app, passkey, and how pages look."""

import re
from collections.abc import Iterator

import oidc_provider_mock
import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.flows.every_page import SIGN_IN_OPEN, SIGN_IN_OWN
from tests.live import Product, product
from tests.portal.totp import code_of
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.product]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Width, height, scheme, and which rules: all of them once in each size, then those of colours.
LOOKS = [
    (320, 640, "light", ""),
    (320, 640, "dark", "color-contrast"),
    (1280, 900, "dark", ""),
    (1280, 900, "light", "color-contrast"),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def house(provider, tmp_path_factory) -> Iterator[Product]:
    """A product where second factors are compulsory. Passkeys need a host name: localhost."""
    secret = tmp_path_factory.mktemp("oidc") / "secret"
    secret.write_text("shared\n", encoding="utf-8")
    with product(
        DEMO="0",
        OIDC_SERVER_URL=provider,
        OIDC_CLIENT_ID="tocsin",
        OIDC_CLIENT_SECRET_FILE=str(secret),
        OIDC_NAME="Example ID",
        OIDC_GROUP_MAP="soc=handler",
        OIDC_IS_STRONG="1",
    ) as running:
        running.start()
        running.wait_ready("/healthz")
        running.url = running.url.replace("127.0.0.1", "localhost")
        yield running


def hire(house: Product, name: str) -> str:
    """A new agent; gives their password."""
    return house.manage("add_person", name, f"{name}@tocsin.test", "--role", "agent").strip()


def sign_in(page: Page, house: Product, name: str, password: str, path: str = "/admin/") -> None:
    page.goto(f"{house.url}{path}")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")


def set_up_app(page: Page, house: Product) -> str:
    """From wherever one is, signed in; gives the key."""
    page.goto(f"{house.url}/accounts/2fa/")
    page.click("text=Set up an app")
    key = page.inner_text("#key")
    page.fill("[name=code]", code_of(key))
    before = session_key(page)
    page.click("text=Switch it on")
    expect(page.locator(".codes li")).to_have_count(10)
    assert session_key(page) != before
    return key


def session_key(page: Page) -> str:
    return next(each["value"] for each in page.context.cookies() if each["name"] == "sessionid")


def give_device(page: Page) -> None:
    """The device has a reader of fingerprints from now on."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def forget(page: Page) -> None:
    """Close the browser and come back: no session, same device."""
    page.context.clear_cookies()


def pass_console(page: Page) -> None:
    page.wait_for_url(re.compile(r"/admin/$"))
    expect(page.locator("#site-name")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_app_is_set_up_and_used(house, browser_page, javascript):
    page = browser_page(javascript=javascript, width=320, height=640)
    name = f"app-{javascript}".lower()
    password = hire(house, name)

    sign_in(page, house, name, password)
    expect(page.locator(".notice")).to_contain_text("before the console opens")
    key = set_up_app(page, house)
    page.click("text=to the console")
    pass_console(page)

    forget(page)
    sign_in(page, house, name, password)
    page.fill("[name=code]", "000000")
    page.click("main .btn.primary")
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("[name=code]", code_of(key, steps=1))  # that of the enrolment is used up
    page.click("main .btn.primary")
    pass_console(page)


def test_a_passkey_is_added_and_signs_in_alone(house, browser_page):
    page = browser_page()
    give_device(page)
    password = hire(house, "key")

    sign_in(page, house, "key", password)
    page.click("text=Add a passkey")
    page.fill("[name=name]", "Blue key")
    page.click("#mfa_webauthn_add")
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto(f"{house.url}/accounts/2fa/webauthn/")
    expect(page.locator(".rows")).to_contain_text("Blue key")
    expect(page.locator(".rows")).to_contain_text("Signs you in alone.")

    forget(page)
    page.goto(f"{house.url}/admin/")
    page.click("#passkey_login")
    pass_console(page)


def test_a_passkey_is_the_second_step_after_the_password_too(house, browser_page):
    page = browser_page()
    give_device(page)
    password = hire(house, "second")
    sign_in(page, house, "second", password)
    page.click("text=Add a passkey")
    page.click("#mfa_webauthn_add")
    expect(page.locator(".codes li")).to_have_count(10)

    forget(page)
    sign_in(page, house, "second", password)
    page.wait_for_url("**/accounts/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    pass_console(page)


def test_a_device_without_the_passkey_is_told_so(house, browser_page):
    page = browser_page()
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    refusing = {**AUTHENTICATOR, "isUserVerified": False}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": refusing})
    page.goto(f"{house.url}/accounts/login/")

    page.click("#passkey_login")

    expect(page.locator("#passkey-problem")).to_be_visible()


def test_single_sign_on_leads_there_and_back(house, browser_page, provider):
    claims = {"email": "eve@tocsin.test", "email_verified": True, "groups": ["soc"]}
    requests.put(f"{provider}/users/eve", json=claims, timeout=9).raise_for_status()
    page = browser_page()

    page.goto(f"{house.url}/admin/")
    page.click("text=Sign in with Example ID")
    page.fill("[name=sub]", "eve")
    page.click("button:has-text('Authorize')")

    pass_console(page)


def faults(page: Page) -> list[str]:
    """What is wrong with the page that is open, in any look."""
    found: list[str] = []
    for width, height, scheme, only in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme} at {width}: {each}" for each in axe(page, only=only)]
        found += [f"too wide at {width}"] if page.evaluate(TOO_WIDE) else []
    return found


def reset_link(house: Product, name: str) -> str:
    """The path in the mail about a forgotten password."""
    mails = eventually(lambda: house.mailbox.to(f"{name}@"), "the mail has come", seconds=30)
    return re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mails[-1].get_content())[
        1
    ]


def test_every_page_is_free_of_barriers_and_fits_a_phone(house, browser_page):
    page = browser_page(width=320, height=640)
    give_device(page)
    password = hire(house, "look")
    found: dict[str, list[str]] = {}

    for path in SIGN_IN_OPEN:
        page.goto(house.url + path)
        found[path] = faults(page)
    page.goto(f"{house.url}/accounts/login/")
    page.click("main button.primary")
    found["an error"] = faults(page)
    page.goto(f"{house.url}/accounts/password/reset/")
    page.fill("[name=email]", "look@tocsin.test")
    page.click("main button.primary")
    page.wait_for_url("**/reset/done/")
    page.goto(house.url + reset_link(house, "look"))
    found["a new password"] = faults(page)
    sign_in(page, house, "look", password)
    found["the second factor before there is one"] = faults(page)
    page.click("text=Set up an app")
    found["setting up an app"] = faults(page)
    set_up_app(page, house)
    page.goto(f"{house.url}/accounts/2fa/webauthn/add/")
    page.fill("[name=name]", "A key with a long name")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile(r"/accounts/2fa/$"))
    for path in SIGN_IN_OWN:
        page.goto(house.url + path)
        assert page.url == house.url + path
        found[path] = faults(page)
    for word in ("Rename", "Remove"):
        page.goto(f"{house.url}/accounts/2fa/webauthn/")
        page.click(f".rows a:has-text('{word}')")
        found[word] = faults(page)
    forget(page)
    sign_in(page, house, "look", password)
    page.wait_for_url("**/accounts/2fa/authenticate/")
    found["the code"] = faults(page)

    assert {path: each for path, each in found.items() if each} == {}
