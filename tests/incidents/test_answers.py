"""Answers after the report: they add to the record, and never overrule the team."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from incidents import access, answers, conversation, facts, milestones, records, rights
from incidents.models import Incident, Tenant, VirtualMachine, Workspace
from incidents.models.timeline import Kind
from incidents.states import BreachStatus, Confidentiality, Door, WaitingOn
from tests.factories import fresh, make_incident, make_report
from workflows.models import Alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(reporter) -> Incident:
    return make_report(reporter)


def entries(incident: Incident, kind: str) -> list:
    return list(incident.timeline.filter(kind=kind).order_by("sequence"))


def test_an_answer_is_on_the_incident_and_on_the_timeline(incident, reporter):
    answers.give(incident, {"ongoing": "yes", "supplier": "ACME"}, by=reporter)

    stored = fresh(incident)
    assert (stored.ongoing, stored.supplier) == ("yes", "ACME")
    [entry] = entries(incident, Kind.CHANGE)
    assert (entry.actor, entry.data["supplier"]) == (reporter, ["", "ACME"])


def test_a_better_answer_replaces_the_former_one(incident, reporter):
    answers.give(incident, {"concerned": "laptop 17"}, by=reporter)

    answers.give(incident, {"concerned": "laptop 18"}, by=reporter)

    assert fresh(incident).concerned == "laptop 18"
    assert entries(incident, Kind.MESSAGE) == []


def test_the_same_answer_writes_nothing(incident, reporter):
    answers.give(incident, {"ongoing": "yes"}, by=reporter)
    version = fresh(incident).version

    answers.give(incident, {"ongoing": "yes"}, by=reporter)

    assert fresh(incident).version == version
    assert len(entries(incident, Kind.CHANGE)) == 1


def test_a_fact_that_the_team_has_changed_stays_and_the_answer_is_a_message(
    incident, reporter, handler
):
    facts.edit(incident, {"about": "malware"}, by=handler)

    answers.give(incident, {"about": "data_breach", "ongoing": "yes"}, by=reporter)

    stored = fresh(incident)
    assert (stored.about, stored.ongoing) == ("malware", "yes")
    [message] = entries(incident, Kind.MESSAGE)
    assert (message.actor, message.is_public) == (reporter, True)
    assert message.text == "About: Personal or study data in the wrong hands"


def test_the_answer_that_the_team_has_given_already_is_no_message(incident, reporter, handler):
    facts.edit(incident, {"about": "malware"}, by=handler)

    answers.give(incident, {"about": "malware"}, by=reporter)

    assert entries(incident, Kind.MESSAGE) == []


def test_an_answer_that_says_nothing_is_no_message(incident, reporter, handler):
    facts.edit(incident, {"about": "malware"}, by=handler)

    answers.give(incident, {"about": ""}, by=reporter)

    assert fresh(incident).about == "malware"
    assert entries(incident, Kind.MESSAGE) == []


def test_names_that_the_team_has_corrected_stay(incident, reporter, handler):
    tenant = Tenant.objects.create(name="University of Utopia")
    for name in ("ws-one", "ws-two"):
        Workspace.objects.create(name=name, tenant=tenant).members.add(reporter)
    facts.edit(incident, {"workspaces": ["ws-one"]}, by=handler)

    answers.give(incident, {"workspaces": ["ws-one"]}, by=reporter)
    answers.give(incident, {"workspaces": ["ws-two"]}, by=reporter)

    assert [each.name for each in incident.workspaces.all()] == ["ws-one"]
    [message] = entries(incident, Kind.MESSAGE)
    assert "ws-two" in message.text


def test_a_moment_that_the_team_has_set_stays(incident, reporter, handler):
    moment = timezone.now() - timedelta(days=2)
    milestones.record(incident, "noticed_at", moment, by=handler, reason="Seen in the logs.")
    theirs = {"noticed_at": moment - timedelta(days=1), "noticed_at_precision": "day"}

    answers.give(incident, theirs, by=reporter)

    assert fresh(incident).noticed_at == moment
    [message] = entries(incident, Kind.MESSAGE)
    assert message.text == f"Noticed: {moment - timedelta(days=1):%Y-%m-%d %H:%M} UTC"


def test_names_go_with_the_words_beside_them(incident, reporter, handler):
    facts.edit(incident, {"workspaces": ["old-server"], "virtual_machines": ["vm-7"]}, by=handler)
    theirs = {"workspaces_text": "", "workspaces": ["Old-Server", "ws-nine"]}

    answers.give(incident, theirs, by=reporter)

    stored = fresh(incident)
    assert (stored.workspaces_text, stored.virtual_machines_text) == ("old-server", "vm-7")
    [message] = entries(incident, Kind.MESSAGE)
    assert message.text == "Workspaces: Old-Server, ws-nine"


def test_the_names_that_the_team_has_written_in_words_are_no_contradiction(
    incident, reporter, handler
):
    facts.edit(incident, {"workspaces": ["old-server"]}, by=handler)

    answers.give(
        incident, {"workspaces_text": "", "workspaces": ["old-server", "unknown"]}, by=reporter
    )

    assert fresh(incident).workspaces_text == "old-server"
    assert entries(incident, Kind.MESSAGE) == []


def test_the_workspace_of_a_machine_that_the_team_named_stays(incident, reporter, handler):
    workspace = Workspace.objects.create(
        name="ws-one", tenant=Tenant.objects.create(name="University of Utopia")
    )
    VirtualMachine.objects.create(name="vm-one", workspace=workspace)
    facts.edit(incident, {"virtual_machines": ["vm-one"]}, by=handler)

    answers.give(incident, {"workspaces_text": "", "workspaces": []}, by=reporter)

    assert list(incident.workspaces.all()) == [workspace]


def test_a_name_that_is_linked_stays_linked_when_the_reporter_repeats_it(agent, reporter):
    Workspace.objects.create(
        name="ws-one", tenant=Tenant.objects.create(name="University of Utopia")
    )
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    answers.give(incident, {"workspaces_text": "", "workspaces": ["ws-one"]}, by=agent)

    again = {"workspaces_text": "", "workspaces": ["ws-one", "ws-two"]}
    answers.give(incident, again, by=reporter)

    assert [each.name for each in incident.workspaces.all()] == ["ws-one"]
    assert fresh(incident).workspaces_text == "ws-two"


def test_half_of_a_moment_is_not_changed_behind_the_team(incident, reporter, handler):
    moment = timezone.now() - timedelta(days=2)
    milestones.record(incident, "noticed_at", moment, by=handler, reason="Seen in the logs.")

    answers.give(incident, {"noticed_at_precision": "day"}, by=reporter)

    stored = fresh(incident)
    assert (stored.noticed_at, stored.noticed_at_precision) == (moment, "unknown")
    assert stored.milestone_notes["noticed_at"]["source"] == "handler"


def test_the_moment_that_the_team_has_set_already_is_no_message(incident, reporter, handler):
    moment = timezone.now().replace(microsecond=0, second=0) - timedelta(days=2)
    milestones.record(incident, "occurred_from", moment, by=handler, reason="Seen in the logs.")
    typed = timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")

    answers.give(incident, {"occurred_from": typed, "occurred_to": ""}, by=reporter)

    assert entries(incident, Kind.MESSAGE) == []


def test_what_was_said_before_is_not_said_again(incident, reporter, handler):
    former = {"concerned": "laptop 17", "supplier": "ACME"}
    answers.give(incident, former, by=reporter)
    facts.edit(incident, {"concerned": "laptop 18"}, by=handler)

    answers.give(incident, {**former, "supplier": "ACME Ltd"}, by=reporter, former=former)

    stored = fresh(incident)
    assert (stored.concerned, stored.supplier) == ("laptop 18", "ACME Ltd")
    assert entries(incident, Kind.MESSAGE) == []


@pytest.mark.parametrize("name", ["ongoing", "personal_data", "data_recipient"])
def test_not_knowing_contradicts_nobody(incident, reporter, handler, name):
    known = {"ongoing": "yes", "personal_data": "yes", "data_recipient": "public"}
    facts.edit(incident, {name: known[name]}, by=handler)

    answers.give(incident, {name: "unknown"}, by=reporter)

    assert getattr(fresh(incident), name) == known[name]
    assert entries(incident, Kind.MESSAGE) == []


def test_a_different_answer_does_not_answer_what_the_team_has_asked(incident, reporter, handler):
    facts.edit(incident, {"about": "malware"}, by=handler)
    conversation.reply(incident, "Which laptop is it?", by=handler, asks=True)

    answers.give(incident, {"about": "data_breach"}, by=reporter)

    assert entries(incident, Kind.MESSAGE)
    assert fresh(incident).waiting_on == WaitingOn.REPORTER


def test_a_different_answer_that_cannot_be_stored_is_named(incident, reporter, handler):
    facts.edit(incident, {"supplier": "ACME"}, by=handler)

    with pytest.raises(ValidationError) as refused:
        answers.give(incident, {"supplier": "a\x00b", "ongoing": "yes"}, by=reporter)

    assert set(refused.value.message_dict) == {"supplier"}
    assert fresh(incident).ongoing == "unknown"


def test_not_knowing_when_is_nothing_to_tell_the_team_that_knows(incident, reporter, handler):
    moment = timezone.now() - timedelta(days=2)
    milestones.record(incident, "noticed_at", moment, by=handler, reason="Seen in the logs.")

    answers.give(
        incident,
        {"noticed_at": timezone.now(), "noticed_at_precision": "unknown"},
        by=reporter,
    )

    assert fresh(incident).noticed_at == moment
    assert entries(incident, Kind.MESSAGE) == []


def test_when_it_was_noticed_comes_with_its_milestone(incident, reporter):
    moment = timezone.now() - timedelta(days=2)

    answers.give(incident, {"noticed_at": moment, "noticed_at_precision": "day"}, by=reporter)

    stored = fresh(incident)
    assert (stored.noticed_at, stored.noticed_at_precision) == (moment, "day")
    assert stored.milestone_notes["noticed_at"] == {"source": Door.PORTAL, "precision": "day"}


def test_who_typed_the_report_in_answers_for_the_caller(agent, reporter):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    answers.give(incident, {"supplier": "ACME"}, by=agent)

    answers.give(incident, {"supplier": "ACME Ltd"}, by=reporter)

    assert fresh(incident).supplier == "ACME Ltd"
    assert entries(incident, Kind.MESSAGE) == []


def test_what_who_typed_it_in_changed_as_a_member_of_the_team_stays(agent, reporter):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    answers.give(incident, {"supplier": "ACME"}, by=agent)
    facts.edit(incident, {"about": "malware"}, by=agent)

    for person in (reporter, agent):
        answers.give(incident, {"supplier": "ACME Ltd", "about": "supplier"}, by=person)

    stored = fresh(incident)
    assert (stored.supplier, stored.about) == ("ACME Ltd", "malware")
    assert len(entries(incident, Kind.MESSAGE)) == 2


def test_who_typed_it_in_answers_only_while_they_may_report_for_others(agent, reporter):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    agent.groups.clear()
    former_agent = fresh(agent)

    with pytest.raises(rights.Denied):
        answers.give(incident, {"ongoing": "yes"}, by=former_agent)

    assert fresh(incident).ongoing == "unknown"
    assert not access.receipts_of(former_agent).exists()


@pytest.mark.parametrize("name", ["outsider", "handler", "manager", "auditor", "admin"])
def test_nobody_else_answers_for_the_reporter(incident, people, name):
    with pytest.raises(rights.Denied):
        answers.give(incident, {"ongoing": "yes"}, by=people[name])

    assert fresh(incident).ongoing == "unknown"


def test_who_typed_it_in_has_no_part_in_it_once_it_is_restricted(agent, reporter, ciso):
    incident = make_report(agent, reporter=reporter, door=Door.PHONE)
    Incident.objects.filter(pk=incident.pk).update(confidentiality=Confidentiality.RESTRICTED)
    access.restrict_to(incident, [ciso])

    with pytest.raises(rights.Denied):
        answers.give(incident, {"ongoing": "yes"}, by=agent)
    answers.give(incident, {"ongoing": "yes"}, by=reporter)

    assert fresh(incident).ongoing == "yes"


def test_a_closed_incident_takes_no_answers(reporter):
    incident = make_incident("closed", reporter=reporter)

    with pytest.raises(records.Closed):
        answers.give(incident, {"ongoing": "yes"}, by=reporter)

    assert fresh(incident).ongoing == incident.ongoing


def test_one_wrong_answer_stores_none(incident, reporter):
    wrong = {"ongoing": "yes", "about": "nonsense", "supplier": "a" * 1000}

    with pytest.raises(ValidationError) as refused:
        answers.give(incident, wrong, by=reporter)

    assert set(refused.value.message_dict) == {"about", "supplier"}
    assert fresh(incident).ongoing == "unknown"


@pytest.mark.parametrize("name", ["severity", "state", "owner", "reporter", "tlp", "nonsense"])
def test_only_questions_are_answered(incident, reporter, name):
    with pytest.raises(ValidationError) as refused:
        answers.give(incident, {name: "1"}, by=reporter)

    assert set(refused.value.message_dict) == {name}


@pytest.mark.usefixtures("reference", "team")
@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ({"personal_data": "yes"}, BreachStatus.SUSPECTED, "DB01"),
        ({"personal_data": "unknown"}, BreachStatus.NOT_ASSESSED, "DB00"),
        ({"about": "data_breach"}, BreachStatus.SUSPECTED, "DB01"),
        ({"description": "I think it is a data breach."}, BreachStatus.SUSPECTED, "DB01"),
    ],
)
def test_rules_read_a_later_answer_too(reporter, answer, status, code):
    incident = make_report(reporter)
    rung = Alert.objects.filter(incident=incident).count()

    answers.give(incident, answer, by=reporter)

    assert fresh(incident).breach_status == status
    assert incident.tasks.filter(code__endswith=code).exists()
    assert Alert.objects.filter(incident=incident).count() > rung
