"""Who hears of a hand-over, and what a P1 or P2 asks of whoever takes it over."""

import pytest

from incidents import handing_over
from incidents.models import Incident
from incidents.states import Confidentiality, State, TaskState
from tests.factories import finish_all, make_incident, make_user
from workflows import messages
from workflows.models import Alert
from workflows.reassessment import KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NOTE = "The supplier calls back at eight: "


@pytest.fixture
def ann():
    return make_user("ann", "handler", language="en")


@pytest.fixture
def bob():
    return make_user("bob", "handler", language="en")


def owned_by(person, **fields) -> Incident:
    return make_incident(State.RESPONDING, **{"priority": 3, "owner": person, **fields})


def offered(giver, successor, *incidents):
    note = NOTE + ", ".join(row.reference for row in incidents)
    return handing_over.offer(by=giver, to=successor, note=note, incidents=incidents)


def mails(template: str) -> list[Alert]:
    return list(Alert.objects.filter(template=template).order_by("pk"))


def test_the_successor_gets_one_mail_without_a_name_or_number(ann, bob):
    low, high = owned_by(ann), owned_by(ann, priority=1)

    offered(ann, bob, low, high)

    (row,) = mails("handover_offered")
    mail = messages.render(row)
    assert (row.recipient, row.kind, row.incident) == (bob, "notice", high)
    assert mail.subject == "A colleague hands work over to you"
    assert "/admin/incidents/handover/" in mail.text
    for word in ("supplier", "ann", high.reference, high.subject):
        assert word not in mail.text


@pytest.mark.parametrize("act", ["accept", "decline"])
def test_the_giver_hears_of_the_answer(act, ann, bob):
    one = offered(ann, bob, owned_by(ann))

    getattr(handing_over, act)(one, by=bob, note="So be it.")

    (row,) = mails("handover_answered")
    assert row.recipient == ann
    assert messages.render(row).subject == "Your hand-over was answered"
    assert "So be it." not in messages.render(row).text


def test_of_what_the_giver_may_not_see_any_more_nobody_is_told(ann, bob):
    incident = owned_by(ann)
    one = offered(ann, bob, incident)
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)

    handing_over.decline(one, by=bob, note="I am off too.")

    assert mails("handover_answered") == []


def test_who_takes_over_an_urgent_one_looks_at_its_priority(ann, bob):
    urgent, calm = owned_by(ann, priority=2), owned_by(ann)
    waiting = make_incident(priority=1, owner=ann)
    for each in (urgent, calm):
        finish_all(each)  # the playbook asked the same question already
    one = offered(ann, bob, urgent, calm, waiting)

    handing_over.accept(one, by=bob)

    task = urgent.tasks.get(dedupe_key__startswith=KEY, state=TaskState.TODO)
    assert task.assignee == bob
    assert "Handed over" in task.instruction
    for other in (calm, waiting):
        asked = other.tasks.filter(dedupe_key__startswith=KEY)
        assert not asked.exclude(state=TaskState.DONE).exists()


def test_declined_asks_nothing(ann, bob):
    urgent = owned_by(ann, priority=2)
    finish_all(urgent)

    handing_over.decline(offered(ann, bob, urgent), by=bob, note="I am off too.")

    asked = urgent.tasks.filter(dedupe_key__startswith=KEY)
    assert not asked.exclude(state=TaskState.DONE).exists()
