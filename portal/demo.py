"""The demo: people, tenants and a fortnight of incidents, told through the domain functions.

What there is and what happens stands in portal/shipped/demo-*.yaml; portal/demo_acts.py knows the
acts. All acts of all stories are played in the order of their moments, each inside clock.at().
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher, make_password
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from incidents import clock
from incidents.models import Department, Incident, Tenant, VirtualMachine, Workspace
from portal.demo_acts import Stage, play, report, span
from portal.models import Announcement
from workflows import delivery
from workflows.channels import CHANNELS
from workflows.channels.mail import MailChannel
from workflows.models import Alert

SHIPPED = Path(__file__).with_name("shipped")
MAIL_DOMAIN = "tocsin.example"  # reserved (RFC 2606): nothing sent there can arrive
HASH_ROUNDS = 1000  # everybody knows these passwords; a million rounds would take three seconds
SENDING_TAKES = timedelta(seconds=2)
# What the stories ring goes to files, whatever EMAIL_URL says: it is long over.
QUIET_CHANNELS = {**CHANNELS, Alert.Channel.MAIL: MailChannel("workflows.mail.OutboxBackend")}


@dataclass(frozen=True, slots=True)
class Act:
    """One moment of one story; number 0 is the report itself."""

    at: datetime
    story: int
    number: int


def is_empty() -> bool:
    """True while nobody and nothing is there that a demo could disturb."""
    return not get_user_model().objects.exists() and not Incident.objects.exists()


def seed() -> int:
    """Fill an empty database; how many incidents were told, 0 if it is in use.

    All or nothing. Raises PermissionDenied where DEMO is 0. Needs the rows of sync_reference.
    """
    if not settings.DEMO:
        raise PermissionDenied("Only the demo tells of the past.")
    with transaction.atomic():
        if not is_empty():
            return 0
        setting = _read("demo-people.yaml")
        people = _make_people(setting["people"])
        _make_organisation(setting, people)
        _announce(setting["announcements"])
        return _tell(_read("demo-stories.yaml"), Stage(people, setting["results"]))


def usernames() -> list[str]:
    """The demo's accounts in the order in which to show them."""
    return list(_read("demo-people.yaml")["people"])


def password_of(username: str) -> str:
    """What everybody knows."""
    return f"demo-{username}"


def _read(name: str) -> Any:
    return yaml.load((SHIPPED / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506


def _make_people(people: Mapping[str, Any]) -> dict[str, Any]:
    groups = {group.name: group for group in Group.objects.all()}
    return {username: _make_person(username, each, groups) for username, each in people.items()}


def _make_person(username: str, person: Mapping[str, Any], groups: Mapping[str, Group]) -> Any:
    hasher = copy(get_hasher())
    vars(hasher)["iterations"] = HASH_ROUNDS
    first, _space, last = person["name"].partition(" ")
    user = get_user_model().objects.create(
        username=username,
        first_name=first,
        last_name=last,
        email=f"{username}@{MAIL_DOMAIN}",
        password=make_password(password_of(username), hasher=hasher),
    )
    user.groups.set([groups[name] for name in person.get("groups", [])])
    return user


def _make_organisation(setting: Mapping[str, Any], people: Mapping[str, Any]) -> None:
    for code, name in setting["departments"].items():
        Department.objects.get_or_create(code=code, defaults={"name": name})
    for name, tenant in setting["tenants"].items():
        row = Tenant.objects.create(
            name=name, contact=tenant["contact"], contract_hours=tenant["hours"]
        )
        for title, workspace in tenant["workspaces"].items():
            _make_workspace(row, title, workspace, people)


def _make_workspace(tenant: Tenant, name: str, workspace: Mapping, people: Mapping) -> None:
    row = Workspace.objects.create(
        tenant=tenant, name=name, accountable=people[workspace["accountable"]]
    )
    row.members.set([people[username] for username in workspace["members"]])
    VirtualMachine.objects.bulk_create(
        [VirtualMachine(workspace=row, name=machine) for machine in workspace["machines"]]
    )


def _announce(announcements: list[Mapping[str, str]]) -> None:
    now = timezone.now()
    Announcement.objects.bulk_create(
        Announcement(
            title=each["title"], text=each["text"].strip(), starts_at=_moment(each["when"], now)
        )
        for each in announcements
    )


def _tell(stories: list[Mapping[str, Any]], stage: Stage) -> int:
    now = timezone.now()
    acts = [act for number in range(len(stories)) for act in _acts(stories[number], number, now)]
    incidents: dict[int, Incident] = {}
    for act in sorted(acts, key=lambda act: (act.at, act.story, act.number)):
        story = stories[act.story]
        with clock.at(act.at):
            if act.number == 0:
                incidents[act.story] = report(story, stage)
            else:
                play(incidents[act.story], story["then"][act.number - 1], stage)
        with clock.at(act.at + SENDING_TAKES):
            _deliver()
    return len(incidents)


def _acts(story: Mapping[str, Any], number: int, now: datetime) -> Iterator[Act]:
    start = _moment(story["when"], now)
    yield Act(start, number, 0)
    for position, (after, *_rest) in enumerate(story.get("then", []), start=1):
        # Not ahead of the clock: on an early morning yesterday's late acts have just happened.
        yield Act(min(start + span(after), now - SENDING_TAKES), number, position)


def _moment(when: str, now: datetime) -> datetime:
    """The moment of "4 min" (ago), or of "13 d 09:12": that day at that local time."""
    *ago, last = when.split()
    if ":" not in last:
        return now - span(when)
    day = timezone.localdate(now) - span(" ".join(ago))
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(last)))


def _deliver() -> None:
    waiting = Alert.objects.filter(state=Alert.State.WAITING).order_by("pk")
    for key in list(waiting.values_list("pk", flat=True)):
        delivery.send(key, channels=QUIET_CHANNELS)
