"""The end of a shift: one person offers the work they hold, another one accepts it (DOMAIN.md 9).

Until then nothing moves. Accepting takes each piece by the rules for taking it alone; what has
changed hands meanwhile stays where it is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from incidents import (
    access,
    clock,
    facts,
    held_work,
    plain_text,
    records,
    rights,
    roles,
    tasks,
    timeline,
)
from incidents.events import hand_over_answered, hand_over_offered
from incidents.held_work import Work
from incidents.models import HandOver, Incident, Task
from incidents.models.timeline import Kind
from incidents.states import Confidentiality, Priority

Answer = HandOver.Answer

NUMBERS = re.compile(r"INC-0*([1-9][0-9]{0,17})", re.IGNORECASE)
NOTE_LEAST = 20  # visible characters, as for a resolution
REFUSED = (ValidationError, rights.Denied, records.Closed, tasks.TaskRefused)


class Answered(Exception):
    """The hand-over is not open any more."""

    def __init__(self, hand_over: HandOver):
        message = _("This hand-over is answered already: %s.")
        super().__init__(message % hand_over.get_answer_display())


@dataclass(frozen=True, slots=True)
class Left:
    """A piece that did not change hands, and why."""

    name: str
    why: str


def of(user) -> QuerySet[HandOver]:
    """Those that this person gave or was offered; they exist for nobody else."""
    rows = HandOver.objects.filter(Q(by=user) | Q(to=user))
    return rows.select_related("by", "to").order_by("-pk")


def waiting_for(user) -> list[HandOver]:
    """What others offer to this person, the oldest first."""
    rows = HandOver.objects.filter(to=user, answer="")
    return list(rows.select_related("by").order_by("pk"))


@transaction.atomic
def offer(
    *, by, to, note: str, incidents: Iterable[Incident] = (), work: Iterable[Task] = ()
) -> HandOver:
    """Offer these incidents and tasks of one's own to `to`, and tell them.

    Raises ValidationError naming `to`, `note`, `incidents` or `work`, with a sentence for each
    piece that `to` could not take over as things are; then nothing is offered.
    """
    chosen = Work(list(incidents), list(work))
    note = _read_note(note, chosen)
    if not chosen:
        raise ValidationError({"incidents": _("Choose what you hand over.")})
    if to == by or not roles.of(to) & set(roles.TEAM):
        raise ValidationError({"to": _("Choose somebody else of the response team.")})
    _keep_in_circle(note, by, to)
    _lock(chosen)
    _check(chosen, by, to)
    made = HandOver.objects.create(by=by, to=to, note=note)
    made.incidents.set(chosen.incidents)
    made.tasks.set(chosen.tasks)
    hand_over_offered.send(HandOver, hand_over=made)
    return made


@transaction.atomic
def accept(hand_over: HandOver, *, by, note: str = "") -> list[Left]:
    """Take everything over that is still the giver's; what stays is told with its reason.

    Raises rights.Denied for everybody but the successor, ValidationError for a note that cannot be
    read, and Answered.
    """
    note = plain_text.read("note", note)
    current = _take(hand_over, "answer_hand_over", by, of="to_id")
    left: list[Left] = []
    moved = [row for row in current.incidents.order_by("pk") if _moves(current, row, left)]
    codes: dict[Incident, list[str]] = {}
    for task in current.tasks.select_related("incident").order_by("pk"):
        if _moves(current, task, left):
            codes.setdefault(task.incident, []).append(task.code)
    for incident, names in codes.items():
        _note_tasks(current, incident, names)
    _answer(current, Answer.ACCEPTED, note)
    hand_over_answered.send(HandOver, hand_over=current, by=by, moved=moved)
    return left


@transaction.atomic
def decline(hand_over: HandOver, *, by, note: str) -> None:
    """The successor does not take it, and says why. Raises as accept() does."""
    note = plain_text.read("note", note, needed=_("Say why not."))
    current = _take(hand_over, "answer_hand_over", by, of="to_id")
    _answer(current, Answer.DECLINED, note)
    hand_over_answered.send(HandOver, hand_over=current, by=by, moved=[])


@transaction.atomic
def withdraw(hand_over: HandOver, *, by, note: str = "") -> None:
    """The giver keeps it after all. Raises as accept() does."""
    note = plain_text.read("note", note)
    current = _take(hand_over, "withdraw_hand_over", by, of="by_id")
    _answer(current, Answer.WITHDRAWN, note)


def _read_note(note: str, chosen: Work) -> str:
    """A note says how each P1 and P2 stands: whoever takes it over begins there."""
    note = plain_text.read("note", note, needed=_("Write what your successor must know."))
    if plain_text.visible_length(note) < NOTE_LEAST:
        message = _("Write at least %d visible characters.") % NOTE_LEAST
        raise ValidationError({"note": message})
    urgent = [row.reference for row in chosen.incidents if row.priority <= Priority.P2]
    if lacking := [name for name in urgent if name not in note]:
        raise ValidationError({"note": _("Say how these stand: %s.") % ", ".join(lacking)})
    return note


def _keep_in_circle(note: str, by, to) -> None:
    """A note names nothing that the giver may see and the successor may not.

    Of what the giver may not see either, nothing is said: nobody learns by trying numbers.
    """
    named = {int(number) for number in NUMBERS.findall(note)}
    seen = access.visible_to(by).filter(pk__in=named)
    theirs = access.visible_to(to).filter(pk__in=named).values("pk")
    if kept := [row.reference for row in seen.exclude(pk__in=theirs).order_by("pk")]:
        words = {"person": to, "names": ", ".join(kept)}
        message = _("Take these out of the note, %(person)s may not see them: %(names)s.") % words
        raise ValidationError({"note": message})


def _check(chosen: Work, by, to) -> None:
    """Raise ValidationError with a sentence for each piece that could not change hands."""
    found = {
        "incidents": _obstacles(chosen.incidents, held_work.owned(by), "incidents", to),
        "work": _obstacles(chosen.tasks, held_work.assigned(by), "tasks", to),
    }
    if errors := {field: sentences for field, sentences in found.items() if sentences}:
        raise ValidationError(errors)


def _obstacles(
    rows: Sequence[Incident | Task], mine: QuerySet[Any], relation: str, to
) -> list[str]:
    keys = [row.pk for row in rows]
    held = set(mine.filter(pk__in=keys).values_list("pk", flat=True))
    waits = HandOver.objects.filter(answer="", **{f"{relation}__in": keys})
    offered = set(waits.values_list(relation, flat=True))
    found = [_obstacle(row, to, row.pk in held, row.pk in offered) for row in rows]
    return [sentence for sentence in found if sentence]


def _obstacle(piece: Incident | Task, to, is_held: bool, is_offered: bool) -> str:
    """Why this piece cannot be offered to `to`; nothing if it can."""
    words = {"name": held_work.name_of(piece), "person": str(to)}
    incident = held_work.incident_of(piece)
    if not is_held:
        return _("%(name)s is not yours to hand over.") % words
    if is_offered:
        return _("%(name)s waits in another hand-over already.") % words
    if not access.may_see(to, incident):
        if incident.confidentiality == Confidentiality.RESTRICTED:
            return _("%(name)s is restricted: name %(person)s on it first.") % words
        return _("%(person)s may not see %(name)s.") % words
    refusal = _rehearsed(lambda: _give(piece, to, ""))
    return _("%(name)s: %(refusal)s") % {**words, "refusal": refusal} if refusal else ""


def _rehearsed(act: Callable[[], object]) -> str:
    """Do it and undo it, so that whoever offers what cannot be taken hears so at once."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except REFUSED as problem:
        return _told(problem)
    return ""


