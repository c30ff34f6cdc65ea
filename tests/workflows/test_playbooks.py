"""Playbooks at work: attached once, laid out as tasks, confirmed in one act, version kept."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pydantic import ValidationError as BrokenPlaybook

from incidents import access, facts, lifecycle, need_to_know, records, tasks
from incidents.models import Incident
from incidents.states import State
from tests.attempts import is_allowed
from tests.factories import fresh, make_incident, make_report, make_user
from workflows import playbooks
from workflows.models import PlaybookRun, PlaybookVersion

TEAM = {"agent", "handler", "manager", "ciso", "dpo"}
pytestmark = pytest.mark.usefixtures("reference", "team")


@pytest.fixture
def bare(reporter, monkeypatch) -> Incident:
    """An incident without any playbook."""
    with monkeypatch.context() as patched:
        patched.setattr("workflows.rules.apply", lambda *_args: None)
        return make_report(reporter)


def attach(incident, code: str, by, **more) -> PlaybookRun:
    return playbooks.attach(incident, code, by=by, why="It looks like it.", **more)


def task(incident, code: str):
    return incident.tasks.get(code=code)


def codes(incident) -> list[str]:
    return list(incident.tasks.order_by("pk").values_list("code", flat=True))


def publish(code: str, **changes) -> PlaybookVersion:
    """A next version of a playbook, in use from now on."""
    old = PlaybookVersion.objects.get(code=code, is_current=True)
    PlaybookVersion.objects.filter(code=code).update(is_current=False)
    content = {**old.content, "version": old.version + 1, **changes}
    return PlaybookVersion.objects.create(
        code=code, version=old.version + 1, title=old.title, content=content, digest="later"
    )


def test_attaching_lays_out_the_tasks_with_their_marks(bare, handler):
    attach(bare, "DB", handler)

    assert codes(bare) == [f"DB{n:02d}" for n in range(1, 27)]
    first, filing = task(bare, "DB01"), task(bare, "DB16")
    assert (first.phase, first.role, first.is_mandatory, first.is_no_waive) == (
        "assess",
        "IH",
        True,
        True,
    )
    assert first.procedure == "Data breach procedure, 1 Identify and report"
    assert (first.playbook, first.playbook_version) == ("DB", 1)
    assert filing.condition == "the decision is to notify the authority"
    assert task(bare, "DB06").after == ["log-facts"]
    assert task(bare, "DB12").after == ["DB06", "DB10"]
    assert task(bare, "DB08").result_needed.startswith("Awareness moment")


def test_every_task_is_somebodys(bare, handler, team):
    attach(bare, "DB", handler)

    people = {each.role: each.assignee.username for each in bare.tasks.all()}
    assert people == {
        "IH": "handler",
        "SYS": "handler",
        "FOR": "handler",
        "DPO": "dpo",
        "LEG": "dpo",
        "CISO": "ciso",
        "MGT": "manager",
        "MIM": "manager",
        "COM": "manager",
        "SDA": "agent",
    }


def test_due_times_count_from_the_report_and_wait_for_later_anchors(bare, handler):
    attach(bare, "DB", handler)

    reported = bare.reported_at
    assert task(bare, "DB01").due_at == reported + timedelta(minutes=30)
    assert task(bare, "DB10").due_at == reported + timedelta(hours=24)  # unknown awareness: report
    assert task(bare, "DB20").due_at is None  # C+5 wd
    assert task(bare, "DB18").due_at is None  # DB17+24 h
    assert task(bare, "DB24").due_at is None  # before close


def test_attaching_raises_grades_classifies_and_suspects_a_breach(bare, handler):
    attach(bare, "DB", handler)

    incident = fresh(bare)
    assert (incident.severity, incident.priority, incident.breach_status) == (2, 1, "suspected")
    assert incident.category.path == "information-content-security/data-leak"
    assert incident.severity_by is None
    assert (bare.priority, bare.breach_status) == (1, "suspected")


def test_a_category_that_a_person_chose_stays(bare, handler):
    facts.edit(bare, {"category": "availability/outage", "tags": ["x-mine"]}, by=handler)

    attach(bare, "INSIDER", handler)

    assert fresh(bare).category.path == "availability/outage"
    assert fresh(bare).tags == ["x-insider", "x-mine"]


def test_attaching_twice_is_attaching_once(bare, handler, agent):
    run = attach(bare, "PHISH", handler)
    before = (codes(bare), bare.timeline.count(), bare.alerts.count())

    again = attach(bare, "PHISH", agent)
    weaker = attach(bare, "PHISH", agent, mode="confirm")

    assert run == again == weaker
    assert again.mode == "full"
    assert (codes(bare), bare.timeline.count(), bare.alerts.count()) == before


def test_attaching_is_written_down_with_version_and_reason(bare, handler):
    run = attach(bare, "PHISH", handler)

    assert (run.started_by, run.why) == (handler, "It looks like it.")
    entry = bare.timeline.get(kind="playbook")
    assert (entry.actor, entry.text) == (handler, "It looks like it.")
    assert entry.data["playbook"] == "PHISH"
    assert (entry.data["version"], entry.data["mode"]) == (1, "full")
    assert entry.data["tasks"] == codes(bare)


def test_the_team_attaches_and_nobody_else(bare, people):
    allowed = {
        name
        for name, person in people.items()
        if is_allowed(lambda by=person: attach(fresh(bare), "DOS", by))
    }

    assert allowed == TEAM


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "NOPE"}, "code"),
        ({"code": ""}, "code"),
        ({"why": ""}, "reason"),
        ({"why": "\u200b"}, "reason"),
        ({"why": "NUL \x00"}, "reason"),
        ({"why": "x" * 20_001}, "reason"),
        ({"mode": "dismissed"}, "mode"),
        ({"mode": "half"}, "mode"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_attached(given, field, bare, handler):
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        playbooks.attach(bare, by=handler, **{"code": "DB", "why": "It looks like it.", **given})

    assert set(refused.value.message_dict) == {field}
    assert codes(bare) == []
    assert not bare.playbook_runs.exists()


def test_a_long_reason_is_kept_whole_on_the_timeline(bare, handler):
    run = playbooks.attach(bare, "DOS", by=handler, why="x" * 5000)

    assert len(run.why) == 300
    assert len(bare.timeline.get(kind="playbook").text) == 5000


def test_a_closed_incident_takes_no_playbook(handler):
    closed = make_incident(State.CLOSED)

    with pytest.raises(records.Closed):
        attach(closed, "DB", handler)

    assert not closed.playbook_runs.filter(code="DB").exists()


def test_a_question_is_one_task_and_holds_the_priority(bare, handler):
    run = attach(bare, "DB", handler, mode="confirm")

    assert codes(bare) == ["DB00"]
    question = playbooks.confirm_task(run)
    assert (question.role, question.is_mandatory, question.is_no_waive) == ("IH", True, True)
    assert question.due_at == bare.reported_at + timedelta(hours=1)
    assert (fresh(bare).priority, fresh(bare).breach_status) == (2, "not_assessed")


def test_confirming_answers_the_question_and_starts_the_whole_playbook_in_one_act(bare, handler):
    run = attach(bare, "DB", handler, mode="confirm")

    confirmed = playbooks.confirm(run, by=handler, note="A list was attached.")

    assert (confirmed.pk, confirmed.mode) == (run.pk, "full")
    assert len(codes(bare)) == 27
    assert (task(bare, "DB00").state, task(bare, "DB00").result) == ("done", "A list was attached.")
    assert (fresh(bare).priority, fresh(bare).breach_status) == (1, "suspected")
    assert playbooks.confirm_task(confirmed) is None


def test_confirming_without_a_note_says_so_itself(bare, handler):
    run = attach(bare, "DB", handler, mode="confirm")

    playbooks.confirm(run, by=handler, note="")

    assert task(bare, "DB00").result == "Confirmed"


def test_dismissing_needs_a_reason_and_starts_nothing(bare, handler):
    run = attach(bare, "DB", handler, mode="confirm")

    for why in ("", " \u200b", "\x00", None):
        with pytest.raises(ValidationError) as refused, transaction.atomic():
            playbooks.dismiss(run, by=handler, why=why)
        assert set(refused.value.message_dict) == {"result"}

    dismissed = playbooks.dismiss(run, by=handler, why="A question about the form.")
    assert fresh(dismissed).mode == "dismissed"
    assert codes(bare) == ["DB00"]
    assert bare.timeline.filter(kind="playbook").last().data == {
        "playbook": "DB",
        "mode": "dismissed",
    }


def test_a_dismissed_question_is_not_asked_again_but_a_clear_match_starts_it(bare, handler):
    run = attach(bare, "DB", handler, mode="confirm")
    playbooks.dismiss(run, by=handler, why="A question about the form.")

    with pytest.raises(ValidationError):
        playbooks.dismiss(run, by=handler, why="Again.")
    attach(bare, "DB", handler, mode="confirm")
    assert codes(bare) == ["DB00"]

    attach(bare, "DB", handler)
    assert fresh(run).mode == "full"
    assert len(codes(bare)) == 27


@pytest.mark.parametrize("act", ["confirm", "dismiss"])
def test_the_question_is_for_its_role_and_the_overseers(act, bare, people):
    run = attach(bare, "DB", people["handler"], mode="confirm")

    def answer(by):
        run_now = fresh(run)
        if act == "confirm":
            playbooks.confirm(run_now, by=by, note="Yes.")
        else:
            playbooks.dismiss(run_now, by=by, why="No.")

    allowed = {name for name, by in people.items() if is_allowed(lambda by=by: answer(by))}

    assert allowed == {"handler", "manager", "ciso"}


def test_starting_a_dismissed_playbook_needs_the_right_to_attach_one(bare, people):
    run = attach(bare, "DB", people["handler"], mode="confirm")
    playbooks.dismiss(run, by=people["handler"], why="No.")

    allowed = {
        name
        for name, by in people.items()
        if is_allowed(lambda by=by: playbooks.confirm(fresh(run), by=by, note="Yes after all."))
    }

    assert allowed == TEAM


def test_a_clear_match_cancels_the_open_question(bare, handler):
    attach(bare, "DB", handler, mode="confirm")

    run = attach(bare, "DB", handler)

    assert task(bare, "DB00").state == "cancelled"
    assert task(bare, "DB00").reason
    assert playbooks.confirm_task(run) is None


def test_the_same_work_in_two_playbooks_is_one_task_with_the_stricter_marks(bare, handler):
    attach(bare, "PHISH", handler)
    loose = task(bare, "CM1")
    assert loose.due_at == bare.reported_at + timedelta(hours=4)
    review = task(bare, "CM10")
    assert (review.is_mandatory, review.condition != "") == (False, True)

    attach(bare, "DB", handler)

    keys = list(bare.tasks.values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys))
    assert "DB01" not in codes(bare)
    assert task(bare, "CM1").due_at == bare.reported_at + timedelta(minutes=30)
    review = task(bare, "CM10")
    assert (review.is_mandatory, review.is_no_waive, review.condition) == (True, True, "")


def test_the_order_of_two_playbooks_does_not_loosen_anything(bare, handler):
    attach(bare, "DB", handler)
    strict = list(bare.tasks.all())

    attach(bare, "PHISH", handler)

    for before in strict:
        after = fresh(before)
        assert after.due_at == before.due_at or after.due_at < before.due_at
        assert after.is_mandatory >= before.is_mandatory
        assert after.is_no_waive >= before.is_no_waive
    assert not {"CM1", "CM2", "CM8", "CM9", "CM10"} & set(codes(bare))


def test_work_that_is_done_is_not_asked_for_again(bare, handler):
    attach(bare, "PHISH", handler)
    tasks.finish(task(bare, "CM1"), by=handler, result="Spoke to the reporter.")

    attach(bare, "DB", handler)

    assert task(bare, "CM1").state == "done"
    assert "DB01" not in codes(bare)


def test_a_playbook_that_raises_the_priority_tightens_what_is_due_by_priority(bare, handler):
    attach(bare, "PHISH", handler)
    loose = task(bare, "CM3").due_at

    attach(bare, "DB", handler)

    assert task(bare, "CM3").due_at == bare.reported_at + timedelta(hours=4) < loose


def test_an_insider_playbook_restricts_the_incident_to_named_people(bare, people, outsider):
    attach(bare, "INSIDER", people["handler"])

    incident = fresh(bare)
    assert (incident.confidentiality, incident.tlp) == ("restricted", "TLP:RED")
    seeing = {name for name, person in people.items() if access.may_see(person, incident)}
    assert seeing == {"handler", "manager", "ciso", "dpo"}
    assert not bare.tasks.filter(assignee__username="agent").exists()
    entry = bare.timeline.get(kind="access")
    assert entry.data == {"people": sorted(seeing)}


def test_a_question_about_an_insider_restricts_nothing_yet(bare, handler):
    run = attach(bare, "INSIDER", handler, mode="confirm")
    assert fresh(bare).confidentiality == "team"

    playbooks.confirm(run, by=handler, note="Yes.")

    assert fresh(bare).confidentiality == "restricted"


def test_whoever_gets_work_on_a_restricted_incident_later_is_named_too(bare, people):
    attach(bare, "INSIDER", people["handler"])
    extra = make_user("buyer", "supplier")

    attach(bare, "SUPP", people["handler"])

    incident = fresh(bare)
    assert access.may_see(extra, incident)
    workers = {each.assignee for each in incident.tasks.exclude(assignee=None)}
    assert all(access.may_see(person, incident) for person in workers)
    assert not access.may_see(people["agent"], incident)


def test_a_breach_on_a_restricted_incident_still_reaches_the_privacy_officer(bare, people):
    attach(bare, "INSIDER", people["handler"])
    bare.named_people.filter(person=people["dpo"]).delete()

    attach(bare, "DB", people["handler"])

    assert access.may_see(people["dpo"], fresh(bare))
    assert bare.alerts.filter(recipient=people["dpo"]).exists()


def test_a_running_incident_keeps_its_version(bare, reporter, handler):
    asked = attach(bare, "DB", handler, mode="confirm")
    other = make_report(reporter)
    newer = publish("DB", title="Data spill", priority=2)

    confirmed = playbooks.confirm(asked, by=handler, note="Yes.")
    started = attach(other, "DB", handler)

    assert confirmed.playbook.version == 1
    assert task(bare, "DB01").playbook_version == 1
    assert started.playbook == newer
    assert task(other, "DB03").playbook_version == 2


def test_there_is_one_version_in_use(db):
    old = PlaybookVersion.objects.get(code="DB", is_current=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        PlaybookVersion.objects.create(
            code="DB", version=9, title="Twin", content=old.content, digest="twin"
        )

    publish("DB")
    assert [each.version for each in playbooks.current() if each.code == "DB"] == [2]


@pytest.mark.parametrize(
    "changes", [{"tasks": None}, {"tasks": [{}]}, {"priority": 9}, {"colour": "red"}]
)
def test_a_broken_stored_playbook_raises_and_leaves_nothing(changes, bare, handler):
    publish("DB", **changes)

    with pytest.raises(BrokenPlaybook), transaction.atomic():
        attach(bare, "DB", handler)

    assert codes(bare) == []
    assert not bare.playbook_runs.exists()
    assert attach(bare, "PHISH", handler).mode == "full"


def test_attaching_by_hand_rings_whom_priority_and_playbook_name_once(bare, people):
    attach(bare, "DB", people["handler"])

    rung = list(bare.alerts.filter(kind="alert").values_list("recipient__username", flat=True))
    assert sorted(rung) == ["ciso", "dpo", "handler", "manager"]


def test_all_ten_playbooks_fit_on_one_incident(bare, handler):
    for version in playbooks.current():
        attach(bare, version.code, handler)

    keys = list(bare.tasks.values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys)) == bare.tasks.count()
    present = set(keys)
    assert all(set(each.after) <= present for each in bare.tasks.all())
    assert lifecycle.steps_for(fresh(bare), handler)


def test_no_playbook_names_anybody_where_a_person_has_said_who_may_know(reference, team, reporter):
    """Else a word of the reporter would let in the very person whom it is about."""
    incident = make_report(reporter)
    manager = team["manager"]
    need_to_know.restrict(incident, [], by=manager, reason="It is about the officer.")

    run = playbooks.attach(fresh(incident), "DB", by=manager, why="Names were in it.")

    assert [row.person for row in incident.named_people.all()] == [manager]
    open_tasks = incident.tasks.filter(playbook=run.code).exclude(assignee=None)
    assert {task.assignee for task in open_tasks} <= {manager}
    assert not access.may_see(team["ciso"], fresh(incident))
    extra = tasks.add(fresh(incident), by=manager, title="Call", phase="assess", role="CISO")
    assert extra.assignee is None
