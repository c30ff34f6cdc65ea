"""The demo is told once for all tests here; each looks at one side of it."""

from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.core import mail
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from incidents import access, conversation, roles, timeline
from incidents.models import Incident, Task, TimelineEntry, VirtualMachine
from incidents.roles import Role
from incidents.states import State
from portal import announcements, demo
from workflows import alerts, ledger
from workflows.models import Alert, Escalation, PlaybookRun, PlaybookVersion
from workflows.reference import sync

ROLES = {
    "reporter": set(),
    "reporter2": set(),
    "agent": {Role.SDA},
    "handler": {Role.IH, Role.FOR, Role.SYS},
    "manager": {Role.MIM, Role.MGT},
    "ciso": {Role.CISO},
    "dpo": {Role.DPO, Role.LEG},
    "auditor": {Role.AUD},
    "admin": {Role.ADM},
}


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """The demo in an otherwise empty database; rolled back after the last test."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        sync()
        count = demo.seed()
        yield count
        transaction.set_rollback(True)


def person(username: str):
    return get_user_model().objects.get(username=username)


@pytest.mark.django_db
def test_the_demo_tells_of_every_state(told):
    states = set(Incident.objects.values_list("state", flat=True))

    assert states == set(State.values)


@pytest.mark.django_db
def test_one_announcement_is_current(told):
    assert len(announcements.current(timezone.now())) == 1


@pytest.mark.django_db
def test_every_playbook_is_at_work_in_full(told):
    at_work = set(PlaybookRun.objects.filter(mode="full").values_list("code", flat=True))

    assert at_work == set(PlaybookVersion.objects.values_list("code", flat=True))


@pytest.mark.django_db
def test_the_stories_fill_the_last_fortnight_and_nothing_is_ahead_of_the_clock(told):
    first = Incident.objects.earliest("reported_at").reported_at
    last = TimelineEntry.objects.latest("at").at

    assert 11 < (timezone.now() - first).days <= 14
    assert last < timezone.now()


@pytest.mark.django_db
def test_every_timeline_verifies_and_runs_forwards(told):
    later = F("incident__timeline__at")
    backwards = TimelineEntry.objects.filter(
        incident__timeline__sequence__gt=F("sequence"), at__gt=later
    )

    assert list(timeline.breaks()) == []
    assert not backwards.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("username", ROLES)
def test_an_account_signs_in_with_its_known_password_and_holds_its_roles(told, username):
    user = authenticate(username=username, password=f"demo-{username}")

    assert user == person(username)
    assert roles.of(user) == ROLES[username]
    assert user.get_full_name()


@pytest.mark.django_db
def test_there_are_no_other_accounts(told):
    names = set(get_user_model().objects.values_list("username", flat=True))

    assert names == set(ROLES) == set(demo.usernames())


@pytest.mark.django_db
def test_each_reporter_has_tickets_and_sees_none_of_the_other(told):
    first, second = person("reporter"), person("reporter2")

    assert access.tickets_of(first).exists()
    assert access.tickets_of(second).exists()
    assert not (access.readable_by(first) & access.tickets_of(second)).exists()


@pytest.mark.django_db
def test_an_accountable_reads_one_shared_update_of_a_ticket_of_others(told):
    assert access.shared_with(person("reporter2")).count() == 1
    assert not access.shared_with(person("reporter")).exists()


@pytest.mark.django_db
def test_each_reporter_has_a_closed_ticket_that_may_be_reopened(told):
    for name in ("reporter", "reporter2"):
        closed = access.tickets_of(person(name)).filter(state=State.CLOSED)
        assert [ticket for ticket in closed if conversation.reopen_until(ticket)]


@pytest.mark.django_db
def test_each_reporter_works_in_other_workspaces(told):
    machines = VirtualMachine.objects.values_list("workspace__members__username", "name")

    assert {name for name, _machine in machines} == {"reporter", "reporter2"}


@pytest.mark.django_db
def test_the_misuse_by_a_colleague_is_hidden_from_the_auditor_but_not_from_the_manager(told):
    insider = Incident.objects.get(playbook_runs__code="INSIDER")

    assert access.may_see(person("manager"), insider)
    assert not access.may_see(person("auditor"), insider)
    assert not access.may_see(person("admin"), insider)


@pytest.mark.django_db
def test_nobody_real_is_mailed(told):
    files = list(Path(settings.MAIL_OUTBOX_DIR).glob("*.eml"))
    addresses = {message_from_bytes(file.read_bytes())["To"] for file in files}

    assert mail.outbox == []
    assert {address.partition("@")[2] for address in addresses} == {"tocsin.example"}


@pytest.mark.django_db
def test_no_alert_waits_and_each_was_sent_when_its_story_happened(told):
    late = Alert.objects.exclude(sent_at__lte=F("created_at") + demo.SENDING_TAKES)

    assert alerts.oldest_waiting() is None
    assert not Alert.objects.exclude(state="sent").exists()
    assert not late.exists()


@pytest.mark.django_db
def test_only_the_freshest_reports_still_ring(told):
    asked = conversation.asking_to_reopen(Incident.objects.all())
    ringing = Escalation.objects.filter(stopped_at=None)
    unanswered = ledger.unanswered(access.visible_to(person("agent")))

    assert asked.count() == 1
    assert {row.incident.state for row in ringing.exclude(incident__in=asked)} == {State.NEW}
    assert 2 <= unanswered.count() <= 3
    assert not ringing.filter(next_at__lte=timezone.now()).exists()


@pytest.mark.django_db
def test_what_is_closed_has_no_open_task(told):
    left = Task.objects.filter(incident__state=State.CLOSED).exclude(
        state__in=["done", "waived", "cancelled"]
    )

    assert not left.exists()


@pytest.mark.django_db
def test_a_second_run_changes_nothing(told):
    before = TimelineEntry.objects.count(), get_user_model().objects.count()

    assert demo.seed() == 0
    assert (TimelineEntry.objects.count(), get_user_model().objects.count()) == before
