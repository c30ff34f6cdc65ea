"""Who is rung, once, for good reason, and with proof. Sending is in test_delivery.py."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django_q.signals import pre_enqueue

from incidents import access, lifecycle, rights, roles, timeline
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, Priority
from tests.factories import finish_all, fresh, make_incident, make_report, make_user, resolving
from workflows import alerts
from workflows.models import Alert, Escalation

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(reporter):
    """Reported before there was a team: nobody has been rung for it."""
    return make_report(reporter)


@pytest.fixture
def crew(incident, team, reference):
    """The team, that came after the incident."""
    return team


def ring(incident, *roles, cause="test", priority=Priority.P3, why="a test"):
    return alerts.request(incident, roles=roles, why=why, cause=cause, priority=priority)


def names(rows) -> set[str]:
    return {row.recipient.username for row in rows}


def problems(incident) -> list[str]:
    return [entry.text for entry in incident.timeline.filter(kind=Kind.PROBLEM)]


@pytest.mark.parametrize(
    ("priority", "people", "channel"),
    [
        (Priority.P1, {"handler", "manager", "ciso"}, "mail"),
        (Priority.P2, {"handler", "agent"}, "mail"),
        (Priority.P3, {"agent", "handler"}, "mail"),
        (Priority.P4, {"agent"}, "console"),
    ],
)
def test_the_priority_decides_who_hears_at_once(incident, crew, priority, people, channel):
    rows = ring(incident, *alerts.roles_for(priority), priority=priority)

    assert names(rows) == people
    assert {row.channel for row in rows} == {channel}
    assert all(row.state == Alert.State.WAITING and row.level == 1 for row in rows)


def test_a_breach_rings_those_whom_the_playbook_names(reporter, team, reference):
    incident = make_report(reporter, subject="Data breach", description="A data breach, it seems.")

    rung = incident.alerts.filter(kind=Alert.Kind.ALERT)
    assert names(rung) == {"handler", "manager", "ciso", "dpo"}
    assert {row.priority for row in rung} == {Priority.P1}


def test_the_rows_belong_to_the_transaction_of_the_caller(
    incident, crew, django_capture_on_commit_callbacks, mailoutbox
):
    @transaction.atomic
    def ring_and_fail():
        ring(incident, "IH")
        raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
        ring_and_fail()

    assert not incident.alerts.filter(kind=Alert.Kind.ALERT).exists()
    assert not Escalation.objects.filter(incident=incident).exists()
    assert mailoutbox == []


def test_one_transaction_wakes_the_workers_once(
    incident, crew, django_capture_on_commit_callbacks, mailoutbox
):
    woken = []
    pre_enqueue.connect(watch := lambda task, **_: woken.append(task), weak=False)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            ring(incident, "IH", cause="one")
            ring(incident, "SDA", cause="two")
            alerts.notify_reporter(incident, "reply", "a reply")
    finally:
        pre_enqueue.disconnect(watch)

    assert [task["func"] for task in woken] == ["workflows.jobs.deliver"]
    assert {mail.to[0] for mail in mailoutbox} >= {
        "handler@tocsin.test",
        "agent@tocsin.test",
        "reporter@tocsin.test",
    }


def test_the_same_cause_rings_a_person_once(incident, crew):
    first = ring(incident, "IH")
    alerts.acknowledge(first[0], by=crew["handler"])

    assert ring(incident, "IH") == []


def test_the_database_refuses_a_second_row_for_the_same_cause(incident, crew):
    [row] = ring(incident, "IH")
    row.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_another_cause_opens_no_second_page(incident, crew):
    ring(incident, "IH")

    rows = ring(incident, "IH", "SDA", cause="another")

    assert names(rows) == {"agent"}


def test_another_cause_rings_again_once_the_page_is_acknowledged(incident, crew):
    [row] = ring(incident, "IH")
    alerts.acknowledge(row, by=crew["handler"])

    assert names(ring(incident, "IH", cause="another")) == {"handler"}


def test_a_higher_priority_rings_again_although_a_page_is_open(incident, crew):
    ring(incident, "IH", priority=Priority.P3)

    assert names(ring(incident, "IH", cause="worse", priority=Priority.P1)) == {"handler"}
    assert ring(incident, "IH", cause="even worse", priority=Priority.P1) == []


def test_a_raised_priority_rings_whom_it_concerns(incident, crew):
    ring(incident, "IH", "SDA")
    incident.priority = Priority.P1
    incident.save()

    rows = alerts.priority_raised(incident)

    assert names(rows) == {"handler", "manager", "ciso"}


def test_a_role_that_nobody_holds_is_rung_at_its_stand_in(incident, reference, manager):
    assert names(ring(incident, "DPO", "IH", "LEG")) == {"manager"}


def test_nobody_at_all_to_ring_is_loud_and_reaches_the_administrator(
    incident, admin, caplog, django_capture_on_commit_callbacks, mailoutbox
):
    with django_capture_on_commit_callbacks(execute=True):
        rows = ring(incident, "IH", "SDA", priority=Priority.P4)

    assert names(rows) == {"admin"}
    assert "nobody_to_alert" in caplog.text
    assert any("Nobody could be alerted" in text for text in problems(incident))
    [mail] = [mail for mail in mailoutbox if mail.to == ["admin@tocsin.test"]]
    assert "reaches nobody" in mail.subject


def test_an_inactive_person_is_not_rung(incident, crew):
    get_user_model().objects.filter(username="handler").update(is_active=False)

    assert names(ring(incident, "IH")) == {"manager"}


def test_a_reporter_who_holds_the_role_is_rung_like_everybody(crew, reference):
    incident = make_report(crew["handler"])

    assert "handler" in names(incident.alerts.filter(kind=Alert.Kind.ALERT))


def test_of_a_restricted_incident_only_named_people_hear(incident, crew):
    access.restrict_to(incident, [crew["ciso"]])
    incident.confidentiality = Confidentiality.RESTRICTED
    incident.save()

    assert names(ring(incident, "IH", "MIM", "CISO")) == {"ciso"}
    assert names(ring(incident, "SDA", cause="none of these is named", priority=1)) == {"ciso"}


def test_the_timeline_says_who_was_rung_and_why(incident, crew):
    ring(incident, "IH", "SDA", why="DB v1: “data breach”")

    entry = incident.timeline.filter(kind=Kind.ALERT).last()
    assert entry.text == "DB v1: “data breach”"
    assert set(entry.data["people"]) == {"handler", "agent"}
    assert not entry.is_public
    assert list(timeline.breaks([incident.pk])) == []


def test_a_reason_of_any_length_fits(incident, crew):
    [row] = ring(incident, "IH", why="x" * 5000, cause="y" * 5000)

    assert len(row.reason) == 300


def test_ringing_costs_the_same_for_three_people_and_thirty(
    incident, crew, django_assert_max_num_queries
):
    for number in range(30):
        make_user(f"h{number}", "handler")

    with django_assert_max_num_queries(20):
        rows = ring(incident, "IH")

    assert len(rows) == 31


# --- The reporter -------------------------------------------------------------------------------


def test_the_reporter_gets_a_receipt(
    crew, reporter, django_capture_on_commit_callbacks, mailoutbox
):
    with django_capture_on_commit_callbacks(execute=True):
        incident = make_report(reporter)

    [mail] = [mail for mail in mailoutbox if f"{incident.reference}: we have" in mail.subject]
    assert mail.to == ["reporter@tocsin.test"]
    assert f"/tickets/{incident.reference}/" in mail.body
    assert "do not switch off" in mail.body
    assert "/a/" not in mail.body


@pytest.mark.parametrize(
    ("fields", "obstacle"),
    [
        (
            {"answers": {"safe_channel": "+31 6 000"}},
            "the reporter asked to be reached another way",
        ),
        ({"email": ""}, "no mail address is known"),
    ],
)
def test_a_receipt_that_must_not_be_mailed_is_not_but_stands_in_the_timeline(
    crew, fields, obstacle
):
    person = make_user("careful", email=fields.pop("email", "careful@tocsin.test"))

    incident = make_report(person, **fields)

    assert not incident.alerts.exclude(kind=Alert.Kind.ALERT).exists()
    entry = incident.timeline.get(kind=Kind.ALERT, data__to="reporter")
    assert obstacle in entry.data["not_sent"]
    assert alerts.notify_reporter(incident, "reply", "a reply") is None


def test_the_reporter_is_told_of_each_step_that_concerns_them(crew, reporter):
    incident = make_incident("closed", reporter=reporter)

    told = incident.alerts.filter(kind=Alert.Kind.NOTICE).values_list("template", flat=True)
    assert list(told) == ["acknowledged", "resolved", "closed"]


def test_the_reporter_is_told_when_it_was_no_incident(crew, reporter):
    incident = make_incident("triage", reporter=reporter)
    finish_all(incident)

    lifecycle.transition(
        incident,
        "dismiss",
        by=crew["handler"],
        inputs={"outcome": "false_positive", "resolution": resolving()["resolution"]},
    )

    assert incident.alerts.filter(template="dismissed").count() == 1


def test_the_same_news_waits_once(incident, crew):
    first = alerts.notify_reporter(incident, "reply", "a reply")
    second = alerts.notify_reporter(incident, "reply", "another")

    assert first == second


# --- Acknowledging ------------------------------------------------------------------------------


def test_the_recipient_acknowledges_and_the_ringing_stops(incident, crew):
    [row] = ring(incident, "IH")

    after = alerts.acknowledge(row, by=crew["handler"])

    assert after.acknowledged_by == crew["handler"]
    assert after.acknowledged_at is not None
    assert fresh(incident.escalation).stopped_at is not None
    entry = incident.timeline.last()
    assert (entry.kind, entry.actor, entry.data) == (
        Kind.ALERT,
        crew["handler"],
        {"alerts": [row.pk]},
    )


@pytest.mark.parametrize("name", ["agent", "reporter", "outsider", "manager"])
def test_nobody_acknowledges_for_another(incident, crew, outsider, name):
    [row] = ring(incident, "IH")
    somebody = get_user_model().objects.get(username=name)

    with pytest.raises(rights.Denied):
        alerts.acknowledge(row, by=somebody)

    assert fresh(row).acknowledged_at is None
    assert fresh(incident.escalation).stopped_at is None


def test_a_receipt_cannot_be_acknowledged(incident, reporter):
    row = incident.alerts.get(kind=Alert.Kind.RECEIPT)

    with pytest.raises(rights.Denied):
        alerts.acknowledge(row, by=reporter)


def test_acknowledging_again_changes_nothing(incident, crew):
    [row] = ring(incident, "IH")
    first = alerts.acknowledge(row, by=crew["handler"])
    length = incident.timeline.count()

    second = alerts.acknowledge(row, by=crew["handler"])

    assert second.acknowledged_at == first.acknowledged_at
    assert incident.timeline.count() == length


def test_whoever_takes_the_step_has_acknowledged_their_own_page_and_no_others(incident, crew):
    ring(incident, "IH", "SDA")

    lifecycle.transition(incident, "acknowledge", by=crew["handler"])

    mine, other = (
        incident.alerts.get(recipient=crew[name], kind=Alert.Kind.ALERT)
        for name in ("handler", "agent")
    )
    assert mine.acknowledged_by == crew["handler"]
    assert other.acknowledged_at is None
    assert fresh(incident.escalation).stopped_at is not None


def test_a_signed_link_leads_to_its_own_alert_only(incident, crew):
    first, second = ring(incident, "IH", "SDA")

    assert alerts.unsign(alerts.sign(first)) == first
    assert alerts.sign(first) != alerts.sign(second)


@pytest.mark.parametrize("token", ["", "1", "1.", "x.y", "1:abc", "٣.abc", "1.\x00", "9" * 400])
def test_a_token_that_was_not_signed_leads_nowhere(incident, crew, token):
    ring(incident, "IH")

    with pytest.raises(Alert.DoesNotExist):
        alerts.unsign(token)


def test_the_link_of_one_alert_does_not_sign_another(incident, crew):
    first, second = ring(incident, "IH", "SDA")
    _key, _dot, signature = alerts.sign(first).partition(".")

    with pytest.raises(Alert.DoesNotExist):
        alerts.unsign(f"{second.pk}.{signature}")


def test_receipts_have_no_acknowledge_page(incident):
    row = incident.alerts.get(kind=Alert.Kind.RECEIPT)

    with pytest.raises(Alert.DoesNotExist):
        alerts.unsign(alerts.sign(row))


def test_a_report_that_is_refused_rings_nobody(crew, reporter):
    with pytest.raises(ValidationError):
        make_report(reporter, subject="x")

    assert not Alert.objects.filter(incident__subject="x").exists()


def test_roles_for_gives_a_set_of_ones_own():
    alerts.roles_for(Priority.P4).add(roles.Role.MGT)

    assert alerts.roles_for(Priority.P4) == {roles.Role.SDA}


def test_what_is_proven_of_an_alert_stays(crew, reporter):
    make_report(reporter)
    alert = Alert.objects.filter(recipient=crew["handler"]).first()
    alerts.acknowledge(alert, by=crew["handler"])
    rows = Alert.objects.filter(pk=alert.pk)

    for changes in (
        {"acknowledged_at": None},
        {"acknowledged_by": crew["ciso"]},
        {"recipient": crew["ciso"]},
        {"reason": "another"},
        {"address": "elsewhere@tocsin.test"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changes)
