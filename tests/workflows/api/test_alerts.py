"""The alert ledger, and saying: I have it."""

import pytest

from tests.calling import Caller, problem, told
from tests.factories import fresh, make_report
from workflows.models import Alert

pytestmark = pytest.mark.django_db

PROMISED = {"id", "recipient", "channel", "reason", "sent_at", "acknowledged_at"}


@pytest.fixture
def incident(reporter, team, reference):
    return make_report(reporter, subject="Data breach in workspace 114")


def alert_of(user) -> Alert:
    return Alert.objects.filter(recipient=user, kind=Alert.Kind.ALERT).earliest("pk")


def test_the_ledger_lists_every_alert_with_its_attempts(agent, incident):
    Alert.objects.earliest("pk").attempts.create(succeeded=False, answer="451 try later")

    shown = told(Caller(agent).get(f"incidents/{incident.reference}/alerts/"))["results"]

    assert len(shown) == Alert.objects.filter(incident=incident).count()
    assert all(set(each) >= PROMISED for each in shown)
    assert shown[0]["attempts"][0]["answer"] == "451 try later"
    assert shown[0]["recipient"] in {"manager", "dpo", "ciso", "handler", "agent"}


def test_the_ledger_is_the_teams(reporter, outsider, admin, auditor, incident):
    path = f"incidents/{incident.reference}/alerts/"

    told(Caller(auditor).get(path))
    problem(Caller(reporter).get(path), 403)
    problem(Caller(outsider).get(path), 404)
    problem(Caller(admin).get(path), 404)


def test_its_recipient_acknowledges(ciso, incident):
    alert = alert_of(ciso)

    shown = told(Caller(ciso).post(f"alerts/{alert.pk}/acknowledge/"))

    assert (shown["id"], shown["acknowledged_by"]) == (alert.pk, "ciso")
    assert shown["acknowledged_at"].endswith("Z")


def test_again_changes_nothing(ciso, incident):
    alert = alert_of(ciso)
    first = told(Caller(ciso).post(f"alerts/{alert.pk}/acknowledge/"))

    assert told(Caller(ciso).post(f"alerts/{alert.pk}/acknowledge/")) == first


def test_a_call_without_any_body_will_do(ciso, incident):
    caller = Caller(ciso)

    answer = caller.client.generic(
        "POST", f"/api/v1/alerts/{alert_of(ciso).pk}/acknowledge/", headers=caller.headers
    )

    told(answer)


def test_nobody_acknowledges_for_another(manager, agent, reporter, outsider, ciso, incident):
    alert = alert_of(ciso)
    nothing = problem(Caller(outsider).post("alerts/999999/acknowledge/"), 404)

    for user in (manager, agent):
        problem(Caller(user).post(f"alerts/{alert.pk}/acknowledge/"), 403)
    for user in (reporter, outsider):
        assert problem(Caller(user).post(f"alerts/{alert.pk}/acknowledge/"), 404) == nothing

    assert fresh(alert).acknowledged_at is None


def test_a_receipt_is_nothing_to_acknowledge(reporter, incident):
    receipt = Alert.objects.get(kind=Alert.Kind.RECEIPT)

    problem(Caller(reporter).post(f"alerts/{receipt.pk}/acknowledge/"), 404)
