"""The receipt: what was promised, what to do until then, and for whom it exists."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents import access, conversation
from incidents.models import Incident
from incidents.states import Confidentiality, Door
from tests.factories import make_report
from tests.portal.selfservice.typed import signed_in
from workflows import working_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def receipt(user, incident) -> str:
    response = signed_in(user).get(f"/report/done/{incident.reference}/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_the_reference_and_what_happens_next(reporter, team, settings):
    settings.EMERGENCY_PHONE = "+31 85 000 01 99"
    incident = make_report(reporter, subject="Suspected data breach", answers={"about": "malware"})

    page = receipt(reporter, incident)

    assert incident.reference in page
    assert "Leave it running" in page
    assert "Do not switch it off" in page
    assert 'href="tel:+31850000199"' in page
    assert reporter.email in page


def test_it_promises_by_priority(reporter, team):
    urgent = make_report(reporter, subject="Suspected data breach")
    calm = make_report(reporter)

    first, second = receipt(reporter, urgent), receipt(reporter, calm)

    hour = urgent.reported_at + timedelta(hours=1)
    day = working_hours.calendar().add_working_days(calm.reported_at, 1)
    assert f'datetime="{hour:%Y-%m-%dT%H:%M:%SZ}"' in first
    assert f'datetime="{day:%Y-%m-%dT%H:%M:%SZ}"' in second


def test_a_kept_promise_is_no_longer_a_promise(reporter, handler):
    incident = make_report(reporter)
    before = receipt(reporter, incident)
    conversation.reply(incident, "We are on it.", by=handler)

    assert "You hear from us" in before
    assert "We have written to you" in receipt(reporter, incident)


def test_no_mail_is_announced_to_an_account_that_may_be_in_the_wrong_hands(reporter):
    incident = make_report(reporter, answers={"safe_channel": "my own phone"})

    assert reporter.email not in receipt(reporter, incident)


def test_it_warns_of_numbers_that_should_not_be_there_but_keeps_them(reporter):
    incident = make_report(reporter, description="Her number is 111222333, and NL91ABNA0417164300.")

    page = receipt(reporter, incident)

    assert "a citizen service number, a bank account number" in page
    assert "111222333" in Incident.objects.get(pk=incident.pk).description


def test_it_asks_back_when_it_was_noticed_long_ago(reporter):
    old = make_report(reporter, answers={"noticed_at": timezone.now() - timedelta(days=40)})
    new = make_report(reporter)

    assert "If that is a slip" in receipt(reporter, old)
    assert "If that is a slip" not in receipt(reporter, new)


def test_it_exists_for_the_reporter_and_whoever_typed_it_in_only(
    reporter, outsider, agent, handler
):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    path = f"/report/done/{incident.reference}/"

    assert signed_in(reporter).get(path).status_code == 200
    assert signed_in(agent).get(path).status_code == 200
    assert signed_in(outsider).get(path).status_code == 404
    assert signed_in(handler).get(path).status_code == 404


def test_whoever_typed_it_in_loses_it_when_it_is_restricted_unless_they_are_named(reporter, agent):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    path = f"/report/done/{incident.reference}/"

    Incident.objects.update(confidentiality=Confidentiality.RESTRICTED)

    assert signed_in(agent).get(path).status_code == 404
    assert signed_in(reporter).get(path).status_code == 200
    access.restrict_to(incident, [agent])
    assert signed_in(agent).get(path).status_code == 200


def test_a_stranger_is_asked_to_sign_in(client, reporter):
    incident = make_report(reporter)

    response = client.get(f"/report/done/{incident.reference}/")

    assert response.url == f"/accounts/login/?next=/report/done/{incident.reference}/"


@pytest.mark.parametrize("reference", ["INC-999999", "inc", "1", "INC-0", "INC-\u0663", "%00"])
def test_guessing_finds_nothing(reporter, reference):
    assert signed_in(reporter).get(f"/report/done/{reference}/").status_code == 404
