"""The steps of DOMAIN.md 1.3 as a table for tests, written without a look at incidents/steps.py."""

from django.db import transaction

from incidents import lifecycle, rights, risk
from incidents.models import Incident
from incidents.states import State
from tests.factories import ASSESSMENT, RESOLUTION, fresh, make_incident, resolving

WHY = "It came back this morning."
NOTHING_THERE = {"outcome": "false_positive", "resolution": RESOLUTION}

# step: (from, to, who, what is typed); DOMAIN.md 1.3, T2 to T9, and the permissions of section 8
TABLE = {
    "acknowledge": (State.NEW, State.TRIAGE, "agent handler manager ciso dpo", {}),
    "declare": (
        State.TRIAGE,
        State.RESPONDING,
        "handler manager ciso",
        {"category": "fraud/phishing", "severity": 3},
    ),
    "dismiss": (
        State.TRIAGE,
        State.CLOSED,
        "agent handler manager ciso",
        {**NOTHING_THERE, "outcome": "not_security"},
    ),
    "refute": (
        State.RESPONDING,
        State.CLOSED,
        "manager ciso",
        {**NOTHING_THERE, "reason": "The logs show a test."},
    ),
    "resolve": (State.RESPONDING, State.RESOLVED, "handler manager ciso", resolving()),
    "close": (State.RESOLVED, State.CLOSED, "handler manager ciso", {}),
    "resume": (State.RESOLVED, State.RESPONDING, "handler manager", {"reason": WHY}),
    "reopen": (State.CLOSED, State.TRIAGE, "handler manager ciso dpo", {"reason": WHY}),
}

# T10 and T11 lead from several states, to where the incident was: their tests say so.
MERGE_BY = "agent handler manager ciso"
SPLIT_BY = "handler manager ciso"


def make_ready(state: str) -> Incident:
    """An incident in `state` that lacks nothing for any step out of it."""
    incident = make_incident(state)
    if state == State.TRIAGE:
        risk.assess(incident, by=incident.owner, **ASSESSMENT)
    return fresh(incident)


def walk(incident: Incident, step: str, *, by, inputs: dict) -> Incident:
    """The step with the second person that it may need; test_signatures.py looks at those two."""
    first = incident.owner if step == "refute" else None
    return lifecycle.transition(incident, step, by=by, inputs=inputs, asked_by=first)


def take(incident: Incident, step: str, by, inputs: dict) -> str:
    """What came of it, in a word, and everything as it was before."""
    with transaction.atomic():
        try:
            after = walk(incident, step, by=by, inputs=inputs)
            word = f"is {after.state}" if fresh(after).state == after.state else "was not stored"
        except rights.Denied:
            word = "denied"
        except lifecycle.TransitionRefused as refused:
            word = refused.reasons[0].code
        transaction.set_rollback(True)
    return word
