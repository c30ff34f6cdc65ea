"""Every receiver of this package, as a table. A receiver decides nothing: a few lines, one call."""

from collections.abc import Callable

from django.db.models.signals import post_save
from django.dispatch import Signal

from incidents import duplicates
from incidents.events import (
    facts_changed,
    glass_broken,
    hand_over_answered,
    hand_over_offered,
    incident_merged,
    incident_transitioned,
    message_received,
    milestone_set,
    people_mentioned,
    priority_raised,
    reopening_requested,
    reply_sent,
    risk_assessed,
    signature_answered,
    signature_asked,
    task_settled,
    update_shared,
)
from incidents.models import BreakGlass, HandOver, Incident, SecondSignature, Task
from incidents.states import Milestone
from workflows import (
    alerts,
    break_glass,
    handing_over,
    mentions,
    merging,
    reassessment,
    rules,
    schedule,
    sharing,
    signatures,
)
from workflows.models import MatchRun


def incident_saved(sender, instance, created, raw, update_fields, **kwargs) -> None:
    if raw:
        return
    if created:
        rules.apply(instance, MatchRun.Cause.REPORT)
        rules.give_receipt(instance)
    elif update_fields is None or rules.MATCHED_FIELDS & set(update_fields):
        rules.apply_if_changed(instance)


def message_was_received(sender, incident, entry, **kwargs) -> None:
    rules.apply(incident, MatchRun.Cause.MESSAGE, entry)
    duplicates.pass_on(incident)


def incident_was_transitioned(sender, incident, step, by, **kwargs) -> None:
    alerts.after_transition(incident, step, by=by)
    schedule.recalculate(incident)


def incident_was_merged(sender, incident, target, by, **kwargs) -> None:
    merging.follow(incident, target, by=by)


def priority_was_raised(sender, incident, **kwargs) -> None:
    schedule.recalculate(incident)
    alerts.priority_raised(incident)


def reopening_was_requested(sender, incident, entry, **kwargs) -> None:
    alerts.reopening_requested(incident, entry)


def reply_was_sent(sender, incident, by, **kwargs) -> None:
    alerts.after_reply(incident, by=by)


def update_was_shared(sender, incident, entry, **kwargs) -> None:
    sharing.tell(incident, entry)


def people_were_mentioned(sender, incident, entry, people, **kwargs) -> None:
    mentions.tell(incident, entry, people)


def signature_was_asked(sender, signature, **kwargs) -> None:
    signatures.tell(signature)


def signature_was_answered(sender, signature, **kwargs) -> None:
    signatures.settle(signature)


def hand_over_was_offered(sender, hand_over, **kwargs) -> None:
    handing_over.tell_successor(hand_over)


def hand_over_was_answered(sender, hand_over, moved, **kwargs) -> None:
    handing_over.tell_giver(hand_over)
    handing_over.ask_priority(moved)


def glass_was_broken(sender, opening, **kwargs) -> None:
    break_glass.tell(opening)


def task_was_settled(sender, task, **kwargs) -> None:
    schedule.recalculate(task.incident)


def milestone_was_set(sender, incident, name, **kwargs) -> None:
    schedule.recalculate(incident)
    if name == Milestone.CONTAINED_AT:
        reassessment.ask(incident, "Containment was recorded")


def facts_were_changed(sender, incident, changed, **kwargs) -> None:
    reassessment.ask_about_facts(incident, changed)


def risk_was_assessed(sender, incident, assessment, **kwargs) -> None:
    rules.heed(incident, assessment)
    schedule.recalculate(incident)
    reassessment.ask(incident, "A risk assessment was saved")


RECEIVERS: list[tuple[Signal, Callable[..., None], type]] = [
    # signal, receiver, sender, what follows
    (post_save, incident_saved, Incident),  # keyword rules: playbooks, tasks, alerts; the receipt
    (message_received, message_was_received, Incident),  # keyword rules on the words; the target
    (incident_transitioned, incident_was_transitioned, Incident),  # reporter told, ringing stops
    (incident_merged, incident_was_merged, Incident),  # playbooks go on, the owner is told
    (priority_raised, priority_was_raised, Incident),  # due times; those who hear of it are rung
    (reopening_requested, reopening_was_requested, Incident),  # whoever decides on it is rung
    (reply_sent, reply_was_sent, Incident),  # the reporter is told that there is an answer
    (update_shared, update_was_shared, Incident),  # the Accountables and the reporter are told
    (people_mentioned, people_were_mentioned, Incident),  # whom a note calls by name is told
    (signature_asked, signature_was_asked, SecondSignature),  # whoever may sign is told
    (signature_answered, signature_was_answered, SecondSignature),  # their alerts are done with
    (hand_over_offered, hand_over_was_offered, HandOver),  # the successor is told
    (hand_over_answered, hand_over_was_answered, HandOver),  # the giver; priority of P1, P2 anew
    (glass_broken, glass_was_broken, BreakGlass),  # the officers are told at once
    (task_settled, task_was_settled, Task),  # due times that count from this task
    (milestone_set, milestone_was_set, Incident),  # due times; priority asked anew on containment
    (risk_assessed, risk_was_assessed, Incident),  # DB on personal data; due times; priority asked
    (facts_changed, facts_were_changed, Incident),  # priority asked anew when the reach changed
]


def connect() -> None:
    for signal, receiver, sender in RECEIVERS:
        signal.connect(receiver, sender=sender, dispatch_uid=f"workflows.{receiver.__name__}")
