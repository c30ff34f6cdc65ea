"""Four eyes: one person asks, another one agrees, and only then is it done (DOMAIN.md 1.3, 8).

Lowering P1 or P2, refuting, and closing what is grave take two people. Nothing of it can be done
by one: lifecycle and grading refuse whoever comes alone.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from incidents import (
    access,
    clock,
    grading,
    lifecycle,
    plain_text,
    records,
    rights,
    roles,
    timeline,
)
from incidents.events import signature_answered, signature_asked
from incidents.guards import Reason, SignatureRefused
from incidents.models import Incident, SecondSignature
from incidents.models.timeline import Kind
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import Priority, State

Act = SecondSignature.Act
Answer = SecondSignature.Answer

STEP_OF = {Act.REFUTE: "refute", Act.CLOSE: "close"}
ACT_OF = {step: act for act, step in STEP_OF.items()}
POSSIBLE_IN = {
    Act.REFUTE: {State.RESPONDING},
    Act.CLOSE: {State.RESOLVED},
    Act.LOWER_PRIORITY: set(State) - {State.CLOSED},
}
# What whoever asks has judged; kept with the request, for the second person signs no other thing.
JUDGED = ("severity", "urgency", "priority", "breach_status", "outcome", "resolution")
SEEN = "seen"
GRADES = {"severity", "urgency", "priority", "scales"}
OFFICERS = frozenset({Role.MIM, Role.CISO})
SIGNERS = frozenset({Role.IH, Role.DPO}) | OFFICERS


def takes_two(incident: Incident, act: str, inputs: Mapping[str, Any] | None = None) -> bool:
    """True if one person alone may not do this to the incident as it is."""
    if act == Act.CLOSE:
        return rights.is_grave(incident)
    if act == Act.LOWER_PRIORITY:
        wanted = (inputs or {}).get("priority")
        return isinstance(wanted, int) and grading.takes_two(incident.priority, wanted)
    return act == Act.REFUTE


@transaction.atomic
def ask(
    incident: Incident, act: str, inputs: Mapping[str, Any], *, by, reason: str
) -> SecondSignature:
    """Ask for the second signature under `act` with these inputs, and tell those who may give it.

    What could not be done now is not asked for: raises what the act itself raises, and
    ValidationError, rights.Denied, SignatureRefused (one waits already; nobody could sign).
    """
    reason = plain_text.read("reason", reason, needed=_("Say why."))
    current = records.lock(incident)
    _check(current, act, inputs, by)
    if current.signatures.filter(act=act, answer="").exists():
        message = _("A second signature is asked for already.")
        raise SignatureRefused([Reason("signature_waiting", message)])
    asked = SecondSignature(
        incident=current,
        act=act,
        inputs={**inputs, SEEN: _seen(current)},
        reason=reason,
        asked_by=by,
    )
    _rehearse(asked)
    asked.save()
    if not signers(asked):
        message = _("Nobody who may sign sees this incident. Name somebody first.")
        raise SignatureRefused([Reason("nobody_to_sign", message)])
    _note(asked, "asked", by=by, text=reason)
    signature_asked.send(SecondSignature, signature=asked)
    return asked


@transaction.atomic
def agree(signature: SecondSignature, *, by, note: str = "") -> SecondSignature:
    """The second person agrees, and it is done as it was asked for, in the same transaction.

    Raises rights.Denied, SignatureRefused (answered already; who asked may not any more; grades,
    breach, outcome or resolution are others by now), and what the act raises when the incident has
    changed meanwhile; then nothing has happened.
    """
    asked = _take(signature, by)
    first = asked.asked_by
    if not _may_ask(first, asked.act, asked.incident):
        message = _("Whoever asked has no right to it any more. Decline it.")
        raise SignatureRefused([Reason("asker_without_right", message)])
    _check_unchanged(asked)
    _answer(asked, Answer.AGREED, by=by, note=plain_text.read("note", note))
    _perform(asked, by=by)
    signature_answered.send(SecondSignature, signature=asked, by=by)
    return asked


@transaction.atomic
def decline(signature: SecondSignature, *, by, note: str) -> SecondSignature:
    """The second person does not agree, and says why. Raises as agree() does."""
    note = plain_text.read("note", note, needed=_("Say why not."))
    asked = _take(signature, by)
    _answer(asked, Answer.DECLINED, by=by, note=note)
    signature_answered.send(SecondSignature, signature=asked, by=by)
    return asked


@transaction.atomic
def withdraw(signature: SecondSignature, *, by, note: str = "") -> SecondSignature:
    """Whoever asked does not ask any more. Raises as agree() does."""
    asked = _open(signature)
    if asked.asked_by_id != by.pk:
        raise rights.Denied("withdraw_this")
    _answer(asked, Answer.WITHDRAWN, by=by, note=plain_text.read("note", note))
    signature_answered.send(SecondSignature, signature=asked, by=by)
    return asked


def lapse(incident: Incident) -> None:
    """What was asked for and is not possible any more in this state falls away, and says why.

    A way back does not bring it back: whoever still wants it asks anew.
    """
    state = timeline.in_english(State(incident.state).label)
    why = f"The incident is in the state {state} now."
    if incident.duplicate_of_id is not None:
        why = "The incident was merged into another one."
    for asked in incident.signatures.filter(answer=""):
        if incident.state not in POSSIBLE_IN[Act(asked.act)]:
            _answer(asked, Answer.WITHDRAWN, by=None, note=why)
            signature_answered.send(SecondSignature, signature=asked, by=None)


def waiting_for(user) -> list[SecondSignature]:
    """What this person may sign, the oldest first. A few queries for each person who asked."""
    if not roles.of(user) & SIGNERS:
        return []
    seen = Exists(access.visible_to(user).filter(pk=OuterRef("incident")))
    waiting = SecondSignature.objects.filter(seen, answer="")
    rows = waiting.exclude(asked_by=user).select_related("incident").prefetch_related("asked_by")
    sides = cache(_sides)
    return [row for row in rows.order_by("asked_at", "pk") if _is_second(user, row, sides)]


def sentence(asked: SecondSignature) -> str:
    """What was asked for, as a whole sentence."""
    words = {"person": asked.asked_by, "priority": ""}
    if asked.act == Act.LOWER_PRIORITY:
        words["priority"] = Priority(asked.inputs["priority"]).label
    told = {
        Act.LOWER_PRIORITY: _("%(person)s asks to lower the priority to %(priority)s."),
        Act.REFUTE: _("%(person)s asks to refute this incident."),
        Act.CLOSE: _("%(person)s asks to close this incident."),
    }
    return told[Act(asked.act)] % words


def may_sign(user, asked: SecondSignature) -> bool:
    """True for the second person: another one, with the right, who sees the incident."""
    return _is_second(user, asked) and access.may_see(user, asked.incident)


def signers(asked: SecondSignature) -> list[Any]:
    """Everybody who may sign, in the order of their accounts."""
    groups = [roles.GROUP_OF[role] for role in SIGNERS]
    people = get_user_model().objects.filter(is_active=True, groups__name__in=groups)
    return [each for each in people.distinct().order_by("pk") if may_sign(each, asked)]


def _is_second(
    user, asked: SecondSignature, sides: Callable[[Any], set[str]] | None = None
) -> bool:
    if user.pk == asked.asked_by_id or not _may_ask(user, asked.act, asked.incident):
        return False
    if asked.act != Act.CLOSE or not rights.is_grave(asked.incident):
        return True
    sides = sides or _sides
    ours, theirs = sides(user), sides(asked.asked_by)
    if not theirs:
        return True  # the first person has lost the right: agreeing says so, declining is possible
    return ("officer" in ours and "dpo" in theirs) or ("dpo" in ours and "officer" in theirs)


def _sides(user) -> set[str]:
    """Which halves of a pair somebody can be; where nobody is DPO, whoever stands in is."""
    held = roles.of(user)
    sides = {"officer"} if held & OFFICERS else set()
    if Role.DPO in held or user in roles.holders([Role.DPO])[Role.DPO]:
        sides.add("dpo")
    return sides


def _may_ask(user, act: str, incident: Incident) -> bool:
    if act == Act.CLOSE:
        return rights.may_close(user, incident)
    return rights.allowed(user, RIGHTS[Act(act)], incident)


RIGHTS = {
    Act.LOWER_PRIORITY: Right.LOWER_PRIORITY,
    Act.REFUTE: Right.REFUTE,
    Act.CLOSE: Right.CLOSE,
}


def _check(incident: Incident, act: str, inputs: Mapping[str, Any], by) -> None:
    if act not in Act.values:
        raise ValidationError({"act": _("Use one of: %s.") % ", ".join(Act.values)})
    if not _may_ask(by, act, incident):
        raise rights.Denied(RIGHTS[Act(act)])
    if strange := set(inputs) - GRADES if act == Act.LOWER_PRIORITY else set():
        raise ValidationError({name: _("This cannot be changed here.") for name in strange})
    if not takes_two(incident, act, inputs):
        raise ValidationError({"act": _("One person is enough for this.")})


def _check_unchanged(asked: SecondSignature) -> None:
    """Whoever asked to lower P2 has not judged what made somebody raise it to P1 since."""
    now = _seen(asked.incident)
    then = asked.inputs.get(SEEN, now)
    changed = [_label(name) for name in JUDGED if then.get(name) != now[name]]
    if changed:
        message = _("Changed after this was asked: %s. Decline it, and have it asked anew.")
        raise SignatureRefused([Reason("changed_since", message % ", ".join(changed))])


def _seen(incident: Incident) -> dict[str, Any]:
    return {name: getattr(incident, name) for name in JUDGED}


def _label(name: str) -> str:
    return str(Incident._meta.get_field(name).verbose_name)


def wanted(asked: SecondSignature) -> dict[str, Any]:
    """What will be written when somebody agrees, by name."""
    return {name: value for name, value in asked.inputs.items() if name != SEEN}


def _rehearse(asked: SecondSignature) -> None:
    """Do it and undo it, so that whoever asks for what cannot be done hears so at once."""
    with transaction.atomic():
        _perform(asked, by=asked.asked_by)
        transaction.set_rollback(True)


def _perform(asked: SecondSignature, *, by) -> None:
    incident = records.lock(asked.incident)
    inputs = wanted(asked)
    if asked.act == Act.LOWER_PRIORITY:
        grading.regrade(incident, by=by, why=asked.reason, asked_by=asked.asked_by, **inputs)
        return
    if asked.act == Act.REFUTE:
        inputs = {"reason": asked.reason, **inputs}
    step = STEP_OF[Act(asked.act)]
    lifecycle.transition(incident, step, by=by, inputs=inputs, asked_by=asked.asked_by)


def _take(signature: SecondSignature, by) -> SecondSignature:
    asked = _open(signature)
    if not may_sign(by, asked):
        raise rights.Denied("sign_this")
    return asked


def _open(signature: SecondSignature) -> SecondSignature:
    """The request as it is now, locked after its incident."""
    incident = records.lock(signature.incident)
    asked = SecondSignature.objects.select_for_update(of=("self",)).get(pk=signature.pk)
    asked.incident = incident
    if asked.answer:
        message = _("This is answered already: %s.") % asked.get_answer_display()
        raise SignatureRefused([Reason("signature_answered", message)])
    return asked


def _answer(
    asked: SecondSignature, answer: SecondSignature.Answer, *, by, note: str
) -> SecondSignature:
    asked.answer, asked.answered_by = answer, by
    asked.answered_at, asked.note = clock.now(), note
    asked.save(update_fields=["answer", "answered_by", "answered_at", "note"])
    _note(asked, answer.value if by else "lapsed", by=by, text=note)
    return asked


def _note(asked: SecondSignature, what: str, *, by, text: str) -> None:
    timeline.append(
        asked.incident,
        Kind.CHANGE,
        by=by,
        text=text,
        data={
            "signature": what,
            "act": asked.act,
            "asked_by": timeline.name_of(asked.asked_by),
        },
    )
