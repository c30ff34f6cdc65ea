"""Who may do what: the permission table of DOMAIN.md 8, and nothing else.

A right is granted by a role. "own" means: on an incident that the person owns or has a task on.
Nobody has a bypass, a superuser neither.
"""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from incidents import roles
from incidents.roles import Role
from incidents.states import BreachStatus, Outcome, Severity

SDA, IH, MIM, CISO, DPO = Role.SDA, Role.IH, Role.MIM, Role.CISO, Role.DPO
COM, LEG, FOR, SYS, MGT, AUD = Role.COM, Role.LEG, Role.FOR, Role.SYS, Role.MGT, Role.AUD


class Denied(PermissionDenied):
    """The person may not do this. `right` names what is missing."""

    def __init__(self, right: str):
        self.right = right
        super().__init__(
            _("You do not have the right to do this here (%s).") % right.replace("_", " ")
        )


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
}
ON_OWN: dict[Right, set[Role]] = {
    Right.SEE_INTERNAL: {COM, LEG, FOR, SYS, MGT, Role.HR, Role.SUP},
    Right.SEE_REPORTER: {IH, LEG},
    Right.NOTE: {COM, LEG, FOR, SYS, MGT, Role.HR, Role.SUP},
    Right.ADD_EVIDENCE: {DPO, LEG},
    Right.OPEN_EVIDENCE: {DPO, LEG},
    Right.SEE_ALERTS: {COM, LEG, FOR, SYS, MGT},
}


def allowed(user, right: Right, incident=None) -> bool:
    """True if one of the user's roles grants `right`; own incidents count when one is given.

    Says nothing about visibility: ask incidents.access first.
    """
    held = roles.of(user)
    if held & ANYWHERE.get(right, set()):
        return True
    return bool(held & ON_OWN.get(right, set())) and incident is not None and is_own(user, incident)


def require(user, right: Right, incident=None) -> None:
    """Raise Denied unless `user` has `right`."""
    if not allowed(user, right, incident):
        raise Denied(right)


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


def may_close(user, incident) -> bool:
    """T7: SEV1, SEV2 and breaches are closed by the MIM or the CISO, the rest by a handler too."""
    held = roles.of(user)
    is_grave = incident.severity <= Severity.SEV2 or incident.breach_status in {
        BreachStatus.SUSPECTED,
        BreachStatus.CONFIRMED,
    }
    return bool(held & ({MIM, CISO} if is_grave else {IH, MIM, CISO}))


def may_waive(user, task) -> bool:
    """MIM and CISO waive; the DPO waives privacy tasks, that is the tasks of the DPO role."""
    held = roles.of(user)
    return bool(held & {MIM, CISO}) or (DPO in held and task.role == DPO)
