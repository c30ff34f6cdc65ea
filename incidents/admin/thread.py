"""The timeline as people read it: what was said as sheets, what was done as one quiet line each."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import access
from incidents.admin import between_two
from incidents.models import Incident, SecondSignature, TimelineEntry
from incidents.models.timeline import Kind
from incidents.states import (
    Band,
    BreachStatus,
    Door,
    Milestone,
    Outcome,
    Precision,
    Priority,
    Severity,
    State,
    TaskState,
    Urgency,
)
from incidents.steps import STEPS

SHOWN = 100
VALUE_MOST = 80

SAID = [Kind.MESSAGE, Kind.REPLY, Kind.SHARED_UPDATE]
VIEWS: dict[str, tuple[Any, list[Kind]]] = {
    "all": (gettext_lazy("Everything"), list(Kind)),
    "messages": (gettext_lazy("Messages"), [Kind.REPORTED, *SAID]),
    "notes": (gettext_lazy("Notes"), [Kind.NOTE]),
    "work": (
        gettext_lazy("Work log"),
        [kind for kind in Kind if kind not in {*SAID, Kind.NOTE, Kind.ATTACK}],
    ),
    "attack": (gettext_lazy("Attack timeline"), [Kind.ATTACK]),
}
ICONS = {
    Kind.REPORTED: "bell",
    Kind.MESSAGE: "person",
    Kind.REPLY: "eye",
    Kind.SHARED_UPDATE: "eye",
    Kind.NOTE: "lock",
    Kind.ATTACK: "warning",
    Kind.TRANSITION: "chevron",
    Kind.CHANGE: "note",
    Kind.PRIORITY: "shield",
    Kind.MILESTONE: "clock",
    Kind.ASSESSMENT: "shield",
    Kind.TASK: "check",
    Kind.RULE: "filter",
    Kind.PLAYBOOK: "note",
    Kind.ALERT: "bell",
    Kind.EVIDENCE: "paperclip",
    Kind.ACCESS: "key",
    Kind.PROBLEM: "warning",
}
VOICES = {
    Kind.MESSAGE: ("msg public", gettext_lazy("From the reporter")),
    Kind.REPLY: ("msg public", gettext_lazy("The reporter sees this")),
    Kind.SHARED_UPDATE: ("msg public", gettext_lazy("The Accountables and the reporter see this")),
    Kind.NOTE: ("msg internal", gettext_lazy("Internal note")),
}
STYLES = {Kind.PROBLEM: "sys bad", Kind.ATTACK: "attack"}
ASKS_TO_REOPEN = gettext_lazy("The reporter asks to reopen this")
CHOICES: dict[str, Any] = {
    "breach_status": BreachStatus,
    "outcome": Outcome,
    "severity": Severity,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry ready to be shown; `voice` is set when somebody speaks.

    `when` is when it happened: for an act of the attacker not when it was typed in.
    """

    entry: TimelineEntry
    when: datetime
    day: date
    icon: str
    css: str
    voice: str
    who: str
    sentence: str
    details: list[str]
    text: str  # what was said, with the people it calls in bold


def entries(incident: Incident, view: str, *, everything: bool) -> list[TimelineEntry]:
    """The entries of one tab, newest first, SHOWN of them unless `everything`."""
    kinds = VIEWS[view][1]
    rows: QuerySet[TimelineEntry] = incident.timeline.filter(kind__in=kinds).order_by("-sequence")
    return list(rows if everything else rows[:SHOWN])


def lines(
    shown: Iterable[TimelineEntry], incident: Incident, *, reporter: str, knows_reporter: bool
) -> list[Line]:
    """`reporter` is the name that this reader may know the reporter by."""
    found = [_line(entry, incident, reporter, knows_reporter) for entry in shown]
    return sorted(found, key=lambda line: line.when, reverse=True)


def counts(incident: Incident) -> dict[str, int]:
    """How many entries each tab has. One query."""
    rows = incident.timeline.order_by().values_list("kind").annotate(Count("pk"))
    by_kind = dict(rows)
    return {
        name: sum(by_kind.get(kind, 0) for kind in kinds) for name, (_l, kinds) in VIEWS.items()
    }


def _line(entry: TimelineEntry, incident: Incident, reporter: str, knows_reporter: bool) -> Line:
    if not knows_reporter:
        entry.data = access.without_identity(entry.data)
    css, voice = VOICES.get(Kind(entry.kind), ("sys", ""))
    if entry.data.get("asks_to_reopen"):
        voice = ASKS_TO_REOPEN
    when = happened_at(entry)
    is_reporter = entry.actor_id is not None and entry.actor_id == incident.reporter_id
    tell = SENTENCES.get(Kind(entry.kind), _plain)
    sentence, details = ("", []) if voice else tell(entry)
    return Line(
        entry=entry,
        when=when,
        day=localdate(when),
        icon=ICONS.get(Kind(entry.kind), "note"),
        css=STYLES.get(Kind(entry.kind), css),
        voice=str(voice),
        who="" if entry.kind == Kind.ATTACK else reporter if is_reporter else entry.actor_name,
        sentence=sentence,
        details=details,
        text=_with_calls(entry),
    )


