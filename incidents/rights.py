"""Who may do what: the permission table of DOMAIN.md 8, and nothing else.

A right is granted by a role. "own" means: on an incident that the person owns or has a task on.
Nobody has a bypass, a superuser neither.
"""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from incidents import clock, roles
from incidents.roles import Role
from incidents.states import BreachStatus, Confidentiality, Outcome, Severity

SDA, IH, MIM, CISO, DPO = Role.SDA, Role.IH, Role.MIM, Role.CISO, Role.DPO
COM, LEG, FOR, SYS, MGT, AUD = Role.COM, Role.LEG, Role.FOR, Role.SYS, Role.MGT, Role.AUD


class Denied(PermissionDenied):
    """The person may not do this. `right` names what is missing."""

    def __init__(self, right: str):
        self.right = right
        super().__init__(str(SENTENCES.get(right, NOT_HERE)))


class Right(StrEnum):
    REPORT_FOR_OTHERS = "report_for_others"
    SEE_INTERNAL = "see_internal"
    SEE_REPORTER = "see_reporter"
    ACKNOWLEDGE = "acknowledge"
    CLASSIFY = "classify"
    RAISE_PRIORITY = "raise_priority"
    LOWER_PRIORITY = "lower_priority"
    EDIT = "edit"
    NOTE = "note"
    REPLY = "reply"
    SHARE = "share"
    DECLARE = "declare"
    DISMISS = "dismiss"
    REFUTE = "refute"
    RESOLVE = "resolve"
    CLOSE = "close"
    RESUME = "resume"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    ASSESS = "assess"
    RULE_OUT_BREACH = "rule_out_breach"
    SET_AWARENESS = "set_awareness"
    ADD_TASK = "add_task"
    ASSIGN_TASK = "assign_task"
    WAIVE_TASK = "waive_task"
    ATTACH_PLAYBOOK = "attach_playbook"
    ADD_EVIDENCE = "add_evidence"
    OPEN_EVIDENCE = "open_evidence"
    SEE_ALERTS = "see_alerts"
    RESTRICT = "restrict"
    LIFT_RESTRICTION = "lift_restriction"
    EXPORT = "export"


ANYWHERE: dict[Right, set[Role]] = {
    Right.REPORT_FOR_OTHERS: {SDA, IH, MIM, CISO, DPO},
    Right.SEE_INTERNAL: {SDA, IH, MIM, CISO, DPO, AUD},
    Right.SEE_REPORTER: {MIM, CISO, DPO},
    Right.ACKNOWLEDGE: {SDA, IH, MIM, CISO, DPO},
    Right.CLASSIFY: {IH, MIM, CISO},
    Right.RAISE_PRIORITY: {SDA, IH, MIM, CISO},
    Right.LOWER_PRIORITY: {IH, MIM, CISO},
    Right.EDIT: {SDA, IH, MIM, CISO, DPO},
    Right.NOTE: {SDA, IH, MIM, CISO, DPO},
    Right.REPLY: {SDA, IH, MIM, CISO},
    Right.SHARE: {MIM, CISO, DPO, COM},
    Right.DECLARE: {IH, MIM, CISO},
    Right.DISMISS: {SDA, IH, MIM, CISO},
    Right.REFUTE: {MIM, CISO},
    Right.RESOLVE: {IH, MIM, CISO},
    Right.CLOSE: {IH, MIM, CISO},
    Right.RESUME: {IH, MIM},
    Right.REOPEN: {IH, MIM, CISO, DPO},
    Right.MERGE: {SDA, IH, MIM, CISO},
    Right.SPLIT: {IH, MIM, CISO},
    Right.ASSESS: {IH, MIM, CISO, DPO},
    Right.RULE_OUT_BREACH: {DPO},
    Right.SET_AWARENESS: {DPO, CISO, LEG},
    Right.ADD_TASK: {SDA, IH, MIM, CISO, DPO},
    Right.ASSIGN_TASK: {SDA, IH, MIM, CISO, DPO},
    Right.WAIVE_TASK: {MIM, CISO},
    Right.ATTACH_PLAYBOOK: {SDA, IH, MIM, CISO, DPO},
    Right.ADD_EVIDENCE: {SDA, IH, MIM, CISO, FOR, SYS},
    Right.OPEN_EVIDENCE: {IH, MIM, CISO, FOR},
    Right.SEE_ALERTS: {SDA, IH, MIM, CISO, DPO, AUD},
    Right.RESTRICT: {IH, MIM, CISO, DPO},
    Right.LIFT_RESTRICTION: {MIM, CISO, DPO},
    Right.EXPORT: {MIM, CISO, DPO, AUD},
}
ON_OWN: dict[Right, set[Role]] = {
    Right.SEE_INTERNAL: {COM, LEG, FOR, SYS, MGT, Role.HR, Role.SUP},
    Right.SEE_REPORTER: {IH, LEG},
    Right.NOTE: {COM, LEG, FOR, SYS, MGT, Role.HR, Role.SUP},
    Right.ADD_EVIDENCE: {DPO, LEG},
    Right.OPEN_EVIDENCE: {DPO, LEG},
    Right.SEE_ALERTS: {COM, LEG, FOR, SYS, MGT},
    Right.EXPORT: {IH},
}
# What is open to a superuser by break-glass: looking, and no act.
THROUGH_GLASS = {Right.SEE_INTERNAL, Right.SEE_ALERTS}


