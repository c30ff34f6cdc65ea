"""The page behind the glass: superusers only, every attempt written down and mailed."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail

from incidents import need_to_know
from incidents.models import BreakGlass
from incidents.states import State
from tests.console import Console, note_proof, on, words_of
from tests.factories import make_incident, make_user

WHY = "The named people are all on the plane."
PAGE = "break-glass/"


@pytest.fixture
def root(db):
    return Console(make_user("root", is_superuser=True))


@pytest.fixture
def incident(manager, ciso, dpo):
    found = make_incident(State.TRIAGE, handler=manager)
    return need_to_know.restrict(found, [], by=manager, reason="About a colleague.")


def attempts() -> list[str]:
    entries = LogEntry.objects.order_by("pk")
    return [entry.change_message for entry in entries]


def test_it_opens_the_incident_for_reading(root, incident):
    assert root.get(on(incident)).status_code == 403

    answer = root.post(PAGE, reference=incident.reference, reason=WHY)

    assert answer.status_code == 302
    page = root.get(on(incident))
    assert page.status_code == 200
    assert incident.subject in words_of(page)
    assert root.post(on(incident, "write"), audience="internal", text="Me.").status_code == 403
    assert attempts() == [f"Break-glass for {incident.reference}"]


def test_the_bare_number_will_do(root, incident):
    answer = root.post(PAGE, reference=f"{incident.pk:06d}", reason=WHY)

    assert answer.status_code == 302
    assert root.get(on(incident)).status_code == 200


@pytest.mark.parametrize(
    ("reference", "reason", "told"),
    [
        ("INC-999999", WHY, "There is no incident of this number."),
        ("nonsense", WHY, "There is no incident of this number."),
        ("999999", WHY, "There is no incident of this number."),
        ("INC-999999", "Short.", "Say why in at least 20 visible characters."),
        ("", WHY, "There is no incident of this number."),
    ],
)
def test_every_attempt_is_written_down_and_mailed(reference, reason, told, root, ciso, dpo):
    answer = root.post(PAGE, reference=reference, reason=reason)

    assert answer.status_code == 200
    assert told in words_of(answer)
    assert attempts() == [f"Break-glass for {reference or 'no number'}"]
    assert not BreakGlass.objects.exists()
    assert sorted(letter.to[0] for letter in mail.outbox) == [ciso.email, dpo.email]


def test_the_mail_names_who_and_which_number_and_not_the_reason(root, ciso):
    root.post(PAGE, reference="INC-999999", reason=WHY)

    (letter,) = mail.outbox
    assert letter.to == [ciso.email]
    assert "root" in letter.body
    assert "INC-999999" in letter.body
    assert WHY not in letter.body


def test_who_holds_the_session_proves_themselves_first(root, incident):
    note_proof(root.client, root.user, seconds_ago=3600)

    answer = root.post(PAGE, reference=incident.reference, reason=WHY)

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not BreakGlass.objects.exists()


@pytest.mark.parametrize("name", ["agent", "handler", "manager", "ciso", "dpo", "auditor", "admin"])
def test_nobody_else_gets_there(name, people):
    visitor = Console(people[name])

    assert visitor.get(PAGE).status_code == 403
    assert visitor.post(PAGE, reference="INC-000001", reason=WHY).status_code == 403
    assert attempts() == []


def test_a_stranger_signs_in_first(db):
    assert "/accounts/login/" in Console().get(PAGE)["Location"]


def test_whoever_sees_nothing_of_the_console_is_shown_the_way(root, reporter):
    refused = root.get("")

    assert refused.status_code == 403
    assert f"/admin/{PAGE}" in refused.content.decode()
    assert f"/admin/{PAGE}" not in Console(reporter).get("").content.decode()
