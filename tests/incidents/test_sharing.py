"""Updates for the workspaces: who may write them, and who reads them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction

from incidents import access, conversation
from incidents.models import Incident, Tenant, Workspace
from incidents.states import Confidentiality, State
from tests.attempts import is_allowed
from tests.factories import fresh, make_incident, make_user

NEWS = "The machine is cut off. Your data were not touched."


@pytest.fixture
def accountable(db):
    return make_user("accountable")


def make_workspace(name: str, accountable=None, incident=None) -> Workspace:
    tenant = Tenant.objects.get_or_create(name="Vestmark")[0]
    workspace = Workspace.objects.create(name=name, tenant=tenant, accountable=accountable)
    if incident is not None:
        incident.workspaces.add(workspace)
    return workspace


@pytest.fixture
def incident(reporter, accountable):
    incident = make_incident(State.TRIAGE, reporter=reporter)
    make_workspace("ws-lidar", accountable, incident)
    return incident


def test_an_update_is_public_and_signed(incident, manager):
    entry = conversation.share(incident, f" {NEWS} ", by=manager)

    assert (entry.kind, entry.text, entry.actor) == ("shared_update", NEWS, manager)
    assert entry.is_public
    assert fresh(incident).version > incident.version


def test_it_is_shared_by_right(incident, people):
    people["press"] = make_user("press", "communications")

    allowed = {
        name
        for name, person in people.items()
        if is_allowed(lambda by=person: conversation.share(incident, NEWS, by=by))
    }

    assert allowed == {"manager", "ciso", "dpo", "press"}


@pytest.mark.parametrize(
    "change", [{"confidentiality": Confidentiality.RESTRICTED}, {"is_exercise": True}]
)
def test_nothing_is_shared_of_a_restricted_one_or_an_exercise(incident, manager, change):
    Incident.objects.filter(pk=incident.pk).update(**change)

    with pytest.raises(ValidationError) as refused, transaction.atomic():
        conversation.share(incident, NEWS, by=manager)

    assert set(refused.value.message_dict) == {"workspaces"}
    assert not incident.timeline.filter(kind="shared_update").exists()


def test_nothing_is_shared_that_nobody_would_read(reporter, manager, accountable):
    incident = make_incident(State.TRIAGE, reporter=reporter)
    make_workspace("ws-nobodys", None, incident)
    make_workspace("ws-untouched", accountable)
    make_workspace("ws-left", make_user("left", is_active=False), incident)

    with pytest.raises(ValidationError, match="nobody would read it"), transaction.atomic():
        conversation.share(incident, NEWS, by=manager)


@pytest.mark.parametrize("text", ["", " ", "a\x00b", "x" * 20_001])
def test_what_cannot_be_used_is_named(incident, manager, text):
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        conversation.share(incident, text, by=manager)

    assert set(refused.value.message_dict) == {"text"}


def test_it_is_shared_with_the_accountable_of_an_affected_workspace_only(
    incident, manager, people, accountable
):
    other = make_user("other-accountable")
    make_workspace("ws-untouched", other)
    member = make_user("member")
    incident.workspaces.get().members.add(member)
    before = access.shared_with(accountable).exists()

    conversation.share(incident, NEWS, by=manager)

    everybody = [*people.values(), other, member, accountable]
    assert not before
    assert [who for who in everybody if access.shared_with(who).exists()] == [accountable]
    assert not access.shared_with(AnonymousUser()).exists()


def test_ones_own_ticket_is_not_among_those_of_others(reporter, manager):
    incident = make_incident(State.TRIAGE, reporter=reporter)
    make_workspace("ws-own", reporter, incident)

    conversation.share(incident, NEWS, by=manager)

    assert not access.shared_with(reporter).exists()
    assert access.tickets_of(reporter).get() == incident


def test_a_report_without_reporter_is_shared_too(incident, manager, accountable):
    Incident.objects.filter(pk=incident.pk).update(reporter=None)

    conversation.share(incident, NEWS, by=manager)

    assert access.shared_with(accountable).get() == incident


def test_several_workspaces_of_one_accountable_are_one_ticket(incident, manager, accountable):
    make_workspace("ws-second", accountable, incident)

    conversation.share(incident, NEWS, by=manager)
    conversation.share(incident, "It is over.", by=manager)

    assert list(access.shared_with(accountable)) == [incident]


@pytest.mark.parametrize(
    "change", [{"confidentiality": Confidentiality.RESTRICTED}, {"is_exercise": True}]
)
def test_what_is_restricted_since_is_gone_for_them(incident, manager, accountable, change):
    conversation.share(incident, NEWS, by=manager)

    Incident.objects.filter(pk=incident.pk).update(**change)

    assert not access.shared_with(accountable).exists()


def test_whoever_takes_the_workspace_over_reads_it_and_the_one_before_no_more(
    incident, manager, accountable
):
    conversation.share(incident, NEWS, by=manager)
    successor = make_user("successor")

    incident.workspaces.update(accountable=successor)

    assert access.shared_with(successor).exists()
    assert not access.shared_with(accountable).exists()