NOT_HERE = _("You may not do this here.")
# What a refusal says to the person, by what is missing; also of acts that are no right of a role.
SENTENCES = {
    Right.REPORT_FOR_OTHERS: _("You may not type in a report for somebody else."),
    Right.SEE_INTERNAL: _("What the team writes among itself is not yours to see here."),
    Right.SEE_REPORTER: _("Who reported this is not yours to know."),
    Right.ACKNOWLEDGE: _("You may not acknowledge this incident."),
    Right.CLASSIFY: _("You may not set the category or severity. Propose it in a note."),
    Right.RAISE_PRIORITY: _("You may not set the priority of this incident."),
    Right.LOWER_PRIORITY: _("You may not lower the priority of this incident."),
    Right.EDIT: _("You may not change the facts of this incident."),
    Right.NOTE: _("You may not write notes on this incident."),
    Right.REPLY: _("You may not write to the reporter."),
    Right.SHARE: _("You may not share updates of this incident."),
    Right.DECLARE: _("You may not declare an incident."),
    Right.DISMISS: _("You may not close this as no incident with this outcome."),
    Right.REFUTE: _("You may not refute an incident."),
    Right.RESOLVE: _("You may not resolve this incident."),
    Right.CLOSE: _("You may not close this incident."),
    Right.RESUME: _("You may not resume work on a resolved incident."),
    Right.REOPEN: _("You may not reopen this incident."),
    Right.MERGE: _("You may not merge this incident into another one."),
    Right.SPLIT: _("You may not split a duplicate off again."),
    Right.ASSESS: _("You may not save a risk assessment."),
    Right.RULE_OUT_BREACH: _("Only the data protection officer decides on this."),
    Right.SET_AWARENESS: _("You may not set when we became aware of a breach."),
    Right.ADD_TASK: _("You may not add tasks to this incident."),
    Right.ASSIGN_TASK: _("You may not give tasks to somebody."),
    Right.WAIVE_TASK: _("You may not waive this task."),
    Right.ATTACH_PLAYBOOK: _("You may not start a playbook here."),
    Right.ADD_EVIDENCE: _("You may not add files to this incident."),
    Right.OPEN_EVIDENCE: _("You may not open the files of this incident."),
    Right.SEE_ALERTS: _("Who was alerted is not yours to see here."),
    Right.RESTRICT: _("You may not restrict an incident, or say who is named on it."),
    Right.LIFT_RESTRICTION: _("You may not lift the restriction."),
    Right.EXPORT: _("You may not take incidents along as a file."),
    "report": _("You may not report: your role reads only."),
    "answer": _("Only the reporter answers here."),
    "ask_to_reopen": _("Only the reporter may ask for this."),
    "withdraw_this": _("Only the person who asked for the signature may withdraw it."),
    "answer_hand_over": _("Only the person who is offered this work may accept or decline it."),
    "withdraw_hand_over": _("Only the person who offered this work may take the offer back."),
    "sign_this": _("You may not give the second signature here. Another person has to."),
    "break_glass": _("Only a superuser may use break-glass."),
    "finish_this_task": _("This task is not yours to finish."),
    "change_this_task": _("This task is not yours to change."),
    "see_how_the_team_works": _("This is for the response team only."),
    "acknowledge_this_alert": _("Only the person who was alerted may acknowledge this alert."),
}


