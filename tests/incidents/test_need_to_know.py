"""Restricted by hand: who is named, who lifts it, and that every look is written down."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from incidents import access, break_glass, mentions, need_to_know, rights, tasks
from incidents.models import TimelineEntry
from incidents.states import Confidentiality, State
from tests.factories import fresh, make_incident, make_task, make_user
from workflows import paging

WHY = "About a colleague of the team."


@pytest.fixture
def incident(manager, handler):
    found = make_incident(State.TRIAGE, handler=handler)
    return need_to_know.restrict(found, [handler], by=manager, reason=WHY)


def views(incident) -> int:
    return incident.timeline.filter(text=need_to_know.LOOKED).count()


def test_only_the_named_and_who_restricts_see_it_then(incident, people):
    seeing = {name for name, person in people.items() if access.may_see(person, incident)}

    assert seeing == {"manager", "handler"}
    entry = incident.timeline.filter(data__restriction="restricted").get()
    assert (entry.text, entry.data["people"]) == (WHY, ["handler", "manager"])
    assert (incident.confidentiality, incident.tlp) == ("restricted", "TLP:RED")


@pytest.mark.parametrize(
    ("name", "may", "lifts"),
    [
        ("reporter", False, False),
        ("agent", False, False),
        ("auditor", False, False),
        ("admin", False, False),
        ("handler", True, False),
        ("manager", True, True),
        ("ciso", True, True),
        ("dpo", True, True),
    ],
)
def test_who_restricts_and_who_lifts(name, may, lifts, people):
    incident, by = make_incident(State.TRIAGE), people[name]

    if may:
        need_to_know.restrict(incident, [people["ciso"]], by=by, reason=WHY)
    else:
        with pytest.raises(rights.Denied):
            need_to_know.restrict(incident, [people["ciso"]], by=by, reason=WHY)
        need_to_know.restrict(incident, [], by=people["ciso"], reason=WHY)
    if lifts:
        need_to_know.lift(incident, by=by, reason="Settled.")
    else:
        with pytest.raises(rights.Denied):
            need_to_know.lift(incident, by=by, reason="Settled.")

    assert (fresh(incident).confidentiality == Confidentiality.TEAM) is lifts


def test_an_owner_who_is_not_named_is_relieved(manager, handler):
    incident = make_incident(State.TRIAGE, handler=handler)

    need_to_know.restrict(incident, [], by=manager, reason=WHY)

    assert fresh(incident).owner == manager
    entry = incident.timeline.get(data__restriction="restricted")
    assert entry.data["owner"] == str(handler)


def test_the_tasks_of_who_is_not_named_wait_for_somebody_who_is(manager, handler, agent):
    incident = make_incident(State.TRIAGE, handler=handler)
    lost, kept = (make_task(incident, assignee=each) for each in (agent, handler))
    done = make_task(incident, assignee=agent, role="SDA")
    tasks.finish(done, by=agent, result="Done before.")
    tasks.set_state(lost, "in_progress", by=manager)

    need_to_know.restrict(incident, [handler], by=manager, reason=WHY)

    assert (fresh(lost).assignee, fresh(lost).state) == (None, "todo")
    assert fresh(kept).assignee == handler
    assert fresh(done).assignee == agent
    entry = incident.timeline.get(data__act="handed_back")
    assert (entry.actor, entry.data["tasks"]) == (manager, [lost.code])
    assert entry.data["people"] == ["agent"]


def test_who_is_taken_off_the_list_leaves_their_tasks_to_the_others(incident, manager, ciso):
    need_to_know.name_person(incident, ciso, by=manager, reason="To decide.")
    task = make_task(incident, by=manager, assignee=ciso)

    need_to_know.unname_person(incident, ciso, by=manager, reason="It concerns them.")

    assert fresh(task).assignee is None
    assert incident.timeline.filter(data__act="handed_back").count() == 1


def test_whom_it_is_about_sees_and_does_nothing_whatever_role_they_hold(incident, manager, ciso):
    """The record has no field of subjects: whoever is not named is nobody here, a CISO too."""
    task = make_task(incident, by=manager)

    with pytest.raises(rights.Denied):
        break_glass.open_for(incident.reference, by=ciso, reason="I would like to know of it.")

    assert not access.visible_to(ciso).filter(pk=incident.pk).exists()
    assert not mentions.find("@ciso look", incident, by=manager).people
    assert ciso not in paging.recipients(incident, ["CISO"])
    assert task.assignee != ciso


def test_lifting_takes_the_list_away_and_keeps_it_on_record(incident, manager, agent):
    need_to_know.lift(incident, by=manager, reason="It was somebody else.")

    assert access.may_see(agent, incident)
    assert not incident.named_people.exists()
    entry = incident.timeline.get(data__restriction="lifted")
    assert entry.data["people"] == ["handler", "manager"]


def test_the_list_grows_and_shrinks_with_a_reason(incident, manager, ciso, dpo):
    need_to_know.name_person(incident, ciso, by=manager, reason="To decide.")
    assert access.may_see(ciso, incident)

    need_to_know.unname_person(incident, ciso, by=manager, reason="It concerns them.")

    assert not access.may_see(ciso, incident)
    told = incident.timeline.filter(data__has_key="restriction").order_by("sequence")
    assert [each.data["restriction"] for each in told] == ["restricted", "named", "unnamed"]


def test_what_would_leave_nobody_to_respond_is_refused(incident, manager, handler):
    legal = make_user("legal", "legal")
    need_to_know.name_person(incident, legal, by=manager, reason="Advice.")

    with pytest.raises(ValidationError, match="another owner"):
        need_to_know.unname_person(incident, handler, by=manager, reason="Away.")
    with pytest.raises(ValidationError, match="not named"):
        need_to_know.unname_person(incident, make_user("x", "agent"), by=manager, reason="Away.")
    type(incident).objects.filter(pk=incident.pk).update(owner=None)
    need_to_know.unname_person(incident, handler, by=manager, reason="Away.")
    with pytest.raises(ValidationError, match="At least one member"):
        need_to_know.unname_person(incident, manager, by=manager, reason="Away.")


@pytest.mark.parametrize("name", ["reporter", "admin"])
def test_only_who_may_see_incidents_at_all_is_named(name, incident, manager, people):
    with pytest.raises(ValidationError, match="no role"):
        need_to_know.name_person(incident, people[name], by=manager, reason=WHY)


@pytest.mark.parametrize("reason", ["", "  ", "\u200b"])
def test_nothing_of_it_goes_without_a_reason(reason, incident, manager, ciso):
    with pytest.raises(ValidationError):
        need_to_know.name_person(incident, ciso, by=manager, reason=reason)
    with pytest.raises(ValidationError):
        need_to_know.lift(incident, by=manager, reason=reason)


def test_a_look_is_written_down_once_in_ten_minutes_for_each_person(
    incident, manager, handler, monkeypatch
):
    for _again in range(3):
        need_to_know.note_view(incident, manager)
        need_to_know.note_view(incident, handler)
    assert views(incident) == 2

    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr(need_to_know.clock, "now", lambda: later)
    need_to_know.note_view(incident, manager)

    assert views(incident) == 3


def test_looking_at_what_is_open_to_the_team_is_not_written_down(manager):
    incident = make_incident()

    need_to_know.note_view(incident, manager)

    assert views(incident) == 0
    assert TimelineEntry.objects.filter(kind="access").count() == 0
