"""Macros: words that are written often, with the facts that are set along with them.

A macro is a hand that helps, no right: what it changes goes through facts.edit() like any change.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from incidents import access, clock, facts, rights
from incidents.models import Incident, Macro
from incidents.rights import Right

FALLBACK = "en"
RIGHTS = {
    Macro.Audience.INTERNAL: Right.NOTE,
    Macro.Audience.REPORTER: Right.REPLY,
    Macro.Audience.WORKSPACES: Right.SHARE,
}


def offered(incident: Incident, user) -> list[Macro]:
    """What this person may use here, in the languages that make sense, the reader's first.

    Colleagues are written to in one's own language, the reporter also in that and in English.
    One query, rights apart.
    """
    may = {each for each, right in RIGHTS.items() if rights.allowed(user, right, incident)}
    rows = [row for row in Macro.objects.filter(is_active=True) if row.audience in may]
    own = translation.get_language() or FALLBACK
    inside = [row for row in rows if row.audience == Macro.Audience.INTERNAL]
    mine = [row for row in inside if row.language == own]
    inside = mine or [row for row in inside if row.language == FALLBACK]
    order = list(dict.fromkeys([incident.language, own, FALLBACK]))
    outside = [row for row in rows if row.audience != Macro.Audience.INTERNAL]
    outside = [row for row in outside if row.language in order]
    return [*inside, *sorted(outside, key=lambda row: (row.audience, order.index(row.language)))]


# With the space before it, which goes too when there is no name: "Hello {reporter}," is "Hello,".
PLACE = re.compile(r"(?P<gap> ?)\{(?P<place>reference|reporter|agent)\}")


def words(macro: Macro, incident: Incident, *, by) -> str:
    """The text with its places filled; a name that `by` may not know is left out of it."""
    knows = access.may_know_reporter(by, incident)
    reporter = (incident.contact_name or str(incident.reporter or "")) if knows else ""
    filled = {"reference": incident.reference, "reporter": reporter, "agent": str(by)}

    def fill(found: re.Match[str]) -> str:
        name = filled[found["place"]]
        return found["gap"] + name if name else ""

    return PLACE.sub(fill, macro.text)


def shown_changes(macro: Macro) -> list[str]:
    """What using it changes, one "fact: value" each, as the form shows it before it is sent."""
    return [f"{_label(name)}: {_value(name, value)}" for name, value in macro.changes.items()]


def digest(macro: Macro) -> str:
    """Changes when the macro's changes do: nobody sets what they were not shown."""
    canonical = json.dumps(macro.changes, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def carry_out(macro: Macro, incident: Incident, *, by) -> None:
    """Set its facts. Raises what facts.edit() raises; then nothing was changed."""
    if macro.changes:
        facts.edit(incident, macro.changes, by=by, reason=f"Macro: {macro.name}")


def check_changes(changes: Any) -> None:
    """Raise ValidationError, naming each, for facts that cannot be set so."""
    if not isinstance(changes, Mapping):
        raise ValidationError(_('Write it so: {"waiting_on": "reporter"}.'))
    strange = [name for name in changes if name not in facts.EDITABLE]
    if strange:
        raise ValidationError(_("These facts cannot be set: %s.") % ", ".join(sorted(strange)))
    errors: dict[str, list[str]] = {}
    facts.fill(Incident(noticed_at=clock.now()), changes, by=None, errors=errors)
    if errors:
        raise ValidationError([f"{name}: {' '.join(told)}" for name, told in errors.items()])


def _label(name: str) -> str:
    return capfirst(str(Incident._meta.get_field(name).verbose_name))


def _value(name: str, value: Any) -> str:
    choices = dict(getattr(Incident._meta.get_field(name), "flatchoices", None) or ())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(choices.get(value, value)) or "–"
