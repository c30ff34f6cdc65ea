"""The first page of the console: what burns, in which order, and for whom."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents import access, conversation, signatures
from incidents.models import Incident, SecondSignature, Task
from incidents.states import BreachStatus, Confidentiality, State
from portal import needs_first
from tests.console import Console, words_of
from tests.factories import make_incident, make_report, make_task, make_user
from workflows import escalation, ledger
from workflows.models import Alert

MARKER = "qzxmarker"
LATE = timedelta(hours=-1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def reporter():
    return make_user("reporter")


@pytest.fixture
def handler():
    return Console(make_user("handler", "handler"))


@pytest.fixture
def manager():
    return Console(make_user("manager", "manager"))


def due_in(delta: timedelta, incident: Incident, assignee, **fields) -> Task:
    return make_task(incident, assignee=assignee, due_at=timezone.now() + delta, **fields)


def needs(console: Console) -> list[tuple[str, str]]:
    """What the list shows: the incident and the button, in order."""
    listed = console.get().context["now"]["needs"]
    return [(need.incident.reference, str(need.verb)) for need in listed]


def test_what_rings_comes_before_what_is_late_and_that_before_who_waits(handler, reporter):
    answered = make_incident(State.TRIAGE, reporter=reporter, owner=handler.user, priority=1)
    conversation.receive(answered, "No, I closed the page.", by=reporter)
    quiet = make_incident(State.TRIAGE, owner=handler.user, priority=3)
    due_in(LATE, quiet, handler.user)
    grave = make_incident(State.TRIAGE, owner=handler.user, priority=2)
    due_in(LATE / 2, grave, handler.user)
    rung = make_report(reporter)

    shown = needs(handler)

    assert shown == [
        (rung.reference, "Acknowledge"),
        (grave.reference, "Finish"),
        (quiet.reference, "Finish"),
        (answered.reference, "Answer"),
    ]


def test_the_button_settles_it(handler, reporter):
    report = make_report(reporter)
    [need] = handler.get().context["now"]["needs"]

    handler.client.post(need.url)

    assert Incident.objects.get(pk=report.pk).state == State.TRIAGE
    assert not Alert.objects.filter(recipient=handler.user, acknowledged_at=None).exists()
    assert needs(handler) == []


def test_what_nobody_acknowledged_in_time_is_everybodys(handler, reporter):
    report = make_report(reporter)
    early = needs(Console(make_user("agent", "agent")))
    escalation.advance(timezone.now() + timedelta(days=9))
    late_comer = Console(make_user("ciso", "ciso"))  # whom nobody has rung

    listed = needs(late_comer)

    assert early == []
    assert listed == [(report.reference, "Acknowledge")]
    assert "nobody has acknowledged in time" in words_of(late_comer.get())
    late_comer.post(f"incidents/incident/{report.pk}/transition/acknowledge/")
    assert needs(late_comer) == []
    assert Incident.objects.get(pk=report.pk).state == State.TRIAGE


def test_one_is_rung_on_several_ways_and_reads_of_it_once(handler, reporter):
    report = make_report(reporter)
    escalation.advance(timezone.now() + timedelta(days=9))

    listed = needs(handler)

    assert ledger.open_for(handler.user).count() >= 1
    assert listed == [(report.reference, "Acknowledge")]


def test_a_signature_waits_with_the_second_person_only(manager):
    dpo = Console(make_user("dpo", "dpo"))
    incident = make_incident(State.RESOLVED, severity=2)
    signatures.ask(
        incident, SecondSignature.Act.CLOSE, {}, by=manager.user, reason="It is all done."
    )

    assert (incident.reference, "Decide") in needs(dpo)
    assert "asks to close this incident" in words_of(dpo.get())
    assert (incident.reference, "Decide") not in needs(manager)


def test_an_answer_waits_until_the_team_speaks_or_acts(handler, reporter):
    incident = make_incident(State.TRIAGE, reporter=reporter, owner=handler.user)
    other = make_incident(State.TRIAGE, reporter=reporter, owner=make_user("b", "handler"))
    for each in (incident, other):
        conversation.receive(each, "It began on Monday.", by=reporter)

    waiting = needs(handler)
    page = words_of(handler.get())
    conversation.reply(incident, "Thank you.", by=handler.user)

    assert waiting == [(incident.reference, "Answer")]
    assert "“It began on Monday.”" in page
    assert "1 new answer" in page
    assert needs(handler) == []


def test_of_each_incident_the_first_task_stands_for_the_others(handler):
    incident = make_incident(State.TRIAGE, owner=handler.user)
    for hours in range(1, 4):
        due_in(-timedelta(hours=hours), incident, handler.user, title=f"Task {hours}")

    listed = handler.get().context["now"]["needs"]

    assert [need.what for need in listed] == ["X03 Task 3"]
    assert listed[0].why.endswith(", and 2 more")


def test_ones_own_backlog_hides_nobody_who_waits(manager, handler, reporter):
    for _n in range(needs_first.SHOWN + 1):
        incident = make_incident(State.TRIAGE, owner=handler.user, priority=1)
        due_in(LATE, incident, handler.user)
    closed = make_incident(State.CLOSED, reporter=reporter, owner=handler.user, priority=4)
    conversation.ask_to_reopen(closed, "It happened again.", by=reporter)

    assert (closed.reference, "Decide") in needs(handler)
    assert (closed.reference, "Decide") in needs(manager)


def test_a_restricted_incident_is_nowhere_for_who_is_not_named(handler, manager, reporter):
    secret = make_incident(
        State.TRIAGE, reporter=reporter, subject=f"{MARKER} subject", owner=manager.user, priority=1
    )
    due_in(LATE, secret, handler.user, title=f"{MARKER} task", is_mandatory=True)
    conversation.receive(secret, f"{MARKER} words", by=reporter)
    numbers = [tile.count for tile in handler.get().context["now"]["tiles"]]
    Incident.objects.filter(pk=secret.pk).update(
        confidentiality=Confidentiality.RESTRICTED, breach_status=BreachStatus.SUSPECTED
    )
    access.restrict_to(secret, [manager.user])

    outside, inside = handler.get(), manager.get()

    assert max(numbers) == 1
    assert {tile.count for tile in outside.context["now"]["tiles"]} == {0}
    assert outside.context["now"]["weeks"] is None
    assert MARKER not in outside.content.decode()
    assert secret.reference not in outside.content.decode()
    assert f"{MARKER} subject" in words_of(inside)
    assert f"{MARKER} task" in words_of(inside)  # what is due next in a possible breach
    assert inside.context["now"]["weeks"].most == 1


def test_the_next_step_of_each_possible_breach_is_in_sight(handler):
    incident = make_incident(State.TRIAGE, breach_status=BreachStatus.SUSPECTED)
    Task.objects.filter(incident=incident).update(due_at=None)
    due_in(timedelta(hours=9), incident, None, title="Later", is_mandatory=True)
    due_in(timedelta(hours=3), incident, None, title="Count the people", is_mandatory=True)
    due_in(timedelta(hours=1), incident, None, title="Not needed", is_mandatory=False)

    listed = handler.get().context["now"]["breaches"]

    assert [row.task.title for row in listed] == ["Count the people"]


def test_an_auditor_has_nothing_to_settle_and_reads_what_changed(reporter):
    make_report(reporter)
    changed = make_user("newcomer", "handler")
    auditor = Console(make_user("auditor", "auditor"))

    page = auditor.get()

    assert page.context["now"]["needs"] == []
    assert "Nothing waits for you" in words_of(page)
    assert changed.username in words_of(page)
    assert '<button class="btn"' not in page.content.decode()


def test_an_administrator_has_accounts_and_no_number_of_tickets(reporter):
    make_report(reporter)
    administrator = Console(make_user("admin", "admin"))

    now = administrator.get().context["now"]

    assert [str(tile.label) for tile in now["tiles"]][:2] == [
        "Active accounts",
        "People with a role",
    ]
    assert not {"needs", "weeks", "mine", "shares", "breaches"} & now.keys()


def test_an_empty_page_says_what_will_stand_there(handler):
    words = words_of(handler.get())

    assert "Nothing burns." in words
    assert "You own nothing that is open." in words
    assert "Nothing was reported in the last eight weeks" in words


def test_the_page_costs_the_same_with_many_rows(handler, reporter):
    plant(handler.user, reporter, 3)
    handler.get()
    with CaptureQueriesContext(connection) as few:
        handler.get()
    plant(handler.user, reporter, 30)
    multiply(handler.user, 270)

    with CaptureQueriesContext(connection) as many:
        page = handler.get()

    listed = page.context["now"]["needs"]
    assert page.context["now"]["is_cut"]
    assert max(Counter(need.icon for need in listed).values()) <= 2 * needs_first.SHOWN
    assert len(many) == len(few)


def plant(handler, reporter, number: int) -> None:
    """Rung, late, answered and asked to be reopened: so many of each."""
    for _n in range(number):
        make_report(reporter)
        taken = make_incident(State.TRIAGE, reporter=reporter, owner=handler)
        due_in(LATE, taken, handler)
        conversation.receive(taken, "I remember more.", by=reporter)


def multiply(handler, number: int) -> None:
    """Further incidents of one's own with a late task, written at once."""
    row = Incident.objects.filter(owner=handler).first()
    task = Task.objects.filter(assignee=handler).first()
    values = {f.attname: getattr(row, f.attname) for f in Incident._meta.concrete_fields}
    del values["id"]
    made = Incident.objects.bulk_create(Incident(**values) for _n in range(number))
    values = {f.attname: getattr(task, f.attname) for f in Task._meta.concrete_fields}
    del values["id"], values["incident_id"]
    Task.objects.bulk_create(Task(**values, incident=each) for each in made)
