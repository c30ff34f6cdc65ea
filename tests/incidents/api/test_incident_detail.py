"""One incident: the whole of it for the team, a ticket for its reporter, nothing for others."""

import pytest

from incidents import access, conversation, facts
from incidents.models import Incident, Tenant, Workspace
from incidents.states import Confidentiality
from tests.calling import Caller, problem, told
from tests.factories import fresh, make_incident, make_report, make_user

pytestmark = pytest.mark.django_db

SECRETS = {
    "owner",
    "manager",
    "severity",
    "urgency",
    "category",
    "breach_status",
    "breach_reason",
    "resolution",
    "root_cause",
    "tags",
    "tenants",
    "milestone_notes",
    "version",
    "updated_at",
    "confidentiality",
    "phase",
    "waiting_on",
}


def detail(user, incident, status: int = 200):
    return told(Caller(user).get(f"incidents/{incident.reference}/"), status)


def test_the_team_sees_it_all(agent, reporter):
    incident = make_incident("triage", reporter=reporter)

    shown = detail(agent, incident)

    assert set(shown) >= SECRETS
    assert (shown["owner"], shown["state"], shown["reporter"]) == (
        "a-handler",
        "triage",
        "reporter",
    )


def test_a_reporter_sees_a_ticket(reporter):
    incident = make_incident("responding", reporter=reporter)

    answer = Caller(reporter).get(f"incidents/{incident.reference}/")

    assert SECRETS & set(told(answer)) == set()
    assert told(answer)["state"] == "responding"
    assert "ETag" not in answer


def test_the_version_is_the_etag(agent, reporter):
    incident = make_incident(reporter=reporter)

    answer = Caller(agent).get(f"incidents/{incident.reference}/")

    assert answer["ETag"] == f'"{fresh(incident).version}"'


def test_what_one_may_not_see_answers_as_what_does_not_exist(reporter, outsider, admin):
    incident = make_incident(reporter=reporter)

    for user in (outsider, admin):
        hidden = Caller(user).get(f"incidents/{incident.reference}/")
        nothing = Caller(user).get("incidents/INC-999999/")
        assert problem(hidden, 404) == problem(nothing, 404)


@pytest.mark.parametrize(
    "reference",
    [
        "INC-0",
        "INC-x",
        "1",
        "INC-" + "9" * 18,
        "INC-" + "9" * 400,
        "INC--1",
        "%00",
        "INC-1%00",
        "é",
    ],
)
def test_a_reference_that_is_none_does_not_exist(agent, reference):
    problem(Caller(agent).get(f"incidents/{reference}/"), 404)


def test_a_reference_may_be_written_small_and_short(agent, reporter):
    incident = make_incident(reporter=reporter)

    shown = told(Caller(agent).get(f"incidents/inc-{incident.pk}/"))

    assert shown["reference"] == incident.reference


def test_times_are_in_utc(agent, reporter):
    incident = make_incident(reporter=reporter)

    shown = detail(agent, incident)

    assert shown["reported_at"].endswith("Z")
    assert shown["noticed_at"].endswith("Z")


def test_a_restricted_incident_is_seen_by_the_named_only(agent, manager, reporter):
    incident = make_incident(reporter=reporter, confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [manager])

    problem(Caller(agent).get(f"incidents/{incident.reference}/"), 404)
    assert "owner" in detail(manager, incident)


def test_an_agent_sees_their_own_restricted_report_as_a_ticket(agent):
    incident = make_incident(reporter=agent, confidentiality=Confidentiality.RESTRICTED)

    assert SECRETS & set(detail(agent, incident)) == set()
    for path in ("tasks/", "matches/", "alerts/", "assessments/", "playbooks/"):
        problem(Caller(agent).get(f"incidents/{incident.reference}/{path}"), 403)
    answer = Caller(agent).post(
        f"incidents/{incident.reference}/transitions/", {"transition": "acknowledge"}
    )
    problem(answer, 403)


