"""The page on which a superuser opens a restricted incident without being named.

Every attempt is written down and mailed to the officers, also one for a number that does not
exist. The page says what is the matter with a number only to who gave a reason.
"""

from typing import Any

import structlog
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents import access, break_glass, plain_text
from incidents.admin.forms import Line, Lines
from incidents.admin.refusals import Lack
from portal import reauthentication, second_factor, watch
from portal.models import User

log = structlog.get_logger(__name__)

TYPED_MOST = 100


class OpenForm(forms.Form):
    reference = Line(label=gettext_lazy("Number of the incident"), max_length=TYPED_MOST)
    reason = Lines(
        3,
        label=gettext_lazy("Why"),
        max_length=2000,
        help_text=gettext_lazy("At least 20 visible characters. The officers read it."),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Superusers only, after proving again who they are."""
    user: Any = request.user
    if not user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    if not user.is_superuser:
        raise PermissionDenied
    if second_factor.is_missing(request):
        return redirect("mfa_index")
    reauthentication.demand(request)
    form = OpenForm(request.POST or None)
    if request.method == "POST":
        note_attempt(request)
        if form.is_valid() and (incident := _open(request, form)):
            sentence = _("%s is open to you for four hours, for reading.") % incident
            messages.success(request, sentence)
            return redirect("admin:incidents_incident_change", incident.pk)
    return render(request, "admin/break_glass.html", _facts(request, form))


def _open(request: HttpRequest, form: OpenForm):
    words = form.cleaned_data
    try:
        opening = break_glass.open_for(words["reference"], by=request.user, reason=words["reason"])
    except ValidationError as problem:
        for name, sentences in problem.message_dict.items():
            form.add_error(name, sentences)
        return None
    return opening.incident


def _facts(request: HttpRequest, form: OpenForm) -> dict[str, Any]:
    reasons: list[Lack] = []
    return {
        **admin.site.each_context(request),
        "title": _("Break the glass"),
        "form": form,
        "reasons": reasons,
        "verb": _("Open it for four hours"),
        "back": reverse("start"),
        "opened": access.opened_by(request.user).order_by("pk"),
        "intro": _(
            "Opens a restricted incident to you without your being named on it: for four hours and "
            "for reading only. The security officer and the data protection officer are told at "
            "once, with your name and your reason, whether it works or not."
        ),
    }


def note_attempt(request: HttpRequest) -> LogEntry:
    """One attempt, whatever comes of it: in the log, in the console's log, to the officers."""
    reference = _typed(request, "reference")
    user: Any = request.user
    log.warning("break_glass_attempt", by=user.username, reference=reference)
    entry = LogEntry.objects.create(
        user=user,
        action_flag=CHANGE,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=str(user)[:200],
        # The reason may tell what the incident is about: it stays on the incident.
        change_message=f"Break-glass for {reference or 'no number'}",
    )
    watch.tell_of_attempt(entry)
    return entry


def _typed(request: HttpRequest, name: str) -> str:
    """What was typed, short, on one line, and without what a log must not hold."""
    text = plain_text.one_line(request.POST.get(name, "").replace("\x00", ""))
    return text[:TYPED_MOST].encode("utf-8", "replace").decode()
