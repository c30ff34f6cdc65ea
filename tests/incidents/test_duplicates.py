"""Merging and splitting (DOMAIN.md 1.3 T10, T11; 1.5): when, and what the target takes over."""

import pytest

from incidents import (
    access,
    conversation,
    lifecycle,
    need_to_know,
    rights,
    signatures,
    tasks,
    timeline,
)
from incidents.events import incident_merged
from incidents.models import (
    Incident,
    IncidentLink,
    NamedPerson,
)
from incidents.states import Confidentiality, State
from tests.factories import (
    fresh,
    make_incident,
    make_report,
    make_task,
    make_user,
)
from tests.incidents.merging import WHY, make_pair, merge, restrict, split, upload
from tests.incidents.steps_table import NOTHING_THERE
from workflows.models import Alert, Match


def refused(source: Incident, by, **inputs) -> list[str]:
    with pytest.raises(lifecycle.TransitionRefused) as refusal:
        lifecycle.transition(fresh(source), "merge", by=by, inputs={"reason": WHY, **inputs})
    return [reason.code for reason in refusal.value.reasons]


@pytest.mark.parametrize("state", ["new", "triage", "responding", "resolved"])
def test_any_open_incident_is_merged_and_closed_as_a_duplicate(state, agent):
    source, target = make_pair(state)
    before = fresh(target).state

    merged = merge(source, target, agent)

    assert (merged.state, merged.outcome) == (State.CLOSED, "duplicate")
    assert fresh(source).duplicate_of == target
    assert fresh(source).resolution == f"Merged into {target.reference}: {WHY}"
    assert fresh(source).closed_at is not None
    assert fresh(target).state == before


def test_a_merge_leads_into_every_open_state(handler):
    states = ["new", "triage", "responding", "resolved"]
    targets = [make_incident(state) for state in states]

    for target in targets:
        merge(make_incident(), target, handler)

    assert [fresh(target).state for target in targets] == [
        "new",
        "triage",
        "responding",
        "resolved",
    ]


def test_what_a_merge_lacks_is_said_all_at_once(handler):
    source = make_incident()

    with pytest.raises(lifecycle.TransitionRefused) as refusal:
        lifecycle.transition(source, "merge", by=handler)

    assert [reason.code for reason in refusal.value.reasons] == ["target_missing", "reason_missing"]


def test_an_incident_is_no_duplicate_of_itself(handler):
    source = make_incident()

    assert refused(source, handler, target=source.reference) == ["target_is_itself"]


@pytest.mark.parametrize("named", ["INC-987654", "INC-0", "nonsense", "INC-99999999999999999999"])
def test_a_target_that_does_not_exist_is_unknown(named, handler):
    assert refused(make_incident(), handler, target=named) == ["target_unknown"]


def test_a_hidden_target_answers_as_one_that_does_not_exist(handler, manager):
    source, hidden = make_pair()
    restrict(hidden, manager)

    with pytest.raises(lifecycle.TransitionRefused) as of_hidden:
        merge(source, hidden, handler)
    with pytest.raises(lifecycle.TransitionRefused) as of_none:
        lifecycle.transition(
            source, "merge", by=handler, inputs={"target": "INC-987654", "reason": WHY}
        )

    assert of_hidden.value.reasons == of_none.value.reasons


def test_a_closed_target_takes_no_duplicates(handler):
    source, target = make_pair(target_state=State.CLOSED)

    assert refused(source, handler, target=target.reference) == ["target_closed"]


def test_a_duplicate_as_target_leads_to_the_one_that_counts(handler):
    first, second, last = make_incident(), make_incident(), make_incident()
    merge(second, last, handler)

    with pytest.raises(lifecycle.TransitionRefused) as refusal:
        merge(first, second, handler)

    assert [reason.code for reason in refusal.value.reasons] == ["target_is_duplicate"]
    assert f"Merge into {last.reference} instead." in refusal.value.reasons[0].message


def test_the_one_that_counts_is_not_named_to_whom_it_is_hidden(handler, manager):
    first, second, last = make_incident(), make_incident(), make_incident()
    merge(second, last, manager)
    restrict(last, manager)

    with pytest.raises(lifecycle.TransitionRefused) as refusal:
        merge(first, second, handler)

    assert last.reference not in refusal.value.reasons[0].message


