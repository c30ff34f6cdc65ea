"""What follows a merge: ringing ends, playbooks go on, owner and reporter are told."""

import pytest

from incidents import lifecycle
from incidents.models import Incident
from incidents.states import Confidentiality, State
from tests.factories import fresh, make_incident, make_report
from workflows import delivery, playbooks
from workflows.models import Alert, Escalation, PlaybookRun

pytestmark = pytest.mark.django_db

WHY = "The same mail, seen by two people."


def merge(source: Incident, target: Incident, by) -> Incident:
    inputs = {"target": target.reference, "reason": WHY}
    return lifecycle.transition(fresh(source), "merge", by=by, inputs=inputs)


def told_owner(target: Incident):
    return Alert.objects.filter(incident=target, template="merged")


def test_nobody_is_rung_for_a_duplicate_any_more(reference, team, reporter, outsider):
    source, target = make_report(reporter), make_report(outsider)
    before = Alert.objects.filter(incident=source, kind=Alert.Kind.ALERT).count()

    merge(source, target, team["agent"])

    escalation = Escalation.objects.get(incident=source)
    assert escalation.stopped_at is not None
    assert escalation.stopped_why == "merged"
    assert Escalation.objects.get(incident=target).stopped_at is None
    assert Alert.objects.filter(incident=source, kind=Alert.Kind.ALERT).count() == before


def test_the_owner_of_the_target_is_told_once_and_not_of_their_own_merge(team, reporter):
    target = make_incident(State.TRIAGE, handler=team["handler"])

    merge(make_incident(reporter=reporter), target, team["handler"])
    assert not told_owner(target).exists()

    merge(make_incident(reporter=reporter), target, team["agent"])
    assert [row.recipient for row in told_owner(target)] == [team["handler"]]


def test_an_owner_who_may_not_see_it_any_more_is_not_told(team, reporter):
    source = make_incident(reporter=reporter)
    target = make_incident(State.TRIAGE, handler=team["handler"])
    Incident.objects.filter(pk=source.pk).update(confidentiality=Confidentiality.RESTRICTED)

    merge(source, target, team["manager"])

    assert not told_owner(target).exists()


def test_the_reporter_hears_that_it_was_known(team, reporter, outsider):
    source, target = make_incident(reporter=reporter), make_incident(reporter=outsider)

    merge(source, target, team["agent"])

    notice = Alert.objects.get(template="known")
    assert (notice.incident, notice.recipient) == (source, reporter)


def test_a_playbook_that_comes_along_rings_whom_it_names(reference, team, reporter, outsider):
    quiet = make_report(outsider)
    breach = make_report(
        reporter, subject="Data breach", description="A data breach with names happened."
    )
    rung = Alert.objects.filter(incident=quiet, kind=Alert.Kind.ALERT)
    assert not rung.filter(recipient=team["dpo"]).exists()

    merge(breach, quiet, team["agent"])

    assert rung.filter(recipient=team["dpo"]).exists()
    run = PlaybookRun.objects.get(incident=quiet, code="DB")
    assert run.why.startswith(f"merged from {breach.reference}: ")
    assert run.playbook == PlaybookRun.objects.get(incident=breach, code="DB").playbook


def test_what_was_dismissed_as_no_case_for_a_playbook_stays_behind(reference, team, reporter):
    source, target = (
        make_report(
            reporter, subject="A question", description="This was not a data breach, I think."
        ),
        make_report(reporter),
    )
    run = PlaybookRun.objects.get(incident=source, code="DB")
    playbooks.dismiss(run, by=team["manager"], why="Only test data were inside.")

    merge(source, target, team["agent"])

    assert not PlaybookRun.objects.filter(incident=target, code="DB").exists()


def test_the_word_to_the_owner_is_sent(team, reporter, mailoutbox):
    target = make_incident(State.TRIAGE, handler=team["handler"])
    merge(make_incident(reporter=reporter), target, team["agent"])

    delivery.send(told_owner(target).get().pk)

    assert [mail.to for mail in mailoutbox] == [[team["handler"].email]]
