"""The rows of the permission matrix: each action, its cells, and how it is tried at each door."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from zipfile import ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import (
    access,
    breach,
    conversation,
    evidence,
    facts,
    grading,
    intake,
    lifecycle,
    milestones,
    need_to_know,
    rights,
    risk,
    tasks,
)
from incidents.models import Incident, Task, Tenant, Workspace
from incidents.rights import Right
from incidents.states import Door, State
from tests.console import about, on
from tests.factories import (
    ASSESSMENT,
    LONG_AGO,
    QUIET,
    QUIET_STORY,
    RESOLUTION,
    fresh,
    resolving,
)

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


class Done:
    status_code = 200


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
    return Done if "Internal word" in answer.content.decode() else None


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
    "export": Row(
        "- - o + + o - - - - - +  - - -",
        State.TRIAGE,
        lambda case: _holds(access.exportable(case.user, access.visible_to(case.user)), case),
        lambda case: taken_along(case, "csv"),
    ),
    "export as a workbook": Row(
        "- - o + + o - - - - - +  - - -",
        State.TRIAGE,
        lambda case: _holds(access.exportable(case.user, access.visible_to(case.user)), case),
        lambda case: taken_along(case, "xlsx"),
    ),
    # The rows below stand in the code's own table, and under other names in that of DOMAIN.md.
    "report for somebody else": Row(
        "- + + + + + - - - - - -  - - -",
        State.NEW,
        lambda case: rights.require(case.user, Right.REPORT_FOR_OTHERS),
        lambda case: case.console.post(
            "incidents/incident/add/",
            contact_name="Sam",
            department="security",
            subject=QUIET,
            description=QUIET_STORY,
            noticed_at="2026-11-01T08:00",
            noticed_at_precision="about",
            ongoing="no",
        ),
        lambda case: case.api.post(
            "incidents/", {"subject": QUIET, "description": QUIET_STORY, "contact_name": "Sam"}
        ),
    ),
    "raise the priority": Row(
        "- + + + + - - - - - - -  - - -",
        State.TRIAGE,
        lambda case: grading.regrade(case.incident, by=case.user, why="It spreads.", priority=1),
        lambda case: case.console.post(on(case.incident, "grade"), priority=1, why="It spreads."),
        patch(priority=1, **REASON),
    ),
    "change the facts": Row(
        "- + + + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: facts.edit(case.incident, {"supplier": "Acme"}, by=case.user),
        lambda case: case.console.get(on(case.incident, "facts")),
        patch(supplier="Acme", **REASON),
    ),
    "share an update": Row(
        "- - - + + o o - - - - -  - - -",
        State.TRIAGE,
        lambda case: shared(case, lambda: conversation.share(case.incident, "Word.", by=case.user)),
        lambda case: shared(
            case,
            lambda: case.console.post(
                on(case.incident, "write"), audience="workspaces", text="Word."
            ),
        ),
    ),
    # SDA: only what is no security matter, or a duplicate.
    "dismiss": Row(
        "- + + + + - - - - - - -  - - -",
        State.TRIAGE,
        **step("dismiss", outcome="not_security", resolution=RESOLUTION),
    ),
    "resume": Row("- - + + - - - - - - - -  - - -", State.RESOLVED, **step("resume", **REASON)),
    "merge": Row(
        "- + + + + - - - - - - -  - - -",
        State.TRIAGE,
        lambda case: step("merge", target=case.other, **REASON)["domain"](case),
        lambda case: step("merge", target=case.other, **REASON)["console"](case),
        lambda case: step("merge", target=case.other, **REASON)["api"](case),
    ),
    "split": Row(
        "- - + + + - - - - - - -  - - -",
        State.TRIAGE,
        lambda case: merged(case, "domain"),
        lambda case: merged(case, "console"),
        lambda case: merged(case, "api"),
    ),
    "assess the risk": Row(
        "- - + + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: risk.assess(case.incident, by=case.user, **ASSESSMENT),
        lambda case: case.console.get(on(case.incident, "assess")),
        lambda case: case.api.post(f"incidents/{case.incident.reference}/assessments/", ASSESSMENT),
    ),
    "rule out a breach": Row(
        "- - - - - o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: breach.judge(case.incident, "ruled_out", by=case.user, reason="Test data."),
        lambda case: case.console.post(
            on(case.incident, "breach"), breach_status="ruled_out", breach_reason="Test data."
        ),
        patch(breach_status="ruled_out", breach_reason="Test data.", **REASON),
    ),
    "add a task": Row(
        "- + + + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: tasks.add(
            case.incident, by=case.user, title="Call", phase="assess", role="IH"
        ),
        lambda case: case.console.post(
            on(case.incident, "task"), title="Call", phase="assess", role="IH"
        ),
    ),
    "give a task": Row(
        "- + + + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: tasks.assign(free_task(case), case.helper, by=case.user),
        lambda case: case.console.post(
            about(free_task(case), "assign"), assignee=case.helper.username
        ),
        lambda case: case.api.patch(
            f"tasks/{free_task(case).pk}/", {"assignee": case.helper.username}
        ),
    ),
    "start a playbook": Row(
        "- + + + + o - - - - - -  - - -",
        State.TRIAGE,
        lambda case: rights.require(case.user, Right.ATTACH_PLAYBOOK, case.incident),
    ),
    "see who was alerted": Row(
        "- + + + + o o o o o o +  - - -",
        State.TRIAGE,
        lambda case: rights.require(case.user, Right.SEE_ALERTS, case.incident),
        api=lambda case: case.api.get(f"incidents/{case.incident.reference}/alerts/"),
    ),
    # Tried by somebody who is named on it.
    "lift the restriction": Row(
        "- - - + + + - - - - - -  - - -",
        State.TRIAGE,
        lambda case: need_to_know.lift(restricted(case), by=case.user, **REASON),
        lambda case: case.console.post(on(restricted(case), "lift"), **REASON),
    ),
    # Not here yet: "sign notify decision" and "legal hold" (clocks and retention, later issues).
}


def _holds(rows, case) -> None:
    if not rows.filter(pk=case.incident.pk).exists():
        raise rights.Denied("export")


def taken_along(case, kind: str):
    """The export, if the incident is in it."""
    answer = case.console.get(f"incidents/incident/export.{kind}", state="all")
    if answer.status_code != 200:
        return answer
    content = b"".join(answer.streaming_content)
    if kind == "xlsx":
        with ZipFile(BytesIO(content)) as parts:
            content = parts.read("xl/worksheets/sheet1.xml")
    return Done if case.incident.reference.encode() in content else None


def shared(case, act: Callable):
    """With an affected workspace that somebody answers for."""
    tenant = Tenant.objects.create(name="University A")
    lead = case.helper
    case.incident.workspaces.add(
        Workspace.objects.create(name="ws-1", tenant=tenant, accountable=lead)
    )
    return act()


def merged(case, door: str):
    """Split what somebody else has merged."""
    inputs = {"target": case.other, **REASON}
    incident = lifecycle.transition(case.incident, "merge", by=case.helper, inputs=inputs)
    return step("split", **REASON)[door](replace(case, incident=incident))


def free_task(case) -> Task:
    return tasks.add(case.incident, by=case.helper, title="Call", phase="assess", role="IH")


def restricted(case) -> Incident:
    access.restrict_to(case.incident, [case.user])
    Incident.objects.filter(pk=case.incident.pk).update(confidentiality="restricted")
    return fresh(case.incident)