def test_there_are_no_cycles(handler):
    source, target = make_pair()
    merge(source, target, handler)

    assert refused(target, handler, target=source.reference) == ["target_is_its_duplicate"]


def test_an_exercise_and_a_real_incident_stay_apart(handler):
    drill = make_incident(is_exercise=True)
    target = make_incident()

    assert refused(drill, handler, target=target.reference) == ["target_is_exercise"]
    assert refused(target, handler, target=drill.reference) == ["target_is_exercise"]


def test_a_restricted_duplicate_restricts_its_target_to_its_own_people(handler, manager, ciso):
    source, target = make_incident(), make_incident(State.TRIAGE)
    restrict(source, handler, ciso)
    owner = fresh(target).owner

    merge(source, target, handler)

    kept = fresh(target)
    named = {each.person for each in NamedPerson.objects.filter(incident=target)}
    assert kept.confidentiality == Confidentiality.RESTRICTED
    assert named == {handler, ciso}
    assert not access.may_see(manager, kept)
    assert kept.owner == handler
    told = target.timeline.filter(kind="access").last()
    assert told.data["owner"] == str(owner)


def test_whoever_may_not_restrict_spreads_no_restriction_by_merging(agent):
    source, target = make_pair()
    restrict(source, agent)

    with pytest.raises(rights.Denied):
        merge(source, target, agent)

    assert fresh(target).confidentiality == Confidentiality.TEAM
    assert fresh(source).state == State.NEW


def test_a_restricted_target_is_named_nowhere_on_its_duplicate(handler, manager):
    source, target = make_pair()
    make_task(source)
    restrict(target, manager)

    merge(source, target, manager)

    row = Incident.objects.filter(pk=source.pk).values().get()
    words = [str(row["resolution"]), *source.tasks.values_list("reason", flat=True)]
    entries = source.timeline.values_list("text", "data")
    assert target.reference not in " ".join([*words, *map(str, entries)])
    assert fresh(source).resolution == f"Merged into another incident: {WHY}"


def test_work_on_a_restricted_target_is_for_its_named_people(handler, manager):
    source, target = make_pair()
    make_task(source, title="Call the bank", assignee=handler)
    restrict(target, manager)

    merge(source, target, manager)

    assert target.tasks.get(title="Call the bank").assignee is None
    assert not access.may_see(handler, fresh(target))


def test_two_circles_of_named_people_are_never_opened_to_each_other(handler, manager, ciso):
    source, target = make_pair()
    restrict(source, handler, manager)
    restrict(target, manager, ciso)

    codes = refused(source, manager, target=target.reference)

    assert codes == ["target_circle_differs"]
    assert not access.may_see(ciso, fresh(source))
    assert not access.may_see(handler, fresh(target))
    need_to_know.name_person(fresh(source), ciso, by=manager, reason=WHY)
    need_to_know.name_person(fresh(target), handler, by=manager, reason=WHY)
    assert merge(source, target, manager).state == State.CLOSED


def test_a_restricted_duplicate_hands_back_the_tasks_of_who_loses_sight(handler, agent, manager):
    source, target = make_incident(), make_incident(State.TRIAGE)
    kept = make_task(target, title="Keep the log", assignee=manager)
    lost = make_task(target, title="Call the bank", assignee=agent)
    restrict(source, handler, manager)

    merge(source, target, handler)

    assert fresh(lost).assignee is None
    assert fresh(lost).state == "todo"
    assert fresh(kept).assignee == manager
    entry = target.timeline.get(data__act="handed_back")
    assert (entry.data["tasks"], entry.data["people"]) == ([lost.code], ["agent"])


def test_what_is_open_stays_open_when_it_is_merged_into_what_is_restricted(handler, agent, manager):
    source, target = make_pair()
    restrict(target, manager)
    conversation.note(fresh(target), "Secret word", by=manager)

    merge(source, target, manager)

    assert access.may_see(agent, fresh(source))
    assert not access.may_see(agent, fresh(target))
    assert not source.timeline.filter(text__contains="Secret word").exists()