def allowed(user, right: Right, incident=None) -> bool:
    """True if one of the user's roles grants `right`; own incidents count when one is given.

    Says nothing about visibility: ask incidents.access first.
    """
    if only_reads(user, incident):
        return right in THROUGH_GLASS and has_broken_glass(user, incident)
    held = roles.of(user)
    if held & ANYWHERE.get(right, set()):
        return True
    return bool(held & ON_OWN.get(right, set())) and incident is not None and is_own(user, incident)


def require(user, right: Right, incident=None) -> None:
    """Raise Denied unless `user` has `right`."""
    if not allowed(user, right, incident):
        raise Denied(right)


def only_reads(user, incident) -> bool:
    """True for a superuser who is not named on this restricted incident. No query for others."""
    return (
        incident is not None
        and getattr(user, "is_superuser", False)
        and incident.confidentiality == Confidentiality.RESTRICTED
        and not incident.named_people.filter(person=user).exists()
    )


def has_broken_glass(user, incident) -> bool:
    """True while this person's break-glass access to the incident is open."""
    return incident.break_glass.filter(person=user, until__gt=clock.now()).exists()


def may_report(user) -> bool:
    """Everybody may report but the auditor, who changes nothing here."""
    return AUD not in roles.of(user)


def is_own(user, incident) -> bool:
    """True if the person owns the incident or has a task on it. One query."""
    return incident.owner_id == user.pk or incident.tasks.filter(assignee=user).exists()


def may_dismiss(user, outcome: str) -> bool:
    """T4: a handler may dismiss; an agent only what is no security matter or a duplicate."""
    held = roles.of(user)
    if held & {IH, MIM, CISO}:
        return True
    return SDA in held and outcome in {"", Outcome.NOT_SECURITY, Outcome.DUPLICATE}


def is_grave(incident) -> bool:
    """SEV1, SEV2, or a breach that is not ruled out: closing it takes two people (T7).

    What it was since it was declared counts too, and what was merged into it: else one person could
    lower the severity first.
    """
    possible = {BreachStatus.SUSPECTED, BreachStatus.CONFIRMED}
    if incident.severity <= Severity.SEV2 or incident.breach_status in possible:
        return True
    if incident.duplicates.filter(severity__lte=Severity.SEV2).exists():
        return True
    if incident.declared_at is None:
        return False
    since = incident.priority_changes.filter(at__gte=incident.declared_at)
    return since.filter(old_severity__lte=Severity.SEV2).exists()


def may_close(user, incident) -> bool:
    """T7: what is grave is closed by MIM or CISO together with the DPO, the rest by a handler too.

    Who makes the pair is asked in incidents.signatures.
    """
    if only_reads(user, incident):
        return False
    return bool(roles.of(user) & ({MIM, CISO, DPO} if is_grave(incident) else {IH, MIM, CISO}))


def may_waive(user, task) -> bool:
    """MIM and CISO waive; the DPO waives privacy tasks, that is the tasks of the DPO role."""
    if getattr(user, "is_superuser", False) and only_reads(user, task.incident):
        return False
    held = roles.of(user)
    return bool(held & {MIM, CISO}) or (DPO in held and task.role == DPO)