def happened_at(entry: TimelineEntry) -> datetime:
    """The moment that an entry tells of; only the attack timeline has one of its own."""
    if entry.kind == Kind.ATTACK:
        return parse_datetime(str(entry.data.get("happened_at", ""))) or entry.at
    return entry.at


def _with_calls(entry: TimelineEntry) -> str:
    """The text, escaped, with the words that call somebody in bold."""
    text = escape(entry.text)
    called = [escape(word) for word in entry.data.get("mentions") or {}]
    if not called:
        return text
    longest = sorted(called, key=len, reverse=True)
    pattern = rf"({'|'.join(map(re.escape, longest))})(?!\w)"
    return mark_safe(re.sub(pattern, r"<b>\1</b>", text))  # noqa: S308 - escaped above


Told = tuple[str, list[str]]


def _plain(entry: TimelineEntry) -> Told:
    return entry.text, []


def _reported(entry: TimelineEntry) -> Told:
    door = dict(Door.choices).get(entry.data.get("through", ""), "")
    return _("reported this (%s)") % door if door else _("reported this"), []


def _transition(entry: TimelineEntry) -> Told:
    step = STEPS.get(entry.data.get("step", ""))
    states = dict(State.choices)
    sentence = _("%(step)s: from %(source)s to %(target)s") % {
        "step": step.label if step else entry.data.get("step", ""),
        "source": states.get(entry.data.get("from", ""), ""),
        "target": states.get(entry.data.get("to", ""), ""),
    }
    inputs = entry.data.get("inputs") or {}
    details = [f"{_label(name)}: {_value(name, value)}" for name, value in inputs.items()]
    return sentence, [entry.text, *details] if entry.text not in inputs.values() else details


def _signature(entry: TimelineEntry) -> Told:
    words = {
        "act": dict(SecondSignature.Act.choices).get(entry.data.get("act", ""), ""),
        "person": entry.data.get("asked_by", ""),
    }
    told = {
        "asked": _("asked for a second signature: %(act)s"),
        "agreed": _("agreed to what %(person)s asked: %(act)s"),
        "declined": _("declined what %(person)s asked: %(act)s"),
        "withdrawn": _("withdrew the request for a second signature: %(act)s"),
    }
    fallen = _("The request of %(person)s for a second signature fell away: %(act)s")
    return told.get(entry.data["signature"], fallen) % words, [entry.text]


def _change(entry: TimelineEntry) -> Told:
    if "signature" in entry.data:
        return _signature(entry)
    changes = [
        f"{_label(name)}: {_value(name, pair[0]) or '–'} → {_value(name, pair[1]) or '–'}"
        for name, pair in entry.data.get("gained", entry.data).items()
        if isinstance(pair, list) and len(pair) == 2
    ]
    if between := between_two.sentence(entry):
        return between, [entry.text, *changes, *between_two.brought(entry)]
    if not changes:
        return _("changed how to reach the reporter"), [entry.text]
    if len(changes) == 1:
        return changes[0], [entry.text]
    return _("changed %d facts") % len(changes), [*changes, entry.text]


def _priority(entry: TimelineEntry) -> Told:
    enums = (("severity", Severity), ("urgency", Urgency), ("priority", Priority))
    parts = []
    for name, enum in enums:
        old, new = (entry.data.get(name) or [None, None])[:2]
        if old != new and new in enum.values:
            before = enum(old).label if old in enum.values else "–"
            parts.append(f"{before} → {enum(new).label}")
    return ", ".join(parts) or _("looked at the severity and left it"), [entry.text]


def _milestone(entry: TimelineEntry) -> Told:
    name = dict(Milestone.choices).get(entry.data.get("milestone", ""), "")
    old, new = _moment(entry.data.get("old")), _moment(entry.data.get("new"))
    words = {"milestone": name, "new": new, "old": old}
    if not new:
        return _("cleared %(milestone)s (it was %(old)s)") % words, [entry.text]
    told = _("%(milestone)s: %(new)s (before: %(old)s)") if old else _("%(milestone)s: %(new)s")
    return told % words, [entry.text]


def _assessment(entry: TimelineEntry) -> Told:
    words = {
        "version": entry.data.get("version", ""),
        "score": entry.data.get("score", ""),
        "band": dict(Band.choices).get(entry.data.get("band", ""), ""),
    }
    return _("saved risk assessment v%(version)s: score %(score)s, %(band)s") % words, [entry.text]


