"""Undo, where others ask "are you sure": for a minute, one's own last change of a fact.

The change back is a change like any other: by right, guarded, and on the timeline.
"""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from incidents import facts, rights
from incidents.admin import refusals
from incidents.admin.acts import ActPage
from incidents.models import Incident

SECONDS = 60
SALT = "incidents.admin.undo"
# Facts of one value that a press changes, as facts.edit() takes them.
UNDOABLE = ("owner", "waiting_on")


def values(incident: Incident) -> dict[str, str]:
    """What the facts are now, to be compared and put back."""
    owner = incident.owner.username if incident.owner else ""
    return {"owner": owner, "waiting_on": incident.waiting_on}


def offer(request, sentence: str, before: dict[str, str], incident: Incident) -> None:
    """Tell what was done, with a button that puts back what differs from `before`."""
    after = values(incident)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changed:
        messages.success(request, sentence)
        return
    content = {"incident": incident.pk, "by": request.user.pk, "changed": changed}
    messages.success(
        request,
        format_html(
            '{} <form class="undo" method="post" action="{}"><input type="hidden" '
            'name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="change" value="{}">'
            '<button class="btn" type="submit">{}</button></form>',
            sentence,
            reverse("admin:incidents_incident_undo", args=[incident.pk]),
            get_token(request),
            signing.dumps(content, salt=SALT),
            _("Undo"),
        ),
    )


class UndoPage(ActPage):
    """Puts back what the button was offered for, unless somebody changed it since."""

    http_method_names = ["post"]

    def is_allowed(self) -> bool:
        held = {facts.EDITABLE[name] for name in UNDOABLE}
        return any(rights.allowed(self.request.user, each, self.incident) for each in held)

    def post(self, request, **kwargs: Any):
        refusal = self.undo(request.POST.get("change", ""))
        if refusal:
            messages.error(request, refusal)
        else:
            messages.success(request, _("Undone."))
        return redirect(self.back())

    def undo(self, signed: str) -> str:
        """Why it was not done; nothing when it was."""
        try:
            change = signing.loads(signed, salt=SALT, max_age=SECONDS)
        except signing.BadSignature:
            return _("It is too late to undo this. Change it back by hand.")
        is_theirs = (change["incident"], change["by"]) == (self.incident.pk, self.request.user.pk)
        now = values(self.incident)
        changed = change["changed"]
        if not is_theirs or any(now.get(name) != pair[1] for name, pair in changed.items()):
            return _("Somebody changed it since. Nothing was undone.")
        back = {name: pair[0] for name, pair in changed.items()}
        version = self.incident.version
        try:
            facts.edit(self.incident, back, by=self.request.user, reason="Undone", version=version)
        except refusals.REFUSALS as problem:
            return refusals.told(problem)
        return ""
