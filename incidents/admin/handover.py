"""The end of a shift in the console: hand-overs given and received, offering, and the answers.

A hand-over exists for its two people; for everybody else its address is nowhere.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from incidents import ages, handing_over, held_work, roles
from incidents.admin.acts import ActPage
from incidents.admin.forms import Lines, person, team
from incidents.admin.handover_note import STEP, draft
from incidents.admin.permissions import ReadOnlyAdmin
from incidents.held_work import Work
from incidents.models import HandOver
from incidents.plain_text import TEXT_MOST

LISTED = 50


def may_hold_work(user) -> bool:
    """Auditors and application administrators hold none."""
    return bool(roles.of(user) & roles.WORKING)


class OfferForm(forms.Form):
    """Who takes over, what of it, and the note; everything that one holds is ticked."""

    def __init__(self, held: Work, giver, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.held = held
        others = team().exclude(pk=giver.pk)
        self.people = {each.username: each for each in others}
        self.fields["to"] = person(others, label=gettext_lazy("Who takes over"))
        self.fields["note"] = Lines(
            10,
            label=gettext_lazy("Note"),
            max_length=TEXT_MOST,
            required=True,
            help_text=gettext_lazy(
                "Only your successor reads it. Say how each P1 and P2 stands, what comes next, and "
                "who waits."
            ),
        )
        self.fields["incidents"] = _ticked(
            [(row.pk, f"{row.reference} P{row.priority} {row.subject}") for row in held.incidents],
            gettext_lazy("Incidents that you own"),
        )
        self.fields["work"] = _ticked(
            [(row.pk, _words_of(row)) for row in held.tasks],
            gettext_lazy("Your tasks"),
        )

    def clean_to(self):
        found = self.people.get(self.cleaned_data["to"])
        if found is None:
            raise forms.ValidationError(_("Choose who takes over."))
        return found

    def clean_note(self) -> str:
        """The draft asks for the next step of each; that nobody wrote one must not pass unseen."""
        note: str = self.cleaned_data["note"]
        if any(line.strip() == STEP for line in note.splitlines()):
            raise forms.ValidationError(_("Write the next step of each, or take the line out."))
        return note

    def chosen(self) -> dict[str, Any]:
        """What was ticked, as rows."""
        incidents, work = set(self.cleaned_data["incidents"]), set(self.cleaned_data["work"])
        return {
            "incidents": [row for row in self.held.incidents if str(row.pk) in incidents],
            "work": [row for row in self.held.tasks if str(row.pk) in work],
        }


def _words_of(task) -> str:
    due = ages.due(task.due_at)
    return f"{held_work.name_of(task)} {task.title}" + (f" ({due})" if due else "")


def _ticked(rows: list[tuple[int, str]], label) -> forms.MultipleChoiceField:
    choices = [(str(key), words) for key, words in rows]
    return forms.MultipleChoiceField(
        choices=choices,
        initial=[key for key, _words in choices],
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple if choices else forms.MultipleHiddenInput,
    )


class AnswerForm(forms.Form):
    note = Lines(3, label=gettext_lazy("Your answer in words"), max_length=TEXT_MOST)


class OfferPage(ActPage):
    template_name = "admin/incidents/handover/offer.html"
    title = gettext_lazy("Hand over my work")
    verb = gettext_lazy("Offer")
    intro = gettext_lazy("Everything stays yours until your successor accepts it.")
    done = gettext_lazy("Offered. Your successor is told by mail.")
    incident = None

    def find(self, **keys: Any) -> None:
        self.held = held_work.held_by(self.request.user)

    def is_allowed(self) -> bool:
        return may_hold_work(self.request.user)

    def form(self, data=None, files=None) -> OfferForm:
        initial = {"note": draft(self.held)}
        return OfferForm(self.held, self.request.user, data, initial=initial)

    def act(self, form) -> None:
        words = form.cleaned_data
        handing_over.offer(
            by=self.request.user, to=words["to"], note=words["note"], **form.chosen()
        )

    def back(self) -> str:
        return reverse("admin:incidents_handover_changelist")

    def heading(self) -> str:
        return str(self.title)

    def more(self, form) -> dict[str, Any]:
        return {"has_work": bool(self.held)}


class OnePage(ActPage):
    """One hand-over: the note, what it is about, and the answer that this person may give."""

    template_name = "admin/incidents/handover/page.html"
    form_class = AnswerForm
    http_method_names = ["get", "head"]
    incident = None

    def find(self, **keys: Any) -> None:
        found = handing_over.of(self.request.user).filter(pk=keys["pk"]).first()
        if found is None:
            raise Http404
        self.hand_over = found

    def is_allowed(self) -> bool:
        """Its two people only; the record says which of them may answer what."""
        return True

    def back(self) -> str:
        return reverse("admin:incidents_handover_changelist")

    def heading(self) -> str:
        words = {"giver": self.hand_over.by, "successor": self.hand_over.to}
        return _("Hand-over from %(giver)s to %(successor)s") % words

    def more(self, form) -> dict[str, Any]:
        one, user = self.hand_over, self.request.user
        seen = held_work.seen_by(user, one)
        return {
            "hand_over": one,
            "seen": seen,
            "rows": [(each, ages.due(each.due_at), _heat(each)) for each in seen.tasks],
            "shows_note": held_work.is_whole(one, seen),
            "may_answer": not one.answer and one.to_id == user.pk,
            "may_withdraw": not one.answer and one.by_id == user.pk,
        }


def _heat(task) -> str:
    return "" if task.is_settled else ages.heat(task.due_at)


class AnswerPage(OnePage):
    """Where an answer is sent; what is refused comes back beside the hand-over."""

    http_method_names = ["get", "head", "post"]

    def find(self, **keys: Any) -> None:
        super().find(**keys)
        acts = {"accept": self.accept, "decline": self.decline, "withdraw": self.withdraw}
        if keys["answer"] not in acts:
            raise Http404
        self.answer = acts[keys["answer"]]

    def act(self, form) -> None:
        self.answer(form.cleaned_data["note"])

    def accept(self, note: str) -> None:
        left = handing_over.accept(self.hand_over, by=self.request.user, note=note)
        self.done = _("Accepted: it is yours now.")
        if not left:
            return
        self.done = _("Accepted, but not all of it changed hands.")
        head = ngettext("%d piece stays as it is:", "%d pieces stay as they are:", len(left))
        told = " ".join(f"{each.name}: {each.why}" for each in left)
        messages.warning(self.request, f"{head % len(left)} {told}")

    def decline(self, note: str) -> None:
        handing_over.decline(self.hand_over, by=self.request.user, note=note)
        self.done = _("Declined. It stays where it is.")

    def withdraw(self, note: str) -> None:
        handing_over.withdraw(self.hand_over, by=self.request.user, note=note)
        self.done = _("Withdrawn. You keep it.")


@admin.register(HandOver)
class HandOverAdmin(ReadOnlyAdmin):
    """No stock list: what is shown is one's own."""

    def has_view_permission(self, request, obj=None) -> bool:
        return may_hold_work(request.user)

    def get_urls(self):
        site = self.admin_site
        listed = site.admin_view(require_safe(self.list_view))
        answer = AnswerPage.at(site)
        return [
            path("", listed, name="incidents_handover_changelist"),
            path("add/", OfferPage.at(site), name="incidents_handover_add"),
            path("<int:pk>/change/", OnePage.at(site), name="incidents_handover_change"),
            path("<int:pk>/<slug:answer>/", answer, name="incidents_handover_answer"),
        ]

    def list_view(self, request):
        """One's own, the newest first: given and received."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = list(handing_over.of(request.user)[:LISTED])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hand-overs"),
            "received": [row for row in rows if row.to_id == request.user.pk],
            "given": [row for row in rows if row.by_id == request.user.pk],
        }
        return TemplateResponse(request, "admin/incidents/handover/list.html", context)