def _alert(entry: TimelineEntry) -> Told:
    if entry.data.get("people"):
        names = ", ".join(map(str, entry.data["people"]))
        return _("rang %s") % names, [entry.text]
    if entry.data.get("to") == "reporter":
        obstacle = str(entry.data.get("not_sent", ""))
        return _("told nothing to the reporter") if obstacle else _("wrote to the reporter"), [
            entry.text,
            obstacle,
        ]
    if entry.data.get("to") in {"accountables", "mentioned"}:
        names = ", ".join(map(str, entry.data.get("told") or []))
        return _("wrote to %s") % names, [entry.text]
    return entry.text, []


def _access(entry: TimelineEntry) -> Told:
    acts = {
        "restricted": _("restricted this to named people"),
        "named": _("named somebody"),
        "unnamed": _("took somebody off the list"),
        "lifted": _("lifted the restriction"),
    }
    people = ", ".join(map(str, entry.data.get("people") or []))
    if "break_glass" in entry.data:
        return _("opened this by break-glass"), [entry.text]
    if sentence := acts.get(entry.data.get("restriction", "")):
        return sentence, [people, entry.text]
    return entry.text, [people]


def task_told(entry: TimelineEntry) -> Told:
    act = entry.data.get("act", "")
    if act == "due" and isinstance(entry.data.get("tasks"), dict):
        return _("set when %s are due") % ", ".join(entry.data["tasks"]), []
    if act == "restored":
        return _("put back the tasks %s") % ", ".join(entry.data.get("tasks") or []), []
    if act == "handed_back":
        people = ", ".join(map(str, entry.data.get("people") or []))
        codes = ", ".join(map(str, entry.data.get("tasks") or []))
        return _("took back the tasks %(tasks)s from %(people)s, who may not see this any more") % {
            "tasks": codes,
            "people": people,
        }, []
    name = f"{entry.data.get('task', '')} {entry.data.get('title', '')}".strip()
    words = {"task": name, "person": entry.data.get("to", ""), "giver": entry.data.get("from", "")}
    sentences = {
        "added": _("added the task %(task)s"),
        "assigned": _("gave %(person)s the task %(task)s"),
        "handed_over": _("took over from %(giver)s: %(task)s"),
        TaskState.DONE: _("finished the task %(task)s"),
        TaskState.WAIVED: _("waived the task %(task)s"),
        TaskState.CANCELLED: _("cancelled the task %(task)s"),
        TaskState.IN_PROGRESS: _("started the task %(task)s"),
        TaskState.BLOCKED: _("is blocked on the task %(task)s"),
        TaskState.TODO: _("put back the task %(task)s"),
    }
    return sentences.get(act, "%(task)s") % words, [entry.text]


def _playbook(entry: TimelineEntry) -> Told:
    modes = {
        "full": _("started playbook %s"),
        "confirm": _("asks whether playbook %s applies"),
        "dismissed": _("found that playbook %s does not apply"),
    }
    sentence = modes.get(entry.data.get("mode", ""), "%s") % entry.data.get("playbook", "")
    added = entry.data.get("tasks") or []
    count = [_("%d tasks laid out") % len(added)] if added else []
    return sentence, [entry.text, *count]


def _attack(entry: TimelineEntry) -> Told:
    sure = dict(Precision.choices).get(entry.data.get("precision", ""), "")
    words = {
        "sure": sure,
        "person": entry.actor_name,
        "at": date_format(localtime(entry.at), "j M Y H:i"),
    }
    return entry.text, [_("%(sure)s, entered by %(person)s at %(at)s") % words]


def _evidence(entry: TimelineEntry) -> Told:
    return _("added the file %s") % entry.data.get("name", ""), []


SENTENCES: dict[Kind, Callable[[TimelineEntry], Told]] = {
    Kind.REPORTED: _reported,
    Kind.TRANSITION: _transition,
    Kind.CHANGE: _change,
    Kind.PRIORITY: _priority,
    Kind.MILESTONE: _milestone,
    Kind.ASSESSMENT: _assessment,
    Kind.TASK: task_told,
    Kind.ALERT: _alert,
    Kind.ACCESS: _access,
    Kind.PLAYBOOK: _playbook,
    Kind.EVIDENCE: _evidence,
    Kind.ATTACK: _attack,
}


def _label(name: str) -> str:
    try:
        return capfirst(str(Incident._meta.get_field(name).verbose_name))
    except FieldDoesNotExist:
        return capfirst(name.replace("_", " "))


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    if name in CHOICES and value in CHOICES[name].values:
        return str(CHOICES[name](value).label)
    if name == "target":
        return between_two.named(str(value))
    return Truncator(_moment(value) or str(value if value is not None else "")).chars(VALUE_MOST)


def _moment(value: Any) -> str:
    """A stored time in the reader's zone; nothing for what is no time."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        return ""
    return date_format(localtime(moment), "j M Y H:i") if moment and moment.tzinfo else ""