@pytest.mark.parametrize("back", [False, True])
def test_a_request_to_sign_falls_away_with_a_merge_and_a_split_brings_none_back(
    back, handler, manager, ciso
):
    source, target = make_pair(State.RESPONDING)
    asked = signatures.ask(fresh(source), "refute", NOTHING_THERE, by=manager, reason=WHY)

    merge(source, target, handler)
    if back:
        split(source, handler)

    assert (fresh(asked).answer, fresh(asked).answered_by) == ("withdrawn", None)
    assert fresh(asked).note == "The incident was merged into another one."
    assert signatures.waiting_for(ciso) == []
    assert not Alert.objects.filter(template="signature", acknowledged_at=None).exists()
    if back:
        again = signatures.ask(fresh(source), "refute", NOTHING_THERE, by=manager, reason=WHY)
        assert signatures.waiting_for(ciso) == [again]


def test_the_matches_stay_with_the_duplicate_and_the_target_has_what_followed(
    handler, reference, team
):
    source = make_report(make_user("one"), subject="Ransomware", description="Files encrypted.")
    target = make_report(make_user("two"))
    hits = list(Match.objects.filter(run__incident=source).values_list("pk", flat=True))

    merge(source, target, handler)

    assert hits
    assert list(Match.objects.filter(run__incident=source).values_list("pk", flat=True)) == hits
    codes = set(source.playbook_runs.exclude(mode="dismissed").values_list("code", flat=True))
    assert codes <= set(target.playbook_runs.values_list("code", flat=True))


def test_the_duplicate_keeps_its_number_text_and_trail(handler, reporter):
    source, target = make_incident(reporter=reporter), make_incident()
    conversation.receive(source, "It began at noon.", by=reporter)
    before = list(source.timeline.order_by("sequence").values_list("pk", "hash"))
    words = (source.reference, source.subject, source.description, source.reported_at)

    merge(source, target, handler)

    kept = fresh(source)
    assert (kept.reference, kept.subject, kept.description, kept.reported_at) == words
    assert list(kept.timeline.order_by("sequence").values_list("pk", "hash"))[: len(before)] == (
        before
    )
    assert list(timeline.breaks()) == []


def test_both_timelines_tell_of_it_and_stay_whole(handler):
    source, target = make_pair()

    merge(source, target, handler)
    split(source, handler)

    merged, parted = source.timeline.filter(kind="transition")
    assert (merged.data["step"], merged.data["from"]) == ("merge", "new")
    assert merged.data["inputs"] == {"target": target.reference, "reason": WHY}
    assert parted.data["step"] == "split"
    told = [entry.data for entry in target.timeline.filter(kind="change")]
    assert told[0]["merged"] == source.reference
    assert told[-1] == {"split": source.reference}
    assert list(timeline.breaks()) == []


def test_a_merge_is_announced_with_both(handler):
    heard = []

    def hear(sender, incident, target, by, **kwargs):
        heard.append((incident.pk, fresh(incident).state, target.pk, by))

    source, target = make_pair()
    incident_merged.connect(hear)
    try:
        merge(source, target, handler)
    finally:
        incident_merged.disconnect(hear)

    assert heard == [(source.pk, "closed", target.pk, handler)]


@pytest.mark.parametrize("state", ["new", "triage", "responding", "resolved"])
def test_a_split_leads_back_to_where_it_was(state, handler):
    source, target = make_pair(state)
    before = fresh(source)
    merge(source, target, handler)

    parted = split(source, handler)

    assert parted.state == fresh(source).state == state
    kept = fresh(source)
    assert (kept.duplicate_of, kept.closed_at) == (None, None)
    assert (kept.outcome, kept.resolution) == (before.outcome, before.resolution)
    assert kept.resolved_at == before.resolved_at


def test_after_a_split_the_two_are_linked_and_the_copies_stay(handler, reporter):
    source, target = make_incident(reporter=reporter), make_incident()
    upload(source, by=reporter, from_reporter=True)
    make_task(source, title="Call the bank")
    merge(source, target, handler)

    split(source, handler)

    link = IncidentLink.objects.get()
    assert (link.incident, link.other, link.by) == (source, target, handler)
    assert target.evidence.get().copied_from.incident == source
    assert target.tasks.filter(title="Call the bank", state="todo").exists()


