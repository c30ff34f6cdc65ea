"""Single sign-on against a real OpenID provider that runs here: accounts, roles, refusals."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from django.test import Client

from incidents.roles import Role, of
from portal import single_signon
from portal.models import SignInEvent, User
from tests.console import words_of
from tests.factories import fresh, make_user
from tests.portal.totp import CODE, code_of, give_app

pytestmark = pytest.mark.django_db

START = "/accounts/oidc/sso/login/"
CALLBACK = "/accounts/oidc/sso/login/callback/"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of the provider."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def configured(provider, settings):
    cache.clear()
    settings.OIDC_SERVER_URL = provider
    settings.OIDC_GROUP_MAP = [("soc", "handler"), ("privacy", "dpo"), ("privacy", "legal")]
    app = {
        "provider_id": "sso",
        "name": "Example ID",
        "client_id": "tocsin",
        "secret": "shared",
        "settings": {"server_url": provider},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }


@pytest.fixture
def sign_on(provider) -> Callable[..., Client]:
    """Sign a person of the provider on, with these claims; gives their browser."""

    def sign_on(sub: str = "ann", client: Client | None = None, start: str = START, **claims):
        words = {"email": f"{sub}@tocsin.test", "email_verified": True, **claims}
        requests.put(f"{provider}/users/{sub}", json=words, timeout=9).raise_for_status()
        client = client or Client()
        there = client.get(start)
        assert there.url.startswith(f"{provider}/oauth2/authorize?")
        back = requests.post(there.url, data={"sub": sub}, allow_redirects=False, timeout=9)
        client.answer = client.get(back.headers["Location"].removeprefix("http://testserver"))
        return client

    return sign_on


def roles_of(name: str) -> set[str]:
    return {str(role) for role in of(User.objects.get(username=name))}


def is_signed_in(client: Client) -> bool:
    return client.get("/tickets/").status_code == 200


# --- Accounts -----------------------------------------------------------------------------------


def test_the_button_bears_the_providers_name(client):
    assert "Sign in with Example ID" in words_of(client.get("/accounts/login/"))


def test_the_first_sign_on_makes_an_account_without_password(sign_on):
    client = sign_on(preferred_username="ann", given_name="Ann", family_name="Smit")

    ann = User.objects.get()
    assert is_signed_in(client)
    assert (ann.username, ann.get_full_name(), ann.email) == ("ann", "Ann Smit", "ann@tocsin.test")
    assert not ann.has_usable_password()
    assert not ann.is_superuser


def test_the_second_sign_on_opens_the_same_account(sign_on):
    sign_on()
    sign_on(email="moved@tocsin.test")

    assert User.objects.count() == SocialAccount.objects.count() == 1


def test_the_request_is_bound_to_the_browser_and_cannot_be_replayed(sign_on, provider):
    there = parse_qs(urlsplit(Client().get(START).url).query)
    assert there["code_challenge_method"] == ["S256"]

    page = Client().get(CALLBACK, {"code": "stolen", "state": there["state"][0]})

    assert "You could not be signed in" in words_of(page)
    assert not User.objects.exists()


def test_a_verified_address_opens_the_account_that_has_it(sign_on):
    known = make_user("ann.local", email="ANN@tocsin.test")

    client = sign_on()

    assert is_signed_in(client)
    assert SocialAccount.objects.get().user == known
    assert fresh(known).check_password("demo-ann.local")


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": None}])
def test_an_address_that_nobody_vouches_for_opens_nothing(sign_on, claims):
    make_user("ann.local", "admin", email="ann@tocsin.test")

    client = sign_on(**claims)

    assert "You could not be signed in" in words_of(client.answer)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1


def test_a_name_that_is_taken_opens_nothing_of_its_owner(sign_on):
    owner = make_user("ann", "admin", email="owner@tocsin.test")

    sign_on(preferred_username="ann")

    assert SocialAccount.objects.get().user != owner
    assert User.objects.count() == 2


def test_an_account_that_is_switched_off_stays_closed(sign_on):
    sign_on()
    User.objects.update(is_active=False)

    assert not is_signed_in(sign_on())


def test_nobody_ties_an_identity_to_a_signed_in_account(sign_on, reporter):
    victim = Client()
    victim.force_login(reporter)

    client = sign_on("mallory", victim, f"{START}?process=connect")

    assert "You could not be signed in" in words_of(client.answer)
    assert not SocialAccount.objects.exists()
    for path in ("/accounts/3rdparty/", "/accounts/3rdparty/signup/", "/accounts/password/set/"):
        assert victim.get(path).status_code == 404


def test_its_accounts_get_no_password_by_mail(sign_on, client):
    sign_on()

    client.post("/accounts/password/reset/", {"email": "ann@tocsin.test"})

    assert mail.outbox == []


# --- Roles --------------------------------------------------------------------------------------


def test_groups_become_roles_and_unknown_ones_are_ignored(sign_on):
    sign_on(preferred_username="ann", groups=["soc", "privacy", "canteen", "admin", 7])

    assert roles_of("ann") == {Role.IH, Role.DPO, Role.LEG}


def test_a_lost_group_takes_its_role(sign_on):
    sign_on(preferred_username="ann", groups=["soc", "privacy"])
    sign_on(preferred_username="ann", groups=["soc"])
    assert roles_of("ann") == {Role.IH}

    sign_on(preferred_username="ann")
    assert roles_of("ann") == set()


def test_a_role_given_by_hand_is_taken_at_the_next_sign_on(sign_on):
    make_user("ann", "admin")

    sign_on(groups=["soc"])

    assert roles_of("ann") == {Role.IH}


def test_without_a_map_roles_are_those_of_the_console(sign_on, settings):
    settings.OIDC_GROUP_MAP = []
    make_user("ann", "agent")

    sign_on(groups=["soc", "admin"])

    assert roles_of("ann") == {Role.SDA}


def test_the_audit_tells_of_sign_on_and_roles(sign_on):
    sign_on(preferred_username="ann", groups=["soc"])

    told = SignInEvent.objects.order_by("pk").values_list("kind", "detail", "address")
    assert list(told) == [
        ("signed_in", "single sign-on", "127.0.0.1"),
        ("role_changed", "+handler", "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("claim", "data", "groups"),
    [
        ("groups", {"userinfo": {"groups": ["a"]}, "id_token": {"groups": ["b"]}}, ["a"]),
        ("groups", {"userinfo": {}, "id_token": {"groups": ["b"]}}, ["b"]),
        ("groups", {"userinfo": {"groups": "a"}}, ["a"]),
        ("groups", {"userinfo": {"groups": {"a": 1}}}, []),
        ("groups", {}, []),
        ("realm.roles", {"id_token": {"realm": {"roles": ["a"]}}}, ["a"]),
        ("realm.roles", {"id_token": {"realm": ["roles"]}}, []),
        ("https://x.test/groups", {"userinfo": {"https://x.test/groups": ["a"]}}, ["a"]),
    ],
)
def test_where_the_groups_are_found(settings, claim, data, groups):
    settings.OIDC_GROUPS_CLAIM = claim

    assert single_signon.claimed_groups(data) == groups


# --- Second factor ------------------------------------------------------------------------------


def test_a_role_needs_a_second_factor_here_too(sign_on, settings):
    settings.SECOND_FACTOR_IS_COMPULSORY = True

    client = sign_on(groups=["soc"])

    assert client.get("/admin/").url == "/accounts/2fa/"


def test_unless_the_provider_is_strong(sign_on, settings):
    settings.SECOND_FACTOR_IS_COMPULSORY = settings.OIDC_IS_STRONG = True
    client = sign_on(preferred_username="ann", groups=["soc"])
    local = Client()
    local.force_login(User.objects.get(username="ann"))

    assert client.get("/admin/").status_code == 200
    assert local.get("/admin/").url == "/accounts/2fa/"


def test_who_has_one_here_is_asked_for_it_and_gets_the_roles_afterwards(sign_on):
    key = give_app(make_user("ann", "agent"))

    client = sign_on(groups=["soc"])
    assert client.answer.url == CODE
    assert not is_signed_in(client)
    assert roles_of("ann") == {Role.SDA}

    client.post(CODE, {"code": code_of(key)})
    assert is_signed_in(client)
    assert roles_of("ann") == {Role.IH}
    assert Authenticator.objects.count() == 1


def test_who_has_nothing_here_proves_it_again_there(sign_on, settings):
    settings.OIDC_GROUP_MAP = [("it", "admin")]
    client = sign_on(groups=["it"])
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**each, "at": 0} for each in records]
    session.save()

    asked = client.get("/admin/portal/user/add/")
    assert asked.url == f"{START}?next=%2Fadmin%2Fportal%2Fuser%2Fadd%2F"

    sign_on("ann", client, asked.url, groups=["it"])
    assert client.answer.url == "/admin/portal/user/add/"
    assert client.get("/admin/portal/user/add/").status_code == 200
