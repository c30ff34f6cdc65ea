"""Break-glass: a superuser reads a restricted incident for four hours, and everybody knows."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from incidents import (
    access,
    break_glass,
    conversation,
    facts,
    lifecycle,
    need_to_know,
    related,
    rights,
)
from incidents import tasks as work
from incidents.api import sight
from incidents.models import BreakGlass, Incident, IncidentLink
from incidents.rights import Right
from incidents.states import State
from tests.factories import fresh, make_incident, make_task, make_user
from workflows.models import Alert

WHY = "The named people are all on the plane."


@pytest.fixture
def incident(manager, ciso, dpo):
    found = make_incident(State.TRIAGE, handler=manager)
    make_task(found, by=manager)
    return need_to_know.restrict(found, [], by=manager, reason="About a colleague.")


@pytest.fixture
def root(db):
    return make_user("root", is_superuser=True)


@pytest.fixture
def handling_root(db):
    """A superuser who is a handler too."""
    return make_user("rootish", "handler", is_superuser=True)


def open_it(incident, by):
    return break_glass.open_for(incident.reference, by=by, reason=WHY)


@pytest.mark.parametrize("who", ["root", "handling_root"])
def test_a_superuser_sees_it_only_then(who, incident, request):
    user = request.getfixturevalue(who)
    assert not access.may_see(user, incident)

    opening = open_it(incident, user)

    assert access.may_see(user, incident)
    assert opening.until - opening.opened_at == timedelta(hours=4)
    entry = incident.timeline.get(data__break_glass=opening.pk)
    assert (entry.actor, entry.text, entry.is_public) == (user, WHY, False)


def test_being_superuser_shows_nothing_at_all(incident, root):
    make_incident()

    assert not access.visible_to(root).exists()
    assert not access.readable_by(root).exists()


def test_it_ends_by_itself(incident, root, monkeypatch):
    open_it(incident, root)
    later = timezone.now() + timedelta(hours=4, seconds=1)
    monkeypatch.setattr(access.clock, "now", lambda: later)

    assert not access.may_see(root, incident)
    assert not rights.allowed(root, Right.SEE_INTERNAL, incident)


def test_the_officers_are_told_at_once_named_or_not(incident, root, ciso, dpo):
    open_it(incident, root)

    told = Alert.objects.filter(incident=incident, template="break_glass")
    assert {alert.recipient for alert in told} == {ciso, dpo}
    assert {alert.kind for alert in told} == {Alert.Kind.ALERT}


ACTS = {
    "note": lambda incident, by: conversation.note(incident, "I was here.", by=by),
    "reply": lambda incident, by: conversation.reply(incident, "I was here.", by=by),
    "facts": lambda incident, by: facts.edit(incident, {"supplier": "Me"}, by=by),
    "dismiss": lambda incident, by: lifecycle.transition(incident, "dismiss", by=by),
    "restrict": lambda incident, by: need_to_know.name_person(incident, by, by=by, reason=WHY),
    "finish": lambda incident, by: work.finish(incident.tasks.last(), by=by, result="Done it."),
    "waive": lambda incident, by: work.waive(incident.tasks.last(), by=by, reason="Not needed."),
    "assign": lambda incident, by: work.assign(incident.tasks.last(), by, by=by),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("who", ["root", "handling_root"])
def test_it_is_for_reading_only(act, who, incident, request):
    user = request.getfixturevalue(who)
    open_it(incident, user)

    with pytest.raises(rights.Denied), transaction.atomic():
        act(incident, user)

    assert not incident.named_people.filter(person=user).exists()


@pytest.mark.parametrize("name", ["manager", "ciso", "auditor", "admin", "reporter"])
def test_nobody_else_breaks_glass(name, incident, people):
    with pytest.raises(rights.Denied):
        open_it(incident, people[name])

    assert not BreakGlass.objects.exists()


@pytest.mark.parametrize(
    ("reference", "reason", "field"),
    [
        ("INC-999999", WHY, "reference"),
        ("nonsense", WHY, "reference"),
        ("\x00", WHY, "reference"),
        ("INC-999999", "Too short.", "reason"),
        ("INC-999999", "x\u200b" * 19 + " " * 40, "reason"),
    ],
)
def test_what_is_the_matter_is_said_after_the_reason_only(reference, reason, field, root):
    with pytest.raises(ValidationError) as refused:
        break_glass.open_for(reference, by=root, reason=reason)

    assert set(refused.value.message_dict) == {field}


def test_a_short_reason_hides_whether_it_exists(incident, root):
    said = []
    for reference in (incident.reference, "INC-999999"):
        with pytest.raises(ValidationError) as refused:
            break_glass.open_for(reference, by=root, reason="Let me in.")
        said.append(refused.value.message_dict)

    assert said[0] == said[1]


def test_what_is_not_restricted_needs_no_breaking(root):
    with pytest.raises(ValidationError, match="not restricted"):
        break_glass.open_for(make_incident().reference, by=root, reason=WHY)


def test_an_opening_is_never_changed(incident, root):
    opening = open_it(incident, root)

    with pytest.raises(IntegrityError), transaction.atomic():
        BreakGlass.objects.filter(pk=opening.pk).update(until=timezone.now() + timedelta(days=9))
    with pytest.raises(IntegrityError), transaction.atomic():
        opening.delete()


def handling_root_opened(incident, handling_root):
    open_it(incident, handling_root)
    return handling_root


def test_what_was_opened_for_reading_is_no_target_of_a_merge(incident, handling_root):
    root = handling_root_opened(incident, handling_root)
    own = make_incident(State.TRIAGE, handler=root)
    need_to_know.restrict(own, [], by=root, reason="About the same colleague.")
    inputs = {"target": incident.reference, "reason": "One and the same."}

    with pytest.raises(lifecycle.TransitionRefused):
        lifecycle.transition(own, "merge", by=root, inputs=inputs)

    assert not incident.named_people.filter(person=root).exists()


def test_what_was_opened_for_reading_is_linked_to_nothing(incident, handling_root):
    root = handling_root_opened(incident, handling_root)
    own, before = make_incident(), incident.timeline.count()

    with pytest.raises(rights.Denied):
        related.link(own, incident.reference, note="The same people.", by=root)

    assert incident.timeline.count() == before
    assert IncidentLink.objects.count() == 0


def test_what_was_opened_for_reading_leaves_in_no_file(incident, db):
    root = make_user("managing-root", "manager", is_superuser=True)
    open_it(incident, root)
    open_one = make_incident()

    taken = access.exportable(root, access.visible_to(root))

    assert incident in access.visible_to(root)
    assert list(taken) == [open_one]


def test_the_api_does_not_name_a_confidential_reporter_through_the_glass(incident):
    root = make_user("managing-root", "manager", is_superuser=True)
    Incident.objects.filter(pk=incident.pk).update(is_name_confidential=True)
    open_it(incident, root)
    seen = sight.find(root, incident.reference)

    assert sight.shows_reporter(root, seen) is False
    need_to_know.name_person(fresh(incident), root, by=incident.owner, reason="Helps out.")
    assert sight.shows_reporter(root, seen) is True
