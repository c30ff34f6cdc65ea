"""What follows when one incident is merged into another: playbooks go on, people are told."""

from django.db import transaction

from incidents import access, tasks, timeline
from incidents.models import Incident
from incidents.models.timeline import Kind
from workflows import alerts, escalation, paging, playbooks, schedule
from workflows.models import PlaybookRun


@transaction.atomic
def follow(source: Incident, target: Incident, *, by) -> None:
    """On `source` the ringing ends; on `target` its playbooks go on and the owner is told.

    The open tasks are on `target` already, and what was done is not done again: a playbook is
    noted there with its version, not laid out anew.
    """
    escalation.stop(source, "merged")
    name = access.name_on(target, source)
    runs = PlaybookRun.objects.filter(incident=source).exclude(mode=playbooks.DISMISSED)
    adopted = [
        run
        for each in runs.select_related("playbook").order_by("pk")
        if (run := _adopt(each, target, name, by))
    ]
    _ring(target, adopted, name, cause=f"merged-{source.pk}-{source.version}")
    schedule.recalculate(target)
    _tell_owner(target, cause=f"merged-{source.pk}-{source.version}", by=by)


def _adopt(run: PlaybookRun, target: Incident, name: str, by) -> PlaybookRun | None:
    """The run on `target`, if it is new there or has grown; it never shrinks."""
    own = PlaybookRun.objects.filter(incident=target, code=run.code).first()
    has_grown = own is None or (run.mode == playbooks.FULL and own.mode != playbooks.FULL)
    if own is None:
        own = PlaybookRun(incident=target, playbook=run.playbook, code=run.code, started_by=by)
    if has_grown:
        own.mode, own.why = run.mode, f"merged from {name}: {run.why}"[:300]
        own.save()
        _note(own, name, by)
    question = playbooks.confirm_task(own) if own.mode == playbooks.FULL else None
    if question is not None:
        tasks.cancel(question, reason="The whole playbook is at work.")
    return own if has_grown else None


def _note(run: PlaybookRun, name: str, by) -> None:
    timeline.append(
        run.incident,
        Kind.PLAYBOOK,
        by=by,
        text=f"It goes on here, from {name}.",
        data={"playbook": run.code, "version": run.playbook.version, "mode": run.mode},
    )


def _ring(target: Incident, adopted: list[PlaybookRun], name: str, *, cause: str) -> None:
    """Whom these playbooks name has not heard of this incident yet."""
    full = [run for run in adopted if run.mode == playbooks.FULL]
    called = {role for run in full for role in playbooks.content_of(run.playbook).alerts}
    if called:
        alerts.request(
            target,
            roles=sorted(called),
            why=f"Merged from {name}: {', '.join(run.code for run in full)}",
            cause=cause,
            priority=target.priority,
        )


def _tell_owner(target: Incident, *, cause: str, by) -> None:
    owner = target.owner
    if owner is None or owner == by or not owner.email or not paging.is_reachable(target, owner):
        return
    why = "Another incident was merged into this one"
    row = paging.letter(target, owner, template="merged", why=why, cause=cause)
    paging.put(target, [row])
    text = "The owner was told that another incident was merged into this one"
    timeline.append(target, Kind.ALERT, by=None, text=text, data={"told": [str(owner)]})
