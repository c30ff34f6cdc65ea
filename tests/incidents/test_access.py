"""Need to know: who sees which incident, everywhere alike (DOMAIN.md 8)."""

import pytest
from django.contrib.auth.models import AnonymousUser

from incidents import access
from incidents.models import Incident
from incidents.roles import GROUP_OF
from incidents.states import BreachStatus, Confidentiality
from tests.factories import make_incident, make_task, make_user

SEES_THE_TEAMS = {"agent", "handler", "manager", "ciso", "auditor"}


@pytest.fixture
def everybody(db):
    """One person for each role, and two who have none."""
    people = {group: make_user(f"the-{group}", group) for group in GROUP_OF.values()}
    people["reporter"] = make_user("reporter")
    people["superuser"] = make_user("superuser", is_staff=True, is_superuser=True)
    return people


def seen_by(everybody, incident: Incident) -> set[str]:
    """Who sees the incident in the team's view; both ways to ask agree."""
    listed = {name for name, user in everybody.items() if incident in access.visible_to(user)}
    single = {name for name, user in everybody.items() if access.may_see(user, incident)}
    assert listed == single
    return listed


def test_an_ordinary_incident_is_seen_by_the_team_and_the_auditor(everybody):
    incident = make_incident(reporter=everybody["reporter"])

    assert seen_by(everybody, incident) == SEES_THE_TEAMS


@pytest.mark.parametrize("status", ["suspected", "confirmed", "ruled_out"])
def test_the_privacy_officer_sees_every_breach(status, everybody):
    incident = make_incident(breach_status=status)

    assert seen_by(everybody, incident) == SEES_THE_TEAMS | {"dpo"}


@pytest.mark.parametrize(
    "group", ["dpo", "communications", "legal", "forensics", "platform", "management", "hr"]
)
def test_whoever_has_a_task_sees_the_incident(group, everybody):
    incident, other = make_incident(), make_incident()
    make_task(incident, assignee=everybody[group])

    assert seen_by(everybody, incident) == SEES_THE_TEAMS | {group}
    assert seen_by(everybody, other) == SEES_THE_TEAMS


def test_the_owner_sees_the_incident(everybody):
    incident = make_incident(owner=everybody["dpo"])

    assert seen_by(everybody, incident) == SEES_THE_TEAMS | {"dpo"}


def test_a_restricted_incident_is_seen_by_named_people_only(everybody):
    incident = make_incident(owner=everybody["handler"], breach_status=BreachStatus.SUSPECTED)
    make_task(incident, assignee=everybody["legal"])
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)

    assert seen_by(everybody, incident) == set()

    access.restrict_to(incident, [everybody["ciso"], everybody["legal"]])
    access.restrict_to(incident, [everybody["ciso"]])
    assert seen_by(everybody, incident) == {"ciso", "legal"}


def test_an_application_administrator_sees_none_even_with_a_task(everybody):
    incident = make_incident(owner=everybody["admin"])
    make_task(incident)
    incident.tasks.update(assignee=everybody["admin"])

    assert "admin" not in seen_by(everybody, incident)


def test_an_administrator_who_is_an_agent_too_sees_what_agents_see(db):
    both = make_user("both", "admin", "agent")

    assert access.may_see(both, make_incident())


def test_whoever_left_sees_nothing(db):
    former = make_user("former", "manager", is_active=False)
    incident = make_incident(owner=former)

    assert not access.may_see(former, incident)


def test_a_reporter_sees_their_own_tickets_and_no_other(reporter, outsider, agent):
    mine, theirs = make_incident(reporter=reporter), make_incident(reporter=outsider)

    assert list(access.tickets_of(reporter)) == [mine]
    assert list(access.tickets_of(outsider)) == [theirs]
    assert list(access.tickets_of(agent)) == []
    assert list(access.tickets_of(AnonymousUser())) == []
    assert list(access.visible_to(reporter)) == []


def test_a_restricted_ticket_stays_its_reporters_own(reporter, outsider):
    incident = make_incident(reporter=reporter, confidentiality=Confidentiality.RESTRICTED)

    assert list(access.tickets_of(reporter)) == [incident]
    assert list(access.tickets_of(outsider)) == []


def test_programs_answer_for_the_teams_view_and_ones_own_tickets_together(everybody):
    mine = make_incident(reporter=everybody["agent"], confidentiality="restricted")
    other = make_incident(reporter=everybody["reporter"])

    assert set(access.readable_by(everybody["agent"])) == {mine, other}
    assert set(access.readable_by(everybody["reporter"])) == {other}
    assert set(access.readable_by(everybody["superuser"])) == set()


@pytest.mark.parametrize(
    ("reference", "key"),
    [("INC-000123", 123), ("inc-123", 123), (" INC-7 ", 7), ("INC-1234567", 1_234_567)],
)
def test_a_reference_leads_to_its_key(reference, key):
    assert access.key_of(reference) == key


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "123",
        "INC-",
        "INC-0",
        "INC-000000",
        "INC--1",
        "INC-1.0",
        "INC-1 OR 1=1",
        "INC-١٢٣",
        "INC-1\n2",
        "INC-99999999999999999999",
        "INC-1\x00",
        "TKT-1",
    ],
)
def test_what_is_no_reference_looks_like_one_that_does_not_exist(reference):
    with pytest.raises(Incident.DoesNotExist):
        access.key_of(reference)