def test_a_split_puts_the_tasks_back_so_that_nobody_gets_rid_of_them(handler):
    source, target = make_pair(State.TRIAGE)
    task = make_task(source, is_mandatory=True)
    tasks.set_state(task, "blocked", by=handler, reason="The bank is closed.")
    merge(source, target, handler)

    split(source, handler)

    kept = fresh(task)
    assert (kept.state, kept.reason) == ("blocked", "The bank is closed.")
    assert (kept.settled_at, kept.settled_by) == (None, None)
    step = lifecycle.STEPS["dismiss"]
    assert "mandatory_tasks_open" in {
        reason.code for reason in lifecycle.blockers(fresh(source), step)
    }


def test_only_what_was_merged_is_split_and_what_was_merged_is_not_reopened(handler):
    closed, target = make_incident(State.CLOSED), make_incident()
    duplicate = make_incident()
    merge(duplicate, target, handler)

    offered = {offer.step.name for offer in lifecycle.steps_for(closed, handler)}
    of_duplicate = {offer.step.name for offer in lifecycle.steps_for(fresh(duplicate), handler)}
    with pytest.raises(lifecycle.TransitionRefused) as not_merged:
        split(closed, handler)
    with pytest.raises(lifecycle.TransitionRefused) as not_reopened:
        lifecycle.transition(fresh(duplicate), "reopen", by=handler, inputs={"reason": WHY})

    assert (offered, of_duplicate) == ({"reopen"}, {"split"})
    assert not_merged.value.reasons[0].code == "not_merged"
    assert not_reopened.value.reasons[0].code == "is_duplicate"


def test_an_incident_that_has_duplicates_is_merged_with_them_behind_it(handler):
    first, second, last = make_incident(), make_incident(), make_incident()
    merge(first, second, handler)

    merge(second, last, handler)

    assert fresh(first).duplicate_of == second
    assert refused(last, handler, target=first.reference) == ["target_is_its_duplicate"]


def test_the_reporter_of_a_duplicate_keeps_their_own_ticket_and_gets_no_other(
    handler, reporter, outsider
):
    source, target = make_incident(reporter=reporter), make_incident(reporter=outsider)
    upload(source, by=reporter, from_reporter=True)

    merge(source, target, handler)

    assert list(access.tickets_of(reporter)) == [source]
    assert list(access.tickets_of(outsider)) == [target]
    assert not target.evidence.filter(from_reporter=True).exists()
    assert not target.timeline.filter(is_public=True).exclude(kind="reported").exists()


def test_the_team_answers_each_reporter_and_hears_of_their_words(handler, reporter, outsider):
    source, target = make_incident(reporter=reporter), make_incident(reporter=outsider)
    merge(source, target, handler)

    conversation.reply(source, "Thank you, we are at it.", by=handler)
    conversation.receive(source, "The word sesame was on it.", by=reporter)

    assert source.timeline.filter(kind="reply", is_public=True).count() == 1
    told = target.timeline.last()
    assert (told.data, told.text, told.is_public) == ({"wrote": source.reference}, "", False)
    assert not target.timeline.filter(text__contains="sesame").exists()


def test_words_on_a_duplicate_of_a_duplicate_reach_the_one_that_counts(handler, reporter):
    first, second, last = make_incident(reporter=reporter), make_incident(), make_incident()
    merge(first, second, handler)
    merge(second, last, handler)

    conversation.receive(fresh(first), "Another thing.", by=reporter)

    assert last.timeline.last().data == {"wrote": first.reference}


@pytest.mark.parametrize("state", [State.RESPONDING, State.RESOLVED])
def test_a_declared_incident_is_not_hidden_in_one_that_nobody_has_declared(state, handler):
    source, target = make_pair(state, State.TRIAGE)

    with pytest.raises(lifecycle.TransitionRefused) as refused:
        merge(source, target, handler)

    assert "target_not_declared" in [reason.code for reason in refused.value.reasons]
    assert fresh(source).state == state


def test_what_swallowed_a_grave_one_is_closed_by_two(handler, manager):
    source = make_incident(State.RESPONDING, severity=2)
    target = make_incident(State.RESOLVED, severity=4, severity_by=manager)
    assert rights.may_close(handler, target)

    merge(source, target, handler)

    assert not rights.may_close(handler, fresh(target))