def _moves(hand_over: HandOver, piece: Incident | Task, left: list[Left]) -> bool:
    """Try to move one piece; what it lacks is added to `left`."""
    holder = piece.assignee_id if isinstance(piece, Task) else piece.owner_id
    if not access.may_see(hand_over.to, held_work.incident_of(piece)):
        left.append(Left(_("One piece"), _("It is not yours to see any more.")))
    elif holder != hand_over.by_id:
        left.append(Left(held_work.name_of(piece), _("It has changed hands meanwhile.")))
    else:
        try:
            with transaction.atomic():
                _give(piece, hand_over.to, _why(hand_over))
            return True
        except REFUSED as problem:
            left.append(Left(held_work.name_of(piece), _told(problem)))
    return False


def _give(piece: Incident | Task, to, why: str) -> None:
    """The successor takes it: whoever may not take this piece cannot have it handed over."""
    if isinstance(piece, Task):
        tasks.assign(piece, to, by=to)
    else:
        facts.edit(piece, {"owner": to.get_username()}, by=to, reason=why)


def _why(hand_over: HandOver) -> str:
    giver, successor = timeline.name_of(hand_over.by), timeline.name_of(hand_over.to)
    return f"Handed over by {giver}, accepted by {successor}"


def _note_tasks(hand_over: HandOver, incident: Incident, codes: Sequence[str]) -> None:
    data = {
        "act": "handed_over",
        "task": ", ".join(codes),
        "from": timeline.name_of(hand_over.by),
        "to": timeline.name_of(hand_over.to),
    }
    timeline.append(incident, Kind.TASK, by=hand_over.to, text=_why(hand_over), data=data)


def _told(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        return " ".join(problem.messages)
    return str(problem)


def _lock(chosen: Work) -> None:
    """Their incidents, before anything else is."""
    keys = {row.pk for row in chosen.incidents} | {row.incident_id for row in chosen.tasks}
    records.lock_together(*keys)


def _take(hand_over: HandOver, right: str, by: Any, *, of: str) -> HandOver:
    """The hand-over as it is now, locked after its incidents."""
    _lock(Work(list(hand_over.incidents.all()), list(hand_over.tasks.all())))
    rows = HandOver.objects.select_for_update(of=("self",)).select_related("by", "to")
    current = rows.get(pk=hand_over.pk)
    if getattr(current, of) != by.pk:
        raise rights.Denied(right)
    if current.answer:
        raise Answered(current)
    return current


def _answer(hand_over: HandOver, answer: HandOver.Answer, note: str) -> None:
    hand_over.answer, hand_over.answered_at = answer, clock.now()
    hand_over.answer_note = note
    hand_over.save(update_fields=["answer", "answered_at", "answer_note"])
