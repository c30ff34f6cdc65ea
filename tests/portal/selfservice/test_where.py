"""Where it happened: the reporter's own names are offered, and what is held is never untied."""

import pytest
from django.test import Client

from incidents import facts
from incidents.models import Incident, Tenant, VirtualMachine, Workspace
from tests.factories import fresh
from tests.portal.selfservice.typed import question, reported, signed_in, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def client(reporter) -> Client:
    return signed_in(reporter)


@pytest.fixture
def incident(client) -> Incident:
    reported(client)
    return Incident.objects.get()


@pytest.fixture
def workspace(reporter) -> Workspace:
    tenant = Tenant.objects.create(name="University of Utopia")
    mine = Workspace.objects.create(name="ws-cardio", tenant=tenant)
    mine.members.add(reporter)
    VirtualMachine.objects.create(name="vm-cardio-01", workspace=mine)
    Workspace.objects.create(name="ws-of-others", tenant=tenant)
    return mine


def answer(client: Client, incident: Incident, name: str, **sent):
    return client.post(question(incident.reference, name), sent)


def shown(client: Client, incident: Incident, name: str, more: str = "") -> str:
    return client.get(question(incident.reference, name) + more).content.decode()


def make_workspaces(reporter, *names: str) -> None:
    tenant = Tenant.objects.get_or_create(name="University of Utopia")[0]
    for name in names:
        workspace = Workspace.objects.create(name=name, tenant=tenant)
        workspace.members.add(reporter)
        VirtualMachine.objects.create(name=f"vm-{name}", workspace=workspace)


def test_what_was_unticked_is_unticked(client, incident, workspace):
    answer(client, incident, "where", workspaces=["ws-cardio"], workspaces_text="the old one")

    answer(client, incident, "where", workspaces=["unknown"])

    assert not fresh(incident).workspaces.exists()
    assert fresh(incident).workspaces_text == "unknown"


def test_all_workspaces_are_ones_own(client, incident, workspace, reporter):
    tenant = workspace.tenant
    Workspace.objects.create(name="ws-second", tenant=tenant).members.add(reporter)

    page = shown(client, incident, "where")
    answer(client, incident, "where", workspaces=["*"])

    assert 'value="*"' in page
    assert {each.name for each in incident.workspaces.all()} == {"ws-cardio", "ws-second"}


def test_as_many_names_are_shown_as_are_taken(client, incident, reporter):
    most = facts.NAMES_MOST
    make_workspaces(reporter, *(f"ws-{number:03}" for number in range(most)))
    whole = shown(client, incident, "where")
    make_workspaces(reporter, "ws-last")

    cut = shown(client, incident, "where")
    sent = {"workspaces": [f"ws-{number:03}" for number in range(most)]}
    response = answer(client, incident, "where", **sent)

    assert whole.count('name="workspaces"') == most + 2
    assert "These are the first" not in whole
    assert cut.count('name="workspaces"') == most + 1
    assert 'value="*"' not in cut
    assert cut.count(f"These are the first {most}. Write the others in your own words.") == 2
    assert response.status_code == 302, summary(response)
    assert incident.workspaces.count() == most


def test_on_the_phone_the_workspaces_of_the_caller_are_offered(agent, reporter, workspace):
    make_workspaces(agent, "ws-of-the-agent")
    client = signed_in(agent)
    reference = reported(client, reporter="reporter")

    page = client.get(question(reference, "where")).content.decode()
    client.post(question(reference, "where"), {"workspaces": ["ws-cardio"]})

    assert 'value="ws-cardio"' in page
    assert "ws-of-the-agent" not in page
    assert [each.name for each in Incident.objects.get().workspaces.all()] == ["ws-cardio"]


def test_what_an_agent_named_stays_when_the_caller_goes_on(agent, reporter, workspace):
    reference = reported(signed_in(agent), reporter="reporter")
    path = question(reference, "where")
    signed_in(agent).post(path, {"workspaces_text": "ws-of-others"})
    mine = signed_in(reporter)

    page = mine.get(path).content.decode()
    mine.post(path, {"workspaces": ["ws-cardio", "ws-of-others"]})
    again = mine.get(path).content.decode()

    assert 'value="ws-of-others"' in page
    names = {each.name for each in Incident.objects.get().workspaces.all()}
    assert names == {"ws-cardio", "ws-of-others"}
    assert again.count(" checked") == 2


def test_a_workspace_that_one_has_left_stays_answered(client, incident, workspace, reporter):
    answer(client, incident, "where", workspaces=["ws-cardio"], virtual_machines=["vm-cardio-01"])
    workspace.members.clear()

    page = shown(client, incident, "where")
    check = client.get(question(incident.reference, "check")).content.decode()
    response = answer(
        client,
        incident,
        "where",
        workspaces=["ws-cardio"],
        virtual_machines=["vm-cardio-01"],
        workspaces_text="and another",
    )

    assert page.count(" checked") == 2
    assert "vm-cardio-01" in check
    assert response.status_code == 302, summary(response)
    assert [each.name for each in incident.workspaces.all()] == ["ws-cardio"]
    assert [each.name for each in incident.virtual_machines.all()] == ["vm-cardio-01"]


def test_a_workspace_that_the_team_has_linked_is_not_offered(client, incident, handler, workspace):
    VirtualMachine.objects.create(
        name="vm-others", workspace=Workspace.objects.get(name="ws-of-others")
    )
    facts.edit(incident, {"virtual_machines": ["vm-others"]}, by=handler)

    page = shown(client, incident, "where")
    answer(client, incident, "where", workspaces=["ws-cardio"])

    assert "others" not in page
    assert [each.name for each in incident.workspaces.all()] == ["ws-of-others"]


def test_the_names_of_other_workspaces_are_never_offered(client, incident, workspace, outsider):
    theirs = signed_in(outsider)
    other = reported(theirs)

    mine = shown(client, incident, "where")
    page = theirs.get(question(other, "where")).content.decode()

    assert "ws-cardio" in mine
    assert "vm-cardio-01" in mine
    assert "ws-of-others" not in mine
    assert "ws-cardio" not in page
    assert "vm-cardio-01" not in page
