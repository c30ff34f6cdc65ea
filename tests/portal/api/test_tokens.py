"""Making tokens: shown once, kept as a hash, with known scopes and an end."""

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.api import tokens
from portal.models import ApiToken

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_token", *arguments, stdout=out)
    return out.getvalue()


def test_only_the_hash_of_a_secret_is_kept(agent):
    token, secret = tokens.issue(agent, "siem", ["incidents:read"], 10)

    assert secret.startswith("tocsin_")
    assert len(secret) > 40
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(token.hint)
    assert len(token.hint) < len(secret) / 2


def test_a_token_ends_when_it_was_told_to(agent):
    token, _secret = tokens.issue(agent, "siem", ["incidents:read"], 10)

    left = token.expires_at - timezone.now()

    assert timedelta(days=9, hours=23) < left <= timedelta(days=10)


@pytest.mark.parametrize(
    ("scopes", "days"),
    [([], 10), (["nonsense"], 10), (["incidents:read"], 0), (["tasks:write"], 9999)],
)
def test_a_token_needs_known_scopes_and_a_sensible_end(agent, scopes, days):
    with pytest.raises(ValidationError):
        tokens.issue(agent, "siem", scopes, days)

    assert not ApiToken.objects.exists()


def test_the_command_prints_the_token_alone(agent):
    printed = create("agent", "--scope", "incidents:read")

    assert printed.strip() == printed.rstrip("\n")
    assert tokens.digest(printed.strip()) == ApiToken.objects.get().digest


def test_scopes_may_stand_together_or_be_repeated(agent):
    create(
        "agent",
        "--scope",
        "incidents:read",
        "tasks:write",
        "--scope",
        "alerts:write",
        "--days",
        "7",
    )

    made = ApiToken.objects.get()

    assert made.scopes == ["alerts:write", "incidents:read", "tasks:write"]
    assert (made.expires_at - timezone.now()).days == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody", "--scope", "incidents:read"),
        ("agent", "--scope", "nonsense"),
        ("agent", "--scope", "incidents:read", "--days", "0"),
        ("agent",),
    ],
)
def test_the_command_refuses_what_it_does_not_know(agent, arguments):
    with pytest.raises(CommandError):
        create(*arguments)

    assert not ApiToken.objects.exists()


def test_the_command_refuses_a_switched_off_account(agent):
    agent.is_active = False
    agent.save()

    with pytest.raises(CommandError, match="switched off"):
        create("agent", "--scope", "incidents:read")
