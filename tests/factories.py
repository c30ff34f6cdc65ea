"""Rows for tests, made through the domain functions wherever there is one. Plain functions."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from incidents import intake, lifecycle, risk, tasks
from incidents.models import Category, Department, Incident, Task
from incidents.states import SETTLED_TASK_STATES, Door, State
from portal.models import Announcement, Article

RESOLUTION = "The share link was removed and every download was accounted for."
LONG_AGO = "2026-11-01T08:00:00+01:00"
QUIET = "A door stood open"
QUIET_STORY = "The door of the server room stood open this morning."

ASSESSMENT = {
    "threat": "Strangers may read the participant list.",
    "likelihood": 3,
    "impact_confidentiality": 2,
    "impact_integrity": 0,
    "impact_availability": 0,
    "affected_assets": "workspace 114",
    "personal_data": "no",
    "cause": "human_error",
    "mitigations": "The link was removed.",
    "confidence": "medium",
}


def make_user(name: str, *groups: str, **fields):
    """An active user with a mail address, in these groups; sign in with password demo-<name>."""
    user = get_user_model().objects.create_user(
        name, fields.pop("email", f"{name}@tocsin.test"), f"demo-{name}", **fields
    )
    for group in groups:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


def make_department(code: str = intake.DEFAULT_DEPARTMENT) -> Department:
    return Department.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def make_category(path: str = "fraud/phishing") -> Category:
    group, _slash, code = path.partition("/")
    return Category.objects.get_or_create(
        taxonomy_version="1003",
        class_code=group,
        code=code,
        defaults={"class_label": group.title(), "label": code.title()},
    )[0]


def make_report(
    by=None, *, subject: str = QUIET, description: str = QUIET_STORY, **fields
) -> Incident:
    """A report through the front door: rules, playbooks and alerts follow as in life."""
    make_department()
    return intake.report(
        by=by,
        door=fields.pop("door", Door.PORTAL),
        subject=subject,
        description=description,
        **fields,
    )


def make_incident(state: str = State.NEW, *, reporter=None, handler=None, **fields) -> Incident:
    """An incident walked to `state` by `handler`, with every mandatory task settled on the way.

    Until RESPONDING its tasks stay open, so that guards have something to refuse. Further `fields`
    are set as they are.
    """
    make_category()
    incident = make_report(reporter or _somebody("a-reporter"))
    if state != State.NEW:
        handler = handler or _somebody("a-handler", "handler", "manager")
        incident = lifecycle.transition(incident, "acknowledge", by=handler)
    if state in {State.RESPONDING, State.RESOLVED, State.CLOSED}:
        risk.assess(incident, by=handler, **ASSESSMENT)
        incident = lifecycle.transition(
            incident, "declare", by=handler, inputs={"category": "fraud/phishing", "severity": 3}
        )
    if state in {State.RESOLVED, State.CLOSED}:
        finish_all(incident)
        incident = lifecycle.transition(incident, "resolve", by=handler, inputs=resolving())
    if state == State.CLOSED:
        incident = lifecycle.transition(incident, "close", by=handler)
    if fields:
        Incident.objects.filter(pk=incident.pk).update(**fields)
        incident = fresh(incident)
    return incident


def resolving(**changes) -> dict[str, str]:
    """Every input that resolving asks for."""
    return {
        "outcome": "confirmed",
        "resolution": RESOLUTION,
        "root_cause": "A default that shared too much.",
        "contained_at": LONG_AGO,
        "recovered_at": LONG_AGO,
        **changes,
    }


def finish_all(incident: Incident) -> None:
    """Finish every open task in order, each by its assignee or by a manager."""
    manager = _somebody("a-manager", "manager")
    for task in Task.objects.filter(incident=incident).order_by("pk"):
        if task.state not in SETTLED_TASK_STATES:
            tasks.finish(task, by=manager, result="Done, see the notes.")


def make_task(incident: Incident, *, by=None, **fields) -> Task:
    values = {"title": "Look again", "phase": "assess", "role": "IH", **fields}
    return tasks.add(incident, by=by or _somebody("a-handler", "handler", "manager"), **values)


def make_article(slug: str, language: str = "en", **fields) -> Article:
    words = {"title": f"{slug} ({language})", "body": f"Help in {language}.", **fields}
    return Article.objects.create(slug=slug, language=language, **words)


def make_announcement(title: str = "Mails about parcels", **fields) -> Announcement:
    words = {"text": "Do not click.", "starts_at": timezone.now() - timedelta(hours=1), **fields}
    return Announcement.objects.create(title=title, **words)


def fresh(row):
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def _somebody(name: str, *groups: str):
    return get_user_model().objects.filter(username=name).first() or make_user(name, *groups)
