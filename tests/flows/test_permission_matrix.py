"""The table of DOMAIN.md 8, cell by cell, by every door: the domain, the console, the API.

A cell is tried on an incident of one's own (reported, owned, or with a task on it) and on one of
others. Every try is undone, so the rows are made once for each door.

  + yes, on every incident     o on one's own only     - no     4 only together with somebody else
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction

from incidents import (
    access,
    conversation,
    evidence,
    lifecycle,
    rights,
    risk,
    tasks,
)
from incidents.guards import SignatureRefused
from incidents.models import Incident, Task
from incidents.rights import Right
from incidents.states import SETTLED_TASK_STATES, State
from tests.calling import Caller
from tests.console import Console
from tests.factories import ASSESSMENT, finish_all, fresh, make_department, make_incident, make_user
from tests.flows.permission_table import (
    COLUMNS,
    GROUPS,
    TABLE,
    WITHOUT_TASKS,
    Done,
    know_reporter,
    report,
    upload,
)

pytestmark = pytest.mark.django_db

# By which row each right of the code is tried.
ROW_OF = {
    Right.REPORT_FOR_OTHERS: "report for somebody else",
    Right.SEE_INTERNAL: "see internal notes",
    Right.SEE_REPORTER: "see the reporter",
    Right.ACKNOWLEDGE: "acknowledge",
    Right.CLASSIFY: "set the severity",
    Right.RAISE_PRIORITY: "raise the priority",
    Right.LOWER_PRIORITY: "lower P1 or P2",
    Right.EDIT: "change the facts",
    Right.NOTE: "write an internal note",
    Right.REPLY: "write to the reporter",
    Right.SHARE: "share an update",
    Right.DECLARE: "declare",
    Right.DISMISS: "dismiss",
    Right.REFUTE: "refute",
    Right.RESOLVE: "resolve",
    Right.CLOSE: "close what is grave",
    Right.RESUME: "resume",
    Right.REOPEN: "reopen",
    Right.MERGE: "merge",
    Right.SPLIT: "split",
    Right.ASSESS: "assess the risk",
    Right.RULE_OUT_BREACH: "rule out a breach",
    Right.SET_AWARENESS: "set the legal awareness",
    Right.ADD_TASK: "add a task",
    Right.ASSIGN_TASK: "give a task",
    Right.WAIVE_TASK: "waive a task",
    Right.ATTACH_PLAYBOOK: "start a playbook",
    Right.ADD_EVIDENCE: "add evidence",
    Right.OPEN_EVIDENCE: "open evidence",
    Right.SEE_ALERTS: "see who was alerted",
    Right.RESTRICT: "restrict",
    Right.LIFT_RESTRICTION: "lift the restriction",
    Right.EXPORT: "export",
}


@dataclass
class Case:
    """One person at one incident."""

    user: object
    console: Console
    api: Caller
    incident: Incident
    task: Task
    file: object
    other: str = ""  # the number of another one, that is new
    helper: object = None  # a handler and manager who works on it


class House:
    """One person for each column, and of each state an incident of theirs and one of others."""

    def __init__(self, *, logs_in: bool, calls: bool):
        make_department()
        self.people = {name: self._person(name) for name in COLUMNS}
        self.consoles = {
            name: Console(user) if logs_in else None for name, user in self.people.items()
        }
        self.callers = {name: Caller(user) if calls else None for name, user in self.people.items()}
        self.rows = {
            state: [self._incident(state, is_own) for is_own in (True, False)] for state in State
        }

    def _person(self, name: str):
        if name == "superuser":
            return make_user("root", is_superuser=True, is_staff=True)
        groups = [GROUPS[name]] if name in GROUPS else []
        return make_user(f"the-{name.lower()}", *groups)

    def _incident(self, state: State, is_own: bool):
        reporter = self.people["REP"] if is_own else None
        incident = make_incident(state, reporter=reporter)
        helper = incident.owner or make_user(f"helper-{incident.pk}", "handler", "manager")
        file = evidence.store(incident, upload(), by=helper, from_reporter=True)
        conversation.note(incident, "Internal word", by=helper)
        if state in {State.TRIAGE, State.RESPONDING}:
            finish_all(incident)
            _assessed(incident, helper)
        holders = [name for name in COLUMNS if is_own and name not in WITHOUT_TASKS]
        made = {name: self._task(incident, self.people[name], name) for name in holders}
        others = self._task(incident, helper, "HR")
        graves = {"severity": 2} if state == State.RESOLVED else {}
        Incident.objects.filter(pk=incident.pk).update(
            priority=2, is_name_confidential=True, **graves
        )
        return fresh(incident), made, others, file

    def _task(self, incident: Incident, person, role: str) -> Task:
        return Task.objects.create(
            incident=incident,
            code=f"T-{role}",
            title="Look",
            phase="assess",
            role="HR" if role in {"MIM", "CISO"} else role,
            assignee=person,
            dedupe_key=f"matrix-{role}",
        )

    def case(self, name: str, state: State, *, is_own: bool) -> Case:
        incident, made, others, file = self.rows[state][0 if is_own else 1]
        return Case(
            self.people[name],
            self.consoles[name],
            self.callers[name],
            incident,
            made.get(name, others),
            file,
            self.rows[State.NEW][1][0].reference,
            others.assignee,
        )


def _assessed(incident: Incident, helper) -> None:
    risk.assess(incident, by=helper, **ASSESSMENT)
    for task in incident.tasks.exclude(state__in=SETTLED_TASK_STATES):
        tasks.finish(task, by=helper, result="Done.")


def outcome(act: Callable, case: Case) -> str:
    """+ it was done, - it was refused for want of a right, 4 a second person is wanted."""
    with transaction.atomic():
        try:
            answer = act(case)
        except rights.Denied:
            return "-"
        except SignatureRefused as refused:
            return _word(each.code for each in refused.reasons)
        except lifecycle.TransitionRefused as refused:
            return _word(each.code for each in refused.reasons)
        finally:
            transaction.set_rollback(True)
    return read(answer)


def _word(codes) -> str:
    found = set(codes)
    return "4" if found == {"second_signature"} else f"refused {sorted(found)}"


def read(answer) -> str:
    if answer is None:  # a page or list that does not show it
        return "-"
    status = getattr(answer, "status_code", 200)
    if status in {403, 404}:
        return "-"
    body = b"" if getattr(answer, "streaming", False) else getattr(answer, "content", b"")
    if status == 409 and (b"second_signature" in body or b"A second person has to agree" in body):
        return "4"
    if status in {302, 201} or (status == 200 and b"error-summary" not in body):
        return "+"
    return f"{status} {body[:300]!r}"


def seen(case: Case, act: Callable) -> Callable:
    """Every door asks first whether the person sees the incident; so does this one."""

    def tried(_case: Case):
        if act not in UNSEEN and not access.may_see(case.user, case.incident):
            raise rights.Denied("see")
        return act(case) and None or Done

    return tried


UNSEEN = {
    report,
    know_reporter,
    TABLE["report for somebody else"].domain,
    TABLE["lift the restriction"].domain,
}
EXPECTED = {
    "+": ("+", "+"), "o": ("+", "-"), "-": ("-", "-"), "4": ("4", "4"), "o4": ("4", "-"),
    "*": ("+", "+"),
}  # fmt: skip


PARTS = 4  # each a test of its own, for the time that one test may take


def wrong_cells(house: House, door: str, part: int = 0, of: int = 1) -> dict[str, tuple]:
    """Every cell that is not as the table says: (on one's own, on one of others)."""
    found = {}
    for action, row in list(TABLE.items())[part::of]:
        act = getattr(row, door)
        if act is None:
            continue
        cells = getattr(row, f"{door}_cells", "") or row.cells
        for name, cell in zip(COLUMNS, cells.split(), strict=True):
            told = tuple(
                outcome(seen(case, act) if door == "domain" else act, case)
                for case in (house.case(name, row.state, is_own=own) for own in (True, False))
            )
            expected = EXPECTED[cell]
            if name in WITHOUT_TASKS - {"REP"} and cell == "o":
                expected = ("-", "-")
            if told != expected:
                found[f"{action}: {name} ({cell})"] = told
    return found


def test_every_right_of_the_code_is_tried():
    assert set(ROW_OF) == set(Right) == {*rights.ANYWHERE, *rights.ON_OWN}
    assert set(ROW_OF.values()) <= set(TABLE)
    assert set(Right) <= set(rights.SENTENCES)


def test_no_file_is_taken_by_a_post(db):
    house = House(logs_in=True, calls=False)

    answers = {
        name: [console.post(f"incidents/incident/export.{kind}").status_code
               for kind in ("csv", "xlsx")]
        for name, console in house.consoles.items()
    }  # fmt: skip

    assert {code for codes in answers.values() for code in codes} <= {403, 405}


def test_every_cell_holds_in_the_domain(db):
    assert wrong_cells(House(logs_in=False, calls=False), "domain") == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_cell_holds_on_the_pages_of_the_console(part, db):
    assert wrong_cells(House(logs_in=True, calls=False), "console", part, PARTS) == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_cell_holds_in_the_api(part, db):
    assert wrong_cells(House(logs_in=False, calls=True), "api", part, PARTS) == {}
