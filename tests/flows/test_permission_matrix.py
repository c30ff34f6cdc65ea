"""The table of DOMAIN.md 8, cell by cell, by every door: the domain, the console, the API.

A cell is tried on an incident of one's own (reported, owned, or with a task on it) and on one of
others. Every try is undone, so the rows are made once for each door.

  + yes, on every incident     o on one's own only     - no     4 only together with somebody else
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from incidents import (
    access,
    conversation,
    evidence,
    grading,
    intake,
    lifecycle,
    milestones,
    need_to_know,
    rights,
    risk,
    tasks,
)
from incidents.guards import SignatureRefused
from incidents.models import Incident, Task
from incidents.states import SETTLED_TASK_STATES, Door, State
from tests.calling import Caller
from tests.console import Console, about, on
from tests.factories import (
    ASSESSMENT,
    LONG_AGO,
    QUIET,
    QUIET_STORY,
    RESOLUTION,
    finish_all,
    fresh,
    make_department,
    make_incident,
    make_user,
    resolving,
)

pytestmark = pytest.mark.django_db

COLUMNS = (
    "REP SDA IH MIM CISO DPO COM LEG FOR SYS MGT AUD "  # DOMAIN.md 8
    "ADM outsider superuser"  # configures; no role; every switch of Django's and no role
).split()
GROUPS = {
    "SDA": "agent", "IH": "handler", "MIM": "manager", "CISO": "ciso", "DPO": "dpo",
    "COM": "communications", "LEG": "legal", "FOR": "forensics", "SYS": "platform",
    "MGT": "management", "AUD": "auditor", "ADM": "admin",
}  # fmt: skip
# Who may not be given work has no incident of their own.
WITHOUT_TASKS = {"REP", "AUD", "ADM", "outsider", "superuser"}
NOTHING_THERE = {"outcome": "false_positive", "resolution": RESOLUTION}
REASON = {"reason": "As the table says."}


@dataclass(frozen=True)
class Row:
    """One action: its cells, and how it is tried at each door. A door that has none is skipped."""

    cells: str
    state: State
    domain: Callable
    console: Callable | None = None
    api: Callable | None = None
    # Cells of a door that answers otherwise, and why is said beside them.
    console_cells: str = ""
    api_cells: str = ""


def step(name: str, **inputs):
    """A step of the lifecycle at the three doors."""
    return {
        "domain": lambda case: lifecycle.transition(
            case.incident, name, by=case.user, inputs=inputs
        ),
        "console": lambda case: case.console.post(
            on(case.incident, f"transition/{name}"), **inputs
        ),
        "api": lambda case: case.api.post(
            f"incidents/{case.incident.reference}/transitions/",
            {"transition": name, "inputs": inputs},
        ),
    }


def patch(**changes):
    return lambda case: case.api.patch(f"incidents/{case.incident.reference}/", changes)


def say(**body):
    return lambda case: case.api.post(
        f"incidents/{case.incident.reference}/timeline/", {"text": "Word of the day.", **body}
    )


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("note.txt", b"What the log says.")


def open_evidence(case):
    """The domain asks for the right at its doors, so this is what they ask."""
    rights.require(case.user, rights.Right.OPEN_EVIDENCE, case.incident)


def report(case):
    intake.report(by=case.user, door=Door.PORTAL, subject=QUIET, description=QUIET_STORY)


def notes_by_api(case):
    answer = case.api.get(f"incidents/{case.incident.reference}/timeline/")
    return answer if "Internal word" in answer.content.decode() else None


def notes_by_console(case):
    answer = case.console.get(on(case.incident))
    return answer if "Internal word" in answer.content.decode() else None


def listed(case):
    if not access.visible_to(case.user).filter(pk=case.incident.pk).exists():
        raise rights.Denied("see")


def see_internal(case):
    rights.require(case.user, rights.Right.SEE_INTERNAL, case.incident)


def listed_by_api(case):
    answer = case.api.get("incidents/?page_size=200")
    return answer if case.incident.reference in answer.content.decode() else None


def listed_by_console(case):
    answer = case.console.get("incidents/incident/", state="all")
    return answer if case.incident.reference in answer.content.decode() else None


def know_reporter(case):
    if not access.may_know_reporter(case.user, case.incident):
        raise rights.Denied("see_reporter")


def reporter_by_api(case):
    answer = case.api.get(f"incidents/{case.incident.reference}/")
    return answer if answer.status_code == 200 and answer.json()["reporter"] else None


#              REP SDA IH MIM CISO DPO COM LEG FOR SYS MGT AUD  ADM outsider superuser
TABLE: dict[str, Row] = {
    # Everybody reports but the auditor, who changes nothing here; administrators are people too.
    "create a report": Row(
        "+ + + + + + + + + + + -  + + +",
        State.NEW,
        report,
        api=lambda case: case.api.post(
            "incidents/", {"subject": QUIET, "description": QUIET_STORY}
        ),
    ),
    # MGT: the table says "summary"; until there are summaries, they see what they have work on.
    # REP: their own tickets, in the portal and the API, never in the console.
    "see it in a list": Row(
        "- + + + + o o o o o o +  - - -",
        State.TRIAGE,
        listed,
        listed_by_console,
        listed_by_api,
        api_cells="o + + + + o o o o o o +  - - -",
    ),
    # SYS: "task only", MGT: "summary"; both read what they have work on. DPO: what they see.
    "see internal notes": Row(
        "- + + + + o o o o o o +  - - -",
        State.TRIAGE,
        see_internal,
        notes_by_console,
        notes_by_api,
    ),
    # Of a reporter who asked to stay unnamed. REP knows their own name.
    "see the reporter": Row(
        "o - o + + + - o - - - -  - - -",
        State.TRIAGE,
        know_reporter,
        api=reporter_by_api,
        api_cells="o - o + + o - o - - - -  - - -",  # the DPO sees breaches and their own
    ),
    # DPO: only what they see, that is breaches, and what they have work on.
    "acknowledge": Row("- + + + + o - - - - - -  - - -", State.NEW, **step("acknowledge")),
    # SDA and DPO propose, by a note.
    "set the severity": Row(
        "- - + + + - - - - - - -  - - -",
        State.TRIAGE,
        lambda case: grading.regrade(case.incident, by=case.user, why="So it is.", severity=3),
        lambda case: case.console.post(on(case.incident, "grade"), severity=3, why="So it is."),
        patch(severity=3, **REASON),
        # For who may raise only, the form has no field of that name: it is not read, nothing set.
        console_cells="- * + + + - - - - - - -  - - -",
    ),
    "lower P1 or P2": Row(
        "- - 4 4 4 - - - - - - -  - - -",
        State.TRIAGE,
        lambda case: grading.regrade(case.incident, by=case.user, why="Calm.", priority=4),
        lambda case: case.console.post(on(case.incident, "grade"), priority=4, why="Calm."),
        patch(priority=4, **REASON),
    ),
    "declare": Row(
        "- - + + + - - - - - - -  - - -",
        State.TRIAGE,
        **step("declare", category="fraud/phishing", severity="3"),
    ),
    "refute": Row(
        "- - - 4 4 - - - - - - -  - - -",
        State.RESPONDING,
        **step("refute", **NOTHING_THERE, **REASON),
    ),
    "resolve": Row(
        "- - + + + - - - - - - -  - - -", State.RESPONDING, **step("resolve", **resolving())
    ),
    # The incident is SEV2. DPO: sees it when asked, or with work on it.
    "close what is grave": Row(
        "- - - 4 4 o4 - - - - - -  - - -", State.RESOLVED, **step("close", **{})
    ),
    "reopen": Row("- - + + + o - - - - - -  - - -", State.CLOSED, **step("reopen", **REASON)),
    # Of others' tasks: the overseers (MIM, CISO) too, so that work never waits for one person.
    "do own tasks": Row(
        "- o o + + o o o o o o -  - - -",
        State.TRIAGE,
        lambda case: tasks.finish(case.task, by=case.user, result="Done, see the notes."),
        lambda case: case.console.post(about(case.task), result="Done, see the notes."),
        lambda case: case.api.post(f"tasks/{case.task.pk}/finish/", {"result": "Done."}),
    ),
    # DPO: privacy tasks, that is those of their own role.
    "waive a task": Row(
        "- - - + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: tasks.waive(case.task, by=case.user, reason="Not needed."),
        lambda case: case.console.post(about(case.task, "waive"), reason="Not needed."),
        lambda case: case.api.post(f"tasks/{case.task.pk}/waive/", {"reason": "Not needed."}),
    ),
    # LEG: yes by the table; they see what they have work on. CISO: also for GDPR (clocks: issue 5).
    "set the legal awareness": Row(
        "- - - - + o - o - - - -  - - -",
        State.TRIAGE,
        lambda case: milestones.record(
            case.incident, "aware_at", milestones.read_moment(LONG_AGO), by=case.user, reason="So."
        ),
        lambda case: case.console.post(
            on(case.incident, "milestone"),
            milestone="aware_at",
            at="2026-11-01T08:00",
            precision="exact",
            reason="So.",
        ),  # fmt: skip
        patch(milestones={"aware_at": LONG_AGO}, **REASON),
    ),
    # REP adds to their own report, in the portal and the API. FOR, SYS: where they have work.
    "add evidence": Row(
        "- + + + + o - o o o - -  - - -",
        State.TRIAGE,
        lambda case: evidence.store(case.incident, upload(), by=case.user),
        lambda case: case.console.post(on(case.incident, "evidence"), file=upload()),
        lambda case: case.api.upload(
            f"incidents/{case.incident.reference}/evidence/", file=upload()
        ),
        api_cells="o + + + + o - o o o - -  - - -",
    ),
    "open evidence": Row(
        "- - + + + o - o o - - -  - - -",
        State.TRIAGE,
        open_evidence,
        lambda case: case.console.get(on(case.incident, f"evidence/{case.file.pk}")),
        lambda case: case.api.get(f"evidence/{case.file.pk}/content/"),
        api_cells="o - + + + o - o o - - -  - - -",
    ),
    "write to the reporter": Row(
        "- + + + + - - - - - - -  - - -",
        State.TRIAGE,
        lambda case: conversation.reply(case.incident, "Word of the day.", by=case.user),
        lambda case: case.console.post(on(case.incident, "write"), audience="public", text="Word."),
        say(public=True),
        # On one's own ticket everything said is public: a message to the team.
        api_cells="o + + + + - - - - - - -  - - -",
    ),
    "write an internal note": Row(
        "- + + + + o o o o o o -  - - -",
        State.TRIAGE,
        lambda case: conversation.note(case.incident, "Word of the day.", by=case.user),
        lambda case: case.console.post(
            on(case.incident, "write"), audience="internal", text="Word."
        ),
        say(public=False),
    ),
    "restrict": Row(
        "- - + + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: need_to_know.restrict(case.incident, [], by=case.user, **REASON),
        lambda case: case.console.post(on(case.incident, "restrict"), **REASON),
    ),
    # IH: their own rows; the door opens, and the file holds these only (tests of the export).
    "export": Row(
        "- - o + + o - - - - - +  - - -",
        State.TRIAGE,
        lambda case: _holds(access.exportable(case.user, access.visible_to(case.user)), case),
    ),
    # Not here yet: "sign notify decision" and "legal hold" (clocks and retention, later issues).
}


def _holds(rows, case) -> None:
    if not rows.filter(pk=case.incident.pk).exists():
        raise rights.Denied("export")


@dataclass
class Case:
    """One person at one incident."""

    user: object
    console: Console
    api: Caller
    incident: Incident
    task: Task
    file: object


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


class Done:
    status_code = 200


UNSEEN = {report, know_reporter}
EXPECTED = {
    "+": ("+", "+"), "o": ("+", "-"), "-": ("-", "-"), "4": ("4", "4"), "o4": ("4", "-"),
    "*": ("+", "+"),
}  # fmt: skip


def wrong_cells(house: House, door: str) -> dict[str, tuple]:
    """Every cell that is not as the table says: (on one's own, on one of others)."""
    found = {}
    for action, row in TABLE.items():
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


def test_every_cell_holds_in_the_domain(db):
    assert wrong_cells(House(logs_in=False, calls=False), "domain") == {}


def test_every_cell_holds_on_the_pages_of_the_console(db):
    assert wrong_cells(House(logs_in=True, calls=False), "console") == {}


def test_every_cell_holds_in_the_api(db):
    assert wrong_cells(House(logs_in=False, calls=True), "api") == {}