@pytest.mark.parametrize("path", ["tasks/", "matches/", "alerts/", "assessments/", "playbooks/"])
def test_the_inside_of_ones_own_ticket_is_403_and_of_others_404(reporter, outsider, path):
    incident = make_incident(reporter=reporter)

    problem(Caller(reporter).get(f"incidents/{incident.reference}/{path}"), 403)
    problem(Caller(outsider).get(f"incidents/{incident.reference}/{path}"), 404)


def test_workspaces_that_a_reporter_may_not_name_are_not_shown(reporter, agent):
    tenant = Tenant.objects.create(name="University")
    own = Workspace.objects.create(name="ws-own", tenant=tenant)
    own.members.add(reporter)
    Workspace.objects.create(name="ws-secret", tenant=tenant)
    incident = make_report(reporter, answers={"workspaces": ["ws-own"]})
    facts.edit(incident, {"workspaces": ["ws-own", "ws-secret"]}, by=agent)

    assert detail(reporter, incident)["workspaces"] == ["ws-own"]
    assert detail(agent, incident)["workspaces"] == ["ws-own", "ws-secret"]


UNNAMED = {
    "reporter": None,
    "contact_name": None,
    "contact_email": None,
    "contact_phone": None,
    "safe_channel": None,
    "on_behalf_of": None,
}


@pytest.fixture
def unnamed(reporter):
    reporter.first_name, reporter.last_name = "Wanda", "Whistle"
    reporter.save()
    answers = {"is_name_confidential": True, "contact_phone": "555-0199", "on_behalf_of": "Zoe"}
    incident = make_report(reporter, answers=answers)
    conversation.receive(incident, "Something more.", by=reporter)
    return incident


def test_an_unnamed_reporter_is_known_to_those_who_may_know(unnamed, reporter, manager, ciso):
    for user in (reporter, manager, ciso):
        assert detail(user, unnamed)["reporter"] == "reporter"


def test_an_unnamed_reporter_is_not_shown_to_others_in_any_form(unnamed, agent, handler, auditor):
    for user in (agent, handler, auditor):
        caller = Caller(user)
        shown = detail(user, unnamed)
        assert {name: shown[name] for name in UNNAMED} == UNNAMED
        for path in ("", "timeline/", "alerts/", "evidence/", "tasks/", "transitions/"):
            text = caller.get(f"incidents/{unnamed.reference}/{path}").content.decode()
            for word in (
                "Wanda",
                "Whistle",
                "reporter@tocsin.test",
                "555-0199",
                "Zoe",
                '"reporter"',
            ):
                assert word not in text.replace('"reporter":null', ""), (user, path, word)


def test_no_hash_lets_one_try_names_until_the_reporter_is_found(unnamed, agent, manager):
    path = f"incidents/{unnamed.reference}/timeline/"

    noted = told(Caller(agent).post(path, {"text": "Called the lab."}), 201)
    entries = [noted, *told(Caller(agent).get(path))["results"]]

    assert {(each["hash"], each["previous_hash"]) for each in entries} == {(None, None)}
    last = told(Caller(manager).get(path))["results"][-1]
    assert last["hash"] == unnamed.timeline.last().hash


def test_how_to_reach_an_unnamed_reporter_is_changed_by_who_may_know_it(unnamed, agent, manager):
    path = f"incidents/{unnamed.reference}/"
    change = {"contact_phone": "555-0100"}

    problem(Caller(agent).patch(path, change), 403)

    assert told(Caller(manager).patch(path, change))["contact_phone"] == "555-0100"


def test_the_owner_of_the_incident_may_know_the_reporter(unnamed, handler):
    Incident.objects.filter(pk=unnamed.pk).update(owner=handler)

    assert detail(handler, unnamed)["reporter"] == "reporter"


def test_the_list_hides_the_unnamed_too(unnamed, agent):
    [row] = told(Caller(agent).get("incidents/"))["results"]

    assert row["reporter"] is None


def test_somebody_who_lost_their_role_sees_their_own_tickets_only(reporter):
    former = make_user("former", "handler")
    incident = make_incident(reporter=reporter)
    detail(former, incident)
    former.groups.clear()

    problem(Caller(former).get(f"incidents/{incident.reference}/"), 404)
